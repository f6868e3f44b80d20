"""Times messages through what multiprocessing has for them; for the notebook about messages.

Children import this module: at its top stands the standard library alone. No workload is here.
"""

import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from multiprocessing.managers import SyncManager
from typing import TYPE_CHECKING, Any, Protocol

from parlab.errors import ParlabError, unknown_choice
from parlab.workloads import guarding

if TYPE_CHECKING:
    from multiprocessing.context import BaseContext

    Times = dict[str, dict[int, list[float]]]

CHANNELS = ("Pipe", "SimpleQueue", "Queue", "Manager().Queue", "Manager().list")
SIZES = (100, 1_000, 10_000, 100_000, 1_000_000, 2_000_000)

_DEADLINE_S = 120.0  # of all messages together; they take about a second
_END_S = 10.0


class End(Protocol):
    """What messages can be put into and taken out of."""

    def put(self, value: Any, /) -> None:
        """Send a message."""

    def get(self) -> Any:
        """Wait for a message and take it out."""


class _PipeEnd:
    """A pipe's end, with the names that queues have."""

    def __init__(self, connection: Any) -> None:
        self.put, self.get = connection.send, connection.recv


class _Cell:
    """A place in a manager's list: what is put into it comes back from the server."""

    def __init__(self, shared: Any) -> None:
        self._shared = shared

    def put(self, value: Any) -> None:
        """Send a value to the server."""
        self._shared[0] = value

    def get(self) -> Any:
        """Have it sent back."""
        return self._shared[0]


def send_back(inbox: End, outbox: End) -> None:
    """Send every message back, until one is None.

    Parameters
    ----------
    inbox, outbox
        Queues.
    """
    guarding.end_with_parent()
    for message in iter(inbox.get, None):
        outbox.put(message)


def send_back_by_pipe(connection: Any) -> None:
    """Do the same with a pipe's end.

    Parameters
    ----------
    connection
        One of the two that ``Pipe()`` returns.
    """
    end = _PipeEnd(connection)
    send_back(end, end)


def message_times(
    context: "BaseContext",
    channels: Sequence[str] = CHANNELS,
    sizes: Sequence[int] = SIZES,
    rounds: int = 9,
) -> "Times":
    """Send bytes through each channel to another process and back, and halve the time.

    All of it is done by a process of its own. It has no threads that would disturb, and can be ended when somebody it
    talks to is gone.

    Parameters
    ----------
    context
        Of ``multiprocessing``: it says how processes are started.
    channels
        Of ``CHANNELS``. With ``"Manager().list"`` a message goes to the manager's server and back, and no further.
    sizes
        Bytes of a message.
    rounds
        In each of them every channel has every size once, in random order.

    Returns
    -------
    dict
        For each channel, for each size, the seconds that a message took, one a round.

    Raises
    ------
    InputError
        There is no such channel.
    ParlabError
        It had no answer in time.
    """
    for name in channels:
        if name not in CHANNELS:
            raise unknown_choice("channel", name, CHANNELS)
    ours, theirs = context.Pipe(duplex=False)
    arguments = (theirs, context.get_start_method(), tuple(channels), tuple(sizes), rounds)
    process = context.Process(target=_send_times, args=arguments)  # type: ignore[attr-defined]
    with guarding.running(process), ours:
        theirs.close()
        if not ours.poll(_DEADLINE_S):
            raise ParlabError(f"The messages had not come back after {_DEADLINE_S:.0f} s. Is the machine very busy?")
        try:
            times: Times = ours.recv()
        except EOFError:
            raise ParlabError("The process that sent the messages is gone. Run the cell again.") from None
        return times


def _send_times(answer: Any, method: str, *plan: Any) -> None:
    """Measure in this process, and send what it found."""
    import multiprocessing
    from multiprocessing.util import get_temp_dir

    guarding.end_with_parent()
    get_temp_dir()  # the managers' servers take it over; one of their own would stay when they have to be ended
    answer.send(_times(multiprocessing.get_context(method), *plan))


def _times(context: "BaseContext", channels: Sequence[str], sizes: Sequence[int], rounds: int) -> "Times":
    from random import sample  # here, for children import this module too

    turns = [(name, size) for name in channels for size in sizes]
    times: Times = {name: {size: [] for size in sizes} for name in channels}
    with ExitStack() as stack:
        ends = {name: stack.enter_context(_opened(context, name)) for name in channels}
        for name in channels:
            _message_s(ends[name], b"")  # the first one waits until the process has started
        for _ in range(rounds):
            for name, size in sample(turns, len(turns)):
                times[name][size].append(_message_s(ends[name], b"x" * size))
    return times


def _message_s(ends: tuple[End, End], message: bytes) -> float:
    outbox, inbox = ends
    began_s = time.perf_counter()
    outbox.put(message)
    inbox.get()
    return (time.perf_counter() - began_s) / 2


@contextmanager
def _opened(context: "BaseContext", name: str) -> Iterator[tuple[End, End]]:
    """Yield where messages go in and where they come back."""
    if name.startswith("Manager"):
        manager = SyncManager(ctx=context)
        manager.start(guarding.end_with_parent)
        with manager:
            if name == "Manager().list":
                cell = _Cell(manager.list([None]))
                yield cell, cell
            else:
                with _echo(context, manager.Queue(), manager.Queue()) as ends:
                    yield ends
    elif name == "Pipe":
        ours, theirs = context.Pipe()
        process = context.Process(target=send_back_by_pipe, args=(theirs,))  # type: ignore[attr-defined]
        with ours, guarding.running(process):
            theirs.close()
            end = _PipeEnd(ours)
            yield end, end
            end.put(None)
    else:
        make = getattr(context, name)
        with _echo(context, make(), make()) as ends:
            yield ends


@contextmanager
def _echo(context: "BaseContext", inbox: Any, outbox: Any) -> Iterator[tuple[End, End]]:
    process = context.Process(target=send_back, args=(inbox, outbox))  # type: ignore[attr-defined]
    with guarding.running(process):
        yield inbox, outbox
        inbox.put(None)
