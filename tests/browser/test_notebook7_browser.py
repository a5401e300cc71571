"""Mouse and keyboard do in Notebook 7 what they do in JupyterLab.

Notebook 7 acts on a key before whatever has the focus hears of it, JupyterLab afterwards; both
leave keys alone where they are told to (`helpers.keyboard`).
"""

import json

import pytest
from live_driver import place_in_area, slider

CELLS = [
    "from helpers.widgets import FuturesExplorer\nexplorer = FuturesExplorer()\nexplorer",
    "from helpers.exercises import ask, compare\nask('00.size')",
    "from helpers.widgets import KernelPlayground\n"
    "playground = KernelPlayground(compact=True)\nplayground",
]
SAVED = """() => {
  window.saved = 0;
  window.jupyterapp.commands.commandExecuted.connect(
    (_, {id}) => { if (id === 'docmanager:save') window.saved += 1; });
}"""


@pytest.fixture(scope="module", params=["lab_server", "notebook7_server"])
def notebook(request, opening):
    """Three widgets below each other, in JupyterLab and in Notebook 7."""
    with opening(request.getfixturevalue(request.param)) as open_:
        notebook = open_(CELLS, height=1600)
        notebook.errors.clear()  # Notebook 7.6 complains about itself when it opens
        notebook.run_all()
        notebook.page.wait_for_selector(".live-frame svg text")
        notebook.page.wait_for_selector(".widget-radio-box input")
        notebook.page.wait_for_selector(".kernel-playground .kp-output")
        notebook.page.evaluate(SAVED)
        yield notebook
        notebook.assert_no_errors()


def wait_for(notebook, expression, expected):
    """Wait until an expression has a value in the kernel."""
    for _ in range(40):
        found = json.loads(notebook.execute(f"import json; print(json.dumps({expression}))"))
        if found == expected:
            return
        notebook.page.wait_for_timeout(100)
    assert found == expected, expression


def test_a_live_widget_by_keyboard(notebook):
    page = notebook.page
    notebook.execute("explorer.reset()")
    wait_for(notebook, "explorer.turn", 30)
    slider(page, "Turn").focus()
    for key in ("ArrowRight", "ArrowRight", "ArrowRight", "ArrowDown"):
        page.keyboard.press(key)
    wait_for(notebook, "explorer.turn", 32)
    page.keyboard.press("Tab")
    page.keyboard.press("Control+a")
    page.keyboard.type("45")
    page.keyboard.press("Enter")
    wait_for(notebook, "explorer.turn", 45)
    page.get_by_label("Futures").focus()
    page.keyboard.press("ArrowDown")
    wait_for(notebook, "explorer.futures", "continuous")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")  # Reset
    wait_for(notebook, "[explorer.futures, explorer.turn]", ["two", 30])
    assert "jp-OutputArea" in page.evaluate(
        "document.activeElement.closest('.jp-OutputArea').className"
    )


def test_a_live_widget_by_mouse(notebook):
    page = notebook.page
    notebook.execute("explorer.reset()")
    page.locator(".live-frame").scroll_into_view_if_needed()
    at = place_in_area(page)
    page.mouse.move(*at(0.25, 0.5))
    page.mouse.down()
    page.mouse.move(*at(0.75, 0.9), steps=4)
    page.mouse.up()
    wait_for(notebook, "[explorer.turn, round(explorer.p_left, 1)]", [45, 0.1])
    page.locator(".live-widget button", has_text="Reset").click()
    wait_for(notebook, "explorer.turn", 30)


def test_a_question_by_keyboard(notebook):
    """Tab comes to the options once, arrow keys go from one to the next, Enter commits."""
    page = notebook.page
    options = page.locator(".widget-radio-box input")
    options.nth(0).focus()
    for key, k in (("ArrowDown", 1), ("ArrowDown", 2), ("ArrowUp", 1)):
        page.keyboard.press(key)
        assert [options.nth(j).is_checked() for j in range(3)] == [j == k for j in range(3)]
    group = page.locator(".widget-radio-box")
    assert group.get_attribute("role") == "radiogroup" and group.get_attribute("aria-label")
    page.locator(".course-question button:not([disabled])").wait_for()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.get_by_text("Your prediction is kept").wait_for()
    assert "Right" in notebook.execute("print(compare('00.size'))")


def test_the_playground_by_keyboard_and_mouse(notebook):
    page = notebook.page
    notebook.execute("playground.kernel = [[1, 2], [3, 4]]")
    page.locator(".kernel-playground input[type=range]").first.focus()
    page.keyboard.press("ArrowRight")
    wait_for(notebook, "playground.kernel", [[1.1, 2], [3, 4]])
    page.locator('.kernel-playground input[data-cell="c4"]').focus()
    page.keyboard.press("ArrowDown")
    wait_for(notebook, "playground.kernel", [[1.1, 2], [3, 3.9]])
    box = page.locator('.kernel-playground input[data-cell="c1"]').bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x, y - 40, steps=4)
    page.mouse.up()
    notebook.page.wait_for_timeout(200)
    assert json.loads(notebook.execute("print(playground.kernel[0][0])")) > 1.5


@pytest.mark.parametrize(
    "place",
    [".live-widget .noUi-handle", ".live-widget select", ".live-widget button",
     ".widget-radio-box input", ".kernel-playground input[type=range]"],
)  # fmt: skip
def test_the_notebook_is_saved_from_anywhere(notebook, place):
    page = notebook.page
    page.evaluate("window.saved = 0")
    page.locator(place).first.focus()
    page.keyboard.press("x")  # would cut the cell
    page.keyboard.press("Control+s")
    page.wait_for_function("window.saved > 0", timeout=10_000)
    assert page.locator(".jp-Notebook-cell").count() == len(CELLS)
