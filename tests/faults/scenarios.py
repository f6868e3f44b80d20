"""What a probe can be asked to do: small functions that bring a fault about and say what came of it, as plain data."""

import json
import multiprocessing
import os
import re
import resource
import signal
import subprocess
import sys
import threading
import time
import traceback
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from importlib import import_module
from itertools import count
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import fault_tasks
from looking import LOOK_S, SHARED_MEMORY, strays
from spots import Spot

import parlab
from parlab.results import read

TASKS = 6
WORKERS = 2
SHOWN_CHARACTERS = 20_000
MOST_S = 60.0
Seen = dict[str, Any]


def carry_out(name: str, spot: Spot, folder: Path, arguments: dict[str, Any]) -> Seen:
    """Call the scenario of that name, with a place for the marks of its tasks."""
    (folder / "place").mkdir()
    scenario = globals().get(name) or getattr(import_module("cluster_scenarios"), name)
    return scenario(spot, folder, **arguments)


def next_run(spot: Spot, folder: Path) -> Seen:
    """Do ordinary work by the same way: nothing of the fault may be felt."""
    if spot.is_sweep:
        seen = run_sweep(spot, folder / "next.jsonl")
        return {"right": ["ok"] * 3 == [trial["outcome"] for trial in seen["trials"]], "seen": seen}
    with opened(spot) as pool:
        values = pool.map(fault_tasks.strike_with(), range(TASKS))
    return {"right": list(range(TASKS)) == values, "seen": values}


# Sweeps


def run_sweep(
    spot: Spot,
    path: Path,
    items: Any = None,
    function: Any = None,
    finish: Callable[[], None] | None = None,
    **wanted: Any,
) -> Seen:
    """Measure one round, and tell the error, or what stands in the file."""
    usual = {"backends": [spot.label], "workers": [WORKERS], "rounds": 1, "deadline_s": 30}
    items = range(TASKS) if items is None else items
    started = time.monotonic()
    options = {**usual, **wanted, "output": path, "progress": False}
    options["deadline_s"] *= spot.patience
    seen = attempt(lambda: parlab.speedup(function or fault_tasks.strike, items, **options), finish)
    view = seen.pop("value", None)
    seen["seconds"] = time.monotonic() - started
    seen["findings"] = [one.code for one in view.findings] if isinstance(view, parlab.View) else []
    return {**seen, **in_file(path)}


def in_file(path: Path) -> Seen:
    """Read a result file as anybody would; a file that cannot be read is told as such."""
    if not path.exists():
        return {"file": None, "trials": []}
    try:
        results = read(path)
    except parlab.ParlabError as problem:
        return {"file": f"broken: {problem}", "trials": []}
    return {
        "file": "valid",
        "bytes": path.stat().st_size,
        "ended": results.ended,
        "about the file": [one.code for one in results.findings],
        "trials": [trial_as_data(one) for one in results.records if one.role != "ceiling"],
    }


def trial_as_data(trial: Any) -> Seen:
    outcomes = dict(zip(trial.spans["task"], trial.spans["outcome"], strict=True)) if trial.spans else {}
    times = [getattr(trial, name) for name in ("open_s", "warm_up_s", "map_s", "close_s")]
    return {
        "role": trial.role,
        "outcome": trial.outcome,
        "message": trial.message or "",
        "failures": [
            [one.task, one.error[:SHOWN_CHARACTERS], one.traceback[:SHOWN_CHARACTERS]] for one in trial.failures
        ],
        "spans": {str(task): outcome for task, outcome in outcomes.items()},
        "rerun": list(getattr(trial, "rerun", ())),
        "times": times,
    }


def attempt(act: Callable[[], Any], finish: Callable[[], None] | None = None) -> Seen:
    """Call; tell the value or the error, whatever its kind. ``finish`` is called before anything else can happen."""
    try:
        return {"value": act(), "error": None}
    except BaseException as problem:  # noqa: BLE001  # an interrupt is told, too
        return {"error": describe(problem)}
    finally:
        if finish is not None:
            finish()


