"""Noise findings: for each a sweep in which it appears, and close ones in which it does not."""

import ast
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from builders import SPANS, WORKER, ceiling, make_results, make_round, make_rounds, parallel, serial
from recordings import recording

from parlab.analysis import noise
from parlab.analysis.summary import summarise
from parlab.codec import dumps, encode
from parlab.records import Finding, Trial
from parlab.results import Results

NINE = make_rounds(9)
CREW = (WORKER, replace(WORKER, process=12, thread=13))
THREADS = (WORKER, replace(WORKER, thread=13))
LOGICAL = {"cores_logical": 4}


def found_in(results: Results) -> dict[str, Finding]:
    return {finding.code: finding for finding in summarise(results).findings}


def made(trials: Sequence[Trial] = NINE, **fields: Any) -> Results:
    return make_results(trials, **fields)


def rounds_of(
    serial_s: Callable[[int], float], map_s: Callable[[int], float] = lambda _: 1.0, count: int = 9
) -> list[Trial]:
    return [
        trial
        for number in range(count)
        for trial in make_round(number, (serial_s(number), serial_s(number)), parallel(map_s(number)))
    ]


def on_cores(*shares: float, loop: float = 1.0, workers: int = 2, crew: tuple = CREW) -> list[Trial]:
    """Rounds of ten tasks of a second each, whose tasks were on a core for these shares of their time."""
    spans = {name: column * 5 for name, column in SPANS.items()}
    spans |= {"started_s": [0.0] * 10, "finished_s": [1.0] * 10}
    return [
        replace(trial, round=number, position=place)
        for number, share in enumerate(shares)
        for place, trial in enumerate(
            (
                serial(10.0, cpu_s=10.0 * loop),
                parallel(5.0, cpu_s=10.0 * share, workers=workers, crew=crew, spans=spans),
                serial(10.0, cpu_s=10.0 * loop),
            )
        )
    ]


def every(**fields: Any) -> list[Trial]:
    return [replace(trial, **fields) for trial in NINE]


def asked(speedups: Sequence[float], precision: float | None = 0.05) -> Results:
    trials = rounds_of(lambda _: 2.0, lambda number: 2.0 / speedups[number], len(speedups))
    return made(trials, sweep={"rounds": None, "precision": precision}, ended="budget")


def beside(speedup: float, limit: float, count: int = 6, first: int = 0, workers: int = 2) -> list[Trial]:
    """Rounds with a speedup and the ceiling that was measured beside it."""
    between = (parallel(2.0 / speedup, workers=workers), ceiling(limit, workers=workers))
    return [trial for number in range(count) for trial in make_round(first + number, (2.0, 2.0), *between)]


