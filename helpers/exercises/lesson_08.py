"""What lesson 08, noise into images, asks, and the mistakes it knows."""

from __future__ import annotations

import numpy as np

from helpers.exercises.checking import Exercise, Mistake
from helpers.exercises.questions import Option, Question

# --------------------------------------------------------- sizes and parameters of a layer

_SIZES = Exercise(
    "08.sizes",
    (10, 14, 4 * 4 * 8 * 3 + 3),
    mistakes=(
        Mistake(
            (10, 14, 4 * 4 * 8 * 3),
            "Height, width and kernel are right. Each outgoing channel has a bias, too.",
        ),
        Mistake(
            (10, 14, 4 * 4 * 8 * 3 + 8),
            "A bias is added to what comes out: one for each outgoing channel, not for each "
            "incoming one.",
        ),
        Mistake(
            (10, 14, 4 * 4 * 3 + 3),
            "That is one stamp for each outgoing channel. There is one for each pair of an "
            "incoming and an outgoing channel.",
        ),
        Mistake(
            (12, 16, 4 * 4 * 8 * 3 + 3),
            "The padding is missing: it cuts one row off the top and one off the bottom, and "
            "columns alike.",
        ),
        Mistake(
            (14, 10, 4 * 4 * 8 * 3 + 3),
            "Height and width have changed places: the image is 5 pixels high and 7 wide.",
        ),
    ),
    praise="Twice as high, twice as wide, and 384 numbers in 24 stamps, with three biases.",
)

# ------------------------------------------------------------------ the kernel's gradient

_STRIDE, _PADDING = 2, 1


def _windows_times_pixels(x, dy, kernel_size, *, stride=_STRIDE, padding=_PADDING):
    (kh, kw), p = kernel_size, padding
    padded = np.pad(dy, ((p, p), (p, p), (0, 0)))
    total = np.zeros((kh, kw, x.shape[2], dy.shape[2]))
    for i, j in np.ndindex(x.shape[:2]):
        window = padded[stride * i : stride * i + kh, stride * j : stride * j + kw]
        total += np.einsum("abo,c->abco", window, x[i, j])
    return total


def _without_padding(x, dy, kernel_size):
    """Windows begin at (2i, 2j) of dy itself; what they lack at the lower right is zero."""
    kh, kw = kernel_size
    reaching = np.pad(dy, ((0, kh), (0, kw), (0, 0)))
    return _windows_times_pixels(x, reaching, kernel_size, padding=0)


_rng = np.random.default_rng(8)
_LAYER_CASES = [
    (_rng.normal(size=(3, 5, 2)), _rng.normal(size=(6, 10, 3)), (4, 4)),
    (_rng.normal(size=(2, 3, 1)), _rng.normal(size=(4, 7, 2)), (4, 5)),
]

_KERNEL_GRADIENT = Exercise(
    "08.kernel_gradient",
    _windows_times_pixels,
    mistakes=(
        Mistake(
            lambda *case: _windows_times_pixels(*case, stride=1),
            "The windows are one step apart, as with stride 1. The stamp of pixel (i, j) begins at "
            "row s·i and column s·j.",
        ),
        Mistake(
            _without_padding,
            "The windows are shifted: dy has lost the padding's rows and columns. Put zeros "
            "around it first, so that the stamp of pixel (i, j) begins at (s·i, s·j) again.",
        ),
        Mistake(
            lambda *case: _windows_times_pixels(*case)[::-1, ::-1],
            "The kernel is turned by 180°. Entry (a, b) of the kernel stamps place (a, b) of the "
            "window, unturned.",
        ),
        Mistake(
            lambda x, dy, size: _windows_times_pixels(x, dy, size) / (x.shape[0] * x.shape[1]),
            "That is the mean over the pixels. All stamps share one kernel, so what each says "
            "about it adds up.",
        ),
        Mistake(
            lambda *case: _windows_times_pixels(*case).transpose(0, 1, 3, 2),
            "Incoming and outgoing channels have changed places: the kernel has shape (kernel "
            "height, kernel width, channels in, channels out).",
        ),
    ),
    arguments=_LAYER_CASES,
    praise="Each pixel times the window that its stamp has touched, summed over all pixels.",
)

