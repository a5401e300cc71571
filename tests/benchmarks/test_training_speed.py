"""Training steps per second of the models of the course, against PyTorch where it is installed.

One row for each model that a lesson trains, with the lesson's sizes and penalties, and the four
convolutional games that the engine was built for. A step is a whole one: the minibatch is drawn
from rows in memory, noise is drawn, and losses, penalties, gradients, updates and the running
average of a generator's weights are computed, one step of each player in a game. What PyTorch does
stands in ``torch_side.py``. Both sides are single precision on one thread and take turns within
one run; the geometric mean of all ratios is printed at the end.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from statistics import geometric_mean

import numpy as np
import pytest

from helpers.models import (
    GAN,
    Autoencoder,
    ConditionalImageGAN,
    DiffusionModel,
    ImageGAN,
    ImageRegressor,
    VariationalAutoencoder,
)
from helpers.nn import Adam, Network, dense_layers, squared_error

FOREVER = {"max_iter": 10**6, "random_state": 0}
BOTH = {"r1": 1.0, "r2": 1.0}
PLAIN = {"r1": 0.0, "r2": 0.0}
SMOOTH = {"r1": 0.1, "r2": 0.1}
IONOSPHERE = {"r1": 0.3, "instance_noise": 0.05, "betas": (0.5, 0.999)}


def rows(n_samples: int, n_features: int) -> np.ndarray:
    numbers = np.random.default_rng(0).uniform(-1, 1, size=(n_samples, n_features))
    return numbers.astype(np.float32)


@pytest.fixture(scope="module")
def ratios() -> Iterator[list[float]]:
    found: list[float] = []
    yield found
    if found:
        print(f"\n{len(found)} models: geometric mean {geometric_mean(found):.2f}")


@pytest.fixture
def compare(against, benchmark, ratios):
    def both(title: str, ours: Callable, theirs: Callable, *, steps: int) -> None:
        against(title, ours, PyTorch=theirs, steps=steps)
        ratios.append(benchmark.extra_info["ratios"]["PyTorch"])

    return both


@pytest.fixture
def theirs(torch_on_one_thread):
    from benchmarks import torch_side

    return torch_side


# ------------------------------------------------------------------------------------- our side


def game(model: GAN | ConditionalImageGAN, X: np.ndarray, y: np.ndarray | None = None) -> Callable:
    columns = model.set_params(decay_to=1, **FOREVER)._start(X, y)
    return lambda: model._training_step(columns)


def descent(model, X: np.ndarray, y: np.ndarray | None = None) -> Callable:
    """A step on a minibatch of its own; `fit` shuffles all rows once for a whole epoch."""
    model.set_params(**FOREVER)
    if isinstance(model, ImageRegressor):
        columns, n = model.set_params(decay_to=1)._start(X, y), model.batch_size
    else:
        model.partial_fit(X)
        columns, n = np.ascontiguousarray(X.T), model.batch_size
    if n == len(X):
        return lambda: model._training_step(columns)
    drawn = np.random.default_rng(0)

    def step() -> None:
        minibatch = columns.T.take(drawn.integers(len(X), size=n), axis=0)
        model._training_step(np.ascontiguousarray(minibatch.T))

    return step


# ------------------------------------------------------------------- lessons 02 to 04, and 07


def test_lesson_02_4_2_4(compare, theirs):
    X, n = rows(200, 4), 200
    model = Autoencoder((), 2, solver="sgd", momentum=0, batch_size=n, learning_rate_init=0.1)
    compare(
        "lesson 02, autoencoder 4-2-4, descent on all 200 rows",
        descent(model, X),
        theirs.autoencoder([4, 2], X, n, sgd=True),
        steps=200,
    )


@pytest.mark.parametrize("hidden", [(16,), (64,)], ids=["16", "64"])
def test_lessons_02_and_03_autoencoder(compare, theirs, hidden):
    X = rows(234, 34)
    compare(
        f"lessons 02 and 03, autoencoder 34-{hidden[0]}-8-{hidden[0]}-34, batch 32",
        descent(Autoencoder(hidden, 8), X),
        theirs.autoencoder([34, *hidden, 8], X, 32),
        steps=200,
    )


@pytest.mark.parametrize(
    "penalties",
    [{"alpha": 0.01}, {"code_penalty": 0.1, "code_noise": 0.3}],
    ids=["L2", "noisy codes"],
)
def test_lesson_04_regularised(compare, theirs, penalties):
    X = rows(234, 35)
    compare(
        f"lesson 04, autoencoder 35-64-8-64-35, {penalties}, batch 32",
        descent(Autoencoder(**penalties), X),
        theirs.autoencoder([35, 64, 8], X, 32, **penalties),
        steps=100,
    )


@pytest.mark.parametrize("sizes", [(35, 64, 8, 32), (64, 128, 16, 64)], ids=["35", "64"])
def test_lesson_04_vae(compare, theirs, sizes):
    n_features, n_hidden, n_latent, n = sizes
    X = rows(1000, n_features)
    compare(
        f"lesson 04, VAE {n_features}-{n_hidden}-{n_latent}-{n_hidden}-{n_features}, batch {n}",
        descent(VariationalAutoencoder((n_hidden,), n_latent, batch_size=n), X),
        theirs.variational_autoencoder(n_features, n_hidden, n_latent, X, n),
        steps=100,
    )


def test_lesson_07_hidden_layer(compare, theirs):
    X, Y = rows(20, 4), rows(20, 9)
    network, adam = Network(dense_layers([4, 8, 9]), random_state=0, dtype=np.float32), Adam()
    p, q = np.ascontiguousarray(X.T), np.ascontiguousarray(Y.T)

    def ours() -> None:
        network.backward(squared_error(network.forward(p), q)[1], input_gradient=False)
        adam.step(network.parameters, network.gradients)

    compare(
        "lesson 07, dense 4-8-9, all 20 pairs",
        ours,
        theirs.descent(theirs.dense([4, 8, 9], "tanh"), X, Y, 20),
        steps=200,
    )


# ------------------------------------------------------------------------------------ lesson 05


@pytest.mark.parametrize("penalties", [PLAIN, SMOOTH], ids=["plain", "R1 and R2"])
def test_lesson_05_ring(compare, theirs, penalties):
    X, betas = rows(2000, 2), {"betas": (0.5, 0.99)}
    compare(
        f"lesson 05, GAN on the ring, 2 × 64 hidden units, {penalties}, batch 128",
        game(GAN((64, 64), (64, 64), 2, batch_size=128, **penalties, **betas), X),
        theirs.game(
            lambda: theirs.dense([2, 64, 64, 2]),
            theirs.dense([2, 64, 64, 1]),
            X,
            n_latent=2,
            batch_size=128,
            **penalties,
            **betas,
        ),
        steps=50,
    )


def test_lesson_05_ionosphere(compare, theirs):
    X, y = rows(234, 34), np.resize([-1, 1], 234)
    ours = {"generator_activation": "relu", "output_activation": "tanh", **IONOSPHERE}
    compare(
        "lesson 05, class-conditional GAN on ionosphere, 2 × 128 hidden units, R1, batch 64",
        game(GAN((128, 128), (128, 128), 16, r2=0, **ours), X, y),
        theirs.game(
            lambda: theirs.dense([17, 128, 128, 34], "relu", "tanh"),
            theirs.dense([35, 128, 128, 1]),
            X,
            y[:, None].astype(np.float32),
            n_latent=16,
            batch_size=64,
            **IONOSPHERE,
        ),
        steps=30,
    )


# ----------------------------------------------------------------------- pictures, lessons 08 on


@pytest.mark.parametrize("size", [16, 24])
def test_lesson_08_tower(compare, theirs, size):
    from torch import nn

    X, Y = rows(2000, 16), rows(2000, size * size)
    model = ImageRegressor((128,), (32, 16), output_activation="sigmoid")
    compare(
        f"lesson 08, {size}x{size} pictures from noise by least squares, batch 64",
        descent(model, X, Y),
        theirs.descent(theirs.tower([16, 128], [32, 16], size, nn.Sigmoid()), X, Y, 64),
        steps=10,
    )


@pytest.mark.parametrize(("n_in", "n_out"), [(576, 576), (4, 64)], ids=["frames", "digits"])
def test_lesson_09_least_squares(compare, theirs, n_in, n_out):
    X, Y = rows(8000, n_in), rows(8000, n_out)
    compare(
        f"lesson 09, least squares {n_in}-96-96-{n_out}, batch 64",
        descent(ImageRegressor((96, 96)), X, Y),
        theirs.descent(theirs.dense([n_in, 96, 96, n_out]), X, Y, 64),
        steps=20,
    )


@pytest.mark.parametrize(
    ("name", "n_in", "n_out", "mse_weight"),
    [("next frame", 576, 576, 0.0), ("super-resolution", 4, 64, 0.3)],
    ids=["heads", "digits"],
)
def test_lesson_10_conditional_gan(compare, theirs, name, n_in, n_out, mse_weight):
    X, Y = rows(8000, n_in), rows(8000, n_out)
    compare(
        f"lesson 10, conditional GAN, {name}, R1 and R2, batch 64",
        game(ConditionalImageGAN(mse_weight=mse_weight), X, Y),
        theirs.game(
            lambda: theirs.Joined(n_in, 8, 96, n_out),
            theirs.dense([n_in + n_out, 128, 64, 1]),
            Y,
            X,
            n_latent=8,
            batch_size=64,
            mse_weight=mse_weight,
            **BOTH,
        ),
        steps=10,
    )


def test_lesson_11_digits(compare, theirs):
    X = rows(1200, 64)
    compare(
        "lesson 11, GAN for digits, dense, R1 and R2, batch 64",
        game(ImageGAN((128, 128), (128, 64), 16, **BOTH), X),
        theirs.game(
            lambda: theirs.dense([16, 128, 128, 64], output="tanh"),
            theirs.dense([64, 128, 64, 1]),
            X,
            n_latent=16,
            batch_size=64,
            **BOTH,
        ),
        steps=30,
    )


def test_lesson_11_cats(compare, theirs):
    from torch import nn

    X = rows(3000, 256)
    compare(
        "lesson 11, GAN for 16x16 cats, dense discriminator, R1 and R2, batch 64",
        game(ImageGAN((128,), (256, 128), 16, generator_channels=(32, 16), **BOTH), X),
        theirs.game(
            lambda: theirs.tower([16, 128], [32, 16], 16, nn.Tanh()),
            theirs.dense([256, 256, 128, 1]),
            X,
            n_latent=16,
            batch_size=64,
            **BOTH,
        ),
        steps=10,
    )


@pytest.mark.parametrize("size", [8, 16])
@pytest.mark.parametrize("penalties", [PLAIN, BOTH], ids=["plain", "R1 and R2"])
def test_convolutional_game(compare, theirs, size, penalties):
    from torch import nn

    X = rows(2000, size * size)
    channels = {"generator_channels": (32, 16), "discriminator_channels": (16, 32)}
    compare(
        f"convolutional GAN {size}x{size}, {penalties}, batch 64",
        game(ImageGAN((), (), 16, **channels, **penalties), X),
        theirs.game(
            lambda: theirs.tower([16], [32, 16], size, nn.Tanh()),
            theirs.convolutional_critic([16, 32], size),
            X,
            n_latent=16,
            batch_size=64,
            **penalties,
        ),
        steps=10,
    )


# ------------------------------------------------------------------------------------ lesson 12


@pytest.mark.parametrize(
    ("name", "n_features", "n_labels", "hidden", "batch_size"),
    [
        ("ring", 2, 0, (64, 64, 64), 128),
        ("ionosphere", 33, 1, (128, 128, 128), 64),
        ("digits", 64, 10, (256, 256), 64),
    ],
    ids=["ring", "ionosphere", "digits"],
)
def test_lesson_12_diffusion(compare, theirs, name, n_features, n_labels, hidden, batch_size):
    X, labels = rows(1200, n_features), np.arange(1200) % max(n_labels, 2)
    codes = np.eye(10) if n_labels == 10 else np.array([[-1.0], [1.0]])
    Y = codes[labels].astype(np.float32) if n_labels else None
    model = DiffusionModel(hidden, batch_size=batch_size, decay_to=1, **FOREVER)
    columns = model._start(X, labels if n_labels else None)
    drawn = np.random.default_rng(0)

    def ours() -> None:
        minibatch = columns.T.take(drawn.integers(len(X), size=batch_size), axis=0)
        model._training_step(np.ascontiguousarray(minibatch.T))

    n_in = n_features + 2 * model.n_frequencies + n_labels
    compare(
        f"lesson 12, diffusion model, {name}, hidden layers {hidden}, batch {batch_size}",
        ours,
        theirs.diffusion(
            [n_in, *hidden, n_features],
            X,
            Y,
            n_frequencies=model.n_frequencies,
            batch_size=batch_size,
        ),
        steps=30,
    )
