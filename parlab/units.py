"""Writes numbers with their units as people read them: durations, sizes, counts of things. Knows nothing else."""

from typing import Any

_DURATIONS = (("s", 1.0), ("ms", 1e3), ("us", 1e6))
_SIZES = ((1 << 40, "TiB"), (1 << 30, "GiB"), (1 << 20, "MiB"), (1 << 10, "KiB"))


def digits(value: float) -> str:
    """Write a number with three digits, or with all that it has before the point: ``"1012"``, never ``"1.01e+03"``."""
    return f"{value:.0f}" if abs(value) >= 999.5 else f"{value:.3g}"  # from 999.5 on, three digits would be 1e+03


def duration(value_s: float) -> str:
    """Write a duration with three digits and its unit, in plain ASCII for terminals: ``"1.5 ms"``.

    Parameters
    ----------
    value_s
        Seconds.
    """
    if not value_s:
        return "0"
    unit, factor = next((one for one in _DURATIONS if abs(value_s) * one[1] >= 1), _DURATIONS[-1])
    return f"{digits(value_s * factor)} {unit}"


def size(amount_bytes: float) -> str:
    """Write a number of bytes with three digits and its unit, in powers of 1024: ``"4 MiB"``."""
    factor, unit = next((one for one in _SIZES if amount_bytes >= one[0]), (1, "B"))
    return f"{digits(amount_bytes / factor)} {unit}" if factor > 1 else f"{amount_bytes:.0f} B"


def count(number: Any, what: str) -> str:
    """Write a number of things: ``"1 worker"``, ``"2 workers"``; what a file has instead of a number stays as it is."""
    return f"{number} {what}{'' if number == 1 else 's'}"
