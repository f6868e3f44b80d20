"""Ray: a session of its own on this machine, and ``ray.remote`` for every message.

The session listens on 127.0.0.1 alone, asks everybody for a secret of its own, keeps its files in a private folder and
ends with the trial. Where it differs from the other engines: functions travel by value, workers answer through Ray's
object store, and Ray would run the tasks of a lost worker again; here it does not (``max_retries=0``), so that none is
timed twice. Starting a session takes seconds.
"""

import os
import secrets
import sys
from collections.abc import Iterator
from concurrent.futures import Executor
from contextlib import contextmanager
from functools import cache, partial
from importlib.util import find_spec
from types import SimpleNamespace
from typing import Any

from parlab.backends.base import START_TIMEOUT_S, Backend, Facts, shutting_down
from parlab.backends.closing import ended_after
from parlab.backends.environment import variables
from parlab.backends.meeting import FileSemaphore, Meeting
from parlab.backends.ray_executor import RayExecutor
from parlab.errors import InputError, TrialError
from parlab.temporary import new_folder, new_place_for_sockets, remove_folder

_STORE_BYTES = 256 << 20
_SETTINGS = {
    "RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER": "0",  # Ray's own way to stay on 127.0.0.1, on Linux as well
    "RAY_AUTH_MODE": "token",
    "RAY_USAGE_STATS_ENABLED": "0",
    "RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO": "0",
    "RAY_raylet_start_wait_time_s": str(round(START_TIMEOUT_S)),
}


class RayBackend(Backend):
    """``ray.init`` on this machine, and ``ray.remote``."""

    name = "ray"
    extra = True
    facts = Facts("Ray: a session of its own on this machine", shares_memory=False, needs_importable_task=False)

    def availability(self) -> str | None:
        """Look for the ray package."""
        return None if find_spec("ray") else "Ray is not installed: pip install 'parlab[ray]'"

    def prepare(self) -> None:
        """Import Ray, which reads its settings then."""
        with variables(_SETTINGS):
            import ray  # noqa: F401

    @contextmanager
    def open(self, workers: int) -> Iterator[Executor]:
        """Start a session; on an exception its workers are killed."""
        self.prepare()
        import ray

        if ray.is_initialized():
            raise InputError("Ray runs in this process already, and parlab starts its own: call ray.shutdown() first.")
        folder = new_folder()
        try:
            place = new_place_for_sockets(str(folder))
            found = {"PYTHONPATH": os.pathsep.join(filter(None, sys.path)), "RAY_AUTH_TOKEN": _secret()}
            with ended_after(ray.shutdown), variables({**_SETTINGS, **found}):
                quiet: dict[str, Any] = {"include_dashboard": False, "log_to_driver": False, "configure_logging": False}
                local = {"_node_ip_address": "127.0.0.1", "_temp_dir": place}
                try:
                    ray.init(num_cpus=workers, object_store_memory=_STORE_BYTES, **local, **quiet)
                except Exception as problem:  # Ray has no class for it
                    text = f"Ray's session did not start: {problem} Ray starts many programs: is the machine busy?"
                    raise TrialError(text) from problem
                meeting = Meeting(SimpleNamespace(Semaphore=partial(FileSemaphore, str(folder))))
                with shutting_down(RayExecutor(meeting)) as executor:
                    yield executor
        finally:
            remove_folder(folder)


@cache
def _secret() -> str:
    """Make what a session asks everybody for; Ray reads it once in a process, and never again."""
    return secrets.token_hex(32)
