"""Carries out ``parlab bench`` and ``parlab demo``: starts the sweep, shows progress, prints what came of it."""

import os
import sys
from contextlib import redirect_stdout, suppress
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from parlab import backends
from parlab.analysis.summary import Summary, summarise
from parlab.cli.output import print_result
from parlab.errors import InputError, ParlabError
from parlab.machine import detect
from parlab.measure.request import DEFAULT_FOLDER, Request, make_job
from parlab.measure.session import Session
from parlab.plots import is_ours, save, speedup_chart
from parlab.progress import Progress
from parlab.results import read
from parlab.temporary import private_folder

INTERRUPTED = 130
DEMO_ROUNDS = 7
DEMO_BACKENDS = ("threads", "pool", "processes", "loky")
_AFTER_DEMO = "With options such as --rounds and --resume: parlab bench photos. To learn what this says: parlab lab."


def demo(*, folder: str | None, budget_s: float | None, output: Path | None) -> int:
    """Measure the photographs on every backend that is here."""
    ready = [name for name in DEMO_BACKENDS if backends.get(name).availability() is None]
    request = Request(
        subject="photos",
        output=output,
        backends=ready,
        options={} if folder is None else {"folder": folder},
        rounds=DEMO_ROUNDS,
        budget_s=budget_s,
    )
    machine = detect()
    print(f"This machine: {machine.summary}.")
    print("Making thumbnails of photographs, first in a plain loop, then with workers.\n", flush=True)
    code = bench(request, as_json=False)
    if code == 0:
        print(f"\n{_AFTER_DEMO}")
    return code


def bench(request: Request, *, as_json: bool) -> int:
    """Run a sweep and print its summary.

    Parameters
    ----------
    request
        What to measure. Without an output the result goes to a dated file in ``parlab-results``; with ``as_json`` and
        without an output nothing is kept.
    as_json
        Print the JSON object, and nothing else, to standard output.

    Returns
    -------
    int
        The exit code: 0, or 130 when the user stopped it.
    """
    if request.output is None and request.resume:
        raise InputError("--resume needs --output FILE: which sweep shall go on?")
    if request.output is None and as_json:
        with private_folder() as folder:
            return _run(replace(request, output=folder / "results.jsonl"), as_json=True, chart=None)
    if request.output is None:
        request = replace(request, output=_dated(request.subject), make_folder=True)
    assert request.output is not None  # noqa: S101  # chosen above
    return _run(request, as_json=as_json, chart=_chart_beside(request))


def _run(request: Request, *, as_json: bool, chart: Path | None) -> int:
    assert request.output is not None  # noqa: S101  # bench has chosen one
    with redirect_stdout(sys.stderr):  # a module of the user's that prints while it is imported disturbs no JSON
        job = make_job(request, detect())
    code = 0
    try:
        with Session(job) as session, Progress() as progress:
            for event in session.events():
                progress.show(event)
    except KeyboardInterrupt:
        code = INTERRUPTED
        if not request.output.exists():
            print("parlab: stopped before the first round: nothing was measured", file=sys.stderr)
            return code
        kept = (
            f"what had finished is kept: go on with --output {request.output} --resume" if chart else "nothing is kept"
        )
        print(f"parlab: stopped; {kept}", file=sys.stderr)
    except ParlabError:
        if chart and request.output.exists():
            print(f"parlab: finished trials are kept in {request.output}", file=sys.stderr)
        raise
    try:
        _show(summarise(read(request.output)), request, as_json=as_json, chart=chart)
    except Exception:  # no memory or no room for table and chart: neither was measured in vain
        if chart:
            print(f"parlab: what was measured is kept in {request.output}", file=sys.stderr)
        raise
    return code


def _show(summary: Summary, request: Request, *, as_json: bool, chart: Path | None) -> None:
    print_result(summary, as_json=as_json)
    if not as_json:
        print(f"\nresults: {request.output}")
    if _draw(summary, chart) and not as_json:
        print(f"chart:   {chart}")


def _draw(summary: Summary, chart: Path | None) -> bool:
    """Draw the chart, where there is something to draw: a sweep of the serial loop alone has no speedup."""
    if chart is None:
        return False
    figure = None
    with suppress(InputError):
        figure = speedup_chart(summary)
    if figure is None:
        return False
    save(figure, chart)  # a full disk is said: a chart that is missing without a word would be sought
    return True


def _dated(subject: object) -> Path:
    """Name a new file after the workload and the time; a number follows where that name is taken."""
    name = "".join(letter if letter.isalnum() else "-" for letter in str(subject))
    stem = f"{name}-{datetime.now().astimezone():%Y%m%d-%H%M%S}"
    number, path = 1, DEFAULT_FOLDER / f"{stem}.jsonl"
    while path.exists():
        number += 1
        path = DEFAULT_FOLDER / f"{stem}-{number}.jsonl"
    return path


def _chart_beside(request: Request) -> Path:
    """Put the chart beside the result file; another picture of that name is not overwritten by a new sweep."""
    assert request.output is not None  # noqa: S101  # bench has chosen one
    if not request.output.name or request.output.suffix.lower() in (".png", ".svg"):
        message = f"--output {str(request.output)!r} is no name for a result file. Write results.jsonl, for example."
        raise InputError(f"{message} The chart is put beside it.")
    chart = request.output.with_suffix(".png")
    taken = os.path.lexists(request.output) and not request.resume  # which is said first, with the way on
    if not taken and os.path.lexists(chart) and not (request.resume and is_ours(chart)):
        raise InputError(f"The chart would go to {str(chart)!r}, which exists already. Choose another --output.")
    return chart
