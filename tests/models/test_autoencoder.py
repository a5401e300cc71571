"""The autoencoder: its loss, its training, its samples, and what it refuses."""

from __future__ import annotations

import io
import math
import pickle
import warnings

import joblib
import numpy as np
import pytest
from scipy.linalg import subspace_angles
from sklearn.base import clone
from sklearn.decomposition import PCA
from sklearn.exceptions import NotFittedError
from sklearn.model_selection import GridSearchCV
from sklearn.neural_network import MLPRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from helpers.datasets import load_ionosphere
from helpers.models import Autoencoder
from helpers.nn import SGD, Adam, Dense

X = np.random.default_rng(0).uniform(-1, 1, size=(45, 6))


def quick(**kwargs) -> Autoencoder:
    kwargs = {"n_latent": 2, "max_iter": 5, "random_state": 0, **kwargs}
    return Autoencoder(kwargs.pop("hidden_layer_sizes", (4,)), **kwargs)


def weight_matrices(autoencoder: Autoencoder) -> list[np.ndarray]:
    return [layer.W for layer in autoencoder.network_.layers if isinstance(layer, Dense)]


@pytest.fixture(scope="module")
def ionosphere() -> np.ndarray:
    return load_ionosphere(return_X_y=True)[0]


class TestArchitecture:
    def test_default_on_the_ionosphere(self, ionosphere):
        autoencoder = Autoencoder(max_iter=1).fit(ionosphere)
        sizes = [W.shape for W in weight_matrices(autoencoder)]
        assert sizes == [(64, 34), (8, 64), (64, 8), (34, 64)]
        assert "Dense(34, 64), Tanh(), Dense(64, 8)])" in repr(autoencoder.encoder_)
        assert "Dense(8, 64), Tanh(), Dense(64, 34)])" in repr(autoencoder.decoder_)

    def test_decoder_mirrors_encoder(self):
        autoencoder = quick(
            hidden_layer_sizes=[5, 3], activation="relu", output_activation="tanh"
        ).fit(X)
        assert repr(autoencoder.network_).startswith(
            "Network([Dense(6, 5), ReLU(), Dense(5, 3), ReLU(), Dense(3, 2), "
            "Dense(2, 3), ReLU(), Dense(3, 5), ReLU(), Dense(5, 6), Tanh()])"
        )

    def test_linear(self):
        autoencoder = quick(hidden_layer_sizes=(), activation="identity").fit(X)
        assert repr(autoencoder.network_).startswith("Network([Dense(6, 2), Dense(2, 6)])")

    @pytest.mark.parametrize("sizes", [4, (4,), [4], np.array([4]), np.int64(4)])
    def test_one_hidden_layer_however_written(self, sizes):
        autoencoder = quick(hidden_layer_sizes=sizes).fit(X)
        assert [W.shape for W in weight_matrices(autoencoder)] == [(4, 6), (2, 4), (4, 2), (6, 4)]

    def test_solvers(self):
        assert isinstance(quick(solver="adam").fit(X).optimizer_, Adam)
        sgd = quick(solver="sgd", learning_rate_init=0.02, momentum=0.3).fit(X).optimizer_
        assert isinstance(sgd, SGD)
        assert (sgd.learning_rate, sgd.momentum) == (0.02, 0.3)


