"""Finds why workers do not speed the work up, from where their time went, and says what to change.

Each cause is told once a sweep, for the configuration that loses most by it, with the others in the evidence. A cause
needs a loss that matters: a tenth of the workers' time. Nothing here is measured or drawn.
"""

from collections.abc import Callable, Iterator, Sequence
from math import ceil
from typing import TYPE_CHECKING, Any

import numpy as np

from parlab.analysis import lessons
from parlab.analysis.areas import WORTH, Area
from parlab.analysis.breakeven import FEWEST_CHUNKS, PIPE_BYTES
from parlab.analysis.gil import gil_of, is_threads
from parlab.analysis.noise import CPU_BOUND
from parlab.analysis.places import Place, Places
from parlab.errors import ResultFileError
from parlab.records import Configuration, Finding
from parlab.results import Results
from parlab.units import count, duration, size

if TYPE_CHECKING:
    from parlab.analysis.summary import Row

CLEAR = 0.5  # where other programs took cores, smaller losses may be theirs
WAITING_FOR_GIL = 0.2  # threads of the recorded photographs, which let go of the GIL, wait for 0.04 of their time
LONG_FOR_THREADS_S = 0.001  # shorter tasks cost threads more to hand over than to run, with the GIL or without
MORE_THAN_THE_GIL = 1.3  # code that holds the GIL all the time gets no speedup of threads, beyond noise
HARDLY_FASTER = 0.75  # threads that get less than this share of n are held back
EXTRA_CPU = 1.2  # times the plain loop's CPU time, beyond what the ceiling explains; matmul keeps below 1.05
OWN_THREADS = 1.1  # CPU time over wall time of a plain loop that uses more than one core

_LESSONS = {
    "tasks-too-short": lessons.SHARE,
    "imbalance": lessons.SHARE,
    "big-payloads": lessons.TALK,
    "gil-bound": lessons.THREADS,
    "memory-bound": lessons.BUGS,
    "residual": lessons.WHERE,
}

_NOTHING_GIL_FREE = (
    "compute in Python",
    "waiting, and with libraries that let go of the GIL, such as Pillow, numpy or zlib",
)
_GIL_FREE_PARTS = (
    "need the GIL for a part of their work",
    "what libraries do while they have let go of it, and not with the code around that",
)

_Losses = Sequence[tuple[float, Place]]  # a share of the workers' time, and where it is lost


def find_causes(results: Results, rows: Sequence["Row"], *, busy: bool = False) -> Iterator[Finding]:
    """Yield why workers do not speed the work up.

    Parameters
    ----------
    results
        The sweep. One without spans tells its chunks only.
    rows
        Its summary by configuration.
    busy
        Other programs took cores while it was measured: then only what is clear all the same is told.
    """
    yield from few_chunks(results)
    places = Places(results, rows, worth=CLEAR if busy else WORTH)
    try:
        for seek in _ALL:
            yield from seek(places)
    except ResultFileError as problem:
        yield Finding("unreadable-spans", str(problem), "Nothing was concluded from them.", {"explained": False})


