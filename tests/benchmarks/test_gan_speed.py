"""Training steps per second of a 2-D GAN, against PyTorch where it is installed.

z of 16 numbers, generator 16-64-64-2, discriminator 2-64-64-1, leaky ReLU, batch 128: one step of
each player, non-saturating loss, with and without gradient penalties. PyTorch runs eagerly with
its fused Adam, without ``torch.compile``. Both sides are single precision on one thread, draw
their own minibatch from 2,000 rows in memory and their own latent vectors, send real and generated
samples through the discriminator together, compute losses, gradients and updates, and keep the
running average of the generator's weights.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from helpers.models import GAN
from helpers.models.base import training_arithmetic

N_LATENT, HIDDEN, BATCH_SIZE = 16, 64, 128

penalties = pytest.mark.parametrize(
    ("r1", "r2"), [(0.0, 0.0), (0.1, 0.0), (0.1, 0.1)], ids=["plain", "R1", "R1 and R2"]
)


def rows() -> np.ndarray:
    return np.random.default_rng(0).normal(size=(2000, 2)).astype(np.float32)


def our_step(r1: float, r2: float) -> Callable[[], object]:
    gan = GAN(
        (HIDDEN, HIDDEN), (HIDDEN, HIDDEN), N_LATENT, r1=r1, r2=r2, batch_size=BATCH_SIZE
    ).set_params(random_state=0, decay_to=1, max_iter=10**6)
    gan.training_step(rows())
    columns = rows().T
    return lambda: gan._training_step(columns)


def torch_step(r1: float, r2: float) -> Callable[[], None]:
    import torch
    from torch.nn.functional import softplus

    def player(n_in: int, n_out: int) -> torch.nn.Sequential:
        return torch.nn.Sequential(
            torch.nn.Linear(n_in, HIDDEN),
            torch.nn.LeakyReLU(0.2),
            torch.nn.Linear(HIDDEN, HIDDEN),
            torch.nn.LeakyReLU(0.2),
            torch.nn.Linear(HIDDEN, n_out),
        )

    def adam(network: torch.nn.Sequential) -> torch.optim.Adam:
        return torch.optim.Adam(network.parameters(), lr=0.001, betas=(0.0, 0.99), fused=True)

    generator, discriminator, average = player(N_LATENT, 2), player(2, 1), player(N_LATENT, 2)
    generator_adam, discriminator_adam = adam(generator), adam(discriminator)
    X = torch.from_numpy(rows())
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
            loss = loss + 0.5 * (weight * g.square().sum(dim=1)).sum()
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


@penalties
def test_training_step(benchmark, r1, r2):
    with training_arithmetic():
        benchmark(our_step(r1, r2))


@penalties
def test_training_step_against_pytorch(against, torch_on_one_thread, r1, r2):
    title = f"2-D GAN, batch {BATCH_SIZE}, r1 {r1:g}, r2 {r2:g}"
    against(title, our_step(r1, r2), PyTorch=torch_step(r1, r2), steps=50)
