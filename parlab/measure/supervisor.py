"""The process that runs a sweep: owns the result file and the clock of rounds, starts trials, ends what it started.

Nothing is measured in it, so it may have threads. It ends, with the trial that runs, when its face is gone.
"""

import errno
import os
import queue
import time
from dataclasses import dataclass, fields, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from parlab import segments
from parlab.backends.memory import memory_advice
from parlab.codec import decode, encode, loads
from parlab.errors import InputError, ParlabError
from parlab.machine.detection import load_average
from parlab.measure import payload
from parlab.measure.channel import Channel
from parlab.measure.child import STOP, StoppedError, TrialTimeoutError
from parlab.measure.footprint import Footprint
from parlab.measure.job import Job, Measured, Order
from parlab.measure.plan import CPU_BOUND_SHARE, SERIAL, checks, configurations, in_round, with_tasks
from parlab.measure.provider import provided
from parlab.measure.runner import TrialLostError, run_trial
from parlab.measure.stopping import Watch
from parlab.records import Configuration, Memory, Outcome, Sweep, Trial
from parlab.results.journal import Journal
from parlab.results.reader import Results, read
from parlab.results.schema import SCHEMA, Check, Header
from parlab.temporary import remove_folder

_FIRST_DEADLINE_S = 3_600.0  # nothing is known yet of how long the loop takes
_DEADLINE_BASE_S, _DEADLINE_FACTOR = 120.0, 20.0  # start-up of some workers, and a backend that makes work slower
_TASK_S = 0.01  # for each of very many tasks: Dask takes 3 ms of a core for one, and others may use the cores as well
_WORKER_START_S = 5.0  # for each of many workers: one of Dask takes 2 s of a core, and others may use the cores as well
_NO_ROOM = (errno.ENOSPC, errno.EFBIG, errno.EDQUOT, errno.EROFS, errno.EIO)
_MOST_NAMED = 20  # tasks in a message
_SAME = ("cpu_model", "cores_usable", "python", "system", "numpy", "pandas", "pyarrow", "pillow", "loky")


def main() -> None:
    """Read a job, run its sweep, tell the face what happens."""
    channel = Channel.take_standard_streams()
    line = channel.read_line()
    if not line:
        return
    job = decode(Job, loads(line))
    inbox: queue.SimpleQueue[Any] = queue.SimpleQueue()
    channel.when_closed(lambda: inbox.put(STOP))
    try:
        _run(Supervisor(job, channel, inbox))
    except OSError as problem:  # a full disk, most of all; the lines written so far are whole
        text = f"{job.output} cannot be written any more: {problem.strerror}. Make room, then go on with --resume."
        if problem.errno not in _NO_ROOM:
            text = f"The sweep cannot go on: {problem}. What has been measured is kept; go on with --resume."
        _tell(channel, "failed", {"error": "TrialError", "text": text})
    finally:
        payload.remove(job.payload)
        remove_folder(job.logbook)
        segments.sweep_all()  # of a trial, or of what provides for it, that was ended in the middle


def _run(supervisor: "Supervisor") -> None:
    """Run it, and write and say why it ended; the file may be on a full disk, so both can raise ``OSError``."""
    try:
        supervisor.run()
    except StoppedError:
        supervisor.finish("stopped")
    except ParlabError as problem:
        try:
            supervisor.close("error")
        finally:  # what went wrong first is what the user wants to know
            _tell(supervisor.channel, "failed", {"error": type(problem).__name__, "text": str(problem)})


def _tell(channel: Channel, event: str, data: dict[str, Any]) -> None:
    try:
        channel.send(event, data)
    except OSError:  # Windows says EINVAL
        return  # the face is gone, and the watch on it ends the sweep


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")


@dataclass(slots=True)
class Mean:
    """A mean that keeps no values: it is asked for before every trial, and a sweep may have ten thousand of them."""

    total: float = 0.0
    count: int = 0

    def add(self, value: float) -> None:
        """Take one more value in."""
        self.total += value
        self.count += 1

    def __add__(self, other: "Mean") -> "Mean":
        return Mean(self.total + other.total, self.count + other.count)

    @property
    def value(self) -> float:
        """The mean; 0 where there is no value."""
        return self.total / self.count if self.count else 0.0


