"""The regularisation bench without a browser: its models, its figures, its controls, its words."""

import doctest
import math
import re

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

from helpers.models import Autoencoder, VariationalAutoencoder
from helpers.models.pretrained import load_pretrained
from helpers.scoreboard import SCORES, Scoreboard, ionosphere_table, split_table, tidy
from helpers.widgets import RegularisationBench, regularisation_bench
from helpers.widgets.code_explorer import LAWS
from helpers.widgets.regularisation_bench import (
    C2ST_LEFT,
    CURVES_WIDTH,
    ERROR_LEFT,
    KINDS,
    PRIORS,
    place_of,
)

PRETRAINED = load_pretrained("regularisation_bench")
STRENGTHS = PRETRAINED.protocol["strengths"]
PARAMETERS = {"weights": "alpha", "codes": "code_penalty", "codes and noise": "code_penalty"}


# ------------------------------------------------------------------ what it shows is so


@pytest.mark.parametrize("kind", KINDS)
def test_the_model_shown_is_of_the_kind_and_strength(kind):
    bench = RegularisationBench(kind=kind)
    assert bench.strengths == tuple(STRENGTHS[kind])
    for strength in bench.strengths:
        bench.strength = strength
        model = bench.model
        if kind == "vae":
            assert isinstance(model, VariationalAutoencoder) and model.beta == strength
        else:
            expected = dict.fromkeys(["alpha", "code_penalty", "code_noise"], 0)
            expected[PARAMETERS[kind]] = strength
            expected["code_noise"] = 0.3 if kind == "codes and noise" else 0
            assert isinstance(model, Autoencoder)
            assert expected.items() <= model.get_params().items()


def training_rows():
    return split_table(ionosphere_table(), random_state=PRETRAINED.protocol["seeds"][0][0])[0]


@pytest.mark.parametrize("prior", PRIORS)
@pytest.mark.parametrize("kind", KINDS)
def test_the_rows_shown_are_the_models_own_samples(kind, prior):
    bench = RegularisationBench(kind=kind, prior=prior, random_state=5)
    for place in (0, 4, 8):
        bench.strength = bench.strengths[place]
        samples = bench.model.sample(234, 5, prior=prior)
        np.testing.assert_allclose(bench.rows, tidy(samples), atol=1e-9)
        np.testing.assert_allclose(bench.draws, bench.model.sample_codes(234, 5, prior=prior))


def test_the_rows_the_models_were_trained_on():
    for estimator in PRETRAINED.estimators.values():
        shuffled = estimator._training_columns.T
        np.testing.assert_allclose(shuffled, training_rows(), atol=1e-6)


@pytest.mark.parametrize("kind", KINDS)
def test_codes_are_those_of_the_training_with_their_noise(kind):
    bench = RegularisationBench(kind=kind)
    bench.strength = bench.strengths[4]
    mean = bench.model.transform(training_rows())
    noise = bench.codes - mean
    if kind == "vae":
        _, deviation = bench.model.code_distribution(training_rows())
        assert (noise / deviation).std() == pytest.approx(1, abs=0.05)
    else:
        assert noise.std() == pytest.approx(0.3 if kind == "codes and noise" else 0, abs=0.01)


def test_shares_equal_brute_force():
    for kind in KINDS:
        bench = RegularisationBench(kind=kind, prior="gaussian", random_state=2)
        bench.strength = bench.strengths[3]
        for points, others, share in (
            (bench.codes, bench.draws, bench.state.generated.share_off_codes),
            (training_rows(), bench.rows, bench.state.generated.share_off_rows),
        ):
            among = cdist(points, points) + np.diag(np.full(234, np.inf))
            far = 2 * np.median(among.min(axis=1))
            assert share == np.mean(cdist(others, points).min(axis=1) > far)


def test_axes_are_principal_and_do_not_flip():
    for kind in KINDS:
        for place in range(9):
            bench = RegularisationBench(kind=kind, strength=STRENGTHS[kind][place])
            view = bench.state.view
            centred = bench.codes - bench.codes.mean(axis=0)
            spread = np.linalg.svd(centred, compute_uv=False)[:2] / math.sqrt(233)
            np.testing.assert_allclose(view.flat.std(axis=0, ddof=1), spread)
            np.testing.assert_allclose(view.axes.T @ view.axes, np.eye(2), atol=1e-12)
            plus = training_rows()[:, -1] > 0
            sides = view.flat[plus].mean(axis=0) - view.flat[~plus].mean(axis=0)
            assert (sides >= 0).all()
            assert view.reach >= 3.5
            assert np.abs(view.flat).max() <= view.reach


