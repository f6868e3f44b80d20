"""Names a function so that another process can import it, and refuses, before anything starts, one that it cannot.

Without this guard a function from a notebook cell ends in a broken pool that does not say why, or in a
``multiprocessing.Pool`` that waits for ever.
"""

import inspect
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from parlab.errors import FunctionError, InputError, unknown_choice

WAYS_OUT = (
    "Three ways out: in a notebook, write %%workers NAME above it in its cell (after %load_ext parlab); "
    "put it in a module of your own and import it from there; "
    "or use a backend that ships functions by value (loky)."
)


@dataclass(frozen=True, slots=True)
class FunctionReference:
    """Where a function is found again: ``module:qualname``, and the keyword arguments that go with each call."""

    name: str
    kwargs: dict[str, Any] = field(default_factory=dict)


def refer(function: Callable[..., Any], kwargs: dict[str, Any] | None = None) -> FunctionReference:
    """Find the importable name of a function.

    Parameters
    ----------
    function
        A module-level function, a builtin, or a ``functools.partial`` of one with keyword arguments only.
    kwargs
        Further fixed keyword arguments; they go before those of a partial.

    Raises
    ------
    FunctionError
        It is a lambda, local to a function, from a notebook cell or script, or its name leads elsewhere.
    InputError
        It cannot be called, or a partial carries positional arguments.
    """
    fixed = dict(kwargs or {})
    while isinstance(function, partial):
        if function.args:
            message = "A functools.partial with positional arguments would take the item's place: use keywords."
            raise InputError(message)
        fixed = {**function.keywords, **fixed}
        function = function.func
    if not callable(function):
        raise InputError(f"The task must be a function that takes one item, not {type(function).__name__}.")
    module, qualname = _address(function)
    _refuse_unreachable(function, module, qualname)
    return FunctionReference(f"{module}:{qualname}", fixed)


def check(function: Callable[..., Any], what: str = "The task") -> None:
    """Refuse a function that no other process could import: what ``refer`` refuses, also inside partials and methods.

    Raises
    ------
    FunctionError
        See ``refer``.
    InputError
        It cannot be called.
    """
    while isinstance(function, partial):
        function = function.func
    if not callable(function):
        raise InputError(f"{what} must be a function, not {type(function).__name__}.")
    if inspect.isbuiltin(function) or inspect.ismethoddescriptor(function) or inspect.ismethodwrapper(function):
        return  # such as str.upper: written in C, and pickled by other names than ours
    if inspect.ismethod(function):
        owner = function.__self__
        refer(owner if inspect.isclass(owner) else type(owner))
    elif inspect.isroutine(function) or inspect.isclass(function):
        refer(function)
    else:
        refer(type(function))


def _address(function: Callable[..., Any]) -> tuple[str, str]:
    module = getattr(function, "__module__", None)
    qualname = getattr(function, "__qualname__", None)
    if not isinstance(module, str) or not isinstance(qualname, str):
        message = f"{function!r:.80} has no importable name. {WAYS_OUT}"
        raise FunctionError(message)
    return module, qualname


def _refuse_unreachable(function: Callable[..., Any], module: str, qualname: str) -> None:
    if qualname.rpartition(".")[2] == "<lambda>":
        raise FunctionError(f"A lambda has no name that another process could import: name it with def. {WAYS_OUT}")
    if "<locals>" in qualname:
        outer = qualname.partition(".<locals>")[0]
        raise FunctionError(f"{qualname!r} is local to {outer!r}, so no other process can import it. {WAYS_OUT}")
    if module == "__main__":
        message = f"{qualname!r} was defined in a notebook cell or script, where no other process can import it."
        raise FunctionError(f"{message} {WAYS_OUT}")
    if not _can_be_found(module):
        message = (
            f"{qualname!r} is of the module {module!r}, which no other process can find: it has no file on sys.path."
        )
        raise FunctionError(f"{message} {WAYS_OUT}")
    found = resolve(f"{module}:{qualname}")
    if inspect.ismethod(function) and found != function:
        owner = type(function.__self__).__qualname__
        message = f"{qualname!r} is a method of an object ({owner}), and no other process has that object."
        advice = 'If it stands in a module, name it there, as a text: "module:object.method".'
        raise FunctionError(f"{message} {advice} {WAYS_OUT}")
    if not inspect.ismethod(function) and found is not function:
        message = f"{module}:{qualname} leads to another object than the function given (a decorator, or a reload?)."
        raise FunctionError(f"{message} {WAYS_OUT}")


def _can_be_found(module: str) -> bool:
    try:
        return find_spec(module) is not None
    except (ImportError, ValueError):  # its package is missing; it was made by hand and says nothing of its origin
        return False


def looks_like_function(text: str) -> bool:
    """Tell whether a text has the form ``module:function``."""
    module, colon, name = text.partition(":")
    return bool(colon) and all(part.isidentifier() for part in [*module.split("."), *name.split(".")])


def meant_as_function(text: str) -> str | None:
    """Return ``module:function`` for what was written as ``module.function`` or ``folder/module.py:function``."""
    place, colon, name = text.partition(":")
    if not colon and "/" not in text:
        place, _, name = text.rpartition(".")
    meant = f"{place.removesuffix('.py').strip('./').replace('/', '.')}:{name}"
    return meant if looks_like_function(meant) else None


def resolve(name: str) -> Callable[..., Any]:
    """Import the function that ``module:qualname`` names.

    Raises
    ------
    InputError
        The form is wrong, there is no such module or function, or it cannot be called. An error inside the module
        is passed on as text.
    """
    if not looks_like_function(name):
        raise InputError(f"{name!r} does not name a function. The form is module:function, such as mymodule:work.")
    module_name, _, qualname = name.partition(":")
    target: Any = _import(module_name)
    for part in qualname.split("."):
        if not hasattr(target, part):
            raise unknown_choice(f"function of {module_name}", qualname, _public(target))
        target = getattr(target, part)
    if not callable(target):
        raise InputError(f"{name} is {type(target).__name__}, which cannot be called. Name a function.")
    function: Callable[..., Any] = target
    return function


def _public(target: Any) -> list[str]:
    """List what can be called in a module or class; other things have nothing to offer."""
    names = [name for name in getattr(target, "__dict__", ()) if not name.startswith("_")]
    return [name for name in names if callable(getattr(target, name))]


def _import(name: str) -> Any:
    try:
        found = find_spec(name)
    except ModuleNotFoundError as problem:
        if problem.name != name and not name.startswith(f"{problem.name}."):  # its package needs something else
            raise _broken(name, problem) from problem
        found = None  # its parent package is missing
    except (Exception, SystemExit) as problem:  # importing the parent package can do anything
        raise _broken(name, problem) from problem
    if found is None:
        message = f"There is no module {name!r} here. It must lie in the current folder, on PYTHONPATH or be installed."
        raise InputError(message)
    try:
        return import_module(name)
    except (Exception, SystemExit) as problem:  # a module of the user's can do anything while it is imported
        raise _broken(name, problem) from problem


def _broken(name: str, problem: BaseException) -> InputError:
    return InputError(f"The module {name!r} raises {type(problem).__name__} while it is imported: {problem}")
