"""What the site is made of: pages with links that hold, notebooks without answers, and a checker that finds faults."""

import json
from pathlib import Path

import pytest
from check import answers, problems
from command_line import command_line_page
from interface import PAGES, interface_pages, public_names
from stage import ROOT, main, notebook_page, pages, relinked, tells_answer
from typer.main import get_command

from parlab.cli.app import app
from parlab.learn.stubs import BEGIN

NOTEBOOKS = sorted(ROOT.glob("notebooks/*.ipynb"))
SOLVED = "def half(x):\n    ### BEGIN SOLUTION\n    return divided_by_two_of_course(x)\n    ### END SOLUTION\n"


@pytest.fixture(scope="module")
def staged(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("site") / "pages"
    main(folder)
    return folder


def carried(kept: Path) -> Path:
    return Path("files", kept)


def output(text: str) -> dict:
    return {"output_type": "display_data", "metadata": {}, "data": {"text/html": [text], "text/plain": ["…"]}}


def made(*sources: str, outputs: list[dict] | None = None) -> str:
    cells = [
        {
            "cell_type": "code",
            "id": f"c{n}",
            "metadata": {},
            "source": one,
            "outputs": outputs or [],
            "execution_count": 1,
        }
        for n, one in enumerate(sources)
    ]
    return json.dumps({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5})


def test_every_document_is_a_page(staged: Path) -> None:
    """All docs/*.md, so that a new one needs no list, the documents at the top, all notebooks, and the tables."""
    patterns = ("docs/*.md", "docs/site/pages/**/*.md", "benchmarks/**/*.md")
    kept = {path.relative_to(ROOT) for pattern in patterns for path in ROOT.glob(pattern)}
    kept |= {Path("README.md"), Path("CHANGELOG.md"), Path("CONTRIBUTING.md"), Path("notebooks/README.md")}
    kept |= {path.relative_to(ROOT) for path in NOTEBOOKS}
    assert kept == set(pages())
    assert len(kept) == len(set(pages().values()))
    assert all((staged / place).is_file() for place in pages().values())


def test_no_staged_notebook_has_an_answer(staged: Path) -> None:
    """No mark, none of the lines that only solutions have, and nothing that a check has shown."""
    lines = answers()
    assert len(lines) > 50
    for path in staged.glob("notebooks/*.ipynb"):
        cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
        sources = "\n".join("".join(cell["source"]) for cell in cells)
        assert BEGIN not in sources
        assert [] == [line for line in lines if line in sources]
        assert [] == [cell["id"] for cell in cells if tells_answer("".join(cell["source"])) and cell.get("outputs")]
        assert sum(bool(cell.get("outputs")) for cell in cells) >= 5


def test_an_answer_goes_and_its_output_with_it() -> None:
    """A solution becomes a stub; outputs of it, and of a check, are gone; another cell's are kept."""
    text = made(SOLVED, 'learn.check("00-half", half)', "half(3)", outputs=[output("<p>shown</p>")])
    cells = [one for one in json.loads(notebook_page(text, "x.ipynb", str))["cells"] if one["cell_type"] == "code"]
    assert [0, 0, 1] == [len(one["outputs"]) for one in cells]
    assert "divided_by_two_of_course" not in json.dumps(cells)
    assert "your code here" in json.dumps(cells)


def test_links_in_outputs_lead_to_pages() -> None:
    """A notebook's name becomes its page's; a file that the cell had written is no link any more."""
    name = NOTEBOOKS[3].name
    shown = output(f"<a href='{name}'>a</a><a href='mine.html'>b</a><a href=\"https://example.org/\">c</a>")
    shown["data"]["text/markdown"] = [f"[a]({name}) [b](mine.html) [c](https://example.org/)"]
    cells = json.loads(notebook_page(made("1", "2", outputs=[shown]), "x.ipynb", str))["cells"]
    markdown = cells[-1]["outputs"][0]["data"]["text/markdown"]
    html = cells[-1]["outputs"][0]["data"]["text/html"]
    assert markdown == f"[a]({NOTEBOOKS[3].stem}.html) b [c](https://example.org/)"
    assert html == f"<a href='{NOTEBOOKS[3].stem}.html'>a</a><a >b</a><a href=\"https://example.org/\">c</a>"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("[a](engines.md#ray)", "[a](../reference/engines.md#ray)"),
        ("[a](../README.md)", "[a](../overview.md)"),
        ("![a](speedup.png)", "![a](../files/docs/speedup.png)"),
        ("[![a](speedup.png)](engines.md)", "[![a](../files/docs/speedup.png)](../reference/engines.md)"),
        ("[the code](../parlab/errors.py)", "the code (`parlab/errors.py`)"),
        ("[`parlab/errors.py`](../parlab/errors.py)", "`parlab/errors.py`"),
        ("[a](https://example.org/engines.md)", "[a](https://example.org/engines.md)"),
        ("[a](#here)", "[a](#here)"),
        ("`[a](engines.md)`", "`[a](engines.md)`"),
        ("```\n[a](engines.md)\n```", "```\n[a](engines.md)\n```"),
    ],
)
def test_links_are_written_anew(text: str, expected: str) -> None:
    """Of pages and pictures; a source file is named; the web, anchors and code stay as they are."""
    assert expected == relinked(text, Path("docs/slurm.md"), pages(), carried)


