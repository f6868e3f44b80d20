"""Draws what the notebook about pools measures: when results come back, and what the chunk size does. Measures nothing."""

from collections.abc import Mapping, Sequence
from statistics import median
from typing import TYPE_CHECKING

from parlab.errors import InputError
from parlab.plots.style import AXIS, BLUE, DARK, GREY, NAME, PALE, PLAIN, SMALL, TITLE, dress, ink, looks

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from parlab.workloads.sharing import Arrival

_WIDTH_IN = 8.0
_LANE = 0.7
_TOGETHER = 0.02  # of the time axis: results that are nearer are named in one place


def arrivals_chart(ways: Mapping[str, Sequence["Arrival"]]) -> "Figure":
    """Draw who did which task when, and when its result came back, for several methods of a pool.

    Parameters
    ----------
    ways
        The method's name, and what ``parlab.workloads.sharing.watch`` returned for it.

    Returns
    -------
    matplotlib.figure.Figure
        A panel for each method: a lane for each worker with its tasks, and above them a lane for the caller with the
        numbers of the results that reached it.

    Raises
    ------
    InputError
        There is nothing to draw.
    """
    from matplotlib.figure import Figure

    if not ways or not all(ways.values()):
        raise InputError("There is nothing to draw: give at least one method with at least one result.")
    figure = Figure(figsize=(_WIDTH_IN, 0.6 + 1.5 * len(ways)), layout="constrained")
    panels = figure.subplots(len(ways), sharex=True, squeeze=False)[:, 0]
    end_s = max(arrival.arrived_s for came in ways.values() for arrival in came)
    for axes, (name, came) in zip(panels, ways.items(), strict=True):
        _tasks(axes, came)
        _results(axes, came, _TOGETHER * end_s)
        axes.set_title(name, loc="left", fontsize=NAME, color=DARK, family="monospace")
        dress(axes, "x")
        axes.set_xlim(0, 1.08 * end_s)
    panels[-1].set_xlabel("seconds since the call", fontsize=AXIS)
    return figure


def _tasks(axes: "Axes", came: Sequence["Arrival"]) -> None:
    crew = max(arrival.worker for arrival in came) + 1
    for lane in range(crew + 1):
        axes.axhspan(lane - _LANE / 2, lane + _LANE / 2, color="white" if lane == 0 else PALE, zorder=0)
    for arrival in came:
        lane, width = arrival.worker + 1, arrival.ended_s - arrival.began_s
        axes.barh(lane, width, _LANE, arrival.began_s, color=BLUE, edgecolor="white", zorder=3)
        middle = arrival.began_s + width / 2
        axes.text(middle, lane, str(arrival.task), color="white", ha="center", va="center", fontsize=NAME, zorder=4)
    axes.set_ylim(crew + 0.5, -0.6)
    axes.set_yticks(range(crew + 1), ["you get", *(f"worker {number}" for number in range(crew))])
    axes.tick_params(axis="y", length=0)


def _results(axes: "Axes", came: Sequence["Arrival"], together_s: float) -> None:
    """Mark each moment at which results came, with their numbers."""
    groups: list[list[Arrival]] = []
    for arrival in came:
        if groups and arrival.arrived_s - groups[-1][0].arrived_s <= together_s:
            groups[-1].append(arrival)
        else:
            groups.append([arrival])
    for group in groups:
        moment = group[0].arrived_s
        axes.axvline(moment, color=GREY, linewidth=0.8, linestyle=(0, (2, 2)), zorder=1)
        axes.plot([moment], [0], marker="v", color=ink(GREY), markersize=6, zorder=4)
        axes.annotate(
            " ".join(str(arrival.task) for arrival in group),
            (moment, 0),
            xytext=(6, 0),
            textcoords="offset points",
            va="center",
            fontsize=NAME,
            color=DARK,
            zorder=5,
        )


def chunks_chart(
    curves: Mapping[str, Mapping[int, Sequence[float]]],
    guess: float | None = None,
    own: Mapping[str, int] | None = None,
) -> "Figure":
    """Draw the time that ``Pool.map`` takes against the chunk size.

    Parameters
    ----------
    curves
        A name for each curve, and the times of ``parlab.workloads.sharing.times_by_chunk``, in seconds.
    guess
        The chunk size that the learner holds for the fastest; marked where there is one.
    own
        For curves by name, the chunk size that ``Pool.map`` would take; marked with a star.

    Returns
    -------
    matplotlib.figure.Figure
        Lines go through the medians; pale dots are the rounds. Both axes are logarithmic.

    Raises
    ------
    InputError
        There is nothing to draw.
    """
    from matplotlib.figure import Figure
    from matplotlib.ticker import NullLocator, ScalarFormatter

    if not curves or not all(curves.values()):
        raise InputError("There is nothing to draw: give at least one curve with at least one chunk size.")
    figure = Figure(figsize=(_WIDTH_IN, 4.2), layout="constrained")
    figure.suptitle("time of Pool.map against the chunk size", x=0.012, ha="left", fontsize=TITLE, color=DARK)
    axes = figure.subplots()
    for (name, times), look in zip(curves.items(), looks(curves).values(), strict=True):
        sizes, middles = list(times), [1e3 * median(taken) for taken in times.values()]
        rounds = [(size, 1e3 * taken_s) for size, taken in times.items() for taken_s in taken]
        axes.plot(*zip(*rounds, strict=True), "o", color=look.color, alpha=0.25, markersize=4, zorder=2)
        axes.plot(sizes, middles, color=look.color, marker=look.marker, linestyle=look.dashes, label=name, zorder=3)
        _own(axes, (own or {}).get(name), times, look.color)
    axes.set(xscale="log", yscale="log")
    if guess is not None:
        axes.axvline(guess, color="black", linestyle=(0, (1, 2)), linewidth=1.4, label=f"your guess, {guess:g}")
    sizes = sorted({size for times in curves.values() for size in times})
    axes.set_xticks(sizes, [str(size) for size in sizes])
    axes.xaxis.set_minor_locator(NullLocator())
    axes.yaxis.set_major_formatter(ScalarFormatter())
    axes.yaxis.set_minor_formatter(ScalarFormatter())
    axes.set_xlabel("tasks in a chunk", fontsize=AXIS)
    axes.set_ylabel("milliseconds", fontsize=AXIS)
    dress(axes, "both")
    axes.tick_params(which="minor", labelsize=SMALL)
    figure.legend(loc="outside lower left", ncols=2, frameon=False, fontsize=SMALL + 1)
    return figure


def _own(axes: "Axes", own: int | None, times: Mapping[int, Sequence[float]], color: str) -> None:
    """Mark the pool's own choice on the curve, where it was tried."""
    if own in times and own is not None:
        height = 1e3 * median(times[own])
        axes.plot([own], [height], marker="*", markersize=16, color=color, markeredgecolor="black", zorder=4)
        axes.annotate(
            f"the pool's own: {own}", (own, height), xytext=(0, 10), textcoords="offset points", ha="center",
            fontsize=SMALL, color=ink(color), zorder=5, **PLAIN,
        )  # fmt: skip
