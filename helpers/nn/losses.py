"""Losses: each returns its value and its gradient with respect to the prediction.

Arrays are batch-last. The loss is summed over the features of a sample and then, by ``reduction``,
averaged over the batch ("mean") or summed over it ("sum"). It is never averaged over the features:
that would silently rescale every other term of a loss by their number.
"""

from __future__ import annotations

import numpy as np
from scipy.special import expit


def squared_error(
    prediction: np.ndarray, target: np.ndarray, *, reduction: str = "mean"
) -> tuple[float, np.ndarray]:
    """Squared error, L = (1/n) Σ ‖target − prediction‖² over the n samples of a batch.

    Parameters
    ----------
    prediction, target : ndarray of shape (features, n)
        One sample in each column (more leading axes are welcome: the batch comes last).
    reduction : {"mean", "sum"}, default="mean"
        "sum" leaves out the factor 1/n.

    Returns
    -------
    loss : float
    gradient : ndarray of the same shape
        dL/d prediction = −(2/n) (target − prediction).

    Raises
    ------
    ValueError
        If the shapes differ, or `reduction` is unknown.
    """
    scale = _scale(prediction, target, "target", reduction)
    residual = target - prediction
    loss = scale * float(np.vdot(residual, residual))
    residual *= -2 * scale
    return loss, residual


def binary_cross_entropy(
    logits: np.ndarray, labels: np.ndarray, *, reduction: str = "mean"
) -> tuple[float, np.ndarray]:
    """Binary cross-entropy from logits, L = (1/n) Σ log(1 + exp(−label · logit)).

    The logit a is the log-odds of label +1: P(+1) = σ(a) = 1 / (1 + e⁻ᵃ), P(−1) = σ(−a). Each
    term is −log P(label), reached without ever taking the logarithm of a rounded probability.

    Parameters
    ----------
    logits : ndarray of shape (features, n)
        Any real numbers, mostly one in each column (features = 1).
    labels : ndarray of the same shape
        −1 or +1. (For labels t of 0 and 1 pass 2 t − 1.)
    reduction : {"mean", "sum"}, default="mean"
        "sum" leaves out the factor 1/n.

    Returns
    -------
    loss : float
    gradient : ndarray of the same shape
        dL/d logit = −(1/n) · label · σ(−label · logit).

    Raises
    ------
    ValueError
        If the shapes differ, a label is neither −1 nor +1, or `reduction` is unknown.
    """
    scale = _scale(logits, labels, "labels", reduction)
    if not np.all(np.abs(labels) == 1):
        raise ValueError(
            f"labels must be -1 or +1; got {np.unique(labels)[:5]} among them "
            "(turn labels t of 0 and 1 into 2 * t - 1)"
        )
    margin = labels * logits
    losses = np.maximum(-margin, 0) + np.log1p(np.exp(-np.abs(margin)))
    gradient = labels * expit(-margin)
    gradient *= -scale
    return scale * float(losses.sum()), gradient


def _scale(prediction: np.ndarray, target: np.ndarray, name: str, reduction: str) -> float:
    """The factor before the sum: 1/n or 1. Broadcasting is an error here, never a service."""
    if prediction.shape != target.shape:
        raise ValueError(
            f"prediction and {name} must have the same shape; "
            f"got {prediction.shape} and {target.shape}"
        )
    if reduction == "mean":
        return 1 / prediction.shape[-1]
    if reduction == "sum":
        return 1.0
    raise ValueError(f"reduction must be 'mean' or 'sum'; got {reduction!r}")
