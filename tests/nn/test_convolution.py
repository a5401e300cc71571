"""Convolutions: against SciPy, against the lesson's own functions, gradients, layers."""

from __future__ import annotations

import copy
import itertools

import numpy as np
import pytest
from scipy.signal import convolve2d, correlate2d

from helpers import transposed
from helpers.nn import (
    BatchNormalisation,
    Conv2D,
    ConvTranspose2D,
    Dense,
    Flatten,
    LeakyReLU,
    Network,
    Reshape,
    conv2d,
    conv_transpose2d,
    squared_error,
)
from helpers.nn.convolution import kernel_gradient, take_patches


def combinations(n: int, *, transpose: bool) -> list[dict]:
    """Random sizes and settings under which at least one pixel comes out, down unlike across."""
    rng = np.random.default_rng(12 + transpose)
    found: list[dict] = []
    while len(found) < n:
        size, kernel = rng.integers(1, 10, 2), rng.integers(1, 6, 2)
        s, p = rng.integers(1, 5, 2), rng.integers(0, 4, 2)
        o = rng.integers(0, s) if transpose else np.zeros(2, int)
        out = s * (size - 1) + kernel - 2 * p + o if transpose else (size + 2 * p - kernel) // s + 1
        if size[0] != size[1] and out.min() >= 1:
            settings = {"stride": tuple(s.tolist()), "padding": tuple(p.tolist())}
            if transpose:
                settings["output_padding"] = tuple(o.tolist())
            channels = rng.permutation(np.arange(1, 5))[:2]
            found.append({"size": size, "kernel": kernel, "channels": channels, **settings})
    return found


def arrays(case: dict, seed: int, *, transpose: bool) -> tuple[np.ndarray, np.ndarray, dict]:
    rng, case = np.random.default_rng(seed), dict(case)
    (h, w), (kh, kw), (c, o) = (case.pop(name) for name in ("size", "kernel", "channels"))
    x = rng.normal(size=(h, w, c, 1 + seed % 3))
    return x, rng.normal(size=(kw, kh, o, c) if transpose else (kw, kh, c, o)), case


def by_scipy(x, kernel, stride, padding):
    """Each sample, channel out and channel in by itself, with SciPy's cross-correlation."""
    (s, t), (p, q) = stride, padding
    padded = np.pad(x, [(p, p), (q, q), (0, 0), (0, 0)])
    outputs = [
        [
            sum(
                correlate2d(padded[:, :, c, n], kernel[:, :, c, o].T, mode="valid")[::s, ::t]
                for c in range(x.shape[2])
            )
            for o in range(kernel.shape[3])
        ]
        for n in range(x.shape[3])
    ]
    return np.array(outputs).transpose(2, 3, 1, 0)


def transposed_by_scipy(x, kernel, stride, padding, output_padding):
    """Zeros between the pixels, then SciPy's full convolution; cut and filled up to size."""
    (s, t), (h, w) = stride, x.shape[:2]
    size = [
        a * (n - 1) + k - 2 * p + o
        for a, n, k, p, o in zip(stride, (h, w), kernel.shape[1::-1], padding, output_padding)
    ]
    y = np.zeros((*size, kernel.shape[2], x.shape[3]))
    for n, o, c in itertools.product(range(x.shape[3]), *map(range, kernel.shape[2:])):
        spread = np.zeros((s * (h - 1) + 1, t * (w - 1) + 1))
        spread[::s, ::t] = x[:, :, c, n]
        full = np.pad(convolve2d(spread, kernel[:, :, o, c].T), [(0, s), (0, t)])
        y[:, :, o, n] += full[padding[0] :, padding[1] :][: size[0], : size[1]]
    return y


@pytest.mark.parametrize("first", range(0, 200, 20))
def test_convolution_equals_scipy(first):
    for seed, case in enumerate(combinations(200, transpose=False)[first : first + 20]):
        x, kernel, settings = arrays(case, seed, transpose=False)
        y, expected = conv2d(x, kernel, **settings), by_scipy(x, kernel, **settings)
        assert y.shape == expected.shape
        np.testing.assert_allclose(y, expected, atol=1e-12)


@pytest.mark.parametrize("first", range(0, 200, 20))
def test_transposed_convolution_equals_scipy(first):
    for seed, case in enumerate(combinations(200, transpose=True)[first : first + 20]):
        x, kernel, settings = arrays(case, seed, transpose=True)
        y = conv_transpose2d(x, kernel, **settings)
        expected = transposed_by_scipy(x, kernel, **settings)
        assert y.shape == expected.shape
        np.testing.assert_allclose(y, expected, atol=1e-12)


