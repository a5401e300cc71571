"""What is played for in the GAN theatre: points in the plane, their density, two scores.

Densities are always seen through a blur, a Gaussian of some width: that of a Gaussian mixture is
then still a formula, and that of points is a kernel density estimate. With the same blur on both
sides, p and q can be compared without taking the width of the kernel for a difference.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.ndimage import gaussian_filter
from scipy.spatial import cKDTree
from sklearn.datasets import make_moons

from helpers.datasets import grid_centers, make_modes, ring_centers

PIXELS = 64
"""Rows, and columns, of the heat maps."""

NOISE = 0.05
"""Standard deviation of every mode, and of the noise about the curves."""

N_TRAINING, N_HELD_OUT = 2000, 1000
FEWEST_ROWS = 20


def _moons(n: int, rng: np.random.Generator) -> NDArray:
    X, _ = make_moons(n, noise=NOISE, random_state=int(rng.integers(2**31)))
    return (X - [0.5, 0.25]) * 0.8


def _spiral(n: int, rng: np.random.Generator) -> NDArray:
    turn = np.sqrt(rng.uniform(0.02, 1, n))  # evenly along the curve, nearly
    angle = 3.5 * np.pi * turn
    curve = 1.2 * turn[:, None] * np.column_stack([np.cos(angle), np.sin(angle)])
    return curve + NOISE / 2 * rng.standard_normal((n, 2))


#: Centres of the modes of those that are Gaussian mixtures.
MIXTURES = {"ring": ring_centers(), "grid": grid_centers(), "point": np.zeros((1, 2))}
CURVES = {"two moons": _moons, "spiral": _spiral}
DATA = ("ring", "grid", "two moons", "spiral", "point")
"""The data that have a name; any others can be given as an array."""


@dataclass(frozen=True, eq=False)
class PlaneData:
    """Points to imitate.

    Attributes
    ----------
    name : str
        One of `DATA`, or "yours".
    rows, held_out : ndarray of shape (n, 2) and (m, 2)
        For training, and for scores alone.
    centers : ndarray of shape (n_modes, 2) or None
        Of a mixture of Gaussians, all of standard deviation `NOISE`.
    chance : tuple of two floats
        Mean and standard deviation of the two-sample score for samples of one law.
    n_score : int
        How many points of each kind that score takes.
    """

    name: str
    rows: NDArray
    held_out: NDArray
    centers: NDArray | None
    chance: tuple[float, float]

    @property
    def n_score(self) -> int:  # noqa: D102
        return _n_score(self.held_out)

    def density(self, reach: float, blur: float) -> NDArray:
        """p on the pixels of the square ±reach, seen through a blur; shape (PIXELS, PIXELS)."""
        if self.centers is None:
            return blurred_density(np.vstack([self.rows, self.held_out]), reach, blur)
        # The normal density of each mode is a product of one along x1 and one along x2.
        variance = NOISE**2 + blur**2
        across = np.exp(
            -((_pixel_centres(reach)[:, None] - self.centers[:, 0]) ** 2) / 2 / variance
        )
        up = np.exp(-((_pixel_centres(reach)[:, None] - self.centers[:, 1]) ** 2) / 2 / variance)
        return up @ across.T / (2 * np.pi * variance * len(self.centers))


def make_data(name: str | ArrayLike, random_state: int = 0) -> PlaneData:
    """Draw data by name, or take an array of points.

    Parameters
    ----------
    name : str or array-like of shape (n, 2)
        A name in `DATA`, or at least 20 points. These are centred and scaled to a root mean
        square distance of 1 from their centre, and every fourth is held out.
    random_state : int

    Raises
    ------
    TypeError, ValueError
        If it is neither.
    """
    rng = np.random.default_rng(random_state)
    if not isinstance(name, str):
        X = rng.permutation(_as_points(name))
        held_out = np.arange(len(X)) % 4 == 0
        band = chance_of(X[: 2 * _n_score(X[held_out])], rng)
        return PlaneData("yours", X[~held_out], X[held_out], None, band)
    if name not in DATA:
        raise ValueError(
            f"data must be one of {', '.join(map(repr, DATA))}, or an array of points of shape "
            f"(n, 2); given {name!r}"
        )
    n, centers = N_TRAINING + N_HELD_OUT, MIXTURES.get(name)
    if centers is None:
        X = CURVES[name](n, rng)
    else:
        X = make_modes(n, centers=centers, noise=NOISE, random_state=rng)
    rows, held_out = X[:N_TRAINING], X[N_TRAINING:]
    return PlaneData(name, rows, held_out, centers, chance_of(held_out, rng))


def _as_points(value: ArrayLike) -> NDArray:
    expected = f"at least {FEWEST_ROWS} points, finite numbers of shape (n, 2)"
    try:
        X = np.asarray(value)
    except ValueError:
        raise ValueError(f"data must be {expected}; given rows of unequal length") from None
    if X.dtype.kind not in "iuf":
        raise TypeError(f"data must be {expected}, or a name; given {value!r}")
    if X.ndim != 2 or X.shape[1] != 2 or len(X) < FEWEST_ROWS:
        raise ValueError(f"data must be {expected}; given shape {X.shape}")
    X = X.astype(float)
    if not (np.abs(X) < 1e100).all():  # false for NaN too
        raise ValueError(f"data must be {expected}; {(~np.isfinite(X)).sum()} values are not")
    X = X - X.mean(axis=0)
    size = np.sqrt((X**2).sum(axis=1).mean())
    return X / size if size > 0 else X


# ----------------------------------------------------------------------- densities


def _pixel_centres(reach: float) -> NDArray:
    return (np.arange(PIXELS) + 0.5) * (2 * reach / PIXELS) - reach


def grid_points(reach: float) -> NDArray:
    """The points that the pixels of a heat map stand for, from below upwards."""
    centres = _pixel_centres(reach)
    return np.stack(np.meshgrid(centres, centres), axis=-1).reshape(-1, 2)


def blurred_density(points: NDArray, reach: float, blur: float) -> NDArray:
    """Kernel density estimate on the pixels of the square ±reach, shape (PIXELS, PIXELS).

    Points are counted by pixel, and the counts blurred: quick, and near enough where the blur is
    not less than a pixel. Row by row from below; points beyond the square do not count in it.
    """
    pixel = 2 * reach / PIXELS
    places = np.floor((points + reach) / pixel)
    inside = ((places >= 0) & (places < PIXELS)).all(axis=1)
    column, row = places[inside].astype(int).T
    counts = np.bincount(row * PIXELS + column, minlength=PIXELS**2).reshape(PIXELS, PIXELS)
    return gaussian_filter(counts / (len(points) * pixel**2), blur / pixel, mode="constant")


# -------------------------------------------------------------------------- scores


def _nearest_others(X: NDArray) -> NDArray:
    """The number of each row's nearest other row."""
    found = cKDTree(X).query(X, k=2)[1]
    return np.where(found[:, 0] == np.arange(len(X)), found[:, 1], found[:, 0])


def two_sample_score(real: NDArray, fake: NDArray) -> float:
    """How often the nearest other point tells whether a point is real or generated.

    Leave-one-out accuracy of one nearest neighbour on both samples, of equal size: about ½ if
    they follow one law, 1 if they lie apart, and less than ½ if each generated point is a copy
    of a real one.
    """
    labels = np.arange(len(real) + len(fake)) < len(real)
    return float((labels[_nearest_others(np.vstack([real, fake]))] == labels).mean())


def _n_score(held_out: NDArray) -> int:
    return min(N_HELD_OUT // 2, len(held_out))


def chance_of(X: NDArray, rng: np.random.Generator) -> tuple[float, float]:
    """Mean and standard deviation of `two_sample_score` when X is divided at random."""
    nearest, labels = _nearest_others(X), np.arange(len(X)) % 2 == 0
    scores = [(s[nearest] == s).mean() for s in (rng.permutation(labels) for _ in range(200))]
    return float(np.mean(scores)), float(np.std(scores))
