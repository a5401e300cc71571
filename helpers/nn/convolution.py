"""Convolution and transposed convolution: forward, and both gradients, by matrix products.

Libraries call *convolution* what mathematics calls cross-correlation: the kernel slides over the
image without being turned. So it is here. With stride s and padding p, for each sample,

    y[i, j, o] = Σ_abc  kernel[b, a, c, o] · x[s i + a − p, s j + b − p, c],

where x is zero outside of the image. Activations have shape (height, width, channels, batch).

**Patches.** What the kernel meets at one place, the patch under it, is a column of numbers for
each sample, together a matrix (K, batch) with K = kernel width · kernel height · channels. Written
out one by one, patches would hold most pixels kernel width · kernel height times over. But copy,
for each row of y, the rows of x under the kernel, so that the columns of x lie one behind another:

    rows[i, j, a] = x[s i + a − p, j − p]             shape (…, kernel height, channels, batch).

Then a patch is a run of neighbouring columns of ``rows[i]``, and it lies there as a matrix already.
Neighbouring patches overlap and share their memory: only the kernel's height costs copies. A kernel
of shape (kernel width, kernel height, channels in, channels out) lies in memory in the same order,
so that it is a matrix (K, channels out) too, and

    y[i, j] = kernelᵀ patch[i, j],                    one matrix product at each place,
    dL/dkernel = Σ_ij patch[i, j] dy[i, j]ᵀ           (dy stands for dL/dy).

**Transpose.** The transposed convolution takes dy to dL/dx. Each pixel of dy could add a stamp of
the kernel to dL/dx, but adding overlapping stamps is slow. Here each pixel of dL/dx gathers what
reaches it. Number its rows s m + a, counted from the padding on: such a row was met by the kernel's
rows a, a + s, a + 2 s, … alone, on the way to rows m, m − 1, m − 2, … of y. Its gradient is hence a
convolution of dy with stride 1 and every s-th row of the kernel, the last one first. With columns
likewise, dL/dx falls into s · s *phases*, each a small convolution over the same patches of dy.

As a layer, the transposed convolution enlarges images. A convolution is then its input gradient,
and its kernel's gradient is the one above, with the patches of *its* dy, and its x for dy.

Sizes follow V. Dumoulin and F. Visin, *A guide to convolution arithmetic for deep learning* (2016),
arXiv:1603.07285.
"""

from __future__ import annotations

import math
from functools import lru_cache

import numpy as np
from numpy.lib.stride_tricks import as_strided

from helpers.nn.layers import Linear
from helpers.transposed import output_size

Pair = tuple[int, int]  # down and across: (height, width)

# The same few sizes come in every pass. ("typed" tells True from 1, which output_size must see.)
_output_size = lru_cache(typed=True)(output_size)


def conv2d(
    x: np.ndarray, kernel: np.ndarray, *, stride: int | Pair = 1, padding: int | Pair = 0
) -> np.ndarray:
    """Convolution: y[i, j] = kernelᵀ patch[i, j].

    Parameters
    ----------
    x : ndarray of shape (height, width, channels in, batch)
    kernel : ndarray of shape (kernel width, kernel height, channels in, channels out)
        Width before height, as the module says why. It is slid, not turned.
    stride : int or pair of int, default=1
        From one patch to the next, down and across; at least 1.
    padding : int or pair of int, default=0
        Rows of zeros above and below x, and columns of zeros to its left and right.

    Returns
    -------
    y : ndarray of shape (height out, width out, channels out, batch)
        height out = ⌊(height + 2 padding − kernel height) / stride⌋ + 1, and width out alike.

    Raises
    ------
    TypeError, ValueError
        If a shape or a setting is impossible, the channels differ, or no pixel would come out.
    """
    _check_channels(x, kernel, axis=2)
    patches = take_patches(x, kernel.shape[1::-1], stride=stride, padding=padding)
    return _matrix(kernel).T @ patches


