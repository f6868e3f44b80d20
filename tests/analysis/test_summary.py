"""The summary of hand-made sweeps, against figures computed by hand."""

import json
from dataclasses import replace
from typing import Any

import pytest
from builders import FAILURE, ceiling, make_results, make_round, make_rounds, parallel, serial

from parlab.analysis.summary import Row, Summary, summarise
from parlab.codec import dumps
from parlab.records import Finding, Trial

ROW_KEYS = [
    "backend",
    "workers",
    "rounds",
    "median_s",
    "speedup",
    "speedup_low",
    "speedup_high",
    "speedup_with_startup",
    "efficiency",
    "ceiling",
    "startup_s",
]

# Serial 1 and 4 seconds: 2 in the geometric mean; 4 and 9: 6; 2 and 8: 4.
THREE = [
    *make_round(0, (4.0, 1.0), parallel(1.0, open_s=0.5, close_s=0.5)),  # 2 / 1 = 2, with start-up 2 / 2 = 1
    *make_round(1, (9.0, 4.0), parallel(2.0, open_s=1.0, close_s=1.0)),  # 6 / 2 = 3, with start-up 6 / 4 = 1.5
    *make_round(2, (8.0, 2.0), parallel(1.0, open_s=0.25, close_s=0.25)),  # 4 / 1 = 4, with start-up 4 / 1.5
]


def rows_of(trials: list[Trial], **fields: Any) -> tuple[Row, ...]:
    return summarise(make_results(trials, **fields)).rows


def row_of(trials: list[Trial], **fields: Any) -> Row:
    """Return the one row that is not the serial one."""
    _, row = rows_of(trials, **fields)
    return row


def test_ratios_are_taken_inside_rounds() -> None:
    """The speedup is the median of the rounds' ratios, each of them to the geometric mean of its own brackets."""
    row = row_of(THREE)
    assert 3.0 == pytest.approx(row.speedup, rel=1e-12)
    assert 1.5 == pytest.approx(row.speedup_with_startup, rel=1e-12)
    assert 1.5 == pytest.approx(row.efficiency, rel=1e-12)
    assert (3, 1.0, 0.5) == (row.rounds, row.median_s, row.startup_s)
    assert ("threads", 2) == (row.backend, row.workers)


def test_the_ratio_of_medians_is_not_taken() -> None:
    """A machine that is slow for a while is slow for both sides: the ratio stays, whatever the rounds' times are."""
    trials = [
        trial
        for number, slow in enumerate((1, 10, 2))
        for trial in make_round(number, (slow, slow), parallel(slow / 2))
    ]
    assert 2.0 == row_of(trials).speedup


def test_the_serial_row() -> None:
    """The first row is the plain loop: the median of the rounds' geometric means, and a speedup of 1 by definition."""
    row = rows_of(THREE)[0]
    assert ("serial", 1, 3, 4.0) == (row.backend, row.workers, row.rounds, pytest.approx(row.median_s))
    assert (1.0, 1.0, 1.0, 0.0) == (row.speedup, row.speedup_with_startup, row.efficiency, row.startup_s)
    assert (None, None, None) == (row.speedup_low, row.speedup_high, row.ceiling)


def test_no_interval_below_six_rounds() -> None:
    """Three rounds give a median and no interval."""
    assert (None, None) == (row_of(THREE).speedup_low, row_of(THREE).speedup_high)


@pytest.mark.parametrize(("rounds", "low", "high"), [(6, 1.0, 6.0), (9, 2.0, 8.0)])
def test_the_interval(rounds: int, low: float, high: float) -> None:
    """With 6 rounds it goes from the smallest ratio to the largest, with 9 from the second to the eighth."""
    trials = [
        trial for number in range(rounds) for trial in make_round(number, (1.0, 1.0), parallel(1.0 / (number + 1)))
    ]
    row = row_of(trials)
    assert (low, high) == pytest.approx((row.speedup_low, row.speedup_high), rel=1e-12)
    assert (rounds + 1) / 2 == pytest.approx(row.speedup, rel=1e-12)


@pytest.mark.parametrize("missing", ["closing bracket", "opening bracket"])
def test_incomplete_rounds_are_left_out(missing: str) -> None:
    """A round that was cut off gives no ratio and no time."""
    cut_off = make_round(3, (100.0, 100.0), parallel(1.0, open_s=50.0))
    cut_off = cut_off[:-1] if missing == "closing bracket" else cut_off[1:]
    assert rows_of(THREE) == rows_of([*THREE, *cut_off])


