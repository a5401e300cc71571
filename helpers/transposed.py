"""From 2×2 to 3×3: transposed convolution and the loss that trains its kernel.

Everything here is written to be read beside the lessons: one function for one formula.
The kernel is ``[[c1, c2], [c3, c4]]``, the image ``[[p1, p2], [p3, p4]]`` and the target
``[[q1, q2, q3], [q4, q5, q6], [q7, q8, q9]]``; a residual is always ``q - prediction``.

Two operations share the name "convolution". This module keeps them apart:

* the *cross-correlation* slides a kernel over an image and sums the products where they
  overlap; it makes images smaller and is what neural-network libraries call convolution;
* the *transposed convolution* multiplies by the transpose of that operation's matrix; it
  makes images larger and, for stride 1 and no padding, is the full convolution of
  mathematics, ``scipy.signal.convolve2d(image, kernel)``.

Sizes and conventions follow V. Dumoulin and F. Visin, *A guide to convolution arithmetic
for deep learning* (2016), arXiv:1603.07285.
"""

from __future__ import annotations

import numbers
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from helpers.checks import check_choice

View = Literal["stamp", "matrix", "slide"]


# ------------------------------------------------------------------- what comes in


def _as_numbers(name: str, values: ArrayLike) -> NDArray[np.float64]:
    """Return `values` as a float64 array, or say why that cannot be."""
    try:
        array = np.asarray(values)
    except ValueError as error:  # rows of unequal length
        raise ValueError(f"{name} must be a rectangular array of numbers: {error}") from None
    if array.dtype.kind not in "fiub":
        raise TypeError(f"{name} must hold real numbers; given an array of {array.dtype}")
    array = array.astype(np.float64)
    if not np.isfinite(array).all():
        raise ValueError(f"{name} must hold finite numbers; given NaN or infinity among them")
    return array


def _as_picture(name: str, values: ArrayLike) -> NDArray[np.float64]:
    """Return `values` as a (height, width) array with at least one pixel."""
    array = _as_numbers(name, values)
    if array.ndim != 2 or array.size == 0:
        raise ValueError(
            f"{name} must have shape (height, width) with at least one entry; "
            f"given shape {array.shape}"
        )
    return array


def _as_stack(name: str, values: ArrayLike, size: int) -> NDArray[np.float64]:
    """Return `values` as an (n, size, size) array with n >= 1."""
    array = _as_numbers(name, values)
    if array.ndim != 3 or array.shape[1:] != (size, size) or len(array) == 0:
        expected = f"(n, {size}, {size}) with n >= 1"
        hint = "; wrap a single one in a list" if array.shape == (size, size) else ""
        raise ValueError(f"{name} must have shape {expected}; given shape {array.shape}{hint}")
    return array


def _as_whole(name: str, value: int, least: int) -> int:
    """Return `value` as an int that is at least `least`."""
    if isinstance(value, bool) or not isinstance(value, numbers.Integral):
        raise TypeError(f"{name} must be a whole number; given {value!r}")
    if value < least:
        raise ValueError(f"{name} must be at least {least}; given {value}")
    return int(value)


def _as_shape(name: str, shape: tuple[int, int]) -> tuple[int, int]:
    """Return `shape` as a pair of positive whole numbers."""
    if not isinstance(shape, (tuple, list)) or len(shape) != 2:
        raise ValueError(f"{name} must be a pair (height, width); given {shape!r}")
    return _as_whole(f"{name}[0]", shape[0], 1), _as_whole(f"{name}[1]", shape[1], 1)


def _as_kernel_images_targets(kernel, images, targets):
    """Return the three arrays of the nine-term loss, with agreeing shapes."""
    kernel = _as_picture("kernel", kernel)
    if kernel.shape != (2, 2):
        raise ValueError(f"kernel must have shape (2, 2); given shape {kernel.shape}")
    images = _as_stack("images", images, 2)
    targets = _as_stack("targets", targets, 3)
    _check_pairs(images, targets)
    return kernel, images, targets


