"""What tests of the live widgets share: what a widget shows, what can be done to it, refusals."""

import re
import xml.etree.ElementTree as ET
from base64 import b64decode
from contextlib import contextmanager
from io import BytesIO

import ipywidgets
import numpy as np
import pytest
from hypothesis import strategies as st
from PIL import Image

from helpers.plots import DescribedFigure

# --------------------------------------------------------------------- what a widget shows

NAMESPACE = ' xmlns="http://www.w3.org/2000/svg"'
NO_NUMBER = re.compile(r"(?<![a-z])(nan|inf|infinity|undefined)(?![a-z])", re.IGNORECASE)
PICTURES_AND_NOTICES = re.compile(r'href="[^"]*"|<strong>.*?</strong>')


def drawing_of(widget):
    """The drawing that is on the page, to be searched by plain names such as "circle"."""
    shown = widget._picture.value
    assert shown.count(NAMESPACE) == 1
    return ET.fromstring(shown.replace(NAMESPACE, "")).find("svg")


def windows_of(widget):
    """The drawings within the drawing, each with a frame of its own."""
    return list(drawing_of(widget).iter("svg"))[1:]


def words_of(widget):
    """All words of the drawing, in the order in which they are drawn."""
    return [text.text for text in drawing_of(widget).iter("text")]


def embedded_pictures(widget, mode="L"):
    """The pixels, 0 … 255, of all embedded pictures: grey ("L"), or of three colours ("RGB")."""
    found = []
    for image in drawing_of(widget).iter("image"):
        assert image.get("image-rendering") == "pixelated"
        data = b64decode(image.get("href").removeprefix("data:image/png;base64,"))
        found.append(np.asarray(Image.open(BytesIO(data)).convert(mode)).astype(int))
    return found


def assert_well_drawn(widget):
    """The drawing can be read, its numbers are numbers, and the controls show the state."""
    shown, drawing = widget._picture.value, drawing_of(widget)
    missing = NO_NUMBER.search(PICTURES_AND_NOTICES.sub("", shown))
    assert missing is None, shown[missing.start() - 80 : missing.end() + 80]
    for part in drawing.iter():
        for name, value in part.items():
            if name not in ("aria-label", "href"):
                assert not re.search("nan|inf", value), f"{name} of {part.tag}"
    assert all(float(text.get("font-size")) >= 16 for text in drawing.iter("text"))
    assert all("id" not in part.attrib for part in drawing.iter())  # ids would clash on a page
    caption = ET.fromstring(shown).find("figcaption")
    assert caption.text or len(caption)
    for control, read in widget._bindings:
        assert control.value == read(widget.state), control.description
    for button in widget._run_buttons:
        assert button.description == ("Pause" if widget.running else widget.run_word)


def figure_of(widget):
    """The widget's figure for where no kernel runs: small, with words for those who cannot see."""
    described = widget.figure()
    assert isinstance(described, DescribedFigure)
    assert " ".join(widget.still().alt.split()) in described.alt
    data, metadata = described._repr_mimebundle_()
    assert data["image/png"][:4] == b"\x89PNG" and len(data["image/png"]) < 80_000
    assert metadata["image/png"]["alt"] == described.alt
    return described


# --------------------------------------------------------------------- what can be done


def controls_of(widget):
    """All controls by description, in the order in which they appear."""
    found = {}
    for child in widget.children:
        if hasattr(child, "children"):
            below = controls_of(child)
        elif isinstance(child, ipywidgets.HTML):
            continue
        else:
            assert child.description
            below = {child.description: child}
        assert not found.keys() & below.keys()
        found |= below
    return found


def do(widget, what, value):
    """Set a control or else a setting of this name; a control without a value is pressed."""
    control = controls_of(widget).get(what)
    if control is None:
        setattr(widget, what, value)
    elif value is None:
        control.click()
    else:
        control.value = value


fractions = st.floats(0, 1)
places_of_the_mouse = st.builds("{:.4f} {:.4f} {}".format, fractions, fractions, st.integers(0, 5))

# ----------------------------------------------------------------------------- refusals

NO_PLACES = ["0.5", "left up 3", "nan 0.5 3", "inf 0.5 3", ""]


@contextmanager
def refused(widget, error, words):
    """What is tried here raises an error of these words, and changes nothing."""
    before, shown = widget.state, widget._picture.value
    with pytest.raises(error, match=words):
        yield
    assert widget.state is before and widget._picture.value == shown


def assert_taken_back(widget, what, value, words=""):
    """What a control asks for is refused in words, begun by these, and changes nothing."""
    before, widget.problem = widget.state, None
    do(widget, what, value)
    assert widget.problem is not None, f"{value!r} was not refused"
    assert widget.state is before
    assert widget.notice.startswith(f"That did not work: {words}")
    assert_well_drawn(widget)


def assert_no_place(widget, words):
    """No place of the mouse is told by these words."""
    do(widget, "Place of the mouse", "0.1 0.2 1")
    assert_taken_back(widget, "Place of the mouse", words)


def assert_limits(widget, box, setting, low, high, assert_sound):
    """A box takes the two limits of a setting, and nothing beyond that a box can hold."""
    for value in (low, high):
        do(widget, box, value)
        assert widget.problem is None and getattr(widget, setting) == value
        assert_sound(widget)
    for value in (low - 1, high + 1):
        if value < 2**31:
            assert_taken_back(widget, box, value, f"{setting} must be a ")
            assert_sound(widget)
