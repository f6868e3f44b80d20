"""Lays out the pages of the site in a folder, for Sphinx.

usage: stage.py FOLDER

Pages come from where they are kept: the notebooks, ``docs/*.md``, the documents at the top of the repository and the
tables in ``benchmarks``. Their links are written anew for their place in the site. The command line's page and those of
the programming interface are made from the program itself. A notebook is shown as a learner gets it: with a stub in the
place of each solution, and without what solutions and checks have shown.
"""

import json
import os
import re
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from command_line import command_line_page
from interface import interface_pages

from parlab.learn.stubs import BEGIN, learners_copy

ROOT = Path(__file__).parents[2]
PAGES = Path(__file__).parent / "pages"  # those that only the site has
# What belongs elsewhere than among the how-to pages; any other docs/*.md is one.
PLACES = {
    "README.md": "overview.md",
    "CHANGELOG.md": "changelog.md",
    "CONTRIBUTING.md": "contributing.md",
    "notebooks/README.md": "notebooks/README.md",
    "docs/engines.md": "reference/engines.md",
    "docs/results.md": "reference/results.md",
    "docs/environment.md": "reference/environment.md",
    "docs/inside.md": "explanation/inside.md",
    "docs/measuring.md": "explanation/measuring.md",
    "docs/walks.md": "evidence/walks.md",
}
ANSWER = re.compile(r"\blearn\.(check|hint|solution)\(")  # what they show holds the answer
LINK = re.compile(r"(!?)\[((?:[^\[\]]|\[[^\]]*\])*)\]\(([^()\s]+)\)")
HREF = re.compile(r"""href=(["'])(?!https?:|#)([^"'#]+)\1""")  # of this site: without a scheme
CODE = re.compile(r"(?ms)^(`{3,}|~{3,}).*?^\1|`[^`\n]+`")
NOTE = """:::{{note}}
This page shows a notebook with the results of one machine. To run it, change it and have your answers checked, make a
copy of your own: `parlab lab`. Where you are to write something, the page is empty: there are no answers here.
:::
"""


def pages() -> dict[Path, Path]:
    """Say of each file that becomes a page where it lies in the site; both paths are relative."""
    found = {Path(kept): Path(placed) for kept, placed in PLACES.items() if (ROOT / kept).exists()}
    for path in sorted(PAGES.rglob("*.md")):
        found[path.relative_to(ROOT)] = path.relative_to(PAGES)
    for path in sorted(ROOT.glob("docs/*.md")):
        found.setdefault(path.relative_to(ROOT), Path("howto") / path.name)
    for path in sorted(ROOT.glob("notebooks/*.ipynb")):
        found[path.relative_to(ROOT)] = path.relative_to(ROOT)
    for path in sorted(ROOT.glob("benchmarks/**/*.md")):
        kept = path.relative_to(ROOT)
        found[kept] = Path("evidence", "-".join(kept.parts[1:]).replace("-README", ""))
    return found


def relinked(text: str, page: Path, places: dict[Path, Path], carry: Callable[[Path], Path]) -> str:
    """Return a page's text with its local links as they are in the site.

    Parameters
    ----------
    text
        In Markdown.
    page
        Where it is kept in the repository.
    places
        Of all pages.
    carry
        Called for a picture or another file that a page shows; returns its place in the site.
    """
    code = [found.span() for found in CODE.finditer(text)]

    def new(found: re.Match[str]) -> str:
        shows, words, target = found.groups()
        path, _, anchor = target.partition("#")
        if "://" in target or not path or any(first <= found.start() < last for first, last in code):
            return found[0]
        words = LINK.sub(new, words)  # a picture that is a link
        kept = Path(os.path.normpath(page.parent / path))
        if kept in places:
            to = places[kept]
        elif shows:
            to = carry(kept)
        else:  # a source file or a folder: it is in the repository, not in the site
            return f"{words} (`{kept.as_posix()}`)" if words.strip("`") != kept.as_posix().rstrip("/") else words
        where = os.path.relpath(to, places[page].parent).replace(os.sep, "/")
        return f"{shows}[{words}]({where}{'#' * bool(anchor)}{anchor})"

    return LINK.sub(new, text)


def notebook_page(text: str, name: str, relink: Callable[[str], str]) -> str:
    """Return a notebook as the site shows it: stubs for solutions, and only outputs that tell no answer."""
    kept: list[dict[str, Any]] = json.loads(text)["cells"]
    page: dict[str, Any] = json.loads(learners_copy(text, name))
    for old, new in zip(kept, page["cells"], strict=True):
        source = "".join(old["source"])
        new["metadata"] = {}
        if old["cell_type"] == "markdown":
            new["source"] = relink(source)
        elif not tells_answer(source):
            new["outputs"] = [_linked(output) for output in old["outputs"]]
    page["cells"].insert(1, {"cell_type": "markdown", "id": "site-note", "metadata": {}, "source": NOTE.format()})
    return json.dumps(page, ensure_ascii=False)


def _linked(output: dict[str, Any]) -> dict[str, Any]:
    """Return an output whose links lead to other pages; one to a file that the cell has written leads nowhere now."""

    def page(target: str) -> str:
        lesson = target.endswith(".ipynb") and (ROOT / "notebooks" / target).exists()
        return f"{target.removesuffix('.ipynb')}.html" if lesson else ""

    def in_html(found: re.Match[str]) -> str:
        return f"href={found[1]}{page(found[2])}{found[1]}" if page(found[2]) else ""

    def in_markdown(found: re.Match[str]) -> str:
        words, target = found[2], found[3]
        if "://" in target or target.startswith("#"):
            return found[0]
        return f"[{words}]({page(target)})" if page(target) else words

    data = dict(output.get("data", {}))
    for kind, links, new in (("text/html", HREF, in_html), ("text/markdown", LINK, in_markdown)):
        if kind in data:
            data[kind] = links.sub(new, "".join(data[kind]))
    return {**output, "data": data} if data else output


def tells_answer(source: str) -> bool:
    """Tell whether what a cell has shown gives away the answer to an exercise."""
    return BEGIN in source or bool(ANSWER.search(source))


def main(folder: Path) -> None:
    """Write all pages into the folder, which is emptied first."""
    shutil.rmtree(folder, ignore_errors=True)
    places = pages()

    def carry(kept: Path) -> Path:
        place = Path("files", *kept.parts)
        (folder / place).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(ROOT / kept, folder / place)
        return place

    for kept, place in places.items():
        text = (ROOT / kept).read_text(encoding="utf-8")

        def relink(part: str, kept: Path = kept) -> str:
            return relinked(part, kept, places, carry)

        written = notebook_page(text, kept.name, relink) if kept.suffix == ".ipynb" else relink(text)
        (folder / place).parent.mkdir(parents=True, exist_ok=True)
        (folder / place).write_text(written, encoding="utf-8")
    (folder / "reference" / "command-line.md").write_text(command_line_page(), encoding="utf-8")
    for name, text in interface_pages().items():
        (folder / "reference" / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
