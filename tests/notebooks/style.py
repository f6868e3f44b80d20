"""The course's rules of style, each as a function that yields what breaks it, with notebook and cell."""

import ast
import re
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import nbformat
from slides import TYPES, shows

from parlab.errors import InputError
from parlab.learn.contents import read_lesson
from parlab.learn.stubs import BEGIN, without_solutions

Cell = nbformat.NotebookNode
Numbered = list[tuple[int, Cell]]

CHECKS = Path(__file__).parents[2] / "parlab" / "learn" / "checks"
PATHS = re.compile(r"/home/|/root/|/Users/|/tmp/|[A-Z]:\\\\|\x1b")
TAGS = {"nbval-ignore-output", "nbval-skip", "raises-exception"}
WAITS = {"join", "get", "acquire", "wait", "recv"}  # without an argument they may wait for ever
MEASURES = re.compile(r"parlab\.speedup\(|%speedup |perf_counter\(|measure_ceiling\(|predict\.(compare|on)\(")
RHYTHM = ("Predict", "Run", "Explain", "Change one thing", "Exercise", "Remember", "Next")


def faults(path: Path) -> Iterator[str]:
    """Yield every fault of a notebook: its name, the cell's number as the file counts it, and what is wrong."""
    cells = list(enumerate(nbformat.read(path, as_version=4).cells))
    for rule in (heading, lengths, prose, waits, paths, solutions, tags, exercises, rhythm, slides):
        for number, what in rule(path, cells):
            yield f"{path.stem}, cell {number}: {what}"


def code(cells: Numbered) -> Numbered:
    return [(number, cell) for number, cell in cells if cell.cell_type == "code"]


def heading(path: Path, cells: Numbered) -> Iterator[tuple[int, str]]:
    """The first heading is a question; what one can do afterwards, minutes and needs stand below."""
    try:
        read_lesson(path)
    except InputError as problem:
        yield 0, str(problem)


