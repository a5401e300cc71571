"""What surrounds training: threads, progress, and checks of parameters."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from threadpoolctl import threadpool_info, threadpool_limits

from helpers.models import Autoencoder
from helpers.models.base import EarlyStopping, as_generator, check_number, training_arithmetic

X = np.random.default_rng(0).uniform(-1, 1, size=(20, 4))


def blas_threads() -> set[int]:
    return {
        library["num_threads"] for library in threadpool_info() if library["user_api"] == "blas"
    }


@pytest.fixture
def two_blas_threads() -> Iterator[None]:
    with threadpool_limits(2, user_api="blas"):
        if blas_threads() != {2}:
            pytest.skip("the threads of this NumPy's BLAS cannot be set")
        yield


@pytest.mark.parametrize("train", [Autoencoder.fit, Autoencoder.partial_fit])
def test_blas_is_held_to_one_thread_while_training(train, monkeypatch, two_blas_threads):
    inside = []
    step = Autoencoder._training_step

    def spy(self, x):
        inside.append(blas_threads())
        return step(self, x)

    monkeypatch.setattr(Autoencoder, "_training_step", spy)
    train(Autoencoder(max_iter=2), X)
    assert inside
    assert all(threads == {1} for threads in inside)
    assert blas_threads() == {2}


def test_threads_come_back_after_an_error(two_blas_threads):
    with pytest.raises(FloatingPointError):
        Autoencoder().fit(1e30 * X)
    assert blas_threads() == {2}


def test_overflow_is_quiet_inside_only():
    with training_arithmetic():
        assert np.isinf(np.float32(1e38) * np.float32(10))
    with pytest.warns(RuntimeWarning, match="overflow"):
        np.float32(1e38) * np.float32(10)


def test_progress_is_shown_on_request(capsys):
    Autoencoder(max_iter=3, verbose=True).fit(X)
    out, err = capsys.readouterr()
    assert out == ""
    assert "Autoencoder" in err
    assert "epoch" in err
    assert err.rstrip(" ").endswith("\r")  # wiped away again


def test_silent_by_default(capsys):
    Autoencoder(max_iter=3).fit(X)
    assert capsys.readouterr() == ("", "")


class TestEarlyStopping:
    def test_patience(self):
        best = EarlyStopping(np.zeros(2), patience=2)
        answers = [best.update(score) for score in (-3.0, -2.0, -2.0, -1.0, -5.0, -4.0)]
        assert answers == [False, False, False, False, False, True]

    def test_restore(self):
        parameters = np.zeros(2)
        best = EarlyStopping(parameters, patience=5)
        for score in (-2.0, -1.0, -3.0):
            parameters[...] = score
            best.update(score)
        best.restore()
        np.testing.assert_array_equal(parameters, -1)

    def test_restore_before_any_score(self):
        parameters = np.ones(2)
        best = EarlyStopping(parameters, patience=5)
        parameters[...] = 3
        best.restore()
        np.testing.assert_array_equal(parameters, 1)


def test_as_generator():
    rng = np.random.default_rng(0)
    assert as_generator(rng) is rng
    assert as_generator(np.int64(7)).random() == np.random.default_rng(7).random()
    assert as_generator(None).random() != as_generator(None).random()


def test_check_number_names_only_the_limits_there_are():
    with pytest.raises(ValueError, match="^x must be a finite number less than 3; got 3$"):
        check_number("x", 3, below=3)
