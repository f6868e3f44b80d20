"""The notebooks are nbgrader's assignments: each exercise gives its point for a right answer, and for no other."""

import copy
import os
import re
import subprocess
import sys
import tempfile
import warnings
from importlib.util import find_spec
from pathlib import Path

import nbformat
import nbgrader_course
import pytest
from assignments import DEADLINE_S, UNMARKED, assignment, exercise, graded, is_answer, marked
from nbgrader_course import Row, WrongMarksError, nothing_left
from submissions import KINDS, answer_to, submission

from parlab.learn import registry
from parlab.learn.stubs import BEGIN, END

ROOT = Path(__file__).parents[2]
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
SOLVED = {"15-slower-with-two"}  # by the notebook itself, as an example
BOUND_S = 500
SHORT = "01"

needs_nbgrader = pytest.mark.skipif(
    find_spec("nbgrader") is None, reason="nbgrader is an extra; `make test` installs it"
)


@pytest.fixture(params=NOTEBOOKS, ids=lambda path: path.stem, scope="module")
def notebook(request: pytest.FixtureRequest) -> nbformat.NotebookNode:
    return nbformat.read(request.param, as_version=4)


def test_every_exercise_of_a_notebook_gives_one_point(notebook) -> None:
    """Each check becomes a locked cell of its own, below the cell of its answer; nothing else gives points."""
    before = copy.deepcopy(notebook)
    made = assignment(notebook)
    nbformat.validate(made)
    assert before == notebook
    names = marked(made.cells)
    number = int(names[0][:2])
    asked = [one.name for one in registry.checks().values() if one.notebook == number]
    assert set(asked) - SOLVED - UNMARKED == set(names)
    assert len(names) == len(set(names))
    answers = [answer_to(name, made.cells) for name in names]
    assert len(answers) == len(set(answers))
    notes = [cell.metadata.nbgrader for cell in made.cells if "nbgrader" in cell.metadata]
    assert len(notes) == len({note.grade_id for note in notes})
    assert {1} == {note.points for note in notes if note.grade}
    assert all(note.locked is note.grade is not note.solution for note in notes)


def test_answers_and_checks_stand_in_cells_of_their_own(notebook) -> None:
    """No line of a notebook is lost; marks of solutions stand in answers alone, and each locked cell raises."""
    made = assignment(notebook)
    for cell in made.cells:
        note = cell.metadata.get("nbgrader", {})
        assert (BEGIN in cell.source) == (END in cell.source) == is_answer(cell)
        if note.get("grade"):
            assert cell.source.endswith("\nchecked.require()")
            compile(cell.source, note.grade_id, "exec")
    old, new = (_lines(one) for one in (notebook, made))
    assert {line for line in old - new if "learn.check(" not in line and "parlab.bug(" not in line} == set()


def _lines(notebook: nbformat.NotebookNode) -> set[str]:
    return {line for cell in notebook.cells for line in cell.source.split("\n") if line.strip()}


@pytest.mark.parametrize(
    ("given", "asked", "shown"),
    [
        ('learn.check("15-no-callback", f)', f'learn.check("15-no-callback", f, deadline_s={DEADLINE_S})', ""),
        ('learn.check("07-possible-ends", [1, 2])', 'learn.check("07-possible-ends", [1, 2])', ""),
        ('display(learn.check("x", f), learn.given("y"))', 'learn.check("x", f)', ', learn.given("y")'),
        ('parlab.bug("old-answers", cause)', 'parlab.bug("old-answers", cause)', ""),
    ],
)
def test_a_check_shows_and_then_requires(given, asked, shown) -> None:
    """A function has longer than in the course; what else a cell shows it still shows."""
    assert f"checked = {asked}\ndisplay(checked{shown})\nchecked.require()" == graded(given)


@pytest.mark.parametrize(
    "source", ['parlab.bug("x", "tiny tasks")', 'parlab.bug("x")', "%%workers mine\nimport os", ""]
)
def test_what_asks_nothing_gives_no_point(source) -> None:
    """A bug that is shown, or solved by the notebook itself, is no exercise."""
    assert exercise(source) is None
    with pytest.raises(ValueError, match="no check"):
        graded(source)


