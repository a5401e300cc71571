"""The scoreboard: every model of the course makes ionosphere rows and is measured alike.

What is measured is not a model but a **recipe**: any function that is given training rows and
returns rows it has made up. The protocol around it never changes:

1. The table has 34 columns: `a01` as −1 or 1, the 32 numbers `a03` … `a34` in [−1, 1], and the
   label −1 or 1. (`a02` is 0 throughout and is dropped.) `ionosphere_table`
2. 234 rows to train on and 117 held out, with the same share of labels. `split_table`
3. The recipe makes as many rows as it was given, labels included. Numbers that stand in a
   column of two values are snapped to the nearer one, all others clipped to [−1, 1]. `tidy`
4. 117 of these, chosen at random, are compared with the held-out rows; all of them train a
   classifier that is tested on the held-out rows. `score_rows`
5. All this over again with fresh splits; reported are mean and standard deviation.
   `score_recipe`

So a recipe is scored in three lines, and `Scoreboard` shows it beside those that have been
recorded::

    board = Scoreboard.load()
    board["one Gaussian"] = score_recipe(one_gaussian)
    board

What the figures do not see is told in `helpers.metrics`, at each measure.
"""

from __future__ import annotations

import csv
import html
from collections import UserDict
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Self

import numpy as np
from joblib import Parallel, delayed
from numpy.typing import ArrayLike, NDArray
from sklearn.mixture import GaussianMixture
from sklearn.model_selection import GridSearchCV, KFold, train_test_split
from sklearn.neighbors import KernelDensity
from sklearn.utils import Bunch
from tqdm.auto import tqdm

from helpers.checks import as_numbers, check_whole
from helpers.datasets import DATA_FOLDER, load_ionosphere
from helpers.metrics import (
    classifier_two_sample_test,
    copy_ratio,
    coverage,
    precision_recall,
    train_on_synthetic_test_on_real,
)

Recipe = Callable[[NDArray, int, int], ArrayLike]

RECORDED = DATA_FOLDER / "scoreboard.csv"
"""Where the scores are that were recorded with the course."""

N_COLUMNS = 34
N_HELD_OUT = 117

TWO_VALUED = np.isin(np.arange(N_COLUMNS), [0, N_COLUMNS - 1])
"""Which columns hold only −1 and 1: the first, `a01`, and the last, the label."""

JITTER = np.where(TWO_VALUED, 0.0, 0.05)
"""Noise for the classifier two-sample test: on the 32 continuous columns of both sides."""

SCORES = {
    "c2st": "C2ST (½ is best)",
    "precision": "precision",
    "recall": "recall",
    "coverage": "coverage",
    "copy_ratio": "copy ratio (1: no copies)",
    "synthetic": "SVM trained on it",
    "real": "SVM trained on real",
}
"""What is measured: the names of the scores and the headings they get."""


# ---------------------------------------------------------------------------- the protocol


def ionosphere_table() -> NDArray:
    """Return the ionosphere data as one table, the label its last column.

    Returns
    -------
    ndarray of shape (351, 34)
        `a01` as −1 or 1; `a03` … `a34` in [−1, 1]; the label, −1 (bad) or 1 (good).
    """
    data, target = load_ionosphere(return_X_y=True)
    return np.column_stack([2 * data[:, 0] - 1, data[:, 2:], target])


def split_table(table: ArrayLike, *, random_state: int | None = None) -> tuple[NDArray, NDArray]:
    """Hold out 117 rows at random, with the same share of each label as in the whole.

    Parameters
    ----------
    table : array-like of shape (n_rows, n_columns)
        The last column is the label.
    random_state : int or None
        Seed of the choice.

    Returns
    -------
    train : ndarray of shape (n_rows − 117, n_columns)
    held_out : ndarray of shape (117, n_columns)
    """
    table = as_numbers("table", table)
    if table.ndim != 2:
        raise ValueError(f"table must have shape (n_rows, n_columns); given shape {table.shape}")
    if len(table) <= N_HELD_OUT:
        raise ValueError(
            f"table must have more rows than the {N_HELD_OUT} that are held out; given {len(table)}"
        )
    train, held_out = train_test_split(
        table, test_size=N_HELD_OUT, stratify=table[:, -1], random_state=random_state
    )
    return train, held_out


