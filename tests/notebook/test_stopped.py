"""The stop button: one line that says where, or what is gone, and how many processes live on."""

import importlib
import re
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from queue import Empty

import psutil
import pytest
from kernels import BOUND_S, Kernel, outcome
from living import lives
from pressing import pressed

import parlab
from parlab import learn, segments
from parlab.errors import InterruptedSweepError, InterruptedTasksError
from parlab.learn.bugs.listing import bugs
from parlab.notebook import buglab, deadline
from parlab.notebook.cluster import Cluster
from parlab.workloads import lessons

LOAD = "%load_ext parlab\nimport multiprocessing, signal, time"
WITH_A_FOLDER = """
import os, time
from pathlib import Path
from parlab.temporary import private_folder

def wait_with_a_folder(item=0):
    with private_folder() as folder:
        Path(os.environ["PARLAB_TEST_BEGUN"]).write_text(str(folder))
        time.sleep(600)
"""
posix = pytest.mark.skipif(sys.platform == "win32", reason="os.kill cannot interrupt there")
MOMENT_S = 0.5
SPAWNED = "multiprocessing.get_context('spawn').Process(target=time.sleep, args=(600,))"


def stopped(kernel: Kernel, code: str, sign: str = "now") -> tuple[dict, str]:
    """Run a cell, press the stop button when it has printed a sign, and return its reply and what it showed."""
    manager, client = kernel
    cell = client.execute(code)
    until = time.monotonic() + BOUND_S
    while time.monotonic() < until:
        try:
            message = client.get_iopub_msg(timeout=1)
        except Empty:
            continue
        if sign in message["content"].get("text", ""):
            break
    manager.interrupt_kernel()
    return outcome(client, cell)


def run(kernel: Kernel, code: str) -> tuple[dict, str]:
    return outcome(kernel[1], kernel[1].execute(code))


def test_a_join_is_stopped_in_one_line(kernel: Kernel, tmp_path: Path) -> None:
    """No frames of multiprocessing: the line of the cell; the child has heard it as well. Then all is as before."""
    run(kernel, f"{LOAD}\nimport os, parlab.notebook.stopped\nparlab.notebook.stopped._GRACE_S = 60  # a busy machine")
    place = str(tmp_path / "begun")  # while it starts, a child may swallow the interrupt
    rest = f"import pathlib, time; pathlib.Path({place!r}).touch(); time.sleep(600)"
    cell = f"""
child = multiprocessing.get_context("spawn").Process(target=exec, args=({rest!r},)); child.start()
while not os.path.exists({place!r}): time.sleep(0.01)
print("now", flush=True)
child.join()
"""
    reply, _ = stopped(kernel, cell.strip())
    assert ("error", "KeyboardInterrupt") == (reply["status"], reply["ename"])
    (shown,) = reply["traceback"]
    assert re.fullmatch(r"KeyboardInterrupt: stopped in line [34] of the cell: (print|child\.join)\(.*\)", shown)
    assert "False 6\n" == run(kernel, "print(child.is_alive(), 2 * 3)")[1]


def test_who_lives_on_is_told(kernel: Kernel) -> None:
    """A process that does not hear the stop button is counted, and the way to end it is named."""
    run(kernel, f"{LOAD}\nfrom concurrent.futures import ProcessPoolExecutor")
    reply, _ = stopped(
        kernel,
        "before = signal.signal(signal.SIGINT, signal.SIG_IGN)\n"
        f"child = {SPAWNED}\nchild.start()\nsignal.signal(signal.SIGINT, before)\n"
        "print('now', flush=True)\nchild.join()",
    )
    first, second = reply["traceback"]
    assert re.match(r"KeyboardInterrupt: stopped in line [56] of the cell: ", first)  # it may come before the join
    assert second.startswith("Still running: 1 process of this notebook. Kernel → Restart Kernel…")
    assert "True\n" == run(kernel, "print(child.is_alive()); child.kill(); child.join()")[1]


