"""A walk between two vectors, live: what a model makes of each point on the way.

Beside the picture stands the training picture nearest to it, with the distance: the root mean
square difference of their pixels, which lie between 0 and 1.
"""

from __future__ import annotations

import math
import numbers
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.base import BaseEstimator
from sklearn.exceptions import NotFittedError
from sklearn.utils.validation import check_is_fitted

from helpers.plots import DescribedFigure, with_alt
from helpers.widgets import svg
from helpers.widgets.live import LiveWidget, setting
from helpers.widgets.pictures import PATHS, Gallery, as_range, as_rows, draw_image, walk

SOURCES = {"training": "training vector", "fresh": "fresh vector"}
"""Where an end of the walk comes from, in words."""

LARGEST_SEED = 2**32 - 1
N_FRAMES, N_STEPS = 11, 31
"""Pictures in the strip above, and points of the curve beneath it, the strip's among them."""


# ------------------------------------------------------------------ vectors to pictures


class PictureSpace(Gallery):
    """All that does not change on a walk: the model, the training pictures and their vectors.

    Parameters
    ----------
    model : fitted estimator with predict or generate, or a function
        Takes vectors of shape (n, n_latent), gives pictures, flattened or not.
    pictures : array-like of shape (n_pictures, height, width) or (n_pictures, n_pixels)
    vectors : array-like of shape (n_pictures, n_latent), or None
    n_latent : int or None
    image_shape : (int, int) or None
    pixel_range : (float, float)
    scale : float
    """

    def __init__(self, model, pictures, vectors, n_latent, image_shape, pixel_range, scale):
        self._function = _as_function(model)
        self._low, self._high = as_range(pixel_range)
        self.scale = _as_scale(scale)
        pictures = as_rows("pictures", pictures).astype(float)
        shape = _as_image_shape(image_shape, pictures, model)
        super().__init__(self._to_unit(pictures.reshape(len(pictures), -1)), shape)
        self.vectors = None if vectors is None else _as_vectors(vectors, len(pictures))
        self.n_latent = _as_n_latent(n_latent, self.vectors, model)
        self.usual = self.usual_gap(np.arange(len(self.rows)))
        # The ways one has been on lately, with all their pictures.
        self.way = lru_cache(maxsize=8)(self._way)
        self.pictures(self.vector("fresh", 0)[None])  # says at once if the model does not fit

    def vector(self, source: str, number: int) -> NDArray:
        """The vector of a training picture, or the fresh one that a seed gives."""
        if source == "training":
            return self.vectors[number]
        return self.scale * np.random.default_rng(number).standard_normal(self.n_latent)

    def pictures(self, Z: NDArray) -> NDArray:
        """What the model makes of vectors, shape (n, height, width), in 0–1 or a little beyond."""
        made = np.asarray(self._function(Z), dtype=float)
        if made.size != len(Z) * self.rows.shape[1]:
            raise ValueError(
                f"model must make a picture of shape {self.shape} of each vector; given "
                f"{len(Z)} vectors, it made an array of shape {made.shape}"
            )
        if not np.isfinite(made).all():
            raise ValueError("model must make finite numbers; there is a NaN or infinity in them")
        return self._to_unit(made).reshape(len(Z), *self.shape)

    def _way(self, *ends_and_path) -> Way:
        return Way(self, *ends_and_path)

    def _to_unit(self, values: NDArray) -> NDArray:
        return (values - self._low) / (self._high - self._low)


