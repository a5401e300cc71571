"""Live pictures: moved with the mouse, with the keyboard and from code."""

from helpers.widgets.autoencoder_explorer import AutoencoderExplorer
from helpers.widgets.kernel_playground import KernelPlayground

__all__ = ["AutoencoderExplorer", "KernelPlayground"]
