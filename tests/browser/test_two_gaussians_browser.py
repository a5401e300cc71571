"""The two-Gaussians picture in JupyterLab: mouse, keyboard and code, as a learner uses them."""

import pytest
from live_driver import (
    asked,
    assert_nothing_overlaps,
    assert_steady_and_without_errors,
    await_pictures,
    followed,
    pictures,
    place_in_area,
    slider,
    time_keys,
)

CELL = """from helpers.widgets import TwoGaussians
gaussians = TwoGaussians()
gaussians"""

FOLLOWED = followed(r"Class \+1: mean \(([^,]+),", box=1)


def test_keyboard_moves_the_slider_and_the_picture_follows(notebook, record_property):
    page = notebook.page
    before = float(asked(notebook, "gaussians.mean_plus[0]"))
    slider(page, "Mean x₁, class +1").focus()
    time_keys(page, FOLLOWED, record_property)
    after = float(asked(notebook, "gaussians.mean_plus[0]"))
    assert after - before == pytest.approx(20 * 0.1, abs=0.051)
    assert_steady_and_without_errors(notebook)


def test_mouse_drags_a_slider(notebook):
    page = notebook.page
    box = slider(page, "P(y = +1)").bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    for shift in range(0, 40, 2):
        page.mouse.move(x + shift, y)
    page.mouse.up()
    page.wait_for_timeout(500)
    assert 0.5 < float(asked(notebook, "gaussians.prior_plus")) <= 0.95
    assert_steady_and_without_errors(notebook)


def means(notebook):
    """Both means, class +1 first."""
    words = asked(notebook, "*gaussians.mean_plus, *gaussians.mean_minus")
    numbers = [float(word) for word in words.split()]
    return numbers[:2], numbers[2:]


def drag(page, start, end):
    page.mouse.move(*start)
    page.mouse.down()
    for k in range(1, 21):
        page.mouse.move(*(a + k / 20 * (b - a) for a, b in zip(start, end)))
        page.wait_for_timeout(15)
    page.mouse.up()
    page.wait_for_timeout(500)


def test_the_means_are_dragged_with_the_mouse(notebook):
    page = notebook.page
    place = place_in_area(page)

    def at(x1, x2):  # each panel shows x1 from −5.94 to 5.94 and x2 from −4.5 to 4.5
        return place(0.5 + x1 / 11.88, 0.5 + x2 / 9)

    drag(page, at(1.3, 0.5), at(-1.7, 2.5))  # beside the mean, which moves as far as the mouse
    plus, minus = means(notebook)
    assert plus == pytest.approx([-1.8, 2.6], abs=0.05)
    assert minus == [-1.2, -0.6]
    drag(page, at(-1.2, -0.6), at(-1.9, 3.4))  # over the other mean, which stays
    plus, minus = means(notebook)
    assert plus == pytest.approx([-1.8, 2.6], abs=0.05)
    assert minus == pytest.approx([-1.9, 3.4], abs=0.05)
    drag(page, at(3, -3), at(0, 0))  # nothing is there to be held
    assert means(notebook) == (plus, minus)
    page.locator(".live-widget select").first.select_option("posterior")
    page.wait_for_function("document.querySelectorAll('.live-frame svg image').length === 1")
    assert float(page.locator(".live-number-box input").nth(1).input_value()) == plus[0]
    place = place_in_area(page)  # one wide panel now, with x1 from −12.51 to 12.51
    drag(page, *(place(0.5 + x1 / 25.02, 0.5 + x2 / 9) for x1, x2 in (plus, (1.0, -1.0))))
    assert means(notebook)[0] == pytest.approx([1.0, -1.0], abs=0.05)
    assert means(notebook)[1] == minus
    assert_steady_and_without_errors(notebook)


def test_boxes_lists_and_buttons(notebook):
    page = notebook.page
    before = pictures(page)
    page.get_by_role("button", name="Crossed").click()
    page.wait_for_selector(".live-frame figcaption:has-text('hyperbola')")
    await_pictures(page, before + 1)
    assert asked(notebook, "gaussians.covariance, gaussians.correlation_minus") == "separate -0.9"
    page.locator(".live-widget select").first.select_option("posterior")
    page.wait_for_function("document.querySelectorAll('.live-frame svg image').length === 1")
    page.locator(".live-widget select").nth(1).select_option("shared")
    page.wait_for_selector(".live-frame figcaption:has-text('nowhere')")  # equal in everything
    box = page.locator(".live-number-box input").nth(1)
    box.fill("1.25")
    box.press("Enter")
    page.wait_for_selector(".live-frame figcaption:has-text('Class +1: mean (1.25, 0.00)')")
    assert asked(notebook, "gaussians.mean_plus[0]") == "1.25"
    box.fill("99")
    box.press("Enter")
    page.wait_for_selector(".live-frame strong:has-text('mean_plus must be two numbers')")
    assert float(box.input_value()) == 1.25
    assert_steady_and_without_errors(notebook)


STATES = [
    "gaussians.show = 'posterior'",
    "gaussians.show = 'joint density'",
    "gaussians.show = 'both'; gaussians.n_samples = 1000; gaussians.arrangement('Crossed')",
    "gaussians.change(mean_plus=[-4, -4], mean_minus=[-3.9, -4], covariance='separate', "
    "spread_plus=[4.9, 4.9], spread_minus=[4.1, 3.9], correlation_plus=-0.95)",
    "gaussians.change(prior_plus=0.01, n_samples=3)",
    "gaussians.change(covariance='shared', mean_plus=[1, 1], mean_minus=[1, 1], prior_plus=0.5)",
]


def test_nothing_lies_on_anything_else(notebook):
    assert_nothing_overlaps(notebook, STATES)
