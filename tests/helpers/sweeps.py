"""Sweeps for tests: run to their end in this process's name, or started as a command that is killed on the way."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import tasks

import parlab
from parlab.measure.request import Request, make_job
from parlab.measure.session import Session
from parlab.results import Results, read

BOUND_S = 180


def measure(path: Path, **wanted) -> tuple[Results, list[dict]]:
    """Run a sweep to its end and read what it left."""
    usual = {"subject": tasks.double, "backends": ["threads", "processes"], "workers": [1, 2], "rounds": 1}
    request = Request(**{"output": path, **usual, **wanted})
    with Session(make_job(request, parlab.detect())) as session:
        events = list(session.events())
    return read(path), events


@contextmanager
def bench(folder: Path, *arguments: str) -> Iterator[subprocess.Popen]:
    """Start ``parlab bench``, marked so that ``alive`` finds all of it, with a temporary folder of its own."""
    (folder / "tmp").mkdir()
    environment = {**os.environ, "PARLAB_TEST": str(folder), "TMPDIR": str(folder / "tmp")}
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "parlab", "bench", *arguments],
            stdout=log,
            stderr=log,
            env=environment,
            start_new_session=True,
            preexec_fn=_heed_interrupts,
        )
    try:
        yield process
    finally:
        process.kill()  # a test that failed must not leave its sweep to the next one
        process.wait(BOUND_S)


def _heed_interrupts() -> None:
    """Undo what a shell does to background jobs: it lets them ignore SIGINT, and their children inherit that."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def private_folders(folder: Path) -> list[Path]:
    """List the private folders that the command in this folder has now."""
    return list((folder / "tmp").glob("parlab-*"))


def trials_in(path: Path) -> int:
    """Count the trials in a result file that may not be there yet."""
    return path.read_bytes().count(b'"kind":"trial"') if path.exists() else 0


def wait_until(condition: Callable[[], object], bound_s: float = BOUND_S) -> None:
    """Look again and again until something is so."""
    deadline = time.monotonic() + bound_s
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.05)


def alive(folder: Path) -> list[psutil.Process]:
    """List living processes that the command in this folder started, however deep."""
    found = []
    for process in psutil.process_iter():
        try:
            ours = process.environ().get("PARLAB_TEST") == str(folder)
            if ours and process.status() != psutil.STATUS_ZOMBIE:
                found.append(process)
        except psutil.Error:
            continue
    return found


def running(folder: Path, module: str) -> list[psutil.Process]:
    """List those of the living processes that run a module of parlab."""
    found = []
    for process in alive(folder):
        try:
            if module in process.cmdline():
                found.append(process)
        except psutil.Error:
            continue
    return found


def supervisor_of(process: subprocess.Popen) -> psutil.Process:
    """Find the supervisor that a command has started."""
    (supervisor,) = psutil.Process(process.pid).children()
    return supervisor
