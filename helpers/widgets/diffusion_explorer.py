"""A diffusion model, live: how much noise, what the network takes it for, how many steps back."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Any, NamedTuple

import matplotlib.pyplot as plt
import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.utils.validation import check_is_fitted

from helpers.checks import check_choice, check_number, check_whole
from helpers.datasets import load_digit_images, make_modes
from helpers.metrics import precision_recall
from helpers.models import DiffusionModel
from helpers.models.diffusion import signal_and_noise_level
from helpers.models.pretrained import load_pretrained
from helpers.plots import DescribedFigure, with_alt
from helpers.widgets import svg
from helpers.widgets.live import LiveWidget, setting
from helpers.widgets.pictures import as_rows, draw_tiles, tiled

ANY = "any"
WALKS = {"deterministic": 0.0, "ancestral": 1.0}
"""How a walk leads back, and the eta of `DiffusionModel` that goes with it."""

STEPS = (1, 2, 3, 5, 10, 20, 50)
"""The notches of the number of steps, at which samples are measured."""

TIMES = np.linspace(0, 1, 26)
LARGEST_SEED = 2**32 - 1
N_SHOWN = {"plane": 60, "pictures": 4}
N_SAMPLES = {"plane": 100, "pictures": 21}
N_MEASURED = 150


# --------------------------------------------------------------------------- what is shown


class Measures(NamedTuple):
    """What is measured of samples: precision and recall beside real ones, k = 5."""

    precision: float
    recall: float


class Guesses(NamedTuple):
    """Guesses of x_0 from noised data: how far they spread, and how far off they are."""

    spread: float
    off: float


class Diffusion:
    """A trained model with data of its kind: noised, guessed, sampled and measured on demand.

    Parameters
    ----------
    model : DiffusionModel
        Fitted.
    X : ndarray of shape (n, n_features)
        Two features make up points of the plane, a square number of them pictures, −1 to 1.
    y : ndarray of shape (n,), optional
        Their labels, for a model that was trained with labels.
    """

    def __init__(self, model: DiffusionModel, X: NDArray, y: NDArray | None = None):
        self.model, self.X, self.y = model, X, y
        self.kind = "plane" if X.shape[1] == 2 else "pictures"
        self.side = 0 if self.kind == "plane" else math.isqrt(X.shape[1])
        self.n_samples = N_SAMPLES[self.kind]
        classes = [] if model.classes_ is None else [str(label) for label in model.classes_]
        self.labels = [ANY, *classes]
        self.spread = _spread(X)
        # What a setting leads to is kept; there are few settings, and a learner goes to and fro.
        self.walk, self.measured = cache(self._walk), cache(self._measured)
        self.noised, self.guessed = cache(self._noised), cache(self._guessed)

    def guess(self, X_t: NDArray, t: Any, y: Any) -> NDArray:
        """What the network takes noised samples for, cut off at bounds as samples are."""
        guess, bounds = self.model.denoise(X_t, t, y), self.model.bounds
        return guess if bounds is None else guess.clip(*bounds)

    def _noised(self, t: float, seed: int, label: str) -> tuple[NDArray, NDArray, NDArray]:
        """Some data, the same noised at t, and the network's guesses."""
        rng = np.random.default_rng(seed)
        possible = np.arange(len(self.X)) if label == ANY else self._rows_of(label)
        rows = rng.choice(possible, N_SHOWN[self.kind])
        X, y = self.X[rows], None if self.y is None else self.y[rows]
        X_t, _ = self.model.add_noise(X, t, rng)
        return X, X_t, self.guess(X_t, t, y)

    def _guessed(self, t: float) -> Guesses:
        """Spread and error of the guesses of many data, as shares of the data's own spread."""
        X, y = self.X[:N_MEASURED], None if self.y is None else self.y[:N_MEASURED]
        guess = self.guess(self.model.add_noise(X, t, 0)[0], t, y)
        off = math.sqrt(np.mean(np.sum((guess - X) ** 2, axis=1)))
        return Guesses(_spread(guess) / self.spread, off / self.spread)

    def _walk(self, seed: int, n_steps: int, walk: str, label: str) -> tuple[NDArray, Any]:
        """The walk of samples, shape (n_steps + 1, n_samples, n_features), and their labels."""
        rng = np.random.default_rng(seed)
        noise = rng.standard_normal((self.n_samples, self.X.shape[1]))
        y = self._draw(self.n_samples, label, rng)
        return self.model.walk(noise, y, n_steps=n_steps, eta=WALKS[walk], random_state=rng), y

    def _measured(self, n_steps: int, walk: str) -> Measures:
        """Precision and recall of samples of all classes, drawn by a seed of their own."""
        rng = np.random.default_rng(0)
        y = self._draw(N_MEASURED, ANY, rng)
        made = self.model.sample(N_MEASURED, y, n_steps=n_steps, eta=WALKS[walk], random_state=rng)
        return Measures(*precision_recall(self.X[:N_MEASURED], made))

    def _draw(self, n: int, label: str, rng: np.random.Generator) -> Any:
        classes = self.model.classes_
        if classes is None:
            return None
        if label != ANY:
            return np.full(n, self._class_of(label))
        return classes[rng.permutation(np.resize(np.arange(len(classes)), n))]

    def _class_of(self, label: str) -> Any:
        return self.model.classes_[self.labels.index(label) - 1]

    def _rows_of(self, label: str) -> NDArray:
        return np.flatnonzero(self.y == self._class_of(label))