class Supervisor:
    """Runs one job from its checks to its last round."""

    def __init__(self, job: Job, channel: Channel, inbox: "queue.SimpleQueue[Any]") -> None:
        self.job, self.channel, self.inbox = job, channel, inbox
        self.began = self.round_began = time.monotonic()
        self.journal: Journal | None = None
        self.place: str | None = None
        self.expected: dict[int | None, str | None] = {}  # the right answer's fingerprint, by number of tasks
        self.serial_s, self.serial_tasks = 0.0, 0  # of the longest loop so far
        self.between: list[Configuration] = []
        self.session = 0
        self.rounds_done = 0
        self.watch: Watch | None = None  # where a precision is wanted
        self.durations: dict[Configuration, Mean] = {}
        self.memories: dict[Configuration, Memory] = {}  # what each held at most, from runs that are not timed

    @property
    def sweep(self) -> Sweep:
        """The plan."""
        return self.job.sweep

    def run(self) -> None:
        """Have made what the workload needs, check answers, then measure rounds until enough are known."""
        earlier = self._open_earlier() if self.job.resume else None
        if self.job.needs_provision:
            self._tell("running", {"stage": "preparing", "label": self.sweep.workload, "left_s": None, "rounds": None})
            with provided(self.sweep, self.inbox) as found:
                self.place = found.place
                self.job = replace(self.job, sweep=with_tasks(self.sweep, found.tasks))
                self._run(earlier)
        else:
            self._run(earlier)

    def _run(self, earlier: Results | None) -> None:
        check, mark = self._check()
        self.between = configurations(self.sweep, self.job.usable_cores, with_ceiling=check.ceiling)
        self.watch = None if self.sweep.precision is None else Watch(self.between, self.sweep.precision)
        if earlier is None:
            self.journal = Journal(Path(self.job.output))
            self.journal.begin(self._header(check))
        else:
            _refuse_other_work(earlier, check, mark)
            self.session = earlier.session + 1
            self.rounds_done = len(earlier.complete_rounds)
            if self.watch is not None:
                self.watch.add(earlier.records)
            assert self.journal is not None  # noqa: S101  # opened before the check
            self.journal.resumed(self.session, _now(), self.sweep)
        self._write_memories(earlier)
        self._tell("checked", {"tasks": check.tasks, "serial_s": check.serial_s, "tracing_s": check.tracing_s})
        self._measure()

    def _open_earlier(self) -> Results:
        """Lock the file first: while another sweep writes it, not even a check may disturb what is measured there."""
        self.journal = Journal(Path(self.job.output), resume=True)
        earlier = read(self.job.output)
        _refuse_other_machine(earlier, self.job)
        return replace(earlier, records=tuple(replace(trial, spans=None) for trial in earlier.records))

    def _header(self, check: Check) -> Header:
        job = self.job
        sweep = replace(self.sweep, tasks=check.tasks)
        return Header(SCHEMA, job.libraries["parlab"], _now(), job.machine, sweep, job.libraries, check)

    def _measure(self) -> None:
        number = 0
        while self.sweep.rounds is None or self.rounds_done < self.sweep.rounds:
            if self.watch is not None and self.watch.settled:
                self.finish("precision")
                return
            if number > 0 and self._over_budget():
                self.finish("budget")
                return
            self.round_began = time.monotonic()
            order = enumerate(in_round(self.between, self.sweep, self.session, number))
            trials = [self._timed(configuration, number, position) for position, configuration in order]
            if self.watch is not None:
                self.watch.add(trials)
            number += 1
            self.rounds_done += 1
        self.finish("precision" if self.watch is not None and self.watch.settled else "rounds")

    def finish(self, reason: str) -> None:
        """Write and say why the sweep is over."""
        self.close(reason)
        self._tell("finished", {"reason": reason})

    def close(self, reason: str) -> None:
        """Write why the sweep is over, where there is a file, and close it."""
        if self.journal is not None:
            self.journal.end(reason, _now())
            self.journal.close()
            self.journal = None

    def _check(self) -> tuple[Check, str | None]:
        """Run every engine once before any is timed: a wrong answer is an error, not a fast result."""
        loops: dict[int, Measured] = {}
        for configuration, tasks in checks(self.sweep):
            measured = self._checked(configuration, tasks)
            if configuration == SERIAL:
                loops[measured.tasks] = measured
                self.expected[tasks] = measured.fingerprint
                loop_s = (measured.map_s or 0.0) + (measured.warm_up_s or 0.0)
                self.serial_s, self.serial_tasks = max((self.serial_s, self.serial_tasks), (loop_s, measured.tasks))
        first = next(iter(loops.values()))
        loop_s = first.map_s or 0.0
        share = None if first.cpu_s is None or loop_s <= 0 else first.cpu_s / loop_s
        ceiling = self.sweep.ceiling
        if ceiling is None:
            computes = self.job.is_cpu_bound or share is None or share >= CPU_BOUND_SHARE
            ceiling = self.job.may_have_ceiling and computes
        return Check(first.tasks, loop_s, share, first.tracing_s, ceiling, _costs(loops)), first.fingerprint

    def _checked(self, configuration: Configuration, tasks: int | None) -> Measured:
        """Run a trial that is not timed, and look at what it holds."""
        self._announce(configuration, "checking")
        footprint = Footprint()
        measured = self._carry_out(configuration, tasks, check=True, footprint=footprint)
        memory = footprint.memory(configuration, measured.crew)
        if memory is not None and not measured.rerun:
            self.memories.setdefault(configuration, memory)
        return measured

    def _write_memories(self, earlier: Results | None) -> None:
        """Write down what each configuration held; the check has seen the widest, and others only if it was asked."""
        known = {(one.role, one.backend, one.workers) for one in (earlier.memory if earlier else ())}
        if self.sweep.memory:
            for configuration in self.between:
                wanted = configuration.role == "parallel" and configuration not in self.memories
                if wanted and (configuration.role, configuration.backend, configuration.workers) not in known:
                    self._checked(configuration, self.sweep.tasks_of(configuration))
        assert self.journal is not None  # noqa: S101  # the header stands
        for memory in self.memories.values():
            if (memory.role, memory.backend, memory.workers) not in known:
                self.journal.add_memory(memory)

    def _timed(self, configuration: Configuration, number: int, position: int) -> Trial:
        """Run one trial of a round and write it down, whatever came of it; return it without its spans."""
        self._announce(configuration, f"round {self.rounds_done + 1}")
        started_at, load = _now(), load_average()
        measured = Measured()
        outcome: Outcome = "ok"
        problem: ParlabError | None = None
        message: str | None = None
        try:
            measured = self._carry_out(configuration, self.sweep.tasks_of(configuration))
            outcome, message = _marked(measured)
        except TrialTimeoutError as error:
            outcome, problem = "timed out", error
        except TrialLostError as error:
            outcome, problem = "lost", error
        except ParlabError as error:
            outcome, problem = "error", error
        found = {spec.name: getattr(measured, spec.name) for spec in fields(Trial) if hasattr(measured, spec.name)}
        trial = Trial(
            session=self.session,
            round=number,
            position=position,
            role=configuration.role,
            backend=configuration.backend,
            workers=configuration.workers,
            outcome=outcome,
            message=str(problem) if problem else message,
            load=load,
            started_at=started_at,
            **found,
        )
        assert self.journal is not None  # noqa: S101  # rounds begin after the header
        self.journal.add(trial)
        light = replace(trial, spans=None)
        self._tell("trial", {"trial": encode(light)})
        if problem is not None and (outcome == "error" or configuration == SERIAL):
            raise problem  # without the plain loop a round gives no ratio
        return light

    def _carry_out(
        self,
        configuration: Configuration,
        tasks: int | None,
        *,
        check: bool = False,
        footprint: Footprint | None = None,
    ) -> Measured:
        order = Order(
            self.sweep,
            configuration,
            supervisor=os.getpid(),
            sys_path=self.job.sys_path,
            payload=self.job.payload,
            place=self.place,
            tasks=tasks,
            expected=self.expected.get(tasks),
            logbook=self.job.logbook,
            check=check,
        )
        started = time.monotonic()
        measured = run_trial(order, self._deadline_s(tasks, configuration.workers), self.inbox, footprint)
        self.durations.setdefault(configuration, Mean()).add(time.monotonic() - started)
        return measured

    def _deadline_s(self, tasks: int | None, workers: int) -> float:
        if self.sweep.deadline_s is not None:
            return self.sweep.deadline_s
        if not self.serial_s:
            return _FIRST_DEADLINE_S
        # Under weak scaling the check's next loop can hold many times the work of those before.
        larger = max(1.0, (tasks or 0) / self.serial_tasks) if self.serial_tasks else 1.0
        start_s = max(_DEADLINE_BASE_S, _WORKER_START_S * workers, _TASK_S * (tasks or self.serial_tasks))
        return start_s + _DEADLINE_FACTOR * self.serial_s * larger

    def _round_s(self) -> float:
        """Estimate how long a round takes, from what its trials took so far."""
        usual = sum(self.durations.values(), Mean()).value
        means = (self.durations.get(one) for one in [SERIAL, *self.between, SERIAL])
        return sum(usual if mean is None else mean.value for mean in means)

    def _over_budget(self) -> bool:
        budget_s = self.sweep.budget_s
        return budget_s is not None and time.monotonic() - self.began + self._round_s() > budget_s

    def _announce(self, configuration: Configuration, stage: str) -> None:
        left, bound = (None, False) if not self.between else self._left_s()
        shown = {"stage": stage, "label": configuration.label, "left_s": left, "rounds": self.sweep.rounds}
        self._tell("running", {**shown, "at_most": bound})

    def _left_s(self) -> tuple[float | None, bool]:
        """Estimate how long it still takes; True says that it may well be less, since a precision can end it."""
        spent, round_s = time.monotonic() - self.began, self._round_s()
        of_this_round = max(0.0, round_s - (time.monotonic() - self.round_began))
        missing = None if self.watch is None else self.watch.rounds_left()
        rounds = None if self.sweep.rounds is None else self.sweep.rounds - self.rounds_done
        estimates = [(one - 1) * round_s + of_this_round for one in (rounds, missing) if one is not None]
        if self.sweep.budget_s is not None:
            estimates.append(max(0.0, self.sweep.budget_s - spent))
        return min(estimates, default=None), self.watch is not None and missing is None

    def _tell(self, event: str, data: dict[str, Any]) -> None:
        _tell(self.channel, event, data)


