"""How long an array's way to another process takes, and what is read off it."""

import multiprocessing
import os
import pickle
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from parlab import SharedArray, groups, owners, segments
from parlab.workloads import transfers
from parlab.workloads.transfers import COPIED, LEGS, PICKLED, THERE, WAYS

BOUND_S = 30

# From Python 3.12 on a process with threads that forks is warned. No thread holds a lock here, and fork is to be tried.
pytestmark = pytest.mark.filterwarnings("ignore:.*use of fork:DeprecationWarning")


@pytest.fixture(params=multiprocessing.get_all_start_methods())
def context(request: pytest.FixtureRequest) -> Any:
    return multiprocessing.get_context(request.param)


def test_each_leg_is_timed(context: Any) -> None:
    """Every round has a time for each leg, and the child has ended."""
    legs = transfers.legs(context, np.ones(100_000), rounds=2)
    assert LEGS == tuple(legs)
    assert {2} == {len(taken) for taken in legs.values()}
    assert all(taken_s > 0 for taken in legs.values() for taken_s in taken)
    assert [] == multiprocessing.active_children()


def test_what_cannot_be_pickled_leaves_no_child() -> None:
    """The error is pickle's own, and the child that waited has been ended."""
    context = multiprocessing.get_context(multiprocessing.get_all_start_methods()[-1])
    with pytest.raises((pickle.PicklingError, AttributeError)):
        transfers.legs(context, np.array([lambda: 0], dtype=object))
    assert [] == multiprocessing.active_children()


KILLED = """
import multiprocessing, os, signal
from parlab.workloads import transfers

if __name__ == "__main__":
    def die(*_arguments):
        print(multiprocessing.active_children()[0].pid, flush=True)
        os.kill(os.getpid(), signal.SIGKILL)

    transfers._travel = die
    transfers.legs(multiprocessing.get_context("fork"), b"")
"""


@pytest.mark.skipif(os.name != "posix", reason="fork and signals")
def test_a_forked_child_ends_with_its_parent(tmp_path: Path) -> None:
    """It has both ends of the pipe, and would wait for itself for ever. Others hear that the pipe is closed."""
    script = tmp_path / "script.py"
    script.write_text(KILLED, encoding="utf-8")
    with (tmp_path / "child").open("w+") as note:  # no pipe: the child would hold it open
        subprocess.run([sys.executable, str(script)], stdout=note, timeout=BOUND_S, check=False)
        note.seek(0)
        child = int(note.read())
    late_s = time.monotonic() + BOUND_S
    while groups.is_alive(child):
        assert time.monotonic() < late_s
        time.sleep(0.01)


class Answer:
    """What a pool hands out for a call."""

    def __init__(self, value: Any) -> None:
        self.value = value

    def get(self, timeout: float) -> Any:
        assert timeout > 0
        return self.value


class Recorded:
    """A pool that does each task here, from a pickled argument, and writes down what kind of array it was."""

    def __init__(self) -> None:
        self.kinds: list[tuple[str, int]] = []

    def apply_async(self, task: Any, arguments: tuple[Any]) -> Answer:
        (array,) = arguments
        self.kinds.append((type(array).__name__, array.nbytes))
        return Answer(task(pickle.loads(pickle.dumps(array))))


def own_segments() -> set[str]:
    return {one.name for one in segments.leftovers() if one.owner == owners.mark()}


def test_every_way_and_size_is_timed() -> None:
    """In each round each size comes in three ways, and no segment is left."""
    pool, before = Recorded(), own_segments()
    times = transfers.times_by_size(pool, [1024, 8192], rounds=2)  # type: ignore[arg-type]
    assert WAYS == tuple(times)
    assert [{1024: 2, 8192: 2}] * 3 == [{size: len(taken) for size, taken in times[way].items()} for way in WAYS]
    _, _, _, *counted = pool.kinds  # the first of each kind only wakes the workers
    assert 2 * 2 == counted.count(("ndarray", 1024)) + counted.count(("ndarray", 8192))
    assert 2 * 2 * 2 == sum(kind == "SharedArray" for kind, _ in counted)
    assert own_segments() <= before


def test_a_real_pool_is_timed(context: Any) -> None:
    """Workers add up what they get by each way, under every start method."""
    before = own_segments()
    with context.Pool(1) as pool:
        times = transfers.times_by_size(pool, [1024], rounds=1)
    assert all(taken_s > 0 for way in WAYS for taken_s in times[way][1024])
    assert own_segments() <= before


def test_a_total_is_that_of_the_numbers() -> None:
    """For a numpy array and for a shared one."""
    with SharedArray.copy_of(np.arange(5)) as shared:
        assert [10.0, 10.0] == [transfers.total(shared), transfers.total(np.arange(5))]


def made_up(pickled: list[float], copied: list[float]) -> dict[str, dict[int, list[float]]]:
    """Times of 1, 4, 16, … KiB; each median is the number given, between a lucky and an unlucky round."""
    both = {PICKLED: pickled, COPIED: copied}
    return {
        way: {1024 * 4**place: [one / 9, one, 9 * one] for place, one in enumerate(row)} for way, row in both.items()
    }


@pytest.mark.parametrize(
    ("pickled", "copied", "crossing"),
    [
        ([1, 2, 4], [2, 2, 2], 4096),  # equal there, and faster beyond
        ([1, 4, 8], [2, 2, 2], 2048),  # halfway on logarithmic axes between twice as slow and twice as fast
        ([3, 1, 9], [2, 3, 3], 8192),  # the last crossing counts
        ([3, 3, 3], [2, 2, 2], 1024),  # always faster: the smallest that was tried
        ([1, 1, 1], [2, 2, 2], None),
        ([3, 3, 1], [2, 2, 2], None),  # the largest did not pay
    ],
)
def test_the_crossing_is_read_off(pickled: list[float], copied: list[float], crossing: float | None) -> None:
    """Where the curves of the medians cross for the last time."""
    assert pytest.approx(crossing) == transfers.crossing(made_up(pickled, copied))


@pytest.mark.parametrize(("size", "nearest"), [(1, 1), (3.9, 1), (4.1, 16), (1e9, 256), (None, 256)])
def test_the_nearest_size_is_counted_in_factors(size: float | None, nearest: float) -> None:
    """4 is as far from 1 as from 16; None is larger than all."""
    assert nearest == transfers.nearest(size, [1, 16, 256])


def test_how_many_times_as_long() -> None:
    """By the medians of the largest size."""
    times = made_up([1, 2, 12], [1, 1, 4])
    assert 3.0 == pytest.approx(transfers.times_as_long({PICKLED: times[PICKLED], THERE: times[COPIED]}))


def test_calls_are_timed_in_turn() -> None:
    """Once more than is counted, each round in the order given."""
    called: list[str] = []
    times = transfers.times_of({"a": lambda: called.append("a"), "b": lambda: called.append("b")}, rounds=2)
    assert ["a", "b"] * 3 == called
    assert {"a": 2, "b": 2} == {name: len(taken) for name, taken in times.items()}
    assert 4 == len(transfers.copies(np.ones(10), rounds=4)["copy"])
