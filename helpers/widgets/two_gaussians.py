"""Two Gaussian classes in the plane, live: their densities, their posterior, two boundaries.

The functions at the top are the formulas of lesson 01: the covariance of a Gaussian, the log-odds
of two Gaussians (a quadratic), logistic regression, and how often a quadratic rule is right.
"""

from __future__ import annotations

import math
import numbers
from dataclasses import dataclass
from functools import cached_property, lru_cache

import ipywidgets
import numpy as np
from contourpy import contour_generator
from numpy.typing import ArrayLike, NDArray
from scipy.special import expit, ndtr

from helpers.checks import check_choice
from helpers.widgets import svg
from helpers.widgets.live import LiveWidget, setting

SHOWN = ("both", "joint density", "posterior")
"""What the picture can show: P(x, y) for both classes, P(+1|x), or one beside the other."""

COVARIANCES = ("shared", "separate")

LARGEST_MEAN = 4.0
SMALLEST_SPREAD, LARGEST_SPREAD = 0.1, 5.0
LARGEST_CORRELATION = 0.95
SMALLEST_PRIOR = 0.01
MOST_ROWS = 1000


# ------------------------------------------------------------------- the mathematics


@dataclass(frozen=True)
class Quadratic:
    """The function a(x) = xᵀA x + b·x + c of points in the plane; a rule that says sign a(x)."""

    A: NDArray
    b: NDArray
    c: float

    def __call__(self, X: NDArray) -> NDArray:
        """Values at points X, shape (…, 2) to (…)."""
        return ((X @ self.A + self.b) * X).sum(axis=-1) + self.c


def covariance_matrix(spread: ArrayLike, correlation: float) -> NDArray:
    """The covariance matrix of two numbers, from their standard deviations and correlation."""
    s1, s2 = spread
    return np.array([[s1**2, correlation * s1 * s2], [correlation * s1 * s2, s2**2]])


def log_joint(mean: NDArray, covariance: NDArray, prior: float) -> Quadratic:
    """Return log P(x, y) = log P(y) + log N(x; mean, covariance), a quadratic in x."""
    precision = np.linalg.inv(covariance)
    constant = math.log(prior) - math.log(2 * math.pi * math.sqrt(np.linalg.det(covariance)))
    return Quadratic(-precision / 2, precision @ mean, constant - mean @ precision @ mean / 2)


def log_odds(plus: Quadratic, minus: Quadratic) -> Quadratic:
    """Return log P(x, +1) − log P(x, −1): linear if the two covariances are equal."""
    return Quadratic(plus.A - minus.A, plus.b - minus.b, plus.c - minus.c)


def probability_above(rule: Quadratic, mean: NDArray, covariance: NDArray) -> float:
    """Return the probability that rule(x) > 0 for x from a Gaussian.

    x = mean + L z, with independent standard normal z, makes the rule a quadratic in z; turning
    z so that its matrix is diagonal leaves z standard normal. Along z2 the rule is then a
    parabola, and the probability that it is positive is known; over z1 the mean of that is taken
    by the trapezoidal rule.
    """
    L = np.linalg.cholesky(covariance)
    m, turn = np.linalg.eigh(L.T @ rule.A @ L)
    v = turn.T @ L.T @ (2 * rule.A @ mean + rule.b)
    # z2 is to be the direction in which the rule changes more: then the mean is of smooth values.
    (m1, v1), (m2, v2) = sorted(zip(m, v), key=lambda pair: abs(pair[0]) + abs(pair[1]))
    z, weight = _normal_grid()
    along = _probability_of_positive(m2, v2, m1 * z**2 + v1 * z + float(rule(mean)))
    return float(np.clip(weight @ along, 0.0, 1.0))


@lru_cache(maxsize=1)
def _normal_grid() -> tuple[NDArray, NDArray]:
    """Points from −8 to 8, and the standard normal density at each times their distance."""
    z = np.linspace(-8.0, 8.0, 2001)
    return z, np.exp(-(z**2) / 2) / math.sqrt(2 * math.pi) * (z[1] - z[0])


