"""The course's notebooks: where they lie, and what each says of itself in its first cell. It writes nothing."""

import json
import re
from dataclasses import dataclass
from pathlib import Path

from parlab.errors import InputError, unknown_choice

_PACKAGE = Path(__file__).resolve().parents[1]
_NAME = re.compile(r"(?P<number>\d\d)_[a-z0-9_]+\.ipynb")
_MINUTES = re.compile(r"\*\*Reading:\*\* (?P<reading>\d+) minutes\. \*\*Practice:\*\* (?P<practice>\d+) minutes\.")


@dataclass(frozen=True, slots=True)
class Lesson:
    """A notebook of the course.

    Attributes
    ----------
    number
        Two digits.
    file
        Its name.
    question, objectives, needs
        What it asks, what one can do afterwards, and what one must know before; one line each.
    reading_minutes, practice_minutes
        As its first cell says.
    """

    number: str
    file: str
    question: str
    objectives: str
    needs: str
    reading_minutes: int
    practice_minutes: int


def course_folder() -> Path:
    """Return where the committed notebooks lie: in the installed package, or in the clone that it runs from.

    Raises
    ------
    InputError
        They are in neither place.
    """
    for place in (_PACKAGE / "data" / "course", _PACKAGE.parent / "notebooks"):
        if any(_NAME.fullmatch(path.name) for path in place.glob("*.ipynb")):
            return place
    raise InputError("The course's notebooks are not installed. Install parlab again, from a wheel or from a clone.")


def lessons(folder: Path | None = None) -> list[Lesson]:
    """List the notebooks in their order."""
    return [
        read_lesson(path) for path in sorted((folder or course_folder()).glob("*.ipynb")) if _NAME.fullmatch(path.name)
    ]


def find_lesson(given: str) -> Lesson:
    """Find a notebook by ``"03"``, ``"3"``, its file's name, or the beginning of it.

    Raises
    ------
    InputError
        There is none; the text lists them.
    """
    wanted = given.removesuffix(".ipynb")
    wanted = wanted.zfill(2) if wanted.isdigit() else wanted
    found = [one for one in lessons() if wanted in (one.number, one.file.removesuffix(".ipynb"))]
    if not found:
        raise unknown_choice("notebook", given, [one.number for one in lessons()], "Write --notebook 00, for example.")
    return found[0]


def read_lesson(path: Path) -> Lesson:
    """Read a notebook's first cell.

    Raises
    ------
    InputError
        It cannot be read, is no notebook, or lacks something that it must say; the text says what.
    """
    first = _first_cell(path)
    title, _, rest = first.partition("\n")
    minutes = _MINUTES.search(rest)
    objectives, _, needs = rest.partition("- **Reading")
    needs = needs.partition("**Needs:**")[2]
    missing: dict[str, object] = {"a question": title.startswith("# ") and title.endswith("?"), "minutes": minutes}
    missing |= {"what one can do afterwards": objectives.strip(), "needs": needs.strip()}
    lacks = [name for name, there in missing.items() if not there]
    if lacks or minutes is None:
        raise InputError(f"{path.name}, cell 0: its first cell lacks {', '.join(lacks)}.")
    return Lesson(
        number=path.name[:2],
        file=path.name,
        question=title.removeprefix("# "),
        objectives=_one_line(objectives),
        needs=_one_line(needs),
        reading_minutes=int(minutes["reading"]),
        practice_minutes=int(minutes["practice"]),
    )


def _first_cell(path: Path) -> str:
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, ValueError) as problem:  # UnicodeDecodeError is a ValueError
        raise InputError(f"The notebook {path.name} cannot be read: {problem}. Restore the file.") from problem
    try:
        source = json.loads(text)["cells"][0]["source"]
        return source if isinstance(source, str) else "".join(source)
    except (ValueError, LookupError, TypeError, RecursionError) as problem:
        why = f"it has no first cell ({type(problem).__name__}: {problem})"
        raise InputError(f"{path.name} is no notebook: {why}. Restore the file.") from problem


def _one_line(text: str) -> str:
    return " ".join(text.split())
