"""The contract of an engine, and how its workers are assembled.

A backend never measures, never catches a task's exception and never falls back to another engine.
"""

import socket
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Executor, Future
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

from parlab import units
from parlab.backends.meeting import Meeting
from parlab.backends.worker import Introduction, attend, digest_of, run_errand
from parlab.errors import InputError, TrialError
from parlab.records import Worker

START_TIMEOUT_S = 120.0
_PATIENCE_S = 0.01
_LOOK_S = 1.0


# When a worker dies in a task: the program ends with it; the result never comes, and nobody says so; an error
# tells, and other results of the moment are lost as well; somebody else does the task again.
LostWorker = Literal["ends all", "is silent", "is told", "is replaced"]


@dataclass(frozen=True, slots=True)
class Facts:
    """What distinguishes an engine, as data."""

    summary: str
    shares_memory: bool  # workers see the parent's objects
    needs_importable_task: bool  # the task must be found by module and name
    start_method: str | None = None
    remote: bool = False  # workers are on other machines now: what is measured of this one says nothing about them
    launched: bool = False  # the trial process itself is started by a program of the engine's: ``Backend.launch``
    shares_process: bool = False  # workers live in the trial's own process, so CPU time is counted by thread
    lost_worker: LostWorker | None = None  # None: nobody has said it
    many_machines: bool = False  # workers can live on other computers
    open_to_network: bool = False  # while it runs, something of it listens to other computers, whatever parlab does


class Launch(NamedTuple):
    """How a trial process is started by a program of its engine's."""

    before: list[str]  # the program and its options, before Python
    through: list[str]  # what ``python -m`` runs with the trial's module as its argument; empty: the module itself
    environment: dict[str, str]


class Backend(ABC):
    """One way to run tasks.

    Attributes
    ----------
    name
        The first word of the spec.
    facts
        What distinguishes it.
    newer_python
        True where its absence is a matter of Python's version, and no fault of the installation.
    extra
        True where it is an extra that one installs when one wants it, and no fault of the installation either.
    """

    name: str
    facts: Facts
    newer_python = False
    extra = False

    def __init__(self, option: str | None = None) -> None:
        if option is not None:
            message = f"The backend {self.name!r} takes no option, but was given {option!r}: write {self.name}."
            raise InputError(message)

    def availability(self) -> str | None:
        """Return None when it can run here, else why not and how to get it."""
        return None

    def most_workers(self) -> int | None:
        """Return how many workers there are, where that is not for us to say; None: as many as are asked for."""
        return None

    def launch(self, workers: int, folder: str, shared: str | None = None) -> Launch:
        """Say how the trial process is to be started, where ``facts.launched``.

        Parameters
        ----------
        workers
            How many the trial will open.
        folder
            A private folder for temporary files, which is removed after the trial.
        shared
            One in memory, for what the trial's processes share; None where there is no such place.
        """
        raise NotImplementedError(f"{self.name} is not launched")

    def refusal(self, printed: str) -> str | None:
        """Tell from what the launching program printed why it did not start the trial; None: not understood."""
        return None

    def prepare(self) -> None:  # noqa: B027  # most engines need nothing
        """Import what the engine needs: called before the clock of its start runs."""

    def admit(self, task: Callable[[Any], Any]) -> None:  # noqa: B027  # most engines take any task
        """Raise ``InputError`` for a task that this engine can never run: asked before its clock runs."""

    @abstractmethod
    def open(self, workers: int) -> AbstractContextManager[Executor]:
        """Start the engine.

        Parameters
        ----------
        workers
            How many threads or processes work at once.

        Returns
        -------
        context manager
            Yields a ``concurrent.futures.Executor``. An executor that has a ``meeting`` (see ``Meeting``) is assembled
            at a barrier; one that can address each worker has ``everywhere(errand, argument)`` instead. When the block
            ends with an exception, what runs is cancelled and the workers are ended.
        """


@contextmanager
def shutting_down(executor: Executor) -> Iterator[Executor]:
    """Yield an executor and shut it down after the block: at once, and cancelling what waits, when the block raises."""
    try:
        yield executor
    except BaseException:
        executor.shutdown(wait=False, cancel_futures=True)
        raise
    executor.shutdown()


