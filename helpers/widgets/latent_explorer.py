"""The hidden space of an image GAN, live: samples, truncation, walks, one coordinate at a time."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from numpy.typing import NDArray

from helpers.checks import check_choice, check_number, check_whole
from helpers.plots import DescribedFigure, with_alt
from helpers.widgets import svg
from helpers.widgets.latent_space import (
    ANY,
    N_FRAMES,
    N_SAMPLES,
    PSIS,
    LatentSpace,
    Measures,
    Sample,
    Spaces,
    Way,
    pretrained_spaces,
    spaces_of,
)
from helpers.widgets.live import LiveWidget, setting
from helpers.widgets.pictures import PATHS, draw_image, draw_tiles, tiled

LARGEST_SEED = 2**32 - 1
LARGEST_PSI, LARGEST_SHIFT = 1.5, 3.0


# ---------------------------------------------------------------------------- the state


@dataclass(frozen=True, eq=False)
class LatentState:
    """Everything the picture shows, or follows from."""

    spaces: Spaces
    pictures: str
    generator: str
    seed: int = 0
    psi: float = 1.0
    a: int = 1
    b: int = 2
    t: float = 0.5
    path: str = "straight"
    coordinate: int = 1
    shift: float = 0.0
    label: str = ANY
    next_end: str = "A"

    def __post_init__(self):
        check_choice("pictures", self.pictures, tuple(self.spaces))
        check_choice("generator", self.generator, tuple(self.spaces[self.pictures]))
        check_choice("path", self.path, tuple(PATHS))
        check_choice("next_end", self.next_end, ("A", "B"))
        check_whole("seed", self.seed, minimum=0, maximum=LARGEST_SEED)
        check_whole("a", self.a, maximum=N_SAMPLES)
        check_whole("b", self.b, maximum=N_SAMPLES)
        check_whole("coordinate", self.coordinate, maximum=self.space.n_latent)
        check_choice("label", self.label, tuple(self.space.labels))
        check_number("psi", self.psi, minimum=0, maximum=LARGEST_PSI)
        check_number("t", self.t, minimum=0, maximum=1)
        check_number("shift", self.shift, minimum=-LARGEST_SHIFT, maximum=LARGEST_SHIFT)

    @property
    def space(self) -> LatentSpace:
        """The generator's space."""
        return self.spaces[self.pictures][self.generator]()

    @property
    def sample(self) -> Sample:
        """The vectors of the grid and their pictures."""
        return self.space.sample(int(self.seed), float(self.psi), self.label)

    @property
    def way(self) -> Way:
        """The whole way from A to B."""
        ends = int(self.a), int(self.b)
        return self.space.way(int(self.seed), float(self.psi), self.label, *ends, self.path)

    @cached_property
    def class_here(self) -> Any:
        """The class at the place reached; None for a model without labels."""
        labels = self.way.labels_at(np.array([self.t]))
        return None if labels is None else labels[0]

    @cached_property
    def vector(self) -> NDArray:
        """The place reached, shape (n_latent,)."""
        return self._shifted(np.array([self.shift]))[0]

    @cached_property
    def along(self) -> NDArray:
        """Pictures along the coordinate, and last the one at the place reached."""
        Z = self._shifted(
            np.append(np.linspace(-LARGEST_SHIFT, LARGEST_SHIFT, N_FRAMES), self.shift)
        )
        return self.space.pictures(
            Z, None if self.class_here is None else np.full(len(Z), self.class_here)
        )

    @property
    def picture(self) -> NDArray:
        """What the generator makes of the place reached, shape (height, width)."""
        return self.along[-1]

    @cached_property
    def nearest(self) -> tuple[int, float]:
        """Number of the nearest training picture, and how far away it is."""
        return self.space.nearest_to(self.picture)

    @property
    def sharpness(self) -> float:
        """Gradient energy of the picture, as a share of the training pictures'."""
        return self.space.sharpness(self.picture)

    @property
    def measures(self) -> Measures:
        """What is measured of many samples at this truncation."""
        return self.space.measured(float(self.psi))

    def _shifted(self, shifts: NDArray) -> NDArray:
        """The point of the way, moved along the coordinate."""
        Z = np.repeat(self.way.at(np.array([self.t])), len(shifts), axis=0)
        Z[:, self.coordinate - 1] += shifts
        return Z