CASES: dict[str, tuple[list[Results], list[Results]]] = {
    "not-converged": (
        [asked([1.5, 2.0, 2.0, 2.0, 2.0, 2.0]), asked([2.0] * 5), asked([2.2] + [2.0] * 6, 0.09)],
        [asked([2.0] * 6), asked([1.5, 2.0, 2.0, 2.0, 2.0, 2.0], None), asked([2.2] + [2.0] * 6, 0.11)],
    ),
    "preempted": (
        [made(on_cores(*[1.0] * 4, 0.8, 0.3)), made(on_cores(*[0.5] * 6, loop=0.95))],
        [
            made(on_cores(*[0.9] * 9)),
            made(on_cores(*[1.0] * 6, 0.3)),  # one trial is an event, no habit
            made(on_cores(*[0.3] * 6, loop=0.8)),  # the loop waits as well: not for a core alone
            made(on_cores(*[0.5] * 6, crew=THREADS)),  # for the GIL
            made(on_cores(*[0.3] * 6, workers=5), sweep={"workers": (5,)}),  # more than there are cores
            made(on_cores(*[0.3] * 6), machine={"cores_usable": None}),
            made(every(cpu_s=None)),
            made(every(spans=None)),
        ],
    ),
    "stolen-time": (
        [made(every(steal_s=0.2))],
        [made(every(steal_s=0.09)), made(every(steal_s=None)), made(every(steal_s=0.01, cpu_s=0.01))],
    ),
    "busy-machine": (
        [made(every(load=6.0), machine=LOGICAL)],
        [
            made(every(load=3.0), machine=LOGICAL),  # two workers and who watches them
            made(every(load=6.0), machine={"cores_logical": 16}),  # there is room for all
            made(every(load=6.0), machine=LOGICAL, sweep={"workers": (2, 8)}),
            made([replace(trial, load=20.0 * (trial.round < 4)) for trial in NINE], machine=LOGICAL),
            made(every(load=None), machine=LOGICAL),
            made(every(load=6.0)),
        ],
    ),
    "slow-first-round": (
        [made(rounds_of(lambda n: 2.4 if n == 0 else 2.0, lambda n: 1.2 if n == 0 else 1.0))],
        [
            made(rounds_of(lambda n: 2.1 if n == 0 else 2.0, lambda n: 1.05 if n == 0 else 1.0)),
            made(rounds_of(lambda n: 2.4 if n == 0 else 2.0)),  # only the loop, and that is not most
            made(rounds_of(lambda n: 2.4 if n in (0, 4) else 2.0, lambda n: 1.2 if n in (0, 4) else 1.0)),
            made(rounds_of(lambda n: 2.4 if n == 0 else 2.0, lambda n: 1.2 if n == 0 else 1.0, 5)),
        ],
    ),
    "drift": (
        [made(rounds_of(lambda n: 2.0 + 0.04 * n)), made(rounds_of(lambda n: 2.0 - 0.04 * n))],
        [
            made(rounds_of(lambda n: 2.0 + 0.01 * n)),  # steady, but small
            made(rounds_of(lambda n: 2.0 + 0.2 * (n % 2))),  # large, but not steady
            made(rounds_of(lambda n: 2.0 + 0.1 * n, count=5)),
            made([]),
        ],
    ),
    "outliers": (
        [made(rounds_of(lambda _: 2.0, lambda n: 2.0 if n == 4 else 1.0 + n / 1000))],
        [
            made(rounds_of(lambda _: 2.0, lambda n: 1.05 if n == 4 else 1.0)),  # not far
            made(rounds_of(lambda _: 2.0, lambda n: 1.0 + n / 20)),  # all are apart
            made(rounds_of(lambda _: 2.0, lambda n: 2.0 if n == 4 else 1.0, 8)),
        ],
    ),
}
CASES["above-ceiling"] = (
    [
        made(beside(2.2, 1.9)),
        made(beside(1.9, 2.3)),
        made(beside(2.2, 1.9, 3) + beside(1.5, 1.9, 3, 3)[:-1] + beside(2.2, 1.9, 1, 6)),
    ],
    [
        made(beside(2.0, 1.9)),  # hardly more
        made(beside(1.9, 2.1)),
        made(beside(2.2, 1.9, 5)),  # too few to tell
        made(rounds_of(lambda _: 2.2)),  # no ceiling was measured
        made(beside(1.2, 1.0, workers=1)),  # one worker has none: it may be superlinear
    ],
)
ONLY_SAID = {"slow-first-round", "drift", "outliers"}


@pytest.mark.parametrize(
    ("code", "results"),
    [pytest.param(code, one, id=f"{code}-{n}") for code, (yes, _) in CASES.items() for n, one in enumerate(yes)],
)
def test_a_finding_appears(code: str, results: Results) -> None:
    """What made the times unsteady is said: words, advice, numbers that JSON can hold, and the lesson about it."""
    finding = found_in(results)[code]
    assert finding.message.endswith(".")
    assert finding.advice.endswith(".")
    assert finding.evidence
    assert dumps(encode(finding))
    assert ("info" if code in ONLY_SAID else "warning") == finding.severity
    assert (Path(__file__).parents[2] / "notebooks" / f"{finding.notebook}.ipynb").exists()


@pytest.mark.parametrize(
    ("code", "results"),
    [pytest.param(code, one, id=f"{code}-{n}") for code, (_, no) in CASES.items() for n, one in enumerate(no)],
)
def test_a_finding_stays_away(code: str, results: Results) -> None:
    """What is in order, though only just, is not doubted."""
    assert code not in found_in(results)


def test_every_code_has_its_cases() -> None:
    """Every code that the module can give stands in the table above."""
    tree = ast.parse(Path(noise.__file__).read_text(encoding="utf-8"))
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call) and ast.unparse(node.func) == "Finding"]
    assert set(CASES) == {call.args[0].value for call in calls if isinstance(call.args[0], ast.Constant)}


