"""Exercises and questions of lesson 10, the adversarial loss on pictures."""

from __future__ import annotations

import numpy as np

from helpers.exercises.checking import Exercise, Mistake
from helpers.exercises.questions import Option, Question

# --------------------------------------- 10.caught: share of fakes caught, and what bounds it


def _softplus(t):
    return np.maximum(t, 0) + np.log1p(np.exp(-np.abs(t)))


def _sigma(t):
    return np.exp(-_softplus(-t))


def _caught(logits):
    return np.array([np.mean(logits < 0), np.mean(_softplus(-logits)) / np.log(2)])


def _caught_wrong_side(logits):
    return np.array([np.mean(logits > 0), np.mean(_softplus(-logits)) / np.log(2)])


def _caught_by_judge(logits):
    """The judge's own loss on generated pictures instead of the generator's."""
    return np.array([np.mean(logits < 0), np.mean(_softplus(logits)) / np.log(2)])


def _caught_in_nats(logits):
    return np.array([np.mean(logits < 0), np.mean(_softplus(-logits))])


def _caught_at_half(logits):
    return np.array([np.mean(logits < 0.5), np.mean(_softplus(-logits)) / np.log(2)])


def _caught_summed(logits):
    return len(logits) * _caught(logits)


_rng = np.random.default_rng(10)
_CAUGHT_CASES = [
    (np.array([-1.0, 0.2, 3.0, -0.3, 0.4]),),
    (np.concatenate([[0.3], _rng.normal(0.5, 2, size=11)]),),
]

# -------------------------------------------- 10.arrows: the gradient in the pixels, two terms


def _arrows(made, truth, v, b, w_mse, w_adv):
    by_mse = 2 * (made - truth) / made.size
    return w_mse * by_mse - w_adv * _sigma(-(v @ made + b)) * v


def _arrows_without_2(made, truth, v, b, w_mse, w_adv):
    return _arrows(made, truth, v, b, w_mse / 2, w_adv)


def _arrows_summed(made, truth, v, b, w_mse, w_adv):
    return _arrows(made, truth, v, b, w_mse * made.size, w_adv)


def _arrows_wrong_way(made, truth, v, b, w_mse, w_adv):
    return _arrows(made, truth, v, b, w_mse, -w_adv)


def _arrows_saturating(made, truth, v, b, w_mse, w_adv):
    by_mse = 2 * (made - truth) / made.size
    return w_mse * by_mse - w_adv * _sigma(v @ made + b) * v


def _arrows_at_the_truth(made, truth, v, b, w_mse, w_adv):
    by_mse = 2 * (made - truth) / made.size
    return w_mse * by_mse - w_adv * _sigma(-(v @ truth + b)) * v


def _arrows_to_the_logit(made, truth, v, b, w_mse, w_adv):
    """The last link of the chain, from the logit to the pixels, is missing."""
    by_mse = 2 * (made - truth) / made.size
    return w_mse * by_mse - w_adv * _sigma(-(v @ made + b))


_ARROWS_CASES = [
    (_rng.random(6), _rng.random(6), _rng.normal(size=6), 0.3, 0.7, 0.3),
    (_rng.random(4), _rng.random(4), _rng.normal(size=4), -0.8, 2.0, 1.5),
]

# ----------------------------------------------- 10.mix: the price of going part of the way


def _mmse(futures, weights):
    return float(weights @ np.mean((futures - weights @ futures) ** 2, axis=1))


def _mix(futures, weights, t):
    return (1 + t**2) * _mmse(futures, weights)


def _mix_linear(futures, weights, t):
    return (1 + t) * _mmse(futures, weights)


def _mix_same_coin(futures, weights, t):
    """The guess knows which future comes true."""
    return (1 - t) ** 2 * _mmse(futures, weights)


def _mix_only_guess(futures, weights, t):
    return t**2 * _mmse(futures, weights)


def _mix_all_scaled(futures, weights, t):
    return (1 + t) ** 2 * _mmse(futures, weights)


def _mix_unweighted(futures, weights, t):
    return _mix(futures, np.full(len(futures), 1 / len(futures)), t)


def _mix_summed(futures, weights, t):
    return futures.shape[1] * _mix(futures, weights, t)


_MIX_CASES = [
    (_rng.random((3, 8)), np.array([0.5, 0.3, 0.2]), 0.5),
    (_rng.random((2, 5)), np.array([0.7, 0.3]), 0.8),
]

