"""Every loss: its formula, its gradient, its behaviour far out."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpers.nn import binary_cross_entropy, squared_error


def random_labels(rng: np.random.Generator, shape: tuple[int, ...]) -> np.ndarray:
    return rng.choice([-1.0, 1.0], size=shape)


class TestSquaredError:
    @given(m=st.integers(1, 5), n=st.integers(1, 6), seed=st.integers(0))
    def test_formula(self, m, n, seed):
        x_hat, x = np.random.default_rng(seed).normal(size=(2, m, n))
        total = sum((x[i, j] - x_hat[i, j]) ** 2 for i in range(m) for j in range(n))
        assert squared_error(x_hat, x)[0] == pytest.approx(total / n)
        assert squared_error(x_hat, x, reduction="sum")[0] == pytest.approx(total)

    @pytest.mark.parametrize("reduction", ["mean", "sum"])
    @pytest.mark.parametrize("shape", [(3, 5), (4, 1), (2, 3, 2, 4)])
    def test_gradient(self, reduction, shape, assert_gradient):
        x_hat, x = np.random.default_rng(0).normal(size=(2, *shape))
        _, gradient = squared_error(x_hat, x, reduction=reduction)
        assert_gradient(gradient, lambda: squared_error(x_hat, x, reduction=reduction)[0], x_hat)

    def test_summed_over_features_not_averaged(self):
        assert squared_error(np.zeros((7, 2)), np.ones((7, 2)))[0] == 7


class TestBinaryCrossEntropy:
    @given(m=st.integers(1, 3), n=st.integers(1, 6), seed=st.integers(0))
    def test_formula(self, m, n, seed):
        rng = np.random.default_rng(seed)
        logits, labels = rng.normal(size=(m, n)), random_labels(rng, (m, n))
        p = 1 / (1 + np.exp(-logits))
        t = (labels + 1) / 2
        total = -np.sum(t * np.log(p) + (1 - t) * np.log(1 - p))
        assert binary_cross_entropy(logits, labels)[0] == pytest.approx(total / n)
        assert binary_cross_entropy(logits, labels, reduction="sum")[0] == pytest.approx(total)

    @pytest.mark.parametrize("reduction", ["mean", "sum"])
    @pytest.mark.parametrize("shape", [(1, 9), (2, 5)])
    def test_gradient(self, reduction, shape, assert_gradient):
        rng = np.random.default_rng(0)
        logits, labels = 3 * rng.normal(size=shape), random_labels(rng, shape)
        _, gradient = binary_cross_entropy(logits, labels, reduction=reduction)

        def loss():
            return binary_cross_entropy(logits, labels, reduction=reduction)[0]

        assert_gradient(gradient, loss, logits)

    @pytest.mark.parametrize("label", [-1.0, 1.0])
    def test_exact_far_out(self, label):
        with np.errstate(all="raise", under="ignore"):
            for margin, expected in [(800.0, 0.0), (40.0, np.exp(-40)), (-40.0, 40), (-1e6, 1e6)]:
                loss, gradient = binary_cross_entropy(
                    np.array([[margin * label]]), np.array([[label]])
                )
                assert loss == pytest.approx(expected, rel=1e-12, abs=0)
                slope = 1.0 if margin < 0 else np.exp(-margin)
                assert gradient.item() == pytest.approx(-label * slope, rel=1e-12, abs=0)

    def test_coin_flip_costs_ln_2(self):
        assert binary_cross_entropy(np.zeros((1, 4)), np.ones((1, 4)))[0] == pytest.approx(
            np.log(2)
        )

    @pytest.mark.parametrize(
        "labels", [[[0, 1, 1]], [[-1, 1, 2]], [[0.9, 1, -1]], [[np.nan, 1, 1]]]
    )
    def test_other_labels(self, labels):
        with pytest.raises(ValueError, match=r"labels must be -1 or \+1; got"):
            binary_cross_entropy(np.zeros((1, 3)), np.array(labels))


@pytest.mark.parametrize("loss", [squared_error, binary_cross_entropy])
class TestBoth:
    def test_arguments_are_left_alone(self, loss):
        prediction, target = np.full((2, 3), 0.5), np.ones((2, 3))
        loss(prediction, target)
        assert (prediction == 0.5).all()
        assert (target == 1).all()

    @pytest.mark.parametrize("dtype", ["float32", "float64"])
    def test_precision_is_kept(self, loss, dtype):
        value, gradient = loss(np.zeros((2, 3), dtype), np.ones((2, 3), dtype))
        assert type(value) is float
        assert gradient.dtype == dtype

    @pytest.mark.parametrize("shape", [(3,), (1, 3), (3, 2), (2, 1)])
    def test_shapes_are_never_broadcast(self, loss, shape):
        with pytest.raises(ValueError, match=r"must have the same shape; got \(2, 3\) and \("):
            loss(np.zeros((2, 3)), np.ones(shape))

    def test_unknown_reduction(self, loss):
        with pytest.raises(ValueError, match="must be 'mean' or 'sum'; got 'average'"):
            loss(np.zeros((2, 3)), np.ones((2, 3)), reduction="average")
