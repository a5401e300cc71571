"""From blur to sharp, live: one generator for each weight of the adversarial loss.

All generators were trained beforehand (``make pretrained``), at weights w from 0 to 1 of the loss
(1 − w) · MSE + w · adversarial loss, with several seeds, and measured on digits that they had not
seen and on fresh turns of the head. What the picture shows is drawn on the spot by the generators
of the first seed; the plane and the table show what was measured of all. Between two weights there
is no model, so none is shown.
"""

from __future__ import annotations

import math
import numbers
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache, cached_property, lru_cache
from typing import Any, NamedTuple

import ipywidgets
import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from numpy.typing import NDArray
from scipy.ndimage import zoom
from sklearn.model_selection import train_test_split
from sklearn.utils import Bunch

from helpers.checks import check_choice
from helpers.datasets import load_digit_images
from helpers.metrics import gradient_energy, nearest_future, rmse, train_digit_classifier
from helpers.models import ConditionalImageGAN
from helpers.models.pretrained import load_pretrained
from helpers.plots import DescribedFigure, with_alt
from helpers.scenes import possible_futures
from helpers.widgets import svg
from helpers.widgets.futures import LARGEST_YAW, frames_at
from helpers.widgets.live import LiveWidget, setting
from helpers.widgets.pictures import draw_image

SCENES = {
    "heads": "a head that turns",
    "digits 2x2": "a digit from 2×2 pixels",
    "digits 4x4": "a digit from 4×4 pixels",
}
"""What is asked of the generators, by the name that `scene` takes."""

PERCEPTIONS = {"sharpness": "sharpness", "likeness": "like real ones?"}
"""What the plane shows upwards, by the name that `perception` takes."""

TURN = 30
"""The head turns by so many degrees, to the left or to the right."""

MOST_DRAWS = 6
LARGEST_SEED = 2**32 - 1


# ------------------------------------------------------- questions, and what answers are worth


class Measures(NamedTuple):
    """What is measured of a picture.

    `distance`: RMSE to the original, or to the nearest of the futures. `sharpness`: gradient
    energy, where real pictures have 1 on average. `seen_as`: of a head, which future it shows, or
    "mean" if it is nearer to the mean of both; of a digit, what a classifier takes it for.
    """

    distance: float
    sharpness: float
    seen_as: str


class Reference(NamedTuple):
    """A picture to compare with, or several small ones; its title and the words beneath."""

    title: str
    pictures: NDArray
    words: list[str]


@dataclass(frozen=True, eq=False)
class Question:
    """One input, and what is known of the answer.

    Attributes
    ----------
    row : ndarray of shape (n_features,)
        What the generators are told, −1 … 1.
    truths : ndarray of shape (n_truths, height, width)
        Both futures of a head, or the original of a digit; pixels 0 … 1.
    energy : float
        Gradient energy of real pictures.
    name : str
        What it is, in words.
    references : list of Reference
        Empty until the question can be asked and measured.
    """

    row: NDArray
    truths: NDArray
    energy: float
    name: str
    references: list[Reference] = field(default_factory=list)

    @cached_property
    def drawn(self) -> str:
        """The pictures of reference, drawn."""
        return "".join(map(_draw_reference, range(4), self.references))


class Axis(NamedTuple):
    """What the plane shows upwards: a measure, its name, what real pictures score, and the scale.

    The scale reaches from `bottom` to `top`, of which the one that is better is on top.
    """

    measure: str
    words: str
    real: float
    bottom: float
    top: float
    ticks: list[float]


class Scene(ABC):
    """The generators of one scene at all weights, and what was measured of them.

    Attributes
    ----------
    weights : tuple of float
        The weights in rising order, the first of them 0.
    measured : dict from measure to ndarray of shape (n_weights, n_seeds)
    columns : dict from measure to (heading, format)
        What the table shows.
    others : dict from str to dict from measure to float
        What else the table shows: rows of reference.
    likeness : Axis
        What stands for likeness in the plane.
    """

    columns: dict[str, tuple[str, str]]
    likeness: Axis
    distance_to: str

    def __init__(self, name: str, stored: Bunch):
        protocol = stored.protocol
        self.name = name
        self.weights = tuple(map(float, protocol["weights"][name]))
        self.measured = {
            measure: stored.scores[name][..., k].astype(float)
            for k, measure in enumerate(protocol["measures"][name])
        }
        self._estimators = stored.estimators
        # The last questions, each with its pictures, and what MSE alone answers to them.
        self.ask = lru_cache(maxsize=50)(self._ask)
        self.by_mse = lru_cache(maxsize=50)(self._by_mse)
        self.others: dict[str, dict[str, float]] = {}

    def axis(self, perception: str) -> Axis:
        """What the plane shows upwards."""
        if perception == "likeness":
            return self.likeness
        sharpness = self.measured["sharpness"]
        bottom, top = min(sharpness.min() - 0.05, 0.5), max(sharpness.max() + 0.05, 1.12)
        ticks = svg.ticks(bottom, min(top, 1.2), 7)
        return Axis("sharpness", "sharpness", 1.0, bottom, top, ticks)

    def model(self, place: int) -> ConditionalImageGAN:
        """The generator at one place of the scale of weights."""
        return self._estimators[f"{self.name} {self.weights[place]:g}"]

    def answers(self, question: Question, place: int, Z: NDArray) -> NDArray:
        """What the generator makes of a question and of each z, shape (n, height, width)."""
        columns = np.concatenate([Z.T, np.repeat(question.row[:, None], len(Z), axis=1)])
        # Not by `generate`, which first makes a copy of the network in double precision.
        rows = self.model(place).averaged_generator_.forward(columns).T
        return (rows.reshape(-1, *question.truths.shape[1:]) + 1) / 2

    def _by_mse(self, question: Question) -> tuple[NDArray, Measures]:
        """What the generator fitted by MSE alone answers at z = 0, and what is measured of it."""
        picture = self.answers(question, 0, 0 * self.latent(1, 0))
        return picture[0], self.measure(question, picture)[0]

    def latent(self, n_draws: int, seed: int) -> NDArray:
        """Draws of z, shape (n_draws, n_latent): the same for every weight and every question."""
        model = self.model(0)
        Z = np.random.default_rng(seed).standard_normal((n_draws, model.n_latent))
        return model.latent_scale * Z

    def means(self, measure: str) -> NDArray:
        """The mean of a measure over the seeds, shape (n_weights,)."""
        return self.measured[measure].mean(axis=1)

    @abstractmethod
    def _ask(self, number: int) -> Question:
        """Make the question of that number, with its pictures of reference."""

    @abstractmethod
    def measure(self, question: Question, pictures: NDArray) -> list[Measures]:
        """Measure pictures, shape (n, height, width)."""

    @abstractmethod
    def counted(self, seen_as: Sequence[str]) -> str:
        """Say in words what some pictures show."""


