"""A network: one flat vector, views that stay views, and gradients through all layers."""

from __future__ import annotations

import copy
import io
import pickle

import joblib
import numpy as np
import pytest

from helpers.nn import (
    ACTIVATIONS,
    Dense,
    LeakyReLU,
    Network,
    ReLU,
    Tanh,
    binary_cross_entropy,
    dense_layers,
    squared_error,
)


def small_network(**kwargs) -> Network:
    kwargs = {"random_state": 1, **kwargs}
    network = Network([Dense(5, 4), Tanh(), Dense(4, 2), Dense(2, 3), LeakyReLU()], **kwargs)
    rng = np.random.default_rng(0)
    for layer in network.layers:
        if isinstance(layer, Dense):
            layer.b[...] = rng.normal(size=layer.b.shape)
    return network


def through_joblib(network: Network) -> Network:
    file = io.BytesIO()
    joblib.dump(network, file)
    file.seek(0)
    return joblib.load(file)


def test_forward_is_the_formula():
    network = small_network()
    first, _, second, third, _ = network.layers
    x = np.random.default_rng(2).normal(size=(5, 7))
    z = third.W @ (second.W @ np.tanh(first.W @ x + first.b) + second.b) + third.b
    np.testing.assert_allclose(network.forward(x), np.maximum(z, 0.2 * z), rtol=1e-12)


def test_gradients_of_a_squared_error(assert_gradient):
    network = small_network()
    rng = np.random.default_rng(3)
    x, target = rng.normal(size=(5, 6)), rng.normal(size=(3, 6))

    def loss():
        return squared_error(network.forward(x), target)[0]

    dx = network.backward(squared_error(network.forward(x), target)[1])
    gradients = network.gradients.copy()
    assert_gradient(gradients, loss, network.parameters)
    assert_gradient(dx, loss, x)


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_gradients_of_a_classifier(activation, assert_gradient):
    network = Network(dense_layers([4, 6, 3, 1], activation), random_state=5)
    rng = np.random.default_rng(4)
    x, labels = rng.normal(size=(4, 5)), rng.choice([-1, 1], size=(1, 5))

    def loss():
        return binary_cross_entropy(network.forward(x), labels)[0]

    dx = network.backward(binary_cross_entropy(network.forward(x), labels)[1])
    gradients = network.gradients.copy()
    assert_gradient(gradients, loss, network.parameters)
    assert_gradient(dx, loss, x)


@pytest.mark.parametrize("alpha", [0.3, 2.0])
def test_gradient_of_the_penalty(alpha, assert_gradient):
    network = small_network()
    network.gradients[...] = 0
    weights = [layer.W for layer in network.layers if isinstance(layer, Dense)]

    def penalty():
        return alpha * sum((W**2).sum() for W in weights)

    assert network.add_l2_penalty(alpha) == pytest.approx(penalty())
    gradients = network.gradients.copy()
    assert_gradient(gradients, penalty, network.parameters)
    assert not any(layer.db.any() for layer in network.layers if isinstance(layer, Dense))


def test_penalty_is_added_to_the_gradient():
    network = small_network()
    network.gradients[...] = 1
    network.add_l2_penalty(0.5)
    np.testing.assert_allclose(network.layers[0].dW, 1 + network.layers[0].W)
    np.testing.assert_array_equal(network.layers[0].db, 1)


def test_input_gradient_can_be_left_out():
    network, x = small_network(), np.ones((5, 6))
    dy = np.ones_like(network.forward(x))
    network.backward(dy)
    expected = network.gradients.copy()
    network.gradients[...] = 0
    assert network.backward(dy, input_gradient=False) is None
    np.testing.assert_array_equal(network.gradients, expected)


def test_one_vector_holds_everything():
    network = small_network()
    dense = [layer for layer in network.layers if isinstance(layer, Dense)]
    assert network.parameters.size == 5 * 4 + 4 + 4 * 2 + 2 + 2 * 3 + 3
    parts = [array.ravel() for layer in dense for array in (layer.W, layer.b)]
    np.testing.assert_array_equal(network.parameters, np.concatenate(parts))
    network.parameters[...] = 7
    network.gradients[...] = 8
    for layer in dense:
        assert (layer.W == 7).all() and (layer.b == 7).all()
        assert (layer.dW == 8).all() and (layer.db == 8).all()


@pytest.mark.parametrize(
    "copied",
    [
        copy.deepcopy,
        lambda n: pickle.loads(pickle.dumps(n)),
        through_joblib,
        lambda n: n.astype("float64"),
    ],
    ids=["deepcopy", "pickle", "joblib", "astype"],
)
def test_a_copy_has_views_of_its_own(copied):
    network, x = small_network(), np.ones((5, 2))
    y = network.forward(x)
    twin = copied(network)
    np.testing.assert_array_equal(twin.forward(x), y)
    twin.parameters[...] = 0
    assert not twin.forward(x).any()
    np.testing.assert_array_equal(network.forward(x), y)
    twin.backward(np.ones((3, 2)))
    assert twin.gradients.any()
    assert not network.gradients.any()