# ---------------------------------------------------------------------- from PyTorch's order

_ORDER_CASES = [(_rng.normal(size=(3, 2, 4, 5)),), (_rng.normal(size=(2, 6, 3, 1)),)]

_FROM_PYTORCH = Exercise(
    "08.from_pytorch",
    lambda weight: weight.transpose(3, 2, 1, 0),
    mistakes=(
        Mistake(
            lambda weight: weight.transpose(2, 3, 1, 0),
            "The channels are right, but this is height before width. With a square kernel "
            "nothing would complain, and every stamp would be mirrored.",
        ),
        Mistake(
            lambda weight: weight.transpose(3, 2, 0, 1),
            "Width and height are right, but channels in still stand before channels out.",
        ),
        Mistake(
            lambda weight: weight.reshape(weight.shape[::-1]),
            "The shape is right and the numbers are in the wrong places: reshape reads the same "
            "row of numbers into another shape, transpose moves the axes.",
        ),
        Mistake(
            lambda weight: weight.transpose(3, 2, 1, 0)[::-1, ::-1],
            "The axes are right, but the kernel is turned by 180°. Both libraries stamp it as it "
            "is.",
        ),
    ),
    arguments=_ORDER_CASES,
    praise="All four axes in reverse order, and not a number has changed.",
)

# --------------------------------------------------------------------------------- the PSNR


def _psnr(images, originals):
    return -10 * np.log10(np.mean((np.asarray(images) - np.asarray(originals)) ** 2))


def _mean_of_each(images, originals):
    return np.mean([_psnr(*pair) for pair in zip(images, originals)])


_PICTURES = [_rng.uniform(size=(3, 4, 5)) for _ in range(2)]
_PSNR_CASES = [
    (_PICTURES[0], 0.9 * _PICTURES[0] + 0.1 * _PICTURES[1] ** 2),
    (_PICTURES[1], np.sqrt(_PICTURES[1])),
]

_PSNR = Exercise(
    "08.psnr",
    _psnr,
    mistakes=(
        Mistake(
            lambda *case: -_psnr(*case),
            "The sign is the other way round: an RMSE below 1 has a negative logarithm, and the "
            "PSNR is to grow as the error falls.",
        ),
        Mistake(
            lambda *case: _psnr(*case) / 2,
            "Half of it: 10 log₁₀ belongs to the mean square, 20 log₁₀ to its root.",
        ),
        Mistake(
            lambda *case: 2 * _psnr(*case),
            "Twice as much: 20 log₁₀ belongs to the root of the mean square, 10 log₁₀ to the "
            "mean square itself.",
        ),
        Mistake(
            lambda *case: np.log(10) * _psnr(*case),
            "That is the natural logarithm. Decibels are counted in powers of ten: np.log10.",
        ),
        Mistake(
            _mean_of_each,
            "That is the mean of each picture's PSNR, which is never lower than that of all "
            "pixels together. Take one mean over all of them.",
        ),
    ),
    arguments=_PSNR_CASES,
    praise="Six decibels more are half the error; twenty are a tenth.",
)

EXERCISES = (_SIZES, _KERNEL_GRADIENT, _FROM_PYTORCH, _PSNR)

# -------------------------------------------------------------------------------- questions

_FRESH = Question(
    "08.fresh",
    "64 vectors have been paired with 64 cats and learned. What does a fresh random vector give?",
    (
        Option(
            "A new cat, as good as the 64",
            "The loss speaks of 64 points and of nothing in between. No term asks that anything "
            "else be a cat.",
        ),
        Option(
            "One of the 64 cats, the nearest vector's",
            "The network is a smooth function of its vector: it does not jump from one training "
            "vector to the next. In 16 dimensions a fresh vector has no near one, either.",
        ),
        Option(
            "A blurred cat, near the mean of the 64",
            "That is what averaging would give, and the second half of this lesson will see it. "
            "With 64 cats the network has no need to average.",
        ),
        Option(
            "A monster: as sharp as a cat, and wrong",
            "The weights hold the details of 64 cats. Where no cat was asked for, the details "
            "come out all the same, at the wrong places and too strong.",
            correct=True,
        ),
    ),
)

