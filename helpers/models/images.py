"""Models whose samples are pictures: by least squares from vectors, and adversarial from noise.

They take and give flattened pictures, one in a row of ``(n_samples, height · width)``, as every
estimator does; ``X.reshape(-1, *model.image_shape_)`` shows them. Networks may be dense, or end (a
generator) or begin (a discriminator) with layers of convolution.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, DTypeLike
from sklearn.base import MultiOutputMixin, RegressorMixin
from sklearn.metrics import r2_score
from sklearn.utils.validation import check_is_fitted, validate_data

from helpers.checks import check_choice, check_flag, check_number, check_whole
from helpers.models.adversarial import layer_sizes
from helpers.models.base import MinibatchEstimator, apply_network, decay
from helpers.models.gan import GAN
from helpers.nn import (
    ACTIVATIONS,
    Adam,
    BatchNormalisation,
    Conv2D,
    ConvTranspose2D,
    Flatten,
    Layer,
    Network,
    Reshape,
    ReshapeWithPlanes,
    dense_layers,
    squared_error,
)

# ------------------------------------------------------------------------ layers for pictures


def picture_shape(n_pixels: int, image_shape: Sequence[int] | None = None) -> tuple[int, ...]:
    """Return the shape of a picture of so many numbers, and check one that is given.

    Parameters
    ----------
    n_pixels : int
    image_shape : None or sequence of 2 or 3 int, default=None
        (height, width), or (height, width, colours). None infers a square, or (1, n_pixels) where
        there is none.

    Returns
    -------
    shape : tuple of int
    """
    if image_shape is None:
        side = math.isqrt(n_pixels)
        return (side, side) if side * side == n_pixels else (1, n_pixels)
    check_image_shape(image_shape)
    shape = tuple(int(size) for size in image_shape)
    if math.prod(shape) != n_pixels:
        raise ValueError(
            f"image_shape {shape} has {math.prod(shape)} numbers, but a picture has {n_pixels}"
        )
    return shape


def generator_layers(
    n_in: int,
    hidden: Sequence[int],
    channels: Sequence[int],
    shape: tuple[int, ...],
    activation: str = "leaky_relu",
    output_activation: str = "identity",
    *,
    batch_normalisation: bool = False,
) -> list[Layer]:
    """Return layers from a vector to a flattened picture.

    Dense layers of the sizes `hidden` come first. Without `channels` a dense layer makes the
    pixels. With them it makes a small picture of ``channels[0]`` channels, and each transposed
    convolution after it doubles height and width and gives the next number of channels, the last
    the picture's colours: 16 × 16 from channels (32, 16) starts at 4 × 4. Doubling is kernel 4,
    stride 2, padding 1; where a size is odd, kernel 3 gives one less than the double.

    Parameters
    ----------
    n_in : int
        Length of the vector.
    hidden, channels : sequence of int
        Either may be empty.
    shape : tuple of int
        (height, width) or (height, width, colours) of the picture.
    activation, output_activation : str
        Names in `ACTIVATIONS`: what follows each layer, and the last.
    batch_normalisation : bool, default=False
        Normalise before each activation but the last.
    """
    sizes = _halved(shape[:2], len(channels))
    widths = [*channels, *(shape[2:] or (1,))]
    first = math.prod((*sizes[0], widths[0]))
    dense_sizes = [n_in, *hidden, first]
    if not channels:
        layers = dense_layers(dense_sizes, activation, output_activation)
    else:
        layers = dense_layers(dense_sizes, activation, activation)
        layers.append(Reshape((*sizes[0], widths[0])))
        names = [activation] * (len(channels) - 1) + [output_activation]
        for (n_channels, n_next), size, name in zip(pairwise(widths), sizes[1:], names):
            function = ACTIVATIONS[name]()
            layers.append(
                ConvTranspose2D(
                    n_channels,
                    n_next,
                    _kernel(size),
                    stride=2,
                    padding=1,
                    initialisation=function.initialisation,
                )
            )
            if name != "identity":
                layers.append(function)
        layers.append(Flatten())
    return _normalised(layers) if batch_normalisation else layers


def convolution_layers(
    shape: tuple[int, ...],
    channels: Sequence[int],
    activation: str = "leaky_relu",
    *,
    n_planes: int = 0,
) -> list[Layer]:
    """Return layers from a flattened picture to flattened features, each halving the picture.

    Kernels are as in `generator_layers`; an odd size gives half of it, rounded up.

    Parameters
    ----------
    shape : tuple of int
        (height, width) or (height, width, colours).
    channels : sequence of int
        What each convolution makes; at least one.
    activation : str, default="leaky_relu"
        A name in `ACTIVATIONS`.
    n_planes : int, default=0
        So many numbers below the picture become channels of their own.
    """
    sizes = _halved(shape[:2], len(channels))[::-1]
    n_colours = shape[2] if len(shape) == 3 else 1
    first = (*sizes[0], n_colours)
    layers: list[Layer] = [ReshapeWithPlanes(first, n_planes) if n_planes else Reshape(first)]
    widths = [n_colours + n_planes, *channels]
    for (n_channels, n_next), size in zip(pairwise(widths), sizes):
        function = ACTIVATIONS[activation]()
        layers += [
            Conv2D(
                n_channels,
                n_next,
                _kernel(size),
                stride=2,
                padding=1,
                initialisation=function.initialisation,
            ),
            function,
        ]
    return [*layers, Flatten()]


def _halved(size: tuple[int, ...], times: int) -> list[tuple[int, int]]:
    """Height and width after so many halvings, rounded up, after one fewer, …, after none."""
    sizes = [tuple(size)]
    for _ in range(times):
        height, width = sizes[0]
        sizes.insert(0, (-(-height // 2), -(-width // 2)))
    return sizes


def _kernel(size: tuple[int, int]) -> tuple[int, int]:
    """Height and width of the kernel between a picture of this size and one of half of it."""
    return tuple(4 - n % 2 for n in size)


def _normalised(layers: list[Layer]) -> list[Layer]:
    """Put batch normalisation behind each layer of weights but the last."""
    weighted = [layer for layer in layers if "W" in layer.shapes][:-1]
    new: list[Layer] = []
    for layer in layers:
        new.append(layer)
        if any(layer is one for one in weighted):
            new.append(BatchNormalisation(layer.n_out))
    return new


def check_image_shape(image_shape: Any) -> None:
    """Raise unless it is None, (height, width) or (height, width, colours)."""
    if image_shape is None:
        return
    if not isinstance(image_shape, tuple | list):
        raise TypeError(
            "image_shape must be None, (height, width) or (height, width, colours); "
            f"got {image_shape!r} ({type(image_shape).__name__})"
        )
    if len(image_shape) not in (2, 3):
        raise ValueError(
            "image_shape must be None, (height, width) or (height, width, colours); "
            f"got {image_shape!r}"
        )
    for size in image_shape:
        check_whole("each of image_shape", size)


# ------------------------------------------------------------------------ pictures as targets


class PictureTarget(MultiOutputMixin, RegressorMixin):
    """What estimators share that learn which picture belongs to a vector or to another picture.

    In training, a sample is a column: the target picture, and below it what is given.
    """

    def _take_in(self, X: ArrayLike, y: Any, *, reset: bool) -> np.ndarray:
        return self._columns(X, y, self.dtype, reset=reset)

    def _columns(self, X: ArrayLike, y: Any, dtype: DTypeLike, *, reset: bool) -> np.ndarray:
        """Check X and y; return columns, y above X."""
        X, y = validate_data(
            self, X, y, dtype=dtype, multi_output=True, y_numeric=True, reset=reset
        )
        if y.ndim != 2:
            raise ValueError(
                "y must hold a flattened picture in each row, shape (n_samples, n_pixels); "
                f"got shape {y.shape}. For pictures of one number, reshape y to (n_samples, 1)"
            )
        if reset:
            self.image_shape_ = picture_shape(y.shape[1], self.image_shape)
            self.n_outputs_ = y.shape[1]
        elif y.shape[1] != self.n_outputs_:
            raise ValueError(f"y must have {self.n_outputs_} columns; got shape {y.shape}")
        return np.concatenate([y.astype(dtype), X], axis=1).T

    def score(self, X: ArrayLike, y: ArrayLike, sample_weight: ArrayLike | None = None) -> float:
        """Return the share of the pictures' variance that is predicted, all pixels together.

        R² = 1 − Σ ‖y − prediction‖² / Σ ‖y − mean picture‖²: 1 for perfect predictions, 0 for the
        mean picture.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
        y : array-like of shape (n_samples, n_pixels)
        sample_weight : array-like of shape (n_samples,) or None, default=None

        Returns
        -------
        score : float
        """
        return r2_score(
            y, self.predict(X), sample_weight=sample_weight, multioutput="variance_weighted"
        )

    def __sklearn_tags__(self):
        """Say that targets have two axes."""
        tags = super().__sklearn_tags__()
        tags.target_tags.single_output = False
        return tags


class ImageRegressor(PictureTarget, MinibatchEstimator):
    """From a vector, or from a picture, to a picture: a network fitted by least squares.

    It makes the loss

        L = (1/n) Σ ‖y − G(x)‖²

    small over the n samples of a minibatch, with Adam; ‖·‖² is summed over pixels. Given the same
    x, the best it can do is the mean of all y that go with it. ``fit(X, y)`` takes a vector or a
    flattened picture x in each row of X, and in the same row of y the picture that belongs to it.

    Parameters
    ----------
    hidden_layer_sizes : int or sequence of int, default=(96, 96)
        Sizes of the dense hidden layers. May be empty.
    channels : int or sequence of int, default=()
        With channels, transposed convolutions follow the dense layers: each doubles height and
        width. For pictures of 16 × 16, (16, 8) makes 4 × 4 pixels of 16 channels, 8 × 8 of 8 and
        then the picture; see `generator_layers`.
    image_shape : None or tuple of int, default=None
        (height, width) or (height, width, colours) of a target picture. None infers a square, or
        (1, n_pixels) where there is none.
    activation : str, default="leaky_relu"
        What follows the hidden layers: "identity", "tanh", "sigmoid", "relu", "leaky_relu",
        "softplus" or "silu".
    output_activation : str, default="identity"
        What follows the last layer. "tanh" keeps pixels within (−1, 1), "sigmoid" within (0, 1).
    learning_rate_init : float, default=0.001
        Step size of Adam to begin with.
    decay_from, decay_to : float, default=0.5 and 0.02
        The step size stays as it is for the fraction `decay_from` of `max_iter` and then falls in
        a straight line to the fraction `decay_to` of itself. With ``decay_to=1`` it never changes.
    batch_size : int, default=64
        Samples in a minibatch; the last of an epoch may be smaller.
    max_iter : int, default=100
        Number of epochs, each one pass over all samples.
    random_state : int, numpy.random.Generator, numpy.random.RandomState or None, default=None
        Source of the weights to start from and of the order of samples. A whole number makes
        every `fit` the same.
    verbose : bool, default=False
        Show a progress bar.
    dtype : {"float32", "float64"}, default="float32"
        Precision of the training loop. Predictions are computed and returned in double precision.

    Attributes
    ----------
    network_ : helpers.nn.Network
    optimizer_ : helpers.nn.Adam
    image_shape_ : tuple of int
        Shape of a picture: ``model.predict(X).reshape(-1, *model.image_shape_)``.
    loss_curve_ : list of float
        Training loss of each epoch: the mean over its minibatches, each taken before its step.
    n_iter_ : int
        Number of epochs trained.
    n_features_in_, n_outputs_ : int
        Length of a row of X and of y seen in `fit`.
    feature_names_in_ : ndarray of str
        Names of the columns, where X has names.

    Examples
    --------
    >>> import numpy as np
    >>> from helpers.models import ImageRegressor
    >>> rng = np.random.default_rng(0)
    >>> Z, pictures = rng.normal(size=(20, 5)), rng.uniform(-1, 1, size=(20, 64))
    >>> model = ImageRegressor((32,), (8, 4), max_iter=3, random_state=0).fit(Z, pictures)
    >>> model.predict(Z[:2]).reshape(-1, *model.image_shape_).shape
    (2, 8, 8)
    """

    def __init__(
        self,
        hidden_layer_sizes: int | Sequence[int] = (96, 96),
        channels: int | Sequence[int] = (),
        *,
        image_shape: tuple[int, ...] | None = None,
        activation: str = "leaky_relu",
        output_activation: str = "identity",
        learning_rate_init: float = 0.001,
        decay_from: float = 0.5,
        decay_to: float = 0.02,
        batch_size: int = 64,
        max_iter: int = 100,
        random_state: int | np.random.Generator | np.random.RandomState | None = None,
        verbose: bool = False,
        dtype: DTypeLike = "float32",
    ) -> None:
        """Store the parameters; they are checked when training starts."""
        self.hidden_layer_sizes = hidden_layer_sizes
        self.channels = channels
        self.image_shape = image_shape
        self.activation = activation
        self.output_activation = output_activation
        self.learning_rate_init = learning_rate_init
        self.decay_from = decay_from
        self.decay_to = decay_to
        self.batch_size = batch_size
        self.max_iter = max_iter
        self.random_state = random_state
        self.verbose = verbose
        self.dtype = dtype

    def predict(self, X: ArrayLike) -> np.ndarray:
        """Return the picture G(x) for each row.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)

        Returns
        -------
        pictures : ndarray of shape (n_samples, n_pixels)
        """
        check_is_fitted(self)
        X = validate_data(self, X, dtype=np.float64, reset=False)
        return apply_network(self.network_, X.T)

    def _check_parameters(self) -> None:
        super()._check_parameters()
        layer_sizes("hidden_layer_sizes", self.hidden_layer_sizes)
        layer_sizes("channels", self.channels)
        check_image_shape(self.image_shape)
        check_choice("activation", self.activation, tuple(ACTIVATIONS))
        check_choice("output_activation", self.output_activation, tuple(ACTIVATIONS))
        check_number("decay_from", self.decay_from, minimum=0, below=1)
        check_number("decay_to", self.decay_to, above=0)

    def _build(self, n_features: int, rng: np.random.Generator) -> None:
        layers = generator_layers(
            n_features,
            layer_sizes("hidden_layer_sizes", self.hidden_layer_sizes),
            layer_sizes("channels", self.channels),
            self.image_shape_,
            self.activation,
            self.output_activation,
        )
        self.network_ = Network(layers, random_state=rng, dtype=self.dtype)
        self.optimizer_ = Adam(self.learning_rate_init)

    def _training_step(self, columns: np.ndarray) -> float:
        columns = np.ascontiguousarray(columns)
        y, x = columns[: self.n_outputs_], columns[self.n_outputs_ :]
        loss, d_prediction = squared_error(self.network_.forward(x), y)
        self.network_.backward(d_prediction, input_gradient=False)
        progress = min(self.n_iter_ / self.max_iter, 1.0)
        factor = decay(progress, self.decay_from, self.decay_to)
        self.optimizer_.learning_rate = factor * self.learning_rate_init
        self.optimizer_.step(self.network_.parameters, self.network_.gradients)
        return loss


# ------------------------------------------------------------------------ pictures from noise


class ImageGAN(GAN):
    """A GAN for pictures: dense, or with transposed convolutions and convolutions.

    It is a `GAN`, with its losses, penalties, labels and ways to train, whose players may end and
    begin with layers for pictures: the generator with transposed convolutions that double the
    picture, the discriminator with convolutions that halve it. Pixels are to lie in −1 … 1, what
    the generator's tanh can give.

    A dense discriminator, the default, proved more reliable on small pictures than a convolutional
    one, for which see the notes.

    Parameters
    ----------
    generator_layer_sizes : int or sequence of int, default=(128, 128)
        Sizes of the generator's dense hidden layers. May be empty.
    discriminator_layer_sizes : int or sequence of int, default=(128, 64)
        Sizes of the discriminator's dense hidden layers, behind its convolutions if it has any.
        May be empty.
    n_latent : int, default=16
        Length of z.
    generator_channels : int or sequence of int, default=()
        Channels that go into each transposed convolution: for pictures of 16 × 16, (32, 16) makes
        4 × 4 pixels of 32 channels from the last dense layer, 8 × 8 of 16 and then the picture.
    discriminator_channels : int or sequence of int, default=()
        Channels that each convolution gives: (16, 32) leaves 4 × 4 pixels of 32 channels of
        pictures of 16 × 16. A label becomes channels that are the same at every pixel.
    image_shape : None or tuple of int, default=None
        (height, width) or (height, width, colours). None infers a square, or (1, n_features) where
        there is none.
    batch_normalisation : bool, default=False
        Normalise in the generator, before each activation but the last.
    r1, r2 : float or pair of float, default=1.0
        As in `GAN`: gradient penalties on real and on generated pictures.
    max_iter : int, default=4000
        Number of training steps in `fit`.
    output_activation : str, default="tanh"
        What follows the last layer of the generator.
    loss, gradient_penalty, instance_noise, label_smoothing, minibatch_discrimination, \
