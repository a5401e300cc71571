"""Every lesson keeps every rule, and every rule notices what it is there to notice."""

import base64
import re

import lesson_rules
import nbformat
import pytest
from lesson_rules import RULES, lessons
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

LESSONS = lessons()


def test_there_are_lessons():
    assert LESSONS


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
@pytest.mark.parametrize("path", LESSONS, ids=lambda path: path.stem[:2])
def test_lesson_keeps_rule(path, rule):
    notebook = nbformat.read(path, as_version=4)
    nbformat.validate(notebook)
    assert list(rule(notebook, path)) == []


def minutes(path):
    """How long a lesson says, at its beginning, that it takes: reading and exercises together."""
    cells = nbformat.read(path, as_version=4).cells
    (time,) = re.findall(r"\*\*Time:?\*\*.*?\.", cells[0].source, re.DOTALL)
    return sum(map(int, re.findall(r"(\d+)\s+minutes", time)))


def test_the_map_of_the_course_gives_the_minutes_of_every_lesson():
    start, *others = LESSONS
    text = "\n".join(cell.source for cell in nbformat.read(start, as_version=4).cells)
    listed = {name: int(n) for name, n in re.findall(r"\]\((\d\S+)\).*\| (\d+) \|", text)}
    assert listed == {path.name: minutes(path) for path in others}


# --------------------------------------------------------- the rules themselves can fail


def code(source, outputs=(), tags=(), count=1, **metadata):
    metadata |= {"tags": list(tags)} if tags else {}
    return new_code_cell(source, outputs=list(outputs), execution_count=count, metadata=metadata)


def picture(alt="", size=10):
    data = {"image/png": base64.b64encode(b"x" * size).decode(), "text/plain": "Figure"}
    return new_output("display_data", data, metadata={"image/png": {"alt": alt}})


def text(words):
    return new_output("stream", name="stdout", text=words)


TITLE = new_markdown_cell("# Title\n\n10 minutes")
WIDGET = new_output("display_data", {lesson_rules.WIDGET_VIEW: {"model_id": "1"}})
STUB = code("answer = ...", tags=["exercise"])
BLANK = code('check("01.x", answer)', [text("… Not yet.")], ["check"])
SOLVED = code(
    '# Solution\ncheck("01.x", 1)',
    [text("✓ Right.")],
    ["solution"],
    jupyter={"source_hidden": True},
)

BROKEN = {
    "begins_with_its_only_h1": [
        [new_markdown_cell("## Not first"), TITLE],
        [TITLE, new_markdown_cell("# Second")],
        [new_markdown_cell("No heading")],
    ],
    "skips_no_heading_level": [[TITLE, new_markdown_cell("### Deep")]],
    "says_how_long_it_takes": [[new_markdown_cell("# Title")]],
    "has_a_lessons_size": [[TITLE], [TITLE, *[code("x")] * 40], [TITLE] * 90],
    "keeps_code_cells_short": [
        [code("x = 1\n" * 5)],
        [code("x = 1")] * 8 + [code("x = 1\n" * 11)] * 2,
        [code("x = 1")] * 30 + [code("x = 1\n" * 26)],
        [code('def f():\n    """Doc.\n\n    Doc."""\n' + "    x = 1\n" * 26, tags=["exercise"])],
    ],
    "describes_its_pictures": [
        [code("f", [picture()])],
        [new_markdown_cell("![](x.png)")],
        [new_markdown_cell('<img src="x.png">')],
    ],
    "ran_in_order_and_without_errors": [
        [code("x", count=2)],
        [code("x", count=None)],
        [code("x", [new_output("error", ename="E", evalue="", traceback=[])])],
        [code("x", [new_output("stream", name="stderr", text="warning")])],
    ],
    "stores_outputs": [
        [code("x")],
        [code("print(1)")],
        [code("for i in x:\n    print(i)")],
        [code("")],
    ],
    "is_normalised": [
        [TITLE, code("x", execution={"iopub.status.busy": "2026"})],
        [TITLE, code("x", [text("one\n"), text("two\n")])],
    ],
    "is_not_too_large": [[code("f", [picture(size=90_000)])]],
    "links_to_what_exists": [
        [new_markdown_cell("[gone](99_gone.ipynb)")],
        [new_markdown_cell("[gone](#Nowhere)")],
    ],
    "has_checked_exercises": [
        [STUB, BLANK, SOLVED],  # one is too few
        [STUB, BLANK] * 3,
        [STUB, BLANK, code('check("01.x", 1)', [text("✗")], ["solution"])] * 3,
        [code("answer = 1", tags=["exercise"]), BLANK, SOLVED] * 3,
        [STUB, code('check("01.x", answer)', [text("✓ Right.")], ["check"]), SOLVED] * 3,
    ],
    "shows_widgets_without_a_kernel_too": [
        [code("playground", [WIDGET])],
        [code("playground", [WIDGET]), code("x = 1")],
    ],
    "holds_its_numbers_by_assertions": [[code("x = 1")] * 9],
    "touches_no_path": [[code("import sys; sys.path.append('..')")], [code("%pip install x")]],
}
FINE = {
    "skips_no_heading_level": [TITLE, new_markdown_cell("## A\n### B\n## C\n```\n# code\n```")],
    "keeps_code_cells_short": [code("x = 1\n" * 4)] * 9 + [code("x = 1\n" * 25)],
    "describes_its_pictures": [code("f", [picture("A line that falls to the right.")])],
    "stores_outputs": [code("x = 1"), code("plt.style.use('a')"), code("x", [text("1")])],
    "links_to_what_exists": [TITLE, new_markdown_cell("[a](#Title) [b](https://example.org)")],
    "shows_widgets_without_a_kernel_too": [
        code("playground", [WIDGET]),
        code("figure", [picture("x")]),
        code('ask("01.x")', [WIDGET]),
    ],
    "touches_no_path": [code("share = 100 % 7")],
}


def store(cells, path):
    """Write a notebook of these cells, one of which may appear more than once."""
    copies = [nbformat.from_dict({**cell, "id": f"cell-{n}"}) for n, cell in enumerate(cells)]
    notebook = new_notebook(cells=copies)
    nbformat.write(notebook, path)
    return notebook, path


@pytest.mark.parametrize(
    ("name", "cells"), [(name, cells) for name, cases in BROKEN.items() for cells in cases]
)
def test_rule_notices(name, cells, tmp_path):
    notebook, path = store(cells, tmp_path / "01_broken.ipynb")
    assert list(getattr(lesson_rules, name)(notebook, path))


@pytest.mark.parametrize(("name", "cells"), FINE.items(), ids=FINE)
def test_rule_accepts(name, cells, tmp_path):
    notebook, path = store(cells, tmp_path / "01_fine.ipynb")
    assert list(getattr(lesson_rules, name)(notebook, path)) == []


def test_every_rule_is_tested():
    assert set(BROKEN) == {rule.__name__ for rule in RULES}
