"""Turns what a user asked for into a job, and refuses what cannot work before anything is started or written."""

import os
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, Literal

from parlab import backends, units, workloads
from parlab.codec import dumps, encode, loads
from parlab.errors import FunctionError, InputError
from parlab.machine import Machine
from parlab.measure import payload
from parlab.measure.job import Job
from parlab.measure.limits import continued, is_whole, limits, positive, whole
from parlab.measure.plan import with_tasks
from parlab.nesting import inside_worker
from parlab.records import Sweep
from parlab.results import Results, read
from parlab.results.recorded import PREFIX
from parlab.workloads.base import Workload
from parlab.workloads.items import FORMS, take
from parlab.workloads.named import check_fit, refer_by_name
from parlab.workloads.reference import FunctionReference, looks_like_function, refer, resolve

DEFAULT_BACKENDS = ("threads", "processes")
DEFAULT_FOLDER = Path("parlab-results")
MOST_WORKERS = 1_024
_FEWEST_WAITING = 8  # workers that wait need no core: I/O-bound sweeps go up to here even on small machines
_WINDOWS_WORKERS = 61  # WaitForMultipleObjects waits for 63 handles, and a pool needs two
_LIBRARIES = ("parlab", "numpy", "pandas", "pyarrow", "pillow", "loky", "psutil")
_EXTRAS = ("distributed", "joblib", "mpi4py", "ray")  # noted where they are


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What a user asked for. None means "not said"."""

    subject: str | Callable[[Any], Any]  # a workload's name, "module:function", or a function
    output: Path | None = None
    make_folder: bool = False  # the output's folder may be made
    resume: bool = False
    backends: Sequence[str] | None = None
    workers: Sequence[int] | None = None
    size: str | None = None
    items: Iterable[Any] | None = None
    items_text: str | None = None
    kwargs: dict[str, Any] | None = None
    options: dict[str, Any] = field(default_factory=dict)
    rounds: int | None = None
    budget_s: float | None = None
    precision: float | None = None
    weak: bool | None = None
    seed: int | None = None
    chunksize: int | None = None
    blas_threads: int | None = None
    trace: bool | None = None
    verify: bool | None = None
    on_error: Literal["stop", "skip"] | None = None
    deadline_s: float | None = None
    worker_memory_bytes: int | None = None
    memory: bool | None = None  # one more run of each configuration, untimed, to see what it holds


def default_workers(usable: int) -> tuple[int, ...]:
    """Return 1, 2, 4, … up to the usable cores, and those cores; on one core also 2, to show what that gives."""
    powers = {2**exponent for exponent in range(usable.bit_length())}
    return tuple(sorted({1, 2, max(2, usable)} | powers))


def usual_workers(machine: Machine, bound: str = "cpu") -> tuple[int, ...]:
    """Return the worker counts that are taken where none are said, for work of a kind (``Workload.bound``)."""
    return default_workers(max(machine.cores_usable, _FEWEST_WAITING) if bound == "io" else machine.cores_usable)


def make_job(request: Request, machine: Machine) -> Job:
    """Check a request and make the job that the supervisor runs.

    Parameters
    ----------
    request
        What the user asked for.
    machine
        Where the sweep will run.

    Raises
    ------
    InputError
        Something given cannot be used; nothing has been started or written then.
    BackendUnavailableError
        An engine is not installed here.
    """
    if inside_worker():
        message = "A sweep cannot be measured inside a worker: the others at work would falsify it, and it them."
        raise InputError(f"{message} Measure from the outside.")
    _mapping("kwargs", request.kwargs)
    _mapping("options", request.options)
    said = {name: value for name, value in request.options.items() if value is not None}
    request = replace(request, options=said)  # data=None names no data of the user's own
    earlier = _earlier(request)
    if earlier is not None and request.workers is None:  # those of this machine may be too many for the items
        request = replace(request, workers=earlier.header.sweep.workers)
    path, workload = None, None
    if isinstance(request.subject, str) and not looks_like_function(request.subject):
        workload = workloads.get(request.subject)
        sweep = _workload_sweep(request, workload, machine)
    else:
        sweep, luggage = _function_sweep(request, machine, earlier)
        written, digest = payload.write(luggage)
        path, sweep = str(written), replace(sweep, items_digest=digest)
    try:
        if earlier is not None:
            sweep = _continued(request, sweep, earlier, workload.own_data if workload else None)
        return _job(request, machine, sweep, workload, path)
    except BaseException:
        payload.remove(path)
        raise


def _job(request: Request, machine: Machine, sweep: Sweep, workload: Workload | None, path: str | None) -> Job:
    return Job(
        sweep=sweep,
        machine=encode(machine),
        usable_cores=machine.cores_usable,
        libraries=_versions(),
        output=str(Path(request.output or "").absolute()),
        resume=request.resume,
        sys_path=[str(Path(entry).resolve()) if entry in ("", ".") else entry for entry in sys.path],
        payload=path,
        needs_provision=workload is not None and workload.provide is not None,
        may_have_ceiling=(workload is None or workload.bound != "io") and not _remote(sweep),
        is_cpu_bound=workload is not None and workload.bound != "io",
    )


def _earlier(request: Request) -> Results | None:
    """Check the output's place; with --resume read what it holds."""
    path = request.output
    if path is None:
        raise InputError("A sweep needs an output file.")
    if str(path).startswith(PREFIX):
        raise InputError(f"{str(path)!r} names a recorded sweep, and those are only read. Use another --output.")
    if request.resume:
        return read(path)
    try:
        _try_to_write(path, make_folder=request.make_folder)
    except OSError as problem:
        message = f"{str(path)!r} cannot be written: {problem.strerror}. Choose another place for the results."
        raise InputError(message) from problem
    return None


