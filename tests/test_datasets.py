"""The data: what is loaded, what is made, and what is said when something is wrong."""

import numpy as np
import pytest
from numpy.testing import assert_allclose
from sklearn.datasets import load_digits, load_sample_images

from helpers import datasets
from helpers.datasets import (
    RING_MAP,
    grid_centers,
    load_digit_images,
    load_ionosphere,
    load_photo_patches,
    make_modes,
    make_ring,
    make_tiny_pictures,
    ring_centers,
)
from helpers.transposed import best_kernel, nine_term_loss


def test_ionosphere_is_the_data_set_we_know():
    ionosphere = load_ionosphere()
    assert ionosphere.data.shape == (351, 34) and ionosphere.data.dtype == np.float64
    assert np.abs(ionosphere.data).max() == 1
    labels, counts = np.unique(ionosphere.target, return_counts=True)
    assert labels.tolist() == [-1, 1] and counts.tolist() == [126, 225]
    assert set(ionosphere.data[:, 0]) == {0, 1} and not ionosphere.data[:, 1].any()
    assert (ionosphere.data[ionosphere.target == 1, 0] == 1).all()
    assert ionosphere.feature_names == [f"a{i:02d}" for i in range(1, 35)]
    assert ionosphere.data[0, 2] == 0.99539 and ionosphere.target[:2].tolist() == [1, -1]


def test_ionosphere_as_a_pair():
    X, y = load_ionosphere(return_X_y=True)
    assert X.shape == (351, 34) and y.shape == (351,)


def test_ionosphere_may_have_the_line_ends_of_windows(tmp_path, monkeypatch):
    original = (datasets.DATA_FOLDER / "ionosphere.csv").read_bytes()
    (tmp_path / "ionosphere.csv").write_bytes(original.replace(b"\n", b"\r\n"))
    monkeypatch.setattr(datasets, "DATA_FOLDER", tmp_path)
    assert load_ionosphere().data.shape == (351, 34)


def test_missing_file_is_named(tmp_path, monkeypatch):
    monkeypatch.setattr(datasets, "DATA_FOLDER", tmp_path)
    with pytest.raises(FileNotFoundError, match=r"ionosphere.csv is missing.*git checkout"):
        load_ionosphere()


@pytest.mark.parametrize("damage", ["truncated", "altered", "empty"])
def test_damaged_file_is_named(tmp_path, monkeypatch, damage):
    content = (datasets.DATA_FOLDER / "ionosphere.csv").read_bytes()
    damaged = {
        "truncated": content[:5000],
        "altered": content.replace(b"0.99539", b"0.99538"),
        "empty": b"",
    }[damage]
    (tmp_path / "ionosphere.csv").write_bytes(damaged)
    monkeypatch.setattr(datasets, "DATA_FOLDER", tmp_path)
    with pytest.raises(ValueError, match=r"ionosphere.csv is not the one.*git checkout"):
        load_ionosphere()


def test_ring_lies_in_its_plane():
    X, theta = make_ring(50, noise=0, random_state=3, return_angle=True)
    circle = X @ RING_MAP.T
    assert_allclose(circle, np.column_stack([np.cos(theta), np.sin(theta)]))
    assert_allclose(circle @ RING_MAP, X)
    assert_allclose(RING_MAP @ RING_MAP.T, np.eye(2))


def test_ring_noise_has_the_size_asked_for():
    X, theta = make_ring(20000, noise=0.2, random_state=0, return_angle=True)
    noise = X - np.column_stack([np.cos(theta), np.sin(theta)]) @ RING_MAP
    assert_allclose(noise.std(axis=0), 0.2, rtol=0.03)
    assert_allclose(X.T @ X / len(X), RING_MAP.T @ RING_MAP / 2 + 0.04 * np.eye(4), atol=0.02)


def test_same_seed_same_ring():
    assert_allclose(make_ring(7, random_state=1), make_ring(7, random_state=1))
    assert not np.allclose(make_ring(7, random_state=1), make_ring(7, random_state=2))


def test_tiny_pictures_of_a_kernel_can_be_made_by_it():
    kernel = [[1.0, -2.0], [0.5, 3.0]]
    images, targets = make_tiny_pictures(6, kernel=kernel, random_state=0).values()
    assert_allclose(best_kernel(images, targets), kernel)
    assert nine_term_loss(kernel, images, targets) < 1e-20


@pytest.mark.parametrize("kind", ["dense", "patterns", "noise"])
def test_other_tiny_pictures_cannot(kind):
    images, targets = make_tiny_pictures(40, kind=kind, random_state=0).values()
    rest = nine_term_loss(best_kernel(images, targets), images, targets)
    assert rest > 0.3 * np.sum(targets**2)


def test_dense_tiny_pictures_are_linear_in_the_pixels():
    images, targets = make_tiny_pictures(40, kind="dense", random_state=0).values()
    weights, *_ = np.linalg.lstsq(images.reshape(40, 4), targets.reshape(40, 9), rcond=None)
    assert_allclose(images.reshape(40, 4) @ weights, targets.reshape(40, 9), atol=1e-10)


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: make_ring(0), ValueError, "at least 1; got 0"),
        (lambda: make_ring(2.0), TypeError, "2.0"),
        (lambda: make_ring(True), TypeError, "True"),
        (lambda: make_ring(5, noise=-1), ValueError, "noise"),
        (lambda: make_ring(5, noise=np.nan), ValueError, "finite"),
        (lambda: make_ring(5, noise="much"), TypeError, "'much'"),
        (lambda: make_tiny_pictures(5, kind="cats"), ValueError, "'cats'"),
        (lambda: make_tiny_pictures(5, kernel=[1, 2]), ValueError, r"\(2,\)"),
        (lambda: make_tiny_pictures(0), ValueError, "n_samples"),
    ],
)
def test_bad_input_is_named(call, error, message):
    with pytest.raises(error, match=message):
        call()


