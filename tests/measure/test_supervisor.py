"""How a supervisor marks trials, how long it gives them, and what it says last."""

import errno
import io
import queue
import re
from dataclasses import replace
from typing import Any, NoReturn

import pytest
from builders import FAILURE, SWEEP

from parlab.errors import TaskError
from parlab.measure.channel import Channel
from parlab.measure.job import Job, Measured
from parlab.measure.plan import SERIAL
from parlab.measure.supervisor import Mean, Supervisor, _marked, _run
from parlab.records import Configuration

LOST = replace(FAILURE, task=7, error="lost(SIGKILL)", traceback="Look for memory.", lost=True)


@pytest.mark.parametrize(
    ("measured", "outcome", "words"),
    [
        (Measured(), "ok", None),
        (Measured(failures=(FAILURE,)), "ok", None),
        (
            Measured(failures=(FAILURE, LOST), rerun=(6, 7)), "lost",
            "Tasks that ended their workers, also when they ran alone: 7 (lost(SIGKILL)). Look for memory.",
        ),
        (Measured(rerun=(6, 8)), "recovered", "no task ended one when it ran alone. Tasks that ran again: 6, 8."),
        (Measured(replaced=2), "recovered", "Workers were replaced 2 times"),
    ],
)  # fmt: skip
def test_trials_are_marked(measured: Measured, outcome: str, words: str | None) -> None:
    """A plain failure marks nothing; a lost task goes before tasks that ran again, and those before replacements."""
    found, message = _marked(measured)
    assert outcome == found
    assert message == words or words in message


def test_many_tasks_are_not_all_named() -> None:
    """The first twenty, and that there are more."""
    _, message = _marked(Measured(rerun=tuple(range(100, 150))))
    assert "118, 119, …" in message


class OnFullDisk:
    """A supervisor whose sweep has failed, and whose file cannot even take that."""

    def __init__(self) -> None:
        self.said: list[tuple[str, dict[str, Any]]] = []
        self.channel = self

    def run(self) -> NoReturn:
        raise TaskError("task 3 raised")

    def close(self, _reason: str) -> NoReturn:
        raise OSError(errno.ENOSPC, "No space left on device")

    def send(self, event: str, data: dict[str, Any]) -> None:
        self.said.append((event, data))


def test_what_failed_first_is_said_on_a_full_disk() -> None:
    """The error of the sweep reaches the face, also when it cannot be written down."""
    supervisor = OnFullDisk()
    with pytest.raises(OSError, match="No space"):
        _run(supervisor)  # type: ignore[arg-type]
    assert [("failed", {"error": "TaskError", "text": "task 3 raised"})] == supervisor.said


def test_tasks_that_ran_again_hint_at_memory() -> None:
    """Where all that was lost runs alone without a fault, the memory of all together is what is named."""
    _, message = _marked(Measured(rerun=(6, 8)))
    assert re.search(r"Perhaps all together need too much: .* GiB in all; try fewer workers", message)


def supervisor_of(workers: int, **known: Any) -> Supervisor:
    job = Job(replace(SWEEP, workers=(workers,)), {}, 2, {}, "out.jsonl", resume=False, sys_path=[])
    made = Supervisor(job, Channel(io.BytesIO(), io.BytesIO()), queue.SimpleQueue())
    for name, value in known.items():
        setattr(made, name, value)
    return made


def test_many_workers_have_time_to_start() -> None:
    """64 workers of Dask take minutes to start on two busy cores: the deadline that nobody gave knows it."""
    supervisor = supervisor_of(64, serial_s=0.1, serial_tasks=10)
    usual = supervisor._deadline_s(10, 2)
    assert usual == supervisor._deadline_s(10, 8)
    assert supervisor._deadline_s(10, 64) >= usual + 64
    told = supervisor_of(64, serial_s=0.1, serial_tasks=10)
    told.job = replace(told.job, sweep=replace(told.sweep, deadline_s=3.0))
    assert 3.0 == told._deadline_s(10, 64)


def test_many_tasks_have_time_to_be_handed_out() -> None:
    """An engine needs its moment for each of 200,000 empty tasks, which a plain loop does in no time at all."""
    supervisor = supervisor_of(2, serial_s=0.1, serial_tasks=200_000)
    usual = supervisor_of(2, serial_s=0.1, serial_tasks=1_000)._deadline_s(None, 2)
    assert supervisor._deadline_s(None, 2) == supervisor._deadline_s(200_000, 2)
    assert supervisor._deadline_s(None, 2) > 5 * usual


def test_what_is_left_is_estimated_without_looking_at_every_trial() -> None:
    """A sweep of ten thousand trials keeps no duration of each: their mean is the same, and asked for before each."""
    supervisor = supervisor_of(2, between=[Configuration("parallel", "threads", 2)])
    for seconds in (1.0, 3.0):
        supervisor.durations.setdefault(SERIAL, Mean()).add(seconds)
    assert 3 * 2.0 == supervisor._round_s()  # nothing is known of threads: as long as others
    supervisor.durations[Configuration("parallel", "threads", 2)] = Mean(5.0, 1)
    assert 2 * 2.0 + 5.0 == supervisor._round_s()
    assert 2 == len(supervisor.durations)
