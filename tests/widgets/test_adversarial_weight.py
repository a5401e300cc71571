"""The adversarial weight without a browser: generators, figures, controls, words."""

import doctest
import math
import random

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
from scipy.ndimage import zoom
from sklearn.model_selection import train_test_split
from stirring import Stirring

from helpers.datasets import load_digit_images
from helpers.metrics import (
    gradient_energy,
    nearest_future,
    psnr,
    rmse,
    sharpness,
    train_digit_classifier,
)
from helpers.models.pretrained import load_pretrained
from helpers.scenes import make_head_turns, possible_futures, render_heads
from helpers.widgets import AdversarialWeight, adversarial_weight
from helpers.widgets.adversarial_weight import (
    PERCEPTIONS,
    PLANE_HEIGHT,
    PLANE_LEFT,
    PLANE_TOP,
    PLANE_WIDTH,
    SCENES,
    WeightState,
    n_digits,
    plane_of,
    scenes,
)

STORED = load_pretrained("adversarial")
WEIGHTS = STORED.protocol["weights"]


def assert_sound(panel):
    """The picture is well drawn and shows what the state says; the controls follow it."""
    assert_well_drawn(panel)
    assert drawing_of(panel).get("viewBox") == "0 0 900 522"  # of one height, whatever is shown
    c = controls_of(panel)
    assert c["Scene"].value == panel.scene
    assert c["Upwards"].value == panel.perception
    assert c["Weight w"].max == len(panel.weights) - 1
    assert panel.weights[c["Weight w"].value] == panel.weight
    assert c["Weight w, as a number"].value == panel.weight
    for name, value in (
        ("Yaw now", panel.yaw),
        ("Held-out digit", panel.digit),
        ("Draws", panel.n_draws),
    ):
        assert c[name].value == c[f"{name}, as a number"].value == value
    assert c["Seed, as a number"].value == panel.random_state
    shown = [panel._inputs[is_heads].layout.display for is_heads in (True, False)]
    assert shown == ([None, "none"] if panel.scene == "heads" else ["none", None])
    assert len(panel.draws) == panel.n_draws


# -------------------------------------------------------------------- what it shows is so


@pytest.mark.parametrize("scene", SCENES)
def test_the_generators_are_those_of_the_weights(scene):
    panel = AdversarialWeight(scene=scene)
    assert panel.weights == tuple(WEIGHTS[scene])
    assert panel.weights[0] == 0 and panel.weights[-1] == 1
    assert list(panel.weights) == sorted(set(panel.weights))
    for weight in panel.weights:
        panel.weight = weight
        assert panel.model is STORED.estimators[f"{scene} {weight:g}"] or (
            panel.model.get_params() == STORED.estimators[f"{scene} {weight:g}"].get_params()
        )
        assert panel.model.adversarial_weight == weight
        assert panel.model.mse_weight == pytest.approx(1 - weight)


@pytest.mark.parametrize("scene", SCENES)
def test_draws_are_what_the_generator_makes(scene):
    weight = WEIGHTS[scene][-2]
    panel = AdversarialWeight(scene=scene, weight=weight, yaw=-7, digit=11, n_draws=3)
    panel.random_state = 5
    gan = STORED.estimators[f"{scene} {weight:g}"]
    Z = gan.latent_scale * np.random.default_rng(5).standard_normal((3, gan.n_latent))
    X = np.repeat(question_rows(scene, yaw=-7, digit=11), 3, axis=0)
    expected = (gan.generate(X, Z) + 1) / 2
    np.testing.assert_allclose(panel.draws.reshape(3, -1), expected, atol=1e-5)
    by_mse = STORED.estimators[f"{scene} 0"].predict(X[:1])
    np.testing.assert_allclose(panel.mse_answer.ravel(), (by_mse[0] + 1) / 2, atol=1e-5)


def digits_of_the_first_split():
    digits = load_digit_images()
    return train_test_split(
        digits.images, digits.target, test_size=0.3, random_state=0, stratify=digits.target
    )


