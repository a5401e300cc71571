"""Builds a reveal.js deck of each lesson: ``make slides``.

What is shown stands in the lessons themselves, as metadata of their cells (``slideshow``, which
JupyterLab's property inspector edits): ``slide_type`` is ``slide`` (begins one), ``-`` (goes on the
one before), ``notes`` (for the speaker) or ``skip``. A lesson is written to be read, and a slide is
not, so a cell may add under ``show`` which parts of it are shown, in this order:

- the first words of a sentence or a list item, or of a statement in a code cell;
- the same and " …" at the end: the whole paragraph;
- ``list``, ``table``, ``formula``, ``code``: all of that kind, or with a number that one of them;
- ``output``, ``figure``: what code leads to, or only the figures of it;
- ``# Words``, first: a title instead of the heading above;
- ``---``: what follows goes on a slide of its own.

All of a text that is not shown whole goes to the speaker's notes.
"""

from __future__ import annotations

import argparse
import ast
import html
import re
import shutil
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from importlib import metadata, resources
from itertools import groupby
from pathlib import Path
from string import Template

import nbformat
from live_parts import (
    HERE,
    LESSONS,
    PLAYGROUND_SCRIPT,
    PLAYGROUND_STYLE,
    ROOT,
    WIDGET_VIEW,
    asked_in,
    live_output,
)
from markdown_it import MarkdownIt
from mdit_py_plugins.dollarmath import dollarmath_plugin
from nbformat import NotebookNode
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import PythonLexer
from serve_dashboards import DASHBOARDS, PORT

LOOK = HERE / "_slides"
SLIDE_TYPES = ("slide", "-", "notes", "skip")
KINDS = ("list", "table", "formula", "code")


@dataclass
class Slide:
    """A title, what is on it and what is said about it, in HTML."""

    title: str
    opening: bool = False
    parts: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


# ------------------------------------------------------------------------------- texts


def _set_formula(content: str, options: dict) -> str:
    if not options["display_mode"]:
        return html.escape(rf"\({content.strip()}\)")
    one, more = (html.escape(rf"\[{tex}\]") for tex in (content.strip(), break_formula(content)))
    return f'<div class="formula" data-broken="{more}">{one}</div>'


def break_formula(formula: str) -> str:
    """Return a formula in several lines, for slides on which one line is too long.

    It is broken at its wide gaps, or else before the signs of equality that begin a line.
    """
    for gap in (r"\\qquad", r"\n(?==|\\;?=)", r"\\quad"):
        places = [match.span() for match in re.finditer(gap, formula)]
        places = [(a, b) for a, b in places if _is_outside(formula[:a])]
        if places:
            starts, ends = [0, *(b for _, b in places)], [*(a for a, _ in places), len(formula)]
            lines = [formula[a:b].strip() for a, b in zip(starts, ends)]
            return r"\begin{gathered}" + r" \\[0.4em] ".join(lines) + r"\end{gathered}"
    return formula


def _is_outside(before: str) -> bool:
    """Whether a place of a formula is in no brackets and no environment that began before it."""
    opened = len(re.findall(r"\\begin\b|\\left\b|(?<!\\)\{", before))
    return opened == len(re.findall(r"\\end\b|\\right\b|(?<!\\)\}", before))


MARKDOWN = (
    MarkdownIt("commonmark")
    .enable("table")
    .use(dollarmath_plugin, allow_space=True, double_inline=True, renderer=_set_formula)
)


def render(source: str) -> str:
    """Return a text as HTML; what follows a formula without a space stays on its line."""
    page = MARKDOWN.render(source)
    follows = r'(<span class="math inline">[^<]*</span>)([.,;:?!)]+)'
    return re.sub(follows, r'<span class="whole">\1\2</span>', page)


BLOCKS = {
    "paragraph_open": "text",
    "bullet_list_open": "list",
    "ordered_list_open": "list",
    "table_open": "table",
    "math_block": "formula",
    "fence": "code",
    "heading_open": "heading",
}
SENTENCE_END = re.compile(r"[.?!][*”\")]*(?=\s+[^a-z\s])")


@dataclass
class Block:
    """A paragraph, list, table, formula, piece of code or heading of a text."""

    kind: str
    source: str
    items: Sequence[str] = ()


