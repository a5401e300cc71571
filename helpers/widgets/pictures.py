"""What widgets that walk between pictures share: the way, the nearest picture, and how to draw.

Pictures are grey, of shape (n, height, width), with pixels between 0 and 1 or a little beyond.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from helpers.widgets import svg

PATHS = {"straight": "straight", "round": "round the origin"}
"""How a walk leads from one end to the other, in words."""

GREYS = np.repeat(np.arange(256, dtype=np.uint8)[:, None], 3, axis=1)


def walk(start: NDArray, end: NDArray, t: NDArray, path: str = "straight") -> NDArray:
    """Points on the way from one vector to another.

    Parameters
    ----------
    start, end : ndarray of shape (n_latent,)
    t : ndarray of shape (n,), in [0, 1]
        0 is the start and 1 the end.
    path : {"straight", "round"}
        ``"straight"``: (1 − t) start + t end. ``"round"``: the direction turns evenly from one to
        the other and the length changes evenly, so that the way between two long vectors does not
        cut past the origin [1]_. Where the two directions are the same, opposite or undefined,
        the straight way is taken.

    Returns
    -------
    ndarray of shape (n, n_latent)

    References
    ----------
    .. [1] K. Shoemake, "Animating rotation with quaternion curves", SIGGRAPH 1985.
    """
    t = np.asarray(t, dtype=float)[:, None]
    straight = (1 - t) * start + t * end
    lengths = np.linalg.norm(start), np.linalg.norm(end)
    if path == "straight" or min(lengths) < 1e-12:
        return straight
    directions = start / lengths[0], end / lengths[1]
    angle = math.acos(float(np.clip(directions[0] @ directions[1], -1, 1)))
    if math.sin(angle) < 1e-6:
        return straight
    turned = np.sin((1 - t) * angle) * directions[0] + np.sin(t * angle) * directions[1]
    return ((1 - t) * lengths[0] + t * lengths[1]) * turned / math.sin(angle)


class Gallery:
    """Pictures that others are compared with.

    Parameters
    ----------
    rows : ndarray of shape (n_pictures, n_pixels)
        Flattened pictures, in 0–1.
    shape : (int, int)
        Height and width.
    """

    def __init__(self, rows: NDArray, shape: tuple[int, int]):
        self.rows, self.shape = rows, shape
        self._squares = np.sum(rows**2, axis=1)
        self.energy = float(np.mean(gradient_energies(self.images)))

    @property
    def images(self) -> NDArray:
        """The pictures, shape (n_pictures, height, width)."""
        return self.rows.reshape(-1, *self.shape)

    def nearest(self, pictures: NDArray) -> tuple[NDArray, NDArray]:
        """Numbers of the gallery's pictures nearest to some others, and the RMS distances."""
        rows = pictures.reshape(len(pictures), -1)
        numbers = self._squared_distances(rows).argmin(axis=1)
        differences = rows - self.rows[numbers]  # exact where the sum of squares has cancelled
        return numbers, np.sqrt(np.mean(differences**2, axis=1))

    def usual_gap(self, numbers: NDArray) -> float:
        """The median distance from those of its pictures to the nearest other one."""
        squared = self._squared_distances(self.rows[numbers])
        squared[np.arange(len(numbers)), numbers] = np.inf
        gaps = np.sqrt(np.maximum(squared.min(axis=1), 0) / self.rows.shape[1])
        return float(np.median(gaps))

    def sharpness(self, picture: NDArray) -> float:
        """Gradient energy of one picture, as a share of the gallery's."""
        return float(gradient_energies(picture[None])[0] / max(self.energy, 1e-12))

    def _squared_distances(self, rows: NDArray) -> NDArray:
        return squared_distances(rows, self.rows, np.sum(rows**2, axis=1), self._squares)


