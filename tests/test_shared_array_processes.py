"""Shared arrays among processes: however one attaches, or was started, or ends, nothing is said and nothing stays."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from parlab import segments

HELPERS = Path(__file__).parent / "helpers"
BOUND_S = 120
LINUX_ONLY = pytest.mark.skipif(sys.platform != "linux", reason="only Linux shows segments as files")
POSIX_ONLY = pytest.mark.skipif(sys.platform == "win32", reason="signals and forks")
METHODS = ["spawn"] if sys.platform == "win32" else ["fork", "forkserver", "spawn"]

START = """
import multiprocessing, os, pathlib, pickle, signal, subprocess, sys
from concurrent.futures import ProcessPoolExecutor
import numpy, parlab, array_tasks

def there(name):
    return os.path.exists("/dev/shm/" + name) or sys.platform != "linux"
"""


def run(tmp_path: Path, script: str, *arguments: str, alone: bool = False) -> subprocess.CompletedProcess[str]:
    """Run a script that begins with ``START``; ``alone``: in a session of its own."""
    path = tmp_path / "script.py"
    path.write_text(START + script)
    paths = os.pathsep.join([str(HELPERS), *filter(None, [os.environ.get("PYTHONPATH")])])
    return subprocess.run(
        [sys.executable, path, *arguments],
        capture_output=True,
        text=True,
        timeout=BOUND_S,
        start_new_session=alone,
        check=False,
        env={**os.environ, "PYTHONPATH": paths, "OPENBLAS_NUM_THREADS": "1"},  # forks want no threads beside
    )


def there(name: str) -> bool:
    return (segments.FOLDER / name).exists()


def check_quiet(done: subprocess.CompletedProcess[str]) -> None:
    """It ended well, said nothing on stderr, and the blocks whose names it printed are gone."""
    assert (0, "") == (done.returncode, done.stderr), done.stderr
    names = done.stdout.split()
    assert names
    assert [] == [name for name in names if there(name)]


FILL = """
def fill(mapped):
    with parlab.SharedArray((20, 3), int) as array:
        told = list(mapped(array_tasks.fill_row, [(array, row) for row in range(20)]))
        assert list(range(20)) == array.view()[:, 2].tolist()
        assert all((False, [array.name]) == one for one in told), told
        assert array.owner and there(array.name)
        print(array.name)
"""

ENGINES = (
    FILL
    + """
def gone(call):
    with parlab.SharedArray(3) as array:
        handle = pickle.dumps(array)
    try:
        call(pickle.loads(handle))
    except parlab.ParlabError as error:
        assert "its owner has left" in str(error), error
    else:
        raise AssertionError("a task got an array that is gone")

if __name__ == "__main__":
    method = sys.argv[1]
    context = multiprocessing.get_context(method)
    with ProcessPoolExecutor(2, context) as workers:
        fill(workers.map)
        gone(lambda array: workers.submit(array_tasks.total, array).result())
        fill(workers.map)
    with context.Pool(2) as workers:
        fill(workers.map)
        gone(lambda array: workers.apply(array_tasks.total, (array,)))
        fill(workers.imap_unordered)
        workers.close()
        workers.join()
    with parlab.pool(2, start_method=method) as workers:
        fill(workers.map)
        fill(workers.map)

    def with_a_pool_inside(task, orders):
        with ProcessPoolExecutor(2, context) as workers:
            return list(workers.map(task, orders))

    fill(with_a_pool_inside)
"""
)


@pytest.mark.parametrize("method", METHODS)
def test_workers_of_every_engine_write_in_place(tmp_path: Path, method: str) -> None:
    """Executor, Pool and ``parlab.pool``, opened outside the array's block and inside it; a late handle fails its task.

    Each worker has mapped the one block that there is: those of earlier arrays it has let go.
    """
    check_quiet(run(tmp_path, ENGINES, method))


def test_lokys_workers_too(tmp_path: Path) -> None:
    """They have a resource tracker of their own, which hears nothing of the block."""
    script = """
