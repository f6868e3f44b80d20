"""Draws what happens between the programs of a cluster: bytes on their way, and tasks that a lost worker takes along.

It counts nothing and watches nobody: ``parlab.notebook.wire`` and ``parlab.workloads.faraway`` have noted it all.
"""

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
    PALE,
    PLAIN,
    SKY,
    VERMILION,
    WIDTH_IN,
    dress,
    legend_above,
    short,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from parlab.workloads.faraway import Stint

_BAR = 0.62
_LOOKS: tuple[dict[str, Any], ...] = (
    {"color": BLUE},
    {"color": ORANGE, "hatch": "//"},
    {"color": SKY, "hatch": ".."},
)


def travel_chart(ways: Mapping[str, Mapping[str, float]], guess_mib: float | None = None) -> "Figure":
    """Draw how much travelled in each of several ways to do the same work.

    Parameters
    ----------
    ways
        A name for each way, and MiB by who has sent them; at most three senders.
    guess_mib
        A guess of the whole length of the first bar, to be drawn into it.

    Returns
    -------
    matplotlib.figure.Figure
        A bar for each way, cut by sender, with its whole length in MiB behind it.

    Raises
    ------
    InputError
        There is nothing to draw.
    """
    from matplotlib.figure import Figure

    senders = list(dict.fromkeys(name for sent in ways.values() for name in sent))
    if not ways or not 1 <= len(senders) <= len(_LOOKS):
        raise InputError(f"There is nothing to draw: give ways, each with 1 to {len(_LOOKS)} senders and their MiB.")
    figure = Figure(figsize=(WIDTH_IN, 1.5 + 0.55 * len(ways)), layout="constrained")
    axes = figure.subplots()
    dress(axes, "x")
    floors = [0.0] * len(ways)
    for sender, look in zip(senders, _LOOKS, strict=False):
        lengths = [sent.get(sender, 0.0) for sent in ways.values()]
        named: dict[str, Any] = {"label": f"sent by {sender}", "edgecolor": "white", "zorder": 2, **look}
        axes.barh(range(len(ways)), lengths, _BAR, list(floors), **named)
        floors = [floor + length for floor, length in zip(floors, lengths, strict=True)]
    totals = [sum(sent.values()) for sent in ways.values()]
    for place, total in enumerate(totals):
        axes.annotate(f"{total:.1f}", (total, place), (6, 0), textcoords="offset points", va="center", fontsize=NAME)
    top = max(*totals, guess_mib or 0.0, 1e-3)
    if guess_mib is not None:
        axes.plot([guess_mib] * 2, [-0.42, 0.42], color=DARK, linestyle=(0, (1, 1)), zorder=3, label="your guess")
    axes.set(xlim=(0, 1.14 * top), ylim=(len(ways) - 0.5, -0.6))
    axes.set_yticks(range(len(ways)), [short(name, 30) for name in ways], fontsize=NAME, **PLAIN)
    axes.tick_params(axis="y", length=0)
    axes.set_xlabel("MiB on their way", fontsize=AXIS)
    legend_above(figure, *axes.get_legend_handles_labels())
    return figure


def stints_chart(stints: Sequence["Stint"], title: str = "") -> "Figure":
    """Draw who did which task when, also those that a killed worker took along.

    Parameters
    ----------
    stints
        Every beginning of a task.
    title
        Stands above the chart.

    Returns
    -------
    matplotlib.figure.Figure
        A lane for each worker. A task that was begun again later is hatched where it was for nothing; one that never
        ended stops at a cross.

    Raises
    ------
    InputError
        There is nothing to draw.
    """
    from matplotlib.figure import Figure

    if not stints:
        raise InputError("There is nothing to draw: no task was begun under that topic.")
    workers = sorted({stint.worker for stint in stints})
    last = {stint.task: place for place, stint in enumerate(stints)}
    figure = Figure(figsize=(WIDTH_IN, 1.7 + 0.6 * len(workers)), layout="constrained")
    axes = figure.subplots()
    dress(axes, "x")
    end_s = max(max(stint.began_s, stint.ended_s or 0.0) for stint in stints)
    axes.barh(range(len(workers)), [end_s] * len(workers), _BAR, color=PALE, zorder=1)
    for place, stint in enumerate(stints):
        _stint(axes, workers.index(stint.worker), stint, _cut_s(stint, stints), in_vain=last[stint.task] != place)
    axes.set(xlim=(0, 1.02 * end_s), ylim=(len(workers) - 0.5, -0.6))
    axes.set_yticks(range(len(workers)), [short(one) for one in workers], fontsize=NAME, **PLAIN)
    axes.tick_params(axis="y", length=0)
    axes.set_xlabel("seconds since the first task began; the numbers are the tasks", fontsize=AXIS)
    handles, names = axes.get_legend_handles_labels()
    found = dict(zip(names, handles, strict=True))
    legend_above(figure, list(found.values()), list(found))
    if title:
        axes.set_title(title, loc="left", fontsize=NAME, color=GREY, **PLAIN)
    return figure


def _cut_s(stint: "Stint", stints: Sequence["Stint"]) -> float:
    """Say where a bar ends; one that was cut is as long as the shortest whole one, where nothing says more."""
    if stint.ended_s is not None:
        return stint.ended_s
    whole = [one.ended_s - one.began_s for one in stints if one.ended_s is not None]
    again = [one.began_s for one in stints if one.task == stint.task and one.began_s > stint.began_s]
    return min([stint.began_s + 0.6 * min(whole, default=1.0), *again])


def _stint(axes: "Axes", lane: int, stint: "Stint", end_s: float, *, in_vain: bool) -> None:
    look: dict[str, Any] = {"color": BLUE, "edgecolor": "white", "label": "task, its result was kept"}
    if in_vain:
        look = {"facecolor": "white", "edgecolor": VERMILION, "hatch": "///"}
        look["label"] = "task in vain: begun again later"
    axes.barh(lane, end_s - stint.began_s, _BAR, stint.began_s, zorder=2, **look)
    middle = (stint.began_s + end_s) / 2
    paper = {"facecolor": "white", "edgecolor": "none", "alpha": 0.9, "pad": 1.5}
    axes.text(middle, lane, str(stint.task), ha="center", va="center", fontsize=NAME, bbox=paper, zorder=4)
    if stint.ended_s is None:
        mark: dict[str, Any] = {"marker": "X", "color": DARK, "markersize": 11, "linestyle": "none", "zorder": 5}
        axes.plot([end_s], [lane], label="its worker was killed", **mark)
