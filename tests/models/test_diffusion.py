"""The diffusion model: noise in, noise out, and samplers against cases with a known answer."""

from __future__ import annotations

import copy
import pickle

import numpy as np
import pytest
from gradient_checks import assert_close, central_differences
from hypothesis import given
from hypothesis import strategies as st
from scipy.linalg import sqrtm
from sklearn.exceptions import NotFittedError
from sklearn.utils.estimator_checks import parametrize_with_checks

from helpers.datasets import make_modes, ring_centers
from helpers.metrics import mode_coverage
from helpers.models import DiffusionModel
from helpers.models.diffusion import (
    SCHEDULES,
    signal_and_noise_level,
    step_back,
    time_features,
    walk_back,
)
from helpers.models.pretrained import load_estimators, save_estimators

X = np.random.default_rng(0).uniform(-1, 1, size=(33, 5))
Y = np.random.default_rng(1).choice(["cat", "dog", "owl"], size=33)

MEAN = np.array([0.5, -1.0, 0.2])
COVARIANCE = np.array([[0.8, 0.5, 0.0], [0.5, 0.6, -0.1], [0.0, -0.1, 0.05]])


def quick(**parameters) -> DiffusionModel:
    settings = {"hidden_layer_sizes": (12, 7), "max_iter": 4, "batch_size": 16, "random_state": 0}
    return DiffusionModel(**settings | parameters)


def gaussian_denoiser(mean, covariance, schedule="cosine"):
    """E[x_0 | x_t] for data that are N(mean, covariance): it is linear in x_t."""
    mean, covariance = np.asarray(mean, float), np.asarray(covariance, float)

    def denoise(x_t, t):
        a, b = signal_and_noise_level(t, schedule)
        of_x_t = a**2 * covariance + b**2 * np.eye(len(mean))
        return mean + (x_t - a * mean) @ np.linalg.solve(of_x_t, a * covariance)

    return denoise


def modes_denoiser(centers, deviation):
    """E[x_0 | x_t] for round Gaussians of equal weight."""

    def denoise(x_t, t):
        a, b = signal_and_noise_level(t)
        variance = (a * deviation) ** 2 + b**2
        away = x_t[:, None, :] - a * centers
        logits = -(away**2).sum(axis=2) / (2 * variance)
        shares = np.exp(logits - logits.max(axis=1, keepdims=True))
        shares /= shares.sum(axis=1, keepdims=True)
        towards = centers + a * deviation**2 / variance * away
        return (shares[:, :, None] * towards).sum(axis=1)

    return denoise


class TestSchedules:
    @given(st.floats(0, 1))
    def test_variance_is_kept(self, t):
        for schedule in SCHEDULES:
            a, b = signal_and_noise_level(t, schedule)
            assert a**2 + b**2 == pytest.approx(1, abs=1e-14)

    @pytest.mark.parametrize("schedule", SCHEDULES)
    def test_from_signal_to_noise(self, schedule):
        a, b = signal_and_noise_level(np.linspace(0, 1, 101), schedule)
        assert (a[0], b[0]) == (1, 0)
        assert np.all(np.diff(a) < 0) and np.all(np.diff(b) > 0)
        assert a[-1] < 0.01

    def test_cosine_is_a_quarter_turn(self):
        a, b = signal_and_noise_level([1 / 3, 0.5, 1.0])
        np.testing.assert_allclose(a, [np.sqrt(3) / 2, np.sqrt(0.5), 0], atol=1e-15)
        np.testing.assert_allclose(b, [0.5, np.sqrt(0.5), 1], atol=1e-15)

    def test_linear_is_that_of_ho_et_al(self):
        """Their thousand steps, β from 1e-4 to .02, come to the same levels."""
        betas = np.linspace(1e-4, 0.02, 1000)
        theirs = np.sqrt(np.cumprod(1 - betas))
        ours, _ = signal_and_noise_level(np.arange(1, 1001) / 1000, "linear")
        np.testing.assert_allclose(ours, theirs, atol=2e-3)

    def test_time_features(self):
        features = time_features([0.0, 0.25, 1.0], 2)
        half = np.sqrt(0.5)
        expected = [[1, 1, 0, 0], [half, 0, half, 1], [-1, 1, 0, 0]]
        np.testing.assert_allclose(features, expected, atol=1e-15)
        assert time_features([0.1, 0.2], 0).shape == (2, 0)


