"""The measures of generated rows, on cases whose answer is known beforehand."""

import math
from typing import ClassVar

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose
from scipy.stats import norm
from sklearn.dummy import DummyClassifier
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.neighbors import KNeighborsClassifier
from sklearn.svm import SVC
from sklearn.tree import DecisionTreeClassifier

from helpers.datasets import make_modes, ring_centers
from helpers.metrics import (
    classifier_two_sample_test,
    copy_ratio,
    coverage,
    mode_coverage,
    precision_recall,
    train_on_synthetic_test_on_real,
)


def normal(seed, *shape, shift=0.0):
    return np.random.default_rng(seed).normal(size=shape) + shift


def small_forest(seed=0):
    return RandomForestClassifier(20, min_samples_leaf=2, random_state=seed)


class Spy(DummyClassifier):
    """Guesses, and remembers the rows that it is trained on and asked about."""

    trained: ClassVar[list] = []
    asked: ClassVar[list] = []

    def fit(self, X, y):
        self.trained.append((X, y))
        return super().fit(X, y)

    def predict(self, X):
        self.asked.append(X)
        return super().predict(X)


@pytest.fixture
def spy():
    Spy.trained.clear()
    Spy.asked.clear()
    return Spy()


# ------------------------------------------------------------------------------ C2ST


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("classifier", [small_forest(), LogisticRegression()])
def test_two_halves_of_one_distribution_cannot_be_told_apart(seed, classifier):
    halves = normal(seed, 2, 150, 6)
    told = classifier_two_sample_test(*halves, classifier=classifier, random_state=seed)
    assert abs(told.accuracy - 0.5) < 4 * told.chance_sd


def test_the_accuracy_varies_somewhat_more_than_by_chance():
    told = [
        classifier_two_sample_test(
            *normal(seed, 2, 60, 4), classifier=KNeighborsClassifier(1), random_state=seed
        )
        for seed in range(100)
    ]
    spread = np.std([t.accuracy for t in told], ddof=1)
    assert 1.1 < spread / told[0].chance_sd < 1.5


@pytest.mark.parametrize("shift", [0.5, 1.0, 2.0])
def test_the_best_classifier_reaches_a_half_plus_half_the_total_variation(shift):
    # N(0, I) and N(shift · e1, I): TV = 2 Φ(shift / 2) − 1, so that ½ + ½ TV = Φ(shift / 2).
    direction = np.array([shift, 0, 0])
    real, fake = normal(0, 5000, 3), normal(1, 5000, 3, shift=direction)
    bound = norm.cdf(shift / 2)
    told = classifier_two_sample_test(real, fake, classifier=LogisticRegression(), random_state=0)
    assert abs(told.accuracy - bound) < 4 * told.chance_sd
    blind = classifier_two_sample_test(
        real[:, 1:], fake[:, 1:], classifier=LogisticRegression(), random_state=0
    )
    assert abs(blind.accuracy - 0.5) < 4 * blind.chance_sd


def test_a_weaker_classifier_stays_below_the_bound():
    diagonal = np.ones(8) / math.sqrt(8)
    real, fake = normal(0, 3000, 8), normal(1, 3000, 8, shift=2 * diagonal)
    stump = classifier_two_sample_test(
        real, fake, classifier=DecisionTreeClassifier(max_depth=1, random_state=0), random_state=0
    )
    assert stump.accuracy < norm.cdf(1) - 4 * stump.chance_sd


def test_disjoint_rows_are_told_apart():
    told = classifier_two_sample_test(normal(0, 60, 3), normal(1, 60, 3, shift=20), random_state=0)
    assert told.accuracy == told.accuracy_real == told.accuracy_fake == 1


def test_the_same_rows_on_both_sides_fall_below_a_half():
    rows = normal(0, 100, 4)
    told = classifier_two_sample_test(rows, rows, random_state=0)
    assert told.accuracy < 0.2


def test_copies_pass_beside_held_out_rows_and_not_beside_the_rows_copied():
    train, held_out = normal(0, 2, 120, 4)
    fake = train + 0.01 * normal(1, 120, 4)
    beside_held_out = classifier_two_sample_test(
        held_out, fake, classifier=small_forest(), random_state=0
    )
    beside_train = classifier_two_sample_test(
        train, fake, classifier=small_forest(), random_state=0
    )
    assert abs(beside_held_out.accuracy - 0.5) < 4 * beside_held_out.chance_sd
    assert beside_train.accuracy < 0.5 - 4 * beside_train.chance_sd


