"""Exercises and questions of lesson 09, why squared error blurs."""

from __future__ import annotations

import numpy as np

from helpers.exercises.checking import Exercise, Mistake
from helpers.exercises.questions import Option, Question

# ------------------------------ 09.sampling: squared error of the mean and of an honest draw


def _spread(futures, weights):
    """Mean over pixels of the variance of each, for futures of the given weights."""
    mean = weights @ futures
    return float(weights @ np.mean((futures - mean) ** 2, axis=1))


def _sampling(futures, weights):
    return np.array([1, 2]) * _spread(futures, weights)


def _sampling_unweighted(futures, weights):
    return _sampling(futures, np.full(len(futures), 1 / len(futures)))


def _sampling_summed(futures, weights):
    return futures.shape[1] * _sampling(futures, weights)


def _sampling_equal(futures, weights):
    return np.array([1, 1]) * _spread(futures, weights)


def _sampling_never_right(futures, weights):
    """The draw is compared with the other futures only."""
    squared = np.mean((futures[:, None] - futures) ** 2, axis=2)
    pairs = np.outer(weights, weights) * (1 - np.eye(len(weights)))
    return np.array([_spread(futures, weights), np.sum(pairs * squared) / pairs.sum()])


def _sampling_rooted(futures, weights):
    return np.sqrt(_sampling(futures, weights))


def _sampling_likeliest(futures, weights):
    """The draw is always the likeliest future."""
    guess = futures[np.argmax(weights)]
    cost = weights @ np.mean((futures - guess) ** 2, axis=1)
    return np.array([_spread(futures, weights), cost])


_rng = np.random.default_rng(9)
_FUTURES_CASES = [
    (_rng.random((3, 10)), np.array([0.5, 0.3, 0.2])),
    (_rng.random((2, 7)), np.array([0.8, 0.2])),
]

# ------------------------------------------------------- 09.average: the mean of several draws


def _average(k):
    """Squared error of the mean of k draws over the variance, and the decibels won on one."""
    error = 1 + 1 / k
    return np.array([error, 10 * np.log10(2 / error)])


def _average_of_both(k):
    """Averages the truth away, too."""
    return np.array([2 / k, 10 * np.log10(k)])


def _average_without_truth(k):
    return np.array([1 / k, 10 * np.log10(2 * k)])


def _average_not_averaged(k):
    """As if the variance of a mean were that of a single number."""
    return np.array([2.0, 0.0])


def _average_squared(k):
    error = 1 + 1 / k**2
    return np.array([error, 10 * np.log10(2 / error)])


def _average_over_mean(k):
    """Decibels against the best answer, the mean, in place of a single draw."""
    return np.array([1 + 1 / k, -10 * np.log10(1 + 1 / k)])


def _average_of_roots(k):
    error, decibels = _average(k)
    return np.array([error, 2 * decibels])


def _average_natural(k):
    error, decibels = _average(k)
    return np.array([error, np.log(10) * decibels])


# ----------------------------------------------- 09.consistent: keep what the coarse pixels say


