"""How long one training step of the variational autoencoder takes, against PyTorch.

PyTorch runs eagerly with its fused Adam, without ``torch.compile``. Both sides are single
precision on one thread, get the same minibatch of 64 samples ready in memory, draw the noise of
the code, and work out loss, gradients and update.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from helpers.models import VariationalAutoencoder
from helpers.models.base import training_arithmetic

N_FEATURES, N_HIDDEN, N_LATENT, BATCH_SIZE = 64, 128, 16, 64
VARIANCE = 0.5


def minibatch() -> np.ndarray:
    rng = np.random.default_rng(0)
    return rng.uniform(-1, 1, size=(BATCH_SIZE, N_FEATURES)).astype(np.float32)


def our_step() -> Callable[[], float]:
    rows = minibatch()
    vae = VariationalAutoencoder(
        (N_HIDDEN,), N_LATENT, decoder_variance=VARIANCE, random_state=0
    ).partial_fit(rows)
    columns = np.ascontiguousarray(rows.T)
    return lambda: vae._training_step(columns)


def torch_step() -> Callable[[], None]:
    import torch
    from torch import nn

    encoder = nn.Sequential(
        nn.Linear(N_FEATURES, N_HIDDEN), nn.Tanh(), nn.Linear(N_HIDDEN, 2 * N_LATENT)
    )
    decoder = nn.Sequential(
        nn.Linear(N_LATENT, N_HIDDEN), nn.Tanh(), nn.Linear(N_HIDDEN, N_FEATURES)
    )
    parameters = [*encoder.parameters(), *decoder.parameters()]
    optimizer = torch.optim.Adam(parameters, lr=0.001, fused=True)
    x = torch.from_numpy(minibatch())
    constant = N_FEATURES / 2 * math.log(2 * math.pi * VARIANCE)

    def step() -> None:
        optimizer.zero_grad()
        mean, log_variance = encoder(x).chunk(2, dim=1)
        h = mean + torch.exp(0.5 * log_variance) * torch.randn_like(mean)
        error = (x - decoder(h)).pow(2).sum() / BATCH_SIZE
        kl = 0.5 * (mean.pow(2) + log_variance.exp() - 1 - log_variance).sum() / BATCH_SIZE
        loss = error / (2 * VARIANCE) + constant + kl
        loss.backward()
        optimizer.step()

    return step


def test_training_step(benchmark):
    with training_arithmetic():
        benchmark(our_step())


def test_training_step_against_pytorch(against, torch_on_one_thread):
    sizes = [N_FEATURES, N_HIDDEN, N_LATENT, N_HIDDEN, N_FEATURES]
    title = f"VAE {'-'.join(map(str, sizes))}, batch {BATCH_SIZE}"
    against(title, our_step(), PyTorch=torch_step(), steps=100)
