"""Draws how long tasks must be, and how many should travel together, for a worker to be worth its messages.

Draws what the model of ``parlab.analysis.breakeven`` says; measures nothing and gives no advice of its own.
"""

from math import ceil, floor, log10
from typing import TYPE_CHECKING, Any

from parlab import units
from parlab.analysis.breakeven import FEWEST_CHUNKS, GOOD, HALF, BreakEven, efficiency_at
from parlab.analysis.gil import waits_for_gil
from parlab.errors import InputError
from parlab.plots.style import AXIS, DARK, NAME, PLAIN, SMALL, TICK, begin, duration, short

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from parlab.analysis.summary import Summary

_AROUND = 1.5  # powers of ten that are shown on both sides of what was measured and of the break-even
_SHORTEST_S, _LONGEST_S = 1e-7, 1e4  # a call of nothing, and hours: beyond, a file says what cannot be
_FEWEST_SIZES, _MOST_SIZES = 64, 1 << 20
_STEPS = 90  # of the grid, in each direction
_LEVELS = [level / 10 for level in range(11)]
_COLORS = "cividis"  # rises evenly in lightness, for colour-blind eyes as well (Nuñez, Anderton and Renslow, 2018)

_PAPER: dict[str, Any] = {"facecolor": "white", "edgecolor": "none", "pad": 2, "alpha": 0.9}  # behind names on the map