@pytest.mark.parametrize("outcome", ["lost", "timed out", "error"])
def test_lost_trials_are_left_out(outcome: str) -> None:
    """A trial without a result gives no ratio, though its round is whole; the others' ratios stand."""
    lost = parallel(None, outcome=outcome, open_s=None, close_s=None)
    row = row_of([*THREE, *make_round(3, (1.0, 1.0), lost)])
    assert (3, pytest.approx(3.0), 1.0) == (row.rounds, row.speedup, row.median_s)


def test_a_lost_trial_with_figures_is_left_out() -> None:
    """Also when a lost trial has figures, they count for nothing."""
    lost = parallel(0.001, outcome="lost", open_s=0.001)
    row = row_of([*THREE, *make_round(3, (1.0, 1.0), lost)])
    assert (3, 1.0, 0.5) == (row.rounds, row.median_s, row.startup_s)


def test_a_round_without_its_serial_time_gives_no_ratio() -> None:
    """Where a bracket was lost there is nothing to divide by."""
    opening, between, closing = make_round(3, (1.0, 1.0), parallel(0.001))
    lost = serial(None, outcome="lost", round=3, position=2)
    first, row = rows_of([*THREE, opening, between, lost])
    assert (3, 3) == (first.rounds, row.rounds)
    assert 3.0 == pytest.approx(row.speedup)
    assert (4, 4) == tuple(one.rounds for one in rows_of([*THREE, opening, between, closing]))


def test_sessions_have_rounds_of_their_own() -> None:
    """Rounds of the same number in two sessions are two rounds, each with its own brackets."""
    trials = [
        *make_round(0, (2.0, 2.0), parallel(1.0)),
        *make_round(0, (8.0, 8.0), parallel(2.0), session=1),
    ]
    assert (2, 3.0) == (row_of(trials).rounds, row_of(trials).speedup)


def test_a_round_may_lack_a_configuration() -> None:
    """Configurations are counted each for itself."""
    sweep = {"workers": (2, 4)}
    trials = [
        *make_round(0, (2.0, 2.0), parallel(1.0), parallel(0.5, workers=4)),
        *make_round(1, (2.0, 2.0), parallel(1.0)),
    ]
    assert [2, 2, 1] == [row.rounds for row in rows_of(trials, sweep=sweep)]


def test_the_order_is_that_of_the_sweep() -> None:
    """The serial row first, then the engines as they were asked for, each by worker count; serial stands once."""
    sweep = {"backends": ("threads", "serial", "processes:spawn"), "workers": (1, 4)}
    rows = rows_of(THREE, sweep=sweep)
    expected = [("serial", 1), ("threads", 1), ("threads", 4), ("processes:spawn", 1), ("processes:spawn", 4)]
    assert expected == [(row.backend, row.workers) for row in rows]


def test_engines_are_kept_apart() -> None:
    """A backend with an option is another one than without, and worker counts are not mixed."""
    trials = make_round(
        0,
        (4.0, 4.0),
        parallel(4.0, backend="processes"),
        parallel(2.0, backend="processes:spawn"),
        parallel(1.0, backend="processes", workers=4),
    )
    rows = rows_of(trials, sweep={"backends": ("processes", "processes:spawn"), "workers": (2, 4)})
    assert [1.0, 1.0, 4.0, 2.0, None] == [row.speedup for row in rows]
    assert [1.0, 0.5, 1.0, 1.0, None] == [row.efficiency for row in rows]


class TestCeilings:
    SWEEP = {"workers": (1, 2, 4)}  # noqa: RUF012  # a constant

    def test_the_median_of_the_rounds(self) -> None:
        """The ceiling of a worker count is the median of what its own rounds measured; one worker reaches 1."""
        trials = [
            trial
            for number, speedup in enumerate((1.5, 1.9, 1.8))
            for trial in make_round(number, (2.0, 2.0), ceiling(speedup, 2), ceiling(2 * speedup, 4))
        ]
        assert [None, 1.0, 1.8, 3.6] == [row.ceiling for row in rows_of(trials, sweep=self.SWEEP)]

    def test_unknown_without_a_measurement(self) -> None:
        """Where no ceiling was measured there is none, not even for one worker."""
        assert {None} == {row.ceiling for row in rows_of(make_rounds(3), sweep=self.SWEEP)}

    def test_unknown_beyond_what_was_measured(self) -> None:
        """A worker count beyond the cores has no ceiling."""
        trials = make_round(0, (2.0, 2.0), ceiling(1.9, 2))
        assert [None, 1.0, 1.9, None] == [row.ceiling for row in rows_of(trials, sweep=self.SWEEP)]

    def test_lost_and_incomplete_ones_are_left_out(self) -> None:
        """A lost ceiling trial counts for nothing, nor does one of a round that was cut off."""
        trials = [
            *make_round(0, (2.0, 2.0), ceiling(1.9)),
            *make_round(1, (2.0, 2.0), ceiling(0.1, outcome="lost")),
            *make_round(2, (2.0, 2.0), ceiling(0.2))[:-1],
        ]
        assert 1.9 == rows_of(trials)[1].ceiling

    def test_a_ceiling_is_no_row(self) -> None:
        """What the machine gives stands beside the engines and is none."""
        assert ["serial", "threads"] == [row.backend for row in rows_of(make_round(0, (2.0, 2.0), ceiling(1.9)))]


