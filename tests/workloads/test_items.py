"""What --items describes: counts, globs, files and functions, and each way to be wrong."""

import json
import sys
from pathlib import Path
from typing import Any

import pytest
import tasks

from parlab.errors import InputError
from parlab.workloads import items
from parlab.workloads.items import parse_items, take


def said(text: Any) -> str:
    with pytest.raises(InputError) as caught:
        parse_items(str(text))
    return str(caught.value)


def written(path: Path, content: str | bytes) -> str:
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return str(path)


@pytest.mark.parametrize(("text", "count"), [("1", 1), ("3", 3), (" 3 ", 3), ("+3", 3), ("003", 3)])
def test_a_count(text: str, count: int) -> None:
    """A number gives the numbers from 0 up."""
    assert list(range(count)) == parse_items(text)


@pytest.mark.parametrize("text", ["0", "-5", "1000001", "--5", "+-5", "-+5", "9" * 5_000])
def test_other_counts_are_refused(text: str) -> None:
    """Nothing, less than nothing, more than the limit and numbers that are none are refused."""
    assert said(text).startswith("--items")


def test_a_glob_gives_sorted_files(tmp_path: Path) -> None:
    """A pattern gives the files it matches as sorted text, and no folders."""
    for name in ("b.txt", "a.txt", "c.csv"):
        (tmp_path / name).touch()
    (tmp_path / "folder.txt").mkdir()
    assert [str(tmp_path / "a.txt"), str(tmp_path / "b.txt")] == parse_items(str(tmp_path / "*.txt"))


def test_a_glob_goes_down(tmp_path: Path) -> None:
    """Two stars match folders at any depth."""
    (tmp_path / "x" / "y").mkdir(parents=True)
    (tmp_path / "x" / "y" / "a.txt").touch()
    assert [str(tmp_path / "x" / "y" / "a.txt")] == parse_items(str(tmp_path / "**" / "*.txt"))


def test_a_relative_glob(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A relative pattern starts in the current folder."""
    (tmp_path / "a.txt").touch()
    monkeypatch.chdir(tmp_path)
    assert parse_items("?.txt") == ["a.txt"]


def test_a_glob_without_a_match(tmp_path: Path) -> None:
    """A pattern that matches nothing is refused, and the text repeats it."""
    assert "*.nothing' matches no file" in said(tmp_path / "*.nothing")


def test_csv_rows_are_dicts(tmp_path: Path) -> None:
    """Each row is a dict with the header's names; quotes, line feeds in quotes and empty lines are understood."""
    path = written(tmp_path / "a.CSV", 'name,size\n"Müller, A",3\n\n"two\nlines",\n')
    assert parse_items(path) == [{"name": "Müller, A", "size": "3"}, {"name": "two\nlines", "size": ""}]


def test_a_byte_order_mark_is_no_part_of_a_name(tmp_path: Path) -> None:
    """A file from a spreadsheet begins with a mark that belongs to no column."""
    assert parse_items(written(tmp_path / "a.csv", b"\xef\xbb\xbfname\r\na\r\n")) == [{"name": "a"}]
    assert parse_items(written(tmp_path / "a.jsonl", b'\xef\xbb\xbf{"name": "a"}\r\n')) == [{"name": "a"}]


@pytest.mark.parametrize("row", ["1", "1,2,3"])
def test_a_ragged_row_is_named(tmp_path: Path, row: str) -> None:
    """A row with fewer or more values than the header has names is refused by its line."""
    path = written(tmp_path / "a.csv", f"a,b\n1,2\n{row}\n")
    assert f"{path}, line 3: the row has not as many values" in said(path)


@pytest.mark.parametrize("content", ["", "a,b\n", "\n\n"])
def test_csv_without_rows(tmp_path: Path, content: str) -> None:
    """A file with a header at most is refused."""
    assert "no row" in said(written(tmp_path / "a.csv", content))


@pytest.mark.parametrize("suffix", ["jsonl", "ndjson", "JSONL"])
def test_json_lines(tmp_path: Path, suffix: str) -> None:
    """Each line is one value of any kind; empty lines are passed over."""
    path = written(tmp_path / f"a.{suffix}", '{"a": 1}\n\n[1, 2]\n"text"\n3\nnull\n')
    assert parse_items(path) == [{"a": 1}, [1, 2], "text", 3, None]


@pytest.mark.parametrize("separator", ["\u2028", "\u2029", "\x85"])
def test_json_lines_end_at_line_feeds_alone(tmp_path: Path, separator: str) -> None:
    """Characters that only look like the end of a line may stand inside a JSON text."""
    values = [{"text": f"one{separator}two"}, {"text": "three"}]
    lines = "".join(json.dumps(value, ensure_ascii=False) + "\n" for value in values)
    assert values == parse_items(written(tmp_path / "a.jsonl", lines))


@pytest.mark.parametrize("line", ["{broken", "{'a': 1}", "1 2", "[" * 100_000])
def test_a_broken_json_line_is_named(tmp_path: Path, line: str) -> None:
    """A line that is no JSON is refused by its number in the file, empty lines counted."""
    path = written(tmp_path / "a.jsonl", f'{{"a": 1}}\n\n{line}\n{{"a": 2}}\n')
    assert f"{path}, line 3: this is no JSON value" in said(path)


def test_json_lines_without_values(tmp_path: Path) -> None:
    """A file of empty lines holds no value."""
    assert "holds no value" in said(written(tmp_path / "a.jsonl", "\n  \n"))


@pytest.mark.parametrize("name", ["missing.csv", "missing.jsonl"])
def test_a_missing_file_is_named(tmp_path: Path, name: str) -> None:
    """A file that is not there is refused by its name."""
    assert f"There is no file {str(tmp_path / name)!r}" in said(tmp_path / name)


@pytest.mark.parametrize("name", ["a.csv", "a.jsonl"])
def test_an_unreadable_file_is_named(tmp_path: Path, name: str) -> None:
    """A file in another encoding, or a folder of such a name, is refused by its name."""
    assert "cannot be read" in said(written(tmp_path / name, b"caf\xe9\n"))
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / name).mkdir()
    assert "cannot be read" in said(tmp_path / "folder" / name)