class HeadScene(Scene):
    """Frames of a head that turns 30° to the left or to the right, at even odds."""

    columns = {
        "error": ("RMSE", ".3f"),
        "to_nearest": ("nearest", ".3f"),
        "sharpness": ("sharpness", ".2f"),
        "share_nearer": ("future", ".0%"),
        "both_shown": ("both", ".0%"),
    }
    likeness = Axis("share_nearer", "is a future", 1.0, -0.06, 1.14, [0, 0.5, 1])
    distance_to = "the nearest future"

    def __init__(self, name: str, stored: Bunch):
        super().__init__(name, stored)
        self.measured["error"] = self.measured["to_truth"]
        futures = possible_futures(np.arange(-LARGEST_YAW, LARGEST_YAW + 1), turn=TURN)
        # Against what came, one of the two at random is right every other time.
        at_random = rmse(futures[:, 0], futures[:, 1]) / math.sqrt(2)
        values = (at_random, 0.0, 1.0, 1.0, 1.0)
        self.others = {"a real future": dict(zip(self.columns, values))}

    def _ask(self, number: int) -> Question:
        frame, truths = frames_at(number), frames_at([number - TURN, number + TURN])
        energy = gradient_energy(truths)
        looks = f"{abs(number)}° to the {'left' if number < 0 else 'right'}"
        name = f"The head looks {looks if number else 'straight ahead'}"
        question = Question(2 * frame.ravel() - 1, truths, energy, f"{name} and turns by {TURN}°")
        mean = truths.mean(axis=0)
        found = self.measure(question, mean[None])[0]
        sharp = [f"sharpness {value / energy:.2f}" for value in gradient_energy(truths, each=True)]
        question.references.extend(
            [
                Reference("frame now", frame[None], [f"yaw {_degrees(number)}"]),
                Reference(f"{TURN}° left", truths[:1], [sharp[0]]),
                Reference(f"{TURN}° right", truths[1:], [sharp[1]]),
                Reference("mean of both", mean[None], _numbers(found)[:2]),
            ]
        )
        return question

    def measure(self, question: Question, pictures: NDArray) -> list[Measures]:
        """Measure pictures against the two futures and their mean."""
        found = nearest_future(pictures[None], question.truths[None])
        names = np.array(["left", "right"])[found.index[0]]
        names = np.where(found.distance < found.distance_to_mean, names, "mean")[0]
        sharpness = gradient_energy(pictures, each=True) / question.energy
        return list(map(Measures, found.distance[0].tolist(), sharpness.tolist(), names.tolist()))

    def counted(self, seen_as: Sequence[str]) -> str:
        """Say how many are nearest to each future, or to the mean."""
        if len(seen_as) == 1:
            return f"nearest: {seen_as[0]}"
        counts = Counter(seen_as)
        found = [f"{name} ({counts[name]})" for name in ("left", "right", "mean") if counts[name]]
        return f"nearest: {_listed(found)}"