# -------------------------------------------------------------------------- the picture

WIDTH, HEIGHT = 900, 424
N_COLUMNS = 8
LEFT, TOP = 14, 34
PITCH, STEP = 54, 48  # from one picture to the next, in the grid and in the strips
WALK_TOP, COORDINATE_TOP = 228, 338
STRIP_HEIGHT = STEP + 14  # with the triangle below it
AREA_WIDTH, AREA_HEIGHT = N_COLUMNS * PITCH, COORDINATE_TOP + STRIP_HEIGHT - TOP
PICTURE_LEFT, NEAREST_LEFT, LARGE = 476, 688, 198
TABLE_TOP, TABLE_STEP = 306, 22
WORDS_LEFT, NOW_RIGHT, REAL_RIGHT = 506, 648, 700
CURVE_LEFT, CURVE_WIDTH, CURVE_TOP, CURVE_HEIGHT = 738, 148, 316, 78
A_COLOUR, B_COLOUR = svg.BLUE, svg.VERMILLION
LINES = {
    "precision": {"stroke": svg.BLUE, "stroke_width": 3},
    "recall": {"stroke": svg.VERMILLION, "stroke_width": 3, "dashes": "6 4"},
}
"""The measures that are drawn as curves, and how."""


def draw_picture(state: LatentState) -> str:
    """Samples and strips, the place reached and its nearest picture, measures: an SVG string."""
    body = (
        _draw_grid(state)
        + _draw_walk(state)
        + _draw_coordinate(state)
        + svg.area(LEFT, TOP, AREA_WIDTH, AREA_HEIGHT)
        + _draw_large(state)
        + _draw_measures(state)
        + _draw_curve(state)
    )
    return svg.document(
        WIDTH, HEIGHT, body, title="The hidden space of a GAN", description=describe(state)
    )


def describe(state: LatentState) -> str:
    """The picture in words."""
    now, real = state.measures, state.space.real_measures
    number, distance = state.nearest
    others = "among them" if state.space.held_out is None else "held-out ones"
    of_class = "" if state.class_here is None else f" of class {state.class_here}"
    return (
        f"Pictures of {state.pictures} by generator {state.generator}, seed {state.seed}, "
        f"ψ = {state.psi:.2f}. The large one{of_class} lies at t = {state.t:.2f} on the way "
        f"{PATHS[state.path]} from A (sample {state.a}) to B (sample {state.b}), "
        f"z{state.coordinate} moved by {_signed(state.shift)}. Its sharpness is "
        f"{state.sharpness:.2f} of real ones; training picture {number} is nearest, "
        f"{distance:.3f} away ({others}: usually {state.space.usual:.3f}). "
        f"Of {state.space.n_measured} samples at this ψ, precision is {now.precision:.2f}, "
        f"recall {now.recall:.2f} (real: {real.precision:.2f}, {real.recall:.2f})."
    )


def _signed(value: float) -> str:
    """A number with its sign.

    >>> _signed(-0.75), _signed(0.0), _signed(2.5)
    ('−0.75', '0.00', '+2.50')
    """
    written = f"{abs(value):.2f}"
    sign = "" if not float(written) else svg.MINUS if value < 0 else "+"
    return sign + written


def _draw_grid(state: LatentState) -> str:
    sample = state.sample
    sample.drawn = sample.drawn or draw_tiles(sample.pictures, N_COLUMNS, LEFT, TOP, PITCH)
    size = _without_gap(PITCH, state)
    title = f"{N_SAMPLES} samples; a click makes one {state.next_end}"
    return (
        svg.text(LEFT, 24, title, bold=True)
        + sample.drawn
        + _draw_end(state.a, size, "A", A_COLOUR, 0)
        + _draw_end(state.b, size, "B", B_COLOUR, size - 20)
    )


def _without_gap(pitch: float, state: LatentState) -> float:
    """How large a picture is, if from one to the next it is `pitch`; see `draw_tiles`."""
    side = max(state.space.shape)
    return pitch * side / (side + 1)


