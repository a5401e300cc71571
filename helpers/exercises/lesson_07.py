"""What lesson 07, the nine-term loss, asks, and the mistakes it knows."""

from __future__ import annotations

import numpy as np

from helpers.exercises.checking import Exercise, Mistake
from helpers.exercises.questions import Option, Question
from helpers.transposed import design_matrix, image_gradient, kernel_gradient, nine_residuals

# ------------------------------------------------------------------ one derivative, dL/dc4


def _residuals(kernel, image, target):
    return nine_residuals(kernel, [image], [target])[0]


def _derivative_by_c4(kernel, image, target):
    return kernel_gradient(kernel, [image], [target])[1, 1]


def _c4_turned(kernel, image, target):
    r, p = _residuals(kernel, image, target), np.ravel(image)
    return -2 * (r[4] * p[3] + r[5] * p[2] + r[7] * p[1] + r[8] * p[0])


def _c4_one_term(kernel, image, target):
    return -2 * _residuals(kernel, image, target)[8] * np.ravel(image)[3]


_rng = np.random.default_rng(7)
_CASES = [
    (_rng.normal(size=(2, 2)), _rng.normal(size=(2, 2)), _rng.normal(size=(3, 3))) for _ in range(3)
]

_BY_C4 = Exercise(
    "07.derivative_by_c4",
    _derivative_by_c4,
    mistakes=(
        Mistake(
            lambda *case: _derivative_by_c4(*case) / 2,
            "The factor 2 is missing: the derivative of r² is 2 r times the derivative of r.",
        ),
        Mistake(
            lambda *case: -_derivative_by_c4(*case),
            "The sign is the other way round: r = q − prediction, so the derivative of r by c4 "
            "is minus the pixel.",
        ),
        Mistake(
            _c4_turned,
            "The right four residuals, but the pixels are in reverse order. Look the partners up "
            "in the formula: in the term of q5 it is p1 that stands beside c4.",
        ),
        Mistake(
            _c4_one_term,
            "That is the term of q9 alone. c4 stands in three more: those of q5, q6 and q8.",
        ),
    ),
    arguments=_CASES,
    praise="Four residuals, each times the pixel that c4 was multiplied with, times −2.",
)

# ------------------------------------------------------------------- four pixel derivatives


def _pixel_gradient(kernel, image, target):
    return image_gradient(kernel, [image], [target])[0]


def _windows(residuals, partners):
    """Cross-correlate 3×3 residuals with a 2×2 stamp."""
    r = np.reshape(residuals, (3, 3))
    return np.array(
        [[np.sum(r[i : i + 2, j : j + 2] * partners) for j in range(2)] for i in range(2)]
    )


_BY_PIXELS = Exercise(
    "07.derivatives_by_pixels",
    _pixel_gradient,
    mistakes=(
        Mistake(
            lambda *case: _pixel_gradient(*case) / 2,
            "The factor 2 is missing: the derivative of r² is 2 r times the derivative of r.",
        ),
        Mistake(
            lambda *case: -_pixel_gradient(*case),
            "The sign is the other way round: each pixel stands behind a minus in r.",
        ),
        Mistake(
            lambda kernel, image, target: kernel_gradient(kernel, [image], [target]),
            "These are the derivatives by the kernel. When p moves, it is the kernel entry "
            "beside it that remains after differentiating.",
        ),
        Mistake(
            lambda kernel, image, target: (
                -2 * _windows(_residuals(kernel, image, target), np.array(kernel)[::-1, ::-1])
            ),
            "The kernel is turned by 180°. Which entry multiplies p1 in the term of q1?",
        ),
        Mistake(
            lambda *case: _pixel_gradient(*case).T,
            "Rows and columns have changed places: dL/dp2 belongs to the right of dL/dp1.",
        ),
    ),
    arguments=_CASES,
    praise="The same window of residuals as for c, with the other partner.",
)

# ----------------------------------------------------------------------- the largest step


def _curvatures(image):
    A = design_matrix([image])
    return np.linalg.eigvalsh(2 * A.T @ A)


_LARGEST_STEP = Exercise(
    "07.largest_step",
    lambda image: 2 / _curvatures(image)[-1],
    mistakes=(
        Mistake(
            lambda image: 1 / _curvatures(image)[-1],
            "1/λ is the step that jumps straight to the bottom of the steepest direction. One "
            "can go twice as far before the jump ends higher than it began.",
        ),
        Mistake(
            lambda image: 4 / _curvatures(image)[-1],
            "These are the eigenvalues of AᵀA; the Hessian of ‖q − Ac‖² is 2AᵀA.",
        ),
        Mistake(
            lambda image: 2 / _curvatures(image)[0],
            "You took the smallest eigenvalue. The steepest direction sets the limit, and that "
            "is the largest.",
        ),
        Mistake(
            lambda image: 2 / np.linalg.norm(design_matrix([image]), 2),
            "That is 2 over the largest singular value of A. The eigenvalues of AᵀA are the "
            "squares of the singular values.",
        ),
    ),
    arguments=[(np.array([[1.0, 2.0], [-1.0, 1.0]]),), (_CASES[0][1],), (_CASES[1][1],)],
    praise="Two over the largest curvature, and the target has no say in it.",
)

