"""PyTorch's side: dense networks of ours for autograd, and whole training steps for the clock.

Steps run eagerly, with the fused Adam and without ``torch.compile``; single precision, rows in
memory, from which each step draws its own minibatch. Import it only where PyTorch is installed.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from itertools import pairwise

import numpy as np
import torch
from torch import nn
from torch.nn import functional
from torch.nn.functional import mse_loss, softplus

from helpers.nn import Dense, Network

# ------------------------------------------------------------------- dense networks, for autograd

FUNCTIONS = {
    "identity": lambda x: x,
    "tanh": torch.tanh,
    "sigmoid": torch.sigmoid,
    "relu": torch.relu,
    "leaky_relu": lambda x: functional.leaky_relu(x, 0.2),
    "softplus": functional.softplus,
    "silu": functional.silu,
}


def parameters_of(network: Network) -> list[torch.Tensor]:
    """W and b of each dense layer of ours, as tensors that ask for gradients."""
    dense = [layer for layer in network.layers if isinstance(layer, Dense)]
    arrays = [array for layer in dense for array in (layer.W, layer.b)]
    return [torch.tensor(array, requires_grad=True) for array in arrays]


def forward(parameters: list[torch.Tensor], x: torch.Tensor, activation: str) -> torch.Tensor:
    """What such a network returns for columns x."""
    for i in range(0, len(parameters), 2):
        x = parameters[i] @ x + parameters[i + 1]
        if i + 2 < len(parameters):
            x = FUNCTIONS[activation](x)
    return x


def shift_biases(network: Network) -> Network:
    """Make biases differ from zero, where a network starts."""
    rng = np.random.default_rng(1)
    for layer in network.layers:
        if isinstance(layer, Dense):
            layer.b[...] = rng.normal(size=layer.b.shape)
    return network


# -------------------------------------------------------------------- training steps, for the clock

Step = Callable[[], None]
ACTIVATIONS = {
    "leaky_relu": lambda: nn.LeakyReLU(0.2),
    "relu": nn.ReLU,
    "silu": nn.SiLU,
    "tanh": nn.Tanh,
}


def dense(sizes: list[int], activation: str = "leaky_relu", output: str = "") -> nn.Sequential:
    """Dense layers with an activation between them, and one at the end if it is named."""
    layers: list[nn.Module] = []
    for n_in, n_out in pairwise(sizes):
        layers += [nn.Linear(n_in, n_out), ACTIVATIONS[activation]()]
    return nn.Sequential(*layers[:-1], *([ACTIVATIONS[output]()] if output else []))


def tower(hidden: list[int], channels: list[int], size: int, output: nn.Module) -> nn.Sequential:
    """Dense layers from z, and transposed convolutions to pictures of size × size."""
    start = size // 2 ** len(channels)
    layers = [
        *dense([*hidden, start * start * channels[0]], output="leaky_relu"),
        nn.Unflatten(1, (channels[0], start, start)),
    ]
    for n_in, n_out in pairwise([*channels, 1]):
        layers += [nn.ConvTranspose2d(n_in, n_out, 4, 2, 1), nn.LeakyReLU(0.2)]
    return nn.Sequential(*layers[:-1], output, nn.Flatten())


def convolutional_critic(channels: list[int], size: int) -> nn.Sequential:
    """Convolutions that halve pictures of size × size, and a dense layer to the logit."""
    layers: list[nn.Module] = [nn.Unflatten(1, (1, size, size))]
    for n_in, n_out in pairwise([1, *channels]):
        layers += [nn.Conv2d(n_in, n_out, 4, 2, 1), nn.LeakyReLU(0.2)]
    n_features = channels[-1] * (size // 2 ** len(channels)) ** 2
    return nn.Sequential(*layers, nn.Flatten(), nn.Linear(n_features, 1))


class Joined(nn.Module):
    """From (z, x): x through a dense layer, then both."""

    def __init__(self, n_in: int, n_latent: int, width: int, n_out: int) -> None:
        """Build the two parts."""
        super().__init__()
        self.encoder = dense([n_in, width], output="leaky_relu")
        self.decoder = dense([n_latent + width, width, n_out], output="tanh")

    def forward(self, zx: torch.Tensor, n_latent: int = 8) -> torch.Tensor:
        """Return G(z, x) for z with x to its right."""
        return self.decoder(torch.cat([zx[:, :n_latent], self.encoder(zx[:, n_latent:])], dim=1))


def adam(parameters: Iterator, betas: tuple[float, float] = (0.9, 0.999)) -> torch.optim.Adam:
    """The fused Adam."""
    return torch.optim.Adam(parameters, lr=0.001, betas=betas, fused=True)


def descent(
    network: nn.Module, X: np.ndarray, Y: np.ndarray, batch_size: int, optimizer=None
) -> Step:
    """One step towards the least squared error; all rows at once if the batch is as large."""
    optimizer = optimizer or adam(network.parameters())
    X, Y = torch.from_numpy(X), torch.from_numpy(Y)

    def step() -> None:
        x, y = X, Y
        if batch_size < len(X):
            drawn = torch.randint(len(X), (batch_size,))
            x, y = X[drawn], Y[drawn]
        optimizer.zero_grad()
        (network(x) - y).square().sum(dim=1).mean().backward()
        optimizer.step()

    return step


def autoencoder(
    sizes: list[int],
    X: np.ndarray,
    batch_size: int,
    *,
    alpha: float = 0.0,
    code_penalty: float = 0.0,
    code_noise: float = 0.0,
    sgd: bool = False,
) -> Step:
    """One step of an autoencoder, with the penalties and the noise that are asked for."""
    encoder, decoder = dense(sizes, "tanh"), dense(sizes[::-1], "tanh")
    network = nn.Sequential(encoder, decoder)
    parameters = list(network.parameters())
    weights = [p for p in parameters if p.ndim == 2]
    optimizer = torch.optim.SGD(parameters, lr=0.1, fused=True) if sgd else adam(parameters)
    if not (alpha or code_penalty or code_noise):
        return descent(network, X, X, batch_size, optimizer)
    X = torch.from_numpy(X)

    def step() -> None:
        x = X[torch.randint(len(X), (batch_size,))]
        optimizer.zero_grad()
        h = encoder(x)
        seen = h + code_noise * torch.randn_like(h) if code_noise else h
        loss = (x - decoder(seen)).square().sum(dim=1).mean()
        if alpha:
            loss = loss + alpha * sum(W.square().sum() for W in weights)
        if code_penalty:
            loss = loss + code_penalty * h.square().sum(dim=1).mean()
        loss.backward()
        optimizer.step()

    return step


def variational_autoencoder(
    n_features: int, n_hidden: int, n_latent: int, X: np.ndarray, batch_size: int
) -> Step:
    """One step of a VAE that learns the variance of its decoder's noise."""
    encoder = dense([n_features, n_hidden, 2 * n_latent], "tanh")
    decoder = dense([n_latent, n_hidden, n_features], "tanh")
    log_noise = torch.zeros((), requires_grad=True)
    optimizer = adam([*encoder.parameters(), *decoder.parameters(), log_noise])
    X = torch.from_numpy(X)

    def step() -> None:
        x = X[torch.randint(len(X), (batch_size,))]
        optimizer.zero_grad()
        mean, log_variance = encoder(x).chunk(2, dim=1)
        h = mean + torch.exp(0.5 * log_variance) * torch.randn_like(mean)
        error = (x - decoder(h)).square().sum() / batch_size
        kl = 0.5 * (mean.square() + log_variance.exp() - 1 - log_variance).sum() / batch_size
        constant = n_features / 2 * (math.log(2 * math.pi) + log_noise)
        loss = error / (2 * log_noise.exp()) + constant + kl
        loss.backward()
        optimizer.step()

    return step


