"""Why workers do not speed work up: recorded traces that show a cause and that do not, and the edges by hand."""

import ast
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from builders import ceiling, make_results, make_rounds, parallel
from recordings import TRACES, recording
from traces import Lane, loop, round_of, traced

from parlab.analysis import causes
from parlab.analysis.causes import CLEAR, find_causes
from parlab.analysis.summary import summarise
from parlab.codec import dumps, encode
from parlab.records import Finding
from parlab.results import Results

TWO = ([(0.0, 1.0)], [(0.0, 1.0)])


def found_in(results: Results) -> dict[str, Finding]:
    found = summarise(results).findings
    assert len(found) == len({finding.code for finding in found}), "no code stands there twice"
    return {finding.code: finding for finding in found}


# A code, traces in which it was measured, and traces in which it was not.
RECORDED: dict[str, tuple[list[str], list[str]]] = {
    "tasks-too-short": (["hello"], ["recorded:photos-2-cores", "recorded:primes-2-cores", "payload"]),
    "few-chunks": (["few-chunks"], ["recorded:primes-2-cores", "hello"]),
    "imbalance": (["recorded:skewed-2-cores"], ["recorded:primes-2-cores", "recorded:simulation-2-cores", "content"]),
    "big-payloads": (["payload"], ["hello", "recorded:photos-2-cores"]),
    "oversubscribed": (["blas"], ["recorded:matmul-2-cores", "recorded:triad-2-cores"]),
    "memory-bound": (
        ["recorded:triad-2-cores", "recorded:triad-16-cores"],
        ["recorded:matmul-2-cores", "recorded:photos-2-cores", "recorded:customers-16-cores", "blas"],
    ),
    "gil-bound": (
        ["recorded:primes-2-cores", "recorded:customers-2-cores", "recorded:primes-2-cores-python-3.14"],
        ["recorded:photos-2-cores", "recorded:download-2-cores", "recorded:matmul-2-cores", "hello"],
    ),
}


@pytest.mark.parametrize(("code", "name"), [(code, name) for code, (yes, _) in RECORDED.items() for name in yes])
def test_a_recorded_trace_shows_its_cause(code: str, name: str) -> None:
    """A workload that suffers from a cause is told so: what, what to do, and the numbers."""
    finding = found_in(recording(name))[code]
    assert finding.message
    assert finding.advice.endswith(".")
    assert finding.notebook
    assert dumps(encode(finding))


@pytest.mark.parametrize(("code", "name"), [(code, name) for code, (_, no) in RECORDED.items() for name in no])
def test_a_recorded_trace_without_a_cause(code: str, name: str) -> None:
    """A workload that does not suffer from it hears nothing of it."""
    assert code not in found_in(recording(name))


@pytest.mark.parametrize("code", sorted(RECORDED))
def test_a_cause_names_the_notebook_that_shows_it(code: str) -> None:
    """How work is shared out is shown where pools are taught, and every named notebook is there."""
    name = found_in(recording(RECORDED[code][0][0]))[code].notebook
    assert (code in {"tasks-too-short", "few-chunks", "imbalance"}) == name.startswith("04_")
    assert (Path(__file__).parents[2] / "notebooks" / f"{name}.ipynb").exists()


def test_every_cause_has_a_trace() -> None:
    """Every code that the module can give stands in the table, or is tried by hand below."""
    tree = ast.parse(Path(causes.__file__).read_text(encoding="utf-8"))
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
    named = [node for node in calls if ast.unparse(node.func) in {"Finding", "_finding"}]
    literal = {node.args[0].value for node in named if isinstance(node.args[0], ast.Constant)}
    assert {*RECORDED, "residual", "unreadable-spans"} == literal


def test_every_trace_is_used() -> None:
    """No recording lies about that no test reads."""
    files = {path.stem for path in TRACES.glob("*.jsonl")}
    sources = [path.read_text(encoding="utf-8") for path in Path(__file__).parent.glob("test_*.py")]
    assert {name for name in files if any(f'"{name}"' in source for source in sources)} == files


def sweep(lanes: Sequence[Lane], *costs_s: float, map_s: float = 1.0, **columns: Any) -> Results:
    """Make a sweep of six equal rounds of processes on four cores."""
    trial = traced(map_s, lanes, trial={"backend": "processes"}, **columns)
    bracket = loop(*(costs_s or [1.0] * len(lanes)))
    trials = [one for number in range(6) for one in round_of(trial, bracket, number)]
    plan = {"backends": ("processes",), "workers": (len(lanes),), "tasks": trial.tasks}
    return make_results(trials, sweep=plan)