class TestLoss:
    @pytest.mark.parametrize("alpha", [0.0, 0.3])
    def test_recorded_loss_is_the_formula(self, alpha):
        start = quick(alpha=alpha, learning_rate_init=1e-12, max_iter=1, batch_size=10**9)
        start.set_params(dtype="float64").fit(X)
        x_hat = start.inverse_transform(start.transform(X))
        expected = sum((x - r) @ (x - r) for x, r in zip(X, x_hat, strict=True)) / len(X)
        expected += alpha * sum((W**2).sum() for W in weight_matrices(start))
        assert start.loss_curve_ == [pytest.approx(expected, rel=1e-8)]

    def test_recorded_loss_weighs_minibatches_by_their_size(self):
        whole, parts = (
            quick(learning_rate_init=1e-12, max_iter=1, batch_size=n, dtype="float64").fit(X)
            for n in (45, 20)
        )
        assert parts.loss_curve_ == [pytest.approx(whole.loss_curve_[0], rel=1e-8)]

    def test_score_is_minus_the_mean_error(self):
        autoencoder = quick(alpha=0.5).fit(X)
        x_hat = autoencoder.inverse_transform(autoencoder.transform(X))
        expected = -np.mean(np.sum((X - x_hat) ** 2, axis=1))
        assert autoencoder.score(X) == pytest.approx(expected, rel=1e-12)
        assert type(autoencoder.score(X)) is float

    @pytest.mark.parametrize("alpha", [0.0, 0.2])
    def test_a_step_follows_the_gradient_of_the_formula(self, alpha):
        rate = 1e-3
        autoencoder = quick(
            solver="sgd", momentum=0, alpha=alpha, batch_size=45, dtype="float64"
        ).set_params(learning_rate_init=rate)
        autoencoder.partial_fit(X)
        parameters = autoencoder.network_.parameters
        before = parameters.copy()

        def formula(values):
            parameters[...] = values
            return -autoencoder.score(X) + alpha * sum(
                (W**2).sum() for W in weight_matrices(autoencoder)
            )

        gradient = np.array(
            [
                (formula(before + 1e-5 * unit) - formula(before - 1e-5 * unit)) / 2e-5
                for unit in np.eye(parameters.size)
            ]
        )
        parameters[...] = before
        autoencoder.partial_fit(X)
        np.testing.assert_allclose(
            (before - autoencoder.network_.parameters) / rate,
            gradient,
            rtol=0,
            atol=1e-6 * np.abs(gradient).max(),
        )

    def test_penalty_shrinks_weights(self):
        sizes = []
        for alpha in (0.0, 0.05, 5.0):
            autoencoder = quick(alpha=alpha, max_iter=300, learning_rate_init=0.01).fit(X)
            sizes.append(sum((W**2).sum() for W in weight_matrices(autoencoder)))
        assert sizes[0] > sizes[1] > 100 * sizes[2]

    @pytest.mark.parametrize("alpha", [0.0, 0.01])
    def test_scikit_learns_convention(self, alpha):
        """MLPRegressor on (X, X) with n times the alpha and twice the rate takes the same steps."""
        n, rate = len(X), 0.05
        ours = Autoencoder(
            (),
            2,
            alpha=alpha,
            solver="sgd",
            momentum=0,
            learning_rate_init=rate,
            batch_size=n,
            random_state=0,
            dtype="float64",
        ).partial_fit(X)
        theirs = MLPRegressor(
            hidden_layer_sizes=(2,),
            activation="identity",
            alpha=n * alpha,
            solver="sgd",
            momentum=0,
            nesterovs_momentum=False,
            learning_rate_init=2 * rate,
            batch_size=n,
        ).partial_fit(X, X)
        dense = ours.network_.layers
        for layer, W, b in zip(dense, theirs.coefs_, theirs.intercepts_, strict=True):
            W[...], b[...] = layer.W.T, layer.b[:, 0]
        for _ in range(20):
            ours.partial_fit(X)
            theirs.partial_fit(X, X)
        for layer, W, b in zip(dense, theirs.coefs_, theirs.intercepts_, strict=True):
            np.testing.assert_allclose(layer.W.T, W, rtol=1e-9)
            np.testing.assert_allclose(layer.b[:, 0], b, rtol=1e-9, atol=1e-12)


