"""The cell magic ``%%deadline``: a cell that hangs ends, says where everybody was, and leaves nothing behind."""

import multiprocessing
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import nbformat
import pytest
from kernels import BOUND_S, Kernel, outcome

from parlab import groups
from parlab.errors import InputError
from parlab.notebook import deadline
from parlab.notebook.deadline import watch

METHODS = sorted(multiprocessing.get_all_start_methods())
STRUCK = "Deadline: the cell had not ended after {} s. Everything that it had started was ended.\n"
GONE_S = 60
SEGMENTS = Path("/dev/shm")  # noqa: S108  # where Linux keeps them
HELPERS = str(Path(__file__).parents[1] / "helpers")


def shown(capsys: pytest.CaptureFixture[str], cell: str, line: str = "60") -> str:
    watch(line, cell)
    return capsys.readouterr().out


def late(capsys: pytest.CaptureFixture[str], cell: str, *said: str) -> tuple[str, str]:
    """Show a cell that never ends, and tell its deadline, which grows until all is said: busy machines start slowly."""
    for line in ("1.5", "10", "60"):
        text = shown(capsys, cell, line)
        if all(one in text for one in said):
            break
    return text, line


def numbers(folder: Path) -> list[int]:
    return [int(path.stem) for path in folder.glob("*.number")]


def wait_until(true) -> None:
    until = time.monotonic() + GONE_S
    while not true():
        assert time.monotonic() < until, "it did not happen in time"
        time.sleep(0.05)


@pytest.fixture(autouse=True)
def nothing_is_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """In an empty folder; no private folder of this process stays."""
    monkeypatch.chdir(tmp_path)
    yield
    assert [] == list(Path(tempfile.gettempdir()).glob(f"parlab-private-{os.getpid()}-*"))