def test_scores_are_those_recorded():
    bench = RegularisationBench(kind="codes", strength=0.3, prior="mixture")
    recorded = PRETRAINED.scores["scores"][1, 5, :, 3]
    assert list(bench.scores) == list(SCORES)
    for k, name in enumerate(SCORES):
        np.testing.assert_allclose(bench.scores[name], recorded[:, k])
    assert bench.c2st == pytest.approx(recorded[:, 0].mean())
    assert bench.coverage == pytest.approx(recorded[:, 3].mean())
    np.testing.assert_allclose(bench.errors, PRETRAINED.scores["errors"][1, 5].mean(axis=0))
    assert bench.in_use == PRETRAINED.scores["in_use"][1, 5].mean()


def test_the_plain_autoencoder_is_that_of_the_scoreboard():
    bench = RegularisationBench()
    recorded = Scoreboard.load()["autoencoder, h from N(0, I)"]
    np.testing.assert_allclose(bench.scores.c2st, recorded.c2st, atol=0.06)
    assert bench.c2st == pytest.approx(recorded.c2st.mean(), abs=0.02)


# --------------------------------------------------------------- set from code, read back


def test_values_from_code_are_read_back():
    bench = RegularisationBench(kind="vae", strength=4, prior="uniform", random_state=7)
    assert (bench.kind, bench.strength, bench.prior, bench.random_state) == ("vae", 4, "uniform", 7)
    bench.kind = "codes"
    assert bench.strength == 1  # the same place of the scale
    bench.strength, bench.prior, bench.random_state = 0.03, "mixture", np.int64(3)
    assert (bench.strength, bench.prior, bench.random_state) == (0.03, "mixture", 3)
    assert_sound(bench)
    bench.reset()
    assert (bench.kind, bench.strength, bench.prior, bench.random_state) == ("vae", 4, "uniform", 7)


def test_strengths_are_found_by_what_is_read_of_them():
    bench = RegularisationBench(strength=0.0043)
    assert bench.strength == 1 / 234
    bench.strength = 1 / 234
    assert_sound(bench)


@pytest.mark.parametrize(
    ("values", "problem", "words"),
    [
        ({"kind": "dropout"}, ValueError, "kind must be one of 'weights', .*; got 'dropout'"),
        ({"kind": None}, TypeError, "kind must be one of"),
        ({"prior": "cauchy"}, ValueError, "prior must be one of 'normal', .*; got 'cauchy'"),
        ({"strength": 0.05}, ValueError, "trained with, 0, 0.0003, .* 1; given 0.05"),
        ({"strength": "much"}, TypeError, "strength must be one of those that 'weights'"),
        ({"strength": math.nan}, ValueError, "given nan"),
        ({"strength": True}, TypeError, "given True"),
        ({"random_state": -1}, ValueError, "random_state must be a whole number from 0"),
        ({"random_state": 0.5}, TypeError, "random_state must be a whole number"),
    ],
)
def test_bad_values_are_refused(values, problem, words):
    with pytest.raises(problem, match=words):
        RegularisationBench(**values)
    bench = RegularisationBench()
    with refused(bench, problem, words):
        bench.change(**values)
    assert_sound(bench)


def test_an_unknown_setting_is_refused():
    with pytest.raises(AttributeError, match="no setting 'lam'; it has kind, prior, random_state"):
        RegularisationBench().lam = 1


def test_what_is_read_back_cannot_be_altered_unseen():
    bench = RegularisationBench()
    for array in (bench.codes, bench.draws, bench.rows):
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 3


def test_draws_follow_the_seed():
    bench = RegularisationBench(prior="mixture")
    first = bench.draws
    bench.draw_again()
    assert bench.random_state == 1
    assert (bench.draws != first).all()
    bench.random_state = 0
    np.testing.assert_array_equal(bench.draws, first)
    bench.random_state = 2**32 - 1
    bench.draw_again()
    assert bench.random_state == 0


