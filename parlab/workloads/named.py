"""Tasks by name: what ``module:name`` leads to is found anew by every process, whatever it is; and whether it fits.

So a method of an object that stands in a module, or a lambda that has a name there, can be measured: nothing of it
travels, and each worker has the module's own object.
"""

import inspect
from collections.abc import Callable, Mapping
from typing import Any

from parlab.errors import FunctionError, InputError
from parlab.workloads.reference import FunctionReference, refer, resolve

_ONE = "A task takes one item at a time."
_ADVICE = (
    f"{_ONE} What is the same for all goes into kwargs; what differs goes into the item, "
    "such as a tuple, which the task takes apart: def task(item): return work(*item)."
)


class Named:
    """A task that travels by its name, and arrives as what that name leads to there."""

    def __init__(self, name: str) -> None:
        self._name, self._function = name, resolve(name)
        self.__module__ = name.partition(":")[0]  # which engines look at that import it beforehand

    def __call__(self, item: Any, **named: Any) -> Any:
        """Do it here."""
        return self._function(item, **named)

    def __reduce__(self) -> tuple[Any, ...]:
        """Be found anew, without a shell around it."""
        return resolve, (self._name,)


def refer_by_name(name: str, kwargs: dict[str, Any] | None = None) -> FunctionReference:
    """Name what a text names: like ``refer``, but it need not have a name of its own, because it has this one.

    Raises
    ------
    InputError
        There is no such function, or it belongs to this process alone.
    """
    function = resolve(name)
    try:
        return refer(function, kwargs)
    except FunctionError:
        if name.startswith("__main__:"):
            raise
        return FunctionReference(name, dict(kwargs or {}))


def task_of(name: str) -> Callable[[Any], Any]:
    """Return the task that a name leads to, so that it can travel."""
    function = resolve(name)
    try:
        refer(function)
    except FunctionError:
        return Named(name)
    return function


def check_fit(function: Callable[..., Any], item: Any, kwargs: Mapping[str, Any]) -> None:
    """Refuse what cannot be called with one item, or only makes something that would have to be run.

    Raises
    ------
    InputError
        Its parameters are others, or it is ``async def`` or a generator function.
    """
    name = getattr(function, "__qualname__", type(function).__qualname__)
    if inspect.iscoroutinefunction(function):
        raise InputError(
            f"{name} is async def: calling it makes a coroutine and runs nothing. Write a task that runs it: "
            f"def task(item): return asyncio.run({name}(item)). Many that wait can share one loop, without workers."
        )
    if inspect.isgeneratorfunction(function) or inspect.isasyncgenfunction(function):
        raise InputError(
            f"{name} yields: calling it makes a generator and runs nothing. Return a list, or write a task that makes "
            f"one: def task(item): return list({name}(item))."
        )
    try:
        signature = inspect.signature(function)
    except (TypeError, ValueError):  # written in C, and says nothing of its parameters
        return
    try:
        signature.bind(item, **kwargs)
    except TypeError as problem:
        raise InputError(f"{name}{signature} cannot be called with one item: {problem}. {_advice(signature)}") from None


def _advice(signature: inspect.Signature) -> str:
    if next(iter(signature.parameters), "") != "self":
        return _ADVICE
    return (
        f"{_ONE} This is a method without its object. If the object stands in the module, name it there: "
        "module:object.method. Else write a function that makes or keeps one: def task(item): …"
    )
