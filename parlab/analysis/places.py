"""Gathers what each configuration's spans tell, so that whoever seeks causes asks in one place. It judges nothing.

Beyond the usable cores CPU-bound workers wait for a core, which looks like any other loss, so these configurations are
left out.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from statistics import mean, median
from typing import TYPE_CHECKING

from parlab.analysis.areas import Area, AreaRow, areas_of, of_map
from parlab.analysis.breakeven import BreakEven, break_evens
from parlab.analysis.noise import loop_share
from parlab.analysis.traces import Pair, Trace, trace_of, traced
from parlab.analysis.traffic import Traffic, traffic_of
from parlab.measure.plan import CPU_BOUND_SHARE
from parlab.records import Configuration
from parlab.results import Results

if TYPE_CHECKING:
    from parlab.analysis.summary import Row


@dataclass(frozen=True, slots=True)
class Place:
    """One configuration with all that its typical trial tells."""

    row: AreaRow
    areas: Sequence[Area]  # of all rounds
    unsteady: Sequence[float]  # of each: the slower of its round's plain loops over their mean
    trace: Trace
    traffic: Traffic | None
    summary: "Row | None"

    @property
    def area(self) -> Area:
        """Where the time of map went."""
        return self.row.map

    @property
    def name(self) -> str:
        """Words for a sentence."""
        return Configuration("parallel", self.row.backend, self.row.workers).label

    @property
    def key(self) -> tuple[str, int]:
        """What names it in tables."""
        return self.row.backend, self.row.workers

    def usual(self, share_of: Callable[[Area], float]) -> float:
        """Return the median of a share over the rounds: what happened in one trial alone may have been bad luck."""
        return median(map(share_of, self.areas)) if self.areas else 0.0

    @property
    def speedup(self) -> float:
        """The one in the table where it is known, so that no sentence gives another: the median, not a trial's."""
        known = self.summary.speedup if self.summary else None
        return self.row.speedup if known is None else known

    @property
    def cpu_times(self) -> float | None:
        """How many times the plain loop's CPU time its tasks took, the median of the rounds; None: not known."""
        return _middle(map(_cpu_times, self.areas))

    @property
    def cpu_times_at_least(self) -> float | None:
        """The same over the slower plain loop of each round: what a loop may lose as well is no loss of workers."""
        times = zip(map(_cpu_times, self.areas), self.unsteady, strict=True)
        return _middle(None if one is None else one / unsteady for one, unsteady in times)

    @property
    def bytes_a_task(self) -> float:
        """What travels with a task, both ways; 0 where it is not known or memory is shared."""
        if self.traffic is None:
            return 0.0
        return (self.traffic.sent_bytes or 0.0) + (self.traffic.received_bytes or 0.0)

    @property
    def ceiling_loss(self) -> float:
        """How many times as slow independent workers are here, side by side, as one alone; 1 where it is not known."""
        ceiling = self.summary.ceiling if self.summary else None
        return max(1.0, self.row.workers / ceiling) if ceiling else 1.0


class Places:
    """A sweep and what its spans tell, worked out once, when it is first asked for.

    Parameters
    ----------
    results
        The sweep.
    rows
        Its summary by configuration.
    worth
        The least share of the workers' time that is told as a loss.
    """

    def __init__(self, results: Results, rows: Sequence["Row"], worth: float) -> None:
        self.results, self.worth = results, worth
        self.chunksize = results.header.sweep.chunksize
        self._rows = {(row.backend, row.workers): row for row in rows}

    @cached_property
    def loop_share(self) -> float | None:
        """CPU time over wall time of the plain loop, at its best."""
        return loop_share(self.results)

    @cached_property
    def all(self) -> list[Place]:
        """The configurations that can be judged, in the order of the sweep."""
        areas = {(row.backend, row.workers): row for row in areas_of(self.results)}
        traffic = {(one.backend, one.workers): one for one in traffic_of(self.results)}
        found = []
        for one in traced(self.results):
            key = (one.configuration.backend, one.configuration.workers)
            trace = trace_of(one.typical.trial)
            if key in areas and trace is not None and key[1] <= self._most_workers:
                rounds = _rounds(one.pairs)
                of_rounds, unsteady = [area for area, _ in rounds], [times for _, times in rounds]
                row = areas[key]
                found.append(Place(row, of_rounds, unsteady, trace, traffic.get(key), self._rows.get(key)))
        return found

    @cached_property
    def alone(self) -> dict[str, float]:
        """How many times the plain loop's CPU time a single worker takes, by backend; 1 where it takes less."""
        return {place.row.backend: max(1.0, place.cpu_times or 1.0) for place in self.all if place.row.workers == 1}

    @cached_property
    def break_evens(self) -> dict[tuple[str, int], BreakEven]:
        """Break-even by configuration."""
        return {(one.backend, one.workers): one for one in break_evens(self.results)}

    @property
    def _most_workers(self) -> float:
        share, cores = self.loop_share, self.results.header.machine.get("cores_usable")
        waits = share is not None and share < CPU_BOUND_SHARE
        return cores if isinstance(cores, int) and not waits else float("inf")


def _rounds(pairs: Sequence[Pair]) -> list[tuple[Area, float]]:
    return [(area, _unsteady(pair)) for pair in pairs if (area := of_map(pair.trial, pair.serial)) is not None]


def _unsteady(pair: Pair) -> float:
    times = [trial.map_s for trial in pair.serial if trial.map_s]
    return max(times) / mean(times) if times else 1.0


def _cpu_times(area: Area) -> float | None:
    if area.useful_s is None or area.useful_s <= 0 or area.inflation_s is None:
        return None
    return 1 + area.inflation_s / area.useful_s


def _middle(values: Iterable[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return median(known) if known else None
