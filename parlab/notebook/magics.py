"""The cell magic ``%%workers NAME``: makes a module of a cell, so that workers can import its functions.

It never overwrites a file that it has not written, never hides another module, and never imports IPython.

Why things are as they are:

- A worker that was spawned, or forked by a server, imports functions by name, and a notebook's own names lie in a
  ``__main__`` that no worker has. So the code must lie in a file, and the notebook must use the file's objects.
- The mark takes line 1, where ``%%workers NAME`` stands in the cell. So line 7 of a traceback is line 7 of the cell.
- Python trusts a cached ``.pyc`` when the source's size and its modification time in whole seconds are the same: an
  edit of one digit within a second would run the old code. Removing the cache is not enough, because a worker that
  started before may write it again. So each version of the file is dated at least two seconds (the steps of FAT)
  after the one before, and no ``.pyc`` of an earlier version fits it.
- Workers look where this process looks, but for them the entry ``''`` is the folder in which the kernel started. So
  the file's folder is put on ``sys.path`` by its whole name; last, where it can hide nothing.
- "New" and "changed" are meant for this kernel, not for the disk: a notebook that is run again shows the same texts.
"""

import builtins
import importlib
import keyword
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from importlib.machinery import ModuleSpec, PathFinder
from importlib.util import cache_from_source
from inspect import isroutine
from pathlib import Path
from symtable import symtable
from traceback import walk_tb
from types import ModuleType
from typing import Any

from parlab.atomic import write_module
from parlab.errors import InputError, text_of
from parlab.notebook.plain import check_python, notebooks_folder
from parlab.notebook.stale import open_pools

# The coding is named because Python looks for one in the first two lines, and a cell's own may say another.
MARK = "# coding: utf-8, written by %%workers of parlab: edit the notebook's cell, not this file."
_KEPT = "__parlab_text__"  # what a module was loaded from; it lives and dies with the module


def provide(line: str, cell: str, namespace: dict[str, Any]) -> str:
    """Make a module of a cell and put its public names into a namespace.

    Parameters
    ----------
    line
        What stands behind ``%%workers``: the module's name.
    cell
        The lines below.
    namespace
        The notebook's names. They change only when the module could be imported.

    Returns
    -------
    str
        What happened, for the learner. It names no folder, process or time.

    Raises
    ------
    InputError
        The name, the cell or the folder cannot be used, and nothing was written; or the module raised.
    """
    name = _checked_name(line)
    text = _checked_text(name, cell)
    target = notebooks_folder("written there") / f"{name}.py"
    _refuse_other_file(target)
    _refuse_other_module(name, target)
    before = sys.modules.get(name)
    earlier = {} if before is None else dict(vars(before))
    if before is not None and earlier.get(_KEPT) == text and _read(target) == text.encode():
        module, names, state = before, _public_names(before, text), "is unchanged"
    else:
        _write(target, text.encode())
        module, names = _load(name, target, text)
        state = "is new in this kernel" if before is None else "has changed"
    gone = _hand_over(module, names, namespace, earlier)
    return _told(f"{target.name} {state}.", module, names, gone, stale=open_pools(namespace))


def _checked_name(line: str) -> str:
    name = line.strip()
    rule = "ASCII letters, digits and _, with a letter first, and not one of Python's own words"
    if not name:
        message = f"%%workers needs a name for the module: {rule}. Write, for example, %%workers tasks"
        raise InputError(message)
    if not (name.isascii() and name.isidentifier()) or name.startswith("_") or keyword.iskeyword(name):
        message = f"%%workers cannot name a module {name!r}. Allowed: {rule}. Write, for example, %%workers tasks"
        raise InputError(message)
    return name


def _checked_text(name: str, cell: str) -> str:
    """Return the file's text, which has the mark where the cell has the magic."""
    if not cell.strip():
        message = f"The cell is empty, so there is nothing to write to {name}.py. Put functions below the first line."
        raise InputError(message)
    text = f"{MARK}\n{cell.rstrip()}\n"
    check_python(text, "%%workers", "written")
    return text


def _refuse_other_file(target: Path) -> None:
    if target.is_symlink():
        message = f"{target.name} is a link, and %%workers does not write through links. Choose another name."
        raise InputError(f"{message} Or remove the link.")
    if not target.exists():
        return
    found = _read(target)
    if found is None or found.split(b"\n", 1)[0].rstrip() != MARK.encode():
        message = f"{target.name} exists already and was not written by %%workers, so it is not overwritten."
        raise InputError(f"{message} Choose another name, or import it as it is.")


def _refuse_other_module(name: str, target: Path) -> None:
    owner = _owner(name, target)
    if owner is not None:
        message = f"%%workers cannot name a module {name!r}: that is {owner}, and one would hide the other."
        raise InputError(f"{message} Choose another name, for example my_{name}.")


def _owner(name: str, target: Path) -> str | None:
    """Say what else has the name; None when nothing has."""
    if name in sys.stdlib_module_names or name in sys.builtin_module_names:
        return "a module of Python's standard library"
    if hasattr(builtins, name):
        return "a name that is built into Python"
    if target.with_suffix("").is_dir():
        return "a folder beside the notebook, which Python takes for a package"
    loaded = sys.modules.get(name)
    if loaded is not None and not _same(getattr(loaded, "__file__", None), target):
        return "a module that this kernel has loaded from elsewhere"
    if any(not _same(spec.origin, target) for spec in _specs(name, target.parent)):
        return "a module that is installed or lies elsewhere on sys.path"
    return None


