"""Hears the stop button of a notebook while no cell runs: the kernel ignores it then, and work in a thread goes on.

IPython's kernel ignores the signal while it waits, and sets Python's own handler while a cell runs. So ours is put in
where the signal is ignored, from the kernel's own loop, and taken away again in the same way.
"""

import signal
import sys
from collections.abc import Callable
from contextlib import suppress
from typing import Any

_AGAIN_S = 0.2  # a cell runs: until then its own interrupt is right


class StopButton:
    """Calls a function when the stop button is pressed while no cell runs. Outside of a kernel it does nothing.

    Parameters
    ----------
    act
        What to do; it is called in the main thread and must not take long.
    """

    def __init__(self, act: Callable[[], None]) -> None:
        self._act = act
        self._loop = _loop_of_the_kernel()
        self._wanted = False

    def listen(self) -> None:
        """Begin to listen. Call it in the main thread."""
        if self._loop is not None:
            self._wanted = True
            self._loop.call_soon_threadsafe(self._put_in)

    def leave(self) -> None:
        """Listen no more. Any thread may call it."""
        self._wanted = False
        if self._loop is not None:
            with suppress(RuntimeError):  # the kernel is ending, and its loop is closed
                self._loop.call_soon_threadsafe(self._take_out)

    def _put_in(self) -> None:
        if not self._wanted:
            return
        if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
            signal.signal(signal.SIGINT, self._pressed)
        elif self._loop is not None and signal.getsignal(signal.SIGINT) != self._pressed:
            self._loop.call_later(_AGAIN_S, self._put_in)

    def _take_out(self) -> None:
        if signal.getsignal(signal.SIGINT) == self._pressed:
            signal.signal(signal.SIGINT, signal.SIG_IGN)

    def _pressed(self, _number: int, _frame: Any) -> None:
        if self._wanted:
            self._loop.call_soon_threadsafe(self._act)  # not here: anything may just have been under way


def _loop_of_the_kernel() -> Any:
    """Return the loop that the kernel's main thread runs; None outside of a kernel."""
    interactive = sys.modules.get("IPython")
    shell = interactive.get_ipython() if interactive is not None else None
    return getattr(getattr(getattr(shell, "kernel", None), "io_loop", None), "asyncio_loop", None)
