"""Says what each cell of a notebook is on a slide, from the rhythm of the course, and notes it in the cell.

usage: slides.py FOLDER

`make slides` calls it before it builds the decks. JupyterLab (property inspector, RISE) and `jupyter nbconvert --to
slides` read the same notes. It changes `metadata.slideshow.slide_type` alone, and never a source or an output.
"""

import json
import re
import sys
from collections.abc import Sequence
from pathlib import Path

import nbformat
from slide_heights import ROOM_PX, Cell, of_cell

from parlab.learn.stubs import BEGIN

TYPES = ("slide", "subslide", "fragment", "skip", "notes", "-")
STARTS = {"slide", "subslide"}
HIDDEN = {"skip", "notes"}
EXERCISE = "★"  # how hard it is: it stands in the title of each exercise
INTRODUCTION_PX = 250  # prose under a heading, short enough to have a demonstration below it
ANSWER = re.compile(r"\blearn\.(check|hint|solution)\(")
HEADING = re.compile(r"^#{1,6} .*$", flags=re.MULTILINE)
IN_PIECES = re.compile(rf"^(#{{1,6}} |\||\s*[-*] |\s*\d+\. |```|    )|{EXERCISE}", flags=re.MULTILINE)


def slide_types(cells: Sequence[Cell]) -> list[str]:
    """Say for each cell what it is on a slide.

    A heading of the rhythm (``##``) begins a slide. Below it, each demonstration is a sub-slide: its prose, its code,
    and what it shows; where these do not fit together the code begins another one. So does each exercise. The set-up is
    skipped, and so are
    solutions and the checks that show them; what an exercise asks is shown. Prose that only comments is for the
    speaker's notes; headings, tables, and lists are shown.

    Parameters
    ----------
    cells
        All cells of a notebook, from top to bottom.

    Returns
    -------
    list of str
        One of ``TYPES`` for each.
    """
    types: list[str] = []
    used_px, only_prose, headed = 0.0, False, False  # what the slide that is being filled holds
    for number, cell in enumerate(cells):
        kind = _kind(cells, number)
        if kind not in HIDDEN:
            needed_px = of_cell(cell)
            joins = kind in {"-", "task"} and used_px + needed_px <= ROOM_PX
            if kind == "demonstration" and only_prose:
                joins = below_introduction(used_px, needed_px + of_cell(cells[number + 1]))
            joins = types and kind != "slide" and (joins or headed)
            kind = "-" if joins else "slide" if kind == "slide" else "subslide"
            used_px = needed_px + (used_px if kind == "-" else 0)
            headed = (kind != "-" or headed) and not has_content(cell)
            only_prose = cell.cell_type != "code" and number > 0 and (kind != "-" or only_prose)  # a title stays alone
        types.append(kind)
    return types


def has_content(cell: Cell) -> bool:
    """Tell whether a cell shows something other than a heading."""
    return bool(HEADING.sub("", cell.source).strip() or cell.get("outputs"))


def below_introduction(used_px: float, needed_px: float) -> bool:
    """Tell whether a demonstration has room below the prose that introduces it."""
    return used_px <= INTRODUCTION_PX and used_px + needed_px <= ROOM_PX


def shows(cells: Sequence[Cell], types: Sequence[str]) -> list[tuple[int, bool]]:
    """Return for each slide the number of its first cell, and whether it shows more than a heading."""
    found: list[tuple[int, bool]] = []
    for number, (cell, kind) in enumerate(zip(cells, types, strict=True)):
        if kind in STARTS or (kind not in HIDDEN and not found):
            found.append((number, has_content(cell)))
        elif kind not in HIDDEN:
            found[-1] = (found[-1][0], found[-1][1] or has_content(cell))
    return found


def typed(text: str) -> str:
    """Return the text of a notebook with a slide type in each cell, and nothing else changed."""
    notebook = json.loads(text)
    types = slide_types(nbformat.reads(text, as_version=4).cells)
    for cell, kind in zip(notebook["cells"], types, strict=True):
        cell["metadata"].setdefault("slideshow", {})["slide_type"] = kind
    return json.dumps(notebook, indent=1, ensure_ascii=False, sort_keys=True) + "\n"  # as nbformat writes


def _kind(cells: Sequence[Cell], number: int) -> str:
    """Say what a cell is by itself: a slide type, or one that shares a slide with what is above where there is room.

    ``"demonstration"`` is prose whose code comes next, ``"task"`` is what an exercise asks.
    """
    cell = cells[number]
    if cell.cell_type == "code":
        return "skip" if _is_hidden(cells, number) else "-"
    if not cell.source.strip() or cell.cell_type == "raw":
        return "skip"
    if number == 0 or cell.source.startswith("## "):
        return "slide"
    after = cells[number + 1] if number + 1 < len(cells) else None
    if after is not None and after.cell_type == "code":
        if not _is_hidden(cells, number + 1):
            return "subslide" if EXERCISE in cell.source else "demonstration"
        if BEGIN in after.source:
            return "subslide" if EXERCISE in cell.source else "task"
    return "subslide" if IN_PIECES.search(cell.source) else "notes"


def _is_hidden(cells: Sequence[Cell], number: int) -> bool:
    """Tell whether code is no part of the talk: what would show an answer, and a set-up that asks nothing."""
    source = cells[number].source
    asked = number > 0 and "?" in cells[number - 1].source
    return BEGIN in source or bool(ANSWER.search(source)) or ("%load_ext parlab" in source and not asked)


def main(folder: Path) -> None:
    """Note the types in all notebooks of a folder, and say what has changed."""
    for path in sorted(folder.glob("*.ipynb")):
        text = path.read_bytes().decode()
        new = typed(text)
        if new != text:
            path.write_bytes(new.encode())
            print(f"{path.name}: slide types noted")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
