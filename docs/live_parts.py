"""What the web site and the slides share: the lessons, and what stands for their live parts."""

from __future__ import annotations

import ast
import html
import json
import re
from pathlib import Path

import anywidget

from helpers.exercises import Question, registry
from helpers.widgets import KernelPlayground

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
LESSONS = sorted((ROOT / "notebooks").glob("[0-9]*.ipynb"))
WIDGET_VIEW = "application/vnd.jupyter.widget-view+json"
PLAYGROUND_SCRIPT = ROOT / "helpers" / "widgets" / "kernel_playground.js"
PLAYGROUND_STYLE = PLAYGROUND_SCRIPT.with_suffix(".css")


def playground_page(representation: str) -> str:
    """Return the place of a playground in a page, from ``KernelPlayground(kernel=…, …)``."""
    call = ast.parse(representation, mode="eval").body
    settings = {word.arg: ast.literal_eval(word.value) for word in call.keywords}
    playground = KernelPlayground(**settings)
    own = set(playground.keys) - set(anywidget.AnyWidget.class_trait_names())
    state = json.dumps({name: getattr(playground, name) for name in sorted(own) if name[0] != "_"})
    return f'<div class="live-playground" data-state="{html.escape(state)}"></div>'


def question_page(question: Question) -> str:
    """Return a question as a form: one of its options is chosen, then each says why."""
    options = "".join(
        f'<li><label><input type="radio" name="{question.name}" '
        f'data-correct="{str(option.correct).lower()}"> {html.escape(option.text)}</label>'
        f'<p class="why" hidden>{html.escape(option.why)}</p></li>'
        for option in question.options
    )
    return (
        f'<form class="course-question" data-reveal="{str(question.reveal).lower()}">'
        f"<fieldset><legend>{html.escape(question.prompt)}</legend><ul>{options}</ul>"
        '<button type="submit" disabled>Answer</button>'
        '<p class="verdict" role="status"></p></fieldset></form>'
    )


def asked_in(source: str) -> Question | None:
    """Return the question that a cell asks, if it asks one."""
    asked = re.search(r"\bask\(\"([^\"]+)\"\)", source)
    return registry.find("QUESTIONS", asked.group(1)) if asked else None


def live_output(source: str, representation: str) -> str:
    """Return what stands on the site in the place of a widget."""
    if representation.startswith("KernelPlayground("):
        return playground_page(representation)
    question = asked_in(source)
    if question:
        return question_page(question)
    return (
        '<p class="needs-kernel"><strong>Live in JupyterLab.</strong> '
        f"{html.escape(representation)}. The figure that follows shows it as it starts.</p>"
    )
