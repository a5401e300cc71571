"""The futures explorer without a browser: its mathematics, its controls, its words."""

import doctest
import math

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
    words_of,
)

from helpers.metrics import gradient_energy, nearest_future, rmse
from helpers.models.pretrained import load_pretrained
from helpers.scenes import mean_of_futures, possible_futures, render_heads
from helpers.widgets import FuturesExplorer, futures
from helpers.widgets.futures import KINDS, FuturesState, frames_at, network_input

SETTINGS = [("two", 30, 0.5, 0), ("two", 60, 0.2, -30), ("continuous", 45, 0.5, 7)]
SETTINGS += [("continuous", 1, 0.9, 30), ("two", 1, 0.0, 5), ("continuous", 60, 1.0, -30)]


def assert_sound(explorer):
    """The picture is well drawn and shows what the state says; the controls follow it."""
    assert_well_drawn(explorer)
    assert drawing_of(explorer).get("viewBox") == "0 0 900 524"  # of one height, whatever is shown
    c = controls_of(explorer)
    assert c["Futures"].value == explorer.futures
    assert c["Turn"].value == c["Turn, as a number"].value == explorer.turn
    assert c["Yaw now"].value == c["Yaw now, as a number"].value == explorer.yaw
    assert c["Odds of left, as a number"].value == pytest.approx(explorer.p_left, rel=1e-3)
    assert explorer.state.turns_and_weights[1].sum() == pytest.approx(1)


# -------------------------------------------------------------------------- mathematics


def test_frames_are_those_of_the_scene():
    yaw = np.array([-90, -12.5, 0, 33, 90])
    np.testing.assert_array_equal(frames_at(yaw), render_heads(yaw))


@pytest.mark.parametrize(("kind", "turn", "p_left", "yaw"), SETTINGS)
def test_mean_and_futures_are_those_of_the_scene(kind, turn, p_left, yaw):
    explorer = FuturesExplorer(futures=kind, turn=turn, p_left=p_left, yaw=yaw)
    expected = possible_futures(yaw, futures=kind, turn=turn)[0]
    np.testing.assert_array_equal(explorer.state.possible, expected)
    mean = mean_of_futures(yaw, futures=kind, turn=turn, p_left=p_left)[0]
    np.testing.assert_allclose(explorer.mean, mean, atol=1e-6)


@pytest.mark.parametrize(("kind", "turn", "p_left", "yaw"), SETTINGS[:3])
def test_measures_are_those_of_the_course(kind, turn, p_left, yaw):
    explorer = FuturesExplorer(futures=kind, turn=turn, p_left=p_left, yaw=yaw)
    found, made = explorer.prediction_measures, explorer.prediction[None]
    possible, weights = explorer.state.possible, explorer.state.turns_and_weights[1]
    assert found.to_mean == pytest.approx(rmse(made, explorer.mean[None]), rel=1e-6)
    expected = nearest_future(made, possible[None]).distance[0]
    assert found.to_nearest == pytest.approx(expected, rel=1e-6)
    real = weights @ gradient_energy(possible, each=True)
    assert found.sharpness == pytest.approx(gradient_energy(made) / real, rel=1e-6)


@pytest.mark.parametrize(("kind", "turn", "p_left", "yaw"), SETTINGS)
def test_the_curve_is_the_sharpness_of_the_mean_at_every_turn(kind, turn, p_left, yaw):
    state = FuturesState(kind, turn, p_left, yaw)
    for other in (1, 13, turn, 60):
        there = FuturesState(kind, other, p_left, yaw)
        expected = there.measure(there.mean).sharpness
        assert state.sharpness_by_turn[other - 1] == pytest.approx(expected, rel=1e-4)


