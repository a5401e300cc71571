"""The formulas of lesson 08 as they are printed, against SymPy and against other code."""

import numpy as np
import pytest
import sympy as sp
from lesson_formulas import Lesson
from scipy.signal import correlate

from helpers.figures import lesson_08 as figures
from helpers.metrics import nearest_training_picture, psnr, sharpness
from helpers.models import ImageRegressor
from helpers.nn import ConvTranspose2D, Network
from helpers.scenes import make_cats
from helpers.transposed import output_size, transposed_convolution

LESSON = Lesson(8)


# -------------------------------------------------------------------- the layer itself


@pytest.mark.parametrize(("s", "p"), [(1, 0), (2, 1), (2, 0), (3, 1)])
def test_the_printed_layer_equals_stamps_and_the_engine(s, p):
    (layer,) = LESSON.functions("transposed_layer")
    rng = np.random.default_rng(s)
    x, kernel = rng.normal(size=(3, 5, 2)), rng.normal(size=(4, 3, 2, 3))
    bias = rng.normal(size=3)
    y = layer(x, kernel, bias, s, p)
    assert y.shape[:2] == tuple(output_size(i, k, stride=s, padding=p) for i, k in ((3, 4), (5, 3)))
    for o in range(3):
        images = [
            transposed_convolution(x[..., k], kernel[..., k, o], stride=s, padding=p)
            for k in range(2)
        ]
        np.testing.assert_allclose(y[..., o], sum(images) + bias[o])
    engine = Network([ConvTranspose2D(2, 3, (4, 3), stride=s, padding=p)], dtype="float64")
    engine.layers[0].W[...] = kernel.transpose(1, 0, 3, 2)
    engine.layers[0].b[...] = bias[:, None]
    np.testing.assert_allclose(engine.forward(x[..., None])[..., 0], y)


def test_doubling_is_kernel_4_stride_2_padding_1():
    assert "$2(i - 1) + 4 - 2 \\cdot 1 = 2i$" in LESSON.text
    i = sp.symbols("i")
    assert sp.expand(2 * (i - 1) + 4 - 2 * 1 - 2 * i) == 0
    assert all(output_size(n, 4, stride=2, padding=1) == 2 * n for n in range(1, 20))


def test_the_gradients_against_sympy():
    """One small layer, every derivative of a squared error, by symbols."""
    layer, backward, windows_of = LESSON.functions("transposed_layer", "backward", "windows_of")
    backward.__globals__["windows_of"] = windows_of
    rng = np.random.default_rng(0)
    h, w, kh, kw, n_in, n_out, s, p = 2, 1, 3, 4, 2, 1, 2, 1
    X = np.array(sp.symbols(f"x:{h * w * n_in}")).reshape(h, w, n_in)
    C = np.array(sp.symbols(f"c:{kh * kw * n_in * n_out}")).reshape(kh, kw, n_in, n_out)
    shape = (s * (h - 1) + kh - 2 * p, s * (w - 1) + kw - 2 * p, n_out)
    Y = np.full(shape, sp.Integer(0), dtype=object)
    for i, j, a, b, k, o in np.ndindex(h, w, kh, kw, n_in, n_out):
        row, column = s * i + a - p, s * j + b - p
        if 0 <= row < shape[0] and 0 <= column < shape[1]:
            Y[row, column, o] += C[a, b, k, o] * X[i, j, k]
    q = rng.integers(-3, 4, size=shape)
    loss = sum((y - int(t)) ** 2 for y, t in zip(Y.ravel(), q.ravel()))
    x, c = rng.integers(-3, 4, size=X.shape), rng.integers(-3, 4, size=C.shape)
    values = dict(zip([*X.ravel(), *C.ravel()], map(int, [*x.ravel(), *c.ravel()])))
    delta = 2 * (layer(x.astype(float), c.astype(float), 0, s, p) - q)
    dx, dc, db = backward(x.astype(float), c.astype(float), delta, s, p)
    for symbols, gradient in ((X, dx), (C, dc)):
        exact = [float(sp.diff(loss, symbol).subs(values)) for symbol in symbols.ravel()]
        np.testing.assert_allclose(gradient.ravel(), exact)
    np.testing.assert_allclose(db, delta.sum(axis=(0, 1)))


def test_the_input_gradient_is_a_convolution_with_stride():
    backward, windows_of = LESSON.functions("backward", "windows_of")
    backward.__globals__["windows_of"] = windows_of
    rng = np.random.default_rng(1)
    kernel, dy = rng.normal(size=(4, 4, 2, 3)), rng.normal(size=(6, 10, 3))
    dx = backward(np.zeros((3, 5, 2)), kernel, dy)[0]
    padded = np.pad(dy, ((1, 1), (1, 1), (0, 0)))
    for k in range(2):
        slid = correlate(padded, kernel[:, :, k], mode="valid")[::2, ::2, 0]
        np.testing.assert_allclose(dx[..., k], slid)


