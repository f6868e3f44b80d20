"""Starts processes of the harness in groups of their own, and ends whole groups, with everything that they started."""

import os
import signal
import site
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, NoReturn

if TYPE_CHECKING:
    import psutil

TERMINATE_GRACE_S = 2.0
SETTLE_S = 2.0  # forkserver and resource tracker end by themselves within milliseconds
_LOOK_S = 0.005
_NEVER_S = 1000.0
_KEPT_BYTES = 16_384  # of what the tasks print, at each end
POSIX = os.name == "posix"


@dataclass(slots=True)
class Printed:
    """The beginning and the end of what a process prints, whatever it prints in between."""

    head: bytes = b""
    tail: bytes = b""

    def drain(self, pipe: IO[bytes]) -> None:
        """Read a pipe to its end, so that nobody who prints has to wait."""
        while block := os.read(pipe.fileno(), 1 << 16):
            room = _KEPT_BYTES - len(self.head)
            self.head += block[:room]
            self.tail = (self.tail + block[room:])[-_KEPT_BYTES:]

    def text(self) -> str:
        """Return what was kept."""
        return (self.head + self.tail).decode(errors="replace").strip()


def start(
    module: str,
    environment: Mapping[str, str] | None = None,
    arguments: Sequence[str] = (),
    *,
    merged: bool = False,
    before: Sequence[str] = (),
) -> subprocess.Popen[bytes]:
    """Start a Python module in a process group and session of its own, with pipes to its three streams.

    Parameters
    ----------
    module
        What ``python -m`` shall run. ``-P`` keeps the current folder off its path: a file ``queue.py`` beside a
        notebook must not replace the standard library's.
    environment
        Variables to set beside those of this process.
    arguments
        What stands behind the module's name.
    merged
        Whether standard error goes where standard output goes, so that their order is kept.
    before
        A program that starts Python, with its options: ``mpiexec -n 3``.
    """
    variables = {**os.environ, **(environment or {})}
    home = _folder_if_not_installed()
    if home is not None:
        variables["PYTHONPATH"] = os.pathsep.join(part for part in (home, variables.get("PYTHONPATH")) if part)
    return subprocess.Popen(
        [*before, sys.executable, "-P", "-m", module, *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT if merged else subprocess.PIPE,
        env=variables,
        **own_group(),
    )


def own_group() -> dict[str, Any]:
    """Return the arguments with which ``subprocess.Popen`` gives a process a group of its own: ``end`` needs one.

    Ctrl-C in a terminal reaches the starter alone then, which decides what becomes of the rest.
    """
    return {"start_new_session": POSIX, "creationflags": getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0)}


def _folder_if_not_installed() -> str | None:
    """Return the folder that holds parlab, unless the interpreter finds it there anyway."""
    home = Path(__file__).resolve().parents[1]
    installed = {Path(one).resolve() for one in [*site.getsitepackages(), site.getusersitepackages()]}
    return None if home in installed else str(home)


def signal_name(number: int) -> str:
    """Name a signal; a real-time signal has no name but its number."""
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"


def is_alive(process: int) -> bool:
    """Tell whether a process lives; a zombie does not."""
    import psutil

    try:
        return bool(psutil.Process(process).status() != psutil.STATUS_ZOMBIE)
    except psutil.Error:
        return False


def settle(process: subprocess.Popen[Any]) -> None:
    """Wait for a process that has said its last word, and end what it leaves behind."""
    with suppress(subprocess.TimeoutExpired):
        process.wait(SETTLE_S)
    if not _emptied(process, SETTLE_S):
        end(process)


def end(process: subprocess.Popen[Any]) -> None:
    """Terminate a process and its whole group, then kill what is left, and wait until nothing of it is alive."""
    _signal(process, signal.SIGTERM)
    if not _emptied(process, TERMINATE_GRACE_S):
        if POSIX:
            _killed(without_trackers(_of_group(process.pid)))
            _emptied(process, SETTLE_S)
        _signal(process, signal.SIGTERM if not POSIX else signal.SIGKILL)
        _emptied(process, TERMINATE_GRACE_S)
    with suppress(subprocess.TimeoutExpired):
        process.wait(TERMINATE_GRACE_S)


def settle_session(process: subprocess.Popen[Any]) -> None:
    """Wait for a process that has said its last word, and end what is left of its session.

    ``mpiexec`` gives each of its processes a group of its own. What a task has started there belongs to nobody by now,
    but is still in the session.
    """
    settle(process)
    deadline = time.monotonic() + SETTLE_S
    while left := list(without_trackers(_of_session(process.pid))):
        if time.monotonic() > deadline:
            import psutil

            _killed(left)
            psutil.wait_procs(left, SETTLE_S)
            return
        time.sleep(_LOOK_S)


