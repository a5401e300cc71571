"""The 4-2-4 explorer without a browser: its mathematics, its controls, its words."""

import asyncio
import doctest
import math
import re
import warnings

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from live_widgets import (
    assert_taken_back,
    assert_well_drawn,
    controls_of,
    do,
    drawing_of,
    refused,
    words_of,
)
from sklearn.decomposition import PCA

from helpers.datasets import RING_MAP, make_ring
from helpers.widgets import AutoencoderExplorer, autoencoder_explorer, svg
from helpers.widgets.autoencoder_explorer import (
    SIZES,
    WEIGHTS,
    decode,
    encode,
    gradients,
    mean_squared_error,
    smallest_loss,
)


def random_problem(seed, n=7, scale=1.0):
    rng = np.random.default_rng(seed)
    weights = {name: rng.normal(0, scale, size) for name, size in SIZES.items()}
    return rng.normal(size=(n, 4)), weights


# ------------------------------------------------------------------ the mathematics


def test_the_network_is_two_products_of_matrices():
    X, w = random_problem(0)
    encoder = np.column_stack([w["p"], w["q"]])  # (4, 2)
    decoder = np.array([w["r"], w["s"], w["u"], w["v"]])  # (4, 2)
    H = encode(X, w["p"], w["q"])
    X_hat = decode(H, w["r"], w["s"], w["u"], w["v"])
    np.testing.assert_allclose(H, X @ encoder)
    np.testing.assert_allclose(X_hat, X @ encoder @ decoder.T)
    expected = np.linalg.norm(X - X_hat, axis=1) ** 2
    assert mean_squared_error(X, **w) == pytest.approx(expected.mean())


@pytest.mark.parametrize("seed", range(10))
def test_gradients_equal_central_differences(seed):
    X, weights = random_problem(seed, n=5 + seed)
    slopes = gradients(X, **weights)
    for name, size in SIZES.items():
        numeric = np.empty(size)
        for i in range(size):
            shift = np.zeros(size)
            shift[i] = 1e-5
            above = mean_squared_error(X, **(weights | {name: weights[name] + shift}))
            below = mean_squared_error(X, **(weights | {name: weights[name] - shift}))
            numeric[i] = (above - below) / 2e-5
        error = np.linalg.norm(slopes[name] - numeric) / np.linalg.norm(numeric)
        assert error <= 1e-6, name


@pytest.mark.parametrize("seed", range(3))
def test_smallest_loss_is_that_of_pca(seed):
    X, _ = random_problem(seed, n=11)
    both = np.vstack([X, -X])  # its mean is zero, so centring changes nothing
    pca = PCA(2).fit(both)
    residual = both - pca.inverse_transform(pca.transform(both))
    assert smallest_loss(X) == pytest.approx((residual**2).sum(axis=1).mean())


@pytest.mark.parametrize("seed", range(4))
def test_descent_reaches_pcas_optimum(seed):
    explorer = AutoencoderExplorer(step_size=0.3, random_state=seed)
    explorer.step(60)
    assert explorer.loss < 3 * explorer.smallest_loss
    explorer.step(4000)
    assert explorer.smallest_loss <= explorer.loss < 1.001 * explorer.smallest_loss
    assert (np.diff(explorer.losses) < 1e-12).all()


@pytest.mark.parametrize("seed", range(8))
def test_step_size_1_never_settles(seed):
    explorer = AutoencoderExplorer(step_size=1.0, random_state=seed)
    explorer.run()
    if "Stopped" in explorer.notice:
        return
    assert "not settled" in explorer.notice
    late = explorer.losses[-100:]
    assert late.min() > 1.5 * explorer.smallest_loss
    assert (np.diff(late) > 0).sum() > 20  # up and down, again and again


def test_the_default_start_oscillates_at_step_size_1():
    explorer = AutoencoderExplorer(step_size=1.0)
    explorer.run()
    assert explorer.n_steps == 300
    assert "not settled" in explorer.notice


def test_too_large_a_step_ends_in_plain_words():
    explorer = AutoencoderExplorer(step_size=1.5)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        explorer.step(1000)
    assert explorer.n_steps < 100
    assert "the step size is too large" in explorer.notice.lower()
    assert explorer.notice in re.sub("</?strong>", "", explorer._picture.value)
    assert all(np.isfinite(w).all() for w in explorer.state.weights.values())
    explorer.reset()
    explorer.step_size = 0.3
    explorer.step(30)
    assert explorer.notice == ""
    assert explorer.loss < 0.1