def _spread(X: NDArray) -> float:
    """The root of the mean squared distance of rows from their mean."""
    return math.sqrt(np.mean(np.sum((X - X.mean(axis=0)) ** 2, axis=1)))


@cache
def pretrained() -> Mapping[str, Diffusion]:
    """The models trained with the course, for the ring and for digits, each with its data."""
    models = load_pretrained("diffusion").estimators
    ring = make_modes(2000, random_state=1)
    digits = load_digit_images()
    order = np.random.default_rng(0).permutation(len(digits.images))
    pixels, target = 2 * digits.data[order] / digits.data.max() - 1, digits.target[order]
    data = {"ring": (ring, None), "digits": (pixels, target)}
    return {
        name: Diffusion(models[name], X, y if models[name].classes_ is not None else None)
        for name, (X, y) in data.items()
    }


def _as_diffusions(models: Any, X: Any, y: Any) -> Mapping[str, Diffusion]:
    """Models by name, each with its data, checked."""
    models = models if isinstance(models, Mapping) else {"data": models}
    data, labels = (v if isinstance(v, Mapping) else dict.fromkeys(models, v) for v in (X, y))
    return {
        name: _as_diffusion(name, model, data.get(name), labels.get(name))
        for name, model in models.items()
    }


def _as_diffusion(name: str, model: Any, X: ArrayLike, y: ArrayLike | None) -> Diffusion:
    if not isinstance(model, DiffusionModel):
        raise TypeError(f"a DiffusionModel is expected for {name!r}; given {model!r}")
    check_is_fitted(model)
    X = as_rows(f"X of {name!r}", X).astype(float)
    n, d = X.shape[0], math.prod(X.shape[1:])
    X = X.reshape(n, d)
    if d != model.n_features_in_:
        raise ValueError(f"{name!r} was trained on {model.n_features_in_} features; given {d}")
    if d != 2 and math.isqrt(d) ** 2 != d:
        raise ValueError(
            f"shown are points of the plane or square pictures, 2 features or a square number; "
            f"{name!r} has {d}"
        )
    if (y is None) != (model.classes_ is None):
        needs = "needs labels y" if y is None else "was trained without labels: y must be None"
        raise ValueError(f"the model for {name!r} {needs}")
    y = None if y is None else np.asarray(y)
    if y is not None and y.shape != (n,):
        raise ValueError(f"y of {name!r} must hold {n} labels; given shape {y.shape}")
    return Diffusion(model, X, y)


# ---------------------------------------------------------------------------- the state


