"""Predictions hold what they promise on sweeps whose truth is known, and what nothing supports is refused."""

import re

import numpy as np
import pytest
from builders import make_results, make_rounds
from plans import GAP_S, noisy_rounds, sweep_of, true_time_s

from parlab.analysis.grounds import Wanted
from parlab.analysis.planning import make_plan
from parlab.errors import InputError
from parlab.results import read

EVEN = [[0.1] * 40] * 6


def predicted(results, workers, **wanted):
    """Return the prediction for one worker count."""
    plan = make_plan(results, Wanted(workers=(workers,), far=True, **wanted))
    return next(row for row in plan.predictions if row.workers == workers)


@pytest.mark.parametrize(("workers", "rounds"), [(1, 40), (4, 10), (7, 6), (40, 1)])
def test_without_noise_it_is_the_closed_form(workers: int, rounds: int) -> None:
    """Equal tasks take ceil(k / n) times a task and its message; the parent adds at most its share of each message."""
    found = predicted(sweep_of(EVEN), workers).map_s
    least_s = rounds * (0.1 + GAP_S)
    assert least_s - 1e-9 <= found.low <= found.value <= found.high <= least_s + workers * GAP_S + 1e-9


def test_the_band_holds_a_new_run() -> None:
    """Of 40 sweeps of 6 rounds, a run with 4 workers that was never seen lies in the band of at least 34: 90 % wanted.

    And the bands are of use: they are narrower than a third of what they are about.
    """
    hits, widths = 0, []
    for seed in range(40):
        chance = np.random.default_rng(seed)
        rounds = noisy_rounds(chance, 7)
        band = predicted(sweep_of(rounds[:6]), 4).map_s
        hits += band.low <= true_time_s(rounds[6], 4, chance.uniform()) <= band.high
        widths.append((band.high - band.low) / band.value)
    assert 34 <= hits
    assert max(widths) < 1 / 3


def test_more_tasks_and_larger_messages() -> None:
    """Twice the tasks take twice the time; one message of ten tasks does not pay ten times for its way."""
    base = predicted(sweep_of(EVEN), 4).map_s.value
    assert pytest.approx(2 * base, rel=0.05) == predicted(sweep_of(EVEN), 4, tasks=80).map_s.value
    chunks = predicted(sweep_of(EVEN), 4, chunksize=10)
    assert 1.0 <= chunks.map_s.low < 1.0 + 5 * GAP_S < chunks.map_s.high <= 1.0 + 10 * GAP_S + 4 * 10 * GAP_S


def test_the_same_question_has_the_same_answer() -> None:
    """Chance is seeded; another seed gives other numbers of the same size."""
    results = sweep_of(noisy_rounds(np.random.default_rng(0), 6))
    first, again, other = (predicted(results, 3, seed=seed).map_s for seed in (1, 1, 2))
    assert first == again
    assert first != other
    assert first.value == pytest.approx(other.value, rel=0.05)


def test_held_back_trials_are_not_used() -> None:
    """--from 1 gives the same prediction whatever 2 workers did, and holds it against what was measured there."""
    rounds = noisy_rounds(np.random.default_rng(5), 6)
    slow, fast = (sweep_of(rounds, (1, 2), slowdown={2: factor}) for factor in (1.5, 1.0))
    ends = [predicted(results, 2, using=(1,)) for results in (slow, fast)]
    assert ends[0].map_s == ends[1].map_s
    assert [False, True] == [one.hit for one in ends]
    assert not ends[0].used


def test_tasks_that_compute_slow_each_other_down_as_measured_then_as_the_machine() -> None:
    """What spans say comes first; beyond them the ceiling; the rest is drawn between no worse and worse with each."""
    results = sweep_of(EVEN, (1, 2), share=1.0, slowdown={2: 1.2}, ceilings={2: 2.0, 4: 2.0})
    two, four, eight = (predicted(results, workers) for workers in (2, 4, 8))
    assert ("measured", "ceiling", "widened") == tuple(one.slowdown_source for one in (two, four, eight))
    assert pytest.approx(1.2) == two.slowdown.value
    assert pytest.approx(2.4) == four.slowdown.value
    assert 2.4 <= eight.slowdown.low < 3 < eight.slowdown.high <= 1 + 1.4 * 7 / 3
    assert pytest.approx(4.8) == predicted(results, 8, cores=4).slowdown.value


