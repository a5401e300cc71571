"""The GAN: losses and gradients of both players, their steps, labels, samples, and refusals."""

from __future__ import annotations

import io
import math
import pickle
import warnings

import joblib
import numpy as np
import pytest
from gradient_checks import assert_close, central_differences
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.utils.estimator_checks import parametrize_with_checks

from helpers.models import GAN
from helpers.models.gan import LOSSES, discriminator_loss, generator_loss
from helpers.nn import Dense

X = np.random.default_rng(0).normal(size=(45, 3))
TWO = np.random.default_rng(1).choice([4, 9], size=45)
THREE = np.random.default_rng(2).choice(["cat", "dog", "owl"], size=45)

losses = pytest.mark.parametrize("loss", LOSSES)


def quick(**kwargs) -> GAN:
    kwargs = {"n_latent": 2, "max_iter": 8, "batch_size": 6, "random_state": 0, **kwargs}
    generator = kwargs.pop("generator_layer_sizes", (5,))
    return GAN(generator, kwargs.pop("discriminator_layer_sizes", (7, 4)), **kwargs)


def started(**kwargs) -> GAN:
    """A GAN in double precision after a few steps, with biases that are not zero."""
    y = kwargs.pop("y", None)
    gan = quick(dtype="float64", **kwargs)
    gan.training_step(X, y, n_steps=3)
    rng = np.random.default_rng(3)
    for network in (gan.generator_, gan.discriminator_):
        for layer in network.layers:
            if isinstance(layer, Dense):
                layer.b[...] = rng.normal(size=layer.b.shape)
    return gan


def sigma(a):
    return 1 / (1 + np.exp(-a))


class TestLosses:
    REAL = np.array([[0.3, -1.2, 2.0, 0.7]])
    FAKE = np.array([[-0.4, 1.5, -2.2]])

    @pytest.mark.parametrize("smoothing", [0.0, 0.1])
    @pytest.mark.parametrize("loss", ["non_saturating", "minimax"])
    def test_cross_entropy(self, loss, smoothing):
        target = 1 - smoothing
        terms = -target * np.log(sigma(self.REAL)) - smoothing * np.log(1 - sigma(self.REAL))
        expected = terms.mean() - np.log(1 - sigma(self.FAKE)).mean()
        value, *_ = discriminator_loss(self.REAL, self.FAKE, loss, label_smoothing=smoothing)
        assert value == pytest.approx(expected, rel=1e-12)

    def test_nothing_told_apart(self):
        value, *_ = discriminator_loss(np.zeros((1, 4)), np.zeros((1, 4)))
        assert value == pytest.approx(2 * math.log(2), rel=1e-12)

    def test_least_squares_and_wasserstein(self):
        real, fake = self.REAL, self.FAKE
        squares = 0.5 * ((real - 1) ** 2).mean() + 0.5 * (fake**2).mean()
        assert discriminator_loss(real, fake, "least_squares")[0] == pytest.approx(squares)
        gap = fake.mean() - real.mean()
        assert discriminator_loss(real, fake, "wasserstein_gp")[0] == pytest.approx(gap)

    def test_smoothed_least_squares_aim_at_the_smoothed_target(self):
        _, slope, _ = discriminator_loss(
            self.REAL, self.FAKE, "least_squares", label_smoothing=0.25
        )
        np.testing.assert_allclose(slope, (self.REAL - 0.75) / 4, rtol=1e-12)

    def test_smoothing_is_one_sided(self):
        _, d_real, d_fake = discriminator_loss(self.REAL, self.FAKE)
        _, other_real, other_fake = discriminator_loss(self.REAL, self.FAKE, label_smoothing=0.2)
        assert (d_real != other_real).all()
        np.testing.assert_array_equal(d_fake, other_fake)

    @pytest.mark.parametrize(
        ("loss", "formula"),
        [
            ("non_saturating", lambda a: -np.log(sigma(a))),
            ("minimax", lambda a: np.log(1 - sigma(a))),
            ("least_squares", lambda a: 0.5 * (a - 1) ** 2),
            ("wasserstein_gp", lambda a: -a),
        ],
    )
    def test_generator(self, loss, formula):
        assert generator_loss(self.FAKE, loss)[0] == pytest.approx(formula(self.FAKE).mean())

    @losses
    @pytest.mark.parametrize("smoothing", [0.0, 0.1])
    def test_gradients(self, loss, smoothing):
        real, fake = self.REAL.copy(), self.FAKE.copy()

        def value():
            return discriminator_loss(real, fake, loss, label_smoothing=smoothing)[0]

        _, d_real, d_fake = discriminator_loss(real, fake, loss, label_smoothing=smoothing)
        assert_close(d_real[0], central_differences(value, real[0]))
        assert_close(d_fake[0], central_differences(value, fake[0]))
        _, slope = generator_loss(fake, loss)
        assert_close(slope[0], central_differences(lambda: generator_loss(fake, loss)[0], fake[0]))

    @losses
    def test_extreme_logits_stay_finite(self, loss):
        extreme = np.array([[-1e4, -800.0, 0.0, 800.0, 1e4]])
        with np.errstate(all="raise", under="ignore"):
            value, *slopes = discriminator_loss(extreme, extreme, loss)
            other, slope = generator_loss(extreme, loss)
        assert all(np.isfinite(a).all() for a in (value, other, slope, *slopes))

    def test_minimax_saturates_and_non_saturating_does_not(self):
        sure_of_a_fake = np.array([[-20.0]])
        assert abs(generator_loss(sure_of_a_fake, "minimax")[1].item()) < 1e-8
        assert abs(generator_loss(sure_of_a_fake, "non_saturating")[1].item()) > 0.99


