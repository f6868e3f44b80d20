"""Judges a machine: what is fine for parallel Python, what to watch, what does not work, each with a one-line fix."""

import os
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Literal

from parlab import backends, owners, segments, temporary, units
from parlab.errors import ParlabError
from parlab.machine import Machine

Status = Literal["pass", "warn", "fail"]
MIB, GIB = 1 << 20, 1 << 30
_SMALL_SHM_BYTES = 64 * MIB  # what Docker gives unless told otherwise
_SMALL_MEMORY_BYTES, _TOO_LITTLE_MEMORY_BYTES = GIB, 256 * MIB  # a worker with numpy takes about 40 MiB
_PROBE_DEADLINE_S = 60.0


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """One thing that was looked at."""

    name: str
    status: Status
    message: str
    fix: str = ""


def diagnose(machine: Machine, probe: Callable[[], str | None] | None = None) -> list[Diagnosis]:
    """Judge a machine.

    Parameters
    ----------
    machine
        What ``parlab.detect()`` found.
    probe
        Starts a worker process for real; returns None, or what went wrong. Tests give their own.

    Returns
    -------
    list of Diagnosis
        In the order in which a person would ask.
    """
    checks = (
        _python,
        _gil,
        _cores,
        _physical,
        _power,
        _load,
        _memory,
        _shared_memory,
        _temporary,
        _leftovers,
        _start_methods,
    )
    found = [diagnosis for check in checks for diagnosis in check(machine)]
    found.extend(_process(machine, probe or probe_process))
    found.extend(diagnosis for check in (_blas, _engines, _place, _jupyter) for diagnosis in check(machine))
    return found


def _python(machine: Machine) -> Iterator[Diagnosis]:
    yield Diagnosis("Python", "pass", f"{machine.implementation} {machine.python} on {machine.system}")


def _gil(machine: Machine) -> Iterator[Diagnosis]:
    if not machine.gil_enabled:
        yield Diagnosis("GIL", "pass", "off (free-threaded build): threads can run Python code side by side")
    elif machine.free_threaded_build:
        fix = "find the extension with -X importtime, or start Python with -X gil=0"
        yield Diagnosis("GIL", "warn", "this is a free-threaded build, but something switched the GIL on", fix)
    else:
        yield Diagnosis("GIL", "pass", "on: threads help I/O and C code that lets go of it; processes help pure Python")


def _cores(machine: Machine) -> Iterator[Diagnosis]:
    limits = [f"{machine.cores_logical} logical"]
    limits += [f"{machine.cores_affinity} by affinity"] if machine.cores_affinity is not None else []
    limits += [f"{machine.cores_quota:g} by cgroup quota"] if machine.cores_quota is not None else ["no cgroup quota"]
    limits += [f"{machine.cores_slurm} by SLURM"] if machine.cores_slurm else []
    limits += [f"{machine.cores_python} by PYTHON_CPU_COUNT"] if machine.cores_python else []
    limits += [f"{machine.cores_override} by PARLAB_CORES"] if machine.cores_override else []
    message = f"parlab uses {machine.cores_usable}, decided by {machine.cores_limited_by} ({', '.join(limits)})"
    if machine.cores_usable == 1:
        fix = "use a machine, container or job with 2 cores or more; recorded results can be read anywhere"
        yield Diagnosis("cores", "warn", f"{message}: no speedup can be seen", fix)
    elif machine.cores_quota is not None and machine.cores_quota % 1 and machine.cores_quota < machine.cores_logical:
        fix = "give the container a whole number of cores (docker run --cpus 2)"
        yield Diagnosis("cores", "warn", f"{message}: part of a core will throttle a worker", fix)
    else:
        yield Diagnosis("cores", "pass", message)


def _physical(machine: Machine) -> Iterator[Diagnosis]:
    physical = machine.cores_physical
    if physical is None:
        return
    if physical < machine.cores_usable:
        message = f"{machine.cores_usable} usable cores are hyper-threads of {units.count(physical, 'physical one')}"
        fix = f"expect less than {machine.cores_usable} x; the ceiling in the chart shows how much less"
        yield Diagnosis("physical cores", "warn", message, fix)
    else:
        yield Diagnosis(
            "physical cores", "pass", f"{physical}: no hyper-threads are seen; a virtual machine may hide them"
        )


