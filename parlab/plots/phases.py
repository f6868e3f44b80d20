"""Draws two programs that are the same, and their laws: work that stays, and work that grows with its workers."""

from textwrap import wrap
from typing import TYPE_CHECKING, Any

from parlab.analysis.laws import FARTHEST, Fits
from parlab.errors import InputError
from parlab.plots.lines import Name, name_lines, worker_axis
from parlab.plots.style import AXIS, BLUE, DARK, GREEN, GREY, NAME, SMALL, WIDTH_IN, ink

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from parlab.analysis.laws import Fit

_STEPS = 121
_HEIGHT_IN = 4.6
_LETTERS = 105  # in a line of a reason


def phases_chart(same: Fits, grown: Fits) -> "Figure":
    """Draw the points of both with the laws of Amdahl and Gustafson, up to four times the workers that were measured.

    Parameters
    ----------
    same
        What ``parlab.analysis.laws.fit_all`` found in the points of work that stayed the same.
    grown
        And in those of work that grew with the workers.

    Returns
    -------
    matplotlib.figure.Figure
        Lines are dashed where they are predictions, with bands of 95 %. A law that was not fitted has no line; its
        reason stands below.

    Raises
    ------
    InputError
        There are no points.
    """
    from matplotlib.figure import Figure

    if not same.points.workers or not grown.points.workers:
        raise InputError("There is nothing to draw: both need points, such as points_of_rounds([2, 4, 8], …).")
    figure = Figure(figsize=(WIDTH_IN, _HEIGHT_IN), layout="constrained")
    axes = figure.add_subplot()
    largest = max(same.points.workers[-1], grown.points.workers[-1])
    farthest = int(FARTHEST * largest)
    ideal: dict[str, Any] = {"color": GREY, "linestyle": (0, (1, 2)), "linewidth": 2, "zorder": 1}
    axes.plot([1, farthest], [1, farthest], label="n times as fast", **ideal)
    names = []
    for fits, law, title, color, marker in (
        (grown, "gustafson", "Gustafson: work grows", GREEN, "s"),
        (same, "amdahl", "Amdahl: same work", BLUE, "D"),
    ):
        _points(axes, fits, color, marker)
        if law in fits.fits:
            names.append(Name(_line(axes, fits.fits[law], farthest, color), title, color))
    worker_axis(axes, sorted({1, *same.points.workers, *grown.points.workers, farthest}))
    axes.set_ylim(0, 1.05 * farthest)
    axes.set_ylabel("times as much in the same time", fontsize=AXIS)
    axes.axvline(largest, color=GREY, linewidth=1, linestyle=(0, (2, 3)), zorder=1)
    place: dict[str, Any] = {"xycoords": ("data", "axes fraction"), "textcoords": "offset points", "va": "bottom"}
    for text, side, across in (("measured", "right", -5), ("predicted", "left", 5)):
        axes.annotate(text, (largest, 0.015), xytext=(across, 0), ha=side, fontsize=SMALL, color=ink(GREY), **place)
    axes.legend(loc="upper left", edgecolor="none", fontsize=NAME)
    reasons = [
        fits.refusals[law].reason for fits, law in ((same, "amdahl"), (grown, "gustafson")) if law in fits.refusals
    ]
    below = "\n".join(line for one in reasons for line in wrap(f"not fitted: {one}", _LETTERS))
    figure.supxlabel(below, fontsize=SMALL, color=ink(GREY))
    name_lines(axes, names)
    return figure


def _points(axes: "Axes", fits: Fits, color: str, marker: str) -> None:
    points = fits.points
    kind = "work that grows" if points.weak else "the same work"
    look: dict[str, Any] = {"color": color, "markeredgecolor": DARK, "markersize": 8, "zorder": 6}
    axes.plot(points.workers, points.values, marker, label=f"measured: {kind}", **look)
    for count, known in zip(points.workers, points.estimates, strict=False):
        if known.low is not None and known.high is not None:
            ends = [known.low, known.high]
            axes.plot([count, count], ends, color=DARK, linewidth=1.4, marker="_", markersize=8, zorder=5)


def _line(axes: "Axes", fit: "Fit", farthest: int, color: str) -> float:
    """Draw a law and its band, dashed beyond what was measured; return the height of its end."""
    from numpy import linspace

    largest, height = fit.largest_workers, 0.0
    for first, last, style in ((1, largest, "-"), (largest, farthest, (0, (4, 2.5)))):
        band = fit.band([float(count) for count in linspace(first, last, _STEPS)])
        counts = [one.workers for one in band]
        look: dict[str, Any] = {"color": color, "linewidth": 2.2, "linestyle": style, "zorder": 4}
        axes.plot(counts, [one.value for one in band], **look)
        axes.fill_between(counts, [one.low for one in band], [one.high for one in band], color=color, alpha=0.16,
                          linewidth=0, zorder=2)  # fmt: skip
        height = band[-1].value
    return height
