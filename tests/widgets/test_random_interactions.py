"""Every live widget, stirred at random: a thousand times whatever a learner can do, in any order.

The widgets are found by themselves, so that a new one is stirred, too. What is done is the same on
every run, as the seed is the widget's name.
"""

import asyncio
import logging
import math
import random
import re
from dataclasses import replace

import numpy as np
import pytest
from live_widgets import assert_well_drawn
from stirring import LIVE, WILD, Stirring, example, read_all

from helpers import transposed, widgets
from helpers.widgets import KernelPlayground, gan_theatre
from helpers.widgets.live import LiveWidget

TIMES = 1000
LOOK_CLOSELY_EVERY = 20


def assert_sound_in_depth(widget):
    """The state passes its own checks, the picture is the state's, and all can be read."""
    state = widget.state
    replace(state)  # checks all fields anew
    assert widget._picture.value == widget._frame(widget._draw(state), widget._describe(state))
    assert repr(widget).startswith(type(widget).__name__)
    read_all(widget)


@pytest.fixture
def quick(monkeypatch):
    """Trainings advance a little only, between any two things that are done."""
    monkeypatch.setattr(LiveWidget, "frame_seconds", 0)
    monkeypatch.setattr(gan_theatre.GANTheatre, "frame_seconds", 0)
    monkeypatch.setattr(gan_theatre, "SLICE_SECONDS", 0.0)
    monkeypatch.setattr(gan_theatre, "SLICE_STEPS", 2)


@pytest.mark.parametrize("name", LIVE)
def test_a_live_widget_stirred_at_random(name, quick, caplog):
    caplog.set_level(logging.WARNING)
    stirring = Stirring(example(name), random.Random(name))
    widget = stirring.widget

    async def stir():
        gone_wrong = []
        asyncio.get_running_loop().set_exception_handler(lambda _, what: gone_wrong.append(what))
        for k in range(TIMES):
            stirring.stir()
            await asyncio.sleep(0)
            assert_well_drawn(widget)
            if k % LOOK_CLOSELY_EVERY == 0:
                assert_sound_in_depth(widget)
            assert not gone_wrong and not caplog.records  # ipywidgets logs what buttons raise
        widget.pause()
        await asyncio.sleep(0)

    try:
        asyncio.run(stir())
    except Exception as error:
        error.add_note("Done last: " + "; ".join(map(repr, stirring.done)))
        raise
    if hasattr(widget, "figure"):
        assert widget.figure().alt


# --------------------------------------------------------------- the kernel playground

PLAYGROUND_SETTINGS = [
    name
    for name, trait in KernelPlayground.class_own_traits().items()
    if trait.metadata.get("sync") and not name.startswith("_")
]
DESCENT = ("start_kernel", "end_kernel", "loss_history")


def assert_playground_sound(playground):
    kernel, image, target = playground.kernel, playground.image, playground.target
    np.testing.assert_array_equal(
        playground.output, transposed.transposed_convolution(image, kernel)
    )
    history = playground.loss_history
    assert history and np.isfinite(history).all()
    assert math.isclose(history[-1], playground.loss, rel_tol=1e-9, abs_tol=1e-12)
    assert playground.end_kernel == kernel
    assert np.isfinite(playground.gradient).all() and np.isfinite(playground.best_kernel).all()
    slopes, differences = playground.gradient, playground.finite_difference_gradient
    scale = max(np.abs(slopes).max(), playground.loss, 1)
    np.testing.assert_allclose(differences, slopes, atol=1e-6 * scale)
    if playground.problem:
        with pytest.raises(ValueError, match="must be smaller|crops"):
            playground.output_side  # noqa: B018
    else:
        side = playground.output_side
        assert playground.sized_output.shape == playground.resized_output.shape == (side, side)
    assert np.shape(target) == (3, 3) and "KernelPlayground(" in repr(playground)


def test_the_kernel_playground_stirred_at_random():
    rng, playground = random.Random("KernelPlayground"), KernelPlayground()
    known = {name: [getattr(playground, name)] for name in PLAYGROUND_SETTINGS}
    grids = {name: np.shape(known[name][0]) for name in ("kernel", "image", "target")}
    methods = [
        playground.step, playground.reset, playground.use_random_image,
        lambda: playground.step(rng.randrange(30)),
        lambda: playground.use_kernel(rng.choice(["blur", "random", "target's own"])),
        lambda: playground.use_target(rng.choice(["ring", "random", "made by a kernel"])),
    ]  # fmt: skip
    for _ in range(TIMES):
        kind = rng.choice(["grid", "setting", "setting", "wild", "page", "method"])
        if kind == "grid":
            name = rng.choice(list(grids))
            size = rng.choice([1, 1, 1, 1e-3, 1e3, 1e6])
            height, width = grids[name]
            grid = [[size * rng.uniform(-1, 1) for _ in range(width)] for _ in range(height)]
            setattr(playground, name, grid)
        elif kind == "method":
            try:
                rng.choice(methods)()
            except ValueError as refusal:  # what large numbers lead to can be too large itself
                assert re.match(r"(kernel|target) must be .* 1,000,000", str(refusal))
        else:
            name = rng.choice([name for name in PLAYGROUND_SETTINGS if name not in DESCENT])
            value = rng.choice(WILD if kind == "wild" else [*known[name], *range(10), 0.5])
            before = {name: getattr(playground, name) for name in PLAYGROUND_SETTINGS}
            try:
                if kind == "page":  # as a message of the page would
                    playground.set_state({name: value})
                else:
                    setattr(playground, name, value)
            except ValueError as refusal:
                assert name in str(refusal)
                assert before == {name: getattr(playground, name) for name in PLAYGROUND_SETTINGS}
            else:
                known[name].append(getattr(playground, name))
        assert_playground_sound(playground)


def test_every_widget_is_stirred():
    assert set(LIVE) | {"KernelPlayground"} == set(widgets.__all__)
    assert all(issubclass(getattr(widgets, name), LiveWidget) for name in LIVE)
