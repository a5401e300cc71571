"""The 4-2-4 network of lesson 02, live: its weights, its values, the ring and the loss.

The functions at the top are the network and its six gradients, one line for each formula. The
lesson derives them; the widget below calls them.
"""

from __future__ import annotations

import math
import numbers
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike, NDArray

from helpers.checks import check_choice
from helpers.datasets import RING_MAP, RandomState, make_ring
from helpers.widgets import svg
from helpers.widgets.live import LiveWidget, setting

SIZES = {"p": 4, "q": 4, "r": 2, "s": 2, "u": 2, "v": 2}
"""The network's weight vectors and how many numbers each holds."""

WEIGHTS = tuple(f"{name}{i + 1}" for name, size in SIZES.items() for i in range(size))
"""The names of the sixteen weights: p1 … p4, q1 … q4, r1, r2, s1, s2, u1, u2, v1, v2."""

LARGEST_WEIGHT = 1e6
"""A descent that takes a weight beyond this has failed, and is stopped."""

FLAT = 0.002
"""A descent has settled when no slope is steeper than this."""

FEWEST_STEPS, MOST_STEPS = 30, 300
"""How many steps one run takes."""


# -------------------------------------------------------------------- the network


def encode(X: NDArray, p: NDArray, q: NDArray) -> NDArray:
    """Hidden values h = (p·x, q·x) of every row x; shape (n, 4) to (n, 2)."""
    return np.column_stack([X @ p, X @ q])


def decode(H: NDArray, r: NDArray, s: NDArray, u: NDArray, v: NDArray) -> NDArray:
    """Reconstruction x_hat = (r·h, s·h, u·h, v·h) of every row h; shape (n, 2) to (n, 4)."""
    return np.column_stack([H @ r, H @ s, H @ u, H @ v])


def mean_squared_error(X: NDArray, p, q, r, s, u, v) -> float:
    """Return the loss L, the mean over the rows x of ‖x − x_hat‖²."""
    errors = X - decode(encode(X, p, q), r, s, u, v)
    return float((errors**2).sum(axis=1).mean())


def gradients(X: NDArray, p, q, r, s, u, v) -> dict[str, NDArray]:
    """Return dL/dp, dL/dq (shape (4,) each) and dL/dr, dL/ds, dL/du, dL/dv (shape (2,) each).

    Parameters
    ----------
    X : ndarray of shape (n, 4)
    p, q : ndarray of shape (4,)
        Encoder vectors.
    r, s, u, v : ndarray of shape (2,)
        Decoder vectors.

    Returns
    -------
    dict
        The six gradients of `mean_squared_error`, by the names of the vectors.
    """
    n = len(X)
    H = encode(X, p, q)
    e1, e2, e3, e4 = (X - decode(H, r, s, u, v)).T  # the errors x − x_hat, shape (n,) each
    back1 = r[0] * e1 + s[0] * e2 + u[0] * e3 + v[0] * e4  # carried back to h1
    back2 = r[1] * e1 + s[1] * e2 + u[1] * e3 + v[1] * e4  # carried back to h2
    return {
        "p": -2 / n * back1 @ X,
        "q": -2 / n * back2 @ X,
        "r": -2 / n * e1 @ H,
        "s": -2 / n * e2 @ H,
        "u": -2 / n * e3 @ H,
        "v": -2 / n * e4 @ H,
    }


def smallest_loss(X: NDArray) -> float:
    """Return the least loss any 4-2-4 linear network can have: that of PCA.

    The network has no biases, so it is PCA without centring: of the second moments XᵀX / n, the
    two largest principal directions are kept, and the two smallest eigenvalues are lost.
    """
    eigenvalues = np.linalg.eigvalsh(X.T @ X / len(X))
    return float(max(eigenvalues[:2].sum(), 0.0))


# ---------------------------------------------------------------------- the state


