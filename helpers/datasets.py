"""The data the lessons learn from: radar returns, small pictures and made-up sets."""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from sklearn.datasets import load_digits, load_sample_images
from sklearn.utils import Bunch

from helpers.checks import as_generator, as_numbers, check_choice, check_number, check_whole

DATA_FOLDER = Path(__file__).resolve().parent.parent / "data"

_IONOSPHERE_SHA256 = "9ca46748234d9aa11a6dd72db4ba6cf74f68271c54835e7686ff3647be0101c4"
_IONOSPHERE_SHAPE = (351, 34)

RandomState = int | np.random.Generator | None


def load_ionosphere(return_X_y: bool = False) -> Bunch | tuple[NDArray, NDArray]:
    """Load the 351 radar returns of the ionosphere data.

    Parameters
    ----------
    return_X_y : bool
        Return the pair (data, target) instead of a Bunch.

    Returns
    -------
    Bunch
        ``data``: float64 of shape (351, 34) in [−1, 1]; ``target``: int64 of shape (351,),
        +1 for a good return and −1 for a bad one; ``feature_names``: the columns'
        names; ``target_names``: {−1: "bad", +1: "good"}; ``filename``; ``DESCR``.

    Raises
    ------
    FileNotFoundError
        If the file is not where it belongs.
    ValueError
        If the file is not, byte for byte, the one that belongs to the course.

    References
    ----------
    V. Sigillito et al., *Ionosphere*, UCI Machine Learning Repository (1989),
    DOI 10.24432/C5W01B, CC BY 4.0.
    """
    path = DATA_FOLDER / "ionosphere.csv"
    text = _read_verified(path, _IONOSPHERE_SHA256).decode("ascii")
    header, *rows = text.splitlines()
    *feature_names, _ = header.split(",")
    table = np.array([row.split(",") for row in rows])
    data = table[:, :-1].astype(np.float64)
    target = np.where(table[:, -1] == "g", 1, -1)
    if return_X_y:
        return data, target
    return Bunch(
        data=data,
        target=target,
        feature_names=feature_names,
        target_names={-1: "bad", 1: "good"},
        filename=str(path),
        DESCR=load_ionosphere.__doc__,
    )


def _read_verified(path: Path, sha256: str) -> bytes:
    """Return the file's bytes if their checksum is right; otherwise say what to do."""
    remedy = f"Restore it from the course's repository: git checkout -- data/{path.name}"
    if not path.is_file():
        raise FileNotFoundError(f"The data file {path} is missing. {remedy}")
    # A checkout on Windows may have changed the line ends; the numbers are the same.
    content = path.read_bytes().replace(b"\r\n", b"\n")
    found = hashlib.sha256(content).hexdigest()
    if found != sha256:
        raise ValueError(
            f"The data file {path} is not the one that belongs to the course: its SHA-256 "
            f"is {found[:12]}…, expected {sha256[:12]}…; it holds {len(content)} bytes and "
            f"may be truncated or altered. {remedy}"
        )
    return content


# ------------------------------------------------------------------- small pictures


def load_digit_images(return_X_y: bool = False) -> Bunch | tuple[NDArray, NDArray]:
    """Load the 1797 handwritten digits that come with scikit-learn.

    Parameters
    ----------
    return_X_y : bool
        Return the pair (data, target) instead of a Bunch.

    Returns
    -------
    Bunch
        ``images``: float64 of shape (1797, 8, 8), pixels k/16 from 0, paper, to 1, ink;
        ``data``: the same, flattened to (1797, 64); ``target``: int64 of shape (1797,),
        the digit; ``target_names``: 0 to 9; ``DESCR``.

    References
    ----------
    E. Alpaydin and C. Kaynak, *Optical Recognition of Handwritten Digits*, UCI Machine
    Learning Repository (1998), DOI 10.24432/C50P49, CC BY 4.0.
    """
    digits = load_digits()
    images, target = digits.images / 16, digits.target.astype(np.int64)
    data = images.reshape(len(images), -1)
    if return_X_y:
        return data, target
    return Bunch(
        images=images,
        data=data,
        target=target,
        target_names=digits.target_names,
        DESCR=load_digit_images.__doc__,
    )


_GREY = np.array([0.299, 0.587, 0.114])  # ITU-R BT.601: how bright red, green and blue look


