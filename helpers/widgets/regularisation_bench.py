"""The regularisation bench, live: what a penalty does to codes, to samples and to their scores.

All models were trained beforehand (`make pretrained`) and scored on five splits of the ionosphere
table; so the bench answers at once, whatever is asked of it. What it shows of a model (codes,
draws, generated rows) is computed on the spot with the model itself, what it says of its quality
was measured when it was trained.
"""

from __future__ import annotations

import math
import numbers
from dataclasses import dataclass
from functools import cache, cached_property, lru_cache
from typing import Any

import ipywidgets
import numpy as np
from numpy.typing import NDArray
from sklearn.utils import Bunch

from helpers.checks import check_choice
from helpers.models.autoencoder import PRIORS
from helpers.models.pretrained import load_pretrained
from helpers.scoreboard import SCORES, Scoreboard, ionosphere_table, split_table, tidy
from helpers.widgets import svg
from helpers.widgets.code_explorer import (
    DECODED,
    DRAWN,
    LAWS,
    MINUS,
    PLUS,
    Neighbours,
    radar_parts,
)
from helpers.widgets.live import LiveWidget, setting

KINDS = {
    "weights": "autoencoder, λ Σ‖W‖²",
    "codes": "autoencoder, κ ‖h‖²",
    "codes and noise": "autoencoder, κ ‖h‖² and noise",
    "vae": "variational, β KL",
}
"""The ways to regularise, by the name that `kind` takes."""

N_SHOWN = 3
"""How many of the generated rows are drawn as radar returns: the first ones."""

LARGEST_SEED = 2**32 - 1


# ------------------------------------------------------------- what does not change


class CodeView:
    """A model, the codes of its training rows, and the two axes on which they spread most.

    The codes are those that the decoder was given in training: of a variational autoencoder, one
    draw from q for each row; of an autoencoder with noise on h, the codes with noise.

    Parameters
    ----------
    model : fitted estimator
    train : ndarray of shape (n_rows, n_columns)
        The training rows, their label, −1 or 1, last.

    Attributes
    ----------
    H : ndarray of shape (n_rows, n_latent)
        The codes.
    axes : ndarray of shape (n_latent, 2)
        The two principal axes of the codes, which go through h = 0: whatever the model, N(0, I)
        is a round cloud about the middle on them. Rows of class +1 lie to the right and higher.
    flat : ndarray of shape (n_rows, 2)
        The codes on these axes.
    reach : float
        How far from the middle a picture has to reach to hold all codes and N(0, I).
    cloud : Neighbours
        The codes again, as what draws are near to or far from.
    """

    def __init__(self, model: Any, train: NDArray):
        self.model = model
        self.H = codes_in_training(model, train)
        _, vectors = np.linalg.eigh(np.cov(self.H, rowvar=False))
        axes = vectors[:, [-1, -2]]
        plus = train[:, -1] > 0
        # An axis has no direction of its own; given one, pictures of like models look alike.
        sides = (self.H[plus].mean(axis=0) - self.H[~plus].mean(axis=0)) @ axes
        self.axes = axes * np.where(sides < 0, -1, 1)
        self.flat = self.H @ self.axes
        self.reach = max(3.5, float(math.ceil(np.abs(self.flat).max())))
        self.cloud = Neighbours(self.H)
        for array in (self.H, self.flat):
            array.flags.writeable = False


def codes_in_training(model: Any, X: NDArray) -> NDArray:
    """Return codes of rows as the decoder is given them in training, noise included."""
    if hasattr(model, "code_distribution"):
        mean, deviation = model.code_distribution(X)
    else:
        mean, deviation = model.transform(X), model.code_noise
    return mean + deviation * np.random.default_rng(0).standard_normal(mean.shape)


