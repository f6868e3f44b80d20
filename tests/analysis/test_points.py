"""Points from anybody's table: what is read, and what is refused with which words."""

from pathlib import Path

import pytest

from parlab.analysis.points import LARGEST_TABLE_BYTES, Points, points_of_rounds, read_points
from parlab.errors import InputError

EXPECTED = Points((1, 2, 4), (1.0, 1.9, 3.5))


def table(folder: Path, content: str | bytes) -> Path:
    path = folder / "points.csv"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


@pytest.mark.parametrize(
    "content",
    [
        "workers,speedup\n1,1\n2,1.9\n4,3.5\n",
        b"\xef\xbb\xbfworkers,speedup\r\n1,1\r\n2,1.9\r\n4,3.5\r\n",  # as Excel writes it
        " Workers , Speedup \n 1 , 1 \n 2 , 1.9 \n 4 , 3.5",
        "speedup,note,workers\n3.5,most,4\n1,one,1\n\n1.9,two,2\n,,\n",
        'workers,"speedup"\n"1","1"\n2.0,+1.9\n4.00,3.5e0\n',
    ],
    ids=["plain", "byte order mark and CRLF", "spaces and capitals", "other columns and orders", "quotes and floats"],
)
def test_tables_as_people_write_them(tmp_path: Path, content: str | bytes) -> None:
    """What a spreadsheet or a person writes is read, whatever the order of rows and columns."""
    assert EXPECTED == read_points(table(tmp_path, content))


@pytest.mark.parametrize(("weak", "expected"), [(None, (0.5, 1.0)), (False, (0.5, 1.0)), (True, (0.5, 4.0))])
def test_times_become_throughput(tmp_path: Path, weak, expected) -> None:
    """The same work in less time is more throughput; work that grew counts as many times as there were workers."""
    found = read_points(table(tmp_path, "workers,elapsed_s\n1,2\n4,1\n"), weak=weak)
    assert Points((1, 4), expected, "elapsed_s", weak) == found
    assert (1.0, expected[1] / 0.5) == found.speedups


REFUSED = [
    ("", "is empty. Columns: workers, and exactly one of"),
    (" \n\n", "is empty"),
    ("workers,speedup\n", "has a header and no point"),
    ("workers,speedup\n1,1\n", "has only one point"),
    ("1,1\n2,1.9\n", "has no column 'workers'. It has: '1, 1'"),
    ("n,speedup\n1,1\n2,2\n", "has no column 'workers'. It has: 'n, speedup'"),
    ("workers;speedup\n1;1\n2;2\n", "has no column 'workers'. It has: 'workers;speedup'"),
    ("workers,time\n1,1\n2,2\n", "has none of the columns with a value. It has: 'workers, time'"),
    ("workers,speedup,elapsed_s\n1,1,2\n2,2,1\n", "has speedup and elapsed_s: which one counts?"),
    ("workers,workers,speedup\n1,1,1\n2,2,2\n", "has the column 'workers' twice"),
    ("workers,speedup\n1,1\n2,two\n", "line 3: speedup 'two' is not allowed"),
    ("workers,speedup\n1,1\n2,\n", "line 3: speedup '' is not allowed"),
    ("workers,speedup\n1,1\n2,nan\n", "line 3: speedup 'nan' is not allowed"),
    ("workers,throughput\n1,1\n2,inf\n", "line 3: throughput 'inf' is not allowed"),
    ("workers,throughput\n1,1\n2,1e999\n", "line 3: throughput '1e999' is not allowed"),
    ("workers,elapsed_s\n1,1\n2,0\n", "line 3: elapsed_s '0' is not allowed"),
    ("workers,elapsed_s\n1,1\n2,1e-320\n", "line 3: elapsed_s '1e-320' is not allowed"),
    ("workers,speedup\n1,1\n2,-1.9\n", "line 3: speedup '-1.9' is not allowed"),
    ("workers,speedup\n1,1\n2,1_9\n", "line 3: speedup '1_9' is not allowed"),
    ("workers,speedup\n1,1\n2,٢\n", "line 3: speedup '٢' is not allowed"),
    ("workers,speedup\n0,1\n2,2\n", "line 2: '0' workers are not allowed: give a whole number from 1 up"),
    ("workers,speedup\n-1,1\n2,2\n", "line 2: '-1' workers are not allowed"),
    ("workers,speedup\n1.5,1\n2,2\n", "line 2: '1.5' workers are not allowed"),
    ("workers,speedup\nmany,1\n2,2\n", "line 2: 'many' workers are not allowed"),
    (f"workers,speedup\n{'9' * 5000},1\n2,2\n", "999…' workers are not allowed"),
    ("workers,speedup\n1,1\n2,1.9\n2,2\n", "line 4: 2 workers stand there a second time. Give each worker count once"),
    ("workers,speedup\n1,1\n2\n", "line 3: 1 value, but the header has 2 names"),
    ("workers,speedup\n1,1,1\n2,2\n", "line 2: 3 values, but the header has 2 names"),
    (b"workers,speedup\n1,\xff\n", "is no text in UTF-8"),
    (b"\x89PNG\r\n\x1a\n\x00\x00", "is no text in UTF-8"),
    (b"\xff\xfew\x00o\x00", "is no text in UTF-8"),
    (f"workers,speedup\n1,{'1' * 200_000}\n", "field larger than field limit"),
    ("x" * (LARGEST_TABLE_BYTES + 1), "is larger than 1 MiB and is not read"),
]


