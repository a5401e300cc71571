"""The network engine: layers, losses and optimizers, with every gradient written out.

Nothing here is symbolic and nothing is differentiated automatically: a layer knows its formula
and the two gradients that the chain rule asks of it, a network walks its layers forward and
backward. Activations are *batch-last*, ``(features, batch)`` or ``(height, width, channels,
batch)``, so that a layer reads as its formula ``W @ x + b``. One training step is four lines:

>>> import numpy as np
>>> from helpers.nn import Adam, Network, dense_layers, squared_error
>>> network = Network(dense_layers([4, 2, 4]), random_state=0)
>>> optimizer = Adam(learning_rate=0.01)
>>> x = np.ones((4, 10))  # ten columns, four features each
>>> loss, d_x_hat = squared_error(network.forward(x), x)
>>> d_x = network.backward(d_x_hat)
>>> optimizer.step(network.parameters, network.gradients)
"""

from helpers.nn.convolution import Conv2D, ConvTranspose2D, conv2d, conv_transpose2d
from helpers.nn.layers import (
    ACTIVATIONS,
    Activation,
    BatchNormalisation,
    Dense,
    Flatten,
    Identity,
    Layer,
    LeakyReLU,
    Linear,
    MinibatchDiscrimination,
    PassBy,
    ReLU,
    Reshape,
    ReshapeWithPlanes,
    Sigmoid,
    SiLU,
    Softplus,
    Tanh,
)
from helpers.nn.losses import binary_cross_entropy, squared_error
from helpers.nn.network import Network, dense_layers
from helpers.nn.optimizers import SGD, Adam
from helpers.nn.penalties import (
    add_one_centred_penalty,
    add_zero_centred_penalty,
    backward_with_zero_centred_penalty,
)

__all__ = [
    "ACTIVATIONS",
    "SGD",
    "Activation",
    "Adam",
    "BatchNormalisation",
    "Conv2D",
    "ConvTranspose2D",
    "Dense",
    "Flatten",
    "Identity",
    "Layer",
    "LeakyReLU",
    "Linear",
    "MinibatchDiscrimination",
    "Network",
    "PassBy",
    "ReLU",
    "Reshape",
    "ReshapeWithPlanes",
    "SiLU",
    "Sigmoid",
    "Softplus",
    "Tanh",
    "add_one_centred_penalty",
    "add_zero_centred_penalty",
    "backward_with_zero_centred_penalty",
    "binary_cross_entropy",
    "conv2d",
    "conv_transpose2d",
    "dense_layers",
    "squared_error",
]
