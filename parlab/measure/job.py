"""What crosses from face to supervisor and from supervisor to trial: plain data, one line of JSON each."""

import time
from dataclasses import dataclass
from typing import Any

from parlab.records import Configuration, Failure, Sweep, Worker


def system_s() -> float:
    """Read the clock that all processes of a system share and that nobody sets; where there is none, the time of day.

    POSIX has ``CLOCK_MONOTONIC`` for the whole system; Python's own monotonic clocks promise it for one process.
    """
    shared: int | None = getattr(time, "CLOCK_MONOTONIC", None)
    return time.time() if shared is None else time.clock_gettime(shared)


@dataclass(frozen=True, slots=True)
class Job:
    """What the face asks the supervisor for."""

    sweep: Sweep
    machine: dict[str, Any]
    usable_cores: int
    libraries: dict[str, str]
    output: str
    resume: bool
    sys_path: list[str]
    payload: str | None = None  # private file with the user's items; the supervisor removes it
    logbook: str | None = None  # private folder where workers note what they do; whoever lives longest removes it
    needs_provision: bool = False  # the workload needs files or a server: ``Workload.provide``
    may_have_ceiling: bool = True  # False: the workload waits for something else than a CPU
    is_cpu_bound: bool = False  # the workload says so; what a busy machine shows of it says less


@dataclass(frozen=True, slots=True)
class Order:
    """What the supervisor asks a trial process for."""

    sweep: Sweep
    configuration: Configuration
    supervisor: int  # process number of the one who must outlive the trial
    sys_path: list[str]
    payload: str | None = None
    place: str | None = None  # where what the workload needs is: a folder, or an address
    tasks: int | None = None  # how many items; None: all that there are
    expected: str | None = None  # fingerprint of the right answer
    logbook: str | None = None  # folder where workers note the tasks that they begin
    launched_at_s: float | None = None  # when the engine's own program began to start the trial: ``system_s``
    check: bool = False  # before the rounds: verify, and do not be believed for time


@dataclass(frozen=True, slots=True)
class Provided:
    """Where the files or the server of a workload are, and for how many tasks they last."""

    place: str
    tasks: int


@dataclass(frozen=True, slots=True)
class Measured:
    """What a trial process found out; the supervisor adds round and place and makes it a ``Trial``."""

    start_method: str | None = None
    tasks: int = 0
    open_s: float | None = None
    warm_up_s: float | None = None
    map_s: float | None = None
    close_s: float | None = None
    cpu_s: float | None = None
    ceiling: float | None = None
    fingerprint: str | None = None
    tracing_s: float | None = None  # check of the serial loop: what the envelope adds to each task
    failures: tuple[Failure, ...] = ()
    rerun: tuple[int, ...] = ()  # tasks that ran again because a worker was lost
    nested: bool = False  # a task used parlab's own pool, which ran serially inside
    steal_s: float | None = None  # CPU time that the hypervisor gave to others during map
    preempted: int | None = None  # how often the workers lost their core to another thread during map
    pace: float | None = None  # of the calibration loop: steps a second of one copy alone
    gil_before: bool | None = None  # of this process, after all imports; asked again after the work
    gil_after: bool | None = None
    replaced: int = 0  # how often workers were replaced because of their memory
    crew: tuple[Worker, ...] = ()
    spans: dict[str, list[Any]] | None = None
