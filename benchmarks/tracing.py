"""Measure what the harness itself costs a task: traced against the same call untraced, beside mpire's insights.

    python benchmarks/tracing.py [--rounds 15]

The same tasks go through the same open pool, by the same function of parlab that runs a trial, with tracing on and off.
"""

import time
from collections.abc import Callable
from contextlib import ExitStack
from tempfile import TemporaryDirectory
from typing import Any

from side_by_side import INSTALL, Goal, Measured, Section, difference, in_rounds, main, needed, ratio, shown, table
from small_tasks import nothing, one_millisecond

from parlab import backends
from parlab.backends.workforce import Workforce
from parlab.logbook import page_of
from parlab.machine.detection import default_start_method
from parlab.measure.problem import Problem
from parlab.measure.work import envelope_for, run_on_engine
from parlab.messages import Message
from parlab.parcels import pack, unpack
from parlab.records import Sweep

TASKS = {1: 2_000, 64: 16_000}  # by chunk size: about 0.1 s each
WORKERS = 2
BUSY_TASKS = 200
MOST_COST_S, MOST_SHARE = 2e-6, 1.01


def sweep(chunksize: int, *, trace: bool) -> Sweep:
    """Make a plan that has what ``run_on_engine`` looks at."""
    return Sweep("tracing", None, None, ("pool",), (WORKERS,), 1, None, chunksize=chunksize, trace=trace)


def harness(force: Workforce, problem: Problem, chunksize: int, *, trace: bool) -> Callable[[], float]:
    """Return a function that runs all tasks through parlab and says what one took, in seconds."""

    def run() -> float:
        envelope = envelope_for(problem, force.backend.facts, force.logbook)
        started_s = time.perf_counter()
        run_on_engine(force, problem, sweep(chunksize, trace=trace), envelope)
        return (time.perf_counter() - started_s) / len(problem.items)

    return run


def through_mpire(pool: Any, task: Callable[[int], Any], chunksize: int, tasks: int) -> Callable[[], float]:
    """Return a function that runs all tasks through mpire and says what one took, in seconds."""

    def run() -> float:
        started_s = time.perf_counter()
        pool.map(task, range(tasks), chunk_size=chunksize)
        return (time.perf_counter() - started_s) / tasks

    return run


def measure(workers: int, task: Callable[[int], Any], chunksize: int, tasks: int, rounds: int) -> Measured:
    """Measure one case with all four: parlab and mpire, with and without their notes."""
    mpire = needed("mpire", INSTALL)
    problem = Problem(task, range(tasks), list, 0.0)
    with ExitStack() as stack:
        folder = stack.enter_context(TemporaryDirectory())
        force = stack.enter_context(Workforce(backends.require("pool"), workers, logbook=folder))
        contestants = {
            "traced": harness(force, problem, chunksize, trace=True),
            "untraced": harness(force, problem, chunksize, trace=False),
        }
        for name, insights in (("insights", True), ("no insights", False)):
            made = mpire.WorkerPool(
                workers, start_method=default_start_method(), keep_alive=True, enable_insights=insights
            )
            contestants[name] = through_mpire(stack.enter_context(made), task, chunksize, tasks)
        return in_rounds(contestants, rounds)


def costs_row(workers: int, chunksize: int, found: Measured) -> list[str]:
    """Return the cells of one case, in microseconds a task."""
    bare, mpire = (f"{min(found[name]) * 1e6:.2f}" for name in ("untraced", "no insights"))
    ours, theirs = difference(found, "traced", "untraced"), difference(found, "insights", "no insights")
    return [str(workers), str(chunksize), bare, shown(ours, 2, 1e6), mpire, shown(theirs, 2, 1e6)]


