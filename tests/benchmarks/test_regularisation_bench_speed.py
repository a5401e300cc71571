"""What the kernel does for one new picture of the regularisation bench (5 ms are the aim)."""

from itertools import cycle

import matplotlib
import numpy as np
import pytest
from matplotlib.figure import Figure

from helpers.widgets import RegularisationBench
from helpers.widgets.regularisation_bench import PRIORS, draw_picture, generate


@pytest.fixture
def bench():
    return RegularisationBench(kind="vae", strength=1)


def test_drawing_of_the_regularisation_bench(benchmark, bench):
    benchmark.pedantic(draw_picture, args=(bench.state,), rounds=300, warmup_rounds=20)


def test_one_move_of_the_slider(benchmark, bench):
    """From the slider to the new picture and all controls in place; each place seen before."""
    slider = bench.children[4].children[0].children[0]
    assert slider.description == "Strength"
    places = cycle([*range(9), *range(7, 0, -1)])
    benchmark.pedantic(lambda: setattr(slider, "value", next(places)), rounds=300, warmup_rounds=20)
    assert bench.problem is None


def test_another_draw(benchmark, bench):
    """New draws, decoded and compared with codes and rows."""
    benchmark.pedantic(bench.draw_again, rounds=300, warmup_rounds=20)


@pytest.mark.parametrize("prior", PRIORS)
def test_another_draw_from_each_law(benchmark, bench, prior):
    """The mixture is fitted to the codes each time, as in the model's own `sample`."""
    bench.prior = prior
    view, seeds = bench.state.view, cycle(range(10**6))
    benchmark.pedantic(
        lambda: generate(bench.state.data, view, prior, next(seeds)), rounds=30, warmup_rounds=2
    )


def test_making_a_regularisation_bench(benchmark):
    benchmark.pedantic(RegularisationBench, rounds=20, warmup_rounds=2)


def test_the_same_picture_by_matplotlib(benchmark, bench):
    """For comparison: the same points and curves, without any of the words."""
    matplotlib.use("agg")
    state = bench.state
    view, made = state.view, state.generated
    drawn = made.H @ view.axes
    figure = Figure(figsize=(9, 6.12), dpi=100)
    panels = figure.subplots(2, 4).ravel()

    def draw():
        for axes in panels:
            axes.clear()
        panels[0].scatter(*view.flat.T, s=9)
        panels[0].scatter(*drawn.T, s=9, marker="+")
        for number, axes in enumerate(panels[1:4]):
            for row in (made.rows[number], state.data.train[made.nearest[number][0]]):
                axes.plot(row[1:33:2])
                axes.plot(row[2:33:2])
        for prior in PRIORS:
            panels[4].plot(np.arange(9), state.means("c2st", prior))
        for measure in ("train_error", "held_out_error"):
            panels[5].plot(np.arange(9), state.means(measure))
        figure.canvas.draw()

    benchmark.pedantic(draw, rounds=20, warmup_rounds=2)
