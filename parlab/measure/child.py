"""A process of the harness as the supervisor sees it: orders to it, lines from it, a deadline, and its certain end."""

import queue
import subprocess
import threading
import time
from collections.abc import Mapping, Sequence
from typing import IO, Any

from parlab import groups
from parlab.codec import dumps
from parlab.errors import TrialError

_LATE = (
    "The trial did not end within its deadline of {deadline_s:.0f} s and was ended. "
    "Give a longer --deadline, or look for a task that waits for ever."
)
_LOOK_S = 1.0  # how often to look whether it still lives
STOP = "stop"  # put into the inbox when the face wants the end, or is gone


class StoppedError(Exception):
    """The face asked for the end, or is gone."""


class TrialTimeoutError(TrialError):
    """The trial was past its deadline and has been ended."""


class Child:
    """A module that runs in a process group of its own.

    Parameters
    ----------
    module
        What ``python -m`` shall run.
    inbox
        Where its lines arrive, and where ``STOP`` may arrive at any time.
    environment
        Variables to set beside those of this process.
    arguments
        What stands behind the module's name.
    before
        A program that starts Python, with its options.
    """

    def __init__(
        self,
        module: str,
        inbox: "queue.SimpleQueue[Any]",
        environment: Mapping[str, str] | None = None,
        arguments: Sequence[str] = (),
        before: Sequence[str] = (),
    ) -> None:
        self.inbox = inbox
        self.process = process = groups.start(module, environment, arguments, before=before)
        self.printed = groups.Printed()
        assert process.stdout and process.stderr  # noqa: S101  # all three streams were asked for
        self._readers = [
            threading.Thread(target=_read_line, args=(process.stdout, process.pid, inbox), daemon=True),
            threading.Thread(target=self.printed.drain, args=(process.stderr,), daemon=True),
        ]
        for reader in self._readers:
            reader.start()

    def send(self, order: Any) -> None:
        """Send one line of JSON."""
        assert self.process.stdin  # noqa: S101  # as above
        try:
            self.process.stdin.write(dumps(order).encode() + b"\n")
            self.process.stdin.flush()
        except OSError:  # Windows says EINVAL
            return  # it died at once; the missing line tells, with what it printed

    def await_line(self, deadline_s: float, late: str = _LATE) -> bytes:
        """Wait for its first line; empty, or without a line feed, when it died.

        Parameters
        ----------
        deadline_s
            How long to wait.
        late
            The text of the error, with a place for the deadline.

        Raises
        ------
        StoppedError
            ``STOP`` arrived.
        TrialTimeoutError
            Nothing came within the deadline.
        """
        deadline = time.monotonic() + deadline_s
        while True:
            left_s = deadline - time.monotonic()
            try:
                received = self.inbox.get(timeout=min(_LOOK_S, max(0.0, left_s)))
            except queue.Empty:
                if left_s <= 0:
                    raise TrialTimeoutError(late.format(deadline_s=deadline_s)) from None
                if not self._may_say_more():
                    return b""
                continue
            if received == STOP:
                self.inbox.put(STOP)  # it stays true
                raise StoppedError
            sender, line = received
            if sender == self.process.pid:  # else: a late word of an earlier one
                found: bytes = line
                return found

    def _may_say_more(self) -> bool:
        """Tell whether a line may still come: it lives, or what it said last is read by now.

        The end of the line alone does not tell. A task can start somebody, without a program of its own, who inherits
        the line and keeps it open.
        """
        if self.process.poll() is None:
            return True
        self._readers[0].join(groups.SETTLE_S)
        return not self._readers[0].is_alive()

    def dismiss(self, patience_s: float) -> None:
        """Close the line to it, which makes it clean up and end, and end its group when it does not."""
        assert self.process.stdin  # noqa: S101  # as above
        _close(self.process.stdin)
        try:
            self.process.wait(patience_s)
        except subprocess.TimeoutExpired:
            groups.end(self.process)
        else:
            groups.settle(self.process)

    def release(self) -> None:
        """Close the pipes of a process that has ended.

        One that is still read stays open until its reader is done: somebody who has left the group holds its other end,
        and ``close`` would wait for the reader.
        """
        assert self.process.stdin and self.process.stdout and self.process.stderr  # noqa: S101  # as above
        _close(self.process.stdin)
        for reader, pipe in zip(self._readers, (self.process.stdout, self.process.stderr), strict=True):
            reader.join(groups.SETTLE_S)
            if not reader.is_alive():
                _close(pipe)


def _read_line(pipe: IO[bytes], process: int, inbox: "queue.SimpleQueue[Any]") -> None:
    inbox.put((process, pipe.readline()))


def _close(pipe: IO[bytes]) -> None:
    try:
        pipe.close()
    except OSError:  # as above
        return  # what was left to write has no reader
