"""The formulas that lesson 04 prints and the functions that it writes out, against SymPy."""

import numpy as np
import pytest
import sympy as sp
from lesson_formulas import Lesson, derivative, same, symbols

from helpers.exercises import check

from_lesson = Lesson(4).functions
SIZES = {"p": 4, "q": 4, "r": 2, "s": 2, "u": 2, "v": 2}


WEIGHTS = {name: symbols(name, size) for name, size in SIZES.items()}
LAM = sp.Symbol("lambda", positive=True)
X = symbols("x", 4)


# -------------------------------------------------------------------- the six penalties


@pytest.fixture(scope="module")
def penalised():
    return from_lesson("loss", "gradients")


@pytest.mark.parametrize("place", range(6), ids=list(SIZES))
def test_the_six_gradients(penalised, place):
    loss, gradients = penalised
    weights = list(WEIGHTS.values())
    slope = gradients(X, LAM, *weights)[place]
    assert same(slope, derivative(loss(X, LAM, *weights), weights[place]))


def test_a_forgotten_factor_2_is_noticed(penalised):
    loss, gradients = penalised
    weights = list(WEIGHTS.values())
    slope = gradients(X, LAM, *weights)[0] - LAM * weights[0]
    assert not same(slope, derivative(loss(X, LAM, *weights), weights[0]))


def test_what_l2_leaves_of_one_number():
    t, m, lam = sp.symbols("t m lambda", positive=True)
    p, r = sp.symbols("p r", real=True)
    assert sp.expand(p**2 + r**2 - ((p - r) ** 2 + 2 * p * r)) == 0
    slope = sp.diff(m * (1 - t) ** 2 + 2 * lam * t, t)
    assert sp.simplify(slope.subs(t, 1 - lam / m)) == 0
    # At p = r = √t both derivatives of the loss in p and r vanish, too, and the code has m − λ.
    loss = m * (1 - p * r) ** 2 + lam * (p**2 + r**2)
    root = sp.sqrt(1 - lam / m)
    for weight in (p, r):
        assert sp.simplify(sp.diff(loss, weight).subs({p: root, r: root})) == 0
    assert sp.simplify(root**2 * m - (m - lam)) == 0


def test_beyond_the_edge_nothing_is_left():
    m, lam = 0.5, 0.6
    t = np.linspace(0, 1, 101)
    assert np.argmin(m * (1 - t) ** 2 + 2 * lam * t) == 0


# ----------------------------------------------------------- penalty and noise on the codes


def test_noisy_gradients():
    (noisy_gradients,) = from_lesson("noisy_gradients")
    W_enc, W_dec = symbols("w", 2, 4), symbols("d", 4, 2)
    x, noise, kappa = symbols("x", 4, 2), symbols("z", 2, 2), sp.Symbol("kappa")
    h = W_enc @ x
    expected = (np.sum((x - W_dec @ (h + noise)) ** 2) + kappa * np.sum(h**2)) / 2
    loss, dW_enc, dW_dec = noisy_gradients(x, noise, kappa, W_enc, W_dec)
    assert same(loss, expected)
    assert same(dW_enc, derivative(expected, W_enc))
    assert same(dW_dec, derivative(expected, W_dec))


def test_where_penalty_and_noise_settle():
    m, s, kappa, p, r = sp.symbols("m s kappa p r", positive=True)
    loss = m * (1 - p * r) ** 2 + r**2 * s**2 + kappa * m * p**2
    t = 1 - s * sp.sqrt(kappa / m)
    at = {r: sp.sqrt(t * sp.sqrt(kappa * m) / s)}
    at[p] = t / at[r]
    for weight in (p, r):
        assert sp.simplify(sp.diff(loss, weight).subs(at)) == 0
    assert sp.simplify((at[p] ** 2 * m) - t * s * sp.sqrt(m / kappa)) == 0


def test_noise_is_a_penalty_on_the_decoder():
    x, p, r, s, eps = sp.symbols("x p r s epsilon", real=True)
    squared = sp.expand((x - r * (p * x + s * eps)) ** 2)
    # ε has mean 0 and mean square 1.
    mean = squared.coeff(eps, 0) + squared.coeff(eps, 2)
    assert sp.expand(mean - (x**2 * (1 - p * r) ** 2 + r**2 * s**2)) == 0


# -------------------------------------------------------------------------------- the KL

MU, VAR, TAU = sp.Symbol("mu", real=True), *sp.symbols("v tau", positive=True)


def kl_by_integral(prior_variance):
    h = sp.Symbol("h", real=True)

    def log_density(mean, variance):
        return -sp.log(2 * sp.pi * variance) / 2 - (h - mean) ** 2 / (2 * variance)

    q = sp.exp(-((h - MU) ** 2) / (2 * VAR)) / sp.sqrt(2 * sp.pi * VAR)
    difference = sp.expand(log_density(MU, VAR) - log_density(0, prior_variance))
    return sp.integrate(sp.expand(q * difference), (h, -sp.oo, sp.oo))


def test_kl_of_one_number():
    (kl,) = from_lesson("kl")
    printed = (MU**2 + VAR - 1 - sp.log(VAR)) / 2
    assert sp.simplify(kl_by_integral(1) - printed) == 0
    mean, log_variance = np.random.default_rng(0).normal(size=(2, 3, 5))
    by_formula = sp.lambdify((MU, VAR), printed)(mean, np.exp(log_variance)).sum(axis=0)
    assert np.allclose(kl(mean, log_variance), by_formula)


