"""``parlab report`` as a user runs it: a page, the messages, and nothing overwritten."""

from pathlib import Path

import pytest
from builders import make_rounds, write_results
from pages import Page

import parlab
from parlab.errors import InputError


def test_a_recorded_sweep_becomes_a_page(command, tmp_path: Path) -> None:
    """One file, which may be made again; the command says where it is."""
    for _ in range(2):
        done = command("report", "recorded:skewed-2-cores", "-o", "report.html")
        assert (0, "report: report.html\n", "") == (done.returncode, done.stdout, done.stderr)
    assert ["report.html"] == [one.name for one in tmp_path.iterdir()]
    found = Page((tmp_path / "report.html").read_text(encoding="utf-8"))
    assert "parlab bench skewed --size small" in found.part("again")


def test_an_own_sweep_becomes_a_page(command, tmp_path: Path, recorded: Path) -> None:
    """Measured a moment ago on this machine: nothing in it says "recorded"."""
    done = command("report", str(recorded), "--output", "own.html")
    assert 0 == done.returncode, done.stderr
    text = (tmp_path / "own.html").read_text(encoding="utf-8")
    assert "Recorded" not in text
    assert str(recorded.parent) not in text
    assert "primes.jsonl" in text


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("missing.jsonl", "-o", "report.html"), "There is no result file 'missing.jsonl'"),
        (("recorded:nothing", "-o", "report.html"), "Unknown recorded sweep 'nothing'"),
        (("sweep.jsonl", "-o", "report.pdf"), "'report.pdf' cannot be its name. Write report.html"),
        (("sweep.jsonl", "-o", "nowhere/report.html"), "There is no folder 'nowhere'"),
        (("sweep.jsonl", "-o", "folder.html"), "'folder.html' is a folder"),
        (("sweep.jsonl", "-o", "mine.html"), "'mine.html' exists already and is no report of parlab"),
        (("sweep.html", "-o", "sweep.html"), "'sweep.html' is the result file itself"),
        (("mine.html", "-o", "report.html"), "'mine.html' is not a parlab result file"),
        (("sweep.jsonl",), "Missing option '--output'"),
    ],
)
def test_refused(command, tmp_path: Path, arguments: tuple[str, ...], told: str) -> None:
    """The message says what was given; the code is 2; what was there is as it was."""
    write_results(tmp_path / "sweep.jsonl", make_rounds(6))
    write_results(tmp_path / "sweep.html", make_rounds(6))
    (tmp_path / "mine.html").write_text("<title>mine</title>")
    (tmp_path / "folder.html").mkdir()
    before = {one: one.read_bytes() for one in tmp_path.iterdir() if one.is_file()}
    done = command("report", *arguments)
    assert 2 == done.returncode, done.stdout + done.stderr
    assert told in " ".join(done.stderr.split())
    assert "Traceback" not in done.stderr
    assert before == {one: one.read_bytes() for one in tmp_path.iterdir() if one.is_file()}


def test_a_view_writes_the_same_page(command, tmp_path: Path) -> None:
    """``View.report`` makes what the command makes, returns its place, and refuses what the command refuses."""
    write_results(tmp_path / "sweep.jsonl", make_rounds(6))
    assert 0 == command("report", "sweep.jsonl", "-o", "one.html").returncode
    view = parlab.View.read(tmp_path / "sweep.jsonl")
    assert tmp_path / "two.html" == view.report(str(tmp_path / "two.html"))
    assert (tmp_path / "one.html").read_bytes() == (tmp_path / "two.html").read_bytes()
    with pytest.raises(InputError, match="Write report.html"):
        view.report(tmp_path / "sweep.jsonl")
