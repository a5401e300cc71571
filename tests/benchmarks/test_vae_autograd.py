"""The gradients of the VAE, written out by hand, equal those of PyTorch's autograd."""

from __future__ import annotations

import math

import numpy as np
import pytest

from helpers.models import Autoencoder, VariationalAutoencoder

torch = pytest.importorskip("torch", reason="PyTorch (extra: benchmark) is not installed")

from benchmarks.torch_side import forward, parameters_of  # noqa: E402  (only where torch is there)

ACTIVATIONS = ["tanh", "leaky_relu", "softplus"]
X = np.random.default_rng(0).uniform(-1, 1, size=(33, 9))


def started(model):
    """A model in double precision, in general position, and its parameters for autograd."""
    model.set_params(random_state=0, dtype="float64").partial_fit(X)
    parameters = model.network_.parameters
    parameters += 0.2 * np.random.default_rng(1).normal(size=parameters.size)
    return model, parameters_of(model.network_)


def flat(parameters) -> np.ndarray:
    return np.concatenate([p.grad.numpy().ravel() for p in parameters])


@pytest.mark.parametrize("activation", ACTIVATIONS)
@pytest.mark.parametrize("hidden", [(), (7,), (8, 5)])
@pytest.mark.parametrize(("beta", "variance"), [(1.0, 0.5), (0.3, 0.07)])
def test_vae(activation, hidden, beta, variance):
    vae, parameters = started(
        VariationalAutoencoder(
            hidden, 4, beta=beta, decoder_variance=variance, activation=activation
        )
    )
    noise = np.random.default_rng(2).normal(size=(4, len(X)))
    error, kl = vae._gradients(np.ascontiguousarray(X.T), noise)

    x, split = torch.tensor(X.T), 2 * (len(hidden) + 1)
    mean, log_variance = forward(parameters[:split], x, activation).chunk(2)
    h = mean + torch.exp(log_variance / 2) * torch.tensor(noise)
    x_hat = forward(parameters[split:], h, activation)
    log_p = torch.distributions.Normal(x_hat, math.sqrt(variance)).log_prob(x).sum(dim=0)
    q = torch.distributions.Normal(mean, torch.exp(log_variance / 2))
    their_kl = torch.distributions.kl_divergence(q, torch.distributions.Normal(0.0, 1.0))
    loss = (-log_p + beta * their_kl.sum(dim=0)).mean()
    loss.backward()

    assert vae._reconstruction_loss(error) + beta * kl == pytest.approx(loss.item(), rel=1e-12)
    expected = flat(parameters)
    assert np.abs(vae.network_.gradients - expected).max() <= 1e-10 * np.abs(expected).max()


@pytest.mark.parametrize("activation", ACTIVATIONS)
@pytest.mark.parametrize("alpha", [0.0, 0.1])
def test_autoencoder_with_noise_and_penalty_on_the_codes(activation, alpha):
    autoencoder, parameters = started(
        Autoencoder((7,), 4, activation=activation, alpha=alpha, code_penalty=0.3, code_noise=0.5)
    )
    autoencoder._rng = np.random.default_rng(3)
    loss = autoencoder._training_step(np.ascontiguousarray(X.T))
    noise = np.random.default_rng(3).standard_normal((4, len(X)))

    x = torch.tensor(X.T)
    h = forward(parameters[:4], x, activation)
    x_hat = forward(parameters[4:], h + 0.5 * torch.tensor(noise), activation)
    their_loss = ((x - x_hat).pow(2).sum() + 0.3 * h.pow(2).sum()) / len(X)
    their_loss = their_loss + alpha * sum(W.pow(2).sum() for W in parameters[::2])
    their_loss.backward()

    assert loss == pytest.approx(their_loss.item(), rel=1e-12)
    expected = flat(parameters)
    assert np.abs(autoencoder.network_.gradients - expected).max() <= 1e-10 * np.abs(expected).max()
