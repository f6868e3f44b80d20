"""The tasks of the checks about messages: a worker with two queues, one that sends much, and a table that travels.

As in ``probes``, each notes who worked when. Standard library only, because every worker imports it.
"""

from collections.abc import Mapping
from typing import Protocol

from parlab.learn import probes

VALUES_AN_ITEM = 20_000  # of a list that is sent: far more than a pipe holds

_kept: "list[Table]" = []  # the one that this process keeps


class Receiver(Protocol):
    """What numbers can be taken out of, until one is None."""

    def get(self) -> int | None:
        """Wait for the next one."""


class Table(dict[int, int]):
    """A table that notes when it arrives in a process: to have been sent there counts as to have been loaded there."""

    def __reduce__(self) -> tuple[object, ...]:
        """Travel as a plain dictionary, and be rebuilt by a function that takes note of it."""
        return _arrived, (dict(self),)


def _arrived(prices: Mapping[int, int]) -> Table:
    probes.load()
    return Table(prices)


def square_until_none(inbox: Receiver, outbox: probes.Sender) -> None:
    """Take numbers until one is None, and send each with its square, ``(number, square)``."""
    while (number := inbox.get()) is not None:
        probes.send_square(outbox, number)


def send_list(queue: probes.Sender, item: int) -> None:
    """Send a long list: 20,000 numbers for each 1 of the item."""
    with probes.at_work(item):
        queue.put(list(range(VALUES_AN_ITEM * item)))


def keep(table: Table) -> None:
    """Keep a table in this process.

    Raises
    ------
    TypeError
        It is no such table.
    """
    if not isinstance(table, Table):
        raise TypeError(f"keep got a {type(table).__name__} where the table belongs: keep(table)")
    _kept[:] = [table]


def price(item: int) -> int:
    """Look an item up in the table that this process keeps.

    Raises
    ------
    LookupError
        It keeps none.
    """
    if not _kept:
        raise LookupError("no table is kept in this process: keep(table) was called in another one, or nowhere")
    with probes.at_work(item):
        return _kept[0][item]
