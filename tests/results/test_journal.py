"""Writing result files: whole lines, never over something, never two at once."""

import errno
import os
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from builders import FAILURE, HEADER, MOMENT, SPANS, SWEEP, WORKER, make_rounds, parallel, serial, write_results

from parlab.errors import InputError, ResultFileError
from parlab.results import read
from parlab.results.journal import Journal


@pytest.fixture
def place(tmp_path: Path) -> Path:
    return tmp_path / "sweep.jsonl"


def resumed(place: Path) -> None:
    """Go on with a file: say so, add one trial, end."""
    journal = Journal(place, resume=True)
    journal.resumed(1, MOMENT, SWEEP)
    journal.add(parallel(session=1))
    journal.end("rounds", MOMENT)
    journal.close()


def test_what_is_written_is_read_back(place: Path) -> None:
    """Header, trials and the reason of the end come back equal."""
    trials = [serial(2.0), parallel(failures=(FAILURE,), crew=(WORKER,), spans=SPANS), parallel(None, outcome="lost")]
    write_results(place, trials, "budget")
    results = read(place)
    assert results.header == HEADER
    assert tuple(trials) == results.records
    assert ("budget", (), place) == (results.ended, results.findings, results.path)


def test_a_resumed_file_says_when_it_ends_now(place: Path) -> None:
    """Rounds, budget and precision of the latest session count; a file from before they were written keeps its own."""
    write_results(place, make_rounds(1), "rounds")
    journal = Journal(place, resume=True)
    journal.resumed(1, MOMENT, replace(SWEEP, rounds=None, budget_s=9.0, precision=0.02))
    journal.close()
    sweep = read(place).header.sweep
    assert replace(HEADER.sweep, rounds=None, budget_s=9.0, precision=0.02) == sweep
    with place.open("ab") as file:
        file.write(b'{"kind":"resumed","session":2,"at":"now"}\n')
    assert sweep == read(place).header.sweep
    with place.open("ab") as file:
        file.write(b'{"kind":"resumed","session":3,"at":"now","precision":"fine"}\n')
    with pytest.raises(ResultFileError, match=r"line 8 is broken: Sweep.precision"):
        read(place)


def test_each_line_is_on_the_disk_at_once(place: Path) -> None:
    """A trial can be read before the sweep ends, so a crash loses none that was finished."""
    journal = Journal(place)
    journal.begin(HEADER)
    for count in range(3):
        assert count == len(read(place).records)
        journal.add(parallel())
    journal.close()
    assert place.read_bytes().count(b"\n") == 4


def test_one_trial_is_one_line(place: Path) -> None:
    """Line feeds inside a text do not end a line."""
    write_results(place, [parallel(message="a\nb\u2028c")], None)
    assert place.read_bytes().count(b"\n") == 2
    assert read(place).records[0].message == "a\nb\u2028c"


def test_an_undecodable_text_can_be_written(place: Path) -> None:
    """An error that names a file whose name is no UTF-8 stands in the file like any other."""
    trial = parallel(None, outcome="error", message="caf\udce9.jpg cannot be read")
    write_results(place, [trial])
    assert (replace(trial, message=r"caf\udce9.jpg cannot be read"),) == read(place).records


def test_an_existing_file_is_refused(place: Path) -> None:
    """A file that is there already is named, left as it is, and --resume is offered."""
    place.write_text("precious")
    with pytest.raises(InputError, match=r"sweep\.jsonl' exists already.*--resume"):
        Journal(place)
    assert place.read_text() == "precious"


def test_a_resumed_file_goes_on(place: Path) -> None:
    """What stood in the file stands there still, and the new session's trials follow."""
    before = write_results(place, make_rounds(2), "stopped")
    resumed(place)
    assert place.read_bytes().startswith(before)
    results = read(place)
    assert (*make_rounds(2), parallel(session=1)) == results.records
    assert (results.session, results.ended) == (1, "rounds")


def test_resuming_forgets_the_earlier_end(place: Path) -> None:
    """A sweep that was stopped, resumed and then cut off has no end."""
    write_results(place, make_rounds(1), "stopped")
    journal = Journal(place, resume=True)
    journal.resumed(1, MOMENT, SWEEP)
    journal.close()
    assert None is read(place).ended


@pytest.mark.parametrize("tail", [b"{", b'{"kind":"trial","session"', b"x" * 200_000, b"\xff\xfe"])
def test_resuming_removes_a_cut_line_and_nothing_else(place: Path, tail: bytes) -> None:
    """What follows the last line feed goes, however long it is; every whole line stays byte by byte."""
    before = write_results(place, make_rounds(1), None)
    place.write_bytes(before + tail)
    journal = Journal(place, resume=True)
    assert before + tail == place.read_bytes()  # nothing is removed before something is added
    journal.resumed(1, MOMENT, SWEEP)
    journal.close()
    assert before == place.read_bytes()[: len(before)]
    assert b'{"kind":"resumed"' == place.read_bytes()[len(before) :][:17]


def test_a_resumed_file_that_nothing_was_added_to_stays(place: Path) -> None:
    """A sweep that is refused after the file was opened leaves it as it was, its cut line included."""
    before = write_results(place, make_rounds(1), None)
    place.write_bytes(before + b"{")
    journal = Journal(place, resume=True)
    journal.end("error", MOMENT)
    journal.close()
    assert before + b"{" == place.read_bytes()


