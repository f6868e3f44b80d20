"""Compares two sweeps of one workload: ratios B over A with intervals, and a word only where the interval supports it.

The rounds of two sweeps are independent samples, so no ratio can be taken inside a round as in one sweep. Three numbers
answer three questions, and one of them is judged:

time
    Does it take longer? All that became slower is seen, and so is a machine that is slower on that day.
pace
    Does it take longer, on a machine as fast as then? Each time is multiplied by the pace of the calibration loop in
    its round: it is counted in steps of code that never changes. Neighbours, clock rates and drift go out, as they do
    from a speedup, while a task that became slower is still seen. Judged on the same machine with the same Python,
    since another one runs the calibration loop faster or slower too. Files that lack the pace are judged by time, whose
    intervals are far too sure where the machine drifts (`benchmarks/compare_coverage.md`).
speedup
    Do the workers help less? Both sides were held against the plain loop of their own round, so it can be compared
    between any two machines, versions or days; a task that became slower on all of them is not seen. Judged between
    different machines.

All configurations are looked at together, so that twenty of them do not give a false alarm in each comparison: the
intervals hold at once with the confidence that one has elsewhere (O. J. Dunn, "Multiple comparisons among means",
1961).
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from statistics import median
from typing import Any, Literal

from parlab.analysis.differences import INTERPRETER, Difference, differences, notes, refuse_other_work
from parlab.analysis.points import LARGEST, SMALLEST
from parlab.analysis.shifts import Ratio, fewest_rounds, ratio_of
from parlab.analysis.summary import Summary, summarise
from parlab.errors import InputError, ResultFileError
from parlab.measure.plan import SERIAL
from parlab.records import Configuration, Finding
from parlab.results import Results
from parlab.results.intervals import confidence_for
from parlab.results.ratios import (
    RoundKey,
    brackets,
    ceilings,
    elapsed_s,
    map_s,
    order,
    paces,
    ratios,
    same_work,
    usable_trials,
)

By = Literal["pace", "time", "speedup"]
BY: tuple[By, ...] = ("pace", "time", "speedup")
Verdict = Literal["slower", "faster", "less speedup", "more speedup", "no difference", "too few rounds"]


@dataclass(frozen=True, slots=True)
class Side:
    """What one of the two sweeps measured of one configuration: a value for each round."""

    time_s: tuple[float, ...]
    elapsed_s: tuple[float, ...]
    steps: tuple[float, ...]  # time x the machine's own pace, in the rounds that have it
    speedup: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class ComparedRow:
    """One configuration that both sweeps have. The names stand in ``--json`` and stay; None means "not known".

    Attributes
    ----------
    time, time_with_startup, pace, speedup
        B over A with its interval: the median of all ratios of one round of B to one of A. ``pace`` is of times counted
        in steps of the calibration loop; None where a file lacks it.
    verdict
        Of what is judged.
    exceeds
        Whether the interval supports that B is slower by more than was allowed; where speedups are judged, that its
        time, counted in plain loops, is.
    detectable
        As a share, 0.2 for 20 %: from which slowdown on these rounds would usually support "slower by more than was
        allowed". What is smaller may be there and is not seen.
    """

    backend: str
    workers: int
    rounds_a: int
    rounds_b: int
    time_a_s: float
    time_b_s: float
    speedup_a: float
    speedup_b: float
    time: Ratio
    time_with_startup: Ratio | None
    pace: Ratio | None
    speedup: Ratio
    verdict: Verdict
    exceeds: bool
    detectable: float | None


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two sweeps beside each other.

    Attributes
    ----------
    confidence
        Of each interval; that of all together is 95 %.
    limit
        By which share B may be slower, 0.1 for 10 %; 0 where nobody said.
    ceilings
        By worker count: what the machine gave to independent processes, B over A.
    only_a, only_b
        Configurations that one side alone has measured.
    """

    a: Summary
    b: Summary
    judged: By
    same_machine: bool
    confidence: float
    limit: float
    rows: tuple[ComparedRow, ...]
    ceilings: dict[int, Ratio]
    only_a: tuple[Configuration, ...]
    only_b: tuple[Configuration, ...]
    differences: tuple[Difference, ...]
    findings: tuple[Finding, ...]

    @property
    def exceeding(self) -> tuple[ComparedRow, ...]:
        """The configurations that are slower by more than was allowed, as far as the rounds support it."""
        return tuple(row for row in self.rows if row.exceeds)

    @property
    def known(self) -> bool:
        """Whether any configuration has enough rounds to be judged."""
        return any(row.verdict != "too few rounds" for row in self.rows)

    @property
    def rounds_needed(self) -> int:
        """How many rounds both sides need so that these configurations can be judged together."""
        return fewest_rounds(self.confidence)

    def as_json(self) -> dict[str, Any]:
        """Return the object that ``--json`` prints."""
        return {
            "workload": self.a.workload,
            "weak": self.a.weak,
            "tasks": self.a.tasks,
            "a": {"label": self.a.label, "machine": self.a.machine},
            "b": {"label": self.b.label, "machine": self.b.machine},
            "judged": self.judged,
            "same_machine": self.same_machine,
            "confidence": self.confidence,
            "limit": self.limit,
            "rows": [asdict(row) for row in self.rows],
            "ceilings": [{"workers": workers, **asdict(one)} for workers, one in self.ceilings.items()],
            "only_a": [{"backend": one.backend, "workers": one.workers} for one in self.only_a],
            "only_b": [{"backend": one.backend, "workers": one.workers} for one in self.only_b],
            "differences": [asdict(one) for one in self.differences],
            "findings": [asdict(one) for one in self.findings],
        }


