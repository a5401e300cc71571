"""The hidden space of a trained autoencoder, live: codes, draws, and a point h to move and decode.

The functions at the top say how h may be drawn. Lessons 03 and 04 explain them; the widget below
draws with them, and says whether h lies among the codes and x̂ among the real rows.
"""

from __future__ import annotations

import math
import numbers
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import ipywidgets
import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.spatial import cKDTree
from sklearn.base import BaseEstimator
from sklearn.exceptions import ConvergenceWarning, NotFittedError
from sklearn.mixture import GaussianMixture
from sklearn.utils.validation import check_is_fitted

from helpers.checks import check_choice
from helpers.datasets import RandomState
from helpers.models.autoencoder import PRIORS
from helpers.widgets import svg
from helpers.widgets.live import LiveWidget, setting

MOST_COMPONENTS = 10
"""Of the fitted mixture; with fewer than a hundred codes, one for every ten of them."""

LARGEST_CODE = 1e6
FAR = 2.0
"""Farther than so many usual gaps from every code is off the codes; alike for rows."""

Sampler = Callable[[int, np.random.Generator], NDArray]


# ------------------------------------------------------------------- how h is drawn


def fit_prior(prior: str, H: NDArray, random_state: int = 0) -> Sampler:
    """Return a function that draws hidden vectors: ``draw(n, rng)`` has shape (n, n_latent).

    Parameters
    ----------
    prior : {"normal", "uniform", "gaussian", "mixture"}
        ``"normal"``: N(0, I), whatever the codes are. ``"uniform"``: each coordinate by itself,
        over the range it has among the codes. ``"gaussian"``: one Gaussian with the mean and
        covariance of the codes. ``"mixture"``: a mixture of Gaussians fitted to the codes.
    H : ndarray of shape (n_samples, n_latent)
        The codes.
    random_state : int
        Seed of the mixture's fit.

    Raises
    ------
    ValueError
        If `prior` is none of these.
    """
    check_choice("prior", prior, PRIORS)
    n_latent = H.shape[1]
    if prior == "uniform":
        low, high = H.min(axis=0), H.max(axis=0)
        return lambda n, rng: rng.uniform(low, high, size=(n, n_latent))
    if prior == "normal":
        return _mixture_sampler([1.0], np.zeros((1, n_latent)), np.eye(n_latent)[None])
    if prior == "gaussian":
        covariance = np.cov(H, rowvar=False, bias=True).reshape(n_latent, n_latent)
        return _mixture_sampler([1.0], H.mean(axis=0)[None], covariance[None])
    mixture = _fit_mixture(H, random_state)
    return _mixture_sampler(mixture.weights_, mixture.means_, mixture.covariances_)


