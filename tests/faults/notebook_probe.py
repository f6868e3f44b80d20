"""Carries out a plan in a cell of a notebook: a real kernel, with its threads, its streams and its own interrupts.

usage: notebook_probe.py PLAN.json
"""

import sys
from pathlib import Path

import nbformat
from nbclient import NotebookClient

CELL_BOUND_S = 110

CELL = """
import sys
sys.path[:0] = {path!r}
import probe
probe.observe({plan!r})
"""


def main() -> None:
    """Execute a notebook of one cell; what the cell shows is printed."""
    plan = Path(sys.argv[1])
    notebook = nbformat.v4.new_notebook()
    notebook.cells.append(nbformat.v4.new_code_cell(CELL.format(path=sys.path[:3], plan=str(plan))))
    client = NotebookClient(notebook, timeout=CELL_BOUND_S, resources={"metadata": {"path": str(plan.parent)}})
    client.execute()
    shown = [one for one in notebook.cells[0].outputs if one.output_type == "stream" and one.name == "stdout"]
    print("".join(one.text for one in shown), end="")


if __name__ == "__main__":
    main()
