"""Two sweeps beside each other: what is judged, what is called a difference, and what is refused."""

import json
from dataclasses import replace
from typing import Any

import pytest
from builders import FAILURE, ceiling, make_results, make_round, parallel

from parlab.analysis.comparison import compare
from parlab.errors import InputError, ResultFileError
from parlab.results import Results

NOISE = (1.0, 1.02, 0.99, 1.01, 0.98, 1.03, 1.005, 0.995)


def sweep(
    slower: float = 1.0, *, loop: float = 1.0, pace: float | None = None, rounds: int = 8, **fields: Any
) -> Results:
    """Make rounds of threads with two workers; ``loop`` slows the plain loop, ``pace`` is the machine's own."""
    trials = []
    for number, noise in enumerate(NOISE[:rounds]):
        machine = [] if pace is None else [ceiling(1.9, pace=1e6 * pace / noise)]
        between = [parallel(1.0 * noise * slower, cpu_s=1.9 * noise * slower), *machine]
        trials += make_round(number, (2.0 * noise * loop,) * 2, *between)
    return make_results(trials, **fields)


def only(comparison: Any) -> Any:
    """Return the row of threads with two workers."""
    return next(row for row in comparison.rows if row.backend == "threads")


def codes(comparison: Any) -> list[str]:
    return [one.code for one in comparison.findings]


def test_a_slowdown_is_found_and_nothing_is_found_where_nothing_is() -> None:
    """30 % more is called slower, with 1.3 inside the interval; the same again is no difference."""
    found = only(compare(sweep(), sweep(1.3)))
    assert "slower" == found.verdict
    assert found.time.low < 1.3 < found.time.high
    assert "no difference" == only(compare(sweep(), sweep(rounds=7))).verdict
    assert "faster" == only(compare(sweep(1.3), sweep())).verdict


def test_few_rounds_are_never_a_difference() -> None:
    """Five rounds on one side, ten times slower: too few rounds, and no limit is exceeded."""
    found = compare(sweep(), sweep(10.0, rounds=5), limit=0.1)
    assert {"too few rounds"} == {row.verdict for row in found.rows}
    assert () == found.exceeding
    assert not found.known
    assert 6 == found.rounds_needed


def test_a_machine_that_is_slower_today_is_taken_out() -> None:
    """Loop, workers and calibration all take twice as long: the times say slower, and what is judged does not."""
    found = compare(sweep(pace=1.0), sweep(2.0, loop=2.0, pace=0.5))
    row = only(found)
    assert "pace" == found.judged
    assert row.time.above_one
    assert "no difference" == row.verdict
    assert {"no difference"} == {one.verdict for one in found.rows}


def test_a_slower_task_is_seen_at_the_pace_and_not_in_the_speedup() -> None:
    """The function takes 1.3 times as long in loop and workers alike: slower by pace, no difference by speedup."""
    a, b = sweep(pace=1.0), sweep(1.3, loop=1.3, pace=1.0)
    assert {"slower"} == {row.verdict for row in compare(a, b).rows}
    assert "no difference" == only(compare(a, b, by="speedup")).verdict


def test_threads_that_take_turns_are_held_against_one_copy() -> None:
    """What keeps one core busy is not faster because two copies got less: the pace of one copy counts for it."""

    def turns(together: float) -> Results:
        trials = []
        for number, noise in enumerate(NOISE):
            between = (parallel(noise, cpu_s=noise), ceiling(together, pace=1e6 / noise))
            trials += make_round(number, (noise, noise), *between)
        return make_results(trials)

    found = only(compare(turns(2.0), turns(1.0)))
    assert "no difference" == found.verdict
    assert found.pace.value == pytest.approx(1.0)


def test_without_the_pace_the_time_is_judged_and_that_is_said() -> None:
    """A file that lacks the pace cannot tell a slower machine from slower work."""
    found = compare(sweep(pace=1.0), sweep())
    assert "time" == found.judged
    assert "pace-not-known" in codes(found)
    assert all(row.pace is None for row in found.rows)
    assert "pace-not-known" not in codes(compare(sweep(pace=1.0), sweep(pace=1.0)))


