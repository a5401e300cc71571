"""The measures of rows: is there a row like it, is every kind there, is it a copy?"""

from __future__ import annotations

import math
import numbers
import warnings
from typing import Any

import numpy as np
from joblib import parallel_config
from numpy.typing import ArrayLike, NDArray
from scipy.spatial.distance import cdist
from sklearn.base import clone, is_classifier
from sklearn.ensemble import RandomForestClassifier
from sklearn.model_selection import StratifiedKFold, cross_val_predict
from sklearn.svm import SVC
from sklearn.utils import Bunch

from helpers.checks import as_generator, check_whole
from helpers.metrics.checks import RandomState, as_tables

# ------------------------------------------------------------- told apart by a classifier


def classifier_two_sample_test(
    real: ArrayLike,
    fake: ArrayLike,
    *,
    classifier: Any = None,
    jitter: float | ArrayLike = 0.0,
    cv: int = 5,
    random_state: RandomState = None,
) -> Bunch:
    """How often a freshly trained classifier tells real from generated rows (C2ST).

    The classifier learns "real or generated?" on some of the rows and is asked about the rest,
    until each row has been asked about once (shuffled, stratified cross-validation). With
    enough rows and the best of classifiers the accuracy would be ½ + ½·TV, where TV is the
    total variation distance between the two distributions; any other classifier gets less.

    Parameters
    ----------
    real : array-like of shape (n_real, n_features)
        Real rows that the generator has not seen.
    fake : array-like of shape (n_fake, n_features)
        Generated rows. If there are more rows on one side, as many as the other side has are
        chosen from it at random, so that guessing is right half of the time.
    classifier : scikit-learn classifier, optional
        Is cloned, and seeded by `random_state` if it has a ``random_state`` that is None. The
        default is ``RandomForestClassifier(100, min_samples_leaf=2)``.
    jitter : float or array-like of shape (n_features,)
        Standard deviation of Gaussian noise added to *both* sides alike: one number for all
        columns, or one for each, so that a column of two values can be left as it is with a 0.
    cv : int
        Number of folds, at least 2.
    random_state : int, Generator or None
        Seed or source of the randomness.

    Returns
    -------
    Bunch
        ``accuracy``: share of rows put on the right side, in [0, 1]; ``chance_sd``: standard
        deviation of that share if rows were guessed, √(1 / 4n) for n rows, both sides counted;
        ``accuracy_real`` and ``accuracy_fake``: the same share on each side alone.

    Raises
    ------
    TypeError, ValueError
        If the rows are no tables of finite numbers with the same columns, if a side has fewer
        rows than folds, or if another argument is not of the kind above.

    Notes
    -----
    What it does not see:

    - **½ can also mean a weak classifier.** Shuffle each column of the ionosphere data by
      itself: every relation between columns is lost, and logistic regression, which looks at
      one column at a time, still says ½.
    - **Logistic regression and totals of one nearest neighbour are useless** on the ionosphere
      data. To the nearest neighbour, nearly all rows among noise look real: 98 % right on one
      side and 18 % on the other make a harmless .58. Look at both sides.
    - **Atoms.** If one side holds exact values (0, ±1) where the other holds values nearby, a
      tree needs nothing else. A jitter of the size that you would not mind hides this, and has
      to be told together with the figure.
    - **Copies.** A generator that hands out its training rows gets ½ beside held-out rows, as
      real rows do. Beside the very rows it has copied, accuracy falls far *below* ½ (a forest
      has .1): the nearest neighbour of each row is its twin on the other side.
    - Cross-validated answers are not independent: over fresh samples of one distribution the
      accuracy varies by about 1.3 times ``chance_sd``.

    References
    ----------
    D. Lopez-Paz and M. Oquab, "Revisiting classifier two-sample tests", ICLR 2017.
    """
    real, fake = as_tables(real=real, fake=fake)
    check_whole("cv", cv, minimum=2)
    n = min(len(real), len(fake))
    if n < cv:
        raise ValueError(
            f"cv={cv} folds need at least {cv} rows on each side; real has {len(real)} and "
            f"fake has {len(fake)}"
        )
    spread = _as_spread(jitter, real.shape[1])
    rng = as_generator(random_state)
    classifier = _as_classifier(classifier, RandomForestClassifier(100, min_samples_leaf=2))
    if classifier.get_params().get("random_state", 0) is None:
        classifier.set_params(random_state=_draw_seed(rng))

    rows = np.vstack([_choose(real, n, rng), _choose(fake, n, rng)])
    rows = rows + spread * rng.normal(size=rows.shape)
    is_real = np.repeat([1, 0], n)
    folds = StratifiedKFold(cv, shuffle=True, random_state=_draw_seed(rng))
    # Not worth sending to other processes, even where joblib has some (a cluster, say).
    with parallel_config("sequential"):
        right = cross_val_predict(classifier, rows, is_real, cv=folds) == is_real
    return Bunch(
        accuracy=right.mean().item(),
        chance_sd=math.sqrt(1 / (4 * len(rows))),
        accuracy_real=right[:n].mean().item(),
        accuracy_fake=right[n:].mean().item(),
    )


