"""Measures every recipe of the course and records its scores: ``make scoreboard``.

The recipes stand here, so that the file that is recorded, the slow test that measures it anew
and the lessons that show it follow from the same lines.
"""

from __future__ import annotations

from functools import partial

import numpy as np
from joblib import parallel_config
from numpy.typing import NDArray

from helpers.models import GAN, Autoencoder, DiffusionModel, VariationalAutoencoder
from helpers.scoreboard import (
    RECORDED,
    Scoreboard,
    gaussian_mixture,
    kernel_density,
    real_rows,
    score_recipe,
)


def autoencoder(
    train: NDArray, n_rows: int, random_state: int, *, prior: str = "normal", **settings
) -> NDArray:
    """Train an autoencoder, draw hidden vectors h from a law, decode them."""
    model = Autoencoder(**settings, random_state=random_state).fit(train)
    return model.sample(n_rows, random_state=random_state, prior=prior)


def vae(
    train: NDArray,
    n_rows: int,
    random_state: int,
    *,
    prior: str = "normal",
    decoder_noise: bool = True,
) -> NDArray:
    """Train a variational autoencoder, draw h, decode, and add the decoder's noise or not."""
    model = VariationalAutoencoder(random_state=random_state).fit(train)
    return model.sample(n_rows, random_state=random_state, prior=prior, decoder_noise=decoder_noise)


def gan(
    train: NDArray, n_rows: int, random_state: int, *, hidden: int = 128, max_iter: int = 6000
) -> NDArray:
    """Train a class-conditional GAN and draw as many rows of each label as there are in `train`."""
    X, y = train[:, :-1], train[:, -1]
    model = GAN(
        (hidden, hidden),
        (hidden, hidden),
        n_latent=16,
        generator_activation="relu",
        output_activation="tanh",
        betas=(0.5, 0.999),
        r1=0.3,
        instance_noise=0.05,
        decay_from=0.6,
        weight_averaging=0.999,
        max_iter=max_iter,
        random_state=random_state,
    ).fit(X, y)
    labels = np.resize(y, n_rows)
    return np.column_stack([model.sample(n_rows, labels, random_state=random_state), labels])


def diffusion(
    train: NDArray,
    n_rows: int,
    random_state: int,
    *,
    bounds: tuple[float, float] | None = (-1, 1),
    max_iter: int = 5000,
) -> NDArray:
    """Train a class-conditional diffusion model and draw rows as the recipe of the GAN does.

    A fifth of the values are exactly −1 or 1, where the scale ends: hence the bounds.
    """
    X, y = train[:, :-1], train[:, -1]
    model = DiffusionModel(bounds=bounds, max_iter=max_iter, random_state=random_state).fit(X, y)
    labels = np.resize(y, n_rows)
    samples = model.sample(n_rows, labels, random_state=random_state, n_steps=30, eta=0.75)
    return np.column_stack([samples, labels])


L2 = {"alpha": 0.01}
REGULARISED = {"code_penalty": 0.1, "alpha": 0.003}  # without noise: Ghosh et al., ICLR 2020
NOISY = {"code_penalty": 0.1, "code_noise": 0.3}

RECIPES = {
    "real rows": real_rows,
    "Gaussian mixture": gaussian_mixture,
    "kernel density": kernel_density,
    "kernel density, .05 wide": partial(kernel_density, bandwidth=0.05),
    "autoencoder, h from N(0, I)": autoencoder,
    "autoencoder, h from a mixture": partial(autoencoder, prior="mixture"),
    "autoencoder + L2, h from N(0, I)": partial(autoencoder, **L2),
    "autoencoder + L2, h from a mixture": partial(autoencoder, prior="mixture", **L2),
    "regularised autoencoder, h from N(0, I)": partial(autoencoder, **REGULARISED),
    "regularised autoencoder, h from a mixture": partial(
        autoencoder, prior="mixture", **REGULARISED
    ),
    "noisy autoencoder, h from N(0, I)": partial(autoencoder, **NOISY),
    "noisy autoencoder, h from a mixture": partial(autoencoder, prior="mixture", **NOISY),
    "VAE, h from N(0, I)": vae,
    "VAE without output noise, h from N(0, I)": partial(vae, decoder_noise=False),
    "VAE, h from a mixture": partial(vae, prior="mixture"),
    "GAN with R1": gan,
    "GAN with R1, half as wide": partial(gan, hidden=64),
    "GAN with R1, three times as long": partial(gan, max_iter=18000),
    "diffusion": diffusion,
    "diffusion, edges as they are": partial(diffusion, bounds=None),
    "diffusion, three times as long": partial(diffusion, max_iter=15000),
}


def main() -> None:
    """Score all recipes on five splits and save the scoreboard."""
    board = Scoreboard()
    for name, recipe in RECIPES.items():
        board[name] = score_recipe(recipe)
        print(f"{name}: C2ST {board[name].c2st.mean():.2f}", flush=True)
    board.save(RECORDED)


if __name__ == "__main__":
    with parallel_config(n_jobs=-1):
        main()
