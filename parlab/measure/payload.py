"""Carries the user's own items, and functions of notebook cells, to the trial processes: one private temporary file.

This is the one place where parlab reads a pickle: the user's own data, written moments before by the same user into a
folder that nobody else may enter, and removed when the sweep ends. Result files are never pickles.
"""

import pickle
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b
from pathlib import Path
from typing import Any

from parlab.errors import InputError
from parlab.measure.answers import fingerprint
from parlab.temporary import new_folder, sweep_leftovers


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
        An item or argument cannot be pickled; the text names it.
    """
    items = _pickled(payload)
    code = None if payload.function is None else _by_value(payload.function)
    sweep_leftovers()
    folder = new_folder()
    path = folder / "payload.pickle"
    path.write_bytes(pickle.dumps((items, code)))
    path.chmod(0o600)
    return path, fingerprint(list(payload.items)) or blake2b(items, digest_size=16).hexdigest()


def read(path: str) -> Payload:
    """Read a payload back, in a trial process.

    Raises
    ------
    InputError
        An item's class cannot be imported there.
    """
    try:
        items, code = pickle.loads(Path(path).read_bytes())  # noqa: S301  # see the module's first lines
        values, kwargs = pickle.loads(items)  # noqa: S301
        return Payload(values, kwargs, None if code is None else pickle.loads(code))  # noqa: S301
    except (AttributeError, ImportError) as problem:
        message = f"The items cannot be rebuilt in another process: {problem}. Define their class in a module."
        raise InputError(message) from problem


def remove(path: str | None) -> None:
    """Remove a payload and its folder; nothing happens when they are gone already."""
    if path is not None:
        shutil.rmtree(Path(path).parent, ignore_errors=True)


def _pickled(payload: Payload) -> bytes:
    try:
        return pickle.dumps((list(payload.items), payload.kwargs))
    except Exception:  # any object may refuse in its own way: find out which one it is
        for index, item in enumerate(payload.items):
            _must_pickle(item, f"Item {index} ({item!r:.80})")
        for name, value in payload.kwargs.items():
            _must_pickle(value, f"The argument {name!r}")
        raise


def _must_pickle(value: Any, what: str) -> None:
    try:
        pickle.dumps(value)
    except Exception as problem:  # see above
        message = f"{what} cannot be sent to another process: {problem}. Send what it is made from instead."
        raise InputError(message) from problem


def _by_value(function: Callable[[Any], Any]) -> bytes:
    import cloudpickle

    try:
        code: bytes = cloudpickle.dumps(function)
    except Exception as problem:  # what a closure holds can refuse in its own way
        message = f"The function {function!r:.80} cannot be shipped by value: {problem}."
        raise InputError(message) from problem
    return code
