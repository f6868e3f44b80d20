"""Draws what each configuration held at most, from runs that were not timed. Measures nothing."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from parlab.errors import InputError
from parlab.plots.stacks import Part, Stack, draw_stacks, height_of, name_parts, panels
from parlab.plots.style import BLUE, DARK, GREY, ORANGE, begin

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from parlab.analysis.summary import Summary
    from parlab.records import Memory

_PARTS = (
    Part("parent", "parent's own (USS)", BLUE),
    Part("workers", "workers' own (USS)", ORANGE, "///"),
)


def memory_chart(memory: Sequence["Memory"], summary: "Summary") -> "Figure":
    """Draw the peak memory of parent and workers, a panel for each backend and a bar for each worker count.

    Parameters
    ----------
    memory
        ``Results.memory``.
    summary
        Of the same sweep, for the heading.

    Returns
    -------
    matplotlib.figure.Figure
        Bars are USS, what would be given back if the processes ended. A diamond is PSS of all together, which has a
        share of what they hold in common. A dotted line is the plain loop's USS.

    Raises
    ------
    InputError
        The sweep has no such runs.
    """
    engines: dict[str, dict[int, Memory]] = defaultdict(dict)
    for one in memory:
        if one.role == "parallel" and _held(one):
            engines[one.backend][one.workers] = one
    if not engines:
        message = f"There is no memory of {summary.workload!r} to draw: it was not measured."
        raise InputError(f"{message} Measure with --memory, which runs each configuration once more, untimed.")
    unit, size = _unit(max(_top(one) for counts in engines.values() for one in counts.values()))
    figure = begin(summary, "memory at its peak", _caption(memory), height_of(list(engines)))
    places = panels(figure, list(engines), unit)
    loop = next((one.parent_uss_bytes for one in memory if one.role == "serial"), None)
    for backend, counts in engines.items():
        axes = places[backend]
        draw_stacks(axes, {count: _stack(one, size) for count, one in counts.items()}, _PARTS)
        _together(axes, counts, size)
        if loop is not None:
            axes.axhline(
                loop / size, color=GREY, linestyle=(0, (1, 2)), linewidth=2, zorder=4, label="plain loop (USS)"
            )
    name_parts(figure, places)
    return figure


def _held(one: "Memory") -> int:
    return (one.parent_uss_bytes or 0) + (one.workers_uss_bytes or 0)


def _shared(one: "Memory") -> int:
    """PSS of parent and workers; 0 where one of them is not known, save for threads, which are in the parent."""
    if one.parent_pss_bytes is None or (one.workers_pss_bytes is None and one.workers_uss_bytes is not None):
        return 0
    return one.parent_pss_bytes + (one.workers_pss_bytes or 0)


def _top(one: "Memory") -> int:
    return max(_held(one), _shared(one))


def _stack(one: "Memory", size: int) -> Stack:
    return {"parent": (one.parent_uss_bytes or 0) / size, "workers": (one.workers_uss_bytes or 0) / size}


def _together(axes: "Axes", counts: Mapping[int, "Memory"], size: int) -> None:
    known = [(place, _shared(counts[count]) / size) for place, count in enumerate(sorted(counts))]
    known = [(place, height) for place, height in known if height]
    if known:
        look: dict[str, Any] = {"linestyle": "none", "color": "white", "markeredgecolor": DARK, "markeredgewidth": 1.6}
        axes.plot(*zip(*known, strict=True), marker="D", markersize=7, zorder=5, label="all with shared (PSS)", **look)


def _unit(most_bytes: int) -> tuple[str, int]:
    return ("GiB", 1 << 30) if most_bytes >= 1 << 30 else ("MiB", 1 << 20)


def _caption(memory: Sequence["Memory"]) -> list[str]:
    interval_ms = 1000 * max((one.interval_s for one in memory), default=0.0)
    looks = f"looked at every {interval_ms:.3g} ms: a shorter peak is not seen"
    return ["one run of each configuration, not timed", looks, "what threads hold is the parent's"]
