"""Trains the models that a lesson or a widget needs ready, and measures them: ``make pretrained``.

The regularisation bench of lesson 04 shows four ways to regularise, each at nine strengths. Every
model is trained on five splits of the ionosphere table and scored under each of the four laws that
h can be drawn from; splits, seeds and measures are those of the scoreboard. The models of the first
split are stored, with the scores of all five.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from sklearn.utils import Bunch

from helpers.datasets import DATA_FOLDER
from helpers.models import Autoencoder, VariationalAutoencoder
from helpers.models.autoencoder import PRIORS
from helpers.models.pretrained import save_estimators, write_checksum
from helpers.scoreboard import SCORES, ionosphere_table, score_rows, split_table

N_SPLITS = 5
IN_USE = 0.001
"""A latent number is in use if holding it at its mean moves x_hat by more than this share of the
variance of the data. (The variance of the code itself, as in `active_units` of the variational
autoencoder, says little without noise of a fixed size: a penalty on the codes makes them small,
and the decoder makes up for it.)"""

KINDS: dict[str, tuple[Callable, str, list[float]]] = {
    "weights": (Autoencoder, "alpha", [0, 0.0003, 0.001, 1 / 234, 0.01, 0.03, 0.1, 0.3, 1]),
    "codes": (Autoencoder, "code_penalty", [0, 0.001, 0.01, 0.03, 0.1, 0.3, 1, 3, 10]),
    "codes and noise": (
        partial(Autoencoder, code_noise=0.3),
        "code_penalty",
        [0, 0.001, 0.01, 0.03, 0.1, 0.3, 1, 3, 10],
    ),
    "vae": (VariationalAutoencoder, "beta", [0, 0.01, 0.1, 0.3, 1, 2, 4, 20, 100]),
}
"""Each way to regularise: the estimator, the parameter that is its strength, and the strengths."""


def bench_model(kind: str, strength: float, random_state: int):
    """Return the untrained estimator of one kind and strength."""
    estimator, parameter, _ = KINDS[kind]
    return estimator(**{parameter: strength}, random_state=random_state)


def split_seeds(n_splits: int) -> list[list[int]]:
    """The seeds of split, model and measures of each split: those of `score_recipe`."""
    return np.random.default_rng(0).integers(2**31, size=(n_splits, 3)).tolist()


def measure(kind: str, strength: float, *, n_splits: int = N_SPLITS) -> Bunch:
    """Train and score one model of the bench on several splits.

    Returns
    -------
    Bunch
        ``errors``: mean of ‖x − x_hat‖², shape (n_splits, 2), on training and held-out rows;
        ``in_use``: how many latent numbers are in use, shape (n_splits,); ``varying``: how many
        have a variance above 0.01, shape (n_splits,); ``scores``: shape (n_splits, 4, 7), for each
        of the `PRIORS` the `SCORES`; ``model``: that of the first split.
    """
    table = ionosphere_table()
    found = Bunch(errors=[], in_use=[], varying=[], scores=[], model=None)
    for split_seed, model_seed, measure_seed in split_seeds(n_splits):
        train, held_out = split_table(table, random_state=split_seed)
        model = bench_model(kind, strength, model_seed).fit(train)
        found.errors.append([-model.score(train), -model.score(held_out)])
        found.in_use.append(latent_numbers_in_use(model, train).sum())
        found.varying.append((model.transform(train).var(axis=0) > 0.01).sum())
        found.scores.append(
            [_scores(model, prior, train, held_out, model_seed, measure_seed) for prior in PRIORS]
        )
        found.model = found.model or model
    model = found.pop("model")
    return Bunch(model=model, **{name: np.array(values) for name, values in found.items()})


def latent_numbers_in_use(model, X: NDArray) -> NDArray:
    """Tell which latent numbers the decoder makes use of, shape (n_latent,)."""
    H = model.transform(X)
    x_hat = model.inverse_transform(H)
    moved = []
    for k, mean in enumerate(H.mean(axis=0)):
        held = H.copy()
        held[:, k] = mean
        moved.append(((model.inverse_transform(held) - x_hat) ** 2).sum(axis=1).mean())
    return np.array(moved) > IN_USE * X.var(axis=0).sum()


def _scores(model, prior, train, held_out, model_seed, measure_seed) -> list[float]:
    rows = model.sample(len(train), random_state=model_seed, prior=prior)
    scores = score_rows(rows, train, held_out, random_state=measure_seed)
    return [scores[name] for name in SCORES]


def make_regularisation_bench(path: Path) -> None:
    """Train and measure all models of the bench, and store them."""
    models, measured = {}, []
    for kind, (_, _, strengths) in KINDS.items():
        for strength in strengths:
            found = measure(kind, strength)
            models[f"{kind} {strength:g}"] = found.pop("model")
            measured.append(found)
            c2st = found.scores[:, :, list(SCORES).index("c2st")].mean(axis=0).round(2)
            print(f"{kind} {strength:g}: C2ST {c2st}", flush=True)
    scores = {}
    for name in measured[0]:
        stacked = np.stack([found[name] for found in measured]).astype(np.float32)
        scores[name] = stacked.reshape(len(KINDS), -1, *stacked.shape[1:])
    save_estimators(
        path,
        models,
        scores=scores,
        protocol={
            "table": "ionosphere_table() of helpers.scoreboard, label included",
            "seeds": split_seeds(N_SPLITS),
            "strengths": {kind: strengths for kind, (_, _, strengths) in KINDS.items()},
            "priors": list(PRIORS),
            "scores": list(SCORES),
        },
    )


FILES = {"regularisation_bench.npz": make_regularisation_bench}
"""The files that are made here, and what makes them."""


def note_in_readme(name: str, checksum: str) -> None:
    """Write the checksum into the section that README.md has on the file."""
    readme = DATA_FOLDER / "README.md"
    before, heading, after = readme.read_text(encoding="utf-8").partition(f"## {name}\n")
    after = re.sub(r"SHA-256: `\w*`", f"SHA-256: `{checksum}`", after, count=1)
    readme.write_text(before + heading + after, encoding="utf-8", newline="\n")


def main() -> None:
    """Make all files and note their checksums."""
    for name, make in FILES.items():
        make(DATA_FOLDER / name)
        note_in_readme(name, write_checksum(DATA_FOLDER / name))


if __name__ == "__main__":
    main()
