"""What learners hand in: the right answers, right results without workers, nothing at all, and something of each."""

import copy
from collections.abc import Sequence
from typing import Any

import nbformat
from assignments import is_answer, marked
from wrong_answers import BODIES
from wrong_words import HEAD

from parlab.learn import registry
from parlab.learn.bugs.listing import bugs
from parlab.learn.records import Check

Cell = nbformat.NotebookNode
Notebook = nbformat.NotebookNode

SERIAL = {"serial", "no processes"}
KINDS = ("right", "serial", "empty", "mixed")  # the last one: these three in turn


def submission(kind: str, source: Notebook, release: Notebook) -> tuple[Notebook, dict[str, int]]:
    """Return what a learner of a kind hands in, and the points that are right for it.

    Parameters
    ----------
    kind
        ``"right"``; ``"serial"``: for each exercise that asks for workers a plain loop, with the right result, and for
        each other one a wrong answer; ``"empty"``: as it was released; ``"mixed"``: one of these after the other.
    source, release
        The assignment with its solutions, and as nbgrader has released it.
    """
    made = copy.deepcopy(release)
    solutions = {cell.metadata.nbgrader.grade_id: cell.source for cell in source.cells if is_answer(cell)}
    names = marked(release.cells)
    kinds = {name: KINDS[place % 3] if kind == "mixed" else kind for place, name in enumerate(names)}
    owners = {answer_to(name, source.cells): name for name in names}
    for cell in filter(is_answer, made.cells):
        answer = cell.metadata.nbgrader.grade_id
        name = owners.get(answer)
        chosen = kinds[name] if name else kind
        if chosen == "serial" and name:
            cell.source = wrong_answer(name, cell.source)
        elif chosen != "empty":  # what gives no point itself is there for what does
            cell.source = solutions[answer]
    return made, {name: int(one == "right") for name, one in kinds.items()}


def answer_to(name: str, cells: Sequence[Cell]) -> str:
    """Return the name of the cell in which the answer to an exercise is written: the last one above its check."""
    found = registry.find(name)
    for cell in cells[_place(name, cells) :: -1]:
        if is_answer(cell) and (not found.calls or f"def {found.function}(" in cell.source):
            answer: str = cell.metadata.nbgrader.grade_id
            return answer
    message = f"{name} has no cell for its answer"
    raise ValueError(message)


def _place(name: str, cells: Sequence[Cell]) -> int:
    return next(at for at, cell in enumerate(cells) if cell.metadata.get("nbgrader", {}).get("grade_id") == name)


def wrong_answer(name: str, cell: str) -> str:
    """Return an answer cell with a wrong answer to an exercise: the serial one where there is one."""
    found = registry.find(name)
    if not found.calls:
        return f"{cell.partition(' = ')[0]} = {_wrong_value(found)!r}"
    cases = BODIES[name]
    body = next((case[1] for case in cases if case[2] in SERIAL), next(case[1] for case in cases if case[2] != "open"))
    return f"{cell.splitlines()[0]}\n{_module(found, body)}"


def _wrong_value(found: Check) -> Any:
    bug = next((bug for bug in bugs().values() if bug.check == found.name), None)
    return found.mistakes[0].value if bug is None else bug.others[0]


def _module(found: Check, body: str | None) -> str:
    if body is None:
        return found.given
    return HEAD + (body if f"def {found.function}(" in body else f"def {found.signature}:\n    {body}\n")