class TestLinearIsPCA:
    @pytest.mark.parametrize("dtype", ["float32", "float64"])
    def test_error_and_subspace(self, dtype):
        rng = np.random.default_rng(1)
        data = rng.normal(size=(120, 7)) @ np.diag([3, 2, 1.5, 0.5, 0.3, 0.2, 0.1]) * 0.5
        data = data @ np.linalg.qr(rng.normal(size=(7, 7)))[0] + rng.normal(size=7)
        pca = PCA(3).fit(data)
        best = np.mean(np.sum((data - pca.inverse_transform(pca.transform(data))) ** 2, axis=1))
        linear = Autoencoder(
            (),
            3,
            activation="identity",
            learning_rate_init=0.01,
            batch_size=120,
            max_iter=6000,
            random_state=0,
            dtype=dtype,
        ).fit(data)
        assert best * (1 - 1e-6) <= -linear.score(data) <= best * (1 + 2e-4)
        decoder = linear.decoder_.layers[0].W
        assert np.degrees(subspace_angles(decoder, pca.components_.T)).max() < 0.1
        reconstructed = linear.inverse_transform(linear.transform(data))
        assert np.linalg.matrix_rank(reconstructed - reconstructed.mean(axis=0), tol=1e-8) == 3

    def test_ionosphere(self, ionosphere):
        pca = PCA(2).fit(ionosphere)
        recovered = pca.inverse_transform(pca.transform(ionosphere))
        best = np.mean(np.sum((ionosphere - recovered) ** 2, axis=1))
        linear = Autoencoder(
            (), 2, activation="identity", learning_rate_init=0.01, batch_size=351, max_iter=1500
        )
        linear.set_params(random_state=0).fit(ionosphere)
        assert -linear.score(ionosphere) == pytest.approx(best, rel=1e-3)