@dataclass(frozen=True, eq=False)
class ExplorerState:
    """Everything the picture shows, or follows from."""

    X: NDArray
    p: NDArray
    q: NDArray
    r: NDArray
    s: NDArray
    u: NDArray
    v: NDArray
    step_size: float = 0.3
    sample: int = 0
    weight: str = "p1"
    past_losses: tuple[float, ...] = ()

    def __post_init__(self):
        for name, size in SIZES.items():
            self._set(name, _as_weights(name, getattr(self, name), size))
        self._set("X", _as_rows(self.X))
        self._set("step_size", _as_step_size(self.step_size))
        self._set("sample", _as_sample(self.sample, len(self.X)))
        check_choice("weight", self.weight, WEIGHTS)

    def _set(self, name: str, value) -> None:
        object.__setattr__(self, name, value)  # frozen, and not yet complete

    @property
    def weights(self) -> dict[str, NDArray]:
        """The six weight vectors by name."""
        return {name: getattr(self, name) for name in SIZES}

    def weight_value(self, weight: str) -> float:
        """The value of one weight, such as "p1"."""
        return float(getattr(self, weight[0])[int(weight[1]) - 1])

    def with_weight(self, weight: str, value: float) -> dict[str, NDArray]:
        """The vector that one weight belongs to, by its name, with that weight altered."""
        vector = np.array(getattr(self, weight[0]))
        vector[int(weight[1]) - 1] = value
        return {weight[0]: vector}

    @cached_property
    def H(self) -> NDArray:
        """Hidden values of all rows, shape (n, 2)."""
        return encode(self.X, self.p, self.q)

    @cached_property
    def X_hat(self) -> NDArray:
        """Reconstructions of all rows, shape (n, 4)."""
        return decode(self.H, self.r, self.s, self.u, self.v)

    @cached_property
    def squared_errors(self) -> NDArray:
        """‖x − x_hat‖² of every row, shape (n,)."""
        return ((self.X - self.X_hat) ** 2).sum(axis=1)

    @cached_property
    def loss(self) -> float:
        """The mean of the squared errors."""
        return float(self.squared_errors.mean())

    @cached_property
    def smallest_loss(self) -> float:
        """What PCA reaches."""
        return smallest_loss(self.X)

    @cached_property
    def share_off_plane(self) -> float:
        """How much of the reconstructions' squared length the picture's plane cannot show."""
        whole = (self.X_hat**2).sum()
        return float(1 - (on_plane(self.X_hat) ** 2).sum() / whole) if whole > 0 else 0.0

    @property
    def n_steps(self) -> int:
        """Steps of descent taken."""
        return len(self.past_losses)


def on_plane(X: NDArray) -> NDArray:
    """Coordinates in the ring's plane, shape (n, 4) to (n, 2)."""
    return X @ RING_MAP.T


def _as_numbers(name: str, value: ArrayLike, expected: str) -> NDArray:
    try:
        array = np.asarray(value)
    except ValueError:
        raise ValueError(f"{name} must be {expected}; given rows of unequal length") from None
    if array.dtype.kind not in "iuf":
        raise TypeError(f"{name} must be {expected}; given {value!r}")
    return array.astype(float)  # a copy, which is made read-only below


def _as_weights(name: str, value: ArrayLike, size: int) -> NDArray:
    expected = f"{size} numbers between −1,000,000 and 1,000,000"
    vector = _as_numbers(name, value, expected)
    if vector.shape != (size,):
        raise ValueError(f"{name} must be {expected}; given shape {vector.shape}")
    if not (np.abs(vector) <= LARGEST_WEIGHT).all():  # false for NaN too
        raise ValueError(f"{name} must be {expected}; given {vector.tolist()}")
    vector.flags.writeable = False  # p[0] = 1 would pass unseen; p = [1, …] is seen
    return vector


def _as_rows(value: ArrayLike) -> NDArray:
    expected = "finite numbers of shape (n_samples, 4), n_samples ≥ 1"
    X = _as_numbers("X", value, expected)
    if X.ndim != 2 or X.shape[1] != 4 or len(X) < 1:
        raise ValueError(f"X must be {expected}; given shape {X.shape}")
    if not (np.abs(X) <= LARGEST_WEIGHT).all():
        raise ValueError(f"X must be {expected}, within ±1,000,000; given {X.min()} … {X.max()}")
    X.flags.writeable = False
    return X


def _as_step_size(value: float) -> float:
    if isinstance(value, bool) or not isinstance(value, numbers.Real):
        raise TypeError(f"step_size must be a number above 0; given {value!r}")
    if not 0 < value < math.inf:
        raise ValueError(f"step_size must be a finite number above 0; given {value}")
    return float(value)


def _as_sample(value: int, n: int) -> int:
    if isinstance(value, bool) or not isinstance(value, numbers.Integral):
        raise TypeError(f"sample must be a whole number from 0 to {n - 1}; given {value!r}")
    if not 0 <= value < n:
        raise ValueError(f"sample must be a whole number from 0 to {n - 1}; given {value}")
    return int(value)


