"""What the kernel does for one new picture of the walk between two vectors (5 ms are the aim)."""

from itertools import cycle

import numpy as np
import pytest

from helpers.models import ImageRegressor
from helpers.scenes import make_cats
from helpers.widgets import VectorWalk
from helpers.widgets.vector_walk import draw_picture


@pytest.fixture(scope="module", params=[64, 2000], ids=lambda n: f"{n} pictures")
def cats(request):
    pictures = make_cats(request.param, random_state=0).images
    Z = np.random.default_rng(0).normal(size=(len(pictures), 16))
    model = ImageRegressor(128, (32, 16), max_iter=1, random_state=0)
    return model.fit(Z, pictures.reshape(len(Z), -1)), pictures, Z


@pytest.fixture
def walk(cats):
    return VectorWalk(*cats)


def test_drawing_of_the_walk(benchmark, walk):
    # A state keeps what it has computed, so each round draws one that has computed nothing else.
    state = walk.state
    values = {name: getattr(state, name) for name in state.__dataclass_fields__}

    def fresh():
        return (type(state)(**values),), {}

    benchmark.pedantic(draw_picture, setup=fresh, rounds=200, warmup_rounds=20)


def test_one_step_of_the_walk(benchmark, walk):
    """From ``walk.t = …`` to the new picture and all controls in place."""
    places = cycle(np.linspace(0, 1, 51).tolist())
    benchmark.pedantic(lambda: setattr(walk, "t", next(places)), rounds=200, warmup_rounds=20)


def test_one_new_end(benchmark, walk):
    """The whole way anew: 31 pictures, and what is nearest to each."""
    numbers = cycle(range(2, 60))
    benchmark.pedantic(
        lambda: setattr(walk, "end_number", next(numbers)), rounds=50, warmup_rounds=5
    )
    assert walk.problem is None


def test_making_a_walk(benchmark, cats):
    benchmark.pedantic(lambda: VectorWalk(*cats), rounds=10, warmup_rounds=1)