class TestOneStepBack:
    rng = np.random.default_rng(2)
    x_0, noise, z = rng.normal(size=(3, 4, 5))

    @pytest.mark.parametrize("schedule", SCHEDULES)
    @pytest.mark.parametrize(("t", "s"), [(0.9, 0.6), (0.31, 0.3), (0.2, 0.0)])
    def test_ancestral_is_the_posterior_of_ho_et_al(self, t, s, schedule):
        """Their equations 6 and 7, in their letters."""
        (alpha_bar, alpha_bar_before) = signal_and_noise_level([t, s], schedule)[0] ** 2
        alpha = alpha_bar / alpha_bar_before
        beta = 1 - alpha
        x_t = np.sqrt(alpha_bar) * self.x_0 + np.sqrt(1 - alpha_bar) * self.noise
        mean = np.sqrt(alpha_bar_before) * beta / (1 - alpha_bar) * self.x_0
        mean += np.sqrt(alpha) * (1 - alpha_bar_before) / (1 - alpha_bar) * x_t
        variance = (1 - alpha_bar_before) / (1 - alpha_bar) * beta
        x_s = step_back(x_t, self.x_0, t, s, z=self.z, schedule=schedule)
        np.testing.assert_allclose(x_s, mean + np.sqrt(variance) * self.z, atol=1e-12)

    def test_without_fresh_noise_the_noise_stays_the_same(self):
        (a_t, a_s), (b_t, b_s) = signal_and_noise_level([0.7, 0.2])
        x_t = a_t * self.x_0 + b_t * self.noise
        x_s = step_back(x_t, self.x_0, 0.7, 0.2, eta=0)
        np.testing.assert_allclose(x_s, a_s * self.x_0 + b_s * self.noise, atol=1e-12)

    @given(st.floats(0.05, 1), st.floats(0, 0.95), st.floats(0, 1))
    def test_the_law_on_the_way_does_not_depend_on_eta(self, t, share, eta):
        """With the true x_0, x_s has mean a_s x_0 and variance b_s²."""
        s = t * share
        (a_t, a_s), (b_t, b_s) = signal_and_noise_level([t, s])
        zero, one = np.zeros((1, 1)), np.ones((1, 1))
        of_noise = step_back(b_t * one, zero, t, s, eta=eta, z=zero)
        of_z = step_back(zero, zero, t, s, eta=eta, z=one) if eta > 0 else zero
        of_x_0 = step_back(a_t * one, one, t, s, eta=eta, z=zero)
        assert (of_noise**2 + of_z**2).item() == pytest.approx(b_s**2, abs=1e-12)
        assert of_x_0.item() == pytest.approx(a_s, abs=1e-12)

    def test_the_last_step_is_the_estimate(self):
        x_t = np.full((4, 5), 7.0)
        x_s = step_back(x_t, self.x_0, 0.3, 0.0, z=self.z)
        np.testing.assert_allclose(x_s, self.x_0, atol=1e-12)

    def test_back_is_not_forth(self):
        with pytest.raises(ValueError, match="s must be an earlier time than t; got s = 0.5"):
            step_back(self.x_0, self.x_0, 0.5, 0.5, z=self.z)