@dataclass(frozen=True, eq=False)
class DiffusionState:
    """Everything the picture shows, or follows from."""

    diffusions: Mapping[str, Diffusion]
    data: str
    t: float = 0.5
    n_steps: int = 10
    walk: str = "deterministic"
    label: str = ANY
    sample: int = 1
    seed: int = 0

    def __post_init__(self):
        check_choice("data", self.data, tuple(self.diffusions))
        check_number("t", self.t, minimum=0, maximum=1)
        check_whole("n_steps", self.n_steps, maximum=STEPS[-1])
        check_choice("walk", self.walk, tuple(WALKS))
        check_choice("label", self.label, self.model.labels)
        check_whole("sample", self.sample, maximum=self.model.n_samples)
        check_whole("seed", self.seed, minimum=0, maximum=LARGEST_SEED)

    @property
    def model(self) -> Diffusion:
        """The model with its data."""
        return self.diffusions[self.data]

    @property
    def levels(self) -> tuple[float, float]:
        """Signal and noise level at t."""
        a, b = signal_and_noise_level(self.t, self.model.model.schedule)
        return a.item(), b.item()

    @cached_property
    def noised(self) -> tuple[NDArray, NDArray, NDArray]:
        """Some data, the same noised, and the network's guesses."""
        return self.model.noised(float(self.t), int(self.seed), self.label)

    @cached_property
    def guesses(self) -> Guesses:
        """Spread and error of the guesses of many data."""
        return self.model.guessed(float(self.t))

    @property
    def walked(self) -> NDArray:
        """The samples' whole walk, shape (n_steps + 1, n_samples, n_features)."""
        return self._walked[0]

    @property
    def _walked(self) -> tuple[NDArray, Any]:
        return self.model.walk(int(self.seed), int(self.n_steps), self.walk, self.label)

    @cached_property
    def strip(self) -> tuple[NDArray, NDArray, NDArray]:
        """The walk of the chosen sample at seven times at most, and the guesses there."""
        places = np.rint(np.linspace(0, self.n_steps, min(self.n_steps + 1, 7))).astype(int)
        times = 1 - places / self.n_steps
        path, y = self._walked
        x = path[places, self.sample - 1]
        y = None if y is None else np.full(len(x), y[self.sample - 1])
        return times, x, self.model.guess(x, times, y)

    @cached_property
    def measures(self) -> Measures:
        """Precision and recall of many samples in so many steps."""
        return self.model.measured(int(self.n_steps), self.walk)


# -------------------------------------------------------------------------- the picture

WIDTH, HEIGHT = 900, 400
TOP, SIZE = 34, 330
LEFT, MIDDLE, RIGHT = 14, 368, 728
REACH = 2.2  # planes show −REACH … REACH
PITCH, STEP = 47, 47  # of the samples and of the strips
ROW = 104  # from one row of noised pictures to the next
STRIP_TOP = TOP + 3 * PITCH + 34
CURVE_WIDTH, CURVE_HEIGHT = 156, 84
SPREAD_TOP, QUALITY_TOP = TOP + 26, TOP + 206
AREA_WIDTH, AREA_HEIGHT = RIGHT + CURVE_WIDTH - MIDDLE, SIZE
GUESS_COLOUR, DATA_COLOUR = svg.VERMILLION, svg.BLUE
LINES = {
    "precision": {"stroke": svg.BLUE, "stroke_width": 3},
    "recall": {"stroke": svg.VERMILLION, "stroke_width": 3, "dashes": "6 4"},
}
"""The measures that are drawn as curves, and how."""


def draw_picture(state: DiffusionState) -> str:
    """Noised data with guesses, samples with a walk, and curves of both: an SVG string."""
    draw = _draw_planes if state.model.kind == "plane" else _draw_pictures
    body = (
        draw(state)
        + svg.area(MIDDLE, TOP, AREA_WIDTH, AREA_HEIGHT)
        + _draw_spread(state)
        + _draw_quality(state)
    )
    return svg.document(WIDTH, HEIGHT, body, title="A diffusion model", description=describe(state))


