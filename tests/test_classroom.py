"""Slides, handout and dashboards without a browser: what is chosen, kept and left out."""

import ast
import importlib.util
import json
import re
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

import helpers.widgets
from helpers.exercises import registry

ROOT = Path(__file__).resolve().parents[1]
LESSONS = sorted((ROOT / "notebooks").glob("[0-9]*.ipynb"))
each_lesson = pytest.mark.parametrize("path", LESSONS, ids=lambda path: path.stem[:2])

for needed in ("mdit_py_plugins", "sphinx_revealjs"):
    pytest.importorskip(needed, reason="what makes slides (extra: site) is not installed")
sys.path.insert(0, str(ROOT / "docs"))
import build_handout  # noqa: E402
import build_slides  # noqa: E402
import serve_dashboards  # noqa: E402


def read(path):
    return nbformat.read(path, as_version=4)


def tags(cell):
    return cell.metadata.get("tags", [])


# ------------------------------------------------------------------------------ slides


@each_lesson
def test_every_cell_says_what_it_is_in_the_deck(path):
    assert build_slides.unchosen(read(path)) == []


@each_lesson
def test_a_deck_is_a_choice(path):
    lesson = read(path)
    slides = build_slides.slides_of(lesson)
    assert (10 if path.name.startswith("00") else 15) <= len(slides) <= 30
    assert [slide.opening for slide in slides] == [True] + [False] * (len(slides) - 1)
    assert slides[-1].title == "What you have seen"
    assert all(slide.title and slide.parts for slide in slides)
    page = "".join(part for slide in slides for part in slide.parts)
    assert page.count('class="course-question"') >= 2 and page.count("<img") >= 2
    live = 'class="live' in page
    assert live, "the deck has no place for the lesson's live picture"


@each_lesson
def test_decks_keep_answers_to_themselves(path):
    for cell in read(path).cells:
        if {"exercise", "check", "solution"} & set(tags(cell)):
            assert cell.metadata.slideshow.slide_type == "skip", cell.id
    page = "".join(part for s in build_slides.slides_of(read(path)) for part in s.parts)
    assert "No answer was committed" not in page and "Not yet" not in page


TEXT = """# Title

The first sentence, of $e.g. 3.5$ kinds. The **second one.** A third (in brackets). It asks: Why?

## Below

$$
a = b . \\qquad C = D
$$

- one item
  in two lines
- another

$$e = f$$
"""


def cell_of(source, *show, kind="slide", code=False, outputs=()):
    make = new_code_cell if code else new_markdown_cell
    settings = {"slide_type": kind} | ({"show": list(show)} if show else {})
    cell = make(source, metadata={"slideshow": settings})
    if code:
        cell.outputs = list(outputs)
    return cell


def slides_of(*cells):
    return build_slides.slides_of(new_notebook(cells=list(cells)))


def test_a_text_is_taken_apart():
    kinds = [block.kind for block in build_slides.blocks_of(TEXT)]
    assert kinds == ["heading", "text", "heading", "formula", "list", "formula"]
    sentences = build_slides.sentences_of(build_slides.blocks_of(TEXT)[1].source)
    assert sentences == [
        "The first sentence, of $e.g. 3.5$ kinds.",
        "The **second one.**",
        "A third (in brackets).",
        "It asks: Why?",
    ]


def test_parts_are_chosen_by_their_first_words():
    (slide,) = slides_of(cell_of(TEXT, "The second", "It asks", "one item", "formula 2"))
    assert slide.title == "Title"
    assert slide.parts[0] == "<p>The <strong>second one.</strong> It asks: Why?</p>\n"
    assert "in two lines" in slide.parts[1] and "another" not in slide.parts[1]
    assert "e = f" in slide.parts[2] and "a = b" not in slide.parts[2]
    assert "The first sentence" in slide.notes[0]


def test_titles_come_from_the_heading_above_or_from_the_choice():
    first = cell_of(TEXT, "The first …", "---", "formula 1", "---", "# Mine", "list")
    after = cell_of("x = 1", code=True)
    joined = cell_of("print(2)", "output", kind="-", code=True, outputs=[text_output("2")])
    slides = slides_of(first, after, joined)
    assert [slide.title for slide in slides] == ["Title", "Below", "Mine", "Below"]
    assert "It asks: Why?" in slides[0].parts[0]
    assert len(slides[3].parts) == 2


def text_output(text):
    return new_output("stream", name="stdout", text=text)


def test_of_code_one_statement_or_only_the_figure():
    picture = {"image/png": "aGVs\nbG8=", "text/plain": "Figure"}
    alt = {"image/png": {"alt": 'a "curve" < 1'}}
    outputs = [text_output("shown"), new_output("display_data", picture, metadata=alt)]
    source = "x = 1\n\n\ndef f():\n    return x\n\n\nf()"
    statement, figure = slides_of(
        cell_of(source, "def f", code=True, outputs=outputs),
        cell_of(source, code=True, outputs=outputs),
    )
    words = re.sub(r"<[^>]+>", "", statement.parts[0]).split()
    assert words == ["def", "f():", "return", "x"]
    (part,) = figure.parts
    assert "base64,aGVsbG8=" in part and "a &quot;curve&quot; &lt; 1" in part


@pytest.mark.parametrize("wanted", ["The fourth", "formula 3", "table", "list 2"])
def test_a_choice_that_fits_nothing_is_an_error(wanted):
    with pytest.raises(ValueError, match=rf"cell 0, \S+: nothing begins with '{wanted}'"):
        slides_of(cell_of(TEXT, wanted))
    with pytest.raises(ValueError, match="no statement begins with 'y ='"):
        slides_of(cell_of("x = 1", "y =", code=True))


