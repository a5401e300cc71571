"""What the kernel does for one new picture of the code-space explorer (5 ms are the aim)."""

from itertools import cycle

import numpy as np
import pytest

from helpers.datasets import load_ionosphere
from helpers.models import Autoencoder
from helpers.widgets import CodeExplorer
from helpers.widgets.code_explorer import draw_picture


@pytest.fixture(scope="module")
def ionosphere():
    X, y = load_ionosphere(return_X_y=True)
    return Autoencoder(n_latent=8, max_iter=20, random_state=0).fit(X), X, y


@pytest.fixture
def explorer(ionosphere):
    return CodeExplorer(*ionosphere)


def test_drawing_of_the_code_explorer(benchmark, explorer):
    # A state keeps what it has computed, so each round draws one that has computed nothing.
    state = explorer.state
    values = {name: getattr(state, name) for name in state.__dataclass_fields__}

    def fresh():
        return (type(state)(**values),), {}

    benchmark.pedantic(draw_picture, setup=fresh, rounds=300, warmup_rounds=20)


def test_one_change_of_h_from_a_cell(benchmark, explorer):
    """From ``explorer.h = …`` to the new picture and all controls in place."""
    points = cycle(np.random.default_rng(0).normal(size=(50, 8)))
    benchmark.pedantic(lambda: setattr(explorer, "h", next(points)), rounds=300, warmup_rounds=20)


def test_one_move_of_the_mouse(benchmark, explorer):
    pointer = explorer.children[2]
    places = cycle(f"{across:.2f} 0.4 7" for across in np.linspace(0.2, 0.8, 31))
    benchmark.pedantic(
        lambda: setattr(pointer, "value", next(places)), rounds=300, warmup_rounds=20
    )
    assert explorer.problem is None


def test_other_axes(benchmark, explorer):
    """Codes and draws are drawn anew."""

    def change():
        explorer.state.space.backgrounds.clear()
        explorer.axis_up = 3 if explorer.axis_up == 1 else 1

    benchmark.pedantic(change, rounds=100, warmup_rounds=5)


def test_making_a_code_explorer(benchmark, ionosphere):
    benchmark.pedantic(lambda: CodeExplorer(*ionosphere), rounds=20, warmup_rounds=2)


def test_fitting_the_mixture(benchmark, ionosphere):
    """Once, when the mixture is chosen for the first time."""

    def choose(explorer):
        explorer.prior = "mixture"

    benchmark.pedantic(
        choose, setup=lambda: ((CodeExplorer(*ionosphere),), {}), rounds=10, warmup_rounds=1
    )
