"""Every layer: its formula, its gradients, its precision, its shapes."""

from __future__ import annotations

import copy

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpers.nn import (
    ACTIVATIONS,
    BatchNormalisation,
    Dense,
    Flatten,
    Layer,
    LeakyReLU,
    Network,
    PassBy,
    ReLU,
    Reshape,
    ReshapeWithPlanes,
    Sigmoid,
    SiLU,
    Softplus,
    Tanh,
)

FORMULAS = {
    "identity": lambda x: x,
    "tanh": lambda x: (np.exp(x) - np.exp(-x)) / (np.exp(x) + np.exp(-x)),
    "sigmoid": lambda x: 1 / (1 + np.exp(-x)),
    "relu": lambda x: np.where(x > 0, x, 0),
    "leaky_relu": lambda x: np.where(x > 0, x, 0.2 * x),
    "softplus": lambda x: np.log(1 + np.exp(x)),
    "silu": lambda x: x / (1 + np.exp(-x)),
}


def bound(layer: Layer, seed: int = 0, dtype: str = "float64") -> Layer:
    """Give a layer vectors of its own, and parameters that are all different from zero."""
    layer.bind(np.zeros(layer.n_parameters, dtype), np.zeros(layer.n_parameters, dtype))
    rng = np.random.default_rng(seed)
    layer.initialise(rng)
    if isinstance(layer, Dense):
        layer.b[...] = rng.uniform(0.5, 1, size=layer.b.shape)
    return layer


def away_from_zero(shape: tuple[int, ...], seed: int) -> np.ndarray:
    """Random numbers of both signs, none within reach of a kink at 0."""
    rng = np.random.default_rng(seed)
    return rng.uniform(0.05, 3, size=shape) * rng.choice([-1, 1], size=shape)


@pytest.mark.parametrize("name", ACTIVATIONS)
class TestActivations:
    def test_formula(self, name):
        x = away_from_zero((3, 5), seed=1)
        np.testing.assert_allclose(ACTIVATIONS[name]().forward(x), FORMULAS[name](x), rtol=1e-12)

    @pytest.mark.parametrize("seed", range(3))
    def test_gradient(self, name, seed, assert_gradient):
        layer, x = ACTIVATIONS[name](), away_from_zero((3, 5), seed)
        dy = np.random.default_rng(seed + 10).normal(size=x.shape)
        layer.forward(x)
        assert_gradient(layer.backward(dy), lambda: np.vdot(dy, layer.forward(x)), x)

    @pytest.mark.parametrize("dtype", ["float32", "float64"])
    def test_precision_is_kept(self, name, dtype):
        layer, x = ACTIVATIONS[name](), away_from_zero((2, 3), seed=0).astype(dtype)
        assert layer.forward(x).dtype == dtype
        assert layer.backward(x).dtype == dtype

    def test_arguments_are_left_alone(self, name):
        layer, x = ACTIVATIONS[name](), away_from_zero((2, 3), seed=0)
        x_before, dy = x.copy(), np.full_like(x, 2.0)
        layer.forward(x)
        layer.backward(dy)
        np.testing.assert_array_equal(x, x_before)
        np.testing.assert_array_equal(dy, 2)

    def test_any_shape(self, name):
        x = away_from_zero((2, 3, 4, 5), seed=0)
        layer = ACTIVATIONS[name]()
        assert layer.forward(x).shape == layer.backward(x).shape == x.shape

    def test_tangent(self, name):
        """J t, by central differences along t."""
        layer, x = ACTIVATIONS[name](), away_from_zero((2, 3, 2, 4), seed=3)
        t = np.random.default_rng(4).normal(size=x.shape)
        layer.forward(x)
        tangent = layer.tangent(t)
        step = 1e-6
        expected = (layer.forward(x + step * t) - layer.forward(x - step * t)) / (2 * step)
        np.testing.assert_allclose(tangent, expected, atol=1e-8)

    def test_no_parameters(self, name):
        assert ACTIVATIONS[name]().n_parameters == 0


