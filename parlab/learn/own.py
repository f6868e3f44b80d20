"""Runs a learner's own program in the process of a check: ``run``, then the plain loop, and compares. No verdict.

``run`` comes first: what the plain loop leaves in this process, in a cache or a list, shall not answer for the workers.
The module that ``run`` stands in brings the rest by name: ``work(item)``, the task, and ``make_items()``, or a list of
that name. All of them may come from a package of the learner's.
"""

import functools
import os
import sys
from collections.abc import Callable, Iterable, Iterator
from copy import deepcopy
from pathlib import Path
from typing import Any

from parlab.learn import probes, probes_own
from parlab.measure.answers import same
from parlab.workloads.reference import refer

WORK, ITEMS = "work", "make_items"  # names in the learner's module
_ROUNDING = 1e-9  # a sum that workers share is added up in another order
_LETTERS = 80


class OwnModuleError(LookupError):
    """A learner's module lacks what a check looks for."""


def compared(run: Callable[[list[Any]], Any]) -> Callable[[Any], dict[str, Any]]:
    """Make a function that calls ``run`` with the learner's items and tells how its answers differ from the loop's.

    Parameters
    ----------
    run
        The learner's, which takes a list of items and returns ``work(item)`` for each, in their order.

    Returns
    -------
    function
        Of any argument, which it does not look at. It returns ``items`` and ``returned``, two counts (the second is
        None where it is no list), the ``kind`` of what came back, and of the first difference ``place``, ``answer``
        and ``expected``; ``order`` where only the order differs.

    Raises
    ------
    OwnModuleError
        When that function is called: ``work`` or ``make_items`` is not there.
    """

    @functools.wraps(run)
    def call(_: Any) -> dict[str, Any]:
        module = sys.modules[run.__module__]
        work, items = _found(module, WORK), made(_found(module, ITEMS))
        given = _copied(items)
        probes_own.watch_in_workers(refer(work).name)
        probes.begin(Path(os.environ[probes.PLACE]))
        answer = _copied(run(given))  # the plain loop may change what a learner's run has handed out
        probes_own.stop()
        return _difference(answer, [work(item) for item in items])

    return call


def made(source: Any) -> list[Any]:
    """Return the items that a module makes: by a function without arguments, or as they stand there."""
    items: Iterable[Any] = source() if callable(source) else source
    return list(items)


def _found(module: Any, name: str) -> Any:
    if not hasattr(module, name):
        what = "a function of one item" if name == WORK else "a function that returns the items"
        raise OwnModuleError(f"{module.__name__} has no {name}: it must hold {what}, beside run(items)")
    return getattr(module, name)


def _copied(value: Any) -> Any:
    """Copy items or answers, since the plain loop may change them; what cannot be copied is given as it is."""
    try:
        return deepcopy(value)
    except Exception:  # whatever a learner's item raises
        return value


def _difference(answer: Any, expected: list[Any]) -> dict[str, Any]:
    found: dict[str, Any] = {
        "items": len(expected),
        "returned": None,
        "kind": "iterator" if isinstance(answer, Iterator) else type(answer).__name__,
        "place": None,
        "order": False,
    }
    if isinstance(answer, Iterator) or not hasattr(answer, "__len__") or isinstance(answer, str | bytes | dict | set):
        return found
    values = list(answer)
    found["returned"] = len(values)
    differ = (place for place, pair in enumerate(zip(values, expected, strict=False)) if not _equal(*pair))
    place = next(differ, None)
    if place is not None:
        found |= {"place": place, "answer": _shown(values[place]), "expected": _shown(expected[place])}
        found["order"] = sorted(map(repr, values)) == sorted(map(repr, expected))
    return found


def _equal(one: Any, other: Any) -> bool:
    try:
        return same(one, other, _ROUNDING)
    except Exception:  # a learner's own equality may raise
        return False


def _shown(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= _LETTERS else f"{text[:_LETTERS]}…"
