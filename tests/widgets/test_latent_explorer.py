"""The latent explorer without a browser: its pictures, measures, controls and words."""

import doctest
import math
import random
import re
from functools import cache

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from live_widgets import (
    NO_PLACES,
    assert_limits,
    assert_no_place,
    assert_well_drawn,
    controls_of,
    do,
    drawing_of,
    embedded_pictures,
    figure_of,
    places_of_the_mouse,
    refused,
    words_of,
)
from scipy.spatial.distance import cdist
from sklearn.exceptions import NotFittedError
from stirring import Stirring

from helpers.metrics import coverage, precision_recall, sharpness
from helpers.models import GAN, ConditionalImageGAN, ImageGAN
from helpers.widgets import LatentExplorer, latent_explorer, latent_space, pictures
from helpers.widgets.latent_explorer import AREA_HEIGHT, AREA_WIDTH, LEFT, TOP
from helpers.widgets.latent_space import PSIS, Deferred, LatentSpace, trained_gans
from helpers.widgets.pictures import NearestRow, tiled, walk

HEIGHT, WIDTH, N_LATENT = 5, 7, 4


def pictures_of(n, seed=0, shape=(HEIGHT, WIDTH)):
    """Rows in −1 … 1: a bright bar somewhere on dark ground, with noise."""
    rng = np.random.default_rng(seed)
    images = rng.uniform(-1, -0.6, size=(n, *shape))
    images[np.arange(n), rng.integers(shape[0], size=n)] += 1.2
    return images.reshape(n, -1)


@cache
def trained(random_state=0, labelled=False, n_latent=N_LATENT):
    gan = ImageGAN(
        (16,),
        (16,),
        n_latent,
        image_shape=(HEIGHT, WIDTH),
        max_iter=60,
        random_state=random_state,
    )
    labels = np.array(["day", "dusk", "night"])[np.arange(90) % 3] if labelled else None
    return gan.fit(pictures_of(90), labels)


def explorer_of(**options):
    """Two kinds of pictures that are not square, one of them by two generators."""
    models = {
        "bars": {"one": trained(0), "other": trained(1)},
        "hours": {"one": trained(2, labelled=True), "short": trained(3, n_latent=2)},
    }
    training = {
        "bars": pictures_of(90),
        "hours": {"one": pictures_of(80, 1), "short": pictures_of(90)},
    }
    return LatentExplorer(models, training, pictures_of(70, 9), **options)


# ------------------------------------------------------------------- what it is made of


def test_the_samples_are_those_of_the_model_and_truncation_multiplies_their_vectors():
    w = explorer_of(seed=7)
    rows = trained(0).sample(24, random_state=7)
    np.testing.assert_allclose(w.samples.reshape(24, -1), (rows + 1) / 2, atol=1e-5)
    draws = np.random.default_rng(7).standard_normal((24, N_LATENT))
    np.testing.assert_allclose(w.state.sample.vectors, draws)
    w.psi = 0.4
    np.testing.assert_allclose(w.state.sample.vectors, 0.4 * draws)
    rows = trained(0).generate(0.4 * draws)
    np.testing.assert_allclose(w.samples.reshape(24, -1), (rows + 1) / 2, atol=1e-5)


def test_samples_with_labels_are_those_of_the_model_too():
    w = explorer_of(seed=5, pictures="hours")
    rows = trained(2, labelled=True).sample(24, random_state=5)
    np.testing.assert_allclose(w.samples.reshape(24, -1), (rows + 1) / 2, atol=1e-5)
    labels = w.state.sample.labels
    assert set(labels) == {"day", "dusk", "night"}
    other = int(np.flatnonzero(labels != labels[0])[0]) + 1
    w.change(a=1, b=other)
    for t, number in ((0, 1), (0.5, 1), (0.51, other), (1, other)):
        w.t = t
        assert w.state.class_here == labels[number - 1]
        assert f"The large one of class {labels[number - 1]} lies" in w.still().alt
        expected = trained(2, labelled=True).generate(w.vector[None], [w.state.class_here])
        np.testing.assert_allclose(w.picture.ravel(), (expected[0] + 1) / 2, atol=1e-5)
    assert w.state.way.labels_at([0, 0.7]).tolist() == [labels[0], labels[other - 1]]


