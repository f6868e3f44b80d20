"""What the soak does, one act at a time, all of it by chance from a seed; what an act gives back is checked here.

An act raises ``AssertionError`` when the result is not what was asked for. What it leaves behind is looked at by
``soak.py`` afterwards. A fault may end in an answer or in an error of parlab's own, never in anything else.
"""

import contextlib
import io
import os
import random
import signal
import subprocess
import sys
import tempfile
import threading
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import fault_tasks
import load_tasks
import psutil
from watching import can_mount

import parlab
from parlab import backends
from parlab.errors import InputError, ParlabError
from parlab.notebook import deadline

Act = Callable[[random.Random, Path], str]

QUICK = ("threads", "pool", "pool:spawn", "processes", "processes:spawn", "processes:fork", "loky", "joblib")
SLOW = ("dask", "mpi")  # they take seconds to start: chosen seldom
NAMING = ("processes", "processes:spawn", "processes:fork", "loky")
METHODS = ("forkserver", "spawn", "fork")
KINDS = ("speedup", "efficiency", "time", "timeline", "break-even", "startup", "memory")
WORKLOADS = {"primes": 8, "skewed": 8, "hello": 8, "payload": 4, "matmul": 4}
BUGS = ("one-is-missing", "slower-with-more")
MOST_S = 60.0
CELLS = (
    "print(1)",
    "while True: pass",
    "import parlab\nwith parlab.pool(2) as workers:\n    workers.map(abs, [1] * 9)",
)


def here(names: tuple[str, ...]) -> list[str]:
    """Leave out the engines that this machine has not."""
    return [name for name in names if backends.get(name).availability() is None]


def some_engine(rng: random.Random) -> str:
    return rng.choice(here(SLOW) or here(QUICK)) if rng.random() < 0.1 else rng.choice(here(QUICK))


# Sweeps


def sweep(rng: random.Random, folder: Path) -> str:
    """A sweep of a function or of a workload, with options by chance; then its result is used by chance."""
    engines = sorted({some_engine(rng) for _ in range(rng.choice((1, 1, 2)))})
    workers = sorted({rng.randint(1, 3) for _ in range(rng.choice((1, 2)))})
    options: dict[str, Any] = {"trace": rng.random() < 0.8, "rounds": rng.randint(1, 2), "seed": rng.randint(0, 9)}
    options |= {"chunksize": rng.choice((1, 1, 3)), "memory": rng.random() < 0.1}
    if rng.random() < 0.7:
        what, items = load_tasks.square, range(rng.randint(2, 40))
    else:
        what, items = rng.choice(tuple(WORKLOADS)), None
        options["size"] = WORKLOADS[what]
    view = parlab.speedup(what, items, backends=engines, workers=workers, progress=False, **options)
    outcomes = list(view.results.trials["outcome"])
    assert set(outcomes) == {"ok"}, outcomes
    parallel = view.results.trials.query("role == 'parallel'")
    assert len(parallel) == len(engines) * len(workers) * options["rounds"], parallel
    if options["trace"] and items is not None:
        assert len(view.results.spans) == len(items) * (len(parallel) + 2 * options["rounds"])
    return f"{','.join(engines)} {use(view, rng, folder)}"


def use(view: Any, rng: random.Random, folder: Path) -> str:
    """Do with a result what a notebook does with it."""
    what = rng.choice(("nothing", "show", "plot", "explain", "report", "export"))
    if what == "show":
        assert "<table" in view._repr_html_()
    elif what == "plot":
        with suppress(InputError):  # there is nothing of this kind in it
            view.plot(rng.choice(KINDS)).savefig(folder / "chart.png")
    elif what == "explain":
        with suppress(InputError):  # without spans there is nothing to explain
            assert repr(view.explain())
    elif what == "report":
        view.report(folder / "report.html")
        assert (folder / "report.html").stat().st_size > 10_000
    elif what == "export":
        view.export(folder / "out.csv")
    return what


