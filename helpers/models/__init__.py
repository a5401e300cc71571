"""Generative models as scikit-learn estimators."""

from helpers.models.autoencoder import Autoencoder
from helpers.models.conditional import ConditionalImageGAN
from helpers.models.diffusion import DiffusionModel
from helpers.models.gan import GAN
from helpers.models.images import ImageGAN, ImageRegressor
from helpers.models.vae import VariationalAutoencoder

__all__ = [
    "GAN",
    "Autoencoder",
    "ConditionalImageGAN",
    "DiffusionModel",
    "ImageGAN",
    "ImageRegressor",
    "VariationalAutoencoder",
]