def test_all_samples_of_one_class():
    w = explorer_of(seed=5, pictures="hours", label="dusk")
    gan, before = trained(2, labelled=True), w.vector
    draws = np.random.default_rng(5).standard_normal((24, N_LATENT))
    expected = (gan.generate(draws, "dusk") + 1) / 2
    np.testing.assert_allclose(w.samples.reshape(24, -1), expected, atol=1e-5)
    w.change(label="night", t=0.9)
    assert w.state.class_here == "night"
    expected = (gan.generate(w.vector[None], "night") + 1) / 2
    np.testing.assert_allclose(w.picture.ravel(), expected[0], atol=1e-5)
    assert {"A: night", "B: night"} <= set(words_of(w))
    w.change(label="any", t=0.5)
    np.testing.assert_array_equal(w.vector, before)  # the class is no part of the vector
    assert_sound(w)
    w.label = "dusk"
    w.generator = "short"  # which knows no classes
    assert w.label == "any"
    assert_sound(w)
    with pytest.raises(ValueError, match="label must be one of 'any'; got 'dusk'"):
        w.label = "dusk"


def test_the_nearest_of_many_rows_is_found_exactly():
    rng = np.random.default_rng(0)
    rows = (rng.normal(size=(3000, 40)) * np.geomspace(3, 0.01, 40)).astype(np.float32)
    near = [*rng.normal(size=(40, 40)), *(rows[:20] + 0.05 * rng.normal(size=(20, 40))), *rows[:9]]
    for n_directions in (1, 8, 40, 100):
        search = NearestRow(rows, n_directions)
        for row in near:
            distances = ((rows.astype(float) - row) ** 2).sum(axis=1)
            assert distances[search.find(row)] == pytest.approx(distances.min(), abs=1e-9)
    same = NearestRow(np.ones((5, 4), dtype=np.float32))
    assert same.find(np.ones(4)) in range(5)


@pytest.mark.parametrize("path", ["straight", "round"])
def test_the_place_reached_is_on_the_way_and_moved_along_one_coordinate(path):
    w = explorer_of(seed=2, psi=0.9, a=4, b=17, t=0.3, path=path, coordinate=3, shift=-1.25)
    draws = 0.9 * np.random.default_rng(2).standard_normal((24, N_LATENT))
    expected = walk(draws[3], draws[16], np.array([0.3]), path)[0]
    np.testing.assert_allclose(np.delete(w.vector, 2), np.delete(expected, 2))
    assert w.vector[2] == pytest.approx(expected[2] - 1.25)
    made = (trained(0).generate(w.vector[None]) + 1) / 2
    np.testing.assert_allclose(w.picture.ravel(), made[0], atol=1e-5)
    along = np.repeat(expected[None], 9, axis=0)
    along[:, 2] += np.linspace(-3, 3, 9)
    made = (trained(0).generate(along) + 1) / 2
    np.testing.assert_allclose(w.state.along[:-1].reshape(9, -1), made, atol=1e-5)
    way = walk(draws[3], draws[16], np.linspace(0, 1, 9), path)
    made = (trained(0).generate(way) + 1) / 2
    np.testing.assert_allclose(w.state.way.strip.reshape(9, -1), made, atol=1e-5)


def test_nearest_sharpness_and_usual_distance_equal_brute_force():
    w = explorer_of(t=0.2, b=9)
    training, held_out = ((pictures_of(*what) + 1) / 2 for what in ((90,), (70, 9)))
    distances = np.sqrt(((training - w.picture.ravel()) ** 2).mean(axis=1))
    assert w.nearest == (distances.argmin(), pytest.approx(distances.min(), rel=1e-4))
    images = training.reshape(-1, HEIGHT, WIDTH)
    assert w.sharpness == pytest.approx(sharpness(w.picture, images), rel=1e-4)
    nearest = cdist(held_out, training).min(axis=1) / math.sqrt(HEIGHT * WIDTH)
    assert w.state.space.usual == pytest.approx(np.median(nearest), rel=1e-4)
    alone = LatentExplorer(trained(0), pictures_of(90))
    apart = cdist(training, training) + np.diag(np.full(90, np.inf))
    expected = np.median(apart.min(axis=1)) / math.sqrt(HEIGHT * WIDTH)
    assert alone.state.space.usual == pytest.approx(expected, rel=1e-4)


