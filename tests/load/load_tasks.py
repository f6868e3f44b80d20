"""Task functions of the load tests and the soak. Workers load it: nothing heavy."""

import os
import sys
import time
from functools import partial
from pathlib import Path

import fault_tasks

MIB = 1 << 20


def same(number):
    return number


def square(number):
    """Do a little work: about a tenth of a millisecond."""
    return sum(one * number for one in range(1_000)) and number * number


def length(item):
    """Take an item of any size and give back a small result."""
    return len(item)


def blob(size_bytes):
    """Give back a result of a given size."""
    return bytes(size_bytes)


def one_byte_items():
    """Yield 100,000 items of one byte."""
    return [b"x"] * 100_000


def large_items():
    """Yield two items of 500 MB."""
    return [bytes(500_000_000), bytes(500_000_000)]


def large_sizes():
    """Yield what makes two results of 500 MB."""
    return [500_000_000, 500_000_000]


def hold(number, mebibytes):
    """Hold memory, every page of it touched, and a moment of time: so that all workers hold theirs at once."""
    held = bytearray(b"x") * (mebibytes * MIB)
    time.sleep(0.2)
    return number + len(held) - len(held)


def hold_at_the_supervisors_cost(number, mebibytes):
    """The same, and where memory runs out the system shall kill the supervisor: it, and nobody between it and here."""
    one = os.getpid()
    while one > 1:
        is_it = b"parlab.measure.supervisor" in Path(f"/proc/{one}/cmdline").read_bytes()
        Path(f"/proc/{one}/oom_score_adj").write_text("1000" if is_it else "0")
        if is_it:
            return hold(number, mebibytes)
        one = int(Path(f"/proc/{one}/stat").read_text().rpartition(")")[2].split()[1])
    raise RuntimeError("there is no supervisor above this process")


def faulty(fault, place, where="rounds"):
    """Return a task that does a fault at one item; see ``fault_tasks.strike``."""
    return partial(fault_tasks.strike, fault=fault, where=where, place=place)


def fill_rows(rows):
    """Write the number of each row into a shared array."""
    array, first, last = rows
    for row in range(first, last):
        array[row] = row
    return last - first


def fill_rows_and_die(rows):
    """The same, but the first worker ends before it has begun."""
    if rows[1] == 0:
        sys.stdout.flush()
        fault_tasks.FAULTS["kill"](rows)
    return fill_rows(rows)


def wait_for(path):
    """Say that this task runs, and never end."""
    Path(path).touch()
    time.sleep(3_600)
