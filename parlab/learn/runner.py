"""The process that calls a learner's function: under one start method, watched by the guard, and then it ends.

It is entirely ours, so it may do what parlab never does in a user's process: set the start method, and look over the
shoulder of ``multiprocessing`` to see what is started and not waited for. It judges nothing.
"""

import gc
import inspect
import multiprocessing
import os
import signal
import sys
import tempfile
import time
import traceback
import warnings
from collections.abc import Callable, Iterator
from contextlib import suppress
from copy import deepcopy
from dataclasses import replace
from math import isfinite
from multiprocessing.process import BaseProcess
from multiprocessing.shared_memory import SharedMemory
from pathlib import Path
from typing import Any

from parlab import segments
from parlab.codec import decode, encode, loads
from parlab.errors import InputError, text_of
from parlab.learn import probes, registry
from parlab.learn.job import Order
from parlab.learn.own import compared
from parlab.learn.records import Check, Run
from parlab.measure.channel import Channel
from parlab.workloads.reference import resolve

_MOST_ANSWERS, _MOST_LETTERS, _MOST_DEPTH, _MOST_BITS = 1_000, 2_000, 5, 10_000
_GRACE_S = 1.0  # for a process that is ending just now
_LINE_LETTERS, _ERROR_LETTERS, _MOST_LINES = 100, 300, 6


def main() -> None:
    """Read an order, run it, send what became of it, and leave nothing behind."""
    channel = Channel.take_standard_streams()
    parent = os.getppid()
    line = channel.read_line()
    if not line:
        return
    channel.end_with_parent(parent)
    order = decode(Order, loads(line))
    seen = _Seen(Path(order.place))
    channel.send("done", encode(run(order, seen)))
    seen.end_all()


class _Seen:
    """Every process that is started here and every segment that is made."""

    def __init__(self, place: Path) -> None:
        self.place = place  # a learner's function may do anything to the environment
        self.processes: list[BaseProcess] = []
        self.names: list[str] = []
        start, make = BaseProcess.start, SharedMemory.__init__
        processes, names = self.processes, self.names

        def noted_start(process: BaseProcess) -> None:
            processes.append(process)
            start(process)
            probes.note_start(place, process.pid)

        def noted_make(segment: SharedMemory, *arguments: Any, **named: Any) -> None:
            make(segment, *arguments, **named)
            if named.get("create") or True in arguments[1:2]:
                names.append(segment.name)

        BaseProcess.start = noted_start  # type: ignore[assignment,method-assign]  # this process is ours
        SharedMemory.__init__ = noted_make  # type: ignore[assignment,method-assign]  # the same

    def unjoined(self) -> list[BaseProcess]:
        """Return the processes whose end nobody has noticed. It must not ask them: that would be to notice it."""
        return [one for one in self.processes if getattr(getattr(one, "_popen", None), "returncode", 0) is None]

    def segments(self) -> Iterator[SharedMemory]:
        """Yield the segments that are still there."""
        for name in self.names if os.name == "posix" else ():  # on Windows a segment goes with its last user
            with suppress(OSError):
                yield SharedMemory(name)

    def end_all(self) -> None:
        """End what the learner's function has left running, or this process would wait for it."""
        for process in self.unjoined():
            if process.pid is not None:
                with suppress(ProcessLookupError):  # loky's have no kill() of their own
                    os.kill(process.pid, getattr(signal, "SIGKILL", signal.SIGTERM))
            process.join(_GRACE_S)


def run(order: Order, seen: _Seen) -> Run:
    """Call the learner's function and note what is to be seen."""
    sys.path[:] = order.path
    probes.show_stacks_when_asked()
    _keep_apart(order.place)
    # Learners write multiprocessing.Process and Pool, as every book does: those take the start method of the process.
    # This process is ours and runs nothing else, so here, and nowhere else in parlab, it is set.
    multiprocessing.set_start_method(order.method)
    check = registry.find(order.check)
    done = Run(order.method, "returned", root=os.getpid())
    try:
        function = resolve(order.function)
    except InputError as problem:
        return replace(done, ended="raised", error=str(problem)[:_ERROR_LETTERS], cause="import")
    if not _fits(function, check):
        return replace(done, ended="raised", error=check.signature, cause="signature")
    probes.begin(seen.place)
    with warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always", ResourceWarning)
        done = _called(done, compared(function) if check.own else function, check)
        done = _left(done, seen)
        gc.collect()  # a pool that nobody has closed says so when it goes
    pools = sum(issubclass(one.category, ResourceWarning) and "Pool" in type(one.source).__name__ for one in warned)
    return replace(done, pools=pools, met=probes.met(seen.place), calls=tuple(probes.calls(seen.place)))