def section(rounds: int = 15) -> Section:
    """Measure and answer."""
    rows, goals = [], []
    for workers in (1, WORKERS):
        for chunksize, tasks in TASKS.items():
            found = measure(workers, nothing, chunksize, tasks, rounds)
            rows.append(costs_row(workers, chunksize, found))
            cost, name = difference(found, "traced", "untraced"), f"{workers} workers" if workers > 1 else "1 worker"
            text = f"tracing, µs a task, pool, {name}, {chunksize} a message"
            goals.append(Goal(text, cost, MOST_COST_S, scale=1e6))
    busy_rows = []
    for chunksize in (1, 8):
        busy = measure(WORKERS, one_millisecond, chunksize, BUSY_TASKS, rounds)
        share = ratio(busy, "traced", "untraced")
        busy_rows.append([str(chunksize), shown(share, 4), shown(ratio(busy, "insights", "no insights"), 4)])
        text = f"traced over untraced, tasks of 1 ms, {WORKERS} workers, {chunksize} a message"
        goals.append(Goal(text, share, MOST_SHARE, digits=4))
    heads = ["workers", "tasks a message", "pool untraced", "parlab's tracing adds", "mpire", "its insights add"]
    busy_heads = ["tasks a message", "parlab: traced over untraced", "mpire: with insights over without"]
    parts = table(["what", "µs a task"], parts_rows())
    tables = [f"Microseconds a task that does nothing:\n\n{table(heads, rows)}"]
    tables.append(f"Tasks of 1 ms, {WORKERS} workers:\n\n{table(busy_heads, busy_rows)}")
    tables.append(f"What the tracing's parts take by themselves, in one process:\n\n{parts}")
    return Section("What tracing costs a task", "python benchmarks/tracing.py", tuple(tables), tuple(goals), NOTES)


def parts_rows() -> list[tuple[str, str]]:
    """Measure the parts one by one, 64 tasks a message."""
    with TemporaryDirectory() as folder:
        page, message = page_of(folder), Message(0, range(64))
        envelope = envelope_for(Problem(nothing, [], list, 0.0), backends.require("pool").facts, folder)
        packed = envelope.packed(message)
        report = envelope(packed)
        rows = [
            ("worker: all of it", best(lambda: envelope(packed), 20, 64)),
            ("of that: the note which task begins, a write into its page's file", best(lambda: page.begin(1), 300)),
            ("of that: two readings of the CPU clock", best(lambda: (time.process_time(), time.process_time()), 300)),
            ("of that: four readings of the clock", best(lambda: [time.perf_counter() for _ in range(4)], 300)),
            ("of that: packing a number, and unpacking it", best(lambda: unpack(pack(1)), 300)),
            ("parent: packing the items", best(lambda: envelope.packed(message), 20, 64)),
            ("parent: unpacking the values", best(lambda: [unpack(value) for value in report.values], 20, 64)),
            ("both: carrying the report", best(lambda: unpack(pack(report)), 100, 64)),
        ]
        page.close()
    return rows


def best(call: Callable[[], object], times: int, each: int = 1) -> str:
    """Return the best of many short repeats, in microseconds."""
    taken_s = []
    for _ in range(60):
        started_s = time.perf_counter()
        for _ in range(times):
            call()
        taken_s.append(time.perf_counter() - started_s)
    return f"{min(taken_s) / times / each * 1e6:.2f}"


NOTES = """
A task's cost is the time by which the whole call grows, over the number of tasks: what workers do in addition, and
what the parent does as far as anybody waits for it. Traced, each task is noted on its worker's page before it begins,
so that a killed worker's task can be named: a write to a file, because a map of it could end the worker where a disk
is full. It is timed by two clocks, of which reading the CPU's is a system call, twice. And item and result travel as
bytes of their own, so that one that cannot travel is one bad task. These are the parts in the table; the rest is the
loop itself.

What is paid once a message (who ran it, the page, the report, one more journey through the parent's threads) is
shared by its tasks: with one task a message it is most of the cost. There the pool answers message by message
(`imap_unordered`) where the bare `map` answers once, and its own thread that looks after the workers
(`_handle_workers`) wakes whenever a result waits in the pipe, and takes time from the thread that would read it; that
is CPython's, and left as it is. mpire's insights add up what each worker did; of single tasks they keep the longest.
"""


if __name__ == "__main__":
    main("tracing", __doc__)
