"""The conditional GAN for pictures: what each player sees and descends, and what it learns."""

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

from helpers.models import ConditionalImageGAN
from helpers.models.gan import discriminator_loss, generator_loss

rng = np.random.default_rng(0)
X = rng.normal(size=(30, 4))
Y = rng.uniform(-1, 1, size=(30, 6))  # pictures of 2 rows and 3 columns


def quick(**kwargs) -> ConditionalImageGAN:
    kwargs = {"max_iter": 6, "batch_size": 5, "random_state": 0, "image_shape": (2, 3), **kwargs}
    sizes = kwargs.pop("generator_layer_sizes", (5,)), kwargs.pop("discriminator_layer_sizes", (7,))
    kwargs.setdefault("encoder_layer_sizes", (3,))
    return ConditionalImageGAN(*sizes, 2, **kwargs)


def started(**kwargs) -> ConditionalImageGAN:
    """In double precision, with biases that are not zero."""
    gan = quick(dtype="float64", **kwargs).start(X, Y)
    numbers = np.random.default_rng(3)
    for network in (gan.generator_, gan.discriminator_):
        for layer in network.layers:
            if "b" in layer.shapes:
                layer.b[...] = numbers.normal(size=layer.b.shape)
    return gan


KINDS = {
    "plain": {"r1": 0.0, "r2": 0.0},
    "R1 and R2, annealed": {"r1": (4.0, 1.0), "r2": (0.5, 2.0)},
    "mixed": {"mse_weight": 7.0, "adversarial_weight": 0.3},
    "MSE alone": {"adversarial_weight": 0.0},
    "pretraining": {"pretraining_steps": 3, "mse_weight": 2.0},
    "z joins x": {"encoder_layer_sizes": (), "instance_noise": 0.1},
    "transposed convolutions": {"generator_channels": (3, 2), "mse_weight": 1.0},
    "wasserstein": {"loss": "wasserstein_gp", "r1": 0.0, "r2": 0.0, "encoder_layer_sizes": (3, 4)},
}


class TestGradients:
    @pytest.mark.parametrize("kind", KINDS)
    def test_generator(self, kind):
        gan = started(**KINDS[kind])
        x, y = X[:5].T, Y[:5].T
        z, state = gan._draw_latent(x), gan._rng.bit_generator.state

        def value():
            gan._rng.bit_generator.state = state  # the same instance noise
            return gan._generator_gradient(z, x, y)

        before = gan.discriminator_.gradients.copy()
        value()
        gradient = gan.generator_.gradients.copy()
        assert_close(gradient, central_differences(value, gan.generator_.parameters))
        np.testing.assert_array_equal(gan.discriminator_.gradients, before)

    @pytest.mark.parametrize("kind", KINDS)
    def test_discriminator(self, kind):
        gan = started(**KINDS[kind])
        pairs = np.concatenate([Y, X], axis=1)[:8].T
        state = gan._rng.bit_generator.state

        def value():
            gan._rng.bit_generator.state = state
            return sum(gan._discriminator_gradient(pairs))

        value()
        gradient = gan.discriminator_.gradients.copy()
        assert_close(gradient, central_differences(value, gan.discriminator_.parameters))

    def test_loss_is_the_formula(self):
        gan = started(mse_weight=7.0, adversarial_weight=0.3)
        x, y = X[:5].T, Y[:5].T
        z = gan._draw_latent(x)
        value = gan._generator_gradient(z, x, y)
        pictures = gan.generate(X[:5], z[:2].T, averaged=False)
        mse = ((pictures - Y[:5]) ** 2).mean()
        adversarial, _ = generator_loss(gan.discriminate(X[:5], pictures)[None])
        assert value == pytest.approx(7 * mse + 0.3 * adversarial, rel=1e-10)
        assert gan.mse_curve_[-1] == pytest.approx(mse, rel=1e-10)

    def test_loss_without_the_discriminator_is_mse(self):
        for options in ({"adversarial_weight": 0, "mse_weight": 7.0}, {"pretraining_steps": 1}):
            gan = started(**options)
            x, y = X[:5].T, Y[:5].T
            assert gan._generator_gradient(gan._draw_latent(x), x, y) == gan.mse_curve_[-1]

    def test_penalty_holds_x_fixed(self):
        gan = started(discriminator_layer_sizes=(), r1=0.7, r2=0.0)
        _, penalty = gan._discriminator_gradient(np.concatenate([Y, X], axis=1)[:8].T)
        slopes = gan.discriminator_.layers[0].W[0, :6]
        assert penalty == pytest.approx(0.35 * (slopes**2).sum(), rel=1e-12)

    def test_what_the_discriminator_sees(self, monkeypatch):
        """Real pairs on the left; on the right generated pictures with the same x."""
        seen, gradient = [], ConditionalImageGAN._discriminator_gradient

        def spy(self, x):
            seen.append(x.copy())
            return gradient(self, x)

        monkeypatch.setattr(ConditionalImageGAN, "_discriminator_gradient", spy)
        gan = quick(dtype="float64", batch_size=20)
        gan.discriminator_step(X, Y)
        (pairs,) = seen
        assert pairs.shape == (10, 40)
        real = {(*y, *x) for x, y in zip(X, Y, strict=True)}
        assert all(tuple(column) in real for column in pairs[:, :20].T)
        np.testing.assert_array_equal(pairs[6:, :20], pairs[6:, 20:])
        assert (pairs[:6, :20] != pairs[:6, 20:]).all()
        loss, *_ = discriminator_loss(
            *np.split(gan.discriminator_.forward(pairs), 2, axis=1), gan.loss
        )
        assert np.isfinite(loss)