def test_a_ceiling_alone_is_not_trusted_to_the_end() -> None:
    """From 1 worker most runs are near what the ceiling says, some up to twice as slow; none beyond taking turns."""
    results = sweep_of(EVEN, share=1.0, ceilings={2: 2.0, 4: 3.2})
    two, four = (predicted(results, workers) for workers in (2, 4))
    assert 1.0 <= two.slowdown.low <= two.slowdown.value < 1.2 < two.slowdown.high <= 2.0
    assert 1.25 <= four.slowdown.low <= four.slowdown.value < 1.5 < four.slowdown.high <= 2.5
    assert predicted(sweep_of(EVEN, share=1.0, ceilings={2: 1.1}), 2).slowdown.high <= 2.0


def test_packing_gets_slower_as_tasks_do_that_compute() -> None:
    """A message costs more beside others; where tasks wait it does not."""
    slow = {"counts": (1, 2), "slowdown": {2: 1.5}}
    busy, idle = (predicted(sweep_of(EVEN, share=share, **slow), 2).map_s.low for share in (1.0, 0.0))
    assert pytest.approx(20 * 0.5 * GAP_S, rel=0.1) == busy - idle


def test_measured_counts_that_nothing_reaches_are_not_shown() -> None:
    """Held-back counts beyond 4 times what may be used appear only with --far."""
    results = sweep_of(EVEN, (1, 2, 8))
    near, far = (make_plan(results, Wanted(workers=(2,), using=(1,), far=far)) for far in (False, True))
    assert [1, 2] == [row.workers for row in near.predictions]
    assert [1, 2, 8] == [row.workers for row in far.predictions]


def test_the_law_goes_on_where_the_points_tell_it() -> None:
    """Four measured counts that follow the USL: at 16 it is the law's value, and the law is named."""

    def slower(count: int) -> float:
        return 1 + 0.05 * (count - 1)

    rows = noisy_rounds(np.random.default_rng(3), 6)
    counts = (1, 2, 3, 4)
    results = sweep_of(rows, counts, share=1.0, slowdown={count: slower(count) for count in counts})
    found = predicted(results, 16)
    assert "law" == found.slowdown_source
    assert pytest.approx(slower(16), rel=0.02) == found.slowdown.value


def test_tasks_that_wait_share_the_cores_for_what_they_compute() -> None:
    """With a tenth of CPU time, 80 workers on 4 cores cannot be faster than 8 cores' worth of work on 4."""
    found = predicted(sweep_of(EVEN, share=0.1), 80, tasks=800)
    assert 2.0 <= found.slowdown.low
    assert predicted(sweep_of(EVEN, share=0.0), 80, tasks=800).slowdown.high == pytest.approx(1.0)


def test_start_up_is_a_line_through_what_was_measured() -> None:
    """0.1 s for each worker; from one count alone it may also be the same for all, and the band says so."""
    known = predicted(sweep_of(EVEN, (1, 2)), 8).startup_s
    assert known is not None
    assert (known.low, known.high) == (pytest.approx(0.8), pytest.approx(0.8))
    single = predicted(sweep_of(EVEN), 8).startup_s
    assert single is not None
    assert 0.1 <= single.low < 0.2
    assert 0.7 < single.high <= 0.8