def test_the_prediction_is_near_the_mean_and_far_from_the_futures():
    rng = np.random.default_rng(3)
    for kind in KINDS:
        distances = []
        for _ in range(60):
            turn, yaw = int(rng.integers(20, 61)), int(rng.integers(-30, 31))
            explorer = FuturesExplorer(
                futures=kind, turn=turn, p_left=rng.uniform(0.3, 0.7), yaw=yaw
            )
            found = explorer.prediction_measures
            assert found.to_nearest > 2 * found.to_mean
            distances.append(found.to_mean)
        assert np.mean(distances) < 0.016
        assert max(distances) < 0.035


@pytest.mark.parametrize("kind", KINDS)
def test_the_prediction_is_that_of_the_stored_network(kind):
    explorer = FuturesExplorer(futures=kind, turn=37, p_left=0.3, yaw=-4)
    X = network_input(frames_at([-4]), [37], [0.3])
    expected = load_pretrained("futures").estimators[kind].predict(X).reshape(24, 24)
    np.testing.assert_allclose(explorer.prediction, expected, atol=1e-5)


def test_a_future_without_probability_is_none():
    explorer = FuturesExplorer(p_left=0, turn=30)
    assert explorer.mean_measures == pytest.approx((0, 0, 1), abs=1e-6)
    np.testing.assert_allclose(explorer.mean, frames_at(30), atol=1e-7)


def test_what_the_network_is_told():
    X = network_input(frames_at([0, 10]), [90, 30], [0.5, 1])
    assert X.shape == (2, 576 + 16 + 1)
    np.testing.assert_allclose(X[0, 576:580], [1, 0, -1, 0], atol=1e-12)  # sin 90°, sin 180°, …
    np.testing.assert_allclose(X[1, 584], math.cos(math.pi / 6))
    assert X[:, -1].tolist() == [0, 1]


# --------------------------------------------------------------- set from code and controls


def test_values_from_code_are_read_back():
    explorer = FuturesExplorer()
    explorer.futures, explorer.turn, explorer.p_left, explorer.yaw = "continuous", 45, 0.25, -7
    assert (explorer.futures, explorer.turn, explorer.p_left, explorer.yaw) == (
        "continuous",
        45,
        0.25,
        -7,
    )
    assert_sound(explorer)
    explorer.reset()
    assert (explorer.futures, explorer.turn, explorer.p_left, explorer.yaw) == ("two", 30, 0.5, 0)
    assert_sound(explorer)


@pytest.mark.parametrize(
    ("name", "value", "error", "words"),
    [
        ("futures", "three", ValueError, "futures must be one of"),
        ("turn", 0, ValueError, "turn must be a whole number of degrees from 1 to 60; given 0"),
        ("turn", 30.5, ValueError, "turn must be a whole number"),
        ("turn", "30", TypeError, "turn must be a whole number"),
        ("yaw", 31, ValueError, "yaw must be a whole number of degrees from -30 to 30"),
        ("yaw", math.nan, ValueError, "yaw must be"),
        ("yaw", True, TypeError, "yaw must be"),
        ("p_left", 1.01, ValueError, "p_left must be a number from 0 to 1; given 1.01"),
        ("p_left", math.nan, ValueError, "p_left must be"),
        ("p_left", None, TypeError, "p_left must be"),
    ],
)
def test_bad_values_are_refused_and_change_nothing(name, value, error, words):
    explorer = FuturesExplorer()
    with refused(explorer, error, words):
        setattr(explorer, name, value)
    with pytest.raises(error, match=words):
        FuturesExplorer(**{name: value})


def test_every_control_at_its_ends():
    explorer = FuturesExplorer()
    c = controls_of(explorer)
    for name, attribute in (("Turn", "turn"), ("Odds of left", "p_left"), ("Yaw now", "yaw")):
        for end in ("min", "max"):
            c[name].value = getattr(c[name], end)
            assert explorer.problem is None
            assert_sound(explorer)
        assert getattr(explorer, attribute) == {"turn": 60, "p_left": 1, "yaw": 30}[attribute]
    for kind in KINDS:
        c["Futures"].value = kind
        assert explorer.futures == kind
        assert_sound(explorer)
    c["Reset"].click()
    assert_sound(explorer)


