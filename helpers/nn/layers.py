"""Layers of a network: each with its formula and its gradients.

In these names ``x`` is what goes into a layer, ``y`` what comes out, and ``dx``, ``dy``, ``dW``,
``db`` are the gradients of the loss L with respect to x, y, W and b.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from types import MappingProxyType

import numpy as np
from scipy.special import expit


class Layer:
    """One step of a network, y = f(x), and the gradients that the chain rule asks of it.

    A layer names its parameters and their shapes in ``shapes``, and fills in `forward`,
    `input_gradient` and, if it has parameters, `initialise` and `parameter_gradients`. The arrays
    themselves belong to the network: `bind` makes them views into its two flat vectors.

    `forward` keeps what the gradients need; they always speak of the last forward pass.
    """

    #: Name and shape of every parameter. By convention "W" holds weights and "b" biases.
    shapes: Mapping[str, tuple[int, ...]] = MappingProxyType({})

    @property
    def n_parameters(self) -> int:
        """How many numbers the parameters hold together."""
        return sum(math.prod(shape) for shape in self.shapes.values())

    def bind(self, parameters: np.ndarray, gradients: np.ndarray) -> None:
        """Make each parameter (``W``) and its gradient (``dW``) a view into a flat vector.

        Parameters
        ----------
        parameters, gradients : ndarray of shape (n_parameters,)
            This layer's part of the network's vectors.
        """
        start = 0
        for name, shape in self.shapes.items():
            stop = start + math.prod(shape)
            setattr(self, name, parameters[start:stop].reshape(shape))
            setattr(self, f"d{name}", gradients[start:stop].reshape(shape))
            start = stop

    def initialise(self, rng: np.random.Generator) -> None:
        """Draw the parameters to start from (nothing to draw here)."""

    def forward(self, x: np.ndarray) -> np.ndarray:
        """Return y = f(x)."""
        raise NotImplementedError

    def parameter_gradients(self, dy: np.ndarray) -> None:
        """Write the gradient of each parameter into its place (no parameters here)."""

    def input_gradient(self, dy: np.ndarray) -> np.ndarray:
        """Return dx."""
        raise NotImplementedError

    def backward(self, dy: np.ndarray) -> np.ndarray:
        """Write the parameters' gradients and return dx, given dy."""
        self.parameter_gradients(dy)
        return self.input_gradient(dy)

    def __repr__(self) -> str:
        """Return the layer as it is written in code."""
        return f"{type(self).__name__}()"

    def __getstate__(self) -> dict:
        """Return what is copied or stored: everything but arrays.

        Parameters are views, which the copied network binds anew; other arrays are left over from
        the last forward pass.
        """
        return {k: v for k, v in vars(self).items() if not isinstance(v, np.ndarray)}


class Dense(Layer):
    """Dense (fully connected) layer, y = W x + b.

    Parameters
    ----------
    n_in, n_out : int
        Features that come in and go out, at least 1 each.
    initialisation : {"glorot", "he"}, default="glorot"
        Weights are drawn uniformly from ±√(6 / (n_in + n_out)) [1]_, or from ±√(6 / n_in) [2]_,
        which suits the ReLU family. Biases start at zero.

    Attributes
    ----------
    W, dW : ndarray of shape (n_out, n_in)
        Weights and their gradient.
    b, db : ndarray of shape (n_out, 1)
        Biases and their gradient.

    References
    ----------
    .. [1] Glorot and Bengio, "Understanding the difficulty of training deep feedforward neural
       networks", AISTATS 2010.
    .. [2] He, Zhang, Ren and Sun, "Delving deep into rectifiers", ICCV 2015.
    """

    def __init__(self, n_in: int, n_out: int, *, initialisation: str = "glorot") -> None:
        """Fix the sizes; the network sets the parameters."""
        if n_in < 1 or n_out < 1:
            raise ValueError(
                f"a dense layer needs n_in and n_out of at least 1; got {n_in}, {n_out}"
            )
        if initialisation not in ("glorot", "he"):
            raise ValueError(f"initialisation must be 'glorot' or 'he'; got {initialisation!r}")
        self.n_in, self.n_out, self.initialisation = n_in, n_out, initialisation
        self.shapes = {"W": (n_out, n_in), "b": (n_out, 1)}

    def initialise(self, rng: np.random.Generator) -> None:
        """Draw the weights; set the biases to zero."""
        fan = self.n_in + self.n_out if self.initialisation == "glorot" else self.n_in
        limit = math.sqrt(6 / fan)
        self.W[...] = rng.uniform(-limit, limit, size=self.W.shape)
        self.b[...] = 0

    def forward(self, x: np.ndarray) -> np.ndarray:
        """Return W x + b, shape (n_out, batch), for x of shape (n_in, batch)."""
        if x.ndim != 2 or x.shape[0] != self.n_in:
            raise ValueError(
                f"{self} takes activations of shape ({self.n_in}, batch), one column for each "
                f"sample; got shape {x.shape}"
            )
        self.x = x
        y = self.W @ x
        y += self.b
        return y

    def parameter_gradients(self, dy: np.ndarray) -> None:
        """Write dW = dy xᵀ and db = the sum of dy over the batch."""
        np.matmul(dy, self.x.T, out=self.dW)
        dy.sum(axis=1, keepdims=True, out=self.db)

    def input_gradient(self, dy: np.ndarray) -> np.ndarray:
        """Return dx = Wᵀ dy."""
        return self.W.T @ dy

    def __repr__(self) -> str:
        """Return the layer as it is written in code."""
        return f"Dense({self.n_in}, {self.n_out})"


