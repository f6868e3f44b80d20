"""Counts the bytes that the processes of a Dask cluster send to each other by TCP: everything, control messages too.

Each process counts what it sends itself, where Dask writes to a connection. Nothing is estimated. The processes of the
cluster must be able to import parlab, as those of ``parlab.notebook.cluster`` are.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from functools import wraps
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from distributed import Client

CLIENT, SCHEDULER, WORKERS = "your program", "the scheduler", "the workers"
MIB = 2**20

_sent: Counter[str] = Counter()
_unwrapped: list[Any] = []


@contextmanager
def counted(client: "Client") -> Iterator[dict[str, float]]:
    """Count what is sent while the block runs.

    Parameters
    ----------
    client
        Connected.

    Yields
    ------
    dict
        Filled when the block ends: MiB that were sent by the client, by the scheduler, and by all workers together.
    """
    found: dict[str, float] = {}
    try:
        begin()
        client.run_on_scheduler(begin)
        client.run(begin)
        before = _read(client)
        yield found
        found.update({name: (sent - before[name]) / MIB for name, sent in _read(client).items()})
    finally:
        end()
        for everywhere in (client.run, client.run_on_scheduler):
            with suppress(Exception):  # they are gone: then nobody counts there
                everywhere(end)


def begin() -> None:
    """Let this process count what it sends from now on."""
    from distributed.comm.tcp import TCP

    if _unwrapped:
        return
    write = TCP.write
    _unwrapped.append(write)

    @wraps(write)
    async def counting(*arguments: Any, **named: Any) -> Any:
        sent_bytes = await write(*arguments, **named)
        _sent["bytes"] += sent_bytes
        return sent_bytes

    TCP.write = counting  # Dask has no counter for all of its connections


def end() -> None:
    """Let this process count no more."""
    from distributed.comm.tcp import TCP

    if _unwrapped:
        TCP.write = _unwrapped.pop()


def sent_bytes() -> int:
    """Return what this process has counted."""
    return _sent["bytes"]


def _read(client: "Client") -> Mapping[str, int]:
    workers = sum(client.run(sent_bytes).values())
    return {CLIENT: sent_bytes(), SCHEDULER: client.run_on_scheduler(sent_bytes), WORKERS: workers}