# -------------------------------------------------------------------- the picture

WIDTH, HEIGHT = 900, 566
RECONSTRUCTED = "#a03a78"  # Okabe and Ito's purple, darkened for thin crosses on white
DATA = "#8a8a8a"

ROW_Y = (84, 164, 244, 324)  # centres of the four inputs, and of the four outputs
HIDDEN_Y = (144, 264)
NODE_WIDTH, HIDDEN_WIDTH, NODE_HEIGHT = 66, 84, 54
INPUT_X, HIDDEN_X, OUTPUT_X = 43, 286, 529
INPUT_LABEL_X, OUTPUT_LABEL_X, LABEL_WIDTH = 82, 398, 92
HIGHLIGHT = "#ffe08a"

RING_LEFT, RING_TOP, RING_SIZE = 640, 44, 252
LOSS_LEFT, LOSS_TOP, LOSS_WIDTH, LOSS_HEIGHT = 62, 396, 514, 118
LOSSES_SHOWN = 300


def draw(state: ExplorerState) -> str:
    """The network with its values, the ring and its reconstruction, the loss: an SVG string."""
    return svg.document(
        WIDTH,
        HEIGHT,
        draw_network(state) + draw_ring(state) + draw_loss(state),
        title="A 4-2-4 linear autoencoder",
        description=f"{describe(state)} {describe_weights(state)}",
    )


def describe(state: ExplorerState) -> str:
    """What the picture shows, in three sentences."""
    i = state.sample
    outside = len(state.X) - in_frame(state, on_plane(state.X_hat)).sum()
    beyond = f", and {outside} of {len(state.X)} outside the frame" if outside else ""
    sentences = [
        f"Step {state.n_steps} of the descent, step size {svg.significant(state.step_size)}: "
        f"the loss is {svg.significant(state.loss)}, PCA's optimum "
        f"{svg.significant(state.smallest_loss)}.",
        f"Row {i}: x = {_listed(state.X[i])}, h = {_listed(state.H[i])}, "
        f"x̂ = {_listed(state.X_hat[i])}, squared error "
        f"{svg.significant(state.squared_errors[i])}.",
        f"{state.share_off_plane:.0%} of the reconstructions' squared length lies off the "
        f"ring's plane{beyond}.",
    ]
    return " ".join(sentences)


def describe_weights(state: ExplorerState) -> str:
    """All weights in words, for those who cannot see them at the edges."""
    return "; ".join(f"{name} = {_listed(w)}" for name, w in state.weights.items()) + "."


def _listed(vector: NDArray) -> str:
    return "(" + ", ".join(svg.short(value) for value in vector) + ")"


def draw_network(state: ExplorerState) -> str:
    """Nodes with the values of the chosen row, edges with the weights."""
    x, h, x_hat = (values[state.sample] for values in (state.X, state.H, state.X_hat))
    parts = [
        svg.text(INPUT_X, 34, "input x", anchor="middle", bold=True),
        svg.text(HIDDEN_X, 34, "hidden h", anchor="middle", bold=True),
        svg.text(OUTPUT_X + NODE_WIDTH / 2, 34, "reconstruction x̂", anchor="end", bold=True),
    ]
    # The chosen edge comes last, and so lies on top.
    for weight in sorted(WEIGHTS, key=lambda weight: weight == state.weight):
        parts.append(_draw_weight(weight, state.weight_value(weight), weight == state.weight))
    for i, y in enumerate(ROW_Y):
        parts.append(_draw_node(INPUT_X, y, NODE_WIDTH, f"x{i + 1}", x[i]))
        parts.append(_draw_node(OUTPUT_X, y, NODE_WIDTH, f"x̂{i + 1}", x_hat[i]))
    for k, (y, name) in enumerate(zip(HIDDEN_Y, ("h1 = p·x", "h2 = q·x"))):
        parts.append(_draw_node(HIDDEN_X, y, HIDDEN_WIDTH, name, h[k]))
    return "".join(parts) + _draw_sign_legend(HIDDEN_X - HIDDEN_WIDTH / 2, 320)


