"""Says in numbers what each chart shows, for those who cannot see it. It draws nothing and works nothing out.

A kind of chart that has no text here still gets one: what kind it is, and that the tables have the numbers.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING

from parlab.analysis.areas import WORDS
from parlab.analysis.gil import waits_for_gil
from parlab.analysis.scaling import LAWS
from parlab.fitted import outlook, parameter_cells
from parlab.report.content import widest
from parlab.report.words import counted, crew
from parlab.tables import seconds, size

if TYPE_CHECKING:
    from parlab.analysis.summary import Row, Summary
    from parlab.report.content import Content

_LONGEST = 1500  # letters that a screen reader reads in about a minute and a half
_SEEN = 0.01  # a part of the time below this share is not read out
_MOST_LANES = 16
_CUT = " … The tables of this page have all numbers."


def alternative(kind: str, content: "Content") -> str:
    """Describe a chart of this sweep.

    Parameters
    ----------
    kind
        One of ``parlab.plots.KINDS``.
    content
        What the report shows.
    """
    title, sentences = _KINDS.get(kind, (kind, _nothing))
    return _described(title, content.summary.workload, sentences(content))


def speedup_alternative(summary: "Summary") -> str:
    """Describe the speedup chart of a summary, which may be of a sweep that still runs."""
    return _described(_KINDS["speedup"][0], summary.workload, _speedups(summary))


def _described(title: str, workload: str, sentences: Iterable[str]) -> str:
    said = [one for one in sentences if one]
    text = f"Chart: {title} of {workload}. {' '.join(said) or 'The tables have its numbers.'}"
    return text if len(text) <= _LONGEST else text[: _LONGEST - len(_CUT)].rpartition(" ")[0] + _CUT


def _nothing(_content: "Content") -> Iterator[str]:
    yield from ()


def _by_backend(rows: Iterable[tuple[str, int, str | None]]) -> Iterator[str]:
    """Join values of each backend: ``threads: 1.00 with 1 worker, 2.00 with 2 workers``."""
    found: dict[str, list[str]] = defaultdict(list)
    for backend, workers, value in rows:
        if value is not None:
            found[backend].append(f"{value} with {counted(workers, 'worker')}")
    for backend, values in found.items():
        yield f"{backend}: {', '.join(values)}."


def _engines(content: "Content") -> list["Row"]:
    return _engines_of(content.summary)


def _engines_of(summary: "Summary") -> list["Row"]:
    return [row for row in summary.rows if row.backend != "serial"]


def _speedup(content: "Content") -> Iterator[str]:
    yield from _speedups(content.summary)


def _speedups(summary: "Summary") -> Iterator[str]:
    rows = _engines_of(summary)
    yield from _by_backend((row.backend, row.workers, _with_ends(row, 1, "{:.2f}")) for row in rows)
    ceilings = {row.workers: row.ceiling for row in rows if row.ceiling is not None}
    yield from _by_backend(("this machine's ceiling", workers, f"{one:.2f}") for workers, one in ceilings.items())


def _efficiency(content: "Content") -> Iterator[str]:
    rows = _engines(content)
    yield from _by_backend((row.backend, row.workers, _with_ends(row, row.workers, "{:.0%}")) for row in rows)


def _with_ends(row: "Row", over: int, form: str) -> str | None:
    if row.speedup is None:
        return None
    text = form.format(row.speedup / over)
    if row.speedup_low is None or row.speedup_high is None:
        return text
    return f"{text} ({form.format(row.speedup_low / over)} to {form.format(row.speedup_high / over)})"


def _startup(content: "Content") -> Iterator[str]:
    rows = ((row.backend, row.workers, row.startup_s) for row in _engines(content))
    yield from _by_backend((backend, workers, seconds(one)) for backend, workers, one in rows if one is not None)


def _time(content: "Content") -> Iterator[str]:
    areas = () if isinstance(content.explanation, str) else content.explanation.areas
    whole = all(row.whole is not None for row in areas)
    for row in areas:
        area = row.whole if whole and row.whole is not None else row.map
        shares = [f"{WORDS[name]} {share:.0%}" for name, share in area.shares.items() if abs(share) >= _SEEN]
        yield f"{crew(row.backend, row.workers)}: {', '.join(shares)} of {area.total_s:.3g} worker-seconds."


def _timeline(content: "Content") -> Iterator[str]:
    import numpy as np

    from parlab.plots.spans import choose, read_bars

    one = widest(content)
    if one is None:
        return
    trial, _ = choose(content.results, one.backend, one.workers, None)
    bars = read_bars(trial)
    yield f"{crew(one.backend, one.workers)}, {counted(trial.tasks, 'task')} in {seconds(trial.map_s)}."
    for lane in range(min(bars.crew, _MOST_LANES)):
        mine = bars.worker == lane
        busy_s = float(np.sum(bars.finished[mine] - bars.started[mine]))
        yield f"Worker {lane}: {counted(int(mine.sum()), 'task')}, {seconds(busy_s)} inside tasks."
    if bars.lost:
        yield f"{counted(len(bars.lost), 'task')} lost."


def _break_even(content: "Content") -> Iterator[str]:
    one = widest(content)
    rows = () if isinstance(content.explanation, str) else content.explanation.break_even
    for row in rows:
        if one is not None and (row.backend, row.workers) == (one.backend, one.workers):
            waits = waits_for_gil(row.backend, row.workers, content.summary.gil)
            what = "for a message, or the GIL, a thread waits" if waits else "a message costs"
            yield f"{crew(row.backend, row.workers)}: {what} {seconds(row.cost.message_cost_s)}."
            yield f"Tasks of {seconds(row.duration_s)}, sent alone, are half efficient."
            yield f"The tasks of this sweep take {seconds(row.task_s)}."
            if row.chunksize is not None:
                yield f"The chunk size that fits them is {row.chunksize}."


def _laws(content: "Content") -> Iterator[str]:
    one = widest(content)
    fits = None if one is None else content.fits.get(one.backend)
    if one is None or fits is None or isinstance(fits, str):
        return
    points = (
        f"{value:.4g} with {workers}" for workers, value in zip(fits.points.workers, fits.points.values, strict=True)
    )
    yield f"{one.backend}, measured: {', '.join(points)} workers."
    for law, fit in fits.fits.items():
        numbers = ", ".join(f"{name} {value} ({interval})" for name, value, interval, _ in parameter_cells(fit))
        yield f"{LAWS[law].title}: {numbers}. {outlook(fit) or ''}".strip()
    if fits.refusals:
        yield f"Not fitted: {', '.join(fits.refusals)}."


def _memory(content: "Content") -> Iterator[str]:
    for one in content.results.memory:
        who = "plain loop" if one.role == "serial" else crew(one.backend, one.workers)
        yield f"{who}: parent {size(one.parent_uss_bytes)}, all workers {size(one.workers_uss_bytes)}."


_KINDS: Mapping[str, tuple[str, Callable[["Content"], Iterator[str]]]] = {
    "speedup": ("speedup against workers", _speedup),
    "efficiency": ("efficiency against workers", _efficiency),
    "time": ("where each worker's time went", _time),
    "timeline": ("the timeline of one trial", _timeline),
    "break-even": ("how long tasks must be", _break_even),
    "laws": ("scaling laws", _laws),
    "startup": ("time until every worker had answered", _startup),
    "memory": ("memory at its peak", _memory),
}
