"""Counts the cores that are really ours. ``os.cpu_count()`` is never asked: it knows no affinity and no quota."""

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from parlab.machine.cgroup import cpu_quota

OVERRIDE = "PARLAB_CORES"


@dataclass(frozen=True, slots=True)
class Cores:
    """Each limit on its own, and the one that decides."""

    logical: int
    physical: int | None
    affinity: int | None
    quota: float | None
    slurm: int | None
    python: int | None
    override: int | None
    usable: int
    limited_by: str


def count(root: Path = Path("/"), environment: Mapping[str, str] | None = None) -> Cores:
    """Find every limit on the number of cores and take the smallest; the user's override goes before all.

    Parameters
    ----------
    root
        Where the file system starts; tests give a made-up tree.
    environment
        The environment variables; None takes the process's own.
    """
    import psutil

    variables = os.environ if environment is None else environment
    allowed = _affinity()
    logical = psutil.cpu_count(logical=True) or len(allowed or (0,))
    quota = cpu_quota(root) if sys.platform == "linux" else None
    slurm = _positive(variables.get("SLURM_CPUS_PER_TASK"))
    python = _positive(variables.get("PYTHON_CPU_COUNT"))
    override = _positive(variables.get(OVERRIDE))
    limits: list[tuple[float, str]] = [(logical, "logical cores")]
    limits += [(len(allowed), "CPU affinity")] if allowed else []
    limits += [(max(1, int(quota)), "cgroup CPU quota")] if quota is not None else []
    limits += [(slurm, "SLURM_CPUS_PER_TASK")] if slurm else []
    limits += [(python, "PYTHON_CPU_COUNT")] if python else []
    # The first of equal limits names the reason, so "logical cores" stands where nothing is tighter.
    usable, reason = (override, OVERRIDE) if override else min(limits, key=lambda limit: limit[0])
    return Cores(
        logical=logical,
        physical=_physical(allowed) or psutil.cpu_count(logical=False),
        affinity=len(allowed) if allowed else None,
        quota=quota,
        slurm=slurm,
        python=python,
        override=override,
        usable=int(usable),
        limited_by=reason,
    )


def fewer_physical(physical: Any, logical: Any) -> int | None:
    """Return how many physical cores the logical ones share; None where each seems to have one of its own.

    That would be no news, and in a virtual machine it is not known: the guest sees what the host chooses to show.
    """
    told = isinstance(physical, int) and isinstance(logical, int)
    return physical if told and 0 < physical < logical else None


def physical_cores(machine: Mapping[str, Any]) -> int | None:
    """Return the same of a machine as a result file has noted it."""
    logical = next((found for name in ("affinity", "logical", "usable") if (found := machine.get(f"cores_{name}"))), 0)
    return fewer_physical(machine.get("cores_physical"), logical)


def allowed_cores() -> tuple[int, ...] | None:
    """Return the numbers of the cores the scheduler may use for us; None where the system does not say (macOS)."""
    found = _affinity()
    return None if found is None else tuple(sorted(found))


def _affinity() -> set[int] | None:
    """Return the cores the scheduler may use for us; None where the system does not say (macOS)."""
    if sys.platform == "linux":
        return os.sched_getaffinity(0)
    import psutil

    try:
        return set(psutil.Process().cpu_affinity() or ()) or None
    except AttributeError:
        return None


def _physical(allowed: set[int] | None) -> int | None:
    """Count the physical cores behind the allowed logical ones (Linux's sysfs); hyper-threads share one."""
    cores = set()
    for number in allowed or ():
        topology = Path(f"/sys/devices/system/cpu/cpu{number}/topology")
        try:
            cores.add(((topology / "physical_package_id").read_text(), (topology / "core_id").read_text()))
        except OSError:
            return None
    return len(cores) or None


def _positive(text: str | None) -> int | None:
    """Read a count from an environment variable; anything else than a whole number above 0 says nothing."""
    try:
        number = int(text or "")
    except ValueError:
        return None
    return number if number > 0 else None
