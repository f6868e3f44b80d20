"""Runs that are drawn look like the rounds that they are drawn from: items, rounds, and noise that sticks together."""

import numpy as np
import pytest
from plans import trial_of

from parlab.analysis.tasktimes import TaskTimes, task_times
from parlab.analysis.traces import Trace, trace_of


def trace(walls_s) -> Trace:
    found = trace_of(trial_of(walls_s))
    assert found is not None
    return found


def of_rounds(rounds, loop=None) -> TaskTimes:
    return task_times([trace(row) for row in rounds], [float(np.mean(row)) for row in rounds] if loop is None else loop)


def test_rounds_without_noise_come_back_as_they_were() -> None:
    """The same items in the same order, whatever is drawn."""
    drawn = of_rounds([[0.1, 0.4, 0.2]] * 6).draw(np.random.default_rng(0), 5, 3)
    assert np.allclose([[0.1, 0.4, 0.2]] * 5, drawn)


def test_a_slow_round_is_slow_for_all_its_tasks() -> None:
    """Rounds that differ by a factor give runs that differ as a whole; items keep their proportions."""
    times = of_rounds([[0.1, 0.4], [0.11, 0.44], [0.09, 0.36]])
    drawn = times.draw(np.random.default_rng(0), 200, 2)
    assert np.allclose(4, drawn[:, 1] / drawn[:, 0])
    assert drawn[:, 0].std() / drawn[:, 0].mean() > 0.05


def test_stragglers_that_came_together_stay_together() -> None:
    """Three slow tasks in a row of one round are three in a row, anywhere, in what is drawn from it."""
    usual = [0.1] * 20
    slow = usual[:5] + [0.3] * 3 + usual[8:]
    drawn = of_rounds([usual, usual, slow]).draw(np.random.default_rng(0), 300, 20)
    late = drawn / np.median(drawn, axis=1)[:, None] > 1.5
    struck = late[late.any(axis=1)]
    assert 60 < len(struck) < 140
    assert {3} == set(struck.sum(axis=1))
    assert all(np.any(row & np.roll(row, 1) & np.roll(row, 2)) for row in struck)
    assert len({int(row.argmax()) for row in struck}) > 10


def test_another_number_of_tasks_is_drawn_from_the_items() -> None:
    """Nothing is known of more tasks but that they are like these."""
    drawn = of_rounds([[0.1, 0.4]] * 6).draw(np.random.default_rng(0), 10, 500)
    assert {0.1, 0.4} == set(np.round(drawn, 9).ravel())
    assert drawn.mean() == pytest.approx(0.25, rel=0.05)


def test_what_the_plain_loop_says_widens_the_runs() -> None:
    """Where the loop did the same tasks in half the time, runs lie between both, and neither end is left out."""
    drawn = of_rounds([[0.2, 0.2]] * 6, loop=[0.1] * 6).draw(np.random.default_rng(0), 400, 2)[:, 0]
    assert drawn.min() == pytest.approx(0.1, rel=0.05)
    assert drawn.max() == pytest.approx(0.2, rel=0.05)


def test_only_tasks_of_all_rounds_count_and_no_time_is_no_zero() -> None:
    """A task that took no time by the clock gives no division by zero."""
    times = task_times([trace([0.1, 0.0, 0.3]), trace([0.1, 0.0])], [0.1, 0.1])
    assert (2, 2) == times.noise.shape
    assert np.isfinite(times.draw(np.random.default_rng(0), 10, 2)).all()


def test_two_rounds_that_differ_wildly_still_give_numbers() -> None:
    """With two rounds nearly nothing is known of the usual one, and what is drawn is wide and finite."""
    drawn = of_rounds([[1e-9] * 3, [1e6] * 3]).draw(np.random.default_rng(0), 400, 3)
    assert np.isfinite(drawn).all()
    assert (drawn > 0).all()
