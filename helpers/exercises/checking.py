"""Checks an answer against the right one and against the known wrong ones.

A mistake is stored as the wrong answer it leads to. Recognising it is then the same
comparison as accepting the right answer, and a test can hand every mistake to `check`.
"""

from __future__ import annotations

import copy
import html
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from helpers.exercises import registry

TOLERANCE = 1e-6
NOT_YET = "not yet"
ACCEPTED = "accepted"
REJECTED = "rejected"
NOTED = "noted"


@dataclass(frozen=True)
class Mistake:
    """A wrong answer that people give, and the hint that names what went wrong."""

    answer: Any
    hint: str


@dataclass(frozen=True)
class Exercise:
    """What `check` needs to know about one exercise.

    Parameters
    ----------
    name : str
        Lesson and subject, ``"06.sizes"``.
    solution : value or function
        The right answer: a number, text, array, tuple or dict of these; or a function, then
        the learner's function must return what this one returns.
    mistakes : sequence of Mistake
        Wrong answers of the same kind as the solution.
    arguments : sequence of tuple
        For a function: the arguments it is tried on.
    praise : str
        What the right answer shows; a sentence.
    """

    name: str
    solution: Any
    mistakes: Sequence[Mistake] = ()
    arguments: Sequence[tuple] = ()
    praise: str = ""


@dataclass(frozen=True)
class Verdict:
    """The outcome of a check: a status and a sentence."""

    status: str
    message: str
    name: str = field(default="", repr=False)

    @property
    def accepted(self) -> bool:
        """Whether the answer was right."""
        return self.status == ACCEPTED

    def __bool__(self) -> bool:
        return self.accepted

    def __repr__(self) -> str:
        return f"{_HEADINGS[self.status]} {self.message}".strip()

    def _repr_html_(self) -> str:
        colour = _COLOURS[self.status]
        return (
            f'<div role="status" style="border-left:6px solid {colour};padding:.4em .8em;'
            f'margin:.3em 0;font-size:1.05em"><b>{_HEADINGS[self.status]}</b> '
            f"{html.escape(self.message, quote=False)}</div>"
        )


_HEADINGS = {
    NOT_YET: "… Not yet.",
    ACCEPTED: "✓ Right.",
    REJECTED: "✗ Not quite.",
    NOTED: "•",
}
_COLOURS = {NOT_YET: "#767676", ACCEPTED: "#009E73", REJECTED: "#D55E00", NOTED: "#0072B2"}


def check(name: str, answer: Any) -> Verdict:
    """Judge an answer to the exercise `name`. Never raises, whatever the answer is.

    Parameters
    ----------
    name : str
        For instance ``"06.sizes"``.
    answer : anything
        ``...`` and ``None`` count as not answered yet, as does a function that returns one
        of them.

    Returns
    -------
    Verdict
        With ``status`` "not yet", "accepted" or "rejected", and a ``message``.
    """
    try:
        return _judge(registry.find("EXERCISES", name), answer)
    except KeyError as error:
        return Verdict(REJECTED, f"There is no such exercise: {error.args[0]}.", str(name))
    except Exception as error:  # an answer of a kind nobody thought of
        message = f"The answer could not be compared ({type(error).__name__}: {error})."
        return Verdict(REJECTED, message, str(name))


def _judge(exercise: Exercise, answer: Any) -> Verdict:
    def verdict(status: str, message: str) -> Verdict:
        return Verdict(status, message, exercise.name)

    if _is_blank(answer):
        return verdict(NOT_YET, "Put your answer in place of the dots and run both cells again.")
    outputs = answer
    solution = exercise.solution
    if callable(solution):
        if not callable(answer):
            return verdict(REJECTED, f"A function is expected; given {_kind(answer)}.")
        outputs, complaint = _try_out(answer, exercise.arguments)
        if complaint:
            return verdict(REJECTED, complaint)
        if any(_is_blank(output) for output in outputs):
            return verdict(NOT_YET, "Your function returns nothing so far.")
        solution = _outputs(solution, exercise.arguments)
    elif callable(answer):
        return verdict(REJECTED, f"A value is expected, not a function: {_kind(solution)}.")

    if _same(outputs, solution):
        return verdict(ACCEPTED, exercise.praise)
    for mistake in exercise.mistakes:
        wrong = mistake.answer
        if callable(exercise.solution):
            wrong = _outputs(wrong, exercise.arguments)
        if _same(outputs, wrong):
            return verdict(REJECTED, mistake.hint)
    return verdict(REJECTED, _describe_difference(outputs, solution))


