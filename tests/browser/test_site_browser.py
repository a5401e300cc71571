"""The built web site in Chromium, with everything but the site itself cut off."""

from __future__ import annotations

import functools
import http.server
import statistics
import subprocess
import sys
import threading
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
pytest.importorskip("sphinx", reason="what the site is built with (extra: site) is not installed")
axe = pytest.importorskip("axe_playwright_python.sync_playwright")

LESSON_06 = "notebooks/06_see_transposed_convolution.html"


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *words):
        pass


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """Build the site, with every warning an error, and serve it on loopback."""
    folder = tmp_path_factory.mktemp("site")
    build = [sys.executable, str(ROOT / "docs" / "build_site.py"), str(folder)]
    done = subprocess.run(build, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    assert not done.stderr
    handler = functools.partial(Quiet, directory=str(folder))
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield folder, f"http://127.0.0.1:{server.server_port}"
    server.shutdown()


class Visits:
    """Pages of the site in Chromium, with what failed or was asked of elsewhere."""

    def __init__(self, browser, address: str):
        self.browser = browser
        self.address = address
        self.faults: list[str] = []
        self.contexts = []

    def open(self, name: str, scheme: str = "light"):
        """Open a page, wait until all that it asks for has come, and return it."""
        context = self.browser.new_context(
            color_scheme=scheme, viewport={"width": 1280, "height": 800}
        )
        self.contexts.append(context)
        page = context.new_page()
        on_the_way = set()
        page.on("request", on_the_way.add)
        page.on("requestfinished", on_the_way.discard)
        page.on("requestfailed", lambda request: self.faults.append(f"failed: {request.url}"))
        page.on("response", lambda r: r.status < 400 or self.faults.append(f"{r.status}: {r.url}"))
        page.on("pageerror", lambda error: self.faults.append(f"error: {error}"))
        page.route("**/*", self._guard)
        page.goto(f"{self.address}/{name}", wait_until="load")
        page.wait_for_function("() => !window.MathJax || MathJax.startup?.promise")
        page.evaluate("() => window.MathJax?.startup?.promise")
        for _ in range(100):
            if not on_the_way:
                return page
            page.wait_for_timeout(100)
        raise TimeoutError(f"{name} still waits for {[request.url for request in on_the_way]}")

    def _guard(self, route) -> None:
        if route.request.url.startswith(self.address):
            route.continue_()
        else:
            self.faults.append(f"asked of elsewhere: {route.request.url}")
            route.abort()

    def end(self) -> None:
        """Close all pages, and fail if anything was at fault until then."""
        faults = list(self.faults)  # what the closing cuts off is none
        for context in self.contexts:
            context.close()
        assert not faults


@pytest.fixture
def open_page(site, browser):
    """Open pages of the site; at the end, fail if anything failed or was asked of elsewhere."""
    visits = Visits(browser, site[1])
    yield visits.open
    visits.end()


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


def test_every_page_loads_from_the_site_alone(site, open_page):
    names = pages_of(site[0])
    assert LESSON_06 in names and len(names) >= 15
    for name in names:
        open_page(name).close()


@pytest.mark.parametrize("name", ["index.html", LESSON_06, "reference/nn.html"])
def test_pages_are_accessible(open_page, name):
    assert_accessible(open_page(name), name)


@pytest.mark.slow
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_page_is_accessible(site, open_page, scheme):
    for name in pages_of(site[0]):
        page = open_page(name, scheme)
        assert_accessible(page, name)
        page.close()


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
