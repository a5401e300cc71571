"""The code-space explorer without a browser: its draws, its neighbours, its controls, its words."""

import doctest
import math
import re
import warnings
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
    places_of_the_mouse,
    refused,
    windows_of,
    words_of,
)
from scipy.spatial.distance import cdist
from sklearn.decomposition import PCA
from sklearn.exceptions import NotFittedError
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from helpers.datasets import load_ionosphere, make_ring
from helpers.models import Autoencoder
from helpers.models.autoencoder import PRIORS
from helpers.widgets import CodeExplorer, code_explorer, svg
from helpers.widgets.code_explorer import LAWS, Neighbours, fit_prior, frame, radar_parts


@cache
def ionosphere():
    """The table, its labels, and an autoencoder with five latent numbers, briefly trained."""
    X, y = load_ionosphere(return_X_y=True)
    return X, y, Autoencoder((16,), n_latent=5, max_iter=15, random_state=0).fit(X)


def ionosphere_explorer(**options):
    X, y, autoencoder = ionosphere()
    return CodeExplorer(autoencoder, X, y, **options)


def ring_explorer(n=60, **options):
    X = make_ring(n, random_state=3)
    return CodeExplorer(PCA(2).fit(X), X, **options)


# ------------------------------------------------------------------- how h is drawn


def lopsided_codes(n=400):
    rng = np.random.default_rng(1)
    mixing = np.array([[2.0, 0.0, 0.3], [0.5, 0.2, -0.4]])  # two directions of three
    return rng.normal(size=(n, 2)) @ mixing + [5.0, -1.0, 0.0]


def test_the_normal_draw_is_standard_normal_whatever_the_codes():
    H = fit_prior("normal", lopsided_codes())(20_000, np.random.default_rng(0))
    np.testing.assert_allclose(H.mean(axis=0), 0, atol=0.03)
    np.testing.assert_allclose(np.cov(H.T), np.eye(3), atol=0.04)


def test_the_uniform_draw_fills_the_range_of_each_coordinate():
    codes = lopsided_codes()
    H = fit_prior("uniform", codes)(20_000, np.random.default_rng(0))
    low, high = codes.min(axis=0), codes.max(axis=0)
    assert ((low <= H) & (high >= H)).all()
    for k, fraction in enumerate(((H - low) / (high - low)).T):
        counts = np.histogram(fraction, bins=5, range=(0, 1))[0]
        np.testing.assert_allclose(counts / len(H), 0.2, atol=0.015, err_msg=f"h{k + 1}")


def test_the_gaussian_draw_has_mean_and_covariance_of_the_codes():
    codes = lopsided_codes()
    H = fit_prior("gaussian", codes)(50_000, np.random.default_rng(0))
    np.testing.assert_allclose(H.mean(axis=0), codes.mean(axis=0), atol=0.04)
    np.testing.assert_allclose(np.cov(H.T), np.cov(codes.T, bias=True), atol=0.08)
    assert np.linalg.matrix_rank(H - H.mean(axis=0), tol=1e-5) == 2  # as flat as the codes


def test_the_mixture_draw_keeps_to_the_clusters():
    rng = np.random.default_rng(0)
    centres = np.array([[-5.0, 0.0], [5.0, 0.0], [0.0, 8.0]])
    member = np.repeat([0, 1, 2], [300, 100, 100])
    codes = centres[member] + 0.3 * rng.normal(size=(500, 2))
    H = fit_prior("mixture", codes)(5000, rng)
    distances = cdist(H, centres)
    assert (distances.min(axis=1) < 1.6).all()
    shares = np.bincount(distances.argmin(axis=1)) / len(H)
    np.testing.assert_allclose(shares, [0.6, 0.2, 0.2], atol=0.03)


@pytest.mark.parametrize("prior", PRIORS)
@pytest.mark.parametrize("codes", [np.zeros((9, 2)), np.eye(2), lopsided_codes(4)])
def test_few_and_equal_codes_can_be_drawn_from(prior, codes):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        H = fit_prior(prior, codes)(7, np.random.default_rng(0))
    assert H.shape == (7, codes.shape[1])
    assert np.isfinite(H).all()