def tidy(rows: ArrayLike) -> NDArray:
    """Bring generated rows into the form of real ones.

    Real and generated rows should differ in what the model did not learn, not in what every
    model could be given for nothing: the range, and which columns hold two values.

    Parameters
    ----------
    rows : array-like of shape (n_rows, 34)

    Returns
    -------
    ndarray of shape (n_rows, 34)
        A new array: clipped to [−1, 1]; first and last column −1 where negative, else 1.

    Raises
    ------
    TypeError, ValueError
        If the rows have another shape, or hold anything but finite numbers.
    """
    try:
        rows = np.array(rows, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise TypeError(f"generated rows must be a table of numbers; {error}") from None
    if rows.ndim != 2 or rows.shape[1] != N_COLUMNS:
        raise ValueError(
            f"generated rows must have {N_COLUMNS} columns, a01, a03 … a34 and the label, shape "
            f"(n_rows, {N_COLUMNS}); given shape {rows.shape}"
        )
    if not np.isfinite(rows).all():
        raise ValueError("generated rows hold NaN or infinity: did the training diverge?")
    snapped = np.where(rows < 0, -1.0, 1.0)
    return np.where(TWO_VALUED, snapped, rows.clip(-1, 1))


def score_rows(
    rows: ArrayLike, train: NDArray, held_out: NDArray, *, random_state: int | None = None
) -> dict[str, float]:
    """Measure generated rows of one split.

    Parameters
    ----------
    rows : array-like of shape (n_rows, 34)
        Generated rows, in any order; as many as `train` has, at least.
    train, held_out : ndarray of shape (n, 34)
        The rows that the generator was trained on, and rows that it has not seen.
    random_state : int or None
        Seed of the choice of rows, of the jitter and of the forest.

    Returns
    -------
    dict
        The `SCORES`: ``c2st`` (accuracy of a random forest after a jitter of .05),
        ``precision``, ``recall`` and ``coverage`` (k = 5), ``copy_ratio``, ``synthetic`` and
        ``real`` (accuracy of ``SVC(C=3)`` on the held-out rows after training on generated and
        on real rows).

    Raises
    ------
    TypeError, ValueError
        As `tidy`; and if there are too few rows.
    """
    rows = tidy(rows)
    if len(rows) < len(train):
        raise ValueError(
            f"expected are as many generated rows as there are training rows, {len(train)}; "
            f"given {len(rows)}"
        )
    rng = np.random.default_rng(random_state)
    # Many models return their rows sorted, by class or by component: take them at random.
    rows = rng.permutation(rows)[: len(train)]
    compared = rows[: len(held_out)]
    told_apart = classifier_two_sample_test(held_out, compared, jitter=JITTER, random_state=rng)
    precision, recall = precision_recall(held_out, compared)
    use = train_on_synthetic_test_on_real(
        *_features_and_label(rows),
        *_features_and_label(held_out),
        **dict(zip(("X_train", "y_train"), _features_and_label(train))),
    )
    return {
        "c2st": told_apart.accuracy,
        "precision": precision,
        "recall": recall,
        "coverage": coverage(held_out, compared),
        "copy_ratio": copy_ratio(compared, train, held_out, random_state=rng),
        "synthetic": use.synthetic,
        "real": use.real,
    }


def score_recipe(
    recipe: Recipe,
    *,
    n_splits: int = 5,
    random_state: int = 0,
    n_jobs: int | None = None,
    verbose: bool = False,
) -> Bunch:
    """Measure a recipe on several splits of the ionosphere data.

    Parameters
    ----------
    recipe : callable
        ``recipe(train, n_rows, random_state)`` is given training rows of shape (234, 34), the
        label in the last column, the number of rows wanted, and a whole number to seed itself
        with; it returns rows of shape (n_rows, 34), in any order, the label again last. Labels
        and `a01` need not be exactly ±1.
    n_splits : int
        Number of splits, at least 1.
    random_state : int
        Decides splits and all seeds. With the same number, all recipes get the same splits, and
        a larger `n_splits` adds splits to those of a smaller one. If a recipe was tuned on the
        splits of one number, score it on those of another.
    n_jobs : int or None
        How many splits to work on at a time, each in a process of its own; −1 for as many as
        there are cores. By default one, or what ``joblib.parallel_config`` says around the call.
    verbose : bool
        Show a progress bar.

    Returns
    -------
    Bunch
        For each of the `SCORES` an array of shape (n_splits,), one figure a split.

    Raises
    ------
    TypeError, ValueError
        If an argument is not of the kind above, or the rows that the recipe makes are not; and
        whatever the recipe itself raises.
    """
    if not callable(recipe):
        raise TypeError(
            "recipe must be a function of (train, n_rows, random_state) that returns rows; "
            f"given {recipe!r}"
        )
    check_whole("n_splits", n_splits)
    check_whole("random_state", random_state, minimum=0)
    # Row i holds the seeds of split i; they do not depend on how many rows follow.
    seeds = np.random.default_rng(random_state).integers(2**31, size=(n_splits, 3)).tolist()
    table = ionosphere_table()
    work = Parallel(n_jobs=n_jobs, return_as="generator")(
        delayed(_score_split)(recipe, table, *triple) for triple in seeds
    )
    splits = list(
        tqdm(work, total=n_splits, unit="split", desc="scoring", leave=False, disable=not verbose)
    )
    return Bunch(**{score: np.array([split[score] for split in splits]) for score in SCORES})


def _score_split(recipe, table, split_seed, recipe_seed, measure_seed) -> dict[str, float]:
    train, held_out = split_table(table, random_state=split_seed)
    # The recipe gets a copy: should it change its rows, the measures still see the real ones.
    rows = recipe(train.copy(), len(train), recipe_seed)
    return score_rows(rows, train, held_out, random_state=measure_seed)


def _features_and_label(rows: NDArray) -> tuple[NDArray, NDArray]:
    return rows[:, :-1], rows[:, -1]


# --------------------------------------------------------------------------- the scoreboard


class Scoreboard(UserDict):
    """A dictionary from the names of recipes to their scores, shown as a table.

    ``board[name] = score_recipe(recipe)`` adds a row or replaces it; ``board[name].c2st`` holds
    the figures of its splits. As the last expression of a cell it shows itself, mean ± standard
    deviation; `load` and `save` keep it in a CSV file, one line for each split.
    """

    def __setitem__(self, name: str, scores: Mapping[str, ArrayLike]) -> None:
        """Add the scores of a recipe, checked."""
        if not isinstance(name, str) or not name.strip():
            raise TypeError(f"the name of a row must be a text; given {name!r}")
        if not isinstance(scores, Mapping) or set(scores) != set(SCORES):
            given = sorted(scores) if isinstance(scores, Mapping) else type(scores).__name__
            raise ValueError(
                f"a row needs the scores {', '.join(SCORES)}, as score_recipe returns them; "
                f"given {given}"
            )
        columns = {score: np.atleast_1d(np.asarray(scores[score], float)) for score in SCORES}
        shapes = {column.shape for column in columns.values()}
        if len(shapes) > 1 or any(len(shape) != 1 or shape[0] == 0 for shape in shapes):
            raise ValueError(
                f"all scores of {name!r} need one figure for each split; given shapes "
                f"{sorted(shapes)}"
            )
        super().__setitem__(name, Bunch(**columns))

    @classmethod
    def load(cls, path: str | Path | None = None) -> Self:
        """Read a scoreboard from a CSV file, by default the one recorded with the course.

        Raises
        ------
        FileNotFoundError
            If the file is not there.
        ValueError
            If it is not the CSV file of a scoreboard.
        """
        path = RECORDED if path is None else Path(path)
        if not path.is_file():
            raise FileNotFoundError(
                f"There is no scoreboard at {path}. The recorded one is made by: make scoreboard"
            )
        with path.open(encoding="utf-8", newline="") as file:
            reader = csv.DictReader(file)
            if reader.fieldnames != ["recipe", "split", *SCORES]:
                raise ValueError(
                    f"{path} is not a scoreboard: its first line must name the columns "
                    f"{', '.join(['recipe', 'split', *SCORES])}; it names {reader.fieldnames}"
                )
            splits: dict[str, list[dict[str, float]]] = {}
            for line in reader:
                splits.setdefault(line["recipe"], []).append(_figures_in(line, path))
        return cls(
            {
                name: {score: [figures[score] for figures in lines] for score in SCORES}
                for name, lines in splits.items()
            }
        )

    def select(self, *names: str) -> Self:
        """Return a scoreboard with these rows alone, in this order.

        Raises
        ------
        KeyError
            If there is no row of such a name.
        """
        for name in names:
            if name not in self:
                raise KeyError(f"the scoreboard has no row {name!r}; it has {', '.join(self)}")
        return type(self)({name: self[name] for name in names})

    def save(self, path: str | Path) -> None:
        """Write the scoreboard to a CSV file, one line for each split, four decimals."""
        with Path(path).open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(["recipe", "split", *SCORES])
            for name, scores in self.items():
                for split, figures in enumerate(zip(*(scores[score] for score in SCORES))):
                    writer.writerow([name, split, *(f"{figure:.4f}" for figure in figures)])

    def __repr__(self) -> str:
        width = max(map(len, ["recipe", *self]))
        lines = [["recipe", *SCORES], *([name, *self._cells(name)] for name in self)]
        return "\n".join(
            f"{name:<{width}}" + "".join(f"  {cell:>11}" for cell in cells)
            for name, *cells in lines
        )

    def _repr_html_(self) -> str:
        heading = "".join(f'<th scope="col">{text}</th>' for text in SCORES.values())
        body = "".join(
            f'<tr><th scope="row" style="text-align: left">{html.escape(name)}</th>'
            + "".join(f'<td style="white-space: nowrap">{cell}</td>' for cell in self._cells(name))
            + "</tr>"
            for name in self
        )
        return (
            "<table><caption>Mean ± standard deviation over the splits</caption>"
            f'<thead><tr><th scope="col" style="text-align: left">rows made by</th>{heading}</tr>'
            f"</thead><tbody>{body}</tbody></table>"
        )

    def _cells(self, name: str) -> list[str]:
        return [_mean_and_sd(self[name][score]) for score in SCORES]


def _figures_in(line: Mapping[str, str | None], path: Path) -> dict[str, float]:
    try:
        return {score: float(line[score]) for score in SCORES}
    except (TypeError, ValueError):
        raise ValueError(
            f"{path} holds a line with a figure missing or no number: {line}"
        ) from None


def _mean_and_sd(figures: NDArray) -> str:
    if len(figures) == 1:
        return f"{figures[0]:.2f}"
    return f"{figures.mean():.2f} ± {figures.std(ddof=1):.2f}"


# ------------------------------------------------------------------- recipes to compare with


def real_rows(train: NDArray, n_rows: int, random_state: int) -> NDArray:
    """Hand out the training rows themselves: what perfect rows score, and a perfect copier.

    All figures but the copy ratio are those of real rows beside real rows; the copy ratio is
    the one that gives the recipe away.
    """
    return np.random.default_rng(random_state).choice(train, n_rows, replace=n_rows > len(train))


def gaussian_mixture(train: NDArray, n_rows: int, random_state: int) -> NDArray:
    """Fit a mixture of Gaussians to each class, and draw from it.

    One to six components with full covariances, as many as the Bayesian information criterion
    chooses.
    """

    def fit_and_draw(rows, n, seed):
        mixtures = [GaussianMixture(m, random_state=seed).fit(rows) for m in range(1, 7)]
        return min(mixtures, key=lambda mixture: mixture.bic(rows)).sample(n)[0]

    return _class_by_class(fit_and_draw, train, n_rows, random_state)


def kernel_density(
    train: NDArray, n_rows: int, random_state: int, *, bandwidth: float | None = None
) -> NDArray:
    """Fit a Gaussian kernel density to each class, and draw from it.

    To draw is to pick a training row and to add noise of standard deviation `bandwidth`; the
    narrower, the more it copies. By default cross-validation chooses it, from .05 to 1.
    """

    def fit_and_draw(rows, n, seed):
        width = _best_bandwidth(rows, seed) if bandwidth is None else bandwidth
        return KernelDensity(bandwidth=width).fit(rows).sample(n, random_state=seed)

    return _class_by_class(fit_and_draw, train, n_rows, random_state)


def _best_bandwidth(rows: NDArray, seed: int) -> float:
    """The bandwidth under which rows left out have the greatest likelihood."""
    folds = KFold(5, shuffle=True, random_state=seed)
    search = GridSearchCV(KernelDensity(), {"bandwidth": np.geomspace(0.05, 1, 20)}, cv=folds)
    return search.fit(rows).best_params_["bandwidth"]


def _class_by_class(fit_and_draw, train: NDArray, n_rows: int, random_state: int) -> NDArray:
    """Fit and draw from each class by itself, in the numbers the training rows have."""
    good, bad = train[train[:, -1] > 0], train[train[:, -1] < 0]
    n_good = round(n_rows * len(good) / len(train))
    return np.vstack(
        [
            fit_and_draw(good, n_good, random_state),
            fit_and_draw(bad, n_rows - n_good, random_state),
        ]
    )
