"""Exercises and questions of lesson 01, generative and discriminative classification."""

from __future__ import annotations

import numpy as np

from helpers.exercises.checking import Exercise, Mistake
from helpers.exercises.questions import Option, Question

# ------------------------------------------------ 01.bayes: another prior, P(+1 | strong)

# Of the 225 good and 126 bad returns, so many have a strong fourth pulse.
_STRONG_GOOD, _STRONG_BAD = 159 / 225, 45 / 126
_STRONG_BEFORE = (159 + 45) / 351
_STRONG_NOW = 0.5 * _STRONG_GOOD + 0.5 * _STRONG_BAD

# ------------------------------------- 01.pooled: one variance for two classes, by likelihood


def _pooled(x, y):
    means = np.where(y == 1, x[y == 1].mean(), x[y == -1].mean())
    return np.mean((x - means) ** 2)


def _pooled_around_one_mean(x, y):
    return np.var(x)


def _pooled_mean_of_two(x, y):
    return (x[y == 1].var() + x[y == -1].var()) / 2


def _pooled_sum_of_two(x, y):
    return x[y == 1].var() + x[y == -1].var()


def _pooled_less_two(x, y):
    return _pooled(x, y) * len(x) / (len(x) - 2)


def _pooled_root(x, y):
    return np.sqrt(_pooled(x, y))


def _pooled_not_divided(x, y):
    return _pooled(x, y) * len(x)


_rng = np.random.default_rng(1)


def _two_classes(n_plus, n_minus):
    x = np.concatenate([_rng.normal(2, 1, n_plus), _rng.normal(-1, 2, n_minus)])
    order = _rng.permutation(len(x))
    return x[order], np.repeat([1, -1], [n_plus, n_minus])[order]


_POOLED_CASES = [_two_classes(3, 7), _two_classes(12, 5), _two_classes(4, 30)]

# -------------------------------------- 01.other_labels: the gradient with labels 0 and 1


def _sigmoid(a):
    return 1 / (1 + np.exp(-a))


def _other_labels(X, t, w, b):
    return (_sigmoid(X @ w + b) - t) @ X / len(X)


def _other_labels_uphill(X, t, w, b):
    return -_other_labels(X, t, w, b)


def _other_labels_summed(X, t, w, b):
    return _other_labels(X, t, w, b) * len(X)


def _other_labels_without_sigmoid(X, t, w, b):
    return (X @ w + b - t) @ X / len(X)


def _other_labels_without_bias(X, t, w, b):
    return (_sigmoid(X @ w) - t) @ X / len(X)


def _other_labels_as_signs(X, t, w, b):
    return (_sigmoid(X @ w + b) - (2 * t - 1)) @ X / len(X)


def _other_labels_old_formula(X, t, w, b):
    return -(t * _sigmoid(-t * (X @ w + b))) @ X / len(X)


def _other_labels_of_squares(X, t, w, b):
    p = _sigmoid(X @ w + b)
    return ((p - t) * p * (1 - p)) @ X / len(X)


_LABEL_CASES = [
    (_rng.normal(size=(n, m)), _rng.integers(0, 2, size=n), _rng.normal(size=m), _rng.normal())
    for n, m in ((5, 2), (8, 3), (1, 4))
]

# ------------------------------------------------------- 01.gaps: numbers that are missing


def _log_density(x, mean, variance):
    return -0.5 * (np.log(2 * np.pi * variance) + (x - mean) ** 2 / variance)


def _gaps(x, known, prior, mean, variance):
    return np.log(prior) + np.sum(_log_density(x, mean, variance)[known])


def _gaps_as_zero(x, known, prior, mean, variance):
    return np.log(prior) + np.sum(_log_density(np.where(known, x, 0), mean, variance))


def _gaps_as_mean(x, known, prior, mean, variance):
    return np.log(prior) + np.sum(_log_density(np.where(known, x, mean), mean, variance))


def _gaps_averaged(x, known, prior, mean, variance):
    return np.log(prior) + np.mean(_log_density(x, mean, variance)[known])


def _gaps_without_prior(x, known, prior, mean, variance):
    return np.sum(_log_density(x, mean, variance)[known])


def _gaps_prior_without_log(x, known, prior, mean, variance):
    return prior + np.sum(_log_density(x, mean, variance)[known])


def _gaps_not_logged(x, known, prior, mean, variance):
    return np.exp(_gaps(x, known, prior, mean, variance))


def _gaps_without_norm(x, known, prior, mean, variance):
    return np.log(prior) - 0.5 * np.sum(((x - mean) ** 2 / variance)[known])


def _gaps_the_wrong_way_round(x, known, prior, mean, variance):
    return np.log(prior) + np.sum(_log_density(x, mean, variance)[~known])


