"""Bad input, all over the public interface: refused in words, and nothing half-done is left.

Each line of the tables is a call, the kind of error, and what its message must hold: the name of
what is wrong, and what was given.
"""

from __future__ import annotations

import inspect
import math
import pickle
from functools import cache

import joblib
import numpy as np
import pytest
from matplotlib.figure import Figure
from sklearn.decomposition import PCA
from sklearn.exceptions import NotFittedError

from helpers import datasets, metrics, models, nn, plots, scenes, transposed, widgets
from helpers import scoreboard as board
from helpers.exercises import ask, compare
from helpers.models import (
    GAN,
    Autoencoder,
    ConditionalImageGAN,
    DiffusionModel,
    ImageGAN,
    ImageRegressor,
    VariationalAutoencoder,
)
from helpers.models.pretrained import load_estimators, load_pretrained, save_estimators
from helpers.scoreboard import Scoreboard

RNG = np.random.default_rng(0)
ROWS = RNG.normal(size=(30, 4))
LABELS = np.arange(30) % 2
PIXELS = RNG.uniform(size=(9, 6, 5))
HOLED = np.where(np.arange(30)[:, None] == 7, np.nan, ROWS)


def d(name, *arguments, **options):
    """A call of a function of one of the modules, by its name, as a line of a table."""
    return name, arguments, options


DATASETS = [
    (d("make_ring", 0), ValueError, "n_samples", "0"),
    (d("make_ring", 2.5), TypeError, "n_samples", "2.5"),
    (d("make_ring", True), TypeError, "n_samples", "True"),
    (d("make_ring", "ten"), TypeError, "n_samples", "'ten'"),
    (d("make_ring", noise=-0.1), ValueError, "noise", "-0.1"),
    (d("make_ring", noise=math.nan), ValueError, "noise", "nan"),
    (d("make_ring", noise=[0.1]), TypeError, "noise", "[0.1]"),
    (d("make_ring", random_state=-1), ValueError, "random_state", "-1"),
    (d("make_ring", random_state="seed"), TypeError, "random_state", "'seed'"),
    (d("ring_centers", 0), ValueError, "n_modes", "0"),
    (d("ring_centers", radius=math.inf), ValueError, "radius", "inf"),
    (d("grid_centers", -5), ValueError, "n_side", "-5"),
    (d("grid_centers", half_width=None), TypeError, "half_width", "None"),
    (d("make_modes", centers=[1, 2]), ValueError, "centers", "(2,)"),
    (d("make_modes", centers=[["a", "b"]]), TypeError, "centers", "'a'"),
    (d("make_modes", centers=[[0, math.nan]]), ValueError, "centers", "nan"),
    (d("make_modes", random_state=1.5), TypeError, "random_state", "1.5"),
    (d("make_tiny_pictures", kind="blurred"), ValueError, "kind", "'blurred'"),
    (d("make_tiny_pictures", kind=["kernel"]), TypeError, "kind", "['kernel']"),
    (d("make_tiny_pictures", kernel=[1, 2, 3]), ValueError, "kernel", "(3,)"),
    (d("make_tiny_pictures", kernel="edge"), TypeError, "kernel", "'edge'"),
    (d("make_tiny_pictures", noise="much"), TypeError, "noise", "'much'"),
    (d("load_photo_patches", height=0), ValueError, "height", "0"),
    (d("load_photo_patches", 1, width=9000), ValueError, "9000", "427 × 640"),
    (d("load_photo_patches", shrink=1.5), TypeError, "shrink", "1.5"),
]

SCENES = [
    (d("render_heads", [0, math.nan]), ValueError, "yaw", "nan"),
    (d("render_heads", [[0, 1]]), ValueError, "yaw", "(1, 2)"),
    (d("render_heads", "left"), TypeError, "yaw", "'left'"),
    (d("render_heads", 0, ear_size=9), ValueError, "ear_size", "9"),
    (d("render_heads", 0, whiskers=1), TypeError, "'whiskers'", "ear_size"),
    (d("render_heads", [0, 1], skin=[0.7, 0.7, 0.7]), ValueError, "yaw", "skin", "3"),
    (d("render_heads", 0, height=4), ValueError, "height", "4"),
    (d("render_heads", 0, width=24.0), TypeError, "width", "24.0"),
    (d("render_heads", 0, dtype="int8"), ValueError, "dtype", "int8"),
    (d("render_heads", 0, dtype="fine"), ValueError, "dtype", "'fine'"),
    (d("render_heads", 0, oversampling=0), ValueError, "oversampling", "0"),
    (d("make_heads", 0), ValueError, "n_samples", "0"),
    (d("make_heads", max_yaw=200), ValueError, "max_yaw", "200"),
    (d("make_heads", 2, random_state=-3), ValueError, "random_state", "-3"),
    (d("make_head_turns", futures="three"), ValueError, "futures", "'three'"),
    (d("make_head_turns", futures=2), TypeError, "futures", "2"),
    (d("make_head_turns", turn=0), ValueError, "turn", "0"),
    (d("make_head_turns", p_left=1.5), ValueError, "p_left", "1.5"),
    (d("turns_and_weights", p_left=math.nan), ValueError, "p_left", "nan"),
    (d("mean_of_futures", 0, turn=-4), ValueError, "turn", "-4"),
    (d("render_cats", gaze_x=[0, 3]), ValueError, "gaze_x", "3"),
    (d("render_cats", tail=1), TypeError, "'tail'", "tilt"),
    (d("make_cats", p_dark=-1), ValueError, "p_dark", "-1"),
    (d("make_cats", "many"), TypeError, "n_samples", "'many'"),
]

