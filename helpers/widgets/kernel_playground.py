"""The kernel playground: a 2×2 kernel, a 2×2 image, the 3×3 output, and all that follows.

One component for lessons 00, 06 and 07. It is drawn and computed in the page
(``kernel_playground.js``), so that it answers at once and stays alive in an exported lesson
without a kernel. Its state is shared with Python both ways: ``playground.kernel`` holds what
the learner has set with the mouse, and ``playground.kernel = [[1, 0], [0, 1]]`` moves the
picture. The properties compute with :mod:`helpers.transposed` what the page shows.
"""

from __future__ import annotations

import math
import numbers
from pathlib import Path
from typing import Any

import anywidget
import numpy as np
import traitlets
from numpy.typing import ArrayLike, NDArray

from helpers import transposed

LIMIT = 1e6
"""No cell may hold a number beyond ±LIMIT; a descent that would leads no further."""

MAX_STEPS = 1000
"""So many steps the loss curve can hold."""

SIZE_RANGES = {
    "image_size": (1, 8),
    "kernel_size": (1, 7),
    "stride": (1, 4),
    "padding": (0, 6),
    "output_padding": (0, 3),
}
"""The least and the largest value of each setting in the sizes panel."""

Array = NDArray[np.float64]


# ------------------------------------------------------------------------ the settings


class InvalidSetting(traitlets.TraitError, ValueError):
    """A value that the playground cannot take, with the reason."""


class _Setting:
    """What all settings share: an error that says what is expected and what was given."""

    def error(self, obj, value, error=None, info=None):
        raise InvalidSetting(f"{self.name} must be {self.info()}; given {_shorten(value)}")


def _shorten(value: Any) -> str:
    """A value as it stands in an error message."""
    if isinstance(value, np.ndarray):
        return f"an array of shape {value.shape} and type {value.dtype}"
    text = repr(value)
    return text if len(text) <= 80 else f"{text[:77]}..."


class _Grid(_Setting, traitlets.TraitType):
    """A square grid of numbers; any array-like of that shape, kept as lists of floats."""

    def __init__(self, rows: list[list[float]], hint: str = "", **options):
        self.start = [[float(number) for number in row] for row in rows]
        self.hint = hint
        super().__init__(**options)

    def make_dynamic_default(self):
        return [list(row) for row in self.start]

    def info(self):
        size = len(self.start)
        return (
            f"a {size}×{size} grid of numbers between -{LIMIT:,.0f} and {LIMIT:,.0f}, such as "
            f"{_write_grid(self.start)}{self.hint}"
        )

    def validate(self, obj, value):
        try:
            array = np.asarray(value)
        except ValueError:  # rows of unequal length
            self.error(obj, value)
        if array.shape != np.shape(self.start) or array.dtype.kind not in "fiu":
            self.error(obj, value)
        array = array.astype(np.float64)
        if not (np.abs(array) <= LIMIT).all():  # NaN is not, either
            self.error(obj, value)
        return array.tolist()


class _Whole(_Setting, traitlets.TraitType):
    """A whole number from `least` to `most`."""

    def __init__(self, start: int, least: int, most: int, **options):
        self.least, self.most = least, most
        super().__init__(start, **options)

    def info(self):
        return f"a whole number from {self.least} to {self.most}"

    def validate(self, obj, value):
        if isinstance(value, bool) or not isinstance(value, numbers.Integral):
            self.error(obj, value)
        if not self.least <= value <= self.most:
            self.error(obj, value)
        return int(value)


class _Real(_Setting, traitlets.TraitType):
    """A number from `least` to `most`."""

    def __init__(self, start: float, least: float, most: float, **options):
        self.least, self.most = least, most
        super().__init__(start, **options)

    def info(self):
        return f"a number from {self.least:g} to {self.most:g}"

    def validate(self, obj, value):
        if isinstance(value, bool) or not isinstance(value, numbers.Real):
            self.error(obj, value)
        if not self.least <= value <= self.most:
            self.error(obj, value)
        return float(value)


class _Flag(_Setting, traitlets.TraitType):
    """True or False."""

    def info(self):
        return "True or False"

    def validate(self, obj, value):
        if not isinstance(value, (bool, np.bool_)):
            self.error(obj, value)
        return bool(value)


