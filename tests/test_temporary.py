"""Private temporary folders: nobody else may enter them, and they go, whoever dies."""

import os
import shutil
import stat
import sys
import tempfile
from pathlib import Path

import marks
import pytest

from parlab import owners
from parlab.temporary import (
    leftovers,
    new_folder,
    new_place_for_sockets,
    private_folder,
    remove_files,
    remove_folder,
    sweep_leftovers,
)


@pytest.fixture(autouse=True)
def _own_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep what other programs do in the temporary folder out of these tests."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))


def test_it_is_private_and_goes_with_everything_in_it(tmp_path: Path) -> None:
    """Mode 0700 inside the block; nothing after it."""
    with private_folder() as folder:
        assert 0o700 == stat.S_IMODE(folder.stat().st_mode)
        assert tmp_path == folder.parent
        (folder / "deep").mkdir()
        (folder / "deep" / "file").write_text("text")
    assert [] == list(tmp_path.iterdir())


@pytest.mark.parametrize("ending", [RuntimeError, KeyboardInterrupt, SystemExit])
def test_it_goes_however_the_block_ends(tmp_path: Path, ending: type[BaseException]) -> None:
    """An error, an interrupt and an exit remove it too."""
    with pytest.raises(ending), private_folder() as folder:
        (folder / "file").write_text("text")
        raise ending
    assert [] == list(tmp_path.iterdir())


def test_an_interrupt_while_it_is_made_leaves_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The folder is there, and nobody knows yet that it is."""
    make = os.mkdir

    def make_and_be_interrupted(*arguments: object) -> None:
        make(*arguments)
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "mkdir", make_and_be_interrupted)
    for make_one in (new_folder, private_folder().__enter__):
        with pytest.raises(KeyboardInterrupt):
            make_one()
    assert [] == list(tmp_path.iterdir())


def test_an_interrupt_while_it_is_removed_leaves_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody would come back to it as long as this process lives."""
    remove, times = shutil.rmtree, []

    def be_interrupted_once(folder: Path, **options: bool) -> None:
        times.append(folder)
        if len(times) == 1:
            raise KeyboardInterrupt
        remove(folder, **options)

    monkeypatch.setattr(shutil, "rmtree", be_interrupted_once)
    with pytest.raises(KeyboardInterrupt), private_folder():
        pass
    assert [] == list(tmp_path.iterdir())


def test_one_that_is_gone_already_is_no_error() -> None:
    """Somebody else may have tidied up."""
    with private_folder() as folder:
        folder.rmdir()


def test_its_name_tells_who_made_it() -> None:
    """Our prefix and the mark of this process, so that a crash leaves no riddle."""
    assert new_folder().name.startswith(f"parlab-private-{owners.mark()}-")


def folder_of(mark: str) -> Path:
    """Make a private folder as the process of that mark would."""
    return Path(tempfile.mkdtemp(prefix=f"parlab-private-{mark}-"))


def test_only_dead_peoples_folders_are_swept(tmp_path: Path) -> None:
    """A dead process's folder goes at once; living processes', other containers' and other programs' stay."""
    dead = marks.of_a_dead_process()
    gone, alive = folder_of(dead), folder_of(owners.mark())
    container = folder_of(marks.of_another_namespace(int(dead.partition("-")[0])))
    foreign = [
        tmp_path / name
        for name in (f"parlab-{dead}-results", f"parlab-private-{dead}-mine", f"parlab-private-{dead}-abcdefgh-old")
    ]
    for folder in foreign:
        folder.mkdir()
    (gone / "deep").mkdir()
    (gone / "deep" / "part-00000.parquet").write_text("text")
    sweep_leftovers()
    assert [False, True, True, True, True, True] == [one.exists() for one in (gone, alive, container, *foreign)]


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere no container shares the folder")
def test_another_containers_folder_is_never_swept() -> None:
    """However old: a sweep may run for days where nobody here sees it."""
    folder = folder_of(marks.of_another_namespace(int(marks.of_a_dead_process().partition("-")[0])))
    os.utime(folder, (1, 1))
    sweep_leftovers()
    assert folder.exists()


