"""The two-Gaussians picture without a browser: its mathematics, its controls, its words."""

import doctest
import io
import math
import re
import xml.etree.ElementTree as ET
from base64 import b64decode

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
    embedded_pictures,
    places_of_the_mouse,
    refused,
    words_of,
)
from PIL import Image
from scipy.stats import multivariate_normal, norm
from sklearn.linear_model import LogisticRegression

from helpers.widgets import TwoGaussians, svg, two_gaussians
from helpers.widgets.two_gaussians import (
    ARRANGEMENTS,
    COVARIANCES,
    SHOWN,
    Quadratic,
    covariance_matrix,
    fit_logistic_regression,
    probability_above,
)

UNEQUAL = {
    "mean_plus": [1.0, -0.5],
    "mean_minus": [-0.7, 0.4],
    "spread_plus": [0.6, 1.4],
    "spread_minus": [2.0, 0.9],
    "correlation_plus": 0.5,
    "correlation_minus": -0.8,
    "covariance": "separate",
    "prior_plus": 0.3,
}


def frozen(gaussians):
    """The two classes as SciPy knows them, and their priors."""
    return [
        (multivariate_normal(mean, covariance), prior, label)
        for (label, mean, covariance), prior in zip(
            gaussians.state.classes, (gaussians.prior_plus, 1 - gaussians.prior_plus)
        )
    ]


def monte_carlo(gaussians, rule, n=400_000):
    """How often a rule is right for points drawn by NumPy."""
    rng = np.random.default_rng(7)
    right = 0.0
    for density, prior, label in frozen(gaussians):
        X = rng.multivariate_normal(density.mean, density.cov, size=n)
        right += prior * np.mean(label * rule(X) > 0)
    return right


# ------------------------------------------------------------------ the mathematics


def test_covariance_matrix():
    Sigma = covariance_matrix([2.0, 0.5], -0.3)
    np.testing.assert_allclose(np.sqrt(np.diag(Sigma)), [2.0, 0.5])
    assert Sigma[0, 1] == Sigma[1, 0] == pytest.approx(-0.3 * 2.0 * 0.5)


@pytest.mark.parametrize("arrangement", [UNEQUAL, *ARRANGEMENTS.values()])
def test_log_joints_and_log_odds_equal_scipys(arrangement):
    gaussians = TwoGaussians(**arrangement)
    X = np.random.default_rng(0).normal(scale=3, size=(50, 2))
    plus, minus = (density.logpdf(X) + np.log(prior) for density, prior, _ in frozen(gaussians))
    for joint, expected in zip(gaussians.state.log_joints, (plus, minus)):
        np.testing.assert_allclose(joint(X), expected, rtol=1e-10)
    np.testing.assert_allclose(gaussians.state.generative(X), plus - minus, atol=1e-8)


def test_equal_covariances_make_the_log_odds_linear():
    gaussians = TwoGaussians(prior_plus=0.2, spread_plus=[0.7, 2], correlation_plus=0.6)
    rule = gaussians.state.generative
    np.testing.assert_allclose(rule.A, 0, atol=1e-12)
    precision = np.linalg.inv(gaussians.state.covariance_plus)
    difference = gaussians.mean_plus - gaussians.mean_minus
    np.testing.assert_allclose(rule.b, precision @ difference)


def test_accuracy_of_equal_gaussians_has_a_formula():
    """Distance d between the means, in spreads: Φ(d / 2)."""
    for distance in (0.5, 2.0, 4.0):
        gaussians = TwoGaussians(
            mean_plus=[distance / 2, 1], mean_minus=[-distance / 2, 1], spread_plus=[1, 3],
            correlation_plus=0,
        )  # fmt: skip
        assert gaussians.bayes_accuracy == pytest.approx(norm.cdf(distance / 2), abs=1e-9)


def test_accuracy_of_a_circle_has_a_formula():
    """Equal means, spreads 1 and s: the boundary is a circle, its radius Rayleigh-distributed."""
    s = 2.5
    gaussians = TwoGaussians(
        mean_plus=[0, 0], mean_minus=[0, 0], spread_plus=[1, 1], spread_minus=[s, s],
        correlation_plus=0, correlation_minus=0, covariance="separate",
    )  # fmt: skip
    squared_radius = 4 * np.log(s) / (1 - 1 / s**2)
    inside, outside = 1 - np.exp(-squared_radius / 2), np.exp(-squared_radius / (2 * s**2))
    assert gaussians.bayes_accuracy == pytest.approx((inside + outside) / 2, abs=2e-5)