def describe(problem: BaseException) -> Seen:
    """Tell an error as data: its kinds, its text, its notes, and the exit code that it means to a command line."""
    text = "".join(traceback.format_exception(problem))
    return {
        "kinds": [kind.__name__ for kind in type(problem).__mro__],
        "text": str(problem)[:SHOWN_CHARACTERS],
        "length": len(str(problem)),
        "notes": [note[:SHOWN_CHARACTERS] for note in getattr(problem, "__notes__", [])],
        "traceback": text[-SHOWN_CHARACTERS:],
        "traceback length": len(text),
        "exit code": getattr(problem, "exit_code", None),
    }


def sweep(
    spot: Spot, folder: Path, fault: str = "nothing", where: str = "rounds", items: Seen | None = None, **wanted: Any
) -> Seen:
    """One sweep whose task strikes at one item."""
    place = str(folder / "place")
    kwargs = {"fault": fault, "where": where, "place": place}
    made = make_items(place, **items) if items else None
    return run_sweep(spot, folder / "out.jsonl", made, kwargs=kwargs, **wanted)


def sweep_that_skips_and_stops(spot: Spot, folder: Path, skip: str = "anywhere", **wanted: Any) -> Seen:
    """A failing task twice: skipped in a sweep that goes on, and as the end of another."""
    skipped = sweep(spot, folder, where=skip, on_error="skip", **wanted)
    where = {} if "items" in wanted else {"where": "worker"}
    stopped = run_stopping(spot, folder, **{**wanted, **where})
    return {**skipped, "stopped": stopped, "seconds": skipped["seconds"] + stopped["seconds"]}


def run_stopping(
    spot: Spot, folder: Path, fault: str = "nothing", where: str = "worker", items: Seen | None = None, **wanted: Any
) -> Seen:
    place = str(folder / "place")
    made = make_items(place, **items) if items else None
    kwargs = {"fault": fault, "where": where, "place": place}
    return run_sweep(spot, folder / "stopped.jsonl", made, kwargs=kwargs, **wanted)


def make_items(place: str, kind: str, **more: Any) -> Any:
    """Make six items, the fourth of them special."""
    if kind == "last":
        return [6, 7, 8, 9, 10, fault_tasks.TARGET]
    if kind == "parcels":
        return [fault_tasks.Parcel(number, more["mebibytes"]) for number in range(TASKS)]
    if kind == "raising":
        return raising_generator()
    if kind == "none":
        return []
    made: list[Any] = list(range(TASKS))
    makers = {
        "bomb": lambda: fault_tasks.Bomb(more["fault"], more["stage"], more.get("where", "worker"), place),
        "will": lambda: fault_tasks.LastWill(more.get("where", "worker"), place),
        "handle": lambda: (3, {"handle": threading.Lock()}),
        "deep": lambda: nested_list(100_000),
    }
    made[fault_tasks.TARGET] = makers[kind]()
    return made


def nested_list(depth: int) -> list[Any]:
    outer: list[Any] = []
    for _ in range(depth):
        outer = [outer]
    return outer


def raising_generator() -> Iterator[int]:
    yield from range(fault_tasks.TARGET)
    raise RuntimeError("the generator broke")


def sweep_of_a_lambda(spot: Spot, folder: Path) -> Seen:
    """A function that holds what cannot travel, even by value."""
    lock = threading.Lock()
    return run_sweep(spot, folder / "out.jsonl", function=lambda number: (lock, number)[1])


def sweep_of_a_module_that_breaks(spot: Spot, folder: Path) -> Seen:
    """The task's module can be imported here and by the plain loop, and by no worker."""
    module = import_fragile_module(folder)
    seen = run_sweep(spot, folder / "out.jsonl", function=module.work)
    return {**seen, "starts": starts_in(folder / "starts")}