class BenchData:
    """All models and scores of the bench, and the rows that the models were trained on.

    Attributes
    ----------
    strengths : dict from kind to tuple of float
    train : ndarray of shape (n_rows, n_columns)
        The training rows of the first split, which the models shown were trained on.
    measured, means : dict from (kind, prior) to dict from measure to ndarray
        What was measured, of shape (n_strengths, n_splits), and its means over the splits.
    real : dict from measure to float
        What real rows score.
    """

    def __init__(self) -> None:
        pretrained = load_pretrained("regularisation_bench")
        protocol = pretrained.protocol
        self.strengths = {k: tuple(map(float, v)) for k, v in protocol["strengths"].items()}
        self.train, _ = split_table(ionosphere_table(), random_state=protocol["seeds"][0][0])
        self.rows = Neighbours(self.train)
        self.parts = radar_parts(self.train)
        self.real = {name: float(np.mean(v)) for name, v in Scoreboard.load()["real rows"].items()}
        self._estimators = pretrained.estimators
        self.measured = {
            (kind, prior): self._measured(pretrained.scores, k, p)
            for k, kind in enumerate(self.strengths)
            for p, prior in enumerate(PRIORS)
        }
        self.means = {
            key: {name: values.mean(axis=1) for name, values in found.items()}
            for key, found in self.measured.items()
        }
        self._views: dict[tuple[str, int], CodeView] = {}

    @staticmethod
    def _measured(scores: dict[str, NDArray], kind: int, prior: int) -> dict[str, NDArray]:
        """Each measure, by name: shape (n_strengths, n_splits)."""
        found = {name: scores["scores"][kind, :, :, prior, k] for k, name in enumerate(SCORES)}
        found |= {
            "train_error": scores["errors"][kind, ..., 0],
            "held_out_error": scores["errors"][kind, ..., 1],
            "in_use": scores["in_use"][kind],
        }
        return {name: values.astype(float) for name, values in found.items()}

    def view(self, kind: str, place: int) -> CodeView:
        """The model of one kind at one place on its scale of strengths, and its codes."""
        key = kind, place
        if key not in self._views:
            model = self._estimators[f"{kind} {self.strengths[kind][place]:g}"]
            self._views[key] = CodeView(model, self.train)
        return self._views[key]


@dataclass(frozen=True)
class Generated:
    """What is made with one model, prior and seed.

    Attributes
    ----------
    H : ndarray of shape (n_rows, n_latent)
        Draws of h, as many as there are training rows.
    rows : ndarray of shape (n_rows, n_columns)
        What they decode to.
    nearest : list of (int, float)
        Of the rows that are drawn: number and distance of the nearest training row.
    share_off_codes, share_off_rows : float
        How many draws are far from every code, and rows from every training row.
    """

    H: NDArray
    rows: NDArray
    nearest: list[tuple[int, float]]
    share_off_codes: float
    share_off_rows: float


@lru_cache(maxsize=200)  # of some 80 kB each
def generate(data: BenchData, view: CodeView, prior: str, random_state: int) -> Generated:
    """Draw h and make rows of it: those that ``tidy(model.sample(…))`` returns."""
    model, rng = view.model, np.random.default_rng(random_state)
    H = model.sample_codes(len(data.train), rng, prior=prior)
    rows = model.inverse_transform(H)
    if hasattr(model, "decoder_variance_"):
        rows += math.sqrt(model.decoder_variance_) * rng.standard_normal(rows.shape)
    rows = tidy(rows)
    for array in (H, rows):
        array.flags.writeable = False
    return Generated(
        H,
        rows,
        [data.rows.nearest(row) for row in rows[:N_SHOWN]],
        view.cloud.share_far_from_here(H),
        data.rows.share_far_from_here(rows),
    )


@cache
def bench_data() -> BenchData:
    """Load models and scores, once for all benches."""
    return BenchData()


# ---------------------------------------------------------------------- the state


@dataclass(frozen=True, eq=False)
class BenchState:
    """Everything the picture shows, or follows from."""

    data: BenchData
    kind: str = "weights"
    strength: float = 0.0
    prior: str = "normal"
    random_state: int = 0

    def __post_init__(self):
        for name, options in (("kind", tuple(KINDS)), ("prior", PRIORS)):
            check_choice(name, getattr(self, name), options)
        self._set("strength", _as_strength(self.strength, self.kind, self.strengths))
        self._set("random_state", _as_seed(self.random_state))

    def _set(self, name: str, value) -> None:
        object.__setattr__(self, name, value)  # frozen, and not yet complete

    @property
    def strengths(self) -> tuple[float, ...]:
        """The strengths at which models of this kind were trained."""
        return self.data.strengths[self.kind]

    @property
    def place(self) -> int:
        """The number of the strength on this scale, from 0."""
        return self.strengths.index(self.strength)

    @property
    def symbol(self) -> str:
        """What the strength is called."""
        return {"weights": "λ", "vae": "β"}.get(self.kind, "κ")

    @property
    def view(self) -> CodeView:
        """The model and its codes."""
        return self.data.view(self.kind, self.place)

    @cached_property
    def generated(self) -> Generated:
        """Draws of h and the rows made of them."""
        return generate(self.data, self.view, self.prior, self.random_state)

    def measured(self, name: str) -> NDArray:
        """What was measured with this model and prior, shape (n_splits,)."""
        return self.data.measured[self.kind, self.prior][name][self.place]

    def means(self, name: str, prior: str | None = None) -> NDArray:
        """The mean over the splits, for each strength: shape (n_strengths,)."""
        return self.data.means[self.kind, prior or self.prior][name]

    def mean(self, name: str, prior: str | None = None) -> float:
        """The mean over the splits, at this strength."""
        return float(self.means(name, prior)[self.place])


