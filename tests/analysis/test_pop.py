"""POP's efficiencies, on traces made by hand, against their definitions worked out by hand."""

import json
from dataclasses import replace

import pytest
from builders import WORKER, make_results, parallel
from hypothesis import given
from hypothesis import strategies as st
from traces import loop, round_of, traced

from parlab.analysis.pop import Pop, metrics_of, pop_rows
from parlab.records import Trial

FOUR = loop(1.0, 1.0, 1.0, 1.0)
PERFECT = [[(0.0, 1.0), (1.0, 2.0)], [(0.0, 1.0), (1.0, 2.0)]]


def metrics(trial: Trial, *loops: Trial) -> Pop:
    found = metrics_of(trial, loops or (FOUR, FOUR))
    assert found is not None
    return found


def test_a_perfect_trial_is_one_everywhere() -> None:
    """Two workers that share four seconds of work in two seconds lose nothing."""
    assert Pop(1.0, 1.0, 1.0, 1.0, 1.0) == metrics(traced(2.0, PERFECT))


def test_each_metric_by_hand() -> None:
    """Useful 3 and 1 seconds of 4: balance 2/3, communication 3/4, parallel 1/2; 2 in the loop: scaling 1/2."""
    found = metrics(traced(4.0, [[(0.0, 3.0)], [(0.0, 1.0)]]), loop(1.0, 1.0))
    assert (pytest.approx(2 / 3), 0.75, 0.5, 0.5, 0.25) == (
        found.load_balance,
        found.communication_efficiency,
        found.parallel_efficiency,
        found.computation_scaling,
        found.global_efficiency,
    )


def test_a_worker_without_a_task_counts_in_the_mean() -> None:
    """One worker of two does everything: a load balance of one half."""
    assert 0.5 == metrics(traced(4.0, [[(0.0, 4.0)], []]), loop(4.0)).load_balance


def test_waiting_is_useful_here() -> None:
    """Useful is wall time: a task that waits is as useful as one that reckons."""
    assert 1.0 == metrics(traced(2.0, PERFECT, cpu_s=[0.0] * 4)).parallel_efficiency


def test_weak_scaling_refers_to_the_same_work() -> None:
    """Twice the loop's tasks, each as long as in the loop, scale by 1."""
    assert 1.0 == metrics(traced(2.0, PERFECT), loop(1.0, 1.0)).computation_scaling


def test_the_brackets_are_averaged() -> None:
    """Loops of three and five seconds are a reference of four."""
    assert 1.0 == metrics(traced(2.0, PERFECT), loop(*[0.75] * 4), loop(*[1.25] * 4)).computation_scaling


@given(st.lists(st.floats(0.01, 5.0), min_size=1, max_size=4), st.floats(5.0, 20.0), st.floats(0.1, 9.0))
def test_they_multiply_upwards(walls: list[float], map_s: float, serial_s: float) -> None:
    """Parallel is balance x communication, global is parallel x scaling, which is the loop's useful time over n x T."""
    found = metrics(traced(map_s, [[(0.0, wall)] for wall in walls]), loop(*[serial_s / len(walls)] * len(walls)))
    assert found.parallel_efficiency == pytest.approx(found.load_balance * found.communication_efficiency)
    assert found.global_efficiency == pytest.approx(found.parallel_efficiency * found.computation_scaling)
    assert serial_s / (len(walls) * map_s) == pytest.approx(found.global_efficiency)


@pytest.mark.parametrize(
    "trial",
    [
        parallel(1.0, spans=None),
        traced(2.0, PERFECT, started_s=[0.0, 1.0, 0.0, None]),
        traced(2.0, PERFECT, trial={"rerun": (1,)}),
        traced(2.0, PERFECT, trial={"crew": (WORKER,) * 3}),
        traced(2.0, [[(1.0, 1.0)], []]),
    ],
    ids=["no spans", "a lost task", "a task ran twice", "a worker replaced", "no time in tasks"],
)
def test_what_has_no_metrics(trial: Trial) -> None:
    """Where a worker's time is not all known, no efficiency is made up."""
    assert None is metrics_of(trial, (FOUR, FOUR))


def test_a_row_is_of_the_trial_with_the_median_speedup() -> None:
    """Three rounds of which the second is the typical one, as JSON."""
    times = (2.0, 4.0, 8.0)
    trials = [one for number, map_s in enumerate(times) for one in round_of(traced(map_s, PERFECT), FOUR, number)]
    (row,) = pop_rows(make_results(trials))
    found = json.loads(json.dumps(row.as_json()))
    assert ("threads", 2, 3, 0.5) == (found["backend"], found["workers"], found["rounds"], found["global_efficiency"])


def test_other_trials_give_no_row() -> None:
    """A lost task leaves its configuration without a row."""
    lost = traced(2.0, PERFECT, started_s=[0.0, 1.0, 0.0, None])
    assert [] == pop_rows(make_results(round_of(replace(lost, tasks=4), FOUR)))
