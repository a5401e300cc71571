"""What the kernel does for one new picture of the GAN theatre, and for the training before it.

The aims: drawing 5 ms, the two-sample score 50 ms at most, and a slice of training short enough
for Stop to answer within 300 ms.
"""

import pytest

from helpers.widgets import GANTheatre
from helpers.widgets.theatre_data import make_data, two_sample_score
from helpers.widgets.theatre_picture import draw


@pytest.fixture
def theatre():
    theatre = GANTheatre()
    theatre.step(200)
    return theatre


def views_anew(theatre):
    """Forget what was computed of the views, as after a step."""
    for run in theatre._runs:
        run._present = None


@pytest.mark.parametrize("compare", [False, True])
def test_drawing_alone(benchmark, theatre, compare):
    """All arrays are there already: from a scene to its SVG string."""
    theatre.compare = compare
    benchmark.pedantic(lambda: draw(theatre.state), rounds=100, warmup_rounds=5)


@pytest.mark.parametrize("compare", [False, True])
def test_a_new_picture_after_a_step(benchmark, theatre, compare):
    """Points, scores, surface, warp and push computed, the picture drawn, the controls set."""
    theatre.compare = compare
    benchmark.pedantic(
        theatre._measure, setup=lambda: views_anew(theatre), rounds=50, warmup_rounds=5
    )


@pytest.mark.parametrize("compare", [False, True])
@pytest.mark.parametrize("loss", ["non_saturating", "wasserstein_gp"])
def test_a_slice_of_play(benchmark, theatre, compare, loss):
    """Twenty steps, or as many as fit into a slice, and the picture."""
    theatre.compare = compare
    theatre.loss = loss
    theatre._steps_left = 10**9
    benchmark.pedantic(theatre.work, rounds=30, warmup_rounds=3)


def test_a_change_of_a_setting_from_a_cell(benchmark, theatre):
    rates = iter(range(10_000))
    benchmark.pedantic(
        lambda: setattr(theatre, "r1", 0.1 + next(rates) / 1000), rounds=50, warmup_rounds=5
    )


def test_a_look_back(benchmark, theatre):
    moments = iter(range(0, 200_000))
    benchmark.pedantic(
        lambda: setattr(theatre, "moment", next(moments) * 20 % 200), rounds=50, warmup_rounds=5
    )


def test_the_two_sample_score(benchmark, theatre):
    n = theatre.state.data.n_score
    held_out = theatre.state.data.held_out
    benchmark(two_sample_score, held_out[:n], theatre.generated[:n])


@pytest.mark.parametrize("name", ["ring", "spiral"])
def test_making_data(benchmark, name):
    benchmark.pedantic(lambda: make_data(name), rounds=20, warmup_rounds=2)


def test_making_a_theatre(benchmark):
    benchmark.pedantic(GANTheatre, rounds=10, warmup_rounds=1)
