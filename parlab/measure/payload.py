"""Carries the user's own items, and functions of notebook cells, to the trial processes: one private temporary file.

Pickles are read from this file alone: the user's own data, written moments before by the same user into a folder that
nobody else may enter, and removed when the sweep ends. Result files are never pickles.
"""

import os
import stat
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b
from pathlib import Path
from typing import Any

from parlab import owners
from parlab.errors import InputError
from parlab.logbook import page_of
from parlab.measure.answers import fingerprint
from parlab.parcels import pack, unpack, why_not
from parlab.temporary import new_folder, remove_folder
from parlab.trace import pack_item


@dataclass(frozen=True, slots=True)
class Payload:
    """The user's items, what goes with each call, and the function itself where it travels by value."""

    items: Sequence[Any]
    kwargs: dict[str, Any] = field(default_factory=dict)
    function: Callable[[Any], Any] | None = None


def write(payload: Payload) -> tuple[Path, str]:
    """Write a payload into a new private folder (mode 0700).

    Returns
    -------
    path, digest
        The file, and a digest of the items, so that a resumed sweep notices other items.

    Raises
    ------
    InputError
        An item or argument cannot be pickled, and the text names it; or the temporary folder is full.
    """
    items = [pack_item(item, index) for index, item in enumerate(payload.items)]
    kwargs = {name: _packed(value, name) for name, value in payload.kwargs.items()}
    code = None if payload.function is None else _by_value(payload.function)
    digest = fingerprint(list(payload.items)) or blake2b(pack(items), digest_size=16).hexdigest()
    folder = new_folder()
    try:
        path = folder / "payload.pickle"
        path.touch(0o600, exist_ok=False)
        path.write_bytes(pack((items, kwargs, code)))
    except BaseException as problem:  # a full disk, an interrupt: half a payload is no use to anybody
        remove_folder(folder)
        if isinstance(problem, OSError):
            text = f"The items cannot be written into the temporary folder: {problem.strerror}."
            raise InputError(f"{text} Make room, or name another folder in the variable TMPDIR.") from problem
        raise
    return path, digest


def read(path: str, logbook: str | None = None) -> Payload:
    """Read a payload back, in a trial process.

    Parameters
    ----------
    path
        The file.
    logbook
        Where to note which item is being rebuilt: its own code runs then, and may crash.

    Raises
    ------
    InputError
        An item cannot be rebuilt there, and the text names it; or the file is not this user's alone.
    """
    items, kwargs, code = unpack(_own_bytes(Path(path)))
    page, values = page_of(logbook), []
    for index, item in enumerate(items):
        page.begin(index)
        values.append(_rebuilt(item, f"Item {index}"))
        page.end()
    named = {name: _rebuilt(value, f"The argument {name!r}") for name, value in kwargs.items()}
    return Payload(values, named, None if code is None else _rebuilt(code, "The function"))


def _own_bytes(path: Path) -> bytes:
    """Read the file if nobody else can have written it: a pickle runs code. A link is not followed."""
    descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0))
    with os.fdopen(descriptor, "rb") as file:
        for state in (os.fstat(descriptor), path.parent.lstat()):
            writable = os.name == "posix" and state.st_mode & (stat.S_IWGRP | stat.S_IWOTH)
            if not owners.is_mine(state) or writable:
                message = f"The items in {str(path)!r} may have been written by somebody else, so they are not read."
                raise InputError(f"{message} Measure again; parlab writes them into a folder that is yours alone.")
        return file.read()


def remove(path: str | None) -> None:
    """Remove a payload and its folder; nothing happens when they are gone already."""
    if path is not None:
        remove_folder(Path(path).parent)


def _packed(value: Any, name: str) -> bytes:
    try:
        return pack(value)
    except Exception as problem:  # any object may refuse in its own way
        text = why_not(value, f"the argument {name!r}", problem)
        raise InputError(f"{text}. Send what it is made from instead.") from problem


def _rebuilt(data: bytes, what: str) -> Any:
    try:
        return unpack(data)
    except (Exception, SystemExit) as problem:  # the value's own code runs here
        text = f"{what} cannot be rebuilt in another process: {type(problem).__name__}: {problem}."
        raise InputError(f"{text} Define its class in a module that can be imported there.") from problem


def _by_value(function: Callable[[Any], Any]) -> bytes:
    try:
        return pack(function, by_value=True)
    except Exception as problem:  # what a closure holds can refuse in its own way
        message = f"The function {function!r:.80} cannot be shipped by value: {problem}."
        raise InputError(message) from problem
