"""One frozen ``Machine``, filled in by ``detect``. Missing knowledge is None; nothing is guessed."""

import os
import platform
import sys
import sysconfig
from dataclasses import dataclass
from pathlib import Path

from parlab import units
from parlab.errors import unknown_choice
from parlab.machine.cgroup import memory_headroom, memory_limit
from parlab.machine.cores import count, fewer_physical
from parlab.machine.power import on_battery, power_saver, virtual

START_METHOD = "PARLAB_START_METHOD"


@dataclass(frozen=True, slots=True)
class Blas:
    """A linear-algebra library that numpy brought along."""

    library: str
    version: str | None
    threads: int


@dataclass(frozen=True, slots=True)
class Machine:
    """What parlab knows of the machine it runs on. Host and user names are left out on purpose."""

    system: str  # "Linux 6.8.0"
    architecture: str  # "x86_64"
    cpu_model: str | None
    cores_logical: int
    cores_physical: int | None  # behind the cores we may use, where the system tells
    cores_affinity: int | None  # cores the scheduler may put us on
    cores_quota: float | None  # CPU time a control group grants, in cores
    cores_slurm: int | None  # SLURM_CPUS_PER_TASK
    cores_python: int | None  # PYTHON_CPU_COUNT
    cores_override: int | None  # PARLAB_CORES
    cores_usable: int  # the number parlab uses
    cores_limited_by: str  # which of the above decided
    memory_bytes: int
    memory_available_bytes: int  # what is free, within the control group's limit
    memory_limit_bytes: int | None  # of the control group
    shared_memory_bytes: int | None  # size of /dev/shm
    shared_memory_free_bytes: int | None
    python: str
    implementation: str
    free_threaded_build: bool
    gil_enabled: bool
    start_methods: tuple[str, ...]
    start_method: str  # what `processes` and `pool` mean here
    python_start_method: str  # what Python itself would choose
    blas: tuple[Blas, ...]
    in_kernel: bool  # a Jupyter kernel
    container: str | None
    wsl: bool
    browser: bool  # Pyodide and friends, where no process can be started
    load: float | None  # one-minute load average
    on_battery: bool | None = None  # None: no battery, or the system does not say
    power_saver: bool | None = None  # the processor is told to save power
    virtual: bool | None = None  # a virtual machine

    @property
    def summary(self) -> str:
        """One line for captions and tables."""
        fewer = fewer_physical(self.cores_physical, self.cores_affinity or self.cores_logical)
        physical = f", {fewer} physical" if fewer else ""
        model = f"{self.cpu_model}, " if self.cpu_model else ""
        return (
            f"{model}{self.cores_usable} usable of {units.count(self.cores_logical, 'logical core')}{physical}, "
            f"{self.implementation} {self.python}, {self.system}"
        )


def default_start_method() -> str:
    """Name the start method that parlab means by ``processes``.

    forkserver on Linux and spawn elsewhere: fork copies a process whose other threads are gone, which is unsafe in a
    Jupyter kernel, where there are always several (https://docs.python.org/3/library/multiprocessing.html).

    The variable ``PARLAB_START_METHOD`` goes before it: so a class on several systems sees the same.

    Raises
    ------
    InputError
        The variable names no start method of this system.
    """
    wanted = os.environ.get(START_METHOD)
    if not wanted:
        return "forkserver" if sys.platform == "linux" else "spawn"
    import multiprocessing

    methods = sorted(multiprocessing.get_all_start_methods())
    if wanted not in methods:
        raise unknown_choice(f"start method in {START_METHOD}", wanted, methods, "Or unset the variable.")
    return wanted


def detect(root: Path = Path("/")) -> Machine:
    """Look at this machine.

    Parameters
    ----------
    root
        Where the file system starts; tests give a made-up tree.

    Returns
    -------
    Machine
        Frozen; made anew on every call, since limits can change.
    """
    import multiprocessing

    import psutil

    cores, memory, shared = count(root), psutil.virtual_memory(), _shared_memory()
    room = memory_headroom(root)
    browser = sys.platform == "emscripten"
    return Machine(
        system=f"{platform.system()} {platform.release()}",
        architecture=platform.machine(),
        cpu_model=_cpu_model(root),
        cores_logical=cores.logical,
        cores_physical=cores.physical,
        cores_affinity=cores.affinity,
        cores_quota=cores.quota,
        cores_slurm=cores.slurm,
        cores_python=cores.python,
        cores_override=cores.override,
        cores_usable=cores.usable,
        cores_limited_by=cores.limited_by,
        memory_bytes=memory.total,
        memory_available_bytes=memory.available if room is None else min(memory.available, room),
        memory_limit_bytes=memory_limit(root),
        shared_memory_bytes=shared[0] if shared else None,
        shared_memory_free_bytes=shared[1] if shared else None,
        python=platform.python_version(),
        implementation=platform.python_implementation(),
        free_threaded_build=bool(sysconfig.get_config_var("Py_GIL_DISABLED")),
        gil_enabled=gil_enabled(),
        start_methods=() if browser else tuple(sorted(multiprocessing.get_all_start_methods())),
        start_method=default_start_method(),
        python_start_method=multiprocessing.get_all_start_methods()[0],
        blas=_blas(),
        in_kernel="ipykernel" in sys.modules,
        container=_container(root),
        wsl="microsoft" in platform.release().lower(),
        browser=browser,
        load=load_average(),
        on_battery=on_battery(),
        power_saver=power_saver(root),
        virtual=virtual(root),
    )


def gil_enabled() -> bool:
    """Tell whether the global interpreter lock is on; it can be switched off only in free-threaded builds (PEP 703)."""
    ask = getattr(sys, "_is_gil_enabled", None)
    return True if ask is None else bool(ask())


def load_average() -> float | None:
    """Return the one-minute load average: how many threads wanted to run; None on systems without one."""
    try:
        return os.getloadavg()[0]
    except (AttributeError, OSError):
        return None


def crowding(cores: int) -> float:
    """Return how many threads want each of so many cores, at least one; one where the system tells no load average."""
    return max(1.0, (load_average() or 0.0) / cores)


def _shared_memory() -> tuple[int, int] | None:
    """Return total and free bytes of /dev/shm, where POSIX shared memory lives on Linux."""
    import shutil

    try:
        usage = shutil.disk_usage("/dev/shm")  # noqa: S108  # only its size is asked for
    except OSError:
        return None
    return usage.total, usage.free


def _cpu_model(root: Path) -> str | None:
    try:
        for line in (root / "proc/cpuinfo").read_text(encoding="utf-8", errors="replace").splitlines():
            key, _, value = line.partition(":")
            if key.strip() in ("model name", "Model", "cpu model") and value.strip():
                return " ".join(value.split())
    except OSError:
        pass
    return platform.processor() or None


def _container(root: Path) -> str | None:
    """Name the container runtime, from the marks that each is documented to leave."""
    if (root / ".dockerenv").exists():
        return "docker"
    if (root / "run/.containerenv").exists():
        return "podman"
    if os.environ.get("KUBERNETES_SERVICE_HOST"):
        return "kubernetes"
    return os.environ.get("container") or None  # noqa: SIM112  # systemd's container interface spells it in lower case


def _blas() -> tuple[Blas, ...]:
    import numpy as np  # noqa: F401  # threadpoolctl sees only libraries that are loaded
    import threadpoolctl

    found = threadpoolctl.threadpool_info()
    return tuple(
        Blas(info["internal_api"], info.get("version"), info["num_threads"])
        for info in found
        if info["user_api"] == "blas"
    )
