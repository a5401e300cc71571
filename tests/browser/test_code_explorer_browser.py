"""The code-space explorer in JupyterLab: mouse, keyboard and code, as a learner uses them."""

import pytest
from live_driver import (
    asked,
    assert_nothing_overlaps,
    assert_steady_and_without_errors,
    await_pictures,
    followed,
    pictures,
    place_in_area,
    press_and_see,
    slider,
    time_keys,
)

CELL = """from helpers.datasets import load_ionosphere
from helpers.models import Autoencoder
from helpers.widgets import CodeExplorer
X, y = load_ionosphere(return_X_y=True)
autoencoder = Autoencoder(n_latent=8, max_iter=60, random_state=0).fit(X)
explorer = CodeExplorer(autoencoder, X, y)
explorer"""

FOLLOWED = followed(r"h = \(([^,]+),")


def where_h_is(notebook):
    """The fractions of the frame at which h lies, across and up."""
    code = """from helpers.widgets.code_explorer import frame
corner, side = frame(explorer.state)
print(*((explorer.h[list(explorer.axes)] - corner) / side))"""
    return [float(word) for word in notebook.execute(code).split()]


def test_keyboard_moves_a_slider_and_the_picture_follows(notebook, record_property):
    page = notebook.page
    before = float(asked(notebook, "explorer.h[0]"))
    slider(page, "Across").focus()
    time_keys(page, FOLLOWED, record_property)
    after = float(asked(notebook, "explorer.h[0]"))
    assert after - before == pytest.approx(20 * 0.1, abs=0.051)
    assert_steady_and_without_errors(notebook)


def test_a_click_on_the_picture_moves_h_there(notebook):
    page = notebook.page
    place = place_in_area(page)
    hidden = asked(notebook, "explorer.h[2:].tolist()")
    for across, up in [(0.25, 0.75), (0.8, 0.1)]:
        before = pictures(page)
        page.mouse.click(*place(across, up))
        await_pictures(page, before + 1)
        assert where_h_is(notebook) == pytest.approx([across, up], abs=0.005)
    notebook.execute("explorer.reset()")
    before = pictures(page)
    page.mouse.click(*place(0.8, 0.1))  # the same place again
    await_pictures(page, before + 1)
    assert where_h_is(notebook) == pytest.approx([0.8, 0.1], abs=0.005)
    assert asked(notebook, "explorer.h[2:].tolist()") == hidden
    page.mouse.click(*place(1.2, 0.5))  # beside the area
    page.mouse.click(*place(0.5, 0.5), button="right")
    page.keyboard.press("Escape")
    page.wait_for_timeout(300)
    assert where_h_is(notebook) == pytest.approx([0.8, 0.1], abs=0.005)
    assert_steady_and_without_errors(notebook)


def test_a_drag_on_the_picture_takes_h_along(notebook):
    page = notebook.page
    place = place_in_area(page)
    notebook.execute("moves = []; explorer._picture.observe(moves.append, 'value')")
    page.mouse.move(*place(0.2, 0.2))
    page.mouse.down()
    await_pictures(page, 1)
    start = page.evaluate("performance.now()")
    for step in range(60):
        page.mouse.move(*place(0.2 + step / 100, 0.2 + step / 200))
        page.wait_for_timeout(15)
    took = page.evaluate("performance.now()") - start
    before = pictures(page)
    page.mouse.move(*place(0.9, 0.6))
    page.mouse.up()
    await_pictures(page, before + 1)
    page.wait_for_timeout(300)
    assert where_h_is(notebook) == pytest.approx([0.9, 0.6], abs=0.005)
    # Along with the press and the end: ten a second, and never none.
    assert 3 < int(asked(notebook, "len(moves)")) <= took / 100 + 3
    page.mouse.move(*place(0.5, 0.5))  # no longer pressed
    page.wait_for_timeout(300)
    assert where_h_is(notebook) == pytest.approx([0.9, 0.6], abs=0.005)
    page.mouse.move(*place(0.5, 0.5))
    page.mouse.down()
    page.mouse.move(*place(1.5, 0.5))  # over the edge
    page.mouse.up()
    page.wait_for_timeout(500)
    assert where_h_is(notebook) == pytest.approx([1, 0.5], abs=0.005)
    assert_steady_and_without_errors(notebook)


def test_the_mouse_still_works_after_the_widget_is_shown_again(notebook):
    page = notebook.page
    notebook.run_cell(0)
    page.wait_for_selector(".live-frame svg .live-area")
    place = place_in_area(page)
    page.mouse.click(*place(0.3, 0.4))
    page.wait_for_timeout(500)
    assert where_h_is(notebook) == pytest.approx([0.3, 0.4], abs=0.005)
    notebook.assert_no_errors()


def test_boxes_lists_and_buttons(notebook):
    page = notebook.page
    page.locator(".live-widget select").nth(1).select_option("fitted mixture")
    page.wait_for_selector(".live-frame figcaption:has-text('fitted mixture')")
    page.locator(".live-widget select").nth(2).select_option("h5")
    page.wait_for_selector(".live-frame svg text:text-is('h5')")
    assert asked(notebook, "explorer.prior, explorer.axes") == "mixture (4, 1)"
    box = page.locator(".live-number-box input").first
    box.fill("1.25")
    box.press("Enter")
    page.wait_for_function("document.querySelector('figcaption').textContent.includes('1.25')")
    assert asked(notebook, "explorer.h[4]") == "1.25"
    box.fill("1e9")
    box.press("Enter")
    page.wait_for_selector(".live-frame strong:has-text('h must be 8 numbers')")
    assert float(box.input_value()) == 1.25
    for name in ("Fresh draw", "A real code", "Reset"):
        press_and_see(page, name)
    assert asked(notebook, "explorer.prior, explorer.axes") == "normal (0, 1)"
    assert_steady_and_without_errors(notebook)


STATES = [
    "explorer.prior = 'uniform'; explorer.h = [-5.55] * 8",
    "explorer.h = [-123456.7] * 8",
    "explorer.h = explorer.codes[349]",
    "explorer.change(prior='gaussian', axis_across=7, axis_up=6)",
]


def test_nothing_lies_on_anything_else(notebook):
    assert_nothing_overlaps(notebook, STATES)
