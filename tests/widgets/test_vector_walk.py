"""The walk between two vectors without a browser: its points, distances, controls and words."""

import doctest
import math
import re
from functools import cache

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from live_widgets import (
    NO_PLACES,
    assert_no_place,
    assert_taken_back,
    assert_well_drawn,
    controls_of,
    do,
    drawing_of,
    embedded_pictures,
    figure_of,
    places_of_the_mouse,
    refused,
)
from scipy.spatial.distance import cdist
from sklearn.exceptions import NotFittedError
from sklearn.neural_network import MLPRegressor

from helpers.models import ImageRegressor
from helpers.widgets import VectorWalk, vector_walk
from helpers.widgets.pictures import walk

HEIGHT, WIDTH, N_PICTURES, N_LATENT = 6, 9, 12, 5


@cache
def trained():
    """Vectors, pictures that are not square, and a briefly trained model."""
    rng = np.random.default_rng(0)
    Z = rng.normal(size=(N_PICTURES, N_LATENT))
    pictures = rng.uniform(size=(N_PICTURES, HEIGHT, WIDTH))
    model = ImageRegressor(
        (16,), image_shape=(HEIGHT, WIDTH), output_activation="sigmoid", max_iter=30, random_state=0
    )
    return model.fit(Z, pictures.reshape(N_PICTURES, -1)), pictures, Z


def vector_walk_of(**options):
    return VectorWalk(*trained(), **options)


class Generator:
    """As a GAN is: it generates, pixels in −1 … 1, and knows no training vectors."""

    n_latent = 4

    def __init__(self):
        self._weights = np.random.default_rng(3).normal(size=(4, HEIGHT * WIDTH))

    def generate(self, Z):
        return np.tanh(Z @ self._weights)

    def predict(self, Z):
        raise AssertionError("a model that generates is not asked to predict")


def gan_walk(**options):
    _, pictures, _ = trained()
    return VectorWalk(Generator(), 2 * pictures - 1, pixel_range=(-1, 1), **options)


# ------------------------------------------------------------------------ the way


@pytest.mark.parametrize("path", ["straight", "round"])
def test_a_way_begins_and_ends_where_it_should(path):
    start, end = np.array([3.0, 0.0, 1.0]), np.array([0.0, -2.0, 0.5])
    Z = walk(start, end, np.array([0, 1]), path)
    np.testing.assert_allclose(Z, [start, end], atol=1e-12)


def test_the_straight_way_is_straight():
    start, end = np.array([1.0, 2.0]), np.array([5.0, -2.0])
    np.testing.assert_allclose(walk(start, end, np.array([0.25])), [[2, 1]])


def test_the_way_round_the_origin_keeps_the_length_and_turns_evenly():
    start, end = np.array([2.0, 0.0]), np.array([0.0, 2.0])
    Z = walk(start, end, np.linspace(0, 1, 7), "round")
    np.testing.assert_allclose(np.linalg.norm(Z, axis=1), 2)
    np.testing.assert_allclose(np.arctan2(Z[:, 1], Z[:, 0]), np.linspace(0, np.pi / 2, 7))
    longer = walk(start, 2 * end, np.array([0.5]), "round")
    np.testing.assert_allclose(np.linalg.norm(longer), 3)


@pytest.mark.parametrize("end", [[0.0, 0.0], [2.0, 0.0], [-1.0, 0.0]], ids=str)
def test_where_there_is_no_round_way_it_is_straight(end):
    start, t = np.array([1.0, 0.0]), np.linspace(0, 1, 5)
    expected = walk(start, np.array(end), t)
    np.testing.assert_allclose(walk(start, np.array(end), t, "round"), expected, atol=1e-6)


# ---------------------------------------------------------------- what the walk finds


def test_picture_vector_and_nearest_equal_brute_force():
    model, pictures, Z = trained()
    w = vector_walk_of(start=2, end=7)
    for t in (0, 0.25, 1):
        w.t = t
        vector = (1 - t) * Z[2] + t * Z[7]
        np.testing.assert_allclose(w.vector, vector)
        picture = model.predict(vector[None]).reshape(HEIGHT, WIDTH)
        np.testing.assert_allclose(w.picture, picture)
        distances = np.sqrt(np.mean((pictures - picture) ** 2, axis=(1, 2)))
        assert w.nearest == (distances.argmin(), pytest.approx(distances.min()))
        energy = [np.mean(np.diff(p, axis=0) ** 2) + np.mean(np.diff(p, axis=1) ** 2)
                  for p in (picture, *pictures)]  # fmt: skip
        assert w.sharpness == pytest.approx(energy[0] / np.mean(energy[1:]))