def _keep_apart(place: str) -> None:
    """Give multiprocessing a folder for its sockets, and temporary files another one: what stays there is left."""
    segments.own_semaphores()  # what stays of them when this process is ended in the middle is known as ours, and swept
    segments.keep_sockets_in(place)
    os.environ.update(dict.fromkeys(("TMPDIR", "TEMP", "TMP"), str(Path(place, probes.FILES))))
    tempfile.tempdir = None  # it is looked up again


def _fits(function: Callable[..., Any], check: Check) -> bool:
    try:
        inspect.signature(function).bind(*check.calls[0])
    except TypeError:
        return False
    except ValueError:  # it has none to look at
        return True
    return True


def _called(done: Run, function: Callable[..., Any], check: Check) -> Run:
    answers, kinds = [], []
    try:
        for arguments in check.calls:
            answer = function(*deepcopy(arguments))
            answers.append(plain(answer))
            kinds.append("iterator" if isinstance(answer, Iterator) else type(answer).__name__)
    except BaseException as problem:  # whatever a learner's function raises
        return replace(
            done,
            ended="raised",
            error=_said(problem),
            cause=_cause(problem),
            lines=_own_lines(problem, source_of(function)),
        )
    return replace(done, answers=answers, kinds=tuple(kinds))


def source_of(function: Callable[..., Any]) -> str:
    """Return the file in which a function stands; empty where it stands in none."""
    with suppress(TypeError):  # written in C
        return inspect.getsourcefile(inspect.unwrap(function)) or ""
    return ""


def _said(problem: BaseException) -> str:
    text = text_of(problem).replace("\n", " ")[:_ERROR_LETTERS]
    return f"{type(problem).__name__}: {text}".removesuffix(": ")


def plain(value: Any, depth: int = 0) -> Any:
    """Return a value as JSON can hold it; what has no such form becomes a text with its type."""
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, int):
        return value if value.bit_length() <= _MOST_BITS else "<a huge number>"  # Python refuses to write it
    if isinstance(value, float):
        return value if isfinite(value) else str(value)
    if isinstance(value, str):
        return value[:_MOST_LETTERS]
    if isinstance(value, list | tuple) and depth < _MOST_DEPTH:
        return [plain(one, depth + 1) for one in value[:_MOST_ANSWERS]]
    if isinstance(value, dict) and depth < _MOST_DEPTH:
        return {str(key): plain(one, depth + 1) for key, one in list(value.items())[:_MOST_ANSWERS]}
    with suppress(Exception):  # numpy's numbers and arrays
        return plain(value.tolist(), depth + 1)
    return f"<{type(value).__name__}>"


def _cause(problem: BaseException) -> str:
    """Say what is behind an error where its type or its place tells; its text differs between versions of Python."""
    files = {Path(frame.filename).name for frame in traceback.extract_tb(problem.__traceback__)}
    if "PicklingError" in type(problem).__name__ or "reduction.py" in files:
        return "pickle"
    if type(problem).__name__ in ("BrokenProcessPool", "WorkersLostError", "LostTaskError"):
        return "workers"
    if type(problem).__name__ == "TimeoutError":  # Python's own, and multiprocessing's
        return "time"
    if type(problem) is NameError:  # a local variable without a value is another matter
        return "name"
    if isinstance(problem, TypeError) and "object is not callable" in text_of(problem):
        return "called"
    return "open" if isinstance(problem, NotImplementedError) else ""


def _own_lines(problem: BaseException, file: str) -> tuple[str, ...]:
    """Return where it happened, in the learner's own file: a worker's lines too, which come as text."""
    frames = [(frame.lineno, frame.name, frame.line or "") for frame in traceback.extract_tb(problem.__traceback__)
              if frame.filename == file]  # fmt: skip
    lines = [f"line {number}, in {name}: {code[:_LINE_LETTERS]}" for number, name, code in frames]
    remote = [] if problem.__cause__ is None else text_of(problem.__cause__).splitlines()
    for place, line in enumerate(remote[:-1]):
        if f'"{file}"' in line:
            where = line.rpartition(", line ")[2]
            lines.append(f"in a worker, line {where}: {remote[place + 1].strip()[:_LINE_LETTERS]}")
    return tuple(lines[-_MOST_LINES:])


def _left(done: Run, seen: _Seen) -> Run:
    """Look for what the function has left behind."""
    unjoined = seen.unjoined()
    deadline = time.monotonic() + _GRACE_S
    for process in unjoined:
        process.join(max(0.0, deadline - time.monotonic()))
    alive = sum(process.is_alive() for process in unjoined)
    found = list(seen.segments())
    for segment in found:
        segment.close()
        with suppress(FileNotFoundError):  # a process that still lives has just removed it
            segment.unlink()
    files = tuple(sorted(path.name for path in (seen.place / probes.FILES).iterdir()))
    return replace(done, unjoined=len(unjoined), alive=alive, segments=len(found), files=files)
