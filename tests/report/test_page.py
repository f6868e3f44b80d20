"""The page holds everything that the commands print, for a reader who has the file alone; whatever the file holds."""

import base64
import re
from dataclasses import replace
from io import BytesIO
from itertools import pairwise
from pathlib import Path

import pytest
from builders import FAILURE, HEADER, WORKER, make_results, make_round, make_rounds, parallel, serial, write_results
from pages import Page
from PIL import Image
from traces import round_of, spans_of, traced

from parlab.analysis.summary import summarise
from parlab.errors import InputError
from parlab.plots import KINDS
from parlab.records import Finding
from parlab.report import page
from parlab.report.pictures import Picture
from parlab.results import Results, read
from parlab.results.recorded import PREFIX
from parlab.tables import COLUMNS, summary_cells

SKEWED = f"{PREFIX}skewed-2-cores"
EVIL = (
    "<script>alert(1)</script>\"' onload=x <img src=http://example.org/x> {{ 7 * 7 }} "
    "\x1b[31m \x00 \u202egnp\u2069 \ud800"
)


@pytest.fixture(scope="module")
def skewed() -> Page:
    return Page(page(read(SKEWED)))


def hostile() -> Results:
    """A sweep in which every text that a file can hold is an attack."""
    trials = [
        *make_rounds(6),
        *make_round(6, (2.0, 2.0), parallel(None, outcome="error", message=EVIL, failures=(_evil_failure(),))),
    ]
    texts = dict.fromkeys(("size", "items", "items_digest"), EVIL)
    sweep = replace(HEADER.sweep, workload=EVIL, options={EVIL: EVIL}, kwargs={EVIL: EVIL}, **texts)
    machine = dict.fromkeys((*HEADER.machine, "cpu_model", "system", "python", "container", "memory_bytes"), EVIL)
    machine |= {"blas": [{"library": EVIL, "version": EVIL, "threads": EVIL}, EVIL], "cores_physical": EVIL}
    header = replace(
        HEADER, sweep=sweep, machine=machine, created=EVIL, parlab=EVIL, libraries={EVIL: EVIL},
        label=dict.fromkeys(("where", "when", "by"), EVIL),
    )  # fmt: skip
    finding = Finding(EVIL, EVIL, EVIL, {EVIL: [EVIL]}, notebook=EVIL)
    return Results(header, tuple(trials), EVIL, (finding,), Path(EVIL.replace("/", "").replace("\x00", "")))


def _evil_failure():
    return replace(FAILURE, item=EVIL, error=EVIL, traceback=EVIL, printed=EVIL)


def test_nothing_of_a_hostile_file_becomes_markup() -> None:
    """No script, no handler, nothing that loads, no template in a template; the texts are there to be read."""
    text = page(hostile())
    found = Page(text)
    allowed = {"html", "head", "meta", "link", "title", "style", "body", "header", "h1", "h2", "h3", "bdi", "p", "nav"}
    allowed |= {"strong", "div", "ul", "ol", "li", "a", "main", "section", "article", "span", "details", "summary"}
    allowed |= {"table", "thead", "tbody", "tr", "th", "td", "dl", "dt", "dd", "figure", "figcaption", "img"}
    assert set() == {one.tag for one in found.elements} - allowed - {"pre", "code", "footer"}
    names = {name for one in found.elements for name in one.attributes}
    known = {"lang", "charset", "http-equiv", "content", "name", "rel", "href", "class", "id", "role", "tabindex"}
    assert set() == names - known - {"aria-label", "scope", "src", "alt", "width", "height"}
    assert {"data:,"} == {one.attributes["href"] for one in found.all("link")}
    assert "<script>alert(1)</script>" in found.part("findings")
    assert "{{ 7 * 7 }}" in found.part("findings")


def test_control_characters_and_turned_writing_are_replaced() -> None:
    """Escapes for terminals, zero bytes, marks that turn the direction of writing, half letters: all are gone."""
    text = page(hostile())
    assert set() == {letter for letter in text if not letter.isprintable()} - {"\n"}
    assert text.encode("utf-8")