def test_resuming_a_whole_file_removes_nothing(place: Path) -> None:
    """A file that ends with a whole line is left as it is, also when it is long."""
    before = write_results(place, [parallel(message="x" * 70_000)] * 3)
    Journal(place, resume=True).close()
    assert before == place.read_bytes()


def cuts(content: bytes) -> list[int]:
    """Where to cut: around every line feed, and here and there in between."""
    ends = [index + 1 for index, byte in enumerate(content) if byte == ord("\n")]
    return sorted({cut for end in ends for cut in (end - 2, end - 1, end, end + 1)} | set(range(0, len(content), 97)))


def test_a_file_cut_anywhere_can_be_resumed_or_is_refused(place: Path) -> None:
    """Wherever a file was cut off: if it can be read, it can be resumed and read again, and no whole trial is lost."""
    content = write_results(place, make_rounds(1), "stopped")
    broken = []
    for cut in cuts(content):
        place.write_bytes(content[:cut])
        try:
            before = read(place).records
        except ResultFileError:
            continue
        resumed(place)
        try:
            after = read(place).records
        except ResultFileError as problem:
            broken.append((cut, str(problem)))
        else:
            assert (*before, parallel(session=1)) == after
    assert broken == []


@pytest.mark.skipif(os.name != "posix", reason="Windows has no flock")
class TestTheLock:
    @pytest.fixture
    def writing(self, place: Path) -> Iterator[Journal]:
        journal = Journal(place)
        journal.begin(HEADER)
        yield journal
        journal.close()

    def test_a_second_writer_is_refused(self, place: Path, writing: Journal) -> None:
        """While one sweep writes a file, another one is refused, and the file is whole afterwards."""
        with pytest.raises(InputError, match=r"sweep\.jsonl' is being written by another sweep"):
            Journal(place, resume=True)
        writing.add(parallel())
        assert (parallel(),) == read(place).records

    @pytest.mark.usefixtures("writing")
    def test_a_refused_writer_changes_nothing(self, place: Path) -> None:
        """A cut line is the other sweep's line in the making: who is refused does not remove it."""
        with place.open("ab") as file:
            file.write(b'{"kind":"tri')
        with pytest.raises(InputError):
            Journal(place, resume=True)
        assert place.read_bytes().endswith(b'{"kind":"tri')

    @pytest.mark.usefixtures("writing")
    def test_reading_is_free(self, place: Path) -> None:
        """A file that is being written can be read."""
        assert read(place).header == HEADER

    def test_the_lock_ends_with_the_writer(self, place: Path, writing: Journal) -> None:
        """After the first writer has closed the file, the next one may go on."""
        writing.close()
        resumed(place)
        assert len(read(place).records) == 1


def test_a_missing_folder_is_made(tmp_path: Path) -> None:
    """The folder for results is made when it is not there yet."""
    write_results(tmp_path / "parlab-results" / "sweep.jsonl", [])
    assert read(tmp_path / "parlab-results" / "sweep.jsonl").header == HEADER


def test_a_folder_that_another_sweep_makes_meanwhile(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two first sweeps at once: both find no folder, one makes it, and the other is content with it."""
    mkdir = os.mkdir

    def mkdir_by_another(path: Path, mode: int = 0o777) -> None:
        mkdir(path, mode)
        raise FileExistsError(17, "File exists", str(path))

    monkeypatch.setattr(os, "mkdir", mkdir_by_another)
    write_results(tmp_path / "parlab-results" / "sweep.jsonl", [])
    assert read(tmp_path / "parlab-results" / "sweep.jsonl").header == HEADER


@pytest.mark.parametrize("name", ["file/sweep.jsonl", "missing/missing/sweep.jsonl"])
def test_an_impossible_place_is_refused(tmp_path: Path, name: str) -> None:
    """A place below a file, or below folders that are not there, is an error that names it, not a traceback."""
    (tmp_path / "file").touch()
    with pytest.raises(InputError, match=r"sweep\.jsonl.*cannot be written"):
        Journal(tmp_path / name)


@pytest.mark.parametrize("resume", [True, False])
def test_a_folder_is_no_file(tmp_path: Path, *, resume: bool) -> None:
    """A folder of that name is refused."""
    with pytest.raises(InputError, match=r"cannot be written|exists already"):
        Journal(tmp_path, resume=resume)


def test_a_missing_file_cannot_be_resumed(place: Path) -> None:
    """Resuming makes no file."""
    with pytest.raises(InputError, match=r"sweep\.jsonl' cannot be written: No such file"):
        Journal(place, resume=True)
    assert not place.exists()


@pytest.mark.skipif(sys.platform != "linux", reason="/proc takes no files, not even from root")
def test_an_unwritable_folder_is_refused() -> None:
    """A folder that takes no files is refused, and the text asks for another place."""
    with pytest.raises(InputError, match=r"parlab-test\.jsonl' cannot be written: .*Choose another place"):
        Journal(Path("/proc/parlab-test.jsonl"))


def test_a_header_without_room_leaves_no_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An empty file could not be resumed, and would be in the way: the error names no --resume."""

    def full(_file: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    journal = Journal(tmp_path / "out.jsonl")
    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(InputError, match="cannot be written: No space left on device. Make room, or choose another"):
        journal.begin(HEADER)
    journal.end("error", HEADER.created)
    journal.close()
    assert not (tmp_path / "out.jsonl").exists()
