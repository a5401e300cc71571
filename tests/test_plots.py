"""Figures carry their description; small arrays are drawn with readable numbers."""

import io

import matplotlib.pyplot as plt
import numpy as np
import pytest
from PIL import Image

from helpers.plots import plot_numbers, with_alt

ALT = "A straight line that rises from left to right."


@pytest.fixture
def axes():
    figure, ax = plt.subplots(figsize=(3, 2))
    yield ax
    plt.close(figure)


def test_with_alt_shows_a_png_with_its_description(axes):
    axes.plot([0, 1])
    described = with_alt(axes.figure, ALT)
    data, metadata = described._repr_mimebundle_()
    assert metadata == {"image/png": {"alt": ALT}}
    assert data["text/plain"] == f"Figure: {ALT}"
    assert Image.open(io.BytesIO(data["image/png"])).size[0] > 100
    assert not plt.get_fignums()  # shown once, by the cell, and not again by the notebook


def test_with_alt_folds_white_space(axes):
    assert with_alt(axes.figure, "A line\n   that rises from left.").alt.count(" ") == 5


@pytest.mark.parametrize(
    ("figure", "alt", "error"),
    [(None, ALT, TypeError), ("axes", 3, TypeError), ("axes", "short", ValueError)],
)
def test_with_alt_says_what_is_wrong(axes, figure, alt, error):
    with pytest.raises(error, match="must"):
        with_alt(axes.figure if figure == "axes" else figure, alt)


def test_style_can_be_used_by_name():
    with plt.style.context("helpers.course"):
        assert plt.rcParams["axes.prop_cycle"].by_key()["color"][0] == "#0072B2"
        assert plt.rcParams["font.size"] >= 12


@pytest.mark.parametrize("shape", [(2, 3), (3, 2), (1, 1), (4, 9)])
def test_plot_numbers_writes_every_number_in_its_place(axes, shape):
    values = np.arange(np.prod(shape)).reshape(shape) - 2.0
    picture = plot_numbers(values, axes, decimals=1, title="numbers")
    assert picture.get_array().shape == shape
    written = {text.get_position(): text.get_text() for text in axes.texts}
    expected = {(j, i): f"{v:.1f}".replace("-", "−") for (i, j), v in np.ndenumerate(values)}
    assert written == expected
    assert axes.get_title() == "numbers"


def test_plot_numbers_names_its_cells(axes):
    plot_numbers([[1, 2]], axes, names=[["p1", "p2"]], decimals=0)
    assert [text.get_text() for text in axes.texts] == ["p1\n1", "p2\n2"]


def test_plot_numbers_writes_a_true_minus_and_no_negative_zero(axes):
    plot_numbers([[-1.25, -0.001, 0]], axes)
    assert [text.get_text() for text in axes.texts] == ["−1.25", "0.00", "0.00"]


def test_plot_numbers_writes_light_on_dark_and_dark_on_light(axes):
    plot_numbers([[-1, 0, 1]], axes)
    assert [text.get_color() for text in axes.texts] == ["white", "black", "black"]


def test_plot_numbers_survives_zeros_and_refuses_other_shapes(axes):
    plot_numbers(np.zeros((2, 2)), axes)
    with pytest.raises(ValueError, match=r"\(2, 2, 2\)"):
        plot_numbers(np.zeros((2, 2, 2)), axes)
