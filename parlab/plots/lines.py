"""What charts over worker counts share: lines with intervals, names where lines end, marks where the cores end."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from parlab.machine.cores import physical_cores
from parlab.plots.style import GREY, NAME, PLAIN, SMALL, Look, dress, ink, short

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_CLEARANCE = 0.062  # of the height of the axes; two names do not touch at that distance
_TOP_MARK = 0.97
_TICK_ROOM = 0.035  # of the width of the axes; a number of two digits is narrower


@dataclass(frozen=True, slots=True)
class Point:
    """One height with its interval, if there is one."""

    workers: int
    value: float
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, slots=True)
class Name:
    """A name to be written where a line ends."""

    height: float
    text: str
    color: str


def backend_line(axes: "Axes", backend: str, points: Sequence[Point], look: Look, shift: float) -> Name:
    """Draw a backend's line and its intervals; return the name for its end."""
    counts = [point.workers + shift for point in points]
    heights = [point.value for point in points]
    axes.plot(
        counts,
        heights,
        color=look.color,
        marker=look.marker,
        markersize=7,
        linestyle=look.dashes,
        linewidth=2,
        zorder=3,
    )
    for count, point in zip(counts, points, strict=True):
        if point.low is not None and point.high is not None:
            ends = [point.low, point.high]
            axes.plot([count, count], ends, color=look.color, linewidth=1.6, marker="_", markersize=7, zorder=2)
    return Name(heights[-1], backend, look.color)


def ideal_line(axes: "Axes", counts: Sequence[int], heights: Sequence[float], text: str) -> Name:
    """Draw the dotted line of what n workers would give if nothing was lost."""
    axes.plot(counts, heights, color=GREY, linewidth=1.2, linestyle=(0, (2, 3)), zorder=1)
    return Name(heights[-1], text, GREY)


def ceiling_line(axes: "Axes", known: dict[int, float]) -> list[Name]:
    """Draw the broad line of what this machine gives, by worker count; nothing where it was not measured."""
    if len(known) < 2:
        return []
    counts = sorted(known)
    heights = [known[count] for count in counts]
    axes.plot(counts, heights, color="#BDBDBD", linewidth=5, solid_capstyle="round", zorder=1)
    return [Name(heights[-1], "this machine's ceiling", "#444444")]


def shift_of(backend: str, backends: Sequence[str], counts: Sequence[int]) -> float:
    """Set lines a little apart, so that intervals at one worker count can be told from each other."""
    step = 0.012 * max(1, counts[-1] - counts[0])
    return (backends.index(backend) - (len(backends) - 1) / 2) * step


def worker_axis(axes: "Axes", counts: Sequence[int]) -> None:
    """Dress axes whose x are worker counts: a tick for each that was measured, where there is room."""
    span = max(1, counts[-1] - counts[0])
    axes.set_xlim(counts[0] - 0.05 * span, counts[-1] + 0.05 * span)
    axes.set_xticks(_ticks(counts, span))
    axes.set_xlabel("workers", fontsize=13)
    dress(axes)


def room_above(machine: dict[str, Any], counts: Sequence[int]) -> float:
    """Return by how much the axes must be higher than what is drawn, so that no line crosses the marks of the cores."""
    return 1 / (1 - _CLEARANCE * (1 + len(cores_within(machine, counts))))


def _ticks(counts: Sequence[int], span: int) -> list[int]:
    """Leave out counts whose numbers would touch; the largest always stays."""
    kept: list[int] = []
    for count in reversed(counts):
        if not kept or kept[-1] - count >= _TICK_ROOM * span:
            kept.append(count)
    return kept[::-1]


def cores_within(machine: dict[str, Any], counts: Sequence[int]) -> dict[float, list[str]]:
    """Name where the cores end, within the measured counts; equal ends share their place."""
    named: dict[float, list[str]] = defaultdict(list)
    for value, name in (
        (physical_cores(machine), "physical cores"),
        (machine.get("cores_usable"), "usable cores"),
        (machine.get("cores_quota"), "CPU quota"),
    ):
        if isinstance(value, (int, float)) and counts[0] <= value <= counts[-1]:
            named[float(value)].append(name)
    return dict(named)


def mark_cores(axes: "Axes", machine: dict[str, Any], counts: Sequence[int]) -> None:
    """Mark where the cores end. Marks beyond the measured counts are left out; equal ones share a line."""
    for level, (place, names) in enumerate(sorted(cores_within(machine, counts).items(), reverse=True)):
        axes.axvline(place, color=GREY, linewidth=1, zorder=0)
        first = place == counts[0]
        axes.annotate(
            f"{place:g} " + " = ".join(name.removesuffix("s") if place == 1 else name for name in names),
            (place, _TOP_MARK - level * _CLEARANCE),
            xycoords=("data", "axes fraction"),
            xytext=(4 if first else -4, 0),
            textcoords="offset points",
            va="center",
            ha="left" if first else "right",
            fontsize=SMALL,
            color="#555555",
            bbox={"facecolor": "white", "edgecolor": "none", "pad": 1},
        )


def name_lines(axes: "Axes", names: Sequence[Name]) -> None:
    """Write each line's name at its right end, pushed apart where names would touch; the limits must be set before."""
    ordered = sorted((_share(axes, name.height), name.text, name.color) for name in names)
    for (height, text, color), place in zip(ordered, apart([share for share, _, _ in ordered]), strict=True):
        axes.annotate(
            short(text),
            (1.0, height),
            xycoords="axes fraction",
            xytext=(1.035, place),
            textcoords="axes fraction",
            color=ink(color),
            fontsize=NAME,
            va="center",
            annotation_clip=False,
            arrowprops={
                "arrowstyle": "-",
                "color": color,
                "linewidth": 0.8,
                "shrinkA": 1,
                "shrinkB": 0,
                "relpos": (0, 0.5),
            },
            **PLAIN,
        )


def _share(axes: "Axes", height: float) -> float:
    """Return a height as a share of the axes, whatever their scale."""
    low, high = (float(axes.transScale.transform((1, end))[1]) for end in axes.get_ylim())
    place = float(axes.transScale.transform((1, height))[1])
    return min(max((place - low) / (high - low), 0.0), 1.0)


def apart(heights: Sequence[float]) -> list[float]:
    """Move sorted heights (shares of the axes) apart, upwards first, then down again from the upper edge."""
    places: list[float] = []
    for height in heights:
        places.append(max(height, places[-1] + _CLEARANCE) if places else height)
    edge = 1.0
    for number in reversed(range(len(places))):
        places[number] = min(places[number], edge)
        edge = places[number] - _CLEARANCE
    return places
