"""What lesson 06 asks: transposed convolution."""

from __future__ import annotations

import numpy as np

from helpers.exercises.checking import Exercise, Mistake
from helpers.exercises.questions import Option, Question
from helpers.transposed import output_size, transposed_convolution

# ------------------------------------------------------------------ 06.bottom_row

_KERNEL = np.array([[2, 1], [-1, 3]])
_IMAGE = np.array([[1, 2], [4, -2]])
_PICTURE = transposed_convolution(_IMAGE, _KERNEL)

_bottom_row = Exercise(
    name="06.bottom_row",
    solution=_PICTURE[2],
    praise="Corners take one product, the pixel between them two.",
    mistakes=(
        Mistake(
            transposed_convolution(_IMAGE, _KERNEL[::-1, ::-1])[2],
            "These are the sums of the kernel turned by half a turn: c1 has changed places with "
            "c4, and c2 with c3. A stamp is printed as it stands.",
        ),
        Mistake(
            [-4, -10, -6],
            "The outer two are right. In the middle, p3 prints with the right half of its stamp "
            "(c4) and p4 with the left half (c3), not the other way round.",
        ),
        Mistake(
            [-4, 2, -6],
            "The outer two are right. In the middle the second stamp has replaced the first; "
            "where stamps overlap, they are added.",
        ),
        Mistake(_PICTURE[0], "That is the top row; the bottom row is made by p3 and p4."),
    ),
)

# ----------------------------------------------------------------------- 06.slide


def _slide_with(image, turned, rings):
    padded = np.pad(image, [(rings[0], rings[0]), (rings[1], rings[1])])
    windows = np.lib.stride_tricks.sliding_window_view(padded, turned.shape)
    return np.einsum("yxab,ab->yx", windows, turned)


def _rings(kernel):
    return kernel.shape[0] - 1, kernel.shape[1] - 1


_slide = Exercise(
    name="06.slide",
    solution=lambda image, kernel: _slide_with(image, kernel[::-1, ::-1], _rings(kernel)),
    arguments=(
        (np.array([[2.0, -1.0], [1.0, 3.0]]), np.array([[1.0, 2.0], [3.0, 4.0]])),
        (np.array([[1.0, 0.0, 2.0], [4.0, -3.0, 1.0]]), np.array([[1.0, 2.0], [0.0, 5.0]])),
        (
            np.array([[1.0, 2.0, 4.0, 3.0], [0.0, -1.0, 2.0, 6.0], [5.0, 1.0, 1.0, 2.0]]),
            np.array([[1.0, -2.0], [3.0, 0.0], [7.0, 4.0]]),
        ),
    ),
    praise="It turns the kernel and pads by one less than the kernel's height and width.",
    mistakes=(
        Mistake(
            lambda image, kernel: _slide_with(image, kernel, _rings(kernel)),
            "The kernel slides as it stands. Turn it by 180° first: both its rows and its "
            "columns in reverse order.",
        ),
        Mistake(
            lambda image, kernel: _slide_with(image, kernel[::-1], _rings(kernel)),
            "Only the rows are reversed, which mirrors the kernel. Half a turn reverses the "
            "columns as well.",
        ),
        Mistake(
            lambda image, kernel: _slide_with(image, kernel[:, ::-1], _rings(kernel)),
            "Only the columns are reversed, which mirrors the kernel. Half a turn reverses the "
            "rows as well.",
        ),
        Mistake(
            lambda image, kernel: _slide_with(image, kernel[::-1, ::-1], (1, 1)),
            "One ring of zeros is enough for a 2 × 2 kernel. One that is kh rows high needs "
            "kh − 1 rows of zeros above and below; its columns likewise.",
        ),
        Mistake(
            lambda image, kernel: _slide_with(image, kernel[::-1, ::-1], _rings(kernel)[::-1]),
            "Height and width have changed places in the padding, which a square kernel would "
            "not have shown.",
        ),
    ),
)

# ------------------------------------------------------------------ 06.round_trip

_SETTINGS = {"stride": 3, "padding": 2}
_DOWN = output_size(32, 4, transposed=False, **_SETTINGS)
_UP = output_size(_DOWN, 4, **_SETTINGS)

_round_trip = Exercise(
    name="06.round_trip",
    solution=(_DOWN, _UP, 32 - _UP),
    praise="The floor dropped a remainder of 2, and the output padding gives it back.",
    mistakes=(
        Mistake(
            (_DOWN, 32, 0),
            "The first is right. On the way up put it into s·(i − 1) + k − 2p: the layer does "
            "not come back to 32 by itself.",
        ),
        Mistake(
            (_DOWN + 1, _UP + 3, -1),
            "The division was rounded up. The last window has to fit in whole, so it is "
            "rounded down.",
        ),
        Mistake(
            (_DOWN - 1, _UP - 3, 5),
            "The + 1 is missing on the way down: the window at the very start counts as well. "
            "An output padding of 5 with stride 3 was a warning.",
        ),
        Mistake(
            (_DOWN, _UP + 4, -2),
            "The first is right. On the way up the padding is cut off: subtract 2p.",
        ),
        Mistake(
            (_DOWN, _UP, 1),
            "The two sizes are right. The output padding is what is missing from 32.",
        ),
    ),
)

