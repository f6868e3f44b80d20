"""Tells who lives, of processes that may end while they are looked at."""

import psutil


def lives(process: psutil.Process) -> bool:
    """Tell whether a process is more than a zombie; one that has just gone, or is another's by now, does not live."""
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
