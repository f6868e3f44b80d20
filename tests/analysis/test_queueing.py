"""The queue that is played agrees with what can be worked out by hand."""

from math import ceil

import numpy as np
import pytest

from parlab.analysis.queueing import in_messages, play


def once(work_s, workers: int, sending_s: float = 0.0, travelling_s: float = 0.0):
    """Play one variant."""
    return play(np.array([work_s], float), workers, np.array([sending_s]), np.array([travelling_s]))


@pytest.mark.parametrize(("messages", "workers"), [(1, 1), (7, 1), (12, 4), (13, 4), (3, 8), (64, 16)])
def test_equal_messages_go_in_rounds(messages: int, workers: int) -> None:
    """n workers take ceil(k / n) times message and way, when the parent needs no time of its own."""
    played = once([2.0] * messages, workers, travelling_s=0.5)
    assert pytest.approx(ceil(messages / workers) * 2.5) == played.elapsed_s[0]


@pytest.mark.parametrize("workers", [1, 2, 5, 40])
def test_a_slow_parent_decides(workers: int) -> None:
    """Where sending takes longer than the work, k messages take k times sending, and the last one's work."""
    played = once([0.1] * 30, workers, sending_s=1.0)
    waits = 0.1 if workers > 1 else 30 * 0.1
    assert pytest.approx(30 * 1.0 + waits) == played.elapsed_s[0]


def test_workers_start_one_after_the_other() -> None:
    """The parent hands out one message at a time: the n-th worker begins n sendings after the start."""
    assert pytest.approx(4 * 0.25 + 10.0) == once([10.0] * 4, 4, sending_s=0.25).elapsed_s[0]


def test_it_lies_between_the_bounds_of_list_scheduling() -> None:
    """Not under the mean work and the longest message; at most (1 - 1/n) of the longest above the mean (Graham)."""
    work_s = np.random.default_rng(1).lognormal(0, 1.5, size=(200, 37))
    nothing = np.zeros(200)
    for workers in (1, 2, 7, 36):
        played = play(work_s, workers, nothing, nothing)
        mean_s, longest_s = work_s.sum(axis=1) / workers, work_s.max(axis=1)
        assert np.all(played.elapsed_s >= np.maximum(mean_s, longest_s) * (1 - 1e-12))
        assert np.all(played.elapsed_s <= mean_s + (1 - 1 / workers) * longest_s + 1e-9)


def test_a_long_last_task_leaves_the_others_idle() -> None:
    """Two workers, 1 s, 1 s, 1 s, then 5 s: 6 s in all, and 4 s of idle tail."""
    played = once([1, 1, 1, 5], 2)
    assert (6.0, 8.0, 0.0, 4.0) == tuple(
        one[0] for one in (played.elapsed_s, played.work_s, played.dispatch_s, played.tail_s)
    )


def test_all_worker_seconds_are_told() -> None:
    """Work, dispatch and tail add up to workers x time."""
    work_s = np.random.default_rng(2).exponential(size=(50, 20))
    played = play(work_s, 3, np.full(50, 0.1), np.full(50, 0.2))
    assert np.allclose(3 * played.elapsed_s, played.work_s + played.dispatch_s + played.tail_s)


def test_messages_carry_tasks_in_a_row() -> None:
    """Seven tasks in messages of three: the last one has one."""
    assert [[3.0, 12.0, 6.0]] == in_messages(np.array([[0.0, 1, 2, 3, 4, 5, 6]]), 3).tolist()


def test_what_is_no_queue_is_refused() -> None:
    """No worker, and time that runs backwards or is none."""
    with pytest.raises(ValueError, match="at least one worker"):
        once([1.0], 0)
    for wrong in (-1.0, float("nan")):
        with pytest.raises(ValueError, match="from 0 up"):
            once([wrong], 2)
