"""The diffusion explorer without a browser: its numbers, controls, pictures and words."""

import doctest
import math
from functools import cache

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from live_widgets import (
    NO_PLACES,
    assert_limits,
    assert_no_place,
    assert_taken_back,
    assert_well_drawn,
    controls_of,
    do,
    drawing_of,
    figure_of,
    places_of_the_mouse,
    refused,
    words_of,
)
from sklearn.exceptions import NotFittedError

from helpers.datasets import make_modes
from helpers.metrics import precision_recall
from helpers.models import GAN, DiffusionModel
from helpers.widgets import DiffusionExplorer, diffusion_explorer
from helpers.widgets.diffusion_explorer import (
    AREA_HEIGHT,
    AREA_WIDTH,
    CURVE_HEIGHT,
    CURVE_WIDTH,
    MIDDLE,
    PITCH,
    QUALITY_TOP,
    REACH,
    RIGHT,
    SIZE,
    SPREAD_TOP,
    STEPS,
    TOP,
)

LABELS = np.array(["day", "dusk", "night"])[np.arange(90) % 3]


@cache
def points():
    return make_modes(200, random_state=3)


@cache
def squares(n=90, side=4):
    """Rows of −1 … 1: a bright bar somewhere on dark ground, with noise."""
    rng = np.random.default_rng(0)
    images = rng.uniform(-1, -0.6, size=(n, side, side))
    images[np.arange(n), rng.integers(side, size=n)] += 1.4
    return images.reshape(n, -1)


@cache
def trained(kind):
    options = {"hidden_layer_sizes": (12,), "max_iter": 15, "random_state": 0}
    if kind == "points":
        return DiffusionModel(**options).fit(points())
    labels = LABELS if kind == "hours" else None
    return DiffusionModel(**options).fit(squares(), labels)


def explorer_of(**options):
    """Points of the plane, pictures, and pictures with labels."""
    models = {kind: trained(kind) for kind in ("points", "bars", "hours")}
    X = {"points": points(), "bars": squares(), "hours": squares().reshape(90, 4, 4)}
    return DiffusionExplorer(models, X, {"hours": LABELS}, **options)


# ------------------------------------------------------------------- what it is made of


@pytest.mark.parametrize("kind", ["points", "bars", "hours"])
@pytest.mark.parametrize(("walk", "eta"), [("deterministic", 0.0), ("ancestral", 1.0)])
def test_samples_are_walks_of_the_model(kind, walk, eta):
    w = explorer_of(data=kind, walk=walk, n_steps=3, seed=5, sample=2)
    model, rng = trained(kind), np.random.default_rng(5)
    start = rng.standard_normal((len(w.samples), model.n_features_in_))
    y = None
    if kind == "hours":
        order = rng.permutation(np.resize(np.arange(3), len(start)))
        y = np.array(["day", "dusk", "night"])[order]
    path = model.walk(start, y, n_steps=3, eta=eta, random_state=rng)
    np.testing.assert_allclose(w.samples, path[-1])
    np.testing.assert_allclose(w.path, path[:, 1])
    times, x, guess = w.state.strip
    np.testing.assert_allclose(times, [1, 2 / 3, 1 / 3, 0], atol=1e-12)
    np.testing.assert_allclose(x, path[:, 1])
    for t, row, taken in zip(times, x, guess):
        expected = model.denoise(row[None], t, None if y is None else y[1:2])
        np.testing.assert_allclose(taken, expected[0], atol=1e-10)


@pytest.mark.parametrize("kind", ["points", "bars"])
def test_noised_data_and_guesses_are_those_of_the_model(kind):
    w, model = explorer_of(data=kind, t=0.3, seed=2), trained(kind)
    X, X_t, guess = w.noised
    a, b = w.state.levels
    assert (a, b) == pytest.approx((math.cos(0.15 * math.pi), math.sin(0.15 * math.pi)))
    known = points() if kind == "points" else squares()
    assert all(np.any(np.all(np.isclose(known, row), axis=1)) for row in X)
    noise = (X_t - a * X) / b
    assert 0.5 < noise.std() < 1.5
    np.testing.assert_allclose(guess, model.denoise(X_t, 0.3))
    w.t = 0
    np.testing.assert_allclose(w.noised[0], X)
    np.testing.assert_allclose(w.noised[1], X)
    assert w.guesses.off == pytest.approx(0, abs=1e-9)
    assert w.guesses.spread == pytest.approx(1, abs=0.05)


