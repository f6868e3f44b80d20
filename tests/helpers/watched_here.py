"""Runs a learner's function as a check does, but watched by this process: where the verdict alone is asked, of many.

The process in between, which ends all when the notebook's dies, costs as much as half of the answers here. Right
answers, interrupts and deaths are tested with it.
"""

import queue
from collections.abc import Callable
from typing import Any

from parlab import segments
from parlab.codec import decode, dumps, encode, loads
from parlab.learn import watching
from parlab.learn.guard import Watched
from parlab.learn.records import Check, Run


def runs(check: Check, function: Callable[..., Any], deadline_s: float | None = None) -> list[Run]:
    """Do what ``watching.runs`` does."""
    job = watching.job_of(check, function, deadline_s)
    watched: list[Watched] = []
    try:
        watched.extend(Watched(job, method, queue.SimpleQueue()) for method in job.methods)  # one by one
        return [decode(Run, loads(dumps(encode(one.run())))) for one in watched]
    finally:
        for one in watched:
            one.end()
        segments.sweep_all()
