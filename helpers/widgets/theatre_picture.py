"""The picture of the GAN theatre, and its words: functions of a `Scene` that change nothing."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from contourpy import contour_generator
from numpy.typing import NDArray

from helpers.checks import check_choice, check_flag
from helpers.widgets import svg
from helpers.widgets.theatre_data import PIXELS, PlaneData
from helpers.widgets.theatre_run import SETTINGS, Record, Settings, View, as_whole

PANELS = ("discriminator", "optimum", "warp")
"""What a panel can show: D's verdict on the plane, an estimate of the best one, G's bent grid."""

LOSS_NAMES = {
    "non_saturating": "non-saturating",
    "minimax": "minimax",
    "least_squares": "least squares",
    "wasserstein_gp": "Wasserstein + GP",
}

MOST_STEPS_A_REDRAW = 200

REACHES = tuple(1.75 * 2**k for k in range(7))
"""Half the width of the square that the panels show."""


@dataclass(frozen=True, eq=False)
class Scene:
    """Everything the picture shows, or follows from.

    `settings`, `views`, `records` and `problems` hold one thing for each run, A and perhaps B.
    `at` is the time that was asked for, None for the present; the views are as near as was kept.
    """

    data: PlaneData
    settings: tuple[Settings, ...]
    views: tuple[View, ...]
    records: tuple[Record, ...]
    problems: tuple[str, ...]
    now: int
    reach: float
    at: float | None = None
    chosen: str = "A"
    speed: int = 20
    left: str = "discriminator"
    right: str = "warp"
    arrows: bool = True
    optimum_lines: bool = False

    def __post_init__(self):
        for name in ("left", "right"):
            check_choice(name, getattr(self, name), PANELS)
        for name in ("arrows", "optimum_lines"):
            check_flag(name, getattr(self, name))
        object.__setattr__(self, "speed", as_whole("speed", self.speed, 1, MOST_STEPS_A_REDRAW))
        if not isinstance(self.chosen, str) or self.chosen not in self.names:
            known = " or ".join(map(repr, self.names))
            more = "" if self.compare else " (B is there once compare is True)"
            raise ValueError(f"chosen must be {known}; given {self.chosen!r}{more}")

    @property
    def compare(self) -> bool:
        """Whether there are two runs."""
        return len(self.settings) == 2

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the runs."""
        return ("A", "B")[: len(self.settings)]

    @property
    def number(self) -> int:
        """The number of the run that the controls set."""
        return self.names.index(self.chosen)

    @property
    def chosen_settings(self) -> Settings:
        """The settings that the controls show."""
        return self.settings[self.number]

    @property
    def moment(self) -> int:
        """The time of what is shown."""
        return self.views[0].time

    @property
    def panels(self) -> list[tuple[int, str]]:
        """The number of the run, and what of it is shown, from left to right."""
        if self.compare:
            return [(0, self.left), (1, self.left)]
        return [(0, self.left), (0, self.right)]


def next_reach(reach: float, views: Iterable[View]) -> float:
    """How far the panels should reach to show nearly all points, without changing too often."""
    needed = max(
        max(np.quantile(np.abs(view.points), 0.98), np.abs(view.data.rows).max()) for view in views
    )
    fitting = next((r for r in REACHES if r >= needed), REACHES[-1])
    return reach if fitting < reach and needed > 0.4 * reach else fitting


# ------------------------------------------------------------------------ in words


def describe(scene: Scene) -> str:
    """What the picture shows, in a few sentences."""
    mean, sd = scene.data.chance
    told = [
        f"{name}{_describe_run(scene, k)}"
        for k, name in enumerate(("run A: ", "Run B: ") if scene.compare else ("",))
    ]
    chance = f"By chance 1-NN is right for {mean - 2 * sd:.0%} to {mean + 2 * sd:.0%}."
    return f"Step {scene.moment} of {scene.now}: {' '.join(told)} {chance}"


