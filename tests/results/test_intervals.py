"""The median and its interval, against tables, exact coverage and Python's own median."""

from math import comb
from statistics import median

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binom

from parlab.results.intervals import CONFIDENCE, FEWEST_ROUNDS, Estimate, median_interval

# Number of values, and the ranks (from 1) of the interval's ends: the usual table for 95 %.
RANKS = [(6, 1), (7, 1), (8, 1), (9, 2), (10, 2), (11, 2), (12, 3), (15, 4), (17, 5), (20, 6), (25, 8), (30, 10)]


def outside(count: int, confidence: float = CONFIDENCE) -> int:
    """How many of ``count`` values lie below the interval; the values are their own ranks."""
    found = median_interval([float(rank) for rank in range(count)], confidence)
    assert found.low is not None
    assert found.high is not None
    assert found.low == count - 1 - found.high, "as many lie above"
    return int(found.low)


@pytest.mark.parametrize("count", range(1, 6))
def test_no_interval_below_six(count: int) -> None:
    """With 5 values the whole range covers the median in 93.75 cases of 100: no interval is given, but a median."""
    found = median_interval([float(rank) for rank in range(count)])
    assert (None, None, count) == (found.low, found.high, found.count)
    assert (count - 1) / 2 == found.median


@pytest.mark.parametrize(("count", "rank"), RANKS)
def test_the_ranks_of_the_table(count: int, rank: int) -> None:
    """From 6 values the smallest and largest, from 9 the second on each side, from 12 the third, and so on."""
    assert rank - 1 == outside(count)


def test_the_constant_says_the_same() -> None:
    """The fewest rounds that advice names is the fewest that gives an interval."""
    assert None is median_interval([1.0] * (FEWEST_ROUNDS - 1)).low
    assert 1.0 == median_interval([1.0] * FEWEST_ROUNDS).low


@pytest.mark.parametrize("confidence", [0.95, 0.99, 0.8])
@pytest.mark.parametrize("count", range(8, 61))
def test_the_coverage_is_kept_and_not_wasted(count: int, confidence: float) -> None:
    """By the binomial distribution the interval covers as promised, and the next narrower one would not."""
    below = outside(count, confidence)
    assert 1 - 2 * binom.cdf(below, count, 0.5) >= confidence
    assert 1 - 2 * binom.cdf(below + 1, count, 0.5) < confidence


@pytest.mark.parametrize("count", range(6, 61))
def test_the_coverage_in_whole_numbers(count: int) -> None:
    """The same for 95 %, counted without floating point."""

    def misses_at_most_one_in_twenty(below: int) -> bool:
        return 20 * 2 * sum(comb(count, number) for number in range(below + 1)) <= 2**count

    assert misses_at_most_one_in_twenty(outside(count))
    assert not misses_at_most_one_in_twenty(outside(count) + 1)


def test_an_interval_by_hand() -> None:
    """Of nine unsorted values the second smallest and second largest are the ends, whatever the extremes are."""
    assert Estimate(5.0, 2.0, 8.0, 9) == median_interval([9e9, 2.0, 5.0, 3.0, 8.0, -9e9, 4.0, 6.0, 7.0])


@pytest.mark.parametrize(("values", "middle"), [([4.0, 1.0], 2.5), ([1.0, 10.0, 2.0, 4.0], 3.0), ([3.0], 3.0)])
def test_the_median(values: list[float], middle: float) -> None:
    """Of an even number of values it is the mean of the two in the middle."""
    assert middle == median_interval(values).median


@given(st.lists(st.floats(1e-6, 1e6), min_size=1, max_size=40))
def test_any_values(values: list[float]) -> None:
    """The median is Python's own, the interval holds it, and the order of the values does not matter."""
    found = median_interval(values)
    assert median(values) == found.median
    assert found == median_interval(values[::-1])
    assert len(values) == found.count
    if found.low is not None and found.high is not None:
        assert found.low <= found.median <= found.high
        assert {found.low, found.high} <= set(values)


def test_the_values_stay_as_they_are() -> None:
    """The caller's list is not sorted."""
    values = [3.0, 1.0, 2.0]
    median_interval(values)
    assert [3.0, 1.0, 2.0] == values


def test_no_values() -> None:
    """There is no median of nothing."""
    with pytest.raises(ValueError, match="at least one value"):
        median_interval([])
