"""Small functions that write pictures as SVG: each returns a string and changes nothing.

Lengths are in the picture's own units; a picture is 900 of them wide, so that on a page of
900 pixels a text of size 16 is 16 pixels high. Colours are Okabe and Ito's, which people who
see few colours can tell apart; a picture that uses them gives a second cue beside them.
"""

from __future__ import annotations

import math
import struct
import zlib
from base64 import b64encode
from collections.abc import Iterable
from html import escape

import numpy as np
from numpy.typing import NDArray

INK = "#1a1a1a"
SOFT_INK = "#4d4d4d"
LINE = "#b3b3b3"
PAPER = "#ffffff"
BLUE = "#0072b2"
VERMILLION = "#c04a00"  # this and the green are darkened until words in them can be read on white
GREEN = "#007a59"

FONT = "'Helvetica Neue', Arial, 'Liberation Sans', 'DejaVu Sans', sans-serif"
MINUS = "\N{MINUS SIGN}"


def document(width: float, height: float, body: str, *, title: str, description: str) -> str:
    """Put a picture's parts together, on paper of its own (so a dark page does not matter).

    Parameters
    ----------
    width, height : float
        In the picture's units. On a page it is as wide as there is room for.
    body : str
        SVG elements.
    title, description : str
        What the picture is and what it shows, for those who listen to it.
    """
    title, description = escape(title), escape(description)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:g} {height:g}" '
        f'role="img" aria-label="{title}. {description}" '
        f'font-family="{FONT}" font-size="16" fill="{INK}">'
        f"<title>{title}</title><desc>{description}</desc>"
        f"{rect(0, 0, width, height, fill=PAPER)}{body}</svg>"
    )


def window(x: float, y: float, width: float, height: float, body: str) -> str:
    """A part of the picture that cuts off whatever reaches over its edge.

    Inside it, coordinates begin at its upper left corner.
    """
    return (
        f'<svg x="{x:g}" y="{y:g}" width="{width:g}" height="{height:g}" overflow="hidden">'
        f"{body}</svg>"
    )


def text(
    x: float,
    y: float,
    words: str,
    *,
    size: float = 16,
    anchor: str = "start",
    bold: bool = False,
    fill: str = INK,
    turn: float = 0,
) -> str:
    """One line of text whose baseline is at y; `anchor` says which part of it is at x."""
    weight = ' font-weight="bold"' if bold else ""
    turned = f' transform="rotate({turn:g} {x:.1f} {y:.1f})"' if turn else ""
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size:g}" text-anchor="{anchor}" '
        f'fill="{fill}"{weight}{turned}>{escape(words)}</text>'
    )


def rect(
    x: float,
    y: float,
    width: float,
    height: float,
    *,
    fill: str = "none",
    stroke: str = "none",
    stroke_width: float = 1,
    radius: float = 0,
) -> str:
    """A rectangle, with round corners if a radius is given."""
    return (
        f'<rect x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}" '
        f'rx="{radius:g}" fill="{fill}" stroke="{stroke}" stroke-width="{stroke_width:g}"/>'
    )


def circle(x: float, y: float, radius: float, *, fill: str = "none", stroke: str = INK) -> str:
    """A circle with a line two units wide around it."""
    return (
        f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{radius:g}" fill="{fill}" '
        f'stroke="{stroke}" stroke-width="2"/>'
    )


def path(steps: str, *, stroke: str, stroke_width: float = 2, dashes: str = "") -> str:
    """A line along SVG's path commands, solid unless `dashes` gives the lengths of its dashes."""
    dashed = f' stroke-dasharray="{dashes}"' if dashes else ""
    return (
        f'<path d="{steps}" fill="none" stroke="{stroke}" stroke-width="{stroke_width:g}"{dashed}/>'
    )


def line(x1: float, y1: float, x2: float, y2: float, **style) -> str:
    """A straight line; `style` as for `path`."""
    return path(f"M{x1:.1f} {y1:.1f}L{x2:.1f} {y2:.1f}", **style)