def faulty_sweep(rng: random.Random, folder: Path) -> str:
    """A task raises, dies, crashes, is endless, or gives what cannot travel, and the sweep stops or skips."""
    fault = rng.choice(("kill", "segfault", "exit at once", "sys.exit", "locked error", "lock result", "sleep"))
    engine = rng.choice(here(NAMING))
    place = folder / "place"
    place.mkdir()
    options: dict[str, Any] = {"on_error": rng.choice(("stop", "skip")), "verify": False}
    options |= {"kwargs": {"fault": fault, "where": rng.choice(("worker", "rounds")), "place": str(place)}}
    if fault == "sleep":
        options["deadline_s"] = 5.0
    try:
        view = parlab.speedup(
            fault_tasks.strike, range(8), backends=[engine], workers=[2], rounds=1, progress=False, **options
        )
    except ParlabError as problem:
        assert options["on_error"] == "stop" or fault == "sleep", problem  # noqa: PT017  # it may be raised, and need not
        return f"{engine} {fault} {type(problem).__name__}"
    trial = next(one for one in view.results.records if one.role == "parallel")
    assert trial.outcome in ("ok", "lost", "timed out"), trial.outcome
    assert trial.outcome == "timed out" or len(trial.failures) == 1, trial.failures
    return f"{engine} {fault} {trial.outcome}"


def interrupted_sweep(rng: random.Random, folder: Path) -> str:
    """Ctrl-C at any moment, once or twice."""
    seen = "finished"
    with interrupting(rng, 0.05, 3.0):
        try:
            parlab.speedup(
                load_tasks.square, range(20), backends=[rng.choice(here(QUICK))], workers=[2], rounds=9, progress=False
            )
        except ParlabError as problem:
            seen = type(problem).__name__
        except KeyboardInterrupt:  # before or after the sweep itself
            seen = "KeyboardInterrupt"
    return seen


@contextmanager
def interrupting(rng: random.Random, soonest_s: float, latest_s: float) -> Iterator[None]:
    """Send this process what Ctrl-C sends, from beside; none arrives after the block."""
    timer = threading.Timer(rng.uniform(soonest_s, latest_s), os.kill, (os.getpid(), signal.SIGINT))
    try:
        timer.start()
        try:
            yield
        finally:
            timer.cancel()
            timer.join()
            time.sleep(0.01)  # the signal's handler runs between two lines of ours: here
    except KeyboardInterrupt:
        return


def killed_from_outside(rng: random.Random, folder: Path) -> str:
    """The trial, its supervisor or any process of the sweep is killed at any moment."""
    victim = rng.choice(("trial_entry", "parlab.measure.supervisor", ""))
    over = threading.Event()
    killer = threading.Thread(target=kill_one, args=(victim, rng.uniform(0, 2), over, rng.random()))
    killer.start()
    seen = "finished"
    try:
        parlab.speedup(
            load_tasks.square, range(20), backends=[rng.choice(here(QUICK))], workers=[2], rounds=4, progress=False
        )
    except ParlabError as problem:
        seen = type(problem).__name__
    finally:
        over.set()
        killer.join()
    return f"{victim or 'any'} {seen}"


def kill_one(what: str, after_s: float, over: threading.Event, chance: float) -> None:
    """Kill one of the processes below this one whose command line holds a text."""
    over.wait(after_s)
    while not over.wait(0.01):
        found = []
        with suppress(psutil.Error):
            found = [one for one in psutil.Process().children(recursive=True) if _is_of_sweep(one, what)]
        if found:
            with suppress(psutil.Error):
                found[int(chance * len(found))].kill()
            return


def _is_of_sweep(process: psutil.Process, what: str) -> bool:
    """Leave out this process's own fork server and tracker: killing those is not what is tried here."""
    from looking import _helpers

    with suppress(psutil.Error):
        return process.pid not in _helpers() and what in " ".join(process.cmdline())
    return False


