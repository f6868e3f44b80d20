"""Draws the curves of a class over one another: one learner is a thin line, the median of a crowd a thick one.

Judges nothing: who stands out is told by the layer below.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from parlab.errors import InputError
from parlab.plots.style import (
    AXIS,
    BLUE,
    DARK,
    GREY,
    PLAIN,
    SMALL,
    VERMILION,
    Look,
    clean,
    dress,
    headed,
    legend,
    looks,
    short,
)
from parlab.units import count

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from parlab.analysis.crowds import Crowd
    from parlab.analysis.standing_out import Outlier

MOST_CROWDS = 6  # more colours nobody tells apart
_MOST_PANELS, _MOST_NAMED = 3, 2
_FEWEST = 3  # of two the median is their middle, and no news
_TOP = 1.6  # times the workers: no curve is higher that can be believed
_CEILING = "#BDBDBD"


def crowd_chart(crowd: "Crowd", outliers: Sequence["Outlier"] = ()) -> "Figure":
    """Draw the curves of learners with the same hardware: a panel for each backend, at most three.

    Parameters
    ----------
    crowd
        Who measured the same work.
    outliers
        Those of them who stand out; they are drawn in a colour of their own, with their labels.

    Returns
    -------
    matplotlib.figure.Figure
        With each learner as a thin line, the median as a thick one, n, and the median of the ceilings.

    Raises
    ------
    InputError
        There is no curve.
    """
    return _curves([crowd], [one for one in outliers if one.crowd == crowd])


def hardware_chart(crowds: Sequence["Crowd"]) -> "Figure":
    """Draw crowds of the same work over one another, each in the look of its hardware; see ``crowd_chart``."""
    return _curves(crowds[:MOST_CROWDS], [])


def _curves(crowds: Sequence["Crowd"], outliers: Sequence["Outlier"]) -> "Figure":
    backends = _backends(crowds)
    if not backends:
        raise InputError("There is no curve to draw: nobody has handed in a speedup. Look at what was left out.")
    learners = sum(len(one.learners) for one in crowds)
    alone = crowds[0] if len(crowds) == 1 else None
    where = alone.hardware.name if alone else f"{len(crowds)} kinds of hardware"
    figure = headed(
        f"{clean(crowds[0].work.title)}: speedup against workers",
        [(f"{count(learners, 'learner')}, {clean(where)}", GREY)],
        _caption(crowds, backends),
        3.7 if alone else 4.0 + 0.22 * -(-len(crowds) // 2),
    )
    styles = looks(one.hardware.name for one in crowds)
    _legend(figure, crowds, styles, alone=alone is not None, outliers=bool(outliers))
    panels = figure.subplots(1, len(backends), sharey=True, squeeze=False)[0]
    for axes, backend in zip(panels, backends, strict=True):
        counts = _counts(crowds, backend)
        for crowd in crowds:
            color = BLUE if alone else styles[crowd.hardware.name].color
            _draw_crowd(axes, crowd, backend, counts, Look(color, styles[crowd.hardware.name].marker, "-"), outliers)
        if alone:
            _draw_ceiling(axes, alone, counts)
        _frame(axes, backend, counts)
    panels[0].set_ylabel("speedup", fontsize=AXIS)
    panels[0].set_ylim(0, _top(crowds, backends))
    return figure


def _backends(crowds: Sequence["Crowd"]) -> list[str]:
    """Choose the backends that most learners have measured."""
    known = Counter(curve.backend for crowd in crowds for one in crowd.learners for curve in one.sheet.curves)
    return sorted(sorted(known, key=lambda name: (-known[name], name))[:_MOST_PANELS])


def _counts(crowds: Sequence["Crowd"], backend: str) -> list[int]:
    """List the worker counts to draw; one that hardly anybody has measured would stretch the axis for all."""
    return sorted(
        {
            middle.workers
            for crowd in crowds
            for middle in crowd.middles
            if middle.backend == backend and crowd.is_shared(middle)
        }
    )


def _draw_crowd(
    axes: "Axes", crowd: "Crowd", backend: str, counts: Sequence[int], look: Look, outliers: Sequence["Outlier"]
) -> None:
    from matplotlib.collections import LineCollection

    far = {one.learner.number for one in outliers}
    lines: list[tuple[str, list[tuple[int, float]]]] = []
    strange: list[tuple[str, list[tuple[int, float]]]] = []
    for learner in crowd.learners:
        for curve in learner.sheet.curves:
            if curve.backend == backend:
                line = [(spot.workers, spot.speedup) for spot in curve.points if spot.workers in counts]
                (strange if learner.number in far else lines).append((learner.label, line))
    alpha = min(0.75, max(0.12, 6 / max(1, len(lines))))
    axes.add_collection(LineCollection([line for _, line in lines], colors=look.color, linewidths=1, alpha=alpha))
    few = len(crowd.learners) < _FEWEST
    dots = [point for _, line in lines if few or len(line) == 1 for point in line]
    if dots:
        axes.plot(*zip(*dots, strict=True), color=look.color, marker=look.marker, markersize=5, linestyle="", alpha=0.8)
    middle = [one for one in crowd.middles if one.backend == backend and one.workers in counts]
    if not few:
        heights = [one.median for one in middle]
        axes.plot(
            [one.workers for one in middle], heights, color=look.color, marker=look.marker, linewidth=2.6, zorder=4
        )
    for _, line in strange:
        axes.plot(*zip(*line, strict=True), color=VERMILION, linestyle=(0, (4, 1.5)), linewidth=1.6, zorder=5)
    if len(strange) <= _MOST_NAMED:  # more would cover each other; the list below the charts has them all
        for label, line in strange:
            axes.annotate(short(label, 16), line[-1], xytext=(-6, -12), textcoords="offset points", ha="right",
                          fontsize=SMALL, color=VERMILION, **PLAIN)  # fmt: skip


def _draw_ceiling(axes: "Axes", crowd: "Crowd", counts: Sequence[int]) -> None:
    known = [(workers, height) for workers, height in crowd.ceilings.items() if workers in counts]
    if len(known) > 1:
        axes.plot(*zip(*known, strict=True), color=_CEILING, linewidth=5, solid_capstyle="round", zorder=1)


def _frame(axes: "Axes", backend: str, counts: Sequence[int]) -> None:
    from matplotlib.ticker import FixedLocator

    axes.plot(
        [counts[0], counts[-1]], [counts[0], counts[-1]], color=GREY, linewidth=1.2, linestyle=(0, (2, 3)), zorder=1
    )
    span = max(1, counts[-1] - counts[0])
    axes.set_xlim(counts[0] - 0.06 * span, counts[-1] + 0.06 * span)
    kept: list[int] = []
    for one in reversed(counts):
        if not kept or kept[-1] - one >= 0.09 * span:
            kept.append(one)
    axes.xaxis.set_major_locator(FixedLocator(kept[::-1]))
    axes.set_title(short(backend), fontsize=AXIS, color=DARK, loc="left", **PLAIN)
    axes.set_xlabel("workers", fontsize=AXIS)
    dress(axes)


def _top(crowds: Sequence["Crowd"], backends: Sequence[str]) -> float:
    shown = {backend: _counts(crowds, backend) for backend in backends}
    heights = [
        one.highest
        for crowd in crowds
        for one in crowd.middles
        if one.backend in shown and one.workers in shown[one.backend]
    ]
    most = max(counts[-1] for counts in shown.values())
    if len(crowds) == 1:
        heights += [height for workers, height in crowds[0].ceilings.items() if workers <= most]
    return min(1.12 * max([*heights, 1.0]), _TOP * most)


def _caption(crowds: Sequence["Crowd"], backends: Sequence[str]) -> list[str]:
    said = ["thin: one learner", f"thick: the median, from {_FEWEST} learners on"]
    hidden = {curve.backend for crowd in crowds for one in crowd.learners for curve in one.sheet.curves} - {*backends}
    if hidden:
        said.append(f"{count(len(hidden), 'other backend')} in the table")
    counts = {(one.backend, one.workers) for crowd in crowds for one in crowd.middles if one.backend in backends}
    if any(workers not in _counts(crowds, backend) for backend, workers in counts):
        said.append("worker counts that fewer than a tenth have are left out")
    if any(one.highest > _top(crowds, backends) for crowd in crowds for one in crowd.middles):
        said.append("some curves go beyond the top")
    return said


def _named(crowd: "Crowd") -> str:
    """Name a crowd shortly, so that two names fit on a line; the number of cores is never cut off."""
    cores = count(crowd.hardware.cores, "core")
    return f"{short(crowd.hardware.cpu, 26)}, {cores} ({len(crowd.learners)})"


def _legend(
    figure: "Figure", crowds: Sequence["Crowd"], styles: Mapping[str, Look], *, alone: bool, outliers: bool
) -> None:
    from matplotlib.lines import Line2D

    if alone:
        handles = [Line2D([], [], color=GREY, linestyle=(0, (2, 3))), Line2D([], [], color=_CEILING, linewidth=5)]
        names = ["n, the ideal", "the machines' ceiling (median)"]
        if outliers:
            handles.append(Line2D([], [], color=VERMILION, linestyle=(0, (4, 1.5))))
            names.append("stands out")
        legend(figure, handles, names)
        return
    handles = [
        Line2D([], [], color=styles[one.hardware.name].color, marker=styles[one.hardware.name].marker, linewidth=2.6)
        for one in crowds
    ]
    legend(figure, handles, [_named(one) for one in crowds])
