"""Carries out ``parlab progress``: how far a learner has come."""

from pathlib import Path

from parlab.cli.output import print_json
from parlab.learn.table import TITLES, progress_in
from parlab.tables import console, print_list


def progress(folder: Path, *, as_json: bool) -> None:
    """Print the exercises of the course and what has become of them.

    Parameters
    ----------
    folder
        A learner's copy of the course.
    as_json
        Print one JSON object.

    Raises
    ------
    InputError
        There is no copy of the course.
    """
    table = progress_in(folder)
    if as_json:
        print_json(table.as_json())
        return
    print_list(console(), TITLES, table.cells())
    print(f"\n{table.last_line}")
    for note in table.notes:
        print(note)
