"""Plays through every order in which workers can read and write one shared number: what is possible, however rare."""

from collections.abc import Iterator, Sequence

from parlab.errors import InputError

_MOST_ORDERS = 20_000


def possible_ends(*workers: Sequence[int]) -> dict[int, int]:
    """Play through every order in which workers can read and write, and count where the number ends.

    Parameters
    ----------
    *workers
        For each what it adds, one after the other: ``[1, 1]`` adds 1 twice. The number begins with 0.

    Returns
    -------
    dict
        For each number that can stand at the end, in how many orders it does; sorted by the number.

    Raises
    ------
    InputError
        There are too many orders to play through.
    """
    from collections import Counter
    from math import factorial, prod

    steps = [2 * len(amounts) for amounts in workers]
    orders = factorial(sum(steps)) // prod(map(factorial, steps))
    if orders > _MOST_ORDERS:
        message = f"So many additions have {orders:,} orders, which takes too long to play through."
        raise InputError(f"{message} At most {_MOST_ORDERS:,} are allowed: give fewer additions or workers.")
    ends = Counter(_end(order, workers) for order in _orders(steps))
    return dict(sorted(ends.items()))


def _orders(left: list[int]) -> Iterator[tuple[int, ...]]:
    """Yield every order of steps, as the numbers of the workers that make them."""
    if not any(left):
        yield ()
    for worker, steps in enumerate(left):
        if steps:
            for rest in _orders([*left[:worker], steps - 1, *left[worker + 1 :]]):
                yield (worker, *rest)


def _end(order: Sequence[int], workers: Sequence[Sequence[int]]) -> int:
    """Play one order: a worker's first step reads, its second writes, its third reads again."""
    number, seen = 0, [0] * len(workers)
    made = [0] * len(workers)
    for worker in order:
        addition, writes = divmod(made[worker], 2)
        if writes:
            number = seen[worker] + workers[worker][addition]
        else:
            seen[worker] = number
        made[worker] += 1
    return number
