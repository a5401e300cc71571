"""The kernel playground's page, stirred at random, a thousand times and without a kernel.

What a learner does with buttons, lists, sliders, number boxes and cells, in any order; whatever
that makes of the settings, Python accepts it, and computes what the page shows.
"""

import numpy as np
import pytest

from helpers.widgets import KernelPlayground

TIMES, AT_A_TIME = 1000, 25
SETTINGS = [
    name
    for name, trait in KernelPlayground.class_own_traits().items()
    if trait.metadata.get("sync") and not name.startswith("_")
]
START = """async ([source, style, state]) => {
  const url = URL.createObjectURL(new Blob([source], {type: 'text/javascript'}));
  const component = (await import(url)).default;
  const listeners = {};
  const changed = new Set();
  const model = {
    get: name => state[name],
    set: (name, value) => { state[name] = value; changed.add(name); },
    on: (event, listener) => { (listeners[event] ??= new Set()).add(listener); },
    off: (event, listener) => { listeners[event]?.delete(listener); },
    save_changes: () => {
      const names = [...changed];
      changed.clear();
      for (const name of names) listeners['change:' + name]?.forEach(listener => listener());
    },
  };
  document.body.innerHTML = `<style>${style}</style><main></main>`;
  component.initialize({model});
  component.render({model, el: document.querySelector('main')});
  window.state = state;
  let seed = 20240229;
  window.random = () => (seed = 16807 * seed % 2147483647) / 2147483647;
}"""
# One thing after the other, with a frame in between; returns what was done and what is odd now.
STIR = """async times => {
  const pick = list => list[Math.floor(random() * list.length)];
  const entries = ['', '-', '0', '1', '-3.5', '1e3', '1e9', '1e-9', 'abc', '0.25', '-1000000', '7'];
  const keys = ['ArrowUp', 'ArrowDown', 'ArrowLeft', 'ArrowRight', 'PageUp', 'PageDown', 'Home',
                'End', 'Enter', 'Escape', 'x'];
  const root = document.querySelector('.kernel-playground');
  const done = [], odd = [];
  const tell = (node, kind, more = {}) =>
    node.dispatchEvent(new Event(kind, {bubbles: true, ...more}));
  const point = (node, kind, x, y) => node.dispatchEvent(new PointerEvent(kind,
    {bubbles: true, pointerId: 1, button: 0, clientX: x, clientY: y}));
  for (let k = 0; k < times; k++) {
    const nodes = [...root.querySelectorAll('button, select, input, .kp-field, [data-pixel]')];
    const node = pick(nodes.filter(other => other.offsetParent && !other.disabled));
    done.push(`${node.tagName} ${node.className} ${node.textContent.trim().slice(0, 20)}`);
    if (node.matches('select')) {
      node.selectedIndex = Math.floor(random() * node.options.length);
      tell(node, 'change');
    } else if (node.matches('input[type=range]')) {
      node.value = pick([node.min, node.max, Number(node.min) + random() * (node.max - node.min)]);
      tell(node, 'input');
    } else if (node.matches('input')) {
      node.focus();
      if (random() < 0.5) {
        node.value = pick(entries);
        tell(node, 'input');
      } else {
        const key = pick(keys);
        node.dispatchEvent(new KeyboardEvent('keydown',
          {bubbles: true, cancelable: true, key, shiftKey: random() < 0.3}));
      }
      if (random() < 0.5) node.blur();
    } else if (node.matches('.kp-field')) {
      node.setPointerCapture = () => {};
      point(node, 'pointerdown', 5, 100);
      point(node, 'pointermove', 5, 200 * random());
      point(node, pick(['pointerup', 'pointercancel']), 5, 100);
    } else {
      node.click();
    }
    await new Promise(requestAnimationFrame);
    const missing = root.textContent.match(/NaN|undefined|Infinity|\\[object/);
    if (missing) odd.push(`${missing[0]} after ${done.at(-1)}`);
  }
  root.querySelector(':focus')?.blur();
  state.running = false;
  await new Promise(requestAnimationFrame);
  const output = [...root.querySelectorAll('.kp-output [data-pixel] .kp-number')];
  return {done, odd, state, output: output.slice(0, 9).map(node => node.textContent)};
}"""


@pytest.fixture
def page(browser):
    page = browser.new_page(viewport={"width": 1100, "height": 1400})
    yield page
    page.close()


def read(words):
    """The number that a cell shows; None for one that is shown by its power of ten."""
    words = words.replace("−", "-").strip()
    return float(words) if words and "…" not in words else None


def test_a_thousand_things_are_done_on_the_page(page):
    errors = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("console", lambda said: errors.append(said.text) if said.type == "error" else None)
    playground = KernelPlayground()
    source, style = str(KernelPlayground._esm), str(KernelPlayground._css)
    page.evaluate(START, [source, style, playground.get_state(SETTINGS)])
    page.wait_for_selector(".kernel-playground .kp-output")
    seen = set()
    for _ in range(TIMES // AT_A_TIME):
        found = page.evaluate(STIR, AT_A_TIME)
        assert not errors and not found["odd"], (errors, found["odd"], found["done"])
        seen |= {what.split()[0] for what in found["done"]}
        python = KernelPlayground(**found["state"])  # refuses what may not be
        assert np.isfinite(python.loss_history).all()
        np.testing.assert_allclose(python.loss_history[-1], python.loss, rtol=1e-6, atol=1e-9)
        shown = [read(words) for words in found["output"]]
        assert len(shown) == 9
        for number, exact in zip(shown, python.output.ravel()):
            # Large numbers are shown with two digits.
            assert number is None or abs(number - exact) <= 0.006 + 0.06 * abs(exact), found
    assert {"BUTTON", "SELECT", "INPUT", "DIV"} <= seen
