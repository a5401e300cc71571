"""Live pictures: moved with the mouse, with the keyboard and from code."""

from helpers.widgets.autoencoder_explorer import AutoencoderExplorer
from helpers.widgets.code_explorer import CodeExplorer
from helpers.widgets.futures import FuturesExplorer
from helpers.widgets.gan_theatre import GANTheatre
from helpers.widgets.kernel_playground import KernelPlayground
from helpers.widgets.regularisation_bench import RegularisationBench
from helpers.widgets.two_gaussians import TwoGaussians
from helpers.widgets.vector_walk import VectorWalk

__all__ = [
    "AutoencoderExplorer",
    "CodeExplorer",
    "FuturesExplorer",
    "GANTheatre",
    "KernelPlayground",
    "RegularisationBench",
    "TwoGaussians",
    "VectorWalk",
]
