"""Optimizers: each turns a gradient into a step, in place, on one flat vector of parameters.

Because all parameters of a network lie in one vector, a step is a handful of array operations,
however many layers there are. Each writes into memory that was set aside at the first step.
"""

from __future__ import annotations

import math

import numpy as np

from helpers.checks import check_number


class SGD:
    """Gradient descent with momentum: v ← momentum · v − learning_rate · g, θ ← θ + v.

    It is called stochastic because the gradient g mostly comes from a batch drawn at random. With
    momentum 0 it is the plain rule, θ ← θ − learning_rate · g.

    Parameters
    ----------
    learning_rate : float, default=0.01
        Positive. May be changed between steps.
    momentum : float, default=0.0
        How much of the last step is kept, in [0, 1).
    """

    def __init__(self, learning_rate: float = 0.01, *, momentum: float = 0.0) -> None:
        """Take the settings; memory is set aside at the first step."""
        check_number("learning_rate", learning_rate, above=0)
        check_number("momentum", momentum, minimum=0, below=1)
        # Plain floats: a NumPy scalar of double precision would slow single-precision arrays down.
        self.learning_rate, self.momentum = float(learning_rate), float(momentum)
        self.velocity: np.ndarray | None = None

    def step(self, parameters: np.ndarray, gradients: np.ndarray) -> None:
        """Take one step, in place.

        Parameters
        ----------
        parameters, gradients : ndarray of shape (n_parameters,)
            Always those of the same network. The gradients are left as they are.
        """
        if self.velocity is None:
            self.velocity = np.zeros_like(parameters)
            self._scratch = np.empty_like(parameters)
        v, scratch = self.velocity, self._scratch
        np.multiply(gradients, self.learning_rate, out=scratch)
        v *= self.momentum
        v -= scratch
        parameters += v


class Adam:
    """Adam: every parameter steps by its own running mean of g over the root of that of g².

    m ← β₁ m + (1 − β₁) g and v ← β₂ v + (1 − β₂) g² start at zero, which their corrections
    m̂ = m / (1 − β₁ᵗ) and v̂ = v / (1 − β₂ᵗ) make up for at step t. Then
    θ ← θ − learning_rate · m̂ / (√v̂ + ε).

    Parameters
    ----------
    learning_rate : float, default=0.001
        Positive. May be changed between steps.
    beta_1, beta_2 : float, default=0.9 and 0.999
        How slowly the two running means forget, in [0, 1).
    epsilon : float, default=1e-8
        Keeps the quotient finite; positive.

    References
    ----------
    Kingma and Ba, "Adam: a method for stochastic optimization", ICLR 2015.
    """

    def __init__(
        self,
        learning_rate: float = 0.001,
        *,
        beta_1: float = 0.9,
        beta_2: float = 0.999,
        epsilon: float = 1e-8,
    ) -> None:
        """Take the settings; memory is set aside at the first step."""
        check_number("learning_rate", learning_rate, above=0)
        check_number("epsilon", epsilon, above=0)
        check_number("beta_1", beta_1, minimum=0, below=1)
        check_number("beta_2", beta_2, minimum=0, below=1)
        self.learning_rate, self.epsilon = float(learning_rate), float(epsilon)
        self.beta_1, self.beta_2 = float(beta_1), float(beta_2)
        self.t = 0
        self.m: np.ndarray | None = None
        self.v: np.ndarray | None = None

    def step(self, parameters: np.ndarray, gradients: np.ndarray) -> None:
        """Take one step, in place.

        Parameters
        ----------
        parameters, gradients : ndarray of shape (n_parameters,)
            Always those of the same network. The gradients are left as they are.
        """
        if self.m is None:
            self.m, self.v = np.zeros_like(parameters), np.zeros_like(parameters)
            self._scratch = np.empty_like(parameters)
        self.t += 1
        m, v, scratch = self.m, self.v, self._scratch

        if self.beta_1 > 0:
            m *= self.beta_1
            np.multiply(gradients, 1 - self.beta_1, out=scratch)
            m += scratch
        else:
            m = gradients

        v *= self.beta_2
        np.multiply(gradients, gradients, out=scratch)
        scratch *= 1 - self.beta_2
        v += scratch

        # Both corrections are numbers, so they move out of the arrays:
        # m̂ / (√v̂ + ε) = (root / (1 − β₁ᵗ)) · m / (√v + root · ε) with root = √(1 − β₂ᵗ).
        root = math.sqrt(1 - self.beta_2**self.t)
        np.sqrt(v, out=scratch)
        scratch += root * self.epsilon
        np.divide(m, scratch, out=scratch)
        scratch *= self.learning_rate * root / (1 - self.beta_1**self.t)
        parameters -= scratch