def test_shuffled_columns_fool_a_linear_classifier_and_not_a_forest():
    real, to_shuffle = (z @ [[1, 0.95, 0], [0, 0.3, 0], [0, 0, 1]] for z in normal(0, 2, 300, 3))
    fake = np.random.default_rng(1).permuted(to_shuffle, axis=0)
    linear = classifier_two_sample_test(real, fake, classifier=LogisticRegression(), random_state=0)
    forest = classifier_two_sample_test(real, fake, classifier=small_forest(), random_state=0)
    assert abs(linear.accuracy - 0.5) < 4 * linear.chance_sd
    assert forest.accuracy > 0.7


def test_the_total_of_one_nearest_neighbour_hides_noise():
    """Noise far and wide has real rows for neighbours: both sides are called real."""
    cluster, noise = 0.3 * normal(0, 100, 30), normal(1, 100, 30)
    told = classifier_two_sample_test(
        cluster, noise, classifier=KNeighborsClassifier(1), random_state=0
    )
    assert told.accuracy_real > 0.95 and told.accuracy_fake < 0.3
    assert_allclose(told.accuracy, (told.accuracy_real + told.accuracy_fake) / 2)


def test_a_forest_finds_atoms_and_jitter_hides_them():
    real, fake = normal(0, 2, 150, 4)
    real[:, :2] = np.where(np.abs(real[:, :2]) < 0.5, 0, real[:, :2])
    fake[:, :2] = np.where(np.abs(fake[:, :2]) < 0.5, 0.001, fake[:, :2])
    bare, jittered = (
        classifier_two_sample_test(
            real, fake, classifier=small_forest(), jitter=jitter, random_state=0
        )
        for jitter in (0, 0.05)
    )
    assert bare.accuracy > 0.7
    assert abs(jittered.accuracy - 0.5) < 4 * jittered.chance_sd


def test_jitter_falls_on_both_sides_alike_and_on_the_columns_chosen(spy):
    real, fake = np.full((400, 3), 0.0), np.full((400, 3), 10.0)
    classifier_two_sample_test(real, fake, classifier=spy, jitter=[0.05, 0, 2], random_state=0)
    asked = np.concatenate(spy.asked)
    on_real, on_fake = asked[asked[:, 1] == 0], asked[asked[:, 1] == 10] - 10
    assert on_real.shape == on_fake.shape == (400, 3)
    for noise in (on_real, on_fake):
        assert_allclose(noise.std(axis=0), [0.05, 0, 2], rtol=0.15)
        assert_allclose(noise.mean(axis=0), 0, atol=0.4)
    assert not np.allclose(np.sort(on_real[:, 0]), np.sort(on_fake[:, 0]))


def test_one_number_is_jitter_for_all_columns(spy):
    classifier_two_sample_test(
        np.zeros((200, 4)), np.zeros((200, 4)), classifier=spy, jitter=0.5, random_state=0
    )
    assert_allclose(np.concatenate(spy.asked).std(axis=0), 0.5, rtol=0.15)


@pytest.mark.parametrize(("n_real", "n_fake"), [(40, 95), (95, 40), (40, 40)])
def test_numbers_are_made_equal(spy, n_real, n_fake):
    real = np.arange(n_real)[:, None] * [1.0, 1]
    fake = np.arange(n_fake)[:, None] * [-1.0, 1] - [1, 0]
    told = classifier_two_sample_test(real, fake, classifier=spy, cv=4, random_state=0)
    asked = np.concatenate(spy.asked)
    assert len(np.unique(asked, axis=0)) == len(asked) == 80
    assert (asked[:, 0] >= 0).sum() == (asked[:, 0] < 0).sum() == 40
    assert (n_fake > 40) == (asked[asked[:, 0] < 0, 1].max() > 39)  # chosen from all, at random
    assert_allclose(told.chance_sd, math.sqrt(1 / 320))


