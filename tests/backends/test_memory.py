"""The watch on workers' memory: it looks seldom, never raises, and ends nobody."""

import os
import re
import time

import marks
import pytest

from parlab.backends import memory
from parlab.backends.memory import MemoryWatch, memory_advice
from parlab.errors import InputError


@pytest.fixture
def gone() -> int:
    """A number that is nobody's: of a process that has ended just now, as numbers come back after a while."""
    return int(marks.of_a_dead_process().partition("-")[0])


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """A clock that is set by hand."""
    now = [1000.0]
    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    return now


@pytest.mark.parametrize("limit", [0, -1])
def test_a_limit_that_none_can_keep_is_refused(limit: int) -> None:
    """Nothing and less than nothing are refused by their number."""
    with pytest.raises(InputError, match=f"limited to {limit} bytes"):
        MemoryWatch(limit)


@pytest.mark.parametrize(("limit", "exceeded"), [(1, True), (1 << 50, False)])
def test_a_process_above_the_limit_is_seen(
    limit: int, monkeypatch: pytest.MonkeyPatch, gone: int, *, exceeded: bool
) -> None:
    """This process holds more than a byte and less than a petabyte; one that has ended holds nothing."""
    monkeypatch.setattr(memory, "_ROOM", 0)
    watch = MemoryWatch(limit)
    watch.look_at([gone, os.getpid()])
    watch.look()
    assert exceeded is watch.exceeded
    watch.reset()
    assert not watch.exceeded


@pytest.mark.parametrize(
    ("limit", "held", "exceeded"), [(1, 150, False), (1, 151, True), (1000, 1000, False), (1000, 1001, True)]
)
def test_a_limit_leaves_room_to_a_fresh_worker(
    limit: int, held: int, monkeypatch: pytest.MonkeyPatch, *, exceeded: bool
) -> None:
    """Half as much again as it held when it was fresh is always allowed; a higher limit is kept as it is."""
    holds = {7: 100, 8: 90}
    monkeypatch.setattr(memory, "_resident_bytes", holds.__getitem__)
    watch = MemoryWatch(limit)
    watch.look_at([7, 8])
    holds[8] = held
    watch.look()
    assert exceeded is watch.exceeded


def test_the_dead_hold_nothing(gone: int) -> None:
    """A worker that has ended is not looked up twice, and is no error."""
    watch = MemoryWatch(1)
    watch.look_at([gone])
    watch.look()
    assert not watch.exceeded


def test_it_looks_now_and_then(monkeypatch: pytest.MonkeyPatch, clock: list[float]) -> None:
    """However often it is asked, it looks once in a fifth of a second; without a limit never."""
    looks: list[int] = []
    monkeypatch.setattr(memory, "_resident_bytes", lambda process: looks.append(process) or 0)
    for limit in (1, None):
        watch = MemoryWatch(limit)
        watch.look_at([7])
        looks.clear()
        for _ in range(10):
            watch.look()
        clock[0] += 0.21
        watch.look()
        assert ([7, 7] if limit else []) == looks


def test_the_advice_says_how_much_there_is() -> None:
    """The number is that of this machine."""
    assert re.fullmatch(
        r"this machine allows \d+\.\d GiB in all; try fewer workers or smaller items\.", memory_advice()
    )
