"""Draws what the scaling laws make of the measured points, and how sure they are. Fits nothing itself."""

from typing import TYPE_CHECKING, Any

from parlab.analysis.laws import FARTHEST, Fit, Fits
from parlab.analysis.scaling import LAWS, USL
from parlab.errors import InputError
from parlab.plots.lines import Name, name_lines, worker_axis
from parlab.plots.style import AXIS, BLUE, DARK, GREEN, GREY, SMALL, VERMILION, begin, ink, short

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from parlab.analysis.laws import Band
    from parlab.analysis.points import Points
    from parlab.analysis.summary import Summary

_REACH, _PAST_PEAK = 2.0, 1.25  # so far beyond the measured counts; farther where the USL has its peak there
_STEPS = 121
_NAMES = {"usl": "USL", "amdahl": "Amdahl", "gustafson": "Gustafson"}
_COLORS = (BLUE, VERMILION, GREEN)
_MARKERS = ("o", "s", "^")
_ROOM = 1.1


def law_chart(fits: Fits, backend: str, summary: "Summary") -> "Figure":
    """Draw the measured points with their intervals, and each fitted law with its band.

    Parameters
    ----------
    fits
        What ``parlab.analysis.laws.fit_all`` found in the points of a backend.
    backend
        Whose points they are.
    summary
        Of the same sweep, for the heading.

    Returns
    -------
    matplotlib.figure.Figure
        A law is dashed beyond the largest measured count, where it is a prediction, and never drawn further than four
        times that. Laws that the points cannot tell are named in the caption, with the reason.

    Raises
    ------
    InputError
        There are no points.
    """
    points = fits.points
    if not points.workers:
        message = f"There are no points of {backend!r} to fit laws to: no round was completed."
        raise InputError(f"{message} Measure with --workers 1,2,4, or go on with --resume.")
    figure = begin(summary, f"scaling laws for {short(backend)}", _caption(fits))
    axes = figure.add_subplot()
    largest = points.workers[-1]
    farthest = _farthest(fits) if fits.fits else largest
    top, names = _measured(axes, points), []
    for law, color, marker in zip(LAWS, _COLORS, _MARKERS, strict=False):
        if law in fits.fits:
            name, highest = _curve(axes, fits.fits[law], (color, marker), farthest)
            names.append(name)
            top = max(top, highest)
    worker_axis(axes, sorted({*points.workers, farthest}))
    axes.set_ylim(0, _ROOM * top)
    axes.set_ylabel(_unit(points), fontsize=AXIS)
    if farthest > largest:
        _border(axes, largest)
    name_lines(axes, names)
    return figure


def _unit(points: "Points") -> str:
    if not points.is_speedup:
        return "throughput"
    return f"{'scaled speedup' if points.weak else 'speedup'} over the plain loop"


def _farthest(fits: Fits) -> int:
    """Return up to which worker count laws are drawn: past the USL's peak, if that is near enough."""
    largest = fits.points.workers[-1]
    usl = fits.fits.get(USL.name)
    peak = usl.peak_workers if usl is not None and usl.peak_workers is not None else 0.0
    return int(min(max(_REACH * largest, _PAST_PEAK * peak), FARTHEST * largest))


def _measured(axes: "Axes", points: "Points") -> float:
    """Draw the points and their intervals; return how high they reach."""
    axes.plot(
        points.workers,
        points.values,
        "D",
        color=DARK,
        markersize=8,
        markeredgecolor="white",
        zorder=6,
        label="measured",
    )
    ends = [(one.low, one.high) for one in points.estimates]
    for count, (low, high) in zip(points.workers, ends, strict=False):
        if low is not None and high is not None:
            axes.plot([count, count], [low, high], color=DARK, linewidth=1.6, marker="_", markersize=8, zorder=5)
    return max(*points.values, *(high or 0.0 for _, high in ends), 1.0)


def _curve(axes: "Axes", fit: Fit, look: tuple[str, str], farthest: int) -> tuple[Name, float]:
    """Draw a law and its band; return its name and how high it reaches."""
    from numpy import linspace

    color, marker = look
    largest = fit.largest_workers
    measured = fit.band([float(count) for count in linspace(1, largest, _STEPS)])
    beyond = fit.band([float(count) for count in linspace(largest, farthest, _STEPS)]) if farthest > largest else []
    for band, style in ((measured, "-"), (beyond, (0, (4, 2.5)))):
        if band:
            line: dict[str, Any] = {"color": color, "linewidth": 2.2, "linestyle": style, "zorder": 4}
            axes.plot(_counts(band), [one.value for one in band], **line)
            lows, highs = [one.low for one in band], [one.high for one in band]
            axes.fill_between(_counts(band), lows, highs, color=color, alpha=0.16, linewidth=0, zorder=2)
    last = [*measured, *beyond][-1]
    axes.plot([last.workers], [last.value], marker, color=color, markersize=8, clip_on=False, zorder=5)
    return Name(last.value, _NAMES[fit.law], color), max(one.value for one in (*measured, *beyond))


def _counts(band: list["Band"]) -> list[float]:
    return [one.workers for one in band]


def _border(axes: "Axes", largest: int) -> None:
    axes.axvline(largest, color=GREY, linewidth=1, linestyle=(0, (2, 3)), zorder=1)
    place: dict[str, Any] = {"xycoords": ("data", "axes fraction"), "textcoords": "offset points", "va": "bottom"}
    for text, side, across in (("measured", "right", -5), ("predicted", "left", 5)):
        axes.annotate(text, (largest, 0.015), xytext=(across, 0), ha=side, fontsize=SMALL, color=ink(GREY), **place)


def _caption(fits: Fits) -> list[str]:
    found = []
    for law, fit in fits.fits.items():
        shares = [
            f"{name.replace('_', ' ')} {one.value:.3g} ({one.low:.2g} to {one.high:.2g})"
            for name, one in fit.parameters.items()
        ]
        found.append(f"{_NAMES[law]}: {', '.join(shares)}")
    refused = [f"not fitted: {one.reason}" for one in fits.refusals.values()]
    rounds = f", median of {len(fits.points.rounds)} rounds" if len(fits.points.rounds) > 1 else ""
    bands = "bands and brackets: 95 % intervals" if found else ""
    return [f"diamonds: measured{rounds}", bands, *found, *refused]
