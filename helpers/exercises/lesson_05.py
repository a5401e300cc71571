"""Exercises and questions of lesson 05, the adversarial game."""

from __future__ import annotations

import numpy as np
from scipy.special import expit

from helpers.exercises.checking import Exercise, Mistake
from helpers.exercises.questions import Option, Question

# ------------------------------------- 05.least_squares: the generator's gradient, ½ (A − 1)²


def _parts(z, a, b, w):
    """Generated numbers, their logits, and the slope of the logit there."""
    g = a * z + b
    return g, w[0] * g**2 + w[1] * g + w[2], 2 * w[0] * g + w[1]


def _least_squares(z, a, b, w):
    g, logit, slope = _parts(z, a, b, w)
    t = (logit - 1) * slope
    return np.array([np.mean(t * z), np.mean(t)])


def _least_squares_doubled(z, a, b, w):
    return 2 * _least_squares(z, a, b, w)


def _least_squares_summed(z, a, b, w):
    return len(z) * _least_squares(z, a, b, w)


def _least_squares_without_slope(z, a, b, w):
    g, logit, slope = _parts(z, a, b, w)
    return np.array([np.mean((logit - 1) * z), np.mean(logit - 1)])


def _least_squares_to_zero(z, a, b, w):
    g, logit, slope = _parts(z, a, b, w)
    return np.array([np.mean(logit * slope * z), np.mean(logit * slope)])


def _least_squares_of_probability(z, a, b, w):
    g, logit, slope = _parts(z, a, b, w)
    t = (expit(logit) - 1) * slope
    return np.array([np.mean(t * z), np.mean(t)])


def _least_squares_without_z(z, a, b, w):
    g, logit, slope = _parts(z, a, b, w)
    t = np.mean((logit - 1) * slope)
    return np.array([t, t])


_rng = np.random.default_rng(5)
_GAME_CASES = [
    (_rng.normal(size=7), 0.8, -0.3, np.array([0.6, -0.4, 0.2])),
    (_rng.normal(size=4), 1.3, 0.5, np.array([-0.5, 0.9, -0.7])),
]

# ------------------------------------------------ 05.r1: its gradient for the quadratic logit


def _r1(x, w, gamma):
    slope = 2 * w[0] * x + w[1]
    return gamma * np.array([np.mean(slope * 2 * x), np.mean(slope), 0.0])


def _r1_doubled(x, w, gamma):
    return 2 * _r1(x, w, gamma)


def _r1_without_inner(x, w, gamma):
    slope = 2 * w[0] * x + w[1]
    return gamma * np.array([np.mean(slope), np.mean(slope), 0.0])


def _r1_forgetting_two(x, w, gamma):
    slope = 2 * w[0] * x + w[1]
    return gamma * np.array([np.mean(slope * x), np.mean(slope), 0.0])


def _r1_of_the_logit(x, w, gamma):
    logit = w[0] * x**2 + w[1] * x + w[2]
    return gamma * np.array([np.mean(logit * x**2), np.mean(logit * x), np.mean(logit)])


def _r1_of_the_mean(x, w, gamma):
    slope = np.mean(2 * w[0] * x + w[1])
    return gamma * np.array([slope * 2 * np.mean(x), slope, 0.0])


def _r1_summed(x, w, gamma):
    return len(x) * _r1(x, w, gamma)


_R1_CASES = [
    (_rng.normal(size=6), np.array([0.6, -0.4, 0.2]), 0.5),
    (_rng.normal(size=9) + 1, np.array([-0.3, 0.8, 0.1]), 2.0),
]

# ---------------------------------------------------- 05.smoothing: D* with smoothed targets


def _smoothed(p, q, s):
    return (1 - s) * p / (p + q)


def _smoothed_thrown_away(p, q, s):
    return (1 - s) * p / ((1 - s) * p + q)


def _smoothed_on_both_sides(p, q, s):
    return ((1 - s) * p + s * q) / (p + q)


def _smoothed_other_side(p, q, s):
    return (p + s * q) / (p + q)


def _smoothed_subtracted(p, q, s):
    return p / (p + q) - s


def _smoothed_not(p, q, s):
    return p / (p + q)


_SMOOTHING_CASES = [
    (np.array([0.3, 0.05, 0.2]), np.array([0.1, 0.4, 0.2]), 0.1),
    (np.array([0.6, 0.01]), np.array([0.2, 0.5]), 0.25),
]

