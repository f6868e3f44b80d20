"""The queue simulation: against the exact answer, and the same on any number of workers."""

from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from multiprocessing import get_context
from typing import Any

import numpy as np
import pytest

from parlab.workloads import simulation
from parlab.workloads.simulation import Tally, combine, expected_wait, items, simulate_queues


def plain(seeds: list[np.random.SeedSequence]) -> list[Tally]:
    return [simulate_queues(seed) for seed in seeds]


def test_the_exact_answer() -> None:
    """At 0.8 arrivals and 1 service a minute a customer waits 4 minutes on average."""
    assert pytest.approx(expected_wait(), rel=1e-12) == 4.0


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_the_interval_contains_the_exact_answer(seed: int) -> None:
    """The 99.9 % interval, mean plus and minus 3.29 standard errors, contains the exact waiting time."""
    estimate = combine(plain(items(8, seed)))
    assert abs(estimate.mean - expected_wait()) < 3.29 * estimate.standard_error
    assert estimate.queues == 8 * simulation.QUEUES_PER_TASK


@pytest.mark.parametrize("customers", [0, 1, 10])
def test_the_queues_start_in_the_steady_state(monkeypatch: pytest.MonkeyPatch, customers: int) -> None:
    """However short the run is, its mean is that of a queue which has been open for ever."""
    monkeypatch.setattr(simulation, "CUSTOMERS", customers)
    estimate = combine(plain(items(8)))
    assert abs(estimate.mean - expected_wait()) < 3.29 * estimate.standard_error


def test_the_standard_error_is_honest() -> None:
    """Over 60 independent tasks, deviations in standard errors have a spread of about 1 and a mean of about 0."""
    estimates = [combine([tally]) for tally in plain(items(60, seed=7))]
    deviations = [(one.mean - expected_wait()) / one.standard_error for one in estimates]
    assert abs(np.mean(deviations)) < 3 / 60**0.5
    assert 0.75 < np.std(deviations) < 1.3


def test_the_estimate_by_hand() -> None:
    """Mean, standard error and number of queues are those of the values 1, 2, 3 and 6."""
    estimate = combine([Tally(2, 3.0, 5.0), Tally(2, 9.0, 45.0)])
    assert estimate.mean == 3.0
    assert pytest.approx(estimate.standard_error) == (3.5 / 4) ** 0.5
    assert estimate.queues == 4


@pytest.mark.parametrize(("workers", "chunksize"), [(1, 1), (2, 1), (3, 1), (4, 5)])
def test_the_same_answer_on_any_number_of_threads(workers: int, chunksize: int) -> None:
    """However the tasks are shared out, the answer is the same to the last bit."""
    with ThreadPoolExecutor(workers) as pool:
        assert combine(plain(items(12))) == combine(list(pool.map(simulate_queues, items(12), chunksize=chunksize)))


@pytest.mark.parametrize("chunksize", [1, 3])
def test_the_same_answer_in_processes(chunksize: int) -> None:
    """Seeds that travelled to other processes give the same answer, however they are grouped."""
    with ProcessPoolExecutor(2, get_context("spawn")) as pool:
        assert combine(plain(items(6))) == combine(list(pool.map(simulate_queues, items(6), chunksize=chunksize)))


def state(seed: np.random.SeedSequence) -> tuple[Any, ...]:
    return (seed.entropy, seed.spawn_key)


def test_every_task_has_its_own_random_numbers() -> None:
    """Children of one seed differ, in their state and in what they simulate."""
    seeds = items(20)
    assert len({state(seed) for seed in seeds}) == 20
    assert len({tally.total for tally in plain(seeds[:5])}) == 5


def test_the_seed_decides() -> None:
    """The same seed gives the same children, a larger size begins with them, and another seed gives others."""
    assert [state(one) for one in items(3, 5)] == [state(one) for one in items(6, 5)][:3]
    assert plain(items(1, 5)) == plain(items(1, 5))
    assert plain(items(1, 5)) != plain(items(1, 6))


def test_a_task_leaves_its_seed_alone() -> None:
    """Running a task twice gives the same, so a warm-up or a retry changes no answer."""
    (seed,) = items(1)
    assert simulate_queues(seed) == simulate_queues(seed)
