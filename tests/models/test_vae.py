"""The variational autoencoder: its bound, its gradients, its collapse, its samples."""

from __future__ import annotations

import copy
import math
import pickle

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import multivariate_normal, norm
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.utils.estimator_checks import parametrize_with_checks

from helpers.models import Autoencoder, VariationalAutoencoder
from helpers.models.vae import GaussianCode, kl_divergence
from helpers.nn import Network

X = np.random.default_rng(0).uniform(-1, 1, size=(45, 6))
PRIORS = ["normal", "uniform", "gaussian", "mixture"]


def quick(**kwargs) -> VariationalAutoencoder:
    kwargs = {"n_latent": 2, "max_iter": 5, "random_state": 0, **kwargs}
    return VariationalAutoencoder(kwargs.pop("hidden_layer_sizes", (4,)), **kwargs)


def plane(n_samples: int = 300) -> np.ndarray:
    """Rows near a plane in R⁵: two numbers tell where, and .1 of noise is left."""
    rng = np.random.default_rng(1)
    axes = np.linalg.qr(rng.normal(size=(5, 5)))[0][:2]
    return rng.normal(size=(n_samples, 2)) @ axes + 0.1 * rng.normal(size=(n_samples, 5))


def in_general_position(**kwargs) -> VariationalAutoencoder:
    """A model in double precision whose weights are all at work."""
    vae = quick(dtype="float64", **kwargs).partial_fit(X)
    parameters = vae.network_.parameters
    parameters += 0.3 * np.random.default_rng(7).normal(size=parameters.size)
    return vae


@parametrize_with_checks(
    [
        VariationalAutoencoder(max_iter=20),
        VariationalAutoencoder((), 1, max_iter=20, decoder_variance=0.5, beta=0, dtype="float64"),
        VariationalAutoencoder(
            (9, 5), 2, max_iter=20, beta_warmup=7, activation="relu", output_activation="tanh"
        ),
    ]
)
def test_scikit_learn_check(estimator, check):
    check(estimator)


class TestKL:
    def test_zero_at_the_standard_normal_law(self):
        np.testing.assert_array_equal(kl_divergence(np.zeros((3, 4)), np.zeros((3, 4))), 0)

    @pytest.mark.parametrize(
        ("mean", "variance", "expected"),
        [
            (3.0, 1.0, 4.5),  # ½ μ²
            (0.0, math.e, (math.e - 2) / 2),
            (0.0, 1 / math.e, 1 / (2 * math.e)),
            (-1.0, 4.0, 2 - math.log(2)),
        ],
    )
    def test_closed_forms(self, mean, variance, expected):
        kl = kl_divergence([[mean]], [[math.log(variance)]])
        assert kl == pytest.approx([expected], rel=1e-12)

    def test_sums_over_latent_numbers_not_over_the_batch(self):
        mean, log_variance = np.random.default_rng(0).normal(size=(2, 3, 5))
        kl = kl_divergence(mean, log_variance)
        assert kl.shape == (5,)
        parts = [kl_divergence(mean[[i]], log_variance[[i]]) for i in range(3)]
        np.testing.assert_allclose(kl, sum(parts), rtol=1e-12)

    @given(st.floats(-3, 3), st.floats(-4, 4))
    def test_never_negative(self, mean, log_variance):
        assert kl_divergence([[mean]], [[log_variance]])[0] >= -1e-12

    @pytest.mark.parametrize("seed", range(3))
    def test_a_monte_carlo_estimate(self, seed):
        """KL = E log q(h) − log p(h), the mean over draws h from q."""
        rng = np.random.default_rng(seed)
        mean, log_variance = rng.normal(size=(2, 3))
        deviation = np.exp(log_variance / 2)
        h = mean + deviation * rng.normal(size=(200_000, 3))
        terms = (norm.logpdf(h, mean, deviation) - norm.logpdf(h)).sum(axis=1)
        expected = kl_divergence(mean[:, None], log_variance[:, None])[0]
        assert abs(terms.mean() - expected) < 5 * terms.std() / math.sqrt(len(h))

    def test_shapes_must_agree(self):
        with pytest.raises(ValueError, match=r"same shape; got \(2, 3\) and \(2, 1\)"):
            kl_divergence(np.ones((2, 3)), np.ones((2, 1)))