@pytest.mark.parametrize("arrangement", [UNEQUAL, *ARRANGEMENTS.values()])
def test_accuracies_equal_monte_carlo(arrangement):
    gaussians = TwoGaussians(**arrangement, n_samples=60)
    state = gaussians.state
    assert gaussians.bayes_accuracy == pytest.approx(
        monte_carlo(gaussians, state.generative), abs=0.004
    )
    assert gaussians.logistic_accuracy == pytest.approx(
        monte_carlo(gaussians, state.discriminative), abs=0.004
    )


@pytest.mark.parametrize("seed", range(30))
def test_probability_above_equals_a_fine_grid(seed):
    rng = np.random.default_rng(seed)
    A = rng.normal(size=(2, 2)) * rng.choice([0, 1e-9, 1.0, 30.0])
    rule = Quadratic((A + A.T) / 2, rng.normal(size=2) * rng.choice([0, 1.0]), rng.normal())
    mean = rng.normal(size=2)
    covariance = covariance_matrix(rng.uniform(0.3, 2, size=2), rng.uniform(-0.9, 0.9))
    z = (np.arange(1200) + 0.5) / 1200 * 14 - 7
    Z = np.stack(np.meshgrid(z, z), axis=-1)
    density = norm.pdf(z)[:, None] * norm.pdf(z) * (z[1] - z[0]) ** 2
    above = rule(mean + Z @ np.linalg.cholesky(covariance).T) > 0
    assert probability_above(rule, mean, covariance) == pytest.approx(
        (above * density).sum(), abs=3e-3
    )


@pytest.mark.parametrize("c", [-1.0, 0.0, 1.0])
def test_a_constant_rule(c):
    rule = Quadratic(np.zeros((2, 2)), np.zeros(2), c)
    assert probability_above(rule, np.ones(2), np.eye(2)) == pytest.approx(float(c > 0))


def test_no_rule_beats_the_gaussians_own():
    for seed in range(20):
        gaussians = TwoGaussians(**UNEQUAL, random_state=seed, n_samples=200)
        assert gaussians.logistic_accuracy < gaussians.bayes_accuracy


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("n", [10, 500])
def test_logistic_regression_is_scikit_learns(seed, n):
    gaussians = TwoGaussians(**UNEQUAL | {"prior_plus": 0.6}, random_state=seed, n_samples=n)
    X, y = gaussians.sample
    expected = LogisticRegression(tol=1e-10, max_iter=1000).fit(X, y)
    rule = gaussians.state.discriminative
    np.testing.assert_allclose(rule.b, expected.coef_[0], atol=1e-5)
    assert rule.c == pytest.approx(expected.intercept_[0], abs=1e-5)


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10**6), st.integers(2, 60), st.floats(0.1, 30))
def test_logistic_regression_ends_where_its_slope_is_zero(seed, n, scale):
    rng = np.random.default_rng(seed)
    X, y = scale * rng.normal(size=(n, 2)), rng.choice([-1, 1], size=n)
    rule = fit_logistic_regression(X, y)
    if rule is None:
        assert len(set(y)) == 1
        return
    wrong = 1 / (1 + np.exp(y * rule(X)))
    slope = np.append(rule.b, 0) - (y * wrong) @ np.column_stack([X, np.ones(n)])
    assert np.abs(slope).max() < 1e-5 * max(scale, 1) * n


def test_the_sample_is_drawn_from_the_gaussians():
    gaussians = TwoGaussians(**UNEQUAL, n_samples=1000)
    X, y = gaussians.sample
    assert np.mean(y == 1) == pytest.approx(0.3, abs=0.05)
    for label, mean, covariance in gaussians.state.classes:
        rows = X[y == label]
        np.testing.assert_allclose(rows.mean(axis=0), mean, atol=0.2)
        np.testing.assert_allclose(np.cov(rows.T), covariance, atol=0.5)


