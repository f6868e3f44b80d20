"""Dask: a cluster of its own on this machine, or one that is running, when one machine is not enough.

``dask`` starts a scheduler and workers that listen on 127.0.0.1 alone and end with the trial; ``dask:dashboard`` shows
the scheduler's page on 127.0.0.1 too. ``dask:tcp://host:port`` (``tls://`` with the certificates of Dask's own
configuration) joins a running scheduler as a guest: it chooses as many of the workers there as were asked for, and ends
nothing but its own futures.

Where Dask differs from the other engines: it ships functions by value and recomputes what a lost worker had, up to
``distributed.scheduler.allowed-failures`` times, so a lost worker is seen by which tasks ran again. Scheduler and event
loops are threads beside the tasks, so the CPU time of a task includes what they do meanwhile. Clocks of workers on
other hosts are estimated when the trial opens, and how well is kept with each worker.
"""

from collections.abc import Callable, Iterator
from concurrent.futures import Executor
from contextlib import contextmanager
from importlib.util import find_spec
from typing import Any
from urllib.parse import urlsplit

from parlab.backends.base import Backend, Facts, shutting_down
from parlab.errors import InputError

_SCHEMES = ("tcp", "tls")
_DASHBOARD = "dashboard"
_LOOPBACK = ("127.0.0.1", "localhost", "::1")


class DaskBackend(Backend):
    """``dask``, ``dask:dashboard``, ``dask:tcp://host:port``, ``dask:tls://host:port``."""

    name = "dask"
    extra = True

    def __init__(self, option: str | None = None) -> None:
        self.dashboard = option == _DASHBOARD
        self.address = None if option is None or self.dashboard else _checked(option)
        remote = self.address is not None and urlsplit(self.address).hostname not in _LOOPBACK
        self.facts = Facts(
            "Dask: a cluster on this machine, or dask:tcp://host:port",
            shares_memory=False,
            needs_importable_task=False,
            start_method=None if self.address else "spawn",
            remote=remote,
            lost_worker="is replaced",
            many_machines=True,
        )

    def availability(self) -> str | None:
        """Look for the packages; of a running cluster, also whether it answers and can be used."""
        if find_spec("distributed") is None:
            return "Dask is not installed: pip install 'parlab[dask]'"
        return None if self.address is None else self._look()[0]

    def most_workers(self) -> int | None:
        """Return how many workers a running cluster has."""
        return None if self.address is None else self._look()[1]

    def prepare(self) -> None:
        """Import Dask."""
        import distributed  # noqa: F401

    def admit(self, task: Callable[[Any], Any]) -> None:
        """Let a running cluster have the task's module.

        Raises
        ------
        InputError
            It cannot have it; the text says what to do.
        """
        if self.address is not None:
            from parlab.backends.dask_checks import send_module
            from parlab.backends.dask_guests import connected

            with connected(self.address) as client:
                send_module(client, task)

    @contextmanager
    def open(self, workers: int) -> Iterator[Executor]:
        """Start a cluster, whose workers are killed on an exception; or join one, whose workers are left alone."""
        from parlab.backends.dask_cluster import started
        from parlab.backends.dask_executor import DaskExecutor
        from parlab.backends.dask_guests import joined

        if self.address is not None:
            with (
                joined(self.address, workers) as (client, chosen),
                shutting_down(DaskExecutor(client, workers, chosen)) as executor,
            ):
                yield executor
            return
        with (
            started(workers, dashboard=self.dashboard) as client,
            shutting_down(DaskExecutor(client, workers)) as executor,
        ):
            yield executor

    def _look(self) -> tuple[str | None, int]:
        from parlab.backends.dask_guests import look

        return look(str(self.address))


def _checked(address: str) -> str:
    """Refuse what is no address of a scheduler."""
    try:
        parts = urlsplit(address)
        known = parts.scheme in _SCHEMES and bool(parts.hostname) and bool(parts.port) and not parts.path
    except ValueError:  # a port that is none
        known = False
    if not known:
        text = f"dask cannot use {address!r}: write dask, dask:{_DASHBOARD}, or where a scheduler listens,"
        raise InputError(f"{text} such as dask:tcp://127.0.0.1:8786 (tls:// with certificates).")
    return address
