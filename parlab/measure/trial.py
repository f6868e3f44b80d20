"""One trial in a process of its own: one backend, one worker count, once. It says what it measured and ends.

Fresh processes make trials independent: a forkserver keeps the environment and modules of the moment it was started,
and whatever ran before would still be in memory.
"""

import os
import sys
import time
from concurrent.futures import BrokenExecutor
from dataclasses import replace
from typing import Any

from parlab import backends, nesting, segments
from parlab.backends.base import assemble, on_every_worker, processes_here
from parlab.backends.workforce import Workforce
from parlab.codec import decode, encode, loads
from parlab.errors import LostTaskError, ParlabError, WorkersLostError, WrongAnswerError
from parlab.machine.detection import gil_enabled
from parlab.machine.pressure import Pressure
from parlab.measure.answers import fingerprint, same
from parlab.measure.channel import Channel
from parlab.measure.job import Measured, Order, system_s
from parlab.measure.problem import Problem, load
from parlab.measure.work import combined, envelope_for, refuse_losses, run_loop, run_on_engine, span_columns
from parlab.messages import Message
from parlab.trace import Envelope, WarmUp, cpu_clock_is_fine, describe_failure


def main() -> None:
    """Read an order, carry it out, say what came of it."""
    entered_s = system_s()
    segments.own_semaphores()  # what a kill of this whole group leaves is known as ours, and swept
    channel = Channel.take_standard_streams()
    order = decode(Order, loads(channel.read_line()))
    if order.launched_at_s is None:
        channel.end_with_parent(order.supervisor)
    else:  # the parent is the program that started it, which is what ends when the supervisor is gone
        channel.when_closed(lambda: os._exit(1))
    if order.logbook is not None:
        segments.keep_sockets_in(order.logbook)
    sys.path[:] = order.sys_path
    try:
        measured = carry_out(order)
        if order.launched_at_s is not None and measured.open_s is not None:
            start_s = max(0.0, entered_s - order.launched_at_s)  # the workers were started with the trial
            measured = replace(measured, open_s=measured.open_s + start_s)
        channel.send("measured", encode(measured))
    except (LostTaskError, WorkersLostError) as problem:
        channel.send("lost", {"error": type(problem).__name__, "text": str(problem)})
    except ParlabError as problem:
        channel.send("failed", {"error": type(problem).__name__, "text": str(problem)})
    except BrokenExecutor as problem:
        text = f"A worker process ended in the middle of its work ({type(problem).__name__})."
        advice = "It was killed, ran out of memory or crashed in C code: try fewer workers or smaller items."
        channel.send("lost", {"error": "TrialError", "text": f"{text} {advice}"})
    except Exception as problem:  # a defect of an engine or of ours must not look like silence
        failure = describe_failure(-1, None, problem)
        text = f"The trial of {order.configuration.label} failed with {failure.error}\n{failure.traceback}"
        channel.send("failed", {"error": "TrialError", "text": text})


def carry_out(order: Order) -> Measured:
    """Run the trial that an order describes."""
    if order.configuration.role == "ceiling":
        return run_ceiling(order.configuration.workers)
    problem = load(order.sweep, order.payload, order.place, order.tasks, order.logbook)
    if order.configuration.role == "serial":
        return run_serial(order, problem)
    return run_parallel(order, problem)


def run_ceiling(workers: int) -> Measured:
    """Measure the machine's own speedup with independent processes."""
    from parlab.measure.calibration import measure_ceiling

    backend = backends.require("processes")
    with backend.open(workers) as executor:
        crew = assemble(executor, workers)
        ceiling, pace = measure_ceiling(executor, workers)
    method = backend.facts.start_method
    return Measured(start_method=method, tasks=workers, ceiling=ceiling, pace=pace, crew=tuple(crew))


