"""The autoencoder: down to a small hidden space, and back."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, DTypeLike
from sklearn.base import ClassNamePrefixFeaturesOutMixin, TransformerMixin
from sklearn.mixture import GaussianMixture
from sklearn.utils import check_array
from sklearn.utils.validation import check_is_fitted, validate_data

from helpers.checks import check_choice, check_flag, check_number, check_whole
from helpers.models.base import EarlyStopping, MinibatchEstimator, as_generator
from helpers.nn import ACTIVATIONS, SGD, Adam, Network, dense_layers, squared_error

PRIORS = ("normal", "uniform", "gaussian", "mixture")
"""The laws that codes can be drawn from, by the name that `sample` takes."""

MIXTURE_COMPONENTS = 10
"""How many normal laws are mixed in the prior "mixture", given a hundred codes or more."""


class EncoderDecoder(ClassNamePrefixFeaturesOutMixin, TransformerMixin, MinibatchEstimator):
    """An estimator with an encoder, a decoder, and codes in between to draw samples from.

    What the autoencoder and the variational autoencoder share. A model builds ``network_``, whose
    first ``_n_encoder_layers`` layers take x to the code h, and sets ``_n_features_out``, the
    length of h.

    To fit a law to the codes when it is asked for, a model holds on to the rows of its last epoch,
    that is, to X of `fit` (without the rows set aside for early stopping) or of the last call of
    `partial_fit`. They are encoded and the law is fitted when `sample` needs it, so training
    takes no longer, and the codes are always those of the network as it is.
    """

    @property
    def encoder_(self) -> Network:
        """The layers from x to h."""
        return self.network_[: self._n_encoder_layers]

    @property
    def decoder_(self) -> Network:
        """The layers from h to x_hat."""
        return self.network_[self._n_encoder_layers :]

    def transform(self, X: ArrayLike) -> np.ndarray:
        """Encode: return the hidden vector h of each sample.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)

        Returns
        -------
        H : ndarray of shape (n_samples, n_latent)
        """
        check_is_fitted(self)
        X = validate_data(self, X, dtype=np.float64, reset=False)
        return _apply(self.encoder_, X)

    def inverse_transform(self, H: ArrayLike) -> np.ndarray:
        """Decode: return the sample x_hat that belongs to each hidden vector.

        ``inverse_transform(transform(X))`` is the reconstruction of X.

        Parameters
        ----------
        H : array-like of shape (n_samples, n_latent)

        Returns
        -------
        X_hat : ndarray of shape (n_samples, n_features)

        Raises
        ------
        ValueError
            If H has another number of columns, or holds anything but finite numbers.
        """
        check_is_fitted(self)
        H = check_array(H, dtype=np.float64, input_name="H")
        n_latent = self._n_features_out
        if H.shape[1] != n_latent:
            raise ValueError(f"H must have n_latent = {n_latent} columns; got shape {H.shape}")
        return _apply(self.decoder_, H)

    def score(self, X: ArrayLike, y: Any = None) -> float:
        """Return minus the mean error, −(1/n) Σ ‖x − x_hat‖², so that greater is better.

        The penalty is not part of it.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
        y : ignored
            There for scikit-learn's pipelines.

        Returns
        -------
        score : float
            At most 0.
        """
        check_is_fitted(self)
        X = validate_data(self, X, dtype=np.float64, reset=False)
        return -squared_error(_apply(self.network_, X).T, X.T)[0]

    @property
    def codes_(self) -> np.ndarray:
        """The codes of the rows trained on last, shape (n_samples, n_latent)."""
        return _apply(self.encoder_, self._training_columns.T)

    def sample_codes(
        self, n_samples: int = 1, random_state: Any = None, *, prior: str = "normal"
    ) -> np.ndarray:
        """Draw hidden vectors h to generate samples from.

        Parameters
        ----------
        n_samples : int, default=1
        random_state : int, numpy.random.Generator, numpy.random.RandomState or None, default=None
            A whole number makes every call the same.
        prior : {"normal", "uniform", "gaussian", "mixture"}, default="normal"
            The law of h. "normal" is N(0, I), whatever the codes of the training rows are; the
            others are fitted to these codes, to all their numbers alike:

            - "uniform": each number of h by itself, between its least and its greatest value;
            - "gaussian": the normal law N(m, C) with mean m and covariance C of the codes, divided
              by their number (the maximum of the likelihood);
            - "mixture": ten normal laws mixed, each with a covariance matrix of its own, fitted by
              scikit-learn's ``GaussianMixture`` from a start that is always the same, so that the
              mixture depends on the codes alone. Fewer than a hundred codes get one component for
              every ten, at least one.

        Returns
        -------
        H : ndarray of shape (n_samples, n_latent)

        Raises
        ------
        TypeError, ValueError
            If a parameter cannot be used, or a mixture is to be fitted to a single code.
        """
        check_is_fitted(self)
        check_whole("n_samples", n_samples)
        check_choice("prior", prior, PRIORS)
        rng = as_generator(random_state)
        if prior == "normal":
            return rng.standard_normal((n_samples, self._n_features_out))
        draw = {"uniform": _draw_uniform, "gaussian": _draw_gaussian, "mixture": _draw_mixture}
        return draw[prior](self._codes_to_fit(), n_samples, rng)

    def sample(
        self, n_samples: int = 1, random_state: Any = None, *, prior: str = "normal"
    ) -> np.ndarray:
        """Generate samples: draw hidden vectors h and decode them.

        By default h comes from N(0, I). Nothing in the training of a plain autoencoder makes the
        codes of real samples follow that law, so these samples may be far from real ones even
        where reconstructions are close; a `prior` fitted to the codes comes closer.

        Parameters
        ----------
        n_samples : int, default=1
        random_state : int, numpy.random.Generator, numpy.random.RandomState or None, default=None
            A whole number makes every call the same.
        prior : {"normal", "uniform", "gaussian", "mixture"}, default="normal"
            The law of h, as in `sample_codes`.

        Returns
        -------
        X : ndarray of shape (n_samples, n_features)

        Raises
        ------
        TypeError, ValueError
            As `sample_codes`.
        """
        return self.inverse_transform(self.sample_codes(n_samples, random_state, prior=prior))

    def _codes_to_fit(self) -> np.ndarray:
        """The codes that a prior is fitted to."""
        return self.codes_

    def _check_parameters(self) -> None:
        super()._check_parameters()
        self._layer_sizes(1)
        check_choice("activation", self.activation, tuple(ACTIVATIONS))
        check_choice("output_activation", self.output_activation, tuple(ACTIVATIONS))

    def _layer_sizes(self, n_features: int) -> list[int]:
        """Check and return the encoder's sizes, from the features to the hidden vector."""
        hidden = self.hidden_layer_sizes
        if isinstance(hidden, str) or not isinstance(hidden, Iterable):
            hidden = [hidden]  # (64) is a number: a tuple of one is written (64,)
        sizes = [n_features]
        for size in hidden:
            check_whole("each of hidden_layer_sizes", size)
            sizes.append(int(size))
        check_whole("n_latent", self.n_latent)
        return [*sizes, int(self.n_latent)]

    def _run_epoch(self, columns: np.ndarray) -> None:
        self._training_columns = columns
        super()._run_epoch(columns)