@pytest.mark.parametrize("step_size", [1e300, 1e-300])
def test_absurd_step_sizes_do_no_harm(step_size):
    explorer = AutoencoderExplorer(step_size=step_size)
    explorer.step(3)
    assert_sound(explorer)


def test_no_slope_no_step():
    zeros = {name: np.zeros(size) for name, size in SIZES.items()}
    explorer = AutoencoderExplorer(**zeros)
    explorer.run()
    assert explorer.n_steps == 30
    assert explorer.loss == pytest.approx((explorer.X**2).sum(axis=1).mean())
    assert "settled" in explorer.notice
    assert_sound(explorer)


# --------------------------------------------------------------- set from code, read back


def test_values_from_code_are_read_back():
    explorer = AutoencoderExplorer()
    for name, size in SIZES.items():
        vector = np.arange(size) / 8 - 0.1
        setattr(explorer, name, vector.tolist())
        np.testing.assert_array_equal(getattr(explorer, name), vector)
    explorer.step_size, explorer.sample, explorer.weight = 0.75, 13, "u2"
    assert (explorer.step_size, explorer.sample, explorer.weight) == (0.75, 13, "u2")
    assert_sound(explorer)


def test_values_can_be_given_at_the_start():
    X = make_ring(9, random_state=3)
    explorer = AutoencoderExplorer(X, p=[1, 2, 3, 4], v=(5, 6), step_size=0.1)
    np.testing.assert_array_equal(explorer.X, X)
    np.testing.assert_array_equal(explorer.p, [1, 2, 3, 4])
    np.testing.assert_array_equal(explorer.v, [5, 6])
    explorer.step(2)
    explorer.reset()
    np.testing.assert_array_equal(explorer.p, [1, 2, 3, 4])
    assert explorer.n_steps == 0


def test_what_is_read_back_cannot_be_altered_unseen():
    explorer = AutoencoderExplorer()
    mine = np.ones(4)
    explorer.p = mine
    mine[0] = 9
    assert explorer.p[0] == 1
    with pytest.raises(ValueError, match="read-only"):
        explorer.p[0] = 3
    with pytest.raises(ValueError, match="read-only"):
        explorer.X[0, 0] = 3


def test_one_step_is_one_step_of_the_formula():
    explorer = AutoencoderExplorer(step_size=0.2)
    before = explorer.state
    explorer.step()
    for name, slope in gradients(before.X, **before.weights).items():
        np.testing.assert_array_equal(getattr(explorer, name), getattr(before, name) - 0.2 * slope)
    np.testing.assert_allclose(explorer.losses, [before.loss, explorer.loss])


def test_many_steps_are_drawn_once():
    explorer = AutoencoderExplorer()
    pictures = []
    explorer._picture.observe(pictures.append, "value")
    explorer.step(25)
    assert explorer.n_steps == 25
    assert len(pictures) == 1


def test_a_weight_set_by_hand_moves_the_end_of_the_loss_curve():
    explorer = AutoencoderExplorer()
    explorer.step(10)
    past = explorer.losses[:-1]
    explorer.p = [2, 2, 2, 2]
    np.testing.assert_array_equal(explorer.losses[:-1], past)
    assert explorer.losses[-1] == explorer.loss > 1


def test_equal_seeds_equal_stories():
    one, two = (AutoencoderExplorer(random_state=5) for _ in range(2))
    other = AutoencoderExplorer(random_state=6)
    for explorer in (one, two, other):
        explorer.randomise()
        explorer.step(3)
    assert one._picture.value == two._picture.value != other._picture.value
    assert repr(one) == repr(two)


def test_default_rows_go_round_the_ring():
    plane = AutoencoderExplorer().X @ RING_MAP.T
    turns = np.diff(np.arctan2(plane[:, 1], plane[:, 0]))
    turns = (turns + np.pi) % (2 * np.pi) - np.pi
    assert np.abs(turns).max() < 0.5
    assert len(plane) == 200


def test_the_example_in_the_docstring():
    results = doctest.testmod(autoencoder_explorer)
    assert (results.attempted, results.failed) == (4, 0)


def test_as_text():
    explorer = AutoencoderExplorer(step_size=0.3)
    expected = (
        "AutoencoderExplorer: Step 0 of the descent, step size 0.3: "
        "the loss is 1.45, PCA's optimum 0.00474"
    )
    assert repr(explorer) == expected
    assert explorer._repr_mimebundle_()["text/plain"] == expected


# ----------------------------------------------------------------------- the controls