def few_chunks(results: Results) -> Iterator[Finding]:
    """Say where there are fewer messages than workers: the others get nothing to do (rule 13 of the method)."""
    sweep, most = results.header.sweep, max(results.header.sweep.workers, default=1)
    tasks = sweep.tasks_of(Configuration("parallel", "", most))
    if not tasks or not any(backend != "serial" for backend in sweep.backends):
        return
    chunks = ceil(tasks / sweep.chunksize)
    if chunks >= most:
        return
    advised = max(1, tasks // (FEWEST_CHUNKS * most))
    message = (
        f"{tasks} tasks in chunks of {sweep.chunksize} make {count(chunks, 'chunk')} for {most} workers: "
        f"{_get_nothing(most - chunks)}."
    )
    if tasks < most:
        message = f"{count(tasks, 'task')} for {most} workers: {_get_nothing(most - tasks)}."
        advice = "Cut the work into more and smaller tasks, or use fewer workers."
    else:
        advice = f"Use --chunksize {advised}: {FEWEST_CHUNKS} chunks for each worker even out long and short tasks."
    evidence = {"tasks": tasks, "chunksize": sweep.chunksize, "chunks": chunks, "workers": most, "advised": advised}
    yield Finding("few-chunks", message, advice, evidence, notebook=lessons.SHARE)


def _get_nothing(workers: int) -> str:
    return f"{workers} of them {'gets' if workers == 1 else 'get'} nothing to do"


def _tasks_too_short(places: Places) -> Iterator[Finding]:
    held = _held_by_the_gil(places)  # these wait between short tasks, and chunks would not help
    losses = [
        (share, place)
        for place in places.all
        if place.key not in held
        and place.bytes_a_task <= PIPE_BYTES
        and (share := place.usual(_transfer)) >= places.worth
    ]
    if worst := _worst(losses):
        share, place = worst
        one = places.break_evens.get(place.key)
        if one is None or (one.chunksize is not None and one.chunksize <= places.chunksize):
            return
        message = (
            f"{place.name}: a task takes {duration(one.task_s)}, and to give it to a worker costs "
            f"{duration(one.duration_s)}; {share:.0%} of the workers' time went there."
        )
        if one.chunksize is None:
            enough = duration(9 * one.duration_s)
            advice = f"Put more work into each task: one of {enough} loses a tenth. No chunk size helps: {one.reason}."
        else:
            advice = (
                f"Send {one.chunksize} tasks in one message: --chunksize {one.chunksize}. Or make tasks longer: at "
                f"{duration(one.duration_s)} half of the time is work, at {duration(9 * one.duration_s)} nine tenths."
            )
        evidence = {
            "task_s": one.task_s,
            "break_even_s": one.duration_s,
            "message_cost_s": one.cost.message_cost_s,
            "task_cost_s": one.cost.task_cost_s,
            "chunksize": one.chunksize,
        }
        yield _finding("tasks-too-short", message, advice, losses, evidence)


def _big_payloads(places: Places) -> Iterator[Finding]:
    losses = [
        (share, place)
        for place in places.all
        if place.bytes_a_task > PIPE_BYTES and (share := place.usual(_transfer)) >= places.worth
    ]
    if worst := _worst(losses):
        share, place = worst
        tasks = len(place.trace.task)
        saved_s = (place.area.transfer_s or 0.0) / tasks
        task_s = place.area.tasks_s / tasks
        message = (
            f"{place.name}: {size(place.bytes_a_task)} travel with each task; {share:.0%} of the workers' time went "
            "into packing, sending and unpacking them."
        )
        advice = (
            "Put the data into shared memory, or let workers read it themselves, and send only its name: that saves "
            f"up to {duration(saved_s)} for each task, whose work is {duration(task_s)}. Threads share memory anyway."
        )
        traffic = place.traffic
        evidence = {
            "bytes": place.bytes_a_task,
            "saved_s": saved_s,
            "task_s": task_s,
            "pickle_s": traffic.pickle_s if traffic else None,
            "unpickle_s": traffic.unpickle_s if traffic else None,
        }
        yield _finding("big-payloads", message, advice, losses, evidence)


def _imbalance(places: Places) -> Iterator[Finding]:
    losses = [
        (share, place)
        for place in places.all
        if place.trace.messages >= place.row.workers > 1 and (share := place.usual(_idle_at_the_end)) >= places.worth
    ]
    if worst := _worst(losses):
        share, place = worst
        wall_s, workers = place.trace.wall_s, place.row.workers
        longest, total_s = int(np.argmax(wall_s)), float(wall_s.sum())
        longest_s, task = float(wall_s[longest]), int(place.trace.task[longest])
        message = (
            f"{place.name}: {share:.0%} of the workers' time was idle at the end, while others still had tasks. The "
            f"longest, task {task}, took {duration(longest_s)}, {longest_s / total_s:.0%} of all work."
        )
        evidence = {
            "longest_task": task,
            "longest_s": longest_s,
            "mean_s": total_s / len(wall_s),
            "most_speedup": total_s / longest_s,
            "chunks": place.trace.messages,
        }
        yield _finding("imbalance", message, _balance(place, longest_s, total_s / workers), losses, evidence)


def _balance(place: Place, longest_s: float, share_s: float) -> str:
    """Say what evens out the end: smaller chunks, a shorter longest task, or the longest first."""
    held = len(place.trace.task) / place.trace.messages
    if held > 1 and place.trace.messages < FEWEST_CHUNKS * place.row.workers:
        return f"Use smaller chunks: these held {held:.3g} tasks each, {count(place.trace.messages, 'chunk')} in all."
    if longest_s > share_s:
        return f"Cut this task into smaller ones: alone it takes longer than a worker's share of {duration(share_s)}."
    return (
        "Begin with the longest tasks: sort the items by what they will take, the largest first. Or cut them smaller."
    )


def _memory_bound(places: Places) -> Iterator[Finding]:
    losses = []
    for place in places.all:
        # What one worker alone takes more is no fight for memory: it copies, forgets its caches, or had a bad moment.
        alone = places.alone.get(place.row.backend, 1.0)
        beyond = (place.cpu_times_at_least or 0.0) / place.ceiling_loss / alone
        waits = (place.area.waiting_share or 0.0) >= WAITING_FOR_GIL  # for the GIL, or a core: another story
        share = place.usual(lambda one: one.inflation_share or 0.0)
        if place.row.workers > 1 and beyond >= EXTRA_CPU and share >= places.worth and not waits:
            losses.append((share, place))
    if (places.loop_share or 0.0) > OWN_THREADS:
        return  # threads of the tasks' own fight for the cores
    if worst := _worst(losses):
        share, place = worst
        times = place.cpu_times or 1.0
        known = place.summary is not None and place.summary.ceiling is not None
        beside = f", where workers that share nothing take {place.ceiling_loss - 1:.0%} more" if known else ""
        message = (
            f"{place.name}: the same tasks took {times - 1:.0%} more CPU time than in the plain loop{beside}. Cores "
            f"wait for the memory that they share; {share:.0%} of the workers' time went there."
        )
        advice = (
            "More workers will not help. Let a task finish with a piece that fits into the caches before it goes on, "
            "go through the data fewer times, or use smaller numbers such as float32."
        )
        evidence = {
            "cpu_times": times,
            "ceiling_loss": place.ceiling_loss,
            "alone": places.alone.get(place.row.backend),
        }
        yield _finding("memory-bound", message, advice, losses, evidence)


def _gil_bound(places: Places) -> Iterator[Finding]:
    losses = list(_held_by_the_gil(places).values())
    if worst := _worst(losses):
        share, place = worst
        speedup = place.speedup
        does, help_with = _GIL_FREE_PARTS if speedup > MORE_THAN_THE_GIL else _NOTHING_GIL_FREE
        message = (
            f"{place.name}: tasks {does} and waited for the GIL for {share:.0%} of the time, because only one thread "
            f"runs Python code at a time; the speedup is {speedup:.2f}."
        )
        advice = f"Use processes (or interpreters, or a GIL-free build of Python). Threads help with {help_with}."
        yield _finding("gil-bound", message, advice, losses, {"waiting": share, "speedup": speedup})


def _held_by_the_gil(places: Places) -> dict[tuple[str, int], tuple[float, Place]]:
    """Find the threads that wait for each other, and for which share of their time.

    They wait inside tasks, and where these are shorter than the interpreter's switch interval (5 ms,
    ``sys.getswitchinterval``) between them. So what they are idle counts as well, less what it takes a single thread
    to get its tasks, or the parent to send them where a single thread was not measured.
    """
    if _had_no_gil(places.results) or (places.loop_share or 0.0) < CPU_BOUND:
        return {}
    waiting = {place.key: place.usual(_waiting) for place in places.all}
    alone = {name: place.usual(_transfer) for place in places.all for name, number in [place.key] if number == 1}
    found = {}
    for place in places.all:
        (backend, workers), threads_wait = place.key, waiting[place.key]
        # Processes that wait as much at the same count wait for a core: then nothing is said of the GIL.
        others = [share for (name, number), share in waiting.items() if number == workers and not is_threads(name)]
        threads_wait += max(0.0, place.usual(_transfer) - alone.get(backend, _sending(places, place)))
        if (
            is_threads(backend)
            and workers > 1
            and threads_wait >= max(WAITING_FOR_GIL, places.worth, 2 * min(others, default=0.0))
            and place.row.speedup < HARDLY_FASTER * workers
            and place.trace.wall_s.mean() > LONG_FOR_THREADS_S
        ):
            found[place.key] = threads_wait, place
    return found


def _had_no_gil(results: Results) -> bool:
    """Tell whether threads ran without a GIL: what each trial noted goes before what Python said at the start."""
    known = gil_of(results.header.machine, results.records)
    return known == "off" or (known is None and results.header.machine.get("gil_enabled") is False)


def _sending(places: Places, place: Place) -> float:
    """Return the share of the time that the parent needs to send the messages; 0 where it is not known."""
    one = places.break_evens.get(place.key)
    return 0.0 if one is None else place.trace.messages * one.cost.parent_cost_s / place.area.elapsed_s


def _own_threads(places: Places) -> Iterator[Finding]:
    """Say where tasks bring threads of their own, and workers times threads are more than the cores."""
    sweep, cores = places.results.header.sweep, places.results.header.machine.get("cores_usable")
    share, workers = places.loop_share or 0.0, max(places.results.header.sweep.workers, default=1)
    if not isinstance(cores, int) or share <= OWN_THREADS or workers * share <= OWN_THREADS * cores:
        return
    fit = max(1, cores // workers)
    if sweep.blas_threads > 1:
        what = f"{sweep.blas_threads} BLAS threads each"
        advice = (
            f"Workers times BLAS threads should not exceed the cores: --blas-threads {fit} for "
            f"{count(workers, 'worker')}. BLAS threads and workers fight for the cores otherwise."
        )
    else:
        what = f"threads of their own: the plain loop alone kept {share:.1f} cores busy"
        advice = "Find what starts them, and limit it to one thread in a worker; or use fewer workers."
    message = f"{count(workers, 'worker')} with {what}, on {count(cores, 'core')}: they are oversubscribed."
    evidence = {
        "workers": workers,
        "blas_threads": sweep.blas_threads,
        "cores": cores,
        "loop_cores": share,
        "advised": fit,
    }
    yield Finding("oversubscribed", message, advice, evidence, notebook=lessons.BUGS)


def _residual(places: Places) -> Iterator[Finding]:
    losses = [(abs(place.area.residual_share), place) for place in places.all if not place.area.adds_up]
    if worst := _worst(losses):
        share, place = worst
        message = f"{place.name}: where the time went does not add up; {share:.0%} of it is in two parts, or in none."
        advice = (
            "A clock or the identity of a worker is mistaken, or a worker was lost. Measure again before you trust it."
        )
        yield _finding("residual", message, advice, losses, {})


_ALL: tuple[Callable[[Places], Iterator[Finding]], ...] = (
    _tasks_too_short,
    _big_payloads,
    _imbalance,
    _memory_bound,
    _gil_bound,
    _own_threads,
    _residual,
)


def _waiting(area: Area) -> float:
    return area.waiting_share or 0.0


def _transfer(area: Area) -> float:
    return area.transfer_share or 0.0


def _idle_at_the_end(area: Area) -> float:
    """Return the share of the idle tail; the way back of the last results is dispatch, and not in it."""
    return ((area.tail_s or 0.0) - (area.returning_s or 0.0)) / area.total_s


def _worst(losses: _Losses) -> tuple[float, Place] | None:
    return max(losses, key=lambda loss: loss[0], default=None)


def _finding(code: str, message: str, advice: str, losses: _Losses, evidence: dict[str, Any]) -> Finding:
    share, worst = max(losses, key=lambda loss: loss[0])
    others = [
        {"backend": place.row.backend, "workers": place.row.workers, "share": loss}
        for loss, place in losses
        if place is not worst
    ]
    where = {"backend": worst.row.backend, "workers": worst.row.workers, "share": share}
    lesson = _LESSONS.get(code, lessons.MEASURE)
    return Finding(code, message, advice, {**where, **evidence, "others": others}, notebook=lesson)