KERNEL, IMAGES, TARGETS = np.ones((2, 2)), np.ones((3, 2, 2)), np.ones((3, 3, 3))

TRANSPOSED = [
    (d("output_size", 0, 2), ValueError, "input_size", "0"),
    (d("output_size", 2, 2.5), TypeError, "kernel_size", "2.5"),
    (d("output_size", 2, 2, stride=0), ValueError, "stride", "0"),
    (d("output_size", 2, 2, padding=-1), ValueError, "padding", "-1"),
    (d("output_size", 2, 2, stride=2, output_padding=2), ValueError, "output_padding", "2"),
    (d("output_size", 2, 3, padding=3), ValueError, "no pixel", "3"),
    (d("output_size", 5, 2, output_padding=1, transposed=False), ValueError, "output_padding", "1"),
    (d("transposed_convolution", [1, 2], KERNEL), ValueError, "image", "(2,)"),
    (d("transposed_convolution", [[1, 2], [3]], KERNEL), ValueError, "image", "rectangular"),
    (d("transposed_convolution", KERNEL, [["a"]]), TypeError, "kernel", "<U1"),
    (d("transposed_convolution", KERNEL, [[math.nan]]), ValueError, "kernel", "NaN"),
    (d("transposed_convolution", KERNEL, [[1j]]), TypeError, "kernel", "complex"),
    (d("transposed_convolution", KERNEL, KERNEL, view="fold"), ValueError, "view", "'fold'"),
    (d("transposed_convolution", KERNEL, KERNEL, view=[1]), TypeError, "view", "[1]"),
    (d("convolution_matrix", KERNEL, 3), ValueError, "input_shape", "3"),
    (d("convolution_matrix", KERNEL, (3, 0)), ValueError, "input_shape[1]", "0"),
    (d("overlap_counts", (2, 2), "ab"), ValueError, "kernel_shape", "'ab'"),
    (d("nine_term_loss", np.ones((3, 3)), IMAGES, TARGETS), ValueError, "kernel", "(3, 3)"),
    (d("nine_residuals", KERNEL, IMAGES[:2], TARGETS), ValueError, "2 images", "3 targets"),
    (d("kernel_gradient", KERNEL, TARGETS, TARGETS), ValueError, "images", "(3, 3, 3)"),
    (d("image_gradient", KERNEL, IMAGES, IMAGES), ValueError, "targets", "(3, 2, 2)"),
    (d("best_kernel", [], []), ValueError, "images", "(0,)"),
]

