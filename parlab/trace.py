"""The envelope around tasks: notes, inside the worker, when each one ran and what it cost, and catches everything.

Whatever a task does, short of ending its process, is that task's failure and nobody else's: its function, its item and
its result travel as bytes and are opened and closed in here. It is put around a task only when spans are wanted, so
that "tracing off" is the bare engine. Standard library only, because it is imported in every worker.
"""

import os
import struct
import sys
import threading
import time
import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from reprlib import Repr
from typing import Any, Literal

from parlab import nesting, parcels
from parlab.capture import Captured, take_streams
from parlab.errors import InputError, text_of
from parlab.logbook import Page, page_of
from parlab.messages import Message, Packed, Report, Travelled
from parlab.parcels import ParcelError, pack, pack_sound, unpack, why_not
from parlab.records import Failure

Carrier = Literal["object", "pickle", "code"]  # how values travel: not at all, as bytes, as bytes with their code

_COARSEST_CPU_CLOCK_S = 1e-3  # Windows counts CPU time in steps of 15.6 ms: no figure is better than a wrong one
_TRACEBACK_CHARACTERS = 8_000
_MESSAGE_CHARACTERS = 500
_MOST_ERROR_BYTES = 1_000_000  # an exception larger than this travels as text alone

_REPR_CHARACTERS = 120

_host = ""  # see ``name_host``

_short = Repr()
_short.maxstring = _short.maxother = _REPR_CHARACTERS


class Envelope:
    """A task with a watch in its hand.

    Parameters
    ----------
    task
        The function to call with each item.
    shares_process
        True where several workers live in one process: then CPU time is the thread's, else the process's, which
        includes threads that a library starts.
    carrier
        How values travel to the workers: ``"object"`` where they see the same objects.
    logbook
        Folder of the workers' pages, see ``parlab.logbook``; None for none.
    stop_at_failure
        True to leave the rest of a message alone when a task has failed.
    packed
        True for a task that is bytes already, after the journey.

    Attributes
    ----------
    sent
        What ``packed`` has packed, by the first task of its message. It stays with the sender.
    """

    __slots__ = ("_task", "carrier", "logbook", "sent", "shares_process", "stop_at_failure")

    def __init__(
        self,
        task: Callable[[Any], Any] | bytes,
        *,
        shares_process: bool,
        carrier: Carrier = "object",
        logbook: str | None = None,
        stop_at_failure: bool = False,
        packed: bool = False,
    ) -> None:
        self.shares_process, self.stop_at_failure = shares_process, stop_at_failure
        self.carrier, self.logbook = carrier, logbook
        self.sent: dict[int, Travelled] = {}
        self._task: Any = task if packed or carrier == "object" else pack(task, by_value=carrier == "code")

    def __reduce__(self) -> tuple[Any, ...]:
        """Travel as little as possible: this is sent with every message."""
        return _arrived, (self._task, self.shares_process, self.carrier, self.logbook, self.stop_at_failure)

    def __call__(self, message: Packed) -> Report:
        """Run the tasks of one message, one after the other."""
        report, page = Report(os.getpid(), threading.get_native_id(), host=_host), page_of(self.logbook)
        with Captured(page):
            self._run(message, report, page)
            page.end()
        report.nested = nesting.take_note()
        return report

    def packed(self, message: Message) -> Packed:
        """Pack the items of a message for the journey: the sender's side.

        Raises
        ------
        InputError
            An item cannot be packed; the text gives the path to the part that refuses.
        """
        if self.carrier == "object":
            return message
        by_value, clock = self.carrier == "code", time.perf_counter
        packed, taken_s = [], []
        for index, item in enumerate(message.items, message.first):
            started_s = clock()
            packed.append(pack_item(item, index, by_value=by_value))
            taken_s.append(clock() - started_s)
        self.sent[message.first] = Travelled(list(map(len, packed)), taken_s)
        return message.first, packed

    def _run(self, message: Packed, report: Report, page: Page) -> None:
        """Run the tasks. Every task pays for what stands in this loop: ``benchmarks/tracing.py`` says how much."""
        clock, cpu_clock = time.perf_counter, time.thread_time if self.shares_process else time.process_time
        carried, by_value, begin, printed = self.carrier != "object", self.carrier == "code", page.begin, page.printed
        task: Any = None if carried else self._task
        keep, moments = report.values.append, list[float]()
        for index, item in enumerate(message[1], message[0]):
            begin(index)
            take_streams()
            value, argument, cpu_s = None, item, 0.0
            started_s = finished_s = came_s = packed_s = 0.0  # not yet
            try:
                if carried:
                    argument, came_s = _UNOPENED, clock()
                    argument = _opened(item)
                    if task is None:
                        task = _task_in(self._task)
                cpu_before_s, started_s = cpu_clock(), clock()
                value = task(argument)
                finished_s, cpu_s = clock(), cpu_clock() - cpu_before_s
                if carried:
                    value = pack_sound(value, "the result", by_value=by_value)
                    packed_s = clock()
            except BaseException as error:  # SystemExit and KeyboardInterrupt raised in a task are the task's errors
                value, finished_s = None, finished_s or clock()
                started_s, cpu_s = started_s or finished_s, cpu_s or (cpu_clock() - cpu_before_s if started_s else 0.0)
                report.failures.append(describe_failure(index, argument, error))
                self._keep(error, index, report)
            keep(value)
            if packed_s:
                moments += (started_s, finished_s, cpu_s, started_s - came_s, packed_s - finished_s)
            else:  # it failed, or nothing travels
                moments += (started_s, finished_s, cpu_s, 0.0, 0.0)
            text = printed()
            if text:
                _note_printed(text, index, report)
            if report.failures and self.stop_at_failure:
                break
        report.moments = struct.pack(f"{len(moments)}d", *moments)

    def _keep(self, error: BaseException, index: int, report: Report) -> None:
        """Let the exception itself travel where it can, so that the caller can catch it by its own class."""
        if self.carrier == "object":
            return
        try:
            data = pack_sound(error, "the exception", by_value=self.carrier == "code", same_type=True)
        except BaseException:  # its own code runs here; the text is kept anyway
            return
        if len(data) <= _MOST_ERROR_BYTES:
            report.errors[index] = data


