"""The GAN theatre without a browser: its data, its runs, its views, its controls, its words."""

import asyncio
import copy
import doctest
import math
import re

import ipywidgets
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from live_widgets import (
    assert_taken_back,
    assert_well_drawn,
    controls_of,
    drawing_of,
    figure_of,
    refused,
    windows_of,
    words_of,
)
from scipy.spatial.distance import cdist
from scipy.special import expit
from scipy.stats import multivariate_normal

from helpers.models import GAN
from helpers.widgets import GANTheatre, gan_theatre, theatre_run
from helpers.widgets.gan_theatre import PLAYS
from helpers.widgets.theatre_data import (
    DATA,
    MIXTURES,
    NOISE,
    PIXELS,
    blurred_density,
    chance_of,
    grid_points,
    make_data,
    two_sample_score,
)
from helpers.widgets.theatre_picture import LOSS_NAMES, PANELS, REACHES, next_reach, references
from helpers.widgets.theatre_run import LossCurve, Run, Settings, Thinned

RING = make_data("ring")
SMALL = {"hidden_width": 8, "batch_size": 16}


def small_theatre(data="ring", **options):
    """A theatre that trains quickly; what is not said otherwise is as usual."""
    return GANTheatre(data, **(SMALL | options))


# --------------------------------------------------------------------------- the data


@pytest.mark.parametrize("name", DATA)
def test_data_lie_where_the_panels_look_and_are_held_out_in_part(name):
    data = make_data(name)
    assert (data.rows.shape, data.held_out.shape) == ((2000, 2), (1000, 2))
    assert np.abs(data.rows).max() < REACHES[0]
    assert not set(map(tuple, data.rows)) & set(map(tuple, data.held_out))
    np.testing.assert_array_equal(data.rows, make_data(name).rows)
    assert (make_data(name, 1).rows != data.rows).any()
    assert name == data.name
    assert (data.centers is not None) == (name in MIXTURES)


@pytest.mark.parametrize("name", DATA)
def test_a_density_integrates_to_one(name):
    data, reach = make_data(name), REACHES[0]
    total = data.density(reach, 0.07).sum() * (2 * reach / PIXELS) ** 2
    assert total == pytest.approx(1, abs=0.003)


@pytest.mark.parametrize("name", MIXTURES)
def test_the_density_of_a_mixture_is_that_of_its_gaussians_and_of_the_blur(name):
    data, reach, blur = make_data(name), 1.75, 0.11
    X = grid_points(reach)
    variance = NOISE**2 + blur**2
    expected = np.mean(
        [multivariate_normal(c, variance).pdf(X) for c in data.centers], axis=0
    ).reshape(PIXELS, PIXELS)
    np.testing.assert_allclose(data.density(reach, blur), expected, atol=1e-12)


def test_the_density_of_points_is_a_sum_of_gaussians():
    points = np.array([[0.2, -0.4], [0.25, -0.3], [-0.9, 0.8], [50.0, 0.0]])
    reach, blur = 1.75, 0.2
    X = grid_points(reach)
    exact = np.mean([multivariate_normal(p, blur**2).pdf(X) for p in points], axis=0)
    estimate = blurred_density(points, reach, blur).ravel()
    assert np.abs(estimate - exact).max() < 0.13 * exact.max()  # as points are moved to pixels
    assert X[estimate.argmax()] == pytest.approx([0.225, -0.35], abs=0.06)


@pytest.mark.parametrize("seed", range(3))
def test_the_two_sample_score_equals_brute_force(seed):
    rng = np.random.default_rng(seed)
    real, fake = rng.normal(size=(41, 2)), rng.normal(0.7, 1, size=(41, 2))
    both = np.vstack([real, fake])
    distances = cdist(both, both) + np.diag(np.full(82, np.inf))
    label = np.repeat([0, 1], 41)
    expected = (label[distances.argmin(axis=1)] == label).mean()
    assert two_sample_score(real, fake) == pytest.approx(expected)


def test_the_two_sample_score_of_known_cases():
    rng = np.random.default_rng(0)
    real = rng.normal(size=(300, 2))
    assert two_sample_score(real, real + 100) == 1
    assert two_sample_score(real, real + 1e-9) == 0  # each has its copy beside it
    fresh = [two_sample_score(*rng.normal(size=(2, 300, 2))) for _ in range(30)]
    mean, sd = chance_of(rng.normal(size=(600, 2)), rng)
    assert np.mean(fresh) == pytest.approx(0.5, abs=0.02)
    assert mean == pytest.approx(0.5, abs=0.01)
    assert np.std(fresh) == pytest.approx(sd, rel=0.5)


def test_an_array_is_centred_scaled_and_divided():
    X = np.random.default_rng(0).normal([300, -5], [40, 1], size=(90, 2))
    data = make_data(X)
    rows = np.vstack([data.rows, data.held_out])
    assert data.name == "yours"
    assert len(data.held_out) == data.n_score == 23
    np.testing.assert_allclose(rows.mean(axis=0), 0, atol=1e-12)
    assert (rows**2).sum(axis=1).mean() == pytest.approx(1)
    assert np.allclose(make_data(np.ones((30, 2))).rows, 0)  # one point, many times


# ---------------------------------------------------------------------- what is kept


