"""What a bug of the bug lab is: a frozen record, and the causes that a learner chooses from."""

from dataclasses import dataclass
from typing import Literal

CAUSES = {
    "tiny tasks": "A task is shorter than its journey to a worker and back.",
    "big arguments": "What travels to a worker costs more than what is done with it.",
    "uneven tasks": "One long task, or one full packet, keeps everybody else waiting.",
    "memory bandwidth": "All cores wait for the one memory that they share.",
    "too many threads": "Each worker starts threads of its own, and all of them want the same cores.",
    "fewer cores than it seems": "The program counts cores that it may not use.",
    "reference counts": "To read a Python object is to write its count, and a page that is written is copied.",
    "lost exception": "A task has failed, and nobody asked for its result.",
    "lost worker": "A worker has died with its task, and nobody noticed.",
    "no main guard": "A started process imports the script, and the script starts processes.",
    "join before get": "Who is waited for waits until somebody reads.",
    "leaked segment": "Shared memory was closed, and never removed.",
    "stale code": "Workers run the code that they imported when they were started.",
    "forked lock": "A lock was copied while somebody held it, and its holder was not.",
}

How = Literal["program", "script"]
Needs = Literal["", "fork", "affinity", "segments"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Bug:
    """A bug that can be run, and its cure.

    Attributes
    ----------
    name
        After what one sees of it, never after its cause.
    complaint
        What somebody says who has it.
    broken, cured
        Programs, whose workers import their tasks.
    cause, others
        The right cause, and three that it could be mistaken for; keys of ``CAUSES``.
    why
        What happens, said once the cause is named.
    hints
        Three, each says more than the one before.
    how
        ``"program"``: as ``%%deadline`` runs a cell. ``"script"``: from a file, as a shell does.
    needs
        What a system must have for the bug to be possible.
    deadline_s
        When the broken program is ended.
    """

    name: str
    complaint: str
    broken: str
    cured: str
    cause: str
    others: tuple[str, str, str]
    why: str
    hints: tuple[str, str, str]
    how: How = "program"
    needs: Needs = ""
    deadline_s: float = 60.0

    @property
    def candidates(self) -> tuple[str, ...]:
        """The causes to choose from, in the order of ``CAUSES``."""
        return tuple(name for name in CAUSES if name in (self.cause, *self.others))

    @property
    def check(self) -> str:
        """The name of its exercise."""
        return f"15-{self.name}"
