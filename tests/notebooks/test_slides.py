"""The slide types follow from a notebook's rhythm, and a deck shows them whole, without a network or a solution."""

import json
import re
from pathlib import Path

import nbformat
import pytest
from deck import deck_of, in_parts, main, sections, shortened
from slide_heights import ROOM_PX, of_cell, of_output
from slides import main as note
from slides import slide_types, typed

from parlab.learn.contents import course_folder, find_lesson, lessons
from parlab.learn.stubs import BEGIN, END, learners_copy

NOTEBOOK = "08"  # it has charts, tables, exercises, and quizzes


def prose(text: str) -> nbformat.NotebookNode:
    return nbformat.v4.new_markdown_cell(text)


def code(source: str, shown: str = "") -> nbformat.NotebookNode:
    return nbformat.v4.new_code_cell(source, outputs=[nbformat.v4.new_output("stream", text=shown)] if shown else [])


TITLE = prose("# Why?\n\nYou can.")
LONG = "Words of prose that fill a line of a slide from its left to its right, and the next one.\n\n" * 5
SOLUTION = code(f"answer = ...\n{BEGIN}\nanswer = 42\n{END}")


@pytest.mark.parametrize(
    ("cells", "types"),
    [
        ([TITLE, prose("## Question\n\nIs it?"), prose("It is said.")], ["slide", "slide", "notes"]),
        ([TITLE, prose("Here it is."), code("%load_ext parlab")], ["slide", "notes", "skip"]),
        ([TITLE, prose("What comes?"), code("%load_ext parlab\n1")], ["slide", "subslide", "-"]),
        ([TITLE, prose("## Run\n\nLook."), code("1", "1")], ["slide", "slide", "-"]),
        ([TITLE, prose("## Run\n\nLook."), code("1", "1\n" * 30)], ["slide", "slide", "subslide"]),
        ([TITLE, prose("### Run\n\nIt."), prose("See."), code("1")], ["slide", "subslide", "-", "-"]),
        ([TITLE, prose("### Run\n\n" + LONG), prose("See."), code("1")], ["slide", "subslide", "subslide", "-"]),
        ([TITLE, prose("## Run"), prose("### It\n\nLook."), code("1")], ["slide", "slide", "-", "-"]),
        ([TITLE, code("1"), prose("It is one."), prose("- a\n- b")], ["slide", "-", "notes", "subslide"]),
        ([TITLE, prose("## Exercises\n\n**A ★**"), SOLUTION, prose("Checked."), code('learn.check("a", answer)')],
         ["slide", "slide", "skip", "notes", "skip"]),
        ([TITLE, prose("## Exercises\n\nTwo."), prose("**A ★**"), SOLUTION, prose("Mend it."), SOLUTION],
         ["slide", "slide", "subslide", "skip", "-", "skip"]),
        ([TITLE, prose("")], ["slide", "skip"]),
    ],
)  # fmt: skip
def test_a_type_follows_from_the_rhythm(cells: list[nbformat.NotebookNode], types: list[str]) -> None:
    """One case for each rule: title, set-up, demonstration, comment, exercise, solution, what fits."""
    assert types == slide_types(cells)


def test_nothing_else_in_a_file_is_changed(tmp_path: Path) -> None:
    """All committed notebooks have the rule's types, byte for byte; without them only the types are missing."""
    for lesson in lessons():
        text = (course_folder() / lesson.file).read_bytes().decode()
        assert text == typed(text)
        bare = json.loads(text)
        for cell in bare["cells"]:
            del cell["metadata"]["slideshow"]
        (tmp_path / lesson.file).write_text(json.dumps(bare), encoding="utf-8")
        assert text == typed(json.dumps(bare))
    note(tmp_path)
    file = lessons()[0].file
    assert (course_folder() / file).read_bytes() == (tmp_path / file).read_bytes()