class Autoencoder(EncoderDecoder):
    """Autoencoder: a network that learns to give back its input, through a narrow middle.

    The encoder takes a sample x to its code h, the hidden vector of `n_latent` numbers; the
    decoder takes h to the reconstruction x_hat. Both are trained together to make

        L = (1/n) Σ ‖x − x_hat‖² + alpha Σ ‖W‖² + code_penalty (1/n) Σ ‖h‖²

    small, over the n samples of a minibatch and over the weight matrices W of all layers. Biases
    are not penalised. In training the decoder may be given h + code_noise · ε in place of h, with
    ε drawn from N(0, I) anew for every sample and step. Both penalty and noise are 0 by default;
    the notes below say what they are for.

    The layers before h and before x_hat are linear, the others end in `activation`. With no
    hidden layer, or with activation "identity", the autoencoder is linear and finds the subspace
    of principal component analysis.

    Parameters
    ----------
    hidden_layer_sizes : int or sequence of int, default=(64,)
        Sizes of the encoder's hidden layers. The decoder mirrors them: with (64,) and 8 latent
        numbers, 34 features pass through 34-64-8-64-34. May be empty.
    n_latent : int, default=8
        Length of the hidden vector h.
    activation : {"identity", "tanh", "sigmoid", "relu", "leaky_relu", "softplus", "silu"}, \
default="tanh"
        What follows each hidden layer.
    alpha : float, default=0.0
        Weight of the L2 penalty, at least 0.
    solver : {"adam", "sgd"}, default="adam"
        "adam" is Adam, "sgd" gradient descent with `momentum`.
    learning_rate_init : float, default=0.001
        Step size, the same from beginning to end.
    batch_size : int, default=32
        Samples in a minibatch; the last of an epoch may be smaller. Any number from the number of
        samples up means all of them at once.
    max_iter : int, default=500
        Number of epochs, each one pass over all samples. All are run, unless `early_stopping`.
    random_state : int, numpy.random.Generator, numpy.random.RandomState or None, default=None
        Source of the weights to start from and of the order of samples. A whole number makes
        every `fit` the same.
    verbose : bool, default=False
        Show a progress bar.
    output_activation : str, default="identity"
        What follows the last layer, a name as for `activation`. "tanh" keeps reconstructions
        within (−1, 1), "sigmoid" within (0, 1).
    momentum : float, default=0.9
        Momentum of solver "sgd", in [0, 1); 0 is plain gradient descent.
    early_stopping : bool, default=False
        Set `validation_fraction` of the rows aside, stop when their score has not risen for
        `n_iter_no_change` epochs, and go back to the parameters that scored best.
    validation_fraction : float, default=0.1
        Between 0 and 1.
    n_iter_no_change : int, default=10
        The patience of `early_stopping`, in epochs.
    code_penalty : float, default=0.0
        Weight of the mean of ‖h‖², at least 0.
    code_noise : float, default=0.0
        Standard deviation of the noise on h in training, at least 0. Codes, reconstructions and
        samples are computed without it.
    dtype : {"float32", "float64"}, default="float32"
        Precision of the training loop, whatever that of X; "float32" is faster. Everything that
        is computed with the trained network is computed and returned in double precision.

    Attributes
    ----------
    network_ : helpers.nn.Network
        Encoder and decoder in a row.
    encoder_, decoder_ : helpers.nn.Network
        The two parts of `network_`, which share its parameters.
    optimizer_ : helpers.nn.Adam or helpers.nn.SGD
    codes_ : ndarray of shape (n_samples, n_latent)
        Codes of the training rows, to which the priors of `sample` are fitted: those of `fit`
        without the ones set aside by `early_stopping`, or of the last call of `partial_fit`. The
        model holds on to these rows, and encodes them anew each time.
    loss_curve_ : list of float
        Training loss, penalties included, of each epoch: the mean over its minibatches, each taken
        before its step.
    validation_scores_ : list of float or None
        Score of the rows set aside, after each epoch; None without `early_stopping`.
    n_iter_ : int
        Number of epochs trained.
    n_features_in_ : int
        Number of features seen in `fit`.
    feature_names_in_ : ndarray of str
        Their names, where X has names.

    Notes
    -----
    What the terms on the codes ask of the gradients is little. With g = dL/dh as it comes back
    from the decoder, which saw the noisy h, the encoder is given g + (2/n) code_penalty · h.

    Penalty and noise only work against something that holds the scale of the codes: against the
    penalty alone, halving every h and doubling what the decoder makes of it costs nothing, unless
    `alpha` keeps the decoder's weights small; against the noise alone, doubling every h halves
    the noise, unless `code_penalty` keeps the codes small. Penalty on codes and decoder, with a
    density fitted to the codes afterwards (the priors "gaussian" and "mixture" of `sample`), is
    the regularised autoencoder [1]_ (here `alpha` holds the encoder as well). Penalty and noise
    together are a variational autoencoder whose variances are constant: with the codes' variance
    s² and the decoder's variance σ², 2σ² times its loss is L with code_noise = s and
    code_penalty = beta · σ², up to a constant.

    scikit-learn's own ``MLPRegressor``, fitted to (X, X), descends half of the same squared error
    plus alpha/(2n) Σ ‖W‖², with the n samples of a minibatch. So its alpha is n times the alpha
    here, and its learning rate, for "sgd", twice the learning rate here. It also stops before
    `max_iter` when the training loss hardly falls any more, which this class does not.

    References
    ----------
    .. [1] Ghosh, Sajjadi, Vergari, Black and Schölkopf, "From variational to deterministic
       autoencoders", ICLR 2020.

    Hinton and Salakhutdinov, "Reducing the dimensionality of data with neural networks",
    Science 313, 2006. Baldi and Hornik, "Neural networks and principal component analysis",
    Neural Networks 2, 1989 (the linear case).

    Examples
    --------
    >>> import numpy as np
    >>> from helpers.models import Autoencoder
    >>> X = np.random.default_rng(0).uniform(-1, 1, size=(100, 6))
    >>> autoencoder = Autoencoder(n_latent=2, max_iter=20, random_state=0).fit(X)
    >>> autoencoder.transform(X).shape
    (100, 2)
    >>> autoencoder.sample(3, random_state=1).shape
    (3, 6)
    >>> autoencoder.sample(3, random_state=1, prior="mixture").shape
    (3, 6)
    """

    def __init__(
        self,
        hidden_layer_sizes: int | Sequence[int] = (64,),
        n_latent: int = 8,
        *,
        activation: str = "tanh",
        alpha: float = 0.0,
        solver: str = "adam",
        learning_rate_init: float = 0.001,
        batch_size: int = 32,
        max_iter: int = 500,
        random_state: int | np.random.Generator | np.random.RandomState | None = None,
        verbose: bool = False,
        output_activation: str = "identity",
        momentum: float = 0.9,
        early_stopping: bool = False,
        validation_fraction: float = 0.1,
        n_iter_no_change: int = 10,
        code_penalty: float = 0.0,
        code_noise: float = 0.0,
        dtype: DTypeLike = "float32",
    ) -> None:
        """Store the parameters; they are checked when training starts."""
        self.hidden_layer_sizes = hidden_layer_sizes
        self.n_latent = n_latent
        self.activation = activation
        self.alpha = alpha
        self.solver = solver
        self.learning_rate_init = learning_rate_init
        self.batch_size = batch_size
        self.max_iter = max_iter
        self.random_state = random_state
        self.verbose = verbose
        self.output_activation = output_activation
        self.momentum = momentum
        self.early_stopping = early_stopping
        self.validation_fraction = validation_fraction
        self.n_iter_no_change = n_iter_no_change
        self.code_penalty = code_penalty
        self.code_noise = code_noise
        self.dtype = dtype

    def _check_parameters(self) -> None:
        super()._check_parameters()
        for weight in ("alpha", "code_penalty", "code_noise"):
            check_number(weight, getattr(self, weight), minimum=0)
        check_choice("solver", self.solver, ("adam", "sgd"))
        check_number("momentum", self.momentum, minimum=0, below=1)
        check_flag("early_stopping", self.early_stopping)
        check_number("validation_fraction", self.validation_fraction, above=0, below=1)
        check_whole("n_iter_no_change", self.n_iter_no_change)

    def _build(self, n_features: int, rng: np.random.Generator) -> None:
        sizes = self._layer_sizes(n_features)
        encoder = dense_layers(sizes, self.activation)
        decoder = dense_layers(sizes[::-1], self.activation, self.output_activation)
        self.network_ = Network([*encoder, *decoder], random_state=rng, dtype=self.dtype)
        self.validation_scores_: list[float] | None = None
        self._n_encoder_layers = len(encoder)
        self._n_features_out = sizes[-1]  # for get_feature_names_out
        if self.solver == "adam":
            self.optimizer_ = Adam(self.learning_rate_init)
        else:
            self.optimizer_ = SGD(self.learning_rate_init, momentum=self.momentum)

    def _training_step(self, x: np.ndarray) -> float:
        network = self.network_
        if self.code_penalty > 0 or self.code_noise > 0:
            loss = self._pass_by_codes(x)
        else:
            loss, d_x_hat = squared_error(network.forward(x), x)
            network.backward(d_x_hat, input_gradient=False)
        if self.alpha > 0:
            loss += network.add_l2_penalty(self.alpha)
        self.optimizer_.step(network.parameters, network.gradients)
        return loss

    def _pass_by_codes(self, x: np.ndarray) -> float:
        """Go forward and backward with penalty and noise on the codes; return the loss."""
        encoder, decoder = self.encoder_, self.decoder_
        h = encoder.forward(x)
        noisy_h = h
        if self.code_noise > 0:
            noise = self._rng.standard_normal(h.shape, dtype=h.dtype)
            noisy_h = h + float(self.code_noise) * noise
        loss, d_x_hat = squared_error(decoder.forward(noisy_h), x)
        d_h = decoder.backward(d_x_hat)  # noise that does not depend on h: d noisy_h / d h is 1
        weight = float(self.code_penalty) / x.shape[1]
        loss += weight * float(np.vdot(h, h))
        d_h += 2 * weight * h
        encoder.backward(d_h, input_gradient=False)
        return loss

    def _train(self, columns: np.ndarray) -> None:
        if not self.early_stopping:
            self._run_epochs(columns)
            return
        n_samples = columns.shape[1]
        n_held_out = round(self.validation_fraction * n_samples)
        if not 0 < n_held_out < n_samples:
            raise ValueError(
                f"early stopping needs a sample to train on and one to set aside; got X with "
                f"{n_samples} samples and validation_fraction={self.validation_fraction!r}"
            )
        order = self._rng.permutation(n_samples)
        held_out, training = columns[:, order[:n_held_out]], columns[:, order[n_held_out:]]
        best = EarlyStopping(self.network_.parameters, self.n_iter_no_change)
        self.validation_scores_ = []

        def stop() -> bool:
            error, _ = squared_error(self.network_.forward(held_out), held_out)
            self.validation_scores_.append(-error)
            return best.update(-error)

        self._run_epochs(training, stop=stop)
        best.restore()


