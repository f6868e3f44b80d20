"""Says how a sweep was measured, in plain sentences, each true for this very sweep. Judges nothing."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from parlab.measure.plan import CPU_BOUND_SHARE
from parlab.report.words import counted
from parlab.results.intervals import FEWEST_ROUNDS
from parlab.tables import seconds

if TYPE_CHECKING:
    from parlab.analysis.summary import Summary
    from parlab.results import Results

_ENDS = {
    "rounds": "The sweep ended when all rounds were done.",
    "precision": "The sweep ended when every speedup was known well enough.",
    "budget": "The sweep ended when its time was spent.",
    "stopped": "The sweep was stopped before its end.",
    "error": "The sweep was ended by an error.",
}


def method(results: "Results", summary: "Summary") -> list[str]:
    """Return the sentences, in the order in which things happened."""
    return [
        *_before(results),
        *_rounds(results, summary),
        *_numbers(results, summary),
        *_tasks(results),
        *_choices(results),
    ]


def _before(results: "Results") -> Iterator[str]:
    sweep = results.header.sweep
    engines = [backend for backend in sweep.backends if backend != "serial"]
    if sweep.verify and engines:
        yield "Each backend's answer was compared with the plain loop's: a wrong answer would have ended the sweep."
    elif engines:
        yield "Answers were not compared (--no-verify), so nothing here shows that the backends did the same work."
    each = sweep.tasks if sweep.tasks is not None else results.header.check.tasks
    if sweep.weak:
        yield f"The work grew with the workers: {counted(each, 'task')} for each of them (weak scaling)."
    else:
        yield f"The work was the same for every number of workers: {counted(each, 'task')} (strong scaling)."
    yield (
        "Every trial ran in a fresh process. Starting the workers, warming up and closing were timed apart, and are "
        "not in the time of the work."
    )


def _rounds(results: "Results", summary: "Summary") -> Iterator[str]:
    sweep, done = results.header.sweep, summary.rounds
    complete = f"{counted(done, 'round')} {'was' if done == 1 else 'were'} completed"
    wanted = f" of {sweep.rounds} that were wanted" if sweep.rounds is not None and sweep.rounds != done else ""
    again = f" It was begun once and resumed {counted(results.session, 'time')}." if results.session else ""
    ended = _ENDS.get(results.ended or "", "The file has no end: the sweep was cut off.")
    yield f"{complete}{wanted}. {ended}{again}"
    yield (
        f"A round runs every configuration once, in an order shuffled from the seed {sweep.seed}, between two plain "
        "loops, one at its begin and one at its end."
    )


def _numbers(results: "Results", summary: "Summary") -> Iterator[str]:
    if len(summary.rows) > 1:
        yield (
            "A speedup is the plain loop's time over the workers' time inside the same round, and then the median over "
            "the rounds: a machine that is slow for a while is slow for both."
        )
        yield from _intervals(results, summary)
        yield from _ceiling(results, summary)


def _intervals(results: "Results", summary: "Summary") -> Iterator[str]:
    if not any(row.speedup_low is not None for row in summary.rows):
        yield f"There are no intervals, because these take {FEWEST_ROUNDS} rounds."
        return
    wider = (
        " They are taken a little wider, because the sweep was allowed to stop as soon as they were narrow."
        if results.header.sweep.precision is not None
        else ""
    )
    yield f"The 95 % intervals come from the order of the rounds' values and assume no distribution.{wider}"


def _ceiling(results: "Results", summary: "Summary") -> Iterator[str]:
    check = results.header.check
    if any(row.ceiling is not None for row in summary.rows):
        yield (
            "The ceiling was measured in the same rounds: what this machine gives to independent processes that only "
            "compute and share nothing."
        )
    elif check.cpu_share is not None and check.cpu_share < CPU_BOUND_SHARE:
        yield "No ceiling was measured, because these tasks mostly wait, and waiting needs no core."
    else:
        yield "No ceiling was measured."


def _tasks(results: "Results") -> Iterator[str]:
    sweep, check = results.header.sweep, results.header.check
    if sweep.trace:
        cost = f", which adds about {seconds(check.tracing_s)} to each" if check.tracing_s else ""
        yield f"An envelope noted the times of every task{cost}."
    else:
        yield "The bare backends were measured (--no-trace), so no task's own times are known."
    yield f"BLAS libraries had {counted(sweep.blas_threads, 'thread')} in each process, in the loop as in the workers."
    yield f"A message to a worker held {counted(sweep.chunksize, 'task')}."


def _choices(results: "Results") -> Iterator[str]:
    """Tell of what is not the usual."""
    sweep = results.header.sweep
    if sweep.on_error == "skip":
        yield "Tasks that failed were skipped (--on-error skip); only trials that got the same tasks done are compared."
    if sweep.deadline_s is not None:
        yield f"A trial was ended after {seconds(sweep.deadline_s)} (--deadline)."
    if sweep.worker_memory_bytes is not None:
        yield f"Workers that held more than {sweep.worker_memory_bytes:,} bytes were replaced (--worker-memory)."
    if results.memory:
        yield "Memory was looked at in runs of their own, which are in no time."
