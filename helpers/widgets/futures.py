"""A head that may turn either way, live: futures, their mean, and what least squares predicts.

The prediction is that of a network trained beforehand (``make pretrained``), one for two futures
and one for continuous ones. Each was told a frame, the turn and the odds, and was fitted to one
random future at a time; it has never seen a mean.
"""

from __future__ import annotations

import numbers
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Any, NamedTuple

import matplotlib.pyplot as plt
import numpy as np
from numpy.typing import ArrayLike, NDArray

from helpers.checks import check_choice
from helpers.metrics import gradient_energy
from helpers.models import ImageRegressor
from helpers.models.pretrained import load_pretrained
from helpers.plots import DescribedFigure, with_alt
from helpers.scenes import render_heads, turns_and_weights
from helpers.widgets import svg
from helpers.widgets.live import LiveWidget, setting

KINDS = {"two": "two futures", "continuous": "any turn up to it"}
"""The kinds of futures, and what they are called."""

LARGEST_YAW, LARGEST_TURN = 30, 60
SIDE = 24
N_WAVES = 8
"""The networks are told a turn by so many sines and as many cosines of its multiples."""


# -------------------------------------------------------------- pictures and predictions


@cache
def head_frames() -> NDArray[np.float32]:
    """Heads at all half degrees that can occur, −90 … 90, shape (361, 24, 24), read-only."""
    frames = render_heads(np.arange(-180, 181) / 2)
    frames.flags.writeable = False
    return frames


def frames_at(yaw: ArrayLike) -> NDArray[np.float32]:
    """The heads at some half degrees of yaw, shape (n,) to (n, 24, 24)."""
    return head_frames()[np.rint(2 * np.asarray(yaw)).astype(int) + 180]


def network_input(frames: NDArray, turn: ArrayLike, p_left: ArrayLike) -> NDArray:
    """What the networks are told: the pixels of a frame, the turn and the odds.

    A turn of t degrees is written as sin kt and cos kt for k = 1 … 8, from which a network can make
    quickly varying functions of it; the odds as 2 p_left − 1.

    Parameters
    ----------
    frames : ndarray of shape (n, 24, 24)
    turn, p_left : array-like of shape (n,)

    Returns
    -------
    X : ndarray of shape (n, 593)
    """
    waves = np.radians(turn)[:, None] * np.arange(1, N_WAVES + 1)
    odds = 2 * np.asarray(p_left, dtype=float) - 1
    return np.column_stack([frames.reshape(len(frames), -1), np.sin(waves), np.cos(waves), odds])


@cache
def trained_networks() -> Mapping[str, ImageRegressor]:
    """The network for each kind of futures."""
    return load_pretrained("futures").estimators


class Measures(NamedTuple):
    """What is measured of a picture: three distances (RMSE), and sharpness (real heads have 1)."""

    to_mean: float
    to_nearest: float
    sharpness: float


# ---------------------------------------------------------------------------- the state


