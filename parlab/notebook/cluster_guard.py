"""Starts a cluster's commands and tells how they end: ``python -m parlab.notebook.cluster_guard FOLDER``.

It runs nothing of the learner's, so nothing can keep it from its one task: when the kernel is gone, which shows at the
closed standard input, it ends everything of its group and removes the folder.
"""

import json
import os
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

from parlab import groups, temporary

_writing = threading.Lock()


def main(folder: str) -> None:
    """Start a command for each line that comes: ``{"name": …, "arguments": […]}`` behind ``python -m dask``."""
    groups.stay_until_others_have_ended()
    try:
        for line in sys.stdin.buffer:
            _start(folder, **json.loads(line))
    finally:  # also when nothing more can be started, or the kernel went while it was to be told of a start
        groups.end_others()
        temporary.remove_folder(folder)
    os._exit(0)


def _start(folder: str, name: str, arguments: list[str]) -> None:
    place = Path(folder, name)
    place.mkdir()
    with (place / "log").open("wb") as log:
        command = [sys.executable, "-P", "-m", "dask", *arguments]
        variables = {**os.environ, "DASK_TEMPORARY_DIRECTORY": str(place)}  # nothing of it shall stay
        process = subprocess.Popen(command, cwd=place, env=variables, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
    _tell(name=name, process=process.pid)
    threading.Thread(target=_await, args=(name, process), daemon=True).start()


def _await(name: str, process: "subprocess.Popen[bytes]") -> None:
    _tell(name=name, code=process.wait())


def _tell(**event: Any) -> None:
    with _writing:
        sys.stdout.write(json.dumps(event) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main(sys.argv[1])