class TestExactWalks:
    """With the exact E[x_0 | x_t] of a Gaussian, a walk is linear, and its limit is known."""

    @pytest.mark.parametrize("schedule", SCHEDULES)
    def test_deterministic_walk_of_a_gaussian(self, schedule):
        """It takes z to mean + Σ^½ z: read off the map at 0 and at the unit vectors."""
        denoise = gaussian_denoiser(MEAN, COVARIANCE, schedule)
        start = np.vstack([np.zeros(3), np.eye(3)])
        walked = [
            walk_back(denoise, start, n_steps=n, eta=0, schedule=schedule)[-1] for n in (400, 800)
        ]
        mean, root = walked[1][0], walked[1][1:] - walked[1][0]
        np.testing.assert_allclose(mean, MEAN, atol=0.01)
        np.testing.assert_allclose(root, sqrtm(COVARIANCE).real, atol=0.01)
        # The error is of first order in the length of a step: half the length, half the error.
        exact = np.vstack([MEAN, MEAN + sqrtm(COVARIANCE).real])
        if schedule == "cosine":  # the linear one starts from a signal that is not quite 0
            errors = [np.abs(found - exact).max() for found in walked]
            assert errors[1] == pytest.approx(errors[0] / 2, rel=0.1)
            assert errors[1] < 0.003

    @pytest.mark.parametrize("eta", [0.0, 0.5, 1.0])
    def test_samples_of_a_gaussian(self, eta):
        denoise = gaussian_denoiser(MEAN, COVARIANCE)
        noise = np.random.default_rng(0).standard_normal((20_000, 3))
        samples = walk_back(denoise, noise, n_steps=200, eta=eta, random_state=1)[-1]
        np.testing.assert_allclose(samples.mean(axis=0), MEAN, atol=0.025)
        np.testing.assert_allclose(np.cov(samples.T), COVARIANCE, atol=0.03)

    @pytest.mark.parametrize("eta", [0.0, 1.0])
    @pytest.mark.parametrize("n_steps", [3, 10])
    def test_covariance_after_few_steps(self, eta, n_steps):
        """In one dimension the variance can be followed step by step."""
        variance, deviation = 1.0, 0.3
        times = np.linspace(1, 0, n_steps + 1)
        for t, s in zip(times, times[1:]):
            a_t, b_t, a_s, b_s = (
                np.cos(t * np.pi / 2),
                np.sin(t * np.pi / 2),
                np.cos(s * np.pi / 2),
                np.sin(s * np.pi / 2),
            )
            slope = a_t * deviation**2 / (a_t**2 * deviation**2 + b_t**2)
            fresh = eta**2 * b_s**2 / b_t**2 * (1 - a_t**2 / a_s**2)
            factor = a_s * slope + np.sqrt(max(b_s**2 - fresh, 0)) * (1 - a_t * slope) / b_t
            variance = factor**2 * variance + fresh
        noise = np.random.default_rng(0).standard_normal((40_000, 1))
        denoise = gaussian_denoiser([0.0], [[deviation**2]])
        samples = walk_back(denoise, noise, n_steps=n_steps, eta=eta, random_state=1)[-1]
        assert samples.var() == pytest.approx(variance, rel=0.03)
        # The estimate knows nothing of what is left open: few steps give too little variety.
        assert variance < 0.95 * deviation**2

    @pytest.mark.parametrize("eta", [0.0, 1.0])
    def test_samples_of_eight_modes(self, eta):
        """The mean of them all is at the centre; in a hundred steps each walk finds a mode."""
        denoise = modes_denoiser(ring_centers(), 0.05)
        noise = np.random.default_rng(0).standard_normal((4000, 2))
        path = walk_back(denoise, noise, n_steps=100, eta=eta, random_state=1)
        assert path.shape == (101, 4000, 2)
        found = mode_coverage(path[-1], ring_centers(), 0.05)
        assert found.n_covered == 8
        assert found.share_on_mode > 0.97
        nearest = ((path[-1][:, None] - ring_centers()) ** 2).sum(axis=2).argmin(axis=1)
        np.testing.assert_allclose(np.bincount(nearest) / 4000, 1 / 8, atol=0.02)
        at_once = walk_back(denoise, noise, n_steps=1, eta=eta, random_state=1)[-1]
        np.testing.assert_allclose(at_once, 0, atol=1e-12)

    def test_from_half_way(self):
        """Noised samples walk back to near where they came from: nearer, the less the noise."""
        rng = np.random.default_rng(0)
        x_0 = rng.multivariate_normal(MEAN, COVARIANCE, size=500)
        denoise, distances = gaussian_denoiser(MEAN, COVARIANCE), []
        for t in (0.1, 0.5, 0.9):
            a, b = signal_and_noise_level(t)
            x_t = a * x_0 + b * rng.standard_normal(x_0.shape)
            back = walk_back(denoise, x_t, t_start=t, n_steps=50, random_state=0)[-1]
            distances.append(np.abs(back - x_0).mean())
        assert distances[0] < 0.5 * distances[1] < 0.5 * distances[2]


class TestGradient:
    @pytest.mark.parametrize("y", [None, Y], ids=["plain", "labels"])
    @pytest.mark.parametrize("schedule", SCHEDULES)
    @pytest.mark.parametrize("activation", ["tanh", "silu", "leaky_relu"])
    def test_against_central_differences(self, y, schedule, activation):
        model = quick(activation=activation, schedule=schedule, dtype="float64")
        columns = model._start(X, y)
        rng = np.random.default_rng(3)
        parameters = model.network_.parameters
        parameters += 0.1 * rng.normal(size=parameters.size)
        x_0, labels = columns[:5], columns[5:]
        assert len(labels) == (0 if y is None else 3)
        t, noise = rng.random(33), rng.normal(size=(5, 33))
        model._gradient(x_0, labels, t, noise)
        gradient = model.network_.gradients.copy()
        expected = central_differences(lambda: model._gradient(x_0, labels, t, noise), parameters)
        assert_close(gradient, expected)

    @pytest.mark.parametrize("y", [None, Y], ids=["plain", "labels"])
    def test_loss_is_the_error_of_noise_and_sample(self, y):
        model = quick(dtype="float64", weight_averaging=0).fit(X, y)
        columns = model._take_in(X, y, reset=False)
        rng = np.random.default_rng(3)
        t, noise = rng.random(33), rng.normal(size=(33, 5))
        loss = model._gradient(columns[:5], columns[5:], t, noise.T)
        a, b = np.cos(np.pi * t / 2)[:, None], np.sin(np.pi * t / 2)[:, None]
        X_t = a * X + b * noise
        of_noise = noise - model.predict_noise(X_t, t, y)
        of_sample = X - model.denoise(X_t, t, y)
        expected = np.mean(np.sum(of_noise**2 + of_sample**2, axis=1))
        assert loss == pytest.approx(expected, rel=1e-12)

    def test_times_are_spread_evenly(self, monkeypatch):
        drawn = []

        def noted(self, x_0, labels, t, noise):
            drawn.append(t)
            return gradient(self, x_0, labels, t, noise)

        gradient = DiffusionModel._gradient
        monkeypatch.setattr(DiffusionModel, "_gradient", noted)
        quick().fit(X)
        for t in drawn:
            n = len(t)
            assert t[0] < 1 / n
            np.testing.assert_allclose(np.diff(t), 1 / n)
        assert len({t[0] for t in drawn}) == len(drawn)


