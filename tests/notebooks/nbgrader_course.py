"""Makes nbgrader's course folder, hands in answers of several kinds, and compares the marks (`make nbgrader`).

usage: nbgrader_course.py COURSE_FOLDER [--notebooks 01,03] [--kinds right,serial] [--only-release] [--quick]

Everything in it is nbgrader's own: it releases, validates, autogrades and exports. The folder stays, for a look by
`nbgrader formgrader`; without the made-up learners after `--only-release`.
"""

import argparse
import csv
import multiprocessing
import os
import secrets
import sqlite3
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import nbformat
import psutil
from assignments import CONFIG, assignment, header, marked
from submissions import KINDS, submission
from tampering import POINTS, small_notebook, tampered

from parlab.learn.contents import course_folder
from parlab.machine.detection import START_METHOD
from parlab.temporary import sweep_leftovers

CLOSELY = ("01", "03")  # graded by every start method, and validated
SMALL, SOON_S = "99", 20  # an assignment of the test's own, and how long a cell of it may take
GONE_S = 15.0
EXPORT_BOUND_S = 300
MARK = "PARLAB_GRADED_BY"
TEMPORARY = ("TMPDIR", "TEMP", "TMP")


class WrongMarksError(Exception):
    """nbgrader has refused something, given another mark than is right, or something of it is left."""


@dataclass(frozen=True)
class Row:
    """The marks of one submission: what nbgrader gave for each exercise, and what is right."""

    assignment: str
    learner: str
    method: str
    given: dict[str, float]
    right: dict[str, int]
    seconds: float

    @property
    def wrong(self) -> list[str]:
        """Exercises whose mark is not the right one."""
        return [name for name in self.right | self.given if self.right.get(name) != self.given.get(name)]

    def __str__(self) -> str:
        points = f"{sum(one or 0 for one in self.given.values()):g} of {len(self.right)}"
        verdict = "as it should be" if not self.wrong else f"WRONG: {', '.join(self.wrong)}"
        return (
            f"{self.assignment:10}  {self.learner:8}  {self.method:11}  {points:>8}  {self.seconds:5.0f} s  {verdict}"
        )