def test_a_bad_number_in_a_box_is_explained_and_taken_back():
    explorer = FuturesExplorer()
    assert_taken_back(explorer, "Turn, as a number", 99, "turn must be a whole number of degrees")
    assert controls_of(explorer)["Turn, as a number"].value == explorer.turn == 30


def test_the_mouse_sets_turn_and_odds():
    explorer = FuturesExplorer(yaw=10)
    pointer = controls_of(explorer)["Place of the mouse"]
    pointer.value = f"{(90 - 35) / 180:.6f} 0.8 1"  # at −35°, 45° to the left of now
    assert (explorer.turn, explorer.p_left) == (45, 0.8)
    pointer.value = f"{(90 + 30) / 180:.6f} 0.9 2"  # 20° to the right
    assert (explorer.turn, explorer.p_left) == (20, 0.1)
    pointer.value = "0 0 3"
    assert (explorer.turn, explorer.p_left) == (60, 0)
    pointer.value = f"{(90 + 10) / 180:.6f} 0.5 4"  # where it looks now
    assert explorer.turn == 1
    assert explorer.problem is None
    for words in ("2 0.5 5", *NO_PLACES):
        assert_no_place(explorer, words)
    assert_sound(explorer)


interactions = st.one_of(
    st.tuples(st.just("Futures"), st.sampled_from(list(KINDS))),
    st.tuples(st.just("Turn"), st.integers(1, 60)),
    st.tuples(st.just("Odds of left"), st.integers(0, 100)),
    st.tuples(st.just("Odds of left, as a number"), st.floats(0, 1)),
    st.tuples(st.just("Yaw now"), st.integers(-30, 30)),
    st.tuples(st.just("Place of the mouse"), places_of_the_mouse),
    st.tuples(st.just("Reset"), st.none()),
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(interactions, max_size=8))
def test_any_sequence_of_interactions(sequence):
    explorer = FuturesExplorer()
    for what, value in sequence:
        do(explorer, what, value)
        assert explorer.problem is None
    assert_sound(explorer)


def test_an_unknown_setting_is_an_error():
    with pytest.raises(AttributeError, match="futures, p_left, turn, yaw"):
        FuturesExplorer().angle = 3


# ------------------------------------------------------------------- what the picture says


def test_the_read_out_says_what_is_shown():
    explorer = FuturesExplorer(turn=40, p_left=0.25, yaw=-10)
    said = explorer.still().alt
    assert "looks 10° to the left turns by 40°, to the left with probability 0.25" in said
    found = explorer.prediction_measures
    assert f"{found.to_mean:.3f} from the mean and {found.to_nearest:.3f}" in said
    assert f"sharpness {found.sharpness:.2f}" in words_of(explorer)
    assert {"40° left, p 0.25", "40° right, p 0.75", "yaw −10°"} <= set(words_of(explorer))
    assert repr(explorer).startswith("FuturesExplorer: A head that looks 10° to the left")
    explorer.futures = "continuous"
    assert "by anything up to 40°" in explorer.still().alt


@pytest.mark.parametrize(("turn", "expected"), [(1, 2), (2, 4), (3, 5), (60, 5)])
def test_of_many_futures_five_are_drawn(turn, expected):
    explorer = FuturesExplorer(futures="continuous", turn=turn)
    assert len(embedded_pictures(explorer)) == 1 + expected + 2


def test_there_is_a_figure_for_where_no_kernel_runs():
    explorer = FuturesExplorer(futures="continuous", turn=45)
    assert figure_of(explorer).alt == " ".join(explorer.still().alt.split())


def test_every_control_can_be_told_from_the_others():
    assert len(controls_of(FuturesExplorer())) == 9  # each description once


def test_examples():
    assert doctest.testmod(futures).failed == 0