def test_each_row_is_asked_about_once_and_never_trained_on_then(spy):
    rows = np.arange(120.0).reshape(60, 2)
    classifier_two_sample_test(rows[:30], rows[30:], classifier=spy, cv=3, random_state=0)
    assert_allclose(np.sort(np.concatenate(spy.asked)[:, 0]), rows[:, 0])
    for (trained, sides), asked in zip(spy.trained, spy.asked, strict=True):
        assert len(trained) == 40 and sides.sum() == 20
        assert not set(trained[:, 0]) & set(asked[:, 0])
    assert sorted(spy.asked[0][:, 0]) != rows[:20, 0].tolist()  # shuffled


def test_the_default_is_the_forest_of_the_protocol():
    real, fake = normal(0, 40, 3), normal(1, 40, 3, shift=1)
    forest = RandomForestClassifier(100, min_samples_leaf=2)
    assert classifier_two_sample_test(real, fake, random_state=3) == classifier_two_sample_test(
        real, fake, classifier=forest, random_state=3
    )
    assert forest.random_state is None and not hasattr(forest, "estimators_")


def test_same_seed_same_answer():
    real, fake = normal(0, 50, 3), normal(1, 70, 3, shift=0.5)

    def answers(random_state):
        return classifier_two_sample_test(
            real,
            fake,
            classifier=RandomForestClassifier(5),
            jitter=0.3,
            random_state=random_state,
        )

    assert answers(4) == answers(4) == answers(np.random.default_rng(4))
    assert len({answers(seed).accuracy for seed in range(6)}) > 1
    rng = np.random.default_rng(4)
    assert len({answers(rng).accuracy for _ in range(6)}) > 1


# ------------------------------------------------------- precision, recall, coverage


def test_three_rows_and_four_by_hand():
    real = [[0.0], [1.0], [3.0]]  # with k = 1 the balls reach 1, 1 and 2
    fake = [[1.9], [5.1], [5.3], [20.0]]  # 3.2, 0.2, 0.2 and 14.7
    precision, recall = precision_recall(real, fake, k=1)
    assert precision == 1 / 4  # 1.9 is within 1 of 1; 5.1 is 2.1 from 3
    assert recall == 1.0  # 1.9 reaches 0, 1 and 3
    assert coverage(real, fake, k=1) == 2 / 3  # nothing within 1 of 0
    assert precision_recall(real, fake, k=2) == (3 / 4, 1.0)  # 3, 2 and 3; 3.4, 3.2, 3.4, 14.9


def test_a_row_on_the_edge_of_a_ball_is_inside():
    assert precision_recall([[0.0], [2.0]], [[4.0], [9.0]], k=1) == (0.5, 1.0)
    assert coverage([[0.0], [2.0]], [[4.0]], k=1) == 0.5


def slow_precision_recall_coverage(real, fake, k):
    def distance(a, b):
        return math.sqrt(sum((x - y) ** 2 for x, y in zip(a, b, strict=True)))

    def radius(i, rows):
        return sorted(distance(rows[i], rows[j]) for j in range(len(rows)) if j != i)[k - 1]

    def inside(point, rows):
        return any(distance(point, rows[i]) <= radius(i, rows) for i in range(len(rows)))

    covered = [min(distance(x, y) for y in fake) <= radius(i, real) for i, x in enumerate(real)]
    precision = np.mean([inside(y, real) for y in fake])
    recall = np.mean([inside(x, fake) for x in real])
    return precision, recall, np.mean(covered)


@given(
    seed=st.integers(0, 2**32),
    n_real=st.integers(4, 12),
    n_fake=st.integers(4, 12),
    n_columns=st.integers(1, 4),
    k=st.integers(1, 3),
)
@settings(max_examples=40, deadline=None)
def test_definitions_word_by_word(seed, n_real, n_fake, n_columns, k):
    rng = np.random.default_rng(seed)
    real, fake = rng.normal(size=(n_real, n_columns)), rng.normal(size=(n_fake, n_columns))
    found = (*precision_recall(real, fake, k=k), coverage(real, fake, k=k))
    assert_allclose(found, slow_precision_recall_coverage(real, fake, k))


