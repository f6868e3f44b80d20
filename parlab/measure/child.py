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
        except BrokenPipeError:
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
            try:
                received = self.inbox.get(timeout=max(0.0, deadline - time.monotonic()))
            except queue.Empty:
                raise TrialTimeoutError(late.format(deadline_s=deadline_s)) from None
            if received == STOP:
                self.inbox.put(STOP)  # it stays true
                raise StoppedError
            sender, line = received
            if sender == self.process.pid:  # else: a late word of an earlier one
                found: bytes = line
                return found

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
        """Close the pipes of a process that has ended."""
        for reader in self._readers:
            reader.join(groups.SETTLE_S)
        for pipe in (self.process.stdin, self.process.stdout, self.process.stderr):
            if pipe is not None:
                _close(pipe)


def _read_line(pipe: IO[bytes], process: int, inbox: "queue.SimpleQueue[Any]") -> None:
    inbox.put((process, pipe.readline()))


def _close(pipe: IO[bytes]) -> None:
    try:
        pipe.close()
    except BrokenPipeError:
        return  # what was left to write has no reader
