"""What lesson 12, diffusion and beyond, asks, and the mistakes it knows."""

from __future__ import annotations

import numpy as np

from helpers.exercises.checking import Exercise, Mistake
from helpers.exercises.questions import Option, Question

# ------------------------------------------------------------------------- three steps of noise

_KEPT = np.array([0.9, 0.8, 0.5])
_SIGNAL = float(_KEPT.prod())
_NOISE = float(np.sqrt(1 - _SIGNAL**2))

_LEVELS = Exercise(
    "12.levels",
    (_SIGNAL, _NOISE),
    mistakes=(
        Mistake(
            (_SIGNAL, 1 - _SIGNAL),
            "The signal level is right. It is the squares of the two levels that add up to 1.",
        ),
        Mistake(
            (_SIGNAL, 1 - _SIGNAL**2),
            "The signal level is right, and this is the variance of the noise. Its level is the "
            "root of that.",
        ),
        Mistake(
            (_SIGNAL, float(np.sqrt(1 - _KEPT**2).sum())),
            "The signal level is right. Of independent noises the variances add up, not the "
            "levels; and each later step shrinks the noise of the earlier ones, too.",
        ),
        Mistake(
            (_SIGNAL, float(np.sqrt((1 - _KEPT**2).sum()))),
            "The signal level is right. The variances do add up, but each later step shrinks the "
            "noise that is there already.",
        ),
        Mistake(
            (_SIGNAL, float(np.sqrt(1 - _KEPT[-1] ** 2))),
            "The signal level is right. That is the noise of the last step alone.",
        ),
        Mistake(
            (float(_KEPT.mean()), float(np.sqrt(1 - _KEPT.mean() ** 2))),
            "Each step keeps a share of what the one before has kept: multiply, not average.",
        ),
    ),
    praise="Three steps are one: all that counts is the product of what they keep.",
)

# ---------------------------------------------------------------------- two points, uneven odds

_rng = np.random.default_rng(12)


def _angles(t: float) -> tuple[float, float]:
    return float(np.cos(np.pi / 2 * t)), float(np.sin(np.pi / 2 * t))


_ODDS_CASES = [
    (_rng.normal(size=5), *_angles(0.4), 0.7),
    (_rng.normal(size=4), *_angles(0.8), 0.2),
]


def _two_points(x, a, b, p):
    return np.tanh(a * x / b**2 + 0.5 * np.log(p / (1 - p)))


_ODDS = Exercise(
    "12.odds",
    _two_points,
    mistakes=(
        Mistake(
            lambda x, a, b, p: np.tanh(a * x / b**2),
            "That is the guess for equal odds. How often each value occurs is known before x is "
            "seen, and Bayes' rule multiplies by it.",
        ),
        Mistake(
            lambda x, a, b, p: np.tanh(a * x / b**2 + np.log(p / (1 - p))),
            "Nearly. The odds are exp(2 a x / b²) · p / (1 − p), and tanh takes half of the "
            "logarithm of the odds: of both of its parts.",
        ),
        Mistake(
            lambda x, a, b, p: 1 / (1 + np.exp(-2 * a * x / b**2) * (1 - p) / p),
            "That is the probability of +1, and it is right. The guess is the mean of ±1 under it, "
            "from −1 to 1.",
        ),
        Mistake(
            lambda x, a, b, p: np.tanh(a * x / b**2) + 2 * p - 1,
            "The mean without any x is 2 p − 1, but it is not simply added: the sum leaves the "
            "range from −1 to 1. Multiply probabilities, then take the mean.",
        ),
        Mistake(
            lambda x, a, b, p: np.tanh(a * x / b + 0.5 * np.log(p / (1 - p))),
            "The exponents of the two bell curves are divided by 2 b², not by b.",
        ),
        Mistake(
            lambda x, a, b, p: (x - a * _two_points(x, a, b, p)) / b,
            "That is the guess of the noise that goes with it. Asked for is the guess of x₀.",
        ),
        Mistake(
            lambda x, a, b, p: np.sign(a * x / b**2 + 0.5 * np.log(p / (1 - p))),
            "That is the likelier of the two values. Squared error wants the mean of both.",
        ),
    ),
    arguments=_ODDS_CASES,
    praise="What was known before adds to what was seen, in logarithms of odds.",
)

# -------------------------------------------------------------------- what the network is to say

_TARGET_CASES = [
    (_rng.normal(size=(3, 5)), _rng.normal(size=(3, 5)), *_angles(0.3)),
    (_rng.normal(size=4), _rng.normal(size=4), *_angles(0.8)),
]