@given(seed=st.integers(0, 2**32), scale=st.sampled_from([0.25, 2.0, 1024.0]))
@settings(max_examples=20, deadline=None)
def test_only_relative_distances_count(seed, scale):
    rng = np.random.default_rng(seed)
    real, fake = rng.normal(size=(20, 3)), rng.normal(size=(15, 3))
    turn, _ = np.linalg.qr(rng.normal(size=(3, 3)))
    moved = [scale * (rows @ turn) for rows in (real, fake)]
    assert precision_recall(*moved, k=2) == precision_recall(real, fake, k=2)
    assert coverage(*moved, k=2) == coverage(real, fake, k=2)


def test_the_same_rows_score_1_and_fresh_ones_do_not():
    real, fresh = normal(0, 2, 200, 5)
    assert precision_recall(real, real) == (1, 1) and coverage(real, real) == 1
    precision, recall = precision_recall(real, fresh)
    assert 0.7 < precision < 1 and 0.7 < recall < 1


def test_disjoint_rows_score_0():
    real, fake = normal(0, 50, 3), normal(1, 40, 3, shift=30)
    assert precision_recall(real, fake) == (0, 0) and coverage(real, fake) == 0


@pytest.mark.parametrize(("n_real", "n_fake", "k"), [(60, 60, 5), (60, 150, 2), (150, 60, 5)])
def test_fresh_rows_are_expected_to_cover(n_real, n_fake, k):
    i = np.arange(1, k + 1)
    expected = 1 - np.prod((n_real - i) / (n_fake + n_real - i))
    found = [
        coverage(normal([s, 0], n_real, 3), normal([s, 1], n_fake, 3), k=k) for s in range(200)
    ]
    assert abs(np.mean(found) - expected) < 4 * np.std(found) / math.sqrt(200)
    if n_real == n_fake:
        assert abs(expected - (1 - 2.0**-k)) < 0.01


def test_shrunken_rows_are_plausible_and_not_varied():
    real, fresh = normal(0, 2, 200, 4)
    precision, recall = precision_recall(real, fresh)
    shrunken_precision, shrunken_recall = precision_recall(real, 0.4 * fresh)
    assert shrunken_precision > precision and shrunken_precision > 0.98
    assert shrunken_recall < recall - 0.4
    assert coverage(real, 0.4 * fresh) < coverage(real, fresh) - 0.2


def test_a_lost_mode_costs_its_share_of_coverage_and_recall_and_no_precision():
    modes = np.repeat([[0, 0], [20, 0], [0, 20]], [80, 80, 40], axis=0)
    real, fresh = (modes + z for z in normal(0, 2, 200, 2))
    fake = np.vstack([fresh[:160], fresh[:40]])
    assert coverage(real, fresh) > 0.9 and coverage(real, fake) < 0.82
    assert precision_recall(real, fresh)[1] > 0.9 and precision_recall(real, fake)[1] <= 0.8
    assert precision_recall(real, fake)[0] > 0.9


def test_noise_has_recall_and_neither_precision_nor_coverage():
    real, noise = 0.2 * normal(0, 150, 20), normal(1, 150, 20)
    precision, recall = precision_recall(real, noise)
    assert recall == 1 and precision < 0.05 and coverage(real, noise) < 0.05


def test_one_plausible_row_again_and_again_has_precision():
    real = normal(0, 100, 3)
    fake = np.zeros((80, 3))
    precision, recall = precision_recall(real, fake)
    assert precision == 1 and recall == 0 and coverage(real, fake) < 0.3


def test_shuffled_columns_lose_precision_and_coverage():
    z, w = normal(0, 2, 200, 1)
    real, fresh = (t + 0.1 * normal(5, 200, 6) for t in (z, w))
    shuffled = np.random.default_rng(1).permuted(fresh, axis=0)
    assert precision_recall(real, shuffled)[0] < 0.3 < precision_recall(real, fresh)[0]
    assert coverage(real, shuffled) < 0.3 < coverage(real, fresh)


# ----------------------------------------------------------------------- copy ratio


def test_copies_have_ratio_0_and_fresh_rows_about_1():
    train, held_out, fresh = normal(0, 3, 150, 6)
    assert copy_ratio(train, train, held_out) == 0
    assert copy_ratio(train[:31], train, held_out) == 0
    assert copy_ratio(train + 0.01 * normal(1, 150, 6), train, held_out) < 0.05
    assert 0.9 < copy_ratio(fresh, train, held_out) < 1.1


