"""Progress is kept in one small file in a learner's copy, nowhere else; and no file, however odd, stops a notebook."""

import json
import os
import stat
import sys
from pathlib import Path

import pytest

from parlab.learn import check, checking, hint, solution, store
from parlab.learn.records import Check
from parlab.learn.result import CheckResult
from parlab.learn.store import ASIDE, FILE, MANIFEST, Store

RIGHT, WRONG = [0, 1, 3, -15], [0, 0, 0, 0]
NAME = "01-exit-codes"


def kept(course: Path) -> dict:
    return json.loads((course / FILE).read_text(encoding="utf-8"))


def test_tries_hints_and_success_are_kept(course: Path) -> None:
    """After two tries, a hint and success the file has them, and another kernel would read the same."""
    check(NAME, WRONG)
    hint(NAME)
    check(NAME, RIGHT)
    assert {"tries": 2, "hints": 1} == {key: kept(course)["exercises"][NAME][key] for key in ("tries", "hints")}
    assert kept(course)["exercises"][NAME]["passed"].endswith("+00:00")
    assert Store.of(course).exercise(NAME).passed is not None


def test_the_first_success_counts(course: Path) -> None:
    """Whoever passes again keeps the first date."""
    store_now = Store.of(course).tried(NAME, passed=True)
    first = store_now.exercise(NAME).passed
    assert first == store_now.tried(NAME, passed=True).exercise(NAME).passed


def test_without_a_manifest_nothing_is_written(folder: Path) -> None:
    """In the course's own repository a run leaves no file; within the kernel it is remembered."""
    check(NAME, WRONG)
    hint(NAME)
    assert [] == list(folder.iterdir())
    assert 1 == Store.here().exercise(NAME).tries


