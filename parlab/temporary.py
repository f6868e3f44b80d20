"""Private temporary folders: only this user may enter them, and the next one sweeps what a killed process left.

A folder is swept as soon as its maker is dead. The folder of a process in another container, or on another machine that
shares the place, is never swept: whether its maker still lives cannot be seen from here, however old it is.
"""

import os
import re
import shutil
import stat
import tempfile
from collections.abc import Iterator
from contextlib import AbstractContextManager, suppress
from pathlib import Path
from types import TracebackType

from parlab import owners
from parlab.errors import InputError
from parlab.owners import Leftover

PREFIX = "parlab-private-"
_SHORT, _NOTE = "pl-", "sockets"  # how a short folder begins, and the file in a private one that says which
_TMP = Path("/tmp")  # noqa: S108  # private folders are made there, by mkdtemp
# A socket's path may have 103 bytes on macOS, 107 on Linux, and below the short folder Ray's longest takes 64 of them.
_LONGEST_PLACE = 27
_NAME = re.compile(rf"{PREFIX}(?P<owner>{owners.MARK})-[a-z0-9_]{{8}}")
_ENDING_BYTES = 4  # at random, eight letters and digits


class _PrivateFolder(AbstractContextManager[Path]):
    """A folder for a block.

    Not a generator, because of the stop button: Python looks for an interrupt within ``contextlib``'s own functions,
    where nobody removes the folder yet, but not between the end of ``__enter__`` and the block.
    """

    def __enter__(self) -> Path:
        self._folder = new_folder()
        return self._folder

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        remove_folder(self._folder)


def private_folder() -> AbstractContextManager[Path]:
    """Make a folder that only this user may enter, for a block; remove it after that with everything in it."""
    return _PrivateFolder()


def new_folder() -> Path:
    """Make a folder (mode 0700) whose name says whose it is, after a sweep: leftovers may be what fills the disk.

    An interrupt leaves none. The caller's ``try``, which removes it, begins right behind the line that stores it.

    Raises
    ------
    InputError
        No folder can be made.
    """
    sweep_leftovers()
    try:
        name = f"{PREFIX}{owners.mark()}-{os.urandom(_ENDING_BYTES).hex()}"
        return _made(Path(tempfile.gettempdir(), name).absolute())
    except OSError as problem:  # FileNotFoundError too: Python has tried every place it knows
        text = f"No temporary folder can be made: {problem.strerror or problem}."
        raise InputError(f"{text} Free some room, or name a folder of yours in the variable TMPDIR.") from problem


def _made(folder: Path) -> Path:
    try:
        folder.mkdir(0o700)
    except OSError:  # there is none, or it is somebody else's
        raise
    except BaseException:  # it may be there already
        with suppress(OSError):
            folder.rmdir()
        raise
    return folder


def new_place_for_sockets(folder: str) -> str:
    """Make a folder with a short path for sockets, whose paths may not be long, and note it in a private folder.

    It is in ``/tmp`` where the usual place has a long path itself, as macOS's and those of batch systems have.
    """
    place = tempfile.mkdtemp(prefix=_SHORT, dir=_place_of_places())
    try:
        Path(folder, _NOTE).write_text(place, encoding="utf-8")
    except BaseException:  # what is noted nowhere is swept by nobody
        shutil.rmtree(place, ignore_errors=True)
        raise
    return place


def _place_of_places() -> str:
    usual = tempfile.gettempdir()
    return usual if len(os.fsencode(usual)) <= _LONGEST_PLACE or not _is_open(_TMP) else str(_TMP)


def _is_open(folder: Path) -> bool:
    return os.name == "posix" and folder.is_dir() and os.access(folder, os.W_OK | os.X_OK)


def remove_folder(folder: str | Path | None) -> None:
    """Remove a private folder that several processes may want to remove; nothing happens when it is gone."""
    if folder is None:
        return
    try:
        _remove(Path(folder))
    except BaseException:  # the stop button, in the middle of it
        _remove(Path(folder))
        raise


def _remove(folder: Path) -> None:
    _remove_noted(folder)
    shutil.rmtree(folder, ignore_errors=True)


def _remove_noted(folder: Path) -> None:
    """Remove the place for sockets that a private folder notes, where it has one."""
    with suppress(OSError, UnicodeDecodeError):
        place = Path((folder / _NOTE).read_text(encoding="utf-8"))
        parents = (Path(tempfile.gettempdir()), _TMP)
        if place.name.startswith(_SHORT) and place.parent in parents and _is_my_folder(place):
            shutil.rmtree(place, ignore_errors=True)


def remove_files(folder: str | None) -> None:
    """Remove the files in a private folder, and keep the folder for the next who writes into it."""
    if folder is not None:
        _remove_noted(Path(folder))
    with suppress(OSError):  # somebody has cleaned up: then there is nothing to remove
        for path in [] if folder is None else list(Path(folder).iterdir()):
            with suppress(OSError):  # gone, a folder, or on Windows in use: the others go all the same
                path.unlink()


def leftovers() -> list[Leftover]:
    """List this user's private folders, those in use included."""
    return [
        Leftover(folder.name, _size_bytes(folder), owner, owners.dead(owner)) for folder, owner in _private_folders()
    ]


def sweep_leftovers() -> None:
    """Remove the folders whose makers were killed: our form of name, our user, no link, and the maker known dead."""
    for folder, owner in _private_folders():
        if owners.dead(owner):
            remove_folder(folder)


def _private_folders() -> Iterator[tuple[Path, str]]:
    with suppress(OSError):  # no place for temporary files, or none that can be listed: nothing to sweep
        for folder in Path(tempfile.gettempdir()).iterdir():
            name = _NAME.fullmatch(folder.name)
            if name and _is_my_folder(folder):
                yield folder, name["owner"]


def _is_my_folder(folder: Path) -> bool:
    try:
        state = folder.lstat()
    except OSError:  # gone in the meantime
        return False
    return stat.S_ISDIR(state.st_mode) and owners.is_mine(state)


def _size_bytes(folder: Path) -> int:
    total = 0
    with suppress(OSError):  # its owner is removing it: what was seen until then counts
        for path in folder.rglob("*"):
            total += path.lstat().st_size
    return total
