"""Every order of readings and writings is played, and once: compared with another way to find them."""

import itertools

import pytest

from parlab.errors import InputError
from parlab.workloads import orders


def played(workers) -> dict[int, int]:
    """The same as ``possible_ends`` in another way: all permutations of the workers' names, each one once."""
    names = [worker for worker, amounts in enumerate(workers) for _ in range(2 * len(amounts))]
    ends = []
    for order in set(itertools.permutations(names)):
        number, left = 0, [[("read", a) if s else ("write", a) for a in amounts for s in (1, 0)] for amounts in workers]
        seen = {}
        for worker in order:
            step, amount = left[worker].pop(0)
            if step == "read":
                seen[worker] = number
            else:
                number = seen[worker] + amount
        ends.append(number)
    return {end: ends.count(end) for end in sorted(set(ends))}


@pytest.mark.parametrize("workers", [([1],), ([1, 1], [1, 1]), ([1, 1], [10]), ([1], [2], [4])])
def test_every_order_is_played_once(workers) -> None:
    """All ends that are possible, and in how many orders each comes."""
    assert played(workers) == orders.possible_ends(*workers)


def test_three_and_three_can_end_at_two() -> None:
    """As the notebook says of three and three: 2 is the lowest end, and only orders without overlap are right."""
    assert {2: 8, 3: 300, 4: 416, 5: 180, 6: 20} == orders.possible_ends([1, 1, 1], [1, 1, 1])


def test_too_many_orders_are_refused() -> None:
    """The number of orders is named, and what is allowed."""
    with pytest.raises(InputError, match=r"184,756 orders.*At most 20,000"):
        orders.possible_ends([1] * 5, [1] * 5)


def test_the_exercise_has_the_right_answer() -> None:
    """What the check holds for right is what the machine finds."""
    from parlab.learn import registry

    assert registry.find("07-possible-ends").expected == list(orders.possible_ends([1, 1], [10]))
