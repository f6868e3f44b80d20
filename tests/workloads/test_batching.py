"""The same numbers in one message or in many: the sum is the same, and nobody stays."""

import multiprocessing
from multiprocessing.context import BaseContext
from queue import SimpleQueue

import pytest

from parlab.errors import InputError
from parlab.workloads import batching

pytestmark = pytest.mark.filterwarnings("ignore:.*use of fork:DeprecationWarning")


@pytest.fixture(params=multiprocessing.get_all_start_methods())
def context(request: pytest.FixtureRequest) -> BaseContext:
    return multiprocessing.get_context(request.param)


def test_each_number_of_messages_is_tried_once_a_round(context: BaseContext) -> None:
    """One time a round for each, in the order given; the child's sum was right, or it would have raised."""
    times = batching.times_by_messages(context, [4, 1, 20], values=20, rounds=2)
    assert [4, 1, 20] == list(times)
    assert all(len(taken) == 2 and min(taken) > 0 for taken in times.values())
    assert [] == multiprocessing.active_children()


@pytest.mark.parametrize("count", [1, 3, 7, 10])
def test_parts_are_the_whole(count: int) -> None:
    """So many lists, none of them empty, whose lengths differ by one at most; together they are the values."""
    lists = batching.parts(range(10), count)
    assert count == len(lists)
    assert list(range(10)) == [value for one in lists for value in one]
    assert 1 <= min(map(len, lists)) >= max(map(len, lists)) - 1


def test_sums_begin_anew() -> None:
    """An empty list asks for the sum since the last one."""
    inbox: SimpleQueue = SimpleQueue()
    outbox: SimpleQueue = SimpleQueue()
    for message in ([1, 2], [3], [], [4], [], None):
        inbox.put(message)
    batching.add_up(inbox, outbox)
    assert [6, 4] == [outbox.get_nowait(), outbox.get_nowait()]


@pytest.mark.parametrize("count", [0, 11])
def test_more_messages_than_numbers_are_refused(count: int) -> None:
    """The error says how many there may be, before anything starts."""
    with pytest.raises(InputError, match="in 1 to 10 messages"):
        batching.times_by_messages(None, [1, count], values=10)  # type: ignore[arg-type]