@pytest.mark.parametrize("make", [lambda: read(SKEWED), hostile])
def test_the_page_loads_nothing(make) -> None:
    """What it points to is in it: pictures as data, links to its own parts, and a policy that refuses anything else."""
    text = page(make())
    found = Page(text)
    targets = [one.attributes[name] for one in found.elements for name in ("src", "href") if name in one.attributes]
    assert all(target.startswith(("data:", "#")) for target in targets)
    ids = {f"#{one.attributes['id']}" for one in found.elements if "id" in one.attributes}
    assert {target for target in targets if target.startswith("#")} <= ids
    (policy,) = [one for one in found.all("meta") if one.attributes.get("http-equiv") == "Content-Security-Policy"]
    assert policy.attributes["content"].startswith("default-src 'none'; img-src data:; style-src 'unsafe-inline'")
    (style,) = found.all("style")
    assert None is re.search(r"url\(|@import|@font-face", style.words)


def test_it_says_where_a_recorded_sweep_comes_from(skewed: Page) -> None:
    """At the top, at the machine, and in each chart; and the result speaks of that machine."""
    origin = summarise(read(SKEWED)).origin
    assert origin is not None
    assert origin in skewed.all("header")[0].words
    assert origin in skewed.part("machine")
    assert "Best on that machine: processes with 2 workers, 1.59 times as fast" in skewed.all("header")[0].words
    assert "Recorded" not in page(make_results(make_rounds(6)))


def test_the_table_is_that_of_the_terminal(skewed: Page) -> None:
    """Same columns, same cells, and each column is explained."""
    words = skewed.part("measured")
    for cells in (COLUMNS, *summary_cells(summarise(read(SKEWED)))):
        assert " ".join(cells) in " ".join(_cells(skewed))
    for column in COLUMNS[2:]:
        assert column in words


def _cells(found: Page) -> list[str]:
    return [one.words for one in found.elements if one.tag in ("th", "td")]


def test_findings_have_their_severity_in_words() -> None:
    """Warnings come first; each has message, advice, numbers, and the notebook by name."""
    ours = Finding("odd-thing", "It is odd.", "Look at it.", {"odd_rounds": [1, 2]}, "warning", "09_speedup")
    mild = replace(ours, code="mild-thing", severity="info", notebook=None, evidence={})
    cards = Page(page(make_results(make_rounds(6), findings=[mild, ours]))).all("article")
    assert (
        "Warning: odd thing It is odd. Advice: Look at it. The notebook that teaches it: 09_speedup" in cards[0].words
    )
    assert "odd rounds [1, 2]" in cards[0].words
    assert "Note: mild thing It is odd. Advice: Look at it." == cards[1].words


def test_a_finding_that_nobody_knew_is_shown() -> None:
    """Codes and notebooks are not listed anywhere: a new finding needs no change here."""
    results = make_results(make_rounds(6))
    new = Finding("never-seen-before", "New.", "Wait.", {"deep": {"er": [None, 1.5, True]}})
    words = Page(page(results, replace(summarise(results), findings=(new,)))).part("findings")
    assert "Warning: never seen before New." in words
    assert '{"er": [null, 1.5, true]}' in words


def test_every_chart_is_there_or_has_its_reason(skewed: Page) -> None:
    """Each kind once: as a picture that opens, with a text of numbers, or under "Not drawn"."""
    charts = skewed.part("charts")
    pictures = skewed.all("img")
    assert len(KINDS) == len(pictures) + charts.count("There is no ")
    for one in pictures:
        kind, _, data = one.attributes["src"].partition(",")
        assert "data:image/png;base64" == kind
        with Image.open(BytesIO(base64.b64decode(data))) as picture:
            assert (1200, int(one.attributes["width"])) == (picture.width, 800)
        assert re.search(r"\d", one.attributes["alt"]), one.attributes["alt"]
    assert "Not drawn memory: There is no memory of 'skewed' to draw" in charts


def test_a_kind_of_chart_that_nobody_knew_is_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    """A new kind appears behind the others, and its text says where the numbers are."""
    monkeypatch.setattr("parlab.plots.KINDS", {**KINDS, "pie": None})
    seen = []

    def draw(kind, content):
        seen.append(kind)
        return Picture(kind, "", "", "data:,", 1, 1)

    monkeypatch.setattr("parlab.report.pictures._picture", draw)
    page(make_results(make_rounds(6)))
    assert set(KINDS) | {"pie"} == set(seen)
    assert "pie" == seen[-1]


