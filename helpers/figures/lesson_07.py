"""The larger figures of lesson 07, the nine-term loss; each comes with its description."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle
from numpy.typing import ArrayLike
from scipy.stats import beta

from helpers.figures.pictures import plot_rows
from helpers.plots import (
    BLUE,
    DARK_GREEN,
    DARK_ORANGE,
    GREEN,
    ORANGE,
    DescribedFigure,
    plot_numbers,
    with_alt,
)
from helpers.transposed import design_matrix, kernel_gradient, nine_residuals, nine_term_loss

_C_NAMES = [["c1", "c2"], ["c3", "c4"]]
_P_NAMES = [["p1", "p2"], ["p3", "p4"]]
_R_NAMES = [["r1", "r2", "r3"], ["r4", "r5", "r6"], ["r7", "r8", "r9"]]


def _written(values: ArrayLike) -> str:
    """The numbers of a small array, row by row, for a description."""
    return ", ".join(f"{value:.3g}" for value in np.ravel(values) + 0.0)


def plot_training_state(kernel: ArrayLike, image: ArrayLike, target: ArrayLike) -> DescribedFigure:
    """Draw everything that one descent step looks at, as coloured cells with numbers.

    Parameters
    ----------
    kernel, image : array-like of shape (2, 2)
    target : array-like of shape (3, 3)

    Returns
    -------
    DescribedFigure
        Two rows: image, kernel, prediction, target; minus the gradient, residuals, squares.
    """
    residuals = nine_residuals(kernel, [image], [target]).reshape(3, 3)
    downhill = -kernel_gradient(kernel, [image], [target])
    squares = residuals**2
    panels = [
        ("image p", image, None),
        ("kernel c", kernel, None),
        ("prediction", np.asarray(target) - residuals, None),
        ("target q", target, None),
        ("−dL/dc: the way down", downhill, _C_NAMES),
        ("residuals r = q − prediction", residuals, _R_NAMES),
        (f"squares, L = {squares.sum():.2f}", squares, None),
    ]
    fig = plt.figure(figsize=(12, 7))
    grid = fig.add_gridspec(2, 12)
    places = [grid[0, 3 * i : 3 * i + 3] for i in range(4)]
    places += [grid[1, 4 * i : 4 * i + 4] for i in range(3)]
    for place, (title, values, names) in zip(places, panels):
        ax = fig.add_subplot(place)
        plot_numbers(values, ax, names=names, title=title, decimals=1)
    return with_alt(
        fig,
        f"Seven panels of numbers. Upper row: image, kernel {_written(kernel)}, prediction and "
        f"target. Lower row: minus the gradient, {_written(downhill)}; the nine residuals, "
        f"{_written(residuals)}; and their squares, which add up to L = {squares.sum():.3g}.",
    )


def plot_windows() -> DescribedFigure:
    """Draw, for each kernel entry, the four residuals that it touches and their pixels.

    Returns
    -------
    DescribedFigure
        Four 3×3 grids; the window of each kernel entry is filled and its products written in.
    """
    fig, axes = plt.subplots(1, 4, figsize=(13, 3.7))
    for ax, (row, column) in zip(axes, np.ndindex(2, 2)):
        ax.add_patch(Rectangle((column, row), 2, 2, color="#E69F00", alpha=0.45))
        for i, j in np.ndindex(3, 3):
            ax.add_patch(Rectangle((j, i), 1, 1, fill=False, edgecolor="black"))
            inside = row <= i < row + 2 and column <= j < column + 2
            text = _R_NAMES[i][j]
            if inside:
                text += f" · {_P_NAMES[i - row][j - column]}"
            weight, colour = ("bold", "black") if inside else ("normal", "#767676")
            ax.text(j + 0.5, i + 0.5, text, ha="center", va="center", weight=weight, color=colour)
        ax.set(xlim=(-0.05, 3.05), ylim=(3.05, -0.05), aspect="equal")
        ax.set_title(f"dL/d{_C_NAMES[row][column]} = −2 × the sum of")
        ax.axis("off")
    return with_alt(
        fig,
        "Four copies of the 3×3 grid of residuals, one for each kernel entry, with a window of "
        "four cells marked: for c1 at the upper left, c2 upper right, c3 lower left, c4 lower "
        "right. Inside each window the residuals are multiplied by p1, p2, p3, p4 in this order.",
    )


def plot_step_limit(
    losses: Mapping[float, ArrayLike], *, best: float, valley: tuple[float, float]
) -> DescribedFigure:
    """Draw descent below and beyond the largest stable step: its path, and its loss.

    Parameters
    ----------
    losses : mapping
        For each step size, as a share of 2/λmax, the loss after 0, 1, 2 … steps.
    best : float
        The smallest loss there is.
    valley : pair of float
        The smallest and the largest curvature of the valley in which the paths are drawn.

    Returns
    -------
    DescribedFigure
        Above, paths in the plane of the flattest and the steepest direction; below, the loss
        above its minimum on a logarithmic scale.
    """
    fig = plt.figure(figsize=(8.4, 5.6))
    grid = fig.add_gridspec(2, 3, height_ratios=[1, 1.25])
    for column, share in enumerate((0.4, 0.9, 1.1)):
        _plot_path(fig.add_subplot(grid[0, column]), np.array(valley), share)
    fig.axes[0].set_ylabel("steepest direction", fontsize=12)
    fig.axes[1].set_xlabel("flattest direction", fontsize=12)
    ax = fig.add_subplot(grid[1, :])
    floor = 1e-6
    for share, run in losses.items():
        gap = np.asarray(run) - best
        visible = gap[: np.argmax(gap < floor)] if np.any(gap < floor) else gap
        ax.semilogy(visible, "--" if share > 1 else "-")
        end = (len(visible) - 0.6, visible[-1])
        ax.text(*end, f"{share:g}", va="center")
    ax.set(
        title="Loss above its minimum, for steps of … × 2/λmax",
        xlabel="descent steps taken",
        ylabel="loss − least",
    )
    ax.grid(False)
    return with_alt(
        fig,
        "Above, three paths of descent in a valley: at 0.4 of the limit the path curves into the "
        "minimum, at 0.9 it zigzags across the valley and closes in, at 1.1 the zigzag grows and "
        "leaves the picture. Below, the loss above its minimum on a logarithmic scale: steps "
        "below the limit fall along straight lines, 0.5 the fastest; at the limit the loss stays "
        "level; beyond it, it rises along straight lines.",
    )


def _plot_path(ax: Axes, curvatures: np.ndarray, share: float) -> None:
    """Descend from (1.3, 0.5) in a bowl with these two curvatures."""
    x, y = np.linspace(-1.5, 1.5, 61), np.linspace(-1, 1, 41)
    bowl = 0.5 * (curvatures[0] * x[None, :] ** 2 + curvatures[1] * y[:, None] ** 2)
    ax.contour(x, y, bowl, levels=[1, 4], colors="#999999", linewidths=1)
    factors = 1 - share * 2 / curvatures[1] * curvatures
    path = np.array([1.3, 0.5]) * factors ** np.arange(10)[:, None]
    ax.plot(*path.T, "o-", color=ORANGE, markersize=4, linewidth=1.5)
    ax.plot(0, 0, "*", color=BLUE, markersize=13)
    ax.set(xlim=(-1.5, 1.5), ylim=(-1, 1), xticks=[], yticks=[])
    ax.set_title(f"{share:g} × 2/λmax", fontsize=12)


def plot_steps_needed(kappa: ArrayLike, steps: ArrayLike) -> DescribedFigure:
    """Draw the number of descent steps against the condition number, with its bound.

    Parameters
    ----------
    kappa, steps : array-like of shape (n,)
        Condition numbers, and steps of size 1/λmax until a millionth of the excess loss is left.

    Returns
    -------
    DescribedFigure
    """
    fig, ax = plt.subplots(figsize=(8, 4.2))
    ax.plot(kappa, steps, ".", alpha=0.3, markersize=4, label="random images")
    line = np.linspace(1.2, 9, 100)
    bound = -3 * np.log(10) / np.log(1 - 1 / line)
    ax.plot(line, bound, label="bound by the flattest direction")
    ax.set(xlabel="condition number κ", ylabel="steps to a millionth")
    ax.set_title("Steps of size 1/λmax: the more, the larger κ")
    ax.legend()
    return with_alt(
        fig,
        "Steps needed to bring the excess loss to a millionth, against the condition number: the "
        "points lie on and below a bound that rises nearly in a straight line, to about 60 "
        "steps at condition number 9.",
    )


def plot_left_over(left: ArrayLike) -> DescribedFigure:
    """Draw how much of a random target the best kernel leaves over, as a histogram.

    Parameters
    ----------
    left : array-like of shape (n,)
        Shares between 0 and 1.

    Returns
    -------
    DescribedFigure
    """
    fig, ax = plt.subplots(figsize=(8, 3.8))
    ax.hist(left, bins=40, density=True, color="#56B4E9", label=f"{len(left)} random pairs")
    line = np.linspace(0, 1, 200)
    ax.plot(line, beta(5 / 2, 4 / 2).pdf(line), color=ORANGE, label="Beta(5/2, 4/2)")
    ax.axvline(5 / 9, color="black", linestyle="--", label="mean 5/9")
    ax.set(title="What the best kernel leaves over", xlabel="share of ‖q‖² left", ylabel="density")
    ax.legend(loc="upper left")
    return with_alt(
        fig,
        "Histogram of the share of the target left over by the best kernel: a broad hump between "
        "0 and 1 with its mean at 5/9, matched by the density of the Beta distribution with "
        "parameters 5/2 and 4/2.",
    )


def plot_landscape(kernel: ArrayLike, image: ArrayLike, target: ArrayLike) -> DescribedFigure:
    """Draw the loss through a solution (c, p): across to its mirror image, and along its scale.

    Parameters
    ----------
    kernel, image : array-like of shape (2, 2)
    target : array-like of shape (3, 3)

    Returns
    -------
    DescribedFigure
    """
    kernel, image = np.asarray(kernel), np.asarray(image)
    s, t = np.linspace(-1.2, 1.2, 97), np.logspace(-1, 1, 41)
    hill = [nine_term_loss(k * kernel, [k * image], [target]) for k in s]
    level = [nine_term_loss(k * kernel, [image / k], [target]) for k in t]
    fig, axes = plt.subplots(1, 2, figsize=(11, 4), sharey=True)
    axes[0].plot(s, hill)
    axes[0].set(title="from (−c, −p) to (c, p): a hill", xlabel="s, at (s·c, s·p)")
    axes[0].set(ylabel="loss L", ylim=(0, 1.1 * np.sum(np.square(target))))
    axes[1].semilogx(t, level)
    axes[1].set(title="from one scale to another: level", xlabel="t, at (t·c, p/t)")
    return with_alt(
        fig,
        "Left: along the line from minus the solution to the solution, the loss has minima near "
        f"both ends and between them a hill of height {np.sum(np.square(target)):.3g}. Right: as "
        "the kernel is multiplied and the image divided by t, the loss stays level at "
        f"{np.mean(level):.2f}.",
    )


def plot_matrices(matrices: Mapping[str, ArrayLike]) -> DescribedFigure:
    """Draw 9×4 matrices side by side, with their numbers.

    Parameters
    ----------
    matrices : mapping
        Title and array of shape (9, 4) of each.

    Returns
    -------
    DescribedFigure
    """
    fig, axes = plt.subplots(1, len(matrices), figsize=(11, 5.6))
    for ax, (title, matrix) in zip(axes, matrices.items()):
        plot_numbers(matrix, ax, limit=4, decimals=1, title=title)
    return with_alt(
        fig,
        "Three 9×4 matrices. From three pairs the dense layer finds 36 numbers without a pattern; "
        "from four pairs exactly the kernel's matrix, in which 1, 2, 3 and 4 stand four times "
        "each, once in every column, and everything else is zero.",
    )


def plot_comparison(
    errors: Mapping[int, ArrayLike], kinds: Sequence[str], models: Sequence[str]
) -> DescribedFigure:
    """Draw training and held-out errors of several models on several kinds of target.

    Parameters
    ----------
    errors : mapping
        For each number of training pairs an array of shape (n_seeds, n_kinds, n_models, 2):
        the error on the training pairs and on held-out ones.
    kinds, models : sequence of str
        What the axes of these arrays stand for.

    Returns
    -------
    DescribedFigure
        One row for each number of training pairs, one panel for each kind. Bars are means over
        the seeds (the held-out ones are written above them), dots are single seeds.
    """
    fig, axes = plt.subplots(
        len(errors), len(kinds), figsize=(11, 6), sharex=True, sharey=True, squeeze=False
    )
    for row, (n_pairs, values) in zip(axes, errors.items()):
        for ax, of_kind in zip(row, np.moveaxis(np.asarray(values), 1, 0)):
            _plot_errors(ax, of_kind)
        row[0].set_ylabel(f"{n_pairs} pairs: share of ‖q‖² left", fontsize=12)
    for ax, kind in zip(axes[0], kinds):
        ax.set_title(kind, fontsize=12)
    axes[-1, 0].set_xticks(np.arange(len(models)), models)
    axes[0, 0].legend(loc="upper left", fontsize=11)
    return with_alt(
        fig,
        "Bars of training and held-out error, with 40 pairs above and 400 below. On the kernel's "
        "targets all three models come close to the noise, the kernel best on held-out pairs; on "
        "those of a dense map the kernel fails and the dense layer is best; on patterns chosen "
        "by the image the dense layer is best with 40 pairs and the hidden layer with 400; on "
        "patterns drawn at random the hidden layer has the smallest training error and, with 40 "
        "pairs, by far the largest held-out error.",
    )


def _plot_errors(ax: Axes, errors: np.ndarray, ceiling: float = 2.0) -> None:
    """Draw one panel of `plot_comparison`; errors has shape (n_seeds, n_models, 2)."""
    places = np.arange(errors.shape[1])
    looks = [("training", -0.2, "white"), ("held out", 0.2, ORANGE)]
    for part, (label, shift, colour) in enumerate(looks):
        heights = errors[:, :, part].mean(axis=0)
        ax.bar(places + shift, heights, 0.36, label=label, color=colour, edgecolor=ORANGE)
        dots = np.broadcast_to(places + shift, errors.shape[:2])
        ax.plot(dots.ravel(), errors[:, :, part].ravel(), "k.", markersize=3)
    for place, of_model in zip(places, errors[:, :, 1].T):
        height = min(of_model.max(), ceiling - 0.25) + 0.05
        ax.text(place + 0.2, height, f"{of_model.mean():.2f}", ha="center", fontsize=10)
    ax.axhline(1, color="black", linewidth=1, linestyle=":")
    ax.set_ylim(0, ceiling)
    ax.grid(False)


def plot_memory(
    images: ArrayLike, targets: ArrayLike, inputs: Mapping[str, ArrayLike]
) -> DescribedFigure:
    """Draw how much of n random targets three models leave over, for growing n.

    Parameters
    ----------
    images : array-like of shape (n_pairs, 2, 2)
    targets : array-like of shape (n_pairs, 3, 3)
    inputs : mapping
        Label and array X, of shape (n_pairs, k), of each model that is linear in X.

    Returns
    -------
    DescribedFigure
        Dots: what least squares leaves over of the first n pairs. Lines: 1 − k/n, and for the
        kernel 1 − 4/9n.
    """
    images, q = np.asarray(images), np.reshape(targets, (len(images), 9))
    n = np.arange(1, len(images) + 1)
    fig, ax = plt.subplots(figsize=(8.5, 4.4))
    measured = [_left_over(design_matrix(images[:m]), q[:m].reshape(-1, 1)) for m in n]
    curves = {"kernel": (measured, 1 - 4 / (9 * n))}
    for label, X in inputs.items():
        measured = [_left_over(X[:m], q[:m]) for m in n]
        curves[label] = (measured, np.maximum(0, 1 - np.shape(X)[1] / n))
    looks = [(BLUE, BLUE), (ORANGE, DARK_ORANGE), (GREEN, DARK_GREEN)]
    for (label, (measured, formula)), (colour, ink) in zip(curves.items(), looks):
        ax.plot(n, measured, ".", color=colour)
        ax.plot(n, formula, color=colour, linewidth=1)
        ax.text(n[-1] + 1, formula[-1], label, color=ink, va="center")
    ax.set(title="Memory of random pairs", xlabel="pairs n", ylabel="share of ‖q‖² left")
    return with_alt(
        fig,
        "Share left over against the number of random pairs, dots scattered about lines. The "
        "kernel's line starts at 5/9 and soon nears 1; the dense layer's is at zero up to 5 pairs, "
        "then rises as 1 − 5/n; that of 32 fixed hidden values stays at zero up to 33 pairs and "
        "then rises as 1 − 33/n.",
    )


def _left_over(X: np.ndarray, q: np.ndarray) -> float:
    """The share of ‖q‖² that least squares on X leaves over."""
    weights, *_ = np.linalg.lstsq(X, q, rcond=None)
    return float(np.sum((q - X @ weights) ** 2) / np.sum(q**2))


def plot_six_pictures(rows: Mapping[str, ArrayLike], names: Sequence[str]) -> DescribedFigure:
    """Draw rows of small pictures in one grey scale, each row with its label.

    Parameters
    ----------
    rows : mapping
        Label and array of shape (n, 3, 3) or (n, 9) of each row; −0.2 is black and 1.2 white.
    names : sequence of str
        Titles of the pictures in the first row.

    Returns
    -------
    DescribedFigure
    """
    return plot_rows(
        {label: np.reshape(pictures, (-1, 3, 3)) for label, pictures in rows.items()},
        "Rows of six small pictures: the targets; the kernel's attempts, nearly uniform; the "
        "dense layer's, nearly right; the hidden layer's, exact; and what the hidden layer makes "
        "of six fresh random vectors: mixtures of the six pictures.",
        columns=names,
        vmin=-0.2,
        vmax=1.2,
    )