def blocks_of(text: str) -> list[Block]:
    """Take a text apart."""
    lines, blocks = text.splitlines(), []
    tokens = MARKDOWN.parse(text)
    for place, token in enumerate(tokens):
        if token.level == 0 and token.type in BLOCKS:
            kind, source = BLOCKS[token.type], "\n".join(lines[slice(*token.map)]).strip()
            if kind == "text" and re.fullmatch(r"\$\$.*\$\$", source, re.DOTALL):
                kind = "formula"
            items = []
            for inner in tokens[place:] if kind == "list" else ():
                if inner.level == 0 and inner.nesting == -1:
                    break
                if inner.level == 1 and inner.type == "list_item_open":
                    items.append("\n".join(lines[slice(*inner.map)]).strip())
            blocks.append(Block(kind, source, items))
    return blocks


def sentences_of(paragraph: str) -> list[str]:
    """Take a paragraph apart; a full stop within a formula or code ends nothing."""
    hidden: list[str] = []

    def hide(match: re.Match) -> str:
        hidden.append(match.group())
        return f"\0{len(hidden) - 1}\0"

    text = re.sub(r"\$\$.*?\$\$|\$[^$]+\$|`[^`]+`|\]\([^)]*\)", hide, paragraph, flags=re.DOTALL)
    cuts = [0, *(match.end() for match in SENTENCE_END.finditer(text)), len(text)]
    found = []
    for start, end in zip(cuts, cuts[1:]):
        closing = re.match(r"[*”\")]+", text[end:])
        begin = re.match(r"[*”\")]+(?=\s)", text[start:]) if start else None
        piece = text[
            start + (begin.end() if begin else 0) : end + (closing.end() if closing else 0)
        ]
        found.append(re.sub(r"\0(\d+)\0", lambda m: hidden[int(m.group(1))], piece).strip())
    return found


def _plain(text: str) -> str:
    """Return a text as it is compared: without marks and in single spaces."""
    return " ".join(re.sub(r"[*_`]", "", text).split())


def _begins(text: str, words: str) -> bool:
    return _plain(re.sub(r"^(?:[-*]|\d+\.)\s+", "", text)).startswith(_plain(words))


def choose_text(blocks: Sequence[Block], wanted: str) -> tuple[int, str]:
    """Return the place of the block that an entry of ``show`` names, and what is shown of it."""
    kind, _, number = wanted.partition(" ")
    if kind == "block":
        return int(number), blocks[int(number)].source
    if kind in KINDS and (not number or number.isdigit()):
        places = [place for place, block in enumerate(blocks) if block.kind == kind]
        chosen = places[int(number) - 1 : int(number)] if number else places
        if chosen:
            return chosen[0], "\n\n".join(blocks[place].source for place in chosen)
    words, whole = wanted.removesuffix(" …"), wanted.endswith(" …")
    for place, block in enumerate(blocks):
        if block.kind == "text" and whole and _begins(block.source, words):
            return place, block.source
        pieces = sentences_of(block.source) if block.kind == "text" else block.items
        for piece in pieces:
            if _begins(piece, words):
                return place, piece
    raise ValueError(f"nothing begins with {wanted!r}")


# ------------------------------------------------------------------------------- code and outputs


def choose_code(source: str, wanted: str) -> str:
    """Return the statement of a code cell that begins with the given words."""
    lines = source.splitlines()
    for node in ast.parse(source).body:
        statement = "\n".join(lines[node.lineno - 1 : node.end_lineno])
        if statement.startswith(wanted):
            return statement
    raise ValueError(f"no statement begins with {wanted!r}")


def code_part(source: str) -> str:
    """Return code as HTML."""
    return highlight(source, PythonLexer(), HtmlFormatter(cssclass="code", wrapcode=True))


def output_parts(cell: NotebookNode, figures_only: bool = False) -> Iterator[str]:
    """Return a cell's outputs as HTML, without verdicts on answers that nobody has given."""
    for output in cell.outputs:
        data = output.get("data", {})
        if figures_only and "image/png" not in data:
            continue
        if 'role="status"' in data.get("text/html", ""):
            continue
        if WIDGET_VIEW in data:
            yield live_part(cell.source, data["text/plain"])
        elif "image/png" in data:
            alt = html.escape(output.metadata.get("image/png", {}).get("alt", ""))
            picture = data["image/png"].replace("\n", "")
            source = f"data:image/png;base64,{picture}"
            yield f'<div class="figure"><img alt="{alt}" src="{source}"></div>'
        elif "text/html" in data:
            yield f"<div>{data['text/html']}</div>"
        else:
            text = data.get("text/plain", output.get("text", ""))
            yield f'<pre class="output">{html.escape(text.rstrip())}</pre>'


