"""Puts the learner's copy of the course into a folder, and brings it up to date. It never overwrites what is theirs.

A manifest in the folder notes the digest of each file as it was given. A file that still has it is unchanged, and may
be replaced; any other is the learner's, and a newer version is put beside it. Links are never followed.
"""

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from parlab.atomic import replacing
from parlab.errors import InputError
from parlab.learn.contents import Lesson, course_folder, find_lesson, lessons
from parlab.learn.stubs import learners_copy

MANIFEST = ".parlab-course.json"
START = "start.ipynb"
DEFAULT_FOLDER = Path("parlab-course")
_MOST_BYTES = 1_000_000

State = Literal["new", "updated", "as given", "yours", "beside"]


@dataclass(frozen=True, slots=True)
class Placed:
    """What became of one file.

    Attributes
    ----------
    file
        Its name.
    state
        ``"new"``; ``"updated"``, it was as given before; ``"as given"``, nothing to do; ``"yours"``, changed by the
        learner, and nothing newer; ``"beside"``, changed by the learner, and the newer version put beside it.
    beside
        The name of the newer version; empty where there is none.
    """

    file: str
    state: State
    beside: str = ""


def make_copy(folder: Path, notebook: str | None = None) -> list[Placed]:
    """Put the learner's notebooks into a folder.

    Parameters
    ----------
    folder
        Made when it is not there; its parent must be.
    notebook
        One of them alone, such as ``"03"``; None for all.

    Returns
    -------
    list of Placed
        What became of each file; the start page is the last.

    Raises
    ------
    InputError
        The folder cannot be used, or there is no such notebook.
    """
    chosen = lessons() if notebook is None else [find_lesson(notebook)]
    target = _usable(folder)
    source = course_folder()
    given = _read_manifest(target)
    placed = []
    try:
        for lesson in chosen:
            text = learners_copy((source / lesson.file).read_text(encoding="utf-8"), lesson.file)
            placed.append(_place(target, lesson.file, text, given))
        placed.append(_place(target, START, start_page(lessons()), given))
        _write(target / MANIFEST, json.dumps({"format": 1, "files": given}, indent=1, sort_keys=True) + "\n")
    except OSError as problem:
        raise _refused(folder, problem) from problem
    return placed


def start_page(course: list[Lesson]) -> str:
    """Return the notebook that JupyterLab opens first: what there is, each with a link."""
    rows = [
        f"| {one.number} | [{one.question}]({one.file}) | {one.reading_minutes} + {one.practice_minutes} |"
        for one in course
    ]
    text = [
        "# Learn parallel Python",
        "",
        "Every notebook asks one question. Begin at the top, or where you like.",
        "",
        "| | question | minutes to read and to practise |",
        "| --- | --- | --- |",
        *rows,
        "",
        "This folder is yours: change everything. `parlab learn` brings it up to date, and never overwrites what you",
        "have changed.",
    ]
    cells = [
        _cell("markdown", "start-0", "\n".join(text)),
        _cell(
            "markdown", "start-1", "Which exercises have you passed? Click into the cell below and press `Shift+Enter`."
        ),
        {
            **_cell("code", "start-2", "from parlab import learn\n\nlearn.progress()"),
            "outputs": [],
            "execution_count": None,
        },
    ]
    kernel = {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}
    page = {"cells": cells, "metadata": {"kernelspec": kernel}, "nbformat": 4, "nbformat_minor": 5}
    return json.dumps(page, indent=1, ensure_ascii=False, sort_keys=True) + "\n"


def _cell(kind: str, number: str, text: str) -> dict[str, Any]:
    return {"cell_type": kind, "id": number, "metadata": {}, "source": text.splitlines(keepends=True)}


def _usable(folder: Path) -> Path:
    """Return the folder, made if need be; a link to a folder is the user's own way to name it."""
    if not folder.name and not folder.exists():
        raise InputError("Give the folder a name, such as parlab-course.")
    if not folder.parent.is_dir():
        raise InputError(f"{str(folder)!r} cannot be made: {str(folder.parent)!r} is no folder. Make that one first.")
    if (folder.exists() or folder.is_symlink()) and not folder.is_dir():
        raise InputError(f"{str(folder)!r} is there already and is no folder. Name another one.")
    try:
        folder.mkdir(exist_ok=True)
    except OSError as problem:
        raise _refused(folder, problem) from problem
    return folder.resolve()


def _refused(folder: Path, problem: OSError) -> InputError:
    why = problem.strerror or str(problem)
    return InputError(
        f"The course cannot be written into {str(folder)!r}: {why}. Name a folder of yours with some room."
    )


def _read_manifest(folder: Path) -> dict[str, str]:
    """Return what was given before; empty where nothing was, or where the note cannot be read: then all is theirs."""
    path = folder / MANIFEST
    if path.is_symlink():
        raise InputError(f"{MANIFEST} in {str(folder)!r} is a link, and links are not followed. Remove it.")
    try:
        if path.stat().st_size > _MOST_BYTES:
            return {}
        files = json.loads(path.read_text(encoding="utf-8"))["files"]
        return {str(name): str(digest) for name, digest in files.items()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return {}


def _place(folder: Path, name: str, text: str, given: dict[str, str]) -> Placed:
    """Put one file where it belongs, and note it as given."""
    digest, path = _digest(text.encode()), folder / name
    found = _found(path)
    if found == digest:
        given[name] = digest
        return Placed(name, "as given")
    if found is None or (found and found == given.get(name)):
        _write(path, text)
        given[name] = digest
        return Placed(name, "new" if found is None else "updated")
    if given.get(name) == digest:  # theirs, made from this version
        return Placed(name, "yours")
    return _place_beside(folder, name, text, given)


def _place_beside(folder: Path, name: str, text: str, given: dict[str, str]) -> Placed:
    digest, number = _digest(text.encode()), 1
    while True:
        beside = f"{name.removesuffix('.ipynb')}.new{'' if number == 1 else f'-{number}'}.ipynb"
        found = _found(folder / beside)
        if found == digest:
            return Placed(name, "beside", beside)
        if found is None or (found and found == given.get(beside)):
            _write(folder / beside, text)
            given[beside] = digest
            return Placed(name, "beside", beside)
        number += 1


def _found(path: Path) -> str | None:
    """Return the digest of what is there; None where nothing is, empty for what is no ordinary file."""
    if path.is_symlink() or (path.exists() and not path.is_file()):
        return ""
    return _digest(path.read_bytes()) if path.exists() else None


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _write(path: Path, text: str) -> None:
    with replacing(path) as part:
        part.write_bytes(text.encode())
