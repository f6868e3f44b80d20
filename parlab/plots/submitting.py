"""Draws what the notebook about futures measures: the life of each future, from its submission to its end."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from parlab.errors import InputError
from parlab.plots.style import AXIS, BLUE, DARK, NAME, PALE, PLAIN, SKY, SMALL, WIDTH_IN, dress

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from parlab.workloads.submitting import Life

_HEIGHT = 0.72  # of a lane; lanes are one apart
_FRAME_IN, _HEADING_IN, _LANE_IN = 0.95, 0.35, 0.27  # heights: axis and legend, heading of a panel, one future
PENDING, QUEUED, WORKING = "pending", "running() is True, but it waits for a worker", "a worker works on it"
_LOOKS: Mapping[str, Mapping[str, Any]] = {
    PENDING: {"facecolor": PALE, "edgecolor": "#9A9A9A", "hatch": "...", "linewidth": 0.4},
    QUEUED: {"facecolor": SKY, "edgecolor": "white", "hatch": "////", "linewidth": 0.4},
    WORKING: {"facecolor": BLUE, "edgecolor": "white", "linewidth": 0.4},
}


def lives_chart(panels: Mapping[str, Sequence["Life"]]) -> "Figure":
    """Draw what each future was at which time, one panel for each group of them.

    Parameters
    ----------
    panels
        A name for each group, and what ``parlab.workloads.submitting.follow`` returned for it.

    Returns
    -------
    matplotlib.figure.Figure
        A lane for each future: pending, then claimed by the executor though no worker has it yet, then worked on. A
        cross and the word stand where one was cancelled. Panels share one axis of time.

    Raises
    ------
    InputError
        There is nothing to draw.
    """
    from matplotlib.figure import Figure
    from matplotlib.patches import Patch

    if not panels or not all(panels.values()):
        raise InputError("There is nothing to draw: give at least one group with at least one future.")
    counts = [len(lives) for lives in panels.values()]
    height_in = _FRAME_IN + sum(_HEADING_IN + _LANE_IN * count for count in counts)
    figure = Figure(figsize=(WIDTH_IN, height_in), layout="constrained")
    parts = figure.subplots(len(counts), sharex=True, squeeze=False, height_ratios=counts)[:, 0]
    end_s = max(life.done_s for lives in panels.values() for life in lives)
    for axes, (name, lives) in zip(parts, panels.items(), strict=True):
        _draw(axes, lives, end_s)
        axes.set_title(name, loc="left", fontsize=NAME, color=DARK, **PLAIN)
        axes.set_xlim(0, 1.08 * end_s)
    parts[-1].set_xlabel("seconds since the first submit", fontsize=AXIS)
    handles = [Patch(label=name, **look) for name, look in _LOOKS.items()]
    place: dict[str, Any] = {"loc": "outside upper left", "ncols": len(handles), "borderaxespad": 0}
    figure.legend(handles=handles, frameon=False, fontsize=SMALL + 1, columnspacing=1.4, handlelength=1.5, **place)
    return figure


def _draw(axes: "Axes", lives: Sequence["Life"], end_s: float) -> None:
    for lane, life in enumerate(lives):
        for kind, from_s, to_s in _stretches(life):
            axes.barh(lane, to_s - from_s, _HEIGHT, from_s, zorder=3, **_LOOKS[kind])
        if life.cancelled:
            axes.plot([life.done_s], [lane], marker="x", color=DARK, markersize=7, markeredgewidth=2, zorder=4)
            right_s = life.done_s + 0.02 * end_s
            axes.text(right_s, lane, "cancelled", fontsize=SMALL, color=DARK, va="center", zorder=4)
    axes.set_ylim(len(lives) - 0.4, -0.6)
    axes.set_yticks(range(len(lives)), [f"future {life.task}" for life in lives])
    dress(axes, "x")
    axes.tick_params(axis="y", length=0, labelsize=SMALL + 1)


def _stretches(life: "Life") -> list[tuple[str, float, float]]:
    if life.running_s is None or life.began_s is None or life.ended_s is None:
        return [(PENDING, life.submitted_s, life.done_s)]
    return [
        (PENDING, life.submitted_s, life.running_s),
        (QUEUED, life.running_s, life.began_s),
        (WORKING, life.began_s, life.ended_s),
    ]