class TestArchitecture:
    def test_layers(self):
        vae = quick(hidden_layer_sizes=(5, 3), activation="relu", output_activation="tanh").fit(X)
        assert repr(vae.network_).startswith(
            "Network([Dense(6, 5), ReLU(), Dense(5, 3), ReLU(), GaussianCode(3, 2), "
            "Dense(2, 3), ReLU(), Dense(3, 5), ReLU(), Dense(5, 6), Tanh()])"
        )
        assert vae.network_.layers[4].W.shape == (4, 3)

    def test_linear(self):
        vae = quick(hidden_layer_sizes=()).fit(X)
        assert repr(vae.network_).startswith("Network([GaussianCode(6, 2), Dense(2, 6)])")

    def test_starts_at_variance_one(self):
        layer = GaussianCode(6, 2)
        Network([layer], random_state=0).forward(X.T)
        np.testing.assert_array_equal(layer.log_variance, 0)
        assert (layer.mean != 0).any()

    def test_without_noise_the_code_is_its_mean(self):
        layer = GaussianCode(6, 2)
        network = Network([layer], random_state=0)
        network.parameters[:] = np.random.default_rng(0).normal(size=network.parameters.size)
        h = network.forward(X.T)
        np.testing.assert_allclose(h, layer.W[:2] @ X.T + layer.b[:2])
        layer.noise = np.full((2, 45), 2.0)
        np.testing.assert_allclose(
            network.forward(X.T) - h, 2 * np.exp((layer.W[2:] @ X.T + layer.b[2:]) / 2)
        )


class TestGradients:
    @pytest.mark.parametrize("hidden_layer_sizes", [(), (4,), (5, 3)])
    @pytest.mark.parametrize("activation", ["tanh", "softplus"])
    @pytest.mark.parametrize(("beta", "variance"), [(1, 0.5), (0, 0.5), (3, 0.1)])
    def test_finite_differences_with_fixed_noise(
        self, hidden_layer_sizes, activation, beta, variance
    ):
        vae = in_general_position(
            hidden_layer_sizes=hidden_layer_sizes,
            activation=activation,
            beta=beta,
            decoder_variance=variance,
        )
        parameters, x = vae.network_.parameters, X.T
        noise = np.random.default_rng(3).normal(size=(2, 45))
        start = parameters.copy()

        def formula(values):
            parameters[...] = values
            mean, deviation = vae.code_distribution(X)
            x_hat = vae.inverse_transform(mean + deviation * noise.T)
            log_p = norm.logpdf(X, x_hat, math.sqrt(variance)).sum(axis=1)
            kl = (mean**2 + deviation**2 - 1 - 2 * np.log(deviation)).sum(axis=1) / 2
            return np.mean(-log_p + beta * kl)

        error, kl = vae._gradients(x, noise)
        gradient = vae.network_.gradients.copy()
        loss = vae._reconstruction_loss(error) + beta * kl
        assert loss == pytest.approx(formula(start), rel=1e-12)
        differences = [
            (formula(start + 1e-5 * unit) - formula(start - 1e-5 * unit)) / 2e-5
            for unit in np.eye(start.size)
        ]
        assert np.abs(gradient - differences).max() <= 1e-6 * min(1, np.abs(gradient).max())

    def test_input_gradient_of_the_code_layer(self):
        layer = GaussianCode(6, 2)
        network = Network([layer], random_state=0)
        network.parameters[:] = 0.3 * np.random.default_rng(0).normal(size=18 + 10)
        rng = np.random.default_rng(1)
        layer.noise, layer.kl_weight = rng.normal(size=(2, 45)), 0.7
        direction = rng.normal(size=(2, 45))

        def loss(x):
            h = network.forward(x)
            kl = kl_divergence(layer.mean, layer.log_variance).sum()
            return np.vdot(direction, h) + 0.7 * kl

        loss(X.T)
        dx = network.backward(direction)
        for i, j in [(0, 0), (3, 20), (5, 44)]:
            step = np.zeros_like(X.T)
            step[i, j] = 1e-5
            difference = (loss(X.T + step) - loss(X.T - step)) / 2e-5
            assert dx[i, j] == pytest.approx(difference, abs=1e-7)

    def test_constant_variances_make_a_regularised_autoencoder(self):
        """2σ_x² L is the autoencoder's loss with noise s and penalty beta σ_x², and a constant."""
        s, variance, beta = 0.6, 0.2, 1.5
        vae = in_general_position(beta=beta, decoder_variance=variance)
        code = vae._code_layer
        code.W[2:], code.b[2:] = 0, 2 * math.log(s)
        autoencoder = Autoencoder(
            (4,), 2, code_noise=s, code_penalty=beta * variance, dtype="float64", random_state=0
        ).partial_fit(X)
        theirs = autoencoder.encoder_.layers[-1]
        autoencoder.network_.layers[0].W[...] = vae.network_.layers[0].W
        autoencoder.network_.layers[0].b[...] = vae.network_.layers[0].b
        theirs.W[...], theirs.b[...] = code.W[:2], code.b[:2]
        autoencoder.decoder_.parameters[...] = vae.decoder_.parameters

        autoencoder._rng = np.random.default_rng(5)
        loss = autoencoder._training_step(X.T)
        error, kl = vae._gradients(X.T, np.random.default_rng(5).standard_normal((2, 45)))
        constant = beta * kl_divergence(np.zeros((2, 1)), np.full((2, 1), 2 * math.log(s)))[0]
        ours = error / (2 * variance) + beta * kl - constant
        assert 2 * variance * ours == pytest.approx(loss, rel=1e-12)
        for mine, other in [
            (vae.decoder_.gradients, autoencoder.decoder_.gradients),
            (code.dW[:2], theirs.dW),
            (vae.network_.layers[0].db, autoencoder.network_.layers[0].db),
        ]:
            # The first layer sees d log σ² too, but its weights are 0: nothing comes through.
            np.testing.assert_allclose(2 * variance * mine, other, rtol=1e-9, atol=1e-12)


