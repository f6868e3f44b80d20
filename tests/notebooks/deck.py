"""Builds a deck of slides from each notebook, and a page of all decks, for a browser without a network.

usage: deck.py FOLDER OUT

The slide types come from the notebooks (``slides.py``). A deck may cut where a notebook cannot: within a cell, at a
heading or before an output. It runs nothing and changes no notebook. nbconvert's own page loads reveal.js, require.js,
and MathJax from a network; ``deck_template`` has the same sections, and no need of them.
"""

import re
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

import nbformat
from bs4 import BeautifulSoup
from jinja2 import Environment, FileSystemLoader
from nbconvert.exporters import SlidesExporter
from slide_heights import GAP_PX, PNG, ROOM_PX, Cell, of_code, of_markdown, of_output, picture_size
from slides import EXERCISE, HIDDEN, IN_PIECES, STARTS, below_introduction
from traitlets.config import Config

from parlab.learn.contents import Lesson, lessons
from parlab.learn.stubs import BEGIN, without_solutions

TEMPLATE = Path(__file__).parent / "deck_template"
MOST_WORDS = 100  # of plain paragraphs on one slide; the rest is for the speaker
SHORT_NAME = 9  # characters of a column's name
MOST_LINES = 20  # of a text that is shown
LARGER = 1.6  # a picture may be shown as many times as large as it is: more is blurred
RHYTHM_LEVEL = 2  # of the headings that begin a slide
RUNNING_PX = 24 + GAP_PX
MATERIAL = re.compile(r"(display\()?learn\.(quiz|given)\(")  # what the course shows; how it is called does not matter
LINK = re.compile(r"\]\((\d\d_[a-z_]+)\.ipynb(#[^)]*)?\)")
FENCED = re.compile(r"(?ms)^```.*?^```")


@dataclass
class Deck:
    """The cells of a deck while it is put together, and how full its last slide is."""

    cells: list[Cell] = field(default_factory=list)
    title: str = ""
    used_px: float = 0.0
    only_prose: bool = False

    def put(self, cell: Cell, kind: str, height_px: float = 0.0) -> None:
        """Add a cell; a slide that begins without a heading says which one it belongs to."""
        cell.metadata["slideshow"] = {"slide_type": kind}
        if kind not in HIDDEN:
            found = re.match(r"#{1,6} +(.*)", cell.source) if cell.cell_type == "markdown" else None
            if found:
                self.title = found[1].replace("`", "")
            elif kind != "-" and self.title:
                cell.metadata["slideshow"]["data"] = {"running": self.title}
                height_px += RUNNING_PX
            self.used_px = height_px + (self.used_px if kind == "-" else 0)
            self.only_prose = cell.cell_type != "code" and bool(self.cells) and (kind != "-" or self.only_prose)
        self.cells.append(cell)

    def where(self, kind: str, height_px: float) -> str:
        """Return the kind, or a new slide's where the one that is being filled has no room."""
        return "subslide" if kind == "-" and self.used_px + height_px > ROOM_PX else kind


def deck_of(cells: Sequence[Cell]) -> list[Cell]:
    """Return the cells of the deck: cut where slides end, the long prose among the notes.

    Parameters
    ----------
    cells
        Of a notebook with slide types; they stay as they are.
    """
    deck = Deck()
    for number, cell in enumerate(cells):
        kind = cell.metadata.get("slideshow", {}).get("slide_type", "-")
        if kind == "notes":
            deck.put(_markdown(cell.source), kind)
        elif cell.cell_type == "code" and BEGIN in cell.source:
            stub = nbformat.v4.new_code_cell(without_solutions(cell.source))
            deck.put(stub, deck.where("-", of_code(stub.source)), of_code(stub.source))
        elif kind != "skip" and cell.cell_type == "code":
            _put_code(deck, cell, follows=number > 0 and cells[number - 1].cell_type == "markdown")
        elif kind != "skip":
            code = cells[number + 1] if number + 1 < len(cells) else cell
            _put_prose(deck, cell.source, kind, of_code(code.source) if code.cell_type == "code" else None)
    return deck.cells


