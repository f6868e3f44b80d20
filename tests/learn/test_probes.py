"""The tasks of a check: they note who worked when, and see whether two were at work at once."""

import json
import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from parlab.learn import probes


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of a run that has begun in this process."""
    found = tmp_path / "place"
    for name in (probes.WORKERS, probes.STACKS, probes.FILES):
        (found / name).mkdir(parents=True)
    monkeypatch.setenv(probes.PLACE, str(found))
    probes.begin(found)
    return found


def test_who_worked_when(place: Path) -> None:
    """Each task is noted with its worker and both times; alone in its process, a task waits for nobody."""
    assert [9, 1] == [probes.square(3), probes.square(1)]
    calls = probes.calls(place)
    assert [(3, os.getpid()), (1, os.getpid())] == [(one.item, one.process) for one in calls]
    assert all(one.began_s <= one.ended_s for one in calls)
    assert probes.met(place) is None


def test_two_threads_meet(place: Path) -> None:
    """Two tasks that are in their work at the same time have met, however short they are."""
    with ThreadPoolExecutor(2) as threads:
        assert [9, 1] == list(threads.map(probes.square, [3, 1]))
    assert "threads" == probes.met(place)


def another(place: Path, code: str, **more: int) -> subprocess.Popen:
    return subprocess.Popen([sys.executable, "-c", code], env={**os.environ, probes.PLACE: str(place)}, **more)


def test_two_processes_meet(place: Path) -> None:
    """The other is a process of its own that is at work: noted as started, it is waited for."""
    child = another(place, "from parlab.learn.probes import square; square(9)")
    probes.note_start(place, child.pid)
    probes.square(3)
    assert 0 == child.wait()
    assert "processes" == probes.met(place)
    assert {os.getpid(), child.pid} == {one.process for one in probes.calls(place)}


def test_who_is_ended_while_saying_so_takes_nothing_back(place: Path, monkeypatch) -> None:
    """Both of two say that they met; one may be ended in the middle, because the other's next task ends its worker."""
    with ThreadPoolExecutor(2) as threads:
        list(threads.map(probes.square, [3, 1]))
    whole = Path.write_text

    def begun(path: Path, text: str, encoding: str) -> None:
        whole(path, "", encoding)
        raise SystemExit(text)

    monkeypatch.setattr(Path, "write_text", begun)
    with pytest.raises(SystemExit):
        probes._Worker(place)._say_met("processes")
    assert "threads" == probes.met(place)


def test_on_a_busy_machine_another_is_waited_for_longer(place: Path, monkeypatch) -> None:
    """A second worker that lives, and has not come to its first task, may only be slow to start."""
    child = another(place, "import sys; sys.stdin.read()", stdin=subprocess.PIPE)
    probes.note_start(place, child.pid)
    worker = probes._Worker(place)
    worker.start_s = 0.0
    waits_s = (0.5, 2.5, 4.0, 11.0, 14.0)
    try:
        assert [True, True, False, False, False] == [worker._somebody_may_come(one) for one in waits_s]
        monkeypatch.setenv(probes.PATIENCE, "4")
        assert [True, True, True, True, False] == [worker._somebody_may_come(one) for one in waits_s]
    finally:
        child.communicate()
    assert [True, True, False, False, False] == [worker._somebody_may_come(one) for one in (0.5, 3.5, 4.5, 11, 14)]


def test_who_was_ended_in_a_task_is_not_at_work(place: Path) -> None:
    """A process that is gone has begun and not ended, and still nobody has met it."""
    ghost = another(place, "")
    ghost.wait()
    line = json.dumps(["began", 9, time.monotonic(), 0])
    (place / probes.WORKERS / f"{ghost.pid}-1").write_text(line + "\n", encoding="utf-8")
    probes.square(3)
    assert probes.met(place) is None
    assert [None] == [one.ended_s for one in probes.calls(place) if one.process == ghost.pid]


def test_a_line_that_is_being_written_is_no_trouble(place: Path) -> None:
    """Half a line is left out, and what stands before it counts."""
    began = json.dumps(["began", 9, 1.0, 0])
    (place / probes.WORKERS / "1-1").write_text(f'{began}\n["end', encoding="utf-8")
    assert [(9, None)] == [(one.item, one.ended_s) for one in probes.calls(place)]


def test_the_last_one_ends_after_another(place: Path) -> None:
    """So results that are taken as they come are never in the order of the items by chance."""
    with ThreadPoolExecutor(2) as threads:
        list(threads.map(probes.square, [probes.LAST, 3, 9, 1]))
    ends = {one.item: one.ended_s for one in probes.calls(place)}
    assert min(ends, key=ends.get) != probes.LAST


def test_tasks_work_outside_of_a_check() -> None:
    """A learner may try the tasks by hand."""
    assert (49, 21) == (probes.square(7), probes.times(7, 3))


@pytest.mark.parametrize("call", [lambda: probes.square("3"), lambda: probes.send_square(3, object())])
def test_a_task_says_what_it_got_in_the_place_of_a_number(call) -> None:
    """Arguments in another order are the learner's mistake, and not one of JSON or of a queue."""
    with pytest.raises(TypeError, match="where a number belongs: is the order of its arguments right"):
        call()
    with pytest.raises(TypeError, match="the task got a list where a number belongs: give it one item at a time"):
        probes.square([3])