def full_folder(rng: random.Random, folder: Path) -> str:
    """The disk of the result file, or that of private files, is full or nearly so."""
    if not can_mount():
        return "not tried: only root can mount a disk"
    disk = folder / "disk"
    disk.mkdir()
    size = f"size={rng.choice((4, 16, 64))}k"
    subprocess.run(["mount", "-t", "tmpfs", "-o", size, "tmpfs", str(disk)], check=True)
    before = tempfile.gettempdir()
    try:
        if rng.random() < 0.5:
            tempfile.tempdir = str(disk)
        output = None if tempfile.gettempdir() == str(disk) else disk / "out.jsonl"
        items = [bytes(rng.choice((10, 100_000)))] * 2
        parlab.speedup(
            load_tasks.length, items, backends=["threads"], workers=[1], rounds=30, progress=False, output=output
        )
    except ParlabError as problem:
        return f"{size} {type(problem).__name__}"
    finally:
        tempfile.tempdir = before
        subprocess.run(["umount", "--lazy", str(disk)], check=True)
    return f"{size} finished"


def panel(rng: random.Random, folder: Path) -> str:
    """The panel of a notebook measures in a thread, and is cancelled now and then."""
    form = parlab.BenchmarkPanel(
        load_tasks.square, range(20), backends=[rng.choice(here(QUICK))], workers=[1, 2], rounds=2
    )
    try:
        form.start()
        cancelled = not form.wait(rng.choice((0.5, 2.0, MOST_S)))
        if cancelled:
            form.cancel()
        assert form.wait(MOST_S), form.state
        assert form.state in (("cancelled", "finished") if cancelled else ("finished",)), form.state
        assert form._repr_html_()
        return form.state
    finally:
        form.close()


# Pools and arrays


def pool(rng: random.Random, folder: Path) -> str:
    """``parlab.pool`` on good tasks and on bad ones."""
    method, count = rng.choice(METHODS), rng.randint(1, 60)
    fault = rng.choice(
        ("nothing", "nothing", "kill", "exit at once", "sys.exit", "picky error", "lock result", "sleep")
    )
    task = fault_tasks.strike_with(fault, "worker", str(folder)) if fault != "nothing" else load_tasks.square
    deadline_s = 3.0 if fault == "sleep" else None
    with quiet_pool(rng.randint(1, 3), method) as workers:
        try:
            found = workers.map(
                task, range(count), chunksize=rng.choice((1, 4)), return_exceptions=True, deadline_s=deadline_s
            )
        except ParlabError as problem:
            assert fault == "sleep", problem  # noqa: PT017  # as above
            return f"{method} {fault} {type(problem).__name__}"
    bad = [place for place, one in enumerate(found) if isinstance(one, BaseException)]
    assert bad == ([] if fault == "nothing" or count <= fault_tasks.TARGET else [fault_tasks.TARGET]), (fault, bad)
    expected = [number * number if fault == "nothing" else number for number in range(count)]
    assert all(found[place] == expected[place] for place in range(count) if place not in bad)
    return f"{method} {fault}"


@contextmanager
def quiet_pool(workers: int, method: str) -> Iterator[Any]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of fork in a process with threads
        with parlab.pool(workers, start_method=method) as opened:
            yield opened


def interrupted_pool(rng: random.Random, folder: Path) -> str:
    """Ctrl-C while a pool starts, works or ends."""
    seen = "finished"
    with interrupting(rng, 0.0, 2.0):
        try:
            with quiet_pool(2, rng.choice(METHODS)) as workers:
                workers.map(fault_tasks.strike, range(100))
        except ParlabError as problem:
            seen = type(problem).__name__
        except KeyboardInterrupt:
            seen = "KeyboardInterrupt"
    return seen