EXERCISES = (
    Exercise(
        name="05.uniforms",
        solution=(0.75, 0.5 * np.log(2)),
        praise="Where only one of the two can be, nothing is paid and no error is made; in the "
        "overlap, where half of all numbers fall, D* is ½.",
        mistakes=(
            Mistake(
                (0.5, 0.5 * np.log(2)),
                "½ is the accuracy within the overlap. Half of all numbers fall outside it, and "
                "there the best classifier is always right.",
            ),
            Mistake(
                (0.75, np.log(2)),
                "The accuracy is right. ln 2 is paid in the overlap only, by half of all numbers.",
            ),
            Mistake(
                (0.75, 0.5), "The accuracy is right. The cross-entropy takes natural logarithms."
            ),
            Mistake(
                (1.0, 0.5 * np.log(2)),
                "In the overlap real and generated numbers are equally dense: there is no way to "
                "be always right.",
            ),
            Mistake(
                (0.75, -np.log(2)),
                "The accuracy is right. Cross-entropy is half of −V, and V here is −ln 2.",
            ),
        ),
    ),
    Exercise(
        name="05.least_squares",
        solution=_least_squares,
        arguments=_GAME_CASES,
        praise="Only the first factor has changed: what the loss says about the logit. All the "
        "rest of the chain is D's slope and the generator itself.",
        mistakes=(
            Mistake(
                _least_squares_doubled, "Twice too large: the ½ in front of the square takes the 2."
            ),
            Mistake(_least_squares_summed, "That is the sum over the batch; the loss is a mean."),
            Mistake(
                _least_squares_without_slope,
                "A link of the chain is missing: how the logit changes with the generated number, "
                "2 w₂ g + w₁.",
            ),
            Mistake(
                _least_squares_to_zero,
                "That pulls the logits to 0, the target for generated numbers that the "
                "discriminator has. The generator wants 1.",
            ),
            Mistake(
                _least_squares_of_probability,
                "Least squares takes the logit as it is, without σ.",
            ),
            Mistake(
                _least_squares_without_z,
                "The second part is right. In the first, dg/da = z is missing.",
            ),
        ),
    ),
    Exercise(
        name="05.r1",
        solution=_r1,
        arguments=_R1_CASES,
        praise="The constant w₀ shifts the logit and leaves its slope alone: the penalty does not "
        "know it.",
        mistakes=(
            Mistake(_r1_doubled, "Twice too large: the ½ in γ/2 takes the 2 of the square."),
            Mistake(
                _r1_without_inner,
                "An inner derivative is missing: the slope 2 w₂ x + w₁ changes with w₂ by 2x.",
            ),
            Mistake(
                _r1_forgetting_two,
                "Nearly: the slope changes with w₂ by 2x, not by x.",
            ),
            Mistake(
                _r1_of_the_logit,
                "That penalises the logit itself. R1 penalises its slope with respect to x.",
            ),
            Mistake(
                _r1_of_the_mean,
                "That is the square of the mean slope. The penalty is the mean of the squared "
                "slopes.",
            ),
            Mistake(_r1_summed, "That is the sum over the batch; E is a mean."),
        ),
    ),
    Exercise(
        name="05.smoothing",
        solution=_smoothed,
        arguments=_SMOOTHING_CASES,
        praise="It is D* times 1 − s: its ups and downs stay where they were, only the height of "
        "the sure cases is lower.",
        mistakes=(
            Mistake(
                _smoothed_thrown_away,
                "The smoothed part of the real numbers is not thrown away: it is counted with the "
                "generated ones, s·p + q.",
            ),
            Mistake(
                _smoothed_on_both_sides,
                "That smooths both sides. Then D* also depends on where the generated numbers "
                "lie, and holds them there: where p is nearly 0, D* is s instead of 0.",
            ),
            Mistake(_smoothed_other_side, "That smooths the generated side; it is the real one."),
            Mistake(
                _smoothed_subtracted,
                "Far from the real numbers that is below 0. Set the derivative to zero once more, "
                "with both terms of the real side.",
            ),
            Mistake(_smoothed_not, "That is D* without smoothing: s does not occur in it."),
        ),
    ),
)

