"""Figures of lesson 09: what squared error asks for, in one dimension and in pictures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import matplotlib.pyplot as plt
import numpy as np
from numpy.typing import ArrayLike

from helpers.figures.pictures import plot_rows, plot_side_by_side
from helpers.plots import BLUE, GREY, ORANGE, DescribedFigure, with_alt

# ------------------------------------------------------------------------- one dimension


def plot_two_losses(
    answers: ArrayLike, losses: Mapping[str, tuple[ArrayLike, ArrayLike]]
) -> DescribedFigure:
    """Draw expected squared and absolute error against the answer, a panel for each case.

    Parameters
    ----------
    answers : array-like of shape (n,)
    losses : mapping from str to a pair of arrays of shape (n,)
        The title of the panel, and squared and absolute error in it.
    """
    fig, axes = plt.subplots(1, len(losses), figsize=(10, 3.8), sharey=True)
    for ax, (title, (squared, absolute)) in zip(axes, losses.items()):
        ax.plot(answers, squared, color=BLUE, label="squared error")
        ax.plot(answers, absolute, color=ORANGE, ls="--", label="absolute error")
        best = int(np.argmin(squared))
        ax.plot(answers[best], squared[best], "o", color=BLUE, ms=10)
        level = np.flatnonzero(np.isclose(absolute, np.min(absolute)))
        ax.plot(answers[level], np.asarray(absolute)[level], color=ORANGE, lw=7, alpha=0.4)
        if len(level) == 1:
            ax.plot(answers[level], np.asarray(absolute)[level], "s", color=ORANGE, ms=10)
        ax.set(title=title, xlabel="answer a", xticks=[-1, 0, 1])
    axes[0].set_ylabel("expected error")
    axes[0].legend()
    return with_alt(
        fig,
        "Expected error against the answer a, for y = −1 or +1. Squared error is a parabola with "
        "its bottom at the mean: at 0 for equal odds, at 0.4 for odds of 3 to 7. Absolute error "
        "is made of straight lines: level between −1 and 1 for equal odds, lowest at +1 otherwise.",
    )


def plot_forks(
    panels: Mapping[str, tuple[ArrayLike, ArrayLike]],
    lines: Mapping[str, Sequence[tuple[ArrayLike, ArrayLike, str]]],
) -> DescribedFigure:
    """Draw pairs (x, y) of a fork, and what was predicted, a panel for each fork.

    Parameters
    ----------
    panels : mapping from str to (x, y)
        The pairs by the title of the panel.
    lines : mapping from str to sequence of (x, prediction, name)
        For each title what to draw over them.
    """
    fig, axes = plt.subplots(1, len(panels), figsize=(10, 4), sharey=True)
    styles = [(BLUE, "-"), (ORANGE, "--")]
    for ax, (title, (x, y)) in zip(np.atleast_1d(axes), panels.items()):
        ax.plot(np.ravel(x)[:400], np.ravel(y)[:400], ".", color=GREY, ms=4, alpha=0.6)
        for (place, values, name), (colour, style) in zip(lines[title], styles):
            ax.plot(place, values, color=colour, ls=style, lw=3, label=name)
        ax.set(title=title, xlabel="x")
        ax.legend(loc="upper left")
    np.atleast_1d(axes)[0].set_ylabel("y")
    return with_alt(
        fig,
        "Points on a fork, y = x or y = −x. With equal odds the network fitted by squared error "
        "runs along the middle, near 0, where there is no point. With odds of 7 to 3 it runs at "
        "0.4 x, still between the branches, and the one fitted by absolute error runs along the "
        "likelier branch.",
    )


def plot_remedies(cases: Mapping[str, tuple[float, float]], alt: str) -> DescribedFigure:
    """Draw, for each remedy, how far the answer is from the mean and from the nearest future.

    Parameters
    ----------
    cases : mapping from str to (to mean, to nearest)
    alt : str
    """
    fig, ax = plt.subplots(figsize=(9, 0.55 * len(cases) + 1.6))
    y = np.arange(len(cases))[::-1]
    to_mean, to_nearest = np.transpose(list(cases.values()))
    ax.hlines(y, to_mean, to_nearest, color="#dddddd", lw=4, zorder=1)
    ax.plot(to_mean, y, "o", color=BLUE, ms=10, label="to the mean of futures")
    ax.plot(to_nearest, y, "s", color=ORANGE, ms=10, label="to the nearest future")
    ax.set_yticks(y, list(cases))
    ax.set(xlim=(0, None), xlabel="distance of the prediction (RMSE)")
    ax.margins(y=0.15)
    ax.legend(loc="upper center", bbox_to_anchor=(0.5, 1.28), ncols=2)
    return with_alt(fig, alt)


# -------------------------------------------------------------------------------- measures


def plot_seeds(
    to_mean: ArrayLike, sharpness: ArrayLike, of_mean: ArrayLike, names: Sequence[str]
) -> DescribedFigure:
    """Draw what several seeds reached: distance to the mean future, and sharpness.

    Parameters
    ----------
    to_mean, sharpness : array-like of shape (n_kinds, n_seeds)
        RMSE, and gradient energy against that of the analytic mean.
    of_mean : array-like of shape (n_kinds, n_seeds)
        Distance of the prediction to the nearest future.
    names : sequence of str
        One for each kind of futures.
    """
    fig, (left, right) = plt.subplots(1, 2, figsize=(10, 3.6))
    for kind in range(len(names)):
        shift = np.linspace(-0.12, 0.12, len(to_mean[kind]))
        left.plot(kind + shift, to_mean[kind], "o", color=BLUE, label="to the mean")
        left.plot(kind + shift, of_mean[kind], "s", color=ORANGE, label="to the nearest future")
        right.plot(kind + shift, sharpness[kind], "o", color=BLUE)
    left.axhline(0.01, color=GREY, ls=":")
    left.set(title="distance of the prediction", ylabel="RMSE", ylim=(0, None))
    handles, labels = left.get_legend_handles_labels()
    left.legend(handles[:2], labels[:2], loc="center right")
    right.axhspan(0.97, 1.03, color="#e8e8e8")
    right.axhline(1, color=GREY)
    right.set(title="gradient energy, against the mean's", ylabel="ratio", ylim=(0.94, 1.06))
    for ax in (left, right):
        ax.set_xticks(range(len(names)), names)
        ax.set_xlim(-0.5, len(names) - 0.5)
    return with_alt(
        fig,
        "Five seeds of two kinds of futures. Left: all predictions lie below 0.01 from the mean "
        "of futures, and at more than six times that from the nearest future. Right: their "
        "gradient energy is that of the mean within 3 %.",
    )


def plot_neighbour_tradeoff(
    counts: Sequence[int], decibels: ArrayLike, sharpness: ArrayLike
) -> DescribedFigure:
    """Draw PSNR and sharpness of the mean of k neighbours against k.

    Parameters
    ----------
    counts : sequence of int
        The values of k.
    decibels, sharpness : array-like of shape (n,)
    """
    fig, (left, right) = plt.subplots(1, 2, figsize=(10, 3.6))
    for ax, values, colour, title in (
        (left, decibels, BLUE, "PSNR in dB"),
        (right, sharpness, ORANGE, "sharpness, real = 1"),
    ):
        ax.semilogx(counts, values, "o-", color=colour)
        ax.set(title=title, xlabel="k, how many digits are averaged")
        ax.set_xticks(counts, [str(k) for k in counts])
        ax.minorticks_off()
    right.set_ylim(0, 1.1)
    return with_alt(
        fig,
        f"Left: the PSNR of the mean of k neighbours rises from {decibels[0]:.1f} dB at k = 1 to "
        f"{max(decibels):.1f} dB at its best and falls slightly after. Right: the sharpness falls "
        f"throughout, from {sharpness[0]:.2f} at k = 1 to {sharpness[-1]:.2f} at k = {counts[-1]}.",
    )


def plot_curve(losses: Mapping[str, ArrayLike], variance: float) -> DescribedFigure:
    """Draw training losses by epoch, with the variance of the targets as a line.

    Parameters
    ----------
    losses : mapping from str to array-like
        Squared error of a digit, summed over pixels, of each epoch.
    variance : float
        Variance of the digits, summed over pixels.
    """
    fig, ax = plt.subplots(figsize=(8, 3.6))
    for (name, values), style in zip(losses.items(), ("-", "--")):
        ax.plot(np.arange(1, len(values) + 1), values, style, label=name)
    ax.axhline(variance, color=GREY, ls=":")
    ax.text(len(values), variance, "variance of the digits", ha="right", va="bottom")
    ax.set(xlabel="epoch", ylabel="squared error of a digit", ylim=(0, 1.4 * variance))
    ax.legend(loc="lower left")
    return with_alt(
        fig,
        "Training loss by epoch. That of the first network falls to about half of the variance "
        "of the digits; that of the second stays level at the variance itself.",
    )


# ------------------------------------------------------------- the pictures of the lesson


def plot_two_futures(
    frames: ArrayLike, futures: ArrayLike, mean: ArrayLike, predicted: ArrayLike
) -> DescribedFigure:
    """Draw frames, the two futures of each, their mean and the prediction, a row for each.

    Parameters
    ----------
    frames, mean, predicted : array-like of shape (n, height, width)
    futures : array-like of shape (n, 2, height, width)
    """
    rows = {"frame": frames, "left": futures[:, 0], "right": futures[:, 1]}
    return plot_rows(
        rows | {"mean of both": mean, "MSE network": predicted},
        "Five frames of a head, the two futures of each, their mean and the network's prediction. "
        "The last two rows look alike: both turned heads laid over each other, with four eyes and "
        "faint ears.",
    )


def plot_many_futures(
    frames: ArrayLike, futures: ArrayLike, predicted: ArrayLike
) -> DescribedFigure:
    """Draw frames, the outermost of their futures, the mean of all and the prediction.

    Parameters
    ----------
    frames, predicted : array-like of shape (n, height, width)
    futures : array-like of shape (n, n_futures, height, width)
        Equally likely.
    """
    rows = {"frame": frames, "44.5° left": futures[:, 0], "44.5° right": futures[:, -1]}
    return plot_rows(
        rows | {"mean of all": np.mean(futures, axis=1), "MSE network": predicted},
        "Five frames, two of the ninety futures of each, the mean of all and the network's "
        "prediction. In the last two rows the eyes have become horizontal smears and the ears have "
        "vanished.",
    )


def plot_fork_remedies(cases: Mapping[str, tuple[float, float]]) -> DescribedFigure:
    """Draw `plot_remedies` for networks on the fork."""
    return plot_remedies(
        cases,
        "Distance to the middle and to the nearest branch for four networks. All of them lie near "
        "the middle and far from both branches; none has moved to a branch.",
    )


def plot_head_remedies(names: Sequence[str], distances: ArrayLike) -> DescribedFigure:
    """Draw `plot_remedies` for networks on heads.

    Parameters
    ----------
    names : sequence of str
    distances : array-like of shape (n, 2)
        To the mean of futures, and to the nearest future.
    """
    return plot_remedies(
        dict(zip(names, distances)),
        "Distance to the mean of futures and to the nearest future for five networks on heads. The "
        "better the network, the nearer it comes to the mean; none comes nearer to a future.",
    )


def plot_enlargement(
    original: ArrayLike, enlarged: Mapping[str, ArrayLike], scores: Mapping[str, Sequence[float]]
) -> DescribedFigure:
    """Draw an original and what became of it, with PSNR and sharpness beneath.

    Parameters
    ----------
    original : array-like of shape (height, width)
    enlarged : mapping from str to array-like of shape (height, width)
    scores : mapping from str to sequence of float
        PSNR and sharpness of each way of enlarging, and whatever follows.
    """
    pictures = {"original": (original, "2×2 pixels are kept\nsharpness 1.00")}
    for name, picture in enlarged.items():
        decibels, sharp = scores[name][:2]
        pictures[name] = picture, f"{decibels:.1f} dB\nsharpness {sharp:.2f}"
    return plot_side_by_side(
        pictures,
        "A handwritten zero; enlarged from two by two pixels by bicubic interpolation, a haze; and "
        "by the network, a pale ring whose hole is half filled. The numbers are those of all test "
        "digits.",
    )


def plot_likes(
    original: ArrayLike, low: ArrayLike, predicted: ArrayLike, likes: ArrayLike
) -> DescribedFigure:
    """Draw a digit, its coarse pixels, the mean of digits alike in these, and the prediction.

    Parameters
    ----------
    original, predicted : array-like of shape (height, width)
    low : array-like of shape (coarse height, coarse width)
    likes : array-like of shape (n, height, width)
        Every fourth of them is drawn below.
    """
    first = [original, low, np.mean(likes, axis=0), predicted]
    return plot_rows(
        {"a zero": first, "its likes": likes[::4]},
        "Above a zero, its two by two pixels, the mean of the thirty training digits that are most "
        "alike in these, and the network's answer, which looks like that mean: a ring with a "
        "half-filled hole. Below eight of the thirty, zeros, eights and others.",
        columns=["original", "2×2", "mean of 30", "network"],
    )


def plot_ten_digits(rows: Mapping[str, ArrayLike]) -> DescribedFigure:
    """Draw the ten digits and their enlargements, a row for each way."""
    return plot_rows(
        rows,
        "The digits 0 to 9 with their enlargements. Bicubic from two by two pixels is a haze; the "
        "network's answers from two by two are pale digits with ghosts of others in them; from "
        "four by four they are nearly right.",
    )


def plot_strange(originals: ArrayLike, answers: ArrayLike) -> DescribedFigure:
    """Draw the ten digits and what the strange network makes of them."""
    return plot_rows(
        {"original": originals, "answer": answers},
        "The digits 0 to 9 and the answers of the new network: nearly the same pale blot for all.",
    )


def plot_next_frame(
    frame: ArrayLike, true: ArrayLike, predicted: ArrayLike, measured: Sequence[float]
) -> DescribedFigure:
    """Draw a frame, the one that came next and the prediction, with numbers beneath.

    Parameters
    ----------
    frame, true, predicted : array-like of shape (height, width)
    measured : sequence of float
        Distance of predictions from the mean and from the nearest future, and their sharpness.
    """
    to_future, sharp = measured[1:3]
    pictures = {
        "frame": (frame, "given"),
        "true next frame": (true, "sharpness 1.00"),
        "MSE network": (predicted, f"sharpness {sharp:.2f}\n{to_future:.3f} from a future"),
    }
    return plot_side_by_side(
        pictures,
        "A frame of a head, the next one, turned a little and sharp, and the network's "
        "prediction: a head without ears, its eyes one horizontal smear. Numbers are those of all "
        "frames that the network has not seen.",
    )
