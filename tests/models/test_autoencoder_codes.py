"""Codes of the autoencoder: penalty and noise in training, and the laws they are drawn from."""

from __future__ import annotations

import copy
import pickle

import numpy as np
import pytest
from sklearn.exceptions import NotFittedError
from sklearn.mixture import GaussianMixture
from sklearn.utils.estimator_checks import parametrize_with_checks

from helpers.models import Autoencoder
from helpers.nn import Dense, Network, dense_layers

X = np.random.default_rng(0).uniform(-1, 1, size=(45, 6))
PRIORS = ["normal", "uniform", "gaussian", "mixture"]


def quick(**kwargs) -> Autoencoder:
    kwargs = {"n_latent": 2, "max_iter": 5, "random_state": 0, **kwargs}
    return Autoencoder(kwargs.pop("hidden_layer_sizes", (4,)), **kwargs)


def mean_square(codes: np.ndarray) -> float:
    return np.mean(np.sum(codes**2, axis=1))


@parametrize_with_checks(
    [
        Autoencoder(max_iter=20, code_penalty=0.1),
        Autoencoder((), 2, max_iter=20, code_noise=0.3, early_stopping=True, dtype="float64"),
    ]
)
def test_scikit_learn_check(estimator, check):
    check(estimator)


class TestPenaltyAndNoise:
    @pytest.mark.parametrize("hidden_layer_sizes", [(), (4,), (5, 3)])
    @pytest.mark.parametrize(
        ("penalty", "noise", "alpha"), [(0.4, 0, 0), (0, 0.7, 0), (0.4, 0.7, 0), (0.4, 0.7, 0.2)]
    )
    def test_a_step_follows_the_gradient_of_the_formula(
        self, hidden_layer_sizes, penalty, noise, alpha
    ):
        autoencoder = quick(
            hidden_layer_sizes=hidden_layer_sizes,
            code_penalty=penalty,
            code_noise=noise,
            alpha=alpha,
            dtype="float64",
        ).partial_fit(X)
        network, x = autoencoder.network_, X.T
        epsilon = copy.deepcopy(autoencoder._rng).standard_normal((2, 45))
        before = network.parameters.copy()
        loss = autoencoder._training_step(x)
        gradient = network.gradients.copy()

        def formula(values):
            network.parameters[...] = values
            h = autoencoder.encoder_.forward(x)
            x_hat = autoencoder.decoder_.forward(h + noise * epsilon)
            weights = [layer.W for layer in network.layers if isinstance(layer, Dense)]
            squares = ((x - x_hat) ** 2).sum(axis=0) + penalty * (h**2).sum(axis=0)
            return squares.mean() + alpha * sum((W**2).sum() for W in weights)

        assert loss == pytest.approx(formula(before), rel=1e-12)
        differences = [
            (formula(before + 1e-5 * unit) - formula(before - 1e-5 * unit)) / 2e-5
            for unit in np.eye(before.size)
        ]
        error = np.abs(gradient - differences).max()
        assert error <= 1e-7 * np.abs(gradient).max()

    def test_without_noise_no_random_number_is_drawn(self):
        plain, penalised, noisy = (
            quick(code_penalty=penalty, code_noise=noise).fit(X)._rng.random()
            for penalty, noise in [(0, 0), (0.1, 0), (0, 0.1)]
        )
        assert plain == penalised != noisy

    def test_a_penalty_too_small_to_matter_goes_the_same_way(self):
        plain, tiny = (
            quick(batch_size=8, code_penalty=p, dtype="float64").fit(X) for p in (0, 1e-300)
        )
        np.testing.assert_array_equal(plain.network_.parameters, tiny.network_.parameters)

    @pytest.mark.parametrize("seed", range(3))
    def test_the_penalty_makes_codes_small(self, seed):
        sizes = [
            mean_square(
                quick(
                    code_penalty=penalty, max_iter=300, learning_rate_init=0.01, random_state=seed
                )
                .fit(X)
                .transform(X)
            )
            for penalty in (0, 0.3, 30)
        ]
        assert sizes[0] > 3 * sizes[1] > 0
        assert sizes[2] < 0.01

    @pytest.mark.parametrize("seed", range(3))
    def test_noise_alone_makes_codes_large(self, seed):
        """Nothing else holds their scale: to drown the noise, the codes grow."""
        sizes = [
            mean_square(
                quick(code_noise=noise, max_iter=300, learning_rate_init=0.01, random_state=seed)
                .fit(X)
                .transform(X)
            )
            for noise in (0, 1)
        ]
        assert sizes[1] > 2 * sizes[0]

    def test_codes_and_reconstructions_are_free_of_noise(self):
        autoencoder = quick(code_noise=5).fit(X)
        np.testing.assert_array_equal(autoencoder.transform(X), autoencoder.transform(X))
        assert autoencoder.score(X) == autoencoder.score(X)

    @pytest.mark.parametrize("dtype", ["float32", "float64"])
    def test_precision_is_kept(self, dtype):
        """A NumPy number of double precision among the parameters must not widen the arrays."""
        plain, wide = (
            quick(code_penalty=number(0.1), code_noise=number(0.1), dtype=dtype).fit(X)
            for number in (float, np.float64)
        )
        np.testing.assert_array_equal(plain.network_.parameters, wide.network_.parameters)
        assert wide.decoder_.layers[0].x.dtype == dtype

    def test_repeated_partial_fit_is_fit(self):
        model = {"code_noise": 0.5, "code_penalty": 0.1, "batch_size": 8}
        whole, parts = quick(max_iter=4, **model).fit(X), quick(**model)
        for _ in range(4):
            parts.partial_fit(X)
        np.testing.assert_array_equal(parts.network_.parameters, whole.network_.parameters)
        assert parts.loss_curve_ == whole.loss_curve_

    @pytest.mark.parametrize("name", ["code_penalty", "code_noise"])
    def test_refusals(self, name):
        with pytest.raises(ValueError, match=f"{name} must be a finite number at least 0; got -1"):
            quick(**{name: -1}).fit(X)
        with pytest.raises(TypeError, match=f"{name} must be a finite number .* got 'a little'"):
            quick(**{name: "a little"}).partial_fit(X)


