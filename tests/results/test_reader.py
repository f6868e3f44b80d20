"""Reading result files that may come from anybody: each defect has its words, and nothing else ever escapes."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from builders import HEADER, MOMENT, SPANS, json_values, make_round, make_rounds, parallel, serial, write_results
from hypothesis import given, settings
from hypothesis import strategies as st

from parlab.codec import dumps, encode
from parlab.errors import ResultFileError
from parlab.records import LATER_SPAN_COLUMNS, Memory
from parlab.results import SCHEMA, Results, read, reader, schema
from parlab.results.journal import Journal

HEADER_LINE = dumps({"kind": "header", **encode(HEADER)}).encode() + b"\n"
TRIAL_LINE = dumps({"kind": "trial", **encode(parallel())}).encode() + b"\n"
END_LINE = b'{"kind":"end","reason":"rounds","at":"now"}\n'


@pytest.fixture
def place(tmp_path: Path) -> Path:
    return tmp_path / "sweep.jsonl"


@pytest.fixture(scope="module")
def fuzzed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("fuzz") / "sweep.jsonl"


def said(place: Path, content: bytes) -> str:
    place.write_bytes(content)
    with pytest.raises(ResultFileError) as caught:
        read(place)
    assert "sweep.jsonl" in str(caught.value)
    return str(caught.value)


def header_with(**changes: Any) -> bytes:
    return dumps({"kind": "header", **encode(HEADER), **changes}).encode() + b"\n"


def trial_with(**changes: Any) -> bytes:
    return dumps({"kind": "trial", **encode(parallel()), **changes}).encode() + b"\n"


def test_a_path_or_a_text(place: Path) -> None:
    """A file is named by a path or by a text, and `Results.read` does the same."""
    write_results(place, make_rounds(1))
    assert read(place) == read(str(place)) == Results.read(place)


def test_a_missing_file(place: Path) -> None:
    """A file that is not there is named, and how to make one is told."""
    with pytest.raises(ResultFileError, match=r"There is no result file .*sweep\.jsonl.*parlab bench"):
        read(place)


def test_a_folder(tmp_path: Path) -> None:
    """A folder cannot be read as a file."""
    with pytest.raises(ResultFileError, match="cannot be read: "):
        read(tmp_path)


def test_an_empty_file(place: Path) -> None:
    """A file without a byte is no result file."""
    assert "is not a parlab result file: it is empty" in said(place, b"")


@pytest.mark.parametrize(
    "content", [b"hello\n", b"\n", b"\x89PNG\r\n", b"\xff\xfe\x00\n", b"{\n", b"[" * 100_000 + b"\n"]
)
def test_no_json(place: Path, content: bytes) -> None:
    """A file of another kind is no result file."""
    assert "is not a parlab result file: its first line is no JSON" in said(place, content)


@pytest.mark.parametrize(
    "content",
    [
        b"3\n",
        b"[]\n",
        b"null\n",
        b"{}\n",
        TRIAL_LINE,
        END_LINE,
        b'{"kind":"header"}\n',
        b'{"kind":"header","schema":"1"}\n',
        b'{"kind":"header","schema":null}\n',
        b'{"kind":["header"],"schema":1}\n',
    ],
)
def test_a_wrong_first_line(place: Path, content: bytes) -> None:
    """A file whose first line is no header is no result file."""
    assert "is not a parlab result file: its first line is no header" in said(place, content + END_LINE)


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"machine": 3}, "Header.machine"),
        ({"created": None}, "Header.created"),
        ({"sweep": {}}, "Sweep lacks the field 'workload'"),
        ({"check": []}, "expected an object for Check"),
        ({"check": {**encode(HEADER.check), "costs": {"abc": 5.0}}}, "Check.costs is no table"),
        ({"check": {**encode(HEADER.check), "costs": {"9": -1.0}}}, "Check.costs is no table"),
        ({"schema": True}, "Header.schema"),
    ],
)
def test_a_broken_header(place: Path, changes: dict[str, Any], why: str) -> None:
    """A header with a wrong field is refused by line and field."""
    text = said(place, header_with(**changes))
    assert "line 1 is broken" in text
    assert why in text


def test_a_newer_file(place: Path) -> None:
    """A file of a newer parlab is refused with its version and the way to read it, whatever else has changed."""
    text = said(place, dumps({"kind": "header", "schema": SCHEMA + 1, "parlab": "9.9"}).encode() + b"\n")
    assert f"was written by a newer parlab (9.9, schema {SCHEMA + 1})" in text
    assert "pip install --upgrade parlab" in text


def test_a_newer_minor_version(place: Path) -> None:
    """Fields that this version does not know are passed over, in the header and in trials."""
    place.write_bytes(header_with(colour="blue") + trial_with(temperature=40) + END_LINE)
    assert (HEADER, (parallel(),)) == (read(place).header, read(place).records)


@pytest.mark.parametrize(
    ("line", "why"),
    [
        (b"\n", ""),
        (b"{broken\n", ""),
        (b"\xff\xfe\n", ""),
        (b"3\n", "a line of kind None"),
        (b"{}\n", "a line of kind None"),
        (b'{"kind":"surprise"}\n', "a line of kind 'surprise'"),
        (HEADER_LINE, "a line of kind 'header'"),
        (b'{"kind":"trial"}\n', "Trial lacks the field 'session'"),
        (trial_with(round="1"), "Trial.round cannot be '1'"),
        (trial_with(failures=3), "Trial.failures"),
        (trial_with(tasks=-1), "Trial.tasks is not between"),
        (trial_with(tasks=10**400), "Trial.tasks is not between"),
        (trial_with(spans=3), "Trial.spans"),
        (trial_with(spans={}), "its spans are no table"),
        (trial_with(spans={"task": [1]}), "its spans are no table"),
        (trial_with(spans=SPANS | {"more": [0, 0]}), "its spans are no table"),
        (trial_with(spans=SPANS | {"task": [0]}), "its spans are no table"),
        (TRIAL_LINE.replace(b'"map_s":1.0', b'"map_s":NaN'), "NaN is not allowed"),
        (TRIAL_LINE.replace(b'"map_s":1.0', b'"map_s":1e999'), ""),
        (b"[" * 100_000 + b"\n", "nested too deeply"),
    ],
)
def test_a_broken_line_is_named(place: Path, line: bytes, why: str) -> None:
    """A defect in the middle is refused by the number of its line, and says what to do."""
    text = said(place, HEADER_LINE + TRIAL_LINE + line + TRIAL_LINE + END_LINE)
    assert "line 3 is broken" in text
    assert why in text
    assert "Restore the file, or measure again" in text


@pytest.mark.parametrize("keep", [1, 30, len(TRIAL_LINE) - 1])
def test_a_cut_last_line(place: Path, keep: int) -> None:
    """A last line that was cut off is left out, a finding names it, and the trials before it are there."""
    place.write_bytes(HEADER_LINE + TRIAL_LINE * 2 + TRIAL_LINE[:keep])
    results = read(place)
    assert len(results.records) == 2
    (finding,) = results.findings
    assert (finding.code, finding.evidence) == ("cut-line", {"line": 4})
    assert "--resume" in finding.advice
    assert None is results.ended


def test_a_whole_file_has_no_finding(place: Path) -> None:
    """A file that ends with a whole line is not doubted."""
    write_results(place, make_rounds(1))
    assert read(place).findings == ()


def test_too_large_files_are_not_read(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file or a line beyond the limits is refused before it is parsed."""
    content = HEADER_LINE + trial_with(message="x" * 100_000)
    place.write_bytes(content)
    monkeypatch.setattr(reader, "LARGEST_LINE_BYTES", 50_000)
    assert "line 2: longer than" in said(place, content)
    monkeypatch.setattr(reader, "LARGEST_FILE_BYTES", 50_000)
    assert "is larger than" in said(place, content)
    assert schema.LARGEST_LINE_BYTES < schema.LARGEST_FILE_BYTES


