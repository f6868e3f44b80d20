"""Draws ways to do the same work side by side: times, round by round, and memory at its peak. Measures nothing."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

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
    WIDTH_IN,
    clean,
    dress,
    duration,
    ink,
    legend_above,
)
from parlab.units import digits

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_LINE_IN, _FRAME_IN = 0.52, 1.0
_ROOM = 1.22  # of the axis beyond the longest time, for what is written behind it
_BESIDE = (0, 11)  # where a time is written, in points from its mark
_BAR = 0.62
_PARTS = ((GREY, "//"), (ORANGE, ""))


def rounds_chart(times: Mapping[str, Sequence[float]]) -> "Figure":
    """Draw how long each way took, from zero on, a line for each.

    Parameters
    ----------
    times
        For each way's name its times in seconds, one a round.

    Returns
    -------
    matplotlib.figure.Figure
        A pale dot for each round; a mark at the median, with its time; a bar over its 95 % interval, where there are
        enough rounds for one (six). Ways stand from top to bottom as they are given.

    Raises
    ------
    InputError
        There is nothing to draw.
    """
    from matplotlib.figure import Figure

    if not times or not all(times.values()):
        raise InputError("There is nothing to draw: give at least one way, with a time of at least one round.")
    figure = Figure(figsize=(WIDTH_IN, _FRAME_IN + _LINE_IN * len(times)), layout="constrained")
    axes = figure.add_subplot()
    for line, taken in enumerate(times.values()):
        _draw_way(axes, line, taken)
    _name_lines(axes, list(times))
    axes.set_xlim(0, _ROOM * max(map(max, times.values())))
    axes.xaxis.set_major_formatter(lambda value_s, _place: duration(value_s) if value_s else "0")
    axes.set_xlabel(f"time of a round: {_rounds(times)}", fontsize=AXIS)
    return figure


def _rounds(times: Mapping[str, Sequence[float]]) -> str:
    counts = sorted({len(taken) for taken in times.values()})
    if counts == [1]:
        return "a single one"
    number = str(counts[0]) if len(counts) == 1 else f"{counts[0]} to {counts[-1]}"
    return f"{number} rounds (pale), their median" + (" and its 95 % interval" if counts[-1] >= 6 else "")


def _draw_way(axes: "Axes", line: int, taken: Sequence[float]) -> None:
    from parlab.results.intervals import median_interval

    middle = median_interval(list(taken))
    axes.plot(taken, [line] * len(taken), "o", color=BLUE, alpha=0.25, markersize=6, zorder=2)
    if middle.low is not None and middle.high is not None:
        axes.plot([middle.low, middle.high], [line, line], color=BLUE, linewidth=3, zorder=3)
    axes.plot([middle.median], [line], "D", color=BLUE, markersize=8, markeredgecolor="white", zorder=4)
    look: dict[str, Any] = {"ha": "center", "va": "center", "fontsize": SMALL + 1, "color": ink(BLUE)}
    where: dict[str, Any] = {"xytext": _BESIDE, "textcoords": "offset points"}
    axes.annotate(duration(middle.median), (middle.median, line), **where, **look)


def _name_lines(axes: "Axes", names: Sequence[str]) -> None:
    axes.set_yticks(range(len(names)), [clean(name) for name in names], **PLAIN)
    axes.set_ylim(len(names) - 0.5, -0.7)
    dress(axes, "x")
    axes.tick_params(axis="y", length=0, labelsize=NAME, labelcolor=DARK)


def held_chart(held: Mapping[str, Mapping[str, float]]) -> "Figure":
    """Draw the memory that each way took at most, as a bar of two parts, from zero on.

    Parameters
    ----------
    held
        For each way's name its parts in MiB, the first of them what the libraries take: as
        ``parlab.workloads.purchase_memory.peaks`` returns it.

    Returns
    -------
    matplotlib.figure.Figure
        The parts have a colour and a hatch each, which the legend names; the second stands behind the bar as a number.

    Raises
    ------
    InputError
        There is nothing to draw, or ways have other parts.
    """
    from matplotlib.figure import Figure

    parts = list(next(iter(held.values()), {}))
    if len(parts) != len(_PARTS) or any(list(one) != parts for one in held.values()):
        raise InputError('There is nothing to draw: each way needs two parts, such as {"libraries": 90, "data": 40}.')
    figure = Figure(figsize=(WIDTH_IN, _FRAME_IN + 0.3 + _LINE_IN * len(held)), layout="constrained")
    axes = figure.add_subplot()
    for line, sizes in enumerate(held.values()):
        _draw_bar(axes, line, [sizes[part] for part in parts])
    _name_lines(axes, list(held))
    axes.set_xlim(0, _ROOM * max(sum(sizes.values()) for sizes in held.values()))
    axes.set_xlabel("most memory of one process, MiB", fontsize=AXIS)
    legend_above(figure, axes.containers[: len(parts)], parts)
    return figure


def _draw_bar(axes: "Axes", line: int, sizes: Sequence[float]) -> None:
    left = 0.0
    for size, (color, hatch) in zip(sizes, _PARTS, strict=True):
        axes.barh(line, size, _BAR, left, color=color, hatch=hatch, edgecolor="white", zorder=3)
        left += size
    where: dict[str, Any] = {"xytext": (6, 0), "textcoords": "offset points", "va": "center", "fontsize": NAME}
    axes.annotate(f"+ {digits(sizes[-1])} MiB", (left, line), **where)
