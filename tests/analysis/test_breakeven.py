"""How short a task may be: costs read off traces made by hand, and what follows from a cost by the model."""

import json
from typing import Any

import pytest
from builders import make_results, serial
from hypothesis import given
from hypothesis import strategies as st
from traces import loop, round_of, spans_of, traced

from parlab.analysis.breakeven import (
    FEWEST_CHUNKS,
    GOOD,
    PIPE_BYTES,
    BreakEven,
    Cost,
    break_even,
    break_evens,
    chunk_for,
    efficiency_at,
)
from parlab.records import Trial

FOUR = loop(1.0, 1.0, 1.0, 1.0)
GAPS = [[(0.25, 1.25), (1.5, 2.5)], [(0.25, 1.25), (1.5, 2.5)]]  # a quarter of a second before each of four tasks
CHUNKED = [[(0.5, 1.5), (1.625, 2.625), (3.125, 4.125), (4.25, 5.25)]]  # two messages of two: 0.5 each, 0.125 inside
costs = st.builds(Cost, st.floats(0, 1e-2), st.floats(0, 1e-3), st.floats(0, 1e-3))


def found(trial: Trial, bracket: Trial = FOUR) -> BreakEven:
    (row,) = break_evens(make_results(round_of(trial, bracket), sweep={"workers": (trial.workers,)}))
    return row


def test_the_cost_of_a_message_is_the_idle_time_for_each() -> None:
    """Four messages, a second of idle time while tasks remained: a quarter of a second each. Threads pack nothing."""
    assert Cost(0.25, 0.0, 0.0) == found(traced(2.5, GAPS)).cost


def test_inside_a_message_it_is_the_cost_of_a_task() -> None:
    """What lies between tasks of one message comes again with each task, what lies between messages does not.

    Each of two messages took half a second, of which an eighth is its first task's own cost.

    The step inside the second message comes after the last message has begun: no transfer, but it is in the mean.
    """
    row = found(traced(5.25, CHUNKED, chunk=[0, 0, 1, 1]))
    assert (pytest.approx(0.375), pytest.approx(0.125)) == (row.cost.message_cost_s, row.cost.task_cost_s)


def test_packing_is_the_cost_of_a_task() -> None:
    """With one task a message, packing and unpacking tell how much of the cost is the task's own."""
    trial = traced(2.5, GAPS, pickle_s=[0.0625] * 4, unpickle_s=[0.0625] * 4, sent_bytes=[10] * 4)
    assert (0.125, 0.125) == (found(trial).cost.message_cost_s, found(trial).cost.task_cost_s)


def test_what_the_loop_spends_between_tasks_is_no_cost() -> None:
    """A sixteenth of a second between tasks of the plain loop is on both sides: it is taken off, from either cost."""
    ends = [(place * 1.0625, place * 1.0625 + 1.0) for place in range(4)]
    bracket = serial(4.25, tasks=4, spans=spans_of([ends], chunk=[None] * 4))
    assert (Cost(0.1875, 0.0, 0.0), 1.0625) == ((row := found(traced(2.5, GAPS), bracket)).cost, row.task_s)
    inside = found(traced(5.25, CHUNKED, chunk=[0, 0, 1, 1]), bracket)
    assert (pytest.approx(0.375), pytest.approx(0.0625)) == (inside.cost.message_cost_s, inside.cost.task_cost_s)


def test_more_packing_than_idle_time_leaves_nothing_for_the_message() -> None:
    """The parent packs while workers work, so packing can be more than the idle time; no cost is below zero."""
    trial = traced(2.5, GAPS, pickle_s=[3.0] * 4, unpickle_s=[0.0] * 4)
    assert (0.0, 0.25) == (found(trial).cost.message_cost_s, found(trial).cost.task_cost_s)


def test_messages_larger_than_a_pipe_cost_by_their_bytes() -> None:
    """The bytes of big items pass through the pipe however they are chunked: all is the tasks' own cost."""
    trial = traced(2.5, GAPS, pickle_s=[0.01] * 4, unpickle_s=[0.01] * 4, sent_bytes=[PIPE_BYTES + 1] * 4)
    assert Cost(0.0, 0.25, 0.0) == found(trial).cost


def test_what_cannot_be_told_apart_is_not_told_apart() -> None:
    """Processes of which no packing is known: the two costs stand in one, and no chunk size is made up from it."""
    trial = traced(2.5, GAPS, trial={"backend": "processes"})
    results = make_results(round_of(trial, FOUR), sweep={"backends": ("processes",)})
    (row,) = break_evens(results)
    assert Cost(0.25, None, 0.0) == row.cost
    assert (0.25, None) == (row.duration_s, row.chunksize)
    assert row.reason is not None and "--chunksize 8" in row.reason


