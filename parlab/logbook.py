"""What each worker is doing right now, in small files that outlive it: the task it has begun, and what that printed.

A worker that is killed says nothing any more. Its page still names the task, so that the ones to suspect are few, and
holds the last words of that task. Written with ``pwrite`` and not through a map of the file, because a full disk shall
be an error here and not a bus error; not sent through a queue, because a worker that is killed while it holds a queue's
lock silences all others. A logbook that cannot be written (no room, no folder) is done without.
"""

import errno
import os
import re
import struct
import threading
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

MOST_PRINTED_BYTES = 16_384  # kept of what one task prints
_HEAD = struct.Struct("<qq")  # the task, and how much of its text follows
_pack_head = _HEAD.pack
_NONE = -1
_NAME = re.compile(r"(?P<process>[0-9]+)-(?P<thread>[0-9]+)\.page")
_FLAGS = os.O_RDWR | os.O_CREAT | getattr(os, "O_BINARY", 0)

# A worker is a thread. No ``threading.local``: in an interpreter of its own it has a new thread state with each call.
_pages: "dict[tuple[int, str | None], Page]" = {}


@dataclass(frozen=True, slots=True)
class Entry:
    """One page as it stands: who wrote it, the task that was begun and has not ended (None: idle), and its text."""

    process: int
    thread: int
    task: int | None
    printed: str


class Page:
    """The page of one worker, open for writing.

    Parameters
    ----------
    path
        Its file; None keeps the page in memory alone.
    """

    __slots__ = ("_file", "_kept", "_lost", "_task", "process")

    def __init__(self, path: Path | None) -> None:
        self.process = os.getpid()
        self._file: int | None = None
        self._task = _NONE
        self._kept, self._lost = bytearray(), 0
        if path is not None:
            with suppress(OSError):
                self._file = os.open(path, _FLAGS, 0o600)

    def begin(self, task: int) -> None:
        """Note the task that begins now; the one before has ended."""
        self._task = task
        if self._kept:
            self._kept.clear()
            self._lost = 0
        if self._file is not None:  # as ``_write`` does, without its call: every task pays for it
            try:
                _write_at(self._file, _pack_head(task, 0), 0)
            except OSError as problem:
                self._give_up(problem)

    def end(self) -> None:
        """Note that no task is running."""
        self._write(_pack_head(_NONE, 0), 0)

    def add(self, text: str) -> None:
        """Keep what the task prints, up to ``MOST_PRINTED_BYTES``."""
        data = text.encode(errors="replace")
        room = data[: MOST_PRINTED_BYTES - len(self._kept)]
        self._lost += len(data) - len(room)
        if room:
            self._write(room, _HEAD.size + len(self._kept))
            self._kept += room
            self._write(_pack_head(self._task, len(self._kept)), 0)

    def printed(self) -> str:
        """Return what the task has printed, and how much more that was than is kept."""
        if not self._kept:
            return ""
        text = self._kept.decode(errors="replace")
        return f"{text}\n[{self._lost:,} more bytes were printed and not kept]\n" if self._lost else text

    def close(self) -> None:
        """Close the file."""
        if self._file is not None:
            os.close(self._file)
            self._file = None

    def _write(self, data: bytes, place: int) -> None:
        if self._file is None:
            return
        try:
            _write_at(self._file, data, place)
        except OSError as problem:
            self._give_up(problem)

    def _give_up(self, problem: OSError) -> None:
        """Go on without: there is no room, or a task has closed every file that it could find."""
        if self._file is not None and problem.errno == errno.ENOSPC:  # else the number may be somebody else's by now
            with suppress(OSError):
                os.close(self._file)
        self._file = None


def page_of(folder: str | None) -> Page:
    """Return this worker's page in a logbook, opened at the first call; without a folder one that is kept in memory."""
    thread = threading.get_native_id()
    page = _pages.get((thread, folder))
    if page is None or page.process != os.getpid():  # a forked worker finds its parent's
        path = Path(folder) / f"{os.getpid()}-{thread}.page" if folder else None
        page = _pages[thread, folder] = Page(path)
    return page


def read(folder: str | Path) -> list[Entry]:
    """Read all pages of a logbook; those that cannot be read are left out."""
    found = []
    for path in sorted(Path(folder).glob("*.page")):
        name = _NAME.fullmatch(path.name)
        with suppress(OSError, struct.error):
            data = path.read_bytes()
            task, length = _HEAD.unpack_from(data)
            text = data[_HEAD.size : _HEAD.size + length].decode(errors="replace")
            if name:
                process, thread = int(name["process"]), int(name["thread"])
                found.append(Entry(process, thread, None if task == _NONE else task, text))
    return found


def clear(folder: str | Path) -> None:
    """Begin a new logbook in the same folder. Workers that still write have their pages open, and nobody reads them."""
    for path in Path(folder).glob("*.page"):
        with suppress(OSError):
            path.unlink()


def _write_at(file: int, data: bytes, place: int) -> None:
    try:
        write = os.pwrite
    except AttributeError:  # Windows
        os.lseek(file, place, os.SEEK_SET)
        os.write(file, data)
    else:
        write(file, data, place)
