"""Notes which calls Dask runs again because it lost a worker, from what the scheduler tells. It mends nothing."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from distributed import Client


class Losses:
    """Workers that went unasked, and the calls that were with them.

    The scheduler tells what becomes of a worker under the worker's address. (Under ``"all"`` it tells of each gathering
    as well, and of some things that cannot be sent, which ends the connection: Dask 2026.8.)

    Parameters
    ----------
    client
        Connected.

    Attributes
    ----------
    noticed
        Whether a worker was lost since the last look.
    """

    def __init__(self, client: "Client") -> None:
        self.noticed = False
        self._calls: dict[str, tuple[Any, ...]] = {}
        self._again: dict[str, tuple[Any, ...]] = {}
        self._known: set[str] = set()
        self._client = client

    def end(self) -> None:
        """Listen no more."""
        for address in self._known:
            self._client.unsubscribe_topic(address)
        self._known.clear()

    def watch(self, key: str, arguments: tuple[Any, ...]) -> None:
        """Remember a call while it is under way."""
        self._calls[key] = arguments

    def forget(self, key: str) -> None:
        """Forget a call whose result is here."""
        self._calls.pop(key, None)

    def know(self, addresses: Sequence[str]) -> None:
        """Say which workers have been introduced, and listen to what becomes of them."""
        for address in set(addresses) - self._known:
            self._client.subscribe_topic(address, self._hear)
        self._known.update(addresses)

    def newcomers(self, addresses: Sequence[str]) -> list[str]:
        """Return those of the addresses that have not been introduced; from now on they have."""
        found = [one for one in addresses if one not in self._known]
        self.know(found)
        return found

    def take(self) -> list[tuple[Any, ...]]:
        """Return the arguments of the calls that ran again since the last time."""
        again, self._again, self.noticed = self._again, {}, False
        return list(again.values())

    def _hear(self, event: tuple[float, dict[str, Any]]) -> None:
        """Take in one event, in the client's own loop."""
        _, told = event
        if told.get("action") != "remove-worker" or told.get("expected"):
            return
        self.noticed = True
        for key in {*told.get("processing-tasks", ()), *told.get("lost-computed-tasks", ())}:
            if key in self._calls:
                self._again[key] = self._calls[key]