def live_part(source: str, representation: str) -> str:
    """Return what stands on a slide in the place of a widget."""
    widget = re.match(r"\w+", representation).group()
    if asked_in(source) or widget == "KernelPlayground":
        return live_output(source, representation)
    title = next((entry.title for entry in DASHBOARDS if entry.widget == widget), widget)
    address = f"http://127.0.0.1:{PORT}/voila/render/{widget}.ipynb"
    return (
        f'<p class="live">Live: <a href="{address}" target="_blank">{html.escape(title)}</a>, '
        "while <code>make dashboards</code> runs.</p>"
    )


# ------------------------------------------------------------------------------- a deck


def shown_in(cell: NotebookNode, blocks: Sequence[Block]) -> list[str]:
    """Return what a cell shows: what it says, or else all of a text, or what code leads to."""
    chosen = cell.metadata["slideshow"].get("show")
    if chosen is not None:
        return chosen
    if cell.cell_type == "markdown":
        return [f"block {place}" for place, block in enumerate(blocks) if block.kind != "heading"]
    kinds = {kind for output in cell.outputs for kind in output.get("data", {})}
    if "image/png" in kinds:
        return ["figure"]
    return ["output"] if kinds & {WIDGET_VIEW, "text/html"} else ["code", "output"]


def text_parts(blocks: Sequence[Block], wanted: Sequence[str]) -> tuple[int, list[str]]:
    """Return the place of the first block shown, and what is shown, in HTML.

    Pieces of one paragraph, or of one list, make one again.
    """
    joined: list[list] = []
    for entry in wanted:
        place, source = choose_text(blocks, entry)
        between = {"text": " ", "list": "\n"}.get(blocks[place].kind)
        if joined and joined[-1][0] == place and between:
            joined[-1][1] += between + source
        else:
            joined.append([place, source])
    return joined[0][0], [render(source) for _, source in joined]


def code_parts(cell: NotebookNode, wanted: Sequence[str]) -> list[str]:
    """Return what is shown of a code cell and its outputs, in HTML."""
    parts = []
    for entry in wanted:
        if entry in ("output", "figure"):
            parts += output_parts(cell, figures_only=entry == "figure")
        else:
            parts.append(
                code_part(cell.source if entry == "code" else choose_code(cell.source, entry))
            )
    return parts


def slides_of(lesson: NotebookNode) -> list[Slide]:
    """Return the slides of a lesson, as its cells' metadata choose them."""
    slides: list[Slide] = []
    heading = ""
    for number, cell in enumerate(lesson.cells):
        kind = cell.metadata.get("slideshow", {}).get("slide_type", "skip")
        blocks = blocks_of(cell.source) if cell.cell_type == "markdown" else []
        try:
            if kind in ("slide", "-"):
                slides += add_cell(cell, blocks, heading, slides[-1] if kind == "-" else None)
            elif kind == "notes" and slides:
                slides[-1].notes.append(render(cell.source))
        except (ValueError, IndexError) as error:
            raise ValueError(f"cell {number}, {cell.id}: {error}") from None
        heading = title_at(blocks, len(blocks)) or heading
    if slides:
        slides[0].opening = True
    return slides


def title_at(blocks: Sequence[Block], place: int) -> str:
    """Return the last heading of a text before one of its blocks, or nothing."""
    above = [block.source.lstrip("# ") for block in blocks[:place] if block.kind == "heading"]
    return above[-1] if above else ""


def add_cell(cell, blocks: Sequence[Block], heading: str, before: Slide | None) -> list[Slide]:
    """Put a cell on the slide before it, if there is one, and return the slides that it begins."""
    begun: list[Slide] = []
    for number, entries in enumerate(_split(shown_in(cell, blocks))):
        title = entries[0][2:] if entries[0].startswith("# ") else ""
        entries = entries[1:] if title else entries
        if not entries:
            raise ValueError(f"nothing stands under the title {title!r}")
        if cell.cell_type == "markdown":
            place, parts = text_parts(blocks, entries)
            above = title_at(blocks, place) or heading
        else:
            parts, question = code_parts(cell, entries), asked_in(cell.source)
            above = ("Choose" if question.reveal else "Predict") if question else heading
        if before and number == 0:
            before.parts += parts
        else:
            begun.append(Slide(title or above, parts=parts))
    if cell.cell_type == "markdown" and "show" in cell.metadata["slideshow"]:
        (before or begun[0]).notes.append(render(cell.source))
    return begun


