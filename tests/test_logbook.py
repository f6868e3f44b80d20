"""The pages on which workers note what they do: readable after any end, capped, and done without where they fail."""

import errno
import multiprocessing
import os
import struct
import sys
import threading
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from parlab import logbook
from parlab.logbook import MOST_PRINTED_BYTES, Entry, Page, clear, page_of, read

HERE = (os.getpid(), 5)


@pytest.fixture
def page(tmp_path: Path) -> Iterator[Page]:
    """A page in a logbook of one."""
    made = Page(tmp_path / f"{os.getpid()}-5.page")
    yield made
    made.close()


@pytest.fixture(autouse=True)
def _own_pages(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Begin without pages, and close those that were opened."""
    monkeypatch.setattr(logbook, "_pages", {})
    yield
    for page in logbook._pages.values():
        page.close()


def test_a_page_names_the_task_that_runs(tmp_path: Path, page: Page) -> None:
    """Begun, printed, ended, begun again: each is read as it stands, without closing anything."""
    assert [] == read(tmp_path)  # nothing has been noted yet
    page.begin(7)
    assert [Entry(*HERE, 7, "")] == read(tmp_path)
    page.add("one ")
    page.add("two")
    assert [Entry(*HERE, 7, "one two")] == read(tmp_path)
    page.end()
    assert [Entry(*HERE, None, "")] == read(tmp_path)
    page.begin(0)
    assert [Entry(*HERE, 0, "")] == read(tmp_path)
    assert page.printed() == ""


def test_the_next_task_begins_with_an_empty_page(tmp_path: Path, page: Page) -> None:
    """What the task before has printed is not the next one's, though it stands in the file."""
    page.begin(1)
    page.add("a long text of the first task")
    page.begin(2)
    page.add("short")
    assert [Entry(*HERE, 2, "short")] == read(tmp_path)
    assert "short" == page.printed()


def test_text_is_capped_and_the_rest_is_counted(tmp_path: Path, page: Page) -> None:
    """The beginning is kept, in the file as well, and the rest is told by its size."""
    page.begin(1)
    page.add("x" * (MOST_PRINTED_BYTES - 1))
    page.add("yz")
    page.add("more")
    kept = "x" * (MOST_PRINTED_BYTES - 1) + "y"
    assert f"{kept}\n[5 more bytes were printed and not kept]\n" == page.printed()
    assert [kept] == [entry.printed for entry in read(tmp_path)]
    page.begin(2)
    assert page.printed() == ""
    assert (tmp_path / f"{os.getpid()}-5.page").stat().st_size <= MOST_PRINTED_BYTES + 16


def test_any_text_can_be_kept(page: Page) -> None:
    """A character cut in two at the cap, and one that no encoding has, are replaced."""
    page.begin(1)
    page.add("\udce9")
    page.add("€" * MOST_PRINTED_BYTES)
    assert page.printed().startswith("?€€")


def test_a_page_in_memory() -> None:
    """Without a file the text is kept all the same."""
    page = Page(None)
    page.begin(1)
    page.add("kept")
    assert "kept" == page.printed()


@pytest.mark.skipif(sys.platform == "win32", reason="a name that is a folder")
def test_a_page_that_cannot_be_opened(tmp_path: Path) -> None:
    """Where the file cannot be made, the worker goes on without."""
    page = Page(tmp_path / "missing" / "1-1.page")
    page.begin(1)
    page.add("kept")
    assert "kept" == page.printed()


def test_a_full_disk_is_no_error_of_the_task(tmp_path: Path, page: Page, monkeypatch: pytest.MonkeyPatch) -> None:
    """When a page cannot be written any more, the task and its text go on, and it is not tried again."""
    tried = []

    def refuse(*place: object) -> None:
        tried.append(place)
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(logbook, "_write_at", refuse)
    page.begin(1)
    page.add("kept")
    page.end()
    assert "kept" == page.printed()
    assert 1 == len(tried)
    assert [] == read(tmp_path)


def test_a_page_that_fails_closes_its_file(page: Page, monkeypatch: pytest.MonkeyPatch) -> None:
    """A page that is given up on a full disk leaves no open file."""
    number = page._file
    assert number is not None
    monkeypatch.setattr(logbook, "_write_at", refuse)
    page.begin(1)
    with pytest.raises(OSError, match="descriptor"):
        os.fstat(number)


def test_a_page_whose_file_was_taken_closes_nothing(page: Page) -> None:
    """A task has closed the file, and what has its number now is the task's own."""
    number = page._file
    assert number is not None
    os.close(number)
    reader, writer = os.pipe()
    os.dup2(reader, number)
    page.begin(1)
    assert page._file is None
    os.write(writer, b"still open")
    assert b"still open" == os.read(number, 20)
    for one in (number, reader, writer):
        with suppress(OSError):
            os.close(one)


def refuse(*_place: object) -> None:
    raise OSError(errno.ENOSPC, "No space left on device")


def test_writing_without_pwrite(tmp_path: Path, page: Page, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the system has no ``pwrite``, as Windows, the same is written."""
    monkeypatch.delattr(os, "pwrite", raising=False)
    page.begin(3)
    page.add("text")
    assert [Entry(*HERE, 3, "text")] == read(tmp_path)


def test_what_is_no_page_is_left_out(tmp_path: Path, page: Page) -> None:
    """Torn pages and other files are passed over; a page whose text is cut off gives what is there."""
    page.begin(1)
    (tmp_path / "9-9.page").write_bytes(b"short")
    (tmp_path / "mine.page").write_bytes(struct.pack("<qq", 1, 0))
    (tmp_path / "notes.txt").write_bytes(struct.pack("<qq", 1, 0))
    (tmp_path / "8-8.page").write_bytes(struct.pack("<qq", 4, 100) + b"cut")
    assert [Entry(8, 8, 4, "cut"), Entry(*HERE, 1, "")] == sorted(read(tmp_path), key=lambda entry: entry.process)
    assert [] == read(tmp_path / "missing")


def test_clearing_begins_anew(tmp_path: Path, page: Page) -> None:
    """Pages go, other files stay, and who still writes writes where nobody reads."""
    (tmp_path / "payload.pickle").write_bytes(b"")
    page.begin(1)
    clear(tmp_path)
    page.begin(2)
    assert [] == read(tmp_path)
    assert ["payload.pickle"] == [path.name for path in tmp_path.iterdir()]


def test_a_worker_keeps_its_page(tmp_path: Path) -> None:
    """The same thread gets the same page, another thread its own, another folder another; all stay open."""
    first, others = page_of(str(tmp_path)), []
    assert first is page_of(str(tmp_path))
    thread = threading.Thread(target=lambda: others.append(page_of(str(tmp_path))))
    thread.start()
    thread.join()
    assert first is not others[0]
    (tmp_path / "other").mkdir()
    assert first is not page_of(str(tmp_path / "other"))
    assert first is page_of(str(tmp_path))
    assert first._file is not None


@pytest.mark.skipif("fork" not in multiprocessing.get_all_start_methods(), reason="no fork here")
@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_a_forked_worker_takes_a_page_of_its_own(tmp_path: Path) -> None:
    """It does not write on its parent's page, which it has inherited."""
    page_of(str(tmp_path)).begin(1)
    child = multiprocessing.get_context("fork").Process(target=lambda: page_of(str(tmp_path)).begin(2))
    child.start()
    child.join()
    assert {os.getpid(): 1, child.pid: 2} == {entry.process: entry.task for entry in read(tmp_path)}
