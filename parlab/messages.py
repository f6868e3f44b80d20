"""What goes to a worker and what comes back: messages of tasks, and reports on them. Plain data, and little of it.

These are made, pickled and kept for every message, so they are as few and as flat as they can be: numbers stand in
lists and bytes, in which Python collects no garbage. Nothing is measured here.
"""

import struct
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from parlab.records import Failure

_MARK = struct.Struct("5d")


class Message(NamedTuple):
    """Tasks that travel together: the index of the first, and their items."""

    first: int
    items: Sequence[Any]


Packed = tuple[int, Sequence[Any]]  # a message on its journey: a plain tuple is pickled in half the time


class Mark(NamedTuple):
    """One task as its worker saw it, on the worker's own clock."""

    started_s: float
    finished_s: float
    cpu_s: float
    unpickle_s: float = 0.0  # rebuilding the item
    pickle_s: float = 0.0  # turning the result into bytes


class Travelled(NamedTuple):
    """What went or came in one message, task by task. Lists of numbers, because Python collects no garbage in them."""

    sizes_bytes: list[int]
    taken_s: list[float]  # how long this side took to pack or to unpack each


@dataclass(slots=True)
class Report:
    """What comes back for one message. A failed task's value is None, and its failure stands in ``failures``."""

    process: int
    thread: int
    values: list[Any] = field(default_factory=list)
    moments: bytes = b""  # the numbers of all marks, one after the other: they travel and wait as one piece
    failures: list[Failure] = field(default_factory=list)
    errors: dict[int, bytes] = field(default_factory=dict)  # exceptions that can travel, by task
    printed: dict[int, str] = field(default_factory=dict)  # what tasks printed, by task
    nested: bool = False  # a task used parlab's own pool, which ran serially
    host: str = ""  # digest of the worker's host, where an engine has workers on several

    @property
    def marks(self) -> list[Mark]:
        """When each task ran and what it cost, in the order of the tasks."""
        return [Mark._make(one) for one in _MARK.iter_unpack(self.moments)]

    def __reduce__(self) -> tuple[Any, ...]:
        """Travel as little as possible: most messages have nothing to tell but values and moments."""
        told = self.failures, self.errors, self.printed, self.nested, self.host
        return Report, (self.process, self.thread, self.values, self.moments, *(told if any(told) else ()))
