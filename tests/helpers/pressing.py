"""Presses the stop button: interrupts this process, as Jupyter interrupts a kernel, when something is the case."""

import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

BOUND_S, LOOK_S = 180, 0.02


@contextmanager
def pressed(when: Callable[[], object]) -> Iterator[None]:
    """Interrupt what the block waits for. A process in the background may ignore it, so it is told not to."""
    over = threading.Event()

    def press() -> None:
        until = time.monotonic() + BOUND_S
        while not when() and time.monotonic() < until:
            if over.wait(LOOK_S):
                return
        os.kill(os.getpid(), signal.SIGINT)

    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    finger = threading.Thread(target=press, daemon=True)
    finger.start()
    try:
        yield
    finally:
        over.set()
        finger.join()
        signal.signal(signal.SIGINT, before)
