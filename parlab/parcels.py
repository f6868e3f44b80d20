"""Values as bytes: packed where they come from, unpacked inside the watch of whoever receives them.

An engine that pickles for us does so in its own threads and loops, where one bad object takes a pool down or makes it
wait for ever. Bytes always travel; what they hold is opened by the envelope and the harness, one task at a time. Only
values of this user's own processes are opened, never a file.
"""

import io
import pickle
from collections.abc import Iterator, Mapping
from typing import Any

_KNOWN = ("numpy", "datetime", "decimal")  # their objects come back as they went
_PLAIN = frozenset((type(None), bool, int, float, complex, str, bytes))  # nothing can be in them
_DEEPEST, _MOST_PARTS = 20, 10_000


class ParcelError(Exception):
    """A value cannot travel; the text says which part of it, and why."""


class _Watchful(pickle.Pickler):
    """A pickler that notices whether somebody's own class or function goes along."""

    foreign = False

    def reducer_override(self, value: Any) -> Any:
        """Look at everything that is no plain data, and leave it to pickle (PEP 574 calls this for nothing else)."""
        home = getattr(value, "__module__", None) or type(value).__module__
        if str(home).partition(".")[0] not in _KNOWN:
            self.foreign = True
        return NotImplemented


def pack(value: Any, *, by_value: bool = False) -> bytes:
    """Turn a value into bytes.

    Parameters
    ----------
    value
        Anything.
    by_value
        True to let functions and classes travel by their code (cloudpickle) where their names do not suffice.

    Raises
    ------
    BaseException
        Whatever the value's own code raises, or pickle: see ``why_not``.
    """
    if by_value:
        import cloudpickle

        code: bytes = cloudpickle.dumps(value)
        return code
    return pickle.dumps(value, pickle.HIGHEST_PROTOCOL)


def pack_sound(value: Any, name: str, *, by_value: bool = False, same_type: bool = False) -> bytes:
    """Turn a value into bytes that are known to come back.

    Where somebody's own class is in it, the bytes are unpacked once here: a value that cannot be rebuilt, or whose
    rebuilding crashes, is then this worker's trouble and not that of whoever waits for all.

    Parameters
    ----------
    value
        Anything.
    name
        What an error calls it.
    by_value
        As in ``pack``, and only where pickle alone fails.
    same_type
        Refuse it when it comes back as another type, as some classes' own pickling wants it.

    Raises
    ------
    ParcelError
        It cannot be packed, or not be unpacked again.
    """
    if type(value) in _PLAIN:
        return pickle.dumps(value, pickle.HIGHEST_PROTOCOL)
    try:
        data, foreign = _pack_watchfully(value)
    except Exception as problem:
        if not by_value:
            raise ParcelError(why_not(value, name, problem)) from problem
        data, foreign = _pack_by_value(value, name), True
    if foreign:
        found = _try_to_unpack(data, type(value), name)
        if same_type and found is not type(value) and not by_value:
            raise ParcelError(f"{name} ({type(value).__qualname__}) comes back as {found.__qualname__}")
    return data


def unpack(data: bytes) -> Any:
    """Turn bytes into the value again; whatever its own code raises is passed on."""
    return pickle.loads(data)  # noqa: S301  # bytes of this user's own processes, see the module's first lines


def why_not(value: Any, name: str, problem: BaseException) -> str:
    """Say which part of a value cannot be packed, by its path from ``name``, and why."""
    try:
        path, part = _culprit(value, name, 0)
        reason = f"{type(problem).__name__}: {problem}"
    except (Exception, SystemExit):  # the value's own code runs here too
        path, part, reason = name, value, type(problem).__name__
    kind = type(part)
    return f"{path} ({kind.__module__}.{kind.__qualname__}) cannot be pickled: {reason}"


def _pack_watchfully(value: Any) -> tuple[bytes, bool]:
    out = io.BytesIO()
    pickler = _Watchful(out, pickle.HIGHEST_PROTOCOL)
    pickler.dump(value)
    return out.getvalue(), pickler.foreign


def _pack_by_value(value: Any, name: str) -> bytes:
    try:
        return pack(value, by_value=True)
    except Exception as problem:
        raise ParcelError(why_not(value, name, problem)) from problem


def _try_to_unpack(data: bytes, kind: type, name: str) -> type:
    try:
        return type(unpack(data))
    except BaseException as problem:  # its own code runs here, and may well call sys.exit()
        text = f"{name} ({kind.__qualname__}) can be pickled, but not be rebuilt: {type(problem).__name__}: {problem}"
        raise ParcelError(text) from problem


def _culprit(value: Any, path: str, depth: int) -> tuple[str, Any]:
    """Go down to the smallest part that does not pickle."""
    if depth < _DEEPEST:
        for label, part in _parts(value):
            if not _packs(part):
                return _culprit(part, path + label, depth + 1)
    return path, value


def _parts(value: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(value, Mapping):
        named = [(f"[{key!r:.40}]", part) for key, part in list(value.items())[:_MOST_PARTS]]
    elif isinstance(value, (list, tuple)):
        named = [(f"[{index}]", part) for index, part in enumerate(value[:_MOST_PARTS])]
    elif isinstance(value, (set, frozenset)):
        named = [("{…}", part) for part in list(value)[:_MOST_PARTS]]
    else:
        named = [(f".{name}", part) for name, part in getattr(value, "__dict__", {}).items()]
        if isinstance(value, type):
            named = []
    yield from named


def _packs(value: Any) -> bool:
    try:
        pack(value)
    except (Exception, SystemExit):  # as above
        return False
    return True