# --------------------------------------------------------------------- numbers in the text


def test_numbers_of_parameters_and_pixels_in_the_text():
    model = ImageRegressor(128, (32, 16), max_iter=1, random_state=0)
    model.fit(np.eye(16), np.eye(16, 256))
    sizes = [layer.n_parameters for layer in model.network_.layers if layer.n_parameters]
    assert sizes[2:] == [8208, 257] and "8,200 and 257 numbers" in LESSON.text
    assert sum(sizes) == 76_689 and "76,689" in LESSON.text
    assert 64 * 256 == 16_384 and "16,384" in LESSON.text
    assert 2000 * 256 == 512_000 and "512,000" in LESSON.text
    assert 2 * sum(sizes) == pytest.approx(150_000, rel=0.03) and "150,000 passes" in LESSON.text


def test_the_mixed_term_vanishes_and_the_error_splits_in_two():
    rng = np.random.default_rng(2)
    q, z = rng.uniform(size=(200_000, 3)), rng.normal(size=(200_000, 3))
    guess = np.tanh(z)
    split = np.mean((q - 0.5) ** 2) + np.mean((0.5 - guess) ** 2)
    assert np.mean((q - guess) ** 2) == pytest.approx(split, rel=0.01)


def test_decibels_in_the_text():
    assert -20 * np.log10(0.1) == pytest.approx(20) and -20 * np.log10(0.01) == pytest.approx(40)


# -------------------------------------------------------------------- the two failures


def trained(n_cats, max_iter, seed):
    """Cats, the network's pictures from their vectors, and from 500 fresh ones."""
    cats = make_cats(n_cats, random_state=seed).images
    rng = np.random.default_rng(1000 + seed)
    Z, fresh = rng.normal(size=(n_cats, 16)), rng.normal(size=(500, 16))
    model = ImageRegressor(
        128,
        (32, 16),
        output_activation="sigmoid",
        learning_rate_init=0.005,
        max_iter=max_iter,
        random_state=seed,
    )
    model.fit(Z, cats.reshape(n_cats, -1))
    return cats, *(model.predict(some).reshape(-1, 16, 16) for some in (Z, fresh))


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(20, 25))
def test_few_cats_are_memorised(seed):
    cats, made, monsters = trained(64, 600, seed)
    assert psnr(made, cats) >= 32
    assert sharpness(monsters, cats) > 1.05  # no blur …
    distance = nearest_training_picture(monsters, cats).distance
    assert np.median(distance) > 0.1  # … and none of the cats


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(20, 25))
def test_many_cats_are_averaged(seed):
    cats, made, fresh = trained(2000, 30, seed)
    mean_cat = np.broadcast_to(cats.mean(axis=0), cats.shape)
    assert psnr(mean_cat, cats) < psnr(made, cats) < psnr(mean_cat, cats) + 2
    assert sharpness(made, cats) <= 0.6 and sharpness(fresh, cats) <= 0.6
    eyes = [np.ptp(p[:, 6:9, 3:13].reshape(len(p), -1), axis=1).mean() for p in (cats, made)]
    assert eyes[0] > 0.85 and eyes[1] < 0.6


# ------------------------------------------------------------------------------- figures


def test_rows_of_pictures_say_what_they_show():
    pictures = np.random.default_rng(0).uniform(size=(12, 5, 7))
    for name, words in figures.ALTERNATIVES.items():
        described = figures.plot_rows(name, {"one": pictures, "two": pictures / 2}, real=pictures)
        assert described.alt == words
        (ax,) = described.figure.axes
        assert len(ax.images) == 20
        said = [text.get_text() for text in ax.texts]
        assert said == ["one", "sharpness 1.00", "two", "sharpness 0.25"]


def test_what_goes_wrong_exchanges_the_last_kernels_axes_and_nothing_else():
    rng = np.random.default_rng(0)
    Z, pictures = rng.normal(size=(8, 3)), rng.uniform(size=(8, 64))
    model = ImageRegressor(6, (4, 2), max_iter=2, output_activation="sigmoid", random_state=0)
    loaded = figures.load_elsewhere(model.fit(Z, pictures))
    differing = [
        k
        for k, (one, other) in enumerate(zip(model.network_.layers, loaded.network_.layers))
        if "W" in one.shapes and not np.array_equal(one.W, other.W)
    ]
    last = len(model.network_.layers) - 3
    assert differing == [last]
    exchanged = model.network_.layers[last].W.transpose(1, 0, 2, 3)
    np.testing.assert_array_equal(loaded.network_.layers[last].W, exchanged)
    assert not np.allclose(loaded.predict(Z), model.predict(Z))


def test_the_stamps_figure_counts_what_it_says():
    described = figures.plot_stamps(3, 4)
    counts = [text.get_text() for text in described.figure.axes[1].texts]
    assert sorted(set(counts)) == ["1", "2", "4"] and len(counts) == 48
    assert counts.count("1") == 4
