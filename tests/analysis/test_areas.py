"""Where the time went, on traces made by hand: every worker-second is in the part that it belongs to."""

import json
from dataclasses import replace
from math import fsum
from typing import Any

import pytest
from builders import FAILURE, WORKER, make_results, parallel, serial
from hypothesis import given
from hypothesis import strategies as st
from traces import loop, round_of, spans_of, traced

from parlab.analysis.areas import MEANINGS, WORDS, Area, areas_of, of_map, of_trial
from parlab.errors import ResultFileError
from parlab.records import Trial

FOUR = loop(1.0, 1.0, 1.0, 1.0)
PERFECT = [[(0.0, 1.0), (1.0, 2.0)], [(0.0, 1.0), (1.0, 2.0)]]


def area_of(trial: Trial, *loops: Trial) -> Area:
    area = of_map(trial, loops or (FOUR, FOUR))
    assert area is not None
    return area


def parts_of(area: Area) -> dict[str, float]:
    """Return the parts that are not zero, without the dust of rounding."""
    return {name: round(seconds, 9) for name, seconds in area.parts.items() if abs(seconds) > 1e-9}


def test_a_perfect_trial_is_all_useful() -> None:
    """Two workers that do four seconds of work in two seconds have no other part."""
    area = area_of(traced(2.0, PERFECT))
    assert {"useful": 4.0} == parts_of(area)
    assert (1.0, 0.0, True) == (area.useful_share, area.residual_share, area.adds_up)


def test_imbalance_is_the_idle_tail() -> None:
    """A worker that is done, while the other is in the last and longest task, is idle when no task remains."""
    area = area_of(traced(4.0, [[(0.0, 1.0), (1.0, 4.0)], [(0.0, 1.0)]]), loop(1.0, 3.0, 1.0))
    assert {"useful": 5.0, "tail": 3.0} == parts_of(area)
    assert 0.0 == area.returning_s


def test_gaps_while_tasks_remain_are_transfer() -> None:
    """A quarter of a second before each of four tasks, and nothing after the last: dispatch and transfer."""
    lanes = [[(0.25, 1.25), (1.5, 2.5)], [(0.25, 1.25), (1.5, 2.5)]]
    assert {"useful": 4.0, "transfer": 1.0} == parts_of(area_of(traced(2.5, lanes)))


def test_the_way_back_of_the_last_results_is_in_the_tail_and_told() -> None:
    """After the last task all workers are idle: it is tail, and told apart from the wait for the longest task."""
    area = area_of(traced(4.5, [[(0.0, 1.0), (1.0, 4.0)], [(0.0, 1.0)]]), loop(1.0, 3.0, 1.0))
    assert {"useful": 5.0, "tail": 4.0} == parts_of(area)
    assert 1.0 == area.returning_s


def test_a_worker_without_a_task_is_idle_all_the_time() -> None:
    """While another still gets tasks it could have had one, afterwards nothing is left: transfer, then tail."""
    area = area_of(traced(4.0, [[(0.0, 1.0), (1.0, 4.0)], []]), loop(1.0, 3.0))
    assert {"useful": 4.0, "transfer": 1.0, "tail": 3.0} == parts_of(area)


def test_tasks_in_a_message_that_has_begun_are_nobody_elses() -> None:
    """Four tasks in one message keep one worker busy; the other waits for nothing that it could get: tail."""
    lanes = [[(0.0, 1.0), (1.0, 2.0), (2.0, 3.0), (3.0, 4.0)], []]
    assert {"useful": 4.0, "tail": 4.0} == parts_of(area_of(traced(4.0, lanes, chunk=[0, 0, 0, 0])))


def test_waiting_is_wall_without_cpu() -> None:
    """Tasks that take a second and a quarter of CPU time wait for the rest."""
    quarter = loop(0.25, 0.25, 0.25, 0.25)
    area = area_of(traced(2.0, PERFECT, cpu_s=[0.25] * 4), quarter)
    assert {"useful": 1.0, "waiting": 3.0} == parts_of(area)


def test_inflation_is_cpu_beyond_the_loops() -> None:
    """Tasks that took a second here and half a second in the plain loop have cost twice the CPU time."""
    area = area_of(traced(2.0, PERFECT), loop(0.5, 0.5, 0.5, 0.5))
    assert {"useful": 2.0, "inflation": 2.0} == parts_of(area)