def test_ring_centers_are_evenly_spaced_on_the_circle():
    centers = ring_centers(6, radius=2.5)
    assert np.allclose(np.linalg.norm(centers, axis=1), 2.5)
    steps = np.linalg.norm(centers - np.roll(centers, 1, axis=0), axis=1)
    assert np.allclose(steps, 2.5)  # a hexagon's side is its radius
    assert np.allclose(centers[0], [2.5, 0])


def test_grid_centers_run_row_by_row():
    centers = grid_centers(3, half_width=2)
    assert centers.tolist()[:4] == [[-2, -2], [0, -2], [2, -2], [-2, 0]]
    assert centers.shape == (9, 2)


def test_modes_have_equal_weight_and_the_noise_asked_for():
    centers = np.array([[0.0, 0, 0], [9, 0, 0], [0, 9, 9]])
    X = make_modes(30_000, centers=centers, noise=0.5, random_state=0)
    nearest = np.linalg.norm(X[:, None] - centers, axis=2).argmin(axis=1)
    assert np.allclose(np.bincount(nearest) / len(X), 1 / 3, atol=0.01)
    assert np.allclose((X - centers[nearest]).std(axis=0), 0.5, atol=0.01)
    assert np.array_equal(X, make_modes(30_000, centers=centers, noise=0.5, random_state=0))
    assert make_modes(5, random_state=0).shape == (5, 2)


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: ring_centers(0), ValueError, "n_modes must be a whole number of at least 1"),
        (lambda: ring_centers(8, -1), ValueError, "radius"),
        (lambda: grid_centers(2.5), TypeError, "n_side"),
        (lambda: make_modes(0), ValueError, "n_samples"),
        (lambda: make_modes(5, noise=-1), ValueError, "noise"),
        (lambda: make_modes(5, centers=[1.0, 2.0]), ValueError, r"given shape \(2,\)"),
    ],
)
def test_bad_modes_are_named(call, error, message):
    with pytest.raises(error, match=message):
        call()


def test_digits_are_the_ones_of_scikit_learn_with_pixels_from_0_to_1():
    digits = load_digit_images()
    assert digits.images.shape == (1797, 8, 8) and digits.images.dtype == np.float64
    assert_allclose(digits.images, load_digits().images / 16)
    assert digits.images.min() == 0 and digits.images.max() == 1
    assert_allclose(digits.data.reshape(-1, 8, 8), digits.images)
    assert np.bincount(digits.target).tolist() == [178, 182, 177, 183, 181, 182, 181, 179, 174, 180]
    X, y = load_digit_images(return_X_y=True)
    assert np.array_equal(X, digits.data) and np.array_equal(y, digits.target)


@pytest.mark.parametrize("shrink", [1, 3])
def test_photo_patches_are_cut_where_they_say(shrink):
    patches = load_photo_patches(30, height=9, width=14, shrink=shrink, random_state=0)
    assert patches.images.shape == (30, 9, 14) and patches.data.shape == (30, 126)
    assert set(patches.source) == {0, 1}
    photos = load_sample_images().images
    for image, source, (row, column) in zip(patches.images, patches.source, patches.corner):
        rows = slice(row * shrink, (row + 9) * shrink)
        columns = slice(column * shrink, (column + 14) * shrink)
        grey = photos[source][rows, columns] / 255 @ [0.299, 0.587, 0.114]
        assert grey.shape == (9 * shrink, 14 * shrink)
        assert_allclose(image.mean(), grey.mean())
        assert_allclose(image[2, 5], grey[2 * shrink : 3 * shrink, 5 * shrink : 6 * shrink].mean())


def test_photo_patches_come_from_all_over_the_photos():
    whole = load_photo_patches(1, height=427, width=640, random_state=0)
    assert whole.corner.tolist() == [[0, 0]] and 0 <= whole.images.min() < whole.images.max() <= 1
    corners = load_photo_patches(60, height=426, width=638, random_state=0).corner
    assert corners.max(axis=0).tolist() == [1, 2] and corners.min() == 0


def test_same_seed_same_patches():
    first, again, other = (load_photo_patches(5, random_state=seed).images for seed in (1, 1, 2))
    assert np.array_equal(first, again) and not np.array_equal(first, other)


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: load_photo_patches(0), ValueError, "n_samples"),
        (lambda: load_photo_patches(5, height=0), ValueError, "height"),
        (lambda: load_photo_patches(5, width=8.0), TypeError, "width"),
        (lambda: load_photo_patches(5, shrink=0), ValueError, "shrink"),
        (lambda: load_photo_patches(5, width=641), ValueError, "16 × 641 .* 427 × 640"),
        (lambda: load_photo_patches(5, height=108, shrink=4), ValueError, r"106 × 160 \(shrunk"),
    ],
)
def test_bad_patches_are_named(call, error, message):
    with pytest.raises(error, match=message):
        call()
