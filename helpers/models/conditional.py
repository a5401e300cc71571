"""From one picture to another, where more than one answer is right: a conditional GAN."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, DTypeLike
from sklearn.utils import check_array
from sklearn.utils.validation import check_is_fitted, validate_data

from helpers.checks import check_number, check_whole
from helpers.models.adversarial import AdversarialEstimator, layer_sizes
from helpers.models.base import apply_network, as_generator, training_arithmetic
from helpers.models.images import PictureTarget, check_image_shape, generator_layers
from helpers.nn import ACTIVATIONS, Adam, Dense, Layer, PassBy, squared_error


class ConditionalImageGAN(PictureTarget, AdversarialEstimator):
    """Conditional GAN for pictures: what may come next, or what a blurred picture may have been.

    The generator G takes a picture x and noise z ~ N(0, latent_scale² I) to a picture G(x, z). The
    discriminator D sees pairs (y, x): real ones, and (G(x, z), x). With MSE the mean of the
    squared error over pixels and minibatch, and A the generator's adversarial loss (see `GAN`,
    `loss`), the generator descends

        mse_weight · MSE(y, G(x, z)) + adversarial_weight · A.

    With ``adversarial_weight=0`` it descends MSE alone, whatever `mse_weight`, the discriminator is
    not trained, and G, fitted by least squares, learns to ignore z.

    Dense layers take x to features; z joins the features, and further layers take both to G(x, z).
    ``fit(X, y)`` takes a picture x in each row of X, and in the same row of y one that came of it.

    Parameters
    ----------
    generator_layer_sizes : int or sequence of int, default=(96,)
        Sizes of the generator's dense hidden layers behind the place where z joins. May be empty.
    discriminator_layer_sizes : int or sequence of int, default=(128, 64)
        Sizes of the discriminator's hidden layers. May be empty.
    n_latent : int, default=8
        Length of z.
    adversarial_weight, mse_weight : float, default=1.0 and 0.0
        The weights above, at least 0. Either may be changed by ``set_params`` between two steps.
    encoder_layer_sizes : int or sequence of int, default=(96,)
        Sizes of the dense layers from x to the features that z joins. Empty: z joins x itself.
    generator_channels : int or sequence of int, default=()
        With channels, transposed convolutions make the picture, as in `ImageGAN`.
    image_shape : None or tuple of int, default=None
        (height, width) or (height, width, colours) of a picture y. None infers a square, or
        (1, n_pixels) where there is none.
    latent_scale : float, default=2.0
        Standard deviation of each number of z, at least 0. Too small, and the generator is late to
        learn that z means something, or never does.
    pretraining_steps : int, default=0
        So many steps of the generator by MSE alone, at full step size, come before `max_iter`.
    r1, r2 : float or pair of float, default=1.0
        As in `GAN`: gradient penalties on real and on generated pairs, by the picture y, with x
        held fixed.
    learning_rate_init : float, default=0.0006
        As in `GAN`.
    max_iter : int, default=10000
        Number of training steps in `fit`, besides `pretraining_steps`.
    output_activation : str, default="tanh"
        What follows the last layer of the generator.
    loss, gradient_penalty, instance_noise, label_smoothing, minibatch_discrimination, \