def test_inflation_may_be_negative() -> None:
    """A faster clock than in the plain loop is shown as what it is: useful time above the area, inflation below 0."""
    area = area_of(traced(2.0, PERFECT), loop(1.5, 1.5, 1.5, 1.5))
    assert {"useful": 6.0, "inflation": -2.0} == parts_of(area)


def test_waiting_may_be_negative() -> None:
    """A task that uses two cores at once, as BLAS can, takes more CPU time than wall time."""
    two = loop(2.0, 2.0, 2.0, 2.0)
    area = area_of(traced(2.0, PERFECT, cpu_s=[2.0] * 4), two)
    assert {"useful": 8.0, "waiting": -4.0} == parts_of(area)


def test_useful_is_taken_task_by_task_from_both_brackets() -> None:
    """Each task has its own cost in the loop, and a cost that changed from one bracket to the other is averaged."""
    trial = traced(3.0, [[(0.0, 3.0)], [(0.0, 1.0)]])
    area = area_of(trial, loop(3.0, 1.0), loop(2.0, 2.0))
    assert {"useful": 4.0, "tail": 2.0} == parts_of(area)
    half = replace(trial, spans={**spans_of([[(0.0, 3.0)]]), "task": [0]})
    assert 2.5 == area_of(half, loop(3.0, 1.0), loop(2.0, 2.0)).useful_s


def test_weak_scaling_takes_the_mean_cost_of_a_task() -> None:
    """With more tasks than the plain loop had, each counts with the loop's mean."""
    area = area_of(traced(2.0, PERFECT), loop(0.25, 0.75))
    assert {"useful": 2.0, "inflation": 2.0} == parts_of(area)


def test_startup_is_part_of_the_whole_trial_alone() -> None:
    """Half a second to open and half to close, for both workers; warm-up is in neither area."""
    trial = traced(2.0, PERFECT, trial={"warm_up_s": 7.0})
    whole = of_trial(trial, (FOUR, FOUR))
    assert whole is not None
    assert {"useful": 4.0, "startup": 2.0} == parts_of(whole)
    assert (3.0, 6.0, pytest.approx(1 / 3)) == (whole.elapsed_s, whole.total_s, whole.startup_share)
    assert 0.0 == area_of(trial).startup_s


def test_overlap_is_residual() -> None:
    """One worker in two tasks at once: both count as work, the time only once as busy, the difference shows."""
    area = area_of(traced(2.0, [[(0.0, 1.0), (0.5, 1.5)], [(0.0, 1.0), (1.0, 2.0)]]))
    assert {"useful": 4.0, "tail": 0.5, "residual": -0.5} == parts_of(area)
    assert not area.adds_up


def test_a_task_outside_of_its_trial_is_residual() -> None:
    """A clock offset that puts a task before the start of map shows, and makes no idle time."""
    area = area_of(traced(2.0, [[(-0.5, 0.5), (0.5, 2.0)]], cpu_s=[1.0, 1.5]), loop(1.0, 1.5))
    assert {"useful": 2.5, "residual": -0.5} == parts_of(area)


def test_lost_tasks_leave_idle_time_unknown() -> None:
    """What a lost worker did is in no span: it is residual, and does not pass for idleness."""
    spans = spans_of([[(0.0, 1.0)], [(0.0, 1.0), (0.0, 0.0)]], started_s=[0.0, 0.0, None], finished_s=[1.0, 1.0, None])
    trial = parallel(2.0, spans=spans, tasks=3, crew=(WORKER,) * 3, failures=(replace(FAILURE, lost=True),))
    area = area_of(trial, loop(1.0, 1.0, 1.0))
    assert {"useful": 2.0, "residual": 2.0} == parts_of(area)
    assert (None, None, None) == (area.transfer_s, area.tail_share, area.returning_s)


def test_replaced_workers_leave_idle_time_unknown() -> None:
    """More workers than places: while one was replaced nobody could have been idle."""
    area = area_of(traced(2.0, PERFECT, trial={"crew": (WORKER,) * 3}))
    assert (None, None) == (area.transfer_s, area.tail_s)


