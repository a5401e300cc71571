"""Figures of lesson 11: pictures from noise, and what measures say of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.patches import Rectangle
from numpy.typing import ArrayLike, NDArray
from tqdm.auto import tqdm

from helpers.figures.pictures import draw_rows, draw_strip, show_picture
from helpers.metrics import precision_recall, sharpness
from helpers.plots import BLUE, DARK_ORANGE, GREEN, GREY, ORANGE, DescribedFigure, with_alt

#: For each measure of a lesson's table: its heading, whether a greater value is better (None: the
#: nearer to real pictures' the better), and how much worse than real pictures counts as noticed.
MEASURES: dict[str, tuple[str, bool | None, float]] = {
    "precision": ("precision", True, 0.1),
    "recall": ("recall", True, 0.1),
    "coverage": ("coverage", True, 0.1),
    "c2st_linear": ("C2ST\nlinear", False, 0.1),
    "c2st_forest": ("C2ST\nforest", False, 0.1),
    "classifier_score": ("classifier\nscore", True, 0.5),
    "smallest_class": ("smallest\nclass", True, 0.04),
    "frechet": ("Fréchet\ndistance", False, 0.1),
    "sharpness": ("sharpness", None, 0.1),
    "copy_ratio": ("copy\nratio", True, 0.15),
}


#: Which recorded runs with digits the lesson shows, and by which label.
TRICKS = {
    "all tricks": "all as it is",
    "no penalty": "no penalties",
    "beta1 .9": "β₁ = 0.9",
    "learning rate x 5": "step size × 5",
    "constant rate": "step size constant",
    "no averaging": "weights not averaged",
    "constant rate, no averaging": "neither of the two",
    "minimax loss": "minimax loss",
    "batch normalisation": "batch normalisation",
    "ReLU": "ReLU, not leaky",
    "convolutional discriminator": "convolutional D",
    "z of length 2": "z of 2 numbers",
    "no labels": "not told which digit",
    "100 training digits": "100 training digits",
}
#: The same for cats of which half are dark.
TWO_KINDS = {"half of them dark": "R1 + R2", "half of them dark, no penalty": "no penalties"}

# --------------------------------------------------------------- what the figures show

DIGIT_STRIP = (
    "Six rows of the same ten vectors after 0 to 10,000 steps: random pixels at first, an upright "
    "speckled patch after 100 and 300 steps, strokes after 1000, and from 3000 on digits, a few of "
    "them hard to read."
)
DIGIT_GRIDS = (
    "Two grids of sixty digits each, A and B, of the same kind: handwritten digits from 0 to 9 in "
    "shades of grey. In A, the generator's, a few are hard to read; so are some in B."
)
NEAREST = (
    "Twelve generated digits, and below each the nearest of the 1200 training digits: mostly the "
    "same digit with another slant or weight of its strokes, none of them the same picture."
)
GALLERY = (
    "A table with pictures: real digits, our GAN's, and six swindlers, by ten measures; cells in "
    "which a measure notices that something is wrong are orange. Copies are noticed by the copy "
    "ratio alone, class means not by precision and classifier score, blends not by precision and "
    "the linear test, samples of a Gaussian not by the Fréchet distance, noise not by sharpness "
    "and copy ratio."
)
CAT_STRIP = (
    "Six rows of the same ten vectors after 0 to 5000 steps: random pixels, a speckled patch, "
    "after 300 steps heads with ears, after 1000 eyes, at the end clean cats with different gazes."
)
CAT_SCORES = (
    "Real cats and our GAN's, five of each, with their scores: the GAN comes near the real cats "
    "by every measure."
)
WALKS = (
    "Three ways from one cat to another. The cross-fade shows both outlines at once in the middle, "
    "the straight way one pale cat, the round way a cat like any other. Below: sharpness and "
    "recall sink in the middle of the cross-fade and of the straight way, recall deepest in the "
    "cross-fade; on the round way both stay level."
)
TRUNCATION = (
    "Left: precision is above 0.9 from ψ = 0.2 to 1 and falls beyond; recall rises from nearly 0 "
    "to above 0.9; the classifier score rises steeply at first and then slowly. Right: eight "
    "vectors at each ψ, from nearly the same grey blot at 0.2 over digits at 1 to hard, sometimes "
    "torn ones at 1.5."
)
TOLD = (
    "Real digits, ours that were told nothing, and digits whose generator was told which to draw, "
    "0 to 9 in order, with their scores: told, they are clearer, and the classifier score is "
    "higher; with ψ = 1.15 they are more various."
)
ABLATIONS = (
    "A table with pictures: digits of the usual settings, and with one thing changed in turn, with "
    "the scores of three seeds each. Orange, where clearly worse than usual: with β₁ = 0.9 "
    "precision, recall and coverage; without penalties and with a step size five times as large "
    "recall alone."
)
TWO_AT_ONCE = (
    "Four short runs with their scores. Without momentum the digits are fair, with or without "
    "penalties. With momentum 0.9 and penalties they are ragged; with momentum and without "
    "penalties they are nearly all alike, and recall is near 0."
)
COLLAPSE = (
    "Cats drawn by a generator whose training cats were half light on black, half dark on white. "
    "With penalties both kinds occur; without, all cats are of one kind, recall and coverage are "
    "lower, and precision is higher."
)
SUSPICIOUS = "Twelve generated digits, as good as those above."


# ------------------------------------------------------------------------------ pictures


def rows(images: NDArray) -> NDArray:
    """Pictures (n, height, width) with pixels from 0 to 1 as rows with pixels from −1 to 1."""
    return 2 * flat(images) - 1


def flat(images: NDArray) -> NDArray:
    """Pictures (n, height, width) as rows (n, height · width)."""
    return images.reshape(len(images), -1)


def pictures(rows: NDArray) -> NDArray:
    """Square pictures with pixels from 0 to 1 from rows with pixels from −1 to 1."""
    side = round(rows.shape[1] ** 0.5)
    return (rows.reshape(-1, side, side) + 1) / 2


def plot_grids(grids: Mapping[str, ArrayLike], alt: str, *, shape=(6, 10)) -> DescribedFigure:
    """Draw grids of grey pictures side by side.

    Parameters
    ----------
    grids : mapping from str to array-like of shape (at least rows · columns, height, width)
        Title and pictures.
    alt : str
        What the figure shows.
    shape : pair of int
        Rows and columns of a grid.
    """
    rows, columns = shape
    fig, axes = plt.subplots(1, len(grids), figsize=(11.5, 1 + 5.4 * rows / columns))
    for ax, (title, pictures) in zip(np.atleast_1d(axes), grids.items()):
        for k in range(rows):
            draw_strip(ax, pictures[columns * k : columns * (k + 1)], k)
        ax.set(xlim=(0, columns), ylim=(rows - 0.5, -0.5), aspect="equal", title=title)
    return with_alt(fig, alt)


# ------------------------------------------------------------------------------ training


def train_and_look(
    gan: Any, X: ArrayLike, Z: ArrayLike, stops: Sequence[int]
) -> dict[str, NDArray]:
    """Train a GAN step by step, and draw from the same vectors at the start and at each stop.

    A progress bar shows how far it has come.

    Parameters
    ----------
    gan : ImageGAN
        Is started anew.
    X : array-like of shape (n_samples, n_pixels)
        Training pictures, pixels from −1 to 1.
    Z : array-like of shape (n, n_latent)
        The vectors to draw from.
    stops : sequence of int
        After how many steps to draw; training ends at the last.

    Returns
    -------
    pictures : dict of str to ndarray of shape (n, height, width)
        Pixels from 0 to 1, by the number of steps.
    """
    gan.start(X)
    drawn, n_steps = [pictures(gan.generate(Z))], 0
    with tqdm(total=stops[-1], leave=False) as progress:
        for stop in stops:
            while n_steps < stop:
                take = min(100, stop - n_steps)
                gan.training_step(X, n_steps=take)
                n_steps += take
                progress.update(take)
            drawn.append(pictures(gan.generate(Z)))
    return {f"{n:,} steps": some for n, some in zip((0, *stops), drawn)}


def plot_losses(curves: Mapping[str, ArrayLike]) -> DescribedFigure:
    """Draw losses over training steps, smoothed, with what each is when nothing can be told apart.

    Parameters
    ----------
    curves : mapping from str to array-like of shape (n_steps,)
        The discriminator's loss first, then the generator's.
    """
    fig, ax = plt.subplots(figsize=(9, 3.4))
    ends = (("2 ln 2", 2 * np.log(2), BLUE, BLUE), ("ln 2", np.log(2), ORANGE, DARK_ORANGE))
    for (label, values), (name, height, colour, ink) in zip(curves.items(), ends):
        smooth = np.convolve(values, np.ones(100) / 100, mode="valid")
        ax.plot(np.arange(len(smooth)) + 50, smooth, color=colour, label=label)
        ax.axhline(height, color=colour, ls="--", lw=1.4)
        ax.text(1.02 * len(values), height, name, va="center", color=ink)
    ax.set(xlim=(0, len(values)), ylim=(0, 1.6), xlabel="training step", ylabel="loss")
    ax.set_title("Losses of both players")
    ax.legend(loc="lower right")
    return with_alt(
        fig,
        "After a first stir the discriminator's loss runs level a little below 2 ln 2 and the "
        "generator's a little above ln 2, to the end; neither shows when the pictures become good.",
    )


# -------------------------------------------------------------------- measures and rogues


def swindlers(train: NDArray, labels: NDArray, n: int) -> dict[str, NDArray]:
    """Return digits that are certainly no good, for measures to be tried on.

    Parameters
    ----------
    train : ndarray of shape (at least 2 n, height, width)
        Real digits, pixels from 0 to 1.
    labels : ndarray of the same length
        Which digits they are.
    n : int
        How many of each kind.

    Returns
    -------
    pictures : dict of str to ndarray of shape (n, height, width)
        Training digits under a little noise; zeros only; means of the classes, under a little
        noise; means of two digits each; samples of a Gaussian fitted to the digits; the mean of
        all digits under much noise.
    """
    rng = np.random.default_rng(0)
    shape = train.shape[1:]
    noise = rng.normal(size=(n, *shape))
    means = np.array([train[labels == k].mean(axis=0) for k in np.unique(labels)])
    rows = train.reshape(len(train), -1)
    gaussian = rng.multivariate_normal(rows.mean(axis=0), np.cov(rows.T), size=n)
    return {
        "copier": train[:n] + 0.02 * noise,
        "zeros only": rng.choice(train[labels == 0], n) + 0.02 * noise,
        "class means": means[rng.integers(len(means), size=n)] + 0.05 * noise,
        "blends": (train[:n] + train[n : 2 * n]) / 2,
        "Gaussian": gaussian.clip(-0.4, 1.4).reshape(n, *shape),
        "noise": (train.mean(axis=0) + 0.3 * noise).clip(0, 1),
    }


def notices(measure: str, value: float, real: float) -> bool:
    """Whether a measure sees that pictures are worse than real ones.

    Parameters
    ----------
    measure : str
        A key of `MEASURES`, which says how much worse counts.
    value, real : float
        What it says of the pictures, and of real ones.
    """
    _, greater_is_better, margin = MEASURES[measure]
    worse = abs(value - real) if greater_is_better is None else value - real
    return bool((-worse if greater_is_better else worse) > margin)


def unnoticed(scores: Mapping[str, float], real: Mapping[str, float]) -> set[str]:
    """Names of the measures that find nothing wrong with the scores, given real pictures'."""
    return {name for name in scores if not notices(name, scores[name], real[name])}


