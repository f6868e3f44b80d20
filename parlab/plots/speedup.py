"""Draws speedup against workers, and efficiency against workers: how much faster, and how much of each worker is used.

Takes what a summary says; takes no ratio of trials itself.
"""

from collections import defaultdict
from collections.abc import Sequence
from typing import TYPE_CHECKING

from parlab import units
from parlab.errors import InputError
from parlab.plots.lines import (
    Point,
    backend_line,
    ceiling_line,
    ideal_line,
    mark_cores,
    name_lines,
    room_above,
    shift_of,
    worker_axis,
)
from parlab.plots.style import AXIS, begin, doubts_of, engines, looks, rounds_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from parlab.analysis.summary import Row, Summary
    from parlab.plots.lines import Name

_ROOM_ABOVE = 1.08  # the marks of the cores stand left of the diagonal, where the chart is empty


def speedup_chart(summary: "Summary") -> "Figure":
    """Draw speedup against workers: a line for each backend with its 95 % intervals.

    Parameters
    ----------
    summary
        What ``parlab.analysis.summary.summarise`` made of a sweep.

    Returns
    -------
    matplotlib.figure.Figure
        With n and the machine's ceiling as lines, and physical cores, usable cores and quota marked.

    Raises
    ------
    InputError
        There is no speedup to draw: no complete round, or no backend beside the plain loop.
    """
    lines = _lines(summary, "speedup")
    kind = (
        f"scaled speedup against workers, {units.count(summary.tasks, 'task')} each"
        if summary.weak
        else "speedup against workers"
    )
    figure = begin(summary, kind, _caption(summary))
    axes = figure.add_subplot()
    counts = _counts(lines)
    names = [ideal_line(axes, counts, counts, "n, the ideal"), *ceiling_line(axes, _ceilings(summary.rows))]
    names += _draw(axes, summary, {backend: [_speedup(row) for row in rows] for backend, rows in lines.items()})
    axes.set_ylim(0, _ROOM_ABOVE * max(counts[-1], *(point for name in lines for point in _tops(lines[name]))))
    axes.set_ylabel(f"{'scaled speedup' if summary.weak else 'speedup'} over the plain loop", fontsize=AXIS)
    mark_cores(axes, summary.machine, counts)
    name_lines(axes, names)
    return figure


def efficiency_chart(summary: "Summary") -> "Figure":
    """Draw efficiency against workers: the share of each worker that speeds the work up, speedup over workers.

    Parameters
    ----------
    summary
        What ``parlab.analysis.summary.summarise`` made of a sweep.

    Returns
    -------
    matplotlib.figure.Figure
        With 100 % and the machine's own share, ceiling over workers, as lines; the cores are marked.

    Raises
    ------
    InputError
        There is no speedup to draw: no complete round, or no backend beside the plain loop.
    """
    lines = _lines(summary, "efficiency")
    figure = begin(summary, "efficiency against workers", ["speedup over workers", *_caption(summary)])
    axes = figure.add_subplot()
    counts = _counts(lines)
    shares = {count: ceiling / count for count, ceiling in _ceilings(summary.rows).items()}
    names = [ideal_line(axes, counts, [1.0] * len(counts), "all of each worker"), *ceiling_line(axes, shares)]
    names += _draw(axes, summary, {backend: [_efficiency(row) for row in rows] for backend, rows in lines.items()})
    highest = max(top / row.workers for rows in lines.values() for row, top in zip(rows, _tops(rows), strict=True))
    axes.set_ylim(0, room_above(summary.machine, counts) * max(1.0, highest, *shares.values()))
    axes.yaxis.set_major_formatter(lambda share, _place: f"{share:.0%}".replace("%", " %"))
    axes.set_ylabel("efficiency", fontsize=AXIS)
    mark_cores(axes, summary.machine, counts)
    name_lines(axes, names)
    return figure


def _lines(summary: "Summary", what: str) -> dict[str, list["Row"]]:
    lines: dict[str, list[Row]] = defaultdict(list)
    for row in summary.rows:
        if row.backend != "serial" and row.speedup is not None:
            lines[row.backend].append(row)
    if not lines:
        message = f"There is no {what} of {summary.workload!r} to draw: no round was completed with a backend."
        raise InputError(f"{message} Measure with --backends threads,processes, or go on with --resume.")
    return dict(lines)


def _counts(lines: dict[str, list["Row"]]) -> list[int]:
    return sorted({row.workers for rows in lines.values() for row in rows})


def _draw(axes: "Axes", summary: "Summary", lines: dict[str, list[Point]]) -> list["Name"]:
    style = looks(engines(summary))
    counts = sorted({point.workers for points in lines.values() for point in points})
    worker_axis(axes, counts)
    backends = list(lines)
    return [
        backend_line(axes, backend, points, style[backend], shift_of(backend, backends, counts))
        for backend, points in lines.items()
    ]


def _speedup(row: "Row") -> Point:
    return Point(row.workers, row.speedup or 0.0, row.speedup_low, row.speedup_high)


def _efficiency(row: "Row") -> Point:
    ends = [None if end is None else end / row.workers for end in (row.speedup_low, row.speedup_high)]
    return Point(row.workers, (row.speedup or 0.0) / row.workers, *ends)


def _tops(rows: Sequence["Row"]) -> list[float]:
    return [row.speedup_high or row.speedup or 0.0 for row in rows]


def _ceilings(rows: Sequence["Row"]) -> dict[int, float]:
    return {row.workers: row.ceiling for row in rows if row.ceiling is not None}


def _caption(summary: "Summary") -> list[str]:
    known = any(row.speedup_low is not None for row in summary.rows)
    interval = "bars: 95 % intervals" if known else "too few rounds for intervals"
    return [rounds_of(summary), interval, "map only, without start-up", doubts_of(summary)]
