"""A report goes where it was asked to, whole or not at all, and never over anything that is not a report of ours."""

from pathlib import Path

import pytest
from builders import make_results, make_rounds

from parlab.errors import InputError
from parlab.report import check_place, is_ours, page, save


@pytest.fixture(scope="module")
def text() -> str:
    return page(make_results(make_rounds(6)))


def test_a_report_is_written_and_may_be_made_again(tmp_path: Path, text: str) -> None:
    """The file is the page, in UTF-8, and parlab knows it as its own."""
    place = tmp_path / "report.HTML"
    for _ in range(2):
        save(text, place)
    assert text == place.read_text(encoding="utf-8")
    assert is_ours(place)
    assert [place] == list(tmp_path.iterdir())


@pytest.mark.parametrize("name", ["report", "report.htm", "report.pdf", ".html", ""])
def test_only_html(name: str, tmp_path: Path) -> None:
    """Another ending is refused with the one that is right."""
    with pytest.raises(InputError, match=r"Write report\.html"):
        check_place(tmp_path / name)


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"<!DOCTYPE html><title>my work</title>", "exists already and is no report of parlab"),
        (b"", "exists already and is no report of parlab"),
        (b" " * 5000 + b'<meta name="generator" content="parlab report">', "is no report of parlab"),
    ],
)
def test_what_is_not_ours_stays(content: bytes, told: str, tmp_path: Path, text: str) -> None:
    """A page of the user's own is refused with its name, and is as it was."""
    place = tmp_path / "mine.html"
    place.write_bytes(content)
    with pytest.raises(InputError, match=told):
        save(text, place)
    assert content == place.read_bytes()


def test_places_that_cannot_be(tmp_path: Path) -> None:
    """No folder, a folder of that name, and the result file itself."""
    (tmp_path / "folder.html").mkdir()
    source = tmp_path / "results.html"
    source.write_bytes(b"{}")
    for place, told in (
        (tmp_path / "nowhere" / "report.html", "There is no folder .*nowhere"),
        (tmp_path / "folder.html", "is a folder. Name a file in it"),
        (source, "is the result file itself"),
    ):
        with pytest.raises(InputError, match=told):
            check_place(place, source)


def test_a_link_to_nothing_is_not_followed(tmp_path: Path) -> None:
    """Something stands there, and it is no report."""
    place = tmp_path / "report.html"
    try:
        place.symlink_to(tmp_path / "elsewhere.html")
    except OSError:
        pytest.skip("links are not allowed here")
    with pytest.raises(InputError, match="is no report of parlab"):
        check_place(place)


def test_a_full_disk_leaves_the_old_report(tmp_path: Path, text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was there stays, nothing half is left, and the message says why."""
    place = tmp_path / "report.html"
    save(text, place)

    def full(path: Path, *_given: object, **_more: object) -> None:
        path.write_bytes(b"half")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_text", full)
    with pytest.raises(InputError, match="cannot be written: No space left on device"):
        save("other", place)
    assert {place: text.encode()} == {one: one.read_bytes() for one in tmp_path.iterdir()}
