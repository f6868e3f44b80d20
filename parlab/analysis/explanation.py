"""Gathers what a sweep tells about itself: where the time went, POP, break-even, what travelled, what was held."""

from dataclasses import asdict, dataclass
from typing import Any

from parlab.analysis.areas import AreaRow, areas_of
from parlab.analysis.breakeven import BreakEven, break_evens
from parlab.analysis.gil import Gil, gil_of
from parlab.analysis.pop import PopRow, pop_rows
from parlab.analysis.traffic import Traffic, traffic_of
from parlab.errors import InputError
from parlab.records import Memory
from parlab.results import Results
from parlab.results.ratios import brackets, order, usable_trials


@dataclass(frozen=True, slots=True)
class Explanation:
    """Everything that ``parlab explain`` shows, as data."""

    workload: str
    weak: bool
    areas: tuple[AreaRow, ...]
    pop: tuple[PopRow, ...]
    break_even: tuple[BreakEven, ...]
    traffic: tuple[Traffic, ...]
    memory: tuple[Memory, ...]
    origin: str | None  # where and when a recorded sweep was measured
    gil: Gil | None = None  # of the threads

    def as_json(self) -> dict[str, Any]:
        """Return the object that ``--json`` prints."""
        return {
            "workload": self.workload,
            "weak": self.weak,
            "areas": [row.as_json() for row in self.areas],
            "pop": [row.as_json() for row in self.pop],
            "break_even": [row.as_json() for row in self.break_even],
            "traffic": [row.as_json() for row in self.traffic],
            "memory": [asdict(one) for one in self.memory],
        }


def explain(results: Results, origin: str | None = None) -> Explanation:
    """Explain a sweep from its spans.

    Parameters
    ----------
    results
        A traced sweep with at least one complete round and one engine beside the plain loop.
    origin
        Where and when it was measured, if not here: ``Summary.origin``.

    Raises
    ------
    InputError
        There is nothing to explain; the text says why, and what to do.
    ResultFileError
        Spans hold what cannot be times.
    """
    areas = areas_of(results)
    if not areas:
        raise InputError(_why_not(results))
    sweep = results.header.sweep
    return Explanation(
        workload=sweep.workload,
        weak=sweep.weak,
        areas=tuple(areas),
        pop=tuple(pop_rows(results)),
        break_even=tuple(break_evens(results)),
        traffic=tuple(traffic_of(results)),
        memory=_in_order(results),
        origin=origin,
        gil=gil_of(results.header.machine, results.records),
    )


def _in_order(results: Results) -> tuple[Memory, ...]:
    """Sort what configurations held: the plain loop first, then as in the tables."""
    place = {(one.backend, one.workers): number for number, one in enumerate(order(results))}
    return tuple(sorted(results.memory, key=lambda one: place.get((one.backend, one.workers), -1)))


def _why_not(results: Results) -> str:
    nothing = "There is nothing to explain"
    if not order(results):
        return f"{nothing}: this is the plain loop alone. Measure an engine beside it, such as --backends threads,pool."
    usable = usable_trials(results)
    if not brackets(usable):
        return f"{nothing}: no round is complete in this file. Go on with `parlab bench … --resume`."
    if not results.header.sweep.trace:
        return f"{nothing}: this was measured with --no-trace, so no task's times were taken. Measure without it."
    return (
        f"{nothing}: no traced trial of an engine did the same work as the plain loops of its round. "
        "`parlab show FILE` tells what became of them."
    )