def _as_strength(value: float, kind: str, strengths: tuple[float, ...]) -> float:
    expected = f"one of those that {kind!r} was trained with, {', '.join(map(_figure, strengths))}"
    if isinstance(value, bool) or not isinstance(value, numbers.Real):
        raise TypeError(f"strength must be {expected}; given {value!r}")
    for strength in strengths:
        if math.isclose(value, strength, rel_tol=0.01):  # 0.00427 for 1/234
            return strength
    raise ValueError(f"strength must be {expected}; given {value}")


def _as_seed(value: int) -> int:
    expected = f"a whole number from 0 to {LARGEST_SEED}"
    if isinstance(value, bool) or not isinstance(value, numbers.Integral):
        raise TypeError(f"random_state must be {expected}; given {value!r}")
    if not 0 <= value <= LARGEST_SEED:
        raise ValueError(f"random_state must be {expected}; given {value}")
    return int(value)


def _figure(strength: float) -> str:
    return f"{float(f'{strength:.2g}'):g}"


# -------------------------------------------------------------------- the picture

WIDTH, HEIGHT = 900, 602
TOP, SIZE = 62, 262
CODES_LEFT = 58
ROWS_LEFT, ROW_WIDTH, ROW_STEP = 402, 154, 166
ROW_HEIGHT, ROW_GAP = 118, 26
CURVES_TOP, CURVES_HEIGHT = 437, 108
C2ST_LEFT, ERROR_LEFT, CURVES_WIDTH = 52, 338, 236
CURVES_MARGIN = 14  # from the edge of a curve's panel to its first and last strength
TABLE_LEFT = 604

LARGEST_ERROR = 12.5
LOWEST_C2ST, HIGHEST_C2ST = 0.42, 1.0
CHANCE_SD = math.sqrt(1 / (4 * 234))  # of an accuracy of ½ over 117 real and 117 generated rows
DASHES = {"normal": "", "uniform": "3 4", "gaussian": "9 4", "mixture": "12 3 3 3"}
SHORT_LAWS = {prior: words.removeprefix("fitted ") for prior, words in LAWS.items()}
FAINT = "#767676"


def draw_picture(state: BenchState) -> str:
    """Codes and draws, three generated rows, the scores over all strengths: an SVG string."""
    return svg.document(
        WIDTH,
        HEIGHT,
        _draw_codes(state)
        + _draw_rows(state)
        + _draw_findings(state)
        + _draw_c2st(state)
        + _draw_errors(state)
        + _draw_table(state)
        + svg.area(C2ST_LEFT, CURVES_TOP, ERROR_LEFT + CURVES_WIDTH - C2ST_LEFT, CURVES_HEIGHT),
        title="The regularisation bench",
        description=describe(state),
    )


def describe(state: BenchState) -> str:
    """What the picture shows, in a few sentences."""
    c2st, made = state.measured("c2st"), state.generated
    n_splits, n = len(c2st), len(state.data.train)
    sentences = [
        f"{_setting_in_words(state)}, h from {_law(state.prior)}: a random forest tells generated "
        f"from held-out rows in {_percent(c2st.mean())} ± {_percent(c2st.std(ddof=1))} of cases "
        f"(chance 50% ± {_percent(CHANCE_SD)}), coverage {state.mean('coverage'):.2f}.",
        f"Error on training rows {state.mean('train_error'):.2f}, on held-out rows "
        f"{state.mean('held_out_error'):.2f}; {_in_use(state)} latent numbers in use. "
        f"All this is the mean of {n_splits} splits.",
        f"Of the {n} draws shown, {_percent(made.share_off_codes)} are off the codes; of their "
        f"rows, {_percent(made.share_off_rows)} are like no real row.",
    ]
    if state.kind == "weights" and state.strength:
        summed = svg.significant(n * state.strength)
        sentences.insert(1, f"λ is per row: on the loss summed over {n} rows it is {summed}.")
    return " ".join(sentences)