QUESTIONS = (
    Question(
        name="05.pointwise",
        prompt="At some x real numbers have the density 0.3 and generated ones 0.1. Which D(x) "
        "has the least cross-entropy?",
        options=(
            Option(
                "1: real numbers are the denser ones here",
                "For the count of right answers, any D above ½ will do. Cross-entropy charges "
                "infinitely much for a 1 that is wrong once in four.",
            ),
            Option(
                "0.75",
                "Of the numbers that fall here, three in four are real. The probability itself is "
                "what cross-entropy asks for.",
                correct=True,
            ),
            Option("0.5", "That is the answer where both are equally dense."),
            Option(
                "0.3",
                "That is a density, not a probability: what counts is the share of the real ones, "
                "0.3 of 0.3 + 0.1.",
            ),
        ),
    ),
    Question(
        name="05.saturate",
        prompt="The discriminator has trained alone and is sure of every generated point. With "
        "plain gradient descent on log(1 − D(G(z))), the generator …",
        options=(
            Option(
                "learns fastest: it has most to gain",
                "There is most to gain, but the slope there is nearly 0, and descent only sees "
                "slopes.",
            ),
            Option(
                "hardly moves",
                "Where D is sure, the curve of this loss is level. The worse the generator, the "
                "less it is told.",
                correct=True,
            ),
            Option(
                "moves away from the real points",
                "The direction is right. It is the length of the step that vanishes.",
            ),
        ),
    ),
    Question(
        name="05.dirac",
        prompt="All real points lie at 0, the generator makes the one point θ, and the logit of D "
        "is ψx. Both players take small gradient steps. What becomes of (θ, ψ)?",
        options=(
            Option(
                "They reach (0, 0): the generator descends, the discriminator descends",
                "Each descends a loss of its own, and every step of one tilts the ground under "
                "the other.",
            ),
            Option(
                "They circle (0, 0), a little farther out each time",
                "θ is driven by ψ and ψ by −θ: a rotation. Each step follows the tangent, and a "
                "tangent leaves the circle outwards.",
                correct=True,
            ),
            Option(
                "θ runs away from 0 in one direction",
                "As soon as θ is on one side, ψ turns and drives it back.",
            ),
        ),
    ),
    Question(
        name="05.ring",
        prompt="The plain minimax game, both players at the same step size, ten runs. How many "
        "of the eight modes do its samples reach, typically?",
        options=(
            Option(
                "One or two: mode collapse is what minimax is known for",
                "It can happen, and other settings below show it. But the loss by itself is not "
                "enough for it.",
            ),
            Option(
                "About half of them",
                "That happens in none of the runs. On a mode that is full D sinks, and the points "
                "that it drives off find the empty ones.",
            ),
            Option(
                "Seven or eight",
                "With two players of equal strength, the plain game finds the modes. Collapse "
                "takes more than a loss.",
                correct=True,
            ),
        ),
    ),
    Question(
        name="05.diagnose",
        reveal=True,
        prompt="The samples of the second run lie on modes, but on few of them. What went wrong?",
        options=(
            Option(
                "Training ended too early",
                "Then the samples would not lie on modes so well. And more steps do not help: "
                "the samples jump to other modes, all together.",
            ),
            Option(
                "The gradient vanished: the discriminator was too sure",
                "A generator without a gradient stays where it began, between the modes or far "
                "off. This one has gone to real places.",
            ),
            Option(
                "Mode collapse: nearly all z are sent to the same few places",
                "D judges each point by itself and finds nothing wrong with it. That all points "
                "are alike, it cannot see.",
                correct=True,
            ),
            Option(
                "Overfitting: the generator has memorised training points",
                "The generator has never seen a training point. All it knows came through D.",
            ),
        ),
    ),
    Question(
        name="05.scoreboard",
        prompt="Beside the Gaussian mixture and the kernel density with a width chosen by "
        "cross-validation, the GAN's radar returns will be …",
        options=(
            Option(
                "best on every count: it is the modern method",
                "A kernel density is a strong rival on 234 rows, and can be as hard to tell from "
                "real ones.",
            ),
            Option(
                "better at reaching every kind of return, without copying",
                "Coverage is where it leaves both behind, and the copy ratio shows that it did "
                "not come by it dishonestly.",
                correct=True,
            ),
            Option(
                "copies: 234 rows are too few for a GAN",
                "The generator never sees a row, only the opinion of a discriminator whose slopes "
                "are held low. The copy ratio stays near that of fresh rows.",
            ),
        ),
    ),
)