NOTHING_KNOWN = Row("threads", 2, 0, None, None, None, None, None, None, None, None)


def test_without_a_complete_round_nothing_is_known() -> None:
    """None stands for what is not known, never zero."""
    serial_row, row = rows_of([])
    assert NOTHING_KNOWN == row
    assert Row("serial", 1, 0, None, None, None, None, None, None, None, None) == serial_row
    assert (serial_row, row) == rows_of(make_round(0, (1.0, 1.0), parallel(1.0))[:-1])


def test_a_configuration_that_never_ran() -> None:
    """A row stands there for everything that was asked for, with what is known of it: nothing."""
    assert NOTHING_KNOWN == row_of(make_round(0, (1.0, 1.0)))


@pytest.mark.parametrize("part", ["open_s", "close_s"])
def test_unknown_start_up(part: str) -> None:
    """Where opening or closing was not timed, the speedup with start-up is not known, and that of map is."""
    row = row_of(make_round(0, (2.0, 2.0), parallel(1.0, **{part: None})))
    assert (2.0, None) == (row.speedup, row.speedup_with_startup)
    assert (None if part == "open_s" else 0.5) == row.startup_s


def test_warm_up_is_in_no_figure() -> None:
    """However long the warm-up took, the row is the same."""
    rounds = [make_round(0, (2.0, 2.0), parallel(1.0, warm_up_s=warm_up_s)) for warm_up_s in (0.0, 100.0)]
    assert row_of(rounds[0]) == row_of(rounds[1])


def summary(**fields: Any) -> Summary:
    return summarise(make_results([*THREE, *make_round(3, (1.0, 1.0), ceiling(1.9))], **fields))


def test_the_summary_tells_of_the_sweep() -> None:
    """It carries the workload, the machine, how many rounds were whole, and why the sweep ended."""
    found = summary(ended="budget", machine={"cpu_model": "Deep Thought"})
    assert ("primes", "Deep Thought") == (found.workload, found.machine["cpu_model"])
    assert (4, "budget") == (found.rounds, found.ended)


def test_findings_about_the_file_come_along() -> None:
    """What the reader found stands before what the figures tell."""
    cut = Finding("cut-line", "The file ends in the middle of line 9.", "Use --resume.", {"line": 9})
    found = summary(findings=[cut]).findings
    assert cut == found[0]
    assert "too-few-rounds" in [finding.code for finding in found]


def test_the_json_has_the_documented_keys() -> None:
    """The object that --json prints has these keys, and no others, in this order."""
    found = summary().as_json()
    assert ["workload", "weak", "tasks", "label", "machine", "rows", "findings"] == list(found)
    assert [ROW_KEYS, ROW_KEYS] == [list(row) for row in found["rows"]]
    assert found["findings"]
    for finding in found["findings"]:
        assert ["code", "message", "advice", "evidence", "severity", "notebook"] == list(finding)


@pytest.mark.parametrize("trials", [[], THREE, make_rounds(6), make_round(0, (1.0, 1.0), parallel(None))])
def test_the_json_is_valid(trials: list[Trial]) -> None:
    """What --json prints is JSON without NaN, also where nothing is known, and holds the same figures."""
    found = summarise(make_results(trials)).as_json()
    assert found == json.loads(dumps(found))


def test_the_machine_cannot_be_changed_through_the_summary() -> None:
    """The summary's machine is a copy: who edits it leaves the results as they were."""
    results = make_results(THREE)
    summarise(results).machine["cores_usable"] = 1_000
    assert 4 == results.header.machine["cores_usable"]


def test_a_trial_that_skipped_other_tasks_gives_no_ratio() -> None:
    """Ten of twelve tasks failed only in the workers: what is left is less work, not more speed."""
    failures = tuple(replace(FAILURE, task=task) for task in range(10))
    trials = [one if one.role == "serial" else replace(one, failures=failures) for one in make_rounds(6)]
    row = summarise(make_results(trials)).rows[1]
    assert (0, None) == (row.rounds, row.speedup)