def test_a_loss_curve_is_bounded_and_keeps_means():
    curve, values = LossCurve(), np.random.default_rng(0).normal(size=3000).tolist()
    for start in range(0, 3000, 7):
        curve.add(start, values[start : start + 7])
    times, means = curve.points().T
    assert 128 <= len(means) <= 256
    width = times[1] - times[0]
    for time, mean in zip(times[:-1], means):
        block = values[round(time - width / 2) : round(time + width / 2)]
        assert mean == pytest.approx(np.mean(block))
    curve.add(3000, [])
    assert len(LossCurve().points()) == 0


def test_thinned_things_are_few_and_the_first_is_kept():
    kept = Thinned(10)
    for time in range(0, 1000, 3):
        if kept.is_due(time):
            kept.add(time, f"at {time}")
    assert 5 <= len(kept.times) <= 10
    assert kept.times[0] == 0
    gaps = np.diff(kept.times)
    assert gaps.max() < 3 * gaps.min()
    for asked in (0, 1, 500, 10_000):
        time, thing = kept.at(asked)
        assert thing == f"at {time}"
        assert time == max(t for t in kept.times if t <= asked)


# --------------------------------------------------------------------------- the runs


def played(n_steps, **values):
    run = Run(Settings(**(SMALL | values)), RING)
    run.advance(n_steps)
    return run


def players(run):
    return [run.gan.generator_.parameters, run.gan.discriminator_.parameters]


@pytest.mark.parametrize("loss", LOSS_NAMES)
def test_a_run_is_the_training_of_a_gan(loss):
    run = Run(Settings(loss=loss, random_state=4, n_discriminator_steps=2, **SMALL), RING)
    for n_steps in (1, 13, 6):
        run.advance(n_steps)
    gan = GAN(
        (8, 8),
        (8, 8),
        2,
        loss=loss,
        r1=0.1,
        r2=0.1,
        n_discriminator_steps=2,
        decay_to=1.0,
        weight_averaging=0.995,
        batch_size=16,
        random_state=4,
    )
    gan.training_step(RING.rows, n_steps=20)
    assert run.time == 20
    np.testing.assert_array_equal(players(run)[0], gan.generator_.parameters)
    np.testing.assert_array_equal(players(run)[1], gan.discriminator_.parameters)
    record = run.record()
    last_of_each = np.array(gan.discriminator_loss_curve_[::2]) / 2
    np.testing.assert_allclose(record.d_loss[:, 1], last_of_each)
    np.testing.assert_allclose(record.g_loss[:, 1], gan.generator_loss_curve_)
    np.testing.assert_allclose(record.g_loss[:, 0], np.arange(20) + 0.5)


def test_steps_of_one_player_leave_the_other_alone():
    run = played(3)
    before = [p.copy() for p in players(run)]
    run.discriminator_step()
    assert (players(run)[0] == before[0]).all()
    assert (players(run)[1] != before[1]).any()
    before = [p.copy() for p in players(run)]
    run.generator_step()
    assert (players(run)[0] != before[0]).any()
    assert (players(run)[1] == before[1]).all()
    assert run.time == 5
    record = run.record()
    assert (len(record.d_loss), len(record.g_loss)) == (4, 4)
    np.testing.assert_allclose(record.g_loss[:, 0], [0.5, 1.5, 2.5, 4.5])


def test_the_discriminator_has_its_head_start():
    run = played(25, head_start=30)
    start = played(0, head_start=30)
    np.testing.assert_array_equal(players(run)[0], players(start)[0])
    assert len(run.record().g_loss) == 0
    run.advance(10)
    assert run.time == 35
    assert len(run.record().g_loss) == run.gan.n_iter_ == 5


def test_a_generator_that_is_told_where_to_start():
    spread = np.linalg.norm(played(0).view().points, axis=1).mean()
    points = played(0, start_at=(-6, 2.5)).view().points
    np.testing.assert_allclose(points.mean(axis=0), [-6, 2.5], atol=0.3 * spread)
    assert points.std() < 4 * spread
    assert points[:, 0].std() < 0.3 * spread


def test_a_width_of_zero_makes_both_players_linear():
    run = played(3, hidden_width=0)
    X = np.random.default_rng(0).normal(size=(3, 2))
    a, b, c = run.gan.discriminate([X[0], X[1], (X[0] + X[1]) / 2])
    assert c == pytest.approx((a + b) / 2)


def test_a_copy_has_the_same_past_and_alike_the_same_future():
    run = played(12)
    run.note()
    twin, other = run.copy(), run.copy()
    other.set(theatre_run.changed(other.settings, r1=5.0))
    for each in (run, twin, other):
        each.advance(15)
    for one, two in zip(players(run), players(twin)):
        np.testing.assert_array_equal(one, two)
    assert (players(run)[0] != players(other)[0]).any()
    np.testing.assert_array_equal(run.record().d_loss, twin.record().d_loss)
    np.testing.assert_array_equal(run.record().d_loss[:12], other.record().d_loss[:12])


