"""The formulas that lesson 12 prints and the functions that it writes out, by other means."""

import numpy as np
import pytest
import sympy as sp
from lesson_formulas import Lesson, zero
from scipy.special import softmax
from scipy.stats import norm

from helpers.datasets import load_digit_images, make_modes, ring_centers
from helpers.exercises import check
from helpers.figures import lesson_12 as figures
from helpers.metrics import mode_coverage
from helpers.models import DiffusionModel, diffusion
from helpers.models.pretrained import load_pretrained
from helpers.nn import Network, dense_layers

from_lesson = Lesson(12, softmax=softmax, ring_centers=ring_centers).functions

a, b, x, m, tau, p, r, a_s, a_t = sp.symbols("a b x m tau p r a_s a_t", positive=True)
e1, e2, x0, eps = sp.symbols("e1 e2 x0 eps", real=True)

# --------------------------------------------------------------------------- noise, and back


def test_two_steps_of_noise_are_one():
    a1, a2 = sp.symbols("a1 a2", positive=True)
    x2 = sp.expand(a2 * (a1 * x0 + sp.sqrt(1 - a1**2) * e1) + sp.sqrt(1 - a2**2) * e2)
    assert zero(x2.coeff(x0) - a1 * a2)
    assert zero(x2.coeff(e1) ** 2 + x2.coeff(e2) ** 2 - (1 - (a1 * a2) ** 2))
    product = 0.9 * 0.8 * 0.5
    assert check("12.levels", (product, np.sqrt(1 - product**2)))


def test_any_d_leaves_mean_and_variance_as_noise_up_to_s():
    b_s, d, z = sp.symbols("b_s d z", positive=True)
    x_s = a_s * x0 + sp.sqrt(b_s**2 - d**2) * eps + d * z
    assert zero(sp.diff(x_s, eps) ** 2 + sp.diff(x_s, z) ** 2 - b_s**2)


def test_the_ancestral_d_is_the_spread_of_the_posterior():
    b_s2, b_t2, r2 = 1 - a_s**2, 1 - a_t**2, (a_t / a_s) ** 2
    curvature = 1 / b_s2 + r2 / (1 - r2)
    assert zero(1 / curvature - b_s2 / b_t2 * (1 - r2))
    # And the mean: what stands before the old noise is its regression coefficient.
    old = sp.sqrt(b_s2 - b_s2 / b_t2 * (1 - r2))
    assert zero(old**2 - r2 * b_s2**2 / b_t2)


def test_the_step_back_as_printed():
    step_back, levels = from_lesson("step_back", "levels")
    rng = np.random.default_rng(0)
    x_t, guess = rng.normal(size=(2, 5, 3))
    for eta in (0, 0.4, 1):
        ours = step_back(x_t, guess, 0.7, 0.5, eta, np.random.default_rng(1))
        z = np.random.default_rng(1).standard_normal(x_t.shape)
        expected = diffusion.step_back(x_t, guess, 0.7, 0.5, eta=eta, z=z)
        np.testing.assert_allclose(ours, expected)
    t = np.linspace(0, 1, 11)
    np.testing.assert_allclose(levels(t), diffusion.signal_and_noise_level(t), atol=1e-15)


# ------------------------------------------------------------------------------ best guesses


@pytest.mark.parametrize("t", [0.2, 0.5, 0.9])
def test_two_points_by_bayes(t):
    guess, _ = from_lesson("two_points", "levels")
    level, noise = np.cos(np.pi / 2 * t), np.sin(np.pi / 2 * t)
    places = np.linspace(-2, 2, 9)
    for odds in (0.5, 0.7):
        up, down = (norm.pdf(places, s * level, noise) for s in (1, -1))
        mean = (odds * up - (1 - odds) * down) / (odds * up + (1 - odds) * down)
        ours = np.tanh(level * places / noise**2 + np.log(odds / (1 - odds)) / 2)
        np.testing.assert_allclose(ours, mean, atol=1e-12)
        if odds == 0.5:
            np.testing.assert_allclose(guess(places, t), mean, atol=1e-12)
    (solution,) = from_lesson("best_guess_solution")
    assert check("12.odds", solution)


def test_walks_with_the_exact_guess_end_on_the_data():
    two_points, walk_back, *_ = from_lesson("two_points", "walk_back", "step_back", "levels")
    start = np.random.default_rng(0).standard_normal((4000, 1))
    for eta in (0, 1):
        ends = walk_back(two_points, start, 50, eta, np.random.default_rng(1))[-1]
        assert np.abs(np.abs(ends) - 1).max() < 0.05
        assert abs(np.mean(ends > 0) - 0.5) < 0.03
        blur = walk_back(two_points, start, 1, eta, np.random.default_rng(1))[-1]
        assert np.abs(blur).max() < 1e-9


def test_the_regression_line_of_a_gaussian():
    ours = m + a * tau**2 / (a**2 * tau**2 + b**2) * (x - a * m)
    log_density = -((x - a * x0) ** 2) / (2 * b**2) - (x0 - m) ** 2 / (2 * tau**2)
    (best,) = sp.solve(sp.diff(log_density, x0), x0)  # of a Gaussian, the mode is the mean
    assert zero(best - ours)
    assert zero(ours.subs({m: 0, tau: 1, b: sp.sqrt(1 - a**2)}) - a * x)  # N(0, 1): F = 0