def _with_gaps(m, gaps):
    known = ~np.isin(np.arange(m), gaps)
    x = np.where(known, _rng.normal(size=m), 0.0)
    return x, known, float(_rng.uniform(0.2, 0.8)), _rng.normal(size=m), _rng.uniform(0.3, 2, m)


_GAP_CASES = [_with_gaps(5, [1, 2]), _with_gaps(4, [3]), _with_gaps(7, [0, 2, 5, 6])]

EXERCISES = (
    Exercise(
        name="01.bayes",
        solution=0.5 * _STRONG_GOOD / _STRONG_NOW,
        praise="A generative model takes a new P(y) without learning anything again.",
        mistakes=(
            Mistake(
                159 / 204,
                "That is the old table's answer. The two classes are equally frequent now: put "
                "1/2 in place of 225/351 and 126/351.",
            ),
            Mistake(
                _STRONG_GOOD,
                "That is P(strong | +1), how often a good return is strong. Asked is how often "
                "a strong return is good.",
            ),
            Mistake(
                0.5 * _STRONG_GOOD,
                "That is P(strong, +1). Divide it by P(strong), the sum over both classes.",
            ),
            Mistake(
                0.5 * _STRONG_GOOD / _STRONG_BEFORE,
                "The denominator is still the old P(strong). It changes with P(y): it is the sum "
                "of P(strong | y) P(y) over both classes.",
            ),
            Mistake(
                0.5 * _STRONG_BAD / _STRONG_NOW,
                "That is the probability that a strong return is bad, P(−1 | strong).",
            ),
        ),
    ),
    Exercise(
        name="01.pooled",
        solution=_pooled,
        arguments=_POOLED_CASES,
        praise="Each row counts once, around the mean of its own class. Linear discriminant "
        "analysis rests on this estimate.",
        mistakes=(
            Mistake(
                _pooled_around_one_mean,
                "That measures all rows from one common mean. Each row's distance is to be taken "
                "from the mean of its own class.",
            ),
            Mistake(
                _pooled_mean_of_two,
                "That is the plain mean of the two variances. The larger class has more terms in "
                "the sum, so its variance weighs more.",
            ),
            Mistake(
                _pooled_sum_of_two,
                "That adds the two variances. They are two estimates of one number: a mean of "
                "them is wanted, weighted by the sizes of the classes.",
            ),
            Mistake(
                _pooled_less_two,
                "That divides by n − 2, which makes the estimate right on average. The likelihood "
                "is largest with n.",
            ),
            Mistake(_pooled_root, "That is the standard deviation; asked is the variance."),
            Mistake(
                _pooled_not_divided,
                "That is the sum of the squares. Where the derivative is zero it is divided by n.",
            ),
        ),
    ),
    Exercise(
        name="01.other_labels",
        solution=_other_labels,
        arguments=_LABEL_CASES,
        praise="Probability minus label, times what was sent in: the same gradient, in other "
        "clothes.",
        mistakes=(
            Mistake(
                _other_labels_uphill,
                "The sign is the other way round: where t = 1, a larger w·x lowers the loss.",
            ),
            Mistake(_other_labels_summed, "That is the sum over the rows; the loss is their mean."),
            Mistake(
                _other_labels_without_sigmoid,
                "That compares w·x + b itself with the label, as least squares does. The "
                "probability is σ(w·x + b).",
            ),
            Mistake(_other_labels_without_bias, "The bias b is missing from w·x + b."),
            Mistake(
                _other_labels_as_signs,
                "That takes the labels for −1 and +1. Here t is 0 or 1, and σ − t is between −1 "
                "and 1.",
            ),
            Mistake(
                _other_labels_old_formula,
                "That puts t where y stood. With t = 0, such a row would have no influence at all.",
            ),
            Mistake(
                _other_labels_of_squares,
                "That is the gradient of ½(σ − t)². The factor σ(1 − σ) cancels when the loss is "
                "the logarithm.",
            ),
        ),
    ),
    Exercise(
        name="01.gaps",
        solution=_gaps,
        arguments=_GAP_CASES,
        praise="A missing column is integrated over, which leaves a factor 1: nothing to add.",
        mistakes=(
            Mistake(
                _gaps_as_zero,
                "That takes the 0 in a gap for a measurement. Nothing is known there, so that "
                "column has nothing to say.",
            ),
            Mistake(
                _gaps_as_mean,
                "That puts the class's mean into the gap, the least surprising value there is. A "
                "class with a small variance would gain by every gap. Leave the column out.",
            ),
            Mistake(
                _gaps_averaged,
                "That is the mean over the columns that are there. Independent columns multiply, "
                "so their logarithms are added.",
            ),
            Mistake(
                _gaps_the_wrong_way_round,
                "That adds up the columns that are missing. `known` is True where a number is.",
            ),
            Mistake(_gaps_without_prior, "log P(y) is missing: the joint density is asked for."),
            Mistake(_gaps_prior_without_log, "The prior has to enter as its logarithm."),
            Mistake(_gaps_not_logged, "That is the joint density itself; asked is its logarithm."),
            Mistake(
                _gaps_without_norm,
                "The term ½ log(2πσ²) is missing. It differs between the classes, so it cannot be "
                "left out.",
            ),
        ),
    ),
)

