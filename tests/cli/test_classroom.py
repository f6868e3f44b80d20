"""``parlab export`` to ``parlab class`` as a class does it: sheets, a table of 80 columns, a wall, a folder watched."""

import json
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from builders import make_rounds, write_results
from classes import crowd, put, room, sheet
from pages import Page
from sweeps import wait_until

from parlab.cli import classroom


def test_from_a_sweep_to_the_wall(command, tmp_path: Path) -> None:
    """The newest sweep becomes a sheet; a folder of sheets becomes a table and a page."""
    (tmp_path / "parlab-results").mkdir()
    write_results(tmp_path / "parlab-results" / "old.jsonl", make_rounds(2))
    write_results(tmp_path / "parlab-results" / "new.jsonl", make_rounds(6))
    os.utime(tmp_path / "parlab-results" / "old.jsonl", (1, 1))
    (tmp_path / "class").mkdir()
    done = command("export", "-o", "class/me.json", "--name", "Ada")
    assert 0 == done.returncode, done.stderr
    assert "1 curve, 0 predictions, the name 'Ada'" in done.stdout
    assert 6 == json.loads((tmp_path / "class" / "me.json").read_text())["rounds"]
    done = command("class", "class", "-o", "wall.html", "--title", "Monday")
    assert 0 == done.returncode, done.stderr
    assert "wall: wall.html" in done.stdout
    assert "Monday" in Page((tmp_path / "wall.html").read_text(encoding="utf-8")).all("h1")[0].words


def test_the_table_fits_80_columns(command, tmp_path: Path) -> None:
    """Also for a mixed class with long names, outliers and files that were left out; these cost no success."""
    (tmp_path / "class").mkdir()
    room(tmp_path / "class", 60)
    crowd(tmp_path / "class", 11, first=100)
    put(tmp_path / "class", "slow.json", sheet(99, (1.0, 1.4, 2.0), name="x" * 60, machine={"on_battery": True}))
    (tmp_path / "class" / ("a" * 90 + ".json")).write_text("{")
    done = command("class", "class")
    assert 0 == done.returncode, done.stderr
    assert max(len(line) for line in done.stdout.splitlines()) <= 80
    told = " ".join(done.stdout.split())
    assert "Different there: it ran on battery." in told
    assert "left out:" in told
    found = json.loads(command("class", "class", "--json").stdout)
    assert 72 == len(found["learners"])
    assert {"it ran on battery"} <= {text for one in found["outliers"] for text in one["differences"]}


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("class", "no"), "There is no folder 'no'"),
        (("class", "me.json"), "'me.json' is a file. Name the folder"),
        (("class", "empty"), "There is no sheet in 'empty' yet. Each learner writes one with `parlab export"),
        (("class", "bad"), "There is no sheet in 'bad' that can be used, of 1 file. broken.json: it is no JSON"),
        (("class", "empty", "--watch"), "--watch draws a page: name it with -o wall.html"),
        (("class", "empty", "--watch", "-o", "w.html", "--json"), "--watch and --json do not go together"),
        (("class", "empty", "--watch", "-o", "w.html", "--for", "soon"), "--for 'soon' is no duration"),
        (("class", "good", "-o", "wall.pdf"), "Write wall.html"),
        (("class", "good", "-o", "no/wall.html"), "There is no folder 'no' to write"),
        (("class", "good", "-o", "mine.html"), "exists already and is no report of parlab"),
        (("export", "-o", "sheet.json"), "There is no result file in 'parlab-results' here"),
        (("export", "recorded:primes-2-cores", "-o", "sheet.json"), "A recorded sweep says nothing of your machine"),
        (("export", "recorded:primes-2-cores", "-o", "t.csv", "--name", "Ada"), "--name is for a learner's sheet"),
        (("export", "recorded:primes-2-cores", "-o", "t.csv", "--what", "class"), "Write me.json"),
        (("export", "recorded:primes-2-cores", "-o", "t.json", "--what", "clas"), "Did you mean 'class'"),
        (("export", "recorded:primes-2-cores", "-o", "t.json", "--what", "rows"), "Unknown table format 'json'"),
    ],
)
def test_refused(command, tmp_path: Path, arguments: tuple[str, ...], told: str) -> None:
    """One message, code 2, and nothing written."""
    for name in ("empty", "bad", "good"):
        (tmp_path / name).mkdir()
    (tmp_path / "bad" / "broken.json").write_text("{")
    put(tmp_path / "good", "me.json", sheet())
    put(tmp_path, "me.json", sheet())
    (tmp_path / "mine.html").write_text("mine")
    before = sorted(tmp_path.rglob("*"))
    done = command(*arguments)
    assert 2 == done.returncode, done.stdout + done.stderr
    assert told in done.stderr
    assert "Traceback" not in done.stderr
    assert before == sorted(tmp_path.rglob("*"))


@pytest.mark.skipif(os.name != "posix", reason="sends SIGINT to one process alone")
def test_a_folder_is_watched(tmp_path: Path) -> None:
    """A sheet that arrives is on the page; Ctrl-C ends it with one line, and the page then reloads no more."""
    folder, page = tmp_path / "class", tmp_path / "class" / "wall.html"
    folder.mkdir()
    process = subprocess.Popen(
        [sys.executable, "-m", "parlab", "class", str(folder), "-o", str(page), "--watch"],
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )  # fmt: skip
    try:
        wait_until(lambda: page.exists() and "No sheet is here yet" in page.read_text(encoding="utf-8"))
        put(folder, "me.json", sheet(name="Ada Lovelace", predictions=()))
        wait_until(lambda: "<b>1</b> learner" in page.read_text(encoding="utf-8"))
        assert 'http-equiv="refresh"' in page.read_text(encoding="utf-8")
        process.send_signal(signal.SIGINT)
        out, _ = process.communicate(timeout=60)
    finally:
        process.kill()
        process.wait(60)
    assert 0 == process.returncode, out
    assert out.endswith(f"\nended: {page} has 1 sheet.\n")
    assert "Traceback" not in out
    assert 'http-equiv="refresh"' not in page.read_text(encoding="utf-8")
    assert ["me.json", "wall.html"] == sorted(one.name for one in folder.iterdir())


def test_ctrl_c_in_the_middle_of_a_look_loses_no_sheet(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The last page has what has just arrived; a folder that has gone meanwhile leaves the page as it was."""
    folder, page = tmp_path / "class", tmp_path / "wall.html"
    folder.mkdir()

    def arrives(*_: object) -> None:
        put(folder, "me.json", sheet())
        raise KeyboardInterrupt

    monkeypatch.setattr(classroom, "_look", arrives)
    classroom.watch(folder, page, title="Class", limit_s=60)
    assert "<b>1</b> learner" in page.read_text(encoding="utf-8")

    def goes(*_: object) -> None:
        shutil.rmtree(folder)
        raise KeyboardInterrupt

    monkeypatch.setattr(classroom, "_look", goes)
    classroom.watch(folder, page, title="Class", limit_s=60)
    assert "<b>1</b> learner" in page.read_text(encoding="utf-8")
