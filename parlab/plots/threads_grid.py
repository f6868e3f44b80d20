"""A map of times by workers and by threads in each worker. Measures nothing."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from parlab.errors import InputError
from parlab.plots.style import AXIS, DARK, NAME
from parlab.units import count, duration

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

Times = Mapping[tuple[int, int], float]  # seconds by workers and by threads in each
_LEAST_SPAN = 2.0  # times the fastest: smaller differences shall look small
_FRAME = 0.46


def threads_grid_chart(times_s: Times, cores: int) -> "Figure":
    """Draw the times as a grid: light is fast, and a frame says where workers times threads fit the cores.

    Parameters
    ----------
    times_s
        Seconds for each pair of workers and threads in each worker.
    cores
        How many are usable.

    Returns
    -------
    matplotlib.figure.Figure
        Each field says its time, and how many times that of the fastest it is.

    Raises
    ------
    InputError
        There is nothing to draw.
    """
    from matplotlib.figure import Figure

    if not times_s:
        raise InputError("There is nothing to draw: give the time of at least one pair of workers and threads.")
    workers, threads = sorted({one for one, _ in times_s}), sorted({one for _, one in times_s})
    figure = Figure(figsize=(2.4 + 1.5 * len(workers), 1.4 + 0.8 * len(threads)), layout="constrained")
    axes = figure.subplots()
    places = {(n, t): (workers.index(n), threads.index(t)) for n, t in times_s}
    _fields(axes, times_s, places)
    _frames(axes, places, cores)
    axes.set_xticks(range(len(workers)), [str(n) for n in workers])
    axes.set_yticks(range(len(threads)), [str(t) for t in threads])
    axes.set_xlabel("workers", fontsize=AXIS)
    axes.set_ylabel("threads in each", fontsize=AXIS)
    axes.set_title(f"framed: workers x threads fit {count(cores, 'core')}", loc="left", fontsize=NAME, color=DARK)
    axes.spines[:].set_visible(False)
    axes.tick_params(length=0)
    return figure


def _fields(axes: "Axes", times_s: Times, places: Mapping[tuple[int, int], tuple[int, int]]) -> None:
    import numpy as np

    fastest = min(times_s.values())
    columns, rows = (1 + max(place[axis] for place in places.values()) for axis in (0, 1))
    table = np.full((rows, columns), np.nan)
    for pair, (column, row) in places.items():
        table[row, column] = times_s[pair] / fastest
    most = max(_LEAST_SPAN, float(np.nanmax(table)))
    axes.imshow(table, cmap="Blues", origin="lower", vmin=1.0, vmax=1.0 + 1.4 * (most - 1.0), aspect="auto")
    for pair, (column, row) in places.items():
        text = f"{duration(times_s[pair])}\n{table[row, column]:.1f} x"
        axes.text(column, row, text, ha="center", va="center", fontsize=NAME, color="black")


def _frames(axes: "Axes", places: Mapping[tuple[int, int], tuple[int, int]], cores: int) -> None:
    from matplotlib.patches import Rectangle

    for (workers, threads), (column, row) in places.items():
        if workers * threads <= cores:
            corner, side = (column - _FRAME, row - _FRAME), 2 * _FRAME
            axes.add_patch(Rectangle(corner, side, side, fill=False, linewidth=2, edgecolor="black"))
