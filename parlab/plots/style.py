"""The one look of all charts: colours, markers, sizes, heading and caption. Knows no workload and no statistics.

Made for a projector and for print. Colours are those of M. Okabe and K. Ito, "Color Universal Design" (2008), which
colour-blind readers tell apart; nothing is said by colour alone: lines have markers and dashes of their own, areas
have hatches, and both have names.
"""

import textwrap
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import ceil
from typing import TYPE_CHECKING, Any

from parlab.analysis.summary import Summary
from parlab.units import digits

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from parlab.results import Header

GREY, DARK, PALE, GRID = "#6E6E6E", "#222222", "#F0F0F0", "#DDDDDD"
BLUE, VERMILION, GREEN, PINK, ORANGE, SKY = "#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9"
WAITING = "#A6D4F2"  # light beside BLUE, which stands for computing
WARNING = "#A33A00"
PLAIN: dict[str, Any] = {"parse_math": False}  # texts come from files: a dollar sign is no formula
WIDTH_IN = 8.0  # 800 pixels at 100 dots an inch; a point is then 1.4 pixels

# Sizes in points: at 800 pixels the smallest is 13 pixels high, which the last row of a classroom still reads.
TITLE, AXIS, NAME, TICK, SMALL = 16, 13, 12, 12, 9.5
_LETTER = 0.53  # average width of a letter over its size
_LINE = 1.35  # height of a line of text over its size
_POINTS_AN_INCH = 72.0
_HARD_SPACE = "\N{NO-BREAK SPACE}"
_MOST_LINES = 6  # of one text from a file; what is longer is cut
_LEAST_IN = 1.6  # of a figure's height for what it draws: long names from a file make the figure higher

_COLORS = (BLUE, VERMILION, GREEN, PINK, ORANGE, SKY, "#333333")
_MARKERS = ("o", "s", "^", "D", "v", "P", "X")
_DASHES: tuple[Any, ...] = (
    "-",
    (0, (5, 1.5)),
    (0, (3, 1, 1, 1)),
    (0, (1, 1)),
    (0, (6, 2, 2, 2)),
    (0, (3, 2)),
    (0, (1, 2)),
)


@dataclass(frozen=True, slots=True)
class Look:
    """How one backend is drawn."""

    color: str
    marker: str
    dashes: Any


