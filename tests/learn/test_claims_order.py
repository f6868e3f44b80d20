"""The claim about the order of tasks looks at what each worker got first, whatever the system does afterwards."""

import pytest

from parlab.learn import registry
from parlab.learn.claims_order import LONGEST_FIRST
from parlab.learn.probes import Call
from parlab.learn.records import Run

CHECK = registry.find("10-longest-first")  # of the items 7, 3, 9, 1, 8, 2


def fault(*begun: tuple[int, int]) -> str | None:
    """What the claim says of tasks that began in this order: (process, item)."""
    calls = tuple(Call(item, process, 1, float(place), None) for place, (process, item) in enumerate(begun))
    return LONGEST_FIRST.find(CHECK, Run("spawn", "returned", calls=calls))


@pytest.mark.parametrize(
    "begun",
    [
        ((1, 9), (2, 8), (1, 7), (2, 3), (1, 2), (2, 1)),
        ((2, 8), (1, 9), (2, 7), (2, 3), (2, 2), (2, 1)),
        ((1, 9), (2, 8), (1, 1), (1, 2), (2, 7), (2, 3)),
        ((3, 7), (1, 9), (2, 8), (3, 3), (3, 2), (3, 1)),
    ],
    ids=["as they were handed out", "the second was slower", "later ones overtook", "three workers"],
)
def test_the_two_largest_are_the_first_of_two_workers(begun) -> None:
    """In which order they began, and what came later, says nothing."""
    assert fault(*begun) is None


def test_other_orders_are_told_apart() -> None:
    """As given, the smallest first, and the two largest with one worker."""
    assert "as given" == fault((1, 7), (2, 3), (1, 9), (2, 1), (1, 8), (2, 2))
    assert "shortest" == fault((1, 1), (2, 2), (1, 3), (2, 7), (1, 8), (2, 9))
    assert "together" == fault((1, 9), (2, 3), (1, 8), (2, 2), (1, 7), (2, 1))
