"""How a supervisor marks a trial in which workers were lost or replaced."""

from dataclasses import replace

import pytest
from builders import FAILURE

from parlab.measure.job import Measured
from parlab.measure.supervisor import _marked

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