@pytest.mark.parametrize("prior", PRIORS)
def test_a_model_that_can_draw_codes_is_asked_for_them(prior):
    """As in its `sample`; what is fitted here, for other models, follows the same law."""
    X, y, autoencoder = ionosphere()
    law = fit_prior(prior, autoencoder.transform(X))
    ours = law(4000, np.random.default_rng(1))
    theirs = autoencoder.sample_codes(4000, 2, prior=prior)
    np.testing.assert_allclose(theirs.mean(axis=0), ours.mean(axis=0), atol=0.25)
    np.testing.assert_allclose(theirs.std(axis=0), ours.std(axis=0), rtol=0.12)
    asked = []

    class Asked(type(autoencoder)):
        def sample_codes(self, n_samples, random_state, *, prior):
            asked.append((n_samples, prior))
            return np.full((n_samples, 5), 0.25)

    own = Asked()
    vars(own).update(vars(autoencoder))
    explorer = CodeExplorer(own, X, y, prior=prior)
    assert (explorer.draws == 0.25).all()
    explorer.fresh_draw()
    explorer.fresh_draw()
    assert (explorer.h == 0.25).all()
    assert asked == [(351, prior), (500, prior)]


def test_an_unknown_prior_is_refused():
    with pytest.raises(ValueError, match="prior must be one of 'normal', .*; got 'cauchy'"):
        fit_prior("cauchy", np.eye(2))


# --------------------------------------------------------------------- near and far


@pytest.mark.parametrize(("n", "k", "seed"), [(40, 3, 0), (351, 34, 1), (2, 5, 2), (200, 8, 3)])
def test_neighbours_equal_brute_force(n, k, seed):
    rng = np.random.default_rng(seed)
    points, others = rng.normal(size=(n, k)), 1.5 * rng.normal(size=(30, k))
    cloud = Neighbours(points)
    among = cdist(points, points)
    np.fill_diagonal(among, np.inf)
    gaps = among.min(axis=1)
    assert cloud.gap == pytest.approx(np.median(gaps))
    assert cloud.share_far == np.mean(gaps > 2 * np.median(gaps))
    distances = cdist(others, points)
    for other, distance in zip(others, distances):
        number, nearest = cloud.nearest(other)
        assert number == distance.argmin()
        assert nearest == pytest.approx(distance.min())
    expected = np.mean(distances.min(axis=1) > 2 * np.median(gaps))
    assert cloud.share_far_from_here(others) == expected


def test_the_explorers_findings_equal_brute_force():
    X, _, autoencoder = ionosphere()
    explorer = ionosphere_explorer()
    codes = autoencoder.transform(X)
    np.testing.assert_array_equal(explorer.codes, codes)
    for _ in range(20):
        explorer.fresh_draw()
        np.testing.assert_array_equal(
            explorer.x_hat, autoencoder.inverse_transform(explorer.h[None])[0]
        )
        to_codes = np.linalg.norm(codes - explorer.h, axis=1)
        to_rows = np.linalg.norm(X - explorer.x_hat, axis=1)
        # Two of the rows are equal, so the number is not always that of the first.
        for (number, distance), all_distances in (
            (explorer.nearest_code, to_codes),
            (explorer.nearest_row, to_rows),
        ):
            assert distance == pytest.approx(all_distances.min())
            assert all_distances[number] == pytest.approx(all_distances.min())


@pytest.mark.parametrize(
    ("h", "where"),
    [
        ([0.0, 0.0], "in a hole"),
        ([50.0, 0.0], "outside the range of the codes"),
        ([0.0, -50.0], "outside the range of the codes"),
    ],
)
def test_where_h_lies_on_the_ring(h, where):
    explorer = ring_explorer(h=h)
    assert explorer.where == where
    assert f"h is {where}" in words_of(explorer)
    assert f"is {where}" in explorer._picture.value.partition("<figcaption>")[2]
    explorer.h = explorer.codes[13]
    assert explorer.where == "among the codes"
    assert explorer.nearest_code == (13, 0)


def test_the_share_of_draws_stands_beside_that_of_the_codes():
    explorer = ring_explorer(n=200, prior="uniform")
    space = explorer.state.space
    among = cdist(explorer.codes, explorer.codes) + np.diag(np.full(200, np.inf))
    far = 2 * np.median(among.min(axis=1))
    of_draws = np.mean(cdist(explorer.draws, explorer.codes).min(axis=1) > far)
    of_codes = np.mean(among.min(axis=1) > far)
    assert space.draws("uniform").share_off_codes == of_draws > 0.5
    words = f"off the codes: {of_draws:.0%} of the draws, {of_codes:.0%} of the codes"
    assert words in words_of(explorer)


