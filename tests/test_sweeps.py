"""Sweeps over strengths, weights and seeds find the same wherever joblib sends their tasks.

Each is run here in this process, in two processes of this machine, and, where Dask is installed
(extra: cluster), on a Dask cluster of two worker processes.
"""

import ast
import os
import runpy
import time
from functools import partial

import numpy as np
import pytest
from joblib import parallel_config

from helpers.datasets import DATA_FOLDER
from helpers.models import Autoencoder, VariationalAutoencoder
from helpers.scoreboard import SCORES, gaussian_mixture, score_recipe

SCRIPTS = sorted(DATA_FOLDER.glob("make_*.py"))
RING, BENCH, ADVERSARIAL = (
    runpy.run_path(str(DATA_FOLDER / f"make_{name}.py"))
    for name in ("ring_runs", "pretrained", "adversarial")
)


def seeds_on_the_ring():
    """Two settings of the ring, two seeds each, short."""
    return list(RING["sweep"](["R1 + R2", "least squares"], range(2)))


def strengths_of_the_bench():
    """One λ of a penalty on the codes and one β of the VAE, short."""
    places = [("codes", 0.1), ("vae", 2.0)]
    return [(found.errors, found.scores) for found in BENCH["sweep"](places, n_splits=1)]


def adversarial_weights():
    """Two weights w, two seeds each, short; the models and their measures."""
    models, scores = ADVERSARIAL["sweep"](ADVERSARIAL["heads_run"], (0.4, 1.0), (0, 1))
    rows = np.linspace(-1, 1, 3 * 576).reshape(3, 576)
    return [model.sample(rows, random_state=0) for model in models], scores


def splits_of_the_scoreboard():
    """One recipe on two splits."""
    found = score_recipe(gaussian_mixture, n_splits=2)
    return [found[name] for name in SCORES]


SWEEPS = (
    seeds_on_the_ring,
    strengths_of_the_bench,
    adversarial_weights,
    splits_of_the_scoreboard,
)


@pytest.fixture(scope="module", autouse=True)
def short_trainings():
    """The scripts as they are, but for the number of steps."""
    with pytest.MonkeyPatch.context() as patch:
        for setting in ("R1 + R2", "least squares"):
            changed = RING["RING_SETTINGS"][setting] | {"max_iter": 40}
            patch.setitem(RING["RING_SETTINGS"], setting, changed)
        for kind, estimator in {"codes": Autoencoder, "vae": VariationalAutoencoder}.items():
            changed = (partial(estimator, max_iter=3), *BENCH["KINDS"][kind][1:])
            patch.setitem(BENCH["KINDS"], kind, changed)
        patch.setitem(ADVERSARIAL["HEAD_SETTINGS"], "max_iter", 5)
        yield


@pytest.fixture(scope="module")
def serial(short_trainings):
    """What each sweep finds in this process."""
    return {sweep: sweep() for sweep in SWEEPS}


@pytest.fixture(params=["loky", "dask"], scope="module")
def elsewhere(request):
    """Two other processes: how to ask joblib for them."""
    if request.param == "loky":
        yield partial(parallel_config, "loky", n_jobs=2)
        return
    reason = "a cluster to try (extra: cluster) is not installed"
    distributed = pytest.importorskip("distributed", reason=reason)
    cluster = {"n_workers": 2, "threads_per_worker": 1, "processes": True}
    with distributed.Client(**cluster, host="127.0.0.1", dashboard_address=None):
        yield partial(parallel_config, "dask")


@pytest.mark.parametrize("sweep", SWEEPS, ids=lambda sweep: sweep.__name__)
def test_a_sweep_finds_the_same_elsewhere(sweep, serial, elsewhere):
    """Bit for bit: same seeds, same numbers."""
    with elsewhere():
        found = sweep()
    for here, there in zip(flat(serial[sweep]), flat(found), strict=True):
        np.testing.assert_array_equal(here, there)


def flat(found):
    """The arrays and scalars of nested lists and tuples, in order."""
    if isinstance(found, list | tuple):
        for part in found:
            yield from flat(part)
    else:
        yield found


def test_tasks_do_leave_this_process(elsewhere, tmp_path):
    folder = str(tmp_path)

    def noting(train, n_rows, random_state):
        """Leave a file that is named after the process, and wait for that of another one."""
        open(os.path.join(folder, str(os.getpid())), "w").close()
        for _ in range(1200):
            if len(os.listdir(folder)) == 2:
                break
            time.sleep(0.05)
        return train

    with elsewhere():
        score_recipe(noting, n_splits=2)
    processes = {int(path.name) for path in tmp_path.iterdir()}
    assert len(processes) == 2 and os.getpid() not in processes


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: script.stem)
def test_a_script_leaves_the_choice_to_joblib(script):
    """It names no backend, and a number of processes only where it is started by itself."""
    *body, start = ast.parse(script.read_text(encoding="utf-8")).body
    calls = [node for part in body for node in ast.walk(part) if isinstance(node, ast.Call)]
    named = {word.arg for call in calls for word in call.keywords}
    assert not named & {"n_jobs", "backend", "prefer", "require"}
    assert not [c for c in calls if isinstance(c.func, ast.Name) and c.func.id == "parallel_config"]
    expected = "if __name__ == '__main__':\n    with parallel_config(n_jobs=-1):\n        main()"
    assert ast.unparse(start) == expected
