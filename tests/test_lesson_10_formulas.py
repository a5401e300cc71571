"""What lesson 10 proves and prints, checked by other means, and what was recorded for it."""

import numpy as np
import pytest
import sympy as sp
from hypothesis import given, settings
from hypothesis import strategies as st
from lesson_formulas import Lesson
from scipy.special import expit

from helpers.exercises import check
from helpers.models.pretrained import load_pretrained
from helpers.nn import Network, backward_with_zero_centred_penalty, dense_layers
from helpers.scenes import mean_of_futures, possible_futures

from_lesson = Lesson(
    10, expit=expit, backward_with_zero_centred_penalty=backward_with_zero_centred_penalty
).functions


# ------------------------------------------------------------------- accuracy and its bound


@given(st.lists(st.floats(-1000, 1000), min_size=1, max_size=20))
@settings(deadline=None)  # the first call reads the lesson
def test_cross_entropy_lies_above_the_share_of_fakes_caught(logits):
    _, caught_solution = from_lesson("softplus", "caught_solution")
    caught, bound = caught_solution(np.array(logits))
    assert np.isfinite(bound) and caught <= bound + 1e-12


def test_least_squares_leaves_nothing_to_a_linear_judge():
    yaws = np.arange(-30, 31)
    futures = possible_futures(yaws, dtype=np.float64)
    real, blurred = futures.reshape(-1, 576), mean_of_futures(yaws, dtype=np.float64)
    # The gradient of its cross-entropy at w = 0, which is convex: mean real minus mean blurred.
    np.testing.assert_allclose(real.mean(axis=0), blurred.reshape(-1, 576).mean(axis=0), atol=1e-12)


# ------------------------------------------------------------------------- the two arrows


def players(seed):
    """Small players, x of 3 numbers, z of 2, pictures of 2 × 3."""
    sizes = [2 + 3, 8, 6], [6 + 3, 7, 5, 1]
    return [
        Network(dense_layers(s, "leaky_relu"), random_state=seed + k, dtype="float64")
        for k, s in enumerate(sizes)
    ]


def softplus(t):
    return np.logaddexp(0, t)


def agrees_with_differences(network, loss, rng, rtol=1e-5):
    here, found = network.parameters.copy(), network.gradients.copy()
    way = rng.normal(size=here.size)
    values = []
    for step in (1e-6, -1e-6):
        network.parameters[:] = here + step * way
        values.append(loss())
    network.parameters[:] = here
    return np.isclose(found @ way, (values[0] - values[1]) / 2e-6, rtol=rtol)


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("sees_x", [0, 1])
def test_gradient_of_the_generators_sum(seed, sees_x):
    (gradient,) = from_lesson("generator_gradient")
    (G, D), rng = players(seed), np.random.default_rng(seed)
    z, x, y = (rng.normal(size=(n, 4)) for n in (2, 3, 6))
    by_mse, by_adv = gradient(G, D, z, x, y, 0.6, 0.4, sees_x)
    assert by_mse.shape == by_adv.shape == y.shape

    def loss():
        made = G.forward(np.vstack([z, x]))
        logits = D.forward(np.vstack([made, sees_x * x]))
        return 0.6 * np.mean((made - y) ** 2) + 0.4 * np.mean(softplus(-logits))

    assert agrees_with_differences(G, loss, rng)


@pytest.mark.parametrize("seed", range(3))
def test_gradient_of_the_judges_loss_with_its_penalty(seed):
    (gradient,) = from_lesson("discriminator_gradient")
    (_, D), rng = players(seed), np.random.default_rng(seed)
    y, made, x = (rng.normal(size=(n, 5)) for n in (6, 6, 3))
    gradient(D, y, made, x, gamma=0.7)

    def loss():
        total = 0.0
        for sign, pictures in ((-1, y), (1, made)):
            total += np.mean(softplus(sign * D.forward(np.vstack([pictures, x]))))
            slope = D.input_gradient(np.ones((1, 5)))[:6]  # by the picture alone
            total += 0.7 / 2 * np.mean(np.sum(slope**2, axis=0))
        return total

    assert agrees_with_differences(D, loss, rng)


# ----------------------------------------------------------------------------- the price


