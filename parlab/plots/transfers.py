"""Draws how long an array's way to another process takes: leg by leg, and by its size. Measures nothing."""

from collections.abc import Mapping, Sequence
from statistics import median
from typing import TYPE_CHECKING, Any

from parlab import units
from parlab.errors import InputError
from parlab.plots.style import AXIS, BLUE, GREY, NAME, ORANGE, SKY, SMALL, TICK, Look, dress, duration, looks

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_WIDTH_IN = 8.0
_BAR = 0.62
_ROOM_BELOW = 3  # times as far down as the lowest point, for the names of marks
_LEGS = ((BLUE, ""), (SKY, "//"), (ORANGE, ".."), (GREY, "xx"))  # colour and hatch
_KIB = 1024


def legs_chart(bars: Mapping[str, Mapping[str, Sequence[float]]]) -> "Figure":
    """Draw ways through which data come to a process as bars, leg by leg.

    Parameters
    ----------
    bars
        For each bar's name the times of its legs, in seconds, one a round.

    Returns
    -------
    matplotlib.figure.Figure
        A horizontal bar for each name, from zero on, made of the medians of its legs one after the other; each leg has
        its own colour and hatch, which the legend names where there are several, and the whole its time.

    Raises
    ------
    InputError
        There is nothing to draw.
    """
    from matplotlib.figure import Figure

    if not bars or not all(legs and all(legs.values()) for legs in bars.values()):
        raise InputError("There is nothing to draw: give at least one bar, with a time for each of its legs.")
    figure = Figure(figsize=(_WIDTH_IN, 1.3 + 0.7 * len(bars)), layout="constrained")
    axes = figure.subplots()
    names = list(dict.fromkeys(leg for legs in bars.values() for leg in legs))
    ends = [_bar(axes, place, legs, names) for place, legs in enumerate(bars.values())]
    axes.set_yticks(range(len(bars)), list(bars))
    axes.set(ylim=(len(bars) - 0.5, -0.5), xlim=(0, 1.18 * max(ends)))
    axes.set_xlabel("milliseconds", fontsize=AXIS)
    dress(axes, "x")
    axes.tick_params(axis="y", length=0, labelsize=NAME)
    if len(names) > 1:
        drawn: dict[Any, Any] = {one.get_label(): one for one in axes.containers}
        look: dict[str, Any] = {"loc": "outside upper left", "ncols": 4, "frameon": False, "fontsize": NAME}
        figure.legend([drawn[name] for name in names], names, **look)
    return figure


def _bar(axes: "Axes", place: int, legs: Mapping[str, Sequence[float]], names: Sequence[str]) -> float:
    """Draw the legs one after the other; return where the last one ends."""
    start = 0.0
    for name, taken in legs.items():
        color, hatch = _LEGS[names.index(name) % len(_LEGS)]
        length = 1e3 * median(taken)
        axes.barh(place, length, _BAR, start, color=color, hatch=hatch, edgecolor="white", label=name, zorder=3)
        start += length
    where: dict[str, Any] = {"xytext": (6, 0), "textcoords": "offset points", "va": "center", "fontsize": NAME}
    axes.annotate(duration(start / 1e3), (start, place), **where)
    return start


def sizes_chart(
    times: Mapping[str, Mapping[int, Sequence[float]]], crossing: float | None = None, guess_kib: float | None = None
) -> "Figure":
    """Draw the time that one task takes against the size of its array, for several ways to get there.

    Parameters
    ----------
    times
        What ``parlab.workloads.transfers.times_by_size`` returned: for each way and size, in bytes, times in seconds.
    crossing
        From which size on, in bytes, another way pays; None marks nothing.
    guess_kib
        The size that the learner has guessed for it, in KiB; None marks nothing.

    Returns
    -------
    matplotlib.figure.Figure
        With two logarithmic axes. Lines go through the medians, pale dots are the rounds; each line has its marker and
        dashes, and its name in the legend.

    Raises
    ------
    InputError
        There is nothing to draw.
    """
    from matplotlib.figure import Figure
    from matplotlib.ticker import NullFormatter, NullLocator

    if not times or not all(by_size and all(by_size.values()) for by_size in times.values()):
        raise InputError("There is nothing to draw: give at least one way, with a time for each of its sizes.")
    figure = Figure(figsize=(_WIDTH_IN, 4.6), layout="constrained")
    axes = figure.subplots()
    for (way, by_size), look in zip(times.items(), looks(times).values(), strict=True):
        _curve(axes, way, by_size, look)
    sizes = sorted({size for by_size in times.values() for size in by_size})
    axes.set(xscale="log", yscale="log")
    axes.set_xticks(sizes, [units.size(size) for size in sizes])
    axes.xaxis.set_minor_locator(NullLocator())
    axes.yaxis.set_major_formatter(lambda value_s, _place: duration(value_s))
    axes.yaxis.set_minor_formatter(NullFormatter())
    axes.set_xlabel("size of the array", fontsize=AXIS)
    axes.set_ylabel("one task, there and back", fontsize=AXIS)
    dress(axes, "both")
    axes.set_ylim(axes.get_ylim()[0] / _ROOM_BELOW)
    if crossing is not None:
        _mark(axes, crossing, f"pays from {units.size(crossing)} on", GREY, "--", 0.02)
    if guess_kib is not None:
        _mark(axes, _KIB * guess_kib, f"your guess: {units.size(_KIB * guess_kib)}", "black", (0, (1, 2)), 0.09)
    axes.legend(loc="upper left", facecolor="white", edgecolor="none", framealpha=0.9, fontsize=TICK)
    return figure


def _curve(axes: "Axes", way: str, by_size: Mapping[int, Sequence[float]], look: Look) -> None:
    rounds = [(size, taken_s) for size, taken in by_size.items() for taken_s in taken]
    axes.plot(*zip(*rounds, strict=True), "o", color=look.color, alpha=0.25, markersize=4, zorder=2)
    middles = sorted((size, median(taken)) for size, taken in by_size.items())
    line: dict[str, Any] = {"color": look.color, "marker": look.marker, "linestyle": look.dashes, "label": way}
    axes.plot(*zip(*middles, strict=True), linewidth=2, zorder=3, **line)


def _mark(axes: "Axes", size: float, text: str, color: str, dashes: Any, height: float) -> None:
    """Draw a line from the bottom to the top with its name beside it, on the side where there is room."""
    axes.axvline(size, color=color, linestyle=dashes, linewidth=1.6, zorder=1)
    low, high = axes.get_xlim()
    left = size < (low * high) ** 0.5
    look: dict[str, Any] = {"textcoords": "offset points", "va": "bottom", "fontsize": SMALL + 1, "zorder": 5}
    paper = {"facecolor": "white", "edgecolor": "none", "alpha": 0.85, "pad": 1}
    axes.annotate(
        text,
        (size, height),
        xycoords=axes.get_xaxis_transform(),
        xytext=(6 if left else -6, 0),
        ha="left" if left else "right",
        bbox=paper,
        **look,
    )
