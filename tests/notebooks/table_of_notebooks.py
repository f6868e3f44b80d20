"""Writes notebooks/README.md: what each notebook says of itself, and how long it runs here (`make notebooks-table`).

usage: table_of_notebooks.py FOLDER
"""

import re
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

import nbformat
from execute import CELL_TIMEOUT_S
from nbclient import NotebookClient

from parlab import detect
from parlab.learn.contents import Lesson, lessons

TOP = """# The notebooks

Written by `make notebooks-table`: what each notebook says in its first cell, and the seconds that Run All takes with
the solutions. Begin with `parlab lab`, which makes your own copy.

| notebook | afterwards you can | minutes: reading + practice | needs | seconds |
| --- | --- | --- | --- | --- |
"""
ROW = re.compile(r"\]\((?P<file>[^)]+\.ipynb)\) \|.*\| (?P<seconds>[0-9]+) \|$", flags=re.MULTILINE)


def table(course: Sequence[Lesson], seconds: Mapping[str, float], machine: str = "") -> str:
    """Return the text; notebooks that were not measured have 0 seconds."""
    rows = [
        f"| {one.number} [{one.question}]({one.file}) | {one.objectives.removeprefix('After this notebook you can ')} "
        f"| {one.reading_minutes} + {one.practice_minutes} | {one.needs} | {round(seconds.get(one.file, 0))} |\n"
        for one in course
    ]
    return f"{TOP}{''.join(rows)}\nMeasured on: {machine}.\n"


def without_seconds(text: str) -> str:
    """Return the text without what is a matter of the machine."""
    return re.sub(r"\| [0-9]+ \|$|^Measured on: .*$", "", text, flags=re.MULTILINE)


def seconds_in(text: str) -> dict[str, int]:
    """Return the seconds of each notebook."""
    return {found["file"]: int(found["seconds"]) for found in ROW.finditer(text)}


def measure(path: Path) -> float:
    """Run a notebook as it stands, and return the seconds, start of the kernel included; nothing is written."""
    notebook = nbformat.read(path, as_version=4)
    began_s = time.perf_counter()
    NotebookClient(notebook, timeout=CELL_TIMEOUT_S, resources={"metadata": {"path": str(path.parent)}}).execute()
    return time.perf_counter() - began_s


def main(folder: Path) -> None:
    found = lessons(folder)
    seconds = {}
    for one in found:
        seconds[one.file] = measure(folder / one.file)
        print(f"{seconds[one.file]:5.1f} s  {one.file}", flush=True)
    (folder / "README.md").write_text(table(found, seconds, detect().summary), encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