METRICS = [
    (d("classifier_two_sample_test", ROWS, ROWS[:, :3]), ValueError, "real", "fake", "4", "3"),
    (d("classifier_two_sample_test", ROWS, HOLED), ValueError, "fake", "NaN"),
    (d("classifier_two_sample_test", ROWS[0], ROWS), ValueError, "real", "(4,)"),
    (d("classifier_two_sample_test", "rows", ROWS), TypeError, "real", "str"),
    (d("classifier_two_sample_test", ROWS[:3], ROWS), ValueError, "cv=5", "3"),
    (d("classifier_two_sample_test", ROWS, ROWS, cv=1), ValueError, "cv", "1"),
    (d("classifier_two_sample_test", ROWS, ROWS, jitter=-1), ValueError, "jitter", "-1"),
    (d("classifier_two_sample_test", ROWS, ROWS, jitter=[1, 2]), ValueError, "jitter", "(2,)"),
    (d("classifier_two_sample_test", ROWS, ROWS, classifier=PCA), TypeError, "classifier", "PCA"),
    (d("classifier_two_sample_test", ROWS, ROWS, random_state=-1), ValueError, "random_state",
     "-1"),
    (d("precision_recall", ROWS, ROWS, k=0), ValueError, "k", "0"),
    (d("precision_recall", ROWS[:4], ROWS), ValueError, "k=5", "real", "4"),
    (d("coverage", ROWS, ROWS, k=2.0), TypeError, "k", "2.0"),
    (d("copy_ratio", ROWS, ROWS[:, :2], ROWS), ValueError, "train", "2"),
    (d("copy_ratio", ROWS, ROWS, ROWS), ValueError, "held-out", "0"),
    (d("mode_coverage", ROWS, ROWS[:, :2], 0.1), ValueError, "centers", "2"),
    (d("mode_coverage", ROWS, ROWS, 0), ValueError, "noise", "0"),
    (d("mode_coverage", ROWS, ROWS, 0.1, min_share=2), ValueError, "min_share", "2"),
    (d("rmse", PIXELS, PIXELS[:3]), ValueError, "originals", "9", "3"),
    (d("psnr", PIXELS, PIXELS[:, 1:]), ValueError, "originals", "6 × 5", "5 × 5"),
    (d("rmse", 255 * PIXELS, PIXELS), ValueError, "images", "255"),
    (d("ssim", PIXELS, PIXELS, window=4), ValueError, "window", "4"),
    (d("ssim", PIXELS, PIXELS, window=9), ValueError, "window", "9", "6 × 5"),
    (d("ssim", PIXELS, PIXELS, window=3, sigma=0), ValueError, "sigma", "0"),
    (d("gradient_energy", PIXELS[:, :1]), ValueError, "two pixels", "1 × 5"),
    (d("gradient_energy", PIXELS[0, 0]), ValueError, "images", "(5,)"),
    (d("sharpness", PIXELS, np.ones((2, 6, 5))), ValueError, "real", "one grey"),
    (d("nearest_future", PIXELS, PIXELS), ValueError, "futures", "(9, 6, 5)"),
    (d("nearest_future", PIXELS, PIXELS[:, None], weights=[1, 2]), ValueError, "weights", "(2,)"),
    (d("nearest_training_picture", PIXELS, PIXELS[:, 1:]), ValueError, "training", "5 × 5"),
    (d("train_digit_classifier", PIXELS), TypeError, "images", "target"),
    (d("train_digit_classifier", PIXELS, [1, 2]), ValueError, "target", "(2,)"),
    (d("train_digit_classifier", PIXELS, [1] * 9), ValueError, "target", "one"),
    (d("class_histogram", PIXELS, "forest"), TypeError, "classifier", "'forest'"),
    (d("frechet_distance", ROWS, ROWS[:1]), ValueError, "fake", "1"),
    (d("frechet_distance", ROWS, ROWS, n_components=9), ValueError, "n_components", "9"),
]  # fmt: skip

SYNTHETIC = {"X_fake": ROWS, "y_fake": LABELS, "X_test": ROWS, "y_test": LABELS,
             "X_train": ROWS, "y_train": LABELS}  # fmt: skip
METRICS += [
    (d("train_on_synthetic_test_on_real", **SYNTHETIC | {name: bad}), ValueError, name, given)
    for name, bad, given in [
        ("X_fake", ROWS[:, :2], "2"),
        ("y_fake", LABELS[:9], "(9,)"),
        ("y_fake", LABELS + 5, "6"),
        ("X_test", HOLED, "NaN"),
        ("y_train", LABELS[:, None], "(30, 1)"),
    ]
]

BOARD = [
    (d("tidy", np.ones((3, 5))), ValueError, "34 columns", "(3, 5)"),
    (d("tidy", "rows"), TypeError, "rows", "'rows'"),
    (d("tidy", np.full((3, 34), np.nan)), ValueError, "rows", "NaN"),
    (d("split_table", [1, 2, 3]), ValueError, "table", "(3,)"),
    (d("split_table", np.ones((9, 34))), ValueError, "table", "9"),
    (d("score_recipe", "mixture"), TypeError, "recipe", "'mixture'"),
    (d("score_recipe", board.real_rows, n_splits=0), ValueError, "n_splits", "0"),
    (d("score_recipe", board.real_rows, n_splits=1.5), TypeError, "n_splits", "1.5"),
    (d("score_recipe", board.real_rows, random_state=-1), ValueError, "random_state", "-1"),
    (d("score_recipe", lambda train, n, seed: train[:, :3]), ValueError, "34", "3)"),
    (d("score_recipe", lambda train, n, seed: train[:5]), ValueError, "234", "5"),
    (d("score_rows", np.zeros((5, 34)), np.zeros((9, 34)), np.zeros((9, 34))), ValueError, "9",
     "5"),
]  # fmt: skip

