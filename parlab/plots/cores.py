"""Draws how busy each core was over time, as a map: a line for each core, the busier the darker."""

from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING, Any

from parlab import units
from parlab.errors import InputError
from parlab.plots.style import AXIS, BLUE, GREY, NAME, SKY, TICK, dress, headed, ink

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_FRAME_IN, _LINE_IN, _LOW_IN, _HIGH_IN = 1.7, 0.28, 2.4, 6.5
_EACH = 16  # up to so many cores each one has its number and its average beside it
_MARKS = 8
_COLORS = ("#F4F6F8", SKY, BLUE, "#002B4A")  # ever darker: the order is seen without colour too
_LEFT = -0.008  # of the width


def core_chart(
    times_s: Sequence[float], percents: Sequence[Sequence[float]], allowed: Collection[int] | None = None
) -> "Figure":
    """Draw a map of cores over time.

    Parameters
    ----------
    times_s
        When each look was taken, in seconds since the start; it is about the stretch since the look before.
    percents
        For each look, how busy each core was, from 0 to 100, by the number of the core.
    allowed
        The cores that the process might use; they are marked where there are others too. None: not known.

    Returns
    -------
    matplotlib.figure.Figure
        Core 0 at the top; up to 16 cores have their averages at the right.

    Raises
    ------
    InputError
        There is nothing to draw.
    """
    from matplotlib.colors import LinearSegmentedColormap
    from numpy import arange, array, average, diff

    if not len(times_s):
        message = "There is nothing to draw: the cores were not looked at."
        raise InputError(f"{message} Let the monitor run for a moment, or put a longer block under it.")
    seen = array(percents, float)
    cores = seen.shape[1]
    height = min(max(_FRAME_IN + _LINE_IN * cores, _LOW_IN), _HIGH_IN)
    figure = headed("How busy each core was", [(_about(cores, allowed), GREY)], [], height)
    axes = figure.add_subplot()
    edges = array([0.0, *times_s])
    mesh = axes.pcolormesh(
        edges,
        arange(cores + 1) - 0.5,
        seen.T,
        cmap=LinearSegmentedColormap.from_list("busy", _COLORS),
        vmin=0,
        vmax=100,
    )
    axes.set_ylim(cores - 0.5, -0.5)
    axes.set_xlabel("seconds", fontsize=AXIS)
    dress(axes, grid="")
    _name_cores(axes, cores, allowed)
    bar = figure.colorbar(mesh, ax=axes, pad=0.1 if cores <= _EACH else 0.02, aspect=14)
    bar.set_label("busy, %", fontsize=AXIS)
    bar.ax.tick_params(labelsize=TICK)
    if cores <= _EACH:
        _write_averages(axes, [float(one) for one in average(seen, axis=0, weights=diff(edges))])
    return figure


def _about(cores: int, allowed: Collection[int] | None) -> str:
    whole = f"{units.count(cores, 'core')}, with everything that ran on them"
    if not _some(cores, allowed):
        return whole
    return f"{whole}; {'★' if cores <= _EACH else '▶'}: the {len(allowed or ())} that this process might use"


def _some(cores: int, allowed: Collection[int] | None) -> bool:
    """Tell whether the process might use some of the cores alone."""
    return allowed is not None and len(allowed) < cores


def _name_cores(axes: "Axes", cores: int, allowed: Collection[int] | None) -> None:
    axes.set_ylabel("core", fontsize=AXIS)
    ours = set(allowed or ()) if _some(cores, allowed) else set()
    if cores <= _EACH:
        axes.set_yticks(range(cores), [f"★ {core}" if core in ours else str(core) for core in range(cores)])
        return
    axes.set_yticks(range(0, cores, max(1, cores // _MARKS)))
    if ours:
        place: dict[str, Any] = {"transform": axes.get_yaxis_transform(), "clip_on": False}
        axes.plot([_LEFT] * len(ours), sorted(ours), linestyle="", marker=5, markersize=6, color=BLUE, **place)


def _write_averages(axes: "Axes", averages: Sequence[float]) -> None:
    place: dict[str, Any] = {"xycoords": ("axes fraction", "data"), "va": "center", "annotation_clip": False}
    for core, value in enumerate(averages):
        axes.annotate(f"{value:.0f} %", (1.015, core), fontsize=NAME, color=ink(GREY), **place)
