"""Live pictures served by Voila, in Chromium, with everything but the server cut off."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest
from offline_pages import offline_page

import helpers.widgets

ROOT = Path(__file__).resolve().parents[2]
READY = ".live-frame svg, .kernel-playground"
ZOOM = "document.querySelector('#rendered_cells > div').style.zoom"

pytest.importorskip("voila", reason="what serves dashboards (extra: dashboards) is not installed")


@pytest.fixture(scope="module")
def dashboards(tmp_path_factory):
    """The address of a server of dashboards."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    home = tmp_path_factory.mktemp("home")
    own = {"HOME": home, "JUPYTER_CONFIG_DIR": home / "config", "IPYTHONDIR": home / "ipython"}
    command = [sys.executable, str(ROOT / "docs" / "serve_dashboards.py"), f"--port={port}"]
    log = (home / "log").open("w")
    environment = {**os.environ, **{name: str(path) for name, path in own.items()}}
    server = subprocess.Popen(command, env=environment, stdout=log, stderr=subprocess.STDOUT)
    address = f"http://127.0.0.1:{port}"
    for _ in range(300):
        assert server.poll() is None, (home / "log").read_text()
        try:
            urllib.request.urlopen(address, timeout=30).close()
            break
        except OSError:
            time.sleep(0.2)
    yield address
    server.terminate()
    server.wait(timeout=30)
    log.close()


def test_the_first_page_leads_to_every_live_picture(dashboards, browser):
    with offline_page(browser, dashboards) as page:
        page.goto(dashboards)
        links = [link.get_attribute("href") for link in page.locator("dt a").all()]
    assert sorted(links) == sorted(
        f"/voila/render/{name}.ipynb" for name in helpers.widgets.__all__
    )


def test_a_slider_moves_a_picture(dashboards, browser):
    with offline_page(browser, dashboards, width=1920, height=1080) as page:
        page.goto(f"{dashboards}/voila/render/TwoGaussians.ipynb")
        page.wait_for_selector(READY, timeout=60_000)
        picture = page.locator(".live-frame")
        before = picture.inner_html()
        page.locator(".live-widget [role=slider]").first.focus()
        page.keyboard.press("ArrowRight")
        page.wait_for_function(
            "([node, html]) => document.querySelector('.live-frame').innerHTML !== html",
            arg=[picture.element_handle(), before],
        )
        page.wait_for_function(f"{ZOOM} > 1")
        widget = page.locator(".live-widget").bounding_box()
        assert widget["y"] + widget["height"] <= 1080  # all of it at once, nothing to scroll
        assert widget["x"] == pytest.approx((1920 - widget["width"]) / 2, abs=10)
        page.set_viewport_size({"width": 1280, "height": 720})
        page.wait_for_function(f"{ZOOM} == 0.75")  # smaller than that, letters could not be read
        assert page.locator("text=from helpers.widgets import").count() == 0


def test_a_playground_answers_without_its_kernel(dashboards, browser):
    with offline_page(browser, dashboards) as page:
        page.goto(f"{dashboards}/voila/render/KernelPlayground.ipynb")
        page.wait_for_selector(READY, timeout=60_000)
        sums = page.locator(".kp-sum-row").first
        before = sums.inner_text()
        page.get_by_role("spinbutton", name="kernel c4").first.focus()
        page.keyboard.press("ArrowUp")
        page.wait_for_function(
            "([node, text]) => node.innerText !== text", arg=[sums.element_handle(), before]
        )


def test_there_is_nothing_else_to_be_had(dashboards):
    """No notebooks, files or terminals: pages, and what their controls say to their kernels."""
    for path in ("/lab", "/api/contents", "/api/terminals", "/files/TwoGaussians.ipynb"):
        with pytest.raises(urllib.error.HTTPError, match="40[34]"):
            urllib.request.urlopen(dashboards + path, timeout=30)
