"""The decks in Chromium, on a projector of 1280 by 720 pixels, with everything else cut off."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from offline_pages import offline_page

ROOT = Path(__file__).resolve().parents[2]
LESSONS = sorted(path.stem for path in (ROOT / "notebooks").glob("[0-9]*.ipynb"))
QUICK = ["00_start_here", "06_see_transposed_convolution"]
SMALLEST_TEXT = 28

pytest.importorskip("sphinx_revealjs", reason="what makes slides (extra: site) is not installed")

FAULTS = """smallest => {
    const slide = Reveal.getCurrentSlide(), edge = slide.getBoundingClientRect(), faults = [];
    const elsewhere = "aside, mjx-assistive-mml, .live-playground";
    for (const part of slide.querySelectorAll("*")) {
        if (part.closest(elsewhere) || !part.getClientRects().length) continue;
        const box = part.getBoundingClientRect();
        if (part.parentElement.closest("svg")) continue;
        if (box.right > edge.right + 1 || box.bottom > edge.bottom + 1 || box.left < edge.left - 1)
            faults.push(`<${part.localName}> reaches ${box.right}, ${box.bottom}`);
        const words = [...part.childNodes].some(n => n.nodeType === 3 && n.data.trim());
        const size = parseFloat(getComputedStyle(part).fontSize);
        if (words && size < smallest) faults.push(`"${part.textContent.trim()}" has ${size} px`);
        if (part.localName === "mjx-merror") faults.push(`no formula: ${part.textContent}`);
        if (part.localName === "img" && box.height < 250) faults.push("a small figure");
    }
    return faults;
}"""


@pytest.fixture(scope="module")
def decks(tmp_path_factory):
    """The address of decks of all lessons: files, as whoever double-clicks one opens it."""
    folder = tmp_path_factory.mktemp("decks") / "slides"
    build = [sys.executable, str(ROOT / "docs" / "build_slides.py"), str(folder)]
    subprocess.run(build, check=True, timeout=300)
    return folder.as_uri()


@pytest.fixture
def open_deck(decks, browser):
    """A function that opens the deck of a lesson at a slide."""
    pages = []

    def open_(name, slide=0):
        context = offline_page(browser, decks)
        page = context.__enter__()
        pages.append(context)
        page.goto(f"{decks}/{name}.html#/{slide}")
        page.wait_for_selector("body[data-ready]", timeout=60_000)
        return page

    yield open_
    for context in pages:
        context.__exit__(None, None, None)


def faults_of_all_slides(page):
    """Walk through a deck with the arrow key; return what is wrong on each slide."""
    total, faults = page.evaluate("Reveal.getTotalSlides()"), {}
    for number in range(total):
        assert page.evaluate("Reveal.getIndices().h") == number
        assert page.locator("section.present > :is(h1, h2)").inner_text()
        found = page.evaluate(FAULTS, SMALLEST_TEXT)
        if found:
            faults[number] = found
        page.keyboard.press("ArrowRight")
    assert page.evaluate("Reveal.isLastSlide()")
    return faults


def slide_with(page, selector):
    """The number of the first slide that has something on it."""
    places = "s => [...document.querySelectorAll('.slides > section')].findIndex(p => p.matches(s))"
    return page.evaluate(places, f":has({selector})")


@pytest.mark.parametrize(
    "name", [n if n in QUICK else pytest.param(n, marks=pytest.mark.slow) for n in LESSONS]
)
def test_every_slide_can_be_read(open_deck, name):
    assert faults_of_all_slides(open_deck(name)) == {}


def test_the_check_notices_what_cannot_be_read(open_deck):
    page = open_deck(QUICK[0], slide=1)
    spoil = "style => document.querySelector('section.present p').style.cssText = style"
    assert page.evaluate(FAULTS, SMALLEST_TEXT) == []
    for style in ("font-size: 20px", "margin-top: 600px", "width: 1400px; max-width: none"):
        page.evaluate(spoil, style)
        assert page.evaluate(FAULTS, SMALLEST_TEXT), style
    page.evaluate(spoil, "")
    assert page.evaluate(FAULTS, SMALLEST_TEXT) == []


def test_a_question_is_answered_with_the_keys_and_still_fits(open_deck):
    page = open_deck(QUICK[1])
    place = slide_with(page, ".course-question")
    page.evaluate("place => Reveal.slide(place)", place)
    form = page.locator("section.present form")
    form.locator("input[data-correct=false]").first.focus()
    page.keyboard.press("Space")
    page.keyboard.press("ArrowDown")  # to the next option, not to the next slide
    assert page.evaluate("Reveal.getIndices().h") == place
    form.locator("input[data-correct=false]").first.check()
    form.get_by_role("button").click()
    assert "Noted" in form.locator(".verdict").inner_text()
    form.get_by_role("button").click()
    assert form.locator(".why:visible").count() == 1
    page.wait_for_timeout(100)
    assert page.evaluate(FAULTS, SMALLEST_TEXT) == []


def test_a_playground_lives_on_its_slide(open_deck):
    page = open_deck(QUICK[0])
    place = slide_with(page, ".live-playground")
    page.evaluate("place => Reveal.slide(place)", place)
    playground = page.locator("section.present .kernel-playground")
    cell = playground.get_by_role("spinbutton", name="kernel c1").first
    before = playground.inner_text()
    cell.focus()
    page.keyboard.press("ArrowUp")
    page.wait_for_function(
        "([place, text]) => place.innerText !== text", arg=[playground.element_handle(), before]
    )
    page.keyboard.press("ArrowRight")
    assert page.evaluate("Reveal.getIndices().h") == place


def test_the_speaker_has_the_lessons_words(open_deck):
    page = open_deck(QUICK[1], slide=1)
    notes = page.evaluate("Reveal.getSlideNotes()")
    assert "In lesson 02" in notes  # a sentence of the cell that the slide does not show
    assert "In lesson 02" not in page.locator("section.present").inner_text()


def test_the_index_leads_to_every_deck(decks, browser):
    with offline_page(browser, decks) as page:
        page.goto(f"{decks}/index.html")
        links = [link.get_attribute("href") for link in page.locator("li a").all()]
    assert links == [f"{name}.html" for name in LESSONS]
