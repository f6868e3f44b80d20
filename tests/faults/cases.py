"""The table: what goes wrong, where it is tried, and what must be true then. Data; scenarios do it, claims judge it.

Numbers 1 to 26 are the specification's. From 27 on they come from the suites of loky (``crash_cases`` and its
neighbours) and CPython (``test_deadlock``), as far as the 26 have no such fault, and from thinking about engines of our
own. What they test and parlab cannot survive stands in ``IMPOSSIBLE``.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import claims
from claims import Claim
from spots import ENGINES, ENTRANCES, GROUPS, OWN, Spot, of

PROCESSES, POOL, LOKY, THREADS = of("processes"), of("pool"), of("loky"), of("threads")
PARLAB_POOL, NOTEBOOK = of("parlab.pool"), of("notebook")
JOBLIB, DASK, MPI, RAY, INTERPRETERS = (of(engine) for engine in ENGINES)
TELLING = PROCESSES + LOKY + JOBLIB  # engines that notice a lost worker, and tell how it ended
NAMING = TELLING + DASK + RAY  # those that go on without it
BY_PROCESS = NAMING + POOL + MPI
PACKING = BY_PROCESS + INTERPRETERS
SHARING = THREADS + INTERPRETERS  # their workers live in the trial's own process
ENDING = SHARING + MPI  # a lost worker ends the trial
SWEEPS = BY_PROCESS + SHARING
POOLS = PARLAB_POOL + NOTEBOOK
HOLDING = tuple(spot for spot in SWEEPS if spot not in RAY)  # a worker of Ray's ends without its standard output
CLOCKED = tuple(spot for spot in SWEEPS + PARLAB_POOL if spot not in DASK)  # Dask's deadlines go by the wall clock
ONE_SWEEP = (PROCESSES[1],)

DEADLINE_S = 5.0  # of trials that end at it: long enough for every start on a busy machine
TASK_DEADLINE_S = 2.0
BY_DASK, BY_RAY = "lost(KilledWorker)", "lost(WorkerCrashedError)"  # they do not tell what became of its process


@dataclass(frozen=True)
class Plan:
    """One scenario with its arguments, where it is tried, and what must be true then."""

    scenario: str
    spots: tuple[Spot, ...]
    claims: tuple[Claim, ...]
    arguments: dict[str, Any] = field(default_factory=dict)
    needs_mounts: bool = False
    needs_network: bool = False


@dataclass(frozen=True)
class Case:
    """One fault: its number in the specification, a letter where it has several forms, and why it is not everywhere."""

    key: str
    title: str
    plans: tuple[Plan, ...]
    elsewhere: dict[str, str] = field(default_factory=dict)  # column: why not


# Families


def loses_its_worker(fault: str, how: str, items: Any = None, *, packs: bool = False) -> tuple[Plan, ...]:
    """A fault that ends the process of its task: named by engines that notice, and by deadline or crash elsewhere.

    With ``packs`` it is a fault of packing or unpacking, which threads do not do.
    """
    arguments = {"fault": fault, "where": "rounds", **({"items": items} if items else {})}
    kept = {**arguments, "on_error": "skip", "verify": False}
    slow = {**arguments, "deadline_s": DEADLINE_S}
    there = {"fault": fault, **({"items": {**items, "where": "worker"}} if items else {})}
    died = claims.died_with_its_trial(how.removeprefix("lost(").removesuffix(")"))
    return (
        Plan("sweep", TELLING, claims.lost(how), kept),
        Plan("sweep", DASK, claims.lost(BY_DASK), kept),
        Plan("sweep", RAY, claims.lost(BY_RAY), kept),
        Plan("sweep", POOL, claims.timed_out("processes"), slow),
        Plan("sweep", INTERPRETERS if packs else SHARING, died, slow),
        Plan("sweep", MPI, claims.died_with_its_job(how), slow),
        Plan("pool", POOLS, claims.exception_stands_for("LostTaskError", re.escape(how)), there),
    )


def stops_at_a_loss(arguments: dict[str, Any], *more: Claim) -> tuple[Plan, ...]:
    """A task that ends its worker where that ends the trial as well."""
    told = ((TELLING, "lost(SIGKILL)"), (DASK, BY_DASK), (RAY, BY_RAY))
    return tuple(Plan("sweep", spots, (*claims.stopped_by(how), *more), arguments) for spots, how in told)


def is_a_bad_task(
    fault: str,
    *words: str,
    kind: str = "RemoteTaskError",
    skip: str = "anywhere",
    sweeps: tuple[Spot, ...] = SWEEPS,
    **more: Any,
) -> tuple[Plan, ...]:
    """A fault that is an error of one task and of nothing else."""
    arguments = {"fault": fault, "skip": skip, **more}
    there = {name: value for name, value in {"fault": fault, **more}.items() if name in ("fault", "items")}
    return (
        Plan("sweep_that_skips_and_stops", sweeps, claims.one_bad_task(*words), arguments),
        Plan("pool", POOLS, claims.exception_stands_for(kind, *words), there),
    )


def never_ends(fault: str, sweeps: tuple[Spot, ...] = SWEEPS) -> tuple[Plan, ...]:
    """A task without an end."""
    slow = {"fault": fault, "where": "rounds", "deadline_s": DEADLINE_S}
    ends = (claims.deadline_names_the_task, claims.deadline_keeps_the_others)
    return (
        Plan("sweep", sweeps, claims.timed_out(), slow),
        Plan("pool", POOLS, ends, {"fault": fault, "deadline_s": TASK_DEADLINE_S}),
    )


def at(*labels: str) -> tuple[Spot, ...]:
    """Name spots by their labels."""
    return tuple(Spot.read(label) for label in labels)


def bomb(fault: str, stage: str) -> dict[str, str]:
    return {"kind": "bomb", "fault": fault, "stage": stage}


# Why something is not tried somewhere

IN_MEMORY = "threads hand objects over in memory: nothing is packed"
ONE_PROCESS = "its workers have no process of their own that could be killed"
NO_INITIALIZER = "the harness has initializers of its own only"
FILE_OF_ITS_OWN = "it is about the result file, which the supervisor writes alike for every engine: tried with one"
NO_FILE = "it writes no result file"
NOT_THE_FACE = "a sweep's workers belong to its trial processes, which are tried in the other columns"
KERNEL_TESTS = "see test_kernel_faults.py, where a real kernel is interrupted, killed and restarted"
POOL_ONLY = "parlab.pool alone has it"
NO_SUBMIT = "the harness submits by itself, and has no callbacks"
INHERITED = "a forked worker inherits the module that its parent has imported"
SAME_IN_A_SCRIPT = "nothing in it depends on the kernel"


def without_sweeps(why: str) -> dict[str, str]:
    return dict.fromkeys((*OWN, *ENGINES), why)


def without_pools(why: str) -> dict[str, str]:
    return dict.fromkeys(ENTRANCES, why)


def one_file(scenario: str, *held: Claim, needs_mounts: bool = False, **arguments: Any) -> Plan:
    return Plan(scenario, ONE_SWEEP, held, arguments, needs_mounts=needs_mounts)


FILE_ELSEWHERE = {
    **dict.fromkeys(("forkserver", "fork", *OWN[1:], *ENGINES), FILE_OF_ITS_OWN),
    **without_pools(NO_FILE),
}
NO_THREADS = dict.fromkeys(("threads", "interpreters"), ONE_PROCESS)

CASES = (
    Case(
        "1a",
        "SIGKILL of a busy worker, in a round",
        loses_its_worker("kill", "lost(SIGKILL)"),
    ),
    Case(
        "1b",
        "SIGKILL of a busy worker, in the check",
        (
            Plan(
                "sweep",
                NAMING,
                (claims.check_failed(claims.THE_TASK, r"lost\((SIGKILL|KilledWorker|WorkerCrashedError)\)", "memory"),),
                {"fault": "kill", "where": "worker"},
            ),
            Plan(
                "sweep",
                POOL,
                (claims.check_failed(claims.THE_TASK, "deadline", "processes"),),
                {"fault": "kill", "where": "worker", "deadline_s": DEADLINE_S},
            ),
            Plan(
                "sweep",
                ENDING,
                (claims.check_failed(claims.THE_TASK, "SIGKILL|signal 9"),),
                {"fault": "kill", "where": "worker"},
            ),
        ),
        without_pools("it has no check"),
    ),
    Case(
        "1c",
        "SIGKILL of a busy worker, where the first failure ends a trial",
        stops_at_a_loss({"fault": "kill"}),
        {
            **without_pools("it is about --on-error stop"),
            **dict.fromkeys(("pool", "threads", "interpreters", "mpi"), "the trial ends as in 1a"),
        },
    ),
    Case(
        "1d",
        "SIGKILL of a busy worker, with failures skipped and answers verified",
        stops_at_a_loss({"fault": "kill", "on_error": "skip"}),
        {
            **without_pools("it verifies no answer"),
            **dict.fromkeys(("pool", "threads", "interpreters", "mpi"), "the trial ends as in 1a"),
        },
    ),
    Case(
        "2a",
        "SIGKILL of an idle worker",
        (
            Plan(
                "sweep",
                NAMING,
                (claims.sweep_went_on, claims.recovered_or_untouched),
                {"fault": "kill idle", "where": "once", "items": {"kind": "last"}},
            ),
            Plan(
                "sweep",
                POOL + MPI,
                (claims.sweep_went_on, claims.ended_somehow, claims.accuses_nobody_else),
                {"fault": "kill idle", "where": "once", "items": {"kind": "last"}, "deadline_s": DEADLINE_S},
            ),
            Plan("idle_workers_killed", POOLS, (claims.map_is_whole,), {"victims": 1}),
        ),
        NO_THREADS,
    ),
    Case(
        "2b",
        "SIGKILL of all workers at once",
        (
            Plan("sweep", NAMING, (claims.sweep_went_on, claims.recovered), {"fault": "kill all", "where": "once"}),
            Plan(
                "sweep",
                POOL + MPI,
                (claims.sweep_went_on, claims.ended_somehow),
                {"fault": "kill all", "where": "once", "deadline_s": DEADLINE_S},
            ),
            Plan("pool_under_fire", POOLS, (claims.map_is_whole,), {"fault": "kill all"}),
        ),
        NO_THREADS,
    ),
    Case(
        "2c",
        "SIGKILL of all idle workers at once",
        (Plan("idle_workers_killed", POOLS, (claims.map_is_whole,), {"victims": 2}),),
        without_sweeps("a sweep's workers are never all idle"),
    ),
    Case(
        "2d",
        "SIGKILL of a busy worker from outside, once",
        (
            Plan("sweep", NAMING, (claims.sweep_went_on, claims.recovered), {"fault": "kill", "where": "once"}),
            Plan(
                "sweep",
                POOL,
                claims.timed_out("processes"),
                {"fault": "kill", "where": "once", "deadline_s": DEADLINE_S},
            ),
            Plan("sweep", MPI, claims.died_with_its_job("lost(SIGKILL)"), {"fault": "kill", "where": "once"}),
            Plan("pool_under_fire", POOLS, (claims.map_is_whole,), {"fault": "kill"}),
        ),
        NO_THREADS,
    ),
    Case(
        "3",
        "segmentation fault in C",
        loses_its_worker("segfault", "lost(SIGSEGV)"),
    ),
    Case(
        "4a",
        "os._exit(0) in a task",
        loses_its_worker("exit at once", "lost(exit code 0)"),
    ),
    Case("4b", "exit(0) of the C library in a task", loses_its_worker("exit through c", "lost(exit code 0)")),
    Case("5", "sys.exit() in a task", is_a_bad_task("sys.exit", "SystemExit")),
    Case(
        "6",
        "KeyboardInterrupt raised in a task",
        is_a_bad_task("interrupt", "KeyboardInterrupt"),
    ),
    Case(
        "7a",
        "the user interrupts",
        (
            Plan(
                "interrupted_sweep",
                SWEEPS,
                (claims.kept_finished_trials, claims.interrupted_in_time),
            ),
            Plan(
                "interrupted_pool",
                PARLAB_POOL,
                (claims.interrupted_in_time, claims.interrupted_with_one_message("InterruptedTasksError")),
            ),
        ),
        {"notebook": KERNEL_TESTS},
    ),
    Case(
        "7b",
        "the user interrupts twice",
        (
            Plan("interrupted_sweep", SWEEPS, (claims.interrupted_in_time,), {"times": 2}),
            Plan("interrupted_pool", PARLAB_POOL, (claims.interrupted_in_time,), {"times": 2}),
        ),
        {"notebook": KERNEL_TESTS},
    ),
    Case(
        "8",
        "the parent is killed",
        (
            Plan("killed_parent", SWEEPS, (claims.parent_gone_in_time,)),
            Plan("killed_parent", PARLAB_POOL, (claims.parent_gone_in_time,)),
        ),
        {"notebook": KERNEL_TESTS},
    ),
    Case(
        "9a",
        "an argument that cannot be packed",
        (
            Plan("sweep", SWEEPS, (claims.refused(r"item 3\[1\].*handle"),), {"items": {"kind": "handle"}}),
            Plan("pool", POOLS, (claims.refused_at_once(r"item 3\[1\].*handle"),), {"items": {"kind": "handle"}}),
        ),
    ),
    Case(
        "9b",
        "a function that cannot be sent",
        (
            Plan("sweep_of_a_lambda", SWEEPS, (claims.refused(""),)),
            Plan("pool_of_a_local_function", POOLS, (claims.functions_are_refused,)),
        ),
    ),
    Case(
        "10a",
        "a result that cannot be packed",
        is_a_bad_task("lock result", "lock", sweeps=PACKING, verify=False),
        {"threads": IN_MEMORY},
    ),
    Case(
        "10b",
        "a result that cannot be packed, among chunks of three",
        (
            Plan(
                "sweep_that_skips_and_stops",
                PACKING,
                claims.one_bad_task("lock"),
                {"fault": "lock result", "verify": False, "chunksize": 3},
            ),
            Plan(
                "pool",
                POOLS,
                claims.exception_stands_for("RemoteTaskError", "lock"),
                {"fault": "lock result", "chunksize": 3},
            ),
        ),
        {"threads": IN_MEMORY},
    ),
    Case(
        "11",
        "a result that packs and does not unpack",
        is_a_bad_task(
            "result fails to unpack",
            "UnpicklingError|cannot be made again",
            sweeps=PACKING,
            verify=False,
        ),
        {"threads": IN_MEMORY},
    ),
    Case(
        "12",
        "an exception with arguments that cannot be packed",
        is_a_bad_task(
            "locked error",
            "LockedError",
            "text of a locked error",
        ),
    ),
    Case(
        "13a",
        "an exception whose __init__ wants other arguments",
        is_a_bad_task("picky error", "PickyError", "one and two"),
    ),
    Case("13b", "an exception that refuses to be shown or packed", is_a_bad_task("refusing error", "RefusingError")),
    Case(
        "14a",
        "an item that exits when it is packed",
        (
            Plan(
                "sweep",
                SWEEPS,
                (claims.refused("item 3"),),
                {"items": {**bomb("sys.exit", "pack"), "where": "anywhere"}},
            ),
            Plan(
                "pool",
                POOLS,
                (claims.refused_at_once("item 3"),),
                {"items": {**bomb("sys.exit", "pack"), "where": "anywhere"}},
            ),
        ),
    ),
    Case(
        "14b",
        "an item that exits when it is unpacked",
        is_a_bad_task(
            "nothing",
            "SystemExit",
            sweeps=PACKING,
            verify=False,
            items=bomb("sys.exit", "unpack"),
        ),
        {"threads": IN_MEMORY},
    ),
    Case(
        "14c",
        "an item that crashes its worker when it is unpacked",
        loses_its_worker(
            "nothing",
            "lost(SIGSEGV)",
            items={**bomb("segfault", "unpack"), "where": "rounds"},
            packs=True,
        ),
        {"threads": IN_MEMORY},
    ),
    Case(
        "14d",
        "an item that ends its worker quietly when it is unpacked",
        loses_its_worker(
            "nothing", "lost(exit code 0)", items={**bomb("exit at once", "unpack"), "where": "rounds"}, packs=True
        ),
        {"threads": IN_MEMORY},
    ),
    Case(
        "14e",
        "a result that exits when it is packed",
        is_a_bad_task("result exits when packed", "SystemExit", sweeps=PACKING, verify=False),
        {"threads": IN_MEMORY},
    ),
    Case(
        "14f",
        "a result that crashes its worker when it is packed",
        loses_its_worker("result crashes when packed", "lost(SIGKILL)", packs=True),
        {"threads": IN_MEMORY},
    ),
    Case(
        "14g",
        "a result that exits when it is unpacked",
        is_a_bad_task("result exits when unpacked", "SystemExit", sweeps=PACKING, verify=False),
        {"threads": IN_MEMORY},
    ),
    Case(
        "15a",
        "a worker killed with 24 MB of items under way",
        loses_its_worker("kill", "lost(SIGKILL)", {"kind": "parcels", "mebibytes": 4}, packs=True),
        {"threads": IN_MEMORY},
    ),
    Case(
        "15b",
        "a worker killed with 64 MB of a result under way",
        (
            Plan(
                "sweep",
                PACKING,
                (claims.sweep_went_on, claims.ended_somehow, claims.accuses_nobody_else),
                {"fault": "kill under way", "where": "rounds", "deadline_s": 2 * DEADLINE_S, "verify": False},
            ),
            Plan("pool", POOLS, (claims.others_are_kept,), {"fault": "kill under way"}),
        ),
        {"threads": IN_MEMORY},
    ),
    Case("16a", "a task that never ends", never_ends("sleep")),
    Case(
        "16b",
        "a task that never ends and ignores SIGTERM",
        never_ends("stubborn"),
    ),
    Case("16c", "a task that never ends and holds Python's lock", never_ends("lock of python")),
    Case(
        "16d",
        "a task that stops its process",
        never_ends("stopped"),
    ),
    Case(
        "17a",
        "an initializer that raises",
        (
            Plan(
                "pool_with_initializer",
                POOLS,
                (claims.one_clear_error("initializer", "the initializer broke"), claims.starts_are_few),
                {"name": "raise_at_start"},
            ),
        ),
        without_sweeps(NO_INITIALIZER),
    ),
    Case(
        "17b",
        "an initializer that exits",
        (
            Plan(
                "pool_with_initializer",
                POOLS,
                (claims.one_clear_error("initializer", "SystemExit|exit"), claims.starts_are_few),
                {"name": "exit_at_start"},
            ),
        ),
        without_sweeps(NO_INITIALIZER),
    ),
    Case(
        "17c",
        "an initializer that crashes",
        (
            Plan(
                "pool_with_initializer",
                POOLS,
                (claims.one_clear_error("initializer|started", "SIGSEGV"), claims.starts_are_few),
                {"name": "crash_at_start"},
            ),
        ),
        without_sweeps(NO_INITIALIZER),
    ),
    Case(
        "17d",
        "a module that can be imported in no worker",
        (
            Plan(
                "sweep_of_a_module_that_breaks",
                at("processes:forkserver", "processes:spawn", "pool:forkserver", "pool:spawn", "loky")
                + JOBLIB
                + DASK
                + MPI
                + RAY,
                (claims.check_failed("a library is missing here"), claims.starts_are_few),
            ),
            Plan("sweep_of_a_module_that_breaks", INTERPRETERS, (claims.refused("a library is missing here"),)),
            Plan(
                "pool_of_a_module_that_breaks",
                tuple(spot for spot in POOLS if spot.method != "fork"),
                (claims.one_clear_error("a library is missing here", kind="ImportError"), claims.starts_are_few),
            ),
        ),
        {"threads": "threads import nothing again", "fork": INHERITED},
    ),
    Case(
        "18a",
        "MemoryError",
        is_a_bad_task("memory error", "MemoryError", kind="MemoryError"),
    ),
    Case(
        "18b",
        "MemoryError at a limit of the system",
        is_a_bad_task("memory limit", "MemoryError", kind="MemoryError", sweeps=BY_PROCESS),
        dict.fromkeys(("threads", "interpreters"), "the limit would be the trial's own, and end other threads"),
    ),
    Case(
        "18c",
        "killed as for want of memory",
        (
            *stops_at_a_loss({"fault": "kill"}, claims.hints_at_memory),
            Plan(
                "pool",
                POOLS,
                claims.exception_stands_for("LostTaskError", "memory", "[0-9] ?[KMGT]i?B", "fewer workers"),
                {"fault": "kill"},
            ),
        ),
        {**NO_THREADS, **dict.fromkeys(("pool", "mpi"), "it does not tell how a worker ended: see 1a")},
    ),
    Case(
        "19a",
        "RecursionError",
        is_a_bad_task("recursion", "RecursionError", kind="RecursionError"),
    ),
    Case(
        "19b",
        "an error text of 100 MB",
        tuple(
            Plan(one.scenario, one.spots, (*one.claims, claims.error_is_bounded), one.arguments)
            for one in is_a_bad_task("long text", "ValueError", "xxx", kind="Exception")
        ),
    ),
    Case(
        "19c",
        "an item too deep to be packed",
        (
            Plan("sweep", SWEEPS, (claims.refused("item 3"),), {"items": {"kind": "deep"}}),
            Plan("pool", POOLS, (claims.refused_at_once("item 3"),), {"items": {"kind": "deep"}}),
        ),
    ),
    Case(
        "20",
        "a task that leaks memory",
        (Plan("leaking_pool", POOLS, (claims.pool_was_replaced,)),),
        without_sweeps("each trial has new processes, so that nothing adds up"),
    ),
    Case(
        "21a",
        "an idle pool that is not closed at the end",
        (Plan("forgotten_at_the_end", PARLAB_POOL, (claims.exits_in_time,)),),
        {**without_sweeps("a sweep has no object that could be forgotten"), "notebook": KERNEL_TESTS},
    ),
    Case(
        "21b",
        "a busy pool, or a sweep in a thread, not closed at the end",
        (
            Plan("forgotten_at_the_end", SWEEPS, (claims.exits_in_time,)),
            Plan("forgotten_at_the_end", PARLAB_POOL, (claims.exits_in_time,), {"busy": "busy"}),
        ),
        {"notebook": KERNEL_TESTS},
    ),
    Case(
        "22a",
        "a task that closes standard output and prints",
        (
            Plan("sweep", HOLDING, (claims.sweep_went_on, claims.is_ok), {"fault": "close output", "deadline_s": 60}),
            Plan("sweep", RAY, (claims.sweep_went_on, claims.recovered_or_untouched), {"fault": "close output"}),
            Plan("pool", POOLS, (claims.map_is_whole,), {"fault": "close output"}),
        ),
    ),
    Case(
        "22b",
        "a task that reads standard input",
        (
            Plan("sweep", SWEEPS, (claims.sweep_went_on, claims.is_ok), {"fault": "read input", "deadline_s": 60}),
            Plan("pool", POOLS, (claims.map_is_whole,), {"fault": "read input"}),
        ),
    ),
    Case(
        "22c",
        "a flood of prints",
        (
            Plan(
                "sweep",
                SWEEPS,
                (claims.sweep_went_on, claims.is_ok, claims.error_is_bounded),
                {"fault": "flood", "deadline_s": 60},
            ),
            Plan("pool", POOLS, (claims.map_is_whole, claims.prints_are_capped), {"fault": "flood"}),
        ),
    ),
    Case(
        "22d",
        "children that print at the same time",
        (Plan("printing_pool", POOLS, (claims.is_told_in_order,)),),
        without_sweeps("a sweep shows no prints of tasks that succeed"),
    ),
    Case(
        "23",
        "parlab.pool inside a worker",
        (
            Plan("sweep", SWEEPS, (claims.sweep_went_on, claims.is_ok), {"fault": "nest", "deadline_s": 60}),
            Plan("nested_pool", POOLS, (claims.runs_serially_inside,)),
        ),
    ),
    Case(
        "24a",
        "shared memory is full",
        (
            Plan(
                "full_shared_memory",
                BY_PROCESS + POOLS,
                (claims.works_or_says("shm|[Ss]hared memory|[Nn]o space", "threads|[Mm]ake room|larger|--shm-size"),),
                needs_mounts=True,
            ),
        ),
        dict.fromkeys(("threads", "interpreters"), "threads need no semaphores there"),
    ),
    Case(
        "24b",
        "the disk of the result file is full",
        (
            one_file(
                "full_disk",
                claims.failed(1, "cannot be written any more"),
                claims.kept_what_was_written,
                needs_mounts=True,
            ),
        ),
        FILE_ELSEWHERE,
    ),
    Case(
        "24c",
        "the result file may not grow",
        (one_file("file_size_limit", claims.failed(1, "cannot be written any more"), claims.kept_what_was_written),),
        FILE_ELSEWHERE,
    ),
    Case(
        "24d",
        "a read-only folder",
        (
            Plan(
                "read_only_folder",
                ONE_SWEEP,
                (claims.refused("cannot be written", "Choose another place"),),
            ),
        ),
        FILE_ELSEWHERE,
    ),
    Case(
        "24e",
        "a result file cut off in the middle of a line",
        (Plan("cut_line", ONE_SWEEP, (claims.cut_line_is_left_out,)),),
        FILE_ELSEWHERE,
    ),
    Case(
        "24f",
        "the temporary folder is full",
        (
            one_file(
                "full_temporary_folder",
                claims.works_or_says("[Nn]o space|full", "TMPDIR|[Mm]ake room"),
                needs_mounts=True,
            ),
        ),
        FILE_ELSEWHERE,
    ),
    Case(
        "25",
        "fork in a process with threads",
        (Plan("forking_with_threads", at("parlab.pool:fork", "notebook:fork"), (claims.fork_warns_once,)),),
        {
            **without_sweeps("a trial process has no threads when it forks"),
            "forkserver": "it is about fork; the other methods are the default that it compares with",
            "spawn": "see forkserver",
        },
    ),
    Case(
        "26a",
        "an item generator that raises midway",
        (
            Plan("sweep", SWEEPS, (claims.refused("the generator broke"),), {"items": {"kind": "raising"}}),
            Plan("pool", POOLS, (claims.generator_error_is_raised,), {"items": {"kind": "raising"}}),
        ),
    ),
    Case(
        "26b",
        "no items",
        (
            Plan("sweep", SWEEPS, (claims.refused("[Nn]o item"),), {"items": {"kind": "none"}}),
            Plan("no_items", POOLS, (claims.is_empty,)),
        ),
    ),
    Case(
        "26c",
        "one core",
        (Plan("one_core", SWEEPS + PARLAB_POOL, (claims.has_no_error,)),),
        {"notebook": SAME_IN_A_SCRIPT},
    ),
    Case(
        "26d",
        "over 61 workers on Windows",
        (one_file("too_many_workers_on_windows", claims.refused("62", "61")),),
        {
            **dict.fromkeys(("forkserver", "fork", *OWN[1:], *ENGINES), "refused before an engine is chosen"),
            **without_pools("its check is the same function"),
        },
    ),
    Case(
        "26e",
        "a clock that steps",
        (
            Plan("stepping_clock", CLOCKED, (claims.has_no_error, claims.times_are_sane)),
            Plan("stepping_clock", DASK, (claims.works_or_says("dask", "In truth it was", "clock", "Start again"),)),
        ),
        {"notebook": SAME_IN_A_SCRIPT},
    ),
    Case(
        "27",
        "an item that fails when it is unpacked",
        is_a_bad_task(
            "nothing",
            "UnpicklingError|cannot be made again",
            sweeps=PACKING,
            verify=False,
            items=bomb("unpickling", "unpack"),
        ),
        {"threads": IN_MEMORY},
    ),
    Case(
        "28",
        "an item that crashes its worker when it is thrown away",
        (
            Plan(
                "sweep",
                NAMING,
                (claims.sweep_went_on, claims.ended_somehow, claims.accuses_nobody_else),
                {"items": {"kind": "will", "where": "rounds"}},
            ),
            Plan(
                "sweep",
                POOL + MPI + INTERPRETERS,
                (claims.sweep_went_on, claims.ended_somehow, claims.accuses_nobody_else),
                {"items": {"kind": "will", "where": "rounds"}, "deadline_s": DEADLINE_S},
            ),
            Plan("pool", POOLS, (claims.others_are_kept,), {"items": {"kind": "will", "where": "worker"}}),
        ),
        {"threads": IN_MEMORY},
    ),
    Case(
        "29",
        "five workers that kill each other",
        (Plan("pool_under_fire", POOLS, (claims.map_is_whole,), {"fault": "kill all", "workers": 5}),),
        without_sweeps("see 2b"),
    ),
    *(
        Case(
            f"30{letter}",
            f"a future's callback that {how}",
            (Plan("callbacks", POOLS, (claims.pool_survives_its_callbacks,), {"how": how}),),
            without_sweeps(NO_SUBMIT),
        )
        for letter, how in zip("abc", ("raises", "exits", "submits"), strict=True)
    ),
    Case(
        "31",
        "a worker that crashes while the pool is being closed",
        (Plan("crash_while_closing", POOLS, (claims.every_future_ends,)),),
        without_sweeps("the harness closes when all results are there"),
    ),
    Case(
        "32",
        "a hundred submissions that are refused, and one more before the end",
        (Plan("refused_submissions", POOLS, (claims.refused_and_went_on,)),),
        without_sweeps(NO_SUBMIT),
    ),
    Case(
        "33",
        "five thousand submissions at once",
        (Plan("flood_of_submissions", POOLS, (claims.sum_is_right,)),),
        without_sweeps(NO_SUBMIT),
    ),
    Case(
        "34",
        "a task that closes all files of its process",
        (
            Plan(
                "sweep",
                BY_PROCESS,
                (claims.sweep_went_on, claims.ended_somehow),
                {"fault": "close everything", "where": "rounds", "deadline_s": DEADLINE_S},
            ),
            Plan("pool", POOLS, (claims.ended_in_time,), {"fault": "close everything", "deadline_s": DEADLINE_S}),
        ),
        dict.fromkeys(
            ("threads", "interpreters"),
            "the files are the trial's own: it is deaf afterwards, and the deadline ends it, as in 16a",
        ),
    ),
    Case(
        "35",
        "a task that leaves a child behind",
        (Plan("sweep", SWEEPS, (claims.sweep_went_on, claims.is_ok), {"fault": "leave a child"}),),
        without_pools("what a task starts is the user's own, in a pool as in a loop: parlab ends what it has started"),
    ),
)

CLUSTER = "only Dask joins a running cluster"


def on_a_cluster(trouble: str, *held: Claim, needs_network: bool = False, **arguments: Any) -> tuple[Plan, ...]:
    """Something befalls a running Dask cluster in the middle of a sweep."""
    told = {"trouble": trouble, **arguments}
    return (Plan("cluster_in_trouble", DASK, held, told, needs_network=needs_network),)


def only(engine: str, why: str) -> dict[str, str]:
    return {group: why for group in GROUPS if group != engine}


CASES = (
    *CASES,
    Case(
        "36a",
        "a running cluster: a worker is killed",
        on_a_cluster("worker", claims.all_rounds_were_tried, claims.struck("recovered")),
        only("dask", CLUSTER),
    ),
    Case(
        "36b",
        "a running cluster: all its workers are killed",
        on_a_cluster(
            "all workers",
            claims.struck("lost"),
            claims.struck_trial_says("All 2 Dask workers", "look at their logs"),
            claims.ends_with("no workers|has 0 workers", "dask worker"),
        ),
        only("dask", CLUSTER),
    ),
    Case(
        "36c",
        "a running cluster: the scheduler is killed",
        on_a_cluster(
            "scheduler",
            claims.struck("lost"),
            claims.struck_trial_says("scheduler tcp://.* does not answer any more", "--resume"),
            claims.ends_with("no Dask scheduler answers at tcp://"),
        ),
        only("dask", CLUSTER),
    ),
    Case(
        "36d",
        "a running cluster: a worker's nanny is killed",
        on_a_cluster("nanny", claims.all_rounds_were_tried, claims.struck("recovered", "ok")),
        only("dask", CLUSTER),
    ),
    Case(
        "36e",
        "a running cluster: a worker stands still",
        on_a_cluster(
            "stopped worker",
            claims.struck("timed out"),
            claims.struck_trial_says("deadline", "[Tt]asks that had been begun|workers"),
            deadline_s=2.0,
        ),
        only("dask", CLUSTER),
    ),
    Case(
        "36f",
        "a running cluster: all workers are paused, for want of memory",
        on_a_cluster("memory", claims.struck("lost"), claims.struck_trial_says("paused", "memory", "--memory-limit")),
        only("dask", CLUSTER),
    ),
    Case(
        "37a",
        "the network to a running cluster goes down, for good",
        on_a_cluster(
            "cut client for good",
            claims.struck("lost"),
            claims.struck_trial_says("scheduler tcp://.* does not answer any more", "network", "--resume"),
            claims.ends_with("no Dask scheduler answers at tcp://"),
            needs_network=True,
        ),
        only("dask", CLUSTER),
    ),
    Case(
        "37b",
        "the network to a running cluster goes down for five seconds",
        on_a_cluster(
            "cut client, and back",
            claims.all_rounds_were_tried,
            claims.struck("ok", "recovered"),
            needs_network=True,
        ),
        only("dask", CLUSTER),
    ),
    Case(
        "37c",
        "the network between scheduler and a worker goes down, for good",
        on_a_cluster(
            "cut worker for good",
            claims.struck("recovered", "timed out", "lost"),  # two are wanted, and one is left: some joins need both
            claims.struck_trial_says("ran again|deadline|has 1 worker now, and 2 are needed"),
            needs_network=True,
        ),
        only("dask", CLUSTER),
    ),
    Case(
        "37d",
        "the network between scheduler and a worker goes down for five seconds",
        on_a_cluster(
            "cut worker, and back",
            claims.all_rounds_were_tried,
            claims.struck("ok", "recovered"),
            needs_network=True,
        ),
        only("dask", CLUSTER),
    ),
    Case(
        "38",
        "mpiexec is killed",
        (
            Plan(
                "sweep",
                MPI,
                (claims.sweep_went_on, claims.ended_as("lost", "SIGKILL")),
                {"fault": "kill mpiexec", "where": "once", "deadline_s": 2 * DEADLINE_S},
            ),
        ),
        only("mpi", "only MPI has it"),
    ),
    *(
        Case(
            f"39{letter}",
            f"Ray's {what} is killed",
            (
                Plan(
                    "sweep",
                    RAY,
                    (claims.sweep_went_on, claims.ended_as(*outcomes)),
                    {"fault": f"kill {name}", "where": "once", "deadline_s": 2 * DEADLINE_S},
                ),
            ),
            only("ray", "only Ray has it"),
        )
        for letter, what, name, outcomes in (
            ("a", "raylet, which starts workers,", "raylet", ("lost|timed out|recovered",)),
            ("b", "GCS, which knows all programs,", "gcs", ("lost|timed out|recovered",)),
        )
    ),
)

# What the two suites test beyond these, and why there is no such case here.
IMPOSSIBLE = {
    "an argument that crashes when it is packed (loky)": (
        "it is packed in the user's own process, which it ends before parlab has been asked anything"
    ),
    "a result that crashes when it is unpacked (loky leaves it out, too)": (
        "parlab.pool unpacks it in the user's own process, where the user wants to have it"
    ),
    "a pool that is resized while it works (loky)": "parlab.pool has a fixed number of workers",
    "a pool that is shut down by another thread (loky, CPython)": (
        "parlab.pool is a context manager, left by who has entered it"
    ),
    "BLAS threads of the parent that freeze a forked child (loky)": (
        "a matter of the BLAS library: 25 warns of every thread alike"
    ),
}

# What ``make test`` runs: each of the 26 once at least, spread over engines and start methods, the quickest first.
QUICK = {
    *("1a-processes:spawn", "1a-pool:fork", "1a-threads", "1a-parlab.pool:forkserver", "1b-processes:fork"),
    *("2a-parlab.pool:spawn", "2b-loky", "2b-parlab.pool:fork", "3-parlab.pool:spawn", "4a-parlab.pool:fork"),
    *("5-parlab.pool:fork", "6-parlab.pool:spawn", "7a-processes:forkserver", "7a-parlab.pool:forkserver"),
    *("8-loky", "8-parlab.pool:spawn", "9a-processes:spawn", "9a-parlab.pool:fork", "9b-parlab.pool:fork"),
    *("10a-parlab.pool:fork", "11-pool:forkserver", "11-parlab.pool:spawn", "12-parlab.pool:fork"),
    *("13a-parlab.pool:forkserver", "14b-parlab.pool:fork", "14g-parlab.pool:fork", "15a-parlab.pool:spawn"),
    *("16a-threads", "16b-parlab.pool:spawn", "16c-parlab.pool:fork", "17a-parlab.pool:forkserver"),
    *("17c-parlab.pool:fork", "17d-processes:forkserver", "18a-parlab.pool:fork", "19a-parlab.pool:fork"),
    *("19b-parlab.pool:fork", "20-parlab.pool:forkserver", "21a-parlab.pool:spawn", "21b-parlab.pool:forkserver"),
    *("22a-parlab.pool:fork", "22b-parlab.pool:fork", "22c-parlab.pool:forkserver", "22d-parlab.pool:fork"),
    *("23-threads", "23-parlab.pool:spawn", "24a-parlab.pool:spawn", "24d-processes:spawn", "24e-processes:spawn"),
    *("25-parlab.pool:fork", "26a-parlab.pool:fork", "26b-parlab.pool:fork", "26e-parlab.pool:fork"),
    *("27-parlab.pool:fork", "31-parlab.pool:spawn", "35-mpi", "1c-joblib"),
}

# Where a kernel can make a difference: it has threads, streams and an interrupt of its own, and is no module.
IN_NOTEBOOK = {
    *("1a", "2b", "3", "4a", "5", "6", "9b", "10a", "12", "14g", "15a", "16a", "16b", "16c", "17a", "17c", "18c"),
    *("19b", "20", "22a", "22b", "22c", "22d", "23", "25", "26a", "30b", "31"),
}


def walk() -> Iterator[tuple[Case, Plan, Spot]]:
    """Go through the table, place by place."""
    for case in CASES:
        for plan in case.plans:
            for spot in plan.spots:
                if spot.group != "notebook" or case.key in IN_NOTEBOOK:
                    yield case, plan, spot


def why_not(case: Case, spot: Spot) -> str | None:
    """Say why a case is not tried in a place; None where it is, or where the reason is missing."""
    said = case.elsewhere.get(spot.group) or case.elsewhere.get(spot.method or "")
    planned = any(spot in plan.spots for plan in case.plans)
    if spot.group == "notebook" and planned and case.key not in IN_NOTEBOOK:
        return SAME_IN_A_SCRIPT
    return None if planned else said