_MANY = Question(
    "08.many",
    "The same network, the same loss, 2000 cats. What does it make of its training vectors now?",
    (
        Option(
            "All 2000 cats, each from its own vector",
            "The network has some 77,000 parameters; 2000 cats have 512,000 pixels, and vectors "
            "that mean nothing tell none of them in advance.",
        ),
        Option(
            "The same blurred cat, nearly, from every vector",
            "What the vectors cannot tell apart, least squares answers with the mean.",
            correct=True,
        ),
        Option(
            "Monsters, from training vectors as well",
            "A monster is far from its cat, and the loss, which sees every training vector, "
            "would punish it. The mean cat is closer to all of them.",
        ),
        Option(
            "Some of the cats perfectly, the others not at all",
            "Least squares would rather be a little wrong everywhere than very wrong somewhere: "
            "an error twice as large costs four times as much.",
        ),
    ),
)

_PAIRING = Question(
    "08.pairing",
    "Take the same 64 vectors and 64 cats, and deal the vectors out anew. How well is it learned?",
    (
        Option(
            "Worse: the pairs are no longer the right ones",
            "There were no right ones. The vectors had been drawn without a look at the cats.",
        ),
        Option(
            "As well, and fresh vectors give the same pictures as before",
            "As well, yes. But what stands between the training vectors has changed with them.",
        ),
        Option(
            "As well, and fresh vectors give other pictures",
            "One dealing is as good as another, and each fills the space between in a way of its "
            "own.",
            correct=True,
        ),
        Option(
            "Not at all: the network contradicts itself",
            "It would if it had learned both dealings at once. It starts afresh with the second.",
        ),
    ),
)

_MIDDLE = Question(
    "08.middle",
    "Walk from one of the 64 training vectors to another. What stands halfway?",
    (
        Option(
            "A cat between the two: half its size, half its gaze",
            "For that the vector would have to mean size and gaze. Nothing has told the network "
            "which cats lie between which.",
        ),
        Option(
            "A pale mixture of both, with faults of its own",
            "The end points are learned, the way is not. It fades from one into the other, and "
            "what other cats have left in the weights shines through.",
            correct=True,
        ),
        Option(
            "Exactly the average of the two pictures",
            "It would be if the network were linear; every bend in it takes the way elsewhere.",
        ),
        Option(
            "A jump: the first cat until the middle, then the second",
            "A network with slopes of moderate size cannot jump. The walk is smooth everywhere.",
        ),
    ),
)

_DIAGNOSIS = Question(
    "08.diagnosis",
    "Every shape fits, nothing complains, and the cats are in pieces. What is wrong?",
    (
        Option(
            "The weights were saved in too low a precision",
            "The numbers of the last kernel are the same to the last digit. They are only no "
            "longer where they were.",
        ),
        Option(
            "The pictures are flattened column by column",
            "Then whole pictures would be mirrored at the diagonal: cats lying on their sides, "
            "with both ears in one place. These are broken within every few pixels.",
        ),
        Option(
            "Each stamp has its rows and columns exchanged",
            "The stamps lie where they lay, so a patch of light remains where the head was; "
            "within each stamp right is down and down is right. A square kernel hides it from "
            "every check of shapes.",
            correct=True,
        ),
        Option(
            "The stride and the padding have changed",
            "Another stride would give pictures of another size, another padding would shift "
            "cats that are otherwise whole.",
        ),
    ),
    reveal=True,
)

QUESTIONS = (_FRESH, _MANY, _PAIRING, _MIDDLE, _DIAGNOSIS)
