"""Draws what the notebook about pools measures: when results come, and what the chunk size does. Measures nothing."""

from collections.abc import Mapping, Sequence
from statistics import median
from typing import TYPE_CHECKING, Any

from parlab.errors import InputError
from parlab.plots.style import AXIS, BLUE, DARK, GREY, NAME, ORANGE, PALE, PLAIN, SMALL, Look, dress, ink, looks

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from parlab.workloads.sharing import Arrival

_WIDTH_IN = 8.0
_LANE = 0.7
_APART = 1.5  # times the number before, or two numbers of the axis would touch
_TOGETHER = 0.03  # of the time axis: results that are nearer are named in one place


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
    axes.set_ylim(crew + 0.5, -0.9)
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
        axes.plot([moment, moment], [0, axes.get_ylim()[0]], color=GREY, linewidth=0.8, linestyle=(0, (2, 2)), zorder=1)
        axes.plot([moment], [0], marker="v", color=ink(GREY), markersize=6, zorder=4)
        axes.annotate(
            _numbers([arrival.task for arrival in group]),
            (moment, 0),
            xytext=(0, 5),
            textcoords="offset points",
            ha="center",
            va="bottom",
            fontsize=NAME,
            color=DARK,
            zorder=5,
        )


def _numbers(tasks: Sequence[int]) -> str:
    """Write numbers down, and neighbours as a range."""
    if len(tasks) > 2 and list(tasks) == list(range(tasks[0], tasks[-1] + 1)):
        return f"{tasks[0]}…{tasks[-1]}"
    return " ".join(map(str, tasks))


def chunks_chart(
    curves: Mapping[str, Mapping[int, Sequence[float]]], guess: float | None = None, own: Sequence[int] = ()
) -> "Figure":
    """Draw the time that ``Pool.map`` takes against the chunk size.

    Parameters
    ----------
    curves
        A name for each curve, and the times of ``parlab.workloads.sharing.times_by_chunk``, in seconds.
    guess
        The chunk size that the learner holds for the fastest of the first curve; None marks nothing.
    own
        For each curve the chunk size that ``Pool.map`` would take; marked with a star where it was tried.

    Returns
    -------
    matplotlib.figure.Figure
        A panel for each curve, from zero on, above one logarithmic axis of chunk sizes. Lines go through the medians;
        pale dots are the rounds.

    Raises
    ------
    InputError
        There is nothing to draw.
    """
    from matplotlib.figure import Figure
    from matplotlib.ticker import NullLocator

    if not curves or not all(curves.values()):
        raise InputError("There is nothing to draw: give at least one curve with at least one chunk size.")
    figure = Figure(figsize=(_WIDTH_IN, 0.8 + 2.1 * len(curves)), layout="constrained")
    panels = figure.subplots(len(curves), sharex=True, squeeze=False)[:, 0]
    for axes, (name, times), look in zip(panels, curves.items(), looks(curves).values(), strict=True):
        _curve(axes, times, look)
        axes.set_title(name, loc="left", fontsize=NAME, color=DARK, **PLAIN)
        axes.set_ylabel("milliseconds", fontsize=NAME)
        dress(axes, "both")
    for axes, size in zip(panels, own, strict=False):
        _own(axes, size, curves[axes.get_title(loc="left")])
    if guess is not None:
        _guess(panels[0], guess)
    sizes = _apart(sorted({size for times in curves.values() for size in times}))
    panels[-1].set(xscale="log", xlabel="tasks in a chunk")
    panels[-1].set_xticks(sizes, [str(size) for size in sizes])
    panels[-1].xaxis.set_minor_locator(NullLocator())
    panels[-1].xaxis.label.set_fontsize(AXIS)
    return figure


def _curve(axes: "Axes", times: Mapping[int, Sequence[float]], look: Look) -> None:
    rounds = [(size, 1e3 * taken_s) for size, taken in times.items() for taken_s in taken]
    middles = [1e3 * median(taken) for taken in times.values()]
    axes.plot(*zip(*rounds, strict=True), "o", color=look.color, alpha=0.3, markersize=4, zorder=2)
    axes.plot(list(times), middles, color=look.color, marker=look.marker, linestyle=look.dashes, linewidth=2, zorder=3)
    axes.set_ylim(0, 1.15 * max(height for _, height in rounds))


def _own(axes: "Axes", size: int, times: Mapping[int, Sequence[float]]) -> None:
    """Mark the pool's own choice on its curve, where it was tried."""
    if size not in times:
        return
    height = 1e3 * median(times[size])
    axes.plot([size], [height], marker="*", markersize=15, color=ORANGE, markeredgecolor=DARK, zorder=4, clip_on=False)
    look: dict[str, Any] = {"textcoords": "offset points", "ha": "center", "fontsize": SMALL + 1, "zorder": 5}
    axes.annotate(f"the pool's own: {size}", (size, height), xytext=(0, 11), **look)


def _guess(axes: "Axes", guess: float) -> None:
    axes.axvline(guess, color="black", linestyle=(0, (1, 2)), linewidth=1.6, zorder=1)
    place, transform = (guess, 0.97), axes.get_xaxis_transform()
    look: dict[str, Any] = {"textcoords": "offset points", "va": "top", "fontsize": SMALL + 1, "zorder": 5}
    axes.annotate(f"your guess: {guess:g}", place, xycoords=transform, xytext=(6, 0), **look)


def _apart(sizes: Sequence[int]) -> list[int]:
    """Return the sizes that can be named on a logarithmic axis without touching."""
    kept: list[int] = []
    for size in sizes:
        if not kept or size >= _APART * kept[-1]:
            kept.append(size)
    return kept
