"""Draws a model of speedup twice, for the same work and for work that grows, with measured points beside it."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from parlab import units
from parlab.analysis.exploring import Measured, Model
from parlab.analysis.scaling import AMDAHL, GUSTAFSON
from parlab.plots.style import (
    AXIS,
    BLUE,
    DARK,
    GREY,
    PLAIN,
    SMALL,
    VERMILION,
    WARNING,
    clean,
    dress,
    headed,
    ink,
    legend,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from parlab.analysis.points import Points

_STEPS = 253  # whole worker counts up to 64 are among them
_HEIGHT_IN = 4.9
_ROOM = 1.1
_WIDE = 0.985
_CEILING = "#BDBDBD"
_LAW: dict[str, Any] = {"color": VERMILION, "linewidth": 1.8, "linestyle": (0, (5, 2)), "zorder": 5}
_ALL: dict[str, Any] = {"color": BLUE, "linewidth": 2.6, "zorder": 4}
_IDEAL: dict[str, Any] = {"color": GREY, "linewidth": 1.2, "linestyle": (0, (2, 3)), "zorder": 1}
_HONEST: dict[str, Any] = {"color": _CEILING, "linewidth": 5, "solid_capstyle": "round", "zorder": 1}
_POINT: dict[str, Any] = {"color": DARK, "marker": "D", "markersize": 7, "linestyle": "", "zorder": 8}
_HALF, _LOW, _HIGH = 0.5, 0.15, 0.9


def explorer_chart(model: Model, most: int, measured: Measured | None = None, *, logarithmic: bool = False) -> "Figure":
    """Draw what a model says of up to ``most`` workers.

    Parameters
    ----------
    model
        What each cost is.
    most
        The largest worker count, from 2 up.
    measured
        Points to be drawn beside the curves, on the side that they are about.
    logarithmic
        Draw both axes to base 2: halving and doubling are then equally far everywhere.

    Returns
    -------
    matplotlib.figure.Figure
        Left the same work, right work that grows with the workers, both to one scale: the model with all its costs,
        its serial part alone (Amdahl, Gustafson), and n.
    """
    from numpy import linspace

    figure = headed(*_heading(measured), _caption(model, measured), _HEIGHT_IN)
    engine: Any = figure.get_layout_engine()
    engine.set(rect=(*engine.get()["rect"][:2], _WIDE, engine.get()["rect"][3]))  # the last number of the axis has room
    legend(figure, *_legend(measured))
    left, right = figure.subplots(1, 2, sharey=True)
    counts = linspace(1, most, _STEPS)
    curves = [
        (left, model.strong(counts), AMDAHL.shape(counts, model.serial_fraction)),
        (right, model.scaled(counts), GUSTAFSON.shape(counts, model.serial_fraction)),
    ]
    for axes, whole, law in curves:
        axes.plot(counts, counts, **_IDEAL)
        axes.plot(counts, law, **_LAW)
        axes.plot(counts, whole, **_ALL)
    tops = [max(whole.max(), law.max()) for _, whole, law in curves]
    lows = [whole.min() for _, whole, _ in curves]
    if measured is not None:
        shown = measured.shown(model)
        axes = right if shown.weak else left
        tops.append(_measured(axes, shown, measured.ceiling))
        lows.append(min(shown.values))
    _dress((left, right), most, min(lows), max(tops), logarithmic)
    _name_best(left, model, most, max(tops))
    return figure


def _heading(measured: Measured | None) -> tuple[str, list[tuple[str, str]]]:
    if measured is None:
        return "How far more workers can take you", [("a model: nothing here was measured", GREY)]
    summary = measured.summary
    origin = [(summary.origin, WARNING)] if summary.origin else []
    title = f"{summary.workload} on {clean(measured.backend)}: points and a model"
    return title, [*origin, (summary.place, GREY)]


def _caption(model: Model, measured: Measured | None) -> list[str]:
    if measured is None:
        return []
    shown = measured.shown(model)
    known = any(one.low is not None for one in shown.estimates)
    with_startup = "points: start-up included" if model.startup_share > 0 else "points: map only, without start-up"
    return [with_startup, "bars: 95 % intervals" if known else "too few rounds for intervals"]


def _legend(measured: Measured | None) -> tuple[list[Any], list[str]]:
    from matplotlib.lines import Line2D

    named = [("all costs", _ALL), ("serial part alone", _LAW), ("n, the ideal", _IDEAL)]
    if measured is not None:
        named.append(("measured", _POINT))
        if len(measured.ceiling) > 1:
            named.append(("the machine's ceiling", _HONEST))
    return [Line2D([], [], **look) for _, look in named], [name for name, _ in named]


def _measured(axes: "Axes", points: "Points", ceiling: dict[int, float]) -> float:
    """Draw the points, their intervals and the machine's ceiling; return how high they reach."""
    if len(ceiling) > 1:
        axes.plot(sorted(ceiling), [ceiling[count] for count in sorted(ceiling)], **_HONEST)
    axes.plot(points.workers, points.values, markeredgecolor="white", **_POINT)
    tops = [*points.values, *ceiling.values()]
    for count, one in zip(points.workers, points.estimates, strict=False):
        if one.low is not None and one.high is not None:
            axes.plot(
                [count, count], [one.low, one.high], color=DARK, linewidth=1.6, marker="_", markersize=8, zorder=5
            )
            tops.append(one.high)
    return max(tops)


