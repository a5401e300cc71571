"""Pictures made from numbers: a head that turns, and cats.

Every picture is a pure function of its parameters (`render_heads`, `render_cats`); the
samplers (`make_heads`, `make_head_turns`, `make_cats`) draw the parameters and render. What
comes next after a frame of a turning head is drawn at random, so its possible futures and
their mean are known exactly (`possible_futures`, `mean_of_futures`).

Pictures have the shape (n_samples, height, width) and pixels from 0, black, to 1, white.
Within a picture x runs to the right and y upwards, both from −1 to 1 over the largest square
that fits in the middle. Left and right are the onlooker's.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, DTypeLike, NDArray
from sklearn.utils import Bunch

from helpers.checks import (
    as_generator,
    check_choice,
    check_dtype,
    check_number,
    check_whole,
)
from helpers.datasets import RandomState

SMALLEST_SIDE = 16
"""Pixels; in smaller pictures the eyes are lost."""

DEGREES, SHARE = {"minimum": 0, "maximum": 180}, {"minimum": 0, "maximum": 1}
"""What `check_number` holds angles and probabilities to."""

_FRAMES_AT_A_TIME = 32  # what is computed for these fits into a processor's cache


class Trait(NamedTuple):
    """A number that shapes a picture: what is usual, and the range it may have."""

    usual: float
    low: float
    high: float
    meaning: str


HEAD_TRAITS = {
    "skin": Trait(0.8, 0.5, 0.95, "brightness of the skin"),
    "hair": Trait(0.28, 0.12, 0.45, "brightness of the hair"),
    "head_width": Trait(1.0, 0.88, 1.08, "how wide the head is, against the usual"),
    "ear_size": Trait(1.0, 0.75, 1.35, "how large the ears are, against the usual"),
    "eye_distance": Trait(1.0, 0.88, 1.15, "how far apart the eyes are, against the usual"),
    "eye_size": Trait(1.0, 0.85, 1.2, "how large the eyes are, against the usual"),
    "nose_size": Trait(1.0, 0.75, 1.3, "how large the nose is, against the usual"),
    "mouth_width": Trait(1.0, 0.7, 1.3, "how wide the mouth is, against the usual"),
    "hairline": Trait(0.0, -0.08, 0.12, "how far up the hair begins, against the usual"),
}
"""What makes one head differ from another, by name."""

CAT_TRAITS = {
    "x": Trait(0.0, -0.06, 0.06, "where the middle of the face is, to the right"),
    "y": Trait(0.0, -0.06, 0.06, "where the middle of the face is, upwards"),
    "size": Trait(1.0, 0.9, 1.06, "how large the cat is, against the usual"),
    "tilt": Trait(0.0, -9.0, 9.0, "degrees by which the head leans to the right"),
    "ear_size": Trait(1.0, 0.75, 1.2, "how tall the ears are, against the usual"),
    "roundness": Trait(1.0, 0.88, 1.1, "how wide the face is, against the usual"),
    "gaze_x": Trait(0.0, -1.0, 1.0, "where the eyes look: −1 left, 1 right"),
    "gaze_y": Trait(0.0, -1.0, 1.0, "where the eyes look: −1 down, 1 up"),
    "stripes": Trait(0.5, 0.0, 1.0, "how marked the stripes are"),
    "brightness": Trait(0.62, 0.48, 0.76, "of the fur; of a dark cat it is one less this"),
    "background": Trait(0.05, 0.0, 0.1, "brightness behind; of a dark cat one less this"),
    "dark": Trait(0.0, 0.0, 1.0, "0 is a light cat before black, 1 a dark one before white"),
}
"""What makes one cat differ from another, by name."""


# ------------------------------------------------------------------- the turning head

FUTURES = {"two": 30.0, "continuous": 45.0}
"""The kinds of future, and by how many degrees the head may turn unless told otherwise."""

_LIGHT = (-0.36, 0.46, 0.81)  # from the upper left, in front
_AMBIENT = 0.38  # brightness of what the light does not reach, against what it meets squarely


def render_heads(
    yaw: ArrayLike,
    *,
    height: int = 24,
    width: int = 24,
    oversampling: int = 3,
    dtype: DTypeLike = np.float32,
    **traits: ArrayLike,
) -> NDArray:
    """Cast one ray for every sample of every pixel at a head made of ellipsoids.

    Parameters
    ----------
    yaw : array-like of shape (n_samples,) or a number
        Degrees by which the head is turned: 0 looks at the camera, 90 to the right, −90 to
        the left of the picture.
    height, width : int
        Size of the pictures in pixels, each at least 16.
    oversampling : int
        A pixel is the mean of ``oversampling ** 2`` rays.
    dtype : {float32, float64}
        What is computed with and returned.
    **traits : array-like of shape (n_samples,) or a number
        Any of `HEAD_TRAITS`, such as ``ear_size=1.2``; the usual value where not given.

    Returns
    -------
    images : ndarray of shape (n_samples, height, width), in [0, 1]

    Raises
    ------
    TypeError, ValueError
        If an argument is not of the kind or in the range above.
    """
    size = _as_size(height, width)
    table = _as_table({"yaw": yaw}, traits, HEAD_TRAITS)
    check_whole("oversampling", oversampling)
    canvas = _Canvas(*size, oversampling, _as_float_type(dtype))
    return _render_distinct(_cast_heads, table, canvas)


def make_heads(
    n_samples: int = 1000,
    *,
    max_yaw: float = 75.0,
    vary_identity: bool = False,
    height: int = 24,
    width: int = 24,
    dtype: DTypeLike = np.float32,
    random_state: RandomState = None,
) -> Bunch:
    """Heads that look anywhere between ``-max_yaw`` and ``max_yaw``, in whole degrees.

    Parameters
    ----------
    n_samples : int
        At least 1.
    max_yaw : float
        Degrees, at least 0.
    vary_identity : bool
        Draw all `HEAD_TRAITS` uniformly from their ranges, for every picture anew. Without
        it all pictures are of the usual head.
    height, width, dtype
        As in `render_heads`.
    random_state : int, Generator or None
        Seed or source of the randomness.

    Returns
    -------
    Bunch
        ``images``: shape (n_samples, height, width), in [0, 1]; ``yaw``: degrees, shape
        (n_samples,); ``traits``: {name: array of shape (n_samples,)}, empty without
        `vary_identity`.

    Raises
    ------
    TypeError, ValueError
        If an argument is not of the kind or in the range above.
    """
    check_whole("n_samples", n_samples)
    check_number("max_yaw", max_yaw, **DEGREES)
    rng = as_generator(random_state)
    yaw = _draw_whole_degrees(max_yaw, n_samples, rng)
    traits = _draw_traits(HEAD_TRAITS, n_samples, rng) if vary_identity else {}
    images = render_heads(yaw, height=height, width=width, dtype=dtype, **traits)
    return Bunch(images=images, yaw=yaw, traits=traits)


def make_head_turns(
    n_samples: int = 1000,
    *,
    futures: str = "two",
    turn: float | None = None,
    p_left: float = 0.5,
    max_yaw: float = 30.0,
    vary_identity: bool = False,
    height: int = 24,
    width: int = 24,
    dtype: DTypeLike = np.float32,
    random_state: RandomState = None,
) -> Bunch:
    """Pairs of frames: a head, and the same head after a turn to the left or to the right.

    Parameters
    ----------
    n_samples : int
        At least 1.
    futures : {"two", "continuous"}
        Whether the head turns by exactly `turn`, or by anything up to it.
    turn : float, optional
        Degrees, above 0. Default: `FUTURES`, 30 for two futures and 45 for continuous ones.
    p_left : float in [0, 1]
        How probable a turn to the left is.
    max_yaw : float
        The first frame looks anywhere between ``-max_yaw`` and ``max_yaw``, in whole degrees.
    vary_identity, height, width, dtype
        As in `make_heads`.
    random_state : int, Generator or None
        Seed or source of the randomness.

    Returns
    -------
    Bunch
        ``frames``, ``next_frames``: shape (n_samples, height, width), in [0, 1]; ``yaw``:
        degrees in the first frame; ``turn``: degrees by which the head turns, below 0 to
        the left; both of shape (n_samples,); ``traits``: as in `make_heads`.

    Raises
    ------
    TypeError, ValueError
        If an argument is not of the kind or in the range above.

    References
    ----------
    W. Lotter, G. Kreiman and D. Cox, *Unsupervised learning of visual structure using
    predictive generative networks* (2015), where a head that turns is predicted.
    """
    check_whole("n_samples", n_samples)
    check_number("max_yaw", max_yaw, **DEGREES)
    turns, weights = turns_and_weights(futures=futures, turn=turn, p_left=p_left)
    rng = as_generator(random_state)
    yaw = _draw_whole_degrees(max_yaw, n_samples, rng)
    turned = rng.choice(turns, size=n_samples, p=weights)
    traits = _draw_traits(HEAD_TRAITS, n_samples, rng) if vary_identity else {}
    style = {"height": height, "width": width, "dtype": dtype, **traits}
    return Bunch(
        frames=render_heads(yaw, **style),
        next_frames=render_heads(yaw + turned, **style),
        yaw=yaw,
        turn=turned,
        traits=traits,
    )


def turns_and_weights(
    *, futures: str = "two", turn: float | None = None, p_left: float = 0.5
) -> tuple[NDArray, NDArray]:
    """The turns that are possible after any frame, and how probable each of them is.

    Continuous turns are drawn from the middles of equal steps of at most one degree, so that
    sums over them are exact; the pictures of neighbouring steps differ by less than the eye
    can see.

    Parameters
    ----------
    futures, turn, p_left
        As in `make_head_turns`.

    Returns
    -------
    turns : ndarray of shape (n_futures,)
        Degrees, in ascending order: two of them, or about ``2 * turn``.
    weights : ndarray of shape (n_futures,)
        At least 0; their sum is 1.
    """
    check_choice("futures", futures, tuple(FUTURES))
    turn = FUTURES[futures] if turn is None else turn
    check_number("turn", turn, **DEGREES)
    if turn == 0:
        raise ValueError("turn must be above 0 degrees; given 0")
    check_number("p_left", p_left, **SHARE)
    n_steps = int(np.ceil(turn))
    right = [turn] if futures == "two" else (np.arange(n_steps) + 0.5) * (turn / n_steps)
    turns = np.concatenate([-np.flip(right), right])
    weights = np.where(turns < 0, p_left, 1 - p_left) / len(right)
    return turns, weights


def possible_futures(
    yaw: ArrayLike,
    *,
    futures: str = "two",
    turn: float | None = None,
    height: int = 24,
    width: int = 24,
    dtype: DTypeLike = np.float32,
    **traits: ArrayLike,
) -> NDArray:
    """All frames that may follow a frame of a head, in the order of `turns_and_weights`.

    Parameters
    ----------
    yaw : array-like of shape (n_samples,) or a number
        Degrees, in the first frame.
    futures, turn, height, width, dtype
        As in `make_head_turns`.
    **traits
        As in `render_heads`.

    Returns
    -------
    images : ndarray of shape (n_samples, n_futures, height, width), in [0, 1]
        Of continuous futures there are about 90, so that this may be large.

    Raises
    ------
    TypeError, ValueError
        If an argument is not of the kind or in the range above.
    """
    turns, _ = turns_and_weights(futures=futures, turn=turn)
    table = _as_table({"yaw": yaw}, traits, HEAD_TRAITS)
    after = {name: np.repeat(values, len(turns)) for name, values in table.items()}
    after["yaw"] = (table["yaw"][:, None] + turns).ravel()
    images = render_heads(**after, height=height, width=width, dtype=dtype)
    return images.reshape(-1, len(turns), *images.shape[1:])


def mean_of_futures(
    yaw: ArrayLike,
    *,
    futures: str = "two",
    turn: float | None = None,
    p_left: float = 0.5,
    height: int = 24,
    width: int = 24,
    dtype: DTypeLike = np.float32,
    **traits: ArrayLike,
) -> NDArray:
    """The expectation of the next frame given a frame: what least squares converges to.

    Parameters
    ----------
    yaw : array-like of shape (n_samples,) or a number
        Degrees, in the first frame.
    futures, turn, p_left, height, width, dtype
        As in `make_head_turns`.
    **traits
        As in `render_heads`.

    Returns
    -------
    images : ndarray of shape (n_samples, height, width), in [0, 1]
        The sum of `possible_futures`, each times its probability.

    Raises
    ------
    TypeError, ValueError
        If an argument is not of the kind or in the range above.
    """
    turns, weights = turns_and_weights(futures=futures, turn=turn, p_left=p_left)
    style = {"height": height, "width": width, "dtype": dtype}
    distinct, row_of = _distinct_rows(_as_table({"yaw": yaw}, traits, HEAD_TRAITS))
    means = np.empty((len(distinct["yaw"]), *_as_size(height, width)), _as_float_type(dtype))
    for some in _chunks(len(means)):
        parameters = {name: values[some] for name, values in distinct.items()}
        after = possible_futures(**parameters, futures=futures, turn=turn, **style)
        means[some] = np.einsum("k,nkhw->nhw", weights.astype(dtype), after)
    return means[row_of]


class _Ellipsoid(NamedTuple):
    """One for every frame, with an upright axis; every entry is a number or one a frame."""

    center: tuple  # in the head's own axes: to its right as we face it, up, to the front
    radii: tuple
    turned: float = 0.0  # radians about its upright axis, within the head


class _Surface(NamedTuple):
    """The side of an ellipsoid that faces the camera, seen through a window of the canvas."""

    rows: slice
    columns: slice
    hit: NDArray  # where a ray meets it
    depth: NDArray  # towards the camera
    light: NDArray  # from the ambient light to 1
    place: tuple  # the point on the unit sphere of which this one is the image


class _Canvas:
    """The rays: one from the middle of every cell of a fine grid over the picture."""

    def __init__(self, height: int, width: int, oversampling: int, dtype: np.dtype) -> None:
        self.height, self.width, self.oversampling = height, width, oversampling
        self.dtype = dtype
        unit = oversampling * min(height, width) / 2
        self.spacing = dtype.type(1 / unit)
        rows, columns = np.arange(height * oversampling), np.arange(width * oversampling)
        self.y = ((len(rows) / 2 - rows - 0.5) / unit).astype(dtype)
        self.x = ((columns + 0.5 - len(columns) / 2) / unit).astype(dtype)

    def blank(self, n_samples: int, value: float) -> NDArray:
        return np.full((n_samples, len(self.y), len(self.x)), value, self.dtype)

    def window(self, x_range: tuple, y_range: tuple) -> tuple[slice, slice]:
        """The rows and columns that can see anything between these ends."""
        left, right = np.searchsorted(self.x, [np.min(x_range[0]), np.max(x_range[1])])
        top, bottom = np.searchsorted(-self.y, [-np.max(y_range[1]), -np.min(y_range[0])])
        return slice(top, bottom), slice(left, right)

    def pixels(self, fine: NDArray) -> NDArray:
        """The mean over the rays of every pixel, shape (n_samples, height, width)."""
        k = self.oversampling
        rows = sum(fine[:, i::k] for i in range(k))
        return sum(rows[:, :, i::k] for i in range(k)) / self.dtype.type(k * k)


def _cast_heads(table: dict[str, NDArray], canvas: _Canvas) -> NDArray:
    """Parameters of shape (n_samples, 1, 1) to pictures; the nearest surface is seen."""
    image = canvas.blank(len(table["yaw"]), 0)
    depth = canvas.blank(len(table["yaw"]), -np.inf)
    yaw = np.deg2rad(table["yaw"])
    for ellipsoid, paint in _head_parts(table):
        surface = _meet(ellipsoid, yaw, canvas)
        tone, covered = paint(surface, table, canvas)
        seen = surface.depth > depth[:, surface.rows, surface.columns]
        seen &= covered
        np.copyto(depth[:, surface.rows, surface.columns], surface.depth, where=seen)
        np.copyto(image[:, surface.rows, surface.columns], tone * surface.light, where=seen)
    return canvas.pixels(image)


def _meet(ellipsoid: _Ellipsoid, yaw: NDArray, canvas: _Canvas) -> _Surface:
    """Where rays parallel to the line of sight first meet an ellipsoid.

    Seen from the camera, an ellipsoid with radii (a, b, c), turned by φ about its upright
    axis, is an ellipse with the half-axes w = √(a² cos² φ + c² sin² φ) and b. With (u, v)
    the place within it, the point that is seen lies ``s u + (a c / w) √(1 − u² − v²)``
    nearer to the camera than the centre, where s = (c² − a²) sin φ cos φ / w.
    """
    (side, up, front), (a, b, c) = ellipsoid.center, ellipsoid.radii
    phi = yaw + ellipsoid.turned
    cos, sin = np.cos(phi), np.sin(phi)
    w = np.sqrt((a * cos) ** 2 + (c * sin) ** 2)
    slope, bulge = (c**2 - a**2) * sin * cos / w, a * c / w
    x_center = side * np.cos(yaw) + front * np.sin(yaw)
    z_center = front * np.cos(yaw) - side * np.sin(yaw)

    rows, columns = canvas.window((x_center - w, x_center + w), (up - b, up + b))
    u = (canvas.x[columns] - x_center) / w
    v = (canvas.y[rows, None] - up) / b
    inside = (1 - v * v) - u * u
    hit = inside > 0
    n2 = np.maximum(inside, 0)
    n = np.sqrt(n2)
    depth = (z_center + slope * u) + bulge * n
    # The normal is n · (−∂z/∂x, −∂z/∂y, 1), and its length must not be 0 at the rim.
    normal_x, normal_y = (bulge / w) * u - (slope / w) * n, (bulge / b) * v
    length = np.sqrt(normal_x * normal_x + (normal_y * normal_y + 1e-12) + n2)
    light = (_LIGHT[0] * normal_x + _LIGHT[1] * normal_y + _LIGHT[2] * n) / length
    light = _AMBIENT + (1 - _AMBIENT) * np.maximum(light, 0)
    place = (u * (a * cos / w) - n * (c * sin / w), v, u * (c * sin / w) + n * (a * cos / w))
    return _Surface(rows, columns, hit, depth, light, place)


def _head_parts(table: dict[str, NDArray]) -> Iterator[tuple[_Ellipsoid, Callable]]:
    """The ellipsoids of a head, and what paints each of them."""
    wide, ear, nose = table["head_width"], table["ear_size"], table["nose_size"]
    yield _Ellipsoid((0.0, -0.9, -0.08), (0.3, 0.6, 0.3)), _paint_neck
    yield _Ellipsoid((0.0, 0.02, 0.0), (0.64 * wide, 0.8, 0.68)), _paint_face
    yield _Ellipsoid((0.0, 0.11, -0.07), (0.69 * wide, 0.82, 0.7)), _paint_hair
    for side in (-1, 1):
        radii = (0.09 * ear, 0.23 * ear, 0.17 * ear)
        center = (side * 0.67 * wide, 0.0, -0.06)
        yield _Ellipsoid(center, radii, -0.7 * side), _paint_ear
    yield _Ellipsoid((0.0, -0.13, 0.66), (0.11 * nose, 0.17 * nose, 0.18 * nose)), _paint_nose


def _paint_neck(surface: _Surface, table: dict[str, NDArray], canvas: _Canvas):
    """In the shadow of the chin."""
    return 0.66 * table["skin"], surface.hit


def _paint_nose(surface: _Surface, table: dict[str, NDArray], canvas: _Canvas):
    """Darker from beneath."""
    _, up, _ = surface.place
    return np.where(up < -0.45, 0.6, 1.0).astype(canvas.dtype) * table["skin"], surface.hit


def _paint_hair(surface: _Surface, table: dict[str, NDArray], canvas: _Canvas):
    """Above a line that falls from the forehead to the ears, and behind them to the nape."""
    _, up, front = surface.place
    line = np.minimum(0.06 + 0.4 * front, 0.32 + 1.5 * front) + table["hairline"]
    return table["hair"], surface.hit & (up > line)


def _paint_ear(surface: _Surface, table: dict[str, NDArray], canvas: _Canvas):
    """Darker within the shell; its other side is hidden by the head or the hair."""
    _, up, front = surface.place
    shell = _soft_ellipse(front - 0.1, up - 0.05, 0.55, 0.6, 0.3)
    return table["skin"] * (1 - 0.5 * shell), surface.hit


def _paint_face(surface: _Surface, table: dict[str, NDArray], canvas: _Canvas):
    """Eyes, brows and mouth on the front, each where its rows of rays meet the head."""
    across, up, front = surface.place
    tone = np.broadcast_to(table["skin"], surface.hit.shape).copy()
    eye, size = 0.35 * table["eye_distance"], table["eye_size"]
    dark, lips = 0.35 * table["hair"], 0.3 * table["skin"]
    mirrored = np.abs(across)
    features = [
        (mirrored - eye, 0.1, 0.21 * size, 0.14 * size, 1.2),
        (mirrored - eye, 0.1, 0.1 * size, 0.135 * size, 0.0),
        (mirrored - eye - 0.01, 0.33, 0.24, 0.05, dark),
        (across, -0.52, 0.28 * table["mouth_width"], 0.06, lips),
    ]
    for x, y, half_width, half_height, paint in features:
        reach = np.max(half_height) + 2 * canvas.spacing
        rows = slice(*np.searchsorted(-up.ravel(), [-y - reach, -y + reach]))
        soft = float(canvas.spacing / np.min(half_height))
        cover = _soft_ellipse(x[:, rows], up[rows] - y, half_width, half_height, soft)
        cover *= front[:, rows] > 0
        tone[:, rows] += cover * (paint - tone[:, rows])
    return tone, surface.hit


def _soft_ellipse(x: NDArray, y: NDArray, half_width, half_height, soft: float) -> NDArray:
    """1 within the ellipse, 0 outside, with an edge that is `soft` of its radius wide."""
    u, v = x / half_width, y / half_height
    return np.clip((1 - v * v - u * u) / (2 * soft) + 0.5, 0, 1)


# ------------------------------------------------------------------- the cats


def render_cats(
    *,
    height: int = 16,
    width: int = 16,
    oversampling: int = 2,
    dtype: DTypeLike = np.float32,
    **traits: ArrayLike,
) -> NDArray:
    """Paint the faces of cats, layer upon layer.

    Parameters
    ----------
    height, width : int
        Size of the pictures in pixels, each at least 16.
    oversampling : int
        A pixel is the mean of ``oversampling ** 2`` samples.
    dtype : {float32, float64}
        What is computed with and returned.
    **traits : array-like of shape (n_samples,) or a number
        Any of `CAT_TRAITS`, such as ``gaze_x=[-1, 0, 1]``; the usual value where not given.

    Returns
    -------
    images : ndarray of shape (n_samples, height, width), in [0, 1]

    Raises
    ------
    TypeError, ValueError
        If an argument is not of the kind or in the range above.
    """
    size = _as_size(height, width)
    table = _as_table({}, traits, CAT_TRAITS)
    check_whole("oversampling", oversampling)
    canvas = _Canvas(*size, oversampling, _as_float_type(dtype))
    return _render_distinct(_paint_cats, table, canvas)


def make_cats(
    n_samples: int = 1000,
    *,
    p_dark: float = 0.0,
    height: int = 16,
    width: int = 16,
    dtype: DTypeLike = np.float32,
    random_state: RandomState = None,
) -> Bunch:
    """Cats whose traits are drawn uniformly from the ranges of `CAT_TRAITS`.

    Parameters
    ----------
    n_samples : int
        At least 1.
    p_dark : float in [0, 1]
        How probable a dark cat before a bright background is; all others are light and
        before a dark one.
    height, width, dtype
        As in `render_cats`.
    random_state : int, Generator or None
        Seed or source of the randomness.

    Returns
    -------
    Bunch
        ``images``: shape (n_samples, height, width), in [0, 1]; ``traits``: {name: array of
        shape (n_samples,)}, with ``dark`` 0 or 1.

    Raises
    ------
    TypeError, ValueError
        If an argument is not of the kind or in the range above.
    """
    check_whole("n_samples", n_samples)
    check_number("p_dark", p_dark, **SHARE)
    rng = as_generator(random_state)
    traits = _draw_traits(CAT_TRAITS, n_samples, rng)
    traits["dark"] = (traits["dark"] < p_dark).astype(float)
    images = render_cats(height=height, width=width, dtype=dtype, **traits)
    return Bunch(images=images, traits=traits)


def _paint_cats(table: dict[str, NDArray], canvas: _Canvas) -> NDArray:
    """Parameters of shape (n_samples, 1, 1) to pictures; later layers cover earlier ones."""
    dark = table["dark"]
    fur = table["brightness"] * (1 - dark) + (1 - table["brightness"]) * dark
    behind = table["background"] * (1 - dark) + (1 - table["background"]) * dark
    image = canvas.blank(len(fur), 0) + behind
    tones = {
        "fur": fur,
        "inner ear": 0.55 * fur,
        "whiskers": 0.2 * behind + 0.8 * fur,
        "stripes": fur * (1 - 0.55 * table["stripes"]),
        "muzzle": fur + 0.3 * (1 - fur),
        "eye": 1.0,
        "pupil": 0.0,
        "nose": 0.12,
    }
    x, y = _cat_axes(table, canvas)
    soft = canvas.spacing / table["size"]
    for name, cover in _cat_layers(x, y, soft, table):
        image += cover * (tones[name] - image)
    return canvas.pixels(image)


def _cat_axes(table: dict[str, NDArray], canvas: _Canvas) -> tuple[NDArray, NDArray]:
    """The samples' places in axes that move, lean and grow with the cat."""
    right, up = canvas.x - table["x"], canvas.y[:, None] - table["y"]
    lean = np.deg2rad(table["tilt"])
    cos, sin = np.cos(lean) / table["size"], np.sin(lean) / table["size"]
    return right * cos - up * sin, up * cos + right * sin


