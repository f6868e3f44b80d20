"""Draws workers at a lock or a semaphore: who waits when, and how a lock limits the speedup. Measures nothing."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from parlab.errors import InputError
from parlab.plots.style import (
    AXIS,
    BLUE,
    DARK,
    GREY,
    NAME,
    ORANGE,
    PALE,
    PLAIN,
    SMALL,
    VERMILION,
    WIDTH_IN,
    clean,
    dress,
    ink,
    legend_above,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from parlab.workloads.locking import Visit

_LANE = 0.75
_STEPS = 200  # of the curves


def gates_chart(groups: Mapping[str, Sequence["Visit"]]) -> "Figure":
    """Draw who worked outside of a gate, waited for it, and worked inside.

    Parameters
    ----------
    groups
        A name, and what ``parlab.workloads.locking.visits`` returned.

    Returns
    -------
    matplotlib.figure.Figure
        A panel for each group, with a lane for each worker. Work inside is hatched; waiting is the empty frame.

    Raises
    ------
    InputError
        There is nothing to draw.
    """
    from matplotlib.figure import Figure
    from matplotlib.patches import Patch

    if not groups or not all(groups.values()):
        raise InputError("There is nothing to draw: give at least one group with at least one visit.")
    lanes = [max(one.worker for one in made) + 1 for made in groups.values()]
    figure = Figure(figsize=(WIDTH_IN, 0.9 + sum(0.45 + 0.32 * count for count in lanes)), layout="constrained")
    panels = figure.subplots(len(lanes), sharex=True, squeeze=False, height_ratios=lanes)[:, 0]
    for axes, (name, made) in zip(panels, groups.items(), strict=True):
        _lanes(axes, made)
        axes.set_title(clean(name), loc="left", fontsize=NAME, color=DARK, **PLAIN)
    panels[-1].set_xlabel("milliseconds since the call", fontsize=AXIS)
    panels[-1].set_xlim(0, 1.02e3 * max(one.left_s for made in groups.values() for one in made))
    parts = [Patch(color=BLUE), Patch(facecolor="white", edgecolor=GREY), Patch(facecolor=ORANGE, hatch="///")]
    legend_above(figure, parts, ["works outside", "waits at the gate", "works inside"])
    return figure


def _lanes(axes: "Axes", made: Sequence["Visit"]) -> None:
    crew = max(one.worker for one in made) + 1
    for lane in range(crew):
        axes.axhspan(lane - _LANE / 2, lane + _LANE / 2, color=PALE, zorder=0)
        own = [one for one in made if one.worker == lane]
        looks: list[tuple[str, str, dict[str, Any]]] = [
            ("began_s", "asked_s", {"color": BLUE, "linewidth": 0}),
            ("asked_s", "got_s", {"facecolor": "white", "edgecolor": GREY, "linewidth": 0.8}),
            ("got_s", "left_s", {"facecolor": ORANGE, "edgecolor": DARK, "hatch": "///", "linewidth": 0.4}),
        ]
        place = (lane - _LANE / 2, _LANE)
        for began, ended, look in looks:
            bars = [(1e3 * getattr(one, began), 1e3 * (getattr(one, ended) - getattr(one, began))) for one in own]
            axes.broken_barh(bars, place, zorder=3, **look)
    axes.set_ylim(crew - 0.5, -0.5)
    axes.set_yticks(range(crew), [f"worker {number}" for number in range(crew)])
    dress(axes, "x")
    axes.tick_params(axis="y", length=0)
    axes.spines["left"].set_visible(False)


def best_speedup(share: float, workers: int) -> float:
    """Return the speedup that a lock allows at best: the lock is never free, or all workers always work.

    Parameters
    ----------
    share
        Of a task's time that is spent inside the lock, from 0 to 1.
    workers
        How many work.
    """
    return min(float(workers), 1 / share) if share else float(workers)


def amdahl_speedup(share: float, workers: int) -> float:
    """Return the speedup by Amdahl's law, as if nobody worked while somebody is inside the lock.

    Parameters
    ----------
    share, workers
        As ``best_speedup`` has them.

    References
    ----------
    G. M. Amdahl, "Validity of the single processor approach to achieving large scale computing capabilities", AFIPS
    (1967).
    """
    return 1 / (share + (1 - share) / workers)


def locked_share_chart(
    speedups: Mapping[float, float], workers: int, guess: tuple[float, float | None] | None = None
) -> "Figure":
    """Draw the speedup against the share of each task that is done inside a lock.

    Parameters
    ----------
    speedups
        For each share, from 0 to 1, what was measured.
    workers
        How many worked.
    guess
        ``(share, speedup)`` that the learner holds for right; None, also in the place of the speedup, marks nothing.

    Returns
    -------
    matplotlib.figure.Figure
        Points for what was measured, the curve of ``best_speedup`` above and that of ``amdahl_speedup`` below.

    Raises
    ------
    InputError
        There is nothing to draw.
    """
    from matplotlib.figure import Figure

    if not speedups:
        raise InputError("There is nothing to draw: give at least one share with its speedup.")
    figure = Figure(figsize=(WIDTH_IN, 3.6), layout="constrained")
    axes = figure.add_subplot()
    shares = [step / _STEPS for step in range(_STEPS + 1)]
    best = [best_speedup(share, workers) for share in shares]
    amdahl = [amdahl_speedup(share, workers) for share in shares]
    percent = [100 * share for share in shares]
    axes.fill_between(percent, amdahl, best, color=PALE, zorder=1)
    axes.plot(percent, best, color=GREY, linestyle="-", linewidth=1.5, label="the best that can be", zorder=2)
    axes.plot(
        percent,
        amdahl,
        color=GREY,
        linestyle=(0, (4, 2)),
        linewidth=1.5,
        label="nobody works beside (Amdahl)",
        zorder=2,
    )
    axes.plot(
        [100 * share for share in speedups],
        list(speedups.values()),
        color=BLUE,
        marker="o",
        markersize=8,
        linestyle="",
        label="measured",
        zorder=4,
    )
    guessed = None if guess is None else guess[1]
    if guess is not None and guessed is not None:
        axes.plot([100 * guess[0]], [guessed], marker="X", color=VERMILION, markersize=10, linestyle="",
                  label="your guess", zorder=5)  # fmt: skip
    axes.axhline(1, color=GREY, linewidth=0.8, linestyle=(0, (1, 3)), zorder=1)
    look: dict[str, Any] = {"textcoords": "offset points", "va": "bottom", "fontsize": SMALL + 1, "color": ink(GREY)}
    axes.annotate("one worker", (0, 1), xytext=(0, 3), **look)
    top = max(workers, *speedups.values(), guessed or 0)
    axes.set_ylim(0, 1.08 * top)
    axes.set_xlabel("share of each task inside the lock, %", fontsize=AXIS)
    axes.set_ylabel("times as fast", fontsize=NAME)
    dress(axes, "both")
    legend_above(figure, *axes.get_legend_handles_labels())
    return figure
