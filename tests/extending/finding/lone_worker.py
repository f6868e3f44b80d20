"""Finds sweeps that gave an engine one worker alone: they show what it costs, and nothing of what it gains."""

from collections.abc import Iterator

from parlab.analysis import lessons
from parlab.records import Finding
from parlab.results import Results


def find_lone_worker(results: Results) -> Iterator[Finding]:
    """Yield one finding where no trial had two workers, although there are cores for them."""
    counts, usable = results.header.sweep.workers, results.header.machine.get("cores_usable")
    if not counts or max(counts) > 1 or not isinstance(usable, int) or usable == 1:
        return
    message = f"No engine had more than 1 worker, and {usable} cores are usable: this shows a cost, and not a gain."
    advice = f"Measure --workers 1,{usable} to see what a second core brings."
    yield Finding("lone-worker", message, advice, {"cores": usable}, "info", lessons.MEASURE)
