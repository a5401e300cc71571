"""The comparisons of lesson 12 with PyTorch, run where it is installed."""

from pathlib import Path

import nbformat
import numpy as np
import pytest

from helpers.nn import Adam, Network, dense_layers

pytest.importorskip("torch", reason="PyTorch (extra: benchmark) is not installed")

LESSON = Path(__file__).resolve().parents[2] / "notebooks/12_see_what_came_next.ipynb"
NEEDED = ("def levels", "def gradient_of")
TITLES = (
    "autoencoder with penalty",
    "weights after three steps of Adam",
    "code of a VAE",
    "convolution",
    "transposed convolution",
    "discriminator with R1",
    "generator, MSE and adversarial",
    "diffusion step",
)


def test_every_gradient_is_that_of_pytorch(capsys):
    cells = [c for c in nbformat.read(LESSON, as_version=4).cells if c.cell_type == "code"]
    namespace = {"np": np, "rng": np.random.default_rng(0)}
    namespace |= {"Adam": Adam, "Network": Network, "dense_layers": dense_layers}
    for cell in cells:
        functions = [needed for needed in NEEDED if needed in cell.source]
        if "pytorch" in cell.metadata.get("tags", ()) or functions:
            exec(cell.source, namespace)
    printed = capsys.readouterr().out
    assert "not run" not in printed
    for title in TITLES:
        assert f"{title}: " in printed
    assert printed.count("numbers, the same in PyTorch") == len(TITLES)


def test_a_wrong_gradient_is_noticed():
    cells = [c for c in nbformat.read(LESSON, as_version=4).cells if c.cell_type == "code"]
    namespace = {"np": np}
    for cell in cells:
        if "def compared" in cell.source or "find_spec" in cell.source:
            exec(cell.source, namespace)
    right = np.ones(3)
    with pytest.raises(AssertionError):
        namespace["compared"]("a factor 2", lambda: (right, 2 * right))
    with pytest.raises(AssertionError):
        namespace["compared"]("a shape", lambda: (right, right[None]))
