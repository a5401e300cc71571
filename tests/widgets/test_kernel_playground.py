"""The kernel playground without a browser: its state, its numbers, and the page's arithmetic."""

from __future__ import annotations

import json
import math
import re
import subprocess
from itertools import product
from pathlib import Path

import numpy as np
import pytest
import traitlets
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from scipy import ndimage, signal

from helpers import transposed
from helpers.widgets import kernel_playground as module
from helpers.widgets.kernel_playground import LIMIT, SIZE_RANGES, KernelPlayground

SCRIPT = Path(__file__).with_name("kernel_playground_arithmetic.mjs")
PAGE = Path(module.__file__).with_suffix(".js")
STYLE = Path(module.__file__).with_suffix(".css")

SMALL = {"kernel": [[0.2, -0.3], [0.5, 0.1]], "image": [[1, 0.5], [-0.4, 0.8]]}

GRIDS = {"kernel": (2, 2), "image": (2, 2), "target": (3, 3)}
CHOICES = {
    "panel": ["views", "training", "sizes"],
    "compact": [False, True],
    "turned": [False, True],
    "letters": [False, True],
    "running": [False, True],
    "selected": [1, 5, 9],
    "chosen": ["c1", "p4", "q9"],
    "step_size": [1e-6, 0.01, 10.0],
    "image_pattern": ["flat", "ramp", "dot", "random"],
    "kernel_pattern": ["ones", "bump", "random"],
} | {name: list(ends) for name, ends in SIZE_RANGES.items()}
PROPERTIES = [
    name
    for name, value in vars(KernelPlayground).items()
    if isinstance(value, property) and not name.startswith("_")
]
NEED_A_POSSIBLE_SIZE = {
    "output_side",
    "overlap",
    "overlap_ratio",
    "inner_overlap_ratio",
    "sized_output",
    "resized_output",
}


def read_everything(playground: KernelPlayground) -> None:
    """Every property gives a value, or the reason why the sizes are impossible."""
    for name in PROPERTIES:
        if name in NEED_A_POSSIBLE_SIZE and playground.problem:
            with pytest.raises(ValueError, match=re.escape(playground.problem)):
                getattr(playground, name)
            continue
        value = getattr(playground, name)
        if name == "problem":
            assert isinstance(value, str)
        elif name != "inner_overlap_ratio":  # NaN where every pixel is near the border
            assert not np.isnan(value).any(), name


# ------------------------------------------------------------------------- settings


@pytest.mark.parametrize(
    ("name", "value"), [(name, value) for name, values in CHOICES.items() for value in values]
)
def test_settings_at_their_ends_can_be_set_and_read_back(name, value):
    made = KernelPlayground(**{name: value})
    playground = KernelPlayground()
    setattr(playground, name, value)
    assert getattr(playground, name) == getattr(made, name) == value
    if name != "image_size":
        read_everything(playground)


@pytest.mark.parametrize("name", GRIDS)
@pytest.mark.parametrize("number", [-LIMIT, -12.34, 0, 1, LIMIT])
def test_grids_take_lists_and_arrays_of_any_number_kind(name, number):
    shape = GRIDS[name]
    playground = KernelPlayground()
    for value in (
        np.full(shape, number),
        np.full(shape, number).tolist(),
        tuple(map(tuple, np.full(shape, number))),
        np.full(shape, number, dtype=np.float32),
    ):
        setattr(playground, name, value)
        stored = getattr(playground, name)
        assert isinstance(stored, list)
        assert {type(pixel) for row in stored for pixel in row} == {float}
        assert_allclose(stored, value, rtol=1e-6)
        read_everything(playground)


def test_two_playgrounds_share_nothing():
    one, other = KernelPlayground(), KernelPlayground()
    one.kernel[0][0] = 99
    one.target = np.zeros((3, 3))
    assert other.kernel == [[1, 2], [3, 4]]
    assert other.target != one.target
    assert KernelPlayground().kernel == [[1, 2], [3, 4]]