@dataclass(frozen=True)
class FuturesState:
    """Everything the picture follows from."""

    futures: str = "two"
    turn: int = 30
    p_left: float = 0.5
    yaw: int = 0

    def __post_init__(self):
        check_choice("futures", self.futures, tuple(KINDS))
        self._set("turn", _as_degrees("turn", self.turn, 1, LARGEST_TURN))
        self._set("yaw", _as_degrees("yaw", self.yaw, -LARGEST_YAW, LARGEST_YAW))
        self._set("p_left", _as_probability(self.p_left))

    def _set(self, name: str, value: Any) -> None:
        object.__setattr__(self, name, value)  # frozen, and not yet complete

    @property
    def frame(self) -> NDArray:
        """The frame now, shape (24, 24)."""
        return frames_at(self.yaw)

    @cached_property
    def turns_and_weights(self) -> tuple[NDArray, NDArray]:
        """The turns that are possible, in degrees, and how probable each is."""
        return turns_and_weights(futures=self.futures, turn=self.turn, p_left=self.p_left)

    @cached_property
    def possible(self) -> NDArray:
        """All that may come next, shape (n_futures, 24, 24)."""
        return frames_at(self.yaw + self.turns_and_weights[0])

    @cached_property
    def mean(self) -> NDArray:
        """The expectation of the next frame, shape (24, 24)."""
        return np.tensordot(self.turns_and_weights[1], self.possible, axes=1)

    @cached_property
    def prediction(self) -> NDArray:
        """What the network predicts, shape (24, 24)."""
        X = network_input(self.frame[None], [self.turn], [self.p_left])
        # Not by `predict`, which first makes a copy of the network in double precision.
        return trained_networks()[self.futures].network_.forward(X.T).reshape(SIDE, SIDE)

    @cached_property
    def energy(self) -> float:
        """Gradient energy that the next frame has on average."""
        return float(self.turns_and_weights[1] @ _energies(self.possible))

    def measure(self, picture: NDArray) -> Measures:
        """Measure a picture against what may come next (what has no probability cannot)."""
        possible = self.possible[self.turns_and_weights[1] > 0]
        return Measures(
            _rmse(picture, self.mean).item(),
            _rmse(picture, possible).min().item(),
            gradient_energy(picture) / self.energy,
        )

    @cached_property
    def sharpness_by_turn(self) -> NDArray:
        """Sharpness that the mean would have at every turn, 1° … 60°, shape (60,)."""
        steps = np.arange(1, LARGEST_TURN + 1)
        if self.futures == "two":
            left, right = (frames_at(self.yaw + side * steps) for side in (-1, 1))
            energies = [_energies(frames) for frames in (left, right)]
        else:
            # Turns are the half degrees between whole ones: means of the first 1, 2, 3 … of them.
            after = [frames_at(self.yaw + side * (steps - 0.5)) for side in (-1, 1)]
            left, right = (np.cumsum(a, axis=0) / steps[:, None, None] for a in after)
            energies = [np.cumsum(_energies(a)) / steps for a in after]
        p = self.p_left
        return _energies(p * left + (1 - p) * right) / (p * energies[0] + (1 - p) * energies[1])


def _energies(pictures: NDArray) -> NDArray:
    """Gradient energy of each picture: the mean squared steps to the right and down."""
    across, down = np.diff(pictures, axis=-1), np.diff(pictures, axis=-2)
    return (across**2).mean(axis=(-2, -1)) + (down**2).mean(axis=(-2, -1))


def _rmse(picture: NDArray, others: NDArray) -> NDArray:
    return np.sqrt(((picture - others) ** 2).mean(axis=(-2, -1)))


def _as_degrees(name: str, value: Any, low: int, high: int) -> int:
    expected = f"a whole number of degrees from {low} to {high}"
    if isinstance(value, bool) or not isinstance(value, numbers.Real):
        raise TypeError(f"{name} must be {expected}; given {value!r}")
    if not (low <= value <= high and value == int(value)):
        raise ValueError(f"{name} must be {expected}; given {value}")
    return int(value)


def _as_probability(value: Any) -> float:
    expected = "a number from 0 to 1"
    if isinstance(value, bool) or not isinstance(value, numbers.Real):
        raise TypeError(f"p_left must be {expected}; given {value!r}")
    if not 0 <= value <= 1:
        raise ValueError(f"p_left must be {expected}; given {value}")
    return float(value)


# -------------------------------------------------------------------------- the picture

WIDTH, HEIGHT = 900, 524
GREYS = np.repeat(np.arange(256, dtype=np.uint8)[:, None], 3, axis=1)
SMALL, SMALL_TOP, SLOT_LEFT, SLOT_STEP = 128, 36, 174, 146
SLOTS = {1: (2,), 2: (1, 3), 3: (1, 2, 3), 4: (0, 1, 3, 4), 5: (0, 1, 2, 3, 4)}
LARGE, LARGE_TOP, MEAN_LEFT, NETWORK_LEFT = 220, 234, 14, 266
PANEL_LEFT, PANEL_WIDTH = 552, 332
ODDS_TOP, ODDS_HEIGHT = LARGE_TOP, 92
CURVE_TOP, CURVE_HEIGHT = 388, 72
LEFT_COLOUR, RIGHT_COLOUR = svg.BLUE, svg.VERMILLION


