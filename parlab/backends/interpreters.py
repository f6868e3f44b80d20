"""Several interpreters in one process (PEP 734): a GIL each, memory apart, and quicker to start than processes.

Extension modules must say that they can be loaded more than once in a process (PEP 489); many, numpy among them, do not
yet. A task whose module cannot be imported there is refused by name before anything is timed.
"""

import sys
from collections.abc import Callable, Iterator
from concurrent.futures import Executor
from contextlib import contextmanager
from functools import partial
from types import SimpleNamespace
from typing import Any

from parlab.backends.base import Backend, Facts, shutting_down
from parlab.backends.meeting import InterpreterSemaphore, Meeting
from parlab.backends.worker import ByName, enter_interpreter
from parlab.errors import InputError

FIRST_PYTHON = (3, 14)
# A module may name what its task imports only when it runs: that must be possible there as well.
_IMPORTS = """
import sys
from importlib import import_module
sys.path[:] = {path!r}
for name in getattr(import_module({module!r}), "LATE_IMPORTS", ()):
    import_module(name)
"""


class InterpretersBackend(Backend):
    """``concurrent.futures.InterpreterPoolExecutor``."""

    name = "interpreters"
    newer_python = True
    facts = Facts(
        "InterpreterPoolExecutor: one process, a GIL for each worker",
        shares_memory=False,
        needs_importable_task=True,
        shares_process=True,
        lost_worker="ends all",
    )

    def availability(self) -> str | None:
        """Look at Python's version."""
        if sys.version_info >= FIRST_PYTHON:
            return None
        wanted = ".".join(map(str, FIRST_PYTHON))
        return f"it needs Python {wanted} or newer, and this is {sys.version.split()[0]}: use processes, or upgrade."

    def prepare(self) -> None:
        """Import the executor."""
        from concurrent.futures import interpreter  # type: ignore[attr-defined,unused-ignore]  # noqa: F401

    def admit(self, task: Callable[[Any], Any]) -> None:
        """Try to import the task's module into an interpreter of its own.

        Raises
        ------
        InputError
            It cannot be imported there; the text names the module that refused.
        """
        from concurrent import interpreters  # type: ignore[attr-defined,unused-ignore]

        while isinstance(task, partial):
            task = task.func
        trial = interpreters.create()
        try:
            trial.exec(_IMPORTS.format(path=sys.path, module=task.__module__))
        except interpreters.ExecutionFailed as problem:
            message = f"The module {task.__module__!r} cannot be imported into a subinterpreter: {_reason(problem)}"
            advice = "Leave out the backend interpreters for it, and use processes or threads."
            raise InputError(f"{message}. {advice}") from problem
        finally:
            trial.close()

    @contextmanager
    def open(self, workers: int) -> Iterator[Executor]:
        """Start the interpreters; on an exception waiting tasks are cancelled (a running one cannot be ended)."""
        with shutting_down(_executor(workers)) as executor:
            yield executor


def _executor(workers: int) -> Executor:
    """Make an executor whose workers can meet; its class exists only where Python has it."""
    from concurrent.futures import InterpreterPoolExecutor  # type: ignore[attr-defined,unused-ignore]

    meeting = Meeting(SimpleNamespace(Semaphore=InterpreterSemaphore))
    executor: Executor = InterpreterPoolExecutor(
        workers, "parlab-worker", initializer=ByName(enter_interpreter), initargs=(meeting, list(sys.path))
    )
    submit = executor.submit
    executor.submit = lambda function, /, *items, **more: submit(ByName(function), *items, **more)  # type: ignore[method-assign]
    executor.meeting = meeting  # type: ignore[attr-defined]
    return executor


def _reason(problem: Any) -> str:
    """Find the line of an import error that says it; numpy's is one of many."""
    lines = [line.strip() for line in str(problem.excinfo.msg or problem).splitlines() if line.strip()]
    reason = next((line for line in lines if "subinterpreter" in line), lines[0] if lines else "no reason was given")
    return reason.removeprefix("Original error was: ").rstrip(".")