@pytest.mark.parametrize("held_out", [True, False])
@pytest.mark.parametrize("psi", [0.0, 0.35, 1.0, 1.5])
def test_measures_are_those_of_the_course(held_out, psi):
    rows = pictures_of(70, 9) if held_out else None
    w = LatentExplorer(trained(0), pictures_of(90), rows, psi=psi)
    space = w.state.space
    real, others = space._reference.rows.astype(float), space._reference.others.astype(float)
    assert space.n_measured == len(real) == len(others) == (70 if held_out else 45)
    Z = psi * space._draws[0]
    fake = (trained(0).generate(Z) + 1) / 2
    for found, made in ((w.measures, fake), (w.real_measures, others)):
        # In single precision one of the rows may fall on the other side of a ball's edge.
        about = pytest.approx(precision_recall(real, made), abs=1.5 / len(real))
        assert (found.precision, found.recall) == about
        assert found.coverage == pytest.approx(coverage(real, made), abs=1.5 / len(real))
        images = [x.reshape(-1, HEIGHT, WIDTH) for x in (made, real)]
        assert found.sharpness == pytest.approx(sharpness(*images), rel=1e-3)
        spread = [cdist(x, x).sum() for x in (made, real)]
        assert found.spread == pytest.approx(spread[0] / spread[1], abs=1e-3)


def test_real_pictures_are_measured_against_others_than_themselves():
    space = LatentExplorer(trained(0), pictures_of(90)).state.space
    assert cdist(space._reference.rows, space._reference.others).min() > 0
    rows = np.concatenate([space._reference.rows, space._reference.others])
    expected = (pictures_of(90) + 1) / 2
    np.testing.assert_allclose(np.sort(rows, axis=0), np.sort(expected, axis=0), atol=1e-6)


def test_the_curve_is_what_is_measured_at_each_truncation():
    w = explorer_of()
    curve = w.state.space.curve
    assert len(curve) == len(PSIS) == 16
    for psi in (0.0, 0.5, 1.5):
        w.psi = psi
        assert w.measures == curve[PSIS.index(psi)]
    assert curve[0].spread == 0 and curve[0].recall == 0
    assert all(a.spread < b.spread for a, b in zip(curve, curve[1:]))


def test_measuring_leaves_the_model_as_it_is():
    gan = trained(0)
    before = gan.averaged_generator_.parameters.copy(), gan.sample(3, random_state=0)
    explorer_of(psi=0.7)
    np.testing.assert_array_equal(gan.averaged_generator_.parameters, before[0])
    np.testing.assert_array_equal(gan.sample(3, random_state=0), before[1])


def test_batch_normalisation_makes_pictures_as_it_does_in_use():
    gan = ImageGAN((16,), (16,), 3, batch_normalisation=True, max_iter=20, random_state=0)
    gan.fit(pictures_of(40, shape=(4, 4)))
    w = LatentExplorer(gan, pictures_of(40, shape=(4, 4)))
    made = (gan.sample(24, random_state=0) + 1) / 2
    np.testing.assert_allclose(w.samples.reshape(24, -1), made, atol=1e-5)


def test_other_pixel_ranges_and_other_gans():
    gan = GAN((8,), (8,), 3, output_activation="sigmoid", max_iter=5, random_state=0)
    training = (pictures_of(30, shape=(4, 4)) + 1) / 2
    w = LatentExplorer({"squares": gan.fit(training)}, training, pixel_range=(0, 1))
    assert w.samples.shape == (24, 4, 4)
    np.testing.assert_allclose(w.state.space.rows, training, atol=1e-6)
    assert (w.pictures, w.generator) == ("squares", "1")
    assert_sound(w)


# ------------------------------------------------------------------ those of the course


def test_the_models_of_the_course_and_their_pictures():
    w = LatentExplorer()
    protocol = trained_gans().protocol
    assert list(w.state.spaces) == protocol["kinds"]
    for kind in protocol["kinds"]:
        assert list(w.state.spaces[kind]) == [str(seed) for seed in protocol["seeds"]]
        w.pictures = kind
        name = f"{kind} {w.generator}"
        made = (trained_gans().estimators[name].sample(24, random_state=w.seed) + 1) / 2
        np.testing.assert_allclose(w.samples.reshape(24, -1), made, atol=1e-4)
        assert_sound(w)
    assert w.state.space.n_measured == 400
    # What one can see: sharper and more varied with ψ; quality and variety pull apart.
    curve = w.state.space.curve
    assert curve[3].recall < 0.5 * curve[10].recall
    assert curve[15].precision < curve[8].precision
    assert min(w.real_measures[:3]) > 0.9


# --------------------------------------------------------------------- set and read back

STATE = {"psi": 0.3, "seed": 4, "a": 24, "b": 7, "t": 0.125, "path": "round", "coordinate": 4}
STATE |= {"shift": -2.5, "generator": "other", "next_end": "B"}