def draw_picture(state: FuturesState) -> str:
    """The frame, what may come, its mean, the prediction, odds and sharpness: an SVG string."""
    return svg.document(
        WIDTH,
        HEIGHT,
        _draw_futures(state) + _draw_answers(state) + _draw_odds(state) + _draw_sharpness(state),
        title="A head that turns",
        description=describe(state),
    )


def _draw_head(x: float, y: float, size: float, picture: NDArray) -> str:
    levels = np.rint(255 * np.clip(picture, 0, 1)).astype(np.uint8)
    return svg.image(x, y, size, size, levels, GREYS)


def _some_futures(state: FuturesState) -> list[int]:
    """Numbers of the futures that are drawn: five at most, evenly spread."""
    n = len(state.possible)
    return sorted(set(np.rint(np.linspace(0, n - 1, min(n, 5))).astype(int).tolist()))


def _draw_futures(state: FuturesState) -> str:
    turns, weights = state.turns_and_weights
    caption = SMALL_TOP + SMALL + 20
    parts = [
        svg.text(14, 24, "the frame now", bold=True),
        svg.text(SLOT_LEFT, 24, f"what may come next ({KINDS[state.futures]})", bold=True),
        _draw_head(14, SMALL_TOP, SMALL, state.frame),
        svg.text(14 + SMALL / 2, caption, f"yaw {_degrees(state.yaw)}", anchor="middle"),
    ]
    shown = _some_futures(state)
    for slot, number in zip(SLOTS[len(shown)], shown):
        x, turned = SLOT_LEFT + slot * SLOT_STEP, turns[number]
        words = f"{abs(turned):g}° {'left' if turned < 0 else 'right'}"
        if state.futures == "two":
            words += f", p {weights[number]:.2f}"
        parts.append(_draw_head(x, SMALL_TOP, SMALL, state.possible[number]))
        fill = LEFT_COLOUR if turned < 0 else RIGHT_COLOUR
        parts.append(svg.text(x + SMALL / 2, caption, words, anchor="middle", fill=fill))
    return "".join(parts)


def _draw_answers(state: FuturesState) -> str:
    """The mean and the prediction, large, with what is measured of them."""
    parts = []
    for x, title, picture in (
        (MEAN_LEFT, "mean of all that may come", state.mean),
        (NETWORK_LEFT, "the network's prediction", state.prediction),
    ):
        found = state.measure(picture)
        below = LARGE_TOP + LARGE + 20
        from_mean = f"from the mean {found.to_mean:.3f}"
        parts += [
            svg.text(x, LARGE_TOP - 10, title, bold=True),
            _draw_head(x, LARGE_TOP, LARGE, picture),
            svg.text(x, below, f"sharpness {found.sharpness:.2f}", bold=True),
            svg.text(x, below + 21, f"from the nearest future {found.to_nearest:.3f}"),
            svg.text(x, below + 42, from_mean if picture is state.prediction else ""),
        ]
    return "".join(parts)


def _draw_odds(state: FuturesState) -> str:
    """Where the head may look next, and how likely each side is; this is where one can drag."""
    bottom = ODDS_TOP + ODDS_HEIGHT
    now = _angle_x(state.yaw)
    parts = [
        svg.text(PANEL_LEFT, ODDS_TOP - 10, "where it looks next, with the odds", bold=True),
        svg.rect(PANEL_LEFT, ODDS_TOP, PANEL_WIDTH, ODDS_HEIGHT, stroke=svg.LINE),
        svg.line(now, ODDS_TOP, now, bottom, stroke=svg.SOFT_INK, dashes="4 4"),
    ]
    sides = ((-1, state.p_left, LEFT_COLOUR), (1, 1 - state.p_left, RIGHT_COLOUR))
    for side, share, colour in sides:
        x, height = _angle_x(state.yaw + side * state.turn), share * ODDS_HEIGHT
        if state.futures == "two":
            parts.append(svg.line(x, bottom, x, bottom - height, stroke=colour, stroke_width=5))
            parts.append(svg.circle(x, bottom - height, 6, fill=colour, stroke=colour))
        else:
            width, fill = abs(x - now), svg.tint(colour, 0.45)
            parts.append(svg.rect(min(x, now), bottom - height, width, height, fill=fill))
            parts.append(svg.line(x, bottom, x, bottom - height, stroke=colour, stroke_width=3))
    for angle in (-90, -45, 0, 45, 90):
        anchor = {-90: "start", 90: "end"}.get(angle, "middle")
        parts.append(svg.text(_angle_x(angle), bottom + 20, _degrees(angle), anchor=anchor))
    parts.append(svg.area(PANEL_LEFT, ODDS_TOP, PANEL_WIDTH, ODDS_HEIGHT))
    return "".join(parts)