def import_fragile_module(folder: Path) -> Any:
    code = f"""
import os
with open({str(folder / "starts")!r}, "a") as log:
    log.write(f"{{os.getpid()}}\\n")
from fault_tasks import in_worker_process
if in_worker_process():
    raise ImportError("a library is missing here")
def work(number):
    return number
"""
    (folder / "fragile.py").write_text(code)
    sys.path.append(str(folder))
    import fragile

    return fragile


def starts_in(log: Path) -> int:
    """Count the different processes that signed a log."""
    return len(set(log.read_text().split())) if log.exists() else 0


# Sweeps and what they write


def full_shared_memory(spot: Spot, folder: Path) -> Seen:
    """Run while /dev/shm has no byte left; it is this probe's own."""
    with filled(SHARED_MEMORY):
        return run_sweep(spot, folder / "out.jsonl") if spot.is_sweep else map_once(spot)


def map_once(spot: Spot) -> Seen:
    started = time.monotonic()

    def act() -> list[int]:
        with opened(spot) as pool:
            return pool.map(fault_tasks.strike_with(), range(TASKS))

    return {**attempt(act), "seconds": time.monotonic() - started}


@contextmanager
def filled(folder: Path) -> Iterator[None]:
    filler = folder / "filler"
    with filler.open("wb", buffering=0) as file, suppress(OSError):
        while file.write(bytes(fault_tasks.ONE_MIB)):
            pass
    try:
        yield
    finally:
        filler.unlink()


@contextmanager
def small_disk(folder: Path, options: str) -> Iterator[Path]:
    """Mount a disk of our own; the probe's mounts are seen by nobody else."""
    disk = folder / "disk"
    disk.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(disk)], check=True, timeout=MOST_S)
    try:
        yield disk
    finally:
        subprocess.run(["umount", "--lazy", str(disk)], check=True, timeout=MOST_S)


def full_disk(spot: Spot, folder: Path) -> Seen:
    """The disk of the result file fills up after a few trials."""
    with small_disk(folder, "size=16k") as disk:
        return run_sweep(spot, disk / "out.jsonl", rounds=100)


def file_size_limit(spot: Spot, folder: Path) -> Seen:
    """No file may grow beyond a few trials."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (12_000, before[1]))
    try:
        return run_sweep(spot, folder / "out.jsonl", rounds=100)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def read_only_folder(spot: Spot, folder: Path) -> Seen:
    """The result file's folder takes no files, whoever asks."""
    if os.geteuid() != 0:
        (folder / "disk").mkdir(mode=0o500)
        return run_sweep(spot, folder / "disk" / "out.jsonl")
    with small_disk(folder, "size=16k,ro") as disk:
        return run_sweep(spot, disk / "out.jsonl")


def full_temporary_folder(spot: Spot, folder: Path) -> Seen:
    """The place for private files has no byte left."""
    import tempfile

    with small_disk(folder, "size=16k") as disk, filled(disk):
        tempfile.tempdir = os.environ["TMPDIR"] = str(disk)
        try:
            return run_sweep(spot, folder / "out.jsonl", items=[bytes(fault_tasks.ONE_MIB)] * 2)
        finally:
            tempfile.tempdir = os.environ["TMPDIR"] = str(folder / "tmp")


def cut_line(spot: Spot, folder: Path) -> Seen:
    """A sweep's file loses the end of its last line; it is read, and then resumed."""
    path = folder / "out.jsonl"
    run_sweep(spot, path)
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(
        b"".join(lines[:-2]) + lines[-2][:40]
    )  # the last line says how it ended, the one before is a trial
    cut = in_file(path)
    resumed = run_sweep(spot, path, resume=True)
    kept = path.read_bytes().startswith(b"".join(lines[:-2]))
    return {**resumed, "cut": cut, "kept": kept}


# Sweeps and their ends


