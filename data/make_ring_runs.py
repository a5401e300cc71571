"""Trains GANs on the ring of eight Gaussians and records what they reach: ``make pretrained``.

Ten runs of each of the settings in `helpers.figures.lesson_05.RING_SETTINGS`. The lesson trains
two of them again, and a slow test some. The runs are spread over all cores, or by
``joblib.parallel_config`` over a cluster.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator
from pathlib import Path

from joblib import Parallel, delayed, parallel_config

from helpers.datasets import make_modes, ring_centers
from helpers.figures.lesson_05 import RECORDED_RUNS, RING_COLUMNS, RING_SETTINGS
from helpers.metrics import mode_coverage
from helpers.models import GAN

N_SEEDS = 10
NOISE = 0.05


def ring_run(setting: str, seed: int) -> tuple[int, float]:
    """Train one GAN on the ring; return how many modes it covers, and the share on a mode."""
    parameters = dict(RING_SETTINGS[setting])
    narrow_start = parameters.pop("narrow_start", False)
    ring = make_modes(10_000, noise=NOISE, random_state=seed)
    gan = GAN(**parameters, random_state=seed).start(ring)
    if narrow_start:
        gan.generator_.layers[-1].W *= 0.1
    gan.training_step(ring, n_steps=gan.max_iter)
    samples = gan.sample(2000, random_state=seed)
    found = mode_coverage(samples, ring_centers(), NOISE)
    return found.n_covered, found.share_on_mode


def sweep(settings: Iterable[str], seeds: Iterable[int]) -> Iterator[tuple[str, int, int, float]]:
    """Run every setting with every seed; yield setting, seed, modes and share of each in order."""
    runs = [(setting, seed) for setting in settings for seed in seeds]
    found = Parallel(return_as="generator")(delayed(ring_run)(*run) for run in runs)
    for run, (modes, share) in zip(runs, found):
        yield *run, modes, share


def main(path: Path = RECORDED_RUNS) -> None:
    """Run every setting with every seed and write one line for each run."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(RING_COLUMNS)
        for setting, seed, modes, share in sweep(RING_SETTINGS, range(N_SEEDS)):
            writer.writerow([setting, seed, modes, f"{share:.4f}"])
            file.flush()  # what has been run is kept, should the rest be stopped
            print(f"{setting}, seed {seed}: {modes} modes", flush=True)


if __name__ == "__main__":
    with parallel_config(n_jobs=-1):
        main()
