"""A network: layers in a row, over one flat vector of parameters and one of gradients."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import ArrayLike, DTypeLike

from helpers.checks import as_generator, check_choice
from helpers.nn.layers import ACTIVATIONS, Dense, Layer


class Network:
    """Layers in a row, y = f_k(… f_2(f_1(x))).

    All parameters lie in one flat vector and all gradients in another; a layer's W, b, dW and db
    are views into them. An optimizer therefore updates the whole network at once, and a change
    to ``network.parameters`` (in place) is a change to every layer.

    Parameters
    ----------
    layers : sequence of Layer
        At least one. They belong to this network from now on.
    random_state : int, numpy.random.Generator or None, default=None
        Where the parameters to start from are drawn.
    dtype : dtype, default=float64
        float32 trains faster, float64 is for checking gradients.

    Attributes
    ----------
    layers : list of Layer
    parameters, gradients : ndarray of shape (n_parameters,)

    Raises
    ------
    ValueError
        If there is no layer, or two dense layers do not fit together.
    """

    def __init__(
        self,
        layers: Sequence[Layer],
        *,
        random_state: int | np.random.Generator | None = None,
        dtype: DTypeLike = np.float64,
    ) -> None:
        """Join the layers and draw their parameters."""
        self.layers = list(layers)
        self._check_layers()
        self._bind(np.zeros(sum(layer.n_parameters for layer in self.layers), dtype=dtype))
        rng = as_generator(random_state)
        for layer in self.layers:
            layer.initialise(rng)

    @property
    def dtype(self) -> np.dtype:
        """Type of every number in the network."""
        return self.parameters.dtype

    def forward(self, x: ArrayLike) -> np.ndarray:
        """Return the network's output.

        Parameters
        ----------
        x : array-like of shape (features, batch)
            One sample in each column; (height, width, channels, batch) where the first layer
            takes images.

        Returns
        -------
        y : ndarray of shape (features out, batch)
            Layers set their memory aside anew in each pass: no later pass changes it.
        """
        y = np.asarray(x, dtype=self.dtype)
        for layer in self.layers:
            y = layer.forward(y)
        return y

    def backward(self, dy: ArrayLike, *, input_gradient: bool = True) -> np.ndarray | None:
        """Carry the gradient of the loss from the output back to the input.

        Parameters
        ----------
        dy : array-like of shape (features out, batch)
            Gradient of the loss with respect to the output of the last `forward`.
        input_gradient : bool, default=True
            False saves the last product where nobody asks for dx.

        Returns
        -------
        dx : ndarray of shape (features, batch), or None
            Gradient with respect to the input. Those of the parameters are in `gradients`, where
            they replace the earlier ones.
        """
        dy = np.asarray(dy, dtype=self.dtype)
        first, *others = self.layers
        for layer in reversed(others):
            dy = layer.backward(dy)
        first.parameter_gradients(dy)
        return first.input_gradient(dy) if input_gradient else None

    def input_gradient(self, dy: ArrayLike) -> np.ndarray:
        """Return dx as `backward` does, and leave the parameters' gradients as they are.

        This is how a gradient passes *through* a network that is not being trained, such as the
        discriminator while the generator learns.

        Parameters
        ----------
        dy : array-like of shape (features out, batch)
            Gradient of the loss with respect to the output of the last `forward`.

        Returns
        -------
        dx : ndarray of shape (features, batch)
        """
        dy = np.asarray(dy, dtype=self.dtype)
        for layer in reversed(self.layers):
            dy = layer.input_gradient(dy)
        return dy

    def set_training(self, training: bool) -> None:
        """Say whether the network is being trained (as it is at first) or in use.

        It makes a difference to `BatchNormalisation` alone.
        """
        for layer in self.layers:
            layer.training = training

    def add_l2_penalty(self, alpha: float) -> float:
        """Return alpha Σ ‖W‖² over all layers and add its gradient, 2 alpha W, to each dW.

        Biases are not penalised. Call it after `backward`, which writes the gradients anew.
        """
        penalty = 0.0
        for layer in self.layers:
            if "W" in layer.shapes:
                penalty += alpha * float(np.vdot(layer.W, layer.W))
                layer.dW += 2 * alpha * layer.W
        return penalty

    def astype(self, dtype: DTypeLike) -> Network:
        """Return a copy of the network in another precision."""
        network = copy.deepcopy(self)
        network._bind(self.parameters.astype(dtype))
        return network

    def __getitem__(self, part: slice) -> Network:
        """Return some neighbouring layers as a network of their own, ``network[:3]``.

        It shares layers, parameters and gradients with this one: nothing is copied.
        """
        if not isinstance(part, slice):
            raise TypeError(f"take a slice of a network, as in network[:2]; got {part!r}")
        start, stop, step = part.indices(len(self.layers))
        if step != 1 or start >= stop:
            raise ValueError(f"a part of a network is one or more neighbours; got {part!r}")
        first = sum(layer.n_parameters for layer in self.layers[:start])
        last = first + sum(layer.n_parameters for layer in self.layers[start:stop])
        network = object.__new__(Network)
        network.layers = self.layers[start:stop]
        network.parameters = self.parameters[first:last]
        network.gradients = self.gradients[first:last]
        return network

    def __repr__(self) -> str:
        """Return the layers, the number of parameters and their type."""
        layers = ", ".join(map(repr, self.layers))
        return f"Network([{layers}]), {self.parameters.size} parameters, {self.dtype}"

    def _bind(self, parameters: np.ndarray) -> None:
        """Take this vector as the parameters, and make every layer's arrays views into it."""
        self.parameters = parameters
        self.gradients = np.zeros(parameters.size, dtype=parameters.dtype)
        start = 0
        for layer in self.layers:
            stop = start + layer.n_parameters
            layer.bind(self.parameters[start:stop], self.gradients[start:stop])
            start = stop

    def _check_layers(self) -> None:
        if not self.layers:
            raise ValueError("a network needs at least one layer; got none")
        for layer in self.layers:
            if not isinstance(layer, Layer):
                raise TypeError(f"layers must be Layer objects; got {layer!r}")
        if len({id(layer) for layer in self.layers}) < len(self.layers):
            raise ValueError("every layer of a network must be an object of its own")
        for before, after in pairwise(la for la in self.layers if hasattr(la, "n_in")):
            if None not in (before.n_out, after.n_in) and before.n_out != after.n_in:
                unit = getattr(after, "unit", "features")
                raise ValueError(
                    f"{after} takes {after.n_in} {unit}, but {before} gives {before.n_out}"
                )

    def __getstate__(self) -> dict:
        """Return what is copied or stored: views would not survive it, so the vector it is."""
        return {"layers": self.layers, "parameters": self.parameters}

    def __setstate__(self, state: dict) -> None:
        """Bind the layers to the vector anew."""
        self.layers = state["layers"]
        self._bind(state["parameters"])


