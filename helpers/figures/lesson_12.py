"""Figures of lesson 12: noise, walks back from it, and what comes of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from numpy.typing import ArrayLike, NDArray
from sklearn.utils import Bunch

from helpers.datasets import ring_centers
from helpers.figures.lesson_05 import load_ring_runs
from helpers.figures.lesson_11 import plot_gallery  # noqa: F401  (the lesson takes it from here)
from helpers.figures.pictures import plot_rows
from helpers.plots import BLUE, GREY, ORANGE, DescribedFigure, with_alt

Guess = Callable[[NDArray, float], NDArray]

RING = {"hidden_layer_sizes": (64, 64, 64), "batch_size": 128, "max_iter": 100}
DIGITS = {"hidden_layer_sizes": (256, 256), "max_iter": 400, "bounds": (-1, 1)}
IONOSPHERE = {"max_iter": 2500, "bounds": (-1, 1), "random_state": 0}
"""Parameters of the `DiffusionModel` that learns the ring, digits, and radar returns."""

HALFWAY = {"n_steps": 40, "eta": 0.5, "random_state": 0}
"""How rows of radar returns are walked back: with some fresh noise, and not with all."""

# ---------------------------------------------------------------------- what the figures show

NOISED = (
    "Ten handwritten digits in five rows with more and more noise: clear at t = 0, grainy at "
    "0.25, hard to tell at 0.5, hardly to be guessed at 0.75, nothing but noise at 1."
)

DIGIT_WALK = (
    "The walks of a 0, a 2 and an 8 from t = 1 to 0, each in two rows. Above, noise clears up to a "
    "digit. Below, what the network takes it for: at first the blurred mean of the class, then "
    "ever more definite strokes, at last the same digit."
)
STEPS = (
    "A table with pictures: real digits; those of the diffusion model in 1, 2, 5, 10 and 50 steps; "
    "in 50 ancestral steps; and those of the GAN of lesson 11. With one step all digits of a class "
    "are the same soft picture, with perfect precision and no recall; with more steps they grow "
    "sharp and various. Orange marks scores that are clearly worse than those of real digits."
)
WRONG = (
    "Two rows of ten pictures. In A they are soft and blurred, each the mean of its digit. In B "
    "digits can be made out under a coarse grain."
)

# ------------------------------------------------------------------------------------ pictures


def pictures(rows: ArrayLike) -> NDArray:
    """Square pictures with pixels from 0 to 1, from rows with pixels from −1 to 1.

    What lies beyond black and white is cut off, for every model could be given that for nothing.

    Parameters
    ----------
    rows : array-like of shape (n, side · side)

    Returns
    -------
    pictures : ndarray of shape (n, side, side)
    """
    rows = np.asarray(rows)
    side = round(rows.shape[1] ** 0.5)
    return ((rows.reshape(-1, side, side) + 1) / 2).clip(0, 1)


def plot_digits(rows: Mapping[str, ArrayLike], alt: str, **options: Any) -> DescribedFigure:
    """Draw rows of digits, given as rows of pixels from −1 to 1.

    Parameters
    ----------
    rows : mapping from str to array-like of shape (n, side · side)
        What stands to the left, and the digits.
    alt : str
        What the figure shows.
    **options
        As for `helpers.figures.pictures.plot_rows`.
    """
    return plot_rows({name: pictures(some) for name, some in rows.items()}, alt, **options)


def plot_digit_walk(
    model: Any,
    start: NDArray,
    labels: NDArray,
    *,
    numbers: Sequence[int] = (0, 2, 8),
    n_times: int = 9,
    n_steps: int = 48,
) -> DescribedFigure:
    """Draw deterministic walks of some digits, where they stand above what they are taken for.

    Parameters
    ----------
    model : DiffusionModel
        Told which digit to draw.
    start : ndarray of shape (n, side · side)
        Pure noise.
    labels : ndarray of shape (n,)
        Which digits.
    numbers : sequence of int
        Which of the samples.
    n_times : int
        At so many times, evenly spread.
    n_steps : int
    """
    numbers = list(numbers)
    path = model.walk(start[numbers], labels[numbers], n_steps=n_steps, eta=0)
    places = np.rint(np.linspace(0, n_steps, n_times)).astype(int)
    times = 1 - places / n_steps
    guesses = [model.denoise(path[k], t, labels[numbers]) for k, t in zip(places, times)]
    rows: dict[str, NDArray] = {}
    for k in range(len(numbers)):
        # No-break spaces tell rows of the same name apart.
        rows["where it stands" + k * "\N{NO-BREAK SPACE}"] = pictures(path[places, k])
        rows["taken for" + k * "\N{NO-BREAK SPACE}"] = pictures([guess[k] for guess in guesses])
    columns = [f"t = {t:.2g}" for t in times]
    return plot_rows(rows, DIGIT_WALK, columns=columns)


def digits_of_gan(recorded: Bunch, labels: ArrayLike) -> NDArray:
    """Digits of lesson 11's GAN.

    Parameters
    ----------
    recorded : Bunch
        What ``load_pretrained("image_gans")`` returns.
    labels : array-like of shape (n,)
        Which digits to draw.

    Returns
    -------
    pictures : ndarray of shape (n, 8, 8)
    """
    vectors = np.random.default_rng(6).normal(size=(len(labels), 16))
    psi = recorded.protocol["psi"]["digits"]
    return pictures(recorded.estimators["digits 20261111"].generate(psi * vectors, labels))


# ----------------------------------------------------------------------------- in one dimension


def plot_guesses(guess: Guess, times: Sequence[float]) -> DescribedFigure:
    """Draw the best guess of x_0 over x_t, one line for each time.

    Parameters
    ----------
    guess : callable
        ``guess(x_t, t)``.
    times : sequence of float
    """
    fig, ax = plt.subplots(figsize=(9, 4))
    x = np.linspace(-2.5, 2.5, 501)
    shades = plt.get_cmap("cividis")(np.linspace(0, 0.85, len(times)))
    for t, shade, style in zip(times, shades, ("-", "--", "-.", ":", (0, (6, 1)))):
        ax.plot(x, guess(x, t), ls=style, color=shade, lw=2.4, label=f"t = {t:g}")
    for value in (-1, 1):
        ax.axhline(value, color=GREY, lw=1)
    ax.set(xlabel="$x_t$", ylabel="best guess of $x_0$", title="From a decision to a hedge")
    ax.legend(loc="lower right")
    return with_alt(
        fig,
        "The best guess of a number that is +1 or −1, over the noised number. At t = 0.1 it jumps "
        "from −1 to +1 at zero; the later the time, the flatter it rises, and at t = 0.95 it "
        "stays near 0 throughout.",
    )


def plot_walks(walks: Mapping[tuple[float, int], NDArray]) -> DescribedFigure:
    """Draw walks of many small steps, and where walks of any number of steps end.

    Parameters
    ----------
    walks : mapping from (eta, n_steps) to ndarray of shape (n_steps + 1, n, 1)
    """
    steps = sorted({n for _, n in walks})
    fig, axes = plt.subplots(1, 3, figsize=(12.5, 4.4), width_ratios=(1, 1, 1.1))
    for ax, eta, title in zip(axes, (0, 1), ("deterministic", "ancestral")):
        path = walks[eta, steps[-1]][:, :24, 0]
        up = path[-1] > 0
        times = np.linspace(1, 0, steps[-1] + 1)
        ax.plot(times, path[:, up], color=ORANGE, lw=1)
        ax.plot(times, path[:, ~up], color=BLUE, lw=1, ls="--")
        ax.set(xlim=(1, 0), ylim=(-3.2, 3.2), xlabel="t", ylabel="$x_t$")
        ax.set_title(f"{title}, {steps[-1]} steps")
    rng = np.random.default_rng(0)
    for row, n in enumerate(steps):
        ends = walks[0, n][-1, :400, 0]
        height = -row + rng.uniform(-0.3, 0.3, size=len(ends))
        axes[2].plot(ends, height, ".", color=BLUE, ms=3, alpha=0.5)
    axes[2].set_yticks(-np.arange(len(steps)), [f"{n}" for n in steps])
    axes[2].set(xlim=(-1.5, 1.5), xlabel="where the walk ends", ylabel="number of steps")
    axes[2].set_title("deterministic, by steps")
    return with_alt(
        fig,
        "Left and middle: walks from noise at t = 1 to t = 0, 24 deterministic ones that never "
        "cross and 24 ancestral ones that jitter and cross; all end at +1 or −1. Right: where "
        "deterministic walks end. With one step all are at 0, with two they are spread between, "
        "with three and five they crowd towards the ends, with ten and fifty they are at ±1.",
    )


# ------------------------------------------------------------------------------------ the ring


def levels(t: ArrayLike) -> tuple[NDArray, NDArray]:
    """Signal and noise level of the cosine schedule, cos(πt/2) and sin(πt/2)."""
    angle = np.pi / 2 * np.asarray(t)
    return np.cos(angle), np.sin(angle)


def least_loss(guess: Guess, X: NDArray, *, n_times: int = 100) -> float:
    """The loss that is left when the guess is exact: the mean of ‖v − E[v | x_t]‖².

    Parameters
    ----------
    guess : callable
        ``guess(x_t, t)``, the exact E[x_0 | x_t].
    X : ndarray of shape (n, n_features)
        The data.
    n_times : int
        So many times, evenly spread over [0, 1], each with all data and noise of its own.
    """
    rng = np.random.default_rng(0)
    losses = []
    for t in (np.arange(n_times) + 0.5) / n_times:
        a, b = levels(t)
        noise = rng.standard_normal(X.shape)
        x_t = a * X + b * noise
        # v = a ε − b x_0, and its guess is (a x_t − x̂_0) / b, for x̂_0 = a x_t − b F.
        missed = (a * noise - b * X) - (a * x_t - guess(x_t, t)) / b
        losses.append(np.mean(np.sum(missed**2, axis=1)))
    return float(np.mean(losses))


def plot_ring_training(
    model: Any, exact: Guess, ring: NDArray, floor: float, times: Sequence[float] = (0.9, 0.6, 0.3)
) -> DescribedFigure:
    """Draw the loss with its floor, and the network's guesses beside the exact ones.

    Parameters
    ----------
    model : DiffusionModel
        Trained on the ring.
    exact : callable
        ``exact(x_t, t)``.
    ring : ndarray of shape (n, 2)
    floor : float
        What `least_loss` returns.
    times : sequence of float
    """
    fig, (left, *right) = plt.subplots(
        1, 1 + len(times), figsize=(13, 3.7), width_ratios=(1.25, *len(times) * (1,))
    )
    left.plot(np.arange(1, len(model.loss_curve_) + 1), model.loss_curve_, color=BLUE, lw=2)
    left.axhline(floor, color="black", ls="--", lw=1.5)
    left.annotate(
        "floor: the exact guess", (len(model.loss_curve_), floor), (0, -16),
        textcoords="offset points", ha="right",
    )  # fmt: skip
    left.set(xlabel="epoch", ylabel="loss", title="It simply goes down", ylim=(0, None))
    rng, off = np.random.default_rng(4), []
    for ax, t in zip(right, times):
        a, b = levels(t)
        x_t = a * ring[:40] + b * rng.standard_normal((40, 2))
        guess, best = model.denoise(x_t, t), exact(x_t, t)
        off.append(np.sqrt(np.mean(np.sum((guess - best) ** 2, axis=1))))
        ax.plot(*np.stack([x_t, guess]).transpose(2, 0, 1), color=GREY, lw=0.7)
        ax.plot(*x_t.T, ".", color=BLUE, ms=4)
        ax.plot(*guess.T, "o", color=ORANGE, ms=5)
        ax.plot(*best.T, "+", color="black", ms=7, mew=1.2)
        ax.set(xlim=(-2.2, 2.2), ylim=(-2.2, 2.2), aspect="equal", title=f"t = {t:g}")
        ax.set(xticks=(-1, 0, 1), yticks=(-1, 0, 1))
    return with_alt(
        fig,
        "Left: the loss over the epochs of training falls and levels off a little above a dashed "
        "line, the floor. Right: noised points, joined to what the network takes them to have "
        "been; the guesses lie near the middle of the ring at t = 0.9, on the way outwards at 0.6 "
        "and in the eight heaps at 0.3. Crosses, the exact guesses, lie on or beside them: "
        + ", ".join(f"{d:.2f} off at t = {t:g}" for d, t in zip(off, times))
        + ".",
    )


def plot_ring_walk(
    path: NDArray, found: Bunch, times: Sequence[float] = (1, 0.75, 0.5, 0.25, 0)
) -> DescribedFigure:
    """Draw all points of a walk at some times, a few of them traced.

    Parameters
    ----------
    path : ndarray of shape (n_steps + 1, n, 2)
    found : Bunch
        What `mode_coverage` says of the last points.
    times : sequence of float
    """
    fig, axes = plt.subplots(1, len(times), figsize=(13, 3.1), sharex=True, sharey=True)
    last = len(path) - 1
    for ax, t in zip(axes, times):
        place = round((1 - t) * last)
        ax.plot(*path[place].T, ".", color=BLUE, ms=1.6, alpha=0.5)
        ax.plot(*path[: place + 1, :4].transpose(2, 0, 1), color=ORANGE, lw=1)
        ax.plot(*path[place, :4].T, "o", color=ORANGE, ms=5)
        _draw_centers(ax)
        ax.set(title=f"t = {t:g}", aspect="equal", xlim=(-2.4, 2.4), ylim=(-2.4, 2.4))
    return with_alt(
        fig,
        f"{path.shape[1]} points on their walk back at t = "
        + ", ".join(f"{t:g}" for t in times)
        + ": a round cloud contracts to a ring and parts into eight heaps; the ways of four points "
        f"are traced. At the end {found.n_covered} of 8 modes are covered, and "
        f"{found.share_on_mode:.0%} of the points lie on one.",
    )


def _draw_centers(ax: Axes) -> None:
    ax.plot(*ring_centers().T, "x", color="black", ms=5, mew=1.2)


def beside_gans(found: Bunch) -> dict[str, tuple[float, float]]:
    """Modes covered and share on a mode, of the diffusion model and of GANs of lesson 05.

    Parameters
    ----------
    found : Bunch
        What `mode_coverage` says of the diffusion model's samples.

    Returns
    -------
    dict from str to (modes, share)
        Of the recorded GANs the median over ten seeds.
    """
    rows = {"diffusion, just now": (found.n_covered, found.share_on_mode)}
    runs = load_ring_runs()
    for setting in ("non-saturating", "R1 + R2", "collapse"):
        run = runs[setting]
        rows[f"GAN, {setting}"] = np.median(run.modes_covered), np.median(run.share_on_mode)
    return rows


# ---------------------------------------------------------------------------- several seeds


def over_seeds(recorded: Bunch, kind: str = "digits") -> dict[str, tuple[float, float]]:
    """Least and most of some measures over the seeds that were recorded.

    Parameters
    ----------
    recorded : Bunch
        What ``load_pretrained("diffusion")`` or ``load_pretrained("image_gans")`` returns.
    kind : str
        Which of its models.

    Returns
    -------
    dict from str to (least, most)
    """
    measures = recorded.protocol["measures"]
    measures = measures[kind] if isinstance(measures, Mapping) else measures
    found = dict(zip(measures, np.asarray(recorded.scores[kind], dtype=float).T))
    shown = ("precision", "recall", "coverage", "c2st_forest", "classifier_score", "copy_ratio")
    return {name: (found[name].min(), found[name].max()) for name in shown if name in found}


def in_words(ranges: Mapping[str, tuple[float, float]]) -> str:
    """Ranges as one line: ``recall 0.90–0.93, …``."""
    return ", ".join(f"{name} {low:.2f}–{high:.2f}" for name, (low, high) in ranges.items())
