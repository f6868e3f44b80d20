"""The tracing envelope: what it brings back, and that nothing a task raises can break it."""

import os
import pickle
import threading
import time
from typing import Any

import pytest
import tasks
from hypothesis import given
from hypothesis import strategies as st

from parlab import trace
from parlab.codec import dumps, encode
from parlab.parcels import unpack
from parlab.trace import Envelope, Message, Report, cut_messages, describe_failure


def run(task: Any, *items: Any, first: int = 0) -> Report:
    return Envelope(task, shares_process=True)(Message(first, items))


class MuteError(Exception):
    def __str__(self) -> str:
        raise ValueError("and this message is broken too")


class Unspeakable:
    def __repr__(self) -> str:
        raise ValueError("this item cannot be shown")


def raise_keyboard_interrupt(item: object) -> None:
    raise KeyboardInterrupt


def raise_mute_error(item: object) -> None:
    raise MuteError


def raise_much(item: object) -> None:
    raise ValueError("begin" + "x" * 1_000_000 + "end")


def test_values_come_back_in_order() -> None:
    """The values stand in the order of the items, one mark each, and no failure."""
    report = run(tasks.double, 1, 2, 3)
    assert report.values == [2, 4, 6]
    assert len(report.marks) == 3
    assert report.failures == []


def test_the_report_names_its_worker() -> None:
    """Process and thread are those that ran the tasks."""
    report = run(tasks.double, 1)
    assert (os.getpid(), threading.get_native_id()) == (report.process, report.thread)


def test_marks_follow_one_another() -> None:
    """On the worker's clock a task ends after it began, and the next one begins after that."""
    marks = run(tasks.double, *range(50)).marks
    times = [moment for mark in marks for moment in (mark.started_s, mark.finished_s)]
    assert sorted(times) == times


@pytest.mark.parametrize(("shares_process", "expected_s"), [(True, 3.0), (False, 20.0)])
def test_which_cpu_clock_is_read(monkeypatch: pytest.MonkeyPatch, *, shares_process: bool, expected_s: float) -> None:
    """Where workers share a process the thread's CPU time counts, else that of the whole process."""
    thread, process = iter([1.0, 4.0]), iter([10.0, 30.0])
    monkeypatch.setattr(time, "thread_time", lambda: next(thread))
    monkeypatch.setattr(time, "process_time", lambda: next(process))
    report = Envelope(tasks.double, shares_process=shares_process)(Message(0, [1]))
    monkeypatch.undo()
    assert expected_s == report.marks[0].cpu_s


def test_a_failure_stops_nobody_else() -> None:
    """The other tasks of the message run; the failed one has no value, but a mark, and its index counts from first."""
    report = run(tasks.refuse_three, 2, 3, 4, first=10)
    assert report.values == [2, None, 4]
    assert len(report.marks) == 3
    (failure,) = report.failures
    assert (failure.task, failure.item, failure.error) == (11, "3", "ValueError: no threes")


def test_the_traceback_begins_in_the_task() -> None:
    """A learner sees the task's own line and not the envelope around it."""
    (failure,) = run(tasks.refuse_three, 3).failures
    assert "in refuse_three" in failure.traceback
    assert "__call__" not in failure.traceback


@pytest.mark.parametrize(
    ("task", "error"), [(tasks.exit_quietly, "SystemExit: 3"), (raise_keyboard_interrupt, "KeyboardInterrupt")]
)
def test_leaving_is_an_error_of_the_task(task: Any, error: str) -> None:
    """SystemExit and KeyboardInterrupt raised in a task are its failures and do not end the worker."""
    report = run(task, 1, 2)
    assert [error, error] == [failure.error for failure in report.failures]


def test_an_exception_that_cannot_be_shown() -> None:
    """An exception whose own message is broken is still reported by its name."""
    (failure,) = run(raise_mute_error, 1).failures
    assert failure.error == "MuteError: (its message cannot be shown)"
    assert "raise_mute_error" in failure.traceback