# -------------------------------------------------------------- balls around the neighbours


def precision_recall(real: ArrayLike, fake: ArrayLike, *, k: int = 5) -> tuple[float, float]:
    """Share of generated rows that are plausible, and share of real rows that are reached.

    Around each row of a set lies a ball that reaches to its `k`-th nearest neighbour within the
    set; the balls together stand for the region where the set lives. Precision is the share of
    generated rows inside the real rows' region, recall the share of real rows inside the
    generated rows' region.

    Parameters
    ----------
    real : array-like of shape (n_real, n_features)
        Real rows that the generator has not seen; more than `k`.
    fake : array-like of shape (n_fake, n_features)
        Generated rows; more than `k`. For figures to compare, as many as real ones.
    k : int
        Which neighbour a ball reaches to, at least 1.

    Returns
    -------
    precision, recall : float
        Both in [0, 1].

    Raises
    ------
    TypeError, ValueError
        If the rows are no tables of finite numbers with the same columns, or if `k` is no whole
        number from 1 to one less than the number of rows on either side.

    Notes
    -----
    What they do not see:

    - **Good rows do not score 1**; only the same rows on both sides do. Fresh rows of the very
      same distribution miss some of the balls: real ionosphere rows have about .83 and .81.
      Compare with those, not with 1.
    - **Recall alone is useless.** Rows that lie far apart have large balls, which swallow
      everything: standard normal noise, clipped to [−1, 1], reaches a recall of .91 on the
      ionosphere data, more than real rows do. So can a single real outlier lift precision.
    - **Precision alone is useless, too.** One plausible row, generated again and again, has
      precision 1.
    - Both look at *where* rows lie, not at how many lie there; copies score well.

    References
    ----------
    T. Kynkäänniemi et al., "Improved precision and recall metric for assessing generative
    models", NeurIPS 2019.
    """
    real, fake = as_tables(real=real, fake=fake)
    distances = cdist(real, fake)
    inside_real_ball = distances <= _ball_radii("real", real, k)[:, None]
    inside_fake_ball = distances <= _ball_radii("fake", fake, k)[None, :]
    precision = inside_real_ball.any(axis=0).mean()
    recall = inside_fake_ball.any(axis=1).mean()
    return precision.item(), recall.item()


