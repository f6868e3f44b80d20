"""What a notebook shows when the stop button ends a cell: one line that says where, instead of a page of frames.

A cell that waits for processes is stopped deep inside ``multiprocessing``, whose frames tell a learner nothing. The
exception stays what it is, and ``%debug`` finds it as always.

A sweep that is stopped ends with the rounds that are complete, and its cell goes on. Whoever presses means the whole
cell: the next sweep in it is not begun.
"""

import sys
from collections.abc import Iterable
from linecache import getline
from multiprocessing import active_children
from multiprocessing.connection import wait
from time import monotonic
from traceback import walk_tb
from types import TracebackType
from typing import TYPE_CHECKING, Any

from parlab.errors import InterruptedSweepError

if TYPE_CHECKING:
    from multiprocessing.process import BaseProcess

    from IPython.core.interactiveshell import InteractiveShell

_GRACE_S = 1.0  # processes of the cell hear the stop button, too, and are about to end
_MOST_LETTERS = 48  # with what stands before it about 100 characters: a line of JupyterLab
_RENDERER = "_render_traceback_"  # IPython asks an exception for it
_EDGES = ("pre_execute", "post_execute")  # of a cell; a widget's handler may run a sweep between two

_rest: set[str] = set()  # what was stopped in the cell that runs: empty, or a sweep


def install(shell: "InteractiveShell") -> None:
    """Let a shell show its stop button in one line, unless the user has an exception handler of their own."""
    if hasattr(shell, "set_custom_exc") and not shell.custom_exceptions:
        shell.set_custom_exc((KeyboardInterrupt,), _show)  # type: ignore[no-untyped-call]  # IPython says nothing of it


def remove(shell: "InteractiveShell") -> None:
    """Undo what ``install`` has done."""
    if getattr(shell, "custom_exceptions", ()) == (KeyboardInterrupt,):
        shell.set_custom_exc((), None)  # type: ignore[no-untyped-call]  # IPython says nothing of it


def _show(
    shell: "InteractiveShell",
    kind: type[BaseException],
    error: BaseException,
    traceback: TracebackType,
    tb_offset: int | None = None,  # noqa: ARG001  # IPython gives it
) -> None:
    """Show an interrupt. One with a text, or with a form of its own, was raised by somebody and is shown as always."""
    if kind is KeyboardInterrupt and not error.args and not hasattr(error, _RENDERER):
        lines = [f"KeyboardInterrupt: stopped{where(traceback, shell.user_ns)}", *_still_running(active_children())]
        setattr(error, _RENDERER, lambda: lines)
    shell.showtraceback((kind, error, traceback), running_compiled_code=True)


def where(traceback: TracebackType | None, namespace: dict[str, Any]) -> str:
    """Say in which line of the cell a traceback ends.

    Parameters
    ----------
    traceback
        Of the interrupt.
    namespace
        The notebook's names: what runs in them stands in a cell.

    Returns
    -------
    str
        Such as `` in line 3 of the cell: child.join()``; a full stop alone when no line of a cell was running.
    """
    cells = [(frame.f_code.co_filename, line) for frame, line in walk_tb(traceback) if frame.f_globals is namespace]
    if not cells:
        return "."
    (first, number), (last, deepest) = cells[0], cells[-1]
    number = deepest if last == first else number  # a function of an earlier cell: say where this one called it
    text = getline(first, number).strip()
    if not text:
        return f" in line {number} of the cell."
    return f" in line {number} of the cell: {text[:_MOST_LETTERS]}{'…' if len(text) > _MOST_LETTERS else ''}"


def _still_running(children: "Iterable[BaseProcess]") -> list[str]:
    """Say how many processes live on, after a moment to end."""
    until = monotonic() + _GRACE_S
    living = [one for one in children if one.is_alive()]
    while living and (left_s := until - monotonic()) > 0:
        wait([one.sentinel for one in living], left_s)
        living = [one for one in living if one.is_alive()]
    if not living:
        return []
    noun = "1 process" if len(living) == 1 else f"{len(living)} processes"
    return [f"Still running: {noun} of this notebook. Kernel → Restart Kernel… ends what you no longer need."]


def note_sweep() -> None:
    """Remember, until the cell ends, that a sweep in it was stopped. Outside of IPython there are no cells."""
    module = sys.modules.get("IPython")
    shell = module.get_ipython() if module is not None else None
    if shell is None or _rest:
        return

    def forget() -> None:
        _rest.clear()
        for edge in _EDGES:
            shell.events.unregister(edge, forget)

    _rest.add("a sweep")
    for edge in _EDGES:
        shell.events.register(edge, forget)


def refuse_rest_of_cell() -> None:
    """Refuse to begin a sweep in a cell of which one was stopped.

    Raises
    ------
    InterruptedSweepError
        One was.
    """
    if _rest:
        raise InterruptedSweepError(
            "Stopped: the sweep before this one in the cell was stopped, so this one was not begun."
        )