class Course:
    """A course folder of nbgrader's.

    Parameters
    ----------
    root
        Made when it is not there. What an older call has left in it of the same assignments is replaced.
    """

    def __init__(self, root: Path) -> None:
        from nbgrader.apps import NbGraderAPI
        from traitlets.config import PyFileConfigLoader

        self.root = root.resolve()
        self.root.mkdir(parents=True, exist_ok=True)
        nbformat.write(header(), self.root / "header.ipynb")
        (self.root / "nbgrader_config.py").write_text(CONFIG, encoding="utf-8")
        settings = PyFileConfigLoader("nbgrader_config.py", path=str(self.root)).load_config()
        settings.CourseDirectory.root = str(self.root)
        self.settings = settings
        self.api = NbGraderAPI(config=settings)

    def generate(self, path: Path) -> str:
        """Make the source of a committed notebook, and let nbgrader release it; return the assignment's name."""
        name = path.stem[:2]
        place = self.root / "source" / name
        place.mkdir(parents=True, exist_ok=True)
        nbformat.write(assignment(nbformat.read(path, as_version=4)), place / path.name)
        with environment({"PATH": os.pathsep.join((str(Path(sys.executable).parent), os.environ["PATH"]))}):
            # nbgrader calls `alembic` by its name, and .venv need not be activated
            _succeeded(f"generate_assignment {name}", self.api.generate_assignment(name))
        return name

    def hand_in(self, name: str, kind: str) -> dict[str, int]:
        """Put a submission where `nbgrader collect` puts it; return the points that are right for it."""
        source, release = (self._read(stage, name) for stage in ("source", "release"))
        made, right = submission(kind, source, release)
        place = self.root / "submitted" / kind / name
        place.mkdir(parents=True, exist_ok=True)
        nbformat.write(made, place / self._path("source", name).name)
        return right

    def autograde(self, name: str, kind: str) -> dict[str, float]:
        """Let nbgrader grade a submission; return its marks by exercise."""
        with nothing_left() as files:
            _succeeded(f"autograde {name} of {kind!r}", self.api.autograde(name, kind))
        if files:
            print(f"{name:10}  {kind:8}  left in the temporary folder: {', '.join(files)}", flush=True)
        with self.api.gradebook as book:
            found = book.find_submission_notebook(self._path("source", name).stem, name, kind)
            return {grade.name: grade.auto_score for grade in found.grades}

    def validate(self, name: str, kind: str) -> int:
        """Let nbgrader validate a submission, as a learner would; return how many cells it finds wrong."""
        from nbgrader.validator import Validator

        with nothing_left():
            found = Validator(config=self.settings).validate(str(self._path("submitted", kind, name)))
        if found.keys() - {"failed"}:
            message = f"validate {name} of {kind!r}: {sorted(found)}"
            raise WrongMarksError(message)
        return len(found.get("failed", []))

    def export(self) -> dict[tuple[str, str], float]:
        """Let `nbgrader export` write its table; return the score by assignment and learner."""
        line = [sys.executable, "-m", "nbgrader", "export", "--to", "grades.csv"]
        done = subprocess.run(line, cwd=self.root, capture_output=True, text=True, timeout=EXPORT_BOUND_S, check=False)
        if done.returncode:
            message = f"nbgrader export: {done.stderr[-2000:]}"
            raise WrongMarksError(message)
        with (self.root / "grades.csv").open(encoding="utf-8", newline="") as file:
            return {(row["assignment"], row["student_id"]): float(row["score"]) for row in csv.DictReader(file)}

    def unlocked(self) -> None:
        """Raise unless the gradebook is whole and can be locked: nobody else holds it."""
        with closing(sqlite3.connect(self.root / "gradebook.db", timeout=1.0, isolation_level=None)) as book:
            book.execute("BEGIN EXCLUSIVE")
            whole = book.execute("PRAGMA quick_check").fetchone()
            book.execute("ROLLBACK")
        if whole != ("ok",):
            message = f"the gradebook is damaged: {whole}"
            raise WrongMarksError(message)

    def tampered(self) -> Row:
        """Grade a submission that was tampered with; the cell in it that never ends is interrupted soon."""
        place = self.root / "submitted" / "tampered" / SMALL
        place.mkdir(parents=True, exist_ok=True)
        with TemporaryDirectory() as folder:
            path = Path(folder, f"{SMALL}_small.ipynb")
            nbformat.write(small_notebook(), path)
            self.generate(path)
        made = tampered(*(self._read(stage, SMALL) for stage in ("source", "release")))
        nbformat.write(made, place / path.name)
        began, usual = time.monotonic(), self.settings.Execute.timeout
        self.settings.Execute.timeout = SOON_S
        self.api.update_config(self.settings)
        try:
            given = self.autograde(SMALL, "tampered")
        finally:
            self.settings.Execute.timeout = usual
            self.api.update_config(self.settings)
        return Row(SMALL, "tampered", "the default", given, POINTS, time.monotonic() - began)

    def _path(self, *parts: str) -> Path:
        (found,) = self.root.joinpath(*parts).glob("*.ipynb")
        return found

    def _read(self, stage: str, name: str) -> nbformat.NotebookNode:
        return nbformat.read(self._path(stage, name), as_version=4)


def graded(course: Course, name: str, kind: str, method: str = "") -> Row:
    """Hand in, autograde and compare, under the system's own start method or another one."""
    right = course.hand_in(name, kind)
    began = time.monotonic()
    with environment({START_METHOD: method} if method else {}):
        given = course.autograde(name, kind)
    return Row(name, kind, method or "the default", given, right, time.monotonic() - began)


@contextmanager
def environment(more: dict[str, str]) -> Iterator[None]:
    """Set variables for what is started inside."""
    before = dict(os.environ)
    os.environ.update(more)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


@contextmanager
def nothing_left() -> Iterator[list[str]]:
    """Raise when a process that was started inside still lives afterwards; list the temporary files that are there.

    nbgrader gives a kernel five seconds to end, and then kills it. What a killed kernel leaves, the next start of
    parlab sweeps: so it is swept here. Python's own folders, ``pymp-…``, are not parlab's to sweep: they are said.
    """
    token, before, files = secrets.token_hex(8), tempfile.tempdir, []
    with TemporaryDirectory(prefix="marks-") as folder:  # a short name: sockets lie in it
        tempfile.tempdir = folder
        try:
            with environment({MARK: token, **dict.fromkeys(TEMPORARY, folder)}):
                yield files
            deadline = time.monotonic() + GONE_S
            while (left := _alive(token)) and time.monotonic() < deadline:
                time.sleep(0.1)
            sweep_leftovers()
            files += [path.name for path in Path(folder).iterdir()]
        finally:
            tempfile.tempdir = before
    if left:
        message = f"left behind: {left}"
        raise WrongMarksError(message)


