"""Every layer: its formula, its gradients, its precision, its shapes."""

from __future__ import annotations

import copy

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpers.nn import ACTIVATIONS, Dense, Layer, LeakyReLU, ReLU, Sigmoid, Softplus, Tanh

FORMULAS = {
    "identity": lambda x: x,
    "tanh": lambda x: (np.exp(x) - np.exp(-x)) / (np.exp(x) + np.exp(-x)),
    "sigmoid": lambda x: 1 / (1 + np.exp(-x)),
    "relu": lambda x: np.where(x > 0, x, 0),
    "leaky_relu": lambda x: np.where(x > 0, x, 0.2 * x),
    "softplus": lambda x: np.log(1 + np.exp(x)),
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

    def test_no_parameters(self, name):
        assert ACTIVATIONS[name]().n_parameters == 0


@pytest.mark.parametrize("layer", [Tanh(), Sigmoid(), Softplus()])
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
    with pytest.raises(ValueError, match=r"slope must lie in \[0, 1\); got"):
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
        with pytest.raises(ValueError, match="must be 'glorot' or 'he'; got 'lecun'"):
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


def test_names():
    assert repr(Dense(3, 2)) == "Dense(3, 2)"
    assert repr(LeakyReLU()) == "LeakyReLU(0.2)"
    assert repr(Tanh()) == "Tanh()"


def test_a_layer_must_know_its_formula():
    with pytest.raises(NotImplementedError):
        Layer().forward(np.ones((1, 1)))
    with pytest.raises(NotImplementedError):
        Layer().backward(np.ones((1, 1)))