def _put_prose(deck: Deck, source: str, kind: str, code_px: float | None) -> None:
    """Put the sections of a markdown cell on slides of their own; what only comments goes to the notes.

    Where code comes next, and has ``code_px``, a short introduction above keeps its slide together with them.
    """
    parts = list(sections(source))
    for place, part in enumerate(parts):
        level = len(part) - len(part.lstrip("#")) if part.startswith("#") else 0
        if not level and len(parts) > 1 and kind == "subslide" and not IN_PIECES.search(part):
            deck.put(_markdown(part), "notes")
            continue
        shown, said = shortened(part)
        below_bare = place > 0 and re.fullmatch(r"#.*", parts[place - 1])
        begins = kind if not place else "slide" if level == RHYTHM_LEVEL else "subslide"
        if below_bare or part.startswith("## Next"):
            begins = "-"
        elif code_px is not None and begins == "subslide" and not level and deck.only_prose and EXERCISE not in part:
            begins = "-" if below_introduction(deck.used_px, of_markdown(part) + code_px) else begins
        for one, piece in enumerate(_in_slides(shown)):
            only_said = one and not IN_PIECES.search(piece) and "?" not in piece
            together_px = of_markdown(piece) + (code_px or 0) * (part is parts[-1])
            kind_of_piece = "notes" if only_said else deck.where(begins, together_px)
            deck.put(_markdown(piece), kind_of_piece, of_markdown(piece))
            begins = "subslide"
        if said:
            deck.put(_markdown(said), "notes")


def sections(source: str) -> Iterator[str]:
    """Yield a cell's text in parts, each from one heading to before the next; a # in a code block is no heading."""
    fenced = [found.span() for found in FENCED.finditer(source)]
    starts = [found.start() for found in re.finditer(r"(?m)^#{1,6} ", source)]
    cuts = [0, *(one for one in starts if one and not any(a <= one < b for a, b in fenced)), len(source)]
    for begin, end in pairwise(cuts):
        if source[begin:end].strip():
            yield source[begin:end].strip()


def shortened(source: str) -> tuple[str, str]:
    """Return what is shown of a section, and what is said: paragraphs after the first, when there are too many words.

    Headings, tables, lists, code, and what asks the audience are always shown.
    """
    blocks = _blocks(source)
    plain = [block for block in blocks if not IN_PIECES.search(block)]
    if sum(len(block.split()) for block in plain) <= MOST_WORDS:
        return source, ""
    kept = {id(block) for block in blocks if block not in plain or block is plain[0] or block.rstrip().endswith("?")}
    said = [block for block in blocks if id(block) not in kept]
    return "\n\n".join(block for block in blocks if id(block) in kept), "\n\n".join(said)


def _in_slides(source: str) -> Iterator[str]:
    """Yield a text in pieces of which each fits on a slide, as far as whole blocks allow."""
    piece: list[str] = []
    for block in _blocks(source):
        together = "\n\n".join([*piece, block])
        headed_only = len(piece) == 1 and piece[0].startswith("#")
        if piece and not headed_only and of_markdown(together) > ROOM_PX - RUNNING_PX:
            announced = [piece.pop()] if len(piece) > 1 and piece[-1].endswith(":") else []
            yield "\n\n".join(piece)
            piece = announced
        piece.append(block)
    yield "\n\n".join(piece)


def _blocks(source: str) -> list[str]:
    """Return the blocks between empty lines; a code block is one, whatever it holds."""
    hidden = FENCED.sub(lambda found: found[0].replace("\n\n", "\n\0\n"), source)
    return [block.replace("\0", "") for block in re.split(r"\n[ \t]*\n", hidden) if block.strip()]


def _put_code(deck: Deck, cell: Cell, *, follows: bool) -> None:
    """Put a code cell below its prose, and what it shows there, too, or else on slides of its own."""
    if not MATERIAL.match(cell.source):
        height_px = of_code(cell.source)
        kind = deck.where("-", height_px) if follows else "subslide"
        deck.put(nbformat.v4.new_code_cell(cell.source), kind, height_px)
    alternative = f"Chart in the section “{deck.title}”, drawn by: {cell.source.splitlines()[-1].strip()}"
    if cell.source.startswith("%%workers"):  # that a module was written is no news for an audience
        return
    for output in _joined(cell.get("outputs", [])):
        for shown in in_parts(_shown(output, alternative)):
            height_px = of_output(shown)
            one = nbformat.v4.new_code_cell("", outputs=[shown])
            deck.put(one, deck.where("-", height_px), height_px)


