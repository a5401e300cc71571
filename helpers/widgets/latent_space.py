"""The hidden space of a trained GAN: samples, ways between them, and what is measured of them.

Truncation multiplies every drawn vector by ψ, z = ψ · draw with draw ~ N(0, I); no draw is thrown
away. In many dimensions all draws are about √n_latent long, so that ψ sets how far from the origin
the samples are taken.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from functools import cache, cached_property, lru_cache, partial
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.exceptions import NotFittedError
from sklearn.model_selection import train_test_split
from sklearn.utils import Bunch
from sklearn.utils.validation import check_is_fitted

from helpers.datasets import load_digit_images
from helpers.models import GAN
from helpers.models.pretrained import load_pretrained
from helpers.scenes import make_cats
from helpers.widgets.pictures import (
    Gallery,
    NearestRow,
    as_range,
    as_rows,
    gradient_energies,
    squared_distances,
    walk,
)

N_SAMPLES, N_FRAMES = 24, 9
"""Pictures that are drawn of a seed, and those along a way."""

ANY = "any"
"""What stands for labels that are drawn by the seed, where others name one class."""

PSIS = tuple(k / 10 for k in range(16))
"""Truncations at which samples are measured for the curve: 0, 0.1, …, 1.5."""

N_MEASURED, N_NEIGHBOURS = 400, 5
"""Samples measured at each truncation, and which neighbour the balls about them reach to."""

_BATCH = 100  # pictures made at a time: more of them leave the processor's cache
_SEED = 2**32  # of the vectors that are measured: none that can be shown


# ------------------------------------------------------------------ vectors to pictures


class Measures(NamedTuple):
    """What is measured of many pictures, against as many real ones.

    Precision, recall and coverage are those of `helpers.metrics`, with k = 5; sharpness is gradient
    energy, spread the mean distance between two pictures, both as a share of the real ones'.
    """

    precision: float
    recall: float
    coverage: float
    sharpness: float
    spread: float


class Sample:
    """The vectors of one seed at one truncation, and what the generator makes of them."""

    def __init__(self, space: LatentSpace, seed: int, psi: float, label: str):
        # In the order of `GAN.sample`, so that at ψ = 1 these are the samples of that seed.
        rng = np.random.default_rng(seed)
        self.vectors = psi * rng.standard_normal((N_SAMPLES, space.n_latent))
        self.labels = space.draw_labels(N_SAMPLES, rng)
        if label != ANY:
            self.labels = np.full(N_SAMPLES, space.classes[space.labels.index(label) - 1])
        self.pictures = space.pictures(self.vectors, self.labels)
        self.drawn = ""  # the grid, once it is drawn


class Way:
    """One way between two vectors of a sample, and what stands along it."""

    def __init__(self, space: LatentSpace, sample: Sample, a: int, b: int, path: str):
        self._ends = sample.vectors[a - 1], sample.vectors[b - 1]
        self.labels = None if sample.labels is None else sample.labels[[a - 1, b - 1]]
        self._path = path
        t = np.linspace(0, 1, N_FRAMES)
        self.strip = space.pictures(self.at(t), self.labels_at(t))
        self.drawn = ""

    def at(self, t: NDArray) -> NDArray:
        """The points at `t`."""
        return walk(*self._ends, t, self._path)

    def labels_at(self, t: NDArray) -> NDArray | None:
        """The labels there: that of A up to the middle, then that of B."""
        return None if self.labels is None else self.labels[(np.asarray(t) > 0.5).astype(int)]


class LatentSpace(Gallery):
    """A trained generator, the pictures it was trained with and others, held out.

    Parameters
    ----------
    model : fitted GAN
    training, held_out : array-like of shape (n_pictures, n_pixels) or (n_pictures, height, width)
        Pixels as the model makes them. `held_out` may be None: then one half of the training
        pictures stands for the real ones and is compared with the other half.
    pixel_range : (float, float)
        What is black and what is white.
    """

    def __init__(self, model: GAN, training: ArrayLike, held_out: ArrayLike | None, pixel_range):
        self._model = _as_model(model)
        # A copy, because making pictures leaves traces in a network.
        self._network = model.averaged_generator_.astype(model.averaged_generator_.dtype)
        self._network.set_training(False)
        self._low, self._high = as_range(pixel_range)
        self.n_latent = int(model.n_latent)
        self.classes = model.classes_
        self.labels = [ANY, *([] if model.classes_ is None else map(str, model.classes_))]
        shape = _as_grey_shape(model)
        super().__init__(self._as_unit_rows("training", training, model), shape)
        self._nearest_row = NearestRow(self.rows)
        self.held_out = None
        if held_out is not None:
            self.held_out = self._as_unit_rows("held_out", held_out, model)
        self.sample = lru_cache(maxsize=8)(partial(Sample, self))
        self.way = lru_cache(maxsize=8)(self._way)
        self.measured = lru_cache(maxsize=128)(self._measured)

    def pictures(self, Z: NDArray, labels: NDArray | None = None) -> NDArray:
        """What the generator makes of vectors, shape (n, height, width), in 0–1."""
        # `generate` knows labels; but it first makes a copy of the network in double precision.
        plain = labels is None
        rows = self._network.forward(Z.T).T if plain else self._model.generate(Z, labels)
        return self._to_unit(rows).astype(np.float32, copy=False).reshape(-1, *self.shape)

    def nearest_to(self, picture: NDArray) -> tuple[int, float]:
        """The number of the training picture nearest to one picture, and the RMS distance."""
        row = picture.ravel()
        number = self._nearest_row.find(row)
        return number, float(np.sqrt(np.mean((self.rows[number] - row) ** 2)))

    def draw_labels(self, n_samples: int, rng: np.random.Generator) -> NDArray | None:
        """Labels by the classes' shares in training; None for a model without labels."""
        if self.classes is None:
            return None
        shares = self._model.class_prior_
        return self.classes[rng.choice(len(self.classes), size=n_samples, p=shares)]

    @cached_property
    def curve(self) -> list[Measures]:
        """What is measured at each of `PSIS`."""
        return [self.measured(psi) for psi in PSIS]

    @cached_property
    def real_measures(self) -> Measures:
        """What is measured of real pictures, against other real ones."""
        return self._measure(self._reference.others)

    @property
    def n_measured(self) -> int:
        """How many samples are measured, against as many real pictures."""
        return len(self._reference.rows)

    @cached_property
    def usual(self) -> float:
        """The median distance of a picture that is no copy to the nearest training picture."""
        if self.held_out is None:
            return self.usual_gap(_some(len(self.rows), N_MEASURED))
        return float(np.median(self.nearest(self._reference.rows)[1]))

    @cached_property
    def _reference(self) -> Bunch:
        """The real pictures to measure against, as many others, and what is needed of them."""
        if self.held_out is None:
            order = np.random.default_rng(0).permutation(len(self.rows))
            one, other = self.rows[order[::2]], self.rows[order[1::2]]
        else:
            one, other = self.held_out, self.rows
        n = min(len(one), len(other), N_MEASURED)
        rows, others = one[_some(len(one), n)], other[_some(len(other), n)]
        squares = np.sum(rows**2, axis=1)
        apart = _distances_among(rows, squares)
        return Bunch(
            rows=rows,
            others=others,
            squares=squares,
            radii=_ball_radii(apart),
            energy=_mean_energy(rows, self.shape),
            spread=_spread(apart),
        )

    @cached_property
    def _draws(self) -> tuple[NDArray, NDArray | None]:
        """Vectors that serve to measure alone, and their labels."""
        n = len(self._reference.rows)
        rng = np.random.default_rng(_SEED)
        return rng.standard_normal((n, self.n_latent)), self.draw_labels(n, rng)

    def _measured(self, psi: float) -> Measures:
        """What is measured of samples at a truncation."""
        Z, labels = self._draws
        parts = [slice(k, k + _BATCH) for k in range(0, len(Z), _BATCH)]
        made = [
            self.pictures(psi * Z[part], None if labels is None else labels[part]) for part in parts
        ]
        return self._measure(np.concatenate(made).reshape(len(Z), -1))

    def _measure(self, rows: NDArray) -> Measures:
        real = self._reference
        squares = np.sum(rows**2, axis=1)
        apart = _distances_among(rows, squares)
        to_real = squared_distances(real.rows, rows, real.squares, squares)
        return Measures(
            precision=(to_real <= real.radii[:, None]).any(axis=0).mean().item(),
            recall=(to_real <= _ball_radii(apart)).any(axis=1).mean().item(),
            coverage=(to_real.min(axis=1) <= real.radii).mean().item(),
            sharpness=_mean_energy(rows, self.shape) / max(real.energy, 1e-12),
            spread=_spread(apart) / max(real.spread, 1e-12),
        )

    def _way(self, seed: int, psi: float, label: str, a: int, b: int, path: str) -> Way:
        return Way(self, self.sample(seed, psi, label), a, b, path)

    def _as_unit_rows(self, name: str, pictures: ArrayLike, model: GAN) -> NDArray:
        array = as_rows(name, pictures)
        if array[0].size != model.n_features_in_:
            raise ValueError(
                f"{name} must hold pictures of {model.n_features_in_} pixels, as the model makes "
                f"them; given shape {array.shape}"
            )
        if len(array) < 2 * (N_NEIGHBOURS + 1):
            raise ValueError(
                f"{name} must hold {2 * (N_NEIGHBOURS + 1)} pictures or more; given {len(array)}"
            )
        return self._to_unit(array.reshape(len(array), -1).astype(np.float32))

    def _to_unit(self, values: NDArray) -> NDArray:
        return (values - self._low) / (self._high - self._low)


