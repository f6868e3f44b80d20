"""Uneven ranges: the distribution that is stated, and the primes in them."""

from collections import Counter

import pytest

from parlab.workloads.primes import FIRST
from parlab.workloads.skewed import SHAPE, SHORTEST, WORKLOAD, combine, items, lengths

SIZES = [1, 2, 10, 64, 2_048]


def lengths_of(size: int, seed: int) -> list[int]:
    return [stop - start for start, stop in items(size, seed)]


@pytest.mark.parametrize("size", SIZES)
def test_lengths_are_pareto_quantiles(size: int) -> None:
    """The share of ranges that are longer than x is (400 / x) to the shape, taken in the middle of each step."""
    for number, length in enumerate(lengths(size)):
        expected = 1 - (number + 0.5) / size
        assert expected == pytest.approx((SHORTEST / length) ** SHAPE, rel=2 * SHAPE * 0.5 / length)


def test_the_shape_is_that_of_80_and_20() -> None:
    """In the whole distribution the longest fifth holds four fifths: 0.2 to the power (shape - 1) / shape is 0.8."""
    assert 0.8 == pytest.approx(0.2 ** ((SHAPE - 1) / SHAPE), rel=1e-12)


@pytest.mark.parametrize(("size", "fifth", "longest"), [(64, 0.60, 0.24), (2_048, 0.70, 0.11)])
def test_a_few_tasks_hold_most_of_the_work(size: int, fifth: float, longest: float) -> None:
    """The longest fifth holds well over half of all numbers, and one range alone a good part."""
    found = lengths(size)
    assert fifth < sum(found[-(size // 5) :]) / sum(found) < 0.8
    assert longest < found[-1] / sum(found) < longest + 0.01


@pytest.mark.parametrize("size", SIZES)
def test_every_seed_has_the_same_lengths(size: int) -> None:
    """Seeds change the order alone, so the same amount of work is compared."""
    assert Counter(lengths(size)) == Counter(lengths_of(size, 1)) == Counter(lengths_of(size, 2))
    assert lengths(size) == sorted(lengths(size))
    assert lengths_of(size, 1) == lengths_of(size, 1)
    if size > 2:
        assert lengths_of(size, 1) != lengths_of(size, 2)


@pytest.mark.parametrize("seed", [0, 1])
def test_the_ranges_touch(seed: int) -> None:
    """The ranges follow one another without gap or overlap, and none is empty."""
    ranges = items(64, seed)
    assert [FIRST, *(stop for _, stop in ranges)] == [
        *(start for start, _ in ranges),
        FIRST + sum(lengths(64)),
    ]
    assert min(stop - start for start, stop in ranges) >= SHORTEST


def test_the_answer_is_what_a_sieve_says() -> None:
    """All primes of the ranges, counted by crossing out multiples; the order of the seed changes nothing."""
    stop = FIRST + sum(lengths(12))
    prime = bytearray([1]) * (stop - FIRST)
    for number in range(2, int(stop**0.5) + 1):
        first = max(number * number, -(-FIRST // number) * number) - FIRST
        prime[first::number] = bytes(len(range(first, len(prime), number)))
    for seed in (0, 1):
        assert sum(prime) == combine([WORKLOAD.task(one) for one in items(12, seed)])


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_the_longest_stands_last(seed: int) -> None:
    """Whatever the seed, the task that holds most of the work starts when the others are nearly done."""
    found = [stop - start for start, stop in items(64, seed)]
    assert max(found) == found[-1]