def breakeven_chart(found: BreakEven, chunksize: int, summary: "Summary") -> "Figure":
    """Draw a map of the predicted efficiency over the duration of tasks and the chunk size.

    Parameters
    ----------
    found
        What ``parlab.analysis.breakeven.break_evens`` found for a configuration.
    chunksize
        That of the sweep.
    summary
        Of the same sweep, for the heading and for the measured efficiency.

    Returns
    -------
    matplotlib.figure.Figure
        With lines at 50 % and 90 %, this sweep's tasks as a point, and the chunk size that fits them. Where chunks are
        so large that workers get fewer than four each, the map is hatched.

    Raises
    ------
    InputError
        The tasks took no time, so there is no place for them on the map.
    """
    if not _SHORTEST_S <= found.task_s <= _LONGEST_S:
        message = f"There is no break-even of {summary.workload!r} to draw: its tasks took {found.task_s:.2g} s each."
        raise InputError(f"{message} Tasks from {_SHORTEST_S:g} to {_LONGEST_S:g} s can be shown.")
    crew = f"{short(found.backend)}, {units.count(found.workers, 'worker')}"
    figure = begin(summary, f"how long tasks must be for {crew}", _caption(found, chunksize, summary))
    axes = figure.add_subplot()
    sizes = min(max(_FEWEST_SIZES, found.tasks // max(1, found.workers), chunksize), _MOST_SIZES)
    _map(figure, axes, found, _durations(found), sizes)
    _few_chunks(axes, found, sizes)
    _points(axes, found, chunksize)
    axes.set_xlabel("duration of a task", fontsize=AXIS)
    axes.set_ylabel("chunk size: tasks in a message", fontsize=AXIS)
    axes.tick_params(labelsize=TICK)
    axes.xaxis.set_major_formatter(lambda value_s, _place: duration(value_s))
    axes.yaxis.set_major_formatter(lambda size, _place: f"{size:g}")
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_minor_formatter(lambda _value, _place: "")
    return figure


def _durations(found: BreakEven) -> tuple[float, float]:
    """Return the ends of the axis: whole powers of ten around the measured tasks and the break-even."""
    shown = [found.task_s, min(max(found.duration_s, _SHORTEST_S), _LONGEST_S)]
    return 10.0 ** floor(log10(min(shown)) - _AROUND / 2), 10.0 ** ceil(log10(max(shown)) + _AROUND / 2)


def _map(figure: "Figure", axes: "Axes", found: BreakEven, ends_s: tuple[float, float], sizes: int) -> None:
    import numpy as np

    durations_s = np.geomspace(*ends_s, _STEPS)
    chunks = np.geomspace(1, sizes, _STEPS)
    heights = np.array(
        [
            [efficiency_at(float(one), float(size), found.workers, found.cost) for one in durations_s]  # type: ignore[arg-type]
            for size in chunks
        ]
    )
    axes.set_xscale("log")
    axes.set_yscale("log", base=2)
    filled = axes.contourf(durations_s, chunks, heights, levels=_LEVELS, cmap=_COLORS)
    for level, color in ((HALF, "white"), (GOOD, DARK)):
        lines = axes.contour(durations_s, chunks, heights, levels=[level], colors=color, linewidths=2.2)
        row = heights[_STEPS // 2]
        if row[0] < level < row[-1]:  # else the line does not cross the middle of the map, where its name would stand
            place = (float(np.interp(level, row, durations_s)), float(chunks[_STEPS // 2]))
            axes.clabel(lines, fmt={level: f"{level * 100:.0f} %"}, fontsize=NAME, manual=[place])
    bar = figure.colorbar(filled, ax=axes, ticks=_LEVELS[::2], pad=0.02)
    bar.ax.set_yticklabels([f"{level * 100:.0f} %" for level in _LEVELS[::2]], fontsize=TICK)
    bar.set_label("efficiency by the model", fontsize=AXIS)


def _few_chunks(axes: "Axes", found: BreakEven, sizes: int) -> None:
    """Hatch where there are too few chunks to share out evenly."""
    border = max(found.tasks / (FEWEST_CHUNKS * max(1, found.workers)), 1.0)
    if border >= sizes:
        return
    look: dict[str, Any] = {"facecolor": "none", "edgecolor": "white", "hatch": "//", "linewidth": 0, "alpha": 0.6}
    axes.axhspan(border, sizes, **look)
    axes.axhline(border, color="white", linewidth=1.5)
    axes.annotate(
        f"fewer than {FEWEST_CHUNKS} chunks a worker",
        (0.985, border),
        xycoords=("axes fraction", "data"),
        xytext=(0, 5),
        textcoords="offset points",
        fontsize=SMALL,
        ha="right",
        va="bottom",
        bbox=_PAPER,
    )


def _points(axes: "Axes", found: BreakEven, chunksize: int) -> None:
    """Mark the measured tasks, and beside them the chunk size that fits, each with its name."""
    marks = [(chunksize, "this sweep", "o")]
    if found.chunksize is not None and found.chunksize != chunksize:
        marks.append((found.chunksize, f"chunks of {found.chunksize}", "^"))
    for size, name, marker in marks:
        axes.plot(
            [found.task_s], [size], marker, color="white", markeredgecolor=DARK, markersize=12, clip_on=False, zorder=6
        )
        axes.annotate(
            name,
            (found.task_s, size),
            xytext=(11, 3),
            textcoords="offset points",
            fontsize=NAME,
            va="bottom",
            zorder=6,
            bbox=_PAPER,
            **PLAIN,
        )


def _caption(found: BreakEven, chunksize: int, summary: "Summary") -> list[str]:
    cost, modelled = found.cost, efficiency_at(found.task_s, chunksize, found.workers, found.cost)
    row = next((one for one in summary.rows if (one.backend, one.workers) == (found.backend, found.workers)), None)
    measured = "" if row is None or row.efficiency is None else f", measured {row.efficiency:.0%}".replace("%", " %")
    each = "" if cost.task_cost_s is None else f", a task in it {duration(cost.task_cost_s)} more"
    # Of threads nobody can tell apart what they wait for.
    waits = waits_for_gil(found.backend, found.workers, summary.gil)
    cause = (
        f"for a message, or the GIL, a thread waits {duration(cost.message_cost_s)}"
        if waits
        else (f"a message costs {duration(cost.message_cost_s)}")
    )
    return [
        f"{cause}{each}: median of {units.count(found.rounds, 'round')}",
        f"50 % from tasks of {duration(found.duration_s)} on, one a message",
        f"this sweep: model {modelled * 100:.0f} %{measured}",
        "" if found.reason is None else f"no chunk size can be named: {found.reason}",
    ]
