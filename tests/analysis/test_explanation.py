"""What a sweep's spans tell, gathered; and the recorded sweeps, of which the course says where the time went."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from builders import make_results, make_round, make_rounds, parallel, serial
from traces import loop, round_of, traced

from parlab.analysis.areas import Area, areas_of
from parlab.analysis.explanation import explain
from parlab.analysis.traffic import traffic_of
from parlab.errors import InputError
from parlab.results import Results, read, recorded_names

FOUR = loop(1.0, 1.0, 1.0, 1.0)
PERFECT = [[(0.0, 1.0), (1.0, 2.0)], [(0.0, 1.0), (1.0, 2.0)]]


def test_an_explanation_is_plain_json() -> None:
    """All four tables stand in one object."""
    explanation = explain(make_results(round_of(traced(2.0, PERFECT), FOUR)))
    found = json.loads(json.dumps(explanation.as_json(), allow_nan=False))
    assert ["workload", "weak", "areas", "pop", "break_even", "traffic", "memory"] == list(found)
    assert [1, 1, 1, 1] == [len(found[name]) for name in ("areas", "pop", "break_even", "traffic")]


@pytest.mark.parametrize(
    ("results", "text"),
    [
        (make_results(make_rounds(2), sweep={"trace": False}), "measured with --no-trace"),
        (make_results([serial(1.0), parallel(1.0)]), "no round is complete"),
        (make_results([]), "no round is complete"),
        (make_results(make_round(0, (1.0, 1.0)), sweep={"backends": ("serial",)}), "the plain loop alone"),
        (make_results(make_rounds(2)), "did the same work"),
    ],
    ids=["not traced", "one bracket", "nothing", "serial alone", "no trial with spans"],
)
def test_what_cannot_be_explained(results: Results, text: str) -> None:
    """Each reason has its own sentence with what to do."""
    with pytest.raises(InputError, match=text):
        explain(results)


def test_traffic_is_the_mean_of_what_is_known() -> None:
    """Bytes and packing times of a task; what no task tells is not known."""
    trial = traced(2.0, PERFECT, sent_bytes=[1, 3, None, 5], pickle_s=[0.5, 1.5, 1.0, 1.0])
    (row,) = traffic_of(make_results(round_of(trial, FOUR)))
    assert (3.0, None, 1.0, None, True) == (row.sent_bytes, row.received_bytes, row.pickle_s, row.unpickle_s, row.known)
    (silent,) = traffic_of(make_results(round_of(traced(2.0, PERFECT), FOUR)))
    assert not silent.known


def recorded(name: str, backend: str) -> Area:
    """Return the area of two workers in a sweep that was recorded on two cores."""
    rows = {(row.backend, row.workers): row for row in areas_of(read(f"recorded:{name}-2-cores"))}
    return rows[backend, 2].map


def largest_loss(area: Area) -> str:
    losses = {name: share for name, share in area.shares.items() if name != "useful"}
    return max(losses, key=lambda name: losses[name])


@pytest.mark.parametrize(
    ("workload", "backend", "expected"),
    [
        ("skewed", "processes", "tail"),
        ("payload", "processes", "transfer"),
        ("triad", "threads", "inflation"),
        ("triad", "processes", "inflation"),
        ("download", "threads", "waiting"),
        ("download", "processes", "waiting"),
        ("primes", "threads", "waiting"),  # for the GIL
    ],
)
def test_the_recorded_sweeps_show_what_their_workloads_teach(workload: str, backend: str, expected: str) -> None:
    """The largest loss of each is the one that the workload was written to show."""
    assert expected == largest_loss(recorded(workload, backend))


@pytest.mark.parametrize("name", recorded_names())
def test_recorded_sweeps_add_up(name: str) -> None:
    """On a real machine the residual stays far below 2 % of the area, in every configuration."""
    explanation = explain(read(f"recorded:{name}"))
    assert all(row.map.adds_up and row.whole is not None and row.whole.adds_up for row in explanation.areas)


def test_global_efficiency_is_nearly_the_speedups() -> None:
    """POP's global efficiency, from spans, and speedup / n, from outside, are two ways to one number."""
    explanation = explain(read("recorded:photos-2-cores"))
    speedups: dict[Any, float] = {(row.backend, row.workers): row.speedup for row in explanation.areas}
    near: Callable[[float], Any] = lambda value: pytest.approx(value, rel=0.03)
    for row in explanation.pop:
        assert near(speedups[row.backend, row.workers] / row.workers) == row.metrics.global_efficiency
