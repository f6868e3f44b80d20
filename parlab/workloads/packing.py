"""Times pickle by what is packed and how much of it, and has tasks whose data travels or is fetched by its name.

For the notebook about messages. At its top stands the standard library alone, since workers import it. No workload is
here.
"""

import pickle
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from parlab.errors import InputError, unknown_choice

KINDS = ("list of ints", "list of floats", "array of floats", "text", "dict", "dataclasses", "DataFrame")
COUNTS = (10, 100, 1_000, 10_000, 30_000)

_BATCH_S = 5e-4  # one call may be shorter than the clock can tell: so many are timed together
_TRIES, _TRIES_S = 7, 0.03  # the latter ends them earlier: what takes long is disturbed less


class Packed(NamedTuple):
    """What it took to pickle a thing, and to rebuild it."""

    kind: str
    values: int
    payload_bytes: int
    dumps_s: float
    loads_s: float


@dataclass(frozen=True)
class Reading:
    """A thermometer's name and what it shows: an instance of a class of one's own."""

    place: int
    degrees: float


def thing(kind: str, values: int) -> Any:
    """Make something that holds so many values.

    Parameters
    ----------
    kind
        One of ``KINDS``.
    values
        How many numbers, letters, entries or instances.

    Raises
    ------
    InputError
        There is no such kind, or it would hold nothing.
    """
    if kind not in KINDS:
        raise unknown_choice("kind of thing", kind, KINDS)
    if values < 1:
        raise InputError(f"It must hold at least 1 value, not {values}.")
    return _makers()[kind](values)


def _makers() -> dict[str, Callable[[int], Any]]:
    return {
        "list of ints": lambda count: [1_000 + number for number in range(count)],
        "list of floats": lambda count: [number / 7 for number in range(count)],
        "array of floats": _array,
        "text": lambda count: "abcdefghij"[: count % 10] + "abcdefghij" * (count // 10),
        "dict": lambda count: {f"key {number}": number / 7 for number in range(count)},
        "dataclasses": lambda count: [Reading(number, number / 7) for number in range(count)],
        "DataFrame": _frame,
    }


def _array(count: int) -> Any:
    import numpy as np

    return np.arange(count) / 7


def _frame(count: int) -> Any:
    import pandas as pd

    return pd.DataFrame({"degrees": _array(count)})


def pickle_times(kinds: Sequence[str] = KINDS, counts: Sequence[int] = COUNTS) -> list[Packed]:
    """Time ``pickle.dumps`` and ``pickle.loads``, with the protocol that ``multiprocessing`` takes.

    Parameters
    ----------
    kinds
        Of ``KINDS``.
    counts
        How many values each kind shall hold.

    Returns
    -------
    list of Packed
        One for each kind and count, with the shortest of several times: what is longer is other programs' doing.
    """
    return [_packed(kind, count) for kind in kinds for count in counts]


def _packed(kind: str, count: int) -> Packed:
    made = thing(kind, count)
    message = pickle.dumps(made)
    dumps_s = _seconds(lambda: pickle.dumps(made))
    loads_s = _seconds(lambda: pickle.loads(message))  # noqa: S301  # packed three lines above
    return Packed(kind, count, len(message), dumps_s, loads_s)


def _seconds(call: Callable[[], object]) -> float:
    """Return the time of one call, of the fastest batch."""
    calls = 1
    while (taken_s := _batch_s(call, calls)) < _BATCH_S:
        calls *= 4
    tries = [taken_s]
    while len(tries) < _TRIES and sum(tries) < _TRIES_S:
        tries.append(_batch_s(call, calls))
    return min(tries) / calls


def _batch_s(call: Callable[[], object], calls: int) -> float:
    began_s = time.perf_counter()
    for _ in range(calls):
        call()
    return time.perf_counter() - began_s


@contextmanager
def blocks_on_disk(count: int, seed: int = 0) -> Iterator[list[tuple[str, int]]]:
    """Write the blocks of the workload ``payload`` into one file, and yield what a task needs to find its own.

    Parameters
    ----------
    count
        How many blocks.
    seed
        The same seed makes the same blocks.

    Yields
    ------
    list of tuple
        ``(file, number)`` for each block, which ``add_up_block`` takes. The file is removed afterwards.
    """
    from parlab.temporary import private_folder
    from parlab.workloads import payload

    with private_folder() as folder:
        place = folder / "blocks"
        with place.open("wb") as file:
            for block in payload.items(count, seed):
                file.write(block.tobytes())
        yield [(str(place), number) for number in range(count)]


def add_up_block(name: tuple[str, int]) -> int:
    """Add up the bytes of a block that this process reads for itself.

    Parameters
    ----------
    name
        ``(file, number)`` of ``blocks_on_disk``: a few bytes, whatever the size of the block.

    Returns
    -------
    int
        The same as ``parlab.workloads.payload.add_up`` of the block.
    """
    import numpy as np

    from parlab.workloads.payload import BYTES_PER_ITEM, add_up

    place, number = name
    return add_up(np.fromfile(Path(place), np.uint8, BYTES_PER_ITEM, offset=number * BYTES_PER_ITEM))
