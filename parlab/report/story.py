"""What somebody tells about a function of theirs in a report, beside the sweep: plain texts, and no markup.

Every text goes through the page's gate: it is escaped, and control characters are replaced.
"""

from dataclasses import dataclass

from parlab.errors import InputError
from parlab.explained import Section

_MOST_LETTERS = 100


@dataclass(frozen=True, slots=True)
class Code:
    """The source of a function, with a title above it."""

    title: str
    text: str


@dataclass(frozen=True, slots=True)
class Story:
    """The part "My function" of a page.

    Attributes
    ----------
    codes
        What was measured.
    sections
        What was predicted, found, changed and checked, in reading order; notes are sentences.
    """

    codes: tuple[Code, ...] = ()
    sections: tuple[Section, ...] = ()


def checked_author(name: object) -> str:
    """Return the name that stands in a report; empty where none was typed. Nothing else is ever looked up.

    Raises
    ------
    InputError
        It is no text, or too long for a line.
    """
    if name is None or name is ...:
        return ""
    if not isinstance(name, str):
        raise InputError(f'The author is a name in quotes, such as "Ada Lovelace", not {type(name).__name__}.')
    if len(name) > _MOST_LETTERS or "\n" in name.strip():
        raise InputError(f"The author's name has {len(name)} letters. Up to {_MOST_LETTERS} fit, on one line.")
    return " ".join(name.split())
