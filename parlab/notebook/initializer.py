"""A user's initializer of a pool: called once in every worker, and what becomes of it told in one error."""

from collections.abc import Callable
from concurrent.futures import BrokenExecutor, Executor
from typing import Any

from parlab import units
from parlab.backends.base import on_every_worker
from parlab.backends.closing import close, how_it_ended, workers_of
from parlab.errors import TaskError, WorkersLostError
from parlab.trace import initialise, pack_call


class Initializer:
    """A function and its arguments, packed for the workers.

    Parameters
    ----------
    function, arguments
        What to call.

    Raises
    ------
    InputError
        They cannot be packed.
    """

    def __init__(self, function: Callable[..., object], arguments: tuple[Any, ...]) -> None:
        self._call = function, arguments
        self.packed = pack_call(function, arguments, {}, "the initializer's ")

    def here(self) -> None:
        """Call it in this process, which does the work of all."""
        function, arguments = self._call
        function(*arguments)

    def run(self, executor: Executor, workers: int) -> None:
        """Call it in every worker, all at the same moment: a pool would call it one by one, and again and again.

        Raises
        ------
        TaskError
            It raised; the text is the worker's traceback.
        WorkersLostError
            It ended a worker.
        """
        processes = workers_of(executor)
        try:
            answers = on_every_worker(executor, workers, initialise, self.packed)
        except BrokenExecutor as broken:
            close(executor)  # its own thread collects the exit codes
            ends = {how_it_ended(process) for process in processes} - {"SIGTERM"}  # with which it ends the others
            message = f"The initializer ended a worker: lost({', '.join(sorted(ends)) or 'unknown'})."
            raise WorkersLostError(f"{message} Call it in this process to see what it does.") from broken
        failed = [answer.result for answer in answers if answer.result is not None]
        if failed:
            error, text = failed[0]
            where = f"{len(failed)} of {units.count(workers, 'worker')}"
            message = f"The initializer raised {error} in {where}, so no task was started."
            raise TaskError(f"{message}\n\nThe worker's traceback:\n{text.rstrip()}")