def _cat_layers(x: NDArray, y: NDArray, soft: NDArray, table: dict[str, NDArray]) -> Iterator:
    """Name and cover, from 0 to 1, of every layer of a cat's face, from back to front."""
    wide, tall = table["roundness"], 0.36 + 0.5 * table["ear_size"]
    both = np.abs(x)  # what is painted with it appears on either side
    look_x, look_y = 0.07 * table["gaze_x"], 0.05 * table["gaze_y"]

    ear = [(0.06 * wide, 0.35), (0.6 * wide, tall), (0.74 * wide, -0.1)]
    inner = [(0.32 * wide, 0.38), (0.56 * wide, tall - 0.2), (0.63 * wide, 0.2)]
    yield "fur", _soft_triangle(both, y, ear, soft)
    yield "inner ear", _soft_triangle(both, y, inner, soft)
    yield "fur", _soft_oval(x, y + 0.14, 0.76 * wide, 0.64, soft)
    yield "stripes", _soft_oval(both - 0.2, y - 0.38, 0.055, 0.13, soft)
    yield "stripes", _soft_oval(x, y - 0.34, 0.055, 0.19, soft)
    yield "stripes", _soft_oval(both - 0.66 * wide, y + 0.12, 0.14, 0.045, soft)
    yield "muzzle", _soft_oval(both - 0.14, y + 0.5, 0.19, 0.16, soft)
    for end in (-0.24, -0.46, -0.68):
        yield "whiskers", _soft_line(both, y, (0.42, -0.46), (1.0, end), 0.038, soft)
    yield "eye", _soft_oval(both - 0.33, y, 0.21, 0.19, soft)
    for side in (-0.33, 0.33):
        yield "pupil", _soft_oval(x - side - look_x, y - look_y, 0.08, 0.16, soft)
    yield "nose", _soft_oval(x, y + 0.35, 0.1, 0.07, soft)
    yield "nose", _soft_oval(x, y + 0.55, 0.025, 0.12, soft)