def _dress(both: Sequence["Axes"], most: int, low: float, top: float, logarithmic: bool) -> None:  # noqa: FBT001
    for axes, title in zip(both, ("the same work", "work that grows with the workers"), strict=True):
        dress(axes)
        axes.set_title(title, fontsize=AXIS, color=DARK, loc="left")
        axes.set_xlabel("workers", fontsize=AXIS)
        if logarithmic:
            axes.set_xscale("log", base=2)
            axes.set_yscale("log", base=2)
            axes.xaxis.set_major_formatter("{x:g}")
            axes.yaxis.set_major_formatter("{x:g}")
            axes.set_xlim(0.95, most * 1.05)
            axes.set_ylim(low / _ROOM, top * _ROOM)
        else:
            axes.set_xticks(_ticks(most))
            axes.set_xlim(1 - 0.03 * most, most * 1.03)
            axes.set_ylim(0, top * _ROOM)
    both[0].set_ylabel("times as fast", fontsize=AXIS)
    both[1].set_ylabel("times as much done", fontsize=AXIS)
    both[1].tick_params(labelleft=True)


def _ticks(most: int) -> list[int]:
    """Return 1 and multiples of a step that leaves at most nine of them."""
    step = next(one for one in (1, 2, 4, 8, 16, 32, 64, most) if most / one <= 8)
    ticks = list(range(step, most + 1, step))
    return ticks if step == 1 else [1, *ticks]


def _name_best(axes: "Axes", model: Model, most: int, top: float) -> None:
    """Mark the peak, or draw the limit that more workers come near to, where they lie in the chart."""
    best = model.best()
    box = {"facecolor": "white", "edgecolor": "none", "pad": 1.5, "alpha": 0.85}
    note: dict[str, Any] = {"fontsize": SMALL + 1, "color": ink(BLUE), "bbox": box, "zorder": 7, **PLAIN}
    if best.workers is not None and best.workers <= most:
        axes.plot([best.workers], [best.speedup], "o", color=BLUE, markersize=9, markeredgecolor="white", zorder=6)
        late, low = best.workers > _HALF * most, best.speedup < _LOW * top
        axes.annotate(
            f"{units.count(best.workers, 'worker')}: {best.speedup:.3g}",
            (best.workers, best.speedup),
            xytext=(0, 9 if low else -9),
            textcoords="offset points",
            ha="right" if late else "left",
            va="bottom" if low else "top",
            **note,
        )
    elif best.workers is None and best.speedup < top * _ROOM:
        axes.axhline(best.speedup, color=BLUE, linewidth=1, linestyle=(0, (1, 2)), zorder=2)
        place = (0.02, best.speedup)
        near = best.speedup > _HIGH * top * _ROOM
        axes.annotate(
            f"never more than {best.speedup:.3g}",
            place,
            xycoords=axes.get_yaxis_transform(),
            xytext=(0, -4 if near else 4),
            textcoords="offset points",
            va="top" if near else "bottom",
            **note,
        )
