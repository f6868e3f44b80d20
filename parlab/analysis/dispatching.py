"""Reads off spans what an engine's queue costs, round by round, and draws from it. It never guesses at an engine.

What one message costs is a worker's idle time for it. Which part of it the parent does, one message after the other,
cannot be seen where one worker waits for one parent: at least what lies between two messages that are sent without
waiting, at most all of it. Both ends are drawn, and all between. With several worker counts measured the same holds:
the engine may hide more or less of it behind work.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median

import numpy as np

from parlab.analysis.breakeven import PIPE_BYTES, cost_of
from parlab.analysis.traces import Numbers, Pair, Traced, column, trace_of
from parlab.errors import InputError

_FACTOR_ALIKE = 2.0  # messages as large as that, or as small, are alike to a pipe


@dataclass(frozen=True, slots=True)
class MessageCost:
    """What the queue of one round cost, in seconds."""

    message_s: float  # a worker's idle time for each message
    task_s: float | None  # more for each task in it; None: not told apart, it is in ``message_s``
    parent_s: float  # the least that the parent needs for each message; 0: not known
    first_s: float  # from the start of the work to the first task
    returning_s: float  # from the end of the last task to the end of the work


@dataclass(frozen=True, slots=True)
class Drawn:
    """Costs that might have been, an entry for each draw, in seconds."""

    sending_s: Numbers  # the parent's part of a message, one after the other
    travelling_s: Numbers  # the rest of it; both with what each task in the message adds
    around_s: Numbers  # once: before the first message and after the last task


@dataclass(frozen=True, slots=True)
class Dispatch:
    """The queue of one engine, and how long it takes to start and to end it."""

    engine: str
    origin: str  # where the costs are from, in words
    chunksize: int  # of the messages that the costs are of
    rounds: tuple[MessageCost, ...]
    startup_s: Mapping[int, tuple[float, ...]]  # opening and closing, by worker count; empty where not known
    same_payload: bool = True  # whether the messages are known to be like those that are predicted

    @property
    def message_s(self) -> float:
        """The median of what a message costs, with what its tasks add."""
        return median(one.message_s + self.chunksize * (one.task_s or 0.0) for one in self.rounds)

    def draw(self, chance: np.random.Generator, draws: int, chunksize: int) -> Drawn:
        """Draw costs of messages with ``chunksize`` tasks."""
        chosen = chance.integers(len(self.rounds), size=draws)
        message_s = np.array([one.message_s for one in self.rounds])[chosen]
        around_s = np.array([max(0.0, one.first_s - one.message_s) + one.returning_s for one in self.rounds])[chosen]
        own = [one.task_s for one in self.rounds if one.task_s is not None]
        if len(own) == len(self.rounds):
            message_s = message_s + chunksize * np.array(own)[chosen]
        elif chunksize != self.chunksize:
            # Which part is each task's own cannot be seen in these spans: drawn from none to all.
            message_s = message_s * (1 + chance.uniform(size=draws) * (chunksize / self.chunksize - 1))
        parent_s = np.minimum(np.array([one.parent_s for one in self.rounds])[chosen], message_s)
        sending_s = parent_s + chance.uniform(size=draws) * (message_s - parent_s)
        return Drawn(sending_s, message_s - sending_s, around_s)

    def draw_startup(self, chance: np.random.Generator, draws: int, workers: int) -> Numbers | None:
        """Draw how long opening and closing take, on the line through what was measured; None where nothing was.

        With one worker count the part that grows with the workers is drawn from none to all.
        """
        if not self.startup_s:
            return None
        counts = sorted(self.startup_s)
        drawn = np.array([_some(chance, draws, self.startup_s[count]) for count in counts])
        if len(counts) == 1:
            share = chance.uniform(size=draws)
            return np.asarray(drawn[0] * (1 + share * (workers - counts[0]) / counts[0]))
        beyond = workers > counts[-1]
        last = len(counts) - 1 if beyond else max(1, int(np.searchsorted(counts, workers)))
        first = 0 if beyond else last - 1
        slope = (drawn[last] - drawn[first]) / (counts[last] - counts[first])
        line = drawn[last] + (workers - counts[last]) * (np.maximum(slope, 0.0) if beyond else slope)
        return np.asarray(np.maximum(line, 0.0))


def dispatch_of(base: Traced, others: Sequence[Traced], chunksize: int, origin: str) -> Dispatch | None:
    """Read the costs off the spans of one configuration; None where no trial of it tells what its workers waited for.

    Parameters
    ----------
    base
        The configuration: the fewer workers, the less of their idle time is waiting for the parent.
    others
        More of the same engine, for how start-up grows.
    chunksize
        Of the sweep.
    origin
        Where it was measured, in words.
    """
    rounds = [cost for pair in base.pairs if (cost := _message_cost(pair)) is not None]
    if not rounds:
        return None
    startup_s = {one.configuration.workers: _startup(one.pairs) for one in (base, *others)}
    known = {workers: times for workers, times in startup_s.items() if times}
    return Dispatch(base.configuration.backend, origin, chunksize, tuple(rounds), known)


def given(engine: str, message_s: float, chunksize: int) -> Dispatch:
    """Take the cost of a message as it was given; how long the engine starts is then not known."""
    cost = MessageCost(message_s, None, 0.0, message_s, 0.0)
    return Dispatch(engine, "given", chunksize, (cost,), {})


def same_payload(work: Traced, calibration: Traced) -> bool:
    """Tell whether messages are known to be alike; refuse those that are not, where bytes decide what they cost.

    Raises
    ------
    InputError
        With what to measure instead.
    """
    here, there = (message_bytes(one) for one in (work, calibration))
    if here is None or there is None:
        return False
    if max(here, there) <= PIPE_BYTES or max(here, there) <= _FACTOR_ALIKE * min(here, there):
        return True
    raise InputError(
        f"A message carries {here:,.0f} B in this sweep and {there:,.0f} B in the calibration, so one says nothing of "
        "the other. Calibrate with the same workload on that engine, with --workers 1."
    )


def message_bytes(one: Traced) -> float | None:
    """Return the bytes that a message and its answer have; None where that is not known."""
    found = []
    for pair in one.pairs:
        trace = trace_of(pair.trial)
        both = np.concatenate([column(pair.trial, name) for name in ("sent_bytes", "received_bytes")])
        if trace is not None and not np.isnan(both).all():
            found.append(float(np.nansum(both)) / trace.messages)
    return median(found) if found else None


def _message_cost(pair: Pair) -> MessageCost | None:
    cost, trace = cost_of(pair), trace_of(pair.trial)
    if cost is None or trace is None or pair.trial.map_s is None:
        return None
    # The way to the first task is in the mean of all messages. Once it stands apart, the others are what is left.
    first_s = max(0.0, float(trace.started_s.min()))
    message_s, messages, workers = cost.message_cost_s, trace.messages, pair.trial.workers
    if messages > workers:
        message_s = max(0.0, (messages * message_s - workers * first_s) / (messages - workers))
    returning_s = max(0.0, pair.trial.map_s - float(trace.finished_s.max()))
    return MessageCost(message_s, cost.task_cost_s, cost.parent_cost_s, first_s, returning_s)


def _startup(pairs: Sequence[Pair]) -> tuple[float, ...]:
    trials = [pair.trial for pair in pairs]
    return tuple(one.open_s + one.close_s for one in trials if one.open_s is not None and one.close_s is not None)


def _some(chance: np.random.Generator, draws: int, values: Sequence[float]) -> Numbers:
    return np.asarray(values, float)[chance.integers(len(values), size=draws)]
