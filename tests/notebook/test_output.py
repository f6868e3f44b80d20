"""``parlab.shown_output``: what a cell's own processes print, in an order that is no chance."""

import multiprocessing
import os
import tempfile
import time
from multiprocessing.process import BaseProcess
from pathlib import Path

import lesson_cells
import pytest
from kernels import Kernel

import parlab
from parlab import groups
from parlab.errors import InputError
from parlab.notebook import relay

METHODS = sorted(multiprocessing.get_all_start_methods())


@pytest.mark.parametrize("method", METHODS)
def test_each_process_in_the_order_of_the_starts(method: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Whoever comes first: the lines of a process stand together, under every start method."""
    context = multiprocessing.get_context(method)
    tickets = context.Value("i", 3, lock=False)
    with parlab.shown_output():
        processes = [context.Process(target=lesson_cells.say_in_turn, args=(one, tickets)) for one in (1, 2, 3)]
        _run(processes)
    assert [0, 0, 0] == [process.exitcode for process in processes]
    assert "worker 1: my turn\nworker 2: my turn\nworker 3: my turn\n" == capsys.readouterr().out


def test_the_order_of_arrival(capsys: pytest.CaptureFixture[str]) -> None:
    """When that is asked for, whoever printed first is shown first."""
    context = multiprocessing.get_context("spawn")
    tickets = context.Value("i", 3, lock=False)
    with parlab.shown_output(order="arrival"):
        _run([context.Process(target=lesson_cells.say_in_turn, args=(one, tickets)) for one in (1, 2, 3)])
    assert "worker 3: my turn\nworker 2: my turn\nworker 1: my turn\n" == capsys.readouterr().out


def _run(processes: list[BaseProcess]) -> None:
    for process in processes:
        process.start()
    for process in processes:
        process.join()


def test_an_error_is_told_by_the_learners_lines(capsys: pytest.CaptureFixture[str]) -> None:
    """The exit code stays 1, and what was printed before is shown, too."""
    process = multiprocessing.get_context("spawn").Process(target=lesson_cells.say_and_fail, args=(7,))
    with parlab.shown_output():
        _run([process])
    text = capsys.readouterr().out
    assert 1 == process.exitcode
    assert text.startswith("worker 1: hello 7\nworker 1: and 7\nworker 1: Traceback (the last call comes last):\n")
    assert text.endswith("worker 1: ValueError: 7\n")


def test_nothing_stays_changed() -> None:
    """After the block, and after an error in it, processes are started as before, and no folder is left."""
    before = BaseProcess.start
    with parlab.shown_output():
        assert before is not BaseProcess.start
    with pytest.raises(ZeroDivisionError), parlab.shown_output():
        raise ZeroDivisionError
    assert before is BaseProcess.start
    assert [] == list(Path(tempfile.gettempdir()).glob(f"parlab-private-{os.getpid()}-*"))


def test_a_block_that_raises_kills_what_runs(tmp_path: Path) -> None:
    """The stop button in a join leaves nobody behind."""
    process = multiprocessing.get_context("spawn").Process(target=lesson_cells.ignore_and_sleep, args=(str(tmp_path),))
    with pytest.raises(KeyboardInterrupt), parlab.shown_output():
        process.start()
        raise KeyboardInterrupt
    assert not process.is_alive()


def test_a_process_that_was_closed_is_in_nobodys_way(tmp_path: Path) -> None:
    """It answers nothing any more; the learner's own error is shown all the same, and the others are killed."""
    context = multiprocessing.get_context("spawn")
    closed = context.Process(target=lesson_cells.say, args=(1,))
    other = context.Process(target=lesson_cells.ignore_and_sleep, args=(str(tmp_path),))
    with pytest.raises(KeyError), parlab.shown_output():
        _run([closed])
        closed.close()
        other.start()
        raise KeyError
    assert not other.is_alive()


def test_a_line_that_never_ends_does_not_fill_the_memory(tmp_path: Path) -> None:
    """Dots without a line feed are kept up to the limit, and then no more."""
    notes = relay.Notes(tmp_path / "worker 1.lines")
    for _ in range(100):
        notes.write("." * 1000)
    assert "" == notes._waiting
    os.close(notes._file)
    text = "".join(line.text for line in relay.lines(tmp_path, "worker 1"))
    assert text.endswith("[more was printed, and is not shown]\n")
    assert len(text) <= relay.MOST_BYTES + 100


def test_another_order_is_refused() -> None:
    """The error lists the two."""
    with pytest.raises(InputError, match="Did you mean 'arrival'"):
        parlab.shown_output("arival").__enter__()


def test_a_flood_is_cut(capsys: pytest.CaptureFixture[str]) -> None:
    """Of each process 16 KiB are kept."""
    with parlab.shown_output():
        _run([multiprocessing.get_context("spawn").Process(target=print, args=("x\n" * 50_000,))])
    text = capsys.readouterr().out
    assert text.endswith("worker 1: [more was printed, and is not shown]\n")


def test_processes_end_with_their_kernel(kernel: Kernel, tmp_path: Path) -> None:
    """A killed kernel takes along what was started in such a block."""
    manager, client = kernel
    code = f"""
import multiprocessing, parlab, sys
sys.path.append({str(Path(lesson_cells.__file__).parent)!r})
import lesson_cells
with parlab.shown_output():
    context = multiprocessing.get_context("spawn")
    process = context.Process(target=lesson_cells.ignore_and_sleep, args=({str(tmp_path)!r},))
    process.start()
    process.join()
"""
    client.execute(code)
    until = time.monotonic() + 60
    while not list(tmp_path.glob("*.number")):
        assert time.monotonic() < until
        time.sleep(0.05)
    number = int(next(tmp_path.glob("*.number")).stem)
    manager.shutdown_kernel(now=True)
    until = time.monotonic() + 60
    while groups.is_alive(number):
        assert time.monotonic() < until
        time.sleep(0.05)