def _probability_of_positive(m: float, v: float, r: NDArray) -> NDArray:
    """P(m z² + v z + r > 0) for standard normal z, for each entry of r."""
    if m == 0:
        return (r > 0).astype(float) if v == 0 else ndtr(r / abs(v))
    # The sign that avoids cancellation; where there is no root, `root` is not used.
    root = np.sqrt(np.maximum(v**2 - 4 * m * r, 0.0))
    q = -(v + math.copysign(1.0, v) * root) / 2
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        one, other = q / m, np.where(q == 0, 0.0, r / q)
    between = np.abs(ndtr(one) - ndtr(other))
    between = np.where(v**2 - 4 * m * r > 0, between, 0.0)
    return 1 - between if m > 0 else between


def fit_logistic_regression(X: NDArray, y: NDArray) -> Quadratic | None:
    """Fit P(y|x) = σ(y (w·x + b)) by Newton's method; None if there is one class only.

    Minimises the sum of log(1 + exp(−y (w·x + b))) + ½‖w‖², scikit-learn's default.

    Parameters
    ----------
    X : ndarray of shape (n, 2)
    y : ndarray of shape (n,)
        −1 or +1.
    """
    if abs(y.sum()) == len(y):
        return None
    rows = np.column_stack([X, np.ones(len(X))])
    penalty = np.array([1.0, 1.0, 0.0])

    def loss(weights: NDArray) -> float:
        return np.logaddexp(0, -y * (rows @ weights)).sum() + penalty @ weights**2 / 2

    weights = np.zeros(3)
    for _ in range(50):
        wrong = expit(-y * (rows @ weights))  # the probability given to the wrong label
        slope = penalty * weights - (y * wrong) @ rows
        bend = rows.T @ (rows * (wrong * (1 - wrong))[:, None]) + np.diag(penalty)
        step = np.linalg.solve(bend, slope)
        if np.abs(step).max() < 1e-9:
            break
        while loss(weights - step) > loss(weights) + 1e-9:
            step /= 2
        weights = weights - step
    return Quadratic(np.zeros((2, 2)), weights[:2], float(weights[2]))


@lru_cache(maxsize=8)
def _standard_draws(seed: int) -> tuple[NDArray, NDArray]:
    """Numbers that become a sample: uniform of shape (1000,), standard normal of (1000, 2)."""
    rng = np.random.default_rng(seed)
    return rng.random(MOST_ROWS), rng.standard_normal((MOST_ROWS, 2))


# ---------------------------------------------------------------------- the state