BAD = {
    "kernel": [
        [[1, 2, 3], [4, 5, 6], [7, 8, 9]],
        [1, 2, 3, 4],
        [[1, 2], [3]],
        [[1, 2], [3, math.nan]],
        [[1, 2], [3, math.inf]],
        [[1, 2], [3, 2 * LIMIT]],
        [["1", "2"], ["3", "4"]],
        [[1, 2], [3, 4j]],
        [[True, False], [True, True]],
        [],
        None,
        "identity",
        np.ones((2, 2, 1)),
    ],
    "image": [np.ones((3, 3)), [[1, 2]], 7, {}],
    "target": [np.ones((2, 2)), [[None] * 3] * 3, "cross"],
    "selected": [0, 10, 5.0, "5", True, None],
    "chosen": ["c5", "p0", "q10", 1, None],
    "panel": ["view", "", 0, None],
    "turned": [0, "yes", None],
    "compact": [1, "no"],
    "letters": [None],
    "running": ["yes"],
    "step_size": [0, -0.1, math.nan, 11, "0.1", True, None],
    "image_size": [0, 9, -1, 2.5, True],
    "kernel_size": [0, 8, "3"],
    "stride": [0, -1, 5, 1.0],
    "padding": [-1, 7, None],
    "output_padding": [-1, 4, "1"],
    "image_pattern": ["ones", 3],
    "kernel_pattern": ["flat", None],
}


@pytest.mark.parametrize(
    ("name", "value"), [(name, value) for name, values in BAD.items() for value in values]
)
def test_a_bad_value_is_refused_with_a_reason_and_changes_nothing(name, value):
    playground = KernelPlayground()
    before = repr(playground.get_state())
    with pytest.raises(ValueError, match=rf"^{name} must be .+; given ") as caught:
        setattr(playground, name, value)
    assert isinstance(caught.value, traitlets.TraitError)
    assert len(str(caught.value)) < 330
    assert repr(playground.get_state()) == before
    with pytest.raises(ValueError, match=f"^{name} must be "):
        KernelPlayground(**{name: value})


def test_an_unknown_name_is_refused():
    with pytest.raises(TypeError, match="no kernal; it has .*kernel"):
        KernelPlayground(kernal=[[1, 2], [3, 4]])


@pytest.mark.parametrize("count", [-1, 1.5, "two", True, None])
def test_step_refuses_what_is_no_count(count):
    with pytest.raises((TypeError, ValueError), match="count must be"):
        KernelPlayground().step(count)


@pytest.mark.parametrize("name", ["sharpen", "", None, ["blur"]])
def test_unknown_presets_are_refused(name):
    playground = KernelPlayground()
    for use in (playground.use_kernel, playground.use_target):
        with pytest.raises(ValueError, match="name must be one of .*'random'"):
            use(name)


# --------------------------------------------------------------- the numbers it reports


def test_the_views_agree_with_scipy_and_differ_when_the_kernel_is_not_turned():
    playground = KernelPlayground(kernel=[[1, -2], [0.5, 3]], image=[[2, 1], [-1, 4]])
    full = signal.convolve2d(playground.image, playground.kernel)
    assert_allclose(playground.output, full)
    assert_allclose(playground.slid_output, full)
    assert_allclose((playground.matrix.T @ np.ravel(playground.image)).reshape(3, 3), full)
    playground.turned = False
    assert_allclose(playground.output, full)
    assert_allclose(playground.slid_output, signal.correlate2d(playground.image, playground.kernel))
    assert np.abs(playground.slid_output - full).max() > 1


@given(st.integers(0, 2**32))
def test_the_adjoint_identity_and_the_gradient_hold_everywhere(seed):
    rng = np.random.default_rng(seed)
    playground = KernelPlayground(
        kernel=rng.normal(size=(2, 2)),
        image=rng.normal(size=(2, 2)),
        target=rng.normal(size=(3, 3)),
    )
    left, right = playground.inner_products
    assert left == pytest.approx(right, rel=1e-9, abs=1e-12)
    error = np.abs(playground.gradient - playground.finite_difference_gradient).max()
    assert error <= 1e-6 * max(np.abs(playground.gradient).max(), 1e-6)
    assert playground.loss == pytest.approx(np.sum(playground.residuals**2))
    assert playground.best_loss <= playground.loss + 1e-12
    slopes = transposed.image_gradient(playground.kernel, [playground.image], [playground.target])
    assert_array_equal(playground.image_gradient, slopes[0])


def test_the_overlap_ratios_are_the_known_ones():
    for kernel_size, ratio in [(3, 4.0), (5, 2.25), (4, 1.0)]:
        playground = KernelPlayground(
            image_size=8, kernel_size=kernel_size, stride=2, padding=0, output_padding=0
        )
        assert playground.inner_overlap_ratio == ratio
    gaps = KernelPlayground(kernel_size=2, stride=3, padding=0, output_padding=2)
    assert gaps.overlap_ratio == math.inf


