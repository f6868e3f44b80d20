"""What engines are expected to make of other work, on traces made by hand and against what was recorded."""

from dataclasses import replace

import pytest
from builders import make_results
from recordings import recording
from traces import loop, round_of, traced

from parlab.analysis.choosing import judge
from parlab.analysis.expecting import Work, expected
from parlab.errors import InputError

KEY = (0, 0)
# Two workers, four tasks of 1 s as in the loop, half a second idle before each, a quarter to open and to close.
LANES = [[(0.5, 1.5), (2.0, 3.0)], [(0.5, 1.5), (2.0, 3.0)]]
PLAIN_LOOP = loop(1.0, 1.0, 1.0, 1.0)


def reckon(backend: str, work: Work, **columns) -> float:
    """What one round of this engine lets expect."""
    trial = replace(traced(3.0, LANES, **columns), backend=backend, open_s=0.25, close_s=0.25)
    results = make_results(round_of(trial, PLAIN_LOOP), sweep={"backends": (backend,), "workers": (2,), "rounds": 1})
    return expected(results, work, 2)[backend][KEY]


def test_the_measured_work_is_expected_as_it_was() -> None:
    """The same four tasks: 3 s, and half a second for the start; 4 s in the loop."""
    assert pytest.approx(4 / 3.5) == reckon("processes", Work(1.0, 4))
    assert pytest.approx(4 / 3.5) == reckon("threads", Work(1.0, 4))


def test_longer_tasks_pay_the_same_for_each_message() -> None:
    """10 s each: 10.5 s for a worker's turn, two turns each, and half a second for the start."""
    assert pytest.approx(40 / 21.5) == reckon("processes", Work(10.0, 4))


def test_what_waits_for_the_gil_waits_longer_with_longer_tasks() -> None:
    """Nothing is packed between threads: what they were idle for grows with the work, and the speedup stays."""
    assert pytest.approx(40 / 30.5) == reckon("threads", Work(10.0, 4))


def test_handing_out_a_task_has_its_price_among_threads_too() -> None:
    """The parent takes 0.1 s between two tasks: that stays, however short they are."""
    sent = {"submitted_s": [0.0, 0.1, 0.2, 0.3], "received_s": [1.5, 3.0, 1.5, 3.0]}
    whole_s = 0.5 + 1000 * (0.1 + (0.75 - 0.1) * 0.001)
    assert pytest.approx(1000 * 0.001 / whole_s) == reckon("threads", Work(0.001, 1000), **sent)


def test_one_task_is_never_faster_than_the_loop() -> None:
    """There is nothing to share out."""
    assert reckon("processes", Work(1.0, 1)) < 1


@pytest.mark.parametrize("name", ["recorded:primes-2-cores", "recorded:photos-2-cores"])
def test_recorded_sweeps_are_met(name: str) -> None:
    """For its own work the model gives what was measured, start included, within a tenth."""
    results = recording(name)
    serial = [one for one in results.records if one.role == "serial"]
    work = Work(sum(one.map_s for one in serial) / sum(one.tasks for one in serial), serial[0].tasks)
    reckoned = expected(results, work, 2)
    for one in judge(results, 2, with_startup=True):
        middle = sorted(reckoned[one.engine].values())[len(reckoned[one.engine]) // 2]
        assert pytest.approx(one.speedup.median, rel=0.1) == middle, one.engine


@pytest.mark.parametrize(("task_s", "tasks"), [(0.0, 3), (-1.0, 3), (1.0, 0), (float("nan"), 1), (float("inf"), 1)])
def test_no_work_is_refused(task_s: float, tasks: int) -> None:
    """Tasks take time, and there is one at least."""
    with pytest.raises(InputError, match="is no work"):
        Work(task_s, tasks)


def test_a_sweep_without_traces_is_refused() -> None:
    """So is a worker count that it has not."""
    with pytest.raises(InputError, match="no traced trial with 7 workers"):
        expected(recording("recorded:primes-2-cores"), Work(1.0, 3), 7)