n_discriminator_steps, discriminator_learning_rate_init, decay_from, decay_to, betas, \
weight_averaging, batch_size, generator_activation, discriminator_activation, random_state, \
verbose, dtype
        As in `GAN`.

    Attributes
    ----------
    generator_, averaged_generator_ : helpers.nn.Network
        They take columns with z above x.
    discriminator_ : helpers.nn.Network
        It takes columns with y above x.
    image_shape_ : tuple of int
        Shape of a picture y.
    mse_curve_ : list of float
        MSE of each step of the generator, before the step, weighted or not.
    generator_loss_curve_ : list of float
        The whole loss of each step of the generator.
    generator_optimizer_, discriminator_optimizer_, discriminator_loss_curve_, penalty_curve_
        As in `GAN`.
    n_iter_ : int
        Number of steps that the generator has taken, pretraining included.
    n_features_in_, n_outputs_ : int
        Length of a row of X and of y seen in `fit`.
    feature_names_in_ : ndarray of str
        Names of the columns, where X has names.

    Notes
    -----
    Steps by MSE alone return 0 as the discriminator's loss: it takes none.

    When pretraining is over, the generator gets an Adam of its own anew: the running means of a
    loss of another size would make its first steps far too large or too small.

    References
    ----------
    Mirza and Osindero, "Conditional generative adversarial nets", arXiv:1411.1784, 2014. Isola,
    Zhu, Zhou and Efros, "Image-to-image translation with conditional adversarial networks",
    CVPR 2017. Mathieu, Couprie and LeCun, "Deep multi-scale video prediction beyond mean square
    error", ICLR 2016. Ledig et al., "Photo-realistic single image super-resolution using a
    generative adversarial network", CVPR 2017.

    Examples
    --------
    >>> import numpy as np
    >>> from helpers.models import ConditionalImageGAN
    >>> rng = np.random.default_rng(0)
    >>> low, high = rng.uniform(-1, 1, size=(50, 4)), rng.uniform(-1, 1, size=(50, 64))
    >>> gan = ConditionalImageGAN(mse_weight=10, max_iter=3, random_state=0).fit(low, high)
    >>> gan.sample(low[:2], random_state=0).reshape(-1, *gan.image_shape_).shape
    (2, 8, 8)
    """

    only_for_training = (*AdversarialEstimator.only_for_training, "mse_curve_")

    def __init__(
        self,
        generator_layer_sizes: int | Sequence[int] = (96,),
        discriminator_layer_sizes: int | Sequence[int] = (128, 64),
        n_latent: int = 8,
        *,
        adversarial_weight: float = 1.0,
        mse_weight: float = 0.0,
        encoder_layer_sizes: int | Sequence[int] = (96,),
        generator_channels: int | Sequence[int] = (),
        image_shape: tuple[int, ...] | None = None,
        latent_scale: float = 2.0,
        pretraining_steps: int = 0,
        loss: str = "non_saturating",
        r1: float | tuple[float, float] = 1.0,
        r2: float | tuple[float, float] = 1.0,
        gradient_penalty: float = 10.0,
        instance_noise: float | tuple[float, float] = 0.0,
        label_smoothing: float = 0.0,
        minibatch_discrimination: int = 0,
        n_discriminator_steps: int = 1,
        learning_rate_init: float = 0.0006,
        discriminator_learning_rate_init: float | None = None,
        decay_from: float = 0.5,
        decay_to: float = 0.02,
        betas: tuple[float, float] = (0.0, 0.99),
        weight_averaging: float = 0.998,
        batch_size: int = 64,
        max_iter: int = 10000,
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
        self.adversarial_weight = adversarial_weight
        self.mse_weight = mse_weight
        self.encoder_layer_sizes = encoder_layer_sizes
        self.generator_channels = generator_channels
        self.image_shape = image_shape
        self.latent_scale = latent_scale
        self.pretraining_steps = pretraining_steps

    def generator_step(
        self, X: ArrayLike, y: ArrayLike | None = None, *, n_steps: int = 1
    ) -> float:
        """Let the generator take one step, or several, and return its (last) loss.

        Parameters
        ----------
        X, y, n_steps
            As in `training_step`: here the generator needs to see pictures too. The first call
            starts the model.

        Returns
        -------
        loss : float
            Before the step.
        """
        check_whole("n_steps", n_steps)
        columns = self._ready(X, y)
        with training_arithmetic():
            for _ in range(n_steps):
                loss = self._generator_step(columns)
        return loss

    # --- what the trained players do ------------------------------------------------------------

    def predict(self, X: ArrayLike) -> np.ndarray:
        """Return one picture for each row, always the same: G(x, 0), from the averaged generator.

        Where several answers are right, this is one that z = 0 happens to stand for; `sample` draws
        z. Fitted by MSE alone, G hardly depends on z.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)

        Returns
        -------
        pictures : ndarray of shape (n_samples, n_pixels)
        """
        X = self._rows(X)
        return self._generate(X, np.zeros((len(X), self._n_latent)))

    def sample(self, X: ArrayLike, random_state: Any = None) -> np.ndarray:
        """Draw z and return G(x, z), one picture for each row, from the averaged generator.

        For several answers to one x, repeat it: ``gan.sample(np.repeat(X, 8, axis=0))``.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
        random_state : int, numpy.random.Generator, numpy.random.RandomState or None, default=None
            A whole number makes every call the same.

        Returns
        -------
        pictures : ndarray of shape (n_samples, n_pixels)
        """
        X, rng = self._rows(X), as_generator(random_state)
        Z = float(self.latent_scale) * rng.standard_normal((len(X), self._n_latent))
        return self._generate(X, Z)

    def generate(self, X: ArrayLike, Z: ArrayLike, *, averaged: bool = True) -> np.ndarray:
        """Return G(x, z) for each row of X and Z.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
        Z : array-like of shape (n_samples, n_latent)
            As it is: it is not multiplied by `latent_scale`.
        averaged : bool, default=True
            False takes the generator as it plays, not its running average.

        Returns
        -------
        pictures : ndarray of shape (n_samples, n_pixels)
        """
        X, Z = self._rows(X), check_array(Z, dtype=np.float64, input_name="Z")
        if Z.shape != (len(X), self._n_latent):
            raise ValueError(f"Z must have shape {(len(X), self._n_latent)}; got {Z.shape}")
        return self._generate(X, Z, averaged=averaged)

    def discriminate(self, X: ArrayLike, y: ArrayLike) -> np.ndarray:
        """Return the discriminator's logit D(y, x) of each pair, shape (n_samples,).

        Greater than 0 means "real".

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features)
        y : array-like of shape (n_samples, n_pixels)
        """
        check_is_fitted(self)
        return self._judge_columns(self._columns(X, y, np.float64, reset=False))[1][0]

    def _rows(self, X: ArrayLike) -> np.ndarray:
        """Check that there is a trained model, and rows that it takes; return them."""
        check_is_fitted(self)
        return validate_data(self, X, dtype=np.float64, reset=False)

    def _generate(self, X: np.ndarray, Z: np.ndarray, *, averaged: bool = True) -> np.ndarray:
        network = self.averaged_generator_ if averaged else self.generator_
        return apply_network(network, np.concatenate([Z.T, X.T]))

    # --- the players and their steps ------------------------------------------------------------

    @property
    def _n_sample_rows(self) -> int:
        return self.n_outputs_

    def _generator_layers(self) -> list[Layer]:
        """Return dense layers that z passes by, and then those from both to a picture."""
        name, n_latent, activation = (
            "encoder_layer_sizes",
            self._n_latent,
            self.generator_activation,
        )
        layers: list[Layer] = []
        n_in = self.n_features_in_
        for n_out in layer_sizes(name, self.encoder_layer_sizes):
            function = ACTIVATIONS[activation]()
            dense = Dense(n_in, n_out, initialisation=function.initialisation)
            layers += [PassBy(n_latent, dense), PassBy(n_latent, function)]
            n_in = n_out
        return layers + generator_layers(
            n_latent + n_in,
            layer_sizes("generator_layer_sizes", self.generator_layer_sizes),
            layer_sizes("generator_channels", self.generator_channels),
            self.image_shape_,
            activation,
            self.output_activation,
        )

    def _discriminator_layers(self) -> list[Layer]:
        return self._dense_discriminator(self.n_outputs_ + self.n_features_in_)

    def _start(self, X: ArrayLike, y: Any, **options: Any) -> np.ndarray:
        columns = super()._start(X, y, **options)
        self.mse_curve_: list[float] = []
        return columns

    def _training_step(self, columns: np.ndarray) -> tuple[float, float]:
        """Take one step of each player, or of the generator alone where nobody asks the other."""
        if self._by_mse_alone():
            return 0.0, self._generator_step(columns)
        return super()._training_step(columns)

    def _generator_step(self, columns: np.ndarray | None = None) -> float:
        if self.n_iter_ == self.pretraining_steps > 0:
            beta_1, beta_2 = self.betas
            self.generator_optimizer_ = Adam(self.learning_rate_init, beta_1=beta_1, beta_2=beta_2)
        return super()._generator_step(columns)

    def _new_generator_gradient(self, columns: np.ndarray) -> float:
        pairs = self._draw_columns(columns)
        y, x = pairs[: self.n_outputs_], pairs[self.n_outputs_ :]
        return self._generator_gradient(self._draw_latent(x), x, y)

    def _generator_gradient(self, z: np.ndarray, x: np.ndarray, y: np.ndarray) -> float:
        """Write the generator's gradient for z (x below it), x and the real y; return its loss."""
        prediction = self.generator_.forward(z)
        mse, d_prediction = squared_error(prediction, y, reduction="sum")
        mse, d_prediction = mse / y.size, d_prediction / y.size
        self.mse_curve_.append(mse)
        loss = mse
        if not self._by_mse_alone():
            adversarial, d_adversarial = self._adversarial_gradient(prediction, x)
            loss = self.mse_weight * mse + self.adversarial_weight * adversarial
            d_prediction *= float(self.mse_weight)
            d_prediction += float(self.adversarial_weight) * d_adversarial
        self.generator_.backward(d_prediction, input_gradient=False)
        return loss

    def _draw_latent(self, condition: np.ndarray) -> np.ndarray:
        z = super()._draw_latent(condition)
        z[: self._n_latent] *= float(self.latent_scale)
        return z

    def _by_mse_alone(self) -> bool:
        return self.adversarial_weight == 0 or self.n_iter_ < self.pretraining_steps

    @property
    def _n_steps(self) -> int:
        return self.pretraining_steps + self.max_iter

    def _progress(self) -> float:
        return min(max(self.n_iter_ - self.pretraining_steps, 0) / self.max_iter, 1.0)

    def __sklearn_tags__(self):
        """Say that a sharp guess may be far from the one picture that came next."""
        tags = super().__sklearn_tags__()
        tags.regressor_tags.poor_score = True
        return tags

    def _check_parameters(self) -> None:
        super()._check_parameters()
        for name in ("adversarial_weight", "mse_weight", "latent_scale"):
            check_number(name, getattr(self, name), minimum=0)
        for name in ("encoder_layer_sizes", "generator_channels"):
            layer_sizes(name, getattr(self, name))
        check_image_shape(self.image_shape)
        check_whole("pretraining_steps", self.pretraining_steps, minimum=0)
