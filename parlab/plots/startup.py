"""Draws how long each backend takes until every worker has answered, by worker count. Judges nothing."""

from typing import TYPE_CHECKING

from parlab.errors import InputError
from parlab.plots.lines import Point, backend_line, name_lines, shift_of, worker_axis
from parlab.plots.style import AXIS, begin, doubts_of, duration, engines, looks, rounds_of

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from parlab.analysis.summary import Summary

_ROOM = 1.6  # of a logarithmic axis, above the highest and below the lowest point


def startup_chart(summary: "Summary") -> "Figure":
    """Draw the median time to open each backend against workers, on a logarithmic axis: threads to loky is 1 to 1,000.

    Parameters
    ----------
    summary
        What ``parlab.analysis.summary.summarise`` made of a sweep.

    Raises
    ------
    InputError
        No start-up was measured: the plain loop alone, or no complete round.
    """
    from matplotlib.ticker import LogLocator

    lines = {backend: _points(summary, backend) for backend in engines(summary)}
    lines = {backend: points for backend, points in lines.items() if points}
    if not lines:
        message = f"There is no start-up of {summary.workload!r} to draw: no round was completed with a backend."
        raise InputError(f"{message} Measure with --backends threads,processes, or go on with --resume.")
    caption = [rounds_of(summary), "from nothing until every worker has answered", "in no speedup", doubts_of(summary)]
    figure = begin(summary, "time to start the workers", caption)
    axes = figure.add_subplot()
    counts = sorted({point.workers for points in lines.values() for point in points})
    worker_axis(axes, counts)
    axes.set_yscale("log")
    heights = [point.value for points in lines.values() for point in points]
    axes.set_ylim(min(heights) / _ROOM, max(heights) * _ROOM)
    if max(heights) * _ROOM < 10 * min(heights) / _ROOM:  # perhaps no power of ten is within: 1, 2 or 5 of one is
        axes.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
    axes.yaxis.set_major_formatter(lambda value_s, _place: duration(value_s))
    axes.yaxis.set_minor_formatter(lambda _value_s, _place: "")
    axes.set_ylabel("start-up, logarithmic", fontsize=AXIS)
    style, backends = looks(engines(summary)), list(lines)
    name_lines(
        axes,
        [
            backend_line(axes, backend, points, style[backend], shift_of(backend, backends, counts))
            for backend, points in lines.items()
        ],
    )
    return figure


def _points(summary: "Summary", backend: str) -> list[Point]:
    """List what a logarithm can show; a time of zero was too short for the clock."""
    return [Point(row.workers, row.startup_s) for row in summary.rows if row.backend == backend and row.startup_s]