def test_rounds_that_skipped_the_same_tasks_count() -> None:
    """Where the plain loop skipped the same task the work is the same."""
    trials = [replace(one, failures=(FAILURE,)) for one in make_rounds(6)]
    assert 6 == summarise(make_results(trials)).rows[1].rounds


def test_the_share_of_the_ceiling_is_taken_inside_rounds() -> None:
    """A round in which the machine gave half is judged by that half: medians alone would say 2 / 2."""
    trials = [
        *make_round(0, (2.0, 2.0), parallel(1.0), ceiling(2.0)),
        *make_round(1, (2.0, 2.0), parallel(2.0), ceiling(1.0)),
        *make_round(2, (2.0, 2.0), parallel(1.0)),
    ]
    found = summarise(make_results(trials))
    assert [1.0] == list(found.ceiling_shares.values())
    assert (2.0, 1.5) == (found.rows[1].speedup, found.rows[1].ceiling)


def test_a_round_without_a_finished_bracket_is_not_complete() -> None:
    """A serial trial that timed out closes no round."""
    trials = make_rounds(2)
    trials[-1] = replace(trials[-1], outcome="timed out", map_s=None)
    results = make_results(trials)
    assert [(0, 0)] == results.complete_rounds
    assert 1 == summarise(results).rounds


class TestWeakScaling:
    """A loop of 10 tasks against 10 tasks for each worker: the ratio is that of tasks a second."""

    SWEEP = {"weak": True, "tasks": 10, "workers": (1, 2, 4)}  # noqa: RUF012  # a constant

    def rounds(self) -> list[Trial]:
        """The loop does 5 tasks a second, in the second round 10."""
        slow = [parallel(2.5, workers=1, tasks=10), parallel(2.5, tasks=20), parallel(4.0, workers=4, tasks=40)]
        fast = [parallel(1.25, workers=1, tasks=10), parallel(1.0, tasks=20), parallel(2.5, workers=4, tasks=40)]
        trials = [*make_round(0, (4.0, 1.0), *slow), *make_round(1, (1.0, 1.0), *fast)]
        return [replace(one, tasks=10) if one.role == "serial" else one for one in trials]

    def test_the_scaled_speedup(self) -> None:
        """Times are 2 and 1: with 2 workers 2 / 2.5 x 2 = 1.6 and 1 / 1 x 2 = 2, with 4 workers 2 and 1.6."""
        rows = rows_of(self.rounds(), sweep=self.SWEEP)
        assert [1.0, 0.8, 1.8, 1.8] == pytest.approx([row.speedup for row in rows])
        assert [1.0, 0.8, 0.9, 0.45] == pytest.approx([row.efficiency for row in rows])
        assert [1.5, 1.875, 1.75, 3.25] == pytest.approx([row.median_s for row in rows])

    def test_start_up_is_scaled_too(self) -> None:
        """A second of opening and closing: with 2 workers 2 / 3.5 x 2 and 1 / 2 x 2."""
        row = rows_of(self.rounds(), sweep=self.SWEEP)[2]
        assert (8 / 7 + 1) / 2 == pytest.approx(row.speedup_with_startup)

    def test_the_share_of_the_ceiling(self) -> None:
        """A scaled speedup of 1.6 where independent copies reach 2 is four fifths."""
        trials = make_round(0, (2.0, 2.0), parallel(2.5, tasks=20), ceiling(2.0, tasks=2))
        trials = [replace(one, tasks=10) if one.role == "serial" else one for one in trials]
        found = summarise(make_results(trials, sweep=self.SWEEP))
        assert {("threads", 2): pytest.approx(0.8)} == found.ceiling_shares

    def test_equal_times_are_ideal(self) -> None:
        """Work for each worker that takes as long as the loop's is a speedup of n."""
        trials = [replace(one, tasks=30 if one.role == "serial" else 60) for one in make_rounds(6, 2.0, 2.0)]
        row = row_of(trials)
        assert (2.0, 2.0, 2.0, 1.0) == (row.speedup, row.speedup_low, row.speedup_high, row.efficiency)
        assert "superlinear" not in {one.code for one in summarise(make_results(trials)).findings}

    def test_the_summary_says_so(self) -> None:
        """Readers of the object learn that the work grew, and how much of it each worker had."""
        found = summarise(make_results(self.rounds(), sweep=self.SWEEP))
        assert (True, 10) == (found.weak, found.tasks)
        assert (True, 10) == tuple(found.as_json()[name] for name in ("weak", "tasks"))
        assert False is summary().weak