class DigitScene(Scene):
    """Digits of the test set, to be enlarged to 8 × 8 from the means of their blocks."""

    columns = {
        "error": ("RMSE", ".3f"),
        "psnr": ("PSNR", ".1f"),
        "sharpness": ("sharpness", ".2f"),
        "c2st": ("C2ST", ".2f"),
        "digits_read": ("read", ".0%"),
    }
    likeness = Axis("c2st", "C2ST", 0.5, 1.03, 0.43, [1, 0.75, 0.5])
    distance_to = "the original"

    def __init__(self, name: str, stored: Bunch):
        super().__init__(name, stored)
        self.measured["error"] = 10 ** (-self.measured["psnr"] / 20)
        self.factor = int(stored.protocol["factors"][name])
        self.digits = digits_of(int(stored.protocol["seeds"][name][0]))
        self._train_low, self._test_low, self._enlarged = self._shrunk()
        test, reader = self.digits.test, self.digits.reader
        self.energy = gradient_energy(test)
        read = reader.score(test.reshape(len(test), -1), self.digits.test_target)
        bicubic = stored.scores[f"{name} bicubic"].mean(axis=0)
        bicubic = dict(zip(stored.protocol["measures"][name], bicubic.tolist()))
        bicubic["error"] = 10 ** (-bicubic["psnr"] / 20)
        real = stored.scores.get("digits real", np.array([[0.5]]))  # of chance, if not measured
        c2st = real[:, 0].mean().item()
        self.likeness = self.likeness._replace(real=c2st)
        values = (0.0, math.inf, 1.0, c2st, read)
        self.others = {"bicubic": bicubic, "originals": dict(zip(self.columns, values))}

    def _shrunk(self) -> tuple[NDArray, NDArray, NDArray]:
        """Block means of training and test digits, and the latter enlarged again, bicubically."""
        k, side = self.factor, 8 // self.factor
        train, test = (
            images.reshape(-1, side, k, side, k).mean(axis=(2, 4))
            for images in (self.digits.train, self.digits.test)
        )
        enlarged = zoom(test, (1, k, k), order=3, mode="nearest", grid_mode=True)
        return train, test, enlarged.clip(0, 1)

    def _ask(self, number: int) -> Question:
        low, truth = self._test_low[number], self.digits.test[number]
        name = f"Held-out digit {number}, a {self.digits.test_target[number]}"
        question = Question(2 * low.ravel() - 1, truth[None], self.energy, name)
        original, bicubic = self.measure(question, np.stack([truth, self._enlarged[number]]))
        alike = np.argsort(((self._train_low - low) ** 2).sum(axis=(1, 2)), kind="stable")[:4]
        size = "×".join(map(str, low.shape))
        question.references.extend(
            [
                Reference(f"input, {size}", low[None], [f"of digit {number}"]),
                Reference("original", truth[None], _numbers(original)[1:]),
                Reference("bicubic", self._enlarged[number][None], _numbers(bicubic)[:2]),
                Reference(
                    "might be", self.digits.train[alike], ["training digits", f"of such {size}"]
                ),
            ]
        )
        return question

    def measure(self, question: Question, pictures: NDArray) -> list[Measures]:
        """Measure pictures against the original, and have them read."""
        truth = np.broadcast_to(question.truths[0], pictures.shape)
        distance = rmse(pictures, truth, each=True)
        sharpness = gradient_energy(pictures, each=True) / question.energy
        reader = self.digits.reader  # a linear one; its `predict` takes longer than all the rest
        scores = pictures.reshape(len(pictures), -1) @ reader.coef_.T + reader.intercept_
        read = reader.classes_[scores.argmax(axis=1)].astype(str)
        return list(map(Measures, distance.tolist(), sharpness.tolist(), read.tolist()))

    def counted(self, seen_as: Sequence[str]) -> str:
        """Say what they are read as."""
        return f"read as {_listed(seen_as)}"


@cache
def digits_of(seed: int) -> Bunch:
    """Digits for training and for tests, as the generators had them, and a classifier of them."""
    digits = load_digit_images()
    train, test, train_target, test_target = train_test_split(
        digits.images, digits.target, test_size=0.3, random_state=seed, stratify=digits.target
    )
    reader = train_digit_classifier(train, train_target)
    return Bunch(train=train, test=test, test_target=test_target, reader=reader)


@cache
def scenes() -> dict[str, Scene]:
    """All scenes, loaded once for all widgets."""
    stored = load_pretrained("adversarial")
    kinds = {name: HeadScene if name == "heads" else DigitScene for name in SCENES}
    return {name: kind(name, stored) for name, kind in kinds.items()}


def n_digits() -> int:
    """How many digits the generators have not seen."""
    return len(scenes()["digits 2x2"].digits.test)


def _numbers(found: Measures) -> list[str]:
    """What stands beneath a picture."""
    seen = {"left": "left future", "right": "right future", "mean": "the mean"}
    words = seen.get(found.seen_as) or f"read as {found.seen_as}"
    return [f"off by {found.distance:.3f}", f"sharpness {found.sharpness:.2f}", words]


def _listed(words: Sequence[str]) -> str:
    *first, last = words
    return f"{', '.join(first)} and {last}" if first else last


def _degrees(value: int) -> str:
    return f"{svg.MINUS if value < 0 else ''}{abs(value)}°"


# ---------------------------------------------------------------------------------- the state