def test_workers_that_are_busy_all_the_time_have_no_cause() -> None:
    """Two workers that each do one task of a second within a second leave nothing to tell."""
    results = sweep(TWO)
    assert [] == list(find_causes(results, summarise(results).rows))


def test_too_short_tasks_are_told_with_break_even_and_chunk() -> None:
    """Ten tasks of 1 ms, 1 ms apart: half of the time is work, and the finding says both."""
    lane = [(0.002 * number + 0.001, 0.002 * number + 0.002) for number in range(100)]
    results = sweep([lane, lane], *[0.001] * 200, map_s=0.2, pickle_s=[0.0] * 200, unpickle_s=[0.0] * 200)
    finding = found_in(results)["tasks-too-short"]
    assert pytest.approx(0.001, rel=0.02) == finding.evidence["break_even_s"]
    assert 9 == finding.evidence["chunksize"]
    assert "--chunksize 9" in finding.advice
    assert ("processes", 2) == (finding.evidence["backend"], finding.evidence["workers"])


def test_chunks_that_are_large_enough_are_not_told_again() -> None:
    """Who already sends as many tasks in a message as would be advised hears nothing of it."""
    lane = [(0.002 * number + 0.001, 0.002 * number + 0.002) for number in range(100)]
    results = sweep([lane, lane], *[0.001] * 200, map_s=0.2, pickle_s=[0.0] * 200, unpickle_s=[0.0] * 200)
    plan = replace(results.header.sweep, chunksize=9)
    assert "tasks-too-short" not in found_in(replace(results, header=replace(results.header, sweep=plan)))


def test_big_payloads_tell_what_shared_memory_would_save() -> None:
    """Where 1 MiB travels and a worker waits half of the time, the waiting for each task is what could be saved."""
    lane = [(0.2 * number + 0.1, 0.2 * number + 0.2) for number in range(10)]
    results = sweep([lane, lane], *[0.1] * 20, map_s=2.0, sent_bytes=[1 << 20] * 20, received_bytes=[100] * 20)
    finding = found_in(results)["big-payloads"]
    assert pytest.approx((1 << 20) + 100) == finding.evidence["bytes"]
    assert pytest.approx(0.1, rel=0.1) == finding.evidence["saved_s"]
    assert "1 MiB travel" in finding.message


@pytest.mark.parametrize(("sent", "told"), [(1 << 16, False), ((1 << 16) + 1, True)])
def test_a_payload_is_big_where_it_no_longer_fits_a_pipe(sent: int, told: bool) -> None:  # noqa: FBT001
    """Up to 64 KiB a task is too short, and beyond its payload is too big: one of the two is said."""
    lane = [(0.2 * number + 0.1, 0.2 * number + 0.2) for number in range(10)]
    found = found_in(sweep([lane, lane], *[0.1] * 20, map_s=2.0, sent_bytes=[sent] * 20, received_bytes=[0] * 20))
    assert (told, not told) == ("big-payloads" in found, "tasks-too-short" in found)


def test_the_longest_task_is_named() -> None:
    """One task of 0.8 s and four of 0.05 s: no number of workers gets below the long one."""
    results = sweep([[(0.0, 0.8)], [(0.05 * n, 0.05 * n + 0.05) for n in range(4)]], 0.8, *[0.05] * 4, map_s=0.8)
    finding = found_in(results)["imbalance"]
    assert (0, pytest.approx(0.8)) == (finding.evidence["longest_task"], finding.evidence["longest_s"])
    assert pytest.approx(1.25) == finding.evidence["most_speedup"]
    assert "Cut this task into smaller ones" in finding.advice


def test_the_longest_first_where_no_task_is_too_long() -> None:
    """A long task that starts late, but is no longer than a worker's share: begin with it."""
    lanes = [[(0.1 * n, 0.1 * n + 0.1) for n in range(4)], [(0.0, 0.2), (0.2, 0.6)]]
    finding = found_in(sweep(lanes, *[0.1] * 4, 0.2, 0.4, map_s=0.6))["imbalance"]
    assert finding.advice.startswith("Begin with the longest")


def test_smaller_chunks_where_they_were_coarse() -> None:
    """Three chunks for two workers leave one of them idle: smaller chunks mend it."""
    lanes = [[(0.0, 0.5), (0.5, 1.0)], [(0.0, 0.25), (0.25, 0.5)]]
    finding = found_in(sweep(lanes, 0.5, 0.5, 0.25, 0.25, map_s=1.0, chunk=[0, 0, 1, 1]))["imbalance"]
    assert "these held 2 tasks each, 2 chunks in all" in finding.advice


