"""The gradient check that all tests of the engine share."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest


def central_differences(loss: Callable[[], float], array: np.ndarray) -> np.ndarray:
    """Return d loss / d array, changing one number of the array at a time, in place."""
    step = 1e-5
    gradient = np.empty_like(array)
    for index in np.ndindex(array.shape):
        value = array[index]
        array[index] = value + step
        above = loss()
        array[index] = value - step
        below = loss()
        array[index] = value
        gradient[index] = (above - below) / (2 * step)
    return gradient


@pytest.fixture
def assert_gradient():
    """Compare a gradient with central differences of the loss: relative error at most 1e-6."""

    def check(gradient: np.ndarray, loss: Callable[[], float], array: np.ndarray) -> None:
        expected = central_differences(loss, array)
        assert gradient.shape == expected.shape
        size = np.abs(expected).max()
        assert size > 1e-3  # or there would be nothing to compare with
        assert np.abs(gradient - expected).max() <= 1e-6 * size

    return check
