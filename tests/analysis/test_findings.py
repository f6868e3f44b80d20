"""Every finding: a sweep in which it appears, and one in which it does not."""

import ast
import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from builders import FAILURE, make_results, make_round, make_rounds, parallel, serial

from parlab.analysis import findings
from parlab.analysis.summary import summarise
from parlab.codec import dumps, encode
from parlab.records import Finding, Trial
from parlab.results import Results

QUIET = make_rounds(6)  # serial 2 s, two workers 1 s: a speedup of exactly 2


def found_in(results: Results) -> dict[str, Finding]:
    found = {finding.code: finding for finding in summarise(results).findings}
    assert len(found) == len(summarise(results).findings), "no code stands there twice"
    return found


def made(trials: Sequence[Trial] = QUIET, **fields: Any) -> Results:
    return make_results(trials, **fields)


def lost(outcome: Any) -> list[Trial]:
    trial = parallel(None, outcome=outcome, message="The worker was killed.\nmore lines", open_s=None, close_s=None)
    return [*QUIET, *make_round(6, (2.0, 2.0), trial, parallel(1.0))]


def skipped(*tasks: int) -> list[Trial]:
    failures = tuple(replace(FAILURE, task=task, item=f"item {task}") for task in tasks)
    return [*QUIET, *make_round(6, (2.0, 2.0), parallel(1.0, failures=failures))]


def uneven() -> list[Trial]:
    """Six rounds in which only the parallel trials skip a task."""
    return [
        one if one.role != "parallel" else replace(one, failures=(replace(FAILURE, task=3),)) for one in make_rounds(6)
    ]


def even() -> list[Trial]:
    """Six rounds in which every trial skips the same task."""
    return [replace(one, failures=(replace(FAILURE, task=3),)) for one in make_rounds(6)]


# A code, sweeps in which it appears, and sweeps close to them in which it does not.
CASES: dict[str, tuple[list[Results], list[Results]]] = {
    "unfinished": (
        [made(ended=None, sweep={"rounds": 7}), made(ended=None, sweep={"rounds": None}), made([], ended=None)],
        [made(ended=None), made(ended="stopped", sweep={"rounds": 7}), made(ended="budget", sweep={"rounds": None})],
    ),
    "ended-with-error": (
        [made(QUIET[:6], ended="error", sweep={"rounds": 7})],
        [made(), made(ended="error"), made(ended="stopped", sweep={"rounds": 7})],
    ),
    "budget": (
        [made(ended="budget", sweep={"rounds": 7, "budget_s": 60.0})],
        [
            made(ended="budget", sweep={"rounds": 6, "budget_s": 60.0}),
            made(ended="budget", sweep={"rounds": None, "budget_s": 60.0}),  # that was the plan
            made(ended="rounds"),
        ],
    ),
    "stopped": (
        [made(ended="stopped", sweep={"rounds": 7}), made(ended="stopped", sweep={"rounds": None, "budget_s": 60.0})],
        [made(ended="stopped", sweep={"rounds": 6}), made(ended="rounds")],
    ),
    "too-few-rounds": (
        [made(QUIET[:-3]), made(QUIET[:-1]), made([]), made(sweep={"workers": (2, 4)})],
        [made(), made(make_rounds(7))],
    ),
    "lost": ([made(lost("lost"))], [made(), made(lost("timed out"))]),
    "timed-out": ([made(lost("timed out"))], [made(), made(lost("lost"))]),
    "error": ([made(lost("error"))], [made(), made(lost("lost"))]),
    "noisy-machine": (
        [made([*QUIET, *make_round(6, (2.0, 2.11), parallel())]), made(make_round(0, (2.11, 2.0), parallel()))],
        [made([*QUIET, *make_round(6, (2.0, 2.09), parallel())]), made(make_round(0, (2.0, 9.0), parallel())[:-1])],
    ),
    "superlinear": (
        [made(make_rounds(6, serial_s=2.11))],
        [made(make_rounds(6, serial_s=2.09)), made(make_rounds(6, serial_s=0.1)), made([])],
    ),
    "short-trials": (
        [made(make_rounds(6, map_s=0.019, serial_s=0.03)), made(make_rounds(6, map_s=0.03, serial_s=0.019))],
        [made(make_rounds(6, map_s=0.021, serial_s=0.03)), made([])],
    ),
    "tracing-cost": (  # 64 tasks in 2 s: 31.25 ms a task, of which 2 % are 625 us
        [made(check={"tracing_s": 626e-6})],
        [
            made(check={"tracing_s": 624e-6}),
            made(check={"tracing_s": None}),
            made(check={"tracing_s": 1.0, "tasks": 0}),
            made(check={"tracing_s": 1.0, "serial_s": 0.0}),
        ],
    ),
    "uneven-work": ([made(uneven())], [made(), made(even())]),
    "growing-tasks": (
        [made(check={"costs": {"8": 1.0, "16": 1.16}}), made(check={"costs": {"8": 1.0, "16": 1.1, "32": 0.84}})],
        [made(check={"costs": {"8": 1.0, "16": 1.14, "32": 0.86}}), made(check={"costs": {"8": 1.0}}), made()],
    ),
    "recovered": ([made(lost("recovered"))], [made()]),
    "nested-parallelism": ([made([*QUIET, parallel(1.0, nested=True)])], [made()]),
    "skipped-tasks": ([made(skipped(3)), made(skipped(5, 3, 5))], [made(), made(lost("lost"))]),
}