# --------------------------------------------------------------- set from code, read back


def test_values_from_code_are_read_back():
    explorer = ionosphere_explorer()
    h = [0.5, -1.25, 3, 0, 1e-3]
    explorer.h, explorer.axes, explorer.coordinate, explorer.prior = h, (4, 2), 3, "gaussian"
    np.testing.assert_array_equal(explorer.h, h)
    assert (explorer.axes, explorer.coordinate, explorer.prior) == ((4, 2), 3, "gaussian")
    assert (explorer.axis_across, explorer.axis_up) == (4, 2)
    assert_sound(explorer)


def test_values_can_be_given_at_the_start():
    explorer = ionosphere_explorer(axes=(3, 0), h=[1, 2, 3, 4, 5], prior="mixture")
    assert (explorer.axes, explorer.prior) == ((3, 0), "mixture")
    np.testing.assert_array_equal(explorer.h, [1, 2, 3, 4, 5])
    explorer.h = np.zeros(5)
    explorer.axes = (1, 2)
    explorer.prior = "uniform"
    explorer.reset()
    assert (explorer.axes, explorer.prior) == ((3, 0), "mixture")
    np.testing.assert_array_equal(explorer.h, [1, 2, 3, 4, 5])


def test_h_begins_at_the_mean_of_the_codes():
    explorer = ionosphere_explorer()
    np.testing.assert_allclose(explorer.h, explorer.codes.mean(axis=0))


def test_what_is_read_back_cannot_be_altered_unseen():
    explorer = ring_explorer()
    mine = np.ones(2)
    explorer.h = mine
    mine[0] = 9
    assert explorer.h[0] == 1
    for array in (explorer.h, explorer.codes):
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 3


def test_an_axis_that_takes_the_others_coordinate_trades_with_it():
    explorer = ionosphere_explorer(axes=(0, 1))
    explorer.axis_across = 1
    assert explorer.axes == (1, 0)
    explorer.axis_up = 1
    assert explorer.axes == (0, 1)
    explorer.axis_up = 4
    assert explorer.axes == (0, 4)


def test_equal_seeds_equal_draws():
    one, two, other = (ionosphere_explorer(random_state=seed) for seed in (5, 5, 6))
    two.prior = "uniform"  # another order of asking changes nothing
    two.prior = "normal"
    for explorer in (one, two, other):
        explorer.fresh_draw()
        explorer.real_code()
    np.testing.assert_array_equal(one.draws, two.draws)
    assert one.still().svg == two.still().svg != other.still().svg
    assert repr(one) == repr(two)


def test_draws_shown_stay_and_fresh_ones_differ():
    explorer = ionosphere_explorer()
    shown = {}
    for prior in (*PRIORS, *PRIORS):
        explorer.prior = prior
        drawn = shown.setdefault(prior, explorer.draws)
        np.testing.assert_array_equal(explorer.draws, drawn)
        assert drawn.shape == (351, 5)
        explorer.fresh_draw()
        once = explorer.h
        explorer.fresh_draw()
        assert (explorer.h != once).all()


def test_a_real_code_is_one():
    explorer = ionosphere_explorer()
    rows = set()
    for _ in range(5):
        explorer.real_code()
        number, distance = explorer.nearest_code
        assert distance == 0
        rows.add(number)
    assert len(rows) > 2


def test_the_example_in_the_docstring():
    results = doctest.testmod(code_explorer)
    assert (results.attempted, results.failed) == (7, 0)


def test_as_text():
    explorer = ring_explorer(h=[0.0, 0.5])
    expected = "CodeExplorer: h = (0.00, 0.50) is in a hole: the nearest code, that of row "
    assert repr(explorer).startswith(expected)
    assert repr(explorer) == repr(ring_explorer(h=[0.0, 0.5]))
    assert explorer._repr_mimebundle_()["text/plain"] == repr(explorer)
    assert explorer.still().alt == explorer._describe(explorer.state)


# ----------------------------------------------------------------------- the controls


SLIDERS = {"Across": "axis_across", "Up": "axis_up", "Its value": "coordinate"}


