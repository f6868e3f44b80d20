"""What a trial and its workers hold: seen from outside, in runs that are not timed."""

import os
import socket
import subprocess
import sys
import threading
from pathlib import Path

import psutil
import pytest

from parlab.backends.worker import digest_of
from parlab.measure.footprint import Footprint, Holding
from parlab.records import Configuration, Memory, Worker

POOL = Configuration("parallel", "pool", 2)
MIB = 1 << 20
HOLDS_64_MIB = "import sys; held = bytearray(64 << 20); print(flush=True); sys.stdin.read()"
STARTS_ONE = f"""
import subprocess, sys
child = subprocess.Popen([sys.executable, "-c", {HOLDS_64_MIB!r}], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
child.stdout.readline()
print(child.pid, flush=True)
sys.stdin.read()
child.communicate()
"""


def worker(process: int) -> Worker:
    return Worker(digest_of(socket.gethostname()), process, process, 0.0, 0.0)


def looked(*looks: dict[int, Holding]) -> Footprint:
    """Make a footprint that has seen these looks at a trial whose process is number 1."""
    footprint = Footprint()
    footprint.parent = 1
    footprint._looks = list(looks)
    return footprint


def wait_for(condition) -> None:
    over = threading.Event()
    for _ in range(6_000):
        if condition():
            return
        over.wait(0.01)
    pytest.fail("it did not happen within a minute")


@pytest.mark.skipif(sys.platform == "darwin", reason="macOS does not show what other processes hold")
def test_parent_and_worker_are_told_apart() -> None:
    """A worker's 64 MiB are the worker's, the parent's figure does not hold them, and nobody is left looking."""
    with subprocess.Popen([sys.executable, "-c", STARTS_ONE], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as parent:
        assert parent.stdout
        assert parent.stdin
        child = int(parent.stdout.readline())
        footprint = Footprint()
        with footprint.watching(parent.pid):
            wait_for(lambda: len(footprint._looks) > 2)
        parent.stdin.close()
    found = footprint.memory(POOL, [worker(child)])
    assert found is not None
    assert (True, True) == (64 * MIB < found.largest_worker_uss_bytes < 128 * MIB, found.parent_uss_bytes < 64 * MIB)
    assert found.largest_worker_uss_bytes == found.workers_uss_bytes
    assert "parlab-footprint" not in [one.name for one in threading.enumerate()]


def test_peaks_are_of_one_moment_for_all_workers_together() -> None:
    """Two workers that are large one after the other are never as large together; helpers are not counted."""
    small, large, helper = Holding(10, 20), Holding(100, 110), Holding(1_000, 1_000)
    found = looked(
        {1: Holding(5, 6), 2: small, 3: large, 9: helper}, {1: Holding(7, 6), 2: large, 3: small, 9: helper}
    ).memory(POOL, [worker(2), worker(3)])
    assert Memory("parallel", "pool", 2, 7, 6, 110, 130, 100, 2, 0.01) == found


def test_threads_hold_theirs_in_the_parent() -> None:
    """Workers that are threads of the trial have no memory of their own to tell."""
    found = looked({1: Holding(5, None)}).memory(Configuration("parallel", "threads", 2), [worker(1), worker(1)])
    assert Memory("parallel", "threads", 2, 5, None, None, None, None, 1, 0.01) == found


@pytest.mark.parametrize("looks", [[], [{}], [{2: Holding(1, 1)}]])
def test_nothing_seen_is_nothing_said(looks) -> None:
    """A trial that was over before the first look gives no figure, not a zero."""
    assert looked(*looks).memory(POOL, [worker(2)]) is None


@pytest.mark.parametrize("problem", [psutil.AccessDenied(1), psutil.NoSuchProcess(1), PermissionError()])
def test_a_system_that_does_not_tell(monkeypatch: pytest.MonkeyPatch, problem: Exception) -> None:
    """macOS refuses to show other processes, and processes end between two questions: no figure, no error."""

    def refuse(_process: psutil.Process) -> None:
        raise problem

    monkeypatch.setattr(psutil.Process, "memory_full_info", refuse)
    footprint = Footprint()
    with footprint.watching(os.getpid()):
        wait_for(lambda: footprint._looks)
    assert footprint.memory(POOL, []) is None


def test_one_that_is_gone(tmp_path: Path) -> None:
    """Looking at a process that has ended finds nothing and ends."""
    with subprocess.Popen([sys.executable, "-c", ""]) as gone:
        pass
    footprint = Footprint()
    with footprint.watching(gone.pid):
        wait_for(lambda: footprint._looks)
    assert footprint.memory(POOL, []) is None
