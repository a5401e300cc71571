"""The kernel playground in JupyterLab: mouse, keyboard and Python move one and the same thing."""

from __future__ import annotations

import json
import statistics
import time

import pytest

CELLS = [
    "from helpers.widgets.kernel_playground import KernelPlayground",
    "playground = KernelPlayground()\nplayground",
    "playground  # a second view of the same one",
]


class Playground:
    """The playground on the page, and its Python side."""

    def __init__(self, notebook, view=0):
        self.notebook = notebook
        self.page = notebook.page
        self.root = self.page.locator(".kernel-playground").nth(view)
        self.root.wait_for()
        self.root.scroll_into_view_if_needed()

    def cell(self, name):
        """The editable cell c1, …, q9."""
        return self.root.locator(f'input[data-cell="{name}"]')

    def output(self, pixel):
        """The number on an output pixel, 1 to 9."""
        return self.root.locator(f'.kp-output [data-pixel="{pixel}"] .kp-number').inner_text()

    def button(self, name):
        return self.root.get_by_role("button", name=name, exact=True)

    def wait_for(self, see, expected):
        """Wait until `see()` gives what is expected."""
        deadline = time.monotonic() + 10
        while see() != expected:
            assert time.monotonic() < deadline, f"{see()!r} is not {expected!r}"
            time.sleep(0.05)

    def python(self, expression):
        """The value of an expression in the notebook's kernel."""
        printed = self.notebook.execute(f"import json; print(json.dumps({expression}))")
        return json.loads(printed)

    def height(self):
        return self.page.evaluate("(node) => node.offsetHeight", self.root.element_handle())


@pytest.fixture
def playground(open_notebook):
    notebook = open_notebook(CELLS)
    notebook.run_all()
    yield Playground(notebook)
    notebook.assert_no_errors()


def test_keyboard_mouse_and_python_move_the_same_kernel(playground):
    assert [playground.output(n) for n in (1, 5, 9)] == ["2", "16", "12"]
    keyboard, mouse = playground.page.keyboard, playground.page.mouse

    # The slider of the chosen cell, by keyboard.
    playground.root.locator('.kp-toolbar input[type="range"]').focus()
    keyboard.press("ArrowRight")
    playground.wait_for(lambda: playground.output(1), "2.2")
    playground.wait_for(lambda: playground.python("playground.kernel"), [[1.1, 2], [3, 4]])

    # Arrow keys, then digits, in a cell; Escape and what is no number change nothing.
    playground.cell("c4").focus()
    keyboard.press("ArrowDown")
    keyboard.press("PageUp")
    playground.wait_for(lambda: playground.python("playground.kernel[1][1]"), 4.9)
    playground.cell("p1").click()
    keyboard.type("-12.34")
    keyboard.press("Enter")
    playground.wait_for(lambda: playground.output(9), "14.7")
    assert playground.cell("p1").input_value() == "−12.34"
    playground.wait_for(lambda: playground.python("playground.image[0][0]"), -12.34)
    assert playground.python("playground.chosen") == "p1"
    keyboard.type("twelve")
    keyboard.press("Tab")
    assert "stays −12.34" in playground.root.locator(".kp-hint").inner_text()
    assert playground.cell("p1").input_value() == "−12.34"

    playground.cell("c3").click()
    keyboard.type("9")
    playground.wait_for(lambda: playground.python("playground.kernel[1][0]"), 9)
    keyboard.press("Escape")
    playground.wait_for(lambda: playground.python("playground.kernel[1][0]"), 3)
    playground.root.locator('.kp-toolbar input[type="number"]').focus()
    keyboard.press("ArrowUp")
    playground.wait_for(lambda: playground.python("playground.kernel[1][0]"), 3.1)

    # Dragging a cell: the number follows, and nothing on the page moves.
    box = playground.cell("c1").bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    height = playground.height()
    mouse.move(x, y)
    mouse.down()
    heights = set()
    for pixels in range(0, 84, 4):
        mouse.move(x, y - pixels)
        heights.add(playground.height())
    mouse.up()
    assert heights == {height}
    playground.wait_for(lambda: playground.python("playground.kernel[0][0]"), 3.1)

    # From Python: the page follows, other settings too.
    playground.notebook.execute("playground.kernel = [[1, 0], [0, -1]]")
    playground.notebook.execute("playground.image = [[5, 6], [7, 8]]; playground.selected = 3")
    playground.wait_for(lambda: playground.output(5), "3")
    assert playground.cell("c4").input_value() == "−1"
    assert "output 3 = ▲ c2·p2" in playground.root.locator(".kp-sum").inner_text()
    assert playground.python("playground.output.tolist()") == [[5, 6, 0], [7, 3, -6], [0, -7, -8]]


def test_choosing_pixels_turning_the_kernel_and_two_views(playground):
    keyboard = playground.page.keyboard
    playground.root.locator('.kp-output [data-pixel="5"]').focus()
    keyboard.press("ArrowLeft")
    keyboard.press("ArrowUp")
    playground.wait_for(lambda: playground.python("playground.selected"), 1)
    playground.root.locator('.kp-matrix [data-pixel="9"]').first.click()
    playground.wait_for(lambda: playground.python("playground.selected"), 9)
    lit = playground.root.locator(".kp-matrix [data-lit]")
    assert lit.all_inner_texts() == ["4"]
    assert playground.root.locator(".kp-padded [data-lit]").count() == 4

    verdict = playground.root.locator(".kp-verdict")
    assert "three views agree" in verdict.inner_text()
    playground.root.get_by_role("switch", name="turned by 180°").click()
    playground.wait_for(lambda: "View 3 disagrees in" in verdict.inner_text(), True)
    assert playground.python("playground.turned") is False
    slid = [
        float(text) for text in playground.root.locator(".kp-slid .kp-number").all_inner_texts()
    ]
    assert slid == playground.python("playground.slid_output.ravel().tolist()")

    # Letters typed on the playground are no shortcuts of the notebook.
    cells = playground.page.locator(".jp-Notebook-cell").count()
    playground.root.get_by_role("tab", name="Three views").focus()
    for key in "abddmyx":
        keyboard.press(key)
    assert playground.page.locator(".jp-Notebook-cell").count() == cells

    # Tabs by keyboard; the second view follows.
    keyboard.press("ArrowRight")
    playground.wait_for(lambda: playground.python("playground.panel"), "training")
    second = Playground(playground.notebook, view=1)
    second.wait_for(lambda: second.button("One descent step").is_visible(), True)
    playground.cell("c1").fill("7")
    second.wait_for(lambda: second.output(1), "14")


