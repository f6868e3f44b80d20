"""How a supervisor marks a trial in which workers were lost or replaced, and what it says last."""

import errno
from dataclasses import replace
from typing import Any, NoReturn

import pytest
from builders import FAILURE

from parlab.errors import TaskError
from parlab.measure.job import Measured
from parlab.measure.supervisor import _marked, _run

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
    assert message.endswith("118, 119, …")


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