def test_spread_and_error_of_the_guesses_by_brute_force():
    w = explorer_of(data="bars", t=0.6)
    X = squares()
    guess = trained("bars").denoise(trained("bars").add_noise(X, 0.6, 0)[0], 0.6)
    spread = math.sqrt(X.var(axis=0).sum())
    assert w.guesses.spread == pytest.approx(math.sqrt(guess.var(axis=0).sum()) / spread)
    off = math.sqrt(np.mean(np.sum((guess - X) ** 2, axis=1)))
    assert w.guesses.off == pytest.approx(off / spread)


def test_measures_are_those_of_the_course():
    w = explorer_of(data="points", n_steps=5, walk="ancestral")
    rng = np.random.default_rng(0)
    made = trained("points").sample(150, n_steps=5, eta=1, random_state=rng)
    assert w.measures == pytest.approx(precision_recall(points()[:150], made))


def test_guesses_are_cut_off_at_the_bounds_as_samples_are():
    X = squares().clip(-1, 1)
    model = DiffusionModel((12,), bounds=(-1, 1), max_iter=15, random_state=0).fit(X)
    w = DiffusionExplorer(model, X, t=0.4, n_steps=4)
    assert np.abs(model.denoise(w.noised[1], 0.4)).max() > 1
    for values in (w.noised[2], w.state.strip[2], w.samples):
        assert np.abs(values).max() <= 1
    assert_sound(w)


def test_classes_choose_data_and_samples():
    w = explorer_of(data="hours", label="dusk", n_steps=2, seed=4)
    X, _, _ = w.noised
    of_class = squares()[LABELS == "dusk"]
    assert all(np.any(np.all(np.isclose(of_class, row), axis=1)) for row in X)
    start = np.random.default_rng(4).standard_normal((21, 16))
    path = trained("hours").walk(start, np.full(21, "dusk"), n_steps=2, eta=0)
    np.testing.assert_allclose(w.samples, path[-1])
    w.data = "bars"
    assert w.label == "any"
    with pytest.raises(ValueError, match="label must be one of 'any'; got 'dusk'"):
        w.label = "dusk"


# --------------------------------------------------------------------- set and read back

STATE = {"data": "hours", "t": 0.125, "n_steps": 7, "walk": "ancestral", "label": "night"}
STATE |= {"sample": 21, "seed": 9}


def test_values_from_code_are_read_back_and_reset_returns_to_the_start():
    w = explorer_of()
    for name, value in STATE.items():
        setattr(w, name, value)
        assert getattr(w, name) == value
        assert_sound(w)
    w.reset()
    assert (w.data, w.t, w.n_steps, w.walk) == ("points", 0.5, 10, "deterministic")
    assert (w.label, w.sample, w.seed) == ("any", 1, 0)
    other = explorer_of(**STATE)
    other.new_seed()
    other.change(data="points", t=1)
    other.reset()
    assert {name: getattr(other, name) for name in STATE} == STATE


def test_with_other_data_the_sample_follows():
    w = explorer_of(sample=90)
    w.data = "bars"
    assert w.sample == 21
    assert_sound(w)


def test_what_is_read_back_cannot_alter_the_picture():
    w = explorer_of()
    for values in (w.samples, w.path, *w.noised):
        values[...] = 9
    assert max(np.abs(v).max() for v in (w.samples, w.path)) != 9
    assert all((v != 9).all() for v in w.noised)


