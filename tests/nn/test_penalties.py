"""Gradient penalties against central differences, and the layer that compares a minibatch."""

from __future__ import annotations

import copy

import numpy as np
import pytest

from helpers.nn import (
    BatchNormalisation,
    Conv2D,
    ConvTranspose2D,
    Dense,
    Flatten,
    LeakyReLU,
    Linear,
    MinibatchDiscrimination,
    Network,
    ReLU,
    Reshape,
    add_one_centred_penalty,
    add_zero_centred_penalty,
    backward_with_zero_centred_penalty,
    dense_layers,
)
from helpers.nn.penalties import input_gradients

PENALTIES = {
    "zero": (add_zero_centred_penalty, lambda norm: 0.5 * norm**2),
    "one": (add_one_centred_penalty, lambda norm: (norm - 1) ** 2),
}


def critic(sizes=(5, 7, 4, 1), activation="leaky_relu", seed=0) -> Network:
    network = Network(dense_layers(list(sizes), activation), random_state=seed)
    rng = np.random.default_rng(seed + 1)
    for layer in network.layers:
        if isinstance(layer, Dense):
            layer.b[...] = rng.normal(size=layer.b.shape)
    return network


def points(n: int = 9, seed: int = 2) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=(5, n))


def slopes_by_differences(network: Network, x: np.ndarray) -> np.ndarray:
    """∇D at each column, one feature at a time."""
    step, rows = 1e-6, []
    for i in range(len(x)):
        shift = np.zeros_like(x)
        shift[i] = step
        rows.append((network.forward(x + shift) - network.forward(x - shift))[0] / (2 * step))
    return np.array(rows)


def penalty_by_formula(network, x, weight, formula, n_rows=None) -> float:
    """Σ w R(‖g‖), with g as the product of weights and slopes, written out for each sample."""
    total = 0.0
    for column, w in zip(x.T, np.broadcast_to(weight, x.shape[1]), strict=True):
        h, product = column[:, None], np.eye(len(x))
        for layer in network.layers:
            if isinstance(layer, Dense):
                h, product = layer.W @ h + layer.b, layer.W @ product
            else:
                slope = np.where(h > 0, 1.0, getattr(layer, "slope", 0.0))
                h, product = h * slope, slope * product
        total += w * formula(np.linalg.norm(product[0, :n_rows]))
    return total


@pytest.mark.parametrize("kind", PENALTIES)
@pytest.mark.parametrize("activation", ["leaky_relu", "relu", "identity"])
@pytest.mark.parametrize("n_rows", [None, 3])
def test_gradient(kind, activation, n_rows, assert_gradient):
    add_penalty, formula = PENALTIES[kind]
    network, x = critic(activation=activation), points()
    weight = np.random.default_rng(3).uniform(0.5, 2, size=9)

    def penalty():
        return penalty_by_formula(network, x, weight, formula, n_rows)

    network.forward(x)
    network.gradients[...] = 0
    value = add_penalty(network, weight, n_rows=n_rows)
    assert value == pytest.approx(penalty(), rel=1e-12)
    assert_gradient(network.gradients.copy(), penalty, network.parameters)


@pytest.mark.parametrize("kind", PENALTIES)
def test_is_added_to_what_backward_wrote(kind):
    add_penalty, _ = PENALTIES[kind]
    network, x = critic(), points()
    network.forward(x)
    network.gradients[...] = 0
    add_penalty(network, 0.7)
    alone = network.gradients.copy()
    network.forward(x)
    network.backward(np.ones((1, 9)), input_gradient=False)
    loss_alone = network.gradients.copy()
    add_penalty(network, 0.7)
    np.testing.assert_allclose(network.gradients, alone + loss_alone, rtol=1e-12)
    assert np.abs(alone).max() > 0


@pytest.mark.parametrize("activation", ["leaky_relu", "relu", "identity"])
@pytest.mark.parametrize("n_rows", [None, 3])
@pytest.mark.parametrize("sizes", [(5, 7, 4, 1), (5, 1)])
def test_loss_and_penalty_at_one_go(activation, n_rows, sizes):
    network, x = critic(sizes, activation), points()
    rng = np.random.default_rng(3)
    dy, weight = rng.normal(size=(1, 9)), rng.uniform(size=9)
    dy[0, 2] = 0
    network.forward(x)
    network.backward(dy, input_gradient=False)
    penalty = add_zero_centred_penalty(network, weight, n_rows=n_rows)
    gradients = network.gradients.copy()
    network.gradients[...] = np.nan
    other = backward_with_zero_centred_penalty(network, dy, weight, n_rows=n_rows)
    assert other == pytest.approx(penalty, rel=1e-12)
    np.testing.assert_allclose(network.gradients, gradients, rtol=1e-10, atol=1e-13)