PLOTS = [
    (d("with_alt", "figure", "What the figure shows."), TypeError, "figure", "str"),
    (d("with_alt", Figure(), 3), TypeError, "alt", "int"),
    (d("with_alt", Figure(), "short"), ValueError, "alt", "'short'"),
    (d("plot_numbers", [1, 2]), ValueError, "values", "(2,)"),
    (d("plot_numbers", [["a"]]), TypeError, "values", "'a'"),
    (d("plot_numbers", [[1, math.nan]]), ValueError, "values", "nan"),
    (d("plot_numbers", [[1, 2]], decimals=-1), ValueError, "decimals", "-1"),
    (d("plot_numbers", [[1, 2]], limit=-1), ValueError, "limit", "-1"),
    (d("plot_numbers", [[1, 2]], names=["p1"]), ValueError, "names", "(1,)"),
]

TABLES = [
    (datasets, DATASETS),
    (scenes, SCENES),
    (transposed, TRANSPOSED),
    (metrics, METRICS),
    (board, BOARD),
    (plots, PLOTS),
]


def title(value):
    return value if isinstance(value, str) else ""


def assert_refused(call, error, words):
    """The call raises this error, and its message holds these words."""
    with pytest.raises(error) as caught:
        call()
    message = str(caught.value)
    assert caught.type is error or not issubclass(caught.type, KeyError | AttributeError)
    for word in words:
        assert word in message, f"{word!r} is not in {message!r}"


@pytest.mark.parametrize(
    ("module", "call", "error", "words"),
    [
        pytest.param(module, call, error, words, id=f"{call[0]}-{words[0]}-{k}")
        for module, table in TABLES
        for k, (call, error, *words) in enumerate(table)
    ],
)
def test_a_function_refuses(module, call, error, words):
    name, arguments, options = call
    assert_refused(lambda: getattr(module, name)(*arguments, **options), error, words)


# ---------------------------------------------------------------------------- estimators

SMALL = {"max_iter": 2, "random_state": 0}
PICTURE_ROWS = PIXELS.reshape(9, -1)


@cache
def fitted(kind):
    """The bytes of a fitted estimator, and the rows it was fitted to."""
    estimators = {
        Autoencoder: (Autoencoder((6,), 2, **SMALL), (ROWS,)),
        VariationalAutoencoder: (VariationalAutoencoder((6,), 2, **SMALL), (ROWS,)),
        GAN: (GAN((6,), (6,), 3, **SMALL), (ROWS, LABELS)),
        DiffusionModel: (DiffusionModel((6,), **SMALL), (ROWS, LABELS)),
        ImageRegressor: (
            ImageRegressor((6,), image_shape=(6, 5), **SMALL), (ROWS[:9], PICTURE_ROWS),
        ),
        ImageGAN: (ImageGAN((6,), (6,), 3, image_shape=(6, 5), **SMALL), (2 * PICTURE_ROWS - 1,)),
        ConditionalImageGAN: (
            ConditionalImageGAN(
                (6,), (6,), 2, encoder_layer_sizes=(6,), image_shape=(6, 5), **SMALL
            ),
            (ROWS[:9], 2 * PICTURE_ROWS - 1),
        ),
    }  # fmt: skip
    estimator, data = estimators[kind]
    return pickle.dumps(estimator.fit(*data)), data


def an_estimator(kind):
    content, data = fitted(kind)
    return pickle.loads(content), data