def describe(state: DiffusionState) -> str:
    """The picture in words."""
    a, b = state.levels
    what = "points" if state.model.kind == "plane" else "pictures"
    of_class = "" if state.label == ANY else f" of class {state.label}"
    of_all = " of all classes" if len(state.model.labels) > 1 else ""
    steps = "1 step" if state.n_steps == 1 else f"{state.n_steps} steps"
    return (
        f"Diffusion model of {state.data}, {what}{of_class} at t = {state.t:.2f}: signal level "
        f"{a:.2f}, noise level {b:.2f}. The network's guesses of what noised data were have "
        f"{state.guesses.spread:.2f} of the data's spread and are {state.guesses.off:.2f} of it "
        f"off. {state.model.n_samples} samples by seed {state.seed}, {state.walk} in {steps}; "
        f"drawn out is the walk of sample {state.sample}. Of {N_MEASURED} samples{of_all}, "
        f"precision is {state.measures.precision:.2f}, recall {state.measures.recall:.2f}."
    )


def _titles(state: DiffusionState) -> str:
    steps = "1 step" if state.n_steps == 1 else f"{state.n_steps} steps"
    return svg.text(MIDDLE, 24, f"samples, {state.walk}, {steps}", bold=True)


def _levels_in_words(state: DiffusionState) -> str:
    a, b = state.levels
    return f"t = {state.t:.2f}: signal {a:.2f}, noise {b:.2f}"


def _on_plane(points: NDArray, left: float) -> NDArray:
    """Points of the plane in the units of the picture's square at `left`."""
    x, y = ((points + [REACH, REACH]) / (2 * REACH)).T
    return np.column_stack([left + x * SIZE, TOP + (1 - y) * SIZE])


def _off_plane(x: float, y: float) -> NDArray:
    """The point of the plane that the mouse points to in the middle square."""
    share = np.array([(x - MIDDLE) / SIZE, 1 - (y - TOP) / SIZE])
    return (2 * share - 1) * REACH


def _draw_planes(state: DiffusionState) -> str:
    """Noised points with lines to their guesses; samples, one of them with its walk."""
    _, x_t, guess = (_on_plane(points, 0) for points in state.noised)
    way = state.walked[:, state.sample - 1]
    samples = _on_plane(state.walked[-1], 0)
    data = _on_plane(state.model.X[:300], 0)
    lines = "".join(f"M{p[0]:.1f} {p[1]:.1f}L{q[0]:.1f} {q[1]:.1f}" for p, q in zip(x_t, guess))
    left = (
        svg.path(lines, stroke=svg.LINE, stroke_width=1)
        + svg.dots(x_t, size=5, fill=DATA_COLOUR)
        + svg.dots(guess, size=8, fill=GUESS_COLOUR)
    )
    right = (
        svg.dots(data, size=4, fill=svg.LINE)
        + svg.dots(samples, size=6, fill=DATA_COLOUR)
        + svg.polyline(_on_plane(way, 0), stroke=GUESS_COLOUR, stroke_width=2)
        + svg.dots(_on_plane(way[:-1], 0), size=6, fill=GUESS_COLOUR)
        + svg.circle(*_on_plane(way[-1:], 0)[0], 7, stroke=GUESS_COLOUR)
    )
    return (
        svg.text(LEFT, 24, _levels_in_words(state), bold=True)
        + _titles(state)
        + _framed(LEFT, left)
        + _framed(MIDDLE, right)
        + svg.dots([(LEFT + 6, TOP + SIZE + 19)], size=6, fill=DATA_COLOUR)
        + svg.text(LEFT + 16, TOP + SIZE + 24, "noised point, joined to")
        + svg.dots([(LEFT + 206, TOP + SIZE + 19)], size=9, fill=GUESS_COLOUR)
        + svg.text(LEFT + 218, TOP + SIZE + 24, "the guess of it")
        + svg.text(MIDDLE, TOP + SIZE + 24, f"ring: where the walk of sample {state.sample} ends")
    )


def _framed(left: float, body: str) -> str:
    """A square of the plane at `left`; what is drawn in it begins at the left edge of all."""
    inside = f'<g transform="translate(0 {-TOP})">{body}</g>'
    return svg.window(left, TOP, SIZE, SIZE, inside) + svg.rect(
        left, TOP, SIZE, SIZE, stroke=svg.LINE
    )


def _as_pictures(rows: NDArray, side: int) -> NDArray:
    """Pixels from 0 to 1 from rows of −1 to 1."""
    return (rows.reshape(-1, side, side) + 1) / 2


