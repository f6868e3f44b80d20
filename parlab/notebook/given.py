"""Reads the arguments of ``parlab.speedup`` as people give them: one worker count, one backend, a text of several."""

import os
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, cast

from parlab import workloads
from parlab.errors import InputError, unknown_choice
from parlab.measure.limits import is_whole
from parlab.measure.request import Request
from parlab.options import parse_names, parse_workers

_OF_THE_COMMAND = ("make_folder", "subject")  # fields that nobody gives by name


def worker_counts(given: int | str | Iterable[int] | None) -> Sequence[int] | None:
    """Return the worker counts; what is no count stays, and is refused with its reason where the others are known.

    Raises
    ------
    InputError
        It is neither a count nor several.
    """
    if given is None:
        return None
    if isinstance(given, str):
        return parse_workers(given, "workers")
    if is_whole(given):
        return (int(cast("int", given)),)
    if not isinstance(given, Iterable):
        raise InputError(f"workers cannot be {given!r:.80}. Give whole numbers from 1 up, such as [1, 2, 4].")
    return tuple(int(one) if is_whole(one) else one for one in given)


def specs(given: str | Iterable[str] | None) -> Sequence[str] | None:
    """Return the backends.

    Raises
    ------
    InputError
        It is neither a spec nor several.
    """
    if given is None:
        return None
    chosen = parse_names(given) if isinstance(given, str) else given
    found: tuple[Any, ...] = tuple(chosen) if isinstance(chosen, Iterable) else (chosen,)
    wrong = [one for one in found if not isinstance(one, str)]
    if wrong:
        raise InputError(f'backends cannot hold {wrong[0]!r:.80}. Give names, such as ["threads", "processes"].')
    return found


def place(given: object) -> Path | None:
    """Return where the result file is to be.

    Raises
    ------
    InputError
        It is no path.
    """
    if given is None:
        return None
    if not isinstance(given, (str, os.PathLike)):
        raise InputError(f'output cannot be {given!r:.80}. Give a path, such as "results.jsonl".')
    return Path(given)


def unknown_argument(name: str, subject: object, value: object) -> InputError:
    """Build the error for an argument that ``parlab.speedup`` does not have; a workload's option goes elsewhere."""
    if isinstance(subject, str) and subject in workloads.names() and name in workloads.get(subject).options:
        return InputError(f"{name!r} is an option of {subject}. Write options={{{name!r}: {value!r:.80}}}.")
    allowed = [one for one in Request.__dataclass_fields__ if one not in _OF_THE_COMMAND]
    return unknown_choice("argument of parlab.speedup", name, [*allowed, "progress"])
