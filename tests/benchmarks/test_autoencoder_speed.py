"""How long one training step of the autoencoder takes, against PyTorch where it is installed.

PyTorch runs eagerly with its fused Adam, without ``torch.compile``. Both sides are single
precision on one thread, get the same minibatch of 32 samples ready in memory, and work out loss,
gradients and update. They take turns within one run, so that what else the machine does falls on
both alike; the figure is the ratio of the medians over the rounds.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterator

import numpy as np
import pytest

from helpers.models import Autoencoder
from helpers.models.base import training_arithmetic

HIDDEN_LAYER_SIZES = {"34-16-8-16-34": (16,), "34-64-8-64-34": (64,)}
N_FEATURES, N_LATENT, BATCH_SIZE = 34, 8, 32
ROUNDS, STEPS = 21, 200

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


def microseconds(step: Callable[[], object]) -> float:
    start = time.perf_counter()
    for _ in range(STEPS):
        step()
    return (time.perf_counter() - start) / STEPS * 1e6


@pytest.fixture
def torch_on_one_thread() -> Iterator[None]:
    torch = pytest.importorskip("torch", reason="PyTorch (extra: benchmark) is not installed")
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


@networks
def test_training_step(benchmark, hidden_layer_sizes):
    with training_arithmetic():
        benchmark(our_step(hidden_layer_sizes))


@networks
def test_training_step_against_pytorch(benchmark, torch_on_one_thread, hidden_layer_sizes, capsys):
    ours, theirs = our_step(hidden_layer_sizes), torch_step(hidden_layer_sizes)
    times: dict[str, list[float]] = {"ours": [], "theirs": []}

    def one_round() -> None:
        times["ours"].append(microseconds(ours))
        times["theirs"].append(microseconds(theirs))

    with training_arithmetic():
        benchmark.pedantic(one_round, rounds=ROUNDS, iterations=1, warmup_rounds=2)
    medians = {side: statistics.median(values[-ROUNDS:]) for side, values in times.items()}
    ratio = medians["theirs"] / medians["ours"]
    benchmark.extra_info.update(
        microseconds_ours=medians["ours"],
        microseconds_pytorch=medians["theirs"],
        ratio=ratio,
        rounds=ROUNDS,
        steps_a_round=STEPS,
    )
    sizes = [N_FEATURES, *hidden_layer_sizes, N_LATENT, *hidden_layer_sizes, N_FEATURES]
    with capsys.disabled():
        print(
            f"\n{'-'.join(map(str, sizes))}, batch {BATCH_SIZE}, one thread, {ROUNDS} rounds: "
            f"{medians['ours']:.0f} µs a step, PyTorch {medians['theirs']:.0f} µs, "
            f"ratio {ratio:.1f}"
        )
