"""Asks started processes what they know, how long their start took and what they hold: for notebook 03.

Processes are forked here, and a notebook's kernel, which has threads, should not fork. So everything runs in a program
of its own under a deadline, and what it found comes back as JSON. Nothing is taken from what a start method is said to
do: whatever is told here, a child has told. No workload is here.
"""

import json
import multiprocessing
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from importlib import import_module
from importlib.util import find_spec
from itertools import cycle, islice
from pathlib import Path
from types import ModuleType
from typing import Any

from parlab.errors import InputError, TrialError
from parlab.workloads import lessons

LIGHT = "nothing"  # the module that imports nothing at its top
ARGUMENTS = "the arguments"
INHERITED, PICKLED, UNKNOWN = "inherited", "pickled", "no"
MOMENTS = ("at its start", "after reading", "after writing")
BYTES, NUMBERS = "one block of bytes", "a list of numbers"

level = 1
visitors: list[str] = []

_DEADLINE_S = 120.0
_BEFORE, _AFTER = "PARLAB_SET_BEFORE", "PARLAB_SET_AFTER"
_MIB = 2**20
_PAGE_BYTES = 4096  # or a multiple of it; to write into every 4096th byte touches every page
_NUMBER_BYTES = 32  # a float takes 24 bytes, and its place in a list 8
_PROGRAM = """
if __name__ == "__main__":
    from parlab.workloads import starts
    starts.run({name!r}, {options!r})
"""
# What a module for _start_times holds below its import.
_ANSWER = """
def answer(queue):
    queue.put(None)
"""


def what_children_know() -> dict[str, dict[str, str]]:
    """Start a child by each method, and let it report which of its parent's things it finds.

    Returns
    -------
    dict
        For each start method of this system, for each thing: ``"inherited"``, ``"pickled"`` or ``"no"``.

    Raises
    ------
    TrialError
        A child could not be started, or did not answer.
    """
    found: dict[str, dict[str, str]] = _watched("know")
    return found


def start_times(imports: Sequence[str] = (LIGHT, "numpy"), rounds: int = 5) -> list[dict[str, Any]]:
    """Measure how long a child takes from ``start()`` until the first line of its function runs.

    Parameters
    ----------
    imports
        For each a module is made that imports this at its top and holds the child's function; ``"nothing"`` stands for
        a module that imports nothing.
    rounds
        Every start method with every module is measured once in each round, in an order that turns from round to round.

    Returns
    -------
    list of dict
        One a start: ``method``, ``imports``, ``round``, ``start_s`` in seconds. A first start of each kind is left out:
        it reads files into the system's memory, and starts the server of ``forkserver``.

    Raises
    ------
    InputError
        A module is not installed here, or there are no rounds.
    TrialError
        A child could not be started, or did not answer.
    """
    if rounds < 1:
        raise InputError(f"rounds cannot be {rounds!r}: give a whole number from 1 up, for example 7.")
    for name in imports:
        if name != LIGHT and not _is_installed(name):
            message = f"imports cannot hold {name!r}: no module of this name is installed here."
            raise InputError(f"{message} Try 'numpy' or 'pandas', or {LIGHT!r} for a module without imports.")
    found: list[dict[str, Any]] = _watched("times", imports=list(imports), rounds=rounds)
    return found


def memory_of_children(block_mib: int = 32) -> list[dict[str, Any]]:
    """Give children a large thing as an argument, and let them report how much memory they hold alone.

    Parameters
    ----------
    block_mib
        How large it is in the parent, in MiB.

    Returns
    -------
    list of dict
        One a report: ``what`` (the thing), ``method``, ``when`` and ``own_mib``: the child's USS in MiB, which is the
        memory that would be free if this process alone ended.

    Raises
    ------
    InputError
        The size is below 1 MiB.
    TrialError
        A child could not be started, or did not answer.
    """
    if block_mib < 1:
        raise InputError(f"block_mib cannot be {block_mib!r}: give a whole number from 1 up, for example 32.")
    found: list[dict[str, Any]] = _watched("memory", block_mib=block_mib)
    return found


def run(name: str, options: dict[str, Any]) -> None:
    """Do one of the three things above in this process, and print what was found; for the program that is watched."""
    programs: dict[str, Callable[..., Any]] = {"know": _know, "times": _times, "memory": _memory}
    print(json.dumps(programs[name](**options)))  # noqa: T201  # how it comes back


def _watched(name: str, **options: Any) -> Any:
    try:
        done = lessons.run_script(_PROGRAM.format(name=name, options=options), _DEADLINE_S)
    except subprocess.TimeoutExpired:
        raise _unanswered(f"there was no answer after {_DEADLINE_S:.0f} s") from None
    if done.returncode != 0:
        raise _unanswered((done.stderr.strip().splitlines() or ["nothing was said"])[-1])
    return json.loads(done.stdout.splitlines()[-1])  # a module that was imported may have printed something before


def _unanswered(why: str) -> TrialError:
    return TrialError(f"The processes could not be asked: {why}. Look whether `parlab doctor` finds something.")


def _is_installed(name: str) -> bool:
    try:
        return all(part.isidentifier() for part in name.split(".")) and find_spec(name) is not None
    except ModuleNotFoundError:  # no package of the first part
        return False


