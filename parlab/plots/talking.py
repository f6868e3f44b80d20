"""Draws what the notebook about messages measures: pickles, channels, and a queue that fills. Measures nothing."""

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from parlab.analysis.latency import Cost, message_s, typical_s
from parlab.errors import InputError
from parlab.plots.style import (
    AXIS,
    BLUE,
    DARK,
    NAME,
    PALE,
    PLAIN,
    SMALL,
    VERMILION,
    WIDTH_IN,
    Look,
    dress,
    duration,
    ink,
    looks,
)
from parlab.units import size

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from parlab.workloads.backlog import Flow
    from parlab.workloads.packing import Packed

_STEPS = 30  # of a drawn law between its ends: on logarithmic axes it is a bend
_COLUMNS = 4  # of names above a chart
_ROOM = 1.6  # of a logarithmic axis, beyond the outermost points


def pickle_chart(packed: Sequence["Packed"]) -> "Figure":
    """Draw how long it takes to pickle things and to rebuild them, against the size of the pickle.

    Parameters
    ----------
    packed
        What ``parlab.workloads.packing.pickle_times`` returned.

    Returns
    -------
    matplotlib.figure.Figure
        Two panels, ``dumps`` and ``loads``, with a line for each kind; all axes are logarithmic, and shared.

    Raises
    ------
    InputError
        There is nothing to draw.
    """
    if not packed:
        raise InputError("There is nothing to draw: give at least one pickle that was timed.")
    figure, panels = _figure(4.6, columns=2)
    style = looks(one.kind for one in packed)
    for axes, name in zip(panels, ("dumps", "loads"), strict=True):
        for kind, look in style.items():
            points = [(one.payload_bytes, getattr(one, f"{name}_s")) for one in packed if one.kind == kind]
            _line(axes, points, look, kind)
        axes.set_title(f"pickle.{name}", loc="left", fontsize=NAME, color=DARK, family="monospace")
        _logarithmic(axes)
    panels[0].set_ylabel("time", fontsize=AXIS)
    figure.supxlabel("size of the pickle", fontsize=AXIS, color=DARK)
    _name_above(figure, panels[0], _COLUMNS)
    return figure


def message_chart(times: Mapping[str, Mapping[int, Sequence[float]]], costs: Mapping[str, Cost]) -> "Figure":
    """Draw how long messages take through each channel, and the law that two numbers make of it.

    Parameters
    ----------
    times
        What ``parlab.workloads.channels.message_times`` returned: for each channel and size, seconds.
    costs
        For a channel the two numbers of ``parlab.analysis.latency.cost``; without them no line is drawn.

    Returns
    -------
    matplotlib.figure.Figure
        Marks at typical times, pale dots at the rounds, on logarithmic axes. Lines are ``latency + size/bandwidth``.

    Raises
    ------
    InputError
        There is nothing to draw.
    """
    if not times or not all(sizes and all(sizes.values()) for sizes in times.values()):
        raise InputError("There is nothing to draw: give at least one channel with at least one message.")
    figure, (axes,) = _figure(4.8)
    for (name, sizes), look in zip(times.items(), looks(times).values(), strict=True):
        rounds = [(amount, taken_s) for amount, taken in sizes.items() for taken_s in taken]
        axes.plot(*zip(*rounds, strict=True), "o", color=look.color, alpha=0.18, markersize=3.5, zorder=2)
        middles = [typical_s(taken) for taken in sizes.values()]
        axes.plot(list(sizes), middles, look.marker, color=look.color, markersize=7, label=name, zorder=4)
        if name in costs:
            places = _spread(min(sizes), max(sizes))
            heights = [message_s(costs[name], place) for place in places]
            axes.plot(places, heights, color=look.color, linestyle=look.dashes, linewidth=1.5, zorder=3)
    _logarithmic(axes)
    axes.set_ylabel("one message, one way", fontsize=AXIS)
    axes.set_xlabel("size of the message", fontsize=AXIS)
    _name_above(figure, axes, len(times), {name: looks(times)[name].dashes for name in costs if name in times})
    return figure


