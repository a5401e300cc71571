"""Texts in figures can be read: 4.5 : 1 against what lies beneath them, measured in the picture.

Those of the lessons are looked at where lessons are executed (`test_lessons_anywhere`), those of
the live pictures in a browser (`test_contrast_browser`).
"""

import matplotlib.pyplot as plt
import pytest
from contrast import contrast, figure_faults
from matplotlib.patheffects import withStroke
from stirring import LIVE, example

from helpers import widgets
from helpers.plots import plot_numbers, text_colour


@pytest.fixture(autouse=True)
def style():
    with plt.style.context("helpers.course"):
        yield
    plt.close("all")


@pytest.mark.parametrize(
    ("one", "other", "ratio"),
    [((0, 0, 0), (1, 1, 1), 21), ((1, 0, 0), (1, 1, 1), 4.0), ((0.4663,) * 3, (1, 1, 1), 4.48)],
)
def test_contrast_is_that_of_the_guidelines(one, other, ratio):
    assert contrast(one, other) == contrast(other, one) == pytest.approx(ratio, abs=0.01)


def test_pale_words_are_found_and_dark_ones_are_not():
    figure, ax = plt.subplots(figsize=(4, 3))
    ax.set(xlabel="dark", title="dark too")
    ax.text(0.5, 0.5, "orange", color="#E69F00")
    ax.text(0.5, 0.2, "faded", alpha=0.3)
    ax.axhspan(0.7, 0.9, color="#0072B2")
    ax.text(0.5, 0.8, "black on blue")
    ax.text(0.1, 0.8, "outlined", path_effects=[withStroke(linewidth=4, foreground="white")])
    ax.text(0.1, 0.3, "boxed", bbox={"facecolor": "#222222"}, color="#cccccc")
    ax.text(0.5, 0.1, "through a line")
    ax.axhline(0.13, color="black")
    faults = figure_faults(figure)
    assert sorted(fault.split("'")[1] for fault in faults) == ["black on blue", "faded", "orange"]
    ax.set_axis_off()
    assert len(figure_faults(figure)) == 3  # and hidden labels do not disturb


def test_the_style_can_be_read():
    figure, ax = plt.subplots()
    for k in range(7):
        ax.plot([0, k], label=f"line {k}")
    ax.set(xlabel="x", ylabel="y", title="title")
    ax.legend()
    assert figure_faults(figure) == []


@pytest.mark.parametrize("value", [-1, -0.8, -0.5, -0.3, 0, 0.3, 0.5, 0.8, 1])
def test_numbers_on_coloured_cells_can_be_read(value):
    figure, ax = plt.subplots(figsize=(3, 2))
    plot_numbers([[value, -value, 0.1]], ax, limit=1)
    assert figure_faults(figure) == []


def test_text_colour_has_always_the_contrast():
    for red in range(0, 256, 15):
        for green in range(0, 256, 15):
            for blue in range(0, 256, 15):
                colour = (red / 255, green / 255, blue / 255)
                word = {"black": (0, 0, 0), "white": (1, 1, 1)}[text_colour(colour)]
                assert contrast(word, colour) >= 4.5


WITH_FIGURE = [name for name in LIVE if hasattr(getattr(widgets, name), "figure")]


@pytest.mark.parametrize("name", WITH_FIGURE)
def test_the_widgets_figures_can_be_read(name):
    assert figure_faults(example(name).figure().figure) == []