def plot_gallery(
    pictures: Mapping[str, ArrayLike],
    scores: Mapping[str, Mapping[str, float]],
    alt: str,
    *,
    real: str = "real",
    n: int = 5,
    spreads: Mapping[str, Mapping[str, float]] | None = None,
) -> DescribedFigure:
    """Draw rows of pictures with their scores; orange where a measure notices that they are worse.

    Parameters
    ----------
    pictures : mapping from str to array-like of shape (at least n, height, width)
        Label and pictures of each row.
    scores : mapping from str to mapping from str to float
        By the same labels, the value of each measure, by its name in `MEASURES`.
    alt : str
        What the figure shows.
    real : str
        The row that the others are compared with.
    n : int
        How many pictures to show.
    spreads : mapping from str to mapping from str to float, optional
        Standard deviations over seeds, written below the scores.
    """
    names = [name for name in MEASURES if name in scores[real]]
    # A column is at least .85 inches wide, for its heading.
    wide = max(1.5, 0.85 * (n + 3.2) / (13 - 0.85 * len(names)))
    width = n + wide * len(names)
    fig, ax = plt.subplots(figsize=(13, 13 / (width + 3.2) * (len(scores) + 1.1)))
    for k, (label, values) in enumerate(scores.items()):
        draw_strip(ax, pictures[label][:n], k)
        ax.text(-0.15, k, label, ha="right", va="center", fontsize=12)
        for column, name in enumerate(names):
            left = n + 0.15 + wide * column
            seen = label != real and notices(name, values[name], scores[real][name])
            if seen:
                ax.add_patch(Rectangle((left, k - 0.42), wide - 0.1, 0.84, color="#F6C9A8"))
            said = f"{values[name]:.1f}" if name == "classifier_score" else f"{values[name]:.2f}"
            style = {"weight": "bold" if seen else "normal", "fontsize": 12, "ha": "center"}
            middle = left + wide / 2 - 0.05
            ax.text(middle, k - 0.12 * bool(spreads), said, va="center", **style)
            if spreads:
                said = f"± {spreads[label][name]:.2f}"
                ax.text(middle, k + 0.25, said, ha="center", va="center", fontsize=9)
    for column, name in enumerate(names):
        place = (n + 0.1 + wide * (column + 0.5), -0.6)
        ax.text(*place, MEASURES[name][0], ha="center", va="bottom", fontsize=11)
    ax.set(xlim=(0, width), ylim=(len(scores) - 0.5, -1.4), aspect="equal")
    return with_alt(fig, alt)