def _draw_pictures(state: DiffusionState) -> str:
    """Pictures, noised, guessed; samples, and below them the walk of one."""
    side = state.model.side
    titles = (
        "real",
        _levels_in_words(state),
        "what the network takes them for",
    )
    parts = [_titles(state)]
    for k, (words, rows) in enumerate(zip(titles, state.noised)):
        top = 24 + k * ROW
        parts.append(svg.text(LEFT, top, words, bold=True))
        parts.append(draw_tiles(_as_pictures(rows, side), 4, LEFT, top + 8, ROW - 24))
    parts.append(draw_tiles(_as_pictures(state.walked[-1], side), 7, MIDDLE, TOP, PITCH))
    row, column = divmod(state.sample - 1, 7)
    frame = PITCH * side / (side + 1)
    x, y = MIDDLE + column * PITCH, TOP + row * PITCH
    parts.append(svg.rect(x, y, frame, frame, stroke=GUESS_COLOUR, stroke_width=3))
    parts.append(
        svg.text(MIDDLE, STRIP_TOP - 8, f"walk of sample {state.sample}; below, guesses", bold=True)
    )
    times, *strips = state.strip
    for k, rows in enumerate(strips):
        top = STRIP_TOP + k * (STEP + 4)
        parts.append(draw_tiles(_as_pictures(rows, side), len(rows), MIDDLE, top, STEP))
    for k, t in enumerate(times.tolist()):
        words = "t = 1" if k == 0 else f"{t:.2f}".removeprefix("0") if t > 0 else "0"
        x = MIDDLE + k * STEP + frame / 2
        parts.append(svg.text(x, STRIP_TOP + 2 * STEP + 22, words, anchor="middle"))
    return "".join(parts)


def _curve(top: float, points: Mapping[str, NDArray], ticks: Mapping[float, str]) -> str:
    """A frame with curves from 0 to 1; places across are shares of its width."""
    bottom = top + CURVE_HEIGHT
    parts = [
        svg.rect(RIGHT, top, CURVE_WIDTH, CURVE_HEIGHT, stroke=svg.LINE),
        svg.text(RIGHT - 6, top + 12, "1", anchor="end"),
        svg.text(RIGHT - 6, bottom, "0", anchor="end"),
    ]
    for share, words in ticks.items():
        anchor = {0: "start", 1: "end"}.get(share, "middle")
        place = RIGHT + share * CURVE_WIDTH
        parts.append(svg.text(place, bottom + 19, words, anchor=anchor))
    for name, curve in points.items():
        drawn = [_on_curve(top, *point) for point in curve]
        parts.append(svg.polyline(drawn, **LINES.get(name, {"stroke": svg.INK})))
    return "".join(parts)


def _on_curve(top: float, across: float, height: float) -> tuple[float, float]:
    return RIGHT + across * CURVE_WIDTH, top + (1 - min(height, 1.05) / 1.05) * CURVE_HEIGHT


def _draw_spread(state: DiffusionState) -> str:
    """How far guesses spread at every t, and at the present one."""
    curve = np.array([(t, state.model.guessed(float(t)).spread) for t in TIMES])
    here = _on_curve(SPREAD_TOP, state.t, state.guesses.spread)
    return (
        svg.text(RIGHT, SPREAD_TOP - 32, "spread of guesses", bold=True)
        + svg.text(RIGHT, SPREAD_TOP - 11, f"now {state.guesses.spread:.2f} of data's")
        + _curve(SPREAD_TOP, {"spread": curve}, {0: "t = 0", 0.5: "", 1: "1"})
        + svg.circle(*here, 5, fill=svg.PAPER, stroke=svg.INK)
    )


def _share_of(n_steps: float) -> float:
    """Where a number of steps lies on a logarithmic axis from 1 to the most."""
    return math.log(n_steps) / math.log(STEPS[-1])


