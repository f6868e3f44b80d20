"""The tasks that a check gives to a learner's function: they write down who worked when, and wait once for a second.

A speedup proves nothing on a busy machine, and its absence nothing either. So each task notes when it began and ended,
and in which process and thread; and the first one waits until another worker has begun and not ended: then two were at
work at once, whatever the clock says. Where nobody can come it knows, and does not wait.

All goes through files in a private folder, whose name travels in the environment: so it works under every start method,
and the learner's items stay plain numbers. Standard library only, because every worker imports it. Outside of a check
the tasks just work.
"""

import faulthandler
import json
import os
import signal
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol, TextIO

PLACE, DEADLINE = "PARLAB_LEARN_PLACE", "PARLAB_LEARN_DEADLINE"  # the folder; when everything ends, by time.monotonic()
PATIENCE = "PARLAB_LEARN_PATIENCE"  # how many times as long to wait for another as on a machine at rest
LAST = 7  # the item whose task ends after another one: results that are taken as they come are then out of order
ITEMS = (LAST, 3, 9, 1, 8, 2)  # in no order that sorting gives back
WORKERS, STACKS, FILES = "workers", "stacks", "tmp"  # folders in the place
_MET, _ALONE, _GO, _STARTS = "met", "alone", "go", "starts"
_SHORT_S, _SHORT_STARTS = 1.0, 3.0  # how long to wait when nobody else lives; the second: in times that a start took
_LONG_S, _LONG_STARTS, _MOST_S = 3.0, 6.0, 15.0  # and when somebody does, who may be on the way
_LATE_S = 0.05  # when another has waited in vain already
_ORDER_S = 2.0
_LOOK_S = 0.004

_loaded: list[int] = []  # one for each time that this process has loaded the table
_kept: dict[str, TextIO] = {}  # the file that stacks go to must stay open


class Sender(Protocol):
    """What a message can be put into."""

    def put(self, value: Any, /) -> None:
        """Send a message."""


@dataclass(frozen=True, slots=True)
class Call:
    """One task as it was done.

    Attributes
    ----------
    item
        What it was given.
    process, thread
        Who did it.
    began_s, ended_s
        When, on the clock that all processes share; the end is None when it never came.
    loads
        How often its process had loaded the table by then.
    """

    item: int
    process: int
    thread: int
    began_s: float
    ended_s: float | None
    loads: int = 0


def square(item: int) -> int:
    """Return the square of a number."""
    with at_work(item):
        return item * item


def send_square(queue: Sender, item: int) -> None:
    """Send a number and its square, ``(item, square)``."""
    with at_work(item):
        queue.put((item, item * item))


def leave(code: int) -> None:
    """End this process with an exit code."""
    with at_work(code):
        sys.exit(code)


def times(item: int, factor: int) -> int:
    """Return a number times a factor."""
    with at_work(item):
        return item * factor


def load() -> None:
    """Load a table into this process."""
    _loaded.append(1)


def look_up(item: int) -> int:
    """Look a number up in the table of this process.

    Raises
    ------
    LookupError
        This process has not loaded it.
    """
    if not _loaded:
        raise LookupError(
            "the table is not loaded in this process, a worker: a table of the parent is not in the worker's memory"
        )
    with at_work(item):
        return 100 + item


def begin(place: Path) -> None:
    """Say that the learner's function begins now, in this process."""
    (place / _GO).write_text(json.dumps([os.getpid(), time.monotonic()]), encoding="utf-8")


def note_start(place: Path, process: int | None) -> None:
    """Note that a process was started, so that tasks know whether another worker can still come."""
    with (place / _STARTS).open("a", encoding="utf-8") as file:
        file.write(f"{process}\n")


def show_stacks_when_asked() -> None:
    """Let this process, and those that fork from it, write all their stacks to a file: on SIGUSR1, or near the end."""
    place = os.environ.get(PLACE)
    if place is None:
        return
    _offer_stacks()
    if hasattr(os, "register_at_fork"):
        os.register_at_fork(after_in_child=_offer_stacks)


def _offer_stacks() -> None:
    with suppress(OSError, KeyError, ValueError):
        file = Path(os.environ[PLACE], STACKS, str(os.getpid())).open("a", encoding="utf-8")  # noqa: SIM115
        _kept["stacks"] = file
        if hasattr(signal, "SIGUSR1"):
            faulthandler.register(signal.SIGUSR1, file=file, all_threads=True)
        else:  # Windows
            left_s = float(os.environ[DEADLINE]) - time.monotonic()
            faulthandler.dump_traceback_later(max(0.1, left_s), file=file)


def met(place: Path) -> str | None:
    """Say whether two workers were at work at once: ``"processes"``, ``"threads"`` of one process, or None."""
    with suppress(OSError):
        return (place / _MET).read_text(encoding="utf-8")
    return None


def calls(place: Path) -> list[Call]:
    """Return all tasks that were begun, by the time of their beginning."""
    found = [call for file in sorted((place / WORKERS).glob("*")) for call in _calls_in(file)]
    return sorted(found, key=lambda call: call.began_s)