def assert_sound(explorer):
    """The picture is well drawn, and all controls agree with the state."""
    assert_well_drawn(explorer)
    state, root = explorer.state, drawing_of(explorer)
    assert root.get("aria-label").startswith("The hidden space of an autoencoder")
    assert state.where in root.get("aria-label")
    [area] = [e for e in root.iter() if e.get("class") == "live-area"]
    assert area.get("width") == area.get("height")

    c = controls_of(explorer)
    for description, field in SLIDERS.items():
        if description not in c:
            continue
        value, slider = float(state.h[getattr(state, field)]), c[description]
        notch = slider.value / slider.max
        reach = np.ceil(max(np.abs(explorer.codes).max(), 3))
        assert abs(notch * reach - np.clip(value, -reach, reach)) < 0.1 * reach
        assert slider.value % slider.step == 0
        assert c[f"{description}, as a number"].value == pytest.approx(value, rel=1e-3)
    assert c["Draw h from"].value == state.prior
    if "Coordinate" in c:
        assert c["Coordinate"].value == state.coordinate
        assert (c["Shown across"].value, c["Shown upwards"].value) == state.axes


def test_every_control_is_there_and_described():
    sliders = ["Across", "Across, as a number", "Up", "Up, as a number"]
    buttons = ["Fresh draw", "A real code", "Reset"]
    expected = ["Place of the mouse", *sliders, "Draw h from", *buttons]
    assert list(controls_of(ring_explorer())) == expected
    expected[5:6] = ["Coordinate", "Its value", "Its value, as a number", "Draw h from"]
    expected[9:9] = ["Shown across", "Shown upwards"]
    assert list(controls_of(ionosphere_explorer())) == expected


@pytest.mark.parametrize("description", SLIDERS)
def test_sliders_at_minimum_default_and_maximum(description):
    explorer = ionosphere_explorer(axes=(3, 1))
    slider = controls_of(explorer)[description]
    number = getattr(explorer.state, SLIDERS[description])
    others = [k for k in range(5) if k != number]
    before = explorer.h
    for notch in (slider.min, slider.value, slider.max, 0):
        slider.value = notch
        assert explorer.problem is None
        assert np.sign(explorer.h[number]) == np.sign(notch) or notch == slider.value
        np.testing.assert_array_equal(explorer.h[others], before[others])
        assert_sound(explorer)
    assert explorer.h[number] == 0


def test_sliders_reach_all_codes():
    for explorer in (ionosphere_explorer(), ring_explorer()):
        slider = controls_of(explorer)["Across"]
        slider.value = slider.max
        reach = explorer.h[explorer.axis_across]
        assert (
            max(3, np.abs(explorer.codes).max()) <= reach < 2.5 * np.abs(explorer.codes).max() + 4
        )


def test_lists_show_other_coordinates_and_draws():
    explorer = ionosphere_explorer()
    c = controls_of(explorer)
    for name in ("Coordinate", "Shown across", "Shown upwards", "Draw h from"):
        for _, value in c[name].options:
            c[name].value = value
            assert explorer.problem is None
            assert_sound(explorer)
    assert [label for label, _ in c["Coordinate"].options] == ["h1", "h2", "h3", "h4", "h5"]
    assert {value: label for label, value in c["Draw h from"].options} == LAWS


def test_the_third_slider_moves_what_the_picture_does_not_show():
    explorer = ionosphere_explorer(axes=(0, 1))
    assert explorer.coordinate == 2
    decoded = explorer.x_hat
    controls_of(explorer)["Its value"].value = 0
    assert explorer.h[2] == 0
    assert np.abs(explorer.x_hat - decoded).max() > 1e-3


def test_the_mouse_moves_the_two_coordinates_shown():
    explorer = ionosphere_explorer(axes=(3, 1))
    before = explorer.h
    pointer = controls_of(explorer)["Place of the mouse"]
    for across, up in [(0.25, 0.75), (0, 0), (1, 1), (0.5, 0.5)]:
        pointer.value = f"{across} {up} 1700000000000"
        corner, side = frame(explorer.state)
        expected = corner + side * np.array([across, up])
        np.testing.assert_allclose(explorer.h[[3, 1]], expected)
        np.testing.assert_array_equal(explorer.h[[0, 2, 4]], before[[0, 2, 4]])
        assert explorer.problem is None
        assert_sound(explorer)


def test_a_second_click_on_the_same_place_counts():
    explorer = ring_explorer()
    pointer = controls_of(explorer)["Place of the mouse"]
    pointer.value = "0.1 0.2 1"
    first = explorer.h
    explorer.reset()
    pointer.value = "0.1 0.2 2"
    np.testing.assert_array_equal(explorer.h, first)


