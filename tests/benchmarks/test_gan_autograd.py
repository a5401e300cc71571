"""The gradients of both players equal those of PyTorch's autograd, where it is installed.

Penalties are differentiated there by double back-propagation. One comparison takes the network and
the functions of `helpers.nn`, the other a whole step of `helpers.models.GAN`.
"""

from __future__ import annotations

import numpy as np
import pytest

from helpers.models import GAN
from helpers.nn import (
    Network,
    add_one_centred_penalty,
    add_zero_centred_penalty,
    dense_layers,
)

torch = pytest.importorskip("torch", reason="PyTorch (extra: benchmark) is not installed")
from benchmarks.torch_side import forward, parameters_of, shift_biases  # noqa: E402
from torch.nn import functional  # noqa: E402  (only where torch is there)

ACTIVATIONS = ["leaky_relu", "relu"]
SIZES = [33, 64, 64, 1]
N = 64


def critic(activation: str, dtype: str = "float64") -> Network:
    return shift_biases(Network(dense_layers(SIZES, activation), random_state=0, dtype=dtype))


def torch_slopes(parameters, x: torch.Tensor, activation: str) -> torch.Tensor:
    """‖∇D‖² at each column, in a form that can be differentiated again."""
    logits = forward(parameters, x, activation)
    (g,) = torch.autograd.grad(logits.sum(), x, create_graph=True)
    return g.square().sum(dim=0)


def flat_gradient(value: torch.Tensor, parameters: list[torch.Tensor]) -> np.ndarray:
    gradients = torch.autograd.grad(value, parameters, allow_unused=True)
    arrays = [
        np.zeros(p.shape) if g is None else g.numpy()
        for p, g in zip(parameters, gradients, strict=True)
    ]
    return np.concatenate([array.ravel() for array in arrays])


def assert_equal(ours: np.ndarray, theirs: np.ndarray, tolerance: float) -> None:
    assert np.abs(theirs).max() > 1e-3
    assert np.abs(ours - theirs).max() <= tolerance * np.abs(theirs).max()


@pytest.mark.parametrize(("dtype", "tolerance"), [("float64", 1e-10), ("float32", 1e-5)])
@pytest.mark.parametrize("activation", ACTIVATIONS)
@pytest.mark.parametrize("kind", ["R1", "WGAN-GP"])
def test_penalty(kind, activation, dtype, tolerance):
    network = critic(activation, dtype)
    x = np.random.default_rng(2).uniform(-1, 1, size=(33, N)).astype(dtype)
    network.forward(x)
    network.gradients[...] = 0
    parameters, points = parameters_of(network), torch.tensor(x, requires_grad=True)
    squares = torch_slopes(parameters, points, activation)
    if kind == "R1":
        value = add_zero_centred_penalty(network, 0.3 / N)
        theirs = 0.3 / 2 * squares.mean()
    else:
        value = add_one_centred_penalty(network, 10 / N)
        theirs = 10 * (squares.sqrt() - 1).square().mean()
    assert value == pytest.approx(theirs.item(), rel=tolerance)
    assert_equal(network.gradients, flat_gradient(theirs, parameters), tolerance)


@pytest.mark.parametrize("loss", ["non_saturating", "minimax", "least_squares", "wasserstein_gp"])
def test_whole_steps(loss):
    """Both players, with labels, R1 and R2, and the penalty of WGAN-GP where it belongs."""
    rng = np.random.default_rng(3)
    X, y = rng.normal(size=(50, 5)), rng.choice([0, 1], size=50)
    gan = GAN((8,), (9, 7), 3, loss=loss, r1=0.3, r2=0.2, dtype="float64", random_state=0)
    gan.training_step(X, y)
    labels = gan._draw_labels(N)
    x = np.concatenate([rng.normal(size=(5, 2 * N)), np.concatenate([labels, labels], axis=1)])
    state = gan._rng.bit_generator.state
    value, penalty = gan._discriminator_gradient(x)
    gan._rng.bit_generator.state = state
    share = torch.tensor(gan._rng.random((1, N)))

    parameters, activation = parameters_of(gan.discriminator_), "leaky_relu"

    def squares(columns: np.ndarray | torch.Tensor) -> torch.Tensor:
        samples = torch.as_tensor(columns)[:5].clone().requires_grad_()
        inputs = torch.cat([samples, torch.tensor(labels)])
        (g,) = torch.autograd.grad(
            forward(parameters, inputs, activation).sum(), samples, create_graph=True
        )
        return g.square().sum(dim=0)

    logits = forward(parameters, torch.tensor(x), activation)
    real, fake = logits[:, :N], logits[:, N:]
    if loss == "least_squares":
        theirs = 0.5 * (real - 1).square().mean() + 0.5 * fake.square().mean()
    elif loss == "wasserstein_gp":
        theirs = fake.mean() - real.mean()
    else:
        theirs = functional.softplus(-real).mean() + functional.softplus(fake).mean()
    their_penalty = 0.15 * squares(x[:, :N]).mean() + 0.1 * squares(x[:, N:]).mean()
    if loss == "wasserstein_gp":
        between = share * torch.tensor(x[:, :N]) + (1 - share) * torch.tensor(x[:, N:])
        their_penalty = their_penalty + 10 * (squares(between).sqrt() - 1).square().mean()
    assert value == pytest.approx(theirs.item(), rel=1e-10)
    assert penalty == pytest.approx(their_penalty.item(), rel=1e-10)
    expected = flat_gradient(theirs + their_penalty, parameters)
    assert_equal(gan.discriminator_.gradients, expected, 1e-10)

    z = gan._draw_latent(labels)
    value = gan._generator_gradient(z, labels)
    generator_parameters = parameters_of(gan.generator_)
    samples = forward(generator_parameters, torch.tensor(z), activation)
    fake = forward(parameters, torch.cat([samples, torch.tensor(labels)]), activation)
    theirs = {
        "non_saturating": lambda: functional.softplus(-fake).mean(),
        "minimax": lambda: -functional.softplus(fake).mean(),
        "least_squares": lambda: 0.5 * (fake - 1).square().mean(),
        "wasserstein_gp": lambda: -fake.mean(),
    }[loss]()
    assert value == pytest.approx(theirs.item(), rel=1e-10)
    assert_equal(gan.generator_.gradients, flat_gradient(theirs, generator_parameters), 1e-10)