def _draw_sharpness(state: FuturesState) -> str:
    """Sharpness of the mean at every turn, and that of the prediction at the turn of now."""
    bottom = CURVE_TOP + CURVE_HEIGHT

    def place(turn, sharpness):
        across = (turn - 1) / (LARGEST_TURN - 1)
        height = min(max(sharpness, 0), 1.1) / 1.1
        return PANEL_LEFT + across * PANEL_WIDTH, bottom - height * CURVE_HEIGHT

    curve = [place(k + 1, value) for k, value in enumerate(state.sharpness_by_turn.tolist())]
    one = place(1, 1)[1]
    x, y = place(state.turn, state.measure(state.prediction).sharpness)
    parts = [
        svg.text(PANEL_LEFT, CURVE_TOP - 10, "sharpness of the mean, by turn", bold=True),
        svg.rect(PANEL_LEFT, CURVE_TOP, PANEL_WIDTH, CURVE_HEIGHT, stroke=svg.LINE),
        svg.line(PANEL_LEFT, one, PANEL_LEFT + PANEL_WIDTH, one, stroke=svg.LINE, dashes="4 4"),
        svg.text(PANEL_LEFT - 8, one + 5, "1", anchor="end"),
        svg.text(PANEL_LEFT - 8, bottom, "0", anchor="end"),
        svg.polyline(curve, stroke=svg.INK, stroke_width=2.5),
        svg.circle(x, y, 6, fill=svg.PAPER, stroke=svg.GREEN),
    ]
    for turn, anchor in ((1, "start"), (15, "middle"), (30, "middle"), (45, "middle"), (60, "end")):
        parts.append(svg.text(place(turn, 0)[0], bottom + 20, f"{turn}°", anchor=anchor))
    words = "circle: the network's prediction"
    parts.append(svg.text(PANEL_LEFT, bottom + 42, words, fill=svg.GREEN))
    return "".join(parts)


def _angle_x(degrees: float) -> float:
    return PANEL_LEFT + (degrees + 90) / 180 * PANEL_WIDTH


def _degrees(value: float) -> str:
    return f"{svg.MINUS if value < 0 else ''}{abs(value):g}°"


def describe(state: FuturesState) -> str:
    """What the picture shows, in words."""
    by = f"by {state.turn}°" if state.futures == "two" else f"by anything up to {state.turn}°"
    mean, made = state.measure(state.mean), state.measure(state.prediction)
    return (
        f"A head that looks {_looks(state.yaw)} turns {by}, to the left with probability "
        f"{state.p_left:.2f}, to the right with {1 - state.p_left:.2f}. The mean of what may come "
        f"has {mean.sharpness:.0%} of the sharpness of real heads and lies {mean.to_nearest:.3f} "
        f"from the nearest future. The network's prediction has {made.sharpness:.0%} of it and "
        f"lies {made.to_mean:.3f} from the mean and {made.to_nearest:.3f} from the nearest future."
    )


def _looks(yaw: int) -> str:
    return f"{abs(yaw)}° to the {'left' if yaw < 0 else 'right'}" if yaw else "straight ahead"


# --------------------------------------------------------------------------- the widget


