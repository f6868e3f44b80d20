"""The end of whole groups: everything in them, at last the resource trackers, which have something to clean up."""

import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from parlab import groups

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="signals")
DEAF = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); "
# Deaf, with a pipe; its child, in the same group, writes a file when the other end of that pipe is gone.
TRACKED = (
    DEAF
    + """
import os, subprocess, sys
reader, writer = os.pipe()
tracker = "import signal, sys, os, pathlib; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('up', flush=True); "
tracker += "os.read(int(sys.argv[1]), 1); pathlib.Path(sys.argv[2]).write_text('cleaned')"
child = subprocess.Popen([sys.executable, "-c", tracker, str(reader), sys.argv[1], sys.argv[2][::-1]],
                         pass_fds=[reader], stdout=subprocess.PIPE)
child.stdout.readline()
print(child.pid, flush=True)
signal.pause()
"""
)
# A leader whose main thread starts one program after another, while a thread of it ends all.
STARTING = """
import subprocess, sys, threading
from parlab import groups
groups.SETTLE_S = 0.3
print(1, flush=True)
def end():
    sys.stdin.read(1)
    groups.end_all(7)
threading.Thread(target=end).start()
running = []
while True:
    running.append(subprocess.Popen([sys.executable, "-S", "-c", "import time; time.sleep(60)"]))
"""


def started(code: str, *arguments: str) -> tuple[subprocess.Popen[bytes], int]:
    process = subprocess.Popen([sys.executable, "-c", code, *arguments], stdout=subprocess.PIPE, **groups.own_group())
    assert process.stdout is not None
    with process.stdout:
        return process, int(process.stdout.readline())


def test_trackers_may_finish(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:  # tmp_path has this name in it
    """A deaf group is killed; what is a resource tracker outlives the others and cleans up, and then nobody is left."""
    monkeypatch.setattr(groups, "TERMINATE_GRACE_S", 0.2)
    process, child = started(TRACKED, str(tmp_path / "cleaned"), "resource_tracker import"[::-1])
    groups.end(process)
    assert process.poll() is not None
    assert not groups.is_alive(child)
    assert "cleaned" == (tmp_path / "cleaned").read_text()


def test_a_group_that_hears_is_not_killed() -> None:
    """SIGTERM is enough for whoever ends by it."""
    process, _ = started("import signal; print(1, flush=True); signal.pause()")
    groups.end(process)
    assert -15 == process.returncode
    assert not psutil.pid_exists(process.pid)


def test_whoever_is_started_meanwhile_ends_too() -> None:
    """Nobody is left of a group whose leader goes, though another thread of it was starting somebody in that moment."""
    process = subprocess.Popen(
        [sys.executable, "-c", STARTING], stdin=subprocess.PIPE, stdout=subprocess.PIPE, **groups.own_group()
    )
    assert process.stdin is not None
    assert process.stdout is not None
    with process.stdin, process.stdout:
        process.stdout.readline()
    assert process.wait(60) in (7, -15)
    try:
        assert groups._emptied(process, 5.0)  # who was sent a signal may need a moment
    finally:
        groups.end(process)
