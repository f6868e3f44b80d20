"""The process that holds what a workload needs around it, files or a server, for as long as a sweep goes on.

It is one process for the whole sweep, so that every trial meets the same files and the same server, and none pays for
making them. It ends, and leaves nothing behind, when the supervisor closes the line to it or is gone.
"""

import _thread
import errno
import os
import signal
import sys
import tempfile
import threading

from parlab import workloads
from parlab.codec import decode, encode, loads
from parlab.errors import InputError, ParlabError
from parlab.measure.channel import Channel
from parlab.measure.job import Provided
from parlab.records import Sweep
from parlab.trace import describe_failure

_NO_ROOM = (errno.ENOSPC, errno.EDQUOT)
_NO_ROOM_TEXT = (
    "What the workload needs does not fit into the temporary folder {place}: {problem}. Make room, name another "
    "folder in the variable TMPDIR, or choose a smaller --size."
)


def main() -> None:
    """Read a sweep, provide what its workload needs, say where it is, and hold it."""
    channel = Channel.take_standard_streams()
    for number in (signal.SIGINT, signal.SIGTERM):  # a shell's background job would ignore the first
        signal.signal(number, signal.default_int_handler)
    sweep = decode(Sweep, loads(channel.read_line()))
    holding = Holding()
    channel.when_closed(holding.end)
    try:
        _provide(channel, sweep, holding)
    except KeyboardInterrupt:
        return
    except ParlabError as problem:
        channel.send("failed", {"error": type(problem).__name__, "text": str(problem)})
    except Exception as problem:  # a full disk, a broken library: the supervisor says it
        if getattr(problem, "errno", None) in _NO_ROOM:
            text = _NO_ROOM_TEXT.format(place=tempfile.gettempdir(), problem=os.strerror(problem.errno))  # type: ignore[attr-defined]  # asked a line above
            channel.send("failed", {"error": InputError.__name__, "text": text})
            return
        failure = describe_failure(-1, None, problem)
        text = f"What the workload needs could not be made: {failure.error}\n{failure.traceback}"
        channel.send("failed", {"error": "TrialError", "text": text})


def _provide(channel: Channel, sweep: Sweep, holding: "Holding") -> None:
    workload = workloads.get(sweep.workload)
    assert workload.provide is not None  # noqa: S101  # else nobody starts this process
    wanted = sys.maxsize if sweep.size is None else sweep.widest_tasks  # all of the user's own data
    with workload.provide(wanted, sweep.seed, **sweep.options) as place:
        own = workload.own_data in sweep.options
        tasks = len(workload.items(wanted, sweep.seed, place=place)) if own else wanted
        channel.send("provided", encode(Provided(place, tasks)))
        holding.wait()


class Holding:
    """Knows when it is over. While things are still being made the end comes as an interrupt, and cleans up too."""

    def __init__(self) -> None:
        self._over, self._made, self._lock = threading.Event(), False, threading.Lock()

    def wait(self) -> None:
        """Wait for the end. An interrupt in here would not be noticed, and one after it would disturb the cleaning."""
        with self._lock:
            self._made = True
        self._over.wait()

    def end(self) -> None:
        """End it, from another thread."""
        with self._lock:
            self._over.set()
            if not self._made:
                _thread.interrupt_main()


if __name__ == "__main__":
    main()
