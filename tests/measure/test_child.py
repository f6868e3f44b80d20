"""A process of the harness, seen from the supervisor: it is known to be gone, whoever else holds its line open."""

import os
import queue
import signal
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from parlab import groups
from parlab.measure import child as children
from parlab.measure.channel import Channel
from parlab.measure.child import Child, TrialTimeoutError
from parlab.measure.runner import farewell

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="fork and signals")
BOUND_S = 30
# It leaves somebody in a session of his own, who holds all that it held, and goes without a word.
DESERTER = """
import os, pathlib, signal, sys
there, ready = os.pipe()
if os.fork() == 0:
    os.setsid()
    pathlib.Path(sys.argv[1]).write_text(str(os.getpid()))
    os.close(ready)
    signal.alarm(60)
    signal.pause()
os.close(ready)
os.read(there, 1)
os._exit(3)
"""


@pytest.fixture
def deserter(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Child]:
    """One that has gone, and has left somebody with its line."""
    monkeypatch.setattr(groups, "SETTLE_S", 0.2)
    (tmp_path / "deserter.py").write_text(DESERTER)
    note = tmp_path / "left"
    process = Child("deserter", queue.SimpleQueue(), {"PYTHONPATH": str(tmp_path)}, [str(note)])
    process.process.wait(BOUND_S)
    yield process
    psutil.Process(int(note.read_text())).kill()
    monkeypatch.setattr(groups, "SETTLE_S", BOUND_S)
    process.release()


def test_one_that_has_gone_is_not_waited_for(deserter: Child) -> None:
    """Its end is noticed although its line stays open, and long before its deadline."""
    assert b"" == deserter.await_line(BOUND_S)
    assert "ended with exit code 3" == farewell(deserter.process)


def test_pipes_that_somebody_holds_are_left_to_their_readers(deserter: Child) -> None:
    """To close them would wait for readers that wait for him."""
    released = threading.Thread(target=deserter.release, daemon=True)
    released.start()
    released.join(BOUND_S)
    assert not released.is_alive()
    assert deserter.process.stdin and deserter.process.stdin.closed


class Silent:
    """A process that lives and says nothing."""

    pid = 0

    def poll(self) -> None:
        return None


@pytest.mark.parametrize("deadline_s", [0.0, 0.01])
def test_one_that_says_nothing_is_late(deadline_s: float) -> None:
    """At the deadline, not at the next look."""
    silent = Child.__new__(Child)
    silent.inbox, silent.process = queue.SimpleQueue(), Silent()  # type: ignore[assignment]
    with pytest.raises(TrialTimeoutError):
        silent.await_line(deadline_s)


def test_a_deadline_beyond_all_clocks(monkeypatch: pytest.MonkeyPatch) -> None:
    """A queue cannot wait for longer than its clock goes; somebody who wants that long a deadline gets it."""
    monkeypatch.setattr(children, "_LOOK_S", 0.01)
    inbox: queue.SimpleQueue[Any] = queue.SimpleQueue()
    silent = Child.__new__(Child)
    silent.inbox, silent.process = inbox, Silent()  # type: ignore[assignment]
    threading.Timer(0.05, inbox.put, [(0, b"late\n")]).start()
    assert b"late\n" == silent.await_line(1e12)


@pytest.mark.skipif(not hasattr(signal, "SIGRTMIN"), reason="no real-time signals")
def test_a_signal_without_a_name(tmp_path: Path) -> None:
    """A real-time signal ends a trial as any other does, and is told by its number."""
    (tmp_path / "own_end.py").write_text("import os, signal; os.kill(os.getpid(), signal.SIGRTMIN + 1)")
    process = Child("own_end", queue.SimpleQueue(), {"PYTHONPATH": str(tmp_path)})
    assert b"" == process.await_line(BOUND_S)
    process.process.wait(BOUND_S)
    process.release()
    assert f"was ended by signal {signal.SIGRTMIN + 1}" == farewell(process.process)


@pytest.mark.skipif(sys.platform != "linux", reason="asks how full a pipe is")
def test_an_event_is_sent_whole() -> None:
    """A signal in the middle of a long line cuts the system's write short, and not the line."""
    import fcntl
    import termios

    reader, writer = os.pipe()
    room, main = fcntl.fcntl(writer, fcntl.F_GETPIPE_SZ), threading.main_thread().ident
    arrived: list[bytes] = []

    def disturb_and_read() -> None:
        held = bytearray(4)
        while int.from_bytes(held, sys.byteorder) < room:
            fcntl.ioctl(reader, termios.FIONREAD, held)
        signal.pthread_kill(main, signal.SIGUSR1)
        with os.fdopen(reader, "rb") as lines:
            arrived.append(lines.readline())

    before = signal.signal(signal.SIGUSR1, lambda *_: None)
    try:
        other = threading.Thread(target=disturb_and_read)
        other.start()
        with os.fdopen(writer, "wb", buffering=0) as events, Path(os.devnull).open("rb") as orders:
            Channel(orders, events).send("long", {"text": "x" * 2 * room})
        other.join(BOUND_S)
    finally:
        signal.signal(signal.SIGUSR1, before)
    assert arrived[0].endswith(b'x"}\n')