BAD_PARAMETERS = [
    (Autoencoder, "hidden_layer_sizes", (8, 0), ValueError, "0"),
    (Autoencoder, "hidden_layer_sizes", "64", TypeError, "'64'"),
    (Autoencoder, "n_latent", 2.0, TypeError, "2.0"),
    (Autoencoder, "activation", "swish", ValueError, "'swish'"),
    (Autoencoder, "alpha", -0.1, ValueError, "-0.1"),
    (Autoencoder, "solver", "lbfgs", ValueError, "'lbfgs'"),
    (Autoencoder, "learning_rate_init", 0, ValueError, "0"),
    (Autoencoder, "learning_rate_init", math.inf, ValueError, "inf"),
    (Autoencoder, "batch_size", "auto", TypeError, "'auto'"),
    (Autoencoder, "max_iter", -1, ValueError, "-1"),
    (Autoencoder, "momentum", 1, ValueError, "1"),
    (Autoencoder, "early_stopping", "yes", TypeError, "'yes'"),
    (Autoencoder, "validation_fraction", 1.5, ValueError, "1.5"),
    (Autoencoder, "dtype", "int32", ValueError, "'float32' or 'float64'"),
    (Autoencoder, "random_state", -1, ValueError, "-1"),
    (Autoencoder, "verbose", 2, TypeError, "2"),
    (VariationalAutoencoder, "beta", -1, ValueError, "-1"),
    (VariationalAutoencoder, "beta_warmup", 1.5, TypeError, "1.5"),
    (VariationalAutoencoder, "decoder_variance", "fixed", ValueError, "'fixed'"),
    (VariationalAutoencoder, "decoder_variance", 0, ValueError, "0"),
    (GAN, "loss", "jensen", ValueError, "'jensen'"),
    (GAN, "loss", ["minimax"], TypeError, "['minimax']"),
    (GAN, "r1", -1, ValueError, "-1"),
    (GAN, "r2", (0.1, "small"), TypeError, "'small'"),
    (GAN, "betas", (0.5,), ValueError, "(0.5,)"),
    (GAN, "betas", (0.5, 1), ValueError, "1"),
    (GAN, "label_smoothing", 1, ValueError, "1"),
    (GAN, "weight_averaging", 2, ValueError, "2"),
    (GAN, "generator_layer_sizes", (64, None), TypeError, "None"),
    (GAN, "n_discriminator_steps", 0, ValueError, "0"),
    (GAN, "decay_from", 1, ValueError, "1"),
    (GAN, "instance_noise", (1, 2, 3), TypeError, "(1, 2, 3)"),
    (ImageGAN, "image_shape", (5, 5), ValueError, "(5, 5)"),
    (ImageGAN, "image_shape", 30, TypeError, "30"),
    (ImageGAN, "batch_normalisation", 1, TypeError, "1"),
    (ImageRegressor, "channels", (0,), ValueError, "0"),
    (ConditionalImageGAN, "adversarial_weight", -1, ValueError, "-1"),
    (ConditionalImageGAN, "latent_scale", "wide", TypeError, "'wide'"),
    (DiffusionModel, "schedule", "steep", ValueError, "'steep'"),
    (DiffusionModel, "n_frequencies", -1, ValueError, "-1"),
    (DiffusionModel, "hidden_layer_sizes", (0,), ValueError, "0"),
    (DiffusionModel, "weight_averaging", 1.0, ValueError, "1.0"),
]


AT_THE_START = ("random_state", "image_shape")


@pytest.mark.parametrize(("kind", "name", "value", "error", "given"), BAD_PARAMETERS)
def test_an_estimator_refuses_a_parameter_and_stays_as_it_was(kind, name, value, error, given):
    estimator, data = an_estimator(kind)
    estimator.set_params(**{name: value})
    before = joblib.hash(vars(estimator))
    # What only the start of a training needs is not asked for when it goes on.
    trains = [estimator.fit] + [estimator.partial_fit] * (name not in AT_THE_START)
    for train in trains:
        assert_refused(lambda train=train: train(*data), error, [name, given])
    assert joblib.hash(vars(estimator)) == before


WRONG_ROWS = [
    (HOLED, ValueError, "NaN"),
    (ROWS[0], ValueError, "1D array"),
    (ROWS[:0], ValueError, "0 sample"),
    ([["a", "b", "c", "d"]] * 30, ValueError, "'a'"),
    (ROWS + 1j, ValueError, "Complex"),
]


@pytest.mark.parametrize("kind", [Autoencoder, VariationalAutoencoder, GAN, DiffusionModel])
def test_an_estimator_refuses_rows_and_stays_as_it_was(kind):
    estimator, data = an_estimator(kind)
    before, labels = joblib.hash(vars(estimator)), data[1:]
    for X, error, words in [*WRONG_ROWS, (ROWS[:, :3], ValueError, "3 features")]:
        assert_refused(lambda X=X: estimator.partial_fit(X, *labels), error, [words])
        if words != "3 features":
            assert_refused(lambda X=X: estimator.fit(X, *labels), error, [words])
    assert joblib.hash(vars(estimator)) == before