@pytest.mark.parametrize("case", combinations(12, transpose=True), ids=str)
def test_one_channel_is_the_operation_of_the_lessons(case):
    x, kernel, settings = arrays(case | {"channels": (1, 1)}, 0, transpose=True)
    for name in settings:  # the lesson's functions know one number for both directions
        settings[name] = min(settings[name])
    settings["padding"] = 0
    ours = conv_transpose2d(x, kernel, **settings)[:, :, 0, 0]
    theirs = transposed.transposed_convolution(x[:, :, 0, 0], kernel[:, :, 0, 0].T, **settings)
    np.testing.assert_allclose(ours, theirs, atol=1e-12)
    del settings["output_padding"]
    image = np.random.default_rng(1).normal(size=(7, 9, 1, 1))
    matrix = transposed.convolution_matrix(kernel[:, :, 0, 0].T, (7, 9), **settings)
    expected = matrix @ image.ravel()
    np.testing.assert_allclose(conv2d(image, kernel, **settings).ravel(), expected, atol=1e-12)


@pytest.mark.parametrize("case", combinations(60, transpose=False), ids=str)
def test_gradients_are_the_transposes(case):
    """⟨conv2d(x, K), dy⟩ is linear in x and in K: each gradient gives that number back."""
    x, kernel, settings = arrays(case, 3, transpose=False)
    y = conv2d(x, kernel, **settings)
    dy = np.random.default_rng(4).normal(size=y.shape)
    left_over = tuple(
        (n + 2 * p - k) % s
        for n, k, s, p in zip(x.shape, kernel.shape[1::-1], settings["stride"], settings["padding"])
    )
    dx = conv_transpose2d(dy, kernel, output_padding=left_over, **settings)
    dK = kernel_gradient(take_patches(x, kernel.shape[1::-1], **settings), dy)
    assert dx.shape == x.shape
    number = np.vdot(y, dy)
    assert np.vdot(x, dx) == pytest.approx(number, rel=1e-10, abs=1e-10)
    assert np.vdot(kernel, dK.reshape(kernel.shape)) == pytest.approx(number, rel=1e-10, abs=1e-10)


@pytest.mark.parametrize("stride", [(1, 1), (2, 1), (1, 3)])
def test_a_kernel_far_larger_than_the_image(stride):
    """Some rows and columns of the kernel meet the image nowhere."""
    case = {"size": (1, 2), "kernel": (6, 7), "channels": (2, 3)}
    settings = {"stride": stride, "padding": (3, 4)}
    x, kernel, settings = arrays(case | settings, 1, transpose=False)
    expected = by_scipy(x, kernel, **settings)
    np.testing.assert_allclose(conv2d(x, kernel, **settings), expected, atol=1e-12)


def test_the_kernel_is_slid_and_not_turned():
    x = np.zeros((3, 4, 1, 1))
    x[1, 2] = 1
    kernel = np.arange(1.0, 7).reshape(2, 3, 1, 1)  # kernel[b, a]: three high, two wide
    np.testing.assert_array_equal(conv2d(x, kernel)[:, :, 0, 0], [[0, 5, 2]])
    stamp = conv_transpose2d(np.ones((1, 1, 1, 1)), kernel)[:, :, 0, 0]
    np.testing.assert_array_equal(stamp, [[1, 4], [2, 5], [3, 6]])


class TestPatches:
    def test_what_they_hold(self):
        x = np.random.default_rng(0).normal(size=(6, 5, 3, 2))
        patches = take_patches(x, (3, 2), stride=(2, 1))
        assert patches.shape == (2, 4, 2 * 3 * 3, 2)
        expected = x[2:5, 3:5].transpose(1, 0, 2, 3).reshape(-1, 2)
        np.testing.assert_array_equal(patches[1, 3], expected)

    def test_neighbours_share_memory(self):
        patches = take_patches(np.ones((6, 40, 3, 2)), (3, 4))
        assert np.shares_memory(patches[0, 0], patches[0, 1])
        low, high = np.lib.array_utils.byte_bounds(patches)
        assert high - low == 8 * 4 * 40 * 3 * 3 * 2  # expanded over the height alone
        assert patches.nbytes > 3 * (high - low)

    def test_read_only(self):
        with pytest.raises(ValueError, match="read-only"):
            take_patches(np.ones((3, 3, 1, 1)), 2)[...] = 0

    def test_x_is_copied(self):
        x = np.ones((3, 3, 1, 1))
        patches = take_patches(x, 1)
        x[...] = 0
        assert (patches == 1).all()

    def test_zeros_all_around(self):
        patches = take_patches(np.ones((2, 1, 1, 1)), (1, 2), padding=(1, 1), shape=(5, 4))
        expected = [[[0, 0]] * 4, [[0, 1], [1, 0], [0, 0], [0, 0]]] * 2
        expected = np.array([expected[0], expected[1], expected[1], expected[0], expected[0]])
        np.testing.assert_array_equal(patches[..., 0], expected)