class TestTrainedOnAGaussian:
    @pytest.fixture(scope="class")
    @staticmethod
    def data():
        return np.random.default_rng(0).multivariate_normal(MEAN, COVARIANCE, size=2000)

    @pytest.fixture(scope="class")
    @staticmethod
    def model(data):
        return DiffusionModel((32, 32), max_iter=60, random_state=0).fit(data)

    @staticmethod
    def smallest_loss():
        """What cannot be known: the variances of ε and of x_0 given x_t, in the mean over times."""
        t = (np.arange(1000) + 0.5) / 1000
        a, b = np.cos(np.pi * t / 2), np.sin(np.pi * t / 2)
        variances = np.linalg.eigvalsh(COVARIANCE)[:, None]
        of_noise = a**2 * variances / (a**2 * variances + b**2)
        of_sample = b**2 * variances / (a**2 * variances + b**2)
        return (of_noise + of_sample).sum(axis=0).mean()

    def test_nothing_is_left_that_could_be_known(self, model, data):
        floor = self.smallest_loss()
        assert -model.score(np.tile(data, (5, 1))) == pytest.approx(floor, rel=0.04)

    @pytest.mark.parametrize("t", [0.1, 0.5, 0.9, 1.0])
    def test_estimates_are_conditional_means(self, model, data, t):
        exact = gaussian_denoiser(MEAN, COVARIANCE)
        X_t, _ = model.add_noise(data, t, random_state=1)
        difference = model.denoise(X_t, t) - exact(X_t, t)
        assert np.sqrt((difference**2).mean()) < 0.15

    @pytest.mark.parametrize("eta", [0.0, 1.0])
    def test_samples(self, model, eta):
        samples = model.sample(5000, random_state=1, eta=eta)
        np.testing.assert_allclose(samples.mean(axis=0), MEAN, atol=0.12)
        np.testing.assert_allclose(np.cov(samples.T), COVARIANCE, atol=0.12)

    def test_a_network_of_zeros_is_right_about_standard_normal_data(self):
        data = np.random.default_rng(0).standard_normal((50, 5))
        model = quick().fit(data)
        model.averaged_network_.parameters[:] = 0
        X_t = np.random.default_rng(1).standard_normal((20, 5))
        a, b = signal_and_noise_level(0.3)
        np.testing.assert_allclose(model.predict_noise(X_t, 0.3), b * X_t)
        np.testing.assert_allclose(model.denoise(X_t, 0.3), a * X_t)


class TestWhatTheNetworkDoes:
    @pytest.mark.parametrize("schedule", SCHEDULES)
    def test_noise_and_estimate_belong_together(self, schedule):
        model = quick(schedule=schedule).fit(X)
        t = np.linspace(0.05, 0.95, 33)
        X_t, noise = model.add_noise(X, t, random_state=3)
        a, b = (level[:, None] for level in signal_and_noise_level(t, schedule))
        np.testing.assert_allclose(X_t, a * X + b * noise)
        noise_hat, X_hat = model.predict_noise(X_t, t), model.denoise(X_t, t)
        np.testing.assert_allclose(a * X_hat + b * noise_hat, X_t)

    def test_at_the_two_ends(self):
        model = quick().fit(X)
        np.testing.assert_array_equal(model.add_noise(X, 0.0)[0], X)
        np.testing.assert_allclose(model.denoise(X, 0.0), X)
        X_1, noise = model.add_noise(X, 1.0)
        np.testing.assert_array_equal(X_1, noise)
        np.testing.assert_allclose(model.predict_noise(X_1, 1.0), noise)
        assert np.isfinite(model.denoise(X_1, 1.0)).all()

    def test_one_time_for_each_row(self):
        model = quick().fit(X)
        t = np.linspace(0, 1, 33)
        together = model.denoise(X, t)
        apart = [model.denoise(X[i : i + 1], t[i])[0] for i in range(33)]
        np.testing.assert_allclose(together, apart, atol=1e-12)

    def test_a_network_that_is_not_told_the_time(self):
        told, untold = quick().fit(X), quick(n_frequencies=0).fit(X)

        def F(model, t):
            a, b = signal_and_noise_level(t)
            return (a * X - model.denoise(X, t)) / b

        assert untold.network_.layers[0].n_in == 5
        np.testing.assert_allclose(F(untold, 0.2), F(untold, 0.8), atol=1e-12)
        assert np.abs(F(told, 0.2) - F(told, 0.8)).max() > 0.01

    def test_labels_matter(self):
        model = quick(max_iter=20).fit(X, Y)
        assert model.classes_.tolist() == ["cat", "dog", "owl"]
        np.testing.assert_allclose(model.class_prior_, [np.mean(c == Y) for c in model.classes_])
        assert model.network_.layers[0].n_in == 5 + 2 * model.n_frequencies + 3
        assert np.abs(model.denoise(X, 0.5, "cat") - model.denoise(X, 0.5, "owl")).max() > 0.01
        one_by_one = [model.denoise(X[i : i + 1], 0.5, Y[i])[0] for i in range(33)]
        np.testing.assert_allclose(model.denoise(X, 0.5, Y), one_by_one, atol=1e-12)

    def test_labels_decide_where_samples_go(self):
        data = np.random.default_rng(0).normal(scale=0.3, size=(600, 2))
        y = np.arange(600) % 2
        data[y == 1] += 2
        model = DiffusionModel((32,), max_iter=40, random_state=0).fit(data, y)
        means = [model.sample(300, label, random_state=0).mean(axis=0) for label in (0, 1)]
        np.testing.assert_allclose(means, [[0, 0], [2, 2]], atol=0.25)
        mixed = model.sample(400, random_state=0)
        assert 0.4 < (mixed[:, 0] > 1).mean() < 0.6

    def test_score_is_minus_the_loss(self):
        model = quick().fit(X)
        assert model.score(X) == model.score(X)
        many = np.tile(X, (200, 1))
        rng = np.random.default_rng(5)
        t = rng.random(len(many))
        X_t, noise = model.add_noise(many, t, rng)
        error = (noise - model.predict_noise(X_t, t)) ** 2 + (many - model.denoise(X_t, t)) ** 2
        error = error.sum(axis=1)
        assert -model.score(many) == pytest.approx(error.mean(), abs=0.1)


