"""The figures of lesson 06: stamps, matrices, sliding kernels, overlaps and pictures."""

from __future__ import annotations

from collections.abc import Sequence

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from numpy.typing import ArrayLike, NDArray

from helpers.plots import ORANGE, plot_numbers, text_colour
from helpers.transposed import convolution_matrix, overlap_counts, transposed_convolution

# Okabe and Ito's palette, lightened so that black letters can be read on it.
ENTRY_COLOURS = ("#9DC9E8", "#F3B58A", "#8FD6BE", "#F2DC8B")
CHOSEN = "black"
DASHED = {"edgecolor": ORANGE, "linestyle": "--"}

_CAT = """
................
.oo..........oo.
.oooo......oooo.
.o--oo....oo--o.
.o--oooooooo--o.
.oooooooooooooo.
.oooooooooooooo.
.oo@@@oooo@@@oo.
.oo@.@oooo@.@oo.
.oo@.@oooo@.@oo.
.oooooo--oooooo.
@@@oooo--oooo@@@
.ooo.oo..oo.ooo.
@@@oo..oo..oo@@@
..oooooooooooo..
....oooooooo....
"""
_GREYS = {".": 0.0, "-": 0.35, "o": 0.7, "@": 1.0}


def cat_picture() -> NDArray[np.float64]:
    """Return a drawing of a cat's face, 16 × 16 pixels between 0 (black) and 1 (white)."""
    return np.array([[_GREYS[mark] for mark in line] for line in _CAT.split()])


def _outline(ax: Axes, top: float, left: float, height: float, width: float, **style) -> Rectangle:
    """Draw a frame around cells of a picture; the first cell is (0, 0)."""
    style = {"edgecolor": CHOSEN, "linewidth": 3.5, "fill": False, "clip_on": False} | style
    style.setdefault("zorder", 5)
    return ax.add_patch(Rectangle((left - 0.5, top - 0.5), width, height, **style))


def _grid(ax: Axes, height: int, width: int) -> None:
    """Draw thin lines between cells."""
    ax.set_xticks(np.arange(width + 1) - 0.5, minor=True)
    ax.set_yticks(np.arange(height + 1) - 0.5, minor=True)
    ax.tick_params(which="both", length=0)
    ax.grid(which="minor", color="0.75", linewidth=0.8, alpha=1)
    ax.spines[:].set_visible(False)


def plot_stamps(image: ArrayLike, kernel: ArrayLike) -> Figure:
    """Draw the scaled kernel that each pixel stamps, and the sheet with all of them added.

    Parameters
    ----------
    image, kernel : array-like of shape (2, 2)

    Returns
    -------
    matplotlib Figure
    """
    image, kernel = np.asarray(image, float), np.asarray(kernel, float)
    total = transposed_convolution(image, kernel)
    limit = np.abs(total).max()
    fig, axes = plt.subplots(1, 5, figsize=(12, 2.9))
    for n, (i, j) in enumerate(np.ndindex(2, 2)):
        ax, sheet = axes[n], np.full(total.shape, np.nan)
        sheet[i : i + 2, j : j + 2] = image[i, j] * kernel
        _plot_sheet(ax, sheet, limit)
        _outline(ax, i, j, 2, 2, linewidth=2)
        ax.set_title(f"$p_{n + 1}$ · kernel\n$p_{n + 1} = {image[i, j]:g}$")
        ax.set_xlabel("+" if n < 3 else "=", fontsize=20)
    plot_numbers(total, axes[4], limit=limit, decimals=0, title="all four,\nadded")
    _grid(axes[4], 3, 3)
    return fig


def _plot_sheet(ax, sheet, limit):
    """Draw numbers on a sheet, leaving untouched cells (NaN) white."""
    touched = np.nan_to_num(sheet)
    plot_numbers(touched, ax, limit=limit, decimals=0)
    for text, value in zip(ax.texts, sheet.ravel()):
        text.set_visible(bool(np.isfinite(value)))
    _grid(ax, *sheet.shape)


def plot_matrix_and_transpose(kernel: ArrayLike) -> Figure:
    """Draw C of a 2×2 kernel on a 3×3 picture, and its transpose, entry by entry.

    Parameters
    ----------
    kernel : array-like of shape (2, 2)

    Returns
    -------
    matplotlib Figure
    """
    # Numbered entries find out by themselves where in C each of them lands.
    places = convolution_matrix([[1, 2], [3, 4]], (3, 3)).astype(int)
    numbers = np.append(0, np.ravel(kernel))
    fig, axes = plt.subplots(1, 2, figsize=(11.5, 4.6), width_ratios=(9, 4.6))
    large, small = [f"$x_{n}$" for n in range(1, 10)], [f"$y_{n}$" for n in range(1, 5)]
    _plot_entries(axes[0], places, numbers, small, large)
    axes[0].set_title("$C$ reads nine pixels, gives four: $y = C\\,x$")
    large, small = [f"$\\hat q_{n}$" for n in range(1, 10)], [f"$p_{n}$" for n in range(1, 5)]
    _plot_entries(axes[1], places.T, numbers, large, small)
    axes[1].set_title("$C^T$ reads four, gives nine:\n$\\hat q = C^T p$")
    return fig