def test_more_rows_are_the_same_rows_and_more():
    few, many = (TwoGaussians(n_samples=n, random_state=3) for n in (20, 50))
    assert np.array_equal(many.sample[1][:20], few.sample[1])
    np.testing.assert_allclose(many.sample[0][:20], few.sample[0])
    other = TwoGaussians(n_samples=20, random_state=4)
    assert not np.allclose(other.sample[0], few.sample[0])


def test_a_sample_of_one_class():
    gaussians = TwoGaussians(prior_plus=0.01, n_samples=5)
    assert set(gaussians.sample[1]) == {-1}
    assert gaussians.state.discriminative is None
    assert gaussians.logistic_accuracy == pytest.approx(0.99)
    assert "only one class was drawn" in " ".join(words_of(gaussians))
    assert "the only label of the sample" in repr(gaussians)
    assert_sound(gaussians)


@pytest.mark.parametrize(
    ("changes", "kind"),
    [
        ({}, "a straight line"),
        (ARRANGEMENTS["Narrow in wide"], "an ellipse"),
        (ARRANGEMENTS["Narrow in wide"] | {"prior_plus": 0.2}, "an ellipse"),
        (ARRANGEMENTS["Narrow in wide"] | {"prior_plus": 0.1}, "nowhere"),
        (ARRANGEMENTS["Crossed"], "a hyperbola"),
        ({"mean_minus": [1.2, 0.6]}, "nowhere"),
        (
            {"covariance": "separate", "spread_minus": [1.2, 2.0], "spread_plus": [1.2, 1.0]}
            | {"correlation_plus": 0, "correlation_minus": 0},
            "a parabola or a pair of lines",
        ),
    ],
)
def test_the_kind_of_boundary_is_named(changes, kind):
    gaussians = TwoGaussians(**changes)
    assert gaussians.state.boundary_kind == kind
    assert f"boundary is {kind}" in repr(gaussians)
    assert_sound(gaussians)


# --------------------------------------------------------------- set from code, read back


def test_values_from_code_are_read_back():
    gaussians = TwoGaussians(covariance="separate")
    for name, value in UNEQUAL.items():
        setattr(gaussians, name, value)
        np.testing.assert_array_equal(getattr(gaussians, name), value)
    for name, value in (("n_samples", 321), ("random_state", 9), ("show", "posterior")):
        setattr(gaussians, name, value)
        assert getattr(gaussians, name) == value
    assert_sound(gaussians)


def test_a_shared_covariance_stays_shared():
    gaussians = TwoGaussians()
    gaussians.spread_minus = [0.5, 2.0]
    assert gaussians.spread_plus.tolist() == [0.5, 2.0]
    gaussians.correlation_plus = 0.3
    assert gaussians.correlation_minus == 0.3
    gaussians.covariance = "separate"
    gaussians.spread_minus = [1.0, 1.0]
    assert gaussians.spread_plus.tolist() == [0.5, 2.0]
    gaussians.covariance = "shared"
    assert gaussians.spread_minus.tolist() == [0.5, 2.0]
    started = TwoGaussians(spread_minus=[0.4, 0.6], correlation_minus=0.2)
    assert started.spread_plus.tolist() == [0.4, 0.6] and started.correlation_plus == 0.2
    assert_sound(gaussians)


def test_what_is_read_back_cannot_be_altered_unseen():
    gaussians = TwoGaussians()
    mine = np.array([1.0, 2.0])
    gaussians.mean_plus = mine
    mine[0] = 9
    assert gaussians.mean_plus[0] == 1
    with pytest.raises(ValueError, match="read-only"):
        gaussians.mean_plus[0] = 3


@pytest.mark.parametrize("name", ARRANGEMENTS)
def test_arrangements(name):
    gaussians = TwoGaussians(**UNEQUAL, n_samples=200)
    gaussians.arrangement(name)
    for setting, value in ARRANGEMENTS[name].items():
        np.testing.assert_array_equal(getattr(gaussians, setting), value)
    gap = gaussians.bayes_accuracy - gaussians.logistic_accuracy
    assert gap < 0.01 if name == "Equal covariances" else gap > 0.1
    assert_sound(gaussians)
    with pytest.raises(ValueError, match="must be one of 'Equal covariances'"):
        gaussians.arrangement("Elsewhere")


