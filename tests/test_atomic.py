"""A file is replaced whole or not at all, whatever ends the writing."""

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from parlab.atomic import replacing

POSIX_ONLY = pytest.mark.skipif(os.name != "posix", reason="permissions, limits and pipes of POSIX")

FULL_DISK = """
import errno, resource, sys
from pathlib import Path
from parlab.atomic import replacing
resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
try:
    with replacing(Path(sys.argv[1])) as place:
        place.write_bytes(bytes(100_000))
except OSError as problem:
    print(problem.errno == errno.EFBIG)
"""


def test_the_new_file_takes_the_place_of_the_old(tmp_path: Path) -> None:
    """While it is written the old one is there as it was; afterwards only the new one is."""
    path = tmp_path / "chart.png"
    path.write_text("old")
    with replacing(path) as place:
        place.write_text("new")
        assert "old" == path.read_text()
        assert (tmp_path, ".png") == (place.parent, place.suffix)
    assert "new" == path.read_text()
    assert [path] == list(tmp_path.iterdir())


def test_a_file_that_was_not_there(tmp_path: Path) -> None:
    """It appears when it is complete."""
    path = tmp_path / "chart.svg"
    with replacing(path) as place:
        place.write_text("new")
        assert not path.exists()
    assert "new" == path.read_text()


@pytest.mark.parametrize("there", [True, False])
@pytest.mark.parametrize("ending", [RuntimeError, OSError, KeyboardInterrupt, SystemExit, GeneratorExit])
def test_a_failure_changes_nothing(tmp_path: Path, ending: type[BaseException], *, there: bool) -> None:
    """Whatever ends the block, the old file stays as it was and no other one stays."""
    path = tmp_path / "chart.png"
    if there:
        path.write_text("old")
    with pytest.raises(ending), replacing(path) as place:
        place.write_text("half")
        raise ending
    assert ["old"] * there == [one.read_text() for one in tmp_path.iterdir()]


@POSIX_ONLY
def test_a_full_disk_changes_nothing(tmp_path: Path) -> None:
    """A file that cannot be written to its end leaves the old one, and nothing half."""
    path = tmp_path / "chart.png"
    path.write_text("old")
    done = subprocess.run(
        [sys.executable, "-c", FULL_DISK, path], capture_output=True, text=True, timeout=60, check=True
    )
    assert "True\n" == done.stdout
    assert ["old"] == [one.read_text() for one in tmp_path.iterdir()]


def test_a_place_that_vanished_is_told(tmp_path: Path) -> None:
    """Who removes the file that is being written gets an error, and keeps the old one."""
    path = tmp_path / "chart.png"
    path.write_text("old")
    with pytest.raises(FileNotFoundError), replacing(path) as place:
        place.unlink()
    assert "old" == path.read_text()


@POSIX_ONLY
@pytest.mark.parametrize("mode", [0o600, 0o640, 0o644, 0o666])
def test_permissions_stay(tmp_path: Path, mode: int) -> None:
    """A replaced file keeps its permissions, and one that is new gets those that open would give."""
    old, new, opened = (tmp_path / name for name in ("old", "new", "opened"))
    old.touch()
    old.chmod(mode)
    umask = os.umask(0o027)
    try:
        opened.write_text("text")
        for path in (old, new):
            with replacing(path) as place:
                place.write_text("text")
    finally:
        os.umask(umask)
    assert [mode, 0o640, 0o640] == [stat.S_IMODE(path.stat().st_mode) for path in (old, new, opened)]


@POSIX_ONLY
def test_a_link_stays_a_link(tmp_path: Path) -> None:
    """What it leads to is replaced, in its own folder."""
    (tmp_path / "folder").mkdir()
    path, link = tmp_path / "folder" / "chart.png", tmp_path / "link.png"
    link.symlink_to(path)
    for text in ("first", "second"):
        with replacing(link) as place:
            place.write_text(text)
        assert text == path.read_text()
    assert link.is_symlink()


@POSIX_ONLY
def test_a_device_is_not_replaced() -> None:
    """What is no ordinary file is written to, not put aside."""
    with replacing(Path(os.devnull)) as place:
        place.write_text("text")
    assert stat.S_ISCHR(Path(os.devnull).stat().st_mode)


def test_a_protected_file_is_not_replaced(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who may not write a file does not get round it by a rename, which asks the folder alone."""
    path = tmp_path / "chart.png"
    path.write_text("old")
    monkeypatch.setattr(os, "access", lambda *_given: False)  # root may write everything
    with pytest.raises(PermissionError, match="chart.png"), replacing(path):
        pytest.fail("there is nothing to write to")
    assert ["old"] == [one.read_text() for one in tmp_path.iterdir()]


def test_a_missing_folder_is_told(tmp_path: Path) -> None:
    """Nothing is made where nothing is."""
    with pytest.raises(FileNotFoundError), replacing(tmp_path / "missing" / "chart.png"):
        pass
    assert [] == list(tmp_path.iterdir())


def test_a_place_without_permissions_keeps_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Some shared folders let nobody change permissions: that is told, and the unfinished file is removed."""

    def chmod(_path: Path, _mode: int) -> None:
        raise PermissionError(1, "Operation not permitted")

    path = tmp_path / "chart.png"
    path.write_text("old")
    monkeypatch.setattr(Path, "chmod", chmod)
    with pytest.raises(PermissionError, match="not permitted"), replacing(path):
        pytest.fail("it was yielded")
    assert ["old"] == [one.read_text() for one in tmp_path.iterdir()]
