"""Live pictures: moved with the mouse, with the keyboard and from code."""

from helpers.widgets.adversarial_weight import AdversarialWeight
from helpers.widgets.autoencoder_explorer import AutoencoderExplorer
from helpers.widgets.code_explorer import CodeExplorer
from helpers.widgets.diffusion_explorer import DiffusionExplorer
from helpers.widgets.futures import FuturesExplorer
from helpers.widgets.gan_theatre import GANTheatre
from helpers.widgets.kernel_playground import KernelPlayground
from helpers.widgets.latent_explorer import LatentExplorer
from helpers.widgets.regularisation_bench import RegularisationBench
from helpers.widgets.two_gaussians import TwoGaussians
from helpers.widgets.vector_walk import VectorWalk

__all__ = [
    "AdversarialWeight",
    "AutoencoderExplorer",
    "CodeExplorer",
    "DiffusionExplorer",
    "FuturesExplorer",
    "GANTheatre",
    "KernelPlayground",
    "LatentExplorer",
    "RegularisationBench",
    "TwoGaussians",
    "VectorWalk",
]
