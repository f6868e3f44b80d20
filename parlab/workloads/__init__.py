"""The named problems that parlab measures and teaches with.

Task functions live here, in importable modules, because a started process can only import a function, never read it
from a notebook cell. This package stays light: importing one workload loads that workload and what its task needs.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from parlab.workloads.base import Workload

__all__ = ["get", "names"]

_HOMES = {
    "customers": "parlab.workloads.customers",
    "download": "parlab.workloads.download",
    "hello": "parlab.workloads.hello",
    "matmul": "parlab.workloads.matmul",
    "payload": "parlab.workloads.payload",
    "photos": "parlab.workloads.photos",
    "primes": "parlab.workloads.primes",
    "simulation": "parlab.workloads.simulation",
    "skewed": "parlab.workloads.skewed",
    "triad": "parlab.workloads.triad",
}

_OWN = "Or name a function of your own as module:function."


def names() -> tuple[str, ...]:
    """Return the names of all workloads, in alphabetical order."""
    return tuple(_HOMES)


def get(name: str) -> "Workload":
    """Import a workload and return its record.

    Raises
    ------
    InputError
        There is no workload of that name; the text lists those that are there.
    """
    from importlib import import_module

    if name not in _HOMES:
        from parlab.errors import unknown_choice
        from parlab.workloads.reference import meant_as_function

        meant = meant_as_function(name)
        advice = f"Is it a function of your own? Write {meant}." if meant else _OWN
        raise unknown_choice("workload", name, _HOMES, advice)
    workload: Workload = import_module(_HOMES[name]).WORKLOAD
    return workload
