"""Exercises and questions of lesson 03, samples from the hidden space."""

from __future__ import annotations

import numpy as np

from helpers.exercises.checking import Exercise, Mistake
from helpers.exercises.questions import Option, Question

# ------------------------------------------------ 03.mixture: choose a component, then draw


def _mixture(chosen, z, means, roots):
    return means[chosen] + np.einsum("nij,nj->ni", roots[chosen], z)


def _mixture_around_zero(chosen, z, means, roots):
    return np.einsum("nij,nj->ni", roots[chosen], z)


def _mixture_transposed(chosen, z, means, roots):
    return means[chosen] + np.einsum("nji,nj->ni", roots[chosen], z)


def _mixture_of_covariances(chosen, z, means, roots):
    covariances = roots @ roots.transpose(0, 2, 1)
    return means[chosen] + np.einsum("nij,nj->ni", covariances[chosen], z)


def _mixture_averaged(chosen, z, means, roots):
    return means.mean(axis=0) + z @ roots.mean(axis=0).T


_rng = np.random.default_rng(3)


def _mixture_case(n, n_components, n_latent):
    return (
        _rng.permutation(np.arange(n) % n_components),
        _rng.normal(size=(n, n_latent)),
        _rng.normal(size=(n_components, n_latent)),
        np.tril(_rng.normal(size=(n_components, n_latent, n_latent))),
    )


_MIXTURE_CASES = [_mixture_case(7, 3, 2), _mixture_case(5, 2, 4)]

# ------------------------------------------------- 03.coverage: real rows with company


def _distances(a, b):
    return np.sqrt(np.sum((a[:, None] - b[None]) ** 2, axis=2))


def _radii(rows, k):
    return np.sort(_distances(rows, rows), axis=1)[:, k]


def _coverage(real, fake, k):
    return np.mean(_distances(real, fake).min(axis=1) <= _radii(real, k))


def _coverage_counting_itself(real, fake, k):
    return np.mean(_distances(real, fake).min(axis=1) <= _radii(real, k - 1))


def _coverage_is_precision(real, fake, k):
    return np.mean((_distances(real, fake) <= _radii(real, k)[:, None]).any(axis=0))


def _coverage_is_recall(real, fake, k):
    return np.mean((_distances(real, fake) <= _radii(fake, k)[None]).any(axis=1))


def _coverage_of_all_pairs(real, fake, k):
    return np.mean(_distances(real, fake) <= _radii(real, k)[:, None])


def _coverage_counted(real, fake, k):
    return len(real) * _coverage(real, fake, k)


# Two clusters of real rows; generated rows in one of them, and some far from both.
_real = np.vstack([_rng.normal(size=(9, 2)), _rng.normal(size=(8, 2)) + [6, 0]])
_fake = np.vstack([0.8 * _rng.normal(size=(7, 2)), 2 * _rng.normal(size=(6, 2)) + [0, 5]])
_COVERAGE_CASES = [(_real, _fake, 3), (_real, _fake[:5], 2)]

_BAND = 1.15**2 - 0.85**2

EXERCISES = (
    Exercise(
        name="03.band",
        solution=np.pi * _BAND / 2.3**2,
        praise="So the third that was measured has nothing to do with training: it is the band's "
        "share of the square.",
        mistakes=(
            Mistake(
                np.pi * 1.15**2 / 2.3**2,
                "That is the whole disc. The hole in the middle, of radius 0.85, does not count.",
            ),
            Mistake(
                np.pi * _BAND / 1.15**2,
                "More than the whole square? Its side is twice 1.15.",
            ),
            Mistake(
                np.pi * 0.3**2 / 2.3**2,
                "The squares of the two radii are to be subtracted; that is the square of their "
                "difference.",
            ),
            Mistake(
                np.pi * 0.3 / 2.3**2,
                "That is half of it: a band of width 0.3 around a circle of length 2π.",
            ),
            Mistake(np.pi * _BAND, "That is the area of the band; divide it by the square's."),
        ),
    ),
    Exercise(
        name="03.mixture",
        solution=_mixture,
        arguments=_MIXTURE_CASES,
        praise="To draw from a mixture is to choose a component, and then to draw from that one "
        "alone.",
        mistakes=(
            Mistake(
                _mixture_around_zero,
                "All components are drawn around zero: the mean of the chosen one is missing.",
            ),
            Mistake(
                _mixture_transposed,
                "L is transposed. Its rows make the coordinates of h: h_i is the sum of "
                "L_ij z_j over j.",
            ),
            Mistake(
                _mixture_of_covariances,
                "That multiplies z by the covariance C = L Lᵀ, which gives the covariance C². "
                "Multiply by L alone.",
            ),
            Mistake(
                _mixture_averaged,
                "That averages over the components, and draws from one Gaussian in the middle of "
                "them. Each row belongs to the one component that was chosen for it.",
            ),
        ),
    ),
    Exercise(
        name="03.rows_needed",
        solution=2500,
        praise="And four times as many for half the distance.",
        mistakes=(
            Mistake(1250, "That many on each side; both sides count."),
            Mistake(625, "With that many, .52 is one standard deviation away from ½, not two."),
            Mistake(
                10000,
                "The variance of one guess is ½ · ½ = ¼, not 1: the standard deviation of the "
                "share is √(1/4n).",
            ),
            Mistake(
                50, "The standard deviation falls with the square root of n: square both sides."
            ),
        ),
    ),
    Exercise(
        name="03.coverage",
        solution=_coverage,
        arguments=_COVERAGE_CASES,
        praise="Generated rows far from all real ones gain nothing here, as they do with recall.",
        mistakes=(
            Mistake(
                _coverage_counting_itself,
                "The balls are one neighbour too small: in a sorted row of distances within the "
                "real rows, the first entry is the 0 from the row to itself.",
            ),
            Mistake(
                _coverage_is_precision,
                "That is the share of generated rows inside a ball: precision. Count the real "
                "rows whose ball holds a generated row.",
            ),
            Mistake(
                _coverage_is_recall,
                "That draws the balls around the generated rows: recall. For coverage they are "
                "drawn around the real rows.",
            ),
            Mistake(
                _coverage_of_all_pairs,
                "That is the share of all pairs. A ball counts once, however many generated rows "
                "it holds.",
            ),
            Mistake(_coverage_counted, "That is their number; divide it by how many there are."),
        ),
    ),
)