def test_biases_get_nothing():
    network = critic()
    network.forward(points())
    add_zero_centred_penalty(network, 1.0)
    assert all((la.db == 0).all() for la in network.layers if isinstance(la, Dense))


@pytest.mark.parametrize("kind", PENALTIES)
def test_samples_of_weight_zero_do_not_count(kind):
    add_penalty, _ = PENALTIES[kind]
    network, x = critic(), points()
    network.forward(x)
    some = add_penalty(network, np.repeat([0.25, 0.0], [4, 5]))
    gradients = network.gradients.copy()
    network.gradients[...] = 0
    network.forward(x[:, :4])
    assert add_penalty(network, 0.25) == pytest.approx(some, rel=1e-12)
    np.testing.assert_allclose(network.gradients, gradients, rtol=1e-12, atol=1e-15)


def test_input_gradients():
    network, x = critic(), points()
    expected = slopes_by_differences(network, x)
    network.forward(x)
    deltas, g = input_gradients(network)
    np.testing.assert_allclose(g, expected, atol=1e-8)
    assert [d.shape for d in deltas] == [(7, 9), (4, 9), (1, 9)]
    _, g = input_gradients(network, n_rows=2)
    np.testing.assert_allclose(g[:2], expected[:2], atol=1e-8)
    assert (g[2:] == 0).all()


def test_linear_critic():
    """D(x) = w·x has slope w everywhere: both penalties and gradients are known."""
    network, x = critic(sizes=(5, 1)), points()
    (dense,) = network.layers
    norm = np.linalg.norm(dense.W)
    network.forward(x)
    assert add_zero_centred_penalty(network, 2 / 9) == pytest.approx(norm**2)
    np.testing.assert_allclose(dense.dW, 2 * dense.W)
    network.gradients[...] = 0
    assert add_one_centred_penalty(network, 2 / 9) == pytest.approx(2 * (norm - 1) ** 2)
    np.testing.assert_allclose(dense.dW, 4 * (norm - 1) / norm * dense.W)


def test_slope_zero_has_no_direction():
    network = critic(sizes=(5, 1))
    network.parameters[...] = 0
    network.forward(points())
    assert add_one_centred_penalty(network, 1 / 9) == pytest.approx(1)
    assert (network.gradients == 0).all()


@pytest.mark.parametrize("kind", PENALTIES)
def test_single_precision_is_kept(kind):
    network = critic().astype(np.float32)
    network.forward(points())
    assert np.isfinite(PENALTIES[kind][0](network, np.full(9, 0.1)))
    assert network.gradients.dtype == np.float32
    assert input_gradients(network)[1].dtype == np.float32


def convolutional_critic(activation=LeakyReLU, *, flat=True) -> Network:
    """Images of 6 × 5 with 2 channels, uneven kernels, and a transposed convolution within."""
    layers = [
        *(Conv2D(2, 3, (4, 3), stride=(2, 1), padding=1), activation()),
        *(ConvTranspose2D(3, 2, 2, stride=2, padding=1), activation()),
        *(Conv2D(2, 4, 3, stride=2), activation(), Flatten(), Dense(4 * 1 * 3, 5), activation()),
        Dense(5, 1),
    ]
    network = Network([Reshape((6, 5, 2)), *layers] if flat else layers, random_state=0)
    rng = np.random.default_rng(1)
    for layer in network.layers:
        if isinstance(layer, Linear):
            layer.b[...] = 0.3 * rng.normal(size=layer.b.shape)
    return network


def penalty_by_jacobian(network, x, weight, formula, n_rows=None) -> float:
    """Σ w R(‖∇D‖), with ∇D built up by sending unit vectors through the network's slopes."""
    network.forward(np.repeat(x, len(x), axis=1))  # every sample once for each unit vector
    t = np.tile(np.eye(len(x)), x.shape[1])
    for layer in network.layers:
        t = layer.tangent(t)
    g = t.reshape(x.shape[1], len(x)).T
    return float(np.sum(weight * formula(np.linalg.norm(g[:n_rows], axis=0))))


