"""What a learner has tried, passed and guessed: kept in one small file, but only in a learner's copy of the course.

``parlab learn DIR`` marks such a copy with a manifest. Anywhere else, as in the course's own repository, all is kept in
memory and gone with the kernel, so that a run of the committed notebooks leaves nothing. A file that cannot be used is
put aside and said; nothing here raises for what it finds on the disk.
"""

import stat
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from parlab import owners
from parlab.atomic import replacing
from parlab.codec import decode, dumps, encode, loads

MANIFEST = ".parlab-course.json"  # written by `parlab learn DIR`
FILE = "parlab-progress.json"
ASIDE = "parlab-progress.broken.json"
TRIES_TO_SEE = 3  # after so many the solution is shown
HINTS = 3
_SCHEMA = 1
_MOST_BYTES = 1 << 20
_MOST_PARENTS = 5

_BROKEN = f"{FILE} could not be read ({{why}}), so it was put aside as {ASIDE}, and counting begins anew."
_STUCK = f"{FILE} cannot be read ({{why}}) and not be put aside. Progress is kept only until the kernel ends."
_UNWRITABLE = f"{FILE} cannot be written ({{why}}). Progress is kept only until the kernel ends."


@dataclass(frozen=True, slots=True)
class Exercise:
    """What is known of one exercise.

    Attributes
    ----------
    tries
        How often an answer was checked until it passed; open ones do not count.
    hints
        How many were shown.
    passed
        When it was passed first, in UTC; None while it is not.
    """

    tries: int = 0
    hints: int = 0
    passed: str | None = None

    @property
    def solution_is_open(self) -> bool:
        """Whether the solution may be seen."""
        return self.passed is not None or self.tries >= TRIES_TO_SEE


@dataclass(frozen=True, slots=True)
class Guess:
    """A prediction, and what was measured when it was last compared."""

    guess: float
    measured: float | None = None


@dataclass(frozen=True, slots=True)
class Progress:
    """All that is kept of one learner: exercises, the options chosen in quizzes, predictions; each by its name."""

    exercises: dict[str, Exercise] = field(default_factory=dict)
    quizzes: dict[str, int] = field(default_factory=dict)
    predictions: dict[str, Guess] = field(default_factory=dict)


_memory: dict[str, Progress] = {}  # by folder, "" where there is none: what could not be written, or shall not be
_said: set[str] = set()


@dataclass(frozen=True, slots=True)
class Store:
    """Where progress is kept.

    Attributes
    ----------
    folder
        The learner's copy; None where there is none.
    progress
        What is known now.
    notes
        What a learner should read once.
    """

    folder: Path | None
    progress: Progress
    notes: tuple[str, ...] = ()

    @classmethod
    def here(cls) -> "Store":
        """Open the store of the current folder."""
        try:
            return cls.of(course_around(Path.cwd()))
        except OSError:  # the current folder is gone
            return cls.of(None)

    @classmethod
    def of(cls, folder: Path | None) -> "Store":
        """Open the store of a learner's copy; None for the one in memory."""
        kept = _memory.get(str(folder or ""))
        if folder is None or kept is not None:
            return cls(folder, kept or Progress())
        progress, why = _read(folder / FILE)
        if why is None:
            return cls(folder, progress)
        return cls(folder, Progress(), _once(folder, _put_aside(folder, why)))

    def exercise(self, name: str) -> Exercise:
        """Return what is known of an exercise."""
        return self.progress.exercises.get(name, Exercise())

    def solution_is_open(self, name: str) -> bool:
        """Tell whether the solution of an exercise may be seen."""
        return self.exercise(name).solution_is_open

    def tried(self, name: str, *, passed: bool) -> "Store":
        """Note one more try; a cell that is run again after it has passed is none."""
        known = self.exercise(name)
        when = datetime.now(UTC).isoformat(timespec="seconds") if passed and known.passed is None else known.passed
        return self._with(name, replace(known, tries=known.tries + (known.passed is None), passed=when))

    def hinted(self, name: str) -> "Store":
        """Note one more hint."""
        known = self.exercise(name)
        return self._with(name, replace(known, hints=min(known.hints + 1, HINTS)))

    def answered(self, name: str, option: int) -> "Store":
        """Note what was chosen in a quiz."""
        progress = self.progress
        return self._keep(replace(progress, quizzes={**progress.quizzes, name: option}))

    def guessed(self, name: str, guess: float, measured: float | None = None) -> "Store":
        """Note a prediction."""
        progress = self.progress
        return self._keep(replace(progress, predictions={**progress.predictions, name: Guess(guess, measured)}))

    def _with(self, name: str, exercise: Exercise) -> "Store":
        return self._keep(replace(self.progress, exercises={**self.progress.exercises, name: exercise}))

    def _keep(self, progress: Progress) -> "Store":
        key = str(self.folder or "")
        if self.folder is None or key in _memory:
            _memory[key] = progress
            return replace(self, progress=progress)
        try:
            with replacing(self.folder / FILE) as unfinished:
                unfinished.write_text(dumps({"schema": _SCHEMA, **encode(progress)}), encoding="utf-8")
        except OSError as problem:
            _memory[key] = progress
            text = _UNWRITABLE.format(why=problem.strerror or problem)
            return replace(self, progress=progress, notes=(*self.notes, *_once(self.folder, text)))
        return replace(self, progress=progress)


def course_around(folder: Path) -> Path | None:
    """Find the learner's copy that a folder lies in: one of this user's own."""
    for place in (folder, *list(folder.parents)[:_MOST_PARENTS]):
        with suppress(OSError):
            state = (place / MANIFEST).lstat()
            if stat.S_ISREG(state.st_mode) and owners.is_mine(state):
                return place
    return None


def _read(file: Path) -> tuple[Progress, str | None]:
    """Read a progress file; the second value says why it cannot be used."""
    try:
        state = file.lstat()
        if not stat.S_ISREG(state.st_mode):
            return Progress(), "it is no ordinary file"
        if state.st_size > _MOST_BYTES:
            return Progress(), "it is too large"
        data = loads(file.read_bytes())
        return _checked(data), None
    except FileNotFoundError:
        return Progress(), None
    except OSError as problem:
        return Progress(), problem.strerror or str(problem)
    except (ValueError, OverflowError):  # not JSON, another form, not text
        return Progress(), "it holds something else than progress"


def _checked(data: Any) -> Progress:
    if not isinstance(data, Mapping) or data.get("schema") != _SCHEMA:
        raise ValueError("it was written by another version")
    progress = decode(Progress, data)
    counts = [number for one in progress.exercises.values() for number in (one.tries, one.hints)]
    if any(not 0 <= number < _MOST_BYTES for number in [*counts, *progress.quizzes.values()]):
        raise ValueError("a count is out of range")
    return progress


def _put_aside(folder: Path, why: str) -> str:
    try:
        (folder / FILE).replace(folder / ASIDE)
    except OSError:  # a folder of that name, or no right to rename
        _memory[str(folder)] = Progress()
        return _STUCK.format(why=why)
    return _BROKEN.format(why=why)


def _once(folder: Path, text: str) -> tuple[str, ...]:
    key = f"{folder}: {text}"
    if key in _said:
        return ()
    _said.add(key)
    return (text,)