@dataclass(frozen=True, eq=False)
class TwoGaussiansState:
    """Everything the picture shows, or follows from."""

    mean_plus: NDArray = (1.2, 0.6)
    mean_minus: NDArray = (-1.2, -0.6)
    spread_plus: NDArray = (1.2, 1.0)
    spread_minus: NDArray = (1.2, 1.0)
    correlation_plus: float = -0.4
    correlation_minus: float = -0.4
    covariance: str = "shared"
    prior_plus: float = 0.5
    n_samples: int = 100
    random_state: int = 0
    show: str = "both"

    def __post_init__(self):
        for name, options in (("covariance", COVARIANCES), ("show", SHOWN)):
            check_choice(name, getattr(self, name), options)
        if self.covariance == "shared":
            self._set("spread_minus", self.spread_plus)
            self._set("correlation_minus", self.correlation_plus)
        for side in ("plus", "minus"):
            limits = {
                f"mean_{side}": (-LARGEST_MEAN, LARGEST_MEAN),
                f"spread_{side}": (SMALLEST_SPREAD, LARGEST_SPREAD),
            }
            for name, (low, high) in limits.items():
                self._set(name, _as_pair(name, getattr(self, name), low, high))
            name, most = f"correlation_{side}", LARGEST_CORRELATION
            self._set(name, _as_number(name, getattr(self, name), -most, most))
        prior = _as_number("prior_plus", self.prior_plus, SMALLEST_PRIOR, 1 - SMALLEST_PRIOR)
        self._set("prior_plus", prior)
        self._set("n_samples", _as_whole("n_samples", self.n_samples, 2, MOST_ROWS))
        self._set("random_state", _as_whole("random_state", self.random_state, 0, 2**32 - 1))

    def _set(self, name: str, value) -> None:
        object.__setattr__(self, name, value)  # frozen, and not yet complete

    @cached_property
    def covariance_plus(self) -> NDArray:
        """The covariance matrix of class +1."""
        return covariance_matrix(self.spread_plus, self.correlation_plus)

    @cached_property
    def covariance_minus(self) -> NDArray:
        """The covariance matrix of class −1."""
        return covariance_matrix(self.spread_minus, self.correlation_minus)

    @cached_property
    def log_joints(self) -> tuple[Quadratic, Quadratic]:
        """Return log P(x, +1) and log P(x, −1)."""
        return (
            log_joint(self.mean_plus, self.covariance_plus, self.prior_plus),
            log_joint(self.mean_minus, self.covariance_minus, 1 - self.prior_plus),
        )

    @cached_property
    def generative(self) -> Quadratic:
        """The log-odds of the two Gaussians."""
        return log_odds(*self.log_joints)

    @cached_property
    def sample(self) -> tuple[NDArray, NDArray]:
        """Rows drawn from the two Gaussians, shape (n_samples, 2), and their labels ±1."""
        uniform, normal = _standard_draws(self.random_state)
        y = np.where(uniform[: self.n_samples] < self.prior_plus, 1, -1)
        X = np.empty((self.n_samples, 2))
        for label, mean, covariance in self.classes:
            z = normal[: self.n_samples][y == label]
            X[y == label] = mean + z @ np.linalg.cholesky(covariance).T
        return X, y

    @property
    def classes(self) -> tuple[tuple[int, NDArray, NDArray], ...]:
        """Label, mean and covariance matrix of each class."""
        return (
            (1, self.mean_plus, self.covariance_plus),
            (-1, self.mean_minus, self.covariance_minus),
        )

    @cached_property
    def discriminative(self) -> Quadratic | None:
        """Logistic regression fitted to the sample."""
        return fit_logistic_regression(*self.sample)

    def accuracy(self, rule: Quadratic) -> float:
        """How often sign rule(x) is the label, for new points of the two Gaussians."""
        plus, minus = (probability_above(rule, mean, cov) for _, mean, cov in self.classes)
        return self.prior_plus * plus + (1 - self.prior_plus) * (1 - minus)

    @cached_property
    def bayes_accuracy(self) -> float:
        """The accuracy of the Gaussians' own boundary; no rule has a higher one."""
        return self.accuracy(self.generative)

    @cached_property
    def logistic_accuracy(self) -> float:
        """The accuracy of the fitted line; of its only answer if the sample has one class."""
        if self.discriminative is None:
            return self.prior_plus if self.sample[1][0] == 1 else 1 - self.prior_plus
        return self.accuracy(self.discriminative)

    @property
    def boundary_kind(self) -> str:
        """What the Gaussians' boundary is, in words."""
        A, b = self.generative.A, self.generative.b
        size = np.abs(A).max()
        if size < 1e-9:
            return "a straight line" if np.abs(b).max() > 1e-9 else "nowhere"
        bent = np.linalg.det(A / size)
        if abs(bent) < 1e-9:
            return "a parabola or a pair of lines"
        if bent < 0:
            return "a hyperbola"
        # Far out the log-odds have the sign of A; an ellipse parts off the other sign, if any.
        turning_point = np.linalg.solve(2 * A, -b)
        return "an ellipse" if self.generative(turning_point) * np.trace(A) < 0 else "nowhere"


def _as_array(name: str, value: ArrayLike, expected: str) -> NDArray:
    try:
        array = np.asarray(value)
    except ValueError:
        raise ValueError(f"{name} must be {expected}; given {value!r}") from None
    if array.dtype.kind not in "iuf":
        raise TypeError(f"{name} must be {expected}; given {value!r}")
    return array.astype(float)  # a copy, which is made read-only below


def _as_pair(name: str, value: ArrayLike, low: float, high: float) -> NDArray:
    expected = f"two numbers from {low:g} to {high:g}"
    pair = _as_array(name, value, expected)
    if pair.shape != (2,):
        raise ValueError(f"{name} must be {expected}; given shape {pair.shape}")
    if not ((low <= pair) & (pair <= high)).all():  # false for NaN too
        raise ValueError(f"{name} must be {expected}; given {pair.tolist()}")
    pair.flags.writeable = False  # mean_plus[0] = 1 would pass unseen; mean_plus = [1, 0] is seen
    return pair


def _as_number(name: str, value: float, low: float, high: float) -> float:
    expected = f"a number from {low:g} to {high:g}"
    if isinstance(value, bool) or not isinstance(value, numbers.Real):
        raise TypeError(f"{name} must be {expected}; given {value!r}")
    if not low <= value <= high:
        raise ValueError(f"{name} must be {expected}; given {value}")
    return float(value)


