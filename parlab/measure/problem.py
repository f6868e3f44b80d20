"""What a trial works on: the task, its items, and how the values become an answer. Made inside the trial process."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from parlab import workloads
from parlab.measure import payload as payloads
from parlab.records import Sweep
from parlab.workloads.named import task_of


@dataclass(frozen=True, slots=True)
class Problem:
    """A workload with its items in hand."""

    task: Callable[[Any], Any]
    items: Sequence[Any]
    combine: Callable[[Sequence[Any]], Any]
    tolerance: float


def load(
    sweep: Sweep, payload: str | None, place: str | None = None, tasks: int | None = None, logbook: str | None = None
) -> Problem:
    """Make the problem that a sweep names.

    Parameters
    ----------
    sweep
        Names a workload of the registry, or the user's ``module:function``.
    payload
        The user's items, for a function of their own.
    place
        Where what the workload needs is, for one that has a ``provide``.
    tasks
        How many items; None takes all, or those of the sweep's size.
    logbook
        Where to note which of the user's items is being rebuilt.

    Raises
    ------
    InputError
        The function cannot be imported here, or the workload refuses its options.
    """
    if payload is None:
        workload = workloads.get(sweep.workload)
        options = sweep.options if place is None else {"place": place}
        count = workload.count(sweep.size or "small") if tasks is None else tasks
        items = workload.items(count, sweep.seed, **options)
        return Problem(workload.task, items, workload.combine, workload.tolerance)
    given = payloads.read(payload, logbook)
    function = given.function or task_of(sweep.workload)
    task = partial(function, **given.kwargs) if given.kwargs else function
    return Problem(task, given.items[:tasks], list, 0.0)