def test_values_from_code_are_read_back():
    w = explorer_of()
    for name, value in STATE.items():
        setattr(w, name, value)
        assert getattr(w, name) == value
        assert_sound(w)
    w.reset()
    assert (w.psi, w.seed, w.a, w.b, w.t, w.path) == (1, 0, 1, 2, 0.5, "straight")
    assert (w.coordinate, w.shift, w.generator, w.next_end) == (1, 0, "one", "A")


def test_values_to_begin_with_are_what_reset_returns_to():
    options = {name: value for name, value in STATE.items() if name != "next_end"}
    w = explorer_of(**options)
    w.new_seed()
    w.change(pictures="hours", psi=1, a=1)
    w.reset()
    assert {name: getattr(w, name) for name in options} == options
    assert w.pictures == "bars"
    assert_sound(w)


def test_with_other_pictures_the_generator_and_the_coordinate_follow():
    w = explorer_of(coordinate=4)
    w.pictures = "hours"
    assert (w.generator, w.coordinate) == ("one", 4)
    w.generator = "short"
    assert w.coordinate == 2
    assert_sound(w)
    w.pictures = "bars"  # which has no such generator
    assert (w.generator, w.coordinate) == ("one", 2)
    w.change(pictures="hours", generator="short", coordinate=1)
    assert (w.pictures, w.generator, w.coordinate) == ("hours", "short", 1)
    assert_sound(w)


def test_swapping_keeps_the_picture():
    w = explorer_of(a=3, b=14, t=0.2, shift=0.5)
    before = w.picture
    w.swap()
    assert (w.a, w.b, w.t) == (14, 3, 0.8)
    np.testing.assert_allclose(w.picture, before, atol=1e-5)


def test_seeds_of_the_button_depend_on_its_own_seed_alone():
    one, two, other = explorer_of(), explorer_of(), explorer_of(random_state=1)
    for w in (one, two, other):
        w.new_seed()
    assert one.seed == two.seed != other.seed
    assert one.still().svg == two.still().svg


def test_what_is_read_back_cannot_alter_the_picture():
    w = explorer_of()
    for name in ("samples", "vector", "picture"):
        getattr(w, name)[...] = 9
        assert (getattr(w, name) != 9).all()


BAD_SETTINGS = [
    ("pictures", "dogs", ValueError, r"pictures must be one of 'bars', 'hours'; got 'dogs'"),
    ("pictures", 3, TypeError, r"got 3"),
    ("pictures", ["bars"], TypeError, r"got \['bars'\]"),
    ("generator", "third", ValueError, r"generator must be one of 'one', 'other'; got 'third'"),
    ("generator", None, TypeError, r"got None"),
    ("seed", -1, ValueError, r"seed must be a whole number from 0 to 4294967295; got -1"),
    ("seed", 2**32, ValueError, r"got 4294967296"),
    ("seed", 1.0, TypeError, r"got 1.0"),
    ("psi", 1.51, ValueError, r"psi must be a finite number at least 0 and at most 1.5; got 1.51"),
    ("psi", -0.1, ValueError, r"got -0.1"),
    ("psi", math.nan, ValueError, r"got nan"),
    ("psi", True, TypeError, r"got True"),
    ("a", 0, ValueError, r"a must be a whole number from 1 to 24; got 0"),
    ("b", 25, ValueError, r"b must be a whole number from 1 to 24; got 25"),
    ("b", "2", TypeError, r"got '2'"),
    ("t", 1.01, ValueError, r"t must be a finite number at least 0 and at most 1; got 1.01"),
    ("t", None, TypeError, r"got None"),
    ("path", "curved", ValueError, r"path must be one of 'straight', 'round'; got 'curved'"),
    ("coordinate", 5, ValueError, r"coordinate must be a whole number from 1 to 4; got 5"),
    ("coordinate", 0, ValueError, r"got 0"),
    ("shift", 3.1, ValueError, r"shift must be a finite number at least -3 and at most 3; got 3.1"),
    ("shift", math.inf, ValueError, r"got inf"),
    ("label", "noon", ValueError, r"label must be one of 'any'; got 'noon'"),
    ("next_end", "C", ValueError, r"next_end must be one of 'A', 'B'; got 'C'"),
]


