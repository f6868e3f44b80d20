"""Reads what ``--items`` describes: a count, a glob, a CSV or JSON-lines file, or a function that yields the items."""

import json
import os
import re
from collections.abc import Iterable
from itertools import islice
from pathlib import Path
from typing import Any

from parlab.errors import InputError
from parlab.workloads.reference import looks_like_function, resolve

_LONGEST_PATTERN = 4_096  # as Linux's paths; brackets without partners take time by the square of their number
LIMIT = 1_000_000  # items are kept in memory and pickled once; more is a sign of a generator that never ends
LARGEST_FILE_BYTES = 1 << 30  # of text that becomes items; all of it is held in memory
_COUNT = re.compile(r"[+-]*[0-9]+")
_LONGEST_COUNT = 20
FORMS = "a count (100), a glob ('photos/*.jpg'), a file (.csv, .jsonl, .ndjson) or module:function that yields them"


def parse_items(text: str) -> list[Any]:
    """Make the items that a description stands for.

    Parameters
    ----------
    text
        A count gives the numbers from 0 up; a glob gives sorted paths as text; a CSV file one dict a row, with the
        header's names and text values; a JSON-lines file one value a line; ``module:function`` what the function,
        called without arguments, returns or yields.

    Raises
    ------
    InputError
        The description has no known form, the file is missing or broken, or there are no items.
    """
    suffix = Path(text).suffix.lower()
    if _COUNT.fullmatch(text.strip()):
        return _counted(text.strip())
    if any(mark in text for mark in "*?["):
        return take(_matches(text), f"The pattern {text!r} matches no file.")
    if suffix == ".csv":
        return take(_rows(Path(text)), f"The file {text!r} has a header at most, and no row.")
    if suffix in (".jsonl", ".ndjson"):
        return take(_json_lines(Path(text)), f"The file {text!r} holds no value.")
    if looks_like_function(text):
        return take(_yielded(text), f"{text} gave no item.")
    if os.path.isdir(text):  # noqa: PTH112  # Path raises for what can be no name
        pattern = str(Path(text) / "*")
        raise InputError(f"--items {text!r} is a folder. For its files write {pattern!r}, in quotes.")
    raise InputError(f"--items {text!r} is not understood. Allowed: {FORMS}.")


def take(items: Iterable[Any], message_if_empty: str, forms: str = FORMS) -> list[Any]:
    """Consume an iterable once, up to the limit.

    Raises
    ------
    InputError
        There are no items, there are more than the limit, or the iterable raised on the way.
    """
    taken: list[Any] = []
    try:
        taken.extend(islice(items, LIMIT + 1))
    except InputError:
        raise
    except (Exception, SystemExit) as problem:  # a generator of the user's can raise anything
        message = f"The items ended after {len(taken)} with {type(problem).__name__}: {problem}"
        raise InputError(message) from problem
    if not taken:
        raise InputError(f"{message_if_empty} Give at least one item: {forms}.")
    if len(taken) > LIMIT:
        raise InputError(f"There are more than {LIMIT:,} items. Give fewer, or make each item a batch of work.")
    return taken


def _counted(text: str) -> list[Any]:
    plain = len(text) < _LONGEST_COUNT and text.lstrip("+").isdecimal()
    number = int(text.lstrip("+")) if plain else 0
    if not 1 <= number <= LIMIT:
        raise InputError(f"--items {text:.40} is not allowed: a count goes from 1 to {LIMIT:,}.")
    return list(range(number))


def _matches(pattern: str) -> Iterable[str]:
    from glob import iglob  # Path.glob refuses absolute patterns

    if len(pattern) > _LONGEST_PATTERN:
        raise InputError(f"A pattern of {len(pattern):,} letters fits no path; {_LONGEST_PATTERN:,} are allowed.")
    try:
        found = (path for path in iglob(pattern, recursive=True) if Path(path).is_file())  # noqa: PTH207  # see above
        return sorted(islice(found, LIMIT + 1))
    except ValueError as problem:  # a zero byte is in no name
        raise InputError(f"--items {pattern!r:.80} is no pattern of names ({problem}). Allowed: {FORMS}.") from problem


def _text(path: Path) -> str:
    try:
        with path.open("rb") as file:  # by what it holds: a pipe or a device tells no size
            data = file.read(LARGEST_FILE_BYTES + 1)
        if len(data) > LARGEST_FILE_BYTES:
            advice = "Give a function that yields the items, module:function."
            raise InputError(f"The file {str(path)!r} is larger than {LARGEST_FILE_BYTES >> 30} GiB. {advice}")
        return data.decode("utf-8-sig").replace("\r\n", "\n").replace("\r", "\n")
    except FileNotFoundError:
        raise InputError(f"There is no file {str(path)!r}.") from None
    except (OSError, UnicodeDecodeError) as problem:
        raise InputError(f"The file {str(path)!r} cannot be read: {problem}") from problem


def _rows(path: Path) -> Iterable[dict[str, str]]:
    import csv
    import io

    reader = csv.DictReader(io.StringIO(_text(path)))
    try:
        for row in reader:
            if None in row or None in row.values():
                message = f"{path}, line {reader.line_num}: the row has not as many values as the header has names."
                raise InputError(message)
            yield row
    except csv.Error as problem:
        raise InputError(f"{path}, line {reader.line_num}: {problem}") from problem


def _json_lines(path: Path) -> Iterable[Any]:
    for number, line in enumerate(_text(path).split("\n"), start=1):
        if line.strip():
            try:
                yield json.loads(line)
            except (ValueError, RecursionError) as problem:
                raise InputError(f"{path}, line {number}: this is no JSON value ({problem}).") from problem


def _yielded(name: str) -> Iterable[Any]:
    function = resolve(name)
    try:
        found = function()
    except (Exception, SystemExit) as problem:  # the user's function can raise anything
        raise InputError(f"{name} raised {type(problem).__name__}: {problem}") from problem
    if not isinstance(found, Iterable):
        raise InputError(f"{name} returned {type(found).__name__}; it must return or yield items.")
    return found
