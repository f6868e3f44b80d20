"""Ray: what must be true besides what the conformance suite holds for every engine. One session: it takes seconds."""

import os
import sys
from concurrent.futures import BrokenExecutor, Future
from pathlib import Path
from types import SimpleNamespace

import psutil
import pytest
import tasks
from living import lives

from parlab import backends
from parlab.backends.base import assemble
from parlab.backends.meeting import FileSemaphore
from parlab.backends.ray_executor import RayExecutor

MISSING = backends.get("ray").availability()


@pytest.mark.skipif(MISSING is not None, reason=str(MISSING))
def test_a_session_is_private_and_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """All of it listens on 127.0.0.1 alone; afterwards no process, folder, secret or variable of ours is left."""
    home = tmp_path / "home"
    home.mkdir()
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setattr("tempfile.tempdir", None)
    folder = Path("/tmp") / f"r{os.getpid()}"  # noqa: S108  # Ray's sockets need a short path
    folder.mkdir(mode=0o700)
    monkeypatch.setenv("TMPDIR", str(folder))
    before = dict(os.environ)
    try:
        with backends.get("ray").open(2) as executor:
            assemble(executor, 2)
            assert [0, 2] == list(executor.map(tasks.double, range(2)))
            family = [psutil.Process(), *psutil.Process().children(recursive=True)]
            heard = {
                one.laddr.ip.removeprefix("::ffff:")
                for each in family
                for one in each.net_connections()
                if one.status == psutil.CONN_LISTEN
            }
            assert {"127.0.0.1"} == heard
            begun = [one for one in family if "ray" in one.name()]
            assert begun
        assert [] == list(filter(lives, begun))
        assert [] == list(folder.iterdir())
        assert [] == list(home.iterdir())
        changed = {name for name in {*before, *os.environ} if before.get(name) != os.environ.get(name)}
        assert changed <= {"PYTHONBREAKPOINT", "RAY_CLIENT_MODE"}  # which Ray sets when it is imported
    finally:
        monkeypatch.undo()
        folder.rmdir()


@pytest.mark.parametrize("name", ["WorkerCrashedError", "OutOfMemoryError", "NodeDiedError", "LocalRayletDiedError"])
def test_each_way_to_lose_a_worker_is_told_alike(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever Ray calls it, the executor says that it is broken, and its word is what a span shows (no session)."""
    names = ("WorkerCrashedError", "OutOfMemoryError", "NodeDiedError", "LocalRayletDiedError")
    exceptions = SimpleNamespace(**{one: type(one, (Exception,), {}) for one in names})
    monkeypatch.setitem(sys.modules, "ray", SimpleNamespace(exceptions=exceptions))
    monkeypatch.setitem(sys.modules, "ray.exceptions", exceptions)
    executor = object.__new__(RayExecutor)
    executor._pending, wanted, answer = set(), Future[None](), Future[None]()
    answer.set_exception(getattr(exceptions, name)("gone"))
    executor._answer(wanted, answer)
    told = wanted.exception(0)
    assert isinstance(told, BrokenExecutor)
    assert name == getattr(told, "how", None)


def test_one_that_is_not_installed_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """The reason has the install line."""
    monkeypatch.setattr("parlab.backends.ray.find_spec", lambda _name: None)
    assert "pip install 'parlab[ray]'" in str(backends.get("ray").availability())


def test_the_semaphore_of_files_counts(tmp_path: Path) -> None:
    """It is taken as often as it was released, and then waits no longer than told."""
    semaphore = FileSemaphore(str(tmp_path), 1)
    semaphore.release()
    assert [True, True, False] == [semaphore.acquire(timeout=0.01) for _ in range(3)]
