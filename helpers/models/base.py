"""What the estimators share: the training loop, its surroundings, and checks of parameters."""

from __future__ import annotations

import math
import warnings
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache, wraps
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike
from sklearn.base import BaseEstimator
from sklearn.utils.validation import validate_data
from threadpoolctl import ThreadpoolController
from tqdm.auto import tqdm

from helpers.checks import as_generator, check_dtype, check_flag, check_number, check_whole
from helpers.nn import Network


def all_or_nothing(start: Callable[..., np.ndarray]) -> Callable[..., np.ndarray]:
    """Let a model whose start is refused, for bad data say, stay as it was."""

    @wraps(start)
    def start_or_stay(model: BaseEstimator, *arguments: Any, **options: Any) -> np.ndarray:
        before = vars(model).copy()
        try:
            return start(model, *arguments, **options)
        except Exception:
            vars(model).clear()
            vars(model).update(before)
            raise

    return start_or_stay


class MinibatchEstimator(ABC, BaseEstimator):
    """An estimator that is trained on shuffled minibatches, epoch by epoch.

    A model stores its parameters in ``__init__``, among them ``learning_rate_init``,
    ``batch_size``, ``max_iter``, ``random_state``, ``verbose`` and ``dtype``, and fills in three
    methods: `_check_parameters`, `_build` and `_training_step`.

    Attributes
    ----------
    loss_curve_ : list of float
        Mean training loss of each epoch.
    n_iter_ : int
        Number of epochs trained.
    n_features_in_ : int
        Number of features seen in `fit`.
    """

    def _check_parameters(self) -> None:
        """Raise a TypeError or ValueError if a constructor parameter cannot be used."""
        check_number("learning_rate_init", self.learning_rate_init, above=0)
        check_whole("batch_size", self.batch_size)
        check_whole("max_iter", self.max_iter)
        check_flag("verbose", self.verbose)
        check_dtype("dtype", self.dtype)

    @abstractmethod
    def _build(self, n_features: int, rng: np.random.Generator) -> None:
        """Create networks and optimizers, untrained."""

    @abstractmethod
    def _training_step(self, x: np.ndarray) -> float:
        """Take one step on a minibatch of shape (n_features, n) and return its loss."""

    def fit(self, X: ArrayLike, y: Any = None) -> Self:
        """Train from the start, for `max_iter` epochs.

        Interrupting it (the stop button of a notebook) leaves the model as far as it has come.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
        y : ignored, or array-like
            For a model with targets, what belongs to each row: the class says what. Otherwise
            there for scikit-learn's pipelines.

        Returns
        -------
        self

        Raises
        ------
        TypeError, ValueError
            If a constructor parameter or X cannot be used; the message says why.
        FloatingPointError
            If training diverges, that is, the loss is no longer a finite number.
        """
        self._train(self._start(X, y))
        return self

    def partial_fit(self, X: ArrayLike, y: Any = None) -> Self:
        """Train for one more epoch: one pass over the given rows, in shuffled minibatches.

        The first call starts the model; later ones carry on with its optimizer and its random
        numbers. So `max_iter` calls with the same rows equal one `fit`, number for number, given
        the same whole number as `random_state` and no early stopping. Layers and optimizer stay
        as the first call made them: to train on with another step size, set
        ``optimizer_.learning_rate``.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
        y : ignored, or array-like
            For a model with targets, what belongs to each row: the class says what. Otherwise
            there for scikit-learn's pipelines.

        Returns
        -------
        self

        Raises
        ------
        TypeError, ValueError, FloatingPointError
            As in `fit`.
        """
        if hasattr(self, "n_iter_"):
            self._check_parameters()
            columns = self._take_in(X, y, reset=False)
        else:
            columns = self._start(X, y)
        with training_arithmetic():
            self._run_epoch(columns)
        return self

    @all_or_nothing
    def _start(self, X: ArrayLike, y: Any = None) -> np.ndarray:
        """Check everything, build the untrained model, and return the samples as columns."""
        self._check_parameters()
        columns = self._take_in(X, y, reset=True)
        self._rng = as_generator(self.random_state)
        self._build(self.n_features_in_, self._rng)
        self.loss_curve_: list[float] = []
        self.n_iter_ = 0
        return columns

    def _take_in(self, X: ArrayLike, y: Any, *, reset: bool) -> np.ndarray:
        """Check the samples and return them as columns; on `reset`, note what they are like."""
        return as_columns(validate_data(self, X, dtype=self.dtype, reset=reset))

    def _train(self, columns: np.ndarray) -> None:
        """Train the untrained model on the samples."""
        self._run_epochs(columns)

    def _run_epochs(self, columns: np.ndarray, *, stop: Callable[[], bool] | None = None) -> None:
        """Run `max_iter` epochs, or fewer if `stop`, asked after each of them, says so."""
        progress = tqdm(
            range(self.max_iter),
            desc=type(self).__name__,
            unit="epoch",
            leave=False,
            disable=not self.verbose,
        )
        with training_arithmetic(), progress:
            try:
                for _ in progress:
                    self._run_epoch(columns)
                    progress.set_postfix(loss=f"{self.loss_curve_[-1]:.4g}", refresh=False)
                    if stop is not None and stop():
                        break
            except KeyboardInterrupt:
                warnings.warn(
                    f"training was interrupted after {self.n_iter_} of {self.max_iter} epochs; "
                    "the model can be used as it is",
                    stacklevel=4,  # the line that called fit
                )

    def _run_epoch(self, columns: np.ndarray) -> None:
        """Pass once over the samples, in shuffled minibatches."""
        n_samples = columns.shape[1]
        shuffled = columns[:, self._rng.permutation(n_samples)]
        total = 0.0
        for start in range(0, n_samples, self.batch_size):
            x = shuffled[:, start : start + self.batch_size]
            loss = self._training_step(x)
            if not math.isfinite(loss):
                raise FloatingPointError(
                    f"training diverged: the loss became {loss} in epoch {self.n_iter_ + 1}. "
                    f"Try a smaller learning_rate_init (it is {self.learning_rate_init:g}), or "
                    "bring the columns of X to a scale of about 1 (the largest entry in size is "
                    f"{np.abs(columns).max():g})"
                )
            total += loss * x.shape[1]
        self.loss_curve_.append(total / n_samples)
        self.n_iter_ += 1


