"""The documents and the docstrings: every link and anchor holds as GitHub reads them, every parameter is described."""

import inspect
import json
import re
from functools import cache
from importlib import import_module
from pathlib import Path

import pytest
from interface import PAGES, public_names

ROOT = Path(__file__).parents[1]
DOCUMENTS = sorted(
    path
    for pattern in ("*.md", "docs/**/*.md", "notebooks/*.md", "benchmarks/**/*.md", "notebooks/*.ipynb")
    for path in ROOT.glob(pattern)
)
FENCED = re.compile(r"(?ms)^(`{3,}|~{3,}|:{3,}).*?^\1$")
INLINE = re.compile(r"`[^`\n]+`")
LINK = re.compile(r"\]\(([^()\s]+)\)")
HEADING = re.compile(r"^#{1,6} +(.+?) *#*$", flags=re.MULTILINE)
SECTION = re.compile(r"^(\w[\w ]*)\n-{3,}$", flags=re.MULTILINE)
SECTIONS = ["Parameters", "Attributes", "Returns", "Yields", "Raises", "Warns", "See Also", "Notes", "Examples"]
CALLABLES = [
    pytest.param(getattr(import_module(page.home), name), id=f"{page.home}.{name}")
    for page in PAGES
    for name in public_names(page.home)
    if callable(getattr(import_module(page.home), name))
]
# Made by parlab and handed to users, who never call them.
GIVEN = (
    "parlab.Machine",
    "parlab.ParlabError",
    "parlab.Pool",
    "parlab.Results",
    "parlab.View",
    "parlab.learn.CheckResult",
)
USERS = {one.id for one in CALLABLES if str(one.id).rpartition(".")[0] in {"parlab", "parlab.learn"}} - set(GIVEN)


@cache
def text_of(path: Path) -> str:
    """Return a document's text, of a notebook that of its Markdown cells, without blocks of code."""
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".ipynb":
        cells = json.loads(text)["cells"]
        text = "\n\n".join("".join(cell["source"]) for cell in cells if cell["cell_type"] == "markdown")
    return FENCED.sub("", text)


@cache
def anchors(path: Path) -> set[str]:
    """Return the anchors that GitHub gives to headings: lower case, hyphens for spaces, a number for one more."""
    found: list[str] = []
    for title in HEADING.findall(text_of(path)):
        plain = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", title.replace("`", "").replace("*", ""))
        found.append(re.sub(r"[^\w\- ]", "", plain.lower()).replace(" ", "-"))
    return {f"{one}-{found[:place].count(one)}" if one in found[:place] else one for place, one in enumerate(found)}


def wrong_links(path: Path) -> list[str]:
    wrong = []
    for target in LINK.findall(INLINE.sub("", text_of(path))):
        place, _, anchor = target.partition("#")
        if "://" in target:
            wrong += [] if re.fullmatch(r"https?://[\w.-]+\.[a-z]{2,}(/\S*)?", target) else [target]
            continue
        kept = path.parent / place if place else path
        known = kept.exists() and (not anchor or (kept.suffix in {".md", ".ipynb"} and anchor in anchors(kept)))
        wrong += [] if known else [target]
    return wrong


def test_documents_are_found() -> None:
    """The documents at the top, the pages, and all notebooks."""
    names = {path.name for path in DOCUMENTS}
    assert {"README.md", "CONTRIBUTING.md", "CHANGELOG.md", "engines.md", "index.md"} <= names
    assert len([name for name in names if name.endswith(".ipynb")]) >= 19


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_links_and_anchors_hold(path: Path) -> None:
    """Each leads to a file that is there, and to a heading of it where it names one; addresses have their form."""
    assert [] == wrong_links(path)


def test_a_wrong_link_would_be_found(tmp_path: Path) -> None:
    """A file and an anchor that are missing, and an address without a host, are named; what is right is not."""
    (tmp_path / "other.md").write_text("# A `word`, and *more*\n\n# Twice\n\n# Twice\n")
    page = tmp_path / "page.md"
    right = ["other.md", "other.md#a-word-and-more", "other.md#twice-1", "#here", "https://example.org/x"]
    wrong = ["missing.md", "other.md#nowhere", "#there", "https://nowhere"]
    page.write_text("# Here\n\n`[a](not-a-link.md)`\n\n" + " ".join(f"[a]({one})" for one in right + wrong))
    assert wrong == wrong_links(page)


def documented(one: object, title: str) -> list[str]:
    """List the names that a section of a numpydoc docstring describes."""
    text = inspect.getdoc(one) or ""
    parts = SECTION.split(text)
    body = dict(zip(parts[1::2], parts[2::2], strict=True)).get(title, "")
    heads = [line.partition(":")[0] for line in body.splitlines() if line and not line.startswith(" ")]
    return [name.strip().lstrip("*") for head in heads for name in head.split(",")]


@pytest.mark.parametrize("one", CALLABLES)
def test_docstrings_are_numpydoc(one: object) -> None:
    """Sections are known and in their order, the first line is a sentence, and the parameters described exist."""
    text = inspect.getdoc(one) or ""
    assert text
    assert text.partition("\n\n")[0].rstrip().endswith((".", "?"))
    sections = SECTION.findall(text)
    assert sections == [name for name in SECTIONS if name in sections]
    if documented(one, "Parameters"):
        names = list(inspect.signature(one).parameters)  # type: ignore[arg-type]
        assert documented(one, "Parameters") == [name for name in names if name in documented(one, "Parameters")]


@pytest.mark.parametrize("one", [each for each in CALLABLES if each.id in USERS])
def test_every_parameter_of_what_users_call_is_described(one: object) -> None:
    """Of each function and class that users call, the docstring says of each parameter what it is."""
    described = documented(one, "Parameters")
    assert [] == [name for name in inspect.signature(one).parameters if name not in described]  # type: ignore[arg-type]


def test_what_users_call_is_all_but_what_they_are_given() -> None:
    """Errors and records come from parlab, as a pool comes from ``parlab.pool``; the rest is called by users."""
    offered = {one.id for one in CALLABLES if str(one.id).rpartition(".")[0] in {"parlab", "parlab.learn"}}
    assert set(GIVEN) == offered - USERS
    assert len(USERS) >= 15