def test_the_widest_speedup_is_named() -> None:
    """Of those that are not known well enough all are counted, and the one with the widest interval is told."""
    trials = [
        trial
        for number in range(6)
        for trial in make_round(
            number, (2.0, 2.0), parallel(1.0 + number / 50), parallel(1.0 + number / 10, workers=4), parallel(workers=1)
        )
    ]
    finding = found_in(made(trials, sweep={"workers": (1, 2, 4), "precision": 0.02}, ended="budget"))["not-converged"]
    assert "2 of 3 speedups are not known to ±2% as was asked for; the widest: threads, 4 workers" in finding.message
    assert [2, 4] == [one["workers"] for one in finding.evidence["wide"]]


def test_a_speedup_without_an_interval_is_the_least_known() -> None:
    """With five rounds there is no width to tell."""
    finding = found_in(asked([2.0] * 5))["not-converged"]
    assert "no interval yet" in finding.message
    assert [{"backend": "threads", "workers": 2, "width": None}] == finding.evidence["wide"]


def test_the_worst_trial_is_named() -> None:
    """Who lost the core, when, and how much of the time; and how often the system took it away."""
    trials = [replace(trial, preempted=40) for trial in on_cores(*[1.0] * 4, 0.8, 0.3)]
    finding = found_in(made(trials))["preempted"]
    assert "In 2 of 18 trials the tasks" in finding.message
    assert "threads, 2 workers, round 6, on a core for 30% of it" in finding.message
    assert (2, [40, 40]) == (finding.evidence["count"], finding.evidence["switches"])
    assert [4, 5] == [one["round"] for one in finding.evidence["trials"]]


def test_the_farthest_ratio_is_told_and_stays() -> None:
    """An outlier is marked with its place, and every round is still in the row."""
    results = made(rounds_of(lambda _: 2.0, lambda n: 2.0 if n == 4 else 1.0))
    finding = found_in(results)["outliers"]
    assert "1 of 9 ratios lies far from" in finding.message
    assert "threads, 2 workers, round 5, 1.00 instead of about 2.00" in finding.message
    assert [{"backend": "threads", "workers": 2, "session": 0, "round": 4}] == finding.evidence["trials"]
    assert 9 == summarise(results).rows[1].rounds


def test_drift_says_how_much() -> None:
    """From 2.00 to 2.32 s over nine rounds is 15 % of the middle one."""
    finding = found_in(made(rounds_of(lambda n: 2.0 + 0.04 * n)))["drift"]
    assert "slower from round to round, by 15% in all" in finding.message
    assert pytest.approx(0.32 / 2.16) == finding.evidence["change"]


def test_what_is_above_the_ceiling_is_named() -> None:
    """The worst configuration is said with its share, inside rounds; a ceiling above n with its number."""
    finding = found_in(made(beside(2.2, 1.9)))["above-ceiling"]
    assert "threads, 2 workers: the speedup is 16% above the ceiling" in finding.message
    assert [{"backend": "threads", "workers": 2, "share": pytest.approx(2.2 / 1.9)}] == finding.evidence["above"]
    finding = found_in(made(beside(1.9, 2.3)))["above-ceiling"]
    assert "The ceiling of 2 workers is 2.30: more than n." == finding.message
    assert [] == finding.evidence["above"]


def test_a_quiet_sweep_has_none() -> None:
    """Nine equal rounds, known to the precision that was asked for, give no reason for doubt."""
    assert {} == found_in(made(every(steal_s=0.0, preempted=3), sweep={"precision": 0.05}, machine=LOGICAL))


@pytest.mark.parametrize(
    ("code", "shown", "quiet"),
    [
        ("not-converged", "precise", "content"),
        ("noisy-machine", "recorded:triad-2-cores", "recorded:primes-2-cores-python-3.14"),
        ("superlinear", "recorded:photos-2-cores", "recorded:matmul-2-cores"),
        ("above-ceiling", "recorded:photos-16-cores", "recorded:photos-2-cores"),
        ("above-ceiling", "recorded:primes-16-cores", "recorded:simulation-2-cores"),
    ],
)
def test_recorded_traces_show_noise(code: str, shown: str, quiet: str) -> None:
    """A sweep that was measured in such a way is told so, and one that was not hears nothing of it."""
    assert code in found_in(recording(shown))
    assert code not in found_in(recording(quiet))
