"""What all tests share: no network, one BLAS thread, and what this machine offers."""

from __future__ import annotations

import asyncio
import os
import shutil
import sys
from pathlib import Path

import pytest

TESTS = Path(__file__).resolve().parent
NO_NETWORK = TESTS / "no_network"

sys.path.insert(0, str(NO_NETWORK))
import sitecustomize  # noqa: E402, F401  (this process; its children inherit the path below)

os.environ["PYTHONPATH"] = os.pathsep.join(
    [str(NO_NETWORK), *filter(None, [os.environ.get("PYTHONPATH")])]
)
for variable in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(variable, "1")  # tests run side by side
os.environ["PYDEVD_DISABLE_FILE_VALIDATION"] = "1"


def find_program(names: tuple[str, ...], what: str) -> str:
    """Return the path of the first program found; skip, or fail where it is required."""
    for name in names:
        path = shutil.which(name)
        if path:
            return path
    reason = f"{what} is not installed (looked for {', '.join(names)})"
    if os.environ.get("COURSE_REQUIRE_BROWSER") == "1":
        pytest.fail(f"{reason}, and COURSE_REQUIRE_BROWSER=1 asks for it")
    pytest.skip(reason)


@pytest.fixture(autouse=True)
def no_loop_of_a_browser(request):
    """Hide the event loop that browser tests, once run, keep in this process (Playwright's)."""
    if "browser" in request.path.parts:
        yield
        return
    running = asyncio._get_running_loop()
    asyncio._set_running_loop(None)
    yield
    asyncio._set_running_loop(running)


@pytest.fixture(scope="session")
def chromium() -> str:
    """The path of a Chromium or Chrome browser."""
    names = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
    return find_program(names, "Chromium")


@pytest.fixture(scope="session")
def node() -> str:
    """The path of Node.js."""
    return find_program(("node", "nodejs"), "Node.js")
