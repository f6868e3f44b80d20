"""What loading the extension does beside its magics: what a killed kernel leaves can be told from what is in use."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from parlab import segments, temporary

BOUND_S = 60

# Loads the extension as a kernel does, uses plain multiprocessing by forkserver, and ends as it is told.
KERNEL = """
import multiprocessing, os, signal, sys
from types import SimpleNamespace
import parlab
from parlab import owners, segments
if __name__ == "__main__":  # which is no file in a kernel
    manager = SimpleNamespace(register_function=lambda *_: None)
    for _ in range(2):
        parlab.load_ipython_extension(SimpleNamespace(magics_manager=manager, user_ns={}))
    pool = multiprocessing.get_context("forkserver").Pool(1)
    pool.map(abs, [1])
    mine = [one.name for one in segments.leftovers() if one.owner == owners.mark()]
    print(os.getpid(), *mine, flush=True)
    if sys.argv[1] == "killed":
        os.killpg(0, signal.SIGKILL)
    pool.close()
    pool.join()
"""

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="only Linux shows semaphores as files")


def run(folder: Path, how: str) -> tuple[int, list[str]]:
    """Run the made-up kernel with a temporary folder of its own; return its process number, and what carried its mark.

    It tells that itself: when it is gone, whatever of parlab starts beside this test may have swept it already.
    """
    script = folder / "kernel.py"
    script.write_text(KERNEL, encoding="utf-8")
    place = folder / "tmp"
    place.mkdir()
    done = subprocess.run(
        [sys.executable, str(script), how],
        env={**os.environ, "TMPDIR": str(place)},
        capture_output=True,
        text=True,
        timeout=BOUND_S,
        check=False,
        start_new_session=True,
    )
    assert (-signal.SIGKILL if how == "killed" else 0) == done.returncode, done.stderr
    process, *names = done.stdout.split()
    return int(process), names


def marked(process: int) -> list[str]:
    return [one.name for one in segments.leftovers() if one.owner.startswith(f"{process}-")]


def test_what_a_killed_kernel_leaves_is_swept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its semaphores and its folder for sockets carry its mark, and the next start removes them."""
    process, names = run(tmp_path, "killed")
    assert any(name.startswith("sem.") for name in names)
    left = list((tmp_path / "tmp").iterdir())
    assert left
    assert all(path.name.startswith((temporary.PREFIX, temporary._SHORT)) for path in left)
    segments.sweep()
    monkeypatch.setattr(temporary.tempfile, "tempdir", str(tmp_path / "tmp"))
    temporary.sweep_leftovers()
    assert [] == marked(process)
    assert [] == list((tmp_path / "tmp").iterdir())


def test_a_kernel_that_ends_leaves_nothing(tmp_path: Path) -> None:
    """At its ordinary end it takes its folder along, however often the extension was loaded."""
    process, _ = run(tmp_path, "ends")
    assert [] == marked(process)
    assert [] == list((tmp_path / "tmp").iterdir())
