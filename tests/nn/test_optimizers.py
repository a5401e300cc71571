"""Optimizers against their published rules, and down a valley whose floor is known."""

from __future__ import annotations

import math
import pickle

import numpy as np
import pytest

from helpers.nn import SGD, Adam

GRADIENTS = np.random.default_rng(3).normal(size=(25, 7))


def run(optimizer, gradients=GRADIENTS, dtype="float64"):
    parameters = np.linspace(-1, 1, gradients.shape[1]).astype(dtype)
    for gradient in gradients.astype(dtype):
        optimizer.step(parameters, gradient)
    return parameters


@pytest.mark.parametrize("momentum", [0.0, 0.6])
def test_sgd_follows_its_rule(momentum):
    result = run(SGD(0.1, momentum=momentum))
    for i, value in enumerate(np.linspace(-1, 1, 7)):
        velocity = 0.0
        for gradient in GRADIENTS[:, i]:
            velocity = momentum * velocity - 0.1 * gradient
            value += velocity
        assert result[i] == pytest.approx(value, rel=1e-12)


def test_adam_follows_its_rule():
    rate, beta_1, beta_2, epsilon = 0.03, 0.8, 0.95, 1e-3
    result = run(Adam(rate, beta_1=beta_1, beta_2=beta_2, epsilon=epsilon))
    for i, value in enumerate(np.linspace(-1, 1, 7)):
        m = v = 0.0
        for t, g in enumerate(GRADIENTS[:, i], start=1):
            m = beta_1 * m + (1 - beta_1) * g
            v = beta_2 * v + (1 - beta_2) * g**2
            m_hat, v_hat = m / (1 - beta_1**t), v / (1 - beta_2**t)
            value -= rate * m_hat / (math.sqrt(v_hat) + epsilon)
        assert result[i] == pytest.approx(value, rel=1e-12)


def test_first_step_of_adam_is_the_learning_rate():
    parameters = np.zeros(3)
    Adam(0.01).step(parameters, np.array([1e-3, -5.0, 200.0]))
    np.testing.assert_allclose(parameters, [-0.01, 0.01, -0.01], rtol=1e-4)


@pytest.mark.parametrize(
    "optimizer",
    [SGD(0.02), SGD(0.005, momentum=0.9), Adam(0.02)],
    ids=["sgd", "momentum", "adam"],
)
def test_descent_meets_least_squares(optimizer):
    rng = np.random.default_rng(0)
    A, b = rng.normal(size=(9, 4)), rng.normal(size=9)
    theta = np.zeros(4)
    for _ in range(4000):
        optimizer.step(theta, 2 * A.T @ (A @ theta - b))
    np.testing.assert_allclose(theta, np.linalg.lstsq(A, b)[0], rtol=1e-6)


@pytest.mark.parametrize(("factor", "settles"), [(0.99, True), (1.01, False)])
def test_largest_stable_step_of_gradient_descent(factor, settles):
    curvature = 5.0
    theta, optimizer = np.array([1.0]), SGD(factor * 2 / curvature)
    for _ in range(500):
        optimizer.step(theta, curvature * theta)
    assert (abs(theta.item()) < 1) == settles


@pytest.mark.parametrize("make", [lambda: SGD(0.1, momentum=0.5), Adam], ids=["sgd", "adam"])
class TestBoth:
    def test_in_place_and_nothing_else_changes(self, make):
        parameters, gradients, optimizer = np.ones(5), np.full(5, 0.3), make()
        network_view = parameters[1:3]
        optimizer.step(parameters, gradients)
        assert (network_view < 1).all()
        assert (gradients == 0.3).all()

    def test_memory_is_set_aside_once(self, make):
        optimizer = make()
        run(optimizer)
        before = {k: id(v) for k, v in vars(optimizer).items() if isinstance(v, np.ndarray)}
        run(optimizer)
        after = {k: id(v) for k, v in vars(optimizer).items() if isinstance(v, np.ndarray)}
        assert before
        assert before == after

    @pytest.mark.parametrize("dtype", ["float32", "float64"])
    def test_precision_is_kept(self, make, dtype):
        optimizer = make()
        run(optimizer, dtype=dtype)
        for value in vars(optimizer).values():
            assert not isinstance(value, np.ndarray) or value.dtype == dtype

    def test_single_precision_is_close(self, make):
        np.testing.assert_allclose(run(make(), dtype="float32"), run(make()), rtol=1e-4)

    def test_carries_on_after_storing(self, make):
        whole, first = make(), make()
        expected = run(whole, np.tile(GRADIENTS, (2, 1)))
        parameters = run(first)
        stored = pickle.loads(pickle.dumps(first))
        for gradient in GRADIENTS:
            stored.step(parameters, gradient)
        np.testing.assert_array_equal(parameters, expected)


@pytest.mark.parametrize("rate", [0, -0.1, float("nan"), float("inf")])
@pytest.mark.parametrize("optimizer", [SGD, Adam])
def test_learning_rate_must_be_positive(optimizer, rate):
    with pytest.raises(
        ValueError, match="learning_rate must be a finite number greater than 0; got"
    ):
        optimizer(rate)


def test_a_numpy_learning_rate_does_not_change_the_precision():
    np.testing.assert_array_equal(
        run(SGD(np.float64(0.1)), dtype="float32"), run(SGD(0.1), dtype="float32")
    )


@pytest.mark.parametrize("value", [-0.1, 1, 1.5, float("nan")])
def test_fractions(value):
    with pytest.raises(ValueError, match="momentum must be .* at least 0 and less than 1; got"):
        SGD(momentum=value)
    with pytest.raises(ValueError, match="beta_1 must be .* less than 1; got"):
        Adam(beta_1=value)
    with pytest.raises(ValueError, match=r"beta_2 must be .* less than 1; got"):
        Adam(beta_2=value)


def test_epsilon_must_be_positive():
    with pytest.raises(ValueError, match="epsilon must be a finite number greater than 0; got 0"):
        Adam(epsilon=0)
