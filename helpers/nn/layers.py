"""Layers of a network: each with its formula and its gradients.

In these names ``x`` is what goes into a layer, ``y`` what comes out, and ``dx``, ``dy``, ``dW``,
``db`` are the gradients of the loss L with respect to x, y, W and b.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType

import numpy as np
from scipy.special import expit

from helpers.checks import check_choice, check_number, check_whole


class Layer:
    """One step of a network, y = f(x), and the gradients that the chain rule asks of it.

    A layer names its parameters and their shapes in ``shapes``, and fills in `forward`,
    `input_gradient` and, if it has parameters, `initialise` and `parameter_gradients`. The arrays
    themselves belong to the network: `bind` makes them views into its two flat vectors.

    `forward` keeps what the gradients need; they always speak of the last forward pass.
    """

    #: Name and shape of every parameter. By convention "W" holds weights and "b" biases.
    shapes: Mapping[str, tuple[int, ...]] = MappingProxyType({})

    #: Whether the network is being trained; see `Network.set_training`.
    training = True

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

    def tangent(self, t: np.ndarray) -> np.ndarray:
        """Return J t, with J = ∂y/∂x at the last x: how y changes when x changes by a small t.

        It is the counterpart of `input_gradient`, which returns Jᵀ dy; gradient penalties take it.
        """
        raise NotImplementedError

    def __repr__(self) -> str:
        """Return the layer as it is written in code."""
        return f"{type(self).__name__}()"

    def __getstate__(self) -> dict:
        """Return what is copied or stored: everything but arrays.

        Parameters are views, which the copied network binds anew; other arrays are left over from
        the last forward pass.
        """
        return {k: v for k, v in vars(self).items() if not isinstance(v, np.ndarray)}


class Linear(Layer):
    """A layer y = A x + b whose weights W make up the linear map A: dense, or a convolution.

    A subclass names the shapes of W and b, and fills in `tangent`, which is A t here,
    `input_gradient`, which is Aᵀ dy, `weight_gradient`, `bias_gradient`, `fans` and `check_input`.

    Parameters
    ----------
    n_in, n_out : int
        Features (or channels) that come in and go out, at least 1 each.
    initialisation : {"glorot", "he"}, default="glorot"
        Weights are drawn uniformly from ±√(6 / (fan in + fan out)) [1]_, or from ±√(6 / fan in)
        [2]_, which suits the ReLU family. Biases start at zero.

    References
    ----------
    .. [1] Glorot and Bengio, "Understanding the difficulty of training deep feedforward neural
       networks", AISTATS 2010.
    .. [2] He, Zhang, Ren and Sun, "Delving deep into rectifiers", ICCV 2015.
    """

    #: What `n_in` and `n_out` count.
    unit = "features"

    def __init__(self, n_in: int, n_out: int, *, initialisation: str = "glorot") -> None:
        """Fix the sizes; the network sets the parameters."""
        check_whole("n_in", n_in)
        check_whole("n_out", n_out)
        check_choice("initialisation", initialisation, ("glorot", "he"))
        self.n_in, self.n_out, self.initialisation = n_in, n_out, initialisation

    @property
    def fans(self) -> tuple[float, float]:
        """Fan in and fan out: how many x reach one y, and how many y one x reaches."""
        raise NotImplementedError

    def initialise(self, rng: np.random.Generator) -> None:
        """Draw the weights; set the biases to zero."""
        fan = sum(self.fans) if self.initialisation == "glorot" else self.fans[0]
        limit = math.sqrt(6 / fan)
        self.W[...] = rng.uniform(-limit, limit, size=self.W.shape)
        self.b[...] = 0

    def check_input(self, x: np.ndarray) -> None:
        """Raise a ValueError unless x has a shape that this layer takes."""
        raise NotImplementedError

    def forward(self, x: np.ndarray) -> np.ndarray:
        """Return A x + b."""
        self.check_input(x)
        self.x = x
        y = self.tangent(x)
        y += self.b
        return y

    def weight_gradient(
        self, dy: np.ndarray, x: np.ndarray, *, out: np.ndarray | None = None
    ) -> np.ndarray:
        """Return the gradient of ⟨dy, A x⟩ with respect to W, for any dy and x; write it to out."""
        raise NotImplementedError

    def bias_gradient(self, dy: np.ndarray, weights: np.ndarray | None = None) -> None:
        """Write db, the sum of dy over the batch; each sample counts by its weight, if given.

        Parameters
        ----------
        dy : ndarray
        weights : ndarray of shape (batch, 1), optional
        """
        raise NotImplementedError

    def parameter_gradients(self, dy: np.ndarray) -> None:
        """Write dW and db."""
        self.weight_gradient(dy, self.x, out=self.dW)
        self.bias_gradient(dy)


class Dense(Linear):
    """Dense (fully connected) layer, y = W x + b.

    Parameters
    ----------
    n_in, n_out : int
        Features that come in and go out, at least 1 each.
    initialisation : {"glorot", "he"}, default="glorot"
        See `Linear`; fan in is n_in, fan out n_out.

    Attributes
    ----------
    W, dW : ndarray of shape (n_out, n_in)
        Weights and their gradient.
    b, db : ndarray of shape (n_out, 1)
        Biases and their gradient.
    """

    def __init__(self, n_in: int, n_out: int, *, initialisation: str = "glorot") -> None:
        """Fix the sizes; the network sets the parameters."""
        super().__init__(n_in, n_out, initialisation=initialisation)
        self.shapes = {"W": (n_out, n_in), "b": (n_out, 1)}

    @property
    def fans(self) -> tuple[int, int]:
        """n_in and n_out."""
        return self.n_in, self.n_out

    def check_input(self, x: np.ndarray) -> None:
        """Raise a ValueError unless x has shape (n_in, batch)."""
        if x.ndim != 2 or x.shape[0] != self.n_in:
            raise ValueError(
                f"{self} takes activations of shape ({self.n_in}, batch), one column for each "
                f"sample; got shape {x.shape}"
            )

    def tangent(self, t: np.ndarray) -> np.ndarray:
        """Return W t."""
        return self.W @ t

    def input_gradient(self, dy: np.ndarray) -> np.ndarray:
        """Return dx = Wᵀ dy."""
        # An outer product is several times faster as one.
        return self.W.T * dy if self.n_out == 1 else self.W.T @ dy

    def weight_gradient(
        self, dy: np.ndarray, x: np.ndarray, *, out: np.ndarray | None = None
    ) -> np.ndarray:
        """Return dW = dy xᵀ."""
        return np.matmul(dy, x.T, out=out)

    def bias_gradient(self, dy: np.ndarray, weights: np.ndarray | None = None) -> None:
        """Write db, the sum of dy over the batch; each sample counts by its weight, if given."""
        if weights is None:
            dy.sum(axis=1, keepdims=True, out=self.db)
        else:
            np.matmul(dy, weights, out=self.db)

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
        check_whole("n_in", n_in)
        check_whole("n_kernels", n_kernels)
        check_whole("kernel_size", kernel_size)
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


class Reshape(Layer):
    """Columns of features as images: (features, batch) becomes (height, width, channels, batch).

    Nothing is computed and nothing moves. Feature number (i · width + j) · channels + c becomes
    channel c of the pixel in row i and column j, so that images flattened by ``ravel`` come back.

    Parameters
    ----------
    shape : tuple of int
        What a column is to be, mostly (height, width, channels); at least 1 each.
    """

    def __init__(self, shape: Sequence[int]) -> None:
        """Fix the shape."""
        self.shape = tuple(shape)
        if not self.shape:
            raise ValueError(f"a shape has one size or more; got {shape!r}")
        for size in self.shape:
            check_whole("each size of shape", size)
        self.n_in, self.n_out = math.prod(self.shape), self.shape[-1]

    def forward(self, x: np.ndarray) -> np.ndarray:
        """Return x in shape (…, batch)."""
        if x.ndim != 2 or x.shape[0] != self.n_in:
            raise ValueError(
                f"{self} takes activations of shape ({self.n_in}, batch); got shape {x.shape}"
            )
        self.x = x
        return x.reshape(*self.shape, -1)

    def input_gradient(self, dy: np.ndarray) -> np.ndarray:
        """Return dy as columns again."""
        return dy.reshape(self.n_in, -1)

    def tangent(self, t: np.ndarray) -> np.ndarray:
        """Return t in shape (…, batch)."""
        return t.reshape(*self.shape, -1)

    def __repr__(self) -> str:
        """Return the layer as it is written in code."""
        return f"Reshape({self.shape})"


class ReshapeWithPlanes(Reshape):
    """Columns as images, as `Reshape` does it, with further numbers as channels of their own.

    The last `n_planes` features of a column, such as a label, become channels that are the same at
    every pixel, so that a convolution sees them wherever it looks.

    Parameters
    ----------
    shape : tuple of int
        (height, width, channels) of what the first features make up.
    n_planes : int
        At least 1; height · width · channels + n_planes features come in.
    """

    def __init__(self, shape: Sequence[int], n_planes: int) -> None:
        """Fix the shape."""
        super().__init__(shape)
        if len(self.shape) != 3 or n_planes < 1:
            raise ValueError(
                "images with planes need a shape (height, width, channels) and n_planes of at "
                f"least 1; got {shape!r}, {n_planes!r}"
            )
        self.n_planes = n_planes
        self.n_in, self.n_out = self.n_in + n_planes, self.n_out + n_planes

    def forward(self, x: np.ndarray) -> np.ndarray:
        """Return images of shape (height, width, channels + n_planes, batch)."""
        if x.ndim != 2 or x.shape[0] != self.n_in:
            raise ValueError(
                f"{self} takes activations of shape ({self.n_in}, batch); got shape {x.shape}"
            )
        self.x = x
        return self.tangent(x)

    def tangent(self, t: np.ndarray) -> np.ndarray:
        """Return t as images with planes."""
        images = t[: -self.n_planes].reshape(*self.shape, -1)
        planes = np.broadcast_to(t[-self.n_planes :], (*self.shape[:2], self.n_planes, t.shape[1]))
        return np.concatenate([images, planes], axis=2)

    def input_gradient(self, dy: np.ndarray) -> np.ndarray:
        """Return columns; a plane's gradients add up."""
        images, planes = np.split(dy, [self.shape[2]], axis=2)
        return np.concatenate([images.reshape(-1, dy.shape[3]), planes.sum(axis=(0, 1))])

    def __repr__(self) -> str:
        """Return the layer as it is written in code."""
        return f"ReshapeWithPlanes({self.shape}, {self.n_planes})"