@pytest.mark.parametrize(
    ("code", "results"),
    [pytest.param(code, one, id=f"{code}-{n}") for code, (yes, _) in CASES.items() for n, one in enumerate(yes)],
)
def test_a_finding_appears(code: str, results: Results) -> None:
    """What is suspicious is said: with words, with advice, and with numbers that JSON can hold."""
    finding = found_in(results)[code]
    assert finding.message
    assert finding.advice.endswith(".")
    assert finding.evidence
    assert dumps(encode(finding))
    assert ("info" if code == "nested-parallelism" else "warning") == finding.severity


@pytest.mark.parametrize(
    ("code", "results"),
    [pytest.param(code, one, id=f"{code}-{n}") for code, (_, no) in CASES.items() for n, one in enumerate(no)],
)
def test_a_finding_stays_away(code: str, results: Results) -> None:
    """What is in order, though only just, is not doubted."""
    assert code not in found_in(results)


def test_every_code_has_its_cases() -> None:
    """Every code that the module can give stands in the table above."""
    tree = ast.parse(Path(findings.__file__).read_text(encoding="utf-8"))
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call) and ast.unparse(node.func) == "Finding"]
    literal = {call.args[0].value for call in calls if isinstance(call.args[0], ast.Constant)}
    outcomes = {"lost", "recovered", "timed-out", "error"}
    assert set(CASES) == literal | {"budget", "stopped", "ended-with-error"} | outcomes


def test_the_readme_has_each_finding_of_a_sweep() -> None:
    """Its table names every code that a module of the analysis gives, save those that the words below it are about."""
    folder = Path(findings.__file__).parent
    sources = [path.read_text(encoding="utf-8") for path in folder.glob("*.py") if path.name != "differences.py"]
    codes = set(re.findall(r"\bFinding\(\s*\"([a-z-]+)\"", "\n".join(sources)))
    below = {"unfinished", "uneven-work", "skipped-tasks", "nested-parallelism", "growing-tasks"}
    of_the_file = {"unreadable-spans", "estimated-clocks", "gil-switched-on"}
    readme = (folder.parents[1] / "README.md").read_text(encoding="utf-8")
    table = readme.partition("| code | what it says |")[2].partition("\n\n")[0]
    assert len(codes) >= 25
    assert set() == codes - below - of_the_file - set(re.findall(r"`([a-z-]+)`", table))


def test_a_quiet_sweep_has_none() -> None:
    """Six equal rounds on a machine of our own give no reason for doubt."""
    assert {} == found_in(made())


def test_rounds_are_counted() -> None:
    """The words and the numbers tell how many rounds there are and how many were wanted."""
    finding = found_in(made(QUIET[:6], ended="stopped", sweep={"rounds": 7}))["stopped"]
    assert "after 2 of 7 rounds" in finding.message
    assert {"rounds": 2} == finding.evidence
    finding = found_in(made(QUIET[:3], sweep={"rounds": 1}))["too-few-rounds"]
    assert "With 1 round no" in finding.message
    assert {"rounds": 1, "needed": 6} == finding.evidence


