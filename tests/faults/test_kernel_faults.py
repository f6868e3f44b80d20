"""What a user does to a kernel whose workers are busy for ever: stop button, kill, and both kinds of restart."""

import os
import signal
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from queue import Empty

import psutil
import pytest
from claims import INTERRUPT_GONE_S, PARENT_GONE_S, SHORT_CHARACTERS, patience
from jupyter_client.blocking import BlockingKernelClient
from jupyter_client.manager import KernelManager
from looking import LOOK_S, MARK, SHARED_MEMORY, alive
from spots import METHODS

from parlab.results import read

BOUND_S = 180.0
WORKERS = 2
HERE = Path(__file__).parent
ENTRANCES = ("pool", "sweep")

FIRST = f"import sys; sys.path[:0] = {[str(HERE), str(HERE.parent / 'helpers')]!r}; import fault_tasks"
NEXT = {
    "pool": "with parlab.pool(2, start_method={method!r}) as one:\n    print(one.map(fault_tasks.number_of, range(3)))",
    "sweep": "parlab.speedup(fault_tasks.strike, range(3), backends=['processes:{method}'], rounds=1)\n"
    "print([0, 1, 2])",
}


@dataclass
class Notebook:
    """A kernel with a family mark, and the folder that its tasks sign in."""

    manager: KernelManager
    client: BlockingKernelClient
    folder: Path

    @property
    def process(self) -> int:
        return self.manager.provisioner.pid

    def family(self) -> list[int]:
        """List living processes below the kernel and of kernels before it, less the kernel itself."""
        return [one.pid for one in alive(str(self.folder)) if one.pid != self.process]

    def run(self, code: str) -> tuple[dict, str]:
        """Run a cell to its end; return the reply and what was printed."""
        return self.outcome(self.client.execute(code))

    def outcome(self, cell: str) -> tuple[dict, str]:
        printed = []
        while True:
            message = self.client.get_iopub_msg(timeout=BOUND_S)
            if message["parent_header"].get("msg_id") != cell:
                continue
            content = message["content"]
            if message["msg_type"] == "stream" and content["name"] == "stdout":
                printed.append(content["text"])
            if message["msg_type"] == "status" and content["execution_state"] == "idle":
                break
        deadline = time.monotonic() + BOUND_S
        while time.monotonic() < deadline:
            with suppress(Empty):
                reply = self.client.get_shell_msg(timeout=1)
                if reply["parent_header"].get("msg_id") == cell:
                    return reply["content"], "".join(printed)
        pytest.fail("the cell has no reply")

    def start_endless_work(self, entrance: str, method: str) -> str:
        """Start a cell whose workers never come back, and wait until they are all busy."""
        place = self.folder / "place"
        place.mkdir()
        if entrance == "sweep":
            (place / "sweep").touch()
        engine = method if entrance == "pool" else f"processes:{method}"
        self.run(FIRST)
        cell = self.client.execute(f"fault_tasks.work_for_ever({entrance!r}, {engine!r}, {str(place)!r})")
        wait_until(lambda: len(list(place.glob("busy-*"))) >= WORKERS)
        return cell

    def works(self, entrance: str, method: str) -> bool:
        """Run an ordinary cell of the same kind."""
        reply, printed = self.run(f"{FIRST}; import parlab\n{NEXT[entrance].format(method=method)}")
        assert "ok" == reply["status"], reply
        return "[0, 1, 2]\n" == printed


@pytest.fixture
def short_folder() -> Iterator[str]:
    """A temporary folder whose name leaves room for a socket's, which has about 100 characters."""
    with tempfile.TemporaryDirectory(prefix="kernel-", ignore_cleanup_errors=True) as folder:
        yield folder


@pytest.fixture
def notebook(tmp_path: Path, short_folder: str) -> Iterator[Notebook]:
    manager = KernelManager()
    environment = {**os.environ, MARK: str(tmp_path), "TMPDIR": short_folder}
    manager.start_kernel(cwd=str(tmp_path), env=environment)
    client = manager.blocking_client()
    client.start_channels()
    try:
        client.wait_for_ready(timeout=BOUND_S)
        yield Notebook(manager, client, tmp_path)
    finally:
        client.stop_channels()
        with suppress(RuntimeError):
            manager.shutdown_kernel(now=True)
        for process in alive(str(tmp_path)):  # a test that failed must not leave its workers to the next one
            with suppress(psutil.NoSuchProcess):
                process.kill()