BAD_CALLS = [
    (Autoencoder, "transform", (ROWS[:, :3],), ValueError, "3 features"),
    (Autoencoder, "inverse_transform", (ROWS,), ValueError, "(30, 4)"),
    (Autoencoder, "inverse_transform", ("codes",), ValueError, "codes"),
    (Autoencoder, "sample", (0,), ValueError, "n_samples", "0"),
    (Autoencoder, "sample", (2.5,), TypeError, "n_samples", "2.5"),
    (Autoencoder, "sample", (3, -1), ValueError, "random_state", "-1"),
    (Autoencoder, "score", (HOLED,), ValueError, "NaN"),
    (VariationalAutoencoder, "elbo", (ROWS, "seed"), TypeError, "random_state", "'seed'"),
    (VariationalAutoencoder, "code_distribution", (ROWS[:, :1],), ValueError, "1 features"),
    (GAN, "sample", (0,), ValueError, "n_samples", "0"),
    (GAN, "sample", (4, 7), ValueError, "y", "7"),
    (GAN, "sample", (4, [0, 1]), ValueError, "y", "2"),
    (GAN, "generate", (ROWS, 0), ValueError, "Z", "(30, 4)"),
    (GAN, "discriminate", (ROWS,), ValueError, "y", "None"),
    (GAN, "push", (ROWS[:, :2], 0), ValueError, "2 features"),
    (GAN, "partial_fit", (ROWS, LABELS + 3), ValueError, "y", "4"),
    (GAN, "fit", (ROWS, LABELS[:5]), ValueError, "30", "5"),
    (ImageGAN, "sample", (2, 1), ValueError, "y", "1"),
    (ImageRegressor, "predict", (ROWS[:, :2],), ValueError, "2 features"),
    (ImageRegressor, "fit", (ROWS, None), ValueError, "y", "None"),
    (ImageRegressor, "fit", (ROWS[:9], PICTURE_ROWS[:, 0]), ValueError, "y", "(9,)"),
    (ImageRegressor, "partial_fit", (ROWS[:9], PICTURE_ROWS[:, 1:]), ValueError, "y", "(9, 29)"),
    (ConditionalImageGAN, "sample", (ROWS, "seed"), TypeError, "random_state", "'seed'"),
    (ConditionalImageGAN, "generate", (ROWS, ROWS), ValueError, "Z", "(30, 4)"),
    (ConditionalImageGAN, "discriminate", (ROWS, PICTURE_ROWS), ValueError, "9"),
    (DiffusionModel, "add_noise", (ROWS, 1.5), ValueError, "t", "1.5"),
    (DiffusionModel, "add_noise", (ROWS, [0.1, 0.2]), ValueError, "t", "(2,)"),
    (DiffusionModel, "predict_noise", (ROWS, "late", 0), TypeError, "t", "'late'"),
    (DiffusionModel, "denoise", (ROWS[:, :2], 0.5, 0), ValueError, "2 features"),
    (DiffusionModel, "denoise", (ROWS, 0.5), ValueError, "y", "None"),
    (DiffusionModel, "sample", (-1,), ValueError, "n_samples", "-1"),
    (DiffusionModel, "sample", (2, 9), ValueError, "y", "9"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "method", "arguments", "error", "words"),
    [
        pytest.param(kind, method, arguments, error, words, id=f"{kind.__name__}.{method}-{k}")
        for k, (kind, method, arguments, error, *words) in enumerate(BAD_CALLS)
    ],
)
def test_a_fitted_estimator_refuses_a_call_and_stays_as_it_was(
    kind, method, arguments, error, words
):
    estimator, _ = an_estimator(kind)
    before = joblib.hash(vars(estimator))
    assert_refused(lambda: getattr(estimator, method)(*arguments), error, words)
    assert joblib.hash(vars(estimator)) == before


@pytest.mark.parametrize(
    ("kind", "options", "words"),
    [
        (Autoencoder, {"prior": "flat"}, ["prior", "'flat'"]),
        (VariationalAutoencoder, {"prior": None}, ["prior", "None"]),
        (VariationalAutoencoder, {"decoder_noise": "some"}, ["decoder_noise", "'some'"]),
        (DiffusionModel, {"n_steps": 0}, ["n_steps", "0"]),
        (DiffusionModel, {"eta": -1}, ["eta", "-1"]),
    ],
)
def test_a_fitted_estimator_refuses_how_to_sample(kind, options, words):
    estimator, _ = an_estimator(kind)
    error = ValueError if options[words[0]] in ("flat", 0, -1) else TypeError
    assert_refused(lambda: estimator.sample(3, **options), error, words)


def test_every_estimator_is_asked():
    estimators = {value for value in vars(models).values() if inspect.isclass(value)}
    asked = {kind for kind, *_ in (*BAD_PARAMETERS, *BAD_CALLS)}
    assert {kind for kind in estimators if hasattr(kind, "fit")} == asked


@pytest.mark.parametrize("kind", sorted({kind for kind, *_ in BAD_CALLS}, key=lambda k: k.__name__))
def test_an_estimator_that_is_not_fitted_says_so(kind):
    for method in ("sample", "transform", "predict", "generate", "denoise"):
        if hasattr(kind, method):
            needed = [ROWS] * len(
                [
                    p
                    for p in list(inspect.signature(getattr(kind, method)).parameters.values())[1:]
                    if p.default is p.empty and p.kind is p.POSITIONAL_OR_KEYWORD
                ]
            )
            with pytest.raises(NotFittedError, match=kind.__name__):
                getattr(kind(), method)(*needed)


# ------------------------------------------------------------- networks, files, questions

DENSE = nn.Dense(3, 2)
NETWORK = nn.Network([nn.Dense(3, 2), nn.Tanh()], random_state=0)