def _setting_in_words(state: BenchState) -> str:
    strength = f"{state.symbol} = {_figure(state.strength)}"
    return {
        "weights": f"Autoencoder with penalty {strength} on the weights",
        "codes": f"Autoencoder with penalty {strength} on the codes",
        "codes and noise": f"Autoencoder with penalty {strength} and noise on the codes",
        "vae": f"Variational autoencoder with {strength}",
    }[state.kind]


def _law(prior: str) -> str:
    return {
        "normal": "N(0, I)",
        "uniform": "the range of the codes",
        "gaussian": "a Gaussian fitted to the codes",
        "mixture": "a mixture fitted to the codes",
    }[prior]


def _percent(share: float) -> str:
    return f"{share:.0%}"


def _in_use(state: BenchState) -> str:
    return f"{svg.significant(state.mean('in_use'), 2)} of {state.view.H.shape[1]}"


# ---- codes and draws


def _place(points: NDArray, state: BenchState) -> list:
    """Where points of the two axes, shape (n, 2), are in the picture's square, or at its edge."""
    across_up = np.clip((points / state.view.reach + 1) / 2, 0, 1)
    return (SIZE * np.abs(across_up - [0, 1])).tolist()  # upwards is less in SVG


def _draw_codes(state: BenchState) -> str:
    view, plus = state.view, state.data.train[:, -1] > 0
    drawn = state.generated.H @ view.axes
    inside = (
        svg.crosses(_place(drawn, state), size=7, stroke=DRAWN, stroke_width=1.5)
        + svg.triangles(_place(view.flat[~plus], state), size=7, fill=MINUS)
        + svg.dots(_place(view.flat[plus], state), size=6, fill=PLUS)
    )
    for number, (x, y) in enumerate(_place(drawn[:N_SHOWN], state)):
        inside += _glyph(number, *np.clip([x, y], 10, SIZE - 10))
    return (
        svg.text(CODES_LEFT, 24, f"codes{_with_noise(state)} and draws of h", bold=True)
        + _draw_codes_legend()
        + svg.window(CODES_LEFT, TOP, SIZE, SIZE, inside)
        + svg.rect(CODES_LEFT, TOP, SIZE, SIZE, stroke=svg.LINE, stroke_width=1.5)
        + _draw_codes_axes(state)
    )


def _with_noise(state: BenchState) -> str:
    return " + noise" if state.kind in ("codes and noise", "vae") else ""


def _draw_codes_legend() -> str:
    x, y = CODES_LEFT + 6, 45
    return (
        svg.dots([(x, y)], size=10, fill=PLUS)
        + svg.text(x + 11, y + 5.5, "code of +1")
        + svg.triangles([(x + 115, y)], size=11, fill=MINUS)
        + svg.text(x + 126, y + 5.5, f"of {svg.MINUS}1")
        + svg.crosses([(x + 188, y)], size=10, stroke=DRAWN, stroke_width=2)
        + svg.text(x + 199, y + 5.5, "draw")
    )


def _draw_codes_axes(state: BenchState) -> str:
    reach, bottom = state.view.reach, TOP + SIZE
    parts = [
        svg.text(CODES_LEFT + SIZE / 2, bottom + 40, "1st principal axis", anchor="middle"),
        svg.text(19, TOP + SIZE / 2, "2nd principal axis", anchor="middle", turn=-90),
    ]
    for tick in svg.ticks(-reach, reach):
        along = (tick / reach + 1) / 2 * SIZE
        x, y, words = CODES_LEFT + along, bottom - along, svg.significant(tick)
        if tick > -reach:  # in the corner the two would meet
            parts.append(svg.text(CODES_LEFT - 9, y + 5.5, words, anchor="end"))
        parts.append(svg.line(CODES_LEFT - 5, y, CODES_LEFT, y, stroke=svg.LINE))
        parts.append(svg.text(x, bottom + 20, words, anchor="middle"))
        parts.append(svg.line(x, bottom, x, bottom + 5, stroke=svg.LINE))
    return "".join(parts)


def _glyph(number: int, x: float, y: float) -> str:
    """A ring, a square or a diamond: it ties a generated row to its place among the codes."""
    if number == 0:
        return svg.circle(x, y, 9, stroke=svg.PAPER) + svg.circle(x, y, 8, stroke=DECODED)
    if number == 1:
        steps = f"M{x - 7:.1f} {y - 7:.1f}h14v14h-14z"
    else:
        steps = f"M{x - 9.5:.1f} {y:.1f}l9.5 -9.5l9.5 9.5l-9.5 9.5z"
    return svg.path(steps, stroke=svg.PAPER, stroke_width=5) + svg.path(
        steps, stroke=DECODED, stroke_width=2.5
    )