def test_a_look_back_shows_what_was_there():
    run, seen = Run(Settings(**SMALL), RING), {}
    for _ in range(12):
        seen[run.time] = run.view().points
        run.advance(5)
        run.note()
    for time in (0, 5, 35, 38):
        view = run.view(time)
        assert view.time == 5 * (time // 5)
        np.testing.assert_array_equal(view.points, seen[view.time])
    assert run.view(60).time == run.view().time == 60


def test_memory_is_bounded():
    run = played(0)
    for _ in range(400):
        run.advance(1)
        run.note()
    assert len(run._players.times) <= 120
    assert len(run._scores.times) <= 240
    assert len(run.gan.discriminator_loss_curve_) == 1


# --------------------------------------------------------------------------- the views


@pytest.mark.parametrize("loss", LOSS_NAMES)
def test_the_push_is_that_of_the_gan(loss):
    run = played(30, loss=loss)
    view = run.view()
    expected = run.gan.push(view.points[: theatre_run.N_ARROWS])
    np.testing.assert_allclose(view.push, expected, rtol=1e-3, atol=1e-5)


def test_the_surface_is_what_the_discriminator_says():
    run = played(40)
    X = np.array([[0.7, -1.3], [-1.6, 0.2], [0.0, 0.0]])
    surface, pixel = run.view().surface(1.75), 3.5 / PIXELS
    for (x1, x2), said in zip(X, expit(run.gan.discriminate(X))):
        row, column = int((x2 + 1.75) / pixel), int((x1 + 1.75) / pixel)
        assert surface[row, column] == pytest.approx(said, abs=0.03)


def test_verdicts_become_numbers_from_0_to_1():
    logits = np.array([-3.0, 0.0, 0.4, 1.0, 7.0])
    np.testing.assert_allclose(played(0).view().probability(logits), expit(logits))
    squares = played(0, loss="least_squares").view().probability(logits)
    np.testing.assert_allclose(squares, [0, 0, 0.4, 1, 1])
    critic = played(60, loss="wasserstein_gp").view()
    middle = np.mean([logits.mean() for logits in critic._judged])
    assert critic.probability(np.array([middle])) == pytest.approx(0.5)
    assert (np.diff(critic.probability(logits)) > 0).all()


def test_the_optimum_is_one_half_where_generated_points_are_as_the_real_ones():
    view = played(0).view()
    view.points = make_data("ring", 1).rows  # stands in for a perfect generator
    optimum = view.optimum(1.75, 0.0)
    seen = ~np.isnan(optimum)
    assert 0.05 < seen.mean() < 0.4  # elsewhere there is hardly a point
    density = RING.density(1.75, theatre_run.BLUR)
    dense = density > 0.3 * density.max()
    assert np.abs(optimum[dense] - 0.5).max() < 0.12


def test_the_optimum_tells_real_from_generated_points_that_lie_apart():
    view = played(0, start_at=(1.4, 1.4)).view()
    view.points = view.points / 50 + [1.3, 1.3]
    optimum = view.optimum(1.75, 0.0)

    def at(x1, x2):
        return optimum[int((x2 + 1.75) / 3.5 * PIXELS), int((x1 + 1.75) / 3.5 * PIXELS)]

    assert at(1, 0) > 0.98
    assert at(*view.points.mean(axis=0)) < 0.02
    assert np.isnan(at(0, 0))
    # Instance noise blurs both.
    assert np.isnan(view.optimum(1.75, 0.5)).mean() < np.isnan(optimum).mean()


def test_the_warp_is_a_grid_sent_through_the_generator():
    run = played(5, n_latent=3)
    warp = run.view().warp()
    assert warp.shape == (2, 9, 41, 2)
    corner = run.gan.generate([[-2.0, 2.0, 0.0], [0.0, -1.0, 0.0]], averaged=False)
    np.testing.assert_allclose(warp[0, 0, -1], corner[0], atol=1e-4)
    np.testing.assert_allclose(warp[1, -1, 0], corner[0], atol=1e-4)
    np.testing.assert_allclose(warp[0, 4, 10], corner[1], atol=1e-4)


def test_scores_equal_what_they_say_they_are():
    run = played(200)
    view, n = run.view(), RING.n_score
    real, fake = RING.held_out[:n], view.points[:n]
    right = (run.gan.discriminate(real) > 0).mean() + (run.gan.discriminate(fake) <= 0).mean()
    assert view.scores.accuracy == pytest.approx(right / 2, abs=0.003)
    assert view.scores.two_sample == two_sample_score(real, fake)
    near = cdist(view.points, RING.centers) <= 3 * NOISE
    assert view.scores.covered == (near.mean(axis=0) >= 0.02).sum()
    assert view.scores.share == pytest.approx(near.any(axis=1).mean())


def test_the_average_of_the_generator_is_shown_if_wanted():
    run = played(40)
    run.note()
    plays = run.view().points
    run.set(theatre_run.changed(run.settings, averaged=True))
    Z = run._Z.astype(float)
    np.testing.assert_allclose(run.view().points, run.gan.generate(Z), atol=1e-4)
    np.testing.assert_allclose(plays, run.gan.generate(Z, averaged=False), atol=1e-4)
    average = run.view().points
    run.advance(20)
    np.testing.assert_array_equal(run.view(40).points, average)
    twin = played(60)
    np.testing.assert_array_equal(players(twin)[0], players(run)[0])  # it is but looked at


def test_data_without_modes_are_scored_by_coverage():
    run = Run(Settings(**SMALL), make_data("spiral"))
    assert math.isnan(run.view().scores.covered)
    view = run.view()
    view.points = make_data("spiral", 1).rows
    del view.scores
    assert view.scores.share > 0.85


# ------------------------------------------------------------------ set and read back


def test_settings_from_code_are_read_back_and_reach_the_gan():
    theatre = small_theatre()
    for name, value in {
        "loss": "least_squares",
        "r1": 0.5,
        "r2": 0.25,
        "instance_noise": 0.1,
        "learning_rate_init": 2e-4,
        "discriminator_learning_rate_init": 3e-3,
        "n_discriminator_steps": 4,
        "batch_size": 32,
        "weight_averaging": 0.9,
    }.items():
        setattr(theatre, name, value)
        assert getattr(theatre, name) == value
        assert getattr(theatre.gan, name) == value
        theatre.step(2)
    assert theatre.now == 18  # nothing of this restarts
    assert_sound(theatre)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("hidden_width", 5),
        ("random_state", 9),
        ("n_latent", 4),
        ("beta_1", 0.5),
        ("head_start", 7),
        ("start_at", (1.5, -2)),
    ],
)
def test_settings_of_the_start_begin_anew(name, value):
    theatre = small_theatre()
    theatre.compare = True
    theatre.step(20)
    setattr(theatre, name, value)
    assert theatre.now == 0
    assert getattr(theatre, name) == value
    assert_sound(theatre)
    theatre.step(20)
    alone = small_theatre(**{name: value})
    alone.step(20)
    np.testing.assert_array_equal(theatre.generated, alone.generated)
    theatre.chosen = "A"  # begins anew as well, with its own settings
    usual = small_theatre()
    usual.step(20)
    np.testing.assert_array_equal(theatre.generated, usual.generated)