def _check_pairs(images, targets) -> None:
    if len(images) != len(targets):
        raise ValueError(
            "images and targets must be equally many; "
            f"given {len(images)} images and {len(targets)} targets"
        )


# ------------------------------------------------------------------------- sizes


def output_size(
    input_size: int,
    kernel_size: int,
    *,
    stride: int = 1,
    padding: int = 0,
    output_padding: int = 0,
    transposed: bool = True,
) -> int:
    """How many pixels come out along one axis.

    Transposed: ``o = s (i - 1) + k - 2 p + a``. Forward (``transposed=False``):
    ``o = floor((i + 2 p - k) / s) + 1``. The floor forgets up to ``s - 1`` pixels, which is
    what the output padding ``a`` gives back on the way up.

    Parameters
    ----------
    input_size, kernel_size : int
        At least 1.
    stride : int
        At least 1.
    padding : int
        At least 0. Zeros put around the input of the forward convolution; pixels cut off
        every side of the output of the transposed one.
    output_padding : int
        0 ≤ output_padding < stride; rows and columns added at the bottom and the right.
        Has a meaning for the transposed convolution only.
    transposed : bool
        Which of the two formulas.

    Returns
    -------
    int
        At least 1.

    Raises
    ------
    TypeError
        If a setting is not a whole number.
    ValueError
        If a setting is out of range, or no pixel would come out.
    """
    i = _as_whole("input_size", input_size, 1)
    k = _as_whole("kernel_size", kernel_size, 1)
    s, p, a = _check_settings(stride, padding, output_padding)
    if transposed:
        size = s * (i - 1) + k - 2 * p + a
        formula = f"{s}·({i} − 1) + {k} − 2·{p} + {a} = {size}"
    elif a:
        raise ValueError(
            f"output_padding must be 0 for the forward convolution (transposed=False); given {a}"
        )
    else:
        size = (i + 2 * p - k) // s + 1
        formula = f"⌊({i} + 2·{p} − {k}) / {s}⌋ + 1 = {size}"
    if size < 1:
        raise ValueError(f"the output would have no pixel: {formula}")
    return size


def _check_settings(stride: int, padding: int, output_padding: int) -> tuple[int, int, int]:
    """Return stride, padding and output padding, each within its range."""
    s = _as_whole("stride", stride, 1)
    p = _as_whole("padding", padding, 0)
    a = _as_whole("output_padding", output_padding, 0)
    if a >= s:
        raise ValueError(f"output_padding must be smaller than stride; given {a} and stride {s}")
    return s, p, a


def _output_shape(input_shape, kernel_shape, **settings) -> tuple[int, int]:
    height, width = (output_size(i, k, **settings) for i, k in zip(input_shape, kernel_shape))
    return height, width


# ------------------------------------------------------ three views of one operation


def transposed_convolution(
    image: ArrayLike,
    kernel: ArrayLike,
    *,
    stride: int = 1,
    padding: int = 0,
    output_padding: int = 0,
    view: View = "stamp",
) -> NDArray[np.float64]:
    """Enlarge an image by a transposed convolution, computed in one of three ways.

    Parameters
    ----------
    image : array-like of shape (height, width)
    kernel : array-like of shape (kernel_height, kernel_width)
    stride, padding, output_padding : int
        As in :func:`output_size`.
    view : {"stamp", "matrix", "slide"}
        ``"stamp"``: every pixel adds a copy of the kernel, scaled by the pixel.
        ``"matrix"``: multiply by the transpose of :func:`convolution_matrix`.
        ``"slide"``: put zeros around (and, for a stride, between) the pixels and slide the
        kernel, turned by 180°, over the result. All three agree up to rounding.

    Returns
    -------
    ndarray of shape (output_height, output_width)
        ``output_height = output_size(height, kernel_height, ...)``, the width likewise.

    Raises
    ------
    TypeError
        If the arrays do not hold real numbers, or a setting is not a whole number.
    ValueError
        If a shape, a setting or the view is impossible, a number is not finite, or the
        output would have no pixel.

    Examples
    --------
    >>> transposed_convolution([[1, 2], [3, 4]], [[1, 0], [0, -1]])
    array([[ 1.,  2.,  0.],
           [ 3.,  3., -2.],
           [ 0., -3., -4.]])
    """
    check_choice("view", view, tuple(_VIEWS))
    image, kernel = _as_picture("image", image), _as_picture("kernel", kernel)
    s, p, a = _check_settings(stride, padding, output_padding)
    shape = _output_shape(image.shape, kernel.shape, stride=s, padding=p, output_padding=a)
    return _VIEWS[view](image, kernel, shape, s, p)


