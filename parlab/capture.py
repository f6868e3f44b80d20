"""What tasks print, caught inside the worker: into the page of the task that runs, up to a cap, instead of a stream.

Text that Python's own streams write is caught (``print``, warnings, logging); what C code writes to a descriptor goes
where it always went. Threads that run no task write through to the stream of before.
"""

import io
import os
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
    """

    __slots__ = ("_before", "_page")

    def __init__(self, page: Page) -> None:
        self._page, self._before = page, None

    def __enter__(self) -> None:
        """Remember where this thread printed before: tasks can be nested."""
        self._before = getattr(_running, "page", None)
        _running.page = self._page

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Print there again."""
        _running.page = self._before


def take_streams() -> None:
    """Put our streams in front, also when the task before has taken them away."""
    try:
        if type(sys.stdout) is type(sys.stderr) is _Stream:  # the usual case, and every task pays for the look
            return
    except AttributeError:  # a task has deleted one
        pass
    if type(getattr(sys, "stdout", None)) is not _Stream:  # None: a task has deleted it
        sys.stdout = _Stream(getattr(sys, "stdout", None))
    if type(getattr(sys, "stderr", None)) is not _Stream:
        sys.stderr = _Stream(getattr(sys, "stderr", None))


class _Stream(io.TextIOBase):
    """A text stream that asks, at each write, whether a task is running in this thread."""

    def __init__(self, behind: Any) -> None:
        super().__init__()
        self._behind = behind

    def write(self, text: str, /) -> int:
        """Write to the page of the task that runs, or to the stream behind."""
        page = getattr(_running, "page", None)
        if page is not None and page.process == os.getpid():  # else this process was forked by a task
            page.add(text)
        elif self._behind is not None:
            self._behind.write(text)
        return len(text)

    def flush(self) -> None:
        """Flush the stream behind."""
        page = getattr(_running, "page", None)
        if (page is None or page.process != os.getpid()) and self._behind is not None:
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

    def reconfigure(self, **_settings: Any) -> None:
        """Take any setting; text is kept as it is."""

    @property
    def errors(self) -> str:  # type: ignore[override]  # as encoding
        """What becomes of letters that cannot be shown."""
        return "replace"

    @property
    def buffer(self) -> Any:
        """The stream of bytes behind."""
        return self._behind.buffer

    @property
    def encoding(self) -> str:  # type: ignore[override]  # a constant in the base class, never written
        """What text becomes."""
        return "utf-8"
