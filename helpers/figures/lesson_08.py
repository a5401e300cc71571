"""Larger figures of lesson 08, each drawn by one function."""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.patches import Rectangle
from numpy.typing import ArrayLike

from helpers.figures import pictures
from helpers.metrics import sharpness
from helpers.plots import (
    BLUE,
    DARK_GREEN,
    DARK_ORANGE,
    ORANGE,
    DescribedFigure,
    text_colour,
    with_alt,
)
from helpers.transposed import overlap_counts

ALTERNATIVES = {
    "monsters": "Ten cats; the same ten made by the network, hardly different; ten pictures from "
    "fresh vectors, with outlines of cats but torn faces, speckles and eyes out of place; and the "
    "training cats nearest to these, which they do not resemble closely.",
    "fog": "Ten cats; what the network makes of their vectors, ten times nearly the same pale "
    "blurred face with two grey smudges for eyes; the same from fresh vectors; and the mean of all "
    "cats, which looks like these.",
    "painted": "Ten cats that the network has never seen, and the same cats made from their eleven "
    "numbers: hardly different, with the right ears, tilt and gaze.",
    "digits": "Ten digits; the ten from a network trained on 64, faithful; its answers to fresh "
    "vectors, crisp scribbles, most of which are no digits; the ten from a network trained on all "
    "1797 and its answers to fresh vectors, all of them soft grey blobs, mixtures of all digits.",
    "loaded": "Ten cats as the saved network draws them, and below what the loaded one draws: a "
    "bright patch where each head was, broken into horizontal streaks and speckles, without ears, "
    "eyes or any outline.",
}
"""What each of the lesson's rows of pictures shows."""


def plot_rows(
    name: str, rows: Mapping[str, ArrayLike], *, real: ArrayLike, n: int = 10
) -> DescribedFigure:
    """Draw rows of grey pictures, each with its label on the left and its sharpness on the right.

    Parameters
    ----------
    name : str
        Which of `ALTERNATIVES` says in words what the figure shows.
    rows : mapping
        Label and array of shape (at least n, height, width) of each row; 0 is black, 1 white.
    real : array-like of shape (n_real, height, width)
        The pictures whose sharpness counts as 1.
    n : int
        How many pictures of each row to show; the sharpness is that of all.

    Returns
    -------
    DescribedFigure
    """
    notes = {label: f"sharpness {sharpness(some, real):.2f}" for label, some in rows.items()}
    return pictures.plot_rows(rows, ALTERNATIVES[name], n=n, notes=notes)


def plot_stamps(height: int = 3, width: int = 4) -> DescribedFigure:
    """Draw where the 4×4 stamps of a small image land, and how many reach each output pixel.

    Parameters
    ----------
    height, width : int
        Of the image; stride 2 and padding 1 double both.

    Returns
    -------
    DescribedFigure
    """
    fig, (left, right) = plt.subplots(1, 2, figsize=(11, 4))
    sheet = (2 * height + 2, 2 * width + 2)
    left.imshow(np.ones(sheet), cmap="gray", vmin=0, vmax=1)
    left.add_patch(Rectangle((0.5, 0.5), 2 * width, 2 * height, color="#f2f2f2"))
    pixels = [((0, 0), BLUE, "-"), ((0, 1), DARK_ORANGE, "--"), ((1, 2), DARK_GREEN, ":")]
    for (i, j), colour, style in pixels:
        place = (2 * j - 0.5 + 0.06, 2 * i - 0.5 + 0.06)
        look = {"edgecolor": colour, "linestyle": style, "linewidth": 3, "facecolor": "none"}
        left.add_patch(Rectangle(place, 3.88, 3.88, **look))
        left.text(place[0] + 0.3, place[1] + 0.9, f"({i}, {j})", color=colour, fontsize=12)
    left.set(title="stamps of three pixels", xlabel="column of the sheet", ylabel="row")
    counts = overlap_counts((height, width), (4, 4), stride=2, padding=1)
    picture = right.imshow(counts, cmap="Blues", vmin=0, vmax=6)
    for (i, j), count in np.ndenumerate(counts):
        ink = text_colour(picture.cmap(picture.norm(count)))
        right.text(j, i, count, ha="center", va="center", color=ink)
    right.set(title="stamps that reach each pixel", xlabel="column of the output", ylabel="row")
    for ax, (rows, columns) in ((left, sheet), (right, counts.shape)):
        ax.set_xticks(np.arange(columns + 1) - 0.5, minor=True)
        ax.set_yticks(np.arange(rows + 1) - 0.5, minor=True)
        ax.grid(False)
        ax.grid(True, which="minor", color="#999999", linewidth=0.6)
        ax.tick_params(which="minor", length=0)
    return with_alt(
        fig,
        "Left: on a sheet that is one row and one column larger on every side than the output, "
        "the 4×4 stamps of the pixels (0, 0), (0, 1) and (1, 2), each two columns or rows from "
        "its neighbour, so that neighbours share half of theirs. Right: every inner pixel of the "
        "output is reached by four stamps, the outermost rows and columns by two, the corners by "
        "one.",
    )


def plot_between(
    sizes: Sequence[int], scores: Mapping[str, ArrayLike], sharp: Mapping[str, ArrayLike]
) -> DescribedFigure:
    """Draw how close and how sharp the pictures are, against the number of cats.

    Parameters
    ----------
    sizes : sequence of int
        Numbers of training cats.
    scores, sharp : mapping
        Label and array of shape (n_sizes,): PSNR in dB; sharpness as a share of the real cats'.

    Returns
    -------
    DescribedFigure
    """
    fig, axes = plt.subplots(1, 2, figsize=(11, 4.2))
    looks = [(BLUE, "o", "-"), (ORANGE, "s", "-"), ("black", "", "--")]
    for ax, curves in zip(axes, (scores, sharp)):
        for (label, values), (colour, marker, style) in zip(curves.items(), looks):
            ax.semilogx(sizes, values, style, color=colour, marker=marker, label=label)
        ax.set_xticks(sizes, [f"{n}" for n in sizes])
        ax.minorticks_off()
        ax.set(xlabel="training cats", ylim=(0, None))
        ax.legend()
    axes[0].set(title="How close to the cat that was asked for", ylabel="PSNR in dB")
    axes[1].set(title="How sharp", ylabel="gradient energy, real = 1")
    return with_alt(
        fig,
        "Left: with more training cats the PSNR on training pairs falls from above 34 dB towards "
        "that of the mean cat, near 18 dB, and on fresh pairs rises towards it from below. Right: "
        "the sharpness of pictures from training vectors falls from nearly 1 and that from fresh "
        "ones from above 1, both to about one half, close to the mean cat's.",
    )


def load_elsewhere(model: Any) -> Any:
    """Return a copy of a model with a fault in its last kernel, for the learner to find.

    Parameters
    ----------
    model : fitted ImageRegressor
        Its last three layers are a transposed convolution with a square kernel, an activation and
        one that flattens.

    Returns
    -------
    ImageRegressor
    """
    loaded = copy.deepcopy(model)
    last = loaded.network_.layers[-3]
    last.W[...] = last.W.swapaxes(0, 1).copy()
    return loaded
