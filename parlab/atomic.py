"""Writes a file whole or not at all: whoever looks sees the old file or the new one, whatever ends the writing.

It never touches the old file before the new one is complete and on the disk. A process killed with SIGKILL can leave
the unfinished file, a hidden one whose name says whose it is; nobody sweeps folders that belong to the user.
"""

import errno
import os
import secrets
import stat
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from parlab import owners

_MOST_LINKS = 40  # one after the other, as Linux
_STEP_S = 2


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Yield a place to write to, in the same folder and with the same ending, that takes the file's place at the end.

    A new file gets the permissions that ``open`` would give it, a replaced one keeps its own. A link stays a link: what
    it leads to is replaced. A link that somebody else has put into a folder where everybody may write, such as /tmp, is
    refused. What is no ordinary file, such as a pipe, is yielded itself.

    Parameters
    ----------
    path
        The file. It need not exist; its folder must, and must allow new files.

    Raises
    ------
    OSError
        The file or its folder cannot be written; the old file is as it was.
    """
    _refuse_planted(path)
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


def write_module(path: Path, content: bytes) -> None:
    """Write the source of a module, with a date that no cached bytecode of the version before can carry.

    Python trusts a cached file whose source has the same size and the same date in whole seconds, and a worker that
    still has the old version may write one late [1]_. So the date may lie seconds ahead.

    Parameters
    ----------
    path
        The file; as for ``replacing``.
    content
        The source.

    Raises
    ------
    OSError
        It cannot be written; the old file is as it was.

    References
    ----------
    .. [1] Python documentation, "The import system", section "Cached bytecode invalidation".
    """
    with replacing(path) as part:
        part.write_bytes(content)
        moment = _moment_after(path)
        os.utime(part, (moment, moment))


def _moment_after(path: Path) -> float:
    try:
        return max(time.time(), int(path.stat().st_mtime) + _STEP_S)
    except FileNotFoundError:
        return time.time()


def _refuse_planted(path: Path) -> None:
    """Refuse somebody else's link in a folder like /tmp: it would choose which of our files is replaced.

    Linux refuses to follow such links (``fs.protected_symlinks``), where it is told to. A path that has been resolved
    beforehand gets round that, so the same rule stands here.
    """
    if os.name != "posix":
        return
    place = Path(os.path.abspath(path))  # noqa: PTH100  # resolve would follow the very links that are looked at
    for _ in range(_MOST_LINKS):
        for part in (place, *place.parents):
            if part.is_symlink() and _planted(part.lstat(), part.parent.stat()):
                reason = f"{os.strerror(errno.EACCES)}: a link that somebody else has put there"
                raise PermissionError(errno.EACCES, reason, str(path))
        if not place.is_symlink():
            return
        place = place.parent / place.readlink()


def _planted(link: os.stat_result, folder: os.stat_result) -> bool:
    everybodys = folder.st_mode & stat.S_ISVTX and folder.st_mode & stat.S_IWOTH
    return bool(everybodys) and link.st_uid not in (os.getuid(), folder.st_uid)


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