@pytest.mark.parametrize(("name", "value", "error", "words"), BAD_SETTINGS)
def test_bad_settings_are_refused_in_plain_words(name, value, error, words):
    w = explorer_of()
    with refused(w, error, words):
        setattr(w, name, value)
    if name not in ("next_end", "generator"):
        with pytest.raises(error, match=words):
            explorer_of(**{name: value})


ROWS = pictures_of(40)
BAD_STARTS = [
    ((None, ROWS), ValueError, r"training and held_out go with models"),
    ((ImageGAN(),), ValueError, r"training, the pictures .* must be given"),
    ((ImageGAN(), ROWS), NotFittedError, r"models must be fitted before"),
    ((ImageGAN, ROWS), TypeError, r"must be fitted ImageGANs, .* given ImageGAN"),
    ((ConditionalImageGAN(), ROWS), TypeError, r"given ConditionalImageGAN"),
    (({}, ROWS), ValueError, r"one model or more; given none"),
    (({"bars": {}}, ROWS), ValueError, r"one model of 'bars' or more"),
    (({"bars": 3}, ROWS), TypeError, r"given int"),
    (({"bars": trained()}, {"cats": ROWS}), ValueError, r"an entry 'bars'; given \['cats'\]"),
    (({"bars": {"x": trained()}}, {"bars": {}}), ValueError, r"an entry 'x'; given \[\]"),
    ((trained(), ROWS, {"dogs": ROWS}), ValueError, r"held_out must have an entry 'pictures'"),
    ((trained(), ROWS[:, 1:]), ValueError, r"training must hold pictures of 35 pixels"),
    ((trained(), ROWS, ROWS[:, 1:]), ValueError, r"held_out must hold pictures of 35 pixels"),
    ((trained(), ROWS[:11]), ValueError, r"training must hold 12 pictures or more; given 11"),
    ((trained(), np.full((20, 35), np.nan)), ValueError, r"training must hold finite numbers"),
    ((trained(), [["a"] * 35] * 20), TypeError, r"training must hold numbers"),
    ((GAN(max_iter=1).fit(ROWS[:, :34]), ROWS), ValueError, r"grey pictures .* 34 numbers"),
]


@pytest.mark.parametrize(("arguments", "error", "words"), BAD_STARTS)
def test_bad_starts_are_refused_in_plain_words(arguments, error, words):
    with pytest.raises(error, match=words):
        LatentExplorer(*arguments)


def test_colours_bad_ranges_and_diverged_models_are_refused():
    rows = np.tile(ROWS, 3)
    colourful = ImageGAN((8,), (8,), 2, image_shape=(5, 7, 3), max_iter=1).fit(rows)
    with pytest.raises(ValueError, match=r"grey pictures .* \(5, 7, 3\) and 105 numbers"):
        LatentExplorer(colourful, rows)
    with pytest.raises(ValueError, match="pixel_range must rise"):
        LatentExplorer(trained(), ROWS, pixel_range=(1, -1))
    diverged = ImageGAN((8,), (8,), 2, image_shape=(5, 7, 1), max_iter=1).fit(ROWS)
    assert LatentExplorer(diverged, ROWS).picture.shape == (5, 7)
    diverged.averaged_generator_.parameters[3] = np.nan
    with pytest.raises(ValueError, match="finite numbers; one holds NaN or infinity"):
        LatentExplorer(diverged, ROWS)


def test_an_unknown_setting_is_an_error():
    with pytest.raises(AttributeError, match="a, b, coordinate, generator, label, next_end, path"):
        explorer_of().truncation = 1


# --------------------------------------------------------------------------- the controls


def as_grey(picture):
    return np.round(255 * np.clip(picture, 0, 1))


def assert_sound(w):
    """The picture is well drawn, shows what the state says, and all controls agree with it."""
    assert_well_drawn(w)
    state = w.state
    assert drawing_of(w).get("viewBox") == "0 0 900 424"
    shown = embedded_pictures(w)
    expected = [
        tiled(state.sample.pictures, 8),
        tiled(state.way.strip, 9),
        tiled(state.along[:-1], 9),
        state.picture,
        state.space.images[state.nearest[0]],
    ]
    assert len(shown) == len(expected)
    for picture, values in zip(shown, expected):
        np.testing.assert_array_equal(picture, as_grey(values))
    words = words_of(w)
    assert f"24 samples; a click makes one {state.next_end}" in words
    assert f"sharpness {state.sharpness:.2f}" in words
    assert f"distance {state.nearest[1]:.3f}" in words
    table = [f"{value:.2f}" for pair in zip(w.measures, w.real_measures) for value in pair]
    start = words.index("precision")
    assert [words[start + 3 * k + j] for k in range(5) for j in (1, 2)] == table

    c = controls_of(w)
    assert c["Pictures"].value == state.pictures
    assert list(c["Generator"].options) == list(state.spaces[state.pictures])
    assert c["Generator"].value == state.generator
    assert list(c["Class"].options) == state.space.labels
    assert c["Class"].value == state.label
    assert (c["A, sample"].value, c["B, sample"].value) == (state.a, state.b)
    assert (c["Way"].value, c["Click chooses"].value) == (state.path, state.next_end)
    assert c["Coordinate"].value == state.coordinate
    if state.seed < 2**31:
        assert c["Seed"].value == state.seed
    for name, value in (("Truncation ψ", state.psi), ("How far, t", state.t)):
        assert c[f"{name}, as a number"].value == pytest.approx(value, rel=1e-3)
    assert c["Move it by, as a number"].value == pytest.approx(state.shift, rel=1e-3)