class StorableForSampling:
    """A model that can be stored without what only training needs, and then says what is missing.

    Attributes
    ----------
    only_for_training : tuple of str
        Attributes that sampling does without: `save_estimators` can leave them out of a file.
    """

    only_for_training: tuple[str, ...] = ()

    def __getattr__(self, name: str) -> Any:
        """Say why something is missing; Python asks here only for what is not there."""
        kind = type(self).__name__
        if name in self.only_for_training and "n_features_in_" in vars(self):
            raise AttributeError(
                f"this {kind} has no {name}: it was trained beforehand and stored without what "
                "only training needs. It can still sample; to train it further, or where a "
                "discriminator or a curve is needed, fit it anew"
            )
        raise AttributeError(f"{kind!r} object has no attribute {name!r}")


class EarlyStopping:
    """Remembers the best parameters so far, and for how many epochs nothing has been better.

    Parameters
    ----------
    parameters : ndarray
        The vector that is being trained.
    patience : int
        Stop after so many epochs in a row without a better score.
    """

    def __init__(self, parameters: np.ndarray, patience: int) -> None:
        """Start from the parameters as they are."""
        self.parameters, self.patience = parameters, patience
        self.best_parameters = parameters.copy()
        self.best_score, self.waited = -math.inf, 0

    def update(self, score: float) -> bool:
        """Take in an epoch's score (greater is better); return whether to stop."""
        if score > self.best_score:
            self.best_score, self.waited = score, 0
            self.best_parameters[...] = self.parameters
        else:
            self.waited += 1
        return self.waited >= self.patience

    def restore(self) -> None:
        """Put the best parameters back."""
        self.parameters[...] = self.best_parameters


@contextmanager
def training_arithmetic() -> Iterator[None]:
    """Hold BLAS to one thread, and leave overflow to the training loop, which looks out for it.

    With matrices as small as these, a second thread costs more than it brings.
    """
    one_thread = _threadpools().limit(limits=1, user_api="blas")
    with one_thread, np.errstate(over="ignore", invalid="ignore"):
        yield


@cache
def _threadpools() -> ThreadpoolController:
    # Finding the libraries takes milliseconds, setting their threads microseconds.
    return ThreadpoolController()


def decay(progress: float, decay_from: float, decay_to: float) -> float:
    """Return the factor of a step size that is held and then falls in a straight line.

    Parameters
    ----------
    progress : float
        How much of the training is over, from 0 to 1.
    decay_from : float
        The factor is 1 up to this progress, in [0, 1).
    decay_to : float
        What it has fallen to at progress 1.
    """
    over = progress - decay_from
    return 1.0 if over <= 0 else 1 - (1 - decay_to) * over / (1 - decay_from)


def as_columns(X: np.ndarray) -> np.ndarray:
    """Turn samples in rows into samples in columns, which is how a network takes them."""
    return np.ascontiguousarray(X.T)


def apply_network(network: Network, columns: np.ndarray) -> np.ndarray:
    """Send columns through a copy of a network that is in use, in double precision; return rows."""
    network = network.astype(np.float64)
    network.set_training(False)
    return np.ascontiguousarray(network.forward(columns).T)