def test_data_from_code():
    theatre = small_theatre()
    theatre.step(3)
    X = np.random.default_rng(0).uniform(5, 9, size=(50, 2))
    theatre.data = X
    assert (theatre.data, theatre.now) == ("yours", 0)
    assert len(theatre.real) == 37
    assert_sound(theatre)
    theatre.step(5)
    mine = theatre.real
    theatre.data = "grid"
    assert theatre.data == "grid"
    controls_of(theatre)["Data"].value = "yours"
    np.testing.assert_array_equal(theatre.real, mine)
    assert theatre.problem is None


def test_your_points_can_only_be_shown_again():
    theatre = small_theatre()
    controls_of(theatre)["Data"].value = "yours"
    assert "there are no points of yours yet" in str(theatre.problem)
    assert controls_of(theatre)["Data"].value == theatre.data == "ring"


def test_two_runs_differ_by_what_was_changed_alone():
    theatre, alone = small_theatre(r1=0.0), small_theatre(r1=0.0)
    for each in (theatre, alone):
        each.step(30)
    theatre.compare = True
    assert theatre.chosen == "B"
    for each in (theatre, alone):
        each.step(30)
    np.testing.assert_array_equal(theatre.generated, alone.generated)
    theatre.r1 = 3.0
    for each in (theatre, alone):
        each.step(30)
    a, b = theatre.state.views
    np.testing.assert_array_equal(a.points, alone.generated)
    assert (a.points != b.points).any()
    titles = [text for text in words_of(theatre) if text.startswith(("A:", "B:"))]
    assert titles == ["A: R1 0", "B: R1 3"]
    theatre.chosen = "A"
    assert theatre.r1 == controls_of(theatre)["R1, as a number"].value == 0
    theatre.compare = False
    assert theatre.chosen == "A"
    np.testing.assert_array_equal(theatre.generated, alone.generated)
    assert_sound(theatre)


def test_two_runs_from_the_start():
    theatre = small_theatre(compare=True, r1=1.0)
    assert (theatre.compare, theatre.chosen) == (True, "B")
    assert [s.r1 for s in theatre.state.settings] == [1, 1]
    theatre.loss = "minimax"
    theatre.step(4)
    theatre.reset()
    assert [s.loss for s in theatre.state.settings] == ["non_saturating", "minimax"]
    assert theatre.now == 0


def test_reset_and_equal_seeds_repeat_a_play():
    one, two = small_theatre(random_state=5), small_theatre(random_state=5, speed=3)
    one.step(25)
    first = one.generated
    one.reset()
    assert one.now == one.moment == 0
    for each in (one, two):
        each.step(25)
        np.testing.assert_array_equal(each.generated, first)
    other = small_theatre(random_state=6)
    other.step(25)
    assert (other.generated != first).any()


def test_looking_back_and_going_on():
    theatre = small_theatre(speed=10)
    theatre.step(100)
    now = theatre.generated
    theatre.moment = 37
    assert theatre.moment == 30
    assert (theatre.generated != now).any()
    assert controls_of(theatre)["Time, %"].value == 37  # what was asked for: keys can go on from it
    theatre.r1 = 0.7  # one goes on looking at the same moment
    assert theatre.moment == 30
    theatre.moment = None
    np.testing.assert_array_equal(theatre.generated, now)
    controls_of(theatre)["Time, %"].value = 60
    assert theatre.moment == 60
    theatre.step(1)
    assert theatre.moment == theatre.now == 101
    controls_of(theatre)["Time, %"].value = 100
    assert theatre.moment == 101


@pytest.mark.parametrize("n_steps", [0, 1, 3, 90, 700])
def test_the_time_slider_can_be_moved_notch_by_notch(n_steps):
    theatre = small_theatre()
    if n_steps:
        theatre.step(n_steps)
    slider = controls_of(theatre)["Time, %"]
    for percent in (99, 98, 50, 1, 0, 1, 2, 100):
        slider.value = percent
        if n_steps:
            assert slider.value == percent
        assert 0 <= theatre.moment <= n_steps * percent / 100
    assert theatre.moment == n_steps


def test_a_rejected_change_changes_nothing():
    theatre = small_theatre()
    theatre.step(2)
    with refused(theatre, ValueError, "left must be one of"):
        theatre.change(r1=3.0, left="upside down")
    with refused(theatre, ValueError, "r1 must be"):
        theatre.change(hidden_width=4, r1=-1)
    assert theatre.gan.r1 == theatre.r1 == 0.1


