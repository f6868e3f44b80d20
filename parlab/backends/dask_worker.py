"""What runs inside a Dask worker besides the task. It has parlab there, and whatever Dask itself has imported."""

import os
import signal
import socket
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from hashlib import blake2b
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from parlab import nesting, trace
from parlab.backends.worker import Introduction, digest_of, run_errand
from parlab.parcels import unpack

GUESTS_THREAD = "parlab"  # Dask's name for a guest's own thread in a worker


@dataclass(slots=True)
class _Stay:
    """What a guest has changed in a worker, to be undone."""

    variables: dict[str, str | None] = field(default_factory=dict)
    limiter: Any = None


_stays: dict[str, _Stay] = {}  # by the worker's address: several can live in one process


def dask_setup(_worker: Any) -> None:
    """Make a worker of a cluster of our own one of ours, also one that replaces a lost one: Dask calls a preload's.

    It is what ``enter_process`` does elsewhere; that their parent has gone Dask's workers notice by themselves.
    """
    nesting.enter_worker("process")
    with suppress(ValueError):  # only the main thread may, and Dask's loop runs in it
        signal.signal(signal.SIGINT, signal.SIG_IGN)


def enter_guest(variables: Mapping[str, str], dask_worker: Any) -> None:
    """Take a thread of our own in somebody else's worker: one task at a time there, however many threads it has.

    Parameters
    ----------
    variables
        What limits the threads of BLAS. A library that is loaded already is limited by threadpoolctl.
    dask_worker
        The worker; Dask hands it over.
    """
    from distributed.threadpoolexecutor import ThreadPoolExecutor
    from threadpoolctl import threadpool_limits

    leave_guest(dask_worker)  # a trial that was killed has not left
    stay = _stays[dask_worker.address] = _Stay({name: os.environ.get(name) for name in variables})
    os.environ.update(variables)
    if variables:
        stay.limiter = threadpool_limits(min(map(int, variables.values())))
    dask_worker.executors[GUESTS_THREAD] = ThreadPoolExecutor(1, thread_name_prefix="parlab-worker")


def leave_guest(dask_worker: Any) -> None:
    """Give the thread back and undo what was changed."""
    executor = dask_worker.executors.pop(GUESTS_THREAD, None)
    if executor is not None:
        executor.shutdown(wait=False)
    stay = _stays.pop(dask_worker.address, _Stay())
    if stay.limiter is not None:
        stay.limiter.restore_original_limits()
    for name, value in stay.variables.items():
        if value is None:
            os.environ.pop(name, None)
        else:
            os.environ[name] = value
    trace.name_host("")


def introduce(errand: Callable[..., Any] | None, argument: Any, *, guest: bool) -> tuple[Introduction, Any]:
    """Say who this worker is and what its clock shows, then run an errand.

    Parameters
    ----------
    errand, argument
        A function and its argument; None for the introduction only.
    guest
        Whether the worker is somebody else's: then this thread alone is one of ours, and its host has its address in
        its name, because hosts of one name are common (containers, network namespaces).
    """
    if guest:
        from distributed import get_worker
        from distributed.comm.addressing import get_address_host

        nesting.enter_worker("thread")
        address = get_address_host(get_worker().address)
        host = socket.gethostname() if address.startswith("127.") or address == "::1" else address
        trace.name_host(digest_of(host))
        known, result = run_errand(errand, argument)
        return known._replace(host=host), result
    return run_errand(errand, argument)


def call_each(function: Callable[..., Any], calls: Sequence[tuple[Any, ...]]) -> list[Any]:
    """Call a function with each of several arguments: a chunk."""
    return [function(*arguments) for arguments in calls]


def call(function: Callable[..., Any], *arguments: Any) -> Any:
    """Call a function that came by reference."""
    return function(*arguments)


def call_packed(data: bytes) -> list[Any]:
    """Open a function and its calls here, and call it: a scheduler of others need not be able to import it."""
    function, calls = unpack(data)
    return call_each(function, calls)


def find_module(name: str) -> str | None:
    """Return the digest of a module's source as it is in this worker; None where it cannot be found."""
    try:
        spec = find_spec(name)
        if spec is None:
            return None
        import_module(name)
    except ImportError:
        return None
    return source_digest(spec.origin or "")


def source_digest(path: str) -> str:
    """Return a digest of a file, or an empty text where it cannot be read."""
    try:
        return blake2b(Path(path).read_bytes(), digest_size=16).hexdigest()
    except OSError:
        return ""
