"""The futures explorer in JupyterLab: mouse, keyboard and code, as a learner uses them."""

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

CELL = """from helpers.widgets import FuturesExplorer
explorer = FuturesExplorer()
explorer"""

FOLLOWED = followed(r"(?:by|up to) (\d+)°", within=1e-9)


@pytest.mark.parametrize("kind", ["two", "continuous"])
def test_keyboard_moves_the_turn_and_the_picture_follows(notebook, kind, record_property):
    if kind == "continuous":
        notebook.execute("explorer.futures = 'continuous'")
        await_pictures(notebook.page, 1)
    slider(notebook.page, "Turn").focus()
    time_keys(notebook.page, FOLLOWED, record_property)
    assert asked(notebook, "explorer.turn") == "50"
    notebook.page.keyboard.press("Home")
    notebook.page.wait_for_function("document.querySelector('.live-number-box input').value == 1")
    assert asked(notebook, "explorer.turn") == "1"
    assert_steady_and_without_errors(notebook)


def test_a_click_or_a_drag_on_the_odds_sets_turn_and_odds(notebook):
    page = notebook.page
    for across, up, turn, p_left in [(0.25, 0.8, 45, 0.8), (0.75, 0.8, 45, 0.2), (0, 0, 60, 0)]:
        before = pictures(page)
        inside = (min(max(across, 0.002), 0.998), min(max(up, 0.01), 0.99))
        page.mouse.click(*place_in_area(page)(*inside))
        await_pictures(page, before + 1)
        assert abs(float(asked(notebook, "explorer.turn")) - turn) <= 1
        assert float(asked(notebook, "explorer.p_left")) == pytest.approx(p_left, abs=0.03)
    place = place_in_area(page)
    page.mouse.move(*place(0.45, 0.5))
    page.mouse.down()
    for step in range(20):
        page.mouse.move(*place(0.45 - step / 100, 0.5))
        page.wait_for_timeout(15)
    page.mouse.move(*place(0.3, 0.5))
    page.mouse.up()
    page.wait_for_timeout(500)
    assert abs(float(asked(notebook, "explorer.turn")) - 36) <= 1
    page.mouse.click(*place(1.1, 0.5))  # beside the panel
    page.wait_for_timeout(300)
    assert abs(float(asked(notebook, "explorer.turn")) - 36) <= 1
    assert_steady_and_without_errors(notebook)


def test_boxes_lists_and_buttons(notebook):
    page = notebook.page
    page.locator(".live-widget select").first.select_option("any turn up to it")
    page.wait_for_selector(".live-frame figcaption:has-text('anything up to')")
    box = page.locator(".live-number-box input").first
    box.fill("55")
    box.press("Enter")
    page.wait_for_selector(".live-frame figcaption:has-text('up to 55°')")
    box.fill("99")
    box.press("Enter")
    page.wait_for_selector(".live-frame strong:has-text('turn must be a whole number')")
    assert int(box.input_value()) == 55
    slider(page, "Yaw now").focus()
    page.keyboard.press("ArrowRight")
    page.wait_for_selector(".live-frame figcaption:has-text('looks 1° to the right')")
    slider(page, "Odds of left").focus()
    page.keyboard.press("End")
    page.wait_for_selector(".live-frame figcaption:has-text('probability 1.00')")
    assert asked(notebook, "explorer.futures, explorer.turn") == "continuous 55"
    assert asked(notebook, "explorer.p_left, explorer.yaw") == "1.0 1"
    press_and_see(page, "Reset")
    assert asked(notebook, "explorer.futures, explorer.turn") == "two 30"
    assert_steady_and_without_errors(notebook)


STATES = [
    "explorer.change(futures='two', turn=60, p_left=0.0, yaw=-30)",
    "explorer.change(futures='two', turn=1, p_left=1.0, yaw=30)",
    "explorer.change(futures='continuous', turn=1, p_left=0.5, yaw=0)",
    "explorer.change(futures='continuous', turn=60, p_left=0.123456, yaw=-30)",
    "explorer.change(futures='continuous', turn=45, p_left=0.5, yaw=30)",
]


def test_nothing_lies_on_anything_else(notebook):
    assert_nothing_overlaps(notebook, STATES)
