"""Draws where the time went: for each backend and worker count, what became of all workers' seconds. Judges nothing."""

from collections import defaultdict
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from parlab.analysis.areas import WORDS
from parlab.errors import InputError
from parlab.plots.stacks import Part, draw_stacks, height_of, name_parts, panels
from parlab.plots.style import BLUE, DARK, GREY, ORANGE, PALE, VERMILION, WAITING, begin, duration

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from parlab.analysis.areas import Area, AreaRow
    from parlab.analysis.summary import Summary

_LOOKS = {  # useful work, waiting, idleness and start-up look as they do in a timeline
    "useful": (BLUE, "", "white"),
    "tasks": (BLUE, "...", "white"),
    "inflation": (VERMILION, "\\\\\\", "white"),
    "waiting": (WAITING, "", "white"),
    "transfer": (ORANGE, "xxx", "white"),
    "tail": (PALE, "", "#B0B0B0"),
    "startup": ("white", "///", "#9A9A9A"),
    "residual": (DARK, "", "white"),
}
_PIXEL = 0.002  # of the height of the panels
PARTS = tuple(Part(key, name, *_LOOKS[key]) for key, name in WORDS.items())


def area_chart(rows: Sequence["AreaRow"], summary: "Summary", *, whole: bool = True) -> "Figure":
    """Draw the stack of where the time went, a panel for each backend and a bar for each worker count.

    Parameters
    ----------
    rows
        What ``parlab.analysis.areas.areas_of`` returned.
    summary
        Of the same sweep, for the heading and for the plain loop's time.
    whole
        Of the whole trial, with start-up and close; False: of the work alone. Where any trial's start-up is not known,
        of the work alone.

    Returns
    -------
    matplotlib.figure.Figure
        A bar is as high as workers x time. Parts below zero hang below it. What is above the plain loop's time is lost.

    Raises
    ------
    InputError
        No trial has spans.
    """
    if not rows:
        message = f"There is nothing to say about where the time of {summary.workload!r} went: no trial has spans."
        raise InputError(f"{message} Measure without --no-trace, with a backend, until a round is complete.")
    stacks: dict[str, dict[int, dict[str, float]]] = defaultdict(dict)
    whole = whole and all(row.whole is not None for row in rows)
    for row in rows:
        stacks[row.backend][row.workers] = _area(row, whole=whole).parts
    heights = [
        sum(part for part in parts.values() if part > 0) for counts in stacks.values() for parts in counts.values()
    ]
    unit, factor = ("ms", 1e3) if max(heights) < 1 else ("s", 1.0)
    what = "where the time went" if whole else "where the time of the work went"
    figure = begin(summary, what, _caption(rows, summary, whole=whole), height_of(list(stacks)))
    places = panels(figure, list(stacks), f"worker-{'seconds' if unit == 's' else 'milliseconds'}")
    for backend, counts in stacks.items():
        scaled = {count: {key: part * factor for key, part in parts.items()} for count, parts in counts.items()}
        draw_stacks(places[backend], scaled, [part for part in PARTS if _is_seen(part.key, stacks, max(heights))])
        if (loop_s := _loop_s(summary)) is not None:
            look: dict[str, Any] = {"color": GREY, "linestyle": (0, (1, 2)), "linewidth": 2, "zorder": 4}
            places[backend].axhline(loop_s * factor, label="plain loop", **look)
    name_parts(figure, places)
    return figure


def _area(row: "AreaRow", *, whole: bool) -> "Area":
    return row.whole if whole and row.whole is not None else row.map


def _is_seen(key: str, stacks: dict[str, dict[int, dict[str, float]]], highest: float) -> bool:
    """Tell whether a part is as high as a pixel in any bar; a name for what nobody sees would only puzzle."""
    return any(abs(parts.get(key, 0.0)) > _PIXEL * highest for counts in stacks.values() for parts in counts.values())


def _loop_s(summary: "Summary") -> float | None:
    """Return the plain loop's time; None where the work grew with the workers, and one line cannot show it."""
    if summary.weak:
        return None
    return next((row.median_s for row in summary.rows if row.backend == "serial"), None)


def _caption(rows: Sequence["AreaRow"], summary: "Summary", *, whole: bool) -> list[str]:
    most = max(row.rounds for row in rows)
    trials = (
        f"of each configuration the trial with the median speedup of {most} rounds" if most > 1 else "a single round"
    )
    loop_s = _loop_s(summary)
    loop = "" if loop_s is None else f"plain loop: {duration(loop_s)}"
    return [trials, "workers x time" + (", with start-up and close" if whole else ", without start-up"), loop]