@pytest.mark.parametrize("layer", [Tanh(), Sigmoid(), Softplus(), SiLU()])
def test_large_inputs_stay_finite(layer):
    with np.errstate(all="raise", under="ignore"):
        x = np.array([[-1e4, -800.0, 0.0, 800.0, 1e4]])
        y, dx = layer.forward(x), layer.backward(np.ones_like(x))
    assert np.isfinite(y).all()
    assert np.isfinite(dx).all()


def test_softplus_is_exact_in_its_tails():
    y = Softplus().forward(np.array([[-50.0, 50.0]]))
    np.testing.assert_allclose(y, [[np.exp(-50), 50 + np.exp(-50)]], rtol=1e-14)


@pytest.mark.parametrize(("layer", "at_zero"), [(ReLU(), 0), (LeakyReLU(0.3), 0.3)])
def test_derivative_at_the_kink(layer, at_zero):
    layer.forward(np.zeros((1, 1)))
    assert layer.derivative().item() == at_zero


@pytest.mark.parametrize("slope", [0.01, 0.5])
def test_leaky_slope(slope, assert_gradient):
    layer, x = LeakyReLU(slope), away_from_zero((4, 3), seed=2)
    np.testing.assert_allclose(layer.forward(x), np.where(x > 0, x, slope * x))
    assert_gradient(layer.backward(np.ones_like(x)), lambda: layer.forward(x).sum(), x)


@pytest.mark.parametrize("slope", [-0.1, 1.0, 2, float("nan")])
def test_leaky_slope_out_of_range(slope):
    with pytest.raises(ValueError, match="slope must be .* at least 0 and less than 1; got"):
        LeakyReLU(slope)


