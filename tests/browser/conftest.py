"""JupyterLab in headless Chromium, for tests that do what a learner does."""

from __future__ import annotations

import json
import os
import re
import secrets
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import nbformat
import pytest
from jupyter_client import BlockingKernelClient
from live_driver import start_watching

LESSONS = Path(__file__).resolve().parents[2] / "notebooks"
CHROMIUM_FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
RUN_ALL = """timeout => Promise.race([
    window.jupyterapp.commands.execute("notebook:run-all-cells").then(() => true),
    new Promise(resolve => setTimeout(() => resolve(false), timeout)),
])"""
ACTIVATE = """async place => {
    const notebook = window.jupyterapp.shell.currentWidget.content;
    notebook.activeCellIndex = place;
    await notebook.scrollToItem(place, "center");
}"""
HARMLESS = re.compile(r"favicon|ResizeObserver loop|DevTools|Permissions policy|workspaces")


class Notebook:
    """A notebook open in JupyterLab (or Notebook 7), with its page and its kernel."""

    def __init__(self, page, name: str, server: Server):
        self.page = page
        self.name = name
        self.server = server
        self.errors: list[str] = []
        page.on("pageerror", lambda error: self.errors.append(f"page: {error}"))
        page.on("console", self._hear)
        page.goto(f"{server.url}/{server.pages}/{name}?reset&token={server.token}")
        page.wait_for_selector(".jp-Notebook-cell", timeout=60_000)
        page.wait_for_selector(
            ".jp-Notebook-ExecutionIndicator[data-status=idle]", timeout=60_000, state="attached"
        )

    def _hear(self, message) -> None:
        if message.type == "error" and not HARMLESS.search(f"{message.text} {message.location}"):
            self.errors.append(f"console: {message.text}")

    def run_all(self, timeout: float = 600) -> None:
        """Run every cell and wait until the last one has run."""
        self.server.kernel_id(self.name)
        self.page.wait_for_timeout(500)  # the page's own first words with the kernel
        done = self.page.evaluate(RUN_ALL, 1000 * timeout)
        assert done, f"{self.name} did not finish in {timeout} s"
        self.page.wait_for_timeout(300)

    def source(self):
        """The notebook as it lies on disk."""
        return nbformat.read(self.server.root / self.name, as_version=4)

    def cell(self, place: int):
        """The page's element of the cell at `place`, scrolled into view."""
        self.page.evaluate(ACTIVATE, place)
        element = self.page.locator(f'.jp-Notebook-cell[data-windowed-list-index="{place}"]')
        element.wait_for(state="attached")
        element.scroll_into_view_if_needed()
        return element

    def run_cell(self, place: int) -> None:
        """Run one cell and wait for it."""
        self.cell(place)
        self.page.evaluate("() => window.jupyterapp.commands.execute('notebook:run-cell')")
        self.page.wait_for_timeout(300)

    def edit_and_run(self, place: int, source: str) -> None:
        """Type `source` over a cell's text and run it, as a learner does."""
        self.cell(place).locator(".cm-content").click()
        self.page.keyboard.press("Control+a")
        self.page.keyboard.insert_text(source)
        self.page.keyboard.press("Control+Enter")
        self.page.wait_for_timeout(300)

    def execute(self, code: str, timeout: float = 120) -> str:
        """Run code in the notebook's kernel, outside its cells; return what it prints."""
        # In a thread of its own: Playwright keeps an event loop running in this one.
        with ThreadPoolExecutor(1) as thread:
            return thread.submit(self.server.execute, self.name, code, timeout).result()

    def error_outputs(self) -> list[str]:
        """The texts of the error outputs that the page shows."""
        selector = '.jp-RenderedText[data-mime-type="application/vnd.jupyter.stderr"]'
        return [text for text in self.page.locator(selector).all_inner_texts() if text.strip()]

    def assert_no_errors(self) -> None:
        """Fail if the page or the kernel complained."""
        assert not self.errors, self.errors
        assert not self.error_outputs(), self.error_outputs()