class TestLoss:
    def test_curves_are_the_formula(self):
        vae = quick(
            learning_rate_init=1e-12,
            max_iter=1,
            batch_size=100,
            beta=2,
            decoder_variance=0.3,
            dtype="float64",
        ).fit(X)
        rng = np.random.default_rng(0)
        clone(vae)._build(6, rng)
        order = rng.permutation(45)
        noise = rng.standard_normal((2, 45))
        mean, deviation = vae.code_distribution(X[order])
        x_hat = vae.inverse_transform(mean + deviation * noise.T)
        log_p = multivariate_normal(cov=0.3 * np.eye(6)).logpdf(X[order] - x_hat)
        kl = kl_divergence(mean.T, 2 * np.log(deviation.T)).mean()
        assert vae.reconstruction_curve_ == [pytest.approx(-log_p.mean(), rel=1e-7)]
        assert vae.kl_curve_ == [pytest.approx(kl, rel=1e-7)]
        assert vae.loss_curve_ == [pytest.approx(-log_p.mean() + 2 * kl, rel=1e-7)]

    def test_parts_make_up_the_loss(self):
        vae = quick(beta=0.4, batch_size=8, max_iter=12).fit(X)
        parts = np.array(vae.reconstruction_curve_) + 0.4 * np.array(vae.kl_curve_)
        np.testing.assert_allclose(vae.loss_curve_, parts, rtol=1e-5)
        assert len(parts) == vae.n_iter_ == 12

    def test_warm_up(self):
        vae = quick(beta=2.0, beta_warmup=4, batch_size=8, max_iter=7).fit(X)
        loss, reconstruction, kl = map(
            np.array, (vae.loss_curve_, vae.reconstruction_curve_, vae.kl_curve_)
        )
        weights = (loss - reconstruction) / kl
        np.testing.assert_allclose(weights, [0, 0.5, 1, 1.5, 2, 2, 2], atol=1e-3)

    def test_fixed_variance(self):
        assert quick(decoder_variance=0.3).fit(X).decoder_variance_ == 0.3

    def test_learned_variance_is_that_of_the_noise(self):
        vae = quick(hidden_layer_sizes=(), max_iter=300, learning_rate_init=0.01).fit(plane())
        assert vae.decoder_variance_ == pytest.approx(0.1**2, rel=0.25)

    def test_learned_variance_is_the_best_for_the_epoch(self):
        """−log p is least where σ_x² is the mean squared error of a feature."""
        vae = quick(max_iter=1).fit(X)
        best, error = vae.decoder_variance_, 6 * vae.decoder_variance_
        least = vae._reconstruction_loss(error)
        for factor in (0.9, 1.1):
            vae.decoder_variance_ = factor * best
            assert vae._reconstruction_loss(error) > least

    def test_learned_variance_stays_positive(self):
        vae = quick(beta=0, max_iter=400, learning_rate_init=0.01).fit(np.zeros((30, 6)))
        assert vae.decoder_variance_ >= 1e-6

    def test_elbo(self):
        vae = in_general_position(beta=5, decoder_variance=0.2)
        mean, deviation = vae.code_distribution(X)
        noise = np.random.default_rng(4).standard_normal((2, 45))
        h = mean + deviation * noise.T
        x_hat = vae.inverse_transform(h)
        log_p = norm.logpdf(X, x_hat, math.sqrt(0.2)).sum(axis=1)
        kl = kl_divergence(mean.T, 2 * np.log(deviation.T))
        assert vae.elbo(X, 4) == pytest.approx(np.mean(log_p - kl), rel=1e-12)
        assert vae.elbo(X, 4) == vae.elbo(X, 4) != vae.elbo(X, 5)

    def test_elbo_stays_below_the_likelihood(self):
        """With a linear decoder p(x) is a normal law, so log p(x) is known."""
        data = plane()
        vae = quick(hidden_layer_sizes=(), max_iter=300, learning_rate_init=0.01).fit(data)
        W, b = vae.decoder_.layers[0].W.astype(float), vae.decoder_.layers[0].b[:, 0]
        covariance = W @ W.T + vae.decoder_variance_ * np.eye(5)
        likelihood = multivariate_normal(b, covariance).logpdf(data).mean()
        bound = np.mean([vae.elbo(data, seed) for seed in range(50)])
        assert likelihood - 0.1 < bound < likelihood

    def test_score_is_minus_the_error_of_the_mean_code(self):
        vae = quick().fit(X)
        x_hat = vae.inverse_transform(vae.transform(X))
        assert vae.score(X) == pytest.approx(-np.mean(np.sum((X - x_hat) ** 2, axis=1)))


