"""Which trials a round has, and in which order."""

from dataclasses import replace

import pytest

from parlab.errors import InputError
from parlab.measure.plan import SERIAL, checks, configurations, in_round, with_tasks
from parlab.records import Configuration, Sweep

SWEEP = Sweep("primes", "small", 64, ("serial", "threads", "processes"), (1, 2, 4), 7, None)
WEAK = replace(SWEEP, weak=True, tasks=10)


def test_every_engine_at_every_worker_count() -> None:
    """Each backend but the plain loop stands there once for each worker count."""
    work = [one for one in configurations(SWEEP, 4, with_ceiling=False) if one.role == "parallel"]
    assert [(b, w) for b in ("threads", "processes") for w in (1, 2, 4)] == [(one.backend, one.workers) for one in work]


def test_the_ceiling_ends_at_the_usable_cores() -> None:
    """The ceiling is measured from 2 workers up to the cores that are ours."""
    found = [one.workers for one in configurations(SWEEP, 2, with_ceiling=True) if one.role == "ceiling"]
    assert [2] == found


def test_no_ceiling_for_the_loop_alone() -> None:
    """A sweep of the plain loop has nothing that a ceiling could be held against."""
    assert [] == configurations(replace(SWEEP, backends=("serial",)), 2, with_ceiling=True)


def test_a_round_lies_between_two_serial_trials() -> None:
    """The plain loop opens and closes a round; everything else stands between, once."""
    between = configurations(SWEEP, 4, with_ceiling=True)
    order = in_round(between, SWEEP, 0, 0)
    assert [SERIAL, SERIAL] == [order[0], order[-1]]
    assert sorted(between, key=str) == sorted(order[1:-1], key=str)


def test_rounds_are_shuffled_differently_and_repeatably() -> None:
    """The order depends on seed, session and round alone."""
    between = configurations(SWEEP, 4, with_ceiling=True)
    orders = [in_round(between, SWEEP, session, number) for session in (0, 1) for number in range(3)]
    assert len(orders) == len({tuple(order) for order in orders})
    assert orders[0] == in_round(between, SWEEP, 0, 0)


def test_checks_run_each_engine_at_its_widest() -> None:
    """Answers are verified once for each backend, with the most workers, after the plain loop."""
    wide = [Configuration("parallel", "threads", 4), Configuration("parallel", "processes", 4)]
    assert [(SERIAL, 64), *((one, 64) for one in wide)] == checks(SWEEP)


def test_weak_checks_know_the_answer_of_every_amount_of_work() -> None:
    """Under weak scaling the loop is run once for each worker count's work, before the engines at their widest."""
    loops = [(SERIAL, 10), (SERIAL, 20), (SERIAL, 40)]
    wide = [(Configuration("parallel", name, 4), 40) for name in ("threads", "processes")]
    assert [*loops, *wide] == checks(WEAK)


def test_weak_checks_of_the_loop_alone() -> None:
    """Without an engine there is no other work than the loop's own."""
    assert [(SERIAL, 10)] == checks(replace(WEAK, backends=("serial",)))


@pytest.mark.parametrize(
    ("role", "workers", "weak", "tasks"),
    [
        ("parallel", 1, True, 10),
        ("parallel", 4, True, 40),
        ("serial", 1, True, 10),
        ("ceiling", 4, True, 10),
        ("parallel", 4, False, 10),
    ],
)
def test_work_grows_with_the_workers_under_weak_scaling_alone(role, workers: int, *, weak: bool, tasks: int) -> None:
    """A parallel trial has the loop's tasks for each of its workers; anything else has the loop's."""
    configuration = Configuration(role, "threads", workers)
    assert tasks == replace(WEAK, weak=weak).tasks_of(configuration)
    assert replace(WEAK, weak=weak, tasks=None).tasks_of(configuration) is None


def test_the_widest_trial_decides_how_much_is_needed() -> None:
    """Under weak scaling the most workers need the most items."""
    assert (40, 10, 0) == tuple(
        one.widest_tasks for one in (WEAK, replace(WEAK, weak=False), replace(WEAK, tasks=None))
    )


@pytest.mark.parametrize(
    ("weak", "wanted", "available", "tasks"),
    [
        (False, None, 13, 13),
        (False, 5, 13, 5),
        (False, 20, 13, 13),
        (True, None, 13, 3),  # 4 workers get 3 each, and one item is left over
        (True, None, 4, 1),
        (True, 2, 13, 2),
        (True, 10, 13, 3),
    ],
)
def test_items_are_shared_out(*, weak: bool, wanted: int | None, available: int, tasks: int) -> None:
    """Never more than there are, and under weak scaling as many for each worker as the most workers leave."""
    assert tasks == with_tasks(replace(SWEEP, weak=weak, tasks=wanted), available).tasks


def test_too_few_items_for_the_workers() -> None:
    """Weak scaling needs an item for each worker; the error has both numbers and the ways out."""
    with pytest.raises(InputError, match=r"3 items are too few for 4 workers. Give more items, .*or fewer --workers"):
        with_tasks(replace(WEAK, tasks=None), 3)