def looks(names: Iterable[str]) -> dict[str, Look]:
    """Give each name its look, by its place; no two of the first 49 are alike in marker and dashes."""
    count = len(_COLORS)
    return {
        name: Look(_COLORS[place % count], _MARKERS[place % count], _DASHES[(place + place // count) % count])
        for place, name in enumerate(dict.fromkeys(names))
    }


def engines(summary: Summary) -> list[str]:
    """List a sweep's backends without the plain loop, so that each looks the same in all of its charts."""
    return list(dict.fromkeys(row.backend for row in summary.rows if row.backend != "serial"))


def ink(color: str) -> str:
    """Darken a colour until text in it can be read on white: a contrast of 4.5, as WCAG 2.1 asks (1.4.3)."""
    from matplotlib.colors import to_hex, to_rgb

    red, green, blue = to_rgb(color)
    while 1.05 / (_luminance(red, green, blue) + 0.05) < 4.5:
        red, green, blue = 0.95 * red, 0.95 * green, 0.95 * blue
    return to_hex((red, green, blue))


def _luminance(*parts: float) -> float:
    """Return the relative luminance of sRGB parts (WCAG 2.1)."""
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return sum(weight * part for weight, part in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def clean(text: str) -> str:
    """Make text from a file ready to be drawn on one line; a control character would break an SVG file."""
    return "".join(letter if letter.isprintable() else " " for letter in text)


def short(text: str, most: int = 24) -> str:
    """Make a name from a file ready for a place that has room for so many letters."""
    name = clean(text)
    return name if len(name) <= most else f"{name[: most - 1]}…"


def duration(value_s: float | None) -> str:
    """Write a duration with three digits and its unit."""
    if value_s is None:
        return "not known"
    for unit, factor in (("s", 1.0), ("ms", 1e3), ("µs", 1e6)):
        if value_s * factor >= 1 or unit == "µs":
            break
    return f"{digits(value_s * factor)} {unit}"


def about(header: "Header") -> Summary:
    """Return what a heading needs of a sweep, for charts that need no summary beyond that."""
    sweep = header.sweep
    return Summary(sweep.workload, dict(header.machine), (), (), 0, None, label=dict(header.label))


def begin(summary: Summary, what: str, caption: Sequence[str], height_in: float = 5.2) -> "Figure":
    """Make a figure with its heading and caption; charts fill what lies between.

    Parameters
    ----------
    summary
        Of whose workload and machine the heading tells.
    what
        What the chart shows; stands behind the workload's name.
    caption
        Short statements: where the numbers come from, and how they are to be read.
    height_in
        Height of the figure in inches.
    """
    model = summary.machine.get("cpu_model")
    place = f"{model}, {summary.place}" if model else summary.place
    under = ([(summary.origin, WARNING)] if summary.origin else []) + [(place, GREY)]
    return headed(f"{summary.workload}: {what}", under, caption, height_in)


def headed(title: str, under: Sequence[tuple[str, str]], caption: Sequence[str], height_in: float = 5.2) -> "Figure":
    """Make a figure with a heading, lines of a text and its colour under it, and a caption; see ``begin``."""
    from matplotlib.figure import Figure

    lines = [line.strip(" ·") for line in _wrapped("  ·  ".join(map(_whole, filter(None, caption))), SMALL)]
    texts = [(title, TITLE), *((text, SMALL) for text, _ in under)]
    written = [(len(_wrapped(clean(text), size)), size) for text, size in texts]
    height_in = max(height_in, _LEAST_IN + _height_of([*written, (len(lines), SMALL)]))
    figure = Figure(figsize=(WIDTH_IN, height_in), layout="constrained")
    top = _write_down(figure, title, 1 - 0.08 / height_in, TITLE, DARK)
    for text, color in under:
        top = _write_down(figure, text, top, SMALL, color)
    figure.supxlabel("\n".join(lines).replace(_HARD_SPACE, " "), fontsize=SMALL, color=ink(GREY), **PLAIN)
    engine: Any = figure.get_layout_engine()
    engine.set(rect=(0, 0, 0.995, top - 0.06 / height_in))
    return figure


def legend(figure: "Figure", handles: Sequence[Any], names: Sequence[str]) -> None:
    """Name what is drawn, below the heading, in as few lines as there is room for."""
    size = SMALL + 1
    columns = next(count for count in range(len(names), 0, -1) if count == 1 or _fits(names, count, size))
    engine: Any = figure.get_layout_engine()
    left, bottom, width, top = engine.get()["rect"]
    figure.legend(
        handles,
        names,
        loc="upper left",
        bbox_to_anchor=(0.0, top),
        ncols=columns,
        frameon=False,
        fontsize=size,
        handlelength=1.5,
        columnspacing=1.4,
        borderaxespad=0,
    ).set_in_layout(False)
    lines = ceil(len(names) / columns)
    engine.set(rect=(left, bottom, width, top - (lines * 1.5 + 0.4) * size / _POINTS_AN_INCH / _height(figure)))


def legend_above(figure: "Figure", handles: Sequence[Any], names: Sequence[str]) -> None:
    """Name what is drawn, where no heading is; a notebook cuts pictures to what takes part in their layout."""
    figure.legend(
        handles,
        names,
        loc="outside upper left",
        ncols=len(names),
        frameon=False,
        fontsize=SMALL + 1,
        handlelength=1.5,
        columnspacing=1.4,
    )


def _fits(names: Sequence[str], columns: int, size: float) -> bool:
    """Tell whether a legend of so many columns, filled one after the other, is narrower than the figure."""
    least, more = divmod(len(names), columns)
    lengths, start, widest = list(map(len, names)), 0, []
    for column in range(columns):
        end = start + least + (column < more)
        widest.append(max(lengths[start:end]))
        start = end
    return sum(_LETTER * letters + 3.8 for letters in widest) * size < WIDTH_IN * _POINTS_AN_INCH


def _write_down(figure: "Figure", text: str, top: float, size: float, color: str) -> float:
    """Write a text at the figure's left edge, below a height; return the height that it ends at."""
    lines = _wrapped(clean(text), size)
    figure.text(0.012, top, "\n".join(lines), fontsize=size, color=color, va="top", linespacing=1.25, **PLAIN)
    return top - len(lines) * size * _LINE / _POINTS_AN_INCH / _height(figure)


def _height_of(texts: Iterable[tuple[int, float]]) -> float:
    """Return how many inches texts take, given by their numbers of lines and their sizes."""
    return sum(lines * size * _LINE for lines, size in texts) / _POINTS_AN_INCH


def _height(figure: "Figure") -> float:
    return float(figure.get_size_inches()[1])


def _whole(statement: str) -> str:
    """Let no line end inside a statement, if it is short enough for a line."""
    text = clean(statement)
    return text.replace(" ", _HARD_SPACE) if len(text) <= _letters(SMALL) else text


def _letters(size: float) -> int:
    return int(WIDTH_IN * _POINTS_AN_INCH / (_LETTER * size))


def _wrapped(text: str, size: float) -> list[str]:
    """Cut a text into lines that fit; what does not fit at all is cut."""
    return textwrap.wrap(text, _letters(size), max_lines=_MOST_LINES, placeholder=" …") or [""]


def dress(axes: "Axes", grid: str = "y") -> None:
    """Give axes the common look: a light grid behind, no frame at the top and at the right."""
    axes.tick_params(labelsize=TICK)
    if grid:
        axes.grid(axis=grid, color=GRID, linewidth=0.8)  # type: ignore[arg-type]  # "x", "y" or "both"
    axes.set_axisbelow(True)
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)


def rounds_of(summary: Summary) -> str:
    """Say over how many rounds a chart's numbers are medians."""
    return f"median of {summary.rounds} rounds" if summary.rounds > 1 else "a single round"


def doubts_of(summary: Summary) -> str:
    """Say how many findings are warnings, wherever the chart lies alone; empty where there is none."""
    warnings = sum(finding.severity == "warning" for finding in summary.findings)
    return f"read it with its {warnings} warning{'s' if warnings != 1 else ''}" if warnings else ""