def _apply(network: Network, X: np.ndarray) -> np.ndarray:
    """Send samples in rows through a network, in double precision."""
    return np.ascontiguousarray(network.astype(np.float64).forward(X.T).T)


def _draw_uniform(codes: np.ndarray, n_samples: int, rng: np.random.Generator) -> np.ndarray:
    """Draw each number of h between its least and its greatest value."""
    size = (n_samples, codes.shape[1])
    return rng.uniform(codes.min(axis=0), codes.max(axis=0), size=size)


def _draw_gaussian(codes: np.ndarray, n_samples: int, rng: np.random.Generator) -> np.ndarray:
    """Draw from the normal law that fits the codes best."""
    covariance = np.atleast_2d(np.cov(codes.T, bias=True))
    return rng.multivariate_normal(codes.mean(axis=0), covariance, size=n_samples)


def _draw_mixture(codes: np.ndarray, n_samples: int, rng: np.random.Generator) -> np.ndarray:
    """Draw from a mixture of normal laws fitted to the codes."""
    if len(codes) < 2:
        raise ValueError(
            "prior 'mixture' needs the codes of at least 2 rows to be fitted to; the model was "
            f"last trained on {len(codes)}"
        )
    n_components = max(1, min(MIXTURE_COMPONENTS, len(codes) // 10))
    mixture = GaussianMixture(n_components, random_state=0).fit(codes)
    mixture.random_state = int(rng.integers(2**31))
    drawn, _ = mixture.sample(n_samples)  # sorted by component
    return rng.permutation(drawn)
