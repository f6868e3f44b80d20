"""The accidents of the notebook about futures, and what a pool and an executor make of them."""

import os
import secrets
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import psutil
import pytest

from parlab import groups
from parlab.errors import InputError, TrialError
from parlab.machine import detect
from parlab.workloads import accidents, aftermath, lessons
from parlab.workloads.aftermath import NO_ANSWER

END_S = 60.0
MARK = "PARLAB_TEST_OF_AFTERMATH"
METHODS = [method for method in aftermath.METHODS if method in detect().start_methods]
TASKS = [task for task, initializer in accidents.CASES.values() if initializer is None]


@pytest.fixture
def token(monkeypatch: pytest.MonkeyPatch) -> str:
    """A mark that all processes of a test carry in their environment."""
    found = secrets.token_hex(8)
    monkeypatch.setenv(MARK, found)
    return found


def marked(token: str) -> list[int]:
    """The processes with this mark that live, without this one."""
    found = []
    for process in psutil.process_iter():
        with suppress(psutil.Error):
            alive = process.status() != psutil.STATUS_ZOMBIE and process.pid != os.getpid()
            if alive and process.environ().get(MARK) == token:
                found.append(process.pid)
    return found


def none_left(token: str) -> bool:
    deadline = time.monotonic() + END_S
    while marked(token) and time.monotonic() < deadline:
        time.sleep(0.02)
    return not marked(token)


@pytest.mark.parametrize("task", TASKS, ids=lambda task: task.__name__)
def test_other_numbers_are_squared(task) -> None:
    """Only number 3 goes wrong."""
    assert [4, 16] == [task(number) for number in (2, 4)]


def test_each_accident_is_what_it_is_called() -> None:
    """An error, an exit, a function without a name, an error of its own, a missing file."""
    with pytest.raises(ValueError, match="not welcome"):
        accidents.raise_at_three(3)
    with pytest.raises(SystemExit):
        accidents.leave_at_three(3)
    assert callable(accidents.function_at_three(3))
    with pytest.raises(accidents.OddError):
        accidents.odd_error_at_three(3)
    with pytest.raises(FileNotFoundError):
        accidents.fail_to_start()


def test_a_worker_ends_at_three() -> None:
    """3 ends the process without a word, with exit code 1."""
    told = lessons.run_script("from parlab.workloads.accidents import end_at_three\nend_at_three(3)\nprint('alive')")
    assert (1, "") == (told.returncode, told.stdout)


@pytest.fixture
def place(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder for temporary files, with a short name: sockets lie in it."""
    with tempfile.TemporaryDirectory(prefix="af-") as folder:
        monkeypatch.setenv("TMPDIR", folder)
        monkeypatch.setattr(tempfile, "tempdir", None)
        yield Path(folder)
    tempfile.tempdir = None


@pytest.mark.parametrize("method", METHODS)
def test_the_pool_and_the_executor_side_by_side(method: str, token: str, place: Path) -> None:
    """As the notebook says: the executor always answers, the pool to two of the six; and nothing lives on, or stays."""
    outcomes = {one.fault: one for one in aftermath.side_by_side(method)}
    assert list(accidents.CASES) == list(outcomes)
    raised, left, dies, function, odd, initializer = outcomes.values()
    assert ("ValueError", 5) == (raised.pool, raised.pool_kept) == (raised.executor, raised.executor_kept)
    assert [NO_ANSWER] * 4 == [one.pool for one in (left, dies, odd, initializer)]
    assert "MaybeEncodingError" == function.pool
    assert [5, 5, 5] == [one.pool_kept for one in (left, dies, function)]
    assert ["SystemExit", "BrokenProcessPool"] == [left.executor, dies.executor]
    assert ["BrokenProcessPool"] * 2 == [odd.executor, initializer.executor]
    assert function.executor not in (NO_ANSWER, "a result")  # its type differs between versions of Python
    assert [5, 5] == [left.executor_kept, function.executor_kept]
    assert [0, 0] == [initializer.pool_kept, initializer.executor_kept]
    assert none_left(token)
    assert [] == list(place.iterdir())


def test_it_leaves_nothing_when_it_is_stopped(monkeypatch: pytest.MonkeyPatch, token: str, place: Path) -> None:
    """Whoever waits is torn away in the middle: no process of it lives, and the sockets of its forkserver are gone."""
    real = subprocess.Popen.communicate

    def until_a_socket_lies_there(process: subprocess.Popen, **_: object) -> tuple[bytes, bytes]:
        deadline = time.monotonic() + END_S
        while not any(one.is_socket() for one in place.rglob("*")) and process.poll() is None:
            assert time.monotonic() < deadline
            time.sleep(0.02)
        if process.poll() is not None:
            return real(process)
        raise KeyboardInterrupt

    monkeypatch.setattr(subprocess.Popen, "communicate", until_a_socket_lies_there)
    with pytest.raises(KeyboardInterrupt):
        aftermath.side_by_side(METHODS[0])
    assert none_left(token)
    assert [] == list(place.iterdir())


def test_what_is_not_known_is_refused() -> None:
    """A start method and an accident of another name are refused with those that there are."""
    with pytest.raises(InputError, match="'fork'.*spawn"):
        aftermath.side_by_side("fork")
    with pytest.raises(InputError, match="'thunder'.*the worker dies"):
        aftermath.side_by_side("spawn", ["thunder"])


def test_its_own_failure_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """A comparison that fails itself says so, with what its process had to say."""
    monkeypatch.setattr(aftermath, "_SELF", "parlab.workloads.no_such_module")
    with pytest.raises(TrialError, match="no_such_module"):
        aftermath.side_by_side(METHODS[0])


@pytest.mark.skipif(sys.platform == "win32", reason="a kernel there cannot be killed so")
def test_it_ends_with_the_notebook(token: str) -> None:
    """Whoever has started the comparison is killed: its process sees that, and ends with all its workers."""
    code = (
        "from parlab.workloads import aftermath\n"
        "if __name__ == '__main__':\n"
        f"    aftermath.side_by_side({METHODS[0]!r}, ['the worker dies'])\n"
    )
    kernel = subprocess.Popen([sys.executable, "-c", code], **groups.own_group())
    deadline = time.monotonic() + END_S
    while len(marked(token)) < 3 and kernel.poll() is None:  # the kernel, the process, and somebody whom it has started
        assert time.monotonic() < deadline
        time.sleep(0.02)
    os.kill(kernel.pid, signal.SIGKILL)
    kernel.wait(END_S)
    assert none_left(token)