def test_every_control_is_there_and_described():
    names = ["Place of the mouse", "Pictures", "Generator", "Class", "Seed", "New seed", "Reset"]
    names += ["Truncation ψ", "Truncation ψ, as a number", "How far, t", "How far, t, as a number"]
    names += ["A, sample", "B, sample", "Click chooses", "Way", "Swap"]
    names += ["Coordinate", "Move it by", "Move it by, as a number"]
    assert list(controls_of(explorer_of())) == names


SLIDERS = {"Truncation ψ": ("psi", 0, 1.5), "How far, t": ("t", 0, 1)}
SLIDERS |= {"Move it by": ("shift", -3, 3)}


@pytest.mark.parametrize("name", SLIDERS)
def test_sliders_at_minimum_maximum_and_default(name):
    w = explorer_of()
    slider, (setting, low, high) = controls_of(w)[name], SLIDERS[name]
    default, notch = getattr(w, setting), slider.value
    for place, value in ((slider.min, low), (slider.max, high), (notch, default)):
        slider.value = place
        assert w.problem is None and getattr(w, setting) == value
        assert_sound(w)


@pytest.mark.parametrize(
    ("name", "setting", "low", "high"),
    [
        ("A, sample", "a", 1, 24),
        ("B, sample", "b", 1, 24),
        ("Coordinate", "coordinate", 1, 4),
        ("Seed", "seed", 0, 2**31 - 1),
        ("Truncation ψ, as a number", "psi", 0, 1.5),
        ("How far, t, as a number", "t", 0, 1),
        ("Move it by, as a number", "shift", -3, 3),
    ],
)
def test_boxes_at_their_limits_and_beyond(name, setting, low, high):
    assert_limits(explorer_of(), name, setting, low, high, assert_sound)


@pytest.mark.parametrize("name", ["Pictures", "Generator", "Class", "Click chooses", "Way"])
def test_lists_at_each_of_their_entries(name):
    w = explorer_of(pictures="hours")
    control = controls_of(w)[name]
    values = [option[1] if isinstance(option, tuple) else option for option in control.options]
    for value in [*values[::-1], *values]:
        control.value = value
        assert w.problem is None
        assert_sound(w)


def place_of(x, y):
    """What the pointer says of a place, given in the units of the picture."""
    return f"{(x - LEFT) / AREA_WIDTH:.6f} {1 - (y - TOP) / AREA_HEIGHT:.6f}"


def test_a_click_makes_a_sample_an_end_by_turns():
    w = explorer_of()
    pointer = controls_of(w)["Place of the mouse"]
    for time, (number, end) in enumerate([(24, "a"), (1, "b"), (10, "a"), (10, "b")]):
        row, column = divmod(number - 1, 8)
        place = place_of(LEFT + 54 * column + 25, TOP + 54 * row + 25)
        pointer.value = f"{place} {time}"
        assert getattr(w, end) == number
        pointer.value = f"{place_of(LEFT + 5, TOP + 5)} {time}"  # a drag in the grid does nothing
        assert getattr(w, end) == number
        assert_sound(w)
    assert (w.a, w.b, w.next_end) == (10, 10, "A")
    w.next_end = "B"
    pointer.value = f"{place_of(LEFT + 60, TOP + 5)} 99"
    assert (w.a, w.b, w.next_end) == (10, 2, "A")


