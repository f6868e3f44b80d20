"""Says which trials a sweep consists of, and in which order a round runs them."""

import random

from parlab.records import Configuration, Sweep

# CPU time over wall time of the plain loop. Below it tasks mostly wait, and a CPU ceiling says nothing about them.
CPU_BOUND_SHARE = 0.5

SERIAL = Configuration("serial", "serial", 1)


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


def checks(sweep: Sweep) -> list[Configuration]:
    """List the trials that verify answers before any is timed: the loop, then each engine at its widest."""
    engines = [backend for backend in sweep.backends if backend != "serial"]
    return [SERIAL] + [Configuration("parallel", backend, max(sweep.workers)) for backend in engines]


def in_round(between: list[Configuration], sweep: Sweep, session: int, number: int) -> list[Configuration]:
    """Order one round: a serial trial, everything else shuffled from the sweep's seed, a serial trial.

    The order depends on the seed, the session and the round alone, so it can be told afterwards.
    """
    shuffled = list(between)
    random.Random(f"{sweep.seed}-{session}-{number}").shuffle(shuffled)  # noqa: S311  # an order, no secret
    return [SERIAL, *shuffled, SERIAL]
