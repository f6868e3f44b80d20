"""The number that a check lends: two who read it without a lock meet, so that the race shows on any machine."""

import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Lock

import pytest

from parlab.learn import probes, probes_races
from parlab.learn.probes_races import Number


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of a run in which two have been at work at once."""
    found = tmp_path / "place"
    for name in (probes.WORKERS, probes.STACKS, probes.FILES):
        (found / name).mkdir(parents=True)
    monkeypatch.setenv(probes.PLACE, str(found))
    probes.begin(found)
    with ThreadPoolExecutor(2) as threads:
        list(threads.map(probes.square, [3, 1]))
    assert "threads" == probes.met(found)
    return found


def add(number: Number) -> None:
    number.write(number.read() + 1)


def vain(place: Path, what: str = "met") -> int:
    file = place / f"{what} in vain"
    return file.stat().st_size if file.exists() else 0


def test_two_readers_meet_and_one_addition_is_lost(place: Path, monkeypatch) -> None:
    """Both read before either writes, however late the second one comes: 10 becomes 11 and not 12."""
    monkeypatch.setattr(probes_races, "_MEET_S", (60.0,))
    monkeypatch.setattr(probes_races, "_REST_S", ())
    number = Number(10)

    def late() -> None:
        while not list(place.glob("readers/*")):
            time.sleep(0.001)
        add(number)

    with ThreadPoolExecutor(2) as threads:
        for one in (threads.submit(add, number), threads.submit(late)):
            one.result()
    monkeypatch.setattr(probes_races, "_MEET_S", ())
    assert 11 == number.read()
    assert [] == list(place.glob("readers/*"))


def test_two_processes_meet(place: Path, monkeypatch) -> None:
    """The same with a process of its own."""
    monkeypatch.setattr(probes_races, "_MEET_S", (60.0,))
    code = (
        "from parlab.learn import probes_races\nprobes_races._MEET_S = (60.0,)\n"
        "number = probes_races.Number(10)\nnumber.write(number.read() + 5)"
    )
    child = subprocess.Popen([sys.executable, "-c", code], env={**os.environ, probes.PLACE: str(place)})
    seen = Number(10).read()
    assert (0, 10) == (child.wait(), seen)
    assert 0 == vain(place)


def test_under_a_lock_nothing_is_lost(place: Path, monkeypatch) -> None:
    """Nobody can meet there: after a few moments in vain nobody waits any more, and all additions count."""
    monkeypatch.setattr(probes_races, "_MEET_S", (0.02, 0.01, 0.01))
    monkeypatch.setattr(probes_races, "_REST_S", (0.02, 0.01, 0.01))
    number, lock = Number(), Lock()

    def add_locked(_: int) -> None:
        with lock:
            add(number)

    with ThreadPoolExecutor(2) as threads:
        list(threads.map(add_locked, range(20)))
    assert 20 == number.read()
    assert vain(place) >= 3


def test_a_lock_for_each_step_does_not_help(place: Path, monkeypatch) -> None:
    """Who has given back the lock after reading rests until the other one has read the same number."""
    monkeypatch.setattr(probes_races, "_MEET_S", (0.0,))
    monkeypatch.setattr(probes_races, "_REST_S", (60.0,))
    number, lock = Number(), Lock()

    def add_apart(_: int) -> None:
        with lock:
            seen = number.read()
        lock.acquire()
        number.write(seen + 1)
        lock.release()

    with ThreadPoolExecutor(2) as threads:
        first = threads.submit(add_apart, 0)
        while not (place / "reads").exists():
            time.sleep(0.001)
        monkeypatch.setattr(probes_races, "_REST_S", (0.0,))  # the second one has nobody to wait for
        threads.submit(add_apart, 1).result()
        first.result()
    assert 1 == number.read()


def test_who_works_alone_does_not_wait(tmp_path: Path, monkeypatch) -> None:
    """Where two have never been at work at once, nobody is waited for."""
    monkeypatch.setenv(probes.PLACE, str(tmp_path))
    number = Number(-7)
    assert -7 == number.read()
    number.write(12)
    number.write(-3)  # shorter or longer than before, it is read as it was written
    assert -3 == number.read()
    assert 0 == vain(tmp_path)


def test_a_file_that_is_being_made_holds_no_number_yet(place: Path, monkeypatch) -> None:
    """Between making it and writing into it another one may read."""
    monkeypatch.setattr(probes_races, "_MEET_S", ())
    (place / "number").touch()
    assert 10 == Number(10).read()


def test_outside_of_a_check_it_is_a_plain_number() -> None:
    """A learner may try it by hand."""
    number = Number(5)
    add(number)
    assert (6, "Number(6)") == (number.read(), repr(number))


@pytest.mark.parametrize("wrong", [None, 1.5, True, "3"])
def test_what_is_no_whole_number_is_refused(wrong) -> None:
    """The learner's mistake is named at once, and not at the next reading."""
    with pytest.raises(TypeError, match="where a whole number belongs"):
        Number().write(wrong)