def _try_to_write(path: Path, *, make_folder: bool) -> None:
    """Make and remove the file now, because permissions alone do not tell (read-only mounts, quotas, root)."""
    if os.path.lexists(path):
        message = (
            f"{str(path)!r} exists already and is not overwritten. Use --resume to go on with it, or another name."
        )
        raise InputError(message)
    folder = path.parent
    if make_folder and not folder.exists():
        folder = folder.parent
    if not folder.is_dir():
        raise InputError(f"There is no folder {str(folder)!r} to write {path.name!r} into. Make it first.")
    trial = path if folder == path.parent else folder / path.parent.name
    with trial.open("xb"):
        pass
    trial.unlink()


def _workload_sweep(request: Request, workload: Workload, machine: Machine) -> Sweep:
    if request.items is not None or request.items_text is not None or request.kwargs:
        message = f"The workload {workload.name!r} makes its own items: use --size, not --items or --kwargs."
        raise InputError(message)
    for name in request.options:
        if name not in workload.options:
            allowed = ", ".join(workload.options) or "none"
            raise InputError(f"The workload {workload.name!r} has no option {name!r}. Its options: {allowed}.")
    own_data = workload.own_data in request.options
    size = request.size or (None if own_data else "small")
    tasks = None if size is None else workload.count(size)
    sweep = _sweep(
        request, machine, workload.name, size=size, tasks=tasks, options=dict(request.options), bound=workload.bound
    )
    if own_data and workload.provide is None:
        available = len(workload.items(sys.maxsize, 0, **request.options))
        sweep = with_tasks(sweep, available)
        sweep = replace(sweep, size=str(sweep.tasks))
    return sweep


