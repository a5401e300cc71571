"""Generative models as scikit-learn estimators."""

from helpers.models.autoencoder import Autoencoder

__all__ = ["Autoencoder"]
