"""Which cells of a learner's copy can behave differently from the committed notebook's, and what those need.

A copy differs in its exercises. So to know that it runs from top to bottom with the exercises open, one runs these, all
cells that use what they define, and all that those need: the other cells are the committed ones, which run anyway.
A cell that was left out wrongly is missed by a NameError in one that was not.
"""

import ast
import re
from collections.abc import Sequence

CHECK = re.compile(r"learn\.check\(|parlab\.bug\(")
MODULE = re.compile(r"%%workers\s+(?P<name>\w+)")
LINE_MAGIC = re.compile(r"^\s*[%!]|= %")


def cells_that_matter(given: Sequence[str], committed: Sequence[str]) -> list[int]:
    """Choose among the code cells of a copy.

    Parameters
    ----------
    given, committed
        The sources of the copy's code cells, and those of the committed notebook's, in the same order.

    Returns
    -------
    list of int
        Places of the cells to run, in order.
    """
    makers: dict[str, int] = {}  # the cell that last gave a name its value
    needs: list[set[int]] = []  # for each cell those which made what it reads
    open_ends: list[int] = []
    theirs: set[int] = set()
    for place, (copy, original) in enumerate(zip(given, committed, strict=True)):
        needs.append({makers[name] for name in _used(copy) if name in makers})
        makers |= dict.fromkeys(_defined(copy), place)
        if copy != original or needs[place] & theirs:
            theirs.add(place)
        if place in theirs or CHECK.search(copy) or "%load_ext" in copy:
            open_ends.append(place)
    chosen: set[int] = set()
    while open_ends:
        place = open_ends.pop()
        if place not in chosen:
            chosen.add(place)
            open_ends += needs[place]
    return sorted(chosen)


def cells_needed_by(sources: Sequence[str], place: int) -> list[int]:
    """Choose the cells that must have run before one cell can, itself left out.

    Parameters
    ----------
    sources
        Of a notebook's code cells.
    place
        Which of them is to run.

    Returns
    -------
    list of int
        Places in order; the one that loads parlab's magics is always among them.
    """
    makers: dict[str, int] = {}
    needs = []
    for at, source in enumerate(sources[: place + 1]):
        needs.append({makers[name] for name in _used(source) if name in makers})
        makers |= dict.fromkeys(_defined(source), at)
    chosen: set[int] = set()
    open_ends = [place, *(at for at in range(place) if "%load_ext" in sources[at])]
    while open_ends:
        at = open_ends.pop()
        if at not in chosen:
            chosen.add(at)
            open_ends += needs[at]
    return sorted(chosen - {place})


def _defined(source: str) -> set[str]:
    """Names that a cell binds at its top: variables, functions, classes, imports, and a module that it writes."""
    module = MODULE.match(source)
    if module:
        return {module["name"]} | _bound(source)
    return set() if source.startswith("%%") else _bound(source)


def _bound(source: str) -> set[str]:
    names = set()
    for node in ast.walk(_tree(source)):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            names.add(node.id)
        elif isinstance(node, ast.FunctionDef | ast.ClassDef):
            names.add(node.name)
        elif isinstance(node, ast.alias):
            names.add((node.asname or node.name).partition(".")[0])
    return names


def _used(source: str) -> set[str]:
    """Names that a cell reads, those in its line magics included."""
    if source.startswith("%%deadline"):  # a program of its own
        return {node.id for node in ast.walk(_tree(source)) if isinstance(node, ast.Name)} & _imported(source)
    read = {node.id for node in ast.walk(_tree(source)) if isinstance(node, ast.Name)}
    magics = [line for line in source.split("\n") if LINE_MAGIC.search(line)]
    return read | {word for line in magics for word in re.findall(r"\w+", line)}


def _imported(source: str) -> set[str]:
    """Modules that a program imports: one of them may be a learner's."""
    return {alias.name for node in ast.walk(_tree(source)) if isinstance(node, ast.Import) for alias in node.names}


def _tree(source: str) -> ast.Module:
    return ast.parse("\n".join("pass" if LINE_MAGIC.search(line) else line for line in source.split("\n")))
