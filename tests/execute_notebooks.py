"""Executes lessons in place, from a fresh kernel each, and normalises what is stored.

Called by ``make notebooks``. Cell ids, tags and collapsed cells stay; times, kernel details
and random widget ids go, so that executing twice leaves no difference but real ones.
"""

from __future__ import annotations

import json
import os
import re
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import nbformat
from nbclient import NotebookClient

WIDGET_STATE = "application/vnd.jupyter.widget-state+json"
WIDGET_VIEW = "application/vnd.jupyter.widget-view+json"
KERNELSPEC = {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}
CELL_METADATA = {"tags", "jupyter", "slideshow"}


def execute(path: Path, timeout: int = 300) -> float:
    """Execute one notebook in place; return the seconds it took."""
    notebook = nbformat.read(path, as_version=4)
    start = time.perf_counter()
    NotebookClient(
        notebook,
        timeout=timeout,
        kernel_name="python3",
        record_timing=False,
        resources={"metadata": {"path": str(path.parent)}},
    ).execute()
    seconds = time.perf_counter() - start
    nbformat.write(normalise(notebook), path)
    return seconds


def normalise(notebook):
    """Return the notebook with nothing stored that another execution would change."""
    widgets = notebook.metadata.get("widgets")
    notebook.metadata = {"kernelspec": KERNELSPEC, "language_info": {"name": "python"}}
    shown = set()
    for cell in notebook.cells:
        cell.metadata = {k: v for k, v in sorted(cell.metadata.items()) if k in CELL_METADATA}
        if cell.cell_type == "code":
            cell.outputs = _join_streams(cell.outputs)
        for output in cell.get("outputs", ()):
            if WIDGET_VIEW in output.get("data", ()):
                shown.add(output["data"][WIDGET_VIEW]["model_id"])
    if widgets and shown:
        state = widgets[WIDGET_STATE]["state"]
        widgets[WIDGET_STATE]["state"] = {k: state[k] for k in _reachable(state, shown)}
        notebook.metadata["widgets"] = widgets
        return _rename_widgets(notebook)
    return nbformat.from_dict(notebook)


def _join_streams(outputs: list) -> list:
    """Join what was printed in pieces; where it was cut depends on the moment."""
    joined = []
    for output in outputs:
        before = joined[-1] if joined else {}
        if output.output_type == "stream" and before.get("name") == output.name:
            before["text"] += output.text
        else:
            joined.append(output)
    return joined


def _reachable(state: dict, shown: set[str]) -> list[str]:
    """The ids of the widgets shown and of all that they refer to, in order of creation."""
    found, to_visit = set(), list(shown)
    while to_visit:
        model_id = to_visit.pop()
        if model_id in found or model_id not in state:
            continue
        found.add(model_id)
        to_visit += re.findall(r"IPY_MODEL_(\w+)", json.dumps(state[model_id]))
    return [model_id for model_id in state if model_id in found]


def _rename_widgets(notebook):
    """Replace the random widget ids by their place in the order of creation."""
    text = nbformat.writes(notebook)
    for place, model_id in enumerate(notebook.metadata["widgets"][WIDGET_STATE]["state"]):
        text = text.replace(model_id, f"{place + 1:032d}")
    return nbformat.reads(text, as_version=4)


def main(names: list[str]) -> int:
    """Execute the notebooks named, two at a time; say how long each took."""
    os.environ["PYDEVD_DISABLE_FILE_VALIDATION"] = "1"
    failures = 0
    with ThreadPoolExecutor(2) as pool:
        results = [(name, pool.submit(execute, Path(name).resolve())) for name in names]
        for name, result in results:
            try:
                print(f"{name}: {result.result():.1f} s", flush=True)
            except Exception as error:
                failures += 1
                print(f"{name}: {error}", file=sys.stderr, flush=True)
    return failures


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit("usage: execute_notebooks.py NOTEBOOK [NOTEBOOK ...]")
    sys.exit(main(sys.argv[1:]))
