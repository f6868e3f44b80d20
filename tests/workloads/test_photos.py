"""Thumbnails of photographs: real files, real decoding."""

import io
import struct
import subprocess
import sys
import zlib
from pathlib import Path

import pytest
from PIL import Image

from parlab.errors import InputError
from parlab.workloads.photos import (
    FORMATS,
    Photo,
    combine,
    decoded,
    items,
    make_thumbnail,
    pictures_in,
    sample_photograph,
)

ORIENTATION = 0x0112


def picture(path: Path, size: tuple[int, int] = (80, 60), mode: str = "RGB", exif: bytes = b"") -> Path:
    """Write a picture whose left half is bright and whose right half is dark."""
    path.parent.mkdir(parents=True, exist_ok=True)
    image = Image.new("L", size, 20)
    image.paste(235, (0, 0, size[0] // 2, size[1]))
    if mode == "P":
        image.convert("P").save(path)
    elif exif:
        image.convert(mode).save(path, exif=exif)
    else:
        image.convert(mode).save(path)
    return path


def exif_of(*entries: tuple[int, int, int, bytes]) -> bytes:
    """Write EXIF data by hand: tag, type, count and value of each entry."""
    body = struct.pack("<H", len(entries)) + b"".join(struct.pack("<HHI4s", *entry) for entry in entries) + bytes(4)
    return b"Exif\0\0II*\0\x08\0\0\0" + body


TURNED = (ORIENTATION, 3, 1, b"\x06\0\0\0")  # the camera was held upright: turn by 90 degrees


def shown(photo: Photo) -> Image.Image:
    return Image.open(io.BytesIO(make_thumbnail(photo).jpeg))


def test_a_thumbnail_is_a_small_jpeg() -> None:
    """Each crop of the sample photograph becomes a JPEG of at most 160 x 160 pixels that can be decoded."""
    for photo in items(4, seed=1):
        image = shown(photo)
        image.load()
        assert (image.format, image.mode) == ("JPEG", "RGB")
        assert max(image.size) == 160


def test_a_thumbnail_shows_the_picture(tmp_path: Path) -> None:
    """What was bright at the left is bright at the left of the thumbnail, and its sides keep their ratio."""
    image = shown(Photo(str(picture(tmp_path / "a.png", (800, 400))))).convert("L")
    assert image.size == (160, 80)
    assert image.getpixel((40, 40)) > 220
    assert image.getpixel((120, 40)) < 40


def test_a_crop_is_what_is_shown(tmp_path: Path) -> None:
    """With a box only that part of the picture is worked on."""
    path = str(picture(tmp_path / "a.png", (800, 400)))
    image = shown(Photo(path, (400, 0, 800, 400))).convert("L")
    assert image.size == (160, 160)
    assert image.getpixel((5, 80)) < 40


def test_the_same_seed_gives_the_same_items() -> None:
    """Seed and number alone decide; a larger number begins with the same crops."""
    assert items(8, seed=5) == items(8, seed=5)
    assert items(4, seed=5) == items(8, seed=5)[:4]
    assert items(8, seed=5) != items(8, seed=6)


def test_the_crops_differ_and_lie_inside() -> None:
    """No two of a few crops are alike, each is a square of half the picture's side at least, inside the picture."""
    with Image.open(sample_photograph()) as sample:
        width, height = sample.size
    boxes = [photo.box for photo in items(16)]
    assert len(set(boxes)) == 16
    for box in boxes:
        assert box is not None
        left, upper, right, lower = box
        assert 0 <= left < right <= width
        assert 0 <= upper < lower <= height
        assert min(width, height) // 2 <= right - left == lower - upper


def test_the_same_photograph_gives_the_same_bytes() -> None:
    """The answer can be compared: equal items give an equal digest, another order another one."""
    thumbnails = [make_thumbnail(photo) for photo in items(3)]
    again = [make_thumbnail(photo) for photo in items(3)]
    assert combine(thumbnails) == combine(again)
    assert combine(thumbnails) != combine(thumbnails[::-1])
    assert combine(thumbnails)[0] == 3


def test_a_folder_is_searched_with_all_below(tmp_path: Path) -> None:
    """Pictures of every kind are found, in subfolders too, sorted; other files and folders are left alone."""
    names = ["a.jpg", "b/C.PNG", "b/deep/d.webp", "e.jpeg", "f.tiff"]
    for name in names:
        picture(tmp_path / name)
    (tmp_path / "notes.txt").write_text("no picture")
    (tmp_path / "folder.jpg").mkdir()
    assert [str(tmp_path / name) for name in names] == [photo.path for photo in items(100, folder=str(tmp_path))]
    assert all(max(shown(photo).size) == 160 for photo in items(100, folder=str(tmp_path)))


def test_a_folder_gives_at_most_as_many_as_wanted(tmp_path: Path) -> None:
    """The size limits how many pictures of a folder are taken."""
    for name in ("a.png", "b.png", "c.png"):
        picture(tmp_path / name)
    assert len(items(2, folder=str(tmp_path))) == 2


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA"])
def test_every_kind_of_png(tmp_path: Path, mode: str) -> None:
    """Bilevel, grey, palette and transparent pictures become ordinary thumbnails."""
    assert shown(Photo(str(picture(tmp_path / "a.png", mode=mode)))).size == (160, 120)


def test_a_turned_camera(tmp_path: Path) -> None:
    """A photograph whose EXIF data says that it lies on its side is set upright: bright is above, not at the left."""
    image = shown(Photo(str(picture(tmp_path / "a.jpg", (80, 40), exif=exif_of(TURNED))))).convert("L")
    assert image.size == (80, 160)
    assert image.getpixel((40, 40)) > 220
    assert image.getpixel((40, 120)) < 40


def refusal(path: Path) -> str:
    with pytest.raises(InputError) as caught:
        make_thumbnail(Photo(str(path)))
    return str(caught.value)


@pytest.mark.parametrize("content", [b"", b"just text\n", b"\xff\xd8\xff\xe0 broken", b"\x89PNG\r\n\x1a\n" + bytes(40)])
def test_what_is_no_picture_is_named(tmp_path: Path, content: bytes) -> None:
    """A text file called .jpg is refused, and the text names it and what to do."""
    path = tmp_path / "holiday.jpg"
    path.write_bytes(content)
    assert str(path) in refusal(path)
    assert "--on-error skip" in refusal(path)


@pytest.mark.parametrize("name", ["a.jpg", "a.png", "a.webp", "a.tiff"])
def test_half_a_picture_is_named(tmp_path: Path, name: str) -> None:
    """A picture that was cut off is refused by its name."""
    with Image.open(sample_photograph()) as sample:
        sample.resize((300, 300)).save(tmp_path / name)
    content = (tmp_path / name).read_bytes()
    (tmp_path / name).write_bytes(content[: len(content) // 2])
    assert name in refusal(tmp_path / name)


@pytest.mark.parametrize("size", [(20_000, 20_000), (2**31 - 1, 1)])
def test_a_picture_that_claims_to_be_huge_is_named(tmp_path: Path, size: tuple[int, int]) -> None:
    """Some bytes that claim more pixels than Pillow allows are refused before anything is decoded."""
    head = b"IHDR" + struct.pack(">IIBBBBB", *size, 8, 2, 0, 0, 0)
    body = b"".join(
        struct.pack(">I", len(one) - 4) + one + struct.pack(">I", zlib.crc32(one)) for one in (head, b"IDAT", b"IEND")
    )
    path = tmp_path / "bomb.png"
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + body)
    assert "exceeds limit" in refusal(path)
    assert str(path) in refusal(path)


def test_another_kind_of_picture_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Pillow would start Ghostscript for this one, whatever its name says: its decoder is not even tried."""
    path = tmp_path / "a.jpg"
    Image.new("RGB", (8, 8)).save(path, "EPS")
    tried: list[object] = []
    monkeypatch.setitem(Image.OPEN, "EPS", (lambda *given: tried.append(given), None))
    expected = "it holds no JPEG, PNG, TIFF, WEBP, BMP, GIF, and nothing else is read"
    assert expected in refusal(path)
    with pytest.raises(InputError, match=expected):
        decoded(Photo(str(path)), path.read_bytes())
    assert not tried


def test_a_photograph_loads_no_other_decoders() -> None:
    """Every worker would pay for all of Pillow's, before its first task."""
    program = (
        "import sys; from parlab.workloads.photos import *; make_thumbnail(Photo(str(sample_photograph())));"
        "print([name for name in sys.modules if name.startswith('PIL.') and name.endswith('ImagePlugin')])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert "JpegImagePlugin" in done.stdout
    assert "EpsImagePlugin" not in done.stdout


@pytest.mark.parametrize("kind", [*FORMATS, "MPO"])
def test_a_name_may_be_wrong(tmp_path: Path, kind: str) -> None:
    """What a file holds decides, not what its name ends in."""
    path = tmp_path / "a.jpg"
    more = {"save_all": True, "append_images": [Image.new("RGB", (8, 8))]} if kind == "MPO" else {}
    Image.new("RGB", (8, 8)).save(path, kind, **more)
    assert shown(Photo(str(path))).size == (160, 160)


def test_a_missing_picture_is_named(tmp_path: Path) -> None:
    """A file that went away between listing and reading is refused by its name."""
    assert "gone.jpg" in refusal(tmp_path / "gone.jpg")


def told(path: Path) -> str:
    """Return the name on the thumbnail, or what parlab says about the file."""
    try:
        return make_thumbnail(Photo(str(path))).path
    except InputError as problem:
        return str(problem)


def test_broken_exif_data_is_named_or_ignored(tmp_path: Path) -> None:
    """EXIF data of a wrong type gives a thumbnail or an error that names the file, never one of Pillow's own."""
    path = picture(tmp_path / "a.jpg", (80, 40), exif=exif_of(TURNED, (0x011A, 2, 4, b"abc\0")))
    assert str(path) in told(path)


@pytest.mark.parametrize("size", [(1, 1), (2_000, 1), (1, 2_000), (1_000, 3)])
def test_thin_pictures(tmp_path: Path, size: tuple[int, int]) -> None:
    """A line one pixel thin is a picture too, and its thumbnail has at least one pixel each way."""
    width, height = shown(Photo(str(picture(tmp_path / "line.png", size)))).size
    assert 1 <= min(width, height) <= max(width, height) <= 160


def test_an_empty_folder_is_refused(tmp_path: Path) -> None:
    """A folder without a picture is refused, and the text says what was looked for."""
    (tmp_path / "notes.txt").write_text("no picture")
    with pytest.raises(InputError, match=r"holds no image.*\.jpg.*subfolders too"):
        pictures_in(tmp_path)


@pytest.mark.parametrize("name", ["missing", "file.jpg"])
def test_a_missing_folder_is_refused(tmp_path: Path, name: str) -> None:
    """A folder that is not there, or is a file, is refused by its name."""
    picture(tmp_path / "file.jpg")
    with pytest.raises(InputError, match=f"There is no folder.*{name}"):
        items(1, folder=str(tmp_path / name))