def test_training_steps_runs_pauses_and_resets(playground):
    playground.root.get_by_role("tab", name="Training").click()
    playground.button("One descent step").click()
    playground.wait_for(lambda: playground.python("len(playground.loss_history)"), 2)
    assert playground.python("playground.loss_history") == pytest.approx([663, 143.556])
    height = playground.height()
    playground.notebook.execute("playground.step_size = 0.0005")  # time enough to pause
    playground.button("Run").click()
    status = playground.root.locator(".kp-status")
    playground.wait_for(lambda: int(status.inner_text().split()[1].strip(".")) > 4, True)
    playground.button("Pause").click()
    playground.wait_for(lambda: playground.python("playground.running"), False)
    playground.page.wait_for_timeout(300)
    steps = playground.python("len(playground.loss_history)")
    playground.page.wait_for_timeout(300)
    assert playground.python("len(playground.loss_history)") == steps
    assert playground.python("abs(playground.loss_history[-1] - playground.loss)") < 1e-9

    playground.notebook.execute("playground.step(2)")
    playground.wait_for(lambda: f"Step {steps + 1}." in status.inner_text(), True)
    playground.button("Reset").click()
    playground.wait_for(lambda: playground.python("playground.kernel"), [[1, 2], [3, 4]])

    # A step size beyond the limit: it says so, stops by itself, and reaches no infinity.
    playground.notebook.execute("playground.step_size = 0.5")
    playground.button("Run").click()
    playground.wait_for(lambda: status.inner_text().count("Stopped"), 1)
    playground.wait_for(lambda: playground.button("Run").is_visible(), True)
    assert "above 2/\u2060λmax = 0.03471" in status.inner_text()
    assert (
        playground.python("float(abs(__import__('numpy').array(playground.kernel)).max())") <= 1e6
    )
    assert playground.height() == height


def test_sizes_are_computed_and_impossible_ones_explained(playground):
    playground.root.get_by_role("tab", name="Sizes").click()
    formula = playground.root.locator(".kp-formula").first
    playground.wait_for(formula.inner_text, "2·(4 − 1) + 3 − 2·1 + 1 = 8")
    height = playground.height()
    playground.root.get_by_role("spinbutton", name="kernel size k").fill("5")
    playground.wait_for(lambda: playground.python("playground.kernel_size"), 5)
    caption = playground.root.locator(".kp-maps .kp-map-caption").first
    playground.wait_for(lambda: "max/min: 9 / 1 = 9" in caption.inner_text(), True)
    assert playground.python("playground.overlap_ratio") == 9
    assert playground.python("playground.inner_overlap_ratio") == 2.25
    assert "in dashes: 9 / 4 = 2.25" in caption.inner_text()

    playground.root.get_by_role("slider", name="stride s").focus()
    playground.page.keyboard.press("ArrowLeft")
    note = playground.root.locator(".kp-note")
    playground.wait_for(lambda: note.inner_text().startswith("Impossible."), True)
    assert note.inner_text() == f"Impossible. {playground.python('playground.problem')}"
    assert caption.inner_text() == "no output with this setting"
    assert playground.height() == height


# Counts, in the page, the time from a key press to the frame that shows its effect.
LISTEN = """(root) => {
  const output = root.querySelector(".kp-output");
  window.latencies = [];
  let pressed = null;
  document.addEventListener("keydown", (event) => { pressed = event.timeStamp; }, true);
  new MutationObserver(() => {
    if (pressed === null) return;
    const start = pressed;
    pressed = null;
    requestAnimationFrame(() => {
      const channel = new MessageChannel();
      channel.port1.onmessage = () => window.latencies.push(performance.now() - start);
      channel.port2.postMessage(null);
    });
  }).observe(output, { subtree: true, childList: true, characterData: true, attributes: true });
}"""


def test_latency_from_key_to_picture_is_measured(open_notebook, capsys, record_property):
    """Reported, not asserted: 60 key presses on the slider of a cell (design: 40 and 80 ms)."""
    notebook = open_notebook(CELLS[:2])
    notebook.run_all()
    playground = Playground(notebook)
    page = notebook.page
    page.evaluate(LISTEN, playground.root.element_handle())
    playground.root.locator('.kp-toolbar input[type="range"]').focus()
    for n in range(60):
        page.keyboard.press("ArrowRight" if n % 20 < 10 else "ArrowLeft")
        page.wait_for_function(f"window.latencies.length > {n}", polling=40)  # it has changed
    latencies = sorted(page.evaluate("window.latencies"))
    median, late = statistics.median(latencies), latencies[int(0.95 * len(latencies))]
    record_property("median_ms", round(median, 1))
    record_property("p95_ms", round(late, 1))
    with capsys.disabled():
        print(f"\nkernel playground, key to picture: median {median:.0f} ms, p95 {late:.0f} ms")
    notebook.assert_no_errors()