def test_distortion_is_the_least_error_and_the_distance_from_the_blur():
    y, p = sp.symbols("y1:4", real=True), [*sp.symbols("p1:3", positive=True)]
    p.append(1 - sum(p))
    made, share = sp.symbols("a1:3", real=True), [*sp.symbols("s1:2", positive=True)]
    share.append(1 - sum(share))
    mean = sum(pi * yi for pi, yi in zip(p, y))
    least = sum(pi * (yi - mean) ** 2 for pi, yi in zip(p, y))
    away = sum(sj * (aj - mean) ** 2 for sj, aj in zip(share, made))
    error = sum(pi * sj * (yi - aj) ** 2 for pi, yi in zip(p, y) for sj, aj in zip(share, made))
    assert sp.expand(error - least - away) == 0


def test_going_part_of_the_way_costs_the_square_of_it():
    t, y, p = sp.symbols("t"), sp.symbols("y1:4", real=True), [*sp.symbols("p1:3", positive=True)]
    p.append(1 - sum(p))
    mean = sum(pi * yi for pi, yi in zip(p, y))
    least = sum(pi * (yi - mean) ** 2 for pi, yi in zip(p, y))
    mixed = [(1 - t) * mean + t * yi for yi in y]
    error = sum(p[i] * p[j] * (y[i] - mixed[j]) ** 2 for i in range(3) for j in range(3))
    assert sp.expand(error - (1 + t**2) * least) == 0


@given(st.lists(st.integers(1, 50), min_size=1, max_size=10))
def test_a_draw_is_never_right_more_often_than_the_likeliest(counts):
    p = np.array(counts) / sum(counts)
    assert p @ p <= p.max() + 1e-12


def test_bias_and_spread_add_up():
    (spread_solution,) = from_lesson("spread_solution")
    rng = np.random.default_rng(0)
    draws, means = rng.random((4, 7, 12)), rng.random((4, 12))
    whole = np.mean((draws - means[:, None]) ** 2)
    assert spread_solution(draws, means).sum() == pytest.approx(whole)


def test_solutions_that_stand_in_the_lesson_are_accepted():
    names = {
        "10.spread": "spread_solution",
        "10.mix": "mix_solution",
        "10.arrows": "arrows_solution",
    }
    for exercise, name in names.items():
        assert check(exercise, *from_lesson(name)).accepted


# ------------------------------------------------------------------------ what is recorded


@pytest.mark.parametrize("scene", ["heads", "digits 2x2"])
def test_recorded_weights_climb_from_the_blur(scene):
    recorded = load_pretrained("adversarial")
    measures = recorded.protocol["measures"][scene]
    found = dict(zip(measures, np.moveaxis(recorded.scores[scene], 2, 0)))
    error = found["to_truth"] if scene == "heads" else 10 ** (-found["psnr"] / 20)
    error, sharp = error.mean(axis=1), found["sharpness"].mean(axis=1)
    assert error.argmin() <= 1 and sharp.argmin() <= 1
    assert 1.15 < error[-1] / error[0] < 1.55  # up to the root of 2, and what training lacks
    # No weight is at the upper left: whoever is sharper than most pays more than most.
    assert error[sharp > 0.85].min() > 1.1 * error[0]


def test_heads_meet_their_bars_with_four_of_five_fresh_seeds():
    recorded = load_pretrained("adversarial")
    found = dict(zip(recorded.protocol["measures"]["heads"], recorded.scores["heads fresh"].T))
    good = (found["to_nearest"] <= 0.045) & (found["share_nearer"] >= 0.85)
    good &= (found["both_shown"] >= 0.9) & (np.abs(found["sharpness"] - 1.025) <= 0.075)
    assert len(good) >= 5 and good.mean() >= 0.8


def test_digits_pay_three_decibels_for_being_sharp():
    recorded = load_pretrained("adversarial")
    names = recorded.protocol["measures"]["digits 2x2"]
    soft, crisp = (
        dict(zip(names, recorded.scores[f"digits 2x2 {kind}"].T)) for kind in ("fresh mse", "fresh")
    )
    assert (soft["psnr"] - crisp["psnr"] >= 1.5).all()
    assert 2.4 < np.mean(soft["psnr"] - crisp["psnr"]) < 3.4  # a perfect draw loses 3.01
    assert np.median(crisp["sharpness"]) >= 0.9 > 0.65 > soft["sharpness"].max()
    assert np.median(crisp["c2st"]) <= 0.58 < 0.7 <= soft["c2st"].min()
    assert (crisp["digits_read"] < soft["digits_read"]).all()  # what is sharp was invented
    assert crisp["c2st_long"].min() > 0.6  # a more patient judge is not satisfied
    assert abs(recorded.scores["digits real"].mean() - 0.5) < 0.02
