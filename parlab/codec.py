"""Turns records into plain JSON values and back, checking each field on the way in. Never pickle, never ``eval``."""

import json
import sys
import types
from collections.abc import Mapping
from dataclasses import MISSING, asdict, fields, is_dataclass
from functools import lru_cache
from math import isfinite
from typing import Any, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

Record = TypeVar("Record")


def encode(record: Any) -> dict[str, Any]:
    """Turn a dataclass into a dict of JSON values (tuples become lists when written)."""
    return asdict(record)


def dumps(value: object) -> str:
    """Write one line of plain ASCII JSON; NaN and infinities are refused because JSON has no word for them."""
    return json.dumps(value, allow_nan=False, separators=(",", ":"))


def loads(text: str | bytes) -> Any:
    """Read JSON from an untrusted file.

    Raises
    ------
    ValueError
        The text is not JSON, holds NaN or an infinity, or is nested too deeply.
    """
    try:
        return json.loads(text, parse_constant=_refuse_constant, parse_float=_finite)
    except RecursionError:
        raise ValueError("it is nested too deeply") from None


def _finite(text: str) -> float:
    number = float(text)
    if not isfinite(number):  # 1e999 is good JSON and no number that we can use
        raise ValueError(f"{text} is too large")
    return number


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is not allowed")


def decode(cls: type[Record], data: object) -> Record:
    """Build a record from JSON values.

    Parameters
    ----------
    cls
        A frozen dataclass.
    data
        What ``loads`` gave. Fields this version does not know are ignored, so that a newer minor version can be read.

    Raises
    ------
    ValueError
        A field is missing or has another type than the record allows; the text names the field.
    """
    if not isinstance(data, Mapping):
        raise ValueError(  # noqa: TRY004  # one class for every defect of a file
            f"expected an object for {cls.__name__}, found {type(data).__name__}"
        )
    hints = _hints(cls)  # type: ignore[arg-type]  # classes are hashable
    values = {}
    for spec in fields(cls):  # type: ignore[arg-type]  # Record is bound to dataclasses by use
        if spec.name in data:
            values[spec.name] = _convert(hints[spec.name], data[spec.name], f"{cls.__name__}.{spec.name}")
        elif spec.default is MISSING and spec.default_factory is MISSING:
            raise ValueError(f"{cls.__name__} lacks the field {spec.name!r}")
    return cls(**values)


@lru_cache
def _hints(cls: type) -> dict[str, Any]:
    return get_type_hints(cls)


def _convert(hint: Any, value: Any, where: str) -> Any:
    """Check one value against one annotation; lists become the tuples that frozen records hold."""
    origin, arguments = get_origin(hint), get_args(hint)
    if hint is Any:
        return value
    if origin in (Union, types.UnionType):
        if value is None and type(None) in arguments:
            return None
        return _convert(next(one for one in arguments if one is not type(None)), value, where)
    if origin is Literal:
        if value in arguments:
            return value
    elif origin is tuple and isinstance(value, list):
        return tuple(_convert(arguments[0], one, where) for one in value)
    elif origin is dict and isinstance(value, dict):
        return {key: _convert(arguments[1], one, f"{where}[{key!r}]") for key, one in value.items()}
    elif origin is list and isinstance(value, list):
        return value
    elif is_dataclass(hint):
        return decode(hint, value)  # type: ignore[arg-type]  # hint is a dataclass type here
    elif origin is None and _is_scalar(hint, value):
        return value
    raise ValueError(f"{where} cannot be {value!r:.60}")


def _is_scalar(hint: Any, value: Any) -> bool:
    """Check a plain value: ``True`` is no number, and a whole number is a fine float."""
    if isinstance(value, bool):
        return hint is bool
    if hint is float and isinstance(value, int):
        return abs(value) <= sys.float_info.max  # else it could not be reckoned with
    return isinstance(value, hint)
