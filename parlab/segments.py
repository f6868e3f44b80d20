"""Names of shared memory and semaphores on Linux's /dev/shm that say whose they are, and the sweep that goes by them.

A kill of a whole process group takes the resource tracker along that would have cleaned up, and what stays looks like
everybody else's: ``sem.mp-…``, ``psm_…``. So ours carry a mark. Nothing without our form of name is ever touched: other
programs live there. Loky's semaphores (``sem.loky-<pid>-…``) are theirs, though our trials may have started them.
"""

import os
import re
import secrets
import shutil
import stat
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from parlab import owners, temporary
from parlab.owners import Leftover

FOLDER = Path("/dev/shm")  # noqa: S108  # not a temporary file of ours: where Linux keeps shared memory
_PREFIX = "parlab-"
_LONGEST_FOLDER = 80  # a socket's path may have 103 bytes on macOS, 107 on Linux, and its name takes 18
_NAME = re.compile(rf"(sem\.)?{_PREFIX}(?P<owner>{owners.MARK})-[A-Za-z0-9_]+")
_FOR_OTHERS = "others_"  # how a folder goes on after the prefix: no folder with another name is ours
_FOLDER_NAME = re.compile(rf"{_PREFIX}{owners.MARK}-{_FOR_OTHERS}[a-z0-9_]{{8}}")  # what tempfile.mkdtemp makes of it
_OWNING = threading.Lock()  # held while the prefix is changed: the setting is the whole process's
_MAKER = "_make_name"  # of multiprocessing's SemLock
_blocks: list[tuple[str, Any]] = []  # the prefix, and what makes names, that each running block found


def name_prefix() -> str:
    """Return how the name of a segment begins: at most 15 characters on macOS, which allows about 30."""
    return f"{_PREFIX}{owners.mark()}-"


def own_semaphores() -> None:
    """Let multiprocessing give its named semaphores our prefix, here and in all processes that are started from here.

    They carry the mark of this process: workers get it with their configuration, by fork, forkserver and spawn. The
    place of the prefix is private to multiprocessing; where it is not found nothing changes. Nor does it once loky has
    been imported, which gives every semaphore of its process a name of its own: ``owning_semaphores`` does then, too.
    """
    from multiprocessing import process

    config = getattr(process.current_process(), "_config", None)
    if sys.platform == "linux" and isinstance(config, dict) and "semprefix" in config:
        config["semprefix"] = _semaphore_prefix()


def _semaphore_prefix() -> str:
    return "/" + name_prefix().removesuffix("-")  # multiprocessing adds a hyphen and eight characters


def keep_sockets_in(folder: str) -> None:
    """Let multiprocessing put its sockets and files into a folder, instead of one that it makes and a kill leaves.

    The place of this setting, too, is private to multiprocessing.
    """
    from multiprocessing import process

    config = getattr(process.current_process(), "_config", None)
    if isinstance(config, dict):
        fits = len(os.fsencode(folder)) <= _LONGEST_FOLDER
        config["tempdir"] = folder if fits else temporary.new_place_for_sockets(folder)


@contextmanager
def owning_semaphores() -> Iterator[None]:
    """Do as ``own_semaphores`` while the block runs, in a process whose other semaphores are the user's business.

    Threads may run such blocks at once: the first to begin changes the prefix, and the last to end puts it back.
    """
    from multiprocessing import process

    config = getattr(process.current_process(), "_config", None)
    if not (sys.platform == "linux" and isinstance(config, dict) and "semprefix" in config):
        yield
        return
    from multiprocessing.synchronize import SemLock

    own = _semaphore_prefix()
    maker = staticmethod(lambda: f"{own}-{secrets.token_hex(4)}")  # loky may have put its own there
    with _OWNING:  # for no longer than this: a process that another thread forks in here would find it held
        _blocks.append((config["semprefix"], vars(SemLock).get(_MAKER)))
        config["semprefix"] = own
        setattr(SemLock, _MAKER, maker)
    try:
        yield
    finally:
        with _OWNING:
            prefix, before = _blocks[0]
            _blocks.pop()
            if not _blocks:
                config["semprefix"] = prefix
                setattr(SemLock, _MAKER, before)


@contextmanager
def folder_for_others() -> Iterator[Path | None]:
    """Yield a private folder with our mark, for a program that names its own segments, and remove it with all of them.

    None where there is no such place, or where no folder can be made in it: then the program uses its own.
    """
    try:
        made = Path(tempfile.mkdtemp(prefix=f"{name_prefix()}{_FOR_OTHERS}", dir=FOLDER))
    except OSError:
        made = None
    try:
        yield made
    finally:
        if made is not None:
            _removed(made)


def leftovers(folder: Path = FOLDER) -> list[Leftover]:
    """List this user's segments, semaphores and folders of our form of name, those in use included.

    Only Linux shows them as files: elsewhere the list is empty.
    """
    return list(_marked_files(folder))


def sweep(folder: Path = FOLDER) -> list[Leftover]:
    """Remove the segments, semaphores and folders whose makers are known to be dead, and return what was removed."""
    return [one for one in _marked_files(folder) if one.dead and _removed(folder / one.name)]


def sweep_all() -> None:
    """Remove what dead owners left, here and among the temporary files: for whoever has ended somebody."""
    sweep()
    temporary.sweep_leftovers()


def _marked_files(folder: Path) -> Iterator[Leftover]:
    with suppress(OSError):  # no such folder here
        for path in folder.iterdir():
            name = _NAME.fullmatch(path.name)
            if name and (found := _marked_file(path, name["owner"])):
                yield found


def _marked_file(path: Path, owner: str) -> Leftover | None:
    try:
        state = path.lstat()
    except OSError:  # gone in the meantime
        return None
    is_folder = stat.S_ISDIR(state.st_mode) and _FOLDER_NAME.fullmatch(path.name) is not None
    if not ((stat.S_ISREG(state.st_mode) or is_folder) and owners.is_mine(state)):
        return None
    size = _inside_bytes(path) if is_folder else state.st_size
    return Leftover(path.name, size, owner, owners.dead(owner))


def _inside_bytes(folder: Path) -> int:
    total = 0
    with suppress(OSError):  # its owner is removing it: what was seen until then counts
        for path in folder.iterdir():
            total += path.lstat().st_size
    return total


def _removed(path: Path) -> bool:
    try:
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink()
    except OSError:  # another sweep was faster
        return False
    return True
