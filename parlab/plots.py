"""Draws charts. Figures are made without pyplot, so that nothing global changes and no window opens.

Readable in grey and by colour-blind readers: colours are those of M. Okabe and K. Ito, "Color Universal Design" (2008);
each line also has its own marker and dashes, and is named where it ends.
"""

from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from parlab.atomic import replacing
from parlab.errors import InputError, unknown_choice

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from parlab.analysis.summary import Row, Summary

FORMATS = ("png", "svg")
_STYLES = (
    ("#0072B2", "o", "-"),
    ("#D55E00", "s", (0, (5, 1.5))),
    ("#009E73", "^", (0, (3, 1, 1, 1))),
    ("#CC79A7", "D", (0, (1, 1))),
    ("#E69F00", "v", (0, (6, 2, 2, 2))),
    ("#56B4E9", "P", (0, (3, 2))),
    ("#333333", "X", (0, (1, 2))),
)
_MARKS: dict[str, dict[str, Any]] = {"png": {"Software": "parlab"}, "svg": {"Date": None, "Creator": "parlab"}}
_GREY, _DARK = "#767676", "#222222"
_CLEARANCE = 0.052  # of the height of the axes; two lines of labels do not touch at that distance
_TOP_LABEL = 0.975  # left of a mark, above the diagonal, the chart is empty


def check_format(path: Path) -> str:
    """Return the format that a file's ending names.

    Raises
    ------
    InputError
        It is neither ``.png`` nor ``.svg``, or the folder is not there.
    """
    ending = path.suffix.lower().removeprefix(".")
    if ending not in FORMATS:
        raise unknown_choice("chart format", ending or path.name, FORMATS, "Name the file chart.png or chart.svg.")
    if not path.parent.is_dir():
        raise InputError(f"There is no folder {str(path.parent)!r} to write {path.name!r} into. Make it first.")
    return ending


def save(figure: "Figure", path: Path) -> None:
    """Write a figure as PNG or SVG, the same bytes for the same figure; whole, or not at all.

    Raises
    ------
    InputError
        The ending is unknown, or the file cannot be written.
    """
    from matplotlib import rc_context

    ending = check_format(path)
    try:
        with replacing(path) as place, rc_context({"svg.hashsalt": "parlab", "svg.fonttype": "none"}):
            figure.savefig(place, format=ending, dpi=150, metadata=_MARKS[ending])
    except OSError as problem:
        raise InputError(
            f"{str(path)!r} cannot be written: {problem.strerror or problem}. Choose another place."
        ) from problem


def is_ours(path: Path) -> bool:
    """Tell whether a PNG file was drawn by parlab, so that it may be drawn again."""
    from PIL import Image

    try:
        with Image.open(path) as picture:
            return bool(picture.info.get("Software") == _MARKS["png"]["Software"])
    except OSError:
        return False


def speedup_chart(summary: "Summary") -> "Figure":
    """Draw speedup against workers: a line for each backend with its 95 % intervals.

    Parameters
    ----------
    summary
        What ``parlab.analysis.summary.summarise`` made of a sweep.

    Returns
    -------
    matplotlib.figure.Figure
        With n and the machine's ceiling as lines, and physical cores, usable cores and quota marked.

    Raises
    ------
    InputError
        There is no speedup to draw: no complete round, or no backend beside the plain loop.
    """
    from matplotlib.figure import Figure

    lines = _lines(summary.rows)
    if not lines:
        message = f"There is no speedup of {summary.workload!r} to draw: no round was completed with a backend."
        raise InputError(f"{message} Measure with --backends threads,processes, or go on with --resume.")
    figure = Figure(figsize=(8.0, 5.2), layout="constrained")
    axes = figure.add_subplot()
    counts = sorted({row.workers for rows in lines.values() for row in rows})
    top = 1.08 * max(counts[-1], *(row.speedup_high or row.speedup or 0.0 for row in summary.rows))
    labels = [_ideal(axes, counts), *_ceiling(axes, summary.rows)]
    for (backend, rows), style in zip(lines.items(), _styles(len(lines)), strict=True):
        labels.append(_backend(axes, backend, rows, style, _shift(backend, list(lines), counts)))
    _dress(axes, counts, top)
    _cores(axes, summary.machine, counts)
    _name_lines(axes, labels, top)
    _titles(figure, axes, summary)
    return figure


def _lines(rows: Sequence["Row"]) -> dict[str, list["Row"]]:
    lines: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        if row.backend != "serial" and row.speedup is not None:
            lines[row.backend].append(row)
    return dict(lines)


def _styles(count: int) -> list[tuple[str, str, Any]]:
    return [_STYLES[number % len(_STYLES)] for number in range(count)]


def _shift(backend: str, backends: list[str], counts: list[int]) -> float:
    """Set the lines a little apart, so that intervals at one worker count can be told from each other."""
    step = 0.012 * max(1, counts[-1] - counts[0])
    return (backends.index(backend) - (len(backends) - 1) / 2) * step


def _ideal(axes: "Axes", counts: list[int]) -> tuple[float, str, str]:
    axes.plot(
        [counts[0], counts[-1]], [counts[0], counts[-1]], color=_GREY, linewidth=1, linestyle=(0, (2, 3)), zorder=1
    )
    return counts[-1], "n, the ideal", _GREY