def test_equal_settings_equal_pictures():
    one, two = RegularisationBench(), RegularisationBench(kind="vae", strength=20)
    assert one.still().svg != two.still().svg
    two.change(kind="weights", strength=0)
    assert one.still().svg == two.still().svg
    assert repr(one) == repr(two)


def test_the_example_in_the_docstring():
    results = doctest.testmod(regularisation_bench)
    assert (results.attempted, results.failed) == (5, 0)


# ----------------------------------------------------------------------- the controls


def assert_sound(bench):
    """The picture is well drawn, and all controls agree with the state."""
    assert_well_drawn(bench)
    state, root = bench.state, drawing_of(bench)
    assert root.get("aria-label").startswith("The regularisation bench. ")
    assert len([e for e in root.iter() if e.get("class") == "live-area"]) == 1
    shown = words_of(bench)
    strength = f"{state.symbol} = {float(f'{state.strength:.2g}'):g}"
    assert shown.count(strength) == 2
    assert strength in bench._picture.value.partition("<figcaption>")[2]
    for value in (bench.c2st, bench.coverage):
        assert f"{value:.2f}" in shown
    c = controls_of(bench)
    assert c["Model"].value == state.kind
    assert c["Draw h from"].value == state.prior
    assert c["Strength"].value == state.strengths.index(state.strength)
    assert c["Strength, as a number"].value == pytest.approx(state.strength, rel=0.02)
    assert c["Seed"].value == min(state.random_state, 20)
    assert c["Seed, as a number"].value == state.random_state


def test_every_control_is_there_and_described():
    expected = ["Place of the mouse", "Model", "Draw h from", "Draw again", "Reset", "Strength"]
    expected += ["Strength, as a number", "Seed", "Seed, as a number"]
    assert list(controls_of(RegularisationBench())) == expected


def test_every_value_of_every_control():
    bench = RegularisationBench()
    c = controls_of(bench)
    assert {value: words for words, value in c["Draw h from"].options} == LAWS
    assert {value: words for words, value in c["Model"].options} == KINDS
    slider = c["Strength"]
    for _, kind in c["Model"].options:
        c["Model"].value = kind
        for _, prior in c["Draw h from"].options:
            c["Draw h from"].value = prior
            for place in range(slider.min, slider.max + 1):
                slider.value = place
                assert bench.problem is None
                assert (bench.kind, bench.prior) == (kind, prior)
                assert bench.strength == STRENGTHS[kind][place]
                assert_sound(bench)
    seeds = c["Seed"]
    for seed in (seeds.min, seeds.max):
        seeds.value = seed
        assert bench.random_state == seed
    c["Draw again"].click()
    assert (bench.random_state, seeds.value) == (21, 20)
    assert_sound(bench)
    c["Reset"].click()
    assert (bench.kind, bench.strength, bench.prior, bench.random_state) == (
        "weights",
        0,
        "normal",
        0,
    )
    assert_sound(bench)


@pytest.mark.parametrize(
    ("typed", "shown"),
    [(0.01, 0.01), (0.05, 0.03), (0.07, 0.1), (1e9, 1), (1e-9, 0), (0, 0), (0.0043, 1 / 234)],
)
def test_the_box_takes_any_strength_and_shows_the_nearest(typed, shown):
    bench = RegularisationBench(strength=0.3)
    box = controls_of(bench)["Strength, as a number"]
    box.value = typed
    assert bench.problem is None
    assert bench.strength == shown
    assert bool(bench.notice) == (abs(typed - shown) > 0.01 * shown)
    assert_sound(bench)


@pytest.mark.parametrize("typed", [-0.1, math.nan, math.inf])
def test_what_is_no_strength_is_explained_and_taken_back(typed):
    bench = RegularisationBench(strength=0.3)
    assert_taken_back(bench, "Strength, as a number", typed, "strength must be a finite number")
    assert_sound(bench)


def test_the_mouse_chooses_the_strength_on_both_panels():
    bench = RegularisationBench(kind="vae")
    pointer = controls_of(bench)["Place of the mouse"]
    width = ERROR_LEFT + CURVES_WIDTH - C2ST_LEFT
    for left in (C2ST_LEFT, ERROR_LEFT):
        for place in (8, 0, 4, 7):
            x = left + 14 + place / 8 * (CURVES_WIDTH - 28)
            pointer.value = f"{(x - C2ST_LEFT + 9) / width:.4f} 0.3 7"
            assert bench.problem is None
            assert bench.strength == STRENGTHS["vae"][place]
            assert_sound(bench)
    assert [place_of(across) for across in (0, 1)] == [0, 8]


