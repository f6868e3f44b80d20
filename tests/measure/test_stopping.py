"""When a sweep knows enough: the decision after each round, on ratios and on trials made by hand."""

from collections.abc import Callable

import pytest
from builders import ceiling, make_results, make_round, parallel, serial
from hypothesis import given
from hypothesis import strategies as st

from parlab.analysis.summary import summarise
from parlab.measure.stopping import Watch, settled
from parlab.records import Configuration, Trial

TWO, FOUR = Configuration("parallel", "threads", 2), Configuration("parallel", "threads", 4)
STEADY = [1.9, 2.0, 2.0, 2.0, 2.0, 2.1]


def watched(rounds: list[list[Trial]], *wanted: Configuration, precision: float = 0.06) -> Watch:
    watch = Watch(wanted or (TWO,), precision)
    for trials in rounds:
        watch.add(trials)
    return watch


def with_speedups(*speedups: float, workers: int = 2) -> list[list[Trial]]:
    return [
        make_round(number, (2.0, 2.0), parallel(2.0 / speedup, workers=workers), ceiling(2.0))
        for number, speedup in enumerate(speedups)
    ]


@pytest.mark.parametrize(
    ("values", "precision", "known"),
    [
        (STEADY, 0.051, True),
        (STEADY, 0.049, False),
        ([*STEADY[:-1], 2.3], 0.051, False),  # the farther end counts
        ([1.7, *STEADY[1:]], 0.051, False),
        (STEADY[:5], 0.5, False),  # there is no interval yet
        ([], 0.5, False),
    ],
)
def test_both_ends_are_near_enough(values: list[float], precision: float, *, known: bool) -> None:
    """Each end of the interval lies within the precision's share of the median."""
    assert known is settled(values, precision)


@given(st.lists(st.floats(0.1, 10), max_size=40), st.floats(0.001, 0.4))
def test_a_coarser_wish_is_fulfilled_earlier(values: list[float], precision: float) -> None:
    """Whoever knows a speedup to some precision knows it to a coarser one."""
    assert not settled(values, precision) or settled(values, precision * 1.1)


def test_it_is_surer_than_the_plain_interval() -> None:
    """With nine values the plain 95 % interval leaves out one at each end; one that rounds were ended by does not."""
    values = [1.0, *[2.0] * 7, 3.0]
    assert settled(values, 0.05, confidence=0.95)
    assert not settled(values, 0.05)


def test_every_configuration_must_be_known() -> None:
    """One wide interval keeps the sweep going; ceilings and the loop have none and are not waited for."""
    steady, wide = with_speedups(*STEADY), with_speedups(2, 3, 4, 2, 3, 4, workers=4)
    both = [[*one[:-1], other[1], one[-1]] for one, other in zip(steady, wide, strict=True)]
    others = Configuration("ceiling", "ceiling", 2)
    assert watched(both, TWO, others).settled
    assert not watched(both, TWO, FOUR).settled


def test_without_an_engine_there_is_nothing_to_know() -> None:
    """A sweep of the plain loop alone has no speedup, and is not over before it began."""
    assert not Watch([], 0.05).settled


@pytest.mark.parametrize(
    "spoil",
    [
        lambda trials: trials[:-1],
        lambda trials: [trials[0], parallel(1.0, outcome="lost", round=5), *trials[2:]],
        lambda trials: [*trials[:-1], serial(None, outcome="timed out", round=5)],
    ],
)
def test_rounds_that_give_no_ratio_do_not_count(spoil: Callable[[list[Trial]], list[Trial]]) -> None:
    """A round that was cut off, and one whose trial was lost, make nothing known."""
    rounds = with_speedups(*STEADY)
    assert watched(rounds).settled
    assert not watched([*rounds[:-1], spoil(rounds[-1])]).settled


def test_earlier_rounds_count() -> None:
    """A resumed sweep gives all its earlier trials at once, and is as far as if it had never stopped."""
    rounds = with_speedups(*STEADY)
    assert watched([[trial for trials in rounds[:4] for trial in trials], *rounds[4:]]).settled


def test_it_decides_by_the_interval_that_is_shown() -> None:
    """The summary's interval is as wide as the one that the decision was made by."""
    speedups = (1.7, 1.8, 1.9, 2.0, 2.0, 2.1, 2.2, 2.3, 2.4)
    rounds = with_speedups(*speedups)
    trials = [trial for one in rounds for trial in one]
    row = summarise(make_results(trials, sweep={"precision": 0.2}, ended="precision")).rows[1]
    assert row.speedup_low is not None and row.speedup_high is not None and row.speedup is not None
    share = max(row.speedup_high / row.speedup - 1, 1 - row.speedup_low / row.speedup)
    assert watched(rounds, precision=share + 1e-9).settled
    assert not watched(rounds, precision=share - 1e-9).settled


def test_the_rounds_left_are_guessed() -> None:
    """Intervals get narrower with the root of the number of rounds: 0.05 is 1.92 times 0.026, so 6 become 23."""
    assert None is watched(with_speedups(*STEADY[:5])).rounds_left()
    assert 17 == watched(with_speedups(*STEADY), precision=0.026).rounds_left()
    assert 0 == watched(with_speedups(*STEADY), precision=0.06).rounds_left()