class FuturesExplorer(LiveWidget):
    """A head that may turn left or right: what may come, the mean of it, and a prediction.

    Above, the frame now and what may come next, of many futures five. Below, the mean of all
    futures and what a network predicts that was fitted by least squares; beside them where the head
    may look next, with the odds (drag there with the mouse), and how sharp the mean is at every
    turn. Sharpness is gradient energy against the average of what may come; distances are RMSE.

    Parameters
    ----------
    futures : {"two", "continuous"}
        Whether the head turns by exactly `turn`, or by anything up to it.
    turn : int
        Degrees, 1 to 60.
    p_left : float in [0, 1]
        How probable a turn to the left is.
    yaw : int
        Where the head looks now: degrees from −30 to 30, below 0 to the left.

    Raises
    ------
    TypeError, ValueError
        If an argument is not of the kind or in the range above. ValueError also if the file of
        trained networks is damaged.
    FileNotFoundError
        If it is missing.

    Examples
    --------
    >>> explorer = FuturesExplorer(turn=30)
    >>> explorer.mean_measures.sharpness < 0.8
    True
    >>> explorer.turn = 1
    >>> explorer.mean_measures.sharpness > 0.95
    True
    """

    futures = setting("futures", 'The kind of futures: "two" or "continuous".')
    turn = setting("turn", "By how many degrees the head turns, or at most turns; 1 to 60.")
    p_left = setting("p_left", "How probable a turn to the left is.")
    yaw = setting("yaw", "Where the head looks now, −30 to 30 degrees, below 0 to the left.")

    def __init__(
        self, *, futures: str = "two", turn: int = 30, p_left: float = 0.5, yaw: int = 0
    ) -> None:
        self._start = {"futures": futures, "turn": turn, "p_left": p_left, "yaw": yaw}
        super().__init__(FuturesState(**self._start), draw=draw_picture, describe=describe)
        options = [(words, kind) for kind, words in KINDS.items()]
        self.arrange(
            self.pointer(self._point),
            [
                self.choice("futures", "Futures", options),
                self.button("Reset", self.reset, "Return to the start"),
            ],
            [
                self.number("turn", "Turn", 1, LARGEST_TURN, 1),
                self.number("p_left", "Odds of left", 0.0, 1.0, 0.01),
            ],
            [self.number("yaw", "Yaw now", -LARGEST_YAW, LARGEST_YAW, 1)],
        )

    def _point(self, across: float, up: float) -> None:
        """Take turn and odds from a place of the panel: an angle, and the odds of its side."""
        if not (0 <= across <= 1 and 0 <= up <= 1):
            raise ValueError(f"the mouse must point to places from 0 to 1; given {across}, {up}")
        away = -90 + 180 * across - self.yaw
        turn = min(max(round(abs(away)), 1), LARGEST_TURN)
        self.change(turn=turn, p_left=round(up if away < 0 else 1 - up, 2))

    def reset(self) -> None:
        """Return to the settings that the explorer began with."""
        self.change(**self._start)

    def figure(self) -> DescribedFigure:
        """Return the same pictures as a figure of matplotlib, for print and without a kernel."""
        state = self.state
        turns, _ = state.turns_and_weights
        panels = [(f"now: {_degrees(state.yaw)}", state.frame)]
        for number in (0, -1):
            side = "left" if turns[number] < 0 else "right"
            panels.append((f"{abs(turns[number]):g}° {side}", state.possible[number]))
        for name, picture in (("mean", state.mean), ("network", state.prediction)):
            sharp = state.measure(picture).sharpness
            panels.append((f"{name}:\nsharpness {sharp:.2f}", picture))
        fig, axes = plt.subplots(1, len(panels), figsize=(10, 2.7))
        for ax, (title, picture) in zip(axes, panels):
            ax.imshow(picture, cmap="gray", vmin=0, vmax=1)
            ax.set_title(title, fontsize=13)
            ax.set_axis_off()
        return with_alt(fig, describe(state))

    @property
    def mean(self) -> NDArray:
        """The mean of all that may come next, shape (24, 24)."""
        return self.state.mean

    @property
    def prediction(self) -> NDArray:
        """What the network predicts, shape (24, 24)."""
        return self.state.prediction

    @property
    def mean_measures(self) -> Measures:
        """Distance of the mean to itself (0) and to the nearest future, and its sharpness."""
        return self.state.measure(self.state.mean)

    @property
    def prediction_measures(self) -> Measures:
        """Distances of the prediction to the mean and to the nearest future, and its sharpness."""
        return self.state.measure(self.state.prediction)