CURES = {
    "plain": {},
    "R1": {"r1": 0.7},
    "R2": {"r2": 0.7},
    "R1 and R2, annealed": {"r1": (0.9, 0.3), "r2": (0.1, 2.0)},
    "labels": {"r1": 0.7, "r2": 0.4, "y": TWO},
    "three labels": {"r1": 0.7, "y": THREE},
    "noise": {"r1": 0.5, "instance_noise": 0.2},
    "minibatch discrimination": {"minibatch_discrimination": 2},
    "smooth": {"discriminator_activation": "tanh", "generator_activation": "softplus"},
}


class TestGradients:
    """What each player descends is the gradient of the formula in the docstring."""

    def minibatch(self, gan: GAN, n: int = 4) -> np.ndarray:
        """Real samples, generated ones to their right, labels below both."""
        rng = np.random.default_rng(5)
        x = rng.normal(size=(3, 2 * n))
        labels = gan._draw_labels(n)
        return np.concatenate([x, np.concatenate([labels, labels], axis=1)])

    @losses
    @pytest.mark.parametrize("cure", CURES)
    def test_discriminator(self, loss, cure):
        options = {"gradient_penalty": 0.0} if "discr" in cure or cure == "smooth" else {}
        gan = started(loss=loss, **CURES[cure], **options)
        x, state = self.minibatch(gan), gan._rng.bit_generator.state

        def value():
            gan._rng.bit_generator.state = state  # the same points between real and generated
            return sum(gan._discriminator_gradient(x))

        value()
        gradient = gan.discriminator_.gradients.copy()
        assert_close(gradient, central_differences(value, gan.discriminator_.parameters))

    def test_penalties_are_the_formula(self):
        gan = started(r1=0.7, r2=0.2, y=TWO)
        x = self.minibatch(gan)
        _, penalty = gan._discriminator_gradient(x)
        slopes = np.empty((3, 8))  # the label's row is not among them
        for i in range(3):
            shift = np.zeros_like(x)
            shift[i] = 1e-6
            rise = gan.discriminator_.forward(x + shift) - gan.discriminator_.forward(x - shift)
            slopes[i] = rise[0] / 2e-6
        squares = (slopes**2).sum(axis=0)
        expected = 0.35 * squares[:4].mean() + 0.1 * squares[4:].mean()
        assert penalty == pytest.approx(expected, rel=1e-6)

    def test_wasserstein_penalty_is_taken_between_real_and_generated(self):
        gan = started(loss="wasserstein_gp", gradient_penalty=3.0, discriminator_layer_sizes=())
        _, penalty = gan._discriminator_gradient(self.minibatch(gan))
        norm = np.linalg.norm(gan.discriminator_.layers[0].W)
        assert penalty == pytest.approx(3 * (norm - 1) ** 2, rel=1e-12)

    def test_wasserstein_penalty_holds_labels_fixed(self):
        gan = started(loss="wasserstein_gp", discriminator_layer_sizes=(), y=TWO)
        _, penalty = gan._discriminator_gradient(self.minibatch(gan))
        norm = np.linalg.norm(gan.discriminator_.layers[0].W[:, :3])
        assert penalty == pytest.approx(10 * (norm - 1) ** 2, rel=1e-12)

    def test_minibatch_discrimination_compares_real_with_real(self):
        gan = started(minibatch_discrimination=2)
        x = self.minibatch(gan)
        value, _ = gan._discriminator_gradient(x)
        real, fake = gan.discriminate(x[:, :4].T), gan.discriminate(x[:, 4:].T)
        assert value == pytest.approx(discriminator_loss(real[None], fake[None])[0], rel=1e-12)
        assert gan.discriminate(x.T)[:4] != pytest.approx(real, rel=1e-6)

    def test_what_the_discriminator_sees(self, monkeypatch):
        """Real rows with their labels on the left, generated ones with the same on the right."""
        seen, gradient = [], GAN._discriminator_gradient

        def spy(self, x):
            seen.append(x.copy())
            return gradient(self, x)

        monkeypatch.setattr(GAN, "_discriminator_gradient", spy)
        gan = quick(dtype="float64", batch_size=20).start(X, TWO)
        gan.discriminator_step(X, TWO)
        (x,) = seen
        assert x.shape == (4, 40)
        np.testing.assert_array_equal(x[3, :20], x[3, 20:])
        assert set(x[3]) == {-1, 1}
        rows = {(*row, label) for row, label in zip(X, np.where(TWO == 9, 1, -1), strict=True)}
        assert all(tuple(column) in rows for column in x[:, :20].T)

    def test_instance_noise(self):
        gan = quick(instance_noise=0.3, dtype="float64").start(X, TWO)
        x = np.ones((4, 5000))
        gan._add_instance_noise(x)
        assert x[:3].mean(axis=1) == pytest.approx(1, abs=0.03)
        assert x[:3].std(axis=1) == pytest.approx(0.3, rel=0.05)
        assert (x[3] == 1).all()

    @losses
    @pytest.mark.parametrize("cure", CURES)
    def test_generator(self, loss, cure):
        options = {"gradient_penalty": 0.0} if "discr" in cure or cure == "smooth" else {}
        gan = started(loss=loss, **CURES[cure], **options)
        labels = gan._draw_labels(5)
        z, state = gan._draw_latent(labels), gan._rng.bit_generator.state

        def value():
            gan._rng.bit_generator.state = state  # the same instance noise
            return gan._generator_gradient(z, labels)

        before = gan.discriminator_.gradients.copy()
        value()
        gradient = gan.generator_.gradients.copy()
        assert_close(gradient, central_differences(value, gan.generator_.parameters))
        np.testing.assert_array_equal(gan.discriminator_.gradients, before)

    @losses
    def test_push(self, loss):
        gan = started(loss=loss, y=TWO)
        points = np.random.default_rng(6).normal(size=(4, 3))
        arrows = gan.push(points, 9)
        assert arrows.shape == (4, 3)
        for point, arrow in zip(points, arrows, strict=True):
            expected = central_differences(
                lambda point=point: generator_loss(
                    gan.discriminate(point[None], 9)[None], gan.loss
                )[0],
                point,
            )
            np.testing.assert_allclose(arrow, -expected, atol=1e-7)


