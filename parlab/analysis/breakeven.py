"""How short a task may be: what it costs to give one to a worker, where half of the time goes there, which chunks help.

The model. Between two messages a worker is idle, and between two tasks of one message a little too. With c tasks of d
seconds in a message, a worker's round takes c x d of work, c times the cost of a task and once the cost of a message.
The parent sends every message itself, one after the other, so n workers cannot have a round shorter than n times what
it takes the parent to send one:

    efficiency(d, c, n) = c d / max(c d + c task_cost + message_cost, n parent_cost)

What the plain loop itself spends between two tasks is on both sides, and is taken off the costs: so the efficiency is
that of the tables, time of the loop over n times the time of n workers.

The first term is the usual linear cost of messages (R. W. Hockney, "The communication challenge for MPP", Parallel
Computing 20, 1994), the second the usual bound of a pipeline by its slowest stage. Work that waits for memory or the
last task is not in it: this efficiency is the best that can be had. Nothing here is drawn or advised.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from math import ceil
from statistics import median
from typing import Any

import numpy as np

from parlab import backends
from parlab.analysis.areas import of_map
from parlab.analysis.traces import Pair, Trace, column, trace_of, traced
from parlab.errors import ParlabError
from parlab.records import Trial
from parlab.results import Results
from parlab.units import count

HALF = 0.5  # measurement.md, rule 12
GOOD = 0.9  # what a chunk size should reach
FEWEST_CHUNKS = 4  # for each worker: fewer leave an idle tail of more than a fifth where tasks are uneven
PIPE_BYTES = 1 << 16  # what a pipe holds on Linux (pipe(7)): larger messages wait for their bytes to pass


@dataclass(frozen=True, slots=True)
class Cost:
    """What it takes to get one message to a worker and the next, in seconds; the median of the rounds.

    ``task_cost_s`` is None where the spans cannot tell it from the message's: then ``message_cost_s`` holds both.
    """

    message_cost_s: float  # a worker's idle time for each message, waiting for the parent included
    task_cost_s: float | None  # for each task in it: its item and result into bytes and back
    parent_cost_s: float  # between two messages that the parent sends without waiting for anything; 0: not known


@dataclass(frozen=True, slots=True)
class BreakEven:
    """How short tasks may be on one backend with a worker count, and the chunk size that fits the measured ones."""

    backend: str
    workers: int
    rounds: int
    cost: Cost
    duration_s: float  # tasks of this duration, one a message, reach 50 % efficiency
    task_s: float  # time of the plain loop for each of the measured tasks
    tasks: int
    chunksize: int | None  # smallest that reaches 90 % and leaves 4 chunks a worker
    reason: str | None  # why there is no such chunk size
    efficiency: float  # of the measured tasks at that chunk size, by the model; without one, at a chunk size of 1

    def as_json(self) -> dict[str, Any]:
        """Return the object that stands in ``--json``, costs beside the other numbers."""
        plain = asdict(self)
        return {**plain.pop("cost"), **plain}


def efficiency_at(duration_s: float, chunksize: int, workers: int, cost: Cost) -> float:
    """Return the efficiency that the model gives, from 0 to 1: dispatch and transfer are the only loss in it.

    Parameters
    ----------
    duration_s
        Of one task, in seconds.
    chunksize
        Tasks in one message.
    workers
        How many share the parent.
    cost
        What ``break_evens`` found. Where a task's own cost is not known it is taken as 0.
    """
    work_s = chunksize * duration_s
    busy_s = work_s + chunksize * (cost.task_cost_s or 0.0) + cost.message_cost_s
    longest_s = max(busy_s, workers * cost.parent_cost_s)
    return work_s / longest_s if longest_s > 0 else 0.0


def break_evens(results: Results) -> list[BreakEven]:
    """Return the break-even of each configuration with traced trials.

    Raises
    ------
    ResultFileError
        Spans hold what cannot be times.
    """
    rows = []
    for one in traced(results):
        found = [cost for pair in one.pairs if (cost := cost_of(pair)) is not None]
        times = [loop.map_s / loop.tasks for pair in one.pairs for loop in pair.serial if loop.map_s and loop.tasks]
        if found and times:
            task_s = median(times)
            rows.append(break_even(one.typical.trial, _middle(found), task_s, len(one.pairs)))
    return rows


def break_even(trial: Trial, cost: Cost, task_s: float, rounds: int) -> BreakEven:
    """Work out what follows from a cost, for tasks of ``task_s`` seconds, as many as the trial has."""
    workers = trial.workers
    duration_s = max(cost.message_cost_s + (cost.task_cost_s or 0.0), workers * cost.parent_cost_s * HALF)
    chunksize, reason = chunk_for(task_s, trial.tasks, workers, cost)
    efficiency = efficiency_at(task_s, chunksize or 1, workers, cost)
    return BreakEven(
        backend=trial.backend,
        workers=workers,
        rounds=rounds,
        cost=cost,
        duration_s=duration_s,
        task_s=task_s,
        tasks=trial.tasks,
        chunksize=chunksize,
        reason=reason,
        efficiency=efficiency,
    )


def chunk_for(task_s: float, tasks: int, workers: int, cost: Cost) -> tuple[int | None, str | None]:
    """Find the smallest chunk size that reaches 90 % and leaves 4 chunks a worker, or say why there is none.

    Returns
    -------
    chunksize, reason
        One of them is None.
    """
    if efficiency_at(task_s, 1, workers, cost) >= GOOD:
        return 1, None
    if cost.task_cost_s is None:
        return None, "what a task and what a message costs is not told apart in this file; try --chunksize 8"
    spare_s = task_s * (1 - GOOD) - cost.task_cost_s * GOOD  # what each task has left for its share of the message
    if spare_s <= 0:
        return None, "each task's own way costs over a tenth of the time, in chunks too: send less, do more in a task"
    # Sizes where the model's two terms reach the goal, free of the rounding that a division of floats can leave.
    wanted = max(GOOD * cost.message_cost_s / spare_s, GOOD * workers * cost.parent_cost_s / task_s)
    needed = max(1, ceil(wanted * (1 - 1e-9)))
    most = tasks // (FEWEST_CHUNKS * workers)
    if needed > most:
        have = f"{count(tasks, 'task')} for {count(workers, 'worker')}"
        return None, f"it takes chunks of {needed}, and {have} make fewer than {FEWEST_CHUNKS} of them for each"
    return needed, None


def cost_of(pair: Pair) -> Cost | None:
    """Read the costs off one trial's spans; None where idle time is not known.

    Parameters
    ----------
    pair
        A traced trial, with the plain loops of its round.

    Raises
    ------
    ResultFileError
        Spans hold what cannot be times.
    """
    trial, trace = pair.trial, trace_of(pair.trial)
    area = of_map(trial, ())
    if trace is None or area is None or area.transfer_s is None:
        return None
    parent_s, messages = _parent_cost(trial), trace.messages
    between_s, each_s = _between_tasks(trace)
    loop_s = _between_in_loops(pair.serial)
    size = len(trace.task) / messages
    if _bytes_of_a_message(trial, messages) > PIPE_BYTES:
        total_s = max(0.0, area.transfer_s / messages - size * loop_s)
        return Cost(0.0, total_s / size, parent_s)  # the bytes are each task's own
    if each_s is not None:
        # A message of c tasks has c - 1 steps inside and one before it; in the model it has c and the message's cost.
        before_s = (area.transfer_s - between_s) / messages
        return Cost(max(0.0, before_s - each_s), max(0.0, each_s - loop_s), parent_s)
    total_s = max(0.0, area.transfer_s / messages - loop_s)
    own_s = _packing(trial)
    if own_s is None:
        return Cost(total_s, None, parent_s)
    own_s = min(own_s, total_s)
    return Cost(total_s - own_s, own_s, parent_s)


def _middle(costs: Sequence[Cost]) -> Cost:
    """Take the median of each cost over the rounds; a task's own is known in all of them or in none."""
    own = [cost.task_cost_s for cost in costs if cost.task_cost_s is not None]
    return Cost(
        message_cost_s=median(cost.message_cost_s for cost in costs),
        task_cost_s=median(own) if len(own) == len(costs) else None,
        parent_cost_s=median(cost.parent_cost_s for cost in costs),
    )


