"""Blocks of shared memory: one process makes each and unlinks it, any may map it, and nobody's view is ever unmapped.

``SharedMemory`` makes them, and tells the resource tracker, which removes a block whose maker alone was killed. It does
not map them. Its ``close`` takes the memory away under numpy's views or raises because of them, and before Python 3.13
whoever attaches tells a tracker too, which may then destroy the block or complain. So a mapping here is a plain
``mmap`` that the tracker never hears of, and the memory goes when nothing refers to it any more.
"""

import errno
import mmap
import os
import secrets
import sys
from collections.abc import Callable
from contextlib import suppress
from multiprocessing import resource_tracker
from multiprocessing.shared_memory import SharedMemory

from parlab import segments

_BESIDE = "-block"  # Windows: the block's own name, beside that of its owner's flag

_mapped: dict[str, mmap.mmap] = {}  # what this process has mapped; each use is one step, so threads need no lock
_swept: list[int] = []  # filled when this process, or the one it was forked from, has swept


def make(size_bytes: int) -> tuple[SharedMemory, mmap.mmap]:
    """Make a block of zeros and map it.

    Parameters
    ----------
    size_bytes
        At least 1.

    Returns
    -------
    SharedMemory
        For ``unlink``, and of no other use.
    mmap
        The memory, which may be a little larger.

    Raises
    ------
    OSError
        There is no room (``ENOSPC``), or the system has another reason.
    """
    made = _made(size_bytes)
    try:
        mapping = _map_new(made, size_bytes)
    except BaseException:
        unlink(made, os.getpid())
        raise
    _mapped[made.name] = mapping
    return made, mapping


def attach(name: str) -> mmap.mmap:
    """Map somebody's block, or find the mapping that this process has of it already.

    Mappings are kept, so that many tasks over one block map it once. They are let go when their block has been unlinked
    and another one is made or mapped.

    Raises
    ------
    FileNotFoundError
        It was unlinked.
    OSError
        The system has another reason.
    """
    if not _exists(name):
        _mapped.pop(name, None)
        raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), name)
    found = _mapped.get(name)
    if found is None:
        _forget_gone()
        found = _mapped.setdefault(name, _map(name))
    return found


def unlink(made: SharedMemory, maker: int) -> None:
    """Take a block's name away, so that its memory goes with its last mapping; do nothing in a fork of its maker.

    Parameters
    ----------
    made
        What ``make`` returned.
    maker
        The number of the process that called ``make``.
    """
    if os.getpid() != maker:
        return
    _mapped.pop(made.name, None)
    made.close()
    try:
        made.unlink()
    except FileNotFoundError:  # somebody was faster, and the tracker must not look for it at the end
        _tell_tracker(resource_tracker.unregister, made.name)


def make_room() -> int | None:
    """Let go of what nobody needs, and say how much room there is for blocks.

    That is what killed processes left, looked for once a process, and this process's mappings of unlinked blocks.

    Returns
    -------
    int | None
        Bytes; None where the system does not show blocks as a folder.
    """
    if not _swept:
        _swept.append(os.getpid())
        segments.sweep()
    _forget_gone()
    try:
        state = os.statvfs(segments.FOLDER)
    except (AttributeError, OSError):
        return None
    return state.f_bavail * state.f_frsize


def _made(size_bytes: int) -> SharedMemory:
    """Make what carries the name: the block itself, or on Windows the flag beside it.

    There a block lives for as long as anybody has it mapped, so workers could not see that its owner is done, and would
    keep it. The flag is the owner's alone.
    """
    while True:
        name = segments.name_prefix() + secrets.token_hex(4)
        with suppress(FileExistsError):
            if sys.platform == "win32":
                return SharedMemory(name, create=True, size=1)
            return _made_and_told(name, size_bytes)


def _made_and_told(name: str, size_bytes: int) -> SharedMemory:
    """Make a block, and balance what the tracker hears when that fails.

    A ``SharedMemory`` that fails late unregisters itself before it has registered, at which the tracker complains; one
    that fails early says nothing.
    """
    _tell_tracker(resource_tracker.register, name)
    try:
        return SharedMemory(name, create=True, size=size_bytes)
    except BaseException:
        _tell_tracker(resource_tracker.register, name)  # the tracker keeps a set
        _tell_tracker(resource_tracker.unregister, name)
        raise


def _tell_tracker(what: Callable[[str, str], None], name: str) -> None:
    what(f"/{name}", "shared_memory")


def _map_new(made: SharedMemory, size_bytes: int) -> mmap.mmap:
    if sys.platform == "win32":
        return mmap.mmap(-1, size_bytes, tagname=made.name + _BESIDE)
    made.close()  # else it would be mapped twice
    return _map(made.name, size_bytes)


def _map(name: str, reserved_bytes: int = 0) -> mmap.mmap:
    if sys.platform == "win32":
        found = SharedMemory(name + _BESIDE)  # mmap alone would make a new one where there is none
        try:
            return mmap.mmap(-1, found.size, tagname=name + _BESIDE)
        finally:
            found.close()
    descriptor = _opened(name)
    try:
        if reserved_bytes and sys.platform == "linux":  # else a full /dev/shm ends whoever writes, by SIGBUS
            os.posix_fallocate(descriptor, 0, reserved_bytes)
        return mmap.mmap(descriptor, os.fstat(descriptor).st_size)
    finally:
        os.close(descriptor)


def _opened(name: str) -> int:
    # What SharedMemory uses itself: before 3.13 there is no public way to a block without a word to the tracker.
    import _posixshmem  # type: ignore[import-not-found]

    descriptor: int = _posixshmem.shm_open(f"/{name}", os.O_RDWR, mode=0o600)
    return descriptor


def _exists(name: str) -> bool:
    try:
        if sys.platform == "win32":
            SharedMemory(name).close()
        else:
            os.close(_opened(name))
    except FileNotFoundError:
        return False
    return True


def _forget_gone() -> None:
    for name in list(_mapped):
        with suppress(OSError):  # one that cannot be looked at, because too many files are open, is kept
            if not _exists(name):
                _mapped.pop(name, None)