def test_other_machines_are_judged_by_speedup() -> None:
    """Half as fast a machine with the same speedup is no difference; the plain loop is not judged; times are there."""
    found = compare(sweep(), sweep(2.0, loop=2.0, machine={"cpu_model": "another"}))
    assert ("speedup", False) == (found.judged, found.same_machine)
    assert ["threads"] == [row.backend for row in found.rows]
    assert "no difference" == only(found).verdict
    assert only(found).time.above_one
    assert ("machine", "processor", "not known", "another") in [
        (one.kind, one.name, one.a, one.b) for one in found.differences
    ]


def test_times_of_other_machines_can_be_asked_for() -> None:
    """--by time compares the machines, and says so."""
    found = compare(sweep(), sweep(2.0, machine={"cores_usable": 2}), by="time")
    assert "slower" == only(found).verdict
    assert "other-machine" in codes(found)


def test_less_speedup_is_called_that() -> None:
    """Where speedups are judged, the word is not 'slower': the work may well take less time there."""
    found = compare(sweep(), sweep(loop=0.5, machine={"cores_usable": 2}), limit=0.5)
    assert "less speedup" == only(found).verdict
    assert only(found).exceeds


def test_another_python_is_judged_by_time() -> None:
    """Another Python runs the calibration loop faster or slower, so its pace tells nothing of the machine."""
    a, b = sweep(pace=1.0, machine={"python": "3.11.7"}), sweep(pace=1.0, machine={"python": "3.14.0"})
    assert "time" == compare(a, b).judged
    with pytest.raises(InputError, match="different machines or Pythons"):
        compare(a, b, by="pace")


def test_the_limit_is_exceeded_only_where_the_interval_supports_it() -> None:
    """1.12 times as long, known to 1.08 to 1.16, is slower; it is not slower by more than 10 %. 1.3 is."""
    near, far = compare(sweep(), sweep(1.12), limit=0.1), compare(sweep(), sweep(1.3), limit=0.1)
    assert ("slower", False) == (only(near).verdict, only(near).exceeds)
    assert only(near).time.low < 1.1
    assert [only(far)] == list(far.exceeding)


def test_what_could_have_been_found_grows_with_noise_and_limit() -> None:
    """A slowdown of the detectable size has its lower end at the limit."""
    found = only(compare(sweep(), sweep(), limit=0.1))
    at = only(compare(sweep(), sweep(1 + found.detectable), limit=0.1))
    assert at.time.low == pytest.approx(1.1)


def test_many_configurations_have_wider_intervals() -> None:
    """Each interval of several holds at a higher confidence, so that all together hold at 95 %."""
    found = compare(sweep(), sweep())
    assert 2 == len(found.rows)
    assert found.confidence == pytest.approx(0.975)
    assert compare(sweep(sweep={"precision": 0.05}), sweep()).confidence == pytest.approx(0.984)


@pytest.mark.parametrize(
    ("fields", "text"),
    [
        ({"workload": "photos"}, "A measured 'primes', B 'photos'. Compare two files of one workload"),
        ({"weak": True}, "A is strong scaling, B is weak scaling. Measure both with --weak"),
        ({"tasks": 32}, "A has 64 tasks, B has 32"),
        ({"options": {"delay": 0.1}}, "--delay is None in A and 0.1 in B"),
        ({"kwargs": {"radius": 3}}, "--kwargs radius is"),
        ({"items_digest": "abc"}, "items (their digest) is"),
    ],
)
def test_other_work_is_refused(fields: dict[str, Any], text: str) -> None:
    """Times of different work are not compared; the text says what differs and what to do."""
    with pytest.raises(InputError) as problem:
        compare(sweep(), sweep(sweep=fields))
    assert text.replace("None", "not known") in str(problem.value)


def test_the_same_work_measured_otherwise_is_said() -> None:
    """Chunks, seeds, tracing, BLAS threads, folders and versions are listed, and nothing is refused."""
    fields = {"chunksize": 4, "seed": 1, "trace": False, "blas_threads": 2, "options": {"folder": "pictures"}}
    found = compare(sweep(), sweep(sweep=fields))
    names = {one.name for one in found.differences if one.kind == "plan"}
    assert {"--chunksize", "--seed", "tracing", "--blas-threads", "--folder"} == names