def test_noise_copies_nothing():
    train, held_out = normal(0, 2, 150, 6)
    assert 0.95 < copy_ratio(4 * normal(1, 90, 6), train, held_out) < 1.05


def test_ratio_by_hand():
    train, held_out = [[0.0, 0], [10, 0]], [[0.0, 3], [10, 5]]
    fake = [[0.0, 1], [10, 1], [0, -2]]  # 1, 1, 2 from train; 2, 4, 5 from the held-out rows
    assert copy_ratio(fake, train, held_out) == 1 / 4
    assert copy_ratio(fake, held_out, train) == 4


@pytest.mark.parametrize(("n_train", "n_held_out"), [(300, 150), (150, 300)])
def test_more_rows_on_one_side_do_not_move_the_ratio(n_train, n_held_out):
    # Without equal numbers the ratio in the plane would be 1/√2 or √2.
    ratios = [
        copy_ratio(
            normal([s, 0], 120, 2),
            normal([s, 1], n_train, 2),
            normal([s, 2], n_held_out, 2),
            random_state=s,
        )
        for s in range(20)
    ]
    assert 0.93 < np.mean(ratios) < 1.07


def test_the_choice_of_training_rows_follows_the_seed():
    fake, train, held_out = normal(0, 40, 3), normal(1, 80, 3), normal(2, 40, 3)
    ratios = [copy_ratio(fake, train, held_out, random_state=s) for s in (1, 1, 2, 3)]
    assert ratios[0] == ratios[1] and len(set(ratios)) > 1


def test_too_few_held_out_rows_are_warned_of():
    train, held_out = normal(0, 101, 3), normal(1, 50, 3)
    with pytest.warns(UserWarning, match="50 of the 101 training rows"):
        copy_ratio(normal(2, 20, 3), train, held_out)


def test_held_out_rows_among_the_fakes_leave_nothing_to_divide_by():
    train, held_out = normal(0, 2, 50, 3)
    with pytest.raises(ValueError, match="held-out row exactly"):
        copy_ratio(held_out, train, held_out)


# ----------------------------------------------------- train on synthetic, test on real


def two_blobs(seed, n, labels=(-1, 1), distance=2.0):
    y = np.resize(labels, n)
    return normal(seed, n, 2) + distance * (y == labels[1])[:, None], y


@pytest.fixture
def blobs():
    X_train, y_train = two_blobs(0, 90)
    X_test, y_test = two_blobs(1, 70)
    real = {"X_train": X_train, "y_train": y_train}
    return real, (X_test, y_test)


def test_the_training_rows_themselves_are_as_good_as_themselves(blobs):
    real, test = blobs
    use = train_on_synthetic_test_on_real(real["X_train"], real["y_train"], *test, **real)
    assert use.synthetic == use.real > 0.8 and use.ratio == 1
    by_hand = SVC(C=3).fit(real["X_train"], real["y_train"]).score(*test)
    assert_allclose(use.real, by_hand)


def test_fresh_rows_do_about_as_well_and_turned_labels_turn_the_accuracy(blobs):
    real, test = blobs
    X_fake, y_fake = two_blobs(2, 90)
    good = train_on_synthetic_test_on_real(X_fake, y_fake, *test, **real)
    bad = train_on_synthetic_test_on_real(X_fake, -y_fake, *test, **real)
    assert 0.9 < good.ratio < 1.1
    assert_allclose(bad.synthetic, 1 - good.synthetic, atol=0.02)
    assert_allclose(bad.ratio, bad.synthetic / bad.real)


def test_generated_rows_of_one_class_score_its_share(blobs):
    real, (X_test, y_test) = blobs
    X_test, y_test = X_test[:49], np.resize([1, 1, -1], 49)
    use = train_on_synthetic_test_on_real(normal(2, 30, 2), np.ones(30), X_test, y_test, **real)
    assert use.synthetic == np.mean(y_test == 1) == 33 / 49


def test_the_classifier_and_the_labels_are_the_callers_choice(blobs):
    X_train, y_train = two_blobs(0, 90, labels=("bad", "good"))
    X_fake, y_fake = two_blobs(2, 50, labels=("bad", "good"))
    X_test, y_test = two_blobs(1, 70, labels=("bad", "good"))
    forest = small_forest()
    use = train_on_synthetic_test_on_real(
        X_fake, y_fake, X_test, y_test, X_train=X_train, y_train=y_train, classifier=forest
    )
    assert use.real == small_forest().fit(X_train, y_train).score(X_test, y_test)
    assert use.synthetic == small_forest().fit(X_fake, y_fake).score(X_test, y_test)
    assert not hasattr(forest, "estimators_")


