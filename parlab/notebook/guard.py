"""Starts a cell's program and waits for its end: ``python -m parlab.notebook.guard FOLDER``, for ``%%deadline``.

It runs nothing of the learner's, so nothing can keep it from its one task: when the kernel is gone, which shows at the
closed standard input, it ends everything of its group and removes the folder.
"""

import os
import subprocess
import sys
import threading
import time
from pathlib import Path

from parlab import groups, temporary

_REMOVE_S = 2.0


def main(folder: str) -> None:
    """Watch the program of a private folder, and note how it ended."""
    groups.stay_until_others_have_ended(lambda: _remove(folder))
    watch = threading.Thread(target=_end_with_kernel, args=(folder,))
    watch.start()
    line = [sys.executable, "-P", "-m", "parlab.notebook.cell", folder]
    program = subprocess.Popen(line, stdin=subprocess.DEVNULL)
    code = program.wait()
    note = Path(folder, "ended.part")
    note.write_text(str(code), encoding="ascii")
    note.replace(note.with_suffix(""))
    watch.join()  # the kernel ends what is left


def _end_with_kernel(folder: str) -> None:
    sys.stdin.buffer.read()
    groups.end_others()
    _remove(folder)
    os._exit(0)


def _remove(folder: str) -> None:
    """Remove the folder, again where the other thread has just written into it how the program ended."""
    until = time.monotonic() + _REMOVE_S
    while Path(folder).exists() and time.monotonic() < until:
        temporary.remove_folder(folder)


if __name__ == "__main__":
    main(sys.argv[1])