def test_the_ceiling_explains_extra_cpu_time() -> None:
    """Tasks that cost half as much again suffer from memory, unless the machine's ceiling shows the same loss."""
    columns: dict[str, Any] = {"cpu_s": [1.5, 1.5]}
    results = sweep([[(0.0, 1.5)], [(0.0, 1.5)]], map_s=1.5, **columns)
    finding = found_in(results)["memory-bound"]
    assert pytest.approx(1.5) == finding.evidence["cpu_times"]
    measured = [
        one
        for number in range(6)
        for one in (*[t for t in results.records if t.round == number][:-1], ceiling(1.4, round=number, position=2))
    ]
    brackets = [replace(t, position=3) for t in results.records if t.position == 2]
    assert "memory-bound" not in found_in(replace(results, records=(*measured, *brackets)))


def beside_one(costs_s: float, alone_s: float, *, slower: float = 1.0) -> Results:
    """Make rounds of two processes and of one, whose tasks of a second take these; and one loop takes so much more."""
    fields = {"backend": "processes", "cpu_s": None}
    two = traced(costs_s, [[(0.0, costs_s)]] * 2, trial=fields)
    one = traced(2 * alone_s, [[(0.0, alone_s), (alone_s, 2 * alone_s)]], trial=fields)
    between = (loop(1.0, 1.0, cpu_s=None), one, two, loop(slower, slower, cpu_s=None))
    trials = [replace(t, round=number, position=place) for number in range(6) for place, t in enumerate(between)]
    return make_results(trials, sweep={"backends": ("processes",), "workers": (1, 2), "tasks": 2})


@pytest.mark.parametrize(
    ("results", "told"),
    [
        (beside_one(1.5, 1.0), True),
        (beside_one(1.5, 1.2), True),
        (beside_one(1.5, 1.3), False),  # one worker takes nearly as much more: nobody was there to fight with
        (beside_one(1.5, 0.7), True),
        (beside_one(1.7, 1.0, slower=1.2), True),
        (beside_one(1.7, 1.0, slower=1.5), False),  # the plain loop itself takes half as much more for a while
    ],
)
def test_what_one_worker_takes_more_is_no_fight_for_memory(results: Results, told: bool) -> None:  # noqa: FBT001
    """Extra CPU time counts beyond that of a single worker, and beyond the slower of the round's plain loops."""
    assert told == ("memory-bound" in found_in(results))


@pytest.mark.parametrize(("name", "words"), [("primes", "compute in Python"), ("photos", "a part of their work")])
def test_threads_that_wait_for_the_gil_in_part(name: str, words: str) -> None:
    """Sixteen threads are six times as fast at photographs: they do not only compute in Python. The table agrees."""
    summary = summarise(recording(f"recorded:{name}-16-cores"))
    finding = next(one for one in summary.findings if one.code == "gil-bound")
    row = next(one for one in summary.rows if (one.backend, one.workers) == ("threads", 16))
    assert words in finding.message
    assert row.speedup == finding.evidence["speedup"]
    assert f"the speedup is {row.speedup:.2f}." in finding.message


def test_threads_wait_for_the_gil_and_processes_do_not() -> None:
    """Two threads that get half of a core each wait for the GIL; processes that do so wait for something else."""
    lanes = [[(0.0, 2.0)], [(0.0, 2.0)]]
    results = sweep(lanes, map_s=2.0, cpu_s=[1.0, 1.0])
    assert "gil-bound" not in found_in(results)
    threads = tuple(t if t.role == "serial" else replace(t, backend="threads") for t in results.records)
    plan = replace(results.header.sweep, backends=("threads",))
    results = replace(results, records=threads, header=replace(results.header, sweep=plan))
    assert pytest.approx(0.5) == found_in(results)["gil-bound"].evidence["waiting"]
    free = replace(results.header, machine={**results.header.machine, "gil_enabled": False})
    assert "gil-bound" not in found_in(replace(results, header=free))


def test_threads_that_wait_between_short_tasks() -> None:
    """Tasks of 3 ms end before the GIL is taken from them, and threads wait between them: it is the GIL all the same.

    A single thread shows that handing over a task costs next to nothing; so chunks would not help.
    """
    first = [(0.006 * n, 0.006 * n + 0.003) for n in range(10)]
    second = [(0.006 * n + 0.003, 0.006 * n + 0.006) for n in range(10)]
    one = traced(0.06, [[(0.003 * n, 0.003 * n + 0.003) for n in range(20)]])
    two = traced(0.06, [first, second])
    bracket = loop(*[0.003] * 20)
    trials = [
        replace(each, round=number, position=place)
        for number in range(6)
        for place, each in enumerate((bracket, one, two, bracket))
    ]
    found = found_in(make_results(trials, sweep={"workers": (1, 2), "tasks": 20}))
    assert pytest.approx(0.5, abs=0.03) == found["gil-bound"].evidence["waiting"]
    assert "tasks-too-short" not in found
    alone = [one for one in trials if one.workers != 1 or one.role == "serial"]
    found = found_in(make_results(alone, sweep={"workers": (2,), "tasks": 20}))
    assert pytest.approx(0.5, abs=0.03) == found["gil-bound"].evidence["waiting"]