def test_complete_rounds(place: Path) -> None:
    """A round counts once both serial brackets are there; equal numbers in two sessions are two rounds."""
    cut_off = [serial(1.0, round=1), parallel(round=1)]
    write_results(place, [*make_round(0, (1, 1)), *cut_off, *make_round(0, (1, 1), session=1)])
    assert read(place).complete_rounds == [(0, 0), (1, 0)]
    assert read(place).session == 1


def test_a_sweep_without_trials(place: Path) -> None:
    """A sweep that ended before its first trial is a fine file."""
    write_results(place, [])
    results = read(place)
    assert (results.records, results.complete_rounds, results.session) == ((), [], 0)


def read_or_refuse(place: Path, content: bytes) -> None:
    """Read; a file that can be read must make frames too."""
    place.write_bytes(content)
    try:
        results = read(place)
    except ResultFileError:
        return
    assert len(results.records) == len(results.trials)
    assert isinstance(len(results.spans), int)


@given(st.binary(max_size=200))
@settings(deadline=None)
def test_random_bytes(fuzzed: Path, content: bytes) -> None:
    """Any bytes at all are read or refused with a ResultFileError, at the begin of a file and after a header."""
    read_or_refuse(fuzzed, content)
    read_or_refuse(fuzzed, HEADER_LINE + content)
    read_or_refuse(fuzzed, HEADER_LINE + content + b"\n")