def question_rows(scene, yaw, digit):
    """What a generator is told, shape (1, n_features)."""
    if scene == "heads":
        return 2 * render_heads([yaw]).reshape(1, -1) - 1
    k = STORED.protocol["factors"][scene]
    image = digits_of_the_first_split()[1][digit]
    return 2 * image.reshape(8 // k, k, 8 // k, k).mean(axis=(1, 3)).reshape(1, -1) - 1


def test_the_same_z_at_every_weight_and_for_more_draws():
    panel = AdversarialWeight(weight=1, n_draws=2, random_state=4)
    before = panel.draws
    panel.n_draws = 6
    np.testing.assert_allclose(panel.draws[:2], before, atol=1e-6)
    panel.weight = panel.weights[1]
    panel.weight = 1
    np.testing.assert_allclose(panel.draws[:2], before, atol=1e-6)
    panel.random_state = 5
    assert not np.allclose(panel.draws[:2], before, atol=0.01)


@pytest.mark.parametrize("yaw", [-30, 0, 13])
def test_measures_of_heads_are_those_of_the_course(yaw):
    panel = AdversarialWeight(weight=1, yaw=yaw, n_draws=6)
    futures = possible_futures([yaw])
    found = nearest_future(panel.draws[None], futures)
    made = np.array([m.distance for m in panel.draw_measures])
    np.testing.assert_allclose(made, found.distance[0], rtol=1e-6)
    expected = gradient_energy(panel.draws, each=True) / gradient_energy(futures[0])
    np.testing.assert_allclose([m.sharpness for m in panel.draw_measures], expected, rtol=1e-6)
    for k, measured in enumerate(panel.draw_measures):
        side = ["left", "right"][found.index[0, k]]
        nearer = found.distance[0, k] < found.distance_to_mean[0, k]
        assert measured.seen_as == (side if nearer else "mean")


@pytest.mark.parametrize("scene", list(SCENES)[1:])
def test_measures_of_digits_are_those_of_the_course(scene):
    train, test, train_target, test_target = digits_of_the_first_split()
    panel = AdversarialWeight(scene=scene, weight=1, digit=3, n_draws=6)
    found = panel.draw_measures
    truth = np.repeat(test[3][None], 6, axis=0)
    np.testing.assert_allclose([m.distance for m in found], rmse(panel.draws, truth, each=True))
    expected = gradient_energy(panel.draws, each=True) / gradient_energy(test)
    np.testing.assert_allclose([m.sharpness for m in found], expected)
    reader = train_digit_classifier(train, train_target)
    read = reader.predict(panel.draws.reshape(6, -1))
    assert [m.seen_as for m in found] == [str(digit) for digit in read]
    assert f"Held-out digit 3, a {test_target[3]}." in panel.still().alt


@pytest.mark.parametrize("scene", list(SCENES)[1:])
def test_references_of_a_digit(scene):
    train, test, _, _ = digits_of_the_first_split()
    k = STORED.protocol["factors"][scene]
    question = WeightState(scene, digit=20).question
    given, original, bicubic, alike = (r.pictures for r in question.references)
    low = test[20].reshape(8 // k, k, 8 // k, k).mean(axis=(1, 3))
    np.testing.assert_allclose(given[0], low)
    np.testing.assert_array_equal(original[0], test[20])
    expected = zoom(low[None], (1, k, k), order=3, mode="nearest", grid_mode=True).clip(0, 1)
    np.testing.assert_allclose(bicubic, expected)
    away = [np.linalg.norm(shrink(digit, k) - low) for digit in train]
    shown = [np.linalg.norm(shrink(digit, k) - low) for digit in alike]
    np.testing.assert_allclose(shown, np.sort(away)[:4])


def shrink(image, k):
    return image.reshape(8 // k, k, 8 // k, k).mean(axis=(1, 3))


def test_references_of_a_head():
    question = WeightState("heads", yaw=-12).question
    given, left, right, mean = (r.pictures[0] for r in question.references)
    np.testing.assert_array_equal(given, render_heads([-12])[0])
    np.testing.assert_array_equal(np.stack([left, right]), possible_futures([-12])[0])
    np.testing.assert_allclose(mean, (left + right) / 2, atol=1e-6)


# ------------------------------------------------------------------------ what was measured


@pytest.mark.parametrize("scene", SCENES)
def test_scores_are_the_recorded_ones(scene):
    panel = AdversarialWeight(scene=scene)
    names = STORED.protocol["measures"][scene]
    for place, weight in enumerate(panel.weights):
        panel.weight = weight
        for k, name in enumerate(names):
            np.testing.assert_allclose(panel.scores[name], STORED.scores[scene][place, :, k])
    if scene == "heads":
        np.testing.assert_array_equal(panel.scores["error"], panel.scores["to_truth"])
    else:
        decibels = -20 * np.log10(panel.scores["error"])
        np.testing.assert_allclose(decibels, panel.scores["psnr"])


def test_the_stored_generators_score_about_what_was_recorded():
    """On the frames and digits that the first seed had not seen: so the split is the right one."""
    unseen = make_head_turns(300, random_state=1000)
    rows = 2 * unseen.frames.reshape(300, -1).repeat(4, axis=0) - 1
    came = unseen.next_frames.repeat(4, axis=0)
    test = digits_of_the_first_split()[1]
    for place, weight in enumerate(WEIGHTS["heads"]):
        gan = STORED.estimators[f"heads {weight:g}"]
        made = (gan.sample(rows, random_state=0).reshape(-1, 24, 24) + 1) / 2
        scores = dict(zip(STORED.protocol["measures"]["heads"], STORED.scores["heads"][place, 0]))
        assert rmse(made, came) == pytest.approx(scores["to_truth"], abs=0.008)
        assert sharpness(made, came) == pytest.approx(scores["sharpness"], rel=0.06)
    for scene in list(SCENES)[1:]:
        k = STORED.protocol["factors"][scene]
        low = np.array([shrink(image, k).ravel() for image in test])
        for place, weight in enumerate(WEIGHTS[scene]):
            gan = STORED.estimators[f"{scene} {weight:g}"]
            made = (gan.sample(2 * low - 1, random_state=0).reshape(-1, 8, 8) + 1) / 2
            scores = dict(zip(STORED.protocol["measures"][scene], STORED.scores[scene][place, 0]))
            assert psnr(made, test) == pytest.approx(scores["psnr"], abs=0.3)
            assert sharpness(made, test) == pytest.approx(scores["sharpness"], rel=0.05)


def test_what_real_pictures_score():
    others = scenes()["heads"].others["a real future"]
    rng = np.random.default_rng(0)
    futures = possible_futures(rng.integers(-30, 31, 2000))
    came, guess = futures[np.arange(2000), rng.integers(2, size=(2, 2000))]
    assert rmse(came, guess) == pytest.approx(others["error"], rel=0.05)
    originals = scenes()["digits 2x2"].others["originals"]
    assert originals["error"] == 0 and originals["sharpness"] == 1
    assert 0.94 < originals["digits_read"] < 0.99
    assert 0.4 < originals["c2st"] < 0.6


@pytest.mark.parametrize("perception", PERCEPTIONS)
@pytest.mark.parametrize("scene", SCENES)
def test_the_plane_holds_all_weights(scene, perception):
    plane = plane_of(scene, perception)
    assert len(plane.points) == len(plane.bars) == len(WEIGHTS[scene])
    right, bottom = PLANE_LEFT + PLANE_WIDTH, PLANE_TOP + PLANE_HEIGHT
    for (x, y), (x1, x2, y1, y2) in zip(plane.points, plane.bars):
        assert PLANE_LEFT < x1 <= x + 1e-6 and x <= x2 + 1e-6 and x2 < right
        assert PLANE_TOP < y1 <= y + 1e-6 and y <= y2 + 1e-6 and y2 < bottom
    assert PLANE_TOP < plane.real < bottom
    assert plane.x_ticks and plane.y_ticks
    # A straight scale each way, the same for points, bars and lines; upwards is better.
    room, axis = scenes()[scene], scenes()[scene].axis(perception)
    x, y = np.transpose(plane.points)
    right_of = np.polyfit(room.means("error"), x, 1)
    down_of = np.polyfit(room.means(axis.measure), y, 1)
    np.testing.assert_allclose(np.polyval(right_of, room.means("error")), x, atol=1e-3)
    np.testing.assert_allclose(np.polyval(down_of, room.means(axis.measure)), y, atol=1e-3)
    assert right_of[0] > 0 and (down_of[0] > 0) == (axis.measure == "c2st")
    ranges = [np.ptp(room.measured[name], axis=1) for name in ("error", axis.measure)]
    x1, x2, y1, y2 = np.transpose(plane.bars)
    np.testing.assert_allclose(x2 - x1, ranges[0] * right_of[0], atol=1e-3)
    np.testing.assert_allclose(y2 - y1, ranges[1] * abs(down_of[0]), atol=1e-3)
    assert plane.fair == pytest.approx(np.polyval(right_of, math.sqrt(2) * room.means("error")[0]))
    assert plane.real == pytest.approx(np.polyval(down_of, axis.real))


def test_from_blur_to_sharp_and_from_little_to_more_error():
    for scene in SCENES:
        room = scenes()[scene]
        assert room.means("error")[-1] > 1.15 * room.means("error")[0]
        assert room.means("sharpness")[-1] > 1.1 * room.means("sharpness")[0]
        assert room.means("error").argmin() <= 2


# --------------------------------------------------------------- set from code and controls


def test_values_from_code_are_read_back():
    panel = AdversarialWeight()
    values = {"scene": "digits 4x4", "weight": 1, "yaw": 4, "digit": 40, "n_draws": 2}
    values |= {"random_state": 77, "perception": "likeness"}
    for name, value in values.items():
        setattr(panel, name, value)
        assert_sound(panel)
    assert {name: getattr(panel, name) for name in values} == values
    panel.reset()
    assert (panel.scene, panel.weight, panel.yaw, panel.n_draws) == ("heads", 0, 0, 4)
    assert_sound(panel)


def test_another_scene_is_shown_at_about_the_same_weight():
    panel = AdversarialWeight(weight=1)
    panel.scene = "digits 2x2"
    assert panel.weight == 1
    panel.weight = panel.weights[-2]
    before = panel.weight
    panel.scene = "heads"
    assert abs(panel.weight - before) == min(abs(weight - before) for weight in panel.weights)
    assert_sound(panel)


@pytest.mark.parametrize(
    ("name", "value", "error", "words"),
    [
        ("scene", "cats", ValueError, "scene must be one of 'heads', 'digits 2x2', 'digits 4x4'"),
        ("scene", 3, TypeError, "scene must be one of"),
        ("weight", 0.42, ValueError, "weight must be one of those that were trained, 0, "),
        ("weight", math.nan, ValueError, "weight must be one of"),
        ("weight", "1", TypeError, "weight must be one of"),
        ("weight", True, TypeError, "weight must be one of"),
        ("yaw", 31, ValueError, "yaw must be a whole number from -30 to 30; given 31"),
        ("yaw", 0.5, ValueError, "yaw must be a whole number"),
        ("digit", -1, ValueError, "digit must be a whole number from 0 to 539; given -1"),
        ("digit", math.nan, ValueError, "digit must be"),
        ("n_draws", 0, ValueError, "n_draws must be a whole number from 1 to 6; given 0"),
        ("n_draws", 7, ValueError, "n_draws must be"),
        ("n_draws", "4", TypeError, "n_draws must be"),
        ("random_state", -1, ValueError, "random_state must be a whole number from 0 to"),
        ("random_state", None, TypeError, "random_state must be"),
        ("perception", "C2ST", ValueError, "perception must be one of 'sharpness', 'likeness'"),
    ],
)
def test_bad_values_are_refused_and_change_nothing(name, value, error, words):
    panel = AdversarialWeight()
    with refused(panel, error, words):
        setattr(panel, name, value)
    with pytest.raises(error, match=words):
        AdversarialWeight(**{name: value})


def test_every_control_at_its_ends():
    panel = AdversarialWeight()
    c = controls_of(panel)
    for scene in SCENES:
        c["Scene"].value = scene
        assert panel.scene == scene
        for perception in PERCEPTIONS:
            c["Upwards"].value = perception
            assert_sound(panel)
        for name in ("Weight w", "Yaw now", "Held-out digit", "Draws", "Seed"):
            for end in ("min", "max"):
                c[name].value = getattr(c[name], end)
                assert panel.problem is None
                assert_sound(panel)
        assert (panel.weight, panel.n_draws, panel.random_state) == (1, 6, 20)
        assert (panel.yaw, panel.digit) == (30, n_digits() - 1)
    c["Draw again"].click()
    assert panel.random_state == 21
    c["Reset"].click()
    assert panel.problem is None
    assert_sound(panel)


def test_draw_again_after_the_largest_seed():
    panel = AdversarialWeight(random_state=2**32 - 1)
    panel.draw_again()
    assert panel.random_state == 0


def test_a_number_between_two_weights_takes_the_nearer_one_and_says_so():
    panel = AdversarialWeight()
    box = controls_of(panel)["Weight w, as a number"]
    between = (panel.weights[-1] + panel.weights[-2]) / 2 + 0.01
    box.value = between
    assert panel.weight == box.value == 1
    assert panel.notice.startswith("The nearest weight that a generator was trained with; there ")
    assert panel.problem is None
    box.value = panel.weights[1]
    assert panel.weight == panel.weights[1] and not panel.notice
    for bad in (1.5, -0.1, math.nan):
        assert_taken_back(
            panel, "Weight w, as a number", bad, "weight must be a number from 0 to 1"
        )
        assert box.value == panel.weight == panel.weights[1]


@pytest.mark.parametrize("perception", PERCEPTIONS)
@pytest.mark.parametrize("scene", SCENES)
def test_the_mouse_goes_to_the_nearest_point(scene, perception):
    panel = AdversarialWeight(scene=scene, perception=perception)
    pointer = controls_of(panel)["Place of the mouse"]
    points = plane_of(scene, perception).points
    for k, (x, y) in enumerate(points):
        across = (x - PLANE_LEFT) / PLANE_WIDTH
        up = 1 - (y - PLANE_TOP) / PLANE_HEIGHT
        pointer.value = f"{across:.6f} {up:.6f} {k}"
        x_now, y_now = points[panel.weights.index(panel.weight)]
        assert math.dist((x_now, y_now), (x, y)) < 0.01
    assert panel.problem is None
    for words in ("2 0.5 5", *NO_PLACES):
        assert_no_place(panel, words)
    assert_sound(panel)


interactions = st.one_of(
    st.tuples(st.just("Scene"), st.sampled_from(list(SCENES))),
    st.tuples(st.just("Upwards"), st.sampled_from(list(PERCEPTIONS))),
    st.tuples(st.just("Weight w"), st.integers(0, 3)),
    st.tuples(st.just("Weight w, as a number"), st.floats(0, 1)),
    st.tuples(st.just("Yaw now"), st.integers(-30, 30)),
    st.tuples(st.just("Held-out digit"), st.integers(0, 539)),
    st.tuples(st.just("Held-out digit, as a number"), st.integers(0, 539)),
    st.tuples(st.just("Draws"), st.integers(1, 6)),
    st.tuples(st.just("Seed"), st.integers(0, 20)),
    st.tuples(st.just("Seed, as a number"), st.integers(0, 2**31 - 1)),
    st.tuples(st.just("Place of the mouse"), places_of_the_mouse),
    st.tuples(st.sampled_from(["Reset", "Draw again"]), st.none()),
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(interactions, min_size=1, max_size=15))
def test_any_sequence_of_interactions(sequence):
    panel = AdversarialWeight()
    for what, value in sequence:
        do(panel, what, value)
        assert panel.problem is None
    assert_sound(panel)


def test_many_random_interactions():
    stirring = Stirring(AdversarialWeight(), random.Random(0))
    for _ in range(400):
        stirring.stir()
        assert_sound(stirring.widget)


def test_an_unknown_setting_is_an_error():
    with pytest.raises(AttributeError, match="digit, n_draws, perception, random_state, scene"):
        AdversarialWeight().angle = 3


def test_what_is_given_out_cannot_change_what_is_shown():
    panel = AdversarialWeight(weight=1)
    before = panel.still().svg
    panel.draws[:] = 0
    panel.mse_answer[:] = 0
    panel.draw_measures.clear()
    for values in panel.scores.values():
        values[:] = 0
    panel.weight, panel.weight = 0, 1
    assert panel.still().svg == before


# ------------------------------------------------------------------- what the picture says


def test_the_read_out_says_what_is_shown():
    panel = AdversarialWeight(weight=1, yaw=-10, n_draws=5)
    said, words = panel.still().alt, words_of(panel)
    assert said.startswith("The head looks 10° to the left and turns by 30°. At w = 1 the 5 draws")
    distances = [m.distance for m in panel.draw_measures]
    assert f"off by {min(distances):.3f} to {max(distances):.3f}" in said
    assert f"MSE alone is off by {panel.mse_measures.distance:.3f}" in said
    for found in [*panel.draw_measures, panel.mse_measures]:
        assert f"off by {found.distance:.3f}" in words
        assert f"sharpness {found.sharpness:.2f}" in words
        assert {"left": "left future", "right": "right future", "mean": "the mean"}[
            found.seen_as
        ] in words
        assert found.seen_as in said
    error, sharp = panel.scores["error"].mean(), panel.scores["sharpness"].mean()
    assert f"RMSE {error:.3f} (MSE " in said and f"sharpness {sharp:.2f} (" in said
    assert {"yaw −10°", "draws at w = 1", "MSE alone", "w = 1", "real pictures"} <= set(words)
    assert f"{error:.3f}" in words and f"{panel.scores['share_nearer'].mean():.0%}" in words
    assert repr(panel).startswith("AdversarialWeight: The head looks 10° to the left and turns")


def test_the_read_out_of_digits_and_of_a_single_draw():
    panel = AdversarialWeight(scene="digits 2x2", weight=1, digit=96, n_draws=1)
    said, words = panel.still().alt, words_of(panel)
    assert said.startswith("Held-out digit 96, a 0. At w = 1 the draw is off by")
    assert f"read as {panel.draw_measures[0].seen_as}" in words
    assert f"{panel.scores['c2st'].mean():.2f}" in words
    assert {"input, 2×2", "original", "bicubic", "might be", "∞"} <= set(words)


@pytest.mark.parametrize("n_draws", [1, 4, 6])
@pytest.mark.parametrize(("scene", "n_references"), [("heads", 4), ("digits 2x2", 7)])
def test_all_pictures_are_drawn_crisply(scene, n_references, n_draws):
    panel = AdversarialWeight(scene=scene, n_draws=n_draws)
    assert len(embedded_pictures(panel)) == n_references + 1 + n_draws


@pytest.mark.parametrize("perception", PERCEPTIONS)
@pytest.mark.parametrize("scene", SCENES)
def test_the_weight_of_now_is_named_and_marked_in_the_plane(scene, perception):
    panel = AdversarialWeight(scene=scene, perception=perception)
    for weight in panel.weights:
        panel.weight = weight
        drawing = drawing_of(panel)
        names = [e for e in drawing.iter("text") if e.text == f"w = {weight:g}"]
        inside = [e for e in names if float(e.get("x")) > PLANE_LEFT]
        assert len(inside) == 1 and inside[0].get("font-weight") == "bold"
        rings = list(drawing.iter("circle"))
        x, y = plane_of(scene, perception).points[panel.weights.index(weight)]
        assert len(rings) == 1
        assert float(rings[0].get("cx")) == pytest.approx(x, abs=0.06)
        assert float(rings[0].get("cy")) == pytest.approx(y, abs=0.06)


@pytest.mark.parametrize("scene", SCENES)
def test_there_is_a_figure_for_where_no_kernel_runs(scene):
    panel = AdversarialWeight(scene=scene, weight=1, perception="likeness")
    assert figure_of(panel).alt == " ".join(panel.still().alt.split())


def test_every_control_can_be_told_from_the_others():
    assert len(controls_of(AdversarialWeight())) == 15  # each description once


def test_examples():
    assert doctest.testmod(adversarial_weight).failed == 0
