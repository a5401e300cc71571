"""Exercises and questions of lesson 02, the autoencoder by hand."""

from __future__ import annotations

import numpy as np

from helpers.datasets import make_ring
from helpers.exercises.checking import Exercise, Mistake
from helpers.exercises.questions import Option, Question

# ------------------------------------------------------------- 02.bias: the gradient dL/db


def _bias(e, r, s, u, v):
    return -2 * (e[0] * r + e[1] * s + e[2] * u + e[3] * v)


def _bias_without_factor(e, r, s, u, v):
    return _bias(e, r, s, u, v) / 2


def _bias_uphill(e, r, s, u, v):
    return -_bias(e, r, s, u, v)


def _bias_through_one_output(e, r, s, u, v):
    return -2 * e[0] * r


def _bias_averaged(e, r, s, u, v):
    return _bias(e, r, s, u, v) / 4


def _bias_swapped(e, r, s, u, v):
    return _bias(e, r, s, u, v)[::-1]


_rng = np.random.default_rng(2)
_BIAS_CASES = [tuple(_rng.normal(size=n) for n in (4, 2, 2, 2, 2)) for _ in range(3)]

# ---------------------------------------------------- 02.tied: one matrix W on both sides


def _parts_of_tied(W, x):
    """The gradient through the encoder, the gradient through the decoder, both (2, 4)."""
    h = W @ x
    d_x_hat = -2 / x.shape[1] * (x - W.T @ h)
    return W @ d_x_hat @ x.T, h @ d_x_hat.T


def _tied(W, x):
    return sum(_parts_of_tied(W, x))


def _tied_encoder_only(W, x):
    return _parts_of_tied(W, x)[0]


def _tied_decoder_only(W, x):
    return _parts_of_tied(W, x)[1]


def _tied_decoder_transposed(W, x):
    return _parts_of_tied(W, x)[1].T


def _tied_averaged(W, x):
    return _tied(W, x) / 2


def _tied_summed_over_rows(W, x):
    return _tied(W, x) * x.shape[1]


_TIED_CASES = [(_rng.normal(size=(2, 4)), _rng.normal(size=(4, n))) for n in (1, 5, 7)]

# -------------------------------------------- 02.limit: the step at which descent gives way


def _spreads():
    """The mean squares of the lesson's ring along its principal directions, largest first."""
    X = make_ring(200, random_state=0)
    X = X - X.mean(axis=0)
    return np.linalg.eigvalsh(X.T @ X / len(X))[::-1]


_SPREADS = _spreads()

EXERCISES = (
    Exercise(
        name="02.copy",
        solution=([1, 0], [0, 1]),
        praise="On the noiseless ring the third coordinate repeats the first and the fourth the "
        "second, so the copies in h are all that the decoder needs.",
        mistakes=(
            Mistake(
                ([0, 1], [1, 0]),
                "u and v have changed places: u makes the third coordinate, which repeats the "
                "first, and the first is kept in h₁.",
            ),
            Mistake(
                ([0.5, 0.5], [0.5, 0.5]),
                "That gives both outputs the mean of h₁ and h₂. Each of the two coordinates "
                "stands in h on its own; no average is needed.",
            ),
            Mistake(
                ([1, 1], [1, 1]),
                "That gives both outputs the sum h₁ + h₂. Choose the one number of h that is the "
                "coordinate you need, and switch the other off.",
            ),
            Mistake(
                ([1, 0, 0, 0], [0, 1, 0, 0]),
                "Decoder vectors read the two hidden numbers, not the four inputs: they have two "
                "entries each.",
            ),
        ),
    ),
    Exercise(
        name="02.bias",
        solution=_bias,
        arguments=_BIAS_CASES,
        praise="It is what dL/dp multiplies x by, and dL/dq: a bias is a weight whose input "
        "is always 1.",
        mistakes=(
            Mistake(_bias_without_factor, "The factor 2 from the square is missing."),
            Mistake(
                _bias_uphill,
                "The sign is the other way round: e = x − x̂ falls as x̂ grows, which brings a "
                "minus.",
            ),
            Mistake(
                _bias_through_one_output,
                "That follows b to the first output only. A hidden neuron feeds all four: add up "
                "the four paths, with r, s, u and v.",
            ),
            Mistake(
                _bias_averaged,
                "The four paths are to be added, not averaged: the loss is a sum over the outputs.",
            ),
            Mistake(
                _bias_swapped,
                "The two entries have changed places: b₁ acts through h₁, so it meets r₁, s₁, u₁ "
                "and v₁.",
            ),
        ),
    ),
    Exercise(
        name="02.limit",
        solution=1 / (2 * _SPREADS[0]),
        praise="Step 0.9 lies just below it and step 1.0 above.",
        mistakes=(
            Mistake(
                2 / _SPREADS[0],
                "That is 2 divided by m. The curvature is 2m(p² + r²), and p² + r² is at least 2 "
                "where p·r = 1.",
            ),
            Mistake(
                1 / _SPREADS[0],
                "The curvature counts both weights, p² + r² ≥ 2: it is 4m at least, and the step "
                "2 divided by that.",
            ),
            Mistake(
                1 / (2 * _SPREADS[1]),
                "That is the limit in the direction with the second largest m. The steepest "
                "direction gives way first.",
            ),
            Mistake(
                1 / (2 * 200 * _SPREADS[0]),
                "m is the mean of the squares over the rows; that is their sum.",
            ),
        ),
    ),
    Exercise(
        name="02.tied",
        solution=_tied,
        arguments=_TIED_CASES,
        praise="Where one number stands in two places, its gradient is the sum over both.",
        mistakes=(
            Mistake(
                _tied_encoder_only,
                "That is the encoder's part alone. W stands in the decoder too: add the gradient "
                "that reaches it there, transposed.",
            ),
            Mistake(
                _tied_decoder_only,
                "That is the decoder's part alone. W stands in the encoder too: add the gradient "
                "that reaches it there.",
            ),
            Mistake(
                _tied_decoder_transposed,
                "That is the gradient with respect to Wᵀ, shape (4, 2), and the decoder's part "
                "alone: transpose it, then add the encoder's part.",
            ),
            Mistake(
                _tied_averaged,
                "Half of it: either the factor 2 from the square is missing, or the two parts "
                "were averaged. They add up.",
            ),
            Mistake(
                _tied_summed_over_rows,
                "That is the gradient of the sum over the columns of x; the loss is their mean.",
            ),
        ),
    ),
)