def test_the_command_lines_page_has_every_command_and_option() -> None:
    """Each command is a section, each option that the help shows stands in it."""
    page = command_line_page()
    sections = {part.partition("\n")[0]: part for part in page.split("\n## ")[1:]}
    commands = {f"parlab {name}": one for name, one in get_command(app).commands.items()}  # type: ignore[attr-defined]
    leaves = {name: one for name, one in commands.items() if not one.hidden and not hasattr(one, "commands")}
    assert len(leaves) > 10
    assert set(leaves) <= set(sections)
    for name, one in leaves.items():
        options = [option for each in one.params for option in each.opts if option.startswith("--") and not each.hidden]
        assert [] == [option for option in options if f"{option} " not in sections[name].replace("`", " ")], name


def test_every_public_name_has_an_entry() -> None:
    """All of ``parlab.__all__`` and of the other pages' modules, each with a docstring, stand in the reference."""
    texts = interface_pages()
    for page in PAGES:
        names = public_names(page.home)
        assert names
        wanted = [name for name in names if name != "learn" or page.home != "parlab"]
        text = texts[f"api-{page.file}.rst"]
        assert [] == [name for name in wanted if f":: {page.home}.{name}\n" not in text]
    assert ":doc:`api-learn`" in texts["api-parlab.rst"]


FINE = "<html><head><link rel='stylesheet' href='_static/a.css'></head><body><h1 id='top'>x</h1>{}</body></html>"


@pytest.mark.parametrize(
    ("body", "complaint"),
    [
        ("<a href='#top'>a</a><a href='other.html#there'>b</a><a href='https://example.org/x'>c</a>", None),
        ("<a href='#bottom'>a</a>", "no such anchor"),
        ("<a href='other.html#nowhere'>a</a>", "no such anchor"),
        ("<a href='missing.html'>a</a>", "leads nowhere"),
        ("<a href='/other.html'>a</a>", "only at the top of a server"),
        ("<a href='https://nowhere'>a</a>", "no address"),
        ("<a href='file:///x'>a</a>", "leads to file:"),
        ("<script src='https://example.org/x.js'></script>", "from a network"),
        ("<img src='//example.org/x.png'>", "from a network"),
        ("<img src='missing.png'>", "not there"),
        ("<style>@import 'https://example.org/x.css';</style>", "from a network"),
        ("<p style='background: url(https://example.org/x.png)'>x</p>", "from a network"),
        ("<script>import('https://example.org/x.mjs')</script>", "from a network"),
        (f"<pre>{answers()[0].replace('<', '&lt;')}</pre>", "an answer is shown"),
    ],
)
def test_the_checker_finds_what_is_wrong(tmp_path: Path, body: str, complaint: str | None) -> None:
    """Each fault is named; a site without one has no complaint."""
    (tmp_path / "_static").mkdir()
    (tmp_path / "_static" / "a.css").write_text("p { background: url(b.png) }")
    (tmp_path / "searchindex.js").write_text("{}")
    (tmp_path / "other.html").write_text("<p id='there'>x</p>")
    (tmp_path / "index.html").write_text(FINE.format(body))
    found = list(problems(tmp_path.resolve()))
    assert [] == found if complaint is None else len(found) == 1
    assert complaint is None or complaint in found[0]
