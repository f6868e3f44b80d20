"""Messages through an engine: how many are under way, when it gives up, and what becomes of errors."""

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import BrokenExecutor, Executor, Future, ThreadPoolExecutor
from typing import Any

import pytest
import tasks

from parlab.backends import delivery
from parlab.backends.delivery import Delivery, OverdueError, deliver


class Lazy(Executor):
    """Ends a call when it is asked for the next thing to do, and notes the most that were under way."""

    def __init__(self) -> None:
        self.waiting: list[tuple[Future[Any], Any]] = []
        self.most = self.released = 0

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        future: Future[Any] = Future()
        self.waiting.append((future, args[0]))
        self.most = max(self.most, len(self.waiting))
        return future

    def release_stuck(self) -> None:
        """Nothing came for a while: end the newest call."""
        self.released += 1
        future, argument = self.waiting.pop()
        future.set_result(argument)


@pytest.fixture
def lazy(monkeypatch: pytest.MonkeyPatch) -> Lazy:
    """An engine that does nothing before it is looked after; that is done without delay."""
    monkeypatch.setattr(delivery, "_LOOK_S", 0.0)
    return Lazy()


@pytest.mark.parametrize(("most", "seen"), [(1, 1), (3, 3), (100, 7), (None, 7)])
def test_no_more_are_under_way_than_allowed(lazy: Lazy, most: int | None, seen: int) -> None:
    """``most`` bounds what the engine holds, and everything arrives, under the number of its message."""
    found = {one.number: one.result for one in deliver(lazy, tasks.double, iter("abcdefg"), most=most)}
    assert dict(enumerate("abcdefg")) == found
    assert seen == lazy.most


def test_the_engine_is_looked_after_while_nothing_comes(lazy: Lazy) -> None:
    """``release_stuck`` is called whenever nothing came."""
    list(deliver(lazy, tasks.double, "abc"))
    assert 3 == lazy.released


def test_messages_are_taken_as_the_engine_gets_on(lazy: Lazy) -> None:
    """A message is made when there is room for it, and not before."""
    made: list[int] = []

    def messages() -> Iterator[int]:
        for number in range(5):
            made.append(number)
            yield number

    coming = deliver(lazy, tasks.double, messages(), most=2)
    next(coming)
    assert [0, 1] == made
    list(coming)
    assert [0, 1, 2, 3, 4] == made


def test_a_deadline_ends_the_waiting() -> None:
    """Past the deadline it gives up, while the task still runs; before it, it does not."""
    gate = threading.Event()
    with ThreadPoolExecutor(1) as executor:
        with pytest.raises(OverdueError):
            list(deliver(executor, gate.wait, [60], until_s=time.monotonic() + 0.01))
        gate.set()
        assert [4] == [
            one.result for one in deliver(executor, tasks.double, [2], until_s=time.monotonic() + tasks.double(30))
        ]


def test_what_has_come_is_delivered_before_the_deadline_is_looked_at(lazy: Lazy) -> None:
    """A result that is there is not thrown away because it is late."""
    future: Future[Any] = Future()
    future.set_result("there")
    lazy.submit = lambda *_call: future  # type: ignore[method-assign]
    (found,) = deliver(lazy, tasks.double, [1], until_s=time.monotonic() - 1)
    assert "there" == found.result


def test_an_error_of_a_task_is_delivered() -> None:
    """An exception stands in ``error``, and the rest comes."""
    with ThreadPoolExecutor(1) as executor:
        found = list(deliver(executor, tasks.refuse_three, [3, 4]))
    assert ["ValueError('no threes')", "None"] == [repr(one.error) for one in found]
    assert [None, 4] == [one.result for one in found]


def test_what_is_no_exception_is_raised() -> None:
    """A future that ends with KeyboardInterrupt or SystemExit is no delivery: it goes on."""
    with ThreadPoolExecutor(1) as executor, pytest.raises(SystemExit):
        list(deliver(executor, tasks.exit_quietly, [1]))


def test_an_engine_that_breaks_while_it_is_fed(lazy: Lazy) -> None:
    """A message that a broken engine does not take is a delivery with that error; those under way are awaited."""
    broken = BrokenExecutor("gone")
    taken = lazy.submit

    def submit(fn: Callable[..., Any], /, *args: Any) -> Future[Any]:
        if args[0] == "b":
            raise broken
        return taken(fn, *args)

    lazy.submit = submit  # type: ignore[method-assign]
    coming = deliver(lazy, tasks.double, "abc")
    first = next(coming)
    assert (1, None, broken) == (first.number, first.result, first.error)
    assert ["a", "c"] == sorted(one.result for one in coming)


def test_an_engine_may_deliver_itself() -> None:
    """One that has its own way is asked, and given function and messages."""

    class Own(ThreadPoolExecutor):
        def deliver(self, function: Any, messages: Any) -> Iterator[Delivery]:
            yield Delivery(9, 0.0, 0.0, (function, messages), None)

    with Own(1) as executor:
        assert [(tasks.double, "ab")] == [one.result for one in deliver(executor, tasks.double, "ab")]


def test_no_messages_are_no_deliveries() -> None:
    """Nothing to send, nothing comes, nothing is waited for."""
    assert [] == list(deliver(Lazy(), tasks.double, []))