def test_the_usual_gap_and_the_curve_equal_brute_force():
    model, pictures, Z = trained()
    rows = pictures.reshape(N_PICTURES, -1)
    apart = cdist(rows, rows) + np.diag(np.full(N_PICTURES, np.inf))
    expected = np.median(apart.min(axis=1)) / np.sqrt(HEIGHT * WIDTH)
    w = vector_walk_of()
    assert w.state.space.usual == pytest.approx(expected)
    way = w.state.way
    made = model.predict((1 - way.t[:, None]) * Z[0] + way.t[:, None] * Z[1])
    nearest = cdist(made, rows).min(axis=1) / np.sqrt(HEIGHT * WIDTH)
    np.testing.assert_allclose(way.distances, nearest)
    np.testing.assert_allclose(way.strip[3], made[9].reshape(HEIGHT, WIDTH))


def test_a_picture_that_is_a_training_picture_is_at_no_distance():
    _, pictures, Z = trained()
    table = {tuple(z): p for z, p in zip(Z, pictures)}
    w = VectorWalk(lambda V: [table.get(tuple(v), 0 * pictures[0]) for v in V], pictures, Z)
    w.end_number, w.t = 8, 1
    assert w.nearest == (8, 0)


def test_fresh_vectors_are_standard_normal_times_the_scale():
    space = gan_walk(scale=2.5).state.space
    vectors = np.array([space.vector("fresh", seed) for seed in range(2000)])
    assert abs(vectors.mean()) < 0.08 and vectors.std() == pytest.approx(2.5, rel=0.03)
    assert (space.vector("fresh", 7) == vectors[7]).all()


def test_models_with_other_pixels_are_brought_to_0_and_1():
    _, pictures, _ = trained()
    w = gan_walk(start=4, end=9)
    np.testing.assert_allclose(w.state.space.images, pictures, atol=1e-12)
    vector = (w.state.space.vector("fresh", 4) + w.state.space.vector("fresh", 9)) / 2
    made = (Generator().generate(vector[None]) + 1) / 2
    np.testing.assert_allclose(w.picture, made.reshape(HEIGHT, WIDTH))
    assert_sound(w)


def test_other_estimators_walk_too():
    model, pictures, Z = trained()
    rows = pictures.reshape(N_PICTURES, -1)
    network = MLPRegressor(hidden_layer_sizes=(8,), max_iter=800, tol=1e-2, random_state=0).fit(
        Z, rows
    )
    w = VectorWalk(network, rows, Z, image_shape=(HEIGHT, WIDTH))
    assert w.picture.shape == (HEIGHT, WIDTH)
    assert VectorWalk(model, rows).picture.shape == (HEIGHT, WIDTH)  # the model tells both
    square = VectorWalk(lambda V: V @ np.ones((3, 16)), np.eye(16), n_latent=3)
    assert square.picture.shape == (4, 4)


# --------------------------------------------------------------------- set and read back


def test_values_from_code_are_read_back():
    w = vector_walk_of(start=3, end=4, t=0.3)
    assert (w.start_source, w.start_number, w.end_number, w.t) == ("training", 3, 4, 0.3)
    w.start_source, w.start_number = "fresh", 123456
    w.path, w.t = "round", 0.75
    assert (w.start_source, w.start_number, w.path, w.t) == ("fresh", 123456, "round", 0.75)
    assert_sound(w)
    w.start_source = "training"  # the seed is no number of a picture
    assert w.start_number == 123456 % N_PICTURES
    w.reset()
    assert (w.start_source, w.start_number, w.t, w.path) == ("training", 3, 0.3, "straight")


def test_swapping_keeps_the_picture():
    w = vector_walk_of(start=3, end=4, t=0.3)
    w.end_source = "fresh"
    before = w.picture
    w.swap()
    assert (w.start_source, w.end_source, w.end_number) == ("fresh", "training", 3)
    np.testing.assert_allclose(w.picture, before, atol=1e-9)


