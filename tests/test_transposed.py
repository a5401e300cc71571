"""The room of transposed convolution against SciPy, SymPy and finite differences."""

import numpy as np
import pytest
import sympy
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose
from scipy.optimize import check_grad
from scipy.signal import convolve2d, correlate2d

from helpers.transposed import (
    best_kernel,
    convolution_matrix,
    design_matrix,
    image_gradient,
    kernel_gradient,
    nine_residuals,
    nine_term_loss,
    output_size,
    overlap_counts,
    transposed_convolution,
)

VIEWS = ("stamp", "matrix", "slide")


def random_pair(rng, n=3, scale=1.0):
    return scale * rng.normal(size=(n, 2, 2)), scale * rng.normal(size=(n, 3, 3))


@st.composite
def settings_of_any_size(draw):
    """Image, kernel, stride, padding and output padding, sizes unequal in general."""
    h, w = draw(st.integers(1, 5)), draw(st.integers(1, 5))
    kh, kw = draw(st.integers(1, 5)), draw(st.integers(1, 5))
    s = draw(st.integers(1, 4))
    p, a = draw(st.integers(0, 4)), draw(st.integers(0, s - 1))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    scale = draw(st.sampled_from([0.0, 1.0, 1e-150, 1e150]))
    return scale * rng.normal(size=(h, w)), rng.normal(size=(kh, kw)), s, p, a


def fits(image, kernel, s, p, a):
    return all(s * (i - 1) + k - 2 * p + a >= 1 for i, k in zip(image.shape, kernel.shape))


# ------------------------------------------------------------------ three views


@pytest.mark.parametrize("view", VIEWS)
def test_small_example_worked_by_hand(view):
    output = transposed_convolution([[1, 2], [3, 4]], [[10, 20], [30, 40]], view=view)
    assert_allclose(output, [[10, 40, 40], [60, 200, 160], [90, 240, 160]])


@pytest.mark.parametrize("view", VIEWS)
@pytest.mark.parametrize("seed", range(20))
def test_equals_full_convolution_of_scipy(view, seed):
    rng = np.random.default_rng(seed)
    image = rng.normal(size=rng.integers(1, 7, 2))
    kernel = rng.normal(size=rng.integers(1, 5, 2))
    assert_allclose(
        transposed_convolution(image, kernel, view=view), convolve2d(image, kernel), atol=1e-12
    )


@settings(max_examples=300, deadline=None)
@given(settings_of_any_size())
def test_three_views_agree_with_scipy_for_every_setting(case):
    image, kernel, s, p, a = case
    assume(fits(*case))
    # Spread the pixels, convolve fully, add the output padding, cut the padding off.
    h, w = ((i - 1) * s + 1 for i in image.shape)
    spread = np.zeros((h, w))
    spread[::s, ::s] = image
    full = np.pad(convolve2d(spread, kernel), ((0, a), (0, a)))
    expected = full[p : full.shape[0] - p, p : full.shape[1] - p]
    tolerance = 1e-12 * max(np.abs(image).max(), 1e-300) * max(1, np.abs(kernel).max())
    for view in VIEWS:
        output = transposed_convolution(
            image, kernel, stride=s, padding=p, output_padding=a, view=view
        )
        assert output.shape == expected.shape
        assert_allclose(output, expected, rtol=0, atol=10 * tolerance)


@settings(max_examples=100, deadline=None)
@given(settings_of_any_size())
def test_impossible_settings_are_refused_by_every_view(case):
    image, kernel, s, p, a = case
    assume(not fits(*case))
    for view in VIEWS:
        with pytest.raises(ValueError, match="no pixel"):
            transposed_convolution(image, kernel, stride=s, padding=p, output_padding=a, view=view)


def test_inputs_stay_untouched_and_output_is_its_own():
    image, kernel = np.ones((2, 3)), np.ones((2, 2))
    output = transposed_convolution(image, kernel, padding=1)
    output[:] = 7
    assert image.sum() == 6 and kernel.sum() == 4


# ------------------------------------------------------------------- the matrix