def _place_of(across: float, up: float) -> tuple[float, float]:
    """Where the mouse points, in the picture's units."""
    if not (0 <= across <= 1 and 0 <= up <= 1):
        raise ValueError(f"the mouse must point to places from 0 to 1; given {across}, {up}")
    return LEFT + across * AREA_WIDTH, TOP + (1 - up) * AREA_HEIGHT


def _draw_end(number: int, size: float, name: str, colour: str, indent: float) -> str:
    """A frame about the sample that is an end of the walk, and its letter in a corner."""
    row, column = divmod(number - 1, N_COLUMNS)
    x, y = LEFT + column * PITCH, TOP + row * PITCH
    return (
        svg.rect(x, y, size, size, stroke=colour, stroke_width=3)
        + svg.rect(x + indent, y, 20, 20, fill=svg.PAPER, stroke=colour, stroke_width=2)
        + svg.text(x + indent + 10, y + 16, name, anchor="middle", bold=True, fill=colour)
    )


def _draw_walk(state: LatentState) -> str:
    way = state.way
    way.drawn = way.drawn or draw_tiles(way.strip, N_FRAMES, LEFT, WALK_TOP, STEP)
    first, last = ("A", "B") if way.labels is None else map("{}: {}".format, "AB", way.labels)
    ticks = {0: first, 0.25: "0.25", 0.5: "t = 0.5", 0.75: "0.75", 1: last}
    title = f"walk from A to B, {PATHS[state.path]}"
    return (
        svg.text(LEFT, WALK_TOP - 8, title, bold=True)
        + way.drawn
        + _draw_place(state.t, state, WALK_TOP, ticks)
    )


def _draw_coordinate(state: LatentState) -> str:
    ticks = {0: "−3", 0.25: "−1.5", 0.5: "0", 0.75: "+1.5", 1: "+3"}
    title = f"from there along z{state.coordinate}, all else as it is"
    return (
        svg.text(LEFT, COORDINATE_TOP - 8, title, bold=True)
        + draw_tiles(state.along[:-1], N_FRAMES, LEFT, COORDINATE_TOP, STEP)
        + _draw_place((state.shift / LARGEST_SHIFT + 1) / 2, state, COORDINATE_TOP, ticks)
    )


def _strip_x(fraction: float, state: LatentState) -> float:
    """Where a fraction of a strip lies: 0 in the middle of the first picture, 1 of the last."""
    return LEFT + _without_gap(STEP, state) / 2 + fraction * (N_FRAMES - 1) * STEP


def _draw_place(fraction: float, state: LatentState, top: float, ticks: Mapping) -> str:
    """The triangle that points to the place in a strip, and the strip's scale."""
    bottom = top + _without_gap(STEP, state)
    parts = [svg.triangles([(_strip_x(fraction, state), bottom + 9)], size=14, fill=svg.INK)]
    for at, words in ticks.items():
        x = _strip_x(at, state)
        parts.append(svg.text(x, top + STEP + 30, words, anchor="middle"))
    return "".join(parts)


def _draw_large(state: LatentState) -> str:
    number, distance = state.nearest
    moved = f", z{state.coordinate} {_signed(state.shift)}" if state.shift else ""
    length, usual = np.linalg.norm(state.vector), math.sqrt(state.space.n_latent)
    others = "among them" if state.space.held_out is None else "held-out"
    y = TOP + LARGE + 21
    return (
        svg.text(PICTURE_LEFT, 24, f"at t = {state.t:.2f}{moved}", bold=True)
        + draw_image(state.picture, PICTURE_LEFT, TOP, LARGE)
        + svg.text(PICTURE_LEFT, y, f"sharpness {state.sharpness:.2f}", bold=True)
        + svg.text(PICTURE_LEFT, y + 22, f"‖z‖ {length:.2f}, usually {usual:.2f}")
        + svg.text(NEAREST_LEFT, 24, "nearest in training", bold=True)
        + draw_image(state.space.images[number], NEAREST_LEFT, TOP, LARGE)
        + svg.text(NEAREST_LEFT, y, f"distance {distance:.3f}", bold=True)
        + svg.text(NEAREST_LEFT, y + 22, f"{others} usually {state.space.usual:.3f}")
    )