class Flatten(Layer):
    """Images as columns of features, (height, width, channels, batch) → (features, batch).

    The other way round than `Reshape`, and whatever the shape: nothing is computed.
    """

    #: It takes and gives any number of features.
    n_in = n_out = None

    def forward(self, x: np.ndarray) -> np.ndarray:
        """Return x as columns."""
        self.x = x
        return x.reshape(-1, x.shape[-1])

    def input_gradient(self, dy: np.ndarray) -> np.ndarray:
        """Return dy in the shape of x."""
        return dy.reshape(self.x.shape)

    def tangent(self, t: np.ndarray) -> np.ndarray:
        """Return t as columns."""
        return t.reshape(-1, t.shape[-1])


class BatchNormalisation(Layer):
    """Batch normalisation: each feature with mean 0 and variance 1, then scaled and shifted.

        x̂ = (x − mean) / √(variance + ε),    y = scale · x̂ + shift

    While the network is being trained, mean and variance are those of the minibatch, of each
    feature over (features, batch), of each channel over all pixels too where x has shape (height,
    width, channels, batch). They depend on x, so that with averages over the same numbers

        dx = scale / √(variance + ε) · (dy − average(dy) − x̂ · average(dy · x̂)).

    In use (see `Network.set_training`) they are the running averages over the minibatches so far,
    and the layer is a fixed linear map.

    Parameters
    ----------
    n_features : int
        Features, or channels; at least 1.
    momentum : float, default=0.1
        Running averages move by so much towards each minibatch's, in (0, 1].
    epsilon : float, default=1e-5
        ε, positive.

    Attributes
    ----------
    scale, shift : ndarray of shape (n_features, 1)
        Trained; they start at 1 and 0.
    running_mean, running_variance : ndarray of shape (n_features, 1)
        Running averages; of the variance that divides by n − 1. They start at 0 and 1. They are
        kept among the parameters, with a gradient of zero that no optimizer moves, so that they
        go along wherever parameters are copied, stored or averaged.

    References
    ----------
    Ioffe and Szegedy, "Batch normalization: accelerating deep network training by reducing
    internal covariate shift", ICML 2015.
    """

    def __init__(self, n_features: int, *, momentum: float = 0.1, epsilon: float = 1e-5) -> None:
        """Fix the size; the network sets the parameters."""
        check_whole("n_features", n_features)
        check_number("momentum", momentum, above=0, maximum=1)
        check_number("epsilon", epsilon, above=0)
        self.n_in = self.n_out = n_features
        self.momentum, self.epsilon = float(momentum), float(epsilon)
        names = ("scale", "shift", "running_mean", "running_variance")
        self.shapes = dict.fromkeys(names, (n_features, 1))

    def initialise(self, rng: np.random.Generator) -> None:
        """Start from scale and variance 1, shift and mean 0; nothing is drawn."""
        self.scale[...] = self.running_variance[...] = 1
        self.shift[...] = self.running_mean[...] = 0

    def forward(self, x: np.ndarray) -> np.ndarray:
        """Return y; in training, move the running averages."""
        if x.ndim < 2 or x.shape[-2] != self.n_in:
            raise ValueError(
                f"{self} takes activations of shape ({self.n_in}, batch) or (height, width, "
                f"{self.n_in}, batch); got shape {x.shape}"
            )
        self.by_minibatch = self.training
        if self.training:
            mean = self._average(x)
            self.x_hat = x - mean
            variance = self._average(self.x_hat * self.x_hat)
            self._move_running_averages(mean, variance, n=x.size // self.n_in)
        else:
            mean, variance = self.running_mean, self.running_variance
            self.x_hat = x - mean
        self.factor = 1 / np.sqrt(variance + self.epsilon)
        self.x_hat *= self.factor
        y = self.scale * self.x_hat
        y += self.shift
        return y

    def parameter_gradients(self, dy: np.ndarray) -> None:
        """Write the gradients of scale and shift."""
        self.dscale[...] = self._sum(dy * self.x_hat)
        self.dshift[...] = self._sum(dy)
        self.drunning_mean[...] = self.drunning_variance[...] = 0

    def input_gradient(self, dy: np.ndarray) -> np.ndarray:
        """Return dx."""
        if not self.by_minibatch:
            return (self.scale * self.factor) * dy
        dx = self.x_hat * -self._average(dy * self.x_hat)
        dx += dy
        dx -= self._average(dy)
        dx *= self.scale * self.factor
        return dx

    def _sum(self, x: np.ndarray) -> np.ndarray:
        """Sum each feature over everything else; a product with ones sums fastest over a batch."""
        sums = x @ np.ones((x.shape[-1], 1), x.dtype)
        return sums.reshape(-1, self.n_in, 1).sum(axis=0)

    def _average(self, x: np.ndarray) -> np.ndarray:
        return self._sum(x) / (x.size // self.n_in)

    def _move_running_averages(self, mean: np.ndarray, variance: np.ndarray, n: int) -> None:
        if n < 2:
            raise ValueError(
                "batch normalisation needs two numbers or more of each feature in training; got "
                "one (for use, call network.set_training(False))"
            )
        self.running_mean += self.momentum * (mean - self.running_mean)
        self.running_variance += self.momentum * (variance * (n / (n - 1)) - self.running_variance)

    def __repr__(self) -> str:
        """Return the layer as it is written in code."""
        return f"BatchNormalisation({self.n_in})"


class Activation(Layer):
    """A function f applied to each number by itself: y = f(x), dx = dy · f'(x)."""

    #: What a dense layer in front of this activation should start from (see `Dense`).
    initialisation = "glorot"

    def derivative(self) -> np.ndarray:
        """Return f'(x) at the x of the last forward pass."""
        raise NotImplementedError

    def input_gradient(self, dy: np.ndarray) -> np.ndarray:
        """Return dx = dy · f'(x)."""
        return dy * self.derivative()

    def tangent(self, t: np.ndarray) -> np.ndarray:
        """Return t · f'(x): J is diagonal, so that J t and Jᵀ t are the same."""
        return self.input_gradient(t)


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


class SiLU(Activation):
    """Sigmoid-weighted linear unit, y = x σ(x) with the logistic sigmoid σ: a ReLU without a kink.

    References
    ----------
    Elfwing, Uchibe and Doya, "Sigmoid-weighted linear units for neural network function
    approximation in reinforcement learning", Neural Networks 107, 2018. Known as swish, too.
    """

    initialisation = "he"

    def forward(self, x: np.ndarray) -> np.ndarray:
        """Return x σ(x)."""
        # σ(x) = (1 + tanh(x/2)) / 2, and tanh takes a thirtieth of expit's time.
        self.x, self.share = x, np.tanh(0.5 * x)
        self.share *= 0.5
        self.share += 0.5
        return x * self.share

    def derivative(self) -> np.ndarray:
        """Return σ(x) + x σ(x) (1 − σ(x))."""
        return self.share * (1 + self.x * (1 - self.share))


class LeakyReLU(Activation):
    """Leaky rectified linear unit: y = x where x > 0, and slope · x elsewhere.

    Parameters
    ----------
    slope : float, default=0.2
        Slope on the negative side, in [0, 1). At x = 0 the derivative is taken to be the slope.
    """

    initialisation = "he"

    #: What `derivative` returned, until the next forward pass.
    _derivative: np.ndarray | None = None

    def __init__(self, slope: float = 0.2) -> None:
        """Fix the slope."""
        check_number("slope", slope, minimum=0, below=1)
        self.slope = float(slope)

    def forward(self, x: np.ndarray) -> np.ndarray:
        """Return the larger of x and slope · x."""
        self.x, self._derivative = x, None
        y = self.slope * x
        return np.maximum(x, y, out=y)

    def derivative(self) -> np.ndarray:
        """Return 1 where x > 0, slope elsewhere."""
        if self._derivative is None:  # a gradient penalty asks for it twice
            # Arithmetic on the mask is several times faster than np.where.
            self._derivative = (self.x > 0) * self.x.dtype.type(1 - self.slope)
            self._derivative += self.slope
        return self._derivative

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


class PassBy(Layer):
    """A layer that the first rows of its input pass by: y = [x[:k], layer(x[k:])].

    So a network can be given something early and use it late, as noise that joins an image only
    where the image has become features: the rows of z pass by dense layers and their activations.

    Parameters
    ----------
    n_rows : int
        How many rows pass by, the k above; at least 1.
    layer : Dense or Activation
        What the other rows go through.
    """

    def __init__(self, n_rows: int, layer: Layer) -> None:
        """Put the layer beside the rows that pass by."""
        if n_rows < 1:
            raise ValueError(f"n_rows must be at least 1; got {n_rows!r}")
        if not isinstance(layer, Dense | Activation):
            raise TypeError(f"rows can pass by a dense layer or an activation; got {layer!r}")
        self.n_rows, self.layer, self.shapes = n_rows, layer, dict(layer.shapes)
        if isinstance(layer, Dense):
            self.n_in, self.n_out = n_rows + layer.n_in, n_rows + layer.n_out

    def bind(self, parameters: np.ndarray, gradients: np.ndarray) -> None:
        """Bind the layer; its parameters go by their names here too."""
        super().bind(parameters, gradients)
        self.layer.bind(parameters, gradients)

    def initialise(self, rng: np.random.Generator) -> None:
        """Draw the layer's parameters."""
        self.layer.initialise(rng)

    def forward(self, x: np.ndarray) -> np.ndarray:
        """Return y."""
        return self._split(x, self.layer.forward)

    def tangent(self, t: np.ndarray) -> np.ndarray:
        """Return [t[:k], layer.tangent(t[k:])]."""
        return self._split(t, self.layer.tangent)

    def parameter_gradients(self, dy: np.ndarray) -> None:
        """Write the gradients of the layer's parameters."""
        self.layer.parameter_gradients(dy[self.n_rows :])

    def input_gradient(self, dy: np.ndarray) -> np.ndarray:
        """Return dx = [dy[:k], the layer's dx]."""
        return self._split(dy, self.layer.input_gradient)

    def _split(self, x: np.ndarray, function: Callable[[np.ndarray], np.ndarray]) -> np.ndarray:
        return np.concatenate([x[: self.n_rows], function(x[self.n_rows :])])

    def __repr__(self) -> str:
        """Return the layer as it is written in code."""
        return f"PassBy({self.n_rows}, {self.layer!r})"


#: Activations by the name that estimators and `dense_layers` take.
ACTIVATIONS: dict[str, type[Activation]] = {
    "identity": Identity,
    "tanh": Tanh,
    "sigmoid": Sigmoid,
    "relu": ReLU,
    "leaky_relu": LeakyReLU,
    "softplus": Softplus,
    "silu": SiLU,
}
