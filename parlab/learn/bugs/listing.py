"""Finds the bugs by name."""

from functools import lru_cache

from parlab.errors import unknown_choice
from parlab.learn.bugs import silent, slow, stuck
from parlab.learn.bugs.record import Bug


@lru_cache
def bugs() -> dict[str, Bug]:
    """Return all bugs by name, in the order of the notebook."""
    return {bug.name: bug for bug in (*slow.BUGS, *silent.BUGS, *stuck.BUGS)}


def find_bug(name: str) -> Bug:
    """Return a bug.

    Raises
    ------
    InputError
        There is none of that name.
    """
    known = bugs()
    if name not in known:
        raise unknown_choice("bug", name, known)
    return known[name]
