"""Figures of lesson 04: shrunken rings, code sizes, code spaces, collapse, samples."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.patches import Ellipse
from numpy.typing import ArrayLike

from helpers.datasets import RING_MAP
from helpers.figures.radar import PULSES, radar_parts
from helpers.plots import BLUE, GREEN, GREY, ORANGE, PURPLE, DescribedFigure, with_alt

MOST_COMPARED = 3
"""Rows of a picture that sets returns beside their reconstructions."""


# ---------------------------------------------------------------------------- the ring


def plot_shrunken_rings(X: ArrayLike, reconstructed: Mapping[float, ArrayLike]) -> DescribedFigure:
    """Draw the ring and what networks with different penalties make of it, in the ring's plane.

    Parameters
    ----------
    X : array-like of shape (n, 4)
    reconstructed : mapping from λ per row to array-like of shape (n, 4)
    """
    X = np.asarray(X)
    fig, axes = plt.subplots(1, len(reconstructed), figsize=(12, 3.5), sharex=True, sharey=True)
    sizes = []
    for ax, (weight, X_hat) in zip(axes, reconstructed.items()):
        ax.plot(*(X @ RING_MAP.T).T, "o", color=GREY, ms=3, label="points")
        ax.plot(*(np.asarray(X_hat) @ RING_MAP.T).T, "^", color=PURPLE, ms=3, label="reconstructed")
        ax.set(title=f"λ = {weight:g} per row", aspect="equal", xlabel="first direction")
        sizes.append(f"{np.sqrt(np.sum(np.square(X_hat)) / np.sum(X**2)):.2f} for λ = {weight:g}")
    axes[0].set_ylabel("second direction")
    handles, labels = axes[0].get_legend_handles_labels()
    fig.legend(handles, labels, loc="outside lower center", ncols=2, markerscale=2)
    return with_alt(
        fig,
        "The ring and its reconstructions, smaller the greater the weight of the penalty. Size "
        f"relative to the ring: {', '.join(sizes)}.",
    )


def plot_code_sizes(curves: Mapping[str, ArrayLike]) -> DescribedFigure:
    """Draw the mean square of the codes over the steps of several trainings, on log scales.

    Parameters
    ----------
    curves : mapping from a name to array-like of shape (n_steps,)
    """
    fig, ax = plt.subplots(figsize=(9, 4))
    for (name, sizes), style in zip(curves.items(), ("-", "--", "-.")):
        sizes = np.asarray(sizes)
        ax.loglog(np.arange(1, len(sizes) + 1), sizes, style)
        ax.annotate(name, (len(sizes), sizes[-1]), xytext=(6, 0), textcoords="offset points",
                    va="center", annotation_clip=False)  # fmt: skip
    ax.set(title="How large are the codes?", xlabel="step", ylabel="mean square of a code")
    ends = ", ".join(f"{name}: {np.asarray(sizes)[-1]:.2g}" for name, sizes in curves.items())
    return with_alt(
        fig,
        "The mean square of the codes over the steps of three trainings. With the penalty alone "
        "it falls on and on, with the noise alone it rises on and on, with both it settles. At "
        f"the end, {ends}.",
    )


def plot_ring_samples(
    X: ArrayLike, networks: Mapping[str, tuple[ArrayLike, ArrayLike]]
) -> DescribedFigure:
    """Draw for each network the codes beside N(0, I), and what N(0, I) decodes to.

    Parameters
    ----------
    X : array-like of shape (n, 4)
    networks : mapping from a name to (codes, samples)
        The codes with their noise, shape (n, 2), and samples with the noise of the output, if
        the model has any, shape (m, 4).
    """
    X = np.asarray(X)
    fig, axes = plt.subplots(1, 2 * len(networks), figsize=(13, 4.1))
    for n, (name, (codes, samples)) in enumerate(networks.items()):
        left, right = axes[n], axes[n + len(networks)]
        left.plot(*np.asarray(codes).T, "o", color=BLUE, ms=3, label="codes")
        _draw_standard_normal(left)
        left.set(title=f"{name}: codes", xlabel="$h_1$", xlim=(-2.7, 2.7), ylim=(-2.7, 2.7))
        right.plot(*(np.asarray(samples) @ RING_MAP.T).T, "x", color=ORANGE, ms=4, mew=1,
                   label="decoded from N(0, I)")  # fmt: skip
        right.plot(*(X @ RING_MAP.T).T, "o", color=GREY, ms=3, label="points")
        right.set(title=f"{name}: samples", xlabel="first direction")
        right.set(xlim=(-3.2, 3.2), ylim=(-3.2, 3.2))
    for ax in axes:
        ax.set_aspect("equal")
    axes[0].set_ylabel("$h_2$")
    axes[len(networks)].set_ylabel("second direction")
    keys = [axes[n].get_legend_handles_labels() for n in (0, len(networks))]
    fig.legend(
        keys[0][0] + keys[1][0], keys[0][1] + keys[1][1], loc="outside lower center", ncols=4
    )
    spread = [np.square(samples).sum(axis=1).mean() for _, samples in networks.values()]
    listed = ", ".join(f"{name} {square:.2f}" for name, square in zip(networks, spread))
    return with_alt(
        fig,
        "Two networks on the ring. Left, their codes and two circles for N(0, I): those with L2 "
        "lie within the inner one, those of the VAE fill both. Right, what draws from N(0, I) are "
        "decoded to: a cloud much wider than the ring with L2, one of the ring's own spread with "
        f"the VAE; neither is a ring. Mean square of the samples: {listed}; of the points "
        f"{np.square(X).sum(axis=1).mean():.2f}.",
    )


def _draw_standard_normal(ax) -> None:
    """Draw two circles: of the draws from N(0, I), 39 % fall within the inner, 86 % the outer."""
    turn = np.linspace(0, 2 * np.pi, 100)
    for radius, label in ((1, "N(0, I): 1 and 2 sd"), (2, None)):
        ax.plot(radius * np.cos(turn), radius * np.sin(turn), "k--", lw=1.5, label=label)


# -------------------------------------------------------------------------- radar returns


def plot_sweep(
    weights: Sequence[float], errors: Sequence[ArrayLike], c2st: ArrayLike
) -> DescribedFigure:
    """Draw what a penalty repairs beside what it does not, over its weight.

    Parameters
    ----------
    weights : sequence of float
        λ per row, ascending; the first may be 0.
    errors : pair of array-like of shape (n_weights,)
        On training rows and on held-out rows.
    c2st : array-like of shape (n_weights,)
        Accuracy for h from N(0, I).
    """
    places = np.arange(len(weights))
    fig, (left, right) = plt.subplots(1, 2, figsize=(12, 4.3))
    for name, values, style in zip(("training", "held out"), errors, ("o-", "s--")):
        left.plot(places, values, style, label=name)
    right.plot(places, c2st, "o-", color=GREEN)
    left.set(title="Reconstruction", ylabel="error, mean over the rows", ylim=(0, None))
    right.set(title="Samples, h from N(0, I)", ylabel="C2ST accuracy", ylim=(0.48, 1.01))
    right.axhline(0.5, color="black", ls=":", lw=1.8)
    left.legend()
    for ax in (left, right):
        ax.set_xticks(places, [f"{weight:g}" for weight in weights])
        ax.set_xlabel("λ per row")
    listed = "; ".join(
        f"λ = {weight:g}: {a:.1f} and {b:.1f}, C2ST {c:.2f}"
        for weight, a, b, c in zip(weights, *errors, c2st)
    )
    return with_alt(
        fig,
        "Left: over the weight of the L2 penalty the training error rises, and the held-out error "
        "falls and rises again. Right: samples are told from real rows more than eight times in "
        f"ten at all weights. Errors in training and held out, then C2ST: {listed}.",
    )


def plot_code_spaces(
    spaces: Mapping[str, tuple[ArrayLike, ArrayLike | None]], labels: ArrayLike
) -> DescribedFigure:
    """Draw the two-number codes of several models beside N(0, I), each panel with its own scale.

    Parameters
    ----------
    spaces : mapping from a name to (codes, deviations)
        Arrays of shape (n, 2). Deviations, the widths of the noise on h in training, are drawn as
        ellipses around every sixth code; None for a model without noise.
    labels : array-like of shape (n,)
        1 (good) or −1 (bad).
    """
    labels = np.asarray(labels)
    fig, axes = plt.subplots(1, len(spaces), figsize=(13, 4.1))
    for ax, (name, (codes, deviations)) in zip(axes, spaces.items()):
        codes = np.asarray(codes)
        for label, word, marker in ((1, "good", "o"), (-1, "bad", "^")):
            colour = ORANGE if label > 0 else BLUE
            ax.plot(*codes[labels == label].T, marker, color=colour, ms=3.5, label=word)
        if deviations is not None:
            _draw_widths(ax, codes[::6], np.broadcast_to(deviations, codes.shape)[::6])
        _draw_standard_normal(ax)
        reach = max(2.3, np.abs(codes).max() * 1.1)
        ax.set(title=name, xlabel="$h_1$", aspect="equal", xlim=(-reach, reach),
               ylim=(-reach, reach))  # fmt: skip
    axes[0].set_ylabel("$h_2$")
    handles, words = axes[-1].get_legend_handles_labels()
    fig.legend(handles, words, loc="outside lower center", ncols=4)
    reaches = ", ".join(
        f"{name} {np.sqrt(np.mean(np.square(codes))):.1f}" for name, (codes, _) in spaces.items()
    )
    return with_alt(
        fig,
        "The codes of the training rows in hidden spaces of two numbers, with circles for N(0, I). "
        "Without noise they run far out along arcs, with holes between; with penalty and noise, "
        "and in the VAE, they crowd together about the circles, and the widths of the noise, drawn "
        f"as ellipses, are those of the gaps. Root mean square of a code: {reaches}.",
    )


def _draw_widths(ax, codes: np.ndarray, deviations: np.ndarray) -> None:
    for code, deviation in zip(codes, deviations):
        ax.add_patch(Ellipse(code, *(2 * deviation), fill=False, color=PURPLE, lw=0.9, alpha=0.8))
    ax.plot([], [], "-", color=PURPLE, lw=1.2, label="width of the noise, 1 sd")


def plot_reconstructions(
    rows: ArrayLike, made: Mapping[str, ArrayLike], words: Sequence[str]
) -> DescribedFigure:
    """Draw the real parts of a few returns beside what models make of them.

    Parameters
    ----------
    rows : array-like of shape (3, 34)
        Rows of the scoreboard's table.
    made : mapping from a model's name to array-like of shape (3, 34)
    words : sequence of str
        Titles of the three.
    """
    fig, axes = plt.subplots(1, MOST_COMPARED, figsize=(12, 3.8), sharey=True)
    for n, ax in enumerate(axes):
        ax.plot(PULSES, radar_parts(rows[n])[0], "--", color="black", lw=1.6, label="real row")
        for (name, x_hat), colour, marker in zip(made.items(), (PURPLE, GREEN), "os"):
            part = radar_parts(x_hat[n])[0]
            ax.plot(PULSES, part, f"{marker}-", color=colour, ms=4, lw=1.8, label=name)
        ax.set(title=words[n], xlabel="pulse", xticks=[1, 9, 17], ylim=(-1.4, 1.4))
    axes[0].set_ylabel("real part")
    handles, labels = axes[0].get_legend_handles_labels()
    fig.legend(handles, labels, loc="outside lower center", ncols=3)
    return with_alt(
        fig,
        f"Three radar returns ({', '.join(words)}) and their reconstructions by {len(made)} "
        f"models: {' and '.join(made)}. The first gives one and the same row for all three "
        "returns, the second follows each of them.",
    )


def plot_collapse(betas: Sequence[float], figures: Mapping[str, ArrayLike]) -> DescribedFigure:
    """Draw some figures of VAEs over the weight β, one panel each.

    Parameters
    ----------
    betas : sequence of float
    figures : mapping from a title to array-like of shape (n_betas,)
    """
    places = np.arange(len(betas))
    fig, axes = plt.subplots(1, len(figures), figsize=(12, 3.7))
    for ax, (title, values), colour in zip(axes, figures.items(), (BLUE, ORANGE, GREEN)):
        ax.plot(places, values, "o-", color=colour)
        ax.set(title=title, xlabel="β", ylim=(0, None))
        ax.set_xticks(places, [f"{beta:g}" for beta in betas])
    listed = "; ".join(
        f"{title}: " + ", ".join(f"{value:.1f}" for value in values)
        for title, values in figures.items()
    )
    return with_alt(
        fig,
        f"Over β = {', '.join(f'{beta:g}' for beta in betas)}: as β grows the KL falls to zero, "
        f"the active units vanish and the error rises to that of the mean row. {listed}.",
    )


def plot_quality(kinds: Mapping[str, ArrayLike]) -> DescribedFigure:
    """Draw precision, recall and share of variance of three kinds of rows as groups of bars.

    Parameters
    ----------
    kinds : mapping from a name to array-like of shape (3,)
    """
    measures = "precision", "recall", "share of variance"
    places, width = np.arange(len(measures)), 0.8 / len(kinds)
    fig, ax = plt.subplots(figsize=(9, 3.9))
    for n, ((name, values), colour) in enumerate(zip(kinds.items(), (PURPLE, GREEN, GREY))):
        bars = ax.bar(
            places + (n - 1) * width, values, width, color=colour, label=name,
            hatch=("", "//", "")[n], edgecolor="white",
        )  # fmt: skip
        ax.bar_label(bars, fmt="%.2f", fontsize=11)
    ax.set_xticks(places, measures)
    ax.set(title="What the output noise does to samples", ylim=(0, 1.1))
    ax.grid(axis="x", visible=False)
    ax.legend(loc="lower center", bbox_to_anchor=(0.5, -0.35), ncols=len(kinds))
    listed = "; ".join(
        f"{name}: " + ", ".join(f"{m} {value:.2f}" for m, value in zip(measures, values))
        for name, values in kinds.items()
    )
    return with_alt(fig, f"Three measures of samples of a VAE and of real rows. {listed}.")


def plot_bench(
    strengths: Mapping[str, Sequence[float]], c2st: ArrayLike, kind: str, strength: float
) -> DescribedFigure:
    """Draw what the regularisation bench has measured: C2ST over the strength, for each kind.

    Parameters
    ----------
    strengths : mapping from kind to sequence of float
    c2st : array-like of shape (n_kinds, n_strengths, 2)
        Accuracy for h from N(0, I) and from a mixture, means over the splits.
    kind, strength : str, float
        What the bench shows; marked in the figure.
    """
    c2st = np.asarray(c2st)
    fig, axes = plt.subplots(1, len(strengths), figsize=(13, 3.9), sharey=True)
    for ax, (name, scale), values in zip(axes, strengths.items(), c2st):
        places = np.arange(len(scale))
        ax.plot(places, values[:, 0], "o-", color=ORANGE, ms=5, label="h from N(0, I)")
        ax.plot(places, values[:, 1], "^--", color=GREEN, ms=6, label="h from a mixture")
        ax.axhline(0.5, color="black", ls=":", lw=1.8)
        ax.set_xticks(places[::2], [f"{value:.3g}" for value in scale[::2]])
        symbol = {"weights": "λ", "vae": "β"}.get(name, "κ")
        ax.set(title=name, xlabel=symbol, ylim=(0.48, 1.01))
        if name == kind:
            place = list(scale).index(strength)
            ax.plot(place, values[place, 0], "o", ms=15, mfc="none", mec="black", mew=2)
    axes[0].set_ylabel("C2ST accuracy")
    handles, labels = axes[0].get_legend_handles_labels()
    fig.legend(handles, labels, loc="outside lower center", ncols=2)
    listed = "; ".join(
        f"{name}: {values[:, 0].min():.2f} at {scale[values[:, 0].argmin()]:.2g} with N(0, I), "
        f"{values[:, 1].min():.2f} at {scale[values[:, 1].argmin()]:.2g} with a mixture"
        for (name, scale), values in zip(strengths.items(), c2st)
    )
    return with_alt(
        fig,
        "C2ST accuracy over the strength, for each kind of regularisation and two laws of h. Least "
        f"accuracies: {listed}. A circle marks {kind}, strength {strength:g}.",
    )