class TestArchitecture:
    def test_players(self):
        gan = ConditionalImageGAN().start(np.zeros((2, 576)), np.zeros((2, 576)))
        assert repr(gan.generator_).startswith(
            "Network([PassBy(8, Dense(576, 96)), PassBy(8, LeakyReLU(0.2)), Dense(104, 96), "
            "LeakyReLU(0.2), Dense(96, 576), Tanh()]"
        )
        assert repr(gan.discriminator_).startswith(
            "Network([Dense(1152, 128), LeakyReLU(0.2), Dense(128, 64), LeakyReLU(0.2), "
            "Dense(64, 1)]"
        )

    def test_z_joins_behind_the_encoder(self):
        gan = started()
        latent, (dense, _, joined, *others) = np.array([[0.5], [-2.0]]), gan.generator_.layers
        h = dense.layer.W @ X[:1].T + dense.layer.b
        h = np.maximum(h, 0.2 * h)
        y = joined.W @ np.concatenate([latent, h]) + joined.b
        for layer in others:
            y = layer.forward(y)
        pictures = gan.generate(X[:1], latent.T, averaged=False)
        np.testing.assert_allclose(pictures, y.T, rtol=1e-12)

    def test_scale_of_z(self):
        gan = quick(latent_scale=3.0, dtype="float64").start(X, Y)
        z = gan._draw_latent(np.ones((4, 5000)))
        assert z[:2].std() == pytest.approx(3, rel=0.05)
        assert (z[2:] == 1).all()


