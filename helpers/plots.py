"""Figures that do not move: each function draws on an axes and returns what it drew."""

from __future__ import annotations

import io

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.colors import LinearSegmentedColormap, to_rgb
from matplotlib.figure import Figure
from PIL import Image

from helpers.checks import as_numbers, check_number, check_whole

SIGNS = LinearSegmentedColormap.from_list("signs", ["#005EA0", "#FFFFFF", "#D55E00"])
"""Blue for negative, white for zero, orange for positive, as in the live pictures."""

# Lines and markers: Okabe and Ito's palette, and a purple for whatever a model has made.
BLUE, ORANGE, GREEN, PURPLE, GREY = "#0072B2", "#D55E00", "#009E73", "#A0336F", "#888888"

# The same hues darkened until text in them can be read on white.
DARK_ORANGE, DARK_GREEN, DARK_PINK = "#B34700", "#007A59", "#A23C85"


class DescribedFigure:
    """A finished figure with a sentence that says what it shows.

    Notebooks display it as a PNG whose metadata carry the sentence as alternative text, for
    screen readers, for the web site, and for whoever reads the notebook as plain text.
    """

    def __init__(self, figure: Figure, alt: str):
        self.figure = figure
        self.alt = alt

    def __repr__(self) -> str:
        return f"Figure: {self.alt}"

    def _repr_mimebundle_(self, include=None, exclude=None):
        data = {"image/png": self._png(), "text/plain": repr(self)}
        return data, {"image/png": {"alt": self.alt}}

    def _png(self) -> bytes:
        """The picture with a palette of 256 colours: less than half the bytes, looks the same."""
        drawn, stored = io.BytesIO(), io.BytesIO()
        self.figure.savefig(drawn, format="png", bbox_inches="tight")
        picture = Image.open(drawn).convert("RGB")
        picture.quantize(256, dither=Image.Dither.NONE).save(stored, "png", optimize=True)
        return stored.getvalue()


def with_alt(figure: Figure, alt: str) -> DescribedFigure:
    """Finish a figure: as the last expression of a cell, show it with alternative text.

    Parameters
    ----------
    figure : matplotlib Figure
        Taken off pyplot's list, so that it is shown once and not again by the notebook.
    alt : str
        What the figure shows, in a sentence or two; at least 20 characters.

    Raises
    ------
    TypeError
        If `figure` is no matplotlib figure or `alt` no string.
    ValueError
        If `alt` is too short to describe anything.
    """
    if not isinstance(figure, Figure):
        raise TypeError(f"figure must be a matplotlib Figure; given {type(figure).__name__}")
    if not isinstance(alt, str):
        raise TypeError(f"alt must be a string; given {type(alt).__name__}")
    if len(alt.strip()) < 20:
        raise ValueError(
            f"alt must say what the figure shows (20 characters or more); given {alt!r}"
        )
    plt.close(figure)
    return DescribedFigure(figure, " ".join(alt.split()))


def text_colour(background) -> str:
    """Black or white, whichever can be read better on a colour (of any kind matplotlib knows).

    By the relative luminance of the Web Content Accessibility Guidelines: at 0.179 both have the
    same contrast, 4.6 : 1; everywhere else the better one has more.
    """
    parts = np.array(to_rgb(background))
    linear = np.where(parts <= 0.04045, parts / 12.92, ((parts + 0.055) / 1.055) ** 2.4)
    return "white" if linear @ [0.2126, 0.7152, 0.0722] < 0.179 else "black"


def plot_numbers(values, ax=None, *, limit=None, decimals=2, names=None, title=None):
    """Draw a small array as coloured cells with its numbers (or names) written in them.

    Parameters
    ----------
    values : array-like of shape (height, width)
    ax : matplotlib Axes, optional
        Where to draw; the current axes by default.
    limit : float, optional
        The value of the deepest colour on both sides of zero; by default the largest in size.
    decimals : int
        How many decimals to write.
    names : array-like of str, same shape, optional
        Written above each number.
    title : str, optional

    Returns
    -------
    matplotlib AxesImage
    """
    values = as_numbers("values", values)
    if values.ndim != 2:
        raise ValueError(f"values must have shape (height, width); given shape {values.shape}")
    check_whole("decimals", decimals, minimum=0)
    if limit is not None:
        check_number("limit", limit, above=0)
    if names is not None and np.shape(names) != values.shape:
        raise ValueError(f"names must have shape {values.shape}; given shape {np.shape(names)}")
    ax = plt.gca() if ax is None else ax
    limit = limit or max(np.abs(values).max(initial=0.0), 1e-12)
    picture = ax.imshow(values, cmap=SIGNS, vmin=-limit, vmax=limit)
    for (i, j), value in np.ndenumerate(values):
        number = f"{value:z.{decimals}f}".replace("-", "−")
        text = number if names is None else f"{names[i][j]}\n{number}"
        colour = text_colour(picture.cmap(picture.norm(value)))
        ax.text(j, i, text, ha="center", va="center", color=colour)
    ax.set_xticks(np.arange(0.5, values.shape[1] - 1), minor=True)
    ax.set_yticks(np.arange(0.5, values.shape[0] - 1), minor=True)
    ax.grid(True, which="minor", color="#999999", linewidth=1, alpha=1)
    ax.tick_params(which="both", length=0)
    ax.spines[:].set(visible=True, color="#999999")
    ax.set(xticks=[], yticks=[], title=title)
    ax.grid(False)
    return picture
