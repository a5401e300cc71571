"""Labels for generative models: what stands for each class in the columns of a network."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from sklearn.utils import check_consistent_length, column_or_1d
from sklearn.utils.multiclass import check_classification_targets


class ClassConditional:
    """A model that may be told the label of each sample: for two classes −1 or +1, or a column.

    What stands for a label is its *code*: one number of −1 or +1 for two classes, a column of an
    identity matrix for more. A model calls `_note_classes` when it starts, and `_label_rows`
    wherever codes are to stand below samples; without labels they have no rows.

    Attributes
    ----------
    classes_ : ndarray or None
        The labels, sorted; None without labels.
    class_prior_ : ndarray or None
        Their fractions among the rows that training started with.
    """

    def _note_classes(self, X: np.ndarray, y: Any, classes: ArrayLike | None = None) -> None:
        """Set `classes_`, `class_prior_` and `_codes`: the column that stands for each class."""
        self.classes_ = self.class_prior_ = None
        self._codes = np.empty((0, 0), dtype=self.dtype)
        if y is None:
            if classes is not None:
                raise ValueError("classes need labels: y is None")
            return
        y = check_labels(y, X)
        self.classes_ = np.unique(y if classes is None else column_or_1d(classes))
        counts = np.bincount(self._class_indices(y), minlength=len(self.classes_))
        self.class_prior_ = counts / len(y)
        if len(self.classes_) == 2:
            self._codes = np.array([[-1, 1]], dtype=self.dtype)
        else:
            self._codes = np.eye(len(self.classes_), dtype=self.dtype)

    def _draw_classes(self, n: int, rng: np.random.Generator) -> np.ndarray | None:
        """Draw n labels by `class_prior_`; None without labels."""
        if self.classes_ is None:
            return None
        return self.classes_[rng.choice(len(self.classes_), size=n, p=self.class_prior_)]

    def _label_rows(self, y: Any, n: int) -> np.ndarray:
        """Return the code of each label as a column, shape (label rows, n)."""
        kind = type(self).__name__
        if self.classes_ is None:
            if y is not None:
                raise ValueError(
                    f"this {kind} was started without labels: y must be None; got {y!r}"
                )
            return np.empty((0, n), dtype=self._codes.dtype)
        if y is None:
            raise ValueError(
                f"this {kind} was started with labels: y is needed, each of "
                f"{self.classes_.tolist()}; got None"
            )
        y = np.full(n, y) if np.ndim(y) == 0 else column_or_1d(y)
        if len(y) != n:
            raise ValueError(f"y must be one label, or one for each of {n} rows; got {len(y)}")
        return self._codes[:, self._class_indices(y)]

    def _class_indices(self, y: np.ndarray) -> np.ndarray:
        unknown = np.setdiff1d(y, self.classes_)
        if unknown.size:
            raise ValueError(
                f"y must hold labels of {self.classes_.tolist()} alone; "
                f"got {unknown[:5].tolist()} among them"
            )
        return np.searchsorted(self.classes_, y)


def check_labels(y: Any, X: np.ndarray) -> np.ndarray:
    """Return y as a vector of labels, one for each row of X."""
    y = column_or_1d(y)
    check_consistent_length(X, y)
    check_classification_targets(y)
    return y
