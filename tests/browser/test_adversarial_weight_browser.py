"""The adversarial weight in JupyterLab: mouse, keyboard and code, as a learner uses them."""

import pytest
from live_driver import (
    asked,
    assert_nothing_overlaps,
    assert_steady_and_without_errors,
    await_pictures,
    pictures,
    place_in_area,
    press_and_see,
    slider,
    time_keys,
)

from helpers.widgets.adversarial_weight import (
    PLANE_HEIGHT,
    PLANE_LEFT,
    PLANE_TOP,
    PLANE_WIDTH,
    plane_of,
    scenes,
)

CELL = """from helpers.widgets import AdversarialWeight
panel = AdversarialWeight(weight=1)
panel"""

# Whether the words below the picture tell of the frame, or of the digit, that its box shows, and
# were written after the last key.
FOLLOWED = """() => {{
  const words = document.querySelector('.live-frame figcaption').textContent;
  const [, number, side] = words.match(/(?:looks|digit) (\\d+|straight)(?:° to the (.))?/);
  const shown = (number === 'straight' ? 0 : Number(number)) * (side === 'l' ? -1 : 1);
  const asked = Number(document.querySelectorAll('.live-number-box input')[{box}].value);
  return watch.drawn > watch.pressed && shown === asked;
}}"""


@pytest.mark.parametrize(
    ("scene", "description", "box"), [("heads", "Yaw now", 1), ("digits 2x2", "Held-out digit", 2)]
)
def test_keyboard_asks_and_the_answers_follow(notebook, scene, description, box, record_property):
    if scene != "heads":
        notebook.execute(f"panel.scene = {scene!r}")
        await_pictures(notebook.page, 1)
    slider(notebook.page, description).wait_for()  # it comes with the scene
    slider(notebook.page, description).focus()
    time_keys(notebook.page, FOLLOWED.format(box=box), record_property)
    field, value = ("yaw", 20) if scene == "heads" else ("digit", 116)
    assert asked(notebook, f"panel.{field}") == str(value)
    assert_steady_and_without_errors(notebook)


@pytest.mark.parametrize("scene", ["heads", "digits 2x2", "digits 4x4"])
def test_keyboard_walks_from_blur_to_sharp(notebook, scene):
    page = notebook.page
    before = pictures(page)
    notebook.execute(f"panel.change(scene={scene!r}, weight=0)")
    await_pictures(page, before + 1)
    slider(page, "Weight w").focus()
    for weight in scenes()[scene].weights[1:]:
        page.keyboard.press("ArrowRight")
        page.wait_for_selector(f".live-frame figcaption:has-text('At w = {weight:g} the')")
        assert float(asked(notebook, "panel.weight")) == weight
    page.keyboard.press("ArrowRight")  # nothing beyond
    page.wait_for_timeout(300)
    page.keyboard.press("Home")
    page.wait_for_selector(".live-frame figcaption:has-text('At w = 0 the')")
    assert asked(notebook, "panel.weight") == "0.0"
    page.keyboard.press("End")
    page.wait_for_selector(".live-frame figcaption:has-text('At w = 1 the')")
    assert_steady_and_without_errors(notebook)


def test_a_click_on_a_point_of_the_plane_goes_there(notebook):
    page, room = notebook.page, scenes()["heads"]
    points = plane_of("heads", "sharpness").points
    far_apart = [0, len(points) - 2, len(points) - 1]
    for place in far_apart:
        x, y = points[place]
        before = pictures(page)
        across, up = (x - PLANE_LEFT) / PLANE_WIDTH, 1 - (y - PLANE_TOP) / PLANE_HEIGHT
        page.mouse.click(*place_in_area(page)(across, up))
        await_pictures(page, before + 1)
        assert float(asked(notebook, "panel.weight")) == room.weights[place]
    page.mouse.click(*place_in_area(page)(-0.3, 0.5))  # beside the plane
    page.wait_for_timeout(300)
    assert float(asked(notebook, "panel.weight")) == room.weights[far_apart[-1]]
    assert_steady_and_without_errors(notebook)


def test_boxes_lists_and_buttons(notebook):
    page = notebook.page
    box = page.locator(".live-number-box input").first
    box.fill("0.97")
    box.press("Enter")
    page.wait_for_selector(".live-frame strong:has-text('The nearest weight')")
    assert float(box.input_value()) == 1
    box.fill("7")
    box.press("Enter")
    page.wait_for_selector(".live-frame strong:has-text('weight must be a number from 0 to 1')")
    assert float(box.input_value()) == 1
    assert slider(page, "Yaw now").is_visible()
    assert not slider(page, "Held-out digit").is_visible()
    page.locator(".live-widget select").nth(0).select_option("a digit from 2×2 pixels")
    page.wait_for_selector(".live-frame figcaption:has-text('Held-out digit 96')")
    slider(page, "Held-out digit").wait_for()
    slider(page, "Yaw now").wait_for(state="hidden")
    page.locator(".live-widget select").nth(1).select_option("like real ones?")
    page.wait_for_selector(".live-frame svg text[transform]:has-text('C2ST')")
    slider(page, "Draws").focus()
    page.keyboard.press("End")
    page.wait_for_selector(".live-frame figcaption:has-text('the 6 draws')")
    for _ in range(3):
        press_and_see(page, "Draw again")
    assert asked(notebook, "panel.random_state, panel.n_draws") == "3 6"
    assert asked(notebook, "panel.scene, panel.perception") == "digits 2x2 likeness"
    press_and_see(page, "Reset")
    assert asked(notebook, "panel.scene, panel.weight, panel.random_state") == "heads 1.0 0"
    assert_steady_and_without_errors(notebook)


STATES = [
    "panel.change(weight=0, yaw=-30, n_draws=6)",
    "panel.change(weight=panel.weights[1], yaw=30, n_draws=5, perception='likeness')",
    "panel.change(weight=panel.weights[-2], yaw=7, n_draws=1, random_state=4294967295)",
    "panel.change(scene='digits 2x2', weight=0, digit=96, n_draws=6)",
    "panel.change(weight=panel.weights[3], digit=539, n_draws=6, perception='sharpness')",
    "panel.change(weight=panel.weights[-2], digit=0, n_draws=3, perception='likeness')",
    "panel.change(scene='digits 4x4', weight=1, digit=300, n_draws=6)",
    "panel.change(weight=0, digit=301, n_draws=2, perception='sharpness')",
]


def test_nothing_lies_on_anything_else(notebook):
    assert_nothing_overlaps(notebook, STATES)
