"""Checks the built site: every link and anchor, that nothing is loaded from a network, and that no answer is shown.

usage: check.py FOLDER

Links that leave the site are listed by their form alone: nothing is asked of a network, so a page that has moved is not
noticed here.
"""

import json
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from bs4 import BeautifulSoup
from stage import tells_answer

from parlab.learn.stubs import BEGIN, END

ROOT = Path(__file__).parents[2]
LOADS = {  # elements that make a browser fetch something by itself
    "script": "src",
    "img": "src",
    "iframe": "src",
    "source": "src",
    "video": "src",
    "audio": "src",
    "embed": "src",
    "object": "data",
}
FETCHING = {"stylesheet", "icon", "preload", "prefetch", "preconnect", "dns-prefetch", "modulepreload", "manifest"}
IN_CSS = re.compile(r"(?:url\(\s*|@import\s+)['\"]?\s*((?:https?:)?//[^'\")\s]+)")
IN_SCRIPT = re.compile(r"(?:import\s*\(|import\s+[^;'\"]*from\s*|\.src\s*=\s*|fetch\()\s*['\"`](https?://[^'\"`]+)")
WEB_LINK = re.compile(r"https?://[^/\s@:]+\.[a-z]{2,}(:\d+)?(/\S*)?")
SHORTEST = 30  # characters of a solution's line: a shorter one may stand in the text by chance


@dataclass
class Page:
    """What matters of one page."""

    anchors: set[str] = field(default_factory=set)
    links: list[str] = field(default_factory=list)
    loads: list[str] = field(default_factory=list)
    text: str = ""


def read(path: Path) -> Page:
    """Read one page."""
    soup = BeautifulSoup(path.read_text(encoding="utf-8"), "html.parser")
    page = Page(text=_squeezed(soup.get_text()))
    for element in soup.find_all(True):
        page.anchors |= {str(one) for one in (element.get("id"), element.get("name")) if one}
        if element.name == "a" and element.get("href"):
            page.links.append(str(element["href"]))
        attribute = LOADS.get(element.name)
        if attribute and element.get(attribute):
            page.loads.append(str(element[attribute]))
        if element.name == "link" and FETCHING & set(element.get("rel") or ()):
            page.loads.append(str(element.get("href", "")))
        page.loads += IN_CSS.findall(str(element.get("style", "")))
    for element in soup.find_all(["style", "script"]):
        page.loads += [*IN_CSS.findall(element.text), *IN_SCRIPT.findall(element.text)]
    return page


def problems(folder: Path) -> Iterator[str]:
    """Yield what is wrong with a site, in words."""
    pages = {path: read(path) for path in sorted(folder.rglob("*.html")) if "_static" not in path.parts}
    if folder / "index.html" not in pages:
        yield "there is no index.html"
    for path, page in pages.items():
        name = path.relative_to(folder).as_posix()
        yield from (f"{name}: {why}" for target in page.links if (why := _wrong_link(target, path, pages)))
        yield from (f"{name}: {why}" for target in page.loads if (why := _wrong_load(target, path)))
    for path in sorted(folder.glob("_static/**/*.css")):
        found = IN_CSS.findall(path.read_text(encoding="utf-8", errors="replace"))
        yield from (f"{path.name}: loads {target}" for target in found)
    text = "\n".join(page.text for page in pages.values())
    yield from (f"an answer is shown: {line}" for line in answers() if _squeezed(line) in text)
    index = _squeezed((folder / "searchindex.js").read_text(encoding="utf-8"))
    yield from (f"an answer is in the search index: {line}" for line in answers() if _squeezed(line) in index)


def outside(folder: Path) -> list[str]:
    """List the links that leave the site."""
    pages = [read(path) for path in sorted(folder.rglob("*.html")) if "_static" not in path.parts]
    return sorted({link for page in pages for link in page.links if urlsplit(link).scheme in {"http", "https"}})


@cache
def answers() -> list[str]:
    """List the lines that stand in a solution of a notebook and nowhere else in the course."""
    inside, beside = set(), ""
    for path in sorted(ROOT.glob("notebooks/*.ipynb")):
        for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
            within = False
            for line in "".join(cell["source"]).split("\n"):
                mark = line.strip()
                within = mark == BEGIN or (within and mark != END)
                if within and mark != BEGIN and len(mark) >= SHORTEST:
                    inside.add(mark)
                elif not within:
                    beside += line + "\n"
            if cell["cell_type"] == "code" and not tells_answer("".join(cell["source"])):
                beside += "".join(_shown(output) for output in cell["outputs"])
    known = _squeezed(beside)
    return sorted(line for line in inside if _squeezed(line) not in known)


def _shown(output: dict[str, Any]) -> str:
    """Return the text of an output as a reader sees it."""
    data = output.get("data", {})
    html = BeautifulSoup("".join(data.get("text/html", "")), "html.parser").get_text()
    return "\n".join([html, "".join(data.get("text/plain", "")), "".join(output.get("text", ""))])


def _squeezed(text: str) -> str:
    return re.sub(r"\s+", "", text)


def _wrong_link(target: str, path: Path, pages: dict[Path, Page]) -> str:
    """Say what is wrong with a link; empty when it is right."""
    parts = urlsplit(target)
    if parts.scheme in {"http", "https"}:
        return "" if WEB_LINK.fullmatch(target) else f"{target} is no address"
    if parts.scheme:
        return "" if parts.scheme == "mailto" else f"{target} leads to {parts.scheme}:"
    if target.startswith("/"):
        return f"{target} holds only at the top of a server"
    place = Path(path.parent, unquote(parts.path)).resolve() if parts.path else path
    if not place.is_file():
        return f"{target} leads nowhere"
    anchor = unquote(parts.fragment)
    return f"{target} has no such anchor" if place in pages and anchor and anchor not in pages[place].anchors else ""


def _wrong_load(target: str, path: Path) -> str:
    """Say what is wrong with what a page loads; empty when it comes from the site itself."""
    parts = urlsplit(target)
    if parts.scheme == "data":
        return ""
    if parts.scheme or target.startswith("//"):
        return f"loads {target} from a network"
    return "" if Path(path.parent, unquote(parts.path)).is_file() else f"loads {target}, which is not there"


def main(folder: Path) -> int:
    """Print what is wrong, or what was checked; return the exit code."""
    folder = folder.resolve()
    wrong = list(problems(folder))
    for line in wrong:
        print(line)
    if wrong:
        print(f"{len(wrong)} problems in {folder.name}")
        return 1
    web = outside(folder)
    print(f"Every link within the site holds, and nothing is loaded from elsewhere. {len(web)} links leave it:")
    for link in web:
        print(f"  {link}")
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
