"""Convolutions, their gradients and penalties equal those of PyTorch, where it is installed.

PyTorch has the batch first and the channels before the pixels, and stores a kernel as (channels
out, channels in, height, width): both are our arrays with their axes in reverse order, or nearly.
"""

from __future__ import annotations

import numpy as np
import pytest

from helpers.nn import (
    BatchNormalisation,
    Conv2D,
    ConvTranspose2D,
    Dense,
    Flatten,
    LeakyReLU,
    Linear,
    Network,
    ReLU,
    Reshape,
    Tanh,
    add_one_centred_penalty,
    add_zero_centred_penalty,
    backward_with_zero_centred_penalty,
    squared_error,
)

torch = pytest.importorskip("torch", reason="PyTorch (extra: benchmark) is not installed")
from torch.nn import functional  # noqa: E402  (only where torch is there)

N_COMBINATIONS = 250
FUNCTIONS = {
    LeakyReLU: lambda x: functional.leaky_relu(x, 0.2),
    ReLU: torch.relu,
    Tanh: torch.tanh,
    Flatten: lambda x: x.permute(0, 2, 3, 1).flatten(1),  # our order: row, column, channel
}


def batch_first(x: np.ndarray) -> np.ndarray:
    """Ours to PyTorch's: (height, width, channels, batch) to (batch, channels, height, width)."""
    return x.transpose(3, 2, 0, 1).copy() if x.ndim == 4 else x.T.copy()


def batch_last(tensor: torch.Tensor) -> np.ndarray:
    x = tensor.detach().numpy()
    return x.transpose(2, 3, 1, 0) if x.ndim == 4 else x.T


def parameters_of(layer) -> list[torch.Tensor]:
    """Weights and biases for PyTorch; reversing a kernel's axes gives it PyTorch's order."""
    W = layer.W if isinstance(layer, Dense) else layer.W.T
    return [torch.tensor(a.copy(), requires_grad=True) for a in (W, layer.b[:, 0])]


def forward(layer, parameters, x: torch.Tensor) -> torch.Tensor:
    if isinstance(layer, Dense):
        return functional.linear(x, *parameters)
    settings = {"stride": layer.stride, "padding": layer.padding}
    if isinstance(layer, ConvTranspose2D):
        settings["output_padding"] = layer.output_padding
        return functional.conv_transpose2d(x, *parameters, **settings)
    return functional.conv2d(x, *parameters, **settings)


def network_forward(network: Network, parameters, x: torch.Tensor) -> torch.Tensor:
    """The same network in PyTorch; `parameters` holds those of each linear layer by number."""
    for i, layer in enumerate(network.layers):
        if isinstance(layer, Linear):
            x = forward(layer, parameters[i], x)
        elif isinstance(layer, Reshape):
            x = x.reshape(-1, *layer.shape).permute(0, 3, 1, 2)
        elif isinstance(layer, BatchNormalisation):
            scale, shift = (torch.tensor(a[:, 0]) for a in (layer.scale, layer.shift))
            x = functional.batch_norm(x, None, None, scale, shift, training=True)
        else:
            x = FUNCTIONS[type(layer)](x)
    return x


def their_parameters(network: Network) -> dict[int, list[torch.Tensor]]:
    layers = enumerate(network.layers)
    return {i: parameters_of(layer) for i, layer in layers if isinstance(layer, Linear)}


def assert_equal(ours: np.ndarray, theirs: np.ndarray, tolerance: float) -> None:
    assert ours.shape == theirs.shape
    assert np.abs(ours - theirs).max() <= tolerance * max(np.abs(theirs).max(), 1e-3)


def assert_gradients_equal(network: Network, loss: torch.Tensor, parameters, tolerance) -> None:
    tensors = [p for pair in parameters.values() for p in pair]
    gradients = iter(torch.autograd.grad(loss, tensors, allow_unused=True))
    for i in parameters:
        dW, db = next(gradients), next(gradients)
        layer = network.layers[i]
        assert_equal(layer.dW if isinstance(layer, Dense) else layer.dW.T, dW.numpy(), tolerance)
        assert_equal(layer.db[:, 0], np.zeros(layer.n_out) if db is None else db.numpy(), tolerance)


