"""A sheet has the predictions of the nearest copy of the course, and of no question that the learner made up."""

from pathlib import Path

import pytest
from builders import make_results, make_rounds, write_results

from parlab import learn
from parlab.analysis.sheets import Foretold, parse
from parlab.learn.sheet import hand_in
from parlab.learn.store import FILE
from parlab.notebook.view import View
from parlab.results import read

SWEEP = make_results(make_rounds(6))


def guess_twice() -> None:
    learn.Prediction("01-together", 2.0).compare(1.5)
    learn.Prediction("What will my colleague say?", 3.0, unit="words").compare(4.0)


def test_predictions_come_along(course: Path) -> None:
    """Those of the course, from anywhere inside of the copy."""
    guess_twice()
    assert (Foretold("01-together", 2.0, 1.5),) == hand_in(SWEEP, course / "me.json").sheet.predictions


def test_the_copy_beside_the_result_file_is_found(
    course: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Elsewhere, the result file's own folder is looked at."""
    guess_twice()
    write_results(course / "mine.jsonl", make_rounds(6))
    away = tmp_path / "away"
    away.mkdir()
    monkeypatch.chdir(away)
    assert 1 == len(hand_in(read(course / "mine.jsonl"), away / "me.json").sheet.predictions)
    assert () == hand_in(SWEEP, away / "other.json").sheet.predictions


def test_a_broken_progress_file_costs_no_sheet(course: Path) -> None:
    """It is put aside and said, as everywhere; the curves are handed in."""
    (course / FILE).write_text("{")
    done = hand_in(SWEEP, course / "me.json")
    assert () == done.sheet.predictions
    assert "was put aside" in done.notes[0]


def test_from_a_notebook(course: Path) -> None:
    """view.export writes a sheet where the name ends in .json, with a name only where one is given."""
    guess_twice()
    View.of(SWEEP).export(course / "me.json", name="Ada")
    sheet = parse((course / "me.json").read_bytes())
    assert ("Ada", 1, 1) == (sheet.name, len(sheet.curves), len(sheet.predictions))
    View.of(SWEEP).export(course / "me.json")
    assert "" == parse((course / "me.json").read_bytes()).name