def test_the_example_in_the_docstring():
    results = doctest.testmod(two_gaussians)
    assert (results.attempted, results.failed) == (3, 0)


def test_equal_settings_equal_pictures():
    one, two = (TwoGaussians(**UNEQUAL, random_state=5) for _ in range(2))
    assert one._picture.value == two._picture.value
    assert re.fullmatch(
        r"TwoGaussians: The Gaussians' own boundary is a hyperbola and right for \d\d\.\d% of all "
        r"points, logistic regression's line for \d\d\.\d%",
        repr(one),
    )


# ----------------------------------------------------------------------- the controls


# description, setting, place in the pair
SLIDERS = {
    "P(y = +1)": ("prior_plus", None),
    "Rows drawn": ("n_samples", None),
    "Seed": ("random_state", None),
}
for _side, _label in (("plus", "+1"), ("minus", "−1")):
    SLIDERS[f"Correlation, class {_label}"] = (f"correlation_{_side}", None)
    for _k, _axis in enumerate(("x₁", "x₂")):
        SLIDERS[f"Mean {_axis}, class {_label}"] = (f"mean_{_side}", _k)
        SLIDERS[f"Spread {_axis}, class {_label}"] = (f"spread_{_side}", _k)


def setting_of(gaussians, description):
    name, k = SLIDERS[description]
    return getattr(gaussians, name) if k is None else getattr(gaussians, name)[k]


def assert_sound(gaussians):
    """The picture is well drawn, and all controls agree with the state."""
    assert_well_drawn(gaussians)
    state, root = gaussians.state, drawing_of(gaussians)
    assert len(list(root.iter("image"))) == (2 if state.show == "both" else 1)
    assert root.get("aria-label").startswith("Two Gaussian classes in the plane. The Gaussians'")
    assert 0 <= state.logistic_accuracy <= state.bayes_accuracy + 1e-4 <= 1.0002
    assert state.bayes_accuracy >= max(state.prior_plus, 1 - state.prior_plus) - 1e-4
    c = controls_of(gaussians)
    assert (c["Show"].value, c["Covariance"].value) == (state.show, state.covariance)
    for description in SLIDERS:
        box = c[f"{description}, as a number"]
        assert box.value == pytest.approx(setting_of(gaussians, description), rel=1e-3)


def test_every_control_is_there_and_described():
    found = controls_of(TwoGaussians())
    expected = {"Show", "Covariance", *SLIDERS, *(f"{d}, as a number" for d in SLIDERS)}
    expected.add("Place of the mouse")
    assert set(found) == expected | set(ARRANGEMENTS)


@pytest.mark.parametrize("description", SLIDERS)
@pytest.mark.parametrize("covariance", COVARIANCES)
def test_sliders_at_minimum_default_and_maximum(description, covariance):
    gaussians = TwoGaussians(covariance=covariance)
    slider = controls_of(gaussians)[description]
    for value in (slider.min, slider.value, slider.max, slider.min):
        slider.value = value
        assert gaussians.problem is None
        assert_sound(gaussians)


@pytest.mark.parametrize(
    ("description", "value"),
    [("P(y = +1)", 0.35), ("Mean x₂, class −1", -3.7), ("Spread x₁, class +1", 0.45), ("Seed", 7)],
)
def test_number_boxes_change_the_setting_and_move_the_slider(description, value):
    gaussians = TwoGaussians()
    c = controls_of(gaussians)
    before = c[description].value
    c[f"{description}, as a number"].value = value
    assert setting_of(gaussians, description) == pytest.approx(value)
    assert c[description].value != before
    assert_sound(gaussians)


def test_lists_and_buttons():
    gaussians = TwoGaussians()
    c = controls_of(gaussians)
    for show in SHOWN:
        c["Show"].value = show
        assert gaussians.show == show
        assert_sound(gaussians)
    for name in ARRANGEMENTS:
        c[name].click()
        assert gaussians.covariance == ARRANGEMENTS[name]["covariance"]
        assert gaussians.problem is None
        assert_sound(gaussians)


