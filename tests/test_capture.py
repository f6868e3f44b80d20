"""What a task prints goes to its page, and nothing else does."""

import io
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout

import pytest

from parlab import capture
from parlab.capture import Captured
from parlab.logbook import Page


@pytest.fixture
def page() -> Page:
    """A page in memory."""
    made = Page(None)
    made.begin(1)
    return made


def streams(monkeypatch: pytest.MonkeyPatch) -> io.StringIO:
    """Set both streams as they are before the first task: in the test, since pytest sets its own before each."""
    stream = io.StringIO()
    monkeypatch.setattr(sys, "stdout", stream)
    monkeypatch.setattr(sys, "stderr", stream)
    return stream


@contextmanager
def captured(page: Page) -> Iterator[None]:
    """Capture as the envelope does."""
    with Captured(page):
        capture.take_streams()
        yield


def test_prints_go_to_the_page(page: Page, monkeypatch: pytest.MonkeyPatch) -> None:
    """Both streams of the task, in the order of its writing; not to the streams of before."""
    before = streams(monkeypatch)
    with captured(page):
        print("one")
        print("two", file=sys.stderr, flush=True)
        print("three")
    assert "one\ntwo\nthree\n" == page.printed()
    assert before.getvalue() == ""


def test_after_the_task_prints_go_where_they_went(page: Page, monkeypatch: pytest.MonkeyPatch) -> None:
    """Outside of a task our stream passes on to the one of before."""
    before = streams(monkeypatch)
    with captured(page):
        pass
    print("outside", flush=True)
    assert "outside\n" == before.getvalue()
    assert page.printed() == ""


def test_also_after_a_task_that_raised(page: Page, monkeypatch: pytest.MonkeyPatch) -> None:
    """An exception ends the capture like anything else."""
    before = streams(monkeypatch)
    with pytest.raises(ValueError, match="x"), captured(page):
        raise ValueError("x")
    print("outside")
    assert "outside\n" == before.getvalue()


def test_a_task_inside_a_task(page: Page, monkeypatch: pytest.MonkeyPatch) -> None:
    """When a capture inside another one ends, the outer task goes on printing to its own page."""
    streams(monkeypatch)
    inner = Page(None)
    inner.begin(2)
    with captured(page):
        with captured(inner):
            print("inner")
        print("outer")
    assert ("inner\n", "outer\n") == (inner.printed(), page.printed())


def test_other_threads_print_where_they_did(page: Page, monkeypatch: pytest.MonkeyPatch) -> None:
    """A thread that runs no task writes through while one runs."""
    before = streams(monkeypatch)
    with captured(page):
        thread = threading.Thread(target=lambda: print("elsewhere"))
        thread.start()
        thread.join()
    assert "elsewhere\n" == before.getvalue()
    assert page.printed() == ""


def test_a_task_cannot_take_the_stream_from_the_next_one(page: Page, monkeypatch: pytest.MonkeyPatch) -> None:
    """Closed, deleted, replaced by None or by a file: the next task prints to its page again."""
    streams(monkeypatch)
    for spoil in (lambda: [sys.stdout.close()], lambda: delattr(sys, "stdout"), lambda: setattr(sys, "stdout", None)):
        with captured(page):
            spoil()
        with captured(page):
            print("heard")
    assert 3 * "heard\n" == page.printed()


def test_a_closed_stream_stays_open(page: Page, monkeypatch: pytest.MonkeyPatch) -> None:
    """A task that closes its standard output can itself go on printing, and is no trouble to those that hold it."""
    streams(monkeypatch)
    with captured(page):
        held = sys.stdout
        held.close()
        held.flush()
        print("heard")
    assert not held.closed
    assert "heard\n" == page.printed()


def test_a_task_may_redirect_its_own_prints(page: Page, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a task catches itself is not ours."""
    streams(monkeypatch)
    with captured(page):
        with redirect_stdout(io.StringIO()) as own:
            print("own")
        print("ours")
    assert ("own\n", "ours\n") == (own.getvalue(), page.printed())


def test_streams_are_wrapped_once(page: Page, monkeypatch: pytest.MonkeyPatch) -> None:
    """A million tasks put one stream in front, not a million."""
    streams(monkeypatch)
    for _ in range(3):
        with captured(page):
            pass
    assert type(sys.stdout) is capture._Stream
    assert type(sys.stdout._behind) is io.StringIO


def test_the_stream_is_one_of_text(page: Page, monkeypatch: pytest.MonkeyPatch) -> None:
    """It can be written, is no terminal, and gives programs the descriptor and bytes of the one behind."""
    streams(monkeypatch)
    with open("/dev/null", "w", encoding="ascii") as behind:  # noqa: PTH123
        sys.stdout = behind
        with captured(page):
            assert (True, False, "utf-8") == (sys.stdout.writable(), sys.stdout.isatty(), sys.stdout.encoding)
            assert behind.fileno() == sys.stdout.fileno()
            assert behind.buffer is sys.stdout.buffer
            assert 3 == sys.stdout.write("abc")


def test_a_worker_without_streams(page: Page, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where there is no standard output at all, as under pythonw, tasks print to their page and others to nowhere."""
    streams(monkeypatch)
    monkeypatch.setattr(sys, "stdout", None)
    with captured(page):
        print("kept")
        with pytest.raises(io.UnsupportedOperation, match="no standard output"):
            sys.stdout.fileno()
    print("lost", flush=True)
    assert "kept\n" == page.printed()
