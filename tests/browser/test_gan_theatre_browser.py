"""The GAN theatre in JupyterLab: played, stopped, stirred at random, looked back at."""

import random
import statistics
import time

import pytest
from live_driver import (
    FAULTS,
    asked,
    assert_nothing_overlaps,
    assert_steady_and_without_errors,
    await_pictures,
    pictures,
    press,
    press_and_see,
    slider,
    time_keys,
)

CELL = """from helpers.widgets import GANTheatre
theatre = GANTheatre()
theatre"""

# Whether the words below the picture tell the moment that the box gives, and came after the key.
FOLLOWED = """() => {
  const words = document.querySelector('.live-frame figcaption').textContent;
  const [, shown, now] = words.match(/Step (\\d+) of (\\d+)/).map(Number);
  const asked = Number(document.querySelector('.live-number-box input').value);
  return watch.drawn > watch.pressed && Math.abs(100 * shown / now - asked) < 0.6;
}"""

# Notes the time of every picture, and when Pause was pressed and the button said Play again.
TIMES = """() => {
  window.times = {drawn: [], pressed: 0, stopped: 0};
  new MutationObserver(() => requestAnimationFrame(() => times.drawn.push(performance.now())))
    .observe(document.querySelector('.live-picture'), {childList: true, subtree: true});
  const button = [...document.querySelectorAll('.live-widget button')]
    .find(b => ['Play', 'Pause'].includes(b.textContent.trim()));
  button.addEventListener('click', () => { times.pressed = performance.now(); }, true);
  new MutationObserver(() => {
    if (button.textContent.trim() === 'Play') times.stopped = performance.now();
  }).observe(button, {childList: true, subtree: true, characterData: true});
}"""
SLIDERS = ("R1", "R2", "Noise", "Rate of G", "Rate of D", "D steps", "Speed", "Width")
LISTS = {"Loss": 4, "Data": 5, "Left": 3, "Right": 3, "Set": 2}


@pytest.fixture
def notebook(notebook):
    notebook.page.evaluate(TIMES)
    return notebook


def button(page, words):
    return page.get_by_role("button", name=words, exact=True)


def play(page):
    button(page, "Play").click()
    button(page, "Pause").wait_for()


def stop(page):
    """Press Pause and return the milliseconds until the button says Play again."""
    page.evaluate("times.stopped = 0")
    button(page, "Pause").click()
    page.wait_for_function("times.stopped > 0", timeout=20_000)
    return page.evaluate("times.stopped - times.pressed")


def between_pictures(page):
    times = page.evaluate("times.drawn")
    return [after - before for before, after in zip(times, times[1:])]


def stir(page, rng):
    """Move something at random, as an impatient learner does."""
    kind = rng.choice(["slider"] * 6 + ["list", "list", "box to tick"])
    if kind == "slider":
        slider(page, rng.choice(SLIDERS)).first.focus()
        keys = ["ArrowLeft", "ArrowRight"] * 3 + ["PageDown", "PageUp", "Home", "End"]
        for key in rng.choices(keys, k=3):
            page.keyboard.press(key)
    elif kind == "list":
        name = rng.choice(list(LISTS))
        chosen = rng.randrange(LISTS[name])
        page.get_by_label(name, exact=True).select_option(index=chosen)
    else:
        page.locator(".live-widget input[type=checkbox]").nth(rng.randrange(4)).click()


@pytest.mark.parametrize("seconds", [8, pytest.param(60, marks=pytest.mark.slow)])
def test_it_plays_while_everything_is_moved_at_random(notebook, seconds, record_property):
    page, rng = notebook.page, random.Random(seconds)
    stops = []
    end = time.monotonic() + seconds
    play(page)
    while time.monotonic() < end:
        stir(page, rng)
        page.wait_for_timeout(rng.choice([20, 100, 400]))
        if button(page, "Play").count():  # a run diverged, or the play came to its end
            press_and_see(page, "Reset")
            play(page)
        elif rng.random() < 0.05:
            stops.append(stop(page))
            play(page)
    if button(page, "Pause").count():
        stops.append(stop(page))
    gaps = between_pictures(page)
    record_property("median_ms_between_pictures", statistics.median(gaps))
    record_property("longest_stop_ms", max(stops))
    print(
        f"{len(gaps)} pictures in {seconds} s, median {statistics.median(gaps):.0f} ms apart; "
        f"{len(stops)} stops, median {statistics.median(stops):.0f}, longest {max(stops):.0f} ms"
    )
    assert len(gaps) > seconds  # it did play
    problem = asked(notebook, "theatre.problem")
    assert problem == "None" or "diverged" in problem or "B is there" in problem
    assert_steady_and_without_errors(notebook)


def test_play_and_stop(notebook, record_property):
    page = notebook.page
    stops = []
    for _ in range(8):
        play(page)
        page.wait_for_timeout(400)
        stops.append(stop(page))
        page.wait_for_timeout(100)
        before = asked(notebook, "theatre.now")
        page.wait_for_timeout(300)
        assert asked(notebook, "theatre.now") == before
    gaps = [gap for gap in between_pictures(page) if gap < 400]
    record_property("stop_ms", stops)
    print(
        f"stops: {', '.join(f'{ms:.0f}' for ms in stops)} ms; "
        f"pictures while it plays {statistics.median(gaps):.0f} ms apart"
    )
    assert int(asked(notebook, "theatre.now")) >= 160
    assert_steady_and_without_errors(notebook)


