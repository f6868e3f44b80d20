"""Reads what faulthandler writes of a program that is stuck: which lines its threads are running. Judges nothing."""

import re
from dataclasses import dataclass

_FRAME = re.compile(r'  File "(?P<file>.*)", line (?P<line>\d+|\?\?\?) in (?P<function>.*)')
_LONGEST = 20  # digits of a number; Python turns no text of thousands into one


@dataclass(frozen=True, slots=True)
class Frame:
    """One line that is being run: its file, its number (0: not known), and the function that it stands in."""

    file: str
    line: int
    function: str


def parse(dump: str) -> list[list[Frame]]:
    """Read what faulthandler has written.

    Parameters
    ----------
    dump
        Of all threads, the innermost line first.

    Returns
    -------
    list of list of Frame
        One list for each thread, the main thread's first; in each the innermost line is the last.
    """
    threads: list[list[Frame]] = []
    for line in dump.splitlines():
        found = _FRAME.fullmatch(line)
        if line.endswith("(most recent call first):"):
            threads.append([])
        elif found and threads:
            digits = found["line"]
            number = int(digits) if digits.isdigit() and len(digits) <= _LONGEST else 0
            threads[-1].insert(0, Frame(found["file"], number, found["function"]))
    return threads[::-1]