def test_there_is_a_problem_exactly_where_the_sizes_are_impossible():
    playground = KernelPlayground()
    found = set()
    for i, k, s, p, a in product((1, 2, 5, 8), (1, 2, 4, 7), (1, 2, 4), (0, 1, 3, 6), (0, 1, 3)):
        with playground.hold_trait_notifications():
            playground.image_size, playground.kernel_size = i, k
            playground.stride, playground.padding, playground.output_padding = s, p, a
        try:
            side = transposed.output_size(i, k, stride=s, padding=p, output_padding=a)
        except ValueError:
            assert re.search(r"must be smaller|no pixel is left", playground.problem)
            found.add(playground.problem.split()[1])
        else:
            assert playground.problem == ""
            assert playground.output_side == side
            assert playground.overlap.shape == playground.resized_output.shape == (side, side)
    assert found == {"output", "padding"}


@pytest.mark.parametrize("kernel_shape", [(1, 1), (2, 3), (3, 2), (4, 5)])
@pytest.mark.parametrize("factors", [(1, 1), (2, 3), (3, 1)])
def test_resize_then_convolve_is_repeating_and_convolving(kernel_shape, factors):
    rng = np.random.default_rng(7)
    image, kernel = rng.normal(size=(4, 5)), rng.normal(size=kernel_shape)
    large = np.repeat(np.repeat(image, factors[0], axis=0), factors[1], axis=1)
    expected = ndimage.convolve(large, kernel, mode="nearest")
    result = module.resize_then_convolve(image, kernel, large.shape)
    assert_allclose(result, expected)


# ---------------------------------------------------------------------------- descent


def test_one_step_goes_down_the_gradient_by_the_step_size():
    playground = KernelPlayground(step_size=0.02)
    expected = np.array(playground.kernel) - 0.02 * playground.gradient
    before = playground.loss
    after = playground.step()
    assert_allclose(playground.kernel, expected, rtol=1e-14)
    assert after == playground.loss < before
    assert playground.loss_history == [before, after]
    assert playground.start_kernel == [[1, 2], [3, 4]]


def test_descent_meets_least_squares_below_the_limit_and_leaves_above_it():
    playground = KernelPlayground(**SMALL)
    limit = playground.largest_stable_step
    assert 0.1 < limit < 1
    playground.step_size = 0.9 * limit
    playground.step(500)
    assert playground.loss == pytest.approx(playground.best_loss, rel=1e-10)
    assert_allclose(playground.kernel, playground.best_kernel, atol=1e-6)

    playground = KernelPlayground(**SMALL, step_size=1.1 * limit)
    taken = 1000
    playground.step(taken)
    losses = np.array(playground.loss_history)
    assert len(losses) < taken
    assert losses[-1] > 1e6 * losses[0]
    assert np.abs(playground.kernel).max() <= LIMIT
    assert playground.step() == losses[-1]  # no further, and no error
    read_everything(playground)


def test_the_curve_is_full_after_its_last_step():
    playground = KernelPlayground(step_size=1e-6)
    playground.step(module.MAX_STEPS + 10)
    assert len(playground.loss_history) == module.MAX_STEPS + 1
    playground.step()
    assert len(playground.loss_history) == module.MAX_STEPS + 1


def test_reset_goes_back_to_where_the_descent_began():
    playground = KernelPlayground(**SMALL)
    start = playground.loss
    playground.step(3)
    playground.reset()
    assert playground.kernel == SMALL["kernel"]
    assert playground.loss_history == [start]


@pytest.mark.parametrize("name", GRIDS)
def test_a_change_by_hand_begins_a_new_descent(name):
    playground = KernelPlayground(**SMALL)
    playground.step(3)
    setattr(playground, name, np.full(GRIDS[name], 0.25))
    assert playground.loss_history == [playground.loss]
    assert playground.start_kernel == playground.end_kernel == playground.kernel


def test_a_step_made_in_the_page_goes_on_with_the_descent():
    page = KernelPlayground(**SMALL)
    playground = KernelPlayground(**SMALL)
    page.step(2)
    playground.set_state(
        {name: getattr(page, name) for name in ("kernel", "end_kernel", "loss_history")}
    )
    assert playground.loss_history == page.loss_history
    assert playground.start_kernel == SMALL["kernel"]
    playground.step()
    assert len(playground.loss_history) == 4


