"""Gradient penalties: losses on the slope ∇D of a network, and their parameters' gradients.

A penalty R(g) on g = ∇D(x), the gradient of a network's one output with respect to its input, has
itself to be differentiated with respect to the network's weights. For layers that are linear in
their input (dense ones, convolutions) with piecewise linear activations (ReLU, leaky ReLU) that
takes no second derivative. With W_l the matrix and M_l the diagonal matrix of slopes (1 or 0.2) of
layer l, for one sample,

    D(x) = W_L M_{L−1} W_{L−1} … M_1 W_1 x + terms of the biases,
    g    = W_1ᵀ M_1 W_2ᵀ M_2 … W_Lᵀ,

and the slopes do not change with the weights, save at a kink. So R changes with W_l, in the middle
of the product, by what stands on its two sides:

    δ_L = 1,       δ_l = M_l W_{l+1}ᵀ δ_{l+1}      backward: δ_l = ∂D / ∂(W_l h_{l−1} + b_l),
    t_0 = dR/dg,   t_l = M_l W_l t_{l−1}           forward, with the same slopes: the tangent pass,

    ∂R/∂W_l = δ_l t_{l−1}ᵀ,    ∂R/∂b_l = 0.

With ½‖g‖² the tangent pass starts from g itself. In a convolution the entries of W_l are the
kernel's, each in many places: its gradient is the one that a backward pass writes for δ_l, with
t_{l−1} in the place of the layer's input. The rule equals what automatic differentiation finds by
differentiating twice.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from helpers.nn.layers import Dense, Flatten, Identity, LeakyReLU, Linear, ReLU, Reshape
from helpers.nn.network import Network


def add_zero_centred_penalty(
    network: Network, weight: float | ArrayLike, *, n_rows: int | None = None
) -> float:
    """Add the gradient of Σ w · ½‖∇D(x)‖² to the network's gradients, and return that penalty.

    With w = γ/n at the n real samples of a minibatch it is R1, at the generated ones R2 [1]_.

    Parameters
    ----------
    network : Network
        Dense and convolutional layers and piecewise linear activations that end in one output.
        The penalty is taken at the samples of its last `forward`; call this after `backward`,
        which writes the gradients anew.
    weight : float or array-like of shape (batch,)
        The weight w, the same for all samples or one for each.
    n_rows : int or None, default=None
        Take ∇ with respect to the first so many rows of x, of shape (features, batch), alone: the
        others, such as a label, are held fixed. None means all of x.

    Returns
    -------
    penalty : float

    Raises
    ------
    ValueError
        If the network has another kind of layer or more than one output, or `weight` or `n_rows`
        does not fit.

    References
    ----------
    .. [1] Mescheder, Geiger and Nowozin, "Which training methods for GANs do actually converge?",
       ICML 2018.
    """
    deltas, g = input_gradients(network, n_rows=n_rows)
    w = _weights(network, weight, g)
    t_0 = w * g
    add_tangent_products(network, deltas, t_0)
    return 0.5 * float(np.vdot(t_0, g))


def backward_with_zero_centred_penalty(
    network: Network, dy: np.ndarray, weight: float | ArrayLike, *, n_rows: int | None = None
) -> float:
    """Do the work of ``network.backward(dy)`` and `add_zero_centred_penalty` at one go.

    Loss and penalty share δ, for the network has one output: where h_{l−1} goes into layer l, the
    loss changes by dy δ_l h_{l−1}ᵀ with W_l and by dy δ_l with b_l, so that both together are

        dW_l = δ_l (dy h_{l−1} + t_{l−1})ᵀ,    db_l = δ_l dyᵀ.

    That takes two thirds of the matrix products. The numbers are the same up to rounding.

    Parameters
    ----------
    network, weight, n_rows
        As in `add_zero_centred_penalty`; call this after `forward`, instead of `backward`.
    dy : ndarray of shape (1, batch)
        Gradient of the loss with respect to the output.

    Returns
    -------
    penalty : float

    Raises
    ------
    ValueError
        As in `add_zero_centred_penalty`.
    """
    deltas, g = input_gradients(network, n_rows=n_rows)
    t = _weights(network, weight, g) * g
    penalty = 0.5 * float(np.vdot(t, g))
    remaining = iter(deltas)
    for layer in network.layers:
        if isinstance(layer, Linear):
            delta = next(remaining)
            layer.weight_gradient(delta, dy * layer.x + t, out=layer.dW)
            layer.bias_gradient(delta, dy.T)
        t = layer.tangent(t)
    return penalty


def add_one_centred_penalty(
    network: Network, weight: float | ArrayLike, *, n_rows: int | None = None
) -> float:
    """Add the gradient of Σ w · (‖∇D(x)‖ − 1)² to the network's gradients, and return the penalty.

    With w = λ/n, at points between real and generated samples, it is the penalty of WGAN-GP [1]_.

    Parameters
    ----------
    network, weight, n_rows
        As in `add_zero_centred_penalty`.

    Returns
    -------
    penalty : float

    Raises
    ------
    ValueError
        As in `add_zero_centred_penalty`.

    References
    ----------
    .. [1] Gulrajani, Ahmed, Arjovsky, Dumoulin and Courville, "Improved training of Wasserstein
       GANs", NeurIPS 2017.
    """
    deltas, g = input_gradients(network, n_rows=n_rows)
    w = _weights(network, weight, g)
    flat = g.reshape(-1, g.shape[-1])
    norm = np.sqrt(np.einsum("ij,ij->j", flat, flat))
    # d (‖g‖ − 1)² / dg = 2 (‖g‖ − 1) g / ‖g‖; at g = 0, where it has a kink, 0 is taken.
    t_0 = (2 * w * (norm - 1) / np.maximum(norm, np.finfo(g.dtype).tiny)) * g
    add_tangent_products(network, deltas, t_0)
    return float((w * (norm - 1) ** 2).sum())


def input_gradients(
    network: Network, *, n_rows: int | None = None
) -> tuple[list[np.ndarray], np.ndarray]:
    """Return δ of each linear layer and g = ∇D(x), for each sample of the last forward pass.

    Parameters
    ----------
    network, n_rows
        As in `add_zero_centred_penalty`.

    Returns
    -------
    deltas : list of ndarray of shape (n_out, batch) or (height, width, n_out, batch)
        ∂D/∂y of the dense and convolutional layers, in their order.
    g : ndarray of the shape of x
        Rows from `n_rows` on are zero.
    """
    _check_piecewise_linear(network)
    x = network.layers[0].x
    if n_rows is not None and not (x.ndim == 2 and 1 <= n_rows <= len(x)):
        limit = f"between 1 and {len(x)}" if x.ndim == 2 else "in x of shape (features, batch)"
        raise ValueError(f"n_rows must lie {limit}; got {n_rows!r} and x of shape {x.shape}")
    deltas: list[np.ndarray] = []
    delta = np.ones((1, x.shape[-1]), dtype=network.dtype)
    for layer in reversed(network.layers):
        if isinstance(layer, Linear):
            deltas.append(delta)
        delta = layer.input_gradient(delta)
    if n_rows is not None:
        delta[n_rows:] = 0
    return deltas[::-1], delta


def add_tangent_products(network: Network, deltas: list[np.ndarray], t: np.ndarray) -> None:
    """Send t through the tangent pass and add δ_l t_{l−1}ᵀ to the gradient of each W_l.

    Parameters
    ----------
    network : Network
        As in `add_zero_centred_penalty`.
    deltas : list of ndarray
        As `input_gradients` returns them.
    t : ndarray of the shape of x
        t_0 = dR/dg for each sample.
    """
    remaining = iter(deltas)
    for layer in network.layers:
        if isinstance(layer, Linear):
            layer.dW += layer.weight_gradient(next(remaining), t)
        if layer is not network.layers[-1]:
            t = layer.tangent(t)


def _check_piecewise_linear(network: Network) -> None:
    for layer in network.layers:
        if not isinstance(layer, Linear | LeakyReLU | ReLU | Identity | Reshape | Flatten):
            raise ValueError(
                "a gradient penalty is exact for dense layers and convolutions with the "
                f"activations relu, leaky_relu and identity alone; got {layer!r}"
            )
    last = network.layers[-1]
    if not isinstance(last, Dense) or last.n_out != 1:
        raise ValueError(
            "a gradient penalty takes a network that ends with a dense layer of a single output; "
            f"got {network!r}"
        )
    if not hasattr(network.layers[0], "x"):
        raise ValueError("a gradient penalty is taken at the last forward pass; there was none")


def _weights(network: Network, weight: float | ArrayLike, g: np.ndarray) -> np.ndarray:
    """Return the weight of each sample, in the network's precision."""
    w = np.asarray(weight, dtype=network.dtype)
    if w.shape not in ((), g.shape[-1:]):
        raise ValueError(
            f"weight must be one number or one for each of {g.shape[-1]} samples; "
            f"got shape {w.shape}"
        )
    return np.broadcast_to(w, g.shape[-1:])
