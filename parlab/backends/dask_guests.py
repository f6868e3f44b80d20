"""Joins a Dask cluster that others have started: a bounded look at it, a choice of its workers, a thread in each.

It starts no worker and ends none, and takes its own things away again. What a killed trial leaves in a worker is one
idle thread, which the next trial replaces.
"""

import asyncio
import os
import warnings
from collections import defaultdict
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from itertools import chain, zip_longest
from typing import TYPE_CHECKING

from parlab.backends.dask_checks import refusal
from parlab.backends.dask_worker import enter_guest, leave_guest
from parlab.backends.dask_workers import there
from parlab.errors import BackendUnavailableError, WorkersLostError
from parlab.units import count

if TYPE_CHECKING:
    from distributed import Client

_CONNECT_S, _ANSWER_S = 5.0, 2.0
_CLOSE_S = 2.0
_RUNNING = "running"


@contextmanager
def connected(address: str) -> "Iterator[Client]":
    """Yield a client of a running scheduler. Certificates for ``tls://`` come from Dask's own configuration.

    Raises
    ------
    BackendUnavailableError
        No scheduler has answered there in time; the text says what was tried.
    """
    from distributed import Client

    try:
        with ThreadPoolExecutor(1) as apart:  # a notebook's own thread has a loop that runs
            apart.submit(asyncio.run, _reach(address)).result()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of versions that differ: ``refusal`` says which, and what to do
            client = Client(address, timeout=_CONNECT_S, set_as_default=False)
    except Exception as problem:  # refused, silent, unknown host, no certificates; whatever else answers there
        raise BackendUnavailableError(_unreachable(address, problem)) from problem
    try:
        yield client
    finally:
        client.close(timeout=_CLOSE_S)


async def _reach(address: str) -> None:
    """Ask who is there. A client itself waits for ever for what accepts a connection and says nothing."""
    from distributed import Security
    from distributed.comm import connect
    from distributed.core import send_recv

    how = Security().get_connection_args("client")
    async with asyncio.timeout(_CONNECT_S + _ANSWER_S):
        comm = await connect(address, timeout=_CONNECT_S, **how)
        try:
            told = await send_recv(comm, op="identity", reply=True)
        finally:
            comm.abort()
    if told.get("type") != "Scheduler":
        raise ValueError(f"it is a Dask {told.get('type')}")


def look(address: str) -> tuple[str | None, int]:
    """Return why a cluster cannot be used (None: it can), and how many workers it has."""
    try:
        with connected(address) as client:
            return refusal(client, address), len(running(client))
    except BackendUnavailableError as problem:
        return str(problem), 0


@contextmanager
def joined(address: str, workers: int) -> "Iterator[tuple[Client, list[str]]]":
    """Yield a client and the addresses of the workers that were chosen.

    Parameters
    ----------
    address
        Where the scheduler listens.
    workers
        How many to choose.

    Raises
    ------
    WorkersLostError
        There are fewer now.
    BackendUnavailableError
        The scheduler does not answer.
    """
    with connected(address) as client:
        here = running(client)
        if len(here) < workers:
            text = f"The Dask cluster at {address} has {count(len(here), 'worker')} now, and {workers} are needed."
            raise WorkersLostError(f"{text} One may have been lost: start it again, or ask for fewer --workers.")
        chosen = choose(here, workers)
        client.run(enter_guest, _thread_limits(), workers=chosen)
        try:
            yield client, chosen
        finally:
            if client.status == _RUNNING:
                with suppress(Exception):  # a worker that is gone has nothing of ours any more
                    client.run(leave_guest, workers=sorted({*chosen} & {*running(client)}))


def running(client: "Client") -> dict[str, str]:
    """Return the workers that take tasks: address and host."""
    return {address: str(one["host"]) for address, one in there(client).items() if one.get("status") == _RUNNING}


def choose(workers: Mapping[str, str], count: int) -> list[str]:
    """Choose workers, the same in every trial, and those of a smaller count among those of a larger one.

    Parameters
    ----------
    workers
        The host of each address.
    count
        How many.

    Returns
    -------
    list of str
        The first worker of each host, then the second of each, and so on: hosts share the work evenly.
    """
    hosts: dict[str, list[str]] = defaultdict(list)
    for address in sorted(workers):
        hosts[workers[address]].append(address)
    in_turn = chain.from_iterable(zip_longest(*(hosts[host] for host in sorted(hosts))))
    return [address for address in in_turn if address is not None][:count]


def _thread_limits() -> dict[str, str]:
    """Return how many threads BLAS may use, as this trial was told."""
    return {name: value for name, value in os.environ.items() if name.endswith("_NUM_THREADS")}


def _unreachable(address: str, problem: BaseException) -> str:
    reason = str(problem).strip().rstrip(".") or "it does not answer in time"
    if isinstance(problem, MemoryError):  # its first bytes were taken for a size
        reason = "what listens there does not speak Dask's protocol"
    deepest = problem
    while deepest.__cause__ is not None:
        deepest = deepest.__cause__
    if deepest is not problem and str(deepest) and str(deepest) not in reason:
        reason = f"{reason} ({str(deepest).strip().rstrip('.')})"
    start = "start one with `dask scheduler --host 127.0.0.1`, or check host and port"
    if address.startswith("tls:"):
        start += ", and the certificates in Dask's configuration (distributed.comm.tls)"
    return f"no Dask scheduler answers at {address}: {reason}; {start}."
