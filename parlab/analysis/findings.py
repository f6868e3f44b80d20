"""Finds what is suspicious in a sweep and says it as data: code, evidence, advice. Flags samples, never drops them."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from parlab import units
from parlab.analysis import lessons
from parlab.analysis.causes import find_causes
from parlab.analysis.circumstances import find_circumstances
from parlab.analysis.noise import find_noise
from parlab.records import Finding
from parlab.results import Results
from parlab.results.intervals import FEWEST_ROUNDS

if TYPE_CHECKING:
    from parlab.analysis.summary import Row

BRACKETS_DIFFER = 1.05  # measurement.md, rule 2
SUPERLINEAR = 1.05  # rule 13
SHORTEST_TRIAL_S = 0.02  # 100 ticks of a coarse 100 us scheduler clock, and 20 dispatches of 1 ms: rule 9
UNEQUAL_COST = 0.15  # one cold run each: CPU time differs by less than this on a busy machine
TRACING_SHARE = 0.02  # a tracing cost above this share of a task is worth a word
ENDINGS = {
    "budget": ("The time budget was spent", "Give a larger --budget, or go on with --resume and a larger one."),
    "error": ("The sweep ended with an error", "Mend its cause, then go on with --resume."),
    "stopped": ("The sweep was stopped", "Go on with --resume."),
}


def find(results: Results, rows: Sequence["Row"], bracket_ratios: Mapping[tuple[int, int], float]) -> list[Finding]:
    """List what a reader of the summary should know.

    Parameters
    ----------
    results
        The sweep.
    rows
        Its summary by configuration.
    bracket_ratios
        For each complete round, its slower serial trial over its faster one.
    """
    noise = list(find_noise(results, rows))
    busy = any(finding.code == "preempted" for finding in noise)
    found = [
        *_unfinished(results),
        *_rounds(results, rows),
        *_brackets(bracket_ratios),
        *_rows(rows),
        *_short_trials(rows),
        *_tracing(results),
        *_uneven_work(results),
        *_growing_tasks(results),
        *_failures(results),
        *find_circumstances(results, rows, crowd=_crowd(noise)),
        *find_causes(results, rows, busy=busy),
        *noise,
    ]
    return [one if one.notebook else replace(one, notebook=lessons.MEASURE) for one in found]


def _crowd(noise: Sequence[Finding]) -> float:
    """Return the load of a machine that others used as well, for each of its cores; 1 where nobody did."""
    loads = [one.evidence["load"] / one.evidence["cores"] for one in noise if one.code == "busy-machine"]
    return float(max([1.0, *loads]))


def _unfinished(results: Results) -> Iterator[Finding]:
    wanted, done = results.header.sweep.rounds, len(results.complete_rounds)
    if wanted is not None and done >= wanted:
        return
    rounds = units.count(done, "round") if wanted is None else f"{done} of {units.count(wanted, 'round')}"
    if results.ended is None:
        advice = "What had finished is shown. Go on with --resume."
        yield Finding("unfinished", f"The sweep was cut off after {rounds}.", advice, {"rounds": done})
    elif results.ended in ("error", "stopped") or (
        results.ended == "budget" and wanted is not None and results.header.sweep.precision is None
    ):
        what, advice = ENDINGS[results.ended]
        code = "ended-with-error" if results.ended == "error" else results.ended
        yield Finding(code, f"{what} after {rounds}.", advice, {"rounds": done})


def _rounds(results: Results, rows: Sequence["Row"]) -> Iterator[Finding]:
    done = min((row.rounds for row in rows), default=0)
    if done < FEWEST_ROUNDS:
        message = (
            f"With {done} round{'s' if done != 1 else ''} no 95 % interval can be given; that takes {FEWEST_ROUNDS}."
        )
        advice = f"Measure with --rounds {FEWEST_ROUNDS} or more before you trust a difference."
        yield Finding("too-few-rounds", message, advice, {"rounds": done, "needed": FEWEST_ROUNDS})
    outcomes = Counter(trial.outcome for trial in results.records if trial.outcome != "ok")
    for outcome, count in outcomes.items():
        example = next(trial for trial in results.records if trial.outcome == outcome)
        text = (example.message or "").partition("\n")[0]
        message = f"{count} trial{'s' if count != 1 else ''} {outcome}: {example.configuration.label}. {text}"
        advice = "Such trials are kept in the file and left out of the ratios."
        yield Finding(outcome.replace(" ", "-"), message, advice, {"trials": count})
    nested = sum(trial.nested for trial in results.records)
    if nested:
        message = "Tasks use parlab.pool, which does its work serially inside a worker: the workers are busy already."
        advice = "Share out the work in one place: outside, or inside with a single task."
        yield Finding("nested-parallelism", message, advice, {"trials": nested}, "info")


def _brackets(ratios: Mapping[tuple[int, int], float]) -> Iterator[Finding]:
    marked = [ratio for ratio in ratios.values() if ratio > BRACKETS_DIFFER]
    if marked:
        message = (
            f"In {len(marked)} of {units.count(len(ratios), 'round')} the serial time changed by more than "
            f"{BRACKETS_DIFFER - 1:.0%} from begin to end (at most {max(marked) - 1:.0%})."
        )
        advice = "The machine was busy or changed its clock rate. Close other programs, or take more rounds."
        evidence = {"rounds": len(marked), "of": len(ratios), "largest": max(marked)}
        yield Finding("noisy-machine", message, advice, evidence)


def _rows(rows: Sequence["Row"]) -> Iterator[Finding]:
    for row in rows:
        if row.backend != "serial" and row.speedup is not None and row.speedup > SUPERLINEAR * row.workers:
            plural = "" if row.workers == 1 else "s"
            message = f"{row.backend} with {row.workers} worker{plural} got a speedup of {row.speedup:.2f}."
            advice = (
                "More than n is suspicious: noise in the baseline, data that fits the caches only in parts, or "
                "memory that worker threads get with fewer page faults. Take more rounds or a larger size."
            )
            yield Finding("superlinear", message, advice, {"speedup": row.speedup, "workers": row.workers})


def _short_trials(rows: Sequence["Row"]) -> Iterator[Finding]:
    short = [row for row in rows if row.median_s is not None and row.median_s < SHORTEST_TRIAL_S]
    if short:
        least = min(row.median_s for row in short if row.median_s is not None)
        message = f"The shortest trial lasted {least * 1e3:.2g} ms: dispatch and the clock are a large part of it."
        advice = "Use a larger --size or more --items, so that each trial lasts at least a tenth of a second."
        yield Finding("short-trials", message, advice, {"shortest_s": least})


def _tracing(results: Results) -> Iterator[Finding]:
    check = results.header.check
    if check.tracing_s is None or not check.tasks or check.serial_s <= 0:
        return
    share = check.tracing_s / (check.serial_s / check.tasks)
    if share > TRACING_SHARE:
        message = f"Tracing adds {check.tracing_s * 1e6:.1f} us to each task, which is {share:.0%} of a task."
        advice = "Both sides carry it, but for such short tasks measure with --no-trace as well."
        yield Finding("tracing-cost", message, advice, {"tracing_s": check.tracing_s, "share": share})


def _uneven_work(results: Results) -> Iterator[Finding]:
    sets: dict[tuple[int, int], set[frozenset[int]]] = defaultdict(set)
    for trial in results.records:
        if trial.role != "ceiling" and trial.outcome == "ok":
            sets[trial.round_key].add(trial.failed_tasks)
    uneven = [key for key, found in sets.items() if len(found) > 1]
    if uneven:
        rounds = f"{len(uneven)} of {units.count(len(sets), 'round')}"
        message = f"In {rounds} some trials skipped other tasks than the plain loop did."
        advice = "They did other work, so they give no ratio. Find out why a task fails only sometimes."
        yield Finding("uneven-work", message, advice, {"rounds": len(uneven), "of": len(sets)})


def _growing_tasks(results: Results) -> Iterator[Finding]:
    costs = results.header.check.costs
    worst = max(costs, key=lambda tasks: abs(costs[tasks] - 1), default=None)
    if worst is not None and abs(costs[worst] - 1) > UNEQUAL_COST:
        message = (
            f"In the plain loop, a task of {worst} costs {costs[worst]:.2f} times what it costs in the least work."
        )
        advice = "Weak scaling takes tasks to be equal on the average. Take a larger --size, or measure without --weak."
        yield Finding("growing-tasks", message, advice, {"tasks": int(worst), "cost": costs[worst]})


def _failures(results: Results) -> Iterator[Finding]:
    failed = {failure.task: failure for trial in results.records for failure in trial.failures}
    if failed:
        first = failed[min(failed)]
        count = "1 task was" if len(failed) == 1 else f"{len(failed)} tasks were"
        message = f"{count} skipped because of an error, first item {first.item}: {first.error.rstrip('.')}."
        advice = "The other tasks' times stand. Mend the items, or leave them out."
        yield Finding("skipped-tasks", message, advice, {"tasks": sorted(failed)[:20], "count": len(failed)})