@pytest.mark.parametrize("seed", range(20))
def test_matrix_is_cross_correlation(seed):
    rng = np.random.default_rng(seed)
    kernel = rng.normal(size=rng.integers(1, 4, 2))
    shape = tuple(int(k + extra) for k, extra in zip(kernel.shape, rng.integers(0, 5, 2)))
    s, p = int(rng.integers(1, 4)), int(rng.integers(0, 3))
    x = rng.normal(size=shape)
    expected = correlate2d(np.pad(x, p), kernel, mode="valid")[::s, ::s]
    c = convolution_matrix(kernel, shape, stride=s, padding=p)
    assert_allclose(c @ x.ravel(), expected.ravel(), atol=1e-12)


def test_matrix_of_the_lecture():
    c = convolution_matrix([[1, 2], [3, 4]], (3, 3))
    assert c.tolist() == [
        [1, 2, 0, 3, 4, 0, 0, 0, 0],
        [0, 1, 2, 0, 3, 4, 0, 0, 0],
        [0, 0, 0, 1, 2, 0, 3, 4, 0],
        [0, 0, 0, 0, 1, 2, 0, 3, 4],
    ]


@settings(max_examples=100, deadline=None)
@given(settings_of_any_size())
def test_adjoint_identity(case):
    image, kernel, s, p, a = case
    image = image / max(np.abs(image).max(), 1e-300)
    assume(fits(image, kernel, s, p, a))
    large = transposed_convolution(image, kernel, stride=s, padding=p, output_padding=a)
    x = np.random.default_rng(0).normal(size=large.shape)
    c = convolution_matrix(kernel, large.shape, stride=s, padding=p)
    assert_allclose((c @ x.ravel()) @ image.ravel(), x.ravel() @ large.ravel(), atol=1e-10)


# -------------------------------------------------------------- sizes and overlap


@pytest.mark.parametrize("i", range(1, 6))
@pytest.mark.parametrize("k", range(1, 6))
@pytest.mark.parametrize("s", range(1, 4))
def test_output_padding_makes_up_for_the_floor(i, k, s):
    for p in range(3):
        for a in range(s):
            up = s * (i - 1) + k - 2 * p + a
            if up < 1:
                continue
            assert output_size(i, k, stride=s, padding=p, output_padding=a) == up
            assert output_size(up, k, stride=s, padding=p, transposed=False) == i


@pytest.mark.parametrize(("k", "s", "ratio"), [(3, 2, 4), (5, 2, 2.25), (4, 2, 1), (2, 2, 1)])
def test_overlap_ratio_away_from_the_border(k, s, ratio):
    middle = overlap_counts((15, 14), (k, k), stride=s)[2 * k : -2 * k, 2 * k : -2 * k]
    assert middle.max() / middle.min() == ratio


def test_overlap_counts_of_unequal_sizes():
    counts = overlap_counts((1, 2), (2, 3), stride=2, output_padding=1)
    assert counts.tolist() == [[1, 1, 2, 1, 1, 0], [1, 1, 2, 1, 1, 0], [0, 0, 0, 0, 0, 0]]
    assert counts.dtype.kind == "i"


# ------------------------------------------------------------- the nine-term loss


@pytest.mark.parametrize("seed", range(5))
def test_residuals_are_target_minus_transposed_convolution(seed):
    rng = np.random.default_rng(seed)
    images, targets = random_pair(rng, n=4)
    kernel = rng.normal(size=(2, 2))
    expected = [q - transposed_convolution(p, kernel) for p, q in zip(images, targets)]
    assert_allclose(nine_residuals(kernel, images, targets), np.reshape(expected, (4, 9)))