def _stamp(image, kernel, shape, s, p):
    """Every pixel stamps a scaled kernel onto a canvas, `p` pixels wider on every side."""
    (h, w), (kh, kw) = image.shape, kernel.shape
    canvas = np.zeros((max(s * (h - 1) + kh, shape[0] + p), max(s * (w - 1) + kw, shape[1] + p)))
    for i, j in np.ndindex(h, w):
        canvas[s * i : s * i + kh, s * j : s * j + kw] += image[i, j] * kernel
    return canvas[p : p + shape[0], p : p + shape[1]].copy()


def _matrix(image, kernel, shape, s, p):
    """Multiply by Cᵀ, C being the matrix that leads from `shape` back to the image's."""
    c = convolution_matrix(kernel, shape, stride=s, padding=p)
    return (c.T @ image.ravel()).reshape(shape)


def _slide(image, kernel, shape, s, p):
    """Slide the turned kernel over the image with zeros between and around its pixels."""
    (h, w), (kh, kw) = image.shape, kernel.shape
    spread = np.zeros((s * (h - 1) + 1, s * (w - 1) + 1))
    spread[::s, ::s] = image
    top, left = kh - 1 - p, kw - 1 - p  # below zero where more is cut off than the kernel adds
    ground = np.zeros((shape[0] + kh - 1, shape[1] + kw - 1))
    ground = _paste(spread, ground, top, left)
    turned = kernel[::-1, ::-1]
    return np.array(
        [
            [np.sum(ground[y : y + kh, x : x + kw] * turned) for x in range(shape[1])]
            for y in range(shape[0])
        ]
    )


def _paste(small, ground, top, left):
    """Lay `small` on `ground` at (top, left); what reaches over an edge is cut off."""
    rows = np.arange(small.shape[0]) + top
    columns = np.arange(small.shape[1]) + left
    r = (rows >= 0) & (rows < ground.shape[0])
    c = (columns >= 0) & (columns < ground.shape[1])
    ground[np.ix_(rows[r], columns[c])] = small[np.ix_(r, c)]
    return ground


_VIEWS = {"stamp": _stamp, "matrix": _matrix, "slide": _slide}


def convolution_matrix(
    kernel: ArrayLike,
    input_shape: tuple[int, int],
    *,
    stride: int = 1,
    padding: int = 0,
) -> NDArray[np.float64]:
    """The matrix C of the forward cross-correlation: ``output.ravel() = C @ input.ravel()``.

    Its transpose is the transposed convolution. For a 2×2 kernel on a 3×3 image C is 4×9.

    Parameters
    ----------
    kernel : array-like of shape (kernel_height, kernel_width)
    input_shape : pair of int
        Height and width of the *large* image that C reads.
    stride, padding : int
        As in :func:`output_size`.

    Returns
    -------
    ndarray of shape (output_height · output_width, input_height · input_width)

    Raises
    ------
    TypeError, ValueError
        As :func:`transposed_convolution`.
    """
    kernel = _as_picture("kernel", kernel)
    h, w = _as_shape("input_shape", input_shape)
    s, p, _ = _check_settings(stride, padding, 0)
    oh, ow = _output_shape((h, w), kernel.shape, stride=s, padding=p, transposed=False)
    matrix = np.zeros((oh, ow, h, w))
    for y, x, a, b in np.ndindex(oh, ow, *kernel.shape):
        i, j = s * y + a - p, s * x + b - p  # the input pixel that this kernel entry meets
        if 0 <= i < h and 0 <= j < w:
            matrix[y, x, i, j] = kernel[a, b]
    return matrix.reshape(oh * ow, h * w)