def dense_layers(
    sizes: Sequence[int], activation: str = "tanh", output_activation: str = "identity"
) -> list[Layer]:
    """Return the layers of a multilayer perceptron: dense layers with activations in between.

    Parameters
    ----------
    sizes : sequence of int
        Number of features from the input to the output, two at least: [34, 64, 8] has one hidden
        layer of 64.
    activation, output_activation : str
        What follows each hidden layer, and the last: a name in `ACTIVATIONS`. Nothing is added for
        "identity". Weights start from the He initialisation before the ReLU family and softplus,
        from Glorot's otherwise.

    Returns
    -------
    layers : list of Layer

    Raises
    ------
    ValueError
        If there are fewer than two sizes, or an activation is unknown.
    """
    if len(sizes) < 2:
        raise ValueError(f"sizes must name the input and the output at least; got {sizes!r}")
    check_choice("activation", activation, tuple(ACTIVATIONS))
    check_choice("output_activation", output_activation, tuple(ACTIVATIONS))
    names = [activation] * (len(sizes) - 2) + [output_activation]
    layers: list[Layer] = []
    for (n_in, n_out), name in zip(pairwise(sizes), names, strict=True):
        function = ACTIVATIONS[name]()
        layers.append(Dense(n_in, n_out, initialisation=function.initialisation))
        if name != "identity":
            layers.append(function)
    return layers
