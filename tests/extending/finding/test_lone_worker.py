"""A sweep of one worker alone: recorded traces that show it and that do not, and the edges."""

from dataclasses import replace
from typing import Any

import pytest
from builders import SWEEP, make_results, parallel, serial
from recordings import recording

from parlab.analysis.summary import summarise
from parlab.records import Finding
from parlab.results import Results


def found_in(results: Results) -> dict[str, Finding]:
    return {finding.code: finding for finding in summarise(results).findings}


def made(workers: tuple[int, ...], cores: Any) -> Results:
    """Make one round of a sweep with these worker counts, on a machine with so many cores."""
    trials = [serial(2.0), *(parallel(1.9, workers=count) for count in workers), serial(2.0)]
    results = make_results(
        [replace(one, position=place) for place, one in enumerate(trials)], machine={"cores_usable": cores}
    )
    sweep = replace(SWEEP, workers=workers)
    return replace(results, header=replace(results.header, sweep=sweep))


def test_recorded_traces_show_it() -> None:
    """One worker on two cores is told so; sweeps with two workers hear nothing of it."""
    finding = found_in(recording("one-worker"))["lone-worker"]
    assert {"cores": 2} == finding.evidence
    assert "--workers 1,2" in finding.advice
    assert "lone-worker" not in found_in(recording("content"))
    assert "lone-worker" not in found_in(recording("recorded:primes-2-cores"))


@pytest.mark.parametrize(
    ("workers", "cores", "is_found"),
    [((1,), 8, True), ((1, 2), 8, False), ((1,), 1, False), ((1,), None, False)],
)
def test_the_edges(workers: tuple[int, ...], cores: Any, is_found: bool) -> None:  # noqa: FBT001  # of a case
    """It takes a second core that is known to be there, and no trial that used it."""
    assert is_found is ("lone-worker" in found_in(made(workers, cores)))