def conv_transpose2d(
    x: np.ndarray,
    kernel: np.ndarray,
    *,
    stride: int | Pair = 1,
    padding: int | Pair = 0,
    output_padding: int | Pair = 0,
) -> np.ndarray:
    """Transposed convolution: the way back through `conv2d`, or a layer that enlarges images.

    Parameters
    ----------
    x : ndarray of shape (height, width, channels in, batch)
    kernel : ndarray of shape (kernel width, kernel height, channels out, channels in)
        That of the convolution whose transpose this is: going the other way, it makes
        channels in out of channels out.
    stride, padding : int or pair of int, default=1 and 0
        Those of that convolution.
    output_padding : int or pair of int, default=0
        Rows and columns added at the bottom and at the right, fewer than the stride: those that
        the convolution left over.

    Returns
    -------
    y : ndarray of shape (height out, width out, channels out, batch)
        height out = stride · (height − 1) + kernel height − 2 padding + output padding, and
        width out alike.

    Raises
    ------
    TypeError, ValueError
        As in `conv2d`.
    """
    _check_channels(x, kernel, axis=3)
    height, width = _output_shape(
        x.shape[:2], kernel.shape[1::-1], stride, padding, output_padding, transposed=True
    )
    (s, t), (p, q) = _pair("stride", stride), _pair("padding", padding)
    kernels = _kernels_of_phases(kernel, s, t)
    n, m = kernels.shape[2:4]
    reach = (height - 1 + p) // s + 1, (width - 1 + q) // t + 1
    patches = take_patches(x, (m, n), padding=(m - 1, n - 1), shape=reach)
    y = np.empty((height, width, kernel.shape[2], x.shape[3]), np.result_type(x, kernel))
    for i, j in np.ndindex(s, t):
        phase = y[i::s, j::t]  # the first of its rows is number i + p = s · down + a
        (down, a), (across, b) = divmod(i + p, s), divmod(j + q, t)
        here = patches[down : down + phase.shape[0], across : across + phase.shape[1]]
        np.matmul(_matrix(kernels[a, b]).T, here, out=phase)
    return y