QUESTIONS = (
    Question(
        name="03.ring",
        prompt="h₁ and h₂ are each drawn between their least and greatest code. Where do the "
        "decoded points lie?",
        options=(
            Option(
                "On the ring: the decoder has never made anything else",
                "It has never been asked to. A linear decoder carries the square of all draws to "
                "a filled parallelogram; only the codes come from the ring.",
            ),
            Option(
                "Each coordinate in range, most points off the ring",
                "The range of each number is right, and that is all that was asked. The relation "
                "between the two numbers, which makes the ring, was not.",
                correct=True,
            ),
            Option(
                "Far outside the range of the data",
                "h stays within the range of the codes, and the decoder is linear: it has no "
                "way to jump.",
            ),
        ),
    ),
    Question(
        name="03.best_draw",
        prompt="With which way of drawing h are the rows hardest to tell from real ones?",
        options=(
            Option(
                "N(0, I): the standard choice for random vectors",
                "It would be the right choice if something had made the codes follow N(0, I). "
                "Nothing has.",
            ),
            Option(
                "Uniform over the range: it reaches every code there is",
                "It reaches every code, and in eight dimensions nearly always a place far from "
                "all of them.",
            ),
            Option(
                "One Gaussian fitted to the codes",
                "Centre, widths and slant of the cloud are right, and still it is one cloud "
                "where the codes form several clumps.",
            ),
            Option(
                "A mixture of Gaussians fitted to the codes",
                "It comes closest to where the codes are, clump by clump.",
                correct=True,
            ),
        ),
    ),
    Question(
        name="03.hole",
        prompt="h stands where no code is near. What does the decoder draw?",
        options=(
            Option(
                "Numbers far out of range, so that one notices",
                "Some numbers leave the range, most stay within it. Clipped to the range, as "
                "generated rows are, the row gives no alarm.",
            ),
            Option(
                "A row as definite as any, but unlike every real one",
                "A decoder has a value everywhere, and nothing in training has said what it "
                "should be here.",
                correct=True,
            ),
            Option(
                "The real return whose code is nearest",
                "A decoder does not look anything up. It returns to real rows only where codes "
                "are.",
            ),
        ),
    ),
    Question(
        name="03.diagnose",
        reveal=True,
        prompt="Real rows on both sides, and the forest is nearly always right. Why?",
        options=(
            Option(
                "It was asked about the rows that it had learned",
                "A forest remembers nearly every row it was grown on. Asked about rows that "
                "were kept back, it is right half of the time.",
                correct=True,
            ),
            Option(
                "The two halves of the real rows differ after all",
                "They were split at random. A difference that the forest had found would help "
                "it on rows kept back, too.",
            ),
            Option(
                "A forest is so strong a classifier that it finds every difference",
                "No classifier, however strong, is right more than half of the time on new rows "
                "of one and the same distribution.",
            ),
            Option(
                "There are too few rows, and it was luck",
                "Luck has a size: 234 guesses are 50 % right, give or take 3 %. Never 100 %.",
            ),
        ),
    ),
    Question(
        name="03.cause",
        prompt="A network that hardly overfits at all draws h from N(0, I). Its samples are …",
        options=(
            Option(
                "hard to tell from real rows: overfitting was the trouble",
                "Overfitting spoils reconstructions of new rows. Where h falls among the codes "
                "it does not decide.",
            ),
            Option(
                "about as easy to tell from real rows as before",
                "The codes of this network do not follow N(0, I) either.",
                correct=True,
            ),
            Option(
                "much worse: it is the overfitted network that knows the details",
                "It knows more details, and puts them where no h from N(0, I) asks for them.",
            ),
        ),
    ),
)