def plot_bias(sizes: Sequence[int], distances: ArrayLike) -> DescribedFigure:
    """Draw the Fréchet distance of real against real pictures over how many there are.

    Parameters
    ----------
    sizes : sequence of int
        Pictures on each side.
    distances : array-like of shape (n_sizes, n_draws)
    """
    fig, ax = plt.subplots(figsize=(8, 3.6))
    distances = np.asarray(distances)
    ax.loglog(sizes, distances, "o", color=BLUE, alpha=0.4, ms=5)
    ax.loglog(sizes, distances.mean(axis=1), color=BLUE, label="mean of the draws")
    line = distances[0].mean() * sizes[0] / np.asarray(sizes)
    ax.loglog(sizes, line, ":", color="black", label="one over the number")
    ax.set_xticks(sizes, [str(n) for n in sizes])
    ax.minorticks_off()
    ax.set(xlabel="pictures on each side", ylabel="Fréchet distance")
    ax.set_title("Real digits against real digits")
    ax.legend()
    return with_alt(
        fig,
        "On logarithmic axes the Fréchet distance of real digits from real digits falls in a "
        "straight line, as one over the number of pictures: 0.6 with 50 on each side, 0.04 with "
        "800.",
    )


# ------------------------------------------------------------------- what was recorded


def recorded_runs(recorded: Any, kind: str, names: Sequence[str]) -> tuple[dict, dict, dict]:
    """Pictures, mean scores and their spread over seeds of recorded runs, for `plot_gallery`.

    Parameters
    ----------
    recorded : Bunch
        What ``load_pretrained("image_gans")`` returns.
    kind : {"digits", "cats"}
    names : mapping from str to str
        Which of the ablations, and by which label.

    Returns
    -------
    pictures, scores, spreads : dict
        By label. Runs that diverged are left out of scores and spreads, and named in the label.
    """
    measures, known = recorded.protocol["measures"], list(recorded.protocol["ablations"][kind])
    pictures, scores, spreads = {}, {}, {}
    for name, label in names.items():
        values = recorded.scores[f"ablations {kind}"][known.index(name)]
        fine = np.isfinite(values).any(axis=1)
        if not fine.all():
            label += f" ({np.sum(~fine)} of {len(fine)} diverged)"
        pictures[label] = recorded.scores[f"pictures {kind}"][known.index(name)] / 255
        scores[label] = _named(measures, values[fine].mean(axis=0))
        spreads[label] = _named(measures, values[fine].std(axis=0))
    return pictures, scores, spreads