class TestWalks:
    @pytest.mark.parametrize("eta", [0.0, 0.4, 1.0])
    def test_the_end_of_a_walk_is_the_sample(self, eta):
        model = quick().fit(X)
        rng = np.random.default_rng(7)
        path = model.walk(rng.standard_normal((6, 5)), n_steps=9, eta=eta, random_state=rng)
        assert path.shape == (10, 6, 5)
        sample = model.sample(6, random_state=7, n_steps=9, eta=eta)
        np.testing.assert_array_equal(path[-1], sample)

    def test_it_is_the_walk_of_its_estimates(self):
        model = quick(schedule="linear").fit(X)
        settings = {"t_start": 0.7, "n_steps": 6, "random_state": 3}
        path = model.walk(X, **settings)
        expected = walk_back(model.denoise, X, schedule="linear", **settings)
        np.testing.assert_allclose(path, expected, atol=1e-12)
        np.testing.assert_array_equal(path[0], X)

    def test_only_a_walk_with_fresh_noise_depends_on_the_seed(self):
        model = quick().fit(X)
        first, second = (model.walk(X, eta=0, n_steps=5, random_state=seed) for seed in (1, 2))
        np.testing.assert_array_equal(first, second)
        first, second = (model.walk(X, n_steps=5, random_state=seed) for seed in (1, 2))
        assert (first[1:-1] != second[1:-1]).all()

    def test_labels_of_a_walk(self):
        model = quick().fit(X, Y)
        path = model.walk(X, Y, n_steps=5, random_state=0)
        expected = walk_back(lambda x, t: model.denoise(x, t, Y), X, n_steps=5, random_state=0)
        np.testing.assert_allclose(path, expected, atol=1e-12)
        with pytest.raises(ValueError, match="y is needed, each of"):
            model.walk(X)

    def test_shapes_and_random_state(self):
        model = quick().fit(X)
        first, second, other = (model.sample(7, random_state=s, n_steps=4) for s in (1, 1, 2))
        assert first.shape == (7, 5)
        np.testing.assert_array_equal(first, second)
        assert (first != other).all()
        assert model.sample().shape == (1, 5)

    def test_drawn_labels_follow_the_prior(self, monkeypatch):
        model = quick().fit(X, Y)
        seen = []
        look = model._label_rows
        monkeypatch.setattr(model, "_label_rows", lambda y, n: seen.append(y) or look(y, n))
        model.sample(3000, random_state=0, n_steps=1)
        shares = [np.mean(seen[0] == label) for label in model.classes_]
        np.testing.assert_allclose(shares, model.class_prior_, atol=0.03)