def shared_array(rng: random.Random, folder: Path) -> str:
    """Workers write into a shared array; one may die; the array may be forgotten instead of closed."""
    rows, forget, dies = 64, rng.random() < 0.3, rng.random() < 0.3
    array = parlab.SharedArray((rows, rng.choice((10, 10_000))))
    parts = [(array, first, first + 16) for first in range(0, rows, 16)]
    task = load_tasks.fill_rows_and_die if dies else load_tasks.fill_rows
    with quiet_pool(2, rng.choice(METHODS)) as workers:
        found = workers.map(task, parts, return_exceptions=True)
    bad = [place for place, one in enumerate(found) if isinstance(one, BaseException)]
    assert bad == ([0] if dies else []), found
    assert all(array[row, 0] == row for row in range(16 if dies else 0, rows))
    del parts
    if forget:
        del array
    else:
        array.close()
    return f"{'forgotten' if forget else 'closed'}{' with a death' if dies else ''}"


def killed_parent(rng: random.Random, folder: Path) -> str:
    """A program with a pool or a sweep is killed in the middle of its work; the next start tidies up."""
    place = folder / "place"
    place.mkdir()
    entrance = rng.choice(("sweep", "pool"))
    engine = "processes" if entrance == "sweep" else rng.choice(METHODS)
    if entrance == "sweep":
        (place / "sweep").touch()
    call = f"import fault_tasks; fault_tasks.work_for_ever({entrance!r}, {engine!r}, {str(place)!r})"
    path = os.pathsep.join(one for one in sys.path if one)
    process = subprocess.Popen(
        [sys.executable, "-c", call],
        env={**os.environ, "PYTHONPATH": path},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        until = time.monotonic() + rng.uniform(0.2, 6.0)
        while time.monotonic() < until and len(list(place.glob("busy-*"))) < 2:
            time.sleep(0.02)
    finally:
        process.kill()
        process.wait(MOST_S)
    return f"{entrance} {engine}"


# What else a notebook has


def deadline_cell(rng: random.Random, folder: Path) -> str:
    """A cell under ``%%deadline`` that ends, or does not."""
    cell, shown = rng.choice(CELLS), io.StringIO()
    with contextlib.redirect_stdout(shown):
        deadline.watch(rng.choice(("0.5", "2")), cell)
    assert "Deadline" in shown.getvalue() or cell != "while True: pass", shown.getvalue()
    return cell.splitlines()[0]


def bug(rng: random.Random, folder: Path) -> str:
    """A program of the bug lab."""
    from parlab.learn.bugs.listing import bugs

    quick = sorted(name for name, one in bugs().items() if one.deadline_s <= 5)
    name = rng.choice(quick)
    assert repr(parlab.bug(name, again=True))
    return name


def monitor(rng: random.Random, folder: Path) -> str:
    """The monitor of the cores watches while something runs."""
    with parlab.CpuMonitor() as watching:
        time.sleep(0.5)
    assert len(watching.frame)
    watching.plot()
    return "plotted"


ACTS: dict[str, tuple[Act, int]] = {  # with how often it comes
    "sweep": (sweep, 10),
    "faulty sweep": (faulty_sweep, 4),
    "interrupted sweep": (interrupted_sweep, 3),
    "sweep killed from outside": (killed_from_outside, 3),
    "full folder": (full_folder, 2),
    "panel": (panel, 2),
    "pool": (pool, 6),
    "interrupted pool": (interrupted_pool, 3),
    "shared array": (shared_array, 3),
    "killed parent": (killed_parent, 2),
    "cell with a deadline": (deadline_cell, 2),
    "bug lab": (bug, 1),
    "monitor": (monitor, 1),
}
_ALWAYS = ("faulty sweep", "interrupted sweep", "sweep killed from outside", "full folder", "interrupted pool")


def had_fault(act: str, what: str) -> bool:
    """Tell from what an act says of itself whether something went wrong in it on purpose."""
    by_chance = {"pool": not what.endswith(" nothing"), "shared array": "death" in what}
    cell = act == "cell with a deadline" and what == "while True: pass"
    return act in (*_ALWAYS, "killed parent", "bug lab") or cell or by_chance.get(act, False)