def interrupted_sweep(spot: Spot, folder: Path, times: int = 1) -> Seen:
    """Ctrl-C once a few trials are written down."""
    path = folder / "out.jsonl"
    ending = Interrupt(
        folder, lambda: path.exists() and path.read_bytes().count(b'"kind":"trial"') > 2, times, spot.patience
    )
    seen = run_sweep(spot, path, rounds=1_000, finish=ending.over.set)
    return {**seen, **ending.told()}


class Interrupt:
    """A thread that presses Ctrl-C when it is time, and looks how long anybody lives on."""

    def __init__(self, folder: Path, is_time: Callable[[], object], times: int = 1, patience: int = 1) -> None:
        self.mark, self.is_time, self.times, self.gone_s = str(folder), is_time, times, None
        self.patience = patience
        self.over = threading.Event()  # what shall be interrupted has ended: one more would hit the probe
        self.thread = threading.Thread(target=self._run, daemon=True)
        self.thread.start()

    def _run(self) -> None:
        wait_until(self.is_time, self.patience)
        for _ in range(self.times):
            if not self.over.is_set():
                os.killpg(os.getpgid(0), signal.SIGINT)
                time.sleep(0.1)
        self.gone_s = time_until(lambda: not strays(self.mark))

    def told(self) -> Seen:
        self.thread.join(MOST_S)
        return {"gone after": self.gone_s}


def wait_until(condition: Callable[[], object], patience: int = 1) -> None:
    deadline = time.monotonic() + MOST_S * patience
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError("it did not happen in time")
        time.sleep(LOOK_S)


def time_until(condition: Callable[[], object]) -> float:
    """Return how long it took, for ever being a minute."""
    started = time.monotonic()
    with suppress(TimeoutError):
        wait_until(condition)
    return time.monotonic() - started


def killed_parent(spot: Spot, folder: Path) -> Seen:
    """A program is killed while its tasks run for ever."""
    place, before = folder / "place", _names()
    call = f"work_for_ever({_entrance(spot)!r}, {_engine(spot)!r}, {str(place)!r})"
    if spot.is_sweep:
        (place / "sweep").touch()
    with program(call) as process:
        wait_until(lambda: len(list(place.glob("busy-*"))) >= WORKERS, spot.patience)
        process.kill()
        process.wait(MOST_S)
        gone_s = time_until(lambda: not strays(str(folder)))
        forgotten_s = time_until(lambda: set(_names()) <= set(before))
    seen = in_file(place / "killed.jsonl")
    return {"killed": True, "gone after": gone_s, "segments gone after": forgotten_s, **seen}


def _names() -> list[str]:
    from looking import shared_memory

    return shared_memory()


def _entrance(spot: Spot) -> str:
    return "sweep" if spot.is_sweep else "pool"


def _engine(spot: Spot) -> str | None:
    return spot.label if spot.is_sweep else spot.method


