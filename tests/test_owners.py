"""A mark names the process that made a thing, and only what is known to be dead is called dead."""

import os
import re
import subprocess
import sys
from pathlib import Path

import marks
import pytest

from parlab import owners

LINUX_ONLY = pytest.mark.skipif(sys.platform != "linux", reason="only Linux has namespaces of processes")


def test_a_mark_names_this_process() -> None:
    """It begins with the process number, has the form that sweeps look for, and is from here and alive."""
    mark = owners.mark()
    assert str(os.getpid()) == mark.partition("-")[0]
    assert re.fullmatch(owners.MARK, mark)
    assert (True, False) == (owners.is_from_here(mark), owners.dead(mark))


def test_a_child_has_another_number_and_the_same_namespace() -> None:
    """Processes that see each other have marks that differ in the number alone."""
    code = "import os; from parlab import owners; print(os.getpid(), owners.mark())"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)
    number, mark = done.stdout.split()
    assert marks.with_number(int(number)) == mark
    assert owners.dead(mark)


def test_a_process_that_ended_is_dead() -> None:
    """Its mark is from here, and nobody has its number."""
    mark = marks.of_a_dead_process()
    assert (True, True) == (owners.is_from_here(mark), owners.dead(mark))


@LINUX_ONLY
def test_a_zombie_is_dead() -> None:
    """A process that has ended and that nobody has waited for does nothing any more."""
    process = subprocess.Popen([sys.executable, "-c", ""])
    os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)  # it has ended now and stays a zombie
    try:
        assert owners.dead(marks.with_number(process.pid))
    finally:
        process.wait()


@LINUX_ONLY
def test_nobody_of_another_namespace_is_called_dead() -> None:
    """Whether another container's process lives cannot be seen from here, whoever has its number here."""
    number = int(marks.of_a_dead_process().partition("-")[0])
    mark = marks.of_another_namespace(number)
    assert (False, False) == (owners.is_from_here(mark), owners.dead(mark))


@LINUX_ONLY
def test_another_machine_is_another_namespace(monkeypatch: pytest.MonkeyPatch) -> None:
    """The first namespace has the same number on every Linux: machines that share a folder differ by their names."""
    mark = marks.of_a_dead_process()
    elsewhere = os.uname_result(("Linux", "another-node", *os.uname()[2:]))
    monkeypatch.setattr(os, "uname", lambda: elsewhere)
    assert (False, False) == (owners.is_from_here(mark), owners.dead(mark))


@LINUX_ONLY
@pytest.mark.parametrize("place", ["missing", "of another namespace"])
def test_where_nothing_can_be_known_nobody_is_dead(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, place: str) -> None:
    """Without /proc, or with one that shows other processes than ours, a mark is still made and no one is dead."""
    proc_self = tmp_path / "self"
    if place != "missing":
        (tmp_path / "1" / "ns").mkdir(parents=True)
        (tmp_path / "1" / "ns" / "pid").touch()
        proc_self.symlink_to("1")
    before = marks.of_a_dead_process()
    monkeypatch.setattr(owners, "_PROC_SELF", proc_self)
    assert f"{os.getpid()}-0" == owners.mark()
    assert [False, False] == [owners.dead(mark) for mark in (before, f"{before.partition('-')[0]}-0")]


@pytest.mark.parametrize("error", [PermissionError, FileNotFoundError])
@LINUX_ONLY
def test_who_may_not_be_looked_at_is_alive(monkeypatch: pytest.MonkeyPatch, error: type[OSError]) -> None:
    """Another user's process, or one whose state is hidden, is there."""

    def refuse(*_given: object) -> None:
        raise error

    mark = marks.of_a_dead_process()
    monkeypatch.setattr(os, "kill", refuse)
    assert not owners.dead(mark)


@pytest.mark.parametrize("text", ["", "notes", "0-0", "-1-0", "1234", "1234-", "1234-XYZ", "9999999999-0", "1-0/../2"])
def test_what_is_no_mark_is_never_dead(text: str) -> None:
    """Other people's names are not read as marks."""
    assert (False, False) == (owners.is_from_here(text), owners.dead(text))