def _kernels_of_phases(kernel: np.ndarray, s: int, t: int) -> np.ndarray:
    """Every s-th row and t-th column of a kernel from (a, b) on, turned, for each phase [a, b].

    The channels change places. Zeros make up for what a size lacks to a multiple of s or t.
    """
    kw, kh, c, o = kernel.shape
    n, m = -(-kw // t), -(-kh // s)
    whole = np.zeros((n * t, m * s, c, o), kernel.dtype)
    whole[:kw, :kh] = kernel
    turned = whole.reshape(n, t, m, s, c, o)[::-1, :, ::-1]
    return np.ascontiguousarray(turned.transpose(3, 1, 0, 2, 5, 4))


def kernel_gradient(
    patches: np.ndarray, dy: np.ndarray, *, out: np.ndarray | None = None
) -> np.ndarray:
    """Gradient of the kernel, Σ_ij patch[i, j] dy[i, j]ᵀ.

    Parameters
    ----------
    patches : ndarray of shape (height, width, K, batch)
        From `take_patches`: for `conv2d` of its x, for `conv_transpose2d` of its dy.
    dy : ndarray of shape (height, width, channels, batch)
        For `conv_transpose2d`, its x.
    out : ndarray of shape (K, channels), optional
        Where to write.

    Returns
    -------
    gradient : ndarray of shape (K, channels)
        The kernel as a matrix; ``gradient.reshape(kernel.shape)`` has its shape.
    """
    if out is None:
        out = np.empty((patches.shape[2], dy.shape[2]), dy.dtype)
    out[...] = 0
    for row, d in zip(patches, dy, strict=True):  # row by row: all products at once are large
        out += (row @ d.transpose(0, 2, 1)).sum(axis=0)
    return out


def take_patches(
    x: np.ndarray,
    kernel_size: int | Pair,
    *,
    stride: int | Pair = 1,
    padding: int | Pair = 0,
    shape: Pair | None = None,
) -> np.ndarray:
    """Patch under the kernel at each place, as overlapping views of one array (read only).

    Parameters
    ----------
    x, stride, padding
        As in `conv2d`.
    kernel_size : int or pair of int
        Height and width of the kernel.
    shape : pair of int or None, default=None
        At how many places, down and across. None: as many as `conv2d` gives pixels. Patches may
        reach beyond the padding: there are zeros all around x.

    Returns
    -------
    patches : ndarray of shape (…, K, batch)
        `shape` stands in front; K = kernel width · kernel height · channels.

    Raises
    ------
    TypeError, ValueError
        As in `conv2d`.
    """
    _check_images(x)
    shape = shape or _output_shape(x.shape[:2], kernel_size, stride, padding, transposed=False)
    (s, t), (p, q) = _pair("stride", stride), _pair("padding", padding)
    kh, kw = _pair("kernel_size", kernel_size)
    h, w, channels, n = x.shape
    columns = t * (shape[1] - 1) + kw
    rows = np.zeros((shape[0], columns, kh, channels, n), x.dtype)
    for a in range(kh):  # rows[i, :, a] shows row s i + a − p of x, if there is one
        first, stop = max(0, -((a - p) // s)), min(shape[0], -((a - p - h) // s))
        room = rows[first : max(first, stop), q : q + w, a]
        room[...] = x[s * first + a - p :: s][: room.shape[0], : room.shape[1]]
    down, across, _, _, item = rows.strides
    strides = (down, t * across, n * item, item)
    return as_strided(rows, (*shape, kw * kh * channels, n), strides, writeable=False)


# ------------------------------------------------------------------- shapes and settings


def _matrix(kernel: np.ndarray) -> np.ndarray:
    """See a kernel as a matrix (K, channels)."""
    return kernel.reshape(-1, kernel.shape[-1])


def _pair(name: str, value: int | Pair) -> Pair:
    """Return (down, across) of a setting that may be one number for both."""
    if not isinstance(value, tuple | list):
        return value, value
    if len(value) != 2:
        raise ValueError(f"{name} must be one number or a pair (down, across); got {value!r}")
    return value[0], value[1]


def _output_shape(size, kernel_size, stride, padding, output_padding=0, *, transposed) -> Pair:
    """Height and width of what comes out, given those of what goes in."""
    axes = zip(
        size,
        _pair("kernel_size", kernel_size),
        _pair("stride", stride),
        _pair("padding", padding),
        _pair("output_padding", output_padding),
    )
    height, width = (
        _output_size(n, k, stride=s, padding=p, output_padding=o, transposed=transposed)
        for n, k, s, p, o in axes
    )
    return height, width


def _check_images(x: np.ndarray) -> None:
    if x.ndim != 4 or 0 in x.shape:
        raise ValueError(
            "images must have shape (height, width, channels, batch), each at least 1; "
            f"got shape {x.shape}"
        )


def _check_channels(x: np.ndarray, kernel: np.ndarray, axis: int) -> None:
    _check_images(x)
    if kernel.ndim != 4 or 0 in kernel.shape:
        raise ValueError(
            "a kernel must have shape (kernel width, kernel height, channels, channels), each at "
            f"least 1; got shape {kernel.shape}"
        )
    if x.shape[2] != kernel.shape[axis]:
        raise ValueError(
            f"the kernel takes {kernel.shape[axis]} channels (its shape is {kernel.shape}), "
            f"but the images have {x.shape[2]} (their shape is {x.shape})"
        )


# ------------------------------------------------------------------------------- layers


class _Convolutional(Linear):
    """What both layers share: their sizes, their biases and the check of what comes in."""

    unit = "channels"
    output_padding: Pair = (0, 0)

    def __init__(self, n_in, n_out, kernel_size, stride, padding, initialisation) -> None:
        super().__init__(n_in, n_out, initialisation=initialisation)
        self.kernel_size = _pair("kernel_size", kernel_size)
        self.stride, self.padding = _pair("stride", stride), _pair("padding", padding)

    def check_input(self, x: np.ndarray) -> None:
        """Raise a ValueError unless x has shape (height, width, n_in, batch)."""
        if x.ndim != 4 or x.shape[2] != self.n_in:
            raise ValueError(
                f"{self} takes activations of shape (height, width, {self.n_in}, batch); "
                f"got shape {x.shape}"
            )

    def bias_gradient(self, dy: np.ndarray, weights: np.ndarray | None = None) -> None:
        """Write db, the sum of dy over pixels and batch; each sample counts by its weight."""
        if weights is None:
            weights = np.ones((dy.shape[-1], 1), dy.dtype)
        (dy @ weights).sum(axis=(0, 1), out=self.db)

    def __repr__(self) -> str:
        """Return the layer as it is written in code."""
        settings = [f"{self.n_in}, {self.n_out}, {_short(self.kernel_size)}"]
        for name, default in (("stride", 1), ("padding", 0), ("output_padding", 0)):
            if getattr(self, name) != (default, default):
                settings.append(f"{name}={_short(getattr(self, name))}")
        return f"{type(self).__name__}({', '.join(settings)})"


def _short(pair: Pair) -> int | Pair:
    return pair[0] if pair[0] == pair[1] else pair


class Conv2D(_Convolutional):
    """Convolutional layer: y = conv2d(x, W) + b, on images (height, width, n_in, batch).

    Parameters
    ----------
    n_in, n_out : int
        Channels that come in and go out, at least 1 each.
    kernel_size : int or pair of int
        Height and width, at least 1.
    stride, padding : int or pair of int, default=1 and 0
        As in `conv2d`. Kernel 4, stride 2 and padding 1 halve an even height and width.
    initialisation : {"glorot", "he"}, default="glorot"
        See `Linear`; fan in is n_in · kernel height · kernel width, fan out n_out · the same,
        divided by the stride down and across.

    Attributes
    ----------
    W, dW : ndarray of shape (kernel width, kernel height, n_in, n_out)
        The kernel and its gradient.
    b, db : ndarray of shape (n_out, 1)
        Biases and their gradient.

    Raises
    ------
    TypeError, ValueError
        If a size or a setting is impossible; from `forward`, if no pixel would come out.
    """

    def __init__(
        self,
        n_in: int,
        n_out: int,
        kernel_size: int | Pair,
        *,
        stride: int | Pair = 1,
        padding: int | Pair = 0,
        initialisation: str = "glorot",
    ) -> None:
        """Fix the sizes; the network sets the parameters."""
        super().__init__(n_in, n_out, kernel_size, stride, padding, initialisation)
        _output_shape(_ANY_SIZE, kernel_size, stride, padding, transposed=False)
        self.shapes = {"W": (*self.kernel_size[::-1], n_in, n_out), "b": (n_out, 1)}

    @property
    def fans(self) -> tuple[float, float]:
        """Fan in and fan out, borders aside."""
        area = math.prod(self.kernel_size)
        return self.n_in * area, self.n_out * area / math.prod(self.stride)

    def forward(self, x: np.ndarray) -> np.ndarray:
        """Return y, shape (height out, width out, n_out, batch)."""
        self.check_input(x)
        self.x, self.patches = x, self._patches(x)
        y = _matrix(self.W).T @ self.patches
        y += self.b
        return y

    def tangent(self, t: np.ndarray) -> np.ndarray:
        """Return conv2d(t, W)."""
        return _matrix(self.W).T @ self._patches(t)

    def input_gradient(self, dy: np.ndarray) -> np.ndarray:
        """Return dx, the transposed convolution of dy."""
        left_over = tuple(
            (n + 2 * p - k) % s
            for n, p, k, s in zip(self.x.shape, self.padding, self.kernel_size, self.stride)
        )
        return conv_transpose2d(
            dy, self.W, stride=self.stride, padding=self.padding, output_padding=left_over
        )

    def parameter_gradients(self, dy: np.ndarray) -> None:
        """Write dW and db; the patches of x are still there."""
        kernel_gradient(self.patches, dy, out=_matrix(self.dW))
        self.bias_gradient(dy)

    def weight_gradient(
        self, dy: np.ndarray, x: np.ndarray, *, out: np.ndarray | None = None
    ) -> np.ndarray:
        """Return Σ_ij patch[i, j] dy[i, j]ᵀ, with the patches of x."""
        out = np.empty_like(self.W) if out is None else out
        kernel_gradient(self._patches(x), dy, out=_matrix(out))
        return out

    def _patches(self, x: np.ndarray) -> np.ndarray:
        return take_patches(x, self.kernel_size, stride=self.stride, padding=self.padding)


class ConvTranspose2D(_Convolutional):
    """Transposed convolutional layer: y = conv_transpose2d(x, W) + b.

    Its gradients are what makes it a transpose: dx is the convolution of dy.

    Parameters
    ----------
    n_in, n_out : int
        Channels that come in and go out, at least 1 each.
    kernel_size : int or pair of int
        Height and width, at least 1.
    stride, padding, output_padding : int or pair of int, default=1, 0 and 0
        As in `conv_transpose2d`. Kernel 4, stride 2 and padding 1 double height and width.
    initialisation : {"glorot", "he"}, default="glorot"
        See `Linear`; fan in is n_in · kernel height · kernel width, divided by the stride down
        and across, fan out n_out · kernel height · kernel width.

    Attributes
    ----------
    W, dW : ndarray of shape (kernel width, kernel height, n_out, n_in)
        The kernel and its gradient.
    b, db : ndarray of shape (n_out, 1)
        Biases and their gradient.

    Raises
    ------
    TypeError, ValueError
        If a size or a setting is impossible; from `forward`, if no pixel would come out.
    """

    def __init__(
        self,
        n_in: int,
        n_out: int,
        kernel_size: int | Pair,
        *,
        stride: int | Pair = 1,
        padding: int | Pair = 0,
        output_padding: int | Pair = 0,
        initialisation: str = "glorot",
    ) -> None:
        """Fix the sizes; the network sets the parameters."""
        super().__init__(n_in, n_out, kernel_size, stride, padding, initialisation)
        self.output_padding = _pair("output_padding", output_padding)
        _output_shape(_ANY_SIZE, kernel_size, stride, padding, output_padding, transposed=True)
        self.shapes = {"W": (*self.kernel_size[::-1], n_out, n_in), "b": (n_out, 1)}

    @property
    def fans(self) -> tuple[float, float]:
        """Fan in and fan out, borders aside."""
        area = math.prod(self.kernel_size)
        return self.n_in * area / math.prod(self.stride), self.n_out * area

    def tangent(self, t: np.ndarray) -> np.ndarray:
        """Return conv_transpose2d(t, W)."""
        return conv_transpose2d(
            t,
            self.W,
            stride=self.stride,
            padding=self.padding,
            output_padding=self.output_padding,
        )

    def input_gradient(self, dy: np.ndarray) -> np.ndarray:
        """Return dx, the convolution of dy."""
        return _matrix(self.W).T @ self._patches(dy)

    def weight_gradient(
        self, dy: np.ndarray, x: np.ndarray, *, out: np.ndarray | None = None
    ) -> np.ndarray:
        """Return Σ_ij patch[i, j] x[i, j]ᵀ, with the patches of dy."""
        out = np.empty_like(self.W) if out is None else out
        kernel_gradient(self._patches(dy), x, out=_matrix(out))
        return out

    def backward(self, dy: np.ndarray) -> np.ndarray:
        """Write dW and db and return dx, with the same patches of dy for both."""
        patches = self._patches(dy)
        kernel_gradient(patches, self.x, out=_matrix(self.dW))
        self.bias_gradient(dy)
        return _matrix(self.W).T @ patches

    def _patches(self, dy: np.ndarray) -> np.ndarray:
        return take_patches(dy, self.kernel_size, stride=self.stride, padding=self.padding)


#: An image in which every kernel has room, to check settings by.
_ANY_SIZE = (2**30, 2**30)