@dataclass(frozen=True)
class WeightState:
    """Everything the picture follows from."""

    scene: str = "heads"
    weight: float = 0.0
    yaw: int = 0
    digit: int = 96
    n_draws: int = 4
    random_state: int = 0
    perception: str = "sharpness"

    def __post_init__(self):
        for name, options in (("scene", SCENES), ("perception", PERCEPTIONS)):
            check_choice(name, getattr(self, name), tuple(options))
        self._set("weight", _as_weight(self.weight, self.room.weights))
        for name, low, high in (
            ("yaw", -LARGEST_YAW, LARGEST_YAW),
            ("digit", 0, n_digits() - 1),
            ("n_draws", 1, MOST_DRAWS),
            ("random_state", 0, LARGEST_SEED),
        ):
            self._set(name, _as_whole(name, getattr(self, name), low, high))

    def _set(self, name: str, value: Any) -> None:
        object.__setattr__(self, name, value)  # frozen, and not yet complete

    @property
    def room(self) -> Scene:
        """The generators of the scene, and what is known of them."""
        return scenes()[self.scene]

    @property
    def place(self) -> int:
        """The number of the weight on the scale of the scene, from 0."""
        return self.room.weights.index(self.weight)

    @property
    def question(self) -> Question:
        """What the generators are asked."""
        return self.room.ask(self.yaw if self.scene == "heads" else self.digit)

    @cached_property
    def draws(self) -> NDArray:
        """What the generator of this weight makes of fresh z, shape (n_draws, height, width)."""
        Z = self.room.latent(self.n_draws, self.random_state)
        return self.room.answers(self.question, self.place, Z)

    @cached_property
    def draw_measures(self) -> list[Measures]:
        """What is measured of the draws."""
        return self.room.measure(self.question, self.draws)

    @property
    def mse_answer(self) -> NDArray:
        """What the generator fitted by MSE alone answers at z = 0, shape (height, width)."""
        return self.room.by_mse(self.question)[0]

    @property
    def mse_measures(self) -> Measures:
        """What is measured of that."""
        return self.room.by_mse(self.question)[1]


def _as_weight(value: Any, weights: tuple[float, ...]) -> float:
    expected = f"one of those that were trained, {', '.join(map(_figure, weights))}"
    if isinstance(value, bool) or not isinstance(value, numbers.Real):
        raise TypeError(f"weight must be {expected}; given {value!r}")
    for weight in weights:
        if math.isclose(value, weight, rel_tol=1e-6):
            return weight
    raise ValueError(f"weight must be {expected}; given {value}")


def _as_whole(name: str, value: Any, low: int, high: int) -> int:
    expected = f"a whole number from {low} to {high}"
    if isinstance(value, bool) or not isinstance(value, numbers.Real):
        raise TypeError(f"{name} must be {expected}; given {value!r}")
    if not (low <= value <= high and value == int(value)):
        raise ValueError(f"{name} must be {expected}; given {value}")
    return int(value)


def _figure(weight: float) -> str:
    return f"{weight:g}"


# -------------------------------------------------------------------------------- the picture

WIDTH, HEIGHT = 900, 522
LEFT, RIGHT = 14, 886
SMALL, SMALL_TOP, SMALL_STEP = 104, 28, 140
TABLE_TOP, LINE_HEIGHT, COLUMNS_RIGHT = 194, 20, (184, 276, 392, 484, 574)
PLANE_LEFT, PLANE_TOP, PLANE_WIDTH, PLANE_HEIGHT = 640, 28, 246, 192
LARGEST, LARGE_TOP = 144, 310
MSE_COLOUR, DRAW_COLOUR, FAINT = svg.BLUE, svg.VERMILLION, "#8c8c8c"


def draw_picture(state: WeightState) -> str:
    """Question and references, the plane, the table, and the answers: an SVG string."""
    return svg.document(
        WIDTH,
        HEIGHT,
        state.question.drawn + _draw_table(state) + _draw_plane(state) + _draw_answers(state),
        title="From blur to sharp",
        description=describe(state),
    )


def _draw_reference(place: int, reference: Reference) -> str:
    """One picture, or four in its place, with the title above and the words beneath."""
    left = LEFT + place * SMALL_STEP
    parts = [svg.text(left, SMALL_TOP - 8, reference.title, bold=True)]
    n_across = math.isqrt(len(reference.pictures))
    step = (SMALL + 4) / n_across
    for k, picture in enumerate(reference.pictures):
        x, y = left + k % n_across * step, SMALL_TOP + k // n_across * step
        parts.append(draw_image(picture, x, y, step - 4))
    for k, words in enumerate(reference.words):
        parts.append(svg.text(left, SMALL_TOP + SMALL + 18 + k * 18, words))
    return "".join(parts)


# ---- the answers


def _draw_answers(state: WeightState) -> str:
    """Large: what MSE alone says, and the draws at the weight of now."""
    step = (RIGHT - LEFT + 12) / (1 + state.n_draws)
    size = min(step - 12, LARGEST)
    step = min(step, LARGEST + 38)
    second = LEFT + step
    title = LARGE_TOP - 10
    parts = [
        svg.text(LEFT, title, "MSE alone", bold=True, fill=MSE_COLOUR),
        svg.text(second, title, f"draws at {_w(state)}", bold=True, fill=DRAW_COLOUR),
        svg.text(RIGHT, title, f"off by: RMSE to {state.room.distance_to}", anchor="end"),
        _draw_answer(LEFT, size, state.mse_answer, state.mse_measures, MSE_COLOUR),
    ]
    for k, (picture, found) in enumerate(zip(state.draws, state.draw_measures)):
        parts.append(_draw_answer(second + k * step, size, picture, found, DRAW_COLOUR))
    return "".join(parts)


def _draw_answer(x: float, size: float, picture: NDArray, found: Measures, colour: str) -> str:
    parts = [
        draw_image(picture, x, LARGE_TOP, size),
        svg.line(x, LARGE_TOP + size + 3, x + size, LARGE_TOP + size + 3, stroke=colour),
    ]
    for k, words in enumerate(_numbers(found)):
        parts.append(svg.text(x, LARGE_TOP + size + 22 + k * 20, words, bold=k == 2))
    return "".join(parts)


