"""Figures of lesson 05, and the recorded runs on the ring of eight Gaussians.

`RING_SETTINGS` says what was run, ``data/make_ring_runs.py`` runs it, `load_ring_runs` reads what
was recorded.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import Circle
from numpy.typing import ArrayLike
from scipy.spatial.distance import cdist
from sklearn.utils import Bunch

from helpers.datasets import DATA_FOLDER, ring_centers
from helpers.figures.radar import draw_beside_real, radar_parts
from helpers.metrics import mode_coverage
from helpers.plots import BLUE, GREY, ORANGE, DescribedFigure, with_alt

# -------------------------------------------------------------------------- recorded runs

ROWS_SHOWN = (
    "real rows",
    "Gaussian mixture",
    "kernel density",
    "kernel density, .05 wide",
    "autoencoder, h from N(0, I)",
    "GAN with R1",
    "GAN with R1, three times as long",
)
"""The recorded rows of the scoreboard that the lesson shows beside its own."""

RECORDED_RUNS = DATA_FOLDER / "ring_runs.csv"
"""Where the runs on the ring are that were recorded with the course."""

RING_COLUMNS = ("setting", "seed", "modes_covered", "share_on_mode")


_USUAL = {"n_latent": 2, "betas": (0.5, 0.999), "batch_size": 128, "max_iter": 3000}
_COLLAPSE = _USUAL | {
    "narrow_start": True,
    "n_latent": 16,
    "betas": (0.0, 0.99),
    "learning_rate_init": 0.0002,
    "discriminator_learning_rate_init": 0.002,
    "n_discriminator_steps": 5,
    "decay_to": 1,
    "weight_averaging": 0,
    "max_iter": 5000,
}

RING_SETTINGS: dict[str, dict[str, Any]] = {
    "minimax": _USUAL | {"loss": "minimax"},
    "non-saturating": _USUAL,
    "least squares": _USUAL | {"loss": "least_squares"},
    "Wasserstein, penalty 1": _USUAL
    | {
        "loss": "wasserstein_gp",
        "gradient_penalty": 1.0,
        "n_discriminator_steps": 5,
        "max_iter": 1500,
    },
    "R1 + R2": _USUAL | {"r1": 0.1, "r2": 0.1, "learning_rate_init": 0.003, "max_iter": 5000},
    "slow discriminator": _USUAL | {"discriminator_learning_rate_init": 0.0001},
    "collapse": _COLLAPSE,
    "collapse, instance noise": _COLLAPSE | {"instance_noise": (0.3, 0.0)},
    "collapse, R1 + R2": _COLLAPSE | {"r1": 0.1, "r2": 0.1},
    "collapse, equal players": _COLLAPSE
    | {"learning_rate_init": 0.002, "n_discriminator_steps": 1},
}
"""Parameters of the `GAN` in each of the recorded runs; the layers are those of the default.

