"""Runs ``parlab …`` as a user does, watches how much memory each of its processes holds, and who is left afterwards."""

import os
import subprocess
import sys
import threading
import time
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import psutil
from looking import MARK, alive, strays_after

HERE = Path(__file__).parent
PATHS = (HERE, HERE.parent / "helpers")
LOOK_S = 0.1
ROLES = {"parlab.measure.supervisor": "supervisor", "parlab.measure.trial_entry": "trial"}


@dataclass(slots=True)
class Ran:
    """What came of a command."""

    code: int | None  # None: it did not end in time, and was killed
    out: str
    err: str
    seconds: float
    peak_bytes: dict[str, int] = field(default_factory=dict)  # face, supervisor, trial, and all workers together
    strays: list[str] = field(default_factory=list)

    @property
    def said(self) -> str:
        """Everything that it printed, one space between words: lines are broken anywhere."""
        return " ".join((self.out + self.err).split())

    def peaks(self) -> str:
        """The peaks in MiB, as one text."""
        return ", ".join(f"{role} {size >> 20}" for role, size in self.peak_bytes.items())


def parlab(
    *arguments: str, folder: Path, bound_s: float, before: tuple[str, ...] = (), variables: dict[str, str] | None = None
) -> Ran:
    """Run a command in a folder; ``before`` is a program that starts it. Kill it, and all below it, past the bound."""
    mark = f"{folder}-{time.monotonic_ns()}"
    line = [*before, sys.executable, "-P", "-m", "parlab", *arguments]
    paths = os.pathsep.join(map(str, [*PATHS, *(variables or {}).get("PYTHONPATH", "").split(os.pathsep)]))
    environment = {
        **os.environ,
        "COLUMNS": "80",
        **(variables or {}),
        "PYTHONPATH": paths.strip(os.pathsep),
        MARK: mark,
    }
    began = time.monotonic()
    with (folder / "out").open("w+b") as out, (folder / "err").open("w+b") as err:
        process = subprocess.Popen(
            line, stdin=subprocess.DEVNULL, stdout=out, stderr=err, cwd=folder, env=environment, start_new_session=True
        )
        peaks, code = _watched(process, mark, bound_s)
        seconds = time.monotonic() - began
        left = strays_after(mark)
        for one in alive(mark):
            with suppress(psutil.Error):
                one.kill()
    texts = [(folder / name).read_text(errors="replace") for name in ("out", "err")]
    return Ran(code, *texts, seconds, peaks, left)


def _watched(process: "subprocess.Popen[bytes]", mark: str, bound_s: float) -> tuple[dict[str, int], int | None]:
    """Wait for the end and note the largest resident memory of each role."""
    peaks: dict[str, int] = {}
    over = threading.Event()

    def look_on() -> None:
        while not over.wait(LOOK_S):
            for role, size in _holding(process.pid).items():
                peaks[role] = max(peaks.get(role, 0), size)

    looker = threading.Thread(target=look_on)
    looker.start()
    try:
        code: int | None = process.wait(bound_s)
    except subprocess.TimeoutExpired:
        for one in [*alive(mark), psutil.Process(process.pid)]:
            with suppress(psutil.Error):
                one.kill()
        process.wait()
        code = None
    finally:
        over.set()
        looker.join()
    return dict(sorted(peaks.items())), code


def _holding(process: int) -> dict[str, int]:
    """Sum up resident memory by role: what several share is counted in each."""
    held: dict[str, int] = {}
    with suppress(psutil.Error):
        face = psutil.Process(process)
        held["face"] = face.memory_info().rss
        for one in face.children(recursive=True):
            with suppress(psutil.Error):
                words = " ".join(one.cmdline())
                role = next((name for module, name in ROLES.items() if module in words), "workers")
                held[role] = held.get(role, 0) + one.memory_info().rss
    return held
