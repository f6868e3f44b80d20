"""Says which trials a sweep consists of, and in which order a round runs them."""

import random
from dataclasses import replace

from parlab.errors import InputError
from parlab.records import Configuration, Sweep

# CPU time over wall time of the plain loop. Below it tasks mostly wait, and a CPU ceiling says nothing about them.
CPU_BOUND_SHARE = 0.5

SERIAL = Configuration("serial", "serial", 1)


def with_tasks(sweep: Sweep, available: int) -> Sweep:
    """Set how many tasks a sweep has, from how many there are and how many it wants.

    Raises
    ------
    InputError
        Under weak scaling there is not one task for each worker.
    """
    each = available // max(sweep.workers) if sweep.weak else available
    if each < 1:
        message = f"Weak scaling gives each worker work of its own, but {available} items are too few for"
        advice = "Give more items, a --size that cuts them finer, or fewer --workers."
        raise InputError(f"{message} {max(sweep.workers)} workers. {advice}")
    return replace(sweep, tasks=each if sweep.tasks is None else min(sweep.tasks, each))


def configurations(sweep: Sweep, usable_cores: int, *, with_ceiling: bool) -> list[Configuration]:
    """List what stands between the two serial brackets of a round.

    Parameters
    ----------
    sweep
        The plan.
    usable_cores
        Up to there the ceiling is measured; beyond it has no meaning.
    with_ceiling
        False for work that waits for something else than a CPU.
    """
    engines = [backend for backend in sweep.backends if backend != "serial"]
    work = [Configuration("parallel", backend, workers) for backend in engines for workers in sweep.workers]
    counts = [workers for workers in sweep.workers if 1 < workers <= usable_cores] if with_ceiling and engines else []
    return work + [Configuration("ceiling", "ceiling", workers) for workers in counts]


def checks(sweep: Sweep) -> list[tuple[Configuration, int | None]]:
    """List the trials that verify answers before any is timed, each with its number of tasks.

    The loop comes first, under weak scaling once for the work of each worker count; then each engine at its widest.
    """
    engines = [backend for backend in sweep.backends if backend != "serial"]
    widest = [Configuration("parallel", backend, max(sweep.workers)) for backend in engines]
    loops = [sweep.tasks]
    if sweep.weak and engines and sweep.tasks is not None:
        loops += [sweep.tasks * workers for workers in sweep.workers if workers > 1]
    return [(SERIAL, tasks) for tasks in loops] + [(one, sweep.tasks_of(one)) for one in widest]


def in_round(between: list[Configuration], sweep: Sweep, session: int, number: int) -> list[Configuration]:
    """Order one round: a serial trial, everything else shuffled from the sweep's seed, a serial trial.

    The order depends on the seed, the session and the round alone, so it can be told afterwards.
    """
    shuffled = list(between)
    random.Random(f"{sweep.seed}-{session}-{number}").shuffle(shuffled)  # noqa: S311  # an order, no secret
    return [SERIAL, *shuffled, SERIAL]