@pytest.fixture(scope="module")
def printed_formula():
    """The lecture's formula for one image, as SymPy reads it, with its letters."""
    c, p, q = (sympy.symbols(f"{letter}1:{n + 1}") for letter, n in zip("cpq", (4, 4, 9)))
    names = {str(symbol): symbol for symbol in (*c, *p, *q)}
    loss = sympy.sympify(
        "(q1 - c1*p1)**2 + (q2 - (c2*p1 + c1*p2))**2 + (q3 - c2*p2)**2"
        "+ (q4 - (c3*p1 + c1*p3))**2 + (q5 - (c4*p1 + c3*p2 + c2*p3 + c1*p4))**2"
        "+ (q6 - (c4*p2 + c2*p4))**2 + (q7 - c3*p3)**2"
        "+ (q8 - (c4*p3 + c3*p4))**2 + (q9 - c4*p4)**2",
        locals=names,
    )
    return loss, c, p, q


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("scale", [0.0, 1.0, 1e6])
def test_loss_and_gradients_equal_sympy(printed_formula, seed, scale):
    loss, c, p, q = printed_formula
    rng = np.random.default_rng(seed)
    images, targets = random_pair(rng, n=2, scale=scale)
    kernel = scale * rng.normal(size=(2, 2))

    def of_formula(expression):
        function = sympy.lambdify([*c, *p, *q], expression)
        return np.array(
            [
                function(*kernel.flat, *image.flat, *target.flat)
                for image, target in zip(images, targets)
            ]
        )

    assert_allclose(nine_term_loss(kernel, images, targets), of_formula(loss).sum(), rtol=1e-12)
    by_c = [of_formula(sympy.diff(loss, letter)).sum() for letter in c]
    assert_allclose(kernel_gradient(kernel, images, targets).ravel(), by_c, rtol=1e-9, atol=1e-300)
    by_p = np.transpose([of_formula(sympy.diff(loss, letter)) for letter in p])
    found = image_gradient(kernel, images, targets).reshape(2, 4)
    assert_allclose(found, by_p, rtol=1e-9, atol=1e-300)


@pytest.mark.parametrize("seed", range(5))
def test_gradients_equal_finite_differences(seed):
    rng = np.random.default_rng(seed)
    images, targets = random_pair(rng, n=3)
    kernel = rng.normal(size=(2, 2))

    def loss_c(c):
        return nine_term_loss(c.reshape(2, 2), images, targets)

    def loss_p(p):
        return nine_term_loss(kernel, p.reshape(-1, 2, 2), targets)

    for loss, gradient, at in [
        (loss_c, kernel_gradient(kernel, images, targets), kernel),
        (loss_p, image_gradient(kernel, images, targets), images),
    ]:
        error = check_grad(loss, lambda _, g=gradient: g.ravel(), at.ravel())
        assert error <= 1e-5 * np.linalg.norm(gradient)  # forward differences
        step = 1e-5
        central = [
            (loss(at.ravel() + step * e) - loss(at.ravel() - step * e)) / (2 * step)
            for e in np.eye(at.size)
        ]
        assert_allclose(central, gradient.ravel(), rtol=1e-6, atol=1e-6 * np.abs(gradient).max())


@pytest.mark.parametrize("seed", range(5))
def test_best_kernel_has_no_gradient_and_no_better_neighbour(seed):
    rng = np.random.default_rng(seed)
    images, targets = random_pair(rng, n=1 + seed)
    best = best_kernel(images, targets)
    assert np.abs(kernel_gradient(best, images, targets)).max() < 1e-10
    least = nine_term_loss(best, images, targets)
    for _ in range(20):
        other = best + 0.1 * rng.normal(size=(2, 2))
        assert nine_term_loss(other, images, targets) > least


def test_best_kernel_finds_the_kernel_that_made_the_targets():
    rng = np.random.default_rng(0)
    kernel, images = rng.normal(size=(2, 2)), rng.normal(size=(5, 2, 2))
    targets = [transposed_convolution(image, kernel) for image in images]
    assert_allclose(best_kernel(images, targets), kernel)


def test_best_kernel_of_black_images_is_zero():
    assert best_kernel(np.zeros((2, 2, 2)), np.ones((2, 3, 3))).tolist() == [[0, 0], [0, 0]]


def test_design_matrix_predicts():
    rng = np.random.default_rng(1)
    kernel, images = rng.normal(size=(2, 2)), rng.normal(size=(3, 2, 2))
    outputs = [transposed_convolution(image, kernel) for image in images]
    assert_allclose(design_matrix(images) @ kernel.ravel(), np.ravel(outputs))


# --------------------------------------------------------------------- bad input

IMAGE, KERNEL = np.ones((2, 2)), np.ones((2, 2))
STACK, TARGETS = np.ones((3, 2, 2)), np.ones((3, 3, 3))

