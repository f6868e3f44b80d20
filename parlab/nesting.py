"""Knows whether this code runs inside a worker, where parallel work is done serially instead of in workers of workers.

Workers that start workers multiply: 8 times 8 processes on 8 cores, and so on downwards. It only answers and counts.
"""

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Literal

from parlab.errors import InputError

_VARIABLE = "PARLAB_INSIDE_WORKER"  # programs that a worker starts are inside it too
_DEEPEST = 8

Scope = Literal["thread", "interpreter", "process"]

_interpreter: list[bool] = []
_here = threading.local()  # thread workers share a process with those who are none


def enter_worker(scope: Scope) -> None:
    """Say that this thread is a worker, or all of this interpreter, or all of this process and what it starts."""
    if scope == "thread":
        _here.worker = True
    elif scope == "interpreter":  # where each call has a new thread state, and the environment belongs to others too
        _interpreter.append(True)
    else:
        os.environ[_VARIABLE] = "1"


def inside_worker() -> bool:
    """Tell whether this code runs inside a worker."""
    return getattr(_here, "worker", False) or bool(_interpreter) or _VARIABLE in os.environ


@contextmanager
def serially() -> Iterator[None]:
    """Count one level of parallel work that is done serially.

    Raises
    ------
    InputError
        It is nested too deeply: most likely a task that calls itself through a pool.
    """
    depth = getattr(_here, "depth", 0)
    if depth >= _DEEPEST:
        message = f"parlab.pool was called inside itself {depth} times, inside a worker; {_DEEPEST} times are allowed."
        raise InputError(f"{message} Does the task call itself through a pool? Let it call a plain function.")
    _here.depth = depth + 1
    try:
        yield
    finally:
        _here.depth, _here.nested = depth, True  # only now: an envelope inside takes its own note


def take_note() -> bool:
    """Tell whether parallel work was done serially in this thread since the last call."""
    nested: bool = getattr(_here, "nested", False)
    _here.nested = False
    return nested
