"""Names the kinds of charts and draws each from a sweep, for whoever has a name and a file. Makes no chart itself."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING

from parlab import units
from parlab.analysis.areas import areas_of
from parlab.analysis.breakeven import break_evens
from parlab.analysis.laws import fit_all, points_of
from parlab.analysis.summary import Summary, summarise
from parlab.errors import InputError, unknown_choice
from parlab.plots.areas import area_chart
from parlab.plots.breakeven import breakeven_chart
from parlab.plots.laws import law_chart
from parlab.plots.memory import memory_chart
from parlab.plots.speedup import efficiency_chart, speedup_chart
from parlab.plots.startup import startup_chart
from parlab.plots.style import clean
from parlab.plots.timeline import timeline_chart
from parlab.records import Configuration
from parlab.results import Results

if TYPE_CHECKING:
    from matplotlib.figure import Figure


@dataclass(frozen=True, slots=True)
class _Wanted:
    results: Results
    summary: Summary
    backend: str | None
    workers: int | None

    def one(self) -> Configuration:
        """Return the one configuration to draw."""
        return chosen(self.summary, self.backend, self.workers)


def chosen(summary: Summary, backend: str | None = None, workers: int | None = None) -> Configuration:
    """Choose the one configuration that a kind shows: what was asked for, else the fastest backend, its most workers.

    Raises
    ------
    InputError
        The plain loop alone was measured, or the backend is not in this file.
    """
    rows = [row for row in summary.rows if backend in (None, row.backend)]
    if backend == "serial":
        return Configuration("serial", "serial", workers or 1)
    if backend is None:
        rows = [row for row in rows if row.backend != "serial"]
    if not rows:
        names = sorted({clean(row.backend) for row in summary.rows})
        if backend is None:
            raise InputError(f"The plain loop alone was measured. Draw it with --backend {names[0]}.")
        raise unknown_choice("backend of this file", backend, names)
    most = max(row.workers for row in rows)
    widest = [row for row in rows if row.workers == (workers or most)] or rows
    fastest = max(widest, key=lambda row: row.speedup or 0.0)
    return Configuration("parallel", fastest.backend, workers or most)


def _timeline(wanted: _Wanted) -> "Figure":
    one = wanted.one()
    return timeline_chart(wanted.results, one.backend, one.workers)


def _break_even(wanted: _Wanted) -> "Figure":
    one = wanted.one()
    found = [each for each in break_evens(wanted.results) if (each.backend, each.workers) == (one.backend, one.workers)]
    if not found:
        crew = f"{clean(one.backend)} with {units.count(one.workers, 'worker')}"
        message = f"There is no break-even of {crew} in this file: it takes a complete round with spans."
        raise InputError(f"{message} Measure without --no-trace, or choose another --backend and --workers.")
    return breakeven_chart(found[0], wanted.results.header.sweep.chunksize, wanted.summary)


def _laws(wanted: _Wanted) -> "Figure":
    backend = wanted.one().backend
    return law_chart(fit_all(points_of(wanted.results, backend)), backend, wanted.summary)


def _time(wanted: _Wanted) -> "Figure":
    return area_chart(areas_of(wanted.results), wanted.summary)


_OF_ALL: Mapping[str, Callable[[_Wanted], "Figure"]] = {
    "efficiency": lambda wanted: efficiency_chart(wanted.summary),
    "memory": lambda wanted: memory_chart(wanted.results.memory, wanted.summary),
    "speedup": lambda wanted: speedup_chart(wanted.summary),
    "startup": lambda wanted: startup_chart(wanted.summary),
    "time": _time,
}
_OF_BACKEND: Mapping[str, Callable[[_Wanted], "Figure"]] = {"laws": _laws}
_OF_ONE: Mapping[str, Callable[[_Wanted], "Figure"]] = {"break-even": _break_even, "timeline": _timeline}
KINDS: Mapping[str, Callable[[_Wanted], "Figure"]] = MappingProxyType({**_OF_ALL, **_OF_BACKEND, **_OF_ONE})


def draw(
    kind: str,
    results: Results,
    summary: Summary | None = None,
    *,
    backend: str | None = None,
    workers: int | None = None,
) -> "Figure":
    """Draw a chart by the name of its kind.

    Parameters
    ----------
    kind
        One of ``KINDS``.
    results
        The sweep.
    summary
        Of the same sweep, where it is there already.
    backend, workers
        For the kinds that show one configuration; None for the fastest backend, and for its most workers.

    Raises
    ------
    InputError
        The kind, the backend or the worker count is not there, or there is nothing to draw.
    """
    check_kind(kind, backend=backend, workers=workers)
    return KINDS[kind](_Wanted(results, summary or summarise(results), backend, workers))


def check_kind(kind: str, *, backend: str | None = None, workers: int | None = None) -> None:
    """Refuse a kind that is not there, and a choice of configuration for a kind that shows them all.

    Raises
    ------
    InputError
        With the kinds that are there.
    """
    if kind not in KINDS:
        raise unknown_choice("kind of chart", kind, KINDS)
    if kind in _OF_ALL and backend is not None:
        message = f"A {kind} chart shows every backend, so none can be chosen."
        raise InputError(f"{message} These show one: {', '.join(sorted({*_OF_BACKEND, *_OF_ONE}))}.")
    if kind not in _OF_ONE and workers is not None:
        message = f"A {kind} chart shows every worker count, so none can be chosen."
        raise InputError(f"{message} These show one: {', '.join(sorted(_OF_ONE))}.")
