"""Draws what the notebook about races measures: where a number ends, what an addition costs. Measures nothing."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from parlab import units
from parlab.errors import InputError
from parlab.plots.style import (
    AXIS,
    BLUE,
    DARK,
    GREEN,
    NAME,
    PLAIN,
    SKY,
    SMALL,
    VERMILION,
    WIDTH_IN,
    clean,
    dress,
    duration,
    ink,
    legend_above,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_HATCH = "///"
_ALIKE = 2  # the axis of ends begins at this part of the right one, so that charts of several races are alike
_ROOM = 6.0  # of a logarithmic axis, for the texts behind the longest bar


def ends_chart(ends: Mapping[str, Sequence[int]], right: int) -> "Figure":
    """Draw in how many rounds a shared number ended where, for several ways to add to it.

    Parameters
    ----------
    ends
        The way's name, and the ``ends`` that ``parlab.workloads.racing.race`` found for it.
    right
        Where it should end.

    Returns
    -------
    matplotlib.figure.Figure
        A panel for each way, with a bar for each end. Wrong ends are hatched, and the heading counts them.

    Raises
    ------
    InputError
        There is nothing to draw.
    """
    from matplotlib.figure import Figure

    if not ends or not all(ends.values()):
        raise InputError("There is nothing to draw: give at least one way with at least one round.")
    figure = Figure(figsize=(WIDTH_IN, 0.7 + 1.25 * len(ends)), layout="constrained")
    panels = figure.subplots(len(ends), sharex=True, sharey=True, squeeze=False)[:, 0]
    for axes, (way, found) in zip(panels, ends.items(), strict=True):
        _ends(axes, found, right)
        wrong = sum(end != right for end in found)
        axes.set_title(
            f"{clean(way)}: wrong in {wrong} of {units.count(len(found), 'round')}", loc="left", fontsize=NAME, **PLAIN
        )
        axes.set_ylabel("rounds", fontsize=NAME)
        dress(axes)
    panels[-1].set_xlabel(f"where the number ended; {right} is right", fontsize=AXIS)
    lowest = min(right // _ALIKE, *(min(found) for found in ends.values()))
    panels[-1].set_xlim(lowest - 0.7, max(right, *(max(found) for found in ends.values())) + 0.7)
    return figure


def _ends(axes: "Axes", found: Sequence[int], right: int) -> None:
    from matplotlib.ticker import MaxNLocator

    for end, rounds in sorted(Counter(found).items()):
        wrong = end != right
        axes.bar(
            end,
            rounds,
            0.8,
            color="white" if wrong else GREEN,
            edgecolor=VERMILION if wrong else GREEN,
            hatch=_HATCH if wrong else "",
            linewidth=1.2,
            zorder=3,
        )
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.yaxis.set_major_locator(MaxNLocator(3, integer=True))


def costs_chart(costs: Mapping[str, Mapping[str, float]]) -> "Figure":
    """Draw what one addition costs, for several ways to add and several crews.

    Parameters
    ----------
    costs
        For each way, by the crew's name such as ``"one worker"``, the seconds that an addition took a worker. All ways
        have the same crews, two at most.

    Returns
    -------
    matplotlib.figure.Figure
        A bar for each number on a logarithmic axis, with its time written behind it.

    Raises
    ------
    InputError
        There is nothing to draw, or the ways have different crews.
    """
    from matplotlib.figure import Figure

    crews = list(next(iter(costs.values()), {}))
    if not crews or len(crews) > len(_CREWS) or any(list(found) != crews for found in costs.values()):
        raise InputError("There is nothing to draw: give each way the times of the same one or two crews.")
    figure = Figure(figsize=(WIDTH_IN, 1.0 + 0.62 * len(costs)), layout="constrained")
    axes = figure.add_subplot()
    height = 0.8 / len(crews)
    for number, crew in enumerate(crews):
        color, hatch = _CREWS[number]
        places = [row - 0.4 + height * (number + 0.5) for row in range(len(costs))]
        times_us = [1e6 * found[crew] for found in costs.values()]
        axes.barh(places, times_us, 0.9 * height, color=color, hatch=hatch, edgecolor="white", label=crew, zorder=3)
        for place, time_us in zip(places, times_us, strict=True):
            axes.text(1.08 * time_us, place, duration(time_us / 1e6), va="center", fontsize=SMALL + 1, color=DARK)
    shortest, longest = (pick(1e6 * s for found in costs.values() for s in found.values()) for pick in (min, max))
    axes.set(xscale="log", xlabel="microseconds for one addition, logarithmic")
    axes.set_xlim(shortest / 2, longest * _ROOM)
    axes.set_ylim(len(costs) - 0.5, -0.5)
    axes.set_yticks(range(len(costs)), [clean(way) for way in costs])
    axes.xaxis.label.set_fontsize(AXIS)
    dress(axes, "x")
    axes.tick_params(axis="y", length=0)
    legend_above(figure, *axes.get_legend_handles_labels())
    return figure


_CREWS = ((BLUE, ""), (SKY, ".."))


def wrong_share_chart(shares: Mapping[float, float]) -> "Figure":
    """Draw which share of the additions was lost, against how long a worker waited between reading and writing.

    Parameters
    ----------
    shares
        For each wait, in seconds, the share of additions that were lost, from 0 to 1.

    Returns
    -------
    matplotlib.figure.Figure
        A bar for each wait, with the share above it.

    Raises
    ------
    InputError
        There is nothing to draw.
    """
    from matplotlib.figure import Figure

    if not shares:
        raise InputError("There is nothing to draw: give at least one wait with the share of additions that were lost.")
    figure = Figure(figsize=(WIDTH_IN, 2.8), layout="constrained")
    axes = figure.add_subplot()
    heights = [100 * share for share in shares.values()]
    axes.bar(
        range(len(heights)), heights, 0.7, color="white", edgecolor=VERMILION, hatch=_HATCH, linewidth=1.2, zorder=3
    )
    for place, height in enumerate(heights):
        axes.annotate(
            f"{height:.3g} %",
            (place, height),
            xytext=(0, 3),
            textcoords="offset points",
            ha="center",
            fontsize=NAME,
            color=ink(VERMILION),
        )
    names = ["none" if not wait_s else duration(wait_s) for wait_s in shares]
    axes.set_xticks(range(len(names)), names)
    axes.set_ylim(0, 60)
    axes.set_xlabel("longest wait between reading and writing", fontsize=AXIS)
    axes.set_ylabel("additions lost, %", fontsize=NAME)
    dress(axes)
    return figure