@pytest.mark.parametrize("name", PLAYS)
def test_plays_with_a_name_set_the_stage(name):
    theatre = small_theatre()
    theatre.step(3)
    theatre.start(name)
    data, values = PLAYS[name]
    assert (theatre.data, theatre.now) == (data, 0)
    for setting, value in values.items():
        assert getattr(theatre, setting) == value
    theatre.step(2)
    assert_sound(theatre)


def outcome(name, n_steps, seed, **changes):
    theatre = GANTheatre()
    theatre.start(name)
    theatre.change(random_state=seed, **changes)
    theatre.step(n_steps)
    return theatre


@pytest.mark.slow
@pytest.mark.parametrize("seed", [0, 1, 2])
def test_mode_collapse_is_one(seed):
    scores = outcome("mode collapse", 2500, seed).scores
    assert scores["covered"] <= 2
    assert scores["share"] > 0.7


@pytest.mark.slow
@pytest.mark.parametrize("seed", [0, 1, 2])
def test_modes_are_dropped_and_gradient_penalties_alone_cure_it(seed):
    dropped = outcome("dropped modes", 1500, seed).scores
    assert dropped["covered"] <= 4
    assert dropped["share"] > 0.55
    cured = outcome("dropped modes", 3000, seed, r1=0.1, r2=0.1).scores
    assert cured["covered"] >= 7


@pytest.mark.slow
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_the_vanishing_gradient_is_one_and_the_other_loss_cures_it(seed):
    stuck = outcome("vanishing gradient", 1200, seed)
    assert np.median(np.hypot(*stuck.state.views[0].push.T)) < 1e-6
    assert stuck.scores["share"] < 0.05
    moving = outcome("vanishing gradient", 1200, seed, loss="non_saturating")
    assert np.median(np.hypot(*moving.state.views[0].push.T)) > 0.1
    assert moving.scores["share"] > 0.1


@pytest.mark.slow
@pytest.mark.parametrize("seed", [0, 1, 2])
def test_the_oscillation_goes_on_and_r1_ends_it(seed):
    def swing(r1):
        theatre = outcome("oscillation", 2000, seed, r1=r1)
        way = theatre.state.records[0].scores
        return np.hypot(*way[way[:, 0] > 1500, -2:].T).max()

    assert swing(0.0) > 0.4
    assert swing(1.0) < 0.15


@pytest.mark.slow
@pytest.mark.parametrize("seed", [0, 1, 2])
def test_a_good_run_is_good(seed):
    scores = outcome("a good run", 3000, seed).scores
    assert scores["covered"] >= 7
    assert scores["share"] > 0.5


def test_as_text():
    theatre = small_theatre()
    assert repr(theatre).startswith("GANTheatre: Step 0 of 0: D is right for ")
    assert theatre._repr_mimebundle_()["text/plain"] == repr(theatre)
    assert theatre.still().alt == theatre._describe(theatre.state)
    theatre.step(20)
    words = theatre.still().alt
    for name in ("modes covered", "½ loss D", "loss G", "push", "By chance 1-NN"):
        assert name in words
    theatre.data = "spiral"
    assert "of held-out points covered" in theatre.still().alt


def test_the_example_in_the_docstring():
    results = doctest.testmod(gan_theatre)
    assert results.failed == 0
    assert results.attempted > 5


def test_references_are_the_losses_of_a_discriminator_that_can_tell_nothing():
    for loss in LOSS_NAMES:
        a = np.full((1, 5), 0.5 if loss == "least_squares" else 0.0)
        d_loss = theatre_run_losses(loss, a)
        assert [round(x, 6) for x in references(loss)] == sorted(
            {round(x, 6) for x in d_loss}, reverse=True
        )


def theatre_run_losses(loss, a):
    from helpers.models.gan import discriminator_loss, generator_loss

    return discriminator_loss(a, a, loss)[0] / 2, generator_loss(a, loss)[0]


# ------------------------------------------------------------------------ the picture


BOXES = {
    "R1": "r1",
    "R2": "r2",
    "Noise": "instance_noise",
    "Rate of G": "learning_rate_init",
    "Rate of D": "discriminator_learning_rate_init",
    "D steps": "n_discriminator_steps",
    "Width": "hidden_width",
    "Speed": "speed",
}


def assert_sound(theatre):
    """The picture is well drawn, and all controls agree with the state."""
    scene = theatre.state
    assert_well_drawn(theatre)
    root = drawing_of(theatre)
    assert root.get("viewBox") == "0 0 900 384"
    assert root.get("aria-label").startswith("The GAN theatre")
    c = controls_of(theatre)
    for description, name in BOXES.items():
        assert c[f"{description}, as a number"].value == pytest.approx(
            getattr(theatre, name), rel=1e-3
        )
        assert isinstance(c[description].value, int)
    for description, name in {
        "Data": "data",
        "Loss": "loss",
        "Seed": "random_state",
        "Left": "left",
        "Right": "right",
        "Push": "arrows",
        "D* lines": "optimum_lines",
        "Average G": "averaged",
        "Two runs": "compare",
        "Set": "chosen",
    }.items():
        assert c[description].value == getattr(theatre, name)
    assert scene.moment <= scene.now
    assert len(theatre._picture.value) < 150_000


