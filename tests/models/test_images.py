"""Models of pictures: their shapes and layers, gradients, what they learn, and refusals."""

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
from sklearn.metrics import r2_score
from sklearn.utils.estimator_checks import parametrize_with_checks

from helpers.models import GAN, ImageGAN, ImageRegressor
from helpers.models.images import convolution_layers, generator_layers, picture_shape
from helpers.nn import BatchNormalisation, Network

rng = np.random.default_rng(0)
Z = rng.normal(size=(30, 4))
WIDE = rng.uniform(-1, 1, size=(30, 15))  # pictures of 3 rows and 5 columns
THREE = np.random.default_rng(2).choice(["cat", "dog", "owl"], size=30)


def shift_biases(*networks: Network) -> None:
    """Make biases differ from zero, where a network starts."""
    numbers = np.random.default_rng(3)
    for network in networks:
        for layer in network.layers:
            if "b" in layer.shapes:
                layer.b[...] = numbers.normal(size=layer.b.shape)


def regressor(**kwargs) -> ImageRegressor:
    kwargs = {"max_iter": 6, "batch_size": 8, "random_state": 0, "image_shape": (3, 5), **kwargs}
    return ImageRegressor(kwargs.pop("hidden_layer_sizes", (7,)), **kwargs)


def gan(**kwargs) -> ImageGAN:
    kwargs = {"max_iter": 6, "batch_size": 6, "random_state": 0, "image_shape": (3, 5), **kwargs}
    sizes = kwargs.pop("generator_layer_sizes", (5,)), kwargs.pop("discriminator_layer_sizes", (4,))
    return ImageGAN(*sizes, 2, **kwargs)


CONVOLUTIONS = {"generator_channels": (3, 2), "discriminator_channels": (2, 3)}


