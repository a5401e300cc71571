"""The built web site in Chromium, with everything but the site itself cut off."""

from __future__ import annotations

import functools
import http.server
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


@pytest.fixture
def open_page(site, browser):
    """Open pages of the site; at the end, fail if anything failed or was asked of elsewhere."""
    folder, address = site
    faults, contexts = [], []

    def guard(route):
        if route.request.url.startswith(address):
            route.continue_()
        else:
            faults.append(f"asked of elsewhere: {route.request.url}")
            route.abort()

    def open_(name: str, scheme: str = "light"):
        context = browser.new_context(color_scheme=scheme, viewport={"width": 1280, "height": 800})
        contexts.append(context)
        page = context.new_page()
        page.on("requestfailed", lambda request: faults.append(f"failed: {request.url}"))
        page.on("response", lambda r: r.status < 400 or faults.append(f"{r.status}: {r.url}"))
        page.on("pageerror", lambda error: faults.append(f"error: {error}"))
        page.route("**/*", guard)
        page.goto(f"{address}/{name}", wait_until="load")
        return page

    yield open_
    for context in contexts:
        for page in context.pages:
            leave(page)
        context.close()
    assert not faults


def leave(page) -> None:
    """Close a page when all that it asked for has come: what is cut off would count as failed."""
    page.wait_for_load_state("networkidle")
    page.close()


def pages_of(folder: Path) -> list[str]:
    return sorted(
        str(path.relative_to(folder))
        for path in folder.rglob("*.html")
        if "_modules" not in path.parts and "_static" not in path.parts
    )


def assert_accessible(page, name: str) -> None:
    page.wait_for_function("() => !window.MathJax || MathJax.startup?.promise")
    page.evaluate("() => window.MathJax?.startup?.promise")
    found = axe.Axe().run(page, options={"resultTypes": ["violations"]}).response["violations"]
    serious = [
        f"{name}: {fault['help']} ({node['html'][:100]})"
        for fault in found
        if fault["impact"] in ("serious", "critical")
        for node in fault["nodes"]
    ]
    assert not serious, "\n".join(serious)


def test_every_page_loads_from_the_site_alone_and_is_accessible(site, open_page):
    names = pages_of(site[0])
    assert LESSON_06 in names and len(names) >= 15
    for name in names:
        page = open_page(name)
        assert_accessible(page, name)
        leave(page)


@pytest.mark.parametrize("name", ["index.html", "glossary.html", LESSON_06])
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
