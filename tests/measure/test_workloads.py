"""Every workload as real trials: the small one gives one answer on every kind of engine, the large one can be begun."""

import os
import pickle
import queue
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from parlab import workloads
from parlab.measure.job import Measured, Order
from parlab.measure.runner import run_trial
from parlab.records import Configuration, Sweep
from parlab.workloads import purchases
from parlab.workloads.base import Workload

BOUND_S = 120.0


@contextmanager
def place_of(workload: Workload, size: int) -> Iterator[str | None]:
    """Provide what a workload needs; nothing for most."""
    if workload.provide is None:
        yield None
        return
    with workload.provide(size, 1) as place:
        yield place


def trial(sweep: Sweep, configuration: Configuration, place: str | None, expected: str | None = None) -> Measured:
    order = Order(sweep, configuration, os.getpid(), sys.path, place=place, expected=expected, check=True)
    return run_trial(order, BOUND_S, queue.SimpleQueue())


@pytest.mark.parametrize("name", workloads.names())
def test_every_engine_gives_the_loops_answer(name: str) -> None:
    """Threads and processes answer what the plain loop answers, bit for bit where no tolerance is stated."""
    workload = workloads.get(name)
    tasks = workload.count("small")
    sweep = Sweep(name, "small", tasks, ("threads", "processes"), (2,), 1, None, seed=1)
    with place_of(workload, tasks) as place:
        loop = trial(sweep, Configuration("serial", "serial", 1), place)
        engines = [
            trial(sweep, Configuration("parallel", backend, 2), place, loop.fingerprint) for backend in sweep.backends
        ]
    assert loop.fingerprint is not None
    assert [tasks] * 3 == [one.tasks for one in (loop, *engines)]
    assert [()] * 3 == [one.failures for one in (loop, *engines)]
    if workload.tolerance == 0:
        assert {loop.fingerprint} == {one.fingerprint for one in engines}


@pytest.mark.parametrize("name", workloads.names())
def test_the_large_size_is_well_formed(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """It has as many items as it says, each can travel, and its first and last task have a value."""
    monkeypatch.setattr(purchases, "CUSTOMERS_PER_PARTITION", 20)  # how many there are is the claim, not how big
    workload = workloads.get(name)
    tasks = workload.count("large")
    with place_of(workload, tasks) as place:
        items = workload.items(tasks, 1, **({} if place is None else {"place": place}))
        values = [workload.task(pickle.loads(pickle.dumps(items[index]))) for index in (0, -1)]
    assert tasks == len(items)
    assert workload.combine(values) is not None
