"""Sheets from anybody: good ones are read, all others are named with the reason, and no link is followed."""

import json
import os
import sys
from pathlib import Path
from typing import Any

import pytest
from classes import as_data, crowd, put, sheet
from hypothesis import given
from hypothesis import strategies as st

from parlab.analysis import collecting
from parlab.analysis.collecting import Collection
from parlab.analysis.sheets import LARGEST_BYTES, parse
from parlab.errors import InputError

GOOD = as_data(sheet())


def reasons(folder: Path) -> dict[str, str]:
    return {one.file: one.reason for one in Collection(folder).read().left_out}


def with_point(**fields: Any) -> dict[str, Any]:
    point = {"workers": 2, "speedup": 1.9, "low": None, "high": None, **fields}
    return {**GOOD, "curves": [{"backend": "processes", "points": [point]}]}


def guess(**fields: Any) -> dict[str, Any]:
    return {**GOOD, "predictions": [{"topic": "04-pool", "guess": 2.0, "measured": 1.5, **fields}]}


HOSTILE: dict[str, tuple[Any, str]] = {
    "another kind": ({**GOOD, "kind": "header"}, "it is no sheet"),
    "a list": ([GOOD], "it is no sheet"),
    "no version": ({**GOOD, "schema": None}, "of which version"),
    "version true": ({**GOOD, "schema": True}, "of which version"),
    "version 0": ({**GOOD, "schema": 0}, "of which version"),
    "a newer version": ({**GOOD, "schema": 2}, "written by a newer parlab (schema 2, this one reads up to 1)"),
    "a huge version": ({**GOOD, "schema": 10**4000}, "written by a newer parlab (schema 1000"),
    "no machine": ({name: value for name, value in GOOD.items() if name != "machine"}, "lacks the field 'machine'"),
    "a text for a number": ({**GOOD, "rounds": "7"}, "Sheet.rounds cannot be '7'"),
    "no cores": ({**GOOD, "machine": {**GOOD["machine"], "cores_usable": 0}}, "cores or of rounds cannot be"),
    "no rounds": ({**GOOD, "rounds": 0}, "cores or of rounds cannot be"),
    "a long name": ({**GOOD, "name": "x" * 61}, "a text in it is too long"),
    "a long processor": ({**GOOD, "machine": {**GOOD["machine"], "cpu_model": "x" * 101}}, "too long"),
    "no curve": ({**GOOD, "curves": []}, "there is no curve"),
    "an empty curve": ({**GOOD, "curves": [{"backend": "a", "points": []}]}, "there is no curve"),
    "a curve twice": ({**GOOD, "curves": 2 * GOOD["curves"]}, "a backend is in it twice"),
    "too many curves": ({**GOOD, "curves": 41 * GOOD["curves"]}, "more than 40 curves"),
    "too many points": (
        {**GOOD, "ceilings": [{"workers": count, "speedup": 1.0} for count in range(1, 66)]}, "more than 64 ceilings"
    ),
    "workers twice": ({**GOOD, "ceilings": 2 * GOOD["ceilings"]}, "worker counts are not in order"),
    "no workers": (with_point(workers=0), "worker counts are not in order"),
    "a huge worker count": (with_point(workers=10**9), "worker counts are not in order"),
    "speedup below zero": (with_point(speedup=-1.0), "speedup with 2 workers cannot be"),
    "speedup beyond all": (with_point(speedup=1e12), "speedup with 2 workers cannot be"),
    "interval upside down": (with_point(low=2.0, high=1.0), "speedup with 2 workers cannot be"),
    "a finding that is markup": ({**GOOD, "findings": ["<script>"]}, "one of its findings has no code"),
    "a topic that is markup": (guess(topic="<b>"), "is of no topic"),
    "a wild guess": (guess(guess=1e300), "beyond all that the course asks for"),
    "a topic twice": ({**GOOD, "predictions": 2 * guess()["predictions"]}, "is there twice"),
    "no moment": ({**GOOD, "exported": "yesterday"}, "does not say when it was written"),
}  # fmt: skip
TEXTS: dict[str, tuple[bytes, str]] = {
    "empty": (b"", "it is empty"),
    "blank": (b" \n", "it is empty"),
    "no JSON": (b"{", "it is no JSON that can be used"),
    "no text": (b"\xff\xfe\x00{", "it is no"),
    "NaN": (json.dumps(GOOD).replace("1.9", "NaN").encode(), "NaN is not allowed"),
    "infinity": (json.dumps(GOOD).replace("1.9", "1e999").encode(), "1e999 is too large"),
    "deep": (b"[" * 15_000 + b"]" * 15_000, "nested too deeply"),
    "a number of 5,000 digits": (b'{"kind": ' + b"9" * 5_000 + b"}", "it is no JSON that can be used"),
    "too large": (json.dumps({**GOOD, "name": "x" * LARGEST_BYTES}).encode(), "and a sheet has 32 at most"),
    "a large result file": (b'{"kind":"header","schema":2}\n' + b"{}\n" * LARGEST_BYTES, "it is a result file"),
    "the first line of one": (b'{"kind":"header","schema":2}\n', "it is a result file, and a sheet is wanted"),
    "a zip file": (b"PK\x03\x04\x14\x00\xff\xfe", "it is a zip file; unpack it here"),
    "a large zip file": (b"PK\x03\x04" + bytes(LARGEST_BYTES), "it is a zip file; unpack it here"),
    "a result file": (
        b'{"kind":"header","schema":2}\n{"kind":"trial"}\n',
        "it is a result file, and a sheet is wanted",
    ),
}