def test_never_alone(blobs):
    _, test = blobs
    with pytest.raises(TypeError, match="X_train"):
        train_on_synthetic_test_on_real(*two_blobs(2, 20), *test)


def test_nothing_right_after_real_training_makes_an_infinite_ratio(blobs):
    real, (X_test, y_test) = blobs
    far = 50 * y_test[:, None] * np.ones(2)
    use = train_on_synthetic_test_on_real(
        far,
        y_test,
        far,
        y_test,
        X_train=far,
        y_train=-y_test,
        classifier=LogisticRegression(),
    )
    assert use.real == 0 and use.synthetic == 1 and use.ratio == math.inf


# ------------------------------------------------------------------------- bad input

ROWS = np.arange(30.0).reshape(10, 3)
WITH_NAN = np.where(ROWS == 4, np.nan, ROWS)
LABELS = np.resize([-1, 1], 10)


def use_of(X_fake=ROWS, y_fake=LABELS, X_test=ROWS, y_test=LABELS, **others):
    others = {"X_train": ROWS, "y_train": LABELS, **others}
    return train_on_synthetic_test_on_real(X_fake, y_fake, X_test, y_test, **others)


@pytest.mark.parametrize(
    "measure",
    [
        classifier_two_sample_test,
        precision_recall,
        coverage,
        lambda real, fake: copy_ratio(fake, ROWS, real),
        lambda real, fake: use_of(X_test=real, X_fake=fake),
    ],
)
@pytest.mark.parametrize(
    ("real", "fake", "error", "message"),
    [
        (ROWS, ROWS[:, :2], ValueError, "same columns.* 2"),
        (ROWS, WITH_NAN, ValueError, "1 of the 10 rows of .*fake.*NaN.*diverge"),
        (np.full((10, 3), np.inf), ROWS, ValueError, "10 of the 10"),
        (ROWS[:, 0], ROWS, ValueError, r"table.*\(10,\)"),
        (ROWS, ROWS[:0], ValueError, r"\(0, 3\)"),
        (ROWS, [["a"] * 3] * 10, TypeError, "fake must be a table of numbers"),
        (ROWS, [[1, 2, 3], [1, 2]], TypeError, "fake must be a table of numbers"),
        (ROWS + 1j, ROWS, TypeError, "complex"),
        (None, ROWS, ValueError, r"table of numbers.*shape \(\)"),
    ],
)
def test_rows_that_are_no_rows(measure, real, fake, error, message):
    with pytest.raises(error, match=message):
        measure(real, fake)


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: classifier_two_sample_test(ROWS, ROWS, jitter=-0.1), ValueError, "-0.1"),
        (lambda: classifier_two_sample_test(ROWS, ROWS, jitter=np.nan), ValueError, "nan"),
        (lambda: classifier_two_sample_test(ROWS, ROWS, jitter=[0, 0]), ValueError, r"\(3,\)"),
        (lambda: classifier_two_sample_test(ROWS, ROWS, jitter=[0, 0, -1]), ValueError, "-1"),
        (lambda: classifier_two_sample_test(ROWS, ROWS, jitter="much"), TypeError, "'much'"),
        (lambda: classifier_two_sample_test(ROWS, ROWS[:4]), ValueError, "fake has 4"),
        (lambda: classifier_two_sample_test(ROWS, ROWS, cv=1), ValueError, "at least 2"),
        (lambda: classifier_two_sample_test(ROWS, ROWS, cv=2.0), TypeError, "2.0"),
        (lambda: classifier_two_sample_test(ROWS, ROWS, cv=True), TypeError, "True"),
        (lambda: classifier_two_sample_test(ROWS, ROWS, random_state=-1), ValueError, "-1"),
        (lambda: classifier_two_sample_test(ROWS, ROWS, random_state="x"), TypeError, "'x'"),
        (lambda: classifier_two_sample_test(ROWS, ROWS, classifier=SVC), TypeError, "its class"),
        (lambda: classifier_two_sample_test(ROWS, ROWS, classifier="svm"), TypeError, "'svm'"),
        (
            lambda: classifier_two_sample_test(ROWS, ROWS, classifier=LinearRegression()),
            TypeError,
            "LinearRegression",
        ),
        (lambda: precision_recall(ROWS, ROWS, k=10), ValueError, "11 rows; real has 10"),
        (lambda: precision_recall(ROWS, ROWS[:4], k=4), ValueError, "5 rows; fake has 4"),
        (lambda: precision_recall(ROWS, ROWS, k=0), ValueError, "at least 1"),
        (lambda: precision_recall(ROWS, ROWS, k=1.5), TypeError, "1.5"),
        (lambda: coverage(ROWS, ROWS, k=10), ValueError, "real has 10"),
        (lambda: coverage(ROWS, ROWS, k=-1), ValueError, "-1"),
        (lambda: copy_ratio(ROWS, ROWS[:, :2], ROWS), ValueError, "fake and train"),
        (lambda: copy_ratio(ROWS, ROWS, WITH_NAN), ValueError, "held_out"),
        (lambda: copy_ratio(ROWS, ROWS, ROWS + 1, random_state=1.0), TypeError, "1.0"),
        (lambda: use_of(y_fake=LABELS[:9]), ValueError, r"y_fake.*\(10,\).*\(9,\)"),
        (lambda: use_of(y_test=LABELS[:, None]), ValueError, r"y_test.*\(10, 1\)"),
        (lambda: use_of(y_train=LABELS[:3]), ValueError, "y_train"),
        (lambda: use_of(y_fake=0.9 * LABELS), ValueError, r"-0.9, 0.9; real are -1, 1.*Snap"),
        (lambda: use_of(X_train=ROWS[:, :2]), ValueError, "X_fake and X_train"),
        (lambda: use_of(classifier=LinearRegression()), TypeError, "LinearRegression"),
    ],
)
def test_bad_input_is_named(call, error, message):
    with pytest.raises(error, match=message):
        call()


