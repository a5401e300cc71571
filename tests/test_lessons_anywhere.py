"""Slow: every lesson, executed once more, elsewhere and without write access, says the same."""

import copy
import re

import nbformat
import pytest
from execute_notebooks import normalise
from lesson_rules import code_cells, lessons, tags
from nbclient import NotebookClient

pytestmark = pytest.mark.slow


def words(notebook):
    """The text outputs of every cell, but for listings of versions and random addresses."""
    for cell in code_cells(notebook):
        if "nbval-ignore-output" in tags(cell):
            continue
        texts = [o.get("text", o.get("data", {}).get("text/plain", "")) for o in cell.outputs]
        yield cell.source, re.sub(r"0x[0-9a-f]{6,}", "ADDRESS", "\n".join(texts))


@pytest.mark.parametrize("path", lessons(), ids=lambda path: path.stem[:2])
def test_lesson_says_the_same_in_a_read_only_folder(path, tmp_path):
    stored = nbformat.read(path, as_version=4)
    again = copy.deepcopy(stored)
    tmp_path.chmod(0o500)
    resources = {"metadata": {"path": str(tmp_path)}}
    NotebookClient(again, timeout=300, kernel_name="python3", resources=resources).execute()
    tmp_path.chmod(0o700)
    assert list(tmp_path.iterdir()) == []
    for (source, before), (_, after) in zip(words(stored), words(normalise(again))):
        assert before == after, source