class TestTrainingCodes:
    def test_those_of_fit(self):
        autoencoder = quick().fit(X)
        expected = autoencoder.transform(X.astype(np.float32))
        np.testing.assert_array_equal(autoencoder.codes_, expected)

    def test_those_of_the_last_partial_fit(self):
        autoencoder = quick(dtype="float64").partial_fit(X[:20]).partial_fit(X[20:])
        np.testing.assert_array_equal(autoencoder.codes_, autoencoder.transform(X[20:]))

    def test_rows_set_aside_are_not_among_them(self):
        autoencoder = quick(early_stopping=True, validation_fraction=0.2, dtype="float64").fit(X)
        codes = autoencoder.transform(X)
        assert autoencoder.codes_.shape == (36, 2)
        distances = np.abs(autoencoder.codes_[:, None] - codes).max(axis=2).min(axis=1)
        assert distances.max() < 1e-12

    def test_follow_the_network(self):
        autoencoder = quick().fit(X)
        before = autoencoder.codes_
        autoencoder.network_.parameters[...] *= 2
        assert (autoencoder.codes_ != before).all()

    def test_are_stored_with_the_model(self):
        autoencoder = quick().fit(X)
        copied = pickle.loads(pickle.dumps(autoencoder))
        np.testing.assert_array_equal(copied.codes_, autoencoder.codes_)
        np.testing.assert_array_equal(
            copied.sample(5, 0, prior="mixture"), autoencoder.sample(5, 0, prior="mixture")
        )

    def test_none_before_training(self):
        assert not hasattr(quick(), "codes_")


