"""Figures of lesson 02: the 4-2-4 network, the ring and its codes, losses, radar returns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from numpy.typing import ArrayLike

from helpers.datasets import RING_MAP
from helpers.figures.radar import PULSES
from helpers.plots import BLUE, GREEN, GREY, ORANGE, DescribedFigure, with_alt

COLOURS = {"p": BLUE, "q": ORANGE, "r": GREEN, "s": "#CC79A7", "u": "#B07800", "v": "#3A8FC4"}
"""A colour for each weight vector of the 4-2-4 network."""

Weights = Sequence[ArrayLike]
"""The vectors p, q of shape (4,) and r, s, u, v of shape (2,), in this order."""


def encode_and_decode(X: ArrayLike, weights: Weights) -> tuple[np.ndarray, np.ndarray]:
    """Return the codes, shape (n, 2), and reconstructions, shape (n, 4), of rows X."""
    H = np.asarray(X) @ np.stack(weights[:2]).T
    return H, H @ np.stack(weights[2:]).T


# ---------------------------------------------------------------- the network as a drawing

# Where the neurons stand: inputs, hidden and outputs in three columns.
_INPUTS = [(0.0, 3.3 - 1.1 * i) for i in range(4)]
_HIDDEN = [(2.9, 2.6), (2.9, 0.7)]
_OUTPUTS = [(5.8, 3.3 - 1.1 * i) for i in range(4)]


def plot_network(weights: Weights, x: ArrayLike) -> DescribedFigure:
    """Draw the 4-2-4 network with every weight's name and value, and what its neurons hold.

    Parameters
    ----------
    weights : p, q, r, s, u, v
    x : array-like of shape (4,)
        The point that passes through.
    """
    (h,), (x_hat,) = encode_and_decode([x], weights)
    fig, ax = plt.subplots(figsize=(8.4, 5.4))
    for name, vector in zip("pqrsuv", weights):
        for i, value in enumerate(vector):
            _draw_connection(ax, name, i, value)
    for places, symbol, values in (
        (_INPUTS, "x", x),
        (_HIDDEN, "h", h),
        (_OUTPUTS, "\\hat{x}", x_hat),
    ):
        _draw_neurons(ax, places, symbol, values)
    for (place, _), title in zip(
        (_INPUTS[0], _HIDDEN[0], _OUTPUTS[0]), ("input", "hidden", "output")
    ):
        ax.text(place, 3.9, title, ha="center", va="center", fontweight="bold")
    ax.set(xlim=(-0.4, 6.2), ylim=(-0.35, 4.1), aspect="equal")
    ax.axis("off")
    listed = "; ".join(f"{n} = {_list(w)}" for n, w in zip("pqrsuv", weights))
    return with_alt(
        fig,
        "The 4-2-4 network. Inputs x1 to x4 lead to h1 by the weights p1 to p4 (solid) and to h2 "
        "by q1 to q4 (broken); from h1 and h2, r1 and r2 lead to the first output, s1 and s2 to "
        f"the second, u1 and u2 to the third, v1 and v2 to the fourth. Weights: {listed}. "
        f"Neurons: x = {_list(x)}, h = {_list(h)}, reconstruction = {_list(x_hat)}.",
    )


def _draw_connection(ax: Axes, name: str, i: int, value: float) -> None:
    """Draw one weight: solid at h1, broken at h2, its label near the outer end."""
    if name in "pq":
        hidden, outer = "pq".index(name), _INPUTS[i]
    else:
        hidden, outer = i, _OUTPUTS["rsuv".index(name)]
    inner = _HIDDEN[hidden]
    style = ["-", (0, (4, 2))][hidden]
    ax.plot(*zip(outer, inner), color=COLOURS[name], linestyle=style, zorder=1)
    place = np.add(outer, 0.24 * np.subtract(inner, outer))
    box = {"facecolor": "white", "edgecolor": "none", "pad": 1.5}
    text = f"${name}_{i + 1}$ = {_number(value)}"
    ax.text(*place, text, ha="center", va="center", bbox=box, zorder=2)


def _draw_neurons(ax: Axes, places, symbol: str, values: ArrayLike) -> None:
    for i, (place, value) in enumerate(zip(places, np.asarray(values))):
        ax.add_patch(plt.Circle(place, 0.3, facecolor="white", edgecolor="black", lw=1.8, zorder=3))
        text = f"${symbol}_{i + 1}$\n{_number(value)}"
        ax.text(*place, text, ha="center", va="center", zorder=4, linespacing=1.1)


def _number(value: float) -> str:
    return f"{round(float(value), 6):g}".replace("-", "−")


def _list(values: ArrayLike) -> str:
    return "(" + ", ".join(map(_number, np.asarray(values))) + ")"


# -------------------------------------------------------------------- the ring and its codes


def plot_ring(X: ArrayLike, theta: ArrayLike) -> DescribedFigure:
    """Draw the four coordinates over the angle, and the points in the plane of the ring.

    Parameters
    ----------
    X : array-like of shape (n_samples, 4)
    theta : array-like of shape (n_samples,)
        Angles in radians.
    """
    fig, (left, right) = plt.subplots(1, 2, figsize=(10, 4.2), width_ratios=(1.5, 1))
    for i, marker in enumerate("os^x"):
        left.plot(np.rad2deg(theta), np.asarray(X)[:, i], marker, ms=4, label=f"$x_{i + 1}$")
    left.set(xlabel="angle θ in degrees", ylabel="coordinate", title="Four numbers for every angle")
    left.set_ylim(-1.1, 1.5)
    left.legend(ncols=4, loc="upper right")
    _draw_ring(right, X, None, "… are one ring")
    return with_alt(
        fig,
        f"Left: the four coordinates of {len(X)} points over their angle; the first and third "
        "follow one wave of amplitude 0.7, the second and fourth another. Right: in the plane of "
        "the ring the same points form a noisy circle of radius 1.",
    )


def plot_stages(X: ArrayLike, stages: Mapping[int, Weights]) -> DescribedFigure:
    """Draw the ring and its reconstruction at several stages of a training.

    Parameters
    ----------
    X : array-like of shape (n_samples, 4)
    stages : mapping from the number of steps to p, q, r, s, u, v
    """
    fig, axes = plt.subplots(1, len(stages), figsize=(10, 3.8), sharex=True, sharey=True)
    for ax, (n_steps, weights) in zip(axes, stages.items()):
        X_hat = encode_and_decode(X, weights)[1]
        loss = np.sum((X - X_hat) ** 2, axis=1).mean()
        _draw_ring(ax, X, X_hat, f"{n_steps} steps: L = {loss:.4f}")
    for ax in axes[1:]:
        ax.set_ylabel("")
    axes[-1].legend(loc="center", fontsize=11)
    first, *_, last = stages
    return with_alt(
        fig,
        f"The ring and its reconstructions at {len(stages)} stages. After {first} steps the "
        "reconstructions lie far from their points, in a narrow ellipse; step by step the ellipse "
        f"opens up, and after {last} steps it covers the ring.",
    )


def plot_explorer(
    X: ArrayLike, X_hat: ArrayLike, losses: ArrayLike, optimum: float
) -> DescribedFigure:
    """Draw what the explorer shows: the ring with its reconstructions, and the loss so far.

    Parameters
    ----------
    X, X_hat : array-like of shape (n_samples, 4)
    losses : array-like of shape (n_steps + 1,)
    optimum : float
        PCA's loss, marked by a dotted line.
    """
    fig, (left, right) = plt.subplots(1, 2, figsize=(10, 4.2), width_ratios=(1, 1.3))
    _draw_ring(left, X, X_hat, "ring and reconstruction")
    _draw_losses(right, {"loss": losses}, optimum, f"{len(losses) - 1} steps of descent")
    return with_alt(
        fig,
        f"The explorer's state after {len(losses) - 1} steps. Left: the reconstructions, drawn as "
        f"crosses, over the points of the ring. Right: the loss has gone from {losses[0]:.2f} to "
        f"{losses[-1]:.4f}; PCA's optimum is {optimum:.4f}.",
    )


def _draw_ring(ax: Axes, X: ArrayLike, X_hat: ArrayLike | None, title: str) -> None:
    """Draw points of R⁴ in the ring's plane, and their reconstructions; some pairs are joined."""
    points = np.asarray(X) @ RING_MAP.T
    ax.plot(*points.T, "o", color=GREY, ms=4, label="points")
    if X_hat is not None:
        images = np.asarray(X_hat) @ RING_MAP.T
        gaps = np.stack([points[::4], images[::4]])
        ax.plot(gaps[..., 0], gaps[..., 1], color="#BBBBBB", lw=0.8, zorder=1)
        ax.plot(*images.T, "x", color=ORANGE, ms=5, mew=1.6, label="reconstructions")
    ax.set(xlabel="first direction", ylabel="second direction", title=title, aspect="equal")


