"""The gradients written out by hand equal those of PyTorch's autograd, where it is installed."""

from __future__ import annotations

import numpy as np
import pytest

from helpers.nn import (
    SGD,
    Adam,
    LeakyReLU,
    Network,
    binary_cross_entropy,
    dense_layers,
    squared_error,
)

torch = pytest.importorskip("torch", reason="PyTorch (extra: benchmark) is not installed")
from benchmarks.torch_side import FUNCTIONS, forward, parameters_of, shift_biases  # noqa: E402
from torch.nn import functional  # noqa: E402  (only where torch is there)

SIZES = [34, 16, 8, 16, 34]


def make_network(activation: str, sizes: list[int]) -> Network:
    return shift_biases(Network(dense_layers(sizes, activation), random_state=0))


def flat(tensors) -> np.ndarray:
    return np.concatenate([tensor.detach().numpy().ravel() for tensor in tensors])


@pytest.mark.parametrize("activation", FUNCTIONS)
@pytest.mark.parametrize("alpha", [0.0, 0.1])
def test_autoencoder(activation, alpha):
    network = make_network(activation, SIZES)
    x = np.random.default_rng(2).uniform(-1, 1, size=(34, 32))
    loss, d_x_hat = squared_error(network.forward(x), x)
    dx = network.backward(d_x_hat)
    loss += network.add_l2_penalty(alpha)

    parameters, tensor = parameters_of(network), torch.tensor(x, requires_grad=True)
    x_hat = forward(parameters, tensor, activation)
    their_loss = (torch.tensor(x) - x_hat).pow(2).sum() / 32
    their_loss = their_loss + alpha * sum(W.pow(2).sum() for W in parameters[::2])
    their_loss.backward()

    assert loss == pytest.approx(their_loss.item(), rel=1e-12)
    expected = flat([p.grad for p in parameters])
    assert np.abs(network.gradients - expected).max() <= 1e-10 * np.abs(expected).max()
    assert np.abs(dx - tensor.grad.numpy()).max() <= 1e-10 * np.abs(dx).max()


@pytest.mark.parametrize("activation", FUNCTIONS)
def test_classifier(activation):
    network = make_network(activation, [5, 7, 3, 1])
    rng = np.random.default_rng(3)
    x, labels = rng.normal(size=(5, 20)), rng.choice([-1.0, 1.0], size=(1, 20))
    loss, d_logits = binary_cross_entropy(network.forward(x), labels)
    network.backward(d_logits)

    parameters = parameters_of(network)
    logits = forward(parameters, torch.tensor(x), activation)
    their_loss = functional.binary_cross_entropy_with_logits(logits, torch.tensor((labels + 1) / 2))
    their_loss.backward()

    assert loss == pytest.approx(their_loss.item(), rel=1e-12)
    expected = flat([p.grad for p in parameters])
    assert np.abs(network.gradients - expected).max() <= 1e-10 * np.abs(expected).max()


@pytest.mark.parametrize("name", ["adam", "sgd"])
def test_optimizers(name):
    """Fifty steps from the same start end at the same parameters."""
    network = make_network("leaky_relu", [6, 4, 6])
    assert isinstance(network.layers[1], LeakyReLU)
    x = np.random.default_rng(4).normal(size=(6, 10))
    parameters = parameters_of(network)
    if name == "adam":
        ours, theirs = Adam(0.01), torch.optim.Adam(parameters, lr=0.01)
    else:
        ours, theirs = SGD(0.01, momentum=0.9), torch.optim.SGD(parameters, lr=0.01, momentum=0.9)
    for _ in range(50):
        _, d_x_hat = squared_error(network.forward(x), x)
        network.backward(d_x_hat, input_gradient=False)
        ours.step(network.parameters, network.gradients)
        theirs.zero_grad()
        x_hat = forward(parameters, torch.tensor(x), "leaky_relu")
        ((torch.tensor(x) - x_hat).pow(2).sum() / 10).backward()
        theirs.step()
    np.testing.assert_allclose(network.parameters, flat(parameters), rtol=1e-9, atol=1e-10)