BAD_SETTINGS = [
    ("data", "dogs", ValueError, r"data must be one of 'points', 'bars', 'hours'; got 'dogs'"),
    ("data", 3, TypeError, r"got 3"),
    ("t", -0.1, ValueError, r"t must be a finite number at least 0 and at most 1; got -0.1"),
    ("t", 1.01, ValueError, r"got 1.01"),
    ("t", math.nan, ValueError, r"got nan"),
    ("t", True, TypeError, r"got True"),
    ("n_steps", 0, ValueError, r"n_steps must be a whole number from 1 to 50; got 0"),
    ("n_steps", 51, ValueError, r"n_steps must be a whole number from 1 to 50; got 51"),
    ("n_steps", 2.5, TypeError, r"got 2.5"),
    ("walk", "drunk", ValueError, r"walk must be one of 'deterministic', 'ancestral'"),
    ("walk", None, TypeError, r"got None"),
    ("label", "noon", ValueError, r"label must be one of 'any'; got 'noon'"),
    ("sample", 0, ValueError, r"sample must be a whole number from 1 to 100; got 0"),
    ("sample", 101, ValueError, r"from 1 to 100; got 101"),
    ("sample", "2", TypeError, r"got '2'"),
    ("seed", -1, ValueError, r"seed must be a whole number from 0 to 4294967295; got -1"),
    ("seed", 2**32, ValueError, r"got 4294967296"),
]


@pytest.mark.parametrize(("name", "value", "error", "words"), BAD_SETTINGS)
def test_bad_settings_change_nothing(name, value, error, words):
    w = explorer_of()
    with refused(w, error, words):
        setattr(w, name, value)
    with pytest.raises(error, match=words):
        explorer_of(**{name: value})


def test_bad_models_and_data_are_explained():
    model = trained("bars")
    with pytest.raises(ValueError, match="X and y go with models"):
        DiffusionExplorer(X=squares())
    with pytest.raises(TypeError, match="a DiffusionModel is expected for 'data'"):
        DiffusionExplorer(GAN(), squares())
    with pytest.raises(NotFittedError):
        DiffusionExplorer(DiffusionModel(), squares())
    with pytest.raises(ValueError, match="trained on 16 features; given 2"):
        DiffusionExplorer(model, points())
    with pytest.raises(ValueError, match="trained without labels"):
        DiffusionExplorer(model, squares(), LABELS)
    with pytest.raises(ValueError, match="needs labels"):
        DiffusionExplorer(trained("hours"), squares())
    with pytest.raises(ValueError, match="must hold 90 labels"):
        DiffusionExplorer(trained("hours"), squares(), LABELS[:5])
    with pytest.raises(TypeError, match="X of 'data' must hold numbers"):
        DiffusionExplorer(model, [["a", "b"], ["c", "d"]])
    odd = DiffusionModel((4,), max_iter=1, random_state=0).fit(squares()[:, :5])
    with pytest.raises(ValueError, match="has 5"):
        DiffusionExplorer(odd, squares()[:, :5])
    with pytest.raises(AttributeError, match="has no setting 'steps'; it has data, label"):
        explorer_of().steps = 3


# ------------------------------------------------------------------------------ controls


def assert_sound(w):
    """The picture shows the state, and all controls agree with it."""
    assert_well_drawn(w)
    state = w.state
    assert drawing_of(w).get("viewBox") == "0 0 900 400"
    words = words_of(w)
    a, b = state.levels
    assert f"t = {state.t:.2f}: signal {a:.2f}, noise {b:.2f}" in words
    steps = "1 step" if state.n_steps == 1 else f"{state.n_steps} steps"
    assert f"samples, {state.walk}, {steps}" in words
    assert f"precision {state.measures.precision:.2f}" in words
    assert f"recall {state.measures.recall:.2f}" in words
    assert f"now {state.guesses.spread:.2f} of data's" in words
    c = controls_of(w)
    assert (c["Data"].value, c["Walk"].value) == (state.data, state.walk)
    assert list(c["Class"].options) == state.model.labels
    assert c["Class"].value == state.label
    assert c["Sample"].value == state.sample
    if state.seed < 2**31:
        assert c["Seed"].value == state.seed
    assert c["Time of the noise, t, as a number"].value == pytest.approx(state.t, rel=1e-3)
    assert c["Steps, as a number"].value == state.n_steps


def test_every_control_is_there_and_described():
    names = ["Place of the mouse", "Data", "Class", "Walk", "Sample", "Seed", "New seed", "Reset"]
    names += ["Time of the noise, t", "Time of the noise, t, as a number"]
    names += ["Steps", "Steps, as a number"]
    assert list(controls_of(explorer_of())) == names