class TestDense:
    @given(
        n_in=st.integers(1, 6), n_out=st.integers(1, 6), n=st.integers(1, 7), seed=st.integers(0)
    )
    def test_formula(self, n_in, n_out, n, seed):
        layer = bound(Dense(n_in, n_out), seed)
        x = np.random.default_rng(seed).normal(size=(n_in, n))
        y = layer.forward(x)
        assert y.shape == (n_out, n)
        for j in range(n):
            for i in range(n_out):
                expected = sum(layer.W[i, k] * x[k, j] for k in range(n_in)) + layer.b[i, 0]
                assert y[i, j] == pytest.approx(expected)

    @pytest.mark.parametrize(("n_in", "n_out", "n"), [(5, 3, 4), (2, 7, 3), (1, 4, 6), (4, 1, 1)])
    def test_gradients(self, n_in, n_out, n, assert_gradient):
        layer = bound(Dense(n_in, n_out), seed=n_in)
        rng = np.random.default_rng(n)
        x, dy = rng.normal(size=(n_in, n)), rng.normal(size=(n_out, n))

        def loss():
            return np.vdot(dy, layer.forward(x))

        loss()
        dx = layer.backward(dy)
        dW, db = layer.dW.copy(), layer.db.copy()
        assert_gradient(dx, loss, x)
        assert_gradient(dW, loss, layer.W)
        assert_gradient(db, loss, layer.b)

    def test_tangent_and_weighted_gradients(self):
        layer, rng = bound(Dense(3, 2)), np.random.default_rng(0)
        x, t, dy = rng.normal(size=(3, 4)), rng.normal(size=(3, 4)), rng.normal(size=(2, 4))
        np.testing.assert_allclose(layer.tangent(t), layer.forward(x + t) - layer.forward(x))
        np.testing.assert_allclose(layer.weight_gradient(dy, t), dy @ t.T)
        layer.bias_gradient(dy, np.array([[1.0], [0.0], [2.0], [-1.0]]))
        np.testing.assert_allclose(layer.db[:, 0], dy[:, 0] + 2 * dy[:, 2] - dy[:, 3])

    def test_gradients_replace_earlier_ones(self):
        layer, x, dy = bound(Dense(3, 2)), np.ones((3, 4)), np.ones((2, 4))
        layer.forward(x)
        layer.backward(dy)
        layer.backward(dy)
        np.testing.assert_array_equal(layer.dW, np.full((2, 3), 4.0))
        np.testing.assert_array_equal(layer.db, np.full((2, 1), 4.0))

    def test_parameters_are_views(self):
        layer = Dense(3, 2)
        parameters, gradients = np.arange(8.0), np.zeros(8)
        layer.bind(parameters, gradients)
        np.testing.assert_array_equal(layer.W, [[0, 1, 2], [3, 4, 5]])
        np.testing.assert_array_equal(layer.b, [[6], [7]])
        layer.W[1, 2] = -1
        layer.db[0] = 5
        assert parameters[5] == -1
        assert gradients[6] == 5

    @pytest.mark.parametrize(("initialisation", "fan"), [("glorot", 300 + 200), ("he", 300)])
    def test_initialisation(self, initialisation, fan):
        layer = Dense(300, 200, initialisation=initialisation)
        layer.bind(np.ones(layer.n_parameters), np.ones(layer.n_parameters))
        layer.initialise(np.random.default_rng(0))
        limit = np.sqrt(6 / fan)
        assert np.abs(layer.W).max() == pytest.approx(limit, rel=1e-3)
        assert layer.W.std() == pytest.approx(limit / np.sqrt(3), rel=1e-2)
        assert layer.W.mean() == pytest.approx(0, abs=0.01 * limit)
        assert not layer.b.any()

    @pytest.mark.parametrize("dtype", ["float32", "float64"])
    def test_precision_is_kept(self, dtype):
        layer, x = bound(Dense(3, 2), dtype=dtype), np.ones((3, 4), dtype)
        y = layer.forward(x)
        assert y.dtype == layer.backward(y).dtype == layer.dW.dtype == dtype

    @pytest.mark.parametrize("shape", [(4, 3), (3,), (2, 3), (3, 4, 1)])
    def test_wrong_input_shape(self, shape):
        with pytest.raises(ValueError, match=r"Dense\(3, 2\) takes .* \(3, batch\).* got shape"):
            bound(Dense(3, 2)).forward(np.ones(shape))

    @pytest.mark.parametrize("sizes", [(0, 2), (3, 0), (-1, 2)])
    def test_wrong_sizes(self, sizes):
        with pytest.raises(ValueError, match="at least 1; got"):
            Dense(*sizes)

    def test_unknown_initialisation(self):
        with pytest.raises(ValueError, match="must be one of 'glorot', 'he'; got 'lecun'"):
            Dense(3, 2, initialisation="lecun")

    def test_copies_leave_arrays_behind(self):
        layer = bound(Dense(3, 2))
        layer.forward(np.ones((3, 4)))
        assert vars(copy.deepcopy(layer)) == {
            "n_in": 3,
            "n_out": 2,
            "initialisation": "glorot",
            "shapes": {"W": (2, 3), "b": (2, 1)},
        }


class TestReshapeAndFlatten:
    def test_there_and_back(self):
        x = np.random.default_rng(0).normal(size=(2 * 3 * 4, 5))
        reshape, flatten = Reshape((2, 3, 4)), Flatten()
        y = reshape.forward(x)
        assert y.shape == (2, 3, 4, 5)
        for n in range(5):  # each column is an image, flattened as ravel flattens it
            np.testing.assert_array_equal(y[..., n].ravel(), x[:, n])
        np.testing.assert_array_equal(flatten.forward(y), x)
        np.testing.assert_array_equal(flatten.input_gradient(x), y)
        np.testing.assert_array_equal(reshape.input_gradient(y), x)
        np.testing.assert_array_equal(flatten.tangent(reshape.tangent(x)), x)
        assert np.shares_memory(y, x)

    def test_no_parameters(self):
        assert Reshape((2, 3)).n_parameters == Flatten().n_parameters == 0

    @pytest.mark.parametrize("shape", [(23, 5), (24,), (2, 3, 4, 5)])
    def test_wrong_input(self, shape):
        with pytest.raises(ValueError, match=r"Reshape\(\(2, 3, 4\)\) takes .* \(24, batch\); got"):
            Reshape((2, 3, 4)).forward(np.ones(shape))

    @pytest.mark.parametrize("shape", [(), (2, 0, 4)])
    def test_wrong_sizes(self, shape):
        with pytest.raises(ValueError, match="shape .*; got"):
            Reshape(shape)


