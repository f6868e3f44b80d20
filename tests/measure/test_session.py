"""A sweep that cannot even begin leaves no process and no file, and says why."""

import errno
import subprocess
import tempfile
import threading
from pathlib import Path
from typing import NoReturn

import pytest
from builders import SWEEP

from parlab import groups
from parlab.errors import TrialError
from parlab.measure import payload
from parlab.measure.job import Job
from parlab.measure.session import Session


@pytest.fixture
def session(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Session:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    written, _ = payload.write(payload.Payload([1]))
    return Session(Job(SWEEP, {}, 2, {}, str(tmp_path / "out.jsonl"), False, [], str(written)))


def test_too_many_processes(tmp_path: Path, session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    """The system gives no process: its reason and a way out are told."""

    def refuse(*_arguments: object, **_options: object) -> NoReturn:
        raise OSError(errno.EAGAIN, "Resource temporarily unavailable")

    monkeypatch.setattr(groups, "start", refuse)
    with pytest.raises(TrialError, match="cannot be started: Resource temporarily unavailable.*ulimit"), session:
        pytest.fail("it began")
    assert [] == list(tmp_path.iterdir())


@pytest.mark.parametrize("problem", [KeyboardInterrupt, RuntimeError])
def test_an_interrupt_at_the_start(
    tmp_path: Path, session: Session, monkeypatch: pytest.MonkeyPatch, problem: type[BaseException]
) -> None:
    """The user interrupts, or there is no room for a thread, when the supervisor has been started: it is ended."""
    started: list[subprocess.Popen[bytes]] = []
    start = groups.start

    def start_and_note(module: str) -> subprocess.Popen[bytes]:
        started.append(start(module))
        return started[0]

    def fail(_thread: threading.Thread) -> NoReturn:
        raise problem

    monkeypatch.setattr(groups, "start", start_and_note)
    monkeypatch.setattr(threading.Thread, "start", fail)
    with pytest.raises(problem), session:
        pytest.fail("it began")
    assert started[0].returncode is not None
    assert [] == list(tmp_path.iterdir())
    for pipe in (started[0].stdin, started[0].stdout, started[0].stderr):
        assert pipe is not None
        pipe.close()


def test_files_go_also_when_the_end_is_interrupted(
    tmp_path: Path, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An impatient user interrupts again, while the supervisor is waited for."""

    def interrupted() -> NoReturn:
        raise KeyboardInterrupt

    stop = session.stop
    with pytest.raises(KeyboardInterrupt), session:
        monkeypatch.setattr(session, "stop", interrupted)
    assert [] == list(tmp_path.iterdir())
    stop()