def polyline(points: Iterable[tuple[float, float]], **style) -> str:
    """A line from point to point; `style` as for `path`."""
    return path("M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in points), **style)


def dots(points: Iterable[tuple[float, float]], *, size: float, fill: str) -> str:
    """Many dots as one element: lines of no length, whose round ends are what one sees."""
    steps = "".join(f"M{x:.1f} {y:.1f}h0" for x, y in points)
    return (
        f'<path d="{steps}" fill="none" stroke="{fill}" stroke-width="{size:g}" '
        f'stroke-linecap="round"/>'
    )


def crosses(points: Iterable[tuple[float, float]], *, size: float, **style) -> str:
    """Many upright crosses as one element; `style` as for `path`."""
    arm = size / 2
    steps = (f"M{x - arm:.1f} {y:.1f}h{size:g}M{x:.1f} {y - arm:.1f}v{size:g}" for x, y in points)
    return path("".join(steps), **style)


def image(
    x: float, y: float, width: float, height: float, levels: NDArray, palette: NDArray
) -> str:
    """A small picture of square pixels, embedded as a PNG with a palette.

    Parameters
    ----------
    x, y, width, height : float
        Where it goes; its pixels are stretched to fill the place.
    levels : ndarray of uint8, shape (rows, columns)
        For each pixel the number of its colour; the first row is on top.
    palette : ndarray of uint8, shape (n_colours, 3)
        Red, green and blue of at most 256 colours.
    """
    coded = b64encode(_png(levels, palette)).decode("ascii")
    return (
        f'<image x="{x:g}" y="{y:g}" width="{width:g}" height="{height:g}" '
        f'preserveAspectRatio="none" image-rendering="pixelated" '
        f'href="data:image/png;base64,{coded}"/>'
    )


def _png(levels: NDArray, palette: NDArray) -> bytes:
    """The bytes of a PNG file: header, palette, the rows (each after a 0 for "no filter"), end."""
    height, width = levels.shape
    rows = np.zeros((height, width + 1), dtype=np.uint8)
    rows[:, 1:] = levels
    header = struct.pack(">IIBBBBB", width, height, 8, 3, 0, 0, 0)  # 8 bits, by palette
    chunks = (
        (b"IHDR", header),
        (b"PLTE", np.asarray(palette, dtype=np.uint8).tobytes()),
        (b"IDAT", zlib.compress(rows.tobytes(), 1)),  # quick rather than small
        (b"IEND", b""),
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in chunks
    )


def tint(colour: str, strength: float) -> str:
    """A colour mixed with white: strength 0 is white, 1 the colour itself."""
    strength = min(max(strength, 0.0), 1.0)
    parts = (int(colour[i : i + 2], 16) for i in (1, 3, 5))
    return "#" + "".join(f"{round(255 + strength * (part - 255)):02x}" for part in parts)


def short(value: float) -> str:
    """A number in five characters (below 1e10): two decimals, or fewer digits if it is large.

    >>> [short(x) for x in (0.126, -1.5, 123.4, -98765.0)]
    ['0.13', '−1.50', '123', '−1e5']
    """
    size = abs(value)
    if size < 9.995:
        written = f"{size:.2f}"
    elif size < 999.5:
        written = f"{size:.3g}"
    else:
        written = _without_padding(f"{size:.0e}")
    return (MINUS if value < 0 and float(written) else "") + written


def significant(value: float, digits: int = 3) -> str:
    """A number with so many significant digits.

    >>> significant(0.0047382), significant(-123456.0)
    ('0.00474', '−1.23e5')
    """
    return _without_padding(f"{value:.{digits}g}").replace("-", MINUS)


def _without_padding(written: str) -> str:
    """Write an exponent as people do: 1e5, not 1e+05."""
    mantissa, e, exponent = written.partition("e")
    return mantissa + e + (str(int(exponent)) if e else "")


def power_of_ten(exponent: int) -> str:
    """The label of a tick on a logarithmic axis: 0.001, 10, 1e6.

    >>> [power_of_ten(k) for k in (-3, 0, 2, 9)]
    ['0.001', '1', '100', '1e9']
    """
    if -3 <= exponent <= 3:
        return f"{10.0**exponent:g}"
    return f"1e{exponent}".replace("-", MINUS)


def ticks(low: float, high: float, most: int = 5) -> list[float]:
    """Round numbers between low and high, `most` of them at the most, evenly spaced.

    >>> ticks(0, 30)
    [0.0, 10.0, 20.0, 30.0]
    """
    rough = max(high - low, 1e-12) / max(most - 1, 1)
    unit = 10.0 ** math.floor(math.log10(rough))
    spacing = next(unit * m for m in (1, 2, 5, 10) if unit * m >= rough * (1 - 1e-9))
    first, last = math.ceil(low / spacing - 1e-9), math.floor(high / spacing + 1e-9)
    return [round(k * spacing, 10) for k in range(first, last + 1)]


def triangles(points: Iterable[tuple[float, float]], *, size: float, fill: str) -> str:
    """Many triangles, so high as `size`, standing around their points as one element."""
    half = size / 2
    steps = (f"M{x:.1f} {y - half:.1f}l{half:g} {size:g}h{-size:g}z" for x, y in points)
    return f'<path d="{"".join(steps)}" fill="{fill}"/>'


def area(x: float, y: float, width: float, height: float) -> str:
    """A place to point into with the mouse; see `LiveWidget.pointer`. It cannot be seen."""
    return (
        f'<rect class="live-area" x="{x:g}" y="{y:g}" width="{width:g}" height="{height:g}" '
        f'fill="#ffffff" fill-opacity="0"/>'
    )
