"""What a sweep puts down is this user's alone, whatever the umask says: looked at all the time while it runs."""

import os
import shutil
import stat
import subprocess
import sys
import tempfile
import threading
from pathlib import Path

import pytest

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="needs /dev/shm, and modes as on Unix")
SHARED = Path("/dev/shm")  # noqa: S108  # where Linux keeps shared memory; only looked at
_OTHERS = 0o077
TOUCH = """
def touch(pair):
    array, place = pair
    array[place] += 1
    print("seen by the capture")
    return place
"""
SCRIPT = """
import numpy, parlab
from own import touch

if __name__ == "__main__":
    with parlab.SharedArray.copy_of(numpy.zeros(4)) as shared, parlab.pool(2) as workers:
        assert [0, 1, 2, 3] == workers.map(touch, [(shared, place) for place in range(4)])
"""


class Looker(threading.Thread):
    """Lists, over and over, what lies in a folder for temporary files and in /dev/shm, each with its first mode."""

    def __init__(self, folder: Path) -> None:
        super().__init__(daemon=True)
        self.folder, self.over = folder, threading.Event()
        self.modes: dict[str, int] = {}
        self.before = set(os.listdir(SHARED))  # noqa: PTH208  # names alone

    def run(self) -> None:
        while not self.over.wait(0.002):
            found = [*self.folder.rglob("*")] if self.folder.is_dir() else []
            found += [SHARED / name for name in os.listdir(SHARED) if name not in self.before]  # noqa: PTH208
            for path in found:
                try:
                    state = path.lstat()
                except OSError:
                    continue
                if state.st_uid == os.getuid():
                    self.modes.setdefault(str(path), state.st_mode)

    def reachable(self) -> list[str]:
        """List what others could open: nothing of it, and no folder above it, is closed to them."""
        closed = {path for path, mode in self.modes.items() if not stat.S_IMODE(mode) & _OTHERS}
        return [path for path in self.modes if not closed & {path, *map(str, Path(path).parents)}]


def looked_at(line: list[str], folder: Path, umask: int) -> Looker:
    """Run a program with a umask and an own folder for temporary files, and look."""
    temporary = Path(tempfile.mkdtemp(prefix="see", dir="/tmp"))  # short, as sockets' paths must be
    looker = Looker(temporary)
    looker.start()
    try:
        done = subprocess.run(
            line,
            cwd=folder,
            env={**os.environ, "TMPDIR": str(temporary)},
            preexec_fn=lambda: os.umask(umask),
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )
    finally:
        looker.over.set()
        looker.join()
        left = list(temporary.iterdir())
        shutil.rmtree(temporary)
    assert done.returncode == 0, done.stderr
    assert [] == left
    return looker


@pytest.mark.parametrize("umask", [0o000, 0o077])
def test_a_sweep(tmp_path: Path, umask: int) -> None:
    """Items, logbook, what tasks print, sockets, semaphores: closed to others from the first moment on."""
    (tmp_path / "own.py").write_text("def work(item):\n    print(item)\n    return item\n")
    line = [sys.executable, "-P", "-m", "parlab", "bench", "own:work", "--items", "8", "--workers", "2"]
    line += ["--rounds", "1", "--backends", "processes:forkserver,pool:spawn", "--output", "r.jsonl"]
    looker = looked_at(line, tmp_path, umask)
    assert any(path.endswith("payload.pickle") for path in looker.modes)
    assert any(stat.S_ISSOCK(mode) for mode in looker.modes.values())
    assert [] == looker.reachable()
    assert 0o666 & ~umask == stat.S_IMODE((tmp_path / "r.jsonl").stat().st_mode)


@pytest.mark.parametrize("umask", [0o000, 0o077])
def test_a_shared_array_and_a_pool(tmp_path: Path, umask: int) -> None:
    """Segments and semaphores have mode 0600."""
    (tmp_path / "own.py").write_text(TOUCH)
    (tmp_path / "script.py").write_text(SCRIPT)
    looker = looked_at([sys.executable, "script.py"], tmp_path, umask)
    ours = {
        path: stat.S_IMODE(mode)
        for path, mode in looker.modes.items()
        if Path(path).parent == SHARED and "/parlab-" in path
    }
    assert ours
    assert {0o600} == set(ours.values())
    assert [] == [path for path in looker.reachable() if "parlab" in path]


def test_the_looker_finds(tmp_path: Path) -> None:
    """A file that others may read is found, and one in a closed folder is not."""
    for nap_s in (0.5, 10):  # on a busy machine it may look seldom
        code = "import os, time, pathlib; t = pathlib.Path(os.environ['TMPDIR']); a = t / 'open'; a.write_text('x'); "
        code += f"os.mkdir(t / 'shut', 0o700); b = t / 'shut' / 'in'; b.write_text('x'); time.sleep({nap_s}); "
        code += "a.unlink(); b.unlink(); (t / 'shut').rmdir()"
        looker = looked_at([sys.executable, "-c", code], tmp_path, 0)
        if str(looker.folder / "shut" / "in") in looker.modes:
            break
    assert [str(looker.folder / "open")] == [path for path in looker.reachable() if str(looker.folder) in path]
    assert str(looker.folder / "shut" / "in") in looker.modes