class TestReshapeWithPlanes:
    def test_formula(self):
        layer = ReshapeWithPlanes((2, 3, 4), 2)
        x = np.random.default_rng(0).normal(size=(26, 5))
        y = layer.forward(x)
        assert y.shape == (2, 3, 6, 5)
        np.testing.assert_array_equal(y[:, :, :4], x[:24].reshape(2, 3, 4, 5))
        assert (y[:, :, 4:] == x[24:]).all()
        assert (layer.n_in, layer.n_out) == (26, 6)

    def test_gradient_is_the_transpose(self):
        layer, rng = ReshapeWithPlanes((2, 3, 1), 3), np.random.default_rng(1)
        x, t, dy = rng.normal(size=(9, 4)), rng.normal(size=(9, 4)), rng.normal(size=(2, 3, 4, 4))
        layer.forward(x)
        there, back = np.vdot(dy, layer.tangent(t)), np.vdot(layer.input_gradient(dy), t)
        assert there == pytest.approx(back, rel=1e-12)
        assert layer.input_gradient(dy).shape == (9, 4)

    @pytest.mark.parametrize("shape", [(24, 5), (28, 5), (26,)])
    def test_wrong_input(self, shape):
        with pytest.raises(ValueError, match=r"takes activations of shape \(26, batch\)"):
            ReshapeWithPlanes((2, 3, 4), 2).forward(np.ones(shape))

    @pytest.mark.parametrize(("shape", "n_planes"), [((2, 3), 1), ((2, 3, 1), 0)])
    def test_wrong_sizes(self, shape, n_planes):
        with pytest.raises(ValueError, match="images with planes need a shape"):
            ReshapeWithPlanes(shape, n_planes)


class TestPassBy:
    def test_formula(self):
        layer = bound(PassBy(2, Dense(3, 4)))
        x = np.random.default_rng(0).normal(size=(5, 6))
        expected = np.concatenate([x[:2], layer.W @ x[2:] + layer.b])
        np.testing.assert_allclose(layer.forward(x), expected, rtol=1e-12)
        assert (layer.n_in, layer.n_out) == (5, 6)
        x = away_from_zero((5, 6), seed=1)
        expected = np.concatenate([x[:2], np.maximum(x[2:], 0)])
        np.testing.assert_array_equal(PassBy(2, ReLU()).forward(x), expected)

    def test_gradients_in_a_network(self, assert_gradient):
        layers = [PassBy(2, Dense(3, 4)), PassBy(2, Tanh()), Dense(6, 2)]
        network = Network(layers, random_state=0)
        x = np.random.default_rng(1).normal(size=(5, 7))
        weights = np.random.default_rng(2).normal(size=(2, 7))

        def loss():
            return float(np.vdot(weights, network.forward(x)))

        loss()
        dx = network.backward(weights)
        gradients = network.gradients.copy()
        assert_gradient(dx, loss, x)
        assert_gradient(gradients, loss, network.parameters)
        np.testing.assert_array_equal(network.input_gradient(weights), dx)

    def test_tangent(self):
        layer = bound(PassBy(1, Dense(3, 4)))
        t = np.random.default_rng(3).normal(size=(4, 2))
        layer.forward(np.ones((4, 2)))
        np.testing.assert_allclose(layer.tangent(t), np.concatenate([t[:1], layer.W @ t[1:]]))

    def test_weights_are_penalised_like_others(self):
        network = Network([PassBy(2, Dense(3, 4))], random_state=0)
        W = network.layers[0].layer.W
        assert network.add_l2_penalty(0.5) == pytest.approx(0.5 * (W**2).sum())
        np.testing.assert_allclose(network.layers[0].layer.dW, W)

    def test_copies_are_bound(self):
        network = Network([PassBy(1, Dense(2, 3)), PassBy(1, ReLU())], random_state=0)
        copy = network.astype(np.float32)
        copy.parameters[...] = 0
        assert (copy.layers[0].layer.W == 0).all()
        assert (network.layers[0].layer.W != 0).all()

    def test_refusals(self):
        with pytest.raises(ValueError, match="n_rows must be at least 1; got 0"):
            PassBy(0, Dense(2, 3))
        with pytest.raises(TypeError, match=r"dense layer or an activation; got Flatten\(\)"):
            PassBy(2, Flatten())
        with pytest.raises(ValueError, match=r"PassBy.* takes 5 features, but .* gives 4"):
            Network([Dense(3, 4), PassBy(2, Dense(3, 4))])


