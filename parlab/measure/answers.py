"""Compares answers: a digest to compare between processes, and a comparison of values within one."""

import math
import struct
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from hashlib import blake2b
from typing import Any

_DEEPEST = 60
_OWN_WAYS = ("__eq__", "__hash__", "__reduce__", "__reduce_ex__", "__getstate__")


class _UnknownTypeError(Exception):
    """A value holds something whose equality cannot be read off its parts."""


def fingerprint(answer: Any) -> str | None:
    """Digest an answer, so that equal answers of different processes have equal digests.

    Parameters
    ----------
    answer
        Numbers, texts, bytes, containers, dataclasses, numpy arrays and numpy scalars, and objects with attributes.

    Returns
    -------
    str or None
        None where the answer holds something else; then only ``same`` can compare.
    """
    digest = blake2b(digest_size=16)
    try:
        _feed(digest, answer, 0)
    except _UnknownTypeError:
        return None
    return digest.hexdigest()


def _feed(digest: Any, value: Any, depth: int) -> None:
    if depth > _DEEPEST:
        raise _UnknownTypeError
    digest.update(f"<{type(value).__qualname__}".encode())
    if value is None or isinstance(value, (bool, int, str)):
        digest.update(str(value).encode(errors="surrogatepass"))
    elif isinstance(value, float):
        digest.update(struct.pack("<d", value))
    elif isinstance(value, (bytes, bytearray)):
        digest.update(value)
    elif isinstance(value, (list, tuple)):
        for part in value:
            _feed(digest, part, depth + 1)
    elif isinstance(value, (set, frozenset)):
        _feed(digest, sorted(_required(part) for part in value), depth + 1)
    elif isinstance(value, Mapping):
        _feed(digest, sorted((_required(key), _required(part)) for key, part in value.items()), depth + 1)
    elif hasattr(value, "tobytes") and hasattr(value, "dtype") and not value.dtype.hasobject:
        digest.update(f"{value.dtype.str}{value.shape}".encode())
        digest.update(value.tobytes())
    else:
        _feed(digest, _attributes(value), depth + 1)
    digest.update(b">")


def _required(value: Any) -> str:
    found = fingerprint(value)
    if found is None:
        raise _UnknownTypeError
    return found


def _attributes(value: Any) -> dict[str, Any]:
    """Return what a dataclass or a plain object consists of.

    Classes with an equality or a way to be pickled of their own may keep caches among their attributes (a ``Path`` its
    hash, which differs between processes): those are left to ``same``.
    """
    kind = type(value)
    if is_dataclass(value):
        return {one.name: getattr(value, one.name) for one in fields(value) if one.compare}
    own = any(getattr(kind, name, None) is not getattr(object, name, None) for name in _OWN_WAYS)
    if own or callable(value) or isinstance(value, BaseException) or not getattr(value, "__dict__", None):
        raise _UnknownTypeError
    return dict(vars(value))


def same(left: Any, right: Any, tolerance: float = 0.0) -> bool:
    """Compare two answers by value; NaN equals NaN, and floats may differ by a relative tolerance.

    Parameters
    ----------
    left, right
        Two combined answers.
    tolerance
        Allowed relative difference of floats; 0 asks for equality.
    """
    if isinstance(left, float) and isinstance(right, float):
        return left == right or (left != left and right != right) or _close(left, right, tolerance)  # noqa: PLR0124
    if isinstance(left, (list, tuple)) and isinstance(right, (list, tuple)):
        return len(left) == len(right) and all(same(a, b, tolerance) for a, b in zip(left, right, strict=True))
    if isinstance(left, Mapping) and isinstance(right, Mapping):
        return left.keys() == right.keys() and all(same(left[key], right[key], tolerance) for key in left)
    if hasattr(left, "dtype") and hasattr(right, "dtype"):
        import numpy as np

        try:
            return left.shape == right.shape and np.allclose(left, right, rtol=tolerance, atol=0.0, equal_nan=True)
        except TypeError:  # texts and objects have no distance
            return bool(np.array_equal(left, right))
    if hasattr(left, "equals"):  # pandas and pyarrow
        return bool(left.equals(right))
    own_equality = getattr(type(left), "__eq__", None) is not object.__dict__["__eq__"]
    if type(left) is type(right) and not own_equality and hasattr(left, "__dict__"):
        return same(vars(left), vars(right), tolerance)
    return bool(left == right)


def _close(left: float, right: float, tolerance: float) -> bool:
    return math.isclose(left, right, rel_tol=tolerance, abs_tol=0.0) if tolerance else False