def _specs(name: str, folder: Path) -> list[ModuleSpec]:
    """Ask every finder, past what is loaded already; the folder of the file is asked apart, for it may be hidden."""
    others = [entry for entry in sys.path if isinstance(entry, str) and Path(entry).resolve() != folder.resolve()]
    found = [PathFinder.find_spec(name, [str(folder)]), PathFinder.find_spec(name, others)]
    found += [finder.find_spec(name, None) for finder in sys.meta_path if finder is not PathFinder]
    return [spec for spec in found if spec is not None]


def _same(file: str | None, target: Path) -> bool:
    return file is not None and Path(file).resolve() == target.resolve()


def _read(target: Path) -> bytes | None:
    try:
        return target.read_bytes()
    except OSError:
        return None


def _write(target: Path, content: bytes) -> None:
    """Write it beside and put it in place at once: a worker that starts now reads the old file or the new one."""
    if _read(target) == content:
        return
    try:
        write_module(target, content)
    except OSError as problem:
        message = f"{target.name} cannot be written into the notebook's folder: {problem.strerror}."
        raise InputError(f"{message} Go to a folder of yours with %cd, or free some space.") from problem


def _load(name: str, target: Path, text: str) -> tuple[ModuleType, list[str]]:
    """Import the file as it stands now, and return its module and public names."""
    if str(target.parent) not in sys.path:
        sys.path.append(str(target.parent))
    with suppress(OSError, NotImplementedError):  # there is none; this interpreter makes none
        Path(cache_from_source(str(target))).unlink()
    importlib.invalidate_caches()
    again = name in sys.modules
    try:
        with _undone_on_error(name):
            module = importlib.reload(_emptied(sys.modules[name])) if again else importlib.import_module(name)
            setattr(module, _KEPT, text)
            return module, _public_names(module, text)
    except (Exception, SystemExit) as problem:  # a learner's module can do anything while it is imported
        raise _broken(target, problem, again=again) from problem


@contextmanager
def _undone_on_error(name: str) -> Iterator[None]:
    """Leave a module as it was when the block raises: not loaded, or with its earlier names."""
    module = sys.modules.get(name)
    earlier = None if module is None else dict(vars(module))
    try:
        yield
    except BaseException:
        if module is None or earlier is None:
            sys.modules.pop(name, None)
        else:
            vars(module).clear()
            vars(module).update(earlier)
        raise


def _emptied(module: ModuleType) -> ModuleType:
    """Take its names away before it is loaded again: workers, which load it anew, will not have the old ones either."""
    kept = {"__name__": module.__name__, "__spec__": module.__spec__, "__doc__": None}
    vars(module).clear()
    vars(module).update(kept)
    return module


def _public_names(module: ModuleType, text: str) -> list[str]:
    """List what the cell defines, in its order, without what it imports; or what it names in ``__all__``."""
    there = vars(module)
    if "__all__" in there:
        missing = [name for name in there["__all__"] if name not in there]
        if missing:
            raise AttributeError(f"__all__ names {missing[0]!r}, which the cell does not define")
        return list(there["__all__"])
    symbols = symtable(text, f"{module.__name__}.py", "exec").get_symbols()
    defined = {one.get_name() for one in symbols if one.is_assigned() and not one.is_imported()}
    return [name for name in there if name in defined and not name.startswith("_")]


def _broken(target: Path, problem: BaseException, *, again: bool) -> InputError:
    frames = walk_tb(problem.__traceback__)
    lines = [number for frame, number in frames if _same(frame.f_code.co_filename, target)]
    where = f" in line {lines[-1]} of the cell" if lines else ""
    raised = f"raises {type(problem).__name__}{where} while it is imported: {text_of(problem)}"
    what = f"{target.name} was written, but {raised}"
    kept = " and its module are as before, but new workers read the new file" if again else " are as before"
    return InputError(f"{what}\nThe notebook's names{kept}. Mend the cell and run it again.")


def _hand_over(module: ModuleType, names: list[str], namespace: dict[str, Any], earlier: dict[str, Any]) -> list[str]:
    """Put names into the namespace, and take out functions and classes that the module has no more.

    One that stayed could be called here, but by no worker. Only the very object that came from the module goes.
    """
    lost = {name: value for name, value in earlier.items() if name not in vars(module) and not name.startswith("__")}
    gone = [name for name, value in lost.items() if namespace.get(name) is value and _is_of(value, module)]
    for name in gone:
        del namespace[name]
    namespace.update({name: getattr(module, name) for name in names})
    return gone


def _is_of(value: Any, module: ModuleType) -> bool:
    return callable(value) and getattr(value, "__module__", None) == module.__name__


def _told(start: str, module: ModuleType, names: list[str], gone: list[str], stale: list[str]) -> str:
    shown = [f"{name}()" if isroutine(getattr(module, name)) else name for name in names]
    text = f"{start} Workers can import: {', '.join(shown) or 'nothing, for it defines no public name'}."
    if gone:
        text += f" Gone: {', '.join(gone)}."
    if start.endswith("has changed."):
        these = f", here {', '.join(stale)}" if stale else ""
        text += f"\nPools started before keep the old code{these}: open a new pool."
    return text
