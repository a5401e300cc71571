"""The variational autoencoder: codes that are laws, held close to the one that h is drawn from."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, DTypeLike
from sklearn.utils.validation import check_is_fitted, validate_data

from helpers.checks import check_flag, check_number, check_whole
from helpers.models.autoencoder import EncoderDecoder
from helpers.models.base import as_columns, as_generator
from helpers.nn import Adam, Dense, Network, dense_layers, squared_error

SMALLEST_VARIANCE = 1e-6
"""A learned decoder variance stays above this, however good the reconstructions get."""


def kl_divergence(mean: ArrayLike, log_variance: ArrayLike) -> np.ndarray:
    """Return KL(q‖N(0, I)) of normal laws q = N(μ, σ²) with independent coordinates.

    KL = ½ Σ (μ² + σ² − 1 − log σ²), the sum over the coordinates of each law.

    Parameters
    ----------
    mean, log_variance : array-like of shape (n_latent, n)
        μ and log σ², one law in each column.

    Returns
    -------
    kl : ndarray of shape (n,)
        In nats, at least 0; it is 0 where q is N(0, I).

    Raises
    ------
    ValueError
        If the shapes differ.

    References
    ----------
    Kingma and Welling, "Auto-encoding variational Bayes", ICLR 2014, appendix B.
    """
    mean, log_variance = np.asarray(mean), np.asarray(log_variance)
    if mean.shape != log_variance.shape:
        raise ValueError(
            "mean and log_variance must have the same shape; "
            f"got {mean.shape} and {log_variance.shape}"
        )
    return 0.5 * (mean**2 + np.exp(log_variance) - 1 - log_variance).sum(axis=0)


class GaussianCode(Dense):
    """The last layer of the encoder: mean μ and log σ² of the code h, and a draw from N(μ, σ²).

    Both are linear in x: (μ; log σ²) = W x + b, with the rows for μ above those for log σ². The
    draw is written h = μ + σ · ε with ε from N(0, I) (the reparameterisation): the chance is in ε
    alone, so h has derivatives with respect to μ and to log σ²,

        ∂h/∂μ = 1,  ∂h/∂ log σ² = ½ σ ε.

    The layer also adds the gradient of its own loss, kl_weight · Σ KL(N(μ, σ²)‖N(0, I)) over the
    batch, whose derivatives are kl_weight · μ and kl_weight · ½ (σ² − 1). Given dh from the decoder

        dμ = dh + kl_weight · μ,  d log σ² = ½ (dh · ε · σ + kl_weight · (σ² − 1)),

    and from there on it is a dense layer like any other.

    Parameters
    ----------
    n_in, n_latent : int
        Features that come in, and numbers in h.

    Attributes
    ----------
    noise : ndarray of shape (n_latent, batch) or None
        ε of the next forward pass. None, to begin with, makes the layer return μ itself; then
        there is no backward pass.
    kl_weight : float
        Weight of the loss above in the gradients, 0 to begin with.
    mean, log_variance : ndarray of shape (n_latent, batch)
        μ and log σ² of the last forward pass.
    """

    noise: np.ndarray | None = None
    kl_weight = 0.0

    def __init__(self, n_in: int, n_latent: int) -> None:
        """Fix the sizes; the network sets the parameters."""
        super().__init__(n_in, n_latent)
        self.shapes = {"W": (2 * n_latent, n_in), "b": (2 * n_latent, 1)}

    def initialise(self, rng: np.random.Generator) -> None:
        """Draw the weights of μ; let those of log σ² start at 0, that is, at σ = 1."""
        super().initialise(rng)
        self.W[self.n_out :] = 0

    def forward(self, x: np.ndarray) -> np.ndarray:
        """Return h = μ + σ · ε, or μ where there is no noise, shape (n_latent, batch)."""
        y = super().forward(x)
        self.mean, self.log_variance = y[: self.n_out], y[self.n_out :]
        if self.noise is None:
            return self.mean
        self.deviation = np.exp(0.5 * self.log_variance)
        return self.mean + self.deviation * self.noise

    def parameter_gradients(self, dy: np.ndarray) -> None:
        """Write dW and db, given dh."""
        k, deviation = self.n_out, self.deviation
        both = np.empty((2 * k, dy.shape[1]), dtype=dy.dtype)
        d_mean, d_log_variance = both[:k], both[k:]
        np.multiply(self.mean, self.kl_weight, out=d_mean)
        d_mean += dy
        np.multiply(deviation, deviation, out=d_log_variance)
        d_log_variance -= 1
        d_log_variance *= self.kl_weight
        d_log_variance += dy * self.noise * deviation
        d_log_variance *= 0.5
        self.d_both = both
        super().parameter_gradients(both)

    def input_gradient(self, dy: np.ndarray) -> np.ndarray:
        """Return dx; `parameter_gradients` comes first, and has taken dh in."""
        return super().input_gradient(self.d_both)

    def __repr__(self) -> str:
        """Return the layer as it is written in code."""
        return f"GaussianCode({self.n_in}, {self.n_out})"


class VariationalAutoencoder(EncoderDecoder):
    """Variational autoencoder: the encoder gives a law of h, and the loss holds it near N(0, I).

    It is a model with a likelihood: h is drawn from N(0, I), and x from N(x_hat(h), σ_x² I), where
    x_hat is the decoder. For each sample x the encoder gives the mean μ and the variances σ² of a
    normal law q of h with independent coordinates, and training draws h = μ + σ · ε from it, with
    ε from N(0, I). What is made small is the negative of a bound on the likelihood, the evidence
    lower bound, with the weight beta on its second term:

        L = (1/n) Σ [ −log p(x|h) + beta · KL(q‖N(0, I)) ]

        −log p(x|h) = ‖x − x_hat‖² / (2 σ_x²) + (d/2) log(2π σ_x²)

        KL(q‖N(0, I)) = ½ Σ (μ² + σ² − 1 − log σ²)

    The first sum and 1/n are over the n samples of a minibatch, ‖·‖² sums over the d features and
    the last sum is over the latent numbers: nothing is averaged over features or latent numbers.
    With beta = 1, −L is an unbiased estimate of the bound, log p(x) ≥ −L on average, in nats and
    with all constants. One ε is drawn for each sample and step.

    Parameters
    ----------
    hidden_layer_sizes : int or sequence of int, default=(64,)
        Sizes of the encoder's hidden layers. The decoder mirrors them. May be empty.
    n_latent : int, default=8
        Length of the hidden vector h.
    beta : float, default=1.0
        Weight of the KL term, at least 0. Too great a weight makes the posterior collapse: the
        code no longer says anything about x, see `active_units`.
    beta_warmup : int, default=0
        Number of epochs in which the weight of the KL term rises evenly from 0 to `beta`; the
        first epoch has weight 0, that after the last of these the whole `beta`. It can keep units
        alive that would collapse before the decoder has learnt to use them.
    decoder_variance : float or "learned", default="learned"
        σ_x². A number fixes it: with 1/2, the loss is ‖x − x_hat‖² + beta · KL up to a constant. If
        learned, one variance for all features starts at 1 and is set after each epoch to its best
        value, the mean of (x − x_hat)² over the samples and features of the epoch (at least 1e-6),
        where the loss is smallest given the networks [2]_. So the balance of the two terms finds
        itself.
    activation : {"identity", "tanh", "sigmoid", "relu", "leaky_relu", "softplus", "silu"}, \