class TestBeta:
    @pytest.mark.parametrize("seed", range(3))
    def test_next_to_none_gives_an_autoencoder(self, seed):
        data = plane()
        training = {"max_iter": 300, "learning_rate_init": 0.01, "random_state": seed}
        plain = -Autoencoder((16,), 2, **training).fit(data).score(data)
        free = (
            -VariationalAutoencoder((16,), 2, beta=1e-6, decoder_variance=0.5, **training)
            .fit(data)
            .score(data)
        )
        mean_alone = np.var(data, axis=0).sum()
        assert plain < 0.03 * mean_alone
        assert free < 0.03 * mean_alone

    @pytest.mark.parametrize("decoder_variance", ["learned", 0.5])
    @pytest.mark.parametrize("seed", range(4))
    def test_too_much_collapses_the_posterior(self, seed, decoder_variance):
        data = plane()
        vae = VariationalAutoencoder(
            (16,),
            3,
            beta=200,
            decoder_variance=decoder_variance,
            max_iter=200,
            learning_rate_init=0.01,
            random_state=seed,
        ).fit(data)
        mean, deviation = vae.code_distribution(data)
        assert vae.active_units(data).sum() == 0
        assert vae.kl_curve_[-1] < 0.01
        np.testing.assert_allclose(deviation, 1, atol=0.05)
        # Whatever the code, the decoder says the mean of the data.
        assert -vae.score(data) == pytest.approx(np.var(data, axis=0).sum(), rel=0.05)

    @pytest.mark.parametrize("seed", range(4))
    def test_no_more_units_than_needed_are_active(self, seed):
        """The data lie near a plane: of five units, two are used."""
        data = plane()
        vae = VariationalAutoencoder(
            (), 5, max_iter=300, learning_rate_init=0.01, random_state=seed
        ).fit(data)
        active = vae.active_units(data)
        assert active.shape == (5,)
        assert active.dtype == bool
        variances = vae.transform(data).var(axis=0)
        np.testing.assert_array_equal(active, variances > 0.01)
        assert (variances > 0.3).sum() == 2

    def test_threshold(self):
        vae = quick().fit(X)
        variances = vae.transform(X).var(axis=0)
        threshold = variances.mean()
        np.testing.assert_array_equal(
            vae.active_units(X, threshold=threshold), variances > threshold
        )
        assert not vae.active_units(X[:1]).any()
        with pytest.raises(ValueError, match="threshold must be a finite number at least 0"):
            vae.active_units(X, threshold=-1)