def test_presets():
    playground = KernelPlayground(**SMALL)
    playground.use_kernel("blur")
    assert playground.kernel == [[0.25, 0.25], [0.25, 0.25]]
    playground.use_target("made by a kernel")
    playground.use_kernel("target's own")
    assert playground.loss == pytest.approx(0, abs=1e-20)
    for use, name in [(playground.use_kernel, "kernel"), (playground.use_target, "target")]:
        use("random", random_state=3)
        once = getattr(playground, name)
        use("random", random_state=3)
        assert getattr(playground, name) == once
        use("random", random_state=4)
        assert getattr(playground, name) != once
    playground.use_random_image(random_state=0)
    assert np.abs(playground.image).max() <= 1
    assert playground.loss_history == [playground.loss]


pixels = st.one_of(
    st.sampled_from([0.0, 1.0, -12.34, LIMIT, -LIMIT]),
    st.floats(-1e3, 1e3).map(lambda number: round(number, 3)),
)
changes = st.one_of(
    *[
        st.tuples(st.just(name), st.lists(pixels, min_size=n, max_size=n))
        for name, n in [("kernel", 4), ("image", 4), ("target", 9)]
    ],
    *[st.tuples(st.just(name), st.sampled_from(values)) for name, values in CHOICES.items()],
    st.tuples(st.just("step"), st.integers(0, 20)),
    st.tuples(st.just("reset"), st.none()),
    st.tuples(st.just("use_target"), st.sampled_from(["cross", "ring", "random"])),
    st.tuples(st.just("use_kernel"), st.sampled_from(["identity", "edge", "random"])),
)


@settings(max_examples=60, deadline=None)
@given(st.lists(changes, max_size=15))
def test_nothing_raises_in_any_sequence_of_changes(sequence):
    playground = KernelPlayground()
    for name, value in sequence:
        if name in GRIDS:
            setattr(playground, name, np.reshape(value, GRIDS[name]))
        elif name in CHOICES:
            setattr(playground, name, value)
        elif value is None:
            playground.reset()
        else:
            getattr(playground, name)(value)
        assert playground.end_kernel == playground.kernel
        assert playground.loss_history[-1] == pytest.approx(playground.loss, rel=1e-9)
        assert np.abs(playground.kernel).max() <= LIMIT
        read_everything(playground)
        assert eval(repr(playground), {"KernelPlayground": KernelPlayground})


# ------------------------------------------------------------------ as it is stored


def test_the_stored_text_names_the_state_and_no_address():
    assert repr(KernelPlayground(kernel=[[1, 0.5], [-0.0, 1 / 3]])) == (
        "KernelPlayground(kernel=[[1, 0.5], [0, 0.333333]], image=[[2, 1], [1, 3]], panel='views')"
    )
    assert repr(KernelPlayground(panel="training", step_size=0.5)).endswith(
        "target=[[0, 1, 0], [1, 1, 1], [0, 1, 0]], step_size=0.5, panel='training')"
    )
    assert repr(KernelPlayground(panel="sizes")) == (
        "KernelPlayground(image_size=4, kernel_size=3, stride=2, padding=1, "
        "output_padding=1, panel='sizes')"
    )
    playground = KernelPlayground(compact=True)
    data, _ = playground._repr_mimebundle_()
    assert data["text/plain"] == repr(playground)
    assert repr(playground).endswith("compact=True)")


def test_the_component_loads_nothing():
    page, style = PAGE.read_text(encoding="utf-8"), STYLE.read_text(encoding="utf-8")
    addresses = re.findall(r"\w+://[^\"'\s)]*", page + style)
    assert addresses == ["http://www.w3.org/2000/svg"]  # the name of SVG, never fetched
    assert not re.search(r"^\s*import\b|import\(|fetch\(|XMLHttpRequest|eval\(", page, re.M)
    assert not re.search(r"@import|url\(", style)


# --------------------------------------------------- the page's arithmetic, under Node


@pytest.fixture(scope="module")
def compute(node):
    """A function that has Node compute a list of settings with the page's module."""

    def compute_(cases: list[dict]) -> list:
        done = subprocess.run(
            [node, str(SCRIPT), str(PAGE)],
            input=json.dumps(cases),
            capture_output=True,
            text=True,
            encoding="utf-8",
            timeout=120,
        )
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    return compute_


def draw_numbers(rng, shape):
    """Ordinary, huge, tiny, whole or zero numbers."""
    kind = rng.integers(5)
    if kind == 4:
        return np.zeros(shape)
    if kind == 3:
        return rng.integers(-9, 10, shape).astype(float)
    return rng.normal(size=shape) * [1.0, 1e6, 1e-6][kind]