@pytest.fixture(scope="module")
def autoencoder() -> Autoencoder:
    """Its codes are correlated and far from N(0, I)."""
    data = np.random.default_rng(1).normal(3, 1, size=(400, 4)) @ np.diag([3, 1, 0.5, 0.1])
    return quick(hidden_layer_sizes=(), n_latent=3, max_iter=30).fit(data)


class TestPriors:
    @pytest.mark.parametrize("prior", PRIORS)
    @pytest.mark.parametrize("n_samples", [1, 7])
    def test_shapes(self, autoencoder, prior, n_samples):
        assert autoencoder.sample_codes(n_samples, 0, prior=prior).shape == (n_samples, 3)
        samples = autoencoder.sample(n_samples, 0, prior=prior)
        assert samples.shape == (n_samples, 4)
        assert np.isfinite(samples).all()

    @pytest.mark.parametrize("prior", PRIORS)
    def test_samples_are_decoded_codes(self, autoencoder, prior):
        codes = autoencoder.sample_codes(9, 3, prior=prior)
        np.testing.assert_array_equal(
            autoencoder.sample(9, 3, prior=prior), autoencoder.inverse_transform(codes)
        )

    @pytest.mark.parametrize("prior", PRIORS)
    def test_random_state(self, autoencoder, prior):
        first, second, other = (autoencoder.sample(6, seed, prior=prior) for seed in (1, 1, 2))
        np.testing.assert_array_equal(first, second)
        assert (first != other).all()

    def test_normal_is_the_default(self, autoencoder):
        expected = np.random.default_rng(4).standard_normal((5, 3))
        np.testing.assert_array_equal(autoencoder.sample_codes(5, 4), expected)
        np.testing.assert_array_equal(autoencoder.sample_codes(5, 4, prior="normal"), expected)

    def test_uniform_fills_the_range_of_the_codes(self, autoencoder):
        low, high = autoencoder.codes_.min(axis=0), autoencoder.codes_.max(axis=0)
        drawn = (autoencoder.sample_codes(20_000, 0, prior="uniform") - low) / (high - low)
        assert drawn.min() >= 0
        assert drawn.max() <= 1
        np.testing.assert_allclose(drawn.mean(axis=0), 1 / 2, atol=0.01)
        np.testing.assert_allclose(np.cov(drawn.T), np.eye(3) / 12, atol=0.002)

    @pytest.mark.parametrize("prior", ["gaussian", "mixture"])
    def test_mean_and_covariance_of_the_codes(self, autoencoder, prior):
        codes = autoencoder.codes_
        assert np.abs(codes.mean(axis=0)).max() > 1  # or N(0, I) might do as well
        covariance = np.cov(codes.T, bias=True)
        root = np.linalg.cholesky(covariance)
        drawn = autoencoder.sample_codes(40_000, 0, prior=prior)
        white = np.linalg.solve(root, (drawn - codes.mean(axis=0)).T)
        np.testing.assert_allclose(white.mean(axis=1), 0, atol=0.03)
        np.testing.assert_allclose(np.cov(white), np.eye(3), atol=0.04)

    def test_the_mixture_sees_clusters_where_the_gaussian_does_not(self):
        centres = np.repeat([-2.0, 2.0], 100)[:, None]
        data = centres + 0.1 * np.random.default_rng(0).normal(size=(200, 5))
        autoencoder = quick(
            hidden_layer_sizes=(), n_latent=1, max_iter=200, learning_rate_init=0.01
        ).fit(data)
        low, high = np.sort([autoencoder.codes_[:100].mean(), autoencoder.codes_[100:].mean()])

        def in_between(prior):
            codes = autoencoder.sample_codes(2000, 0, prior=prior)
            return np.mean((codes > low + 0.2 * (high - low)) & (codes < high - 0.2 * (high - low)))

        assert in_between("mixture") == 0
        assert in_between("gaussian") > 0.3

    def test_mixture_is_scikit_learns(self, autoencoder):
        mixture = GaussianMixture(10, random_state=0).fit(autoencoder.codes_)
        drawn = autoencoder.sample_codes(4000, 0, prior="mixture")
        expected = mixture.score(mixture.sample(4000)[0])
        assert mixture.score(drawn) == pytest.approx(expected, abs=0.1)

    def test_mixture_comes_in_random_order(self, autoencoder):
        drawn = autoencoder.sample_codes(2000, 0, prior="mixture")
        halves = drawn[:1000].mean(axis=0) - drawn[1000:].mean(axis=0)
        assert (np.abs(halves) < 5 * drawn.std(axis=0) * np.sqrt(2 / 1000)).all()

    @pytest.mark.parametrize(("rows", "components"), [(2, 1), (19, 1), (45, 4), (140, 10)])
    def test_components_of_the_mixture(self, rows, components, monkeypatch):
        counted = []

        class Counted(GaussianMixture):
            def fit(self, X, y=None):
                counted.append(self.n_components)
                return super().fit(X)

        monkeypatch.setattr("helpers.models.autoencoder.GaussianMixture", Counted)
        quick().fit(np.tile(X, (4, 1))[:rows] * 0.5 + np.arange(rows)[:, None]).sample(
            3, 0, prior="mixture"
        )
        assert counted == [components]

    @pytest.mark.parametrize("prior", PRIORS)
    def test_one_latent_number(self, prior):
        autoencoder = quick(n_latent=1).fit(X)
        assert autoencoder.sample_codes(8, 0, prior=prior).shape == (8, 1)
        if prior != "normal":
            spread = autoencoder.sample_codes(5000, 0, prior=prior).std()
            assert 0.5 < spread / autoencoder.codes_.std() < 3

    @pytest.mark.parametrize("prior", ["uniform", "gaussian"])
    def test_a_single_row_is_all_they_can_give(self, prior):
        autoencoder = quick().fit(X).partial_fit(X[:1])
        np.testing.assert_allclose(
            autoencoder.sample_codes(3, 0, prior=prior), np.tile(autoencoder.codes_, (3, 1))
        )

    def test_a_mixture_needs_two_rows(self):
        with pytest.raises(ValueError, match="at least 2 rows .* last trained on 1"):
            quick().partial_fit(X[:1]).sample(3, prior="mixture")

    @pytest.mark.parametrize("prior", PRIORS)
    def test_sampling_leaves_the_training_alone(self, prior):
        first, second = quick(code_noise=0.1).partial_fit(X), quick(code_noise=0.1).partial_fit(X)
        first.sample(5, prior=prior)
        first.partial_fit(X)
        second.partial_fit(X)
        np.testing.assert_array_equal(first.transform(X), second.transform(X))

    @pytest.mark.parametrize("draw", [Autoencoder.sample, Autoencoder.sample_codes])
    def test_refusals(self, draw):
        autoencoder = quick().fit(X)
        with pytest.raises(ValueError, match="prior must be one of 'normal', .*; got 'cauchy'"):
            draw(autoencoder, prior="cauchy")
        with pytest.raises(TypeError, match=r"prior must be one of .* got None \(NoneType\)"):
            draw(autoencoder, prior=None)
        with pytest.raises(TypeError, match="n_samples must be a whole number"):
            draw(autoencoder, 2.5)
        with pytest.raises(NotFittedError):
            draw(quick())


def test_a_code_penalty_is_the_l2_penalty_of_a_made_up_layer():
    """‖h‖² is the squared error of h against zero: the same gradient by another road."""
    encoder = Network(dense_layers([6, 4, 2], "tanh"), random_state=0)
    h = encoder.forward(X.T)
    encoder.backward(0.3 * 2 / len(X) * h)
    autoencoder = quick(code_penalty=0.3, learning_rate_init=1e-12, batch_size=45, dtype="float64")
    autoencoder.partial_fit(X)
    autoencoder.encoder_.parameters[...] = encoder.parameters
    autoencoder.decoder_.parameters[...] = 0  # nothing comes back from the reconstruction
    autoencoder._training_step(X.T)
    np.testing.assert_allclose(autoencoder.encoder_.gradients, encoder.gradients, rtol=1e-10)
