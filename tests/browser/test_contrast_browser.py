"""Words in live pictures can be read, whatever the state: 4.5 : 1 against what lies beneath."""

import io
import random

import numpy as np
import pytest
from axe_playwright_python.sync_playwright import Axe
from contrast import beneath, fault
from PIL import Image
from stirring import LIVE, Stirring, example

from helpers.widgets import KernelPlayground
from helpers.widgets.live import _STYLE

STATES = 12
SETTINGS = [
    name
    for name, trait in KernelPlayground.class_own_traits().items()
    if trait.metadata.get("sync") and not name.startswith("_")
]
WORDS = """() => [...document.querySelectorAll('svg text')].filter(
  text => text.textContent.trim()).map(text => {
  const box = text.getBoundingClientRect();
  const [red, green, blue] = getComputedStyle(text).fill.match(/[\\d.]+/g).map(Number);
  return {words: text.textContent, colour: [red / 255, green / 255, blue / 255],
          place: [box.left, box.top, box.right, box.bottom]};
})"""
PLAYGROUND = """async ([source, style, state, theme]) => {
  const url = URL.createObjectURL(new Blob([source], {type: 'text/javascript'}));
  const component = (await import(url)).default;
  const model = {get: name => state[name], set: (name, value) => { state[name] = value; },
                 save_changes: () => {}, on: () => {}, off: () => {}};
  document.body.innerHTML = `<style>${style}</style><main></main>`;
  document.body.dataset.jpThemeLight = theme === 'light';
  component.render({model, el: document.querySelector('main')});
}"""


@pytest.fixture(scope="module")
def page(browser):
    page = browser.new_page(viewport={"width": 960, "height": 900})
    yield page
    page.close()


def pale_words(page):
    """The words of HTML that cannot be read well enough, by axe."""
    violations = Axe().run(page, options={"runOnly": ["color-contrast"]}).response["violations"]
    return [node["html"] for violation in violations for node in violation["nodes"]]


def picture_faults(page, picture):
    """The words of an SVG picture that cannot be read well enough."""
    page.set_content(f"<style>body {{ margin: 0 }}</style>{picture}")
    words = page.evaluate(WORDS)
    page.add_style_tag(content="svg text { visibility: hidden }")
    shot = Image.open(io.BytesIO(page.screenshot(full_page=True))).convert("RGB")
    pixels = np.asarray(shot) / 255
    found = (fault(w["words"], w["colour"], beneath(pixels, *w["place"])) for w in words)
    return list(filter(None, found))


def test_pale_words_are_found(page):
    picture = (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 300 100" width="300" height="100">'
        '<rect width="300" height="50" fill="#005ea0"/><text x="5" y="40">black on blue</text>'
        '<text x="150" y="40" fill="#ffffff">white on blue</text>'
        '<text x="5" y="90" fill="#e69f00">orange</text><text x="150" y="90">black</text></svg>'
    )
    assert [found.split("'")[1] for found in picture_faults(page, picture)] == [
        "black on blue",
        "orange",
    ]


@pytest.mark.parametrize("name", LIVE)
def test_words_in_live_pictures_can_be_read(page, name):
    stirring = Stirring(example(name), random.Random(7))
    for _ in range(STATES):
        assert picture_faults(page, stirring.widget.still().svg) == [], stirring.done
        for _ in range(4):
            stirring.stir()
    stirring.widget.pause()


def test_the_words_below_can_be_read(page):
    page.set_content(f"{_STYLE}<figure class='live-frame'><figcaption>words</figcaption></figure>")
    assert pale_words(page) == []


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("panel", ["views", "training", "sizes"])
def test_the_playground_can_be_read(page, panel, theme):
    playground = KernelPlayground(panel=panel, target=[[1, -2, 0], [3, 0.1, -0.4], [9, 4, 2]])
    state = playground.get_state(SETTINGS)
    page.set_content("")
    page.evaluate(
        PLAYGROUND, [str(KernelPlayground._esm), str(KernelPlayground._css), state, theme]
    )
    page.wait_for_selector(f'.kernel-playground[data-theme="{theme}"]')
    assert pale_words(page) == []