# ---- generated rows


def _draw_rows(state: BenchState) -> str:
    legend = (
        svg.text(ROWS_LEFT, 24, "generated returns", bold=True)
        + svg.line(592, 18, 628, 18, stroke=DECODED, stroke_width=3.5)
        + svg.dots([(610, 18)], size=8, fill=DECODED)
        + svg.text(635, 24, "generated")
        + svg.line(738, 18, 768, 18, stroke=svg.INK, dashes="7 5")
        + svg.text(775, 24, "nearest real")
    )
    axis = "".join(
        svg.text(352, _row_top(k) + ROW_HEIGHT / 2, part, anchor="middle", turn=-90)
        for k, part in enumerate(state.data.parts)
    )
    return legend + axis + "".join(_draw_row(state, number) for number in range(N_SHOWN))


def _row_top(part: int) -> float:
    return TOP + part * (ROW_HEIGHT + ROW_GAP)


def _draw_row(state: BenchState, number: int) -> str:
    data, row = state.data, state.generated.rows[number]
    nearest, distance = state.generated.nearest[number]
    left = ROWS_LEFT + number * ROW_STEP
    verdict = "like no real row" if data.rows.is_far(distance) else "near a real row"
    parts = [_glyph(number, left + 10, 45), svg.text(left + 26, 50.5, verdict)]
    for part, columns in enumerate(data.parts.values()):
        kept = np.flatnonzero(columns >= 0)
        x = [8 + k / 16 * (ROW_WIDTH - 16) for k in kept.tolist()]
        curves = [
            list(zip(x, ((1.15 - values[columns[kept]]) / 2.3 * ROW_HEIGHT).tolist()))
            for values in (row, data.train[nearest])
        ]
        inside = (
            svg.line(0, ROW_HEIGHT / 2, ROW_WIDTH, ROW_HEIGHT / 2, stroke="#dddddd")
            + svg.polyline(curves[0], stroke=DECODED, stroke_width=3)
            + svg.dots(curves[0], size=6, fill=DECODED)
            + svg.polyline(curves[1], stroke=svg.INK, stroke_width=2, dashes="7 5")
        )
        top = _row_top(part)
        parts.append(svg.window(left, top, ROW_WIDTH, ROW_HEIGHT, inside))
        parts.append(svg.rect(left, top, ROW_WIDTH, ROW_HEIGHT, stroke=svg.LINE, stroke_width=1.5))
        if number == 0:
            parts += [
                svg.text(
                    left - 7, top + (1.15 - value) / 2.3 * ROW_HEIGHT + 5.5, words, anchor="end"
                )
                for value, words in ((1, "1"), (0, "0"), (-1, f"{svg.MINUS}1"))
            ]
    for tick in (1, 9, 17):
        x = left + 8 + (tick - 1) / 16 * (ROW_WIDTH - 16)
        parts.append(svg.text(x, _row_top(1) + ROW_HEIGHT + 20, f"{tick}", anchor="middle"))
    middle = left + ROW_WIDTH / 2
    parts.append(svg.text(middle, _row_top(1) + ROW_HEIGHT + 40, "pulse", anchor="middle"))
    return "".join(parts)


def _draw_findings(state: BenchState) -> str:
    """In words: how the draws fare among the codes, and the generated rows among the real."""
    cloud, rows, made = state.view.cloud, state.data.rows, state.generated
    off_codes = f"{_percent(made.share_off_codes)} of draws, {_percent(cloud.share_far)} of codes"
    off_rows = f"{_percent(made.share_off_rows)} of generated, {_percent(rows.share_far)} of real"
    return (
        svg.text(14, 388, f"off the codes: {off_codes}")
        + svg.text(WIDTH - 12, 388, f"like no real row: {off_rows}", anchor="end")
        + svg.line(14, 399, WIDTH - 12, 399, stroke=svg.LINE, stroke_width=1)
    )


# ---- what was measured


def place_of(across: float) -> int:
    """The strength nearest to a point of the two panels of curves, from 0 (left) to 1 (right)."""
    if not 0 <= across <= 1:
        raise ValueError(f"the mouse must point to a place from 0 to 1; given {across}")
    x = C2ST_LEFT + across * (ERROR_LEFT + CURVES_WIDTH - C2ST_LEFT)
    panels = (_strength_x(left, np.arange(9)) for left in (C2ST_LEFT, ERROR_LEFT))
    return int(np.abs(np.concatenate(list(panels)) - x).argmin()) % 9


