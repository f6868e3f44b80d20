"""The cell magic ``%%deadline SECONDS``: runs a cell as a program of its own, and ends it when it does not end.

The kernel never hangs, and nothing of the cell stays: neither after the deadline, nor after the stop button, nor when
the kernel is killed (``parlab.notebook.guard`` sees to that). A deadline that has come is an output and no error.

The order of what is shown is the same each time: the cell's own lines as they come, then those of each worker in the
order in which they were started, then where everybody was. No process number, no time, no folder.
"""

import codecs
import os
import queue
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path

from parlab import groups, segments, temporary, units
from parlab.codec import dumps
from parlab.errors import InputError, InterruptedTasksError, TrialError
from parlab.notebook import relay, stacks
from parlab.notebook.plain import check_python, notebooks_folder
from parlab.options import parse_duration

_LOOK_S = 0.02
_START_S = 60.0  # a cell's program begins within a second; a machine that takes this long is lost
_ANSWER_S = 2.0  # how long to wait for stacks: writing one takes a millisecond, on a busy machine some more
_MOST_BYTES = 65_536  # shown of what the cell prints: a browser drowns in more
_MOST_WORKERS = 8
_MAGIC = "%%deadline"
NOT_BEGUN = "had not begun yet."  # said of a worker that was still starting at the deadline


def watch(line: str, cell: str, *, called: str = "cell") -> None:
    """Run a cell as a program, show what it and its workers print, and end it at the deadline.

    Parameters
    ----------
    line
        What stands behind ``%%deadline``: seconds, such as ``5``; or ``2m``.
    cell
        The lines below.
    called
        What the learner knows them as. Lines of a cell are counted from its magic on, those of anything else from
        its own first line.

    Raises
    ------
    InputError
        The line or the cell cannot be used; nothing was started.
    TrialError
        The program could not be started.
    InterruptedTasksError
        The user stopped it; nothing of it is left.
    """
    if not line.strip():
        raise InputError(f"{_MAGIC} needs a number of seconds. Write, for example, {_MAGIC} 5")
    deadline_s = parse_duration(_MAGIC, line)
    assert deadline_s is not None  # noqa: S101  # a text was given
    text = f"\n{cell.rstrip()}\n" if called == "cell" else f"{cell.strip()}\n"  # line 1 of a cell is the magic's
    check_python(text, _MAGIC, "started")
    folder = temporary.new_folder()
    try:
        order = {"cell": text, "path": _path(), "deadline_s": deadline_s}
        (folder / "order").write_bytes(dumps(order).encode())
        _Watched(folder, text, deadline_s, called).run()
    finally:
        temporary.remove_folder(folder)
        segments.sweep_all()  # whoever was ended in the middle could not remove what was its own


def _path() -> list[str]:
    """Return where the program looks for modules: where the notebook does, and in the notebook's folder last."""
    here = str(notebooks_folder("started there"))
    return [entry for entry in sys.path if entry not in ("", ".", here)] + [here]


def _variables() -> dict[str, str]:
    """Return the variables of the program: no drawing into a kernel, and no word of the tracker that tidies up."""
    others = os.environ.get("PYTHONWARNINGS")
    quiet = "ignore:resource_tracker:UserWarning"
    return {"MPLBACKEND": "agg", "PYTHONWARNINGS": f"{others},{quiet}" if others else quiet}