def test_every_control_is_there_and_described():
    expected = [
        *("Play", "Step D", "Step G", "Reset", "Time, %", "Time, %, as a number"),
        *("Speed", "Speed, as a number", "Data", "Loss", "Seed", "Width", "Width, as a number"),
        *("R1", "R1, as a number", "R2", "R2, as a number", "Noise", "Noise, as a number"),
        *("Rate of G", "Rate of G, as a number", "Rate of D", "Rate of D, as a number"),
        *("D steps", "D steps, as a number", "Left", "Right", "Push", "D* lines", "Average G"),
        *(
            "Two runs",
            "Set",
            "Mode collapse",
            "Dropped modes",
            "Vanishing gradient",
            "Oscillation",
            "A good run",
        ),
    ]
    assert list(controls_of(small_theatre())) == expected


@pytest.mark.parametrize("left", PANELS)
@pytest.mark.parametrize("compare", [False, True])
@pytest.mark.parametrize("data", DATA)
def test_all_panels_of_all_data(left, compare, data):
    theatre = small_theatre(data, left=left, right="optimum", optimum_lines=True, compare=compare)
    theatre.step(12)
    assert_sound(theatre)


def test_marks_and_lines_can_be_told_without_colour():
    theatre = small_theatre()
    theatre.step(20)
    panels = windows_of(theatre)
    paths = [[p.attrib for p in panel.iter("path")] for panel in panels[:2]]
    for panel in paths:
        assert any(p.get("stroke-linecap") == "round" for p in panel)  # circles
        assert any("z" in p["d"] for p in panel)  # triangles
    theatre.compare = True
    assert "stroke-dasharray" in theatre._picture.value


# The shaft of the first arrow, and that a head follows.
ARROWS = re.compile(r'd="M(\S+) (\S+)L([\d.-]+) ([\d.-]+)M\S+ \S+L\S+ \S+L')


def test_arrows_are_as_long_as_the_push_and_go_where_it_goes():
    theatre = small_theatre(arrows=True)
    view = theatre.state.views[0]
    view.push = np.tile([0.5, 0.25], (theatre_run.N_ARROWS, 1))
    theatre.left = "discriminator"
    theatre.say("")
    x1, y1, x2, y2 = map(float, ARROWS.search(theatre._picture.value).groups())
    assert (x2 - x1, y1 - y2) == pytest.approx((11, 5.5), abs=0.2)
    view.push = np.full((theatre_run.N_ARROWS, 2), 1e-9)  # it has vanished
    theatre.say("")
    assert not ARROWS.search(theatre._picture.value.partition("</svg>")[0])


def test_the_panels_reach_as_far_as_the_points():
    view = played(0, start_at=(-6, -6)).view()
    assert next_reach(REACHES[0], [view]) == 7
    near = played(0, start_at=(0, 0)).view()
    assert next_reach(7, [near]) == REACHES[0]
    near.points = near.points * 0 + 3.3
    assert next_reach(7, [near]) == 7  # 3.3 is within 3.5, but nearly at the edge: no to and fro
    assert next_reach(REACHES[0], [near]) == 3.5
    near.points = near.points * 1e5
    assert next_reach(REACHES[0], [near]) == REACHES[-1]


def test_a_figure_of_the_same_state():
    theatre = small_theatre(optimum_lines=True)
    theatre.step(30)
    figure_of(theatre)
    theatre.change(left="optimum", right="discriminator")
    figure_of(theatre)
    theatre.compare = True
    theatre.loss = "wasserstein_gp"
    theatre.step(3)
    titles = [ax.get_title(loc="left") for ax in figure_of(theatre).figure.axes[:2]]
    assert titles == ["A: non-saturating", "B: Wasserstein + GP"]


# ----------------------------------------------------------------------- the controls


@pytest.mark.parametrize("description", [*BOXES, "Time, %"])
def test_sliders_at_minimum_default_and_maximum(description):
    theatre = small_theatre()
    theatre.step(20)
    slider = controls_of(theatre)[description]
    for notch in (slider.min, slider.value, slider.max, slider.value):
        slider.value = notch
        assert theatre.problem is None
        assert_sound(theatre)
        controls_of(theatre)["Step G"].click()
        assert theatre.problem is None


def test_lists_and_boxes_to_tick():
    theatre = small_theatre()
    c = controls_of(theatre)
    for name, values in {
        "Data": DATA,
        "Loss": LOSS_NAMES,
        "Left": PANELS,
        "Right": PANELS,
        "Push": (False, True),
        "D* lines": (True, False),
        "Set": ("B", "A"),
        "Two runs": (False, True),
        "Seed": (3, 0, 2**32 - 1),
    }.items():
        for value in values:
            c[name].value = value
            assert theatre.problem is None
            c["Step D"].click()
            assert_sound(theatre)


@pytest.mark.parametrize(
    ("description", "value", "words"),
    [
        ("R1, as a number", -1.0, "r1 must be a number from 0 to 1000; given -1"),
        ("R2, as a number", 1e9, "r2 must be a number"),
        ("Rate of G, as a number", 0.0, "learning_rate_init must be a number from 1e-06 to 10"),
        ("Width, as a number", 8.5, "hidden_width must be a whole number from 0 to 256; given 8.5"),
        ("Speed, as a number", 0.0, "speed must be a whole number from 1 to 200; given 0"),
        ("D steps, as a number", 21, "n_discriminator_steps must be a whole number"),
        ("Seed", -3, "random_state must be a whole number"),
    ],
)
def test_a_bad_number_in_a_box_is_explained_and_taken_back(description, value, words):
    theatre = small_theatre()
    assert_taken_back(theatre, description, value, words)
    assert_sound(theatre)


