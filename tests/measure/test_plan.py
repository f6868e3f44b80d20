"""Which trials a round has, and in which order."""

from dataclasses import replace

from parlab.measure.plan import SERIAL, checks, configurations, in_round
from parlab.records import Configuration, Sweep

SWEEP = Sweep("primes", "small", 64, ("serial", "threads", "processes"), (1, 2, 4), 7, None)


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
    assert [SERIAL, *wide] == checks(SWEEP)