OTHERS = [
    (lambda: nn.Dense(0, 3), ValueError, "n_in", "0"),
    (lambda: nn.Dense("4", 3), TypeError, "n_in", "'4'"),
    (lambda: nn.Dense(4, 2.5), TypeError, "n_out", "2.5"),
    (lambda: nn.Dense(4, 3, initialisation="zeros"), ValueError, "initialisation", "'zeros'"),
    (lambda: nn.Conv2D(1, 1, 0), ValueError, "kernel_size", "0"),
    (lambda: nn.ConvTranspose2D(1, 1, 2, stride="2"), TypeError, "stride", "'2'"),
    (lambda: nn.Conv2D(1, 1, (2, 2, 2)), ValueError, "kernel_size", "(2, 2, 2)"),
    (lambda: nn.LeakyReLU(1.0), ValueError, "slope", "1.0"),
    (lambda: nn.LeakyReLU("steep"), TypeError, "slope", "'steep'"),
    (lambda: nn.Reshape((0, 2)), ValueError, "shape", "0"),
    (lambda: nn.BatchNormalisation(3, momentum=0), ValueError, "momentum", "0"),
    (lambda: nn.Network([]), ValueError, "layer", "none"),
    (lambda: nn.Network([3]), TypeError, "Layer", "3"),
    (lambda: nn.Network([DENSE, DENSE]), ValueError, "layer", "object of its own"),
    (lambda: nn.Network([nn.Dense(3, 2), nn.Dense(4, 1)]), ValueError, "4", "2"),
    (lambda: nn.Network([nn.Dense(3, 2)], random_state=-1), ValueError, "random_state", "-1"),
    (lambda: NETWORK.forward(np.ones((4, 5))), ValueError, "(3, batch)", "(4, 5)"),
    (lambda: nn.dense_layers([3]), ValueError, "sizes", "[3]"),
    (lambda: nn.dense_layers([3, 2], "swish"), ValueError, "activation", "'swish'"),
    (lambda: nn.dense_layers([3, 2], ["tanh"]), TypeError, "activation", "['tanh']"),
    (lambda: nn.SGD(0), ValueError, "learning_rate", "0"),
    (lambda: nn.SGD("fast"), TypeError, "learning_rate", "'fast'"),
    (lambda: nn.SGD(0.1, momentum=1), ValueError, "momentum", "1"),
    (lambda: nn.Adam(0.1, beta_1=-0.1), ValueError, "beta_1", "-0.1"),
    (lambda: nn.Adam(None), TypeError, "learning_rate", "None"),
    (lambda: nn.squared_error(ROWS, ROWS[:3]), ValueError, "(30, 4)", "(3, 4)"),
    (lambda: nn.squared_error(ROWS, ROWS, reduction="sums"), ValueError, "reduction", "'sums'"),
    (lambda: nn.binary_cross_entropy(LABELS - 0.5, LABELS), ValueError, "labels", "0"),
    (lambda: load_pretrained("cats and dogs"), ValueError, "name", "'cats and dogs'"),
    (lambda: load_pretrained(3), ValueError, "name", "3"),
    (lambda: load_estimators("nowhere.npz"), FileNotFoundError, "nowhere.npz"),
    (lambda: load_estimators("pyproject.toml"), ValueError, "pyproject.toml"),
    (lambda: save_estimators("models.pkl", {}), ValueError, "path", "models.pkl"),
    (lambda: save_estimators("models.npz", {"one": PCA()}), TypeError, "one", "PCA"),
    (lambda: Scoreboard({"new": {"c2st": 1}}), ValueError, "c2st"),
    (lambda: Scoreboard({3: {}}), TypeError, "name", "3"),
    (lambda: Scoreboard.load("pyproject.toml"), ValueError, "pyproject.toml"),
    (lambda: Scoreboard.load("nowhere.csv"), FileNotFoundError, "nowhere.csv"),
    (lambda: Scoreboard.load().select("the best"), KeyError, "the best"),
    (lambda: ask("06.nothing"), ValueError, "06.nothing", "06.inverse"),
    (lambda: ask(6), ValueError, "6"),
    (lambda: compare(["06.inverse"]), ValueError, "06.inverse"),
    (lambda: ask("06.inverse").choose("maybe"), ValueError, "'maybe'"),
]  # fmt: skip


@pytest.mark.parametrize("case", OTHERS, ids=lambda case: "-".join(case[2:]))
def test_others_refuse(case, monkeypatch):
    monkeypatch.chdir(datasets.DATA_FOLDER.parent)
    call, error, *words = case
    assert_refused(call, error, words)


# ------------------------------------------------------------------------------- widgets

X_RING = datasets.make_ring(40, random_state=0)
PLANE = PCA(2).fit(X_RING)
CODES = PCA(3).fit(PICTURE_ROWS)

