"""``parlab.speedup``: the harness in one call, for notebooks and scripts. It goes the same way as ``parlab bench``."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from parlab.errors import InterruptedSweepError, ResultFileError
from parlab.machine import detect
from parlab.measure.request import Request, make_job
from parlab.measure.session import Session
from parlab.notebook import stopped
from parlab.notebook.background import refuse_while_one_runs
from parlab.notebook.given import place, specs, unknown_argument, worker_counts
from parlab.notebook.view import View
from parlab.notebook.wording import spoken_in_python
from parlab.progress import Progress
from parlab.temporary import private_folder


def speedup(
    function: Callable[..., Any] | str,
    items: Iterable[Any] | None = None,
    *,
    workers: int | Sequence[int] | None = None,
    backends: str | Sequence[str] | None = None,
    size: str | int | None = None,
    rounds: int | None = None,
    budget_s: float | None = None,
    output: str | Path | None = None,
    progress: bool = True,
    **more: Any,
) -> View:
    """Measure how much faster ``function`` gets through ``items`` with more workers.

    Parameters
    ----------
    function
        A module-level function of one item, ``"module:function"``, or the name of a workload of parlab. A function of
        a notebook cell goes to backends that ship functions by value (``loky``, ``threads``).
    items
        Any iterable; it is consumed once. None for a workload.
    workers
        Worker counts, such as ``[1, 2, 4]``, or one; None for 1, 2, 4, … up to the usable cores.
    backends
        Specs, such as ``["threads", "processes:spawn"]``, or one; None for threads and processes.
    size
        For a workload: ``"small"``, ``"large"`` or a number of tasks.
    rounds, budget_s
        How many rounds (7 where nothing is said; from 6 on there are intervals), or how many seconds.
    output
        Where to keep the result file; None keeps none.
    progress
        Show a bar while it runs.
    **more
        Further fields of ``parlab.measure.request.Request``, such as ``kwargs``, ``chunksize`` or ``on_error``. With
        ``precision=0.05`` rounds go on until every speedup is known to 5 % of itself, for ``budget_s`` or 5 minutes at
        most.

    Returns
    -------
    View
        Shows itself as table, chart and findings in a notebook; ``view.results`` has the frames.

    Raises
    ------
    InputError, BackendUnavailableError
        Something given cannot be used; nothing was started.
    TaskError, WrongAnswerError
        A task raised, with the worker's traceback; a backend gave another answer than the plain loop.
    InterruptedSweepError
        It was stopped before a round was complete; after the first, the rounds that are complete are returned. Or a
        sweep before it in the same cell was stopped: that stands for the cell.
    """
    unknown = sorted(set(more) - set(Request.__dataclass_fields__))
    if unknown:
        raise unknown_argument(unknown[0], function, more[unknown[0]])
    refuse_while_one_runs()
    stopped.refuse_rest_of_cell()
    request = Request(
        subject=function,
        items=items,
        workers=worker_counts(workers),
        backends=specs(backends),
        size=None if size is None else str(size),
        rounds=rounds,
        budget_s=budget_s,
        output=place(output),
        **more,
    )
    with spoken_in_python():
        if request.output is not None:
            return _measure(request, request.output, progress=progress)
        with private_folder() as folder:
            path = folder / "results.jsonl"
            return _measure(replace(request, output=path), path, progress=progress)


def _measure(request: Request, path: Path, *, progress: bool) -> View:
    machine = detect()
    job = make_job(request, machine)
    try:
        with Session(job) as session, Progress(notebook=machine.in_kernel, silent=not progress) as bar:
            for event in session.events():
                bar.show(event)
    except KeyboardInterrupt:
        stopped.note_sweep()
        try:
            view = View.read(path)
        except ResultFileError:  # not begun, or its first line is not whole
            message = "Stopped before the first trial had finished: nothing was measured."
            raise InterruptedSweepError(message) from None
        if not view.results.complete_rounds:
            message = "Stopped before the first round was complete: there is nothing to compare yet."
            raise InterruptedSweepError(message) from None
        return view
    return View.read(path)
