"""Every exercise knows its answer and its mistakes; no answer whatever makes a check raise."""

import re

import nbformat
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lesson_rules import checked_name, code_cells, lessons, tags

from helpers.exercises import Exercise, Mistake, ask, check, compare, questions
from helpers.exercises.checking import ACCEPTED, NOT_YET, NOTED, REJECTED, _judge
from helpers.exercises.registry import all_of

EXERCISES = all_of("EXERCISES")
QUESTIONS = all_of("QUESTIONS")
MISTAKES = [(e, m) for e in EXERCISES.values() for m in e.mistakes]
NOTEBOOKS = {path.stem[:2]: nbformat.read(path, as_version=4) for path in lessons()}


def short(value):
    return getattr(value, "name", None) or getattr(value, "hint", "")[:30]


# ------------------------------------------------------------------- what is stored


@pytest.mark.parametrize("exercise", EXERCISES.values(), ids=EXERCISES)
def test_solution_is_accepted_and_blank_is_not_yet(exercise):
    verdict = check(exercise.name, exercise.solution)
    assert verdict.accepted and verdict.status == ACCEPTED, verdict
    for blank in (..., None):
        assert check(exercise.name, blank).status == NOT_YET
    if callable(exercise.solution):
        assert check(exercise.name, lambda *args: None).status == NOT_YET
        assert check(exercise.name, lambda *args: ...).status == NOT_YET


@pytest.mark.parametrize("exercise", EXERCISES.values(), ids=EXERCISES)
def test_at_least_three_mistakes_with_hints_of_their_own(exercise):
    hints = [mistake.hint for mistake in exercise.mistakes]
    assert len(hints) >= 3 and len(set(hints)) == len(hints)
    assert all(len(hint) > 15 for hint in hints)


@pytest.mark.parametrize(("exercise", "mistake"), MISTAKES, ids=short)
def test_mistake_is_rejected_with_its_hint(exercise, mistake):
    verdict = check(exercise.name, mistake.answer)
    assert verdict.status == REJECTED
    assert verdict.message == mistake.hint


STRANGE = [
    "text",
    "",
    [],
    (),
    {},
    object(),
    1j,
    np.nan,
    [np.nan, np.inf],
    [[1], [1, 2]],
    np.zeros((0, 3)),
    np.ones((2, 3, 4)),
    10**400,
    [1, "a"],
    {"a": 1},
    range(3),
    True,
    b"bytes",
    np.array(["a"]),
    lambda: 1,
    lambda *args: 1 / 0,
    lambda *args: "text",
    lambda *args: [x.fill(7) if isinstance(x, np.ndarray) else x for x in args],
    print,
    int,
]


@pytest.mark.parametrize("exercise", EXERCISES.values(), ids=EXERCISES)
@pytest.mark.parametrize("answer", STRANGE, ids=lambda a: repr(a)[:20])
def test_strange_answers_are_rejected_without_raising(exercise, answer):
    if answer is True and np.array_equal(exercise.solution, 1):
        pytest.skip("this happens to be the answer")
    verdict = check(exercise.name, answer)
    assert verdict.status in (REJECTED, NOT_YET) and verdict.message


@pytest.mark.parametrize("name", ["no such", "", None, 7, "06.", object()])
def test_unknown_names_are_said_to_be_unknown(name):
    verdict = check(name, 1)
    assert verdict.status == REJECTED and "no such exercise" in verdict.message


@pytest.mark.parametrize("lesson", NOTEBOOKS)
def test_lesson_and_registry_agree(lesson):
    cells = code_cells(NOTEBOOKS[lesson])
    stubs = {checked_name(cell) for cell in cells if "check" in tags(cell)}
    assert stubs == {name for name in EXERCISES if name.startswith(f"{lesson}.")}
    source = "\n".join(cell.source for cell in cells)
    asked = set(re.findall(r"""\bask\(\s*["']([^"']+)""", source))
    assert asked == {name for name in QUESTIONS if name.startswith(f"{lesson}.")}
    compared = set(re.findall(r"""\bcompare\(\s*["']([^"']+)""", source))
    assert compared == {name for name in asked if not QUESTIONS[name].reveal}


# ------------------------------------------------------------------------ questions


@pytest.fixture
def no_answers(monkeypatch):
    monkeypatch.setattr(questions, "_committed", {})


@pytest.mark.parametrize("question", QUESTIONS.values(), ids=QUESTIONS)
def test_question_has_one_right_option_and_reasons(question):
    assert sum(option.correct for option in question.options) == 1
    texts = [option.text for option in question.options]
    assert len(texts) >= 2 and len(set(texts)) == len(texts)
    assert all(len(option.why) > 20 for option in question.options)


@pytest.mark.parametrize("question", QUESTIONS.values(), ids=QUESTIONS)
def test_question_takes_every_answer(question, no_answers):
    assert compare(question.name).status == NOTED
    for option in question.options:
        widget = ask(question.name)
        widget.choose(option.text)
        widget.button.click()
        verdict = compare(question.name)
        assert verdict.accepted == option.correct
        assert option.text in verdict.message and option.why in verdict.message
        assert widget.said.value
        assert ask(question.name).radio.value == option.text  # remembered


