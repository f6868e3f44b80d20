"""Makes nbgrader's source assignments of the committed notebooks: answers to write, and locked cells that give a point.

The marks around solutions are nbgrader's own, so nothing changes in them. A check shows what is wrong and never raises;
nbgrader gives a point to a cell that does not. So each check becomes a cell of its own that ends with ``require()``.
"""

import ast
import copy
from collections.abc import Iterator, Sequence
from typing import Any

import nbformat

from parlab.learn import registry
from parlab.learn.stubs import END

Cell = nbformat.NotebookNode
Notebook = nbformat.NotebookNode

SCHEMA = 3
POINTS = 1
DEADLINE_S = 60  # of each run of a function: graders are busy machines
CELL_TIMEOUT_S = 300  # no cell of the course takes that long, and one that hangs is interrupted
UNMARKED = {"18-largest-loss"}  # what is right there was measured a moment ago, and no mark depends on a timing

CONFIG = f'''"""The course's settings for nbgrader: see docs/nbgrader.md of parlab."""

from pathlib import Path

c = get_config()
c.CourseDirectory.course_id = "parlab"
c.IncludeHeaderFooter.header = str(Path(__file__).with_name("header.ipynb"))
# What a learner finds in the place of a solution; parlab's checks know it as "not yet".
c.ClearSolutions.code_stub = {{"python": "# your code here\\nraise NotImplementedError('your code here')"}}
# A cell that hangs is interrupted and has failed; the cells below it are graded all the same.
c.Execute.timeout = {CELL_TIMEOUT_S}
# A locked cell that a learner has deleted comes back, and fails if its answer is not there.
c.OverwriteCells.add_missing_cells = True
'''

HEADER = """*This notebook is an assignment.* Write your answers where it says `your code here`. The cell below an
answer checks it and is locked: it gives its point when it runs without an error. No point depends on how fast your
machine is. Before you submit: *Kernel*, *Restart Kernel and Run All Cells*."""


def assignment(notebook: Notebook) -> Notebook:
    """Return a committed notebook as nbgrader's source of an assignment; the notebook itself stays as it is.

    Parameters
    ----------
    notebook
        With its solutions.

    Returns
    -------
    Notebook
        Without outputs; each answer and each check in a cell of its own, which nbgrader knows.
    """
    made = copy.deepcopy(notebook)
    made.cells = [cell for old in made.cells for cell in _converted(old)]
    made.metadata.pop("widgets", None)
    return made


def header() -> Notebook:
    """Return what stands above each assignment."""
    cell = nbformat.v4.new_markdown_cell(HEADER, id="nbgrader-header")
    return nbformat.v4.new_notebook(cells=[cell])


def is_answer(cell: Cell) -> bool:
    """Whether a learner writes there."""
    return bool(cell.metadata.get("nbgrader", {}).get("solution"))


def marked(cells: Sequence[Cell]) -> list[str]:
    """List the exercises that give a point, in their order."""
    return [cell.metadata.nbgrader.grade_id for cell in cells if cell.metadata.get("nbgrader", {}).get("grade")]


def _converted(cell: Cell) -> Iterator[Cell]:
    if cell.cell_type != "code":
        yield cell
        return
    cell.outputs, cell.execution_count = [], None
    answer, below = _cut(cell.source)
    name = exercise(below)
    if name is None or name in UNMARKED:
        if answer:
            _note(cell, f"answer-{cell.id}", solution=True)
        yield cell
        return
    if answer:
        above = copy.deepcopy(cell)
        above.source = answer
        _note(above, f"answer-{cell.id}", solution=True)
        yield above
        cell.id = f"{cell.id}-check"
    cell.source = graded(below)
    _note(cell, name, solution=False)
    yield cell


def _cut(source: str) -> tuple[str, str]:
    """Cut a cell behind its last solution."""
    lines = source.split("\n")
    ends = [place for place, line in enumerate(lines) if line.strip() == END]
    border = ends[-1] + 1 if ends else 0
    return "\n".join(lines[:border]), "\n".join(lines[border:]).strip("\n")


def _note(cell: Cell, name: str, *, solution: bool) -> None:
    note: dict[str, Any] = {"grade": not solution, "grade_id": name, "locked": not solution, "schema_version": SCHEMA}
    cell.metadata["nbgrader"] = nbformat.from_dict(note | {"solution": solution, "task": False})
    if not solution:
        cell.metadata.nbgrader["points"] = POINTS


def exercise(source: str) -> str | None:
    """Return the name of the exercise that a cell checks; None where it checks none, or solves it by itself."""
    call = _check(source)
    if call is None:
        return None
    name = call.args[0].value
    return name if _is(call, "learn.check") else f"15-{name}"


def graded(source: str) -> str:
    """Return a cell that shows what its check says, and then fails unless it says "passed".

    It shows by ``display``: nbgrader takes a cell's result for a number of points.
    """
    call = _check(source)
    if call is None:
        message = f"no check in {source!r}"
        raise ValueError(message)
    asked = ast.get_source_segment(source, call) or ""
    before, _, after = source.partition(asked)
    shown = f"{before}checked{after}" if before or after else "display(checked)"
    name = exercise(source)
    if name in registry.checks() and registry.find(name).calls:
        asked = f"{asked.removesuffix(')')}, deadline_s={DEADLINE_S})"
    return f"checked = {asked}\n{shown}\nchecked.require()"


def _check(source: str) -> ast.Call | None:
    """Find the call that checks an answer: ``learn.check(name, …)``, or ``parlab.bug(name, variable)``."""
    if "learn.check(" not in source and "parlab.bug(" not in source:
        return None  # other cells may hold magics, which are no Python
    calls = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call) and len(node.args) == 2]
    return next((call for call in calls if _is(call, "learn.check") or _is_open_bug(call)), None)


def _is_open_bug(call: ast.Call) -> bool:
    """Whether a learner names the cause: in a variable. What the notebook solves itself it names in words."""
    return _is(call, "parlab.bug") and isinstance(call.args[1], ast.Name)


def _is(call: ast.Call, name: str) -> bool:
    return ast.unparse(call.func) == name