_TARGET = Exercise(
    "12.target",
    lambda x_0, noise, a, b: a * noise - b * x_0,
    mistakes=(
        Mistake(
            lambda x_0, noise, a, b: b * x_0 - a * noise,
            "The size is right, the sign is the other way round: b x_t + a v has to be the noise.",
        ),
        Mistake(
            lambda x_0, noise, a, b: b * noise - a * x_0,
            "Signal and noise level have changed places. With v = (ε − b x_t) / a and "
            "x_t = a x_0 + b ε, what stands before ε is (1 − b²) / a.",
        ),
        Mistake(
            lambda x_0, noise, a, b: noise - b * (a * x_0 + b * noise),
            "That is a v. There is still a to divide by.",
        ),
        Mistake(
            lambda x_0, noise, a, b: noise,
            "F need not say all of the noise: the guess is b x_t + a F, and b x_t is given.",
        ),
        Mistake(
            lambda x_0, noise, a, b: a * noise + b * x_0,
            "Nearly: b x_t holds a b x_0 too much, which a v has to take away.",
        ),
        Mistake(
            lambda x_0, noise, a, b: noise / a - b * x_0,
            "x_t holds noise as well, b ε, so that b² ε of the noise is there already: "
            "(1 − b²) / a is left, and 1 − b² = a².",
        ),
    ),
    arguments=_TARGET_CASES,
    praise="x_t = a x_0 + b ε, and v = a ε − b x_0: where the quarter turn moves it.",
)

EXERCISES = (_LEVELS, _ODDS, _TARGET)

# -------------------------------------------------------------------------------------- questions

_FROM_NOISE = Question(
    "12.from_noise",
    "At t = 1 nothing of the sample is left, only noise. What is the best guess of the sample, by "
    "squared error?",
    (
        Option(
            "A sample drawn at random, for the noise is random",
            "It would be off by twice the variance: a draw loses to the mean, as in lesson 09.",
        ),
        Option(
            "The noise itself, for nothing else is known",
            "The noise says nothing about the sample. But something is known without it: the data.",
        ),
        Option(
            "The mean of all data",
            "Nothing was learnt from x_t, so the conditional mean is the mean: a blur of "
            "everything.",
            correct=True,
        ),
        Option(
            "The sample that is nearest to the noise",
            "That one is as likely as any other: at t = 1 all samples lead to the same noise.",
        ),
    ),
)

_CHAIN = Question(
    "12.chain",
    "The data are +1 and −1. From pure noise we take 50 small steps, each towards the best guess "
    "of the moment, which is a mean and never +1 or −1. Where do we end?",
    (
        Option(
            "Near 0: a chain of means is a mean",
            "It would be, if every step asked the first question again. Each asks a new one, from "
            "a new place with less noise.",
        ),
        Option(
            "At +1 or −1, about half of the time each",
            "Each step gives up a little of what was undecided. At the end nothing is, and the "
            "mean of one value is that value.",
            correct=True,
        ),
        Option(
            "All at the same of the two, whichever is decided on first",
            "Each walk starts from noise of its own, and leans to the side where it happens to be.",
        ),
        Option(
            "Somewhere between −1 and +1, spread evenly",
            "In between there are no data, and the guesses of the last steps know that.",
        ),
    ),
)

_FLOOR = Question(
    "12.floor",
    "The network learns to say what the noise was, better and better. Where does the loss go?",
    (
        Option(
            "To 0, if the network is large enough and trained for long enough",
            "Then the noise would have to follow from x_t. Many samples with many noises lead to "
            "the same x_t.",
        ),
        Option(
            "It hardly falls at all, for noise cannot be predicted",
            "Not from nothing. But x_t holds it: where there is much noise, x_t is nearly all "
            "noise.",
        ),
        Option(
            "It falls, and stays at a floor above 0 that no network can pass",
            "The floor is what the noise varies by when x_t is known: lesson 09's first term.",
            correct=True,
        ),
        Option(
            "Up and down, as the losses of a GAN",
            "Nobody plays against the network. Its question stays the same all the time.",
        ),
    ),
)

_STEPS = Question(
    "12.steps",
    "The trained network of digits draws with 1, 2, 5, 10 … steps instead of 100. What changes?",
    (
        Option(
            "Nothing but the time it takes: the network is the same",
            "The network's guesses are. But a long step follows one guess far beyond the place "
            "where it was the best one.",
        ),
        Option(
            "With few steps the digits are noisy",
            "The last step goes to a guess, and there is no noise in a guess. There is something "
            "else in it.",
        ),
        Option(
            "With one step all are the same blur; with more they become digits",
            "One step is lesson 09: the mean. Every further step leaves less to be averaged over.",
            correct=True,
        ),
        Option(
            "With few steps the digits are copies of training digits",
            "Copies are sharp. What is drawn in a few steps is an average over many.",
        ),
    ),
)

_DIAGNOSE = Question(
    "12.diagnose",
    "The same network, the same steps, and rows A and B instead of digits. What did the two tell "
    "it?",
    (
        Option(
            "A: the wrong classes; B: nothing is wrong, it needs more training",
            "The network has just drawn digits well. And A's are of the classes asked for.",
        ),
        Option(
            "A: t = 1 at every step; B: a time that is too early",
            "A's guesses are made as if nothing but noise were there: class means, to the last. "
            "B's network takes each place for cleaner than it is and leaves noise in.",
            correct=True,
        ),
        Option(
            "A: t = 0 at every step; B: a time that is too late",
            "The other way round. Told that there is no noise, it would have nothing to take "
            "away; told that there is more than there is, it takes away too much, and smooths.",
        ),
        Option(
            "Nothing wrong: A took too many steps and B too few",
            "More steps do not average, and fewer make soft pictures rather than grainy ones.",
        ),
    ),
    reveal=True,
)

QUESTIONS = (
    _FROM_NOISE,
    _CHAIN,
    _FLOOR,
    _STEPS,
    _DIAGNOSE,
)
