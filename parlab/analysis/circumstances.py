"""Finds what around the work keeps a sweep from its best: start-up, start method, waiting, cores, memory.

It looks at the plan, the machine and the summary; what spans tell is in ``parlab.analysis.causes``.
"""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from parlab.analysis import lessons
from parlab.analysis.gil import find_gil
from parlab.analysis.noise import loop_share
from parlab.measure.plan import CPU_BOUND_SHARE
from parlab.records import Configuration, Finding, Memory
from parlab.results import Results
from parlab.units import count, duration, size

if TYPE_CHECKING:
    from parlab.analysis.summary import Row

NO_SPEEDUP = 1.05  # up to there workers have gained nothing, whatever their start costs
STARTUP_SHARE = 0.5  # of the whole time
MEMORY_SHARE = 0.8  # of what was free: beyond it systems begin to swap, or to kill
UNLUCKY = 0.5  # on a crowded machine, of a program's fair share of a core: it hardly gets less
NOT_ALL_USED = 0.7  # an efficiency of I/O-bound work at which more workers still help


def find_circumstances(results: Results, rows: Sequence["Row"], *, crowd: float = 1.0) -> Iterator[Finding]:
    """Yield what around the work keeps a sweep from its best.

    Parameters
    ----------
    results
        The sweep.
    rows
        Its summary by configuration.
    crowd
        How many programs wanted each core: what computes gets a core for one part in so many of its time, and must
        not be taken for what waits.
    """
    engines = [row for row in rows if row.backend != "serial"]
    yield from _cores(results)
    yield from _startup(engines)
    yield from _io_bound(results, engines, crowd)
    yield from _start_method(results)
    yield from find_gil(results)
    yield from _memory(results)
    yield from _clocks(results)


def _cores(results: Results) -> Iterator[Finding]:
    machine, most = results.header.machine, max(results.header.sweep.workers, default=0)
    usable, share, logical = machine.get("cores_usable"), results.header.check.cpu_share, machine.get("cores_logical")
    if not isinstance(usable, int) or most <= usable or (share is not None and share < CPU_BOUND_SHARE):
        return
    limit = machine.get("cores_limited_by")
    message = f"{most} workers share {count(usable, 'usable core')} (limit: {limit})."
    advice = "CPU-bound work gains nothing beyond the cores; the points beyond are marked by the line in the chart."
    if isinstance(logical, int) and usable < logical:
        advice += f" The machine has {logical}: ask whoever set the {limit} for more, or use {count(usable, 'worker')}."
    evidence = {"workers": most, "cores": usable}
    yield Finding("more-workers-than-cores", message, advice, evidence, "info", lessons.MACHINE)


def _startup(engines: Sequence["Row"]) -> Iterator[Finding]:
    """Find the engine whose start costs most of what its workers gain, and how much work makes up for it."""
    found = []
    for row in engines:
        known = row.speedup is not None and row.speedup_with_startup is not None and row.startup_s is not None
        if known and row.speedup > NO_SPEEDUP and row.workers > 1:  # type: ignore[operator]  # known says so
            lost = 1 - row.speedup_with_startup / row.speedup  # type: ignore[operator]
            if lost > STARTUP_SHARE or row.speedup_with_startup < 1:  # type: ignore[operator]
                found.append((lost, row))
    if not found:
        return
    lost, row = max(found, key=lambda one: one[0])
    speedup, startup_s = row.speedup or 1.0, row.startup_s or 0.0
    worth_s = startup_s / (1 - 1 / speedup)
    name = Configuration("parallel", row.backend, row.workers).label
    message = (
        f"{name}: starting and ending the workers takes {lost:.0%} of the whole time. The work alone is {speedup:.2f} "
        f"times as fast as the plain loop, all in all {row.speedup_with_startup:.2f}."
    )
    advice = (
        "Start the workers once, and give them all the work that you have. They are worth their start-up of "
        f"{duration(startup_s)} for work that takes a plain loop more than {duration(worth_s)}."
    )
    evidence = {
        "backend": row.backend,
        "workers": row.workers,
        "share": lost,
        "startup_s": startup_s,
        "worth_s": worth_s,
        "others": [{"backend": other.backend, "workers": other.workers} for _, other in found if other is not row],
    }
    yield Finding("startup-dominates", message, advice, evidence, notebook=lessons.KNOW)


