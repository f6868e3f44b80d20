"""A submission that was tampered with: one check emptied, one deleted, and a cell that never ends before a third."""

import copy

import nbformat
from assignments import Notebook
from submissions import submission

from parlab.learn import registry
from parlab.learn.stubs import BEGIN, END

EXERCISES = ("01-exit-codes", "03-who-knows", "07-possible-ends")  # values: their checks start no process
POINTS = {"01-exit-codes": 0, "03-who-knows": 1, "07-possible-ends": 1}


def small_notebook() -> Notebook:
    """Return a notebook in the course's form that holds these exercises alone."""
    cells = [nbformat.v4.new_code_cell("from parlab import learn", id="tampered-0")]
    for number, name in enumerate(EXERCISES, start=1):
        solution = f"answer = {registry.find(name).solution}"
        source = f'answer = ...\n{BEGIN}\n{solution}\n{END}\nlearn.check("{name}", answer)'
        cells.append(nbformat.v4.new_code_cell(source, id=f"tampered-{number}"))
    return nbformat.v4.new_notebook(cells=cells)


def tampered(source: Notebook, release: Notebook) -> Notebook:
    """Return what a learner hands in who has the first answer wrong, and empties its check; see ``POINTS``."""
    made, _ = submission("right", source, release)
    cells = {cell.metadata.get("nbgrader", {}).get("grade_id", cell.id): cell for cell in made.cells}
    cells["answer-tampered-1"].source = "answer = [0]"
    cells["01-exit-codes"].source = "pass"
    kept = [copy.deepcopy(cell) for name, cell in cells.items() if name != "03-who-knows"]
    place = next(at for at, cell in enumerate(kept) if cell.id == cells["answer-tampered-3"].id)
    made.cells = [*kept[:place], nbformat.v4.new_code_cell("while True: pass", id="tampered-hang"), *kept[place:]]
    return made
