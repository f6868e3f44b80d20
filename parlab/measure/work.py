"""Gets the tasks of one trial done, by the plain loop or by an engine, and turns what came back into spans."""

import time
from collections.abc import Sequence
from concurrent.futures import BrokenExecutor, Executor
from dataclasses import dataclass, field, replace
from typing import Any

from parlab.backends.base import Facts
from parlab.backends.delivery import Delivery
from parlab.backends.workforce import Workforce
from parlab.errors import ON_SKIPPING, InputError, LostTaskError, ParlabError, TaskError, WorkersLostError
from parlab.measure.problem import Problem
from parlab.messages import Mark, Message, Report, Travelled
from parlab.parcels import unpack, why_not
from parlab.records import SPAN_COLUMNS, Failure, Sweep, Worker
from parlab.trace import Carrier, Envelope, cpu_clock_is_fine, cut_messages, describe_failure, shown

_TASK_ERRORS = (Exception, SystemExit, KeyboardInterrupt)  # a task's sys.exit() is its error, not our end
_DIGITS = 9  # spans are kept to the nanosecond, which is what the clock gives


@dataclass(slots=True)
class Work:
    """What came back: values in the order of the items, failures, and with tracing on the reports."""

    values: list[Any]
    failures: list[Failure]
    reports: list[tuple[Message, Delivery | None, Report]]
    nested: bool = False  # a task used parlab's own pool, which ran serially inside
    lost: list[tuple[Delivery, Failure]] = field(default_factory=list)  # tasks that ended their workers
    sent: dict[int, Travelled] = field(default_factory=dict)  # items, by the first of a message; empty: none travel
    received: dict[int, Travelled] = field(default_factory=dict)  # results


def envelope_for(problem: Problem, facts: Facts, logbook: str | None) -> Envelope:
    """Put the task of a problem into an envelope that suits an engine.

    Raises
    ------
    InputError
        The function cannot be packed.
    """
    carrier: Carrier = "object" if facts.shares_memory else "pickle" if facts.needs_importable_task else "code"
    try:
        return Envelope(problem.task, shares_process=facts.shares_process, carrier=carrier, logbook=logbook)
    except Exception as error:  # what a partial holds can refuse in its own way
        raise InputError(f"{why_not(problem.task, 'The function', error)}. Send what it is made from.") from error


def run_loop(problem: Problem, sweep: Sweep, logbook: str | None = None) -> Work:
    """Run the plain loop in this process, traced or bare as the parallel trials are."""
    if sweep.trace:
        message = Message(0, problem.items)
        # One worker in one process: its CPU time is the process's, threads of libraries included.
        stop = sweep.on_error == "stop"
        report = Envelope(problem.task, shares_process=False, logbook=logbook, stop_at_failure=stop)(message)
        return Work(report.values, report.failures, [(message, None, report)], report.nested)
    values = []
    for index, item in enumerate(problem.items):
        try:
            values.append(problem.task(item))
        except _TASK_ERRORS as error:
            raise _task_error(describe_failure(index, item, error), problem, sweep) from error
    return Work(values, [], [])


def run_on_engine(force: Workforce, problem: Problem, sweep: Sweep, envelope: Envelope) -> Work:
    """Run the tasks on an engine: in the envelope, or with tracing off by the engine's bare ``map``."""
    if not sweep.trace:
        return Work(_bare(force.executor, problem, sweep), [], [])
    work = Work([None] * len(problem.items), [], [], sent=envelope.sent)
    for message, delivery in force.deliver(envelope, cut_messages(problem.items, sweep.chunksize), envelope.packed):
        if delivery.error is None:
            _take_in(work, problem, envelope, message, delivery)
        elif isinstance(delivery.error, WorkersLostError):
            raise delivery.error
        else:
            lost = isinstance(delivery.error, LostTaskError)
            for index in range(message.first, message.first + len(message.items)):
                # The whole message is lost with its one result: none of its tasks may pass for a value of None.
                failure = described(index, problem.items[index], delivery.error)
                work.failures.append(failure)
                if lost:
                    work.lost.append((delivery, failure))
        raised = next((failure for failure in work.failures if not failure.lost), None)
        if raised is not None and sweep.on_error == "stop":
            raise _task_error(raised, problem, sweep)
    return work


def refuse_losses(problem: Problem, work: Work, sweep: Sweep) -> None:
    """Raise for a task that ended its worker, where failures are to stop the sweep (``LostTaskError``)."""
    if work.lost and sweep.on_error == "stop":
        raise _task_error(work.lost[0][1], problem, sweep)


def described(index: int, item: Any, error: Exception) -> Failure:
    """Describe what an engine, and not a task, has raised."""
    failure = describe_failure(index, item, error)
    if isinstance(error, LostTaskError):
        return replace(failure, error=error.how, traceback=str(error), lost=True, printed=error.printed)
    return failure


def named(failure: Failure, items: Sequence[Any]) -> Failure:
    """Show an item that its worker could not show, since it could not rebuild it."""
    return replace(failure, item=shown(items[failure.task]))


