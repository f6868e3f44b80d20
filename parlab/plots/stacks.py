"""What charts of stacked bars share: a panel for each backend, a bar for each worker count, parts with hatches."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import ceil
from typing import TYPE_CHECKING, Any

from parlab.plots.style import AXIS, DARK, PLAIN, TICK, dress, legend, short

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_MOST_ABREAST = 3  # panels
_BAR = 0.72  # width; bars are one apart
_MOST_NUMBERS = 8  # under the bars of a panel


@dataclass(frozen=True, slots=True)
class Part:
    """One layer of the bars."""

    key: str
    name: str
    color: str
    hatch: str = ""
    edge: str = "white"  # of the hatch


Stack = Mapping[str, float]  # the height of each part, by its key; parts below zero hang down


def panels(figure: "Figure", names: Sequence[str], ylabel: str) -> dict[str, "Axes"]:
    """Make a panel for each backend, all with one scale."""
    rows = ceil(len(names) / _MOST_ABREAST)
    abreast = min(len(names), ceil(len(names) / rows))
    grid = figure.subplots(rows, abreast, sharey=True, squeeze=False)
    places = [axes for row in grid for axes in row]
    for axes in places[len(names) :]:
        axes.remove()
    for axes, name in zip(places, names, strict=False):
        axes.set_title(short(name), fontsize=AXIS, loc="left", **PLAIN)
        dress(axes)
    for row in grid:
        row[0].set_ylabel(ylabel, fontsize=AXIS)
    return dict(zip(names, places, strict=False))


def height_of(names: Sequence[str]) -> float:
    """Return the height in inches of a figure with so many panels."""
    return 3.0 + 2.2 * ceil(len(names) / _MOST_ABREAST)


def draw_stacks(axes: "Axes", stacks: Mapping[int, Stack], parts: Sequence[Part]) -> None:
    """Draw a bar for each worker count; what is below zero hangs down from there, below the bar."""
    counts = sorted(stacks)
    over, under = dict.fromkeys(counts, 0.0), dict.fromkeys(counts, 0.0)
    for part in parts:
        heights = [stacks[count].get(part.key, 0.0) for count in counts]
        floors = [over[count] if height >= 0 else under[count] for count, height in zip(counts, heights, strict=True)]
        axes.bar(
            range(len(counts)),
            heights,
            _BAR,
            bottom=floors,
            color=part.color,
            hatch=part.hatch,
            edgecolor=part.edge,
            linewidth=0.6,
            label=part.name,
            zorder=2,
        )
        for count, height in zip(counts, heights, strict=True):
            if height >= 0:
                over[count] += height
            else:
                under[count] += height
    axes.axhline(0, color=DARK, linewidth=1, zorder=3)
    number_bars(axes, counts)


def number_bars(axes: "Axes", counts: Sequence[int]) -> None:
    """Write worker counts under the bars, as many as there is room for; the largest always."""
    step = ceil(len(counts) / _MOST_NUMBERS)
    places = list(range(len(counts)))[::-1][::step][::-1]
    axes.set_xticks(places, [str(counts[place]) for place in places])
    axes.set_xlim(-0.6, len(counts) - 0.4)
    axes.set_xlabel("workers", fontsize=TICK)


def name_parts(figure: "Figure", places: Mapping[str, "Axes"]) -> None:
    """Name the parts once, above all panels: bars in the order in which they are stacked, then lines and points."""
    from matplotlib.container import BarContainer

    found: dict[str, Any] = {}
    for axes in places.values():
        for handle, name in zip(*axes.get_legend_handles_labels(), strict=True):
            found.setdefault(name, handle)
    order = sorted(found, key=lambda name: not isinstance(found[name], BarContainer))
    legend(figure, [found[name] for name in order], order)
