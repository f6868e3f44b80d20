"""Programs and workers of the lessons end when whoever has started them was killed."""

import multiprocessing
import subprocess
import sys
import time
from pathlib import Path

import pytest

from parlab import groups
from parlab.workloads import guarding

BOUND_S = 60.0
NOTE = "from pathlib import Path; import os; Path(PLACE, str(os.getpid())).touch()"

SCRIPT = """
from parlab.workloads import lessons
PROGRAM = '''
import subprocess, sys, time
NOTE
subprocess.run([sys.executable, "-c", "import time; NOTE; time.sleep(3600)"])
'''
lessons.run_script(PROGRAM, 3600)
"""

EXECUTOR = """
import multiprocessing, time
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from parlab.workloads import guarding

if __name__ == "__main__":
    context = multiprocessing.get_context("METHOD")
    executor = ProcessPoolExecutor(1, mp_context=context, initializer=guarding.end_with_parent)
    executor.submit(sum, [1]).result(60)
    for number in executor._processes:
        Path(PLACE, str(number)).touch()
    time.sleep(3600)
"""


def kill_when_there(program: str, count: int, folder: Path) -> list[int]:
    """Run a program until it has noted so many processes, kill it, and return those that did not end."""
    script = folder / "program.py"
    noted = folder / "noted"
    noted.mkdir()
    script.write_text(program.replace("NOTE", NOTE).replace("PLACE", repr(str(noted))), encoding="utf-8")
    process = subprocess.Popen([sys.executable, str(script)])
    try:
        assert wait_until(lambda: len(list(noted.iterdir())) == count)
    finally:
        process.kill()
        process.wait(BOUND_S)
    numbers = [int(path.name) for path in noted.iterdir()]
    wait_until(lambda: not any(map(groups.is_alive, numbers)))
    return [number for number in numbers if groups.is_alive(number)]


def wait_until(true) -> bool:
    late_s = time.monotonic() + BOUND_S
    while not true() and time.monotonic() < late_s:
        time.sleep(0.02)
    return true()


def test_a_program_ends_with_who_watches_it(tmp_path: Path) -> None:
    """The watcher is killed, and can end nobody: the program and what that has started are gone all the same."""
    assert [] == kill_when_there(SCRIPT, 2, tmp_path)


@pytest.mark.parametrize("method", multiprocessing.get_all_start_methods())
def test_a_worker_ends_with_its_parent(method: str, tmp_path: Path) -> None:
    """Under every start method, though the worker waits for a task that nobody will send."""
    assert [] == kill_when_there(EXECUTOR.replace("METHOD", method), 1, tmp_path)


def test_nobody_is_waited_for_without_a_parent() -> None:
    """In the first process of all there is nothing to end with."""
    guarding.end_with_parent()
    assert multiprocessing.parent_process() is None


@pytest.mark.parametrize(("code", "expected"), [("pass", 0), ("import sys; sys.exit(3)", 3), ("1 / 0", 1)])
def test_the_exit_code_is_the_program_s(code: str, expected: int) -> None:
    """Whoever asks the guard learns how the program has ended."""
    assert expected == guard(code)


@pytest.mark.skipif(sys.platform == "win32", reason="signals end nobody there")
def test_an_end_by_a_signal_is_told() -> None:
    """128 and the signal's number, as shells have it."""
    assert 128 + 9 == guard("import os; os.kill(os.getpid(), 9)")


def guard(code: str) -> int:
    line = [sys.executable, "-P", "-m", "parlab.workloads.guarding", "-c", code]
    with subprocess.Popen(line, stdin=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
        return process.wait(BOUND_S)
