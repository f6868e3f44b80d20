"""The tracing envelope: what it brings back, and that nothing a task raises can break it."""

import os
import pickle
import threading
import time
from pathlib import Path
from typing import Any

import pool_tasks
import pytest
import tasks
from hypothesis import given
from hypothesis import strategies as st

from parlab import logbook, nesting, trace
from parlab.codec import dumps, encode
from parlab.errors import InputError
from parlab.messages import Message, Report
from parlab.parcels import pack, unpack
from parlab.trace import Envelope, cut_messages, describe_failure


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


def carried(task: Any, *items: Any, carrier: Any = "pickle", **more: Any) -> Report:
    envelope = Envelope(task, shares_process=True, carrier=carrier, **more)
    return envelope(envelope.packed(Message(0, items)))


@pytest.mark.parametrize("carrier", ["pickle", "code"])
def test_values_travel_as_bytes(carrier: Any) -> None:
    """What comes back is packed, in the order of the items, and a failed task has none."""
    report = carried(tasks.refuse_three, 2, 3, 4, carrier=carrier)
    assert [2, None, 4] == [value and unpack(value) for value in report.values]
    assert "no threes" == str(unpack(report.errors[1]))
    assert ["3"] == [failure.item for failure in report.failures]


def test_a_closure_travels_by_its_code() -> None:
    """Function, items and results that only cloudpickle can pack."""
    amount = 41
    add = lambda number: lambda: number() + amount
    report = carried(add, lambda: 1, carrier="code")
    assert 42 == unpack(report.values[0])()


@pytest.mark.parametrize(
    ("task", "item", "words"),
    [
        (lambda _item: threading.Lock(), 1, "ParcelError: the result (_thread.lock) cannot be pickled"),
        (pool_tasks.make_leaver, 1, "ParcelError: the result (Leaver) can be pickled, but not be rebuilt: SystemExit"),
        (tasks.double, pool_tasks.StubbornError(1, "two"), "ParcelError: the item cannot be rebuilt in the worker"),
        (tasks.double, pool_tasks.Leaver(), "SystemExit: 4"),
    ],
)
def test_what_cannot_travel_fails_its_own_task(task: Any, item: Any, words: str) -> None:
    """A result or an item that cannot be carried is one failed task, and the next one is done."""
    report = carried(lambda one: task(one) if one is not None else 5, item, None, carrier="code")
    (failure,) = report.failures
    assert failure.error.startswith(words)
    assert 5 == unpack(report.values[1])
    assert report.values[0] is None
    assert len(report.marks) == 2


@pytest.mark.parametrize("kind", ["stubborn", "locked", "large", "turncoat"])
def test_an_exception_that_cannot_travel_stays_as_text(kind: str) -> None:
    """One that cannot be packed or rebuilt, becomes another one, or is very large, is told and not sent."""
    report = carried(pool_tasks.raise_kind, kind)
    assert {} == report.errors
    assert "in raise_kind" in report.failures[0].traceback


@pytest.mark.parametrize("kind", ["value", "travelling", "exit", "interrupt"])
def test_an_exception_that_can_travel_does(kind: str) -> None:
    """It comes back as it was; without bytes nothing is packed."""
    assert type(unpack(carried(pool_tasks.raise_kind, kind).errors[0])).__name__ in report_name(kind)
    assert {} == run(pool_tasks.raise_kind, kind).errors


def report_name(kind: str) -> str:
    return run(pool_tasks.raise_kind, kind).failures[0].error


def test_an_exception_that_cannot_be_formatted() -> None:
    """A SyntaxError made by hand, over which ``traceback`` falls, is a failure of its task like others."""
    try:
        report = run(pool_tasks.raise_kind, "syntax")
    except AttributeError as problem:  # with the SyntaxError in its context nobody can show it, pytest included
        text = str(problem)
    else:
        text = report.failures[0].error
    assert "SyntaxError" in text


@pytest.mark.parametrize("carrier", ["object", "pickle"])
def test_prints_come_with_the_report(carrier: Any) -> None:
    """Each task's prints under its own number, of both streams; a task without has no entry."""
    report = carried(lambda one: print("say", one) if one else None, 1, 0, 2, carrier="code")
    assert {0: "say 1\n", 2: "say 2\n"} == report.printed
    assert {0: "out 5\nerr 5\n"} == carried(pool_tasks.print_twice, 5, carrier=carrier).printed


def test_a_failure_carries_what_its_task_printed() -> None:
    """What the failed task printed, and not what the one before did."""
    report = carried(lambda one: pool_tasks.print_then_fail(one) if one else print("fine"), 0, 7, 8, carrier="code")
    assert ["evidence 7\n", "evidence 8\n"] == [failure.printed for failure in report.failures]
    assert "fine\n" == report.printed[0]