def random_layers(kind: type, n: int) -> list[tuple]:
    """Layers with random settings and images for them, such that at least one pixel comes out."""
    rng, found = np.random.default_rng(kind is Conv2D), []
    while len(found) < n:
        size, kernel = rng.integers(1, 10, 2), rng.integers(1, 6, 2)
        stride, padding = rng.integers(1, 5, 2), rng.integers(0, 4, 2)
        settings = {"stride": tuple(stride.tolist()), "padding": tuple(padding.tolist())}
        if kind is ConvTranspose2D:
            extra = rng.integers(0, stride)
            settings["output_padding"] = tuple(extra.tolist())
            out = stride * (size - 1) + kernel - 2 * padding + extra
        else:
            out = (size + 2 * padding - kernel) // stride + 1
        if out.min() >= 1 and size[0] != size[1]:
            n_in, n_out, batch = rng.integers(1, 6, 3).tolist()
            layer = kind(n_in, n_out, tuple(kernel.tolist()), **settings)
            found.append((layer, (*size.tolist(), n_in, batch)))
    return found


@pytest.mark.parametrize(("dtype", "tolerance"), [("float64", 1e-10), ("float32", 1e-4)])
@pytest.mark.parametrize("kind", [Conv2D, ConvTranspose2D])
def test_layers(kind, dtype, tolerance):
    for seed, (layer, shape) in enumerate(random_layers(kind, N_COMBINATIONS)):
        network = Network([layer], random_state=seed, dtype=dtype)
        rng = np.random.default_rng(seed)
        layer.b[...] = rng.normal(size=layer.b.shape)
        x = rng.normal(size=shape).astype(dtype)
        y = network.forward(x)
        dy = rng.normal(size=y.shape).astype(dtype)
        dx = network.backward(dy)

        parameters = {0: parameters_of(layer)}
        their_x = torch.tensor(batch_first(x), requires_grad=True)
        their_y = forward(layer, parameters[0], their_x)
        assert_equal(y, batch_last(their_y), tolerance)
        number = (their_y * torch.tensor(batch_first(dy))).sum()
        (their_dx,) = torch.autograd.grad(number, their_x, retain_graph=True)
        assert_equal(dx, batch_last(their_dx), tolerance)
        assert_gradients_equal(network, number, parameters, tolerance)


def generator() -> Network:
    """Dense, reshaped and enlarged to 7 × 6 with 2 channels, with batch normalisation."""
    layers = [
        *(Dense(5, 24), BatchNormalisation(24), LeakyReLU(), Reshape((3, 2, 4))),
        *(ConvTranspose2D(4, 3, (4, 4), stride=(2, 2), padding=1), BatchNormalisation(3)),
        *(LeakyReLU(), ConvTranspose2D(3, 2, (2, 3)), Tanh()),
    ]
    return general_position(Network(layers, random_state=0))


def critic(activation: type = LeakyReLU) -> Network:
    """Flat images of 7 × 6 with 2 channels; a transposed convolution stands within."""
    layers = [
        *(Reshape((7, 6, 2)), Conv2D(2, 5, 4, stride=(2, 1), padding=1), activation()),
        *(ConvTranspose2D(5, 3, 3, stride=2, padding=1, output_padding=(1, 0)), activation()),
        *(Conv2D(3, 4, (3, 2), stride=2), activation(), Flatten(), Dense(2 * 4 * 4, 6)),
        *(activation(), Dense(6, 1)),
    ]
    return general_position(Network(layers, random_state=1))


def general_position(network: Network) -> Network:
    rng = np.random.default_rng(2)
    for layer in network.layers:
        for name in layer.shapes:
            if name in ("b", "scale", "shift"):
                array = getattr(layer, name)
                array += 0.3 * rng.normal(size=array.shape)
    return network