def game(
    make_generator: Callable[[], nn.Module],
    discriminator: nn.Module,
    Y: np.ndarray,
    X: np.ndarray | None = None,
    *,
    n_latent: int,
    batch_size: int,
    r1: float = 0.0,
    r2: float = 0.0,
    mse_weight: float = 0.0,
    instance_noise: float = 0.0,
    betas: tuple[float, float] = (0.0, 0.99),
) -> Step:
    """One step of each player, and of the running average of the generator's weights.

    With X, both players are given x too: it stands to the right of z, and of y.
    """
    generator, average = make_generator(), make_generator()
    generator_adam = adam(generator.parameters(), betas)
    discriminator_adam = adam(discriminator.parameters(), betas)
    real_rows = torch.from_numpy(Y)
    given_rows = torch.from_numpy(Y[:, :0] if X is None else X)
    penalised = r1 > 0 or r2 > 0
    weight = torch.tensor([r1 / batch_size, r2 / batch_size]).repeat_interleave(batch_size)
    averages, parameters = list(average.parameters()), list(generator.parameters())

    def generate(given):
        z = torch.randn(batch_size, n_latent)
        return generator(z if X is None else torch.cat([z, given], dim=1))

    def judge(y, given):
        if instance_noise:
            y = y + instance_noise * torch.randn_like(y)
        return discriminator(y if X is None else torch.cat([y, given], dim=1))

    def step() -> None:
        drawn = torch.randint(len(real_rows), (batch_size,))
        real, given = real_rows[drawn], given_rows[drawn]
        with torch.no_grad():
            fake = generate(given)
        y = torch.cat([real, fake]).requires_grad_(penalised)
        logits = judge(y, None if X is None else torch.cat([given, given]))
        loss = softplus(-logits[:batch_size]).mean() + softplus(logits[batch_size:]).mean()
        if penalised:
            (g,) = torch.autograd.grad(logits.sum(), y, create_graph=True)
            loss = loss + 0.5 * (weight * g.square().sum(dim=1)).sum()
        discriminator_adam.zero_grad()
        loss.backward()
        discriminator_adam.step()

        # The discriminator's parameters get no gradient here: its side is spared the work.
        discriminator.requires_grad_(False)
        generator_adam.zero_grad()
        if X is not None:
            drawn = torch.randint(len(real_rows), (batch_size,))
            real, given = real_rows[drawn], given_rows[drawn]
        fake = generate(given)
        loss = softplus(-judge(fake, given)).mean()
        if mse_weight:
            loss = loss + mse_weight * mse_loss(fake, real)
        loss.backward()
        generator_adam.step()
        discriminator.requires_grad_(True)
        with torch.no_grad():
            torch._foreach_lerp_(averages, parameters, 0.002)

    return step


