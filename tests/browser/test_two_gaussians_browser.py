"""The two-Gaussians picture in JupyterLab: mouse, keyboard and code, as a learner uses them."""

import pytest
from live_driver import FAULTS, asked, await_pictures, pictures, slider, start_watching, time_keys

CELL = """from helpers.widgets import TwoGaussians
gaussians = TwoGaussians()
gaussians"""

# Whether the words below the picture give the mean that the box shows, and were written after
# the last key.
FOLLOWED = """() => {
  const words = document.querySelector('.live-frame figcaption').textContent;
  const shown = words.match(/Class \\+1: mean \\(([^,]+),/)[1].replace('−', '-');
  const asked = Number(document.querySelectorAll('.live-number-box input')[1].value);
  return watch.drawn > watch.pressed && Math.abs(Number(shown) - asked) < 0.0051;
}"""


@pytest.fixture
def notebook(open_notebook):
    notebook = open_notebook([CELL])
    notebook.run_all()
    start_watching(notebook.page)
    return notebook


def test_keyboard_moves_the_slider_and_the_picture_follows(notebook, record_property):
    page = notebook.page
    before = float(asked(notebook, "gaussians.mean_plus[0]"))
    slider(page, "Mean x₁, class +1").focus()
    time_keys(page, FOLLOWED, record_property)
    after = float(asked(notebook, "gaussians.mean_plus[0]"))
    assert after - before == pytest.approx(20 * 0.1, abs=0.051)
    assert page.evaluate("[...watch.heights].length") == 1
    notebook.assert_no_errors()


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
    assert page.evaluate("[...watch.heights].length") == 1
    notebook.assert_no_errors()


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
    assert page.evaluate("[...watch.heights].length") == 1
    notebook.assert_no_errors()


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
    page = notebook.page
    assert page.evaluate(FAULTS) == []
    for state in STATES:
        before = pictures(page)
        notebook.execute(state)
        await_pictures(page, before + 1)
        assert page.evaluate(FAULTS) == [], state
    assert page.evaluate("[...watch.heights].length") == 1
    notebook.assert_no_errors()
