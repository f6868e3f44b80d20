"""Draws what several programs lost beside each other: each one's area as a bar of the same length. Judges nothing."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from parlab.errors import InputError
from parlab.plots.areas import PARTS
from parlab.plots.style import AXIS, DARK, NAME, PLAIN, SMALL, WIDTH_IN, dress, short

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from parlab.analysis.areas import AreaRow

_ABREAST = 3  # names of parts in a line
_BAR = 0.66  # height; bars are one apart
_NAMED = 7.0  # percent from which on there is room for a number in a part
_SEEN = 0.4  # percent that can be seen as a strip
_PAPER: dict[str, Any] = {"facecolor": "white", "edgecolor": "none", "alpha": 0.85, "pad": 1.5}


def losses_chart(rows: Mapping[str, "AreaRow"]) -> "Figure":
    """Draw the area of each program as a bar of 100 %, cut into what became of it.

    Parameters
    ----------
    rows
        A name for each bar, and what ``parlab.analysis.areas.areas_of`` returned for its configuration. The names of
        recorded sweeps should say that they are.

    Returns
    -------
    matplotlib.figure.Figure
        The area of the work alone, from useful work on the left to the idle tail on the right, and behind each bar how
        many times as fast as the plain loop it was. Parts below zero lie left of zero.

    Raises
    ------
    InputError
        There is nothing to draw.
    """
    from matplotlib.figure import Figure

    if not rows:
        raise InputError("There is nothing to draw: give at least one name with its row of areas_of(results).")
    figure = Figure(figsize=(WIDTH_IN, 2.0 + 0.5 * len(rows)), layout="constrained")
    axes = figure.subplots()
    dress(axes, "x")
    shares = [{name: 100 * share for name, share in row.map.shares.items()} for row in rows.values()]
    for place, parts in enumerate(shares):
        _bar(axes, place, parts)
    for place, row in enumerate(rows.values()):
        axes.text(1.01, place, f"{row.speedup:.2f} x", transform=axes.get_yaxis_transform(), va="center", fontsize=NAME)
    axes.text(1.01, -0.75, "speedup", transform=axes.get_yaxis_transform(), va="center", fontsize=SMALL, color=DARK)
    axes.set_yticks(range(len(rows)), [_named(name, row) for name, row in rows.items()], **PLAIN)
    axes.set_ylim(len(rows) - 0.5, -0.6)
    lowest = min(sum(part for part in parts.values() if part < 0) for parts in shares)
    axes.set_xlim(lowest, max(100.0, *(sum(part for part in parts.values() if part > 0) for parts in shares)))
    axes.set_xlabel("% of workers x time", fontsize=AXIS)
    axes.axvline(0, color=DARK, linewidth=1, zorder=3)
    handles, names = axes.get_legend_handles_labels()
    found = dict(zip(names, handles, strict=True))
    order = [part.name for part in PARTS if part.name in found]
    figure.legend([found[name] for name in order], order, loc="outside upper left", ncols=_ABREAST, frameon=False,
                  fontsize=SMALL + 1, handlelength=1.5)  # fmt: skip
    return figure


def _named(name: str, row: "AreaRow") -> str:
    return f"{short(name)}\n{short(row.backend, 16)}, {row.workers}"


def _bar(axes: "Axes", place: int, shares: Mapping[str, float]) -> None:
    over = under = 0.0
    for part in PARTS:
        share = shares.get(part.key, 0.0)
        if abs(share) < _SEEN:
            continue
        floor = over if share > 0 else under
        look: dict[str, Any] = {"color": part.color, "hatch": part.hatch, "edgecolor": part.edge, "linewidth": 0.6}
        axes.barh(place, share, _BAR, floor, label=part.name, zorder=2, **look)
        if share >= _NAMED:
            middle = floor + share / 2
            axes.text(middle, place, f"{share:.0f}", ha="center", va="center", fontsize=NAME, bbox=_PAPER, zorder=4)
        over, under = over + max(share, 0.0), under + min(share, 0.0)