def _draw_node(x: float, y: float, width: float, name: str, value: float) -> str:
    fill = svg.tint(_sign_colour(value), 0.3 * min(abs(value) / 1.5, 1))
    left, top = x - width / 2, y - NODE_HEIGHT / 2
    return (
        svg.rect(
            left, top, width, NODE_HEIGHT, fill=fill, stroke=svg.INK, stroke_width=2, radius=16
        )
        + svg.text(x, y - 6, name, anchor="middle", fill=svg.SOFT_INK)
        + svg.text(x, y + 17, svg.short(value), anchor="middle", bold=True)
    )


def _draw_weight(weight: str, value: float, chosen: bool) -> str:
    """An edge and its label, which stands where the edge meets its input or output node."""
    vector, index = weight[0], int(weight[1]) - 1
    encoder = vector in "pq"
    row, hidden = (index, "pq".index(vector)) if encoder else ("rsuv".index(vector), index)
    label_y = ROW_Y[row] + (-13, 13)[hidden]
    hidden_y = HIDDEN_Y[hidden] + (-15, -5, 5, 15)[row]
    left = INPUT_LABEL_X if encoder else OUTPUT_LABEL_X
    start = (left + LABEL_WIDTH, label_y) if encoder else (HIDDEN_X + HIDDEN_WIDTH / 2, hidden_y)
    end = (HIDDEN_X - HIDDEN_WIDTH / 2, hidden_y) if encoder else (left, label_y)
    return _draw_edge(start, end, value, chosen) + _draw_label(left, label_y, weight, value, chosen)


def _draw_edge(start, end, value: float, chosen: bool) -> str:
    """Thicker for a larger weight; blue and solid above zero, vermillion and dashed below."""
    (x1, y1), (x2, y2) = start, end
    middle = (x1 + x2) / 2
    steps = f"M{x1:g} {y1:g}C{middle:g} {y1:g} {middle:g} {y2:g} {x2:g} {y2:g}"
    width = 1.2 + 4 * min(abs(value), 1.5)
    casing = svg.path(steps, stroke=HIGHLIGHT, stroke_width=width + 9) if chosen else ""
    dashes = "8 5" if value < 0 else ""
    return casing + svg.path(
        steps, stroke=_sign_colour(value), stroke_width=round(width, 2), dashes=dashes
    )


def _draw_sign_legend(x: float, y: float) -> str:
    return (
        _draw_edge((x, y), (x + 44, y), 0.6, False)
        + svg.text(x + 52, y + 5.5, "> 0")
        + _draw_edge((x, y + 24), (x + 44, y + 24), -0.6, False)
        + svg.text(x + 52, y + 29.5, "< 0")
    )


def _draw_label(left: float, y: float, weight: str, value: float, chosen: bool) -> str:
    box = svg.rect(
        left, y - 12, LABEL_WIDTH, 24, fill=HIGHLIGHT, stroke=svg.INK, stroke_width=2, radius=4
    )
    return (
        (box if chosen else "")
        + svg.text(left + 5, y + 5.5, weight, fill=svg.SOFT_INK)
        + svg.text(left + LABEL_WIDTH - 5, y + 5.5, svg.short(value), anchor="end", bold=chosen)
    )


def _sign_colour(value: float) -> str:
    if value == 0:
        return svg.LINE
    return svg.VERMILLION if value > 0 else svg.BLUE  # as everywhere in the course


def frame_limit(state: ExplorerState) -> float:
    """How far the ring's frame reaches from the origin."""
    return max(1.5, 1.2 * float(np.abs(on_plane(state.X)).max()))


def in_frame(state: ExplorerState, points: NDArray) -> NDArray:
    """Which points the ring's frame shows; shape (n,)."""
    return (np.abs(points) <= frame_limit(state)).all(axis=1)