class NearestRow:
    """Finds the nearest of many rows by way of their shadows: exact, and much quicker.

    A row's shadow is where it lies along the directions in which the rows vary most, and how far
    off them. Two shadows are never farther apart than their rows, so that only the few rows whose
    shadow is near have to be looked at in full.

    Parameters
    ----------
    rows : ndarray of shape (n_rows, n_features)
    n_directions : int, default=24
    """

    def __init__(self, rows: NDArray, n_directions: int = 24):
        self._rows, self._mean = rows, rows.mean(axis=0, dtype=float)
        centred = rows - self._mean
        # Of a symmetric matrix, the eigenvectors of the largest eigenvalues come last.
        self._directions = np.linalg.eigh(centred.T @ centred)[1][:, -n_directions:]
        self._shadows = self._shadow(centred)
        self._squares = np.sum(self._shadows**2, axis=1)

    def find(self, row: NDArray) -> int:
        """The number of the row nearest to another one."""
        shadow = self._shadow((row - self._mean)[None])
        bounds = squared_distances(shadow, self._shadows, np.sum(shadow**2, axis=1), self._squares)
        limit = np.sum((self._rows[bounds.argmin()] - row) ** 2)
        near = np.flatnonzero(bounds[0] <= limit * (1 + 1e-6) + 1e-6)
        return int(near[np.sum((self._rows[near] - row) ** 2, axis=1).argmin()])

    def _shadow(self, centred: NDArray) -> NDArray:
        along = centred @ self._directions
        off = np.sum(centred**2, axis=1) - np.sum(along**2, axis=1)
        return np.column_stack([along, np.sqrt(np.maximum(off, 0))])


def squared_distances(rows: NDArray, others: NDArray, squares: NDArray, of_others: NDArray):
    """‖x − y‖² = ‖x‖² + ‖y‖² − 2 x·y between all of two sets of rows, given their ‖·‖²."""
    return squares[:, None] + of_others - 2 * rows @ others.T


def gradient_energies(images: NDArray) -> NDArray:
    """Mean squared step to the right plus mean squared step down, for each picture."""
    total = np.zeros(len(images))
    for axis in (1, 2):
        if images.shape[axis] > 1:
            total += np.mean(np.diff(images, axis=axis) ** 2, axis=(1, 2))
    return total


def draw_image(picture: NDArray, x: float, y: float, size: float) -> str:
    """One grey picture as large as it fits into a square, in its middle."""
    height, width = picture.shape
    scale = size / max(height, width)
    across, down = scale * width, scale * height
    levels = np.round(255 * np.clip(picture, 0, 1)).astype(np.uint8)
    place = x + (size - across) / 2, y + (size - down) / 2
    return svg.image(*place, across, down, levels, GREYS)


def tiled(pictures: NDArray, n_columns: int) -> NDArray:
    """Pictures side by side in rows, each in a square, with white lines of a pixel between them."""
    n, height, width = pictures.shape
    side = max(height, width)
    top, left = (side - height) // 2, (side - width) // 2
    tiles = np.ones((n // n_columns, n_columns, side + 1, side + 1), dtype=pictures.dtype)
    place = slice(top, top + height), slice(left, left + width)
    tiles[:, :, *place] = pictures.reshape(-1, n_columns, height, width)
    return tiles.swapaxes(1, 2).reshape(-1, n_columns * (side + 1))[:-1, :-1]


def draw_tiles(pictures: NDArray, n_columns: int, x: float, y: float, pitch: float) -> str:
    """Many grey pictures as one, so much quicker; from one to the next it is `pitch`."""
    scale = pitch / (max(pictures.shape[1:]) + 1)
    together = tiled(pictures, n_columns)
    height, width = together.shape
    levels = np.round(255 * np.clip(together, 0, 1)).astype(np.uint8)
    return svg.image(x, y, scale * width, scale * height, levels, GREYS)


# ----------------------------------------------------------------------- what comes in


def as_range(value: Any) -> tuple[float, float]:
    """What is black and what is white, checked."""
    try:
        low, high = (float(bound) for bound in value)
    except (TypeError, ValueError):
        raise ValueError(f"pixel_range must be a pair (black, white); given {value!r}") from None
    if not (math.isfinite(low) and math.isfinite(high) and low < high):
        raise ValueError(f"pixel_range must rise from black to white; given {value!r}")
    return low, high


def as_rows(name: str, value: ArrayLike) -> NDArray:
    """Finite numbers in two rows or more, checked, of at least two axes."""
    try:
        array = np.asarray(value)
    except ValueError:
        raise ValueError(f"{name} must not have rows of unequal length") from None
    if array.dtype.kind not in "iuf":
        raise TypeError(f"{name} must hold numbers; given an array of {array.dtype}")
    if array.ndim < 2 or len(array) < 2 or not array.size:
        raise ValueError(f"{name} must hold two rows or more; given shape {array.shape}")
    if not np.isfinite(array).all():
        raise ValueError(f"{name} must hold finite numbers; given NaN or infinity among them")
    return array