def compare(a: Results, b: Results, *, by: By | None = None, limit: float = 0.0) -> Comparison:
    """Compare two sweeps of the same workload.

    Parameters
    ----------
    a, b
        Before and after, or one machine and another.
    by
        What is judged; None: on the same machine times at its pace, or as they are where that is not known; speedups
        between different machines.
    limit
        By which share B may be slower before a row ``exceeds``.

    Raises
    ------
    InputError
        The two did other work, have no configuration in common with a complete round on both sides, or cannot be
        judged by what was asked for.
    """
    refuse_other_work(a, b)
    found = differences(a, b)
    busy = busy_cores(a, b)
    sides = {"A": sides_of(a, busy), "B": sides_of(b, busy)}
    common = [one for one in sides["A"] if one in sides["B"]]
    if not [one for one in common if one.role == "parallel"]:
        raise InputError(_nothing_in_common(sides))
    paced = all(side[one].steps for side in sides.values() for one in common)
    judged = _choose(by, found, paced=paced)
    if judged == "speedup":
        common = [one for one in common if one.role == "parallel"]  # the plain loop's own speedup is 1 by definition
    base = max(confidence_for(one.header.sweep.precision) for one in (a, b))
    confidence = 1 - (1 - base) / len(common)
    rows = tuple(_row(one, sides["A"][one], sides["B"][one], judged, confidence, limit) for one in common)
    summaries, machines = (summarise(a), summarise(b)), _ceilings(a, b, confidence)
    same_machine = not any(one.kind == "machine" for one in found)
    return Comparison(
        *summaries,
        judged=judged,
        same_machine=same_machine,
        confidence=confidence,
        limit=limit,
        rows=rows,
        ceilings=machines,
        only_a=tuple(one for one in sides["A"] if one not in sides["B"]),
        only_b=tuple(one for one in sides["B"] if one not in sides["A"]),
        differences=found,
        findings=tuple(notes(a, b, summaries, machines, same_machine=same_machine, judged=judged)),
    )


def _choose(by: By | None, found: Sequence[Difference], *, paced: bool) -> By:
    """Choose what is judged; the module says why."""
    machine = any(one.kind == "machine" for one in found)
    other_loop = machine or any(one.name in INTERPRETER for one in found)
    if by == "pace" and (other_loop or not paced):
        why = "they come from different machines or Pythons" if other_loop else "a file has not measured it"
        advice = "Take --by time or --by speedup. CPU-bound sweeps with two workers or more measure it."
        raise InputError(f"The machine's pace cannot be taken out of these two files: {why}. {advice}")
    if by is not None:
        return by
    if machine:
        return "speedup"
    return "time" if other_loop or not paced else "pace"


def busy_cores(a: Results, b: Results) -> dict[Configuration, float]:
    """Tell how many cores each configuration keeps busy: CPU time over time, or the workers where it is not known.

    Threads that take turns on one core are as fast as one core, and not as fast as all of them. The larger one of both
    files counts: under load a program that wants two cores gets less.
    """
    found: dict[Configuration, float] = {}
    for results in (a, b):
        shares: dict[Configuration, list[float]] = defaultdict(list)
        for trial in usable_trials(results):
            if trial.map_s:
                cores = trial.workers if trial.cpu_s is None else trial.cpu_s / trial.map_s
                shares[trial.configuration].append(min(cores, trial.workers))
        for one, values in shares.items():
            found[one] = max(found.get(one, 0.0), median(values))
    return found