@pytest.mark.parametrize("words", [*NO_PLACES, "0.5 inf 3"])
def test_no_place_is_explained_and_changes_nothing(words):
    assert_no_place(ring_explorer(), words)


def test_what_the_picture_shows_of_h_is_where_the_mouse_put_it():
    explorer = ring_explorer()
    controls_of(explorer)["Place of the mouse"].value = "0.3 0.9 5"
    window = windows_of(explorer)[0]
    *_, marker = window.iter("circle")
    size = float(window.get("width"))
    assert float(marker.get("cx")) == pytest.approx(0.3 * size, abs=0.1)
    assert float(marker.get("cy")) == pytest.approx(0.1 * size, abs=0.1)


wild = st.floats(-1e6, 1e6) | st.floats(-3, 3) | st.sampled_from([0.0, 1e6, -1e6, 1e-9])
interactions = st.one_of(
    st.tuples(st.sampled_from(["Across", "Up", "Its value"]), st.integers(-80, 80)),
    st.tuples(st.sampled_from([f"{name}, as a number" for name in SLIDERS]), wild),
    st.tuples(st.sampled_from(["Coordinate", "Shown across", "Shown upwards"]), st.integers(0, 4)),
    st.tuples(st.just("Draw h from"), st.sampled_from(PRIORS)),
    st.tuples(st.just("Place of the mouse"), places_of_the_mouse),
    st.tuples(st.sampled_from(["Fresh draw", "A real code", "Reset"]), st.none()),
    st.tuples(st.just("h"), st.lists(wild, min_size=5, max_size=5)),
    st.tuples(st.just("axes"), st.permutations(range(5)).map(lambda order: tuple(order[:2]))),
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(interactions, max_size=12))
def test_any_sequence_of_interactions(sequence):
    explorer = ionosphere_explorer()
    for what, value in sequence:
        do(explorer, what, value)
        assert explorer.problem is None
        assert_sound(explorer)


@pytest.mark.parametrize("value", [math.nan, math.inf, 1.1e6, -1e300])
def test_bad_entries_are_explained_and_taken_back(value):
    explorer = ionosphere_explorer()
    assert_taken_back(explorer, "Up, as a number", value, "h must be 5 numbers")
    assert_sound(explorer)


# -------------------------------------------------------------------- odd tables and models


@pytest.mark.parametrize(
    "X",
    [
        [[1.0, 2.0, 3.0], [4.0, 5.0, 7.0]],
        np.zeros((5, 3)),
        1e5 * np.eye(4),
        np.full((6, 3), 1e-200) * np.arange(1, 4),
        make_ring(1000, noise=0.5, random_state=1),
        make_ring(30, random_state=1).astype(np.float32),
        np.arange(40).reshape(8, 5) % 7,
        np.random.default_rng(0).normal(size=(20, 90)),
    ],
    ids=["two", "zeros", "huge", "tiny", "many", "single", "whole", "wide"],
)
@pytest.mark.filterwarnings("ignore:invalid value:RuntimeWarning:sklearn")  # PCA of equal rows
def test_odd_tables_are_drawn(X):
    explorer = CodeExplorer(PCA(2).fit(X), X)
    for prior in PRIORS:
        explorer.prior = prior
        assert_sound(explorer)
        explorer.fresh_draw()
        explorer.real_code()
        assert explorer.nearest_code[1] == 0
        assert_sound(explorer)


def test_pipelines_are_models_too():
    X, y, _ = ionosphere()
    pipeline = make_pipeline(StandardScaler(), PCA(3)).fit(X)
    explorer = CodeExplorer(pipeline, X, y)
    np.testing.assert_allclose(explorer.codes, pipeline.transform(X))
    explorer.h = [1, 2, 3]
    np.testing.assert_allclose(explorer.x_hat, pipeline.inverse_transform([[1, 2, 3]])[0])
    assert_sound(explorer)


class Exploding:
    """No scikit-learn estimator; decodes what is far out to something that is no number."""

    def transform(self, X):
        return X[:, :2]

    def inverse_transform(self, H):
        return np.where(np.abs(H) > 10, np.inf, H)