def overlap_counts(
    input_shape: tuple[int, int],
    kernel_shape: tuple[int, int],
    *,
    stride: int = 1,
    padding: int = 0,
    output_padding: int = 0,
) -> NDArray[np.int64]:
    """How many kernel stamps reach each output pixel of a transposed convolution.

    Where the counts differ from pixel to pixel, a checkerboard lies ready: A. Odena,
    V. Dumoulin and C. Olah, *Deconvolution and checkerboard artifacts*, Distill (2016).

    Parameters
    ----------
    input_shape, kernel_shape : pair of int
        Heights and widths.
    stride, padding, output_padding : int
        As in :func:`output_size`.

    Returns
    -------
    ndarray of int, shape (output_height, output_width)

    Raises
    ------
    TypeError, ValueError
        As :func:`transposed_convolution`.
    """
    ones = np.ones(_as_shape("input_shape", input_shape))
    stamp = np.ones(_as_shape("kernel_shape", kernel_shape))
    counts = transposed_convolution(
        ones, stamp, stride=stride, padding=padding, output_padding=output_padding
    )
    return counts.astype(np.int64)


# --------------------------------------------------------------- the nine-term loss


def nine_residuals(kernel: ArrayLike, images: ArrayLike, targets: ArrayLike) -> NDArray[np.float64]:
    """The nine differences q − prediction of every image, pixel by pixel.

    Parameters
    ----------
    kernel : array-like of shape (2, 2)
        ``[[c1, c2], [c3, c4]]``.
    images : array-like of shape (n, 2, 2)
        ``[[p1, p2], [p3, p4]]`` each.
    targets : array-like of shape (n, 3, 3)
        ``[[q1, q2, q3], [q4, q5, q6], [q7, q8, q9]]`` each.

    Returns
    -------
    ndarray of shape (n, 9)

    Raises
    ------
    TypeError, ValueError
        If a shape is wrong, or an entry is not a finite real number.
    """
    kernel, images, targets = _as_kernel_images_targets(kernel, images, targets)
    return _nine_residuals(kernel, images, targets)


def _nine_residuals(kernel, images, targets):
    c1, c2, c3, c4 = kernel.ravel()
    p1, p2, p3, p4 = images.reshape(-1, 4).T
    q1, q2, q3, q4, q5, q6, q7, q8, q9 = targets.reshape(-1, 9).T
    return np.column_stack(
        [
            q1 - c1 * p1,
            q2 - (c2 * p1 + c1 * p2),
            q3 - c2 * p2,
            q4 - (c3 * p1 + c1 * p3),
            q5 - (c4 * p1 + c3 * p2 + c2 * p3 + c1 * p4),
            q6 - (c4 * p2 + c2 * p4),
            q7 - c3 * p3,
            q8 - (c4 * p3 + c3 * p4),
            q9 - c4 * p4,
        ]
    )


def nine_term_loss(kernel: ArrayLike, images: ArrayLike, targets: ArrayLike) -> float:
    """The sum of the squared residuals over the nine pixels and over all images.

    Parameters, errors: as :func:`nine_residuals`.

    Returns
    -------
    float
        At least 0.
    """
    return float(np.sum(nine_residuals(kernel, images, targets) ** 2))