def plot_codes(codes: Sequence[ArrayLike], theta: ArrayLike) -> DescribedFigure:
    """Draw hidden spaces side by side, each code coloured by the angle of its point.

    Parameters
    ----------
    codes : four arrays of shape (n_samples, 2)
        Of PCA, of two trained networks, and of the first of them after a change of axes.
    theta : array-like of shape (n_samples,)
        Angles in radians.
    """
    titles = ("PCA", "start 0", "start 1", "start 0, changed by A")
    fig, axes = plt.subplots(1, 4, figsize=(12, 3.4), sharex=True, sharey=True)
    for ax, H, title in zip(axes, codes, titles, strict=True):
        dots = ax.scatter(*np.asarray(H).T, c=np.rad2deg(theta), cmap="twilight", s=16)
        ax.set(title=title, xlabel="$h_1$", xlim=(-2.6, 2.6), ylim=(-2.6, 2.6), aspect="equal")
    axes[0].set_ylabel("$h_2$")
    fig.colorbar(dots, ax=axes, label="angle θ in degrees", ticks=[0, 90, 180, 270, 360])
    return with_alt(
        fig,
        "The points' codes in four hidden spaces, coloured by angle. PCA's codes form a ring; "
        "those of two trained networks form rings too, each turned in a way of its own; the fourth "
        "is one of these after a change of axes, a long, slanted ellipse.",
    )


