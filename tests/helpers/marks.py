"""Marks of processes that are known to be dead, or that cannot be seen from here."""

import subprocess
import sys

from parlab import owners


def of_a_dead_process() -> str:
    """Start a process, wait for its end and make its mark."""
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    return with_number(process.pid)


def with_number(process: int) -> str:
    """Make the mark that a process of this namespace has."""
    return f"{process}-{owners.mark().partition('-')[2]}"


def of_another_namespace(process: int) -> str:
    """Make the mark that a process of another container has."""
    namespace = owners.mark().partition("-")[2]
    return f"{process}-{int(namespace, 16) ^ 1:x}"
