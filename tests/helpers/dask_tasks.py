"""Task functions for the tests of Dask, and what they leave notes about."""

import os
import signal
import time
from pathlib import Path


def kill_once(number, folder=""):
    """End this worker at item 3, the first time."""
    mark = Path(folder) / "killed"
    if number == 3 and not mark.exists():
        mark.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return number


def kill_always(number):
    """End every worker that gets item 3."""
    if number == 3:
        os.kill(os.getpid(), signal.SIGKILL)
    return number


def note_and_nap(number, folder=""):
    """Leave a file that says which process has begun which item, and take a while."""
    (Path(folder) / f"{os.getpid()}-{number}-{time.monotonic_ns()}").touch()
    time.sleep(0.1)
    return number


_hoarded = []


def hoard(number, folder=""):
    """Do the same; once a file says so, keep more memory than Dask lets a worker have before it pauses it."""
    if Path(os.environ.get("PARLAB_HOARD", "/nowhere")).exists() and not _hoarded:
        _hoarded.append(b"x" * 700_000_000)
    return note_and_nap(number, folder)


def variables(names):
    return {name: os.environ.get(name) for name in names}


def threads_seen(_item):
    """How many threads are in tasks at once would show here; the name says whose thread it is."""
    import threading

    return threading.current_thread().name


class Counted:
    """Callable data that notes each time when it is rebuilt."""

    def __init__(self, folder, data):
        self.folder, self.data = folder, data

    def __reduce__(self):
        return _rebuilt, (self.folder, self.data)

    def __call__(self, number):
        return number + len(self.data)


def _rebuilt(folder, data):
    (Path(folder) / f"{os.getpid()}-{time.monotonic_ns()}").touch()
    return Counted(folder, data)