def _as_whole(name: str, value: int, low: int, high: int) -> int:
    expected = f"a whole number from {low} to {high}"
    if isinstance(value, bool) or not isinstance(value, numbers.Integral):
        raise TypeError(f"{name} must be {expected}; given {value!r}")
    if not low <= value <= high:
        raise ValueError(f"{name} must be {expected}; given {value}")
    return int(value)


# -------------------------------------------------------------------- the picture

WIDTH, HEIGHT = 900, 452
TOP, PANEL_HEIGHT = 34, 300
UNIT = 100 / 3  # of the picture's units to one of x1 and x2: x2 reaches from −4.5 to 4.5
PIXEL = 4  # side of a pixel of the heat maps
HALVES = ((46, 396), (484, 396))
WHOLE = ((46, 834),)
PLUS_COLOUR, MINUS_COLOUR = svg.VERMILLION, "#005ea0"
LEVELS = 16  # of each class's density, so that all pairs of levels make a palette of 256
FADE = 1.6  # power of the levels: the faint ones lie closer together, and tails end unseen
BANDS = 33  # of the posterior; an odd number, so that one half has a band of its own: white
DASHES = "11 6"
MARK = 15  # radius of the circles at the means
REACH = 30  # how near to a mean's label the mouse has to be pressed to take hold of the mean


def draw(state: TwoGaussiansState) -> str:
    """Heat maps with the sample and both boundaries, and how often these are right."""
    shown, places = _panels(state)
    X = _pixel_centres(places[0][1])
    plus, minus = (joint(X) for joint in state.log_joints)
    inside = _draw_contents(state, X, plus - minus, places[0][1])
    panels = [
        _draw_panel(left, width, name, MAPS[name](plus, minus), inside)
        for name, (left, width) in zip(shown, places)
    ]
    return svg.document(
        WIDTH,
        HEIGHT,
        "".join(panels) + _draw_legend(state),
        title="Two Gaussian classes in the plane",
        description=describe(state),
    )


def describe(state: TwoGaussiansState) -> str:
    """What the picture shows, in a few sentences."""
    n_plus = int((state.sample[1] == 1).sum())
    line = f"logistic regression's line for {state.logistic_accuracy:.1%}"
    if state.discriminative is None:
        line = f"the only label of the sample for {state.logistic_accuracy:.1%}"
    frequent = max(state.prior_plus, 1 - state.prior_plus)
    kind = state.boundary_kind
    if kind == "nowhere":
        kind += " (one class is likelier everywhere)"
    sentences = [
        f"The Gaussians' own boundary is {kind} and right for {state.bayes_accuracy:.1%} of all "
        f"points, {line}.",
        f"The line was fitted to {state.n_samples} rows, {n_plus} of them of class +1; always "
        f"saying the more frequent label is right for {frequent:.0%}.",
        f"Class +1: {_describe_class(state, 'plus')}. Class −1: {_describe_class(state, 'minus')}.",
    ]
    return " ".join(sentences)


def _describe_class(state: TwoGaussiansState, side: str) -> str:
    mean, spread = getattr(state, f"mean_{side}"), getattr(state, f"spread_{side}")
    return (
        f"mean ({svg.short(mean[0])}, {svg.short(mean[1])}), spreads {svg.short(spread[0])} and "
        f"{svg.short(spread[1])}, correlation {svg.short(getattr(state, f'correlation_{side}'))}"
    )


def _draw_panel(left: float, width: float, name: str, heat_map: tuple, inside: str) -> str:
    heat = svg.image(0, 0, width, PANEL_HEIGHT, *heat_map)
    return (
        svg.text(left + width / 2, TOP - 11, TITLES[name], anchor="middle", bold=True)
        + svg.window(left, TOP, width, PANEL_HEIGHT, heat + inside)
        + svg.area(left, TOP, width, PANEL_HEIGHT)
        + svg.rect(left, TOP, width, PANEL_HEIGHT, stroke=svg.LINE, stroke_width=1.5)
        + _draw_axes(left, width)
    )


