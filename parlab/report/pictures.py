"""Draws every chart that a sweep has, as pictures for a page to hold. What cannot be drawn has its reason."""

from base64 import b64encode
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from parlab.errors import InputError
from parlab.report.alternatives import alternative

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from parlab.report.content import Content

_FIRST = ("speedup", "time", "timeline", "efficiency", "startup", "laws", "break-even", "memory")  # as they are read
_CAPTIONS = {
    "speedup": "How much faster the work gets done with more workers; n is the ideal.",
    "efficiency": "Which share of each worker speeds the work up.",
    "time": "Where the workers' seconds went: into useful work, or into what they lost.",
    "timeline": "One trial: a lane for each worker, tasks as bars, gaps where a worker had nothing to do.",
    "break-even": "How long tasks must be, and how many should travel together, for a worker to be worth its messages.",
    "laws": "What the scaling laws make of the points; dashed is a prediction.",
    "startup": "How long each backend takes until every worker has answered.",
    "memory": "What parent and workers held at most.",
}


@dataclass(frozen=True, slots=True)
class Picture:
    """A chart as a page shows it."""

    kind: str
    caption: str
    alternative: str  # what it shows, in words and numbers
    source: str  # a data URI
    width: int  # in CSS pixels
    height: int


@dataclass(frozen=True, slots=True)
class Missing:
    """A chart that could not be drawn, and why."""

    kind: str
    reason: str


def pictures(content: "Content") -> tuple[list[Picture], list[Missing]]:
    """Draw all kinds of charts, in reading order.

    Parameters
    ----------
    content
        What the report shows.

    Returns
    -------
    pictures, missing
        Each kind is in one of the two. Pictures are PNG: their size does not grow with the number of tasks.
    """
    drawn: list[Picture] = []
    missing: list[Missing] = []
    for kind in _kinds():
        try:
            drawn.append(_picture(kind, content))
        except InputError as nothing:
            missing.append(Missing(kind, str(nothing)))
    return drawn, missing


def _kinds() -> Iterator[str]:
    from parlab.plots import KINDS

    yield from (kind for kind in _FIRST if kind in KINDS)
    yield from (kind for kind in KINDS if kind not in _FIRST)


def _picture(kind: str, content: "Content") -> Picture:
    from parlab.plots import draw

    figure = draw(kind, content.results, content.summary)
    return as_picture(figure, kind, _CAPTIONS.get(kind, ""), alternative(kind, content))


def as_picture(figure: "Figure", kind: str, caption: str, text: str) -> Picture:
    """Turn a figure into a picture with what it shows in words."""
    from parlab.plots import as_png

    width, height = (round(100 * inches) for inches in figure.get_size_inches())
    source = f"data:image/png;base64,{b64encode(as_png(figure)).decode()}"
    return Picture(kind, caption, text, source, width, height)
