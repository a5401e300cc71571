"""Trains the diffusion models of lesson 12 and records what they reach: ``make pretrained``.

The ring of eight Gaussians and the digits (8 × 8, told which digit to draw), each recipe on five
seeds, which choose the training rows as well as the network; the networks of the first seed are
stored, for the diffusion explorer. Digits are measured as those of lesson 11 are. Of three seeds,
samples are drawn with few steps and with many, with fresh noise and without.
"""

from __future__ import annotations

import runpy
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from joblib import Parallel, delayed, parallel_config
from numpy.typing import NDArray
from sklearn.utils import Bunch

from helpers.datasets import DATA_FOLDER, make_modes, ring_centers
from helpers.metrics import mode_coverage
from helpers.models import DiffusionModel
from helpers.models.pretrained import note_in_readme, save_estimators, write_checksum

KINDS = ("ring", "digits")
SEEDS = (20261111, 20261112, 20261113, 20261114, 20261115)

RECIPES: dict[str, dict[str, Any]] = {
    "ring": {
        "hidden_layer_sizes": (64, 64, 64),
        "batch_size": 128,
        "max_iter": 100,
    },
    "digits": {
        "hidden_layer_sizes": (256, 256),
        "bounds": (-1, 1),
        "max_iter": 400,
    },
}
"""What differs from the defaults of `DiffusionModel`."""

WALKS: dict[str, dict[str, Any]] = {
    "ring": {"n_steps": 100, "eta": 1.0},
    "digits": {"n_steps": 50, "eta": 0.0},
}
"""How samples are drawn."""

N_TRAINING = {"ring": 10_000, "digits": 1200}
N_SAMPLES = {"ring": 2000, "digits": 597}
RING_NOISE = 0.05

N_STEPPED = 3
"""How many seeds are measured at each of the `STEPS`."""

STEPS = (1, 2, 3, 5, 10, 20, 50, 100)
ETAS = (0.0, 1.0)

DIGITS = runpy.run_path(str(DATA_FOLDER / "make_image_gans.py"))
"""Lesson 11's way to split digits and to measure them."""

MEASURES: dict[str, tuple[str, ...]] = {
    "ring": ("modes_covered", "share_on_mode"),
    "digits": DIGITS["MEASURES"],
}
"""What is recorded of samples, in this order."""


def rows(kind: str, seed: int) -> Bunch:
    """Return ``train``, ``y`` (None for the ring), and what samples are compared with."""
    if kind == "digits":
        return DIGITS["pictures"]("digits", seed)
    train = make_modes(N_TRAINING["ring"], noise=RING_NOISE, random_state=seed)
    return Bunch(train=train, y=None)


def train(kind: str, seed: int, data: Bunch) -> DiffusionModel:
    """Train one model by the recipe of its kind."""
    return DiffusionModel(**RECIPES[kind], random_state=seed).fit(data.train, data.y)


def draw(kind: str, model: DiffusionModel, seed: int, **changes: Any) -> NDArray:
    """Draw as many samples as are measured, by the walk of its kind or by a changed one."""
    return model.sample(N_SAMPLES[kind], random_state=seed, **(WALKS[kind] | changes))


def measure(kind: str, fake: NDArray, data: Bunch, seed: int) -> list[float]:
    """Return the `MEASURES` of samples."""
    if kind == "digits":
        return DIGITS["measure"]("digits", fake, data, seed, forest=True)
    found = mode_coverage(fake, ring_centers(), RING_NOISE)
    return [float(found.n_covered), found.share_on_mode]


def run(kind: str, seed: int) -> Bunch:
    """Train one model; measure its samples, and those of every number of steps."""
    data = rows(kind, seed)
    model = train(kind, seed, data)
    by_steps = None
    if seed in SEEDS[:N_STEPPED]:
        by_steps = [
            [measure(kind, draw(kind, model, seed, n_steps=k, eta=eta), data, seed) for k in STEPS]
            for eta in ETAS
        ]
    scores = measure(kind, draw(kind, model, seed), data, seed)
    figures = ", ".join(f"{m} {s:.2f}" for m, s in zip(MEASURES[kind], scores))
    print(f"{kind}, seed {seed}: {figures}", flush=True)
    return Bunch(model=model, scores=scores, by_steps=by_steps)


def measure_real(kind: str, seed: int) -> list[float]:
    """Measure fresh real rows, which is what a perfect model would reach."""
    if kind == "digits":
        return DIGITS["measure_real"]("digits", seed)
    fresh = make_modes(N_SAMPLES["ring"], noise=RING_NOISE, random_state=1_000_000 + seed)
    return measure("ring", fresh, rows("ring", seed), seed)


def make_diffusion(path: Path) -> None:
    """Make all runs and store them."""
    models, scores = {}, {}
    for kind in KINDS:
        runs = Parallel()(delayed(run)(kind, seed) for seed in SEEDS)
        models[kind] = runs[0].model
        scores[kind] = [run.scores for run in runs]
        scores[f"{kind} by steps"] = [run.by_steps for run in runs[:N_STEPPED]]
        scores[f"real {kind}"] = Parallel()(delayed(measure_real)(kind, seed) for seed in SEEDS)
    store(path, models, scores)


def store(path: Path, models: Mapping[str, DiffusionModel], scores: Mapping[str, Any]) -> None:
    """Write networks and scores to the file, with the protocol."""
    save_estimators(
        path,
        models,
        scores={
            "steps": np.array(STEPS),
            "etas": np.array(ETAS),
            **{name: np.asarray(values, np.float32) for name, values in scores.items()},
        },
        protocol={
            "kinds": KINDS,
            "seeds": SEEDS,
            "measures": MEASURES,
            "recipes": RECIPES,
            "walks": WALKS,
            "stepped_seeds": SEEDS[:N_STEPPED],
            "n_training": N_TRAINING,
            "n_samples": N_SAMPLES,
            "ring_noise": RING_NOISE,
        },
        for_sampling=True,
    )


def main() -> None:
    """Make the file and note its checksum."""
    path = DATA_FOLDER / "diffusion.npz"
    make_diffusion(path)
    note_in_readme(path, write_checksum(path))


if __name__ == "__main__":
    with parallel_config(n_jobs=-1):
        main()