class TestArchitecture:
    def test_players(self):
        gan = quick(output_activation="tanh", generator_activation="relu").fit(X)
        assert repr(gan.generator_).startswith("Network([Dense(2, 5), ReLU(), Dense(5, 3), Tanh()")
        assert repr(gan.discriminator_).startswith(
            "Network([Dense(3, 7), LeakyReLU(0.2), Dense(7, 4), LeakyReLU(0.2), Dense(4, 1)]"
        )

    @pytest.mark.parametrize(("y", "n_rows"), [(TWO, 1), (THREE, 3), (np.zeros(45), 1)])
    def test_labels_are_appended(self, y, n_rows):
        gan = quick().fit(X, y)
        assert gan.generator_.layers[0].n_in == 2 + n_rows
        assert gan.discriminator_.layers[0].n_in == 3 + n_rows
        assert list(gan.classes_) == sorted(set(y))
        assert gan.class_prior_ == pytest.approx([np.mean(y == c) for c in gan.classes_])

    def test_two_labels_are_minus_and_plus_one(self):
        gan = quick().fit(X, TWO)
        np.testing.assert_array_equal(gan._label_rows([4, 9, 9], 3), [[-1, 1, 1]])

    def test_three_labels_are_columns_of_the_identity(self):
        gan = quick().fit(X, THREE)
        np.testing.assert_array_equal(gan._label_rows(["owl", "cat"], 2), [[0, 1], [0, 0], [1, 0]])

    def test_minibatch_discrimination_stands_before_the_last_layer(self):
        gan = quick(minibatch_discrimination=5).fit(X)
        assert "MinibatchDiscrimination(4, 5, 4), Dense(9, 1)]" in repr(gan.discriminator_)
        gan = quick(minibatch_discrimination=5, discriminator_layer_sizes=()).fit(X)
        assert "[MinibatchDiscrimination(3, 5, 4), Dense(8, 1)]" in repr(gan.discriminator_)

    def test_betas(self):
        optimizer = quick(betas=(0.5, 0.9)).fit(X).discriminator_optimizer_
        assert (optimizer.beta_1, optimizer.beta_2) == (0.5, 0.9)


