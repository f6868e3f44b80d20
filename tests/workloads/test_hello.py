"""The smallest workload: print a number."""

import pytest

from parlab.workloads.hello import WORKLOAD, combine, items, print_number


def test_it_prints_and_returns_the_number(capsys: pytest.CaptureFixture[str]) -> None:
    """The task prints its number on a line of its own and gives it back."""
    assert print_number(7) == 7
    assert capsys.readouterr().out == "7\n"


def test_the_items_are_the_numbers_from_one() -> None:
    """Counting begins at 1, and the seed changes nothing."""
    assert list(items(5)) == [1, 2, 3, 4, 5]
    assert list(items(5, seed=1)) == list(items(5, seed=2))


def test_the_answer_keeps_the_order(capsys: pytest.CaptureFixture[str]) -> None:
    """The answer is the list of all numbers in the order of the items."""
    numbers = items(WORKLOAD.count("small"))
    assert combine([print_number(number) for number in numbers]) == [1, 2, 3, 4, 5]
    assert capsys.readouterr().out == "1\n2\n3\n4\n5\n"