def _draw_quality(state: DiffusionState) -> str:
    """Precision and recall by the number of steps, and at the present one."""
    measured = {n: state.model.measured(n, state.walk) for n in STEPS}
    curves = {
        name: np.array([(_share_of(n), getattr(found, name)) for n, found in measured.items()])
        for name in LINES
    }
    parts = []
    for k, (name, style) in enumerate(LINES.items()):
        value = getattr(state.measures, name)
        y = QUALITY_TOP - 32 + 21 * k
        parts.append(svg.line(RIGHT - 16, y - 5, RIGHT + 8, y - 5, **style))
        parts.append(svg.text(RIGHT + 16, y, f"{name} {value:.2f}", bold=True))
    parts.append(
        _curve(
            QUALITY_TOP,
            curves,
            {0: "1", _share_of(3): "3", _share_of(10): "10", 1: "50"},
        )
    )
    parts.append(
        svg.text(RIGHT + CURVE_WIDTH / 2, QUALITY_TOP + CURVE_HEIGHT + 40, "steps", anchor="middle")
    )
    for name, style in LINES.items():
        here = _on_curve(QUALITY_TOP, _share_of(state.n_steps), getattr(state.measures, name))
        parts.append(svg.circle(*here, 5, fill=svg.PAPER, stroke=style["stroke"]))
    return "".join(parts)


# --------------------------------------------------------------------------- the widget


