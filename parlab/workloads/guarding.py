"""Ends a lesson's programs and workers when the notebook is gone: a kernel that is killed can end nobody.

``python -P -m parlab.workloads.guarding FILE`` runs a program and waits for the end of its own standard input, which
comes when the kernel is gone. The program cannot do that itself: it may fork, so it shall have no thread for it.
"""

import multiprocessing
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.connection import wait
from typing import TYPE_CHECKING, Any

from parlab import groups

if TYPE_CHECKING:
    from multiprocessing.process import BaseProcess

_END_S = 10.0


def main(arguments: list[str]) -> int:
    """Run Python with these arguments, and return its exit code; the same as a shell's for one that a signal ended."""
    groups.stay_until_others_have_ended()
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


@contextmanager
def running(process: "BaseProcess") -> Iterator[None]:
    """Start a process, and join it when the block ends; kill it when the block raises.

    Parameters
    ----------
    process
        Made, and not yet started. When the block ends it should be on its way out: after ten seconds it is killed.
    """
    process.start()
    try:
        yield
    except BaseException:  # the notebook's stop button too
        process.kill()
        raise
    finally:
        process.join(_END_S)
        if process.is_alive():
            process.kill()
            process.join(_END_S)


def _end_after(sentinel: Any) -> None:
    wait([sentinel])
    os._exit(1)


def _end_with_notebook(gone: threading.Event) -> None:
    while os.read(sys.stdin.fileno(), 1):  # not sys.stdin itself, whose lock a thread would hold until the end
        pass
    gone.set()
    groups.end_all(1)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
