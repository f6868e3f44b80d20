"""The line between a process of the harness and the one that started it: JSON lines, and a watch on the other's life.

Tasks print and read where they like, so the standard streams are taken away from them: standard output goes where
standard error goes, and standard input is empty.
"""

import os
import sys
import threading
from typing import IO, Any

from parlab.codec import dumps

_PR_SET_PDEATHSIG = 1  # <sys/prctl.h>


class Channel:
    """Reads orders and sends events, one line of JSON each."""

    def __init__(self, orders: IO[bytes], events: IO[bytes]) -> None:
        self._orders, self._events = orders, events

    @classmethod
    def take_standard_streams(cls) -> "Channel":
        """Make standard input and output this channel, and give everybody else harmless ones."""
        orders = os.fdopen(os.dup(0), "rb")
        events = os.fdopen(os.dup(1), "wb", buffering=0)
        nothing = os.open(os.devnull, os.O_RDONLY)
        os.dup2(nothing, 0)
        os.close(nothing)
        os.dup2(2, 1)
        return cls(orders, events)

    def read_line(self) -> bytes:
        """Wait for one line; empty when the other side is gone."""
        return self._orders.readline()

    def send(self, event: str, data: dict[str, Any]) -> None:
        """Send one event."""
        left = memoryview(dumps({"event": event, **data}).encode() + b"\n")
        while left:  # a signal can cut a write short, and so can a machine that goes to sleep
            left = left[self._events.write(left) :]

    def when_closed(self, act: Any) -> None:
        """Call ``act()`` from a thread when the other side closes its end or is killed."""

        def wait() -> None:
            while self._orders.readline():
                pass
            act()

        threading.Thread(target=wait, name="parlab-channel-watch", daemon=True).start()

    def end_with_parent(self, parent: int) -> None:
        """End this process when its parent is gone, without a thread where the system can do it.

        A trial must not have threads of ours, because some backends fork. Linux sends the signal itself (``prctl(2)``,
        ``PR_SET_PDEATHSIG``; it goes by the parent's thread, and the supervisor starts trials from its main one).
        """
        if sys.platform != "linux":
            self.when_closed(lambda: os._exit(1))
            return
        import ctypes
        import signal

        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
        if os.getppid() != parent:  # it went before the watch stood
            os._exit(1)