def test_a_function_yields_the_items() -> None:
    """A function without arguments gives what it yields, in order."""
    assert parse_items("tasks:yield_three") == ["a", "b", "c"]


def test_a_function_that_yields_nothing() -> None:
    """A function without an item is refused by its name."""
    assert "tasks:yield_nothing gave no item" in said("tasks:yield_nothing")


def test_a_generator_that_raises_midway() -> None:
    """The text says after how many items it broke, and why."""
    assert said("tasks:yield_then_raise") == "The items ended after 1 with RuntimeError: the generator broke"


def test_items_that_leave(monkeypatch: pytest.MonkeyPatch) -> None:
    """A function or a generator that calls ``sys.exit()`` is refused: a sweep that measured nothing is no success."""
    monkeypatch.setattr(tasks, "yield_three", lambda: sys.exit(0))
    assert "tasks:yield_three raised SystemExit" in said("tasks:yield_three")
    monkeypatch.setattr(tasks, "yield_three", lambda: (sys.exit(0) if place else place for place in range(2)))
    assert said("tasks:yield_three") == "The items ended after 1 with SystemExit: 0"


def test_a_function_that_wants_arguments() -> None:
    """A function that cannot be called without arguments is refused with Python's own words."""
    assert "tasks:double raised TypeError" in said("tasks:double")


def test_a_function_that_returns_no_items() -> None:
    """A function that returns something else than items is refused, and the text says what it was."""
    assert "builtins:int returned int" in said("builtins:int")


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("tasks:nowhere", "Unknown function of tasks"),
        ("nowhere_at_all:f", "There is no module"),
        ("tasks:NOT_A_FUNCTION", "cannot be called"),
    ],
)
def test_a_function_that_is_not_there(text: str, why: str) -> None:
    """Errors of the function's name are told as for a task."""
    assert why in said(text)


@pytest.mark.parametrize("text", ["", "photos", "data.parquet", "1.5", "1,2,3", "a b:c"])
def test_an_unknown_form_is_refused(text: str) -> None:
    """Anything else is refused, and the text lists the forms."""
    assert f"--items {text!r} is not understood" in said(text)
    assert "module:function" in said(text)


class TestTheLimit:
    @pytest.fixture(autouse=True)
    def few(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(items, "LIMIT", 3)

    def test_as_many_as_the_limit(self, tmp_path: Path) -> None:
        """As many items as the limit allows are taken, in every form."""
        assert parse_items("3") == [0, 1, 2]
        assert parse_items("tasks:yield_three") == ["a", "b", "c"]
        assert parse_items(written(tmp_path / "a.jsonl", "1\n2\n3\n")) == [1, 2, 3]

    def test_one_more_is_refused(self, tmp_path: Path) -> None:
        """One more is refused, whatever the form."""
        assert "a count goes from 1 to 3" in said("4")
        assert "more than 3 items" in said(written(tmp_path / "a.jsonl", "1\n2\n3\n4\n"))
        for name in "abcd":
            (tmp_path / f"{name}.txt").touch()
        assert "more than 3 items" in said(tmp_path / "*.txt")

    def test_endless_items_end(self) -> None:
        """A generator that never ends is read one item beyond the limit and no further."""
        seen = []

        def endless() -> Any:
            while True:
                seen.append(len(seen))
                yield seen[-1]

        with pytest.raises(InputError, match="more than 3 items"):
            take(endless(), "none")
        assert len(seen) == 4