LAYERS = {
    "k4 s2 p1": lambda: Conv2D(2, 3, 4, stride=2, padding=1),
    "k3 s1 p1": lambda: Conv2D(3, 2, 3, padding=1),
    "uneven": lambda: Conv2D(2, 3, (3, 2), stride=(2, 3), padding=(0, 1)),
    "left over": lambda: Conv2D(1, 2, (2, 1), stride=(4, 2)),
    "k4 s2 p1 transposed": lambda: ConvTranspose2D(2, 3, 4, stride=2, padding=1),
    "k3 s2 transposed": lambda: ConvTranspose2D(3, 2, 3, stride=2, padding=1, output_padding=1),
    "uneven transposed": lambda: ConvTranspose2D(
        2, 1, (2, 3), stride=(3, 2), padding=(0, 1), output_padding=(2, 0)
    ),
    "s1 transposed": lambda: ConvTranspose2D(2, 3, (2, 3)),
}
layers = pytest.mark.parametrize("make", LAYERS.values(), ids=LAYERS)


def in_network(layer, dtype="float64", seed=0) -> Network:
    network = Network([layer], random_state=seed, dtype=dtype)
    layer.b[...] = np.random.default_rng(seed).normal(size=layer.b.shape)
    return network


def images(layer, n: int = 3, seed: int = 1) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=(5, 4, layer.n_in, n))


@layers
class TestLayers:
    def test_gradients(self, make, assert_gradient):
        layer = make()
        network, x = in_network(layer), images(layer)
        dy = np.random.default_rng(2).normal(size=network.forward(x).shape)

        def loss():
            return float(np.vdot(dy, network.forward(x)))

        dx = network.backward(dy)
        gradients = network.gradients.copy()
        assert_gradient(gradients, loss, network.parameters)
        assert_gradient(dx, loss, x)

    def test_formula(self, make):
        layer = make()
        network, x = in_network(layer), images(layer)
        settings = {"stride": layer.stride, "padding": layer.padding}
        if isinstance(layer, ConvTranspose2D):
            linear = conv_transpose2d(x, layer.W, output_padding=layer.output_padding, **settings)
        else:
            linear = conv2d(x, layer.W, **settings)
        np.testing.assert_allclose(network.forward(x), linear + layer.b, rtol=1e-12)

    def test_tangent_and_weight_gradient_take_any_input(self, make):
        layer = make()
        network, x, t = in_network(layer), images(layer), images(layer, seed=5)
        y = network.forward(x)
        dy = np.random.default_rng(2).normal(size=y.shape)
        tangent = layer.tangent(t)
        np.testing.assert_allclose(tangent, network.forward(x + t) - y, atol=1e-12)
        network.forward(x)
        number = np.vdot(layer.W, layer.weight_gradient(dy, t))
        assert number == pytest.approx(np.vdot(dy, tangent))
        network.backward(dy)
        np.testing.assert_allclose(layer.weight_gradient(dy, x), layer.dW, rtol=1e-12)

    def test_backward_and_its_two_halves(self, make):
        layer = make()
        network, x = in_network(layer), images(layer)
        dy = np.random.default_rng(2).normal(size=network.forward(x).shape)
        dx = layer.backward(dy)
        gradients = network.gradients.copy()
        network.gradients[...] = np.nan
        layer.parameter_gradients(dy)
        np.testing.assert_allclose(network.gradients, gradients, rtol=1e-12)
        np.testing.assert_allclose(layer.input_gradient(dy), dx, rtol=1e-12)

    def test_weighted_bias_gradient(self, make):
        layer = make()
        network, x = in_network(layer), images(layer)
        dy = np.random.default_rng(2).normal(size=network.forward(x).shape)
        weights = np.array([[0.5], [2.0], [-1.0]])
        layer.bias_gradient(dy, weights)
        expected = (dy * weights[:, 0]).sum(axis=(0, 1, 3))
        np.testing.assert_allclose(layer.db[:, 0], expected)

    @pytest.mark.parametrize("dtype", ["float32", "float64"])
    def test_precision_is_kept(self, make, dtype):
        layer = make()
        network, x = in_network(layer, dtype), images(layer).astype(dtype)
        y = network.forward(x)
        assert y.dtype == network.backward(y).dtype == layer.tangent(x).dtype == dtype
        twin = in_network(make())
        np.testing.assert_allclose(y, twin.forward(x), rtol=1e-4, atol=1e-5)

    def test_nothing_that_is_kept_changes_later(self, make):
        layer = make()
        network, x, other = in_network(layer), images(layer), images(layer, seed=7)
        y = network.forward(x)
        dx = network.backward(y)
        x_before, y_before, dx_before = x.copy(), y.copy(), dx.copy()
        network.backward(network.forward(other))
        layer.tangent(other)
        for kept, before in ((x, x_before), (y, y_before), (dx, dx_before)):
            np.testing.assert_array_equal(kept, before)

    def test_any_order_in_memory(self, make):
        layer = make()
        network, x = in_network(layer), images(layer)
        y = network.forward(x)
        dx = network.backward(y)
        np.testing.assert_allclose(network.forward(np.asfortranarray(x)), y, rtol=1e-12)
        np.testing.assert_allclose(network.backward(np.asfortranarray(y)), dx, rtol=1e-12)

    def test_copies(self, make):
        network, x = in_network(make()), images(make())
        y = network.forward(x)
        for twin in (copy.deepcopy(network), network.astype("float64")):
            assert not hasattr(twin.layers[0], "x")
            assert not hasattr(twin.layers[0], "patches")
            np.testing.assert_array_equal(twin.forward(x), y)
            twin.parameters[...] = 0
            assert not twin.forward(x).any()
            np.testing.assert_array_equal(network.forward(x), y)

    @pytest.mark.parametrize("shape", [(5, 4), (5, 4, 7, 3), (5, 4, 2, 3, 1)])
    def test_wrong_input(self, make, shape):
        layer = make()
        with pytest.raises(ValueError, match=r"takes activations of shape \(height, width, \d, ba"):
            in_network(layer).forward(np.ones(shape))


