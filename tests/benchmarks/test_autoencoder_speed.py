"""How long one training step of the autoencoder takes, against PyTorch where it is installed.

PyTorch runs eagerly with its fused Adam, without ``torch.compile``. Both sides are single
precision on one thread, get the same minibatch of 32 samples ready in memory, and work out loss,
gradients and update.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from helpers.models import Autoencoder
from helpers.models.base import training_arithmetic

HIDDEN_LAYER_SIZES = {"34-16-8-16-34": (16,), "34-64-8-64-34": (64,)}
N_FEATURES, N_LATENT, BATCH_SIZE = 34, 8, 32

networks = pytest.mark.parametrize(
    "hidden_layer_sizes", HIDDEN_LAYER_SIZES.values(), ids=HIDDEN_LAYER_SIZES
)


def minibatch() -> np.ndarray:
    rng = np.random.default_rng(0)
    return rng.uniform(-1, 1, size=(BATCH_SIZE, N_FEATURES)).astype(np.float32)


def our_step(hidden_layer_sizes: tuple[int, ...]) -> Callable[[], float]:
    rows = minibatch()
    autoencoder = Autoencoder(hidden_layer_sizes, N_LATENT, random_state=0).partial_fit(rows)
    columns = np.ascontiguousarray(rows.T)
    return lambda: autoencoder._training_step(columns)


def torch_step(hidden_layer_sizes: tuple[int, ...]) -> Callable[[], None]:
    import torch

    sizes = [N_FEATURES, *hidden_layer_sizes, N_LATENT]
    layers = []
    for part in (sizes, sizes[::-1]):
        for n_in, n_out in zip(part, part[1:], strict=False):
            layers += [torch.nn.Linear(n_in, n_out), torch.nn.Tanh()]
        layers.pop()  # hidden vector and output are linear
    network = torch.nn.Sequential(*layers)
    optimizer = torch.optim.Adam(network.parameters(), lr=0.001, fused=True)
    x = torch.from_numpy(minibatch())

    def step() -> None:
        optimizer.zero_grad()
        loss = (x - network(x)).pow(2).sum() / BATCH_SIZE
        loss.backward()
        optimizer.step()

    return step


@networks
def test_training_step(benchmark, hidden_layer_sizes):
    with training_arithmetic():
        benchmark(our_step(hidden_layer_sizes))


@networks
def test_training_step_against_pytorch(against, torch_on_one_thread, hidden_layer_sizes):
    sizes = [N_FEATURES, *hidden_layer_sizes, N_LATENT, *hidden_layer_sizes, N_FEATURES]
    title = f"autoencoder {'-'.join(map(str, sizes))}, batch {BATCH_SIZE}"
    against(title, our_step(hidden_layer_sizes), PyTorch=torch_step(hidden_layer_sizes), steps=200)