def test_long_formulas_are_broken_at_their_gaps_and_never_within_brackets():
    broken = build_slides.break_formula(r"a = \frac{b \qquad c}{d}, \qquad e = f")
    assert broken.count(r"\\[0.4em]") == 1 and r"{b \qquad c}" in broken
    inside = r"\begin{aligned} a &= b \\ c &= d \qquad e \end{aligned}"
    assert build_slides.break_formula(inside) == inside
    assert build_slides.break_formula("a + b\n= c\n= d").count(r"\\[0.4em]") == 2


def test_a_live_picture_leads_to_its_dashboard():
    part = build_slides.live_part("theatre", "GANTheatre: 8 of 8 modes")
    assert f"http://127.0.0.1:{serve_dashboards.PORT}/voila/render/GANTheatre.ipynb" in part


# ------------------------------------------------------------------------------ the handout


@pytest.fixture(scope="module")
def handout(tmp_path_factory):
    folder = tmp_path_factory.mktemp("handout") / "handout"
    build_handout.build(folder)
    return folder


@each_lesson
def test_a_handout_has_all_but_solutions_and_outputs(handout, path):
    before, after = read(path), read(handout / path.name)
    assert not any(cell.get("outputs") or cell.get("execution_count") for cell in after.cells)
    assert "widgets" not in after.metadata
    assert {key for cell in after.cells for key in cell.metadata} <= {"tags", "jupyter"}
    for tag in ("exercise", "check"):
        assert sum(tag in tags(c) for c in after.cells) == sum(tag in tags(c) for c in before.cells)
    solutions = [cell.source for cell in before.cells if "solution" in tags(cell)]
    assert solutions and "# Solution" not in "".join(cell.source for cell in after.cells)
    others = {c.source for c in before.cells} - set(solutions)
    assert len(others - {c.source for c in after.cells}) <= 1  # what speaks of solutions


def test_no_handout_speaks_of_folded_solutions(handout):
    assert build_handout.ABOUT_SOLUTIONS in json.dumps(read(LESSONS[0]))
    for path in handout.iterdir():
        assert "solution lies folded" not in json.dumps(read(path)), path.name


@each_lesson
def test_links_of_a_handout_lead_somewhere(handout, path):
    for cell in read(handout / path.name).cells:
        if cell.cell_type == "markdown":
            for target in re.findall(r"\]\(([^)\s#:]+)\)", cell.source):
                assert (handout / target).exists(), target


def test_every_name_in_a_handout_is_defined(handout):
    found = subprocess.run(
        [sys.executable, "-m", "ruff", "check", "--isolated", "--select=F821", str(handout)],
        capture_output=True,
        text=True,
    )
    assert found.returncode == 0, found.stdout + found.stderr


def test_what_a_later_cell_needs_of_a_solution_stays():
    name = next(n for n, e in registry.all_of("EXERCISES").items() if callable(e.solution))
    solved = new_code_cell(
        f'# Solution\ndef f(x):\n    return x\n\n\ncheck("{name}", f)',
        metadata={"tags": ["solution"]},
    )
    needed = build_handout.handout_of(new_notebook(cells=[solved, new_code_cell("f(1)")]))
    scope = {}
    exec(needed.cells[0].source, scope)
    assert scope["f"] is registry.find("EXERCISES", name).solution
    assert "return x" not in needed.cells[0].source
    solved.metadata = nbformat.from_dict({"tags": ["solution"]})
    assert len(build_handout.handout_of(new_notebook(cells=[solved])).cells) == 0


@pytest.mark.slow
@each_lesson
def test_a_handout_runs_from_top_to_bottom(handout, path, tmp_path):
    place = {"metadata": {"path": str(tmp_path)}}
    NotebookClient(read(handout / path.name), timeout=300, resources=place).execute()


# ------------------------------------------------------------------------------ dashboards


def test_every_widget_has_a_dashboard():
    widgets = [dashboard.widget for dashboard in serve_dashboards.DASHBOARDS]
    assert sorted(widgets) == sorted(helpers.widgets.__all__)


@pytest.mark.parametrize("dashboard", serve_dashboards.DASHBOARDS, ids=lambda d: d.widget)
def test_a_dashboard_makes_its_widget(dashboard):
    words, code = serve_dashboards.notebook_of(dashboard).cells
    assert words.source.startswith(f"# {dashboard.title}\n")
    *statements, shown = ast.parse(code.source).body
    scope = {}
    exec(compile(ast.Module(statements, []), "dashboard", "exec"), scope)
    made = eval(compile(ast.Expression(shown.value), "dashboard", "eval"), scope)
    assert isinstance(made, getattr(helpers.widgets, dashboard.widget))


def test_only_this_computer_is_let_in_unless_somebody_says_so(monkeypatch):
    started = []

    class Server:
        def __init__(self, command, env):
            started.append(command)

        def wait(self):
            return 0

    monkeypatch.setattr(serve_dashboards.subprocess, "Popen", Server)
    monkeypatch.setattr(serve_dashboards.signal, "signal", lambda *_: None)
    for options in ([], ["--address=0.0.0.0", "--token=word"]):
        monkeypatch.setattr(sys, "argv", ["serve_dashboards.py", *options])
        assert serve_dashboards.main() == 0
    assert "--Voila.ip=127.0.0.1" in started[0] and "--token=" in started[0]
    assert "--Voila.ip=0.0.0.0" in started[1] and "--token=word" in started[1]


def test_pages_name_no_other_server():
    pages = serve_dashboards.PAGE + serve_dashboards.index_page()
    assert "//" not in re.sub(r"^\s*//.*$", "", pages, flags=re.MULTILINE)


def test_voila_is_installed_with_the_dashboards_extra():
    assert importlib.util.find_spec("voila")
