"""The committed notebooks run from top to bottom, keep the rules of style, and make learner's copies that run."""

import os
import re
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient
from slices import CHECK, cells_that_matter
from style import faults
from table_of_notebooks import seconds_in, table, without_seconds

from parlab.learn.contents import lessons
from parlab.learn.copies import make_copy
from parlab.learn.stubs import BEGIN, END, learners_copy
from parlab.machine.detection import START_METHOD

FOLDER = Path(__file__).parents[2] / "notebooks"
NOTEBOOKS = sorted(FOLDER.glob("*.ipynb"))
CELL_TIMEOUT_S = 120
BOUND_S = 480
SOME = 4
SOLVED = re.compile(r'parlab\.bug\("[^"]+", "')  # the bug that the notebook solves itself
MEASURED = re.compile(r"learn\.check\(.*project\.cause\(")
OTHER_METHOD = "spawn"  # the committed notebooks run by the system's default, which on Linux is forkserver


def cells(path: Path) -> list[nbformat.NotebookNode]:
    return nbformat.read(path, as_version=4).cells


def code(path: Path) -> list[nbformat.NotebookNode]:
    return [cell for cell in cells(path) if cell.cell_type == "code"]


@pytest.fixture(params=NOTEBOOKS, ids=lambda path: path.stem)
def notebook(request: pytest.FixtureRequest) -> Path:
    return request.param


def test_there_are_notebooks() -> None:
    """The folder is not empty, so the tests below test something."""
    assert NOTEBOOKS


def test_it_runs_as_it_stands(notebook: Path) -> None:
    """Nbval executes every cell and compares what is deterministic; a cell that hangs counts as failed."""
    options = [
        "--nbval",
        "--nbval-current-env",
        f"--nbval-cell-timeout={CELL_TIMEOUT_S}",
        "-p",
        "no:cacheprovider",
        "-vv",
    ]
    line = [sys.executable, "-m", "pytest", "-c", "/dev/null", "--rootdir", str(FOLDER), *options, str(notebook)]
    done = subprocess.run(line, capture_output=True, text=True, timeout=BOUND_S, check=False, cwd=FOLDER)
    assert done.returncode == 0, done.stdout[-4000:]
    assert f"{len(code(notebook))} passed" in done.stdout
    assert not re.search(r"\d+ (xfailed|xpassed|skipped)", done.stdout)


def test_its_name_is_a_number(notebook: Path) -> None:
    """NN_question.ipynb."""
    assert re.fullmatch(r"\d\d_[a-z_]+", notebook.stem)


def test_it_keeps_the_rules_of_style(notebook: Path) -> None:
    """Every rule of ``style.py``; what breaks one is named by notebook and cell."""
    assert [] == list(faults(notebook))


def test_it_is_committed_with_its_outputs(notebook: Path) -> None:
    """Every cell was run once, in order, without an error that is not meant."""
    assert list(range(1, len(code(notebook)) + 1)) == [cell.execution_count for cell in code(notebook)]
    unmeant = [cell for cell in code(notebook) if "raises-exception" not in cell.metadata.get("tags", [])]
    assert all(output.output_type != "error" for cell in unmeant for output in cell.outputs)


def test_its_solutions_pass_and_that_is_compared(notebook: Path) -> None:
    """Each check says "passed" in the committed outputs, and nbval may not ignore it: so it says that in every run.

    Except for an answer that depends on what was measured a moment ago.
    """
    asked = [cell for cell in code(notebook) if "learn.check(" in cell.source]
    ignored = [cell.source for cell in asked if "nbval-ignore-output" in cell.metadata.get("tags", [])]
    assert [] == [source for source in ignored if not MEASURED.search(source)]
    assert [] == [cell.source for cell in asked if not re.search(r"^[\w-]+: passed", _shown(cell), flags=re.MULTILINE)]


def _shown(cell: nbformat.NotebookNode) -> str:
    return "\n".join(str(one.get("data", {}).get("text/plain", "")) for one in cell.outputs)


def test_the_learners_copy_runs_with_open_exercises(notebook: Path, tmp_path: Path) -> None:
    """Exercises that are open stop nothing, and the check's word for them is "not yet"; by another start method.

    What differs from the committed notebook is run, and all that depends on it: ``slices.py``.
    """
    make_copy(tmp_path, notebook.stem[:2])
    copy = nbformat.read(tmp_path / notebook.name, as_version=4)
    given = [cell for cell in copy.cells if cell.cell_type == "code"]
    chosen = cells_that_matter([cell.source for cell in given], [cell.source for cell in code(notebook)])
    copy.cells = _some_bugs([given[place] for place in chosen])
    place = {"metadata": {"path": str(tmp_path)}}
    other = {**os.environ, START_METHOD: OTHER_METHOD}
    NotebookClient(copy, timeout=CELL_TIMEOUT_S, resources=place).execute(env=other)
    checks = [cell for cell in copy.cells if CHECK.search(cell.source) and not SOLVED.search(cell.source)]
    assert len(checks) >= 3
    assert [] == [cell.source for cell in checks if "not yet" not in str(cell.outputs)]


def _some_bugs(chosen: list[nbformat.NotebookNode]) -> list[nbformat.NotebookNode]:
    """Leave out most cells of the bug lab: they are alike, and each runs a program that the committed notebook runs."""
    bugs = [cell for cell in chosen if "parlab.bug(" in cell.source]
    return [cell for cell in chosen if cell not in bugs[SOME:]]


def test_a_copy_with_open_exercises_runs(tmp_path: Path) -> None:
    """The same for a notebook made here: a function and a name that are open can be handed on, not called."""
    cells = [
        nbformat.v4.new_code_cell(f"def mine(n):\n    {BEGIN}\n    return n\n    {END}"),
        nbformat.v4.new_code_cell(f"{BEGIN}\nanswer = 3\n{END}"),
        nbformat.v4.new_code_cell(
            "def told(value):\n"
            "    try:\n"
            "        return 'not yet' if value is ... else value(1)\n"
            "    except NotImplementedError:\n"
            "        return 'not yet'\n"
            "told(mine), told(answer)"
        ),
    ]
    text = learners_copy(nbformat.writes(nbformat.v4.new_notebook(cells=cells)), "made.ipynb")
    copy = nbformat.reads(text, as_version=4)
    NotebookClient(copy, timeout=CELL_TIMEOUT_S, resources={"metadata": {"path": str(tmp_path)}}).execute()
    assert "('not yet', 'not yet')" == copy.cells[-1].outputs[0].data["text/plain"]


def test_the_table_of_the_notebooks_is_current() -> None:
    """notebooks/README.md says what the notebooks say of themselves; the seconds alone are a matter of the machine."""
    committed = (FOLDER / "README.md").read_text(encoding="utf-8")
    assert without_seconds(table(lessons(FOLDER), {})) == without_seconds(committed)
    assert [] == [one.file for one in lessons(FOLDER) if one.file not in seconds_in(committed)]