class MinibatchDiscrimination(Layer):
    """Minibatch discrimination: each sample learns how close the others of its batch are to it.

    A matrix T takes a sample x_i to M_i = T x_i, which is read as `n_kernels` vectors M_ib of
    `kernel_size` numbers. The layer gives back x_i and below it, for each b,

        o_ib = (1/n) Σ_j exp(−‖M_ib − M_jb‖₁)        (sum over the n samples of the batch)

    so that a discriminator sees a generator whose samples are all alike. (The paper [1]_ takes the
    sum; the mean does not depend on the size of the batch.)

    Parameters
    ----------
    n_in : int
        Features that come in; n_in + n_kernels go out.
    n_kernels, kernel_size : int, default=8 and 4
        At least 1 each.

    Attributes
    ----------
    T, dT : ndarray of shape (n_kernels * kernel_size, n_in)
        The matrix and its gradient. It starts from Glorot's initialisation (see `Dense`).
    n_groups : int
        1 at first. With 2, the columns are two batches of equal size side by side, say real and
        generated samples, and each sample is compared with its own batch alone.

    References
    ----------
    .. [1] Salimans, Goodfellow, Zaremba, Cheung, Radford and Chen, "Improved techniques for
       training GANs", NeurIPS 2016.
    """

    def __init__(self, n_in: int, n_kernels: int = 8, kernel_size: int = 4) -> None:
        """Fix the sizes; the network sets the parameters."""
        if min(n_in, n_kernels, kernel_size) < 1:
            raise ValueError(
                "minibatch discrimination needs n_in, n_kernels and kernel_size of at least 1; "
                f"got {n_in}, {n_kernels}, {kernel_size}"
            )
        self.n_in, self.n_kernels, self.kernel_size = n_in, n_kernels, kernel_size
        self.n_out, self.n_groups = n_in + n_kernels, 1
        self.shapes = {"T": (n_kernels * kernel_size, n_in)}

    def initialise(self, rng: np.random.Generator) -> None:
        """Draw the matrix."""
        limit = math.sqrt(6 / sum(self.T.shape))
        self.T[...] = rng.uniform(-limit, limit, size=self.T.shape)

    def forward(self, x: np.ndarray) -> np.ndarray:
        """Return x with o below it, shape (n_in + n_kernels, batch)."""
        n = x.shape[1] // self.n_groups
        if n * self.n_groups != x.shape[1]:
            raise ValueError(f"{x.shape[1]} columns are not {self.n_groups} batches of equal size")
        self.x = x
        M = (self.T @ x).reshape(self.n_kernels, self.kernel_size, self.n_groups, n)
        difference = M[..., :, None] - M[..., None, :]  # (kernel, number, group, i, j)
        self.sign = np.sign(difference)
        self.closeness = np.exp(-np.abs(difference).sum(axis=1)) / n
        return np.concatenate([x, self.closeness.sum(axis=-1).reshape(self.n_kernels, -1)])

    def _d_matrix_product(self, dy: np.ndarray) -> np.ndarray:
        """Return dM = −Σ_j (do_ib + do_jb) · exp(−‖M_ib − M_jb‖₁)/n · sign(M_ib − M_jb)."""
        do = dy[self.n_in :].reshape(self.n_kernels, self.n_groups, -1)
        pull = (do[..., :, None] + do[..., None, :]) * self.closeness
        return -np.einsum("bgij,bcgij->bcgi", pull, self.sign).reshape(self.T.shape[0], -1)

    def parameter_gradients(self, dy: np.ndarray) -> None:
        """Write dT = dM xᵀ."""
        np.matmul(self._d_matrix_product(dy), self.x.T, out=self.dT)

    def input_gradient(self, dy: np.ndarray) -> np.ndarray:
        """Return dx = the first n_in rows of dy, plus Tᵀ dM."""
        return dy[: self.n_in] + self.T.T @ self._d_matrix_product(dy)

    def backward(self, dy: np.ndarray) -> np.ndarray:
        """Write dT and return dx, with one dM for both."""
        dM = self._d_matrix_product(dy)
        np.matmul(dM, self.x.T, out=self.dT)
        return dy[: self.n_in] + self.T.T @ dM

    def __repr__(self) -> str:
        """Return the layer as it is written in code."""
        return f"MinibatchDiscrimination({self.n_in}, {self.n_kernels}, {self.kernel_size})"


