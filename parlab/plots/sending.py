"""Draws when it pays to send work to other machines, by the model of ``parlab.analysis.sending``. Measures nothing."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from parlab.analysis.sending import speedup_of_sending
from parlab.errors import InputError
from parlab.plots.style import AXIS, DARK, GREY, PLAIN, SMALL, WIDTH_IN, dress, legend_above, looks, short

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_MIB = 2**20
_POINTS = 200
_LINES = {"0.1 Gbit/s": 1e8 / 8, "1 Gbit/s": 1e9 / 8, "10 Gbit/s": 1e10 / 8}  # bytes in a second, as networks are sold


def sending_chart(work: Mapping[str, tuple[float, int]], machines: int = 4) -> "Figure":
    """Draw how many times as fast several machines are as one, over how long the work computes for each MiB sent.

    Parameters
    ----------
    work
        Kinds of work, each with the seconds that one task computes and the bytes that travel for it.
    machines
        How many machines share the work.

    Returns
    -------
    matplotlib.figure.Figure
        A line for each of three networks, and an upright for each kind of work; work for which (nearly) nothing
        travels stands at the right edge.

    Raises
    ------
    InputError
        There is nothing to draw, or a number is not above zero.
    """
    import numpy as np
    from matplotlib.figure import Figure

    if not work:
        raise InputError("There is nothing to draw: give at least one kind of work, its seconds and its bytes.")
    figure = Figure(figsize=(WIDTH_IN, 4.4), layout="constrained")
    axes = figure.subplots()
    dress(axes, "both")
    low, high = 1e-4, 1e2
    places = {name: _place(name, *cost) for name, cost in work.items()}
    low = min(low, *(0.5 * place for place in places.values()))
    intensity = np.geomspace(low, high, _POINTS)
    for name, look in looks(_LINES).items():
        ratios = [speedup_of_sending(one, _MIB, rate_bytes_per_s=_LINES[name], machines=machines) for one in intensity]
        style: dict[str, Any] = {"color": look.color, "linestyle": look.dashes, "linewidth": 2}
        axes.plot(intensity, ratios, label=name, **style)
    axes.axhline(1, color=DARK, linewidth=1)
    axes.annotate("one machine", (low, 1), (4, 3), textcoords="offset points", fontsize=SMALL, color=DARK)
    for number, (name, place) in enumerate(sorted(places.items(), key=lambda pair: pair[1])):
        at = min(place, high)
        axes.axvline(at, color=GREY, linestyle=(0, (1, 1)), linewidth=1.5)
        arrow = " →" if place > high else ""
        axes.text(
            at, machines * (1.06 + 0.11 * (number % 3)), short(name, 28) + arrow, fontsize=SMALL, color=DARK,
            ha="right" if at > 1 else "left", va="bottom", **PLAIN,
        )  # fmt: skip
    axes.set(xscale="log", xlim=(low, high), ylim=(0, 1.42 * machines))
    axes.set_yticks(range(machines + 1))
    axes.set_xlabel("seconds of computing for each MiB sent", fontsize=AXIS)
    axes.set_ylabel(f"{machines} machines: times as fast as one", fontsize=AXIS)
    legend_above(figure, *axes.get_legend_handles_labels())
    return figure


def _place(name: str, compute_s: float, sent_bytes: int) -> float:
    if not (compute_s > 0 and sent_bytes > 0):
        raise InputError(f"{name!r} takes {compute_s} s and {sent_bytes} bytes. Give numbers above 0.")
    return compute_s / sent_bytes * _MIB
