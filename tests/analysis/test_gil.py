"""Threads are called GIL-free only where every trial of theirs was: hand-made sweeps of a free-threaded build."""

from dataclasses import replace
from typing import Any

import pytest
from builders import make_results, make_rounds
from drawn import drawn_texts

from parlab.analysis.gil import gil_of
from parlab.analysis.summary import summarise
from parlab.plots.speedup import speedup_chart
from parlab.records import Trial
from parlab.report.hardware import machine_rows
from parlab.results import Results

FREE = {"free_threaded_build": True, "gil_enabled": False, "python": "3.14.0"}
USUAL = {"free_threaded_build": False, "gil_enabled": True, "python": "3.14.0"}
CODE = "gil-switched-on"


def noted(*gil: bool, of: str = "threads", which: int | None = None) -> list[Trial]:
    """Make six rounds whose trials noted the GIL before and after: those of one engine, or the one in a round."""
    return [
        replace(one, gil_before=gil[0], gil_after=gil[1])
        if one.backend == of and which in (None, one.round)
        else replace(one, gil_before=False, gil_after=False)
        for one in make_rounds(6)
    ]


def made(trials: list[Trial], machine: dict[str, Any] = FREE) -> Results:
    return make_results(trials, machine=machine)


@pytest.mark.parametrize(
    ("trials", "machine", "known"),
    [
        (noted(False, False), FREE, "off"),
        (noted(False, True), FREE, "switched on"),
        (noted(True, True), FREE, "switched on"),
        (noted(False, True, which=3), FREE, "switched on"),  # one trial is enough
        (noted(True, True, of="processes"), FREE, "off"),  # their own process is no matter of threads
        (noted(True, True, of="serial"), FREE, "off"),
        (make_rounds(6), FREE, None),  # a file of an older parlab
        (noted(True, True), {**FREE, "gil_enabled": True}, "switched on"),  # before the sweep began
        (noted(True, True), USUAL, "on"),
        (make_rounds(6), {}, None),
    ],
)
def test_what_the_trials_noted_decides(trials: list[Trial], machine: dict[str, Any], known: str | None) -> None:
    """Off needs every trial, before and after its work; where nothing was noted nothing is claimed."""
    assert known == gil_of(machine, trials)


@pytest.mark.parametrize(
    ("trials", "when"),
    [
        (noted(False, True), "while the tasks ran, in 6 of 6 trials"),
        (noted(True, True), "by an import before the tasks ran, in 6 of 6 trials"),
        (noted(False, True, which=2), "while the tasks ran, in 1 of 6 trials"),
    ],
)
def test_a_gil_that_was_switched_on_is_a_finding(trials: list[Trial], when: str) -> None:
    """It says when, in how many trials, and what to do."""
    (finding,) = [one for one in summarise(made(trials)).findings if one.code == CODE]
    assert when in finding.message
    assert "-X gil=0" in finding.advice


@pytest.mark.parametrize("results", [made(noted(False, False)), made(noted(True, True), USUAL), made(make_rounds(6))])
def test_a_gil_that_is_as_expected_is_none(results: Results) -> None:
    """A build without a GIL that stayed so, one that always has it, and a file that does not know."""
    assert CODE not in {one.code for one in summarise(results).findings}


@pytest.mark.parametrize(
    ("trials", "caption", "row"),
    [
        (noted(False, False), "GIL off", "off: threads run Python code side by side"),
        (noted(False, True), "GIL switched on by an import", "switched on by an import"),
    ],
)
def test_chart_and_report_say_how_it_was(trials: list[Trial], caption: str, row: str) -> None:
    """A chart says off only where it was off, and the report's row of the machine says the same."""
    results = made(trials)
    summary = summarise(results)
    texts = " ".join(" ".join(drawn_texts(speedup_chart(summary))).split())
    assert caption in texts
    assert ("GIL off" in texts) == (caption == "GIL off")
    rows = dict(machine_rows(results.header, summary.gil))
    assert rows["Global interpreter lock (GIL)"].startswith(row)


def test_usual_pythons_are_not_talked_about() -> None:
    """A Python that always has a GIL says nothing of it in its charts."""
    assert "GIL" not in summarise(made(noted(True, True), USUAL)).place