class Parcel:
    """Notices when it is pickled: what comes out at the other end is one that has travelled."""

    travelled = False

    def __reduce__(self) -> tuple[Callable[[], "Parcel"], tuple[()]]:
        """Say how to make it again."""
        return _unpacked, ()


def _unpacked() -> Parcel:
    parcel = Parcel()
    parcel.travelled = True
    return parcel


def _know() -> dict[str, dict[str, str]]:
    global level  # noqa: PLW0603  # a module's value, changed after its import, is one of the things that are asked about
    os.environ[_BEFORE] = "set"
    for method in _methods():  # the server of forkserver is started by this first child
        lessons.run_all([_context(method).Process(target=lessons.nap, args=(0,))])
    level = 2
    visitors.append("the parent")
    os.environ[_AFTER] = "set"
    end = threading.Event()
    threading.Thread(target=end.wait, daemon=True).start()
    try:
        with open(sys.argv[0], "rb") as file:  # noqa: PTH123  # any file will do
            return {method: _told_by_child(method, file.fileno()) for method in _methods()}
    finally:
        end.set()


def _told_by_child(method: str, file_number: int) -> dict[str, str]:
    return dict(_answer(method, _tell, file_number, _identity(file_number), Parcel()))


def _answer(method: str, target: Callable[..., None], *arguments: Any) -> Any:
    """Start a child that puts one answer into the queue that it gets first."""
    context = _context(method)
    queue = context.SimpleQueue()
    codes = lessons.run_all([context.Process(target=target, args=(queue, *arguments))], _DEADLINE_S)
    if codes != [0]:
        raise TrialError(f"A child that was started by {method} ended with {codes[0]}.")
    return queue.get()


def _tell(queue: lessons.Sender, file_number: int, identity: list[int], parcel: Parcel) -> None:
    known = {
        "a variable of a module, changed": level == 2,
        "a global list, filled": visitors == ["the parent"],
        "an environment variable, set early": _BEFORE in os.environ,
        "an environment variable, set late": _AFTER in os.environ,
        "an open file": _identity(file_number) == identity,
        "a running thread": threading.active_count() > 1,
    }
    told = {thing: INHERITED if found else UNKNOWN for thing, found in known.items()}
    queue.put({**told, ARGUMENTS: PICKLED if parcel.travelled else INHERITED})


def _identity(file_number: int) -> list[int]:
    """Say which file this number stands for in this process; nothing when it is none."""
    try:
        found = os.fstat(file_number)
    except OSError:
        return []
    return [found.st_dev, found.st_ino]


def _times(imports: list[str], rounds: int) -> list[dict[str, Any]]:
    os.environ["OPENBLAS_NUM_THREADS"] = "1"  # numpy in this process shall start no threads, because it forks
    modules = {name: _module(place, name) for place, name in enumerate(imports)}
    kinds = [(method, name) for method in _methods() for name in imports]
    rows: list[dict[str, Any]] = []
    for number in range(rounds + 1):
        for method, name in islice(cycle(kinds), number, number + len(kinds)):
            start_s = _start_time(method, modules[name])
            rows.append({"method": method, "imports": name, "round": number, "start_s": start_s})
    return rows[len(kinds) :]


def _module(place: int, top: str) -> ModuleType:
    """Make a module beside the program, where children look too, and import it."""
    name = f"child_of_lesson_{place}"
    text = _ANSWER if top == LIGHT else f"import {top}\n{_ANSWER}"
    Path(sys.argv[0]).with_name(f"{name}.py").write_text(text, encoding="utf-8")
    return import_module(name)


def _start_time(method: str, module: ModuleType) -> float:
    context = _context(method)
    queue = context.SimpleQueue()
    child = context.Process(target=module.answer, args=(queue,))
    began_s = time.perf_counter()
    child.start()
    queue.get()
    took_s = time.perf_counter() - began_s
    child.join()
    return took_s


def _memory(block_mib: int) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []
    for what in (BYTES, NUMBERS):
        thing = _thing(what, block_mib)
        for method in _methods():
            reports = zip(MOMENTS, _answer(method, _weigh, thing), strict=True)
            rows += [{"what": what, "method": method, "when": when, "own_mib": own_mib} for when, own_mib in reports]
        del thing
    return rows


def _thing(what: str, block_mib: int) -> Any:
    if what == BYTES:
        return bytearray(b"\x01" * (block_mib * _MIB))
    return [number + 0.5 for number in range(block_mib * _MIB // _NUMBER_BYTES)]


def _weigh(queue: lessons.Sender, thing: Any) -> None:
    """Report this process's own memory three times."""
    weighed = [own_mib()]
    step = _PAGE_BYTES if isinstance(thing, bytearray) else 1
    for place in range(0, len(thing), step):
        thing[place]
    weighed.append(own_mib())
    for place in range(0, len(thing), step):
        thing[place] += 1
    queue.put([*weighed, own_mib()])


def own_mib() -> float:
    """Return what memory belongs to this process alone, in MiB: its unique set size."""
    import psutil

    return float(psutil.Process().memory_full_info().uss / _MIB)


def _methods() -> list[str]:
    return sorted(multiprocessing.get_all_start_methods())


def _context(method: str) -> Any:
    return multiprocessing.get_context(method)
