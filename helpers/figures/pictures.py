"""Grey pictures in rows and side by side, as the lessons on images show them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from numpy.typing import ArrayLike

from helpers.plots import DescribedFigure, with_alt


def show_picture(ax: Axes, picture: ArrayLike, **style) -> None:
    """Draw one picture and nothing else: no ticks, no grid, no frame.

    Parameters
    ----------
    ax : matplotlib Axes
    picture : array-like of shape (height, width)
        Grey, pixels from 0, black, to 1, white, unless `style` says otherwise.
    **style
        For ``imshow``: another colour map, other limits, a place by `extent`.
    """
    ax.imshow(picture, **{"cmap": "gray", "vmin": 0, "vmax": 1, "interpolation": "nearest"} | style)
    ax.set(xticks=[], yticks=[])
    ax.grid(False)
    ax.spines[:].set_visible(False)


def draw_strip(ax: Axes, pictures: ArrayLike, row: int, **style) -> None:
    """Draw pictures side by side in one row of an axes, each a unit wide and high, with gaps.

    Parameters
    ----------
    ax : matplotlib Axes
    pictures : sequence of array-like of shape (height, width)
    row : int
        The row is drawn around this height, the first around 0, the next below it.
    **style
        As for `show_picture`.
    """
    for column, picture in enumerate(pictures):
        place = (column + 0.04, column + 0.96, row + 0.46, row - 0.46)
        show_picture(ax, picture, extent=place, **style)


def draw_rows(
    ax: Axes,
    rows: Mapping[str, ArrayLike],
    *,
    n: int | None = None,
    columns: Sequence[str] = (),
    notes: Mapping[str, str] | None = None,
    **style,
) -> None:
    """Draw rows of pictures in one axes, the name of each row on its left.

    Parameters
    ----------
    ax : matplotlib Axes
    rows : mapping from str to array-like of shape (n_pictures, height, width)
        Rows may hold pictures of different sizes; all are drawn equally large.
    n : int, optional
        How many pictures of each row are drawn, at most; as many as there are by default.
    columns : sequence of str
        What stands above each column.
    notes : mapping from str to str, optional
        What stands to the right of a row, by its name.
    **style
        As for `show_picture`.
    """
    n = n or max(len(pictures) for pictures in rows.values())
    beside = {"va": "center", "fontsize": 12}
    for k, (name, pictures) in enumerate(rows.items()):
        draw_strip(ax, pictures[:n], k, **style)
        ax.text(-0.12, k, name, ha="right", **beside)
        if notes and name in notes:
            ax.text(n + 0.12, k, notes[name], ha="left", **beside)
    for column, name in enumerate(columns):
        ax.text(column + 0.5, -0.56, name, ha="center", va="bottom", fontsize=12)
    ax.set(xlim=(0, n), ylim=(len(rows) - 0.5, -0.5), aspect="equal")


def plot_rows(
    rows: Mapping[str, ArrayLike],
    alt: str,
    *,
    n: int | None = None,
    columns: Sequence[str] = (),
    notes: Mapping[str, str] | None = None,
    **style,
) -> DescribedFigure:
    """Draw rows of pictures as a figure of their own; see `draw_rows`.

    Parameters
    ----------
    rows : mapping from str to array-like of shape (n_pictures, height, width)
    alt : str
        What the figure shows.
    n, columns, notes, **style
        As for `draw_rows`.

    Returns
    -------
    DescribedFigure
    """
    n = n or max(len(pictures) for pictures in rows.values())
    size = min(1.25, 8.6 / n)
    width = size * n + 1.9 + 1.5 * bool(notes)
    fig, ax = plt.subplots(figsize=(width, size * len(rows) + 0.35 * bool(columns)))
    draw_rows(ax, rows, n=n, columns=columns, notes=notes, **style)
    return with_alt(fig, alt)


def plot_side_by_side(pictures: Mapping[str, tuple[ArrayLike, str]], alt: str) -> DescribedFigure:
    """Draw pictures side by side, large, each with its name above and a caption below.

    Parameters
    ----------
    pictures : mapping from str to (array-like of shape (height, width), str)
        Picture and caption of each name.
    alt : str
        What the figure shows.

    Returns
    -------
    DescribedFigure
    """
    fig, axes = plt.subplots(1, len(pictures), figsize=(2.5 * len(pictures), 3.4))
    for ax, (name, (picture, caption)) in zip(np.atleast_1d(axes), pictures.items()):
        show_picture(ax, picture)
        ax.set_title(name)
        ax.text(0.5, -0.05, caption, ha="center", va="top", fontsize=13, transform=ax.transAxes)
    return with_alt(fig, alt)
