"""Pages in Chromium with everything but one address cut off."""

from __future__ import annotations

import functools
import http.server
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

LEAVING = "/voila/api/shutdown/"
"""A page says good-bye as it goes; nobody waits for the answer, so it counts as failed."""


class _Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *words):
        pass


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """Serve a folder on loopback; the address is what is yielded."""
    handler = functools.partial(_Quiet, directory=str(folder))
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()


@contextmanager
def offline_page(browser, address: str, scheme: str = "light", **viewport) -> Iterator:
    """Yield a page; at the end, fail if anything failed or was asked of elsewhere."""
    faults: list[str] = []

    def guard(route):
        if route.request.url.startswith(address):
            route.continue_()
        else:
            faults.append(f"asked of elsewhere: {route.request.url}")
            route.abort()

    def hear_failure(request):
        if LEAVING not in request.url:
            faults.append(f"failed: {request.url}")

    size = {"width": 1280, "height": 720, **viewport}
    context = browser.new_context(viewport=size, color_scheme=scheme)
    page = context.new_page()
    page.route("**/*", guard)
    page.on("requestfailed", hear_failure)
    page.on("response", lambda r: r.status < 400 or faults.append(f"{r.status}: {r.url}"))
    page.on("pageerror", lambda error: faults.append(f"error: {error}"))
    page.on("console", lambda m: m.type == "error" and faults.append(f"console: {m.text}"))
    yield page
    found = list(faults)  # before what is still under way is cut off
    context.close()
    assert not found, found
