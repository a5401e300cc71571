"""What lesson 09 proves and prints, checked by other means, and what was recorded for it."""

import runpy

import numpy as np
import pytest
import sympy as sp
from hypothesis import given
from hypothesis import strategies as st
from lesson_formulas import Lesson

from helpers.datasets import DATA_FOLDER
from helpers.exercises import check
from helpers.models.pretrained import load_pretrained

from_lesson = Lesson(9).functions


# ------------------------------------------------------------------------------ the proof


def test_squared_error_is_variance_plus_distance_to_the_mean():
    a, *y = sp.symbols("a y1:5", real=True)
    p = [*sp.symbols("p1:4", positive=True)]
    p.append(1 - sum(p))
    mean = sum(pk * yk for pk, yk in zip(p, y))
    error = sum(pk * (yk - a) ** 2 for pk, yk in zip(p, y))
    variance = sum(pk * (yk - mean) ** 2 for pk, yk in zip(p, y))
    assert sp.expand(error - variance - (mean - a) ** 2) == 0
    assert sp.expand(sp.diff(error, a) + 2 * (mean - a)) == 0
    assert sp.diff(error, a, 2).expand() == 2  # so that it is the minimum, and the only one


def test_an_honest_draw_costs_twice_the_variance():
    y, p = sp.symbols("y1:4", real=True), [*sp.symbols("p1:3", positive=True)]
    p.append(1 - sum(p))
    mean = sum(pk * yk for pk, yk in zip(p, y))
    variance = sum(pk * (yk - mean) ** 2 for pk, yk in zip(p, y))
    drawn = sum(p[i] * p[j] * (y[i] - y[j]) ** 2 for i in range(3) for j in range(3))
    assert sp.expand(drawn - 2 * variance) == 0


@pytest.mark.parametrize("k", [1, 2, 5])
def test_the_mean_of_k_honest_draws_costs_one_and_a_kth_variances(k):
    (mean_of_draws,) = from_lesson("mean_of_draws_solution")
    values, p = np.array([0.0, 1.0, 7.0]), np.array([0.5, 0.2, 0.3])
    variance = p @ (values - p @ values) ** 2
    cost = 0.0
    for outcome in np.ndindex(*[3] * (k + 1)):  # the truth first, then the draws
        truth, *draws = values[list(outcome)]
        cost += np.prod(p[list(outcome)]) * (truth - np.mean(draws)) ** 2
    error, decibels = mean_of_draws(k)
    assert cost / variance == pytest.approx(error)
    assert decibels == pytest.approx(10 * np.log10(2 * variance / cost))


weighted = st.lists(
    st.tuples(st.integers(-20, 20), st.integers(1, 9)),
    min_size=1,
    max_size=6,
    unique_by=lambda v: v[0],
)


@given(weighted, st.floats(-25, 25))
def test_absolute_error_is_least_at_the_median(pairs, answer):
    values, weights = np.array(sorted(pairs), dtype=float).T
    weights /= weights.sum()
    median = values[np.searchsorted(np.cumsum(weights), 0.5 - 1e-12)]
    assert weights @ np.abs(values - median) <= weights @ np.abs(values - answer) + 1e-9


@given(weighted)
def test_the_derivative_of_absolute_error_is_a_difference_of_probabilities(pairs):
    values, weights = np.array(sorted(pairs), dtype=float).T
    weights /= weights.sum()
    for answer in values + 0.5:
        slope = (
            weights @ np.abs(values - answer - 1e-4) - weights @ np.abs(values - answer + 1e-4)
        ) / 2e-4
        below, above = weights[values < answer].sum(), weights[values > answer].sum()
        assert slope == pytest.approx(below - above, abs=1e-6)


# ----------------------------------------------------------- functions that it writes out


def test_measures_on_pictures_that_are_not_square():
    rmse, gradient_energy = from_lesson("rmse", "gradient_energy")
    from helpers import metrics

    rng = np.random.default_rng(0)
    a, b = rng.random((2, 5, 7, 12))
    assert rmse(a, b) == pytest.approx(metrics.rmse(a, b))
    assert gradient_energy(a) == pytest.approx(metrics.gradient_energy(a))
    ramp = np.broadcast_to(np.arange(4) / 10, (1, 3, 4))  # rises by .1 across, not at all down
    assert gradient_energy(ramp) == pytest.approx(0.01)
    assert gradient_energy(ramp.transpose(0, 2, 1)) == pytest.approx(0.01)


