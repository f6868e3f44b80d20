"""The author's name and story in a report: what was typed and nothing else, and never markup."""

import sys

import pytest
from builders import make_results, make_rounds, write_results
from pages import Page
from typer.testing import CliRunner

from parlab.cli.app import app
from parlab.errors import InputError
from parlab.explained import Section
from parlab.report import Code, Story, checked_author, page

EVIL = "<script>alert(1)</script>\"' {{ 7 * 7 }} \x1b[31m \u202egnp \ud800"


@pytest.fixture(autouse=True)
def _no_charts(monkeypatch) -> None:
    """Charts have tests of their own."""
    monkeypatch.setattr(sys.modules["parlab.report.page"], "pictures", lambda _: ([], []))


def test_a_hostile_author_and_story_stay_text() -> None:
    """No tag, no template, no control character comes out of a name, a source or a table."""
    section = Section(EVIL, (EVIL,), [[EVIL]], [EVIL])
    story = Story((Code(EVIL, f"def work():\n    return '{EVIL}'"),), (section,))
    text = page(make_results(make_rounds(6)), author=EVIL.replace("\x1b", ""), story=story)
    found = Page(text)
    assert [] == found.all("script")
    assert "By <script>alert(1)</script>" in found.all("header")[0].words
    assert 4 <= found.part("mine").count("{{ 7 * 7 }}")
    assert set() == {letter for letter in text if not letter.isprintable()} - {"\n"}
    assert "#mine" in [one.attributes.get("href") for one in found.all("a")]


def test_nobody_is_named_who_has_not_typed_a_name() -> None:
    """No login, no machine's user: the line is not there, and neither is the part."""
    text = page(make_results(make_rounds(6)))
    assert 'class="author"' not in text
    assert "My function" not in text
    assert ["", "", "", "Ada Lovelace"] == [checked_author(one) for one in (None, ..., "  ", " Ada  Lovelace ")]


@pytest.mark.parametrize("name", [7, "x" * 101, "two\nlines"])
def test_a_name_that_cannot_be_one_is_refused(name) -> None:
    """A number, a page of text, two lines."""
    with pytest.raises(InputError, match="author"):
        page(make_results(make_rounds(6)), author=name)


def test_the_command_line_takes_a_name(tmp_path, monkeypatch) -> None:
    """``parlab report --author``."""
    monkeypatch.chdir(tmp_path)
    write_results(tmp_path / "sweep.jsonl", make_rounds(6))
    done = CliRunner().invoke(app, ["report", "sweep.jsonl", "-o", "page.html", "--author", "Grace <Hopper>"])
    assert 0 == done.exit_code, done.output
    assert "By Grace <Hopper>" in Page((tmp_path / "page.html").read_text(encoding="utf-8")).all("header")[0].words