def test_each_kind_of_submission_answers_as_it_says(notebook) -> None:
    """Right answers are the solutions; the empty one is as released; a serial one differs from both in each answer."""
    made = assignment(notebook)
    bare = copy.deepcopy(made)
    for cell in filter(is_answer, bare.cells):
        cell.source = re.sub(rf"{BEGIN}.*?{END}", "...", cell.source, flags=re.DOTALL)
    parts = {kind: submission(kind, made, bare) for kind in KINDS}
    assert parts["right"][0] == made
    assert parts["empty"][0] == bare
    names = marked(made.cells)
    assert dict.fromkeys(names, 1) == parts["right"][1]
    assert dict.fromkeys(names, 0) == parts["empty"][1] == parts["serial"][1]
    assert {1, 0} == set(parts["mixed"][1].values())
    for name in names:
        where = answer_to(name, made.cells)
        assert len({_source(parts[kind][0], where) for kind in ("right", "empty", "serial")}) == 3, name


def _source(notebook: nbformat.NotebookNode, name: str) -> str:
    (cell,) = [one for one in notebook.cells if is_answer(one) and one.metadata.nbgrader.grade_id == name]
    return cell.source


def test_a_wrong_mark_is_named() -> None:
    """A point too many, one too few, one that is missing and one that nobody expects are all wrong."""
    right = {"a": 1, "b": 0, "c": 1, "d": 0}
    row = Row("01", "right", "spawn", {"a": 1.0, "b": 1.0, "c": 0.0, "e": 0.0}, right, 1.0)
    assert ["b", "c", "d", "e"] == row.wrong
    assert "WRONG: b, c, d, e" in str(row)
    assert "as it should be" in str(Row("01", "mixed", "forkserver", {"a": 1.0, "b": 0.0}, {"a": 1, "b": 0}, 9999.0))
    assert len(str(Row("01", "mixed", "forkserver", {"a": 1.0}, {"a": 1}, 9999.0))) <= 80


def test_what_is_left_behind_is_found(monkeypatch) -> None:
    """A process that lives on is an error, and a temporary file is named."""
    monkeypatch.setattr(nbgrader_course, "GONE_S", 0.0)
    with nothing_left() as files:
        Path(tempfile.mkdtemp(prefix="kept"))
    assert [True] == [name.startswith("kept") for name in files]
    line = [sys.executable, "-c", "import sys; sys.stdin.read()"]
    with pytest.raises(WrongMarksError, match=r"left behind: .*sys\.stdin\.read"), nothing_left():
        living = subprocess.Popen(line, stdin=subprocess.PIPE)
    living.communicate(timeout=BOUND_S)


@needs_nbgrader
def test_nbgrader_takes_every_notebook(notebook) -> None:
    """Its own preprocessors lock the checks, cut the solutions and find no fault, as `generate_assignment` has them."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from nbgrader.preprocessors import CheckCellMetadata, ClearSolutions, LockCells
    made, resources = assignment(notebook), {}
    solutions = [line for cell in made.cells for line in _solution(cell.source)]
    for step in (LockCells, ClearSolutions, CheckCellMetadata):
        made, resources = step().preprocess(made, resources)
    left = _lines(made)
    assert solutions
    assert [] == [line for line in solutions if line in left and "return" in line]
    assert all(cell.metadata.editable is False for cell in made.cells if cell.metadata.get("nbgrader", {}).get("grade"))
    assert all("NotImplementedError" in cell.source for cell in filter(is_answer, made.cells))


def _solution(source: str) -> list[str]:
    return [line for part in re.findall(rf"{BEGIN}\n(.*?){END}", source, flags=re.DOTALL) for line in part.split("\n")]


@needs_nbgrader
def test_nbgrader_gives_the_right_marks(tmp_path) -> None:
    """Released, handed in, autograded and exported: a right answer has its point, a serial and an open one have none.

    One short notebook of one learner, who has solved one exercise, written a plain loop for another, and left the third
    open. `make nbgrader` does all of them.
    """
    script = ROOT / "tests" / "notebooks" / "nbgrader_course.py"
    line = [sys.executable, str(script), str(tmp_path / "course"), "--notebooks", SHORT, "--kinds", "mixed", "--quick"]
    found = {**os.environ, "PYTHONPATH": str(ROOT / "tests" / "helpers")}
    done = subprocess.run(line, capture_output=True, text=True, timeout=BOUND_S, check=False, env=found)
    assert done.returncode == 0, done.stdout + done.stderr[-4000:]
    assert re.search(rf"^{SHORT} +mixed +the default +1 of 3 .* as it should be$", done.stdout, flags=re.MULTILINE)
    assert "All marks are right." in done.stdout
