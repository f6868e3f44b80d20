"""Private temporary folders: only this user may enter them, and what a killed process leaves is swept a day later."""

import os
import re
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

PREFIX = "parlab-private-"
_NAME = re.compile(rf"{PREFIX}(?P<maker>[0-9]+)-[a-z0-9_]{{8}}")  # what tempfile.mkdtemp makes of it
_LEFTOVER_AGE_S = 24 * 3600.0  # containers can share /tmp and not see each other's processes: wait a day


@contextmanager
def private_folder() -> Iterator[Path]:
    """Yield a new folder that only this user may enter, and remove it with everything in it."""
    sweep_leftovers()
    folder = new_folder()
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def new_folder() -> Path:
    """Make a folder (mode 0700) whose name carries our prefix and process number, so that a crash leaves no riddle."""
    return Path(tempfile.mkdtemp(prefix=f"{PREFIX}{os.getpid()}-"))


def sweep_leftovers() -> None:
    """Remove folders of ours whose makers were killed: our form of name, our user, a day old, and nobody alive."""
    for folder in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
        name = _NAME.fullmatch(folder.name)
        with suppress(OSError):
            if name and _is_old_and_mine(folder) and not _alive(int(name["maker"])):
                shutil.rmtree(folder, ignore_errors=True)


def _is_old_and_mine(folder: Path) -> bool:
    """Tell whether a folder is this user's and a day old; on Windows each user has a temporary folder of their own."""
    user, state = getattr(os, "getuid", None), folder.lstat()
    return time.time() - state.st_mtime > _LEFTOVER_AGE_S and (user is None or state.st_uid == user())


def _alive(process: int) -> bool:
    import psutil

    return psutil.pid_exists(process)
