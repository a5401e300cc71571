"""The web site without building it: what a lesson's live parts become in a page."""

import html
import json
import re
import sys
from pathlib import Path

import nbformat
import pytest

from helpers.exercises import registry
from helpers.widgets import KernelPlayground

ROOT = Path(__file__).resolve().parents[1]
LESSONS = sorted((ROOT / "notebooks").glob("[0-9]*.ipynb"))

pytest.importorskip("sphinx", reason="what the site is built with (extra: site) is not installed")
sys.path.insert(0, str(ROOT / "docs"))
import build_site  # noqa: E402


def prepared(path):
    return build_site.prepare(nbformat.read(path, as_version=4))


def state_in(page):
    return json.loads(html.unescape(re.search(r'data-state="([^"]*)"', page).group(1)))


def test_a_playground_keeps_its_whole_state():
    settings = {"kernel": [[1, -2], [0.5, 4]], "step_size": 0.05, "panel": "training"}
    playground = KernelPlayground(**settings)
    state = state_in(build_site.live_output("playground", repr(playground)))
    script = (ROOT / "helpers" / "widgets" / "kernel_playground.js").read_text()
    traits = re.search(r"export const TRAITS = \[(.*?)\]", script, re.S).group(1)
    assert set(state) == set(re.findall(r'"(\w+)"', traits))
    assert all(state[name] == getattr(playground, name) for name in state)
    assert {name: state[name] for name in settings} == settings


@pytest.mark.parametrize("question", registry.all_of("QUESTIONS").values(), ids=lambda q: q.name)
def test_a_question_becomes_a_form(question):
    page = build_site.live_output(f'ask("{question.name}")', question.prompt)
    assert page.count('type="radio"') == len(question.options) == page.count('class="why"')
    assert page.count('data-correct="true"') == 1
    for text in [question.prompt, *(option.text for option in question.options)]:
        assert html.escape(text) in page


def test_another_picture_becomes_a_sentence_without_markup_of_its_own():
    page = build_site.live_output("theatre", "GANTheatre: <b>1 of 8</b> modes")
    assert "Live in JupyterLab" in page and "<b>" not in page


def test_an_unknown_question_is_an_error():
    with pytest.raises(KeyError, match=r"'05\.none' is not known"):
        build_site.live_output('ask("05.none")', "?")


@pytest.mark.parametrize("path", LESSONS, ids=lambda path: path.stem)
def test_no_page_waits_for_a_kernel(path):
    before, after = nbformat.read(path, as_version=4), prepared(path)
    outputs = [output for cell in after.cells for output in cell.get("outputs", [])]
    assert not any(build_site.WIDGET_VIEW in output.get("data", {}) for output in outputs)
    live = [cell for cell in before.cells if build_site.WIDGET_VIEW in json.dumps(cell)]
    assert len(live) >= 2  # a question and a picture at least, or there is nothing to test
    pages = "".join(o.data["text/html"] for o in outputs if "text/html" in o.get("data", {}))
    found = len(re.findall('class="(?:live-playground|course-question|needs-kernel)"', pages))
    assert found == len(live)


@pytest.mark.parametrize("path", LESSONS, ids=lambda path: path.stem)
def test_solutions_are_folded_and_nothing_else_is(path):
    for cell in prepared(path).cells:
        tags = cell.metadata.get("tags", [])
        assert ("solution" in tags) == ("hide-input" in tags)


def test_the_reference_names_every_module():
    pages = "".join(build_site.reference_pages().values())
    for path in (ROOT / "helpers").rglob("*.py"):
        name = ".".join(path.relative_to(ROOT).with_suffix("").parts)
        if path.stem != "__init__" and not re.match(r"lesson_\d+", path.stem):
            assert f".. automodule:: {name}\n" in pages, name
