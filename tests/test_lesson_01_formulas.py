"""The formulas that lesson 01 prints and the functions that it writes out, against SymPy."""

import numpy as np
import pytest
import sympy as sp
from lesson_formulas import Lesson

from helpers.exercises import check

from_lesson = Lesson(1).functions
MEAN, V = sp.Symbol("mu", real=True), sp.Symbol("v", positive=True)
NUMBERS = sp.symbols("x1:5", real=True)


def log_density(x, mean=MEAN, v=V):
    return -sp.log(2 * sp.pi * v) / 2 - (x - mean) ** 2 / (2 * v)


def quadratic_form(vector, matrix):
    return sp.expand((vector.T * matrix * vector)[0])


# ------------------------------------------------------------------- maximum likelihood


def test_the_boxes_of_the_gaussian():
    likelihood = sum(log_density(x) for x in NUMBERS)
    mean = sum(NUMBERS) / len(NUMBERS)
    variance = sum((x - mean) ** 2 for x in NUMBERS) / len(NUMBERS)
    assert sp.simplify(sp.diff(likelihood, MEAN).subs(MEAN, mean)) == 0
    assert sp.simplify(sp.diff(likelihood, V).subs(MEAN, mean).subs(V, variance)) == 0
    unbiased = variance * len(NUMBERS) / (len(NUMBERS) - 1)
    assert sp.simplify(sp.diff(likelihood, V).subs(MEAN, mean).subs(V, unbiased)) != 0


def test_the_lessons_slopes():
    x = np.array([0.3, -1.2, 2.5, 0.7])
    (slopes,) = from_lesson("slopes", x=x, compare=lambda name: None)
    likelihood = sum(log_density(value) for value in x)
    at = {MEAN: 0.4, V: 1.7}
    expected = [float(sp.diff(likelihood, p).subs(at)) for p in (MEAN, V)]
    np.testing.assert_allclose(slopes(0.4, 1.7), expected)


def test_counting_is_maximum_likelihood():
    k, n, share = sp.symbols("k n pi", positive=True)
    slope = sp.diff(k * sp.log(share) + (n - k) * sp.log(1 - share), share)
    assert sp.solve(slope, share) == [k / n]


def test_a_shared_variance():
    (solution,) = from_lesson("shared_variance_solution")
    x, y = np.array([1.0, 2.0, 6.0, -1.0, 0.5]), np.array([1, 1, 1, -1, -1])
    means = {1: 3.0, -1: -0.25}
    likelihood = sum(log_density(value, means[label]) for value, label in zip(x, y))
    (best,) = sp.solve(sp.diff(likelihood, V), V)
    assert solution(x, y) == pytest.approx(float(best))
    assert check("01.pooled", solution)


# ------------------------------------------------------------------------- the log-odds


def symmetric(name):
    a, b, c = sp.symbols(f"{name}1:4", real=True)
    return sp.Matrix([[a, b], [b, c]])


def test_log_odds_of_two_gaussians():
    """Written with the precisions P = Σ₊⁻¹ and M = Σ₋⁻¹; equal ones leave no square."""
    x, mean_plus, mean_minus = (sp.Matrix(sp.symbols(f"{n}1:3", real=True)) for n in "xmn")
    P, M = symmetric("p"), symmetric("q")
    difference = -quadratic_form(x - mean_plus, P) / 2 + quadratic_form(x - mean_minus, M) / 2
    A, w = (M - P) / 2, P * mean_plus - M * mean_minus
    b = -quadratic_form(mean_plus, P) / 2 + quadratic_form(mean_minus, M) / 2
    printed = quadratic_form(x, A) + (w.T * x)[0] + b
    assert sp.expand(difference - printed) == 0
    linear = sp.expand(difference.subs(dict(zip(M, P))))
    assert all(sp.diff(linear, one, other) == 0 for one in x for other in x)
    assert sp.expand(linear - ((mean_plus - mean_minus).T * P * x)[0]).free_symbols.isdisjoint(x)


def test_bayes_rule_is_the_logistic_function_of_the_log_odds():
    plus, minus = sp.symbols("a b", positive=True)
    posterior = 1 / (1 + sp.exp(-sp.log(plus / minus)))
    assert sp.simplify(posterior - plus / (plus + minus)) == 0


# ------------------------------------------------------------------- logistic regression


def test_the_printed_gradient():
    z = sp.Symbol("z", real=True)
    sigmoid = 1 / (1 + sp.exp(-z))
    assert sp.simplify(sp.diff(sp.log(1 + sp.exp(-z)), z) + sigmoid.subs(z, -z)) == 0
    assert sp.simplify(sp.diff(sigmoid, z) - sigmoid * (1 - sigmoid)) == 0
    assert sp.simplify(1 - sigmoid - sigmoid.subs(z, -z)) == 0


def test_both_conventions_have_one_gradient():
    gradient, other, _ = from_lesson(
        "logistic_gradient", "gradient_for_0_and_1_solution", "sigmoid"
    )
    rng = np.random.default_rng(0)
    X, w, b = rng.normal(size=(7, 3)), rng.normal(size=3), 0.4
    y = rng.choice([-1, 1], size=7)
    ours = gradient(np.append(w, b), X, y)
    np.testing.assert_allclose(other(X, (y + 1) // 2, w, b), ours[:-1])
    assert check("01.other_labels", other)


def test_a_missing_column_integrates_to_one():
    x = sp.Symbol("x", real=True)
    density = sp.exp(log_density(x))
    assert sp.simplify(sp.integrate(density, (x, -sp.oo, sp.oo))) == 1
    solution, _ = from_lesson("log_joint_with_gaps_solution", "gaussian_log_density")
    assert check("01.gaps", solution)


def test_a_spike_lifts_the_log_odds_without_limit():
    lift = log_density(MEAN)
    assert sp.expand_log(lift - (-sp.log(V) / 2 - sp.log(2 * sp.pi) / 2), force=True) == 0
    assert sp.limit(lift, V, 0, "+") == sp.oo
