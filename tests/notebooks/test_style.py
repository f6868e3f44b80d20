"""The rules of style find what breaks them: each with one notebook that keeps to it, and one that does not."""

from pathlib import Path

import nbformat
import pytest
from slides import typed
from style import faults

HEADING = "# Why?\n\nYou can.\n\n- **Reading:** 1 minutes. **Practice:** 2 minutes.\n- **Needs:** nothing."
WORDS = "word " * 20
RHYTHM = "".join(f"## {name}\n\n" for name in ("Predict", "Run", "Explain", "Change one thing"))
MARKED = "### BEGIN SOLUTION\nx = 1\n### END SOLUTION"
ALONE = "the slide that begins here shows no more than a heading"
END = "## Remember\n\n1. a\n2. b\n3. c\n\n## Next\n\nb"


def written(folder: Path, replaced: dict[int, object] | None = None) -> Path:
    """Write a notebook that keeps every rule, with some cells replaced by others; None takes a cell away."""
    markdown, code = nbformat.v4.new_markdown_cell, nbformat.v4.new_code_cell
    cells = [markdown(HEADING + "\n\n" + RHYTHM)]
    for number in range(12):
        cells += [markdown(("## Exercise\n\n" if number == 11 else "") + WORDS), code(MARKED if number == 11 else "1")]
    cells.append(markdown(END))
    for place, cell in (replaced or {}).items():
        cells[place] = code(cell) if isinstance(cell, str) else cell
    path = folder / "99_why.ipynb"
    nbformat.write(nbformat.v4.new_notebook(cells=[cell for cell in cells if cell is not None]), path)
    path.write_text(typed(path.read_text(encoding="utf-8")), encoding="utf-8")
    return path


def test_a_good_notebook_has_no_fault(tmp_path: Path) -> None:
    """So the tests below show one fault each."""
    assert [] == list(faults(written(tmp_path)))


def measuring() -> nbformat.NotebookNode:
    shown = nbformat.v4.new_output("stream", text="1.9")
    return nbformat.v4.new_code_cell("print(perf_counter())", outputs=[shown])


def odd_path() -> nbformat.NotebookNode:
    return nbformat.v4.new_code_cell("1", outputs=[nbformat.v4.new_output("stream", text="/home/me/x")])


@pytest.mark.parametrize(
    ("replaced", "fault"),
    [
        (
            {0: nbformat.v4.new_markdown_cell("# Why.\n\n" + RHYTHM)},
            "cell 0: 99_why.ipynb, cell 0: its first cell",
        ),
        ({2: None, 1: None}, "cell 0: 11 code cells; 12 to 25 are allowed"),
        ({2: "1\n" * 21}, "cell 2: 21 lines; 10 are allowed"),
        ({1: nbformat.v4.new_markdown_cell("few words")}, "cell 2: 2 words of prose before it; 15 to 60"),
        ({2: "child.join()"}, "cell 2: child.join() may wait for ever; give it seconds, or use %%deadline"),
        ({2: "with lock.acquire(): pass"}, "cell 2: lock.acquire() may wait for ever"),
        ({2: "open('/tmp/x')"}, "cell 2: it holds '/tmp/'"),
        ({2: odd_path()}, "cell 2: it holds '/home/'"),
        ({2: "### BEGIN SOLUTION"}, "cell 2: the cell: '### BEGIN SOLUTION' has no partner"),
        ({2: measuring()}, "cell 2: it measures, and lacks the tag"),
        ({2: nbformat.v4.new_code_cell("1", metadata={"tags": ["skip"]})}, "cell 2: unknown tags ['skip']"),
        ({24: "1"}, "cell 23: this exercise has no '### BEGIN SOLUTION'"),
        (
            {25: nbformat.v4.new_markdown_cell("## Remember\n\n1. a\n\n## Next")},
            "cell 25: 1 numbered lines to remember",
        ),
        ({25: nbformat.v4.new_markdown_cell(END.replace("## Next", ""))}, "cell 0: no heading begins with 'Next'"),
    ],
)
def test_a_fault_is_named_with_its_cell(replaced: dict, fault: str, tmp_path: Path) -> None:
    """One thing is wrong, and one line says what and where."""
    found = list(faults(written(tmp_path, replaced)))
    assert 1 == len(found), found
    assert f"99_why, {fault}" in found[0]


@pytest.mark.parametrize("source", ["%%deadline 5\nchild.join()", "child.join(5)", "x = %speedup f\n', '.join('ab')"])
def test_what_cannot_hang_may_wait(source: str, tmp_path: Path) -> None:
    """A watched cell, and a wait with a number."""
    assert [] == list(faults(written(tmp_path, {2: source})))


@pytest.mark.parametrize(
    ("place", "kind", "fault"),
    [
        (3, None, "cell 3: slide type None here and in 0 others; make slides notes them"),
        (3, "page", "cell 3: slide type 'page' here"),
        (0, "-", "cell 0: slide type '-'; the first cell begins a slide"),
    ],
)
def test_a_wrong_slide_type_is_named(place: int, kind: str | None, fault: str, tmp_path: Path) -> None:
    """A cell without a type, with an unknown one, and a deck that does not begin."""
    path = written(tmp_path)
    notebook = nbformat.read(path, as_version=4)
    notebook.cells[place].metadata["slideshow"]["slide_type"] = kind
    nbformat.write(notebook, path)
    [found] = faults(path)
    assert f"99_why, {fault}" in found


def test_an_empty_slide_is_named(tmp_path: Path) -> None:
    """A heading alone on a slide, because all below it is for the speaker."""
    path = written(tmp_path)
    notebook = nbformat.read(path, as_version=4)
    notebook.cells.insert(
        1, nbformat.v4.new_markdown_cell("### Alone", metadata={"slideshow": {"slide_type": "slide"}})
    )
    nbformat.write(notebook, path)
    assert [f"99_why, cell 1: {ALONE}"] == list(faults(path))