def test_every_sample_can_be_clicked_where_it_is_drawn():
    w = explorer_of()
    pointer = controls_of(w)["Place of the mouse"]
    grid = next(drawing_of(w).iter("image"))
    x, y, width, height = (float(grid.get(name)) for name in ("x", "y", "width", "height"))
    scale = width / (8 * 8 - 1)  # eight squares of seven pixels, with seven lines between them
    assert height == pytest.approx(scale * (3 * 8 - 1), rel=1e-3)
    for number in range(1, 25):
        row, column = divmod(number - 1, 8)
        for within in (0.2, 6.8):
            w.next_end = "B"
            place = place_of(x + scale * (8 * column + within), y + scale * (8 * row + within))
            pointer.value = f"{place} {number}{within}"
            assert w.b == number


@pytest.mark.parametrize(("strip", "setting", "low", "high"), [(1, "t", 0, 1), (2, "shift", -3, 3)])
def test_the_strips_are_pressed_and_dragged(strip, setting, low, high):
    w = explorer_of(b=12)
    pointer = controls_of(w)["Place of the mouse"]
    image = list(drawing_of(w).iter("image"))[strip]
    x, y, width = (float(image.get(name)) for name in ("x", "y", "width"))
    scale = width / (9 * 8 - 1)
    for k in (8, 0, 3, 5):
        place = place_of(x + scale * (8 * k + 3.5), y + 20)
        pointer.value = f"{place} 7{k}"
        assert getattr(w, setting) == pytest.approx(low + k / 8 * (high - low), abs=1e-3)
        shown = w.state.way.strip[k] if strip == 1 else w.state.along[k]
        np.testing.assert_allclose(w.picture, shown, atol=5e-3)
        assert_sound(w)
    pointer.value = f"{place_of(LEFT, TOP)} 75"  # dragged away, even into the grid
    assert getattr(w, setting) == low
    assert (w.a, w.b) == (1, 12)
    pointer.value = f"{place_of(LEFT + AREA_WIDTH, y + 5)} 75"
    assert getattr(w, setting) == high
    before = w.state
    pointer.value = f"{place_of(LEFT + 50, TOP + 180)} 99"  # a press on a title
    pointer.value = f"{place_of(LEFT + 90, y + 5)} 99"
    assert w.state is before


@pytest.mark.parametrize("words", [*NO_PLACES, "2 0.5 3", "0.5 -1 3"])
def test_no_place_is_explained_and_changes_nothing(words):
    assert_no_place(explorer_of(), words)


def numbers_from(low, high):
    return st.integers(low, high) | st.integers(low - 2, high + 2)


interactions = st.one_of(
    st.tuples(st.just("Pictures"), st.sampled_from(["bars", "hours"])),
    st.tuples(st.sampled_from(["Generator", "Class"]), st.integers(0, 3)),
    st.tuples(st.just("Seed"), numbers_from(0, 2**31 - 3)),
    st.tuples(st.sampled_from(["A, sample", "B, sample"]), numbers_from(1, 24)),
    st.tuples(st.just("Coordinate"), numbers_from(1, 4)),
    st.tuples(st.just("Click chooses"), st.sampled_from(["A", "B"])),
    st.tuples(st.just("Way"), st.sampled_from(["straight", "round"])),
    st.tuples(st.just("Truncation ψ"), st.integers(0, 15)),
    st.tuples(st.just("Truncation ψ, as a number"), st.floats(-0.2, 1.7)),
    st.tuples(st.just("How far, t"), st.integers(0, 50).map(lambda k: 2 * k)),
    st.tuples(st.just("How far, t, as a number"), st.floats(-0.2, 1.2)),
    st.tuples(st.just("Move it by"), st.integers(-12, 12).map(lambda k: 25 * k)),
    st.tuples(st.just("Move it by, as a number"), st.floats(-3.2, 3.2)),
    st.tuples(st.just("Place of the mouse"), places_of_the_mouse),
    st.tuples(st.sampled_from(["New seed", "Swap", "Reset"]), st.none()),
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(interactions, min_size=4, max_size=10))
def test_any_sequence_of_interactions(sequence):
    w = explorer_of()
    c = controls_of(w)
    for what, value in sequence:
        if what in ("Generator", "Class"):
            c[what].index = value % len(c[what].options)
        else:
            do(w, what, value)
        # What cannot be is told in words; nothing else goes wrong.
        assert w.problem is None or isinstance(w.problem, ValueError)
        assert_sound(w)


def test_three_hundred_random_interactions():
    stirring = Stirring(explorer_of(), random.Random(0))
    for _ in range(300):
        stirring.stir()
        assert_sound(stirring.widget)