def _describe_run(scene: Scene, k: int) -> str:
    view, record, scores = scene.views[k], scene.records[k], scene.views[k].scores
    if scene.problems[k]:
        return "diverged, that is, a loss has left all bounds."
    words = [f"D is right for {scores.accuracy:.0%}", f"1-NN for {scores.two_sample:.0%}"]
    if scene.data.centers is None:
        words.append(f"{scores.share:.0%} of held-out points covered")
    else:
        n_modes = len(scene.data.centers)
        words.append(f"{scores.covered:.0f} of {n_modes} modes covered, {scores.share:.0%} on one")
    for name, curve in (("½ loss D", record.d_loss), ("loss G", record.g_loss)):
        if last := _until(curve, view.time):
            words.append(f"{name} {svg.short(curve[last - 1, 1])}")
    push = float(np.median(np.hypot(*view.push.T)))
    return f"{', '.join(words)}, push {svg.significant(push, 2)}."


def _until(curve: NDArray, time: int) -> int:
    """How many points of a curve lie before a time."""
    return int(np.searchsorted(curve[:, 0], time, side="right"))


def _differing(scene: Scene, k: int) -> str:
    """The settings in which a run differs from the other one, in brackets."""
    mine, other = scene.settings[k], scene.settings[1 - k]
    different = [name for name in SETTINGS if getattr(mine, name) != getattr(other, name)]
    named = [_setting_in_words(name, getattr(mine, name)) for name in different[:2]]
    return f" ({', '.join(named)}{', …' if len(different) > 2 else ''})" if named else ""


SHORT_NAMES = {
    "instance_noise": "noise",
    "learning_rate_init": "rate of G",
    "discriminator_learning_rate_init": "rate of D",
    "n_discriminator_steps": "steps of D",
    "batch_size": "batch",
    "weight_averaging": "averaging",
    "hidden_width": "width",
    "random_state": "seed",
    "n_latent": "latent",
    "beta_1": "β₁",
    "head_start": "head start",
    "start_at": "start at",
    "r1": "R1",
    "r2": "R2",
}


def _setting_in_words(name: str, value) -> str:
    if name == "loss":
        return LOSS_NAMES[value]
    if name == "averaged":
        return "average of G" if value else "G as it plays"
    if name == "start_at":
        return f"start at {value[0]:g}, {value[1]:g}" if value else "usual start"
    return f"{SHORT_NAMES[name]} {value:g}"


# -------------------------------------------------------------------- the picture

WIDTH, HEIGHT = 900, 384
TOP, SIDE = 50, 284
LEFTS = (38, 334)
CURVES_LEFT, CURVES_WIDTH, CURVES_HEIGHT = 676, 216, 82
CURVES_TOP, CURVES_APART = 27, 118

REAL, GENERATED = svg.BLUE, svg.VERMILLION
DISCRIMINATOR = "#a03a78"  # Okabe and Ito's purple, darkened for thin lines on white
DASHES = "6 4"
BANDS = 33  # of the heat maps; an odd number, so that one half has a band of its own: white
N_SHOWN = 250
ARROW_LENGTH, LONGEST_ARROW = 22.0, 44.0  # of a push of 1, and of any, in the picture's units


def draw(scene: Scene) -> str:
    """The stage, once or for both runs, and what was measured: an SVG string."""
    stage = [
        _draw_panel(scene, left, run, shown) for left, (run, shown) in zip(LEFTS, scene.panels)
    ]
    return svg.document(
        WIDTH,
        HEIGHT,
        "".join(stage) + _draw_legend(scene) + _draw_status(scene) + draw_curves(scene),
        title="The GAN theatre: a generator and a discriminator that train each other",
        description=describe(scene),
    )


# ---- the panels


def _draw_panel(scene: Scene, left: float, run: int, shown: str) -> str:
    view = scene.views[run]
    heat = {
        "discriminator": lambda: _heat(view.surface(scene.reach)),
        "optimum": lambda: _heat(view.optimum(scene.reach, scene.settings[run].instance_noise)),
        "warp": lambda: "",
    }[shown]()
    inside = heat + _draw_points(scene, view, faint=shown == "warp")
    if shown == "warp":
        inside += _draw_warp(scene, view)
    else:
        inside += _draw_boundaries(scene, run, shown)
        inside += _draw_arrows(scene, view) if scene.arrows else ""
        inside += _draw_trail(scene, run) if scene.data.name == "point" else ""
    if scene.problems[run]:
        inside += _label(SIDE / 2, 30, "diverged")
    return (
        svg.text(left, 18, panel_title(scene, run, shown), bold=True)
        + svg.window(left, TOP, SIDE, SIDE, inside)
        + svg.rect(left, TOP, SIDE, SIDE, stroke=svg.LINE, stroke_width=1.5)
        + _draw_ticks(scene.reach, left)
    )