def end_with_descendants(process: subprocess.Popen[Any]) -> None:
    """End a process and its group, and then whoever it had started into groups of their own, as ``mpiexec`` does."""
    import psutil

    below: list[psutil.Process] = []
    with suppress(psutil.Error):
        below = psutil.Process(process.pid).children(recursive=True)
    end(process)
    below += [one for one in _of_session(process.pid) if one not in below]  # whose parent has gone meanwhile
    _killed(below)
    psutil.wait_procs(below, SETTLE_S)


def end_others() -> None:
    """Kill everybody else of this process's group, for a leader whose starter is gone. Trackers end by themselves."""
    deadline = time.monotonic() + SETTLE_S
    while time.monotonic() < deadline:  # somebody may just have been started
        if not _killed(_others()):
            return
        time.sleep(_LOOK_S)


def end_all(code: int) -> NoReturn:
    """End this process, the leader of a group whose starter is gone, with everybody in the group but trackers.

    It is for a leader whose other threads start processes and wait, and do not compute. One of them may be starting
    somebody just now: a pool does so for each worker that is killed. Whoever comes after the last look is ended by a
    signal to the whole group, which trackers ignore; between that and this process's end no other thread has a turn.

    Parameters
    ----------
    code
        The exit code, unless SIGTERM ends this process first.
    """
    sys.setswitchinterval(_NEVER_S)  # a thread that does not wait keeps its turn from now on
    end_others()
    if POSIX:
        os.killpg(os.getpgrp(), signal.SIGTERM)
    os._exit(code)


def stay_until_others_have_ended() -> None:
    """Let this process, the leader of a group that is told to terminate, end after all others, and kill who stays.

    Who sends SIGTERM to a group makes sure later. It may be killed in between, as a kernel is that Jupyter interrupts
    and kills in one go; somebody who ignores the signal would then live on. Where the starter is gone, ending is left
    to whoever watches for that.
    """
    starter = os.getppid()

    def leave(_number: int, _frame: object) -> None:
        deadline = time.monotonic() + TERMINATE_GRACE_S
        while _others() and time.monotonic() < deadline:
            time.sleep(_LOOK_S)
        end_others()
        if os.getppid() == starter:
            os._exit(128 + signal.SIGTERM)

    signal.signal(signal.SIGTERM, leave)


def _others() -> "list[psutil.Process]":
    """List who else is in this process's group, without trackers."""
    import psutil

    me = psutil.Process()
    members = without_trackers(_of_group(os.getpgrp())) if POSIX else me.children(recursive=True)
    return [one for one in members if one != me]


def without_trackers(members: "Iterable[psutil.Process]") -> "Iterator[psutil.Process]":
    """Leave resource trackers out, which remove segments and semaphores; and who has just gone."""
    import psutil

    for member in members:
        with suppress(psutil.Error):
            if not any("resource_tracker import" in word for word in member.cmdline()):
                yield member


def _signal(process: subprocess.Popen[Any], number: int) -> None:
    if POSIX:
        with suppress(ProcessLookupError, PermissionError):  # macOS says "permission" when only zombies are left
            os.killpg(process.pid, number)
        return
    for one in _windows_tree(process):  # no process groups there that one could end
        with suppress(OSError):
            os.kill(one, number)


def _killed(members: "Iterable[psutil.Process]") -> bool:
    """Kill processes, and tell if there were any."""
    import psutil

    found = False
    for member in members:
        with suppress(psutil.Error):
            member.kill()
            found = True
    return found


def _windows_tree(process: subprocess.Popen[Any]) -> list[int]:
    import psutil

    try:
        below = psutil.Process(process.pid).children(recursive=True)
    except psutil.NoSuchProcess:
        return []
    return [one.pid for one in below] + [process.pid]


def _emptied(process: subprocess.Popen[Any], timeout_s: float) -> bool:
    """Wait until nobody of the group is alive; a zombie is not alive."""
    deadline = time.monotonic() + timeout_s
    while True:
        process.poll()
        if not _alive(process):
            return True
        if time.monotonic() > deadline:
            return False
        time.sleep(_LOOK_S)


def _alive(process: subprocess.Popen[Any]) -> bool:
    if not POSIX:
        return process.returncode is None
    try:
        os.killpg(process.pid, 0)
    except (ProcessLookupError, PermissionError):
        return False
    return any(True for _ in _of_group(process.pid))


def _of_group(number: int) -> Iterator["psutil.Process"]:
    """List who lives in a group; a zombie does not."""
    return _living(lambda process: os.getpgid(process) == number)


def _of_session(number: int) -> Iterator["psutil.Process"]:
    """List who lives in a session."""
    return _living(lambda process: os.getsid(process) == number) if POSIX else iter(())


def _living(is_wanted: Callable[[int], bool]) -> Iterator["psutil.Process"]:
    import psutil  # only now: usually the group is empty at once

    for one in psutil.process_iter(["pid", "status"]):
        with suppress(ProcessLookupError, PermissionError):
            if one.info["status"] != psutil.STATUS_ZOMBIE and is_wanted(one.info["pid"]):
                yield one
