"""Watches how much memory workers hold, from the parent's side, so that no worker pays for it; ends nobody itself."""

import time
from collections.abc import Sequence

from parlab.errors import InputError

_LOOK_EVERY_S = 0.2
_ROOM = 1.5  # times what a fresh worker holds: below that every worker would be replaced after every task


class MemoryWatch:
    """Looks now and then whether one of the workers holds more than it may.

    Parameters
    ----------
    limit_bytes
        Resident memory of one worker; at least half as much again as a fresh one holds. None never looks.

    Attributes
    ----------
    exceeded
        True once a worker was seen above the limit, until ``reset``.
    """

    def __init__(self, limit_bytes: int | None) -> None:
        if limit_bytes is not None and not (isinstance(limit_bytes, int) and limit_bytes > 0):
            message = f"A worker's memory cannot be limited to {limit_bytes!r} bytes: give a whole number above 0."
            raise InputError(message)
        self.limit_bytes, self.exceeded = limit_bytes, False
        self._processes: Sequence[int] = ()
        self._looked_s = 0.0
        self._effective_bytes = limit_bytes or 0

    def look_at(self, processes: Sequence[int]) -> None:
        """Say which processes to watch from now on. They are fresh: what they hold already is no leak."""
        self._processes = processes
        if self.limit_bytes is not None:
            fresh_bytes = max((_resident_bytes(process) for process in processes), default=0)
            self._effective_bytes = max(self.limit_bytes, int(_ROOM * fresh_bytes))

    def reset(self) -> None:
        """Forget what was seen: the workers are others now."""
        self.exceeded = False

    def look(self, *, now: bool = False) -> None:
        """Look, unless that was a moment ago; with ``now`` in any case."""
        moment_s = time.monotonic()
        if self.limit_bytes is None or not (now or moment_s - self._looked_s >= _LOOK_EVERY_S):
            return
        self._looked_s = moment_s
        self.exceeded = any(_resident_bytes(process) > self._effective_bytes for process in self._processes)


def memory_advice() -> str:
    """Say how much memory there is, and what to do when it is too little."""
    from parlab.machine import detect

    machine = detect()
    limit = machine.memory_bytes if machine.memory_limit_bytes is None else machine.memory_limit_bytes
    return f"this machine allows {limit / 2**30:.1f} GiB in all; try fewer workers or smaller items."


def _resident_bytes(process: int) -> int:
    import psutil

    try:
        return int(psutil.Process(process).memory_info().rss)
    except psutil.Error:  # it has ended
        return 0
