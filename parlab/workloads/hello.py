"""The smallest example: print a number. It shows that processes run, and in which order they come."""

from collections.abc import Sequence

from parlab.workloads.base import Workload


def print_number(number: int) -> int:
    """Print a number and return it."""
    print(number)
    return number


def items(size: int, seed: int = 0) -> range:
    """Return the numbers 1 to ``size``; the seed changes nothing."""
    del seed
    return range(1, size + 1)


def combine(values: Sequence[int]) -> list[int]:
    """Return the numbers in the order of the items, whatever order they were printed in."""
    return list(values)


WORKLOAD = Workload(
    name="hello",
    title="Print a number",
    teaches="Starting workers costs far more than a tiny task gains.",
    bound="cpu",
    sizes={"small": 5, "large": 5_000},
    items=items,
    task=print_number,
    combine=combine,
)