MOVES = st.one_of(
    st.tuples(st.sampled_from([*BOXES, "Time, %"]), st.integers(0, 20)),
    st.tuples(st.sampled_from(["Step D", "Step G", "Reset", "Vanishing gradient"]), st.just(0)),
    st.tuples(
        st.sampled_from(
            ["Data", "Loss", "Left", "Right", "Set", "Push", "D* lines", "Average G", "Two runs"]
        ),
        st.integers(0, 20),
    ),
    st.tuples(st.just("step"), st.integers(1, 12)),
)


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(MOVES, max_size=12))
def test_random_sequences_of_everything(moves):
    theatre = small_theatre()
    theatre.run = lambda: None  # the button of a play: its start is enough here
    c = controls_of(theatre)
    for name, k in moves:
        if name == "step":
            if not any(theatre.state.problems):
                theatre.step(k)
            continue
        control = c[name]
        if isinstance(control, ipywidgets.Button):
            control.click()
        elif isinstance(control, ipywidgets.Checkbox):
            control.value = bool(k % 2)
        elif isinstance(control, ipywidgets.Dropdown):
            control.index = k % (5 if name == "Data" else len(control.options))
        else:
            control.value = control.min + k % (control.max - control.min + 1)
        if theatre.problem is not None:
            assert "diverged" in str(theatre.problem)
        assert_sound(theatre)


# --------------------------------------------------------------------------- to play


async def until(condition, seconds=20.0):
    for _ in range(round(seconds / 0.01)):
        if condition():
            return
        await asyncio.sleep(0.01)
    raise AssertionError("it did not come to pass")


def test_play_runs_in_slices_and_pause_stops_it():
    async def scenario():
        theatre = small_theatre(speed=20)
        theatre.play()
        assert theatre.running
        assert controls_of(theatre)  # and all controls are alive
        await until(lambda: theatre.now >= 40)
        assert theatre.now % 5 == 0
        theatre.r1 = 2.0
        theatre.pause()
        at = theatre.now
        await asyncio.sleep(0.2)
        assert theatre.now == at
        assert not theatre.running
        assert theatre._task.done()
        assert theatre.gan.r1 == 2

    asyncio.run(scenario())


def test_the_play_button_says_what_it_does():
    async def scenario():
        theatre = small_theatre()
        button = controls_of(theatre)["Play"]
        button.click()
        assert button.description == "Pause"
        await until(lambda: theatre.now > 0)
        button.click()
        assert button.description == "Play"
        assert not theatre.running

    asyncio.run(scenario())


def test_looking_back_pauses_and_play_returns_to_the_present():
    async def scenario():
        theatre = small_theatre()
        theatre.step(40)
        theatre.play()
        theatre.moment = 20
        assert not theatre.running
        assert theatre.moment == 20
        theatre.play()
        await until(lambda: theatre.moment == theatre.now > 40)
        theatre.pause()

    asyncio.run(scenario())


def test_closed_no_task_is_left():
    async def scenario():
        theatre = small_theatre()
        theatre.play()
        await until(lambda: theatre.now > 0)
        theatre.close()
        await until(theatre._task.done)
        assert theatre not in GANTheatre._playing

    asyncio.run(scenario())


def test_one_theatre_plays_at_a_time():
    async def scenario():
        one, two = small_theatre(), small_theatre()
        one.play()
        two.play()
        assert (one.running, two.running) == (False, True)
        two.pause()

    asyncio.run(scenario())


def test_a_play_ends_by_itself(monkeypatch):
    monkeypatch.setattr(gan_theatre, "STEPS_A_PLAY", 50)
    theatre = small_theatre(speed=20)
    theatre.play()  # no event loop here
    assert (theatre.now, theatre.running) == (50, False)
    assert "Paused after 50 steps" in theatre.notice
    theatre.play()
    assert theatre.now == 100


def test_a_slow_slice_ends_early_and_loses_no_step(monkeypatch):
    monkeypatch.setattr(gan_theatre, "SLICE_SECONDS", 0.0)
    theatre = small_theatre(speed=200)
    theatre._steps_left = 1000
    assert theatre.work()
    assert 0 <= theatre.now < 200
    theatre.reset()
    monkeypatch.setattr(gan_theatre, "SLICE_SECONDS", 100.0)
    assert theatre.work()
    assert theatre.now == 200


def diverging(**options):
    return small_theatre(
        learning_rate_init=10.0,
        discriminator_learning_rate_init=10.0,
        loss="least_squares",
        hidden_width=64,
        beta_1=0.9,
        r1=1000.0,
        r2=1000.0,
        **options,
    )


def assert_fallen_and_recovers(theatre):
    assert any(theatre.state.problems)
    assert not theatre.running
    assert "diverged: a loss has left all bounds" in theatre.notice
    assert "diverged" in words_of(theatre)
    assert "diverged, that is" in theatre.still().alt
    assert_sound(theatre)
    for play in (theatre.play, theatre.step, theatre.step_d, theatre.step_g):
        with pytest.raises(ValueError, match="diverged and cannot go on; press Reset"):
            play()
    controls_of(theatre)["Step D"].click()
    assert "press Reset" in theatre.notice
    theatre.figure()
    with theatre.hold():
        theatre.change(**vars(Settings(**SMALL)))
    theatre.reset()
    theatre.step(10)
    assert theatre.now == 10
    assert not any(theatre.state.problems)
    assert_sound(theatre)


