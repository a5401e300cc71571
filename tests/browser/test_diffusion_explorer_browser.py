"""The diffusion explorer in JupyterLab: mouse, keyboard and code, as a learner uses them."""

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

CELL = """from helpers.widgets import DiffusionExplorer
explorer = DiffusionExplorer()
explorer"""

FOLLOWED = followed(r"at t = (\d+\.\d+)")


@pytest.mark.parametrize("data", ["ring", "digits"])
def test_keyboard_moves_the_noise_and_the_picture_follows(notebook, data, record_property):
    page = notebook.page
    notebook.execute(f"explorer.change(data={data!r}, t=0.1)")
    await_pictures(page, 1)
    slider(page, "Time of the noise").focus()
    time_keys(page, FOLLOWED, record_property)
    assert float(asked(notebook, "explorer.t")) == pytest.approx(0.1 + 20 * 0.02)
    assert_steady_and_without_errors(notebook)


@pytest.mark.parametrize("data", ["ring", "digits"])
def test_keyboard_moves_the_steps_from_end_to_end(notebook, data):
    page = notebook.page
    notebook.execute(f"explorer.change(data={data!r}, n_steps=1)")
    slider(page, "Steps").focus()
    for key, steps in zip(("End", "ArrowLeft", "Home", "ArrowRight"), (50, 20, 1, 2)):
        page.keyboard.press(key)
        words = f"{steps} step" + "s" * (steps > 1)
        page.wait_for_selector(f".live-frame svg text:text-is('samples, deterministic, {words}')")
    assert asked(notebook, "explorer.n_steps, explorer.t") == "2 0.5"
    assert_steady_and_without_errors(notebook)


def click_and_see(notebook, across, up):
    before = pictures(notebook.page)
    notebook.page.mouse.click(*place_in_area(notebook.page)(across, up))
    await_pictures(notebook.page, before + 1)


# Places in fractions of the area to point into, which begins at (368, 34) and is 516 × 330.
def place(x, y):
    return (x - 368) / 516, 1 - (y - 34) / 330


def test_clicks_choose_samples_and_drags_move_along_the_curves(notebook):
    page = notebook.page
    notebook.execute("explorer.change(data='digits', sample=1)")
    click_and_see(notebook, *place(368 + 47 * 2 + 20, 34 + 47 + 20))
    assert asked(notebook, "explorer.sample") == "10"
    click_and_see(notebook, *place(728 + 156 * 0.25, 100))
    assert float(asked(notebook, "explorer.t")) == pytest.approx(0.25, abs=0.02)
    to = place_in_area(page)
    page.mouse.move(*to(*place(728 + 20, 270)))
    page.mouse.down()
    for step in range(10):
        page.mouse.move(*to(*place(728 + 20 + 10 * step, 270)))
        page.wait_for_timeout(20)
    page.mouse.move(*to(*place(728 + 155, 270)))
    page.mouse.up()
    page.wait_for_timeout(1500)
    assert int(asked(notebook, "explorer.n_steps")) >= 48
    assert asked(notebook, "explorer.sample") == "10"
    assert_steady_and_without_errors(notebook)


def test_boxes_lists_and_buttons(notebook):
    page = notebook.page
    lists = page.locator(".live-widget select")
    lists.nth(0).select_option("digits")
    page.wait_for_selector(".live-frame figcaption:has-text('Diffusion model of digits')")
    lists.nth(2).select_option("ancestral")
    page.wait_for_selector(".live-frame svg text:text-is('samples, ancestral, 10 steps')")
    boxes = page.locator(".live-whole-number input")
    for number, value in enumerate([7, 77]):  # sample, seed
        before = pictures(page)
        boxes.nth(number).fill(str(value))
        boxes.nth(number).press("Enter")
        await_pictures(page, before + 1)
    assert asked(notebook, "explorer.sample, explorer.seed, explorer.walk") == "7 77 ancestral"
    boxes.nth(0).fill("22")
    boxes.nth(0).press("Enter")
    page.wait_for_selector(".live-frame strong:has-text('sample must be a whole number')")
    assert boxes.nth(0).input_value() == "7"
    for name in ("New seed", "Reset"):
        press_and_see(page, name)
    assert asked(notebook, "explorer.data, explorer.seed, explorer.sample") == "ring 0 1"
    assert_steady_and_without_errors(notebook)


STATES = [
    "explorer.change(t=0, n_steps=1, sample=100, seed=2**32 - 1)",
    "explorer.change(t=1, n_steps=50, walk='ancestral')",
    "explorer.change(data='digits', t=0.345, n_steps=7, sample=21)",
    "explorer.change(data='digits', t=1, n_steps=1, label=explorer.state.model.labels[-1])",
]


def test_nothing_lies_on_anything_else(notebook):
    assert_nothing_overlaps(notebook, STATES)