def _soft_oval(x: NDArray, y: NDArray, half_width, half_height: float, soft: NDArray) -> NDArray:
    return _soft_ellipse(x, y, half_width, half_height, soft / half_height)


def _soft_triangle(x: NDArray, y: NDArray, corners: list[tuple], soft: NDArray) -> NDArray:
    """1 within the triangle, whose corners run clockwise."""
    inside = np.inf
    for (x1, y1), (x2, y2) in zip(corners, corners[1:] + corners[:1]):
        along_x, along_y = x2 - x1, y2 - y1
        length = np.sqrt(along_x**2 + along_y**2)
        distance = ((x - x1) * along_y - (y - y1) * along_x) / length
        inside = np.minimum(inside, distance)
    return np.clip(inside / soft + 0.5, 0, 1)


def _soft_line(x: NDArray, y: NDArray, start, end, half_width: float, soft: NDArray) -> NDArray:
    """1 near the line from `start` to `end`; a thinner line than a sample is fainter."""
    along_x, along_y = end[0] - start[0], end[1] - start[1]
    length_2 = along_x**2 + along_y**2
    t = np.clip(((x - start[0]) * along_x + (y - start[1]) * along_y) / length_2, 0, 1)
    distance = np.hypot(x - start[0] - t * along_x, y - start[1] - t * along_y)
    return np.clip((half_width - distance) / soft + 0.5, 0, 1)