def _power(machine: Machine) -> Iterator[Diagnosis]:
    """Say what makes the clock slow; a machine that does not tell gets no line."""
    if machine.on_battery:
        fix = "plug it in: on battery the clock is slower, and less steady"
        yield Diagnosis("power", "warn", "runs on battery", fix)
    elif machine.power_saver:
        fix = "choose the balanced or the performance mode in the system's power settings"
        yield Diagnosis("power", "warn", "the processor is told to save power", fix)
    elif machine.on_battery is not None or machine.power_saver is not None:
        yield Diagnosis("power", "pass", "nothing saves power")


def _load(machine: Machine) -> Iterator[Diagnosis]:
    if machine.load is None:
        return
    if machine.load > machine.cores_usable / 2:
        message = f"{machine.load:.1f} threads wanted to run in the last minute: others are at work here"
        yield Diagnosis("load", "warn", message, "close other programs, or take more rounds")
    else:
        yield Diagnosis("load", "pass", f"{machine.load:.1f} threads wanted to run in the last minute")


def _memory(machine: Machine) -> Iterator[Diagnosis]:
    limit = machine.memory_limit_bytes
    free = machine.memory_available_bytes
    control = f", limited to {limit / GIB:.1f} GiB by the control group" if limit else ", no control-group limit"
    message = f"{free / GIB:.1f} GiB free of {machine.memory_bytes / GIB:.1f} GiB{control}"
    fix = "close other programs, raise the limit, or use fewer workers"
    if free < _TOO_LITTLE_MEMORY_BYTES:
        yield Diagnosis("memory", "fail", message, fix)
    elif free < _SMALL_MEMORY_BYTES:
        yield Diagnosis("memory", "warn", message, fix)
    else:
        yield Diagnosis("memory", "pass", message)


def _shared_memory(machine: Machine) -> Iterator[Diagnosis]:
    if not machine.system.startswith("Linux"):
        return
    free, total = machine.shared_memory_free_bytes, machine.shared_memory_bytes
    if free is None or total is None:
        fix = "mount a tmpfs at /dev/shm: semaphores and shared memory live there"
        yield Diagnosis("shared memory", "fail", "there is no /dev/shm", fix)
    elif free <= _SMALL_SHM_BYTES:
        message = f"{free / MIB:.0f} MiB free of {total / MIB:.0f} MiB in /dev/shm"
        yield Diagnosis("shared memory", "warn", message, "docker run --shm-size 1g, or remove stale segments")
    else:
        yield Diagnosis("shared memory", "pass", f"{free / GIB:.1f} GiB free in /dev/shm")


def _temporary(machine: Machine) -> Iterator[Diagnosis]:
    del machine
    try:
        folder = tempfile.gettempdir()
    except FileNotFoundError:
        fix = "free some disk, or set TMPDIR to a folder that can be written"
        yield Diagnosis("temporary files", "fail", "no folder can be written for temporary files", fix)
    else:
        yield Diagnosis("temporary files", "pass", f"written to {folder}")


def _leftovers(machine: Machine) -> Iterator[Diagnosis]:
    del machine
    found = [*temporary.leftovers(), *segments.leftovers()]
    dead = [one for one in found if one.dead]
    foreign = [one for one in found if not owners.is_from_here(one.owner)]
    apart = f"; left alone: {_amount(foreign)} that other containers or machines may use" if foreign else ""
    if dead:
        fix = "nothing to do: the next sweep removes what was left"
        yield Diagnosis("leftovers", "warn", f"killed runs of parlab left {_amount(dead)}{apart}", fix)
    else:
        yield Diagnosis("leftovers", "pass", f"killed runs of parlab left nothing{apart}")


