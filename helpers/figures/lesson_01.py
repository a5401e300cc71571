"""Figures of lesson 01: likelihood, joint and posterior, boundaries, learning curves, draws."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from numpy.typing import ArrayLike
from scipy.special import expit
from scipy.stats import multivariate_normal, norm

from helpers.figures.radar import PULSES
from helpers.plots import BLUE, DARK_GREEN, GREEN, GREY, ORANGE, SIGNS, DescribedFigure, with_alt

STYLES = {
    "naive Bayes": (BLUE, "o-"),
    "linear discriminant": ("#56B4E9", "v-"),
    "Gaussian per class": (DARK_GREEN, "^-"),
    "mixture of 3": (GREEN, "D-"),
    "logistic regression": (ORANGE, "s--"),
    "support vectors": ("#B07800", "X--"),
}
"""Colour, marker and line of each classifier: solid where generative, broken where not."""


# ------------------------------------------------------------------------- maximum likelihood


def plot_likelihood(
    x: ArrayLike, variances: ArrayLike, log_likelihoods: ArrayLike, marked: Mapping[str, float]
) -> DescribedFigure:
    """Draw readings under Gaussians of three variances, and the log-likelihood over the variance.

    Parameters
    ----------
    x : array-like of shape (n,)
    variances, log_likelihoods : array-like of shape (k,)
    marked : mapping from a label to a variance
    """
    mean = np.mean(x)
    fig, (left, right) = plt.subplots(1, 2, figsize=(10, 3.8))
    grid = np.linspace(-4, 10, 300)
    styles = zip(marked.items(), (BLUE, ORANGE, DARK_GREEN), ("--", "-", ":"))
    for (label, variance), colour, style in styles:
        spread = np.sqrt(variance)
        left.plot(grid, norm.pdf(grid, mean, spread), style, color=colour, label=label)
        left.plot(x, norm.pdf(x, mean, spread), "o", color=colour, ms=6)
        height = norm.logpdf(x, mean, spread).sum()
        right.plot(variance, height, "o", color=colour, ms=9, label=label)
    right.plot(variances, log_likelihoods, color="black", zorder=1)
    left.plot(x, np.zeros(len(x)), "k|", ms=18, mew=2.5)
    left.set(xlabel="x", ylabel="density", title="Three readings, three Gaussians")
    right.set(xlabel="variance", ylabel="log-likelihood", title="Which makes them most probable?")
    right.set_ylim(min(log_likelihoods[-1], -9) - 0.3, max(log_likelihoods) + 0.3)
    left.legend(loc="upper left", fontsize=11)
    right.legend(loc="lower center")
    return with_alt(
        fig,
        "Left: three readings at 1, 2 and 6 with Gaussians of three variances around their mean 3; "
        "the narrowest is high in the middle and nearly zero at 6. Right: the log-likelihood rises "
        "steeply with the variance, has its maximum at 14/3 and falls slowly after it.",
    )


# --------------------------------------------------------------------- from joint to posterior


def plot_joint_and_posterior(cases: Mapping[str, Sequence[float]]) -> DescribedFigure:
    """Draw two one-dimensional Gaussians times their priors, and the posterior beneath.

    Parameters
    ----------
    cases : mapping from a title to (mean +1, spread +1, mean −1, spread −1, prior of +1)
    """
    x = np.linspace(-6, 6, 500)
    fig, axes = plt.subplots(
        2, len(cases), figsize=(10, 5), sharex=True, sharey="row", height_ratios=(1.2, 1)
    )
    for (above, below), (title, case) in zip(axes.T, cases.items()):
        mean_plus, spread_plus, mean_minus, spread_minus, prior = case
        plus = prior * norm.pdf(x, mean_plus, spread_plus)
        minus = (1 - prior) * norm.pdf(x, mean_minus, spread_minus)
        above.plot(x, plus, color=ORANGE, label="P(x, +1)")
        above.plot(x, minus, "--", color=BLUE, label="P(x, −1)")
        below.plot(x, plus / (plus + minus), color="black", label="P(+1|x)")
        below.axhline(0.5, color=GREY, ls=":")
        for crossing in x[1:][np.diff(plus > minus)]:
            for ax in (above, below):
                ax.axvline(crossing, color=DARK_GREEN, lw=1.5)
        above.set_title(title)
        below.set_xlabel("x")
    axes[0, 0].set_ylabel("joint density")
    axes[1, 0].set_ylabel("posterior")
    axes[0, 0].legend()
    axes[1, 0].legend(loc="upper left")
    return with_alt(
        fig,
        "Two columns, joint densities above and the posterior P(+1|x) below. With equal spreads "
        "the joint densities cross once and the posterior is an S-shaped curve from 0 to 1. With "
        "class −1 spread out wider they cross twice: the posterior is above ½ between the "
        "crossings, at most about 0.8, and falls to 0 on both sides.",
    )


def plot_two_gaussians(classes, prior_plus: float, X, y, line) -> DescribedFigure:
    """Draw what the live picture shows: joint densities, posterior, the sample, two boundaries.

    Parameters
    ----------
    classes : label, mean of shape (2,) and covariance of shape (2, 2), for +1 and for −1
    prior_plus : float
    X, y : arrays of shape (n, 2) and (n,)
        The sample, with labels ±1.
    line : weights of shape (2,) and bias
        Of logistic regression.
    """
    grid = np.stack(np.meshgrid(np.linspace(-6, 6, 121), np.linspace(-4.5, 4.5, 91)), axis=-1)
    priors = (prior_plus, 1 - prior_plus)
    plus, minus = (
        np.log(p) + multivariate_normal(mean, covariance).logpdf(grid)
        for p, (_, mean, covariance) in zip(priors, classes)
    )
    fig, (left, right) = plt.subplots(1, 2, figsize=(10, 4.2), sharey=True)
    for joint, colour, style in ((plus, ORANGE, "solid"), (minus, BLUE, "dashed")):
        levels = np.exp(joint.max()) * np.array([0.02, 0.1, 0.3, 0.6, 0.9])
        left.contour(*np.moveaxis(grid, -1, 0), np.exp(joint), levels, colors=colour,
                     linestyles=style, linewidths=1.3)  # fmt: skip
    extent = (-6, 6, -4.5, 4.5)
    image = right.imshow(expit(plus - minus), extent=extent, origin="lower", cmap=SIGNS, alpha=0.7,
                         vmin=0, vmax=1)  # fmt: skip
    fig.colorbar(image, ax=right, shrink=0.8)
    for ax, title in ((left, "P(x, +1) and P(x, −1)"), (right, "P(+1|x)")):
        ax.plot(*X[y == 1].T, "+", color="#5A2600", ms=6, mew=1.4)
        ax.plot(*X[y == -1].T, "_", color="#00233D", ms=6, mew=1.4)
        ax.contour(*np.moveaxis(grid, -1, 0), plus - minus, [0], colors="black", linewidths=2.6)
        draw_line(ax, *line, color=DARK_GREEN, ls="--", lw=2.6)
        ax.set(xlim=(-6, 6), ylim=(-4.5, 4.5), xlabel="$x_1$", title=title, aspect="equal")
        ax.grid(False)
    left.set_ylabel("$x_2$")
    styles = {"color": "black"}, {"color": DARK_GREEN, "ls": "--"}
    handles = [Line2D([], [], lw=2.6, **style) for style in styles]
    fig.legend(handles, ["generative", "discriminative"], loc="outside lower center", ncols=2)
    return with_alt(
        fig,
        "The live picture's first state. Left: contour lines of two equally shaped Gaussians, "
        "class +1 upper right, class −1 lower left, with drawn rows. Right: the posterior, blue "
        "below and orange above a straight border. The Gaussians' boundary and logistic "
        "regression's dashed line nearly coincide.",
    )


def draw_line(ax: Axes, w: ArrayLike, b: float, **style) -> None:
    """Draw the line w·x + b = 0 across an axes."""
    w = np.asarray(w)
    foot, along = -b * w / (w @ w), np.array([-w[1], w[0]])
    ax.axline(foot, foot + along, **style)


def plot_far_rows(near, everything, lines) -> DescribedFigure:
    """Draw two lines fitted to a sample, before and after rows far out have joined it.

    Parameters
    ----------
    near, everything : (X, y)
        Samples with labels ±1.
    lines : two mappings from a name to (w, b)
        Fitted to the first sample, and to the second.
    """
    fig, axes = plt.subplots(1, 2, figsize=(10, 3.9), sharey=True)
    titles = ("200 rows", "and 40 more of class +1, far out")
    for ax, (X, y), fits, title in zip(axes, (near, everything), lines, titles):
        ax.plot(*X[y == 1].T, "+", color=ORANGE, ms=7, label="class +1")
        ax.plot(*X[y == -1].T, "_", color=BLUE, ms=7, label="class −1")
        for (name, line), colour, style in zip(fits.items(), ("black", DARK_GREEN), ("-", "--")):
            draw_line(ax, *line, color=colour, ls=style, label=name)
        ax.set(xlim=(-4.5, 10), ylim=(-8, 4), xlabel="$x_1$", title=title)
    axes[0].set_ylabel("$x_2$")
    axes[0].legend(loc="lower right")
    return with_alt(
        fig,
        "Two scatter plots. Left: two clouds side by side, separated by two nearly equal vertical "
        "lines. Right: a third cloud of class +1 far to the lower right has tilted the linear "
        "discriminant's line so that it cuts through both clouds; logistic regression's line "
        "stands as before.",
    )


# ------------------------------------------------------------------------------ learning curves


def plot_pair(sizes: Sequence[int], scores: Mapping[str, ArrayLike]) -> DescribedFigure:
    """Draw two learning curves with a band of one standard deviation, and their difference.

    Parameters
    ----------
    sizes : numbers of training rows
    scores : mapping from a name to array-like of shape (n_splits, n_sizes), two of them
    """
    fig, (left, right) = plt.subplots(1, 2, figsize=(10, 4.2))
    for name, runs in scores.items():
        _draw_curve(left, sizes, runs, name, band=True)
    (one, first), (other, second) = scores.items()
    gap = 100 * (np.asarray(first) - np.asarray(second))
    error = gap.std(axis=0, ddof=1) / np.sqrt(len(gap))
    right.axhline(0, color="black", lw=1.2)
    right.errorbar(sizes, gap.mean(axis=0), 2 * error, color=GREY, fmt="o-", capsize=5)
    _set_sizes((left, right), sizes)
    left.set(ylabel="accuracy on 117 held-out rows", title="Mean and spread over the splits")
    right.set(ylabel="percentage points", title=f"{one} minus {other}")
    left.legend(loc="lower right")
    return with_alt(
        fig,
        f"Left: accuracy over the number of training rows, {one} and {other}, both rising, with "
        "wide overlapping bands of one standard deviation. Right: the mean difference with bars of "
        "two standard errors; it is some points above zero at 10 and 20 rows, about zero at 40 and "
        "80, and below zero at 234.",
    )


def plot_learning_curves(sizes: Sequence[int], scores: Mapping[str, ArrayLike]) -> DescribedFigure:
    """Draw the mean learning curves of all classifiers, labelled at their right ends.

    Parameters
    ----------
    sizes : numbers of training rows
    scores : mapping from a name to array-like of shape (n_splits, n_sizes)
    """
    fig, ax = plt.subplots(figsize=(9, 4.8))
    for name, runs in scores.items():
        _draw_curve(ax, sizes, runs, name, band=False)
    _set_sizes((ax,), sizes)
    ax.set(ylabel="accuracy on held-out rows", title="Generative solid, discriminative broken")
    ax.legend(ncols=2, loc="lower right")
    last = "; ".join(f"{n} {np.mean(r, axis=0)[-1]:.2f}" for n, r in scores.items())
    return with_alt(
        fig,
        "Mean accuracy over the number of training rows for six classifiers. At the left all lie "
        "close together. The mixture and the Gaussian per class are the two lowest at 20 and 40 "
        "rows, pass the straight-line models between 40 and 80, and come up to the support "
        f"vectors by 160. At 234 rows: {last}.",
    )


def _draw_curve(ax: Axes, sizes, runs, name: str, band: bool) -> None:
    colour, style = STYLES[name]
    mean, spread = np.mean(runs, axis=0), np.std(runs, axis=0, ddof=1)
    ax.plot(sizes, mean, style, color=colour, label=name)
    if band:
        ax.fill_between(sizes, mean - spread, mean + spread, color=colour, alpha=0.15, lw=0)


def _set_sizes(axes: Sequence[Axes], sizes: Sequence[int]) -> None:
    for ax in axes:
        ax.set(xscale="log", xlabel="training rows")
        ax.set_xticks(sizes, [str(n) for n in sizes])
        ax.minorticks_off()


# ------------------------------------------------------------------------------- drawn returns


def plot_drawn(columns: Mapping[str, ArrayLike]) -> DescribedFigure:
    """Draw good returns, real ones and such as models have drawn, one row of plots for each.

    Parameters
    ----------
    columns : mapping from a title to array-like of shape (n_rows, 33)
        Radar returns without the constant column `a02`.
    """
    n_rows = len(next(iter(columns.values())))
    fig, axes = plt.subplots(
        n_rows, len(columns), figsize=(10, 1.75 * n_rows), sharex=True, sharey=True
    )
    for column, (title, rows) in zip(axes.T, columns.items()):
        for ax, row in zip(column, np.insert(np.asarray(rows), 1, 0.0, axis=1)):
            ax.axhspan(-1, 1, color="#EEEEEE", zorder=0)
            ax.plot(PULSES, row[::2], "o-", color=BLUE, ms=3.5, lw=1.5, label="real part")
            ax.plot(PULSES, row[1::2], "s--", color=ORANGE, ms=3, lw=1.3, label="imaginary part")
        column[0].set_title(title)
        column[-1].set_xlabel("pulse")
    axes[0, 0].set(ylim=(-1.9, 1.9), xticks=[1, 5, 9, 13, 17])
    fig.legend(*axes[0, 0].get_legend_handles_labels(), loc="outside upper center", ncols=2)
    return with_alt(
        fig,
        f"Good radar returns over 17 pulses, {n_rows} of each kind: {', '.join(columns)}. The real "
        "ones are smooth waves within −1 and 1. Those drawn by naive Bayes zigzag from pulse to "
        "pulse. Those drawn by the full Gaussian and by the mixture follow smoother courses, still "
        "rougher than real ones, and some leave the range.",
    )