def kernel_gradient(
    kernel: ArrayLike, images: ArrayLike, targets: ArrayLike
) -> NDArray[np.float64]:
    """The derivatives of the nine-term loss by c1, c2, c3 and c4.

    Each kernel entry appears in four of the nine terms, once with each pixel of the image.

    Parameters, errors: as :func:`nine_residuals`.

    Returns
    -------
    ndarray of shape (2, 2)
        ``[[dL/dc1, dL/dc2], [dL/dc3, dL/dc4]]``.
    """
    kernel, images, targets = _as_kernel_images_targets(kernel, images, targets)
    r1, r2, r3, r4, r5, r6, r7, r8, r9 = _nine_residuals(kernel, images, targets).T
    p1, p2, p3, p4 = images.reshape(-1, 4).T
    dc1 = -2 * np.sum(r1 * p1 + r2 * p2 + r4 * p3 + r5 * p4)
    dc2 = -2 * np.sum(r2 * p1 + r3 * p2 + r5 * p3 + r6 * p4)
    dc3 = -2 * np.sum(r4 * p1 + r5 * p2 + r7 * p3 + r8 * p4)
    dc4 = -2 * np.sum(r5 * p1 + r6 * p2 + r8 * p3 + r9 * p4)
    return np.array([[dc1, dc2], [dc3, dc4]])


def image_gradient(kernel: ArrayLike, images: ArrayLike, targets: ArrayLike) -> NDArray[np.float64]:
    """The derivatives of the nine-term loss by the pixels p1, p2, p3 and p4 of every image.

    Kernel and image play the same part in the formula, so this is :func:`kernel_gradient`
    with their letters exchanged, and without the sum over the images.

    Parameters, errors: as :func:`nine_residuals`.

    Returns
    -------
    ndarray of shape (n, 2, 2)
    """
    kernel, images, targets = _as_kernel_images_targets(kernel, images, targets)
    r1, r2, r3, r4, r5, r6, r7, r8, r9 = _nine_residuals(kernel, images, targets).T
    c1, c2, c3, c4 = kernel.ravel()
    dp1 = -2 * (r1 * c1 + r2 * c2 + r4 * c3 + r5 * c4)
    dp2 = -2 * (r2 * c1 + r3 * c2 + r5 * c3 + r6 * c4)
    dp3 = -2 * (r4 * c1 + r5 * c2 + r7 * c3 + r8 * c4)
    dp4 = -2 * (r5 * c1 + r6 * c2 + r8 * c3 + r9 * c4)
    return np.column_stack([dp1, dp2, dp3, dp4]).reshape(-1, 2, 2)


def design_matrix(images: ArrayLike) -> NDArray[np.float64]:
    """The matrix A with ``predictions.ravel() = A @ [c1, c2, c3, c4]``.

    With it the nine-term loss is ``||q − A c||²``: a quadratic in the kernel, with the
    gradient ``−2 Aᵀ (q − A c)`` and the constant Hessian ``2 Aᵀ A``.

    Parameters
    ----------
    images : array-like of shape (n, 2, 2)

    Returns
    -------
    ndarray of shape (9 n, 4)

    Raises
    ------
    TypeError, ValueError
        If the shape is wrong, or an entry is not a finite real number.
    """
    images = _as_stack("images", images, 2)
    no_target = np.zeros((len(images), 3, 3))
    units = np.eye(4).reshape(4, 2, 2)
    return np.column_stack([-_nine_residuals(unit, images, no_target).ravel() for unit in units])


def best_kernel(images: ArrayLike, targets: ArrayLike) -> NDArray[np.float64]:
    """The kernel with the smallest nine-term loss, by least squares.

    Where the images leave it undetermined (all pixels zero, say), the smallest such kernel.

    Parameters
    ----------
    images : array-like of shape (n, 2, 2)
    targets : array-like of shape (n, 3, 3)

    Returns
    -------
    ndarray of shape (2, 2)

    Raises
    ------
    TypeError, ValueError
        If a shape is wrong, or an entry is not a finite real number.
    """
    images, targets = _as_stack("images", images, 2), _as_stack("targets", targets, 3)
    _check_pairs(images, targets)
    solution, *_ = np.linalg.lstsq(design_matrix(images), targets.ravel(), rcond=None)
    return solution.reshape(2, 2)