class TestConvolutionalCritics:
    x = np.random.default_rng(2).normal(size=(60, 4))
    weight = np.random.default_rng(3).uniform(0.5, 2, size=4)

    @pytest.mark.parametrize("kind", PENALTIES)
    @pytest.mark.parametrize("activation", [LeakyReLU, ReLU])
    @pytest.mark.parametrize("n_rows", [None, 41])
    def test_gradient(self, kind, activation, n_rows, assert_gradient):
        add_penalty, formula = PENALTIES[kind]
        network = convolutional_critic(activation)

        def penalty():
            return penalty_by_jacobian(network, self.x, self.weight, formula, n_rows)

        network.forward(self.x)
        network.gradients[...] = 0
        value = add_penalty(network, self.weight, n_rows=n_rows)
        assert value == pytest.approx(penalty(), rel=1e-10)
        assert_gradient(network.gradients.copy(), penalty, network.parameters)

    def test_slopes(self):
        network = convolutional_critic()
        expected = slopes_by_differences(network, self.x)
        network.forward(self.x)
        deltas, g = input_gradients(network)
        np.testing.assert_allclose(g, expected, atol=1e-8)
        assert [d.shape for d in deltas] == [
            *((3, 5, 3, 4), (4, 8, 2, 4), (1, 3, 4, 4), (5, 4), (1, 4)),
        ]

    def test_loss_and_penalty_at_one_go(self):
        network, dy = convolutional_critic(), np.random.default_rng(4).normal(size=(1, 4))
        network.forward(self.x)
        network.backward(dy, input_gradient=False)
        penalty = add_zero_centred_penalty(network, self.weight)
        gradients = network.gradients.copy()
        network.gradients[...] = np.nan
        other = backward_with_zero_centred_penalty(network, dy, self.weight)
        assert other == pytest.approx(penalty, rel=1e-12)
        np.testing.assert_allclose(network.gradients, gradients, rtol=1e-10, atol=1e-12)

    def test_the_backward_pass_still_speaks_of_the_samples(self):
        """A penalty sends tangents through the layers; what forward kept must outlast it."""
        network, dy = convolutional_critic(), np.random.default_rng(4).normal(size=(1, 4))
        network.forward(self.x)
        dx = network.backward(dy)
        gradients = network.gradients.copy()
        add_zero_centred_penalty(network, self.weight)
        np.testing.assert_array_equal(network.backward(dy), dx)
        np.testing.assert_array_equal(network.gradients, gradients)

    @pytest.mark.parametrize("kind", PENALTIES)
    def test_images_that_were_not_flattened(self, kind):
        """(height, width, channels, batch) goes in, and the penalty is the same."""
        add_penalty, _ = PENALTIES[kind]
        network, other = convolutional_critic(), convolutional_critic(flat=False)
        network.forward(self.x)
        other.forward(self.x.reshape(6, 5, 2, 4))
        assert add_penalty(other, self.weight) == pytest.approx(add_penalty(network, self.weight))
        np.testing.assert_allclose(other.gradients, network.gradients, rtol=1e-12, atol=1e-15)
        with pytest.raises(ValueError, match=r"in x of shape \(features, batch\); got 3 and x of"):
            add_penalty(other, self.weight, n_rows=3)

    def test_single_precision(self):
        network, double = convolutional_critic().astype("float32"), convolutional_critic()
        for critic_ in (network, double):
            critic_.forward(self.x)
            backward_with_zero_centred_penalty(critic_, np.ones((1, 4)), self.weight)
        assert network.gradients.dtype == np.float32
        np.testing.assert_allclose(network.gradients, double.gradients, rtol=1e-3, atol=1e-4)

    def test_batch_normalisation_is_refused(self):
        layers = [Dense(5, 3), BatchNormalisation(3), Dense(3, 1)]
        network = Network(layers, random_state=0)
        network.forward(points())
        with pytest.raises(ValueError, match="got BatchNormalisation"):
            add_zero_centred_penalty(network, 1.0)


class TestRefusals:
    @pytest.mark.parametrize("activation", ["tanh", "sigmoid", "softplus"])
    def test_smooth_activations(self, activation):
        network = critic(activation=activation)
        network.forward(points())
        with pytest.raises(ValueError, match="exact for dense layers and convolutions"):
            add_zero_centred_penalty(network, 1.0)

    def test_minibatch_discrimination(self):
        network = Network([Dense(5, 3), MinibatchDiscrimination(3, 2, 2), Dense(5, 1)])
        network.forward(points())
        with pytest.raises(ValueError, match="got MinibatchDiscrimination"):
            add_one_centred_penalty(network, 1.0)

    @pytest.mark.parametrize("layers", [[Dense(5, 2)], [Dense(5, 1), LeakyReLU()]])
    def test_ends(self, layers):
        network = Network(layers)
        network.forward(points())
        with pytest.raises(ValueError, match="ends with a dense layer of a single output"):
            add_zero_centred_penalty(network, 1.0)

    def test_before_any_forward_pass(self):
        with pytest.raises(ValueError, match="there was none"):
            add_zero_centred_penalty(critic(), 1.0)

    @pytest.mark.parametrize("weight", [np.ones(8), np.ones((1, 9))])
    def test_weights(self, weight):
        network = critic()
        network.forward(points())
        with pytest.raises(ValueError, match="one for each of 9 samples; got shape"):
            add_zero_centred_penalty(network, weight)

    @pytest.mark.parametrize("n_rows", [0, 6, -1])
    def test_rows(self, n_rows):
        network = critic()
        network.forward(points())
        with pytest.raises(ValueError, match=f"between 1 and 5; got {n_rows}"):
            add_zero_centred_penalty(network, 1.0, n_rows=n_rows)