def _amount(found: Sequence[owners.Leftover]) -> str:
    mib = sum(one.bytes for one in found) / MIB
    size = f"{mib:.1f} MiB" if mib >= 0.1 else "under 0.1 MiB"
    return f"{len(found)} {'thing' if len(found) == 1 else 'things'} ({size})"


def _start_methods(machine: Machine) -> Iterator[Diagnosis]:
    if not machine.start_methods:
        fix = "use a Python on a computer or a hub; threads do not start here either"
        yield Diagnosis("start methods", "fail", "none: this Python runs in a browser, without processes", fix)
        return
    default = f"parlab starts by {machine.start_method}, Python itself by {machine.python_start_method}"
    yield Diagnosis("start methods", "pass", f"{', '.join(machine.start_methods)}; {default}")


def _process(machine: Machine, probe: Callable[[], str | None]) -> Iterator[Diagnosis]:
    if not machine.start_methods:
        return
    problem = probe()
    if problem is None:
        yield Diagnosis("a real process", "pass", f"started by {machine.start_method}, answered and ended")
    else:
        fix = "read the message; often a limit on processes (ulimit -u) or a missing /dev/shm"
        yield Diagnosis("a real process", "fail", problem.partition("\n")[0], fix)


def probe_process() -> str | None:
    """Run the smallest workload in one worker process, the way every trial does; return what went wrong."""
    import queue
    import sys

    from parlab.measure.job import Order
    from parlab.measure.runner import run_trial
    from parlab.records import Configuration, Sweep

    sweep = Sweep("hello", "1", 1, ("processes",), (1,), 1, None)
    order = Order(sweep, Configuration("parallel", "processes", 1), os.getpid(), list(sys.path), check=True)
    try:
        run_trial(order, _PROBE_DEADLINE_S, queue.SimpleQueue())
    except (ParlabError, OSError, RuntimeError) as problem:  # no process or thread may be left to start
        return str(problem)
    return None


def _blas(machine: Machine) -> Iterator[Diagnosis]:
    if not machine.blas:
        return
    libraries = ", ".join(f"{one.library} {one.version or ''} with {one.threads} threads" for one in machine.blas)
    if any(one.threads > machine.cores_usable for one in machine.blas):
        fix = f"set OMP_NUM_THREADS={machine.cores_usable}; inside trials parlab sets 1"
        yield Diagnosis("linear algebra", "warn", f"{libraries}: more threads than usable cores", fix)
    else:
        yield Diagnosis("linear algebra", "pass", f"{libraries}; inside trials parlab sets 1")


def _engines(machine: Machine) -> Iterator[Diagnosis]:
    del machine
    found = backends.survey()
    missing = {name: reason for name, _, reason in found if reason is not None}
    newer = {name for name, backend, _ in found if backend is not None and (backend.newer_python or backend.extra)}
    ready = [name for name in backends.names() if name not in missing]
    if ready:
        yield Diagnosis("backends", "pass", f"ready: {', '.join(ready)}")
    for name, reason in missing.items():
        if name in newer:  # a healthy machine with an ordinary Python needs no mending
            yield Diagnosis(f"backend {name}", "pass", f"not available: {reason}")
        else:
            yield Diagnosis(f"backend {name}", "warn", f"not available: {reason}", "see `parlab backends`")


def _place(machine: Machine) -> Iterator[Diagnosis]:
    places = ["a Jupyter kernel"] if machine.in_kernel else []
    places += [f"a container ({machine.container})"] if machine.container else []
    places += ["WSL"] if machine.wsl else []
    places += ["a browser"] if machine.browser else []
    yield Diagnosis("place", "pass", f"runs in {', '.join(places)}" if places else "runs directly on the system")


def _jupyter(machine: Machine) -> Iterator[Diagnosis]:
    del machine
    if find_spec("jupyterlab") and find_spec("ipykernel"):
        yield Diagnosis("JupyterLab", "pass", "installed")
    else:
        fix = "pip install 'parlab[lab]'"
        yield Diagnosis("JupyterLab", "warn", "not installed: notebooks cannot be opened", fix)