class TestTraining:
    def test_curves(self):
        gan = quick(n_discriminator_steps=3, r1=0.1).fit(X)
        assert gan.n_iter_ == len(gan.generator_loss_curve_) == 8
        assert len(gan.discriminator_loss_curve_) == len(gan.penalty_curve_) == 24
        assert all(map(math.isfinite, gan.discriminator_loss_curve_ + gan.generator_loss_curve_))
        assert min(gan.penalty_curve_) > 0

    @losses
    @pytest.mark.parametrize("y", [None, THREE])
    def test_same_seed_same_model(self, loss, y):
        first, second, other = (
            quick(loss=loss, instance_noise=0.1, random_state=seed).fit(X, y) for seed in (1, 1, 2)
        )
        for network in ("generator_", "discriminator_", "averaged_generator_"):
            a, b, c = (getattr(gan, network).parameters for gan in (first, second, other))
            np.testing.assert_array_equal(a, b)
            assert (a != c).any()

    @pytest.mark.parametrize("y", [None, TWO])
    def test_all_ways_to_train_are_one(self, y):
        """45 rows in minibatches of 6 are 8 steps (7.5, rounded to the even number)."""
        fitted = quick(max_iter=16, r1=0.3).fit(X, y)
        by_epoch = quick(max_iter=16, r1=0.3).partial_fit(X, y).partial_fit(X, y)
        by_step = quick(max_iter=16, r1=0.3)
        by_step.training_step(X, y, n_steps=6)
        by_hand = quick(max_iter=16, r1=0.3)
        for _ in range(10):
            by_step.training_step(X, y)
        for _ in range(16):
            by_hand.discriminator_step(X, y)
            by_hand.generator_step()
        for gan in (by_epoch, by_step, by_hand):
            assert gan.n_iter_ == 16
            np.testing.assert_array_equal(gan.generator_.parameters, fitted.generator_.parameters)
            np.testing.assert_array_equal(
                gan.sample(5, random_state=0), fitted.sample(5, random_state=0)
            )

    def test_each_step_moves_its_player_alone(self):
        gan = quick()
        gan.discriminator_step(X)
        assert (gan.n_iter_, len(gan.discriminator_loss_curve_)) == (0, 1)
        d, g = gan.discriminator_.parameters.copy(), gan.generator_.parameters.copy()
        gan.discriminator_step(X, n_steps=2)
        np.testing.assert_array_equal(gan.generator_.parameters, g)
        assert (gan.discriminator_.parameters != d).any()
        d = gan.discriminator_.parameters.copy()
        gan.generator_step(n_steps=3)
        np.testing.assert_array_equal(gan.discriminator_.parameters, d)
        assert (gan.generator_.parameters != g).any()
        assert (gan.n_iter_, len(gan.discriminator_loss_curve_)) == (3, 3)

    @pytest.mark.parametrize("y", [None, TWO])
    def test_start(self, y):
        """Untrained players, the same that every way to train begins with."""
        gan = quick().start(X, y)
        assert (gan.n_iter_, gan.generator_loss_curve_) == (0, [])
        assert gan.sample(2, random_state=0).shape == (2, 3)
        gan.training_step(X, y, n_steps=8)
        np.testing.assert_array_equal(
            gan.generator_.parameters, quick().fit(X, y).generator_.parameters
        )
        gan.start(X, y).generator_step()
        assert (gan.n_iter_, gan.discriminator_loss_curve_) == (1, [])

    def test_parameters_changed_between_steps_act_at_once(self):
        gan = quick(max_iter=1000)
        gan.training_step(X)
        gan.set_params(learning_rate_init=0.01, discriminator_learning_rate_init=0.03)
        gan.training_step(X)
        assert gan.generator_optimizer_.learning_rate == pytest.approx(0.01)
        assert gan.discriminator_optimizer_.learning_rate == pytest.approx(0.03)
        assert gan.penalty_curve_[-1] == 0
        gan.set_params(r1=1.0).training_step(X)
        assert gan.penalty_curve_[-1] > 0
        gan.set_params(loss="wasserstein_gp", r1=0).training_step(X)
        assert gan.penalty_curve_[-1] > 0
        gan.set_params(loss="least_squares", n_discriminator_steps=4, batch_size=9)
        gan.training_step(X)
        assert len(gan.discriminator_loss_curve_) == 8
        assert gan.penalty_curve_[-1] == 0

    def test_decay(self):
        gan, rates = quick(max_iter=10, decay_from=0.5, decay_to=0.2), []
        for _ in range(13):
            gan.training_step(X)
            rates.append(1000 * gan.generator_optimizer_.learning_rate)
        expected = [1] * 6 + [0.84, 0.68, 0.52, 0.36, 0.2, 0.2, 0.2]
        assert rates == pytest.approx(expected)

    def test_annealing(self):
        gan = quick(max_iter=4, r1=(1.0, 0.2), instance_noise=(0.4, 0))
        values = []
        for _ in range(6):
            gan.training_step(X)
            values.append((gan._now(gan.r1), gan._now(gan.instance_noise)))
        expected = [(0.8, 0.3), (0.6, 0.2), (0.4, 0.1), (0.2, 0), (0.2, 0), (0.2, 0)]
        np.testing.assert_allclose(values, expected, atol=1e-12)

    def test_average_of_weights(self):
        gan, weights = quick(weight_averaging=0.75, dtype="float64"), []
        for _ in range(9):
            gan.training_step(X)
            weights.append(gan.generator_.parameters.copy())
        expected = np.mean(weights[:4], axis=0)  # the plain mean to begin with
        for w in weights[4:]:
            expected = 0.75 * expected + 0.25 * w
        np.testing.assert_allclose(gan.averaged_generator_.parameters, expected, rtol=1e-10)

    def test_no_average_of_weights(self):
        gan = quick(weight_averaging=0).fit(X)
        Z = np.random.default_rng(0).normal(size=(4, 2))
        np.testing.assert_allclose(gan.generate(Z), gan.generate(Z, averaged=False), rtol=1e-5)

    @pytest.mark.parametrize("seed", range(3))
    @pytest.mark.parametrize(
        "options", [{"r1": 0.1, "r2": 0.1}, {"loss": "least_squares", "r1": 0.1, "r2": 0.1}]
    )
    def test_learns_a_shifted_normal_distribution(self, seed, options):
        rng = np.random.default_rng(seed)
        rows = rng.normal(size=(1000, 2)) * [1.0, 0.5] + [2.0, -1.0]
        gan = GAN(
            (16,), (16,), 4, max_iter=1500, learning_rate_init=0.003, random_state=seed, **options
        ).fit(rows)
        samples = gan.sample(2000, random_state=seed)
        assert np.abs(samples.mean(axis=0) - rows.mean(axis=0)).max() < 0.2
        assert np.abs(samples.std(axis=0) / rows.std(axis=0) - 1).max() < 0.35

    def test_learns_where_each_class_is(self):
        y = np.repeat(["left", "right"], 300)
        centres = np.where(y[:, None] == "left", [-2.0, 0.0], [2.0, 1.0])
        rows = centres + 0.3 * np.random.default_rng(0).normal(size=(600, 2))
        gan = GAN(
            (16,), (16,), 4, max_iter=1500, learning_rate_init=0.003, r1=0.1, r2=0.1, random_state=0
        ).fit(rows, y)
        for label in ("left", "right"):
            mean = gan.sample(500, label, random_state=1).mean(axis=0)
            assert np.abs(mean - rows[y == label].mean(axis=0)).max() < 0.3

    @pytest.mark.parametrize("dtype", ["float32", "float64"])
    def test_precision(self, dtype):
        gan = quick(
            dtype=dtype, r1=0.1, instance_noise=0.1, loss="wasserstein_gp", label_smoothing=0
        ).fit(X, TWO)
        for player in ("generator", "discriminator"):
            network = getattr(gan, f"{player}_")
            assert network.parameters.dtype == network.gradients.dtype == dtype
            assert getattr(gan, f"{player}_optimizer_").m.dtype == dtype
        assert gan.sample(2).dtype == np.float64

    def test_data_are_left_alone(self):
        before = X.copy()
        quick(instance_noise=0.5).fit(X)
        np.testing.assert_array_equal(X, before)

    def test_progress_bar(self, capsys):
        quick(verbose=True).fit(X)
        assert "GAN" in capsys.readouterr().err
        quick().fit(X)
        assert capsys.readouterr().err == ""

    @pytest.mark.parametrize("way", [clone, pickle, joblib])
    def test_copies(self, way):
        gan = quick().partial_fit(X, TWO)
        if way is clone:
            other = clone(gan).partial_fit(X, TWO)
        elif way is pickle:
            other = pickle.loads(pickle.dumps(gan))
        else:
            file = io.BytesIO()
            joblib.dump(gan, file)
            file.seek(0)
            other = joblib.load(file)
        for one in (gan, other):
            one.partial_fit(X, TWO)
        np.testing.assert_array_equal(
            gan.sample(4, random_state=0), other.sample(4, random_state=0)
        )