WIDGETS = [
    (lambda: widgets.TwoGaussians(mean_plus=[1]), ValueError, "mean_plus", "(1,)"),
    (lambda: widgets.TwoGaussians(prior_plus=1), ValueError, "prior_plus", "1"),
    (lambda: widgets.TwoGaussians(covariance=None), TypeError, "covariance", "None"),
    (lambda: widgets.TwoGaussians().arrangement("far"), ValueError, "name", "'far'"),
    (lambda: widgets.AutoencoderExplorer(ROWS[:, :3]), ValueError, "X", "(30, 3)"),
    (lambda: widgets.AutoencoderExplorer(step_size="big"), TypeError, "step_size", "'big'"),
    (lambda: widgets.AutoencoderExplorer().step(0), ValueError, "n_steps", "0"),
    (lambda: widgets.CodeExplorer(PCA(2), X_RING), NotFittedError, "PCA"),
    (lambda: widgets.CodeExplorer("model", X_RING), TypeError, "model", "str"),
    (lambda: widgets.CodeExplorer(PLANE, X_RING, axes=(0, 5)), ValueError, "axis_up", "5"),
    (lambda: widgets.CodeExplorer(PLANE, X_RING, axes=3), ValueError, "axes", "3"),
    (lambda: widgets.CodeExplorer(PLANE, X_RING, h=[1]), ValueError, "h", "(1,)"),
    (lambda: widgets.FuturesExplorer(turn=61), ValueError, "turn", "61"),
    (lambda: widgets.FuturesExplorer(futures="all"), ValueError, "futures", "'all'"),
    (lambda: widgets.GANTheatre("torus"), ValueError, "data", "'torus'"),
    (lambda: widgets.GANTheatre([[0, 1]]), ValueError, "data", "(1, 2)"),
    (lambda: widgets.GANTheatre(loss=None), TypeError, "loss", "None"),
    (lambda: widgets.GANTheatre(speeed=3), TypeError, "'speeed'", "random_state"),
    (lambda: widgets.GANTheatre().start("a bad run"), ValueError, "name", "'a bad run'"),
    (lambda: widgets.GANTheatre().step(1.5), TypeError, "n_steps", "1.5"),
    (lambda: widgets.KernelPlayground(kernel=[1, 2]), ValueError, "kernel", "[1, 2]"),
    (lambda: widgets.KernelPlayground(stride=0), ValueError, "stride", "0"),
    (lambda: widgets.KernelPlayground(kernal=[[1]]), TypeError, "kernal", "kernel"),
    (lambda: widgets.KernelPlayground().step(-1), ValueError, "count", "-1"),
    (lambda: widgets.KernelPlayground().use_kernel("soft"), ValueError, "name", "'soft'"),
    (lambda: widgets.LatentExplorer(psi=-1), ValueError, "psi", "-1"),
    (lambda: widgets.LatentExplorer(pictures="dogs"), ValueError, "pictures", "'dogs'"),
    (lambda: widgets.LatentExplorer(GAN(), PICTURE_ROWS), NotFittedError, "GAN"),
    (lambda: widgets.AdversarialWeight(scene="cats"), ValueError, "scene", "'cats'"),
    (lambda: widgets.AdversarialWeight(n_draws=0), ValueError, "n_draws", "0"),
    (lambda: widgets.RegularisationBench(kind="dropout"), ValueError, "kind", "'dropout'"),
    (lambda: widgets.RegularisationBench(strength=0.123), ValueError, "strength", "0.123"),
    (lambda: widgets.VectorWalk(np.sin, PIXELS[0, 0]), ValueError, "pictures", "5"),
    (lambda: widgets.VectorWalk("model", PIXELS, n_latent=3), TypeError, "model", "str"),
    (lambda: widgets.VectorWalk(CODES.inverse_transform, PIXELS), ValueError, "n_latent", "None"),
    (
        lambda: widgets.VectorWalk(CODES.inverse_transform, PIXELS, n_latent=3, scale=0),
        ValueError, "scale", "0",
    ),
]  # fmt: skip


@pytest.mark.parametrize("case", WIDGETS, ids=lambda case: "-".join(case[2:]))
def test_a_widget_refuses(case):
    call, error, *words = case
    assert_refused(call, error, words)


def test_a_misspelt_setting_of_a_widget_is_an_error():
    explorer = widgets.FuturesExplorer()
    with pytest.raises(AttributeError, match="no setting 'trun'; it has futures, p_left, turn"):
        explorer.trun = 3
    playground = widgets.KernelPlayground()
    with pytest.raises(AttributeError, match="no setting 'kernal'; it has .*kernel"):
        playground.kernal = [[1, 0], [0, 1]]
