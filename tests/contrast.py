"""How well the texts of a picture can be read: their contrast with what lies beneath them.

The Web Content Accessibility Guidelines ask for 4.5 : 1. What lies beneath is seen by drawing the
picture without its texts: its median colour where a text is, so that a thin line through it does
not count.
"""

from __future__ import annotations

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import to_hex, to_rgba
from matplotlib.figure import Figure
from matplotlib.text import Text

LEAST = 4.5


def luminance(colour) -> float:
    """Relative luminance of red, green and blue from 0 to 1."""
    parts = np.asarray(colour, dtype=float)[:3]
    linear = np.where(parts <= 0.04045, parts / 12.92, ((parts + 0.055) / 1.055) ** 2.4)
    return float(linear @ [0.2126, 0.7152, 0.0722])


def contrast(one, other) -> float:
    """Contrast ratio of two colours, from 1 to 21."""
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def over(colour, background) -> np.ndarray:
    """The colour that is seen where a translucent one lies over another."""
    *parts, alpha = colour
    return alpha * np.array(parts) + (1 - alpha) * np.asarray(background)[:3]


def box_of(left: float, top: float, right: float, bottom: float) -> tuple[slice, slice]:
    """The rows and columns of pixels that a box touches."""
    rows = slice(max(int(top), 0), max(int(np.ceil(bottom)), 0))
    return rows, slice(max(int(left), 0), max(int(np.ceil(right)), 0))


def beneath(pixels: np.ndarray, *place: float) -> np.ndarray:
    """Median colour of a picture, shape (height, width, 3) from 0 to 1, within a box."""
    return np.median(pixels[box_of(*place)].reshape(-1, 3), axis=0)


def fault(words: str, colour, background) -> str:
    """What is wrong with a text of this colour on this background; nothing, mostly."""
    ratio = contrast(colour, background)
    if ratio >= LEAST:
        return ""
    return f"{words!r} in {to_hex(colour)} on {to_hex(background)} has {ratio:.2f} : 1"


def figure_faults(figure: Figure) -> list[str]:
    """The texts of a figure of matplotlib that cannot be read well enough."""
    FigureCanvasAgg(figure)
    with_texts = _drawn(figure)
    figure.set_layout_engine("none")  # nothing is to move when the texts are gone
    texts = [
        text for text in figure.findobj(Text) if text.get_visible() and text.get_text().strip()
    ]
    boxes = [text.get_window_extent() for text in texts]
    for text in texts:
        text.set_visible(False)
    without = _drawn(figure)
    for text in texts:
        text.set_visible(True)
    height = len(without)
    faults = []
    for text, box in zip(texts, boxes):
        place = (box.x0, height - box.y1, box.x1, height - box.y0)
        inside = box_of(*place)
        if (with_texts[inside] == without[inside]).all():
            continue  # not drawn: the axes are switched off, or it lies outside
        background = beneath(without, *place)
        if text.get_bbox_patch() is not None:
            background = over(text.get_bbox_patch().get_facecolor(), background)
        for effect in text.get_path_effects():  # an outline of the letters
            if "foreground" in getattr(effect, "_gc", {}):
                background = to_rgba(effect._gc["foreground"])[:3]
        colour = over(to_rgba(text.get_color(), text.get_alpha()), background)
        faults.append(fault(text.get_text(), colour, background))
    return list(filter(None, faults))


def _drawn(figure: Figure) -> np.ndarray:
    figure.canvas.draw()
    return np.asarray(figure.canvas.buffer_rgba())[..., :3] / 255


def watch_figures() -> list[str]:
    """From now on, look at every figure that is shown; return the list that faults are added to."""
    from helpers.plots import DescribedFigure

    faults: list[str] = []
    show = DescribedFigure.__init__

    def show_and_look(self, figure, alt):
        faults.extend(figure_faults(figure))
        show(self, figure, alt)

    DescribedFigure.__init__ = show_and_look
    return faults