def recorded_range(recorded: Any, kind: str) -> dict[str, tuple[float, float, float]]:
    """Least and most over seeds of each measure, and what real pictures have.

    Parameters
    ----------
    recorded : Bunch
        What ``load_pretrained("image_gans")`` returns.
    kind : {"digits", "cats"}
    """
    measures = recorded.protocol["measures"]
    values = recorded.scores[kind]
    least, most = (_named(measures, each) for each in (values.min(axis=0), values.max(axis=0)))
    real = _named(measures, recorded.scores[f"real {kind}"].mean(axis=0))
    return {name: (least[name], most[name], real.get(name, 1.0)) for name in least}


def _named(measures: Sequence[str], values: NDArray) -> dict[str, float]:
    """Values of the measures that were taken, in pixels of 0 … 1 as in the lesson."""
    found = {m: float(v) for m, v in zip(measures, values) if m in MEASURES and np.isfinite(v)}
    if "frechet" in found:
        found["frechet"] /= (
            4  # recorded with pixels of −1 … 1: twice the way, four times the square
        )
    return found


# ------------------------------------------------------------------------ latent space


def measure_way(way: Sequence[ArrayLike], real: ArrayLike) -> NDArray:
    """Sharpness and recall at each place of many walks side by side.

    Parameters
    ----------
    way : sequence of array-like of shape (n, height, width)
        What n walks show at each place.
    real : array-like of shape (m, height, width)

    Returns
    -------
    measures : ndarray of shape (2, n_places)
        Sharpness, and recall.
    """
    rows = [np.asarray(images).reshape(len(images), -1) for images in (real, *way)]
    recall = [precision_recall(rows[0], some)[1] for some in rows[1:]]
    return np.array([[sharpness(images, real) for images in way], recall])