def test_the_parents_own_cost_is_seen_before_the_first_result() -> None:
    """Messages sent before anything was back, a hundredth of a second apart; later ones waited for workers."""
    trial = traced(2.5, GAPS, submitted_s=[0.0, 0.01, 0.02, 1.6], received_s=[1.5, 1.5, 2.5, 2.5])
    assert 0.01 == pytest.approx(found(trial).cost.parent_cost_s)


def test_costs_are_the_medians_of_the_rounds() -> None:
    """One slow round of three decides nothing."""
    slow = [[(2.25, 3.25), (5.5, 6.5)], [(2.25, 3.25), (5.5, 6.5)]]
    lanes = [(2.5, GAPS), (6.5, slow), (2.5, GAPS)]
    trials = [one for number, (map_s, lane) in enumerate(lanes) for one in round_of(traced(map_s, lane), FOUR, number)]
    (row,) = break_evens(make_results(trials))
    assert (3, 0.25, 1.0) == (row.rounds, row.cost.message_cost_s, row.task_s)


def test_lost_workers_give_no_cost() -> None:
    """Where idle time is not known, there is no row."""
    trial = traced(2.5, GAPS, trial={"rerun": (0,)})
    assert [] == break_evens(make_results(round_of(trial, FOUR)))


def test_efficiency_by_hand() -> None:
    """Three tasks of 2 in a message that costs 1, and 0.5 for each task: 6 of 8.5; if the parent takes 12, 6 of 12."""
    assert 6 / 8.5 == efficiency_at(2.0, 3, 4, Cost(1.0, 0.5, 0.0))
    assert 0.5 == efficiency_at(2.0, 3, 4, Cost(1.0, 0.5, 3.0))
    assert 6 / 7 == efficiency_at(2.0, 3, 4, Cost(1.0, None, 0.0))
    assert 0.0 == efficiency_at(0.0, 1, 1, Cost(0.0, 0.0, 0.0))


@given(costs, st.integers(1, 64))
def test_at_the_break_even_half_of_the_time_is_work(cost: Cost, workers: int) -> None:
    """Tasks of that duration, one a message, have an efficiency of one half, whichever term of the model decides."""
    trial = traced(2.5, [[(0.0, 1.0)]] * workers)
    row = break_even(trial, cost, 1.0, 1)
    if row.duration_s > 1e-12:
        assert 0.5 == pytest.approx(efficiency_at(row.duration_s, 1, workers, cost))


@given(costs, st.floats(1e-6, 1.0), st.integers(1, 10_000), st.integers(1, 16))
def test_the_chunk_size_keeps_its_promise(cost: Cost, task_s: float, tasks: int, workers: int) -> None:
    """What is advised reaches 90 % and leaves four chunks a worker, one less does not; else there is a reason."""
    chunksize, reason = chunk_for(task_s, tasks, workers, cost)
    assert (chunksize is None) == (reason is not None)
    if chunksize is not None and chunksize > 1:
        assert GOOD <= efficiency_at(task_s, chunksize, workers, cost) + 1e-6
        assert GOOD > efficiency_at(task_s, chunksize - 1, workers, cost) - 1e-6
        assert tasks / chunksize >= FEWEST_CHUNKS * workers


@pytest.mark.parametrize(
    ("task_s", "tasks", "cost", "expected"),
    [
        (1.0, 4, Cost(0.1, 0.0, 0.0), (1, None)),
        (1e-3, 1000, Cost(1e-3, 0.0, 0.0), (9, None)),  # 9 ms of work for each message of 1 ms
        (1e-3, 1000, Cost(0.0, 1e-3, 0.0), (None, "each task's own way")),
        (1e-3, 60, Cost(1e-3, 0.0, 0.0), (None, "it takes chunks of 9, and 60 tasks for 2 workers")),
        (1e-3, 72, Cost(1e-3, 0.0, 0.0), (9, None)),
        (1e-3, 1000, Cost(0.0, 0.0, 5e-3), (9, None)),  # two workers, so 10 ms for the parent
        (1e-3, 1000, Cost(1e-3, None, 0.0), (None, "not told apart")),
        (0.0, 1000, Cost(1e-3, 0.0, 0.0), (None, "each task's own way")),
    ],
)
def test_chunk_sizes_by_hand(task_s: float, tasks: int, cost: Cost, expected: tuple[Any, Any]) -> None:
    """The chunk size for two workers, or the reason why there is none."""
    chunksize, reason = chunk_for(task_s, tasks, 2, cost)
    assert expected[0] == chunksize
    assert (expected[1] or "") in (reason or "")


def test_rows_are_plain_json() -> None:
    """Costs stand beside the other numbers."""
    plain = json.loads(json.dumps(found(traced(2.5, GAPS)).as_json(), allow_nan=False))
    assert (0.25, 0.25, "threads") == (plain["message_cost_s"], plain["duration_s"], plain["backend"])
