"""Pipes that somebody still holds: what is done to them, and what is left alone."""

import multiprocessing
import os
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest

from parlab.backends import pipes

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="no other system opens a pipe again")
BOUND_S = 30


@pytest.fixture
def waiting() -> Iterator[threading.Thread]:
    """A thread that waits until the test is over."""
    gate = threading.Event()
    thread = threading.Thread(target=lambda: gate.wait(BOUND_S))
    thread.start()
    yield thread
    gate.set()
    thread.join()


def test_a_file_that_has_the_number_of_a_closed_pipe(waiting: threading.Thread, tmp_path: Path) -> None:
    """It is nobody's pipe, and nothing is written into it."""
    path = tmp_path / "file"
    path.write_bytes(b"precious")
    with path.open("rb") as file:
        pipes.release(waiting, file, SimpleNamespace(fileno=file.fileno), 0.05)
    assert b"precious" == path.read_bytes()


def test_a_pipe_that_is_closed_meanwhile(waiting: threading.Thread, monkeypatch: pytest.MonkeyPatch) -> None:
    """The thread was not stuck, and has closed what it read: that is no error of the one who looks after it."""
    reader, writer = multiprocessing.Pipe(duplex=False)
    write, written = os.write, []

    def write_late(pipe: int, data: bytes) -> int:
        written.append(pipe)
        reader.close()
        return write(pipe, data)

    monkeypatch.setattr(os, "write", write_late)
    pipes.release(waiting, reader, None, 0.05)
    assert 1 == len(written)
    writer.close()


def test_what_is_written_for_nobody_is_taken_out() -> None:
    """More than a pipe holds: who writes it comes to his end."""
    reader, writer = multiprocessing.Pipe(duplex=False)
    writing = threading.Thread(target=writer.send_bytes, args=(bytes(1_000_000),))
    writing.start()
    pipes.release(writing, None, writer, BOUND_S)
    assert not writing.is_alive()
    for end in (reader, writer):
        end.close()