@contextmanager
def program(call: str) -> Iterator[subprocess.Popen[bytes]]:
    """Run a call of ``fault_tasks`` as a program of its own, in a session of its own."""
    path = os.pathsep.join(one for one in sys.path if one)
    process = subprocess.Popen(
        [sys.executable, "-c", f"import fault_tasks; fault_tasks.{call}"],
        env={**os.environ, "PYTHONPATH": path},
        stdin=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        yield process
    finally:
        process.kill()
        process.wait(MOST_S)


def forgotten_at_the_end(spot: Spot, folder: Path, busy: str = "idle") -> Seen:
    """A program ends and has closed nothing."""
    place = folder / "place"
    call = f"forget_a_pool({busy!r}, {spot.method!r}, {str(place)!r})"
    if spot.is_sweep:
        (place / "sweep").touch()
        call = f"forget_a_sweep({spot.label!r}, {str(place)!r})"
    with program(call) as process:
        wait_until(lambda: (place / "forgotten").exists() or process.poll() is not None, spot.patience)
        ended_s = time_until(lambda: process.poll() is not None)
        return {"ended after": ended_s, "code": process.poll(), "forgot": (place / "forgotten").exists()}


# parlab.pool


@contextmanager
def opened(spot: Spot, workers: int = WORKERS, **options: Any) -> Iterator[Any]:
    """Open a pool by the spot's start method."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # fork with threads has its own case
        with parlab.pool(workers, start_method=spot.method, **options) as pool:
            yield pool


def pool(
    spot: Spot, folder: Path, fault: str = "nothing", where: str = "worker", items: Seen | None = None, **wanted: Any
) -> Seen:
    """Map a task that strikes at one item: with the exceptions in their places, and then without."""
    place = str(folder / "place")
    task = fault_tasks.strike_with(fault, where, place)

    def mapped(*, kept: bool) -> Seen:
        with opened(spot) as one:
            made = make_items(place, **items) if items else range(TASKS)
            seen = attempt(lambda: one.map(task, made, return_exceptions=kept, **wanted))
        return {**seen, "findings": [finding.code for finding in one.findings]}

    started = time.monotonic()
    seen = attempt_outside(lambda: mapped(kept=True))
    seen["seconds"] = time.monotonic() - started
    return {**told_values(seen), "raised": attempt_outside(lambda: mapped(kept=False))["error"]}


def attempt_outside(act: Callable[[], Seen]) -> Seen:
    """Call what tells its own error; one that comes from opening or closing is told the same way."""
    seen = attempt(act)
    return {"value": None, **seen["value"]} if seen["error"] is None else seen


def told_values(seen: Seen) -> Seen:
    """Tell each value of a map, its exceptions as data."""
    values = seen.pop("value", None)
    return {**seen, "values": [told_value(one) for one in values] if isinstance(values, list) else repr(values)[:200]}


def told_value(value: Any) -> Any:
    if isinstance(value, BaseException):
        return describe(value)
    return value if isinstance(value, (int, str, list, tuple, type(None))) else repr(value)[:200]


def pool_with_initializer(spot: Spot, folder: Path, name: str) -> Seen:
    """No worker ever comes up."""
    log = folder / "starts"

    def act() -> Any:
        with opened(spot, initializer=getattr(fault_tasks, name), initargs=(str(log),)) as one:
            return one.map(fault_tasks.strike_with(), range(TASKS))

    started = time.monotonic()
    seen = attempt(act)
    return {**seen, "seconds": time.monotonic() - started, "starts": starts_in(log)}


def pool_of_a_module_that_breaks(spot: Spot, folder: Path) -> Seen:
    """The task's module can be imported here, and by no worker."""
    module = import_fragile_module(folder)
    started = time.monotonic()
    with opened(spot) as one:
        seen = attempt(lambda: one.map(module.work, range(TASKS)))
    return {**seen, "seconds": time.monotonic() - started, "starts": starts_in(folder / "starts")}


def pool_of_a_local_function(spot: Spot, folder: Path) -> Seen:
    """Functions that no other process can find: a local one, and in a notebook one of a cell."""
    functions = [lambda number: number]
    if spot.group == "notebook":
        shell = sys.modules["IPython"].get_ipython()
        shell.run_cell("def of_a_cell(number):\n    return number\n")
        functions.append(shell.user_ns["of_a_cell"])
    errors, more = [], []
    with opened(spot) as one:
        before = len(multiprocessing.active_children())
        for function in functions:
            errors.append(attempt(partial(one.map, function, range(TASKS)))["error"])
            more.append(len(multiprocessing.active_children()) - before)
    return {"errors": errors, "more children": more}


def interrupted_pool(spot: Spot, folder: Path, times: int = 1) -> Seen:
    """Ctrl-C while every worker is busy."""
    place = folder / "place"
    task = partial(fault_tasks.sign_and_sleep, place=str(place))
    ending = Interrupt(folder, lambda: len(list(place.glob("busy-*"))) >= WORKERS, times)

    def act() -> Any:
        with opened(spot) as one:
            return one.map(task, range(TASKS))

    seen = attempt(act, ending.over.set)
    return {**seen, **ending.told()}


def idle_workers_killed(spot: Spot, folder: Path, victims: int = 1) -> Seen:
    """Workers are killed between two maps."""
    with opened(spot) as one:
        first = one.map(fault_tasks.who_naps, range(TASKS))
        for process in sorted(set(first))[:victims]:
            os.kill(process, signal.SIGKILL)
        time.sleep(0.2)
        second = attempt(lambda: one.map(fault_tasks.strike_with(), range(TASKS)))
    return {**told_values(second), "victims": len(set(first)), "findings": [finding.code for finding in one.findings]}


def pool_under_fire(spot: Spot, folder: Path, fault: str, workers: int = WORKERS) -> Seen:
    """Workers kill each other in the middle of a map, once."""
    place = folder / "place"
    (place / "trial-0").touch()  # a pool has no check before its rounds
    task = fault_tasks.strike_with(fault, "once", str(place))
    with opened(spot, workers) as one:
        seen = attempt(lambda: one.map(task, range(2 * workers + 2)))
    return {**told_values(seen), "expected": list(range(2 * workers + 2))}


def leaking_pool(spot: Spot, folder: Path) -> Seen:
    """Tasks keep more and more memory, beyond what is allowed; and the cure that CPython has for it is asked for."""
    limit = 150 * fault_tasks.ONE_MIB
    with opened(spot, memory_limit_bytes=limit) as one:
        values = [one.map(fault_tasks.leak, range(4)) for _ in range(5)]
    refused = attempt(lambda: parlab.pool(WORKERS, max_tasks_per_child=3))
    return {
        "processes": len({process for batch in values for process in batch}),
        "findings": [finding.code for finding in one.findings],
        "refused": refused["error"],
    }


def printing_pool(spot: Spot, folder: Path) -> Seen:
    """Six tasks print, and the first is the last to do it."""
    with opened(spot, 3) as one:
        values = one.map(fault_tasks.tell, range(TASKS))
    sys.stdout.flush()
    return {"values": values, "error": None}


def nested_pool(spot: Spot, folder: Path) -> Seen:
    """A task opens a pool whose tasks open a pool."""
    with opened(spot) as one:
        seen = attempt(lambda: one.map(fault_tasks.nest, range(2)))
    return {**seen, "findings": [finding.code for finding in one.findings]}


def forking_with_threads(spot: Spot, folder: Path) -> Seen:
    """Two pools by fork while another thread lives, and one by the usual method."""
    stop = threading.Event()
    thread = threading.Thread(target=stop.wait, daemon=True)
    thread.start()
    try:
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("default")
            told = [_warned(caught, method) for method in (None, "fork", "fork")]
    finally:
        stop.set()
        thread.join()
    return {"usual": told[0], "first": told[1], "second": told[2]}


def _warned(caught: list[Any], method: str | None) -> Seen:
    seen_before = len(caught)
    with parlab.pool(WORKERS, start_method=method) as one:
        values = one.map(fault_tasks.strike_with(), range(TASKS))
    warned = [str(one.message) for one in caught[seen_before:] if issubclass(one.category, RuntimeWarning)]
    return {"values": values, "warned": warned, "findings": [finding.code for finding in one.findings]}


def callbacks(spot: Spot, folder: Path, how: str) -> Seen:
    """What is called when a task is done does harm itself."""
    made: list[Any] = []
    with opened(spot) as one:
        acts = {
            "raises": lambda _future: fault_tasks.fail(),
            "exits": lambda _future: sys.exit(3),
            "submits": lambda _future: made.append(one.submit(fault_tasks.strike, 5)),
        }
        first = one.submit(fault_tasks.strike, 1)
        first.add_done_callback(acts[how])
        values = [first.result(MOST_S)]
        second = attempt(lambda: one.map(fault_tasks.strike_with(), range(TASKS)))
        values += [future.result(MOST_S) for future in made]
    return {"values": values, "map": second.get("value"), "error": second["error"]}


def crash_while_closing(spot: Spot, folder: Path) -> Seen:
    """The block is left while a task runs that will crash its worker."""
    with opened(spot) as one:
        futures = [one.submit(fault_tasks.strike, number, "kill", "worker") for number in range(TASKS)]
    return {"values": [told_value(_outcome(future)) for future in futures], "error": None}


def _outcome(future: Any) -> Any:
    """Return what became of a future. One that nobody will ever finish is what this looks for."""
    seen = attempt(lambda: future.result(MOST_S / 2))
    return seen["value"] if seen["error"] is None else future.exception(0) if future.done() else "never finished"


def refused_submissions(spot: Spot, folder: Path) -> Seen:
    """A hundred tasks that cannot be sent, a hundred that can, and one more of the first kind just before the end."""
    lock = threading.Lock()
    with opened(spot) as one:
        refused = [attempt(lambda: one.submit(fault_tasks.strike, lock).result(MOST_S))["error"] for _ in range(100)]
        good = [one.submit(fault_tasks.number_of, number) for number in range(100)]
        values = [future.result(MOST_S) for future in good]
        last = attempt(lambda: one.submit(fault_tasks.strike, lock))
    return {"values": values, "refused": len([error for error in refused if error]), "last": last["error"]}


def flood_of_submissions(spot: Spot, folder: Path) -> Seen:
    """More submissions than any pipe of the engine holds, before the first answer is asked for."""
    with opened(spot) as one:
        futures = [one.submit(fault_tasks.number_of, number) for number in range(5_000)]
        total = sum(future.result(MOST_S) for future in futures)
    return {"total": total, "error": None}


def no_items(spot: Spot, folder: Path) -> Seen:
    with opened(spot) as one:
        return attempt(lambda: one.map(fault_tasks.strike_with(), []))


def one_core(spot: Spot, folder: Path) -> Seen:
    """Run where the system gives one core only."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {min(before)})
    try:
        if spot.is_sweep:
            return run_sweep(spot, folder / "out.jsonl", workers=None)
        with opened(spot, None) as one:
            return attempt(lambda: one.map(fault_tasks.strike_with(), range(TASKS)))
    finally:
        os.sched_setaffinity(0, before)


def too_many_workers_on_windows(spot: Spot, folder: Path) -> Seen:
    """More workers than Windows can wait for are refused there: the name of the system is all that is changed."""
    module = __import__("parlab.measure.request", fromlist=["sys"])
    module.sys = SimpleNamespace(platform="win32", path=sys.path, maxsize=sys.maxsize)
    try:
        return run_sweep(spot, folder / "out.jsonl", workers=[62])
    finally:
        module.sys = sys


def stepping_clock(spot: Spot, folder: Path) -> Seen:
    """The clock of the wall jumps by an hour at every look, here and in every process below."""
    (folder / "clock").mkdir()
    (folder / "clock" / "sitecustomize.py").write_text(STEPPING)
    before, true_time = os.environ.get("PYTHONPATH"), time.time
    os.environ["PYTHONPATH"] = os.pathsep.join([str(folder / "clock"), before or ""])
    steps = count()
    time.time = lambda: true_time() + 3_600.0 * (1 if next(steps) % 2 else -1)
    try:
        return sweep(spot, folder, deadline_s=60) if spot.is_sweep else map_once(spot)
    finally:
        time.time = true_time
        os.environ.pop("PYTHONPATH") if before is None else os.environ.update(PYTHONPATH=before)


STEPPING = """
import itertools, time
true_time, steps = time.time, itertools.count()
time.time = lambda: true_time() + 3_600.0 * (1 if next(steps) % 2 else -1)
"""


def memory_limit_of_this_machine() -> str:
    """Return what parlab would show; a claim looks for a number with a unit only."""
    return re.sub(r"\s", " ", json.dumps(parlab.detect().summary))