class TestTraining:
    @pytest.mark.parametrize("dtype", ["float32", "float64"])
    def test_same_seed_same_result(self, dtype):
        first, second, other = (
            quick(dtype=dtype, random_state=seed, batch_size=8).fit(X) for seed in (3, 3, 4)
        )
        np.testing.assert_array_equal(first.network_.parameters, second.network_.parameters)
        assert first.decoder_variance_ == second.decoder_variance_
        assert (first.transform(X) != other.transform(X)).any()

    def test_repeated_partial_fit_is_fit(self):
        model = {"batch_size": 8, "beta_warmup": 3}
        whole, parts = quick(max_iter=6, **model).fit(X), quick(**model)
        for _ in range(6):
            parts.partial_fit(X)
        np.testing.assert_array_equal(parts.network_.parameters, whole.network_.parameters)
        for curve in ("loss_curve_", "reconstruction_curve_", "kl_curve_"):
            assert getattr(parts, curve) == getattr(whole, curve)
        assert parts.decoder_variance_ == whole.decoder_variance_

    def test_fit_starts_anew(self):
        vae = quick().partial_fit(X[:7]).fit(X)
        assert len(vae.loss_curve_) == len(vae.kl_curve_) == vae.n_iter_ == 5
        np.testing.assert_array_equal(vae.transform(X), quick().fit(X).transform(X))

    @pytest.mark.parametrize("dtype", ["float32", "float64"])
    def test_precision_is_kept(self, dtype):
        plain, vae = (
            quick(dtype=dtype, beta=number(0.5), decoder_variance=number(0.2)).fit(X)
            for number in (float, np.float64)
        )
        np.testing.assert_array_equal(plain.network_.parameters, vae.network_.parameters)
        assert type(vae.decoder_variance_) is float
        code = vae._code_layer
        assert vae.decoder_.layers[0].x.dtype == code.d_both.dtype == dtype
        assert vae.transform(X).dtype == vae.sample(2).dtype == np.float64

    def test_storing(self):
        vae = quick(batch_size=8).fit(X)
        copied = pickle.loads(pickle.dumps(vae))
        vae.partial_fit(X)
        copied.partial_fit(X)
        np.testing.assert_array_equal(copied.transform(X), vae.transform(X))
        np.testing.assert_array_equal(copied.sample(3, 0), vae.sample(3, 0))

    def test_codes_and_reconstructions_are_free_of_noise(self):
        vae = quick().fit(X)
        np.testing.assert_array_equal(vae.transform(X), vae.transform(X))
        assert vae.score(X) == vae.score(X)
        np.testing.assert_array_equal(vae.transform(X), vae.code_distribution(X)[0])

    def test_interruption_leaves_a_usable_model(self, monkeypatch):
        step = VariationalAutoencoder._training_step

        def stopped(self, x):
            if self.n_iter_ == 3:
                raise KeyboardInterrupt
            return step(self, x)

        monkeypatch.setattr(VariationalAutoencoder, "_training_step", stopped)
        with pytest.warns(UserWarning, match="interrupted after 3 of 50 epochs"):
            vae = quick(max_iter=50).fit(X)
        assert len(vae.loss_curve_) == len(vae.reconstruction_curve_) == len(vae.kl_curve_) == 3
        assert np.isfinite(vae.sample(4, 0, prior="mixture")).all()

    def test_no_noise_is_left_by_an_interrupted_step(self, monkeypatch):
        vae = quick().fit(X)

        def interrupted(dy, *, input_gradient):
            raise KeyboardInterrupt

        monkeypatch.setattr(vae.network_, "backward", interrupted)
        with pytest.raises(KeyboardInterrupt):
            vae.partial_fit(X)
        assert vae._code_layer.noise is None

    def test_divergence_says_what_to_try(self):
        with pytest.raises(FloatingPointError, match="training diverged: .* Try a smaller"):
            quick().fit(1e30 * X)

    def test_progress_is_shown_on_request(self, capsys):
        quick(verbose=True).fit(X)
        assert "VariationalAutoencoder" in capsys.readouterr().err
        quick().fit(X)
        assert capsys.readouterr() == ("", "")


