"""The diffusion model: a network learns to find the noise in noised samples, and so to undo it."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, DTypeLike
from sklearn.utils import check_array
from sklearn.utils.validation import check_is_fitted, validate_data

from helpers.checks import check_choice, check_number, check_whole
from helpers.models.adversarial import is_pair, layer_sizes
from helpers.models.base import MinibatchEstimator, StorableForSampling, as_generator, decay
from helpers.models.labels import ClassConditional, check_labels
from helpers.nn import ACTIVATIONS, Adam, Network, dense_layers, squared_error

SCHEDULES = ("cosine", "linear")
"""How signal and noise change places, by the name that `DiffusionModel` takes."""

BEYOND = 0.25
"""How far beyond a bound values are drawn: the deviation, as a fraction of the range."""

BETA_MIN, BETA_MAX = 0.1, 20.0
"""The linear schedule adds noise at a rate that rises from the first to the second."""


# ------------------------------------------------------------------ noise in, step by step out


def signal_and_noise_level(t: ArrayLike, schedule: str = "cosine") -> tuple[np.ndarray, np.ndarray]:
    """Return a_t and b_t of x_t = a_t x_0 + b_t ε, where a_t² + b_t² = 1.

    Parameters
    ----------
    t : array-like
        Times from 0, all signal, to 1, all noise.
    schedule : {"cosine", "linear"}, default="cosine"
        "cosine": a_t = cos(πt/2) and b_t = sin(πt/2), a quarter turn from x_0 to ε [1]_.
        "linear": a_t² = exp(−∫₀ᵗ β) with a rate β that rises in a straight line, from .1 to 20, as
        in [2]_ with many steps; a_t at t = 1 is .0066.

    Returns
    -------
    a, b : ndarray of the shape of t

    References
    ----------
    .. [1] Nichol and Dhariwal, "Improved denoising diffusion probabilistic models", ICML 2021.
    .. [2] Ho, Jain and Abbeel, "Denoising diffusion probabilistic models", NeurIPS 2020, who write
       √ᾱ_t and √(1 − ᾱ_t) and count t in steps.
    """
    check_choice("schedule", schedule, SCHEDULES)
    t = _check_times("t", t)
    if schedule == "cosine":
        # The sine of what is left, for at t = 1 the cosine of π/2 is rounded to 6e-17.
        return np.sin(0.5 * np.pi * (1 - t)), np.sin(0.5 * np.pi * t)
    integral = BETA_MIN * t + 0.5 * (BETA_MAX - BETA_MIN) * t**2
    return np.exp(-0.5 * integral), np.sqrt(-np.expm1(-integral))


def time_features(t: ArrayLike, n_frequencies: int) -> np.ndarray:
    """Return what the network is told of the time: cos(πkt) and sin(πkt) for k = 1, 2, ….

    One number would do in principle. Several hands of a clock, each faster than the last, let a
    dense layer tell apart times that are close to each other.

    Parameters
    ----------
    t : array-like of shape (n,)
    n_frequencies : int
        How many k, from 0 up.

    Returns
    -------
    features : ndarray of shape (n, 2 * n_frequencies)
        All cosines, then all sines.
    """
    check_whole("n_frequencies", n_frequencies, minimum=0)
    angles = np.pi * np.outer(t, np.arange(1, n_frequencies + 1))
    return np.concatenate([np.cos(angles), np.sin(angles)], axis=1)


def step_back(
    x_t: np.ndarray,
    x_0_hat: np.ndarray,
    t: float,
    s: float,
    *,
    eta: float = 1.0,
    z: np.ndarray | None = None,
    schedule: str = "cosine",
) -> np.ndarray:
    """Go from time t to an earlier time s, given an estimate of x_0.

    The estimate says what the noise in x_t was, ε̂ = (x_t − a_t x_0_hat) / b_t. A part of it is
    put back, and fresh noise z in place of another part:

        x_s = a_s x_0_hat + √(b_s² − d²) ε̂ + d z,    d = eta · (b_s / b_t) · √(1 − a_t² / a_s²)

    Parameters
    ----------
    x_t, x_0_hat : ndarray of shape (n_samples, n_features)
    t, s : float
        0 ≤ s < t ≤ 1.
    eta : float, default=1.0
        From 0, no fresh noise: the deterministic walk of [1]_, to 1, as much as q(x_s | x_t, x_0)
        has, the law of the noised sample on its way: the ancestral walk of [2]_.
    z : ndarray of shape (n_samples, n_features) or None
        Draws from N(0, 1); needed unless eta is 0.
    schedule : {"cosine", "linear"}, default="cosine"

    Returns
    -------
    x_s : ndarray of shape (n_samples, n_features)

    References
    ----------
    .. [1] Song, Meng and Ermon, "Denoising diffusion implicit models", ICLR 2021, equation 12.
    .. [2] Ho, Jain and Abbeel, "Denoising diffusion probabilistic models", NeurIPS 2020.
    """
    (a_s, a_t), (b_s, b_t) = signal_and_noise_level([s, t], schedule)
    if not s < t:
        raise ValueError(f"s must be an earlier time than t; got s = {s!r}, t = {t!r}")
    noise_hat = (x_t - a_t * x_0_hat) / b_t
    fresh = eta * b_s / b_t * math.sqrt(1 - (a_t / a_s) ** 2)
    x_s = a_s * x_0_hat + math.sqrt(max(b_s**2 - fresh**2, 0.0)) * noise_hat
    return x_s + fresh * z if eta > 0 else x_s


def walk_back(
    denoise: Callable[[np.ndarray, float], np.ndarray],
    x_t: ArrayLike,
    *,
    t_start: float = 1.0,
    n_steps: int = 100,
    eta: float = 1.0,
    schedule: str = "cosine",
    random_state: Any = None,
) -> np.ndarray:
    """Walk from noise to samples in equal steps of time, and return the whole path.

    Parameters
    ----------
    denoise : callable
        ``denoise(x_t, t)`` is given samples in rows and a number t, and returns its estimates of
        x_0: those of a `DiffusionModel`, or an exact E[x_0 | x_t] where it is known.
    x_t : array-like of shape (n_samples, n_features)
        Where to start: draws from N(0, I), or noised samples.
    t_start : float, default=1.0
        The time of `x_t`, above 0.
    n_steps : int, default=100
        One step from t = 1 returns the estimate itself, which is the mean of the data. (Exactly
        so where a_1 = 0, that is, with the cosine schedule.)
    eta, schedule
        As in `step_back`.
    random_state : int, numpy.random.Generator, numpy.random.RandomState or None, default=None
        Source of the fresh noise.

    Returns
    -------
    path : ndarray of shape (n_steps + 1, n_samples, n_features)
        At the times ``np.linspace(t_start, 0, n_steps + 1)``: from `x_t` to the samples.
    """
    x_t = check_array(x_t, dtype=np.float64, input_name="x_t")
    rng = as_generator(random_state)
    steps = _steps_back(denoise, x_t, t_start, n_steps, eta, schedule, rng)
    return np.stack([x_t, *steps])


def _steps_back(
    denoise: Callable[[np.ndarray, float], np.ndarray],
    x: np.ndarray,
    t_start: float,
    n_steps: int,
    eta: float,
    schedule: str,
    rng: np.random.Generator,
) -> Iterator[np.ndarray]:
    """Yield the samples after each step of a walk."""
    check_number("t_start", t_start, above=0, maximum=1)
    check_whole("n_steps", n_steps)
    check_number("eta", eta, minimum=0, maximum=1)
    times = np.linspace(t_start, 0, n_steps + 1).tolist()
    for t, s in zip(times, times[1:]):
        z = rng.standard_normal(x.shape) if eta > 0 else None
        x = step_back(x, denoise(x, t), t, s, eta=eta, z=z, schedule=schedule)
        yield x


def _check_times(name: str, t: ArrayLike) -> np.ndarray:
    """Return times as an array of numbers from 0 to 1."""
    try:
        t = np.asarray(t, dtype=np.float64)
    except (TypeError, ValueError):
        raise TypeError(f"{name} must be a number from 0 to 1, or several; got {t!r}") from None
    if not np.all((t >= 0) & (t <= 1)):  # which NaN is not
        raise ValueError(f"{name} must lie from 0 to 1; got {t[~((t >= 0) & (t <= 1))][:5]}")
    return t


# ----------------------------------------------------------------------------------- the model


class DiffusionModel(ClassConditional, StorableForSampling, MinibatchEstimator):
    """Diffusion model: a network learns to find the noise in noised samples.

    A sample is noised at a time t between 0 and 1,

        x_t = a_t x_0 + b_t ε,    ε ~ N(0, I),    a_t² + b_t² = 1,

    so that x_t is the sample itself at t = 0 and nothing but noise at t = 1. A network is given
    x_t and t and says what ε was, and so what the sample was: x̂_0 = (x_t − b_t ε̂) / a_t. What is
    made small is the error of both,

        L = (1/n) Σ [ ‖ε − ε̂‖² + ‖x_0 − x̂_0‖² ],

    over the n samples of a minibatch, each with a fresh ε and a time of its own, evenly spread
    over [0, 1]. The best it can do are the conditional means E[ε | x_t] and E[x_0 | x_t], the
    second a blur if much is noise. New samples are drawn from N(0, I) at t = 1 and walked back in
    small steps, each to where the estimate points, see `step_back`.

    The network F, with dense layers, adds to a first guess:

        ε̂ = b_t x_t + a_t F(x_t, t),    x̂_0 = a_t x_t − b_t F(x_t, t).

    The guess is exact for data that are N(0, I). What F has to say is v = a_t ε − b_t x_0 [4]_, and
    the loss is its error: ε − ε̂ = a_t (v − F) and x_0 − x̂_0 = −b_t (v − F), so that

        L = (1/n) Σ ‖v − F(x_t, t)‖²,    ∂L/∂F = (2/n) (F − v).

    The first of the two errors alone is the loss of Ho et al. [2]_; its minimiser is the same, but
    it says little about F where t is near 1, from where samples set out.

    With labels, ``fit(X, y)``, the model is class-conditional: F is told the label too, as one
    number of −1 or +1 for two classes, as a column of an identity matrix for more.

    Columns of X are to have a scale of about 1, since the noise has.

    Parameters
    ----------
    hidden_layer_sizes : int or sequence of int, default=(128, 128, 128)
        Sizes of the hidden layers of F. May be empty.
    schedule : {"cosine", "linear"}, default="cosine"
        How a_t and b_t change with t, see `signal_and_noise_level`.
    n_frequencies : int, default=8
        F is told t as cos(πkt) and sin(πkt), k = 1, …, n_frequencies. With 0 it is not told t.
    activation : str, default="silu"
        What follows each hidden layer: "identity", "tanh", "sigmoid", "relu", "leaky_relu",
        "softplus" or "silu".
    bounds : None or pair of float, default=None
        The least and the greatest value that X may hold, if many values are exactly that: black
        pixels, readings at the end of a scale. A walk of normal steps does not end on such an
        edge. With bounds, a value at one of them is drawn anew from beyond it in each training
        step, at a distance of ``|N(0, s²)|``, where s is a quarter of the range, and samples are
        clipped.
    learning_rate_init : float, default=0.003
        Step size of Adam to begin with.
    decay_from, decay_to : float, default=0.5 and 0.02
        The step size stays as it is for the fraction `decay_from` of `max_iter` and then falls in
        a straight line to the fraction `decay_to` of itself. With ``decay_to=1`` it never changes.
    weight_averaging : float, default=0.998
        Predictions take the running average of F's parameters, ω ← κ ω + (1 − κ) θ after each
        step, κ being this number, or 1 − 1/k in step k where that is less. In [0, 1); 0 averages
        nothing.
    batch_size : int, default=64
        Samples in a minibatch; the last of an epoch may be smaller.
    max_iter : int, default=500
        Number of epochs, each one pass over all samples.
    random_state : int, numpy.random.Generator, numpy.random.RandomState or None, default=None
        Source of the weights to start from, of the order of samples, of times and noise.
    verbose : bool, default=False
        Show a progress bar.
    dtype : {"float32", "float64"}, default="float32"
        Precision of the training loop. Everything that is computed with the trained network is
        computed and returned in double precision.

    Attributes
    ----------
    network_ : helpers.nn.Network
        F, from x_t with the time's features and the label's code below.
    averaged_network_ : helpers.nn.Network
        F with the running average as parameters.
    optimizer_ : helpers.nn.Adam
    loss_curve_ : list of float
        L of each epoch: the mean over its minibatches, each taken before its step.
    n_iter_ : int
        Number of epochs trained.
    classes_ : ndarray or None
        The labels, sorted; None without labels.
    class_prior_ : ndarray or None
        Their fractions among the rows that training started with.
    n_features_in_ : int
        Number of features seen in `fit`.
    feature_names_in_ : ndarray of str
        Their names, where X has names.

    References
    ----------
    .. [1] Sohl-Dickstein, Weiss, Maheswaranathan and Ganguli, "Deep unsupervised learning using
       nonequilibrium thermodynamics", ICML 2015.
    .. [2] Ho, Jain and Abbeel, "Denoising diffusion probabilistic models", NeurIPS 2020.
    .. [3] Song, Meng and Ermon, "Denoising diffusion implicit models", ICLR 2021.
    .. [4] Salimans and Ho, "Progressive distillation for fast sampling of diffusion models",
       ICLR 2022.

    Examples
    --------
    >>> import numpy as np
    >>> from helpers.models import DiffusionModel
    >>> X = np.random.default_rng(0).normal(loc=[2, -1], size=(200, 2))
    >>> model = DiffusionModel((16,), max_iter=5, random_state=0).fit(X)
    >>> model.sample(3, random_state=1).shape
    (3, 2)
    >>> X_t, noise = model.add_noise(X, t=0.5, random_state=1)
    >>> model.predict_noise(X_t, t=0.5).shape
    (200, 2)
    """

    only_for_training = ("network_", "optimizer_", "loss_curve_", "_rng")

    def __init__(
        self,
        hidden_layer_sizes: int | Sequence[int] = (128, 128, 128),
        *,
        schedule: str = "cosine",
        n_frequencies: int = 8,
        activation: str = "silu",
        bounds: tuple[float, float] | None = None,
        learning_rate_init: float = 0.003,
        decay_from: float = 0.5,
        decay_to: float = 0.02,
        weight_averaging: float = 0.998,
        batch_size: int = 64,
        max_iter: int = 500,
        random_state: int | np.random.Generator | np.random.RandomState | None = None,
        verbose: bool = False,
        dtype: DTypeLike = "float32",
    ) -> None:
        """Store the parameters; they are checked when training starts."""
        self.hidden_layer_sizes = hidden_layer_sizes
        self.schedule = schedule
        self.n_frequencies = n_frequencies
        self.activation = activation
        self.bounds = bounds
        self.learning_rate_init = learning_rate_init
        self.decay_from = decay_from
        self.decay_to = decay_to
        self.weight_averaging = weight_averaging
        self.batch_size = batch_size
        self.max_iter = max_iter
        self.random_state = random_state
        self.verbose = verbose
        self.dtype = dtype

    # --- what the trained network does ----------------------------------------------------------

    def add_noise(
        self, X: ArrayLike, t: ArrayLike, random_state: Any = None
    ) -> tuple[np.ndarray, np.ndarray]:
        """Noise samples: draw ε and return x_t = a_t x_0 + b_t ε.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
        t : float, or array-like of shape (n_samples,)
            One time for all samples, or one for each.
        random_state : int, numpy.random.Generator, numpy.random.RandomState or None, default=None
            A whole number makes every call the same.

        Returns
        -------
        X_t, noise : ndarray of shape (n_samples, n_features)
        """
        X, t = self._check_rows(X, t)
        a, b = signal_and_noise_level(t[:, None], self.schedule)
        noise = as_generator(random_state).standard_normal(X.shape)
        return a * X + b * noise, noise

    def predict_noise(self, X_t: ArrayLike, t: ArrayLike, y: Any = None) -> np.ndarray:
        """Return ε̂ = b_t x_t + a_t F(x_t, t), what the model takes for the noise in each sample.

        Parameters
        ----------
        X_t : array-like of shape (n_samples, n_features)
            Noised samples.
        t : float, or array-like of shape (n_samples,)
            Their times: one for all, or one for each.
        y : label, array-like of shape (n_samples,) or None, default=None
            A class-conditional model needs it.

        Returns
        -------
        noise : ndarray of shape (n_samples, n_features)
        """
        X_t, t = self._check_rows(X_t, t)
        a, b = signal_and_noise_level(t[:, None], self.schedule)
        labels = self._label_rows(y, len(X_t))
        return b * X_t + a * self._apply(self._network_in_use(), X_t, t, labels)

    def denoise(self, X_t: ArrayLike, t: ArrayLike, y: Any = None) -> np.ndarray:
        """Return x̂_0 = a_t x_t − b_t F(x_t, t), the estimate of what the samples were.

        Parameters
        ----------
        X_t, t, y
            As in `predict_noise`.

        Returns
        -------
        X : ndarray of shape (n_samples, n_features)
        """
        X_t, t = self._check_rows(X_t, t)
        return self._estimate(self._network_in_use(), X_t, t, self._label_rows(y, len(X_t)))

    def sample(
        self,
        n_samples: int = 1,
        y: Any = None,
        *,
        random_state: Any = None,
        n_steps: int = 100,
        eta: float = 1.0,
    ) -> np.ndarray:
        """Generate samples: draw noise from N(0, I) and walk it back.

        Parameters
        ----------
        n_samples : int, default=1
        y : label, array-like of shape (n_samples,) or None, default=None
            For a class-conditional model: the label of all samples, or one for each. None draws
            labels by `class_prior_`.
        random_state : int, numpy.random.Generator, numpy.random.RandomState or None, default=None
            A whole number makes every call the same.
        n_steps : int, default=100
            Number of steps from noise to sample. Any number will do for any trained model; fewer
            are faster and coarser.
        eta : float, default=1.0
            From 0, the deterministic walk, to 1, the ancestral one; see `step_back`.

        Returns
        -------
        X : ndarray of shape (n_samples, n_features)

        Raises
        ------
        TypeError, ValueError
            If an argument is not of the kind above, or y holds something else than the labels that
            the model was trained with.
        """
        check_is_fitted(self)
        check_whole("n_samples", n_samples)
        rng = as_generator(random_state)
        noise = rng.standard_normal((n_samples, self.n_features_in_))
        if y is None:
            y = self._draw_classes(n_samples, rng)
        path = self._walk(noise, y, 1.0, n_steps, eta, rng)
        return self._within_bounds(deque(path, maxlen=1).pop())

    def walk(
        self,
        X_t: ArrayLike,
        y: Any = None,
        *,
        t_start: float = 1.0,
        n_steps: int = 100,
        eta: float = 1.0,
        random_state: Any = None,
    ) -> np.ndarray:
        """Walk noise, or noised samples, back to samples, and return the whole path.

        Parameters
        ----------
        X_t : array-like of shape (n_samples, n_features)
            Draws from N(0, I), or what `add_noise` returned for the time `t_start`.
        y : label, array-like of shape (n_samples,) or None, default=None
            A class-conditional model needs it.
        t_start : float, default=1.0
            The time of `X_t`, above 0.
        n_steps, eta, random_state
            As in `sample`.

        Returns
        -------
        path : ndarray of shape (n_steps + 1, n_samples, n_features)
            At the times ``np.linspace(t_start, 0, n_steps + 1)``: ``path[0]`` is `X_t`,
            ``path[-1]`` the samples, which alone are clipped to `bounds`.
        """
        X_t, _ = self._check_rows(X_t)
        rng = as_generator(random_state)
        path = np.stack([X_t, *self._walk(X_t, y, t_start, n_steps, eta, rng)])
        path[-1] = self._within_bounds(path[-1])
        return path

    def score(self, X: ArrayLike, y: Any = None) -> float:
        """Return minus the loss, −(1/n) Σ ‖v − F‖², with times evenly spread over [0, 1].

        Times and noise are always the same ones for a given number of rows. With few rows it says
        little, for much of the noise cannot be known; repeat them (``np.tile(X, (20, 1))``).

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
        y : label, array-like of shape (n_samples,) or None, default=None
            A class-conditional model needs it.

        Returns
        -------
        score : float
            At most 0; greater is better.
        """
        rng = np.random.default_rng(0)
        X, _ = self._check_rows(X)
        t = rng.permutation((np.arange(len(X)) + 0.5) / len(X))
        X = self._beyond_bounds(X, rng)
        X_t, noise = self.add_noise(X, t, rng)
        a, b = signal_and_noise_level(t[:, None], self.schedule)
        labels = self._label_rows(None if self.classes_ is None else y, len(X))
        F = self._apply(self._network_in_use(), X_t, t, labels)
        return -squared_error(F.T, (a * noise - b * X).T)[0]

    def _check_rows(self, X: ArrayLike, t: ArrayLike = 0.0) -> tuple[np.ndarray, np.ndarray]:
        """Return samples in double precision, and a time for each."""
        check_is_fitted(self)
        X = validate_data(self, X, dtype=np.float64, reset=False)
        t = _check_times("t", t)
        if t.shape not in ((), (len(X),)):
            raise ValueError(
                f"t must be one number, or one for each of {len(X)} rows; got shape {t.shape}"
            )
        return X, np.broadcast_to(t, len(X))

    def _within_bounds(self, X: np.ndarray) -> np.ndarray:
        """Clip samples, if there are bounds."""
        return X if self.bounds is None else X.clip(*self.bounds)

    def _beyond_bounds(self, x: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """Draw values at a bound anew from beyond it, so that `_within_bounds` gives them back."""
        if self.bounds is None:
            return x
        low, high = map(x.dtype.type, self.bounds)
        beyond = np.abs(rng.standard_normal(x.shape, dtype=x.dtype)) * (BEYOND * (high - low))
        return x + beyond * (x >= high) - beyond * (x <= low)

    def _network_in_use(self) -> Network:
        network = self.averaged_network_.astype(np.float64)
        network.set_training(False)
        return network

    def _apply(
        self, network: Network, X_t: np.ndarray, t: np.ndarray, labels: np.ndarray
    ) -> np.ndarray:
        """Return F(x_t, t) in rows."""
        features = time_features(t, self.n_frequencies)
        return network.forward(np.concatenate([X_t.T, features.T, labels])).T

    def _estimate(
        self, network: Network, X_t: np.ndarray, t: np.ndarray, labels: np.ndarray
    ) -> np.ndarray:
        """Return x̂_0 in rows."""
        a, b = signal_and_noise_level(t[:, None], self.schedule)
        return a * X_t - b * self._apply(network, X_t, t, labels)

    def _walk(
        self,
        X_t: np.ndarray,
        y: Any,
        t_start: float,
        n_steps: int,
        eta: float,
        rng: np.random.Generator,
    ) -> Iterator[np.ndarray]:
        network, labels = self._network_in_use(), self._label_rows(y, len(X_t))

        def denoise(x: np.ndarray, t: float) -> np.ndarray:
            return self._estimate(network, x, np.full(len(x), t), labels)

        return _steps_back(denoise, X_t, t_start, n_steps, eta, self.schedule, rng)

    # --- training -------------------------------------------------------------------------------

    def _check_parameters(self) -> None:
        super()._check_parameters()
        layer_sizes("hidden_layer_sizes", self.hidden_layer_sizes)
        check_choice("schedule", self.schedule, SCHEDULES)
        check_whole("n_frequencies", self.n_frequencies, minimum=0)
        check_choice("activation", self.activation, tuple(ACTIVATIONS))
        self._check_bounds()
        check_number("decay_from", self.decay_from, minimum=0, below=1)
        check_number("decay_to", self.decay_to, above=0)
        check_number("weight_averaging", self.weight_averaging, minimum=0, below=1)

    def _check_bounds(self) -> None:
        if self.bounds is None:
            return
        if not is_pair(self.bounds):
            raise ValueError(f"bounds must be None or a pair of numbers; got {self.bounds!r}")
        low, high = self.bounds
        check_number("the first of bounds", low)
        check_number("the second of bounds", high, above=low)

    def _take_in(self, X: ArrayLike, y: Any, *, reset: bool) -> np.ndarray:
        """Check samples and labels; return them in columns, with the code of each label below."""
        X = validate_data(self, X, dtype=self.dtype, reset=reset)
        if self.bounds is not None:
            low, high = map(X.dtype.type, self.bounds)
            if X.min() < low or X.max() > high:
                raise ValueError(
                    f"X must lie within bounds, {self.bounds!r}; it goes from {X.min():g} to "
                    f"{X.max():g}"
                )
        if reset:
            self._note_classes(X, y)
        if y is not None:
            y = check_labels(y, X)
        return np.concatenate([X.T, self._label_rows(y, len(X))])

    def _build(self, n_features: int, rng: np.random.Generator) -> None:
        hidden = layer_sizes("hidden_layer_sizes", self.hidden_layer_sizes)
        n_in = n_features + 2 * self.n_frequencies + len(self._codes)
        layers = dense_layers([n_in, *hidden, n_features], self.activation)
        self.network_ = Network(layers, random_state=rng, dtype=self.dtype)
        self.averaged_network_ = self.network_.astype(self.dtype)
        self.optimizer_ = Adam(self.learning_rate_init)
        self._n_steps_taken = 0

    def _training_step(self, columns: np.ndarray) -> float:
        """Draw times and noise, write the gradient, step, and average."""
        f, n = self.n_features_in_, columns.shape[1]
        t = (np.arange(n) + self._rng.random()) / n
        noise = self._rng.standard_normal((f, n), dtype=columns.dtype)
        x_0 = self._beyond_bounds(columns[:f], self._rng)
        loss = self._gradient(x_0, columns[f:], t, noise)
        progress = min(self.n_iter_ / self.max_iter, 1.0)
        factor = decay(progress, self.decay_from, self.decay_to)
        self.optimizer_.learning_rate = float(factor * self.learning_rate_init)
        self.optimizer_.step(self.network_.parameters, self.network_.gradients)
        self._average()
        return loss

    def _gradient(
        self, x_0: np.ndarray, labels: np.ndarray, t: np.ndarray, noise: np.ndarray
    ) -> float:
        """Write the gradient of L for samples in columns, given times and noise; return L."""
        network = self.network_
        a, b = (level.astype(x_0.dtype) for level in signal_and_noise_level(t, self.schedule))
        features = time_features(t, self.n_frequencies).T.astype(x_0.dtype)
        x_t, v = a * x_0 + b * noise, a * noise - b * x_0
        F = network.forward(np.concatenate([x_t, features, labels]))
        loss, dF = squared_error(F, v)
        network.backward(dF, input_gradient=False)
        return loss

    def _average(self) -> None:
        """Move the averaged parameters towards those of this step."""
        self._n_steps_taken += 1
        average = self.averaged_network_.parameters
        rate = 1 - min(self.weight_averaging, 1 - 1 / self._n_steps_taken)
        average += rate * (self.network_.parameters - average)
