"""What ``%load_ext parlab`` brings: ``%%workers``, ``%%deadline`` and ``%speedup``. It never imports IPython.

It also marks what plain ``multiprocessing`` leaves in /dev/shm and in the temporary folder when a kernel is killed, so
that the next start of anything of parlab's can tell that its owner is gone, and remove it. And a cell that the stop
button ends says so in one line.
"""

import atexit
from functools import cache
from typing import TYPE_CHECKING, Any

from parlab import segments, temporary
from parlab.notebook import stopped

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

_NAMES = (("cell", "workers"), ("cell", "deadline"), ("line", "speedup"))


def load_ipython_extension(ipython: "InteractiveShell") -> None:
    """Register the magics; IPython calls this for ``%load_ext parlab``."""

    def workers(line: str, cell: str) -> None:
        """Write this cell to NAME.py, import it, and put its names into the notebook: ``%%workers NAME``.

        Functions of such a cell can be imported by worker processes. Use plain Python only, and import in the cell
        what it needs: it does not see the notebook's names.
        """
        from parlab.notebook.magics import provide

        print(provide(line, cell, ipython.user_ns))  # noqa: T201  # the learner reads it below the cell

    def deadline(line: str, cell: str) -> None:
        """Run this cell as a program of its own, and end it when it takes too long: ``%%deadline SECONDS``.

        It sees no variable of the notebook, so import in the cell what it needs; modules of ``%%workers`` are found.
        At the deadline everything that it has started is ended, and you read in which line each process was. That is
        an ordinary output and no error, as is an exception in the cell: a demonstration may fail on purpose.
        """
        from parlab.notebook.deadline import watch

        watch(line, cell)

    def speedup(line: str) -> Any:
        """Measure a function of the notebook: ``%speedup f items --workers 1,2 --backends threads,processes``.

        ``items`` is a name of the notebook, or a number: 100 stands for ``range(100)``; a workload of parlab needs
        none. Further options: ``--rounds 7``, ``--budget 20s``, ``--precision 5%``, ``--size small``, ``--chunksize
        10``. The view is the line's value: ``view = %speedup f items``.
        """
        from parlab.notebook.speedup_line import measure

        return measure(line, ipython.user_ns)

    for kind, magic in (("cell", workers), ("cell", deadline), ("line", speedup)):
        ipython.magics_manager.register_function(magic, kind)
    _mark_what_a_kill_leaves()
    stopped.install(ipython)


@cache  # once a kernel, however often the extension is loaded
def _mark_what_a_kill_leaves() -> None:
    segments.sweep()
    segments.own_semaphores()
    folder = temporary.new_folder()  # after a sweep of its own
    try:
        atexit.register(temporary.remove_folder, folder)
        segments.keep_sockets_in(str(folder))
    except BaseException:  # the next %load_ext makes another one
        temporary.remove_folder(folder)
        raise


def unload_ipython_extension(ipython: "InteractiveShell") -> None:
    """Take the magics away again; modules that were made stay."""
    for kind, name in _NAMES:
        ipython.magics_manager.magics[kind].pop(name, None)
    stopped.remove(ipython)
