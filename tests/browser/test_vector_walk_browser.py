"""The walk between two vectors in JupyterLab: mouse, keyboard and code, as a learner uses them."""

import pytest
from live_driver import (
    asked,
    assert_nothing_overlaps,
    assert_steady_and_without_errors,
    await_pictures,
    followed,
    pictures,
    press_and_see,
    slider,
    time_keys,
)

CELL = """import numpy as np
from helpers.models import ImageRegressor
from helpers.scenes import make_cats
from helpers.widgets import VectorWalk
cats, Z = make_cats(64, random_state=0).images, np.random.default_rng(1).normal(size=(64, 16))
model = ImageRegressor(128, (32, 16), output_activation="sigmoid", max_iter=50, random_state=0)
model.learning_rate_init = 0.005
walk = VectorWalk(model.fit(Z, cats.reshape(64, -1)), cats, Z)
walk"""

FOLLOWED = followed(r"t = ([\d.]+)\. The")


def test_keyboard_moves_the_slider_and_the_picture_follows(notebook, record_property):
    page = notebook.page
    slider(page, "How far, t").focus()
    time_keys(page, FOLLOWED, record_property)
    assert float(asked(notebook, "walk.t")) == pytest.approx(0.5 + 20 * 0.02, abs=0.021)
    assert_steady_and_without_errors(notebook)


def test_clicks_and_drags_on_the_strip(notebook):
    page = notebook.page
    box = page.locator(".live-area").bounding_box()

    def place(t):
        half = box["width"] * 34 / 828  # the middle of a frame, from its edge
        return box["x"] + half + t * (box["width"] - 2 * half), box["y"] + box["height"] / 2

    for t in (0.3, 0.9):
        before = pictures(page)
        page.mouse.click(*place(t))
        await_pictures(page, before + 1)
        assert float(asked(notebook, "walk.t")) == pytest.approx(t, abs=0.01)
    page.mouse.move(*place(0.9))
    page.mouse.down()
    for step in range(20):
        page.mouse.move(*place(0.9 - step / 40))
        page.wait_for_timeout(20)
    page.mouse.move(*place(0.2))
    page.mouse.up()
    page.wait_for_timeout(800)
    assert float(asked(notebook, "walk.t")) == pytest.approx(0.2, abs=0.01)
    assert_steady_and_without_errors(notebook)


def test_boxes_lists_and_buttons(notebook):
    page = notebook.page
    page.locator(".live-widget select").nth(1).select_option("fresh vector")
    page.wait_for_selector(".live-frame svg text:text-is('fresh vector 1')")
    seed = page.locator(".live-whole-number input").nth(1)
    seed.fill("77")
    seed.press("Enter")
    page.wait_for_selector(".live-frame svg text:text-is('fresh vector 77')")
    assert asked(notebook, "walk.end_source, walk.end_number") == "fresh 77"
    seed.fill("-3")
    seed.press("Enter")
    page.wait_for_selector(".live-frame strong:has-text('end_number, the seed, must be')")
    assert seed.input_value() == "77"
    page.locator(".live-widget select").nth(2).select_option("round the origin")
    page.wait_for_selector(".live-frame figcaption:has-text('round the origin')")
    for name in ("Fresh start", "Fresh end", "Two trained", "Swap", "Reset"):
        press_and_see(page, name)
    assert asked(notebook, "walk.t, walk.path, walk.end_number") == "0.5 straight 1"
    assert_steady_and_without_errors(notebook)


STATES = [
    "walk.t = 0",
    "walk.t = 1",
    "walk.change(start_source='fresh', start_number=2**32 - 1, end_source='fresh', t=0.37)",
    "walk.change(path='round', end_number=4294967295)",
]


def test_nothing_lies_on_anything_else(notebook):
    assert_nothing_overlaps(notebook, STATES)
