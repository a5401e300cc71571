"""Exercises: answers are checked with a hint for each known mistake, predictions are kept.

``check(name, answer)`` judges an answer and never raises; ``ask(name)`` shows a question
with radio buttons; ``compare(name)`` sets what was answered beside what is the case. What
is asked, and which mistakes are known, stands in one module for each lesson.
"""

from helpers.exercises.checking import Exercise, Mistake, Verdict, check
from helpers.exercises.questions import Option, Question, ask, compare

__all__ = ["Exercise", "Mistake", "Option", "Question", "Verdict", "ask", "check", "compare"]