class TestInterruption:
    def test_a_usable_model_remains(self, monkeypatch):
        step = GAN._training_step

        def training_step(self, columns):
            if self.n_iter_ == 3:
                raise KeyboardInterrupt
            return step(self, columns)

        monkeypatch.setattr(GAN, "_training_step", training_step)
        with pytest.warns(UserWarning, match="interrupted after 3 of 8 steps") as caught:
            gan = quick().fit(X)
        assert caught[0].filename == __file__
        monkeypatch.undo()
        other = quick()
        other.training_step(X, n_steps=3)
        np.testing.assert_array_equal(
            gan.sample(4, random_state=0), other.sample(4, random_state=0)
        )
        gan.training_step(X)
        assert gan.n_iter_ == 4


class TestDivergence:
    @pytest.mark.parametrize(("dtype", "rate"), [("float32", 1e30), ("float64", 1e100)])
    def test_says_what_to_try(self, dtype, rate):
        gan = quick(
            loss="least_squares", learning_rate_init=rate, max_iter=100, dtype=dtype, decay_to=1
        )
        with (
            warnings.catch_warnings(),
            pytest.raises(FloatingPointError, match=r"Try smaller step sizes .*is 1e\+\d+") as info,
        ):
            warnings.simplefilter("error")
            gan.fit(X)
        assert f"in step {gan.n_iter_ + 1}" in str(info.value)
        assert all(map(math.isfinite, gan.discriminator_loss_curve_ + gan.generator_loss_curve_))

    @pytest.mark.parametrize("way", ["partial_fit", "training_step", "discriminator_step"])
    def test_in_every_way_to_train(self, way):
        with pytest.raises(FloatingPointError, match="diverged: the loss of the discriminator"):
            getattr(quick(r1=1.0, loss="least_squares"), way)(1e30 * X)