default="tanh"
        What follows each hidden layer.
    learning_rate_init : float, default=0.001
        Step size of Adam, the same from beginning to end.
    batch_size : int, default=32
        Samples in a minibatch; the last of an epoch may be smaller.
    max_iter : int, default=500
        Number of epochs, each one pass over all samples.
    random_state : int, numpy.random.Generator, numpy.random.RandomState or None, default=None
        Source of the weights to start from, of the order of samples and of ε. A whole number
        makes every `fit` the same.
    verbose : bool, default=False
        Show a progress bar.
    output_activation : str, default="identity"
        What follows the last layer, a name as for `activation`. It bounds x_hat; the noise that
        `sample` adds goes beyond it.
    dtype : {"float32", "float64"}, default="float32"
        Precision of the training loop, whatever that of X. Everything that is computed with the
        trained network is computed and returned in double precision.

    Attributes
    ----------
    network_ : helpers.nn.Network
        Encoder and decoder in a row, a `GaussianCode` layer between them.
    encoder_, decoder_ : helpers.nn.Network
        The two parts of `network_`, which share its parameters. The encoder returns μ.
    optimizer_ : helpers.nn.Adam
    decoder_variance_ : float
        σ_x², fixed or as learned so far.
    codes_ : ndarray of shape (n_samples, n_latent)
        Mean codes μ of the rows of `fit`, or of the last call of `partial_fit`. The model holds on
        to these rows, and encodes them anew each time.
    loss_curve_ : list of float
        L of each epoch: the mean over its minibatches, each taken before its step, with the
        epoch's own weight of the KL term and its own σ_x².
    reconstruction_curve_, kl_curve_ : list of float
        The two terms of it: the means of −log p(x|h) and of the KL without its weight.
    n_iter_ : int
        Number of epochs trained.
    n_features_in_ : int
        Number of features seen in `fit`.
    feature_names_in_ : ndarray of str
        Their names, where X has names.

    References
    ----------
    .. [1] Kingma and Welling, "Auto-encoding variational Bayes", ICLR 2014.
    .. [2] Rybkin, Daniilidis and Levine, "Simple and effective VAE training with calibrated
       decoders", ICML 2021.
    .. [3] Higgins et al., "beta-VAE: learning basic visual concepts with a constrained variational
       framework", ICLR 2017.

    Examples
    --------
    >>> import numpy as np
    >>> from helpers.models import VariationalAutoencoder
    >>> X = np.random.default_rng(0).uniform(-1, 1, size=(100, 6))
    >>> vae = VariationalAutoencoder(n_latent=2, max_iter=20, random_state=0).fit(X)
    >>> vae.transform(X).shape
    (100, 2)
    >>> vae.sample(3, random_state=1).shape
    (3, 6)
    """

    def __init__(
        self,
        hidden_layer_sizes: int | Sequence[int] = (64,),
        n_latent: int = 8,
        *,
        beta: float = 1.0,
        beta_warmup: int = 0,
        decoder_variance: float | str = "learned",
        activation: str = "tanh",
        learning_rate_init: float = 0.001,
        batch_size: int = 32,
        max_iter: int = 500,
        random_state: int | np.random.Generator | np.random.RandomState | None = None,
        verbose: bool = False,
        output_activation: str = "identity",
        dtype: DTypeLike = "float32",
    ) -> None:
        """Store the parameters; they are checked when training starts."""
        self.hidden_layer_sizes = hidden_layer_sizes
        self.n_latent = n_latent
        self.beta = beta
        self.beta_warmup = beta_warmup
        self.decoder_variance = decoder_variance
        self.activation = activation
        self.learning_rate_init = learning_rate_init
        self.batch_size = batch_size
        self.max_iter = max_iter
        self.random_state = random_state
        self.verbose = verbose
        self.output_activation = output_activation
        self.dtype = dtype

    def code_distribution(self, X: ArrayLike) -> tuple[np.ndarray, np.ndarray]:
        """Return the law q that the encoder gives the code of each sample.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)

        Returns
        -------
        mean, deviation : ndarray of shape (n_samples, n_latent)
            μ, which is also what `transform` returns, and σ.
        """
        check_is_fitted(self)
        X = validate_data(self, X, dtype=np.float64, reset=False)
        mean, log_variance = self._encode(as_columns(X))
        return np.ascontiguousarray(mean.T), np.exp(0.5 * log_variance).T

    def elbo(self, X: ArrayLike, random_state: Any = None) -> float:
        """Return the evidence lower bound, the mean over the samples, in nats.

        It is −L of above with beta = 1, whatever `beta` the model was trained with, and estimated
        with one draw of h for each sample.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
        random_state : int, numpy.random.Generator, numpy.random.RandomState or None, default=None
            A whole number makes every call the same.

        Returns
        -------
        elbo : float
            On average at most the mean of log p(x).
        """
        check_is_fitted(self)
        x = as_columns(validate_data(self, X, dtype=np.float64, reset=False))
        mean, log_variance = self._encode(x)
        h = self._draw_from(mean, log_variance, as_generator(random_state))
        error = squared_error(self.inverse_transform(h.T).T, x)[0]
        kl = float(kl_divergence(mean, log_variance).mean())
        return -(self._reconstruction_loss(error) + kl)

    def active_units(self, X: ArrayLike, *, threshold: float = 0.01) -> np.ndarray:
        """Tell which latent numbers say something about x; ``active_units(X).sum()`` counts them.

        A unit is active if the variance of its mean code over the samples is above the threshold.
        A collapsed unit has nearly the same μ (and σ near 1) for every x.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
            Two samples at least, or no unit can be active.
        threshold : float, default=0.01
            At least 0.

        Returns
        -------
        active : ndarray of bool of shape (n_latent,)

        References
        ----------
        Burda, Grosse and Salakhutdinov, "Importance weighted autoencoders", ICLR 2016
        (arXiv:1509.00519), section 5.2.
        """
        check_number("threshold", threshold, minimum=0)
        return self.transform(X).var(axis=0) > threshold

    def sample(
        self,
        n_samples: int = 1,
        random_state: Any = None,
        *,
        prior: str = "normal",
        decoder_noise: bool = True,
    ) -> np.ndarray:
        """Generate samples: draw hidden vectors h, decode them, and add the decoder's noise.

        Parameters
        ----------
        n_samples : int, default=1
        random_state : int, numpy.random.Generator, numpy.random.RandomState or None, default=None
            A whole number makes every call the same.
        prior : {"normal", "uniform", "gaussian", "mixture"}, default="normal"
            The law of h, as in `sample_codes`. N(0, I) is the model's own. The others are fitted
            to one draw from q for each training row (the same draws every time), not to the means
            alone, because such draws are what the decoder was trained on.
        decoder_noise : bool, default=True
            True: x is drawn from N(x_hat(h), σ_x² I), which is what the model says a sample is.
            False: x is x_hat(h), the mean of that law; such samples are smoother than real ones.

        Returns
        -------
        X : ndarray of shape (n_samples, n_features)

        Raises
        ------
        TypeError, ValueError
            As `sample_codes`; and if `decoder_noise` is neither True nor False.
        """
        check_flag("decoder_noise", decoder_noise)
        rng = as_generator(random_state)
        x = self.inverse_transform(self.sample_codes(n_samples, rng, prior=prior))
        if decoder_noise:
            x += math.sqrt(self.decoder_variance_) * rng.standard_normal(x.shape)
        return x

    @property
    def _code_layer(self) -> GaussianCode:
        return self.network_.layers[self._n_encoder_layers - 1]

    def _encode(self, columns: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return μ and log σ² of samples in columns, shape (n_latent, n), in double precision."""
        encoder = self.encoder_.astype(np.float64)
        encoder.forward(columns)
        code = encoder.layers[-1]
        return code.mean, code.log_variance

    def _codes_to_fit(self) -> np.ndarray:
        # Always the same draws: the law that is fitted depends on the model alone.
        return self._draw_from(*self._encode(self._training_columns), np.random.default_rng(0)).T

    @staticmethod
    def _draw_from(
        mean: np.ndarray, log_variance: np.ndarray, rng: np.random.Generator
    ) -> np.ndarray:
        """Draw one code from each law, shape (n_latent, n)."""
        return mean + np.exp(0.5 * log_variance) * rng.standard_normal(mean.shape)

    def _check_parameters(self) -> None:
        super()._check_parameters()
        check_number("beta", self.beta, minimum=0)
        check_whole("beta_warmup", self.beta_warmup, minimum=0)
        if isinstance(self.decoder_variance, str):
            if self.decoder_variance != "learned":
                raise ValueError(
                    "decoder_variance must be 'learned' or a number greater than 0; "
                    f"got {self.decoder_variance!r}"
                )
        else:
            check_number("decoder_variance", self.decoder_variance, above=0)

    def _build(self, n_features: int, rng: np.random.Generator) -> None:
        *sizes, n_latent = self._layer_sizes(n_features)
        # Inside the encoder the activation follows every layer; no hidden layer, no such layers.
        hidden = dense_layers(sizes, self.activation, self.activation) if sizes[1:] else []
        encoder = [*hidden, GaussianCode(sizes[-1], n_latent)]
        decoder = dense_layers([n_latent, *sizes[::-1]], self.activation, self.output_activation)
        self.network_ = Network([*encoder, *decoder], random_state=rng, dtype=self.dtype)
        self._n_encoder_layers = len(encoder)
        self._n_features_out = n_latent  # for get_feature_names_out
        self.optimizer_ = Adam(self.learning_rate_init)
        learned = isinstance(self.decoder_variance, str)
        self.decoder_variance_ = 1.0 if learned else float(self.decoder_variance)
        self.reconstruction_curve_: list[float] = []
        self.kl_curve_: list[float] = []

    def _run_epoch(self, columns: np.ndarray) -> None:
        self._beta = self._kl_weight(self.n_iter_)
        self._epoch_error = self._epoch_kl = 0.0
        super()._run_epoch(columns)
        n_features, n_samples = columns.shape
        error = self._epoch_error / n_samples
        self.reconstruction_curve_.append(self._reconstruction_loss(error))
        self.kl_curve_.append(self._epoch_kl / n_samples)
        if isinstance(self.decoder_variance, str):
            self.decoder_variance_ = max(error / n_features, SMALLEST_VARIANCE)

    def _kl_weight(self, epoch: int) -> float:
        """The weight of the KL term in an epoch, counted from 0."""
        if epoch >= self.beta_warmup:
            return float(self.beta)
        return float(self.beta) * epoch / self.beta_warmup

    def _training_step(self, x: np.ndarray) -> float:
        """Draw ε, go forward and backward, step; keep the sums of both terms for the epoch."""
        n = x.shape[1]
        shape = (self._n_features_out, n)
        noise = self._rng.standard_normal(shape, dtype=self.network_.dtype)
        error, kl = self._gradients(x, noise)
        self.optimizer_.step(self.network_.parameters, self.network_.gradients)
        self._epoch_error += error * n
        self._epoch_kl += kl * n
        return self._reconstruction_loss(error) + self._beta * kl

    def _gradients(self, x: np.ndarray, noise: np.ndarray) -> tuple[float, float]:
        """Write the gradients of L for a given ε; return the means of ‖x − x_hat‖² and KL."""
        network, code = self.network_, self._code_layer
        code.noise, code.kl_weight = noise, self._beta / x.shape[1]
        try:
            error, d_x_hat = squared_error(network.forward(x), x)
            d_x_hat *= 0.5 / self.decoder_variance_
            network.backward(d_x_hat, input_gradient=False)
        finally:
            code.noise = None  # outside training a code is its mean, even after an interruption
        return error, float(kl_divergence(code.mean, code.log_variance).mean())

    def _reconstruction_loss(self, error: float) -> float:
        """−log p(x|h), the mean over samples, from the mean of ‖x − x_hat‖²."""
        variance = self.decoder_variance_
        constant = 0.5 * self.n_features_in_ * math.log(2 * math.pi * variance)
        return error / (2 * variance) + constant
