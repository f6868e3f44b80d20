"""What the checks of notebook 17 hand out: a cluster of two workers to open, and a table that tells how often it came.

The workers are Dask's, on this machine alone, and end with the block. The tasks are those of ``probes``.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from parlab.learn import probes

if TYPE_CHECKING:
    from distributed import Client

_OFFSET = 100


@contextmanager
def connect(workers: int) -> "Iterator[Client]":
    """Start a Dask cluster with so many workers, one task at a time in each, and yield a client of it."""
    from parlab.backends.dask_cluster import started

    with started(workers, dashboard=False) as client:
        client.wait_for_workers(workers)
        if probes.PLACE in os.environ:  # how long a task takes to a worker does not count the cluster's start
            probes.begin(Path(os.environ[probes.PLACE]))
        yield client


class Table:
    """Numbers to look up. A process that gets it by a message notes that it has come, as if it had loaded it."""

    def __getitem__(self, item: int) -> int:
        """Return the number of an item."""
        return _OFFSET + item

    def __reduce__(self) -> tuple[Any, ...]:
        """Come to another process by way of ``arrived``."""
        return arrived, ()


def arrived() -> Table:
    """Rebuild a table, and note it."""
    probes.load()
    return Table()


def look_up_in(item: int, table: Table) -> int:
    """Look a number up in a table that was handed over.

    Raises
    ------
    TypeError
        That is no such table.
    """
    if not isinstance(table, Table):
        raise TypeError(f"the task got a {type(table).__name__} where the table belongs")
    with probes.at_work(item):
        return table[item]