def test_buttons_give_fresh_and_trained_ends_and_equal_seeds_equal_ones():
    one, two = vector_walk_of(random_state=5), vector_walk_of(random_state=5)
    for w in (one, two):
        w.fresh_start()
        w.fresh_end()
    assert (one.start_source, one.end_source) == ("fresh", "fresh")
    assert one.start_number != one.end_number
    assert one.still().svg == two.still().svg
    one.two_trained()
    assert (one.start_source, one.end_source) == ("training", "training")
    assert one.start_number != one.end_number


def test_what_is_read_back_cannot_alter_the_walk():
    w = vector_walk_of()
    for name in ("vector", "picture"):
        array = getattr(w, name)
        array[...] = 9
        assert (getattr(w, name) != 9).all()


# --------------------------------------------------------------------------- the controls


def assert_sound(w):
    """The picture is well drawn, shows what the state says, and all controls agree with it."""
    assert_well_drawn(w)
    state, root = w.state, drawing_of(w)
    assert root.get("viewBox") == "0 0 900 560"
    assert root.get("aria-label").startswith("A walk between two vectors")
    shown = embedded_pictures(w)
    assert len(shown) == 13
    expected = [*state.way.strip, state.picture, state.space.images[state.nearest[0]]]
    for picture, values in zip(shown, expected):
        np.testing.assert_array_equal(picture, np.round(255 * np.clip(values, 0, 1)))
    assert f"{state.nearest[1]:.3f} from the nearest training picture, number" in w._picture.value

    c = controls_of(w)
    assert c["How far, t"].value == round(state.t * 100 / 2) * 2 or state.t * 100 % 2
    assert c["How far, t, as a number"].value == pytest.approx(state.t, rel=1e-3)
    assert c["Way"].value == state.path
    for end in ("start", "end"):
        assert c[f"{end.capitalize()}, number"].value == getattr(state, f"{end}_number")
        if end.capitalize() in c:
            assert c[end.capitalize()].value == getattr(state, f"{end}_source")


def test_every_control_is_there_and_described():
    t = ["Place of the mouse", "How far, t", "How far, t, as a number"]
    ends = ["Start", "Start, number", "End", "End, number"]
    buttons = ["Fresh start", "Fresh end", "Two trained", "Swap", "Reset"]
    assert list(controls_of(vector_walk_of())) == [*t, *ends, "Way", *buttons]
    del buttons[2]
    assert list(controls_of(gan_walk())) == [*t, *ends[1::2], "Way", *buttons]


def test_the_slider_at_minimum_default_and_maximum():
    w = vector_walk_of()
    slider = controls_of(w)["How far, t"]
    assert slider.value == 50
    for notch, t in ((slider.min, 0), (slider.max, 1), (50, 0.5)):
        slider.value = notch
        assert w.problem is None and w.t == t
        assert_sound(w)


@pytest.mark.parametrize("end", ["Start", "End"])
def test_number_boxes_and_lists_at_their_limits(end):
    w = vector_walk_of()
    c = controls_of(w)
    for source, most in (("training", N_PICTURES - 1), ("fresh", 2**32 - 1)):
        c[end].value = source
        for number in (0, most):
            c[f"{end}, number"].value = number
            assert w.problem is None
            assert_sound(w)
        for number in (-1, most + 1):
            assert_taken_back(w, f"{end}, number", number)
            assert f"from 0 to {most}; given {number}" in w.notice
            assert_sound(w)
        w.change(**{f"{end.lower()}_number": 0})


def test_the_mouse_moves_t_and_finds_the_middle_of_each_frame():
    w = vector_walk_of()
    pointer = controls_of(w)["Place of the mouse"]
    root = drawing_of(w)
    [area] = [e for e in root.iter() if e.get("class") == "live-area"]
    left, width = float(area.get("x")), float(area.get("width"))
    frames = list(root.iter("image"))[:11]
    for k, frame in enumerate(frames):
        middle = float(frame.get("x")) + float(frame.get("width")) / 2
        pointer.value = f"{(middle - left) / width:.4f} 0.4 {k}"
        assert w.t == pytest.approx(k / 10, abs=1e-3)
        np.testing.assert_allclose(w.picture, w.state.way.strip[k], atol=0.02)
        assert_sound(w)
    for across, t in ((0, 0), (1, 1)):
        pointer.value = f"{across} 0.9 77"
        assert w.t == t