@pytest.mark.parametrize(
    ("layer", "fan_in", "fan_out"),
    [
        (Conv2D(30, 20, (3, 5)), 30 * 15, 20 * 15),
        (Conv2D(30, 20, 4, stride=(2, 1)), 30 * 16, 20 * 8),
        (ConvTranspose2D(30, 20, 4, stride=2), 30 * 4, 20 * 16),
    ],
)
@pytest.mark.parametrize("initialisation", ["glorot", "he"])
def test_initialisation(layer, fan_in, fan_out, initialisation):
    layer = copy.deepcopy(layer)
    layer.initialisation = initialisation
    Network([layer], random_state=0)
    limit = np.sqrt(6 / (fan_in + (fan_out if initialisation == "glorot" else 0)))
    assert np.abs(layer.W).max() == pytest.approx(limit, rel=1e-2)
    assert layer.W.mean() == pytest.approx(0, abs=0.03 * limit)
    assert not layer.b.any()


def test_fans_keep_the_variance():
    """He's variance, halved by a ReLU, is kept also where a stride shares the kernel out."""
    layer = ConvTranspose2D(40, 30, 4, stride=2, padding=1, initialisation="he")
    Network([layer], random_state=0)
    x = np.maximum(np.random.default_rng(0).normal(size=(12, 12, 40, 8)), 0)
    inner = layer.forward(x)[2:-2, 2:-2]
    assert inner.var() == pytest.approx(1, rel=0.15)


def test_dense_and_convolutional_layers_in_a_row(assert_gradient):
    """Generator and discriminator in one, with every kind of layer of the image lessons."""
    network = Network(
        [
            *(Dense(4, 12), LeakyReLU(), Reshape((2, 3, 2))),
            *(ConvTranspose2D(2, 3, (4, 3), stride=(2, 1), padding=1), BatchNormalisation(3)),
            *(LeakyReLU(), Conv2D(3, 2, 3, stride=2, padding=1), LeakyReLU(), Flatten()),
            *(BatchNormalisation(8), Dense(8, 2)),
        ],
        random_state=0,
    )
    rng = np.random.default_rng(1)
    network.parameters[...] += 0.1 * rng.normal(size=network.parameters.size)
    x, target = rng.normal(size=(4, 6)), rng.normal(size=(2, 6))
    running = ("running_mean", "running_variance")

    def loss():
        return squared_error(network.forward(x), target)[0]

    dx = network.backward(squared_error(network.forward(x), target)[1])
    gradients = network.gradients.copy()
    for layer in network.layers:
        if isinstance(layer, BatchNormalisation):
            assert not any(getattr(layer, f"d{name}").any() for name in running)
    assert_gradient(dx, loss, x)
    for layer in network.layers:  # running averages move with each pass: leave them out
        names = [name for name in layer.shapes if name not in running]
        for name in names:
            array = getattr(layer, name)
            start = (array.ctypes.data - network.parameters.ctypes.data) // 8
            part = gradients[start : start + array.size].reshape(array.shape)
            if np.abs(part).max() > 1e-3:  # a bias before batch normalisation has no effect
                assert_gradient(part, loss, array)


