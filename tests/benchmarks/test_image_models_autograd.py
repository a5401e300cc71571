"""What the models of pictures descend equals what PyTorch's autograd finds, where it is installed.

Whole steps are compared: of the regressor, and of both players of the GANs, labels, penalties by
double back-propagation, and the mixture of MSE and adversarial loss included. PyTorch is given
columns, as our networks are, and turns them into its own order of axes where a convolution is.
"""

from __future__ import annotations

import numpy as np
import pytest

from helpers.models import ConditionalImageGAN, ImageGAN, ImageRegressor
from helpers.nn import (
    Conv2D,
    ConvTranspose2D,
    Dense,
    Flatten,
    Layer,
    LeakyReLU,
    Network,
    PassBy,
    Reshape,
    ReshapeWithPlanes,
    Tanh,
)

torch = pytest.importorskip("torch", reason="PyTorch (extra: benchmark) is not installed")
from torch.nn import functional  # noqa: E402  (only where torch is there)

rng = np.random.default_rng(0)
N, SHAPE = 16, (6, 10)
PICTURES = rng.uniform(-1, 1, size=(40, 60))
GIVEN = rng.normal(size=(40, 7))
LABELS = rng.choice([0, 1, 2], size=40)


def tensors(network: Network) -> list[torch.Tensor]:
    arrays = [getattr(layer, name) for layer in network.layers for name in layer.shapes]
    return [torch.tensor(array, requires_grad=True) for array in arrays]


def forward(network: Network, parameters: list[torch.Tensor], x: torch.Tensor) -> torch.Tensor:
    """Send columns through the network with these parameters."""
    remaining = iter(parameters)
    for layer in network.layers:
        x = layer_forward(layer, remaining, x)
    return x


def layer_forward(layer: Layer, parameters, x: torch.Tensor) -> torch.Tensor:
    if isinstance(layer, PassBy):
        rows = x[: layer.n_rows], layer_forward(layer.layer, parameters, x[layer.n_rows :])
        return torch.cat(rows)
    if isinstance(layer, Dense):
        return next(parameters) @ x + next(parameters)
    if isinstance(layer, ReshapeWithPlanes):
        images = x[: -layer.n_planes].reshape(*layer.shape, -1)
        planes = x[-layer.n_planes :].expand(*layer.shape[:2], -1, -1)
        return torch.cat([images, planes], dim=2)
    if isinstance(layer, Reshape):
        return x.reshape(*layer.shape, -1)
    if isinstance(layer, Flatten):
        return x.reshape(-1, x.shape[-1])
    if isinstance(layer, Conv2D | ConvTranspose2D):
        W, b = next(parameters).permute(3, 2, 1, 0), next(parameters)[:, 0]
        kind = functional.conv2d if isinstance(layer, Conv2D) else functional.conv_transpose2d
        y = kind(x.permute(3, 2, 0, 1), W, b, stride=layer.stride, padding=layer.padding)
        return y.permute(2, 3, 1, 0)
    return {LeakyReLU: lambda x: functional.leaky_relu(x, 0.2), Tanh: torch.tanh}[type(layer)](x)


def shift_biases(*networks: Network) -> None:
    for network in networks:
        for layer in network.layers:
            if "b" in layer.shapes:
                layer.b[...] = rng.normal(size=layer.b.shape)


def assert_equal(network: Network, loss: torch.Tensor, parameters, tolerance: float) -> None:
    gradients = torch.autograd.grad(loss, parameters, allow_unused=True)
    flat = [
        np.zeros(p.numel()) if g is None else g.numpy().ravel()
        for p, g in zip(parameters, gradients, strict=True)
    ]
    theirs = np.concatenate(flat)
    assert np.abs(theirs).max() > 1e-3
    assert np.abs(network.gradients - theirs).max() <= tolerance * np.abs(theirs).max()


precisions = pytest.mark.parametrize(
    ("dtype", "tolerance"), [("float64", 1e-10), ("float32", 2e-5)]
)


@precisions
@pytest.mark.parametrize("channels", [(), (5, 4)])
def test_regressor(channels, dtype, tolerance):
    model = ImageRegressor(
        (9,), channels, image_shape=SHAPE, output_activation="tanh", dtype=dtype, random_state=0
    )
    columns = model._start(GIVEN, PICTURES)[:, :N]
    shift_biases(model.network_)
    parameters = tensors(model.network_)
    prediction = forward(model.network_, parameters, torch.tensor(columns[60:].copy()))
    theirs = (prediction - torch.tensor(columns[:60].copy())).square().sum() / N
    assert model._training_step(columns) == pytest.approx(theirs.item(), rel=tolerance)
    assert_equal(model.network_, theirs, parameters, tolerance)


