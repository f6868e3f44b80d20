"""What came back for the tasks of a pool: values, exceptions as they were raised, and prints in the tasks' order."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from typing import Any

from parlab.backends.delivery import Delivery
from parlab.errors import LostTaskError, RemoteTaskError, WorkersLostError, text_of
from parlab.messages import Message, Report
from parlab.parcels import ParcelError, unpack
from parlab.records import Failure
from parlab.trace import shown


class Outcome:
    """Collects what comes back.

    Parameters
    ----------
    items
        The tasks' items.
    return_exceptions
        True to keep exceptions in the places of values.

    Attributes
    ----------
    values
        One for each item, in their order; None where nothing has come yet.
    done
        How many tasks have come back.
    nested
        Whether a task used a pool itself.
    """

    def __init__(self, items: Sequence[Any], *, return_exceptions: bool) -> None:
        self.items, self.return_exceptions = items, return_exceptions
        self.values: list[Any] = [None] * len(items)
        self.done, self.nested = 0, False
        self._first: BaseException | None = None

    def take(self, message: Message, delivery: Delivery) -> Iterator[tuple[int, str]]:
        """Take in one delivery; yield the tasks that are done by it, each with what it printed."""
        report = delivery.result if isinstance(delivery.result, Report) else Report(0, 0)
        self.nested |= report.nested
        failures = {failure.task: failure for failure in report.failures}
        for place, task in enumerate(range(message.first, message.first + len(message.items))):
            if delivery.error is not None:
                self._keep(task, None, _named_loss(self._name(task), delivery.error))
            elif task in failures:
                error = as_exception(failures[task], report.errors.get(task), self._name(task))
                self._keep(task, None, error)
            else:
                self._keep(task, *rebuilt(report.values[place], f"Task {task} of {len(self.items)}"))
            yield task, report.printed.get(task, "") or getattr(delivery.error, "printed", "")

    @property
    def to_raise(self) -> BaseException | None:
        """The first exception that came, unless exceptions are kept."""
        return None if self.return_exceptions else self._first

    def _keep(self, task: int, value: Any, error: BaseException | None) -> None:
        self.done += 1
        self.values[task] = value if error is None else error
        if self._first is None:
            self._first = error

    def _name(self, task: int) -> str:
        """Name a task; only for errors, because an item's own ``repr`` may be slow."""
        return f"Task {task} of {len(self.items)}, item {shown(self.items[task])},"


class PrintedInOrder:
    """Shows what tasks have printed by the order of the tasks, each as soon as all before it are done.

    Parameters
    ----------
    write
        Where to.
    """

    def __init__(self, write: Callable[[str], None]) -> None:
        self._write, self._next = write, 0
        self._waiting: dict[int, str] = {}

    def add(self, task: int, text: str) -> None:
        """Say that a task is done, and what it printed."""
        self._waiting[task] = text
        while self._next in self._waiting:
            ready = self._waiting.pop(self._next)
            self._next += 1
            if ready:
                self._write(ready)

    def finish(self) -> None:
        """Show what still waits for tasks that will not be done any more."""
        for task in sorted(self._waiting):
            if self._waiting[task]:
                self._write(self._waiting[task])
        self._waiting.clear()


def as_exception(failure: Failure, data: bytes | None, name: str) -> BaseException:
    """Make a task's exception again, of its own class where it could travel, and with the worker's traceback."""
    if data is not None:
        error, problem = rebuilt(data, name)
        # A task's sys.exit() or KeyboardInterrupt must not end or interrupt whoever waits for it.
        if problem is None and isinstance(error, Exception) and not isinstance(error, ParcelError):
            with suppress(Exception):  # a class of its own may refuse
                error.add_note(f"{name} in a worker")
                error.__cause__ = RemoteTaskError(f"\n{failure.traceback.rstrip()}")
                return error
    return RemoteTaskError(f"{name} raised {failure.error}\n\nThe worker's traceback:\n{failure.traceback.rstrip()}")


def rebuilt(data: bytes, name: str) -> tuple[Any, BaseException | None]:
    """Unpack a value, or say why that failed."""
    try:
        return unpack(data), None
    except (Exception, SystemExit) as problem:  # it could be rebuilt in the worker, and cannot here
        text = f"{name} gave a result that cannot be rebuilt here: {type(problem).__name__}: {text_of(problem)}"
        return None, RemoteTaskError(text)


def _named_loss(name: str, error: Exception | None) -> BaseException:
    if isinstance(error, LostTaskError):
        text = f"{name} ended its worker, also when it ran alone: {error.how}. {error}"
        printed = f"\n\nWhat it printed:\n{error.printed.rstrip()}" if error.printed else ""
        return LostTaskError(text + printed, error.how, error.printed)
    if isinstance(error, WorkersLostError):
        return WorkersLostError(f"{name} was not done. {error}")
    return RemoteTaskError(f"{name} could not be carried: {error}")
