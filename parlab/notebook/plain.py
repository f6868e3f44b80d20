"""Refuses what is no plain Python in a cell that another process shall run, and says which line it is."""

import warnings

from parlab.errors import InputError


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


def _no_python(problem: SyntaxError | ValueError, text: str, magic: str, undone: str) -> InputError:
    number = getattr(problem, "lineno", None)
    if not isinstance(problem, SyntaxError) or number is None:  # a null byte, or half of a surrogate pair
        what = f"The cell holds a character that no Python file may hold: {problem}."
        return InputError(f"{what}\nTake it out and run the cell again. Nothing was {undone}.")
    wrong = text.split("\n")[number - 1].strip()
    hint = "Use plain Python only: %magics and !commands belong in other cells. " if wrong[:1] in {"%", "!"} else ""
    what = f"Line {number} of the cell, counted with the line of {magic}, is not Python ({problem.msg}): {wrong}"
    return InputError(f"{what}\n{hint}Mend it and run the cell again. Nothing was {undone}.")