def _is_blank(answer: Any) -> bool:
    if isinstance(answer, (tuple, list)) and answer:
        return all(_is_blank(part) for part in answer)
    return answer is None or answer is Ellipsis


def _outputs(function: Callable, arguments: Sequence[tuple]) -> list:
    return [function(*copy.deepcopy(case)) for case in arguments]


def _try_out(function: Callable, arguments: Sequence[tuple]) -> tuple[list, str]:
    """Return the outputs and no complaint, or what is wrong with calling the function."""
    outputs = []
    for case in arguments:
        given = copy.deepcopy(case)
        try:
            outputs.append(function(*given))
        except Exception as error:
            return [], f"Your function stopped with {type(error).__name__}: {error}."
        if not _same(given, case):
            return [], "Your function changes the arrays it is given; work on a copy instead."
    return outputs, ""


# ---------------------------------------------------------------- comparing two answers


def _same(answer: Any, expected: Any) -> bool:
    """Whether two answers are equal: texts by their words, numbers within the tolerance."""
    if isinstance(expected, Mapping):
        return (
            isinstance(answer, Mapping)
            and set(answer) == set(expected)
            and all(_same(answer[key], expected[key]) for key in expected)
        )
    if isinstance(expected, str):
        return isinstance(answer, str) and answer.split() == expected.split()
    if _is_sequence_of_parts(expected):
        return (
            isinstance(answer, (tuple, list))
            and len(answer) == len(expected)
            and all(_same(a, e) for a, e in zip(answer, expected))
        )
    answer, expected = _as_array(answer), _as_array(expected)
    if answer is None or expected is None or answer.shape != expected.shape:
        return False
    finite = expected[np.isfinite(expected)]
    scale = max(float(np.abs(finite).max(initial=0.0)), 1e-9)
    return np.allclose(answer, expected, rtol=0, atol=TOLERANCE * scale, equal_nan=True)


def _is_sequence_of_parts(value: Any) -> bool:
    """Whether `value` is a tuple or list of arrays, texts …, and not just an array itself."""
    return isinstance(value, (tuple, list)) and not all(
        isinstance(part, (int, float, complex, np.number)) for part in value
    )


def _as_array(value: Any) -> np.ndarray | None:
    """Return `value` as a float array (True and False as 1 and 0), or None if it is none."""
    try:
        array = np.asarray(value)
        return array.astype(float) if array.dtype.kind in "fiub" else None
    except (TypeError, ValueError):
        return None


def _kind(value: Any) -> str:
    array = _as_array(value)
    if isinstance(value, str) or array is None:
        return f"a {type(value).__name__}"
    return "a number" if array.ndim == 0 else f"an array of shape {array.shape}"


def _describe_difference(answer: Any, expected: Any) -> str:
    """Say in what way the answer differs: its kind, shape, sign, scale or place."""
    if _is_sequence_of_parts(expected):
        if not isinstance(answer, (tuple, list)) or len(answer) != len(expected):
            return f"{len(expected)} parts are expected; given {_kind(answer)}."
        parts = list(zip(answer, expected))
        wrong = next(i for i, (a, e) in enumerate(parts) if not _same(a, e))
        prefix = f"Part {wrong + 1} of {len(expected)}: " if len(expected) > 1 else ""
        return prefix + _describe_difference(*parts[wrong])
    if isinstance(expected, (Mapping, str)):
        return "That is not the one."
    given, right = _as_array(answer), _as_array(expected)
    if given is None:
        return f"{_kind(expected).capitalize()} is expected; given {_kind(answer)}."
    if given.shape != right.shape:
        if given.size == right.size:
            return f"The shape should be {right.shape}; given {given.shape}."
        return f"{_kind(right).capitalize()} is expected; given {_kind(given)}."
    return _describe_numbers(given, right)


def _describe_numbers(given: np.ndarray, right: np.ndarray) -> str:
    if not np.isfinite(given).all():
        return "There is a NaN or an infinity in it."
    if _same(given, -right):
        return "The size is right, the sign is the other way round."
    if given.ndim == 2 and given.shape[0] == given.shape[1] and _same(given.T, right):
        return "It is transposed: rows and columns have changed places."
    squared = float(np.sum(right**2))
    factor = float(np.sum(given * right)) / squared if squared else 0.0
    if factor and right.size > 1 and _same(given, factor * right):
        return f"Everything is too large by one and the same factor: {factor:.4g}."
    worst = np.unravel_index(np.argmax(np.abs(given - right)), right.shape)
    place = f" at index {tuple(int(i) for i in worst)}" if right.ndim else ""
    return f"The largest difference{place} is {abs(given[worst] - right[worst]):.3g}."
