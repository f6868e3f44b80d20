"""Draws who ran when: a lane for each worker, a bar for each stretch in which it ran. Measures and judges nothing."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from parlab.errors import InputError
from parlab.plots.style import AXIS, BLUE, NAME, ORANGE, PALE, WIDTH_IN, clean, dress

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

Stretches = Sequence[tuple[float, float]]  # (began_s, ended_s), one after the other, without overlap
_COLORS = (BLUE, ORANGE)
_HEIGHT = 0.8  # of a lane; lanes are one apart
_GROUP_IN, _LANE_IN, _FRAME_IN = 0.45, 0.35, 0.45  # heights: heading of a group, lane, axis below all


def turns_chart(groups: Mapping[str, Sequence[Stretches]]) -> "Figure":
    """Draw the stretches in which workers ran, group below group, on one axis of time.

    Parameters
    ----------
    groups
        Workers by the name of their group, such as ``{"two threads": [first, second]}``. Each is a list of stretches,
        as ``parlab.workloads.lessons.stretches_at_work`` returns it. Times of one group are on one clock, in seconds.

    Returns
    -------
    matplotlib.figure.Figure
        Bars over time in milliseconds, from the first moment of each group. Beside each lane stands the share of its
        own time, from its first to its last moment, in which the worker ran.

    Raises
    ------
    InputError
        There is no group, or a worker without a stretch.
    """
    from matplotlib.figure import Figure

    if not groups or not all(workers and all(workers) for workers in groups.values()):
        message = "There is nothing to draw: each group needs workers, and each worker a stretch in which it ran."
        raise InputError(f'{message} Give, for example, {{"two threads": [[(0.0, 0.1)], [(0.1, 0.2)]]}}.')
    lanes = [len(workers) for workers in groups.values()]
    height_in = _FRAME_IN + sum(_GROUP_IN + _LANE_IN * count for count in lanes)
    figure = Figure(figsize=(WIDTH_IN, height_in), layout="constrained")
    parts = figure.subplots(len(lanes), squeeze=False, sharex=True, height_ratios=lanes)[:, 0]
    for axes, (name, workers) in zip(parts, groups.items(), strict=True):
        _draw(axes, workers)
        axes.set_title(clean(name), loc="left", fontsize=AXIS)
    parts[-1].set_xlabel("milliseconds since the first of them began", fontsize=AXIS)
    return figure


def _draw(axes: "Axes", workers: Sequence[Stretches]) -> None:
    first_s = min(stretches[0][0] for stretches in workers)
    last_s = max(stretches[-1][1] for stretches in workers)
    for lane, stretches in enumerate(workers):
        bars = [(1e3 * (began_s - first_s), 1e3 * (ended_s - began_s)) for began_s, ended_s in stretches]
        color = _COLORS[lane % len(_COLORS)]
        axes.broken_barh([(0, 1e3 * (last_s - first_s))], (lane - _HEIGHT / 2, _HEIGHT), color=PALE)
        axes.broken_barh(bars, (lane - _HEIGHT / 2, _HEIGHT), color=color, linewidth=0)
    names = [f"{lane + 1}: ran {_share(stretches):.0%}" for lane, stretches in enumerate(workers)]
    axes.set_yticks(range(len(workers)), names)
    axes.set_ylim(len(workers) - 0.5, -0.5)
    dress(axes, "")
    axes.tick_params(axis="y", length=0, labelsize=NAME)
    axes.spines["left"].set_visible(False)


def _share(stretches: Stretches) -> float:
    ran_s = sum(ended_s - began_s for began_s, ended_s in stretches)
    whole_s = stretches[-1][1] - stretches[0][0]
    return ran_s / whole_s if whole_s > 0 else 1.0