def _strength_x(left: float, place: Any) -> Any:
    return left + CURVES_MARGIN + place / 8 * (CURVES_WIDTH - 2 * CURVES_MARGIN)


def _curve(left: float, means: NDArray, low: float, high: float) -> list:
    """Points of the curve of a measure, one for each strength, in the picture's units."""
    height = np.clip((means - low) / (high - low), 0, 1)
    y = CURVES_TOP + (1 - height) * CURVES_HEIGHT
    return list(zip(_strength_x(left, np.arange(len(means))).tolist(), y.tolist()))


def _draw_c2st(state: BenchState) -> str:
    low, high = LOWEST_C2ST, HIGHEST_C2ST
    scale = CURVES_HEIGHT / (high - low)
    chance_top = CURVES_TOP + (high - 0.5 - 2 * CHANCE_SD) * scale
    curves = {prior: _curve(C2ST_LEFT, state.means("c2st", prior), low, high) for prior in PRIORS}
    parts = [
        svg.rect(C2ST_LEFT, chance_top, CURVES_WIDTH, 4 * CHANCE_SD * scale, fill="#e8e8e8"),
        svg.text(C2ST_LEFT + CURVES_WIDTH - 6, chance_top + 18, "chance", anchor="end"),
        _draw_panel(
            state, C2ST_LEFT, "C2ST accuracy", [(0.5, ".5"), (0.75, ".75"), (1, "1")], low, high
        ),
    ]
    parts += [
        svg.polyline(points, stroke=FAINT, stroke_width=1.8, dashes=DASHES[prior])
        for prior, points in curves.items()
        if prior != state.prior
    ]
    chosen = curves[state.prior]
    parts.append(svg.polyline(chosen, stroke=DECODED, stroke_width=3.5, dashes=DASHES[state.prior]))
    parts.append(svg.dots(chosen, size=7, fill=DECODED))
    parts.append(svg.circle(*chosen[state.place], 8, fill=svg.PAPER, stroke=DECODED))
    parts.append(svg.dots([chosen[state.place]], size=9, fill=DECODED))
    return "".join(parts)


def _draw_errors(state: BenchState) -> str:
    train = _curve(ERROR_LEFT, state.means("train_error"), 0, LARGEST_ERROR)
    held_out = _curve(ERROR_LEFT, state.means("held_out_error"), 0, LARGEST_ERROR)
    parts = [
        _draw_panel(
            state, ERROR_LEFT, "error ‖x − x̂‖²", [(0, "0"), (5, "5"), (10, "10")], 0, LARGEST_ERROR
        )
    ]
    for points, dashes in ((train, ""), (held_out, "7 5")):
        parts.append(svg.polyline(points, stroke=svg.INK, stroke_width=2.5, dashes=dashes))
        parts.append(svg.circle(*points[state.place], 6, fill=svg.PAPER))
    return "".join(parts)


def _draw_panel(
    state: BenchState, left: float, title: str, ticks: list, low: float, high: float
) -> str:
    """Frame, title and axes of a panel of curves, and the line at the strength of now."""
    bottom = CURVES_TOP + CURVES_HEIGHT
    now = _strength_x(left, state.place)
    parts = [
        svg.text(left, CURVES_TOP - 14, title, bold=True),
        svg.rect(left, CURVES_TOP, CURVES_WIDTH, CURVES_HEIGHT, stroke=svg.LINE, stroke_width=1.5),
        svg.line(now, CURVES_TOP, now, bottom, stroke=DECODED, stroke_width=1.5),
    ]
    for value, words in ticks:
        y = bottom - (value - low) / (high - low) * CURVES_HEIGHT
        parts.append(svg.text(left - 8, y + 5.5, words, anchor="end"))
        parts.append(svg.line(left - 5, y, left, y, stroke=svg.LINE))
    for place in (0, 4, 8):
        x, words = _strength_x(left, place), _figure(state.strengths[place])
        parts.append(svg.text(x, bottom + 19, words, anchor="middle"))
        parts.append(svg.line(x, bottom, x, bottom + 5, stroke=svg.LINE))
    now = min(max(now, left + 40), left + CURVES_WIDTH - 40)
    strength = f"{state.symbol} = {_figure(state.strength)}"
    parts.append(svg.text(now, bottom + 42, strength, anchor="middle", bold=True, fill=DECODED))
    return "".join(parts)


