"""Asks started processes which random numbers they draw when nobody gives them a seed of their own: for notebook 14.

numpy's old functions, such as ``numpy.random.random``, share one hidden generator. A forked child has its parent's,
in the state of that moment; a spawned one seeds a generator of its own, and never the same way twice. Processes are
forked here, so everything runs in a program of its own under a deadline, and what it found comes back as JSON. Nothing
is taken from what a start method is said to do. No workload is here.
"""

import json
import multiprocessing
import os
import subprocess
from collections.abc import Callable
from typing import Any, Protocol

import numpy as np

from parlab.errors import InputError, TrialError
from parlab.workloads import lessons, streams
from parlab.workloads.simulation import ARRIVALS_PER_MINUTE, CUSTOMERS, SERVICES_PER_MINUTE

FORK, PRELOADED, SPAWN, OWN = "fork", "forkserver, numpy.random preloaded", "spawn", "a seed for each task"
_SEED = 14
_DEADLINE_S = 120.0
_PROGRAM = """
if __name__ == "__main__":
    from parlab.workloads import seeding
    seeding.answer({name!r}, {options!r})
"""


class Drawing(Protocol):
    """What numbers are drawn from: a ``Generator``, or the module ``numpy.random`` with its hidden one."""

    def random(self) -> float:
        """Draw a number from 0 to 1."""

    def exponential(self, scale: float, size: Any = None) -> Any:
        """Draw gaps of that mean length."""


def wait_of_last(random: Drawing) -> float:
    """Follow one queue, and return how many minutes its last customer waits; as ``simulation``, one queue at a time."""
    gap = 1 / (SERVICES_PER_MINUTE - ARRIVALS_PER_MINUTE)
    wait = random.exponential(gap) if random.random() < ARRIVALS_PER_MINUTE / SERVICES_PER_MINUTE else 0.0
    services = random.exponential(1 / SERVICES_PER_MINUTE, CUSTOMERS)
    gaps = random.exponential(1 / ARRIVALS_PER_MINUTE, CUSTOMERS)
    for change in (services - gaps).tolist():
        wait = max(0.0, wait + change)
    return float(wait)


def can_fork() -> bool:
    """Tell whether this system can fork a process."""
    return FORK in multiprocessing.get_all_start_methods()


def first_numbers(tasks: int = 3) -> list[dict[str, Any]]:
    """Let each of some processes draw one number, and do that twice.

    Parameters
    ----------
    tasks
        How many processes.

    Returns
    -------
    list of dict
        One for each way to start them and each try: ``way``, ``try``, and ``task 0``, ``task 1``, … with the number.
        The parent has called ``numpy.random.seed`` with the same number before each try.

    Raises
    ------
    InputError
        There are fewer than two tasks.
    TrialError
        A process could not be started, or did not answer.
    """
    if tasks < 2:
        raise InputError(f"tasks cannot be {tasks!r}: give a whole number from 2 up, for example 3.")
    found: list[dict[str, Any]] = _watched("numbers", tasks=tasks)
    return found


def forked_estimates(repetitions: int, tasks: int, runs_per_task: int) -> list[streams.Estimate]:
    """Simulate the queue in forked processes that draw from ``numpy.random``, again and again.

    Parameters
    ----------
    repetitions
        How many times; the parent's generator is seeded with the repetition's number.
    tasks
        How many processes share the runs of one repetition.
    runs_per_task
        How many queues each of them follows.

    Returns
    -------
    list of Estimate
        One a repetition, as if all runs were independent. Empty where this system cannot fork.

    Raises
    ------
    InputError
        A number is below 1.
    TrialError
        A process could not be started, or did not answer.
    """
    numbers = {"repetitions": repetitions, "tasks": tasks, "runs_per_task": runs_per_task}
    for name, number in numbers.items():
        if number < 1:
            raise InputError(f"{name} cannot be {number!r}: give a whole number from 1 up, for example 8.")
    return [streams.Estimate(*one) for one in _watched("forked", **numbers)] if can_fork() else []