class _Choice(_Setting, traitlets.Enum):
    """One of a few words."""

    def info(self):
        return f"one of {', '.join(map(repr, self.values))}"

    def validate(self, obj, value):
        if not isinstance(value, str):  # an array would be compared entry by entry
            self.error(obj, value)
        return super().validate(obj, value)


def _write_grid(rows: ArrayLike) -> str:
    """[[1, 2], [0.5, 4]], whole numbers without a point."""
    rows = [", ".join(f"{number + 0.0:.6g}" for number in row) for row in np.asarray(rows)]
    return "[" + ", ".join(f"[{row}]" for row in rows) + "]"


# ------------------------------------------------------- pictures for the sizes panel


def lehmer(count: int, seed: int = 20240229) -> Array:
    """Park and Miller's generator: the same "random" numbers here and in the page.

    Parameters
    ----------
    count : int
        How many numbers.
    seed : int
        From 1 to 2147483646.

    Returns
    -------
    ndarray of shape (count,)
        Numbers between 0 and 1.

    References
    ----------
    S. K. Park and K. W. Miller, *Random number generators: good ones are hard to find*,
    Communications of the ACM 31 (1988).
    """
    drawn = np.empty(count)
    for n in range(count):
        seed = 16807 * seed % 2147483647
        drawn[n] = seed / 2147483647
    return drawn


def _bump(size: int) -> Array:
    slope = np.minimum(np.arange(size) + 1.0, size - np.arange(size))
    return np.outer(slope, slope)


