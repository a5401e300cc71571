"""Trains the conditional GANs of lesson 10 at many weights, and measures them: ``make pretrained``.

From pure least squares to a pure adversarial loss, in one family: the generator descends

    (1 − w) · MSE + w · adversarial loss,      w from 0 to 1.

Two scenes: heads that turn left or right, and digits that are enlarged from a few pixels. Every
weight is trained with several seeds, each with data of its own; the models of the first seed are
stored for the widget of the lesson, without discriminators, and the measures of all. The runs are
spread over all cores, or by ``joblib.parallel_config`` over a cluster.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from functools import partial
from pathlib import Path

import numpy as np
from joblib import Parallel, delayed, parallel_config
from numpy.typing import NDArray
from scipy.ndimage import zoom
from sklearn.exceptions import ConvergenceWarning
from sklearn.model_selection import train_test_split
from sklearn.neural_network import MLPClassifier
from sklearn.utils import Bunch

from helpers.datasets import DATA_FOLDER, load_digit_images
from helpers.metrics import (
    classifier_two_sample_test,
    nearest_future,
    psnr,
    rmse,
    sharpness,
    train_digit_classifier,
)
from helpers.models import ConditionalImageGAN
from helpers.models.pretrained import note_in_readme, save_estimators, write_checksum
from helpers.scenes import make_head_turns, mean_of_futures, possible_futures

LESSON_WEIGHTS = {"heads": 0.7, "digits 2x2": 0.9}
"""The weights that lesson 10 takes: they were chosen on seeds 0 and 1."""
FRESH_SEEDS = (20261101, 20261102, 20261103, 20261104, 20261105)
"""Seeds that nothing was chosen on, on which the lesson's weights are measured once more."""

# ----------------------------------------------------------------------------------- heads

HEAD_WEIGHTS = (0.0, 0.03, 0.1, 0.2, 0.4, 0.7, 1.0)
HEAD_SEEDS = (0, 1)
HEAD_SETTINGS = {"r1": (4, 1), "r2": (4, 1), "max_iter": 7000}
HEAD_MEASURES = (
    "to_truth",
    "to_nearest",
    "to_mean",
    "share_nearer",
    "both_shown",
    "share_right",
    "sharpness",
)


def to_rows(pictures: NDArray) -> NDArray:
    """Bring pictures with pixels 0 … 1 to rows with −1 … 1, the range of tanh."""
    return 2 * pictures.reshape(len(pictures), -1) - 1


def to_pictures(rows: NDArray, side: int) -> NDArray:
    """Bring rows with −1 … 1 back to square pictures with pixels 0 … 1."""
    return (rows.reshape(*rows.shape[:-1], side, side) + 1) / 2


def train_heads(weight: float, seed: int, **settings) -> ConditionalImageGAN:
    """Train on 8000 pairs of frames, two futures."""
    data = make_head_turns(8000, random_state=100 + seed)
    settings = HEAD_SETTINGS | {"random_state": seed} | settings
    gan = ConditionalImageGAN(adversarial_weight=weight, mse_weight=1 - weight, **settings)
    return gan.fit(to_rows(data.frames), to_rows(data.next_frames))


def draw(gan: ConditionalImageGAN, X: NDArray, n_draws: int, side: int, seed: int) -> NDArray:
    """Draw several pictures for each row, shape (n, n_draws, side, side)."""
    rows = gan.sample(np.repeat(X, n_draws, axis=0), random_state=seed)
    return to_pictures(rows.reshape(len(X), n_draws, -1), side)


def measure_heads(gan: ConditionalImageGAN, seed: int, n_frames: int = 300) -> list[float]:
    """Measure 16 draws for each of some frames that the GAN has not seen: `HEAD_MEASURES`."""
    unseen = make_head_turns(n_frames, random_state=1000 + seed)
    made = draw(gan, to_rows(unseen.frames), 16, 24, seed)
    truth, mean = unseen.next_frames, mean_of_futures(unseen.yaw)
    futures = possible_futures(unseen.yaw)
    near = nearest_future(made, futures)
    flat = made.reshape(-1, 24, 24)
    return [
        rmse(flat, np.repeat(truth, 16, axis=0)),
        near.distance.mean(),
        rmse(flat, np.repeat(mean, 16, axis=0)),
        near.share_nearer,
        near.shown.all(axis=1).mean(),
        near.index.mean(),
        sharpness(flat, futures.reshape(-1, 24, 24)),
    ]