def coverage(real: ArrayLike, fake: ArrayLike, *, k: int = 5) -> float:
    """Share of real rows that have a generated row among their neighbours.

    Around each real row lies a ball that reaches to its `k`-th nearest real neighbour. Counted
    are the balls that hold at least one generated row. Since only real rows have balls, rows
    that are strewn far and wide gain nothing, as they do with recall.

    Parameters
    ----------
    real : array-like of shape (n_real, n_features)
        Real rows that the generator has not seen; more than `k`.
    fake : array-like of shape (n_fake, n_features)
        Generated rows, at least one. For figures to compare, as many as real ones.
    k : int
        Which neighbour a ball reaches to, at least 1.

    Returns
    -------
    float
        In [0, 1].

    Raises
    ------
    TypeError, ValueError
        If the rows are no tables of finite numbers with the same columns, or if `k` is no whole
        number from 1 to ``n_real - 1``.

    Notes
    -----
    What it does not see:

    - **Good rows do not score 1**; only the same rows on both sides do. Fresh rows of the very
      same distribution, as many as real ones, reach about 1 − 2⁻ᵏ on average (.97 for k = 5),
      and more of them reach more: n generated and m real rows miss a ball with probability
      Π (m − i) / (n + m − i), i = 1 … k.
    - Rows that no real row is near cost nothing, as long as there are enough others: look at
      precision.
    - Copies cover well.

    References
    ----------
    M. F. Naeem et al., "Reliable fidelity and diversity metrics for generative models",
    ICML 2020.
    """
    real, fake = as_tables(real=real, fake=fake)
    radii = _ball_radii("real", real, k)
    return (cdist(real, fake).min(axis=1) <= radii).mean().item()


def _ball_radii(name: str, rows: NDArray, k: int) -> NDArray:
    """Distance of each row to its k-th nearest neighbour among the others."""
    check_whole("k", k, minimum=1)
    if k >= len(rows):
        raise ValueError(
            f"k={k} neighbours need at least {k + 1} rows; {name} has {len(rows)}. "
            "Take a smaller k or more rows"
        )
    # Sorted, a row's distances begin with the 0 to itself, so that entry k is neighbour k.
    return np.partition(cdist(rows, rows), k, axis=1)[:, k]


# --------------------------------------------------------------------- copies of people's data


def copy_ratio(
    fake: ArrayLike,
    train: ArrayLike,
    held_out: ArrayLike,
    *,
    random_state: RandomState = None,
) -> float:
    """Whether generated rows lie nearer to the training rows than to rows never seen.

    The median distance from a generated row to the nearest training row, divided by the median
    distance to the nearest held-out row. Training and held-out rows are exchangeable to a
    generator that has learned the distribution, and the ratio is about 1; to one that has
    memorised its training rows they are not, and the ratio falls towards 0. If the rows can be
    traced to persons, this is the measure to look at before anything is given away.

    Parameters
    ----------
    fake : array-like of shape (n_fake, n_features)
        Generated rows.
    train : array-like of shape (n_train, n_features)
        The rows that the generator was trained on.
    held_out : array-like of shape (n_held_out, n_features)
        Rows of the same origin that it has not seen. More rows have nearer neighbours, so of
        the larger set as many rows as the smaller one has are chosen at random.
    random_state : int, Generator or None
        Seed or source of that choice.

    Returns
    -------
    float
        At least 0.

    Raises
    ------
    TypeError, ValueError
        If the rows are no tables of finite numbers with the same columns, or if half of the
        generated rows or more equal a held-out row, so that there is nothing to divide by.

    Warns
    -----
    UserWarning
        If there are more than twice as many training rows as held-out rows. A copy is seen only
        if the row it was copied from is among those chosen, and here most are not.

    Notes
    -----
    What it does not see:

    - **Copies of a few rows.** It is a median: fewer than half of the rows may be exact copies.
      With twice as many training rows as held-out rows, as on the scoreboard, a generator that
      copies throughout is seen in half of its rows, the least that will do: kernel density .05
      wide has about .35 there instead of 0.
    - **Whether the rows are any good.** Noise copies nothing and has 1.
    - Copies in disguise: shifted, turned, or with a column changed by much.
    """
    fake, train, held_out = as_tables(fake=fake, train=train, held_out=held_out)
    if len(train) > 2 * len(held_out):
        warnings.warn(
            f"copy_ratio compares {len(held_out)} of the {len(train)} training rows with "
            f"{len(held_out)} held-out rows: copies of the others go unseen. Hold out at least "
            "half as many rows as you train on",
            stacklevel=2,
        )
    rng = as_generator(random_state)
    n = min(len(train), len(held_out))
    to_train = _median_nearest_distance(fake, _choose(train, n, rng))
    to_held_out = _median_nearest_distance(fake, _choose(held_out, n, rng))
    if to_held_out == 0:
        raise ValueError(
            "half of the generated rows or more equal a held-out row exactly, so that their "
            "distance is 0 and cannot be divided by. Are the held-out rows among the training "
            "rows?"
        )
    return to_train / to_held_out


