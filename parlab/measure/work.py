"""Gets the tasks of one trial done, by the plain loop or by an engine, and turns what came back into spans."""

from collections.abc import Sequence
from concurrent.futures import BrokenExecutor, Executor
from dataclasses import dataclass
from typing import Any

from parlab.backends.base import Delivery, deliver
from parlab.errors import InputError, ParlabError, TaskError
from parlab.measure.problem import Problem
from parlab.records import SPAN_COLUMNS, Failure, Sweep, Worker
from parlab.trace import Envelope, Message, Report, cpu_clock_is_fine, cut_messages, describe_failure

_TASK_ERRORS = (Exception, SystemExit, KeyboardInterrupt)  # a task's sys.exit() is its error, not our end
_DIGITS = 9  # spans are kept to the nanosecond, which is what the clock gives


@dataclass(slots=True)
class Work:
    """What came back: values in the order of the items, failures, and with tracing on the reports."""

    values: list[Any]
    failures: list[Failure]
    reports: list[tuple[Message, Delivery | None, Report]]


def run_loop(problem: Problem, sweep: Sweep) -> Work:
    """Run the plain loop in this process, traced or bare as the parallel trials are."""
    if sweep.trace:
        message = Message(0, problem.items)
        # One worker in one process: its CPU time is the process's, threads of libraries included.
        stop = sweep.on_error == "stop"
        report = Envelope(problem.task, shares_process=False, stop_at_failure=stop)(message)
        return Work(report.values, report.failures, [(message, None, report)])
    values = []
    for index, item in enumerate(problem.items):
        try:
            values.append(problem.task(item))
        except _TASK_ERRORS as error:
            raise _task_error(describe_failure(index, item, error), len(problem.items)) from error
    return Work(values, [], [])


def run_on_engine(executor: Executor, problem: Problem, sweep: Sweep, *, shares_process: bool) -> Work:
    """Run the tasks on an engine: in the envelope, or with tracing off by the engine's bare ``map``."""
    if not sweep.trace:
        return Work(_bare(executor, problem, sweep.chunksize), [], [])
    envelope = Envelope(problem.task, shares_process=shares_process)
    messages = cut_messages(problem.items, sweep.chunksize)
    work = Work([None] * len(problem.items), [], [])
    for delivery in deliver(executor, envelope, messages):
        message = messages[delivery.number]
        if delivery.error is not None:
            if isinstance(delivery.error, BrokenExecutor):
                raise delivery.error
            # The whole message is lost with its one result: none of its tasks may pass for a value of None.
            lost = enumerate(message.items, message.first)
            work.failures.extend(describe_failure(index, item, delivery.error) for index, item in lost)
        else:
            report: Report = delivery.result
            work.values[message.first : message.first + len(report.values)] = report.values
            work.failures.extend(report.failures)
            work.reports.append((message, delivery, report))
        if work.failures and sweep.on_error == "stop":
            raise _task_error(work.failures[0], len(problem.items))
    return work


def _bare(executor: Executor, problem: Problem, chunksize: int) -> list[Any]:
    values: list[Any] = []
    try:
        values.extend(executor.map(problem.task, problem.items, chunksize=chunksize))
    except BrokenExecutor:
        raise
    except _TASK_ERRORS as error:  # results come in order, but a pool's map gives all or nothing: the index is unknown
        failure = describe_failure(-1, "not known: run with tracing on", error)
        raise _task_error(failure, len(problem.items)) from error
    return values


def combined(problem: Problem, work: Work, sweep: Sweep) -> Any:
    """Combine the values of the tasks that succeeded."""
    failed = {failure.task for failure in work.failures}
    if failed and (sweep.on_error == "stop" or len(failed) == len(problem.items)):
        raise _task_error(work.failures[0], len(problem.items))
    values: Sequence[Any] = work.values
    if failed:
        values = [value for index, value in enumerate(values) if index not in failed]
    return problem.combine(values)


def _task_error(failure: Failure, tasks: int) -> ParlabError:
    if failure.refused:  # a workload that refuses its item says all there is to say
        return InputError(failure.error.partition(": ")[2])
    where = f"Task {failure.task} of {tasks}, item {failure.item}, raised" if failure.task >= 0 else "A task raised"
    return TaskError(f"{where} {failure.error}\n\nThe worker's traceback:\n{failure.traceback.rstrip()}")


def span_columns(work: Work, started: float, crew: Sequence[Worker]) -> dict[str, list[Any]] | None:
    """Turn reports into columns, on the trial's clock and counted from the start of ``map``."""
    if not work.reports:
        return None
    columns: dict[str, list[Any]] = {name: [] for name in SPAN_COLUMNS}
    places = {(worker.process, worker.thread): place for place, worker in enumerate(crew)}
    failed = {failure.task for failure in work.failures}
    cpu_known = cpu_clock_is_fine()
    for message, delivery, report in work.reports:
        place = places.get((report.process, report.thread), 0)
        shift = crew[place].clock_offset_s - started
        for task, mark in enumerate(report.marks, message.first):
            row = (
                task,
                None if delivery is None else delivery.number,
                place,
                None if delivery is None else round(delivery.submitted_s - started, _DIGITS),
                round(mark.started_s + shift, _DIGITS),
                round(mark.finished_s + shift, _DIGITS),
                None if delivery is None else round(delivery.received_s - started, _DIGITS),
                round(mark.cpu_s, _DIGITS) if cpu_known else None,
                None,
                None,
                "error" if task in failed else "ok",
            )
            for name, value in zip(SPAN_COLUMNS, row, strict=True):
                columns[name].append(value)
    return columns