def test_kl_gradient():
    log_variance = sp.Symbol("l", real=True)
    printed = (MU**2 + sp.exp(log_variance) - 1 - log_variance) / 2
    assert sp.diff(printed, MU) == MU
    assert sp.simplify(sp.diff(printed, log_variance) - (sp.exp(log_variance) - 1) / 2) == 0
    (solution,) = from_lesson("kl_gradient_solution")
    assert check("04.kl_gradient", solution)


def test_kl_to_a_wide_prior():
    printed = ((MU**2 + VAR) / TAU**2 - 1 - sp.log(VAR / TAU**2)) / 2
    assert sp.simplify(kl_by_integral(TAU**2) - printed) == 0
    (solution,) = from_lesson("wide_kl_solution")
    assert check("04.wide_prior", solution)


def test_reparameterisation():
    log_variance, eps = sp.symbols("l epsilon", real=True)
    h = MU + sp.exp(log_variance / 2) * eps
    assert sp.diff(h, MU) == 1
    assert sp.simplify(sp.diff(h, log_variance) - sp.exp(log_variance / 2) * eps / 2) == 0


# ------------------------------------------------------------------------------- the VAE


def vae_case(n_rows=3, n_features=5, n_hidden=4, n_latent=2, seed=0):
    rng = np.random.default_rng(seed)
    sizes = ((n_hidden, n_features), (2 * n_latent, n_hidden))
    sizes += ((n_hidden, n_latent), (n_features, n_hidden))
    weights = [0.5 * rng.normal(size=s) for shape in sizes for s in (shape, (shape[0], 1))]
    return rng.normal(size=(n_features, n_rows)), rng.normal(size=(n_latent, n_rows)), weights


def vae_loss(x, noise, variance, beta, W1, b1, W2, b2, W3, b3, W4, b4):
    """The loss as the lesson prints it, written without its functions."""
    both = W2 @ np.tanh(W1 @ x + b1) + b2
    k = len(noise)
    mu, var = both[:k], np.exp(both[k:])
    x_hat = W4 @ np.tanh(W3 @ (mu + np.sqrt(var) * noise) + b3) + b4
    kl = 0.5 * (mu**2 + var - 1 - np.log(var)).sum(axis=0)
    return np.mean(((x - x_hat) ** 2).sum(axis=0) / (2 * variance) + beta * kl)


@pytest.mark.parametrize(("variance", "beta"), [(0.5, 1.0), (0.03, 4.0), (17.0, 0.0)])
def test_vae_gradients(variance, beta):
    _, vae_gradients = from_lesson("kl", "vae_gradients")
    x, noise, weights = vae_case()
    loss, slopes = vae_gradients(x, noise, variance, beta, *weights)
    assert np.isclose(loss, vae_loss(x, noise, variance, beta, *weights))
    for i, slope in enumerate(slopes):
        measured = np.zeros_like(slope)
        for place in np.ndindex(slope.shape):
            moved = []
            for step in (1e-5, -1e-5):
                changed = [w.copy() for w in weights]
                changed[i][place] += step
                moved.append(vae_loss(x, noise, variance, beta, *changed))
            measured[place] = (moved[0] - moved[1]) / 2e-5
        assert np.linalg.norm(slope - measured) < 1e-6 * np.linalg.norm(measured)


def test_one_number_vae():
    m, p, r, variance, out = sp.symbols("m p r v o", positive=True)
    loss = (m * (1 - p * r) ** 2 + r**2 * variance) / (2 * out)
    loss += (p**2 * m + variance - 1 - sp.log(variance)) / 2
    at = {variance: out / m, p: sp.sqrt(m - out) / m, r: sp.sqrt(m - out)}
    for number in (variance, p, r):
        assert sp.simplify(sp.diff(loss, number).subs(at)) == 0
    assert sp.simplify((p * r).subs(at) - (1 - out / m)) == 0  # as much as L2 with λ = σₓ²
    assert sp.simplify((p**2 * m + variance).subs(at) - 1) == 0  # variance of the codes
    assert sp.simplify((r**2 + out).subs(at) - m) == 0  # variance of samples


def test_constant_variances_make_the_noisy_autoencoder():
    error, square, s2, out = sp.symbols("error square s2 o", positive=True)
    vae = error / (2 * out) + (square + s2 - 1 - sp.log(s2)) / 2  # one number, σ² = s2 fixed
    rest = sp.expand(2 * out * vae - (error + out * square))
    assert sp.diff(rest, error) == 0 and sp.diff(rest, square) == 0


def test_best_decoder_variance():
    error, d, out = sp.symbols("E d o", positive=True)
    loss = error / (2 * out) + d * sp.log(2 * sp.pi * out) / 2
    assert sp.solve(sp.diff(loss, out), out) == [error / d]


def test_the_colleagues_mistake():
    colleague_loss, kl = from_lesson("colleague_loss", "kl")
    rng = np.random.default_rng(0)
    x, x_hat = rng.normal(size=(2, 34, 6))
    laws = rng.normal(size=(2, 8, 6))
    error, divergence = np.sum((x - x_hat) ** 2) / 6, kl(*laws).mean()
    loss = colleague_loss(x, x_hat, *laws)
    assert np.isclose(34 * loss, error + 34 * divergence)  # β = 34
    assert np.isclose(loss, error / (2 * 17) + divergence)  # σₓ² = 17
    assert check("04.effective_beta", 34) and check("04.shrink", 1 - 0.1 / 0.5)
