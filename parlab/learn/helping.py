"""Hints, solutions and given code, as texts that a notebook shows."""

from dataclasses import dataclass
from html import escape
from textwrap import fill

from parlab.errors import InputError
from parlab.learn import registry
from parlab.learn.store import HINTS, TRIES_TO_SEE, Store

_WIDTH = 80


@dataclass(frozen=True, slots=True, repr=False)
class Shown:
    """A text for a learner.

    Attributes
    ----------
    text
        Sentences.
    code
        What follows them, if anything.
    """

    text: str
    code: str = ""

    def __repr__(self) -> str:
        """Show it as text, 80 columns wide."""
        parts = [fill(line, _WIDTH) for line in self.text.splitlines()]
        return "\n".join([*parts, *(["", self.code.rstrip()] if self.code else [])])

    def _repr_html_(self) -> str:
        """Show it in a notebook; every text is escaped."""
        text = "".join(f"<p>{escape(line)}</p>" for line in self.text.splitlines())
        return text + (f"<pre>{escape(self.code.rstrip())}</pre>" if self.code else "")


def hint(name: str) -> Shown:
    """Show the next of an exercise's three hints; after the third, all of them.

    Parameters
    ----------
    name
        Of the exercise, such as ``"04-share-out"``.

    Raises
    ------
    InputError
        There is no exercise of that name.
    """
    found = registry.find(name)
    store = Store.here()
    seen = store.exercise(name).hints
    store = store.hinted(name)
    if seen >= HINTS:
        lines = [f"You have seen all {HINTS} hints:", *(f"{n}. {text}" for n, text in enumerate(found.hints, 1))]
    else:
        lines = [f"Hint {seen + 1} of {HINTS}: {found.hints[seen]}"]
    return Shown("\n".join([*lines, *store.notes]))


def solution(name: str) -> Shown:
    """Show an exercise's solution, once it is passed or was tried three times; before that, say what is missing.

    Parameters
    ----------
    name
        Of the exercise, such as ``"04-share-out"``.

    Raises
    ------
    InputError
        There is no exercise of that name.
    """
    found = registry.find(name)
    store = Store.here()
    known = store.exercise(name)
    if known.solution_is_open:
        return Shown("The course's solution; there are others:", found.solution)
    left = TRIES_TO_SEE - known.tries
    tries = "one more try" if left == 1 else f"{left} more tries"
    text = f"The solution is shown when the exercise is passed, or after {tries}."
    return Shown("\n".join([text, f'Hints: parlab.learn.hint("{name}")', *store.notes]))


def given(name: str) -> Shown:
    """Show the code of an exercise in which a fault is to be found.

    Parameters
    ----------
    name
        Of the exercise, such as ``"04-share-out"``.

    Raises
    ------
    InputError
        There is no exercise of that name, or nothing is given with it.
    """
    found = registry.find(name)
    if not found.given:
        having = ", ".join(one.name for one in registry.checks().values() if one.given)
        raise InputError(f"No code is given with {name!r}. It is with: {having}.")
    return Shown(f"{found.title}\n{found.asks}", found.given)
