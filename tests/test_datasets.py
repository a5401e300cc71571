"""The data: what is loaded, what is made, and what is said when something is wrong."""

import numpy as np
import pytest
from numpy.testing import assert_allclose

from helpers import datasets
from helpers.datasets import RING_MAP, load_ionosphere, make_ring, make_tiny_pictures
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
        (lambda: make_ring(0), ValueError, "at least 1; given 0"),
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
