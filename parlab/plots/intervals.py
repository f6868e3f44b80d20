"""Draws what an interval is worth: its width by the runs, whether it holds the truth, what it claims. Simulates none.

Estimates come with ``mean``, ``half_width``, ``runs`` and ``holds``, as ``parlab.workloads.streams`` makes them.
"""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from parlab.errors import InputError
from parlab.plots.style import AXIS, BLUE, DARK, GREY, NAME, ORANGE, PLAIN, SMALL, VERMILION, WIDTH_IN, dress
from parlab.workloads.streams import Estimate, Z

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_BAR = 0.6
_ROOM = 1.7  # times as far as the longest bar, for what stands behind it
_LOOKS = ((BLUE, ""), (VERMILION, "//"))  # honest, and not


def width_chart(known: Sequence[Estimate], truth: float | None = None) -> "Figure":
    """Draw how the interval shrinks while runs come in.

    Parameters
    ----------
    known
        What was known after more and more runs; ``parlab.workloads.streams.growing`` makes it.
    truth
        The exact value, if it is known: then the error that was really made is drawn, too.

    Returns
    -------
    matplotlib.figure.Figure
        Half of the interval's width against the runs, both axes logarithmic, and a dashed line through its last point
        that falls as theory says: with one over the square root of the runs.

    Raises
    ------
    InputError
        There are fewer than two points.
    """
    from matplotlib.figure import Figure

    if len(known) < 2:
        raise InputError(f"There is nothing to draw: {len(known)} points make no line. Give two estimates or more.")
    figure = Figure(figsize=(WIDTH_IN, 4.4), layout="constrained")
    axes = figure.subplots()
    runs = [one.runs for one in known]
    theory = [known[-1].half_width * (known[-1].runs / count) ** 0.5 for count in runs]
    axes.plot(runs, theory, color=DARK, linestyle="--", linewidth=1.6, label="theory: 1 / √runs")
    axes.plot(
        runs, [one.half_width for one in known], "o", color=BLUE, markersize=8, label="half width of the interval"
    )
    if truth is not None:
        errors = [abs(one.mean - truth) for one in known]
        axes.plot(runs, errors, "x", color=VERMILION, markersize=8, markeredgewidth=2, label="error really made")
    axes.set(xscale="log", yscale="log")
    axes.set_xlabel("runs", fontsize=AXIS)
    axes.set_ylabel("distance from the mean", fontsize=AXIS)
    dress(axes, "both")
    axes.legend(loc="lower left", facecolor="white", edgecolor="none", framealpha=0.9, fontsize=NAME)
    return figure


def coverage_chart(estimates: Sequence[Estimate], truth: float) -> "Figure":
    """Draw many intervals beside each other, and which of them miss the truth.

    Parameters
    ----------
    estimates
        One a repetition, each from runs of its own.
    truth
        The exact value, or the best that is known.

    Returns
    -------
    matplotlib.figure.Figure
        An upright line for each interval; those that miss are thick and end in crosses. The heading counts.

    Raises
    ------
    InputError
        There is none.
    """
    from matplotlib.figure import Figure

    if not estimates:
        raise InputError("There is nothing to draw: give at least one estimate.")
    figure = Figure(figsize=(WIDTH_IN, 3.8), layout="constrained")
    axes = figure.subplots()
    held = [one.holds(truth) for one in estimates]
    for good, (color, width, marker) in {True: (BLUE, 1.4, ""), False: (VERMILION, 3.0, "x")}.items():
        for place, one in enumerate(estimates):
            if held[place] is good:
                ends = (one.mean - one.half_width, one.mean + one.half_width)
                axes.plot((place, place), ends, color=color, linewidth=width, marker=marker, markersize=7, zorder=3)
    axes.axhline(truth, color=DARK, linewidth=1.6, zorder=4)
    axes.set_title(
        f"{sum(held)} of {len(held)} intervals hold the value {truth:.4g}", loc="left", fontsize=AXIS, **PLAIN
    )
    axes.set_xlabel("repetition", fontsize=AXIS)
    axes.set_ylabel("interval", fontsize=AXIS)
    dress(axes)
    return figure


def claims_chart(ways: Mapping[str, Sequence[Estimate]], truths: Mapping[str, float]) -> "Figure":
    """Draw how far estimates really are from the truth, measured by what their intervals claim.

    Parameters
    ----------
    ways
        For each way to simulate the estimates of its repetitions.
    truths
        For each way the exact value.

    Returns
    -------
    matplotlib.figure.Figure
        A bar for each way, as long as ``true_over_claimed`` says, beside a line at 1 where all is as claimed; behind it
        stands how many of the intervals hold the truth.

    Raises
    ------
    InputError
        There is no way, or one without an estimate or a truth.
    """
    from matplotlib.figure import Figure

    if not ways or not all(len(some) and name in truths for name, some in ways.items()):
        raise InputError("There is nothing to draw: give for each way at least one estimate, and its truth.")
    figure = Figure(figsize=(WIDTH_IN, 1.5 + 0.75 * len(ways)), layout="constrained")
    axes = figure.subplots()
    lengths = [true_over_claimed(some, truths[name]) for name, some in ways.items()]
    for place, ((name, some), length) in enumerate(zip(ways.items(), lengths, strict=True)):
        color, hatch = _LOOKS[place > 0]
        axes.barh(place, length, _BAR, color=color, hatch=hatch, edgecolor="white", zorder=2)
        held = sum(one.holds(truths[name]) for one in some)
        where: dict[str, Any] = {"xytext": (7, 0), "textcoords": "offset points", "va": "center", "fontsize": NAME}
        axes.annotate(f"{length:.1f} x: holds in {held} of {len(some)}", (length, place), **where)
    axes.axvline(1, color=ORANGE, linestyle="--", linewidth=2, zorder=3)
    axes.annotate("as claimed", (1, -0.55), xytext=(5, 0), textcoords="offset points", va="center", fontsize=SMALL,
                  color=GREY)  # fmt: skip
    axes.set_yticks(range(len(ways)), list(ways), **PLAIN)
    axes.set(ylim=(len(ways) - 0.5, -0.7), xlim=(0, _ROOM * max(1.0, *lengths)))
    axes.set_xlabel("true error / claimed error", fontsize=AXIS)
    dress(axes, "x")
    axes.tick_params(axis="y", length=0, labelsize=NAME)
    return figure


def true_over_claimed(estimates: Sequence[Estimate], truth: float) -> float:
    """Return how many times the error that was made is the error that was claimed: 1 if the intervals are honest.

    Parameters
    ----------
    estimates
        At least one.
    truth
        The exact value.

    Returns
    -------
    float
        Root mean square of the distances from the truth, over that of the standard errors which the intervals state.
    """
    made = sum((one.mean - truth) ** 2 for one in estimates)
    claimed = sum((one.half_width / Z) ** 2 for one in estimates)
    return float((made / claimed) ** 0.5)