def _draw_measures(state: LatentState) -> str:
    """A table: what is measured of samples at this truncation, and of real pictures."""
    parts = [
        svg.text(NOW_RIGHT, TABLE_TOP, f"ψ = {state.psi:.2f}", anchor="end", bold=True),
        svg.text(REAL_RIGHT, TABLE_TOP, "real", anchor="end", bold=True),
    ]
    both = zip(Measures._fields, state.measures, state.space.real_measures)
    for k, (name, now, real) in enumerate(both):
        y = TABLE_TOP + (k + 1) * TABLE_STEP
        if name in LINES:
            parts.append(svg.line(PICTURE_LEFT, y - 5, WORDS_LEFT - 6, y - 5, **LINES[name]))
        parts.append(svg.text(WORDS_LEFT, y, name))
        parts.append(svg.text(NOW_RIGHT, y, f"{now:.2f}", anchor="end", bold=True))
        parts.append(svg.text(REAL_RIGHT, y, f"{real:.2f}", anchor="end"))
    return "".join(parts)


def _draw_curve(state: LatentState) -> str:
    """Precision and recall at every truncation, and at the present one."""
    bottom = CURVE_TOP + CURVE_HEIGHT

    def place(psi: float, share: float) -> tuple[float, float]:
        return CURVE_LEFT + psi / LARGEST_PSI * CURVE_WIDTH, bottom - share * CURVE_HEIGHT

    x = place(state.psi, 0)[0]
    parts = [
        svg.text(CURVE_LEFT, TABLE_TOP, "by truncation ψ", bold=True),
        svg.rect(CURVE_LEFT, CURVE_TOP, CURVE_WIDTH, CURVE_HEIGHT, stroke=svg.LINE),
        svg.line(x, CURVE_TOP, x, bottom, stroke=svg.SOFT_INK, stroke_width=1.5),
        svg.text(CURVE_LEFT - 11, CURVE_TOP + 12, "1", anchor="end"),
        svg.text(CURVE_LEFT - 11, bottom, "0", anchor="end"),
    ]
    for psi, anchor in ((0, "start"), (0.5, "middle"), (1, "middle"), (1.5, "end")):
        parts.append(svg.text(place(psi, 0)[0], bottom + 19, f"{psi:g}", anchor=anchor))
    for name, style in LINES.items():
        shares = [getattr(measures, name) for measures in state.space.curve]
        parts.append(svg.polyline([place(*point) for point in zip(PSIS, shares)], **style))
        here = place(state.psi, getattr(state.measures, name))
        parts.append(svg.circle(*here, 5, fill=svg.PAPER, stroke=style["stroke"]))
    return "".join(parts)


# --------------------------------------------------------------------------- the widget