def _draw_contents(state: TwoGaussiansState, X: NDArray, odds: NDArray, width: float) -> str:
    """What lies on the heat map: rows, boundaries, means."""
    return (
        _draw_sample(state, width)
        + _draw_boundaries(state, X, odds, width)
        + _draw_means(state, width)
    )


@lru_cache(maxsize=2)
def _pixel_centres(width: float) -> NDArray:
    """The points that the pixels of a heat map stand for, shape (rows, columns, 2)."""
    x1 = (np.arange(PIXEL / 2, width, PIXEL) - width / 2) / UNIT
    x2 = (PANEL_HEIGHT / 2 - np.arange(PIXEL / 2, PANEL_HEIGHT, PIXEL)) / UNIT
    return np.stack(np.meshgrid(x1, x2), axis=-1)


def _paint_joint(plus: NDArray, minus: NDArray) -> tuple[NDArray, NDArray]:
    """The square root of both joint densities in 15 steps, so that the flanks can be seen too."""
    highest = max(plus.max(), minus.max())
    steps = [
        np.round((LEVELS - 1) * np.exp((log_density - highest) / (2 * FADE)))
        for log_density in (plus, minus)
    ]
    return (LEVELS * steps[0] + steps[1]).astype(np.uint8), _joint_palette()


@lru_cache(maxsize=1)
def _joint_palette() -> NDArray:
    """White, less of what each class's colour lacks, the more of it the higher its density."""
    strength = np.linspace(0, 1, LEVELS)[:, None] ** FADE
    less_plus = strength * (255 - _rgb(PLUS_COLOUR))
    less_minus = strength * (255 - _rgb(MINUS_COLOUR))
    mixed = 255 - less_plus[:, None] - less_minus[None]
    return np.clip(mixed, 0, 255).astype(np.uint8).reshape(-1, 3)


def _paint_posterior(plus: NDArray, minus: NDArray) -> tuple[NDArray, NDArray]:
    """P(+1|x) = σ(log P(x, +1) − log P(x, −1)) in bands."""
    return np.round((BANDS - 1) * expit(plus - minus)).astype(np.uint8), _posterior_palette()


@lru_cache(maxsize=1)
def _posterior_palette() -> NDArray:
    """From class −1's colour over white to class +1's; not at full strength, under the sample."""
    towards = np.linspace(-1, 1, BANDS)[:, None]
    end = np.where(towards > 0, _rgb(PLUS_COLOUR), _rgb(MINUS_COLOUR))
    return (255 + 0.75 * np.abs(towards) * (end - 255)).astype(np.uint8)


MAPS = {"joint density": _paint_joint, "posterior": _paint_posterior}
TITLES = {
    "joint density": "P(x, +1) orange, P(x, −1) blue",
    "posterior": "P(+1|x): blue 0, white ½, orange 1",
}


def _rgb(colour: str) -> NDArray:
    return np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)], dtype=float)


def _place(X: NDArray, width: float) -> NDArray:
    """Where points lie in a panel, shape (n, 2)."""
    return X * (UNIT, -UNIT) + (width / 2, PANEL_HEIGHT / 2)


def _panels(state: TwoGaussiansState) -> tuple[tuple[str, ...], tuple[tuple[float, float], ...]]:
    """What the panels show, and the left edge and width of each."""
    shown = SHOWN[1:] if state.show == "both" else (state.show,)
    return shown, HALVES if len(shown) == 2 else WHOLE


def _draw_sample(state: TwoGaussiansState, width: float) -> str:
    """The rows of the sample, a plus for class +1 and a minus for class −1."""
    X, y = state.sample
    places = _place(X, width)
    shown = ((places > -9) & (places < (width + 9, PANEL_HEIGHT + 9))).all(axis=1)
    places = places.round().astype(int)
    pluses, minuses = (places[shown & (y == label)].tolist() for label in (1, -1))
    return svg.path(
        "".join(f"M{x - 4} {y}h8m-4-4v8" for x, y in pluses), stroke="#5a2600", stroke_width=2
    ) + svg.path("".join(f"M{x - 4} {y}h8" for x, y in minuses), stroke="#00233d", stroke_width=2)


def _label_places(state: TwoGaussiansState, width: float) -> NDArray:
    """Where the labels +1 and −1 lie in a panel: at the means, or beside them to be seen both."""
    places = _place(np.array([state.mean_plus, state.mean_minus]), width)
    apart = places[0] - places[1]
    distance = np.hypot(*apart)
    if distance < 2 * MARK + 2:
        direction = apart / distance if distance > 1e-6 else np.array([1.0, 0.0])
        missing = (2 * MARK + 2 - distance) / 2 * direction
        places = places + [missing, -missing]
    return places