class TestTraining:
    def test_learns_the_ionosphere(self, ionosphere):
        """Eight hidden numbers behind tanh do much better than eight principal components."""
        pca = PCA(8).fit(ionosphere)
        recovered = pca.inverse_transform(pca.transform(ionosphere))
        best_linear = np.mean(np.sum((ionosphere - recovered) ** 2, axis=1))
        autoencoder = Autoencoder(random_state=0).fit(ionosphere)
        assert -autoencoder.score(ionosphere) < 0.5 * best_linear
        assert autoencoder.n_iter_ == len(autoencoder.loss_curve_) == 500
        assert autoencoder.loss_curve_[-1] < 0.1 * autoencoder.loss_curve_[0]

    @pytest.mark.parametrize("solver", ["adam", "sgd"])
    @pytest.mark.parametrize("dtype", ["float32", "float64"])
    def test_same_seed_same_result(self, solver, dtype):
        first, second, other = (
            quick(solver=solver, dtype=dtype, random_state=seed, batch_size=8).fit(X)
            for seed in (3, 3, 4)
        )
        np.testing.assert_array_equal(first.network_.parameters, second.network_.parameters)
        np.testing.assert_array_equal(first.transform(X), second.transform(X))
        assert (first.transform(X) != other.transform(X)).any()

    def test_a_generator_moves_on(self):
        rng = np.random.default_rng(3)
        first, second = (quick(random_state=rng).fit(X).transform(X) for _ in range(2))
        np.testing.assert_array_equal(first, quick(random_state=3).fit(X).transform(X))
        assert (first != second).any()

    def test_an_older_random_state(self):
        first, second = (
            quick(random_state=np.random.RandomState(3)).fit(X).transform(X) for _ in range(2)
        )
        np.testing.assert_array_equal(first, second)

    @pytest.mark.parametrize("solver", ["adam", "sgd"])
    def test_repeated_partial_fit_is_fit(self, solver):
        whole = quick(solver=solver, batch_size=8, max_iter=7).fit(X)
        parts = quick(solver=solver, batch_size=8)
        for epoch in range(1, 8):
            parts.partial_fit(X)
            assert parts.n_iter_ == len(parts.loss_curve_) == epoch
        np.testing.assert_array_equal(parts.network_.parameters, whole.network_.parameters)
        assert parts.loss_curve_ == whole.loss_curve_

    def test_partial_fit_on_other_rows_carries_on(self):
        autoencoder = quick(batch_size=8).partial_fit(X[:20])
        before = autoencoder.network_.parameters.copy()
        autoencoder.partial_fit(X[20:21])
        assert autoencoder.optimizer_.t == 4  # minibatches of 8, 8, 4 and 1
        assert (autoencoder.network_.parameters != before).any()

    def test_fit_starts_anew(self):
        autoencoder = quick().partial_fit(X[:7]).fit(X)
        assert autoencoder.n_iter_ == len(autoencoder.loss_curve_) == 5
        np.testing.assert_array_equal(autoencoder.transform(X), quick().fit(X).transform(X))

    @pytest.mark.parametrize(("batch_size", "steps"), [(45, 1), (1000, 1), (44, 2), (10, 5)])
    def test_number_of_steps(self, batch_size, steps):
        assert quick(batch_size=batch_size, max_iter=3).fit(X).optimizer_.t == 3 * steps

    def test_every_row_once_an_epoch(self, monkeypatch):
        seen = []
        step = Autoencoder._training_step
        monkeypatch.setattr(
            Autoencoder, "_training_step", lambda self, x: (seen.append(x.copy()), step(self, x))[1]
        )
        quick(batch_size=10, max_iter=2, dtype="float64").fit(X)
        epochs = [np.hstack(seen[:5]).T, np.hstack(seen[5:]).T]
        for rows in epochs:
            assert not np.array_equal(rows, X)
            np.testing.assert_array_equal(np.unique(rows, axis=0), np.unique(X, axis=0))
        assert not np.array_equal(*epochs)

    def test_precision(self):
        single, double = (quick(dtype=dtype).fit(X) for dtype in ("float32", np.float64))
        assert single.network_.dtype == np.float32
        assert double.network_.dtype == np.float64
        np.testing.assert_allclose(single.transform(X), double.transform(X), atol=1e-4)
        for autoencoder in (single, double):
            codes = autoencoder.transform(X.astype(np.float32))
            assert codes.dtype == autoencoder.inverse_transform(codes).dtype == np.float64
            assert autoencoder.sample().dtype == np.float64

    def test_data_are_left_alone(self):
        data = X.copy()
        data.flags.writeable = False
        autoencoder = quick().fit(data)
        autoencoder.inverse_transform(autoencoder.transform(data))[...] = 0
        np.testing.assert_array_equal(data, X)

    def test_output_activation_bounds_the_reconstruction(self):
        autoencoder = quick(output_activation="sigmoid", max_iter=200).fit(9 * X)
        x_hat = autoencoder.inverse_transform(autoencoder.transform(9 * X))
        assert ((x_hat > 0) & (x_hat < 1)).all()

    @pytest.mark.parametrize(
        "restored",
        [clone, lambda a: pickle.loads(pickle.dumps(a)), "joblib"],
        ids=["clone", "pickle", "joblib"],
    )
    def test_storing(self, restored):
        autoencoder = quick(batch_size=8).fit(X)
        if restored == "joblib":
            file = io.BytesIO()
            joblib.dump(autoencoder, file)
            file.seek(0)
            copied = joblib.load(file)
        else:
            copied = restored(autoencoder)
        if restored is clone:
            assert not hasattr(copied, "network_")
            copied.fit(X)
        np.testing.assert_array_equal(copied.transform(X), autoencoder.transform(X))
        autoencoder.partial_fit(X)
        copied.partial_fit(X)
        np.testing.assert_array_equal(copied.transform(X), autoencoder.transform(X))

    def test_in_a_pipeline_and_a_grid(self):
        pipeline = make_pipeline(StandardScaler(), quick())
        search = GridSearchCV(pipeline, {"autoencoder__n_latent": [1, 6]}, cv=3)
        search.set_params(estimator__autoencoder__max_iter=200).fit(X)
        assert search.best_params_ == {"autoencoder__n_latent": 6}

    def test_feature_names(self):
        assert list(quick().fit(X).get_feature_names_out()) == ["autoencoder0", "autoencoder1"]


