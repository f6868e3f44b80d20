"""Runs a learner's function as a check does, but watched by this process: where the verdict alone is asked, of many.

The process in between, which ends all when the notebook's dies, costs as much as half of the answers here. Right
answers, interrupts and deaths are tested with it.
"""

import queue
from collections.abc import Callable
from typing import Any

from parlab import segments
from parlab.codec import decode, dumps, encode, loads
from parlab.learn import guard, watching
from parlab.learn.records import Check, Run


def runs(check: Check, function: Callable[..., Any], deadline_s: float | None = None) -> list[Run]:
    """Do what ``watching.runs`` does."""
    job = watching.job_of(check, function, deadline_s)
    try:
        found = guard.watch(job, [queue.SimpleQueue() for _ in job.methods])
    finally:
        segments.sweep_all()
    return [decode(Run, loads(dumps(encode(one)))) for one in found]
