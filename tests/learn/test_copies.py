"""The learner's copy: what is theirs is never overwritten, whatever has happened to the folder."""

import json
import os
from pathlib import Path

import pytest

from parlab.errors import InputError
from parlab.learn import contents, copies
from parlab.learn.copies import MANIFEST, START, Placed, make_copy

FIRST = "00_first.ipynb"
HEADING = (
    "# What is first?\n\nAfterwards you can begin.\n\n- **Reading:** 1 minutes. **Practice:** 2 minutes.\n"
    "- **Needs:** nothing."
)


def notebook(code: str) -> str:
    cells = [
        {"cell_type": "markdown", "metadata": {}, "source": HEADING},
        {"cell_type": "code", "metadata": {}, "source": code, "outputs": [], "execution_count": 1},
    ]
    return json.dumps({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5})


@pytest.fixture
def course(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A course of two notebooks."""
    folder = tmp_path / "source"
    folder.mkdir()
    (folder / FIRST).write_text(notebook("1"))
    (folder / "01_next.ipynb").write_text(notebook("2"))
    (folder / "README.md").write_text("not for learners")
    monkeypatch.setattr(contents, "course_folder", lambda: folder)
    monkeypatch.setattr(copies, "course_folder", lambda: folder)
    return folder


@pytest.fixture
def mine(tmp_path: Path) -> Path:
    return tmp_path / "mine"


def states(placed: list[Placed]) -> dict[str, str]:
    return {one.file[:2]: one.state for one in placed}


def test_everything_is_new_and_then_as_given(course: Path, mine: Path) -> None:
    """The notebooks and the start page, and nothing else; a second time nothing is written."""
    assert {"00": "new", "01": "new", "st": "new"} == states(make_copy(mine))
    assert {FIRST, "01_next.ipynb", START, MANIFEST} == {path.name for path in mine.iterdir()}
    before = {path.name: path.stat().st_mtime_ns for path in mine.glob("*.ipynb")}
    assert {"00": "as given", "01": "as given", "st": "as given"} == states(make_copy(mine))
    assert before == {path.name: path.stat().st_mtime_ns for path in mine.glob("*.ipynb")}


def test_one_notebook_alone(course: Path, mine: Path) -> None:
    """By its number, with or without the nought, or by its name; the start page comes along."""
    for given in ("01", "1", "01_next", "01_next.ipynb"):
        assert ["01_next.ipynb", START] == [one.file for one in make_copy(mine, given)]
    assert not (mine / FIRST).exists()
    with pytest.raises(InputError, match="Unknown notebook '7'. .*Allowed: 00, 01"):
        make_copy(mine, "7")


def test_what_is_unchanged_is_brought_up_to_date(course: Path, mine: Path) -> None:
    """A newer version replaces what still is as it was given."""
    make_copy(mine)
    (course / FIRST).write_text(notebook("3"))
    assert {"00": "updated", "01": "as given", "st": "as given"} == states(make_copy(mine))
    assert '"3"' in (mine / FIRST).read_text()


def test_what_is_changed_is_theirs(course: Path, mine: Path) -> None:
    """It is never overwritten: something newer is put beside, and brought up to date; else nothing happens."""
    make_copy(mine)
    (mine / FIRST).write_text("my own")
    assert "yours" == states(make_copy(mine))["00"]
    (course / FIRST).write_text(notebook("3"))
    for newer in ("3", "4"):
        (course / FIRST).write_text(notebook(newer))
        assert Placed(FIRST, "beside", "00_first.new.ipynb") == make_copy(mine)[0]
        assert f'"{newer}"' in (mine / "00_first.new.ipynb").read_text()
    (mine / "00_first.new.ipynb").write_text("my own, too")
    (course / FIRST).write_text(notebook("5"))
    assert Placed(FIRST, "beside", "00_first.new-2.ipynb") == make_copy(mine)[0]
    assert "my own" == (mine / FIRST).read_text()
    assert "my own, too" == (mine / "00_first.new.ipynb").read_text()


def test_a_file_that_we_never_gave_is_theirs(course: Path, mine: Path) -> None:
    """Without a note in the manifest nobody knows whose it is."""
    mine.mkdir()
    (mine / FIRST).write_text("my own")
    assert "beside" == states(make_copy(mine))["00"]
    assert "my own" == (mine / FIRST).read_text()


@pytest.mark.parametrize(
    "text", ["", "[]", "{", '{"files": 3}', '{"files": {"../x": "y", "00_first.ipynb": 3}}', "\udcff"]
)
def test_a_broken_manifest_loses_nothing(text: str, course: Path, mine: Path) -> None:
    """Then everything there is the learner's."""
    make_copy(mine)
    (mine / FIRST).write_text("my own")
    (mine / MANIFEST).write_text(text, errors="surrogateescape")
    (course / FIRST).write_text(notebook("3"))
    assert "beside" == states(make_copy(mine))["00"]
    assert "my own" == (mine / FIRST).read_text()
    assert {"mine", "source"} == {path.name for path in mine.parent.iterdir()}


@pytest.mark.skipif(os.name != "posix", reason="links need a right on Windows")
def test_links_are_not_followed(course: Path, mine: Path, tmp_path: Path) -> None:
    """What a link in the folder leads to stays as it is; the folder itself may be one."""
    make_copy(mine)
    secret = tmp_path / "secret"
    secret.write_text("theirs")
    for name in (FIRST, "00_first.new.ipynb"):
        (mine / name).unlink(missing_ok=True)
        (mine / name).symlink_to(secret)
    (course / FIRST).write_text(notebook("3"))
    assert Placed(FIRST, "beside", "00_first.new-2.ipynb") == make_copy(mine)[0]
    assert "theirs" == secret.read_text()
    (tmp_path / "link").symlink_to(mine)
    assert "as given" == states(make_copy(tmp_path / "link"))["01"]
    (mine / MANIFEST).unlink()
    (mine / MANIFEST).symlink_to(secret)
    with pytest.raises(InputError, match="is a link, and links are not followed"):
        make_copy(mine)
    assert "theirs" == secret.read_text()


def test_folders_that_cannot_be_used(course: Path, tmp_path: Path) -> None:
    """A file, a place without a parent, and one where nobody may write: one message each."""
    (tmp_path / "file").touch()
    with pytest.raises(InputError, match="is there already and is no folder"):
        make_copy(tmp_path / "file")
    with pytest.raises(InputError, match="is no folder. Make that one first"):
        make_copy(tmp_path / "nowhere" / "mine")
    with pytest.raises(InputError, match="is no folder. Make that one first"):
        make_copy(tmp_path / "file" / "mine")
    if Path("/proc/self").exists():
        with pytest.raises(InputError, match="The course cannot be written into '/proc/mine'"):
            make_copy(Path("/proc/mine"))


def test_the_start_page_has_a_link_to_each_notebook(course: Path, mine: Path) -> None:
    """JupyterLab opens it first."""
    make_copy(mine)
    page = json.loads((mine / START).read_text())
    assert "[What is first?](00_first.ipynb) | 1 + 2 |" in "".join(page["cells"][0]["source"])
    assert "learn.progress()" in "".join(page["cells"][-1]["source"])


def test_the_real_course_is_found() -> None:
    """From this clone; each notebook says its question, what it is for, minutes and needs."""
    found = contents.lessons(contents.course_folder())
    assert "00" == found[0].number
    assert all(one.question.endswith("?") and one.objectives and one.needs for one in found)
    assert all(one.reading_minutes and one.practice_minutes for one in found)
