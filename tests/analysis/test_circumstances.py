"""What around the work keeps a sweep from its best: recorded traces that show it and that do not, and the edges."""

import ast
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from builders import make_results, make_rounds, parallel
from recordings import recording

from parlab.analysis import circumstances
from parlab.analysis.summary import summarise
from parlab.codec import dumps, encode
from parlab.records import Finding, Memory, Trial, Worker
from parlab.results import Results

QUIET = make_rounds(6)
MIB = 1 << 20


def made(trials: Sequence[Trial] = QUIET, **fields: Any) -> Results:
    return make_results(trials, **fields)


def found_in(results: Results) -> dict[str, Finding]:
    found = summarise(results).findings
    assert len(found) == len({finding.code for finding in found}), "no code stands there twice"
    return {finding.code: finding for finding in found}


def starting(open_s: float, map_s: float = 1.0, **fields: Any) -> Results:
    """Make six rounds in which two workers are twice as fast as the loop, and take their time to start."""
    trials = [one if one.role == "serial" else replace(one, open_s=open_s, close_s=0.0) for one in make_rounds(6, 2, 1)]
    return made([one if one.role == "serial" else replace(one, map_s=map_s) for one in trials], **fields)


def waiting(share: float | None, map_s: float = 1.0) -> list[Trial]:
    """Make six rounds whose plain loop uses a core for this share of its time."""
    cpu_s = None if share is None else 2.0 * share
    return [replace(one, cpu_s=cpu_s) if one.role == "serial" else one for one in make_rounds(6, 2.0, map_s)]


def holding(together: int | None, free: int = 1000 * MIB, **fields: Any) -> Results:
    """Make a sweep in which parent and four workers held so much at most."""
    known: dict[str, Any] = {
        "parent_uss_bytes": 100 * MIB,
        "parent_pss_bytes": None if together is None else together - 400 * MIB,
        "workers_uss_bytes": 380 * MIB,
        "workers_pss_bytes": 400 * MIB,
        "largest_worker_uss_bytes": 100 * MIB,
        "samples": 9,
        "interval_s": 0.01,
    }
    memory = Memory("parallel", "processes", 4, **(known | fields))
    results = made(machine={"memory_available_bytes": free})
    return replace(results, memory=(memory,))


def on_hosts(*hosts: str, serial: Sequence[str] = ("here",)) -> list[Trial]:
    """Make six rounds whose workers were on these hosts; without a crew nobody knows where the plain loop was."""
    crews = {
        role: tuple(Worker(host, 1 + place, 1, 0.5, 0.001) for place, host in enumerate(names))
        for role, names in (("serial", serial), ("parallel", hosts))
    }
    return [replace(one, crew=crews[one.role]) for one in make_rounds(6)]


# A code, results in which it appears, and results close to them in which it does not; names are recordings.
CASES: dict[str, tuple[list[Results | str], list[Results | str]]] = {
    "more-workers-than-cores": (
        [
            "affinity",
            "recorded:primes-2-cores",
            made(sweep={"workers": (2, 5)}),
            made(sweep={"workers": (5,)}, check={"cpu_share": 0.5}),
            made(sweep={"workers": (5,)}, check={"cpu_share": None}),
        ],
        [
            "recorded:photos-2-cores",
            "recorded:download-2-cores",
            made(sweep={"workers": (2, 4)}),
            made(sweep={"workers": (5,)}, check={"cpu_share": 0.4}),
            made(sweep={"workers": (5,)}, check={"cpu_share": 0.0}),
            made(sweep={"workers": (5,)}, machine={"cores_usable": None}),
        ],
    ),
    "startup-dominates": (
        ["content", "recorded:triad-2-cores", starting(1.01)],
        ["recorded:matmul-2-cores", "recorded:photos-2-cores", starting(0.99), starting(9.0, map_s=1.95)],
    ),
    "io-bound": (
        ["recorded:download-2-cores", made(waiting(0.49))],
        ["recorded:photos-2-cores", made(waiting(0.5)), made(waiting(None)), made(check={"cpu_share": 0.1}), made([])],
    ),
    "start-method": (
        ["fork", made([*QUIET, parallel(1.0, start_method="fork")])],
        ["content", made([*QUIET, parallel(1.0, start_method="spawn")])],
    ),
    "too-little-memory": (
        [holding(801 * MIB), holding(None, 590 * MIB)],
        [
            "payload",  # 24 GiB were free
            holding(800 * MIB),
            holding(None, 600 * MIB),
            holding(None, parent_uss_bytes=None),
            holding(801 * MIB, 0),
            made(),
        ],
    ),
}
CASES["estimated-clocks"] = (
    ["hosts", made(on_hosts("there", "here"))],
    ["recorded:primes-2-cores", made(on_hosts("here")), made(on_hosts("there", serial=()))],
)
INFO = {"more-workers-than-cores", "io-bound", "start-method", "estimated-clocks"}


def results_of(one: Results | str) -> Results:
    return recording(one) if isinstance(one, str) else one


@pytest.mark.parametrize(
    ("code", "results"),
    [pytest.param(code, one, id=f"{code}-{n}") for code, (yes, _) in CASES.items() for n, one in enumerate(yes)],
)
def test_a_finding_appears(code: str, results: Results | str) -> None:
    """What can be improved is said: with words, with advice, and with numbers that JSON can hold."""
    finding = found_in(results_of(results))[code]
    assert finding.message
    assert finding.advice.endswith(".")
    assert finding.evidence
    assert finding.notebook
    assert dumps(encode(finding))
    assert ("info" if code in INFO else "warning") == finding.severity


