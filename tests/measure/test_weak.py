"""Weak scaling as whole sweeps: work that grows with the workers, answers that are verified, files that go on."""

import queue
from pathlib import Path

import pytest
import tasks
from sweeps import measure

from parlab.analysis.summary import summarise
from parlab.errors import InputError, WrongAnswerError
from parlab.measure.job import Job
from parlab.measure.supervisor import Supervisor
from parlab.records import Sweep
from parlab.results import Results


def tasks_by_configuration(results: Results) -> dict[tuple[str, int], set[int]]:
    found: dict[tuple[str, int], set[int]] = {}
    for trial in results.records:
        if trial.role != "ceiling":
            found.setdefault((trial.backend, trial.workers), set()).add(trial.tasks)
    return found


@pytest.fixture(scope="module")
def grown(tmp_path_factory: pytest.TempPathFactory) -> tuple[Results, list[dict]]:
    path = tmp_path_factory.mktemp("weak") / "out.jsonl"
    return measure(path, subject="primes", size="3", weak=True, workers=[1, 3])


def test_work_grows_with_the_workers(grown: tuple[Results, list[dict]]) -> None:
    """Each worker has as many tasks as the plain loop, in the trials, in their spans and in the header."""
    results, events = grown
    engines = {(name, workers): {3 * workers} for name in ("threads", "processes") for workers in (1, 3)}
    assert {("serial", 1): {3}, **engines} == tasks_by_configuration(results)
    assert (True, 3, 3) == (results.header.sweep.weak, results.header.sweep.tasks, results.header.check.tasks)
    (wide,) = [trial for trial in results.records if (trial.backend, trial.workers) == ("processes", 3)]
    assert wide.spans is not None
    assert list(range(9)) == sorted(wide.spans["task"])
    (checked,) = [event for event in events if event["event"] == "checked"]
    assert 3 == checked["tasks"]


def test_what_a_task_costs_is_compared(grown: tuple[Results, list[dict]]) -> None:
    """The loop was run for the work of each worker count; the least work's tasks cost 1."""
    costs = grown[0].header.check.costs
    assert {"3", "9"} == set(costs)
    assert 1.0 == costs["3"]
    assert costs["9"] > 0


def test_the_ratio_is_of_tasks_a_second(grown: tuple[Results, list[dict]]) -> None:
    """The row holds what the round's own figures give: loop time over map time, times the workers."""
    results, _ = grown
    loops = [trial.map_s for trial in results.records if trial.role == "serial"]
    found = summarise(results)
    assert (True, 3) == (found.weak, found.tasks)
    for row in found.rows[1:]:
        (trial,) = [one for one in results.records if (one.backend, one.workers) == (row.backend, row.workers)]
        assert row.workers * (loops[0] * loops[1]) ** 0.5 / trial.map_s == pytest.approx(row.speedup)


def test_items_of_an_own_function_are_cut(tmp_path: Path) -> None:
    """Seven items for up to three workers are two for each; the seventh is left out."""
    results, _ = measure(
        tmp_path / "out.jsonl", subject=tasks.double, items=range(7), weak=True, backends=["threads"], workers=[1, 2, 3]
    )
    assert {1: {2}, 2: {4}, 3: {6}} == {
        workers: found for (name, workers), found in tasks_by_configuration(results).items() if name == "threads"
    }
    marks = {(one.tasks, one.fingerprint) for one in results.records if one.role != "ceiling"}
    assert [2, 4, 6] == sorted(tasks for tasks, _ in marks)


def test_every_amount_of_work_is_verified(tmp_path: Path) -> None:
    """A wrong answer of an engine is found although its work is more than the loop's."""
    with pytest.raises(WrongAnswerError):
        measure(
            tmp_path / "out.jsonl", subject=tasks.in_main_process, items=range(6), weak=True, backends=["processes"]
        )
    assert [] == list(tmp_path.iterdir())


def test_a_weak_sweep_goes_on(tmp_path: Path) -> None:
    """With --resume alone the same amounts of work are measured again."""
    path = tmp_path / "out.jsonl"
    wanted = {"subject": "tasks:double", "items_text": "5", "backends": ["threads"], "workers": [1, 2]}
    before, _ = measure(path, **wanted, weak=True)
    after, _ = measure(path, subject="tasks:double", backends=None, workers=None, rounds=2, resume=True)
    assert (2, "rounds", True) == (len(after.complete_rounds), after.ended, after.header.sweep.weak)
    assert {("serial", 1): {2}, ("threads", 1): {2}, ("threads", 2): {4}} == tasks_by_configuration(after)
    assert tasks_by_configuration(before) == tasks_by_configuration(after)


def test_a_strong_sweep_cannot_become_weak(tmp_path: Path) -> None:
    """The file stays as it was."""
    path = tmp_path / "out.jsonl"
    wanted = {"subject": "tasks:double", "items_text": "4", "backends": ["threads"], "workers": [1]}
    measure(path, **wanted)
    before = path.read_bytes()
    with pytest.raises(InputError, match="begun with weak False, not True"):
        measure(path, **wanted, weak=True, rounds=2, resume=True)
    assert before == path.read_bytes()


def test_a_larger_loop_gets_a_longer_deadline() -> None:
    """The check's next loop may hold 64 times the work of those before: its bound grows with it, never shrinks."""
    sweep = Sweep("primes", "10", 10, ("threads",), (1, 64), 6, None, weak=True)
    supervisor = Supervisor(Job(sweep, {}, 2, {}, "", resume=False, sys_path=[]), None, queue.SimpleQueue())
    supervisor.serial_s, supervisor.serial_tasks = 5.0, 10
    usual = supervisor._deadline_s(10, 2)
    assert usual == supervisor._deadline_s(1, 2)
    assert usual + 63 * 20 * 5.0 == pytest.approx(supervisor._deadline_s(640, 2))