class Way:
    """One way between two vectors, and what stands along it."""

    def __init__(self, space: PictureSpace, start: tuple, end: tuple, path: str):
        self._ends = space.vector(*start), space.vector(*end)
        self._path = path
        self.t = np.linspace(0, 1, N_STEPS)
        pictures = space.pictures(self.at(self.t))
        self.strip = pictures[:: (N_STEPS - 1) // (N_FRAMES - 1)]
        self.distances = space.nearest(pictures)[1]
        self.drawn = ""  # what of the picture stays while t moves, once it is drawn

    def at(self, t: NDArray) -> NDArray:
        """The points at `t`."""
        return walk(*self._ends, t, self._path)


# ----------------------------------------------------------------------- what comes in


def _as_function(model: Any) -> Callable[[NDArray], ArrayLike]:
    if isinstance(model, type):
        raise TypeError(f"model must be a fitted estimator; given the class {model.__name__}")
    if isinstance(model, BaseEstimator):
        try:
            check_is_fitted(model)
        except NotFittedError:
            raise NotFittedError(
                f"model must be fitted before it can make pictures; given a "
                f"{type(model).__name__} that is not"
            ) from None
    for name in ("generate", "predict"):
        if hasattr(model, name):
            return getattr(model, name)
    if callable(model):
        return model
    raise TypeError(
        "model must have predict or generate, or be a function from vectors to pictures; given "
        f"{type(model).__name__}"
    )


def _as_scale(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, numbers.Real):
        raise TypeError(f"scale must be a positive number; given {value!r}")
    if not 0 < value < math.inf:
        raise ValueError(f"scale must be a positive number; given {value!r}")
    return float(value)


def _as_image_shape(value: Any, pictures: NDArray, model: Any) -> tuple[int, int]:
    """Height and width: as given, as the pictures have them, as the model says, or a square."""
    n_pixels = pictures[0].size
    if value is None and pictures.ndim == 3:
        value = pictures.shape[1:]
    elif value is None:
        side = math.isqrt(n_pixels)
        value = getattr(model, "image_shape_", (side, side))
    try:
        shape = tuple(int(size) for size in value)
    except (TypeError, ValueError):
        raise ValueError(f"image_shape must be a pair (height, width); given {value!r}") from None
    if len(shape) != 2 or min(shape) < 1 or math.prod(shape) != n_pixels:
        raise ValueError(
            f"image_shape must be (height, width) of the {n_pixels} pixels of a picture; "
            f"given {tuple(value)}"
        )
    return shape


def _as_vectors(value: ArrayLike, n_pictures: int) -> NDArray:
    vectors = as_rows("vectors", value).astype(float)
    if vectors.ndim != 2 or len(vectors) != n_pictures:
        raise ValueError(
            f"vectors must have one row for each of the {n_pictures} pictures; given shape "
            f"{vectors.shape}"
        )
    return vectors


def _as_n_latent(value: int | None, vectors: NDArray | None, model: Any) -> int:
    if vectors is not None:
        if value not in (None, vectors.shape[1]):
            raise ValueError(f"n_latent is {value}, but vectors have {vectors.shape[1]} numbers")
        return vectors.shape[1]
    for name in ("n_latent", "n_features_in_"):
        if value is None and hasattr(model, name):
            value = getattr(model, name)
    if isinstance(value, bool) or not isinstance(value, numbers.Integral) or value < 1:
        raise ValueError(
            "n_latent, the length of a vector, must be a whole number of at least 1 where neither "
            f"the model nor training vectors tell it; given {value!r}"
        )
    return int(value)


# ---------------------------------------------------------------------------- the state


@dataclass(frozen=True, eq=False)
class WalkState:
    """Everything the picture shows, or follows from."""

    space: PictureSpace
    start_source: str
    start_number: int
    end_source: str
    end_number: int
    t: float = 0.5
    path: str = "straight"

    def __post_init__(self):
        for end in ("start", "end"):
            self._check_end(end)
        if isinstance(self.t, bool) or not isinstance(self.t, numbers.Real):
            raise TypeError(f"t must be a number from 0 to 1; given {self.t!r}")
        if not 0 <= self.t <= 1:
            raise ValueError(f"t must be a number from 0 to 1; given {self.t}")
        if not isinstance(self.path, str) or self.path not in PATHS:
            raise ValueError(f"path must be 'straight' or 'round'; given {self.path!r}")
        self.picture  # noqa: B018  (raises if the model makes no picture of it)

    def _check_end(self, end: str) -> None:
        source, number = getattr(self, f"{end}_source"), getattr(self, f"{end}_number")
        known = list(SOURCES) if self.space.vectors is not None else ["fresh"]
        if not isinstance(source, str) or source not in known:
            raise ValueError(
                f"{end}_source must be one of {', '.join(map(repr, known))}; given {source!r}"
            )
        most = LARGEST_SEED if source == "fresh" else len(self.space.rows) - 1
        kind = "seed" if source == "fresh" else "number of a training picture"
        expected = f"{end}_number, the {kind}, must be a whole number from 0 to {most}"
        if isinstance(number, bool) or not isinstance(number, numbers.Integral):
            raise TypeError(f"{expected}; given {number!r}")
        if not 0 <= number <= most:
            raise ValueError(f"{expected}; given {number}")

    @property
    def way(self) -> Way:
        """The whole way, of which this is one point."""
        return self.space.way(
            (self.start_source, int(self.start_number)),
            (self.end_source, int(self.end_number)),
            self.path,
        )

    @cached_property
    def vector(self) -> NDArray:
        """The point reached, shape (n_latent,)."""
        return self.way.at(np.array([self.t]))[0]

    @cached_property
    def picture(self) -> NDArray:
        """What the model makes of it, shape (height, width)."""
        return self.space.pictures(self.vector[None])[0]

    @cached_property
    def nearest(self) -> tuple[int, float]:
        """Number of the nearest training picture, and how far away it is."""
        number, distance = self.space.nearest(self.picture[None])
        return int(number[0]), float(distance[0])

    @property
    def sharpness(self) -> float:
        """Gradient energy of the picture, as a share of the training pictures'."""
        return self.space.sharpness(self.picture)

    def end_in_words(self, end: str) -> str:
        """Such as "fresh vector 7"."""
        return f"{SOURCES[getattr(self, f'{end}_source')]} {getattr(self, f'{end}_number')}"


# -------------------------------------------------------------------------- the picture

WIDTH, HEIGHT = 900, 560
STRIP_LEFT, STRIP_TOP, FRAME, PITCH = 66, 44, 68, 76
CURVE_TOP, CURVE_HEIGHT = 136, 92
LARGE, LARGE_TOP = 236, 306
PICTURE_LEFT, NEAREST_LEFT, WORDS_LEFT = 66, 346, 612


def draw_picture(state: WalkState) -> str:
    """The strip, the distances along it, the picture and its nearest one: an SVG string."""
    way = state.way
    way.drawn = way.drawn or _draw_strip(state) + _draw_curve(state)
    body = way.drawn + _draw_place(state) + _draw_large(state) + _draw_findings(state)
    return svg.document(
        WIDTH,
        HEIGHT,
        body,
        title="A walk between two vectors",
        description=describe(state),
    )


def describe(state: WalkState) -> str:
    """The picture in words."""
    number, distance = state.nearest
    way = "The straight way" if state.path == "straight" else "The way round the origin"
    return (
        f"{way} from {state.end_in_words('start')} to {state.end_in_words('end')}, at "
        f"t = {state.t:.2f}. The picture there is {distance:.3f} from the nearest training "
        f"picture, number {number}; from a training picture to the nearest other one it is usually "
        f"{state.space.usual:.3f} (root mean square over pixels from 0 to 1). Its sharpness is "
        f"{state.sharpness:.2f} of theirs, the length of its vector "
        f"{np.linalg.norm(state.vector):.2f}."
    )


def _x_of(t: float) -> float:
    """Where `t` lies across: 0 in the middle of the first frame, 1 in that of the last."""
    return STRIP_LEFT + FRAME / 2 + t * (N_FRAMES - 1) * PITCH


def _draw_strip(state: WalkState) -> str:
    right = STRIP_LEFT + (N_FRAMES - 1) * PITCH + FRAME
    parts = [
        svg.text(STRIP_LEFT, 28, state.end_in_words("start"), bold=True),
        svg.text(right, 28, state.end_in_words("end"), anchor="end", bold=True),
    ]
    for k, picture in enumerate(state.way.strip):
        parts.append(draw_image(picture, STRIP_LEFT + k * PITCH, STRIP_TOP, FRAME))
    return "".join(parts)


def _draw_place(state: WalkState) -> str:
    """The line and the dot that move with t, and the place to point into."""
    x, bottom = _x_of(state.t), CURVE_TOP + CURVE_HEIGHT
    right = _x_of(1) + FRAME / 2
    here = (x, _y_of(state.nearest[1], state))
    return (
        svg.line(x, STRIP_TOP - 8, x, bottom, stroke=svg.VERMILLION, stroke_width=3)
        + svg.dots([here], size=13, fill=svg.VERMILLION)
        + svg.area(STRIP_LEFT, STRIP_TOP, right - STRIP_LEFT, bottom - STRIP_TOP)
    )


def _largest_distance(state: WalkState) -> float:
    """What the curve's axis reaches up to."""
    return 1.15 * max(float(state.way.distances.max()), state.space.usual, 1e-6)


def _y_of(distance: float, state: WalkState) -> float:
    within = min(distance / _largest_distance(state), 1.0)
    return CURVE_TOP + (1 - within) * CURVE_HEIGHT


def _draw_curve(state: WalkState) -> str:
    way, top, bottom = state.way, _largest_distance(state), CURVE_TOP + CURVE_HEIGHT
    left, right = _x_of(0), _x_of(1)
    parts = [svg.line(left, bottom, right, bottom, stroke=svg.LINE)]
    for tick in svg.ticks(0, top, 3):
        y = _y_of(tick, state)
        parts.append(svg.line(left - 5, y, left, y, stroke=svg.LINE))
        parts.append(svg.text(left - 9, y + 5.5, svg.significant(tick, 2), anchor="end"))
    for t in (0, 0.25, 0.5, 0.75, 1):
        parts.append(svg.text(_x_of(t), bottom + 20, f"{t:g}", anchor="middle"))
    y = _y_of(state.space.usual, state)
    parts.append(svg.line(left, y, right, y, stroke=svg.INK, dashes="7 5"))
    along = zip(way.t.tolist(), way.distances.tolist())
    points = [(_x_of(t), _y_of(distance, state)) for t, distance in along]
    parts.append(svg.polyline(points, stroke=svg.BLUE, stroke_width=3))
    y = bottom + 44
    parts.append(svg.line(left, y - 5.5, left + 30, y - 5.5, stroke=svg.BLUE, stroke_width=3))
    parts.append(svg.text(left + 38, y, "distance to the nearest training picture"))
    parts.append(svg.line(left + 390, y - 5.5, left + 420, y - 5.5, stroke=svg.INK, dashes="7 5"))
    parts.append(svg.text(left + 428, y, "usual among training pictures"))
    return "".join(parts)


def _draw_large(state: WalkState) -> str:
    number = state.nearest[0]
    title = LARGE_TOP - 10
    return (
        svg.text(PICTURE_LEFT, title, f"picture at t = {state.t:.2f}", bold=True)
        + draw_image(state.picture, PICTURE_LEFT, LARGE_TOP, LARGE)
        + svg.text(NEAREST_LEFT, title, f"nearest: training picture {number}", bold=True)
        + draw_image(state.space.images[number], NEAREST_LEFT, LARGE_TOP, LARGE)
    )


def _draw_findings(state: WalkState) -> str:
    lines = [
        (f"distance {state.nearest[1]:.3f}", True),
        (f"usual among them {state.space.usual:.3f}", False),
        (f"sharpness {state.sharpness:.2f}", True),
        ("training pictures 1.00", False),
        (f"length of the vector {np.linalg.norm(state.vector):.2f}", True),
        (f"usual if fresh {state.space.scale * math.sqrt(state.space.n_latent):.2f}", False),
    ]
    y = LARGE_TOP + 24
    parts = []
    for k, (words, bold) in enumerate(lines):
        parts.append(svg.text(WORDS_LEFT, y, words, bold=bold, size=18 if bold else 16))
        y += 26 if k % 2 == 0 else 52
    return "".join(parts)


# --------------------------------------------------------------------------- the widget


class VectorWalk(LiveWidget):
    """Walk from one vector to another and watch what a model makes of each point on the way.

    Each end is the vector of a training picture or a fresh one, drawn from N(0, scale² I) by its
    seed. The strip shows the whole walk, the curve beneath it how far each picture is from the
    nearest training picture; below stand the picture reached and that nearest one. Distances are
    root mean squares over pixels between 0 and 1; beside them stands what is usual: the median
    distance from a training picture to the nearest other one.

    Parameters
    ----------
    model : fitted estimator with predict or generate, or a function
        Makes pictures (n, n_pixels) of vectors (n, n_latent): an `ImageRegressor`, an `ImageGAN`.
        Where it has both, `generate` is asked.
    pictures : array-like of shape (n_pictures, height, width) or (n_pictures, n_pixels)
        The training pictures, two at least, with pixels as the model makes them.
    vectors : array-like of shape (n_pictures, n_latent), optional
        The vectors that the pictures were trained with, where there are any.
    n_latent : int, optional
        Length of a vector, where neither `vectors` nor the model tells it.
    image_shape : (int, int), optional
        (height, width), where the pictures are flattened and neither square nor told by the model.
    pixel_range : (float, float), default=(0, 1)
        What is black and what is white: (−1, 1) for models that end in a tanh.
    scale : float, default=1
        Standard deviation of the numbers in a fresh vector.
    start, end : int, optional
        Number of the training vector at each end, by default 0 and 1; without `vectors`, seeds.
    t : float, default=0.5
        How far the walk has come, from 0 to 1.
    random_state : int, default=0
        Seed of the buttons' choices.

    Raises
    ------
    NotFittedError, TypeError, ValueError
        If an argument is not of the kind above; what was given and expected is said.

    Examples
    --------
    >>> import numpy as np
    >>> rng = np.random.default_rng(0)
    >>> Z, W = rng.normal(size=(5, 3)), rng.uniform(size=(3, 24))
    >>> walk = VectorWalk(lambda Z: Z @ W, Z @ W, Z, image_shape=(4, 6))
    >>> walk.t = 1
    >>> walk.nearest[0]
    1
    >>> walk.end_source, walk.end_number = "fresh", 7
    """

    start_source = setting("start_source", 'The start: "training" or "fresh".')
    start_number = setting("start_number", "Number of its training picture, or its seed.")
    end_source = setting("end_source", 'The end: "training" or "fresh".')
    end_number = setting("end_number", "Number of its training picture, or its seed.")
    t = setting("t", "How far the walk has come, from 0 to 1.")
    path = setting("path", 'How the walk leads: "straight" or "round".')

    words_height = "6em"

    def __init__(
        self,
        model: Any,
        pictures: ArrayLike,
        vectors: ArrayLike | None = None,
        *,
        n_latent: int | None = None,
        image_shape: tuple[int, int] | None = None,
        pixel_range: tuple[float, float] = (0, 1),
        scale: float = 1.0,
        start: int = 0,
        end: int = 1,
        t: float = 0.5,
        random_state: int = 0,
    ):
        space = PictureSpace(model, pictures, vectors, n_latent, image_shape, pixel_range, scale)
        source = "fresh" if space.vectors is None else "training"
        state = WalkState(space, source, start, source, end, t)
        super().__init__(state, draw=draw_picture, describe=describe)
        self._rng = np.random.default_rng(random_state)
        self._start = {n: getattr(state, n) for n in state.__dataclass_fields__ if n != "space"}
        buttons = [
            self.button("Fresh start", self.fresh_start, "Begin at a fresh random vector"),
            self.button("Fresh end", self.fresh_end, "Go to a fresh random vector"),
        ]
        if space.vectors is not None:
            buttons.append(
                self.button("Two trained", self.two_trained, "Walk between two training vectors")
            )
        buttons += [
            self.button("Swap", self.swap, "Exchange start and end"),
            self.button("Reset", self.reset, "Return to the first walk"),
        ]
        ways = [(words, path) for path, words in PATHS.items()]
        self.arrange(
            self.pointer(self._point),
            [self.number("t", "How far, t", 0.0, 1.0, 0.02)],
            [*self._end_controls("start"), *self._end_controls("end")],
            [self.choice("path", "Way", ways), *buttons],
        )

    def _end_controls(self, end: str) -> list:
        name = end.capitalize()
        box = self.whole_number(f"{end}_number", f"{name}, number")
        if self.state.space.vectors is None:
            return [box]
        sources = [(words, source) for source, words in SOURCES.items()]
        return [self.choice(f"{end}_source", name, sources), box]

    def _point(self, across: float, up: float) -> None:
        """Go where the mouse points, from 0 to 1; what is left of the first frame's middle is 0."""
        width = (N_FRAMES - 1) * PITCH + FRAME
        t = (across * width - FRAME / 2) / (width - FRAME)
        if not math.isfinite(t):
            raise ValueError(f"across must be a number from 0 to 1; given {across}")
        self.change(t=min(max(t, 0.0), 1.0))

    def change(self, **values: Any) -> None:
        """Give settings new values; an end that turns to the training keeps to their numbers."""
        for end in ("start", "end"):
            source, number = f"{end}_source", f"{end}_number"
            wanted = values.get(source)
            if isinstance(wanted, str) and wanted == "training" and number not in values:
                values[number] = getattr(self.state, number) % len(self.state.space.rows)
        super().change(**values)

    @property
    def vector(self) -> NDArray:
        """The point reached, shape (n_latent,)."""
        return self.state.vector.copy()

    @property
    def picture(self) -> NDArray:
        """What the model makes of it, shape (height, width), in 0–1 or a little beyond."""
        return self.state.picture.copy()

    @property
    def nearest(self) -> tuple[int, float]:
        """The number of the nearest training picture, and the RMS distance to it."""
        return self.state.nearest

    @property
    def sharpness(self) -> float:
        """Gradient energy of the picture, as a share of the training pictures'."""
        return self.state.sharpness

    def fresh_start(self) -> None:
        """Begin at a fresh random vector."""
        self.change(start_source="fresh", start_number=self._seed())

    def fresh_end(self) -> None:
        """Go to a fresh random vector."""
        self.change(end_source="fresh", end_number=self._seed())

    def two_trained(self) -> None:
        """Walk between the vectors of two training pictures, chosen at random."""
        one, other = self._rng.choice(len(self.state.space.rows), size=2, replace=False).tolist()
        self.change(
            start_source="training", start_number=one, end_source="training", end_number=other
        )

    def swap(self) -> None:
        """Exchange start and end; the picture reached stays."""
        state = self.state
        self.change(
            start_source=state.end_source,
            start_number=state.end_number,
            end_source=state.start_source,
            end_number=state.start_number,
            t=1 - state.t,
        )

    def reset(self) -> None:
        """Return to the first walk."""
        self.change(**self._start)

    def _seed(self) -> int:
        return int(self._rng.integers(100, 1000))

    def figure(self) -> DescribedFigure:
        """The walk as an ordinary figure: the strip, its nearest training pictures, the curve.

        Returns
        -------
        DescribedFigure
        """
        state, way = self.state, self.state.way
        found, distances = state.space.nearest(way.strip)
        fig = plt.figure(figsize=(11, 4.6))
        grid = fig.add_gridspec(3, N_FRAMES, height_ratios=[1, 1, 1.3])
        for k, (picture, number) in enumerate(zip(way.strip, found)):
            rows = [picture, state.space.images[number]]
            titles = [f"t = {k / (N_FRAMES - 1):.1f}", f"no. {number}"]
            for row, (image, title) in enumerate(zip(rows, titles)):
                ax = fig.add_subplot(grid[row, k])
                ax.imshow(image, cmap="gray", vmin=0, vmax=1)
                ax.set_title(title, fontsize=11)
                ax.axis("off")
        ax = fig.add_subplot(grid[2, :])
        ax.plot(way.t, way.distances, label="distance to the nearest training picture")
        ax.axhline(state.space.usual, color="black", linestyle="--", label="usual among these")
        ax.plot([state.t], [state.nearest[1]], "o", color=svg.VERMILLION)
        ax.set(xlabel="t", ylabel="RMS distance", ylim=(0, None))
        ax.legend()
        fig.suptitle(
            f"From {state.end_in_words('start')} to {state.end_in_words('end')}; "
            "below each picture the nearest training picture"
        )
        return with_alt(
            fig,
            f"{describe(state)} Along the way the distance is between {distances.min():.3f} and "
            f"{way.distances.max():.3f}.",
        )