# ------------------------------------------------------------------- parameters


def _as_table(first: dict, traits: dict, known: dict[str, Trait]) -> dict[str, NDArray]:
    """All parameters as float64 arrays of one length; traits are completed and checked."""
    unknown = sorted(set(traits) - set(known))
    if unknown:
        raise TypeError(f"unknown trait {unknown[0]!r}; the traits are {', '.join(known)}")
    given = {**first, **{name: traits.get(name, trait.usual) for name, trait in known.items()}}
    table = {name: _as_row(name, values) for name, values in given.items()}
    for name in traits:
        _check_range(name, table[name], known[name])
    lengths = {name: len(values) for name, values in table.items() if len(values) != 1}
    if len(set(lengths.values())) > 1:
        raise ValueError(f"parameters must have one length, or be numbers; given {lengths}")
    n_samples = max(lengths.values(), default=1)
    return {name: np.broadcast_to(values, n_samples) for name, values in table.items()}


def _as_row(name: str, values: ArrayLike) -> NDArray:
    try:
        row = np.asarray(values, dtype=np.float64)
    except (TypeError, ValueError):
        raise TypeError(f"{name} must hold numbers; given {values!r}") from None
    if row.ndim > 1 or not row.size:
        raise ValueError(
            f"{name} must be a number or have shape (n_samples,); given shape {row.shape}"
        )
    if not np.isfinite(row).all():
        raise ValueError(f"{name} must be finite; given {row[~np.isfinite(row)][0]}")
    return row.reshape(-1)


