"""Processes that add to one shared array at once and hold no lock, for the notebook about shared arrays."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from multiprocessing.synchronize import Barrier

COLUMNS = 500

_WAIT_S = 60.0


def add_ones(counts: Any, first: int, last: int, times: int, start: "Barrier") -> None:
    """Add 1 to some rows, again and again, as soon as all others are ready to do so.

    Parameters
    ----------
    counts
        An array that ``numpy.asarray`` takes without a copy; changed.
    first, last
        Which rows.
    times
        How often.
    start
        Where all meet before they begin.

    Raises
    ------
    threading.BrokenBarrierError
        Somebody has not come within a minute.
    """
    rows = np.asarray(counts)[first:last]
    start.wait(_WAIT_S)
    for _ in range(times):
        rows += 1


def counts_after(context: Any, jobs: Sequence[tuple[int, int]], times: int) -> np.ndarray:
    """Start a process for each job, let all add ones at once, and return what they have counted.

    Parameters
    ----------
    context
        A start method of ``multiprocessing``.
    jobs
        ``(first, last)`` rows of each process.
    times
        How often each adds 1 to all of its rows.

    Returns
    -------
    numpy.ndarray
        Of shape (rows, ``COLUMNS``), int64, with a row for each that a job names.

    Raises
    ------
    RuntimeError
        A process has failed, so the counts mean nothing.
    """
    from parlab.shared_array import SharedArray
    from parlab.workloads.lessons import run_all

    start = context.Barrier(len(jobs))
    with SharedArray((max(last for _, last in jobs), COLUMNS), "int64") as counts:
        adders = [context.Process(target=add_ones, args=(counts, *job, times, start)) for job in jobs]
        codes = run_all(adders, _WAIT_S)
        if any(codes):
            raise RuntimeError(f"Not all processes have counted; their exit codes are {codes}.")
        return np.array(counts)
