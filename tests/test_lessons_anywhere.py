"""Slow: every lesson, executed once more, elsewhere, says the same and leaves nothing behind.

Elsewhere is a folder of its own, a home of its own, with nothing of the course to be written to
and no network. As no lesson can leave anything, their order cannot matter.
"""

import copy
import os
import re
from pathlib import Path

import nbformat
import pytest
from execute_notebooks import normalise
from lesson_rules import code_cells, lessons, tags
from nbclient import NotebookClient

pytestmark = pytest.mark.slow

TESTS = Path(__file__).resolve().parent
LOOK_AT_FIGURES = f"import sys; sys.path.append({str(TESTS)!r}); import contrast"
LOOK_AT_FIGURES += "; pale_words = contrast.watch_figures()"
OTHERS = {".cache", ".config", ".ipython", ".jupyter", ".local"}  # Jupyter's and matplotlib's own


def words(notebook):
    """The text outputs of every cell, but for listings of versions and random addresses."""
    for cell in code_cells(notebook):
        if "nbval-ignore-output" in tags(cell):
            continue
        texts = [o.get("text", o.get("data", {}).get("text/plain", "")) for o in cell.outputs]
        yield cell.source, re.sub(r"0x[0-9a-f]{6,}", "ADDRESS", "\n".join(texts))


@pytest.mark.parametrize("path", lessons(), ids=lambda path: path.stem[:2])
def test_lesson_says_the_same_anywhere(path, tmp_path):
    stored = nbformat.read(path, as_version=4)
    again = copy.deepcopy(stored)
    first, last = (nbformat.v4.new_code_cell(code) for code in (LOOK_AT_FIGURES, "pale_words"))
    again.cells = [first, *again.cells, last]
    folders = {name: tmp_path / name for name in ("here", "home", "temporary")}
    for folder in folders.values():
        folder.mkdir()
    surroundings = {
        **os.environ,
        "HOME": str(folders["home"]),
        "TMPDIR": str(folders["temporary"]),
        "COURSE_READ_ONLY": os.pathsep.join([str(TESTS.parent), str(folders["here"])]),
        "PYTHONHASHSEED": "20240229",  # the order of sets and names must not matter
        "LC_ALL": "C",
    }
    resources = {"metadata": {"path": str(folders["here"])}}
    client = NotebookClient(again, timeout=300, kernel_name="python3", resources=resources)
    client.execute(env=surroundings)
    again.cells = again.cells[1:-1]
    for (source, before), (_, after) in zip(words(stored), words(normalise(again)), strict=True):
        assert before == after, source
    assert [output.data["text/plain"] for output in last.outputs] == ["[]"]
    assert list(folders["here"].iterdir()) == list(folders["temporary"].iterdir()) == []
    assert {entry.name for entry in folders["home"].iterdir()} <= OTHERS
