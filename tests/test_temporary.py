"""Private temporary folders: nobody else may enter them, and they go, whoever dies."""

import os
import stat
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from parlab.temporary import new_folder, private_folder, sweep_leftovers


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


def test_one_that_is_gone_already_is_no_error() -> None:
    """Somebody else may have tidied up."""
    with private_folder() as folder:
        folder.rmdir()


def test_its_name_tells_who_made_it() -> None:
    """Our prefix and the process number, so that a crash leaves no riddle."""
    assert new_folder().name.startswith(f"parlab-private-{os.getpid()}-")


def test_only_dead_peoples_folders_are_swept(tmp_path: Path) -> None:
    """An old folder of a process that is gone goes; young ones, living processes' and other programs' stay."""
    dead = _dead()
    gone, young = (Path(tempfile.mkdtemp(prefix=f"parlab-private-{dead}-")) for _ in range(2))
    alive = Path(tempfile.mkdtemp(prefix=f"parlab-private-{os.getpid()}-"))
    foreign = [tmp_path / name for name in (f"parlab-{dead}-results", f"parlab-private-{dead}-mine")]
    for folder in foreign:
        folder.mkdir()
    (gone / "part-00000.parquet").write_text("text")
    for folder in (gone, alive, *foreign):
        os.utime(folder, (1, 1))
    sweep_leftovers()
    assert [False, True, True, True, True] == [one.exists() for one in (gone, young, alive, *foreign)]


def test_a_link_is_not_followed(tmp_path: Path) -> None:
    """Who puts a link of our form of name there does not get another folder emptied."""
    precious = tmp_path / "precious"
    precious.mkdir()
    (precious / "file").write_text("text")
    link = tmp_path / f"parlab-private-{_dead()}-abcdefgh"
    link.symlink_to(precious)
    os.utime(link, (1, 1), follow_symlinks=False)
    sweep_leftovers()
    assert (precious / "file").exists()


def _dead() -> int:
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    return process.pid