def panel_title(scene: Scene, run: int, shown: str) -> str:
    """What a panel shows."""
    if scene.compare:
        name = scene.names[run]
        different = _differing(scene, run).strip(" ()")
        return f"{name}: {different}" if different else f"{name}: the same settings"
    return {
        "discriminator": "What the discriminator says",
        "optimum": "D* = p/(p + q), an estimate",
        "warp": "How G bends its latent grid",
    }[shown]


def _to_panel(points: NDArray, reach: float) -> NDArray:
    """Places in a panel, shape (…, 2); upwards is less in SVG."""
    return (points * [1, -1] / reach + 1) * (SIDE / 2)


def _shown(points: NDArray, reach: float) -> list:
    inside = (np.abs(points) <= reach).all(axis=1)
    return _to_panel(points[inside], reach).tolist()


def _draw_points(scene: Scene, view: View, *, faint: bool) -> str:
    real = _shown(scene.data.held_out[:N_SHOWN], scene.reach)
    fake = _shown(view.points[:N_SHOWN], scene.reach)
    colours = (svg.tint(REAL, 0.5), svg.tint(GENERATED, 0.6)) if faint else (REAL, GENERATED)
    return svg.dots(real, size=6, fill=colours[0]) + svg.triangles(fake, size=8, fill=colours[1])


def _heat(probability: NDArray) -> str:
    """Blue where it says real, orange where generated, white at ½, grey where it says nothing."""
    levels = np.round((BANDS - 1) * np.nan_to_num(probability, nan=0.5)).astype(np.uint8)
    levels[np.isnan(probability)] = BANDS
    return svg.image(0, 0, SIDE, SIDE, levels[::-1], palette())


@lru_cache(maxsize=1)
def palette() -> NDArray:
    """Red, green and blue of each band, and of the grey; shape (BANDS + 1, 3)."""
    sides = np.linspace(-1, 1, BANDS)  # the root lets one see on which side of ½ it is
    colours = [svg.tint(REAL if s > 0 else GENERATED, 0.5 * abs(s) ** 0.5) for s in sides]
    return np.array([_rgb(colour) for colour in [*colours, "#e4e4e4"]], dtype=np.uint8)


def _rgb(colour: str) -> list[int]:
    return [int(colour[k : k + 2], 16) for k in (1, 3, 5)]


def _draw_boundaries(scene: Scene, run: int, shown: str) -> str:
    """Where D is undecided and, if wanted, where the estimate of D* crosses ¼, ½ and ¾."""
    view, noise = scene.views[run], scene.settings[run].instance_noise
    parts = []
    if shown == "discriminator":
        steps = _contour(view.surface(scene.reach), 0.5)
        parts.append(svg.path(steps, stroke=svg.INK, stroke_width=1.6))
    if scene.optimum_lines or shown == "optimum":
        optimum = view.optimum(scene.reach, noise)
        for level, width in ((0.25, 1.2), (0.5, 2.4), (0.75, 1.2)):
            steps = _contour(optimum, level)
            parts.append(svg.path(steps, stroke=svg.INK, stroke_width=width, dashes=DASHES))
    return "".join(part for part in parts if 'd=""' not in part)


def _contour(heights: NDArray, level: float) -> str:
    lines = contour_generator(z=np.ma.masked_invalid(heights)).lines(level)
    pixel = SIDE / PIXELS
    parts = []
    for line in lines:
        places = (line + 0.5) * [pixel, -pixel] + [0, SIDE]
        parts.append("M" + "L".join(f"{x:.0f} {y:.0f}" for x, y in places.tolist()))
    return "".join(parts)


def _draw_arrows(scene: Scene, view: View) -> str:
    """Where the generator's loss would move its points: nothing where the push is too small."""
    push = view.push * [1, -1]
    length = np.hypot(*push.T)
    wanted = np.minimum(ARROW_LENGTH * length, LONGEST_ARROW)
    start = _to_panel(view.points[: len(push)], scene.reach)
    seen = (wanted > 1.5) & (np.abs(view.points[: len(push)]) <= scene.reach).all(axis=1)
    along = (push / np.maximum(length, 1e-300)[:, None])[seen]
    return _arrows(start[seen], along, wanted[seen])


