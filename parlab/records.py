"""The frozen records that cross process borders and stand in result files. Data only: nothing here runs or measures.

Units are in the names: ``_s`` seconds, ``_bytes`` bytes. ``None`` means "not known", never zero.
"""

from dataclasses import dataclass, field
from typing import Any, Literal

Role = Literal["serial", "parallel", "ceiling"]
Outcome = Literal["ok", "error", "timed out", "lost", "recovered"]
Severity = Literal["info", "warning"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is suspicious or improvable, as data."""

    code: str  # stable, hyphenated: "too-few-rounds"
    message: str  # one sentence for a person
    advice: str  # what to do about it
    evidence: dict[str, Any] = field(default_factory=dict)  # the numbers behind it
    severity: Severity = "warning"
    notebook: str | None = None  # the lesson that teaches it, such as "09_speedup"


@dataclass(frozen=True, slots=True)
class Worker:
    """Who ran a task. A process number alone is no identity: threads share it and hosts repeat it."""

    host: str  # a digest of its name: hosts are told apart, not named
    process: int
    thread: int  # the operating system's number of the thread
    clock_offset_s: float  # added to the worker's clock to get the trial's
    clock_error_s: float  # half the interval that the offset was found in


@dataclass(frozen=True, slots=True)
class Failure:
    """A task that raised, as text that can travel anywhere."""

    task: int
    item: str  # repr of the item, shortened
    error: str  # type and message
    traceback: str  # the worker's own traceback
    lost: bool = False  # it ended its worker: killed, crashed, or left
    printed: str = ""  # what it printed, up to a cap
    refused: bool = False  # a workload said that it cannot use the item; its text needs no traceback


@dataclass(frozen=True, slots=True)
class Span:
    """One task inside a trial. ``Trial.spans`` holds these fields as columns, one list each.

    Times count from the start of ``map`` on the trial's own clock.
    """

    task: int  # index of the item
    chunk: int | None  # index of the message that carried it
    worker: int  # index into ``Trial.crew``
    submitted_s: float | None  # handed to the engine
    started_s: float | None
    finished_s: float | None
    received_s: float | None  # its result was back; None where the engine does not tell
    cpu_s: float | None  # None where the CPU clock is too coarse
    sent_bytes: int | None  # the item as it travelled; None where workers share memory
    received_bytes: int | None  # the result
    pickle_s: float | None  # spent turning item and result into bytes, on both sides together
    unpickle_s: float | None  # spent rebuilding them
    outcome: str  # "ok", "error", or why its worker ended, such as "lost(SIGKILL)"; then the times are None


SPAN_COLUMNS = tuple(Span.__dataclass_fields__)
LATER_SPAN_COLUMNS = ("pickle_s", "unpickle_s")  # files of schema 1 lack them


@dataclass(frozen=True, slots=True)
class Configuration:
    """What a trial runs: a role, an engine and a worker count."""

    role: Role
    backend: str  # spec as the user wrote it; "serial" and "ceiling" for those roles
    workers: int

    @property
    def label(self) -> str:
        """Words for a progress bar."""
        plural = "" if self.workers == 1 else "s"
        if self.role == "serial":
            return "serial"
        return f"{self.backend}, {self.workers} worker{plural}"


@dataclass(frozen=True, slots=True)
class Trial:
    """One timed run of one workload by one backend with one worker count, in one round."""

    session: int  # how often the sweep was started before: 0, then one more for each --resume
    round: int
    position: int  # place in the round's shuffled order; 0 is the opening serial bracket
    role: Role
    backend: str
    workers: int
    start_method: str | None
    tasks: int
    open_s: float | None  # from nothing to an answer from every worker
    warm_up_s: float | None  # imports and first touches, in no other figure
    map_s: float | None  # the work itself
    close_s: float | None
    cpu_s: float | None  # CPU time of all tasks
    ceiling: float | None  # role "ceiling": speedup of independent copies
    outcome: Outcome
    message: str | None  # why, when the outcome is not "ok"
    fingerprint: str | None  # digest of the combined answer
    load: float | None  # the machine's one-minute load average when the trial began
    started_at: str  # ISO 8601, UTC
    failures: tuple[Failure, ...] = ()
    rerun: tuple[int, ...] = ()  # tasks that ran again because a worker was lost: such a trial is in no ratio
    nested: bool = False  # a task used parlab's own pool, which ran serially inside the worker
    steal_s: float | None = None  # CPU time that the hypervisor gave to others during map, of the whole machine
    preempted: int | None = None  # how often the workers lost their core to another thread during map
    pace: float | None = None  # role "ceiling": steps a second of the calibration loop, of one copy alone
    gil_before: bool | None = None  # whether the trial's process had a GIL after all imports, before the work
    gil_after: bool | None = None  # and after the work: an extension that is imported late can switch it on
    crew: tuple[Worker, ...] = ()
    spans: dict[str, list[Any]] | None = None

    @property
    def configuration(self) -> Configuration:
        """What this trial ran."""
        return Configuration(self.role, self.backend, self.workers)

    @property
    def round_key(self) -> tuple[int, int]:
        """Session and round: ratios are taken between trials that share it."""
        return self.session, self.round

    @property
    def failed_tasks(self) -> frozenset[int]:
        """The tasks that were skipped because they raised."""
        return frozenset(failure.task for failure in self.failures)

    @property
    def elapsed_s(self) -> float | None:
        """Open, map and close together; None when the trial did not get that far."""
        if self.open_s is None or self.map_s is None or self.close_s is None:
            return None
        return self.open_s + self.map_s + self.close_s


@dataclass(frozen=True, slots=True)
class Memory:
    """What one configuration held at most, from a run of its own that was not timed.

    USS is what a process has for itself and would give back if it ended; PSS adds its share of what it holds together
    with others (psutil's ``memory_full_info``). PSS is known on Linux only.
    """

    role: Role
    backend: str
    workers: int
    parent_uss_bytes: int | None
    parent_pss_bytes: int | None
    workers_uss_bytes: int | None  # of all workers together, at the moment when that was most; None for threads
    workers_pss_bytes: int | None
    largest_worker_uss_bytes: int | None
    samples: int  # how often was looked; a peak between two looks is not seen
    interval_s: float

    @property
    def together_bytes(self) -> int | None:
        """The PSS of parent and workers together; None where the system does not tell."""
        if self.parent_pss_bytes is None:
            return None
        return self.parent_pss_bytes + (self.workers_pss_bytes or 0)


@dataclass(frozen=True, slots=True)
class Sweep:
    """The plan: workload x backends x worker counts x rounds. It stands in the header of the result file."""

    workload: str  # a registry name, or "module:function"
    size: str | None  # "small", "large", a number, or None for a user's function
    tasks: int | None  # how many items, under weak scaling per worker; None until they have been counted
    backends: tuple[str, ...]
    workers: tuple[int, ...]
    rounds: int | None  # the most; None: until the budget is spent or the precision reached
    budget_s: float | None
    precision: float | None = None  # stop when every interval is within this share of its median, 0.05 for 5 %
    memory: bool = False  # one more run of each configuration, untimed, to see what it holds
    seed: int = 20240229
    weak: bool = False  # the work grows with the workers: ``tasks`` for each of them
    blas_threads: int = 1
    chunksize: int = 1
    trace: bool = True
    on_error: Literal["stop", "skip"] = "stop"
    verify: bool = True
    deadline_s: float | None = None  # of one trial; None: from the serial time
    ceiling: bool | None = None  # None: decided after the first serial run
    worker_memory_bytes: int | None = None  # a worker that holds more is replaced between two tasks
    options: dict[str, Any] = field(default_factory=dict)  # the workload's own, such as a folder
    kwargs: dict[str, Any] = field(default_factory=dict)  # fixed keyword arguments of the user's function
    items: str | None = None  # how the user's items were described
    items_digest: str | None = None  # so that --resume notices other items

    def tasks_of(self, configuration: Configuration) -> int | None:
        """How many tasks a trial has; None while they have not been counted."""
        if self.tasks is None or not self.weak or configuration.role != "parallel":
            return self.tasks
        return self.tasks * configuration.workers

    @property
    def widest_tasks(self) -> int:
        """How many tasks the largest trial has, once they have been counted."""
        return (self.tasks or 0) * (max(self.workers) if self.weak else 1)