# --------------------------------------------------------------- the dense layer's gradient


def _dense_gradient(weights, images, targets):
    x, q = np.reshape(images, (-1, 4)), np.reshape(targets, (-1, 9))
    return -2 * (q - x @ np.transpose(weights)).T @ x


_DENSE_CASES = [
    (_rng.normal(size=(9, 4)), _rng.normal(size=(n, 2, 2)), _rng.normal(size=(n, 3, 3)))
    for n in (3, 6)
]

_DENSE = Exercise(
    "07.dense_gradient",
    _dense_gradient,
    mistakes=(
        Mistake(
            lambda *case: _dense_gradient(*case) / 2,
            "The factor 2 is missing: the derivative of r² is 2 r times the derivative of r.",
        ),
        Mistake(
            lambda *case: -_dense_gradient(*case),
            "The sign is the other way round: each weight stands behind a minus in r.",
        ),
        Mistake(
            lambda *case: _dense_gradient(*case).T,
            "It is transposed. The gradient has the shape of the weights: one row for each of "
            "the nine outputs.",
        ),
        Mistake(
            lambda weights, images, targets: (
                _dense_gradient(weights, images, targets) / len(images)
            ),
            "That is the mean over the pairs; the loss here is their sum.",
        ),
    ),
    arguments=_DENSE_CASES,
    praise="Residual times input for each weight, summed over the pairs.",
)

EXERCISES = (_BY_C4, _BY_PIXELS, _LARGEST_STEP, _DENSE)

# ------------------------------------------------------------------------------- questions

_OPTIMUM = Question(
    "07.optimum",
    "Descent has run until all four derivatives are zero. What do the nine residuals look like?",
    (
        Option(
            "All nine are zero",
            "That would need nine equations to hold at once, with only four numbers to choose.",
        ),
        Option(
            "They add up to zero",
            "That happens when a free constant is added to every pixel, as the intercept of a "
            "regression is. This kernel has none.",
        ),
        Option(
            "Some remain, balanced in four ways",
            "Each zero derivative says that four residuals, weighted by the pixels, cancel. Four "
            "such conditions leave nine residuals plenty of room.",
            correct=True,
        ),
        Option(
            "All nine are equally large",
            "Least squares evens out nothing for its own sake: a residual that no kernel entry "
            "can reach well stays large.",
        ),
    ),
)

_DIAGNOSIS = Question(
    "07.diagnosis",
    "The same loop, the same step, another image: the loss explodes. What is wrong?",
    (
        Option(
            "The gradient formula has the wrong sign",
            "The very same function went downhill a moment ago, and it agreed with central "
            "differences.",
        ),
        Option(
            "No kernel can make this target",
            "True, but harmless: with the first image none could make the cross either. Descent "
            "then stops at the best there is; it does not explode.",
        ),
        Option(
            "The step is too large for this image",
            "Another image is another valley. This one has a steeper wall, and the step that "
            "suited the first jumps across it to a higher place on the other side.",
            correct=True,
        ),
        Option(
            "It is stuck in a bad local minimum",
            "A quadratic has no second valley, and a loss that is stuck stays where it is.",
        ),
    ),
    reveal=True,
)

_FRACTION = Question(
    "07.fraction",
    "Targets of nine random pixels (mean zero): how much of ‖q‖² does the best kernel leave over?",
    (
        Option(
            "Next to nothing: four numbers fit most pictures",
            "They fit exactly those pictures that this image and some kernel make, a thin slice "
            "of all pictures.",
        ),
        Option(
            "4/9 on average",
            "4/9 is the share that is explained; the question was what is left.",
        ),
        Option(
            "5/9 on average",
            "The kernel moves the prediction in 4 of the 9 dimensions; a random target points "
            "equally into all of them, and 5 stay out of reach.",
            correct=True,
        ),
        Option(
            "It depends on the image that the kernel is applied to",
            "Which four dimensions are reached depends on the image, but not how many. A random "
            "target prefers none of them.",
        ),
    ),
)

_HELD_OUT = Question(
    "07.held_out",
    "40 noisy pairs made by a kernel. Which model has the smallest error on 500 fresh pairs?",
    (
        Option(
            "The network with a hidden layer: it has the most parameters",
            "It has the smallest error on the 40 pairs it has seen, because it fits their noise "
            "too; the fresh pairs have other noise.",
        ),
        Option(
            "The dense layer: it contains every kernel and more",
            "It contains the right answer, but must find 45 numbers from the noisy pairs; each "
            "comes with its own error.",
        ),
        Option(
            "The kernel: it has the fewest parameters and they suffice",
            "All the data go into four numbers, which are found precisely.",
            correct=True,
        ),
        Option(
            "All three alike: they have seen the same data",
            "The same data are spread over 4, 45 or 121 unknown numbers; the fewer, the better "
            "each is known.",
        ),
    ),
)

QUESTIONS = (_OPTIMUM, _DIAGNOSIS, _FRACTION, _HELD_OUT)