def draw_ring(state: ExplorerState) -> str:
    """Rows and reconstructions in the ring's plane, and the chosen row joined to its own."""
    limit = frame_limit(state)
    x, x_hat = on_plane(state.X), on_plane(state.X_hat)
    to_frame = RING_SIZE / (2 * limit) * np.array([1, -1])  # upwards is less in SVG

    def place(points: NDArray) -> list:
        return (points * to_frame + RING_SIZE / 2).tolist()

    chosen, its_own = x[state.sample], x_hat[state.sample]
    # Far outside the frame only the direction of the joining line can be seen.
    reach = min(1.0, 10 * limit / max(np.abs(its_own - chosen).max(), 1e-12))
    (cx, cy), (ox, oy) = place(np.array([chosen, chosen + reach * (its_own - chosen)]))
    zero = RING_SIZE / 2
    inside = (
        svg.rect(0, 0, RING_SIZE, RING_SIZE, stroke=svg.LINE, stroke_width=3)
        + svg.line(0, zero, RING_SIZE, zero, stroke=svg.LINE, stroke_width=1)
        + svg.line(zero, 0, zero, RING_SIZE, stroke=svg.LINE, stroke_width=1)
        + svg.dots(place(x), size=7, fill=DATA)
        + svg.crosses(
            place(x_hat[in_frame(state, x_hat)]), size=9, stroke=RECONSTRUCTED, stroke_width=1.6
        )
        + svg.line(cx, cy, ox, oy, stroke=svg.INK, stroke_width=3)
        + svg.circle(cx, cy, 7, fill=svg.PAPER)
        + svg.crosses([(ox, oy)], size=20, stroke=svg.INK, stroke_width=7)
        + svg.crosses([(ox, oy)], size=16, stroke=RECONSTRUCTED, stroke_width=3)
    )
    return (
        svg.window(RING_LEFT, RING_TOP, RING_SIZE, RING_SIZE, inside)
        + _draw_ring_axes(limit)
        + _draw_ring_legend(state)
    )


def _draw_ring_axes(limit: float) -> str:
    middle_x, middle_y = RING_LEFT + RING_SIZE / 2, RING_TOP + RING_SIZE / 2
    bottom = RING_TOP + RING_SIZE
    parts = [
        svg.text(middle_x, 34, "in the ring's plane", anchor="middle", bold=True),
        svg.text(middle_x, bottom + 42, "along (1, 1, 1, 1)/2", anchor="middle"),
        svg.text(603, middle_y, "along (1, −1, 1, −1)/2", anchor="middle", turn=-90),
    ]
    for tick in svg.ticks(-limit, limit, 4):
        shift, label = tick / limit * RING_SIZE / 2, svg.significant(tick)
        parts.append(svg.text(middle_x + shift, bottom + 20, label, anchor="middle"))
        parts.append(svg.text(RING_LEFT - 6, middle_y - shift + 5.5, label, anchor="end"))
    return "".join(parts)


def _draw_ring_legend(state: ExplorerState) -> str:
    outside = len(state.X) - int(in_frame(state, on_plane(state.X_hat)).sum())
    error = svg.significant(state.squared_errors[state.sample])
    left, top = 612, 384
    return (
        svg.dots([(left, top)], size=9, fill=DATA)
        + svg.text(left + 14, top + 5.5, "rows x")
        + svg.crosses([(left + 96, top)], size=11, stroke=RECONSTRUCTED)
        + svg.text(left + 110, top + 5.5, "reconstructions x̂")
        + svg.line(left - 5, top + 30, left + 30, top + 30, stroke=svg.INK, stroke_width=3)
        + svg.circle(left - 1, top + 30, 6, fill=svg.PAPER)
        + svg.crosses([(left + 30, top + 30)], size=16, stroke=svg.INK, stroke_width=7)
        + svg.crosses([(left + 30, top + 30)], size=12, stroke=RECONSTRUCTED, stroke_width=3)
        + svg.text(left + 48, top + 35.5, f"row {state.sample} and its x̂")
        + svg.text(left - 6, top + 78, f"row {state.sample}: ‖x − x̂‖² = {error}")
        + svg.text(left - 6, top + 106, f"{state.share_off_plane:.0%} of ‖x̂‖² is off this plane")
        + svg.text(left - 6, top + 134, f"{outside} of {len(state.X)} x̂ outside the frame")
    )


