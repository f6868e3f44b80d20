"""What the processes of a check tell each other to do: frozen records, and no code."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Job:
    """What to run.

    Attributes
    ----------
    check, function, path
        See ``Order``.
    file
        The learner's module, whose lines are shown when the deadline comes.
    methods
        The start methods; all at once.
    cores
        How many may be used.
    deadline_s
        Of each run.
    """

    check: str
    function: str
    path: tuple[str, ...]
    file: str
    methods: tuple[str, ...]
    cores: int
    deadline_s: float


@dataclass(frozen=True, slots=True)
class Order:
    """What to run.

    Attributes
    ----------
    check, function
        A check's name and ``module:function``.
    method
        The start method.
    path
        The ``sys.path`` of the learner's process.
    place
        The private folder.
    """

    check: str
    function: str
    method: str
    path: tuple[str, ...]
    place: str