class TestSamples:
    @pytest.mark.parametrize("prior", PRIORS)
    @pytest.mark.parametrize("decoder_noise", [True, False])
    def test_shapes_and_random_state(self, prior, decoder_noise):
        vae = quick().fit(X)
        first, second, other = (
            vae.sample(7, seed, prior=prior, decoder_noise=decoder_noise) for seed in (1, 1, 2)
        )
        assert first.shape == (7, 6)
        np.testing.assert_array_equal(first, second)
        assert (first != other).all()
        assert vae.sample().shape == (1, 6)

    @pytest.mark.parametrize("prior", PRIORS)
    def test_the_noise_is_the_decoders(self, prior):
        vae = quick(decoder_variance=0.3).fit(X)
        bare = vae.sample(5000, 1, prior=prior, decoder_noise=False)
        codes = vae.sample_codes(5000, 1, prior=prior)
        np.testing.assert_array_equal(bare, vae.inverse_transform(codes))
        noise = vae.sample(5000, 1, prior=prior) - bare
        np.testing.assert_allclose(noise.var(axis=0), 0.3, rtol=0.1)
        np.testing.assert_allclose(np.corrcoef(noise.T), np.eye(6), atol=0.07)

    def test_moments_of_a_linear_model(self):
        """x = W h + b + noise has mean b and covariance W Wᵀ + σ_x² I."""
        data = plane()
        vae = quick(hidden_layer_sizes=(), max_iter=300, learning_rate_init=0.01).fit(data)
        W, b = vae.decoder_.layers[0].W.astype(float), vae.decoder_.layers[0].b[:, 0]
        samples = vae.sample(40_000, 0)
        expected = W @ W.T + vae.decoder_variance_ * np.eye(5)
        np.testing.assert_allclose(np.cov(samples.T), expected, atol=0.03)
        np.testing.assert_allclose(samples.mean(axis=0), b, atol=0.03)
        # And so close to the data, which it was fitted to.
        np.testing.assert_allclose(np.cov(samples.T), np.cov(data.T), atol=0.15)

    def test_gaussian_prior_is_fitted_to_draws_not_to_means(self):
        vae = quick(max_iter=30).fit(np.tile(X, (40, 1)))
        mean, deviation = vae.code_distribution(np.tile(X, (40, 1)))
        expected = np.cov(mean.T) + np.diag((deviation**2).mean(axis=0))
        drawn = vae.sample_codes(40_000, 0, prior="gaussian")
        np.testing.assert_allclose(drawn.mean(axis=0), mean.mean(axis=0), atol=0.1)
        np.testing.assert_allclose(np.cov(drawn.T), expected, atol=0.1)
        assert np.trace(np.cov(drawn.T)) > 1.2 * np.trace(np.cov(mean.T))

    def test_leave_the_training_alone(self):
        first, second = quick().partial_fit(X), quick().partial_fit(X)
        rng = copy.deepcopy(first._rng)
        for prior in PRIORS:
            first.sample(5, prior=prior)
        assert first._rng.random() == rng.random()
        second._rng.random()
        first.partial_fit(X)
        second.partial_fit(X)
        np.testing.assert_array_equal(first.transform(X), second.transform(X))

    def test_mean_codes_are_kept(self):
        vae = quick(dtype="float64").fit(X)
        np.testing.assert_array_equal(vae.codes_, vae.transform(X))