def _shrink(images, k):
    n, height, width = images.shape
    return images.reshape(n, height // k, k, width // k, k).mean(axis=(2, 4))


def _grow(coarse, k):
    return coarse.repeat(k, axis=1).repeat(k, axis=2)


def _consistent(high, low, k):
    return high + _grow(low - _shrink(high, k), k)


def _consistent_wrong_way(high, low, k):
    return high - _grow(low - _shrink(high, k), k)


def _consistent_shared_out(high, low, k):
    return high + _grow(low - _shrink(high, k), k) / k**2


def _consistent_flat(high, low, k):
    return _grow(low, k) + 0 * high


def _consistent_added(high, low, k):
    return high + _grow(low, k)


def _consistent_tiled(high, low, k):
    return high + np.tile(low - _shrink(high, k), (1, k, k))


_CONSISTENT_CASES = [
    (_rng.random((3, 8, 12)), _rng.random((3, 4, 6)), 2),
    (_rng.random((2, 8, 12)), _rng.random((2, 2, 3)), 4),
]

EXERCISES = (
    Exercise(
        name="09.centres",
        solution=(3.5, 1.0, 18.25),
        praise="The mean is pulled towards the 10 and is none of the three values; the median does "
        "not care how far away the 10 is. What is left of the squared error is the variance.",
        mistakes=(
            Mistake(
                (11 / 3, 1.0, 18.25),
                "The first is the mean of the three values as if they were equally likely.",
            ),
            Mistake(
                (1.0, 3.5, 18.25),
                "Squared error belongs to the mean, absolute error to the median: they have "
                "changed places.",
            ),
            Mistake(
                (3.5, 3.5, 18.25),
                "The median is the value at which half of the probability is reached: 0.2 up to "
                "0, 0.7 up to 1.",
            ),
            Mistake(
                (3.5, 1.0, 30.5),
                "That is E y². The variance is E (y − m)², or E y² − m².",
            ),
            Mistake((3.5, 1.0, 18.25**0.5), "That is the standard deviation; squared error stays."),
            Mistake(
                (1.0, 1.0, 18.25),
                "1 is the likeliest value. For the squared error it costs more than 3.5 does.",
            ),
        ),
    ),
    Exercise(
        name="09.sampling",
        solution=_sampling,
        arguments=_FUTURES_CASES,
        praise="Twice, whatever the futures are: a flawless sharp guess loses 3 dB to the blur.",
        mistakes=(
            Mistake(
                _sampling_unweighted, "The weights are missing: here all futures count equally."
            ),
            Mistake(_sampling_summed, "That is the sum over pixels; asked is the mean."),
            Mistake(
                _sampling_equal,
                "The draw differs from the truth in both: the truth scatters around the mean, and "
                "so does the draw, independently of it.",
            ),
            Mistake(
                _sampling_never_right,
                "A draw may well be the future that comes true; then it costs nothing. That case "
                "has been left out.",
            ),
            Mistake(_sampling_rooted, "That is the root of it. Asked is the squared error."),
            Mistake(
                _sampling_likeliest,
                "That is the cost of always saying the likeliest future. The second guess is drawn "
                "by the weights.",
            ),
        ),
    ),
    Exercise(
        name="09.average",
        solution=_average,
        arguments=[(4,), (9,)],
        praise="With k = 4 two decibels are won, and no k wins more than 3: the mean itself.",
        mistakes=(
            Mistake(
                _average_of_both,
                "Averaging calms the answer, not the truth: there is one truth, and it keeps its "
                "whole variance.",
            ),
            Mistake(
                _average_without_truth,
                "That is how far the answer is from the mean. The truth is off the mean, too.",
            ),
            Mistake(
                _average_not_averaged,
                "That is one draw. The mean of k independent numbers has the variance V/k.",
            ),
            Mistake(
                _average_squared,
                "The sum of k draws has the variance k V; dividing it by k divides that by k².",
            ),
            Mistake(
                _average_over_mean,
                "The error is right. The decibels are against the mean, which is never beaten; "
                "asked is what is won over a single draw, which costs 2 V.",
            ),
            Mistake(
                _average_of_roots,
                "Twice too many decibels: 10 log₁₀ belongs to a squared error, 20 log₁₀ to its "
                "root.",
            ),
            Mistake(_average_natural, "Decibels take the logarithm to base 10: np.log10."),
        ),
    ),
    Exercise(
        name="09.consistent",
        solution=_consistent,
        arguments=_CONSISTENT_CASES,
        praise="All detail stays, and each block has the mean that it must have.",
        mistakes=(
            Mistake(_consistent_wrong_way, "The wrong way: that doubles the mismatch."),
            Mistake(
                _consistent_shared_out,
                "Every pixel of a block has to move by the whole mismatch, then its mean moves by "
                "just that.",
            ),
            Mistake(
                _consistent_flat,
                "That throws away the detail of `high` and leaves the coarse pixels, enlarged.",
            ),
            Mistake(
                _consistent_added,
                "Not the coarse picture is to be added, but what the block means fall short of it.",
            ),
            Mistake(
                _consistent_tiled,
                "np.tile sets whole copies side by side. Here each number is to be repeated within "
                "its own block.",
            ),
        ),
    ),
)

QUESTIONS = (
    Question(
        name="09.fork",
        prompt="y is +x or −x, and a fair coin decides which. A network is fitted to many pairs "
        "(x, y) by least squares. What does it answer at x = 1?",
        options=(
            Option(
                "+1 or −1: whichever it settles on",
                "Once it sits on a branch, every pair of the other branch pulls at it with twice "
                "the force of a mere halfway error. It cannot stay there.",
            ),
            Option(
                "About 0, a value that y never takes",
                "0 is the mean of +1 and −1, and the mean is what has the least squared error.",
                correct=True,
            ),
            Option(
                "Now +1, now −1, as the coin does",
                "A network is a function: to the same x it gives the same answer. To vary, it "
                "would need a random input.",
            ),
            Option(
                "Something useless: the data contradict themselves",
                "What it answers is quite definite, and the best there is by its own measure.",
            ),
        ),
    ),
    Question(
        name="09.remedy",
        prompt="The network sits between the branches. What brings it onto one of them?",
        options=(
            Option(
                "Longer training",
                "The middle is where the squared error is least: descent that goes on stays there.",
            ),
            Option(
                "A larger network",
                "The middle is no failure to represent the fork. A larger network represents the "
                "middle, too, and no worse.",
            ),
            Option(
                "More data",
                "With more pairs the coin's share comes nearer to ½, and the answer nearer to the "
                "middle.",
            ),
            Option(
                "None of the three: it is the loss that asks for the middle",
                "Whatever makes the network better makes it better at what it is asked: the mean.",
                correct=True,
            ),
        ),
    ),
    Question(
        name="09.ears",
        prompt="A head that looks straight ahead turns by 30°, to the left or to the right. What "
        "will the network predict?",
        options=(
            Option(
                "The head turned to one side, well drawn",
                "That would be wrong by a whole head half of the time; the error of both sides at "
                "once, half as strong, is smaller.",
            ),
            Option(
                "The head looking straight ahead: the mean of −30° and +30°",
                "That is the mean of the angles. The loss knows nothing of angles: it compares "
                "pixels, and asks for the mean of each.",
            ),
            Option(
                "Both turned heads over each other, each half as strong",
                "Each pixel by itself is the mean of what it may become: a double exposure.",
                correct=True,
            ),
            Option(
                "Grey noise: the task cannot be learned",
                "Which way it turns cannot be learned. What both futures have in common can.",
            ),
        ),
    ),
    Question(
        name="09.order",
        prompt="From 2×2 pixels back to 8×8: a flat picture in four blocks, bicubic interpolation, "
        "or, for every digit, one and the same picture, the mean of all digits. Which has the "
        "highest PSNR?",
        options=(
            Option(
                "Bicubic: it is smooth and made for the purpose",
                "Smooth, but it knows nothing of digits: that they stand in the middle, on paper "
                "which is empty at the edges.",
            ),
            Option(
                "The blocks: they are what was measured",
                "They keep what was measured, but spread ink over places where no digit has any.",
            ),
            Option(
                "The mean of all digits, which does not even look at the pixels",
                "It is the best constant guess, and it knows where digits have their ink. PSNR is "
                "squared error, and in that currency it is worth more than four measured numbers.",
                correct=True,
            ),
        ),
    ),
    Question(
        name="09.diagnose",
        reveal=True,
        prompt="This network has one answer for all digits, and its PSNR is that of their mean. "
        "What went wrong?",
        options=(
            Option(
                "It was trained too briefly",
                "Its loss stopped falling long before the end: look at the curve.",
            ),
            Option(
                "The step size was too large",
                "Then the loss would jump about or grow. It is steady.",
            ),
            Option(
                "Inputs and targets no longer belong to each other",
                "They were shuffled separately. A given x then says nothing about y, and the "
                "conditional mean is the mean of all.",
                correct=True,
            ),
            Option(
                "Two by two pixels are not enough for any better",
                "The network before had the same four numbers, and did far better with them.",
            ),
        ),
    ),
)
