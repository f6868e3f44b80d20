"""Looks at what a process and its family hold: who is alive, which files are open, what lies in /dev/shm."""

import gc
import os
import threading
import time
from pathlib import Path

import psutil

MARK = "PARLAB_FAULTS"  # an environment variable: children inherit it, however deep, and whoever their parent is by now
GONE_S = 30.0  # parlab promises 5 for the worst case, a killed parent; cases of it measure that
LOOK_S = 0.02
SHARED_MEMORY = Path("/dev/shm")  # noqa: S108  # this is what it is called


def alive(mark: str) -> list[psutil.Process]:
    """List living processes that carry a mark, less this one and those above it; a zombie is not alive."""
    above = {os.getpid(), *(one.pid for one in psutil.Process().parents())}
    found = []
    for process in psutil.process_iter():
        try:
            if process.pid not in above and process.environ().get(MARK) == mark and _lives(process):
                found.append(process)
        except psutil.Error:
            continue
    return found


def _lives(process: psutil.Process) -> bool:
    return process.status() not in (psutil.STATUS_ZOMBIE, psutil.STATUS_DEAD)


def strays(mark: str) -> list[psutil.Process]:
    """List living processes less the two that ``multiprocessing`` keeps for a process as long as it lives."""
    known = _helpers()
    return [one for one in alive(mark) if one.pid not in known]


def strays_after(mark: str, patience_s: float = GONE_S) -> list[str]:
    """Wait until no stray is left; describe those that are left nevertheless."""
    deadline = time.monotonic() + patience_s
    while (left := strays(mark)) and time.monotonic() < deadline:
        time.sleep(LOOK_S)
    return [_described(one) for one in left]


def _described(process: psutil.Process) -> str:
    try:
        return f"{process.status()}: {' '.join(process.cmdline())[:200]}"
    except psutil.Error:
        return "gone while it was looked at"


def _helpers() -> set[int | None]:
    """Return the process numbers of this process's own fork server and resource trackers."""
    import multiprocessing.forkserver
    import multiprocessing.resource_tracker

    return {
        multiprocessing.forkserver._forkserver._forkserver_pid,
        multiprocessing.resource_tracker._resource_tracker._pid,
    }


def holdings() -> dict[str, list[str]]:
    """List what this process holds: open files, threads, and names in /dev/shm."""
    gc.collect()  # named semaphores go with the object that made them
    return {"files": _files(), "threads": _threads(), "shared memory": shared_memory()}


def _files() -> list[str]:
    """List where the descriptors lead, less the lines to the two helpers; a pipe has a number that never returns."""
    import multiprocessing.forkserver
    import multiprocessing.resource_tracker

    lines = {
        multiprocessing.forkserver._forkserver._forkserver_alive_fd,
        multiprocessing.resource_tracker._resource_tracker._fd,
    }
    found = []
    for name in os.listdir("/proc/self/fd"):  # noqa: PTH208  # the listing itself holds one, gone when it is read
        try:
            target = os.readlink(f"/proc/self/fd/{name}")  # noqa: PTH115  # a pipe is no path
        except OSError:
            continue
        if int(name) not in lines:
            found.append(target)
    return sorted(found)


def _threads() -> list[str]:
    """List threads by name, less the one that tqdm starts with its first bar and keeps."""
    return sorted(one.name for one in threading.enumerate() if one.name != "tqdm_monitor")


def shared_memory() -> list[str]:
    """List names in /dev/shm: all of them where it is this probe's own, else only those of parlab."""
    names = sorted(one.name for one in SHARED_MEMORY.iterdir())
    return names if os.environ.get("PARLAB_FAULTS_OWN_SHM") else [one for one in names if one.startswith("parlab-")]
