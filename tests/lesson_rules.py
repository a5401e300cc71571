"""What every lesson must keep to. Each rule is a function from a notebook to complaints."""

from __future__ import annotations

import ast
import base64
import re
import statistics
from pathlib import Path

from execute_notebooks import WIDGET_VIEW, normalise

NOTEBOOK_BYTES = 1_500_000
PNG_BYTES = 80_000
SHORTEST_ALT = 20
SILENT = re.compile(r"(\.use|\.seed|assert_\w+|\.set\w*|\.step|\.reset|\.append)$")


# ------------------------------------------------------------------ reading a notebook


def code_cells(notebook):
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def markdown_cells(notebook):
    return [cell for cell in notebook.cells if cell.cell_type == "markdown"]


def tags(cell) -> list[str]:
    return cell.metadata.get("tags", [])


def outputs_of(notebook, mime: str):
    for place, cell in enumerate(code_cells(notebook)):
        for output in cell.outputs:
            if mime in output.get("data", ()):
                yield place, output


def prose(cell) -> str:
    """The text of a markdown cell without its code blocks."""
    return re.sub(r"```.*?```", "", cell.source, flags=re.DOTALL)


def headings(notebook) -> list[tuple[int, str]]:
    found = []
    for cell in markdown_cells(notebook):
        found += re.findall(r"^(#{1,6})\s+(.+)$", prose(cell), flags=re.MULTILINE)
    return [(len(marks), text.strip()) for marks, text in found]


def length(cell) -> int:
    """Non-blank lines, the docstrings of an exercise's stub left out."""
    lines = {n for n, line in enumerate(cell.source.splitlines(), 1) if line.strip()}
    if "exercise" in tags(cell):
        for node in ast.walk(ast.parse(cell.source)):
            if isinstance(node, ast.FunctionDef) and ast.get_docstring(node):
                doc = node.body[0]
                lines -= set(range(doc.lineno, doc.end_lineno + 1))
    return len(lines)


def checked_name(cell) -> str | None:
    """The exercise that a cell checks an answer to."""
    found = re.search(r"""\bcheck\(\s*["']([^"']+)["']""", cell.source)
    return found and found.group(1)


def speaks(cell) -> bool:
    """Whether a code cell should have an output: it prints, or ends with a value."""
    body = ast.parse(cell.source).body
    if not body:
        return False
    for node in body:
        inside = node if isinstance(node, (ast.Expr, ast.For, ast.With, ast.If)) else None
        for call in ast.walk(inside) if inside else ():
            if isinstance(call, ast.Call) and ast.unparse(call.func) == "print":
                return True
    last = body[-1]
    if not isinstance(last, ast.Expr) or cell.source.rstrip().endswith(";"):
        return False
    silent = isinstance(last.value, ast.Call) and SILENT.search(ast.unparse(last.value.func))
    return not silent


# ----------------------------------------------------------------------------- the rules


def begins_with_its_only_h1(notebook, path):
    levels = [level for level, _ in headings(notebook)]
    if not notebook.cells[0].source.startswith("# ") or levels.count(1) != 1:
        yield f"one H1, at the very top, is expected; heading levels are {levels}"


def skips_no_heading_level(notebook, path):
    found = headings(notebook)
    for (before, _), (level, text) in zip(found, found[1:]):
        if level > before + 1:
            yield f"heading {text!r} jumps from level {before} to {level}"


def says_how_long_it_takes(notebook, path):
    opening = "\n".join(cell.source for cell in notebook.cells[:4])
    if not re.search(r"\d+\s*min", opening):
        yield "the opening does not say how many minutes the lesson takes"


def has_a_lessons_size(notebook, path):
    least = 20 if path.name.startswith("00") else 30
    count, code = len(notebook.cells), len(code_cells(notebook))
    if not least <= count <= 80:
        yield f"{least} to 80 cells are expected; there are {count}"
    if not 0.6 <= (count - code) / max(code, 1) <= 1.8:
        yield f"about as much text as code is expected; {count - code} text, {code} code cells"


def keeps_code_cells_short(notebook, path):
    lengths = [length(cell) for cell in code_cells(notebook)]
    short = sum(n <= 10 for n in lengths) / len(lengths)
    if statistics.median(lengths) > 4:
        yield f"the median code cell has {statistics.median(lengths)} lines; at most 4"
    if short < 0.9:
        yield f"{short:.0%} of the code cells have at most 10 lines; at least 90%"
    for place, n in enumerate(lengths):
        if n > 25:
            yield f"code cell {place} has {n} lines; at most 25"


def describes_its_pictures(notebook, path):
    for place, output in outputs_of(notebook, "image/png"):
        alt = output.metadata.get("image/png", {}).get("alt", "")
        if len(alt) < SHORTEST_ALT:
            yield f"the picture of code cell {place} has no alternative text"
    for cell in markdown_cells(notebook):
        for alt in re.findall(r"!\[([^\]]*)\]\(", prose(cell)):
            if len(alt) < SHORTEST_ALT:
                yield f"a markdown image has the alternative text {alt!r}"
        for tag in re.findall(r"<img\b[^>]*>", prose(cell)):
            if not re.search(r'alt="[^"]{20,}"', tag):
                yield f"no alternative text in {tag}"


