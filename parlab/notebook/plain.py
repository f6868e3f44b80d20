"""What a cell that another process shall run needs: plain Python, and a folder. Else it is refused, with the line."""

import re
import warnings
from pathlib import Path

from parlab.errors import InputError


def notebooks_folder(undone: str) -> Path:
    """Return the folder in which the notebook works.

    Parameters
    ----------
    undone
        What cannot be done where it is gone: ``"written there"``.

    Raises
    ------
    InputError
        It is gone.
    """
    try:
        return Path.cwd()
    except OSError as problem:
        text = f"The notebook's folder is gone, so nothing can be {undone}. Go to another one with %cd."
        raise InputError(text) from problem


def check_python(text: str, magic: str, undone: str) -> None:
    """Refuse a text that Python cannot compile.

    Parameters
    ----------
    text
        The cell; its first line stands where the magic does.
    magic
        Such as ``"%%workers"``.
    undone
        What was not done then: ``"written"``.

    Raises
    ------
    InputError
        It names the line.
    """
    try:
        with warnings.catch_warnings(action="ignore"):  # they are shown once, when it runs
            compile(text.encode(), "<cell>", "exec", dont_inherit=True)
    except (SyntaxError, ValueError) as problem:
        raise _no_python(problem, text, magic, undone) from problem
    except (MemoryError, RecursionError) as problem:  # CPython's parser says MemoryError of deep nesting
        message = "The cell holds more brackets, or blocks, inside each other than Python can read."
        raise InputError(f"{message}\nTake some apart and run the cell again. Nothing was {undone}.") from problem


def _no_python(problem: SyntaxError | ValueError, text: str, magic: str, undone: str) -> InputError:
    number = getattr(problem, "lineno", None)
    if not isinstance(problem, SyntaxError) or number is None:  # a null byte, or half of a surrogate pair
        what = f"The cell holds a character that no Python file may hold: {problem}."
        return InputError(f"{what}\nTake it out and run the cell again. Nothing was {undone}.")
    wrong = re.split(r"\r\n?|\n", text)[number - 1].strip()  # the parser's lines: a lone carriage return ends one
    hint = "Use plain Python only: %magics and !commands belong in other cells. " if wrong[:1] in {"%", "!"} else ""
    what = f"Line {number} of the cell, counted with the line of {magic}, is not Python ({problem.msg}): {wrong}"
    return InputError(f"{what}\n{hint}Mend it and run the cell again. Nothing was {undone}.")
