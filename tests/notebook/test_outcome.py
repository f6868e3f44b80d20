"""What comes back becomes values, exceptions of their own class, and prints in the tasks' order."""

from typing import Any

import pool_tasks
import pytest
import tasks
from hypothesis import given
from hypothesis import strategies as st
from pool_tasks import LoudItem

from parlab.backends.delivery import Delivery
from parlab.errors import LostTaskError, RemoteTaskError, TaskError
from parlab.notebook.outcome import Outcome, PrintedInOrder, as_exception, rebuilt
from parlab.parcels import pack
from parlab.trace import Envelope, Message, Report


def run(task: Any, *items: Any, first: int = 0) -> tuple[Message, Report]:
    envelope = Envelope(task, shares_process=True, carrier="pickle")
    message = Message(first, list(items))
    return message, envelope(envelope.packed(message))


def took(outcome: Outcome, message: Message, result: Any = None, error: Exception | None = None) -> list[Any]:
    return list(outcome.take(message, Delivery(0, 0.0, 0.0, result, error)))


def error_of(kind: str) -> BaseException:
    _, report = run(pool_tasks.raise_kind, kind)
    return as_exception(report.failures[0], report.errors.get(0), "Task 0 of 1, item 'x',")


def test_values_stand_in_their_places() -> None:
    """Messages may come in any order."""
    outcome = Outcome([5, 6, 7], return_exceptions=False)
    assert [(2, "")] == took(outcome, *run(tasks.double, 7, first=2))
    assert ([None, None, 14], 1) == (outcome.values, outcome.done)
    assert [(0, ""), (1, "")] == took(outcome, *run(tasks.double, 5, 6))
    assert ([10, 12, 14], 3) == (outcome.values, outcome.done)
    assert outcome.to_raise is None


def test_the_first_failure_is_raised_unless_kept() -> None:
    """Of several the one that came first; kept, each stands in its place among the values."""
    for keep in (False, True):
        outcome = Outcome([1, 3, 3], return_exceptions=keep)
        took(outcome, *run(tasks.refuse_three, 1, 3, 3))
        assert [1, "no threes", "no threes"] == [value if value == 1 else str(value) for value in outcome.values]
        assert (None if keep else outcome.values[1]) is outcome.to_raise
        assert isinstance(outcome.values[1], ValueError)
        assert ["Task 1 of 3, item 3, in a worker"] == outcome.values[1].__notes__


@pytest.mark.parametrize(("kind", "type_"), [("value", ValueError), ("travelling", pool_tasks.TravellingError)])
def test_an_exception_keeps_its_class(kind: str, type_: type) -> None:
    """With its attributes, a note that names the task, and the worker's traceback as its cause."""
    error = error_of(kind)
    assert type_ is type(error)
    assert 42 == getattr(error, "code", 42)
    assert ["Task 0 of 1, item 'x', in a worker"] == error.__notes__
    assert isinstance(error.__cause__, RemoteTaskError)
    assert "in raise_kind" in str(error.__cause__)


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        ("stubborn", "StubbornError: 1 because two"), ("locked", "LockedError: locked"), ("exit", "SystemExit: 3"),
        ("interrupt", "KeyboardInterrupt"), ("large", "ValueError: xxx"),
    ],
)  # fmt: skip
def test_what_cannot_or_may_not_travel_is_told(kind: str, words: str) -> None:
    """It becomes a RemoteTaskError with the task, the words and the traceback: also what would end the caller."""
    error = error_of(kind)
    assert RemoteTaskError is type(error)
    assert isinstance(error, TaskError)
    assert str(error).startswith(f"Task 0 of 1, item 'x', raised {words}")
    assert "in raise_kind" in str(error)


def test_an_exception_that_takes_no_attributes() -> None:
    """An exception to which nothing can be added, such as a frozen dataclass, is an exception like others."""
    assert "cold" in str(error_of("frozen"))


def test_a_lost_task_is_named() -> None:
    """Its text says which, how and what it printed; the whole of what is known stays on the exception."""
    outcome = Outcome(["a", "b"], return_exceptions=True)
    loss = LostTaskError("Look for it.", "lost(SIGKILL)", "last words\n")
    assert [(1, "last words\n")] == took(outcome, Message(1, ["b"]), error=loss)
    error = outcome.values[1]
    assert ("lost(SIGKILL)", "last words\n") == (error.how, error.printed)
    begin = "Task 1 of 2, item 'b', ended its worker, also when it ran alone: lost(SIGKILL). Look for it."
    assert f"{begin}\n\nWhat it printed:\nlast words" == str(error)


def test_a_message_that_was_not_carried() -> None:
    """An engine's own error is that of all tasks of the message."""
    outcome = Outcome([1, 2], return_exceptions=True)
    took(outcome, Message(0, [1, 2]), error=OSError("no route"))
    expected = [f"Task {task} of 2, item {task + 1}, could not be carried: no route" for task in (0, 1)]
    assert expected == [str(value) for value in outcome.values]
    assert {RemoteTaskError} == set(map(type, outcome.values))


def test_a_result_that_cannot_be_rebuilt_here() -> None:
    """It fails its task alone, and the text says why."""
    value, error = rebuilt(pack(pool_tasks.StubbornError(1, "two")), "Task 3")
    assert value is None
    assert str(error).startswith("Task 3 gave a result that cannot be rebuilt here: TypeError")
    assert (5, None) == rebuilt(pack(5), "Task 3")


def test_a_result_that_leaves() -> None:
    """A result whose rebuilding calls ``sys.exit`` here does not end whoever waits for it."""
    try:
        _, error = rebuilt(pack(pool_tasks.Leaver()), "Task 3")
    except SystemExit:
        error = None
    assert isinstance(error, RemoteTaskError)


def test_items_of_tasks_that_succeed_are_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    """A repr may be long and slow: it is asked for only where an error names the item."""
    monkeypatch.setattr(LoudItem, "shown", 0)
    outcome = Outcome([LoudItem()], return_exceptions=False)
    _, report = run(tasks.who, 1)
    took(outcome, Message(0, [None]), report)
    assert 0 == LoudItem.shown


def test_what_a_failed_task_printed_is_told() -> None:
    """It is shown like that of other tasks, also when tasks before it will never be done."""
    outcome, written = Outcome([1, 7], return_exceptions=False), []
    ((task, text),) = took(outcome, *run(pool_tasks.print_then_fail, 7, first=1))
    printed = PrintedInOrder(written.append)
    printed.add(task, text)
    assert [] == written
    printed.finish()
    assert ["evidence 7\n"] == written


@given(st.permutations(range(6)))
def test_prints_come_in_the_order_of_the_tasks(order: list[int]) -> None:
    """However they end, nothing is written before what all tasks before have printed, and each as soon as it may."""
    written: list[str] = []
    printed = PrintedInOrder(written.append)
    ended: set[int] = set()
    for task in order:
        printed.add(task, "" if task == 3 else str(task))
        ended.add(task)
        ready = next(number for number in range(7) if number not in ended)
        assert [str(number) for number in range(ready) if number != 3] == written