def _ceiling(axes: "Axes", rows: Sequence["Row"]) -> list[tuple[float, str, str]]:
    known = {row.workers: row.ceiling for row in rows if row.ceiling is not None}
    if len(known) < 2:
        return []
    counts = sorted(known)
    heights = [known[count] for count in counts]
    axes.plot(counts, heights, color=_DARK, linewidth=3.5, alpha=0.3, solid_capstyle="round", zorder=1)
    return [(heights[-1], "this machine's ceiling", _DARK)]


def _backend(
    axes: "Axes", backend: str, rows: list["Row"], style: tuple[str, str, Any], shift: float
) -> tuple[float, str, str]:
    color, marker, dashes = style
    counts = [row.workers + shift for row in rows]
    heights = [row.speedup or 0.0 for row in rows]
    axes.plot(counts, heights, color=color, marker=marker, markersize=6, linestyle=dashes, linewidth=1.8, zorder=3)
    for count, row in zip(counts, rows, strict=True):
        if row.speedup_low is not None and row.speedup_high is not None:
            ends = [row.speedup_low, row.speedup_high]
            axes.plot([count, count], ends, color=color, linewidth=1.4, marker="_", markersize=6, zorder=2)
    return heights[-1], backend, color


def _dress(axes: "Axes", counts: list[int], top: float) -> None:
    room = 0.05 * max(1, counts[-1] - counts[0])
    axes.set_xlim(counts[0] - room, counts[-1] + room)
    axes.set_ylim(0, top)
    axes.set_xticks(counts)
    axes.set_xlabel("workers")
    axes.grid(axis="y", color="#DDDDDD", linewidth=0.7)
    axes.set_axisbelow(True)
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)


def _cores(axes: "Axes", machine: dict[str, Any], counts: list[int]) -> None:
    """Mark where the cores end. Marks beyond the measured counts are left out; equal ones share a line."""
    named: dict[float, list[str]] = defaultdict(list)
    for key, name in (
        ("cores_physical", "physical cores"),
        ("cores_usable", "usable cores"),
        ("cores_quota", "CPU quota"),
    ):
        value = machine.get(key)
        if isinstance(value, (int, float)) and counts[0] <= value <= counts[-1]:
            named[float(value)].append(name)
    for level, (place, names) in enumerate(sorted(named.items(), reverse=True)):
        axes.axvline(place, color=_GREY, linewidth=0.9, zorder=0)
        first = place == counts[0]
        axes.annotate(
            f"{place:g} " + " = ".join(names),
            (place, _TOP_LABEL - level * _CLEARANCE),
            xycoords=("data", "axes fraction"),
            xytext=(4 if first else -4, 0),
            textcoords="offset points",
            va="center",
            ha="left" if first else "right",
            fontsize=8,
            color="#555555",
            bbox={"facecolor": "white", "edgecolor": "none", "pad": 1},
        )


def _name_lines(axes: "Axes", labels: list[tuple[float, str, str]], top: float) -> None:
    """Write each line's name at its right end, pushed apart where names would touch."""
    ordered = sorted(labels)
    for (height, text, color), place in zip(ordered, _apart([height / top for height, _, _ in ordered]), strict=True):
        axes.annotate(
            text,
            (1.0, min(height / top, 1.0)),
            xycoords="axes fraction",
            xytext=(1.03, place),
            textcoords="axes fraction",
            color=color,
            fontsize=9,
            va="center",
            annotation_clip=False,
            parse_math=False,
            arrowprops={
                "arrowstyle": "-",
                "color": color,
                "linewidth": 0.6,
                "shrinkA": 1,
                "shrinkB": 0,
                "relpos": (0, 0.5),
            },
        )


def _apart(heights: list[float]) -> list[float]:
    """Move sorted heights (shares of the axes) apart, upwards first, then down again from the upper edge."""
    places: list[float] = []
    for height in heights:
        places.append(max(height, places[-1] + _CLEARANCE) if places else height)
    edge = 1.0
    for number in reversed(range(len(places))):
        places[number] = min(places[number], edge)
        edge = places[number] - _CLEARANCE
    return places


def _titles(figure: "Figure", axes: "Axes", summary: "Summary") -> None:
    kind = f"scaled speedup against workers, {summary.tasks} tasks each" if summary.weak else "speedup against workers"
    plain: dict[str, Any] = {"parse_math": False}  # names come from files: a dollar sign is no formula
    axes.set_title(f"{summary.workload}: {kind}", loc="left", fontsize=13, pad=36 if summary.origin else 24, **plain)
    axes.set_ylabel(f"{'scaled speedup' if summary.weak else 'speedup'} over the plain loop")
    model = summary.machine.get("cpu_model")
    place = f"{model}, {summary.place}" if model else summary.place
    axes.text(0, 1.025, place, transform=axes.transAxes, fontsize=9, color="#555555", **plain)
    known = any(row.speedup_low is not None for row in summary.rows)
    interval = "bars: 95 % intervals" if known else "too few rounds for intervals"
    rounds = f"median of {summary.rounds} rounds" if summary.rounds > 1 else "a single round"
    warnings = sum(finding.severity == "warning" for finding in summary.findings)
    doubts = f"  ·  {warnings} finding{'s' if warnings != 1 else ''}: see `parlab show`" if warnings else ""
    if summary.origin:
        axes.text(0, 1.065, summary.origin, transform=axes.transAxes, fontsize=9, color="#A33A00", **plain)
    caption = f"{rounds}  ·  {interval}  ·  map only, without start-up{doubts}"
    figure.supxlabel(caption, fontsize=8, color="#555555")