@pytest.mark.parametrize(
    ("code", "results"),
    [pytest.param(code, one, id=f"{code}-{n}") for code, (_, no) in CASES.items() for n, one in enumerate(no)],
)
def test_a_finding_stays_away(code: str, results: Results | str) -> None:
    """What is in order, though only just, is not doubted."""
    assert code not in found_in(results_of(results))


def test_every_code_has_its_cases() -> None:
    """Every code that the module can give stands in the table above."""
    tree = ast.parse(Path(circumstances.__file__).read_text(encoding="utf-8"))
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call) and ast.unparse(node.func) == "Finding"]
    assert set(CASES) == {call.args[0].value for call in calls if isinstance(call.args[0], ast.Constant)}


def test_the_limit_of_the_cores_is_named() -> None:
    """Who runs more workers than cores learns what limits the cores."""
    finding = found_in(made(sweep={"workers": (2, 8)}, machine={"cores_limited_by": "CPU affinity"}))
    assert "8 workers share 4 usable cores (limit: CPU affinity)." == finding["more-workers-than-cores"].message
    assert {"workers": 8, "cores": 4} == finding["more-workers-than-cores"].evidence


def test_one_core_is_one() -> None:
    """On a machine with a single core the sentence speaks of one."""
    finding = found_in(made(sweep={"workers": (1, 2)}, machine={"cores_usable": 1, "cores_limited_by": "CPU quota"}))
    assert "2 workers share 1 usable core (limit: CPU quota)." == finding["more-workers-than-cores"].message


def test_a_quota_is_no_property_of_the_machine() -> None:
    """Where the machine has more cores than we may use, the advice says who could give more."""
    advice = found_in(recording("affinity"))["more-workers-than-cores"].advice
    assert "The machine has 2: ask whoever set the CPU affinity for more, or use 1 worker." in advice


def test_start_up_tells_when_it_pays() -> None:
    """Twice as fast after 3 s of starting: it pays for work of more than 6 s in a plain loop."""
    finding = found_in(starting(3.0))["startup-dominates"]
    assert (3.0, pytest.approx(6.0)) == (finding.evidence["startup_s"], finding.evidence["worth_s"])
    assert pytest.approx(0.75) == finding.evidence["share"]
    assert "more than 6 s" in finding.advice


def test_waiting_work_that_still_gains_is_told_to_go_on() -> None:
    """At the most workers the efficiency is still high: more are worth a try; where it is low, nothing is promised."""
    download = found_in(recording("recorded:download-2-cores"))["io-bound"]
    assert "try --workers 8,16,32" in download.advice
    assert "8 workers on 2 cores" in download.message
    assert "try --workers" not in found_in(made(waiting(0.1, map_s=1.5)))["io-bound"].advice


def test_a_busy_machine_is_no_waiting_task() -> None:
    """One loop that got a core all the time shows that tasks compute, however long the others had to wait for one."""
    trials = waiting(0.3)
    trials[0] = replace(trials[0], cpu_s=1.9)
    assert "io-bound" not in found_in(made(trials, check={"cpu_share": 0.3}))


def test_on_a_crowded_machine_only_clear_waiting_is_told() -> None:
    """Where seven programs share two cores, a task that computes waits for more than half of its time."""
    machine = {"cores_logical": 2, "cores_usable": 2}

    def crowded(share: float) -> Results:
        return made([replace(trial, load=7.0) for trial in waiting(share)], machine=machine)

    assert "busy-machine" in found_in(crowded(0.48))
    assert "io-bound" not in found_in(crowded(0.48))
    assert "io-bound" in found_in(crowded(0.03))
    assert "io-bound" in found_in(made(waiting(0.48), machine=machine))


def test_fork_is_worse_on_macos() -> None:
    """On macOS fork is a warning, and spawn is the way out; on Linux it is a remark, and forkserver is."""
    forked = [*QUIET, parallel(1.0, start_method="fork")]
    mac = found_in(made(forked, machine={"system": "Darwin 25.1.0"}))["start-method"]
    linux = found_in(made(forked, machine={"system": "Linux 6.18"}))["start-method"]
    assert ("warning", "spawn") == (mac.severity, mac.evidence["instead"])
    assert ("info", "forkserver") == (linux.severity, linux.evidence["instead"])


def test_as_many_workers_as_fit_are_advised() -> None:
    """100 MiB for the parent and 100 for each worker: into 80 % of 500 MiB go three of them."""
    finding = found_in(holding(480 * MIB, 500 * MIB))["too-little-memory"]
    assert 3 == finding.evidence["fitting_workers"]
    assert finding.advice.startswith("Use 3 workers")
    alone = found_in(holding(480 * MIB, 110 * MIB))["too-little-memory"]
    assert alone.evidence["fitting_workers"] is None
    limited = holding(480 * MIB, 500 * MIB)
    machine = {**limited.header.machine, "memory_limit_bytes": 500 * MIB}
    inside = replace(limited, header=replace(limited.header, machine=machine))
    assert "within the control group's limit" in found_in(inside)["too-little-memory"].message