def wait_until(true: Callable[[], object], bound_s: float = BOUND_S) -> float:
    """Wait, and return how long it took."""
    started = time.monotonic()
    while not true():
        assert time.monotonic() - started < bound_s, "it did not happen in time"
        time.sleep(LOOK_S)
    return time.monotonic() - started


def segments(makers: Iterable[int]) -> list[str]:
    """List the segments that these processes have made; others, and other tests, make theirs meanwhile."""
    return [one.name for maker in makers for one in SHARED_MEMORY.glob(f"parlab-{maker}-*")]


def spots(*quick: tuple[str, str]) -> list:
    """Combine entrances and start methods; the quick ones run in ``make test``."""
    return [
        pytest.param(entrance, method, marks=[pytest.mark.quick_fault] if (entrance, method) in quick else [])
        for entrance in ENTRANCES
        for method in METHODS
    ]


@pytest.mark.parametrize(("entrance", "method"), spots(("pool", "forkserver")))
def test_the_stop_button(notebook: Notebook, entrance: str, method: str) -> None:
    """Workers are gone in two seconds, a pool says it in one line, a sweep keeps what had finished; the next works."""
    kept = set(notebook.family())
    cell = notebook.start_endless_work(entrance, method)
    helpers = helpers_of(notebook) | kept
    notebook.manager.interrupt_kernel()
    gone_s = wait_until(lambda: set(notebook.family()) <= helpers)
    reply, _ = notebook.outcome(cell)
    assert patience() * INTERRUPT_GONE_S >= gone_s
    if entrance == "pool":
        assert ("error", "InterruptedTasksError") == (reply["status"], reply.get("ename")), reply
        assert 1 == len(reply["traceback"])
        assert SHORT_CHARACTERS > len(reply["traceback"][0])
    else:
        assert "ok" == reply["status"], reply
        results = read(notebook.folder / "place" / "killed.jsonl")
        assert ("stopped", ["serial"]) == (results.ended, [one.role for one in results.records])
    assert notebook.works(entrance, method)


def helpers_of(notebook: Notebook) -> set[int]:
    """List the kernel's fork server and resource tracker, which stay as long as it does."""
    import psutil

    found = set()
    for one in psutil.Process(notebook.process).children():
        with suppress(psutil.Error):  # it may end while we look
            words = one.cmdline()
            if "spawn_main" not in " ".join(words) and is_helper(words):
                found.add(one.pid)
    return found


def is_helper(words: list[str]) -> bool:
    return any("resource_tracker" in word or "forkserver" in word for word in words)


@pytest.mark.parametrize(("entrance", "method"), spots(("pool", "spawn")))
def test_the_kernel_is_killed(notebook: Notebook, entrance: str, method: str) -> None:
    """After kill -9 nothing of it lives on five seconds later, no segment stays, and a new kernel works."""
    notebook.start_endless_work(entrance, method)
    makers = [notebook.process, *notebook.family()]
    os.kill(notebook.process, signal.SIGKILL)
    assert patience() * PARENT_GONE_S >= wait_until(lambda: not notebook.family())
    assert [] == segments(makers)
    restart(notebook, now=True)
    assert notebook.works(entrance, method)


@pytest.mark.parametrize("now", [False, True])
@pytest.mark.parametrize(("entrance", "method"), spots())
def test_the_kernel_is_restarted(notebook: Notebook, entrance: str, method: str, now: bool) -> None:  # noqa: FBT001  # a parameter
    """After a restart, polite or not, nothing of the old kernel lives on five seconds later, and the new one works."""
    notebook.start_endless_work(entrance, method)
    old = set(notebook.family())
    makers = [notebook.process, *old]
    restart(notebook, now=now)
    assert patience() * PARENT_GONE_S >= wait_until(lambda: not old & set(notebook.family()))
    assert [] == segments(makers)
    assert notebook.works(entrance, method)


def restart(notebook: Notebook, *, now: bool) -> None:
    notebook.manager.restart_kernel(now=now)
    notebook.client.wait_for_ready(timeout=BOUND_S)


@pytest.mark.quick_fault
def test_a_lost_task_is_one_message(notebook: Notebook) -> None:
    """A learner whose task dies reads its name and cause, and no frames of parlab's own code."""
    code = "with parlab.pool(2) as pool:\n    pool.map(fault_tasks.strike_with('kill'), range(6))"
    reply, _ = notebook.run(f"{FIRST}; import parlab\n{code}")
    assert ("error", "LostTaskError") == (reply["status"], reply["ename"]), reply
    assert 1 == len(reply["traceback"])
    assert "ask 3" in reply["traceback"][0]
    assert "SIGKILL" in reply["traceback"][0]
    assert notebook.works("pool", "forkserver")
