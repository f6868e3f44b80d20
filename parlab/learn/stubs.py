"""Makes a learner's notebook of a committed one: solutions cut, outputs cleared. It knows notebooks as plain data.

A solution stands between two marks, as for nbgrader. What takes its place lets every later cell run: inside a function
an error that a check knows as "not yet"; elsewhere a name that is still open, ``...``.
"""

import ast
import json
import re
from collections.abc import Iterator
from functools import cache
from types import CodeType
from typing import Any

from parlab.errors import InputError

BEGIN, END = "### BEGIN SOLUTION", "### END SOLUTION"
_SAYS = "your code here"
_OPEN = f'raise NotImplementedError("{_SAYS}")'
_NOTE = f"# {_SAYS}"


def learners_copy(text: str, name: str) -> str:
    """Return the text of the learner's notebook.

    Parameters
    ----------
    text
        Of the committed notebook.
    name
        Of its file, for errors.

    Raises
    ------
    InputError
        It is no notebook, or a mark is alone.
    """
    try:
        notebook: dict[str, Any] = json.loads(text)
        cells = notebook["cells"]
        for number, cell in enumerate(cells):
            _clear(cell, f"{name}, cell {number}")
        notebook.get("metadata", {}).pop("widgets", None)
        copy = json.dumps(notebook, indent=1, ensure_ascii=False, sort_keys=True, allow_nan=False) + "\n"
        copy.encode()  # half a character, which JSON can name, fits into no file
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError) as problem:
        what = f"{type(problem).__name__}: {problem}"
        raise InputError(f"{name} is no notebook ({what:.200}). Restore the file.") from problem
    return copy


def without_solutions(source: str, where: str = "the cell") -> str:
    """Return the source of a cell with a stub in the place of each solution.

    Raises
    ------
    InputError
        A mark has no partner.
    """
    kept: list[str] = []
    for is_solution, lines in _parts(source, where):
        kept += _stub(lines, "\n".join(kept)) if is_solution else lines
    return "\n".join(kept)


def is_stub(function: Any) -> bool:
    """Tell whether a function is only what a learner's copy has in the place of a solution, and perhaps a docstring."""
    code = getattr(function, "__code__", None)
    return isinstance(code, CodeType) and _SAYS in code.co_consts and (code.co_code, code.co_names) in _stubs()


@cache
def _stubs() -> list[tuple[bytes, tuple[str, ...]]]:
    """Return what Python makes of a stub, without and with a docstring."""
    made = compile(f"def bare():\n {_OPEN}\ndef told():\n 'What.'\n {_OPEN}", "stub", "exec")
    return [(one.co_code, one.co_names) for one in made.co_consts if isinstance(one, CodeType)]


def _clear(cell: dict[str, Any], where: str) -> None:
    if cell["cell_type"] != "code":
        return
    source = cell["source"]
    text = without_solutions(source if isinstance(source, str) else "".join(source), where)
    cell["source"] = text.splitlines(keepends=True)
    cell["outputs"], cell["execution_count"] = [], None
    cell.get("metadata", {}).pop("execution", None)


def _parts(source: str, where: str) -> Iterator[tuple[bool, list[str]]]:
    """Yield what is kept (False) and each solution (True), line by line; a solution begins with its mark."""
    part: list[str] = []
    inside = False
    for line in source.split("\n"):
        mark = line.strip()
        if mark in (BEGIN, END):
            if inside == (mark == BEGIN):
                raise InputError(f"{where}: {mark!r} has no partner. Each {BEGIN!r} needs one {END!r} below.")
            if inside:
                yield True, part
                part = []
            else:
                yield False, part
                part = [line]
            inside = not inside
        else:
            part.append(line)
    if inside:
        raise InputError(f"{where}: {BEGIN!r} has no partner. Write {END!r} below the solution.")
    yield False, part


def _stub(solution: list[str], above: str) -> list[str]:
    """Return what takes the place of a solution, whose first line is the mark."""
    indent = re.match(r"\s*", solution[0])[0]  # type: ignore[index]  # it always matches
    if indent:
        return [f"{indent}{_NOTE}", f"{indent}{_OPEN}"]
    stub = [_NOTE]
    known = _names(above)
    solution = re.split(r"\r\n?|\n", "\n".join(solution))  # as Python's parser counts lines
    body = _parsed("\n".join(solution))
    for node in body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            stub += [*_header(node, solution), f"    {_OPEN}" if not isinstance(node, ast.ClassDef) else "    ..."]
            known.add(node.name)
        else:
            new = [name for name in _stored(node) if name not in known]
            known |= set(new)
            stub += [f"{name} = ..." for name in new]
    return stub


def _header(node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef, solution: list[str]) -> list[str]:
    """Return the lines from ``def`` to before the first statement, docstring included."""
    first = node.body[0]
    if ast.get_docstring(node) is not None:
        return solution[node.lineno - 1 : first.end_lineno]
    return solution[node.lineno - 1 : first.lineno - 1] or [f"{solution[node.lineno - 1].partition(':')[0]}:"]


def _parsed(source: str) -> list[ast.stmt]:
    """Return the statements; none of what Python cannot read, such as a magic, or a thousand brackets."""
    try:
        return ast.parse(source).body
    except (SyntaxError, ValueError, RecursionError, MemoryError):  # CPython's parser says MemoryError of deep nesting
        return []


def _names(source: str) -> set[str]:
    body = _parsed("\n".join(line for line in source.split("\n") if line[:1] not in {"%", "!"}))
    return {name for node in body for name in _stored(node)} | {getattr(node, "name", "") for node in body}


def _stored(node: ast.stmt) -> list[str]:
    """List the names that a statement gives a value, in their order; not those inside of functions."""
    if isinstance(node, ast.Import | ast.ImportFrom):
        return []
    inner = [one for one in ast.walk(node) if isinstance(one, ast.Name) and isinstance(one.ctx, ast.Store)]
    hidden = {
        id(one)
        for scope in ast.walk(node)
        if isinstance(scope, ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp | ast.Lambda)
        for one in ast.walk(scope)
    }
    return list(dict.fromkeys(one.id for one in inner if id(one) not in hidden))