class Activation(Layer):
    """A function f applied to each number by itself: y = f(x), dx = dy · f'(x)."""

    #: What a dense layer in front of this activation should start from (see `Dense`).
    initialisation = "glorot"

    def derivative(self) -> np.ndarray:
        """Return f'(x) at the x of the last forward pass."""
        raise NotImplementedError

    def input_gradient(self, dy: np.ndarray) -> np.ndarray:
        """Return dx = dy · f'(x)."""
        dx = self.derivative()
        dx *= dy
        return dx


class Identity(Activation):
    """Identity, y = x: a linear layer's missing activation, for where one must be named."""

    def forward(self, x: np.ndarray) -> np.ndarray:
        """Return x."""
        self.x = x
        return x

    def derivative(self) -> np.ndarray:
        """Return ones."""
        return np.ones_like(self.x)


class Tanh(Activation):
    """Hyperbolic tangent, y = tanh(x)."""

    def forward(self, x: np.ndarray) -> np.ndarray:
        """Return tanh(x)."""
        self.y = np.tanh(x)
        return self.y

    def derivative(self) -> np.ndarray:
        """Return 1 − y²."""
        return 1 - self.y * self.y


class Sigmoid(Activation):
    """Logistic sigmoid, y = 1 / (1 + e⁻ˣ)."""

    def forward(self, x: np.ndarray) -> np.ndarray:
        """Return 1 / (1 + e⁻ˣ)."""
        self.y = expit(x)
        return self.y

    def derivative(self) -> np.ndarray:
        """Return y (1 − y)."""
        return self.y * (1 - self.y)


class Softplus(Activation):
    """Softplus, y = log(1 + eˣ): a smooth ReLU."""

    initialisation = "he"

    def forward(self, x: np.ndarray) -> np.ndarray:
        """Return log(1 + eˣ), written so that no exponential can overflow."""
        self.x = x
        return np.maximum(x, 0) + np.log1p(np.exp(-np.abs(x)))

    def derivative(self) -> np.ndarray:
        """Return 1 / (1 + e⁻ˣ)."""
        return expit(self.x)


class LeakyReLU(Activation):
    """Leaky rectified linear unit: y = x where x > 0, and slope · x elsewhere.

    Parameters
    ----------
    slope : float, default=0.2
        Slope on the negative side, in [0, 1). At x = 0 the derivative is taken to be the slope.
    """

    initialisation = "he"

    def __init__(self, slope: float = 0.2) -> None:
        """Fix the slope."""
        if not 0 <= slope < 1:
            raise ValueError(f"slope must lie in [0, 1); got {slope!r}")
        self.slope = float(slope)

    def forward(self, x: np.ndarray) -> np.ndarray:
        """Return the larger of x and slope · x."""
        self.x = x
        return np.maximum(x, self.slope * x)

    def derivative(self) -> np.ndarray:
        """Return 1 where x > 0, slope elsewhere."""
        # Arithmetic on the mask is several times faster than np.where.
        factor = (self.x > 0).astype(self.x.dtype)
        factor *= 1 - self.slope
        factor += self.slope
        return factor

    def __repr__(self) -> str:
        """Return the layer as it is written in code."""
        return f"LeakyReLU({self.slope:g})"


class ReLU(Activation):
    """Rectified linear unit, y = max(x, 0). At x = 0 the derivative is taken to be 0."""

    initialisation = "he"

    def forward(self, x: np.ndarray) -> np.ndarray:
        """Return max(x, 0)."""
        self.x = x
        return np.maximum(x, 0)

    def derivative(self) -> np.ndarray:
        """Return 1 where x > 0, 0 elsewhere."""
        return (self.x > 0).astype(self.x.dtype)


#: Activations by the name that estimators and `dense_layers` take.
ACTIVATIONS: dict[str, type[Activation]] = {
    "identity": Identity,
    "tanh": Tanh,
    "sigmoid": Sigmoid,
    "relu": ReLU,
    "leaky_relu": LeakyReLU,
    "softplus": Softplus,
}
