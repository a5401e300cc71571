"""Radar returns as curves over their 17 pulses, as several lessons draw them."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import ArrayLike

from helpers.plots import PURPLE

PULSES = np.arange(1, 18)


def radar_parts(row: ArrayLike) -> tuple[np.ndarray, np.ndarray]:
    """Real and imaginary parts of the 17 pulses, from a row of the scoreboard's table.

    Parameters
    ----------
    row : array-like of shape (34,)
        `a01` as ±1, `a03` … `a34`, label; `a02`, which is 0 throughout, is put back.
    """
    row = np.asarray(row, dtype=float)
    numbers = np.concatenate([[(row[0] + 1) / 2, 0], row[1:33]])
    return numbers[::2], numbers[1::2]


def draw_beside_real(
    ax: Axes, real: ArrayLike, made: ArrayLike, *, real_label: str, made_label: str
) -> None:
    """Draw one part of a return that a model has made over the same part of a real one.

    Parameters
    ----------
    ax : matplotlib Axes
    real, made : array-like of shape (17,)
        Real parts of the pulses, or imaginary parts.
    real_label, made_label : str
        For the legend.
    """
    ax.plot(PULSES, real, "--", color="black", lw=1.5, label=real_label)
    ax.plot(PULSES, made, "o-", color=PURPLE, ms=4, lw=1.8, label=made_label)
    ax.set(ylim=(-1.5, 1.5), xticks=[1, 9, 17])
