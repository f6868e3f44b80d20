"""Draws engines beside each other, a panel for each sweep: the speedup of the work, and what start-up leaves of it."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from parlab import units
from parlab.errors import InputError
from parlab.plots.style import (
    AXIS,
    BLUE,
    DARK,
    GREY,
    NAME,
    ORANGE,
    PLAIN,
    SMALL,
    TICK,
    WIDTH_IN,
    dress,
    engines,
    ink,
    legend_above,
    short,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from parlab.analysis.summary import Row, Summary

_BAR = 0.62
_MOST_ABREAST = 4
_PAPER: dict[str, Any] = {"facecolor": "white", "edgecolor": "none", "pad": 1}
_ROOM = 1.12  # of the axis, beyond the longest bar


def engines_chart(summaries: "Mapping[str, Summary]", workers: int) -> "Figure":
    """Draw a bar for each engine: times as fast as the plain loop; a ring shows the same with start-up.

    Parameters
    ----------
    summaries
        Sweeps by the title of their panel; four at most. A recorded one says so under its title.
    workers
        The worker count to draw. Lines mark the plain loop and as many times as fast as there are workers.

    Raises
    ------
    InputError
        No sweep was given, or too many, or one has nothing with so many workers.
    """
    from matplotlib.figure import Figure

    if not 1 <= len(summaries) <= _MOST_ABREAST:
        raise InputError(f"{len(summaries)} sweeps were given. This chart has room for 1 to {_MOST_ABREAST}.")
    found = {title: _rows(one, workers) for title, one in summaries.items()}
    for title, rows in found.items():
        if not rows:
            raise InputError(
                f"{title!r} has no complete round with {units.count(workers, 'worker')}. "
                f"Measure it with workers=[{workers}]."
            )
    names = list(dict.fromkeys(name for one in summaries.values() for name in engines(one)))
    names = [name for name in names if any(name in rows for rows in found.values())]
    figure = Figure(figsize=(WIDTH_IN, 1.9 + 0.36 * len(names)), layout="constrained")
    panels = figure.subplots(1, len(found), sharey=True, squeeze=False)[0]
    handles = []
    for axes, (title, rows) in zip(panels, found.items(), strict=True):
        handles = _panel(axes, rows, names, workers)
        recorded = "recorded" if summaries[title].label else "measured here"
        axes.set_title(
            f"{short(title, 56 // len(found))}\n{recorded}", fontsize=AXIS if len(found) < 3 else NAME, **PLAIN
        )
    panels[0].set_yticks(range(len(names)), [short(name, 18) for name in names], fontsize=TICK, **PLAIN)
    panels[0].set_ylim(len(names) - 0.4, -0.6)
    figure.supxlabel(f"times as fast as the plain loop, {units.count(workers, 'worker')}", fontsize=AXIS)
    legend_above(figure, handles, ["the work alone", "start-up included", f"1 and {workers} times as fast"])
    return figure


def _rows(summary: "Summary", workers: int) -> "dict[str, Row]":
    rows = [row for row in summary.rows if row.backend != "serial" and row.workers == workers and row.speedup]
    return {row.backend: row for row in rows}


def _panel(axes: "Axes", rows: "Mapping[str, Row]", names: list[str], workers: int) -> list[object]:
    """Draw one sweep, and return what the legend names."""
    dress(axes, "x")
    places = [names.index(name) for name in rows]
    lengths = [row.speedup or 0.0 for row in rows.values()]
    all_in = [row.speedup_with_startup or 0.0 for row in rows.values()]
    bars = axes.barh(places, lengths, _BAR, color=BLUE, zorder=2)
    for place, row in zip(places, rows.values(), strict=True):
        if row.speedup_low is not None and row.speedup_high is not None:
            axes.plot([row.speedup_low, row.speedup_high], [place, place], color=DARK, linewidth=2, zorder=3)
    (rings,) = axes.plot(all_in, places, "o", color=DARK, markerfacecolor=ORANGE, markersize=8, zorder=4)
    lines = [axes.axvline(mark, color=GREY, linestyle=(0, (4, 2)), linewidth=1.2, zorder=3) for mark in (1, workers)]
    for name in set(names) - set(rows):
        axes.text(
            0.03, names.index(name), "not measured", fontsize=SMALL, color=ink(GREY), va="center", bbox=_PAPER, zorder=4
        )
    axes.set_xlim(0, _ROOM * max(workers, *lengths, *all_in, *((row.speedup_high or 0.0) for row in rows.values())))
    return [bars, rings, lines[0]]
