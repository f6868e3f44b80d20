"""Writes notebooks/README.md: what each notebook says of itself, and how long it runs here (`make notebooks-table`).

usage: table_of_notebooks.py FOLDER_OR_NOTEBOOK…

Of a folder all are measured. Of notebooks these are, and the others keep their seconds, and the table its machine.
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

MACHINE = re.compile(r"^Measured on: (?P<machine>.*)\.$", flags=re.MULTILINE)


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


def written(folder: Path, seconds: Mapping[str, float], machine: str | None = None) -> None:
    """Write the table anew; what is not measured, and a machine that is not given, stay as they are."""
    page = folder / "README.md"
    before = page.read_text(encoding="utf-8") if page.exists() else ""
    known = MACHINE.search(before)
    machine = machine or (known["machine"] if known else detect().summary)
    page.write_text(table(lessons(folder), {**seconds_in(before), **seconds}, machine), encoding="utf-8")


def main(given: Sequence[Path]) -> None:
    whole = given[0].is_dir()
    folder = given[0] if whole else given[0].parent
    seconds = {}
    for path in [folder / one.file for one in lessons(folder)] if whole else given:
        seconds[path.name] = measure(path)
        print(f"{seconds[path.name]:5.1f} s  {path.name}", flush=True)
    written(folder, seconds, detect().summary if whole else None)


if __name__ == "__main__":
    main([Path(one) for one in sys.argv[1:]])
