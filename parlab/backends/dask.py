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


class DaskBackend(Backend):
    """``dask``, ``dask:dashboard``, ``dask:tcp://host:port``, ``dask:tls://host:port``."""

    name = "dask"

    def __init__(self, option: str | None = None) -> None:
        self.dashboard = option == _DASHBOARD
        self.address = None if option is None or self.dashboard else _checked(option)
        self.facts = Facts(
            "Dask: a cluster on this machine, or dask:tcp://host:port",
            shares_memory=False,
            needs_importable_task=False,
            start_method=None if self.address else "spawn",
        )

    def availability(self) -> str | None:
        """Look for the packages."""
        if find_spec("distributed") is None:
            return "Dask is not installed: pip install 'parlab[dask]'"
        return None

    def prepare(self) -> None:
        """Import Dask."""
        import distributed  # noqa: F401

    def admit(self, task: Callable[[Any], Any]) -> None:
        """Let the cluster have the task's module."""

    @contextmanager
    def open(self, workers: int) -> Iterator[Executor]:
        """Start the cluster; on an exception its workers are killed."""
        from parlab.backends.dask_cluster import started
        from parlab.backends.dask_executor import DaskExecutor

        with (
            started(workers, dashboard=self.dashboard) as client,
            shutting_down(DaskExecutor(client, workers)) as executor,
        ):
            yield executor


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