def _function_sweep(request: Request, machine: Machine, earlier: Results | None) -> tuple[Sweep, payload.Payload]:
    if request.size is not None or request.options:
        raise InputError("--size and a workload's options are for parlab's own workloads; give your function --items.")
    if earlier is not None and request.kwargs is None and isinstance(request.subject, str):
        request = replace(request, kwargs=earlier.header.sweep.kwargs)
    function = resolve(request.subject) if isinstance(request.subject, str) else request.subject
    chosen = _backends(request.backends)
    shipped = None
    try:
        if isinstance(request.subject, str):
            reference = refer_by_name(request.subject, request.kwargs)
        else:
            reference = refer(function, request.kwargs)
    except FunctionError:
        importable = [spec for spec in chosen if backends.get(spec).facts.needs_importable_task]
        if importable or isinstance(request.subject, str):
            raise
        name = f"__main__:{getattr(function, '__qualname__', 'function')}"
        reference, shipped = FunctionReference(name, dict(request.kwargs or {})), function
    name = request.subject if isinstance(request.subject, str) else reference.name
    text = request.items_text
    if request.items is None and text is None and earlier is not None:
        text = earlier.header.sweep.items
    items = _items(request.items, text)
    check_fit(function, items[0], reference.kwargs)
    sweep = _sweep(request, machine, name, tasks=None, items=text, kwargs=_shown(reference.kwargs))
    return with_tasks(sweep, len(items)), payload.Payload(items, reference.kwargs, shipped)


def _items(items: Iterable[Any] | None, text: str | None) -> list[Any]:
    from parlab.workloads.items import parse_items

    if items is not None:
        if isinstance(items, (str, bytes)) or not isinstance(items, Iterable):
            advice = (
                f" What the command line takes is given as items_text={items!r:.80}." if isinstance(items, str) else ""
            )
            message = f"items must be an iterable of items, not {type(items).__name__}, such as range(100)."
            raise InputError(f"{message}{advice}")
        return take(items, "There are no items: what lists or filters them found nothing.", "range(100), for example")
    if text is None:
        raise InputError(f"A function of your own needs --items: {FORMS}; in Python any iterable, such as range(100).")
    return parse_items(text)


def _sweep(request: Request, machine: Machine, workload: str, *, bound: str = "cpu", **known: Any) -> Sweep:
    ends = limits(request.rounds, request.budget_s, request.precision)
    if request.trace is False and request.on_error == "skip":
        raise InputError("Failed tasks are skipped by the tracing envelope: --on-error skip cannot go with --no-trace.")
    if request.trace is False and request.worker_memory_bytes is not None:
        raise InputError(
            "The tracing envelope tells when to replace workers: --worker-memory cannot go with --no-trace."
        )
    if request.weak and request.on_error == "skip":
        raise InputError("Weak scaling compares work of different sizes: --weak cannot go with --on-error skip.")
    if request.seed is not None and (not is_whole(request.seed) or request.seed < 0):
        raise InputError(f"seed cannot be {request.seed!r}: give a whole number from 0 up.")
    usual = Sweep(workload="", size=None, tasks=None, backends=(), workers=(), rounds=None, budget_s=None)
    fields: dict[str, Any] = {"size": None, **known}
    chosen = _backends(request.backends)
    return Sweep(
        workload=workload,
        backends=chosen,
        workers=_workers(request.workers, machine, bound, chosen),
        rounds=ends.rounds,
        budget_s=ends.budget_s,
        precision=ends.precision,
        seed=usual.seed if request.seed is None else request.seed,
        weak=bool(request.weak),
        chunksize=whole("chunksize", request.chunksize) or usual.chunksize,
        blas_threads=whole("blas_threads", request.blas_threads) or usual.blas_threads,
        trace=usual.trace if request.trace is None else request.trace,
        verify=usual.verify if request.verify is None else request.verify,
        on_error=_choice(request) or usual.on_error,
        deadline_s=positive("deadline_s", request.deadline_s),
        worker_memory_bytes=whole("worker_memory_bytes", request.worker_memory_bytes),
        memory=bool(request.memory),
        **fields,
    )


def _continued(request: Request, sweep: Sweep, earlier: Results, own_data: str | None) -> Sweep:
    """Take the plan of the file, and refuse what was said differently this time; when it ends may be said anew."""
    plan = earlier.header.sweep
    said = {
        "workload": True,
        "backends": request.backends is not None,
        "workers": request.workers is not None,
        "size": request.size is not None,
        "options": bool(request.options),
        "kwargs": request.kwargs is not None,
        "items_digest": plan.items_digest is not None,
        **{name: getattr(request, name) is not None for name in _REPEATED},
    }
    for name, given in said.items():
        then, now = getattr(plan, name), getattr(sweep, name)
        same = _located(then, own_data) == _located(now, own_data) if name == "options" else then == now
        if given and not same:
            what = "other items" if name == "items_digest" else f"{name} {then!r}, not {now!r}"
            message = f"{request.output} was begun with {what}. Resume it as it was begun"
            raise InputError(f"{message}, or start a new file.")
    ends = continued(plan, request.rounds, request.budget_s, request.precision)
    return replace(
        plan,
        rounds=ends.rounds,
        budget_s=ends.budget_s,
        precision=ends.precision,
        ceiling=earlier.header.check.ceiling,
        memory=plan.memory or sweep.memory,
    )


