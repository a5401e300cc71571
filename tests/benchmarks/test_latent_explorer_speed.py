"""What the kernel does for one new picture of the latent explorer (5 ms are the aim)."""

from itertools import cycle

import pytest

from helpers.widgets import LatentExplorer
from helpers.widgets.latent_explorer import draw_picture
from helpers.widgets.latent_space import PSIS, LatentSpace

CHANGES = {
    "t": [k / 50 for k in range(51)],
    "shift": [k / 4 for k in range(-12, 13)],
    "psi": PSIS,
    "seed": range(1000),
    "b": range(1, 25),
}


@pytest.fixture(params=["digits", "cats"])
def explorer(request):
    return LatentExplorer(pictures=request.param)


@pytest.mark.parametrize("name", CHANGES)
def test_one_change(benchmark, explorer, name):
    """From ``explorer.t = …`` to the new picture and all controls in place."""
    values = cycle(CHANGES[name])
    benchmark.pedantic(lambda: setattr(explorer, name, next(values)), rounds=200, warmup_rounds=20)
    assert explorer.problem is None


def test_drawing_alone(benchmark, explorer):
    # A state keeps what it has computed, so each round draws one that has computed nothing else.
    state = explorer.state
    values = {name: getattr(state, name) for name in state.__dataclass_fields__}

    def fresh():
        return (type(state)(**values),), {}

    benchmark.pedantic(draw_picture, setup=fresh, rounds=200, warmup_rounds=20)


def test_another_generator(benchmark, explorer):
    """The first picture of a generator: samples are measured at every truncation."""
    space = explorer.state.space
    model, pictures = space._model, (2 * rows - 1 for rows in (space.rows, space.held_out))
    arguments = model, *pictures, (-1, 1)
    benchmark.pedantic(lambda: LatentSpace(*arguments).curve, rounds=5, warmup_rounds=1)
