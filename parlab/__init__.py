"""parlab: learn, measure and explain parallel Python.

This module is the face of the package and imports nothing until it is asked to. A spawned worker imports ``parlab``
to find its task function, so whatever stands here eagerly would be charged to every worker's start.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from parlab import learn
    from parlab.errors import ParlabError
    from parlab.machine import Machine, detect
    from parlab.notebook.buglab import bug
    from parlab.notebook.explorer import ScalingExplorer
    from parlab.notebook.monitor import CpuMonitor
    from parlab.notebook.output import shown_output
    from parlab.notebook.panel import BenchmarkPanel
    from parlab.notebook.planned import plan
    from parlab.notebook.pool import Pool, pool
    from parlab.notebook.project import Project
    from parlab.notebook.speedup import speedup
    from parlab.notebook.view import View
    from parlab.results import Results
    from parlab.shared_array import SharedArray

    __version__: str

__all__ = [
    "BenchmarkPanel",
    "CpuMonitor",
    "Machine",
    "ParlabError",
    "Pool",
    "Project",
    "Results",
    "ScalingExplorer",
    "SharedArray",
    "View",
    "__version__",
    "bug",
    "detect",
    "learn",
    "plan",
    "pool",
    "shown_output",
    "speedup",
]

_HOMES = {
    "BenchmarkPanel": "parlab.notebook.panel",
    "CpuMonitor": "parlab.notebook.monitor",
    "Machine": "parlab.machine",
    "ParlabError": "parlab.errors",
    "Pool": "parlab.notebook.pool",
    "Project": "parlab.notebook.project",
    "Results": "parlab.results",
    "ScalingExplorer": "parlab.notebook.explorer",
    "SharedArray": "parlab.shared_array",
    "View": "parlab.notebook.view",
    "bug": "parlab.notebook.buglab",
    "detect": "parlab.machine",
    "load_ipython_extension": "parlab.notebook.extension",  # these two are for IPython: %load_ext parlab
    "plan": "parlab.notebook.planned",
    "pool": "parlab.notebook.pool",
    "shown_output": "parlab.notebook.output",
    "speedup": "parlab.notebook.speedup",
    "unload_ipython_extension": "parlab.notebook.extension",
}


if not TYPE_CHECKING:  # a type checker has the names from above, and shall refuse all others

    def __getattr__(name: str) -> object:
        """Import a public name when it is first used (PEP 562)."""
        if name == "__version__":
            return _version()
        if name == "learn":
            from importlib import import_module

            return import_module("parlab.learn")
        if name in _HOMES:
            from importlib import import_module

            return getattr(import_module(_HOMES[name]), name)
        message = f"module 'parlab' has no attribute {name!r}; it has {', '.join(__all__)}"
        raise AttributeError(message)


def _version() -> str:
    """Ask the installation; a folder that is only on the path has none."""
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version("parlab")
    except PackageNotFoundError:
        return "unknown"


def __dir__() -> list[str]:
    """List the public names, imported or not."""
    return sorted(__all__)
