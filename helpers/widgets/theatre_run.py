"""A run on the stage of the GAN theatre: its settings, its training, and what can be seen of it.

A `Run` trains, and changes as it does. A `View` is what can be seen of a run at one moment, and a
`Record` what has been measured up to now; these two never change, so a picture can be drawn of
them at any time.
"""

from __future__ import annotations

import copy
import math
import numbers
from dataclasses import dataclass, fields, replace
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from helpers.checks import check_choice, check_flag
from helpers.metrics import coverage, mode_coverage
from helpers.models import GAN
from helpers.models.gan import LOSSES
from helpers.nn import Network
from helpers.widgets.theatre_data import (
    NOISE,
    PIXELS,
    PlaneData,
    blurred_density,
    grid_points,
    two_sample_score,
)

N_POINTS = 2000
"""Generated points behind a density and a count of modes; fewer are shown and scored."""

N_ARROWS = 60

BLUR = 0.07
"""Width of the kernel of density estimates."""

CLOSE_TOGETHER = 0.1
"""What is left of the untrained generator's spread if it is told where to start."""

LARGEST_LOSS = 1e9
"""A run with a loss beyond it has diverged."""

FARTHEST = 1e6
"""Generated points are not followed beyond it."""


# --------------------------------------------------------------------- the settings


@dataclass(frozen=True)
class Settings:
    """How a run is played. What is not about the start acts from the next step on.

    `hidden_width` 0 means no hidden layer: both players are linear. The discriminator takes
    `head_start` steps before the generator takes its first; with `start_at`, the points of the
    untrained generator lie there, close together. `averaged` shows and scores the running average
    of the generator instead of the generator that plays; the training is the same. All else is as
    in `helpers.models.GAN`.
    """

    loss: str = "non_saturating"
    r1: float = 0.1
    r2: float = 0.1
    instance_noise: float = 0.0
    learning_rate_init: float = 0.001
    discriminator_learning_rate_init: float = 0.001
    n_discriminator_steps: int = 1
    batch_size: int = 128
    weight_averaging: float = 0.995
    averaged: bool = False
    hidden_width: int = 64
    random_state: int = 0
    n_latent: int = 2
    beta_1: float = 0.0
    head_start: int = 0
    start_at: tuple[float, float] | None = None

    def __post_init__(self):
        check_choice("loss", self.loss, LOSSES)
        for name, (low, high) in LIMITS.items():
            check = as_whole if isinstance(low, int) else _as_number
            object.__setattr__(self, name, check(name, getattr(self, name), low, high))
        check_flag("averaged", self.averaged)
        if self.start_at is not None:
            object.__setattr__(self, "start_at", _as_place(self.start_at))

    def parameters(self) -> dict[str, Any]:
        """The parameters of the GAN that may be changed while it trains."""
        return {name: getattr(self, name) for name in LIVE if name != "averaged"}

    def build(self, data: PlaneData) -> GAN:
        """A GAN with these settings, untrained."""
        hidden = (self.hidden_width, self.hidden_width) if self.hidden_width else ()
        gan = GAN(
            hidden,
            hidden,
            self.n_latent,
            betas=(self.beta_1, 0.99),
            decay_to=1.0,  # a play has no end that step sizes could fall towards
            random_state=self.random_state,
            **self.parameters(),
        ).start(data.rows)
        if self.start_at is not None:
            last = gan.generator_.layers[-1]
            last.W *= CLOSE_TOGETHER
            last.b[:, 0] = self.start_at
        return gan


LIMITS = {
    "r1": (0.0, 1000.0),
    "r2": (0.0, 1000.0),
    "instance_noise": (0.0, 10.0),
    "learning_rate_init": (1e-6, 10.0),
    "discriminator_learning_rate_init": (1e-6, 10.0),
    "n_discriminator_steps": (1, 20),
    "batch_size": (2, 1024),
    "weight_averaging": (0.0, 0.9999),
    "hidden_width": (0, 256),
    "random_state": (0, 2**32 - 1),
    "n_latent": (2, 64),
    "beta_1": (0.0, 0.99),
    "head_start": (0, 5000),
}
AT_THE_START = ("hidden_width", "random_state", "n_latent", "beta_1", "head_start", "start_at")
"""Settings with which a run begins anew."""
SETTINGS = tuple(field.name for field in fields(Settings))
LIVE = tuple(name for name in SETTINGS if name not in AT_THE_START)


def _as_number(name: str, value: Any, low: float, high: float) -> float:
    expected = f"{name} must be a number from {low:g} to {high:g}"
    if isinstance(value, bool) or not isinstance(value, numbers.Real):
        raise TypeError(f"{expected}; given {value!r}")
    if not low <= value <= high:
        raise ValueError(f"{expected}; given {value}")
    return float(value)