def test_parts_share_everything():
    network, x = small_network(), np.random.default_rng(0).normal(size=(5, 4))
    encoder, decoder = network[:3], network[3:]
    y = network.forward(x)
    np.testing.assert_array_equal(decoder.forward(encoder.forward(x)), y)
    network.backward(np.ones_like(y))
    expected = network.gradients.copy()
    network.gradients[...] = 0
    encoder.backward(decoder.backward(np.ones_like(y)))
    np.testing.assert_array_equal(network.gradients, expected)
    decoder.parameters[...] = 0
    assert not network.parameters[-decoder.parameters.size :].any()
    assert network.parameters[: -decoder.parameters.size].all()
    assert encoder.parameters.size + decoder.parameters.size == network.parameters.size


def test_a_copied_part_is_independent():
    network = small_network()
    part = copy.deepcopy(network[2:])
    part.parameters[...] = 0
    assert network.parameters.all()
    assert not part.forward(np.ones((4, 1))).any()


def test_same_seed_same_network():
    first, second, other = (
        Network(dense_layers([4, 3, 2]), random_state=seed).parameters for seed in (3, 3, 4)
    )
    np.testing.assert_array_equal(first, second)
    assert (first != other).any()


def test_a_generator_is_used_and_moves_on():
    rng = np.random.default_rng(3)
    first = Network(dense_layers([4, 3, 2]), random_state=rng)
    second = Network(dense_layers([4, 3, 2]), random_state=rng)
    expected = Network(dense_layers([4, 3, 2]), random_state=3)
    np.testing.assert_array_equal(first.parameters, expected.parameters)
    assert (first.parameters != second.parameters).any()


def test_precision():
    single, double = small_network(dtype=np.float32), small_network(dtype=np.float64)
    np.testing.assert_array_equal(single.parameters, double.parameters.astype(np.float32))
    x = np.random.default_rng(0).normal(size=(5, 4))
    y = single.forward(x)
    assert y.dtype == single.backward(x[:3]).dtype == single.gradients.dtype == np.float32
    np.testing.assert_allclose(y, double.forward(x), atol=1e-5)
    assert single.astype(np.float64).forward(x).dtype == np.float64


def test_lists_of_whole_numbers_are_welcome():
    network = Network([Dense(2, 1)], random_state=0)
    np.testing.assert_array_equal(network.forward([[1], [2]]), network.layers[0].W @ [[1], [2]])


def test_dense_layers():
    layers = dense_layers([34, 64, 16, 8], "relu", "tanh")
    assert [repr(layer) for layer in layers] == [
        *("Dense(34, 64)", "ReLU()", "Dense(64, 16)", "ReLU()", "Dense(16, 8)", "Tanh()")
    ]
    starts = [layer.initialisation for layer in layers if isinstance(layer, Dense)]
    assert starts == ["he", "he", "glorot"]
    assert [repr(layer) for layer in dense_layers([3, 2, 3], "identity")] == [
        *("Dense(3, 2)", "Dense(2, 3)")
    ]


def test_repr():
    assert repr(Network([Dense(3, 2), ReLU()], dtype="float32")) == (
        "Network([Dense(3, 2), ReLU()]), 8 parameters, float32"
    )


def test_layers_must_fit_together():
    with pytest.raises(ValueError, match=r"Dense\(5, 2\) takes 5 features, but Dense\(3, 4\) give"):
        Network([Dense(3, 4), Tanh(), Dense(5, 2)])


def test_no_layers():
    with pytest.raises(ValueError, match="at least one layer; got none"):
        Network([])


def test_not_a_layer():
    with pytest.raises(TypeError, match="must be Layer objects; got 'tanh'"):
        Network([Dense(3, 4), "tanh"])


def test_one_object_twice():
    layer = Dense(3, 3)
    with pytest.raises(ValueError, match="an object of its own"):
        Network([layer, layer])


@pytest.mark.parametrize("part", [0, "encoder", None])
def test_a_part_is_a_slice(part):
    with pytest.raises(TypeError, match="take a slice of a network"):
        small_network()[part]


@pytest.mark.parametrize("part", [slice(3, 3), slice(4, 1), slice(None, None, 2), slice(9, None)])
def test_a_part_is_one_or_more_neighbours(part):
    with pytest.raises(ValueError, match="one or more neighbours; got slice"):
        small_network()[part]


def test_too_few_sizes():
    with pytest.raises(ValueError, match=r"the input and the output at least; got \[3\]"):
        dense_layers([3])


@pytest.mark.parametrize("names", [("swish",), ("tanh", "softmax")])
def test_unknown_activation(names):
    with pytest.raises(ValueError, match=r"activation must be one of .identity., .tanh."):
        dense_layers([3, 2], *names)