With ``narrow_start`` the generator's last layer starts with weights a tenth as large as usual: all
z are sent to nearly the same place, at the centre of the ring.
"""


def load_ring_runs(path: str | Path | None = None) -> dict[str, Bunch]:
    """Read the recorded runs on the ring of eight Gaussians.

    Parameters
    ----------
    path : str or Path, optional
        The runs recorded with the course by default.

    Returns
    -------
    dict from the name of a setting to a Bunch
        ``seed``, ``modes_covered`` (whole numbers, 0 to 8) and ``share_on_mode`` (in [0, 1]),
        each of shape (n_runs,).

    Raises
    ------
    FileNotFoundError
        If the file is not there.
    ValueError
        If it is not a file of such runs.
    """
    path = RECORDED_RUNS if path is None else Path(path)
    if not path.is_file():
        raise FileNotFoundError(
            f"There are no recorded runs at {path}. They are made by: make pretrained"
        )
    runs: dict[str, list[tuple[int, int, float]]] = {}
    with path.open(encoding="utf-8", newline="") as file:
        reader = csv.DictReader(file)
        if tuple(reader.fieldnames or ()) != RING_COLUMNS:
            raise ValueError(
                f"the first line of {path} must name the columns {', '.join(RING_COLUMNS)}; "
                f"it names {reader.fieldnames}"
            )
        for line in reader:
            try:
                run = int(line["seed"]), int(line["modes_covered"]), float(line["share_on_mode"])
            except (TypeError, ValueError):
                raise ValueError(
                    f"{path} holds a line with a figure missing or no number: {line}"
                ) from None
            runs.setdefault(line["setting"], []).append(run)
    return {
        setting: Bunch(**dict(zip(RING_COLUMNS[1:], map(np.array, zip(*lines)))))
        for setting, lines in runs.items()
    }


# ------------------------------------------------------------------- the best discriminator


def plot_best_discriminator(x: ArrayLike, p: ArrayLike, q: ArrayLike) -> DescribedFigure:
    """Draw two densities with what parts them, and D* = p / (p + q) beneath.

    Parameters
    ----------
    x, p, q : array-like of shape (n,)
        Places, and the densities of real and of generated numbers there.
    """
    x, p, q = map(np.asarray, (x, p, q))
    fig, (above, below) = plt.subplots(2, 1, figsize=(9, 6), sharex=True, height_ratios=(3, 2))
    above.fill_between(x, np.minimum(p, q), np.maximum(p, q), color=GREY, alpha=0.3, lw=0)
    above.plot(x, p, color=BLUE, label="p, real")
    above.plot(x, q, "--", color=ORANGE, label="q, generated")
    above.plot([], [], color=GREY, lw=8, alpha=0.4, label="|p − q|, total area 2 TV")
    above.set(ylabel="density", title="Two densities, and the best discriminator between them")
    above.legend(loc="upper left")
    below.plot(x, p / (p + q), color="black")
    below.axhline(0.5, color=GREY, ls=":")
    below.set(xlabel="x", ylabel="D*(x)", ylim=(-0.05, 1.05), yticks=[0, 0.5, 1])
    below.annotate("½: no telling", (x[-1], 0.5), (-6, 5), textcoords="offset points", ha="right")
    return with_alt(
        fig,
        "Above, two bell curves that overlap: p around 0 and the narrower q to its right, the area "
        "between them grey. Below, the best discriminator: near 1 where p is the larger, near 0 "
        "around the middle of q, exactly one half where the two curves cross.",
    )


def plot_staircase(
    shift: ArrayLike, accuracy: ArrayLike, cross_entropy: ArrayLike
) -> DescribedFigure:
    """Draw accuracy and cross-entropy of a fixed discriminator while the samples are shifted.

    Parameters
    ----------
    shift : array-like of shape (n,)
    accuracy, cross_entropy : array-like of shape (n,)
    """
    fig, axes = plt.subplots(1, 2, figsize=(11, 4))
    for ax, values, name, colour in (
        (axes[0], accuracy, "accuracy", BLUE),
        (axes[1], cross_entropy, "cross-entropy", ORANGE),
    ):
        ax.plot(shift, values, color=colour)
        ax.set(xlabel="shift of the generated numbers", ylabel=name)
    axes[0].set_title("Accuracy: level steps, and jumps")
    axes[1].set_title("Cross-entropy: a slope everywhere")
    return with_alt(
        fig,
        "Over the same small shift of the generated numbers, the accuracy of a discriminator is "
        "a staircase of level steps that rises in jumps, while the cross-entropy falls smoothly.",
    )


# --------------------------------------------------------------------- one-dimensional GAN


def plot_game(runs: Mapping[str, ArrayLike], target: tuple[float, float]) -> DescribedFigure:
    """Draw how the generator's a and b move while the two players take turns.

    Parameters
    ----------
    runs : mapping from a title to array-like of shape (n_steps, 2)
        a and b after each step.
    target : pair of float
        The standard deviation and the mean of the real numbers.
    """
    width = 8 if len(runs) == 1 else 5.6 * len(runs)
    fig, axes = plt.subplots(1, len(runs), figsize=(width, 4), sharey=True, squeeze=False)
    for ax, (title, path) in zip(axes[0], runs.items()):
        path = np.asarray(path)
        for n, (name, style) in enumerate((("a, the spread", "-"), ("b, the mean", "--"))):
            ax.plot(path[:, n], style, color=(BLUE, ORANGE)[n], label=name)
            ax.axhline(target[n], color=(BLUE, ORANGE)[n], ls=":", lw=1.5)
        ax.set(xlabel="step", title=title)
    axes[0, 0].set_ylabel("a and b")
    axes[0, 0].legend(loc="lower right")
    lowest = "; ".join(f"{title}: {np.min(np.abs(path[:, 0])):.2f}" for title, path in runs.items())
    return with_alt(
        fig,
        "The generator's spread a and mean b over the steps of the game, dotted lines at what they "
        f"should be. The mean rises quickly; the spread {_course(list(runs))}. Smallest spread on "
        f"the way: {lowest}.",
    )


def _course(titles: Sequence[str]) -> str:
    """Say what the spread does in the plain game and, if there is a second one, in that."""
    plain = "falls towards 0, comes back, overshoots and swings about its goal in smaller waves"
    calmed = " in the first game, and in the second comes back from near 0 and stays at its goal"
    return plain if len(titles) == 1 else plain + calmed


# ------------------------------------------------------------------------------ saturation


def plot_generator_losses(a: ArrayLike, losses: Mapping[str, tuple]) -> DescribedFigure:
    """Draw losses of the generator and their slopes over the logit of a generated sample.

    Parameters
    ----------
    a : array-like of shape (n,)
        Logits.
    losses : mapping from a name to a pair of arrays of shape (n,)
        Values and slopes.
    """
    fig, axes = plt.subplots(1, 2, figsize=(11, 4))
    for n, (name, pair) in enumerate(losses.items()):
        for ax, values in zip(axes, pair):
            ax.plot(a, values, ("-", "--")[n % 2], color=f"C{n}", label=name.replace("_", "-"))
    axes[0].set(xlabel="logit A(G(z))", ylabel="loss", title="What the generator descends")
    axes[1].set(xlabel="logit A(G(z))", ylabel="slope", title="The slope that drives it")
    axes[0].legend()
    return with_alt(
        fig,
        "Two losses over the logit of a generated sample, and their slopes. Minimax is flat, with "
        "slope 0, where the logit is far below 0; the non-saturating loss has slope −1 there. "
        "Where the logit is 0 both have the slope −½.",
    )


def plot_far_starts(paths: Mapping[str, Sequence[ArrayLike]]) -> DescribedFigure:
    """Draw the way of the generated points' mean from far off towards the ring.

    Parameters
    ----------
    paths : mapping from a title to a sequence, one for each seed, of arrays of shape (n, 2)
    """
    fig, axes = plt.subplots(
        1, len(paths), figsize=(4.1 * len(paths), 4.3), sharex=True, sharey=True
    )
    for ax, (title, runs) in zip(axes, paths.items()):
        _draw_centers(ax)
        for seed, path in enumerate(runs):
            path = np.asarray(path)
            colour = (BLUE, ORANGE)[seed % 2]
            ax.plot(*path.T, ("o-", "^--")[seed % 2], color=colour, ms=5, lw=1.5)
            ax.plot(*path[-1], "*^"[seed % 2], color=colour, ms=14, label=f"seed {seed}, the end")
        ax.set(title=title, xlabel="$x_1$", aspect="equal", xlim=(-7.5, 2.5), ylim=(-7.5, 2.5))
    axes[0].set_ylabel("$x_2$")
    axes[0].legend(loc="upper left")
    ends = "; ".join(
        f"{title}: " + " and ".join("({:.0f}, {:.0f})".format(*np.asarray(run)[-1]) for run in runs)
        for title, runs in paths.items()
    )
    return with_alt(
        fig,
        "The ring at the upper right, and the way that the mean of the generated points takes "
        f"from (−6, −6), two seeds each. Where it ends: {ends}.",
    )


def _draw_centers(ax: Axes) -> None:
    ax.plot(*ring_centers().T, "x", color="black", ms=7, mew=1.5)


# ------------------------------------------------------------------------------- Dirac-GAN


def plot_dirac(paths: Mapping[str, ArrayLike], rate: float) -> DescribedFigure:
    """Draw the ways of a Dirac-GAN, and the eigenvalues of one round for each penalty.

    Parameters
    ----------
    paths : mapping from a title to array-like of shape (n, 2)
        θ and ψ after each round. A title is "γ = …".
    rate : float
        The step size, for the eigenvalues.
    """
    fig, (left, right) = plt.subplots(1, 2, figsize=(11, 5))
    for n, (title, path) in enumerate(paths.items()):
        path = np.asarray(path)
        left.plot(*path.T, ("-", "--", ":")[n % 3], color=f"C{n}", label=title, lw=1.8)
        left.plot(*path[-1], "os^"[n % 3], color=f"C{n}", ms=9)
    left.plot(*path[0], "*", color="black", ms=15)
    left.plot(0, 0, "+", color="black", ms=14, mew=2)
    left.set(xlabel="generator, θ", ylabel="discriminator, ψ", aspect="equal")
    left.set_title("60 rounds, from the star")
    fig.legend(*left.get_legend_handles_labels(), loc="outside lower left", ncols=3)
    gammas = np.linspace(0, 2, 81)
    values = np.array([np.linalg.eigvals(dirac_round(gamma, rate)) for gamma in gammas])
    drawn = right.scatter(
        values.real, values.imag, c=np.repeat(gammas, 2), cmap="cividis", s=22, zorder=3
    )
    right.add_patch(Circle((0, 0), 1, fill=False, color="black", lw=1.5))
    top = 0.75 * rate
    right.set(xlim=(1 - 2.4 * rate, 1 + 0.4 * rate), ylim=(-top, top))
    right.set(xlabel="real part", ylabel="imaginary part")
    right.set_title("Eigenvalues of one round")
    right.annotate("unit circle", (1, 0), (8, -4), textcoords="offset points")
    fig.colorbar(drawn, ax=right, label="γ")
    ends = ", ".join(
        f"{title}: {np.hypot(*np.asarray(path)[-1]):.2f}" for title, path in paths.items()
    )
    return with_alt(
        fig,
        "Left: the ways of the two players of a Dirac-GAN around the origin, where both should "
        f"come to rest. Distance from it at the end: {ends}. Right: the two eigenvalues of one "
        "round of steps. Without a penalty they lie just outside the unit circle; as γ grows they "
        "move inside, meet on the real axis at γ = 1 and part again.",
    )


def dirac_round(gamma: float, rate: float) -> np.ndarray:
    """One simultaneous round of the Dirac-GAN near its equilibrium: the matrix on (θ, ψ).

    θ ← θ + ½ rate ψ and ψ ← ψ − rate (½ θ + γ ψ): both slopes of the losses are ½ there.
    """
    return np.array([[1, rate / 2], [-rate / 2, 1 - rate * gamma]])


# --------------------------------------------------------------------------------- the ring


def plot_ring_runs(runs: Mapping[str, Bunch]) -> DescribedFigure:
    """Draw modes covered and share of samples on a mode, one dot for each run.

    Parameters
    ----------
    runs : mapping
        As `load_ring_runs` returns it.
    """
    heights = np.arange(len(runs))[::-1]
    fig, (left, right) = plt.subplots(
        1, 2, figsize=(12, 1.2 + 0.48 * len(runs)), sharey=True, width_ratios=(1, 1)
    )
    for height, run in zip(heights, runs.values()):
        # Runs with the same number of modes stand one above the other.
        spread = _spread(run.modes_covered)
        left.plot(run.modes_covered, height + spread, "o", color=BLUE, ms=5, alpha=0.8)
        right.plot(run.share_on_mode, height + spread, "s", color=ORANGE, ms=5, alpha=0.8)
    left.set_yticks(heights, list(runs))
    left.set(xlabel="modes covered, of 8", xlim=(-0.4, 8.4), xticks=range(9))
    right.set(xlabel="share of samples on a mode", xlim=(-0.03, 1.03))
    left.set_title("Variety")
    right.set_title("Quality")
    listed = "; ".join(
        f"{name}: {np.median(run.modes_covered):.0f} modes and "
        f"{np.median(run.share_on_mode):.2f} on a mode"
        for name, run in runs.items()
    )
    return with_alt(
        fig,
        "For each setting, ten runs as dots: how many of the eight modes are covered, and which "
        f"share of the samples lies on a mode. Medians: {listed}.",
    )


def _spread(values: ArrayLike) -> np.ndarray:
    """Small vertical shifts that keep equal values apart."""
    values = np.asarray(values)
    shifts = np.zeros(len(values))
    for value in np.unique(values):
        (same,) = np.nonzero(values == value)
        shifts[same] = 0.07 * (np.arange(len(same)) - (len(same) - 1) / 2)
    return shifts


def plot_ring_samples(samples: Mapping[str, ArrayLike], noise: float = 0.05) -> DescribedFigure:
    """Draw samples beside the centres of the ring.

    Parameters
    ----------
    samples : mapping from a title to array-like of shape (n, 2)
    noise : float
        Standard deviation of the modes, for what is told in the alternative text.
    """
    fig, axes = plt.subplots(1, len(samples), figsize=(4.4 * len(samples), 4.6), squeeze=False)
    told = []
    for ax, (title, points) in zip(axes[0], samples.items()):
        points = np.asarray(points)
        ax.plot(*points[:1000].T, ".", color=BLUE, ms=3, alpha=0.5)
        _draw_centers(ax)
        ax.set(title=title, xlabel="$x_1$", aspect="equal", xlim=(-1.6, 1.6), ylim=(-1.6, 1.6))
        found = mode_coverage(points, ring_centers(), noise)
        told.append(
            f"{title}: {found.n_covered} of 8 modes covered, "
            f"{found.share_on_mode:.0%} of the samples on a mode"
        )
    axes[0, 0].set_ylabel("$x_2$")
    return with_alt(
        fig,
        "Samples in the plane, with crosses at the eight centres of the ring. "
        + "; ".join(told)
        + ".",
    )


# ----------------------------------------------------------------------------- radar returns


def plot_returns(rows: ArrayLike, train: ArrayLike) -> DescribedFigure:
    """Draw generated radar returns, each beside the training row that is nearest to it.

    Parameters
    ----------
    rows : array-like of shape (m, 34)
        Generated rows of the scoreboard's table, the label last.
    train : array-like of shape (n, 34)
    """
    rows, train = np.asarray(rows), np.asarray(train)
    distances = cdist(rows, train)
    fig, axes = plt.subplots(2, len(rows), figsize=(12, 4.8), sharex=True, sharey=True)
    for n, (column, row) in enumerate(zip(axes.T, rows)):
        nearest = train[distances[n].argmin()]
        for ax, real, made in zip(column, radar_parts(nearest), radar_parts(row)):
            names = {"real_label": "nearest training row", "made_label": "generated"}
            draw_beside_real(ax, real, made, **names)
        kind = "good" if row[-1] > 0 else "bad"
        column[0].set_title(f"{kind}, {distances[n].min():.1f} away")
        column[1].set_xlabel("pulse")
    axes[0, 0].set_ylabel("real")
    axes[1, 0].set_ylabel("imaginary")
    fig.legend(*axes[0, 0].get_legend_handles_labels(), loc="outside lower center", ncols=2)
    listed = ", ".join(
        f"{'good' if row[-1] > 0 else 'bad'}, {d.min():.1f} away" for row, d in zip(rows, distances)
    )
    return with_alt(
        fig,
        "Generated radar returns, real and imaginary parts over the 17 pulses, each with the "
        f"training row nearest to it as a broken line. They are: {listed}.",
    )