class TestEarlyStopping:
    def test_off_by_default(self):
        autoencoder = quick(max_iter=60, learning_rate_init=1e-12).fit(X)
        assert autoencoder.n_iter_ == 60
        assert autoencoder.validation_scores_ is None

    def test_stops_and_returns_to_the_best(self, monkeypatch):
        snapshots = []
        epoch = Autoencoder._run_epoch

        def run_epoch(self, columns):
            assert columns.shape == (6, 36)  # 45 rows, of which 9 are set aside
            epoch(self, columns)
            snapshots.append(self.network_.parameters.copy())

        monkeypatch.setattr(Autoencoder, "_run_epoch", run_epoch)
        autoencoder = quick(
            hidden_layer_sizes=(40,),
            learning_rate_init=0.02,
            max_iter=2000,
            early_stopping=True,
            validation_fraction=0.2,
            n_iter_no_change=4,
        ).fit(X)
        scores = autoencoder.validation_scores_
        best = int(np.argmax(scores))
        assert autoencoder.n_iter_ == len(scores) == best + 1 + 4 < 2000
        np.testing.assert_array_equal(autoencoder.network_.parameters, snapshots[best])

    def test_runs_out_of_epochs(self):
        autoencoder = quick(max_iter=3, early_stopping=True).fit(X)
        assert len(autoencoder.validation_scores_) == autoencoder.n_iter_ == 3
        assert autoencoder.set_params(early_stopping=False).fit(X).validation_scores_ is None

    @pytest.mark.parametrize(("rows", "fraction"), [(1, 0.5), (4, 0.1), (3, 0.9)])
    def test_too_few_rows(self, rows, fraction):
        autoencoder = quick(early_stopping=True, validation_fraction=fraction)
        with pytest.raises(ValueError, match=f"got X with {rows} samples and validation_fraction="):
            autoencoder.fit(X[:rows])


class TestInterruption:
    def test_a_usable_model_remains(self, monkeypatch):
        epoch = Autoencoder._run_epoch

        def run_epoch(self, columns):
            if self.n_iter_ == 3:
                raise KeyboardInterrupt
            epoch(self, columns)

        monkeypatch.setattr(Autoencoder, "_run_epoch", run_epoch)
        with pytest.warns(UserWarning, match="interrupted after 3 of 50 epochs") as caught:
            autoencoder = quick(max_iter=50).fit(X)
        assert caught[0].filename == __file__
        assert autoencoder.n_iter_ == len(autoencoder.loss_curve_) == 3
        monkeypatch.undo()
        np.testing.assert_array_equal(
            autoencoder.transform(X), quick(max_iter=3).fit(X).transform(X)
        )
        autoencoder.partial_fit(X)
        assert autoencoder.n_iter_ == 4

    def test_early_stopping_still_returns_to_the_best(self, monkeypatch):
        epoch = Autoencoder._run_epoch

        def run_epoch(self, columns):
            epoch(self, columns)
            if self.n_iter_ == 3:
                self.network_.parameters[...] = 100
                raise KeyboardInterrupt

        monkeypatch.setattr(Autoencoder, "_run_epoch", run_epoch)
        with pytest.warns(UserWarning, match="interrupted"):
            autoencoder = quick(max_iter=50, early_stopping=True).fit(X)
        assert np.abs(autoencoder.network_.parameters).max() < 10


class TestDivergence:
    @pytest.mark.parametrize("dtype", ["float32", "float64"])
    def test_says_what_to_try(self, dtype):
        autoencoder = quick(
            hidden_layer_sizes=(),
            solver="sgd",
            learning_rate_init=50.0,
            max_iter=1000,
            dtype=dtype,
        )
        with (
            warnings.catch_warnings(),
            pytest.raises(FloatingPointError, match="smaller learning_rate_init .it is 50") as info,
        ):
            warnings.simplefilter("error")
            autoencoder.fit(X)
        assert f"in epoch {len(autoencoder.loss_curve_) + 1}" in str(info.value)
        assert all(map(math.isfinite, autoencoder.loss_curve_))

    def test_huge_columns(self):
        with pytest.raises(FloatingPointError, match=r"largest entry in size is 9\.\d+e\+29"):
            quick().fit(1e30 * X)

    def test_in_partial_fit(self):
        with pytest.raises(FloatingPointError, match="diverged"):
            quick().partial_fit(1e30 * X)


