"""The first sentence says what came out, and no more than the intervals allow."""

from dataclasses import replace

import pytest
from drawn import finding, row, summary

from parlab.analysis.summary import Row
from parlab.report.headline import headline

LOOP = Row("serial", 1, 7, 0.3, 1.0, None, None, 1.0, 1.0, None, 0.0)


def said(*rows: Row, **fields) -> str:
    return " ".join(headline(replace(summary([LOOP, *rows]), **fields)))


def test_the_best_with_its_interval() -> None:
    """A gain that the interval is sure of is named with the interval, and nothing is said against it."""
    found = said(row("threads", 2, speedup=0.9, speedup_low=0.8, speedup_high=0.95), row("processes", 2))
    assert "Best here: processes with 2 workers, 1.80 times as fast as the plain loop (1.71 to 1.89)." in found
    assert "just as fast" not in found


@pytest.mark.parametrize(
    ("fields", "begins"),
    [
        ({"speedup": 1.1, "speedup_low": 0.9, "speedup_high": 1.2}, "No gain is certain here: pool with 2 workers"),
        ({"speedup": 0.5, "speedup_low": 0.4, "speedup_high": 0.6}, "Nothing was faster than the plain loop here."),
        ({"speedup_low": None, "speedup_high": None, "rounds": 1}, "Highest so far: pool with 2 workers, 1.80 times"),
    ],
)
def test_no_more_than_the_interval_allows(fields, begins: str) -> None:
    """An interval around 1, one below 1, and none at all are no "best"."""
    found = said(row("pool", 2, **fields))
    assert found.startswith(begins)
    assert "Best" not in found


def test_few_rounds_say_how_many() -> None:
    """The reader learns what an interval would take."""
    found = said(row("pool", 2, speedup_low=None, speedup_high=None, rounds=1))
    assert "That is of 1 round; an interval takes 6, so it may be chance." in found


def test_those_that_may_be_just_as_fast_are_named() -> None:
    """By their intervals, the nearest first; when there are many, how many more."""
    near = [row(f"engine{number}", 2, speedup=1.79 - number / 100) for number in range(7)]
    assert "reach into its own: engine0 with 2 workers (1.79) and engine1 with" in said(row("pool", 2), *near[:2])
    assert "engine3 with 2 workers (1.76) and 3 more." in said(row("pool", 2), *near)


def test_startup_that_eats_the_gain() -> None:
    """A learner sees that starting workers for a short job costs more than they bring."""
    found = said(row("pool", 2, speedup_with_startup=0.4))
    assert "With start-up and shut-down counted it is 0.40 times as fast." in found
    assert "cost more than they bring" in found
    assert "With start-up" not in said(row("pool", 2, speedup_with_startup=1.79))


def test_other_words_for_other_sweeps() -> None:
    """A recorded sweep speaks of its machine, a weak one of tasks a second, one with warnings of doubt."""
    label = {"where": "a lab", "when": "2026", "by": "us"}
    assert "Best on that machine:" in said(row("pool", 2), label=label)
    assert "1.80 times as many tasks a second" in said(row("pool", 2), weak=True)
    assert "1 warning below says what to doubt." in said(row("pool", 2), findings=(finding(),))
    assert "2 warnings below say" in said(row("pool", 2), findings=(finding(), finding()))


def test_nothing_to_tell() -> None:
    """No round, no engine, or no engine that came through: the first sentence says it."""
    nothing = row("pool", 2, rounds=0, speedup=None, speedup_low=None, speedup_high=None)
    assert "no round is complete" in said(nothing, rounds=0)
    assert "The plain loop takes 300 ms, the median of 7 rounds. Only the plain loop" in said()
    assert "No backend came through" in said(nothing)
