"""The gradient check that all tests of the engine share."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from gradient_checks import assert_close, central_differences


@pytest.fixture
def assert_gradient():
    """Compare a gradient with central differences of the loss: relative error at most 1e-6."""

    def check(gradient: np.ndarray, loss: Callable[[], float], array: np.ndarray) -> None:
        assert_close(gradient, central_differences(loss, array))

    return check