def _plot_entries(ax, places, numbers, rows, columns):
    colours = np.array([to_rgb(colour) for colour in ("white", *ENTRY_COLOURS)])
    ax.imshow(colours[places])
    for (i, j), place in np.ndenumerate(places):
        label = f"$c_{place}$ = {numbers[place]:g}" if place else "0"
        ax.text(j, i, label, ha="center", va="center", fontsize=11, color="0" if place else "0.4")
    ax.set_xticks(range(len(columns)), columns)
    ax.set_yticks(range(len(rows)), rows)
    ax.xaxis.tick_bottom()
    ax.grid(False)
    _grid(ax, *places.shape)
    ax.set_aspect("auto")


def plot_views(image: ArrayLike, kernel: ArrayLike, pixel: tuple[int, int] = (1, 1)) -> Figure:
    """Draw the three views of one transposed convolution, with one output pixel marked.

    Parameters
    ----------
    image, kernel : array-like of shape (2, 2)
    pixel : pair of int
        Row and column of the output pixel, counted from 0.

    Returns
    -------
    matplotlib Figure
    """
    image, kernel = np.asarray(image, float), np.asarray(kernel, float)
    output = transposed_convolution(image, kernel)
    (y, x), name = pixel, f"\\hat q_{3 * pixel[0] + pixel[1] + 1}"
    fig, axes = plt.subplots(1, 3, figsize=(12.5, 4.4), width_ratios=(1, 1.15, 1.25))
    names = np.array([f"$\\hat q_{n}$" for n in range(1, 10)]).reshape(3, 3)
    plot_numbers(output, axes[0], names=names, decimals=0)
    _grid(axes[0], 3, 3)
    _outline(axes[0], y, x, 1, 1)
    axes[0].set_title(f"1 · stamps added: ${name}$ = {output[y, x]:g}")
    axes[0].set_xlabel(_sum_of_products(image, kernel, pixel))
    _plot_matrix_view(axes[1], image, kernel, 3 * y + x)
    axes[1].set_title(f"2 · $C^T p$: the row of ${name}$")
    _plot_slide_view(axes[2], image, kernel, pixel)
    axes[2].set_title("3 · the turned kernel slides")
    return fig


def _sum_of_products(image, kernel, pixel) -> str:
    """Write one output pixel as a sum, such as ``4·2 + 3·(−1)``, kernel entry first."""
    terms = []
    for i, j in np.ndindex(image.shape):
        a, b = pixel[0] - i, pixel[1] - j
        if 0 <= a < kernel.shape[0] and 0 <= b < kernel.shape[1]:
            terms.append(f"{kernel[a, b]:g}·{_bracketed(image[i, j])}")
    return " + ".join(terms)


def _signed(value: float) -> str:
    """A number with a minus sign, where Python would put a hyphen."""
    return f"{value:g}".replace("-", "−")


def _bracketed(value: float) -> str:
    return f"({_signed(value)})" if value < 0 else _signed(value)


def _plot_matrix_view(ax, image, kernel, row):
    matrix = convolution_matrix(kernel, (3, 3)).T
    plot_numbers(matrix, ax, decimals=0)
    ax.set_xticks(range(4), [f"· $p_{n + 1}$\n({_signed(p)})" for n, p in enumerate(image.ravel())])
    ax.set_yticks(range(9), [f"$\\hat q_{n}$" for n in range(1, 10)])
    ax.set_aspect("auto")
    _grid(ax, 9, 4)
    _outline(ax, row, 0, 1, 4)


def _plot_slide_view(ax, image, kernel, pixel):
    padded, turned = np.pad(image, 1), kernel[::-1, ::-1]
    plot_numbers(padded, ax, decimals=0, limit=2 * np.abs(image).max())
    _grid(ax, 4, 4)
    for (i, j), value in np.ndenumerate(turned):
        ax.text(
            pixel[1] + j + 0.4,
            pixel[0] + i + 0.4,
            f"× {_bracketed(value)}",
            ha="right",
            va="bottom",
            bbox={"facecolor": "white", "edgecolor": CHOSEN, "boxstyle": "round,pad=0.2"},
            zorder=6,
        )
    _outline(ax, pixel[0], pixel[1], 2, 2)