def name_host(digest: str) -> None:
    """Let this process's reports say which host they come from: process numbers repeat on several."""
    global _host  # noqa: PLW0603  # a fact about the process
    _host = digest


def pack_item(item: Any, index: int, *, by_value: bool = False) -> bytes:
    """Pack one item, or refuse it with the path to the part that cannot travel (``InputError``)."""
    try:
        return pack(item, by_value=by_value)
    except (Exception, SystemExit) as problem:  # an item's own code runs here
        text = why_not(item, f"item {index}", problem)
        raise InputError(f"{text}. Send what it is made from instead.") from problem


def pack_call(
    function: Callable[..., Any], arguments: tuple[Any, ...], keywords: dict[str, Any], whose: str = "the "
) -> bytes:
    """Pack a function with its arguments, or refuse it with the path to what cannot travel (``InputError``)."""
    try:
        return pack((function, arguments, keywords))
    except (Exception, SystemExit):
        named = {"function": function, **{f"argument {place}": one for place, one in enumerate(arguments)}, **keywords}
        for name, value in named.items():
            try:
                pack(value)
            except (Exception, SystemExit) as problem:
                text = why_not(value, f"{whose}{name}", problem)
                raise InputError(f"{text}. Send what it is made from instead.") from problem
        raise


_OURS = (__file__, parcels.__file__)
_UNOPENED = object()  # stands for an item that could not be unpacked
_arrivals: dict[tuple[Any, ...], Envelope] = {}  # the last one, as below: the same comes with every message
_opened_tasks: dict[bytes, Callable[[Any], Any]] = {}  # the last one: a worker runs one task at a time


def _arrived(*state: Any) -> Envelope:
    """Make the envelope again that a message brings along, or find it: ``Envelope.__reduce__``."""
    travels = state[2] != "object"  # else the task is one of this process, and may have no hash
    envelope = _arrivals.get(state) if travels else None
    if envelope is None:
        task, shares_process, carrier, logbook, stop_at_failure = state
        envelope = Envelope(
            task,
            shares_process=shares_process,
            carrier=carrier,
            logbook=logbook,
            stop_at_failure=stop_at_failure,
            packed=True,
        )
        if travels:
            _arrivals.clear()
            _arrivals[state] = envelope
    return envelope


