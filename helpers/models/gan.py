"""The generative adversarial network: a generator and a discriminator that train each other."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, DTypeLike
from sklearn.utils import check_array
from sklearn.utils.validation import check_is_fitted, validate_data

from helpers.checks import check_whole
from helpers.models.adversarial import (
    LOSSES,
    AdversarialEstimator,
    discriminator_loss,
    generator_loss,
    layer_sizes,
)
from helpers.models.base import apply_network, as_generator, training_arithmetic
from helpers.models.labels import ClassConditional, check_labels
from helpers.nn import Layer, Network, dense_layers

__all__ = ["GAN", "LOSSES", "discriminator_loss", "generator_loss"]


class GAN(ClassConditional, AdversarialEstimator):
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
        "leaky_relu", "softplus" or "silu".
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
        super().__init__(
            generator_layer_sizes,
            discriminator_layer_sizes,
            n_latent,
            loss=loss,
            r1=r1,
            r2=r2,
            gradient_penalty=gradient_penalty,
            instance_noise=instance_noise,
            label_smoothing=label_smoothing,
            minibatch_discrimination=minibatch_discrimination,
            n_discriminator_steps=n_discriminator_steps,
            learning_rate_init=learning_rate_init,
            discriminator_learning_rate_init=discriminator_learning_rate_init,
            decay_from=decay_from,
            decay_to=decay_to,
            betas=betas,
            weight_averaging=weight_averaging,
            batch_size=batch_size,
            max_iter=max_iter,
            generator_activation=generator_activation,
            discriminator_activation=discriminator_activation,
            output_activation=output_activation,
            random_state=random_state,
            verbose=verbose,
            dtype=dtype,
        )

    # --- training -------------------------------------------------------------------------------

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
            A label for each row makes the GAN class-conditional. In every call or in none.
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
        self._pass_over(self._ready(X, y, classes=classes))
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
        self._start(X, y, classes=classes)
        return self

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
        return self.generate(Z, self._draw_classes(n_samples, rng) if y is None else y)

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
        return apply_network(network, z)

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
        return self._judge_columns(np.concatenate([X.T, self._label_rows(y, len(X))]))

    # --- the players and what they are given ----------------------------------------------------

    @property
    def _n_sample_rows(self) -> int:
        return self.n_features_in_

    def _generator_layers(self) -> list[Layer]:
        sizes = [
            self._n_latent + len(self._codes),
            *layer_sizes("generator_layer_sizes", self.generator_layer_sizes),
            self.n_features_in_,
        ]
        return dense_layers(sizes, self.generator_activation, self.output_activation)

    def _discriminator_layers(self) -> list[Layer]:
        return self._dense_discriminator(self.n_features_in_ + len(self._codes))

    def _new_generator_gradient(self, columns: np.ndarray | None = None) -> float:
        labels = self._draw_labels(self.batch_size)
        return self._generator_gradient(self._draw_latent(labels), labels)

    def _generator_gradient(self, z: np.ndarray, labels: np.ndarray) -> float:
        """Write the generator's gradient for latent vectors (labels included); return its loss."""
        loss, dx = self._adversarial_gradient(self.generator_.forward(z), labels)
        self.generator_.backward(dx, input_gradient=False)
        return loss

    # --- labels ---------------------------------------------------------------------------------

    def _take_in(
        self, X: ArrayLike, y: Any, *, reset: bool, classes: ArrayLike | None = None
    ) -> np.ndarray:
        """Check samples and labels; return them in columns, with the code of each label below."""
        X = validate_data(
            self, X, dtype=self.dtype if reset else self.generator_.dtype, reset=reset
        )
        if reset:
            self._note_classes(X, y, classes)
        if y is not None:
            y = check_labels(y, X)
        return np.concatenate([X, self._label_rows(y, len(X)).T], axis=1).T

    def _draw_labels(self, n: int) -> np.ndarray:
        """Draw the codes of labels by `class_prior_`; no rows without labels."""
        if self.classes_ is None:
            return np.empty((0, n), dtype=self.generator_.dtype)
        return self._codes[:, self._rng.choice(len(self.classes_), size=n, p=self.class_prior_)]