def plot_walks(ways: Mapping[str, Sequence[ArrayLike]], along: Mapping[str, NDArray]):
    """Draw the walk whose ends are least alike, and sharpness and recall along all of them.

    Parameters
    ----------
    ways : mapping from str to sequence of array-like of shape (n, height, width)
        Label, and what n walks show at each place.
    along : mapping from str to ndarray of shape (2, n_places)
        By the same labels, what `measure_way` returns.

    Returns
    -------
    DescribedFigure
    """
    first = next(iter(ways.values()))
    n_places, ends = len(first), [flat(np.asarray(first[k])) for k in (0, -1)]
    ends = [end - end.mean(axis=1, keepdims=True) for end in ends]
    alike = (ends[0] * ends[1]).sum(axis=1) / np.prod(np.linalg.norm(ends, axis=2), axis=0)
    number = alike.argmin()
    fig = plt.figure(figsize=(11, 6.4))
    above, below = fig.subfigures(2, 1, height_ratios=[1.15, 1])
    one = {label: [images[number] for images in way] for label, way in ways.items()}
    draw_rows(above.subplots(), one)
    places = np.linspace(0, 1, n_places)
    looks = ((GREY, ":"), (ORANGE, "--"), (BLUE, "-"))
    for k, (ax, title) in enumerate(zip(below.subplots(1, 2), ("sharpness", "recall"))):
        for (label, values), (colour, style) in zip(along.items(), looks):
            ax.plot(places, values[k], color=colour, ls=style, label=label)
        ax.set(title=title, xlabel="t", ylim=(0, 1.1))
        ax.legend(fontsize=11, loc="lower left")
    return with_alt(fig, WALKS)


def plot_truncation(
    psis: Sequence[float], curves: Mapping[str, ArrayLike], pictures: Mapping[float, ArrayLike]
) -> DescribedFigure:
    """Draw measures over the truncation ψ, and what the generator draws at each of its values.

    Parameters
    ----------
    psis : sequence of float
    curves : mapping from str to array-like of shape (n_psis,)
    pictures : mapping from float to array-like of shape (at least 8, height, width)
        By ψ.
    """
    fig, (left, right) = plt.subplots(1, 2, figsize=(12, 4.6), width_ratios=[1.2, 1])
    looks = [(ORANGE, "s", "-"), (BLUE, "o", "-"), (GREEN, "^", "--")]
    for (label, values), (colour, marker, style) in zip(curves.items(), looks):
        left.plot(psis, values, style, color=colour, marker=marker, label=label)
    left.axvline(1, color="black", lw=0.8)
    left.set(xlabel="truncation ψ", ylabel="score", ylim=(0, 1.05), title="Quality and variety")
    left.legend(loc="lower right")
    draw_rows(right, {f"ψ = {psi:g}": pictures[psi] for psi in psis}, n=8)
    return with_alt(fig, TRUNCATION)


def plot_suspicious(images: ArrayLike) -> DescribedFigure:
    """Draw twelve pictures, each scaled from its own darkest to its own brightest pixel.

    Parameters
    ----------
    images : array-like of shape (at least 12, height, width)
    """
    fig, axes = plt.subplots(1, 12, figsize=(11.5, 1.1))
    for ax, image in zip(axes, np.asarray(images)):
        show_picture(ax, image, vmin=image.min(), vmax=image.max())
    return with_alt(fig, SUSPICIOUS)
