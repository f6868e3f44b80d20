"""Pools that nobody closes: a program that forgets its block must not wait at its end for what still runs.

``concurrent.futures`` joins its threads before any ``atexit`` function is called, by a hook of ``threading`` that is
not public; ours is registered later, and so called first. Where the hook is gone nothing is done.
"""

import os
import threading
from contextlib import suppress
from types import TracebackType
from typing import Protocol
from weakref import WeakKeyDictionary


class Endable(Protocol):
    """What can be ended."""

    def end(self) -> None:
        """End what runs, at once."""

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Leave the block."""


_makers: "WeakKeyDictionary[Endable, int]" = WeakKeyDictionary()  # which process made it
_registered: list[bool] = []


def end_at_exit(opened: Endable) -> None:
    """Remember what was opened; ending it twice does no harm."""
    _makers[opened] = os.getpid()
    register = getattr(threading, "_register_atexit", None)
    if register is not None and not _registered:
        register(_end_all)
        _registered.append(True)


def _end_all() -> None:
    for opened, maker in list(_makers.items()):
        if maker == os.getpid():  # a forked worker has inherited the pool that it belongs to
            with suppress(Exception):  # the others are to be ended as well
                opened.end()
                opened.__exit__(None, None, None)
