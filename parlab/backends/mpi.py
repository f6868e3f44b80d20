"""MPI: ``mpi4py.futures`` in a trial process that ``mpiexec`` has started, with one more process for each worker.

``mpiexec -n`` fixes the number of workers, so the supervisor starts the whole trial under it, and the start-up column
counts from there. MPI ends the job when one of its processes is lost, and so does a deadline: no task is run again.
Ranks are on this machine and listen nowhere; ``mpiexec`` has a port for its daemons, open on every interface.
"""

import os
import sys
from collections.abc import Iterator
from concurrent.futures import Executor
from contextlib import contextmanager
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from shutil import which
from types import SimpleNamespace
from typing import Any

from parlab import units
from parlab.backends.base import Backend, Facts, Launch, shutting_down
from parlab.backends.meeting import FileSemaphore, Meeting
from parlab.backends.worker import enter_process
from parlab.errors import InputError
from parlab.temporary import private_folder

_SIZES = ("OMPI_COMM_WORLD_SIZE", "PMI_SIZE", "MPI_LOCALNRANKS")  # what Open MPI, MPICH and Intel MPI tell each rank
# Workers may be more than the cores and go where the system puts them, as those of other engines; what the user has set
# goes before this. Two names each: of Open MPI 5 and of Open MPI 4.
_SETTINGS = {
    "PRTE_MCA_rmaps_default_mapping_policy": ":oversubscribe",
    "OMPI_MCA_rmaps_base_oversubscribe": "1",
    "PRTE_MCA_hwloc_default_binding_policy": "none",
    "OMPI_MCA_hwloc_base_binding_policy": "none",
    "OMPI_MCA_pml": "ob1",
    "OMPI_MCA_btl": "self,sm" if sys.platform == "linux" else "^tcp",
}
_SHARED = "OMPI_MCA_btl_sm_backing_directory"
_ROOT = {"OMPI_ALLOW_RUN_AS_ROOT": "1", "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM": "1"}  # in containers everybody is root
_NO_SLOTS = "not enough slots"
_NO_ROOM = "not enough space for"  # in /dev/shm, or where else Open MPI keeps what its processes share
_INSTALL = "pip install 'parlab[mpi]'"


class MpiBackend(Backend):
    """``mpi4py.futures.MPIPoolExecutor`` in the pool that ``python -m mpi4py.futures`` makes."""

    name = "mpi"
    extra = True
    facts = Facts(
        "MPI: mpi4py.futures under mpiexec",
        shares_memory=False,
        needs_importable_task=True,
        start_method="mpiexec",
        launched=True,
        lost_worker="ends all",
        open_to_network=True,
    )

    def availability(self) -> str | None:
        """Look for mpi4py and for an ``mpiexec``."""
        if find_spec("mpi4py") is None:
            return f"mpi4py is not installed: {_INSTALL}"
        if _mpiexec() is None:
            return f"there is no mpiexec beside Python or on the PATH: {_INSTALL}, or apt-get install openmpi-bin"
        return None

    def launch(self, workers: int, folder: str, shared: str | None = None) -> Launch:
        """Say how the trial is started, as one process more than workers; what they share, a kill does not remove."""
        wanted = {**_SETTINGS, **(_ROOT if getattr(os, "geteuid", lambda: 1)() == 0 else {})}
        wanted.update({_SHARED: shared} if shared else {})
        environment = {name: value for name, value in wanted.items() if name not in os.environ}
        before = [str(_mpiexec()), "-n", str(workers + 1)]
        return Launch(before, ["mpi4py.futures", "-m"], {**environment, "TMPDIR": folder})

    def refusal(self, printed: str) -> str | None:
        """Understand what ``mpiexec`` says when it has no room for so many, or none for what they share."""
        if _NO_SLOTS in printed:
            return "mpiexec has fewer slots than workers and the trial need. Give fewer workers, or allow it more."
        if _NO_ROOM in printed:
            text = "Open MPI has no room for the memory that its processes share, most often in /dev/shm."
            return f"{text} Free some there, give a container more (--shm-size=1g), or use threads."
        return None

    @contextmanager
    def open(self, workers: int) -> Iterator[Executor]:
        """Use the workers that are there; when the block is left by an exception, MPI's job has to be ended."""
        size = next((int(os.environ[name]) for name in _SIZES if os.environ.get(name, "").isdecimal()), 0)
        if size == 0:
            text = "mpi works only in a process that mpiexec has started. `parlab bench` and parlab.speedup see to it;"
            raise InputError(f"{text} yourself: mpiexec -n {workers + 1} python -m mpi4py.futures your_script.py")
        from mpi4py import MPI
        from mpi4py.futures import MPIPoolExecutor

        if (there := MPI.COMM_WORLD.Get_size()) != size:
            text = f"mpiexec has started {size} processes, and mpi4py sees {there}: they belong to different MPIs."
            raise InputError(f"{text} Put the mpiexec that mpi4py was built for first on the PATH.")
        if workers != size - 1:
            there_are = units.count(size - 1, "worker")
            text = f"This job has {there_are}, not {workers}: mpiexec -n fixes how many, and one is the trial."
            raise InputError(f"{text} Start it with mpiexec -n {workers + 1}.")
        with private_folder() as folder:
            meeting = Meeting(SimpleNamespace(Semaphore=partial(FileSemaphore, str(folder))))
            executor: Any = MPIPoolExecutor(initializer=enter_rank, initargs=(meeting, sys.path))
            executor.meeting = meeting
            with shutting_down(executor):
                yield executor


def enter_rank(meeting: Meeting, path: list[str]) -> None:
    """Initialise a worker: modules are found as in the trial, whose standard output is a line for events alone."""
    os.dup2(2, 1)
    sys.path[:] = path
    enter_process(meeting, os.getppid())


def _mpiexec() -> Path | None:
    found = which("mpiexec", path=str(Path(sys.executable).parent)) or which("mpiexec")
    return None if found is None else Path(found)