DESCRIPTIONS = [
    "Weight",
    "Its value",
    "Its value, as a number",
    "Step size",
    "Step size, as a number",
    "Row",
    "Row, as a number",
    "One step",
    "Run",
    "Reset",
    "New random weights",
]


def assert_sound(explorer):
    """The picture is well drawn, and all controls agree with the state."""
    assert_well_drawn(explorer)
    state = explorer.state
    assert drawing_of(explorer).get("aria-label").startswith("A 4-2-4 linear autoencoder. Step ")

    c = controls_of(explorer)
    value = state.weight_value(state.weight)
    assert c["Weight"].value == state.weight
    # A slider counts hundredths and stands at its nearest notch; the box shows the value itself.
    assert abs(c["Its value"].value / 100 - np.clip(value, -2, 2)) < 0.0251
    assert c["Its value"].value % 5 == 0
    assert c["Its value, as a number"].value == pytest.approx(value, rel=1e-3)
    assert abs(c["Step size"].value / 100 - np.clip(state.step_size, 0.01, 1.5)) < 0.0051
    assert c["Step size, as a number"].value == pytest.approx(state.step_size, rel=1e-3)
    assert c["Row"].value == c["Row, as a number"].value == state.sample
    assert explorer.loss == pytest.approx(mean_squared_error(state.X, **state.weights))


def test_every_control_is_there_and_described():
    assert list(controls_of(AutoencoderExplorer())) == DESCRIPTIONS


@pytest.mark.parametrize("description", ["Its value", "Step size", "Row"])
@pytest.mark.parametrize("steps", [0, 40])
def test_sliders_at_minimum_default_and_maximum(description, steps):
    explorer = AutoencoderExplorer()
    explorer.step(steps) if steps else None
    slider = controls_of(explorer)[description]
    for value in (slider.min, slider.value, slider.max):
        slider.value = value
        assert explorer.problem is None
        assert_sound(explorer)
        explorer.step()
        assert_sound(explorer)


def test_every_weight_can_be_chosen_and_set():
    explorer = AutoencoderExplorer()
    c = controls_of(explorer)
    assert list(c["Weight"].options) == list(WEIGHTS)
    for k, weight in enumerate(WEIGHTS):
        others = np.concatenate(list(explorer.state.weights.values()))
        c["Weight"].value = weight
        c["Its value"].value = 10 * k - 75
        expected = others.copy()
        expected[k] = (10 * k - 75) / 100
        now = np.concatenate(list(explorer.state.weights.values()))
        np.testing.assert_array_equal(now, expected)
        assert_sound(explorer)


def test_the_buttons_do_what_they_say():
    explorer = AutoencoderExplorer()
    start = explorer.state.weights
    c = controls_of(explorer)
    c["One step"].click()
    assert explorer.n_steps == 1
    c["Run"].click()
    assert explorer.n_steps > 30  # without an event loop it runs to its end
    c["Reset"].click()
    assert explorer.n_steps == 0
    np.testing.assert_array_equal(explorer.p, start["p"])
    c["New random weights"].click()
    drawn = explorer.p
    assert (drawn != start["p"]).all()
    c["One step"].click()
    c["Reset"].click()
    np.testing.assert_array_equal(explorer.p, drawn)
    assert explorer.problem is None
    assert_sound(explorer)


def test_run_and_pause_in_an_event_loop(monkeypatch):
    monkeypatch.setattr(AutoencoderExplorer, "frame_seconds", 0.001)

    async def story():
        explorer = AutoencoderExplorer(step_size=0.01)
        run = controls_of(explorer)["Run"]
        run.click()
        assert explorer.running and run.description == "Pause"
        while explorer.n_steps < 5:
            await asyncio.sleep(0.001)
        controls_of(explorer)["Row"].value = 17  # alive while it runs
        run.click()
        stopped_at = explorer.n_steps
        await asyncio.sleep(0.02)
        assert explorer.n_steps == stopped_at
        assert explorer.sample == 17
        explorer.run()
        explorer.reset()  # pauses, too
        await asyncio.sleep(0.02)
        assert explorer.n_steps == 0 and not explorer.running
        explorer.step_size = 1.5
        explorer.run()
        while explorer.running:
            await asyncio.sleep(0.001)
        assert "too large" in explorer.notice
        assert_sound(explorer)

    asyncio.run(asyncio.wait_for(story(), timeout=60))


