"""Generative models as scikit-learn estimators."""

from helpers.models.autoencoder import Autoencoder
from helpers.models.gan import GAN
from helpers.models.vae import VariationalAutoencoder

__all__ = ["GAN", "Autoencoder", "VariationalAutoencoder"]