# ----------------------------------------------------------------------------------- digits

FACTORS = {"digits 2x2": 4, "digits 4x4": 2}
DIGIT_WEIGHTS = {
    "digits 2x2": (0.0, 0.1, 0.25, 0.5, 0.75, 0.9, 1.0),
    "digits 4x4": (0.0, 0.5, 0.9, 1.0),
}
DIGIT_SEEDS = (0, 1, 2)
DIGIT_SETTINGS = {
    "discriminator_layer_sizes": (256, 128),
    "learning_rate_init": 0.001,
    "max_iter": 5000,
}
DIGIT_MEASURES = ("psnr", "sharpness", "digits_read", "c2st", "c2st_long")
SPLIT = {"test_size": 0.3, "stratify": "target"}

JUDGES = {
    "c2st": (MLPClassifier(early_stopping=True), 3),
    "c2st_long": (MLPClassifier(), 1),
}
"""The networks that tell real from made, and over how many foldings their accuracy is averaged.

The first stops when a tenth of its rows, which it does not learn from, is told no better for ten
epochs; the second goes on for two hundred epochs, whether or not it does any good.
"""


def digit_split(factor: int, seed: int) -> Bunch:
    """Digits for training and others for tests, with their block means.

    Returns
    -------
    Bunch
        ``train``, ``test``: pictures of 8 × 8, pixels 0 … 1; ``train_low``, ``test_low``: their
        block means; ``train_target``, ``test_target``.
    """
    digits = load_digit_images()
    train, test, train_target, test_target = train_test_split(
        digits.images,
        digits.target,
        test_size=SPLIT["test_size"],
        random_state=seed,
        stratify=digits.target,
    )
    low = [shrink(pictures, factor) for pictures in (train, test)]
    return Bunch(
        train=train,
        test=test,
        train_low=low[0],
        test_low=low[1],
        train_target=train_target,
        test_target=test_target,
    )


def shrink(pictures: NDArray, factor: int) -> NDArray:
    """Block means of pictures of 8 × 8."""
    side = 8 // factor
    return pictures.reshape(len(pictures), side, factor, side, factor).mean(axis=(2, 4))


def train_digits(weight: float, factor: int, seed: int, **settings) -> ConditionalImageGAN:
    """Train to enlarge digits."""
    data = digit_split(factor, seed)
    settings = DIGIT_SETTINGS | {"random_state": seed} | settings
    gan = ConditionalImageGAN(adversarial_weight=weight, mse_weight=1 - weight, **settings)
    return gan.fit(to_rows(data.train_low), to_rows(data.train))


def two_sample_accuracies(real: NDArray, made: NDArray, seed: int) -> list[float]:
    """How often each of the `JUDGES` tells real pictures from others, which look alike at 0.5."""
    real, made = (pictures.reshape(len(pictures), -1) for pictures in (real, made))
    found = []
    for judge, n_foldings in JUDGES.values():
        seeds = np.random.default_rng(seed).integers(2**31, size=n_foldings).tolist()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)  # two hundred epochs are meant
            tests = [
                classifier_two_sample_test(real, made, classifier=judge, random_state=s)
                for s in seeds
            ]
        found.append(float(np.mean([test.accuracy for test in tests])))
    return found


def score_digits(made: NDArray, data: Bunch, seed: int) -> list[float]:
    """Measure enlargements of the test digits: `DIGIT_MEASURES`."""
    reader = train_digit_classifier(data.train, data.train_target)
    return [
        psnr(made, data.test),
        sharpness(made, data.test),
        reader.score(made.reshape(len(made), -1), data.test_target),
        *two_sample_accuracies(data.test, made, seed),
    ]


def real_against_real(n_splits: int = 10) -> NDArray:
    """What the `JUDGES` find between equally many real and real digits, shape (n_splits, 2)."""
    images = load_digit_images().images
    n = len(digit_split(4, 0).test)
    found = []
    for seed in range(n_splits):
        mixed = np.random.default_rng(seed).permutation(images)
        found.append(two_sample_accuracies(mixed[:n], mixed[n : 2 * n], seed))
    return np.array(found, np.float32)


def measure_digits(gan: ConditionalImageGAN, factor: int, seed: int) -> list[float]:
    """Measure one draw for each test digit: `DIGIT_MEASURES`."""
    data = digit_split(factor, seed)
    made = draw(gan, to_rows(data.test_low), 1, 8, seed)[:, 0]
    return score_digits(made, data, seed)