if __name__ == "__main__":
    import loky
    with loky.ProcessPoolExecutor(2) as workers:
        fill(workers.map)
        fill(workers.map)
    with parlab.SharedArray(4, int) as array, loky.ProcessPoolExecutor(1) as workers:
        array[...] = 3
        assert 12 == workers.submit(array_tasks.total, array).result()
        print(array.name)
"""
    check_quiet(run(tmp_path, FILL + script))


def test_a_process_that_has_nothing_to_do_with_the_owner(tmp_path: Path) -> None:
    """It attaches by the handle, writes and ends, and the block is still there; its own tracker hears nothing of it."""
    script = """
OTHER = '''
import pickle, sys
array = pickle.loads(bytes.fromhex(sys.argv[1]))
array[1] += 5
assert not array.owner
if sys.argv[2] == "with":
    with array:
        view = array.view()
'''
if __name__ == "__main__":
    with parlab.SharedArray(3, int) as array:
        for way in ("with", "without"):
            subprocess.run([sys.executable, "-c", OTHER, pickle.dumps(array).hex(), way], check=True)
            assert there(array.name)
        assert [0, 10, 0] == array.view().tolist()
        print(array.name)
"""
    check_quiet(run(tmp_path, script))


@POSIX_ONLY
def test_a_fork_of_the_owner_is_no_owner(tmp_path: Path) -> None:
    """It sees the memory, and leaves the name alone: at the end of the block, by close, as garbage and at its exit."""
    script = """
import gc
def in_a_fork(what):
    process = os.fork()
    if not process:
        what()
        os._exit(0)
    assert 0 == os.waitpid(process, 0)[1]

if __name__ == "__main__":
    with parlab.SharedArray(4, int) as array:
        print(array.name, flush=True)

        def use():
            global array
            assert not array.owner
            array[0] += 1

        def close():
            use()
            array.close()

        def drop():
            use()
            globals().pop("array")
            gc.collect()

        in_a_fork(close)
        in_a_fork(drop)
        in_a_fork(use)
        if not os.fork():
            use()
            sys.exit()  # out of the with block, and through all that runs at exit
        assert 0 == os.wait()[1]
        assert there(array.name) and array.owner
        assert [4, 0, 0, 0] == array.view().tolist()
    assert not os.path.exists("/dev/shm/" + array.name)
"""
    check_quiet(run(tmp_path, script))


def test_what_a_worker_keeps_it_can_read_for_ever(tmp_path: Path) -> None:
    """A view in a worker, and one in the owner's process, are valid after the owner's block has ended."""
    script = """
if __name__ == "__main__":
    with ProcessPoolExecutor(1) as workers:
        with parlab.SharedArray(1_000_000, int) as array:
            array[...] = 3
            view = array[::2]
            workers.submit(array_tasks.keep, array).result()
        with parlab.SharedArray(1_000_000, int) as other:
            workers.submit(array_tasks.total, other).result()
            assert 3_000_000 == workers.submit(array_tasks.total_of_kept, 0).result()
        assert 1_500_000 == view.sum()
    print(array.name, other.name)
"""
    check_quiet(run(tmp_path, script))


@LINUX_ONLY
def test_somebody_else_removes_the_name(tmp_path: Path) -> None:
    """The block's end is quiet for who cleaned /dev/shm by hand meanwhile, and the tracker does not look for it."""
    script = """
if __name__ == "__main__":
    with parlab.SharedArray(3) as array:
        print(array.name)
        os.unlink("/dev/shm/" + array.name)
        array[0] = 1
"""
    check_quiet(run(tmp_path, script))


@POSIX_ONLY
def test_a_worker_that_is_killed_takes_nothing_along(tmp_path: Path) -> None:
    """What it had written is there, and others go on."""
    script = """
if __name__ == "__main__":
    with parlab.SharedArray(4, int) as array:
        with parlab.pool(2) as workers:
            try:
                workers.map(array_tasks.write_and_die, [array])
            except parlab.ParlabError as error:
                assert "SIGKILL" in str(error), error
            else:
                raise AssertionError("it lives")
            assert [5, 5, 5] == workers.map(array_tasks.total, [array] * 3)
        print(array.name)
"""
    check_quiet(run(tmp_path, script))