def test_the_learners_copy_keeps_them() -> None:
    """``parlab learn`` copies the types; the notebook's outputs are gone, so they are not found anew."""
    text = (course_folder() / find_lesson(NOTEBOOK).file).read_text(encoding="utf-8")
    given, copied = ([cell["metadata"]["slideshow"] for cell in json.loads(one)["cells"]]
                     for one in (text, learners_copy(text, "08.ipynb")))  # fmt: skip
    assert given == copied


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The decks of a course of one notebook."""
    folder, lesson = tmp_path_factory.mktemp("course"), find_lesson(NOTEBOOK)
    (folder / lesson.file).write_bytes((course_folder() / lesson.file).read_bytes())
    main(folder, folder / "slides")
    return folder / "slides"


@pytest.fixture(scope="module")
def built(folder: Path) -> str:
    """One real deck."""
    [path] = folder.glob("08*.slides.html")
    return path.read_text(encoding="utf-8")


def test_a_deck_needs_no_network(built: str) -> None:
    """Nothing is loaded from elsewhere: every source is in the page, and links alone lead out of it."""
    assert set(re.findall(r'<(?:script|link|iframe)[^>]*(?:src|href)="[^"]*', built)) == set()
    assert all(source.startswith("data:image/png") for source in re.findall(r'src="([^"]{,20})', built))
    assert not re.search(r"@import|url\(", built)


def test_a_deck_shows_tasks_and_no_solutions(built: str) -> None:
    """The stub is there, the solution and what a check shows of it are not; links lead to other decks."""
    assert "raise" in built
    assert "your code here" in built
    assert not re.search(r"BEGIN SOLUTION|The course&#39;s solution|The course's solution|: passed", built)
    assert '.slides.html"' in built
    assert '.ipynb"' not in built


def test_every_picture_says_what_it_is(built: str) -> None:
    """Each has a text in its place that names its section and how it was drawn."""
    pictures = re.findall(r"<img[^>]*>", built)
    assert len(pictures) >= 4
    assert all(re.search(r'alt="Chart in the section “[^”]+”, drawn by: \w+', one) for one in pictures)


def test_the_page_of_all_decks_leads_to_each(folder: Path, built: str) -> None:
    """A row for each deck, with its link and the number of slides that it has."""
    page = (folder / "index.html").read_text(encoding="utf-8")
    [row] = re.findall(r"<tr><td>.*", page)
    [link], [slides] = re.findall(r'href="([^"]+)"', row), re.findall(r"<td>(\d+)<", row)
    assert (folder / link).is_file()
    assert '"DejaVu Sans"' in page  # the style is not escaped
    assert int(slides) == len(re.findall(r"<section[^>]*>\s*(?!\s*<section)", built)) > 20


def test_a_cell_is_cut_at_headings_outside_of_code() -> None:
    """A comment in a block of code is no heading."""
    assert ["Said.", "### A\n\n```\n# no\n```", "### B"] == list(
        sections("Said.\n\n### A\n\n```\n# no\n```\n\n### B\n")
    )


def test_long_prose_is_for_the_speaker() -> None:
    """The first paragraph, lists, and questions stay; the rest of many words is said. Few words stay as they are."""
    many = "word " * 80
    shown, said = shortened(f"### A\n\nFirst {many}\n\nSecond {many}\n\n- item\n\nWhy?")
    assert (f"### A\n\nFirst {many}\n\n- item\n\nWhy?", f"Second {many}") == (shown, said)
    assert ("### A\n\nFew.\n\nWords.", "") == shortened("### A\n\nFew.\n\nWords.")


def test_a_tall_output_is_cut_between_its_elements() -> None:
    """HTML that fits on no slide; a title stays above what it belongs to, and nothing is lost."""
    table = f"<table>{'<tr><td>1</td></tr>' * 12}</table>"
    wanted = [f"<h4>T</h4>{table}", f"<p><strong>Next</strong></p>{table}", "<ul><li>x</li></ul><details>y</details>"]
    output = nbformat.v4.new_output("display_data", {"text/html": f"<div>{''.join(wanted)}</div>"})
    assert of_output(output) > ROOM_PX
    assert wanted == [one.data["text/html"] for one in in_parts(output)]


def test_what_was_printed_stands_together() -> None:
    """Chunks of output are one text in their order; that a module was written is left out."""
    cells = [TITLE, prose("## Run\n\nLook."), code("1"), prose("And?"), code("%%workers mine\n1", "mine.py is new")]
    cells[2].outputs = [nbformat.v4.new_output("stream", text=text) for text in ("a\n", "b\n")]
    for cell, kind in zip(cells, slide_types(cells), strict=True):
        cell.metadata["slideshow"] = {"slide_type": kind}
    assert ["a\nb"] == [output.text for cell in deck_of(cells) for output in cell.get("outputs", [])]


def test_more_takes_more_room() -> None:
    """The estimate grows with lines, rows, and pictures, and a long line counts as the lines it is broken into."""
    assert of_cell(prose("a")) < of_cell(prose("a " * 100)) < of_cell(prose("a " * 100 + "\n\n| a |\n| - |\n| b |"))
    assert of_cell(code("a")) < of_cell(code("a\nb")) == of_cell(code("a" * 100)) < of_cell(code("a\nb", "c"))