class LatentExplorer(LiveWidget):
    """The hidden space of a GAN: samples of a seed, truncation, walks, single coordinates.

    The grid shows samples of one seed, two of which are the ends A and B of a walk: click one and
    then another, or give their numbers. The strips below show the walk, and what the picture
    reached becomes when one coordinate of its vector is moved and all others stay. That picture
    stands large beside the training picture nearest to it, which tells whether it is a copy. The
    table and the curves measure 400 samples, of vectors of their own, at the present truncation and
    at others against held-out real pictures; "real" are training pictures, measured likewise.

    Truncation: z = ψ · draw with draw ~ N(0, I). At ψ = 1 the grid is ``model.sample(24,
    random_state=seed)``; the smaller ψ is, the more alike they are: at 0 all of a class are G(0).

    Parameters
    ----------
    models : fitted ImageGAN or GAN, mapping of them, or None
        One model, ``{kind: model}`` or ``{kind: {name: model}}``, such as ``{"digits": {"with
        penalty": one, "without": other}}``. The default is those that the course trained
        beforehand: digits and cats, each by several training seeds.
    training : array-like of shape (n_pictures, n_pixels) or (n_pictures, height, width), or mapping
        Pictures that the models were trained with, pixels as the models make them; mappings like
        that of the models where they differ. Needed with `models`.
    held_out : like `training`, optional
        Pictures that they were not trained with. Without them, one half of the training pictures
        is measured against the other.
    pixel_range : (float, float), default=(-1, 1)
        What is black and what is white.
    pictures, generator : str, optional
        The kind of pictures and the name of the generator to begin with, by default the first.
    seed : int, default=0
        Seed of the vectors.
    psi : float, default=1
        Truncation, from 0 to 1.5.
    a, b : int, default=1 and 2
        Numbers of the samples that are the ends of the walk, from 1 to 24.
    t : float, default=0.5
        How far the walk has come, from 0 to 1.
    path : {"straight", "round"}
        How it leads; see `helpers.widgets.pictures.walk`.
    coordinate : int, default=1
        The coordinate of z that is moved, counted from 1.
    shift : float, default=0
        By how much, from −3 to 3; it is not multiplied by ψ.
    label : str, default="any"
        For a class-conditional model: the class of all samples, written as a string. "any" draws
        labels by the seed; then a walk is of the class of A up to its middle, and of that of B.
    random_state : int, default=0
        Seed of the seeds that the button takes.

    Raises
    ------
    NotFittedError, TypeError, ValueError
        If an argument is not of the kind or in the range above. ValueError also if the file of
        trained models is damaged.
    FileNotFoundError
        If it is missing.

    Examples
    --------
    >>> explorer = LatentExplorer()
    >>> explorer.measures.recall > 0.8
    True
    >>> explorer.psi = 0
    >>> explorer.measures.recall
    0.0
    """

    pictures = setting("pictures", 'The kind of pictures, such as "digits" or "cats".')
    generator = setting("generator", "The name of the generator, as a string.")
    seed = setting("seed", "Seed of the vectors.")
    psi = setting("psi", "Truncation: what every drawn vector is multiplied by, 0 to 1.5.")
    a = setting("a", "Number of the sample where the walk begins, 1 to 24.")
    b = setting("b", "Number of the sample where the walk ends, 1 to 24.")
    t = setting("t", "How far the walk has come, from 0 to 1.")
    path = setting("path", 'How the walk leads: "straight" or "round".')
    coordinate = setting("coordinate", "The coordinate of z that is moved, counted from 1.")
    shift = setting("shift", "By how much it is moved, from −3 to 3.")
    label = setting("label", 'The class of all samples, as a string, or "any": drawn by the seed.')
    next_end = setting("next_end", 'What the next click in the grid chooses: "A" or "B".')

    words_height, number_width, box_width, button_width = "6em", "18em", "88px", "5em"

    def __init__(
        self,
        models: Any = None,
        training: Any = None,
        held_out: Any = None,
        *,
        pixel_range: tuple[float, float] = (-1, 1),
        pictures: str | None = None,
        generator: str | None = None,
        seed: int = 0,
        psi: float = 1.0,
        a: int = 1,
        b: int = 2,
        t: float = 0.5,
        path: str = "straight",
        coordinate: int = 1,
        shift: float = 0.0,
        label: str = ANY,
        random_state: int = 0,
    ):
        if models is None:
            if training is not None or held_out is not None:
                raise ValueError("training and held_out go with models, and none is given")
            spaces = pretrained_spaces()
        else:
            spaces = spaces_of(models, training, held_out, pixel_range)
        pictures = next(iter(spaces)) if pictures is None else pictures
        check_choice("pictures", pictures, tuple(spaces))
        generator = next(iter(spaces[pictures])) if generator is None else generator
        state = LatentState(
            spaces, pictures, generator, seed, psi, a, b, t, path, coordinate, shift, label
        )
        super().__init__(state, draw=draw_picture, describe=describe)
        self.add_class("live-compact")
        self._rng = np.random.default_rng(random_state)
        self._start = {n: getattr(state, n) for n in state.__dataclass_fields__ if n != "spaces"}
        self._strip_held = ""  # what the mouse moves: "t", "shift" or nothing
        self._lists = {
            "generator": self.choice("generator", "Generator", list(spaces[pictures])),
            "label": self.choice("label", "Class", state.space.labels),
        }
        self.arrange(
            self.pointer(self._drag, self._press),
            [
                self.choice("pictures", "Pictures", list(spaces)),
                *self._lists.values(),
                self.whole_number("seed", "Seed"),
                self.button("New seed", self.new_seed, "Draw other vectors"),
                self.button("Reset", self.reset, "Return to the start"),
            ],
            [
                self.number("psi", "Truncation ψ", 0.0, LARGEST_PSI, 0.1),
                self.number("t", "How far, t", 0.0, 1.0, 0.02),
            ],
            [
                self.whole_number("a", "A, sample"),
                self.whole_number("b", "B, sample"),
                self.choice("next_end", "Click chooses", ["A", "B"]),
                self.choice("path", "Way", [(words, path) for path, words in PATHS.items()]),
                self.button("Swap", self.swap, "Exchange A and B"),
            ],
            [
                self.whole_number("coordinate", "Coordinate"),
                self.number("shift", "Move it by", -LARGEST_SHIFT, LARGEST_SHIFT, 0.25),
            ],
        )

    # ------------------------------------------------------------------------- the mouse

    def _press(self, across: float, up: float) -> None:
        """Choose the sample that is pressed, or take hold of the strip that is."""
        x, y = _place_of(across, up)
        row, column = int((y - TOP) / PITCH), min(int((x - LEFT) / PITCH), N_COLUMNS - 1)
        self._strip_held = ""
        if row < N_SAMPLES // N_COLUMNS:
            other = "B" if self.next_end == "A" else "A"
            number = row * N_COLUMNS + column + 1
            self.change(**{self.next_end.lower(): number, "next_end": other})
        for name, top in (("t", WALK_TOP), ("shift", COORDINATE_TOP)):
            if top <= y <= top + STRIP_HEIGHT:
                self._strip_held = name

    def _drag(self, across: float, up: float) -> None:
        """Move along the strip that the mouse holds, if it holds one."""
        x, _ = _place_of(across, up)
        first, last = _strip_x(0, self.state), _strip_x(1, self.state)
        fraction = min(max((x - first) / (last - first), 0.0), 1.0)
        if self._strip_held == "t":
            self.change(t=fraction)
        elif self._strip_held == "shift":
            self.change(shift=LARGEST_SHIFT * (2 * fraction - 1))

    # ------------------------------------------------------------------- state and picture

    def change(self, **values: Any) -> None:
        """Give settings new values; generator, coordinate and class follow if they must."""
        super().change(**self._following_values(values), **values)

    def _following_values(self, values: dict[str, Any]) -> dict[str, Any]:
        """Values of settings that are not asked for, but cannot stay as they are."""
        spaces, state = self.state.spaces, self.state
        new = {"pictures": state.pictures, "generator": state.generator} | values
        if not isinstance(new["pictures"], str) or new["pictures"] not in spaces:
            return {}  # what is wrong is for the state to say
        of_kind, follow = spaces[new["pictures"]], {}
        if "generator" not in values and state.generator not in of_kind:
            follow["generator"] = new["generator"] = next(iter(of_kind))
        if not isinstance(new["generator"], str) or new["generator"] not in of_kind:
            return follow
        deferred = of_kind[new["generator"]]
        if not deferred.ready:
            self.say("A moment: the training pictures are being made.")
        space = deferred()
        if "coordinate" not in values:
            follow["coordinate"] = min(state.coordinate, space.n_latent)
        if "label" not in values and state.label not in space.labels:
            follow["label"] = ANY
        return follow

    def _redraw(self) -> None:
        of_kind = self.state.spaces[self.state.pictures]
        known = {"generator": list(of_kind), "label": self.state.space.labels}
        for name, control in self._lists.items():
            if list(control.options) != known[name]:
                self._following = True  # a list that changes asks for nothing
                try:
                    control.options = known[name]
                finally:
                    self._following = False
        super()._redraw()

    def new_seed(self) -> None:
        """Draw other vectors, by a seed that is chosen at random."""
        self.change(seed=int(self._rng.integers(1, 1000)))

    def swap(self) -> None:
        """Exchange A and B; the place reached stays."""
        self.change(a=self.b, b=self.a, t=1 - self.t)

    def reset(self) -> None:
        """Return to the settings that the explorer began with."""
        self.change(**self._start)

    # -------------------------------------------------------------------- what is to be read

    @property
    def samples(self) -> NDArray:
        """The pictures of the grid, shape (24, height, width), in 0–1."""
        return self.state.sample.pictures.copy()

    @property
    def vector(self) -> NDArray:
        """The place reached, shape (n_latent,)."""
        return self.state.vector.copy()

    @property
    def picture(self) -> NDArray:
        """What the generator makes of it, shape (height, width), in 0–1."""
        return self.state.picture.copy()

    @property
    def nearest(self) -> tuple[int, float]:
        """The number of the nearest training picture, and the RMS distance to it."""
        return self.state.nearest

    @property
    def sharpness(self) -> float:
        """Gradient energy of the picture, as a share of the training pictures'."""
        return self.state.sharpness

    @property
    def measures(self) -> Measures:
        """What is measured of many samples at this truncation."""
        return self.state.measures

    @property
    def real_measures(self) -> Measures:
        """What is measured of real pictures, against other real ones."""
        return self.state.space.real_measures

    def figure(self) -> DescribedFigure:
        """Return the same pictures as a figure of matplotlib, for print and without a kernel."""
        state, space = self.state, self.state.space
        number, distance = state.nearest
        moved = f"t = {state.t:.2f}, z{state.coordinate} {_signed(state.shift)}"
        usual = f"usually {space.usual:.3f}"
        tiles = {
            "samples": (tiled(state.sample.pictures, N_COLUMNS), f"samples of seed {state.seed}"),
            "picture": (state.picture, f"{moved}\nsharpness {state.sharpness:.2f}"),
            "nearest": (space.images[number], f"nearest: {distance:.3f}\n{usual}"),
            "walk": (tiled(state.way.strip, N_FRAMES), f"from A to B, {PATHS[state.path]}"),
            "along": (tiled(state.along[:-1], N_FRAMES), f"from there along z{state.coordinate}"),
        }
        fig, axes = plt.subplot_mosaic(
            [
                ["samples", "picture", "nearest"],
                ["walk", *2 * ["curve"]],
                ["along", *2 * ["curve"]],
            ],
            figsize=(11, 5.6),
            width_ratios=[8, 3, 3],
            height_ratios=[3.2, 1, 1],
            layout="constrained",
        )
        for name, (picture, title) in tiles.items():
            axes[name].imshow(picture, cmap="gray", vmin=0, vmax=1)
            axes[name].set_title(title, fontsize=12)
            axes[name].set_axis_off()
        for place, letter, colour in ((state.a, "A", A_COLOUR), (state.b, "B", B_COLOUR)):
            self._mark(axes["samples"], place, letter, colour)
        for name, style in LINES.items():
            shares = [getattr(measures, name) for measures in space.curve]
            dashes = "--" if "dashes" in style else "-"
            axes["curve"].plot(PSIS, shares, dashes, color=style["stroke"], label=name)
        axes["curve"].axvline(state.psi, color=svg.SOFT_INK, linewidth=1)
        axes["curve"].set(xlabel="truncation ψ", ylim=(-0.03, 1.03), title=f"ψ = {state.psi:.2f}")
        axes["curve"].legend()
        return with_alt(fig, describe(state))

    def _mark(self, ax: Axes, number: int, letter: str, colour: str) -> None:
        """Frame a sample of the figure, and write a letter beside the frame's corner."""
        side = max(self.state.space.shape)
        row, column = divmod(number - 1, N_COLUMNS)
        corner = column * (side + 1) - 0.5, row * (side + 1) - 0.5
        ax.add_patch(plt.Rectangle(corner, side, side, fill=False, edgecolor=colour, linewidth=3))
        box = {"facecolor": "white", "edgecolor": colour, "pad": 1.5}
        x = corner[0] + (0 if letter == "A" else side)
        align = "left" if letter == "A" else "right"
        ax.text(x, corner[1], letter, color=colour, va="top", ha=align, weight="bold", bbox=box)