def _median_nearest_distance(rows: NDArray, others: NDArray) -> float:
    return np.median(cdist(rows, others).min(axis=1)).item()


# ----------------------------------------------------------------- of use to another learner


def mode_coverage(
    samples: ArrayLike,
    centers: ArrayLike,
    noise: float,
    *,
    n_sd: float = 3.0,
    min_share: float = 0.02,
) -> Bunch:
    """Count which modes of a known mixture the samples reach.

    A sample is *on* a mode if it lies within `n_sd` · `noise` of its center, and a mode is
    *covered* if at least `min_share` of all samples are on it.

    Parameters
    ----------
    samples : array-like of shape (n_samples, n_features)
    centers : array-like of shape (n_modes, n_features)
        For example `helpers.datasets.ring_centers()`.
    noise : float
        Standard deviation of the round Gaussian about each center; above 0.
    n_sd : float, default=3
        How many of them a sample may be away; above 0.
    min_share : float, default=0.02
        In (0, 1].

    Returns
    -------
    Bunch
        ``n_covered``: number of covered modes; ``covered``: bool of shape (n_modes,);
        ``share_on_mode``: fraction of samples on any mode; ``shares``: fraction on each mode,
        of shape (n_modes,).

    Raises
    ------
    TypeError, ValueError
        If an argument is not of the kind or in the range above.

    Notes
    -----
    It needs to know the modes, so it serves for made-up data alone. It does not see how samples
    lie within a mode: all of them on its very center count as well. Real samples of a mixture in
    the plane are on a mode in 1 − exp(−9/2), that is 98.9 %, of cases.
    """
    samples, centers = as_tables(samples=samples, centers=centers)
    for name, value in {"noise": noise, "n_sd": n_sd, "min_share": min_share}.items():
        if isinstance(value, bool) or not isinstance(value, numbers.Real):
            raise TypeError(f"{name} must be a number; given {value!r}")
        if not 0 < value < np.inf or (name == "min_share" and value > 1):
            raise ValueError(f"{name} is out of range; given {value}")
    distance = cdist(samples, centers)
    on_mode = distance.min(axis=1) <= n_sd * noise
    counts = np.bincount(distance.argmin(axis=1)[on_mode], minlength=len(centers))
    shares = counts / len(samples)
    covered = shares >= min_share
    return Bunch(
        n_covered=int(covered.sum()),
        covered=covered,
        share_on_mode=float(on_mode.mean()),
        shares=shares,
    )


