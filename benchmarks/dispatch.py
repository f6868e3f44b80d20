"""Hold each engine's dispatch and start through parlab, tracing off, against the same engine called by hand.

    python benchmarks/dispatch.py [--rounds 15]

Both sides have the same start method, workers and chunk size. Each round opens both anew, because one pool can be
faster than its twin for as long as it lives: two of loky's, both opened by hand, were seen a quarter apart.
"""

import multiprocessing
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager
from typing import Any

from side_by_side import Goal, Measured, Section, in_rounds, main, ratio, shown, table
from small_tasks import nothing

from parlab import backends
from parlab.backends.workforce import Workforce
from parlab.machine.detection import default_start_method
from parlab.measure.problem import Problem
from parlab.measure.work import envelope_for, run_on_engine
from parlab.records import Sweep

WORKERS = 2
CHUNKSIZES = (1, 64)
LEAST_RATE = 0.95
COLD_ROUNDS = 9
WARM_UP = 50  # tasks before the clock runs
TASKS = {  # of one call, by engine and chunk size: some tenths of a second
    ("threads", 1): 10_000,
    ("pool", 1): 10_000,
    ("processes", 1): 2_000,
    ("loky", 1): 1_500,
    ("threads", 64): 10_000,
    ("pool", 64): 200_000,
    ("processes", 64): 60_000,
    ("loky", 64): 40_000,
}


@contextmanager
def bare_pool(workers: int) -> Iterator[Any]:
    """Open ``multiprocessing.Pool`` as one does by hand."""
    pool = multiprocessing.get_context(default_start_method()).Pool(workers)
    try:
        yield pool
        pool.close()
    finally:
        pool.join()


def by_hand(engine: str) -> AbstractContextManager[Any]:
    """Open an engine without parlab."""
    if engine == "threads":
        return ThreadPoolExecutor(WORKERS)
    if engine == "pool":
        return bare_pool(WORKERS)
    if engine == "processes":
        return ProcessPoolExecutor(WORKERS, multiprocessing.get_context(default_start_method()))
    import loky

    return loky.ProcessPoolExecutor(WORKERS)  # type: ignore[no-any-return]


def mapped(engine: str, tasks: int, chunksize: int) -> Callable[[], float]:
    """Return a function that opens an engine, maps by hand and gives tasks a second."""
    items = range(tasks)

    def run() -> float:
        with by_hand(engine) as opened:
            list(opened.map(nothing, range(WARM_UP), chunksize=1))
            started_s = time.perf_counter()
            list(opened.map(nothing, items, chunksize=chunksize))
            return tasks / (time.perf_counter() - started_s)

    return run


def through_parlab(engine: str, tasks: int, chunksize: int) -> Callable[[], float]:
    """Return a function that opens an engine, runs the work of an untraced trial and gives tasks a second."""
    backend, problem = backends.require(engine), Problem(nothing, range(tasks), list, 0.0)
    backend.prepare()
    sweep = Sweep("dispatch", None, None, (engine,), (WORKERS,), 1, None, chunksize=chunksize, trace=False)
    envelope = envelope_for(problem, backend.facts, None)

    def run() -> float:
        with Workforce(backend, WORKERS) as force:
            list(force.executor.map(nothing, range(WARM_UP), chunksize=1))
            started_s = time.perf_counter()
            run_on_engine(force, problem, sweep, envelope)
            return tasks / (time.perf_counter() - started_s)

    return run


def rates(engine: str, chunksize: int, rounds: int) -> Measured:
    """Measure an engine's rates on both ways."""
    tasks = TASKS[engine, chunksize]
    ways = {"parlab": through_parlab(engine, tasks, chunksize), "by hand": mapped(engine, tasks, chunksize)}
    return in_rounds(ways, rounds)


def cold(open_engine: Callable[[], AbstractContextManager[Any]]) -> Callable[[], float]:
    """Return a function that opens an engine, gets one result and closes it, and says how long that took."""

    def run() -> float:
        started_s = time.perf_counter()
        with open_engine() as opened:
            if isinstance(opened, Executor):
                opened.submit(nothing, 1).result()
            else:
                opened.apply(nothing, (1,))
        return time.perf_counter() - started_s

    return run


def assembled(engine: str) -> Callable[[], float]:
    """Return a function that opens an engine as a trial does, until every worker has answered, and closes it."""

    def run() -> float:
        started_s = time.perf_counter()
        with Workforce(backends.require(engine), WORKERS) as force:
            force.executor.submit(nothing, 1).result()
        return time.perf_counter() - started_s

    return run


def section(rounds: int = 15) -> Section:
    """Measure and answer."""
    rows, goals, starts = [], [], []
    for engine in ("threads", "pool", "processes", "loky"):
        for chunksize in CHUNKSIZES:
            found = rates(engine, chunksize, rounds)
            share, fastest = ratio(found, "parlab", "by hand"), max(found["by hand"])
            rows.append([engine, str(chunksize), f"{fastest:,.0f}", shown(share, 3)])
            goals.append(
                Goal(f"rate through parlab over by hand, {engine}, {chunksize} a message", share, LEAST_RATE, True, 3)
            )
        contestants = {
            "by hand": cold(lambda name=engine: by_hand(name)),  # type: ignore[misc]
            "parlab": cold(lambda name=engine: backends.require(name).open(WORKERS)),  # type: ignore[misc]
            "assembled": assembled(engine),
        }
        found = in_rounds(contestants, min(rounds, COLD_ROUNDS))
        bare_s = f"{sorted(found['by hand'])[len(found['by hand']) // 2] * 1e3:.1f}"
        starts.append([engine, bare_s, *(shown(ratio(found, one, "by hand"), 2) for one in ("parlab", "assembled"))])
    heads = ["engine", "tasks a message", "by hand, tasks a second, fastest", "parlab untraced / by hand"]
    cold_heads = ["engine", "by hand, ms", "parlab / by hand", "until every worker has answered / by hand"]
    tables = (table(heads, rows), f"Cold start: open, first result, close.\n\n{table(cold_heads, starts)}")
    return Section("Dispatch and cold start", "python benchmarks/dispatch.py", tables, tuple(goals), NOTES)


NOTES = """
By hand, workers have no initializer. Through parlab each of them gets to know where all meet, leaves Ctrl-C to its
parent, and starts a thread that ends it when its parent is gone; what that imports, all of it small, is imported in
every worker. That is what a cold start has in addition. Where one waits until every worker has answered, as trials
do, the slowest worker counts and not the first. Of processes, the fork server runs already: each side has started
once before the rounds. With tracing off a trial calls the engine's own `map`, and nothing of parlab stands between
its tasks.
"""


if __name__ == "__main__":
    main("dispatch", __doc__)
