"""Finds the pools that a notebook has open: their workers were started before an edit. It imports no engine."""

import sys
from collections.abc import Callable, Mapping
from typing import Any

# Of each kind: the module and the class, and how an open one is told from one that has ended.
_KINDS: tuple[tuple[str, str, Callable[[Any], bool]], ...] = (
    ("multiprocessing.pool", "Pool", lambda pool: getattr(pool, "_state", "") == "RUN"),
    ("concurrent.futures.process", "ProcessPoolExecutor", lambda pool: not getattr(pool, "_shutdown_thread", True)),
    ("loky.process_executor", "ProcessPoolExecutor", lambda pool: not getattr(pool, "_shutdown", True)),
    ("parlab.notebook.pool", "Pool", lambda pool: getattr(pool, "_stack", None) is not None),
)


def open_pools(namespace: Mapping[str, Any]) -> list[str]:
    """List the names of pools of processes that are open.

    Parameters
    ----------
    namespace
        The notebook's names; those that begin with ``_`` are not looked at.
    """
    return sorted(name for name, value in namespace.items() if not name.startswith("_") and _is_open_pool(value))


def _is_open_pool(value: Any) -> bool:
    for module, kind, is_open in _KINDS:
        found = getattr(sys.modules.get(module), kind, None)
        if isinstance(found, type) and isinstance(value, found) and not type(value).__name__.startswith("Thread"):
            return is_open(value)
    return False