class _Watched:
    """A program that runs in a group of its own."""

    def __init__(self, folder: Path, cell: str, deadline_s: float, called: str) -> None:
        self._folder, self._cell, self._deadline_s, self._called = folder, cell, deadline_s, called
        self._here = Path.cwd()
        self._blocks: queue.SimpleQueue[bytes] = queue.SimpleQueue()
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._room, self._whole = _MOST_BYTES, True  # whole: what was shown ends with a line feed
        self._process = groups.start("parlab.notebook.guard", _variables(), [str(folder)], merged=True)
        self._reader = threading.Thread(target=self._read, daemon=True)
        try:
            self._reader.start()
        except BaseException:  # the stop button, or no more threads
            groups.end(self._process)
            raise

    def run(self) -> None:
        """Wait for its end or its deadline, show what is to be shown, and leave nothing behind."""
        try:
            struck = self._await_end()
            places = self._ask_all() if struck else []
            self._end()
            self._show_workers()
            self._say("\n".join(places) if struck else self._ending())
        except KeyboardInterrupt:
            self._end()
            self._show_workers()
            text = f"Stopped: everything that the {self._called} had started is gone."
            raise InterruptedTasksError(text) from None
        finally:
            self._end()

    def _await_end(self) -> bool:
        """Show what comes until it ends (False) or is too late (True)."""
        until = time.monotonic() + _START_S
        begun = False
        while True:
            self._show_next(_LOOK_S)
            if (self._folder / "ended").exists() or self._process.poll() is not None:
                return False
            if not begun and (self._folder / "begun").exists():
                begun, until = True, time.monotonic() + self._deadline_s
            if time.monotonic() > until:
                if not begun:
                    raise TrialError(f"The cell's program had not begun after {_START_S:.0f} s. Is the machine busy?")
                return True

    def _ask_all(self) -> list[str]:
        """Ask every process of the cell where it is, and return what they say."""
        names = ["cell", *relay.names(self._folder)]
        asked = {name: self._process_of(name) for name in names}
        for number in asked.values():
            self._ask(number)
        self._await_answers([name for name, number in asked.items() if number])
        late = f"Deadline: the {self._called} had not ended after {self._deadline_s:g} s."
        told = [f"{late} Everything that it had started was ended."]
        shown = [name for name, number in asked.items() if number != 0]
        for name in shown[: _MOST_WORKERS + 1]:
            told += self._place(name, begun=asked[name] is not None)
        if len(shown) > _MOST_WORKERS + 1:
            told.append(f"… and {units.count(len(shown) - _MOST_WORKERS - 1, 'more worker')}.")
        return told

    def _process_of(self, name: str) -> int | None:
        """Return a process's number; None when it has not begun, 0 when it has ended."""
        try:
            number = int((self._folder / f"{name}.process").read_text())
        except (FileNotFoundError, ValueError):
            return None
        return number if groups.is_alive(number) else 0

    def _ask(self, number: int | None) -> None:
        if number and relay.ASKS_BY_SIGNAL:
            with suppress(OSError):  # it has just ended
                if os.getpgid(number) == self._process.pid:
                    os.kill(number, relay.ASK)

    def _await_answers(self, names: list[str]) -> None:
        """Wait until every stack is there and grows no more."""
        until, before = time.monotonic() + _ANSWER_S, None
        while time.monotonic() < until:
            look = time.monotonic() + _LOOK_S * 2  # not sooner, however much the cell prints
            while (left_s := look - time.monotonic()) > 0:
                self._show_next(left_s)
            sizes = [self._stack(name).stat().st_size for name in names]
            if all(sizes) and sizes == before:
                return
            before = sizes

    def _stack(self, name: str) -> Path:
        return self._folder / f"{name}.stack"

    def _place(self, name: str, *, begun: bool) -> list[str]:
        who = f"The {self._called}" if name == "cell" else relay.about(self._folder, name)
        if not begun:
            return [f"{who} {NOT_BEGUN}"]
        dump = self._stack(name).read_text(errors="replace")
        first, *more = stacks.where(dump, self._cell, self._here, called=self._called)
        return [f"{who} {first}", *more]

    def _end(self) -> None:
        if self._process.stdin and not self._process.stdin.closed:
            groups.end(self._process)
            self._reader.join(groups.SETTLE_S)
            while self._show_next(0):
                pass
            for pipe in (self._process.stdin, self._process.stdout):
                if pipe is not None:
                    with suppress(OSError):
                        pipe.close()

    def _ending(self) -> str:
        """Say how the program has ended, where the learner has not read it yet."""
        try:
            code = int((self._folder / "ended").read_text())
        except (FileNotFoundError, ValueError):
            return "The cell's program was killed, and with it everything that it had started."
        if code in (0, 1):  # after an exception there is its traceback
            return ""
        how = f"exit code {code}" if code > 0 else groups.signal_name(-code)
        crash = self._stack("cell").read_text(errors="replace")
        return "\n".join([f"The cell's program was ended: {how}.", *(self._place("cell", begun=True) if crash else [])])

    def _read(self) -> None:
        assert self._process.stdout  # noqa: S101  # it was asked for
        while block := os.read(self._process.stdout.fileno(), 1 << 16):
            self._blocks.put(block)

    def _show_next(self, wait_s: float) -> bool:
        """Show one block of what the cell has printed; False when none came."""
        try:
            block = self._blocks.get(timeout=wait_s) if wait_s else self._blocks.get_nowait()
        except queue.Empty:
            return False
        if self._room > 0:
            shown = block[: self._room]
            self._room -= len(block)
            self._write(self._decoder.decode(shown))
            if self._room <= 0:
                self._say("[The cell has printed more, which is not shown.]")
        return True

    def _show_workers(self) -> None:
        for name in relay.names(self._folder):
            whole = "".join(line.text for line in relay.lines(self._folder, name))
            self._say("\n".join(f"{name}: {line}" for line in whole.splitlines()))

    def _say(self, text: str) -> None:
        """Show lines of our own, beginning with a new one."""
        if text:
            self._write(f"{'' if self._whole else chr(10)}{text}\n")

    def _write(self, text: str) -> None:
        if text:
            self._whole = text.endswith("\n")
            print(text, end="", flush=True)  # noqa: T201  # the cell's output