def _draw_trail(scene: Scene, run: int) -> str:
    """The way that the middle of the generated points has come."""
    scores, moment = scene.records[run].scores, scene.views[run].time
    places = _to_panel(scores[: _until(scores, moment), -2:], scene.reach)
    return svg.polyline(places.tolist(), stroke=DISCRIMINATOR, stroke_width=1.6)


def _arrows(start: NDArray, along: NDArray, length: NDArray) -> str:
    end = start + along * length[:, None]
    back, side = along * np.minimum(6, length)[:, None], along[:, ::-1] * [1, -1] * 3.5
    steps = "".join(
        f"M{x1:.1f} {y1:.1f}L{x2:.1f} {y2:.1f}M{x3:.1f} {y3:.1f}L{x2:.1f} {y2:.1f}"
        f"L{x4:.1f} {y4:.1f}"
        for (x1, y1), (x2, y2), (x3, y3), (x4, y4) in zip(
            start.tolist(), end.tolist(), (end - back + side).tolist(), (end - back - side).tolist()
        )
    )
    return svg.path(steps, stroke=svg.INK, stroke_width=1.6) if steps else ""


def _draw_warp(scene: Scene, view: View) -> str:
    """The image of a grid under G, and the grid itself in the corner."""
    places = np.clip(_to_panel(view.warp(), scene.reach), -SIDE, 2 * SIDE)
    z = np.stack(np.meshgrid(np.linspace(0, 60, 9), [0, 60], indexing="ij"), axis=-1)
    corner = np.stack([z, z[..., ::-1]]) + [10, SIDE - 70]
    inset = svg.rect(4, SIDE - 76, 72, 72, fill=svg.PAPER, stroke=svg.LINE)
    return "".join([_grid(places), inset, _grid(corner), svg.text(82, SIDE - 8, "z")])


def _grid(places: NDArray) -> str:
    """Lines of equal z1, of equal z2; those at the edge are thicker."""
    parts = []
    for lines, colour in zip(places.tolist(), (DISCRIMINATOR, svg.GREEN)):
        for chosen, width in ((lines[1:-1], 1), (lines[:: len(lines) - 1], 2.2)):
            steps = "".join("M" + "L".join(f"{x:.0f} {y:.0f}" for x, y in line) for line in chosen)
            parts.append(svg.path(steps, stroke=colour, stroke_width=width))
    return "".join(parts)


def _label(x: float, y: float, words: str) -> str:
    width = 10 * len(words) + 16
    return svg.rect(x - width / 2, y - 20, width, 28, fill=svg.PAPER, radius=4) + svg.text(
        x, y, words, anchor="middle", bold=True, size=18
    )


def _draw_ticks(reach: float, left: float) -> str:
    parts = []
    for tick in svg.ticks(-reach, reach, 5):
        across, up = _to_panel(np.array([tick, tick]), reach)
        words = f"{tick:g}".replace("-", svg.MINUS)
        parts.append(svg.text(left + across, TOP + SIDE + 18, words, anchor="middle"))
        if left == LEFTS[0] and len(words) <= 2:  # there is no room for more
            parts.append(svg.text(left - 5, TOP + up + 5.5, words, anchor="end"))
    return "".join(parts)


def _draw_legend(scene: Scene) -> str:
    """Marks and lines with their names, above the panels."""
    x, y = LEFTS[0], 37
    shown = {what for _, what in scene.panels}
    parts = [
        svg.dots([(x + 5, y)], size=9, fill=REAL) + svg.text(x + 15, y + 5.5, "real"),
        svg.triangles([(x + 62, y)], size=10, fill=GENERATED)
        + svg.text(x + 72, y + 5.5, "generated"),
    ]
    x += 160
    if scene.arrows and shown != {"warp"}:
        arrow = _arrows(np.array([[x, y]]), np.array([[1.0, 0.0]]), np.array([24.0]))
        parts.append(arrow + svg.text(x + 30, y + 5.5, "push on G"))
        x += 122
    if "discriminator" in shown:
        line = svg.line(x, y, x + 24, y, stroke=svg.INK, stroke_width=1.6)
        parts.append(line + svg.text(x + 30, y + 5.5, "D = ½"))
        x += 92
    if scene.data.name == "point" and shown != {"warp"}:
        line = svg.line(x, y, x + 24, y, stroke=DISCRIMINATOR, stroke_width=1.6)
        return "".join([*parts, line, svg.text(x + 30, y + 5.5, "way of G's middle")])
    if scene.optimum_lines and "discriminator" in shown or "optimum" in shown:
        line = svg.line(x, y, x + 26, y, stroke=svg.INK, stroke_width=2.4, dashes=DASHES)
        parts.append(line + svg.text(x + 32, y + 5.5, "D* = ¼, ½, ¾ (est.)"))
    return "".join(parts)


