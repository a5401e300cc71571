"""The regularisation bench in JupyterLab: mouse, keyboard and code, as a learner uses them."""

import statistics

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
)

CELL = """from helpers.widgets import RegularisationBench
bench = RegularisationBench()
bench"""

FOLLOWED = followed(r"[λκβ] = ([\d.e-]+\d|\d+)", within=1e-9)


def time_sweeps(page, record_property):
    """Press arrow keys from the least strength to the greatest and back, 64 times in all."""
    milliseconds = []
    for k in range(64):
        page.keyboard.press("ArrowRight" if k // 8 % 2 == 0 else "ArrowLeft")
        page.wait_for_function(FOLLOWED, timeout=20_000)
        milliseconds.append(page.evaluate("watch.drawn - watch.pressed"))
    median, p95 = statistics.median(milliseconds), sorted(milliseconds)[60]
    record_property("median_ms", median)
    record_property("p95_ms", p95)
    print(f"key to picture, 64 changes: median {median:.0f} ms, p95 {p95:.0f} ms")


@pytest.mark.parametrize("prior", ["normal", "mixture"])
def test_keyboard_moves_the_strength_and_the_picture_follows(notebook, prior, record_property):
    notebook.execute(f"bench.change(kind='vae', prior='{prior}')")
    await_pictures(notebook.page, 1)
    slider(notebook.page, "Strength").focus()
    time_sweeps(notebook.page, record_property)
    assert asked(notebook, "bench.strength") == "0.0"
    notebook.page.keyboard.press("End")
    notebook.page.wait_for_selector(".live-frame figcaption:has-text('β = 100')")
    assert asked(notebook, "bench.strength") == "100.0"
    assert_steady_and_without_errors(notebook)


def test_a_click_or_a_drag_on_the_curves_chooses_the_strength(notebook):
    page = notebook.page
    for across, strength in [(0.43, 1), (0.03, 0), (0.775, 0.01), (0.97, 1)]:
        before = pictures(page)
        page.mouse.click(*place_in_area(page)(across, 0.5))
        await_pictures(page, before + 1)
        assert float(asked(notebook, "bench.strength")) == strength
    place = place_in_area(page)
    page.mouse.move(*place(0.03, 0.2))
    page.mouse.down()
    for step in range(20):
        page.mouse.move(*place(0.03 + step / 46, 0.2))
        page.wait_for_timeout(15)
    page.mouse.up()
    page.wait_for_timeout(500)
    assert float(asked(notebook, "bench.strength")) == 1
    page.mouse.click(*place(1.1, 0.5))  # beside the area
    page.wait_for_timeout(300)
    assert float(asked(notebook, "bench.strength")) == 1
    assert_steady_and_without_errors(notebook)


def test_boxes_lists_and_buttons(notebook):
    page = notebook.page
    page.locator(".live-widget select").nth(0).select_option("variational, β KL")
    page.wait_for_selector(".live-frame figcaption:has-text('Variational autoencoder')")
    page.locator(".live-widget select").nth(1).select_option("fitted mixture")
    page.wait_for_selector(".live-frame figcaption:has-text('a mixture fitted')")
    box = page.locator(".live-number-box input").first
    box.fill("5")
    box.press("Enter")
    page.wait_for_selector(".live-frame strong:has-text('The nearest strength')")
    assert float(box.input_value()) == 4
    assert asked(notebook, "bench.kind, bench.prior, bench.strength") == "vae mixture 4.0"
    box.fill("-3")
    box.press("Enter")
    page.wait_for_selector(".live-frame strong:has-text('strength must be')")
    assert float(box.input_value()) == 4
    for _ in range(3):
        press_and_see(page, "Draw again")
    assert asked(notebook, "bench.random_state") == "3"
    slider(page, "Seed").focus()
    page.keyboard.press("ArrowRight")
    page.wait_for_function("document.querySelectorAll('.live-number-box input')[1].value === '4'")
    press_and_see(page, "Reset")
    assert asked(notebook, "bench.kind, bench.prior, bench.strength") == "weights normal 0.0"
    assert asked(notebook, "bench.random_state") == "0"
    assert_steady_and_without_errors(notebook)


STATES = [
    "bench.change(kind='weights', strength=1/234, prior='mixture')",
    "bench.change(kind='weights', strength=1.0, prior='gaussian')",
    "bench.change(kind='codes', strength=10.0, prior='normal', random_state=2)",
    "bench.change(kind='codes and noise', strength=0.001, prior='mixture')",
    "bench.change(kind='codes and noise', strength=10.0, prior='uniform', random_state=4294967295)",
    "bench.change(kind='vae', strength=100.0, prior='uniform')",
    "bench.change(kind='vae', strength=0.01, prior='gaussian')",
]


def test_nothing_lies_on_anything_else(notebook):
    assert_nothing_overlaps(notebook, STATES)