@pytest.mark.parametrize("t", [0.3, 0.5, 0.8])
def test_the_exact_guess_on_the_ring_by_brute_force(t):
    exact, _ = from_lesson("exact", "levels")
    level, noise = np.cos(np.pi / 2 * t), np.sin(np.pi / 2 * t)
    x_t = np.random.default_rng(0).normal(size=(6, 2))
    data = make_modes(400_000, random_state=5)
    compared = 0
    for row, guess in zip(x_t, exact(x_t, t)):
        weight = np.exp(-np.sum((row - level * data) ** 2, axis=1) / (2 * noise**2))
        if weight.sum() ** 2 > 3000 * np.sum(weight**2):  # enough data may have led there
            np.testing.assert_allclose(guess, weight @ data / weight.sum(), atol=0.04)
            compared += 1
    assert compared >= 3


# -------------------------------------------------------------------------------- the network


def test_target_guesses_and_loss():
    x_t, v, F = a * x0 + b * eps, a * eps - b * x0, sp.symbols("F")
    on_circle = {b: sp.sqrt(1 - a**2)}
    noise_hat, x0_hat = b * x_t + a * F, a * x_t - b * F
    assert zero((noise_hat.subs(F, v) - eps).subs(on_circle))
    assert zero((x0_hat.subs(F, v) - x0).subs(on_circle))
    assert zero((x0_hat - (x_t - b * noise_hat) / a).subs(on_circle))
    assert zero((noise_hat - eps - a * (F - v)).subs(on_circle))
    assert zero((x0_hat - x0 + b * (F - v)).subs(on_circle))
    both = (noise_hat - eps) ** 2 + (x0_hat - x0) ** 2
    assert zero((both - (F - v) ** 2).subs(on_circle))
    (solution,) = from_lesson("target_solution")
    assert check("12.target", solution)


def test_the_clocks_are_the_features_of_the_model():
    (clocks,) = from_lesson("clocks")
    t = np.array([0.0, 0.3, 1.0])
    np.testing.assert_allclose(clocks(t).T, diffusion.time_features(t, 8))
    assert DiffusionModel().n_frequencies == 8


def test_the_printed_gradient_against_differences_in_every_parameter():
    gradient_of, *_ = from_lesson("gradient_of", "clocks", "levels")
    rng = np.random.default_rng(0)
    F = Network(dense_layers([3 + 16, 5, 3], "silu"), random_state=0)
    x_0, noise, t = rng.normal(size=(3, 7)), rng.normal(size=(3, 7)), rng.random(7)
    gradient_of(F, x_0, t, noise)
    gradient, here = F.gradients.copy(), F.parameters.copy()
    for k in range(here.size):
        found = []
        for sign in (1, -1):
            F.parameters[:] = here
            F.parameters[k] += sign * 1e-6
            found.append(gradient_of(F, x_0, t, noise))
        assert gradient[k] == pytest.approx((found[0] - found[1]) / 2e-6, abs=1e-6)


def test_the_floor_of_data_whose_best_guess_is_known():
    X = np.random.default_rng(0).standard_normal((4000, 3))
    level = lambda t: np.cos(np.pi / 2 * t)  # noqa: E731
    # For N(0, I) the best guess is a x_t, F is 0, and v, of variance 1, cannot be known at all.
    assert figures.least_loss(lambda x, t: level(t) * x, X) == pytest.approx(3, rel=0.01)
    # A single point is known at once: the loss is 0.
    point = np.tile([[2.0, -1.0]], (50, 1))
    assert figures.least_loss(lambda x, t: point, point) == pytest.approx(0, abs=1e-12)


# ------------------------------------------------------------------------------------ figures


def test_beside_the_gans_of_lesson_05():
    found = mode_coverage(make_modes(2000, random_state=1), ring_centers(), noise=0.05)
    rows = figures.beside_gans(found)
    assert rows["diffusion, just now"] == (8, found.share_on_mode)
    assert rows["GAN, collapse"][0] == 1 and rows["GAN, R1 + R2"][0] == 8


def test_digits_of_the_recorded_gan():
    made = figures.digits_of_gan(load_pretrained("image_gans"), np.arange(10))
    assert made.shape == (10, 8, 8) and made.min() >= 0 and made.max() <= 1


def test_half_of_all_pixels_lie_at_the_edge():
    pixels = load_digit_images().images
    assert 0.5 < np.mean((pixels == 0) | (pixels == 1)) < 0.65


def test_pictures_cut_off_what_is_beyond_black_and_white():
    rows = np.array([[-3.0, -1, 0, 1], [0.5, 2, -0.5, 0]])
    expected = [[[0, 0], [0.5, 1]], [[0.75, 1], [0.25, 0.5]]]
    np.testing.assert_allclose(figures.pictures(rows), expected)


def test_figures_say_what_they_show():
    rng = np.random.default_rng(0)
    X, labels = rng.uniform(-1, 1, size=(40, 16)), np.arange(40) % 2
    digits = DiffusionModel((8,), max_iter=2, random_state=0).fit(X, labels)
    ring = make_modes(60, random_state=0)
    points = DiffusionModel((8,), max_iter=2, random_state=0).fit(ring)
    path = points.walk(rng.standard_normal((30, 2)), n_steps=8)
    walks = {(eta, n): rng.normal(size=(n + 1, 500, 1)) for eta in (0, 1) for n in (1, 4)}
    drawn = [
        figures.plot_digits({"t = 0": X[:10], "t = 1": X[:10]}, figures.NOISED),
        figures.plot_guesses(lambda x, t: np.tanh(x / t), (0.1, 0.5)),
        figures.plot_walks(walks),
        figures.plot_ring_training(points, lambda x, t: 0 * x, ring, 1.0),
        figures.plot_ring_walk(path, mode_coverage(path[-1], ring_centers(), noise=0.05)),
        figures.plot_digit_walk(digits, X[:5], labels[:5], numbers=(0, 3), n_times=3, n_steps=4),
    ]
    for described in drawn:
        assert len(described.alt) >= 20 and len(described._png()) < 80_000