def test_other_errors_are_shown_as_always(kernel: Kernel) -> None:
    """An interrupt that somebody raises with a text, one with a form of its own, any other error; and `unload_ext`."""
    run(kernel, LOAD)
    for code, shown in (
        ("raise KeyboardInterrupt('enough')", "KeyboardInterrupt: enough"),
        ("1 / 0", "ZeroDivisionError"),
    ):
        reply, _ = run(kernel, code)
        assert "Traceback" in "".join(reply["traceback"])
        assert shown.partition(":")[0] == reply["ename"]
    reply, _ = run(kernel, "from parlab.errors import InterruptedTasksError as E\nraise E('Stopped: both are gone.')")
    assert [f"{InterruptedTasksError.__name__}: Stopped: both are gone."] == reply["traceback"]
    run(kernel, "%unload_ext parlab")
    reply, _ = stopped(kernel, "print('now', flush=True)\ntime.sleep(60)")
    assert "Traceback" in "".join(reply["traceback"])


@pytest.mark.parametrize("handler", ["get_ipython().set_custom_exc((ValueError,), lambda *_, **__: print('mine'))"])
def test_a_handler_of_the_users_own_stays(kernel: Kernel, handler: str) -> None:
    """Who has one is not overruled."""
    run(kernel, handler)
    run(kernel, LOAD)
    assert "mine\n" == run(kernel, "raise ValueError")[1]


def test_a_function_of_an_earlier_cell_is_named_by_its_call(kernel: Kernel) -> None:
    """The line is one of the cell that was stopped, never of another."""
    run(kernel, f"{LOAD}\n\n\ndef rest():\n    print('now', flush=True)\n    time.sleep(60)")
    reply, _ = stopped(kernel, "1\nrest()")
    assert ["KeyboardInterrupt: stopped in line 2 of the cell: rest()"] == reply["traceback"]


def children() -> list[psutil.Process]:
    """List who runs below this process; a zombie does not."""
    return list(filter(lives, psutil.Process().children(recursive=True)))


def under_way(before: set[int]) -> Callable[[], bool]:
    """Tell whether a new process has run its own program for a moment: whoever starts it has come back from that."""
    mine, seen = psutil.Process().cmdline(), []

    def tell() -> bool:
        with suppress(psutil.Error):
            if any(one.pid not in before and one.cmdline() not in ([], mine) for one in children()):
                seen.append(time.monotonic())
        return bool(seen) and time.monotonic() - seen[0] > MOMENT_S

    return tell


ANSWER = """
import multiprocessing, time
from pathlib import Path

def wait_in_order(task, items):
    lock = multiprocessing.Lock()
    Path({place!r}).write_text(lock._semlock.name or "")
    time.sleep(600)
"""


@posix
def test_a_stopped_check_says_one_line_and_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody who worked for it lives; a semaphore of the answer carries our mark, so that the next start removes it."""
    place, before = tmp_path / "semaphore", {one.pid for one in children()}
    (tmp_path / "stopped_answer.py").write_text(ANSWER.format(place=str(place)))
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.chdir(tmp_path)
    answer = importlib.import_module("stopped_answer")
    with pytest.raises(InterruptedTasksError) as stopped, pressed(lambda: place.exists() and place.read_text()):
        learn.check("02-wait-together", answer.wait_in_order, deadline_s=300)
    said = "InterruptedTasksError: Stopped: the check came to no end, and all that it had started is gone."
    assert [said] == stopped.value._render_traceback_()
    assert [] == [one for one in children() if one.pid not in before]
    name = place.read_text().removeprefix("/")
    assert segments._NAME.fullmatch(f"sem.{name}") or sys.platform != "linux"
    assert not (segments.FOLDER / f"sem.{name}").exists()


@pytest.fixture
def begun(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the file that says that a folder was made, in a temporary folder where nobody else makes any."""
    places = tmp_path / "begun", tmp_path / "modules", tmp_path / "temporary"
    for place in places[1:]:
        place.mkdir()
    (places[1] / "folder_tasks.py").write_text(WITH_A_FOLDER)
    monkeypatch.setenv("PARLAB_TEST_BEGUN", str(places[0]))
    monkeypatch.setenv("TMPDIR", str(places[2]))
    monkeypatch.setattr(tempfile, "tempdir", None)
    monkeypatch.syspath_prepend(places[1])
    monkeypatch.chdir(tmp_path)
    return places[0]