class TestTraining:
    def test_curves(self):
        gan = quick(n_discriminator_steps=2).fit(X, Y)
        assert gan.n_iter_ == len(gan.generator_loss_curve_) == len(gan.mse_curve_) == 6
        assert len(gan.discriminator_loss_curve_) == len(gan.penalty_curve_) == 12
        assert min(gan.penalty_curve_) > 0

    def test_mse_alone_leaves_the_discriminator_alone(self):
        gan = quick(adversarial_weight=0).start(X, Y)
        before = gan.discriminator_.parameters.copy()
        gan.training_step(X, Y, n_steps=4)
        np.testing.assert_array_equal(gan.discriminator_.parameters, before)
        assert (gan.discriminator_loss_curve_, len(gan.mse_curve_)) == ([], 4)
        gan.set_params(adversarial_weight=0.5).training_step(X, Y)
        assert len(gan.discriminator_loss_curve_) == 1
        assert (gan.discriminator_.parameters != before).any()

    def test_pretraining(self):
        gan = quick(pretraining_steps=4, r1=(4.0, 1.0), decay_from=0, decay_to=0.5).fit(X, Y)
        assert gan.n_iter_ == 10
        assert len(gan.discriminator_loss_curve_) == 6
        assert gan.generator_loss_curve_[:4] == gan.mse_curve_[:4]
        assert gan.generator_loss_curve_[4] != gan.mse_curve_[4]
        assert gan.generator_optimizer_.t == 6
        assert gan._now(gan.r1) == pytest.approx(1)
        alone = quick(adversarial_weight=0)
        alone.training_step(X, Y, n_steps=4)
        assert alone.mse_curve_ == gan.mse_curve_[:4]

    def test_progress_starts_after_pretraining(self):
        gan, penalties, rates = quick(pretraining_steps=3, max_iter=4, r1=(4.0, 0.0)), [], []
        gan.set_params(decay_from=0.0, decay_to=0.2)
        for _ in range(8):
            gan.training_step(X, Y)
            penalties.append(gan._now(gan.r1))
            rates.append(gan.generator_optimizer_.learning_rate / gan.learning_rate_init)
        assert penalties == pytest.approx([4, 4, 4, 3, 2, 1, 0, 0])
        assert rates == pytest.approx([1, 1, 1, 1, 0.8, 0.6, 0.4, 0.2])

    @pytest.mark.parametrize("kind", KINDS)
    def test_all_ways_to_train_are_one(self, kind):
        """30 rows in minibatches of 5 are 6 steps."""
        options = {**KINDS[kind], "max_iter": 12}
        fitted = quick(**options).fit(X, Y)
        n_steps = fitted.n_iter_
        by_epoch, by_step, by_hand = (quick(**options) for _ in range(3))
        by_epoch.partial_fit(X, Y).partial_fit(X, Y)
        if n_steps > 12:
            by_epoch.training_step(X, Y, n_steps=n_steps - 12)
        by_step.training_step(X, Y, n_steps=n_steps)
        by_hand.start(X, Y)
        for _ in range(n_steps):
            if not by_hand._by_mse_alone():
                by_hand.discriminator_step(X, Y)
            by_hand.generator_step(X, Y)
        for gan in (by_epoch, by_step, by_hand):
            assert gan.n_iter_ == n_steps
            np.testing.assert_array_equal(gan.predict(X), fitted.predict(X))

    def test_same_seed_same_model(self):
        first, second, other = (quick(random_state=seed).fit(X, Y) for seed in (1, 1, 2))
        np.testing.assert_array_equal(first.predict(X), second.predict(X))
        assert (first.predict(X) != other.predict(X)).any()

    def test_mse_finds_the_mean_and_the_game_finds_both_futures(self):
        """x says where; y is x shifted by +½ or −½, as likely: MSE says x, which never comes."""
        numbers = np.random.default_rng(0)
        x = numbers.uniform(-0.3, 0.3, size=(2000, 1))
        side = numbers.choice([-0.5, 0.5], size=(2000, 1))
        y = np.repeat(x + side, 4, axis=1)
        options = {"encoder_layer_sizes": (16,), "random_state": 0, "learning_rate_init": 0.002}
        by_mse = ConditionalImageGAN(
            (16,), (32,), 4, adversarial_weight=0, max_iter=1500, **options
        ).fit(x, y)
        np.testing.assert_allclose(by_mse.predict(x[:200]), np.repeat(x[:200], 4, axis=1), atol=0.1)
        gan = ConditionalImageGAN((32,), (32,), 4, r1=0.1, r2=0.1, max_iter=2500, **options)
        drawn = gan.fit(x, y).sample(x[:500], random_state=0) - x[:500]
        assert np.abs(np.abs(drawn) - 0.5).mean() < 0.15
        assert 0.2 < (drawn[:, 0] > 0).mean() < 0.8

    @pytest.mark.parametrize("dtype", ["float32", "float64"])
    def test_precision(self, dtype):
        gan = quick(dtype=dtype, mse_weight=np.float64(2.0), generator_channels=3).fit(X, Y)
        for player in ("generator", "discriminator"):
            network = getattr(gan, f"{player}_")
            assert network.parameters.dtype == network.gradients.dtype == dtype
            assert getattr(gan, f"{player}_optimizer_").m.dtype == dtype
        assert gan.sample(X).dtype == gan.predict(X).dtype == np.float64

    def test_data_are_left_alone(self):
        x, y = X.copy(), Y.copy()
        quick(dtype="float64", instance_noise=0.5).fit(x, y)
        np.testing.assert_array_equal(x, X)
        np.testing.assert_array_equal(y, Y)

    def test_progress_bar(self, capsys):
        quick(verbose=True).fit(X, Y)
        assert "ConditionalImageGAN" in capsys.readouterr().err
        quick().fit(X, Y)
        assert capsys.readouterr() == ("", "")

    def test_interruption(self, monkeypatch):
        step = ConditionalImageGAN._training_step

        def training_step(self, columns):
            if self.n_iter_ == 3:
                raise KeyboardInterrupt
            return step(self, columns)

        monkeypatch.setattr(ConditionalImageGAN, "_training_step", training_step)
        with pytest.warns(UserWarning, match="interrupted after 3 of 8 steps") as caught:
            gan = quick(pretraining_steps=2).fit(X, Y)
        assert caught[0].filename == __file__
        assert gan.predict(X).shape == (30, 6)

    @pytest.mark.parametrize("options", [{}, {"adversarial_weight": 0}])
    def test_divergence(self, options):
        with (
            warnings.catch_warnings(),
            pytest.raises(FloatingPointError, match="Try smaller step sizes"),
        ):
            warnings.simplefilter("error")
            quick(
                learning_rate_init=1e30, max_iter=100, output_activation="identity", **options
            ).fit(X, Y)

    @pytest.mark.parametrize("way", [clone, pickle, joblib])
    def test_copies(self, way):
        gan = quick(mse_weight=3.0, generator_channels=2).partial_fit(X, Y)
        if way is clone:
            other = clone(gan).partial_fit(X, Y)
        elif way is pickle:
            other = pickle.loads(pickle.dumps(gan))
        else:
            file = io.BytesIO()
            joblib.dump(gan, file)
            file.seek(0)
            other = joblib.load(file)
        for one in (gan, other):
            one.partial_fit(X, Y)
        np.testing.assert_array_equal(gan.predict(X), other.predict(X))


