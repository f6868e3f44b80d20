"""Runs ``parlab …`` in a process of its own without paying for the imports each time: a copy of one that has them.

A command that only says what is wrong takes a second, nearly all of it imports of pandas, matplotlib and typer. The
suite has two hundred of them. So one server imports once, and forks for each command; the child gets folder,
environment and files for its output, runs the command line and ends. What a real start does besides is tested with
real starts.
"""

import atexit
import contextlib
import importlib
import json
import os
import pkgutil
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

LIBRARIES = (
    "matplotlib.backends.backend_agg", "matplotlib.backends.backend_svg", "pandas", "pyarrow.parquet", "scipy.optimize",
    "scipy.stats",
)  # fmt: skip
OF_OURS = ("analysis", "cli", "learn", "measure", "plots", "report", "results", "workloads")
CANNOT_SERVE = ("PYTHON",)  # what changes an interpreter's start needs a real one


class WarmServer:
    """The server's other end: gives it commands, one at a time."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._lock = threading.Lock()
        self._environment = dict(environment)
        self._process: subprocess.Popen[str] | None = None

    def run(
        self, arguments: Sequence[str], *, cwd: Path, env: Mapping[str, str], bound_s: float
    ) -> subprocess.CompletedProcess[str]:
        """Run one command to its end, or kill it with all that is in its group."""
        with self._lock, tempfile.TemporaryDirectory() as folder:
            files = [str(Path(folder, name)) for name in ("out", "err")]
            asked = {"arguments": list(arguments), "cwd": str(cwd), "env": dict(env), "files": files}
            code = json.loads(self._ask({**asked, "bound_s": bound_s}))
            if code is None:
                raise subprocess.TimeoutExpired(list(arguments), bound_s)
            return subprocess.CompletedProcess(
                ["parlab", *arguments], code, *(Path(file).read_text(encoding="utf-8") for file in files)
            )

    def end(self) -> None:
        """Close the line; the server ends by itself."""
        if self._process is not None:
            self._process.communicate()

    def _ask(self, request: dict[str, Any]) -> str:
        if self._process is None:
            self._process = subprocess.Popen(
                [sys.executable, "-P", __file__],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
                env=self._environment,
            )
        assert self._process.stdin and self._process.stdout
        self._process.stdin.write(json.dumps(request) + "\n")
        self._process.stdin.flush()
        return self._process.stdout.readline()


def can_serve(more: Mapping[str, str]) -> bool:
    """Say whether a command with these variables of its own may come from the server."""
    return hasattr(os, "fork") and not any(name.startswith(CANNOT_SERVE) for name in more)


def serve() -> None:
    """Import once; then a child for each line that comes in, until the line is closed."""
    for name in LIBRARIES:
        importlib.import_module(name)
    for package in OF_OURS:
        found = importlib.import_module(f"parlab.{package}")
        for module in pkgutil.iter_modules(found.__path__, f"parlab.{package}."):
            if not module.name.endswith("_entry"):
                importlib.import_module(module.name)
    for line in sys.stdin:
        request = json.loads(line)
        child = os.fork()
        if not child:
            _become(request)
        print(json.dumps(_code_of(child, request["bound_s"])), flush=True)


def _code_of(child: int, bound_s: float) -> int | None:
    """Wait for a child; None where it had to be killed."""

    def too_late(*_: Any) -> None:
        raise TimeoutError

    signal.signal(signal.SIGALRM, too_late)
    signal.setitimer(signal.ITIMER_REAL, bound_s)
    try:
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    except TimeoutError:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(child, signal.SIGKILL)
        os.waitpid(child, 0)
        return None
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)


def _become(request: dict[str, Any]) -> None:
    """Turn this child into the command."""
    code = 70
    try:
        os.setsid()
        for place, name in enumerate((os.devnull, *request["files"])):
            opened = os.open(name, (os.O_WRONLY | os.O_CREAT | os.O_TRUNC) if place else os.O_RDONLY, 0o600)
            os.dup2(opened, place)
            os.close(opened)
        sys.stdin = open(0, encoding="utf-8", closefd=False)  # noqa: SIM115  # lives as long as the process
        sys.stdout = open(1, "w", encoding="utf-8", closefd=False)  # noqa: SIM115
        sys.stderr = open(2, "w", encoding="utf-8", closefd=False, buffering=1)  # noqa: SIM115
        sys.__stdout__, sys.__stderr__ = sys.stdout, sys.stderr
        os.environ.clear()
        os.environ.update(request["env"])
        os.chdir(request["cwd"])
        sys.argv = ["parlab", *request["arguments"]]
        tempfile.tempdir = None
        code = _run()
    finally:
        with contextlib.suppress(BaseException):
            atexit._run_exitfuncs()
        for stream in (sys.stdout, sys.stderr):
            with contextlib.suppress(Exception):
                stream.flush()
        os._exit(code)


def _run() -> int:
    """Do what ``python -m parlab`` does, a traceback and its code included."""
    import traceback

    from parlab.__main__ import main

    try:
        main()
    except SystemExit as ending:
        return ending.code if isinstance(ending.code, int) else int(ending.code is not None)
    except BaseException:  # noqa: BLE001  # this is the end of the process
        traceback.print_exc()
        return 1
    return 0


if __name__ == "__main__":
    serve()
