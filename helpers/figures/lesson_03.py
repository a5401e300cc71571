"""Figures of lesson 03: draws in code spaces, holes, balls around neighbours, the table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import matplotlib.pyplot as plt
import numpy as np
from numpy.typing import ArrayLike
from scipy.spatial.distance import cdist

from helpers.datasets import RING_MAP
from helpers.figures.radar import draw_beside_real, radar_parts
from helpers.plots import BLUE, GREEN, GREY, ORANGE, DescribedFigure, with_alt

WAYS = {
    "normal": "N(0, I)",
    "uniform": "uniform",
    "gaussian": "one Gaussian",
    "mixture": "mixture",
}
"""What the four ways to draw h are called in the figures."""

_MARKERS = dict(zip(WAYS, "osD^"))


# ---------------------------------------------------------------------------- the ring


def plot_ring_samples(
    codes: ArrayLike, h: ArrayLike, points: ArrayLike, fake: ArrayLike, on_ring: ArrayLike
) -> DescribedFigure:
    """Draw codes and draws in the hidden space, and what they decode to in the ring's plane.

    Parameters
    ----------
    codes, h : array-like of shape (n, 2)
        Hidden vectors of the ring's points, and those that were drawn.
    points, fake : array-like of shape (n, 4)
        The ring's points and the decoded ones.
    on_ring : array-like of bool
        Which of the decoded points lie on the ring.
    """
    on_ring = np.asarray(on_ring)
    clouds = (codes, h), (np.asarray(points) @ RING_MAP.T, np.asarray(fake) @ RING_MAP.T)
    fig, axes = plt.subplots(1, 2, figsize=(10, 4.8))
    for ax, (real, made) in zip(axes, clouds):
        made = np.asarray(made)
        ax.plot(*np.asarray(real).T, "o", color=GREY, ms=3, label="real")
        ax.plot(*made[on_ring].T, "^", color=GREEN, ms=5, label="drawn, on the ring")
        ax.plot(*made[~on_ring].T, "x", color=ORANGE, ms=5, mew=1.3, label="drawn, off the ring")
        ax.set_aspect("equal")
    axes[0].set(xlabel="$h_1$", ylabel="$h_2$", title="Hidden space")
    axes[1].set(xlabel="first direction", ylabel="second direction", title="Decoded")
    fig.legend(*axes[0].get_legend_handles_labels(), loc="outside lower center", ncols=3)
    return with_alt(
        fig,
        "Left: the codes of the ring form a closed curve in the hidden space; the draws fill the "
        "rectangle around it. Right: decoded, the draws fill a parallelogram around the ring. "
        "About a third of them lie on the ring, the others inside it or at the corners.",
    )


# ------------------------------------------------------------- code spaces of radar returns


def plot_draws(codes: ArrayLike, draws: Mapping[str, ArrayLike]) -> DescribedFigure:
    """Draw, for each way, the draws over the codes in a hidden space of two numbers.

    Parameters
    ----------
    codes : array-like of shape (n, 2)
    draws : mapping from the name of a way to array-like of shape (n, 2)
    """
    fig, axes = plt.subplots(1, len(draws), figsize=(12, 3.9), sharex=True, sharey=True)
    for ax, (way, h) in zip(axes, draws.items()):
        ax.plot(*np.asarray(codes).T, "o", color=GREY, ms=4, label="codes")
        ax.plot(*np.asarray(h).T, "x", color=ORANGE, ms=4, mew=1.2, label="draws")
        ax.set(title=WAYS[way], xlabel="$h_1$")
    axes[0].set_ylabel("$h_2$")
    fig.legend(*axes[0].get_legend_handles_labels(), loc="outside lower center", ncols=2)
    return with_alt(
        fig,
        "Four pictures of one hidden space of two numbers. The codes form crowds, arcs and "
        "stragglers, with wide gaps between. Draws from N(0, I) sit in a small disc; uniform draws "
        "fill the whole rectangle, gaps included; those of one Gaussian fill a large ellipse; "
        "those of the mixture follow the codes.",
    )


def plot_points_decoded(
    codes: ArrayLike, rows: ArrayLike, h: ArrayLike, decoded: ArrayLike
) -> DescribedFigure:
    """Draw points of a hidden space, and what each decodes to beside the nearest real row.

    Parameters
    ----------
    codes : array-like of shape (n, 2)
    rows : array-like of shape (n, 34)
        Real rows of the scoreboard's table, the label last.
    h : array-like of shape (m, 2)
    decoded : array-like of shape (m, 34)
    """
    codes, rows = np.asarray(codes), np.asarray(rows)
    distances = cdist(decoded, rows)
    fig = plt.figure(figsize=(12, 4.8))
    grid = fig.add_gridspec(2, len(h) + 2)
    left = fig.add_subplot(grid[:, :2])
    for label, name, marker in ((1, "good", "o"), (-1, "bad", "^")):
        of_label = codes[rows[:, -1] == label]
        left.plot(*of_label.T, marker, color=ORANGE if label > 0 else BLUE, ms=4, label=name)
    for n, place in enumerate(np.asarray(h)):
        left.plot(*place, "*", color="black", ms=16, mec="white")
        left.annotate("ABC"[n], place, xytext=(7, 7), textcoords="offset points", weight="bold")
    left.set(xlabel="$h_1$", ylabel="$h_2$", title="Codes, and three places")
    left.legend()
    for n, row in enumerate(decoded):
        nearest = distances[n].argmin()
        for part in (0, 1):
            ax = fig.add_subplot(grid[part, n + 2])
            parts = radar_parts(rows[nearest])[part], radar_parts(row)[part]
            draw_beside_real(ax, *parts, real_label="nearest real row", made_label="decoded")
            if part == 0:
                ax.set_title(f"{'ABC'[n]}, {distances[n, nearest]:.1f} away")
                ax.tick_params(labelbottom=False)
            else:
                ax.set_xlabel("pulse")
            if n == 0:
                ax.set_ylabel(("real", "imaginary")[part])
            else:
                ax.tick_params(labelleft=False)
    fig.legend(*ax.get_legend_handles_labels(), loc="outside lower center", ncols=2)
    return with_alt(
        fig,
        "Left: the codes of good and bad returns in a hidden space of two numbers, with three "
        "places marked A, B and C. Right: what each decodes to beside the nearest real row. At A, "
        f"on a code, the two are {distances[0].min():.1f} apart; at B and C, in holes, the decoded "
        f"rows are {distances[1].min():.1f} and {distances[2].min():.1f} away from any real one.",
    )


# ------------------------------------------------------------------ balls around neighbours


def plot_balls(real: ArrayLike, fakes: Mapping[str, ArrayLike], k: int) -> DescribedFigure:
    """Draw the balls around real points, and generated points in and out of them.

    Parameters
    ----------
    real : array-like of shape (n, 2)
    fakes : mapping from a title to array-like of shape (m, 2)
    k : int
        The neighbour that a ball reaches to.
    """
    real = np.asarray(real)
    radii = np.sort(cdist(real, real), axis=1)[:, k]
    fig, axes = plt.subplots(1, len(fakes), figsize=(12, 4.4), sharex=True, sharey=True)
    for ax, (title, fake) in zip(axes, fakes.items()):
        for centre, radius in zip(real, radii):
            ax.add_patch(plt.Circle(centre, radius, color=BLUE, alpha=0.12, lw=0))
        inside = (cdist(fake, real) <= radii).any(axis=1)
        ax.plot(*real.T, "o", color=BLUE, ms=5, label="real, with its ball")
        ax.plot(*fake[inside].T, "^", color=GREEN, ms=7, label="generated, inside")
        ax.plot(*fake[~inside].T, "x", color=ORANGE, ms=7, mew=2, label="generated, outside")
        ax.set(title=title, aspect="equal", xlabel="first number")
    axes[0].set_ylabel("second number")
    fig.legend(*axes[-1].get_legend_handles_labels(), loc="outside lower center", ncols=3)
    return with_alt(
        fig,
        "Real points in two clusters, each point with a ball that reaches to its neighbours, and "
        "generated points of three kinds: all in one cluster, inside the balls; strewn over the "
        "whole picture, mostly outside; fresh points of both clusters, mostly inside.",
    )


# ----------------------------------------------------------------------------- the table


def plot_table(names: Sequence[str], errors: ArrayLike, accuracies: ArrayLike) -> DescribedFigure:
    """Draw overfitting beside mismatch: both errors of each network, and C2ST for each draw.

    Parameters
    ----------
    names : sequence of str
        Of the networks.
    errors : array-like of shape (n_networks, 2)
        On training rows and on held-out rows.
    accuracies : array-like of shape (n_networks, 4)
        For h drawn in the four ways of `WAYS`.
    """
    errors, accuracies = np.asarray(errors), np.asarray(accuracies)
    heights = np.arange(len(names))[::-1]
    fig, (left, right) = plt.subplots(1, 2, figsize=(12, 4.4), sharey=True)
    left.hlines(heights, errors[:, 0], errors[:, 1], color=GREY, lw=5, alpha=0.5)
    left.plot(errors[:, 0], heights, "o", color=BLUE, ms=9, label="training")
    left.plot(errors[:, 1], heights, "s", color=ORANGE, ms=9, label="held out")
    left.set(title="Overfitting: the gap", xlabel="error, mean over the rows", xlim=(0, None))
    left.set_yticks(heights, names)
    for n, (way, name) in enumerate(WAYS.items()):
        right.plot(
            accuracies[:, n], heights, _MARKERS[way], color=f"C{n}", ms=9, ls="none", label=name
        )
    right.set(title="Mismatch: how h is drawn", xlabel="C2ST accuracy", xlim=(0.48, 1))
    right.axvline(0.5, color="black", ls=":", lw=1.8)
    for ax, columns in ((left, 2), (right, 4)):
        ax.legend(loc="lower center", bbox_to_anchor=(0.5, 1.1), ncols=columns, fontsize=11)
    listed = "; ".join(
        f"{name}: {a:.1f} and {b:.1f}, C2ST " + ", ".join(f"{c:.2f}" for c in row)
        for name, (a, b), row in zip(names, errors, accuracies)
    )
    return with_alt(
        fig,
        "Training and held-out error of each network, and beside them the accuracy of the "
        "classifier two-sample test for h from N(0, I), uniform, one Gaussian and a mixture. "
        f"{listed}.",
    )
