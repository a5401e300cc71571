"""The picture of the GAN theatre as a figure of matplotlib, which shows where no kernel runs."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.colors import ListedColormap
from matplotlib.figure import Figure

from helpers.plots import DescribedFigure, with_alt
from helpers.widgets import svg
from helpers.widgets.theatre_data import grid_points
from helpers.widgets.theatre_picture import (
    DISCRIMINATOR,
    FAR,
    GENERATED,
    N_SHOWN,
    REAL,
    Plot,
    Scene,
    describe,
    palette,
    panel_title,
    plots,
    status,
)
from helpers.widgets.theatre_run import N_ARROWS


def plot_scene(scene: Scene) -> DescribedFigure:
    """Draw a scene: two panels of the plane, and three plots of what was measured.

    Parameters
    ----------
    scene : Scene

    Returns
    -------
    figure : DescribedFigure
        The last expression of a cell shows it, with what the picture shows in words.
    """
    figure = Figure(figsize=(12, 5.1), layout="constrained")
    figure.suptitle(f"step {scene.moment} of {scene.now}", x=0.01, ha="left")
    layout = figure.add_gridspec(3, 3, width_ratios=(1.3, 1.3, 1))
    for column, (run, shown) in enumerate(scene.panels):
        ax = figure.add_subplot(layout[:, column])
        _draw_panel(ax, scene, run, shown)
        if scene.compare or column == 0:
            ax.set_xlabel(status(scene, run, long=not scene.compare), loc="left")
    for row, plot in enumerate(plots(scene)):
        _draw_plot(figure.add_subplot(layout[row, 2]), plot, scene)
    return with_alt(figure, f"The GAN theatre. {describe(scene)}")


def _draw_panel(ax: Axes, scene: Scene, run: int, shown: str) -> None:
    view, reach = scene.views[run], scene.reach
    noise = scene.settings[run].instance_noise
    if shown == "discriminator":
        _draw_heat(ax, view.surface(reach), reach)
        _draw_contours(ax, view.surface(reach), reach, (0.5,), "solid")
    if shown == "optimum":
        _draw_heat(ax, view.optimum(reach, noise), reach)
    if shown == "optimum" or (shown == "discriminator" and scene.optimum_lines):
        _draw_contours(ax, view.optimum(reach, noise), reach, (0.25, 0.5, 0.75), "dashed")
    if shown == "warp":
        for lines, colour in zip(view.warp(), (DISCRIMINATOR, svg.GREEN)):
            ax.add_collection(LineCollection(list(lines), colors=colour, linewidths=1))
    _draw_points(ax, scene, run, faint=shown == "warp")
    if scene.arrows and shown != "warp":
        points, push = view.points[:N_ARROWS], view.push
        size = np.maximum(np.hypot(*push.T), 1e-300)[:, None]
        push = push / size * np.minimum(size * 0.155, 0.31) * reach  # as long as in the SVG
        ax.quiver(*points.T, *push.T, angles="xy", scale_units="xy", scale=1, width=0.004)
    ax.set(xlim=(-reach, reach), ylim=(-reach, reach), aspect="equal")
    ax.set_title(panel_title(scene, run, shown), loc="left")
    ax.grid(False)


def _draw_heat(ax: Axes, probability: np.ndarray, reach: float) -> None:
    *bands, grey = palette() / 255
    colours = ListedColormap(bands).with_extremes(bad=grey)
    extent = (-reach, reach, -reach, reach)
    ax.imshow(probability, cmap=colours, vmin=0, vmax=1, origin="lower", extent=extent)


def _draw_contours(ax, heights, reach: float, levels: tuple[float, ...], style: str) -> None:
    heights = np.ma.masked_invalid(heights)
    crossed = [level for level in levels if heights.min() < level < heights.max()]
    if crossed:
        places = grid_points(reach)[: len(heights), 0]
        ax.contour(places, places, heights, crossed, colors=svg.INK, linestyles=style, linewidths=1)


def _draw_points(ax: Axes, scene: Scene, run: int, *, faint: bool) -> None:
    strength = 0.5 if faint else 1.0
    real, fake = scene.data.held_out[:N_SHOWN], scene.views[run].points[:N_SHOWN]
    ax.plot(*real.T, "o", ms=3, color=svg.tint(REAL, strength), label="real")
    ax.plot(*fake.T, "^", ms=3.5, color=svg.tint(GENERATED, strength), label="generated")
    ax.legend(loc="upper right", fontsize="small", framealpha=0.9)


def _draw_plot(ax: Axes, plot: Plot, scene: Scene) -> None:
    for curve in plot.curves:
        x, y = curve.points[:, 0], np.clip(curve.points[:, 1], -FAR, FAR)
        style = "--" if curve.run else "-"
        ax.plot(x, y, style, color=curve.colour, linewidth=curve.width)
    if plot.band:
        ax.axhspan(*plot.band, color="#dddddd", zorder=0)
    for value in plot.reference:
        ax.axhline(value, color=svg.SOFT_INK, linewidth=1, linestyle=":")
    ax.axvline(scene.moment, color=svg.SOFT_INK, linewidth=1)
    ax.set_yticks(list(plot.marks), list(plot.marks.values()))
    ax.set(xlim=(0, max(scene.now, 100)), ylim=(plot.low, plot.high))
    for (name, colour), side in zip(plot.names, ("left", "right")):
        ax.set_title(name, loc=side, color=colour, fontsize="medium")
    ax.grid(False)
