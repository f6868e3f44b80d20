"""Work on 100 MiB in place, by two workers: a shared array against pickling, and against a bare block by hand.

    python benchmarks/shared_array.py [--rounds 15]

Every contestant adds one to the same number of bytes, each worker to its half, in workers that are open already.
"""

import multiprocessing
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack, contextmanager
from multiprocessing.shared_memory import SharedMemory
from typing import Any

import numpy as np
from side_by_side import Goal, Section, in_rounds, main, ratio, shown, table

from parlab import SharedArray
from parlab.machine.detection import default_start_method

MIB = 100
ELEMENTS = MIB * 2**20 // 8
WORKERS = 2
HALVES = [slice(0, ELEMENTS // 2), slice(ELEMENTS // 2, ELEMENTS)]
LEAST_GAIN, MOST_COST = 10.0, 1.2

Doubles = np.ndarray[Any, np.dtype[np.float64]]
_kept: dict[str, SharedMemory] = {}  # a worker's bare blocks: attached once, as one does who knows how


def over_block(block: SharedMemory) -> Doubles:
    """Lay an array over a bare block."""
    return np.ndarray(ELEMENTS, buffer=block.buf)


def add_in_shared(array: SharedArray, half: slice) -> None:
    """Add one, in place."""
    array[half] += 1


def add_in_block(name: str, half: slice) -> None:
    """Add one, in place in a block that this worker keeps."""
    if name not in _kept:
        _kept[name] = SharedMemory(name)
    over_block(_kept[name])[half] += 1


def add_to_pickled(values: Doubles) -> Doubles:
    """Add one to values that have come, and send them back."""
    values += 1
    return values


@contextmanager
def bare_block() -> Iterator[SharedMemory]:
    """Make a block as one does by hand."""
    block = SharedMemory(create=True, size=ELEMENTS * 8)
    try:
        yield block
    finally:
        block.close()
        block.unlink()


def timed(call: Callable[[], object]) -> Callable[[], float]:
    """Return a function that calls, and says how long it took."""

    def run() -> float:
        started_s = time.perf_counter()
        call()
        return time.perf_counter() - started_s

    return run


def contestants(
    workers: Sequence[ProcessPoolExecutor], array: SharedArray, block: SharedMemory
) -> dict[str, Callable[[], float]]:
    """Return who is measured; a worker always gets the same half, so that it has touched its pages before."""
    values = np.zeros(ELEMENTS)

    def at_once(task: Callable[..., Any], *arguments: Sequence[object]) -> list[Any]:
        futures = [worker.submit(task, *given) for worker, *given in zip(workers, *arguments, strict=True)]
        return [future.result() for future in futures]

    def shared() -> None:
        at_once(add_in_shared, [array] * WORKERS, HALVES)

    def by_hand() -> None:
        at_once(add_in_block, [block.name] * WORKERS, HALVES)

    def pickled() -> None:
        for half, came in zip(HALVES, at_once(add_to_pickled, [values[half] for half in HALVES]), strict=True):
            values[half] = came

    def made_anew() -> None:
        with SharedArray.copy_of(values) as own:
            at_once(add_in_shared, [own] * WORKERS, HALVES)
            values[:] = own

    def alone() -> None:
        add_to_pickled(values)

    calls = {"shared": shared, "by hand": by_hand, "pickled": pickled, "made anew": made_anew, "alone": alone}
    return {name: timed(call) for name, call in calls.items()}


WHAT = {
    "shared": "`SharedArray`, made before, its handle in every task",
    "by hand": "`SharedMemory`, made before, kept attached by each worker",
    "pickled": "halves pickled to the workers and back",
    "made anew": "`SharedArray` made anew: values copied in, worked on, copied out",
    "alone": "one process, no workers",
}


def section(rounds: int = 15) -> Section:
    """Measure and answer."""
    context = multiprocessing.get_context(default_start_method())
    with ExitStack() as stack:
        workers = [stack.enter_context(ProcessPoolExecutor(1, context)) for _ in range(WORKERS)]
        array, block = stack.enter_context(SharedArray(ELEMENTS)), stack.enter_context(bare_block())
        found = in_rounds(contestants(workers, array, block), rounds)
        if not (array.view() == rounds + 1).all() or not (over_block(block) == rounds + 1).all():
            raise SystemExit("An element was not added to once a round: nothing was measured.")
    middle = {name: f"{sorted(values)[len(values) // 2] * 1e3:.1f}" for name, values in found.items()}
    rows = [[WHAT[name], middle[name], shown(ratio(found, name, "shared"))] for name in WHAT]
    gain, cost = ratio(found, "pickled", "shared"), ratio(found, "shared", "by hand")
    goals = (
        Goal(f"{MIB} MiB pickled there and back, over the same in place", gain, LEAST_GAIN, at_least=True),
        Goal(f"{MIB} MiB in place, shared array over a bare block kept attached", cost, MOST_COST, digits=3),
    )
    heads = ["way", "ms", "over the shared array's"]
    return Section(
        f"A shared array of {MIB} MiB", "python benchmarks/shared_array.py", (table(heads, rows),), goals, NOTES
    )


NOTES = f"""
{WORKERS} processes, started before the clock runs, add one to {ELEMENTS:,} doubles, each to its half. Pickled, the
halves go through pipes to the workers and come back, and the parent writes them into its array. The shared array's
handle is unpickled in every task, which finds the mapping that the worker has; by hand each worker keeps the block in
a global of its own, and gets its name. Where the values are in an ordinary array before and after, they have to be
copied in and out: that is the row of the array made anew, which also pays for its pages. Adding one is as little work
as there can be, so it is the memory that is timed; the longer a task calculates, the less the way matters.
"""


if __name__ == "__main__":
    main("shared_array", __doc__)