class TestOutput:
    @pytest.mark.parametrize("method", METHODS)
    def test_workers_come_in_the_order_of_their_starts(self, method: str, capsys) -> None:
        """Under every start method: the cell's lines and its last value, then each worker's, with no process number."""
        cell = f"""
from multiprocessing import get_context
import lesson_cells
context = get_context({method!r})
processes = [context.Process(target=lesson_cells.say, args=(number,)) for number in (5, 6, 7)]
for process in processes: process.start()
for process in processes: process.join()
print("joined")
[process.exitcode for process in processes]
"""
        said = "".join(f"worker {one}: hello {one + 4}\nworker {one}: and {one + 4}\n" for one in (1, 2, 3))
        assert f"joined\n[0, 0, 0]\n{said}" == shown(capsys, cell)

    def test_workers_of_workers_are_counted_below_theirs(self, capsys, tmp_path: Path, monkeypatch) -> None:
        """A process that a worker starts is worker 1.1."""
        text = (
            "import multiprocessing, lesson_cells\n"
            "def nest():\n"
            "    inner = multiprocessing.Process(target=lesson_cells.say, args=(3,))\n"
            "    inner.start(); inner.join(); print('outer')\n"
        )
        (tmp_path / "nesting_cells.py").write_text(text)
        monkeypatch.chdir(tmp_path)
        cell = """
import multiprocessing, nesting_cells
process = multiprocessing.Process(target=nesting_cells.nest)
process.start()
process.join()
"""
        assert "worker 1: outer\nworker 1.1: hello 3\nworker 1.1: and 3\n" == shown(capsys, cell)

    def test_a_flood_is_cut(self, capsys) -> None:
        """However much is printed, the browser gets little of it."""
        text = shown(capsys, "for _ in range(100_000): print('flood')")
        assert text.endswith("[The cell has printed more, which is not shown.]\n")
        assert len(text) < 70_000

    def test_it_sees_no_variable_of_ours(self, capsys) -> None:
        """Another program: what the notebook has stored is not there, and the error is an output."""
        expected = (
            "Traceback (the last call comes last):\n"
            "    line 3 of the cell: elsewhere\n"
            "NameError: name 'elsewhere' is not defined\n"
        )
        assert expected == shown(capsys, "before = 1\nelsewhere")

    def test_a_worker_that_raises_shows_its_own_lines(self, capsys) -> None:
        """No frame of multiprocessing, no folder; the exit code is 1, as without us."""
        cell = """
from multiprocessing import get_context
import lesson_cells
process = get_context("spawn").Process(target=lesson_cells.say_and_fail, args=(3,))
process.start()
process.join()
process.exitcode
"""
        text = shown(capsys, cell)
        assert text.startswith(
            "1\nworker 1: hello 3\nworker 1: and 3\nworker 1: Traceback (the last call comes last):\n"
        )
        assert text.endswith("of lesson_cells.py, in say_and_fail: raise ValueError(number)\nworker 1: ValueError: 3\n")
        assert "multiprocessing" not in text

    @pytest.mark.parametrize(
        ("cell", "expected"),
        [
            ("import sys; sys.exit(3)", "The cell has left with 3.\n"),
            ("import sys; sys.exit()", ""),
            ("import os; os._exit(7)", "The cell's program was ended: exit code 7.\n"),
            ("print('no feed', end='')", "no feed"),
        ],
    )
    def test_how_it_ended_is_told(self, cell: str, expected: str, capsys) -> None:
        """Each way to end says so once."""
        assert expected == shown(capsys, cell)

    @pytest.mark.skipif(os.name != "posix", reason="signals")
    def test_a_crash_says_where(self, capsys) -> None:
        """A segmentation fault ends the program and not the kernel."""
        text = shown(capsys, "import ctypes\nctypes.string_at(0)")
        expected = (
            "The cell's program was ended: SIGSEGV.\nThe cell was in\n    line 3 of the cell: ctypes.string_at(0)\n"
        )
        assert expected == text

    @pytest.mark.skipif(os.name != "posix", reason="process groups")
    def test_a_cell_that_kills_its_whole_group(self, capsys) -> None:
        """Even the guard is gone, and it is told."""
        expected = "The cell's program was killed, and with it everything that it had started.\n"
        assert expected == shown(capsys, "import os\nos.kill(0, 9)")


class TestDeadline:
    @pytest.mark.parametrize("method", METHODS)
    def test_the_join_before_get(self, method: str, capsys) -> None:
        """The course's deadlock ends by itself, and both sides say where they waited, in words."""
        cell = f"""
from multiprocessing import get_context
import lesson_cells
context = get_context({method!r})
queue = context.Queue()
child = context.Process(target=lesson_cells.put_much, args=(queue,))
child.start()
child.join()
"""
        waited = (
            "worker 1, lesson_cells.put_much(), had ended its function, "
            "and waited until somebody takes out what it had put into a queue.\n"
        )
        where = f"The cell was in\n    line 9 of the cell: child.join()\n{waited}"
        text, line = late(capsys, cell, where)
        assert STRUCK.format(line) + where == text

    @pytest.mark.skipif(os.name != "posix", reason="SIGTERM can be ignored there alone")
    def test_who_ignores_sigterm_is_killed(self, capsys, tmp_path: Path) -> None:
        """A worker and a cell that do not want to end, end; and the last lines of the cell had all run."""
        cell = f"""
import signal
from multiprocessing import get_context
import lesson_cells
signal.signal(signal.SIGTERM, signal.SIG_IGN)
get_context("forkserver").Process(target=lesson_cells.ignore_and_sleep, args=({str(tmp_path)!r},)).start()
"""
        waited = "The cell had run all its lines, and waited for what it had started."
        slept = "of lesson_cells.py, in ignore_and_sleep: time.sleep(600)\n"
        text, line = late(capsys, cell, waited, slept)
        assert STRUCK.format(line) + waited in text
        assert "worker 1, lesson_cells.ignore_and_sleep(), was in\n" in text
        assert slept in text
        assert numbers(tmp_path)
        assert [] == [number for number in numbers(tmp_path) if groups.is_alive(number)]

    def test_a_busy_loop_and_a_thread(self, capsys) -> None:
        """What computes is found as well as what waits, and other threads of the learner are named."""
        cell = """
import threading, time
def other():
    time.sleep(600)
threading.Thread(target=other, daemon=True).start()
while True: pass
"""
        main = "The cell was in\n    line 7 of the cell: while True: pass\n"
        thread = "  and another of its threads in\n    line 5 of the cell, in other: time.sleep(600)\n"
        text, _ = late(capsys, cell, main, thread)
        assert main in text
        assert thread in text

    def test_a_pool_whose_workers_wait(self, capsys) -> None:
        """The known trap, a pool with a cell's function under spawn, ends, and names what the workers lack."""
        cell = """
from multiprocessing import get_context
def mine(number): return number
with get_context("spawn").Pool(1) as pool:
    pool.map(mine, [1])
"""
        waits, lacks = "line 6 of the cell: pool.map(mine, [1])", "worker 1: AttributeError: Can't get attribute 'mine'"
        text, _ = late(capsys, cell, waits, lacks)
        assert waits in text
        assert lacks in text