wild = st.floats(-1e6, 1e6) | st.floats(-2, 2) | st.sampled_from([0.0, 1e6, -1e6, 1e-9])
interactions = st.one_of(
    st.tuples(st.just("Weight"), st.sampled_from(WEIGHTS)),
    st.tuples(st.just("Its value"), st.integers(-60, 60).map(lambda notch: 5 * notch)),
    st.tuples(st.just("Its value, as a number"), wild),
    st.tuples(st.just("Step size"), st.integers(-10, 200)),
    st.tuples(st.just("Step size, as a number"), st.floats(1e-6, 1e6)),
    st.tuples(st.just("Row"), st.integers(-5, 30)),
    st.tuples(st.just("Row, as a number"), st.integers(0, 10)),
    st.tuples(st.sampled_from(["One step", "Run", "Reset", "New random weights"]), st.none()),
    st.tuples(st.sampled_from("pq"), st.lists(wild, min_size=4, max_size=4)),
    st.tuples(st.sampled_from("rsuv"), st.lists(wild, min_size=2, max_size=2)),
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(interactions, max_size=12), st.integers(0, 3))
def test_any_sequence_of_interactions(sequence, seed):
    explorer = AutoencoderExplorer(make_ring(11, random_state=seed), random_state=seed)
    for what, value in sequence:
        do(explorer, what, value)
        assert explorer.problem is None
        assert_sound(explorer)


bad_entries = st.one_of(
    st.tuples(
        st.just("Its value, as a number"), st.sampled_from([math.nan, math.inf, 1.1e6, -1e300])
    ),
    st.tuples(st.just("Step size, as a number"), st.sampled_from([0.0, -0.3, math.nan, math.inf])),
    st.tuples(st.just("Row, as a number"), st.sampled_from([-1, 11, 10**9])),
)


@settings(max_examples=25, deadline=None)
@given(st.lists(bad_entries, min_size=1, max_size=4))
def test_bad_entries_are_explained_and_taken_back(entries):
    explorer = AutoencoderExplorer(make_ring(11, random_state=0))
    for what, value in entries:
        assert_taken_back(explorer, what, value)
        assert_sound(explorer)


# ---------------------------------------------------------------------- odd rows


@pytest.mark.parametrize(
    "X",
    [
        [[1, 2, 3, 4]],
        [[0, 0, 0, 0], [0, 0, 0, 0]],
        np.eye(4)[:3] * 1e6,
        np.full((3, 4), 1e-200),
        make_ring(1000, noise=0.5, random_state=1),
        make_ring(30, noise=0, random_state=1).astype(np.float32),
        np.arange(20).reshape(5, 4),
    ],
    ids=["one", "zeros", "huge", "tiny", "many", "noiseless", "whole"],
)
def test_odd_rows_are_drawn(X):
    explorer = AutoencoderExplorer(X)
    assert_sound(explorer)
    explorer.sample = len(X) - 1
    explorer.step(3)
    explorer.run()
    assert_sound(explorer)


# ------------------------------------------------------------------- what the picture says


def test_the_picture_shows_every_value_and_every_weight():
    weights = {name: np.linspace(-1.3, 0.9, size) for name, size in SIZES.items()}
    explorer = AutoencoderExplorer(**weights)
    explorer.sample = 3
    shown = words_of(explorer)
    for weight in WEIGHTS:
        assert shown[shown.index(weight) + 1] == svg.short(explorer.state.weight_value(weight))
    for i in range(4):
        assert shown[shown.index(f"x{i + 1}") + 1] == svg.short(explorer.X[3, i])
        assert shown[shown.index(f"x̂{i + 1}") + 1] == svg.short(explorer.state.X_hat[3, i])
    assert shown[shown.index("h1 = p·x") + 1] == svg.short(explorer.p @ explorer.X[3])
    assert shown[shown.index("h2 = q·x") + 1] == svg.short(explorer.q @ explorer.X[3])


def test_the_sign_of_a_weight_shows_in_its_dashes_too():
    def dashed(value):
        explorer = AutoencoderExplorer(
            **{name: np.full(size, value) for name, size in SIZES.items()}
        )
        edges = [e for e in drawing_of(explorer).iter("path") if "C" in e.get("d")]
        return sum("stroke-dasharray" in edge.attrib for edge in edges)

    assert dashed(-0.5) - dashed(0.5) == len(WEIGHTS)


def test_the_share_off_the_plane_is_told():
    off = np.array([1, 1, -1, -1]) / 2  # orthogonal to both directions of the plane
    along = RING_MAP[0]
    decoder = np.column_stack([along, off])
    r, s, u, v = decoder
    explorer = AutoencoderExplorer([along.tolist()], p=3 * along, q=4 * along, r=r, s=s, u=u, v=v)
    assert explorer.state.share_off_plane == pytest.approx(16 / 25)
    assert "64% of ‖x̂‖² is off this plane" in words_of(explorer)
    assert "64% of the reconstructions" in explorer._picture.value