@pytest.mark.parametrize("words", NO_PLACES)
def test_no_place_is_explained_and_changes_nothing(words):
    assert_no_place(vector_walk_of(), words)


seeds = st.integers(-2, 2**31 - 1) | st.integers(0, N_PICTURES)
interactions = st.one_of(
    st.tuples(st.just("How far, t"), st.integers(0, 50).map(lambda k: 2 * k)),
    st.tuples(st.just("How far, t, as a number"), st.floats(-0.2, 1.2)),
    st.tuples(st.sampled_from(["Start", "End"]), st.sampled_from(["training", "fresh"])),
    st.tuples(st.sampled_from(["Start, number", "End, number"]), seeds),
    st.tuples(st.just("Way"), st.sampled_from(["straight", "round"])),
    st.tuples(
        st.sampled_from(["Fresh start", "Fresh end", "Two trained", "Swap", "Reset"]), st.none()
    ),
    st.tuples(st.just("Place of the mouse"), places_of_the_mouse),
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(interactions, max_size=10))
def test_any_sequence_of_interactions(sequence):
    w = vector_walk_of()
    for what, value in sequence:
        do(w, what, value)
        # What cannot be is told in words; nothing else goes wrong.
        assert w.problem is None or isinstance(w.problem, ValueError)
        assert_sound(w)


# ------------------------------------------------------------------- pictures and words


def test_the_height_stays_whatever_is_shown():
    heights = set()
    for w in (vector_walk_of(), gan_walk()):
        for t in (0, 0.37, 1):
            w.t = t
            heights.add(re.search(r'viewBox="([^"]+)"', w.still().svg).group(1))
    assert len(heights) == 1


def test_pictures_keep_their_proportions():
    for image in drawing_of(vector_walk_of()).iter("image"):
        assert float(image.get("width")) / float(image.get("height")) == pytest.approx(
            1.5, rel=1e-4
        )


def test_only_what_moves_is_drawn_anew():
    w = vector_walk_of()
    drawn = w.state.way.drawn
    w.t = 0.9
    assert w.state.way.drawn is drawn
    w.end_number = 5
    assert w.state.way.drawn != drawn


def test_the_picture_stays_small():
    assert len(vector_walk_of().still().svg) < 40_000


def test_as_text():
    w = vector_walk_of(start=2, end=5)
    w.end_source = "fresh"
    text = "VectorWalk: The straight way from training vector 2 to fresh vector 5, at t = 0.50"
    assert repr(w) == text
    assert w._repr_mimebundle_()["text/plain"] == repr(w)
    assert w.still().alt == w._describe(w.state)
    w.path = "round"
    assert "The way round the origin from" in w.still().alt


def test_the_ordinary_figure():
    w = vector_walk_of(start=2, end=5, t=0.3)
    described = figure_of(w)
    assert described.alt.startswith(w._describe(w.state))
    axes = described.figure.axes
    assert len(axes) == 23
    shown = [ax.get_images()[0].get_array() for ax in axes[:-1]]
    np.testing.assert_allclose(shown[::2], w.state.way.strip)
    numbers, _ = w.state.space.nearest(w.state.way.strip)
    np.testing.assert_allclose(shown[1::2], trained()[1][numbers])
    assert [ax.get_title() for ax in axes[1:-1:2]] == [f"no. {n}" for n in numbers]


def test_the_example_in_the_docstring():
    results = doctest.testmod(vector_walk)
    assert results.attempted > 3 and results.failed == 0


# ------------------------------------------------------------------------------ bad input

BAD_SETTINGS = [
    ("t", 1.01, ValueError, r"t must be a number from 0 to 1; given 1.01"),
    ("t", math.nan, ValueError, r"given nan"),
    ("t", "half", TypeError, r"given 'half'"),
    ("t", True, TypeError, r"given True"),
    ("path", "curved", ValueError, r"path must be 'straight' or 'round'; given 'curved'"),
    ("path", ["round"], ValueError, r"path must be"),
    ("start_source", "noise", ValueError, r"start_source must be one of 'training', 'fresh'"),
    ("end_source", None, ValueError, r"end_source must be one of .* given None"),
    ("start_number", 12, ValueError, r"number of a training picture, .* from 0 to 11; given 12"),
    ("end_number", -1, ValueError, r"given -1"),
    ("end_number", 1.0, TypeError, r"given 1.0"),
    ("end_number", False, TypeError, r"given False"),
]


