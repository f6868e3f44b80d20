"""Writes charts to files and knows those that it wrote. Draws nothing itself."""

import warnings
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

from parlab.atomic import replacing
from parlab.errors import InputError, unknown_choice

if TYPE_CHECKING:
    from matplotlib.figure import Figure

FORMATS = ("png", "svg")
_DPI = 150  # 1,200 pixels wide: sharp on a projector, and in print at 8 cm
_MARKS: dict[str, dict[str, Any]] = {"png": {"Software": "parlab"}, "svg": {"Date": None, "Creator": "parlab"}}


def check_format(path: Path) -> str:
    """Return the format that a file's ending names.

    Raises
    ------
    InputError
        It is neither ``.png`` nor ``.svg``, or the folder is not there.
    """
    ending = path.suffix.lower().removeprefix(".")
    if ending not in FORMATS:
        raise unknown_choice("chart format", ending or path.name, FORMATS, "Name the file chart.png or chart.svg.")
    if not path.parent.is_dir():
        raise InputError(f"There is no folder {str(path.parent)!r} to write {path.name!r} into. Make it first.")
    return ending


def save(figure: "Figure", path: Path) -> None:
    """Write a figure as PNG or SVG, the same bytes for the same figure; whole, or not at all.

    Raises
    ------
    InputError
        The ending is unknown, or the file cannot be written.
    """
    ending = check_format(path)
    try:
        with replacing(path) as place:
            _write(figure, place, ending)
    except OSError as problem:
        raise InputError(
            f"{str(path)!r} cannot be written: {problem.strerror or problem}. Choose another place."
        ) from problem


def as_png(figure: "Figure") -> bytes:
    """Return a figure as the bytes that ``save`` would write into a PNG file."""
    picture = BytesIO()
    _write(figure, picture, "png")
    return picture.getvalue()


def _write(figure: "Figure", place: Path | BytesIO, ending: str) -> None:
    from matplotlib import rc_context

    with rc_context({"svg.hashsalt": "parlab", "svg.fonttype": "none"}), warnings.catch_warnings():
        # A name in letters that the font lacks is drawn as boxes; the reader sees that without a warning.
        warnings.filterwarnings("ignore", message="Glyph .* missing from")
        figure.savefig(place, format=ending, dpi=_DPI, metadata=_MARKS[ending])


def is_ours(path: Path) -> bool:
    """Tell whether a PNG file was drawn by parlab, so that it may be drawn again."""
    from PIL import Image

    try:
        with Image.open(path, formats=("PNG",)) as picture:
            return bool(picture.info.get("Software") == _MARKS["png"]["Software"])
    except Exception:  # Pillow raises many kinds on files that are broken, or made to be too large
        return False