def point(gaussians, x1, x2, press):
    """Point with the mouse at a place of the plane; the time of the press tells presses apart."""
    width = two_gaussians._panels(gaussians.state)[1][0][1]
    across = 0.5 + x1 * two_gaussians.UNIT / width
    up = 0.5 + x2 * two_gaussians.UNIT / two_gaussians.PANEL_HEIGHT
    controls_of(gaussians)["Place of the mouse"].value = f"{across:.6f} {up:.6f} {press}"


@pytest.mark.parametrize("show", SHOWN)
def test_a_press_beside_a_mean_takes_hold_of_it(show):
    gaussians = TwoGaussians(mean_plus=[1, 0.5], mean_minus=[-1.234, 0], show=show)
    point(gaussians, -1.3, 0.3, press=1)
    assert gaussians.mean_minus.tolist() == [-1.234, 0]  # a press alone moves nothing
    point(gaussians, 0.2, 1.3, press=1)
    np.testing.assert_allclose(gaussians.mean_minus, [0.266, 1.0])
    point(gaussians, 1.0, 0.6, press=1)  # over the other mean
    np.testing.assert_allclose(gaussians.mean_minus, [1.066, 0.3])
    assert gaussians.mean_plus.tolist() == [1, 0.5]
    assert gaussians.problem is None
    assert_sound(gaussians)


def test_a_press_far_from_both_means_holds_neither():
    gaussians = TwoGaussians()
    before = gaussians.state
    point(gaussians, 3, -3, press=1)
    point(gaussians, 0, 0, press=1)
    assert gaussians.state is before
    point(gaussians, *gaussians.mean_plus, press=2)
    point(gaussians, 0, 0, press=3)
    point(gaussians, 2, 2, press=3)  # the hold of the press before is gone
    assert gaussians.mean_plus.tolist() == before.mean_plus.tolist()


def test_a_mean_dragged_over_the_edge_stays_within_its_limits():
    gaussians = TwoGaussians()
    point(gaussians, *gaussians.mean_plus, press=1)
    point(gaussians, 5.9, -4.5, press=1)
    assert gaussians.mean_plus.tolist() == [4, -4]
    assert_sound(gaussians)


def test_equal_means_are_told_apart_by_their_labels():
    gaussians = TwoGaussians(mean_plus=[1, 1], mean_minus=[1, 1])
    point(gaussians, 0.5, 1, press=1)  # the label of class −1 stands to the left
    point(gaussians, 0.5, 2, press=1)
    assert (gaussians.mean_plus.tolist(), gaussians.mean_minus.tolist()) == ([1, 1], [1, 2])


def test_each_panel_has_an_area_to_point_into():
    for show in SHOWN:
        gaussians = TwoGaussians(show=show)
        areas = [e for e in drawing_of(gaussians).iter("rect") if e.get("class") == "live-area"]
        assert [float(a.get("width")) for a in areas] == [
            width for _, width in two_gaussians._panels(gaussians.state)[1]
        ]


interactions = st.one_of(
    st.tuples(st.just("Place of the mouse"), places_of_the_mouse),
    st.tuples(st.just("Show"), st.sampled_from(SHOWN)),
    st.tuples(st.just("Covariance"), st.sampled_from(COVARIANCES)),
    st.tuples(st.sampled_from(list(ARRANGEMENTS)), st.none()),
    st.tuples(st.sampled_from(list(SLIDERS)), st.floats(0, 1)),
    st.tuples(st.sampled_from(["mean_plus", "mean_minus"]), st.tuples(*[st.floats(-4, 4)] * 2)),
    st.tuples(
        st.sampled_from(["spread_plus", "spread_minus"]), st.tuples(*[st.floats(0.1, 5)] * 2)
    ),
    st.tuples(st.sampled_from(["correlation_plus", "correlation_minus"]), st.floats(-0.95, 0.95)),
    st.tuples(st.just("prior_plus"), st.floats(0.01, 0.99)),
    st.tuples(st.just("n_samples"), st.integers(2, 1000)),
    st.tuples(st.just("random_state"), st.integers(0, 2**32 - 1)),
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(interactions, max_size=8))
def test_any_sequence_of_interactions(sequence):
    gaussians = TwoGaussians(n_samples=40)
    c = controls_of(gaussians)
    for what, value in sequence:
        if what in SLIDERS:
            slider = c[what]
            slider.value = round(slider.min + value * (slider.max - slider.min))
        else:
            do(gaussians, what, value)
        assert gaussians.problem is None
        assert_sound(gaussians)


