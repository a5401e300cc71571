"""Measures every recipe of the course and records its scores: ``make scoreboard``.

The recipes stand here, so that the file that is recorded, the slow test that measures it anew
and the lessons that show it follow from the same lines.
"""

from __future__ import annotations

from functools import partial

from numpy.typing import NDArray

from helpers.models import Autoencoder
from helpers.scoreboard import (
    RECORDED,
    Scoreboard,
    gaussian_mixture,
    kernel_density,
    real_rows,
    score_recipe,
)


def naive_autoencoder(train: NDArray, n_rows: int, random_state: int) -> NDArray:
    """Train an autoencoder and decode random vectors h from N(0, I)."""
    model = Autoencoder(random_state=random_state).fit(train)
    return model.sample(n_rows, random_state=random_state)


RECIPES = {
    "real rows": real_rows,
    "Gaussian mixture": gaussian_mixture,
    "kernel density": kernel_density,
    "kernel density, .05 wide": partial(kernel_density, bandwidth=0.05),
    "autoencoder, h from N(0, I)": naive_autoencoder,
}


def main() -> None:
    """Score all recipes on five splits and save the scoreboard."""
    board = Scoreboard()
    for name, recipe in RECIPES.items():
        board[name] = score_recipe(recipe)
        print(f"{name}: C2ST {board[name].c2st.mean():.2f}", flush=True)
    board.save(RECORDED)


if __name__ == "__main__":
    main()