# ------------------------------------------------------------------------------------ losses

_STYLES = [(0, (5, 2)), "-.", "-"]  # the last curve is always a solid line


def plot_losses(curves: Mapping[str, ArrayLike], optimum: float) -> DescribedFigure:
    """Draw loss curves on a logarithmic axis, with PCA's optimum.

    Parameters
    ----------
    curves : mapping from a label to array-like of shape (n_steps,)
    optimum : float
    """
    fig, ax = plt.subplots()
    _draw_losses(ax, curves, optimum, "The same start, different step sizes")
    ends = "; ".join(
        f"{label} settles on the optimum"
        if max(losses[-10:]) < 1.5 * optimum
        else f"{label} falls quickly at first, then jumps up and down far above the optimum"
        for label, losses in curves.items()
    )
    return with_alt(
        fig,
        f"Loss curves over {max(map(len, curves.values()))} steps on a logarithmic axis, with "
        f"PCA's optimum of {optimum:.4f}: {ends}.",
    )


def _draw_losses(ax: Axes, curves: Mapping[str, ArrayLike], optimum: float, title: str) -> None:
    for i, (label, losses) in enumerate(curves.items()):
        ax.plot(losses, label=label, linestyle=_STYLES[i - len(curves)])
    ax.axhline(optimum, color="black", ls=":", lw=1.8, label="PCA's optimum")
    ax.set(yscale="log", xlabel="steps", ylabel="loss, mean over the rows", title=title)
    ax.legend()


def plot_errors(curves: ArrayLike, pca_errors: ArrayLike) -> DescribedFigure:
    """Draw training and held-out error over the epochs, with PCA's two errors.

    Parameters
    ----------
    curves : array-like of shape (n_epochs, 2)
        Training error and held-out error.
    pca_errors : array-like of shape (2,)
    """
    curves = np.asarray(curves)
    epochs = np.arange(1, len(curves) + 1)
    turn = epochs[curves[:, 1].argmin()]
    fig, ax = plt.subplots()
    for i, (name, style) in enumerate((("training", "-"), ("held out", "--"))):
        ax.plot(epochs, curves[:, i], style, color=f"C{i}", label=f"autoencoder, {name}")
        ax.axhline(pca_errors[i], color=f"C{i}", ls=":", lw=2, label=f"PCA, {name}")
    ax.plot(turn, curves[turn - 1, 1], "o", color="black", label="lowest held-out error")
    ax.set(xlabel="epochs", ylabel="error, mean over the rows", ylim=(0, 6.5))
    ax.set_title("Training keeps getting better, new rows do not")
    ax.legend(ncols=2)
    return with_alt(
        fig,
        f"Errors over {len(curves)} epochs. The training error falls all the way, passes PCA's and "
        "ends below 1. The held-out error falls until somewhere before epoch 150, without reaching "
        "PCA's, and then rises to about 4.",
    )


# ------------------------------------------------------------------------------ radar returns


def plot_returns(X: ArrayLike, X_hat: ArrayLike, titles: Sequence[str]) -> DescribedFigure:
    """Draw radar returns and reconstructions: real parts of the pulses above, imaginary below.

    Parameters
    ----------
    X, X_hat : array-like of shape (n_samples, 34)
        Rows of the ionosphere data and their reconstructions.
    titles : sequence of str
        One for each row.
    """
    fig, axes = plt.subplots(2, len(titles), figsize=(9.5, 4.8), sharex=True, sharey=True)
    for (row, part), ax in np.ndenumerate(axes.T):
        # Columns 1, 3, 5 … hold real parts, columns 2, 4, 6 … imaginary parts.
        original, rebuilt = np.asarray(X)[row, part::2], np.asarray(X_hat)[row, part::2]
        ax.plot(PULSES, original, "o-", color=BLUE, ms=4, lw=1.5, label="return")
        ax.plot(PULSES, rebuilt, "x--", color=ORANGE, ms=6, lw=1.5, label="reconstruction")
        ax.set(ylim=(-1.2, 1.2), xticks=[1, 5, 9, 13, 17])
    errors = np.sum(np.subtract(X, X_hat) ** 2, axis=1)
    for ax, title, error in zip(axes[0], titles, errors):
        ax.set_title(f"{title}, error {error:.1f}")
    for ax in axes[1]:
        ax.set_xlabel("pulse")
    axes[0, 0].set_ylabel("real part")
    axes[1, 0].set_ylabel("imaginary part")
    fig.legend(*axes[0, 0].get_legend_handles_labels(), loc="outside upper center", ncols=2)
    return with_alt(
        fig,
        f"Held-out radar returns ({', '.join(titles)}) and their reconstructions from eight "
        "numbers, over the 17 pulses. The good returns are waves, one smooth, one a little "
        "rough, and the reconstructions follow them; the bad return jumps between −1, 0 and 1, and "
        "the reconstruction misses most of the jumps.",
    )