QUESTIONS = (
    Question(
        name="01.knows",
        reveal=True,
        prompt="Somebody gives you P(y|x) for every x, exactly, and nothing else. What can you "
        "not do?",
        options=(
            Option(
                "Say how sure you are of a label",
                "P(y|x) is exactly that: how sure one may be of y, given x.",
            ),
            Option(
                "Choose the label that is right most often",
                "The likelier label given x is the best choice there is, and P(y|x) names it.",
            ),
            Option(
                "Draw a new pair (x, y) as the world would",
                "To draw x you need P(x), and the division by it has removed every trace of it. "
                "Given an x, you could still draw its y.",
                correct=True,
            ),
            Option(
                "Classify an x that never occurred in training",
                "You were given P(y|x) for every x, also for those that never occurred.",
            ),
        ),
    ),
    Question(
        name="01.variance",
        prompt="Three readings, 1, 2 and 6, come from a Gaussian with mean 3. Under which variance "
        "are they most probable?",
        options=(
            Option(
                "As small as possible: a narrow Gaussian has a high peak",
                "The peak is high, but the readings do not lie on it: their densities fall faster "
                "than the peak rises.",
            ),
            Option(
                "14/3, the sum of the squared deviations divided by n",
                "The deviations −2, −1 and 3 have squares 4, 1 and 9, and the likelihood is "
                "largest at their mean.",
                correct=True,
            ),
            Option(
                "14/2 = 7, the sum divided by n − 1",
                "Dividing by n − 1 makes an estimate that is right on average over many samples. "
                "It does not make this sample as probable as it can be.",
            ),
        ),
    ),
    Question(
        name="01.shape",
        prompt="Both classes have the same mean; class −1 is spread out more than twice as wide. "
        "Where is class +1 likelier?",
        options=(
            Option(
                "On one side of a straight line",
                "Which side? Seen from the common mean, all directions are nearly alike.",
            ),
            Option(
                "Inside a closed curve around the mean",
                "Near the mean the narrow class is denser; far out the wide one is.",
                correct=True,
            ),
            Option(
                "Nowhere: with the same mean the classes cannot be told apart",
                "The means are equal, the densities are not: the spread tells the classes apart.",
            ),
        ),
    ),
    Question(
        name="01.diagnose",
        reveal=True,
        prompt="The formulas are right. Why is every single return called bad?",
        options=(
            Option(
                "Bad returns are more frequent, so the prior decides",
                "It is the good ones that are more frequent, 225 to 126.",
            ),
            Option(
                "A variance of 0 makes NaN, and a comparison with NaN is never true",
                "0/0 in one column turns the whole sum into NaN; `plus > minus` is then False for "
                "each row, and False stands for bad.",
                correct=True,
            ),
            Option(
                "The columns are not independent, so naive Bayes cannot work here",
                "They are not, and it costs accuracy. But a wrong assumption gives wrong answers "
                "here and there, not one answer for all.",
            ),
            Option(
                "34 densities multiplied are so small that they are rounded to 0",
                "They would be, had we multiplied them. We add logarithms.",
            ),
        ),
    ),
    Question(
        name="01.curves",
        prompt="Naive Bayes against logistic regression on radar returns: who is ahead?",
        options=(
            Option(
                "Logistic regression throughout: it is trained for the very task",
                "Being trained for the task helps when there are rows enough to be trained on.",
            ),
            Option(
                "Naive Bayes throughout: it models more",
                "What it models in addition is wrong here: the columns are not independent. With "
                "many rows that catches up with it.",
            ),
            Option(
                "Naive Bayes with few rows, logistic regression with many",
                "Strong assumptions replace data while there is little, and stand in the way when "
                "there is much.",
                correct=True,
            ),
        ),
    ),
    Question(
        name="01.drawn",
        prompt="Naive Bayes tells good returns from bad ones quite well. What do the good returns "
        "that it draws look like?",
        options=(
            Option(
                "Like real ones: a model that recognises them knows them",
                "To recognise, it is enough that the right class is likelier. Whether anything "
                "that it calls likely exists was never tested.",
            ),
            Option(
                "Each pulse about right for itself, but a zigzag from pulse to pulse",
                "Each column has its own mean and spread, and none knows of its neighbours.",
                correct=True,
            ),
            Option(
                "A smooth wave, since the means over all good returns are smooth",
                "The means are smooth. A draw adds to each column a deviation of its own.",
            ),
        ),
    ),
)
