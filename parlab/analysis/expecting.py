"""Says what each engine of a sweep would make of the same kind of work with other tasks: expected, not measured.

From each round come three things: how fast tasks run in the workers beside each other, what it costs to give one away,
and how long the engine takes to open and close. With d seconds of a plain loop for each of N tasks on n workers,

    time = open + N d / (n scaling efficiency(d / scaling)) + close

where scaling is POP's computation scaling (``parlab.analysis.pop``) and efficiency the model of messages
(``parlab.analysis.breakeven``). Where nothing is packed that model does not hold: workers are idle for the GIL or the
memory, and such idleness grows with the work. There each task costs what the parent needs to hand it out, and all the
rest of the measured time grows with d. Even tasks are assumed, one a message: a long last task is not in it. Nothing is
judged here.
"""

from dataclasses import dataclass

from parlab import backends, units
from parlab.analysis.breakeven import cost_of, efficiency_at
from parlab.analysis.pop import metrics_of
from parlab.analysis.traces import Pair, traced
from parlab.errors import InputError, ParlabError
from parlab.results import Results
from parlab.results.ratios import RoundKey


@dataclass(frozen=True, slots=True)
class Work:
    """Work of one's own: how many tasks, and how long a plain loop takes for each, in seconds.

    Raises
    ------
    InputError
        There is no task, or tasks that take no time.
    """

    task_s: float
    tasks: int

    def __post_init__(self) -> None:
        """Refuse work that is none."""
        if not 0 < self.task_s < float("inf") or self.tasks < 1:
            given = f"{units.count(self.tasks, 'task')} of {self.task_s:g} s"
            raise InputError(f"{given} is no work that could be shared. Give 1 task or more, each longer than 0 s.")

    @property
    def loop_s(self) -> float:
        """How long the plain loop takes for all of it."""
        return self.task_s * self.tasks


def expected(results: Results, work: Work, workers: int) -> dict[str, dict[RoundKey, float]]:
    """Say how many times as fast as the plain loop each engine is expected to be, start-up included, by round.

    Parameters
    ----------
    results
        A traced sweep of the same kind of work.
    work
        How much of it there is.
    workers
        A worker count of the sweep.

    Raises
    ------
    InputError
        No engine of the sweep has a traced trial with so many workers.
    ResultFileError
        Spans hold what cannot be times.
    """
    found: dict[str, dict[RoundKey, float]] = {}
    for one in traced(results):
        if one.configuration.workers == workers:
            by_round = {pair.trial.round_key: _expected(pair, work) for pair in one.pairs}
            known = {key: speedup for key, speedup in by_round.items() if speedup is not None}
            if known:
                found[one.configuration.backend] = known
    if not found:
        message = f"This sweep has no traced trial with {units.count(workers, 'worker')}."
        raise InputError(f"{message} Measure one without --no-trace, or give another worker count.")
    return found


def _expected(pair: Pair, work: Work) -> float | None:
    """Return the expected speedup from what one round has shown; None where it shows too little."""
    trial, cost, metrics = pair.trial, cost_of(pair), metrics_of(pair.trial, pair.serial)
    if cost is None or metrics is None or trial.open_s is None or trial.close_s is None:
        return None
    if _packs_nothing(trial.backend):
        work_s = work.tasks * _each_in_memory(pair, cost.parent_cost_s, work.task_s)
    else:
        each_s = work.task_s / metrics.computation_scaling
        efficiency = efficiency_at(each_s, 1, trial.workers, cost)
        work_s = max(each_s, work.tasks * each_s / (trial.workers * efficiency)) if efficiency > 0 else float("inf")
    return work.loop_s / (trial.open_s + work_s + trial.close_s)


def _each_in_memory(pair: Pair, parent_cost_s: float, task_s: float) -> float:
    """Return the time of the whole for each task, where the parent's part is fixed and the rest grows with a task."""
    loop_s = sum(loop.map_s or 0.0 for loop in pair.serial) / sum(loop.tasks for loop in pair.serial)
    measured_s = (pair.trial.map_s or 0.0) / pair.trial.tasks
    return parent_cost_s + max(0.0, measured_s - parent_cost_s) * task_s / loop_s


def _packs_nothing(backend: str) -> bool:
    try:
        return backends.get(backend).facts.shares_memory
    except ParlabError:  # an engine of another package, on another machine
        return False