def test_what_does_not_decode_is_refused():
    X = make_ring(9, random_state=0)[:, :2]
    explorer = CodeExplorer(Exploding(), X)
    with refused(explorer, ValueError, "h must decode to finite numbers"):
        explorer.h = [11, 0]
    assert_sound(explorer)


# ------------------------------------------------------------------- what the picture says


def test_the_ionosphere_is_drawn_as_radar_returns():
    shown = words_of(ionosphere_explorer())
    assert {"decoded radar return x̂", "real part", "imaginary part", "pulse"} <= set(shown)
    shown = words_of(ring_explorer())
    assert {"decoded row x̂", "value", "column"} <= set(shown)


def test_pulses_are_found_in_all_three_forms_of_the_table():
    X, y, _ = ionosphere()
    parts = radar_parts(X)
    np.testing.assert_array_equal(parts["real part"], range(0, 34, 2))
    np.testing.assert_array_equal(parts["imaginary part"], range(1, 34, 2))
    without_a02 = np.delete(X, 1, axis=1)
    without_a02[:, 0] = 2 * without_a02[:, 0] - 1
    for table in (without_a02, np.column_stack([without_a02, y])):
        parts = radar_parts(table)
        np.testing.assert_array_equal(table[:, parts["real part"]][:, 1:], X[:, 2::2])
        np.testing.assert_array_equal(table[:, parts["imaginary part"]][:, 1:], X[:, 3::2])
        assert parts["imaginary part"][0] == -1
        explorer = CodeExplorer(PCA(3).fit(table), table, y)
        assert "imaginary part" in words_of(explorer)
        assert_sound(explorer)
    for other in (X[:, :30], 2 * X, X[:, ::-1], np.delete(X, 0, axis=1)):
        assert radar_parts(other) is None


def curves(explorer):
    """The points of each curve of the right half: decoded and real, part by part."""
    found = []
    for window in windows_of(explorer)[1:]:
        paths = [e.get("d") for e in window.iter("path") if "h0" not in e.get("d")]
        points = [np.array(re.findall(r"[-\d.]+", d), float).reshape(-1, 2) for d in paths]
        found.append((float(window.get("height")), *points))
    return found


def test_curves_follow_the_values():
    explorer = ionosphere_explorer()
    explorer.h = explorer.codes[40]
    row = explorer.state.space.X[explorer.nearest_row[0]]
    low, high = -1.3, 1.3  # 15 % of the range beyond −1 and 1
    for part, (height, decoded, real) in enumerate(curves(explorer)):
        for values, points in ((explorer.x_hat, decoded), (row, real)):
            expected = (high - values[part::2]) / (high - low) * height
            np.testing.assert_allclose(points[:, 1], expected, atol=0.1)
            assert (np.diff(points[:, 0]) > 0).all()


def test_classes_differ_in_shape_as_well_as_in_colour():
    X, y, _ = ionosphere()
    window = windows_of(ionosphere_explorer())[0]
    paths = [e.get("d") for e in window.iter("path")]
    assert [p.count("h0") for p in paths if "h0" in p][0] == (y == 1).sum()  # round dots
    assert [p.count("z") for p in paths if "z" in p] == [(y == -1).sum()]  # triangles


def test_the_label_of_the_nearest_row_is_told():
    X, y, _ = ionosphere()
    explorer = ionosphere_explorer()
    for row in (np.flatnonzero(y == 1)[3], np.flatnonzero(y == -1)[3]):
        explorer.h = explorer.codes[row]
        nearest = explorer.nearest_row[0]
        label = "+1" if y[nearest] == 1 else f"{svg.MINUS}1"
        assert any(
            t.startswith(f"nearest row: {nearest} (class {label}), ") for t in words_of(explorer)
        )
        assert f"row {nearest} of class {label} (" in explorer._picture.value
    assert not any("class" in t for t in words_of(ring_explorer()))


def test_h_beyond_the_frame_is_told():
    explorer = ring_explorer()
    assert "h is outside" not in words_of(explorer)
    explorer.h = [1e6, -1e6]
    assert "h is outside" in words_of(explorer)
    assert "h is outside the frame." in explorer._picture.value
    assert_sound(explorer)


def test_the_picture_stays_small():
    assert len(ionosphere_explorer().still().svg) < 40_000


# ------------------------------------------------------------------------- bad input

