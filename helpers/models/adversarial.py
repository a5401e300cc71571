"""What adversarial estimators share: their losses, and two players that train each other."""

from __future__ import annotations

import math
import warnings
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Sequence
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, DTypeLike
from scipy.special import expit
from sklearn.base import BaseEstimator
from tqdm.auto import tqdm

from helpers.checks import check_choice, check_dtype, check_flag, check_number, check_whole
from helpers.models.base import (
    StorableForSampling,
    all_or_nothing,
    as_generator,
    decay,
    training_arithmetic,
)
from helpers.nn import (
    ACTIVATIONS,
    Adam,
    Layer,
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


class AdversarialEstimator(StorableForSampling, ABC, BaseEstimator):
    """An estimator with a generator and a discriminator that take turns in training.

    In training a sample is a column with its *condition* below: what the generator is told besides
    z, and the discriminator sees besides the sample, such as a label, or the picture that the
    sample is to follow. There may be no condition. The discriminator judges the whole column; it
    is the first `_n_sample_rows` of it that the generator makes.

    A model stores its parameters through ``__init__`` and fills in `_take_in`, `_n_sample_rows`,
    `_generator_layers`, `_discriminator_layers` and `_new_generator_gradient`. What the parameters
    and the attributes mean, `helpers.models.GAN` says.
    """

    only_for_training = (
        "generator_",
        "discriminator_",
        "generator_optimizer_",
        "discriminator_optimizer_",
        "generator_loss_curve_",
        "discriminator_loss_curve_",
        "penalty_curve_",
        "_rng",
    )

    def __init__(
        self,
        generator_layer_sizes: int | Sequence[int],
        discriminator_layer_sizes: int | Sequence[int],
        n_latent: int,
        *,
        loss: str,
        r1: float | tuple[float, float],
        r2: float | tuple[float, float],
        gradient_penalty: float,
        instance_noise: float | tuple[float, float],
        label_smoothing: float,
        minibatch_discrimination: int,
        n_discriminator_steps: int,
        learning_rate_init: float,
        discriminator_learning_rate_init: float | None,
        decay_from: float,
        decay_to: float,
        betas: tuple[float, float],
        weight_averaging: float,
        batch_size: int,
        max_iter: int,
        generator_activation: str,
        discriminator_activation: str,
        output_activation: str,
        random_state: int | np.random.Generator | np.random.RandomState | None,
        verbose: bool,
        dtype: DTypeLike,
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

    # --- what a model fills in ------------------------------------------------------------------

    @abstractmethod
    def _take_in(self, X: ArrayLike, y: Any, *, reset: bool) -> np.ndarray:
        """Check the data and return them as columns, conditions below; note sizes on `reset`.

        The numbers of a column are to lie one behind the other in memory.
        """

    @property
    @abstractmethod
    def _n_sample_rows(self) -> int:
        """How many rows of a column the generator makes."""

    @abstractmethod
    def _generator_layers(self) -> list[Layer]:
        """Return the layers from z, with the condition below, to a sample."""

    @abstractmethod
    def _discriminator_layers(self) -> list[Layer]:
        """Return the layers from a column to its logit."""

    @abstractmethod
    def _new_generator_gradient(self, columns: np.ndarray | None) -> float:
        """Draw what the generator's step needs, write its gradient and return its loss."""

    # --- training -------------------------------------------------------------------------------

    def fit(self, X: ArrayLike, y: ArrayLike | None = None) -> Self:
        """Train from the start, for `max_iter` steps.

        Interrupting it (the stop button of a notebook) leaves the model as far as it has come.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
        y : array-like or None, default=None
            What belongs to each row: the class says what, if anything.

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
            range(self._n_steps),
            desc=type(self).__name__,
            unit="step",
            leave=False,
            disable=not self.verbose,
        )
        with training_arithmetic(), progress:
            try:
                for step in progress:
                    d_loss, g_loss = self._training_step(columns)
                    if step % 100 == 0:
                        progress.set_postfix(D=f"{d_loss:.3f}", G=f"{g_loss:.3f}", refresh=False)
            except KeyboardInterrupt:
                warnings.warn(
                    f"training was interrupted after {self.n_iter_} of {self._n_steps} steps; "
                    "the model can be used as it is",
                    stacklevel=2,
                )
        return self

    def partial_fit(self, X: ArrayLike, y: ArrayLike | None = None) -> Self:
        """Train on, for as many steps as it takes to draw about as many rows as X has.

        That is n_samples / (batch_size · n_discriminator_steps), rounded, and at least 1. The
        first call starts the model; later ones carry on with its optimizers and its random
        numbers. k calls with the same rows equal one `fit` of k times as many steps, number for
        number, given the same whole number as `random_state` and the same `max_iter`, by which
        step sizes decay and penalties are annealed.

        Parameters
        ----------
        X, y
            As in `fit`.

        Returns
        -------
        self

        Raises
        ------
        TypeError, ValueError, FloatingPointError
            As in `fit`.
        """
        self._pass_over(self._ready(X, y))
        return self

    def start(self, X: ArrayLike, y: ArrayLike | None = None) -> Self:
        """Build both players for rows like these, untrained; what was trained before is forgotten.

        `fit` and the first call of `partial_fit`, `training_step` or `discriminator_step` do it by
        themselves. It is for whoever wants to look before the first step, or to begin with
        `generator_step`.

        Parameters
        ----------
        X, y
            As in `fit`.

        Returns
        -------
        self
        """
        self._start(X, y)
        return self

    def training_step(
        self, X: ArrayLike, y: ArrayLike | None = None, *, n_steps: int = 1
    ) -> tuple[float, float]:
        """Take whole training steps: `n_discriminator_steps` of the one player, one of the other.

        Parameters
        ----------
        X, y
            The rows, and what belongs to them, that minibatches are drawn from, as in `fit`.
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

    # --- the two steps --------------------------------------------------------------------------

    def _training_step(self, columns: np.ndarray) -> tuple[float, float]:
        for _ in range(self.n_discriminator_steps):
            d_loss = self._discriminator_step(columns)
        return d_loss, self._generator_step(columns)

    def _discriminator_step(self, columns: np.ndarray) -> float:
        """Take one step of the discriminator on samples with their conditions below."""
        f, real = self._n_sample_rows, self._draw_columns(columns)
        fake = real.copy()  # with the conditions of the real samples
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
        discriminator, n, f = self.discriminator_, x.shape[1] // 2, self._n_sample_rows
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

    def _generator_step(self, columns: np.ndarray | None = None) -> float:
        loss = self._new_generator_gradient(columns)
        self._check_finite("generator", loss)
        optimizer, parameters = self.generator_optimizer_, self.generator_.parameters
        optimizer.learning_rate = self._decay() * self.learning_rate_init
        optimizer.step(parameters, self.generator_.gradients)
        self.n_iter_ += 1
        average = self.averaged_generator_.parameters
        average += (1 - min(self.weight_averaging, 1 - 1 / self.n_iter_)) * (parameters - average)
        self.generator_loss_curve_.append(loss)
        return loss

    def _adversarial_gradient(
        self, samples: np.ndarray, condition: np.ndarray
    ) -> tuple[float, np.ndarray]:
        """Return the generator's loss by the discriminator, and its gradient by the samples."""
        discriminator = self.discriminator_
        _set_groups(discriminator, 1)
        x = np.concatenate([samples, condition])
        self._add_instance_noise(x)
        loss, d_logits = generator_loss(discriminator.forward(x), self.loss)
        return loss, discriminator.input_gradient(d_logits)[: self._n_sample_rows]

    def _draw_columns(self, columns: np.ndarray) -> np.ndarray:
        """Draw a minibatch, with replacement."""
        drawn = self._rng.integers(columns.shape[1], size=self.batch_size)
        # A long sample is drawn fast where its numbers lie one behind the other.
        return np.ascontiguousarray(columns.T.take(drawn, axis=0).T)

    def _draw_latent(self, condition: np.ndarray) -> np.ndarray:
        """Draw z, with the conditions (rows, n) below."""
        z = self._rng.standard_normal((self._n_latent, condition.shape[1]), dtype=condition.dtype)
        return np.concatenate([z, condition]) if len(condition) else z

    def _add_instance_noise(self, x: np.ndarray) -> None:
        noise = self._now(self.instance_noise)
        if noise > 0:
            shape = (self._n_sample_rows, x.shape[1])
            x[: self._n_sample_rows] += noise * self._rng.standard_normal(shape, dtype=x.dtype)

    @property
    def _n_steps(self) -> int:
        """How many steps `fit` takes."""
        return self.max_iter

    def _progress(self) -> float:
        """How much of `max_iter` is over, from 0 to 1."""
        return min(self.n_iter_ / self.max_iter, 1.0)

    def _now(self, value: float | tuple[float, float]) -> float:
        """Return what an annealed value is at this step."""
        if not is_pair(value):
            return float(value)
        start, end = value
        return float(start + (end - start) * self._progress())

    def _decay(self) -> float:
        """Return the factor of both step sizes at this step."""
        return decay(self._progress(), self.decay_from, self.decay_to)

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

    def _judge_columns(self, x: np.ndarray) -> tuple[Network, np.ndarray]:
        """Send columns through the discriminator in double precision; return it and its logits."""
        discriminator = self.discriminator_.astype(np.float64)
        _set_groups(discriminator, 1)
        return discriminator, discriminator.forward(x)

    # --- before training ------------------------------------------------------------------------

    def _ready(self, X: ArrayLike, y: Any, **options: Any) -> np.ndarray:
        """Start the model if it has not been; return the samples as columns."""
        if not hasattr(self, "n_iter_"):
            return self._start(X, y, **options)
        self._check_parameters()
        return self._take_in(X, y, reset=False)

    @all_or_nothing
    def _start(self, X: ArrayLike, y: Any, **options: Any) -> np.ndarray:
        """Check everything, build the untrained players, return the samples as columns."""
        self._check_parameters()
        columns = self._take_in(X, y, reset=True, **options)
        self._rng = as_generator(self.random_state)
        self._n_latent = int(self.n_latent)
        self.generator_ = Network(
            self._generator_layers(), random_state=self._rng, dtype=self.dtype
        )
        self.averaged_generator_ = self.generator_.astype(self.dtype)
        self.discriminator_ = Network(
            self._discriminator_layers(), random_state=self._rng, dtype=self.dtype
        )
        beta_1, beta_2 = self.betas
        self.generator_optimizer_ = Adam(self.learning_rate_init, beta_1=beta_1, beta_2=beta_2)
        self.discriminator_optimizer_ = Adam(
            self._discriminator_rate(), beta_1=beta_1, beta_2=beta_2
        )
        self.discriminator_loss_curve_: list[float] = []
        self.generator_loss_curve_: list[float] = []
        self.penalty_curve_: list[float] = []
        self.n_iter_ = 0
        return columns

    def _pass_over(self, columns: np.ndarray) -> None:
        """Take as many steps as it takes to draw about as many columns as there are."""
        columns_a_step = self.batch_size * self.n_discriminator_steps
        with training_arithmetic():
            for _ in range(max(1, round(columns.shape[1] / columns_a_step))):
                self._training_step(columns)

    def _dense_discriminator(self, n_inputs: int) -> list[Layer]:
        """Return dense layers from so many features to a logit, as the parameters ask for."""
        activation = self.discriminator_activation
        sizes = [
            n_inputs,
            *layer_sizes("discriminator_layer_sizes", self.discriminator_layer_sizes),
        ]
        if not self.minibatch_discrimination:
            return dense_layers([*sizes, 1], activation)
        layers = dense_layers(sizes, activation, activation) if len(sizes) > 1 else []
        side_by_side = MinibatchDiscrimination(sizes[-1], int(self.minibatch_discrimination))
        return [*layers, side_by_side, *dense_layers([side_by_side.n_out, 1])]

    def _check_parameters(self) -> None:
        """Raise a TypeError or ValueError if a constructor parameter cannot be used."""
        for name in ("generator_layer_sizes", "discriminator_layer_sizes"):
            layer_sizes(name, getattr(self, name))
        for name in ("n_latent", "n_discriminator_steps", "batch_size", "max_iter"):
            check_whole(name, getattr(self, name))
        check_whole("minibatch_discrimination", self.minibatch_discrimination, minimum=0)
        check_choice("loss", self.loss, tuple(LOSSES))
        for name in ("r1", "r2", "instance_noise"):
            value = getattr(self, name)
            if is_pair(value):
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
        if not is_pair(self.betas):
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


def layer_sizes(name: str, sizes: int | Sequence[int]) -> list[int]:
    """Check and return sizes of layers, given as one number or several."""
    if isinstance(sizes, str) or not isinstance(sizes, Iterable):
        sizes = [sizes]  # (64) is a number: a tuple of one is written (64,)
    sizes = list(sizes)
    for size in sizes:
        check_whole(f"each of {name}", size)
    return [int(size) for size in sizes]


def is_pair(value: Any) -> bool:
    """Whether it is a tuple or list of two."""
    return isinstance(value, tuple | list) and len(value) == 2


def _set_groups(network: Network, n_groups: int) -> None:
    """Tell minibatch discrimination how many batches stand side by side."""
    for layer in network.layers:
        if isinstance(layer, MinibatchDiscrimination):
            layer.n_groups = n_groups