def test_a_coarse_cpu_clock_leaves_the_time_inside_tasks_in_one() -> None:
    """Without CPU times useful work, inflation and waiting are not told apart, and nothing is made up."""
    area = area_of(traced(3.0, [[(0.0, 1.0), (1.0, 3.0)], [(0.0, 1.0)]], cpu_s=[None] * 3))
    assert {"tasks": 4.0, "tail": 2.0} == parts_of(area)
    assert (None, None, None) == (area.useful_s, area.inflation_share, area.waiting_s)
    silent = loop(1.0, 1.0)
    silent = replace(silent, spans={**(silent.spans or {}), "cpu_s": [None, None]})
    assert "tasks" in area_of(traced(2.0, PERFECT), FOUR, silent).parts


@pytest.mark.parametrize(
    "trial",
    [
        parallel(1.0, spans=None),
        parallel(1.0, spans=spans_of([])),
        traced(1.0, [[(0.0, 1.0)]], started_s=[None], finished_s=[None]),
        traced(0.0, [[(0.0, 1.0)]]),
        replace(traced(1.0, [[(0.0, 1.0)]]), map_s=None),
    ],
    ids=["no spans", "no tasks", "no times", "no duration", "no map"],
)
def test_what_has_no_area(trial: Trial) -> None:
    """Without spans, times or a duration there is nothing to take apart."""
    assert None is of_map(trial, (FOUR, FOUR))
    assert None is of_trial(trial, (FOUR, FOUR))


def test_an_unknown_start_leaves_the_whole_unknown() -> None:
    """A trial that was not closed has an area of map and none of the whole."""
    trial = replace(traced(2.0, PERFECT), close_s=None)
    assert None is of_trial(trial, (FOUR, FOUR))
    assert 4.0 == area_of(trial).useful_s


@st.composite
def tidy_trials(draw: Any) -> Trial:
    """Draw workers that do one task after the other, with gaps, inside their trial."""
    moments = st.floats(0.0, 10.0)
    lanes = []
    for _ in range(draw(st.integers(1, 4))):
        edges = sorted(draw(st.lists(moments, max_size=10)))
        lanes.append(list(zip(edges[::2], edges[1::2], strict=False)))
    if not any(lanes):
        lanes[0] = [(0.0, 1.0)]
    tasks = sum(map(len, lanes))
    cpu_s = draw(st.lists(st.floats(0.0, 12.0), min_size=tasks, max_size=tasks))
    chunk = sorted(draw(st.lists(st.integers(0, 3), min_size=tasks, max_size=tasks)))
    return traced(draw(st.floats(10.0, 12.0)), lanes, cpu_s=cpu_s, chunk=chunk)


@given(tidy_trials(), st.lists(st.floats(0.001, 5.0), min_size=1, max_size=8))
def test_the_parts_add_up_to_the_area(trial: Trial, costs: list[float]) -> None:
    """Whatever tidy trace there is, parts sum to workers x elapsed, idle times are not negative, nothing is left."""
    for area in (area_of(trial, loop(*costs)), of_trial(trial, (loop(*costs),))):
        assert area is not None
        assert trial.workers * area.elapsed_s == pytest.approx(fsum(area.parts.values()), rel=1e-12)
        assert 1.0 == pytest.approx(fsum(area.shares.values()), rel=1e-9)
        assert 0.0 == pytest.approx(area.residual_share, abs=1e-9)
        assert area.transfer_s is not None and area.transfer_s >= -1e-9
        assert area.tail_s is not None and area.returning_s is not None
        assert area.tail_s >= area.returning_s - 1e-9 >= -2e-9


@given(tidy_trials(), st.floats(-3.0, 3.0))
def test_the_parts_add_up_with_a_wrong_clock_too(trial: Trial, offset_s: float) -> None:
    """When one worker's clock is off, the sum is still the area: the residual takes what does not fit."""
    spans = dict(trial.spans or {})
    shifted = [offset_s * (worker == 0) for worker in spans["worker"]]
    for name in ("started_s", "finished_s"):
        spans[name] = [time + shift for time, shift in zip(spans[name], shifted, strict=True)]
    area = area_of(replace(trial, spans=spans))
    assert area.total_s == pytest.approx(fsum(area.parts.values()), rel=1e-12)