def _marked(measured: Measured) -> tuple[Outcome, str | None]:
    """Mark a trial in which workers were lost or replaced: its answer stands, its times belong into no ratio."""
    lost = [failure for failure in measured.failures if failure.lost]
    if lost:
        tasks = ", ".join(f"{failure.task} ({failure.error})" for failure in lost)
        return "lost", f"Tasks that ended their workers, also when they ran alone: {tasks}. {lost[0].traceback}"
    if measured.rerun:
        tasks = ", ".join(map(str, measured.rerun[:_MOST_NAMED]))
        text = f"A worker was lost, and no task ended one when it ran alone. Tasks that ran again: {tasks}"
        more = ", …" if len(measured.rerun) > _MOST_NAMED else "."
        return "recovered", f"{text}{more} Perhaps all together need too much: {memory_advice()}"
    if measured.replaced:
        times = "once" if measured.replaced == 1 else f"{measured.replaced} times"
        return "recovered", f"Workers were replaced {times}, since one held more memory than it may."
    return "ok", None


def _refuse_other_machine(earlier: Results, job: Job) -> None:
    """Refuse another machine, Python or library: a ratio between two of them is no speedup."""
    then = {**earlier.header.libraries, **earlier.header.machine}
    now = {**job.libraries, **job.machine}
    different = [f"{name} was {then.get(name)}, is {now[name]}" for name in _SAME if then.get(name) != now[name]]
    if different:
        message = f"{job.output} was measured on another machine or Python: {'; '.join(different)}."
        raise InputError(f"{message} Start a new file there.")


def _refuse_other_work(earlier: Results, check: Check, mark: str | None) -> None:
    """Refuse items or a function that have changed since: their times do not belong into one row."""
    marks = {trial.fingerprint for trial in earlier.records if trial.role == "serial"} - {None}
    answers_differ = mark is not None and bool(marks) and mark not in marks and earlier.header.sweep.verify
    if check.tasks != earlier.header.check.tasks or answers_differ:
        then, now = earlier.header.check.tasks, check.tasks
        message = f"{earlier.path} was begun with other work: {then} tasks then, {now} now, or another answer."
        raise InputError(f"{message} Restore the items and the function, or start a new file.")


def _costs(loops: dict[int, Measured]) -> dict[str, float]:
    """Compare what a task costs in works of different size: CPU time a task, over that of the smallest work.

    Weak scaling takes it to be 1. It is known where the CPU clock is, and where there is more than one size.
    """
    costs = {tasks: one.cpu_s / tasks for tasks, one in loops.items() if one.cpu_s and tasks}
    least = costs.get(min(costs, default=0))
    return {str(tasks): cost / least for tasks, cost in costs.items()} if least and len(costs) > 1 else {}


if __name__ == "__main__":
    main()
