"""Trains the GANs of lesson 11 and records what they reach: ``make pretrained``.

Digits (8 × 8, told which digit to draw) and cats (16 × 16): each recipe on five seeds, which choose
the training rows as well as the networks. The generators of the first three are stored; the latent
explorer shows them. Then each trick is left out once, on three seeds, and measured in the same way:
runs that failed are counted, not repeated. The runs are spread over all cores, or by
``joblib.parallel_config`` over a cluster.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from joblib import Parallel, delayed, parallel_config
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import train_test_split
from sklearn.utils import Bunch

from helpers.datasets import DATA_FOLDER, load_digit_images
from helpers.metrics import (
    class_histogram,
    classifier_score,
    classifier_two_sample_test,
    copy_ratio,
    coverage,
    frechet_distance,
    precision_recall,
    sharpness,
    train_digit_classifier,
)
from helpers.models import ImageGAN
from helpers.models.pretrained import note_in_readme, save_estimators, write_checksum
from helpers.scenes import make_cats

KINDS = ("digits", "cats")
SEEDS = (20261111, 20261112, 20261113, 20261114, 20261115)
N_STORED = N_ABLATION_SEEDS = 3
N_HELD_OUT = {"digits": 597, "cats": 1000}
N_TRAINING = {"digits": 1200, "cats": 20_000}

RECIPES: dict[str, dict[str, Any]] = {
    "digits": {
        "generator_layer_sizes": (128, 128),
        "discriminator_layer_sizes": (128, 64),
        "max_iter": 10_000,
    },
    "cats": {
        "generator_layer_sizes": (128,),
        "generator_channels": (32, 16),
        "discriminator_layer_sizes": (256, 128),
        "max_iter": 8000,
    },
}
"""What differs from the defaults of `ImageGAN`, penalties R1 and R2 among them."""

PSI = {"digits": 1.15, "cats": 1.0}
"""z is drawn from N(0, psi²). Told the digit, the generator draws it too typically; a psi above 1
makes up for it (in training it is 1)."""

PSIS = (0.25, 0.5, 0.75, 1.0, 1.15, 1.3, 1.5)
"""What is tried for psi."""

MEASURES = (
    "precision",
    "recall",
    "coverage",
    "copy_ratio",
    "sharpness",
    "c2st_linear",
    "frechet",
    "classifier_score",
    "score_of_other_judge",
    "smallest_class",
    "c2st_forest",
)
"""What is recorded of each run, in this order; NaN where a measure does not apply."""

JITTER = 0.1
"""Noise on both sides before a classifier tells them apart, pixels being −1 to 1. Digits have 17
grey levels, cats a background of one grey: without noise a forest needs nothing else."""

N_COPY_CHECK = 300
"""So many generated rows are compared with all training rows and as many unseen ones."""

JUST_MEASURED = ("psi", "averaged")
"""What an ablation changes after training."""

ABLATION_STEPS = {"digits": 4000, "cats": 2500}

ABLATIONS: dict[str, dict[str, dict[str, Any]]] = {
    "digits": {
        "all tricks": {},
        "no penalty": {"r1": 0.0, "r2": 0.0},
        "R1 alone": {"r2": 0.0},
        "beta1 .5": {"betas": (0.5, 0.99)},
        "beta1 .9": {"betas": (0.9, 0.99)},
        "learning rate x 5": {"learning_rate_init": 5e-3},
        "constant rate": {"decay_to": 1.0},
        "no averaging": {"averaged": False},
        "constant rate, no averaging": {"decay_to": 1.0, "averaged": False},
        "minimax loss": {"loss": "minimax"},
        "batch normalisation": {"batch_normalisation": True},
        "ReLU": {"generator_activation": "relu", "discriminator_activation": "relu"},
        "convolutional generator": {
            "generator_layer_sizes": (128,),
            "generator_channels": (32, 16),
        },
        "convolutional discriminator": {
            "discriminator_layer_sizes": (64,),
            "discriminator_channels": (16, 32),
        },
        "z of length 2": {"n_latent": 2},
        "no labels": {"labels": False},
        "100 training digits": {"n_training": 100},
        "z as in training": {"psi": 1.0},
    },
    "cats": {
        "all tricks": {},
        "no penalty": {"r1": 0.0, "r2": 0.0},
        "dense generator": {"generator_layer_sizes": (128, 256), "generator_channels": ()},
        "convolutional discriminator": {
            "discriminator_layer_sizes": (64,),
            "discriminator_channels": (16, 32),
        },
        "half of them dark": {"p_dark": 0.5},
        "half of them dark, no penalty": {"p_dark": 0.5, "r1": 0.0, "r2": 0.0},
    },
}
"""What each run changes of the recipe, beside its length, which is that of `ABLATION_STEPS`."""

N_PICTURES = {"digits": 30, "cats": 24}

# ------------------------------------------------------------------------------ data and models


def pictures(kind: str, seed: int, *, n_training: int | None = None, p_dark: float = 0.0) -> Bunch:
    """Draw training and held-out pictures, as rows of pixels from −1 to 1.

    Returns
    -------
    Bunch
        ``train``, ``held_out``: shape (n, n_pixels); ``y``, ``y_held_out``: digits, None for cats;
        ``unseen``: rows for the copy check, as many as `train` where there are so many.
    """
    if kind == "digits":
        images, _, y, y_held_out = split_digits(seed)
    else:
        images = make_cats(N_TRAINING[kind], p_dark=p_dark, random_state=seed).images
        y = y_held_out = None
    train = as_rows(images)[:n_training]
    held_out = held_out_pictures(kind, seed, p_dark=p_dark)
    return Bunch(
        train=train,
        held_out=held_out,
        y=None if y is None else y[:n_training],
        y_held_out=y_held_out,
        unseen=held_out if kind == "digits" else unseen_cats(seed, p_dark),
    )


def held_out_pictures(kind: str, seed: int, *, p_dark: float = 0.0) -> NDArray:
    """Draw the held-out ones alone, shape (n, n_pixels)."""
    if kind == "digits":
        return as_rows(split_digits(seed)[1])
    images = make_cats(N_HELD_OUT[kind], p_dark=p_dark, random_state=1_000_000 + seed).images
    return as_rows(images)


def unseen_cats(seed: int, p_dark: float) -> NDArray:
    """Draw as many cats as there are to train on: fewer could not show all that may be copied."""
    return as_rows(
        make_cats(N_TRAINING["cats"], p_dark=p_dark, random_state=2_000_000 + seed).images
    )


def split_digits(seed: int) -> list[NDArray]:
    """Split pictures and digits into those to train on and those held out."""
    digits = load_digit_images()
    return train_test_split(
        digits.images,
        digits.target,
        train_size=N_TRAINING["digits"],
        test_size=N_HELD_OUT["digits"],
        random_state=seed,
        stratify=digits.target,
    )


def as_rows(images: NDArray) -> NDArray:
    """Flatten pictures of pixels from 0 to 1 to rows from −1 to 1."""
    return 2 * images.reshape(len(images), -1) - 1


def as_images(rows: NDArray) -> NDArray:
    """Undo `as_rows`."""
    side = int(np.sqrt(rows.shape[1]))
    return (rows.reshape(-1, side, side) + 1) / 2


def train(kind: str, seed: int, data: Bunch, *, labels: bool = True, **changes: Any) -> ImageGAN:
    """Train one GAN by the recipe of its kind, or by a changed one."""
    gan = ImageGAN(**(RECIPES[kind] | changes), random_state=seed)
    return gan.fit(data.train, data.y if labels else None)


def draw(
    gan: ImageGAN, n: int, random_state: int, *, psi: float = 1.0, averaged: bool = True, y=None
) -> NDArray:
    """Generate rows from z ~ N(0, psi²); labels, where there are any, by their frequency."""
    rng = np.random.default_rng(random_state)
    Z = psi * rng.standard_normal((n, gan.n_latent))
    if gan.classes_ is not None and y is None:
        y = rng.choice(gan.classes_, size=n, p=gan.class_prior_)
    return gan.generate(Z, None if gan.classes_ is None else y, averaged=averaged)


# ------------------------------------------------------------------------------------ measures


def measure(
    kind: str, fake: NDArray, data: Bunch, seed: int, *, copies: bool = True, forest: bool = False
) -> list[float]:
    """Compare generated with held-out rows, as many of each; return the `MEASURES`.

    Two judges score digits: one was trained on the GAN's training rows, the other on held-out rows.
    The smallest class is the rarest digit, or the rarer of dark and light cats.
    """
    real, n = data.held_out, len(data.unseen)
    precision, recall = precision_recall(real, fake)
    test = partial(classifier_two_sample_test, real, fake, jitter=JITTER, random_state=seed)
    found = {
        "precision": precision,
        "recall": recall,
        "coverage": coverage(real, fake),
        "sharpness": sharpness(as_images(fake), as_images(real)),
        "c2st_linear": test(classifier=LogisticRegression(max_iter=1000)).accuracy,
        "frechet": frechet_distance(real, fake, n_components=16),
    }
    if kind == "digits":
        made = as_images(fake)
        judge = digit_judge(seed)
        other_judge = train_digit_classifier(as_images(real), data.y_held_out)
        found["classifier_score"] = classifier_score(made, judge)
        found["score_of_other_judge"] = classifier_score(made, other_judge)
        found["smallest_class"] = class_histogram(made, judge).min()
    elif share_of_dark_cats(real) > 0:
        share = share_of_dark_cats(fake)
        found["smallest_class"] = min(share, 1 - share)
    if copies:
        found["copy_ratio"] = copy_ratio(
            fake[:N_COPY_CHECK], data.train[:n], data.unseen, random_state=seed
        )
    if forest:
        found["c2st_forest"] = test().accuracy
    return [float(found.get(name, np.nan)) for name in MEASURES]


def share_of_dark_cats(rows: NDArray) -> float:
    """Tell how many stand on white: the upper edge is background."""
    return float((as_images(rows)[:, 0].mean(axis=1) > 0.5).mean())


def digit_judge(seed: int):
    """Return a classifier trained on all training digits of a seed."""
    data = pictures("digits", seed)
    return train_digit_classifier(as_images(data.train), data.y)


def measure_real(kind: str, seed: int) -> list[float]:
    """Compare training with held-out rows: what a perfect generator would reach.

    The first judge scores held-out digits and the second training digits, which neither has seen.
    There is no copy ratio: training rows lie among themselves.
    """
    data = pictures(kind, seed)
    real = measure(kind, data.train[: len(data.held_out)], data, seed, copies=False, forest=True)
    if kind == "digits":
        judge = digit_judge(seed)
        held_out = as_images(data.held_out)
        real[MEASURES.index("classifier_score")] = float(classifier_score(held_out, judge))
        real[MEASURES.index("smallest_class")] = float(class_histogram(held_out, judge).min())
    return real


# ------------------------------------------------------------------------------------ the runs


def main_run(kind: str, seed: int) -> Bunch:
    """Train one GAN by its recipe and measure it, by a forest too, and at each of the `PSIS`."""
    data = pictures(kind, seed)
    return measure_main_run(kind, seed, data, train(kind, seed, data))


def measure_main_run(kind: str, seed: int, data: Bunch, gan: ImageGAN) -> Bunch:
    """Measure a GAN trained by its recipe."""
    n = len(data.held_out)
    fake = draw(gan, n, seed, psi=PSI[kind])
    scores = measure(kind, fake, data, seed, forest=True)
    by_psi = [measure(kind, draw(gan, n, seed, psi=psi), data, seed, copies=False) for psi in PSIS]
    _report(kind, "recipe", seed, scores)
    return Bunch(gan=gan, scores=scores, psi=by_psi, real=measure_real(kind, seed))


def ablation_run(kind: str, name: str, seed: int) -> Bunch:
    """Train one GAN with a trick left out; return its scores, NaN if it diverged, and pictures."""
    changes: Mapping[str, Any] = ABLATIONS[kind][name]
    of_data = {key: changes[key] for key in ("n_training", "p_dark") if key in changes}
    of_drawing = {key: changes[key] for key in JUST_MEASURED if key in changes}
    of_model = {key: changes[key] for key in changes if key not in of_data | of_drawing}
    of_drawing = {"psi": PSI[kind]} | of_drawing
    data = pictures(kind, seed, **of_data)
    side = int(np.sqrt(data.train.shape[1]))
    shown = np.zeros((N_PICTURES[kind], side, side), np.uint8)
    try:
        gan = train(kind, seed, data, **({"max_iter": ABLATION_STEPS[kind]} | of_model))
    except FloatingPointError:
        scores = [np.nan] * len(MEASURES)
    else:
        scores = measure(kind, draw(gan, len(data.held_out), seed, **of_drawing), data, seed)
        y = np.arange(N_PICTURES[kind]) % 10  # a row of ten digits in order
        rows = draw(gan, N_PICTURES[kind], 0, **of_drawing, y=y)
        shown = np.round(255 * as_images(rows).clip(0, 1)).astype(np.uint8)
    _report(kind, name, seed, scores)
    return Bunch(scores=scores, pictures=shown)


def _report(kind: str, name: str, seed: int, scores: list[float]) -> None:
    figures = ", ".join(f"{m} {s:.2f}" for m, s in zip(MEASURES, scores) if np.isfinite(s))
    print(f"{kind}, {name}, seed {seed}: {figures or 'diverged'}", flush=True)


# ------------------------------------------------------------------------------------ the file


def make_image_gans(path: Path) -> None:
    """Make all runs and store them; twenty minutes on one core."""
    parallel = Parallel()
    models, scores = {}, {}
    for kind in KINDS:
        runs = parallel(delayed(main_run)(kind, seed) for seed in SEEDS)
        models |= {f"{kind} {seed}": run.gan for seed, run in zip(SEEDS[:N_STORED], runs)}
        scores[kind] = [run.scores for run in runs]
        scores[f"real {kind}"] = [run.real for run in runs]
        scores[f"psi {kind}"] = np.swapaxes([run.psi for run in runs], 0, 1)
    for kind in KINDS:
        names, seeds = ABLATIONS[kind], SEEDS[:N_ABLATION_SEEDS]
        runs = parallel(delayed(ablation_run)(kind, n, s) for n in names for s in seeds)
        found = np.array([run.scores for run in runs])
        scores[f"ablations {kind}"] = found.reshape(len(names), len(seeds), len(MEASURES))
        scores[f"pictures {kind}"] = np.array([run.pictures for run in runs[:: len(seeds)]])
    store(path, models, scores)


def store(path: Path, models: Mapping[str, ImageGAN], scores: Mapping[str, Any]) -> None:
    """Write generators and scores to the file, with the protocol."""
    save_estimators(
        path,
        models,
        scores={
            name: np.asarray(values, np.uint8 if name.startswith("pictures") else np.float32)
            for name, values in scores.items()
        },
        protocol={
            "kinds": KINDS,
            "seeds": SEEDS[:N_STORED],
            "sweep_seeds": SEEDS,
            "measures": MEASURES,
            "recipes": RECIPES,
            "n_training": N_TRAINING,
            "n_held_out": N_HELD_OUT,
            "psi": PSI,
            "psis": PSIS,
            "jitter": JITTER,
            "ablations": ABLATIONS,
            "ablation_steps": ABLATION_STEPS,
            "ablation_seeds": SEEDS[:N_ABLATION_SEEDS],
        },
        for_sampling=True,
    )


def main() -> None:
    """Make the file and note its checksum."""
    path = DATA_FOLDER / "image_gans.npz"
    make_image_gans(path)
    note_in_readme(path, write_checksum(path))


if __name__ == "__main__":
    with parallel_config(n_jobs=-1):
        main()