def test_the_row_is_the_trial_with_the_median_speedup() -> None:
    """The parts of one row are of one trial, the one whose speedup is in the middle; slow rounds do not decide."""
    trials = [
        *round_of(traced(2.0, PERFECT), FOUR, 0),  # speedup 2
        *round_of(traced(4.0, PERFECT), FOUR, 1),  # speedup 1
        *round_of(traced(2.5, PERFECT), FOUR, 2),  # speedup 1.6
    ]
    (row,) = areas_of(make_results(trials))
    assert ("threads", 2, 3, 2, pytest.approx(1.6)) == (row.backend, row.workers, row.rounds, row.round, row.speedup)
    assert (2.5, 3.5) == (row.map.elapsed_s, row.whole and row.whole.elapsed_s)


def test_of_an_even_number_the_lower_middle_one_is_taken() -> None:
    """Two rounds: the slower one stands for both."""
    trials = [*round_of(traced(2.0, PERFECT), FOUR, 0), *round_of(traced(4.0, PERFECT), FOUR, 1)]
    (row,) = areas_of(make_results(trials))
    assert (1, 4.0) == (row.round, row.map.elapsed_s)


def test_rounds_that_give_no_ratio_give_no_area() -> None:
    """A round without its closing bracket, a trial that went wrong, and other work than the loop's are left out."""
    trial = traced(2.0, PERFECT)
    cut = round_of(trial, FOUR)[:-1]
    wrong = round_of(replace(trial, outcome="recovered"), FOUR, 1)
    other = round_of(replace(trial, failures=(FAILURE,)), FOUR, 2)
    untraced = [serial(4.0, tasks=4, round=3), parallel(2.0, tasks=4, round=3), serial(4.0, tasks=4, round=3)]
    assert [] == areas_of(make_results([*cut, *wrong, *other, *untraced]))


def test_rows_are_plain_json() -> None:
    """A row turns into JSON, with seconds and shares of both areas."""
    (row,) = areas_of(make_results(round_of(traced(2.0, PERFECT), FOUR)))
    found = json.loads(json.dumps(row.as_json(), allow_nan=False))
    assert (4.0, 1.0) == (found["map"]["useful_s"], found["map"]["shares"]["useful"])
    assert pytest.approx(1 / 3) == found["whole"]["shares"]["startup"]


def test_the_largest_loss_has_a_name() -> None:
    """Neither work nor what is unexplained is a loss, and a loss must be worth its name."""
    area = area_of(traced(4.0, [[(0.0, 1.0), (1.0, 4.0)], [(0.5, 1.0)]]), loop(1.0, 3.0, 0.5))
    assert {"useful": 4.5, "transfer": 0.5, "tail": 3.0} == parts_of(area)
    assert {"inflation", "waiting", "transfer", "tail", "startup"} == set(area.losses)
    assert ("tail", "tail", None) == (area.largest_loss(), area.largest_loss(3 / 8), area.largest_loss(0.376))
    assert area_of(traced(2.0, PERFECT)).largest_loss() is None
    coarse = replace(area, useful_s=None, inflation_s=None, waiting_s=None, tail_s=None)
    assert "transfer" == coarse.largest_loss(0.05)


def test_every_part_has_words() -> None:
    """Each part that an area can have is named and explained."""
    known, coarse = area_of(traced(2.0, PERFECT)), area_of(traced(2.0, PERFECT, cpu_s=[None] * 4))
    assert set(WORDS) == {*known.parts, *coarse.parts} == set(MEANINGS)


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("started_s", ["soon"] * 4),
        ("cpu_s", [[1.0]] * 4),
        ("worker", [{}] * 4),
        ("finished_s", [10**400] * 4),
        ("finished_s", [1e300] * 4),
    ],
)
def test_spans_that_hold_no_numbers_are_refused(name: str, values: list[Any]) -> None:
    """A file from anybody gets one sentence that names the trial and the column."""
    trial = traced(2.0, PERFECT, **{name: values})
    with pytest.raises(ResultFileError, match=rf"round 0, threads, 2 workers\) hold something in '{name}'"):
        of_map(trial, (FOUR, FOUR))