def test_another_engine_needs_its_own_costs() -> None:
    """Given costs are used as given, a calibration by its spans; task times stay those of the sweep."""
    results = sweep_of(EVEN)
    given = predicted(results, 4, engine="loky", message_s=0.05)
    assert 10 * 0.15 <= given.map_s.low <= given.map_s.high <= 40 * 0.05 + 10 * 0.15
    assert given.elapsed_s is None
    photos = read("recorded:photos-2-cores")
    calibrated = make_plan(results, Wanted(workers=(4,), engine="loky", calibration=photos))
    assert calibrated.dispatch_origin.startswith("a sweep of photos, recorded on ")
    assert all(row.measured_s is None and row.elapsed_s is not None for row in calibrated.predictions)


@pytest.mark.parametrize(
    ("results", "wanted", "text"),
    [
        (make_results(make_rounds(6), sweep={"trace": False}), {}, "was measured with --no-trace"),
        (make_results([]), {}, "no round is complete"),
        (make_results([], sweep={"backends": ("serial",)}), {}, "the plain loop alone"),
        (sweep_of(EVEN), {"workers": (0,)}, "--workers 0 is not allowed"),
        (sweep_of(EVEN), {"workers": (-3,)}, "--workers -3 is not allowed"),
        (sweep_of(EVEN), {"workers": (True,)}, "--workers True is not allowed"),
        (sweep_of(EVEN), {"tasks": 0}, "--tasks 0 is not allowed"),
        (sweep_of(EVEN, weak=True), {"workers": (4_000,), "far": True}, "A run of 160000 tasks is too many to play"),
        (sweep_of(EVEN), {"tasks": 100_001}, "--tasks 100001 is not allowed"),
        (sweep_of(EVEN), {"workers": (5,)}, "5 workers are more than 4 times the 1"),
        (sweep_of(EVEN), {"using": (3,)}, "no spans with 3 workers to predict from. There are those of: 1"),
        (sweep_of(EVEN), {"engine": "proceses"}, "Did you mean 'processes'"),
        (sweep_of(EVEN), {"engine": "loky"}, "parlab bench hello --backends loky --workers 1"),
        (sweep_of(EVEN), {"message_s": float("nan")}, "A dispatch cost of nan s is not allowed"),
        (sweep_of(EVEN), {"message_s": 1.0, "calibration": make_results([])}, "the same thing twice"),
        (sweep_of(EVEN), {"engine": "loky", "calibration": sweep_of(EVEN)}, "Unknown engine of the calibration 'loky'"),
        (sweep_of(EVEN, share=1.0), {"workers": (2,)}, "the machine's ceiling was not measured either"),
        (sweep_of(EVEN, share=1.0), {"engine": "threads"}, "say nothing of threads"),
    ],
)
def test_refused(results, wanted, text: str) -> None:
    """The message says what is missing and what to do, before anything is drawn."""
    with pytest.raises(InputError, match=re.escape(text)):
        make_plan(results, Wanted(**wanted))


def test_threads_that_compute_are_not_predicted_from_one() -> None:
    """One thread never waits for the GIL; two show it, and from them on each more stands behind all others."""
    primes = read("recorded:primes-2-cores")
    with pytest.raises(InputError, match="the GIL"):
        make_plan(primes, Wanted(workers=(2,), engine="threads", using=(1,)))
    alone = make_plan(primes, Wanted(workers=(1,), engine="threads", using=(1,), far=True))
    assert [1] == [row.workers for row in alone.predictions]
    found = predicted(primes, 8, engine="threads")
    assert found.speedup.low > 0.8
    assert found.speedup.high < 1.2


def test_other_payload_says_nothing() -> None:
    """Megabytes that are sent cannot be calibrated by a few bytes; where bytes are not known, that is said."""
    large, small, unknown = (sweep_of(EVEN, sent=size) for size in (1 << 20, 100, None))
    with pytest.raises(InputError, match="1,048,576 B in this sweep and 100 B in the calibration"):
        make_plan(large, Wanted(calibration=small))
    assert not any("bytes" in note for note in make_plan(large, Wanted(calibration=large)).notes)
    assert any(
        "how many they carry is not known" in note for note in make_plan(small, Wanted(calibration=unknown)).notes
    )