class TestRefusals:
    @pytest.mark.parametrize(
        ("line", "cell", "message"),
        [
            ("", "1", "%%deadline needs a number of seconds. Write, for example, %%deadline 5"),
            ("soon", "1", "%%deadline 'soon' is no duration above 0"),
            ("0", "1", "%%deadline '0' is no duration above 0"),
            ("-1", "1", "%%deadline '-1' is no duration above 0"),
            ("5", "x = (", "Line 2 of the cell, counted with the line of %%deadline, is not Python"),
            ("5", "%pip list", "Use plain Python only: %magics and !commands belong in other cells."),
            ("5", "x = '\ud800'", "The cell holds a character that no Python file may hold"),
        ],
    )
    def test_it_is_told_what_to_write(self, line: str, cell: str, message: str) -> None:
        """Nothing is started, and the text says what is wrong."""
        with pytest.raises(InputError) as caught:
            watch(line, cell)
        assert message in str(caught.value)


HANGING = """%%deadline 600
from multiprocessing import get_context
import sys
sys.path.append({helpers!r})
import lesson_cells
lesson_cells.note_number({folder!r})
get_context("spawn").Process(target=lesson_cells.sleep_holding_segment, args=({folder!r}, {name!r})).start()
get_context("spawn").Process(target=lesson_cells.ignore_and_sleep, args=({folder!r},)).start()
"""


def hang(kernel: Kernel, folder: Path, name: str | None = None) -> str:
    client = kernel[1]
    client.execute("%load_ext parlab")
    cell = client.execute(HANGING.format(helpers=HELPERS, folder=str(folder), name=name))
    wait_until(lambda: len(numbers(folder)) == 3)
    return cell


def test_the_stop_button_ends_it(kernel: Kernel, tmp_path: Path) -> None:
    """One short message, and nobody is left, though one of them ignores the signal."""
    manager, client = kernel
    cell = hang(kernel, tmp_path)
    manager.interrupt_kernel()
    reply, _ = outcome(client, cell)
    assert ["InterruptedTasksError: Stopped: everything that the cell had started is gone."] == reply["traceback"]
    assert [] == [number for number in numbers(tmp_path) if groups.is_alive(number)]


@pytest.mark.skipif(not SEGMENTS.is_dir(), reason="segments are files on Linux alone")
def test_a_killed_kernel_leaves_nothing(kernel: Kernel, tmp_path: Path) -> None:
    """No process, no segment, no folder: the guard sees that the kernel is gone."""
    manager = kernel[0]
    name = f"parlab-test-{os.getpid()}"
    hang(kernel, tmp_path, name)
    assert (SEGMENTS / name).exists()
    number = manager.provisioner.pid
    os.kill(number, signal.SIGKILL)
    wait_until(lambda: not any(groups.is_alive(one) for one in numbers(tmp_path)))
    wait_until(lambda: not (SEGMENTS / name).exists())
    # The kernel's own folder for sockets stays, empty, and the next start sweeps it; the cell's is gone.
    wait_until(lambda: not list(Path(tempfile.gettempdir()).glob(f"parlab-private-{number}-*/*")))