def test_beyond_the_cores_nothing_is_concluded() -> None:
    """Workers that share a core wait for it, which looks like any loss: no cause is sought there."""
    lane = [(0.2 * number + 0.1, 0.2 * number + 0.2) for number in range(10)]
    results = sweep([lane, lane], *[0.1] * 20, map_s=2.0)
    assert "tasks-too-short" in found_in(results)
    one_core = replace(results.header, machine={**results.header.machine, "cores_usable": 1})
    assert "tasks-too-short" not in found_in(replace(results, header=one_core))


def test_on_a_busy_machine_only_clear_causes_are_told() -> None:
    """Where others took cores, a loss of a third may be theirs; one of two thirds is not."""
    for gap, told in ((0.05, False), (0.2, True)):
        lane = [((0.1 + gap) * n + gap, (0.1 + gap) * (n + 1)) for n in range(10)]
        results = sweep([lane, lane], *[0.1] * 20, map_s=10 * (0.1 + gap))
        rows = summarise(results).rows
        assert "tasks-too-short" in {one.code for one in find_causes(results, rows)}
        assert told == ("tasks-too-short" in {one.code for one in find_causes(results, rows, busy=True)})
    assert 1 / 3 < CLEAR < 2 / 3


def test_one_unlucky_trial_is_no_cause() -> None:
    """A loss in two of six rounds is bad luck, and in four of six it is told."""
    lane = [(0.2 * number + 0.1, 0.2 * number + 0.2) for number in range(10)]
    lost = sweep([lane, lane], *[0.1] * 20, map_s=2.0).records
    fine = sweep([[(0.1 * n, 0.1 * n + 0.1) for n in range(10)]] * 2, *[0.1] * 20, map_s=1.0)
    for count, told in ((2, False), (4, True)):
        mixed = tuple(bad if bad.round < count else good for bad, good in zip(lost, fine.records, strict=True))
        assert told == ("tasks-too-short" in found_in(replace(fine, records=mixed)))


def test_what_does_not_add_up_is_told() -> None:
    """A worker that is said to do two tasks at once is a mistake in the file, and the finding says so."""
    results = sweep([[(0.0, 1.0), (0.0, 1.0)], [(0.0, 1.0)]], 1.0, 1.0, 1.0)
    assert pytest.approx(0.5) == found_in(results)["residual"].evidence["share"]


def test_spans_that_hold_no_times_are_told() -> None:
    """A file with nonsense for times is shown with its table, and the finding says where."""
    results = sweep(TWO)
    trials = tuple(replace(one, spans={**(one.spans or {}), "started_s": ["soon", "later"]}) for one in results.records)
    assert "started_s" in found_in(replace(results, records=trials))["unreadable-spans"].message


def test_a_sweep_without_spans_tells_its_chunks_only() -> None:
    """Without spans nobody knows where the time went, but chunks can be counted."""
    results = make_results(make_rounds(6), sweep={"chunksize": 64})
    found = find_causes(results, summarise(results).rows)
    assert [("few-chunks", 8)] == [(one.code, one.evidence["advised"]) for one in found]


@pytest.mark.parametrize(
    ("plan", "told"),
    [
        ({"tasks": 64, "chunksize": 33}, None),
        (
            {"tasks": 64, "chunksize": 64},
            "64 tasks in chunks of 64 make 1 chunk for 2 workers: 1 of them gets nothing to do.",
        ),
        ({"tasks": 1}, "1 task for 2 workers: 1 of them gets nothing to do."),
        ({"tasks": 1, "weak": True}, None),
        ({"tasks": None}, None),
        ({"tasks": 1, "backends": ("serial",)}, None),
    ],
)
def test_chunks_are_counted(plan: dict[str, Any], told: str | None) -> None:
    """Fewer chunks than workers are told, and fewer tasks than workers in other words."""
    found = list(causes.few_chunks(make_results([parallel()], sweep=plan)))
    assert ([] if told is None else [True]) == [one.message.startswith(told or "?") for one in found]
