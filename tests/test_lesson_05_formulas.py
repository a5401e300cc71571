"""The formulas that lesson 05 prints and the functions that it writes out, against SymPy."""

import numpy as np
import pytest
import sympy as sp
from lesson_formulas import Lesson, zero
from scipy.special import expit

from helpers.exercises import check
from helpers.figures import lesson_05 as figures

from_lesson = Lesson(5, expit=expit).functions


def softplus(t):
    return sp.log(1 + sp.exp(t))


def sigmoid(t):
    return 1 / (1 + sp.exp(-t))


p, q, d, s = sp.symbols("p q d s", positive=True)
x, z, a, b, w0, w1, w2, t, gamma, eta = sp.symbols("x z a b w0 w1 w2 t gamma eta", real=True)
W = [w2, w1, w0]
LOGIT = w2 * x**2 + w1 * x + w0
NUMBERS = {x: 0.7, z: -1.1, a: 0.8, b: -0.5, w0: 0.2, w1: 0.7, w2: -0.4}


# ------------------------------------------------------------------ the best discriminator


def test_best_discriminator():
    value = p * sp.log(d) + q * sp.log(1 - d)
    assert sp.solve(sp.diff(value, d), d) == [p / (p + q)]
    assert zero(sp.diff(value, d, 2) + p / d**2 + q / (1 - d) ** 2)


def test_value_at_the_best_discriminator():
    best, m = p / (p + q), (p + q) / 2
    value = p * sp.log(best) + q * sp.log(1 - best)
    printed = -sp.log(2) * (p + q) + p * sp.log(p / m) + q * sp.log(q / m)
    assert zero(sp.expand_log(value - printed, force=True))


def test_accuracy_is_half_plus_half_the_total_variation():
    rng = np.random.default_rng(0)
    P, Q = rng.dirichlet(np.ones(6)), rng.dirichlet(np.ones(6))
    assert np.isclose(np.maximum(P, Q).sum() / 2, 0.5 + np.abs(P - Q).sum() / 4)


def test_two_boxes():
    """Exercise 1 by summing over a fine grid."""
    grid = (np.arange(3000) + 0.5) / 1000
    P, Q = np.where(grid < 2, 0.5, 0), np.where(grid > 1, 0.5, 0)
    accuracy = np.maximum(P, Q).sum() / 2000
    best = P / (P + Q)
    paid = np.where(P > 0, -P * np.log(np.maximum(best, 1e-300)), 0)
    paid += np.where(Q > 0, -Q * np.log(np.maximum(1 - best, 1e-300)), 0)
    assert check("05.uniforms", (accuracy, paid.sum() / 2000))


def test_smoothed_targets():
    value = p * ((1 - s) * sp.log(d) + s * sp.log(1 - d)) + q * sp.log(1 - d)
    (best,) = sp.solve(sp.diff(value, d), d)
    (solution,) = from_lesson("smoothed_solution")
    assert zero(best - solution(p, q, s))
    assert check("05.smoothing", solution)


# ------------------------------------------------------------------------ the two players


def test_losses_in_logits():
    assert zero(sp.diff(softplus(t), t) - sigmoid(t))
    assert zero(sp.exp(softplus(-t)) - 1 / sigmoid(t))  # s(−t) = −ln σ(t)
    assert zero(sp.exp(softplus(t)) - 1 / (1 - sigmoid(t)))


def test_lessons_softplus_is_softplus():
    (ours,) = from_lesson("softplus")
    logits = np.linspace(-20, 20, 41)
    assert np.allclose(ours(logits), np.log(1 + np.exp(logits)), rtol=1e-12)


def test_gradient_of_the_discriminator():
    ours, _ = from_lesson("discriminator_gradient", "logit")
    g = a * z + b
    loss = softplus(-LOGIT) + softplus(LOGIT.subs(x, g))
    expected = [float(sp.diff(loss, weight).subs(NUMBERS)) for weight in W]
    given = {name: np.array([value]) for name, value in NUMBERS.items()}
    made = NUMBERS[a] * given[z] + NUMBERS[b]
    weights = np.array([NUMBERS[weight] for weight in W])
    assert np.allclose(ours(given[x], made, weights), expected, rtol=1e-10)


@pytest.mark.parametrize("minimax", [True, False])
def test_gradient_of_the_generator(minimax):
    ours, _ = from_lesson("generator_gradient", "logit")
    logit = LOGIT.subs(x, a * z + b)
    loss = -softplus(logit) if minimax else softplus(-logit)
    expected = [float(sp.diff(loss, weight).subs(NUMBERS)) for weight in (a, b)]
    weights = np.array([NUMBERS[weight] for weight in W])
    ab = np.array([NUMBERS[a], NUMBERS[b]])
    found = ours(np.array([NUMBERS[z]]), ab, weights, minimax)
    assert np.allclose(found, expected, rtol=1e-10)
    assert not np.allclose(found, -np.array(expected), rtol=1e-3)


def test_gradient_of_least_squares():
    (solution, _) = from_lesson("least_squares_solution", "logit")
    logit = LOGIT.subs(x, a * z + b)
    loss = (logit - 1) ** 2 / 2
    expected = [float(sp.diff(loss, weight).subs(NUMBERS)) for weight in (a, b)]
    weights = np.array([NUMBERS[weight] for weight in W])
    found = solution(np.array([NUMBERS[z]]), NUMBERS[a], NUMBERS[b], weights)
    assert np.allclose(found, expected, rtol=1e-10)
    assert check("05.least_squares", solution)


