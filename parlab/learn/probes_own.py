"""Watches a task that a learner has written, in every process that imports it: it notes and waits as a check's own do.

The check's own tasks do it by themselves (``probes``); a learner's knows nothing of a check. So its code is exchanged,
in the process of the check and in each worker: the function stays the same object, and whoever holds it, by another
name, in a partial, in a list, calls what is watched. Nothing is changed in a file. Standard library only, because every
worker of a check imports it. Outside of a check it does nothing, and it never judges.
"""

import functools
import os
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from importlib import import_module
from types import FunctionType
from typing import Any

from parlab.learn import probes

TASK = "PARLAB_LEARN_TASK"  # module:qualname of the learner's task, for the workers
_PICKLED = "watched_task"
_NO_ITEM = 0  # whoever is watched takes any item; a number stands for it in what is noted

_originals: dict[str, Callable[..., Any]] = {}
_stopped = threading.Event()
_inside = threading.local()  # a task that calls itself is one task


def watch_in_workers(name: str) -> None:
    """Watch a function here, and in every worker that is started from now on."""
    os.environ[TASK] = name
    function = watch(name)
    if isinstance(function, FunctionType):  # pickled by a name of ours: an engine whose workers never import our entry
        function.__module__, function.__qualname__ = __name__, _PICKLED  # finds it watched all the same, such as loky


def watch_when_asked() -> None:
    """Watch, in a worker, what the process of the check has named. An error in it shows when the task is called."""
    name = os.environ.get(TASK)
    if name is not None and probes.PLACE in os.environ:
        with suppress(Exception, SystemExit):  # a learner's module may do anything while it is imported
            watch(name)


def __getattr__(name: str) -> Any:
    """Find the watched function by the name under which it is pickled (PEP 562)."""
    task = os.environ.get(TASK)
    if name != _PICKLED or task is None:
        message = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(message)
    return watch(task)


def watch(name: str) -> Any:
    """Exchange a function's code, once in a process.

    Parameters
    ----------
    name
        ``module:qualname``. What is no plain function of Python, such as one written in C, is exchanged by name
        instead, in all modules that are loaded.

    Returns
    -------
    object
        What stands there now.
    """
    module, _, qualname = name.partition(":")
    function: Any = functools.reduce(getattr, qualname.split("."), import_module(module))
    if name in _originals:
        return function
    if isinstance(function, FunctionType) and not function.__closure__:
        _originals[name] = _copy(function)
        code = _template.__code__
        constants = tuple(name if one == _HERE else one for one in code.co_consts)
        function.__code__ = code.replace(co_consts=constants, co_name=function.__name__)
        function.__defaults__ = function.__kwdefaults__ = None
    else:
        _originals[name] = function
        watched = functools.wraps(function)(functools.partial(_noted, name))
        _exchange(function, watched)
        return watched
    return function


def stop() -> None:
    """Note nothing more in this process: the plain loop that follows is nobody's work."""
    _stopped.set()


def call(name: str, arguments: tuple[Any, ...], named: dict[str, Any]) -> Any:
    """Call the original; the outermost call of a thread is noted, and meets another one."""
    if getattr(_inside, "a_task", False) or _stopped.is_set():
        return _originals[name](*arguments, **named)
    _inside.a_task = True
    try:
        with probes.at_work(_NO_ITEM):
            return _originals[name](*arguments, **named)
    finally:
        _inside.a_task = False


_HERE = "the name of the task"


def _template(*arguments: Any, **named: Any) -> Any:
    """Stand for a learner's function: it sees the learner's module, so it imports what it needs."""
    from parlab.learn.probes_own import call

    return call("the name of the task", arguments, named)


def _copy(function: FunctionType) -> FunctionType:
    copy = FunctionType(function.__code__, function.__globals__, function.__name__, function.__defaults__)
    copy.__kwdefaults__ = function.__kwdefaults__
    return copy


def _noted(name: str, *arguments: Any, **named: Any) -> Any:
    watch(name)  # in a worker that has imported nothing yet
    return call(name, arguments, named)


def _exchange(old: Any, new: Any) -> None:
    """Put one object in the place of another in every module; pickle finds a function by its name in one of them."""
    for module in list(sys.modules.values()):
        for key, value in list(getattr(module, "__dict__", {}).items()):
            if value is old and module is not sys.modules[__name__]:
                setattr(module, key, new)