class TestUse:
    def test_samples(self):
        gan = quick().fit(X, Y)
        first, second, other = (gan.sample(X, random_state=seed) for seed in (1, 1, 2))
        np.testing.assert_array_equal(first, second)
        assert (first != other).any(axis=1).all()
        assert first.shape == (30, 6)
        assert np.abs(first).max() < 1
        assert gan.image_shape_ == (2, 3)

    def test_are_generated_from_scaled_normal_vectors(self):
        gan = quick(latent_scale=1.5).fit(X, Y)
        latent = 1.5 * np.random.default_rng(5).standard_normal((30, 2))
        np.testing.assert_array_equal(gan.sample(X, random_state=5), gan.generate(X, latent))

    def test_predict_takes_zero(self):
        gan = quick().fit(X, Y)
        np.testing.assert_array_equal(gan.predict(X), gan.generate(X, np.zeros((30, 2))))

    def test_discriminate(self):
        gan = quick().fit(X, Y)
        logits = gan.discriminate(X, Y)
        assert logits.shape == (30,)
        pairs = np.concatenate([Y, X], axis=1).T
        np.testing.assert_allclose(
            logits, gan.discriminator_.astype("float64").forward(pairs)[0], rtol=1e-12
        )

    def test_leave_the_training_alone(self):
        first, second = quick().partial_fit(X, Y), quick().partial_fit(X, Y)
        first.sample(X)
        first.predict(X)
        first.discriminate(X, Y)
        first.score(X, Y)
        for gan in (first, second):
            gan.partial_fit(X, Y)
        np.testing.assert_array_equal(first.predict(X), second.predict(X))


