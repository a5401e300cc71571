"""Checks of arguments: each says what is wrong, what was given and what is expected."""

from __future__ import annotations

import math
from collections.abc import Sequence
from numbers import Integral, Real
from typing import Any

import numpy as np


def check_whole(name: str, value: Any, *, minimum: int = 1, maximum: int | None = None) -> None:
    """Raise unless `value` is a whole number of at least `minimum`, and at most `maximum`."""
    limits = f"of at least {minimum}" if maximum is None else f"from {minimum} to {maximum}"
    expected = f"{name} must be a whole number {limits}"
    if not isinstance(value, Integral) or isinstance(value, bool):
        raise TypeError(f"{expected}; got {value!r} ({type(value).__name__})")
    if value < minimum or (maximum is not None and value > maximum):
        raise ValueError(f"{expected}; got {value!r}")


def check_number(
    name: str,
    value: Any,
    *,
    above: float = -math.inf,
    minimum: float = -math.inf,
    maximum: float = math.inf,
    below: float = math.inf,
) -> None:
    """Raise unless `value` is a finite number within all limits that are given."""
    limits = {"greater than": above, "at least": minimum, "at most": maximum, "less than": below}
    words = [f"{word} {limit:g}" for word, limit in limits.items() if math.isfinite(limit)]
    expected = f"{name} must be a finite number {' and '.join(words)}"
    if not isinstance(value, Real) or isinstance(value, bool):
        raise TypeError(f"{expected}; got {value!r} ({type(value).__name__})")
    if not (math.isfinite(value) and above < value < below and minimum <= value <= maximum):
        raise ValueError(f"{expected}; got {value!r}")


def check_choice(name: str, value: Any, choices: Sequence[str]) -> None:
    """Raise unless `value` is one of the `choices`."""
    expected = f"{name} must be one of {', '.join(map(repr, choices))}"
    if not isinstance(value, str):
        raise TypeError(f"{expected}; got {value!r} ({type(value).__name__})")
    if value not in choices:
        raise ValueError(f"{expected}; got {value!r}")


def check_flag(name: str, value: Any) -> None:
    """Raise unless `value` is True or False."""
    if not isinstance(value, bool | np.bool_):
        raise TypeError(f"{name} must be True or False; got {value!r} ({type(value).__name__})")


def check_dtype(name: str, value: Any) -> None:
    """Raise unless `value` stands for single or double precision."""
    if not isinstance(value, str | type | np.dtype):
        raise TypeError(f"{name} must be 'float32' or 'float64'; got {value!r}")
    if value not in ("float32", "float64", np.float32, np.float64):
        raise ValueError(f"{name} must be 'float32' or 'float64'; got {value!r}")


def as_generator(random_state: Any) -> np.random.Generator:
    """Return the generator that `random_state` stands for.

    Parameters
    ----------
    random_state : None, int, numpy.random.Generator or numpy.random.RandomState
        None: different numbers each time. A whole number: the same numbers each time. A generator
        is used as it is; from a RandomState, scikit-learn's older kind, a seed is drawn.

    Raises
    ------
    TypeError, ValueError
        For anything else, a negative number included.
    """
    if isinstance(random_state, np.random.RandomState):
        return np.random.default_rng(random_state.randint(2**31, size=4))
    if random_state is not None and not isinstance(random_state, np.random.Generator):
        check_whole("random_state", random_state, minimum=0)
    return np.random.default_rng(random_state)


def as_numbers(name: str, values: Any) -> np.ndarray:
    """Return `values` as a float64 array of finite numbers."""
    try:
        array = np.asarray(values, dtype=np.float64)
    except (TypeError, ValueError):
        raise TypeError(f"{name} must hold numbers; got {values!r}") from None
    if not np.isfinite(array).all():
        raise ValueError(f"{name} must hold finite numbers; got {array.tolist()}")
    return array
