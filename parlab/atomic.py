"""Writes a file whole or not at all: whoever looks sees the old file or the new one, whatever ends the writing.

It never touches the old file before the new one is complete and on the disk. A process killed with SIGKILL can leave
the unfinished file, a hidden one whose name says whose it is; nobody sweeps folders that belong to the user.
"""

import errno
import os
import secrets
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from parlab import owners


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Yield a place to write to, in the same folder and with the same ending, that takes the file's place at the end.

    A new file gets the permissions that ``open`` would give it, a replaced one keeps its own. A link stays a link: what
    it leads to is replaced. What is no ordinary file, such as a pipe, is yielded itself.

    Parameters
    ----------
    path
        The file. It need not exist; its folder must, and must allow new files.

    Raises
    ------
    OSError
        The file or its folder cannot be written; the old file is as it was.
    """
    target = Path(os.path.realpath(path))
    mode = _mode(target)
    if mode is not None and not stat.S_ISREG(mode):
        yield path
        return
    if mode is not None and not os.access(target, os.W_OK):  # a rename asks the folder alone
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(path))
    unfinished = _new_file(target)
    try:
        if mode is not None:
            unfinished.chmod(stat.S_IMODE(mode))
        yield unfinished
        _sync(unfinished)
        unfinished.replace(target)
    except BaseException:
        with suppress(OSError):
            unfinished.unlink()
        raise


def _mode(target: Path) -> int | None:
    try:
        return target.stat().st_mode
    except FileNotFoundError:
        return None


def _new_file(target: Path) -> Path:
    path = target.with_name(f".parlab-{owners.mark()}-{secrets.token_hex(4)}{target.suffix}")
    os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666))  # less the umask
    return path


def _sync(path: Path) -> None:
    """Bring a file to the disk before it gets its name; Windows wants it open for writing."""
    descriptor = os.open(path, os.O_RDWR)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