class Server:
    """A JupyterLab server of its own, on a folder of its own, listening on loopback.

    With ``program="notebook"``, one of Notebook 7.
    """

    def __init__(self, root: Path, program: str = "jupyterlab"):
        self.root = root
        kind, self.pages = {
            "jupyterlab": ("LabApp", "lab/tree"),
            "notebook": ("JupyterNotebookApp", "notebooks"),
        }[program]
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self.token = secrets.token_hex(16)
        self.home = home = root.parent / "home"
        settings = home / "config" / "labconfig"
        settings.mkdir(parents=True)
        disabled = {"@jupyterlab/apputils-extension:announcements": True}
        (settings / "page_config.json").write_text(json.dumps({"disabledExtensions": disabled}))
        environment = {
            **os.environ,
            "HOME": str(home),
            "JUPYTER_CONFIG_DIR": str(home / "config"),
            "JUPYTER_RUNTIME_DIR": str(home / "runtime"),
            "JUPYTERLAB_SETTINGS_DIR": str(home / "settings"),
            "JUPYTERLAB_WORKSPACES_DIR": str(home / "workspaces"),
            "IPYTHONDIR": str(home / "ipython"),
        }
        self.runtime = home / "runtime"
        self.log = (root.parent / "server.log").open("w")
        options = ["--no-browser", f"--port={self.port}", "--ip=127.0.0.1", "--allow-root"]
        options += [f"--IdentityProvider.token={self.token}", f"--ServerApp.root_dir={root}"]
        options += ["--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate"]
        options += [f"--{kind}.expose_app_in_browser=True"]
        self.process = subprocess.Popen(
            [sys.executable, "-m", program, *options],
            env=environment,
            stdout=self.log,
            stderr=subprocess.STDOUT,
        )
        self._await()

    def _await(self) -> None:
        for _ in range(300):
            try:
                self.get("/api/status")
                return
            except OSError:
                assert self.process.poll() is None, Path(self.log.name).read_text()
                time.sleep(0.2)
        raise TimeoutError(Path(self.log.name).read_text())

    def get(self, path: str):
        """The JSON that the server answers."""
        return json.loads(self.ask(path))

    def ask(self, path: str, method: str = "GET") -> bytes:
        """What the server answers."""
        header = {"Authorization": f"token {self.token}"}
        request = urllib.request.Request(self.url + path, method=method, headers=header)
        with urllib.request.urlopen(request, timeout=30) as answer:
            return answer.read()

    def kernel_id(self, name: str) -> str:
        """The id of the kernel that runs the notebook `name`, once it has one."""
        for _ in range(100):
            for session in self.get("/api/sessions"):
                if session["path"] == name:
                    return session["kernel"]["id"]
            time.sleep(0.1)
        raise TimeoutError(f"no kernel runs {name}: {self.get('/api/sessions')}")

    def execute(self, name: str, code: str, timeout: float) -> str:
        """Run code in the kernel of the notebook `name`; return what it prints."""
        file = self.runtime / f"kernel-{self.kernel_id(name)}.json"
        client = BlockingKernelClient(connection_file=str(file))
        client.load_connection_file()
        client.start_channels()
        printed = []

        def hear(message):
            if message["header"]["msg_type"] == "stream":
                printed.append(message["content"]["text"])

        try:
            client.wait_for_ready(timeout=60)
            reply = client.execute_interactive(
                code, store_history=False, allow_stdin=False, output_hook=hear, timeout=timeout
            )
        finally:
            client.stop_channels()
        content = reply["content"]
        assert content["status"] == "ok", "\n".join(content.get("traceback", [str(content)]))
        return "".join(printed).strip()

    def shut_down_kernels(self, names: set[str]) -> None:
        """Stop the kernels of these notebooks, so that they do not slow the next test's."""
        for session in self.get("/api/sessions"):
            if session["path"] not in names:
                continue
            self.ask(f"/api/sessions/{session['id']}", method="DELETE")

    def stop(self) -> None:
        """End the server and wait for it."""
        self.process.terminate()
        self.process.wait(timeout=30)
        self.log.close()


@pytest.fixture(scope="session")
def start_server(tmp_path_factory, chromium):
    """A function that starts a server, of JupyterLab or of Notebook 7; stops it in the end."""
    servers = []

    def start(program: str = "jupyterlab") -> Server:
        root = tmp_path_factory.mktemp(program) / "root"
        root.mkdir()
        servers.append(Server(root, program))
        return servers[-1]

    yield start
    for server in servers:
        server.stop()


@pytest.fixture(scope="session")
def lab_server(start_server):
    """A running JupyterLab."""
    return start_server()


@pytest.fixture(scope="session")
def notebook7_server(start_server):
    """A running Notebook 7."""
    return start_server("notebook")


@pytest.fixture(scope="session")
def browser(chromium):
    """A running headless Chromium."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=CHROMIUM_FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def open_notebook(lab_server, opening):
    """A function that opens code cells, or a lesson by its name, in JupyterLab.

    ``open_notebook(["import numpy", "1 + 1"])`` and ``open_notebook("06_see_….ipynb")``
    both return a `Notebook`; call its ``run_all()`` next.
    """
    with opening(lab_server) as open_:
        yield open_


@pytest.fixture(scope="module")
def shared_notebook(request, lab_server, opening):
    """A notebook with the file's `CELL`, for all its tests: opening one takes long."""
    with opening(lab_server) as open_:
        yield open_([request.module.CELL])


@pytest.fixture
def notebook(shared_notebook):
    """It with a new live picture, which is being watched."""
    shared_notebook.execute("import ipywidgets; ipywidgets.Widget.close_all()")
    shared_notebook.run_all()
    shared_notebook.assert_no_errors()
    start_watching(shared_notebook.page)
    return shared_notebook


@pytest.fixture(scope="session")
def opening(browser):
    """A context, for any server, with such a function; at its end all is closed again."""
    return lambda server: _opening(server, browser)


@contextmanager
def _opening(server, browser):
    contexts, names = [], set()

    def open_(what: list[str] | str, **viewport) -> Notebook:
        if isinstance(what, str):
            name = what
            shutil.copy(LESSONS / name, server.root / name)
        else:
            name = f"cells_{len(list(server.root.iterdir()))}.ipynb"
            cells = [nbformat.v4.new_code_cell(source) for source in what]
            notebook = nbformat.v4.new_notebook(cells=cells)
            notebook.metadata.kernelspec = {"name": "python3", "display_name": "Python 3"}
            nbformat.write(notebook, server.root / name)
        size = {"width": 1280, "height": 1000, **viewport}
        context = browser.new_context(viewport=size)
        context.grant_permissions(["clipboard-read", "clipboard-write"])
        contexts.append(context)
        names.add(name)
        return Notebook(context.new_page(), name, server)

    try:
        yield open_
    finally:
        for context in contexts:
            context.close()
        server.shut_down_kernels(names)
