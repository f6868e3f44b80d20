"""Carries out ``parlab learn`` and ``parlab lab``: makes the learner's copy, and opens JupyterLab in it."""

import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

from parlab.errors import BackendUnavailableError
from parlab.learn.copies import DEFAULT_FOLDER, START, make_copy

_SAID = {
    "new": "{0.file}",
    "updated": "{0.file}: brought up to date",
    "as given": "{0.file}: as given, left alone",
    "yours": "{0.file}: yours, left alone",
    "beside": "{0.file}: yours, left alone; the newer version is {0.beside}",
}


def learn(folder: Path, notebook: str | None) -> None:
    """Make the copy, and say what became of each file."""
    placed = make_copy(folder, notebook)
    for one in placed:
        print(_SAID[one.state].format(one))
    print(f"\nOpen it with: parlab lab {folder}")


def lab(folder: Path | None, *, browser: bool) -> int:
    """Make the copy, open JupyterLab in it, and return its exit code.

    Raises
    ------
    BackendUnavailableError
        JupyterLab is not installed.
    """
    if find_spec("jupyterlab") is None:
        raise BackendUnavailableError("JupyterLab is not installed here. Get it with: pip install 'parlab[lab]'")
    chosen = folder or DEFAULT_FOLDER
    told = [one for one in make_copy(chosen) if one.state == "beside"]
    for one in told:
        print(_SAID[one.state].format(one))
    print(f"The course lies in {str(chosen)!r}. Stop JupyterLab with Ctrl-C.", flush=True)
    return _run(command(chosen, browser=browser))


def command(folder: Path, *, browser: bool) -> list[str]:
    """Return the line that starts JupyterLab: for this machine alone, with its token, at the start page."""
    line = [
        sys.executable,
        "-m",
        "jupyterlab",
        f"--ServerApp.root_dir={folder.resolve()}",
        "--ServerApp.ip=127.0.0.1",
        f"--LabApp.default_url=/lab/tree/{START}",
    ]
    if not browser:
        line.append("--no-browser")
    if getattr(os, "geteuid", lambda: 1)() == 0:  # as in a container: Jupyter refuses otherwise
        line.append("--allow-root")
    return line


def _run(line: list[str]) -> int:
    if os.name == "posix":  # it takes our place, so that signals reach it
        sys.stdout.flush()
        os.execv(line[0], line)  # noqa: S606  # our own line, no shell
    process = subprocess.Popen(line)
    while True:
        try:
            return process.wait()
        except KeyboardInterrupt:  # it has got it, too, and asks whether it is meant
            continue