def _some(n: int, at_most: int) -> NDArray:
    """Numbers of at most so many out of n, chosen by chance but always the same."""
    return np.random.default_rng(1).permutation(n)[:at_most]


def _distances_among(rows: NDArray, squares: NDArray) -> NDArray:
    squared = np.maximum(squared_distances(rows, rows, squares, squares), 0)
    np.fill_diagonal(squared, 0)
    return squared


def _ball_radii(apart: NDArray) -> NDArray:
    """Squared distance of each row to its k-th nearest neighbour; the nearest is itself."""
    return np.partition(apart, N_NEIGHBOURS, axis=1)[:, N_NEIGHBOURS]


def _spread(apart: NDArray) -> float:
    """Mean distance between two different rows."""
    return float(np.sqrt(apart).sum() / (len(apart) * (len(apart) - 1)))


def _mean_energy(rows: NDArray, shape: tuple[int, int]) -> float:
    return float(gradient_energies(rows.reshape(-1, *shape)).mean())


# ---------------------------------------------------------- models trained with the course


class Deferred:
    """A space that is made when it is first asked for.

    Parameters
    ----------
    make : function without arguments
        Returns the space.
    """

    def __init__(self, make: Callable[[], LatentSpace]):
        self._make = make
        self._space: LatentSpace | None = None

    @property
    def ready(self) -> bool:
        """Whether it has been made."""
        return self._space is not None

    def __call__(self) -> LatentSpace:
        """Make it, unless that has been done; return it."""
        if self._space is None:
            self._space = self._make()
        return self._space