class Answer(NamedTuple):
    """What one worker brought back from an errand, between two readings of the parent's clock."""

    introduction: Introduction
    result: Any
    asked_s: float
    answered_s: float


def assemble(executor: Executor, workers: int) -> list[Worker]:
    """Wait until every worker has answered, and learn who they are and how their clocks stand.

    Parameters
    ----------
    executor
        What ``Backend.open`` yielded.
    workers
        How many to expect.

    Returns
    -------
    list of Worker
        One for each. Its clock offset is the middle of the interval that the gate's opening and the answer's arrival
        leave (F. Cristian, "Probabilistic clock synchronization", 1989), or 0 where that interval contains 0.

    Raises
    ------
    TrialError
        Not all workers came up in time.
    """
    if getattr(executor, "meeting", None) is not None or hasattr(executor, "everywhere"):
        return [introduced(answer) for answer in on_every_worker(executor, workers, None, None)]
    known: dict[tuple[str, int, int], Answer] = {}
    deadline = time.monotonic() + START_TIMEOUT_S
    while len(known) < workers:  # no barrier: short pauses, until as many different workers have answered
        for answer in _on_some_workers(executor, workers, time.sleep, _PATIENCE_S):
            one = answer.introduction
            known[one.host, one.process, one.thread] = answer
        if time.monotonic() > deadline:
            message = f"Only {len(known)} of {units.count(workers, 'worker')} answered within {START_TIMEOUT_S:.0f} s."
            raise TrialError(f"{message} Give fewer workers, or look for what blocks their start.")
    return [introduced(answer) for answer in known.values()]


def on_every_worker(
    executor: Executor, workers: int, errand: Callable[[Any], Any] | None, argument: Any
) -> list[Answer]:
    """Run an errand once on every worker, all at the same moment.

    An executor with ``everywhere`` does it by itself, at once as far as its messages go. Others without a ``meeting``
    run it ``workers`` times, on whichever worker takes it.
    """
    own: Callable[..., list[Answer]] | None = getattr(executor, "everywhere", None)
    if own is not None:
        return own(errand, argument)
    meeting: Meeting | None = getattr(executor, "meeting", None)
    if meeting is None:
        return _on_some_workers(executor, workers, errand, argument)
    futures = [executor.submit(attend, errand, argument) for _ in range(workers)]

    def check() -> None:
        for future in futures:
            if future.done():
                future.result()

    opened_s = meeting.gather(workers, check, START_TIMEOUT_S)
    return _answers(executor, futures, opened_s)


def _on_some_workers(
    executor: Executor, count: int, errand: Callable[[Any], Any] | None, argument: Any
) -> list[Answer]:
    asked_s = time.perf_counter()
    return _answers(executor, [executor.submit(run_errand, errand, argument) for _ in range(count)], asked_s)


def _answers(executor: Executor, futures: list[Future[tuple[Introduction, Any]]], asked_s: float) -> list[Answer]:
    return [Answer(*_awaited(future, executor), asked_s, time.perf_counter()) for future in futures]


def _awaited(future: Future[tuple[Introduction, Any]], executor: Executor) -> tuple[Introduction, Any]:
    """Wait for an answer, and look after the engine, if it wants that, while there is none."""
    release = getattr(executor, "release_stuck", None)
    while release is not None:
        try:
            future.exception(_LOOK_S)
        except TimeoutError:  # not the errand's own, which would be returned
            release()
        else:
            break
    return future.result()


def introduced(answer: Answer) -> Worker:
    """Turn an answer into who gave it."""
    one = answer.introduction
    earliest, latest = answer.asked_s - one.clock_s, answer.answered_s - one.clock_s
    offset = 0.0 if earliest <= 0.0 <= latest else (earliest + latest) / 2
    return Worker(digest_of(one.host), one.process, one.thread, offset, (latest - earliest) / 2)


def processes_here(crew: Iterable[Worker]) -> list[int] | None:
    """Return the process numbers of a crew; None when some of it is on other hosts, where they mean other processes."""
    known = list(crew)
    here = digest_of(socket.gethostname())
    return [one.process for one in known] if all(one.host == here for one in known) else None
