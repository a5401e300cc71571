"""Builds the web site from the lessons as they are stored: ``make site``.

Sphinx reads a copy of them in which what needs a kernel has become what a page can do by itself:

- a kernel playground runs in the page, from the state in its stored ``repr``;
- a question with radio buttons becomes a form that answers by itself;
- any other live picture becomes a sentence; the static figure stands in the next cell anyway;
- solutions are folded.
"""

from __future__ import annotations

import argparse
import pkgutil
import re
import shutil
import sys
import tempfile
from pathlib import Path

import nbformat
from live_parts import (
    HERE,
    LESSONS,
    PLAYGROUND_SCRIPT,
    PLAYGROUND_STYLE,
    ROOT,
    WIDGET_VIEW,
    live_output,
)
from nbformat import NotebookNode
from sphinx.cmd.build import build_main

import helpers
from helpers.scoreboard import Scoreboard

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


SCOREBOARD = """# The scoreboard

Every way of making new rows of the ionosphere table that a lesson trains or names, scored by the
same code on the same five splits into training and held-out rows: `make scoreboard` measures it
all anew, with `helpers.scoreboard.score_recipe`. The best C2ST is .50; the other scores are to be
near those of real rows, in the first line. A copy ratio far below 1 gives a copier away. Lessons
[03](notebooks/03_sample_the_hidden_space.ipynb), [04](notebooks/04_regularise_towards_a_vae.ipynb),
[05](notebooks/05_play_the_adversarial_game.ipynb) and
[12](notebooks/12_see_what_came_next.ipynb) say what each row is and how its figures come about.

"""


def scoreboard_page() -> str:
    """Return the page with the recorded scores of all recipes, as the lessons show them."""
    return SCOREBOARD + Scoreboard.load()._repr_html_() + "\n"


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
    (folder / "scoreboard.md").write_text(scoreboard_page(), encoding="utf-8")
    for path in (PLAYGROUND_SCRIPT, PLAYGROUND_STYLE):
        shutil.copy(path, folder / "_static")


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