def _draw_means(state: TwoGaussiansState, width: float) -> str:
    """The labels at their classes' means."""
    parts = []
    for (x, y), words, colour in zip(
        _label_places(state, width).tolist(), ("+1", f"{svg.MINUS}1"), (PLUS_COLOUR, MINUS_COLOUR)
    ):
        parts.append(svg.circle(x, y, MARK, fill=svg.PAPER, stroke=colour))
        parts.append(svg.text(x, y + 5.5, words, anchor="middle", bold=True))
    return "".join(parts)


def _draw_boundaries(state: TwoGaussiansState, X: NDArray, odds: NDArray, width: float) -> str:
    """The Gaussians' boundary, solid; the fitted line, dashed. Each on a white casing."""
    solid = "".join(
        "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in _place(points, width).tolist())
        for points in contour_generator(X[0, :, 0], X[:, 0, 1], odds).lines(0.0)
    )
    dashed = _line_across(state.discriminative, width)
    return (
        svg.path(solid, stroke=svg.PAPER, stroke_width=7)
        + svg.path(solid, stroke=svg.INK, stroke_width=3.5)
        + svg.path(dashed, stroke=svg.PAPER, stroke_width=7)
        + svg.path(dashed, stroke=svg.GREEN, stroke_width=4, dashes=DASHES)
    )


def _line_across(rule: Quadratic | None, width: float) -> str:
    """SVG's path along b·x + c = 0, from far on one side of the panel to far on the other."""
    if rule is None or np.abs(rule.b).max() < 1e-9:
        return ""
    normal = rule.b / np.linalg.norm(rule.b)
    foot = -rule.c / np.linalg.norm(rule.b) * normal  # the line's nearest point to the origin
    if np.abs(foot).max() > 50:
        return ""  # far outside the panel
    along = 100 * np.array([-normal[1], normal[0]])
    (x1, y1), (x2, y2) = _place(np.stack([foot - along, foot + along]), width).tolist()
    return f"M{x1:.1f} {y1:.1f}L{x2:.1f} {y2:.1f}"


def _draw_axes(left: float, width: float) -> str:
    bottom = TOP + PANEL_HEIGHT
    reach = width / 2 / UNIT
    parts = [svg.text(left + width / 2, bottom + 38, "x₁", anchor="middle")]
    parts.append(svg.text(left - 29, TOP + PANEL_HEIGHT / 2 + 5.5, "x₂", anchor="middle"))
    for tick in svg.ticks(-reach, reach, 7 if width < 500 else 13):
        x = left + width / 2 + tick * UNIT
        parts.append(svg.text(x, bottom + 18, svg.significant(tick), anchor="middle"))
    for tick in (-4, -2, 0, 2, 4):
        y = TOP + PANEL_HEIGHT / 2 - tick * UNIT
        parts.append(svg.text(left - 6, y + 5.5, svg.significant(tick), anchor="end"))
    return "".join(parts)


def _draw_legend(state: TwoGaussiansState) -> str:
    """What the lines and marks are, and how often each boundary is right."""
    top = TOP + PANEL_HEIGHT + 66
    rows = (
        (svg.INK, "", "generative: P(x, +1) = P(x, −1)", state.bayes_accuracy),
        (svg.GREEN, DASHES, _fitted_words(state), state.logistic_accuracy),
    )
    parts = []
    for k, (colour, dashes, words, accuracy) in enumerate(rows):
        y = top + 28 * k
        parts.append(
            svg.line(14, y - 5.5, 70, y - 5.5, stroke=colour, stroke_width=4, dashes=dashes)
        )
        parts.append(svg.text(82, y, words))
        parts.append(svg.text(560, y, f"right: {accuracy:.1%}", anchor="end", bold=True))
    for k, (colour, mark, words) in enumerate(
        ((PLUS_COLOUR, "+", "class +1"), (MINUS_COLOUR, svg.MINUS, "class −1"))
    ):
        y = top + 28 * k
        parts.append(svg.rect(620, y - 15, 34, 20, fill=svg.tint(colour, 0.75)))
        parts.append(svg.text(672, y, f"{mark}  a drawn row of {words}"))
    return "".join(parts)


