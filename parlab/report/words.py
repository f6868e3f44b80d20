"""Small forms of words that all parts of a report share. Nothing here knows a page or a sweep."""

from collections.abc import Sequence
from typing import Any

from parlab.codec import dumps

_LONGEST = 300  # letters of one value from a file


def counted(number: int, noun: str) -> str:
    """Write a number with its noun: ``1 round``, ``9 rounds``."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def crew(backend: str, workers: int) -> str:
    """Name a configuration: ``processes with 2 workers``."""
    return f"{backend} with {counted(workers, 'worker')}"


def enumerated(names: Sequence[str]) -> str:
    """Join names as a sentence does: ``a, b and c``."""
    return " and ".join(filter(None, (", ".join(names[:-1]), *names[-1:])))


def plain(value: Any) -> str:
    """Write any JSON value from a file as a short text."""
    text = value if isinstance(value, str) else _number(value) if isinstance(value, (int, float)) else _json(value)
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"


def number(value: Any) -> float | None:
    """Return a number from a file; None for anything else, and for what is beyond any machine."""
    known = isinstance(value, (int, float)) and not isinstance(value, bool) and 0 <= value < 1e300
    return float(value) if known else None


def _number(value: float) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:.4g}" if isinstance(value, float) else str(value) if abs(value) < 1 << 64 else "a huge number"


def _json(value: Any) -> str:
    if value is None:
        return "not known"
    try:
        return dumps(value).replace(",", ", ").replace(":", ": ")
    except (TypeError, ValueError):  # evidence made in this process may hold what JSON cannot
        return repr(value)
