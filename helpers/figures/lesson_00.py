"""The figures of lesson 00."""

from __future__ import annotations

from matplotlib.axes import Axes
from matplotlib.patches import FancyBboxPatch

from helpers.plots import BLUE, DARK_GREEN, DARK_ORANGE

ARCS = {
    "Tables": (BLUE, ("01", "02", "03", "04", "05")),
    "Kernels": (DARK_ORANGE, ("06", "07", "08")),
    "Pictures": (DARK_GREEN, ("09", "10", "11", "12")),
}
SUBJECTS = {
    "01": "two ways\nto classify",
    "02": "autoencoder\nby hand",
    "03": "sampling its\nhidden space",
    "04": "towards\nthe VAE",
    "05": "adversarial\ngame",
    "06": "transposed\nconvolution",
    "07": "nine-term\nloss",
    "08": "noise into\nimages",
    "09": "why MSE\nblurs",
    "10": "adversarial\nsharpness",
    "11": "image\nGAN",
    "12": "what came\nnext",
}
WIDTH, HEIGHT = 1.7, 0.82


def plot_course_map(ax: Axes) -> dict[str, FancyBboxPatch]:
    """Draw the lessons that follow this one as boxes in three rows, one for each arc of the course.

    Parameters
    ----------
    ax : matplotlib Axes

    Returns
    -------
    dict of str to FancyBboxPatch
        The boxes, by the number of the lesson.
    """
    boxes = {}
    for row, (arc, (colour, lessons)) in enumerate(ARCS.items()):
        y = 2 - row
        ax.text(1.2, y, arc, ha="right", va="center", color=colour, fontsize=16, weight="bold")
        for place, lesson in enumerate(lessons):
            boxes[lesson] = _box(ax, 2.3 + 2.0 * place, y, lesson, colour)
            if place:
                _arrow(ax, 2.3 + 2.0 * (place - 1) + WIDTH / 2, y, 2.3 + 2.0 * place - WIDTH / 2, y)
    ax.set(xlim=(-0.2, 11.3), ylim=(-0.7, 2.7))
    ax.axis("off")
    return boxes


def _box(ax: Axes, x: float, y: float, lesson: str, colour: str) -> FancyBboxPatch:
    corner = (x - WIDTH / 2, y - HEIGHT / 2)
    box = FancyBboxPatch(
        corner,
        WIDTH,
        HEIGHT,
        boxstyle="round,pad=0.02,rounding_size=0.12",
        facecolor="white",
        edgecolor=colour,
        linewidth=2.2,
    )
    ax.add_patch(box)
    ax.text(x, y + 0.24, lesson, ha="center", va="center", color=colour, weight="bold")
    ax.text(x, y - 0.1, SUBJECTS[lesson], ha="center", va="center", fontsize=12, linespacing=1.15)
    return box


def _arrow(ax: Axes, x0: float, y0: float, x1: float, y1: float) -> None:
    style = {"arrowstyle": "-|>", "color": "#555555", "linewidth": 1.8}
    ax.annotate("", xy=(x1 - 0.02, y1), xytext=(x0 + 0.02, y0), arrowprops=style)