@pytest.mark.skipif(os.name != "posix", reason="signals")
def test_a_kernel_that_is_interrupted_and_killed_leaves_nobody(kernel: Kernel, tmp_path: Path) -> None:
    """As Jupyter does on a restart: the kill comes while the interrupt is being dealt with, and one ignores SIGTERM."""
    hang(kernel, tmp_path)
    kernel[0].shutdown_kernel(now=True)
    wait_until(lambda: not any(groups.is_alive(one) for one in numbers(tmp_path)))


def test_nbval_compares_it(tmp_path: Path) -> None:
    """In a kernel started by nbval the same cell gives the same text, run after run."""
    hang_on = "%%deadline 1\nimport threading\nlock = threading.Lock()\nlock.acquire()\nlock.acquire()"
    say = "%%deadline 60\nfrom parlab.workloads import hello\nimport multiprocessing\nprint('hello')"
    cells = [
        nbformat.v4.new_code_cell("%load_ext parlab", execution_count=1),
        _cell(hang_on, STRUCK.format(1) + "The cell was in\n    line 5 of the cell: lock.acquire()\n"),
        _cell(say, "hello\n"),
    ]
    nbformat.write(nbformat.v4.new_notebook(cells=cells), tmp_path / "notebook.ipynb")
    options = ["-c", os.devnull, "--nbval", "--nbval-current-env", "--nbval-cell-timeout=150", "-p", "no:cacheprovider"]
    line = [sys.executable, "-m", "pytest", *options, "notebook.ipynb"]
    done = subprocess.run(line, cwd=tmp_path, capture_output=True, text=True, timeout=BOUND_S, check=False)
    assert 0 == done.returncode, done.stdout[-3000:]
    assert "3 passed" in done.stdout


def _cell(source: str, text: str) -> nbformat.NotebookNode:
    shown = [nbformat.v4.new_output("stream", name="stdout", text=text)]
    return nbformat.v4.new_code_cell(source, execution_count=1, outputs=shown)


@pytest.mark.skipif(not hasattr(signal, "SIGRTMIN"), reason="no real-time signals here")
def test_a_signal_without_a_name(capsys: pytest.CaptureFixture[str]) -> None:
    """Python names no real-time signal but the first and the last."""
    number = signal.SIGRTMIN + 1
    text = shown(capsys, f"import os\nos.kill(os.getpid(), {number})\n")
    assert f"The cell's program was ended: signal {number}." in text


def test_a_folder_that_is_gone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is told as by ``%%workers``."""
    (tmp_path / "gone").mkdir()
    monkeypatch.chdir(tmp_path / "gone")
    (tmp_path / "gone").rmdir()
    with pytest.raises(InputError, match="folder is gone, so nothing can be started there"):
        watch("5", "1")


def test_a_flood_does_not_cut_the_stacks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A stack that has not grown between two looks is whole; so there is time between them, whatever is printed."""
    watched = deadline._Watched.__new__(deadline._Watched)
    watched._folder = tmp_path
    stack, shows, clock = tmp_path / "cell.stack", count(), count(step=0.001)
    stack.write_text("Thread 1\n")

    def show(_wait_s: float) -> bool:
        if next(shows) == 5:
            stack.write_text("Thread 1\nThread 2\n")
        return True

    monkeypatch.setattr(watched, "_show_next", show)
    monkeypatch.setattr(deadline.time, "monotonic", lambda: next(clock))
    watched._await_answers(["cell"])
    assert "Thread 1\nThread 2\n" == stack.read_text()