@pytest.mark.parametrize(("name", "value", "error", "words"), BAD_SETTINGS)
def test_bad_settings_are_refused_in_plain_words(name, value, error, words):
    w = vector_walk_of()
    with refused(w, error, words):
        setattr(w, name, value)


def test_without_training_vectors_ends_are_fresh():
    w = gan_walk()
    with pytest.raises(ValueError, match="start_source must be one of 'fresh'; given 'training'"):
        w.start_source = "training"
    with pytest.raises(AttributeError, match="has no setting 'starting'; it has end_number"):
        w.starting = 3


PICTURES = np.random.default_rng(1).uniform(size=(4, 3, 5))
FLAT = PICTURES.reshape(4, -1)
BAD_STARTS = [
    ((ImageRegressor(), PICTURES), {}, NotFittedError, r"model must be fitted .* ImageRegressor"),
    ((ImageRegressor, PICTURES), {}, TypeError, r"given the class ImageRegressor"),
    ((3, PICTURES), {}, TypeError, r"predict or generate, or be a function .* given int"),
    ((np.sin, PICTURES), {}, ValueError, r"n_latent, the length of a vector, .* given None"),
    ((np.sin, PICTURES), {"n_latent": 0}, ValueError, r"given 0"),
    ((np.sin, PICTURES), {"n_latent": 3}, ValueError, r"a picture of shape \(3, 5\) .* \(1, 3\)"),
    ((np.sin, PICTURES[:1]), {"n_latent": 15}, ValueError, r"two rows or more"),
    ((np.sin, PICTURES + math.nan), {"n_latent": 15}, ValueError, r"finite numbers"),
    ((np.sin, [["a", "b"]] * 2), {"n_latent": 15}, TypeError, r"pictures must hold numbers"),
    ((np.sin, FLAT), {"n_latent": 15}, ValueError, r"image_shape must be .* 15 pixels"),
    ((np.sin, FLAT), {"n_latent": 15, "image_shape": 15}, ValueError, r"given 15"),
    ((np.sin, FLAT), {"n_latent": 15, "image_shape": (5, 5)}, ValueError, r"given \(5, 5\)"),
    ((np.sin, PICTURES, np.ones((3, 15))), {}, ValueError, r"each of the 4 pictures"),
    ((np.sin, PICTURES, np.ones((4, 15))), {"n_latent": 2}, ValueError, r"have 15 numbers"),
    ((np.sin, PICTURES), {"n_latent": 15, "pixel_range": (1, 1)}, ValueError, r"must rise"),
    ((np.sin, PICTURES), {"n_latent": 15, "pixel_range": 1}, ValueError, r"pair \(black, white\)"),
    ((np.sin, PICTURES), {"n_latent": 15, "scale": -1}, ValueError, r"positive number; given -1"),
    ((np.sin, PICTURES), {"n_latent": 15, "scale": "1"}, TypeError, r"given '1'"),
    ((np.sin, PICTURES), {"n_latent": 15, "start": -3}, ValueError, r"start_number, the seed"),
    ((lambda V: V / 0 * 0, PICTURES), {"n_latent": 15}, ValueError, r"model must make finite"),
]


@pytest.mark.parametrize(("given", "options", "error", "words"), BAD_STARTS)
@pytest.mark.filterwarnings("ignore:divide by zero:RuntimeWarning")
@pytest.mark.filterwarnings("ignore:invalid value:RuntimeWarning")
def test_bad_starts_are_refused_in_plain_words(given, options, error, words):
    with pytest.raises(error, match=words):
        VectorWalk(*given, **options)


@pytest.mark.parametrize(
    "pictures",
    [np.zeros((3, 2, 2)), np.ones((2, 1, 7)), 1e6 * PICTURES, PICTURES.astype(np.float32)],
    ids=["black", "one row", "huge", "single"],
)
def test_odd_pictures_are_drawn(pictures):
    n_pixels = pictures[0].size
    w = VectorWalk(lambda V: V @ np.ones((3, n_pixels)), pictures, n_latent=3)
    for t in (0, 0.5, 1):
        w.t = t
        assert_sound(w)
