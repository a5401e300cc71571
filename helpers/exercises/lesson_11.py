"""What lesson 11, the image GAN, asks, and the mistakes it knows."""

from __future__ import annotations

import numpy as np

from helpers.exercises.checking import Exercise, Mistake
from helpers.exercises.questions import Option, Question

# ----------------------------------------------------------------- a generator for colours

_DENSE = 64 * 1024 + 1024
_DOUBLINGS = [16 * 64 * 32 + 32, 16 * 32 * 16 + 16, 16 * 16 * 3 + 3]
_TOTAL = _DENSE + sum(_DOUBLINGS)

_COLOUR = Exercise(
    "11.colour",
    (3, (16, 16, 16), _TOTAL),
    mistakes=(
        Mistake(
            (3, (16, 16, 16), 64 * 1024 + 16 * (64 * 32 + 32 * 16 + 16 * 3)),
            "Doublings, shape and weights are right. The biases are missing: one for each number "
            "of the dense layer, one for each outgoing channel of the others.",
        ),
        Mistake(
            (3, (16, 16, 16), _TOTAL - _DOUBLINGS[2] + 16 * 16 + 1),
            "That last layer makes a grey picture. This one has three colours, and a stamp for "
            "each of them.",
        ),
        Mistake(
            (3, (16, 16, 16), _TOTAL - _DOUBLINGS[2] + 16 * 16 * 8 + 8),
            "The last doubling does not halve the channels once more: what comes out of it is the "
            "picture, with its three colours.",
        ),
        Mistake(
            (3, (16, 16, 16), sum(_DOUBLINGS)),
            "The dense layer is missing, and it is the largest: 1024 numbers, each made of 64.",
        ),
        Mistake(
            (3, (32, 32, 3), _TOTAL),
            "That is the shape behind the last doubling. Asked for is what goes into it.",
        ),
        Mistake(
            (4, (16, 16, 16), _TOTAL),
            "From 4 to 32 it takes one doubling fewer: 4, 8, 16, 32.",
        ),
    ),
    praise="Three doublings, and well over half of the parameters in the dense layer.",
)

# ------------------------------------------------------------------- the classifier score


def _divergences(p):
    return np.sum(p * np.log(p / p.mean(axis=0)), axis=1)


_rng = np.random.default_rng(11)
_PROBABILITY_CASES = [
    (_rng.dirichlet(np.full(3, 0.5), size=6) + 1e-3,),
    (_rng.dirichlet(np.full(5, 0.8), size=4) + 1e-3,),
]
_PROBABILITY_CASES = [(p / p.sum(axis=1, keepdims=True),) for (p,) in _PROBABILITY_CASES]

_SCORE = Exercise(
    "11.score",
    lambda p: np.exp(np.mean(_divergences(p))),
    mistakes=(
        Mistake(
            lambda p: np.mean(_divergences(p)),
            "The divergence is right, and it lies between 0 and the logarithm of the number of "
            "classes. The score is its exponential.",
        ),
        Mistake(
            lambda p: np.mean(np.exp(_divergences(p))),
            "First the mean over the pictures, then the exponential: the mean of exponentials is "
            "larger.",
        ),
        Mistake(
            lambda p: np.exp(np.mean(np.sum(p.mean(axis=0) * np.log(p.mean(axis=0) / p), axis=1))),
            "The two are the other way round: the mean over a picture's own probabilities, of the "
            "logarithm of these over those of all pictures.",
        ),
        Mistake(
            lambda p: np.exp(-np.sum(p.mean(axis=0) * np.log(p.mean(axis=0)))),
            "That is the exponential of the entropy of all pictures together. It says whether all "
            "classes occur, and not whether any picture is clearly of one of them.",
        ),
        Mistake(
            lambda p: np.exp(np.mean(p * np.log(p / p.mean(axis=0)))),
            "The mean is over pictures alone. Over the classes it is a sum.",
        ),
        Mistake(
            lambda p: np.exp(
                np.mean(np.sum(p * np.log(p / p.mean(axis=1, keepdims=True)), axis=1))
            ),
            "The mean that each picture is compared with runs over the pictures (axis 0), not over "
            "the classes.",
        ),
    ),
    arguments=_PROBABILITY_CASES,
    praise="1 if all pictures look alike to the classifier, the number of classes at best.",
)

# ------------------------------------------------------------------ the Fréchet distance


