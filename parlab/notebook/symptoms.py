"""Examines work as the bug lab's programs do: a short sweep, its times, and what the findings have seen.

Their advice is left out, which the learner shall find; so are findings about noise: these sweeps have a single round,
and the bugs are larger than noise.
"""

from collections.abc import Callable, Iterable, Sequence
from textwrap import fill
from typing import Any

from parlab.notebook.speedup import speedup
from parlab.notebook.view import View
from parlab.records import Finding
from parlab.units import count, duration

_SHOWN = ("tasks-too-short", "few-chunks", "imbalance", "big-payloads", "memory-bound", "oversubscribed",
          "more-workers-than-cores", "gil-bound")  # fmt: skip
_FAR = 2.0
_WIDTH = 80


def examine(
    function: Callable[..., Any] | str,
    items: Iterable[Any] | None = None,
    *,
    workers: Sequence[int] = (2,),
    **options: Any,
) -> None:
    """Measure work once, as a plain loop and on processes, and show what is seen.

    Parameters
    ----------
    function, items, workers, **options
        As ``parlab.speedup`` has them.
    """
    short = {"backends": ["processes"], "rounds": 1, "verify": False, "memory": False, "progress": False}
    show(speedup(function, items, workers=workers, **short | options))  # type: ignore[arg-type]


def show(view: View) -> None:
    """Print the time of each configuration, its speedup, and what is found.

    Parameters
    ----------
    view
        A measured or recorded sweep.
    """
    header = view.results.header
    cores, threads = header.machine.get("cores_usable"), header.sweep.blas_threads
    print(f"{count(int(cores or 1), 'usable core')}, {count(threads, 'BLAS thread')} in each worker")  # noqa: T201
    for row in view.summary.rows:
        who = "the plain loop" if row.backend == "serial" else f"{row.backend}, {count(row.workers, 'worker')}"
        faster = "" if row.backend == "serial" or row.speedup is None else f", {row.speedup:.2f} times as fast"
        took = "not measured" if row.median_s is None else duration(row.median_s)
        print(f"{who}: {took}{faster}")  # noqa: T201  # what its programs show
    for one in view.findings:
        if one.code in _SHOWN and not _slight(one):
            print(fill(f"- {one.message}", _WIDTH, subsequent_indent="  "))  # noqa: T201


def _slight(found: Finding) -> bool:
    """Whether tasks are called short that are far longer than their journey, as a busy machine makes them seem."""
    evidence = found.evidence
    return found.code == "tasks-too-short" and evidence["task_s"] > _FAR * evidence["break_even_s"]