# ----------------------------------------------- 10.spread: what the distance is made of


def _spread(draws, means):
    center = draws.mean(axis=1)
    return np.array([np.mean((center - means) ** 2), np.mean((draws - center[:, None]) ** 2)])


def _spread_swapped(draws, means):
    return _spread(draws, means)[::-1].copy()


def _spread_rooted(draws, means):
    return np.sqrt(_spread(draws, means))


def _spread_whole(draws, means):
    """The whole distance for the first part."""
    return np.array([np.mean((draws - means[:, None]) ** 2), _spread(draws, means)[1]])


def _spread_over_frames(draws, means):
    """One center for all frames."""
    center = draws.mean(axis=(0, 1))
    return np.array([np.mean((center - means) ** 2), np.mean((draws - center) ** 2)])


def _spread_summed(draws, means):
    return draws.shape[2] * _spread(draws, means)


_SPREAD_CASES = [
    (_rng.random((3, 4, 6)), _rng.random((3, 6))),
    (_rng.random((2, 5, 3)), _rng.random((2, 3))),
]

EXERCISES = (
    Exercise(
        name="10.caught",
        solution=_caught,
        arguments=_CAUGHT_CASES,
        praise="The second is never below the first, and unlike it, it has a slope everywhere.",
        mistakes=(
            Mistake(
                _caught_wrong_side,
                "That is the share that gets through: a logit above 0 says real.",
            ),
            Mistake(
                _caught_by_judge,
                "ln(1 + eᵃ) is what the judge pays for a fake. The generator wants it to be taken "
                "for real and pays −ln σ(a) = ln(1 + e⁻ᵃ).",
            ),
            Mistake(_caught_in_nats, "Divide by ln 2, or the bound does not hold at a = 0."),
            Mistake(
                _caught_at_half,
                "One half is the threshold of the probability σ(a). That of the logit a is 0.",
            ),
            Mistake(_caught_summed, "Both are means over the pictures, not sums."),
        ),
    ),
    Exercise(
        name="10.arrows",
        solution=_arrows,
        arguments=_ARROWS_CASES,
        praise="One arrow towards the truth, the longer the farther; one along the judge's slope, "
        "the longer the surer it is of a fake.",
        mistakes=(
            Mistake(_arrows_without_2, "The derivative of a square brings a factor 2."),
            Mistake(
                _arrows_summed, "The MSE is a mean over the pixels: divide by how many there are."
            ),
            Mistake(
                _arrows_wrong_way,
                "The adversarial term has the wrong sign: going down this gradient makes the "
                "picture look less real.",
            ),
            Mistake(
                _arrows_saturating,
                "σ(A) belongs to the minimax loss. The slope of −ln σ(A) is −σ(−A): large where "
                "the judge is sure of a fake.",
            ),
            Mistake(
                _arrows_at_the_truth,
                "The judge looks at the picture that was made, not at the true one.",
            ),
            Mistake(
                _arrows_to_the_logit,
                "The chain stops at the logit. From there to the pixels it is ∂A/∂y′ = v.",
            ),
        ),
    ),
    Exercise(
        name="10.mix",
        solution=_mix,
        arguments=_MIX_CASES,
        praise="At t = 0 the least there is, at t = 1 twice that, and in between a parabola: the "
        "first steps away from the blur cost almost nothing.",
        mistakes=(
            Mistake(_mix_linear, "Right at both ends. In between the distance grows as t²."),
            Mistake(
                _mix_same_coin,
                "That guess knows which future comes true. Its coin is tossed independently.",
            ),
            Mistake(
                _mix_only_guess,
                "That is how far the guess is from the mean. The truth is away from the mean, too.",
            ),
            Mistake(
                _mix_all_scaled,
                "Two independent deviations: their squares add up, 1 and t², and the product is 0 "
                "on average.",
            ),
            Mistake(_mix_unweighted, "The weights are missing: here all futures count equally."),
            Mistake(_mix_summed, "That is the sum over pixels; asked is the mean."),
        ),
    ),
    Exercise(
        name="10.spread",
        solution=_spread,
        arguments=_SPREAD_CASES,
        praise="The two add up to the mean squared distance of the draws from the mean.",
        mistakes=(
            Mistake(_spread_swapped, "The two have changed places: first bias, then spread."),
            Mistake(_spread_rooted, "Squares, no roots: only squares add up."),
            Mistake(
                _spread_whole,
                "The first is the whole distance of single draws. Average the draws of a frame "
                "first, then compare with its mean.",
            ),
            Mistake(
                _spread_over_frames,
                "That averages over frames as well. Each frame has a mean of its own: axis 1 only.",
            ),
            Mistake(_spread_summed, "Means over pixels, too, not sums."),
        ),
    ),
)