def test_versions_are_listed() -> None:
    """Libraries and parlab itself stand among the other versions."""
    b = sweep()
    b = replace(b, header=replace(b.header, parlab="0.2.0", libraries={"numpy": "2.1"}))
    found = {one.name: (one.a, one.b) for one in compare(sweep(), b).differences}
    assert {"parlab": ("0.1.0", "0.2.0"), "numpy": ("2.0", "2.1")} == found


def test_nothing_in_common_is_refused() -> None:
    """The text lists what each side has."""
    other = make_results(
        [trial for n in range(6) for trial in make_round(n, (2.0, 2.0), parallel(1.0, backend="loky"))],
        sweep={"backends": ("loky",)},
    )
    with pytest.raises(InputError, match="A has threads, 2 workers; B has loky, 2 workers"):
        compare(sweep(), other)
    with pytest.raises(InputError, match="B has none with a complete round"):
        compare(sweep(), sweep(rounds=0))


def test_what_one_side_alone_has_is_listed() -> None:
    """Configurations of one file are named and not judged."""
    trials = [trial for n in range(6) for trial in make_round(n, (2.0, 2.0), parallel(1.0), parallel(0.5, workers=4))]
    found = compare(make_results(trials, sweep={"workers": (2, 4)}), sweep())
    assert ["threads, 4 workers"] == [one.label for one in found.only_a]
    assert () == found.only_b


def test_a_file_against_itself_is_said() -> None:
    """The same measurement twice is no proof of anything."""
    assert "same-file" in codes(compare(sweep(), sweep()))
    assert "same-file" not in codes(compare(sweep(), sweep(1.001)))


def test_other_answers_are_said() -> None:
    """Work with another answer may be other work."""
    b = sweep()
    b = replace(b, records=tuple(replace(trial, fingerprint="other") for trial in b.records))
    assert "other-answers" in codes(compare(sweep(), b))
    assert "other-answers" not in codes(compare(sweep(), sweep()))


def test_skipped_tasks_are_said() -> None:
    """One side did less work than the other."""
    b = sweep()
    b = replace(b, records=tuple(replace(trial, failures=(FAILURE,)) for trial in b.records))
    assert ("skipped tasks", "not known", "[3]") not in [(one.name, one.a, one.b) for one in compare(b, b).differences]
    assert "skipped tasks" in {one.name for one in compare(sweep(), b).differences}


def test_a_machine_that_gives_less_is_said_where_times_are_judged() -> None:
    """The ceiling of old files tells that neighbours were there, though it cannot be taken out."""

    def old(speedup: float) -> Results:
        rounds = enumerate(NOISE)
        return make_results(t for n, x in rounds for t in make_round(n, (2.0, 2.0), parallel(x), ceiling(speedup * x)))

    assert "machine-changed" in codes(compare(old(2.0), old(1.0)))
    assert "machine-changed" not in codes(compare(old(2.0), old(2.0)))


def test_the_object_has_stable_names() -> None:
    """--json has these names, and numbers that JSON can hold."""
    found = compare(sweep(pace=1.0), sweep(1.3, pace=1.0)).as_json()
    assert [
        "workload", "weak", "tasks", "a", "b", "judged", "same_machine", "confidence", "limit", "rows", "ceilings",
        "only_a", "only_b", "differences", "findings",
    ] == list(found)  # fmt: skip
    assert [
        "backend", "workers", "rounds_a", "rounds_b", "time_a_s", "time_b_s", "speedup_a", "speedup_b", "time",
        "time_with_startup", "pace", "speedup", "verdict", "exceeds", "detectable",
    ] == list(found["rows"][0])  # fmt: skip
    assert ["value", "low", "high"] == list(found["rows"][0]["time"])
    json.dumps(found, allow_nan=False)


def test_times_that_cannot_be_are_refused() -> None:
    """Files may come from anybody: a time of 1e-200 seconds is no measurement."""
    with pytest.raises(ResultFileError, match="times that cannot be"):
        compare(sweep(), sweep(1e-200))