def _calls_in(file: Path) -> Iterator[Call]:
    process, thread = map(int, file.name.split("-"))
    begun: list[Any] | None = None
    for line in _lines(file):
        if line[0] == "began":
            if begun is not None:
                yield Call(begun[1], process, thread, begun[2], None, begun[3])
            begun = line
        elif begun is not None:
            yield Call(begun[1], process, thread, begun[2], line[2], begun[3])
            begun = None
    if begun is not None:
        yield Call(begun[1], process, thread, begun[2], None, begun[3])


def _lines(file: Path) -> list[list[Any]]:
    lines = []
    with suppress(OSError, ValueError, RecursionError):  # a line that is being written: what came before it counts
        for line in file.read_text(encoding="utf-8", errors="replace").splitlines():
            one = json.loads(line)
            if not _is_note(one):
                break
            lines.append(one)
    return lines


def _is_note(one: Any) -> bool:
    """Tell whether a line is one that ``at_work`` writes: what happened, the item, when, and how many loads."""
    return (
        isinstance(one, list)
        and len(one) == 4
        and isinstance(one[0], str)
        and all(isinstance(number, int | float) for number in one[1:])
    )


@contextmanager
def at_work(item: int) -> Iterator[None]:
    """Note that a task is at work, and meet another one; for the tasks here and in files of probes beside this one.

    Raises
    ------
    TypeError
        The item is no number.
    """
    if not isinstance(item, int):
        got = type(item).__name__
        usual = "give it one item at a time" if isinstance(item, list) else "is the order of its arguments right?"
        raise TypeError(f"the task got a {got} where a number belongs: {usual}")
    folder = os.environ.get(PLACE)
    if folder is None:
        yield
        return
    me = _Worker(Path(folder))
    me.write("began", item)
    me.meet()
    try:
        yield
    finally:
        if item == LAST:
            me.let_another_end()
        me.write("ended", item)


class _Worker:
    """One thread of one process, among the others."""

    def __init__(self, place: Path) -> None:
        self.place = place
        self.process, thread = os.getpid(), threading.get_native_id()
        self.file = place / WORKERS / f"{self.process}-{thread}"
        self.began = time.monotonic()
        self.root, went = json.loads((place / _GO).read_text(encoding="utf-8"))
        self.start_s = max(0.0, self.began - went)  # how long it takes here to get a task to a worker

    def write(self, event: str, item: int) -> None:
        """Note that a task has begun or ended."""
        with self.file.open("a", encoding="utf-8") as file:
            file.write(json.dumps([event, item, time.monotonic(), len(_loaded)]) + "\n")

    def meet(self) -> None:
        """Wait for another worker, unless two have met already or nobody can come."""
        while not (self.place / _MET).exists():
            other = self._otherat_work()
            if other is not None:
                self._say_met(other)
                return
            if not self._somebody_may_come(time.monotonic() - self.began):
                (self.place / _ALONE).touch()
                return
            time.sleep(_LOOK_S)

    def _say_met(self, other: str) -> None:
        """Write it whole or not at all: the other one may have written it, and a loss may end this process just now."""
        mine = self.place / f"{_MET}-{self.file.name}"
        mine.write_text(other, encoding="utf-8")
        mine.replace(self.place / _MET)

    def let_another_end(self) -> None:
        """Wait, where two are at work, until another task has ended."""
        deadline = time.monotonic() + _ORDER_S
        while (self.place / _MET).exists() and time.monotonic() < deadline:
            if any(line[0] == "ended" for file in self._others() for line in _lines(file)):
                return
            time.sleep(_LOOK_S)

    def _others(self) -> list[Path]:
        return [file for file in (self.place / WORKERS).glob("*") if file != self.file]

    def _otherat_work(self) -> str | None:
        found = None
        for file in self._others():
            lines = _lines(file)
            if lines and lines[-1][0] == "began":
                process = int(file.name.partition("-")[0])
                if process == self.process:
                    found = "threads"
                elif _lives(process):  # one that was terminated in its task has never said that it ended
                    return "processes"
        return found

    def _somebody_may_come(self, waited_s: float) -> bool:
        if (self.place / _ALONE).exists():
            return waited_s < _LATE_S
        if self.process == self.root and threading.active_count() == 1 and not self._started():
            return False
        patience = float(os.environ.get(PATIENCE, "1"))
        if waited_s < max(patience * _SHORT_S, _SHORT_STARTS * self.start_s):
            return True
        long_s = max(patience * _LONG_S, _LONG_STARTS * self.start_s)
        return waited_s < min(_MOST_S, long_s) and self._another_lives()

    def _another_lives(self) -> bool:
        return any(_lives(process) for process in self._started() if process != self.process)

    def _started(self) -> list[int]:
        try:
            return [int(line) for line in (self.place / _STARTS).read_text(encoding="utf-8").split()]
        except (OSError, ValueError):
            return []


def _lives(process: int) -> bool:
    from parlab.groups import is_alive  # only now: it needs psutil

    return is_alive(process)