def load_photo_patches(
    n_samples: int = 1000,
    *,
    height: int = 16,
    width: int = 16,
    shrink: int = 1,
    random_state: RandomState = None,
) -> Bunch:
    """Cut random patches out of the two photographs that come with scikit-learn.

    Parameters
    ----------
    n_samples : int
        At least 1.
    height, width : int
        Size of a patch in pixels, at least 1.
    shrink : int
        First replace every block of ``shrink × shrink`` pixels of a photograph by its mean,
        so that a patch shows more; at least 1.
    random_state : int, Generator or None
        Seed or source of the randomness.

    Returns
    -------
    Bunch
        ``images``: grey, float64 of shape (n_samples, height, width) in [0, 1]; ``data``: the
        same, flattened to (n_samples, height * width); ``source``: which photograph, 0 a
        temple or 1 a flower; ``corner``: row and column of the patch's upper left pixel in the
        shrunk photograph, shape (n_samples, 2).

    Raises
    ------
    TypeError, ValueError
        If an argument is not of the kind or in the range above, or if a patch is larger than
        the shrunk photographs.
    """
    sizes = {"n_samples": n_samples, "shrink": shrink, "height": height, "width": width}
    for name, value in sizes.items():
        check_whole(name, value)
    size = np.array([height, width])
    photos = [_shrink(photo @ _GREY / 255, shrink) for photo in load_sample_images().images]
    room = np.array([photo.shape for photo in photos]) - size
    if room.min() < 0:
        raise ValueError(
            f"a patch of {height} × {width} does not fit into photographs of "
            f"{photos[0].shape[0]} × {photos[0].shape[1]} (shrunk by {shrink})"
        )
    rng = as_generator(random_state)
    source = rng.integers(len(photos), size=n_samples)
    corner = rng.integers(room[source], endpoint=True)
    patches = [np.lib.stride_tricks.sliding_window_view(photo, size) for photo in photos]
    images = np.array([patches[k][row, column] for k, (row, column) in zip(source, corner)])
    data = images.reshape(n_samples, -1)
    return Bunch(images=images, data=data, source=source, corner=corner)


def _shrink(photo: NDArray, factor: int) -> NDArray:
    """The mean of every block; rows and columns that fill none are left out."""
    height, width = photo.shape[0] // factor, photo.shape[1] // factor
    blocks = photo[: height * factor, : width * factor]
    return blocks.reshape(height, factor, width, factor).mean(axis=(1, 3))


# ------------------------------------------------------------------- made-up sets

RING_MAP = np.array([[1, 1, 1, 1], [1, -1, 1, -1]]) / 2
"""The two orthonormal directions of R⁴, as rows, in whose plane the ring lies."""


def make_ring(
    n_samples: int = 200,
    *,
    noise: float = 0.05,
    random_state: RandomState = None,
    return_angle: bool = False,
) -> NDArray | tuple[NDArray, NDArray]:
    """Points on a circle that lies tilted in R⁴, for the 4-2-4 network.

    ``x = (cos θ, sin θ) @ RING_MAP + noise``, with θ uniform on [0, 2π).

    Parameters
    ----------
    n_samples : int
        At least 1.
    noise : float
        Standard deviation of the Gaussian noise on every coordinate; at least 0.
    random_state : int, Generator or None
        Seed or source of the randomness.
    return_angle : bool
        Return also the angles θ.

    Returns
    -------
    X : ndarray of shape (n_samples, 4)
    theta : ndarray of shape (n_samples,), only if `return_angle`

    Raises
    ------
    TypeError, ValueError
        If `n_samples` is no whole number ≥ 1 or `noise` no finite number ≥ 0.
    """
    check_whole("n_samples", n_samples)
    check_number("noise", noise, minimum=0)
    rng = as_generator(random_state)
    theta = rng.uniform(0, 2 * np.pi, n_samples)
    circle = np.column_stack([np.cos(theta), np.sin(theta)])
    X = circle @ RING_MAP + noise * rng.normal(size=(n_samples, 4))
    return (X, theta) if return_angle else X


def ring_centers(n_modes: int = 8, radius: float = 1.0) -> NDArray:
    """Points evenly spaced on a circle about the origin, the first on the first axis.

    Returns
    -------
    centers : ndarray of shape (n_modes, 2)
    """
    check_whole("n_modes", n_modes)
    check_number("radius", radius, minimum=0)
    angle = 2 * np.pi * np.arange(n_modes) / n_modes
    return radius * np.column_stack([np.cos(angle), np.sin(angle)])


def grid_centers(n_side: int = 5, half_width: float = 1.0) -> NDArray:
    """Points of a square grid about the origin, row by row.

    Returns
    -------
    centers : ndarray of shape (n_side ** 2, 2)
    """
    check_whole("n_side", n_side)
    check_number("half_width", half_width, minimum=0)
    side = np.linspace(-1, 1, n_side) * half_width
    return np.array([(x, y) for y in side for x in side])


