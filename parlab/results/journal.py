"""Writes a result file, a whole line at a time, so that a run that is cut off loses at most the line being written."""

import os
from contextlib import suppress
from pathlib import Path
from typing import IO, Any

from parlab.codec import dumps, encode
from parlab.errors import InputError
from parlab.records import Memory, Sweep, Trial
from parlab.results.schema import ENDS, Header


class Journal:
    """An open result file. Lines are only ever added.

    Parameters
    ----------
    path
        The file.
    resume
        False: the file must not exist yet. True: it exists; a line that was cut off at its end is removed with the
        first line that is added, not before.

    Raises
    ------
    InputError
        The file is there already, is in use by another sweep, or cannot be written.
    """

    def __init__(self, path: Path, *, resume: bool = False) -> None:
        self.path = path
        try:
            if not resume:
                _make_folder(path.parent)
            self._file: IO[bytes] = path.open("r+b" if resume else "xb")
        except FileExistsError:
            message = f"{str(path)!r} exists already and is not overwritten. Use --resume, or another name."
            raise InputError(message) from None
        except OSError as problem:
            raise InputError(f"{str(path)!r} cannot be written: {problem.strerror}. Choose another place.") from problem
        self._lock()
        self._untouched = True

    def _lock(self) -> None:
        """Two sweeps must not write one file. Windows has no ``flock``; there nobody stops them."""
        if os.name != "posix":
            return
        import fcntl

        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            self._file.close()
            message = f"{str(self.path)!r} is being written by another sweep. Wait for it, or choose another name."
            raise InputError(message) from None
        except OSError:  # some network file systems have no locks
            return

    def begin(self, header: Header) -> None:
        """Write the header. Where not even that fits no file is left: nothing could go on with it.

        Raises
        ------
        InputError
            It cannot be written.
        """
        try:
            self._add({"kind": "header", **encode(header)})
        except OSError as problem:
            self._untouched = True  # there is nothing that could be ended
            with suppress(OSError):  # what is buffered has no room either
                self._file.close()
            self.path.unlink(missing_ok=True)
            message = f"{str(self.path)!r} cannot be written: {problem.strerror}."
            raise InputError(f"{message} Make room, or choose another place for the results.") from problem

    def add(self, trial: Trial) -> None:
        """Write one trial."""
        self._add({"kind": "trial", **encode(trial)})

    def add_memory(self, memory: Memory) -> None:
        """Write what a configuration held at most."""
        self._add({"kind": "memory", **encode(memory)})

    def resumed(self, session: int, at: str, sweep: Sweep) -> None:
        """Write that the sweep goes on here, and when it is to end this time."""
        ends = {name: getattr(sweep, name) for name in ENDS}
        self._add({"kind": "resumed", "session": session, "at": at, **ends})

    def end(self, reason: str, at: str) -> None:
        """Write why the sweep ended; a resumed file that nothing was added to stays as it is."""
        if not self._untouched:
            self._add({"kind": "end", "reason": reason, "at": at})

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def _add(self, line: dict[str, Any]) -> None:
        if self._untouched:
            self._file.truncate(_end_of_last_line(self._file))
            self._file.seek(0, os.SEEK_END)
            self._untouched = False
        self._file.write(dumps(line).encode() + b"\n")
        self._file.flush()
        os.fsync(self._file.fileno())


def _make_folder(folder: Path) -> None:
    """Make a missing folder; its own parent must be there."""
    try:
        folder.mkdir(exist_ok=True)  # another sweep may make it at this moment
    except FileExistsError as problem:  # a file has its name; the caller tells apart what exists by the class
        raise NotADirectoryError(*problem.args) from problem


def _end_of_last_line(file: IO[bytes]) -> int:
    """Return the position behind the last line feed, reading backwards."""
    block, position = 1 << 16, file.seek(0, os.SEEK_END)
    while position > 0:
        start = max(0, position - block)
        file.seek(start)
        found = file.read(position - start).rfind(b"\n")
        if found >= 0:
            return start + found + 1
        position = start
    return 0
