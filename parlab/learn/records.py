"""What a check, a quiz and a prediction are, and what became of a learner's function: frozen records, and no code."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from parlab.learn.probes import Call

Kind = Literal["read", "write", "fault"]
Ended = Literal["returned", "raised", "late", "lost"]
State = Literal["passed", "not yet", "refused"]


@dataclass(frozen=True, slots=True)
class Run:
    """One run of a learner's function under one start method. It travels as JSON.

    Attributes
    ----------
    method
        The start method; ``""`` for a value, which needs no run.
    ended
        How it ended.
    answers
        What it returned, call by call, as plain values; a type's name stands for what has no plain form.
    kinds
        The types of the answers.
    error, cause
        Type and text of what was raised; ``"pickle"``, ``"signature"``, ``"workers"``, ``"import"``, ``"name"`` or
        ``"called"`` where that is known to be behind it.
    lines
        Where, in the learner's own file; or for each process what it did when the deadline came.
    met
        ``"processes"`` or ``"threads"`` when two were at work at once.
    calls
        The check's tasks that were begun.
    root
        The process that called the learner's function.
    unjoined, alive
        Processes that nobody had waited for when it returned, and those that still lived a moment later.
    pools, segments, files
        Pools that were not closed, segments of shared memory and temporary files that were not removed.
    printed
        What it and its workers printed.
    busy
        What kept the machine busy, in words; empty when nothing did.
    """

    method: str
    ended: Ended
    answers: list[Any] = field(default_factory=list)
    kinds: tuple[str, ...] = ()
    error: str = ""
    cause: str = ""
    lines: tuple[str, ...] = ()
    met: str | None = None
    calls: tuple[Call, ...] = ()
    root: int = 0
    unjoined: int = 0
    alive: int = 0
    pools: int = 0
    segments: int = 0
    files: tuple[str, ...] = ()
    printed: str = ""
    busy: str = ""


@dataclass(frozen=True, slots=True)
class Claim:
    """One thing that must be true of a right answer.

    Attributes
    ----------
    title
        What it says when it is true.
    find
        Looks at a run and returns the name of the fault, or None.
    advice
        For each fault the text that a learner reads.
    """

    title: str
    find: "Callable[[Check, Run], str | None]"
    advice: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Mistake:
    """A wrong answer that many give, and what is behind it."""

    value: Any
    advice: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One exercise and how its answer is checked.

    Attributes
    ----------
    name
        Stable: progress is kept under it.
    notebook
        Its number.
    title, asks
        A few words, and what is to be done.
    kind, difficulty
        To read, to write or to find the fault; from 1 to 3.
    hints
        Three, each says more than the one before.
    solution
        A module's text, or for a value an expression.
    read
        Where it is explained.
    claims
        What must be true, in the order in which it is looked at.
    expected
        The right value; for a function what each call must return.
    calls
        The arguments of each call. Empty for a value.
    signature
        What the function must look like.
    given
        For a fault to be found: the module as it is given.
    mistakes
        Wrong answers that many give. For a function that is called more than once: lists, with an answer to each call.
    own
        Whether the function is the learner's own program, with a task and items of its own: see ``parlab.learn.own``.
    deadline_s
        How long all calls may take.
    """

    name: str
    notebook: int
    title: str
    asks: str
    kind: Kind
    difficulty: int
    hints: tuple[str, str, str]
    solution: str
    read: str
    claims: tuple[Claim, ...]
    expected: Any
    calls: tuple[tuple[Any, ...], ...] = ()
    signature: str = ""
    given: str = ""
    mistakes: tuple[Mistake, ...] = ()
    own: bool = False
    deadline_s: float = 20.0

    @property
    def function(self) -> str:
        """The name of the function that is asked for."""
        return self.signature.partition("(")[0]


@dataclass(frozen=True, slots=True)
class Option:
    """One answer of a quiz, and why it is right or wrong."""

    text: str
    explanation: str


@dataclass(frozen=True, slots=True)
class Question:
    """A question of a quiz; ``right`` counts from 1, as the options are numbered for a reader."""

    name: str
    text: str
    options: tuple[Option, ...]
    right: int


@dataclass(frozen=True, slots=True)
class Cause:
    """Why a guess can differ from what was measured.

    Attributes
    ----------
    text
        One or two sentences.
    side
        For guesses that are above, below, or near what was measured.
    factor
        How many times the larger is the smaller, at least.
    findings
        Codes of which the view must show one; none are needed where this is empty.
    """

    text: str
    side: Literal["above", "below", "near"]
    factor: float = 1.0
    findings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Topic:
    """What is to be predicted.

    Attributes
    ----------
    name, question, unit
        The unit as a word: ``"times"``, ``"cores"``.
    causes
        The first one that fits is shown.
    options
        The values to choose from; empty for any number.
    """

    name: str
    question: str
    unit: str
    causes: tuple[Cause, ...]
    options: tuple[float, ...] = ()
