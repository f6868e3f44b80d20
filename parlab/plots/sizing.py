"""Draws a plan: time against workers, its band, and what was measured over it. Predicts nothing itself."""

from typing import TYPE_CHECKING

from parlab.errors import InputError
from parlab.plots.style import AXIS, BLUE, DARK, GREY, SMALL, WARNING, begin, dress, duration, ink, legend, short
from parlab.units import count

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from parlab.analysis.sizing import Plan, Prediction
    from parlab.analysis.summary import Summary

_TICKS_APART = 1.25  # worker counts nearer than this to the one before have no number under the axis


def plan_chart(plan: "Plan", summary: "Summary") -> "Figure":
    """Draw the predicted time of the work against the workers.

    Parameters
    ----------
    plan
        What ``parlab.analysis.planning.make_plan`` found.
    summary
        Of the same sweep, for the heading.

    Returns
    -------
    matplotlib.figure.Figure
        Both axes are logarithmic. The line is dashed where there are more workers than any spans are of; diamonds are
        what was measured, hollow where it is not part of what the prediction rests on.

    Raises
    ------
    InputError
        There is only one worker count, and so no line.
    """
    rows = plan.predictions
    if len(rows) < 2:
        raise InputError("One worker count makes no line. Ask for more, as --workers 8,16,64.")
    figure = begin(summary, f"plan for {short(plan.engine)}", _caption(plan))
    axes = figure.add_subplot()
    axes.set_xscale("log")
    axes.set_yscale("log")
    handles = {**_band(axes, plan), **_measured(axes, rows)}
    legend(figure, list(handles.values()), list(handles))
    axes.set_xlabel("workers", fontsize=AXIS)
    axes.set_ylabel("time of the work", fontsize=AXIS)
    dress(axes, "both")
    _ticks(axes, [row.workers for row in rows])
    return figure


def _band(axes: "Axes", plan: "Plan") -> dict[str, object]:
    rows = list(plan.predictions)
    counts = [row.workers for row in rows]
    edge = max((place for place, row in enumerate(rows) if not row.beyond), default=0)
    band = axes.fill_between(
        counts, [row.map_s.low for row in rows], [row.map_s.high for row in rows], color=BLUE, alpha=0.18, linewidth=0
    )
    found: dict[str, object] = {f"{plan.confidence:.0%} of the runs that may be": band}
    for part, style, name in ((rows[: edge + 1], "-", "predicted"), (rows[edge:], (0, (4, 2.5)), "predicted beyond")):
        if len(part) > 1:
            line = axes.plot(
                [row.workers for row in part],
                [row.map_s.value for row in part],
                color=BLUE,
                linewidth=2.2,
                linestyle=style,
                marker="o",
                markersize=5,
                zorder=3,
            )
            found[name] = line[0]
    return found


def _measured(axes: "Axes", rows: tuple["Prediction", ...]) -> dict[str, object]:
    found: dict[str, object] = {}
    for row in rows:
        if row.measured_s is None:
            continue
        known, color = row.measured_s, DARK if row.hit else WARNING
        if known.low is not None and known.high is not None:
            axes.plot([row.workers] * 2, [known.low, known.high], color=color, linewidth=1.6, marker="_", zorder=4)
        face = color if row.used else "white"
        name = f"measured{'' if row.used else ', held back'}{'' if row.hit else ': outside'}"
        found[name] = axes.plot(
            [row.workers],
            [known.median],
            "D",
            color=color,
            markerfacecolor=face,
            markeredgecolor=color,
            markersize=8,
            zorder=5,
            linestyle="none",
        )[0]
    return found


def _ticks(axes: "Axes", counts: list[int]) -> None:
    """Write the worker counts under the axis and durations beside it, in place of powers of ten."""
    kept: list[int] = []
    for workers in reversed(counts):
        if not kept or kept[-1] >= workers * _TICKS_APART:
            kept.append(workers)
    axes.set_xticks(kept, [str(workers) for workers in kept])
    axes.set_xticks([], minor=True)
    axes.yaxis.set_major_formatter(lambda value_s, _place: duration(value_s))
    axes.yaxis.set_minor_formatter(lambda value_s, _place: _minor(axes, value_s))
    axes.tick_params(axis="y", which="minor", labelsize=SMALL, labelcolor=ink(GREY))


def _minor(axes: "Axes", value_s: float) -> str:
    """Name lines between powers of ten only where hardly a power of ten is in view."""
    low, high = axes.get_ylim()
    leading = float(f"{value_s:.0e}".partition("e")[0])
    return duration(value_s) if high / low < 100 and leading in (2, 5) else ""


def _caption(plan: "Plan") -> list[str]:
    crew = f"{count(plan.source_workers, 'worker')} of {short(plan.source)}"
    cores = "a core for each worker assumed" if plan.cores is None else f"on {count(plan.cores, 'core')}"
    return [f"from the spans of {crew}, {count(plan.rounds, 'round')}", cores, "without start-up"]
