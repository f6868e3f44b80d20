"""Count primes in ranges of very uneven length: a few tasks hold most of the work, so workers end up waiting for one.

The lengths follow a Pareto distribution with the shape of the "80/20 rule", log 5 / log 4 (M. E. J. Newman, "Power
laws, Pareto distributions and Zipf's law", 2005), taken at evenly spaced quantiles, so that every seed holds the same
lengths and only their order differs.
"""

import math
import random
from collections.abc import Sequence

from parlab.workloads.base import Workload
from parlab.workloads.primes import FIRST, count_primes

SHAPE = math.log(5) / math.log(4)
SHORTEST = 400  # numbers in the shortest range


def lengths(size: int) -> list[int]:
    """Return the lengths of all ranges, shortest first.

    Parameters
    ----------
    size
        How many: the quantiles 0.5 / size, 1.5 / size, … of the distribution are taken.
    """
    return [round(SHORTEST * (1 - (number + 0.5) / size) ** (-1 / SHAPE)) for number in range(size)]


def items(size: int, seed: int = 0) -> list[tuple[int, int]]:
    """Cut neighbouring ranges of uneven length: shuffled by the seed, but the longest last, where it hurts most."""
    *shuffled, longest = lengths(size)
    random.Random(seed).shuffle(shuffled)  # noqa: S311  # an order, no secret
    shuffled.append(longest)
    ranges, start = [], FIRST
    for length in shuffled:
        ranges.append((start, start + length))
        start += length
    return ranges


def combine(values: Sequence[int]) -> int:
    """Add up the counts of all ranges."""
    return sum(values)


WORKLOAD = Workload(
    name="skewed",
    title="Very uneven tasks",
    teaches="One long task that starts late keeps every other worker waiting: load imbalance.",
    bound="cpu",
    sizes={"small": 64, "large": 2_048},
    items=items,
    task=count_primes,
    combine=combine,
)