def test_a_folder_inside_the_copy_uses_the_same_file(course: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The manifest may lie in a parent."""
    (course / "deeper").mkdir()
    monkeypatch.chdir(course / "deeper")
    check(NAME, WRONG)
    assert 1 == kept(course)["exercises"][NAME]["tries"]


def test_an_open_exercise_is_no_try(course: Path) -> None:
    """Run All over a fresh copy counts nothing and writes nothing."""
    check(NAME, ...)
    assert not (course / FILE).exists()


def test_two_kernels_add_up(course: Path) -> None:
    """A second notebook that is open does not forget what the first has noted."""
    check(NAME, WRONG)
    Store.of(course).tried("00-usable-cores", passed=False)
    check(NAME, WRONG)
    assert {NAME: 2, "00-usable-cores": 1} == {name: one["tries"] for name, one in kept(course)["exercises"].items()}


def test_what_others_note_while_a_function_is_tried_is_kept(course: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A try takes seconds, in which another notebook of the same copy may go on."""

    def tried(found: Check, *_: object) -> CheckResult:
        Store.of(course).tried("00-usable-cores", passed=False)
        return CheckResult(found.name, found.title, "not yet", "serial", "")

    monkeypatch.setattr(checking, "_function", tried)
    check("01-start-and-join", print)
    assert {"00-usable-cores", "01-start-and-join"} == set(kept(course)["exercises"])


HOSTILE = {
    "empty": b"",
    "cut off": b'{"schema":1,"exercises":{"01-exit-co',
    "not text": b"\xff\xfe\x00",
    "a list": b"[]",
    "another schema": b'{"schema":99}',
    "no schema": b"{}",
    "wrong type": b'{"schema":1,"exercises":{"a":{"tries":"many"}}}',
    "negative": b'{"schema":1,"exercises":{"a":{"tries":-5}}}',
    "huge number": b'{"schema":1,"exercises":{"a":{"tries":1e400}}}',
    "NaN": b'{"schema":1,"predictions":{"a":{"guess":NaN}}}',
    "deep": b"[" * 100_000,
    "too large": b" " * 2_000_000,
}


@pytest.mark.parametrize("data", HOSTILE.values(), ids=HOSTILE)
def test_a_broken_file_is_put_aside_and_said_once(data: bytes, course: Path) -> None:
    """The check works, the old file is kept under another name, and counting begins anew."""
    (course / FILE).write_bytes(data)
    first, second = check(NAME, WRONG), check(NAME, WRONG)
    assert "put aside" in " ".join(first.notes)
    assert "put aside" not in " ".join(second.notes)
    assert data == (course / ASIDE).read_bytes()
    assert 2 == kept(course)["exercises"][NAME]["tries"]


def test_a_folder_in_the_files_place(course: Path) -> None:
    """It is put aside as well."""
    (course / FILE).mkdir()
    assert "no ordinary file" in " ".join(check(NAME, WRONG).notes)
    assert 1 == kept(course)["exercises"][NAME]["tries"]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes here")
def test_a_pipe_in_the_files_place_does_not_hang(course: Path) -> None:
    """Nobody opens it."""
    os.mkfifo(course / FILE)
    assert "no ordinary file" in " ".join(check(NAME, WRONG).notes)


@pytest.mark.skipif(sys.platform == "win32", reason="links need a right there")
def test_a_link_is_not_followed(course: Path, tmp_path: Path) -> None:
    """What it leads to stays as it was."""
    target = tmp_path / "somebody's"
    target.write_text("mine", encoding="utf-8")
    (course / FILE).symlink_to(target)
    check(NAME, WRONG)
    assert "mine" == target.read_text(encoding="utf-8")
    assert not (course / FILE).is_symlink()


def test_a_file_that_cannot_be_written_is_said_once(course: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In a read-only folder all works, and is remembered until the kernel ends."""

    def refuse(path: Path):
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(store, "replacing", refuse)
    first, second = check(NAME, WRONG), check(NAME, WRONG)
    assert "cannot be written (Permission denied)" in " ".join(first.notes)
    assert "cannot be written" not in " ".join(second.notes)
    assert 2 == Store.here().exercise(NAME).tries
    assert not (course / FILE).exists()


@pytest.mark.skipif(os.name != "posix" or os.getuid() == 0, reason="root may write everywhere")
def test_a_read_only_folder(course: Path) -> None:
    """The same with a real one."""
    course.chmod(stat.S_IRUSR | stat.S_IXUSR)
    try:
        assert "cannot be written" in " ".join(check(NAME, WRONG).notes)
    finally:
        course.chmod(stat.S_IRWXU)


def test_a_manifest_that_is_a_link_is_none(folder: Path, tmp_path: Path) -> None:
    """Nobody makes us write by a link."""
    if sys.platform == "win32":
        pytest.skip("links need a right there")
    (tmp_path / "other").write_text("{}", encoding="utf-8")
    (folder / MANIFEST).symlink_to(tmp_path / "other")
    assert Store.here().folder is None


def test_hints_come_one_after_the_other_and_then_all() -> None:
    """Three steps, and the fourth call shows all three."""
    shown = [repr(hint(NAME)) for _ in range(4)]
    assert ["Hint 1 of 3", "Hint 2 of 3", "Hint 3 of 3"] == [text[:11] for text in shown[:3]]
    assert all(f"\n{number}. " in shown[3] for number in (1, 2, 3))


def test_the_solution_waits_for_three_tries() -> None:
    """Before, the text says what is missing."""
    assert "after 3 more tries" in solution(NAME).text
    check(NAME, WRONG)
    check(NAME, ...)  # no try
    assert "after 2 more tries" in solution(NAME).text
    check(NAME, WRONG)
    assert "after one more try" in solution(NAME).text
    assert "" == solution(NAME).code
    third = check(NAME, WRONG)
    assert "[0, 1, 3, -15]" == solution(NAME).code == third.solution


def test_success_opens_the_solution() -> None:
    """At the first try as well."""
    assert "[0, 1, 3, -15]" == check(NAME, RIGHT).solution == solution(NAME).code