class TestTraining:
    @pytest.mark.parametrize("dtype", ["float32", "float64"])
    def test_same_seed_same_result(self, dtype):
        first, second, other = (quick(dtype=dtype, random_state=s).fit(X, Y) for s in (3, 3, 4))
        np.testing.assert_array_equal(first.network_.parameters, second.network_.parameters)
        assert (first.denoise(X, 0.5, Y) != other.denoise(X, 0.5, Y)).any()

    @pytest.mark.parametrize("y", [None, Y], ids=["plain", "labels"])
    def test_repeated_partial_fit_is_fit(self, y):
        whole, parts = quick(max_iter=6).fit(X, y), quick(max_iter=6)
        for _ in range(6):
            parts.partial_fit(X, y)
        for network in ("network_", "averaged_network_"):
            np.testing.assert_array_equal(
                getattr(parts, network).parameters, getattr(whole, network).parameters
            )
        assert parts.loss_curve_ == whole.loss_curve_

    def test_fit_starts_anew(self):
        model = quick().partial_fit(X[:7]).fit(X)
        assert len(model.loss_curve_) == model.n_iter_ == 4
        np.testing.assert_array_equal(model.denoise(X, 0.5), quick().fit(X).denoise(X, 0.5))
        model.fit(X[:, :3], Y)
        assert model.n_features_in_ == 3 and len(model.classes_) == 3

    def test_predictions_take_the_average(self, monkeypatch):
        seen = []
        average = DiffusionModel._average

        def noted(self):
            average(self)
            seen.append(self.network_.parameters.copy())

        monkeypatch.setattr(DiffusionModel, "_average", noted)
        kept = quick(dtype="float64", weight_averaging=0.7).fit(X)
        expected = np.mean(seen[:4], axis=0)  # 1 − 1/k is .75 in step 4
        expected = 0.7 * np.mean(seen[:3], axis=0) + 0.3 * seen[3]
        for parameters in seen[4:]:
            expected = 0.7 * expected + 0.3 * parameters
        np.testing.assert_allclose(kept.averaged_network_.parameters, expected, atol=1e-12)
        last = quick(weight_averaging=0).fit(X)
        np.testing.assert_allclose(
            last.averaged_network_.parameters, last.network_.parameters, atol=1e-7
        )

    def test_step_size_decays(self):
        model = quick(max_iter=10, decay_from=0.5, decay_to=0.1)
        rates = [model.partial_fit(X).optimizer_.learning_rate for _ in range(12)]
        np.testing.assert_allclose(rates[:6], 0.003)
        assert np.all(np.diff(rates[5:11]) < 0)
        np.testing.assert_allclose(rates[10:], 0.0003)

    @pytest.mark.parametrize("dtype", ["float32", "float64"])
    def test_precision_is_kept(self, dtype):
        plain, model = (
            quick(dtype=dtype, learning_rate_init=number(0.01)).fit(X)
            for number in (float, np.float64)
        )
        np.testing.assert_array_equal(plain.network_.parameters, model.network_.parameters)
        assert model.network_.layers[0].x.dtype == model.network_.gradients.dtype == dtype
        assert model.averaged_network_.parameters.dtype == dtype
        assert model.denoise(X, 0.5).dtype == model.sample(2).dtype == np.float64

    def test_the_loss_falls(self):
        ring = make_modes(500, random_state=0)
        curve = quick(max_iter=30).fit(ring).loss_curve_
        assert np.mean(curve[-5:]) < 0.8 * curve[0]

    def test_using_it_leaves_the_training_alone(self):
        first, second = quick().partial_fit(X), quick().partial_fit(X)
        rng = copy.deepcopy(first._rng)
        first.sample(5)
        first.add_noise(X, 0.5)
        first.score(X)
        assert first._rng.random() == rng.random()
        second._rng.random()
        first.partial_fit(X)
        second.partial_fit(X)
        np.testing.assert_array_equal(first.denoise(X, 0.3), second.denoise(X, 0.3))

    def test_interruption_leaves_a_usable_model(self, monkeypatch):
        step = DiffusionModel._training_step

        def stopped(self, x):
            if self.n_iter_ == 3:
                raise KeyboardInterrupt
            return step(self, x)

        monkeypatch.setattr(DiffusionModel, "_training_step", stopped)
        with pytest.warns(UserWarning, match="interrupted after 3 of 50 epochs"):
            model = quick(max_iter=50).fit(X)
        assert len(model.loss_curve_) == 3
        assert np.isfinite(model.sample(4, random_state=0)).all()

    def test_divergence_says_what_to_try(self):
        with pytest.raises(FloatingPointError, match="training diverged: .* Try a smaller"):
            quick(learning_rate_init=1e30, max_iter=20).fit(X)

    def test_progress_is_shown_on_request(self, capsys):
        quick(verbose=True).fit(X)
        assert "DiffusionModel" in capsys.readouterr().err
        quick().fit(X)
        assert capsys.readouterr() == ("", "")


