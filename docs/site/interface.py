"""Writes the pages of the programming interface: which names each has. What they say is in their docstrings."""

import inspect
import re
from dataclasses import dataclass, is_dataclass
from importlib import import_module
from types import ModuleType


@dataclass(frozen=True, slots=True)
class Page:
    """A page of the interface: its file, title and purpose, and the module whose names it shows."""

    file: str
    title: str
    purpose: str
    home: str


PAGES = (
    Page("parlab", "parlab", "What ``import parlab`` offers. Each name is loaded when it is first used.", "parlab"),
    Page("learn", "parlab.learn", "The course: checks, hints, quizzes, predictions.", "parlab.learn"),
    Page("errors", "Errors", "What parlab raises on purpose. All are a ``ParlabError``.", "parlab.errors"),
    Page("backend", "Backend", "What an engine of your own must have.", "parlab.backends.base"),
    Page("records", "Records of a sweep", "What a sweep, its trials and its tasks are.", "parlab.records"),
    Page("schema", "Records of a file", "The header of a result file.", "parlab.results.schema"),
)
FIELD = re.compile(r"    (\w+): ([^=#\n]+?)(?: = [^#\n]*?)?(?:  # ([^\n]*))?\n")  # of a dataclass: name, type, comment


def interface_pages() -> dict[str, str]:
    """Return the pages in reStructuredText, by the name of their file."""
    return {f"api-{page.file}.rst": _text(page) for page in PAGES}


def public_names(home: str) -> list[str]:
    """List what a module offers: its ``__all__``, or the classes and functions that it defines itself."""
    module = import_module(home)
    offered = getattr(module, "__all__", None)
    own = [name for name, one in vars(module).items() if getattr(one, "__module__", None) == home and callable(one)]
    return [name for name in offered or own if not name.startswith("_")]


def _text(page: Page) -> str:
    module = import_module(page.home)
    entries = [_entry(page.home, name, getattr(module, name)) for name in public_names(page.home)]
    return "\n".join([page.title, "=" * len(page.title), "", page.purpose, "", *entries])


def _entry(home: str, name: str, one: object) -> str:
    head = f"{name}\n{'-' * len(name)}\n\n"
    if isinstance(one, ModuleType):
        return f"{head}:doc:`api-{name}` has a page of its own.\n"
    if not inspect.isclass(one):
        return f"{head}.. autofunction:: {home}.{name}\n"
    lines = [f".. autoclass:: {home}.{name}", "   :members:", "   :show-inheritance:", ""]
    return head + "\n".join(lines) + _fields(one)


def _fields(one: type) -> str:
    """Return a table of a dataclass's fields whose meaning stands in comments; empty where the docstring has them."""
    if not is_dataclass(one) or re.search(r"^ *(Attributes|Parameters)\n", one.__doc__ or "", flags=re.MULTILINE):
        return ""
    found = FIELD.findall(inspect.getsource(one))
    names = set(one.__dataclass_fields__)
    rows = [
        f"   * - ``{name}``\n     - ``{kind}``\n     - {_plain(text)}" for name, kind, text in found if name in names
    ]
    head = ".. list-table::\n   :header-rows: 1\n\n   * - field\n     - type\n     - meaning\n"
    return f"\n{head}" + "\n".join(rows) + "\n\n" if rows else ""


def _plain(comment: str) -> str:
    """Return a comment as a text: stars, bars and backticks are no markup in it."""
    return re.sub(r"([*|_\\])|`+([^`]*)`+", lambda found: f"\\{found[1]}" if found[1] else f"``{found[2]}``", comment)
