"""Training steps per second of the models of pictures, against PyTorch where it is installed.

A step is a whole one: the minibatch is drawn from rows in memory, z is drawn, and losses,
penalties, gradients, updates and the running average of the generator's weights are computed, one
step of each player in a game. PyTorch runs eagerly with its fused Adam, without
``torch.compile``. Both sides are single precision on one thread and take turns within one run; the
geometric mean of all ratios is printed at the end.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from statistics import geometric_mean

import numpy as np
import pytest

from helpers.models import ConditionalImageGAN, ImageGAN, ImageRegressor

BATCH_SIZE = 64
FOREVER = {"max_iter": 10**6, "decay_to": 1, "random_state": 0}

penalties = pytest.mark.parametrize(
    ("r1", "r2"), [(0.0, 0.0), (1.0, 1.0)], ids=["plain", "R1 and R2"]
)


def rows(n_samples: int, n_features: int) -> np.ndarray:
    numbers = np.random.default_rng(0).uniform(-1, 1, size=(n_samples, n_features))
    return numbers.astype(np.float32)


@pytest.fixture(scope="module")
def ratios() -> Iterator[list[float]]:
    found: list[float] = []
    yield found
    if found:
        print(f"\n{len(found)} models of pictures: geometric mean {geometric_mean(found):.2f}")


@pytest.fixture
def compare(against, benchmark, ratios, torch_on_one_thread):
    def both(title: str, ours: Callable, theirs: Callable, *, steps: int = 10) -> None:
        against(f"{title}, batch {BATCH_SIZE}", ours, PyTorch=theirs, steps=steps)
        ratios.append(benchmark.extra_info["ratios"]["PyTorch"])

    return both


# ----------------------------------------------------------------------------------- our side


def our_step(model, X: np.ndarray, y: np.ndarray | None = None) -> Callable[[], object]:
    model.set_params(batch_size=BATCH_SIZE, **FOREVER)
    if isinstance(model, ImageRegressor):
        columns = model._start(X, y)
        drawn = np.random.default_rng(0)

        def step() -> None:  # an epoch shuffles all rows at once: here each step draws its own
            rows = columns.T.take(drawn.integers(columns.shape[1], size=BATCH_SIZE), axis=0)
            model._training_step(rows.T)

        return step
    columns = model._start(X, y)
    return lambda: model._training_step(columns)


# ------------------------------------------------------------------------------ PyTorch's side


def torch_dense(sizes: list[int], *, output: bool = False):
    from torch import nn

    layers: list[nn.Module] = []
    for n_in, n_out in zip(sizes[:-1], sizes[1:], strict=True):
        layers += [nn.Linear(n_in, n_out), nn.LeakyReLU(0.2)]
    return nn.Sequential(*layers[:-1], *([nn.Tanh()] if output else []))


def torch_generator(hidden: list[int], channels: list[int], size: int, output: bool = True):
    """Dense layers from z, and transposed convolutions to pictures of size × size."""
    from torch import nn

    start = size // 2 ** len(channels)
    sizes = [*hidden, start * start * channels[0]]
    layers = [torch_dense(sizes), nn.LeakyReLU(0.2), nn.Unflatten(1, (channels[0], start, start))]
    for n_in, n_out in zip(channels, [*channels[1:], 1], strict=True):
        layers += [nn.ConvTranspose2d(n_in, n_out, 4, 2, 1), nn.LeakyReLU(0.2)]
    return nn.Sequential(*layers[:-1], *([nn.Tanh()] if output else []), nn.Flatten())


def torch_discriminator(channels: list[int], size: int):
    from torch import nn

    layers = [nn.Unflatten(1, (1, size, size))]
    for n_in, n_out in zip([1, *channels], channels):
        layers += [nn.Conv2d(n_in, n_out, 4, 2, 1), nn.LeakyReLU(0.2)]
    n_features = channels[-1] * (size // 2 ** len(channels)) ** 2
    return nn.Sequential(*layers, nn.Flatten(), nn.Linear(n_features, 1))


def torch_joined(n_in: int, n_latent: int, width: int, n_out: int):
    """From (z, x): x through a dense layer, then both."""
    import torch
    from torch import nn

    class Joined(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.encoder = torch_dense([n_in, width, 1])[:2]
            self.decoder = torch_dense([n_latent + width, width, n_out], output=True)

        def forward(self, z, x):
            return self.decoder(torch.cat([z, self.encoder(x)], dim=1))

    return Joined()


def torch_adam(network):
    import torch

    return torch.optim.Adam(network.parameters(), lr=0.001, betas=(0.0, 0.99), fused=True)


def torch_game(
    make_generator: Callable,
    discriminator,
    Y: np.ndarray,
    X: np.ndarray | None = None,
    *,
    n_latent: int,
    r1: float,
    r2: float,
    mse_weight: float = 0.0,
) -> Callable[[], None]:
    """One step of each player; with X, the generator and the discriminator are given x too."""
    import torch
    from torch.nn.functional import mse_loss, softplus

    generator, average = make_generator(), make_generator()
    generator_adam, discriminator_adam = torch_adam(generator), torch_adam(discriminator)
    real_rows = torch.from_numpy(Y)
    given_rows = torch.from_numpy(Y[:, :0] if X is None else X)
    penalised = r1 > 0 or r2 > 0
    weight = torch.tensor([r1 / BATCH_SIZE, r2 / BATCH_SIZE]).repeat_interleave(BATCH_SIZE)
    averages, parameters = list(average.parameters()), list(generator.parameters())

    def generate(given):
        z = torch.randn(BATCH_SIZE, n_latent)
        return generator(z) if X is None else generator(z, given)

    def judge(y, given):
        return discriminator(y if X is None else torch.cat([y, given], dim=1))

    def step() -> None:
        drawn = torch.randint(len(real_rows), (BATCH_SIZE,))
        real, given = real_rows[drawn], given_rows[drawn]
        with torch.no_grad():
            fake = generate(given)
        y = torch.cat([real, fake]).requires_grad_(penalised)
        logits = judge(y, None if X is None else torch.cat([given, given]))
        loss = softplus(-logits[:BATCH_SIZE]).mean() + softplus(logits[BATCH_SIZE:]).mean()
        if penalised:
            (g,) = torch.autograd.grad(logits.sum(), y, create_graph=True)
            loss = loss + 0.5 * (weight * g.square().sum(dim=1)).sum()
        discriminator_adam.zero_grad()
        loss.backward()
        discriminator_adam.step()

        # The discriminator's parameters get no gradient here: its side is spared the work.
        discriminator.requires_grad_(False)
        generator_adam.zero_grad()
        if X is not None:
            drawn = torch.randint(len(real_rows), (BATCH_SIZE,))
            real, given = real_rows[drawn], given_rows[drawn]
        fake = generate(given)
        loss = softplus(-judge(fake, given)).mean()
        if X is not None:
            loss = loss + mse_weight * mse_loss(fake, real)
        loss.backward()
        generator_adam.step()
        discriminator.requires_grad_(True)
        with torch.no_grad():
            torch._foreach_lerp_(averages, parameters, 0.002)

    return step


def torch_regression(network, X: np.ndarray, Y: np.ndarray) -> Callable[[], None]:
    import torch

    adam, X, Y = torch_adam(network), torch.from_numpy(X), torch.from_numpy(Y)

    def step() -> None:
        drawn = torch.randint(len(X), (BATCH_SIZE,))
        adam.zero_grad()
        (network(X[drawn]) - Y[drawn]).square().sum(dim=1).mean().backward()
        adam.step()

    return step


# ------------------------------------------------------------------------------------- the models


@pytest.mark.parametrize("size", [8, 16])
@penalties
def test_convolutional_gan(compare, size, r1, r2):
    X = rows(2000, size * size)
    channels = {"generator_channels": (32, 16), "discriminator_channels": (16, 32)}
    ours = our_step(ImageGAN((), (), 16, r1=r1, r2=r2, **channels), X)
    theirs = torch_game(
        lambda: torch_generator([16], [32, 16], size),
        torch_discriminator([16, 32], size),
        X,
        n_latent=16,
        r1=r1,
        r2=r2,
    )
    compare(f"image GAN {size}x{size}, r1 {r1:g}, r2 {r2:g}", ours, theirs)


def test_gan_for_digits(compare):
    X = rows(1797, 64)
    ours = our_step(ImageGAN((128, 128), (128, 64), 16, r1=1.0, r2=0.0), X)
    theirs = torch_game(
        lambda: torch_dense([16, 128, 128, 64], output=True),
        torch_dense([64, 128, 64, 1]),
        X,
        n_latent=16,
        r1=1.0,
        r2=0.0,
    )
    compare("dense GAN for digits, R1", ours, theirs, steps=30)


def test_gan_for_cats(compare):
    X = rows(3000, 256)
    ours = our_step(ImageGAN((128,), (128, 64), 16, generator_channels=(16, 8)), X)
    theirs = torch_game(
        lambda: torch_generator([16, 128], [16, 8], 16),
        torch_dense([256, 128, 64, 1]),
        X,
        n_latent=16,
        r1=1.0,
        r2=1.0,
    )
    compare("GAN for cats 16x16, dense discriminator, R1 and R2", ours, theirs)


@pytest.mark.parametrize(
    ("name", "n_in", "n_out", "mse_weight"),
    [("turning heads", 576, 576, 0.0), ("super-resolution of digits", 4, 64, 10.0)],
)
def test_conditional_gan(compare, name, n_in, n_out, mse_weight):
    X, Y = rows(8000, n_in), rows(8000, n_out)
    ours = our_step(ConditionalImageGAN(mse_weight=mse_weight), X, Y)
    theirs = torch_game(
        lambda: torch_joined(n_in, 8, 96, n_out),
        torch_dense([n_in + n_out, 128, 64, 1]),
        Y,
        X,
        n_latent=8,
        r1=1.0,
        r2=1.0,
        mse_weight=mse_weight,
    )
    compare(f"conditional GAN, {name}, R1 and R2", ours, theirs)


@pytest.mark.parametrize("size", [16, 24])
def test_regressor_from_noise(compare, size):
    X, Y = rows(2000, 16), rows(2000, size * size)
    ours = our_step(ImageRegressor((128,), (16, 8)), X, Y)
    theirs = torch_regression(torch_generator([16, 128], [16, 8], size, output=False), X, Y)
    compare(f"least squares from noise, {size}x{size}", ours, theirs)


def test_regressor_of_frames(compare):
    X, Y = rows(8000, 576), rows(8000, 576)
    ours = our_step(ImageRegressor((96, 96)), X, Y)
    theirs = torch_regression(torch_dense([576, 96, 96, 576]), X, Y)
    compare("least squares, frames 576-96-96-576", ours, theirs, steps=20)