def _io_bound(results: Results, engines: Sequence["Row"], crowd: float) -> Iterator[Finding]:
    share, cores = loop_share(results), results.header.machine.get("cores_usable")
    best = max(engines, key=lambda row: row.speedup or 0.0, default=None)
    most_share = CPU_BOUND_SHARE if crowd <= 1 else min(CPU_BOUND_SHARE, UNLUCKY / crowd)
    if share is None or share >= most_share or best is None or best.speedup is None:
        return
    message = (
        f"The tasks wait for {1 - share:.0%} of their time: for the network, files or other programs, not for a core."
    )
    most = max(row.workers for row in engines)
    if isinstance(cores, int) and best.workers > cores:
        message += f" {count(best.workers, 'worker')} on {count(cores, 'core')} were {best.speedup:.3g} times as fast."
    advice = "More workers than cores help here, and threads suffice: they start faster and cost less memory."
    if best.workers == most and (best.efficiency or 0.0) >= NOT_ALL_USED:
        advice += f" At {most} the gain had not ended: try --workers {most},{2 * most},{4 * most}."
    evidence = {"cpu_share": share, "best_workers": best.workers, "speedup": best.speedup, "cores": cores}
    yield Finding("io-bound", message, advice, evidence, "info", lessons.THREADS)


def _start_method(results: Results) -> Iterator[Finding]:
    """Say where workers are started in a way that this system does not make safe."""
    if any(trial.start_method == "fork" for trial in results.records if trial.role == "parallel"):
        yield _forked(str(results.header.machine.get("system", "")))


def _forked(system: str) -> Finding:
    """Say why fork is not safe, and what is; the sources are the documentation of multiprocessing and issue 84559."""
    mac = system.startswith("Darwin")
    if mac:
        why, usual = "system libraries of macOS may crash or hang in a forked process", "spawn"
    else:
        why = "a process is copied without its other threads, and a lock that one of them held stays locked for ever"
        usual = "forkserver"
    message = f"Workers were started by fork, which is not safe everywhere: {why}."
    advice = (
        f"Use {usual}, which is parlab's choice here. parlab forks from a process without threads, so these times "
        "stand; in a notebook, or beside other threads, fork can hang."
    )
    evidence = {"start_method": "fork", "system": system, "instead": usual}
    return Finding("start-method", message, advice, evidence, "warning" if mac else "info", lessons.KNOW)


def _memory(results: Results) -> Iterator[Finding]:
    """Hold what parent and workers had at most against what was free when the sweep began."""
    machine = results.header.machine
    free = machine.get("memory_available_bytes")
    known = [(held, one) for one in results.memory if one.role == "parallel" and (held := _held(one)) is not None]
    if not isinstance(free, int) or free <= 0 or not known:
        return
    held, one = max(known, key=lambda pair: pair[0])
    if held <= MEMORY_SHARE * free:
        return
    name = Configuration("parallel", one.backend, one.workers).label
    limited = " within the control group's limit" if machine.get("memory_limit_bytes") else ""
    message = f"{name}: parent and workers held {size(held)} at once; {size(free)} were free{limited}."
    advice = "Give workers smaller pieces, return less, or keep the data in shared memory once."
    fits = _fitting(one, MEMORY_SHARE * free)
    if fits is not None:
        advice = f"Use {count(fits, 'worker')}, which would have fitted. {advice}"
    evidence = {
        "backend": one.backend,
        "workers": one.workers,
        "held_bytes": held,
        "available_bytes": free,
        "fitting_workers": fits,
    }
    yield Finding("too-little-memory", message, advice, evidence, notebook=lessons.MACHINE)


def _held(one: Memory) -> int | None:
    if one.together_bytes is not None:
        return one.together_bytes
    return None if one.parent_uss_bytes is None else one.parent_uss_bytes + (one.workers_uss_bytes or 0)


def _fitting(one: Memory, room_bytes: float) -> int | None:
    """Say how many of these workers would fit; None where they are threads, or where none would."""
    if not one.largest_worker_uss_bytes or one.parent_uss_bytes is None:
        return None
    fits = int((room_bytes - one.parent_uss_bytes) // one.largest_worker_uss_bytes)
    return fits if 1 <= fits < one.workers else None


def _clocks(results: Results) -> Iterator[Finding]:
    """Say how well the clocks of other hosts are known: their spans stand on it."""
    here = {one.host for trial in results.records if trial.role == "serial" for one in trial.crew}
    crew = [one for trial in results.records if trial.role == "parallel" for one in trial.crew]
    there = [one for one in crew if here and one.host not in here]
    if not there:
        return
    error_s = max(one.clock_error_s for one in there)
    hosts = count(len({one.host for one in there}), "other host")
    message = (
        f"Workers on {hosts} have clocks of their own: spans stand where they were to {duration(error_s)} at worst."
    )
    advice = "The clocks were asked when each trial opened. Do not compare moments on two hosts more closely than that."
    evidence = {"hosts": len({one.host for one in there}), "error_s": error_s}
    yield Finding("estimated-clocks", message, advice, evidence, "info", lessons.WHERE)
