"""The formulas that lesson 02 prints and the functions that it writes out, against SymPy."""

import numpy as np
import pytest
import sympy as sp
from lesson_formulas import Lesson, derivative, same, symbols

from helpers.exercises import check

from_lesson = Lesson(2).functions
SIZES = {"p": 4, "q": 4, "r": 2, "s": 2, "u": 2, "v": 2}


WEIGHTS = {name: symbols(name, size) for name, size in SIZES.items()}
ROWS = symbols("x", 3, 4)  # a small batch


def reconstruction(x):
    p, q, r, s, u, v = WEIGHTS.values()
    h = np.array([p @ x, q @ x])
    return h, np.array([r @ h, s @ h, u @ h, v @ h])


def squared_error(x):
    return sum((x - reconstruction(x)[1]) ** 2)


def printed_gradients(x):
    """The six boxes of the lesson, term by term."""
    _, _, r, s, u, v = WEIGHTS.values()
    h, x_hat = reconstruction(x)
    e = x - x_hat
    delta_1 = -2 * (e[0] * r[0] + e[1] * s[0] + e[2] * u[0] + e[3] * v[0])
    delta_2 = -2 * (e[0] * r[1] + e[1] * s[1] + e[2] * u[1] + e[3] * v[1])
    encoder = {"p": delta_1 * x, "q": delta_2 * x}
    return encoder | {name: -2 * e[i] * h for i, name in enumerate("rsuv")}


@pytest.mark.parametrize("name", SIZES)
def test_printed_gradient(name):
    row = ROWS[0]
    assert same(printed_gradients(row)[name], derivative(squared_error(row), WEIGHTS[name]))


@pytest.mark.parametrize("name", SIZES)
def test_gradient_of_the_mean_over_the_rows(name):
    loss = sum(squared_error(row) for row in ROWS) / len(ROWS)
    mean = sum(printed_gradients(row)[name] for row in ROWS) / len(ROWS)
    assert same(mean, derivative(loss, WEIGHTS[name]))


def test_a_wrong_gradient_is_noticed():
    row = ROWS[0]
    assert not same(printed_gradients(row)["p"] / 2, derivative(squared_error(row), WEIGHTS["p"]))
    assert not same(printed_gradients(row)["q"], derivative(squared_error(row), WEIGHTS["p"]))


def test_the_lessons_functions_are_the_printed_formulas():
    forward, loss, gradients, average_gradients = from_lesson(
        "forward", "loss", "gradients", "average_gradients"
    )
    weights = list(WEIGHTS.values())
    assert all(same(a, b) for a, b in zip(forward(ROWS[0], *weights), reconstruction(ROWS[0])))
    assert same(loss(ROWS[0], *weights), squared_error(ROWS[0]))
    printed = printed_gradients(ROWS[0])
    assert all(same(g, printed[n]) for n, g in zip(SIZES, gradients(ROWS[0], *weights)))
    for name, slope in zip(SIZES, average_gradients(ROWS, weights)):
        assert same(slope * 3, sum(printed_gradients(row)[name] for row in ROWS))


def test_matrix_form():
    (matrix_gradients,) = from_lesson("matrix_gradients")
    W_enc = np.stack([WEIGHTS[name] for name in "pq"])
    W_dec = np.stack([WEIGHTS[name] for name in "rsuv"])
    two_rows = ROWS[:2]  # −2 / 2 is exact in floating point
    loss, dW_enc, dW_dec = matrix_gradients(two_rows.T, W_enc, W_dec)
    expected = sum(squared_error(row) for row in two_rows) / 2
    assert same(loss, expected)
    assert same(dW_enc, derivative(expected, W_enc))
    assert same(dW_dec, derivative(expected, W_dec))


def test_tanh():
    a, weight, value = sp.symbols("a w x", real=True)
    assert sp.simplify(sp.diff(sp.tanh(a), a) - (1 - sp.tanh(a) ** 2)) == 0
    h = sp.tanh(weight * value)
    assert sp.simplify(sp.diff(h, weight) - (1 - h**2) * value) == 0


def test_hidden_bias():
    _, _, r, s, u, v = WEIGHTS.values()
    x, b = ROWS[0], symbols("b", 2)
    h = reconstruction(x)[0] + b
    e = x - np.array([r @ h, s @ h, u @ h, v @ h])
    (solution,) = from_lesson("hidden_bias_gradient_solution")
    assert same(solution(e, r, s, u, v), derivative(sum(e**2), b))
    assert check("02.bias", solution)


def test_tied_weights():
    W, x = symbols("w", 2, 4), ROWS[:2].T
    solution, _ = from_lesson("tied_gradient_solution", "matrix_gradients")
    loss = np.sum((x - W.T @ W @ x) ** 2) / 2
    assert same(solution(W, x), derivative(loss, W))
    assert check("02.tied", solution)


def test_curvature_of_the_one_number_network():
    p, r, mean_square = sp.symbols("p r lambda", positive=True)
    hessian = sp.hessian(mean_square * (1 - p * r) ** 2, (p, r)).subs(r, 1 / p)
    across = 2 * mean_square * (p**2 + 1 / p**2)
    assert sp.simplify(hessian.det()) == 0  # level along the valley
    assert sp.simplify(hessian.trace() - across) == 0
    assert sp.simplify(across - 4 * mean_square - 2 * mean_square * (p - 1 / p) ** 2) == 0
    printed = 2 * mean_square * sp.Matrix([[1 / p**2, 1], [1, p**2]])
    assert sp.simplify(hessian - printed) == sp.zeros(2)