@pytest.mark.parametrize("name", [*HOSTILE, *TEXTS])
def test_it_is_named_and_left_out(tmp_path: Path, name: str) -> None:
    """One bad file has its reason; the good one beside it is read."""
    put(tmp_path, "good.json", sheet())
    content, told = HOSTILE.get(name) or TEXTS[name]
    (tmp_path / "bad.json").write_bytes(content if isinstance(content, bytes) else json.dumps(content).encode())
    found = Collection(tmp_path).read()
    assert ["good.json"] == [one.file for one in found.learners]
    assert ["bad.json"] == [one.file for one in found.left_out]
    assert told in found.left_out[0].reason
    assert len(found.left_out[0].reason) < 300


@given(st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from([*GOOD, *GOOD["machine"]]), inner),
    max_leaves=8,
), st.sampled_from(sorted(GOOD)))  # fmt: skip
def test_whatever_stands_in_a_field(value: Any, field: str) -> None:
    """A sheet is read, or refused with a ValueError; nothing else ever comes out of the reader."""
    try:
        one = parse(json.dumps({**GOOD, field: value}).encode())
    except ValueError:
        return
    assert one.curves
    assert one.machine.cores_usable >= 1


def test_links_pipes_and_folders_are_not_followed(tmp_path: Path) -> None:
    """A link is named, into the folder or out of it; a pipe is not opened; subfolders are read, linked ones are not."""
    outside, inside = tmp_path / "outside", tmp_path / "class"
    outside.mkdir()
    inside.mkdir()
    put(outside, "far.json", sheet(1))
    (inside / "ada").mkdir()
    put(inside / "ada", "me.json", sheet(2))
    links = {"out.json": outside / "far.json", "in.json": inside / "ada" / "me.json", "folder": outside, "dead": "no"}
    for name, target in links.items():
        (inside / name).symlink_to(target)
    if os.name == "posix":
        os.mkfifo(inside / "pipe.json")
    found = Collection(inside).read()
    assert ["ada/me.json"] == [one.file for one in found.learners]
    told = {one.file: one.reason for one in found.left_out}
    assert all("it is a link, and links are not followed" in told[name] for name in links)
    assert "it is no ordinary file" in told.get("pipe.json", "it is no ordinary file")


def test_no_folder_is_too_deep(tmp_path: Path) -> None:
    """Three folders down is read, as learning platforms pack them; deeper is not looked for; hidden is hidden."""
    deep = tmp_path / "a" / "b" / "c"
    (deep / "d").mkdir(parents=True)
    put(deep, "me.json", sheet(1))
    put(deep / "d", "me.json", sheet(2))
    put(tmp_path, ".me.json", sheet(3))
    assert ["a/b/c/me.json"] == [one.file for one in Collection(tmp_path).read().learners]


@pytest.mark.skipif(sys.platform == "win32" or getattr(os, "geteuid", lambda: 1)() == 0, reason="root may read all")
def test_a_file_that_may_not_be_read(tmp_path: Path) -> None:
    """It is named with the system's reason."""
    put(tmp_path, "mine.json", sheet()).chmod(0)
    assert "it cannot be read: Permission denied" == reasons(tmp_path)["mine.json"]


def test_a_sweep_counts_once(tmp_path: Path) -> None:
    """Of two exports of a sweep the later one is kept; a copy under another name is named."""
    put(tmp_path, "first.json", as_data(sheet(1)))
    put(tmp_path, "again.json", as_data(sheet(1), exported="2026-11-26T12:00:00+00:00", name="Ada"))
    put(tmp_path, "other.json", sheet(2))
    found = Collection(tmp_path).read()
    assert ["other.json", "again.json"] == [one.file for one in found.learners]
    assert "it is of the same sweep as again.json" in found.left_out[0].reason


def test_numbers_stay_when_others_arrive(tmp_path: Path) -> None:
    """Labels follow the moments of the exports, not the names of the files; a typed name goes before."""
    crowd(tmp_path, 3)
    before = {one.file: one.label for one in Collection(tmp_path).read().learners}
    put(tmp_path, "000.json", sheet(9, name="Ada"))
    after = {one.file: one.label for one in Collection(tmp_path).read().learners}
    assert {"001.json": "learner 1", "002.json": "learner 2", "003.json": "learner 3"} == before
    assert {**before, "000.json": "Ada"} == after


def test_what_has_not_changed_is_not_read_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A second look reads the new file alone, and a changed one; the page among the sheets is none."""
    crowd(tmp_path, 3)
    (tmp_path / "wall.html").write_text("a page")
    collection = Collection(tmp_path, tmp_path / "wall.html")
    assert () == collection.read().left_out
    read, parsed = [], parse

    def noting(data: bytes) -> Any:
        read.append(data)
        return parsed(data)

    monkeypatch.setattr(collecting, "parse", noting)
    put(tmp_path, "004.json", sheet(4))
    put(tmp_path, "003.json", sheet(3, name="now with a name"))
    assert 4 == len(collection.read().learners)
    assert 2 == len(read)


def test_there_is_a_most(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder of far too many files is read up to a limit, and that is said."""
    monkeypatch.setattr(collecting, "MOST_FILES", 3)
    crowd(tmp_path, 5)
    found = Collection(tmp_path).read()
    assert 3 == len(found.learners)
    assert "there are more than 3 files" in found.left_out[0].reason


def test_a_folder_is_needed(tmp_path: Path) -> None:
    """Missing, or a file: both are said."""
    put(tmp_path, "me.json", sheet())
    with pytest.raises(InputError, match="There is no folder"):
        Collection(tmp_path / "no")
    with pytest.raises(InputError, match="is a file. Name the folder"):
        Collection(tmp_path / "me.json")