# --------------------------------------------------------------------------- the Dirac-GAN


def test_a_round_of_the_dirac_gan_leads_outwards():
    theta, psi, slope = sp.symbols("theta psi sigma", real=True)
    after = (theta + eta * slope * psi) ** 2 + (psi - eta * slope * theta) ** 2
    assert zero(after - (1 + eta**2 * slope**2) * (theta**2 + psi**2))


def test_the_lessons_round_is_gradient_descent():
    (dirac,) = from_lesson("dirac")
    theta, psi = sp.symbols("theta psi", real=True)
    losses = -softplus(psi * theta), softplus(0) + softplus(psi * theta) + gamma * psi**2 / 2
    path = dirac(gamma=0.4, rate=0.3, n_rounds=3)
    for before, after in zip(path, path[1:]):
        at = {theta: before[0], psi: before[1], gamma: 0.4}
        slopes = [float(sp.diff(f, v).subs(at)) for f, v in zip(losses, (theta, psi))]
        assert np.allclose(after, before - 0.3 * np.array(slopes))


def test_eigenvalues_of_a_round():
    round_matrix = sp.Matrix([[1, eta / 2], [-eta / 2, 1 - eta * gamma]])
    root = sp.sqrt(gamma**2 - 1)
    printed = [1 - eta * gamma / 2 + sign * eta / 2 * root for sign in (1, -1)]
    assert all(zero((round_matrix - value * sp.eye(2)).det()) for value in printed)
    assert np.allclose(
        np.array(round_matrix.subs({eta: 0.3, gamma: 0.7}), dtype=float),
        figures.dirac_round(0.7, 0.3),
    )


def test_instance_noise_acts_as_r1():
    """E s(−ψε) + E s(ψ(θ + ε)), to second order in ψ at θ = 0, holds ψ²σ²/4 = ½γψ², γ = σ²/2."""
    psi, epsilon, sd = sp.symbols("psi epsilon sigma", positive=True)
    series = sp.series(softplus(psi * epsilon) + softplus(-psi * epsilon), psi, 0, 3).removeO()
    expected = sp.expand(series).subs(epsilon**2, sd**2).subs(epsilon, 0)  # E ε = 0, E ε² = σ²
    assert zero(expected - 2 * sp.log(2) - sd**2 / 4 * psi**2)


# --------------------------------------------------------------------------------------- R1


def test_r1_of_the_quadratic_logit():
    (solution,) = from_lesson("r1_solution")
    term = gamma / 2 * sp.diff(LOGIT, x) ** 2
    numbers = NUMBERS | {gamma: 0.5}
    expected = [float(sp.diff(term, weight).subs(numbers)) for weight in W]
    weights = np.array([NUMBERS[weight] for weight in W])
    assert np.allclose(solution(np.array([0.7]), weights, 0.5), expected, rtol=1e-10)
    assert check("05.r1", solution)


def test_r1_of_a_network():
    (r1_of_network,) = from_lesson("r1_of_network")
    rng = np.random.default_rng(0)
    hidden, bias, out = rng.normal(size=(4, 3)), rng.normal(size=(4, 1)), rng.normal(size=(4, 1))
    X = rng.normal(size=(3, 6))
    W_s = sp.Matrix(4, 3, sp.symbols("W:12"))
    v_s = sp.Matrix(4, 1, sp.symbols("v:4"))
    penalty = 0
    for column in X.T:
        slopes = np.where(hidden @ column + bias[:, 0] > 0, 1, sp.Rational(1, 5))
        g = W_s.T @ sp.Matrix([m * v for m, v in zip(slopes, v_s)])
        penalty += sp.Rational(7, 20) * sum(part**2 for part in g) / 6
    at = dict(zip(W_s, hidden.ravel())) | dict(zip(v_s, out.ravel()))
    value, dW, dv = r1_of_network(hidden, bias, out, X, gamma=0.7)
    assert np.isclose(value, float(penalty.subs(at)))
    expected = [float(sp.diff(penalty, weight).subs(at)) for weight in (*W_s, *v_s)]
    assert np.allclose(np.concatenate([dW.ravel(), dv]), expected, rtol=1e-9)


# --------------------------------------------------------------------- the recorded runs


def test_reading_recorded_runs(tmp_path):
    path = tmp_path / "runs.csv"
    path.write_text("setting,seed,modes_covered,share_on_mode\nplain,0,7,0.7000\nplain,1,3,0.5\n")
    runs = figures.load_ring_runs(path)
    assert runs["plain"].modes_covered.tolist() == [7, 3]
    assert runs["plain"].share_on_mode.tolist() == [0.7, 0.5]
    path.write_text("setting,seed,modes_covered,share_on_mode\nplain,0,7,\n")
    with pytest.raises(ValueError, match="missing"):
        figures.load_ring_runs(path)
    path.write_text("something,else\n")
    with pytest.raises(ValueError, match="first line"):
        figures.load_ring_runs(path)
    with pytest.raises(FileNotFoundError, match="make pretrained"):
        figures.load_ring_runs(tmp_path / "none.csv")