BAD_SETTINGS = [
    ("h", [1, 2, 3], ValueError, r"h must be 5 numbers .* given shape \(3,\)"),
    ("h", 1.0, ValueError, r"given shape \(\)"),
    ("h", [1, 2, 3, 4, math.nan], ValueError, r"h must be 5 numbers .* nan\]"),
    ("h", [1, 2, 3, 4, -math.inf], ValueError, r"-inf\]"),
    ("h", [1, 2, 3, 4, 2e6], ValueError, r"between −1,000,000 and 1,000,000"),
    ("h", [[1], [2, 3]], ValueError, r"unequal length"),
    ("h", "h", TypeError, r"h must be 5 numbers .* given 'h'"),
    ("h", None, TypeError, r"given None"),
    ("prior", "gauss", ValueError, r"prior must be one of 'normal', .*'mixture'; got 'gauss'"),
    ("prior", None, TypeError, r"got None"),
    ("prior", ["normal"], TypeError, r"got \['normal'\]"),
    ("axis_across", 5, ValueError, r"axis_across must be a whole number from 0 to 4; given 5"),
    ("axis_up", -1, ValueError, r"given -1"),
    ("axis_up", 1.0, TypeError, r"given 1.0"),
    ("coordinate", True, TypeError, r"coordinate must be .* given True"),
    ("coordinate", 7, ValueError, r"from 0 to 4; given 7"),
    ("axes", (2, 2), ValueError, r"axes must be two different coordinates; given \(2, 2\)"),
    ("axes", (0, 1, 2), ValueError, r"axes must be two coordinates, .* given \(0, 1, 2\)"),
    ("axes", 3, ValueError, r"given 3"),
    ("axes", (0, "h2"), TypeError, r"axis_up must be a whole number .* given 'h2'"),
]


@pytest.mark.parametrize(("name", "value", "error", "words"), BAD_SETTINGS)
def test_bad_settings_are_refused_in_plain_words(name, value, error, words):
    explorer = ionosphere_explorer()
    with refused(explorer, error, words):
        setattr(explorer, name, value)
    # At the start an h of None is none given.
    if name in ("h", "prior", "axes") and (name, value) != ("h", None):
        with pytest.raises(error, match=words):
            ionosphere_explorer(**{name: value})


RING = make_ring(11, random_state=0)
BAD_STARTS = [
    ((PCA(2), RING), NotFittedError, r"model must be fitted .* call fit\(X\) on this PCA first"),
    ((Autoencoder(), RING), NotFittedError, r"call fit\(X\) on this Autoencoder first"),
    ((StandardScaler, RING), TypeError, r"model must be a fitted estimator; given the class"),
    ((object(), RING), TypeError, r"object has no transform and no inverse_transform"),
    ((PCA(2).fit(RING), RING[:, :3]), ValueError, r"3 features"),
    ((PCA(1).fit(RING), RING), ValueError, r"two or more numbers .* shape \(11, 1\)"),
    ((PCA(2).fit(RING), 1e8 * RING), ValueError, r"between −1,000,000 and 1,000,000"),
    ((PCA(2).fit(RING), RING[:1]), ValueError, r"n_samples ≥ 2; given shape \(1, 4\)"),
    ((PCA(2).fit(RING), RING[0]), ValueError, r"X must be .* given shape \(4,\)"),
    ((PCA(2).fit(RING), [["a"]]), TypeError, r"X must be finite numbers"),
    ((PCA(2).fit(RING), np.where(RING > 0.5, np.nan, RING)), ValueError, r"of its values are not"),
    ((PCA(2).fit(RING), RING, [1, -1]), ValueError, r"for each of the 11 rows; given shape \(2,\)"),
    ((PCA(2).fit(RING), RING, np.arange(11)), ValueError, r"y must be one label, −1 or \+1"),
    ((PCA(2).fit(RING), RING, ["good"] * 11), TypeError, r"y must be one label"),
]


@pytest.mark.parametrize(("arguments", "error", "words"), BAD_STARTS)
def test_bad_input_at_the_start_is_refused_too(arguments, error, words):
    with pytest.raises(error, match=words):
        CodeExplorer(*arguments)


def test_unknown_settings_are_refused():
    explorer = ring_explorer()
    with pytest.raises(AttributeError, match="no setting 'draw'; it has .*h, prior"):
        explorer.draw = "normal"
    for name in ("codes", "draws", "x_hat", "nearest_code", "nearest_row", "where"):
        with pytest.raises(AttributeError, match=name):  # follow from the rest
            setattr(explorer, name, 0)