CALLED = f"{WITH_A_FOLDER}\nwait_with_a_folder()"


def wait_in_a_worker() -> None:
    import folder_tasks

    with parlab.pool(1, start_method="spawn") as pool:  # a forkserver may have been started with other variables
        pool.map(folder_tasks.wait_with_a_folder, [1])


STARTED = {
    "a trial": lambda: parlab.speedup("folder_tasks:wait_with_a_folder", [1], workers=[1], backends=["threads"]),
    "a cell's program": lambda: deadline.watch("300", CALLED),
    "a script": lambda: lessons.run_script(CALLED, 300),
    "a pool's worker": wait_in_a_worker,
}


@posix
@pytest.mark.parametrize("what", STARTED)
def test_what_is_ended_in_the_middle_leaves_no_folder(what: str, begun: Path) -> None:
    """Whoever is ended cannot remove a private folder of its own, as of a sweep or of Dask: it goes all the same."""
    noted = lambda: begun.exists() and begun.read_text()
    with pytest.raises((KeyboardInterrupt, InterruptedSweepError)), pressed(noted):
        STARTED[what]()
    folder = Path(begun.read_text())
    assert begun.with_name("temporary") == folder.parent
    assert [] == list(folder.parent.glob("parlab-*"))


def test_lokys_semaphores_go_with_a_stopped_cell(kernel: Kernel) -> None:
    """A kernel keeps a thread that has printed for a while, and loky's held the executor: it has nothing to print."""
    run(kernel, f"{LOAD}\nimport gc, sys\nfrom loky.backend.synchronize import SemLock\nfrom parlab import backends")
    cell = "with backends.get('loky').open(2) as executor:\n    calls = executor.map(time.sleep, [60] * 9)\n    "
    run(kernel, "executor = calls = None")
    reply, shown = stopped(kernel, f"{cell}time.sleep(1); print('now', flush=True)\n    list(calls)")
    assert ("error", "KeyboardInterrupt") == (reply["status"], reply["ename"])
    assert "executor manager thread" not in shown
    run(kernel, "executor = calls = sys.last_value = sys.last_traceback = sys.last_exc = None")
    held = "gc.collect(); print(sum(issubclass(type(one), SemLock) for one in gc.get_objects()))"
    assert "0\n" == run(kernel, held)[1]


@posix
def test_a_cluster_that_is_stopped_while_it_starts_says_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    """It has not started, and nothing of it is left."""
    before = {one.pid for one in children()}
    with pytest.raises(InterruptedTasksError) as stopped, pressed(under_way(before)):
        Cluster(workers=1)
    said = "InterruptedTasksError: Stopped: the cluster had not started yet, and nothing of it is left."
    assert [said] == stopped.value._render_traceback_()
    assert [] == [one for one in children() if one.pid not in before]


@posix
def test_a_script_of_a_bug_that_is_stopped_says_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is ended with all that it has started."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(buglab, "find_bug", lambda name: replace(bugs()[name], deadline_s=300.0))  # not over before us
    before = {one.pid for one in children()}
    with pytest.raises(InterruptedTasksError) as stopped, pressed(under_way(before)):
        parlab.bug("the-last-line-hangs", again=True)
    said = "InterruptedTasksError: Stopped: everything that the program had started is gone."
    assert [said] == stopped.value._render_traceback_()
    assert [] == [one for one in children() if one.pid not in before]