def _take_in(work: Work, problem: Problem, envelope: Envelope, message: Message, delivery: Delivery) -> None:
    """Take one message's report in. Runs while workers work: every task pays for its loop."""
    report: Report = delivery.result
    clock, values, taken_s = time.perf_counter, work.values, []
    if envelope.carrier == "object":
        values[message.first : message.first + len(report.values)] = report.values
    else:
        failed = {failure.task for failure in report.failures}
        for index, value in enumerate(report.values, message.first):
            started_s = clock()
            if index not in failed:
                try:
                    values[index] = unpack(value)
                except Exception as problem_here:  # it came back in the worker, and does not here
                    report.failures.append(describe_failure(index, problem.items[index], problem_here))
            taken_s.append(clock() - started_s)
        work.received[message.first] = Travelled([len(value or b"") for value in report.values], taken_s)
    work.failures.extend(failure if failure.item else named(failure, problem.items) for failure in report.failures)
    report.values = []  # the values are in ``work.values``; their bytes would be the same again
    work.nested |= report.nested
    work.reports.append((message, delivery, report))


def _bare(executor: Executor, problem: Problem, sweep: Sweep) -> list[Any]:
    values: list[Any] = []
    try:
        values.extend(executor.map(problem.task, problem.items, chunksize=sweep.chunksize))
    except (BrokenExecutor, WorkersLostError):
        raise
    except _TASK_ERRORS as error:  # results come in order, but a pool's map gives all or nothing: the index is unknown
        failure = describe_failure(-1, "not known: run with tracing on", error)
        raise _task_error(failure, problem, sweep) from error
    return values


def combined(problem: Problem, work: Work, sweep: Sweep) -> Any:
    """Combine the values of the tasks that succeeded."""
    failed = {failure.task for failure in work.failures}
    if failed and (sweep.on_error == "stop" or len(failed) == len(problem.items)):
        raise _task_error(work.failures[0], problem, sweep)
    values: Sequence[Any] = work.values
    if failed:
        values = [value for index, value in enumerate(values) if index not in failed]
    return problem.combine(values)


def _task_error(failure: Failure, problem: Problem, sweep: Sweep) -> ParlabError:
    if failure.refused:  # a workload that refuses its item says all there is to say
        return InputError(failure.error.partition(": ")[2])
    tasks = len(problem.items)
    which = f"Task {failure.task} of {tasks}, item {failure.item}," if failure.task >= 0 else "A task"
    printed = f"\n\nWhat it printed:\n{failure.printed.rstrip()}" if failure.printed else ""
    can_skip = sweep.on_error == "stop" and sweep.trace and not sweep.weak and tasks > 1
    advice = f"\n\n{ON_SKIPPING}" if can_skip else ""
    if failure.lost:
        text = f"{which} ended its worker, also when it ran alone: {failure.error}. {failure.traceback}"
        return LostTaskError(text + printed + advice, failure.error)
    text = f"{which} raised {failure.error}\n\nThe worker's traceback:\n{failure.traceback.rstrip()}"
    return TaskError(text + printed + advice)


def span_columns(work: Work, started: float, crew: Sequence[Worker]) -> dict[str, list[Any]] | None:
    """Turn reports into columns, on the trial's clock and counted from the start of ``map``."""
    if not work.reports and not work.lost:
        return None
    columns: dict[str, list[Any]] = {name: [] for name in SPAN_COLUMNS}
    places = {(host, one.process, one.thread): at for at, one in enumerate(crew) for host in ("", one.host)}
    failed = {failure.task for failure in work.failures}
    cpu_known = cpu_clock_is_fine()
    for message, delivery, report in work.reports:
        place = places.get((report.host, report.process, report.thread), 0)
        shift = crew[place].clock_offset_s - started
        sent, received = work.sent.get(message.first), work.received.get(message.first)
        for task, mark in enumerate(report.marks, message.first):
            _append(
                columns,
                task,
                None if delivery is None else delivery.number,
                place,
                None if delivery is None else round(delivery.submitted_s - started, _DIGITS),
                round(mark.started_s + shift, _DIGITS),
                round(mark.finished_s + shift, _DIGITS),
                None if delivery is None else round(delivery.received_s - started, _DIGITS),
                round(mark.cpu_s, _DIGITS) if cpu_known else None,
                *_travel(sent, received, task - message.first, mark),
                "error" if task in failed else "ok",
            )
    for delivery, failure in work.lost:
        submitted_s = round(delivery.submitted_s - started, _DIGITS)
        _append(columns, failure.task, delivery.number, 0, submitted_s, *[None] * 8, failure.error)
    return columns


def _travel(
    sent: Travelled | None, received: Travelled | None, place: int, mark: Mark
) -> tuple[int | None, int | None, float | None, float | None]:
    """Say how large item and result were and what packing and unpacking them took; None where they did not travel."""
    if sent is None or received is None:
        return None, None, None, None
    received_bytes = received.sizes_bytes[place]
    if not received_bytes:  # a failed task has no result
        return sent.sizes_bytes[place], None, None, None
    pickle_s, unpickle_s = sent.taken_s[place] + mark.pickle_s, mark.unpickle_s + received.taken_s[place]
    return sent.sizes_bytes[place], received_bytes, round(pickle_s, _DIGITS), round(unpickle_s, _DIGITS)


def _append(columns: dict[str, list[Any]], *row: Any) -> None:
    for name, value in zip(SPAN_COLUMNS, row, strict=True):
        columns[name].append(value)
