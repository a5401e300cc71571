"""The formulas of lesson 07 as they are printed, against SymPy."""

import re

import numpy as np
import pytest
import sympy as sp
from lesson_formulas import Lesson

from helpers.transposed import design_matrix, image_gradient, kernel_gradient, nine_term_loss

LESSON = Lesson(7)

C, P = sp.symbols("c_1:5"), sp.symbols("p_1:5")
Q, R = sp.symbols("q_1:10"), sp.symbols("r_1:10")
SYMBOLS = {str(symbol): symbol for symbol in (*C, *P, *Q, *R)}


def read(latex: str) -> sp.Expr:
    """Read a sum of products, such as "-2\\,(r_1 p_1 + r_2 p_2)", as an expression."""
    text = re.sub(r"\\(begin|end)\{\w+\}|\\\\|\\,|[&{}]", " ", latex).replace("L =", "")
    text = re.sub(r"\)\s*\^2", ")**2", text)
    text = re.sub(r"(\w|\))\s+(?=[a-z]_|\()", r"\1*", text)
    return sp.sympify(text, locals=SYMBOLS)


def printed_loss() -> sp.Expr:
    block = re.search(r"\\begin\{aligned\}\s*(L =.*?)\\end\{aligned\}", LESSON.text, re.DOTALL)
    return read(block.group(1))


def residuals() -> list[sp.Expr]:
    """Target minus the full convolution of kernel and image, from its definition."""
    sums = [[0] * 3 for _ in range(3)]
    for i, j, a, b in np.ndindex(2, 2, 2, 2):
        sums[i + a][j + b] += C[2 * a + b] * P[2 * i + j]
    return [q - term for q, term in zip(Q, sum(sums, []))]


def test_printed_loss_is_the_sum_of_nine_squared_residuals():
    terms = sp.Add.make_args(printed_loss())
    assert len(terms) == 9
    assert sp.expand(printed_loss() - sum(r**2 for r in residuals())) == 0


@pytest.mark.parametrize("symbol", [*C, *P], ids=str)
def test_printed_derivative(symbol):
    """Each of dL/dc1 … dL/dc4 and dL/dp1 … dL/dp4, where the lesson derives it."""
    pattern = rf"\\frac{{\\partial L}}{{\\partial {symbol}}} &?= (-2\\,\([^()]*\))"
    (found,) = re.findall(pattern, LESSON.text)
    derivative = read(found).subs(dict(zip(R, residuals())))
    assert sp.expand(derivative - sp.diff(printed_loss(), symbol)) == 0


def test_curvatures_and_optimum_of_the_example():
    values = dict(zip((*P, *Q), (1, 2, -1, 1, 0, 1, 0, 1, 1, 1, 0, 1, 0)))
    loss = printed_loss().subs(values)
    assert sp.hessian(loss, C).eigenvals() == {8: 1, 12: 1, 18: 2}
    optimum = sp.solve([sp.diff(loss, c) for c in C], C)
    assert [36 * optimum[c] for c in C] == [5, 10, 22, 5]
    assert loss.subs(optimum) == sp.Rational(31, 18)


@pytest.mark.parametrize("first", range(4))
def test_only_a_black_image_makes_the_columns_dependent(first):
    """Whichever pixel is the first that is not zero, A has four independent columns."""
    image = np.random.default_rng(first).normal(size=4)
    image[:first] = 0
    A = design_matrix([image.reshape(2, 2)])
    starts = [np.flatnonzero(column)[0] for column in A.T]
    assert len(set(starts)) == 4
    assert np.linalg.matrix_rank(A) == 4
    assert not design_matrix(np.zeros((1, 2, 2))).any()


def test_four_equal_pixels_have_condition_number_nine_and_no_image_found_has_more():
    A = design_matrix(np.random.default_rng(0).normal(size=(20_000, 2, 2))).reshape(-1, 9, 4)
    assert np.linalg.cond(A).max() ** 2 < 9
    assert np.linalg.cond(design_matrix(np.ones((1, 2, 2)))) ** 2 == pytest.approx(9)


VALLEYS = [
    # One corner, and nothing else.
    (3.0, [[1, 0], [0, 0]], [[1, 0], [0, 0]]),
    # All four corners at 1/5, and the pixels between them at ±2/5.
    (3.2, [[1, 1], [1, -1]], [[0.2, 0.2], [0.2, -0.2]]),
]


@pytest.mark.parametrize(("depth", "kernel", "image"), VALLEYS)
def test_both_valleys_of_the_four_corners_are_minima(depth, kernel, image):
    """Flat along the scale (c·t, p/t), curved upwards in the seven other directions."""
    target = np.array([[1.0, 0.0, 1.0], [0.0, 0.0, 0.0], [1.0, 0.0, 1.0]])

    def slopes(point):
        kernel, image = point.reshape(2, 2, 2)
        by_kernel = kernel_gradient(kernel, [image], [target])
        return np.concatenate(
            [by_kernel.ravel(), image_gradient(kernel, [image], [target]).ravel()]
        )

    point = np.array([kernel, image], dtype=float).ravel()
    assert nine_term_loss(kernel, [image], [target]) == pytest.approx(depth)
    assert slopes(point) == pytest.approx(np.zeros(8), abs=1e-12)
    nudges = 1e-4 * np.eye(8)
    hessian = [(slopes(point + nudge) - slopes(point - nudge)) / 2e-4 for nudge in nudges]
    curvatures = np.linalg.eigvalsh(hessian)
    assert curvatures[0] == pytest.approx(0, abs=1e-6)
    assert curvatures[1] > 0.1


def test_printed_gradients_of_the_hidden_layer():
    """The lesson's own function against SymPy, for one pair and a hidden layer of two."""
    hidden_gradients, _ = LESSON.functions("hidden_gradients", "predict")
    shapes = [(2, 4), (2, 1), (9, 2), (9, 1)]
    W1, b1, W2, b2 = (
        sp.Matrix(*shape, sp.symbols(f"{name}:{shape[0] * shape[1]}"))
        for name, shape in zip(("V", "a", "W", "b"), shapes)
    )
    h = (W1 * sp.Matrix(P) + b1).applyfunc(sp.tanh)
    loss = sum(entry**2 for entry in sp.Matrix(Q) - (W2 * h + b2))
    rng = np.random.default_rng(0)
    weights = [rng.normal(size=shape) for shape in shapes]
    p, q = rng.normal(size=(4, 1)), rng.normal(size=(9, 1))
    symbols = [*W1, *b1, *W2, *b2]
    numbers = np.concatenate([w.ravel() for w in weights])
    values = dict(zip((*symbols, *P, *Q), np.concatenate([numbers, p.ravel(), q.ravel()])))
    expected = [float(sp.diff(loss, symbol).subs(values)) for symbol in symbols]
    by_hand = np.concatenate([g.ravel() for g in hidden_gradients(weights, p, q)])
    assert by_hand == pytest.approx(expected, rel=1e-9)