def answer(name: str, options: dict[str, Any]) -> None:
    """Do one of the two things above in this process, and print what was found; for the program that is watched."""
    programs: dict[str, Callable[..., Any]] = {"numbers": _numbers, "forked": _forked}
    print(json.dumps(programs[name](**options)))  # noqa: T201  # how it comes back


def _watched(name: str, **options: Any) -> Any:
    text = _PROGRAM.format(name=name, options=options)
    try:
        done = lessons.run_script(text, _DEADLINE_S)
    except subprocess.TimeoutExpired:
        raise TrialError(f"The processes did not answer within {_DEADLINE_S:.0f} s. Try again.") from None
    if done.returncode != 0:
        why = (done.stderr.strip().splitlines() or ["nothing was said"])[-1]
        raise TrialError(f"The processes could not be asked: {why}. Look whether `parlab doctor` finds something.")
    return json.loads(done.stdout.splitlines()[-1])


def _numbers(tasks: int) -> list[dict[str, Any]]:
    os.environ["OPENBLAS_NUM_THREADS"] = "1"  # for children: numpy in them need start no threads
    return [
        {"way": way, "try": again, **{f"task {number}": one for number, one in enumerate(_drawn(way, tasks))}}
        for way in _ways()
        for again in (1, 2)
    ]


def _ways() -> list[str]:
    methods = multiprocessing.get_all_start_methods()
    names = {FORK: FORK, PRELOADED: "forkserver", SPAWN: SPAWN}
    return [*(name for name, method in names.items() if method in methods), OWN]


def _drawn(way: str, tasks: int) -> list[float]:
    # Which numbers a seed gives is no matter of the start method, and a fork is by far the cheapest.
    method = (FORK if can_fork() else SPAWN) if way == OWN else way.partition(",")[0]
    context: Any = multiprocessing.get_context(method)
    if way == PRELOADED:
        context.set_forkserver_preload(["numpy.random"])
    np.random.seed(_SEED)  # noqa: NPY002  # the old generator is the exhibit
    queue = context.SimpleQueue()
    seeds = [streams.run_seed(_SEED, number) if way == OWN else None for number in range(tasks)]
    targets = [(queue, number, seed) for number, seed in enumerate(seeds)]
    _all_end_well(lessons.run_all([context.Process(target=_draw, args=each) for each in targets], _DEADLINE_S))
    return [drawn for _, drawn in sorted(lessons.received(queue))]


def _draw(queue: lessons.Sender, number: int, seed: np.random.SeedSequence | None) -> None:
    random: Drawing = np.random if seed is None else np.random.default_rng(seed)
    queue.put((number, float(random.random())))


def _forked(repetitions: int, tasks: int, runs_per_task: int) -> list[streams.Estimate]:
    return [streams.estimate(_forked_tallies(number, tasks, runs_per_task)) for number in range(repetitions)]


def _forked_tallies(seed: int, tasks: int, runs_per_task: int) -> list[streams.Tally]:
    context: Any = multiprocessing.get_context(FORK)
    np.random.seed(seed)  # noqa: NPY002  # the old generator is the exhibit
    queue = context.SimpleQueue()
    targets = [(queue, number, runs_per_task) for number in range(tasks)]
    _all_end_well(lessons.run_all([context.Process(target=_simulate, args=each) for each in targets], _DEADLINE_S))
    return [streams.Tally(*one) for _, one in sorted(lessons.received(queue))]


def _simulate(queue: lessons.Sender, number: int, runs: int) -> None:
    hidden: Drawing = np.random
    queue.put((number, tuple(streams.tally([wait_of_last(hidden) for _ in range(runs)]))))


def _all_end_well(codes: list[int | None]) -> None:
    if any(codes):
        raise TrialError(f"A process ended with {next(code for code in codes if code)}.")