BAD_SETTINGS = [
    ("mean_plus", [1, 2, 3], ValueError, r"mean_plus must be two numbers .* given shape \(3,\)"),
    ("mean_minus", 1.0, ValueError, r"mean_minus must be two numbers from -4 to 4; given shape"),
    ("mean_plus", [1, math.nan], ValueError, r"given \[1.0, nan\]"),
    ("mean_plus", [6, 0], ValueError, r"from -4 to 4; given \[6.0, 0.0\]"),
    ("spread_plus", [0, 1], ValueError, r"spread_plus must be two numbers from 0.1 to 5"),
    ("spread_plus", ["1", "2"], TypeError, r"given \['1', '2'\]"),
    ("spread_minus", [[1], [2, 3]], ValueError, r"must be two numbers"),
    ("correlation_plus", 1.0, ValueError, r"a number from -0.95 to 0.95; given 1.0"),
    ("correlation_minus", "0", TypeError, r"correlation_\w+ must be a number"),
    ("prior_plus", 0, ValueError, r"prior_plus must be a number from 0.01 to 0.99; given 0"),
    ("prior_plus", True, TypeError, r"given True"),
    ("prior_plus", math.nan, ValueError, r"given nan"),
    ("n_samples", 1, ValueError, r"n_samples must be a whole number from 2 to 1000; given 1"),
    ("n_samples", 10.0, TypeError, r"n_samples must be a whole number"),
    ("random_state", -1, ValueError, r"random_state must be a whole number from 0"),
    ("random_state", None, TypeError, r"given None"),
    ("covariance", "equal", ValueError, r"must be one of 'shared', 'separate'; got 'equal'"),
    ("show", "all", ValueError, r"show must be one of 'both', 'joint density', 'posterior'"),
]


@pytest.mark.parametrize(("name", "value", "error", "words"), BAD_SETTINGS)
def test_bad_settings_are_refused_and_change_nothing(name, value, error, words):
    gaussians = TwoGaussians()
    with refused(gaussians, error, words):
        setattr(gaussians, name, value)
    with pytest.raises(error, match=words):
        TwoGaussians(**{name: value})


def test_unknown_settings_are_refused():
    with pytest.raises(TypeError, match="no setting 'mean'; it has mean_plus, "):
        TwoGaussians(mean=[0, 0])
    with pytest.raises(AttributeError, match="no setting 'mean'"):
        TwoGaussians().mean = [0, 0]


def test_bad_entries_in_a_box_are_explained_and_taken_back():
    gaussians = TwoGaussians()
    for description, value in (("P(y = +1)", 1.5), ("Spread x₁, class +1", -1.0), ("Seed", -4)):
        assert_taken_back(gaussians, f"{description}, as a number", value)
        assert_sound(gaussians)


# ------------------------------------------------------------------- what the picture says


def test_the_posterior_map_is_orange_where_plus_is_likelier():
    gaussians = TwoGaussians(**UNEQUAL, show="posterior")
    (pixels,) = embedded_pictures(gaussians, "RGB")
    X = two_gaussians._pixel_centres(two_gaussians.WHOLE[0][1])
    assert X.shape[:2] == pixels.shape[:2]
    odds = gaussians.state.generative(X)
    red, blue = (pixels[..., k] for k in (0, 2))
    assert (red > blue)[odds > 0.5].all() and (red < blue)[odds < -0.5].all()


def test_the_joint_map_is_darkest_at_the_narrower_mean():
    gaussians = TwoGaussians(
        **UNEQUAL | {"spread_plus": [0.5, 0.5], "correlation_plus": 0}, show="joint density"
    )
    (pixels,) = embedded_pictures(gaussians, "RGB")
    X = two_gaussians._pixel_centres(two_gaussians.WHOLE[0][1])
    darkest = X[np.unravel_index(pixels.sum(axis=2).argmin(), pixels.shape[:2])]
    # The darkest level is a small disc, and class −1 darkens the side of it towards itself.
    np.testing.assert_allclose(darkest, gaussians.mean_plus, atol=0.45)
    assert pixels[0, 0].tolist() == [255, 255, 255]  # far from both means: white