@pytest.mark.parametrize("words", NO_PLACES)
def test_no_place_is_explained_and_changes_nothing(words):
    assert_no_place(RegularisationBench(strength=0.3), words)


seeds = st.integers(0, 2**31 - 1) | st.integers(0, 3)
interactions = st.one_of(
    st.tuples(st.just("Model"), st.sampled_from(list(KINDS))),
    st.tuples(st.just("Draw h from"), st.sampled_from(PRIORS)),
    st.tuples(st.just("Strength"), st.integers(0, 8)),
    st.tuples(st.just("Strength, as a number"), st.floats(0, 1e300)),
    st.tuples(st.just("Seed"), st.integers(0, 20)),
    st.tuples(st.just("Seed, as a number"), seeds),
    st.tuples(st.just("Place of the mouse"), places_of_the_mouse),
    st.tuples(st.sampled_from(["Draw again", "Reset"]), st.none()),
    st.tuples(st.just("kind"), st.sampled_from(list(KINDS))),
    st.tuples(st.just("random_state"), seeds),
)


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(interactions, max_size=10))
def test_any_sequence_of_interactions(sequence):
    bench = RegularisationBench()
    for what, value in sequence:
        do(bench, what, value)
        assert bench.problem is None
        assert_sound(bench)


# ------------------------------------------------------------------- what the picture says


def test_as_text():
    bench = RegularisationBench(strength=1, prior="mixture")
    assert repr(bench).startswith(
        "RegularisationBench: Autoencoder with penalty λ = 1 on the weights, h from a mixture"
    )
    assert bench._repr_mimebundle_()["text/plain"] == repr(bench)
    assert bench.still().alt == bench._describe(bench.state)
    assert "on the loss summed over 234 rows it is 234." in bench.still().alt
    bench.strength = 1 / 234
    assert "on the loss summed over 234 rows it is 1." in bench.still().alt


def test_the_table_holds_the_scores_of_all_priors():
    bench = RegularisationBench(kind="vae", strength=1)
    numbers = words_of(bench)
    for prior in PRIORS:
        bench.prior = prior
        assert {f"{bench.c2st:.2f}", f"{bench.coverage:.2f}"} <= set(numbers)
    train, held_out = bench.errors
    assert {f"{train:.2f}", f"{held_out:.2f}", "latent numbers in use: 8 of 8"} <= set(numbers)


def test_classes_differ_in_shape_as_well_as_in_colour():
    codes = windows_of(RegularisationBench())[0]
    paths = [element.get("d") for element in codes.iter("path")]
    plus = int((training_rows()[:, -1] > 0).sum())
    assert [p.count("h0") for p in paths if "h0" in p] == [plus]  # round dots
    assert 234 - plus in [p.count("z") for p in paths]  # triangles


def test_curves_follow_the_values():
    bench = RegularisationBench(kind="vae", strength=0.3, prior="uniform", random_state=1)
    rows, train = bench.rows, training_rows()
    panels = windows_of(bench)[1:]
    assert len(panels) == 6  # three returns, real and imaginary part
    for number in range(3):
        nearest = train[cdist(rows[number : number + 1], train).argmin()]
        for part in range(2):
            paths = [p.get("d") for p in panels[2 * number + part].iter("path")]
            lines = [d for d in paths if "h0" not in d][1:]  # the first is that of 0
            for values, line in zip((rows[number], nearest), lines):
                y = np.array(re.findall(r"[-\d.]+", line), float).reshape(-1, 2)[:, 1]
                # a02 is not in the table: a01 is followed by a03, and pulse 1 has no imaginary part
                expected = [values[0], *values[1:33:2]] if part == 0 else values[2:33:2]
                height = float(panels[2 * number + part].get("height"))
                np.testing.assert_allclose(y, (1.15 - np.array(expected)) / 2.3 * height, atol=0.1)


def test_the_chosen_prior_stands_out():
    bench = RegularisationBench(prior="gaussian")
    bold = [t.text for t in drawing_of(bench).iter("text") if t.get("font-weight") == "bold"]
    assert "Gaussian" in bold and not {"N(0, I)", "uniform", "mixture"} & set(bold)
