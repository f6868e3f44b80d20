"""Starts a cell's program and waits for its end: ``python -m parlab.notebook.guard FOLDER``, for ``%%deadline``.

It runs nothing of the learner's, so nothing can keep it from its one task: when the kernel is gone, which shows at the
closed standard input, it ends everything of its group and removes the folder.
"""

import subprocess
import sys
import threading
from pathlib import Path

from parlab import groups, temporary


def main(folder: str) -> None:
    """Watch the program of a private folder, and note how it ended."""
    groups.stay_until_others_have_ended()
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
    temporary.remove_folder(folder)
    groups.end_all(0)


if __name__ == "__main__":
    main(sys.argv[1])
