"""Ends a lesson's programs and workers when the notebook is gone: a kernel that is killed can end nobody.

``python -P -m parlab.workloads.guarding FILE`` runs a program and waits for the end of its own standard input, which
comes when the kernel is gone. The program cannot do that itself: it may fork, so it shall have no thread for it.
"""

import multiprocessing
import os
import subprocess
import sys
import threading
from multiprocessing.connection import wait
from typing import Any

from parlab import groups


def main(arguments: list[str]) -> int:
    """Run Python with these arguments, and return its exit code; the same as a shell's for one that a signal ended."""
    gone = threading.Event()
    watch = threading.Thread(target=_end_with_notebook, args=(gone,), daemon=True)
    watch.start()
    program = subprocess.Popen([sys.executable, *arguments], stdin=subprocess.DEVNULL)
    code = program.wait()
    if gone.is_set():  # the program was the first to be ended: stay until all are
        watch.join()
    return code if code >= 0 else 128 - code


def end_with_parent() -> None:
    """End this worker when its parent is gone: an initializer for an executor that stays open in a notebook.

    A kernel that is killed ends none of its workers, and they would wait for tasks for ever.
    """
    parent = multiprocessing.parent_process()
    if parent is not None:
        threading.Thread(target=_end_after, args=(parent.sentinel,), daemon=True).start()


def _end_after(sentinel: Any) -> None:
    wait([sentinel])
    os._exit(1)


def _end_with_notebook(gone: threading.Event) -> None:
    while os.read(sys.stdin.fileno(), 1):  # not sys.stdin itself, whose lock a thread would hold until the end
        pass
    gone.set()
    groups.end_others()
    os._exit(1)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
