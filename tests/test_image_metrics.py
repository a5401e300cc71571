"""The measures of pictures, on cases whose answer is known beforehand; none of them square."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose
from scipy.linalg import sqrtm
from scipy.ndimage import gaussian_filter
from sklearn.calibration import CalibratedClassifierCV
from sklearn.decomposition import PCA
from sklearn.dummy import DummyClassifier
from sklearn.exceptions import NotFittedError
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.model_selection import train_test_split
from sklearn.neighbors import KNeighborsClassifier
from sklearn.svm import SVC

from helpers.datasets import load_digit_images
from helpers.metrics import (
    class_histogram,
    classifier_score,
    copy_ratio,
    frechet_distance,
    gradient_energy,
    nearest_future,
    nearest_training_picture,
    precision_recall,
    psnr,
    rmse,
    sharpness,
    ssim,
    train_digit_classifier,
)
from helpers.scenes import make_head_turns, mean_of_futures, possible_futures, turns_and_weights

HEIGHT, WIDTH = 9, 12


def noise(seed, *shape):
    return np.random.default_rng(seed).uniform(size=shape)


def pictures(seed, n=6, height=HEIGHT, width=WIDTH):
    return noise(seed, n, height, width)


def column_ramp(height, width):
    return np.broadcast_to(np.arange(width) / (width - 1), (height, width))


@pytest.fixture(scope="module")
def digits():
    return load_digit_images().images


# -------------------------------------------------------------------- error and decibels


def test_an_error_of_a_tenth_has_20_decibels():
    images = np.full((3, HEIGHT, WIDTH), 0.4)
    assert_allclose(rmse(images, images + 0.1), 0.1)
    assert_allclose(psnr(images, images + 0.1), 20)
    assert_allclose(psnr(images, images - 0.01), 40)
    assert_allclose(psnr(images[0], images[0] + 0.05) - 20, 20 * math.log10(2))
    black, white = np.zeros((2, 3)), np.ones((2, 3))
    assert rmse(black, white) == 1 and psnr(black, white) == 0


def test_one_wrong_pixel_by_hand():
    original = np.zeros((4, 5))
    image = original.copy()
    image[2, 4] = 1
    assert_allclose(rmse(image, original), math.sqrt(1 / 20))
    assert_allclose(psnr(image, original), 10 * math.log10(20))


def test_no_error_has_infinitely_many_decibels_and_no_warning():
    images = pictures(0, n=2)
    assert rmse(images, images) == 0 and psnr(images, images) == math.inf
    moved = images + np.array([0, 0.1])[:, None, None]
    assert_allclose(psnr(images, moved, each=True), [math.inf, 20])
    assert_allclose(psnr(images, moved), 20 + 10 * math.log10(2))


@given(seed=st.integers(0, 2**32), height=st.integers(1, 5), width=st.integers(1, 5))
@settings(max_examples=30, deadline=None)
def test_each_picture_alone_and_all_pixels_together(seed, height, width):
    a, b = noise(seed, 2, 4, height, width)
    alone = [rmse(x, y) for x, y in zip(a, b)]
    assert_allclose(rmse(a, b, each=True), alone)
    assert_allclose(psnr(a, b, each=True), [psnr(x, y) for x, y in zip(a, b)])
    assert_allclose(rmse(a, b), np.sqrt(np.mean((a - b) ** 2)))
    assert rmse(a, b) >= np.mean(alone) - 1e-12
    assert psnr(a, b) <= psnr(a, b, each=True).mean() + 1e-9


def test_blur_that_hedges_wins_three_decibels():
    left, right = pictures(0, n=2)
    truth = np.stack([left, right] * 4)
    guesses = np.stack([left] * 8)
    hedge = np.stack([(left + right) / 2] * 8)
    assert_allclose(psnr(hedge, truth) - psnr(guesses, truth), 10 * math.log10(2))


def test_moved_digits_have_fewer_decibels_than_fog(digits):
    moved = np.pad(digits, ((0, 0), (0, 0), (1, 0)))[:, :, :-1]
    fog = np.broadcast_to(digits.mean(axis=0), digits.shape)
    assert_allclose(psnr(moved, digits), 8, atol=0.5)
    assert_allclose(psnr(fog, digits), 11, atol=0.5)


# ------------------------------------------------------------------ structural similarity


def slow_ssim(x, y, window, sigma):
    """The definition, place by place and pixel by pixel."""
    places = [
        (top, left)
        for top in range(x.shape[0] - window + 1)
        for left in range(x.shape[1] - window + 1)
    ]
    size = (slice(window), slice(window))
    return np.mean([ssim_of_patch(x[i:, j:][size], y[i:, j:][size], sigma) for i, j in places])


def ssim_of_patch(x, y, sigma):
    middle = len(x) // 2
    pixels = list(np.ndindex(x.shape))
    weight = {
        (i, j): math.exp(-((i - middle) ** 2 + (j - middle) ** 2) / (2 * sigma**2))
        for i, j in pixels
    }

    def mean(values):
        return sum(weight[at] * values[at] for at in pixels) / sum(weight.values())

    mx, my = mean(x), mean(y)
    vx, vy, cov = mean((x - mx) ** 2), mean((y - my) ** 2), mean((x - mx) * (y - my))
    numerator = (2 * mx * my + 1e-4) * (2 * cov + 9e-4)
    return numerator / ((mx**2 + my**2 + 1e-4) * (vx + vy + 9e-4))


@given(
    seed=st.integers(0, 2**32),
    window=st.sampled_from([3, 5]),
    more=st.tuples(st.integers(0, 3), st.integers(0, 3)),
    sigma=st.floats(0.5, 3),
)
@settings(max_examples=25, deadline=None)
def test_similarity_word_by_word(seed, window, more, sigma):
    x, y = noise(seed, 2, window + more[0], window + more[1])
    y = (x + y) / 2
    found = ssim(x, y, window=window, sigma=sigma)
    assert_allclose(found, slow_ssim(x, y, window, sigma), rtol=1e-9)
    assert_allclose(ssim(y, x, window=window, sigma=sigma), found)
    assert_allclose(ssim(x.T, y.T, window=window, sigma=sigma), found)


def test_the_window_of_the_paper():
    x, y = pictures(0, 2, 13, 16)
    assert_allclose(ssim(x, y, window=11), slow_ssim(x, y, 11, 1.5))


def test_no_difference_is_similarity_1():
    images = pictures(0)
    assert ssim(images, images) == 1
    assert (ssim(images, images, each=True) == 1).all()


@pytest.mark.parametrize(("level", "shift"), [(0.5, 0.01), (0.0, 0.1), (0.3, 0.4)])
def test_a_flat_picture_made_brighter_by_formula(level, shift):
    flat = np.full((HEIGHT, WIDTH), level)
    moved = level + shift
    expected = (2 * level * moved + 1e-4) / (level**2 + moved**2 + 1e-4)
    assert_allclose(ssim(flat, flat + shift), expected)


def test_a_shift_in_brightness_costs_its_first_factor_alone():
    x = pictures(0, 1, 7, 7)[0] * 0.5  # one window
    t = np.arange(-3, 4)
    weights = np.exp(-(t[:, None] ** 2 + t**2) / 4.5)
    mean = np.average(x, weights=weights)
    moved = mean + 0.3
    expected = (2 * mean * moved + 1e-4) / (mean**2 + moved**2 + 1e-4)
    assert_allclose(ssim(x, x + 0.3), expected)


def test_less_contrast_by_formula_and_turned_brightness_is_below_0():
    x = pictures(0, 1, 7, 7)[0]
    t = np.arange(-3, 4)
    weights = np.exp(-(t[:, None] ** 2 + t**2) / 4.5)
    mean = np.average(x, weights=weights)
    variance = np.average((x - mean) ** 2, weights=weights)
    for factor in (0.5, -0.4):  # brightness about the mean, which stays
        expected = (2 * factor * variance + 9e-4) / ((1 + factor**2) * variance + 9e-4)
        assert_allclose(ssim(mean + factor * (x - mean), x), expected)
    assert ssim(1 - pictures(0), pictures(0)) < 0


def test_what_the_notes_say_of_flat_places_and_of_the_window():
    flat = np.zeros((HEIGHT, WIDTH))
    assert ssim(flat + 0.5, flat + 0.51) > 0.999 and ssim(flat, flat + 0.1) < 0.011
    t = np.arange(-5, 6)
    weights = np.exp(-(t**2) / (2 * 1.5**2))
    assert_allclose((weights[2:-2].sum() / weights.sum()) ** 2, 0.97, atol=0.005)


def test_each_picture_has_its_own_similarity():
    x, y = pictures(0), (pictures(0) + pictures(1)) / 2
    each = ssim(x, y, each=True)
    assert_allclose(each, [ssim(a, b) for a, b in zip(x, y)])
    assert_allclose(ssim(x, y), each.mean())


def test_the_mean_of_futures_beats_a_guess_in_decibels_and_similarity():
    heads = make_head_turns(60, random_state=0)
    mean = mean_of_futures(heads.yaw)
    guess = possible_futures(heads.yaw)[:, 0]
    assert psnr(mean, heads.next_frames) > psnr(guess, heads.next_frames) + 2
    assert ssim(mean, heads.next_frames) > ssim(guess, heads.next_frames) + 0.02


# ------------------------------------------------------------------------ sharpness


def test_energy_of_known_pictures():
    rows, columns = np.indices((HEIGHT, WIDTH))
    assert gradient_energy(np.full((HEIGHT, WIDTH), 0.7)) == 0
    assert gradient_energy((rows + columns) % 2) == 2  # a chessboard
    assert gradient_energy(columns % 2) == gradient_energy(rows % 2) == 1
    ramp = column_ramp(5, 11)
    assert_allclose(gradient_energy(ramp), 0.1**2)
    assert_allclose(gradient_energy(ramp.T), 0.1**2)
    step = np.zeros((4, 6))
    step[:, 3:] = 1
    assert_allclose(gradient_energy(step), 1 / 5)  # one of five steps to the right in each row
    assert_allclose(gradient_energy(step.T), 1 / 5)


def test_energy_word_by_word():
    image = pictures(3, 1)[0]
    right = [(image[i, j + 1] - image[i, j]) ** 2 for i in range(9) for j in range(11)]
    down = [(image[i + 1, j] - image[i, j]) ** 2 for i in range(8) for j in range(12)]
    assert_allclose(gradient_energy(image), np.mean(right) + np.mean(down))
    stack = pictures(4)
    each = gradient_energy(stack, each=True)
    assert_allclose(each, [gradient_energy(x) for x in stack])
    assert_allclose(gradient_energy(stack), each.mean())


@given(seed=st.integers(0, 2**32), n=st.integers(2, 6))
@settings(max_examples=30, deadline=None)
def test_energy_is_that_of_the_mean_plus_that_of_the_deviations(seed, n):
    images = pictures(seed, n, 3, 5)
    mean = images.mean(axis=0)
    deviations = (images - mean) / 2  # halved, so as to lie within the range of pixels
    assert_allclose(
        gradient_energy(images), gradient_energy(mean) + 4 * gradient_energy(deviations)
    )
    assert gradient_energy(mean) <= gradient_energy(images)


def test_sharpness_is_a_ratio_of_energies():
    real, images = pictures(0), 0.5 * pictures(0)
    assert sharpness(real, real) == 1
    assert_allclose(sharpness(images, real), 1 / 4)  # half the contrast
    assert_allclose(
        sharpness(images[:2], real), gradient_energy(images[:2]) / gradient_energy(real)
    )
    assert sharpness(real[:, ::-1], real) == pytest.approx(1)
    assert sharpness(real[0] * 0, real) == 0


def test_noise_is_sharper_than_anything(digits):
    rng = np.random.default_rng(0)
    flat, sd = np.full((400, HEIGHT, WIDTH), 0.5), 0.08
    noisy = flat + sd * rng.normal(size=flat.shape)
    assert_allclose(gradient_energy(noisy), 4 * sd**2, rtol=0.03)
    blurred = gaussian_filter(digits, (0, 0.7, 0.7))
    assert sharpness(blurred, digits) < 0.4
    missing = gradient_energy(digits) - gradient_energy(blurred)
    disguised = blurred + math.sqrt(missing / 4) * rng.normal(size=blurred.shape).clip(-1.9, 1.9)
    assert_allclose(sharpness(disguised, digits), 1, atol=0.12)


# ---------------------------------------------------------------------- nearest future


@pytest.fixture
def futures():
    return noise(5, 4, 3, HEIGHT, WIDTH)


def test_a_future_is_its_own_nearest_and_the_mean_is_the_mean(futures):
    chosen = np.array([2, 0, 1, 1])
    found = nearest_future(futures[np.arange(4), chosen], futures)
    assert found.index.tolist() == chosen.tolist() and (found.distance == 0).all()
    assert found.share_nearer == 1
    assert found.shown.tolist() == (chosen[:, None] == np.arange(3)).tolist()
    found = nearest_future(futures.mean(axis=1), futures)
    assert_allclose(found.distance_to_mean, 0, atol=1e-15)
    assert found.share_nearer == 0 and not found.shown.any()


def test_distances_by_hand():
    black, white = np.zeros((2, 3)), np.ones((2, 3))
    futures = np.array([[black, white]] * 4)
    greys = np.array([0.1, 0.3, 0.7, 1.0])
    found = nearest_future(greys[:, None, None] * white, futures)
    assert_allclose(found.distance, [0.1, 0.3, 0.3, 0])
    assert_allclose(found.distance_to_mean, [0.4, 0.2, 0.2, 0.5])
    assert found.index.tolist() == [0, 0, 1, 1]
    assert found.share_nearer == 0.5
    assert found.shown.tolist() == [[True, False], [False] * 2, [False] * 2, [False, True]]


def test_likely_futures_pull_the_mean():
    futures = np.array([[np.zeros((2, 3)), np.ones((2, 3))]])
    found = nearest_future(np.full((1, 2, 3), 0.75), futures, weights=[1, 3])
    assert_allclose(found.distance_to_mean, [0])
    assert_allclose(found.distance, [0.25])


def test_several_pictures_of_each_frame(futures):
    repeated = np.stack([futures[:, 2], futures.mean(axis=1), futures[:, 0], futures[:, 2]], axis=1)
    found = nearest_future(repeated, futures)
    assert found.distance.shape == found.index.shape == found.distance_to_mean.shape == (4, 4)
    assert found.index[:, [0, 2, 3]].tolist() == [[2, 0, 2]] * 4
    assert found.share_nearer == 0.75
    assert found.shown.tolist() == [[True, False, True]] * 4
    for j in range(4):
        alone = nearest_future(repeated[:, j], futures)
        assert (alone.distance == found.distance[:, j]).all()
        assert (alone.distance_to_mean == found.distance_to_mean[:, j]).all()


def test_distances_are_root_mean_squares(futures):
    images = pictures(6, 4)
    found = nearest_future(images, futures)
    slow = np.array([[rmse(x, future) for future in own] for x, own in zip(images, futures)])
    assert_allclose(found.distance, slow.min(axis=1))
    assert found.index.tolist() == slow.argmin(axis=1).tolist()
    assert_allclose(found.distance_to_mean, rmse(images, futures.mean(axis=1), each=True))


def test_turning_heads():
    heads = make_head_turns(40, p_left=0.3, height=24, width=20, random_state=1)
    futures = possible_futures(heads.yaw, height=24, width=20)
    weights = turns_and_weights(p_left=0.3)[1]
    found = nearest_future(heads.next_frames, futures, weights=weights)
    assert_allclose(found.distance, 0, atol=1e-6)
    assert (found.index == (heads.turn > 0)).all() and found.share_nearer == 1
    mean = mean_of_futures(heads.yaw, p_left=0.3, height=24, width=20)
    blur = nearest_future(mean, futures, weights=weights)
    assert_allclose(blur.distance_to_mean, 0, atol=1e-6)
    assert blur.distance.min() > 0.02 and blur.share_nearer == 0


# ------------------------------------------------------------------- training pictures


def test_copies_are_found():
    training = pictures(0, 30)
    copies = training[[7, 3, 21]]
    found = nearest_training_picture(copies, training)
    assert found.index.tolist() == [7, 3, 21] and found.distance.tolist() == [0, 0, 0]
    found = nearest_training_picture((copies + 0.05).clip(0, 1.1), training)
    assert found.index.tolist() == [7, 3, 21]
    assert_allclose(found.distance, 0.05)


def test_the_nearest_is_the_nearest():
    images, training = pictures(1, 5), pictures(2, 8)
    slow = np.array([[rmse(x, y) for y in training] for x in images])
    found = nearest_training_picture(images, training)
    assert found.index.tolist() == slow.argmin(axis=1).tolist()
    assert_allclose(found.distance, slow.min(axis=1))
    one = nearest_training_picture(images[3], training)
    assert one.index == found.index[3] and one.distance == pytest.approx(found.distance[3])
    assert isinstance(one.index, int) and isinstance(one.distance, float)


def test_flattened_pictures_serve_as_rows():
    train, held_out = pictures(0, 60, 3, 4), pictures(1, 60, 3, 4)
    rows = [x.reshape(len(x), -1) for x in (train, held_out)]
    assert copy_ratio(rows[0], *rows) == 0
    assert precision_recall(rows[1], rows[1]) == (1, 1)


# -------------------------------------------------------------- judged by a classifier


class Told(DummyClassifier):
    """Says of a picture what stands in its first pixels."""

    n_classes = 3

    def fit(self, X, y=None):
        self.classes_, self.n_features_in_ = np.arange(self.n_classes), X.shape[1]
        return self

    def predict_proba(self, X):
        return X[:, : self.n_classes]


@pytest.fixture
def told():
    return Told().fit(np.zeros((1, 6)))


def saying(probabilities):
    return np.pad(np.asarray(probabilities, dtype=float), ((0, 0), (0, 3))).reshape(-1, 2, 3)


def test_shares_of_classes_by_hand(told):
    said = [[0.5, 0.3, 0.2], [0, 0, 1], [0.1, 0.2, 0.7], [0.9, 0.1, 0]]
    assert class_histogram(saying(said), told).tolist() == [0.5, 0, 0.5]
    assert class_histogram(saying(said)[1], told).tolist() == [0, 0, 1]


def test_scores_by_hand(told):
    sure = np.eye(3)
    assert_allclose(classifier_score(saying(sure), told), 3)
    assert_allclose(classifier_score(saying([[0.2, 0.5, 0.3]] * 7), told), 1)  # the same of all
    assert_allclose(classifier_score(saying(sure[[0, 0, 0]]), told), 1)  # two classes are missing
    # Sure of two classes, three to one: exp of the entropy of (3/4, 1/4).
    entropy = -0.75 * math.log(0.75) - 0.25 * math.log(0.25)
    assert_allclose(classifier_score(saying(sure[[0, 0, 0, 1]]), told), math.exp(entropy))
    said = np.array([[0.8, 0.1, 0.1], [0.2, 0.6, 0.2]])
    slow = np.mean([sum(p * math.log(p / q) for p, q in zip(row, said.mean(0))) for row in said])
    assert_allclose(classifier_score(saying(said), told), math.exp(slow))


@pytest.fixture(scope="module")
def halves():
    digits = load_digit_images()
    return train_test_split(
        digits.images, digits.target, test_size=600, stratify=digits.target, random_state=0
    )


@pytest.fixture(scope="module")
def judge(halves):
    train, _, y_train, _ = halves
    return train_digit_classifier(train, y_train)


def test_the_judge_knows_digits(halves, judge):
    _, held_out, _, y_held_out = halves
    assert_allclose(judge.score(held_out.reshape(600, -1), y_held_out), 0.97, atol=0.01)
    shares = class_histogram(held_out, judge)
    assert_allclose(shares, np.bincount(y_held_out) / 600, atol=0.02)
    assert_allclose(classifier_score(held_out, judge), 6.9, atol=0.15)
    without_sixes = class_histogram(held_out[y_held_out != 6], judge)
    assert without_sixes[6] < 0.01
    assert classifier_score(held_out[y_held_out != 6], judge) < 6.5


def test_what_the_notes_say_of_the_judge(halves, judge):
    train, held_out, y_train, _ = halves
    blends = (held_out + held_out[np.random.default_rng(0).permutation(600)]) / 2
    assert_allclose(classifier_score(blends, judge), 3.3, atol=0.25)
    means = np.array([train[y_train == digit].mean(axis=0) for digit in range(10)])
    assert_allclose(classifier_score(means, judge), 8.6, atol=0.1)
    assert classifier_score(noise(0, 600, 8, 8), judge) < 2.2
    surer = CalibratedClassifierCV(SVC(), ensemble=False).fit(train.reshape(-1, 64), y_train)
    assert_allclose(classifier_score(held_out, surer), 7.9, atol=0.25)
    assert_allclose(classifier_score(blends, surer), 6.9, atol=0.4)


def test_the_judge_of_all_digits(digits):
    judge = train_digit_classifier()
    assert_allclose(classifier_score(digits, judge), 7.5, atol=0.1)
    assert judge.classes_.tolist() == list(range(10))
    again = train_digit_classifier()
    assert (again.coef_ == judge.coef_).all()


def test_classes_that_are_never_named_do_no_harm():
    train = pictures(0, 9, 2, 3)
    neighbour = KNeighborsClassifier(1).fit(train.reshape(9, -1), np.resize([0, 1, 2], 9))
    assert classifier_score(train[::3], neighbour) == pytest.approx(1)
    assert class_histogram(train[::3], neighbour).tolist() == [1, 0, 0]


# --------------------------------------------------------------------- Fréchet distance


def normal(seed, *shape):
    return np.random.default_rng(seed).normal(size=shape)


def test_in_one_dimension():
    real, fake = normal(0, 40, 1), 2.5 * normal(1, 30, 1) + 1
    expected = (real.mean() - fake.mean()) ** 2 + (real.std(ddof=1) - fake.std(ddof=1)) ** 2
    assert_allclose(frechet_distance(real, fake), expected)


def test_rows_that_are_moved_or_stretched():
    rows = normal(0, 50, 6) @ normal(1, 6, 6)
    shift = np.arange(6.0)
    assert frechet_distance(rows, rows) == pytest.approx(0, abs=1e-10)
    assert_allclose(frechet_distance(rows, rows + shift), shift @ shift)
    stretched = rows.mean(axis=0) + 3 * (rows - rows.mean(axis=0))
    assert_allclose(frechet_distance(rows, stretched), 4 * np.trace(np.cov(rows.T)))


def test_covariances_that_commute():
    # Uncorrelated columns: the sum over columns of the squared difference of deviations.
    rows = np.vstack([np.eye(3), -np.eye(3)]) * [1.0, 2, 3]
    other = rows * [4, 0.5, 1]
    sd = rows.std(axis=0, ddof=1)
    assert_allclose(frechet_distance(rows, other), ((sd - sd * [4, 0.5, 1]) ** 2).sum())


@given(seed=st.integers(0, 2**32), n_columns=st.integers(1, 5))
@settings(max_examples=30, deadline=None)
def test_the_formula_with_a_matrix_root(seed, n_columns):
    rng = np.random.default_rng(seed)
    real, fake = rng.normal(size=(12, n_columns)), rng.normal(size=(9, n_columns)) + 0.5
    a, b = np.atleast_2d(np.cov(real.T)), np.atleast_2d(np.cov(fake.T))
    difference = real.mean(axis=0) - fake.mean(axis=0)
    expected = difference @ difference + np.trace(a + b - 2 * np.real(sqrtm(a @ b)))
    found = frechet_distance(real, fake)
    assert_allclose(found, expected, rtol=1e-6, atol=1e-8)
    assert_allclose(frechet_distance(fake, real), found)


@pytest.mark.parametrize(("n", "bias", "within"), [(50, 44, 4), (200, 11, 1), (2000, 1.1, 0.1)])
def test_the_bias_of_the_table(n, bias, within):
    assert_allclose(frechet_distance(*normal(0, 2, n, 64)), bias, atol=within)


def test_the_bias_falls_with_rows_and_grows_with_columns():
    def bias(n, n_columns):
        return np.mean([frechet_distance(*normal([s, n], 2, n, n_columns)) for s in range(30)])

    assert_allclose(bias(200, 8) / bias(400, 8), 2, rtol=0.2)
    assert bias(200, 16) > 3 * bias(200, 8)


def test_within_the_components_of_the_real_rows():
    scale = [5.0, 4, 3, 0.1, 0.1]
    turn = np.linalg.qr(normal(9, 5, 5))[0]
    real, fake = (rows * scale @ turn for rows in normal(0, 2, 60, 5))
    pca = PCA(3).fit(real)
    expected = frechet_distance(pca.transform(real), pca.transform(fake))
    assert_allclose(frechet_distance(real, fake, n_components=3), expected)
    assert_allclose(
        frechet_distance(real, fake, n_components=5), frechet_distance(real, fake), rtol=1e-8
    )
    off = fake + normal(3, 60, 2) @ turn[3:]  # noise where the real rows have none
    assert frechet_distance(real, off, n_components=3) < expected + 0.05
    assert frechet_distance(real, off) > frechet_distance(real, fake) + 1


def test_fewer_rows_than_columns():
    rows = normal(0, 4, 10)
    assert frechet_distance(rows, rows) == pytest.approx(0, abs=1e-10)
    assert frechet_distance(rows, rows + 1) == pytest.approx(10)


def test_the_fitted_gaussian_has_no_distance(digits):
    rows = digits.reshape(-1, 64)
    rng = np.random.default_rng(0)
    fog = rng.multivariate_normal(rows.mean(axis=0), np.cov(rows.T), 1797, method="eigh")
    halves = rng.permutation(rows)[:1796].reshape(2, 898, 64)
    assert frechet_distance(rows, fog) < frechet_distance(*halves)
    judge = train_digit_classifier()
    assert classifier_score(fog.clip(0, 1).reshape(-1, 8, 8), judge) < 4


# -------------------------------------------------------------------------- bad input

IMAGES = pictures(0)
WITH_NAN = np.where(IMAGES[2, 3, 4] == IMAGES, np.nan, IMAGES)
FUTURES = noise(5, 6, 2, HEIGHT, WIDTH)
JUDGE = LogisticRegression().fit(IMAGES.reshape(6, -1), [0, 1, 2] * 2)


@pytest.mark.parametrize(
    "measure",
    [
        lambda x: rmse(x, IMAGES),
        lambda x: psnr(x, IMAGES),
        lambda x: ssim(x, IMAGES),
        lambda x: gradient_energy(x),
        lambda x: sharpness(x, IMAGES),
        lambda x: nearest_future(x, FUTURES),
        lambda x: nearest_training_picture(x, IMAGES),
        lambda x: class_histogram(x, JUDGE),
        lambda x: classifier_score(x, JUDGE),
        lambda x: train_digit_classifier(x, [0, 1, 2] * 2),
    ],
)
@pytest.mark.parametrize(
    ("images", "error", "message"),
    [
        (IMAGES[0, 0], ValueError, r"\(n, height, width\).*given shape \(12,\).*reshape"),
        (IMAGES[:0], ValueError, r"given shape \(0, 9, 12\)"),
        (WITH_NAN, ValueError, "1 of the 6 pictures of .*NaN.*diverge"),
        (2 * IMAGES - 1, ValueError, r"between 0 and 1.*-0.99.*/ 2"),
        (255 * IMAGES, ValueError, "between 0 and 1.*255"),
        ("cat", TypeError, "must be pictures.*given str"),
        (IMAGES + 1j, TypeError, "complex"),
    ],
)
def test_pictures_that_are_no_pictures(measure, images, error, message):
    with pytest.raises(error, match=message):
        measure(images)


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: rmse(IMAGES, IMAGES[:4]), ValueError, "images holds 6.*originals holds 4"),
        (lambda: psnr(IMAGES, IMAGES.swapaxes(1, 2)), ValueError, "9 × 12 and originals .*12 × 9"),
        (lambda: ssim(IMAGES[:, :6], IMAGES[:, :6]), ValueError, "7 × 7 .* 6 × 12"),
        (lambda: ssim(IMAGES[:, :, :6], IMAGES[:, :, :6]), ValueError, "7 × 7 .* 9 × 6"),
        (lambda: ssim(IMAGES, IMAGES, window=4), ValueError, "odd.*4"),
        (lambda: ssim(IMAGES, IMAGES, window=1), ValueError, "at least 3"),
        (lambda: ssim(IMAGES, IMAGES, window=5.0), TypeError, "5.0"),
        (lambda: ssim(IMAGES, IMAGES, sigma=0), ValueError, "above 0; given 0"),
        (lambda: ssim(IMAGES, IMAGES, sigma="wide"), TypeError, "'wide'"),
        (lambda: gradient_energy(IMAGES[:, :1]), ValueError, "1 × 12"),
        (lambda: sharpness(IMAGES, 0 * IMAGES), ValueError, "one grey"),
        (lambda: sharpness(IMAGES, IMAGES[:, 1:]), ValueError, "same height and width"),
        (lambda: nearest_future(IMAGES, IMAGES), ValueError, r"\(n, k, height, width\)"),
        (lambda: nearest_future(IMAGES, FUTURES[:3]), ValueError, r"\(6, 9, 12\) and \(3, 2"),
        (lambda: nearest_future(FUTURES, FUTURES[..., 1:]), ValueError, r"\(6, 2, 9, 12\) and"),
        (lambda: nearest_future(IMAGES, 9 * FUTURES), ValueError, "futures must lie between"),
        (lambda: nearest_future(IMAGES, FUTURES, weights=[1] * 3), ValueError, "2 numbers"),
        (lambda: nearest_future(IMAGES, FUTURES, weights=[-1, 2]), ValueError, "at least 0"),
        (lambda: nearest_future(IMAGES, FUTURES, weights=[0, 0]), ValueError, "not all"),
        (lambda: nearest_future(IMAGES, FUTURES, weights="ab"), TypeError, "'ab'"),
        (lambda: nearest_training_picture(IMAGES, IMAGES[:, 1:]), ValueError, "8 × 12"),
        (lambda: train_digit_classifier(IMAGES), TypeError, "both"),
        (lambda: train_digit_classifier(target=[1]), TypeError, "both"),
        (lambda: train_digit_classifier(IMAGES, [1, 2]), ValueError, r"\(6,\); given \(2,\)"),
        (lambda: train_digit_classifier(IMAGES, [1] * 6), ValueError, "two kinds"),
        (lambda: class_histogram(IMAGES[:, 1:], JUDGE), ValueError, "108 pixels.*8 × 12 = 96"),
        (lambda: class_histogram(IMAGES, SVC()), TypeError, "predict_proba.*SVC"),
        (lambda: classifier_score(IMAGES, LinearRegression()), TypeError, "LinearRegression"),
        (lambda: classifier_score(IMAGES, LogisticRegression), TypeError, "predict_proba"),
        (lambda: classifier_score(IMAGES, LogisticRegression()), NotFittedError, "not fitted"),
        (lambda: frechet_distance(IMAGES, IMAGES), ValueError, r"table.*\(6, 9, 12\)"),
        (lambda: frechet_distance(normal(0, 9, 3), normal(0, 9, 2)), ValueError, "same columns"),
        (lambda: frechet_distance(normal(0, 9, 3), normal(0, 1, 3)), ValueError, "fake has 1"),
        (
            lambda: frechet_distance(*normal(0, 2, 9, 4), n_components=5),
            ValueError,
            "at most 4.*given 5",
        ),
        (
            lambda: frechet_distance(*normal(0, 2, 3, 4), n_components=3),
            ValueError,
            "at most 2.*3 real rows",
        ),
        (lambda: frechet_distance(*normal(0, 2, 9, 4), n_components=0), ValueError, "at least 1"),
        (lambda: frechet_distance(*normal(0, 2, 9, 4), n_components=2.0), TypeError, "2.0"),
    ],
)
def test_bad_input_is_named(call, error, message):
    with pytest.raises(error, match=message):
        call()


def test_a_little_beyond_0_and_1_is_a_picture():
    beyond = 1.6 * IMAGES - 0.3
    assert psnr(beyond, IMAGES) > 0 and gradient_energy(beyond) > gradient_energy(IMAGES)


def test_single_precision_and_whole_numbers_are_taken():
    assert_allclose(psnr(IMAGES.astype(np.float32), IMAGES[::-1]), psnr(IMAGES, IMAGES[::-1]))
    assert isinstance(psnr(IMAGES.astype(np.float32), IMAGES[::-1]), float)
    assert gradient_energy(np.eye(3, 5, dtype=bool)) == gradient_energy(np.eye(3, 5))


def test_arguments_are_left_as_they_are():
    images, others, futures = IMAGES.copy(), pictures(1), FUTURES.copy()
    before = images.copy(), others.copy(), futures.copy()
    ssim(images, others)
    sharpness(images, others)
    nearest_future(images, futures)
    nearest_training_picture(images, others)
    classifier_score(images, JUDGE)
    for now, then in zip((images, others, futures), before):
        assert (now == then).all()