def bicubic(low: NDArray, factor: int) -> NDArray:
    """Enlarge by bicubic interpolation."""
    return zoom(low, (1, factor, factor), order=3, mode="nearest", grid_mode=True)


# -------------------------------------------------------------------------------- the file


def heads_run(weight: float, seed: int) -> tuple[ConditionalImageGAN, list[float]]:
    """Train and measure at one weight, with one seed."""
    gan = train_heads(weight, seed)
    found = measure_heads(gan, seed)
    print(f"heads, weight {weight:g}, seed {seed}:", np.round(found, 3), flush=True)
    return gan, found


def digits_run(name: str, weight: float, seed: int) -> tuple[ConditionalImageGAN, list[float]]:
    """Train and measure at one weight, with one seed."""
    gan = train_digits(weight, FACTORS[name], seed)
    found = measure_digits(gan, FACTORS[name], seed)
    print(f"{name}, weight {weight:g}, seed {seed}:", np.round(found, 3), flush=True)
    return gan, found


def sweep(run, weights: Sequence[float], seeds: Sequence[int]) -> tuple[list, NDArray]:
    """Run all weights and seeds; return the models of the first seed, and all measures."""
    jobs = [delayed(run)(weight, seed) for weight in weights for seed in seeds]
    found = Parallel()(jobs)
    models = [model for model, _ in found[:: len(seeds)]]
    scores = np.array([scores for _, scores in found], np.float32)
    return models, scores.reshape(len(weights), len(seeds), -1)


def bicubic_scores(factor: int, seeds: Sequence[int]) -> NDArray:
    """Measures of bicubic interpolation, shape (n_seeds, n_measures)."""
    found = []
    for seed in seeds:
        data = digit_split(factor, seed)
        enlarged = bicubic(data.test_low, factor).clip(0, 1)
        found.append(score_digits(enlarged, data, seed))
    return np.array(found, np.float32)


def fresh_scores() -> dict[str, NDArray]:
    """Measures of the lesson's weights on fresh seeds, each of shape (n_seeds, n_measures)."""
    heads, digits = LESSON_WEIGHTS.values()
    enlarge = partial(digits_run, "digits 2x2")
    return {
        "heads fresh": sweep(heads_run, [heads], FRESH_SEEDS)[1][0],
        "digits 2x2 fresh mse": sweep(enlarge, [0.0], FRESH_SEEDS)[1][0],
        "digits 2x2 fresh": sweep(enlarge, [digits], FRESH_SEEDS)[1][0],
    }


def make_adversarial(path: Path) -> None:
    """Train and measure everything, and store it."""
    models, scores = {}, {}
    found, scores["heads"] = sweep(heads_run, HEAD_WEIGHTS, HEAD_SEEDS)
    models |= {f"heads {weight:g}": gan for weight, gan in zip(HEAD_WEIGHTS, found)}
    for name, factor in FACTORS.items():
        weights = DIGIT_WEIGHTS[name]
        found, scores[name] = sweep(partial(digits_run, name), weights, DIGIT_SEEDS)
        models |= {f"{name} {weight:g}": gan for weight, gan in zip(weights, found)}
        scores[f"{name} bicubic"] = bicubic_scores(factor, DIGIT_SEEDS)
    scores |= fresh_scores()
    scores["digits real"] = real_against_real()
    print("real against real:", scores["digits real"].mean(axis=0).round(3), flush=True)
    save_estimators(
        path,
        models,
        scores=scores,
        protocol={
            "loss": "(1 - w) * MSE + w * adversarial, pixels from -1 to 1",
            "weights": {"heads": HEAD_WEIGHTS, **DIGIT_WEIGHTS},
            "measures": {"heads": HEAD_MEASURES, **dict.fromkeys(FACTORS, DIGIT_MEASURES)},
            "seeds": {"heads": HEAD_SEEDS, **dict.fromkeys(FACTORS, DIGIT_SEEDS)},
            "fresh seeds": FRESH_SEEDS,
            "lesson weights": LESSON_WEIGHTS,
            "factors": FACTORS,
            "split": SPLIT,
            "judges": {name: repr(judge) for name, (judge, _) in JUDGES.items()},
        },
        for_sampling=True,
    )


def main() -> None:
    """Make the file and note its checksum."""
    path = DATA_FOLDER / "adversarial.npz"
    make_adversarial(path)
    note_in_readme(path, write_checksum(path))


if __name__ == "__main__":
    with parallel_config(n_jobs=-1):
        main()