def _w(state: WeightState) -> str:
    return f"w = {_figure(state.weight)}"


# ---- what was measured


def _draw_table(state: WeightState) -> str:
    """Means over the seeds for MSE alone and for the weight of now, and rows of reference."""
    room, y = state.room, TABLE_TOP
    parts = [svg.text(LEFT, y, "held-out", bold=True)]
    for x, (heading, _) in zip(COLUMNS_RIGHT, room.columns.values()):
        parts.append(svg.text(x, y, heading, anchor="end", bold=True))
    means = {measure: room.means(measure).tolist() for measure in room.columns}
    rows: list[tuple] = [
        ("MSE, w = 0", {name: values[0] for name, values in means.items()}, MSE_COLOUR, False),
        (_w(state), {n: values[state.place] for n, values in means.items()}, DRAW_COLOUR, True),
    ]
    rows += [(name, values, svg.INK, False) for name, values in room.others.items()]
    for name, values, colour, bold in rows:
        y += LINE_HEIGHT
        parts.append(svg.text(LEFT, y, name, bold=bold, fill=colour))
        for x, (measure, (_, form)) in zip(COLUMNS_RIGHT, room.columns.items()):
            words = f"{values[measure]:{form}}".replace("inf", "∞")
            parts.append(svg.text(x, y, words, anchor="end", bold=bold, fill=colour))
    return "".join(parts)


@dataclass(frozen=True)
class Plane:
    """Error to the right, perception upwards: where the weights lie, in the picture's units.

    Attributes
    ----------
    points : list of (x, y)
        The means over the seeds, one for each weight.
    bars : list of (left, right, top, bottom)
        From the least to the most of the seeds.
    x_ticks, y_ticks : list of (float, str)
    real, fair : float
        The level of real pictures; and √2 times the error of MSE alone, which is what flawless
        draws would have, if its answer were the conditional mean.
    heading : str
    """

    points: list[tuple[float, float]]
    bars: list[tuple[float, float, float, float]]
    x_ticks: list[tuple[float, str]]
    y_ticks: list[tuple[float, str]]
    real: float
    fair: float
    heading: str

    @cached_property
    def drawn(self) -> str:
        """What of the picture does not depend on the weight of now."""
        return _draw_empty_plane(self)


@cache
def plane_of(scene: str, perception: str) -> Plane:
    """Place all weights of a scene in the plane."""
    room = scenes()[scene]
    axis = room.axis(perception)
    error, up = room.measured["error"], room.measured[axis.measure]
    fair = math.sqrt(2) * room.means("error")[0]
    left, right = error.min(), max(error.max(), fair)
    left, right = left - 0.1 * (right - left), right + 0.1 * (right - left)

    def place(values: NDArray, low: float, high: float, start: float, length: float) -> NDArray:
        return start + (np.asarray(values) - low) / (high - low) * length

    def x_of(values):
        return place(values, left, right, PLANE_LEFT, PLANE_WIDTH)

    def y_of(values):
        return place(values, axis.bottom, axis.top, PLANE_TOP + PLANE_HEIGHT, -PLANE_HEIGHT)

    x, y = x_of(error), y_of(up)
    bars = np.stack([x.min(axis=1), x.max(axis=1), y.min(axis=1), y.max(axis=1)], axis=1)
    return Plane(
        points=list(zip(x.mean(axis=1).tolist(), y.mean(axis=1).tolist())),
        bars=[tuple(bar) for bar in bars.tolist()],
        x_ticks=[(float(x_of(tick)), f"{tick:g}") for tick in svg.ticks(left, right, 6)],
        y_ticks=[(float(y_of(tick)), f"{tick:g}") for tick in axis.ticks],
        real=float(y_of(axis.real)),
        fair=float(x_of(fair)),
        heading=axis.words,
    )


def weight_at(state: WeightState, across: float, up: float) -> float:
    """The weight whose point of the plane is nearest to a place of it, from 0 to 1 each."""
    if not (0 <= across <= 1 and 0 <= up <= 1):
        raise ValueError(f"the mouse must point to places from 0 to 1; given {across}, {up}")
    here = PLANE_LEFT + across * PLANE_WIDTH, PLANE_TOP + (1 - up) * PLANE_HEIGHT
    points = plane_of(state.scene, state.perception).points
    nearest = min(range(len(points)), key=lambda k: math.dist(points[k], here))
    return state.room.weights[nearest]


def _draw_plane(state: WeightState) -> str:
    plane = plane_of(state.scene, state.perception)
    here = plane.points[state.place]
    return (
        plane.drawn
        + svg.circle(*here, 9, fill=svg.PAPER, stroke=DRAW_COLOUR)
        + svg.dots([here], size=10, fill=DRAW_COLOUR)
        + _draw_weights(state, plane)
        + svg.area(PLANE_LEFT, PLANE_TOP, PLANE_WIDTH, PLANE_HEIGHT)
    )


