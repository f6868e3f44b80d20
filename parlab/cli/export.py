"""Carries out ``parlab export``: a table for other programs, or a learner's sheet."""

from pathlib import Path

from parlab.analysis.exports import SHEET, TABLES, asked_for, check_table, export_table
from parlab.analysis.handing_in import check_sheet_place
from parlab.errors import InputError, unknown_choice
from parlab.learn.sheet import HandedIn, hand_in
from parlab.measure.request import DEFAULT_FOLDER
from parlab.results import read
from parlab.units import count, size


def export(file: str | None, *, output: Path, what: str | None, name: str) -> None:
    """Write what was asked for, and say where it is.

    Parameters
    ----------
    file
        A result file; None for the newest in ``parlab-results``.
    output
        Where to. A name that ends in ``.json`` is a sheet's.
    what
        A table's name or ``"class"``; None: by the ending.
    name
        Of the learner, for a sheet.

    Raises
    ------
    InputError
        There is no such file or table, the name or place cannot be used, or a name was given for a table.
    """
    chosen = asked_for(output, what)
    if chosen not in (*TABLES, SHEET):
        raise unknown_choice("table", chosen, (*TABLES, SHEET))
    if chosen == SHEET:
        check_sheet_place(output)
        _say(output, hand_in(read(file or newest(DEFAULT_FOLDER)), output, name))
        return
    if name:
        raise InputError(
            f"--name is for a learner's sheet, and {chosen} is a table. Leave it out, or use --what class."
        )
    check_table(output, chosen)
    rows = export_table(read(file or newest(DEFAULT_FOLDER)), output, chosen)
    print(f"{chosen}: {output} ({count(rows, 'row')})")


def newest(folder: Path) -> Path:
    """Return the result file that was written last.

    Raises
    ------
    InputError
        There is none.
    """
    try:
        found = [(path.stat().st_mtime, path) for path in folder.glob("*.jsonl") if path.is_file()]
    except OSError as problem:
        raise InputError(f"{str(folder)!r} cannot be read: {problem.strerror}. Name a result file.") from problem
    if not found:
        message = (
            f"There is no result file in {str(folder)!r} here. Measure first: parlab bench primes. Or name a file."
        )
        raise InputError(message)
    return max(found)[1]


def _say(output: Path, done: HandedIn) -> None:
    sheet = done.sheet
    for note in done.notes:
        print(note)
    owner = f"the name {sheet.name!r}" if sheet.name else "no name"
    parts = [count(len(sheet.curves), "curve"), count(len(sheet.predictions), "prediction"), owner]
    print(f"class: {output} ({size(done.size_bytes)}: {', '.join(parts)})")
    print("It tells of the machine and what was measured, and of no host, user or path: look into it.")
