"""Builds the lessons as they are handed out to a class: ``make handout``.

They have no outputs, no solutions and no slides; exercises and their checks stay, and every
notebook still runs from top to bottom. Where a later cell works with what a solution has defined,
the course's own answer takes its place, unseen.
"""

from __future__ import annotations

import argparse
import ast
import re
import shutil
import sys
from pathlib import Path

import nbformat
from live_parts import LESSONS, ROOT
from nbformat import NotebookNode

from helpers.exercises import registry

ABOUT_SOLUTIONS = "about-solutions"
"""Tag of texts that speak of the solutions in the notebook, and would mislead in a handout."""

STAND_IN = """# Used below: the course's own answer. Once your check says "Right.", try yours.
from helpers.exercises.registry import find

{name} = find("EXERCISES", "{exercise}").solution"""


def tags_of(cell: NotebookNode) -> list[str]:
    """Return a cell's tags."""
    return cell.metadata.get("tags", [])


def functions_in(source: str) -> list[str]:
    """Return the names of the functions that a cell defines."""
    return [node.name for node in ast.parse(source).body if isinstance(node, ast.FunctionDef)]


def names_used(source: str) -> set[str]:
    """Return all names that code reads."""
    return {node.id for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Name)}


def without_solution(cell: NotebookNode, after: list[NotebookNode]) -> list[NotebookNode]:
    """Return what a solution leaves behind: nothing, or what the cells after it need."""
    needed = set().union(*(names_used(other.source) for other in after))
    name = next((name for name in functions_in(cell.source) if name in needed), None)
    if name is None:
        return []
    exercise = re.search(r"\bcheck\(\"([^\"]+)\"", cell.source).group(1)
    registry.find("EXERCISES", exercise)
    cell.source = STAND_IN.format(name=name, exercise=exercise)
    cell.metadata = nbformat.from_dict({})
    return [cell]


def handout_of(lesson: NotebookNode) -> NotebookNode:
    """Return a lesson as it is handed out."""
    kept = []
    for place, cell in enumerate(lesson.cells):
        if ABOUT_SOLUTIONS in tags_of(cell):
            continue
        kept_metadata = {k: v for k, v in cell.metadata.items() if k in ("jupyter", "tags")}
        cell.metadata = nbformat.from_dict(kept_metadata)
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
        if "solution" in tags_of(cell):
            later = [
                other
                for other in lesson.cells[place + 1 :]
                if other.cell_type == "code" and "solution" not in tags_of(other)
            ]
            kept += without_solution(cell, later)
        else:
            kept.append(cell)
    lesson.cells = kept
    lesson.metadata.pop("widgets", None)
    return lesson


def build(output: Path) -> None:
    """Write the handout into a folder."""
    shutil.rmtree(output, ignore_errors=True)
    output.mkdir(parents=True)
    for path in LESSONS:
        lesson = handout_of(nbformat.read(path, as_version=4))
        nbformat.validate(lesson)
        nbformat.write(lesson, output / path.name)


def main() -> int:
    """Build the handout into the folder that is named."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("output", nargs="?", type=Path, default=ROOT / "handout")
    build(parser.parse_args().output)
    return 0


if __name__ == "__main__":
    sys.exit(main())