def test_the_tails_of_the_densities_end_unseen():
    palette = two_gaussians._joint_palette().astype(int)
    white, faintest = palette[0], palette[[1, two_gaussians.LEVELS]]
    assert np.abs(white - faintest).max() <= 4
    strength = (255 - palette[:: two_gaussians.LEVELS]).max(axis=1)
    assert (np.diff(strength) > 0).all()  # and each level is darker than the one below


def test_the_joint_map_shows_the_square_root_of_the_density():
    gaussians = TwoGaussians(mean_plus=[0, 0], mean_minus=[0, 0], prior_plus=0.99, show=SHOWN[1])
    (pixels,) = embedded_pictures(gaussians, "RGB")
    X = two_gaussians._pixel_centres(two_gaussians.WHOLE[0][1])
    log_density = gaussians.state.log_joints[0](X)
    expected = np.exp((log_density - log_density.max()) / 2)
    orange = (255 - pixels[..., 2]) / 255  # class +1 takes blue away
    rarely = np.exp((gaussians.state.log_joints[1](X) - log_density.max()) / 2).max()
    assert np.abs(orange - expected).max() < 0.06 + rarely


def test_the_drawn_boundary_is_where_the_log_odds_are_zero():
    gaussians = TwoGaussians(**UNEQUAL, show="joint density")
    (solid,) = (
        e for e in drawing_of(gaussians).iter("path")
        if e.get("stroke") == svg.INK and e.get("stroke-width") == "3.5"
    )  # fmt: skip
    points = np.array(re.findall(r"(-?[\d.]+) (-?[\d.]+)", solid.get("d")), dtype=float)
    width = two_gaussians.WHOLE[0][1]
    X = (points - [width / 2, two_gaussians.PANEL_HEIGHT / 2]) / two_gaussians.UNIT * [1, -1]
    assert len(X) > 50
    assert np.abs(gaussians.state.generative(X)).max() < 0.1


def test_the_drawn_line_is_logistic_regressions():
    rule = Quadratic(np.zeros((2, 2)), np.array([1.0, -2.0]), 0.5)
    path = two_gaussians._line_across(rule, 396)
    points = np.array(re.findall(r"(-?[\d.]+) (-?[\d.]+)", path), dtype=float)
    X = (points - [198, two_gaussians.PANEL_HEIGHT / 2]) / two_gaussians.UNIT * [1, -1]
    assert np.abs(rule(X)).max() < 0.02
    flat = Quadratic(np.zeros((2, 2)), np.zeros(2), 1.0)
    assert two_gaussians._line_across(flat, 396) == two_gaussians._line_across(None, 396) == ""


def test_both_accuracies_are_told():
    gaussians = TwoGaussians(**UNEQUAL)
    shown = words_of(gaussians)
    for accuracy in (gaussians.bayes_accuracy, gaussians.logistic_accuracy):
        assert f"right: {accuracy:.1%}" in shown
        assert f"{accuracy:.1%}" in gaussians._picture.value.partition("<figcaption>")[2]


def test_labels_of_equal_means_do_not_hide_each_other():
    gaussians = TwoGaussians(mean_plus=[1, 1], mean_minus=[1, 1], show="posterior")
    marks = drawing_of(gaussians).iter("circle")
    one, other = ((float(mark.get("cx")), float(mark.get("cy"))) for mark in marks)
    assert math.dist(one, other) >= 2 * two_gaussians.MARK


@pytest.mark.parametrize("shape", [(1, 1), (3, 8), (75, 99)])
def test_embedded_pictures_are_readable_pngs(shape):
    rng = np.random.default_rng(0)
    levels = rng.integers(0, 5, size=shape).astype(np.uint8)
    palette = rng.integers(0, 256, size=(5, 3)).astype(np.uint8)
    element = ET.fromstring(svg.image(1, 2, 30, 40, levels, palette))
    stored = element.get("href").removeprefix("data:image/png;base64,")
    pixels = np.asarray(Image.open(io.BytesIO(b64decode(stored))).convert("RGB"))
    np.testing.assert_array_equal(pixels, palette[levels])
