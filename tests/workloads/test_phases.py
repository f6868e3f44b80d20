"""The program in two phases waits as it says, and its speedups are taken inside of rounds."""

import threading
from collections import Counter

import pytest

from parlab.workloads import phases


@pytest.fixture
def waits(monkeypatch) -> list[tuple[float, bool]]:
    """What was slept, and whether it was in this thread; nobody really sleeps."""
    found: list[tuple[float, bool]] = []
    here = threading.get_ident()
    monkeypatch.setattr(phases.time, "sleep", lambda seconds: found.append((seconds, threading.get_ident() == here)))
    return found


@pytest.mark.parametrize("workers", [0, 1, 3])
def test_the_first_phase_is_alone_and_the_second_is_shared(waits, workers: int) -> None:
    """One long wait here, then the parts: here in a plain loop, in threads otherwise."""
    first_s, second_s = phases.run(workers, 0.5, 6, 0.25)
    assert ((0.5, True), {(0.25, workers == 0): 6}) == (waits[0], Counter(waits[1:]))
    assert first_s >= 0 and second_s >= 0


def made_up(calls: list[tuple[int, int]]):
    """A machine of our own: a second alone, and two seconds for each part, shared out evenly."""

    def run(workers: int, alone_s: float, parts: int) -> tuple[float, float]:
        calls.append((workers, parts))
        return alone_s, 2.0 * parts / max(1, workers)

    return run


def test_the_same_work_follows_amdahl(monkeypatch) -> None:
    """A second of five is serial: 1.67 and 2.5 times as fast; each round has its own plain loop."""
    calls: list[tuple[int, int]] = []
    monkeypatch.setattr(phases, "run", made_up(calls))
    found = phases.speedups([2, 4], 2.0, 4, rounds=3)
    assert [(pytest.approx(10 / 6), pytest.approx(2.5))] * 3 == found
    assert [0, 0, 0] == [workers for workers, _ in calls[::3]]
    assert {4} == {parts for _, parts in calls}


def test_work_that_grows_follows_gustafson(monkeypatch) -> None:
    """Each worker gets four parts, and the loop's second phase counts as often: a fifth is serial."""
    calls: list[tuple[int, int]] = []
    monkeypatch.setattr(phases, "run", made_up(calls))
    [found] = phases.speedups([2, 4], 2.0, 4, grows=True, rounds=1)
    assert (pytest.approx(2 - 0.2), pytest.approx(4 - 0.6)) == found
    assert [(0, 4), (2, 8), (4, 16)] == sorted(calls)