# ------------------------------------------------------------------- pictures and words


def test_the_height_stays_whatever_is_shown():
    heights = set()
    for w in (explorer_of(), LatentExplorer(), explorer_of(pictures="hours", psi=0)):
        heights.add(re.search(r'viewBox="([^"]+)"', w.still().svg).group(1))
    assert len(heights) == 1


def test_pictures_keep_their_proportions():
    images = list(drawing_of(explorer_of()).iter("image"))
    for image in images[-2:]:
        ratio = float(image.get("width")) / float(image.get("height"))
        assert ratio == pytest.approx(WIDTH / HEIGHT, rel=1e-4)


def test_tiles_stand_in_squares_with_white_lines_between_them():
    images = np.arange(6 * 2 * 3).reshape(6, 2, 3) / 100.0
    tiles = tiled(images, 3)
    assert tiles.shape == (2 * 4 - 1, 3 * 4 - 1)
    for k, image in enumerate(images):
        row, column = divmod(k, 3)
        np.testing.assert_array_equal(tiles[4 * row :, 4 * column :][:2, :3], image)
    assert (tiles[3] == 1).all() and (tiles[:, 3] == 1).all() and (tiles[2] == 1).all()


def test_only_what_changes_is_drawn_anew():
    w = explorer_of()
    grid, strip = w.state.sample, w.state.way
    assert grid.drawn and strip.drawn
    w.change(t=0.9, shift=2.0, coordinate=2)
    assert w.state.sample is grid and w.state.way is strip
    w.b = 9
    assert w.state.sample is grid and w.state.way is not strip
    w.psi = 0.5
    assert w.state.sample is not grid


def test_the_picture_stays_small():
    for kind in ("digits", "cats"):
        assert len(LatentExplorer(pictures=kind).still().svg) < 40_000


def test_as_text():
    w = explorer_of(seed=5, psi=0.8, a=3, b=4, coordinate=2, shift=-0.5)
    expected = "LatentExplorer: Pictures of bars by generator one, seed 5, ψ = 0.80"
    assert repr(w) == expected
    assert w._repr_mimebundle_()["text/plain"] == repr(w)
    said = w.still().alt
    assert said == w._describe(w.state)
    assert "on the way straight from A (sample 3) to B (sample 4), z2 moved by −0.50." in said
    assert f"precision is {w.measures.precision:.2f}, recall {w.measures.recall:.2f}" in said
    assert f"training picture {w.nearest[0]} is nearest, {w.nearest[1]:.3f} away" in said
    w.path = "round"
    assert "on the way round the origin from A" in w.still().alt


def test_there_is_a_figure_for_where_no_kernel_runs():
    w = explorer_of(a=3, b=12, psi=0.7, coordinate=2, shift=1.5)
    described = figure_of(w)
    assert described.alt == " ".join(w.still().alt.split())
    shown = {ax.get_title(): ax for ax in described.figure.axes}
    assert len(shown) == 6
    grid = shown["samples of seed 0"]
    np.testing.assert_allclose(grid.get_images()[0].get_array(), tiled(w.samples, 8))
    assert [text.get_text() for text in grid.texts] == ["A", "B"]
    corners = [patch.get_xy() for patch in grid.patches]
    assert corners == [(2 * 8 - 0.5, -0.5), (3 * 8 - 0.5, 8 - 0.5)]
    curve = shown["ψ = 0.70"]
    for line, name in zip(curve.lines, ("precision", "recall")):
        expected = [getattr(m, name) for m in w.state.space.curve]
        np.testing.assert_allclose(line.get_ydata(), expected)


def test_a_model_that_is_not_ready_is_announced_before_it_is_made(monkeypatch):
    w = explorer_of()
    seen, space = [], w.state.spaces["hours"]["one"]()

    def make():
        seen.append((w.pictures, w._picture.value))
        return space

    monkeypatch.setitem(w.state.spaces["hours"], "one", Deferred(make))
    w.pictures = "hours"
    assert len(seen) == 1 and seen[0][0] == "bars"
    assert "A moment: the training pictures are being made." in seen[0][1]
    assert not w.notice
    assert_sound(w)


def test_spaces_of_the_course_are_made_once():
    one, two = LatentExplorer(), LatentExplorer()
    assert one.state.space is two.state.space
    assert isinstance(one.state.space, LatentSpace)


@pytest.mark.parametrize("module", [latent_explorer, latent_space, pictures])
def test_examples(module):
    assert doctest.testmod(module).failed == 0
