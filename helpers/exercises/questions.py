"""Questions with radio buttons: predictions, kept for later, and choices, answered at once."""

from __future__ import annotations

import html
from collections.abc import Sequence
from dataclasses import dataclass

import ipywidgets

from helpers.exercises import registry
from helpers.exercises.checking import ACCEPTED, NOTED, REJECTED, Verdict
from helpers.keyboard import KEEP_KEYS

_committed: dict[str, str] = {}


@dataclass(frozen=True)
class Option:
    """One answer to a question, why it is right or which misconception it stems from."""

    text: str
    why: str
    correct: bool = False


@dataclass(frozen=True)
class Question:
    """A question with one right option.

    A prediction (``reveal=False``) keeps what was answered until `compare` shows it beside
    the outcome; a choice (``reveal=True``) says at once whether and why.
    """

    name: str
    prompt: str
    options: Sequence[Option]
    reveal: bool = False

    def option(self, text: str) -> Option:
        """The option with this text; ValueError lists the options if there is none."""
        for option in self.options:
            if option.text == text:
                return option
        texts = [option.text for option in self.options]
        raise ValueError(f"{text!r} is none of the options {texts}")

    @property
    def right(self) -> Option:
        """The right option."""
        return next(option for option in self.options if option.correct)


# Large enough for the last row, and options that wrap instead of being cut off. The radio buttons
# of ipywidgets are strangers to each other; with one name they are a group: Tab comes to them once,
# and the arrow keys go from one to the next.
_STYLE = (
    '<style onload="'
    + KEEP_KEYS
    + """const question = this.closest('.course-question');
const name = 'question ' + Math.random();
question.addEventListener('focusin', () => {
  const group = question.querySelector('.widget-radio-box');
  group.setAttribute('role', 'radiogroup');
  group.setAttribute('aria-label', question.querySelector('b').textContent);
  for (const radio of group.querySelectorAll('input')) radio.name = name;
})">
.course-question { font-size: 16px; max-width: 60em; }
.course-question .widget-html-content { font-size: 16px; line-height: 1.4; }
.course-question .widget-radio-box label {
    font-size: 16px; line-height: 1.4; height: auto; white-space: normal; padding: 3px 0;
}
</style>"""
)


class Ask(ipywidgets.VBox):
    """Radio buttons and a button that commits to the one chosen.

    ``choose(text)`` and ``commit()`` do from code what the mouse and the keyboard do.
    """

    def __init__(self, question: Question):
        self.question = question
        self.radio = ipywidgets.RadioButtons(
            options=[option.text for option in question.options],
            value=_committed.get(question.name),
            layout=ipywidgets.Layout(width="auto"),
        )
        self.button = ipywidgets.Button(
            description="Check" if question.reveal else "Commit",
            tooltip="Keep this answer",
            button_style="primary",
            disabled=self.radio.value is None,
        )
        self.said = ipywidgets.HTML()
        self.radio.observe(self._enable, "value")
        self.button.on_click(lambda _: self.commit())
        prompt = ipywidgets.HTML(_STYLE + f"<b>{html.escape(question.prompt)}</b>")
        super().__init__([prompt, self.radio, self.button, self.said])
        self.add_class("course-question")
        self.add_class("keeps-keys")

    def _enable(self, _change) -> None:
        self.button.disabled = self.radio.value is None

    def choose(self, text: str) -> None:
        """Select an option, without committing to it."""
        self.radio.value = self.question.option(text).text

    def commit(self) -> None:
        """Keep the selected option, and say what is to be said about it now."""
        if self.radio.value is None:
            self.said.value = "Choose one first."
            return
        _committed[self.question.name] = self.radio.value
        self.said.value = self.feedback()._repr_html_()

    def feedback(self) -> Verdict:
        """What the learner is told on committing."""
        if self.question.reveal:
            return compare(self.question.name)
        text = f"Your prediction is kept: “{self.radio.value}”. Now see what happens."
        return Verdict(NOTED, text, self.question.name)

    def __repr__(self) -> str:
        options = "\n".join(f"  ( ) {option.text}" for option in self.question.options)
        return f"{self.question.prompt}\n{options}"

    def _repr_mimebundle_(self, include=None, exclude=None):
        bundle = super()._repr_mimebundle_(include=include, exclude=exclude)
        bundle["text/plain"] = repr(self)  # whole: what is read where no widget can be shown
        return bundle


def ask(name: str) -> Ask:
    """Show the question `name` with radio buttons and a button.

    Parameters
    ----------
    name : str
        For instance ``"06.inverse"``.

    Returns
    -------
    Ask
        A widget; as the last expression of a cell it is displayed.

    Raises
    ------
    ValueError
        If there is no such question.
    """
    return Ask(_question(name))


def compare(name: str) -> Verdict:
    """Set what was answered to the question `name` beside what is the case.

    Parameters
    ----------
    name : str
        For instance ``"06.inverse"``.

    Returns
    -------
    Verdict
        "noted" where no answer was committed; its message says what is the case.

    Raises
    ------
    ValueError
        If there is no such question.
    """
    question = _question(name)
    right = question.right
    if name not in _committed:
        text = f"No answer was committed. It is: “{right.text}”. {right.why}"
        return Verdict(NOTED, text, name)
    answered = question.option(_committed[name])
    if answered.correct:
        return Verdict(ACCEPTED, f"You said “{answered.text}”. {answered.why}", name)
    text = f"You said “{answered.text}”. {answered.why} It is: “{right.text}”. {right.why}"
    return Verdict(REJECTED, text, name)


def _question(name: str) -> Question:
    try:
        return registry.find("QUESTIONS", name)
    except KeyError as error:
        raise ValueError(f"There is no such question: {error.args[0]}") from None