def test_keyboard_moves_a_slider_and_the_picture_follows(notebook, record_property):
    page = notebook.page
    notebook.execute("theatre.speed = 10; theatre.step(1000); theatre.moment = 500")
    slider(page, "Time").first.focus()
    time_keys(page, FOLLOWED, record_property)
    assert asked(notebook, "theatre.moment") == "700"
    assert_steady_and_without_errors(notebook)


def test_keyboard_changes_a_setting(notebook):
    page = notebook.page
    slider(page, "R1").first.focus()
    for _ in range(3):
        page.keyboard.press("ArrowRight")
    page.wait_for_timeout(500)
    assert asked(notebook, "theatre.r1, theatre.gan.r1") == "1.0 1.0"
    box = page.get_by_label("R1, as a number")
    assert box.input_value() == "1"
    box.fill("0.35")
    box.press("Enter")
    page.wait_for_timeout(300)
    assert asked(notebook, "theatre.r1, theatre.gan.r1") == "0.35 0.35"
    assert_steady_and_without_errors(notebook)


def test_keyboard_starts_and_stops_it(notebook):
    page = notebook.page
    button(page, "Play").focus()
    page.keyboard.press("Enter")
    button(page, "Pause").wait_for()
    page.wait_for_timeout(300)
    page.keyboard.press("Enter")
    button(page, "Play").wait_for()
    page.keyboard.press("Tab")
    before = int(asked(notebook, "theatre.now"))
    page.keyboard.press("Enter")  # Step D
    page.wait_for_function(
        f"document.querySelector('figcaption').textContent.includes({before + 1})"
    )
    assert_steady_and_without_errors(notebook)


def test_steps_reset_and_a_look_back(notebook):
    page = notebook.page
    for name in ("Step D", "Step G", "Step G"):
        press_and_see(page, name)
    assert asked(notebook, "theatre.now, theatre.gan.n_iter_") == "3 2"
    notebook.execute("theatre.step(400)")
    slider(page, "Time").first.focus()
    page.keyboard.press("Home")
    page.wait_for_selector("figcaption:has-text('Step 0 of 403')")
    page.keyboard.press("End")
    page.wait_for_selector("figcaption:has-text('Step 403 of 403')")
    press_and_see(page, "Reset")
    assert asked(notebook, "theatre.now") == "0"
    assert_steady_and_without_errors(notebook)


def test_two_runs(notebook):
    page = notebook.page
    notebook.execute("theatre.step(60)")
    page.get_by_label("Two runs").click()
    page.wait_for_selector(".live-frame svg text:has-text('B: the same settings')")
    page.get_by_label("Loss", exact=True).select_option("minimax")
    page.wait_for_selector(".live-frame svg text:text-is('B: minimax')")
    play(page)
    page.wait_for_timeout(1500)
    stop(page)
    assert asked(notebook, "[s.loss for s in theatre.state.settings]") == str(
        ["non_saturating", "minimax"]
    )
    assert page.evaluate(FAULTS) == []
    page.get_by_label("Set", exact=True).select_option("A")
    page.wait_for_timeout(300)
    assert asked(notebook, "theatre.chosen, theatre.loss") == "A non_saturating"
    page.get_by_label("Two runs").click()
    page.wait_for_selector(".live-frame svg text:has-text('What the discriminator says')")
    assert_steady_and_without_errors(notebook)


@pytest.mark.parametrize(
    "name", ["Mode collapse", "Dropped modes", "Vanishing gradient", "Oscillation"]
)
def test_the_failures_play(notebook, name):
    page = notebook.page
    press(page, name)
    button(page, "Pause").wait_for()
    await_pictures(page, pictures(page) + 5)
    stop(page)
    assert page.evaluate(FAULTS) == []
    assert_steady_and_without_errors(notebook)


def test_divergence_is_said_and_reset_recovers(notebook):
    page = notebook.page
    notebook.execute(
        "theatre.change(loss='least_squares', learning_rate_init=10.0, beta_1=0.9, "
        "discriminator_learning_rate_init=10.0, r1=1000.0, r2=1000.0)"
    )
    press(page, "Play")  # it may be over before the button says Pause
    page.wait_for_selector(".live-frame strong:has-text('diverged')", timeout=60_000)
    button(page, "Play").wait_for()
    press(page, "Play")
    page.wait_for_selector(".live-frame strong:has-text('press Reset')")
    assert page.evaluate(FAULTS) == []
    notebook.execute("theatre.start('a good run')")
    play(page)
    page.wait_for_timeout(500)
    stop(page)
    assert int(asked(notebook, "theatre.now")) >= 20
    assert_steady_and_without_errors(notebook)


STATES = [
    "theatre.step(300)",
    "theatre.optimum_lines = True",
    "theatre.change(left='optimum', right='discriminator')",
    "theatre.data = 'grid'; theatre.step(50)",
    "theatre.loss = 'minimax'; theatre.step(20); theatre.data = 'spiral'",
    "theatre.change(start_at=(-6, 4)); theatre.step(5)",
    "theatre.compare = True; theatre.change(loss='wasserstein_gp', r1=0); theatre.step(30)",
    "theatre.step(4000)",
]


def test_nothing_lies_on_anything_else(notebook):
    assert_nothing_overlaps(notebook, STATES)


def test_a_projector_shows_it_on_one_page(open_notebook):
    notebook = open_notebook([CELL], width=1280, height=800)
    page = notebook.page
    page.evaluate("() => window.jupyterapp.commands.execute('application:toggle-left-area')")
    notebook.run_all()
    page.wait_for_selector(".live-frame svg text")
    shown = page.locator(".jp-WindowedPanel-outer").first.bounding_box()["height"]
    assert page.locator(".live-widget").bounding_box()["height"] <= shown
    notebook.assert_no_errors()
