"""Processes that add to one shared array: with rows of their own they lose nothing."""

import multiprocessing
from typing import Any

import pytest

from parlab import owners, segments
from parlab.workloads import colliding

# From Python 3.12 on a process with threads that forks is warned. No thread holds a lock here, and fork is to be tried.
pytestmark = pytest.mark.filterwarnings("ignore:.*use of fork:DeprecationWarning")


@pytest.fixture(params=multiprocessing.get_all_start_methods())
def context(request: pytest.FixtureRequest) -> Any:
    return multiprocessing.get_context(request.param)


def own_segments() -> set[str]:
    return {one.name for one in segments.leftovers() if one.owner == owners.mark()}


def test_rows_of_ones_own_lose_nothing(context: Any) -> None:
    """Each number is the number of additions, and the segment is gone."""
    before = own_segments()
    counts = colliding.counts_after(context, [(0, 1), (1, 3)], times=50)
    assert (3, colliding.COLUMNS) == counts.shape
    assert {50} == set(counts.ravel())
    assert own_segments() <= before


def test_the_same_rows_never_get_more() -> None:
    """Additions may be lost, and none is made up; the last one of somebody is always there."""
    context = multiprocessing.get_context("spawn")
    counts = colliding.counts_after(context, [(0, 1), (0, 1)], times=50)
    assert 0 < counts.min() <= counts.max() <= 100


@pytest.mark.usefixtures("capfd")  # the process's own complaint
def test_a_process_that_fails_is_told() -> None:
    """Counts of half the processes would be a lie."""
    context = multiprocessing.get_context("spawn")
    with pytest.raises(RuntimeError, match=r"exit codes are \[1\]"):
        colliding.counts_after(context, [(0, 1)], times="many")  # type: ignore[arg-type]
    assert [] == multiprocessing.active_children()