n_discriminator_steps, learning_rate_init, discriminator_learning_rate_init, decay_from, decay_to, \
betas, weight_averaging, batch_size, generator_activation, discriminator_activation, random_state, \
verbose, dtype
        As in `GAN`.

    Attributes
    ----------
    image_shape_ : tuple of int
        Shape of a picture: ``gan.sample(9).reshape(-1, *gan.image_shape_)``.
    generator_, averaged_generator_, discriminator_, generator_optimizer_, \
discriminator_optimizer_, generator_loss_curve_, discriminator_loss_curve_, penalty_curve_, \
n_iter_, classes_, class_prior_, n_features_in_, feature_names_in_
        As in `GAN`.

    Notes
    -----
    The discriminator's penalty needs piecewise linear activations, which convolutions keep. Batch
    normalisation stands in the generator alone: in a discriminator, a sample's logit would depend
    on the others of its minibatch, and the penalty on one sample's gradient would lose its meaning.

    References
    ----------
    Radford, Metz and Chintala, "Unsupervised representation learning with deep convolutional
    generative adversarial networks", ICLR 2016. Mescheder, Geiger and Nowozin, "Which training
    methods for GANs do actually converge?", ICML 2018.

    Examples
    --------
    >>> import numpy as np
    >>> from helpers.models import ImageGAN
    >>> X = np.random.default_rng(0).uniform(-1, 1, size=(50, 64))
    >>> gan = ImageGAN((), (32,), 4, generator_channels=(8, 4), max_iter=3, random_state=0).fit(X)
    >>> gan.sample(2, random_state=0).reshape(-1, *gan.image_shape_).shape
    (2, 8, 8)
    """

    def __init__(
        self,
        generator_layer_sizes: int | Sequence[int] = (128, 128),
        discriminator_layer_sizes: int | Sequence[int] = (128, 64),
        n_latent: int = 16,
        *,
        generator_channels: int | Sequence[int] = (),
        discriminator_channels: int | Sequence[int] = (),
        image_shape: tuple[int, ...] | None = None,
        batch_normalisation: bool = False,
        loss: str = "non_saturating",
        r1: float | tuple[float, float] = 1.0,
        r2: float | tuple[float, float] = 1.0,
        gradient_penalty: float = 10.0,
        instance_noise: float | tuple[float, float] = 0.0,
        label_smoothing: float = 0.0,
        minibatch_discrimination: int = 0,
        n_discriminator_steps: int = 1,
        learning_rate_init: float = 0.001,
        discriminator_learning_rate_init: float | None = None,
        decay_from: float = 0.5,
        decay_to: float = 0.02,
        betas: tuple[float, float] = (0.0, 0.99),
        weight_averaging: float = 0.998,
        batch_size: int = 64,
        max_iter: int = 4000,
        generator_activation: str = "leaky_relu",
        discriminator_activation: str = "leaky_relu",
        output_activation: str = "tanh",
        random_state: int | np.random.Generator | np.random.RandomState | None = None,
        verbose: bool = False,
        dtype: DTypeLike = "float32",
    ) -> None:
        """Store the parameters; they are checked when training starts."""
        super().__init__(
            generator_layer_sizes,
            discriminator_layer_sizes,
            n_latent,
            loss=loss,
            r1=r1,
            r2=r2,
            gradient_penalty=gradient_penalty,
            instance_noise=instance_noise,
            label_smoothing=label_smoothing,
            minibatch_discrimination=minibatch_discrimination,
            n_discriminator_steps=n_discriminator_steps,
            learning_rate_init=learning_rate_init,
            discriminator_learning_rate_init=discriminator_learning_rate_init,
            decay_from=decay_from,
            decay_to=decay_to,
            betas=betas,
            weight_averaging=weight_averaging,
            batch_size=batch_size,
            max_iter=max_iter,
            generator_activation=generator_activation,
            discriminator_activation=discriminator_activation,
            output_activation=output_activation,
            random_state=random_state,
            verbose=verbose,
            dtype=dtype,
        )
        self.generator_channels = generator_channels
        self.discriminator_channels = discriminator_channels
        self.image_shape = image_shape
        self.batch_normalisation = batch_normalisation

    def _check_parameters(self) -> None:
        super()._check_parameters()
        for name in ("generator_channels", "discriminator_channels"):
            layer_sizes(name, getattr(self, name))
        check_image_shape(self.image_shape)
        check_flag("batch_normalisation", self.batch_normalisation)

    def _take_in(
        self, X: ArrayLike, y: Any, *, reset: bool, classes: ArrayLike | None = None
    ) -> np.ndarray:
        columns = super()._take_in(X, y, reset=reset, classes=classes)
        if reset:
            self.image_shape_ = picture_shape(self.n_features_in_, self.image_shape)
        return columns

    def _generator_layers(self) -> list[Layer]:
        return generator_layers(
            self._n_latent + len(self._codes),
            layer_sizes("generator_layer_sizes", self.generator_layer_sizes),
            self._channels("generator"),
            self.image_shape_,
            self.generator_activation,
            self.output_activation,
            batch_normalisation=self.batch_normalisation,
        )

    def _discriminator_layers(self) -> list[Layer]:
        channels = self._channels("discriminator")
        if not channels:
            return super()._discriminator_layers()
        layers = convolution_layers(
            self.image_shape_, channels, self.discriminator_activation, n_planes=len(self._codes)
        )
        size = _halved(self.image_shape_[:2], len(channels))[0]
        return [*layers, *self._dense_discriminator(math.prod((*size, channels[-1])))]

    def _channels(self, player: str) -> list[int]:
        name = f"{player}_channels"
        return layer_sizes(name, getattr(self, name))