def diffusion(
    sizes: list[int],
    X: np.ndarray,
    Y: np.ndarray | None = None,
    *,
    n_frequencies: int,
    batch_size: int,
) -> Step:
    """One step of a diffusion model, and of the running average of its weights.

    With Y, the codes of labels stand to the right of what the network sees.
    """
    network, average = dense(sizes, "silu"), dense(sizes, "silu")
    optimizer = adam(network.parameters())
    X = torch.from_numpy(X)
    Y = X[:, :0] if Y is None else torch.from_numpy(Y)
    k = torch.arange(1, n_frequencies + 1)
    averages, parameters = list(average.parameters()), list(network.parameters())

    def step() -> None:
        drawn = torch.randint(len(X), (batch_size,))
        x_0, y = X[drawn], Y[drawn]
        t = (torch.arange(batch_size) + torch.rand(1))[:, None] / batch_size
        a, b, noise = torch.cos(math.pi / 2 * t), torch.sin(math.pi / 2 * t), torch.randn_like(x_0)
        x_t, angles = a * x_0 + b * noise, math.pi * t * k
        optimizer.zero_grad()
        F = network(torch.cat([x_t, torch.cos(angles), torch.sin(angles), y], dim=1))
        loss = (F - (a * noise - b * x_0)).square().sum() / batch_size
        loss.backward()
        optimizer.step()
        with torch.no_grad():
            torch._foreach_lerp_(averages, parameters, 0.002)

    return step