def test_generator():
    network, rng = generator(), np.random.default_rng(3)
    x, target = rng.normal(size=(5, 9)), rng.normal(size=(7, 6, 2, 9))
    loss, dy = squared_error(network.forward(x), target)
    dx = network.backward(dy)

    parameters, their_x = their_parameters(network), torch.tensor(x.T, requires_grad=True)
    y = network_forward(network, parameters, their_x)
    theirs = (y - torch.tensor(batch_first(target))).square().sum() / 9
    assert loss == pytest.approx(theirs.item(), rel=1e-12)
    (their_dx,) = torch.autograd.grad(theirs, their_x, retain_graph=True)
    assert_gradients_equal(network, theirs, parameters, 1e-10)
    assert_equal(dx, their_dx.numpy().T, 1e-10)


@pytest.mark.parametrize("shape", [(5, 8), (4, 3, 5, 2)])
def test_batch_normalisation(shape):
    """Two steps in training, with running averages, then use."""
    layer, rng = BatchNormalisation(5), np.random.default_rng(4)
    network = general_position(Network([layer]))
    theirs = (torch.nn.BatchNorm2d if len(shape) == 4 else torch.nn.BatchNorm1d)(5).double()
    with torch.no_grad():
        theirs.weight.copy_(torch.tensor(layer.scale[:, 0]))
        theirs.bias.copy_(torch.tensor(layer.shift[:, 0]))
    for training in (True, True, False):
        network.set_training(training)
        theirs.train(training)
        x, dy = rng.normal(2, 3, size=shape), rng.normal(size=shape)
        their_x = torch.tensor(batch_first(x), requires_grad=True)
        their_y = theirs(their_x)
        theirs.zero_grad()
        their_y.backward(torch.tensor(batch_first(dy)))
        assert_equal(network.forward(x), batch_last(their_y), 1e-10)
        assert_equal(network.backward(dy), batch_last(their_x.grad), 1e-10)
        for ours, other in (
            (layer.dscale, theirs.weight.grad),
            (layer.dshift, theirs.bias.grad),
            (layer.running_mean, theirs.running_mean),
            (layer.running_variance, theirs.running_var),
        ):
            assert_equal(ours[:, 0], other.numpy(), 1e-10)


@pytest.mark.parametrize(("dtype", "tolerance"), [("float64", 1e-10), ("float32", 1e-4)])
@pytest.mark.parametrize("activation", [LeakyReLU, ReLU])
@pytest.mark.parametrize("kind", ["R1", "R1 with its loss", "WGAN-GP"])
def test_penalties_of_a_convolutional_critic(kind, activation, dtype, tolerance):
    """PyTorch differentiates twice; we send a tangent through the layers."""
    network, rng = critic(activation).astype(dtype), np.random.default_rng(5)
    x, dy = rng.normal(size=(84, 11)).astype(dtype), rng.normal(size=(1, 11)).astype(dtype)
    weight = rng.uniform(0.1, 1, size=11)
    network.forward(x)
    network.gradients[...] = 0

    parameters, their_x = their_parameters(network), torch.tensor(x.T.copy(), requires_grad=True)
    logits = network_forward(network, parameters, their_x)
    (g,) = torch.autograd.grad(logits.sum(), their_x, create_graph=True)
    squares = g.square().sum(dim=1)
    their_weight = torch.tensor(weight.astype(dtype))
    if kind == "WGAN-GP":
        value = add_one_centred_penalty(network, weight)
        theirs = (their_weight * (squares.sqrt() - 1).square()).sum()
    elif kind == "R1":
        value = add_zero_centred_penalty(network, weight)
        theirs = 0.5 * (their_weight * squares).sum()
    else:
        value = backward_with_zero_centred_penalty(network, dy, weight)
        theirs = 0.5 * (their_weight * squares).sum()
    assert value == pytest.approx(theirs.item(), rel=tolerance)
    if kind == "R1 with its loss":
        theirs = theirs + (logits[:, 0] * torch.tensor(dy[0])).sum()
    assert_gradients_equal(network, theirs, parameters, tolerance)