class TestBounds:
    EDGY = np.clip(2 * X, -1, 1)

    def test_only_values_at_a_bound_are_drawn_anew(self):
        model = quick(bounds=(-1, 1)).fit(self.EDGY)
        rng = np.random.default_rng(0)
        first, second = (model._beyond_bounds(self.EDGY, rng) for _ in range(2))
        inside = np.abs(self.EDGY) < 1
        assert 0.2 < inside.mean() < 0.8
        for drawn in (first, second):
            np.testing.assert_array_equal(drawn[inside], self.EDGY[inside])
            assert (np.abs(drawn[~inside]) > 1).all()
            np.testing.assert_array_equal(model._within_bounds(drawn), self.EDGY)
        assert (first[~inside] != second[~inside]).all()

    def test_how_far_beyond(self):
        model = quick(bounds=(0, 3)).fit(np.zeros((5, 2)))
        rows = np.tile([[0.0, 3.0]], (20_000, 1))
        beyond = np.abs(model._beyond_bounds(rows, np.random.default_rng(0)) - rows)
        assert np.sqrt((beyond**2).mean()) == pytest.approx(0.75, rel=0.02)

    def test_the_network_is_trained_on_them(self, monkeypatch):
        seen = []
        gradient = DiffusionModel._gradient

        def noted(self, x_0, labels, t, noise):
            seen.append(x_0)
            return gradient(self, x_0, labels, t, noise)

        monkeypatch.setattr(DiffusionModel, "_gradient", noted)
        quick(bounds=(-1, 1)).fit(self.EDGY)
        share = np.mean([np.abs(x_0).max(axis=0).mean() > 1 for x_0 in seen])
        assert share == 1
        assert seen[0].dtype == np.float32

    def test_samples_are_clipped(self):
        model = quick(bounds=(-0.3, 0.2)).fit(X.clip(-0.3, 0.2))
        samples = model.sample(200, random_state=0, n_steps=5)
        assert (samples.min(), samples.max()) == (-0.3, 0.2)
        path = model.walk(X, n_steps=5, random_state=0)
        assert (path[-1].min(), path[-1].max()) == (-0.3, 0.2)
        assert path[-2].max() > 0.2

    def test_values_at_the_edge_come_back(self):
        """Without bounds hardly any sample lies at the edge, where half of the data are."""
        rows = np.random.default_rng(0).normal(scale=1.5, size=(500, 2)).clip(-1, 1)
        edge = (np.abs(rows) == 1).mean()
        settings = {"max_iter": 250, "random_state": 0}
        found = {}
        for bounds in (None, (-1, 1)):
            model = DiffusionModel((32, 32), bounds=bounds, **settings).fit(rows)
            found[bounds] = (np.abs(model.sample(2000, random_state=0)) == 1).mean()
        assert found[None] == 0
        assert found[-1, 1] == pytest.approx(edge, abs=0.1)

    @pytest.mark.parametrize(
        ("bounds", "expected"),
        [
            ((1,), r"bounds must be None or a pair of numbers; got \(1,\)"),
            (1, "bounds must be None or a pair of numbers; got 1"),
            ((1, -1), "the second of bounds must be .* greater than 1; got -1"),
            ((-np.inf, 1), "the first of bounds must be a finite number"),
            ((-0.5, 0.5), r"X must lie within bounds, \(-0.5, 0.5\); it goes from -0.9"),
        ],
    )
    def test_refusals(self, bounds, expected):
        with pytest.raises(ValueError, match=expected):
            quick(bounds=bounds).fit(X)


class TestStoring:
    def test_pickle(self):
        model = quick().fit(X, Y)
        copied = pickle.loads(pickle.dumps(model))
        model.partial_fit(X, Y)
        copied.partial_fit(X, Y)
        np.testing.assert_array_equal(copied.denoise(X, 0.4, Y), model.denoise(X, 0.4, Y))

    def test_for_sampling_alone(self, tmp_path):
        model = quick().fit(X, Y)
        path = tmp_path / "diffusion.npz"
        save_estimators(path, {"model": model}, dtype=np.float32, for_sampling=True)
        stored = load_estimators(path).estimators["model"]
        np.testing.assert_array_equal(
            stored.sample(5, random_state=1), model.sample(5, random_state=1)
        )
        np.testing.assert_array_equal(stored.denoise(X, 0.3, "owl"), model.denoise(X, 0.3, "owl"))
        for name in ("network_", "loss_curve_", "optimizer_"):
            with pytest.raises(AttributeError, match=f"has no {name}: it was trained beforehand"):
                getattr(stored, name)
        with pytest.raises(AttributeError, match="object has no attribute 'colour'"):
            stored.colour  # noqa: B018
        stored.fit(X)
        assert stored.network_.layers