def discriminator_loss(model, parameters, x: np.ndarray, n_rows: int) -> torch.Tensor:
    """Non-saturating, with R1 and R2 by the first rows."""
    samples, condition = torch.tensor(x[:n_rows], requires_grad=True), torch.tensor(x[n_rows:])
    logits = forward(model.discriminator_, parameters, torch.cat([samples, condition]))
    (g,) = torch.autograd.grad(logits.sum(), samples, create_graph=True)
    squares = g.square().sum(dim=0)
    r1, r2 = model.r1 / 2 * squares[:N].mean(), model.r2 / 2 * squares[N:].mean()
    real, fake = logits[:, :N], logits[:, N:]
    return functional.softplus(-real).mean() + functional.softplus(fake).mean() + r1 + r2


@precisions
@pytest.mark.parametrize("y", [None, LABELS], ids=["without labels", "labels"])
@pytest.mark.parametrize("convolutional", [False, True])
def test_image_gan(convolutional, y, dtype, tolerance):
    channels = {"generator_channels": (5, 4), "discriminator_channels": (4, 5)}
    model = ImageGAN(
        (9,), (8,), 3, image_shape=SHAPE, r1=0.7, r2=0.4, dtype=dtype, random_state=0
    ).set_params(**(channels if convolutional else {}))
    columns = model.start(PICTURES, y)._take_in(PICTURES, y, reset=False)
    shift_biases(model.generator_, model.discriminator_)
    x = np.ascontiguousarray(columns[:, : 2 * N])
    value = sum(model._discriminator_gradient(x))
    parameters = tensors(model.discriminator_)
    theirs = discriminator_loss(model, parameters, x, n_rows=60)
    assert value == pytest.approx(theirs.item(), rel=tolerance)
    assert_equal(model.discriminator_, theirs, parameters, tolerance)

    labels = x[60:, :N]
    z = model._draw_latent(labels)
    value, parameters = model._generator_gradient(z, labels), tensors(model.generator_)
    samples = forward(model.generator_, parameters, torch.tensor(z))
    seen = torch.cat([samples, torch.tensor(labels)])
    logits = forward(model.discriminator_, tensors(model.discriminator_), seen)
    theirs = functional.softplus(-logits).mean()
    assert value == pytest.approx(theirs.item(), rel=tolerance)
    assert_equal(model.generator_, theirs, parameters, tolerance)


@precisions
@pytest.mark.parametrize("channels", [(), (5, 4)])
@pytest.mark.parametrize("mse_weight", [0.0, 5.0])
def test_conditional_gan(mse_weight, channels, dtype, tolerance):
    model = ConditionalImageGAN(
        (9,), (8,), 3, image_shape=SHAPE, mse_weight=mse_weight, adversarial_weight=0.6, r1=0.7
    ).set_params(encoder_layer_sizes=(6,), generator_channels=channels, dtype=dtype, random_state=0)
    columns = model._start(GIVEN, PICTURES)
    shift_biases(model.generator_, model.discriminator_)
    x = np.ascontiguousarray(columns[:, : 2 * N])
    value = sum(model._discriminator_gradient(x))
    parameters = tensors(model.discriminator_)
    theirs = discriminator_loss(model, parameters, x, n_rows=60)
    assert value == pytest.approx(theirs.item(), rel=tolerance)
    assert_equal(model.discriminator_, theirs, parameters, tolerance)

    y, given = x[:60, :N], x[60:, :N]
    z = model._draw_latent(given)
    value, parameters = model._generator_gradient(z, given, y), tensors(model.generator_)
    prediction = forward(model.generator_, parameters, torch.tensor(z))
    seen = torch.cat([prediction, torch.tensor(given)])
    logits = forward(model.discriminator_, tensors(model.discriminator_), seen)
    mse = functional.mse_loss(prediction, torch.tensor(y))
    theirs = mse_weight * mse + 0.6 * functional.softplus(-logits).mean()
    assert value == pytest.approx(theirs.item(), rel=tolerance)
    assert_equal(model.generator_, theirs, parameters, tolerance)