class TestSamples:
    @pytest.mark.parametrize("n_samples", [1, 7, np.int64(3)])
    @pytest.mark.parametrize("y", [None, TWO, THREE])
    def test_shape(self, n_samples, y):
        samples = quick().fit(X, y).sample(n_samples, random_state=0)
        assert samples.shape == (n_samples, 3)
        assert np.isfinite(samples).all()

    def test_random_state(self):
        gan = quick().fit(X, TWO)
        first, second, other = (gan.sample(4, random_state=seed) for seed in (1, 1, 2))
        np.testing.assert_array_equal(first, second)
        assert (first != other).all()

    def test_are_generated_from_standard_normal_vectors(self):
        gan = quick().fit(X)
        Z = np.random.default_rng(5).standard_normal((10, 2))
        np.testing.assert_array_equal(gan.sample(10, random_state=5), gan.generate(Z))

    def test_one_label_or_many(self):
        gan = quick().fit(X, THREE)
        one = gan.sample(3, "dog", random_state=0)
        np.testing.assert_array_equal(one, gan.sample(3, ["dog"] * 3, random_state=0))
        mixed = gan.sample(3, ["dog", "cat", "owl"], random_state=0)
        np.testing.assert_array_equal(one[0], mixed[0])
        assert (one[1:] != mixed[1:]).all()

    def test_labels_by_their_frequency(self):
        rows, y = np.concatenate([X, X]), np.repeat([0, 1], [9, 81])
        gan = quick().fit(rows, y)
        columns = gan._draw_labels(4000)
        assert (columns == 1).mean() == pytest.approx(0.9, abs=0.03)

    def test_leave_the_training_alone(self):
        first, second = quick().partial_fit(X), quick().partial_fit(X)
        first.sample(5)
        first.discriminate(X)
        first.push(X)
        for gan in (first, second):
            gan.partial_fit(X)
        np.testing.assert_array_equal(first.generator_.parameters, second.generator_.parameters)

    def test_discriminate(self):
        gan = quick().fit(X, TWO)
        logits = gan.discriminate(X, TWO)
        assert logits.shape == (45,)
        single = np.array([gan.discriminate(x[None], c).item() for x, c in zip(X, TWO)])
        np.testing.assert_allclose(logits, single, rtol=1e-10)
        assert (gan.discriminate(X, 4) != gan.discriminate(X, 9)).any()


