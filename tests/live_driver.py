"""What the browser tests of live widgets share: watching the picture, pressing, dragging."""

import statistics

# Notes when a key goes down and when the picture that follows is on the screen, and the height
# of the output area in every frame.
WATCH = """() => {
  const watch = window.watch = {pictures: 0, pressed: 0, drawn: 0, heights: new Set()};
  const area = document.querySelector('.jp-OutputArea');
  new MutationObserver(() => requestAnimationFrame(() => {
    watch.drawn = performance.now();
    watch.pictures += 1;
  })).observe(document.querySelector('.live-picture'), {childList: true, subtree: true});
  document.addEventListener('keydown', () => { watch.pressed = performance.now(); }, true);
  const look = () => {
    watch.heights.add(area.getBoundingClientRect().height);
    requestAnimationFrame(look);
  };
  look();
}"""


# Pairs of texts of the picture that lie on each other, texts that reach over its edge, heat
# maps that were not decoded, and words below that do not fit.
FAULTS = """async () => {
  const picture = document.querySelector('.live-frame svg').getBoundingClientRect();
  const boxes = [...document.querySelectorAll('.live-frame svg text')].map(
    text => [text.textContent, text.getBoundingClientRect()]);
  const found = [];
  boxes.forEach(([words, a], i) => {
    if (a.left < picture.left || a.right > picture.right || a.bottom > picture.bottom)
      found.push(words + ' leaves the picture');
    boxes.slice(i + 1).forEach(([others, b]) => {
      const wide = Math.min(a.right, b.right) - Math.max(a.left, b.left);
      const high = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
      if (wide > 0 && high > 3) found.push(words + ' and ' + others);
    });
  });
  for (const heat of document.querySelectorAll('.live-frame svg image')) {
    const image = new Image();
    image.src = heat.getAttribute('href');
    await image.decode().catch(() => found.push('a heat map is no picture'));
  }
  const caption = document.querySelector('.live-frame figcaption');
  if (caption.scrollHeight > caption.clientHeight) found.push('the words below: ' +
    caption.textContent);
  return found;
}"""


def start_watching(page):
    """Wait for the widget's picture, and keep an eye on it from now on."""
    page.wait_for_selector(".live-frame svg text")
    page.evaluate(WATCH)


def pictures(page):
    return page.evaluate("watch.pictures")


def await_pictures(page, count):
    page.wait_for_function("count => watch.pictures >= count", arg=count, timeout=20_000)


def press(page, words):
    page.locator(".live-widget button", has_text=words).click()


def press_and_see(page, words):
    before = pictures(page)
    press(page, words)
    await_pictures(page, before + 1)


def place_in_area(page):
    """A function that gives the point on the page for fractions of the area to point into."""
    box = page.locator(".live-area").first.bounding_box()
    return lambda across, up: (
        box["x"] + across * box["width"],
        box["y"] + (1 - up) * box["height"],
    )


def slider(page, description):
    row = page.locator(".live-widget .widget-slider", has_text=description)
    return row.locator(".noUi-handle")


def asked(notebook, expression):
    """What the kernel prints for an expression."""
    return notebook.execute(f"print({expression})")


def assert_steady_and_without_errors(notebook):
    """No frame has collapsed, and nothing has gone wrong on the page or in the kernel."""
    assert notebook.page.evaluate("[...watch.heights].length") == 1
    notebook.assert_no_errors()


def assert_nothing_overlaps(notebook, states):
    """Nothing lies on anything else, at the start and after each piece of code."""
    page = notebook.page
    assert page.evaluate(FAULTS) == []
    for state in states:
        before = pictures(page)
        notebook.execute(state)
        await_pictures(page, before + 1)
        assert page.evaluate(FAULTS) == [], state
    assert_steady_and_without_errors(notebook)


def followed(pattern, box=0, within=0.0051):
    """JavaScript that says whether the picture has followed the last key.

    It has if the number that `pattern` finds in the words below it, up to `within`, is the one in
    the number box of that place, and they were drawn after the key.
    """
    return f"""() => {{
      const words = document.querySelector('.live-frame figcaption').textContent;
      const shown = Number(words.match(/{pattern}/)[1].replace('−', '-'));
      const asked = Number(document.querySelectorAll('.live-number-box input')[{box}].value);
      return watch.drawn > watch.pressed && Math.abs(shown - asked) < {within};
    }}"""


def time_keys(page, followed, record_property):
    """Press arrow keys 60 times; measure each time until `followed` says the picture is there."""
    milliseconds = []
    for k in range(60):
        page.keyboard.press("ArrowRight" if k % 3 else "ArrowLeft")
        page.wait_for_function(followed, timeout=20_000)
        milliseconds.append(page.evaluate("watch.drawn - watch.pressed"))
    median, p95 = statistics.median(milliseconds), sorted(milliseconds)[56]
    record_property("median_ms", median)
    record_property("p95_ms", p95)
    print(f"key to picture, 60 changes: median {median:.0f} ms, p95 {p95:.0f} ms")