def test_the_loss_curve_stays_small_over_a_long_descent():
    explorer = AutoencoderExplorer(step_size=0.01)
    explorer.step(1500)
    assert len(explorer.losses) == 1501
    assert len(explorer.still().svg) < 40_000


# ------------------------------------------------------------------------- bad input

BAD_SETTINGS = [
    ("p", [1, 2, 3], ValueError, r"p must be 4 numbers .* given shape \(3,\)"),
    ("q", 1.0, ValueError, r"q must be 4 numbers .* given shape \(\)"),
    ("r", [[1, 2]], ValueError, r"r must be 2 numbers .* given shape \(1, 2\)"),
    ("s", [], ValueError, r"s must be 2 numbers"),
    ("u", [1, math.nan], ValueError, r"u must be 2 numbers .* given \[1.0, nan\]"),
    ("v", [1, math.inf], ValueError, r"v must be 2 numbers"),
    ("v", [1, 2e6], ValueError, r"between −1,000,000 and 1,000,000; given \[1.0, 2000000.0\]"),
    ("p", "abcd", TypeError, r"p must be 4 numbers .* given 'abcd'"),
    ("p", ["1", "2", "3", "4"], TypeError, r"p must be 4 numbers"),
    ("p", None, TypeError, r"p must be 4 numbers .* given None"),
    ("q", [1, 2j, 3, 4], TypeError, r"q must be 4 numbers"),
    ("q", [[1], [2, 3]], ValueError, r"q must be 4 numbers .* unequal length"),
    ("step_size", 0, ValueError, r"step_size must be a finite number above 0; given 0"),
    ("step_size", -0.1, ValueError, r"given -0.1"),
    ("step_size", math.nan, ValueError, r"given nan"),
    ("step_size", math.inf, ValueError, r"given inf"),
    ("step_size", "0.3", TypeError, r"step_size must be a number above 0; given '0.3'"),
    ("step_size", None, TypeError, r"given None"),
    ("step_size", True, TypeError, r"given True"),
    ("sample", 11, ValueError, r"sample must be a whole number from 0 to 10; given 11"),
    ("sample", -1, ValueError, r"given -1"),
    ("sample", 1.5, TypeError, r"given 1.5"),
    ("weight", "w1", ValueError, r"weight must be one of 'p1', .*, 'v2'; got 'w1'"),
    ("weight", 3, TypeError, r"got 3"),
    ("X", [[1, 2, 3]], ValueError, r"n_samples, 4\).* given shape \(1, 3\)"),
    ("X", np.empty((0, 4)), ValueError, r"given shape \(0, 4\)"),
    ("X", [1, 2, 3, 4], ValueError, r"given shape \(4,\)"),
    ("X", [[1, 2, 3, math.nan]], ValueError, r"finite numbers .* given nan"),
    ("X", [["a", "b", "c", "d"]], TypeError, r"X must be finite numbers"),
]


@pytest.mark.parametrize(("name", "value", "error", "words"), BAD_SETTINGS)
def test_bad_settings_are_refused_in_plain_words(name, value, error, words):
    explorer = AutoencoderExplorer(make_ring(11, random_state=0))
    with refused(explorer, error, words):
        explorer.change(**{name: value})


@pytest.mark.parametrize(
    ("n_steps", "error"), [(0, ValueError), (1.5, TypeError), ("2", TypeError)]
)
def test_bad_numbers_of_steps_are_refused(n_steps, error):
    with pytest.raises(error, match=f"n_steps must be .*given {n_steps!r}"):
        AutoencoderExplorer().step(n_steps)


def test_bad_input_at_the_start_is_refused_too():
    with pytest.raises(ValueError, match="p must be 4 numbers"):
        AutoencoderExplorer(p=[1, 2])
    with pytest.raises(ValueError, match="X must be"):
        AutoencoderExplorer([[1, 2, 3, 4, 5]])


def test_unknown_settings_are_refused():
    explorer = AutoencoderExplorer()
    with pytest.raises(AttributeError, match="no setting 'stepsize'; it has .*step_size"):
        explorer.stepsize = 0.1
    for name in ("X", "loss", "losses", "smallest_loss", "n_steps"):  # follow from the rest
        with pytest.raises(AttributeError, match=name):
            setattr(explorer, name, 0)