class TestRefusals:
    @pytest.mark.parametrize(
        ("parameter", "value", "expected"),
        [
            ("hidden_layer_sizes", (4, 0), "each of hidden_layer_sizes must be .* 1; got 0"),
            ("schedule", "sine", "schedule must be one of 'cosine', 'linear'; got 'sine'"),
            ("n_frequencies", -1, "n_frequencies must be a whole number of at least 0; got -1"),
            ("activation", "swish", "activation must be one of 'identity', .*; got 'swish'"),
            ("learning_rate_init", 0, "learning_rate_init must be .* greater than 0; got 0"),
            ("decay_from", 1, "decay_from must be .* less than 1; got 1"),
            ("decay_to", 0, "decay_to must be .* greater than 0; got 0"),
            ("weight_averaging", 1.0, "weight_averaging must be .* less than 1; got 1.0"),
            ("batch_size", 0, "batch_size must be a whole number of at least 1; got 0"),
            ("max_iter", 0, "max_iter must be a whole number of at least 1; got 0"),
            ("random_state", -1, "random_state must be .* at least 0; got -1"),
            ("dtype", "float16", "dtype must be 'float32' or 'float64'; got 'float16'"),
        ],
    )
    def test_wrong_value(self, parameter, value, expected):
        for train in (DiffusionModel.fit, DiffusionModel.partial_fit):
            with pytest.raises(ValueError, match=expected):
                train(quick(**{parameter: value}), X)

    @pytest.mark.parametrize(
        ("parameter", "value", "expected"),
        [
            ("n_frequencies", 2.5, r"n_frequencies must be a whole number .* got 2.5 \(float\)"),
            ("schedule", 1, r"schedule must be one of .* got 1 \(int\)"),
            ("weight_averaging", "1", r"weight_averaging must be .* got '1' \(str\)"),
            ("verbose", 2, r"verbose must be True or False; got 2 \(int\)"),
        ],
    )
    def test_wrong_type(self, parameter, value, expected):
        with pytest.raises(TypeError, match=expected):
            quick(**{parameter: value}).fit(X)

    @pytest.mark.parametrize("t", [-0.1, 1.2, np.nan, [0.5] * 32 + [2.0]])
    def test_times(self, t):
        model = quick().fit(X)
        for use in (model.add_noise, model.predict_noise, model.denoise):
            with pytest.raises(ValueError, match="t must lie from 0 to 1; got"):
                use(X, t)

    def test_number_of_times(self):
        model = quick().fit(X)
        for use in (model.add_noise, model.predict_noise, model.denoise):
            with pytest.raises(ValueError, match=r"one for each of 33 rows; got shape \(3,\)"):
                use(X, [0.1, 0.2, 0.3])
            with pytest.raises(TypeError, match="t must be a number from 0 to 1, .* got 'late'"):
                use(X, "late")

    @pytest.mark.parametrize(
        ("argument", "value", "expected"),
        [
            ("n_steps", 0, "n_steps must be a whole number of at least 1; got 0"),
            ("eta", -0.1, "eta must be a finite number at least 0 and at most 1; got -0.1"),
            ("eta", 1.5, "eta must be a finite number at least 0 and at most 1; got 1.5"),
        ],
    )
    def test_walks(self, argument, value, expected):
        model = quick().fit(X)
        with pytest.raises(ValueError, match=expected):
            model.sample(**{argument: value})
        with pytest.raises(ValueError, match=expected):
            model.walk(X, **{argument: value})
        with pytest.raises(ValueError, match=expected):
            walk_back(model.denoise, X, **{argument: value})

    @pytest.mark.parametrize("t_start", [0, 1.1])
    def test_start_of_a_walk(self, t_start):
        model = quick().fit(X)
        for walk in (model.walk, lambda x, **settings: walk_back(model.denoise, x, **settings)):
            with pytest.raises(ValueError, match="t_start must be .* greater than 0 and at most 1"):
                walk(X, t_start=t_start)

    def test_sample(self):
        with pytest.raises(ValueError, match="n_samples must be .* at least 1; got 0"):
            quick().fit(X).sample(0)

    def test_labels(self):
        plain, told = quick().fit(X), quick().fit(X, Y)
        with pytest.raises(ValueError, match="DiffusionModel was started without labels"):
            plain.sample(3, "cat")
        with pytest.raises(ValueError, match="DiffusionModel was started without labels"):
            plain.partial_fit(X, Y)
        with pytest.raises(ValueError, match="started with labels: y is needed, each of"):
            told.denoise(X, 0.5)
        with pytest.raises(ValueError, match=r"y must hold labels of \['cat', .* got \['cow'\]"):
            told.sample(3, "cow")
        with pytest.raises(ValueError, match="one for each of 3 rows; got 2"):
            told.sample(3, ["cat", "dog"])
        with pytest.raises(ValueError, match="inconsistent numbers of samples"):
            quick().fit(X, Y[:5])

    @pytest.mark.parametrize("method", ["add_noise", "predict_noise", "denoise"])
    def test_not_fitted(self, method):
        with pytest.raises(NotFittedError):
            getattr(quick(), method)(X, 0.5)
        with pytest.raises(NotFittedError):
            quick().sample()

    @pytest.mark.parametrize("method", ["add_noise", "predict_noise", "denoise"])
    def test_other_number_of_features(self, method):
        with pytest.raises(ValueError, match="X has 3 features, .* is expecting 5"):
            getattr(quick().fit(X), method)(X[:, :3], 0.5)


@parametrize_with_checks(
    [
        DiffusionModel((8,), max_iter=20),
        DiffusionModel((), n_frequencies=0, schedule="linear", max_iter=3, dtype="float64"),
    ]
)
def test_scikit_learn_check(estimator, check):
    check(estimator)
