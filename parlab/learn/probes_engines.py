"""The task of the check that hands two engines to one function: it runs in a thread, beside another one.

The engine that starts processes gets a task of ``probes_futures``, which meets another process through files. Two
threads share memory, so here they meet in it. Nothing is written down.
"""

import multiprocessing
import threading

from parlab.learn import probes, probes_futures

_WAIT_S, _AGAIN_S, _ORDER_S = 4.0, 0.05, 2.0
_working: set[int] = set()  # the threads that are at such a task now
_lock = threading.Lock()
_met, _alone, _ended = threading.Event(), threading.Event(), threading.Event()


class AloneError(RuntimeError):
    """Nobody else was at work beside this task."""


class ElsewhereError(RuntimeError):
    """A task runs in another process than the one that was asked."""


def square_beside_another(item: int) -> int:
    """Return the square of a number, in a thread, once another thread was at work at the same time.

    Raises
    ------
    AloneError
        No other thread came.
    ElsewhereError
        It is not in a thread of the process that was asked, but in a worker process.
    ValueError, TypeError
        For the items of ``probes_futures.ERRORS``.
    """
    if multiprocessing.parent_process() is not None:
        raise ElsewhereError("this task was given an engine of threads, and runs in another process")
    me = threading.get_ident()
    with _lock:
        _working.add(me)
        if len(_working) > 1:
            _met.set()
    try:
        _meet()
        if item == probes.LAST:
            _ended.wait(_ORDER_S)  # so results that are taken as they come are out of order
        if item in probes_futures.ERRORS:
            raise probes_futures.ERRORS[item](f"{item} {probes_futures.REFUSED}")
        return item * item
    finally:
        with _lock:
            _working.discard(me)
        _ended.set()


def _meet() -> None:
    """Wait for another thread, but not where none can come, and not long again where none has come before."""
    nobody = threading.active_count() == 1
    wait_s = 0.0 if nobody else _AGAIN_S if _alone.is_set() else _WAIT_S
    if not _met.wait(wait_s):
        _alone.set()
        raise AloneError("nobody was at work beside this task")