def test_sliders_at_minimum_maximum_and_default():
    w = explorer_of()
    c = controls_of(w)
    for place, t in ((0, 0), (100, 1), (50, 0.5)):
        c["Time of the noise, t"].value = place
        assert w.problem is None and w.t == t
        assert_sound(w)
    for place, n in enumerate(STEPS):
        c["Steps"].value = place
        assert w.problem is None and w.n_steps == n and isinstance(w.n_steps, int)
        assert_sound(w)


@pytest.mark.parametrize(
    ("name", "setting", "low", "high"),
    [
        ("Sample", "sample", 1, 100),
        ("Seed", "seed", 0, 2**31 - 1),
        ("Time of the noise, t, as a number", "t", 0, 1),
        ("Steps, as a number", "n_steps", 1, 50),
    ],
)
def test_boxes_at_their_limits_and_beyond(name, setting, low, high):
    assert_limits(explorer_of(), name, setting, low, high, assert_sound)


@pytest.mark.parametrize("name", ["Data", "Class", "Walk"])
def test_lists_at_each_of_their_entries(name):
    w = explorer_of(data="hours")
    control = controls_of(w)[name]
    for value in [*control.options[::-1], *control.options]:
        control.value = value
        assert w.problem is None
        assert_sound(w)


def place_of(x, y, time=1):
    """What the pointer says of a place, given in the units of the picture."""
    return f"{(x - MIDDLE) / AREA_WIDTH:.6f} {1 - (y - TOP) / AREA_HEIGHT:.6f} {time}"


def test_every_picture_can_be_clicked_where_it_is_drawn():
    w = explorer_of(data="bars")
    pointer = controls_of(w)["Place of the mouse"]
    for number in range(1, 22):
        row, column = divmod(number - 1, 7)
        for within in (2, 36):
            w.sample = 1 + number % 21
            place = MIDDLE + PITCH * column + within, TOP + PITCH * row + within
            pointer.value = place_of(*place, f"{number}{within}")
            assert w.sample == number
    w.sample = 5
    pointer.value = place_of(MIDDLE + 50, TOP + 250, 99)  # below the samples
    assert w.sample == 5 and w.problem is None


def test_the_nearest_point_of_the_plane_is_clicked():
    w = explorer_of(n_steps=50, seed=1)
    pointer = controls_of(w)["Place of the mouse"]
    for number in (1, 40, 100):
        x, y = w.samples[number - 1]
        if max(abs(x), abs(y)) < REACH:
            across, down = (x / REACH + 1) / 2 * SIZE, (1 - y / REACH) / 2 * SIZE
            pointer.value = place_of(MIDDLE + across, TOP + down, number)
            nearest = w.samples[w.sample - 1]
            assert np.linalg.norm(nearest - [x, y]) < 1e-3
    assert_sound(w)


def test_the_curves_are_pressed_and_dragged():
    w = explorer_of()
    pointer = controls_of(w)["Place of the mouse"]
    middle = SPREAD_TOP + CURVE_HEIGHT / 2
    for share in (1, 0, 0.25):
        pointer.value = place_of(RIGHT + share * CURVE_WIDTH, middle, 7)
        assert w.t == pytest.approx(share, abs=1e-3)
    pointer.value = place_of(MIDDLE + 3, TOP + 3, 7)  # dragged away
    assert w.t == 0 and w.sample == 1
    middle = QUALITY_TOP + CURVE_HEIGHT / 2
    for share, n in ((1, 50), (0, 1), (math.log(10) / math.log(50), 10)):
        pointer.value = place_of(RIGHT + share * CURVE_WIDTH, middle, 8)
        assert w.n_steps == n
        assert_sound(w)
    before = w.state
    pointer.value = place_of(RIGHT + 20, QUALITY_TOP - 15, 99)  # a press on the words
    assert w.state is before


@pytest.mark.parametrize("words", [*NO_PLACES, "2 0.5 3", "0.5 -1 3"])
def test_no_place_is_explained_and_changes_nothing(words):
    assert_no_place(explorer_of(), words)


def test_a_box_with_a_fraction_of_a_step_is_refused_in_words():
    assert_taken_back(explorer_of(), "Steps, as a number", 2.5, "n_steps must be a whole number")


