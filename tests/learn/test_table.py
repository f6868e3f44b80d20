"""``parlab progress`` shows how far a learner has come, at 80 columns and as JSON."""

import json
import os
from pathlib import Path

from parlab.learn import check, progress, quiz, registry
from parlab.learn.store import FILE, MANIFEST

COLUMNS = 80


def test_the_table_of_a_notebook() -> None:
    """Every exercise has a row; what was done is in it."""
    check("01-exit-codes", [0, 0, 0, 0])
    check("01-exit-codes", [0, 1, 3, -15])
    quiz("01-order").answer(4)
    quiz("01-join").answer(1)
    table = progress()
    row = {one.name: one for one in table.rows}["01-exit-codes"]
    assert list(registry.checks()) == [one.name for one in table.rows]
    assert (2, True) == (row.tries, row.passed is not None)
    assert f"1 of {len(table.rows)} exercises passed, 1 of {len(registry.questions())} quizzes right." in repr(table)
    assert max(map(len, repr(table).splitlines())) <= COLUMNS
    assert "01-exit-codes" in table._repr_html_()


def test_the_command(command, tmp_path: Path) -> None:
    """It finds the copy that it stands in, or the one that is named."""
    (tmp_path / MANIFEST).write_text("{}", encoding="utf-8")
    done = {"schema": 1, "exercises": {"04-share-out": {"tries": 3, "hints": 1, "passed": "2026-05-04T10:00:00+00:00"}}}
    (tmp_path / FILE).write_text(json.dumps(done), encoding="utf-8")
    shown = command("progress")
    assert 0 == shown.returncode, shown.stderr
    line = next(line for line in shown.stdout.splitlines() if line.startswith("04-share-out"))
    assert ["write", "*", "3", "1", "2026-05-04"] == line.split()[-5:]
    assert max(map(len, shown.stdout.splitlines())) <= COLUMNS
    found = json.loads(command("progress", str(tmp_path), "--json").stdout)
    assert 3 == {one["name"]: one for one in found["exercises"]}["04-share-out"]["tries"]


def test_a_folder_that_is_no_copy(command) -> None:
    """The text says how to get one."""
    refused = command("progress")
    assert 2 == refused.returncode
    assert "parlab learn DIR" in refused.stderr
    assert "Traceback" not in refused.stderr


def test_a_name_from_a_file_is_shown_only_if_it_is_an_exercise(command, tmp_path: Path) -> None:
    """A file from somebody else brings no rows of its own."""
    (tmp_path / MANIFEST).write_text("{}", encoding="utf-8")
    (tmp_path / FILE).write_text('{"schema":1,"exercises":{"\\u001b[31mred":{"tries":1}}}', encoding="utf-8")
    shown = command("progress")
    assert (0, False) == (shown.returncode, "\x1b" in shown.stdout or os.linesep * 4 in shown.stdout)
