"""Knowing that one is inside a worker, and how deep."""

import os
import subprocess
import sys
import threading
from collections.abc import Callable

import pytest

from parlab import nesting
from parlab.errors import InputError


def in_a_thread(work: Callable[[], object]) -> object:
    found: list[object] = []
    thread = threading.Thread(target=lambda: found.append(work()))
    thread.start()
    thread.join()
    return found[0]


@pytest.fixture(autouse=True)
def _unmarked(monkeypatch: pytest.MonkeyPatch) -> None:
    """Begin outside of any worker, with a variable that is taken away again."""
    monkeypatch.setattr(nesting, "_here", threading.local())
    monkeypatch.setattr(nesting, "_interpreter", [])
    monkeypatch.setenv(nesting._VARIABLE, "1")
    monkeypatch.delenv(nesting._VARIABLE)


def test_a_plain_process_is_no_worker() -> None:
    """Nothing said, nothing found."""
    assert not nesting.inside_worker()


def test_a_worker_thread_is_one_alone() -> None:
    """A thread that is a worker does not make its process one."""

    def work() -> bool:
        nesting.enter_worker("thread")
        return nesting.inside_worker()

    assert in_a_thread(work)
    assert not nesting.inside_worker()
    assert nesting._VARIABLE not in os.environ


def test_a_worker_process_is_one_with_all_it_starts() -> None:
    """Its other threads and its programs are inside it."""
    nesting.enter_worker("process")
    assert nesting.inside_worker()
    assert in_a_thread(nesting.inside_worker)
    code = "from parlab import nesting; print(nesting.inside_worker())"
    assert "True" == subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout[:4]


def test_a_worker_interpreter_is_one_alone() -> None:
    """All its threads are inside it; the environment, which is that of other interpreters too, says nothing."""
    nesting.enter_worker("interpreter")
    assert nesting.inside_worker()
    assert in_a_thread(nesting.inside_worker)
    assert nesting._VARIABLE not in os.environ


def nest(times: int) -> int:
    if times == 0:
        return nesting._here.depth
    with nesting.serially():
        return nest(times - 1)


def test_depth_is_counted_and_limited() -> None:
    """Eight levels are allowed, nine are refused with what to do, and leaving counts down again."""
    for _ in range(2):
        assert 8 == nest(8)
        with pytest.raises(InputError, match=r"inside itself 8 times.*plain function"):
            nest(9)
    assert 0 == nesting._here.depth


def test_depth_belongs_to_a_thread() -> None:
    """Threads do not count each other's levels."""
    with nesting.serially():
        assert 8 == in_a_thread(lambda: nest(8))


def test_a_note_is_taken_once() -> None:
    """That something was nested is told once, and by its own thread."""
    assert not nesting.take_note()
    nest(1)
    assert not in_a_thread(nesting.take_note)
    assert nesting.take_note()
    assert not nesting.take_note()


def test_a_note_that_is_taken_inside_is_there_again() -> None:
    """What runs serially may take notes of its own: the worker around it is told all the same."""
    with nesting.serially():
        nesting.take_note()
    assert nesting.take_note()
