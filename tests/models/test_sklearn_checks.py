"""Estimators behave as every other estimator: scikit-learn's own checks."""

from __future__ import annotations

from sklearn.utils.estimator_checks import parametrize_with_checks

from helpers.models import Autoencoder

ESTIMATORS = [
    Autoencoder(max_iter=50),
    Autoencoder(hidden_layer_sizes=(), n_latent=1, activation="identity", max_iter=50),
    Autoencoder(
        hidden_layer_sizes=(9, 5),
        n_latent=2,
        activation="relu",
        alpha=0.01,
        solver="sgd",
        learning_rate_init=1e-4,
        batch_size=7,
        max_iter=20,
    ),
    Autoencoder(
        hidden_layer_sizes=3,
        activation="softplus",
        output_activation="sigmoid",
        early_stopping=True,
        validation_fraction=0.2,
        n_iter_no_change=2,
        max_iter=20,
        dtype="float64",
    ),
]


@parametrize_with_checks(ESTIMATORS)
def test_scikit_learn_check(estimator, check):
    check(estimator)
