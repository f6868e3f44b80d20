"""What tasks print, caught inside the worker: into the page of the task that runs, up to a cap, instead of a stream.

Text that Python's own streams write is caught (``print``, warnings, logging); what C code writes to a descriptor goes
where it always went. Threads that run no task write through to the stream of before.
"""

import io
import sys
import threading
from types import TracebackType
from typing import Any

from parlab.logbook import Page

_running = threading.local()


class Captured:
    """While the block runs, what this thread prints goes to a page.

    Parameters
    ----------
    page
        Where it goes.
    task
        The task that runs.
    """

    __slots__ = ("_before", "_page", "_task")

    def __init__(self, page: Page, task: int) -> None:
        self._page, self._task, self._before = page, task, None

    def __enter__(self) -> None:
        """Put our streams in front, also when the task before has taken them away."""
        self._before = getattr(_running, "now", None)
        _running.now = self._page, self._task
        for name in ("stdout", "stderr"):
            stream = getattr(sys, name, None)
            if type(stream) is not _Stream:
                setattr(sys, name, _Stream(stream))

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Print to the stream of before again."""
        _running.now = self._before


class _Stream(io.TextIOBase):
    """A text stream that asks, at each write, whether a task is running in this thread."""

    def __init__(self, behind: Any) -> None:
        super().__init__()
        self._behind = behind

    def write(self, text: str, /) -> int:
        """Write to the page of the task that runs, or to the stream behind."""
        now = getattr(_running, "now", None)
        if now is not None:
            now[0].add(text, now[1])
        elif self._behind is not None:
            self._behind.write(text)
        return len(text)

    def flush(self) -> None:
        """Flush the stream behind."""
        if getattr(_running, "now", None) is None and self._behind is not None:
            self._behind.flush()

    def close(self) -> None:
        """Stay open: a task that closes its standard output must not take it from the next one."""

    def writable(self) -> bool:
        """Say that one may write."""
        return True

    def isatty(self) -> bool:
        """Say that this is no terminal."""
        return False

    def fileno(self) -> int:
        """Return the descriptor behind, for programs that are started with it."""
        if self._behind is None:
            raise io.UnsupportedOperation("this worker has no standard output")
        number: int = self._behind.fileno()
        return number

    @property
    def buffer(self) -> Any:
        """The stream of bytes behind."""
        return self._behind.buffer

    @property
    def encoding(self) -> str:  # type: ignore[override]  # a constant in the base class, never written
        """What text becomes."""
        return "utf-8"