def _draw_status(scene: Scene) -> str:
    """What was measured at this moment, in numbers, below the panels."""
    y = HEIGHT - 8
    if not scene.compare:
        words = f"step {scene.moment}: {status(scene, 0, long=True)}"
        return svg.text(LEFTS[0], y, words, bold=True)
    return "".join(
        svg.text(left, y, status(scene, k, long=False), bold=True) for k, left in enumerate(LEFTS)
    )


def status(scene: Scene, k: int, *, long: bool) -> str:
    """The scores of a run, in one line."""
    scores, centers = scene.views[k].scores, scene.data.centers
    if scene.problems[k]:
        return "diverged; press Reset" if not long else "diverged: a loss has left all bounds"
    right = " right" if long else ""
    words = [f"D{right} {scores.accuracy:.0%}", f"1-NN {scores.two_sample:.0%}"]
    if centers is None:
        words.append(f"{scores.share:.0%} covered")
    elif long:
        words.append(f"{scores.covered:.0f} of {len(centers)} modes")
        words.append(f"{scores.share:.0%} on a mode")
    else:
        words.append(f"{scores.covered:.0f} of {len(centers)} modes")
    return ", ".join(words)


# ---- the curves


@dataclass(frozen=True)
class Curve:
    """A line of a plot: its points (a column of time, one of values) and how it is drawn."""

    points: NDArray
    colour: str
    width: float
    run: int

    @property
    def dashes(self) -> str:
        """Run B's lines are dashed."""
        return DASHES if self.run else ""


@dataclass(frozen=True)
class Plot:
    """One of the plots over time: its parts have names in colour, its marks on the left words."""

    names: tuple[tuple[str, str], ...]
    curves: tuple[Curve, ...]
    low: float
    high: float
    marks: dict[float, str]
    band: tuple[float, float] | None = None
    reference: tuple[float, ...] = ()


def plots(scene: Scene) -> tuple[Plot, Plot, Plot]:
    """What the three plots show."""
    runs = range(len(scene.records))
    return _losses_plot(scene, runs), _scores_plot(scene, runs), _modes_plot(scene, runs)


def references(loss: str) -> dict[float, str]:
    """Half of D's loss, and G's loss, where the discriminator can tell nothing."""
    return {
        "non_saturating": {math.log(2): "ln 2"},
        "minimax": {math.log(2): "ln 2", -math.log(2): f"{svg.MINUS}ln 2"},
        "least_squares": {0.125: "⅛"},
        "wasserstein_gp": {0.0: "0"},
    }[loss]


def _losses_plot(scene: Scene, runs: Iterable[int]) -> Plot:
    marks = references(scene.chosen_settings.loss)
    curves = tuple(
        Curve(points, colour, width, k)
        for k in runs
        for points, colour, width in (
            (scene.records[k].d_loss, DISCRIMINATOR, 2.4),
            (scene.records[k].g_loss, GENERATED, 1.6),
        )
    )
    values = np.concatenate([*(curve.points[:, 1] for curve in curves), list(marks)])
    low, high = np.quantile(np.clip(values, -FAR, FAR), [0.03, 0.97])
    low, high = min(low, *marks), max(high, *marks)
    margin = 0.1 * (high - low) + 0.1
    names = (("½ loss D", DISCRIMINATOR), ("loss G", GENERATED))
    return Plot(names, curves, low - margin, high + margin, marks, reference=tuple(marks))


FAR = 1e9


def _scores_plot(scene: Scene, runs: Iterable[int]) -> Plot:
    names = (("D right", DISCRIMINATOR), ("1-NN", svg.GREEN))
    mean, sd = scene.data.chance
    curves = tuple(
        Curve(scene.records[k].scores[:, [0, column]], colour, width, k)
        for k in runs
        for column, colour, width in ((1, DISCRIMINATOR, 2.4), (2, svg.GREEN, 1.6))
    )
    band = mean - 2 * sd, mean + 2 * sd
    return Plot(names, curves, -0.04, 1.04, {0: "0", 0.5: "½", 1: "1"}, band, (0.5,))


