"""The record that describes a workload, and how its size is read. No workload is imported here.

Every worker that looks for a task imports this module. So the record is a named tuple and no dataclass, whose module
takes as long to import as all of this package together (``benchmarks/starts.py``), and errors are imported when needed.
"""

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Any, Literal, NamedTuple


class Workload(NamedTuple):
    """A named problem: inputs, a worker function, and the answer.

    Attributes
    ----------
    name, title, teaches
        The registry name, a short heading, and what a learner sees with it.
    bound
        What limits one task: ``"cpu"``, ``"memory"`` (its bandwidth) or ``"io"``. The machine's CPU ceiling is drawn
        for the first two: work that waits for something else can get past it.
    sizes
        How many tasks ``"small"`` and ``"large"`` have.
    items
        ``items(size, seed, **options)`` makes the inputs; the same arguments always make the same ones. Where there is
        a ``provide``, it is ``items(size, seed, place=...)``.
    task
        ``task(item)``, the worker function.
    combine
        ``combine(values)``, values in the order of the items, gives the answer.
    tolerance
        How far two answers may differ, relatively; 0 means they must be equal.
    options
        Names of the options that ``provide``, or else ``items``, takes.
    own_data
        The option that brings the user's own data, which are taken whole unless a size says otherwise.
    provide
        ``provide(size, seed, **options)``, for work that needs more than memory: a context manager around a whole
        sweep that makes files or starts a server, yields where that is (a text), and leaves nothing behind.
    """

    name: str
    title: str
    teaches: str
    bound: Literal["cpu", "memory", "io"]
    sizes: Mapping[str, int]
    items: Callable[..., Sequence[Any]]
    task: Callable[[Any], Any]
    combine: Callable[[Sequence[Any]], Any]
    tolerance: float = 0.0
    options: tuple[str, ...] = ()
    own_data: str | None = None
    provide: Callable[..., AbstractContextManager[str]] | None = None

    def count(self, size: str) -> int:
        """Turn ``"small"``, ``"large"`` or a number into a number of tasks.

        Raises
        ------
        InputError
            It is none of these, or below 1.
        """
        if size in self.sizes:
            return self.sizes[size]
        try:
            number = int(size)
        except ValueError:
            number = 0
        if number < 1:
            from parlab.errors import InputError

            presets = ", ".join(f"{name} ({tasks} tasks)" for name, tasks in self.sizes.items())
            message = f"Size {size!r} is not allowed for {self.name}: give {presets}, or a number of tasks from 1 up."
            raise InputError(message)
        return number