def ran_in_order_and_without_errors(notebook, path):
    counts = [cell.execution_count for cell in code_cells(notebook)]
    if counts != list(range(1, len(counts) + 1)):
        yield f"execution counts are not in order: {counts}"
    for place, cell in enumerate(code_cells(notebook)):
        for output in cell.outputs:
            if output.output_type == "error":
                yield f"code cell {place} ended with {output.ename}"
            if output.get("name") == "stderr":
                yield f"code cell {place} wrote to stderr: {output.text[:80]}"


def stores_outputs(notebook, path):
    for place, cell in enumerate(code_cells(notebook)):
        if not cell.source.strip():
            yield f"code cell {place} is empty"
        elif speaks(cell) and not cell.outputs:
            yield f"code cell {place} has no stored output: {cell.source.splitlines()[-1]}"


def is_normalised(notebook, path):
    if normalise(_copy(notebook)) != notebook:
        yield "metadata are not normalised: run make notebooks"


def _copy(notebook):
    import copy

    return copy.deepcopy(notebook)


def is_not_too_large(notebook, path):
    if path.stat().st_size > NOTEBOOK_BYTES:
        yield f"the notebook has {path.stat().st_size} bytes; at most {NOTEBOOK_BYTES}"
    for place, output in outputs_of(notebook, "image/png"):
        size = len(base64.b64decode(output.data["image/png"]))
        if size > PNG_BYTES:
            yield f"the picture of code cell {place} has {size} bytes; at most {PNG_BYTES}"


def links_to_what_exists(notebook, path):
    anchors = {re.sub(r"\s+", "-", text) for _, text in headings(notebook)}
    for cell in markdown_cells(notebook):
        for target in re.findall(r"\]\(([^)\s]+)\)", prose(cell)):
            if re.match(r"[a-z]+:", target):
                continue
            file, _, anchor = target.partition("#")
            if file and not (path.parent / file).exists():
                yield f"the link to {target} leads nowhere"
            if anchor and not file and anchor not in anchors:
                yield f"no heading is called {anchor}"


def has_checked_exercises(notebook, path):
    cells = code_cells(notebook)
    stubs = [c for c in cells if "exercise" in tags(c)]
    blank = {checked_name(c) for c in cells if "check" in tags(c)}
    solved = {checked_name(c) for c in cells if "solution" in tags(c)}
    if None in blank | solved or blank != solved or len(stubs) != len(blank):
        yield f"{len(stubs)} stubs; checks of {blank}; solutions of {solved}"
    if not path.name.startswith("00") and not 3 <= len(stubs) <= 5:
        yield f"three to five exercises are expected; there are {len(stubs)}"
    for cell in stubs:
        if "..." not in cell.source:
            yield f"an exercise has no dots to replace: {cell.source[:60]!r}"
    for cell in cells:
        said = str(cell.outputs)
        if "check" in tags(cell) and "Not yet" not in said:
            yield f"the blank answer to {checked_name(cell)} is not met with 'not yet'"
        if "solution" in tags(cell) and "Right." not in said:
            yield f"the solution to {checked_name(cell)} is not accepted"
        if "solution" in tags(cell) and not cell.source.startswith("# Solution"):
            yield "the first line of a solution shows when it is folded: begin with # Solution"
        if "solution" in tags(cell) and not cell.metadata.get("jupyter", {}).get("source_hidden"):
            yield f"the solution to {checked_name(cell)} is not collapsed"


def shows_widgets_without_a_kernel_too(notebook, path):
    cells = code_cells(notebook)
    for cell, after in zip(cells, [*cells[1:], None]):
        shown = any(WIDGET_VIEW in output.get("data", ()) for output in cell.outputs)
        if not shown or re.search(r"\bask\(", cell.source):
            continue
        if after is None or "image/png" not in str([o.get("data", {}) for o in after.outputs]):
            yield f"no figure follows the widget of {cell.source.splitlines()[-1]!r}"


def holds_its_numbers_by_assertions(notebook, path):
    found = sum("assert" in cell.source for cell in code_cells(notebook))
    if not path.name.startswith("00") and found < 5:
        yield f"only {found} code cells assert anything"


def touches_no_path(notebook, path):
    for cell in code_cells(notebook):
        if re.search(r"sys\.path|^[!%]|plt\.show\(", cell.source, flags=re.MULTILINE):
            yield f"no sys.path, shell, magic or plt.show in a lesson: {cell.source[:60]!r}"


RULES = (
    begins_with_its_only_h1,
    skips_no_heading_level,
    says_how_long_it_takes,
    has_a_lessons_size,
    keeps_code_cells_short,
    describes_its_pictures,
    ran_in_order_and_without_errors,
    stores_outputs,
    is_normalised,
    is_not_too_large,
    links_to_what_exists,
    has_checked_exercises,
    shows_widgets_without_a_kernel_too,
    holds_its_numbers_by_assertions,
    touches_no_path,
)


def lessons() -> list[Path]:
    folder = Path(__file__).resolve().parents[1] / "notebooks"
    return sorted(folder.glob("[0-9][0-9]_*.ipynb"))
