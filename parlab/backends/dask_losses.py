"""Notes which calls Dask runs again because it lost a worker, from what the scheduler tells. It mends nothing."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from distributed import Client

_TOPIC = "all"  # where the scheduler logs that a worker is gone, and what was there


class Losses:
    """Workers that went unasked, and the calls that were with them.

    Parameters
    ----------
    client
        Connected.
    chosen
        The addresses that matter; None: all.

    Attributes
    ----------
    noticed
        Whether a worker was lost since the last look.
    """

    def __init__(self, client: "Client", chosen: Sequence[str] | None) -> None:
        self.noticed = False
        self._chosen = chosen
        self._calls: dict[str, tuple[Any, ...]] = {}
        self._again: dict[str, tuple[Any, ...]] = {}
        self._known: set[str] = set()
        self._client = client
        client.subscribe_topic(_TOPIC, self._hear)

    def end(self) -> None:
        """Listen no more."""
        self._client.unsubscribe_topic(_TOPIC)

    def watch(self, key: str, arguments: tuple[Any, ...]) -> None:
        """Remember a call while it is under way."""
        self._calls[key] = arguments

    def forget(self, key: str) -> None:
        """Forget a call whose result is here."""
        self._calls.pop(key, None)

    def know(self, addresses: Sequence[str]) -> None:
        """Say which workers have been introduced."""
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
        if self._chosen is not None and told.get("worker") not in self._chosen:
            return
        self.noticed = True
        for key in {*told.get("processing-tasks", ()), *told.get("lost-computed-tasks", ())}:
            if key in self._calls:
                self._again[key] = self._calls[key]
