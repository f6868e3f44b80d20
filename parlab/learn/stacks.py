"""Says in a learner's words what processes were doing when their time was over. It reads what faulthandler writes."""

import linecache
from collections.abc import Iterable
from pathlib import Path

from parlab.dumps import Frame, parse

_MOST_LINES, _LETTERS = 8, 90

_FULL = "has ended its function, and waits until somebody takes out what it has put into a queue"

# What the innermost known frame means; the file's name and the function's, from the inside out.
_WAITS = {
    ("process.py", "join"): "waits in join() for a process to end",
    ("popen_fork.py", "wait"): "waits in join() for a process to end",
    ("queues.py", "get"): "waits in get() for a message that has not come",
    ("queues.py", "put"): "waits in put() for room in the queue",
    ("connection.py", "recv"): "waits in recv() for a message that has not come",
    ("connection.py", "recv_bytes"): "waits for a message that has not come",
    ("synchronize.py", "acquire"): "waits for a lock that somebody holds",
    ("synchronize.py", "__enter__"): "waits for a lock that somebody holds",
    ("synchronize.py", "wait"): "waits for a signal that nobody has given",
    ("threading.py", "join"): "waits in join() for a thread to end",
    ("threading.py", "acquire"): "waits for a lock that somebody holds",
    ("pool.py", "get"): "waits for a pool's result that has not come; once the pool's with block has ended, none comes",
    ("pool.py", "join"): "waits for a pool's workers to end",
    ("_base.py", "result"): "waits for a future's result that has not come",
    ("probes.py", "meet"): "is in the check's task and waits for a second worker",
}
_IDLE = {("pool.py", "worker"), ("process.py", "_process_worker")}


def in_words(texts: Iterable[tuple[bool, str]], own: Path) -> tuple[str, ...]:
    """Say what each process was doing.

    Parameters
    ----------
    texts
        For each process whether it is the one that called the learner's function, and what faulthandler wrote.
    own
        The learner's file.
    """
    lines: list[str] = []
    worker = 0
    for is_root, text in texts:
        worker += not is_root
        said = [words for frames in parse(text) if (words := _words(frames, own)) is not None]
        who = "your function's process" if is_root else f"a process that it started ({worker})"
        lines += [f"{who}: {words}" for words in dict.fromkeys(said)]
    return tuple(lines[:_MOST_LINES])


def _words(frames: list[Frame], own: Path) -> str | None:
    """Return one line for a stack; None for one that is not the learner's business."""
    inside_out = frames[::-1]
    known = [(Path(frame.file).name, frame.function) for frame in inside_out]
    wait = next((_WAITS[one] for one in known if one in _WAITS), "")
    mine = next((frame for frame in inside_out if Path(frame.file) == own), None)
    if mine is not None:
        code = linecache.getline(str(own), mine.line).strip()[:_LETTERS]
        return f"line {mine.line}, in {mine.function}: {code}" + (f"\n    {wait}" if wait else "")
    if _IDLE & set(known):
        return wait if "check's task" in wait else "a pool's worker without a task"
    if ("queues.py", "_finalize_join") in known:  # at its end; what it waits in is further inside
        return _FULL
    in_task = wait and any(file.startswith("probes_") for file, _ in known)
    return f"is in the check's task, and {wait}" if in_task else wait if "check's task" in wait else None