def _located(options: dict[str, Any], own_data: str | None) -> dict[str, Any]:
    """Write the place of the user's own data in full, so that it is the same however it is spelled."""
    return {name: os.path.abspath(one) if name == own_data else one for name, one in options.items()}  # noqa: PTH100  # text


_REPEATED = ("weak", "seed", "chunksize", "blas_threads", "trace", "verify", "on_error")


def _backends(specs: Sequence[str] | None) -> tuple[str, ...]:
    chosen = tuple(dict.fromkeys(DEFAULT_BACKENDS if specs is None else specs))
    if not chosen:
        raise InputError(f"No backend was given. Allowed: {', '.join(backends.names())}.")
    for spec in chosen:
        backends.require(spec)
    return chosen


def _remote(sweep: Sweep) -> bool:
    """Tell whether workers are on other machines, about which a ceiling of this one says nothing."""
    return any(backends.get(spec).facts.remote for spec in sweep.backends)


def _usual(machine: Machine, bound: str, given: Mapping[str, int]) -> tuple[int, ...]:
    """Return the counts where none are said: up to the workers of the cluster that has fewest, where there is one."""
    if not given:
        return usual_workers(machine, bound)
    fewest = min(given.values())
    return tuple(one for one in default_workers(fewest) if one <= fewest)


def _workers(counts: Sequence[int] | None, machine: Machine, bound: str, specs: Sequence[str]) -> tuple[int, ...]:
    given = {spec: most for spec in specs if (most := backends.get(spec).most_workers()) is not None}
    chosen = tuple(dict.fromkeys(_usual(machine, bound, given) if counts is None else counts))
    if not chosen:
        raise InputError("No worker count was given. Give whole numbers from 1 up, such as 1,2,4.")
    most = _WINDOWS_WORKERS if sys.platform == "win32" else MOST_WORKERS
    for count in chosen:
        if isinstance(count, bool) or not isinstance(count, int) or not 1 <= count <= most:
            raise InputError(f"{count!r} workers are not allowed. Give whole numbers from 1 to {most}, such as 1,2,4.")
    for spec, there in given.items():
        if max(chosen) > there:
            text = f"{spec} has {units.count(there, 'worker')}, fewer than {max(chosen)}."
            raise InputError(f"{text} Start more of them there, or give --workers up to {there}.")
    return tuple(sorted(chosen))


def _choice(request: Request) -> Literal["stop", "skip"] | None:
    if request.on_error not in (None, "stop", "skip"):
        raise InputError(f"on_error cannot be {request.on_error!r}. Allowed: stop, skip.")
    return request.on_error


def _mapping(what: str, given: object) -> None:
    if given is not None and not (isinstance(given, Mapping) and all(isinstance(name, str) for name in given)):
        raise InputError(f'{what} must be a dict of names and values, such as {{"depth": 3}}, not {given!r:.80}.')


def _shown(kwargs: dict[str, Any]) -> dict[str, Any]:
    """Keep in the header what JSON can hold; anything else as text."""
    return {name: value if _is_json(value) else f"{value!r:.200}" for name, value in kwargs.items()}


def _is_json(value: Any) -> bool:
    try:
        return bool(loads(dumps(value)) == value)
    except (TypeError, ValueError):
        return False


def _versions() -> dict[str, str]:
    found = dict.fromkeys(_LIBRARIES, "unknown")
    for name in (*_LIBRARIES, *_EXTRAS):
        with suppress(PackageNotFoundError):
            found[name] = version(name)
    return found