class TestSamples:
    @pytest.mark.parametrize("n_samples", [1, 7, np.int64(3)])
    def test_shape(self, n_samples):
        samples = quick().fit(X).sample(n_samples, random_state=0)
        assert samples.shape == (n_samples, 6)
        assert np.isfinite(samples).all()

    def test_one_by_default(self):
        assert quick().fit(X).sample().shape == (1, 6)

    def test_random_state(self):
        autoencoder = quick().fit(X)
        first, second, other, free, freer = (
            autoencoder.sample(4, random_state=seed) for seed in (1, 1, 2, None, None)
        )
        np.testing.assert_array_equal(first, second)
        assert (first != other).all()
        assert (free != freer).all()

    def test_are_decoded_standard_normal_vectors(self):
        autoencoder = quick().fit(X)
        codes = np.random.default_rng(5).standard_normal((10, 2))
        np.testing.assert_array_equal(
            autoencoder.sample(10, random_state=5), autoencoder.inverse_transform(codes)
        )

    def test_leave_the_training_alone(self):
        first, second = quick().partial_fit(X), quick().partial_fit(X)
        first.sample(5)
        first.partial_fit(X)
        second.partial_fit(X)
        np.testing.assert_array_equal(first.transform(X), second.transform(X))

    @pytest.mark.parametrize("n_samples", [0, -1])
    def test_too_few(self, n_samples):
        with pytest.raises(ValueError, match=f"n_samples must be .* at least 1; got {n_samples}"):
            quick().fit(X).sample(n_samples)

    @pytest.mark.parametrize("n_samples", [2.0, "3", None])
    def test_not_a_number(self, n_samples):
        with pytest.raises(TypeError, match="n_samples must be a whole number"):
            quick().fit(X).sample(n_samples)


