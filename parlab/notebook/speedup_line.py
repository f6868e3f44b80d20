"""The line magic ``%speedup f items``: reads the line, and calls ``parlab.speedup``. It evaluates no expression."""

import re
import shlex
from collections.abc import Callable, Mapping
from difflib import get_close_matches
from typing import Any

from parlab.errors import InputError, unknown_choice
from parlab.notebook.speedup import speedup
from parlab.notebook.view import View
from parlab.options import parse_count, parse_duration, parse_names, parse_share, parse_workers

_FORM = "Write, for example, %speedup f items --workers 1,2 --backends threads,processes"
_NUMBER = re.compile(r"[0-9]{1,9}")
_LONGEST = 4_096  # letters of a line


def measure(line: str, namespace: Mapping[str, Any]) -> View:
    """Measure what a line names.

    Parameters
    ----------
    line
        A function and its items, then options.
    namespace
        The notebook's names.

    Returns
    -------
    View
        As of ``parlab.speedup``.

    Raises
    ------
    InputError
        Something in the line cannot be used; nothing was started.
    """
    words, options = _split(line)
    if not 1 <= len(words) <= 2:
        given = f"{len(words)} words were given: {' '.join(words)}" if words else "nothing was given"
        raise InputError(f"%speedup needs a function and its items; {given}. {_FORM}")
    chosen = {name: _OPTIONS[name](f"--{name}", text) for name, text in options.items()}
    arguments = {_ARGUMENTS.get(name, name): value for name, value in chosen.items()}
    items = _items(words[1], namespace) if len(words) == 2 else None
    return speedup(_subject(words[0], namespace, alone=items is None), items, **arguments)


def _split(line: str) -> tuple[list[str], dict[str, str]]:
    """Take words and options apart; an option's value stands behind it, or behind a sign of equality."""
    if len(line) > _LONGEST:
        raise InputError(f"%speedup: a line of {len(line):,} letters is too long; {_LONGEST:,} are allowed. {_FORM}")
    try:
        rest = shlex.split(line)
    except ValueError as problem:
        raise InputError(f"%speedup cannot read its line ({problem}). {_FORM}") from problem
    words: list[str] = []
    options: dict[str, str] = {}
    while rest:
        word = rest.pop(0)
        if not word.startswith("-"):
            words.append(word)
            continue
        name, equal, value = word.lstrip("-").partition("=")
        if name not in _OPTIONS:
            raise unknown_choice("option of %speedup", word.partition("=")[0], [f"--{one}" for one in _OPTIONS])
        if not equal and (not rest or rest[0].startswith("--")):
            raise InputError(f"--{name} needs a value behind it. {_FORM}")
        options[name] = value if equal else rest.pop(0)
    return words, options


def _subject(word: str, namespace: Mapping[str, Any], *, alone: bool) -> Any:
    """Find a function: a name of the notebook, or a name in one; a workload and ``module:function`` go on as text."""
    first, *inner = word.split(".")
    if first not in namespace:
        if alone or ":" in word:
            return word  # parlab.speedup knows the workloads, and refuses others
        raise _unknown(first, namespace)
    found = namespace[first]
    for name in inner:
        if not hasattr(found, name):
            raise InputError(f"%speedup cannot find {word!r}: {first!r} has no {name!r}. {_FORM}")
        found = getattr(found, name)
    return found


def _items(word: str, namespace: Mapping[str, Any]) -> Any:
    if _NUMBER.fullmatch(word):
        return range(int(word))
    if word not in namespace:
        if not word.isidentifier():
            message = f"%speedup takes a name or a number as its items, not {word!r}"
            raise InputError(f"{message}: store them first, as items = {word}. {_FORM}")
        raise _unknown(word, namespace)
    return namespace[word]


def _unknown(name: str, namespace: Mapping[str, Any]) -> InputError:
    nearest = get_close_matches(name, [one for one in namespace if not one.startswith("_")], n=1)
    guess = f" Did you mean {nearest[0]!r}?" if nearest else ""
    return InputError(f"%speedup: this notebook has no {name!r}.{guess} Run the cell that makes it first. {_FORM}")


_OPTIONS: dict[str, Callable[[str, str], Any]] = {
    "workers": lambda _, text: parse_workers(text),
    "backends": lambda _, text: parse_names(text),
    "rounds": parse_count,
    "budget": parse_duration,
    "precision": parse_share,
    "size": lambda _, text: text,
    "chunksize": parse_count,
    "seed": parse_count,
    "deadline": parse_duration,
}
_ARGUMENTS = {"budget": "budget_s", "deadline": "deadline_s"}