def _fitted_words(state: TwoGaussiansState) -> str:
    if state.discriminative is None:
        return "discriminative: only one class was drawn"
    return f"discriminative: logistic, fitted to {state.n_samples} rows"


# --------------------------------------------------------------------- the widget

ARRANGEMENTS = {
    "Equal covariances": {
        "mean_plus": (1.2, 0.6),
        "mean_minus": (-1.2, -0.6),
        "spread_plus": (1.2, 1.0),
        "correlation_plus": -0.4,
        "covariance": "shared",
        "prior_plus": 0.5,
    },
    "Narrow in wide": {
        "mean_plus": (0.0, 0.0),
        "mean_minus": (0.0, 0.0),
        "spread_plus": (0.8, 0.8),
        "spread_minus": (2.4, 2.0),
        "correlation_plus": 0.0,
        "correlation_minus": 0.0,
        "covariance": "separate",
        "prior_plus": 0.5,
    },
    "Crossed": {
        "mean_plus": (0.0, 0.0),
        "mean_minus": (0.0, 0.0),
        "spread_plus": (1.8, 1.8),
        "spread_minus": (1.8, 1.8),
        "correlation_plus": 0.9,
        "correlation_minus": -0.9,
        "covariance": "separate",
        "prior_plus": 0.5,
    },
}
"""Settings worth seeing: one where both boundaries agree, two where a line is of no use."""