interactions = st.one_of(
    st.tuples(st.just("Data"), st.sampled_from(["points", "bars", "hours"])),
    st.tuples(st.just("Class"), st.integers(0, 3)),
    st.tuples(st.just("Walk"), st.sampled_from(["deterministic", "ancestral"])),
    st.tuples(st.sampled_from(["Sample", "Seed"]), st.integers(-2, 103)),
    st.tuples(st.just("Time of the noise, t"), st.integers(0, 50).map(lambda k: 2 * k)),
    st.tuples(st.just("Time of the noise, t, as a number"), st.floats(-0.2, 1.2)),
    st.tuples(st.just("Steps"), st.integers(0, len(STEPS) - 1)),
    st.tuples(st.just("Steps, as a number"), st.sampled_from([0.0, 1.0, 4.0, 6.5, 33.0, 51.0])),
    st.tuples(st.just("Place of the mouse"), places_of_the_mouse),
    st.tuples(st.sampled_from(["New seed", "Reset"]), st.none()),
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(interactions, min_size=4, max_size=10))
def test_any_sequence_of_interactions(sequence):
    w = explorer_of()
    c = controls_of(w)
    for what, value in sequence:
        if what == "Class":
            c[what].index = value % len(c[what].options)
        else:
            do(w, what, value)
        # What cannot be is told in words; nothing else goes wrong.
        assert w.problem is None or isinstance(w.problem, TypeError | ValueError)
        assert_sound(w)


# ------------------------------------------------------------------- pictures and words


def test_the_picture_shows_as_many_points_and_pictures_as_there_are():
    w = explorer_of(n_steps=3)
    marks = [path.get("d") for path in drawing_of(w).iter("path")]
    dots = [d.count("h0") for d in marks if d.endswith("h0")]
    assert {60, 100, 3, 200} <= set(dots)
    w.data = "bars"
    images = list(drawing_of(w).iter("image"))
    assert len(images) == 3 + 1 + 2
    w.n_steps = 1  # two places of the walk: strips of two pictures
    widths = [float(image.get("width")) for image in drawing_of(w).iter("image")][-2:]
    assert widths == pytest.approx([2 * PITCH * 9 / 10, 2 * PITCH * 9 / 10], rel=0.02)


def test_the_picture_stays_small():
    for kind in ("points", "bars", "hours"):
        assert len(explorer_of(data=kind, n_steps=50).still().svg) < 40_000


def test_as_text():
    w = explorer_of(data="hours", t=0.25, n_steps=1, sample=3, label="dusk")
    assert repr(w).startswith("DiffusionExplorer: Diffusion model of hours, pictures of class dusk")
    said = w.still().alt
    assert "signal level 0.92, noise level 0.38" in said
    assert (
        "21 samples by seed 0, deterministic in 1 step; drawn out is the walk of sample 3" in said
    )
    assert f"{w.guesses.spread:.2f} of the data's spread" in said
    assert f"precision is {w.measures.precision:.2f}, recall {w.measures.recall:.2f}" in said


@pytest.mark.parametrize("kind", ["points", "hours"])
@pytest.mark.parametrize("n_steps", [1, 10])
def test_there_is_a_figure_for_where_no_kernel_runs(kind, n_steps):
    w = explorer_of(data=kind, t=0.4, n_steps=n_steps)
    described = figure_of(w)
    assert described.alt == " ".join(w.still().alt.split())
    shown = {ax.get_title() for ax in described.figure.axes}
    assert {"noised at t = 0.40, and guesses", f"deterministic, steps: {n_steps}"} <= shown


def test_what_a_setting_leads_to_is_computed_once():
    w = explorer_of(n_steps=20)
    before = w.state.walked
    w.change(n_steps=5, t=0.3)
    w.n_steps = 20
    assert w.state.walked is before


def test_the_models_of_the_course():
    w = DiffusionExplorer()
    assert list(w.state.diffusions) == ["ring", "digits"]
    w.change(t=1)
    assert w.guesses.spread < 0.15
    w.change(t=0.1, n_steps=50)
    assert w.guesses.spread > 0.9 and min(w.measures) > 0.75
    assert_sound(w)
    w.change(data="digits", n_steps=1)
    assert w.measures.precision > 0.9 and w.measures.recall < 0.1
    w.n_steps = 50
    assert w.measures.recall > 0.6
    assert_sound(w)


def test_examples():
    assert doctest.testmod(diffusion_explorer).failed == 0
