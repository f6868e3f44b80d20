"""Which numbers processes draw that were given no seed of their own: as those processes say."""

from itertools import groupby
from multiprocessing import get_all_start_methods

import numpy as np
import pytest

from parlab.errors import InputError
from parlab.workloads import seeding, simulation, streams


def test_what_processes_draw() -> None:
    """Forked: all the same. Spawned: all different, and never again. With seeds: different, and the same again."""
    rows = seeding.first_numbers(tasks=2)
    tries = {
        way: [(one["task 0"], one["task 1"]) for one in some] for way, some in groupby(rows, lambda one: one["way"])
    }
    methods = set(get_all_start_methods())
    assert {seeding.SPAWN, seeding.OWN} <= set(tries)
    assert ("fork" in methods, "forkserver" in methods) == (seeding.FORK in tries, seeding.PRELOADED in tries)
    for way in {seeding.FORK, seeding.PRELOADED} & set(tries):
        assert all(first == second for first, second in tries[way])
    assert 4 == len({number for one in tries[seeding.SPAWN] for number in one})
    assert tries[seeding.OWN][0] == tries[seeding.OWN][1]
    assert tries[seeding.OWN][0][0] != tries[seeding.OWN][0][1]


@pytest.mark.skipif(not seeding.can_fork(), reason="this system cannot fork")
def test_forked_tasks_add_nothing() -> None:
    """Four forked tasks know what one knows: the mean is that of the hidden generator's first numbers."""
    for seed, found in enumerate(seeding.forked_estimates(2, 4, 10)):
        hidden = np.random.RandomState(seed)  # what numpy.random hides
        values = [seeding.wait_of_last(hidden) for _ in range(10)]
        assert pytest.approx(np.mean(values), rel=1e-12) == found.mean
        assert 40 == found.runs


def test_the_queue_is_that_of_the_workload() -> None:
    """One queue at a time has the exact mean waiting time, too."""
    values = [seeding.wait_of_last(np.random.default_rng(streams.run_seed(3, number))) for number in range(2000)]
    found = streams.estimate([streams.tally(values)])
    assert abs(found.mean - simulation.expected_wait()) < 2 * found.half_width


def test_what_cannot_be_used_is_refused() -> None:
    """Before anything is started."""
    with pytest.raises(InputError, match="tasks cannot be 1"):
        seeding.first_numbers(1)
    with pytest.raises(InputError, match="repetitions cannot be 0"):
        seeding.forked_estimates(0, 1, 1)
