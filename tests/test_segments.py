"""Shared memory and semaphores carry a mark, and a sweep removes those of dead owners and nothing else."""

import os
import stat
import subprocess
import sys
from multiprocessing import process
from pathlib import Path

import marks
import pytest

from parlab import owners, segments
from parlab.owners import Leftover

LINUX_ONLY = pytest.mark.skipif(sys.platform != "linux", reason="only Linux shows segments as files")

# Starts workers as a trial does, makes a segment, says who it is, and kills its whole group, resource tracker included.
VICTIM = """
import multiprocessing, os, signal, sys
from concurrent.futures import ProcessPoolExecutor
from multiprocessing.shared_memory import SharedMemory
from parlab import owners, segments
if __name__ == "__main__":
    segments.own_semaphores()
    executor = ProcessPoolExecutor(1, mp_context=multiprocessing.get_context(sys.argv[1]))
    prefix = executor.submit(eval, "__import__('multiprocessing').current_process()._config['semprefix']").result()
    data = SharedMemory(segments.name_prefix() + "data", create=True, size=5000)
    mine = [one.name for one in segments.leftovers() if one.owner == owners.mark()]
    print(owners.mark(), prefix, *mine, flush=True)
    os.killpg(0, signal.SIGKILL)
"""


def written(folder: Path, name: str) -> Path:
    path = folder / name
    path.write_bytes(bytes(32))
    return path


def test_a_segments_name_says_whose_it_is() -> None:
    """It begins with our prefix and the mark of this process."""
    assert f"parlab-{owners.mark()}-" == segments.name_prefix()


@LINUX_ONLY
def test_a_sweep_removes_what_dead_owners_left(tmp_path: Path) -> None:
    """Segments and semaphores of a dead process go and are told; the living process's and another container's stay."""
    dead = marks.of_a_dead_process()
    container = marks.of_another_namespace(int(dead.partition("-")[0]))
    written(tmp_path, f"parlab-{dead}-data")
    written(tmp_path, f"sem.parlab-{dead}-a1b2c3_d")
    stay = {f"parlab-{owners.mark()}-data", f"sem.parlab-{owners.mark()}-a1b2c3_d", f"parlab-{container}-data"}
    for name in stay:
        written(tmp_path, name)
    removed = segments.sweep(tmp_path)
    assert {f"parlab-{dead}-data", f"sem.parlab-{dead}-a1b2c3_d"} == {one.name for one in removed}
    assert stay == {path.name for path in tmp_path.iterdir()}


@LINUX_ONLY
def test_other_programs_names_are_never_touched(tmp_path: Path) -> None:
    """What has not our whole form of name is neither listed nor removed, whoever made it."""
    dead = marks.of_a_dead_process()
    number = dead.partition("-")[0]
    names = {
        "sem.mp-abcdefgh", f"sem.loky-{number}-abcdefgh", "psm_12345678", "parlab-notes.txt", f"parlab-{number}-data",
        f"parlab-{dead}", f"parlab-{dead}-", f"parlab-{dead}-data.txt", f"my-parlab-{dead}-data", f"PARLAB-{dead}-data",
        f"sem.sem.parlab-{dead}-data",
    }  # fmt: skip
    for name in names:
        written(tmp_path, name)
    assert [] == segments.leftovers(tmp_path)
    assert [] == segments.sweep(tmp_path)
    assert names == {path.name for path in tmp_path.iterdir()}


@LINUX_ONLY
def test_only_regular_files_are_removed(tmp_path: Path) -> None:
    """A folder, a pipe and a link of our form of name stay, and so does what the link leads to."""
    dead = marks.of_a_dead_process()
    folder, pipe, link = (tmp_path / f"parlab-{dead}-{name}" for name in ("folder", "pipe", "link"))
    precious = written(tmp_path, "precious")
    folder.mkdir()
    os.mkfifo(pipe)
    link.symlink_to(precious)
    assert [] == segments.sweep(tmp_path)
    assert {folder, pipe, link, precious} == set(tmp_path.iterdir())


@LINUX_ONLY
def test_a_folder_for_others_goes_with_all_that_is_in_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is private and ours; its block removes it, and the sweep does where its owner was killed."""
    monkeypatch.setattr("parlab.segments.FOLDER", tmp_path)
    with segments.folder_for_others() as folder:
        written(folder, "sm_segment.host.0.1")
        assert [Leftover(folder.name, 32, owners.mark(), dead=False)] == segments.leftovers(tmp_path)
        assert 0o700 == stat.S_IMODE(folder.stat().st_mode)
    left = tmp_path / folder.name.replace(owners.mark(), marks.of_a_dead_process())
    left.mkdir()
    written(left, "sm_segment.host.0.1")
    assert [left.name] == [one.name for one in segments.sweep(tmp_path)]
    assert [] == list(tmp_path.iterdir())


def test_where_there_is_no_shared_memory_others_keep_their_own_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No folder is no error: the program uses what it always does."""
    monkeypatch.setattr("parlab.segments.FOLDER", tmp_path / "shm")
    with segments.folder_for_others() as folder:
        assert folder is None


@pytest.mark.skipif(sys.platform == "win32" or os.geteuid() != 0, reason="only root can give a file away")
def test_another_users_segment_is_left_alone(tmp_path: Path) -> None:
    """Even root removes only its own: the other user's next sweep does the rest."""
    path = written(tmp_path, f"parlab-{marks.of_a_dead_process()}-data")
    os.chown(path, 65534, 65534)
    assert [] == segments.leftovers(tmp_path)
    assert [] == segments.sweep(tmp_path)
    assert path.exists()