def _alive(token: str) -> list[str]:
    found = []
    for process in psutil.process_iter():
        with suppress(psutil.Error):
            ended = process.status() == psutil.STATUS_ZOMBIE or process.pid == os.getpid()
            if not ended and process.environ().get(MARK) == token:
                found.append(" ".join(process.cmdline()))
    return found


def _succeeded(what: str, result: dict[str, Any]) -> None:
    if not result["success"]:
        message = f"{what}:\n{result.get('error', '')}\n{result.get('log', '')[-3000:]}"
        raise WrongMarksError(message)


def rows(course: Course, names: Sequence[str], kinds: Sequence[str], closely: Sequence[str]) -> Iterator[Row]:
    """Grade every assignment of every kind, some of them by every start method, and what was tampered with."""
    for name in names:
        for kind in kinds:
            yield graded(course, name, kind)
    for name in closely:
        for method in multiprocessing.get_all_start_methods():
            yield graded(course, name, "mixed", method)
    if closely:
        yield course.tampered()


def validated(course: Course, names: Sequence[str]) -> Iterator[str]:
    """Yield what `nbgrader validate` gets wrong: it must find nothing in right answers, and each empty one."""
    for name in names:
        for kind in ("right", "empty"):
            right = course.hand_in(name, kind)
            wanted, found = sum(not point for point in right.values()), course.validate(name, kind)
            print(f"{name:10}  {kind:7}  nbgrader validate finds {found} wrong, and {wanted} are", flush=True)
            if wanted != found:
                yield f"validate {name} of {kind!r}: {found} wrong cells, not {wanted}"


def main(arguments: Sequence[str]) -> int:
    """Do what the usage says; return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--notebooks", default="", help="two digits each, with commas; all of them without it")
    parser.add_argument("--kinds", default="right,serial,empty", help=f"of {', '.join(KINDS)}")
    parser.add_argument("--only-release", action="store_true", help="make the course folder, and grade nothing")
    parser.add_argument("--quick", action="store_true", help="no other start methods, and no nbgrader validate")
    given = parser.parse_args(arguments)
    wanted, kinds = set(filter(None, given.notebooks.split(","))), given.kinds.split(",")
    paths = {path.stem[:2]: path for path in sorted(course_folder().glob("[0-9][0-9]_*.ipynb"))}
    unknown = sorted((wanted - paths.keys()) | (set(kinds) - set(KINDS)))
    if unknown:
        parser.error(f"unknown: {', '.join(unknown)}. Notebooks: {', '.join(paths)}. Kinds: {', '.join(KINDS)}.")
    warnings.filterwarnings("ignore", module=r"nbgrader\.")  # of its database's library, about nbgrader's own use of it
    course = Course(given.folder)
    names = [course.generate(path) for name, path in paths.items() if name in wanted or not wanted]
    points = sum(len(marked(course._read("release", name).cells)) for name in names)
    print(f"{len(names)} assignments with {points} points are in {given.folder}", flush=True)
    return 0 if given.only_release else _compared(course, names, kinds, quick=given.quick)


def _compared(course: Course, names: Sequence[str], kinds: Sequence[str], *, quick: bool) -> int:
    print(f"\n{'assignment':10}  {'learner':8}  {'start':11}  {'points':>8}  {'took':>7}", flush=True)
    problems, last = [], {}
    more = [] if quick else sorted(set(CLOSELY) & set(names))
    for row in rows(course, names, kinds, more):
        print(row, flush=True)
        problems += [f"{row.assignment} of {row.learner!r}: {name}" for name in row.wrong]
        last[row.assignment, row.learner] = float(sum(row.right.values()))
    problems += validated(course, more)
    exported = course.export()
    problems += [f"export: {who} has {exported.get(who)}, not {score}" for who, score in last.items()
                 if exported.get(who) != score]  # fmt: skip
    course.unlocked()
    print("\nAll marks are right." if not problems else "\nWRONG\n" + "\n".join(problems))
    return int(bool(problems))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