@pytest.mark.parametrize(
    "end", ["", "sys.exit()", "del array", "array = array.view()", "handle = pickle.loads(pickle.dumps(array))"]
)
def test_an_owner_that_forgets_to_close(tmp_path: Path, end: str) -> None:
    """Its end, or that of the array, takes the block along."""
    script = f"""
if __name__ == "__main__":
    array = parlab.SharedArray(3)
    print(array.name, flush=True)
    {end}
"""
    check_quiet(run(tmp_path, script))


def test_an_owner_that_ends_by_an_exception(tmp_path: Path) -> None:
    """The traceback is all that it says, and the block is gone."""
    script = """
if __name__ == "__main__":
    with parlab.SharedArray(3) as array:
        print(array.name, flush=True)
        raise RuntimeError("enough")
"""
    done = run(tmp_path, script)
    assert done.stderr.startswith("Traceback")
    assert done.stderr.endswith("RuntimeError: enough\n")
    assert not there(done.stdout.strip())


DYING = """
if __name__ == "__main__":
    array = parlab.SharedArray(1000)
    print(array.name, flush=True)
    {end}
"""


@LINUX_ONLY
@pytest.mark.parametrize("end", ["os.kill(os.getpid(), signal.SIGKILL)", "os._exit(3)", "signal.raise_signal(15)"])
def test_the_tracker_removes_what_a_dead_owner_left(tmp_path: Path, end: str) -> None:
    """When the owner alone dies, the block goes with it, without any later start."""
    done = run(tmp_path, DYING.format(end=end))  # which waits for the tracker too: that has stderr open
    name = done.stdout.strip()
    assert done.returncode
    assert name.startswith("parlab-")
    assert not there(name)


@LINUX_ONLY
def test_the_next_start_removes_what_a_killed_group_left(tmp_path: Path) -> None:
    """When the tracker is killed too, a plain script that makes a shared array removes the block, and says nothing."""
    done = run(tmp_path, DYING.format(end="os.killpg(0, signal.SIGKILL)"), alone=True)
    name = done.stdout.strip()
    assert -signal.SIGKILL == done.returncode
    script = """
if __name__ == "__main__":
    print(sys.argv[1])
    with parlab.SharedArray(3):
        pass
"""
    check_quiet(run(tmp_path, script, name))


@LINUX_ONLY
@pytest.mark.parametrize("limit", ["RLIMIT_FSIZE", "RLIMIT_AS", "RLIMIT_NOFILE"])
def test_a_system_that_refuses_is_quoted(tmp_path: Path, limit: str) -> None:
    """A limit of this process's makes a worded error, leaves no block and wakes no complaint of the tracker."""
    script = """
if __name__ == "__main__":
    import resource
    with parlab.SharedArray(3) as array:  # starts the tracker, before nothing can be opened any more
        print(array.name)
        mine = [name for name in os.listdir("/dev/shm") if name.startswith(f"parlab-{os.getpid()}-")]
        taken = int(pathlib.Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
        amount = {"RLIMIT_FSIZE": 1 << 20, "RLIMIT_AS": taken + (1 << 30), "RLIMIT_NOFILE": 3}[sys.argv[1]]
        if sys.argv[1] != "RLIMIT_NOFILE":
            parlab.blocks.make_room = lambda: None  # /dev/shm may be small
        kind = getattr(resource, sys.argv[1])
        soft, hard = resource.getrlimit(kind)
        resource.setrlimit(kind, (amount, hard))
        try:
            parlab.SharedArray(1 << 28 if sys.argv[1] != "RLIMIT_NOFILE" else 1, "u8")
        except parlab.ParlabError as error:
            assert "gives no shared memory" in str(error), error
        else:
            raise AssertionError("it was made")
        resource.setrlimit(kind, (soft, hard))
        assert mine == [name for name in os.listdir("/dev/shm") if name.startswith(f"parlab-{os.getpid()}-")]
"""
    check_quiet(run(tmp_path, script, limit))