class TestBatchNormalisation:
    SHAPES = pytest.mark.parametrize("shape", [(3, 7), (4, 5, 3, 2)])

    def layer(self, seed=0, dtype="float64") -> BatchNormalisation:
        layer = bound(BatchNormalisation(3), dtype=dtype)
        rng = np.random.default_rng(seed)
        layer.scale[...], layer.shift[...] = rng.uniform(0.5, 2, (3, 1)), rng.normal(size=(3, 1))
        return layer

    def x(self, shape, seed=1) -> np.ndarray:
        return 3 + 2 * np.random.default_rng(seed).normal(size=shape)

    @SHAPES
    def test_formula_in_training(self, shape):
        layer, x = self.layer(), self.x(shape)
        y = layer.forward(x)
        for c in range(3):
            numbers = x[..., c, :]
            x_hat = (numbers - numbers.mean()) / np.sqrt(numbers.var() + 1e-5)
            np.testing.assert_allclose(y[..., c, :], layer.scale[c] * x_hat + layer.shift[c])

    @SHAPES
    def test_gradients_in_training(self, shape, assert_gradient):
        layer, x = self.layer(), self.x(shape)
        dy = np.random.default_rng(2).normal(size=shape)

        def loss():
            return float(np.vdot(dy, layer.forward(x)))

        loss()
        dx = layer.backward(dy)
        dscale, dshift = layer.dscale.copy(), layer.dshift.copy()
        assert_gradient(dx, loss, x)
        assert_gradient(dscale, loss, layer.scale)
        assert_gradient(dshift, loss, layer.shift)

    @SHAPES
    def test_in_use(self, shape, assert_gradient):
        """A fixed linear map: what one sample becomes does not depend on the others."""
        layer, x = self.layer(), self.x(shape)
        layer.running_mean[...] = [[1], [2], [3]]
        layer.running_variance[...] = [[0.5], [1], [2]]
        layer.training = False
        y = layer.forward(x)
        mean, variance = layer.running_mean, layer.running_variance
        expected = layer.scale * (x - mean) / np.sqrt(variance + 1e-5) + layer.shift
        np.testing.assert_allclose(y, expected)
        np.testing.assert_allclose(layer.forward(x[..., :1]), y[..., :1])
        np.testing.assert_array_equal(mean, [[1], [2], [3]])
        dy = np.random.default_rng(2).normal(size=shape)

        def loss():
            return float(np.vdot(dy, layer.forward(x)))

        loss()
        dx = layer.backward(dy)
        dscale = layer.dscale.copy()
        assert_gradient(dx, loss, x)
        assert_gradient(dscale, loss, layer.scale)

    @SHAPES
    def test_running_averages(self, shape):
        layer, mean, variance = self.layer(), np.zeros(3), np.ones(3)
        for seed in range(4):
            x = self.x(shape, seed)
            layer.forward(x)
            numbers = np.moveaxis(x, -2, 0).reshape(3, -1)
            mean = 0.9 * mean + 0.1 * numbers.mean(axis=1)
            variance = 0.9 * variance + 0.1 * numbers.var(axis=1, ddof=1)
        np.testing.assert_allclose(layer.running_mean[:, 0], mean)
        np.testing.assert_allclose(layer.running_variance[:, 0], variance)

    def test_running_averages_go_along_with_a_copy(self):
        network = Network([Dense(4, 3), BatchNormalisation(3), Dense(3, 2)], random_state=0)
        x = np.random.default_rng(0).normal(size=(4, 8))
        for _ in range(3):
            network.forward(x)
        network.set_training(False)
        y = network.forward(x)
        for twin in (copy.deepcopy(network), network.astype("float32"), network[:]):
            np.testing.assert_allclose(twin.forward(x), y, rtol=1e-4, atol=1e-6)
        network.set_training(True)
        assert np.abs(network.forward(x) - y).max() > 0.1

    def test_optimizers_leave_running_averages_alone(self):
        layer = self.layer()
        layer.forward(self.x((3, 7)))
        for gradient in (layer.drunning_mean, layer.drunning_variance):
            gradient[...] = 5
        layer.backward(np.ones((3, 7)))
        assert not layer.drunning_mean.any()
        assert not layer.drunning_variance.any()

    def test_gradients_speak_of_the_last_forward_pass(self):
        layer, x, dy = self.layer(), self.x((3, 7)), np.arange(21.0).reshape(3, 7)
        layer.forward(x)
        expected = layer.input_gradient(dy)
        layer.training = False
        np.testing.assert_array_equal(layer.input_gradient(dy), expected)

    @pytest.mark.parametrize("dtype", ["float32", "float64"])
    def test_precision_is_kept(self, dtype):
        layer, x = self.layer(dtype=dtype), self.x((2, 3, 3, 4)).astype(dtype)
        assert layer.forward(x).dtype == layer.backward(x).dtype == dtype
        layer.training = False
        assert layer.forward(x).dtype == layer.backward(x).dtype == dtype

    def test_arguments_are_left_alone(self):
        layer, x, dy = self.layer(), self.x((3, 7)), np.ones((3, 7))
        before = x.copy()
        layer.forward(x)
        layer.backward(dy)
        np.testing.assert_array_equal(x, before)
        assert (dy == 1).all()

    def test_one_number_has_no_variance(self):
        layer = self.layer()
        with pytest.raises(ValueError, match="two numbers or more of each feature in training"):
            layer.forward(np.ones((3, 1)))
        assert layer.forward(np.ones((2, 1, 3, 1))).shape == (2, 1, 3, 1)
        layer.training = False
        assert layer.forward(np.ones((3, 1))).shape == (3, 1)

    @pytest.mark.parametrize("shape", [(4, 7), (3,), (3, 2, 7)])
    def test_wrong_input(self, shape):
        with pytest.raises(ValueError, match=r"BatchNormalisation\(3\) takes .* \(3, batch\) or "):
            self.layer().forward(np.ones(shape))

    @pytest.mark.parametrize(
        ("settings", "message"),
        [
            ({"n_features": 0}, "n_features must be .* at least 1; got 0"),
            ({"momentum": 0}, "momentum must be .* greater than 0 and at most 1; got 0"),
            ({"epsilon": -1}, "epsilon must be .* greater than 0; got -1"),
        ],
    )
    def test_refusals(self, settings, message):
        with pytest.raises(ValueError, match=message):
            BatchNormalisation(**{"n_features": 3, **settings})


def test_names():
    assert repr(Dense(3, 2)) == "Dense(3, 2)"
    assert repr(Reshape((2, 3, 4))) == "Reshape((2, 3, 4))"
    assert repr(Flatten()) == "Flatten()"
    assert repr(BatchNormalisation(3)) == "BatchNormalisation(3)"
    assert repr(LeakyReLU()) == "LeakyReLU(0.2)"
    assert repr(Tanh()) == "Tanh()"


def test_a_layer_must_know_its_formula():
    with pytest.raises(NotImplementedError):
        Layer().forward(np.ones((1, 1)))
    with pytest.raises(NotImplementedError):
        Layer().backward(np.ones((1, 1)))
    with pytest.raises(NotImplementedError):
        Layer().tangent(np.ones((1, 1)))
