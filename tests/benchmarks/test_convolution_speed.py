"""How fast convolutions are: against the machine's peak, a textbook's form, and PyTorch.

Single precision, one thread, and all sides take turns within one run. The peak is what this
machine reaches in the product of two large square matrices. Whole models stand in
``test_training_speed.py``.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from numpy.lib.stride_tricks import sliding_window_view

from helpers.nn import Conv2D, Network

BATCH_SIZE = 64

sizes = pytest.mark.parametrize("size", [8, 16])
kernels = pytest.mark.parametrize(
    ("kernel", "stride", "padding"), [(4, 2, 1), (3, 1, 1)], ids=["k4 s2", "k3 s1"]
)


def single(rng: np.random.Generator, *shape: int) -> np.ndarray:
    return rng.normal(size=shape).astype(np.float32)


# ---------------------------------------------------------------- one layer, 16 -> 32 channels


def our_layer(size: int, kernel: int, stride: int, padding: int) -> tuple[Callable, int]:
    """Forward and backward, and how many multiplications and additions they take."""
    layer = Conv2D(16, 32, kernel, stride=stride, padding=padding)
    Network([layer], random_state=0, dtype=np.float32)
    rng = np.random.default_rng(0)
    x = single(rng, size, size, 16, BATCH_SIZE)
    dy = single(rng, *layer.forward(x).shape)

    def step() -> None:
        layer.forward(x)
        layer.backward(dy)

    return step, 3 * 2 * dy.size * layer.W.size // 32


def textbook_layer(size: int, kernel: int, stride: int, padding: int) -> Callable[[], None]:
    """Windows of zero-padded images, contracted with the kernel; both gradients likewise."""
    rng = np.random.default_rng(0)
    x, W = single(rng, BATCH_SIZE, 16, size, size), single(rng, 32, 16, kernel, kernel)
    out = (size + 2 * padding - kernel) // stride + 1
    dy = single(rng, BATCH_SIZE, 32, out, out)
    spread = np.zeros((BATCH_SIZE, 32, *[(out - 1) * stride + 1 + 2 * (kernel - 1)] * 2), x.dtype)
    ring = slice(kernel - 1, 1 - kernel)

    def windows(images: np.ndarray) -> np.ndarray:
        return sliding_window_view(images, (kernel, kernel), axis=(2, 3))

    def step() -> None:
        padded = np.pad(x, [(0, 0), (0, 0), (padding, padding), (padding, padding)])
        patches = windows(padded)[:, :, ::stride, ::stride]
        np.tensordot(patches, W, axes=([1, 4, 5], [1, 2, 3])).transpose(0, 3, 1, 2)
        np.tensordot(dy, patches, axes=([0, 2, 3], [0, 2, 3]))
        spread[:, :, ring, ring][:, :, ::stride, ::stride] = dy
        turned = W[:, :, ::-1, ::-1]
        np.tensordot(windows(spread), turned, axes=([1, 4, 5], [0, 2, 3])).transpose(0, 3, 1, 2)

    return step


def torch_layer(size: int, kernel: int, stride: int, padding: int) -> Callable[[], None]:
    import torch

    layer = torch.nn.Conv2d(16, 32, kernel, stride=stride, padding=padding)
    x = torch.randn(BATCH_SIZE, 16, size, size, requires_grad=True)
    dy = torch.randn_like(layer(x))

    def step() -> None:
        x.grad = layer.weight.grad = layer.bias.grad = None
        layer(x).backward(dy)

    return step


@sizes
@kernels
def test_share_of_the_peak(benchmark, take_turns, size, kernel, stride, padding, capsys):
    step, flops = our_layer(size, kernel, stride, padding)
    products = {}
    for n in (256, 512, 1024):
        A, B, C = np.ones((3, n, n), dtype=np.float32)
        products[f"sgemm {n}"] = lambda A=A, B=B, C=C: np.matmul(A, B, out=C)
    medians = take_turns({"ours": step, **products}, rounds=21, steps=10)
    peak = max(2 * int(name[6:]) ** 3 / medians[name] for name in products)
    share = flops / medians["ours"] / peak
    benchmark.extra_info.update(gflops_peak=peak / 1e3, share=share)
    with capsys.disabled():
        print(
            f"\nconvolution 16 -> 32, {size}x{size}, kernel {kernel}, stride {stride}, batch "
            f"{BATCH_SIZE}, forward and backward: {medians['ours']:.0f} µs, {share:.2f} of the "
            f"peak of {peak / 1e3:.0f} GFlop/s"
        )


@sizes
@kernels
def test_layer_against_a_textbook(against, size, kernel, stride, padding):
    settings = (size, kernel, stride, padding)
    title = f"convolution 16 -> 32, {size}x{size}, kernel {kernel}, stride {stride}"
    against(title, our_layer(*settings)[0], textbook=textbook_layer(*settings), steps=10)


@sizes
@kernels
def test_layer_against_pytorch(against, torch_on_one_thread, size, kernel, stride, padding):
    settings = (size, kernel, stride, padding)
    title = f"convolution 16 -> 32, {size}x{size}, kernel {kernel}, stride {stride}"
    against(title, our_layer(*settings)[0], PyTorch=torch_layer(*settings), steps=20)