BAD_CALLS = {
    "image of one dimension": (
        lambda: transposed_convolution([1, 2], KERNEL),
        ValueError,
        r"\(2,\)",
    ),
    "image of three": (lambda: transposed_convolution(STACK, KERNEL), ValueError, r"\(3, 2, 2\)"),
    "empty image": (lambda: transposed_convolution(np.ones((0, 2)), KERNEL), ValueError, "entry"),
    "ragged image": (lambda: transposed_convolution([[1], [1, 2]], KERNEL), ValueError, "rectang"),
    "text": (lambda: transposed_convolution([["a"]], KERNEL), TypeError, "real numbers"),
    "complex": (lambda: transposed_convolution([[1j]], KERNEL), TypeError, "complex"),
    "None": (lambda: transposed_convolution(None, KERNEL), TypeError, "object"),
    "NaN": (lambda: transposed_convolution([[np.nan]], KERNEL), ValueError, "finite"),
    "infinity": (lambda: transposed_convolution(IMAGE, [[np.inf]]), ValueError, "kernel.*finite"),
    "unknown view": (
        lambda: transposed_convolution(IMAGE, KERNEL, view="fft"),
        ValueError,
        "'fft'",
    ),
    "view of a kind": (
        lambda: transposed_convolution(IMAGE, KERNEL, view=None),
        TypeError,
        "None",
    ),
    "stride zero": (lambda: transposed_convolution(IMAGE, KERNEL, stride=0), ValueError, "given 0"),
    "stride below": (lambda: transposed_convolution(IMAGE, KERNEL, stride=-1), ValueError, "-1"),
    "stride broken": (lambda: transposed_convolution(IMAGE, KERNEL, stride=1.5), TypeError, "1.5"),
    "stride True": (lambda: transposed_convolution(IMAGE, KERNEL, stride=True), TypeError, "True"),
    "stride a pair": (
        lambda: transposed_convolution(IMAGE, KERNEL, stride=(1, 1)),
        TypeError,
        "whole",
    ),
    "padding below": (lambda: transposed_convolution(IMAGE, KERNEL, padding=-1), ValueError, "-1"),
    "padding text": (
        lambda: transposed_convolution(IMAGE, KERNEL, padding="same"),
        TypeError,
        "same",
    ),
    "padding too much": (
        lambda: transposed_convolution(IMAGE, KERNEL, padding=2),
        ValueError,
        r"no pixel: 1·\(2 − 1\) \+ 2 − 2·2 \+ 0 = -1",
    ),
    "output padding": (
        lambda: transposed_convolution(IMAGE, KERNEL, stride=2, output_padding=2),
        ValueError,
        "smaller than stride; given 2 and stride 2",
    ),
    "output padding forward": (
        lambda: output_size(5, 2, stride=2, output_padding=1, transposed=False),
        ValueError,
        "must be 0",
    ),
    "kernel larger than image": (
        lambda: convolution_matrix(KERNEL, (1, 3)),
        ValueError,
        "no pixel",
    ),
    "shape of one": (lambda: convolution_matrix(KERNEL, (3,)), ValueError, "pair"),
    "shape a number": (lambda: convolution_matrix(KERNEL, 3), ValueError, "pair"),
    "shape of zero": (lambda: overlap_counts((0, 2), (2, 2)), ValueError, r"input_shape\[0\]"),
    "shape broken": (lambda: overlap_counts((2, 2), (2, 2.0)), TypeError, r"kernel_shape\[1\]"),
    "size zero": (lambda: output_size(0, 2), ValueError, "input_size must be at least 1"),
    "kernel 3×3": (
        lambda: nine_residuals(np.ones((3, 3)), STACK, TARGETS),
        ValueError,
        r"\(2, 2\)",
    ),
    "one image": (lambda: nine_term_loss(KERNEL, IMAGE, TARGETS), ValueError, "wrap a single one"),
    "no image": (lambda: best_kernel(STACK[:0], TARGETS[:0]), ValueError, "n >= 1"),
    "targets 2×2": (lambda: kernel_gradient(KERNEL, STACK, STACK), ValueError, r"\(n, 3, 3\)"),
    "unequal": (lambda: image_gradient(KERNEL, STACK, TARGETS[:2]), ValueError, "3 images and 2"),
    "unequal, best": (lambda: best_kernel(STACK[:1], TARGETS), ValueError, "1 images and 3"),
    "NaN target": (lambda: best_kernel(STACK, np.nan * TARGETS), ValueError, "targets.*finite"),
    "flat images": (lambda: design_matrix(np.ones((3, 4))), ValueError, r"\(3, 4\)"),
}


@pytest.mark.parametrize(("call", "error", "message"), BAD_CALLS.values(), ids=BAD_CALLS)
def test_bad_input_is_named(call, error, message):
    with pytest.raises(error, match=message):
        call()