def backlog_chart(flows: Mapping[str, "Flow"]) -> "Figure":
    """Draw how many messages were put into a queue and taken out, over time; what lies between waits in it.

    Parameters
    ----------
    flows
        A name for each queue, and what ``parlab.workloads.backlog.watch_queue`` returned.

    Returns
    -------
    matplotlib.figure.Figure
        A panel for each queue, on one axis of time. In each stands how many messages waited at most.

    Raises
    ------
    InputError
        There is nothing to draw.
    """
    if not flows or not all(flow.put_s and flow.taken_s for flow in flows.values()):
        raise InputError("There is nothing to draw: give at least one queue with at least one message.")
    figure, panels = _figure(0.9 + 2.0 * len(flows), rows=len(flows))
    for axes, (name, flow) in zip(panels, flows.items(), strict=True):
        _flow(axes, flow)
        axes.set_title(name, loc="left", fontsize=NAME, color=DARK, **PLAIN)
        axes.set_ylabel("messages", fontsize=NAME)
        dress(axes, "both")
    panels[-1].set_xlabel("seconds since the first was put", fontsize=AXIS)
    _name_above(figure, panels[0], _COLUMNS)
    return figure


def _flow(axes: "Axes", flow: "Flow") -> None:
    zero_s = min(flow.put_s[0], flow.taken_s[0])
    put, taken = ([moment - zero_s for moment in moments] for moments in (flow.put_s, flow.taken_s))
    moments = sorted({0.0, *put, *taken})
    came, gone = ([bisect_right(one, moment) for moment in moments] for one in (put, taken))
    waiting: dict[str, Any] = {
        "facecolor": PALE,
        "hatch": "///",
        "edgecolor": "#C4C4C4",
        "label": "waiting in the queue",
    }
    axes.fill_between(moments, came, gone, step="post", **waiting)
    thick: dict[str, Any] = {"where": "post", "linewidth": 2.4, "zorder": 3}
    axes.step(moments, came, color=BLUE, label="put", **thick)
    axes.step(moments, gone, color=VERMILION, linestyle=(0, (4, 1.2)), label="taken out", **thick)
    axes.set_ylim(0, len(put) + 1)
    most = max(one - other for one, other in zip(came, gone, strict=True))
    look: dict[str, Any] = {"ha": "right", "va": "bottom", "fontsize": SMALL + 1, "transform": axes.transAxes}
    axes.text(0.99, 0.06, f"at most {most} waited at once", **look)


def _figure(height_in: float, rows: int = 1, columns: int = 1) -> "tuple[Figure, list[Axes]]":
    from matplotlib.figure import Figure

    figure = Figure(figsize=(WIDTH_IN, height_in), layout="constrained")
    return figure, list(figure.subplots(rows, columns, sharex=True, sharey=True, squeeze=False).flat)


def _line(axes: "Axes", points: Sequence[tuple[float, float]], look: Look, name: str) -> None:
    axes.plot(
        *zip(*points, strict=True),
        color=look.color,
        marker=look.marker,
        linestyle=look.dashes,
        markersize=5.5,
        linewidth=1.6,
        label=name,
        zorder=3,
    )


def _logarithmic(axes: "Axes") -> None:
    """Give both axes ticks that are read as sizes and durations."""
    from matplotlib.ticker import FixedLocator, NullLocator

    dress(axes, "both")
    axes.set(xscale="log", yscale="log")
    low, high = axes.dataLim.intervalx
    axes.set_xlim(low / _ROOM, high * _ROOM)
    powers = [1024.0**power for power in range(4)]
    places = [place for pair in pairwise(powers) for place in (pair[0], 32 * pair[0])]
    axes.xaxis.set_major_locator(FixedLocator(places))
    axes.xaxis.set_major_formatter(lambda amount, _place: size(amount))
    axes.yaxis.set_major_formatter(lambda value_s, _place: duration(value_s))
    axes.xaxis.set_minor_locator(NullLocator())
    axes.yaxis.set_minor_formatter(lambda _value_s, _place: "")
    axes.tick_params(labelsize=NAME - 1)


def _spread(low: float, high: float) -> list[float]:
    """Return places from one end of a logarithmic axis to the other."""
    return [low * (high / low) ** (step / _STEPS) for step in range(_STEPS + 1)]


def _name_above(figure: "Figure", axes: "Axes", columns: int, dashes: Mapping[str, Any] | None = None) -> None:
    """Name what is drawn, above it; a name whose marks have a line of their own is shown with its dashes."""
    from matplotlib.lines import Line2D

    handles, names = axes.get_legend_handles_labels()
    for place, name in enumerate(names):
        mark = handles[place]
        if isinstance(mark, Line2D) and name in (dashes or {}):
            look: dict[str, Any] = {"color": mark.get_color(), "marker": mark.get_marker(), "markersize": 7}
            handles[place] = Line2D([], [], linestyle=(dashes or {})[name], **look)
    figure.legend(
        handles,
        names,
        loc="outside upper left",
        ncols=columns,
        frameon=False,
        fontsize=SMALL + 1,
        labelcolor=ink(DARK),
        handlelength=2.4,
        columnspacing=1.3,
    )
