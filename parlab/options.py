"""Reads the texts of options into values; each refusal says what was given, what is allowed, and gives an example."""

import json
import re
from typing import Any

from parlab.errors import InputError
from parlab.measure.limits import LARGEST_PRECISION, LEAST_PRECISION

_UNITS_S = {"": 1.0, "s": 1.0, "m": 60.0, "h": 3600.0}
_COUNT = re.compile(r"[0-9]{1,9}")
_SHARE = re.compile(r"(?P<number>[0-9]{1,9}(\.[0-9]{1,9})?)\s*(?P<percent>%?)")
_SIZE = re.compile(r"(?P<number>[0-9]{1,15}(\.[0-9]{1,9})?)\s*(?P<unit>[KMGTkmgt]?)(i?[Bb])?")
_DURATION = re.compile(r"(?P<number>\d+(\.\d+)?)\s*(?P<unit>[smh]?)")


def parse_names(text: str | None) -> list[str] | None:
    """Split ``"threads,processes:spawn"`` at the commas."""
    if text is None:
        return None
    return [part.strip() for part in text.split(",") if part.strip()]


def parse_workers(text: str | None, option: str = "--workers") -> list[int] | None:
    """Read ``"1,2,4"``.

    Raises
    ------
    InputError
        A part is not a whole number from 1 up.
    """
    names = parse_names(text)
    if names is None:
        return None
    counts = []
    for name in names:
        if not _COUNT.fullmatch(name) or int(name) < 1:
            message = f"{option} {text!r} is not allowed: {name!r} is no whole number from 1 up. Write 1,2,4."
            raise InputError(message)
        counts.append(int(name))
    return counts


def parse_count(option: str, text: str) -> int:
    """Read a whole number from 1 up.

    Raises
    ------
    InputError
        It has another form, or is 0.
    """
    if not _COUNT.fullmatch(text) or int(text) < 1:
        raise InputError(f"{option} {text!r} is not allowed: give a whole number from 1 up.")
    return int(text)


def parse_duration(option: str, text: str | None, *, zero: bool = False) -> float | None:
    """Read ``"60s"``, ``"2m"``, ``"1.5h"`` or ``"90"`` into seconds.

    Raises
    ------
    InputError
        It has another form, or is 0 where ``zero`` is not allowed.
    """
    if text is None:
        return None
    found = _DURATION.fullmatch(text.strip().lower())
    seconds = float(found["number"]) * _UNITS_S[found["unit"]] if found else 0.0
    if zero and found and seconds == 0:
        return 0.0
    if not 0 < seconds < float("inf"):
        raise InputError(f"{option} {text!r} is no duration above 0. Write 60s, 2m or 1h.")
    return seconds


def parse_share(option: str, text: str | None) -> float | None:
    """Read ``"5%"`` or ``"0.05"`` into a share.

    Raises
    ------
    InputError
        It has another form, or is not between 0.01 % and 50 %.
    """
    if text is None:
        return None
    found = _SHARE.fullmatch(text.strip())
    share = float(found["number"]) / (100 if found["percent"] else 1) if found else 0.0
    if not LEAST_PRECISION <= share <= LARGEST_PRECISION:
        allowed = f"Give a share from {LEAST_PRECISION:.2%} to {LARGEST_PRECISION:.0%}, as 5% or 0.05."
        raise InputError(f"{option} {text!r} is not allowed. {allowed}")
    return share


def parse_slowdown(option: str, text: str | None) -> float | None:
    """Read ``"10%"`` or ``"0.1"``: by which share something may be slower.

    Raises
    ------
    InputError
        It has another form, or is more than 100 %.
    """
    if text is None:
        return None
    found = _SHARE.fullmatch(text.strip())
    share = float(found["number"]) / (100 if found["percent"] else 1) if found else -1.0
    if not 0 <= share <= 1:
        raise InputError(f"{option} {text!r} is not allowed. Give a share from 0% to 100%, as 10% or 0.1.")
    return share


def parse_bytes(option: str, text: str | None) -> int | None:
    """Read ``"500M"``, ``"2G"``, ``"1.5GiB"`` or a number of bytes; K, M, G and T are powers of 1024.

    Raises
    ------
    InputError
        It has another form, or is 0.
    """
    if text is None:
        return None
    found = _SIZE.fullmatch(text.strip())
    count = int(float(found["number"]) * 1024 ** " KMGT".index(found["unit"].upper() or " ")) if found else 0
    if count < 1:
        raise InputError(f"{option} {text!r} is no size above 0. Write 500M or 2G.")
    return count


def parse_kwargs(text: str | None) -> dict[str, Any] | None:
    """Read a JSON object of keyword arguments.

    Raises
    ------
    InputError
        It is no JSON object.
    """
    if text is None:
        return None
    try:
        found = json.loads(text)
    except (ValueError, RecursionError) as problem:
        raise InputError(f"--kwargs {text!r} is no JSON ({problem}). Write '{{\"radius\": 3}}'.") from problem
    if not isinstance(found, dict):
        raise InputError(f"--kwargs must be a JSON object, not {text!r}. Write '{{\"radius\": 3}}'.")
    return found


def at_least_one(option: str, number: int | None) -> int | None:
    """Return a count that was given, or None.

    Raises
    ------
    InputError
        It is below 1.
    """
    if number is not None and number < 1:
        raise InputError(f"{option} {number} is not allowed: give a whole number from 1 up.")
    return number