def _frechet(real, fake):
    means = real.mean(axis=0) - fake.mean(axis=0)
    spreads = real.std(axis=0) - fake.std(axis=0)
    return np.sum(means**2) + np.sum(spreads**2)


_ROW_CASES = [
    (_rng.normal(size=(7, 3)), 0.5 + 2 * _rng.normal(size=(9, 3))),
    (_rng.uniform(size=(5, 4)), _rng.uniform(size=(6, 4)) ** 2),
]

_FRECHET = Exercise(
    "11.frechet",
    _frechet,
    mistakes=(
        Mistake(
            lambda r, f: np.sum((r.mean(0) - f.mean(0)) ** 2) + np.sum((r.var(0) - f.var(0)) ** 2),
            "The means are right. From the spreads take the difference of the standard "
            "deviations, not of the variances.",
        ),
        Mistake(
            lambda r, f: np.sum((r.mean(0) - f.mean(0)) ** 2),
            "That sees the means alone. A fog that is right on average would have distance 0.",
        ),
        Mistake(
            lambda r, f: np.sqrt(_frechet(r, f)),
            "That is its root. As usual, the square is what is called the distance.",
        ),
        Mistake(
            lambda r, f: _frechet(r, f) / r.shape[1],
            "That is a mean over the columns. The way of a point is measured over all of its "
            "numbers: sum.",
        ),
        Mistake(
            lambda r, f: np.sum((r.mean(0) - f.mean(0)) ** 2) + np.sum(np.abs(r.var(0) - f.var(0))),
            "The means are right. Two spreads are as far apart as the square of the difference of "
            "their standard deviations.",
        ),
    ),
    arguments=_ROW_CASES,
    praise="Means and spreads, and nothing else: that is all this distance ever looks at.",
)

# ---------------------------------------------------------------------------- a round way

_WAY_CASES = [
    (_rng.normal(size=4), _rng.normal(size=4), 0.3),
    (_rng.normal(size=3), _rng.normal(size=3), 0.8),
]

_ROUND = Exercise(
    "11.round",
    lambda a, b, t: np.cos(np.pi / 2 * t) * a + np.sin(np.pi / 2 * t) * b,
    mistakes=(
        Mistake(
            lambda a, b, t: (1 - t) * a + t * b,
            "That is the straight way. Its weights add up to 1; here it is their squares that are "
            "to.",
        ),
        Mistake(
            lambda a, b, t: np.sin(np.pi / 2 * t) * a + np.cos(np.pi / 2 * t) * b,
            "It leads from b to a. At t = 0 all the weight has to be on a.",
        ),
        Mistake(
            lambda a, b, t: np.cos(np.pi * t) * a + np.sin(np.pi * t) * b,
            "That is half a turn, and ends at −a. A quarter of a turn leads from a to b.",
        ),
        Mistake(
            lambda a, b, t: np.cos(t) * a + np.sin(t) * b,
            "np.cos and np.sin take radians: at t = 1 the angle is to be π/2.",
        ),
        Mistake(
            lambda a, b, t: np.sqrt(1 - t) * a + np.sqrt(t) * b,
            "The squares of these weights do add up to 1, and every vector on the way is a fair "
            "draw. But it sets out at infinite speed. Take the weights from a quarter turn, at an "
            "even pace.",
        ),
        Mistake(
            lambda a, b, t: ((1 - t) * a + t * b) / np.sqrt((1 - t) ** 2 + t**2),
            "The squares of these weights do add up to 1, but the pace is not even. Take the "
            "weights from a quarter turn.",
        ),
    ),
    arguments=_WAY_CASES,
    praise="cos² + sin² = 1: every vector on the way is a fair draw from N(0, I).",
)

EXERCISES = (_COLOUR, _SCORE, _FRECHET, _ROUND)

# -------------------------------------------------------------------------------- questions

_LOSSES = Question(
    "11.losses",
    "The pictures become digits in the course of the training. Which loss will show it?",
    (
        Option(
            "The generator's: it falls towards 0",
            "It would if the discriminator stood still. But that one learns as well, and wants the "
            "opposite.",
        ),
        Option(
            "The discriminator's: it falls towards 0",
            "That would mean that every picture is found out. A good generator prevents it.",
        ),
        Option(
            "Neither: soon both hardly move any more",
            "In a game a loss says who is ahead. When both become better at the same pace, it "
            "stays where it is.",
            correct=True,
        ),
        Option(
            "Their sum: it falls, as both of them learn",
            "What the one wins the other loses, nearly; the sum says little more than either.",
        ),
    ),
)