def test_coverage_needs_k_real_rows_only():
    assert coverage(ROWS, ROWS[:1], k=5) > 0


def test_arguments_are_left_as_they_are():
    real, fake = normal(0, 30, 3), normal(1, 40, 3)
    before = real.copy(), fake.copy()
    classifier_two_sample_test(real, fake, classifier=LogisticRegression(), jitter=1.0)
    precision_recall(real, fake)
    copy_ratio(fake, real, real + 1)
    assert (real == before[0]).all() and (fake == before[1]).all()


# ------------------------------------------------------------------ modes


def test_mode_coverage_of_a_known_arrangement():
    centers = np.array([[0.0, 0], [5, 0], [0, 5]])
    samples = np.array([[0, 0.2], [0, -0.3], [5, 0.29], [2, 2], [0, 5.31]] * 20)
    found = mode_coverage(samples, centers, 0.1, min_share=0.3)
    assert found.shares.tolist() == [0.4, 0.2, 0.0]  # 0.31 away is off at 3 × 0.1
    assert found.covered.tolist() == [True, False, False]
    assert found.n_covered == 1
    assert found.share_on_mode == pytest.approx(0.6)
    assert mode_coverage(samples, centers, 0.2).n_covered == 3


def test_mode_coverage_of_real_samples():
    found = mode_coverage(make_modes(20_000, random_state=1), ring_centers(), 0.05)
    assert found.n_covered == 8
    assert found.share_on_mode == pytest.approx(1 - np.exp(-4.5), abs=0.003)


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        ({"samples": np.zeros((4, 3))}, ValueError, "same columns"),
        ({"noise": 0}, ValueError, "noise"),
        ({"noise": "small"}, TypeError, "noise"),
        ({"n_sd": -1}, ValueError, "n_sd"),
        ({"min_share": 1.5}, ValueError, "min_share"),
        ({"samples": [[np.nan, 0.0]]}, ValueError, "samples"),
    ],
)
def test_mode_coverage_names_bad_input(change, error, message):
    arguments = {"samples": np.zeros((4, 2)), "centers": ring_centers(), "noise": 0.05}
    with pytest.raises(error, match=message):
        mode_coverage(**{**arguments, **change})