def train_on_synthetic_test_on_real(
    X_fake: ArrayLike,
    y_fake: ArrayLike,
    X_test: ArrayLike,
    y_test: ArrayLike,
    *,
    X_train: ArrayLike,
    y_train: ArrayLike,
    classifier: Any = None,
) -> Bunch:
    """How well a classifier does that has only ever seen generated rows.

    It is trained twice, on generated and on real rows, and tested on the same real rows, since
    the one accuracy means nothing without the other.

    Parameters
    ----------
    X_fake : array-like of shape (n_fake, n_features)
        Generated rows. For figures to compare, as many as training rows.
    y_fake : array-like of shape (n_fake,)
        Their labels, as generated with them.
    X_test, y_test : array-like of shape (n_test, n_features) and (n_test,)
        Real rows that neither the generator nor the classifier has seen.
    X_train, y_train : array-like of shape (n_train, n_features) and (n_train,)
        The real rows that the generator was trained on. There is no default: never alone.
    classifier : scikit-learn classifier, optional
        Is cloned for each training. The default is ``SVC(C=3)``.

    Returns
    -------
    Bunch
        ``synthetic`` and ``real``: accuracy on the test rows after training on generated and on
        real rows; ``ratio``: the first over the second (infinite where the second is 0).

    Raises
    ------
    TypeError, ValueError
        If rows or labels are not of the kind above or do not fit together, or if generated
        labels are none of the real ones.

    Notes
    -----
    What it does not see:

    - **Anything that the task does not need.** Two rows, one typical of each class, may train a
      classifier well.
    - **Copies**: they train as well as the real rows.
    - ½ is not the floor. If all generated rows have one label, the accuracy is that class's
      share of the test rows (.64 for the ionosphere's good returns).

    References
    ----------
    C. Esteban, S. L. Hyland and G. Rätsch, "Real-valued (medical) time series generation with
    recurrent conditional GANs", arXiv:1706.02633, 2017.
    """
    X_fake, X_test, X_train = as_tables(X_fake=X_fake, X_test=X_test, X_train=X_train)
    y_fake = _as_labels("y_fake", y_fake, len(X_fake))
    y_test = _as_labels("y_test", y_test, len(X_test))
    y_train = _as_labels("y_train", y_train, len(X_train))
    known = np.union1d(y_train, y_test)
    unknown = np.setdiff1d(y_fake, known)
    if len(unknown):
        raise ValueError(
            f"y_fake holds labels that no real row has: {_a_few(unknown)}; real are "
            f"{_a_few(known)}. Snap generated labels to the nearest real one first"
        )
    classifier = _as_classifier(classifier, SVC(C=3))
    synthetic = _accuracy_of(classifier, X_fake, y_fake, X_test, y_test)
    real = _accuracy_of(classifier, X_train, y_train, X_test, y_test)
    return Bunch(synthetic=synthetic, real=real, ratio=synthetic / real if real else math.inf)


def _accuracy_of(classifier, X, y, X_test, y_test) -> float:
    """Train a clone on (X, y); if there is one class only, always answer with that one."""
    if (y == y[0]).all():
        return np.mean(y_test == y[0]).item()
    return np.mean(clone(classifier).fit(X, y).predict(X_test) == y_test).item()


# ---------------------------------------------------------------------------------- checks


def _as_labels(name: str, labels: ArrayLike, n_rows: int) -> NDArray:
    labels = np.asarray(labels)
    if labels.shape != (n_rows,):
        raise ValueError(
            f"{name} must hold one label for each row, shape ({n_rows},); given {labels.shape}"
        )
    return labels


def _as_spread(jitter: float | ArrayLike, n_columns: int) -> NDArray:
    expected = (
        "jitter must be a finite number of at least 0, or one for each column, shape "
        f"({n_columns},)"
    )
    try:
        spread = np.asarray(jitter, dtype=np.float64)
    except (TypeError, ValueError):
        raise TypeError(f"{expected}; given {jitter!r}") from None
    if spread.shape not in ((), (n_columns,)):
        raise ValueError(f"{expected}; given shape {spread.shape}")
    if not ((spread >= 0) & (spread < np.inf)).all():
        raise ValueError(f"{expected}; given {jitter!r}")
    return spread


def _as_classifier(classifier: Any, default: Any) -> Any:
    """A fresh copy of the classifier, or of the default."""
    if classifier is None:
        return default
    is_object = hasattr(classifier, "get_params") and not isinstance(classifier, type)
    if not (is_object and is_classifier(classifier)):
        raise TypeError(
            "classifier must be a scikit-learn classifier such as SVC(), the object and not "
            f"its class; given {classifier!r}"
        )
    return clone(classifier)


def _choose(rows: NDArray, n: int, rng: np.random.Generator) -> NDArray:
    """Choose n of the rows at random; all of them, as they stand, if there are no more."""
    return rows if len(rows) == n else rows[rng.choice(len(rows), n, replace=False)]


def _draw_seed(rng: np.random.Generator) -> int:
    """Draw a seed, for scikit-learn, which does not know NumPy's generators."""
    return int(rng.integers(2**31))


def _a_few(values: NDArray) -> str:
    shown = ", ".join(map(repr, values[:4].tolist()))
    return shown + (", …" if len(values) > 4 else "")