_SWINDLER = Question(
    "11.swindler",
    "Somebody hands in the mean 0, the mean 1, … the mean 9, again and again, hardly altered. "
    "Which measures find these better than real digits?",
    (
        Option(
            "None: real digits are best by every measure",
            "A measure rewards what it measures. Nothing is as typical of a class as its mean.",
        ),
        Option(
            "Precision and the classifier score",
            "Each is in the midst of real digits, and each is clearly of its class. Neither asks "
            "for more.",
            correct=True,
        ),
        Option(
            "Recall and coverage",
            "They count the real digits that are reached, and ten pictures reach only what lies "
            "around them.",
        ),
        Option(
            "Sharpness and the two-sample tests",
            "Means are soft, and a classifier finds ten pictures among hundreds at once.",
        ),
    ),
)

_HALFWAY = Question(
    "11.halfway",
    "Halfway on the straight way between two random vectors: what does the trained generator draw?",
    (
        Option(
            "Both cats at once, a double exposure",
            "That is what fading one picture into the other gives. The generator draws one "
            "picture from one vector, and has never been praised for a double exposure.",
        ),
        Option(
            "One cat, but a paler and plainer one than at both ends",
            "The vector in the middle is too short: about 2.8 where those it knows are about 4 "
            "long.",
            correct=True,
        ),
        Option(
            "One cat, as sharp and as various as all others",
            "It would, if the vector in the middle were like any other. How long is it?",
        ),
        Option(
            "A monster, as from the fresh vectors of lesson 08",
            "There the network had been asked at 64 vectors only. This one has been judged at "
            "random vectors all along.",
        ),
    ),
)

_TRUNCATE = Question(
    "11.truncate",
    "All vectors are halved, ψ = 0.5, before they go into the trained generator of digits. What "
    "happens to precision and recall?",
    (
        Option(
            "Both fall: the generator does not know such short vectors",
            "Recall does fall. But what lies in the midst of all digits counts as plausible.",
        ),
        Option(
            "Precision rises, recall falls",
            "Near the middle lie the most typical pictures, and few kinds of them.",
            correct=True,
        ),
        Option(
            "Precision falls, recall rises",
            "For more variety the vectors would have to spread further, not less.",
        ),
        Option(
            "Nothing: only the direction of a vector matters",
            "Without biases that would nearly be true, up to the last tanh. There are biases, and "
            "the length decides how much a vector has to say against them.",
        ),
    ),
)

_DIAGNOSE = Question(
    "11.diagnose",
    "The pictures are as good as before, and every measure says that they are worthless. What is "
    "wrong?",
    (
        Option(
            "The generator has collapsed",
            "Then precision would have survived, and you would see the same picture over and over.",
        ),
        Option(
            "The generator has overfitted its training digits",
            "Copies lie right among real digits, and would score well on everything but the copy "
            "ratio.",
        ),
        Option(
            "There are too few pictures for such measures",
            "The same number of the same pictures scored well a few cells ago.",
        ),
        Option(
            "Real and generated pixels are on different scales",
            "The generator's tanh speaks from −1 to 1, the digits from 0 to 1. The figure scales "
            "each picture for itself and hides it; no distance does.",
            correct=True,
        ),
    ),
    reveal=True,
)

_TRICK = Question(
    "11.trick",
    "One habit is left out at a time. Without which of these four are the digits worst?",
    (
        Option(
            "The gradient penalties R1 and R2",
            "Without them the pictures become less various, and recall falls by about a tenth. "
            "The game itself still holds, as long as nothing else is wrong with it.",
        ),
        Option(
            "The running average of the generator's weights",
            "It smooths the last stretch. When the step size has fallen to almost nothing, there "
            "is little left to smooth.",
        ),
        Option(
            "Adam without momentum (it takes β₁ = 0.9 instead)",
            "The slope that the generator is shown changes with every move of the discriminator. "
            "With momentum it goes on in directions that were right ten steps ago.",
            correct=True,
        ),
        Option(
            "The non-saturating loss (it takes minimax instead)",
            "Minimax stalls where the discriminator is sure of itself, and here it hardly ever is.",
        ),
    ),
)

QUESTIONS = (_LOSSES, _SWINDLER, _HALFWAY, _TRUNCATE, _DIAGNOSE, _TRICK)