def _between_tasks(trace: Trace) -> tuple[float, float | None]:
    """Return the idle time inside messages while there was one left to begin, and its mean for each step.

    The mean is None where each message is one task.
    """
    order = np.lexsort((trace.started_s, trace.chunk))
    ended_s, next_s = trace.finished_s[order][:-1], trace.started_s[order][1:]
    together = trace.chunk[order][1:] == trace.chunk[order][:-1]
    ended_s, next_s = ended_s[together], next_s[together]
    if not len(ended_s):
        return 0.0, None
    border_s = trace.last_start_s
    inside_s = np.minimum(next_s, border_s) - np.minimum(ended_s, border_s)
    return float(inside_s.sum()), max(0.0, float((next_s - ended_s).mean()))


def _between_in_loops(serial: Sequence[Trial]) -> float:
    """Return what the plain loops spend between two tasks: the envelope, and the loop itself."""
    steps_s = [
        float(np.mean(loop.started_s[1:] - loop.finished_s[:-1]))
        for one in serial
        if (loop := trace_of(one)) is not None and len(loop.task) > 1
    ]
    return max(0.0, sum(steps_s) / len(steps_s)) if steps_s else 0.0


def _packing(trial: Trial) -> float | None:
    """Return the time that packing and unpacking take for each task; 0 where nothing is packed, None if not known."""
    packing = column(trial, "pickle_s") + column(trial, "unpickle_s")
    if len(packing) and not np.isnan(packing).all():
        return float(np.nanmean(packing))
    return 0.0 if _shares_memory(trial.backend) else None


def _shares_memory(backend: str) -> bool:
    try:
        return backends.get(backend).facts.shares_memory
    except ParlabError:  # an engine of another package, on another machine
        return False


def _bytes_of_a_message(trial: Trial, messages: int) -> float:
    both = np.concatenate((column(trial, "sent_bytes"), column(trial, "received_bytes")))
    return float(np.nansum(both)) / messages


def _parent_cost(trial: Trial) -> float:
    """Say how far apart messages left while the parent had nothing else to do: before the first result was back.

    It is the least that a message costs the parent, because what reads the results is not in it.
    """
    submitted_s, received_s = np.unique(column(trial, "submitted_s")), column(trial, "received_s")
    received_s = received_s[~np.isnan(received_s)]
    submitted_s = submitted_s[~np.isnan(submitted_s)]
    early_s = submitted_s[submitted_s < received_s.min()] if len(received_s) else submitted_s[:0]
    return float(np.median(np.diff(early_s))) if len(early_s) > 1 else 0.0
