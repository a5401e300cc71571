"""Trains the models that a lesson or a widget needs ready, and measures them: ``make pretrained``.

The regularisation bench of lesson 04 shows four ways to regularise, each at nine strengths. Every
model is trained on five splits of the ionosphere table and scored under each of the four laws that
h can be drawn from; splits, seeds and measures are those of the scoreboard. The models of the first
split are stored, with the scores of all five.

The futures explorer of lesson 09 asks one network for each kind of futures; the lesson also shows
what several seeds, sizes and lengths of training reach on heads and on digits.

All this is spread over the cores of the machine, or by ``joblib.parallel_config`` over a cluster.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from pathlib import Path

import numpy as np
from joblib import Parallel, delayed, parallel_config
from numpy.typing import NDArray
from scipy.ndimage import zoom
from sklearn.model_selection import train_test_split
from sklearn.utils import Bunch

from helpers.datasets import DATA_FOLDER, load_digit_images
from helpers.metrics import nearest_future, psnr, rmse, sharpness, train_digit_classifier
from helpers.models import Autoencoder, ImageRegressor, VariationalAutoencoder
from helpers.models.autoencoder import PRIORS
from helpers.models.pretrained import note_in_readme, save_estimators, write_checksum
from helpers.scenes import FUTURES, make_head_turns, mean_of_futures, possible_futures
from helpers.scoreboard import SCORES, ionosphere_table, score_rows, split_table
from helpers.widgets.futures import LARGEST_TURN, LARGEST_YAW, frames_at, network_input

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


def sweep(places: Iterable[tuple[str, float]], *, n_splits: int = N_SPLITS) -> Iterator[Bunch]:
    """Measure at many kinds and strengths, one task each; yield what is found, in order."""
    return Parallel(return_as="generator")(
        delayed(measure)(kind, strength, n_splits=n_splits) for kind, strength in places
    )


def make_regularisation_bench(path: Path) -> None:
    """Train and measure all models of the bench, and store them."""
    models, measured = {}, []
    places = [(kind, strength) for kind, (_, _, row) in KINDS.items() for strength in row]
    for (kind, strength), found in zip(places, sweep(places)):
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


# ------------------------------------------------------------------------- futures, lesson 09

N_SEEDS = 5
EPOCHS_OF_EXPLORER, PAIRS_OF_AN_EPOCH = 320, 8000

REMEDIES = {
    "24 wide": {"hidden_layer_sizes": (24, 24)},
    "96 wide, as above": {},
    "three times longer": {"max_iter": 60},
    "four times wider": {"hidden_layer_sizes": (384, 384)},
    "four times the data": {"n_pairs": 32_000, "max_iter": 10},
}
"""What is tried against the blur of two futures: changes to 96 wide, 20 epochs, 8000 pairs."""


def explorer_pairs(futures: str, n_pairs: int, rng: np.random.Generator) -> Bunch:
    """Draw settings of the futures explorer, and for each one of the futures that may come.

    Returns
    -------
    Bunch
        ``X``: what the network is told, shape (n_pairs, 593); ``Y``: the next frame, shape
        (n_pairs, 576); ``yaw``, ``turn``, ``p_left``: shape (n_pairs,).
    """
    yaw = rng.integers(-LARGEST_YAW, LARGEST_YAW + 1, n_pairs)
    turn = rng.integers(1, LARGEST_TURN + 1, n_pairs)
    p_left = rng.integers(0, 101, n_pairs) / 100
    side = np.where(rng.random(n_pairs) < p_left, -1, 1)
    turned = side * (turn if futures == "two" else rng.integers(0, turn) + 0.5)
    X = network_input(frames_at(yaw), turn, p_left)
    Y = frames_at(yaw + turned).reshape(n_pairs, -1)
    return Bunch(X=X, Y=Y, yaw=yaw, turn=turn, p_left=p_left)


def explorer_network(futures: str, *, n_epochs: int = EPOCHS_OF_EXPLORER) -> ImageRegressor:
    """Train the network of one kind of futures, on fresh pairs in every epoch."""
    rng = np.random.default_rng(0)
    network = ImageRegressor((192, 192), batch_size=128, max_iter=n_epochs, random_state=0)
    for _ in range(n_epochs):
        pairs = explorer_pairs(futures, PAIRS_OF_AN_EPOCH, rng)
        network.partial_fit(pairs.X, pairs.Y)
    return network


def explorer_errors(network: ImageRegressor, futures: str, n_settings: int = 500) -> NDArray:
    """Distance (RMSE) of predictions to the analytic mean at random settings, shape (n,)."""
    settings = explorer_pairs(futures, n_settings, np.random.default_rng(1))
    means = [
        mean_of_futures(yaw, futures=futures, turn=turn, p_left=p_left)[0].ravel()
        for yaw, turn, p_left in zip(settings.yaw, settings.turn, settings.p_left)
    ]
    return np.sqrt(((network.predict(settings.X) - means) ** 2).mean(axis=1))


def measure_heads(futures: str, seed: int, *, n_pairs: int = 8000, **settings) -> list[float]:
    """Fit the network of lesson 09 to heads that turn; measure it on frames it has not seen.

    Returns
    -------
    list of float
        RMSE to the analytic mean; mean RMSE to the nearest future; gradient energy, against that
        of the analytic mean.
    """
    data = make_head_turns(n_pairs, futures=futures, random_state=seed)
    unseen = make_head_turns(400, futures=futures, random_state=1000 + seed)
    settings = {"hidden_layer_sizes": (96, 96), "max_iter": 20, "random_state": seed} | settings
    network = ImageRegressor(**settings)
    network.fit(data.frames.reshape(n_pairs, -1), data.next_frames.reshape(n_pairs, -1))
    made = network.predict(unseen.frames.reshape(400, -1)).reshape(400, 24, 24)
    mean = mean_of_futures(unseen.yaw, futures=futures)
    near = nearest_future(made, possible_futures(unseen.yaw, futures=futures))
    return [rmse(made, mean), near.distance.mean(), sharpness(made, mean)]


def measure_digits(factor: int, seed: int) -> list[list[float]]:
    """Enlarge digits by bicubic interpolation and by the network of lesson 09, and measure.

    Returns
    -------
    list of list of float, shape (2, 3)
        For bicubic interpolation and for the network: PSNR, sharpness, and the share of test
        digits that are read correctly.
    """
    digits = load_digit_images()
    train, test, train_target, test_target = train_test_split(
        digits.images, digits.target, test_size=0.3, random_state=seed, stratify=digits.target
    )
    small, low = (
        images.reshape(len(images), 8 // factor, factor, 8 // factor, factor).mean(axis=(2, 4))
        for images in (train, test)
    )
    network = ImageRegressor((96, 96), max_iter=300, learning_rate_init=0.003, random_state=seed)
    network.fit(small.reshape(len(train), -1), train.reshape(len(train), -1))
    made = network.predict(low.reshape(len(test), -1)).reshape(test.shape).clip(0, 1)
    bicubic = zoom(low, (1, factor, factor), order=3, mode="nearest", grid_mode=True)
    reader = train_digit_classifier(train, train_target)
    return [
        [psnr(p, test), sharpness(p, test), reader.score(p.reshape(len(test), -1), test_target)]
        for p in (bicubic, made)
    ]


def measure_all(measure: Callable, settings: Sequence, seeds: Sequence[int]) -> NDArray:
    """Measure every setting with every seed, one task each; shape (n_settings, n_seeds, …)."""
    found = Parallel()(delayed(measure)(setting, seed) for setting in settings for seed in seeds)
    return np.reshape(found, (len(settings), len(seeds), *np.shape(found)[1:]))


def make_futures(path: Path) -> None:
    """Train the networks of the futures explorer, and measure what lesson 09 reports."""
    networks = dict(zip(FUTURES, Parallel()(delayed(explorer_network)(kind) for kind in FUTURES)))
    errors = [explorer_errors(network, kind) for kind, network in networks.items()]
    print("explorer: RMSE to the mean", [round(e.mean(), 4) for e in errors], flush=True)
    seeds = measure_all(measure_heads, FUTURES, range(N_SEEDS))
    print("heads:", seeds.mean(axis=1).round(4), flush=True)
    remedies = Parallel()(delayed(measure_heads)("two", 0, **row) for row in REMEDIES.values())
    remedies = [found[:2] for found in remedies]
    print("remedies:", np.round(remedies, 4), flush=True)
    digits = measure_all(measure_digits, (4, 2), range(N_SEEDS))
    print("digits:", np.mean(digits, axis=1).round(2), flush=True)
    scores = {"explorer": errors, "remedies": remedies, "super_resolution": digits}
    scores |= dict(zip(("to_mean", "to_nearest", "sharpness"), np.moveaxis(seeds, 2, 0)))
    save_estimators(
        path,
        networks,
        scores={name: np.array(values, np.float32) for name, values in scores.items()},
        protocol={
            "explorer": "fresh random settings and futures in each epoch, see explorer_pairs",
            "futures": list(FUTURES),
            "seeds": list(range(N_SEEDS)),
            "remedies": list(REMEDIES),
            "factors": [4, 2],
        },
    )


FILES = {
    "regularisation_bench.npz": make_regularisation_bench,
    "futures.npz": make_futures,
}
"""The files that are made here, and what makes them."""


def main() -> None:
    """Make all files and note their checksums."""
    for name, make in FILES.items():
        path = DATA_FOLDER / name
        make(path)
        note_in_readme(path, write_checksum(path))


if __name__ == "__main__":
    with parallel_config(n_jobs=-1):
        main()