def assert_same(page, python, scale, tolerance=1e-12):
    """Equal up to rounding, which is relative to the size of the products that were summed."""
    page = np.array(page, dtype=float)  # JSON writes large floats like integers
    assert page.shape == np.shape(python)
    assert_allclose(page, python, rtol=tolerance, atol=tolerance * scale)


def test_page_and_python_agree_on_1000_random_transposed_convolutions(compute):
    rng = np.random.default_rng(20240607)
    cases = []
    for _ in range(1000):
        shapes = rng.integers(1, 6, size=(2, 2))
        cases.append(
            {
                "kind": "transposed",
                "image": draw_numbers(rng, shapes[0]).tolist(),
                "kernel": draw_numbers(rng, shapes[1]).tolist(),
                "stride": int(rng.integers(1, 5)),
                "padding": int(rng.integers(0, 5)),
                "outputPadding": int(rng.integers(0, 4)),
            }
        )
    impossible = 0
    for case, page in zip(cases, compute(cases)):
        image, kernel = np.array(case["image"]), np.array(case["kernel"])
        options = {
            "stride": case["stride"],
            "padding": case["padding"],
            "output_padding": case["outputPadding"],
        }
        if page is None:
            impossible += 1
            with pytest.raises(ValueError, match="no pixel|smaller than stride"):
                transposed.transposed_convolution(image, kernel, **options)
            continue
        scale = np.abs(image).max() * np.abs(kernel).max()
        for view in ("stamp", "matrix", "slide"):
            output = transposed.transposed_convolution(image, kernel, **options, view=view)
            assert_same(page[view], output, scale)
        forward = {"stride": case["stride"], "padding": case["padding"]}
        matrix = transposed.convolution_matrix(kernel, output.shape, **forward)
        assert_same(page["convolutionMatrix"], matrix, 0)
        counts = transposed.overlap_counts(image.shape, kernel.shape, **options)
        assert_array_equal(page["overlap"], counts)
        resized = module.resize_then_convolve(image, kernel, output.shape)
        assert_same(page["resized"], resized, scale)
        assert tuple(page["sizes"]) == output.shape
        assert tuple(page["back"]) == image.shape
    assert 300 < impossible < 900  # both kinds are well represented


def test_page_and_python_agree_on_1000_random_losses(compute):
    rng = np.random.default_rng(20240608)
    cases = []
    for _ in range(1000):
        count = int(rng.integers(1, 4))
        cases.append(
            {
                "kind": "loss",
                "kernel": draw_numbers(rng, (2, 2)).tolist(),
                "images": [draw_numbers(rng, (2, 2)).tolist() for _ in range(count)],
                "targets": [draw_numbers(rng, (3, 3)).tolist() for _ in range(count)],
                "stepSize": float(10 ** rng.uniform(-6, 1)),
            }
        )
    for case, page in zip(cases, compute(cases)):
        data = np.array(case["kernel"]), np.array(case["images"]), np.array(case["targets"])
        c, p, q = (np.abs(values).max() for values in data)
        largest = q + 4 * c * p
        assert_same(page["residuals"], transposed.nine_residuals(*data), largest)
        assert_same(page["loss"], transposed.nine_term_loss(*data), 0, 1e-11)
        slopes = transposed.kernel_gradient(*data)
        assert_same(page["kernelGradient"], slopes, 30 * largest * p)
        assert_same(page["imageGradient"], transposed.image_gradient(*data), 30 * largest * c)
        # Central differences lose the digits by which L exceeds its own change.
        rounding = 1e-13 * page["loss"] / 0.1
        assert np.abs(np.array(page["finiteDifferences"], dtype=float) - slopes).max() <= (
            1e-9 * np.abs(slopes).max() + rounding + 1e-13 * (p * 0.1) ** 2
        )
        best = transposed.best_kernel(*data[1:])
        assert_same(page["bestKernel"], best, q / p if p else 0, 1e-11)
        assert_same(page["design"], transposed.design_matrix(data[1]), 0)
        _check_step(case, page)


