"""Builds the web site from the lessons as they are stored: ``make site``.

Sphinx reads a copy of them in which what needs a kernel has become what a page can do by itself:

- a kernel playground runs in the page, from the state in its stored ``repr``;
- a question with radio buttons becomes a form that answers by itself;
- any other live picture becomes a sentence; the static figure stands in the next cell anyway;
- solutions are folded.
"""

from __future__ import annotations

import argparse
import ast
import html
import json
import pkgutil
import re
import shutil
import sys
import tempfile
from pathlib import Path

import anywidget
import nbformat
from nbformat import NotebookNode
from sphinx.cmd.build import build_main

import helpers
from helpers.exercises import Question, registry
from helpers.widgets import KernelPlayground

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
LESSONS = sorted((ROOT / "notebooks").glob("[0-9]*.ipynb"))
WIDGET_VIEW = "application/vnd.jupyter.widget-view+json"
PLAYGROUND_FILES = ("kernel_playground.js", "kernel_playground.css")


# ------------------------------------------------------------------------------- what was live


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


def live_output(source: str, representation: str) -> str:
    """Return what stands on the site in the place of a widget."""
    if representation.startswith("KernelPlayground("):
        return playground_page(representation)
    asked = re.search(r"\bask\(\"([^\"]+)\"\)", source)
    if asked:
        return question_page(registry.find("QUESTIONS", asked.group(1)))
    return (
        '<p class="needs-kernel"><strong>Live in JupyterLab.</strong> '
        f"{html.escape(representation)}. The figure that follows shows it as it starts.</p>"
    )


# ------------------------------------------------------------------------------------ a lesson


def prepare(lesson: NotebookNode) -> NotebookNode:
    """Return the lesson as the site shows it."""
    for cell in lesson.cells:
        if cell.cell_type != "code":
            continue
        if "solution" in cell.metadata.get("tags", []):
            cell.metadata["tags"] = [*cell.metadata["tags"], "hide-input"]
        for output in cell.outputs:
            data = output.get("data", {})
            if WIDGET_VIEW in data:
                page = live_output(cell.source, data["text/plain"])
                output["data"] = {"text/html": page}
    return lesson


# --------------------------------------------------------------------------------- the reference

FLOORS = {
    "widgets": "Live pictures: `helpers.widgets`",
    "models": "Models: `helpers.models`",
    "nn": "Layers, losses, optimizers: `helpers.nn`",
    "": "Data, measures, figures, exercises: `helpers`",
}
"""The floors of the package, from above; what is on none of the others is on the ground."""


def reference_pages() -> dict[str, str]:
    """Return one page for each floor of the package, by file name, with all of its modules."""
    modules = pkgutil.walk_packages(helpers.__path__, "helpers.")
    names = [module.name for module in modules if not module.ispkg]
    pages = {}
    for floor, title in FLOORS.items():
        own = [name for name in names if _floor(name) == floor and not _is_for_one_lesson(name)]
        sections = "\n\n".join(
            f"## `{name}`\n\n```{{eval-rst}}\n.. automodule:: {name}\n   :members:\n```"
            for name in own
        )
        pages[f"{floor or 'ground'}.md"] = f"# {title}\n\n{sections}\n"
    return pages


def _floor(name: str) -> str:
    part = name.split(".")[1]
    return part if part in FLOORS else ""


def _is_for_one_lesson(name: str) -> bool:
    return re.search(r"\.lesson_\d+$", name) is not None


def stage(folder: Path) -> None:
    """Put everything that Sphinx reads into one folder."""
    shutil.copytree(HERE, folder, dirs_exist_ok=True)
    (folder / "notebooks").mkdir()
    for path in LESSONS:
        lesson = prepare(nbformat.read(path, as_version=4))
        nbformat.write(lesson, folder / "notebooks" / path.name)
    (folder / "reference").mkdir()
    for name, page in reference_pages().items():
        (folder / "reference" / name).write_text(page, encoding="utf-8")
    for name in PLAYGROUND_FILES:
        shutil.copy(ROOT / "helpers" / "widgets" / name, folder / "_static" / name)


REPAIRS = {
    '<p class="caption" role="heading">': '<p class="caption" role="heading" aria-level="2">',
    "<pre>": '<pre tabindex="0">',  # what is wider than the page is moved with the arrow keys
    '<div class="table-wrapper': '<div tabindex="0" class="table-wrapper',
    '<div role="list" class="citation-list">': '<div class="citation-list">',
}
"""What Sphinx's pages lack for people who use a keyboard or a screen reader."""


def finish(output: Path) -> None:
    """Make the built pages accessible where Sphinx does not."""
    for path in output.rglob("*.html"):
        page = path.read_text(encoding="utf-8")
        for found, better in REPAIRS.items():
            page = page.replace(found, better)
        path.write_text(page, encoding="utf-8")


def build(output: Path) -> int:
    """Build the site, and return 0 if there was nothing to warn of."""
    with tempfile.TemporaryDirectory() as folder:
        stage(Path(folder))
        options = ["-b", "html", "-W", "--keep-going", "-q"]
        status = build_main([*options, "-d", f"{folder}/.doctrees", folder, str(output)])
    finish(output)
    return status


def main() -> int:
    """Build the site into the folder that is named."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("output", nargs="?", type=Path, default=ROOT / "site")
    return build(parser.parse_args().output)


if __name__ == "__main__":
    sys.exit(main())