def _split(entries: Sequence[str]) -> Iterator[list[str]]:
    """Return the entries between the marks of new slides."""
    for new, group in groupby(entries, key=lambda entry: entry == "---"):
        if not new:
            yield list(group)


def deck_of(lesson: NotebookNode) -> str:
    """Return the deck of a lesson as an HTML page."""
    slides = slides_of(lesson)
    if not slides:
        raise ValueError("no cell is chosen for a slide")
    sections = []
    for slide in slides:
        mark = "h1" if slide.opening else "h2"
        title = MARKDOWN.renderInline(slide.title)
        notes = f'<aside class="notes">{"".join(slide.notes)}</aside>' if slide.notes else ""
        opening = ' class="opening"' if slide.opening else ""
        body = "\n".join(slide.parts)
        sections.append(f"<section{opening}><{mark}>{title}</{mark}>\n{body}\n{notes}</section>")
    page = Template((LOOK / "deck.html").read_text(encoding="utf-8"))
    return page.substitute(title=html.escape(slides[0].title), slides="\n".join(sections))


def unchosen(lesson: NotebookNode) -> list[str]:
    """Return the ids of the cells that do not say what they are in the deck."""
    return [
        cell.id
        for cell in lesson.cells
        if cell.metadata.get("slideshow", {}).get("slide_type") not in SLIDE_TYPES
    ]


# ------------------------------------------------------------------------------- all decks


def deck_script() -> str:
    """Return the three scripts as one without modules, which browsers do not load from files."""
    paths = (PLAYGROUND_SCRIPT, HERE / "_static" / "course.js", LOOK / "slides.js")
    playground, course, slides = (path.read_text(encoding="utf-8") for path in paths)
    playground = re.sub("^export default ", "return ", playground, flags=re.MULTILINE)
    playground = re.sub("^export ", "", playground, flags=re.MULTILINE)
    course = re.sub("^import playground from .*$", "", course, flags=re.MULTILINE)
    return f"""(async () => {{
const playground = (() => {{
{playground}
}})();
{{
{course}
}}
{slides}
}})();
"""


def build(output: Path, lessons: Sequence[Path] = LESSONS) -> None:
    """Write the decks, an index and all that they load into a folder."""
    static = output / "static"
    shutil.rmtree(output, ignore_errors=True)
    static.mkdir(parents=True)
    reveal = resources.files("sphinx_revealjs") / "_static" / "revealjs"
    for part in ("dist", "plugin/notes", "plugin/zoom"):
        shutil.copytree(reveal / part, static / "reveal" / part)
    mathjax = metadata.distribution("sphinx-mathjax-offline")
    shutil.copy(
        mathjax.locate_file("sphinx-mathjax-offline/static/mathjax/tex-svg-full.js"),
        static / "mathjax.js",
    )
    (static / "deck.js").write_text(deck_script(), encoding="utf-8")
    for path in (PLAYGROUND_STYLE, LOOK / "slides.css"):
        shutil.copy(path, static)
    (static / "code.css").write_text(HtmlFormatter(cssclass="code").get_style_defs(".code"))
    entries = []
    for path in lessons:
        lesson = nbformat.read(path, as_version=4)
        try:
            page = deck_of(lesson)
        except ValueError as error:
            raise ValueError(f"{path.name}: {error}") from None
        (output / f"{path.stem}.html").write_text(page, encoding="utf-8")
        title = lesson.cells[0].source.splitlines()[0].lstrip("# ")
        entries.append(
            f'<li><a href="{path.stem}.html">{path.stem[:2]} {html.escape(title)}</a></li>'
        )
    index = Template((LOOK / "index.html").read_text(encoding="utf-8"))
    (output / "index.html").write_text(index.substitute(decks="\n".join(entries)), encoding="utf-8")


def main() -> int:
    """Build the decks into the folder that is named."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("output", nargs="?", type=Path, default=ROOT / "slides")
    build(parser.parse_args().output)
    return 0


if __name__ == "__main__":
    sys.exit(main())
