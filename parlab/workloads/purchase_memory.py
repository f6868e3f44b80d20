"""Tells what memory a process takes at most to sum up purchases, for the notebook about them.

Each way runs in a program of its own: in a kernel that has done other things before, the peak would be that of another
thing. The peak is the one that the system has kept since the program began, so none is missed. Nothing is timed, so the
programs run side by side.
"""

import json
import subprocess
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from parlab.errors import InputError, TrialError
from parlab.workloads import lessons, purchase_ways

WAYS = ("pandas, all at once", "pyarrow, all at once", "one worker, file by file")
LIBRARIES, ON_TOP = "libraries", "purchases"

_DEADLINE_S = 120.0
_STATUS = Path("/proc/self/status")
_KIB, _MIB = 2**10, 2**20
_PROGRAM = """
if __name__ == "__main__":
    from parlab.workloads import purchase_memory
    purchase_memory.run({way!r}, {partitions!r})
"""


def peaks(partitions: Sequence[str], workers: int = 2) -> dict[str, dict[str, float]]:
    """Let a program for each way sum up purchases, and ask it for the most memory that it has held.

    Parameters
    ----------
    partitions
        Their paths.
    workers
        Among how many the partitions are shared; one of them is looked at, who gets as many as anybody.

    Returns
    -------
    dict
        For each of ``WAYS``: ``libraries``, what it held in MiB when pandas and pyarrow were imported, and
        ``purchases``, how much more that was at the peak. Both are resident memory.

    Raises
    ------
    InputError
        There are no partitions, or no workers.
    TrialError
        A program failed, or did not answer.
    """
    if not partitions or workers < 1:
        raise InputError("There is nothing to look at: give at least one partition and one worker.")
    shares = {way: list(partitions) for way in WAYS} | {WAYS[2]: list(partitions[::workers])}
    with ThreadPoolExecutor(len(WAYS)) as threads:
        return dict(zip(WAYS, threads.map(_asked, shares.keys(), shares.values()), strict=True))


def run(way: str, partitions: list[str]) -> None:
    """Sum up in this process, and print what it held; for the program that is watched."""
    import pandas as pd  # noqa: F401  # what each of the ways needs
    from pyarrow import dataset  # noqa: F401

    before = peak_bytes()
    if way == WAYS[0]:
        purchase_ways.at_once(partitions)
    elif way == WAYS[1]:
        purchase_ways.by_arrow(partitions, threads=True)
    else:
        purchase_ways.in_turn(partitions)
    found = {LIBRARIES: before / _MIB, ON_TOP: (peak_bytes() - before) / _MIB}
    print(json.dumps(found))  # noqa: T201  # how it comes back


def _asked(way: str, partitions: list[str]) -> dict[str, float]:
    try:
        done = lessons.run_script(_PROGRAM.format(way=way, partitions=partitions), _DEADLINE_S)
    except subprocess.TimeoutExpired:
        raise TrialError(f"{way!r} had not ended after {_DEADLINE_S:.0f} s. Try fewer purchases.") from None
    if done.returncode != 0:
        said = (done.stderr.strip().splitlines() or ["it said nothing; perhaps the memory did not suffice"])[-1]
        raise TrialError(f"{way!r} ended with exit code {done.returncode}: {said}")
    found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return found


def peak_bytes() -> int:
    """Return the most resident memory that this process has ever held, in bytes.

    References
    ----------
    Linux: ``VmHWM`` of ``/proc/self/status`` (proc_pid_status(5)); ``getrusage`` would count what the program's parent
    held before it. macOS: ``ru_maxrss``, in bytes there. Windows: the peak working set.
    """
    if _STATUS.exists():
        line = next(one for one in _STATUS.read_text(encoding="ascii").splitlines() if one.startswith("VmHWM:"))
        return int(line.split()[1]) * _KIB
    if sys.platform == "win32":
        import psutil

        held: Any = psutil.Process().memory_info()
        return int(held.peak_wset)
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
