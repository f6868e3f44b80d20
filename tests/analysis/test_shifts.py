"""The ratio of two independent samples: the value, the exact interval, and when there is none."""

from itertools import combinations
from math import comb

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from parlab.analysis.shifts import _distribution, fewest_rounds, pairs_outside, ratio_of

A = [1.0, 1.1, 1.2, 1.3, 1.4, 1.5]


def test_a_factor_is_found() -> None:
    """Every value of B is 1.3 times one of A's: the ratio is 1.3, and the interval has it inside."""
    found = ratio_of(A, [1.3 * one for one in A], 0.95)
    assert found.value == pytest.approx(1.3)
    assert found.low < 1.3 < found.high


def test_the_ends_are_pairwise_ratios_counted_from_outside() -> None:
    """Six against six at 95 %: the published critical value of U is 5, so the sixth of 36 ratios from each end."""
    b = [2.0, 2.3, 2.5, 2.6, 2.9, 3.1]
    ordered = sorted(one / other for one in b for other in A)
    found = ratio_of(A, b, 0.95)
    assert found.low == pytest.approx(ordered[5])
    assert found.high == pytest.approx(ordered[-6])


@pytest.mark.parametrize(("first", "second"), [(1, 3), (3, 3), (4, 2), (5, 6)])
def test_the_distribution_is_that_of_all_orders(first: int, second: int) -> None:
    """U counted over every way to mix two samples gives the same probabilities."""
    counts = np.zeros(first * second + 1)
    for places in combinations(range(first + second), first):
        counts[sum(place - before for before, place in enumerate(places))] += 1
    assert np.allclose(counts / comb(first + second, first), _distribution(first, second))


@pytest.mark.parametrize(("count", "critical"), [(6, 5), (7, 8), (8, 13), (10, 23), (20, 127)])
def test_published_critical_values(count: int, critical: int) -> None:
    """The two-sided 5 % points of printed tables of Mann and Whitney's U."""
    assert critical == pairs_outside(count, count, 0.95)


def test_the_normal_approximation_goes_on_where_the_exact_one_ends() -> None:
    """At 100 against 101 the normal distribution takes over, and agrees to one pair in a thousand."""
    exact, normal = pairs_outside(100, 100, 0.95), pairs_outside(100, 101, 0.95)
    assert exact is not None
    assert normal is not None
    assert 0.01 > abs(normal / (100 * 101) - exact / 100**2)


@pytest.mark.parametrize(("first", "second"), [(1, 1), (5, 5), (5, 100), (100, 5)])
def test_few_rounds_have_no_interval(first: int, second: int) -> None:
    """With fewer than six rounds on either side no interval is given at any confidence."""
    assert pairs_outside(first, second, 0.5) is None
    found = ratio_of([1.0] * first, [2.0] * second, 0.5)
    assert (pytest.approx(2.0), None, None) == (found.value, found.low, found.high)
    assert not found.above_one


def test_many_comparisons_need_more_rounds() -> None:
    """Six rounds carry 23 comparisons and not 24: 2 of the 924 orders of six and six are the extreme ones."""
    assert (6, 7) == (fewest_rounds(1 - 0.05 / 23), fewest_rounds(1 - 0.05 / 24))


def test_equal_samples_differ_by_nothing() -> None:
    """A sample against itself has the ratio 1 inside, and ties do not disturb."""
    found = ratio_of([2.0] * 6, [2.0] * 6, 0.95)
    assert (1.0, 1.0, 1.0) == (found.value, found.low, found.high)
    assert not found.above_one
    assert not found.below_one


_samples = st.lists(st.floats(1e-3, 1e3), min_size=6, max_size=12)


@given(_samples, _samples)
def test_turned_round_it_is_the_inverse(first: list[float], second: list[float]) -> None:
    """A over B says the same as B over A."""
    one, other = ratio_of(first, second, 0.95), ratio_of(second, first, 0.95)
    assert one.value == pytest.approx(1 / other.value)
    assert (one.low, one.high) == (pytest.approx(1 / other.high), pytest.approx(1 / other.low))


def test_nothing_has_no_ratio() -> None:
    """Without values on both sides there is an error and no number."""
    with pytest.raises(ValueError, match="on both sides"):
        ratio_of([], [1.0], 0.95)