def test_input_gradient_of_a_network_leaves_its_gradients_alone():
    network, x = critic(), points()
    dy = np.random.default_rng(4).normal(size=(1, 9))
    network.forward(x)
    dx = network.backward(dy)
    gradients = network.gradients.copy()
    network.forward(2 * x)
    other = network.input_gradient(dy)
    np.testing.assert_array_equal(network.gradients, gradients)
    network.forward(x)
    np.testing.assert_array_equal(network.input_gradient(dy), dx)
    assert (other != dx).any()


class TestMinibatchDiscrimination:
    def network(self, n_groups=1) -> Network:
        layers = [Dense(5, 3), MinibatchDiscrimination(3, 4, 2), Dense(7, 2)]
        network = Network(layers, random_state=0)
        network.layers[1].n_groups = n_groups
        return network

    def test_formula(self):
        network = self.network()
        layer, x = network.layers[1], np.random.default_rng(5).normal(size=(3, 6))
        y = layer.forward(x)
        np.testing.assert_array_equal(y[:3], x)
        M = (layer.T @ x).reshape(4, 2, 6)
        for b in range(4):
            for i in range(6):
                terms = [np.exp(-np.abs(M[b, :, i] - M[b, :, j]).sum()) for j in range(6)]
                assert y[3 + b, i] == pytest.approx(np.mean(terms), rel=1e-12)

    @pytest.mark.parametrize("n_groups", [1, 2])
    def test_gradients(self, n_groups, assert_gradient):
        network, x = self.network(n_groups), points(6)
        dy = np.random.default_rng(6).normal(size=(2, 6))

        def loss():
            return float(np.vdot(dy, network.forward(x)))

        loss()
        dx = network.backward(dy)
        gradients = network.gradients.copy()
        np.testing.assert_array_equal(network.input_gradient(dy), dx)
        assert_gradient(gradients, loss, network.parameters)
        assert_gradient(dx, loss, x)

    def test_parameter_gradients_alone(self):
        layer = self.network().layers[1]
        layer.forward(np.random.default_rng(5).normal(size=(3, 6)))
        dy = np.random.default_rng(6).normal(size=(7, 6))
        layer.backward(dy)
        dT = layer.dT.copy()
        layer.dT[...] = 0
        layer.parameter_gradients(dy)
        np.testing.assert_array_equal(layer.dT, dT)

    def test_groups_do_not_see_each_other(self):
        left, right = points(6), points(6, seed=7)
        both = self.network(2).forward(np.concatenate([left, right], axis=1))
        apart = [self.network().forward(x) for x in (left, right)]
        np.testing.assert_allclose(both, np.concatenate(apart, axis=1), rtol=1e-12)

    def test_samples_that_are_alike_are_seen(self):
        layer = self.network().layers[1]
        alike, spread = np.ones((3, 6)), 10 * np.random.default_rng(8).normal(size=(3, 6))
        assert layer.forward(alike)[3:] == pytest.approx(1)
        assert layer.forward(spread)[3:].mean() < 0.5

    def test_refusals(self):
        with pytest.raises(ValueError, match="n_kernels must be .* at least 1; got 0"):
            MinibatchDiscrimination(3, 0, 2)
        with pytest.raises(ValueError, match="5 columns are not 2 batches of equal size"):
            self.network(2).forward(points(5))
        with pytest.raises(ValueError, match=r"Dense\(3, 1\) takes 3 features, but Minibatch.* 7"):
            Network([Dense(5, 3), MinibatchDiscrimination(3, 4, 2), Dense(3, 1)])

    def test_copies(self):
        network = self.network()
        x = points()
        np.testing.assert_array_equal(copy.deepcopy(network).forward(x), network.forward(x))
        assert repr(network.layers[1]) == "MinibatchDiscrimination(3, 4, 2)"
