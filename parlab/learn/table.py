"""How far a learner has come: a table of exercises, for a notebook and for ``parlab progress``."""

from dataclasses import asdict, dataclass
from html import escape
from io import StringIO
from pathlib import Path
from typing import Any

from parlab.errors import InputError
from parlab.learn import registry
from parlab.learn.store import MANIFEST, Store, course_around

TITLES = ("exercise", "what it is", "kind", "level", "tries", "hints", "passed")
_STARS = {1: "*", 2: "**", 3: "***"}


@dataclass(frozen=True, slots=True)
class Row:
    """One exercise; ``passed`` is a date and time in UTC, or None."""

    name: str
    notebook: int
    title: str
    kind: str
    difficulty: int
    tries: int
    hints: int
    passed: str | None


@dataclass(frozen=True, slots=True, repr=False)
class Table:
    """All exercises, and what has become of them.

    Attributes
    ----------
    rows
        In the order of the course.
    quizzes
        How many were answered rightly, and how many there are.
    notes
        What else there is to say.
    """

    rows: tuple[Row, ...]
    quizzes: tuple[int, int]
    notes: tuple[str, ...] = ()

    @property
    def last_line(self) -> str:
        """The sums."""
        passed = sum(row.passed is not None for row in self.rows)
        return f"{passed} of {len(self.rows)} exercises passed, {self.quizzes[0]} of {self.quizzes[1]} quizzes right."

    def cells(self) -> list[list[str]]:
        """Return what stands in the table."""
        from parlab.tables import NOT_KNOWN  # only now: it needs rich

        return [
            [row.name, row.title, row.kind, _STARS[row.difficulty], str(row.tries), str(row.hints),
             row.passed[:10] if row.passed else NOT_KNOWN]
            for row in self.rows
        ]  # fmt: skip

    def as_json(self) -> dict[str, Any]:
        """Return the object of ``parlab progress --json``."""
        right, of = self.quizzes
        return {
            "exercises": [asdict(row) for row in self.rows],
            "quizzes_right": right,
            "quizzes": of,
            "notes": list(self.notes),
        }

    def __repr__(self) -> str:
        """Show it as text, 80 columns wide."""
        from rich.console import Console

        from parlab.tables import print_list

        text = StringIO()
        print_list(Console(width=80, file=text, color_system=None, force_jupyter=False), TITLES, self.cells())
        return "\n".join([*(line.rstrip() for line in text.getvalue().splitlines()), self.last_line, *self.notes])

    def _repr_html_(self) -> str:
        """Show it in a notebook; every text is escaped."""
        head = "".join(f'<th scope="col">{title}</th>' for title in TITLES)
        rows = "".join(
            "<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in cells) + "</tr>" for cells in self.cells()
        )
        words = "".join(f"<p>{escape(text)}</p>" for text in (self.last_line, *self.notes))
        return f"<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>{words}"


def progress() -> Table:
    """Show how far you have come; in a learner's copy of the course all that was ever done there."""
    return _table(Store.here())


def progress_in(folder: Path) -> Table:
    """Return the table of a learner's copy.

    Raises
    ------
    InputError
        The folder is none, or lies in none.
    """
    found = course_around(folder.resolve())
    if found is None:
        message = f"{folder} is no copy of the course: there is no {MANIFEST} in it. Make one with: parlab learn DIR"
        raise InputError(message)
    return _table(Store.of(found))


def _table(store: Store) -> Table:
    rows = []
    for check in registry.checks().values():
        known = store.exercise(check.name)
        rows.append(
            Row(check.name, check.notebook, check.title, check.kind, check.difficulty,
                known.tries, known.hints, known.passed)
        )  # fmt: skip
    questions = registry.questions()
    right = sum(store.progress.quizzes.get(name) == one.right for name, one in questions.items())
    return Table(tuple(rows), (right, len(questions)), store.notes)