class TestShapes:
    @pytest.mark.parametrize(
        ("n_pixels", "image_shape", "expected"),
        [
            (576, None, (24, 24)),
            (12, None, (1, 12)),
            (1, None, (1, 1)),
            (12, (3, 4), (3, 4)),
            (12, [2, 6], (2, 6)),
            (24, (2, 4, 3), (2, 4, 3)),
        ],
    )
    def test_picture_shape(self, n_pixels, image_shape, expected):
        assert picture_shape(n_pixels, image_shape) == expected

    def test_shape_of_another_number_of_pixels(self):
        with pytest.raises(ValueError, match=r"\(3, 5\) has 15 numbers, but a picture has 16"):
            picture_shape(16, (3, 5))

    @pytest.mark.parametrize("shape", [(8, 8), (16, 24), (3, 5), (1, 7), (6, 9, 2), (1, 1)])
    @pytest.mark.parametrize("channels", [(), (4,), (4, 3), (2, 3, 4)])
    def test_any_size_is_reached(self, shape, channels):
        n_pixels = math.prod(shape)
        network = Network(generator_layers(5, (6,), channels, shape), random_state=0)
        assert network.forward(np.ones((5, 3))).shape == (n_pixels, 3)
        if channels:
            layers = convolution_layers(shape, channels)
            features = Network(layers, random_state=0).forward(np.ones((n_pixels, 3)))
            smallest = [-(-size // 2 ** len(channels)) for size in shape[:2]]
            assert features.shape == (math.prod(smallest) * channels[-1], 3)

    def test_even_sizes_double_with_kernel_4(self):
        layers = generator_layers(16, (128,), (16, 8), (16, 16), output_activation="tanh")
        assert repr(layers) == (
            "[Dense(16, 128), LeakyReLU(0.2), Dense(128, 256), LeakyReLU(0.2), "
            "Reshape((4, 4, 16)), ConvTranspose2D(16, 8, 4, stride=2, padding=1), "
            "LeakyReLU(0.2), ConvTranspose2D(8, 1, 4, stride=2, padding=1), Tanh(), Flatten()]"
        )
        layers = convolution_layers((16, 12), (16, 32))
        assert repr(layers) == (
            "[Reshape((16, 12, 1)), Conv2D(1, 16, 4, stride=2, padding=1), LeakyReLU(0.2), "
            "Conv2D(16, 32, 4, stride=2, padding=1), LeakyReLU(0.2), Flatten()]"
        )

    def test_weights_suit_what_follows(self):
        layers = generator_layers(3, (), (4, 3), (8, 8), output_activation="tanh")
        assert [la.initialisation for la in layers if "W" in la.shapes] == ["he", "he", "glorot"]

    def test_pixels_stay_in_their_place(self):
        """A picture that is seen by a convolution is the one that reshape shows."""
        convolution = Network(convolution_layers((3, 5), (1,), "identity"), random_state=0)
        convolution.layers[1].W[...] = 0
        convolution.layers[1].W[1, 1] = 1  # the pixel beneath its middle, every second of them
        seen = convolution.forward(WIDE.T).T.reshape(-1, 2, 3)
        np.testing.assert_array_equal(seen, WIDE.reshape(-1, 3, 5)[:, ::2, ::2])


class TestImageRegressor:
    @pytest.mark.parametrize("channels", [(), (3, 2)])
    def test_gradients(self, channels):
        model = regressor(channels=channels, dtype="float64", output_activation="tanh").fit(Z, WIDE)
        network = model.network_
        shift_biases(network)
        columns = np.concatenate([WIDE, Z], axis=1)[:6].T

        def loss():
            return ((network.forward(Z[:6].T) - WIDE[:6].T) ** 2).sum() / 6

        expected = central_differences(loss, network.parameters)
        value = loss()
        model.optimizer_.step = lambda parameters, gradients: None
        assert model._training_step(columns) == pytest.approx(value, rel=1e-12)
        assert_close(network.gradients, expected)

    @pytest.mark.parametrize("channels", [(), (8, 4)])
    def test_remembers_a_few_pictures(self, channels):
        pictures = np.random.default_rng(1).uniform(-1, 1, size=(10, 36))
        vectors = np.random.default_rng(2).normal(size=(10, 8))
        model = ImageRegressor(
            (64,), channels, max_iter=600, learning_rate_init=0.01, random_state=0
        ).fit(vectors, pictures)
        assert model.score(vectors, pictures) > 0.98
        error = ((model.predict(vectors) - pictures) ** 2).sum(axis=1).mean()
        assert model.loss_curve_[-1] == pytest.approx(error, rel=0.1)

    def test_two_answers_to_one_vector_are_averaged(self):
        vectors, (black, white) = np.repeat(Z[:4], 2, axis=0), (WIDE[:4], WIDE[4:8])
        pictures = np.stack([black, white], axis=1).reshape(8, 15)
        model = regressor(
            hidden_layer_sizes=(32,), max_iter=800, learning_rate_init=0.01, dtype="float64"
        ).fit(vectors, pictures)
        np.testing.assert_allclose(model.predict(Z[:4]), (black + white) / 2, atol=0.02)

    def test_score(self):
        model = regressor().fit(Z, WIDE)
        expected = 1 - ((WIDE - model.predict(Z)) ** 2).sum() / ((WIDE - WIDE.mean(0)) ** 2).sum()
        assert model.score(Z, WIDE) == pytest.approx(expected, rel=1e-12)
        assert model.score(Z, WIDE) != pytest.approx(r2_score(WIDE, model.predict(Z)), rel=1e-3)

    def test_all_ways_to_train_are_one(self):
        fitted, by_epoch = regressor(channels=4).fit(Z, WIDE), regressor(channels=4)
        for _ in range(6):
            by_epoch.partial_fit(Z, WIDE)
        assert by_epoch.n_iter_ == fitted.n_iter_ == 6
        assert by_epoch.loss_curve_ == fitted.loss_curve_
        np.testing.assert_array_equal(by_epoch.predict(Z), fitted.predict(Z))

    def test_same_seed_same_model(self):
        first, second, other = (regressor(random_state=s).fit(Z, WIDE) for s in (1, 1, 2))
        np.testing.assert_array_equal(first.predict(Z), second.predict(Z))
        assert (first.predict(Z) != other.predict(Z)).any()

    def test_decay(self):
        model, rates = regressor(max_iter=10, decay_from=0.5, decay_to=0.2), []
        for _ in range(13):
            model.partial_fit(Z, WIDE)
            rates.append(1000 * model.optimizer_.learning_rate)
        expected = [1] * 6 + [0.84, 0.68, 0.52, 0.36, 0.2, 0.2, 0.2]
        assert rates == pytest.approx(expected)

    @pytest.mark.parametrize("dtype", ["float32", "float64"])
    def test_precision(self, dtype):
        model = regressor(dtype=dtype, channels=3).fit(Z.astype("float32"), WIDE)
        assert model.network_.dtype == model.network_.gradients.dtype == dtype
        assert model.optimizer_.m.dtype == dtype
        assert model.predict(Z).dtype == np.float64

    def test_image_shape(self):
        assert regressor().fit(Z, WIDE).image_shape_ == (3, 5)
        assert regressor(image_shape=None).fit(Z, WIDE).image_shape_ == (1, 15)
        assert regressor(image_shape=None).fit(Z, WIDE[:, :9]).image_shape_ == (3, 3)
        assert regressor().fit(Z, WIDE).n_outputs_ == 15

    def test_data_are_left_alone(self):
        x, y = Z.copy(), WIDE.copy()
        regressor(dtype="float64").fit(x, y)
        np.testing.assert_array_equal(x, Z)
        np.testing.assert_array_equal(y, WIDE)

    def test_progress_bar(self, capsys):
        regressor(verbose=True).fit(Z, WIDE)
        assert "ImageRegressor" in capsys.readouterr().err
        regressor().fit(Z, WIDE)
        assert capsys.readouterr() == ("", "")

    def test_interruption(self, monkeypatch):
        step = ImageRegressor._training_step

        def training_step(self, columns):
            if self.n_iter_ == 3:
                raise KeyboardInterrupt
            return step(self, columns)

        monkeypatch.setattr(ImageRegressor, "_training_step", training_step)
        with pytest.warns(UserWarning, match="interrupted after 3 of 6 epochs") as caught:
            model = regressor().fit(Z, WIDE)
        assert caught[0].filename == __file__
        assert model.predict(Z).shape == (30, 15)

    def test_divergence(self):
        with (
            warnings.catch_warnings(),
            pytest.raises(FloatingPointError, match="training diverged: .*learning_rate_init"),
        ):
            warnings.simplefilter("error")
            regressor(learning_rate_init=1e30, max_iter=50).fit(Z, WIDE)

    @pytest.mark.parametrize("way", [clone, pickle, joblib])
    def test_copies(self, way):
        model = regressor(channels=(3, 2)).partial_fit(Z, WIDE)
        other = copied(model, way)
        if way is clone:
            other.partial_fit(Z, WIDE)
        for one in (model, other):
            one.partial_fit(Z, WIDE)
        np.testing.assert_array_equal(model.predict(Z), other.predict(Z))

    @pytest.mark.parametrize(
        ("parameter", "value", "error", "expected"),
        [
            ("hidden_layer_sizes", (4, 0), ValueError, "each of hidden_layer_sizes .*; got 0"),
            ("channels", (-1,), ValueError, "each of channels must .*; got -1"),
            ("channels", "8", TypeError, r"each of channels .* got '8' \(str\)"),
            ("image_shape", (3, 6), ValueError, r"\(3, 6\) has 18 numbers, but a picture has 15"),
            ("image_shape", (15,), ValueError, r"image_shape must be .*; got \(15,\)"),
            ("image_shape", 15, TypeError, r"image_shape must be .*; got 15 \(int\)"),
            ("image_shape", (3, 5.0), TypeError, r"each of image_shape .*; got 5.0 \(float\)"),
            ("image_shape", (0, 5), ValueError, "each of image_shape .*; got 0"),
            ("activation", "swish", ValueError, "activation must be .* got 'swish'"),
            ("output_activation", None, TypeError, "output_activation must be .* got None"),
            ("learning_rate_init", 0, ValueError, "learning_rate_init must be .*; got 0"),
            ("decay_from", 1, ValueError, "decay_from must be .* less than 1; got 1"),
            ("decay_to", 0, ValueError, "decay_to must be .* greater than 0; got 0"),
            ("batch_size", 0, ValueError, "batch_size must be .*; got 0"),
            ("max_iter", 1.5, TypeError, r"max_iter must be .*; got 1.5 \(float\)"),
            ("random_state", -1, ValueError, "random_state must be .*; got -1"),
            ("verbose", 1, TypeError, r"verbose must be True or False; got 1 \(int\)"),
            ("dtype", "float16", ValueError, "dtype must be .*; got 'float16'"),
        ],
    )
    def test_refusals(self, parameter, value, error, expected):
        for train in (ImageRegressor.fit, ImageRegressor.partial_fit):
            with pytest.raises(error, match=expected):
                train(regressor(**{parameter: value}), Z, WIDE)

    def test_wrong_data(self):
        with pytest.raises(ValueError, match=r"flattened picture in each row.*got shape \(30,\)"):
            regressor().fit(Z, WIDE[:, 0])
        with pytest.raises(ValueError, match="inconsistent numbers of samples"):
            regressor().fit(Z, WIDE[1:])
        model = regressor().fit(Z, WIDE)
        with pytest.raises(ValueError, match=r"y must have 15 columns; got shape \(30, 14\)"):
            model.partial_fit(Z, WIDE[:, 1:])
        with pytest.raises(ValueError, match="X has 3 features, but ImageRegressor is expecting 4"):
            model.predict(Z[:, 1:])
        with pytest.raises(NotFittedError):
            regressor().predict(Z)


class TestImageGAN:
    def test_is_a_gan(self):
        """Dense, it is the GAN, number for number."""
        options = {"r1": 0.3, "r2": 0.2, "output_activation": "tanh"}
        ours = gan(**options).fit(WIDE, THREE)
        theirs = GAN((5,), (4,), 2, max_iter=6, batch_size=6, random_state=0, **options)
        theirs.fit(WIDE, THREE)
        np.testing.assert_array_equal(
            ours.sample(4, random_state=0), theirs.sample(4, random_state=0)
        )

    def test_players(self):
        model = ImageGAN((), (9,), 16, generator_channels=(32, 16), discriminator_channels=(16, 32))
        model.start(np.zeros((2, 256)))
        assert repr(model.generator_).startswith(
            "Network([Dense(16, 512), LeakyReLU(0.2), Reshape((4, 4, 32)), "
            "ConvTranspose2D(32, 16, 4, stride=2, padding=1), LeakyReLU(0.2), "
            "ConvTranspose2D(16, 1, 4, stride=2, padding=1), Tanh(), Flatten()]"
        )
        assert repr(model.discriminator_).startswith(
            "Network([Reshape((16, 16, 1)), Conv2D(1, 16, 4, stride=2, padding=1), LeakyReLU(0.2), "
            "Conv2D(16, 32, 4, stride=2, padding=1), LeakyReLU(0.2), Flatten(), Dense(512, 9), "
            "LeakyReLU(0.2), Dense(9, 1)]"
        )

    @pytest.mark.parametrize("y", [None, THREE])
    @pytest.mark.parametrize(
        "options",
        [
            {"r1": 0.7, "r2": 0.4},
            {"r1": 0.0, "r2": 0.0, "loss": "wasserstein_gp", "gradient_penalty": 3.0},
            {"r1": 0.7, "batch_normalisation": True, "instance_noise": 0.1},
            {"r1": 0.0, "r2": 0.0, "minibatch_discrimination": 2, "loss": "least_squares"},
        ],
    )
    def test_gradients(self, options, y):
        model = gan(dtype="float64", **CONVOLUTIONS, **options).start(WIDE, y)
        shift_biases(model.generator_, model.discriminator_)
        real = np.concatenate([WIDE[:4].T, model._draw_labels(4)])
        x = np.concatenate([real, -real[:, ::-1]], axis=1)
        state = model._rng.bit_generator.state

        def discriminator():
            model._rng.bit_generator.state = state
            return sum(model._discriminator_gradient(x))

        discriminator()
        gradient = model.discriminator_.gradients.copy()
        assert_close(gradient, central_differences(discriminator, model.discriminator_.parameters))

        labels = model._draw_labels(5)
        z, state = model._draw_latent(labels), model._rng.bit_generator.state

        def generator():
            model._rng.bit_generator.state = state
            return model._generator_gradient(z, labels)

        generator()
        gradient = model.generator_.gradients.copy()
        assert_close(gradient, central_differences(generator, model.generator_.parameters))

    def test_labels_are_seen_by_convolutions(self):
        model = gan(**CONVOLUTIONS).fit(WIDE, THREE)
        assert model.discriminator_.layers[1].n_in == 4
        assert (model.discriminate(WIDE, "cat") != model.discriminate(WIDE, "owl")).any()
        cats, owls = (model.sample(3, label, random_state=0) for label in ("cat", "owl"))
        assert (cats != owls).any()

    def test_batch_normalisation_stands_in_the_generator_alone(self):
        model = gan(batch_normalisation=True, **CONVOLUTIONS).fit(WIDE)

        def count(network):
            return sum(isinstance(layer, BatchNormalisation) for layer in network.layers)

        assert count(model.generator_) == count(model.averaged_generator_) == 3
        assert count(model.discriminator_) == 0
        latent = np.random.default_rng(0).normal(size=(5, 2))
        for averaged in (True, False):  # in use, a sample does not depend on the others
            together = model.generate(latent, averaged=averaged)
            alone = np.concatenate([model.generate(z[None], averaged=averaged) for z in latent])
            np.testing.assert_allclose(together, alone, rtol=1e-10)
        assert model.generator_.layers[1].training

    @pytest.mark.parametrize("options", [{}, CONVOLUTIONS])
    def test_all_ways_to_train_are_one(self, options):
        """30 rows in minibatches of 6 are 5 steps."""
        fitted = gan(max_iter=10, **options).fit(WIDE)
        by_epoch = gan(max_iter=10, **options).partial_fit(WIDE).partial_fit(WIDE)
        by_hand = gan(max_iter=10, **options)
        by_hand.training_step(WIDE, n_steps=9)
        by_hand.discriminator_step(WIDE)
        by_hand.generator_step()
        for model in (by_epoch, by_hand):
            assert model.n_iter_ == 10
            np.testing.assert_array_equal(
                model.sample(3, random_state=0), fitted.sample(3, random_state=0)
            )

    def test_samples(self):
        model = gan(**CONVOLUTIONS).fit(WIDE)
        first, second, other = (model.sample(4, random_state=seed) for seed in (1, 1, 2))
        np.testing.assert_array_equal(first, second)
        assert (first != other).any()
        assert first.shape == (4, 15)
        assert np.abs(first).max() < 1
        assert model.image_shape_ == (3, 5)

    @pytest.mark.parametrize(
        "options",
        [{}, {"generator_channels": (16, 8)}, {"discriminator_channels": (8, 16)}],
        ids=["dense", "transposed convolutions", "convolutions"],
    )
    def test_learns_bars(self, options):
        """Pictures of one bright column of four: all four come, and mostly one at a time."""
        columns = np.random.default_rng(0).integers(4, size=400)
        bars = np.full((400, 4, 4), -0.8)
        bars[np.arange(400), :, columns] = 0.8
        bars += 0.1 * np.random.default_rng(1).normal(size=bars.shape)
        model = ImageGAN((32,), (32,), 8, max_iter=1500, random_state=0, **options)
        samples = model.fit(bars.reshape(400, 16)).sample(400, random_state=0).reshape(-1, 4, 4)
        means = samples.mean(axis=1)
        bright = np.bincount(means.argmax(axis=1), minlength=4) / 400
        assert bright.min() > 0.1
        clear = (means.max(axis=1) > 0.4) & (np.sort(means, axis=1)[:, 2] < -0.4)
        assert clear.mean() > 0.5  # of noise, hardly a picture

    @pytest.mark.parametrize("way", [clone, pickle, joblib])
    def test_copies(self, way):
        model = gan(batch_normalisation=True, **CONVOLUTIONS).partial_fit(WIDE, THREE)
        other = copied(model, way)
        if way is clone:
            other.partial_fit(WIDE, THREE)
        for one in (model, other):
            one.partial_fit(WIDE, THREE)
        np.testing.assert_array_equal(
            model.sample(3, random_state=0), other.sample(3, random_state=0)
        )

    def test_progress_bar(self, capsys):
        gan(verbose=True).fit(WIDE)
        assert "ImageGAN" in capsys.readouterr().err

    @pytest.mark.parametrize(
        ("parameter", "value", "error", "expected"),
        [
            ("generator_channels", (0,), ValueError, "each of generator_channels .*; got 0"),
            ("discriminator_channels", 2.5, TypeError, "each of discriminator_channels .* got 2.5"),
            ("image_shape", (4, 4), ValueError, r"\(4, 4\) has 16 numbers, but a picture has 15"),
            ("image_shape", "square", TypeError, r"image_shape must be .*; got 'square' \(str\)"),
            ("batch_normalisation", 1, TypeError, "batch_normalisation must be True or False"),
            ("loss", "hinge", ValueError, "loss must be one of 'non_saturating'"),
            ("r1", -1, ValueError, "r1 must be a finite number at least 0; got -1"),
            ("minibatch_discrimination", 3, ValueError, "r1 and r2 cannot be combined"),
            ("discriminator_activation", "tanh", ValueError, "r1 and r2 need .*; got 'tanh'"),
        ],
    )
    def test_refusals(self, parameter, value, error, expected):
        for train in (ImageGAN.fit, ImageGAN.partial_fit, ImageGAN.training_step):
            with pytest.raises(error, match=expected):
                train(gan(**{parameter: value}), WIDE)


def copied(model, way):
    if way is clone:
        return clone(model)
    if way is pickle:
        return pickle.loads(pickle.dumps(model))
    file = io.BytesIO()
    joblib.dump(model, file)
    file.seek(0)
    return joblib.load(file)


@parametrize_with_checks(
    [
        ImageRegressor(),
        ImageRegressor((9,), (4, 3), max_iter=200, dtype="float64"),
        ImageGAN(max_iter=10),
        ImageGAN(
            (),
            (),
            3,
            generator_channels=(4, 3),
            discriminator_channels=(3, 4),
            batch_normalisation=True,
            max_iter=6,
        ),
    ]
)
def test_scikit_learn_check(estimator, check):
    check(estimator)