def _draw_table(state: BenchState) -> str:
    """C2ST and coverage under each prior, beside real rows; errors; latent numbers in use."""
    name, c2st, covered = TABLE_LEFT + 40, 790, WIDTH - 12
    y = CURVES_TOP - 14
    parts = [
        svg.text(name, y, "h from", bold=True),
        svg.text(c2st, y, "C2ST", anchor="end", bold=True),
        svg.text(covered, y, "coverage", anchor="end", bold=True),
    ]
    for prior in PRIORS:
        y += 21
        chosen = prior == state.prior
        look = {"stroke": DECODED if chosen else FAINT, "stroke_width": 3.5 if chosen else 1.8}
        parts += [
            svg.line(TABLE_LEFT, y - 5, TABLE_LEFT + 33, y - 5, dashes=DASHES[prior], **look),
            svg.text(name, y, SHORT_LAWS[prior], bold=chosen),
            svg.text(c2st, y, _score(state.mean("c2st", prior)), anchor="end", bold=chosen),
            svg.text(covered, y, _score(state.mean("coverage", prior)), anchor="end", bold=chosen),
        ]
    y += 21
    real = state.data.real
    parts += [
        svg.text(name, y, "(real rows)"),
        svg.text(c2st, y, _score(real["c2st"]), anchor="end"),
        svg.text(covered, y, _score(real["coverage"]), anchor="end"),
    ]
    errors = (("training error", "train_error", ""), ("held-out error", "held_out_error", "7 5"))
    for words, measure, dashes in errors:
        y += 21
        parts += [
            svg.line(TABLE_LEFT, y - 5, TABLE_LEFT + 33, y - 5, stroke=svg.INK, dashes=dashes),
            svg.text(name, y, words),
            svg.text(covered, y, svg.short(state.mean(measure)), anchor="end"),
        ]
    return "".join(parts) + svg.text(TABLE_LEFT, y + 23, f"latent numbers in use: {_in_use(state)}")


def _score(value: float) -> str:
    return f"{value:.2f}"


# --------------------------------------------------------------------- the widget