def test_the_logbook_follows_the_tasks(tmp_path: Path) -> None:
    """While a task runs its page names it, and afterwards nobody."""
    seen = []
    run_noted = Envelope(lambda _item: seen.extend(logbook.read(tmp_path)), shares_process=True, logbook=str(tmp_path))
    run_noted(Message(5, [None, None]))
    assert [5, 6] == [entry.task for entry in seen]
    assert [None] == [entry.task for entry in logbook.read(tmp_path)]


def test_the_rest_is_left_alone_after_a_failure_where_that_is_wanted() -> None:
    """With ``stop_at_failure`` nothing is begun after the first failed task."""
    report = carried(tasks.refuse_three, 1, 3, 5, stop_at_failure=True)
    assert (2, [1]) == (len(report.values), [failure.task for failure in report.failures])


def test_a_task_is_unpacked_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """A worker opens the same function once, and another one when it comes."""
    opened = []
    monkeypatch.setattr(trace, "unpack", lambda data: opened.append(data) or unpack(data))
    monkeypatch.setattr(trace, "_opened_tasks", {})
    carried(tasks.double, 1, 2)
    carried(tasks.double, 3)
    carried(tasks.refuse_three, 4)
    names = [name for data in opened for name in (b"double", b"refuse_three") if name in data]
    assert [b"double", b"refuse_three"] == names
    assert 1 == len(trace._opened_tasks)


class Doubtful:
    """A task that will not be asked whether it is true."""

    def __call__(self, item: int) -> int:
        return 2 * item

    def __bool__(self) -> bool:
        raise ValueError("ask me something else")


def test_a_task_is_never_asked_for_its_truth() -> None:
    """An object that is a task may have a broken ``__bool__``."""
    assert [2, 4] == [unpack(value) for value in carried(Doubtful(), 1, 2, carrier="code").values]


def test_an_envelope_arrives_once() -> None:
    """The same one comes with every message and is made again once; another task or logbook is another one."""
    first, other = (Envelope(tasks.double, shares_process=True, carrier="pickle", logbook=name) for name in ("a", "b"))
    found = [pickle.loads(pickle.dumps(one)) for one in (first, first, other)]
    assert found[0] is found[1]
    assert found[1] is not found[2]
    assert [{}, {}] == [one.sent for one in found[1:]]
    assert ["a", "a", "b"] == [one.logbook for one in found]


def test_what_has_travelled_is_kept_by_message() -> None:
    """Sizes and durations, one for each item, under the number of the first; a message sent again replaces its own."""
    envelope = Envelope(tasks.double, shares_process=True, carrier="pickle")
    packed = [envelope.packed(Message(first, [1, "two"])) for first in (0, 2, 2)]
    assert {0, 2} == set(envelope.sent)
    assert list(map(len, packed[0][1])) == envelope.sent[0].sizes_bytes
    assert 2 == len(envelope.sent[2].taken_s)


def test_a_nested_pool_is_noted() -> None:
    """The report of a message says whether a task did parallel work serially; that of the next one does not."""

    def nest(item: Any) -> None:
        with nesting.serially():
            pass

    assert [True, False] == [run(nest, 1).nested, run(tasks.double, 1).nested]


def test_an_item_that_cannot_be_packed_is_refused_by_its_path() -> None:
    """Also when its own code calls ``sys.exit``; only an interrupt is the user's."""
    with pytest.raises(InputError, match=r"item 8\[1\] \(builtins.function\) cannot be pickled.*Send what it is made"):
        Envelope(tasks.double, shares_process=False, carrier="pickle").packed(Message(7, [1, [2, tasks.outer()]]))
    for raised, expected in ((SystemExit, InputError), (KeyboardInterrupt, KeyboardInterrupt)):
        with pytest.raises(expected):
            trace.pack_item(Refusing(raised), 0)


class Refusing:
    def __init__(self, kind: type[BaseException]) -> None:
        self.kind = kind

    def __reduce__(self) -> Any:
        raise self.kind


@pytest.mark.parametrize(
    ("how", "words"), [("raises", "ValueError: no licence"), ("leaves", "SystemExit: no licence"), ("well", None)]
)
def test_an_initialiser_tells_what_it_raised(how: str, words: str | None) -> None:
    """Error and traceback come back; nothing when all went well."""
    function = pool_tasks.remember if words is None else pool_tasks.initialise_badly
    found = trace.initialise(pack((function, (how,), {})))
    assert (None if found is None else found[0]) == words
    assert found is None or "in initialise_badly" in found[1]


def test_a_warm_up_judges_nothing() -> None:
    """The first touch runs the task, and what it raises is kept for later."""
    called: list[Any] = []
    trace.WarmUp(Envelope(called.append, shares_process=True))(1)
    trace.WarmUp(Envelope(tasks.refuse_three, shares_process=True))(3)
    assert [1] == called