def _check_step(case, page):
    """The largest stable step, and one step, of a widget with the first image and target."""
    playground = KernelPlayground()
    with playground.hold_trait_notifications():
        for name, value in [
            ("kernel", case["kernel"]),
            ("image", case["images"][0]),
            ("target", case["targets"][0]),
        ]:
            setattr(playground, name, np.clip(value, -LIMIT, LIMIT))
    if len(case["images"]) == 1 and np.abs(case["images"]).max() <= LIMIT:
        limit = page["largestStableStep"]
        expected = playground.largest_stable_step
        assert (math.inf if limit is None else limit) == pytest.approx(expected, rel=1e-9)
    clipped = [case["kernel"], case["images"][0], case["targets"][0]]
    if max(np.abs(values).max() for values in clipped) > LIMIT:
        return
    moved = np.array(playground.kernel) - case["stepSize"] * playground.gradient
    scale = np.abs(playground.kernel).max() + case["stepSize"] * np.abs(playground.gradient).max()
    assert_same(page["step"], moved, scale, 1e-11)


def test_page_and_python_agree_on_every_setting_of_the_sizes_panel(compute):
    names = ("image_size", "kernel_size", "stride", "padding", "output_padding")
    ranges = [range(least, most + 1) for least, most in map(SIZE_RANGES.get, names)]
    chosen = np.random.default_rng(5).permutation(list(product(*ranges)))[:1000].tolist()
    keys = ("imageSize", "kernelSize", "stride", "padding", "outputPadding")
    cases = [{"kind": "sizes", **dict(zip(keys, values))} for values in chosen]
    playground = KernelPlayground()
    for values, page in zip(chosen, compute(cases)):
        with playground.hold_trait_notifications():
            for name, value in zip(names, values):
                setattr(playground, name, value)
        assert page["problem"] == playground.problem
        if page["problem"]:
            continue
        counts = playground.overlap
        assert (page["whole"]["most"], page["whole"]["least"]) == (counts.max(), counts.min())
        inner = page["inner"] and (page["inner"]["ratio"] or math.inf)
        expected = playground.inner_overlap_ratio
        assert inner == expected or (inner is None and math.isnan(expected))


def test_page_and_python_share_their_constants(compute):
    (page,) = compute([{"kind": "constants"}])
    assert page["limit"] == LIMIT
    assert page["maxSteps"] == module.MAX_STEPS
    assert {name: tuple(ends) for name, ends in page["ranges"].items()} == SIZE_RANGES
    own = {name for name in KernelPlayground.class_own_traits(sync=True) if name[0] != "_"}
    assert set(page["traits"]) == own
    for patterns, made in [
        (module.IMAGE_PATTERNS, page["imagePatterns"]),
        (module.KERNEL_PATTERNS, page["kernelPatterns"]),
    ]:
        assert list(patterns) == [name for name, _ in made]
        for name, pictures in made:
            for size, picture in zip((1, 2, 5), pictures):
                assert_allclose(picture, patterns[name](size), rtol=1e-12)

    playground = KernelPlayground(image=[[1, 2], [-1, 0.5]], target=np.arange(1, 10).reshape(3, 3))
    for name, kernel in page["kernelPresets"]:
        playground.use_kernel(name, random_state=0)
        if kernel is not None:
            assert_allclose(kernel, playground.kernel, rtol=1e-12)
    for name, target in page["targetPresets"]:
        playground.use_target(name, random_state=0)
        if target is not None:
            assert_allclose(target, playground.target, rtol=1e-12)


def test_numbers_are_written_briefly_and_rightly(compute):
    texts = {
        (0, 6): "0",
        (1, 6): "1",
        (-12.34, 6): "−12.34",
        (-12.34, 5): "−12.3",
        (0.5, 6): "0.5",
        (1 / 3, 6): "0.33",
        (20, 6): "20",
        (100, 6): "100",
        (1e6, 6): "1e6",
        (-1e6, 6): "−1e6",
        (123.456, 6): "123.46",
        (0.999999, 6): "1.00",
        (99999, 6): "99999",
        (-99999.5, 6): "−1e5",
        (0.001, 6): "1e−3",
        (-1e-17, 6): "0.00",
        (3.7e21, 5): "4e21",
    }
    cases = [{"kind": "written", "value": value, "room": room} for value, room in texts]
    assert compute(cases) == list(texts.values())

    rng = np.random.default_rng(11)
    numbers = (rng.normal(size=500) * 10.0 ** rng.integers(-8, 9, 500)).tolist()
    written = compute([{"kind": "written", "value": x, "room": 6} for x in numbers])
    for number, text in zip(numbers, written):
        assert len(text) <= 6 or "e" in text
        shown = float(text.replace("−", "-"))
        assert shown == pytest.approx(number, rel=0.05, abs=0.005)
