"""What started processes print, noted with their number and not with the system's, and where to ask what they do.

While a block runs, every process that multiprocessing starts is counted, and notes its lines in a file of its own; so
they can be shown in an order that is the same each time. It never changes what a process does or returns. Standard
library only: a worker imports this before its function.
"""

import faulthandler
import io
import json
import os
import signal
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from multiprocessing.connection import wait
from multiprocessing.process import BaseProcess, parent_process
from pathlib import Path
from typing import Any

MOST_BYTES = 16_384  # kept of what one process prints
ASKS_BY_SIGNAL = hasattr(faulthandler, "register")  # not on Windows
# The watchdog of faulthandler cannot be used where processes fork: set again in the child, it waits for ever.
ASK = getattr(signal, "SIGUSR2", 0)
_START = BaseProcess.start
_NOT_THEIRS = ("multiprocessing", "concurrent", "loky", "joblib")


@dataclass(frozen=True, slots=True)
class Orders:
    """What a process that is started shall do besides its work.

    Attributes
    ----------
    folder
        Where it notes its lines.
    until_s
        When it shall say where it is, as ``time.monotonic()``, where that cannot be asked by a signal; None for never.
    ends_with_parent
        Whether it ends when the process that has started it is gone.
    """

    folder: str
    until_s: float | None = None
    ends_with_parent: bool = False


@dataclass(frozen=True, slots=True)
class Line:
    """One line, by whom, and when it came (``time.time_ns()``)."""

    came_ns: int
    text: str


class Relayed:
    """Takes the place of a process's ``run``, and travels with it.

    Parameters
    ----------
    process
        Whose.
    name
        Such as ``"worker 1"``.
    orders
        What to do besides.
    """

    def __init__(self, process: BaseProcess, name: str, orders: Orders) -> None:
        self.process, self.name, self.orders = process, name, orders

    def __call__(self) -> None:
        """Do in the new process what it was started for; an error is noted by its lines, without those of Python."""
        self.process.__dict__.pop("run", None)
        sys.stdout = sys.stderr = Notes(Path(self.orders.folder, f"{self.name}.lines"))
        tell_where(self.orders.folder, self.name, self.orders.until_s)
        if self.orders.ends_with_parent:
            threading.Thread(target=_end_with_parent, name="parlab-parent-watch", daemon=True).start()
        try:
            with relaying(self.orders, f"{self.name}."):
                self.process.run()
        except Exception as error:
            from parlab.notebook.stacks import traceback_text

            print(traceback_text(error), file=sys.stderr)  # noqa: T201  # as multiprocessing does
            sys.exit(1)  # and with its exit code


@contextmanager
def relaying(orders: Orders, above: str = "") -> Iterator[list[BaseProcess]]:
    """Count and relay every process that is started in the block; yield the list of them, which grows.

    Parameters
    ----------
    orders
        What they shall do besides.
    above
        How the name of the process begins that starts them; empty in the first one.
    """
    before = BaseProcess.start
    started: list[BaseProcess] = []
    lock = threading.Lock()

    def start(self: BaseProcess) -> None:
        process = self
        with lock:
            started.append(process)
            name = f"{above or 'worker '}{len(started)}"
        Path(orders.folder, f"{name}.about").write_text(_about(process), encoding="utf-8")
        process.__dict__["run"] = Relayed(process, name, orders)
        try:
            _START(process)
        finally:
            process.__dict__.pop("run", None)

    BaseProcess.start = start  # type: ignore[method-assign]
    try:
        yield started
    finally:
        BaseProcess.start = before  # type: ignore[method-assign]


def names(folder: str | Path) -> list[str]:
    """List who was started, in the order of the starts."""
    found = [path.stem for path in Path(folder).glob("worker *.about")]
    return sorted(found, key=lambda name: [int(part) for part in name.split()[1].split(".")])


def about(folder: str | Path, name: str) -> str:
    """Return a worker's name with that of its function."""
    function = Path(folder, f"{name}.about").read_text(encoding="utf-8")
    return f"{name}, {function}()," if function else name


def lines(folder: str | Path, name: str) -> list[Line]:
    """Return what a worker has printed so far, in its order."""
    try:
        noted = Path(folder, f"{name}.lines").read_text(encoding="utf-8", errors="replace")  # cut in a letter
    except FileNotFoundError:
        return []
    found = []
    for one in noted.splitlines():
        with suppress(ValueError, TypeError, RecursionError):  # the last one, of a process that was killed
            came_ns, text = json.loads(one)
            if isinstance(came_ns, int) and isinstance(text, str):
                found.append(Line(came_ns, text))
    return found


def tell_where(folder: str, name: str, until_s: float | None) -> None:
    """Let this process write the lines where it is, when it is asked by ``ASK``, or at a time where nobody can ask."""
    stack = Path(folder, f"{name}.stack").open("wb")  # noqa: SIM115  # open as long as the process lives
    _kept.append(stack)  # the handler knows its number alone
    faulthandler.enable(file=stack)  # a crash says where, too
    if ASKS_BY_SIGNAL:
        faulthandler.register(ASK, file=stack, all_threads=True)
    elif until_s is not None:
        faulthandler.dump_traceback_later(max(0.01, until_s - time.monotonic()), file=stack)
    Path(folder, f"{name}.process").write_text(str(os.getpid()), encoding="ascii")


_kept: list[Any] = []


class Notes(io.TextIOBase):
    """A text stream that notes whole lines in a file, each with its time, up to ``MOST_BYTES``."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        self._waiting, self._room = "", MOST_BYTES
        self._lock = threading.RLock()

    def write(self, text: str, /) -> int:
        """Note the lines that are whole now."""
        with self._lock:
            whole, feed, self._waiting = (self._waiting + text).rpartition("\n")
            self._note(whole + feed)
            if len(self._waiting) > self._room:  # a line that never ends must not fill the memory
                self.flush()
        return len(text)

    def flush(self) -> None:
        """Note what is no whole line yet."""
        with self._lock:
            waiting, self._waiting = self._waiting, ""
            self._note(waiting)

    def _note(self, text: str) -> None:
        for line in text.splitlines(keepends=True) if self._room > 0 else []:
            self._room -= len(line)
            shown = line if self._room > 0 else "[more was printed, and is not shown]\n"
            with suppress(OSError):  # no room, or a task has closed every file it could find
                os.write(self._file, json.dumps([time.time_ns(), shown]).encode() + b"\n")
            if self._room <= 0:
                return

    def writable(self) -> bool:
        """Say that one may write."""
        return True

    @property
    def encoding(self) -> str:  # type: ignore[override]  # a constant in the base class, never written
        """What text becomes."""
        return "utf-8"


def _about(process: BaseProcess) -> str:
    """Name a worker's function, where it is the learner's and not one of a pool."""
    target = getattr(process, "_target", None)
    module = getattr(target, "__module__", None) or "multiprocessing"
    if module.split(".")[0] in _NOT_THEIRS:
        return ""
    function = getattr(target, "__qualname__", type(target).__name__)
    return function if module == "__main__" else f"{module}.{function}"


def _end_with_parent() -> None:
    parent = parent_process()
    if parent is not None:
        wait([parent.sentinel])
        os._exit(1)