def test_an_item_that_cannot_be_shown() -> None:
    """An item whose repr is broken is still named, by its class."""
    (failure,) = run(raise_much, Unspeakable()).failures
    assert "Unspeakable" in failure.item


def test_an_item_that_is_a_huge_number() -> None:
    """A number with more digits than Python turns into text is an item like any other."""
    (failure,) = run(raise_keyboard_interrupt, 10**5_000).failures
    assert failure.error == "KeyboardInterrupt"


def test_a_large_item_is_shortened() -> None:
    """The item in a failure stays short however large it is."""
    assert len(describe_failure(0, "x" * 10_000, ValueError()).item) < 200
    assert len(describe_failure(0, list(range(10_000)), ValueError()).item) < 200


def test_a_huge_message_is_cut() -> None:
    """An error text of a megabyte travels as a few kilobytes, with the begin and the end of its traceback."""
    (failure,) = run(raise_much, 1).failures
    assert failure.error.startswith("ValueError: begin")
    assert len(failure.error) < 600
    assert len(failure.traceback) < 8_100
    assert failure.traceback.startswith("Traceback")
    assert failure.traceback.rstrip().endswith("xend")
    assert "[…]" in failure.traceback


def test_an_error_without_words() -> None:
    """An exception without a message is named by its class alone."""
    assert describe_failure(0, 1, KeyError()).error == "KeyError"


def test_a_cause_is_told() -> None:
    """What an exception was raised from stands in the traceback."""
    problem = ValueError("above")
    problem.__cause__ = KeyError("below")
    assert "KeyError: 'below'" in describe_failure(0, 1, problem).traceback


def test_a_failure_can_be_written_whatever_it_says() -> None:
    """An error text with a file name that is no UTF-8 can still go into the result file."""
    failure = describe_failure(0, "caf\udce9.jpg", OSError("cannot read caf\udce9.jpg"))
    assert "cannot read" in dumps(encode(failure)).encode().decode()


@pytest.mark.parametrize("protocol", range(2, pickle.HIGHEST_PROTOCOL + 1))
@pytest.mark.parametrize("shares_process", [True, False])
def test_the_envelope_travels(protocol: int, *, shares_process: bool) -> None:
    """A pickled envelope does the same on the other side."""
    sent = Envelope(tasks.double, shares_process=shares_process, carrier="pickle")
    found = pickle.loads(pickle.dumps(sent, protocol))
    assert [4] == [unpack(value) for value in found(found.packed(Message(0, [2]))).values]
    assert shares_process == found.shares_process


def test_the_envelope_travels_light() -> None:
    """What goes along with every message is the task's name and hardly more."""
    bare = len(pickle.dumps(tasks.double))
    assert len(pickle.dumps(Envelope(tasks.double, shares_process=True))) - bare < 100


def test_a_report_travels() -> None:
    """What comes back can be pickled, failures included, though the exception itself might not."""
    report = run(raise_mute_error, 1)
    assert report == pickle.loads(pickle.dumps(report))


@given(st.lists(st.integers()), st.integers(1, 20))
def test_messages_hold_every_item_once(items: list[int], chunksize: int) -> None:
    """Put together again, the messages are the items, and each knows the index of its first."""
    messages = cut_messages(items, chunksize)
    assert items == [item for message in messages for item in message.items]
    assert all(items[message.first] == message.items[0] for message in messages)
    assert all(index * chunksize == message.first for index, message in enumerate(messages))
    assert all(chunksize == len(message.items) for message in messages[:-1])
    assert all(1 <= len(message.items) <= chunksize for message in messages)


def test_a_fine_cpu_clock_is_told_from_a_coarse_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """A CPU clock that ticks at 15.6 ms, as on Windows, cannot time a task; one of nanoseconds can."""
    info = time.get_clock_info("process_time")
    for resolution, fine in ((1e-9, True), (0.015625, False)):
        info.resolution = resolution
        monkeypatch.setattr(time, "get_clock_info", lambda _name: info)
        assert fine is trace.cpu_clock_is_fine()
