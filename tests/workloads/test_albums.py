"""Photographs to practise on: made here and removed, or the user's own, which are never changed."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from parlab.errors import InputError
from parlab.workloads import albums
from parlab.workloads.photos import Photo, decoded


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Sample photographs are small, and the current folder is an empty one."""
    monkeypatch.setattr(albums, "SIDE", 40)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def files(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def own(folder: Path, *names: str) -> Path:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        Image.new("RGB", (8, 6)).save(folder / name)
    return folder


def test_samples_differ_and_one_is_broken(small: Path) -> None:
    """As many as wanted, sorted; no two alike; number 7 alone cannot be read, and that is the same each time."""
    album = albums.open_album(most=9)
    try:
        assert [f"photo_{number:04}.jpg" for number in range(9)] == [Path(one).name for one in album.pictures]
        assert 9 == len(set(files(album.folder).values()))
        broken = [place for place, one in enumerate(album.pictures) if not readable(one)]
        assert [albums.BROKEN] == broken
        with Image.open(album.pictures[0]) as first:
            assert (40, 40) == first.size
    finally:
        album.close()


def readable(path: str) -> bool:
    try:
        decoded(Photo(path))
    except InputError:
        return False
    return True


def test_what_was_made_is_removed(small: Path) -> None:
    """Photographs and thumbnails lie in one private folder, and it goes as a whole; the current folder stays empty."""
    album = albums.open_album(most=2)
    target = Path(album.jobs()[0].target)
    target.parent.mkdir()
    target.touch()
    album.close()
    assert album.made is not None
    assert not album.made.exists()
    assert [] == list(small.iterdir())


def test_nothing_is_left_when_making_fails(small: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An error on the way removes what was made until then."""
    made = []

    def seen(folder: Path, count: int) -> list[str]:
        made.append(folder)
        folder.mkdir()
        raise OSError("the disk is full")

    monkeypatch.setattr(albums, "write_samples", seen)
    with pytest.raises(OSError, match="full"):
        albums.open_album(most=2)
    assert not made[0].parent.exists()


def test_own_photographs_stay_as_they_are(small: Path) -> None:
    """They are listed up to the number wanted, thumbnails go beside the notebook, and closing removes nothing."""
    folder = own(small / "own", "b.jpg", "deep/a.png", "c.jpg")
    before = files(folder)
    album = albums.open_album(folder, most=2)
    album.close()
    assert ["b.jpg", "c.jpg"] == [Path(one).name for one in album.pictures]
    assert small / "parlab-thumbnails" == album.results
    assert before == files(folder)


def test_no_two_thumbnails_share_a_name(small: Path) -> None:
    """Pictures of one name in several folders or formats keep apart, and folders inside the folder are kept."""
    folder = own(small / "own", "a.jpg", "a.png", "a.jpeg", "b/a.jpg")
    targets = [Path(job.target) for job in albums.open_album(folder, most=9).jobs("x")]
    inside = [str(target.relative_to(small / "parlab-thumbnails" / "x")) for target in targets]
    assert {"a.jpg", "a.png.jpg", "a.jpeg.jpg", str(Path("b", "a.jpg"))} == set(inside)


def test_thumbnails_are_no_photographs(small: Path) -> None:
    """Where results lie inside the folder, a second run does not make thumbnails of thumbnails."""
    own(small, "a.jpg", "parlab-thumbnails/kept/a.jpg")
    assert [str(small / "a.jpg")] == list(albums.open_album(small, most=9).pictures)
    (small / "a.jpg").unlink()
    with pytest.raises(InputError, match="only thumbnails"):
        albums.open_album(small)


def test_some_are_drawn_in_their_order() -> None:
    """As many as wanted or as there are, none twice, and the same each time."""
    names = [f"{number:02}" for number in range(20)]
    drawn = albums.some(names, 5)
    assert 5 == len(set(drawn))
    assert sorted(drawn) == drawn == albums.some(names, 5)
    assert names == albums.some(names, 99)


def test_a_poster_is_a_big_grey_picture(tmp_path: Path) -> None:
    """Twice as high and as wide, from black to white as 32-bit numbers."""
    picture = Image.new("RGB", (6, 4), "white")
    picture.paste("black", (0, 0, 3, 4))
    picture.save(tmp_path / "a.png")
    big = albums.poster(str(tmp_path / "a.png"))
    assert ((8, 12), np.float32) == (big.shape, big.dtype)
    assert (0, 1) == (big[0, 0], big[0, -1])
