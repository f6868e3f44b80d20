"""The committed notebooks run from top to bottom, and keep the course's rules of style."""

import re
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import nbformat
import pytest

FOLDER = Path(__file__).parents[2] / "notebooks"
NOTEBOOKS = sorted(FOLDER.glob("*.ipynb"))
CELL_TIMEOUT_S = 120
BOUND_S = 240


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


def test_its_name_is_a_number_and_its_title_a_question(notebook: Path) -> None:
    """NN_question.ipynb, and the first heading is the question."""
    assert re.fullmatch(r"\d\d_[a-z_]+", notebook.stem)
    assert re.match(r"# .+\?\n", cells(notebook)[0].source)


def test_code_cells_are_short_and_introduced(notebook: Path) -> None:
    """12 to 25 code cells: median at most 4 lines, 90 % at most 10, none over 20; 15 to 60 words before each."""
    lengths = sorted(len(cell.source.splitlines()) for cell in code(notebook))
    assert 12 <= len(lengths) <= 25
    assert lengths[-1] <= 20
    assert lengths[len(lengths) // 2] <= 4
    assert sum(length <= 10 for length in lengths) >= 0.9 * len(lengths)
    before_code = [before for before, cell in pairwise(cells(notebook)) if cell.cell_type == "code"]
    assert {"markdown"} == {before.cell_type for before in before_code}
    words = {before.source[:30]: len(before.source.split()) for before in before_code}
    assert {} == {start: count for start, count in words.items() if not 15 <= count <= 60}


def test_it_is_committed_with_its_outputs(notebook: Path) -> None:
    """Every cell was run once, in order, without an error, and no output names a folder of one machine."""
    assert list(range(1, len(code(notebook)) + 1)) == [cell.execution_count for cell in code(notebook)]
    assert all(output.output_type != "error" for cell in code(notebook) for output in cell.outputs)
    assert not re.search(r"/home/|/root/|/Users/|/tmp/|\\u001b", notebook.read_text(encoding="utf-8"))
