"""The 4-2-4 explorer in JupyterLab: mouse, keyboard and code, as a learner uses them."""

import pytest
from live_driver import (
    asked,
    assert_nothing_overlaps,
    assert_steady_and_without_errors,
    await_pictures,
    pictures,
    press,
    press_and_see,
    slider,
    time_keys,
)

CELL = """from helpers.widgets import AutoencoderExplorer
explorer = AutoencoderExplorer(random_state=0)
explorer"""

# Whether the picture shows weight p1 as its slider has it, and was drawn after the last key.
FOLLOWED = """() => {
  const texts = [...document.querySelectorAll('.live-frame svg text')].map(t => t.textContent);
  const shown = Number(texts[texts.indexOf('p1') + 1].replace('−', '-'));
  const handle = document.querySelector('.live-widget .noUi-handle');
  const asked = Number(handle.getAttribute('aria-valuetext')) / 100;
  return watch.drawn > watch.pressed && Math.abs(shown - asked) < 0.0051;
}"""


def test_keyboard_moves_the_slider_and_the_picture_follows(notebook, record_property):
    page = notebook.page
    before = float(asked(notebook, "explorer.p[0]"))
    slider(page, "Its value").focus()
    time_keys(page, FOLLOWED, record_property)

    after = float(asked(notebook, "explorer.p[0]"))
    assert after - before == pytest.approx(20 * 0.05, abs=0.026)
    assert f">{after:.2f}<" in page.locator(".live-frame > svg").inner_html()
    assert float(page.locator(".live-number-box input").first.input_value()) == after
    assert_steady_and_without_errors(notebook)


def test_lists_and_buttons_take_keys_that_jupyterlab_wants_too(notebook):
    page = notebook.page
    page.locator(".live-widget select").focus()
    for key in ("ArrowDown", "ArrowDown", "u"):
        page.keyboard.press(key)
        page.wait_for_timeout(200)
    assert asked(notebook, "explorer.weight") == "u1"
    for _ in range(7):  # past three sliders with their boxes, to the first button
        page.keyboard.press("Tab")
    for steps, key in enumerate(("Enter", "Space", "Enter"), start=1):
        before = pictures(page)
        page.keyboard.press(key)
        await_pictures(page, before + 1)
        assert asked(notebook, "explorer.n_steps") == str(steps)
    assert page.locator(".jp-Notebook-cell").count() == 1
    notebook.assert_no_errors()


def test_values_from_code_stay_as_they_were_set(notebook):
    values = "0.0503, -0.7777, 1 / 3, 5"
    notebook.execute(f"explorer.p = [{values}]; explorer.step_size = 0.2718; explorer.sample = 7")
    for weight in ("p2", "p3", "p4"):
        notebook.page.wait_for_timeout(300)
        notebook.execute(f"explorer.weight = {weight!r}")
    notebook.page.wait_for_timeout(300)
    told = asked(notebook, f"(explorer.p == [{values}]).all(), explorer.step_size, explorer.sample")
    assert told == "True 0.2718 7"
    boxes = notebook.page.locator(".live-number-box input")
    assert [boxes.nth(i).input_value() for i in range(3)] == ["5", "0.2718", "7"]
    notebook.assert_no_errors()


def test_mouse_drags_the_slider(notebook):
    page = notebook.page
    box = slider(page, "Step size").bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    for shift in range(0, 60, 2):
        page.mouse.move(x + shift, y)
    page.mouse.up()
    page.wait_for_timeout(500)
    assert 0.35 < float(asked(notebook, "explorer.step_size")) < 1.5
    assert_steady_and_without_errors(notebook)


def test_run_is_alive_and_pause_answers(notebook):
    page = notebook.page
    notebook.execute("explorer.step_size = 0.01")  # slow enough not to settle meanwhile
    for _ in range(2):
        press(page, "Run")
        page.wait_for_selector(".live-widget button:has-text('Pause')")
        await_pictures(page, pictures(page) + 5)
        slider(page, "Row").focus()
        page.keyboard.press("ArrowRight")
        await_pictures(page, pictures(page) + 3)
        press(page, "Pause")
        page.wait_for_selector(".live-widget button:has-text('Run')")
        page.wait_for_timeout(300)
        stopped = pictures(page)
        page.wait_for_timeout(500)
        assert pictures(page) == stopped
    assert int(asked(notebook, "explorer.n_steps")) > 10
    assert asked(notebook, "explorer.sample") == "2"
    assert asked(notebook, "explorer.running") == "False"
    # No control has put in a word of its own: the weights are those of a descent left alone.
    notebook.execute("alone = AutoencoderExplorer(random_state=0, step_size=0.01)")
    notebook.execute("alone.step(explorer.n_steps)")
    assert asked(notebook, "(alone.losses == explorer.losses).all()") == "True"
    assert_steady_and_without_errors(notebook)


def test_boxes_lists_and_buttons(notebook):
    page = notebook.page
    box = page.locator(".live-number-box input").first
    before = box.input_value()
    page.locator(".live-widget select").select_option("u2")
    page.wait_for_function(  # its value has come into the box
        "before => document.querySelector('.live-number-box input').value !== before", arg=before
    )
    box.fill("-1.25")
    box.press("Enter")
    page.wait_for_function("document.querySelector('.live-frame').innerHTML.includes('−1.25')")
    assert asked(notebook, "explorer.weight, explorer.u[1]") == "u2 -1.25"

    step_size = page.locator(".live-number-box input").nth(1)
    step_size.fill("-3")
    step_size.press("Enter")
    page.wait_for_selector(".live-frame strong:has-text('step_size must be')")
    assert float(step_size.input_value()) == 0.3

    press_and_see(page, "One step")
    assert asked(notebook, "explorer.n_steps, explorer.notice == ''") == "1 True"
    press_and_see(page, "Reset")
    press_and_see(page, "New random weights")
    assert asked(notebook, "explorer.n_steps, explorer.problem") == "0 None"
    assert_steady_and_without_errors(notebook)


STATES = [
    "explorer.step()",
    "explorer.step_size = 1.5; explorer.step(500)",
    "explorer.reset(); explorer.step_size = 1.0; explorer.step(400); explorer.sample = 199",
    "explorer.change(**{n: [-1e6] * len(w) for n, w in explorer.state.weights.items()})",
    "explorer.change(**{n: [-9.99] * len(w) for n, w in explorer.state.weights.items()})",
    "explorer.change(**{n: [0] * len(w) for n, w in explorer.state.weights.items()})",
]


def test_nothing_lies_on_anything_else(notebook):
    assert_nothing_overlaps(notebook, STATES)