class TestRefusals:
    @pytest.mark.parametrize(
        ("parameter", "value", "expected"),
        [
            ("generator_layer_sizes", (4, 0), "each of generator_layer_sizes must .*; got 0"),
            ("discriminator_layer_sizes", -1, "each of discriminator_layer_sizes .*; got -1"),
            ("n_latent", 0, "n_latent must be a whole number of at least 1; got 0"),
            ("loss", "hinge", "loss must be one of 'non_saturating', .*; got 'hinge'"),
            ("r1", -1, "r1 must be a finite number at least 0; got -1"),
            ("r1", (1.0, -1.0), "the end of r1 must be a finite number at least 0; got -1.0"),
            ("r2", (math.inf, 1), "the start of r2 must be a finite number at least 0; got inf"),
            ("instance_noise", math.nan, "instance_noise must be .* at least 0; got nan"),
            ("gradient_penalty", -10, "gradient_penalty must be .* at least 0; got -10"),
            ("label_smoothing", 1, "label_smoothing must be .* less than 1; got 1"),
            ("minibatch_discrimination", -1, "minibatch_discrimination .* at least 0; got -1"),
            ("n_discriminator_steps", 0, "n_discriminator_steps must be .* 1; got 0"),
            ("learning_rate_init", 0, "learning_rate_init must be .* greater than 0; got 0"),
            ("discriminator_learning_rate_init", -1, "discriminator_learning_rate_init .* got -1"),
            ("decay_from", 1, "decay_from must be .* less than 1; got 1"),
            ("decay_to", 0, "decay_to must be .* greater than 0; got 0"),
            ("betas", 0.5, "betas must be a pair of numbers; got 0.5"),
            ("betas", (0.5, 1), "each of betas must be .* less than 1; got 1"),
            ("weight_averaging", 1, "weight_averaging must be .* less than 1; got 1"),
            ("batch_size", 0, "batch_size must be a whole number of at least 1; got 0"),
            ("max_iter", 0, "max_iter must be a whole number of at least 1; got 0"),
            ("generator_activation", "swish", "generator_activation must be .* got 'swish'"),
            ("discriminator_activation", "x", "discriminator_activation must be .* got 'x'"),
            ("output_activation", "softmax", "output_activation must be .* got 'softmax'"),
            ("random_state", -1, "random_state must be .* at least 0; got -1"),
            ("dtype", "float16", "dtype must be 'float32' or 'float64'; got 'float16'"),
        ],
    )
    def test_wrong_value(self, parameter, value, expected):
        for train in (GAN.fit, GAN.partial_fit, GAN.training_step, GAN.discriminator_step):
            with pytest.raises(ValueError, match=expected):
                train(quick(**{parameter: value}), X)

    @pytest.mark.parametrize(
        ("parameter", "value", "expected"),
        [
            ("generator_layer_sizes", "64", r"each of generator_layer_sizes .* got '64' \(str\)"),
            ("n_latent", 2.5, r"n_latent must be a whole number .* got 2.5 \(float\)"),
            ("loss", None, r"loss must be one of .* got None \(NoneType\)"),
            ("r1", "1", r"r1 must be a finite number .* got '1' \(str\)"),
            ("r2", (1, 2, 3), r"r2 must be a finite number .* got \(1, 2, 3\) \(tuple\)"),
            ("minibatch_discrimination", True, r"minibatch_discrimination .* got True \(bool\)"),
            ("max_iter", 10.0, r"max_iter must be a whole number .* got 10.0 \(float\)"),
            ("verbose", 2, r"verbose must be True or False; got 2 \(int\)"),
            ("dtype", 32, "dtype must be 'float32' or 'float64'; got 32"),
        ],
    )
    def test_wrong_type(self, parameter, value, expected):
        with pytest.raises(TypeError, match=expected):
            quick(**{parameter: value}).fit(X)

    @pytest.mark.parametrize(
        ("options", "expected"),
        [
            ({"loss": "wasserstein_gp", "label_smoothing": 0.1}, "label_smoothing must be 0"),
            ({"r1": 1, "minibatch_discrimination": 3}, "r1 cannot be combined with minibatch"),
            (
                {"r2": (0, 1), "r1": (1, 0), "minibatch_discrimination": 3},
                "r1 and r2 cannot be combined",
            ),
            (
                {"loss": "wasserstein_gp", "minibatch_discrimination": 3},
                "gradient_penalty cannot be combined",
            ),
            ({"r1": 1, "discriminator_activation": "tanh"}, "r1 need .*'identity'; got 'tanh'"),
        ],
    )
    def test_wrong_together(self, options, expected):
        with pytest.raises(ValueError, match=expected):
            quick(**options).fit(X)

    def test_checked_again_between_steps(self):
        gan = quick()
        gan.training_step(X)
        gan.set_params(loss="hinge")
        with pytest.raises(ValueError, match="loss must be one of"):
            gan.training_step(X)
        with pytest.raises(ValueError, match="loss must be one of"):
            gan.generator_step()

    @pytest.mark.parametrize("n_steps", [0, -2])
    def test_too_few_steps(self, n_steps):
        gan = quick().fit(X)
        for step in (
            lambda: gan.training_step(X, n_steps=n_steps),
            lambda: gan.discriminator_step(X, n_steps=n_steps),
            lambda: gan.generator_step(n_steps=n_steps),
            lambda: gan.sample(n_steps),
        ):
            with pytest.raises(ValueError, match=f"at least 1; got {n_steps}"):
                step()

    def test_labels(self):
        without, with_labels = quick().fit(X), quick().fit(X, TWO)
        with pytest.raises(ValueError, match="started without labels"):
            without.partial_fit(X, TWO)
        with pytest.raises(ValueError, match="started without labels"):
            without.sample(3, 4)
        with pytest.raises(ValueError, match=r"y is needed, each of \[4, 9\]; got None"):
            with_labels.partial_fit(X)
        with pytest.raises(ValueError, match=r"labels of \[4, 9\] alone; got \[5\]"):
            with_labels.sample(3, 5)
        with pytest.raises(ValueError, match="one for each of 3 rows; got 2"):
            with_labels.sample(3, [4, 9])
        with pytest.raises(ValueError, match="inconsistent numbers of samples"):
            quick().fit(X, TWO[:-1])
        with pytest.raises(ValueError, match="Unknown label type"):
            quick().fit(X, X[:, 0])
        with pytest.raises(ValueError, match="classes need labels"):
            quick().partial_fit(X, classes=[0, 1])

    def test_classes_that_come_later(self):
        gan = quick().partial_fit(X, np.zeros(45, dtype=int), classes=[0, 1, 2])
        gan.partial_fit(X, np.full(45, 2))
        assert list(gan.classes_) == [0, 1, 2]
        assert gan.sample(2, 1).shape == (2, 3)

    @pytest.mark.parametrize("shape", [(4, 3), (4, 1)])
    def test_latent_vectors(self, shape):
        with pytest.raises(ValueError, match="Z must have n_latent = 2 columns"):
            quick().fit(X).generate(np.ones(shape))

    @pytest.mark.parametrize("method", ["partial_fit", "training_step", "discriminate", "push"])
    def test_other_number_of_features(self, method):
        with pytest.raises(ValueError, match="X has 2 features, but GAN is expecting 3"):
            getattr(quick().fit(X), method)(X[:, :2])

    @pytest.mark.parametrize("method", ["sample", "generate", "discriminate", "push"])
    def test_not_fitted(self, method):
        with pytest.raises(NotFittedError):
            getattr(quick(), method)(1 if method == "sample" else X)
        with pytest.raises(NotFittedError):
            quick().generator_step()


@parametrize_with_checks(
    [
        GAN(max_iter=20),
        quick(
            loss="wasserstein_gp",
            n_discriminator_steps=2,
            r1=(0.1, 0.5),
            instance_noise=0.1,
            output_activation="tanh",
            dtype="float64",
        ),
        quick(
            loss="least_squares",
            minibatch_discrimination=3,
            label_smoothing=0.1,
            discriminator_layer_sizes=(),
        ),
    ]
)
def test_scikit_learn_check(estimator, check):
    check(estimator)