def _draw_empty_plane(plane: Plane) -> str:
    """Axes, lines of reference, and the points of all weights with their bars."""
    bottom, right = PLANE_TOP + PLANE_HEIGHT, PLANE_LEFT + PLANE_WIDTH
    middle = PLANE_LEFT + PLANE_WIDTH / 2, PLANE_TOP + PLANE_HEIGHT / 2
    parts = [
        svg.rect(PLANE_LEFT, PLANE_TOP, PLANE_WIDTH, PLANE_HEIGHT, stroke=svg.LINE),
        svg.text(PLANE_LEFT, PLANE_TOP - 8, "held-out; bars: all seeds", bold=True),
        svg.text(middle[0], bottom + 42, "error: RMSE to what was right", anchor="middle"),
        svg.text(PLANE_LEFT - 54, middle[1], plane.heading, anchor="middle", turn=-90),
        svg.line(PLANE_LEFT, plane.real, right, plane.real, stroke=svg.INK, dashes="7 5"),
        svg.line(plane.fair, PLANE_TOP, plane.fair, bottom, stroke=svg.INK, dashes="2 4"),
    ]
    parts += [svg.text(x, y, words, anchor=anchor) for x, y, words, anchor in _line_labels(plane)]
    for x, words in plane.x_ticks:
        parts.append(svg.line(x, bottom, x, bottom + 5, stroke=svg.LINE))
        parts.append(svg.text(x, bottom + 21, words, anchor="middle"))
    for y, words in plane.y_ticks:
        parts.append(svg.line(PLANE_LEFT - 5, y, PLANE_LEFT, y, stroke=svg.LINE))
        parts.append(svg.text(PLANE_LEFT - 9, y + 5.5, words, anchor="end"))
    for (x, y), (x1, x2, y1, y2) in zip(plane.points, plane.bars):
        parts.append(
            svg.path(f"M{x1:.1f} {y:.1f}H{x2:.1f}M{x:.1f} {y1:.1f}V{y2:.1f}", stroke=FAINT)
        )
    parts.append(svg.polyline(plane.points, stroke=svg.INK))
    parts.append(svg.dots(plane.points, size=9, fill=svg.INK))
    x, y = plane.points[0]
    parts.append(svg.rect(x - 6, y - 6, 12, 12, fill=MSE_COLOUR))
    return "".join(parts)


def _line_labels(plane: Plane) -> list[tuple[float, float, str, str]]:
    """Place, words and anchor of what the two lines of reference are called."""
    bottom = PLANE_TOP + PLANE_HEIGHT
    return [
        (PLANE_LEFT + 6, plane.real - 6, "real pictures", "start"),
        (plane.fair - 6, bottom - 8, "√2 × MSE's error", "end"),
    ]


def _draw_weights(state: WeightState, plane: Plane) -> str:
    """Name the weight of now, and the first and the last one where there is room."""
    taken = [_box(*label) for label in _line_labels(plane)]
    crowded = [(plane.fair, plane.fair, PLANE_TOP, PLANE_TOP + PLANE_HEIGHT)]
    crowded += [(x - 6, x + 6, y - 6, y + 6) for x, y in plane.points]
    parts = []
    for place in dict.fromkeys((state.place, 0, len(plane.points) - 1)):
        is_now = place == state.place
        point, words = plane.points[place], f"w = {_figure(state.room.weights[place])}"
        label = _free_label(point, words, taken + crowded)
        if label is None and is_now:
            label = _free_label(point, words, taken)
        if label:
            taken.append(_box(*label))
            x, y, words, anchor = label
            fill = DRAW_COLOUR if is_now else svg.INK
            parts.append(svg.text(x, y, words, anchor=anchor, bold=is_now, fill=fill))
    return "".join(parts)


def _free_label(
    point: tuple[float, float], words: str, taken: list[tuple]
) -> tuple[float, float, str, str] | None:
    """A place beside, below or above a point where words are in the plane and on no others."""
    x, y = point
    places = [(14, 6, "start"), (-14, 6, "end"), (6, 28, "start"), (-6, 28, "end")]
    places += [(6, -16, "start"), (-6, -16, "end")]
    for right, down, anchor in places:
        label = x + right, y + down, words, anchor
        left, end, top, bottom = box = _box(*label)
        across = PLANE_LEFT < left < end < PLANE_LEFT + PLANE_WIDTH
        within = across and PLANE_TOP < top < bottom < PLANE_TOP + PLANE_HEIGHT
        if within and not any(_meet(box, other) for other in taken):
            return label
    return None


def _box(x: float, y: float, words: str, anchor: str) -> tuple[float, float, float, float]:
    """About how much room a line of text takes: left, right, top, bottom."""
    width = 9.4 * len(words)
    left = x - width if anchor == "end" else x
    return left, left + width, y - 13, y + 4


def _meet(one: tuple, other: tuple) -> bool:
    return one[0] < other[1] and other[0] < one[1] and one[2] < other[3] and other[2] < one[3]


def _plot_plane(ax: Axes, state: WeightState) -> None:
    """Plot the same plane with matplotlib."""
    room, axis = state.room, state.room.axis(state.perception)
    error, up = room.measured["error"], room.measured[axis.measure]
    x, y = error.mean(axis=1), up.mean(axis=1)
    bars = {"yerr": [y - up.min(axis=1), up.max(axis=1) - y]}
    bars |= {"xerr": [x - error.min(axis=1), error.max(axis=1) - x]}
    ax.errorbar(x, y, fmt="o-", color="black", ecolor=FAINT, **bars)
    ax.plot(x[0], y[0], "s", color=MSE_COLOUR, ms=10, label="MSE alone, w = 0")
    ax.plot(x[state.place], y[state.place], "o", color=DRAW_COLOUR, ms=13, mfc="none", mew=3)
    ax.axhline(axis.real, color="black", ls="--", label="real pictures")
    ax.axvline(math.sqrt(2) * x[0], color="black", ls=":", label="√2 × the error of MSE")
    ax.set(ylim=(axis.bottom, axis.top), title=f"circled: {_w(state)}")
    ax.set(xlabel="error: RMSE to what was right", ylabel=axis.words)
    ax.legend(fontsize=10)
    ax.locator_params(axis="x", nbins=5)


