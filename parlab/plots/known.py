"""Draws what started processes know: a line for each thing, a column for each start method. Asks and judges nothing."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from parlab.errors import InputError
from parlab.plots.style import AXIS, DARK, GREY, NAME, PALE, PLAIN, SKY, WAITING, WIDTH_IN, clean

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


class _Look(NamedTuple):
    """How a field is drawn; what it says stands in it as a word."""

    color: str
    hatch: str = ""
    ink: str = DARK


_LOOKS = {"inherited": _Look(SKY), "pickled": _Look(WAITING, "///"), "no": _Look(PALE, ink=GREY)}
_OTHER = _Look("white")
_GAP = 0.06  # between fields, which are one apart
_LINE_IN, _FRAME_IN = 0.42, 0.5


def known_chart(known: Mapping[str, Mapping[str, str]]) -> "Figure":
    """Draw who knows what, as a field of words.

    Parameters
    ----------
    known
        For each start method, for each thing, a word: as ``parlab.workloads.starts.what_children_know`` returns it.
        ``"inherited"``, ``"pickled"`` and ``"no"`` have looks of their own.

    Returns
    -------
    matplotlib.figure.Figure
        Things from top to bottom in the order of the first method, methods from left to right.

    Raises
    ------
    InputError
        There is no method, or methods with different things.
    """
    from matplotlib.figure import Figure

    methods = list(known)
    things = list(known[methods[0]]) if methods else []
    if not things or any(set(known[method]) != set(things) for method in methods):
        message = "There is nothing to draw: each start method needs the same things, and at least one."
        raise InputError(f'{message} Give, for example, {{"fork": {{"an open file": "inherited"}}}}.')
    figure = Figure(figsize=(WIDTH_IN, _FRAME_IN + _LINE_IN * len(things)), layout="constrained")
    axes = figure.add_subplot()
    for column, method in enumerate(methods):
        for line, thing in enumerate(things):
            _draw_field(axes, column, line, clean(known[method][thing]))
    axes.set(xlim=(0, len(methods)), ylim=(len(things), 0))
    axes.set_xticks([column + 0.5 for column in range(len(methods))], [clean(method) for method in methods])
    axes.set_yticks([line + 0.5 for line in range(len(things))], [clean(thing) for thing in things])
    axes.tick_params(length=0, labelsize=NAME)
    axes.tick_params(axis="x", labelsize=AXIS)
    axes.xaxis.tick_top()
    axes.spines[:].set_visible(False)
    return figure


def _draw_field(axes: "Axes", column: int, line: int, word: str) -> None:
    look = _LOOKS.get(word, _OTHER)
    corner, side = (column + _GAP / 2, line + _GAP), (1 - _GAP, 1 - 2 * _GAP)
    axes.broken_barh(
        [(corner[0], side[0])], (corner[1], side[1]), facecolor=look.color, hatch=look.hatch, edgecolor="white"
    )
    box = {"facecolor": look.color, "edgecolor": "none", "pad": 1.5}  # a word on a hatch is hard to read
    middle: dict[str, Any] = {"ha": "center", "va": "center", "fontsize": NAME, "color": look.ink}
    axes.text(column + 0.5, line + 0.5, word, bbox=box, **middle, **PLAIN)