def _dot(size: int) -> Array:
    dot = np.zeros((size, size))
    dot[(size - 1) // 2, (size - 1) // 2] = 1
    return dot


KERNEL_PATTERNS = {
    "ones": lambda size: np.ones((size, size)),
    "bump": _bump,
    "random": lambda size: 2 * lehmer(size * size).reshape(size, size) - 1,
}
"""Kernels of any size for the sizes panel: name → function of the size."""

IMAGE_PATTERNS = {
    "flat": lambda size: np.ones((size, size)),
    "ramp": lambda size: (np.add.outer(np.arange(size), np.arange(size)) + 1) / (2 * size - 1),
    "dot": _dot,
    "random": lambda size: lehmer(size * size).reshape(size, size),
}
"""Images of any size for the sizes panel: name → function of the size."""


def resize_then_convolve(
    image: ArrayLike, kernel: ArrayLike, output_shape: tuple[int, int]
) -> Array:
    """The usual cure for checkerboards: enlarge by repeating pixels, then convolve.

    A nearest-neighbour resize to `output_shape`, then a convolution that keeps the size;
    beyond the edge the outermost pixel is repeated, so that no border shows.

    Parameters
    ----------
    image : array-like of shape (height, width)
    kernel : array-like of shape (kernel_height, kernel_width)
    output_shape : pair of int
        Height and width of the result.

    Returns
    -------
    ndarray of shape `output_shape`

    References
    ----------
    A. Odena, V. Dumoulin and C. Olah, *Deconvolution and checkerboard artifacts*,
    Distill (2016).
    """
    image, kernel = np.asarray(image, dtype=float), np.asarray(kernel, dtype=float)
    rows, columns = (np.arange(o) * i // o for o, i in zip(output_shape, image.shape))
    resized = image[np.ix_(rows, columns)]
    before = [(size - 1) // 2 for size in kernel.shape]
    after = [size // 2 for size in kernel.shape]
    padded = np.pad(resized, list(zip(before, after)), mode="edge")
    windows = np.lib.stride_tricks.sliding_window_view(padded, kernel.shape)
    return np.einsum("yxab,ab->yx", windows, kernel[::-1, ::-1])


# ---------------------------------------------------------------------------- presets

KERNEL_PRESETS = {
    "identity": [[1, 0], [0, 0]],
    "blur": [[0.25, 0.25], [0.25, 0.25]],
    "edge": [[1, -1], [1, -1]],
    "checkerboard": [[1, -1], [-1, 1]],
}
TARGET_PRESETS = {
    "cross": [[0, 1, 0], [1, 1, 1], [0, 1, 0]],
    "ring": [[1, 1, 1], [1, 0, 1], [1, 1, 1]],
}
_TARGET_KERNEL = [[1, -0.5], [0.5, 2]]  # makes the target "made by a kernel"


def _draw_tenths(shape: tuple[int, int], random_state: Any) -> Array:
    """Random numbers −1, −0.9, …, 1."""
    return np.random.default_rng(random_state).integers(-10, 11, shape) / 10


def _take(name: str, presets: dict[str, Any]) -> ArrayLike:
    """The preset of that name: a grid, or a function that makes one."""
    if not isinstance(name, str) or name not in presets:
        raise ValueError(f"name must be one of {', '.join(map(repr, presets))}; given {name!r}")
    preset = presets[name]
    return preset() if callable(preset) else preset


# ------------------------------------------------------------------------- the widget


class KernelPlayground(anywidget.AnyWidget):
    """A 2×2 kernel on a 2×2 image: see it, train it, and vary the sizes.

    Every parameter is also an attribute that can be read and set at any time; the learner's
    mouse and keyboard set the same ones. Bad values raise `InvalidSetting`, a ValueError.

    Parameters
    ----------
    kernel : array-like of shape (2, 2), default [[1, 2], [3, 4]]
        ``[[c1, c2], [c3, c4]]``.
    image : array-like of shape (2, 2), default [[2, 1], [1, 3]]
        ``[[p1, p2], [p3, p4]]``.
    target : array-like of shape (3, 3), default a cross
        ``[[q1, q2, q3], [q4, q5, q6], [q7, q8, q9]]``; the residual is target − output.
    panel : {"views", "training", "sizes"}
        Which of the three panels is open.
    compact : bool, default False
        True: only kernel, image and output, without panels.
    turned : bool, default True
        Whether the third view turns the kernel by 180° before sliding it (convolution) or
        slides it as it is (cross-correlation, which then disagrees with the other views).
    letters : bool, default False
        Whether the views are labelled c1, p1, … in place of numbers.
    selected : int from 1 to 9, default 5
        The output pixel whose products are lit.
    chosen : {"c1", …, "c4", "p1", …, "p4", "q1", …, "q9"}, default "c1"
        The cell that the slider moves.
    step_size : float from 1e-6 to 10, default 0.01
        Of the descent.
    running : bool, default False
        Whether the page is descending step after step; `step` does so from code.
    image_size, kernel_size : int from 1 to 8, and to 7; default 4 and 3
    stride, padding, output_padding : int from 1 to 4, 0 to 6, 0 to 3; default 2, 1, 1
        The settings of the sizes panel. Impossible combinations can be set: the panel then
        says why they are impossible, and so does `problem`.
    image_pattern : {"flat", "ramp", "dot", "random"}
    kernel_pattern : {"ones", "bump", "random"}
        What fills image and kernel of the sizes panel.

    Examples
    --------
    >>> playground = KernelPlayground(kernel=[[1, 0], [0, 1]], image=[[1, 2], [3, 4]])
    >>> playground.output
    array([[1., 2., 0.],
           [3., 5., 2.],
           [0., 3., 4.]])
    """

    _esm = Path(__file__).with_name("kernel_playground.js")
    _css = Path(__file__).with_name("kernel_playground.css")

    kernel = _Grid(
        [[1, 2], [3, 4]], "; for other sizes set kernel_size, which the sizes panel shows"
    ).tag(sync=True)
    image = _Grid(
        [[2, 1], [1, 3]], "; for other sizes set image_size, which the sizes panel shows"
    ).tag(sync=True)
    target = _Grid([[0, 1, 0], [1, 1, 1], [0, 1, 0]]).tag(sync=True)

    panel = _Choice(["views", "training", "sizes"], "views").tag(sync=True)
    compact = _Flag(False).tag(sync=True)
    turned = _Flag(True).tag(sync=True)
    letters = _Flag(False).tag(sync=True)
    selected = _Whole(5, 1, 9).tag(sync=True)
    chosen = _Choice(
        [f"{letter}{n + 1}" for letter, count in zip("cpq", (4, 4, 9)) for n in range(count)],
        "c1",
    ).tag(sync=True)

    step_size = _Real(0.01, 1e-6, 10).tag(sync=True)
    running = _Flag(False).tag(sync=True)
    # The record of the descent: where it began, where it is, and the loss after every step.
    start_kernel = _Grid([[1, 2], [3, 4]]).tag(sync=True)
    end_kernel = _Grid([[1, 2], [3, 4]]).tag(sync=True)
    loss_history = traitlets.List(traitlets.Float()).tag(sync=True)

    image_size = _Whole(4, *SIZE_RANGES["image_size"]).tag(sync=True)
    kernel_size = _Whole(3, *SIZE_RANGES["kernel_size"]).tag(sync=True)
    stride = _Whole(2, *SIZE_RANGES["stride"]).tag(sync=True)
    padding = _Whole(1, *SIZE_RANGES["padding"]).tag(sync=True)
    output_padding = _Whole(1, *SIZE_RANGES["output_padding"]).tag(sync=True)
    image_pattern = _Choice(list(IMAGE_PATTERNS), "flat").tag(sync=True)
    kernel_pattern = _Choice(list(KERNEL_PATTERNS), "ones").tag(sync=True)

    def __init__(self, **settings):
        unknown = sorted(set(settings) - set(self.trait_names()))
        if unknown:
            names = ", ".join(_SETTINGS)
            raise TypeError(f"KernelPlayground has no {', '.join(unknown)}; it has {names}")
        super().__init__(**settings)

    def __setattr__(self, name: str, value: Any) -> None:
        # A misspelt setting would become a new attribute, and nothing would move.
        if not name.startswith("_") and not hasattr(type(self), name):
            raise AttributeError(
                f"KernelPlayground has no setting {name!r}; it has {', '.join(_SETTINGS)}"
            )
        super().__setattr__(name, value)

    # ----------------------------------------------------------------- what is shown

    @property
    def output(self) -> Array:
        """The 3×3 output, which views 1 and 2 show, and view 3 if the kernel is turned."""
        return transposed.transposed_convolution(self.image, self.kernel)

    @property
    def slid_output(self) -> Array:
        """The 3×3 output of view 3: the kernel slid over the padded image, turned or not."""
        kernel = np.array(self.kernel)
        as_it_slides = kernel if self.turned else kernel[::-1, ::-1]
        return transposed.transposed_convolution(self.image, as_it_slides, view="slide")

    @property
    def matrix(self) -> Array:
        """C, the (4, 9) matrix of the cross-correlation; the output is C.T @ image."""
        return transposed.convolution_matrix(self.kernel, (3, 3))

    @property
    def inner_products(self) -> tuple[float, float]:
        """⟨C x, y⟩ and ⟨x, Cᵀ y⟩ with x the target and y the image: always equal."""
        x, y = np.ravel(self.target), np.ravel(self.image)
        return float((self.matrix @ x) @ y), float(x @ (self.matrix.T @ y))

    @property
    def residuals(self) -> Array:
        """The (3, 3) residuals target − output."""
        return transposed.nine_residuals(*self._data).reshape(3, 3)

    @property
    def loss(self) -> float:
        """L, the sum of the nine squared residuals."""
        return transposed.nine_term_loss(*self._data)

    @property
    def gradient(self) -> Array:
        """[[dL/dc1, dL/dc2], [dL/dc3, dL/dc4]]."""
        return transposed.kernel_gradient(*self._data)

    @property
    def image_gradient(self) -> Array:
        """[[dL/dp1, dL/dp2], [dL/dp3, dL/dp4]]."""
        return transposed.image_gradient(*self._data)[0]

    @property
    def finite_difference_gradient(self) -> Array:
        """The gradient by central differences; exact, L being a quadratic in the kernel."""
        h = 0.1
        slopes = np.empty((2, 2))
        for place in np.ndindex(2, 2):
            step = np.zeros((2, 2))
            step[place] = h
            above, below = (self._loss_of(np.array(self.kernel) + sign * step) for sign in (1, -1))
            slopes[place] = (above - below) / (2 * h)
        return slopes

    @property
    def best_kernel(self) -> Array:
        """The (2, 2) kernel with the smallest loss, by least squares."""
        return transposed.best_kernel([self.image], [self.target])

    @property
    def best_loss(self) -> float:
        """The loss of `best_kernel`, at which the dashed line of the loss curve stands."""
        return self._loss_of(self.best_kernel)

    @property
    def largest_stable_step(self) -> float:
        """2/λ_max of the Hessian of L in the kernel; infinite if the image is all zero."""
        columns = [
            transposed.transposed_convolution(self.image, unit).ravel()
            for unit in np.eye(4).reshape(4, 2, 2)
        ]
        hessian = 2 * np.array(columns) @ np.array(columns).T
        largest = np.linalg.eigvalsh(hessian)[-1]
        return float(2 / largest) if largest > 0 else math.inf

    @property
    def _data(self):
        return self.kernel, [self.image], [self.target]

    def _loss_of(self, kernel: ArrayLike) -> float:
        return transposed.nine_term_loss(kernel, [self.image], [self.target])

    # ------------------------------------------------------------- the sizes panel

    @property
    def problem(self) -> str:
        """Why the settings of the sizes panel are impossible; "" if they are possible."""
        s, p, a = self.stride, self.padding, self.output_padding
        if a >= s:
            return (
                f"The output padding a = {a} must be smaller than the stride s = {s}: "
                f"the floor of the forward formula drops at most s − 1 = {s - 1}, "
                "so there is no more to give back."
            )
        whole = s * (self.image_size - 1) + self.kernel_size + a
        size = whole - 2 * p
        if size >= 1:
            return ""
        return (
            f"The padding p = {p} crops 2·{p} = {2 * p} of only {whole} rows and columns, "
            f"so no pixel is left (o' = {size}). "
            f"With these sizes p can be at most {(whole - 1) // 2}."
        ).replace("-", "−")

    @property
    def output_side(self) -> int:
        """Height and width of the sizes panel's output. ValueError if there is `problem`."""
        self._refuse_problem()
        return transposed.output_size(self.image_size, self.kernel_size, **self._settings)

    @property
    def overlap(self) -> NDArray[np.int64]:
        """How many stamps reach each pixel of the sizes panel's output."""
        self._refuse_problem()
        i, k = self.image_size, self.kernel_size
        return transposed.overlap_counts((i, i), (k, k), **self._settings)

    @property
    def overlap_ratio(self) -> float:
        """The largest overlap by the smallest; infinite if a pixel gets no stamp."""
        return _ratio(self.overlap)

    @property
    def inner_overlap_ratio(self) -> float:
        """The same where no border of the image is near; NaN if there is no such pixel."""
        i, k, s, p = self.image_size, self.kernel_size, self.stride, self.padding
        inner = slice(max(k - s - p, 0), max(s * i - p, 0))
        return _ratio(self.overlap[inner, inner])

    @property
    def sized_output(self) -> Array:
        """The sizes panel's transposed convolution."""
        self._refuse_problem()
        return transposed.transposed_convolution(*self._sized, **self._settings)

    @property
    def resized_output(self) -> Array:
        """The sizes panel's alternative of the same size: resize, then convolve."""
        return resize_then_convolve(*self._sized, (self.output_side, self.output_side))

    @property
    def _sized(self) -> tuple[Array, Array]:
        image = IMAGE_PATTERNS[self.image_pattern](self.image_size)
        return image, KERNEL_PATTERNS[self.kernel_pattern](self.kernel_size)

    @property
    def _settings(self) -> dict[str, int]:
        return {
            "stride": self.stride,
            "padding": self.padding,
            "output_padding": self.output_padding,
        }

    def _refuse_problem(self) -> None:
        if self.problem:
            raise ValueError(self.problem)

    # --------------------------------------------------------------- what can be done

    def step(self, count: int = 1) -> float:
        """Take descent steps, ``kernel − step_size · gradient`` each; the page's button.

        Stops early where a step would carry the kernel beyond ±LIMIT (the step size is too
        large), and when the loss curve holds MAX_STEPS steps.

        Parameters
        ----------
        count : int
            How many steps, at least 0.

        Returns
        -------
        float
            The loss after them.
        """
        if isinstance(count, bool) or not isinstance(count, numbers.Integral):
            raise TypeError(f"count must be a whole number; given {count!r}")
        if count < 0:
            raise ValueError(f"count must be at least 0; given {count}")
        kernel, losses = np.array(self.kernel), list(self.loss_history)
        for _ in range(count):
            slopes = transposed.kernel_gradient(kernel, [self.image], [self.target])
            moved = kernel - self.step_size * slopes
            if np.abs(moved).max() > LIMIT or len(losses) > MAX_STEPS:
                break
            kernel = moved
            losses.append(self._loss_of(kernel))
        self._record(kernel, self.start_kernel, losses)
        return losses[-1]

    def reset(self) -> None:
        """Take the kernel back to where the descent began; the page's button."""
        start = self.start_kernel
        self._record(start, start, [self._loss_of(start)])
        self.running = False

    def use_kernel(self, name: str, random_state: Any = None) -> None:
        """Take a kernel from the presets.

        Parameters
        ----------
        name : {"identity", "blur", "edge", "checkerboard", "random", "target's own"}
            The last is the kernel that comes nearest to the target, by least squares.
        random_state : int, numpy Generator or None
            For "random".
        """
        made = {
            "random": lambda: _draw_tenths((2, 2), random_state),
            "target's own": lambda: self.best_kernel,
        }
        self.kernel = _take(name, {**KERNEL_PRESETS, **made})

    def use_target(self, name: str, random_state: Any = None) -> None:
        """Take a target from the presets.

        Parameters
        ----------
        name : {"cross", "ring", "random", "made by a kernel"}
            The last can be met exactly: some kernel makes it from the present image.
        random_state : int, numpy Generator or None
            For "random".
        """
        made = {
            "random": lambda: _draw_tenths((3, 3), random_state),
            "made by a kernel": lambda: transposed.transposed_convolution(
                self.image, _TARGET_KERNEL
            ),
        }
        self.target = _take(name, {**TARGET_PRESETS, **made})

    def use_random_image(self, random_state: Any = None) -> None:
        """Draw the four pixels anew from −1, −0.9, …, 1."""
        self.image = _draw_tenths((2, 2), random_state)

    # --------------------------------------------------------------------- book-keeping

    @traitlets.default("start_kernel")
    def _default_start_kernel(self):
        return self.kernel

    @traitlets.default("end_kernel")
    def _default_end_kernel(self):
        return self.kernel

    @traitlets.default("loss_history")
    def _default_loss_history(self):
        return [self.loss]

    def _record(self, kernel: ArrayLike, start: ArrayLike, losses: list[float]) -> None:
        """Set the kernel together with the record of the descent that led to it."""
        with self.hold_sync(), self.hold_trait_notifications():
            self.start_kernel = start
            self.kernel = kernel
            self.end_kernel = kernel
            self.loss_history = losses

    @traitlets.observe("kernel", "image", "target")
    def _begin_anew(self, change) -> None:
        """Begin a new descent, unless the kernel is where the recorded one has led it."""
        same_loss = math.isclose(self.loss_history[-1], self.loss, rel_tol=1e-9, abs_tol=1e-12)
        if self.end_kernel != self.kernel or not same_loss:
            self.running = False
            self._record(self.kernel, self.kernel, [self.loss])

    def __repr__(self) -> str:
        grids = ["kernel", "image"] + (["target"] if self.panel == "training" else [])
        shown = [f"{name}={_write_grid(getattr(self, name))}" for name in grids]
        if self.panel == "training":
            shown.append(f"step_size={self.step_size:g}")
        if self.panel == "sizes":
            shown = [f"{name}={getattr(self, name)}" for name in SIZE_RANGES]
        ending = "compact=True" if self.compact else f"panel={self.panel!r}"
        return f"KernelPlayground({', '.join([*shown, ending])})"


_SETTINGS = [
    name
    for name in KernelPlayground.class_own_traits()
    if not name.startswith("_") and name not in ("start_kernel", "end_kernel", "loss_history")
]


def _ratio(counts: NDArray) -> float:
    if counts.size == 0:
        return math.nan
    return float(counts.max() / counts.min()) if counts.min() > 0 else math.inf
