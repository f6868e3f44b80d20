"""Counting primes, against a sieve."""

from itertools import accumulate

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parlab.workloads.primes import FIRST, NUMBERS_PER_TASK, combine, count_primes, items

LIMIT = 20_000


def sieve(stop: int) -> list[bool]:
    """Cross out multiples (Eratosthenes); entry n tells whether n is prime."""
    prime = [False, False] + [True] * (stop - 2)
    for number in range(2, int(stop**0.5) + 1):
        if prime[number]:
            prime[number * number :: number] = [False] * len(prime[number * number :: number])
    return prime


PRIMES_BELOW = [0, *accumulate(sieve(LIMIT))]


@given(st.integers(2, LIMIT), st.integers(2, LIMIT))
def test_counts_agree_with_a_sieve(start: int, stop: int) -> None:
    """Any half-open range below 20,000 has as many primes as the sieve says; an empty one has none."""
    stop = min(stop, start + 500)
    assert max(0, PRIMES_BELOW[stop] - PRIMES_BELOW[start]) * (stop > start) == count_primes((start, stop))


@pytest.mark.parametrize(
    ("bounds", "count"),
    [((2, 3), 1), ((3, 4), 1), ((4, 5), 0), ((9, 10), 0), ((25, 26), 0), ((49, 50), 0), ((2, 11), 4), ((7, 7), 0)],
)
def test_the_edges(bounds: tuple[int, int], count: int) -> None:
    """Two is prime, squares of primes are not, and the end of a range does not belong to it."""
    assert count == count_primes(bounds)


def test_the_ranges_touch() -> None:
    """The ranges follow one another without gap or overlap, each of the same length, and the seed changes nothing."""
    ranges = items(10)
    assert [FIRST, *(stop for _, stop in ranges)] == [*(start for start, _ in ranges), FIRST + 10 * NUMBERS_PER_TASK]
    assert ranges == items(10, seed=99)
    assert ranges[:4] == items(4)


def test_the_answer_is_the_sum() -> None:
    """The whole count of the first ranges is what a sieve up to there says."""
    ranges = items(2)
    prime = sieve(ranges[-1][1])
    assert sum(prime[FIRST:]) == combine([count_primes(one) for one in ranges])
