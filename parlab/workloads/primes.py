"""Count primes by trial division: pure Python, all CPU, hardly any data. The textbook case for processes."""

from collections.abc import Sequence

from parlab.workloads.base import Workload

# Far enough up that every range costs about the same: the square root grows slowly there.
FIRST = 1_000_000
NUMBERS_PER_TASK = 1_500


def count_primes(bounds: tuple[int, int]) -> int:
    """Count the primes in a half-open range.

    Parameters
    ----------
    bounds
        ``(start, stop)`` with start at least 2; ``stop`` is not looked at.

    Returns
    -------
    int
        How many numbers in the range are prime.
    """
    start, stop = bounds
    return sum(_is_prime(number) for number in range(start, stop))


def _is_prime(number: int) -> bool:
    if number % 2 == 0:
        return number == 2
    divisor = 3
    while divisor * divisor <= number:
        if number % divisor == 0:
            return False
        divisor += 2
    return True


def items(size: int, seed: int = 0) -> list[tuple[int, int]]:
    """Cut ``size`` neighbouring ranges of equal length; the seed changes nothing."""
    del seed
    starts = range(FIRST, FIRST + size * NUMBERS_PER_TASK, NUMBERS_PER_TASK)
    return [(start, start + NUMBERS_PER_TASK) for start in starts]


def combine(values: Sequence[int]) -> int:
    """Add up the counts of all ranges."""
    return sum(values)


WORKLOAD = Workload(
    name="primes",
    title="Count primes in pure Python",
    teaches="Threads cannot speed up pure Python under the GIL; processes can.",
    bound="cpu",
    sizes={"small": 64, "large": 2_048},
    items=items,
    task=count_primes,
    combine=combine,
)
