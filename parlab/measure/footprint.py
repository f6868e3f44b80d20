"""Looks at what a trial and its workers hold while they run. It takes time from them, so no timed trial is looked at.

USS, what a process has for itself, and PSS, which adds its share of what it holds together with others, are read by
psutil (on Linux from ``/proc/<process>/smaps_rollup``). A peak between two looks is not seen.
"""

import threading
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import NamedTuple

from parlab.backends.base import processes_here
from parlab.records import Configuration, Memory, Worker

_LOOK_EVERY_S = 0.01
_LARGEST_SHARE = 0.1  # of the time goes into looking: reading the pages of large processes takes long


class Holding(NamedTuple):
    """What one process holds at a moment, in bytes; None where the system does not tell."""

    uss_bytes: int | None
    pss_bytes: int | None


class Footprint:
    """The looks at one trial: what each of its processes held, again and again."""

    def __init__(self) -> None:
        self.parent = 0
        self._looks: list[dict[int, Holding]] = []
        self._over = threading.Event()

    @contextmanager
    def watching(self, process: int) -> Iterator[None]:
        """Look at a process and its descendants while the block runs.

        Parameters
        ----------
        process
            The trial's process number.
        """
        self.parent = process
        thread = threading.Thread(target=self._look_on, name="parlab-footprint", daemon=True)
        thread.start()
        try:
            yield
        finally:
            self._over.set()
            thread.join()

    def memory(self, configuration: Configuration, crew: Sequence[Worker]) -> Memory | None:
        """Sum up; None when nothing could be seen.

        Parameters
        ----------
        configuration
            What ran.
        crew
            Who worked. Processes that are neither parent nor worker, such as a forkserver, are not counted.
        """
        looks = [look for look in self._looks if self.parent in look]
        if not looks:
            return None
        workers = set(processes_here(crew) or ()) - {self.parent}
        each: dict[int, list[Holding]] = defaultdict(list)
        for look in looks:
            for process in workers & look.keys():
                each[process].append(look[process])
        together = [[look[process] for process in workers & look.keys()] for look in looks]
        parents = [look[self.parent] for look in looks]
        return Memory(
            role=configuration.role,
            backend=configuration.backend,
            workers=configuration.workers,
            parent_uss_bytes=_most(one.uss_bytes for one in parents),
            parent_pss_bytes=_most(one.pss_bytes for one in parents),
            workers_uss_bytes=_most(_sum(one.uss_bytes for one in look) for look in together),
            workers_pss_bytes=_most(_sum(one.pss_bytes for one in look) for look in together),
            largest_worker_uss_bytes=_most(one.uss_bytes for found in each.values() for one in found),
            samples=len(looks),
            interval_s=_LOOK_EVERY_S,
        )

    def _look_on(self) -> None:
        pause_s = 0.0
        while not self._over.wait(pause_s):
            started = time.monotonic()
            self._looks.append(_holdings(self.parent))
            pause_s = max(_LOOK_EVERY_S, (time.monotonic() - started) / _LARGEST_SHARE)


def _holdings(parent: int) -> dict[int, Holding]:
    import psutil

    try:
        trial = psutil.Process(parent)
        family = [trial, *trial.children(recursive=True)]
    except psutil.Error:  # it has ended
        return {}
    return {one.pid: held for one in family if (held := _holding(one)) is not None}


def _holding(process: object) -> Holding | None:
    import psutil

    assert isinstance(process, psutil.Process)  # noqa: S101  # psutil is imported late
    try:
        found = process.memory_full_info()
    except (psutil.Error, OSError):  # it has ended, or may not be looked at
        return None
    uss_bytes, pss_bytes = getattr(found, "uss", None), getattr(found, "pss", None)
    return Holding(uss_bytes, pss_bytes) if uss_bytes else None  # a zombie holds nothing


def _most(values: Iterator[int | None]) -> int | None:
    return max((value for value in values if value is not None), default=None)


def _sum(values: Iterator[int | None]) -> int | None:
    known = [value for value in values if value is not None]
    return sum(known) if known else None