def in_parts(output: Cell) -> Iterator[Cell]:
    """Yield an output whole, or, when it is HTML that fits on no slide, one for each of its elements.

    A heading stays with what is below it, and what is folded away with what is above.
    """
    text = output.get("data", {}).get("text/html")
    if text is None or of_output(output) <= ROOM_PX - RUNNING_PX:
        yield output
        return
    top = BeautifulSoup(text, "html.parser")
    while len(found := top.find_all(recursive=False)) == 1 and found[0].name == "div":
        top = found[0]
    parts, above = [], ""
    for element in found:
        titles = element.name == "p" and (strong := element.find("strong")) and strong.text == element.text
        if titles or element.name in {"h4", "h5", "style"}:
            above += str(element)
        elif element.name == "details" and parts:
            parts[-1] += str(element)
        else:
            parts.append(above + str(element))
            above = ""
    for part in parts:
        yield nbformat.v4.new_output("display_data", {"text/html": part})


def _shown(output: Cell, alternative: str) -> Cell:
    """Return an output for a slide: pictures with a text in their place, long texts cut, long names breakable."""
    output = nbformat.from_dict(dict(output))
    data = output.get("data", {})
    if PNG in data:
        width, _ = picture_size(data[PNG])
        output["metadata"] = nbformat.from_dict({PNG: {"alt": alternative, "most_px": round(width * LARGER)}})
    if "text/html" in data:
        wide = re.sub(r"<th[^>]*>[^<]*</th>", _breakable, data["text/html"])
        output["data"] = nbformat.from_dict({"text/html": re.sub(r"\n{3,}", "\n\n", wide)})
    if output.output_type == "stream":
        output["text"] = _cut(output["text"])
    if output.output_type == "error":
        output["traceback"] = output["traceback"][-1:]
    if set(data) == {"text/plain"}:
        output["data"] = nbformat.from_dict({"text/plain": _cut(data["text/plain"])})
    return output


def _breakable(head: re.Match[str]) -> str:
    """Let a long name be broken at its underscores; short ones stay in one line."""
    return head[0].replace("_", "_<wbr>") if len(re.sub(r"<[^>]+>", "", head[0])) > SHORT_NAME else head[0]


def _joined(outputs: Sequence[Cell]) -> list[Cell]:
    """Put texts that were printed one after the other into one, in their order."""
    joined: list[Cell] = []
    for output in outputs:
        if joined and output.output_type == "stream" == joined[-1].output_type:
            joined[-1] = nbformat.v4.new_output("stream", text=joined[-1].text + output.text)
        else:
            joined.append(output)
    return joined


def _cut(text: str) -> str:
    lines = text.rstrip("\n").split("\n")
    more = len(lines) - MOST_LINES
    return "\n".join([*lines[:MOST_LINES], f"… and {more} lines more, in the notebook"] if more > 1 else lines)


def _markdown(source: str) -> Cell:
    return nbformat.v4.new_markdown_cell(LINK.sub(r"](\1.slides.html)", source))


@dataclass(frozen=True)
class Built:
    """A deck that was written."""

    lesson: Lesson
    file: str
    slides: int


def build(path: Path, lesson: Lesson, out: Path) -> Built:
    """Write the deck of one notebook; it needs no other file."""
    notebook = nbformat.read(path, as_version=4)
    notebook.cells = deck_of(notebook.cells)
    settings = Config()
    settings.SlidesExporter.extra_template_basedirs = [str(TEMPLATE.parent)]
    settings.SlidesExporter.template_name = TEMPLATE.name
    settings.SlidesExporter.exclude_input_prompt = settings.SlidesExporter.exclude_output_prompt = True
    settings.SlidesExporter.exclude_anchor_links = True
    settings.CSSHTMLHeaderPreprocessor.style = "vs"  # dark enough on a light ground
    deck = {"title": lesson.question, "number": lesson.number, "css": _text("deck.css"), "script": _text("deck.js")}
    text, _ = SlidesExporter(config=settings).from_notebook_node(notebook, {"deck": deck})
    file = f"{path.stem}.slides.html"
    (out / file).write_text(text, encoding="utf-8")
    slides = sum(cell.metadata.slideshow.slide_type in STARTS for cell in notebook.cells)
    return Built(lesson, file, slides)


def _text(name: str) -> str:
    return (TEMPLATE / name).read_text(encoding="utf-8")


def main(folder: Path, out: Path) -> None:
    """Write all decks and the page that leads to them."""
    out.mkdir(parents=True, exist_ok=True)
    built = []
    for lesson in lessons(folder):
        built.append(build(folder / lesson.file, lesson, out))
        print(f"{built[-1].slides:3} slides  {built[-1].file}", flush=True)
    page = Environment(loader=FileSystemLoader(TEMPLATE), autoescape=True).get_template("workshop.html.j2")
    css = _text("deck.css")
    (out / "index.html").write_text(page.render(css=css, decks=built), encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
