"""Asks a Dask scheduler which workers there are. It keeps nothing."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from distributed import Client


def there(client: "Client") -> Mapping[str, Mapping[str, Any]]:
    """Return what the scheduler knows of each worker, by address.

    ``Client.scheduler_info`` looks like the same. It returns what the client has heard last, and every two seconds the
    client hears a short form without workers (Dask 2026.8), which can come between the question and the return.

    Parameters
    ----------
    client
        Connected.

    Returns
    -------
    mapping
        Empty where there is no worker, and where the scheduler does not answer any more.
    """
    if client.scheduler is None:
        return {}
    try:
        told: Mapping[str, Any] = client.sync(client.scheduler.identity, n_workers=-1)
    except OSError:
        return {}
    workers: Mapping[str, Mapping[str, Any]] = told["workers"]
    return workers