def _task_in(data: bytes) -> Callable[[Any], Any]:
    task = _opened_tasks.get(data)
    if task is None:
        task = unpack(data)
        _opened_tasks.clear()
        _opened_tasks[data] = task
    return task


def _opened(item: bytes) -> Any:
    try:
        return unpack(item)
    except Exception as problem:
        text = f"the item cannot be rebuilt in the worker: {type(problem).__name__}: {problem}"
        raise ParcelError(text) from problem


def _note_printed(text: str, index: int, report: Report) -> None:
    report.printed[index] = text
    if report.failures and report.failures[-1].task == index:
        report.failures[-1] = replace(report.failures[-1], printed=text)


def call(wanted: tuple[Callable[..., Any], tuple[Any, ...], dict[str, Any]]) -> Any:
    """Call a function with arguments that came along."""
    function, arguments, keywords = wanted
    return function(*arguments, **keywords)


def initialise(packed: bytes) -> tuple[str, str] | None:
    """Make a packed call, and return what it raised and where; None when all went well."""
    try:
        call(unpack(packed))
    except BaseException as error:  # a user's code, which may call sys.exit()
        failure = describe_failure(-1, None, error)
        return failure.error, failure.traceback
    return None


@dataclass(frozen=True, slots=True)
class WarmUp:
    """The first touch in every worker: imports, caches, and the envelope. What the task raises here is not judged."""

    envelope: Envelope

    def __call__(self, item: Any) -> None:
        """Run the task once in the envelope, which keeps what it raises."""
        self.envelope(Message(0, [item]))


def cpu_clock_is_fine() -> bool:
    """Tell whether this system's CPU clock can time a task. Windows claims 100 ns for a clock that ticks at 15.6 ms."""
    return sys.platform != "win32" and time.get_clock_info("process_time").resolution <= _COARSEST_CPU_CLOCK_S


def describe_failure(index: int, item: Any, error: BaseException) -> Failure:
    """Turn an exception into text that can travel, whatever the exception holds.

    Parameters
    ----------
    index, item
        The task that raised.
    error
        What it raised; a cause that came from a worker is part of the traceback.
    """
    told = error.__cause__ if isinstance(error, ParcelError) and error.__cause__ is not None else error
    text = _formatted(told)
    if len(text) > _TRACEBACK_CHARACTERS:
        half = _TRACEBACK_CHARACTERS // 2
        text = f"{text[:half]}\n  […]\n{text[-half:]}"
    return Failure(index, shown(item), _name(error), text, refused=type(error) is InputError)


def _formatted(error: BaseException) -> str:
    try:
        return "".join(traceback.format_exception(type(error), error, _below_ours(error)))
    except Exception as problem:  # an exception can hold what its own display stumbles over
        return f"{_name(error)}\n(its traceback cannot be shown: {type(problem).__name__})"


def _below_ours(error: BaseException) -> Any:
    """Skip the frames of the envelope: a learner wants to see the task."""
    top = error.__traceback__
    while top is not None and top.tb_frame.f_code.co_filename in _OURS:
        top = top.tb_next
    return top


def shown(item: Any) -> str:
    """Show an item, shortened, whatever its own ``__repr__`` does."""
    if item is _UNOPENED:
        return ""
    try:
        return _short.repr(item)
    except (Exception, SystemExit):  # int has a limit of 4,300 digits, and a repr of the user's can raise anything
        return f"<{type(item).__name__}>"


def _name(error: BaseException) -> str:
    text = text_of(error)
    return f"{type(error).__name__}: {text[:_MESSAGE_CHARACTERS]}" if text else type(error).__name__


def cut_messages(items: Sequence[Any], chunksize: int) -> list[Message]:
    """Cut the items into messages of ``chunksize`` tasks; the last may be shorter."""
    return [Message(first, items[first : first + chunksize]) for first in range(0, len(items), chunksize)]