def test_a_chart_that_fails_costs_no_page(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is named with its reason; the others are drawn."""

    def refuse(*_given, **_more):
        raise InputError("No paper left.")

    monkeypatch.setattr("parlab.plots.draw", refuse)
    words = Page(page(make_results(make_rounds(6)))).part("charts")
    assert len(KINDS) == words.count("No paper left.")


def test_a_sweep_of_very_many_tasks_makes_a_small_page() -> None:
    """200,000 spans are pictures of the same size: the page stays below 3 MB."""
    lanes = [[(0.001 * n, 0.001 * n + 0.0009) for n in range(50_000)] for _ in range(4)]
    trial = traced(50.0, lanes, trial={"workers": 4})
    one_lane = [[(0.0009 * n, 0.0009 * (n + 1)) for n in range(200_000)]]
    plain = serial(180.0, tasks=200_000, spans=spans_of(one_lane, chunk=[None] * 200_000), crew=(WORKER,))
    results = make_results(round_of(trial, plain), sweep={"workers": (4,), "tasks": 200_000})
    text = page(results)
    assert len(text) < 3_000_000
    assert "Worker 3: 50,000 tasks" in Page(text).all("img")[2].attributes["alt"]


def test_where_the_time_went_and_why_not(skewed: Page) -> None:
    """Explained as `parlab explain` does; a sweep without spans gets the reason instead, and all else."""
    assert "processes, 2 workers: the largest loss is idle tail, 19% of the time." in skewed.part("time")
    bare = Page(page(make_results(make_rounds(6), sweep={"trace": False})))
    assert "this was measured with --no-trace" in bare.part("time")
    assert "2.00 to 2.00" in bare.part("measured")


def test_laws_that_fit_are_shown_with_their_numbers() -> None:
    """Enough worker counts give a table for each backend; what cannot be told is said once for all backends."""
    words = Page(page(read(f"{PREFIX}download-2-cores"))).part("laws")
    assert "threads: Amdahl's law" in words
    assert "share of the work that one worker does alone" in words
    assert 1 == words.count("Gustafson's law is about work that grows")


def test_failed_tasks_are_listed_once() -> None:
    """A task that failed in every round is one row, with how often."""
    trials = [replace(trial, failures=(FAILURE,)) for trial in make_rounds(6)]
    found = Page(page(make_results(trials, sweep={"on_error": "skip"})))
    assert "3 'photo.jpg' ValueError: no threes 18" in found.part("failures")
    assert "failures" not in {one.attributes.get("id") for one in Page(page(make_results(make_rounds(6)))).elements}


@pytest.mark.parametrize(
    ("results", "told"),
    [
        (make_results([]), "There is no result yet: no round is complete."),
        (make_results([], ended=None), "The file has no end: the sweep was cut off."),
        (make_results(make_round(0, (2.0, 2.0)), sweep={"backends": ("serial",)}), "Only the plain loop was measured"),
        (make_results(make_round(0, (2.0, 2.0), parallel(None, outcome="lost"))), "No backend came through"),
    ],
)
def test_a_sweep_without_results_is_a_page_too(results: Results, told: str) -> None:
    """Nothing finished, or the plain loop alone: the page says so, and names every chart with its reason."""
    found = Page(page(results))
    assert told in found.all("body")[0].words
    assert "Not drawn" in found.part("charts")


def test_headings_and_tables_are_made_for_everybody(skewed: Page) -> None:
    """The language is named, no level of heading is left out, header cells say what they head, boxes can be reached."""
    assert "en" == skewed.all("html")[0].attributes["lang"]
    levels = [int(one.tag[1]) for one in skewed.elements if re.fullmatch(r"h\d", one.tag)]
    assert 1 == levels.count(1) == levels[0]
    assert all(after - before <= 1 for before, after in pairwise(levels))
    assert {"row", "col"} == {one.attributes["scope"] for one in skewed.all("th")}
    boxes = [one for one in skewed.elements if one.attributes.get("class") == "wide"]
    assert all(one.attributes["aria-label"] and "0" == one.attributes["tabindex"] for one in boxes)
    assert {"wide"} == {one.parent.attributes["class"] for tag in ("table", "img") for one in skewed.all(tag)}


def test_the_same_file_gives_the_same_page(tmp_path: Path) -> None:
    """Nothing of the day, of the folder or of this machine is in it."""
    texts = []
    for name in ("one", "two"):
        folder = tmp_path / name
        folder.mkdir()
        write_results(folder / "sweep.jsonl", make_rounds(6))
        texts.append(page(read(folder / "sweep.jsonl")))
    assert texts[0] == texts[1]
    assert str(tmp_path) not in texts[0]
    assert "sweep.jsonl" in texts[0]