class TestRefusals:
    @pytest.mark.parametrize(
        ("parameter", "value", "error", "expected"),
        [
            ("adversarial_weight", -1, ValueError, "adversarial_weight must .*at least 0; got -1"),
            ("adversarial_weight", None, TypeError, "adversarial_weight must .* got None"),
            ("mse_weight", math.inf, ValueError, "mse_weight must be a finite .*; got inf"),
            ("latent_scale", -0.5, ValueError, "latent_scale must .* at least 0; got -0.5"),
            ("pretraining_steps", -1, ValueError, "pretraining_steps must .* 0; got -1"),
            ("pretraining_steps", 2.0, TypeError, r"pretraining_steps must .* got 2.0 \(float\)"),
            ("encoder_layer_sizes", (0,), ValueError, "each of encoder_layer_sizes .*; got 0"),
            ("generator_layer_sizes", "9", TypeError, "each of generator_layer_sizes .* got '9'"),
            ("discriminator_layer_sizes", 0, ValueError, "each of discriminator_layer_s.*; got 0"),
            ("generator_channels", (-2,), ValueError, "each of generator_channels .*; got -2"),
            ("image_shape", (2, 2), ValueError, r"\(2, 2\) has 4 numbers, but a picture has 6"),
            ("image_shape", 6, TypeError, r"image_shape must be .*; got 6 \(int\)"),
            ("r1", (1, -1), ValueError, "the end of r1 must be .*; got -1"),
            ("loss", "hinge", ValueError, "loss must be one of"),
            ("dtype", "float16", ValueError, "dtype must be .*; got 'float16'"),
        ],
    )
    def test_parameters(self, parameter, value, error, expected):
        for train in ("fit", "partial_fit", "training_step", "discriminator_step", "start"):
            with pytest.raises(error, match=expected):
                getattr(quick(**{parameter: value}), train)(X, Y)
        with pytest.raises(error, match=expected):
            quick(**{parameter: value}).generator_step(X, Y)

    def test_data(self):
        with pytest.raises(ValueError, match="requires y to be passed"):
            quick().fit(X)
        with pytest.raises(ValueError, match=r"flattened picture in each row.*got shape \(30,\)"):
            quick().fit(X, Y[:, 0])
        gan = quick().fit(X, Y)
        with pytest.raises(ValueError, match=r"y must have 6 columns; got shape \(30, 5\)"):
            gan.partial_fit(X, Y[:, 1:])
        with pytest.raises(ValueError, match="but ConditionalImageGAN is expecting 4"):
            gan.sample(X[:, 1:])
        with pytest.raises(ValueError, match=r"Z must have shape \(30, 2\); got \(29, 2\)"):
            gan.generate(X, np.zeros((29, 2)))

    @pytest.mark.parametrize("n_steps", [0, -2])
    def test_too_few_steps(self, n_steps):
        gan = quick().fit(X, Y)
        for step in (gan.training_step, gan.discriminator_step, gan.generator_step):
            with pytest.raises(ValueError, match=f"at least 1; got {n_steps}"):
                step(X, Y, n_steps=n_steps)

    def test_not_fitted(self):
        for use in (quick().sample, quick().predict):
            with pytest.raises(NotFittedError):
                use(X)
        for use in (quick().discriminate, quick().generate):
            with pytest.raises(NotFittedError):
                use(X, Y)


@parametrize_with_checks(
    [
        ConditionalImageGAN(max_iter=10),
        ConditionalImageGAN(adversarial_weight=0, max_iter=10),
        quick(
            image_shape=None,
            encoder_layer_sizes=(),
            generator_channels=3,
            mse_weight=5.0,
            pretraining_steps=4,
            dtype="float64",
        ),
    ]
)
def test_scikit_learn_check(estimator, check):
    check(estimator)