def test_divergence_is_told_and_reset_recovers():
    theatre = diverging()
    theatre.step(5000)
    assert theatre.now < 5000
    assert_fallen_and_recovers(theatre)


def test_divergence_ends_a_play():
    async def scenario():
        theatre = diverging()
        theatre.play()
        await until(lambda: not theatre.running)
        assert_fallen_and_recovers(theatre)

    asyncio.run(scenario())


def test_a_loss_that_is_no_number_is_a_divergence(monkeypatch):
    theatre = small_theatre()
    theatre.step(7)

    def fail(*arguments, **options):
        raise FloatingPointError("training diverged: the loss of the generator became nan")

    monkeypatch.setattr(theatre.gan, "training_step", fail)
    theatre.step(3)
    assert theatre.now == 7
    assert_fallen_and_recovers(theatre)


def test_one_of_two_runs_diverges():
    theatre = small_theatre(compare=True)
    theatre.step(5)
    theatre.change(
        learning_rate_init=10.0, discriminator_learning_rate_init=10.0, r1=1000.0, r2=1000.0
    )
    theatre.loss = "least_squares"
    theatre.step(5000)
    assert theatre.state.problems[0] == ""
    assert "Run B diverged" in theatre.notice
    assert_sound(theatre)
    assert_fallen_and_recovers(theatre)


# -------------------------------------------------------------------- plain refusals


BAD_SETTINGS = [
    ("loss", "hinge", ValueError, r"loss must be one of 'non_saturating', .*; got 'hinge'"),
    ("r1", -0.1, ValueError, r"r1 must be a number from 0 to 1000; given -0.1"),
    ("r2", "much", TypeError, r"r2 must be a number from 0 to 1000; given 'much'"),
    ("r1", float("nan"), ValueError, r"given nan"),
    ("instance_noise", True, TypeError, r"instance_noise must be .* given True"),
    ("learning_rate_init", 0, ValueError, r"from 1e-06 to 10; given 0"),
    ("n_discriminator_steps", 1.5, TypeError, r"whole number from 1 to 20; given 1.5"),
    ("batch_size", 1, ValueError, r"batch_size must be a whole number from 2 to 1024; given 1"),
    ("hidden_width", 300, ValueError, r"from 0 to 256; given 300"),
    ("random_state", None, TypeError, r"random_state must be a whole number"),
    ("n_latent", 1, ValueError, r"n_latent must be a whole number from 2 to 64; given 1"),
    ("beta_1", 1.0, ValueError, r"beta_1 must be a number from 0 to 0.99; given 1.0"),
    ("head_start", -1, ValueError, r"head_start must be"),
    ("start_at", 3, ValueError, r"start_at must be two numbers or None; given 3"),
    ("start_at", (0, 99), ValueError, r"each number of start_at must be .* given 99"),
    ("data", "circle", ValueError, r"data must be one of 'ring', .*; given 'circle'"),
    ("data", [[1, 2]] * 5, ValueError, r"at least 20 points, .*; given shape \(5, 2\)"),
    ("data", np.ones((30, 3)), ValueError, r"given shape \(30, 3\)"),
    ("data", np.full((30, 2), np.nan), ValueError, r"60 values are not"),
    ("data", [["a", "b"]] * 30, TypeError, r"data must be at least 20 points"),
    ("data", [[1], [1, 2]], ValueError, r"rows of unequal length"),
    ("compare", 1, TypeError, r"compare must be True or False; got 1"),
    ("averaged", 1, TypeError, r"averaged must be True or False; got 1"),
    ("weight_averaging", 1, ValueError, r"weight_averaging must be a number from 0 to 0.9999"),
    ("speed", 0, ValueError, r"speed must be a whole number from 1 to 200; given 0"),
    ("left", "middle", ValueError, r"left must be one of 'discriminator', .*; got 'middle'"),
    ("right", None, TypeError, r"right must be one of"),
    ("arrows", "yes", TypeError, r"arrows must be True or False; got 'yes'"),
    ("optimum_lines", 0, TypeError, r"optimum_lines must be True or False; got 0"),
]


@pytest.mark.parametrize(("name", "value", "error", "words"), BAD_SETTINGS)
def test_bad_settings_are_refused_in_plain_words(name, value, error, words):
    theatre = small_theatre()
    with refused(theatre, error, words):
        setattr(theatre, name, value)
    with pytest.raises(error, match=words):
        small_theatre(**{name: value})


def test_other_refusals():
    theatre = small_theatre()
    with pytest.raises(
        AttributeError, match="no setting 'lr'; it has arrows, averaged, batch_size"
    ):
        theatre.lr = 0.1
    with pytest.raises(TypeError, match="unknown setting 'lr'; there are loss, r1"):
        GANTheatre(lr=0.1)
    with pytest.raises(ValueError, match="chosen must be 'A'; given 'B' .B is there once compare"):
        theatre.chosen = "B"
    with pytest.raises(ValueError, match="name must be one of 'a good run', .*; got 'boredom'"):
        theatre.start("boredom")
    with pytest.raises(ValueError, match="moment must be a whole number from 0 to 0; given 5"):
        theatre.moment = 5
    with pytest.raises(TypeError, match="n_steps must be a whole number"):
        theatre.step(1.5)
    for name in ("now", "generated", "real", "scores", "gan"):
        with pytest.raises(AttributeError, match=name):
            setattr(theatre, name, 0)
    assert copy.copy(theatre.scores).keys() >= {"accuracy", "two_sample", "covered", "share"}
