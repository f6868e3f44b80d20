"""A number that a check lends to a learner's function, to be read and written by several processes.

Whether another worker comes between one's reading and writing is luck, and a check must not depend on luck. So two
things are arranged. Whoever reads waits, once it has read, for another one to read as well: then both hold the same
number, and what one of them writes is lost. And whoever gives back a lock after reading rests until another one has
read: as if the system had taken the core away just then. So a question and a deed that each hold the lock, but not
together, come apart. Where nobody can come, the waiting is in vain, and after a few times there is no more of it.

Outside of a check it is a plain number of its process.
"""

import multiprocessing
import os
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from parlab.learn import probes

_READERS, _NUMBER, _READS = "readers", "number", "reads"  # in the place
_MEET_S, _REST_S = (1.5, 0.2, 0.1), (0.2, 0.1, 0.1)  # one after the other, each until the one before was in vain
_LOOK_S = 0.002
_WIDTH = 24  # a number is written at one go, always as long, so nobody reads half of one
_FLAGS = os.O_RDWR | os.O_CREAT | getattr(os, "O_BINARY", 0)
_GIVES_BACK = {"release", "__exit__"}  # functions in C or Python after which a lock is free


class Number:
    """A number that processes share. Reading and writing are two steps, and between them anything can happen.

    Parameters
    ----------
    start
        What it is at the beginning.
    """

    def __init__(self, start: int = 0) -> None:
        self.start = start

    def read(self) -> int:
        """Return what it is now."""
        place = _place()
        if place is None:
            return self.start
        try:
            text = (place / _NUMBER).read_text(encoding="ascii")
        except FileNotFoundError:
            text = ""
        number = int(text) if text else self.start  # empty: somebody has made the file just now, and not yet written
        if probes.met(place):  # two are at work at once, so the other one may be about to read as well
            _note(place / _READS)
            _meet(place)
            _rest_after_lock(place)
        return number

    def write(self, number: int) -> None:
        """Set it, whatever it was.

        Raises
        ------
        TypeError
            It is no whole number.
        """
        if isinstance(number, bool) or not isinstance(number, int):
            raise TypeError(f"write() got a {type(number).__name__} where a whole number belongs")
        place = _place()
        if place is None:
            self.start = number
            return
        file = os.open(place / _NUMBER, _FLAGS, 0o600)
        try:
            os.write(file, f"{number:{_WIDTH}d}".encode("ascii"))
        finally:
            os.close(file)

    def __repr__(self) -> str:
        """Say what it is."""
        return f"Number({self.start})"


def ask(customer: int) -> None:
    """Ask a customer, which takes a while."""
    probes.square(customer)


def _place() -> Path | None:
    folder = os.environ.get(probes.PLACE)
    return None if folder is None else Path(folder)


def _meet(place: Path) -> None:
    """Wait, with a number that was just read, for another reader. Who meets another one takes the other's mark away."""
    folder = place / _READERS
    folder.mkdir(exist_ok=True)
    mark = folder / f"{os.getpid()}-{threading.get_native_id()}"
    mark.touch()

    def has_met() -> bool:
        if not mark.exists():  # the other one has seen it
            return True
        others = [one for one in folder.iterdir() if one != mark]
        return any(_taken_away(one) for one in others[:1])

    _wait(has_met, _MEET_S, place / "met in vain")
    _taken_away(mark)


def _taken_away(mark: Path) -> bool:
    """Remove a mark; False where that has to wait, because somebody has it open just now (on Windows)."""
    try:
        mark.unlink(missing_ok=True)
    except PermissionError:
        return False
    return True


def _rest_after_lock(place: Path) -> None:
    """Let this thread rest as soon as it gives back a lock, whichever: Python tells of every function that ends."""
    if threading.current_thread() is threading.main_thread() and multiprocessing.parent_process() is None:
        return  # nobody works beside it any more; and it would be told of all that Python does at its end

    def look(frame: Any, event: str, argument: Any) -> None:
        ended = argument.__name__ if event == "c_return" else frame.f_code.co_name if event == "return" else ""
        if ended in _GIVES_BACK:
            sys.setprofile(None)
            before = _size(place / _READS)
            _wait(lambda: _size(place / _READS) > before, _REST_S, place / "rested in vain")

    sys.setprofile(look)


def _wait(is_true: Callable[[], bool], waits_s: tuple[float, ...], vain: Path) -> None:
    """Wait until something is true; each time that this was in vain, for anybody, the next wait is shorter, or none."""
    times = _size(vain)
    until = time.monotonic() + (waits_s[times] if times < len(waits_s) else 0.0)
    while not is_true():
        if time.monotonic() >= until:
            _note(vain)
            return
        time.sleep(_LOOK_S)


def _note(file: Path) -> None:
    with file.open("a", encoding="ascii") as notes:
        notes.write(".")


def _size(file: Path) -> int:
    return file.stat().st_size if file.exists() else 0