def test_shrinking_enlarging_and_repairing_pictures_that_are_not_square():
    shrink, nearest, repair = from_lesson("shrink", "nearest", "consistent_solution")
    rng = np.random.default_rng(1)
    images = rng.random((3, 8, 12))
    small = shrink(images, 4)
    assert small.shape == (3, 2, 3)
    assert small[1, 1, 2] == pytest.approx(images[1, 4:, 8:].mean())
    np.testing.assert_allclose(shrink(nearest(small, 4), 4), small)
    other = rng.random((3, 8, 12))
    repaired = repair(other, small, 4)
    np.testing.assert_allclose(shrink(repaired, 4), small)
    # The least change: what is left to the truth is at a right angle to it.
    assert np.sum((repaired - other) * (images - repaired)) == pytest.approx(0, abs=1e-9)
    assert np.mean((repaired - images) ** 2) < np.mean((other - images) ** 2)


def test_solutions_that_stand_in_the_lesson_are_accepted():
    names = {"09.sampling": "price_solution", "09.average": "mean_of_draws_solution"}
    for exercise, name in names.items():
        assert check(exercise, *from_lesson(name)).accepted


# ------------------------------------------------------------------------ what is recorded


@pytest.fixture(scope="module")
def recorded():
    return load_pretrained("futures")


def test_heads_meet_their_bars_with_every_seed(recorded):
    scores = recorded.scores
    assert scores["to_mean"].shape == (2, 5)
    assert scores["to_mean"].max() <= 0.01
    assert np.abs(scores["sharpness"] - 1).max() <= 0.03
    assert scores["to_nearest"].min() > 0.055


def test_super_resolution_beats_bicubic_with_every_seed(recorded):
    scores = recorded.scores["super_resolution"]
    assert scores.shape == (2, 5, 2, 3)  # factor, seed, method, measure
    decibels = scores[..., 0]
    assert (decibels[:, :, 1] - decibels[:, :, 0]).min() >= 4
    assert (scores[0, :, 1, 1] < 0.65).all()  # from 2 × 2 it blurs
    assert (scores[0, :, 1, 2] < 0.75).all()  # and is misread


def test_the_explorers_networks_predict_the_mean(recorded):
    assert recorded.scores["explorer"].shape == (2, 500)
    assert recorded.scores["explorer"].mean(axis=1).max() < 0.016
    assert (DATA_FOLDER / "futures.npz").stat().st_size < 1_500_000


def test_half_precision_changes_no_prediction(recorded):
    script = runpy.run_path(str(DATA_FOLDER / "make_pretrained.py"))
    for kind, errors in zip(recorded.protocol["futures"], recorded.scores["explorer"]):
        found = script["explorer_errors"](recorded.estimators[kind], kind, n_settings=500)
        np.testing.assert_allclose(found, errors, atol=0.001)


@pytest.mark.slow
@pytest.mark.parametrize(("place", "kind"), [(0, "two"), (1, "continuous")])
def test_recorded_heads_are_met(recorded, place, kind):
    script = runpy.run_path(str(DATA_FOLDER / "make_pretrained.py"))
    to_mean, to_nearest, sharp = script["measure_heads"](kind, 0)
    assert to_mean == pytest.approx(recorded.scores["to_mean"][place, 0], abs=0.001)
    assert to_nearest == pytest.approx(recorded.scores["to_nearest"][place, 0], abs=0.001)
    assert sharp == pytest.approx(recorded.scores["sharpness"][place, 0], abs=0.01)


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["two", "continuous"])
def test_heads_meet_their_bars_with_a_fresh_seed(kind):
    script = runpy.run_path(str(DATA_FOLDER / "make_pretrained.py"))
    to_mean, to_nearest, sharp = script["measure_heads"](kind, 4711)
    assert to_mean <= 0.01 and abs(sharp - 1) <= 0.03 and to_nearest > 0.055


@pytest.mark.slow
@pytest.mark.parametrize("factor", [4, 2])
def test_super_resolution_meets_its_bar_with_a_fresh_seed(factor):
    script = runpy.run_path(str(DATA_FOLDER / "make_pretrained.py"))
    bicubic, network = script["measure_digits"](factor, 4711)
    assert network[0] >= bicubic[0] + 4
