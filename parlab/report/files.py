"""Writes reports to files, and says beforehand where none can go. It overwrites its own reports and nothing else."""

import os
from pathlib import Path

from parlab.atomic import replacing
from parlab.errors import InputError

GENERATOR = "parlab report"  # stands in the page, and tells that it may be made again
_MARK = f'<meta name="generator" content="{GENERATOR}">'.encode()
_HEAD_BYTES = 1024  # the mark stands within


def check_place(path: Path, source: Path | None = None, usual: str = "report.html") -> None:
    """Refuse a place where no report can go, before any work is done.

    Parameters
    ----------
    path
        Where the report shall go.
    source
        The result file that it is made from.
    usual
        A name to advise.

    Raises
    ------
    InputError
        The name does not end in ``.html``, the folder is not there, or something else stands there already.
    """
    if path.suffix.lower() != ".html":
        raise InputError(f"A report is a web page, so {path.name or str(path)!r} cannot be its name. Write {usual}.")
    if not path.parent.is_dir():
        raise InputError(f"There is no folder {str(path.parent)!r} to write {path.name!r} into. Make it first.")
    if not os.path.lexists(path):
        return
    if path.is_dir():
        raise InputError(f"{str(path)!r} is a folder. Name a file in it, such as {str(path / usual)!r}.")
    if source is not None and source.exists() and path.exists() and path.samefile(source):
        raise InputError(f"{str(path)!r} is the result file itself, and is not overwritten. Choose another name.")
    if not is_ours(path):
        raise InputError(f"{str(path)!r} exists already and is no report of parlab. Choose another name, or remove it.")


def is_ours(path: Path) -> bool:
    """Tell whether a file is a report that parlab made, so that it may be made again."""
    try:
        if not path.is_file():
            return False
        with path.open("rb") as file:
            return _MARK in file.read(_HEAD_BYTES)
    except OSError:
        return False


def save(text: str, path: Path) -> None:
    """Write a page, whole or not at all; see ``check_place`` for where it may go.

    Raises
    ------
    InputError
        It cannot go there.
    """
    check_place(path)
    try:
        with replacing(path) as place:
            place.write_text(text, encoding="utf-8", newline="\n")
    except OSError as problem:
        message = f"{str(path)!r} cannot be written: {problem.strerror or problem}. Choose another place."
        raise InputError(message) from problem
