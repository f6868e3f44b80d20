"""Refuses records of a result file whose numbers nobody can have measured, so that all who reckon with them may trust.

The limits are far beyond what machines do, and near enough that quotients and products of them are still numbers.
"""

from collections.abc import Mapping, Sequence
from dataclasses import fields
from typing import Any

from parlab.records import Memory, Sweep, Trial
from parlab.results.schema import Header

MOST_COUNT = 1 << 53  # whole numbers that a float holds
MOST_WORKERS = 1 << 20
MOST_NUMBER = 1e18
LEAST_S = 1e-12  # a thousandth of what the finest clock tells; 0 is "too short to tell"

_OF_SIGN = {  # which may be below zero: differences of clocks, and a system's own load average
    "clock_offset_s",
    "load",
    "seed",
    "thread",
    "process",
}
_WORDS, _NUMBERS = {str}, {int, float, type(None)}
_DIVISORS = ("map_s", "ceiling", "pace")


def check_trial(trial: Trial) -> None:
    """Refuse a trial that cannot have been measured.

    Raises
    ------
    ValueError
        It names the field.
    """
    _between("Trial.tasks", trial.tasks, 0, MOST_COUNT)
    _numbers(trial)
    _between("Trial.workers", trial.workers, 1, MOST_WORKERS)
    for name in _DIVISORS:
        value = getattr(trial, name)
        if value and value < LEAST_S:
            raise ValueError(f"Trial.{name} is {value!r}, and no clock tells less than {LEAST_S:g}")
    for one in (*trial.crew, *trial.failures):
        _numbers(one)
    for task in trial.rerun:
        _between("Trial.rerun", task, 0, MOST_COUNT)


def check_spans(spans: Mapping[str, Sequence[Any]]) -> None:
    """Refuse a table of tasks that holds something else than numbers, or a number beyond what can be.

    Raises
    ------
    ValueError
        It names the column.
    """
    for name, column in spans.items():
        kinds = set(map(type, column))  # fast: a file may have a million tasks
        if not kinds <= (_WORDS if name == "outcome" else _NUMBERS):
            raise ValueError(f"Span.{name} is not a list of {'words' if name == 'outcome' else 'numbers'}")
        if int in kinds and any(abs(one) > MOST_COUNT for one in column if one is not None):
            raise ValueError(f"Span.{name} is beyond what can be: at most {MOST_COUNT:g}")


def check_header(header: Header) -> None:
    """Refuse a header whose plan nobody can have carried out.

    Raises
    ------
    ValueError
        It names the field.
    """
    check_sweep(header.sweep)
    _numbers(header.check)
    for tasks, cost in header.check.costs.items():
        digits = tasks if tasks.isascii() and tasks.isdecimal() and len(tasks) < 20 else "-1"
        if not 0 <= int(digits) <= MOST_COUNT or not LEAST_S <= cost <= MOST_NUMBER:
            raise ValueError("Check.costs is no table of costs by number of tasks")


def check_sweep(sweep: Sweep) -> None:
    """Refuse a plan with no workers, or with more than there can be.

    Raises
    ------
    ValueError
        It names the field.
    """
    _numbers(sweep)
    _between("Sweep.chunksize", sweep.chunksize, 1, MOST_COUNT)
    for workers in sweep.workers:
        _between("Sweep.workers", workers, 1, MOST_WORKERS)


def check_memory(memory: Memory) -> None:
    """Refuse what no process can have held.

    Raises
    ------
    ValueError
        It names the field.
    """
    _numbers(memory)
    _between("Memory.workers", memory.workers, 1, MOST_WORKERS)


def _numbers(record: Any) -> None:
    """Hold every plain number of a record to what can be: none below zero, none beyond all measure."""
    for spec in fields(record):
        value = getattr(record, spec.name)
        if isinstance(value, bool) or not isinstance(value, int | float):
            continue
        where = f"{type(record).__name__}.{spec.name}"
        if value < 0 and spec.name not in _OF_SIGN:
            raise ValueError(f"{where} is below zero")
        most = MOST_COUNT if isinstance(value, int) else MOST_NUMBER
        if spec.name != "seed" and abs(value) > most:
            raise ValueError(f"{where} is beyond what can be: at most {most:g}")


def _between(where: str, value: int, least: int, most: int) -> None:
    if not least <= value <= most:
        raise ValueError(f"{where} is not between {least} and {most}")
