"""What the measures ask of their arguments, said clearly when it is not met."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

RandomState = int | np.random.Generator | None

_BEYOND = 0.5  # a network with linear output goes somewhat beyond 0 and 1; tanh goes to −1


def as_tables(**tables: ArrayLike) -> list[NDArray]:
    """Return all arguments as tables of finite numbers with the same number of columns."""
    checked = {name: as_table(name, rows) for name, rows in tables.items()}
    (first, reference), *rest = checked.items()
    for name, rows in rest:
        if rows.shape[1] != reference.shape[1]:
            raise ValueError(
                f"{first} and {name} must have the same columns; {first} has "
                f"{reference.shape[1]} and {name} has {rows.shape[1]}"
            )
    return list(checked.values())


def as_table(name: str, rows: ArrayLike) -> NDArray:
    """Return float64 rows of shape (n_rows, n_columns)."""
    expected = f"{name} must be a table of numbers, of shape (n_rows, n_columns)"
    table = _as_numbers(rows, expected)
    if table.ndim != 2 or table.size == 0:
        raise ValueError(
            f"{expected}, with at least one row and one column; given shape {table.shape}"
        )
    _check_finite(name, table, "rows")
    return table


def as_pictures(**stacks: ArrayLike) -> list[NDArray]:
    """Return all arguments as stacks of pictures of the same height and width."""
    checked = {name: as_stack(name, images) for name, images in stacks.items()}
    (first, reference), *rest = checked.items()
    for name, images in rest:
        if images.shape[1:] != reference.shape[1:]:
            raise ValueError(
                f"{first} and {name} must have the same height and width; {first} are "
                f"{_size_of(reference)} and {name} are {_size_of(images)}"
            )
    return list(checked.values())


def as_pairs(**stacks: ArrayLike) -> list[NDArray]:
    """Return two stacks of equally many pictures of the same height and width."""
    (first, images), (second, originals) = stacks.items()
    images, originals = as_pictures(**stacks)
    if len(images) != len(originals):
        raise ValueError(
            f"each picture needs its own original; {first} holds {len(images)} pictures and "
            f"{second} holds {len(originals)}"
        )
    return [images, originals]


def as_stack(name: str, images: ArrayLike) -> NDArray:
    """Return float64 pictures of shape (n, height, width); one picture becomes a stack of one."""
    expected = f"{name} must be pictures of shape (n, height, width), or one of (height, width)"
    stack = _as_numbers(images, expected)
    if stack.ndim == 2:
        stack = stack[None]
    if stack.ndim != 3 or stack.size == 0:
        raise ValueError(
            f"{expected}; given shape {stack.shape}. Rows become pictures by "
            "rows.reshape(-1, height, width)"
        )
    check_pixels(name, stack)
    return stack


def as_nested_pictures(name: str, images: ArrayLike, shape: str) -> NDArray:
    """Return float64 pictures of shape (n, several, height, width)."""
    expected = f"{name} must be pictures of shape {shape}"
    nested = _as_numbers(images, expected)
    if nested.ndim != 4 or nested.size == 0:
        raise ValueError(f"{expected}; given shape {nested.shape}")
    check_pixels(name, nested)
    return nested


def check_pixels(name: str, images: NDArray) -> None:
    """Refuse pixels that are not finite, or that lie far outside 0 … 1."""
    _check_finite(name, images, "pictures")
    low, high = images.min(), images.max()
    if low < -_BEYOND or high > 1 + _BEYOND:
        raise ValueError(
            f"pixels of {name} must lie between 0 and 1, give or take {_BEYOND}; given are "
            f"{low:.3g} to {high:.3g}. From −1 … 1, as of tanh, they come by (images + 1) / 2, "
            "from 0 … 255 by images / 255"
        )


def _as_numbers(values: ArrayLike, expected: str) -> NDArray:
    try:
        array = np.asarray(values)
        if array.dtype.kind not in "biufO":
            raise TypeError(f"entries of type {array.dtype}")
        return array.astype(np.float64)
    except (TypeError, ValueError) as error:
        raise TypeError(f"{expected}; given {type(values).__name__} ({error})") from None


def _check_finite(name: str, values: NDArray, what: str) -> None:
    faulty = np.sum(~np.isfinite(values).all(axis=tuple(range(1, values.ndim))))
    if faulty:
        raise ValueError(
            f"{faulty} of the {len(values)} {what} of {name} hold NaN or infinity; expected are "
            f"finite numbers. If the {what} are generated, did the training diverge?"
        )


def _size_of(stack: NDArray) -> str:
    return f"{stack.shape[1]} × {stack.shape[2]}"