class TestRefusals:
    def test_channels(self):
        x, kernel = np.ones((5, 4, 3, 2)), np.ones((2, 2, 1, 6))
        with pytest.raises(ValueError, match=r"takes 1 channels .*\(2, 2, 1, 6\).* have 3"):
            conv2d(x, kernel)
        with pytest.raises(ValueError, match=r"takes 6 channels .*\(2, 2, 1, 6\).* have 3"):
            conv_transpose2d(x, kernel)

    @pytest.mark.parametrize("function", [conv2d, conv_transpose2d])
    def test_axes(self, function):
        with pytest.raises(ValueError, match=r"images must have shape .* got shape \(5, 4, 3\)"):
            function(np.ones((5, 4, 3)), np.ones((2, 2, 3, 3)))
        with pytest.raises(ValueError, match=r"images must have shape .* got shape \(5, 0, 3, 1\)"):
            function(np.ones((5, 0, 3, 1)), np.ones((2, 2, 3, 3)))
        with pytest.raises(ValueError, match=r"a kernel must have shape .* got shape \(2, 2\)"):
            function(np.ones((5, 4, 3, 1)), np.ones((2, 2)))

    def test_no_pixel(self):
        with pytest.raises(ValueError, match=r"no pixel: ⌊\(2 \+ 2·0 − 5\) / 1⌋ \+ 1 = -2"):
            conv2d(np.ones((7, 2, 1, 1)), np.ones((5, 3, 1, 1)))
        with pytest.raises(ValueError, match=r"no pixel: 1·\(1 − 1\) \+ 2 − 2·1 \+ 0 = 0"):
            conv_transpose2d(np.ones((4, 1, 1, 1)), np.ones((2, 2, 1, 1)), padding=1)

    @pytest.mark.parametrize("layer", [Conv2D, ConvTranspose2D])
    def test_settings(self, layer):
        with pytest.raises(ValueError, match="n_in must be .* at least 1; got 0"):
            layer(0, 3, 4)
        with pytest.raises(ValueError, match="stride must be at least 1; given 0"):
            layer(2, 3, 4, stride=(1, 0))
        with pytest.raises(ValueError, match="padding must be at least 0; given -1"):
            layer(2, 3, 4, padding=-1)
        with pytest.raises(ValueError, match="kernel_size must be at least 1; given 0"):
            layer(2, 3, (3, 0))
        with pytest.raises(TypeError, match=r"stride must be a whole number; given 1\.5"):
            layer(2, 3, 4, stride=1.5)
        with pytest.raises(ValueError, match=r"kernel_size must be one number or a pair .* \(1, 2"):
            layer(2, 3, (1, 2, 3))
        with pytest.raises(ValueError, match="'glorot', 'he'; got 'lecun'"):
            layer(2, 3, 4, initialisation="lecun")

    def test_output_padding(self):
        with pytest.raises(ValueError, match="smaller than stride; given 2 and stride 2"):
            ConvTranspose2D(2, 3, 4, stride=2, output_padding=2)

    def test_layers_that_do_not_fit(self):
        with pytest.raises(ValueError, match=r"Conv2D\(3, 2, 3\) takes 3 channels, but Reshape"):
            Network([Dense(4, 8), Reshape((2, 2, 2)), Conv2D(3, 2, 3)])
        network = Network([Conv2D(1, 2, 2), Flatten(), Dense(5, 1)])
        with pytest.raises(ValueError, match=r"Dense\(5, 1\) takes .* got shape \(8, 3\)"):
            network.forward(np.ones((3, 3, 1, 3)))


def test_names():
    assert repr(Conv2D(1, 2, 3)) == "Conv2D(1, 2, 3)"
    assert repr(Conv2D(1, 2, (3, 4), stride=2)) == "Conv2D(1, 2, (3, 4), stride=2)"
    layer = ConvTranspose2D(1, 2, 4, stride=2, padding=(1, 0), output_padding=1)
    assert repr(layer) == ("ConvTranspose2D(1, 2, 4, stride=2, padding=(1, 0), output_padding=1)")