def _check_range(name: str, values: NDArray, trait: Trait) -> None:
    outside = (values < trait.low) | (values > trait.high)
    if outside.any():
        raise ValueError(
            f"{name} ({trait.meaning}) must lie in [{trait.low}, {trait.high}]; "
            f"given {values[outside][0]:g}"
        )


def _draw_traits(traits: dict[str, Trait], n_samples: int, rng) -> dict[str, NDArray]:
    return {name: rng.uniform(trait.low, trait.high, n_samples) for name, trait in traits.items()}


def _draw_whole_degrees(most: float, n_samples: int, rng) -> NDArray:
    """Whole degrees, so that few distinct pictures need rendering."""
    return rng.integers(-int(most), int(most), size=n_samples, endpoint=True).astype(float)


def _distinct_rows(table: dict[str, NDArray]) -> tuple[dict[str, NDArray], NDArray]:
    """The distinct settings, and for each row of the table which of them it is."""
    rows = np.column_stack(list(table.values()))
    distinct, row_of = np.unique(rows, axis=0, return_inverse=True)
    return dict(zip(table, distinct.T)), row_of.ravel()


def _chunks(n_rows: int) -> Iterator[slice]:
    for start in range(0, n_rows, _FRAMES_AT_A_TIME):
        yield slice(start, start + _FRAMES_AT_A_TIME)


def _render_distinct(render: Callable, table: dict[str, NDArray], canvas: _Canvas) -> NDArray:
    """Render every distinct setting once, some at a time, and look the others up.

    Settings are sorted, so that neighbours are alike and see the same part of the canvas.
    """
    distinct, row_of = _distinct_rows(table)
    images = np.empty((row_of.max() + 1, canvas.height, canvas.width), canvas.dtype)
    for some in _chunks(len(images)):
        columns = {
            name: values[some, None, None].astype(canvas.dtype) for name, values in distinct.items()
        }
        images[some] = render(columns, canvas)
    return np.clip(images[row_of], 0, 1)


def _as_size(height: int, width: int) -> tuple[int, int]:
    check_whole("height", height)
    check_whole("width", width)
    if min(height, width) < SMALLEST_SIDE:
        raise ValueError(
            f"height and width must be at least {SMALLEST_SIDE}; given {height} and {width}"
        )
    return height, width


def _as_float_type(dtype: DTypeLike) -> np.dtype:
    check_dtype("dtype", dtype)
    return np.dtype(dtype)