def run_serial(order: Order, problem: Problem) -> Measured:
    """Run the plain loop. Its warm-up is the first item, as in every worker."""
    nesting.enter_worker("process")  # a task that uses a pool does the same work here as in a worker
    clock = time.perf_counter
    warm_started = clock()
    Envelope(problem.task, shares_process=True, logbook=order.logbook)(Message(0, problem.items[:1]))
    before, gil_before = Pressure.read([os.getpid()]), gil_enabled()
    started, cpu_started = clock(), time.process_time()
    work = run_loop(problem, order.sweep, order.logbook)
    finished, cpu_finished = clock(), time.process_time()
    pressure = before.until(Pressure.read([os.getpid()]))
    with backends.get("serial").open(1) as executor:
        crew = assemble(executor, 1)
    answer = combined(problem, work, order.sweep)
    tracing_s = None
    if order.check and order.sweep.trace:
        from parlab.measure.calibration import measure_tracing

        tracing_s = measure_tracing(order.logbook)
    mark = fingerprint(answer)
    if not order.check and order.sweep.verify and None not in (mark, order.expected) and mark != order.expected:
        raise WrongAnswerError(_UNSTEADY)
    return Measured(
        tasks=len(problem.items),
        open_s=0.0,
        warm_up_s=started - warm_started,
        map_s=finished - started,
        close_s=0.0,
        cpu_s=cpu_finished - cpu_started,
        fingerprint=mark,
        tracing_s=tracing_s,
        failures=tuple(work.failures),
        nested=work.nested,
        steal_s=pressure.steal_s,
        preempted=pressure.switches,
        gil_before=gil_before,
        gil_after=gil_enabled(),
        crew=tuple(crew),
        spans=span_columns(work, started, crew),
    )


def run_parallel(order: Order, problem: Problem) -> Measured:
    """Open the engine, warm it up, run the work, close it: each timed apart."""
    backend = backends.require(order.configuration.backend)
    workers, clock = order.configuration.workers, time.perf_counter
    backend.prepare()
    backend.admit(problem.task)
    envelope = envelope_for(problem, backend.facts, order.logbook)
    force = Workforce(backend, workers, logbook=order.logbook, memory_limit_bytes=order.sweep.worker_memory_bytes)
    opened = clock()
    with force:
        ready = clock()
        _warm_up(force, envelope, problem)
        gil_before = gil_enabled()  # the warm-up has imported what the task imports
        warm, before = clock(), Pressure.read(processes_here(force.crew) or ())
        started = clock()
        work = run_on_engine(force, problem, order.sweep, envelope)
        finished = clock()
        here = processes_here(force.crew)
        pressure = before.until(Pressure.read(here or ())) if here else Pressure(None, None)
        read = clock()
    closed = clock()
    crew = force.crew
    mark = None
    if work.lost:  # the check ends here; a round keeps what it has, and no answer is verified by a loop that would die
        if order.check:
            refuse_losses(problem, work, order.sweep)
    else:
        answer = combined(problem, work, order.sweep)
        mark = fingerprint(answer)
        _verify(order, problem, answer, mark)
    spans = span_columns(work, started, crew)
    return Measured(
        start_method=backend.facts.start_method,
        tasks=len(problem.items),
        open_s=ready - opened,
        warm_up_s=warm - ready,
        map_s=finished - started,
        close_s=closed - read,
        cpu_s=sum(one or 0.0 for one in spans["cpu_s"]) if spans and cpu_clock_is_fine() else None,
        fingerprint=mark,
        failures=tuple(work.failures),
        rerun=tuple(sorted(force.rerun)),
        replaced=force.replaced,
        nested=work.nested,
        steal_s=pressure.steal_s,
        preempted=pressure.switches,
        gil_before=gil_before,
        gil_after=gil_enabled(),
        crew=tuple(crew),
        spans=spans,
    )


def _warm_up(force: Workforce, envelope: Envelope, problem: Problem) -> None:
    """Let every worker run the first task once. Where that ends workers, new ones do without: its turn will come."""
    errand, (_, (item,)) = WarmUp(envelope), envelope.packed(Message(0, [problem.items[0]]))
    try:
        on_every_worker(force.executor, force.workers, errand, item)
    except (BrokenExecutor, LostTaskError):
        force.discard()
        force.rerun.add(0)


_UNSTEADY = (
    "The plain loop gave another answer than the plain loop before it: the task is random, or returns times or process "
    "numbers. Seed it, or use --no-verify to go without a check of the answer."
)


def _verify(order: Order, problem: Problem, answer: Any, mark: str | None) -> None:
    """Hold the answer against the serial one; only where digests do not settle it is the loop run again here.

    Raises
    ------
    WrongAnswerError
        The answers differ, or the plain loop itself does not repeat its answer.
    """
    if not order.sweep.verify or (mark is not None and mark == order.expected):
        return
    if mark is None and not order.check:
        return  # not comparable between processes, and the check before the rounds has compared it within one
    right = combined(problem, run_loop(problem, order.sweep), order.sweep)
    if same(answer, right, problem.tolerance):
        return
    if order.expected is not None and fingerprint(right) != order.expected:
        raise WrongAnswerError(_UNSTEADY)
    message = (
        f"{order.configuration.label} gave another answer than the plain loop: {answer!r:.200}, not {right!r:.200}."
    )
    advice = "Do tasks share something that changes? If the answer is random on purpose, use --no-verify."
    raise WrongAnswerError(f"{message} {advice}")
