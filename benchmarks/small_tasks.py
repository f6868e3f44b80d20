"""The tasks of the benchmarks, in a module of its own so that workers can import them."""

import os
import time

COUNTED = "PARLAB_BENCHMARK_COUNT"  # names the file that grows by a byte with each execution
STEPS = 150_000


def nothing(_number: int) -> None:
    """Do nothing: what is left is what carrying costs."""
    return


def one_millisecond(number: int) -> int:
    """Keep the core busy until a millisecond of this worker's own clock has passed."""
    clock = time.perf_counter
    until_s = clock() + 1e-3
    while clock() < until_s:
        pass
    return number


def counted(number: int) -> int:
    """Add numbers up, and note that it was done in the file that ``COUNTED`` names, whoever calls and wherever."""
    path = os.environ.get(COUNTED)
    if path:
        file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        os.write(file, b".")
        os.close(file)
    total = number
    for step in range(STEPS):
        total += step & 3
    return total