def lengths(path: Path, cells: Numbered) -> Iterator[tuple[int, str]]:
    """12 to 25 code cells: median at most 4 lines, 90 % at most 10, none over 20."""
    found = [(number, len(cell.source.splitlines())) for number, cell in code(cells)]
    counts = sorted(length for _, length in found)
    if not 12 <= len(counts) <= 25:
        yield 0, f"{len(counts)} code cells; 12 to 25 are allowed"
    if counts[len(counts) // 2] > 4:
        yield 0, f"half of the code cells have {counts[len(counts) // 2]} lines or more; 4 are allowed"
    long = [(number, length) for number, length in found if length > 10]
    for number, length in long:
        if length > 20 or len(long) > 0.1 * len(counts):
            yield number, f"{length} lines; 10 are allowed, 20 in one of ten cells"


def prose(path: Path, cells: Numbered) -> Iterator[tuple[int, str]]:
    """15 to 60 words of prose stand before each code cell."""
    for (_, before), (number, cell) in pairwise(cells):
        if cell.cell_type == "code":
            words = len(before.source.split()) if before.cell_type == "markdown" else 0
            if not 15 <= words <= 60:
                yield number, f"{words} words of prose before it; 15 to 60 are allowed"


def waits(path: Path, cells: Numbered) -> Iterator[tuple[int, str]]:
    """Nothing waits for ever: a wait has a number of seconds, or its cell is run by %%deadline."""
    for number, cell in code(cells):
        if cell.source.startswith(("%%deadline", "%%workers")):  # the latter's functions run in workers
            continue
        for node in ast.walk(ast.parse(_plain(cell.source))):
            if isinstance(node, ast.Call) and not (node.args or node.keywords) and _method(node) in WAITS:
                yield number, f"{ast.unparse(node)} may wait for ever; give it seconds, or use %%deadline"


def paths(path: Path, cells: Numbered) -> Iterator[tuple[int, str]]:
    """No cell and no output names a folder of one machine, or holds a colour code."""
    for number, cell in cells:
        found = PATHS.search(cell.source) or PATHS.search(_texts(cell))
        if found:
            yield number, f"it holds {found[0]!r}"


def solutions(path: Path, cells: Numbered) -> Iterator[tuple[int, str]]:
    """Marks of solutions come in pairs."""
    for number, cell in code(cells):
        try:
            without_solutions(cell.source)
        except InputError as problem:
            yield number, str(problem)


def tags(path: Path, cells: Numbered) -> Iterator[tuple[int, str]]:
    """Tags are known ones, and what shows a time or a speedup is not compared."""
    for number, cell in code(cells):
        found = set(cell.metadata.get("tags", []))
        if found - TAGS:
            yield number, f"unknown tags {sorted(found - TAGS)}; allowed: {sorted(TAGS)}"
        if MEASURES.search(cell.source) and re.search(r"\d\.\d", _texts(cell)) and "nbval-ignore-output" not in found:
            yield number, "it measures, and lacks the tag nbval-ignore-output"


def exercises(path: Path, cells: Numbered) -> Iterator[tuple[int, str]]:
    """Each exercise has a solution between marks; where a notebook has checks, there are three or more."""
    headings = [number for number, cell in cells if re.search(r"^## Exercise", cell.source, flags=re.MULTILINE)]
    ends = [number for number, cell in cells if re.match("## ", cell.source)] + [len(cells)]
    for number in headings:
        end = min(one for one in ends if one > number)
        if not any(BEGIN in cell.source for place, cell in code(cells) if number < place < end):
            yield number, f"this exercise has no {BEGIN!r}"
    asked = re.compile(r"(?:learn\.check|parlab\.bug)\(\s*[\"']([^\"']+)")
    checked = {name for _, cell in code(cells) for name in asked.findall(cell.source)}
    has_checks = (CHECKS / f"notebook_{path.stem[:2]}.py").exists()
    if has_checks and len(checked) < 3:
        yield 0, f"{len(checked)} exercises are checked; three at least"


def rhythm(path: Path, cells: Numbered) -> Iterator[tuple[int, str]]:
    """The headings of the course's rhythm are there, and three lines to remember."""
    text = "\n".join(cell.source for _, cell in cells if cell.cell_type == "markdown")
    for name in RHYTHM:
        if not re.search(rf"^## {name}", text, flags=re.MULTILINE):
            yield 0, f"no heading begins with {name!r}"
    lines = re.findall(r"^\d\. ", text.partition("## Remember")[2].partition("## ")[0], flags=re.MULTILINE)
    if ["1. ", "2. ", "3. "] != lines:
        yield len(cells) - 1, f"{len(lines)} numbered lines to remember; there are three"


def slides(path: Path, cells: Numbered) -> Iterator[tuple[int, str]]:
    """Each cell has a slide type, the first begins a slide, and no slide is empty."""
    types = [cell.metadata.get("slideshow", {}).get("slide_type") for _, cell in cells]
    wrong = [number for number, kind in enumerate(types) if kind not in TYPES]
    if wrong:
        yield wrong[0], f"slide type {types[wrong[0]]!r} here and in {len(wrong) - 1} others; make slides notes them"
        return
    if types[0] != "slide":
        yield 0, f"slide type {types[0]!r}; the first cell begins a slide"
    for number, is_full in shows([cell for _, cell in cells], types):
        if not is_full:
            yield number, "the slide that begins here shows no more than a heading"


def _method(call: ast.Call) -> str:
    return call.func.attr if isinstance(call.func, ast.Attribute) else ""


def _plain(source: str) -> str:
    """Leave out what only notebooks understand."""
    return "\n".join("" if line.lstrip()[:1] in {"%", "!"} or "= %" in line else line for line in source.split("\n"))


def _texts(cell: Cell) -> str:
    """Return what a cell shows as text; pictures are numbers that may spell anything."""
    shown = [str(one.get("text", "")) + str(one.get("traceback", "")) for one in cell.get("outputs", [])]
    for one in cell.get("outputs", []):
        shown += [str(data) for kind, data in one.get("data", {}).items() if not kind.startswith("image/")]
    return re.sub(r"base64,[A-Za-z0-9+/=]+", "", "\n".join(shown))