def test_nothing_is_committed_before_a_choice(no_answers):
    for name in QUESTIONS:
        widget = ask(name)
        assert widget.button.disabled
        widget.commit()
        assert compare(name).status == NOTED
        break


def test_unknown_questions_and_options_are_named(no_answers):
    with pytest.raises(ValueError, match=r"no such question.*'06.nothing'"):
        ask("06.nothing")
    with pytest.raises(ValueError, match="no such question"):
        compare("nothing")
    name = next(iter(QUESTIONS))
    with pytest.raises(ValueError, match="none of the options"):
        ask(name).choose("no such option")


@pytest.mark.parametrize("question", QUESTIONS.values(), ids=QUESTIONS)
def test_question_can_be_read_without_a_widget(question):
    words = ask(question.name)._repr_mimebundle_()["text/plain"]
    assert question.prompt in words
    assert all(option.text in words for option in question.options)


# ------------------------------------------------------------------ the engine itself

VALUE = Exercise(
    "99.value",
    solution=np.array([[1.0, 2.0], [3.0, 4.0]]),
    mistakes=[Mistake([[2, 4], [6, 8]], "the factor 2")],
    praise="Four numbers.",
)
FUNCTION = Exercise(
    "99.function",
    solution=lambda x: 2 * np.sum(x),
    mistakes=[Mistake(lambda x: np.sum(x), "the factor 2 is missing")],
    arguments=[(np.array([1.0, 2.0]),), (np.array([[1.0], [5.0]]),)],
)
GAPS = Exercise("99.gaps", np.nanmean, arguments=[(np.array([1.0, np.nan]),)])
ENDLESS = Exercise("99.endless", solution=[1.0, np.inf])
PARTS = Exercise("99.parts", solution=(np.array([1.0, 2.0]), "a b", 3))
WORDS = Exercise("99.words", solution={"kernel": 4, "dense": 36})


@pytest.mark.parametrize(
    ("exercise", "answer", "status", "words"),
    [
        (VALUE, [[1, 2], [3, 4]], ACCEPTED, "Four numbers"),
        (VALUE, np.array([[1, 2], [3, 4 + 1e-9]]), ACCEPTED, ""),
        (VALUE, [[2, 4], [6, 8]], REJECTED, "the factor 2"),
        (VALUE, [[1, 3], [2, 4]], REJECTED, "transposed"),
        (VALUE, [[-1, -2], [-3, -4]], REJECTED, "sign"),
        (VALUE, [[3, 6], [9, 12]], REJECTED, "factor: 3"),
        (VALUE, [1, 2, 3, 4], REJECTED, r"shape should be \(2, 2\); given \(4,\)"),
        (VALUE, 7, REJECTED, "array of shape"),
        (VALUE, [[1, 2], [3, 4.1]], REJECTED, r"index \(1, 1\) is 0.1"),
        (VALUE, [[1, 2], [3, np.nan]], REJECTED, "NaN"),
        (VALUE, lambda: 1, REJECTED, "not a function"),
        (VALUE, [[..., ...], [..., ...]], NOT_YET, ""),
        (FUNCTION, lambda x: 2 * x.sum(), ACCEPTED, ""),
        (FUNCTION, lambda x: x.sum(), REJECTED, "missing"),
        (FUNCTION, lambda x: -2 * x.sum(), REJECTED, "sign"),
        (FUNCTION, lambda x: None, NOT_YET, "returns nothing"),
        (FUNCTION, 6.0, REJECTED, "A function is expected; given a number"),
        (FUNCTION, lambda: 1, REJECTED, "TypeError"),
        (FUNCTION, lambda x: x.__imul__(2).sum(), REJECTED, "changes the arrays"),
        (GAPS, lambda x: x[~np.isnan(x)].mean(), ACCEPTED, ""),
        (GAPS, lambda x: x.mean(), REJECTED, "NaN"),
        (ENDLESS, [1, np.inf], ACCEPTED, ""),
        (ENDLESS, [2, np.inf], REJECTED, "infinity"),
        (ENDLESS, [1, 2], REJECTED, ""),
        (PARTS, ([1, 2], "a  b", 3), ACCEPTED, ""),
        (PARTS, ([1, 2], "a c", 3), REJECTED, "Part 2 of 3"),
        (PARTS, ([1, 2], "a b"), REJECTED, "3 parts"),
        (PARTS, (..., ..., ...), NOT_YET, ""),
        (WORDS, {"dense": 36, "kernel": 4}, ACCEPTED, ""),
        (WORDS, {"kernel": 4}, REJECTED, "not the one"),
    ],
)
def test_judging(exercise, answer, status, words):
    verdict = _judge(exercise, answer)
    assert verdict.status == status
    assert re.search(words, verdict.message)


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.complex_numbers(),
    lambda parts: st.lists(parts) | st.tuples(parts) | st.dictionaries(st.text(), parts),
    max_leaves=8,
)


@settings(max_examples=300, deadline=None)
@given(anything)
def test_judging_survives_anything(answer):
    for exercise in (VALUE, FUNCTION, PARTS, WORDS):
        verdict = _judge(exercise, answer)
        assert verdict.status in (REJECTED, NOT_YET)
        assert repr(verdict) and verdict._repr_html_()
