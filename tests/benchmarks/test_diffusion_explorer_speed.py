"""What the kernel does for one new picture of the diffusion explorer (100 ms are the limit)."""

from itertools import cycle

import pytest

from helpers.widgets import DiffusionExplorer
from helpers.widgets.diffusion_explorer import STEPS, Diffusion, draw_picture

CHANGES = {
    "t": [k / 50 for k in range(51)],
    "n_steps": STEPS,
    "sample": range(1, 22),
}


@pytest.fixture(params=["ring", "digits"])
def explorer(request):
    return DiffusionExplorer(data=request.param)


@pytest.mark.parametrize("name", CHANGES)
def test_one_change(benchmark, explorer, name):
    """From ``explorer.t = …`` to the new picture and all controls in place."""
    values = cycle(CHANGES[name])
    benchmark.pedantic(lambda: setattr(explorer, name, next(values)), rounds=200, warmup_rounds=20)
    assert explorer.problem is None


@pytest.mark.parametrize("n_steps", [10, 50])
def test_another_seed(benchmark, explorer, n_steps):
    """Samples that nobody has seen, walked back in so many steps."""
    explorer.n_steps = n_steps
    seeds = cycle(range(1, 10_000))
    benchmark.pedantic(lambda: setattr(explorer, "seed", next(seeds)), rounds=50, warmup_rounds=5)
    assert explorer.problem is None


def test_drawing_alone(benchmark, explorer):
    # A state keeps what it has computed, so each round draws one that has computed nothing else.
    state = explorer.state
    values = {name: getattr(state, name) for name in state.__dataclass_fields__}

    def fresh():
        return (type(state)(**values),), {}

    benchmark.pedantic(draw_picture, setup=fresh, rounds=200, warmup_rounds=20)


def test_another_model(benchmark, explorer):
    """The first picture of a model: samples are measured at every number of steps."""
    old = explorer.state.model

    def measure():
        fresh = Diffusion(old.model, old.X, old.y)
        return [fresh.measured(n, "deterministic") for n in STEPS]

    benchmark.pedantic(measure, rounds=3, warmup_rounds=1)