def test_lost_trials_are_counted_and_told() -> None:
    """Several trials of one fate are one finding, with the first one's configuration and the first line of its text."""
    trials = [*lost("lost"), *make_round(7, (2.0, 2.0), parallel(None, outcome="lost"), parallel(1.0))]
    finding = found_in(made(trials))["lost"]
    assert {"trials": 2} == finding.evidence
    assert "2 trials lost: threads, 2 workers. The worker was killed." == finding.message


def test_noise_is_measured() -> None:
    """The share of noisy rounds and the worst of them stand in the numbers."""
    trials = [*QUIET, *make_round(6, (2.0, 3.0), parallel()), *make_round(7, (4.0, 2.0), parallel())]
    finding = found_in(made(trials))["noisy-machine"]
    assert {"rounds": 2, "of": 8, "largest": 2.0} == finding.evidence
    assert "In 2 of 8 rounds" in finding.message
    assert "more than 5%" in finding.message
    assert "at most 100%" in finding.message


def test_more_than_linear_is_told_for_each_configuration() -> None:
    """Every configuration that is faster than it can be is named with its figure."""
    trials = [
        trial
        for number in range(6)
        for trial in make_round(number, (4.0, 4.0), parallel(1.0), parallel(2.0, workers=1), parallel(1.0, workers=4))
    ]
    found = summarise(made(trials, sweep={"workers": (1, 2, 4)})).findings
    told = [finding.evidence for finding in found if finding.code == "superlinear"]
    assert [{"speedup": 2.0, "workers": 1}, {"speedup": 4.0, "workers": 2}] == told


def test_the_shortest_trial_is_told() -> None:
    """The figure is that of the shortest, in milliseconds."""
    finding = found_in(made(make_rounds(6, map_s=0.005, serial_s=0.01)))["short-trials"]
    assert {"shortest_s": 0.005} == finding.evidence
    assert "5 ms" in finding.message


def test_the_cost_of_tracing_is_told() -> None:
    """Its time and its share of a task stand in the numbers: 3.125 ms of 31.25 ms are a tenth."""
    finding = found_in(made(check={"tracing_s": 3.125e-3}))["tracing-cost"]
    assert {"tracing_s": 3.125e-3, "share": pytest.approx(0.1)} == finding.evidence
    assert "10% of a task" in finding.message


def test_the_work_that_differs_most_is_named() -> None:
    """Of several amounts of work the one whose tasks differ most is told, be they dearer or cheaper."""
    finding = found_in(made(check={"costs": {"8": 1.0, "16": 1.2, "32": 0.5}}))["growing-tasks"]
    assert {"tasks": 32, "cost": 0.5} == finding.evidence
    assert "a task of 32 costs 0.50 times" in finding.message
    assert "--weak" in finding.advice


def test_skipped_tasks_are_counted_once() -> None:
    """A task that failed in every trial is one task, and the first item is named with its error."""
    trials = [*skipped(5, 3), *make_round(7, (2.0, 2.0), parallel(1.0, failures=(replace(FAILURE, task=5),)))]
    finding = found_in(made(trials))["skipped-tasks"]
    assert {"tasks": [3, 5], "count": 2} == finding.evidence
    assert "2 tasks were skipped because of an error, first item item 3: ValueError: no threes." == finding.message


def test_failures_of_the_loop_count_too() -> None:
    """A task that failed in the serial loop was skipped as well."""
    trials = make_rounds(6)
    trials[0] = serial(2.0, failures=(FAILURE,))
    assert "1 task was skipped" in found_in(made(trials))["skipped-tasks"].message


def test_very_many_skipped_tasks_do_not_fill_the_screen() -> None:
    """Of a thousand failed tasks all are counted and twenty are listed."""
    finding = found_in(made(skipped(*range(1_000))))["skipped-tasks"]
    assert (1_000, list(range(20))) == (finding.evidence["count"], finding.evidence["tasks"])
