"""The gradient of the diffusion model's loss, written out by hand, equals PyTorch's autograd."""

from __future__ import annotations

import numpy as np
import pytest

from helpers.models import DiffusionModel
from helpers.models.diffusion import SCHEDULES, time_features

torch = pytest.importorskip("torch", reason="PyTorch (extra: benchmark) is not installed")

from benchmarks.torch_side import forward, parameters_of, shift_biases  # noqa: E402  (needs torch)

X = np.random.default_rng(0).uniform(-1, 1, size=(33, 9))
Y = np.random.default_rng(1).integers(3, size=33)


def levels(t, schedule):
    """a_t and b_t, by PyTorch."""
    if schedule == "cosine":
        return torch.cos(torch.pi * t / 2), torch.sin(torch.pi * t / 2)
    a_squared = torch.exp(-(0.1 * t + (20 - 0.1) * t**2 / 2))
    return a_squared.sqrt(), (1 - a_squared).sqrt()


@pytest.mark.parametrize("activation", ["tanh", "leaky_relu", "silu"])
@pytest.mark.parametrize("hidden", [(), (7,), (8, 5)])
@pytest.mark.parametrize("schedule", SCHEDULES)
@pytest.mark.parametrize("y", [None, Y], ids=["plain", "labels"])
def test_gradient(activation, hidden, schedule, y):
    model = DiffusionModel(
        hidden, schedule=schedule, activation=activation, random_state=0, dtype="float64"
    )
    columns = model.partial_fit(X, y)._take_in(X, y, reset=False)
    parameters = parameters_of(shift_biases(model.network_))
    rng = np.random.default_rng(2)
    t, noise = rng.random(33), rng.normal(size=(9, 33))
    loss = model._gradient(columns[:9], columns[9:], t, noise)

    x_0, epsilon, labels = (torch.tensor(part) for part in (columns[:9], noise, columns[9:]))
    a, b = levels(torch.tensor(t), schedule)
    x_t = a * x_0 + b * epsilon
    features = torch.tensor(time_features(t, model.n_frequencies).T)
    seen = torch.cat([x_t, features, labels])
    F = forward(parameters, seen, activation)
    epsilon_hat, x_0_hat = b * x_t + a * F, a * x_t - b * F
    squares = (epsilon - epsilon_hat).square() + (x_0 - x_0_hat).square()
    their_loss = squares.sum(dim=0).mean()
    their_loss.backward()

    assert loss == pytest.approx(their_loss.item(), rel=1e-10)
    expected = np.concatenate([p.grad.numpy().ravel() for p in parameters])
    assert np.abs(model.network_.gradients - expected).max() <= 1e-10 * np.abs(expected).max()