class TwoGaussians(LiveWidget):
    """Two Gaussian classes in the plane, with a generative and a discriminative boundary.

    The generative boundary follows from the Gaussians themselves, P(x, +1) = P(x, −1). The
    discriminative one is logistic regression's, fitted to rows drawn from them. While the
    covariance is shared, setting the spread or correlation of one class sets the other's.

    Parameters
    ----------
    mean_plus, mean_minus : array-like of shape (2,)
        Means of the classes +1 and −1; each number from −4 to 4.
    spread_plus, spread_minus : array-like of shape (2,)
        Standard deviations of x₁ and x₂, from 0.1 to 5.
    correlation_plus, correlation_minus : float
        Correlations of x₁ and x₂, from −0.95 to 0.95.
    covariance : {"shared", "separate"}
        Whether the classes have the same spreads and correlation.
    prior_plus : float
        P(y = +1), from 0.01 to 0.99.
    n_samples : int
        How many rows logistic regression is fitted to, from 2 to 1000.
    random_state : int
        The seed they are drawn with.
    show : {"both", "joint density", "posterior"}

    Raises
    ------
    TypeError, ValueError
        If an argument is not of the kind above; what was given and expected is said.

    Examples
    --------
    >>> gaussians = TwoGaussians(mean_plus=[1, 0], mean_minus=[-1, 0])
    >>> gaussians.prior_plus = 0.8
    >>> gaussians.logistic_accuracy <= gaussians.bayes_accuracy
    True
    """

    mean_plus = setting("mean_plus", "Mean of class +1, shape (2,).")
    mean_minus = setting("mean_minus", "Mean of class −1, shape (2,).")
    spread_plus = setting("spread_plus", "Standard deviations of class +1, shape (2,).")
    spread_minus = setting("spread_minus", "Standard deviations of class −1, shape (2,).")
    correlation_plus = setting("correlation_plus", "Correlation of x₁ and x₂ in class +1.")
    correlation_minus = setting("correlation_minus", "Correlation of x₁ and x₂ in class −1.")
    covariance = setting("covariance", '"shared" by the classes, or "separate".')
    prior_plus = setting("prior_plus", "P(y = +1).")
    n_samples = setting("n_samples", "How many rows logistic regression is fitted to.")
    random_state = setting("random_state", "The seed that the rows are drawn with.")
    show = setting("show", '"both", "joint density" or "posterior".')

    def __init__(self, **settings):
        unknown = sorted(set(settings) - set(TwoGaussiansState.__dataclass_fields__))
        if unknown:
            known = ", ".join(TwoGaussiansState.__dataclass_fields__)
            raise TypeError(f"TwoGaussians has no setting {unknown[0]!r}; it has {known}")
        state = TwoGaussiansState(
            **_for_both_classes(settings, settings.get("covariance", "shared"))
        )
        super().__init__(state, draw=draw, describe=describe)
        self._grip: tuple[str, NDArray, NDArray] | None = None
        self.arrange(
            self.pointer(self._drag, self._take_hold),
            [
                self.choice("show", "Show", list(SHOWN)),
                self.choice("covariance", "Covariance", list(COVARIANCES)),
                self.number("prior_plus", "P(y = +1)", 0.05, 0.95, 0.05),
            ],
            *(self._row("mean", f"Mean {name}", k, -4.0, 4.0) for k, name in enumerate(_AXES)),
            *(self._row("spread", f"Spread {name}", k, 0.2, 3.0) for k, name in enumerate(_AXES)),
            [
                self.number(f"correlation_{side}", f"Correlation, class {label}", -0.9, 0.9, 0.1)
                for side, label in _SIDES
            ],
            [
                self.number("n_samples", "Rows drawn", 10, 500, 10),
                self.number("random_state", "Seed", 0, 50, 1),
            ],
            [
                self.button(name, lambda name=name: self.arrangement(name), f"Show: {name.lower()}")
                for name in ARRANGEMENTS
            ]
            + [ipywidgets.HTML("The means can be dragged with the mouse, too.")],
        )

    def _take_hold(self, across: float, up: float) -> None:
        """Remember which mean the mouse is pressed on, if any, and from where it is dragged."""
        width = self._panel_width()
        place = np.array([across * width, (1 - up) * PANEL_HEIGHT])
        distances = np.hypot(*(_label_places(self.state, width) - place).T)
        name = ("mean_plus", "mean_minus")[distances.argmin()]
        self._grip = None
        if distances.min() <= REACH:
            self._grip = name, getattr(self.state, name), place

    def _drag(self, across: float, up: float) -> None:
        """Move the mean that was taken hold of as far as the mouse has moved since."""
        if self._grip is None:
            return
        name, start, pressed = self._grip
        place = np.array([across * self._panel_width(), (1 - up) * PANEL_HEIGHT])
        moved = ((place - pressed) / (UNIT, -UNIT)).round(2)
        self.change(**{name: np.clip(start + moved, -LARGEST_MEAN, LARGEST_MEAN)})

    def _panel_width(self) -> float:
        """The width that every panel now has."""
        return _panels(self.state)[1][0][1]

    def _row(self, what: str, description: str, k: int, low: float, high: float) -> list:
        """Sliders for the k-th number of a pair, one for each class."""

        def write(name: str, value: float) -> None:
            pair = np.array(getattr(self.state, name))
            pair[k] = value
            self.change(**{name: pair})

        return [
            self.number(
                name,
                f"{description}, class {label}",
                low,
                high,
                0.1,
                read=lambda state, name=name: float(getattr(state, name)[k]),
                write=lambda value, name=name: write(name, value),
            )
            for name, label in ((f"{what}_{side}", label) for side, label in _SIDES)
        ]

    def change(self, **values) -> None:
        """Give settings new values; while the covariance is shared, to both classes."""
        super().change(**_for_both_classes(values, values.get("covariance", self.covariance)))

    def arrangement(self, name: str) -> None:
        """Set means, covariances and prior to one of `ARRANGEMENTS`, by its name."""
        check_choice("name", name, tuple(ARRANGEMENTS))
        self.change(**ARRANGEMENTS[name])

    @property
    def sample(self) -> tuple[NDArray, NDArray]:
        """The drawn rows, shape (n_samples, 2), and their labels ±1, shape (n_samples,)."""
        return self.state.sample

    @property
    def bayes_accuracy(self) -> float:
        """How often the Gaussians' own boundary is right; no rule is right more often."""
        return self.state.bayes_accuracy

    @property
    def logistic_accuracy(self) -> float:
        """How often logistic regression's line is right, for new points."""
        return self.state.logistic_accuracy


_AXES = ("x₁", "x₂")
_SIDES = (("plus", "+1"), ("minus", "−1"))


def _for_both_classes(values: dict, covariance: str) -> dict:
    """The settings with what is given for class −1 given to class +1 too, if it is shared."""
    if not isinstance(covariance, str) or covariance != "shared":
        return values
    copied = {
        f"{name}_plus": values[f"{name}_minus"]
        for name in ("spread", "correlation")
        if f"{name}_minus" in values and f"{name}_plus" not in values
    }
    return values | copied
