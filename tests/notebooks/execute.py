"""Executes notebooks in place, so that their committed outputs are those of this version (`make notebooks`).

What a cell shows decides what fits on a slide, so the slide types are noted anew as well.

usage: execute.py FOLDER_OR_NOTEBOOK…
"""

import sys
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from slides import typed

CELL_TIMEOUT_S = 120
WIDGET = "application/vnd.jupyter.widget-view+json"
HTML = "text/html"


def execute(path: Path) -> None:
    """Run one notebook from top to bottom; an error ends everything and leaves the file as it was."""
    notebook = nbformat.read(path, as_version=4)
    NotebookClient(notebook, timeout=CELL_TIMEOUT_S, resources={"metadata": {"path": str(path.parent)}}).execute()
    for cell in notebook.cells:
        cell.metadata.pop("execution", None)  # times of day make every run a change
        cell["outputs"] = [plain(one) for one in cell.get("outputs", []) if not is_spent_bar(one)]
        if cell.cell_type != "code":
            del cell["outputs"]
    notebook.metadata.pop("widgets", None)
    path.write_text(typed(nbformat.writes(notebook)), encoding="utf-8", newline="\n")


def is_spent_bar(output: nbformat.NotebookNode) -> bool:
    """Tell whether an output is what a finished progress bar leaves: a widget without a state, or an empty text."""
    data = output.get("data", {})
    if WIDGET in data:
        return HTML not in data
    return output.output_type == "display_data" and not "".join(data.values()).strip()


def plain(output: nbformat.NotebookNode) -> nbformat.NotebookNode:
    """Take the widget out of an output that can be read without one, as a quiz can: its state is not kept."""
    output.get("data", {}).pop(WIDGET, None)
    return output


if __name__ == "__main__":
    for given in map(Path, sys.argv[1:]):
        for found in sorted(given.glob("*.ipynb")) if given.is_dir() else [given]:
            print(found.name, flush=True)
            execute(found)
