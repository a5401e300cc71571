"""What the kernel does for one new picture of the futures explorer (5 ms are the aim)."""

from itertools import cycle

import pytest

from helpers.widgets import FuturesExplorer
from helpers.widgets.futures import KINDS, FuturesState, draw_picture

TURNS = [*range(5, 61), *range(59, 5, -1)]


@pytest.mark.parametrize("kind", KINDS)
def test_drawing_of_a_new_state(benchmark, kind):
    """Futures, mean, prediction and curve computed anew, and drawn."""
    FuturesExplorer(futures=kind)
    turns = cycle(TURNS)
    benchmark.pedantic(
        lambda: draw_picture(FuturesState(kind, next(turns), 0.4, 7)), rounds=300, warmup_rounds=20
    )


@pytest.mark.parametrize("kind", KINDS)
def test_one_move_of_the_slider(benchmark, kind):
    """From the slider to the new picture and all controls in place."""
    explorer = FuturesExplorer(futures=kind)
    turns = cycle(TURNS)
    slider = explorer.children[4].children[0].children[0]
    assert slider.description == "Turn"
    benchmark.pedantic(lambda: setattr(slider, "value", next(turns)), rounds=300, warmup_rounds=20)
    assert explorer.problem is None


def test_making_a_futures_explorer(benchmark):
    benchmark.pedantic(FuturesExplorer, rounds=20, warmup_rounds=2)