def sides_of(results: Results, busy: Mapping[Configuration, float]) -> dict[Configuration, Side]:
    """Collect what the complete rounds of a sweep give for each configuration, the plain loop first."""
    usable = usable_trials(results)
    serial, pace = brackets(usable), paces(usable)
    found = {}
    if serial:
        loops = {key: one.map_s for key, one in serial.items()}
        times = tuple(loops.values())
        found[SERIAL] = Side(times, times, _steps(loops, pace, 1.0), (1.0,) * len(loops))
    for configuration in order(results):
        trials = [one for one in usable if one.configuration == configuration and same_work(one, serial)]
        if speedups := ratios(trials, serial, map_s):
            by_round = {trial.round_key: taken_s for trial in trials if (taken_s := map_s(trial))}
            elapsed = tuple(taken_s for trial in trials if (taken_s := elapsed_s(trial)))
            steps = _steps(by_round, pace, busy[configuration])
            found[configuration] = Side(tuple(by_round.values()), elapsed, steps, tuple(speedups.values()))
    if not all(SMALLEST <= value <= LARGEST for one in found.values() for value in (*one.time_s, *one.speedup)):
        raise ResultFileError(f"A result file has times that cannot be: {str(results.path)!r}. Measure again.")
    return found


def _steps(
    times: Mapping[RoundKey, float], pace: Mapping[int, Mapping[RoundKey, float]], busy: float
) -> tuple[float, ...]:
    """Count times in steps of the calibration loop, of as many copies as come nearest to the cores kept busy."""
    if not pace:
        return ()
    nearest = pace[min(pace, key=lambda copies: (abs(copies - busy), copies))]
    return tuple(taken_s * nearest[key] for key, taken_s in times.items() if key in nearest)


def _row(one: Configuration, a: Side, b: Side, judged: By, confidence: float, limit: float) -> ComparedRow:
    time = ratio_of(a.time_s, b.time_s, confidence)
    speedup = ratio_of(a.speedup, b.speedup, confidence)
    pace = ratio_of(a.steps, b.steps, confidence) if a.steps and b.steps else None
    slowness = (pace or time) if judged == "pace" else time if judged == "time" else _inverse(speedup)
    low = slowness.low
    return ComparedRow(
        backend=one.backend,
        workers=one.workers,
        rounds_a=len(a.speedup),
        rounds_b=len(b.speedup),
        time_a_s=median(a.time_s),
        time_b_s=median(b.time_s),
        speedup_a=median(a.speedup),
        speedup_b=median(b.speedup),
        time=time,
        time_with_startup=ratio_of(a.elapsed_s, b.elapsed_s, confidence) if a.elapsed_s and b.elapsed_s else None,
        pace=pace,
        speedup=speedup,
        verdict=_verdict(slowness, judged),
        exceeds=low is not None and low > 1 + limit,
        detectable=None if low is None else (1 + limit) * slowness.value / low - 1,
    )


def _verdict(slowness: Ratio, judged: By) -> Verdict:
    if slowness.low is None:
        return "too few rounds"
    if slowness.above_one:
        return "less speedup" if judged == "speedup" else "slower"
    if slowness.below_one:
        return "more speedup" if judged == "speedup" else "faster"
    return "no difference"


def _inverse(one: Ratio) -> Ratio:
    """Turn a ratio of speedups into one of slowness: time as a share of the plain loop's."""
    return Ratio(1 / one.value, one.high and 1 / one.high, one.low and 1 / one.low)


def _ceilings(a: Results, b: Results, confidence: float) -> dict[int, Ratio]:
    first, second = (ceilings(usable_trials(one)) for one in (a, b))
    counts = sorted(workers for workers in first.keys() & second.keys() if workers > 1)
    return {
        workers: ratio_of(list(first[workers].values()), list(second[workers].values()), confidence)
        for workers in counts
    }


def _nothing_in_common(sides: Mapping[str, Mapping[Configuration, Side]]) -> str:
    texts = [f"{name} has {_listed(side)}" for name, side in sides.items()]
    advice = "Measure one of them again with the other's --backends and --workers, and at least one whole round."
    return f"The two files have no configuration in common: {'; '.join(texts)}. {advice}"


def _listed(side: Mapping[Configuration, Side]) -> str:
    names: Sequence[str] = [one.label for one in side if one.role == "parallel"]
    return ", ".join(names[:8]) + (" …" if len(names) > 8 else "") if names else "none with a complete round"
