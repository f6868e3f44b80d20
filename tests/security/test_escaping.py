"""Every name in a file may be an attack: on a browser, a notebook, a terminal, a spreadsheet, a chart. None works."""

import csv
import json
import re
from pathlib import Path

import pytest
from lab import chromium
from pages import Page

import parlab
from parlab.analysis.exports import TABLES, export_table
from parlab.notebook.panel_texts import chart, table
from parlab.notebook.view import View
from parlab.plots import as_png
from parlab.report import page
from parlab.results import Results, read

RECORDED = Path(parlab.__file__).parent / "data" / "recorded" / "skewed-2-cores.jsonl"
EVIL = (
    "=cmd|'/C calc'!A0<script>document.title='ran'</script>"
    '<img src=x onerror="document.title=\'ran\'">"><svg/onload=1>'
    "{{ 7 * 7 }}$\\frac{1}{$_^[red]x[/red][link=file:///etc]y[/link]`z`[a](javascript:document.title='ran')"
    "\x1b]0;owned\x07\x00\u202e\ud800"
)
_KEPT = {"kind", "schema", "role", "outcome", "on_error", "severity"}  # fields with fixed words


def poisoned(value: object, key: str = "") -> object:
    """Put the attack into every text of a line, save the words that a reader insists on, and one backend's name."""
    if isinstance(value, dict):
        return {name: poisoned(inner, name) for name, inner in value.items()}
    if isinstance(value, list):
        return [poisoned(inner, key) for inner in value]
    if not isinstance(value, str) or key in _KEPT or value in ("serial", "ceiling", "threads"):
        return value
    return EVIL


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Results:
    """A real sweep with spans, failures aside, in which every text is the attack."""
    place = tmp_path_factory.mktemp("hostile") / "sweep.jsonl"
    lines = RECORDED.read_text(encoding="utf-8").splitlines()
    place.write_text("".join(json.dumps(poisoned(json.loads(line))) + "\n" for line in lines))
    return read(place)


def no_markup(text: str) -> None:
    """No element that runs or loads, no handler, no address save pictures as data; nothing that a file cannot hold."""
    found = Page(f"<div>{text}</div>")
    assert set() == {one.tag for one in found.elements} & {"script", "svg", "iframe", "object", "embed", "form", "base"}
    names = {(name, value) for one in found.elements for name, value in one.attributes.items()}
    assert [] == [name for name, _ in names if name.startswith("on")]
    targets = [value for name, value in names if name in ("src", "href")]
    assert all(target.startswith("data:image/png") for target in targets)
    assert set() == {letter for letter in text if not letter.isprintable()} - {"\n"}
    text.encode("utf-8")


def test_what_a_notebook_shows(hostile: Results) -> None:
    """The view, where the time went, the plan, the panel's chart and table: all HTML is text, pictures and tables."""
    view = View.of(hostile)
    plan = parlab.plan(view, workers=[4])
    for html in (view, view.explain(), plan):
        no_markup(html._repr_html_())
        assert set() == {letter for letter in repr(html) if not letter.isprintable()} - {"\n"}
    no_markup(chart(view))
    no_markup(table(view.summary))
    assert "&lt;script&gt;" in view._repr_html_()


def test_what_the_explorer_shows(hostile: Results) -> None:
    """Sliders for one's own points have their names from the file."""
    no_markup(parlab.ScalingExplorer(View.of(hostile))._repr_html_())


@pytest.mark.parametrize("kind", ["timeline", "break-even"])
def test_charts_of_long_and_strange_names(hostile: Results, kind: str) -> None:
    """A dollar sign is no formula, and a long name leaves room for the chart, here where there is least."""
    assert as_png(View.of(hostile).plot(kind)).startswith(b"\x89PNG")


@pytest.mark.parametrize("what", sorted(TABLES))
def test_no_cell_is_a_formula(hostile: Results, tmp_path: Path, what: str) -> None:
    """In no table does a cell or a heading begin as one, save numbers; half letters do not stop the export."""
    export_table(hostile, tmp_path / "table.csv", what)
    with (tmp_path / "table.csv").open(newline="", encoding="utf-8") as file:
        cells = [cell for row in csv.reader(file) for cell in row]
    begun = [cell for cell in cells if re.match(r"[=+\-@\t\r\n＝＋－＠]", cell)]  # full width
    assert [] == [cell for cell in begun if not re.fullmatch(r"-[0-9.e-]+", cell)]
    assert what == "spans" or any(cell.startswith("'=cmd") for cell in cells)


@pytest.mark.parametrize("letter", ["=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20"])
def test_every_beginning_of_a_formula_is_quoted(letter: str) -> None:
    """Those of OWASP's list, the full-width ones among them."""
    from parlab.analysis.exports import _quoted

    assert f"'{letter}1" == _quoted(f"{letter}1")
    assert f"1{letter}" == _quoted(f"1{letter}")


def test_parquet_has_them_as_they_are(hostile: Results, tmp_path: Path) -> None:
    """A program reads Parquet, no spreadsheet: only what no file can hold is written as a number."""
    import pandas as pd

    export_table(hostile, tmp_path / "table.parquet", "rows")
    assert EVIL.replace("\ud800", r"\ud800") in set(pd.read_parquet(tmp_path / "table.parquet")["backend"])


def test_a_browser_runs_nothing_of_it(hostile: Results, tmp_path: Path) -> None:
    """The report in Chromium: no script ran, nothing was asked of anybody, and the policy stands."""
    found = chromium()
    if found is None:
        pytest.skip("there is no Chromium here")
    from playwright.sync_api import sync_playwright

    place = tmp_path / "report.html"
    place.write_text(page(hostile, author="<script>document.title='ran'</script>"), encoding="utf-8")
    asked: list[str] = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=["--no-sandbox"])
        try:
            tab = browser.new_page()
            tab.on("request", lambda request: asked.append(request.url))
            tab.goto(place.as_uri())
            assert "parlab report" in tab.title()
            assert 0 == tab.evaluate("document.querySelectorAll('script, svg, iframe, [onerror], [onload]').length")
            # Even a script that got in by a way nobody thought of would be refused: by the page's own policy.
            refused = "const one = document.createElement('script'); one.textContent = 'document.title = \"ran\"';"
            tab.evaluate(f"() => {{ {refused} document.body.append(one); }}")
            assert "parlab report" in tab.title()
        finally:
            browser.close()
    assert {place.as_uri()} == {url for url in asked if not url.startswith("data:")}