def draw_loss(state: ExplorerState) -> str:
    """The loss after each step, on a logarithmic axis, with PCA's optimum."""
    first = max(0, state.n_steps - LOSSES_SHOWN)
    losses = [*state.past_losses[first:], state.loss]
    last = first + max(30, len(losses) - 1)
    low, high = _decades(state, max(losses))
    bottom, right = LOSS_TOP + LOSS_HEIGHT, LOSS_LEFT + LOSS_WIDTH

    def place_x(step: float) -> float:
        return LOSS_LEFT + 8 + (step - first) / (last - first) * (LOSS_WIDTH - 16)

    def place_y(loss: float) -> float:
        exponent = math.log10(max(loss, 10.0**low))
        return bottom - (exponent - low) / (high - low) * LOSS_HEIGHT

    optimum_y = place_y(state.smallest_loss)
    points = [(place_x(first + k), place_y(loss)) for k, loss in enumerate(losses)]
    parts = [
        svg.text(
            10, 384, f"loss L = {svg.significant(state.loss)} at step {state.n_steps}", bold=True
        ),
        svg.line(338, 379, 370, 379, stroke=svg.GREEN, stroke_width=3, dashes="9 5"),
        svg.text(378, 384, f"PCA's optimum {svg.significant(state.smallest_loss)}", fill=svg.GREEN),
        svg.text((LOSS_LEFT + right) / 2, bottom + 46, "steps of descent", anchor="middle"),
    ]
    for exponent in range(low, high + 1, math.ceil((high - low) / 4)):
        y = place_y(10.0**exponent)
        parts.append(svg.line(LOSS_LEFT, y, right, y, stroke="#dddddd", stroke_width=1))
        parts.append(svg.text(LOSS_LEFT - 6, y + 5.5, svg.power_of_ten(exponent), anchor="end"))
    for step in svg.ticks(first, last, 7):
        x = place_x(step)
        parts.append(svg.text(x, bottom + 24, f"{step:g}", anchor="middle"))
    parts += [
        svg.line(
            LOSS_LEFT, optimum_y, right, optimum_y, stroke=svg.GREEN, stroke_width=3, dashes="9 5"
        ),
        svg.polyline(points, stroke=svg.INK, stroke_width=2.5),
        svg.dots(points, size=6, fill=svg.INK) if len(points) <= 61 else "",
        svg.circle(*points[-1], 6, fill=HIGHLIGHT),
    ]
    return "".join(parts)


def _decades(state: ExplorerState, largest: float) -> tuple[int, int]:
    """The powers of ten between which all losses to be shown lie."""
    length = float((state.X**2).sum(axis=1).mean()) or 1.0
    # An optimum of zero (few or noiseless rows) has no place on a logarithmic axis.
    lowest = max(state.smallest_loss, 1e-6 * length)
    low = math.floor(math.log10(lowest))
    return low, max(math.ceil(math.log10(max(largest, 10 * length))), low + 4)


# --------------------------------------------------------------------- the widget