@pytest.mark.parametrize(("content", "text"), REFUSED, ids=[text[:40] for _, text in REFUSED])
def test_tables_that_are_none(tmp_path: Path, content: str | bytes, text: str) -> None:
    """Each refusal names the file, what was found there and what is allowed."""
    with pytest.raises(InputError) as refusal:
        read_points(table(tmp_path, content))
    assert text in str(refusal.value)
    assert "points.csv" in str(refusal.value)


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    """A file that is not there, a folder, and a name that none can have are messages, not tracebacks."""
    for name, text in [("none.csv", "There is no file"), (".", "cannot be read"), ("a\0b", "cannot be read")]:
        with pytest.raises(InputError, match=text):
            read_points(f"{tmp_path}/{name}")


def test_a_message_shows_no_control_characters(tmp_path: Path) -> None:
    """A cell that would recolour the terminal is shown as what it is."""
    for content in ("workers,speedup\n1,\x1b[31m\n", "workers,\x1b[31m\n"):
        with pytest.raises(InputError) as refusal:
            read_points(table(tmp_path, content))
        assert "\x1b" not in str(refusal.value)
        assert r"\x1b[31m" in str(refusal.value)


def test_points_that_were_measured_by_hand() -> None:
    """Medians with their intervals, and the rounds as they are: a law's bootstrap draws from them."""
    rounds = [[1.8, 3.0], [1.9, 3.2], [1.7, 3.1], [1.8, 3.4], [2.0, 3.3], [1.6, 2.9]]
    points = points_of_rounds([2, 4], rounds, weak=True)
    assert ((2, 4), (1.8, pytest.approx(3.15)), True, "speedup") == (
        points.workers,
        points.values,
        points.weak,
        points.column,
    )
    assert tuple(map(tuple, rounds)) == points.rounds
    assert [(1.6, 2.0), (2.9, 3.4)] == [(one.low, one.high) for one in points.estimates]


@pytest.mark.parametrize(
    ("workers", "rounds", "words"),
    [
        ([2, 4], [], "no rounds"),
        ([2, 4], [[1.8, 3.0], [1.8]], "one value for each"),
        ([2], [[1.8, 3.0]], "one value for each"),
        ([4, 2], [[1.8, 3.0]], "do not rise"),
        ([2, 4], [[1.8, -3.0]], "positive"),
    ],
)
def test_rounds_that_are_no_points(workers, rounds, words: str) -> None:
    """Said in words."""
    with pytest.raises(InputError, match=words):
        points_of_rounds(workers, rounds)
