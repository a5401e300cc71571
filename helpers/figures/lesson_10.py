"""Figures of lesson 10: what an adversarial loss asks for, in numbers and in pictures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import matplotlib.pyplot as plt
import numpy as np
from numpy.typing import ArrayLike

from helpers.figures.pictures import draw_rows, plot_rows, plot_side_by_side, show_picture
from helpers.metrics import gradient_energy, nearest_future, rmse, sharpness
from helpers.plots import (
    BLUE,
    DARK_ORANGE,
    GREEN,
    GREY,
    ORANGE,
    SIGNS,
    DescribedFigure,
    with_alt,
)

# ------------------------------------------------------------------ accuracy as a loss


def plot_knob(
    t: ArrayLike, accuracy: ArrayLike, cross_entropy: ArrayLike, nudged: ArrayLike
) -> DescribedFigure:
    """Draw what a judge's accuracy and the generator's cross-entropy are along a knob.

    Parameters
    ----------
    t, accuracy, cross_entropy : array-like of shape (n,)
    nudged : array-like of shape (n_pixels,)
        By how much the cross-entropy changes when one pixel is nudged, for every pixel.
    """
    fig, (left, right) = plt.subplots(1, 2, figsize=(10, 3.8))
    left.step(t, accuracy, where="mid", color=ORANGE, label="accuracy of the judge")
    left.plot(t, cross_entropy, color=BLUE, ls="--", label="cross-entropy / ln 2")
    left.axhline(0.5, color=GREY, ls=":", lw=1.5)
    left.set(title="turning the knob", xlabel="t, from the blur to a future", ylim=(0, None))
    left.legend(loc="upper right")
    right.plot(np.sort(nudged), color=BLUE, ls="--")
    right.axhline(0, color=ORANGE)
    right.text(0, 0, "accuracy: 0 for all of them", ha="left", va="bottom")
    right.set(title="nudging single pixels", xlabel="the 576 pixels, in order of their effect")
    right.set_ylabel("change of the cross-entropy")
    return with_alt(
        fig,
        "Left: along the knob from the blur to a future, the accuracy is level at 1, falls in a "
        "few stairs and is level again; the cross-entropy falls smoothly all the way. Right: the "
        "change of the cross-entropy when a single pixel is nudged, negative for some pixels and "
        "positive for others; that of the accuracy is zero for all of them.",
    )


def plot_push(answers: ArrayLike, pushes: ArrayLike, moved: ArrayLike) -> DescribedFigure:
    """Draw blurred answers, where a judge would move each pixel, and the answers moved that way.

    Parameters
    ----------
    answers, pushes, moved : array-like of shape (n, height, width)
        Positive pushes make a pixel brighter.
    """
    rows = {"answer": answers, "the push": pushes, "moved": moved}
    n = len(answers)
    fig, axes = plt.subplots(3, n, figsize=(1.5 * n + 1.6, 4.6))
    for line, (name, pictures) in zip(axes, rows.items()):
        for ax, picture in zip(line, pictures):
            span = np.abs(picture).max()
            signed = {"cmap": SIGNS, "vmin": -span, "vmax": span}
            show_picture(ax, picture, **signed if name == "the push" else {})
        line[0].text(
            -0.12, 0.5, name, ha="right", va="center", fontsize=13, transform=line[0].transAxes
        )
    return with_alt(
        fig,
        "Five blurred heads; under each a map of where the judge would make pixels brighter, "
        "orange, and darker, blue, strongest around eyebrows, mouth and ears; and the head after a "
        "step that way: one of the two pairs of eyes has gained contrast.",
    )


# ------------------------------------------------------------------------------- the fork


def plot_forks(x: ArrayLike, panels: Mapping[str, ArrayLike]) -> DescribedFigure:
    """Draw what several generators draw at each x, a panel for each.

    Parameters
    ----------
    x : array-like of shape (n,)
    panels : mapping from str to array-like of shape (n,)
        What was drawn, by the title of the panel.
    """
    fig, axes = plt.subplots(1, len(panels), figsize=(3 * len(panels), 3.5), sharey=True)
    for ax, (title, y) in zip(axes, panels.items()):
        for branch in (-1, 1):
            ax.plot([0, 1], [0, branch], color=GREY, lw=1.5, zorder=1)
        ax.plot(x, y, ".", color=BLUE, ms=4, alpha=0.5)
        ax.set(xlabel="x", ylim=(-1.25, 1.25))
        ax.set_title(title, fontsize=14)
    axes[0].set_ylabel("y that is drawn")
    return with_alt(
        fig,
        "Four panels over the fork y = x, y = −x, drawn in grey. With z and a judge that sees x, "
        "points lie on both branches. With a judge that sees y alone they fill the whole space "
        "between. Without z they form a line that leaps from branch to branch. With MSE in the "
        "loss, too, both branches are there and drawn in towards the middle.",
    )


# ------------------------------------------------------------------------------- the heads


def plot_heads(
    frames: ArrayLike, futures: ArrayLike, blurred: ArrayLike, draws: ArrayLike
) -> DescribedFigure:
    """Draw frames, both futures of each, the answer of least squares, and some draws.

    Parameters
    ----------
    frames, blurred : array-like of shape (n, height, width)
    futures : array-like of shape (n, 2, height, width)
    draws : array-like of shape (n, n_draws, height, width)
    """
    rows = {"frame": frames, "left": futures[:, 0], "right": futures[:, 1], "MSE": blurred}
    for k in range(np.shape(draws)[1]):
        rows[f"adversarial {k + 1}"] = draws[:, k]
    return plot_rows(
        rows,
        "Frames of a head, the two futures of each, the answer of least squares, a double "
        "exposure, and draws of the adversarial network: sharp heads with one pair of eyes and "
        "clear ears, turned now to the left and now to the right.",
    )


def plot_next_frame(
    true: ArrayLike, blurred: ArrayLike, draws: ArrayLike, futures: ArrayLike
) -> DescribedFigure:
    """Draw the true next frame, the answer of least squares and draws, with numbers beneath.

    Parameters
    ----------
    true, blurred : array-like of shape (height, width)
    draws : array-like of shape (n_draws, height, width)
    futures : array-like of shape (n_futures, height, width)
        What may come next.
    """
    names = ["true frame", "MSE", *[f"adversarial {k + 1}" for k in range(len(draws))]]
    shown = np.stack([true, blurred, *draws])
    near = nearest_future(shown[None], np.asarray(futures)[None])
    sharp = gradient_energy(shown, each=True)
    sharp /= gradient_energy(futures, each=True)[near.index[0]]
    pictures = {}
    for k, name in enumerate(names):
        distances = near.distance[0, k], near.distance_to_mean[0, k]
        pictures[name] = (
            shown[k],
            "future {:.3f}\nmean {:.3f}\nsharpness {:.2f}".format(*distances, sharp[k]),
        )
    return plot_side_by_side(
        pictures,
        "The frame of a head that really came next; the answer of least squares, two pale heads "
        "in one; three draws of the adversarial network, sharp heads turned to either side. "
        "Beneath each its distance to the nearest future and to the mean of futures, and its "
        "sharpness.",
    )


def measure_heads(draws: ArrayLike, real: ArrayLike, futures: ArrayLike) -> dict[str, float]:
    """Measure draws for frames whose futures are known.

    Parameters
    ----------
    draws : array-like of shape (n, n_draws, height, width)
    real : array-like of shape (n, height, width)
        The frames that came next.
    futures : array-like of shape (n, 2, height, width)
        To the left and to the right.

    Returns
    -------
    dict
        Distances (RMSE, pixels 0 to 1), shares, and the sharpness against that of the futures.
    """
    draws, futures = np.asarray(draws), np.asarray(futures)
    n, n_draws, *shape = draws.shape
    near, flat = nearest_future(draws, futures), draws.reshape(-1, *shape)
    return {
        "to the nearest future": near.distance.mean(),
        "to the mean": near.distance_to_mean.mean(),
        "to what came": rmse(flat, np.repeat(real, n_draws, axis=0)),
        "sharpness": sharpness(flat, futures.reshape(-1, *shape)),
        "nearer a future": near.share_nearer,
        "both shown": near.shown.all(axis=1).mean(),
        "to the right": near.index.mean(),
    }


# ------------------------------------------------------------------------------ the digits


def plot_enlargement(
    original: ArrayLike, parts: Mapping[str, tuple[ArrayLike, Sequence[float]]]
) -> DescribedFigure:
    """Draw an original and what became of it, with numbers of all test digits beneath.

    Parameters
    ----------
    original : array-like of shape (height, width)
    parts : mapping from str to (picture, (PSNR, sharpness, share read correctly, C2ST))
    """
    pictures = {"original": (original, "2×2 pixels are kept\nsharpness 1.00\n")}
    for name, (picture, (decibels, sharp, read, c2st)) in parts.items():
        caption = f"{decibels:.1f} dB\nsharpness {sharp:.2f}\nread {read:.2f}, C2ST {c2st:.2f}"
        pictures[name] = picture, caption
    return plot_side_by_side(
        pictures,
        "A handwritten digit; enlarged from two by two pixels by bicubic interpolation, a haze; by "
        "the MSE network, pale, with ghosts of other digits; by the adversarial one, crisp. The "
        "numbers are those of all test digits.",
    )


def plot_invented(
    originals: ArrayLike,
    low: ArrayLike,
    blurred: ArrayLike,
    draws: ArrayLike,
    read: ArrayLike,
    target: ArrayLike,
) -> DescribedFigure:
    """Draw digits, four pixels of each, what MSE makes of these, and what is drawn, as it is read.

    Parameters
    ----------
    originals, blurred : array-like of shape (n, height, width)
    low : array-like of shape (n, coarse height, coarse width)
    draws : array-like of shape (n, n_draws, height, width)
    read : int array-like of shape (n, n_draws)
        What the reader takes each draw for.
    target : int array-like of shape (n,)
    """
    n, n_draws = np.shape(read)
    fig, axes = plt.subplots(n, 3 + n_draws, figsize=(1.15 * (3 + n_draws), 1.4 * n + 0.3))
    for k, line in enumerate(axes):
        for ax, picture in zip(line, [originals[k], low[k], blurred[k], *draws[k]]):
            show_picture(ax, picture)
        line[0].set_xlabel(f"a {target[k]}", fontsize=13)
        for ax, digit in zip(line[3:], read[k]):
            right = digit == target[k]
            ax.set_xlabel(
                f"{digit}" if right else f"{digit} ✗",
                color="black" if right else DARK_ORANGE,
                fontsize=13,
                labelpad=2,
            )
    for ax, name in zip(axes[0], ["original", "2×2", "MSE"]):
        ax.set_title(name, fontsize=13)
    title = axes[0, 3].text(0, 1.06, "draws, and what they are read as", fontsize=13)
    title.set(transform=axes[0, 3].transAxes, va="bottom", in_layout=False)  # wider than a column
    return with_alt(
        fig,
        "Five digits, one a row: the original, its two by two pixels, the pale answer of the MSE "
        "network, and eight adversarial draws, most of them crisp, all different, with the digit "
        "that the reader takes each for. Several are read as another digit than the original.",
    )


# ---------------------------------------------------------------------------- the trade-off


def plot_price(
    t: ArrayLike,
    error: ArrayLike,
    sharp: ArrayLike,
    networks: Mapping[str, ArrayLike],
    futures: ArrayLike,
) -> DescribedFigure:
    """Draw error and sharpness of guesses between the mean and an honest draw, and of networks.

    Parameters
    ----------
    t : array-like of shape (n,)
        0 is the mean, 1 the draw.
    error, sharp : array-like of shape (n,)
        Squared error in units of the least there is, and gradient energy in that of real frames.
    networks : mapping from str to array-like of shape (n_frames, n_draws, height, width)
        Draws for some frames.
    futures : array-like of shape (n_frames, n_futures, height, width)
        What may come next after these, equally likely.
    """
    futures = np.asarray(futures)
    shape = futures.shape[-2:]
    least = np.mean((futures - futures.mean(axis=1, keepdims=True)) ** 2)
    fig, (left, right) = plt.subplots(1, 2, figsize=(10, 3.9))
    left.plot(t, error, color=BLUE)
    left.set(title="the price", xlabel="t, from the mean to a draw", ylim=(0, 2.4))
    left.set_ylabel("squared error / MMSE")
    right.plot(error, sharp, "-", color=BLUE, zorder=1)
    for name, place in {"t = 0": 0, "t = 1": -1}.items():
        right.plot(error[place], sharp[place], "o", color=BLUE, ms=9)
        right.annotate(
            name, (error[place], sharp[place]), xytext=(-30, 12), textcoords="offset points"
        )
    for (name, draws), marker, colour in zip(networks.items(), "sD", (ORANGE, GREEN)):
        apart = np.mean((draws[:, :, None] - futures[:, None]) ** 2) / least
        of_draws = sharpness(draws.reshape(-1, *shape), futures.reshape(-1, *shape))
        right.plot(apart, of_draws, marker, color=colour, ms=9, label=f"network, {name}")
    right.legend(loc="upper left")
    right.set(title="what it buys", xlabel="squared error / MMSE", ylabel="sharpness")
    right.set(xlim=(0.8, 2.25), ylim=(0.5, 1.3))
    return with_alt(
        fig,
        "Left: squared error against t, a parabola from 1 at the mean to 2 at a draw. Right: "
        "sharpness against squared error, a straight line from the mean, blurred, to the draw, as "
        "sharp as real frames. The two trained networks lie near its two ends.",
    )


# -------------------------------------------------------------------- what goes wrong


def plot_strange(
    originals: ArrayLike, rows: Mapping[str, ArrayLike], losses: Mapping[str, ArrayLike]
) -> DescribedFigure:
    """Draw digits, what two trainings make of them, and the judge's loss in both.

    Parameters
    ----------
    originals : array-like of shape (n, height, width)
    rows, losses : mapping from str to array-like
        Pictures (n, height, width) and the judge's loss of each step, by the training.
    """
    fig = plt.figure(figsize=(10, 3.6))
    pictures, curve = fig.subfigures(1, 2, width_ratios=[1.15, 1])
    draw_rows(pictures.subplots(), {"original": originals, **rows})
    ax = curve.subplots()
    for (name, values), style, colour in zip(losses.items(), ("-", "--"), (BLUE, ORANGE)):
        smooth = np.convolve(values, np.full(100, 0.01), mode="valid")
        ax.plot(np.arange(len(smooth)), smooth, style, color=colour, label=name)
    ax.axhline(2 * np.log(2), color=GREY, ls=":", lw=1.5)
    ax.text(len(smooth), 2 * np.log(2), "2 ln 2: it guesses", ha="right", va="bottom")
    ax.set(xlabel="step", title="loss of the judge", ylim=(0, 1.7))
    ax.legend(loc="center right")
    return with_alt(
        fig,
        "Left: digits, crisp enlargements of the first training, and grainy ones of the second. "
        "Right: the judge's loss: in the first training it stays not far below 2 ln 2, in the "
        "second it sinks and sinks.",
    )
