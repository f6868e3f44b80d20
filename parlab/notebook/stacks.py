"""Where a program is, in a learner's words: their own lines, not Python's. From a traceback, or from faulthandler's.

It shows no folder of this machine, and line numbers of the learner's files alone, so that the same program gives the
same text with every Python.
"""

import linecache
import sysconfig
import traceback
from pathlib import Path

from parlab.dumps import Frame, parse

CELL = "<cell>"
_PACKAGE = Path(__file__).resolve().parents[1]
_ENTRIES = {Path(__file__).with_name("cell.py"), Path(__file__).with_name("relay.py")}  # they call the learner's code
_PLACES = [Path(sysconfig.get_path(name)).resolve() for name in ("stdlib", "platstdlib", "purelib", "platlib")]
_MOST_FRAMES = 12
_MOST_LETTERS = 100
# What a process does when none of the learner's lines runs: the function of Python's own that says it.
_KNOWN = {
    "_finalize_join": "had ended its function, and waited until somebody takes out what it had put into a queue",
    "_exit_function": "had run all its lines, and waited for what it had started",
}
_POOLS = {"_process_worker", "worker"}


def where(dump: str, cell: str, folder: Path, *, called: str = "cell") -> list[str]:
    """Say in lines where a process was; the first one goes on with its name.

    Parameters
    ----------
    dump
        Of faulthandler.
    cell
        The text of the cell, whose first line is the magic's.
    folder
        The notebook's.
    called
        What the learner knows the text as.
    """
    threads = [_own(frames) for frames in parse(dump)]
    if not threads or not threads[0]:
        return ["did not say where it was."]
    told = [_told(frames, cell, folder, called) for frames in threads]
    others = [lines for lines in told[1:] if lines]
    first = ["was in", *told[0]] if told[0] else [f"{_without_lines(threads[0])}."]
    return first + [line for lines in others for line in ("  and another of its threads in", *lines)]


def _own(frames: list[Frame]) -> list[Frame]:
    """Leave out what led to the process's own work: in a forked one, the lines of its parent up to the start."""
    begins = [place for place, frame in enumerate(frames) if Path(frame.file) in _ENTRIES]
    return frames[begins[-1] + 1 :] if begins else frames


def traceback_text(error: BaseException, cell: str = "", folder: Path | None = None) -> str:
    """Return a traceback of the learner's lines, the innermost last, and what was raised."""
    stack = traceback.extract_tb(error.__traceback__)
    frames = [Frame(one.filename, one.lineno or 0, one.name) for one in stack]
    lines = _told(frames, cell, folder or Path.cwd())
    raised = "".join(traceback.format_exception_only(error)).rstrip()
    return "\n".join(["Traceback (the last call comes last):", *lines, raised] if lines else [raised])


def _told(frames: list[Frame], cell: str, folder: Path, called: str = "cell") -> list[str]:
    found = [line for line in (_line(frame, cell, folder, called) for frame in frames) if line]
    if len(found) > _MOST_FRAMES:
        left = len(found) - _MOST_FRAMES
        half = _MOST_FRAMES // 2
        found = [*found[:half], f"    … {left} more …", *found[-half:]]
    return found


def _line(frame: Frame, cell: str, folder: Path, called: str) -> str | None:
    """Show one line of the learner's, or of the functions that parlab has for lessons; None for any other."""
    inside = "" if frame.function.startswith("<module>") else f", in {frame.function}"
    if frame.file == CELL:
        text = cell.split("\n")[frame.line - 1] if 0 < frame.line <= cell.count("\n") + 1 else ""
        return _shown(f"    line {frame.line} of the {called}{inside}", text)
    if frame.file.startswith("<"):  # Python's own, or typed at a prompt
        return None
    path = Path(frame.file).resolve()
    if path.is_relative_to(_PACKAGE / "workloads"):
        return _shown(f"    parlab.workloads.{path.stem}{inside}", linecache.getline(frame.file, frame.line))
    foreign = any(path.is_relative_to(one) for one in [*_PLACES, _PACKAGE])
    if foreign:
        return None
    name = path.relative_to(folder).as_posix() if path.is_relative_to(folder) else path.name
    linecache.checkcache(frame.file)
    return _shown(f"    line {frame.line} of {name}{inside}", linecache.getline(frame.file, frame.line))


def _shown(place: str, text: str) -> str:
    text = text.strip()
    cut = text if len(text) <= _MOST_LETTERS else f"{text[: _MOST_LETTERS - 1]}…"
    return f"{place}: {cut}" if cut else place


def _without_lines(frames: list[Frame]) -> str:
    functions = [frame.function for frame in frames]
    for function, meaning in _KNOWN.items():
        if function in functions:
            return meaning
    if _POOLS & set(functions):
        return "waited for a task" if "get" in functions else "was in a task whose function has no lines of Python"
    innermost = frames[-1]
    return f"was in Python's own {Path(innermost.file).stem}, in {innermost.function}"
