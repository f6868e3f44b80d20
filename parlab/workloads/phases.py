"""A program in two phases: one that a single worker does alone, and one that can be shared out. All of it is waiting.

Waiting needs no core, so it scales past the cores of any machine: with it the laws of scaling can be measured, not only
read about. The workers are threads. No workload is here.

References
----------
G. M. Amdahl, "Validity of the single processor approach to achieving large scale computing capabilities", 1967.
J. L. Gustafson, "Reevaluating Amdahl's law", 1988.
"""

import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from random import sample

PART_S = 0.016875  # 16 of them take 0.27 s in a row


def run(workers: int, alone_s: float, parts: int, part_s: float = PART_S) -> tuple[float, float]:
    """Run the program, and say how long each of its phases took.

    Parameters
    ----------
    workers
        How many threads share the second phase; 0 for a plain loop.
    alone_s
        How long the first phase waits.
    parts, part_s
        How many parts the second phase has, and how long each of them waits.

    Returns
    -------
    tuple of float
        Seconds of the first phase, and of the second.
    """
    began_s = time.perf_counter()
    time.sleep(alone_s)
    shared_s = time.perf_counter()
    if workers:
        with ThreadPoolExecutor(workers) as executor:
            list(executor.map(time.sleep, [part_s] * parts))
    else:
        for _ in range(parts):
            time.sleep(part_s)
    return shared_s - began_s, time.perf_counter() - shared_s


def speedups(
    counts: Sequence[int], alone_s: float, parts: int, *, grows: bool = False, rounds: int = 6
) -> list[tuple[float, ...]]:
    """Measure the program's speedup in rounds: a plain loop, then every worker count once, in random order.

    Parameters
    ----------
    counts
        The worker counts.
    alone_s, parts
        As ``run`` takes them.
    grows
        False: the same work for all. True: so many parts *for each worker*; the first phase stays as it is. The plain
        loop then stands for the grown work: its second phase would take so many times as long.
    rounds
        How many.

    Returns
    -------
    list of tuple
        For each round the speedups, in the order of ``counts``: time of the plain loop over that of the workers.
    """
    found = []
    for _ in range(rounds):
        first_s, second_s = run(0, alone_s, parts)
        ratios = {}
        for count in sample(list(counts), len(counts)):
            times = count if grows else 1
            ratios[count] = (first_s + times * second_s) / sum(run(count, alone_s, times * parts))
        found.append(tuple(ratios[count] for count in counts))
    return found