def as_whole(name: str, value: Any, low: int, high: int) -> int:
    """Return a whole number within limits, or say what is wrong with it."""
    expected = f"{name} must be a whole number from {low} to {high}"
    if isinstance(value, bool) or not isinstance(value, numbers.Integral):
        raise TypeError(f"{expected}; given {value!r}")
    if not low <= value <= high:
        raise ValueError(f"{expected}; given {value}")
    return int(value)


def _as_place(value: Any) -> tuple[float, float]:
    try:
        across, up = value
    except (TypeError, ValueError):
        raise ValueError(f"start_at must be two numbers or None; given {value!r}") from None
    return tuple(_as_number("each number of start_at", x, -20.0, 20.0) for x in (across, up))


# ------------------------------------------------------------ what is kept of a run


class LossCurve:
    """A loss over time, in a bounded number of blocks; each holds the mean over its steps."""

    n_blocks = 256

    def __init__(self):
        self._sums, self._counts = np.zeros((2, self.n_blocks))
        self._width = 1

    def add(self, time: int, values: list[float]) -> None:
        """Note values for one step after another, the first of them taken at `time`."""
        times = time + np.arange(len(values))
        while len(times) and times[-1] >= self.n_blocks * self._width:
            self._halve()
        np.add.at(self._sums, times // self._width, values)
        np.add.at(self._counts, times // self._width, 1)

    def _halve(self) -> None:
        """Join neighbouring blocks, which makes room for as many again."""
        for blocks in (self._sums, self._counts):
            half = self.n_blocks // 2
            blocks[:half], blocks[half:] = blocks.reshape(half, 2).sum(axis=1), 0
        self._width *= 2

    def points(self) -> NDArray:
        """Time and mean of each block that is not empty, shape (n, 2)."""
        filled = np.flatnonzero(self._counts)
        times = (filled + 0.5) * self._width
        return np.column_stack([times, self._sums[filled] / self._counts[filled]])


class Thinned:
    """Things noted over time, a bounded number: when too many, every other one is forgotten."""

    def __init__(self, most: int):
        self.times: list[int] = []
        self.things: list[Any] = []
        self._most, self._apart = most, 1

    def is_due(self, time: int) -> bool:
        """Whether enough time has passed since the last one."""
        return not self.times or time >= self.times[-1] + self._apart

    def add(self, time: int, thing: Any) -> None:
        """Note a thing."""
        self.times.append(time)
        self.things.append(thing)
        if len(self.times) > self._most:
            del self.times[1::2], self.things[1::2]
            self._apart = math.ceil(time / (self._most / 2))

    def at(self, time: float) -> tuple[int, Any]:
        """Time of the last one noted by then, and what it was."""
        place = max(0, int(np.searchsorted(self.times, time, side="right")) - 1)
        return self.times[place], self.things[place]


class Scores(NamedTuple):
    """What is measured of a run as it trains."""

    accuracy: float
    """How often the discriminator is right, for held-out and generated points."""
    two_sample: float
    """`two_sample_score` of held-out against generated points."""
    covered: float
    """Covered modes; NaN where the data have none."""
    share: float
    """Share of generated points on a mode; else, of held-out points with generated ones near."""
    across: float
    up: float
    """The middle of the generated points."""


class Record(NamedTuple):
    """What was measured until now: a column of time first, then values."""

    d_loss: NDArray
    g_loss: NDArray
    scores: NDArray


# ----------------------------------------------------------------- what can be seen


class View:
    """What can be seen of a run at one moment; computed when it is first asked for.

    Parameters
    ----------
    time : int
    generator, discriminator : Network
        Copies that nothing else uses.
    loss : str
    data : PlaneData
    Z : ndarray of shape (N_POINTS, n_latent)
        The same at all times, so that generated points move and do not flicker.
    """

    def __init__(
        self,
        time: int,
        generator: Network,
        discriminator: Network,
        loss: str,
        data: PlaneData,
        Z: NDArray,
    ):
        self.time, self.loss, self.data = time, loss, data
        self._generator, self._discriminator, self._Z = generator, discriminator, Z
        self._maps: dict[tuple, NDArray] = {}

    @cached_property
    def points(self) -> NDArray:
        """Generated points, shape (N_POINTS, 2)."""
        return self._generate(self._Z)

    def warp(self) -> NDArray:
        """Where G sends the lines of a grid over its first two latent numbers.

        Shape (2, 9, 41, 2): lines of equal z1 and of equal z2, 41 points on each.
        """
        across, along = np.meshgrid(np.linspace(-2, 2, 9), np.linspace(-2, 2, 41), indexing="ij")
        Z = np.zeros((2, 9, 41, self._Z.shape[1]))
        Z[0, ..., 0], Z[0, ..., 1] = across, along
        Z[1, ..., 0], Z[1, ..., 1] = along, across
        return self._generate(Z.reshape(-1, Z.shape[-1])).reshape(2, 9, 41, 2)

    def _generate(self, Z: NDArray) -> NDArray:
        with np.errstate(all="ignore"):
            X = self._generator.forward(Z.T).T.astype(float)
        return np.clip(np.nan_to_num(X, nan=FARTHEST), -FARTHEST, FARTHEST)

    def _logits(self, X: NDArray) -> NDArray:
        with np.errstate(all="ignore"):
            a = self._discriminator.forward(X.T)[0].astype(float)
        return np.clip(np.nan_to_num(a), -FARTHEST, FARTHEST)

    @cached_property
    def _judged(self) -> tuple[NDArray, NDArray]:
        n = self.data.n_score
        return self._logits(self.data.held_out[:n]), self._logits(self.points[:n])

    @cached_property
    def _scale(self) -> tuple[float, float]:
        """The middle of a critic's verdicts on real and generated points, and their distance.

        The critic of "wasserstein_gp" gives no probability: only differences of it mean something.
        """
        real, fake = (float(a.mean()) for a in self._judged)
        return (real + fake) / 2, max(abs(real - fake), 1.0)

    def probability(self, logits: NDArray) -> NDArray:
        """What the discriminator says in numbers from 0, generated, to 1, real."""
        if self.loss == "least_squares":
            return np.clip(logits, 0, 1)
        if self.loss == "wasserstein_gp":
            middle, distance = self._scale
            return expit(4 * (logits - middle) / distance)
        return expit(logits)

    @cached_property
    def scores(self) -> Scores:
        """What is measured at this moment."""
        real, fake = (self.probability(a) for a in self._judged)
        n, data = self.data.n_score, self.data
        held_out, generated = data.held_out[:n], self.points[:n]
        if data.centers is None:
            covered, share = math.nan, coverage(held_out, generated, k=min(5, n - 1))
        else:
            found = mode_coverage(self.points, data.centers, NOISE)
            covered, share = found.n_covered, found.share_on_mode
        accuracy = ((real > 0.5).mean() + (fake <= 0.5).mean()) / 2
        two_sample = two_sample_score(held_out, generated)
        return Scores(accuracy, two_sample, covered, share, *self.points.mean(axis=0))

    @cached_property
    def push(self) -> NDArray:
        """−∂(generator's loss of one point)/∂point of the first points, shape (N_ARROWS, 2)."""
        logits = self._discriminator.forward(self.points[:N_ARROWS].T)
        with np.errstate(all="ignore"):
            slopes = LOSSES[self.loss][2](logits)[1]
            arrows = -self._discriminator.input_gradient(slopes).T.astype(float)
        return np.clip(np.nan_to_num(arrows), -FARTHEST, FARTHEST)

    def surface(self, reach: float) -> NDArray:
        """The discriminator's probability of "real" on the square ±reach, (PIXELS, PIXELS)."""
        return self._once(
            ("D", reach),
            lambda: self.probability(self._logits(grid_points(reach))).reshape(PIXELS, PIXELS),
        )

    def optimum(self, reach: float, noise: float) -> NDArray:
        """D* = p / (p + q) on the square ±reach, an estimate; NaN where there is hardly a point.

        Both densities are seen through the same blur, as wide as the estimate's kernel and the
        instance noise together.
        """
        blur = math.hypot(max(BLUR, 2 * reach / PIXELS), noise)

        def estimate() -> NDArray:
            p = self.data.density(reach, blur)
            q = blurred_density(self.points, reach, blur)
            both = p + q
            return np.where(both > 0.01 * both.max(), p / np.maximum(both, 1e-300), np.nan)

        return self._once(("D*", reach, blur), estimate)

    def _once(self, key: tuple, compute) -> NDArray:
        if key not in self._maps:
            self._maps[key] = compute()
        return self._maps[key]


# -------------------------------------------------------------------------- the run


class Run:
    """A GAN that is being trained, with its past.

    Time counts moves: a whole training step, or a step of one player alone, is one.

    Parameters
    ----------
    settings : Settings
    data : PlaneData

    Attributes
    ----------
    gan : GAN
    time : int
    problem : str
        Why it cannot go on, or nothing.
    """

    def __init__(self, settings: Settings, data: PlaneData):
        self.settings, self.data = settings, data
        self.gan = settings.build(data)
        self.time, self.problem = 0, ""
        self._d_loss, self._g_loss = LossCurve(), LossCurve()
        self._players, self._scores = Thinned(120), Thinned(240)
        rng = np.random.default_rng(settings.random_state)
        self._Z = rng.standard_normal((N_POINTS, settings.n_latent)).astype(np.float32)
        self._present: View | None = None
        self.note()

    def copy(self) -> Run:
        """Another run with the same past, which will be the same if it is played alike."""
        twin = copy.copy(self)
        for name in ("gan", "_d_loss", "_g_loss", "_players", "_scores"):
            setattr(twin, name, copy.deepcopy(getattr(self, name)))
        return twin

    def set(self, settings: Settings) -> None:
        """Go on with other settings; those of the start are not looked at."""
        if (settings.loss, settings.averaged) != (self.settings.loss, self.settings.averaged):
            self._present = None  # what is seen depends on nothing else
        self.settings = settings
        self.gan.set_params(**settings.parameters())

    def advance(self, n_steps: int) -> None:
        """Train: the discriminator alone as long as it has its head start, then both."""
        alone = min(n_steps, max(0, self.settings.head_start - self.time))
        if alone:
            self.discriminator_step(alone)
        if n_steps > alone and not self.problem:
            self._move(lambda: self.gan.training_step(self.data.rows, n_steps=n_steps - alone))

    def discriminator_step(self, n_steps: int = 1) -> None:
        """Let the discriminator alone take steps."""
        self._move(lambda: self.gan.discriminator_step(self.data.rows, n_steps=n_steps), 1)

    def generator_step(self) -> None:
        """Let the generator alone take a step."""
        self._move(self.gan.generator_step)

    def _move(self, train, d_steps_a_move: int = 0) -> None:
        """Train, and add the losses of what could be done to the curves."""
        gan = self.gan
        d_steps_a_move = d_steps_a_move or gan.n_discriminator_steps
        lists = gan.discriminator_loss_curve_, gan.generator_loss_curve_, gan.penalty_curve_
        for values in lists:  # they would grow as long as the play goes on
            values.clear()
        try:
            train()
        except FloatingPointError as problem:
            self.problem = str(problem)
        d_loss, g_loss, _ = lists
        halves = [value / 2 for value in d_loss[::d_steps_a_move]]
        if max(map(abs, [*halves, *g_loss]), default=0.0) > LARGEST_LOSS:
            self.problem = f"a loss is beyond {LARGEST_LOSS:g}"
        self._d_loss.add(self.time, halves)
        self._g_loss.add(self.time, g_loss)
        self.time += max(len(halves), len(g_loss))
        self._present = None

    def note(self) -> None:
        """Keep what the players are now, and measure them, if it is time to."""
        for kept, thing in ((self._players, self._parameters), (self._scores, self._measured)):
            if kept.is_due(self.time):
                kept.add(self.time, thing())

    def _parameters(self) -> tuple[NDArray, ...]:
        """Of the generator as it plays, of its average, and of the discriminator."""
        gan = self.gan
        players = gan.generator_, gan.averaged_generator_, gan.discriminator_
        return tuple(player.parameters.copy() for player in players)

    def _measured(self) -> Scores:
        return self.view().scores

    def view(self, time: float | None = None) -> View:
        """What can be seen now, or at the last moment that was kept by some time."""
        if time is not None and time < self.time:
            return self._view(*self._players.at(time))
        if self._present is None:
            self._present = self._view(self.time, self._parameters())
        return self._present

    def _view(self, time: int, parameters: tuple[NDArray, ...]) -> View:
        players = self.gan.generator_.astype(np.float32), self.gan.discriminator_.astype(np.float32)
        plays, average, discriminator = parameters
        players[0].parameters[:] = average if self.settings.averaged else plays
        players[1].parameters[:] = discriminator
        return View(time, *players, self.settings.loss, self.data, self._Z)

    def record(self) -> Record:
        """What was measured until now."""
        scores = np.column_stack([self._scores.times, self._scores.things])
        return Record(self._d_loss.points(), self._g_loss.points(), scores)


def changed(settings: Settings, **values: Any) -> Settings:
    """Settings with some of them replaced; an unknown name is refused."""
    unknown = [name for name in values if name not in SETTINGS]
    if unknown:
        raise TypeError(f"unknown setting {unknown[0]!r}; there are {', '.join(SETTINGS)}")
    return replace(settings, **values)