@LINUX_ONLY
def test_leftovers_say_whose_they_are(tmp_path: Path) -> None:
    """Each is listed with its size, its owner and whether that one is dead, those in use included."""
    dead = marks.of_a_dead_process()
    for mark in (dead, owners.mark()):
        written(tmp_path, f"parlab-{mark}-data")
    expected = {Leftover(f"parlab-{mark}-data", 32, mark, mark == dead) for mark in (dead, owners.mark())}
    assert expected == set(segments.leftovers(tmp_path))


def test_no_such_folder_is_no_error(tmp_path: Path) -> None:
    """macOS and Windows have no /dev/shm: nothing is listed and nothing removed."""
    assert ([], []) == (segments.leftovers(tmp_path / "shm"), segments.sweep(tmp_path / "shm"))


@LINUX_ONLY
@pytest.mark.parametrize("moment", ["lstat", "unlink"])
def test_a_faster_sweep_is_no_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, moment: str) -> None:
    """What goes between two looks is not told as removed, and nothing is raised."""
    path = written(tmp_path, f"parlab-{marks.of_a_dead_process()}-data")
    original = getattr(Path, moment)

    def too_late(one: Path) -> object:
        os.unlink(one)  # noqa: PTH108  # Path.unlink is what is replaced here
        return original(one)

    monkeypatch.setattr(Path, moment, too_late)
    assert [] == segments.sweep(tmp_path)
    assert not path.exists()


@LINUX_ONLY
@pytest.mark.parametrize("method", ["forkserver", "spawn", "fork"])
def test_nothing_stays_of_a_killed_group(tmp_path: Path, method: str) -> None:
    """In the real /dev/shm names carry the mark of who made them, workers know it, and after a sweep they are gone.

    Under fork semaphores lose their names at once, so there the segment is all that has one.
    """
    script = tmp_path / "victim.py"
    script.write_text(VICTIM)
    done = subprocess.run(
        [sys.executable, script, method],
        capture_output=True,
        text=True,
        timeout=60,
        start_new_session=True,
        check=False,
    )
    mark, prefix, *names = done.stdout.split()
    assert (-9, f"/parlab-{mark}") == (done.returncode, prefix)
    assert f"parlab-{mark}-data" in names
    assert (method != "fork") == any(name.startswith(f"sem.parlab-{mark}-") for name in names)
    segments.sweep()
    assert [] == [one for one in segments.leftovers() if one.owner == mark]


@pytest.mark.parametrize("config", [None, {}, {"authkey": b""}])
def test_an_unknown_multiprocessing_is_left_alone(monkeypatch: pytest.MonkeyPatch, config: object) -> None:
    """Where a later Python keeps the prefix elsewhere, nothing is changed and nothing raised."""

    class Process:
        _config = None if config is None else dict(config)

    monkeypatch.setattr(process, "current_process", Process)
    segments.own_semaphores()
    assert config == Process._config


# In an interpreter of their own: another test may have imported loky, which names every semaphore of its process.
OWNING = """
import multiprocessing, threading
from parlab import segments

def prefix_of_a_lock():
    return multiprocessing.get_context("spawn").Lock()._semlock.name[:-8]  # the rest is random

own, outside = f"/{segments.name_prefix()}", prefix_of_a_lock()
assert own != outside
"""


def run_alone(script: str) -> None:
    command = [sys.executable, "-c", OWNING + script]
    done = subprocess.run(command, stderr=subprocess.PIPE, text=True, timeout=60, check=False)
    assert "" == done.stderr


@LINUX_ONLY
def test_semaphores_are_ours_inside_a_block_only() -> None:
    """Those made inside carry our mark, those made before and after it do not, also when the block raises."""
    run_alone("""
try:
    with segments.owning_semaphores():
        inside = prefix_of_a_lock()
        raise RuntimeError("enough")
except RuntimeError:
    assert (own, outside) == (inside, prefix_of_a_lock()), (inside, prefix_of_a_lock())
""")


@LINUX_ONLY
def test_threads_that_start_pools_at_once_own_all_they_make() -> None:
    """A block that ends in one thread does not take the prefix from one that still runs, and the last puts it back."""
    run_alone("""
entered, go_on = threading.Event(), threading.Event()

def enter_first():
    with segments.owning_semaphores():
        entered.set()
        go_on.wait(60)

first = threading.Thread(target=enter_first)
first.start()
entered.wait(60)
with segments.owning_semaphores():
    go_on.set()
    first.join(60)
    assert own == prefix_of_a_lock(), prefix_of_a_lock()
assert outside == prefix_of_a_lock(), prefix_of_a_lock()
""")


@LINUX_ONLY
def test_semaphores_inside_a_block_are_ours_though_loky_names_all() -> None:
    """Loky, once imported, gives every semaphore of its process a name of its own: outside of blocks it still does."""
    run_alone("""
import loky.backend
theirs = prefix_of_a_lock()
assert theirs.startswith("/loky-"), theirs
with segments.owning_semaphores():
    with segments.owning_semaphores():
        pass
    assert own == prefix_of_a_lock(), prefix_of_a_lock()
assert theirs == prefix_of_a_lock(), prefix_of_a_lock()
""")


def test_owning_does_nothing_where_the_place_is_not_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """Another Python may keep its prefix elsewhere: nothing is added and nothing breaks."""
    config: dict[str, object] = {}
    monkeypatch.setattr(process.current_process(), "_config", config)
    with segments.owning_semaphores():
        assert {} == config
    assert {} == config
