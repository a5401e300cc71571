"""Gradients against central differences, for all tests of networks and models."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np


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


def assert_close(gradient: np.ndarray, expected: np.ndarray) -> None:
    """Fail unless the two are equal, up to 1e-6 of the largest number."""
    assert gradient.shape == expected.shape
    size = np.abs(expected).max()
    assert size > 1e-3  # or there would be nothing to compare with
    assert np.abs(gradient - expected).max() <= 1e-6 * size