def plot_pictures(
    pictures: Sequence[ArrayLike],
    titles: Sequence[str],
    *,
    columns: int | None = None,
    limits: tuple[float, float] | None = None,
) -> Figure:
    """Draw grey pictures side by side, black to white.

    Parameters
    ----------
    pictures : sequence of array-like of shape (height, width)
    titles : sequence of str
        One for each picture.
    columns : int, optional
        Pictures in a row; all in one row by default.
    limits : pair of float, optional
        The values shown black and white; each picture's own smallest and largest by default.

    Returns
    -------
    matplotlib Figure
    """
    if len(pictures) != len(titles):
        raise ValueError(
            "pictures and titles must be equally many; "
            f"given {len(pictures)} pictures and {len(titles)} titles"
        )
    columns = columns or len(pictures)
    rows = -(-len(pictures) // columns)
    height, width = np.shape(pictures[0])
    row_height = 0.4 + 11.5 / columns * height / width
    fig, axes = plt.subplots(rows, columns, figsize=(11.5, rows * row_height))
    low, high = limits or (None, None)
    for ax, picture, title in zip(np.ravel(axes), pictures, titles):
        ax.imshow(picture, cmap="gray", vmin=low, vmax=high)
        ax.set(xticks=[], yticks=[])
        ax.set_title(title, fontsize=13)
        ax.grid(False)
        ax.spines[:].set_visible(True)
    return fig


def plot_stamps_in_a_line(sizes: Sequence[int], *, stride: int = 2, pixels: int = 6) -> Figure:
    """Draw, in one dimension, where the stamps of a row of pixels fall and how many overlap.

    Parameters
    ----------
    sizes : sequence of int
        Kernel sizes; one panel each.
    stride : int
        Steps between the stamps.
    pixels : int
        How many pixels stamp.

    Returns
    -------
    matplotlib Figure
    """
    fig, axes = plt.subplots(1, len(sizes), figsize=(4 * len(sizes), 3.6), sharey=True)
    for ax, size in zip(axes, sizes):
        for n in range(pixels):
            colour = ENTRY_COLOURS[n % 4]
            ax.barh(n, size, left=stride * n - 0.5, color=colour, edgecolor="black", linewidth=1)
        counts = overlap_counts((1, pixels), (1, size), stride=stride).ravel()
        for x, count in enumerate(counts):
            ax.text(x, pixels + 0.25, count, ha="center", va="center", weight="bold")
        ax.set(title=f"kernel {size}, stride {stride}", xlabel="output pixel")
        ax.set(xticks=np.arange(0, len(counts), 2), yticks=range(pixels))
        ax.set_yticklabels([f"stamp {n + 1}" for n in range(pixels)])
        ax.text(-0.9, pixels + 0.25, "stamps:", ha="right", va="center", fontsize=11)
        ax.set_ylim(pixels + 0.8, -0.7)
    for ax in axes[1:]:
        ax.texts[-1].set_visible(False)
    return fig


def plot_sizes(playground) -> Figure:
    """Draw the overlap map, the enlarged picture and the resized one of a kernel playground.

    Parameters
    ----------
    playground : KernelPlayground
        With possible settings in its panel for sizes.

    Returns
    -------
    matplotlib Figure
    """
    counts, enlarged = playground.overlap, playground.sized_output
    fig, axes = plt.subplots(1, 3, figsize=(12, 4.4))
    _plot_counts(axes[0], counts)
    axes[0].set_title("stamps for each output pixel")
    i, k, s, p = (
        getattr(playground, name) for name in ("image_size", "kernel_size", "stride", "padding")
    )
    first, last = max(k - s - p, 0), min(s * i - p, len(counts))  # no border of the image is near
    if last > first:
        _outline(axes[0], first, first, last - first, last - first, **DASHED)
        inside = counts[first:last, first:last]
        axes[0].set_xlabel(f"inside the frame: {inside.max()} / {inside.min()}")
    _plot_grey(axes[1], enlarged)
    axes[1].set_title(f"transposed convolution\n{i} × {i} → {len(enlarged)} × {len(enlarged)}")
    _plot_grey(axes[2], playground.resized_output)
    axes[2].set_title("resize, then convolve")
    return fig


def _plot_counts(ax, counts):
    """Draw whole numbers as coloured cells, from 0 up, with the numbers written in."""
    picture = ax.imshow(counts, cmap="cividis", vmin=0)
    for (i, j), count in np.ndenumerate(counts):
        ink = text_colour(picture.cmap(picture.norm(count)))
        ax.text(j, i, count, ha="center", va="center", color=ink, fontsize=10)
    ax.set(xticks=[], yticks=[])
    ax.grid(False)


def _plot_grey(ax, picture):
    """Draw a picture from its smallest number, black, to its largest, white."""
    ax.imshow(picture, cmap="gray")
    ax.set(xticks=[], yticks=[])
    ax.set_xlabel(f"{picture.min():.2g} (black) to {picture.max():.2g} (white)")
    ax.grid(False)