QUESTIONS = (
    Question(
        name="02.best_error",
        prompt="Four noisy numbers pass through two. How small can the mean of ‖x − x̂‖² become?",
        options=(
            Option(
                "0: two numbers are enough to say where a point of a circle is",
                "They would be enough for a circle without noise. But the noise also pushes "
                "points off the circle's plane, into two directions that two numbers cannot keep.",
            ),
            Option(
                "About 0.005: the noise in the two directions that are lost",
                "Noise of standard deviation 0.05 has mean square 0.0025 in each direction, and "
                "two of the four directions are lost.",
                correct=True,
            ),
            Option(
                "About 0.5: half of the numbers are gone, and half of the squared length",
                "Half of the squared length would be lost if it were spread evenly over the four "
                "directions. It is not: nearly all of it lies in the plane of the circle.",
            ),
        ),
    ),
    Question(
        name="02.return",
        prompt="A trained network gets one weight spoiled and is trained on. What comes back?",
        options=(
            Option(
                "The old weights: the spoiled one returns to its value, the others stay",
                "That would need a single best set of weights. The other fifteen see the spoiled "
                "one too, and all of them move to make up for it.",
            ),
            Option(
                "The old loss, with different weights",
                "Many sets of weights make the same reconstruction; descent stops at the first "
                "that it reaches.",
                correct=True,
            ),
            Option(
                "Neither: descent gets stuck at a higher loss",
                "A linear network like this one has no minimum but the best; it has only "
                "saddles, from which descent moves on.",
            ),
        ),
    ),
    Question(
        name="02.diagnose",
        reveal=True,
        prompt="The gradient has been checked. Why does the loss not settle with step 1.0?",
        options=(
            Option(
                "Each step leaps over the valley to a place as high on the other side",
                "The loss zigzags from step to step, and a smaller step from the same start "
                "settles: both are the mark of overshooting.",
                correct=True,
            ),
            Option(
                "It sits in a local minimum, higher than the best one",
                "In a minimum the gradient is zero and the loss stands still. This loss jumps up "
                "and down for ever.",
            ),
            Option(
                "It needs more steps",
                "Over the last hundred steps there is no progress left: the jumps are as high as "
                "before, and go on being so.",
            ),
            Option(
                "The noise in the points makes the loss noisy",
                "All 200 points take part in every step, so nothing random is left. The same "
                "points settle with step 0.3.",
            ),
        ),
    ),
    Question(
        name="02.beat_pca",
        prompt="With h = tanh(…), and the decoder as it was: can the loss fall below PCA's?",
        options=(
            Option(
                "Yes: what is not linear can do more than what is linear",
                "The codes can do more, but the decoder is still linear: whatever h is, x̂ = r·h, "
                "s·h, u·h, v·h lies in a flat plane, and PCA's plane is the best of all.",
            ),
            Option(
                "No: whatever h is, the reconstructions still lie in a plane",
                "The decoder decides where reconstructions can be. To gain from a bend, it has to "
                "bend too.",
                correct=True,
            ),
            Option(
                "No: tanh lies between −1 and 1, so that points far out cannot be reached",
                "The decoder can stretch any range: with large decoder weights, small codes "
                "reach as far as one likes.",
            ),
        ),
    ),
    Question(
        name="02.held_out",
        prompt="Both keep 8 of 34 numbers. Which has the smaller error on rows it never saw?",
        options=(
            Option(
                "The autoencoder: it can do all that PCA can, and more",
                "It can, and on the rows it was trained on it does. On new rows, what it learned "
                "about the old ones' noise does not help.",
            ),
            Option(
                "PCA",
                "5,546 parameters on 234 rows learn some of those rows by heart. PCA cannot, and "
                "loses less where there is nothing to learn.",
                correct=True,
            ),
            Option(
                "They are equal: 8 numbers hold what 8 numbers can hold",
                "How much 8 numbers hold depends on how they are decoded, and on which rows the "
                "decoder was made for.",
            ),
        ),
    ),
)
