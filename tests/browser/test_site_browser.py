"""The built web site in Chromium, with everything but the site itself cut off."""

from __future__ import annotations

import statistics
import subprocess
import sys
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest
from offline_pages import offline_page, served

ROOT = Path(__file__).resolve().parents[2]
pytest.importorskip("sphinx", reason="what the site is built with (extra: site) is not installed")
axe = pytest.importorskip("axe_playwright_python.sync_playwright")

LESSON_06 = "notebooks/06_see_transposed_convolution.html"


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """Build the site, with every warning an error, and serve it on loopback."""
    folder = tmp_path_factory.mktemp("site")
    build = [sys.executable, str(ROOT / "docs" / "build_site.py"), str(folder)]
    done = subprocess.run(build, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    assert not done.stderr
    with served(folder) as address:
        yield folder, address


@pytest.fixture
def open_page(site, browser):
    """Open pages of the site; at the end, fail if anything failed or was asked of elsewhere."""
    with ExitStack() as pages:

        def open_(name: str, scheme: str = "light"):
            return pages.enter_context(visit(browser, site[1], name, scheme))

        yield open_


@contextmanager
def visit(browser, address: str, name: str, scheme: str = "light"):
    """Open a page of the site, with its formulas set; leave it afterwards."""
    with offline_page(browser, address, scheme, height=800) as page:
        page.goto(f"{address}/{name}", wait_until="load")
        page.wait_for_function("() => !window.MathJax || MathJax.startup?.promise")
        page.evaluate("() => window.MathJax?.startup?.promise")
        yield page


def pages_of(folder: Path) -> list[str]:
    return sorted(
        str(path.relative_to(folder))
        for path in folder.rglob("*.html")
        if "_modules" not in path.parts and "_static" not in path.parts
    )


def assert_accessible(page, name: str) -> None:
    found = axe.Axe().run(page, options={"resultTypes": ["violations"]}).response["violations"]
    serious = [
        f"{name}: {fault['help']} ({node['html'][:100]})"
        for fault in found
        if fault["impact"] in ("serious", "critical")
        for node in fault["nodes"]
    ]
    assert not serious, "\n".join(serious)


def test_every_page_loads_from_the_site_alone(site, browser):
    folder, address = site
    names = pages_of(folder)
    assert LESSON_06 in names and len(names) >= 15
    for name in names:
        with visit(browser, address, name):
            pass


@pytest.mark.parametrize("name", ["index.html", LESSON_06, "reference/nn.html"])
def test_pages_are_accessible(open_page, name):
    assert_accessible(open_page(name), name)


@pytest.mark.slow
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_page_is_accessible(site, browser, scheme):
    folder, address = site
    for name in pages_of(folder):
        with visit(browser, address, name, scheme) as page:
            assert_accessible(page, name)


@pytest.mark.parametrize("name", ["glossary.html", LESSON_06])
def test_dark_pages_are_accessible(open_page, name):
    assert_accessible(open_page(name, scheme="dark"), name)


def test_mathematics_is_set(open_page):
    page = open_page("notebooks/07_descend_the_nine_term_loss.html")
    page.wait_for_selector("mjx-container", state="attached")
    assert page.locator("mjx-container").count() > 50
    assert page.locator("mjx-merror").count() == 0


def test_a_playground_is_live_by_mouse_and_keyboard(open_page):
    page = open_page(LESSON_06)
    playground = page.locator(".kernel-playground").first
    cell = playground.get_by_role("spinbutton", name="kernel c1").first
    readings = playground.locator(".kp-sum-row").inner_text
    before = readings()
    cell.focus()
    page.keyboard.press("ArrowUp")
    page.wait_for_function(
        "([node, text]) => node.innerText !== text",
        arg=[playground.locator(".kp-sum-row").element_handle(), before],
    )
    playground.get_by_role("button", name="blur").first.click()
    page.wait_for_function(
        "node => node.querySelector('.kp-sum-row').innerText.includes('0.25')",
        arg=playground.element_handle(),
    )


# Counts two things for each change: how long the page itself works on it, from the event to the
# new picture in the document; and how long it takes until the frame with it has been drawn.
LISTEN = """root => {
  window.work = [];
  window.frames = [];
  let pressed = null;
  document.addEventListener("keydown", event => { pressed = event.timeStamp; }, true);
  new MutationObserver(() => {
    if (pressed === null) return;
    const start = pressed;
    pressed = null;
    window.work.push(performance.now() - start);
    requestAnimationFrame(() => {
      const channel = new MessageChannel();
      channel.port1.onmessage = () => window.frames.push(performance.now() - start);
      channel.port2.postMessage(null);
    });
  }).observe(root, { subtree: true, childList: true, characterData: true, attributes: true });
}"""


def test_the_time_of_a_change_is_measured(open_page, capsys, record_property):
    """Reported, not asserted: 60 key presses on the slider of a cell."""
    page = open_page(LESSON_06)
    playground = page.locator(".kernel-playground").first
    page.evaluate(LISTEN, playground.locator(".kp-output").element_handle())
    playground.locator('.kp-toolbar input[type="range"]').focus()
    for n in range(60):
        page.keyboard.press("ArrowRight" if n % 20 < 10 else "ArrowLeft")
        page.wait_for_function(f"window.frames.length > {n}", polling=40)
    work, frame = (statistics.median(page.evaluate(name)) for name in ("work", "frames"))
    record_property("median_ms", [work, frame])
    with capsys.disabled():
        print(f"\nplayground on the site: {work:.1f} ms of work, drawn after {frame:.0f} ms")


def test_playgrounds_follow_the_theme(open_page):
    page = open_page(LESSON_06)
    playground = page.locator(".kernel-playground").first
    assert playground.get_attribute("data-theme") == "light"
    page.evaluate("document.body.dataset.theme = 'dark'")
    page.wait_for_selector(".kernel-playground[data-theme=dark]", state="attached")


def test_a_prediction_is_noted_first_and_judged_later(open_page):
    page = open_page("notebooks/05_play_the_adversarial_game.html")
    form = page.locator("form.course-question[data-reveal=false]").first
    button = form.get_by_role("button")
    assert button.is_disabled()
    form.locator("input[data-correct=false]").first.check()
    button.click()
    assert "Noted" in form.locator(".verdict").inner_text()
    assert form.locator(".why:visible").count() == 0
    button.click()
    assert "No" in form.locator(".verdict").inner_text()
    assert form.locator(".why:visible").count() == 1
    form.locator("input[data-correct=true]").check()
    page.keyboard.press("Enter")
    assert "Yes" in form.locator(".verdict").inner_text()


def test_solutions_are_folded_and_open(open_page):
    page = open_page(LESSON_06)
    summary = page.get_by_text("Show the solution").first
    solution = page.get_by_text("# Solution").first
    assert not solution.is_visible()
    summary.click()
    assert solution.is_visible()


def test_search_finds_a_lesson(open_page):
    page = open_page("search.html?q=checkerboard")
    page.wait_for_selector("#search-results li a")
    titles = page.locator("#search-results li a").all_inner_texts()
    assert "See transposed convolution" in titles
