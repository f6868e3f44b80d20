"""Tasks for the bug lab, which started processes import: each makes one usual mistake, or its cure, happen.

They keep to the standard library and import numpy and psutil where a task needs them, so that a worker starts fast.
"""

import os
import signal
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence
    from multiprocessing.queues import Queue

    import numpy as np

_PASSES = 8
_BLOCK = 16_384  # numbers: 128 KiB, which the caches of a core hold
_NUMBERS = 2_000_000  # 16 MB, which they do not

lock = threading.Lock()
_texts: list[str] = []


def make_and_add_up(seed: int) -> int:
    """Make a block of 4 MiB in the worker itself, and add up its bytes: nothing large travels.

    Parameters
    ----------
    seed
        Of the generator that fills the block.
    """
    import numpy as np

    from parlab.workloads.payload import BYTES_PER_ITEM, add_up

    generator = np.random.default_rng(seed)
    return add_up(np.frombuffer(generator.bytes(BYTES_PER_ITEM), dtype=np.uint8))


def pass_by_pass(factor: float) -> float:
    """Go through 16 MB of numbers eight times: in each pass all of them come from memory again.

    Parameters
    ----------
    factor
        Each pass multiplies by it and adds one.
    """
    numbers = _numbers()
    for _ in range(_PASSES):
        _one_pass(numbers, factor)
    return float(numbers[-1])


def block_by_block(factor: float) -> float:
    """Do the same, all eight passes on one block of 128 KiB before the next: it comes from memory once.

    Parameters
    ----------
    factor
        Each pass multiplies by it and adds one.
    """
    numbers = _numbers()
    for first in range(0, len(numbers), _BLOCK):
        for _ in range(_PASSES):
            _one_pass(numbers[first : first + _BLOCK], factor)
    return float(numbers[-1])


def _numbers() -> "np.ndarray[Any, Any]":
    import numpy as np

    return np.linspace(0.0, 1.0, _NUMBERS)


def _one_pass(numbers: "np.ndarray[Any, Any]", factor: float) -> None:
    import numpy as np

    np.multiply(numbers, factor, out=numbers)
    np.add(numbers, 1.0, out=numbers)


def square_or_die(number: int) -> int:
    """Square a number, but end this worker at once when it is 3, as the system does when memory runs out."""
    if number == 3:
        if hasattr(signal, "SIGKILL"):
            os.kill(os.getpid(), signal.SIGKILL)
        os._exit(1)  # Windows
    return number * number


def send_a_million(queue: "Queue[bytes]") -> None:
    """Put a million bytes into a queue."""
    queue.put(bytes(1_000_000))


def keep_texts(texts: "list[str]") -> None:
    """Keep a list of texts where a process that is forked from this one finds it."""
    _texts[:] = texts


def add_up_kept(repeat: int) -> tuple[int, float, float]:
    """Add up the lengths of the texts that were kept, and say what memory this worker had of its own.

    Parameters
    ----------
    repeat
        How often.

    Returns
    -------
    tuple
        The sum, and the worker's own memory (USS) in MiB before and after.
    """
    from parlab.workloads.starts import own_mib

    before = own_mib()
    total = sum(len(text) for _ in range(repeat) for text in _texts)
    return total, before, own_mib()


def keep_lines(lines: bytes) -> None:
    """Keep many lines as one object, in place of the list."""
    global _lines  # noqa: PLW0603  # what a forked process finds
    _lines = lines


_lines = b""


def add_up_lines(repeat: int) -> tuple[int, float, float]:
    """Add up the lengths of the lines that were kept as one object; see ``add_up_kept``."""
    from parlab.workloads.starts import own_mib

    before = own_mib()
    total = repeat * (len(_lines) - _lines.count(b"\n"))
    return total, before, own_mib()


def make_segment(number: int) -> str:
    """Make a megabyte of shared memory, fill its first byte, and forget to remove it.

    Returns
    -------
    str
        Its name.
    """
    from multiprocessing.shared_memory import SharedMemory

    segment = SharedMemory(create=True, size=1_000_000)
    segment.buf[:1] = bytes([number])  # type: ignore[index]  # None only when closed
    segment.close()
    return segment.name


def make_and_remove_segment(number: int) -> str:
    """Do the same, and remove it."""
    from multiprocessing.shared_memory import SharedMemory

    segment = SharedMemory(create=True, size=1_000_000)
    try:
        segment.buf[:1] = bytes([number])  # type: ignore[index]  # None only when closed
    finally:
        segment.close()
        segment.unlink()
    return segment.name


def still_there(names: "Sequence[str]") -> int:
    """Count the segments of shared memory that can still be opened, and remove them."""
    from parlab.workloads.segment_ends import remove

    return sum(map(remove, names))


def write_module(folder: str, text: str) -> None:
    """Write the module ``prices.py`` into a folder; no cached bytecode of an earlier one is taken for it."""
    from parlab.atomic import write_module as write  # here, for workers import this module too

    write(Path(folder, "prices.py"), text.encode())


def hold_lock(seconds: float) -> None:
    """Hold this module's lock for some time, as a thread does that writes a log."""
    with lock:
        time.sleep(seconds)


def take_lock(number: int) -> str:
    """Take this module's lock, and say so."""
    with lock:
        return f"task {number} had the lock"
