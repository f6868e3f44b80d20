"""Finds checks, quizzes and predictions by name. A notebook's own are one file, ``checks/notebook_NN.py``."""

from collections.abc import Callable
from functools import lru_cache
from importlib import import_module
from pkgutil import iter_modules
from typing import TypeVar

from parlab.errors import unknown_choice
from parlab.learn import checks as checks_of_notebooks
from parlab.learn.records import Check, Question, Topic

Named = TypeVar("Named", Check, Question, Topic)


@lru_cache
def checks() -> dict[str, Check]:
    """Return all checks by name, in the order of the notebooks."""
    return _named("CHECKS")


@lru_cache
def questions() -> dict[str, Question]:
    """Return all questions of quizzes by name."""
    return _named("QUESTIONS")


@lru_cache
def topics() -> dict[str, Topic]:
    """Return all that is to be predicted, by name."""
    return _named("TOPICS")


def find(name: str) -> Check:
    """Return a check.

    Raises
    ------
    InputError
        There is none of that name.
    """
    return _find("exercise", name, "CHECKS", checks)


def find_question(name: str) -> Question:
    """Return a question; an error as ``find``."""
    return _find("quiz", name, "QUESTIONS", questions)


def find_topic(name: str) -> Topic:
    """Return a topic; an error as ``find``."""
    return _find("prediction", name, "TOPICS", topics)


def _named(what: str, file: str = "") -> dict[str, Named]:
    """Return what the files of checks hold of a kind: all, or those whose names end so."""
    found = sorted(one.name for one in iter_modules(checks_of_notebooks.__path__, f"{checks_of_notebooks.__name__}."))
    modules = [import_module(name) for name in found if name.endswith(file)]
    return {one.name: one for module in modules for one in getattr(module, what)}


def _find(kind: str, name: str, what: str, everything: Callable[[], dict[str, Named]]) -> Named:
    """Look into the file of the notebook that a name begins with: to import them all takes each process a while."""
    known: dict[str, Named] = _named(what, f"_{name[:2]}") if isinstance(name, str) else {}
    if name not in known:
        raise unknown_choice(kind, str(name), known or everything())
    return known[name]
