"""Estimates how much room a cell takes on a slide of 1280 x 720 pixels; it renders nothing, and never has to be exact.

The numbers belong to ``deck_template/deck.css`` (26 pixels for prose, 20 for code); ``tests/browser/test_deck.py``
measures in a browser that what was estimated to fit does fit.
"""

import base64
import html
import math
import re
import struct
from collections.abc import Iterable

import nbformat

Cell = nbformat.NotebookNode

ROOM_PX = 632  # what the edges of a slide leave
WIDTH_PX = 1184
GAP_PX = 14
LINE_PX, LINE_CHARACTERS = 36, 90  # of prose
CODE_PX, CODE_CHARACTERS = 27, 94
ROW_PX, ROW_CHARACTERS = 38, 110  # of a table
HEADING_PX = 52
FRAME_PX = 24  # around code and texts that are shown
LEAST_PICTURE_PX = 380  # below, a chart's labels are hard to read from the last row
HTML_PICTURE_PX = 500
PNG = "image/png"


def of_cell(cell: Cell) -> float:
    """Return the pixels from top to bottom that a cell takes, outputs included."""
    if cell.cell_type != "code":
        return of_markdown(cell.source)
    return of_code(cell.source) + sum(of_output(one) for one in cell.get("outputs", []))


def of_code(source: str) -> float:
    """Return the same for the input of a code cell."""
    return FRAME_PX + GAP_PX + _lines(source.split("\n"), CODE_CHARACTERS) * CODE_PX


def of_markdown(source: str) -> float:
    """Return the same for prose, block by block."""
    return sum(_of_block(block) for block in re.split(r"\n\s*\n", source) if block.strip())


def of_output(output: Cell) -> float:
    """Return the same for one output; a picture takes what it needs to be read."""
    data = output.get("data", {})
    if PNG in data:
        width, height = picture_size(data[PNG])
        return GAP_PX + max(LEAST_PICTURE_PX, min(height, height * WIDTH_PX / width))
    if "text/html" in data:
        return GAP_PX + _of_html(data["text/html"])
    if "text/markdown" in data:
        return of_markdown(data["text/markdown"])
    text = output.get("text") or data.get("text/plain") or "\n".join(output.get("traceback", []))
    return FRAME_PX + GAP_PX + _lines(text.rstrip("\n").split("\n"), CODE_CHARACTERS) * CODE_PX


def picture_size(encoded: str) -> tuple[int, int]:
    """Return width and height of a PNG in base64, as its header has them."""
    width, height = struct.unpack(">II", base64.b64decode(encoded[:64])[16:24])
    return width, height


def _of_block(block: str) -> float:
    lines = block.strip("\n").split("\n")
    if lines[0].startswith("#"):
        return HEADING_PX + GAP_PX + (_of_block("\n".join(lines[1:])) if lines[1:] else 0)
    if lines[0].startswith("|"):
        return GAP_PX + _lines(lines, ROW_CHARACTERS) * ROW_PX
    if re.match(r"\s*([-*]|\d+\.) ", lines[0]):  # a list: each item begins a line
        items = re.split(r"\n(?=\s*(?:[-*]|\d+\.) )", block)
        return GAP_PX + _lines((" ".join(item.split()) for item in items), LINE_CHARACTERS) * (LINE_PX + 4)
    if lines[0].startswith(("```", "    ")):
        return FRAME_PX + GAP_PX + _lines(lines, CODE_CHARACTERS) * CODE_PX
    return GAP_PX + _lines([" ".join(lines)], LINE_CHARACTERS) * LINE_PX


def _of_html(text: str) -> float:
    """Add up pictures, rows, lines of code, and lines of other text; what is folded away takes no room."""
    plain = re.sub(r"(?s)<style.*?</style>", "", re.sub(r'src="[^"]*"', "", text))
    pictures_px = len(re.findall(r"<img|<svg", plain)) * HTML_PICTURE_PX
    rows_px = len(re.findall(r"<tr", plain)) * ROW_PX
    rows_px += len(re.findall(r"<thead", plain)) * (ROW_PX + FRAME_PX)  # long names are broken
    codes = re.findall(r"(?s)<pre[^>]*>(.*?)</pre>", plain)
    codes_px = sum(FRAME_PX + GAP_PX + _lines(one.split("\n"), CODE_CHARACTERS) * CODE_PX for one in codes)
    rest = re.sub(r"(?s)<pre.*?</pre>|<table.*?</table>|</summary>.*?</details>", "", plain)
    blocks = [re.sub(r"<[^>]+>", "", one) for one in re.split(r"</(?:p|li|h\d|summary|div)>", rest)]
    texts = [html.unescape(one).strip() for one in blocks if one.strip()]
    return pictures_px + rows_px + codes_px + len(texts) * GAP_PX + _lines(texts, LINE_CHARACTERS) * LINE_PX


def _lines(texts: Iterable[str], most_characters: int) -> int:
    """Count lines, each broken where it is too long."""
    return sum(max(1, math.ceil(len(text) / most_characters)) for text in texts)