def test_a_new_folder_sweeps_first() -> None:
    """What a killed process left may be what fills the disk."""
    gone = folder_of(marks.of_a_dead_process())
    new_folder()
    assert not gone.exists()


def test_a_link_is_not_followed(tmp_path: Path) -> None:
    """Who puts a link or a file of our form of name there does not get another folder emptied, and loses neither."""
    precious = tmp_path / "precious"
    precious.mkdir()
    (precious / "file").write_text("text")
    dead = marks.of_a_dead_process()
    link, file = (tmp_path / f"parlab-private-{dead}-{ending}" for ending in ("abcdefgh", "ijklmnop"))
    link.symlink_to(precious)
    file.write_text("text")
    sweep_leftovers()
    assert (precious / "file").exists()
    assert link.is_symlink()
    assert file.exists()


@pytest.mark.skipif(sys.platform == "win32" or os.geteuid() != 0, reason="only root can give a folder away")
def test_another_users_folder_is_left_alone() -> None:
    """Its owner's own sweep removes it, and it is not counted as ours."""
    folder = folder_of(marks.of_a_dead_process())
    os.chown(folder, 65534, 65534)
    sweep_leftovers()
    assert folder.exists()
    assert [] == leftovers()


def test_leftovers_are_told_with_their_size() -> None:
    """Every folder of ours is listed, with its content's size, its maker and whether that one is dead."""
    dead = marks.of_a_dead_process()
    gone, alive = folder_of(dead), folder_of(owners.mark())
    (gone / "file").write_bytes(bytes(1000))
    found = {one.name: (one.bytes, one.owner, one.dead) for one in leftovers()}
    assert {gone.name: (1000, dead, True), alive.name: (0, owners.mark(), False)} == found


def test_no_place_for_temporary_files_is_no_error(monkeypatch: pytest.MonkeyPatch) -> None:
    """A sweep on threads needs none; who does says so."""

    def nowhere() -> str:
        raise FileNotFoundError

    monkeypatch.setattr(tempfile, "gettempdir", nowhere)
    sweep_leftovers()
    assert [] == leftovers()


def test_every_file_goes_whatever_else_is_there(tmp_path: Path) -> None:
    """What cannot be removed, here folders, keeps no file from going: pages of one trial must not speak in the next."""
    for number in range(20):
        (tmp_path / f"{number}.page").touch()
        (tmp_path / f"{number}").mkdir()
    remove_files(str(tmp_path))
    assert {str(number) for number in range(20)} == {one.name for one in tmp_path.iterdir()}


def test_a_place_for_sockets_goes_with_its_folder(tmp_path: Path) -> None:
    """The private folder says where it is."""
    folder = new_folder()
    assert Path(new_place_for_sockets(str(folder))).is_dir()
    remove_folder(folder)
    assert [] == list(tmp_path.iterdir())


@pytest.mark.skipif(os.name != "posix", reason="sockets have no such paths there")
def test_a_place_for_sockets_is_short_where_the_usual_one_is_long(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ray's longest name below it still fits into a socket's path, and it is removed and swept all the same."""
    usual = tmp_path / ("long" * 20)
    usual.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(usual))
    longest = "session_2026-11-26_21-31-00_403756_4194304/sockets/plasma_store"
    for remove in (remove_folder, _kill_the_owner_and_sweep):
        folder = new_folder()
        place = Path(new_place_for_sockets(str(folder)))
        assert 103 >= len(os.fsencode(place / longest))
        assert 0o700 == stat.S_IMODE(place.stat().st_mode)
        remove(folder)
        assert ([], False) == (list(usual.iterdir()), place.exists())


def _kill_the_owner_and_sweep(folder: Path) -> None:
    folder.rename(folder.with_name(folder.name.replace(owners.mark(), marks.of_a_dead_process())))
    sweep_leftovers()


def test_a_place_that_cannot_be_noted_is_not_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """On a full disk, say: nobody would sweep it."""
    monkeypatch.setattr("parlab.temporary._LONGEST_PLACE", 1000)
    with pytest.raises(FileNotFoundError):
        new_place_for_sockets(str(tmp_path / "missing"))
    assert [] == list(tmp_path.iterdir())