class TestRefusals:
    @pytest.mark.parametrize(
        ("parameter", "value", "expected"),
        [
            ("n_latent", 0, "n_latent must be a whole number of at least 1; got 0"),
            ("hidden_layer_sizes", (4, 0), "each of hidden_layer_sizes must be .* 1; got 0"),
            ("beta", -0.1, "beta must be a finite number at least 0; got -0.1"),
            ("beta", float("nan"), "beta must be a finite number at least 0; got nan"),
            ("beta_warmup", -1, "beta_warmup must be a whole number of at least 0; got -1"),
            ("decoder_variance", 0, "decoder_variance must be .* greater than 0; got 0"),
            ("decoder_variance", "free", "must be 'learned' or a number .* 0; got 'free'"),
            ("activation", "swish", "activation must be one of 'identity', .*; got 'swish'"),
            ("output_activation", "softmax", "output_activation must be .* got 'softmax'"),
            ("learning_rate_init", 0, "learning_rate_init must be .* greater than 0; got 0"),
            ("batch_size", 0, "batch_size must be a whole number of at least 1; got 0"),
            ("random_state", -1, "random_state must be .* at least 0; got -1"),
            ("dtype", "float16", "dtype must be 'float32' or 'float64'; got 'float16'"),
        ],
    )
    def test_wrong_value(self, parameter, value, expected):
        for train in (VariationalAutoencoder.fit, VariationalAutoencoder.partial_fit):
            with pytest.raises(ValueError, match=expected):
                train(quick(**{parameter: value}), X)

    @pytest.mark.parametrize(
        ("parameter", "value", "expected"),
        [
            ("beta", "1", r"beta must be a finite number .* got '1' \(str\)"),
            ("beta_warmup", 1.5, r"beta_warmup must be a whole number .* got 1.5 \(float\)"),
            ("decoder_variance", None, r"decoder_variance must be .* got None \(NoneType\)"),
            ("decoder_variance", True, r"decoder_variance must be .* got True \(bool\)"),
            ("n_latent", 2.5, r"n_latent must be a whole number .* got 2.5 \(float\)"),
            ("verbose", 2, r"verbose must be True or False; got 2 \(int\)"),
        ],
    )
    def test_wrong_type(self, parameter, value, expected):
        with pytest.raises(TypeError, match=expected):
            quick(**{parameter: value}).fit(X)

    def test_sample(self):
        vae = quick().fit(X)
        with pytest.raises(ValueError, match="prior must be one of 'normal', .*; got 'cauchy'"):
            vae.sample(prior="cauchy")
        with pytest.raises(TypeError, match="decoder_noise must be True or False; got 0.5"):
            vae.sample(decoder_noise=0.5)
        with pytest.raises(ValueError, match="n_samples must be .* at least 1; got 0"):
            vae.sample(0)

    @pytest.mark.parametrize(
        "method",
        ["transform", "inverse_transform", "score", "elbo", "code_distribution", "active_units"],
    )
    def test_not_fitted(self, method):
        with pytest.raises(NotFittedError):
            getattr(quick(), method)(X)

    @pytest.mark.parametrize("method", ["sample", "sample_codes"])
    def test_sample_not_fitted(self, method):
        with pytest.raises(NotFittedError):
            getattr(quick(), method)()

    @pytest.mark.parametrize("method", ["transform", "elbo", "active_units", "partial_fit"])
    def test_other_number_of_features(self, method):
        with pytest.raises(ValueError, match="X has 3 features, .* is expecting 6"):
            getattr(quick().fit(X), method)(X[:, :3])