class DiffusionExplorer(LiveWidget):
    """A diffusion model: noise on data and the network's guess; samples in few or many steps.

    On the left stand real data, noised to the time t, and what the network takes them for: lines
    to its guesses in the plane, or a row of pictures. In the middle are samples of one seed, walked
    back in as many steps as one likes, with the whole walk of one of them; click another, or give
    its number. On the right one curve says how far the guesses spread at each t (0: all are the
    same), another what precision and recall of the samples are at each number of steps; click
    them, or drag.

    Parameters
    ----------
    models : DiffusionModel or mapping from str to DiffusionModel, optional
        Fitted. By default two that were trained with the course, for "ring" and "digits".
    X : array-like, or mapping from str to array-like, optional
        Data of the models' kind, two rows or more: points of shape (n, 2), or square pictures, in
        rows or not, with pixels of −1 to 1.
    y : array-like, or mapping from str to array-like, optional
        Their labels, for a model that was trained with labels.
    data : str, optional
        Which model to begin with; by default the first.
    t : float, default=0.5
        The time of the noise, from 0 (none) to 1 (nothing else).
    n_steps : int, default=10
        Number of steps from noise to sample, 1 to 50.
    walk : {"deterministic", "ancestral"}, default="deterministic"
        Without fresh noise on the way (eta = 0), or with (eta = 1).
    label : str, default="any"
        The class of data and samples, for a model with labels.
    sample : int, default=1
        The number of the sample whose walk is drawn, counted from 1.
    seed : int, default=0
        Of the noise.
    random_state : int, default=0
        Seed of the seeds that the button draws.

    Raises
    ------
    TypeError, ValueError
        If an argument is not of the kind or in the range above. ValueError also if the file of
        trained models is damaged.
    FileNotFoundError
        If it is missing.

    Examples
    --------
    >>> explorer = DiffusionExplorer()
    >>> explorer.t = 1
    >>> explorer.guesses.spread < 0.1
    True
    >>> explorer.n_steps = 1
    >>> explorer.measures.recall < 0.1
    True
    """

    data = setting("data", 'Which data and model, such as "ring" or "digits".')
    t = setting("t", "The time of the noise, from 0 to 1.")
    n_steps = setting("n_steps", "Number of steps from noise to sample, 1 to 50.")
    walk = setting("walk", 'How samples are walked back: "deterministic" or "ancestral".')
    label = setting("label", 'The class of data and samples, as a string, or "any".')
    sample = setting("sample", "Number of the sample whose walk is drawn, counted from 1.")
    seed = setting("seed", "Seed of the noise.")

    words_height, number_width, box_width, button_width = "6em", "18em", "88px", "5em"

    def __init__(
        self,
        models: Any = None,
        X: Any = None,
        y: Any = None,
        *,
        data: str | None = None,
        t: float = 0.5,
        n_steps: int = 10,
        walk: str = "deterministic",
        label: str = ANY,
        sample: int = 1,
        seed: int = 0,
        random_state: int = 0,
    ):
        if models is None:
            if X is not None or y is not None:
                raise ValueError("X and y go with models, and none is given")
            diffusions = pretrained()
        else:
            diffusions = _as_diffusions(models, X, y)
        data = next(iter(diffusions)) if data is None else data
        state = DiffusionState(diffusions, data, t, n_steps, walk, label, sample, seed)
        super().__init__(state, draw=draw_picture, describe=describe)
        self.add_class("live-compact")
        self._rng = np.random.default_rng(random_state)
        fields = state.__dataclass_fields__
        self._start = {n: getattr(state, n) for n in fields if n != "diffusions"}
        self._curve_held = ""  # which curve the mouse holds: "t", "n_steps" or nothing
        self._labels = self.choice("label", "Class", state.model.labels)
        self.arrange(
            self.pointer(self._drag, self._press),
            [
                self.choice("data", "Data", list(diffusions)),
                self._labels,
                self.choice("walk", "Walk", list(WALKS)),
                self.whole_number("sample", "Sample"),
                self.whole_number("seed", "Seed"),
                self.button("New seed", self.new_seed, "Draw other noise"),
                self.button("Reset", self.reset, "Return to the start"),
            ],
            [
                self.number("t", "Time of the noise, t", 0.0, 1.0, 0.02),
                self.scale("n_steps", "Steps", STEPS, write=self._write_steps),
            ],
        )

    def _write_steps(self, value: float) -> None:
        """Take a number of steps from a box that could hold fractions."""
        self.change(n_steps=int(value) if float(value).is_integer() else value)

    # ------------------------------------------------------------------------- the mouse

    def _press(self, across: float, up: float) -> None:
        """Choose the sample that is pressed, or take hold of the curve that is."""
        x, y = _place_of(across, up)
        self._curve_held = ""
        if x >= RIGHT - 10:
            for name, top in (("t", SPREAD_TOP), ("n_steps", QUALITY_TOP)):
                if top <= y <= top + CURVE_HEIGHT:
                    self._curve_held = name
        elif x <= MIDDLE + SIZE:
            number = self._sample_at(x, y)
            if number is not None:
                self.change(sample=number)

    def _sample_at(self, x: float, y: float) -> int | None:
        """The number of the sample at a place of the picture, or the nearest in the plane."""
        if self.state.model.kind == "plane":
            away = self.state.walked[-1] - _off_plane(x, y)
            return int(np.sum(away**2, axis=1).argmin()) + 1
        row, column = int((y - TOP) / PITCH), int((x - MIDDLE) / PITCH)
        return 7 * row + column + 1 if row < 3 and column < 7 else None

    def _drag(self, across: float, up: float) -> None:
        """Move along the curve that the mouse holds, if it holds one."""
        x, _ = _place_of(across, up)
        share = min(max((x - RIGHT) / CURVE_WIDTH, 0.0), 1.0)
        if self._curve_held == "t":
            self.change(t=share)
        elif self._curve_held == "n_steps":
            self.change(n_steps=round(STEPS[-1] ** share))

    # ------------------------------------------------------------------- state and picture

    def change(self, **values: Any) -> None:
        """Give settings new values; class and sample follow if they must."""
        diffusions = self.state.diffusions
        if "data" in values:
            check_choice("data", values["data"], tuple(diffusions))
        model = diffusions[values.get("data", self.data)]
        if "label" not in values and self.label not in model.labels:
            values["label"] = ANY
        if "sample" not in values:
            values["sample"] = min(self.sample, model.n_samples)
        super().change(**values)

    def _redraw(self) -> None:
        if list(self._labels.options) != self.state.model.labels:
            self._following = True  # a list that changes asks for nothing
            try:
                self._labels.options = self.state.model.labels
            finally:
                self._following = False
        super()._redraw()

    def new_seed(self) -> None:
        """Draw other noise, by a seed that is chosen at random."""
        self.change(seed=int(self._rng.integers(1, 1000)))

    def reset(self) -> None:
        """Return to the settings that the explorer began with."""
        self.change(**self._start)

    # -------------------------------------------------------------------- what is to be read

    @property
    def samples(self) -> NDArray:
        """The samples, shape (n_samples, n_features)."""
        return self.state.walked[-1].copy()

    @property
    def path(self) -> NDArray:
        """The walk of the chosen sample, shape (n_steps + 1, n_features)."""
        return self.state.walked[:, self.sample - 1].copy()

    @property
    def noised(self) -> tuple[NDArray, NDArray, NDArray]:
        """The data that are shown, the same noised, and the network's guesses of them."""
        return tuple(array.copy() for array in self.state.noised)

    @property
    def guesses(self) -> Guesses:
        """Spread and error of the guesses of many data, as shares of the data's spread."""
        return self.state.guesses

    @property
    def measures(self) -> Measures:
        """Precision and recall of samples drawn in so many steps."""
        return self.state.measures

    def figure(self) -> DescribedFigure:
        """Return the same picture as a figure of matplotlib, for print and without a kernel."""
        state = self.state
        fig, axes = plt.subplot_mosaic(
            [["noised", "samples", "spread"], ["noised", "samples", "quality"]],
            figsize=(11.5, 4.8),
            width_ratios=(3, 3, 2),
            layout="constrained",
        )
        fill = _fill_planes if state.model.kind == "plane" else _fill_pictures
        fill(state, axes["noised"], axes["samples"])
        axes["noised"].set_title(f"noised at t = {state.t:.2f}, and guesses")
        axes["samples"].set_title(f"{state.walk}, steps: {state.n_steps}")
        spreads = [state.model.guessed(float(t)).spread for t in TIMES]
        axes["spread"].plot(TIMES, spreads, color=svg.INK)
        axes["spread"].plot(state.t, state.guesses.spread, "o", color=svg.INK)
        axes["spread"].set(xlabel="t", ylim=(0, 1.1), title="spread of guesses")
        for name, style in LINES.items():
            values = [getattr(state.model.measured(n, state.walk), name) for n in STEPS]
            dashes = "--" if "dashes" in style else "-"
            axes["quality"].semilogx(STEPS, values, dashes, color=style["stroke"], label=name)
        axes["quality"].axvline(state.n_steps, color=svg.SOFT_INK, linewidth=1)
        axes["quality"].set_xticks(STEPS, [str(n) for n in STEPS])
        axes["quality"].minorticks_off()
        axes["quality"].set(xlabel="number of steps", ylim=(-0.03, 1.05))
        axes["quality"].legend(fontsize=11)
        return with_alt(fig, describe(state))