def _modes_plot(scene: Scene, runs: Iterable[int]) -> Plot:
    columns = [(4, GENERATED, 1.6)]
    names, n_modes = (("share covered", GENERATED),), 1
    if scene.data.centers is not None:
        n_modes = len(scene.data.centers)
        columns.insert(0, (3, svg.INK, 2.4))
        names = (("modes", svg.INK), ("on a mode", GENERATED))
    curves = tuple(
        Curve(
            scene.records[k].scores[:, [0, column]] / [1, n_modes if column == 3 else 1],
            colour,
            width,
            k,
        )
        for k in runs
        for column, colour, width in columns
    )
    marks = {0: "0", 1: f"{n_modes}"} if n_modes > 1 else {0: "0", 1: "1"}
    return Plot(names, curves, -0.04, 1.06, marks)


def draw_curves(scene: Scene) -> str:
    """The three plots over time, with a line at the moment that is shown."""
    end = max(scene.now, 100)
    parts = [
        _draw_plot(plot, CURVES_TOP + k * CURVES_APART, end, scene.moment)
        for k, plot in enumerate(plots(scene))
    ]
    y = HEIGHT - 8
    right = CURVES_LEFT + CURVES_WIDTH
    middle = "A solid, B dashed" if scene.compare else "steps"
    parts.append(svg.text(CURVES_LEFT, y, "0", anchor="middle"))
    parts.append(svg.text(CURVES_LEFT + CURVES_WIDTH / 2 - 8, y, middle, anchor="middle"))
    parts.append(svg.text(right, y, str(end), anchor="end"))
    return "".join(parts)


def _draw_plot(plot: Plot, top: float, end: int, moment: int) -> str:
    def place_x(time):
        return time / end * CURVES_WIDTH

    def place_y(value):
        return (plot.high - value) / (plot.high - plot.low) * CURVES_HEIGHT

    inside = _draw_behind(plot, place_y)
    for curve in plot.curves:
        x = place_x(curve.points[:, 0]).tolist()
        y = np.clip(place_y(curve.points[:, 1]), -20, CURVES_HEIGHT + 20).tolist()
        if x:
            line = [*zip(x, y), (x[-1] + 0.1, y[-1])]  # a single point is seen, too
            inside += svg.polyline(
                line, stroke=curve.colour, stroke_width=curve.width, dashes=curve.dashes
            )
    now = place_x(moment)
    inside += svg.line(now, 0, now, CURVES_HEIGHT, stroke=svg.SOFT_INK, stroke_width=1)
    return (
        _draw_names(plot.names, top)
        + svg.window(CURVES_LEFT, top, CURVES_WIDTH, CURVES_HEIGHT, inside)
        + svg.rect(CURVES_LEFT, top, CURVES_WIDTH, CURVES_HEIGHT, stroke=svg.LINE)
        + "".join(
            svg.text(CURVES_LEFT - 6, top + place_y(value) + 5.5, words, anchor="end")
            for value, words in plot.marks.items()
        )
    )


def _draw_behind(plot: Plot, place_y: Callable) -> str:
    """The band of chance and the lines of reference."""
    band = ""
    if plot.band:
        low, high = plot.band
        band = svg.rect(
            0, place_y(high), CURVES_WIDTH, place_y(low) - place_y(high), fill="#dddddd"
        )
    return band + "".join(
        svg.line(0, y, CURVES_WIDTH, y, stroke=svg.SOFT_INK, stroke_width=1, dashes="2 3")
        for y in map(place_y, plot.reference)
    )


def _draw_names(names: tuple[tuple[str, str], ...], top: float) -> str:
    """What the lines of a plot are, each in its colour; the first is the thicker one."""
    parts, x = [], CURVES_LEFT
    for k, (name, colour) in enumerate(names):
        width = 4 if k == 0 and len(names) > 1 else 2
        parts.append(svg.line(x, top - 14, x + 16, top - 14, stroke=colour, stroke_width=width))
        parts.append(svg.text(x + 21, top - 8.5, name, fill=colour))
        x += 112
    return "".join(parts)
