"""Summarises a sweep: one row for each configuration, with ratios taken inside rounds and then over the rounds."""

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, field
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

    @property
    def title(self) -> str:
        """What was measured."""
        return f"{self.workload}, {self.tasks} tasks for each worker" if self.weak else self.workload

    @property
    def place(self) -> str:
        """The machine in a few words, for captions."""
        machine = self.machine
        physical = f", {machine['cores_physical']} physical" if machine.get("cores_physical") else ""
        return f"{machine.get('cores_usable')} usable cores{physical}, Python {machine.get('python')}"

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


@dataclass(frozen=True, slots=True)
class Brackets:
    """A round's serial time: the geometric mean of the two trials that open and close it."""

    map_s: float  # also the whole of it: a loop is neither opened nor closed
    tasks: int
    ratio: float  # the slower bracket over the faster
    failed: frozenset[int]  # tasks that were skipped in both; a trial that skipped others did other work


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
    usable = [trial for trial in results.records if trial.round_key in complete and trial.outcome == "ok"]
    serial = _brackets(usable)
    ceilings = _ceilings(usable)
    rows, shares = [_serial_row(serial)], {}
    for configuration in _order(results):
        trials = [trial for trial in usable if trial.configuration == configuration and _same_work(trial, serial)]
        ratios = _ratios(trials, serial, lambda trial: trial.map_s)
        ceiling = ceilings.get(configuration.workers, {})
        rows.append(
            _row(configuration, trials, ratios, _ratios(trials, serial, lambda trial: trial.elapsed_s), ceiling)
        )
        if common := ratios.keys() & ceiling.keys():
            shares[configuration.backend, configuration.workers] = median(ratios[key] / ceiling[key] for key in common)
    found = (*results.findings, *find(results, rows, {key: one.ratio for key, one in serial.items()}))
    header = results.header
    return Summary(
        workload=header.sweep.workload,
        machine=dict(header.machine),
        rows=tuple(rows),
        findings=found,
        rounds=len(serial),
        ended=results.ended,
        ceiling_shares=shares,
        weak=header.sweep.weak,
        tasks=header.sweep.tasks,
        label=dict(header.label),
    )


def _order(results: Results) -> list[Configuration]:
    sweep = results.header.sweep
    engines = [backend for backend in sweep.backends if backend != "serial"]
    return [Configuration("parallel", backend, workers) for backend in engines for workers in sweep.workers]


def _brackets(trials: Iterable[Trial]) -> dict[RoundKey, Brackets]:
    pairs: dict[RoundKey, list[Trial]] = defaultdict(list)
    for trial in trials:
        if trial.role == "serial" and trial.map_s:
            pairs[trial.round_key].append(trial)
    found = {}
    for key, pair in pairs.items():
        failed = {trial.failed_tasks for trial in pair}
        if len(pair) == 2 and len(failed) == 1 and pair[0].tasks == pair[1].tasks:
            times = [trial.map_s or 0.0 for trial in pair]
            found[key] = Brackets((times[0] * times[1]) ** 0.5, pair[0].tasks, max(times) / min(times), failed.pop())
    return found


def _same_work(trial: Trial, serial: dict[RoundKey, Brackets]) -> bool:
    """Tell whether a trial got the same tasks done as the plain loops of its round."""
    brackets = serial.get(trial.round_key)
    return brackets is not None and brackets.failed == trial.failed_tasks


def _ceilings(trials: Iterable[Trial]) -> dict[int, dict[RoundKey, float]]:
    """Collect the ceiling of each round by worker count. One copy over itself is 1, and is not measured."""
    found: dict[int, dict[RoundKey, float]] = defaultdict(dict)
    for trial in trials:
        if trial.role == "ceiling" and trial.ceiling:
            found[trial.workers][trial.round_key] = trial.ceiling
            found[1][trial.round_key] = 1.0
    return dict(found)


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
    ratios: dict[RoundKey, float],
    with_startup: dict[RoundKey, float],
    ceilings: dict[RoundKey, float],
) -> Row:
    estimate = median_interval(list(ratios.values())) if ratios else None
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
        speedup_with_startup=median(with_startup.values()) if with_startup else None,
        efficiency=estimate.median / configuration.workers if estimate else None,
        ceiling=median(ceilings.values()) if ceilings else None,
        startup_s=median(starts) if starts else None,
    )


def _ratios(
    trials: list[Trial], serial: dict[RoundKey, Brackets], time_of: Callable[[Trial], float | None]
) -> dict[RoundKey, float]:
    """Divide inside each round: a machine that is slow for a while is slow for both.

    Where the work grows with the workers this is the scaled speedup (J. L. Gustafson, "Reevaluating Amdahl's law",
    1988): tasks a second, over those of the plain loop. Where it does not, both have the same tasks.
    """
    times = {trial.round_key: (trial.tasks, taken_s) for trial in trials if (taken_s := time_of(trial))}
    return {
        key: serial[key].map_s / taken_s * (tasks / serial[key].tasks if serial[key].tasks else 1.0)
        for key, (tasks, taken_s) in times.items()
    }