def _place_of(across: float, up: float) -> tuple[float, float]:
    """Where the mouse points, in the picture's units."""
    if not (0 <= across <= 1 and 0 <= up <= 1):
        raise ValueError(f"the mouse must point to places from 0 to 1; given {across}, {up}")
    return MIDDLE + across * AREA_WIDTH, TOP + (1 - up) * AREA_HEIGHT


def _fill_planes(state: DiffusionState, left: plt.Axes, right: plt.Axes) -> None:
    """Draw points, guesses, samples and the walk of one of them with matplotlib."""
    _, x_t, guess = state.noised
    left.plot(*np.stack([x_t, guess]).transpose(2, 0, 1), color=svg.LINE, lw=0.7)
    left.plot(*x_t.T, ".", color=DATA_COLOUR, ms=4)
    left.plot(*guess.T, "o", color=GUESS_COLOUR, ms=5)
    right.plot(*state.model.X[:300].T, ".", color=svg.LINE, ms=3)
    right.plot(*state.walked[-1].T, ".", color=DATA_COLOUR, ms=5)
    right.plot(*state.walked[:, state.sample - 1].T, ".-", color=GUESS_COLOUR, lw=1.5)
    for ax in (left, right):
        ax.set(xlim=(-REACH, REACH), ylim=(-REACH, REACH), aspect="equal")


def _fill_pictures(state: DiffusionState, left: plt.Axes, right: plt.Axes) -> None:
    """Draw pictures, noised ones and guesses; samples and the walk of one, with matplotlib."""
    side, (_, *walk) = state.model.side, state.strip
    gap = np.ones((7 - len(walk[0]), side * side))
    rows = np.concatenate(state.noised)
    strips = np.concatenate([state.walked[-1], walk[0], gap, walk[1], gap])
    for ax, some, n_columns in ((left, rows, 4), (right, strips, 7)):
        ax.imshow(tiled(_as_pictures(some, side), n_columns), cmap="gray", vmin=0, vmax=1)
        ax.set_axis_off()