Spaces = Mapping[str, Mapping[str, Deferred]]


@cache
def trained_gans() -> Bunch:
    """The image GANs that ``make pretrained`` trains; their names are kind and training seed."""
    return load_pretrained("image_gans")


def _pretrained_space(kind: str, seed: int) -> LatentSpace:
    """The space of one of them, with its own training and held-out pictures."""
    if kind == "digits":
        digits = load_digit_images()
        training, held_out = train_test_split(
            digits.data,
            train_size=1200,
            test_size=597,
            random_state=seed,
            stratify=digits.target,
        )
    else:
        n_training = trained_gans().protocol["n_training"][kind]
        training = make_cats(n_training, random_state=seed).images
        held_out = make_cats(N_MEASURED, random_state=1_000_000 + seed).images
    model = trained_gans().estimators[f"{kind} {seed}"]
    return LatentSpace(model, 2 * training - 1, 2 * held_out - 1, (-1, 1))


@cache
def pretrained_spaces() -> Spaces:
    """All of them, made when they are first shown."""
    protocol = trained_gans().protocol
    return {
        kind: {
            str(seed): Deferred(partial(_pretrained_space, kind, seed))
            for seed in protocol["seeds"]
        }
        for kind in protocol["kinds"]
    }


# ----------------------------------------------------------------------- what comes in


def spaces_of(
    models: Any, training: Any, held_out: Any, pixel_range: tuple[float, float]
) -> Spaces:
    """The spaces of models that are given, each by kind of pictures and name of the generator."""
    if training is None:
        raise ValueError("training, the pictures that the models were trained with, must be given")
    if not isinstance(models, Mapping):
        models = {"pictures": models}
    if not models:
        raise ValueError("models must hold one model or more; given none")
    pictures = {"training": training, "held_out": held_out}
    spaces: dict[str, dict[str, Deferred]] = {}
    for kind, of_kind in models.items():
        if not isinstance(of_kind, Mapping):
            of_kind = {"1": of_kind}
        if not of_kind:
            raise ValueError(f"models must hold one model of {kind!r} or more; given none")
        spaces[str(kind)] = {}
        for name, model in of_kind.items():
            its_own = (_picked(*what, kind, name) for what in pictures.items())
            space = Deferred(partial(LatentSpace, model, *its_own, pixel_range))
            space()  # at once, so that what is wrong with it is said here
            spaces[str(kind)][str(name)] = space
    return spaces


def _picked(what: str, pictures: Any, *keys: Any) -> ArrayLike | None:
    """The pictures that belong to a model: all models', its kind's, or its own."""
    for key in keys:
        if isinstance(pictures, Mapping):
            if key not in pictures:
                raise ValueError(f"{what} must have an entry {key!r}; given {list(pictures)}")
            pictures = pictures[key]
    return pictures


def _as_model(model: Any) -> GAN:
    if not isinstance(model, GAN):
        given = model.__name__ if isinstance(model, type) else type(model).__name__
        raise TypeError(f"models must be fitted ImageGANs, or mappings of them; given {given}")
    try:
        check_is_fitted(model)
    except NotFittedError:
        raise NotFittedError(
            "models must be fitted before they can make pictures; given a "
            f"{type(model).__name__} that is not"
        ) from None
    if not np.isfinite(model.averaged_generator_.parameters).all():
        raise ValueError("models must make finite numbers; one holds NaN or infinity: it diverged")
    return model


def _as_grey_shape(model: GAN) -> tuple[int, int]:
    side = math.isqrt(model.n_features_in_)
    shape = getattr(model, "image_shape_", (side, side))
    if len(shape) == 3 and shape[2] == 1:
        shape = shape[:2]
    if len(shape) != 2 or math.prod(shape) != model.n_features_in_:
        raise ValueError(
            "models must make grey pictures of shape (height, width); given one whose pictures "
            f"have shape {tuple(shape)} and {model.n_features_in_} numbers"
        )
    return tuple(shape)