WHOLE = HEADER_LINE + trial_with(spans=SPANS) + END_LINE


@given(
    st.lists(st.tuples(st.integers(0, len(WHOLE)), st.integers(0, 30), st.binary(max_size=10)), min_size=1, max_size=4)
)
@settings(deadline=None)
def test_random_damage(fuzzed: Path, damages: list[tuple[int, int, bytes]]) -> None:
    """A valid file with pieces cut out and replaced is read or refused with a ResultFileError."""
    content = WHOLE
    for start, length, instead in damages:
        content = content[:start] + instead + content[start + length :]
    read_or_refuse(fuzzed, content)


@given(st.sampled_from(sorted(encode(parallel()))), json_values)
@settings(deadline=None)
def test_any_value_in_any_field_of_a_trial(fuzzed: Path, name: str, value: Any) -> None:
    """A trial with one field replaced by any JSON value is read or refused with a ResultFileError."""
    read_or_refuse(fuzzed, HEADER_LINE + trial_with(**{name: value}) + END_LINE)


@given(st.sampled_from(sorted(encode(HEADER))), json_values)
@settings(deadline=None)
def test_any_value_in_any_field_of_the_header(fuzzed: Path, name: str, value: Any) -> None:
    """A header with one field replaced by any JSON value is read or refused with a ResultFileError."""
    read_or_refuse(fuzzed, header_with(**{name: value}) + TRIAL_LINE)


def test_the_format_is_plain_json(place: Path) -> None:
    """Other programs can read the file: every line is a JSON object with a kind, the header first."""
    kinds = [json.loads(line)["kind"] for line in write_results(place, make_rounds(1)).splitlines()]
    assert kinds == ["header", "trial", "trial", "trial", "end"]


def test_a_file_of_the_first_schema_is_read(tmp_path: Path) -> None:
    """Its spans lack the columns that came later: they are None, not an error and not zero."""
    spans = {name: column for name, column in SPANS.items() if name not in LATER_SPAN_COLUMNS}
    place = tmp_path / "old.jsonl"
    write_results(place, [parallel(spans=spans)], header=replace(HEADER, schema=1))
    [trial] = read(place).records
    assert trial.spans is not None
    assert [[None, None], [None, None]] == [trial.spans[name] for name in LATER_SPAN_COLUMNS]
    assert SPANS["cpu_s"] == trial.spans["cpu_s"]


def test_memory_lines_are_read(tmp_path: Path) -> None:
    """What a configuration held at most stands beside the trials, and is none."""
    memory = Memory("parallel", "processes", 2, 10, None, 30, None, 16, 5, 0.01)
    place = tmp_path / "memory.jsonl"
    journal = Journal(place)
    journal.begin(HEADER)
    journal.add_memory(memory)
    journal.end("rounds", MOMENT)
    journal.close()
    assert ((), (memory,)) == (read(place).records, read(place).memory)


@pytest.mark.parametrize("name", ["map_s", "cpu_s", "steal_s", "preempted"])
def test_what_is_below_zero_is_refused(tmp_path: Path, name: str) -> None:
    """A time or a count below zero was never measured, and the message names it."""
    path = tmp_path / "sweep.jsonl"
    write_results(path, [replace(parallel(), **{name: -1})])
    with pytest.raises(ResultFileError, match=f"line 2 is broken: Trial.{name} is below zero"):
        read(path)