def make_modes(
    n_samples: int = 1000,
    *,
    centers=None,
    noise: float = 0.05,
    random_state: RandomState = None,
) -> NDArray:
    """Draw rows from round Gaussians of equal weight: each center is a mode.

    Parameters
    ----------
    n_samples : int
        At least 1.
    centers : array-like of shape (n_modes, n_features), optional
        Default: the eight of `ring_centers`.
    noise : float
        Standard deviation of every Gaussian in every direction; at least 0.
    random_state : int, Generator or None
        Seed or source of the randomness.

    Returns
    -------
    X : ndarray of shape (n_samples, n_features)

    Raises
    ------
    TypeError, ValueError
        If an argument is not of the kind or in the range above.
    """
    check_whole("n_samples", n_samples)
    check_number("noise", noise, minimum=0)
    centers = ring_centers() if centers is None else as_numbers("centers", centers)
    if centers.ndim != 2 or not centers.size:
        raise ValueError(
            f"centers must have shape (n_modes, n_features); given shape {centers.shape}"
        )
    rng = as_generator(random_state)
    chosen = centers[rng.integers(len(centers), size=n_samples)]
    return chosen + noise * rng.normal(size=chosen.shape)


TINY_KERNELS = {
    "identity": [[1, 0], [0, 0]],
    "blur": [[0.25, 0.25], [0.25, 0.25]],
    "edge": [[1, -1], [1, -1]],
    "checkerboard": [[1, -1], [-1, 1]],
}
"""Kernels of shape (2, 2) worth a name."""

TINY_PATTERNS = {
    "cross": [[0, 1, 0], [1, 1, 1], [0, 1, 0]],
    "diagonal": [[1, 0, 0], [0, 1, 0], [0, 0, 1]],
    "frame": [[1, 1, 1], [1, 0, 1], [1, 1, 1]],
    "left edge": [[1, 0, 0], [1, 0, 0], [1, 0, 0]],
    "corners": [[1, 0, 1], [0, 0, 0], [1, 0, 1]],
    "checkerboard": [[1, 0, 1], [0, 1, 0], [1, 0, 1]],
}
"""Pictures of shape (3, 3) worth a name, pixels 0 or 1."""


def make_tiny_pictures(
    n_samples: int = 1,
    *,
    kind: str = "kernel",
    kernel=((1.0, 2.0), (3.0, 4.0)),
    noise: float = 0.0,
    random_state: RandomState = None,
) -> Bunch:
    """Random 2×2 images, and a 3×3 target for each of them.

    Parameters
    ----------
    n_samples : int
        At least 1.
    kind : {"kernel", "dense", "patterns", "noise"}
        Where the targets come from. ``"kernel"``: the transposed convolution of the image
        with `kernel`, which a kernel can make. ``"dense"``: one random 9×4 map of the
        pixels, which a dense layer can make and a kernel cannot. ``"patterns"``: pictures
        drawn from `TINY_PATTERNS` at random, with no relation to the image. ``"noise"``:
        standard normal pixels.
    kernel : array-like of shape (2, 2)
        Used by ``kind="kernel"``.
    noise : float
        Standard deviation of Gaussian noise added to the targets; at least 0.
    random_state : int, Generator or None
        Seed or source of the randomness.

    Returns
    -------
    Bunch
        ``images``: standard normal, shape (n_samples, 2, 2); ``targets``: shape
        (n_samples, 3, 3).

    Raises
    ------
    TypeError, ValueError
        If an argument is not of the kind or in the range above.
    """
    check_choice("kind", kind, tuple(_TINY_TARGETS))
    check_whole("n_samples", n_samples)
    check_number("noise", noise, minimum=0)
    kernel = as_numbers("kernel", kernel)
    if kernel.shape != (2, 2):
        raise ValueError(f"kernel must have shape (2, 2); given shape {kernel.shape}")
    rng = as_generator(random_state)
    images = rng.normal(size=(n_samples, 2, 2))
    targets = _TINY_TARGETS[kind](images, kernel, rng)
    return Bunch(images=images, targets=targets + noise * rng.normal(size=targets.shape))


def _targets_of_kernel(images, kernel, rng):
    """Stamp the kernel once for every pixel of all images at a time."""
    targets = np.zeros((len(images), 3, 3))
    for i, j in np.ndindex(2, 2):
        targets[:, i : i + 2, j : j + 2] += images[:, i, j, None, None] * kernel
    return targets


def _targets_of_dense_map(images, kernel, rng):
    weights = rng.normal(size=(9, 4))
    return (images.reshape(-1, 4) @ weights.T).reshape(-1, 3, 3)


def _targets_of_patterns(images, kernel, rng):
    patterns = np.array(list(TINY_PATTERNS.values()), dtype=float)
    return patterns[rng.integers(len(patterns), size=len(images))]


def _targets_of_noise(images, kernel, rng):
    return rng.normal(size=(len(images), 3, 3))


_TINY_TARGETS = {
    "kernel": _targets_of_kernel,
    "dense": _targets_of_dense_map,
    "patterns": _targets_of_patterns,
    "noise": _targets_of_noise,
}
