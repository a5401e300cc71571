"""The base of the live pictures, tried on a dial: one number, one picture, one slow motion."""

import asyncio
import doctest
import threading
import xml.etree.ElementTree as ET
from dataclasses import dataclass

import ipywidgets
import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpers.widgets import svg
from helpers.widgets.live import LiveWidget, StillPicture, _Notches, setting


@dataclass(frozen=True)
class Turn:
    angle: float = 0.0
    count: int = 0
    unit: str = "degrees"

    def __post_init__(self):
        if not -1000 <= self.angle <= 1000:
            raise ValueError(f"angle must be within ±1000; given {self.angle}")


def draw_dial(turn):
    if turn.unit == "broken":
        raise ZeroDivisionError("no such scale")
    needle = svg.line(50, 50, 50 + turn.angle / 10, 10, stroke=svg.INK)
    return svg.document(100, 100, needle, title="A dial", description="<its> needle")


def describe_dial(turn):
    return f"The needle is at {turn.angle:g} {turn.unit}. It was moved {turn.count} times."


class Dial(LiveWidget):
    frame_seconds = 0.001

    angle = setting("angle", "Where the needle points.")
    unit = setting("unit", "What the angle is counted in.")

    def __init__(self, end=10):
        self.drawn = []
        self.end = end
        super().__init__(Turn(), draw=self.draw_and_note, describe=describe_dial)
        self.turner = self.number("angle", "Angle", -180.0, 180.0, 0.1)
        self.counter = self.number("count", "Moves", 0, 20, 1)
        self.units = self.choice("unit", "Unit", ["degrees", "gradians", "broken"])
        self.starter = self.run_button("Turn the needle until it is pressed again")
        self.pressed = []
        self.mouse = self.pointer(
            lambda across, up: self.change(angle=360 * (across - 0.5), count=round(10 * up)),
            lambda *place: self.pressed.append(place),
        )
        self.breaker = self.button("Break", lambda: 1 // 0, "Do what cannot be done")
        self.arrange(
            self.mouse, self.turner, [self.counter, self.units], [self.starter, self.breaker]
        )

    def draw_and_note(self, turn):
        self.drawn.append(turn)
        return draw_dial(turn)

    def work(self):
        self.change(count=self.state.count + 1)
        return self.state.count < self.end

    @property
    def shown(self):
        return self._picture.value


@pytest.fixture
def dial():
    return Dial()


def test_widgets_that_were_all_closed_can_be_made_anew(dial):
    ipywidgets.Widget.close_all()
    new = Dial()
    new.angle = 90
    assert "90 degrees" in new.shown


def slider_and_box(row):
    return row.children


def test_a_value_set_from_code_moves_slider_box_and_picture(dial):
    dial.angle = 30
    slider, box = slider_and_box(dial.turner)
    assert slider.value / 10 == box.value == dial.angle == 30
    assert "The needle is at 30 degrees." in dial.shown


def test_slider_and_box_move_the_state_and_each_other(dial):
    slider, box = slider_and_box(dial.turner)
    slider.value = -405  # a slider counts its notches
    assert dial.angle == box.value == -40.5
    box.value = 17.3
    assert dial.angle == 17.3
    assert slider.value == 173


def test_whole_numbers_stay_whole(dial):
    slider, _ = slider_and_box(dial.counter)
    slider.value = 7
    assert dial.state.count == 7
    assert isinstance(dial.state.count, int)


def test_a_value_beyond_the_slider_is_kept_and_shown_in_the_box(dial):
    dial.angle = 777.123456
    slider, box = slider_and_box(dial.turner)
    assert slider.value == slider.max == 1800
    assert box.value == 777.1
    assert dial.angle == 777.123456  # controls that follow do not write back


def test_a_slider_is_told_nothing_but_its_notches(dial):
    # A page would move it to a notch and report that as a change; see _Notches.
    slider, _ = slider_and_box(dial.turner)
    for angle in (0.123, 0.35, -0.1 - 0.2, 179.96, -1000, 1e-9):
        dial.angle = angle
        assert isinstance(slider.value, int)
        assert (slider.value - slider.min) % slider.step == 0
        clipped = min(max(angle, -180), 180)
        assert abs(slider.value / 10 - clipped) <= 0.05 + 1e-9
        assert dial.angle == angle


class Scaled(Dial):
    """A dial whose angle is set on an uneven scale, in a box, or upright by a tick."""

    def __init__(self):
        super().__init__()
        self._steep = self.scale("angle", "Angle", (0.0, 0.1, 1.0, 10.0, 100.0))
        self._moves = self.whole_number("count", "Moves")
        self._upright = self.switch(
            "angle",
            "Upright",
            read=lambda turn: turn.angle == 0,
            write=lambda upright: self.change(angle=0.0 if upright else 90.0),
        )
        self.arrange(self._steep, [self._moves, self._upright])


def test_a_scale_stands_at_the_nearest_of_its_marks():
    dial = Scaled()
    slider, box = slider_and_box(dial._steep)
    assert (slider.min, slider.max, slider.step) == (0, 4, 1)
    for angle, notch in ((0.1, 1), (0.4, 1), (0.9, 2), (-5, 0), (999, 4)):
        dial.angle = angle
        assert (slider.value, box.value, dial.angle) == (notch, angle, angle)
    slider.value = 3
    assert dial.angle == box.value == 10


def test_a_box_for_a_whole_number_and_a_box_to_tick():
    dial = Scaled()
    dial._moves.value = 7
    assert dial.state.count == 7
    assert dial._upright.value
    dial._upright.value = False
    assert dial.angle == 90
    dial.angle = 0
    assert dial._upright.value


@given(st.integers(-180, 180), st.sampled_from([0.05, 0.25, 0.1, 0.001]))
def test_notches_are_the_plain_decimal_numbers(k, step):
    notches = _Notches(-200.0, 200.0, step)
    value = round(k * step, 3)
    assert notches[notches.nearest(value)] == value
    assert notches.nearest(value + 0.4 * step) == notches.nearest(value)


def test_a_bad_value_from_code_raises_and_changes_nothing(dial):
    dial.angle = 5
    with pytest.raises(ValueError, match="within ±1000; given 2000"):
        dial.change(count=3, angle=2000)
    assert (dial.angle, dial.state.count) == (5, 0)
    with pytest.raises(TypeError, match="angel"):
        dial.change(angel=3)


def test_a_bad_value_from_a_control_is_explained_and_taken_back(dial):
    _, box = slider_and_box(dial.turner)
    box.value = 2000
    assert box.value == dial.angle == 0
    assert isinstance(dial.problem, ValueError)
    assert "<strong>That did not work: angle must be within ±1000; given 2000" in dial.shown
    box.value = 20
    assert dial.problem is None
    assert "did not work" not in dial.shown


def test_the_mouse_changes_the_state_and_what_follows_it(dial):
    dial.mouse.value = "0.75 0.2 1700000000000"
    slider, box = slider_and_box(dial.turner)
    assert dial.angle == box.value == slider.value / 10 == 90
    assert dial.state.count == 2
    assert "The needle is at 90 degrees. It was moved 2 times." in dial.shown


def test_a_press_is_told_once_and_before_the_drag(dial):
    seen = []
    dial.mouse = dial.pointer(
        lambda *place: seen.append(("drag", *place)), lambda *place: seen.append(("press", *place))
    )
    for words in ("0.1 0.2 5", "0.3 0.2 5", "0.4 0.9 5", "0.4 0.9 8"):
        dial.mouse.value = words
    assert seen == [
        ("press", 0.1, 0.2), ("drag", 0.1, 0.2), ("drag", 0.3, 0.2), ("drag", 0.4, 0.9),
        ("press", 0.4, 0.9), ("drag", 0.4, 0.9),
    ]  # fmt: skip


def test_a_second_press_on_the_same_place_counts(dial):
    dial.mouse.value = "0.75 0.2 1"
    dial.angle = 0
    dial.mouse.value = "0.75 0.2 2"
    assert dial.angle == 90
    assert dial.pressed == [(0.75, 0.2)] * 2


@pytest.mark.parametrize("words", ["", "0.5", "left right 3", "nan 0.5 3", "inf 0.5 3"])
def test_no_place_is_explained_and_changes_nothing(dial, words):
    dial.mouse.value = "0.5 0.5 1"
    before = dial.state
    dial.mouse.value = words
    assert dial.state is before
    assert dial.problem is not None
    assert dial.notice.startswith("That did not work: ")


def test_a_pointer_need_not_be_told_of_presses(dial):
    places = []
    dial.mouse = dial.pointer(lambda *place: places.append(place))
    dial.mouse.value = "0.1 0.2 5"
    assert places == [(0.1, 0.2)]


def test_the_pointer_is_not_seen_and_has_the_class_that_the_page_looks_for(dial):
    assert dial.mouse.layout.display == "none"
    assert "live-pointer" in dial.mouse._dom_classes
    style = dial.children[0].value
    assert ".live-pointer input" in style
    assert "${across} ${up} ${pressed}" in style


def test_a_failing_button_is_told_and_not_swallowed(dial):
    dial.breaker.click()
    assert isinstance(dial.problem, ZeroDivisionError)
    assert "Something went wrong (ZeroDivisionError" in dial.shown


def test_a_failing_drawing_leaves_words(dial):
    dial.units.value = "broken"
    assert "no such scale" in dial.shown
    assert "<svg" not in dial.shown
    dial.unit = "degrees"
    assert "<svg" in dial.shown
    with pytest.raises(ZeroDivisionError):
        dial.unit = "broken"


def test_several_changes_are_drawn_once(dial):
    before = len(dial.drawn)
    with dial.hold():
        dial.angle = 1
        with dial.hold():
            dial.angle = 2
        dial.unit = "gradians"
    assert len(dial.drawn) == before + 1
    assert slider_and_box(dial.turner)[0].value == 20
    with dial.hold():
        pass
    assert len(dial.drawn) == before + 1
    slider_and_box(dial.turner)[0].value = 30  # the box follows without a second drawing
    assert len(dial.drawn) == before + 2


def test_an_error_within_hold_still_draws_what_was_changed(dial):
    with pytest.raises(ValueError), dial.hold():
        dial.angle = 4
        dial.angle = 5000
    assert "at 4 degrees" in dial.shown


def test_a_misspelt_setting_is_an_error(dial):
    with pytest.raises(AttributeError, match="no setting 'angel'; it has angle, unit"):
        dial.angel = 3
    dial.layout = ipywidgets.Layout(width="50%")  # what every widget has can still be set


def test_notices_last_until_the_next_change(dial):
    dial.say("Look & wonder")
    assert "<strong>Look &amp; wonder</strong>" in dial.shown
    dial.angle = 1
    assert "wonder" not in dial.shown


def test_every_control_has_a_description_and_every_button_a_tooltip(dial):
    controls = [control for control, _ in dial._bindings] + [dial.starter, dial.breaker]
    assert all(control.description for control in controls)
    assert dial.starter.tooltip and dial.breaker.tooltip


def test_as_text(dial):
    bundle = dial._repr_mimebundle_()
    assert repr(dial) == bundle["text/plain"] == "Dial: The needle is at 0 degrees"
    assert "application/vnd.jupyter.widget-view+json" in bundle


def test_a_still_picture_carries_its_description(dial):
    still = dial.still()
    data, metadata = still._repr_mimebundle_()
    assert isinstance(still, StillPicture)
    assert ET.fromstring(data["image/svg+xml"]).tag.endswith("svg")
    assert metadata["image/svg+xml"]["alt"] == describe_dial(dial.state)
    assert data["text/plain"].startswith("Figure: The needle is at 0 degrees.")


# ---------------------------------------------------------------------------- running


def test_without_an_event_loop_run_returns_when_all_is_done(dial):
    before = len(dial.drawn)
    dial.run()
    assert dial.state.count == 10
    assert not dial.running
    assert len(dial.drawn) - before <= 2
    assert dial.starter.description == "Run"


def test_without_an_event_loop_an_error_is_raised():
    class Faulty(Dial):
        def work(self):
            raise OSError("out of ink")

    faulty = Faulty()
    with pytest.raises(OSError, match="out of ink"):
        faulty.run()
    assert not faulty.running


def in_event_loop(story):
    """Run a test that is a coroutine."""

    def test():
        asyncio.run(asyncio.wait_for(story(), timeout=60))

    test.__name__ = story.__name__
    return test


async def until(condition):
    while not condition():
        await asyncio.sleep(0.001)


@in_event_loop
async def test_run_works_in_slices_and_controls_stay_alive():
    dial = Dial(end=1_000_000)
    dial.starter.click()
    assert dial.running and dial.starter.description == "Pause"
    await until(lambda: dial.state.count > 5)
    slider_and_box(dial.turner)[0].value = 330
    await until(lambda: dial.state.count > 10)
    assert dial.angle == 33
    dial.starter.click()
    assert not dial.running and dial.starter.description == "Run"
    stopped_at = dial.state.count
    await asyncio.sleep(0.02)
    assert dial.state.count == stopped_at


@in_event_loop
async def test_run_ends_by_itself():
    dial = Dial(end=4)
    dial.run()
    await until(lambda: not dial.running)
    assert dial.state.count == 4
    assert dial.starter.description == "Run"


@in_event_loop
async def test_pausing_and_running_again_at_once_leaves_one_runner():
    dial = Dial(end=1_000_000)
    dial.run()
    first = dial._task
    dial.run()  # already running: nothing new is started
    assert dial._task is first
    dial.pause()
    dial.run()
    await until(first.done)
    assert dial.running
    await until(lambda: dial.state.count > 3)
    dial.pause()
    await until(dial._task.done)


@in_event_loop
async def test_an_error_in_a_slice_is_told():
    class Faulty(Dial):
        def work(self):
            if self.state.count == 3:
                raise OSError("out of ink")
            return super().work()

    faulty = Faulty()
    faulty.run()
    await until(lambda: not faulty.running)
    await until(faulty._task.done)
    assert isinstance(faulty.problem, OSError)
    assert "Something went wrong (OSError: out of ink)" in faulty.shown
    assert faulty.starter.description == "Run"


@in_event_loop
async def test_closing_stops_the_work():
    dial = Dial(end=1_000_000)
    dial.run()
    dial.close()
    await until(dial._task.done)


def test_changes_from_several_threads_lose_nothing(dial):
    def press_often():
        for _ in range(100):
            with dial.hold():
                dial.change(count=dial.state.count + 1)

    threads = [threading.Thread(target=press_often) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert dial.state.count == 400
    assert "moved 400 times" in dial.shown


# ------------------------------------------------------------------- the pieces of SVG


def test_examples_in_the_docstrings():
    assert doctest.testmod(svg).attempted >= 4
    assert doctest.testmod(svg).failed == 0


@given(st.floats(-1e9, 1e9))
def test_short_numbers_are_short_and_right(value):
    written = svg.short(value)
    assert len(written) <= 5
    read = float(written.replace(svg.MINUS, "-"))
    assert read == pytest.approx(value, rel=0.5, abs=0.0051)
    assert not written.startswith(f"{svg.MINUS}0.00")


@given(st.floats(-1e300, 1e300))
def test_significant_numbers_are_right(value):
    read = float(svg.significant(value).replace(svg.MINUS, "-"))
    assert read == pytest.approx(value, rel=0.006, abs=1e-300)


@given(st.floats(-1e6, 1e6), st.floats(1e-3, 1e6), st.integers(2, 9))
def test_ticks_are_few_even_and_within(low, width, most):
    ticks = svg.ticks(low, low + width, most)
    assert len(ticks) <= most
    assert all(low - 1e-6 * width <= t <= low + 1.000001 * width for t in ticks)


@given(st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=30))
def test_any_words_make_well_formed_svg(words):
    body = svg.text(1, 2, words) + svg.window(0, 0, 9, 9, svg.dots([(1, 2)], size=3, fill="red"))
    root = ET.fromstring(svg.document(30, 20, body, title=words, description=words))
    assert words in [element.text or "" for element in root.iter()]


def test_tint_runs_from_white_to_the_colour():
    assert [svg.tint("#0072b2", s) for s in (-1, 0, 1, 2)] == ["#ffffff"] * 2 + ["#0072b2"] * 2