# ------------------------------------------------------------------- 06.one_layer

_TWICE = np.ones((2, 2))

_one_layer = Exercise(
    name="06.one_layer",
    solution=lambda kernel: transposed_convolution(_TWICE, kernel),
    arguments=(
        (np.array([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0], [7.0, 8.0, 9.0]]),),
        (np.array([[0.0, 1.0, 0.0], [-2.0, 4.0, 1.0], [0.0, 3.0, 0.5]]),),
    ),
    praise="Repeating stamps a 2 × 2 square of ones, and that square is then stamped in its turn.",
    mistakes=(
        Mistake(
            lambda kernel: transposed_convolution(_TWICE, kernel[::-1, ::-1]),
            "The kernel has been turned by 180°. The second step is a full convolution, a "
            "stamping, so the kernel goes in as it stands.",
        ),
        Mistake(
            lambda kernel: transposed_convolution(_TWICE, kernel) / 4,
            "Everything is a quarter of what it should be: repeating a pixel copies its value "
            "four times, it does not share it out.",
        ),
        Mistake(
            lambda kernel: np.kron(kernel, _TWICE),
            "This makes every entry of the kernel larger. It is the pixel that becomes a 2 × 2 "
            "square; the kernel is then stamped once for each of its four pixels.",
        ),
        Mistake(
            lambda kernel: np.pad(kernel, ((0, 1), (0, 1))),
            "The 3 × 3 kernel with a row and a column of zeros is the stamp of a single pixel. "
            "Each pixel has been repeated: four stamps, one step apart, are to be added.",
        ),
    ),
)

EXERCISES = (_bottom_row, _slide, _round_trip, _one_layer)

# ---------------------------------------------------------------------- questions

QUESTIONS = (
    Question(
        name="06.middle",
        prompt="Four stamps of four products each fall on nine pixels. How many of the sixteen "
        "products meet in the middle pixel?",
        options=(
            Option("1", "That is so in the corners, which one stamp alone can reach."),
            Option("2", "That is so half-way along the sides, between two stamps."),
            Option("4", "Every stamp reaches the middle with one of its corners.", correct=True),
            Option("16", "Then nothing would be left for the other eight pixels."),
        ),
    ),
    Question(
        name="06.diagnosis",
        prompt="What do the two kernels that pass have in common, and the two that fail not?",
        reveal=True,
        options=(
            Option(
                "Their entries add up to zero",
                "Blur passes although its entries add up to 1, and edge fails although its "
                "entries add up to 0.",
            ),
            Option(
                "They stay the same when rows and columns change places",
                "So does identity, which fails.",
            ),
            Option(
                "All their entries are equally large, signs aside",
                "So they are in edge, which fails.",
            ),
            Option(
                "They look the same after half a turn",
                "The slide pairs each pixel with the opposite entry of the kernel, and in these "
                "two the opposite entry is the same number.",
                correct=True,
            ),
        ),
    ),
    Question(
        name="06.inverse",
        prompt="Take any 3 × 3 picture x, shrink it with C to 2 × 2, enlarge the result with the "
        "transpose of C. What comes back?",
        options=(
            Option("x itself", "Nine numbers went through four; not all of them can return."),
            Option(
                "x times a constant",
                "Then the 9 × 9 matrix CᵀC would be a multiple of the identity, of rank 9; "
                "having passed through four numbers, its rank is 4 at most.",
            ),
            Option(
                "x in the middle pixel, something else around it",
                "The middle takes part in all four windows and is mixed the most.",
            ),
            Option(
                "A 3 × 3 picture with other values",
                "The transpose restores the shape. It does not undo anything.",
                correct=True,
            ),
        ),
    ),
    Question(
        name="06.back",
        prompt="A convolution with kernel 3, stride 2 and padding 1 takes 8 pixels to 4. To how "
        "many does the transposed convolution with the same three settings take 4 pixels?",
        reveal=True,
        options=(
            Option("6", "That is s·(i − 1), where the last stamp begins, not where it ends."),
            Option("7", "2 · 3 + 3 − 2 · 1: one less than we came from.", correct=True),
            Option("8", "So one would wish; but 7 pixels, too, are taken to 4."),
            Option("9", "That is the whole sheet, before one pixel is cut off on either side."),
        ),
    ),
    Question(
        name="06.even",
        prompt="Kernel 4 × 4, stride 2: every inner pixel receives four stamps. The image is one "
        "flat grey, the kernel random. What does the inside of the output look like?",
        options=(
            Option(
                "One flat grey",
                "Each inner pixel adds up four entries of the kernel, but not the same four.",
            ),
            Option(
                "A pattern that repeats every two pixels",
                "Pixels at an even distance collect the same four entries, neighbours "
                "different ones.",
                correct=True,
            ),
            Option(
                "Noise without any pattern",
                "What is random is the kernel, and every pixel stamps the same one.",
            ),
        ),
    ),
)
