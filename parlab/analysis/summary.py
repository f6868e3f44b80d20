"""Summarises a sweep: one row for each configuration, with ratios taken inside rounds and then over the rounds."""

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from statistics import median
from typing import Any

from parlab.analysis.findings import find
from parlab.analysis.statistics import median_interval
from parlab.records import Configuration, Finding, Trial
from parlab.results import Results

RoundKey = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Row:
    """One configuration. The names stand in ``--json`` and stay; None means "not known"."""

    backend: str
    workers: int
    rounds: int  # how many gave a ratio
    median_s: float | None  # of map alone; serial: of the plain loop
    speedup: float | None  # median over rounds of serial time / map time
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

    def as_json(self) -> dict[str, Any]:
        """Return the object that ``--json`` prints."""
        return {
            "workload": self.workload,
            "machine": self.machine,
            "rows": [asdict(row) for row in self.rows],
            "findings": [asdict(finding) for finding in self.findings],
        }


@dataclass(frozen=True, slots=True)
class Brackets:
    """A round's serial time: the geometric mean of the two trials that open and close it."""

    map_s: float
    elapsed_s: float
    ratio: float  # the slower bracket over the faster


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
    complete = set(results.complete_rounds)
    usable = [trial for trial in results.records if (trial.session, trial.round) in complete]
    serial = _brackets(usable)
    ceilings = _ceilings(usable)
    rows = [_serial_row(serial)]
    for configuration in _order(results):
        trials = [trial for trial in usable if trial.configuration == configuration and trial.outcome == "ok"]
        rows.append(_row(configuration, trials, serial, ceilings.get(configuration.workers)))
    machine = {**results.header.machine}
    known = (*results.findings, *find(results, rows, {key: one.ratio for key, one in serial.items()}))
    return Summary(results.header.sweep.workload, machine, tuple(rows), known, len(serial), results.ended)


def _order(results: Results) -> list[Configuration]:
    sweep = results.header.sweep
    engines = [backend for backend in sweep.backends if backend != "serial"]
    return [Configuration("parallel", backend, workers) for backend in engines for workers in sweep.workers]


def _brackets(trials: Iterable[Trial]) -> dict[RoundKey, Brackets]:
    times: dict[RoundKey, list[float]] = defaultdict(list)
    for trial in trials:
        if trial.role == "serial" and trial.outcome == "ok" and trial.map_s:
            times[trial.session, trial.round].append(trial.map_s)
    return {
        key: Brackets((pair[0] * pair[1]) ** 0.5, (pair[0] * pair[1]) ** 0.5, max(pair) / min(pair))
        for key, pair in times.items()
        if len(pair) == 2
    }


def _ceilings(trials: Iterable[Trial]) -> dict[int, float]:
    found: dict[int, list[float]] = defaultdict(list)
    for trial in trials:
        if trial.role == "ceiling" and trial.outcome == "ok" and trial.ceiling:
            found[trial.workers].append(trial.ceiling)
    return {workers: median(values) for workers, values in found.items()} | ({1: 1.0} if found else {})


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
    configuration: Configuration, trials: list[Trial], serial: dict[RoundKey, Brackets], ceiling: float | None
) -> Row:
    ratios = _ratios(trials, serial, lambda trial: trial.map_s, lambda one: one.map_s)
    whole = _ratios(trials, serial, lambda trial: trial.elapsed_s, lambda one: one.elapsed_s)
    estimate = median_interval(ratios) if ratios else None
    times = [trial.map_s for trial in trials if trial.map_s is not None]
    starts = [trial.open_s for trial in trials if trial.open_s is not None]
    return Row(
        backend=configuration.backend,
        workers=configuration.workers,
        rounds=len(ratios),
        median_s=median(times) if times else None,
        speedup=estimate.median if estimate else None,
        speedup_low=estimate.low if estimate else None,
        speedup_high=estimate.high if estimate else None,
        speedup_with_startup=median(whole) if whole else None,
        efficiency=estimate.median / configuration.workers if estimate else None,
        ceiling=ceiling,
        startup_s=median(starts) if starts else None,
    )


def _ratios(
    trials: list[Trial],
    serial: dict[RoundKey, Brackets],
    time_of: Callable[[Trial], float | None],
    base_of: Callable[[Brackets], float],
) -> list[float]:
    """Divide inside each round: a machine that is slow for a while is slow for both."""
    found = []
    for trial in trials:
        taken_s, brackets = time_of(trial), serial.get((trial.session, trial.round))
        if taken_s and brackets is not None:
            found.append(base_of(brackets) / taken_s)
    return found
