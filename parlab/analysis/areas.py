"""Takes the area of a trial apart: n workers for a time T are n x T worker-seconds, and each has gone somewhere.

The parts are those of rule 10 of the method. Each is measured on its own, and the residual is what they leave of the
area: times inside tasks are added up task by task, idle times are read off each worker's own timeline. Both agree when
every worker does one task at a time, inside the trial. Where tasks of one worker overlap, or lie outside the trial, a
clock or the identity of a worker is wrong, and the residual shows by how much. Nothing here is measured or advised.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from math import fsum
from types import MappingProxyType
from typing import Any

import numpy as np

from parlab.analysis.traces import Numbers, Trace, all_workers_known, trace_of, traced
from parlab.records import Trial
from parlab.results import Results

RESIDUAL_TO_TELL = 0.02  # measurement.md, rule 10: a residual above this share of the area is a finding
WORTH = 0.1  # a loss below this share of the area is not worth a change

WORDS: Mapping[str, str] = MappingProxyType(
    {  # in drawing order
        "useful": "useful work",
        "inflation": "extra CPU time",
        "waiting": "waiting inside tasks",
        "tasks": "inside tasks",
        "transfer": "dispatch and transfer",
        "tail": "idle tail",
        "startup": "start-up and close",
        "residual": "residual",
    }
)
MEANINGS: Mapping[str, str] = MappingProxyType(
    {
        "useful": "the CPU time that the same tasks took in the plain loop of the same round",
        "inflation": "CPU time beyond that: caches, memory, hyper-threads, a slower clock rate",
        "waiting": "in a task, not computing: network, files, locks such as the GIL, no free core",
        "tasks": "useful work, extra CPU time and waiting in one: the CPU clock here is too coarse",
        "transfer": "a worker was idle though tasks were left: packing, sending, unpacking them",
        "tail": "a worker was idle because no task was left to begin: others were still at it",
        "startup": "starting the workers, and ending them",
        "residual": "what the other parts leave over; above 2 % clocks or workers were mistaken",
    }
)


@dataclass(frozen=True, slots=True)
class Area:
    """Where ``workers`` x ``elapsed_s`` worker-seconds went. The parts add up to it; each may be negative.

    ``None`` is "not known"; what is not known is in the residual. Where the CPU clock is too coarse, useful work,
    inflation and waiting are not known one by one, and ``tasks_s``, which is their sum, stands for them.
    """

    workers: int
    elapsed_s: float
    useful_s: float | None  # CPU time at the serial rate
    inflation_s: float | None  # the tasks' CPU time beyond that; below zero: they took less than in the plain loop
    waiting_s: float | None  # wall time inside tasks beyond their CPU time; below zero: tasks that use several cores
    transfer_s: float | None  # workers idle while there was a message left to begin; None where workers were lost
    tail_s: float | None  # workers idle after that, the way back of the last results included
    startup_s: float  # opening and closing, for each worker; 0 in the area of map
    residual_s: float
    tasks_s: float  # wall time inside tasks: useful, inflation and waiting together, always known
    returning_s: float | None  # of the tail: all tasks were done, and the last results were on their way

    @property
    def total_s(self) -> float:
        """The area itself, in worker-seconds."""
        return self.workers * self.elapsed_s

    @property
    def parts(self) -> dict[str, float]:
        """Worker-seconds of each part that is known, in drawing order; they add up to ``total_s``.

        The names are those of ``WORDS`` and ``MEANINGS``.
        """
        inside = ("tasks",) if self.useful_s is None else ("useful", "inflation", "waiting")
        found = {name: getattr(self, f"{name}_s") for name in (*inside, "transfer", "tail", "startup", "residual")}
        return {name: seconds for name, seconds in found.items() if seconds is not None}

    @property
    def shares(self) -> dict[str, float]:
        """Each known part as a share of the area; together 1."""
        return {name: seconds / self.total_s for name, seconds in self.parts.items()}

    @property
    def losses(self) -> dict[str, float]:
        """The known parts that are neither work nor unexplained, as shares of the area."""
        return {name: share for name, share in self.shares.items() if name not in ("useful", "tasks", "residual")}

    def largest_loss(self, least: float = WORTH) -> str | None:
        """Name the part that takes most beside work, as ``WORDS`` does; None where none takes ``least`` of the area."""
        name = max(self.losses, key=lambda one: self.losses[one], default=None)
        return name if name is not None and self.losses[name] >= least else None

    def share(self, name: str) -> float | None:
        """Return one part as a share of the area; None when it is not known."""
        seconds: float | None = getattr(self, f"{name}_s")
        return None if seconds is None else seconds / self.total_s

    @property
    def useful_share(self) -> float | None:
        """Useful work, of the area."""
        return self.share("useful")

    @property
    def inflation_share(self) -> float | None:
        """Extra CPU time, of the area."""
        return self.share("inflation")

    @property
    def waiting_share(self) -> float | None:
        """Waiting inside tasks, of the area."""
        return self.share("waiting")

    @property
    def transfer_share(self) -> float | None:
        """Dispatch and transfer, of the area."""
        return self.share("transfer")

    @property
    def tail_share(self) -> float | None:
        """Idle tail, of the area."""
        return self.share("tail")

    @property
    def startup_share(self) -> float:
        """Start-up and close, of the area."""
        return self.startup_s / self.total_s

    @property
    def residual_share(self) -> float:
        """What the other parts leave over, of the area."""
        return self.residual_s / self.total_s

    @property
    def adds_up(self) -> bool:
        """Whether the residual is small enough to believe the other parts."""
        return abs(self.residual_share) <= RESIDUAL_TO_TELL

    def as_json(self) -> dict[str, Any]:
        """Return seconds and shares for ``--json``."""
        return {**asdict(self), "shares": self.shares}


@dataclass(frozen=True, slots=True)
class AreaRow:
    """Where the time of one configuration went, in the trial with its median speedup; see ``traces.Traced``."""

    backend: str
    workers: int
    rounds: int  # how many the trial was chosen from
    session: int  # which round it is from: session and round
    round: int
    speedup: float
    map: Area
    whole: Area | None  # with opening and closing; None where these are not known

    def as_json(self) -> dict[str, Any]:
        """Return the object that stands in ``--json``."""
        plain = {name: getattr(self, name) for name in ("backend", "workers", "rounds", "session", "round", "speedup")}
        return {**plain, "map": self.map.as_json(), "whole": None if self.whole is None else self.whole.as_json()}


def areas_of(results: Results) -> list[AreaRow]:
    """Say where the time went, for each configuration with traced trials; see ``traces.traced``.

    Raises
    ------
    ResultFileError
        Spans hold what cannot be times.
    """
    rows = []
    for one in traced(results):
        pair, trial = one.typical, one.typical.trial
        area = of_map(trial, pair.serial)
        if area is not None:
            place = (len(one.pairs), trial.session, trial.round, pair.speedup)
            rows.append(AreaRow(trial.backend, trial.workers, *place, area, of_trial(trial, pair.serial)))
    return rows


def of_map(trial: Trial, serial: Sequence[Trial]) -> Area | None:
    """Take the work itself apart: n workers for the time of ``map``. Opening, warm-up and closing are not in it.

    Parameters
    ----------
    trial
        A traced trial of an engine.
    serial
        The traced plain loops of the same round. What they say of each task is averaged. Where the trial has more tasks
        than they have (weak scaling), useful work is their mean CPU time a task, for each task.

    Returns
    -------
    Area or None
        None for a trial that has no spans, no time, or no task that came to its end.
    """
    return _area(trial, serial, trial.map_s, 0.0)


def of_trial(trial: Trial, serial: Sequence[Trial]) -> Area | None:
    """Take the whole trial apart: open, map and close. Warm-up is not in it. See ``of_map``."""
    if trial.open_s is None or trial.close_s is None:
        return None
    return _area(trial, serial, trial.elapsed_s, trial.workers * (trial.open_s + trial.close_s))


def _area(trial: Trial, serial: Sequence[Trial], elapsed_s: float | None, startup_s: float) -> Area | None:
    trace = trace_of(trial)
    if trace is None or not elapsed_s or not trial.map_s or trial.workers < 1:
        return None
    tasks_s = float(trace.wall_s.sum())
    useful_s, inflation_s, waiting_s = _inside(trace, trial, serial)
    transfer_s = tail_s = returning_s = None
    if all_workers_known(trial, trace):
        # Else workers were lost or replaced: what these did is in no span, and would pass for idleness.
        transfer_s, tail_s, returning_s = _idle(trace, trial.workers, trial.map_s)
    idle_s = 0.0 if transfer_s is None or tail_s is None else fsum((transfer_s, tail_s))
    residual_s = trial.workers * elapsed_s - fsum((tasks_s, idle_s, startup_s))
    return Area(
        workers=trial.workers,
        elapsed_s=elapsed_s,
        useful_s=useful_s,
        inflation_s=inflation_s,
        waiting_s=waiting_s,
        transfer_s=transfer_s,
        tail_s=tail_s,
        startup_s=startup_s,
        residual_s=residual_s,
        tasks_s=tasks_s,
        returning_s=returning_s,
    )


def _inside(trace: Trace, trial: Trial, serial: Sequence[Trial]) -> tuple[float | None, float | None, float | None]:
    """Split the time inside tasks: all three parts, or none of them."""
    rates = [_at_serial_rate(trace, one, same_tasks=trial.tasks == one.tasks) for one in serial]
    known = [rate for rate in rates if rate is not None]
    if trace.cpu_s is None or not known or len(known) < len(rates):
        return None, None, None
    cpu_s = float(trace.cpu_s.sum())
    useful_s = fsum(known) / len(known)
    return useful_s, cpu_s - useful_s, float(trace.wall_s.sum()) - cpu_s


def _at_serial_rate(trace: Trace, serial: Trial, *, same_tasks: bool) -> float | None:
    """Return the CPU time that the plain loop took for these tasks; for those it has not run, its mean."""
    loop = trace_of(serial)
    if loop is None or loop.cpu_s is None:
        return None
    mean_s = float(loop.cpu_s.mean())
    if not same_tasks:
        return mean_s * len(trace.task)
    costs = dict(zip(loop.task.tolist(), loop.cpu_s.tolist(), strict=True))
    return fsum(costs.get(task, mean_s) for task in trace.task.tolist())


def _idle(trace: Trace, workers: int, map_s: float) -> tuple[float, float, float]:
    """Read off each worker's timeline when it had nothing to do: before the last message began, after it, at the end.

    A worker that never got a task is idle all the time.
    """
    border_s = min(max(trace.last_start_s, 0.0), map_s)
    done_s = min(max(float(trace.finished_s.max()), border_s), map_s)
    before_s = after_s = 0.0
    for worker in np.unique(trace.worker):
        mine = trace.worker == worker
        started_s, finished_s = _joined(trace.started_s[mine], trace.finished_s[mine])
        before_s += _inside_window(started_s, finished_s, 0.0, border_s)
        after_s += _inside_window(started_s, finished_s, border_s, map_s)
    transfer_s, tail_s = workers * border_s - before_s, workers * (map_s - border_s) - after_s
    return transfer_s, tail_s, workers * (map_s - done_s)


def _joined(started_s: Numbers, finished_s: Numbers) -> tuple[Numbers, Numbers]:
    """Join intervals that overlap, so that time in which a worker is said to do two tasks is counted once."""
    places = np.argsort(started_s, kind="stable")
    started_s, finished_s = started_s[places], finished_s[places]
    reached_s = np.maximum.accumulate(finished_s)
    begins = np.concatenate(([True], started_s[1:] > reached_s[:-1]))
    ends = np.concatenate((begins[1:], [True]))
    return started_s[begins], reached_s[ends]


def _inside_window(started_s: Numbers, finished_s: Numbers, low_s: float, high_s: float) -> float:
    return float(np.clip(np.minimum(finished_s, high_s) - np.maximum(started_s, low_s), 0.0, None).sum())
