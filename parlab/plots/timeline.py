"""Draws when each worker did what in one trial: a lane for each worker, its tasks as bars, its gaps as empty lane.

Takes the bars that ``parlab.plots.spans`` makes of a trial's spans; corrects no clock and judges nothing.
"""

from typing import TYPE_CHECKING, Any

from parlab import units
from parlab.plots.spans import Bars, choose, join, read_bars
from parlab.plots.style import (
    AXIS,
    BLUE,
    DARK,
    PALE,
    SMALL,
    TICK,
    VERMILION,
    WAITING,
    about,
    begin,
    dress,
    duration,
    legend,
    short,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from parlab.plots.spans import Numbers
    from parlab.records import Trial
    from parlab.results import Results


_COLUMNS_SHOWN = 1000  # about as many pixels as the axes are wide in a PNG of ours
_SEEN = 2.0  # pixels that a task must be wide to have a bar of its own
_JOINED = 4.0  # pixels that a bar of joined tasks is wide
_EDGED = 6.0  # pixels from which on a bar has an edge
_HIGHEST_IN = 9.0
_MOST_TICKS = 24
_LANE, _FLOOR = 0.8, -0.4  # height of a lane, and where it ends below its middle; lanes are one apart
_MOST_BEFORE = 0.5  # of the time of map: so much of the start-up is shown
_MOST_NAMED = 3  # lost tasks that are named


def timeline_chart(results: "Results", backend: str, workers: int, round_number: int | None = None) -> "Figure":
    """Draw the timeline of one trial.

    Parameters
    ----------
    results
        A sweep with spans.
    backend
        As it stands in the sweep; ``"serial"`` for the plain loop.
    workers
        How many workers the trial had.
    round_number
        Which round; None for that whose time is the median of the rounds (of two, the faster).

    Returns
    -------
    matplotlib.figure.Figure
        Dark is CPU time, light is waiting inside a task, an empty lane is a worker without a task. What came before
        the first task and after the last, opening and closing the engine, is hatched.

    Raises
    ------
    InputError
        No such trial is in the file, or it was run without spans.
    """
    trial, chosen = choose(results, backend, workers, round_number)
    bars = read_bars(trial)
    lanes = max(1, len(trial.crew)) + bool(bars.lost)
    end = max(trial.map_s or 0.0, float(bars.finished.max(initial=0.0))) or 1.0
    unit, factor = _unit(end)
    crew = f"{short(backend)}, {units.count(workers, 'worker')}" if backend != "serial" else "the plain loop"
    height_in = min(_HIGHEST_IN, 2.7 + 0.42 * lanes)
    caption = _caption(trial, bars, chosen, end / _COLUMNS_SHOWN)
    figure = begin(about(results.header), f"timeline of {crew}", caption, height_in)
    axes = figure.add_subplot()
    left, right = _surroundings(axes, trial, end, factor)
    pixel = (right - left) / _COLUMNS_SHOWN
    _lanes(axes, lanes, end * factor)
    _tasks(axes, bars, pixel, factor)
    _failures(axes, bars, pixel, factor)
    _lane_axis(axes, trial, lanes, lost=bool(bars.lost))
    axes.set_xlim(left, right)
    axes.set_xlabel(f"time since the work began, {unit}", fontsize=AXIS)
    legend(figure, *axes.get_legend_handles_labels())
    return figure


def _unit(longest_s: float) -> tuple[str, float]:
    for unit, factor in (("s", 1.0), ("ms", 1e3)):
        if longest_s * factor >= 1:
            return unit, factor
    return "µs", 1e6


def _caption(trial: "Trial", bars: Bars, chosen: str, pixel_s: float) -> list[str]:
    parts = [
        f"round {trial.round}{f' ({chosen})' if chosen else ''}",
        f"{units.count(trial.tasks, 'task')} in {duration(trial.map_s)}",
    ]
    times = (("start-up", trial.open_s), ("warm-up", trial.warm_up_s), ("closing", trial.close_s))
    parts += [f"{name} {duration(taken_s)}" for name, taken_s in times if taken_s]
    if bars.cpu_known:
        parts.append("height of the dark part: share of CPU time")
    if (bars.finished - bars.started < _SEEN * pixel_s).any():
        parts.append("tasks too short to be seen are joined, as high as the time was used")
    if trial.outcome != "ok":
        parts.append(f"trial: {trial.outcome}")
    if failed := int(bars.failed.sum()):
        parts.append(f"{units.count(failed, 'task')} failed")
    parts += [f"task {one.task}: {short(one.how)}" for one in bars.lost[:_MOST_NAMED]]
    if len(bars.lost) > _MOST_NAMED:
        parts.append(f"{len(bars.lost) - _MOST_NAMED} more lost")
    return parts


def _surroundings(axes: "Axes", trial: "Trial", end: float, factor: float) -> tuple[float, float]:
    """Hatch what lies before and after the work; return the ends of the time axis."""
    opened, warmed, closed = trial.open_s or 0.0, trial.warm_up_s or 0.0, trial.close_s or 0.0
    look: dict[str, Any] = {"facecolor": "white", "edgecolor": "#9A9A9A", "linewidth": 0, "zorder": 1}
    if opened + warmed:
        axes.axvspan(-(opened + warmed) * factor, -warmed * factor, hatch="///", label="start-up, closing", **look)
        axes.axvspan(-warmed * factor, 0, hatch="...", label="warm-up", **look)
        axes.axvspan(end * factor, (end + closed) * factor, hatch="///", **look)
    before = min(opened + warmed, _MOST_BEFORE * end)
    if before < opened + warmed:
        axes.annotate(
            "◀ begins earlier",
            (0.006, 1),
            xycoords="axes fraction",
            va="top",
            fontsize=SMALL,
            bbox={"facecolor": "white", "edgecolor": "none", "pad": 1},
        )
    after = min(closed, _MOST_BEFORE * end)
    room = 0.01 * (end + before + after)
    return -(before + (0 if before < opened + warmed else room)) * factor, (end + after + room) * factor


def _lanes(axes: "Axes", count: int, right: float) -> None:
    """Draw the empty lanes while the work lasts: what stays pale is idle."""
    import numpy as np

    lane = np.arange(count, dtype=float)
    empty = _boxes(np.zeros(count), np.full(count, right), lane, np.full(count, _LANE))
    _draw(axes, empty, PALE, "no task", None, 0)


def _boxes(left: "Numbers", right: "Numbers", lane: "Numbers", height: "Numbers") -> "Numbers":
    """Turn edges into the corners of boxes that stand on the floor of their lanes: an array of n x 4 x 2."""
    import numpy as np

    floor = lane - _FLOOR  # the axis of lanes points down
    corners = ((left, floor), (right, floor), (right, floor - height), (left, floor - height))
    return np.stack([np.stack(corner, axis=-1) for corner in corners], axis=1)


def _tasks(axes: "Axes", bars: Bars, pixel: float, factor: float) -> None:
    """Draw the tasks: light as high as the lane, dark as high as the share of CPU time; failed ones in their colour."""
    import numpy as np

    left, right = bars.started * factor, bars.finished * factor
    dark = bars.cpu_share
    seen = right - left >= _SEEN * pixel
    good, bad = seen & ~bars.failed, seen & bars.failed
    ends, failed = (left[good], right[good], bars.worker[good]), (left[bad], right[bad], bars.worker[bad])
    edges = np.where(ends[1] - ends[0] >= _EDGED * pixel, 0.6, 0.0)
    short_ones = join(bars.worker[~seen], left[~seen], right[~seen], dark[~seen], _JOINED * pixel)
    low = _boxes(*short_ones[:3], _LANE * short_ones.cpu)
    name = "CPU time" if bars.cpu_known else "task"
    _draw(axes, np.concatenate([_boxes(*ends, _LANE * dark[good]), low]), BLUE, name, edges, 3)
    if bars.cpu_known:
        high = _boxes(*short_ones[:3], _LANE * short_ones.wall)
        light = np.concatenate([_boxes(*ends, np.full(len(edges), _LANE)), high])
        _draw(axes, light, WAITING, "waiting inside a task", edges, 2)
    _draw(axes, _boxes(*failed, np.full(len(failed[0]), _LANE)), VERMILION, "", None, 3)


def _draw(axes: "Axes", boxes: "Numbers", color: str, label: str, edges: "Numbers | None", level: int) -> None:
    """Draw boxes at once; those beyond the list of edges have none."""
    import numpy as np
    from matplotlib.collections import PolyCollection

    corners: Any = boxes
    if not len(boxes):
        return
    widths = np.zeros(len(boxes))
    if edges is not None:
        widths[: len(edges)] = edges
    drawn = PolyCollection(corners, facecolors=color, edgecolors="white", linewidths=widths, zorder=level)
    drawn.set_label(label or "_unnamed")
    axes.add_collection(drawn, autolim=False)


def _failures(axes: "Axes", bars: Bars, pixel: float, factor: float) -> None:
    """Mark failed tasks with a cross in their lane, and lost ones in a lane of their own, where they were handed in."""
    import numpy as np

    step = _JOINED * pixel
    middles = (bars.started + bars.finished)[bars.failed] / 2 * factor
    look: dict[str, Any] = {"linestyle": "none", "color": DARK, "zorder": 5, "clip_on": False}
    if len(middles):
        marks = np.unique(np.stack([np.round(middles / step) * step, bars.worker[bars.failed]], axis=1), axis=0)
        axes.plot(*marks.T, marker="x", markersize=7, markeredgewidth=2, label="failed task", **look)
    if bars.lost:
        moments = [one.submitted_s * factor for one in bars.lost]
        lane = [bars.crew] * len(moments)
        axes.plot(moments, lane, marker="v", markersize=9, label="lost task", **look)


def _lane_axis(axes: "Axes", trial: "Trial", lanes: int, *, lost: bool) -> None:
    step = 1 + (lanes - 1) // _MOST_TICKS
    ticks = list(range(0, lanes - lost, step))
    names = [str(tick) for tick in ticks]
    if lost:
        ticks, names = [*ticks, lanes - 1], [*names, "lost"]
    axes.set_ylim(lanes - 0.4, -0.6)
    axes.set_yticks(ticks, names)
    dress(axes, "x")
    axes.tick_params(axis="y", length=0, labelsize=TICK if lanes <= _MOST_TICKS // 2 else SMALL)
    axes.spines["left"].set_visible(False)
    axes.set_ylabel("worker" if trial.role == "parallel" else "", fontsize=AXIS)
