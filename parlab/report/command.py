"""Writes the command that measures a sweep again, from what its header says. It runs nothing."""

import shlex
from collections.abc import Iterator
from typing import Any

from parlab.codec import dumps
from parlab.records import Sweep
from parlab.workloads.reference import looks_like_function

_USUAL = Sweep(workload="", size=None, tasks=None, backends=(), workers=(), rounds=None, budget_s=None)


def command(sweep: Sweep) -> str:
    """Return the command line, quoted for a POSIX shell."""
    options = [*_work(sweep), *_plan(sweep), *_switches(sweep)]
    subject = [sweep.workload, *options]
    if sweep.workload.startswith("-"):  # of a file that nobody should trust: it shall not be read as an option
        subject = [*options, "--", sweep.workload]
    return shlex.join(["parlab", "bench", *subject])


def hindrances(sweep: Sweep) -> list[str]:
    """Say why the command cannot be the whole story: what a command line cannot carry."""
    found = []
    if looks_like_function(sweep.workload):
        module = sweep.workload.partition(":")[0]
        if module in ("__main__", "__mp_main__"):
            found.append("The function stood in a notebook or a script: put it into a module, and name that instead.")
        else:
            found.append(f"Run it where Python can import the module {module}.")
        if sweep.items is None:
            found.append("The items were given in Python. Name them with --items, or measure with parlab.speedup.")
    if sweep.options:
        found.append("Paths are those of the machine where it was measured.")
    return found


def _work(sweep: Sweep) -> Iterator[str]:
    if sweep.size is not None:
        yield from ("--size", sweep.size)
    if sweep.items is not None:
        yield from ("--items", sweep.items)
    if sweep.kwargs:
        yield from ("--kwargs", dumps(sweep.kwargs))
    for name, value in sweep.options.items():
        text = f"{_decimal(value)}s" if name == "delay" and isinstance(value, (int, float)) else _text(value)
        yield from (f"--{name.replace('_', '-')}", text)


def _plan(sweep: Sweep) -> Iterator[str]:
    yield from ("--backends", ",".join(sweep.backends))
    yield from ("--workers", ",".join(map(str, sweep.workers)))
    if sweep.weak:
        yield "--weak"
    if sweep.rounds is not None:
        yield from ("--rounds", str(sweep.rounds))
    if sweep.budget_s is not None:
        yield from ("--budget", f"{_decimal(sweep.budget_s)}s")
    if sweep.precision is not None:
        yield from ("--precision", _decimal(sweep.precision))
    yield from ("--seed", str(sweep.seed))


def _switches(sweep: Sweep) -> Iterator[str]:
    if sweep.chunksize != _USUAL.chunksize:
        yield from ("--chunksize", str(sweep.chunksize))
    if sweep.blas_threads != _USUAL.blas_threads:
        yield from ("--blas-threads", str(sweep.blas_threads))
    if sweep.on_error != _USUAL.on_error:
        yield from ("--on-error", sweep.on_error)
    if sweep.deadline_s is not None:
        yield from ("--deadline", f"{_decimal(sweep.deadline_s)}s")
    if sweep.worker_memory_bytes is not None:
        yield from ("--worker-memory", str(sweep.worker_memory_bytes))
    for wanted, switch in ((sweep.memory, "--memory"), (not sweep.trace, "--no-trace")):
        yield from [switch] if wanted else []
    yield from [] if sweep.verify else ["--no-verify"]


def _decimal(value: float) -> str:
    """Write a number as the options read it: digits and a point, no exponent."""
    return f"{value:.9f}".rstrip("0").rstrip(".")


def _text(value: Any) -> str:
    return value if isinstance(value, str) else dumps(value)
