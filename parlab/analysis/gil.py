"""Tells whether the threads of a sweep had a GIL, from what each trial noted. It never asks the Python that it runs on.

A free-threaded build starts without a GIL, and switches it on when an extension module is imported that needs it (PEP
703): often late, inside a task. So what Python said when the sweep began is not enough, and threads are called GIL-free
only when every one of their trials was, before its work and after it.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Literal

from parlab.analysis import lessons
from parlab.records import Finding, Trial
from parlab.results import Results
from parlab.units import count

Gil = Literal["on", "off", "switched on"]

WORDS: dict[Gil, str] = {"off": "GIL off", "switched on": "GIL switched on by an import"}  # for captions
_THREADS = "threads"


def is_threads(backend: str) -> bool:
    """Tell whether the workers of a backend are threads under one GIL, or under none."""
    return backend.partition(":")[0] == _THREADS


def waits_for_gil(backend: str, workers: int, known: Gil | None) -> bool:
    """Tell whether workers that are idle may wait for a GIL: threads beside each other, unless none had one."""
    return is_threads(backend) and workers > 1 and known != "off"


def gil_of(machine: Mapping[str, Any], trials: Sequence[Trial]) -> Gil | None:
    """Say how it was with the GIL.

    Parameters
    ----------
    machine
        Of a header: what Python said when the sweep began.
    trials
        Of threads, those count; where there are none, of the plain loop.

    Returns
    -------
    str or None
        ``"off"``: in every trial, from the first to the last. ``"switched on"``: a build that can do without, but one
        trial at least had it. None: not known, as in files of older versions whose Python had none at the start.
    """
    started_without = machine.get("gil_enabled") is False or machine.get("free_threaded_build") is True
    if not started_without:
        return "on" if machine.get("gil_enabled") is True else None
    known = _known(
        [one for one in trials if is_threads(one.backend)] or [one for one in trials if one.role == "serial"]
    )
    if any(known):
        return "switched on"
    return "off" if known else None


def find_gil(results: Results) -> Iterator[Finding]:
    """Yield a finding where a build that can do without a GIL had one."""
    if gil_of(results.header.machine, results.records) != "switched on":
        return
    threads = [one for one in results.records if is_threads(one.backend)] or list(results.records)
    late = [one for one in threads if one.gil_before is False and one.gil_after]
    held = [one for one in threads if one.gil_before or one.gil_after]
    when = "while the tasks ran" if len(late) == len(held) else "by an import before the tasks ran"
    message = (
        f"This is a free-threaded build of Python, but its GIL was switched on {when}, in {len(held)} of "
        f"{count(len(threads), 'trial')}: one thread at a time ran Python code."
    )
    advice = (
        "An extension module that is not made for it does that, and Python names it in a warning: look for a "
        "newer version, or start Python with -X gil=0 if you know that it is safe. These are times with a GIL."
    )
    evidence = {"held": len(held), "late": len(late), "trials": len(threads)}
    yield Finding("gil-switched-on", message, advice, evidence, notebook=lessons.THREADS)


def _known(trials: Sequence[Trial]) -> list[bool]:
    return [one for trial in trials for one in (trial.gil_before, trial.gil_after) if one is not None]
