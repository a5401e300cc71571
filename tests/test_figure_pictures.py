"""Rows of grey pictures: where each stands, how large, and what is written beside it."""

import matplotlib.pyplot as plt
import numpy as np
import pytest

from helpers.figures.pictures import draw_rows, draw_strip, plot_rows, plot_side_by_side


@pytest.fixture
def ax():
    figure, ax = plt.subplots()
    yield ax
    plt.close(figure)


def shown(ax):
    return [(np.asarray(image.get_array()), image.get_extent()) for image in ax.images]


def words(ax):
    return {text.get_text(): text.get_position() for text in ax.texts}


def test_pictures_of_a_strip_stand_side_by_side_and_upright(ax):
    pictures = np.random.default_rng(0).random((3, 4, 6))
    draw_strip(ax, pictures, 2)
    for column, (picture, (left, right, bottom, top)) in enumerate(shown(ax)):
        np.testing.assert_array_equal(picture, pictures[column])
        assert column < left < right < column + 1
        assert 1.5 < top < bottom < 2.5  # heights are counted downwards, so the top comes first


def test_rows_of_different_sizes_are_drawn_equally_large(ax):
    rng = np.random.default_rng(0)
    rows = {"small": rng.random((2, 3, 3)), "large": list(rng.random((5, 8, 7)))}
    draw_rows(ax, rows, n=4, columns=["first", "second"], notes={"large": "a note"})
    assert len(ax.images) == 2 + 4
    sizes = {(extent[1] - extent[0], extent[2] - extent[3]) for _, extent in shown(ax)}
    np.testing.assert_allclose(list(sizes), 0.92)
    assert ax.get_xlim() == (0, 4) and ax.get_ylim() == (1.5, -0.5)
    said = words(ax)
    assert said["small"][0] < 0 and said["small"][1] == 0 and said["large"][1] == 1
    assert said["a note"][0] > 4 and said["a note"][1] == 1
    assert said["first"][0] == 0.5 and said["second"][0] == 1.5 and said["first"][1] < -0.5
    assert len(said) == 5


def test_grey_runs_from_0_to_1_unless_told_otherwise(ax):
    draw_rows(ax, {"half": np.full((1, 3, 2), 0.5)})
    draw_rows(ax, {"half": np.full((1, 3, 2), 0.5)}, vmin=-0.2, vmax=1.2)
    assert [image.get_clim() for image in ax.images] == [(0, 1), (-0.2, 1.2)]
    assert not ax.get_xticks().size and not any(s.get_visible() for s in ax.spines.values())


def test_a_figure_of_rows_describes_itself():
    described = plot_rows({"one": np.zeros((7, 2, 3))}, "Seven black pictures in a row.", n=5)
    assert len(described.figure.axes[0].images) == 5 and described.alt.startswith("Seven")
    assert described._png()


def test_side_by_side_each_has_its_name_and_its_caption():
    pictures = {"left": (np.zeros((2, 3)), "black"), "right": (np.ones((4, 3)), "white")}
    for some in (pictures, {"left": pictures["left"]}):
        axes = plot_side_by_side(some, "Pictures side by side, named.").figure.axes
        assert [ax.get_title() for ax in axes] == list(some)
        assert [ax.texts[0].get_text() for ax in axes] == [caption for _, caption in some.values()]
