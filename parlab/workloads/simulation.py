"""How long do people queue? A Monte Carlo simulation of one counter, with an exact answer to hold it against.

Customers arrive at random and are served one after the other (the M/M/1 queue). The waiting time follows Lindley's
recursion (D. V. Lindley, "The theory of queues with a single server", 1952): the next customer waits as long as this
one did, plus this one's service, minus the gap between their arrivals, but never less than nothing.

Every task gets its own child of one ``SeedSequence``, so the answer is the same on any number of workers.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from parlab.workloads.base import Workload

ARRIVALS_PER_MINUTE = 0.8
SERVICES_PER_MINUTE = 1.0
QUEUES_PER_TASK = 4_000
CUSTOMERS = 100


@dataclass(frozen=True, slots=True)
class Tally:
    """Sums over the independent queues of one task: minutes, and minutes squared."""

    queues: int
    total: float
    total_squared: float


@dataclass(frozen=True, slots=True)
class Estimate:
    """Mean waiting time in minutes, its standard error, and the number of independent queues behind it."""

    mean: float
    standard_error: float
    queues: int


def expected_wait() -> float:
    """Return the exact mean waiting time in minutes: load / (services - arrivals)."""
    return ARRIVALS_PER_MINUTE / SERVICES_PER_MINUTE / (SERVICES_PER_MINUTE - ARRIVALS_PER_MINUTE)


def simulate_queues(seed: np.random.SeedSequence) -> Tally:
    """Follow independent queues through a number of customers.

    Parameters
    ----------
    seed
        This task's own child seed.

    Returns
    -------
    Tally
        Sums of the last customer's waiting time. Queues start in the steady state (a wait of zero with probability
        1 - load, else exponential), so that the mean is unbiased however short the run is.
    """
    random = np.random.default_rng(seed)
    load = ARRIVALS_PER_MINUTE / SERVICES_PER_MINUTE
    busy = random.random(QUEUES_PER_TASK) < load
    waits = busy * random.exponential(1 / (SERVICES_PER_MINUTE - ARRIVALS_PER_MINUTE), QUEUES_PER_TASK)
    for _ in range(CUSTOMERS):
        services = random.exponential(1 / SERVICES_PER_MINUTE, QUEUES_PER_TASK)
        gaps = random.exponential(1 / ARRIVALS_PER_MINUTE, QUEUES_PER_TASK)
        waits = np.maximum(0.0, waits + services - gaps)
    return Tally(QUEUES_PER_TASK, float(waits.sum()), float(np.square(waits).sum()))


def items(size: int, seed: int = 0) -> list[np.random.SeedSequence]:
    """Spawn one child seed a task; children never share a stream of random numbers."""
    return np.random.SeedSequence(seed).spawn(size)


def combine(values: Sequence[Tally]) -> Estimate:
    """Join the tallies, in the order of the items, into one estimate."""
    queues = sum(tally.queues for tally in values)
    mean = sum(tally.total for tally in values) / queues
    variance = max(0.0, sum(tally.total_squared for tally in values) / queues - mean**2)
    return Estimate(mean, (variance / queues) ** 0.5, queues)


WORKLOAD = Workload(
    name="simulation",
    title="Monte Carlo simulation of a queue",
    teaches="Independent random streams give the same answer on any number of workers.",
    bound="cpu",
    sizes={"small": 64, "large": 2_000},
    items=items,
    task=simulate_queues,
    combine=combine,
)