class AutoencoderExplorer(LiveWidget):
    """The 4-2-4 linear network on the ring in R⁴: set a weight, step down the loss, run.

    Parameters
    ----------
    X : array-like of shape (n_samples, 4), optional
        The rows to reconstruct; by default `make_ring`'s 200, in the order of their angle.
    p, q : array-like of shape (4,), optional
        Encoder vectors, h = (p·x, q·x); drawn at random where not given.
    r, s, u, v : array-like of shape (2,), optional
        Decoder vectors, x_hat = (r·h, s·h, u·h, v·h); drawn at random where not given.
    step_size : float
        Of gradient descent; above 0.
    random_state : int, Generator or None
        Seed or source of the randomness.

    Raises
    ------
    TypeError, ValueError
        If an argument is not of the kind above; what was given and expected is said.

    Examples
    --------
    >>> explorer = AutoencoderExplorer(step_size=0.3, random_state=0)
    >>> explorer.p = [0.5, 0.5, 0.5, 0.5]
    >>> explorer.step(30)
    >>> explorer.loss < 2 * explorer.smallest_loss
    True
    """

    p = setting("p", "Encoder vector of h1, shape (4,).")
    q = setting("q", "Encoder vector of h2, shape (4,).")
    r = setting("r", "Decoder vector of x_hat1, shape (2,).")
    s = setting("s", "Decoder vector of x_hat2, shape (2,).")
    u = setting("u", "Decoder vector of x_hat3, shape (2,).")
    v = setting("v", "Decoder vector of x_hat4, shape (2,).")
    step_size = setting("step_size", "The step size of gradient descent.")
    sample = setting("sample", "The number of the row that the network shows.")
    weight = setting("weight", 'The weight that the slider moves, "p1" to "v2".')

    def __init__(
        self,
        X: ArrayLike | None = None,
        *,
        p: ArrayLike | None = None,
        q: ArrayLike | None = None,
        r: ArrayLike | None = None,
        s: ArrayLike | None = None,
        u: ArrayLike | None = None,
        v: ArrayLike | None = None,
        step_size: float = 0.3,
        random_state: RandomState = 0,
    ):
        self._rng = np.random.default_rng(random_state)
        if X is None:
            X, angle = make_ring(200, random_state=random_state, return_angle=True)
            X = X[np.argsort(angle)]
        given = {"p": p, "q": q, "r": r, "s": s, "u": u, "v": v}
        given = {name: value for name, value in given.items() if value is not None}
        state = ExplorerState(X=X, step_size=step_size, **(self._random_weights() | given))
        super().__init__(state, draw=draw, describe=describe)
        self._start = state.weights
        self._steps_left = 0
        self.arrange(
            [
                self.choice("weight", "Weight", list(WEIGHTS)),
                self.number(
                    "value",
                    "Its value",
                    -2.0,
                    2.0,
                    0.05,
                    read=lambda state: state.weight_value(state.weight),
                    write=lambda v: self.change(**self.state.with_weight(self.weight, v)),
                ),
            ],
            [
                self.number("step_size", "Step size", 0.01, 1.5, 0.01),
                self.number("sample", "Row", 0, max(len(state.X) - 1, 1), 1),
            ],
            [
                self.button("One step", self.step, "Take one step of gradient descent"),
                self.run_button(f"Take step after step, {MOST_STEPS} at the most"),
                self.button("Reset", self.reset, "Return to the weights of the start"),
                self.button("New random weights", self.randomise, "Draw other weights to start at"),
            ],
        )

    @property
    def X(self) -> NDArray:
        """The rows to reconstruct, shape (n_samples, 4)."""
        return self.state.X

    @property
    def loss(self) -> float:
        """The loss of the weights as they are."""
        return self.state.loss

    @property
    def smallest_loss(self) -> float:
        """The least loss any network of this shape can have, PCA's."""
        return self.state.smallest_loss

    @property
    def losses(self) -> NDArray:
        """The loss at the start and after each step, shape (n_steps + 1,)."""
        return np.array([*self.state.past_losses, self.state.loss])

    @property
    def n_steps(self) -> int:
        """Steps of descent taken since the start."""
        return self.state.n_steps

    def step(self, n_steps: int = 1) -> None:
        """Take steps of gradient descent, fewer if they lead out of bounds.

        Raises
        ------
        TypeError, ValueError
            If `n_steps` is no whole number of at least 1.
        """
        if isinstance(n_steps, bool) or not isinstance(n_steps, numbers.Integral):
            raise TypeError(f"n_steps must be a whole number of at least 1; given {n_steps!r}")
        if n_steps < 1:
            raise ValueError(f"n_steps must be at least 1; given {n_steps}")
        with self.hold():
            for _ in range(n_steps):
                if not self._step_once():
                    break

    def _step_once(self) -> bool:
        """Take one step; return whether it could be taken."""
        state = self.state
        slopes = gradients(state.X, **state.weights)
        with np.errstate(over="ignore"):
            weights = {n: w - state.step_size * slopes[n] for n, w in state.weights.items()}
        possible = all((np.abs(w) <= LARGEST_WEIGHT).all() for w in weights.values())
        if possible:
            self.change(**weights, past_losses=(*state.past_losses, state.loss))
        else:
            self.say(
                "Stopped: the next step would take a weight beyond a million. The step size is "
                "too large for these weights. Lower it, then press Reset."
            )
        return possible

    def run(self) -> None:
        """Step until the loss settles, the weights leave all bounds, or 300 steps are taken."""
        if not self.running:
            self._steps_left = MOST_STEPS
        super().run()

    def work(self) -> bool:
        """Take one step; return whether another is to follow."""
        if not self._step_once():
            return False
        self._steps_left -= 1
        steepest = max(np.abs(g).max() for g in gradients(self.X, **self.state.weights).values())
        settled = steepest < FLAT and self._steps_left <= MOST_STEPS - FEWEST_STEPS
        if settled:
            self.say(f"The descent has settled: no slope is steeper than {FLAT}.")
        elif self._steps_left == 0:
            self.say(f"Paused after {MOST_STEPS} steps, and still not settled.")
        return not settled and self._steps_left > 0

    def reset(self) -> None:
        """Return to the weights that the explorer began with, or that were drawn last."""
        self.pause()
        self.change(**self._start, past_losses=())

    def randomise(self) -> None:
        """Draw new weights to start at."""
        self.pause()
        self._start = self._random_weights()
        self.change(**self._start, past_losses=())

    def _random_weights(self) -> dict[str, NDArray]:
        return {name: self._rng.normal(0, 0.4, size) for name, size in SIZES.items()}
