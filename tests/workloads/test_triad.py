"""The memory stream, against its closed form."""

import threading

import pytest

from parlab.workloads import triad
from parlab.workloads.triad import BYTES_PER_TASK, NUMBERS, PASSES, combine, items, stream


@pytest.mark.parametrize("factor", [0.0, 1.0, -0.5, 3.25])
def test_the_last_element(factor: float) -> None:
    """b ends in 1 and c in 2, so a ends in 1 + 2 x factor, to the last bit."""
    assert 1 + 2 * factor == stream(factor)


def test_every_element() -> None:
    """All of a is b + factor * c, not its end alone."""
    stream(1.5)
    a, b, c = triad._arrays()
    assert (a == b + 1.5 * c).all()
    assert NUMBERS == len(a) == len(b) == len(c)
    assert (0.0, 1.0, 1.0, 2.0) == (b[0], b[-1], c[0], c[-1])


def test_tasks_leave_nothing_for_the_next() -> None:
    """What ran before in the same worker changes no answer."""
    fresh = [stream(factor) for factor in (1.0, 2.0)]
    assert fresh[::-1] == [stream(factor) for factor in (2.0, 1.0)]


def test_threads_do_not_share_arrays() -> None:
    """Each thread writes into arrays of its own, and finds them again for its next task."""
    found: dict[str, list[int]] = {}
    meet = threading.Barrier(2)

    def work() -> None:
        first = [id(array) for array in triad._arrays()]
        meet.wait(60)  # so that both are alive at once: an array that is gone may leave its place to another
        found[threading.current_thread().name] = first
        assert first == [id(array) for array in triad._arrays()]

    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert 6 == len({one for arrays in found.values() for one in arrays})


def test_the_bytes_of_a_task() -> None:
    """Two steps a pass: read c and write a, then read a and b and write a, 8 bytes a number."""
    assert (2 + 3) * 8 * NUMBERS * PASSES == BYTES_PER_TASK
    assert 8 == triad._arrays()[0].itemsize


def test_the_answer_by_hand() -> None:
    """Factors are exact binary fractions, so the sum of 1 + 2 x factor is exact too, in any order."""
    factors = items(3, seed=2)
    assert [1 + 2 / 1024, 1 + 3 / 1024, 1 + 4 / 1024] == factors
    assert sum(1 + 2 * factor for factor in factors) == combine([stream(factor) for factor in factors])


def test_the_seed_decides() -> None:
    """The same seed gives the same factors, a larger size begins with them, and another seed gives others."""
    assert items(4, 5) == items(8, 5)[:4]
    assert items(4, 5) != items(4, 6)
    assert all(1 <= factor < 3 for factor in items(1_000, 10**9))