def _fit_mixture(H: NDArray, random_state: int) -> GaussianMixture:
    n_components = max(1, min(MOST_COMPONENTS, len(np.unique(H, axis=0)) // 10))
    with warnings.catch_warnings():  # one that has not quite settled can be drawn from as well
        warnings.simplefilter("ignore", ConvergenceWarning)
        return GaussianMixture(n_components, random_state=random_state).fit(H)


def _mixture_sampler(weights: ArrayLike, means: NDArray, covariances: NDArray) -> Sampler:
    """Draw a component, then h = mean + root·z with standard normal z, root·rootᵀ = covariance."""
    eigenvalues, vectors = np.linalg.eigh(covariances)  # copes with a flat cloud of codes
    roots = vectors * np.sqrt(np.maximum(eigenvalues, 0))[:, None, :]

    def draw(n: int, rng: np.random.Generator) -> NDArray:
        component = rng.choice(len(means), size=n, p=weights)
        z = rng.standard_normal((n, means.shape[1]))
        return means[component] + np.einsum("nij,nj->ni", roots[component], z)

    return draw


# ----------------------------------------------------------------- near and far


class Neighbours:
    """A cloud of points that says how far away something is, and what is usual among them.

    Parameters
    ----------
    points : ndarray of shape (n, k), n ≥ 2

    Attributes
    ----------
    gap : float
        The usual gap: the median distance from a point to the nearest other one.
    share_far : float
        How many of the points are far from every other one: farther than two usual gaps.
    """

    def __init__(self, points: NDArray):
        self._tree = cKDTree(points)
        gaps = self._tree.query(points, k=2)[0][:, 1]
        self.gap = float(np.median(gaps))
        self.share_far = float(self.is_far(gaps).mean())

    def is_far(self, distance: NDArray | float) -> NDArray | bool:
        """Whether so far from the nearest point is far, for what is usual among the points."""
        return distance > FAR * self.gap

    def nearest(self, point: NDArray) -> tuple[int, float]:
        """Number and distance of the point that is nearest to another one, of shape (k,)."""
        distance, number = self._tree.query(point)
        return int(number), float(distance)

    def share_far_from_here(self, others: NDArray) -> float:
        """How many of other points, shape (m, k), are far from every point."""
        return float(self.is_far(self._tree.query(others)[0]).mean())


@dataclass(frozen=True)
class Draws:
    """Hidden vectors drawn in one way, shape (n, n_latent), and how many miss the data."""

    H: NDArray
    share_off_codes: float
    share_off_rows: float


class CodeSpace:
    """All that does not change while h moves: rows, codes, draws, and what is usual among them.

    Parameters
    ----------
    model : fitted estimator
    X : array-like of shape (n_samples, n_features)
    y : array-like of shape (n_samples,), or None
    rng : numpy.random.Generator
    """

    def __init__(self, model: Any, X: ArrayLike, y: ArrayLike | None, rng: np.random.Generator):
        _check_model(model)
        self.X = _as_rows(X)
        self.y = _as_labels(y, len(self.X))
        self.H = _as_codes(model.transform(self.X), len(self.X))
        self.n_latent = self.H.shape[1]
        self.rows, self.codes = Neighbours(self.X), Neighbours(self.H)
        self.low, self.high = self.H.min(axis=0), self.H.max(axis=0)
        self.parts = radar_parts(self.X) or {"value": np.arange(self.X.shape[1])}
        self.backgrounds: dict[tuple, str] = {}  # drawn once, used again
        self._model = model
        self._generators = dict(zip(PRIORS, rng.spawn(len(PRIORS))))
        self._samplers: dict[str, Sampler] = {}
        self._draws: dict[str, Draws] = {}
        self._fresh: dict[str, list[NDArray]] = {prior: [] for prior in PRIORS}

    def decode(self, H: NDArray) -> NDArray:
        """Decoded rows, shape (n, n_features), of hidden vectors, shape (n, n_latent)."""
        with np.errstate(over="ignore", invalid="ignore"):  # far out; the check below sees it
            rows = np.asarray(self._model.inverse_transform(H), dtype=float)
        if not np.isfinite(rows).all():
            raise ValueError("h must decode to finite numbers; this one is too far out")
        return rows

    def sampler(self, prior: str) -> Sampler:
        """The function that draws in one way: the model's own, if it can draw codes."""
        if hasattr(self._model, "sample_codes"):
            return lambda n, rng: self._model.sample_codes(n, rng, prior=prior)
        if prior not in self._samplers:
            self._samplers[prior] = fit_prior(prior, self.H)
        return self._samplers[prior]

    def fresh_draw(self, prior: str) -> NDArray:
        """One more draw, of shape (n_latent,)."""
        self.draws(prior)  # first of all, so that those shown do not depend on how many are asked
        if not self._fresh[prior]:
            # A model may fit its mixture anew whenever asked, so it is asked for many at a time.
            self._fresh[prior] = list(self.sampler(prior)(500, self._generators[prior]))
        return self._fresh[prior].pop()

    def draws(self, prior: str) -> Draws:
        """As many draws as there are rows: the same whenever asked for."""
        if prior not in self._draws:
            H = self.sampler(prior)(len(self.H), self._generators[prior])
            self._draws[prior] = Draws(
                H, self.codes.share_far_from_here(H), self.rows.share_far_from_here(self.decode(H))
            )
        return self._draws[prior]


def radar_parts(X: NDArray) -> dict[str, NDArray] | None:
    """The columns of the ionosphere table that hold real and imaginary part of the 17 pulses.

    Understands the table as it is (34 columns), without its empty column a02 (33), and without
    that but with the label as the last column (34).

    Parameters
    ----------
    X : ndarray of shape (n_samples, n_features)

    Returns
    -------
    dict or None
        Column numbers by part, shape (17,), −1 for what was dropped; None if X is another table.
    """
    n_features, a01 = X.shape[1], X[:, 0]
    if n_features not in (33, 34) or np.abs(X).max() > 1:
        return None
    if len(np.unique(a01)) > 2 or not a01.any():  # 0 and 1, or −1 and 1; 1 throughout class +1
        return None
    columns = np.array([0, -1, *range(1, 33)])
    if n_features == 34 and not X[:, 1].any():
        columns = np.arange(34)
    elif n_features == 34 and not np.isin(X[:, -1], (-1, 1)).all():
        return None
    return {"real part": columns[::2], "imaginary part": columns[1::2]}


def _check_model(model: Any) -> None:
    if isinstance(model, type):
        raise TypeError(f"model must be a fitted estimator; given the class {model.__name__}")
    missing = [m for m in ("transform", "inverse_transform") if not hasattr(model, m)]
    if missing:
        raise TypeError(
            f"model must have transform and inverse_transform; {type(model).__name__} has no "
            f"{' and no '.join(missing)}"
        )
    try:
        if isinstance(model, BaseEstimator):
            check_is_fitted(model)
    except NotFittedError:
        raise NotFittedError(
            f"model must be fitted before its codes can be shown: call fit(X) on this "
            f"{type(model).__name__} first"
        ) from None


def _as_numbers(name: str, value: ArrayLike, expected: str) -> NDArray:
    try:
        array = np.asarray(value)
    except ValueError:
        raise ValueError(f"{name} must be {expected}; given rows of unequal length") from None
    if array.dtype.kind not in "iuf":
        raise TypeError(f"{name} must be {expected}; given {value!r}")
    return array.astype(float)  # a copy, which is made read-only below


def _as_rows(value: ArrayLike) -> NDArray:
    expected = "finite numbers of shape (n_samples, n_features), n_samples ≥ 2"
    X = _as_numbers("X", value, expected)
    if X.ndim != 2 or len(X) < 2:
        raise ValueError(f"X must be {expected}; given shape {X.shape}")
    if not np.isfinite(X).all():
        raise ValueError(f"X must be {expected}; {(~np.isfinite(X)).sum()} of its values are not")
    X.flags.writeable = False
    return X


def _as_labels(value: ArrayLike | None, n: int) -> NDArray | None:
    if value is None:
        return None
    expected = f"one label, −1 or +1, for each of the {n} rows"
    y = _as_numbers("y", value, expected)
    if y.shape != (n,):
        raise ValueError(f"y must be {expected}; given shape {y.shape}")
    if not np.isin(y, (-1, 1)).all():
        raise ValueError(f"y must be {expected}; given {np.unique(y).tolist()[:5]}")
    return y.astype(int)


def _as_codes(value: ArrayLike, n: int) -> NDArray:
    H = np.array(value, dtype=float)
    if H.ndim != 2 or len(H) != n or H.shape[1] < 2 or not (np.abs(H) <= LARGEST_CODE).all():
        raise ValueError(
            f"model must encode each of the {n} rows in two or more numbers between −1,000,000 "
            f"and 1,000,000; its codes have shape {H.shape} and reach {np.abs(H).max():g}"
        )
    H.flags.writeable = False
    return H


# ---------------------------------------------------------------------- the state


@dataclass(frozen=True, eq=False)
class CodeState:
    """Everything the picture shows, or follows from."""

    space: CodeSpace
    h: NDArray
    axis_across: int = 0
    axis_up: int = 1
    coordinate: int = 0
    prior: str = "normal"

    def __post_init__(self):
        n_latent = self.space.n_latent
        for name in ("axis_across", "axis_up", "coordinate"):
            self._set(name, _as_coordinate(name, getattr(self, name), n_latent))
        if self.axis_across == self.axis_up:
            raise ValueError(f"axes must be two different coordinates; given {self.axes}")
        check_choice("prior", self.prior, PRIORS)
        self._set("h", _as_code(self.h, n_latent))
        self.x_hat  # noqa: B018  (raises if h does not decode to finite numbers)

    def _set(self, name: str, value) -> None:
        object.__setattr__(self, name, value)  # frozen, and not yet complete

    @property
    def axes(self) -> tuple[int, int]:
        """The two coordinates that the picture shows."""
        return self.axis_across, self.axis_up

    @cached_property
    def x_hat(self) -> NDArray:
        """The decoded row, shape (n_features,)."""
        return self.space.decode(self.h[None])[0]

    @cached_property
    def nearest_code(self) -> tuple[int, float]:
        """The number of the row whose code is nearest to h, and how far away it is."""
        return self.space.codes.nearest(self.h)

    @cached_property
    def nearest_row(self) -> tuple[int, float]:
        """The number of the real row that is nearest to x_hat, and how far away it is."""
        return self.space.rows.nearest(self.x_hat)

    @property
    def is_off_codes(self) -> bool:
        """Whether h is far from every code."""
        return self.space.codes.is_far(self.nearest_code[1])

    @property
    def is_off_rows(self) -> bool:
        """Whether x_hat is far from every real row."""
        return self.space.rows.is_far(self.nearest_row[1])

    @property
    def where(self) -> str:
        """Where h lies, in words."""
        if not self.is_off_codes:
            return "among the codes"
        inside = ((self.space.low <= self.h) & (self.h <= self.space.high)).all()
        return "in a hole" if inside else "outside the range of the codes"

    def moved(self, coordinates: dict[int, float]) -> NDArray:
        """The vector h with some of its coordinates altered."""
        h = np.array(self.h)
        for number, value in coordinates.items():
            h[number] = value
        return h


def _as_coordinate(name: str, value: int, n_latent: int) -> int:
    expected = f"a whole number from 0 to {n_latent - 1}"
    if isinstance(value, bool) or not isinstance(value, numbers.Integral):
        raise TypeError(f"{name} must be {expected}; given {value!r}")
    if not 0 <= value < n_latent:
        raise ValueError(f"{name} must be {expected}; given {value}")
    return int(value)


def _as_code(value: ArrayLike, n_latent: int) -> NDArray:
    expected = f"{n_latent} numbers between −1,000,000 and 1,000,000"
    h = _as_numbers("h", value, expected)
    if h.shape != (n_latent,):
        raise ValueError(f"h must be {expected}; given shape {h.shape}")
    if not (np.abs(h) <= LARGEST_CODE).all():  # false for NaN too
        raise ValueError(f"h must be {expected}; given {h.tolist()}")
    h.flags.writeable = False  # h[0] = 1 would pass unseen; h = [1, …] is seen
    return h


# -------------------------------------------------------------------- the picture

WIDTH, HEIGHT = 900, 550
TOP, SIZE = 66, 340
BOTTOM = TOP + SIZE
CODES_LEFT = 66
ROW_LEFT, ROW_WIDTH, ROW_GAP = 530, 358, 22
TEXT_LEFT, TEXT_RIGHT = 12, 476

DECODED = "#a03a78"  # Okabe and Ito's purple, darkened for thin lines on white
HIGHLIGHT = "#ffe08a"
DRAWN = "#8a8a8a"
PLUS, MINUS = svg.VERMILLION, svg.BLUE
DASHES = "7 5"

LAWS = {
    "normal": "N(0, I)",
    "uniform": "uniform",
    "gaussian": "fitted Gaussian",
    "mixture": "fitted mixture",
}


def draw_picture(state: CodeState) -> str:
    """Codes, draws and h on the left, the decoded row on the right: an SVG string."""
    return svg.document(
        WIDTH,
        HEIGHT,
        draw_codes(state) + draw_row(state) + _draw_findings(state),
        title="The hidden space of an autoencoder, and what a point of it decodes to",
        description=f"{describe(state)} {describe_row(state)}",
    )


def describe(state: CodeState) -> str:
    """What the picture shows, in a few sentences."""
    space, draws = state.space, state.space.draws(state.prior)
    code, to_code = state.nearest_code
    row, to_row = state.nearest_row
    sentences = [
        f"h = {_listed(state.h, 8)} is {state.where}: the nearest code, that of row {code}, is "
        f"{svg.significant(to_code)} away (usual gap {svg.significant(space.codes.gap)}).",
        f"Decoded, it is {svg.significant(to_row)} away from the nearest real row, "
        f"{_row_with_class(space, row)} (usual gap {svg.significant(space.rows.gap)}).",
        f"Farther than two usual gaps from all codes are {draws.share_off_codes:.0%} of "
        f"{len(draws.H)} draws ({LAWS[state.prior]}) and {space.codes.share_far:.0%} of the codes "
        f"themselves; so far from all rows are {draws.share_off_rows:.0%} of the decoded draws "
        f"and {space.rows.share_far:.0%} of the rows.",
    ]
    if h_is_outside(state):
        sentences.append("h is outside the frame.")
    return " ".join(sentences)


def describe_row(state: CodeState) -> str:
    """The decoded row in words, for those who cannot see its curve."""
    return f"The decoded row is {_listed(state.x_hat, 34)}."


def _listed(vector: NDArray, most: int) -> str:
    shown = [svg.short(value) for value in vector[:most]] + ["…"] * (len(vector) > most)
    return "(" + ", ".join(shown) + ")"


def _row_with_class(space: CodeSpace, row: int) -> str:
    return f"row {row}" if space.y is None else f"row {row} of class {_sign(space.y[row])}"


def _sign(label: int) -> str:
    return "+1" if label > 0 else f"{svg.MINUS}1"


# ---- the codes


def frame(state: CodeState) -> tuple[NDArray, float]:
    """Lower left corner, shape (2,), and side of the square that the picture of the codes shows.

    One unit is as long across as up, so that what looks near is near.
    """
    axes = list(state.axes)
    points = np.vstack([state.space.H[:, axes], state.space.draws(state.prior).H[:, axes]])
    low, high = points.min(axis=0), points.max(axis=0)
    side = max(1.08 * float((high - low).max()), 0.01)
    return (low + high - side) / 2, side


def h_is_outside(state: CodeState) -> bool:
    """Whether h is beyond what the picture of the codes shows."""
    corner, side = frame(state)
    place = (state.h[list(state.axes)] - corner) / side
    return bool((np.abs(place - 0.5) > 0.5).any())


def _place(points: NDArray, state: CodeState) -> list:
    """Where vectors h, shape (n, n_latent), are in the picture's square; at its edge at most."""
    corner, side = frame(state)
    across_up = np.clip((points[:, list(state.axes)] - corner) / side, 0, 1)
    return (SIZE * np.abs(across_up - [0, 1])).tolist()  # upwards is less in SVG


def draw_codes(state: CodeState) -> str:
    """The codes and draws in two coordinates, and h joined to the nearest code."""
    space, key = state.space, (state.axes, state.prior)
    if key not in space.backgrounds:
        space.backgrounds[key] = _draw_cloud(state)
    code, row = state.nearest_code[0], state.nearest_row[0]
    h, nearest, (x, y) = _place(np.array([state.h, space.H[code], space.H[row]]), state)
    inside = (
        space.backgrounds[key]
        + svg.line(*h, *nearest, stroke=svg.INK, stroke_width=2.5)
        + svg.circle(*nearest, 7)
        + svg.rect(x - 9, y - 9, 18, 18, stroke=svg.INK, stroke_width=2)
        + _draw_h(*np.clip(h, 11, SIZE - 11))  # whole, even at the edge
    )
    outside = h_is_outside(state)
    return (
        svg.text(CODES_LEFT, 24, "codes and draws", bold=True)
        + (svg.text(CODES_LEFT + SIZE, 24, "h is outside", anchor="end") if outside else "")
        + _draw_codes_legend(space)
        + svg.window(CODES_LEFT, TOP, SIZE, SIZE, inside)
        + svg.rect(CODES_LEFT, TOP, SIZE, SIZE, stroke=svg.LINE, stroke_width=1.5)
        + _draw_codes_axes(state)
        + svg.area(CODES_LEFT, TOP, SIZE, SIZE)
    )


def _draw_h(x: float, y: float) -> str:
    return svg.circle(x, y, 10, fill=HIGHLIGHT) + svg.dots([(x, y)], size=9, fill=DECODED)


def _draw_cloud(state: CodeState) -> str:
    """What stays when h moves: draws beneath, codes above."""
    space = state.space
    drawn = _place(space.draws(state.prior).H, state)
    parts = [svg.crosses(drawn, size=7, stroke=DRAWN, stroke_width=1.4)]
    for label, mark, size, colour in _kinds_of_codes(space):
        H = space.H if label is None else space.H[space.y == label]
        parts.append(mark(_place(H, state), size=size, fill=colour))
    return "".join(parts)


def _kinds_of_codes(space: CodeSpace) -> list[tuple]:
    """Label (None: all codes), mark, its size and its colour."""
    if space.y is None:
        return [(None, svg.dots, 7, svg.BLUE)]
    return [(-1, svg.triangles, 8, MINUS), (1, svg.dots, 7, PLUS)]


def _draw_codes_legend(space: CodeSpace) -> str:
    parts, x, y = [], CODES_LEFT + 6, 45
    for label, mark, size, colour in reversed(_kinds_of_codes(space)):
        parts.append(mark([(x, y)], size=size + 3, fill=colour))
        parts.append(
            svg.text(x + 12, y + 5.5, "codes" if label is None else f"code of {_sign(label)}")
        )
        x += 112
    parts.append(svg.crosses([(x, y)], size=10, stroke=DRAWN, stroke_width=2))
    parts.append(svg.text(x + 12, y + 5.5, "draw"))
    parts.append(_draw_h(x + 80, y) + svg.text(x + 96, y + 5.5, "h"))
    return "".join(parts)


def _draw_codes_axes(state: CodeState) -> str:
    corner, side = frame(state)
    middle = SIZE / 2
    across, up = (f"h{axis + 1}" for axis in state.axes)
    parts = [
        svg.text(CODES_LEFT + middle, BOTTOM + 42, across, anchor="middle", bold=True),
        svg.text(CODES_LEFT - 46, TOP + middle + 5.5, up, anchor="middle", bold=True),
    ]
    for tick in svg.ticks(corner[0], corner[0] + side):
        x = CODES_LEFT + (tick - corner[0]) / side * SIZE
        parts.append(svg.text(x, BOTTOM + 20, svg.significant(tick), anchor="middle"))
        parts.append(svg.line(x, BOTTOM, x, BOTTOM + 5, stroke=svg.LINE))
    for tick in svg.ticks(corner[1], corner[1] + side):
        y = BOTTOM - (tick - corner[1]) / side * SIZE
        parts.append(svg.text(CODES_LEFT - 9, y + 5.5, svg.significant(tick), anchor="end"))
        parts.append(svg.line(CODES_LEFT - 5, y, CODES_LEFT, y, stroke=svg.LINE))
    return "".join(parts)


# ---- the decoded row


def draw_row(state: CodeState) -> str:
    """The decoded row and the real row nearest to it, one curve each in every part."""
    parts = state.space.parts
    height = (SIZE - ROW_GAP * (len(parts) - 1)) / len(parts)
    panels = [
        _draw_part(state, title, columns, TOP + k * (height + ROW_GAP), height)
        for k, (title, columns) in enumerate(parts.items())
    ]
    radar = len(parts) > 1
    kind, unit = ("radar return", "pulse") if radar else ("row", "column")
    n = len(next(iter(parts.values())))
    ticks = [1, 5, 9, 13, 17] if radar else [t for t in svg.ticks(1, n, 6) if t == round(t)]
    return (
        svg.text(ROW_LEFT, 24, f"decoded {kind} x̂", bold=True)
        + _draw_row_legend()
        + "".join(panels)
        + "".join(
            svg.text(_column_x(t - 1, n), BOTTOM + 20, f"{t:g}", anchor="middle") for t in ticks
        )
        + svg.text(ROW_LEFT + ROW_WIDTH / 2, BOTTOM + 42, unit, anchor="middle", bold=True)
    )


def _draw_row_legend() -> str:
    x, y = ROW_LEFT, 45
    return (
        svg.line(x, y, x + 36, y, stroke=DECODED, stroke_width=3.5)
        + svg.dots([(x + 18, y)], size=9, fill=DECODED)
        + svg.text(x + 44, y + 5.5, "decoded")
        + svg.line(x + 140, y, x + 176, y, stroke=svg.INK, dashes=DASHES)
        + svg.text(x + 184, y + 5.5, "nearest real row")
    )


def _column_x(k: float, n: int) -> float:
    return ROW_LEFT + 12 + k / max(n - 1, 1) * (ROW_WIDTH - 24)


def _draw_part(state: CodeState, title: str, columns: NDArray, top: float, height: float) -> str:
    low, high = _value_range(state.space.X)
    kept = np.flatnonzero(columns >= 0)

    def place_y(values: NDArray) -> NDArray:
        down = (high - values) / (high - low)
        return top + np.clip(down, -1, 2) * height  # beyond the frame, one cannot see how far

    x = [_column_x(k, len(columns)) - ROW_LEFT for k in kept.tolist()]

    def curve(row: NDArray) -> list[tuple[float, float]]:
        return list(zip(x, (place_y(row[columns[kept]]) - top).tolist()))

    decoded, real = curve(state.x_hat), curve(state.space.X[state.nearest_row[0]])
    inside = (
        svg.polyline(decoded, stroke=DECODED, stroke_width=3.5)
        + (svg.dots(decoded, size=9, fill=DECODED) if len(kept) <= 40 else "")
        + svg.polyline(real, stroke=svg.INK, stroke_width=2, dashes=DASHES)
    )
    axis = [svg.text(ROW_LEFT - 46, top + height / 2, title, anchor="middle", turn=-90, bold=True)]
    for tick in svg.ticks(low, high, 5):
        y = float(place_y(np.array(tick)))
        axis.append(svg.text(ROW_LEFT - 9, y + 5.5, svg.significant(tick), anchor="end"))
        axis.append(svg.line(ROW_LEFT, y, ROW_LEFT + ROW_WIDTH, y, stroke="#dddddd"))
    return (
        "".join(axis)
        + svg.window(ROW_LEFT, round(top, 1), ROW_WIDTH, round(height, 1), inside)
        + svg.rect(ROW_LEFT, top, ROW_WIDTH, height, stroke=svg.LINE, stroke_width=1.5)
    )


def _value_range(X: NDArray) -> tuple[float, float]:
    """From below the smallest value of the real rows to above the largest."""
    low, high = float(X.min()), float(X.max())
    margin = 0.15 * (high - low) or 1.0
    return low - margin, high + margin


# ---- what was found


def _draw_findings(state: CodeState) -> str:
    """Below each half in words: near or far, how far, and how the draws fare."""
    space, draws = state.space, state.space.draws(state.prior)
    code, to_code = state.nearest_code
    row, to_row = state.nearest_row
    label = "" if space.y is None else f" (class {_sign(space.y[row])})"
    verdict = "x̂ is like no real row" if state.is_off_rows else "x̂ is near a real row"
    y1, y2, y3 = HEIGHT - 68, HEIGHT - 42, HEIGHT - 16
    return (
        svg.text(TEXT_LEFT, y1, f"h is {state.where}", bold=True, size=18)
        + svg.circle(TEXT_LEFT + 8, y2 - 5.5, 7)
        + svg.text(TEXT_LEFT + 26, y2, f"nearest code: row {code}, {_gaps(to_code, space.codes)}")
        + svg.text(
            TEXT_LEFT, y3, f"off the codes: {_shares(draws.share_off_codes, space.codes)} codes"
        )
        + svg.text(TEXT_RIGHT, y1, verdict, bold=True, size=18)
        + svg.rect(TEXT_RIGHT, y2 - 13.5, 16, 16, stroke=svg.INK, stroke_width=2)
        + svg.text(TEXT_RIGHT + 26, y2, f"nearest row: {row}{label}, {_gaps(to_row, space.rows)}")
        + svg.text(TEXT_RIGHT, y3, f"like no row: {_shares(draws.share_off_rows, space.rows)} rows")
    )


def _shares(of_draws: float, cloud: Neighbours) -> str:
    return f"{of_draws:.0%} of the draws, {cloud.share_far:.0%} of the"


def _gaps(distance: float, cloud: Neighbours) -> str:
    """A distance in units of what is usual between neighbours."""
    if cloud.gap == 0:
        return f"{svg.short(distance)} away"
    return f"{svg.short(distance / cloud.gap)} usual gaps"


# --------------------------------------------------------------------- the widget


class CodeExplorer(LiveWidget):
    """The hidden space of a trained model: move h about and see what it decodes to.

    Beside h it shows the codes of the training rows and as many draws, made in a way that can
    be chosen; beside the decoded row it shows the real row nearest to it. Distances are given in
    usual gaps: the median distance from a code (or row) to the nearest other one. What is farther
    than two of these from every code is off the codes, "in a hole" or outside their range; a
    decoded row that far from every real one is "like no real row". Some of the codes and rows are
    themselves so far from all others; their share stands beside that of the draws.

    Parameters
    ----------
    model : fitted estimator with transform and inverse_transform
        An `Autoencoder`, for instance, or scikit-learn's ``PCA``; at least two latent numbers.
    X : array-like of shape (n_samples, n_features)
        The training rows, at least two. Rows of the ionosphere table are drawn as radar returns.
    y : array-like of shape (n_samples,), optional
        Their labels, −1 and +1.
    axes : pair of int
        The two coordinates of h that the picture shows, counted from 0.
    h : array-like of shape (n_latent,), optional
        The point to decode; by default the mean of the codes.
    prior : {"normal", "uniform", "gaussian", "mixture"}
        The law of h: N(0, I), uniform over the range of the codes, or one Gaussian or a mixture
        of Gaussians fitted to the codes. A model with `sample_codes` is asked for the draws, as
        in its `sample`; then the codes meant are those of the rows it was trained on. For another
        model the laws are fitted here, to the codes of X.
    random_state : int, Generator or None
        Seed or source of the randomness.

    Raises
    ------
    NotFittedError, TypeError, ValueError
        If an argument is not of the kind above; what was given and expected is said.

    Examples
    --------
    >>> from sklearn.decomposition import PCA
    >>> from helpers.datasets import make_ring
    >>> X = make_ring(100, random_state=0)
    >>> explorer = CodeExplorer(PCA(2).fit(X), X)
    >>> explorer.where
    'in a hole'
    >>> explorer.h = explorer.codes[7]
    >>> explorer.nearest_code
    (7, 0.0)
    """

    h = setting("h", "The point that is decoded, shape (n_latent,).")
    axis_across = setting("axis_across", "The coordinate shown across, counted from 0.")
    axis_up = setting("axis_up", "The coordinate shown upwards, counted from 0.")
    coordinate = setting("coordinate", "The coordinate that the third slider moves, from 0.")
    prior = setting("prior", 'The law of h: "normal", "uniform", "gaussian" or "mixture".')

    def __init__(
        self,
        model: Any,
        X: ArrayLike,
        y: ArrayLike | None = None,
        *,
        axes: tuple[int, int] = (0, 1),
        h: ArrayLike | None = None,
        prior: str = "normal",
        random_state: RandomState = 0,
    ):
        self._rng = np.random.default_rng(random_state)
        space = CodeSpace(model, X, y, self._rng)
        h = space.H.mean(axis=0) if h is None else h
        across, up = _as_axes(axes)
        # The third slider begins with a coordinate that the picture does not show, if there is one.
        others = [k for k in range(space.n_latent) if k not in (across, up)]
        state = CodeState(space, h, across, up, others[0] if others else 0, prior)
        super().__init__(state, draw=draw_picture, describe=describe)
        self._start = {n: getattr(state, n) for n in state.__dataclass_fields__ if n != "space"}
        names = [(f"h{k + 1}", k) for k in range(space.n_latent)]
        laws = [(words, prior) for prior, words in LAWS.items()]
        choices = [self.choice("prior", "Draw h from", laws)]
        rows = [[self._slider("axis_across", "Across"), self._slider("axis_up", "Up")]]
        if others:
            rows.append(
                [
                    self.choice("coordinate", "Coordinate", names),
                    self._slider("coordinate", "Its value"),
                ]
            )
            choices += [
                self.choice("axis_across", "Shown across", names),
                self.choice("axis_up", "Shown upwards", names),
            ]
        self.arrange(
            self.pointer(self._point),
            *rows,
            choices,
            [
                self.button("Fresh draw", self.fresh_draw, "Draw h anew, in the chosen way"),
                self.button("A real code", self.real_code, "Set h to the code of a random row"),
                self.button("Reset", self.reset, "Return to the start"),
                ipywidgets.HTML("A click or a drag on the codes moves h, too."),
            ],
        )

    def _slider(self, which: str, description: str) -> ipywidgets.HBox:
        """Slider and number box for the coordinate of h that a field of the state names."""
        reach = max(float(np.abs(self.codes).max()), 3.0)
        step = 10.0 ** math.floor(math.log10(reach / 25))
        reach = math.ceil(reach / (10 * step)) * 10 * step
        return self.number(
            "h",
            description,
            -reach,
            reach,
            step,
            read=lambda state: float(state.h[getattr(state, which)]),
            write=lambda value: self._move({getattr(self.state, which): value}),
        )

    def _move(self, coordinates: dict[int, float]) -> None:
        self.change(h=self.state.moved(coordinates))

    def _point(self, across: float, up: float) -> None:
        """Move h to where the mouse points, from 0 to 1; what is not shown stays."""
        corner, side = frame(self.state)
        self._move(dict(zip(self.axes, (corner + side * np.array([across, up])).tolist())))

    def change(self, **values: Any) -> None:
        """Give settings new values; an axis that takes the other's coordinate trades with it."""
        state = self.state
        for one, other in (("axis_across", "axis_up"), ("axis_up", "axis_across")):
            wanted = values.get(one)
            trades = isinstance(wanted, numbers.Integral) and wanted == getattr(state, other)
            if trades and other not in values:
                values[other] = getattr(state, one)
        super().change(**values)

    @property
    def axes(self) -> tuple[int, int]:
        """The two coordinates of h that the picture shows, counted from 0."""
        return self.state.axes

    @axes.setter
    def axes(self, axes: tuple[int, int]) -> None:
        across, up = _as_axes(axes)
        self.change(axis_across=across, axis_up=up)

    @property
    def codes(self) -> NDArray:
        """The codes of the training rows, shape (n_samples, n_latent)."""
        return self.state.space.H

    @property
    def draws(self) -> NDArray:
        """The draws that the picture shows, shape (n_samples, n_latent)."""
        return self.state.space.draws(self.prior).H

    @property
    def x_hat(self) -> NDArray:
        """What h decodes to, shape (n_features,)."""
        return self.state.x_hat

    @property
    def nearest_code(self) -> tuple[int, float]:
        """The number of the row whose code is nearest to h, and the distance."""
        return self.state.nearest_code

    @property
    def nearest_row(self) -> tuple[int, float]:
        """The number of the real row that is nearest to `x_hat`, and the distance."""
        return self.state.nearest_row

    @property
    def where(self) -> str:
        """Where h lies: among the codes, in a hole, or outside the range of the codes."""
        return self.state.where

    def fresh_draw(self) -> None:
        """Draw h anew, in the chosen way."""
        self.change(h=self.state.space.fresh_draw(self.prior))

    def real_code(self) -> None:
        """Set h to the code of a training row, chosen at random."""
        self.change(h=self.codes[self._rng.integers(len(self.codes))])

    def reset(self) -> None:
        """Return to the point, the axes and the prior that the explorer began with."""
        self.change(**self._start)


def _as_axes(axes: tuple[int, int]) -> tuple[int, int]:
    try:
        across, up = axes
    except (TypeError, ValueError):
        raise ValueError(f"axes must be two coordinates, such as (0, 1); given {axes!r}") from None
    return across, up