class TestRefusals:
    @pytest.mark.parametrize(
        ("parameter", "value", "expected"),
        [
            ("hidden_layer_sizes", (4, 0), "each of hidden_layer_sizes must be .* 1; got 0"),
            ("hidden_layer_sizes", (-3,), "each of hidden_layer_sizes must be .* 1; got -3"),
            ("hidden_layer_sizes", 0, "each of hidden_layer_sizes must be .* 1; got 0"),
            ("n_latent", 0, "n_latent must be a whole number of at least 1; got 0"),
            ("n_latent", -2, "n_latent must be a whole number of at least 1; got -2"),
            ("activation", "swish", "activation must be one of 'identity', .*; got 'swish'"),
            ("output_activation", "softmax", "output_activation must be one of .* got 'softmax'"),
            ("alpha", -0.1, "alpha must be a finite number at least 0; got -0.1"),
            ("alpha", float("nan"), "alpha must be a finite number at least 0; got nan"),
            ("solver", "lbfgs", "solver must be one of 'adam', 'sgd'; got 'lbfgs'"),
            ("learning_rate_init", 0, "learning_rate_init must be .* greater than 0; got 0"),
            ("learning_rate_init", -1e-3, "learning_rate_init must be .* than 0; got -0.001"),
            ("learning_rate_init", float("inf"), "learning_rate_init must be .*; got inf"),
            ("batch_size", 0, "batch_size must be a whole number of at least 1; got 0"),
            ("max_iter", 0, "max_iter must be a whole number of at least 1; got 0"),
            ("max_iter", -5, "max_iter must be a whole number of at least 1; got -5"),
            ("momentum", 1, "momentum must be .* at least 0 and less than 1; got 1"),
            ("momentum", -0.5, "momentum must be .* at least 0 and less than 1; got -0.5"),
            ("validation_fraction", 0, "validation_fraction must be .* less than 1; got 0"),
            ("validation_fraction", 1, "validation_fraction must be .* less than 1; got 1"),
            ("n_iter_no_change", 0, "n_iter_no_change must be .* at least 1; got 0"),
            ("random_state", -1, "random_state must be .* at least 0; got -1"),
            ("dtype", "float16", "dtype must be 'float32' or 'float64'; got 'float16'"),
            ("dtype", int, "dtype must be 'float32' or 'float64'; got <class 'int'>"),
        ],
    )
    def test_wrong_value(self, parameter, value, expected):
        for train in (Autoencoder.fit, Autoencoder.partial_fit):
            with pytest.raises(ValueError, match=expected):
                train(quick(**{parameter: value}), X)

    @pytest.mark.parametrize(
        ("parameter", "value", "expected"),
        [
            ("hidden_layer_sizes", "64", r"each of hidden_layer_sizes .* got '64' \(str\)"),
            ("hidden_layer_sizes", (4.0,), r"each of hidden_layer_sizes .* got 4.0 \(float\)"),
            ("hidden_layer_sizes", None, r"each of hidden_layer_sizes .* got None \(NoneType\)"),
            ("n_latent", 2.5, r"n_latent must be a whole number .* got 2.5 \(float\)"),
            ("n_latent", True, r"n_latent must be a whole number .* got True \(bool\)"),
            ("activation", np.tanh, r"activation must be one of .* got <ufunc 'tanh'>"),
            ("activation", None, r"activation must be one of .* got None \(NoneType\)"),
            ("alpha", "0.1", r"alpha must be a finite number .* got '0.1' \(str\)"),
            ("solver", ["adam"], r"solver must be one of .* got \['adam'\] \(list\)"),
            ("learning_rate_init", None, r"learning_rate_init must be .* got None \(NoneType\)"),
            ("batch_size", "auto", r"batch_size must be a whole number .* got 'auto' \(str\)"),
            ("max_iter", 10.0, r"max_iter must be a whole number .* got 10.0 \(float\)"),
            ("momentum", True, r"momentum must be .* got True \(bool\)"),
            ("early_stopping", "no", r"early_stopping must be True or False; got 'no' \(str\)"),
            ("verbose", 2, r"verbose must be True or False; got 2 \(int\)"),
            ("random_state", "seed", r"random_state must be a whole number .* got 'seed' \(str\)"),
            ("random_state", 0.5, r"random_state must be a whole number .* got 0.5 \(float\)"),
            ("dtype", 32, "dtype must be 'float32' or 'float64'; got 32"),
            ("dtype", None, "dtype must be 'float32' or 'float64'; got None"),
        ],
    )
    def test_wrong_type(self, parameter, value, expected):
        with pytest.raises(TypeError, match=expected):
            quick(**{parameter: value}).fit(X)

    def test_checked_again_when_training_goes_on(self):
        autoencoder = quick().partial_fit(X).set_params(batch_size=-4)
        with pytest.raises(ValueError, match="batch_size"):
            autoencoder.partial_fit(X)

    @pytest.mark.parametrize(
        ("codes", "expected"),
        [
            (np.ones((3, 5)), r"H must have n_latent = 2 columns; got shape \(3, 5\)"),
            (np.ones(2), "Expected 2D array, got 1D array"),
            ([[np.nan, 1]], "Input H contains NaN"),
            (np.ones((0, 2)), "Found array with 0 sample"),
        ],
    )
    def test_codes_that_cannot_be_decoded(self, codes, expected):
        with pytest.raises(ValueError, match=expected):
            quick().fit(X).inverse_transform(codes)

    @pytest.mark.filterwarnings("ignore:overflow encountered in cast")
    @pytest.mark.parametrize(
        ("data", "expected"),
        [
            (np.ones(6), "Expected 2D array, got 1D array"),
            (np.full((4, 6), np.nan), "Input X contains NaN"),
            (np.full((4, 6), 1e60), "too large for dtype"),
            (np.ones((0, 6)), "Found array with 0 sample"),
            ([["a", "b"]], "could not convert string to float"),
        ],
    )
    def test_data_that_cannot_be_learnt(self, data, expected):
        with pytest.raises(ValueError, match=expected):
            quick().fit(data)

    @pytest.mark.parametrize("method", ["transform", "score", "partial_fit"])
    def test_other_number_of_features(self, method):
        with pytest.raises(ValueError, match="X has 3 features, but Autoencoder is expecting 6"):
            getattr(quick().fit(X), method)(X[:, :3])

    @pytest.mark.parametrize("method", ["transform", "inverse_transform", "score", "sample"])
    def test_not_fitted(self, method):
        argument = 1 if method == "sample" else X
        with pytest.raises(NotFittedError):
            getattr(quick(), method)(argument)
