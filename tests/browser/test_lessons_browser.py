"""Every lesson in JupyterLab: as it is stored, and run by a learner from top to bottom."""

import pytest
from lesson_rules import WIDGET_VIEW, checked_name, code_cells, lessons, tags

LESSONS = [path.name for path in lessons()]
QUICK = {"00", "06"}
"""Lessons that are run here every time; the others, which train, with the slow tests alone."""

LARGE = {"05", "11", "12"}
"""Lessons with much to show."""


def runs(name):
    return pytest.param(name, marks=() if name[:2] in QUICK else pytest.mark.slow)


@pytest.mark.parametrize("name", [runs(name) for name in LESSONS], ids=lambda name: name[:2])
def test_lesson_runs_in_the_browser(open_notebook, name):
    notebook = open_notebook(name)
    notebook.run_all()
    for cell in code_cells(notebook.source()):
        shows_widget = any(WIDGET_VIEW in output.get("data", ()) for output in cell.outputs)
        if shows_widget:
            break
    else:
        pytest.fail(f"{name} has no widget at all")
    notebook.assert_no_errors()


@pytest.mark.parametrize(
    "name", [name for name in LESSONS if name[:2] in LARGE], ids=lambda name: name[:2]
)
def test_stored_lesson_is_shown(open_notebook, name):
    """Nothing is run: every picture that the file holds comes up as it is scrolled to."""
    notebook = open_notebook(name)
    for place, cell in enumerate(notebook.source().cells):
        pictures = sum("image/png" in output.get("data", ()) for output in cell.get("outputs", ()))
        if pictures:
            assert notebook.cell(place).locator("img").count() >= pictures
    notebook.assert_no_errors()


def test_a_prediction_by_keyboard(open_notebook):
    """Choose an option with the arrow keys, commit with Enter; the kernel knows."""
    notebook = open_notebook(["from helpers.exercises import ask, compare\nask('00.size')"])
    notebook.run_all()
    page = notebook.page
    options = page.locator(".widget-radio-box input")
    options.first.wait_for()
    assert page.locator(".widget-button").is_disabled()
    options.nth(0).focus()
    page.keyboard.press("ArrowDown")
    assert options.nth(1).is_checked()
    page.locator(".widget-button:not([disabled])").wait_for()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.get_by_text("Your prediction is kept").wait_for()
    assert "Right" in notebook.execute(
        "from helpers.exercises import compare; print(compare('00.size'))"
    )
    notebook.assert_no_errors()


def test_a_choice_by_mouse_is_answered_at_once(open_notebook):
    notebook = open_notebook(["from helpers.exercises import ask\nask('00.generative')"])
    notebook.run_all()
    page = notebook.page
    page.locator(".widget-radio-box input").nth(0).click()
    page.locator(".widget-button").click()
    page.get_by_text("Not quite.").wait_for()
    page.locator(".widget-radio-box input").nth(1).click()
    page.locator(".widget-button").click()
    page.get_by_text("✓ Right.").wait_for()
    notebook.assert_no_errors()


def test_an_answer_is_checked_in_the_lesson(open_notebook):
    """Type a wrong answer, then the right one, into lesson 00's exercise."""
    notebook = open_notebook("00_start_here.ipynb")
    notebook.run_all()
    (place,) = (n for n, c in enumerate(notebook.source().cells) if "exercise" in tags(c))
    for answer, words in [("image.sum()", "Not quite"), ("image.sum() * kernel.sum()", "Right.")]:
        notebook.edit_and_run(place, f"ink = {answer}")
        notebook.run_cell(place + 1)
        assert checked_name(notebook.source().cells[place + 1]) == "00.total"
        assert words in notebook.cell(place + 1).inner_text()
    notebook.assert_no_errors()
