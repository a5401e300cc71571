"""The latent explorer in JupyterLab: mouse, keyboard and code, as a learner uses them."""

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

CELL = """from helpers.widgets import LatentExplorer
explorer = LatentExplorer()
explorer"""


@pytest.mark.parametrize("kind", ["digits", "cats"])
def test_keyboard_moves_t_and_the_picture_follows(notebook, kind, record_property):
    page = notebook.page
    notebook.execute(f"explorer.change(pictures={kind!r}, t=0.1)")
    await_pictures(page, 1)
    slider(page, "How far").focus()
    time_keys(page, followed(r"t = (\d+\.\d+)", box=1), record_property)
    assert float(asked(notebook, "explorer.t")) == pytest.approx(0.1 + 20 * 0.02)
    assert_steady_and_without_errors(notebook)


def test_keyboard_moves_the_truncation_from_end_to_end(notebook):
    page = notebook.page
    slider(page, "Truncation").focus()
    for key in ("Home", *15 * ["ArrowRight"], *7 * ["ArrowLeft"]):
        page.keyboard.press(key)
        page.wait_for_function(followed(r"ψ = (\d+\.\d+)"))
    assert asked(notebook, "explorer.psi") == "0.8"
    page.keyboard.press("End")
    page.wait_for_function(followed(r"ψ = (\d+\.\d+)"))
    assert asked(notebook, "explorer.psi, explorer.t") == "1.5 0.5"
    assert_steady_and_without_errors(notebook)


def click_and_see(notebook, across, up):
    before = pictures(notebook.page)
    notebook.page.mouse.click(*place_in_area(notebook.page)(across, up))
    await_pictures(notebook.page, before + 1)


# Places in fractions of the area to point into, which begins at (14, 34) and is 432 × 366.
def sample_place(number):
    row, column = divmod(number - 1, 8)
    return (54 * column + 24) / 432, 1 - (54 * row + 24) / 366


def strip_place(fraction, top):
    return (24 + fraction * 384) / 432, 1 - (top + 24 - 34) / 366


def test_two_clicks_choose_the_ends_of_the_walk(notebook):
    click_and_see(notebook, *sample_place(11))
    click_and_see(notebook, *sample_place(24))
    assert asked(notebook, "explorer.a, explorer.b, explorer.next_end") == "11 24 A"
    click_and_see(notebook, *sample_place(1))
    assert asked(notebook, "explorer.a, explorer.b, explorer.next_end") == "1 24 B"
    notebook.page.wait_for_selector(".live-frame svg text:has-text('a click makes one B')")
    assert_steady_and_without_errors(notebook)


@pytest.mark.parametrize(
    ("setting", "top", "low", "high"), [("t", 228, 0, 1), ("shift", 338, -3, 3)]
)
def test_clicks_and_drags_on_a_strip(notebook, setting, top, low, high):
    page, place = notebook.page, place_in_area(notebook.page)

    def reached():
        return (float(asked(notebook, f"explorer.{setting}")) - low) / (high - low)

    for fraction in (0.25, 0.875):
        click_and_see(notebook, *strip_place(fraction, top))
        assert reached() == pytest.approx(fraction, abs=0.01)
    page.mouse.move(*place(*strip_place(0.9, top)))
    page.mouse.down()
    for step in range(20):
        page.mouse.move(*place(*strip_place(0.9 - step / 40, top)))
        page.wait_for_timeout(15)
    page.mouse.move(*place(*strip_place(0.375, top)))
    page.mouse.up()
    page.wait_for_timeout(600)
    assert reached() == pytest.approx(0.375, abs=0.01)
    assert asked(notebook, "explorer.a, explorer.b") == "1 2"
    assert_steady_and_without_errors(notebook)


def test_boxes_lists_and_buttons(notebook):
    page = notebook.page
    lists = page.locator(".live-widget select")
    lists.nth(0).select_option("cats")
    page.wait_for_selector(".live-frame figcaption:has-text('Pictures of cats')")
    seeds = asked(notebook, "*explorer.state.spaces['cats']").split()
    lists.nth(1).select_option(seeds[-1])
    page.wait_for_selector(f".live-frame figcaption:has-text('by generator {seeds[-1]}')")
    lists.nth(3).select_option("B")
    lists.nth(4).select_option("round the origin")
    page.wait_for_selector(".live-frame svg text:text-is('walk from A to B, round the origin')")
    boxes = page.locator(".live-whole-number input")
    for place, value in enumerate([77, 5, 24, 16]):  # seed, A, B, coordinate
        before = pictures(page)
        boxes.nth(place).fill(str(value))
        boxes.nth(place).press("Enter")
        await_pictures(page, before + 1)
    expected = f"77 5 24 16 round B {seeds[-1]}"
    names = ("seed", "a", "b", "coordinate", "path", "next_end", "generator")
    assert asked(notebook, ", ".join(f"explorer.{name}" for name in names)) == expected
    boxes.nth(1).press("ArrowUp")
    page.wait_for_selector(".live-frame figcaption:has-text('A (sample 6)')")
    boxes.nth(2).fill("25")
    boxes.nth(2).press("Enter")
    page.wait_for_selector(".live-frame strong:has-text('b must be a whole number from 1 to 24')")
    assert boxes.nth(2).input_value() == "24"
    slider(page, "Move it by").focus()
    page.keyboard.press("ArrowRight")
    page.wait_for_selector(".live-frame figcaption:has-text('z16 moved by +0.25')")
    for name in ("New seed", "Swap", "Reset"):
        press_and_see(page, name)
    assert asked(notebook, "explorer.pictures, explorer.seed, explorer.a") == "digits 0 1"
    assert_steady_and_without_errors(notebook)


STATES = [
    "explorer.change(psi=0, t=0, coordinate=16, shift=-3, a=24, b=24)",
    "explorer.change(psi=1.5, t=1, shift=3, path='round', b=17, seed=2**32 - 1)",
    "explorer.change(pictures='cats', psi=0.345, t=0.37, coordinate=10, shift=-1.25)",
    "explorer.change(pictures='cats', generator=list(explorer.state.spaces['cats'])[-1], psi=0)",
]


def test_nothing_lies_on_anything_else(notebook):
    assert_nothing_overlaps(notebook, STATES)
