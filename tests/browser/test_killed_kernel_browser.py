"""A kernel that is killed, or started anew, amid a training leaves nothing behind.

No file but Jupyter's own, no process, and nothing is even tried to be written to the course's
folders; and the notebook runs again.
"""

import os
import signal
import time
from pathlib import Path

import psutil
import pytest

PROJECT = Path(__file__).resolve().parents[2]
# Of Jupyter itself (JupyterLab asks npm for its version), and of matplotlib.
OTHERS = {"config", "runtime", "settings", "workspaces", "ipython", ".local", ".npm"}
OTHERS |= {".cache", ".config"}

CELLS = [
    """from helpers.datasets import make_ring
from helpers.models import Autoencoder
from helpers.scoreboard import gaussian_mixture, real_rows, score_recipe
from helpers.widgets import GANTheatre
X = make_ring(random_state=0)
theatre = GANTheatre()
theatre""",
    "model = Autoencoder(max_iter=1_000_000, verbose=True).fit(X)",
    "score_recipe(gaussian_mixture, n_splits=1000, n_jobs=2, verbose=True)",
]
AGAIN = """theatre.step(3)
print(theatre.now, Autoencoder(max_iter=2).fit(X).n_iter_, score_recipe(real_rows, n_splits=1))"""
DO = "command => { window.jupyterapp.commands.execute(command); }"  # and not wait for its end
BUSY = ".jp-Notebook-ExecutionIndicator[data-status=busy]"
IDLE = ".jp-Notebook-ExecutionIndicator[data-status=idle]"


@pytest.fixture(scope="module")
def server(tmp_path_factory, start_server):
    """A JupyterLab with a folder for temporary files of its own, and a course write-protected."""
    temporary = tmp_path_factory.mktemp("temporary")
    folders = ("helpers", "data", "notebooks", "docs", "tests")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TMPDIR", str(temporary))
        patch.setenv("COURSE_READ_ONLY", os.pathsep.join(str(PROJECT / name) for name in folders))
        server = start_server()
    server.temporary = temporary
    return server


def processes_of(server):
    """The processes, orphans included, that the server or its kernels have started."""
    found = set()
    for process in psutil.process_iter():
        try:
            if process.environ().get("HOME") == str(server.home):
                found.add(process.pid)
        except psutil.Error:  # ended meanwhile, or somebody else's
            continue
    return found - {server.process.pid}


def wait_until(condition, seconds=60):
    end = time.monotonic() + seconds
    while not condition() and time.monotonic() < end:
        time.sleep(0.2)
    assert condition()


def run(notebook, place):
    """Run a cell, and do not wait for its end."""
    notebook.server.kernel_id(notebook.name)
    notebook.page.wait_for_timeout(1000)  # the page's own first words with the kernel
    notebook.cell(place)
    notebook.page.evaluate(DO, "notebook:run-cell")


def knows_theatre(notebook):
    """Whether the kernel has run the first cell."""
    try:
        return notebook.execute("print('theatre' in globals())") == "True"
    except RuntimeError:  # this kernel is gone, and the next one is not here yet
        return False


def prepare(notebook):
    """Run the first cell, and return the number of the kernel's process."""
    run(notebook, 0)
    wait_until(lambda: knows_theatre(notebook))
    notebook.page.wait_for_selector(".live-frame svg text")
    return int(notebook.execute("import os; print(os.getpid())"))


def begin(notebook, training):
    """Begin a training in the notebook, and wait until it is well under way."""
    page = notebook.page
    if training == "theatre":
        page.get_by_role("button", name="Play", exact=True).click()
        page.get_by_role("button", name="Pause", exact=True).wait_for()
        return
    run(notebook, {"fit": 1, "sweep": 2}[training])
    page.wait_for_selector(".widget-hprogress", timeout=60_000)  # the bar of the training
    page.wait_for_selector(BUSY, state="attached")


def kill(notebook, pid):
    """Kill the kernel's process; the server starts another one, and the page says so."""
    os.kill(pid, signal.SIGKILL)
    notebook.page.get_by_text("appears to have died").wait_for(timeout=60_000)
    notebook.page.locator(".jp-Dialog-button.jp-mod-accept").click()


def restart(notebook, pid):
    """Start the kernel anew by the menu's command."""
    page = notebook.page
    page.evaluate(DO, "kernelmenu:restart")
    page.locator(".jp-Dialog-button.jp-mod-accept, .jp-Dialog-button.jp-mod-warn").last.click()


@pytest.mark.parametrize(
    ("training", "end"),
    [
        ("theatre", kill),
        ("fit", restart),
        pytest.param("theatre", restart, marks=pytest.mark.slow),
        pytest.param("fit", kill, marks=pytest.mark.slow),
        pytest.param("sweep", kill, marks=pytest.mark.slow),
        pytest.param("sweep", restart, marks=pytest.mark.slow),
    ],
)
def test_nothing_is_left_of_a_training_cut_short(server, opening, training, end):
    processes_before = processes_of(server)
    with opening(server) as open_notebook:
        notebook = open_notebook(CELLS)
        pid = prepare(notebook)
        files_before = set(server.temporary.rglob("*"))
        begin(notebook, training)
        of_the_training = processes_of(server) - processes_before
        assert pid in of_the_training
        end(notebook, pid)
        wait_until(lambda: not of_the_training & processes_of(server))
        notebook.page.wait_for_selector(IDLE, state="attached", timeout=60_000)
        wait_until(lambda: set(server.temporary.rglob("*")) <= files_before)
        assert prepare(notebook) != pid
        assert notebook.execute(AGAIN).startswith("3 2 {'c2st':")
        assert not notebook.errors
    wait_until(lambda: processes_of(server) <= processes_before)
    assert {path.name for path in server.home.iterdir()} <= OTHERS
    assert all(path.suffix == ".ipynb" or path.name.startswith(".ipynb_checkpoints")
               for path in server.root.iterdir())  # fmt: skip