# ---- in words


def describe(state: WeightState) -> str:
    """What the picture shows, in a few sentences."""
    room, found, mse = state.room, state.draw_measures, state.mse_measures
    shown = [room.counted([m.seen_as for m in measures]) for measures in (found, [mse])]
    error, sharpness = room.means("error"), room.means("sharpness")
    now, n_seeds = state.place, room.measured["error"].shape[1]
    return (
        f"{state.question.name}. At {_w(state)} the {_count(len(found))} off by "
        f"{_span([m.distance for m in found], 3)}, sharpness "
        f"{_span([m.sharpness for m in found], 2)}; {shown[0]}. MSE alone is off by "
        f"{mse.distance:.3f}, sharpness {mse.sharpness:.2f}; {shown[1]}. Held out, {n_seeds} "
        f"seeds: RMSE {error[now]:.3f} (MSE {error[0]:.3f}), sharpness {sharpness[now]:.2f} "
        f"({sharpness[0]:.2f})."
    )


def _count(n_draws: int) -> str:
    return "draw is" if n_draws == 1 else f"{n_draws} draws are"


def _span(values: Sequence[float], decimals: int) -> str:
    low, high = (f"{value:.{decimals}f}" for value in (min(values), max(values)))
    return low if low == high else f"{low} to {high}"


# --------------------------------------------------------------------------------- the widget