QUESTIONS = (
    Question(
        name="10.linear",
        prompt="Logistic regression sees all pixels of a frame, and is to tell true next frames "
        "from the answers of least squares. How often is it right, on pictures it has not seen?",
        options=(
            Option(
                "Nearly always: the blur is plain to see",
                "To you, because your eye compares neighbouring pixels. Logistic regression only "
                "adds up pixels, each with a weight.",
            ),
            Option(
                "In about three of four cases",
                "It would have to find some pixel, or some sum of pixels, that is brighter in one "
                "of the kinds. There is none.",
            ),
            Option(
                "Hardly more than half of the time",
                "Any weighted sum of pixels has the same mean on both kinds: least squares has "
                "seen to just that.",
                correct=True,
            ),
        ),
    ),
    Question(
        name="10.without_z",
        prompt="The fork, y = x or y = −x. The judge sees x and y, but the generator has no z: to "
        "one x it can give one answer only. What does it draw?",
        options=(
            Option(
                "The middle, as least squares does",
                "At the middle there is no y at all: the judge would notice at once.",
            ),
            Option(
                "One of the branches from end to end",
                "For a while. Then the judge learns that this branch is where all fakes are, and "
                "the generator has to leave it.",
            ),
            Option(
                "A line that leaps from one branch to the other and back as x grows",
                "Without dice of its own it takes x for one: by leaping about it shows both "
                "branches to a judge that cannot look closely enough.",
                correct=True,
            ),
            Option(
                "Both branches",
                "That takes two answers to one x, and a function has one.",
            ),
        ),
    ),
    Question(
        name="10.heads",
        prompt="The adversarial network draws sharp heads. How far are they, as RMSE, from the "
        "frame that really came, compared with the blurred answers of least squares?",
        options=(
            Option(
                "Nearer: they look so much more like it",
                "Half of the time they look the other way. Then nearly every pixel around the eyes "
                "and the ears is wrong by its full contrast.",
            ),
            Option("Equally far", "Nothing has a squared error as small as the mean has."),
            Option(
                "About 1.4 times as far",
                "Twice the squared error, which is the root of 2 in the RMSE: the price of a "
                "flawless draw.",
                correct=True,
            ),
            Option(
                "Many times as far",
                "A draw is a possible future. It cannot be farther off than the futures are from "
                "each other.",
            ),
        ),
    ),
    Question(
        name="10.reader",
        prompt="From 2×2 pixels the MSE network's pale digits are read correctly in some six of "
        "ten cases. Now they are crisp. What does the reader make of them?",
        options=(
            Option(
                "It reads more of them correctly: crisp digits are easier to read",
                "Easier to read, yes. But read as what?",
            ),
            Option(
                "As many: the four pixels say no more than before",
                "They say no more. But the blur let the reader pick the likeliest digit; a draw "
                "has picked already, and not always the likeliest.",
            ),
            Option(
                "It reads fewer correctly",
                "A draw shows digit k with its probability, so it is right with the sum of the "
                "squared probabilities; the reader of the blur could take the likeliest.",
                correct=True,
            ),
        ),
    ),
    Question(
        name="10.diagnose",
        reveal=True,
        prompt="Look at the judge's loss. What went wrong?",
        options=(
            Option(
                "The generator is too small to draw digits",
                "The same generator drew crisp ones a moment ago.",
            ),
            Option(
                "The adversarial term was switched off, and only MSE is left",
                "Then the pictures would be soft. These are anything but.",
            ),
            Option(
                "The judge wins: nothing keeps it from growing steep, and it learns ten times "
                "as fast",
                "Its loss sinks and sinks, where a game in balance keeps it not far below 2 ln 2. "
                "Its slopes say how to fool it at this very step, and no longer what a digit is.",
                correct=True,
            ),
            Option(
                "The judge is too weak and lets everything through",
                "A judge that lets everything through pays for it: its loss would be 2 ln 2 or "
                "more.",
            ),
        ),
    ),
)
