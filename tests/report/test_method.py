"""Each sentence about the method is true for the sweep at hand; the machine's rows leave out what is not known."""

from dataclasses import replace

import pytest
from builders import HEADER, make_results, make_round, make_rounds, parallel

from parlab.analysis.summary import summarise
from parlab.report.hardware import machine_rows
from parlab.report.method import method
from parlab.results import read
from parlab.results.recorded import PREFIX


def said(trials=None, **fields) -> str:
    results = make_results(make_rounds(6) if trials is None else trials, **fields)
    return " ".join(method(results, summarise(results)))


def test_a_usual_sweep_takes_about_ten_sentences() -> None:
    """Rounds, shuffling, brackets, ratios, intervals, ceiling, answers, BLAS: all are there."""
    results = read(f"{PREFIX}photos-2-cores")
    sentences = method(results, summarise(results))
    assert 8 <= len(sentences) <= 12
    for words in (
        "9 rounds were completed. The sweep ended when all rounds were done.",
        "shuffled from the seed 20240229, between two plain loops",
        "inside the same round",
        "assume no distribution",
        "The ceiling was measured",
        "compared with the plain loop's",
        "BLAS libraries had 1 thread",
        "An envelope noted the times of every task, which adds about 1.64 us to each",
    ):
        assert words in " ".join(sentences)


@pytest.mark.parametrize(
    ("fields", "told", "silent"),
    [
        ({"sweep": {"verify": False}}, "Answers were not compared (--no-verify)", "a wrong answer would have"),
        ({"sweep": {"trace": False}}, "The bare backends were measured (--no-trace)", "envelope"),
        ({"sweep": {"weak": True}}, "64 tasks for each of them (weak scaling)", "strong"),
        ({"check": {"cpu_share": 0.1, "ceiling": False}}, "these tasks mostly wait", "The ceiling was measured"),
        ({"check": {"ceiling": False}}, "No ceiling was measured.", "The ceiling was measured"),
        ({"sweep": {"blas_threads": 4}}, "BLAS libraries had 4 threads", "1 thread in"),
        ({"sweep": {"chunksize": 8}}, "A message to a worker held 8 tasks", "held 1 task"),
        ({"sweep": {"precision": 0.05}, "ended": "precision"}, "taken a little wider", "all rounds"),
        ({"sweep": {"on_error": "skip"}}, "--on-error skip", "--deadline"),
        ({"sweep": {"deadline_s": 3.0}}, "ended after 3 s (--deadline)", "--worker-memory"),
        ({"sweep": {"worker_memory_bytes": 5000}}, "more than 5,000 bytes", "--deadline"),
        ({"ended": None}, "the sweep was cut off", "The sweep ended"),
        ({"ended": "a reason of a later parlab"}, "6 rounds were completed", "a reason"),
    ],
)
def test_only_what_was_true(fields, told: str, silent: str) -> None:
    """A switch changes its sentence."""
    found = said(**fields)
    assert told in found
    assert silent not in found


def test_few_rounds_have_no_interval() -> None:
    """And the method says what one takes."""
    found = said(make_round(0, (2.0, 2.0), parallel()))
    assert "There are no intervals, because these take 6 rounds." in found
    assert "1 round was completed of 6 that were wanted." in found
    assert "assume no distribution" not in found


def test_a_resumed_sweep_says_so() -> None:
    """How often it went on."""
    trials = [replace(one, session=2) for one in make_rounds(6)]
    assert "resumed 2 times" in said(trials)


def test_the_machine_says_why_its_cores_are_limited() -> None:
    """The limit that decided stands beside the number; without one, that too."""
    machine = {"cores_usable": 2, "cores_logical": 8, "cores_limited_by": "cgroup CPU quota", "cores_quota": 2.5}
    rows = dict(machine_rows(replace(HEADER, machine=machine)))
    assert "2 of 8 logical: limited by cgroup CPU quota" == rows["Cores parlab could use"]
    assert "2.5 cores" == rows["CPU quota of the control group"]
    assert "Memory" not in rows
    assert "not known" == rows["Processor"]
    assert "numpy 2.0" == rows["Libraries"]


@pytest.mark.parametrize("odd", [None, "text", -1, 1e308, True, [], {}, 10**400])
def test_a_machine_that_no_parlab_wrote(odd) -> None:
    """Any JSON in any field gives rows, and no error."""
    names = list(read(f"{PREFIX}photos-2-cores").header.machine)
    rows = machine_rows(replace(HEADER, machine=dict.fromkeys(names, odd), libraries={}))
    assert all(isinstance(cell, str) and len(cell) < 400 for one in rows for cell in one)