class AdversarialWeight(LiveWidget):
    """From blur to sharp: what generators make of one input at each weight of the adversarial loss.

    Above stand an input and what is known of its answer; in the middle what was measured on many
    inputs, for MSE alone, for the weight of now and for real pictures; below the answer by MSE
    alone, and draws by the generator of the weight of now, one for each z. The z stay the same
    while the weight moves. The plane shows all weights: error to the right, and upwards sharpness,
    or how like real pictures the draws are; click a point of it to go there. The digits were held
    out; of the head, of which there are only 61 frames, it was the turns.

    A generator at weight w has descended (1 − w) · MSE + w · adversarial loss, with MSE the mean
    squared error of pixels from −1 to 1. "RMSE" is to what was right: to the picture that came, of
    two possible ones, or to the original of a digit; "off by" is to the nearest future, or to the
    original. Sharpness is gradient energy, where real pictures have 1 on average. In
    the table, "nearest" is the mean RMSE to the nearest future, "future" the share of draws that
    are nearer a future than the mean of both, "both" the share of frames of which 16 draws show
    both futures. "C2ST" is how often a classifier tells draws from
    originals, ½ being chance; "read" how many digits a classifier of digits recognises.

    Parameters
    ----------
    scene : {"heads", "digits 2x2", "digits 4x4"}
        What is asked: the next frame of a head that turns, or a digit from a few pixels.
    weight : float
        The weight w of the adversarial loss, one of `weights`.
    yaw : int
        Where the head looks now: degrees from −30 to 30, below 0 to the left.
    digit : int
        Number of the held-out digit.
    n_draws : int
        How many draws are shown, 1 to 6.
    random_state : int
        Seed of the z.
    perception : {"sharpness", "likeness"}
        What the plane shows upwards. Likeness is "future" of heads and C2ST of digits.

    Raises
    ------
    TypeError, ValueError
        If an argument is not of the kind or in the range above. ValueError also if the file of
        trained generators is damaged.
    FileNotFoundError
        If it is missing.

    Examples
    --------
    >>> panel = AdversarialWeight()
    >>> blurred = panel.mse_measures.sharpness
    >>> panel.weight = panel.weights[-1]
    >>> bool(min(m.sharpness for m in panel.draw_measures) > blurred)
    True
    """

    scene = setting("scene", 'What is asked: "heads", "digits 2x2" or "digits 4x4".')
    weight = setting("weight", "The weight w of the adversarial loss, one of `weights`.")
    yaw = setting("yaw", "Where the head looks now, −30 to 30 degrees, below 0 to the left.")
    digit = setting("digit", "Number of the held-out digit.")
    n_draws = setting("n_draws", "How many draws are shown, 1 to 6.")
    random_state = setting("random_state", "Seed of the z.")
    perception = setting("perception", 'Upwards in the plane: "sharpness" or "likeness".')

    words_height = "5.2em"

    def __init__(
        self,
        *,
        scene: str = "heads",
        weight: float = 0.0,
        yaw: int = 0,
        digit: int = 96,
        n_draws: int = 4,
        random_state: int = 0,
        perception: str = "sharpness",
    ) -> None:
        state = WeightState(scene, weight, yaw, digit, n_draws, random_state, perception)
        super().__init__(state, draw=draw_picture, describe=describe)
        self._start = {name: getattr(state, name) for name in state.__dataclass_fields__}
        self._inputs = {
            True: self.number("yaw", "Yaw now", -LARGEST_YAW, LARGEST_YAW, 1),
            False: self.number("digit", "Held-out digit", 0, n_digits() - 1, 1),
        }
        self.arrange(
            self.pointer(lambda across, up: self.change(weight=weight_at(self.state, across, up))),
            [self._weight_controls(), *self._inputs.values()],
            [
                self.choice("scene", "Scene", [(words, name) for name, words in SCENES.items()]),
                self.choice("perception", "Upwards", [(w, n) for n, w in PERCEPTIONS.items()]),
                self.button("Draw again", self.draw_again, "Draw z with the next seed"),
                self.button("Reset", self.reset, "Return to the start"),
            ],
            [
                self.number("n_draws", "Draws", 1, MOST_DRAWS, 1),
                self.number("random_state", "Seed", 0, 20, 1),
            ],
        )

    def _weight_controls(self) -> ipywidgets.HBox:
        """A slider over the weights, and a box that takes any number and shows the nearest."""
        slider = ipywidgets.IntSlider(
            min=0,
            description="Weight w",
            tooltip="Weight of the adversarial loss, in steps",
            readout=False,
            layout=ipywidgets.Layout(flex="1 1 auto", width="auto"),
            style={"description_width": "initial"},
        )
        box = ipywidgets.FloatText(
            description="Weight w, as a number",
            tooltip="Weight w, as a number",
            layout=ipywidgets.Layout(width=self.box_width, flex="0 0 auto"),
        )
        box.add_class("live-number-box")

        def place(state: WeightState) -> int:
            slider.max = len(state.room.weights) - 1  # a scene may have more weights than another
            return state.place

        self.bind(slider, place, lambda k: self.change(weight=self.weights[k]))
        self.bind(box, lambda state: state.weight, self._go_near)
        layout = ipywidgets.Layout(flex="1 1 20em", align_items="center", margin="0 12px 0 0")
        return ipywidgets.HBox([slider, box], layout=layout)

    def _go_near(self, value: float) -> None:
        """Take the weight that is nearest to a number, and say so if it is another."""
        if not 0 <= value <= 1:
            raise ValueError(f"weight must be a number from 0 to 1; given {value}")
        nearest = min(self.weights, key=lambda weight: abs(weight - value))
        self.change(weight=nearest)
        if not math.isclose(value, nearest, rel_tol=1e-6):
            known = _listed([_figure(weight) for weight in self.weights])
            self.say(f"The nearest weight that a generator was trained with; there are {known}.")

    def change(self, **values: Any) -> None:
        """Give settings new values; another scene is shown at about the same weight."""
        scene = values.get("scene")
        if isinstance(scene, str) and scene in SCENES and "weight" not in values:
            weights = scenes()[scene].weights
            values["weight"] = min(weights, key=lambda weight: abs(weight - self.state.weight))
        super().change(**values)

    def _redraw(self) -> None:
        super()._redraw()
        for is_heads, control in self._inputs.items():
            needed = (self.state.scene == "heads") == is_heads
            control.layout.display = None if needed else "none"

    def draw_again(self) -> None:
        """Draw z with the next seed."""
        self.change(random_state=(self.random_state + 1) % (LARGEST_SEED + 1))

    def reset(self) -> None:
        """Return to the settings that the panel began with."""
        self.change(**self._start)

    def figure(self) -> DescribedFigure:
        """Return the answers and the plane as a figure of matplotlib, for print and the web."""
        state = self.state
        fig = plt.figure(figsize=(12, 4.4), layout="constrained")
        left, right = fig.subfigures(1, 2, width_ratios=[1.75, 1])
        axes = left.subplots(2, 5)
        for ax in axes.flat:
            ax.set_axis_off()
        references = [r for r in state.question.references if len(r.pictures) == 1]
        answers = [(["MSE alone", *_numbers(state.mse_measures)[:2]], state.mse_answer)]
        for picture, found in zip(state.draws[:4], state.draw_measures):
            answers.append(([f"draw, {_w(state)}", *_numbers(found)[:2]], picture))
        rows = [[([r.title, *r.words[:1]], r.pictures[0]) for r in references], answers]
        for row, panels in zip(axes, rows):
            for ax, (words, picture) in zip(row, panels):
                ax.imshow(picture, cmap="gray", vmin=0, vmax=1)
                ax.set_title("\n".join(words), fontsize=11)
        _plot_plane(right.subplots(), state)
        return with_alt(fig, describe(state))

    @property
    def weights(self) -> tuple[float, ...]:
        """The weights at which generators of this scene were trained."""
        return self.state.room.weights

    @property
    def model(self) -> ConditionalImageGAN:
        """The generator of now."""
        return self.state.room.model(self.state.place)

    @property
    def draws(self) -> NDArray:
        """What it makes of the z, shape (n_draws, height, width), pixels 0 to 1."""
        return self.state.draws.copy()

    @property
    def mse_answer(self) -> NDArray:
        """What the generator fitted by MSE alone answers, shape (height, width)."""
        return self.state.mse_answer.copy()

    @property
    def draw_measures(self) -> list[Measures]:
        """Of each draw how far it is off, its sharpness, and what it shows."""
        return list(self.state.draw_measures)

    @property
    def mse_measures(self) -> Measures:
        """The same of the answer by MSE alone."""
        return self.state.mse_measures

    @property
    def scores(self) -> Bunch:
        """What was measured at this weight on held-out pictures, an array of the seeds each."""
        measured = self.state.room.measured.items()
        return Bunch(**{name: values[self.state.place].copy() for name, values in measured})
