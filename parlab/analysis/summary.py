"""Summarises a sweep: one row for each configuration, with ratios taken inside rounds and then over the rounds."""

from dataclasses import asdict, dataclass, field
from statistics import median
from typing import Any

from parlab import units
from parlab.analysis.findings import find
from parlab.analysis.gil import WORDS, Gil, gil_of
from parlab.machine.cores import physical_cores
from parlab.records import Configuration, Finding, Trial
from parlab.results import Results
from parlab.results.intervals import Estimate, confidence_for, median_interval
from parlab.results.ratios import (
    Brackets,
    RoundKey,
    brackets,
    ceilings,
    elapsed_s,
    map_s,
    order,
    ratios,
    same_work,
    usable_trials,
)


@dataclass(frozen=True, slots=True)
class Row:
    """One configuration. The names stand in ``--json`` and stay; None means "not known"."""

    backend: str
    workers: int
    rounds: int  # how many gave a ratio
    median_s: float | None  # of map alone; serial: of the plain loop
    speedup: float | None  # median over rounds of serial time / map time; weak: of tasks a second over the loop's
    speedup_low: float | None  # ends of its 95 % interval; None under 6 rounds
    speedup_high: float | None
    speedup_with_startup: float | None  # the same with opening and closing the engine
    efficiency: float | None  # speedup / workers
    ceiling: float | None  # speedup of independent copies of a CPU loop on this machine
    startup_s: float | None  # median time until every worker had answered


@dataclass(frozen=True, slots=True)
class Summary:
    """Everything that tables and charts show."""

    workload: str
    machine: dict[str, Any]
    rows: tuple[Row, ...]
    findings: tuple[Finding, ...]
    rounds: int
    ended: str | None
    ceiling_shares: dict[tuple[str, int], float] = field(default_factory=dict)  # speedup / ceiling, inside rounds
    weak: bool = False  # the work grew with the workers
    tasks: int | None = None  # of the plain loop; weak: of each worker
    label: dict[str, str] = field(default_factory=dict)  # recorded sweeps: "where", "when" and "by" whom measured
    gil: Gil | None = None  # of the threads, from what each trial noted

    @property
    def title(self) -> str:
        """What was measured."""
        return f"{self.workload}, {units.count(self.tasks, 'task')} for each worker" if self.weak else self.workload

    @property
    def place(self) -> str:
        """The machine in a few words, for captions."""
        machine = self.machine
        fewer = physical_cores(machine)
        physical = f", {fewer} physical" if fewer else ""
        gil = f", {WORDS[self.gil]}" if self.gil in WORDS else ""
        return (
            f"{units.count(machine.get('cores_usable'), 'usable core')}{physical}, Python {machine.get('python')}{gil}"
        )

    @property
    def origin(self) -> str | None:
        """Where and when a recorded sweep was measured; None for a sweep of one's own."""
        if not self.label:
            return None
        where, when, who = (self.label.get(key, "not said") for key in ("where", "when", "by"))
        return f"Recorded, not measured here: {where}, {when}, by {who}."

    def as_json(self) -> dict[str, Any]:
        """Return the object that ``--json`` prints."""
        return {
            "workload": self.workload,
            "weak": self.weak,
            "tasks": self.tasks,
            "label": self.label,
            "machine": self.machine,
            "rows": [asdict(row) for row in self.rows],
            "findings": [asdict(finding) for finding in self.findings],
        }


def summarise(results: Results) -> Summary:
    """Summarise a sweep.

    Parameters
    ----------
    results
        A sweep, finished or cut off; only rounds with both serial brackets give ratios.

    Returns
    -------
    Summary
        The serial row first, then the engines in the order of the sweep, each by worker count.
    """
    usable = usable_trials(results)
    serial = brackets(usable)
    by_count = ceilings(usable)
    rows, shares, confidence = [_serial_row(serial)], {}, confidence_for(results.header.sweep.precision)
    for configuration in order(results):
        trials = [trial for trial in usable if trial.configuration == configuration and same_work(trial, serial)]
        found, ceiling = ratios(trials, serial, map_s), by_count.get(configuration.workers, {})
        estimate = median_interval(list(found.values()), confidence) if found else None
        rows.append(_row(configuration, trials, estimate, ratios(trials, serial, elapsed_s), ceiling))
        if common := found.keys() & ceiling.keys():
            shares[configuration.backend, configuration.workers] = median(found[key] / ceiling[key] for key in common)
    findings = (*results.findings, *find(results, rows, {key: one.ratio for key, one in serial.items()}))
    header = results.header
    return Summary(
        workload=header.sweep.workload,
        machine=dict(header.machine),
        rows=tuple(rows),
        findings=findings,
        rounds=len(serial),
        ended=results.ended,
        ceiling_shares=shares,
        weak=header.sweep.weak,
        tasks=header.sweep.tasks,
        label=dict(header.label),
        gil=gil_of(header.machine, results.records),
    )


def _serial_row(serial: dict[RoundKey, Brackets]) -> Row:
    known = bool(serial)
    return Row(
        backend="serial",
        workers=1,
        rounds=len(serial),
        median_s=median(one.map_s for one in serial.values()) if known else None,
        speedup=1.0 if known else None,  # by definition: it is what the others are divided by
        speedup_low=None,
        speedup_high=None,
        speedup_with_startup=1.0 if known else None,
        efficiency=1.0 if known else None,
        ceiling=None,
        startup_s=0.0 if known else None,
    )


def _row(
    configuration: Configuration,
    trials: list[Trial],
    estimate: Estimate | None,
    with_startup: dict[RoundKey, float],
    ceiling: dict[RoundKey, float],
) -> Row:
    times = [trial.map_s for trial in trials if trial.map_s is not None]
    starts = [trial.open_s for trial in trials if trial.open_s is not None]
    return Row(
        backend=configuration.backend,
        workers=configuration.workers,
        rounds=estimate.count if estimate else 0,
        median_s=median(times) if times else None,
        speedup=estimate.median if estimate else None,
        speedup_low=estimate.low if estimate else None,
        speedup_high=estimate.high if estimate else None,
        speedup_with_startup=median(with_startup.values()) if with_startup else None,
        efficiency=estimate.median / configuration.workers if estimate else None,
        ceiling=median(ceiling.values()) if ceiling else None,
        startup_s=median(starts) if starts else None,
    )