class RegularisationBench(LiveWidget):
    """What regularisation does to codes, samples and scores, at strengths from none to too much.

    On the left it shows the codes of the training rows, with the noise that the decoder was given
    them with, and as many draws of h, on the two principal axes of the codes; on the right three of
    the generated rows, each beside the training row that is nearest to it; below, what was measured
    on five splits at every strength. Far, and so off the codes or like no real row, is what is more
    than two usual gaps from all: the median distance from a code (or row) to the nearest other one.
    A draw beyond the frame is shown at its edge.

    Parameters
    ----------
    kind : {"weights", "codes", "codes and noise", "vae"}
        What is regularised. ``"weights"``: an `Autoencoder` with alpha = λ; ``"codes"``: with
        code_penalty = κ; ``"codes and noise"``: with code_penalty = κ and code_noise = .3;
        ``"vae"``: a `VariationalAutoencoder` with beta = β. All else is as by default.
    strength : float, optional
        λ, κ or β, one of `strengths`. By default 0. They are per row: 1/234 is λ = 1 on the loss
        summed over the 234 training rows, 1 is λ = 1 on the average.
    prior : {"normal", "uniform", "gaussian", "mixture"}
        How h is drawn, as in the models' own `sample`.
    random_state : int
        Seed of the draws.

    Raises
    ------
    TypeError, ValueError
        If an argument is not of the kind above; what was given and expected is said. ValueError
        also if the file of trained models is damaged.
    FileNotFoundError
        If it is missing.

    Examples
    --------
    >>> bench = RegularisationBench(kind="vae", strength=100)
    >>> float(bench.scores["c2st"].mean()) > 0.8  # the posterior has collapsed
    True
    >>> bench.in_use
    0.0
    >>> bench.strength = 1
    >>> bench.in_use
    8.0
    """

    kind = setting("kind", 'What is regularised: "weights", "codes", "codes and noise" or "vae".')
    strength = setting("strength", "The weight λ, κ or β, one of `strengths`.")
    prior = setting("prior", 'How h is drawn: "normal", "uniform", "gaussian" or "mixture".')
    random_state = setting("random_state", "Seed of the draws.")

    def __init__(
        self,
        *,
        kind: str = "weights",
        strength: float = 0.0,
        prior: str = "normal",
        random_state: int = 0,
    ):
        state = BenchState(bench_data(), kind, strength, prior, random_state)
        super().__init__(state, draw=draw_picture, describe=describe)
        self._start = {n: getattr(state, n) for n in ("kind", "strength", "prior", "random_state")}
        self.arrange(
            self.pointer(lambda across, _: self._go_to(place_of(across))),
            [
                self.choice("kind", "Model", [(words, kind) for kind, words in KINDS.items()]),
                self.choice("prior", "Draw h from", [(words, p) for p, words in LAWS.items()]),
                self.button("Draw again", self.draw_again, "Draw h with the next seed"),
                self.button("Reset", self.reset, "Return to the start"),
            ],
            [self._strength_controls(), self.number("random_state", "Seed", 0, 20, 1)],
        )

    def _strength_controls(self) -> ipywidgets.HBox:
        """A slider over the strengths, and a box that takes any and shows the nearest."""
        slider = ipywidgets.IntSlider(
            min=0,
            max=8,
            description="Strength",
            tooltip="Strength, from none to far too much",
            readout=False,
            layout=ipywidgets.Layout(flex="1 1 auto", width="auto"),
            style={"description_width": "initial"},
        )
        box = ipywidgets.FloatText(
            description="Strength, as a number",
            tooltip="Strength, as a number",
            layout=ipywidgets.Layout(width="120px", flex="0 0 auto"),
        )
        box.add_class("live-number-box")
        self.bind(slider, lambda state: state.place, self._go_to)
        self.bind(box, lambda state: float(f"{state.strength:.2g}"), self._go_near)
        layout = ipywidgets.Layout(flex="2 1 24em", align_items="center", margin="0 12px 0 0")
        return ipywidgets.HBox([slider, box], layout=layout)

    def _go_to(self, place: int) -> None:
        self.change(strength=self.strengths[place])

    def _go_near(self, value: float) -> None:
        """Take the strength that is nearest to a number, by ratio, and say so if it is another."""
        if not 0 <= value < math.inf:
            raise ValueError(f"strength must be a finite number of at least 0; given {value}")
        positive = [strength for strength in self.strengths if strength > 0]
        # Below half of the least strength there is none.
        nearest = min(positive, key=lambda strength: abs(math.log(strength / max(value, 1e-300))))
        nearest = 0.0 if value < positive[0] / 2 else nearest
        self.change(strength=nearest)
        if not math.isclose(value, nearest, rel_tol=0.01):
            known = ", ".join(map(_figure, self.strengths))
            self.say(f"The nearest strength that a model was trained with; there are {known}.")

    def change(self, **values: Any) -> None:
        """Give settings new values; another kind is shown at the same place of its scale."""
        kind = values.get("kind")
        if isinstance(kind, str) and kind in KINDS and "strength" not in values:
            values["strength"] = self.state.data.strengths[kind][self.state.place]
        super().change(**values)

    def draw_again(self) -> None:
        """Draw h with the next seed."""
        self.change(random_state=(self.random_state + 1) % (LARGEST_SEED + 1))

    def reset(self) -> None:
        """Return to the settings that the bench began with."""
        self.change(**self._start)

    @property
    def strengths(self) -> tuple[float, ...]:
        """The strengths at which models of this kind were trained."""
        return self.state.strengths

    @property
    def model(self) -> Any:
        """The fitted estimator shown, that of the first of the five splits."""
        return self.state.view.model

    @property
    def codes(self) -> NDArray:
        """The codes of the training rows, with the noise of the training, shape (234, 8)."""
        return self.state.view.H

    @property
    def draws(self) -> NDArray:
        """The draws of h shown, shape (234, 8)."""
        return self.state.generated.H

    @property
    def rows(self) -> NDArray:
        """The rows made of the draws, ``tidy(model.sample(…))``, shape (234, 34)."""
        return self.state.generated.rows

    @property
    def scores(self) -> Bunch:
        """The scoreboard's figures at this setting, an array of five splits each."""
        return Bunch(**{name: self.state.measured(name) for name in SCORES})

    @property
    def c2st(self) -> float:
        """Accuracy of a random forest that tells generated from held-out rows, the mean."""
        return self.state.mean("c2st")

    @property
    def coverage(self) -> float:
        """Share of held-out rows that have a generated row among their neighbours, the mean."""
        return self.state.mean("coverage")

    @property
    def errors(self) -> tuple[float, float]:
        """The means of ‖x − x_hat‖² on training and on held-out rows."""
        return self.state.mean("train_error"), self.state.mean("held_out_error")

    @property
    def in_use(self) -> float:
        """How many latent numbers the decoder makes use of, the mean.

        A number is in use if holding it at its mean moves x_hat by more than a thousandth of the
        variance of the data.
        """
        return self.state.mean("in_use")
