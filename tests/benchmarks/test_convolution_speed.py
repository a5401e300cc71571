"""How fast convolutions are: against the machine's peak, a textbook's form, and PyTorch.

Single precision, one thread, and all sides take turns within one run. The peak is what this
machine reaches in the product of two large square matrices. PyTorch runs eagerly with its fused
Adam, without ``torch.compile``.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from numpy.lib.stride_tricks import sliding_window_view

from helpers.models.gan import discriminator_loss, generator_loss
from helpers.nn import (
    Adam,
    Conv2D,
    ConvTranspose2D,
    Dense,
    Flatten,
    LeakyReLU,
    Network,
    Reshape,
    Tanh,
    backward_with_zero_centred_penalty,
)

N_LATENT, BATCH_SIZE = 16, 64

sizes = pytest.mark.parametrize("size", [8, 16])
kernels = pytest.mark.parametrize(
    ("kernel", "stride", "padding"), [(4, 2, 1), (3, 1, 1)], ids=["k4 s2", "k3 s1"]
)


def single(rng: np.random.Generator, *shape: int) -> np.ndarray:
    return rng.normal(size=shape).astype(np.float32)


# ---------------------------------------------------------------- one layer, 16 -> 32 channels


def our_layer(size: int, kernel: int, stride: int, padding: int) -> tuple[Callable, int]:
    """Forward and backward, and how many multiplications and additions they take."""
    layer = Conv2D(16, 32, kernel, stride=stride, padding=padding)
    Network([layer], random_state=0, dtype=np.float32)
    rng = np.random.default_rng(0)
    x = single(rng, size, size, 16, BATCH_SIZE)
    dy = single(rng, *layer.forward(x).shape)

    def step() -> None:
        layer.forward(x)
        layer.backward(dy)

    return step, 3 * 2 * dy.size * layer.W.size // 32


def textbook_layer(size: int, kernel: int, stride: int, padding: int) -> Callable[[], None]:
    """Windows of zero-padded images, contracted with the kernel; both gradients likewise."""
    rng = np.random.default_rng(0)
    x, W = single(rng, BATCH_SIZE, 16, size, size), single(rng, 32, 16, kernel, kernel)
    out = (size + 2 * padding - kernel) // stride + 1
    dy = single(rng, BATCH_SIZE, 32, out, out)
    spread = np.zeros((BATCH_SIZE, 32, *[(out - 1) * stride + 1 + 2 * (kernel - 1)] * 2), x.dtype)
    ring = slice(kernel - 1, 1 - kernel)

    def windows(images: np.ndarray) -> np.ndarray:
        return sliding_window_view(images, (kernel, kernel), axis=(2, 3))

    def step() -> None:
        padded = np.pad(x, [(0, 0), (0, 0), (padding, padding), (padding, padding)])
        patches = windows(padded)[:, :, ::stride, ::stride]
        np.tensordot(patches, W, axes=([1, 4, 5], [1, 2, 3])).transpose(0, 3, 1, 2)
        np.tensordot(dy, patches, axes=([0, 2, 3], [0, 2, 3]))
        spread[:, :, ring, ring][:, :, ::stride, ::stride] = dy
        turned = W[:, :, ::-1, ::-1]
        np.tensordot(windows(spread), turned, axes=([1, 4, 5], [0, 2, 3])).transpose(0, 3, 1, 2)

    return step


def torch_layer(size: int, kernel: int, stride: int, padding: int) -> Callable[[], None]:
    import torch

    layer = torch.nn.Conv2d(16, 32, kernel, stride=stride, padding=padding)
    x = torch.randn(BATCH_SIZE, 16, size, size, requires_grad=True)
    dy = torch.randn_like(layer(x))

    def step() -> None:
        x.grad = layer.weight.grad = layer.bias.grad = None
        layer(x).backward(dy)

    return step


@sizes
@kernels
def test_share_of_the_peak(benchmark, take_turns, size, kernel, stride, padding, capsys):
    step, flops = our_layer(size, kernel, stride, padding)
    products = {}
    for n in (256, 512, 1024):
        A, B, C = np.ones((3, n, n), dtype=np.float32)
        products[f"sgemm {n}"] = lambda A=A, B=B, C=C: np.matmul(A, B, out=C)
    medians = take_turns({"ours": step, **products}, rounds=21, steps=10)
    peak = max(2 * int(name[6:]) ** 3 / medians[name] for name in products)
    share = flops / medians["ours"] / peak
    benchmark.extra_info.update(gflops_peak=peak / 1e3, share=share)
    with capsys.disabled():
        print(
            f"\nconvolution 16 -> 32, {size}x{size}, kernel {kernel}, stride {stride}, batch "
            f"{BATCH_SIZE}, forward and backward: {medians['ours']:.0f} µs, {share:.2f} of the "
            f"peak of {peak / 1e3:.0f} GFlop/s"
        )


@sizes
@kernels
def test_layer_against_a_textbook(against, size, kernel, stride, padding):
    settings = (size, kernel, stride, padding)
    title = f"convolution 16 -> 32, {size}x{size}, kernel {kernel}, stride {stride}"
    against(title, our_layer(*settings)[0], textbook=textbook_layer(*settings), steps=10)


@sizes
@kernels
def test_layer_against_pytorch(against, torch_on_one_thread, size, kernel, stride, padding):
    settings = (size, kernel, stride, padding)
    title = f"convolution 16 -> 32, {size}x{size}, kernel {kernel}, stride {stride}"
    against(title, our_layer(*settings)[0], PyTorch=torch_layer(*settings), steps=20)


# ------------------------------------------------------------------- a whole GAN for pictures


def pictures(size: int) -> np.ndarray:
    return single(np.random.default_rng(0), 2000, size * size)


def players(size: int) -> tuple[Network, Network]:
    start = size // 4
    double, halve = {"stride": 2, "padding": 1}, {"stride": 2, "padding": 1}
    generator = [
        *(Dense(N_LATENT, start * start * 32), LeakyReLU(), Reshape((start, start, 32))),
        *(ConvTranspose2D(32, 16, 4, **double), LeakyReLU()),
        *(ConvTranspose2D(16, 1, 4, **double), Tanh(), Flatten()),
    ]
    discriminator = [
        *(Reshape((size, size, 1)), Conv2D(1, 16, 4, **halve), LeakyReLU()),
        *(Conv2D(16, 32, 4, **halve), LeakyReLU()),
        *(Flatten(), Dense(start * start * 32, 1)),
    ]
    return tuple(
        Network(layers, random_state=0, dtype=np.float32) for layers in (generator, discriminator)
    )


def our_step(size: int, r1: float, r2: float) -> Callable[[], None]:
    """One step of each player, on its own minibatch and latent vectors."""
    generator, discriminator = players(size)
    average = generator.parameters.copy()
    generator_adam, discriminator_adam = Adam(beta_1=0, beta_2=0.99), Adam(beta_1=0, beta_2=0.99)
    columns, rng = np.ascontiguousarray(pictures(size).T), np.random.default_rng(0)
    weight = np.repeat([r1 / BATCH_SIZE, r2 / BATCH_SIZE], BATCH_SIZE)

    def latent() -> np.ndarray:
        return rng.standard_normal((N_LATENT, BATCH_SIZE), dtype=np.float32)

    def step() -> None:
        real = columns[:, rng.integers(columns.shape[1], size=BATCH_SIZE)]
        logits = discriminator.forward(np.hstack([real, generator.forward(latent())]))
        _, d_real, d_fake = discriminator_loss(logits[:, :BATCH_SIZE], logits[:, BATCH_SIZE:])
        dy = np.hstack([d_real, d_fake])
        if weight.any():
            backward_with_zero_centred_penalty(discriminator, dy, weight)
        else:
            discriminator.backward(dy, input_gradient=False)
        discriminator_adam.step(discriminator.parameters, discriminator.gradients)

        logits = discriminator.forward(generator.forward(latent()))
        _, d_logits = generator_loss(logits)
        generator.backward(discriminator.input_gradient(d_logits), input_gradient=False)
        generator_adam.step(generator.parameters, generator.gradients)
        average[...] += 0.002 * (generator.parameters - average)

    return step


def torch_step(size: int, r1: float, r2: float) -> Callable[[], None]:
    import torch
    from torch import nn
    from torch.nn.functional import softplus

    start = size // 4

    def make_generator() -> nn.Sequential:
        return nn.Sequential(
            *(nn.Linear(N_LATENT, start * start * 32), nn.LeakyReLU(0.2)),
            *(nn.Unflatten(1, (32, start, start)), nn.ConvTranspose2d(32, 16, 4, 2, 1)),
            *(nn.LeakyReLU(0.2), nn.ConvTranspose2d(16, 1, 4, 2, 1), nn.Tanh()),
        )

    def adam(network: nn.Module) -> torch.optim.Adam:
        return torch.optim.Adam(network.parameters(), lr=0.001, betas=(0.0, 0.99), fused=True)

    generator, average = make_generator(), make_generator()
    discriminator = nn.Sequential(
        *(nn.Conv2d(1, 16, 4, 2, 1), nn.LeakyReLU(0.2)),
        *(nn.Conv2d(16, 32, 4, 2, 1), nn.LeakyReLU(0.2)),
        *(nn.Flatten(), nn.Linear(start * start * 32, 1)),
    )
    generator_adam, discriminator_adam = adam(generator), adam(discriminator)
    X = torch.from_numpy(pictures(size)).reshape(-1, 1, size, size)
    penalised = r1 > 0 or r2 > 0
    weight = torch.tensor([r1 / BATCH_SIZE, r2 / BATCH_SIZE]).repeat_interleave(BATCH_SIZE)
    averages, parameters = list(average.parameters()), list(generator.parameters())

    def step() -> None:
        real = X[torch.randint(len(X), (BATCH_SIZE,))]
        with torch.no_grad():
            fake = generator(torch.randn(BATCH_SIZE, N_LATENT))
        x = torch.cat([real, fake]).requires_grad_(penalised)
        logits = discriminator(x)
        loss = softplus(-logits[:BATCH_SIZE]).mean() + softplus(logits[BATCH_SIZE:]).mean()
        if penalised:
            (g,) = torch.autograd.grad(logits.sum(), x, create_graph=True)
            loss = loss + 0.5 * (weight * g.square().sum(dim=(1, 2, 3))).sum()
        discriminator_adam.zero_grad()
        loss.backward()
        discriminator_adam.step()

        # The discriminator's parameters get no gradient here: its side is spared the work.
        discriminator.requires_grad_(False)
        generator_adam.zero_grad()
        softplus(-discriminator(generator(torch.randn(BATCH_SIZE, N_LATENT)))).mean().backward()
        generator_adam.step()
        discriminator.requires_grad_(True)
        with torch.no_grad():
            torch._foreach_lerp_(averages, parameters, 0.002)

    return step


penalties = pytest.mark.parametrize(
    ("r1", "r2"), [(0.0, 0.0), (1.0, 1.0)], ids=["plain", "R1 and R2"]
)


@sizes
@penalties
def test_image_gan_against_pytorch(against, torch_on_one_thread, size, r1, r2):
    title = f"image GAN {size}x{size}, batch {BATCH_SIZE}, r1 {r1:g}, r2 {r2:g}"
    against(title, our_step(size, r1, r2), PyTorch=torch_step(size, r1, r2), steps=10)
