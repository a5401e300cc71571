"""The generative adversarial network: a generator and a discriminator that train each other."""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable, Iterable, Sequence
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, DTypeLike
from scipy.special import expit
from sklearn.base import BaseEstimator
from sklearn.utils import check_array, check_consistent_length, column_or_1d
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import check_is_fitted, validate_data
from tqdm.auto import tqdm

from helpers.models.base import (
    as_columns,
    as_generator,
    check_choice,
    check_dtype,
    check_flag,
    check_number,
    check_whole,
    training_arithmetic,
)
from helpers.nn import (
    ACTIVATIONS,
    Adam,
    MinibatchDiscrimination,
    Network,
    add_one_centred_penalty,
    backward_with_zero_centred_penalty,
    dense_layers,
)

#: A term of a loss: from logits a to its values, and to their derivatives with respect to a.
Term = Callable[[np.ndarray], tuple[np.ndarray, np.ndarray]]


def minus_log_sigmoid(a: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """−log σ(a) = log(1 + e⁻ᵃ), from the logit, without ever rounding σ(a) to 0."""
    return np.maximum(-a, 0) + np.log1p(np.exp(-np.abs(a))), -expit(-a)


def minus_log_one_minus_sigmoid(a: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """−log(1 − σ(a)) = log(1 + eᵃ)."""
    return np.maximum(a, 0) + np.log1p(np.exp(-np.abs(a))), expit(a)


def log_one_minus_sigmoid(a: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """log(1 − σ(a)): flat, that is saturated, where the discriminator is sure of a fake."""
    value, slope = minus_log_one_minus_sigmoid(a)
    return -value, -slope


def half_square_to_one(a: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """½ (a − 1)²."""
    return 0.5 * (a - 1) ** 2, a - 1


def half_square_to_zero(a: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """½ a²."""
    return 0.5 * a * a, a


def minus_itself(a: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """−a."""
    return -a, np.full_like(a, -1)


def itself(a: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """a."""
    return a, np.ones_like(a)


#: What is averaged for each loss: by the discriminator over real and over generated samples, and
#: by the generator over generated samples.
LOSSES: dict[str, tuple[Term, Term, Term]] = {
    "non_saturating": (minus_log_sigmoid, minus_log_one_minus_sigmoid, minus_log_sigmoid),
    "minimax": (minus_log_sigmoid, minus_log_one_minus_sigmoid, log_one_minus_sigmoid),
    "least_squares": (half_square_to_one, half_square_to_zero, half_square_to_one),
    "wasserstein_gp": (minus_itself, itself, minus_itself),
}


def discriminator_loss(
    real: np.ndarray,
    fake: np.ndarray,
    loss: str = "non_saturating",
    *,
    label_smoothing: float = 0.0,
) -> tuple[float, np.ndarray, np.ndarray]:
    """What the discriminator descends, without penalties, and its gradients.

    Parameters
    ----------
    real, fake : ndarray of shape (1, n)
        Its logits of real and of generated samples; the two n may differ.
    loss : str, default="non_saturating"
        A name in `LOSSES`.
    label_smoothing : float, default=0.0
        The fraction s of real samples that count as generated: their target is 1 − s. Generated
        samples keep the target 0.

    Returns
    -------
    value : float
    d_real, d_fake : ndarray of shape (1, n)
        Its gradients with respect to `real` and `fake`.
    """
    real_term, fake_term, _ = LOSSES[loss]
    real_values, d_real = real_term(real)
    fake_values, d_fake = fake_term(fake)
    if label_smoothing:
        other_values, d_other = fake_term(real)
        real_values = (1 - label_smoothing) * real_values + label_smoothing * other_values
        d_real = (1 - label_smoothing) * d_real + label_smoothing * d_other
    value = float(real_values.sum()) / real.size + float(fake_values.sum()) / fake.size
    return value, d_real / real.size, d_fake / fake.size


def generator_loss(fake: np.ndarray, loss: str = "non_saturating") -> tuple[float, np.ndarray]:
    """What the generator descends, and its gradient.

    Parameters
    ----------
    fake : ndarray of shape (1, n)
        The discriminator's logits of generated samples.
    loss : str, default="non_saturating"
        A name in `LOSSES`.

    Returns
    -------
    value : float
    d_fake : ndarray of shape (1, n)
    """
    values, slopes = LOSSES[loss][2](fake)
    return float(values.sum()) / fake.size, slopes / fake.size


class GAN(BaseEstimator):
    """Generative adversarial network: a generator learns to deceive a learning discriminator.

    The generator G takes a latent vector z ~ N(0, I) to a sample G(z). The discriminator D takes a
    sample x to a logit a = D(x): σ(a) is the probability it gives to "x is real". They take turns,
    each to make its own loss small by Adam, E being the mean over a minibatch:

    ================== ============================================== ==========================
    `loss`             discriminator                                  generator
    ================== ============================================== ==========================
    "non_saturating"   E[−log σ(D(x))] + E[−log(1 − σ(D(G(z))))]      E[−log σ(D(G(z)))]
    "minimax"          the same                                       E[log(1 − σ(D(G(z))))]
    "least_squares"    ½ E[(D(x) − 1)²] + ½ E[D(G(z))²]               ½ E[(D(G(z)) − 1)²]
    "wasserstein_gp"   E[D(G(z))] − E[D(x)] + penalty                 −E[D(G(z))]
    ================== ============================================== ==========================

    The discriminator of the first two descends −V of Goodfellow et al. [1]_: 2 ln 2 when it cannot
    tell anything, and half of it is the mean cross-entropy of real against generated. Everything
    is computed from logits, so no logarithm of a rounded probability is ever taken.

    With labels, ``fit(X, y)``, the GAN is class-conditional: the label is appended to z and to
    what the discriminator sees, as one number of −1 or +1 for two classes, as a column of an
    identity matrix for more.

    Parameters
    ----------
    generator_layer_sizes, discriminator_layer_sizes : int or sequence of int, default=(64, 64)
        Sizes of the hidden layers. May be empty.
    n_latent : int, default=16
        Length of z.
    loss : {"non_saturating", "minimax", "least_squares", "wasserstein_gp"}, \
default="non_saturating"
        See above. Least squares is of Mao et al. [2]_, the last of Gulrajani et al. [3]_.
    r1, r2 : float or pair of float, default=0.0
        Weight γ of a zero-centred gradient penalty in the discriminator's loss,
        γ/2 E‖∇D(x)‖² on real (r1) and γ/2 E‖∇D(G(z))‖² on generated samples (r2) [4]_. A pair
        (start, end) is annealed: it goes from start to end in a straight line over `max_iter`.
        Labels are held fixed: ∇ is taken with respect to the sample.
    gradient_penalty : float, default=10.0
        Weight λ of λ E(‖∇D‖ − 1)², for loss "wasserstein_gp" alone, at points drawn uniformly on
        the lines between real and generated samples.
    instance_noise : float or pair of float, default=0.0
        Standard deviation of the normal noise added to everything that the discriminator sees in
        training, labels aside. A pair is annealed as for `r1`.
    label_smoothing : float, default=0.0
        One-sided: the target of real samples is 1 − label_smoothing, that of generated ones stays
        0 [5]_. In [0, 1), and 0 for "wasserstein_gp", which has no targets.
    minibatch_discrimination : int, default=0
        How many kernels of minibatch discrimination [5]_ stand before the discriminator's last
        layer, with which it sees samples that are too much alike. It then is not piecewise
        linear, so gradient penalties cannot be combined with it.
    n_discriminator_steps : int, default=1
        Steps of the discriminator for each step of the generator.
    learning_rate_init : float, default=0.001
        Step size of the generator.
    discriminator_learning_rate_init : float or None, default=None
        Step size of the discriminator; None: the same.
    decay_from, decay_to : float, default=0.5 and 0.02
        Both step sizes stay as they are for the fraction `decay_from` of `max_iter` and then fall
        in a straight line to the fraction `decay_to` of themselves, where they stay. With
        ``decay_to=1`` they never change.
    betas : pair of float, default=(0.0, 0.99)
        β₁ and β₂ of Adam, for both players.
    weight_averaging : float, default=0.998
        `sample` takes the generator's running average, ω ← κ ω + (1 − κ) θ after each of its
        steps, κ being this number, or 1 − 1/t in step t where that is less: the plain mean to
        begin with. In [0, 1); 0 averages nothing.
    batch_size : int, default=64
        Real samples, drawn at random with replacement, and generated samples in each step.
    max_iter : int, default=4000
        Number of training steps in `fit`. One step is `n_discriminator_steps` steps of the
        discriminator and one of the generator: a GAN's training is told in steps, not in epochs.
    generator_activation : str, default="leaky_relu"
        What follows the hidden layers of the generator: "identity", "tanh", "sigmoid", "relu",
        "leaky_relu" or "softplus".
    discriminator_activation : str, default="leaky_relu"
        The same of the discriminator. Gradient penalties need "leaky_relu", "relu" or "identity".
    output_activation : str, default="identity"
        What follows the last layer of the generator. "tanh" keeps samples within (−1, 1).
    random_state : int, numpy.random.Generator, numpy.random.RandomState or None, default=None
        Source of the weights to start from, of the minibatches and of all noise in training.
    verbose : bool, default=False
        Show a progress bar.
    dtype : {"float32", "float64"}, default="float32"
        Precision of the training loop. Samples are returned in double precision.

    Attributes
    ----------
    generator_, discriminator_ : helpers.nn.Network
    averaged_generator_ : helpers.nn.Network
        The generator with its running average as parameters.
    generator_optimizer_, discriminator_optimizer_ : helpers.nn.Adam
    discriminator_loss_curve_, generator_loss_curve_ : list of float
        Loss of every step that each player took, before the step and without penalties.
    penalty_curve_ : list of float
        The gradient penalties of each step of the discriminator, together.
    n_iter_ : int
        Number of steps that the generator has taken.
    classes_ : ndarray or None
        The labels, sorted; None without labels.
    class_prior_ : ndarray or None
        Their fractions among the rows that training started with.
    n_features_in_ : int
        Number of features seen in `fit`.
    feature_names_in_ : ndarray of str
        Their names, where X has names.

    Notes
    -----
    Every parameter but the sizes, the activations, `minibatch_discrimination`, `betas`,
    `random_state` and `dtype` may be changed by ``set_params`` between two steps and acts from the
    next on.

    References
    ----------
    .. [1] Goodfellow et al., "Generative adversarial nets", NeurIPS 2014.
    .. [2] Mao et al., "Least squares generative adversarial networks", ICCV 2017.
    .. [3] Gulrajani et al., "Improved training of Wasserstein GANs", NeurIPS 2017.
    .. [4] Mescheder, Geiger and Nowozin, "Which training methods for GANs do actually converge?",
       ICML 2018.
    .. [5] Salimans et al., "Improved techniques for training GANs", NeurIPS 2016.

    Examples
    --------
    >>> import numpy as np
    >>> from helpers.models import GAN
    >>> X = np.random.default_rng(0).normal(loc=[2, -1], size=(200, 2))
    >>> gan = GAN((16,), (16,), n_latent=2, r1=0.1, max_iter=50, random_state=0).fit(X)
    >>> gan.sample(3, random_state=1).shape
    (3, 2)
    >>> loss = gan.set_params(loss="least_squares").discriminator_step(X)  # one player, one step
    """

    def __init__(
        self,
        generator_layer_sizes: int | Sequence[int] = (64, 64),
        discriminator_layer_sizes: int | Sequence[int] = (64, 64),
        n_latent: int = 16,
        *,
        loss: str = "non_saturating",
        r1: float | tuple[float, float] = 0.0,
        r2: float | tuple[float, float] = 0.0,
        gradient_penalty: float = 10.0,
        instance_noise: float | tuple[float, float] = 0.0,
        label_smoothing: float = 0.0,
        minibatch_discrimination: int = 0,
        n_discriminator_steps: int = 1,
        learning_rate_init: float = 0.001,
        discriminator_learning_rate_init: float | None = None,
        decay_from: float = 0.5,
        decay_to: float = 0.02,
        betas: tuple[float, float] = (0.0, 0.99),
        weight_averaging: float = 0.998,
        batch_size: int = 64,
        max_iter: int = 4000,
        generator_activation: str = "leaky_relu",
        discriminator_activation: str = "leaky_relu",
        output_activation: str = "identity",
        random_state: int | np.random.Generator | np.random.RandomState | None = None,
        verbose: bool = False,
        dtype: DTypeLike = "float32",
    ) -> None:
        """Store the parameters; they are checked when training starts."""
        self.generator_layer_sizes = generator_layer_sizes
        self.discriminator_layer_sizes = discriminator_layer_sizes
        self.n_latent = n_latent
        self.loss = loss
        self.r1 = r1
        self.r2 = r2
        self.gradient_penalty = gradient_penalty
        self.instance_noise = instance_noise
        self.label_smoothing = label_smoothing
        self.minibatch_discrimination = minibatch_discrimination
        self.n_discriminator_steps = n_discriminator_steps
        self.learning_rate_init = learning_rate_init
        self.discriminator_learning_rate_init = discriminator_learning_rate_init
        self.decay_from = decay_from
        self.decay_to = decay_to
        self.betas = betas
        self.weight_averaging = weight_averaging
        self.batch_size = batch_size
        self.max_iter = max_iter
        self.generator_activation = generator_activation
        self.discriminator_activation = discriminator_activation
        self.output_activation = output_activation
        self.random_state = random_state
        self.verbose = verbose
        self.dtype = dtype

    # --- training -------------------------------------------------------------------------------

    def fit(self, X: ArrayLike, y: ArrayLike | None = None) -> Self:
        """Train from the start, for `max_iter` steps.

        Interrupting it (the stop button of a notebook) leaves the model as far as it has come.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
        y : array-like of shape (n_samples,) or None, default=None
            A label for each row makes the GAN class-conditional.

        Returns
        -------
        self

        Raises
        ------
        TypeError, ValueError
            If a constructor parameter, X or y cannot be used; the message says why.
        FloatingPointError
            If training diverges, that is, a loss is no longer a finite number.
        """
        columns = self._start(X, y)
        progress = tqdm(
            range(self.max_iter), desc="GAN", unit="step", leave=False, disable=not self.verbose
        )
        with training_arithmetic(), progress:
            try:
                for step in progress:
                    d_loss, g_loss = self._training_step(columns)
                    if step % 100 == 0:
                        progress.set_postfix(D=f"{d_loss:.3f}", G=f"{g_loss:.3f}", refresh=False)
            except KeyboardInterrupt:
                warnings.warn(
                    f"training was interrupted after {self.n_iter_} of {self.max_iter} steps; "
                    "the model can be used as it is",
                    stacklevel=2,
                )
        return self

    def partial_fit(
        self, X: ArrayLike, y: ArrayLike | None = None, classes: ArrayLike | None = None
    ) -> Self:
        """Train on, for as many steps as it takes to draw about as many rows as X has.

        That is n_samples / (batch_size · n_discriminator_steps), rounded, and at least 1. The
        first call starts the model; later ones carry on with its optimizers and its random
        numbers. k calls with the same rows equal one `fit` of k times as many steps, number for
        number, given the same whole number as `random_state` and the same `max_iter`, by which
        step sizes decay and penalties are annealed.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
        y : array-like of shape (n_samples,) or None, default=None
            Labels, in every call or in none.
        classes : array-like or None, default=None
            All labels that will ever come, where the first y does not hold them all.

        Returns
        -------
        self

        Raises
        ------
        TypeError, ValueError, FloatingPointError
            As in `fit`.
        """
        columns = self._ready(X, y, classes)
        rows_a_step = self.batch_size * self.n_discriminator_steps
        with training_arithmetic():
            for _ in range(max(1, round(columns.shape[1] / rows_a_step))):
                self._training_step(columns)
        return self

    def start(
        self, X: ArrayLike, y: ArrayLike | None = None, classes: ArrayLike | None = None
    ) -> Self:
        """Build both players for rows like these, untrained; what was trained before is forgotten.

        `fit` and the first call of `partial_fit`, `training_step` or `discriminator_step` do it by
        themselves. It is for whoever wants to look before the first step, or to begin with
        `generator_step`.

        Parameters
        ----------
        X, y, classes
            As in `partial_fit`.

        Returns
        -------
        self
        """
        self._start(X, y, classes)
        return self

    def training_step(
        self, X: ArrayLike, y: ArrayLike | None = None, *, n_steps: int = 1
    ) -> tuple[float, float]:
        """Take whole training steps: `n_discriminator_steps` of the one player, one of the other.

        Parameters
        ----------
        X, y
            The rows, and labels, that minibatches are drawn from, as in `partial_fit`.
        n_steps : int, default=1
            Take so many in a row. X is checked once for all of them.

        Returns
        -------
        discriminator_loss, generator_loss : float
            Those of the last step.
        """
        check_whole("n_steps", n_steps)
        columns = self._ready(X, y)
        with training_arithmetic():
            for _ in range(n_steps):
                losses = self._training_step(columns)
        return losses

    def discriminator_step(
        self, X: ArrayLike, y: ArrayLike | None = None, *, n_steps: int = 1
    ) -> float:
        """Let the discriminator take one step, or several, and return its (last) loss.

        Parameters
        ----------
        X, y, n_steps
            As in `training_step`. The first call starts the model.

        Returns
        -------
        loss : float
            Before the step, without penalties.
        """
        check_whole("n_steps", n_steps)
        columns = self._ready(X, y)
        with training_arithmetic():
            for _ in range(n_steps):
                loss = self._discriminator_step(columns)
        return loss

    def generator_step(self, *, n_steps: int = 1) -> float:
        """Let the generator take one step, or several, and return its (last) loss.

        It needs no real samples: all it learns comes through the discriminator.

        Parameters
        ----------
        n_steps : int, default=1

        Returns
        -------
        loss : float
            Before the step.
        """
        check_is_fitted(self)
        check_whole("n_steps", n_steps)
        self._check_parameters()
        with training_arithmetic():
            for _ in range(n_steps):
                loss = self._generator_step()
        return loss

    # --- what the trained players do ------------------------------------------------------------

    def sample(self, n_samples: int = 1, y: Any = None, *, random_state: Any = None) -> np.ndarray:
        """Generate samples: draw z from N(0, I) and send it through the averaged generator.

        Parameters
        ----------
        n_samples : int, default=1
        y : label, array-like of shape (n_samples,) or None, default=None
            For a class-conditional GAN: the label of all samples, or one for each. None draws
            labels by `class_prior_`.
        random_state : int, numpy.random.Generator, numpy.random.RandomState or None, default=None
            A whole number makes every call the same.

        Returns
        -------
        X : ndarray of shape (n_samples, n_features)

        Raises
        ------
        TypeError, ValueError
            If n_samples is no whole number from 1 up, or y holds something else than the labels
            that the GAN was trained with.
        """
        check_is_fitted(self)
        check_whole("n_samples", n_samples)
        rng = as_generator(random_state)
        Z = rng.standard_normal((n_samples, self._n_latent))
        if self.classes_ is not None and y is None:
            y = self.classes_[rng.choice(len(self.classes_), size=n_samples, p=self.class_prior_)]
        return self.generate(Z, y)

    def generate(self, Z: ArrayLike, y: Any = None, *, averaged: bool = True) -> np.ndarray:
        """Return the sample G(z) of each latent vector.

        Parameters
        ----------
        Z : array-like of shape (n_samples, n_latent)
        y : label, array-like of shape (n_samples,) or None, default=None
            A class-conditional GAN needs it.
        averaged : bool, default=True
            False takes the generator as it plays, not its running average.

        Returns
        -------
        X : ndarray of shape (n_samples, n_features)
        """
        check_is_fitted(self)
        Z = check_array(Z, dtype=np.float64, input_name="Z")
        if Z.shape[1] != self._n_latent:
            raise ValueError(f"Z must have n_latent = {self._n_latent} columns; got {Z.shape}")
        network = self.averaged_generator_ if averaged else self.generator_
        z = np.concatenate([Z.T, self._label_rows(y, len(Z))])
        return np.ascontiguousarray(network.astype(np.float64).forward(z).T)

    def discriminate(self, X: ArrayLike, y: Any = None) -> np.ndarray:
        """Return the discriminator's logit D(x) of each sample, shape (n_samples,).

        Greater than 0 means "real". With minibatch discrimination it depends on all rows of X.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
        y : label, array-like of shape (n_samples,) or None, default=None
            A class-conditional GAN needs it.
        """
        return self._judge(X, y)[1][0]

    def push(self, X: ArrayLike, y: Any = None) -> np.ndarray:
        """Return where the generator's loss would move each sample: minus its gradient there.

        Parameters
        ----------
        X, y
            As in `discriminate`; mostly generated samples.

        Returns
        -------
        arrows : ndarray of shape (n_samples, n_features)
            −∂(loss of one sample)/∂x, for the `loss` that is set now.
        """
        discriminator, logits = self._judge(X, y)
        _, slopes = LOSSES[self.loss][2](logits)
        return -discriminator.input_gradient(slopes)[: self.n_features_in_].T

    def _judge(self, X: ArrayLike, y: Any) -> tuple[Network, np.ndarray]:
        """Send samples through the discriminator in double precision; return it and its logits."""
        check_is_fitted(self)
        X = validate_data(self, X, dtype=np.float64, reset=False)
        discriminator = self.discriminator_.astype(np.float64)
        _set_groups(discriminator, 1)
        return discriminator, discriminator.forward(
            np.concatenate([X.T, self._label_rows(y, len(X))])
        )

    # --- the two steps --------------------------------------------------------------------------

    def _training_step(self, columns: np.ndarray) -> tuple[float, float]:
        for _ in range(self.n_discriminator_steps):
            d_loss = self._discriminator_step(columns)
        return d_loss, self._generator_step()

    def _discriminator_step(self, columns: np.ndarray) -> float:
        """Take one step of the discriminator; `columns` holds samples with their labels below."""
        n, f = self.batch_size, self.n_features_in_
        real = columns.take(self._rng.integers(columns.shape[1], size=n), axis=1)
        fake = real.copy()  # with the labels of the real samples
        fake[:f] = self.generator_.forward(self._draw_latent(real[f:]))
        x = np.concatenate([real, fake], axis=1)
        self._add_instance_noise(x)
        loss, penalty = self._discriminator_gradient(x)
        self._check_finite("discriminator", loss + penalty)
        optimizer = self.discriminator_optimizer_
        optimizer.learning_rate = self._decay() * self._discriminator_rate()
        optimizer.step(self.discriminator_.parameters, self.discriminator_.gradients)
        self.discriminator_loss_curve_.append(loss)
        self.penalty_curve_.append(penalty)
        return loss

    def _discriminator_gradient(self, x: np.ndarray) -> tuple[float, float]:
        """Write the gradient for real samples with generated ones to their right; return losses."""
        discriminator, n, f = self.discriminator_, x.shape[1] // 2, self.n_features_in_
        _set_groups(discriminator, 2)
        logits = discriminator.forward(x)
        loss, d_real, d_fake = discriminator_loss(
            logits[:, :n], logits[:, n:], self.loss, label_smoothing=self.label_smoothing
        )
        d_logits = np.concatenate([d_real, d_fake], axis=1)
        penalty, r1, r2 = 0.0, self._now(self.r1), self._now(self.r2)
        if r1 > 0 or r2 > 0:
            weight = np.repeat([r1 / n, r2 / n], n)
            penalty = backward_with_zero_centred_penalty(discriminator, d_logits, weight, n_rows=f)
        else:
            discriminator.backward(d_logits, input_gradient=False)
        if self.loss == "wasserstein_gp" and self.gradient_penalty > 0:
            share = self._rng.random((1, n), dtype=x.dtype)
            discriminator.forward(share * x[:, :n] + (1 - share) * x[:, n:])
            penalty += add_one_centred_penalty(discriminator, self.gradient_penalty / n, n_rows=f)
        return loss, penalty

    def _generator_step(self) -> float:
        labels = self._draw_labels(self.batch_size)
        loss = self._generator_gradient(self._draw_latent(labels), labels)
        self._check_finite("generator", loss)
        optimizer, parameters = self.generator_optimizer_, self.generator_.parameters
        optimizer.learning_rate = self._decay() * self.learning_rate_init
        optimizer.step(parameters, self.generator_.gradients)
        self.n_iter_ += 1
        average = self.averaged_generator_.parameters
        average += (1 - min(self.weight_averaging, 1 - 1 / self.n_iter_)) * (parameters - average)
        self.generator_loss_curve_.append(loss)
        return loss

    def _generator_gradient(self, z: np.ndarray, labels: np.ndarray) -> float:
        """Write the generator's gradient for latent vectors (labels included); return its loss."""
        discriminator = self.discriminator_
        _set_groups(discriminator, 1)
        x = np.concatenate([self.generator_.forward(z), labels])
        self._add_instance_noise(x)
        loss, d_logits = generator_loss(discriminator.forward(x), self.loss)
        dx = discriminator.input_gradient(d_logits)
        self.generator_.backward(dx[: self.n_features_in_], input_gradient=False)
        return loss

    def _draw_latent(self, labels: np.ndarray) -> np.ndarray:
        """Draw z, with the labels (label rows, n) below."""
        z = self._rng.standard_normal((self._n_latent, labels.shape[1]), dtype=labels.dtype)
        return np.concatenate([z, labels]) if len(labels) else z

    def _draw_labels(self, n: int) -> np.ndarray:
        """Draw labels by `class_prior_`, as columns; no rows without labels."""
        if self.classes_ is None:
            return np.empty((0, n), dtype=self.generator_.dtype)
        return self._codes[:, self._rng.choice(len(self.classes_), size=n, p=self.class_prior_)]

    def _add_instance_noise(self, x: np.ndarray) -> None:
        noise = self._now(self.instance_noise)
        if noise > 0:
            shape = (self.n_features_in_, x.shape[1])
            x[: self.n_features_in_] += noise * self._rng.standard_normal(shape, dtype=x.dtype)

    def _progress(self) -> float:
        """How much of `max_iter` is over, from 0 to 1."""
        return min(self.n_iter_ / self.max_iter, 1.0)

    def _now(self, value: float | tuple[float, float]) -> float:
        """Return what an annealed value is at this step."""
        if not _is_pair(value):
            return float(value)
        start, end = value
        return float(start + (end - start) * self._progress())

    def _decay(self) -> float:
        """Return the factor of both step sizes at this step."""
        over = self._progress() - self.decay_from
        if over <= 0:
            return 1.0
        return 1 - (1 - self.decay_to) * over / (1 - self.decay_from)

    def _discriminator_rate(self) -> float:
        rate = self.discriminator_learning_rate_init
        return self.learning_rate_init if rate is None else rate

    def _check_finite(self, player: str, loss: float) -> None:
        if not math.isfinite(loss):
            raise FloatingPointError(
                f"training diverged: the loss of the {player} became {loss} in step "
                f"{self.n_iter_ + 1}. Try smaller step sizes (learning_rate_init is "
                f"{self.learning_rate_init:g}, the discriminator's "
                f"{self._discriminator_rate():g}), "
                f"a gradient penalty (r1 is {self._now(self.r1):g}) that is neither 0 nor many "
                "times 1, or columns of X brought to a scale of about 1"
            )

    # --- before training ------------------------------------------------------------------------

    def _ready(self, X: ArrayLike, y: Any, classes: ArrayLike | None = None) -> np.ndarray:
        """Start the model if it has not been; return the samples as columns."""
        if not hasattr(self, "n_iter_"):
            return self._start(X, y, classes)
        self._check_parameters()
        X = validate_data(self, X, dtype=self.generator_.dtype, reset=False)
        return self._as_columns(X, y)

    def _start(self, X: ArrayLike, y: Any, classes: ArrayLike | None = None) -> np.ndarray:
        """Check everything, build the untrained players, return the samples as columns."""
        self._check_parameters()
        X = validate_data(self, X, dtype=self.dtype)
        self._note_classes(X, y, classes)
        self._rng = as_generator(self.random_state)
        n_labels = len(self._codes)
        self._n_latent = int(self.n_latent)
        sizes = [self._n_latent + n_labels, *_sizes("generator", self.generator_layer_sizes)]
        layers = dense_layers(
            [*sizes, X.shape[1]], self.generator_activation, self.output_activation
        )
        self.generator_ = Network(layers, random_state=self._rng, dtype=self.dtype)
        self.averaged_generator_ = self.generator_.astype(self.dtype)
        self.discriminator_ = self._build_discriminator(X.shape[1] + n_labels)
        beta_1, beta_2 = self.betas
        self.generator_optimizer_ = Adam(self.learning_rate_init, beta_1=beta_1, beta_2=beta_2)
        self.discriminator_optimizer_ = Adam(
            self._discriminator_rate(), beta_1=beta_1, beta_2=beta_2
        )
        self.discriminator_loss_curve_: list[float] = []
        self.generator_loss_curve_: list[float] = []
        self.penalty_curve_: list[float] = []
        self.n_iter_ = 0
        return self._as_columns(X, y)

    def _build_discriminator(self, n_inputs: int) -> Network:
        sizes = [n_inputs, *_sizes("discriminator", self.discriminator_layer_sizes)]
        if not self.minibatch_discrimination:
            layers = dense_layers([*sizes, 1], self.discriminator_activation)
        else:
            activation = self.discriminator_activation
            layers = dense_layers(sizes, activation, activation) if len(sizes) > 1 else []
            side_by_side = MinibatchDiscrimination(sizes[-1], int(self.minibatch_discrimination))
            layers = [*layers, side_by_side, *dense_layers([side_by_side.n_out, 1])]
        return Network(layers, random_state=self._rng, dtype=self.dtype)

    def _note_classes(self, X: np.ndarray, y: Any, classes: ArrayLike | None) -> None:
        """Set `classes_`, `class_prior_` and `_codes`: the column that stands for each class."""
        self.classes_ = self.class_prior_ = None
        self._codes = np.empty((0, 0), dtype=self.dtype)
        if y is None:
            if classes is not None:
                raise ValueError("classes need labels: y is None")
            return
        y = _check_labels(y, X)
        self.classes_ = np.unique(y if classes is None else column_or_1d(classes))
        counts = np.bincount(self._class_indices(y), minlength=len(self.classes_))
        self.class_prior_ = counts / len(y)
        if len(self.classes_) == 2:
            self._codes = np.array([[-1, 1]], dtype=self.dtype)
        else:
            self._codes = np.eye(len(self.classes_), dtype=self.dtype)

    def _as_columns(self, X: np.ndarray, y: Any) -> np.ndarray:
        """Return samples in columns, with the code of their label below."""
        if y is not None:
            y = _check_labels(y, X)
        return np.concatenate([as_columns(X), self._label_rows(y, len(X))])

    def _label_rows(self, y: Any, n: int) -> np.ndarray:
        """Return the code of each label as a column, shape (label rows, n)."""
        if self.classes_ is None:
            if y is not None:
                raise ValueError("this GAN was started without labels: y must be None")
            return np.empty((0, n), dtype=self._codes.dtype)
        if y is None:
            raise ValueError(
                "this GAN was started with labels: y is needed, each of "
                f"{self.classes_.tolist()}; got None"
            )
        y = np.full(n, y) if np.ndim(y) == 0 else column_or_1d(y)
        if len(y) != n:
            raise ValueError(f"y must be one label, or one for each of {n} rows; got {len(y)}")
        return self._codes[:, self._class_indices(y)]

    def _class_indices(self, y: np.ndarray) -> np.ndarray:
        unknown = np.setdiff1d(y, self.classes_)
        if unknown.size:
            raise ValueError(
                f"y must hold labels of {self.classes_.tolist()} alone; "
                f"got {unknown[:5].tolist()} among them"
            )
        return np.searchsorted(self.classes_, y)

    def _check_parameters(self) -> None:
        """Raise a TypeError or ValueError if a constructor parameter cannot be used."""
        _sizes("generator", self.generator_layer_sizes)
        _sizes("discriminator", self.discriminator_layer_sizes)
        for name in ("n_latent", "n_discriminator_steps", "batch_size", "max_iter"):
            check_whole(name, getattr(self, name))
        check_whole("minibatch_discrimination", self.minibatch_discrimination, minimum=0)
        check_choice("loss", self.loss, tuple(LOSSES))
        for name in ("r1", "r2", "instance_noise"):
            value = getattr(self, name)
            if _is_pair(value):
                check_number(f"the start of {name}", value[0], minimum=0)
                check_number(f"the end of {name}", value[1], minimum=0)
            else:
                check_number(name, value, minimum=0)
        check_number("gradient_penalty", self.gradient_penalty, minimum=0)
        check_number("label_smoothing", self.label_smoothing, minimum=0, below=1)
        check_number("learning_rate_init", self.learning_rate_init, above=0)
        if self.discriminator_learning_rate_init is not None:
            rate = self.discriminator_learning_rate_init
            check_number("discriminator_learning_rate_init", rate, above=0)
        check_number("decay_from", self.decay_from, minimum=0, below=1)
        check_number("decay_to", self.decay_to, above=0)
        if not _is_pair(self.betas):
            raise ValueError(f"betas must be a pair of numbers; got {self.betas!r}")
        for beta in self.betas:
            check_number("each of betas", beta, minimum=0, below=1)
        check_number("weight_averaging", self.weight_averaging, minimum=0, below=1)
        for name in ("generator_activation", "discriminator_activation", "output_activation"):
            check_choice(name, getattr(self, name), tuple(ACTIVATIONS))
        check_flag("verbose", self.verbose)
        check_dtype("dtype", self.dtype)
        self._check_combinations()

    def _check_combinations(self) -> None:
        """Raise a ValueError where parameters are fine each by itself, but not together."""
        if self.loss == "wasserstein_gp" and self.label_smoothing > 0:
            raise ValueError(
                "label_smoothing must be 0 with loss 'wasserstein_gp', which has no targets; "
                f"got {self.label_smoothing!r}"
            )
        penalised = [name for name in ("r1", "r2") if np.any(np.asarray(getattr(self, name)) > 0)]
        if self.loss == "wasserstein_gp" and self.gradient_penalty > 0:
            penalised.append("gradient_penalty")
        if not penalised:
            return
        if self.minibatch_discrimination:
            raise ValueError(
                f"{' and '.join(penalised)} cannot be combined with minibatch_discrimination: "
                "gradient penalties need a piecewise linear discriminator"
            )
        if self.discriminator_activation not in ("identity", "relu", "leaky_relu"):
            raise ValueError(
                f"{' and '.join(penalised)} need discriminator_activation 'leaky_relu', 'relu' or "
                f"'identity'; got {self.discriminator_activation!r}"
            )


def _set_groups(network: Network, n_groups: int) -> None:
    """Tell minibatch discrimination how many batches stand side by side."""
    for layer in network.layers:
        if isinstance(layer, MinibatchDiscrimination):
            layer.n_groups = n_groups


def _sizes(player: str, hidden: int | Sequence[int]) -> list[int]:
    """Check and return the sizes of hidden layers."""
    if isinstance(hidden, str) or not isinstance(hidden, Iterable):
        hidden = [hidden]
    sizes = list(hidden)
    for size in sizes:
        check_whole(f"each of {player}_layer_sizes", size)
    return [int(size) for size in sizes]


def _is_pair(value: Any) -> bool:
    return isinstance(value, tuple | list) and len(value) == 2


def _check_labels(y: Any, X: np.ndarray) -> np.ndarray:
    """Return y as a vector of labels, one for each row of X."""
    y = column_or_1d(y)
    check_consistent_length(X, y)
    check_classification_targets(y)
    return y
