"""Records to JSON and back, and what is refused on the way in."""

import json
from dataclasses import dataclass
from typing import Any, Literal

import pytest
from builders import CHECK, FAILURE, HEADER, WORKER, findings, headers, parallel, sweeps, trials
from hypothesis import given, settings

from parlab.codec import decode, dumps, encode, loads
from parlab.records import Finding, Sweep, Trial
from parlab.results import Header


def plain(record: Any) -> dict[str, Any]:
    found: dict[str, Any] = loads(dumps(encode(record)).encode())
    return found


def there_and_back(record: Any) -> Any:
    return decode(type(record), plain(record))


@given(trials)
@settings(deadline=None)
def test_trials_travel(record: Trial) -> None:
    """Any trial comes back equal, tuples, spans and failures included."""
    assert record == there_and_back(record)


@given(sweeps)
@settings(deadline=None)
def test_sweeps_travel(record: Sweep) -> None:
    """Any plan comes back equal."""
    assert record == there_and_back(record)


@given(findings)
@settings(deadline=None)
def test_findings_travel(record: Finding) -> None:
    """Any finding comes back equal, with its evidence."""
    assert record == there_and_back(record)


@given(headers)
@settings(deadline=None)
def test_headers_travel(record: Header) -> None:
    """Any header comes back equal, with the sweep and the check inside it."""
    assert record == there_and_back(record)


def test_nested_records_are_records_again() -> None:
    """What stands inside a record is decoded to its own class, in tuples."""
    found = there_and_back(parallel(failures=(FAILURE,), crew=(WORKER,)))
    assert (found.failures, found.crew) == ((FAILURE,), (WORKER,))


def test_one_line_whatever_the_text() -> None:
    """A line feed inside a text does not end the line in the file."""
    assert b"\n" not in dumps({"text": "a\nb\r\u2028"}).encode()


def test_undecodable_file_names_can_be_written() -> None:
    """A file name that is no UTF-8 (a lone surrogate in Python) can be written as bytes and read back."""
    assert loads(dumps({"path": "caf\udce9.jpg"}).encode()) == {"path": "caf\udce9.jpg"}


@pytest.mark.parametrize("number", [float("nan"), float("inf"), float("-inf")])
def test_no_word_for_nan_is_written(number: float) -> None:
    """NaN and infinities are refused when writing: JSON has no word for them."""
    with pytest.raises(ValueError, match="JSON compliant"):
        dumps({"map_s": number})


@pytest.mark.parametrize("text", ["NaN", "Infinity", "-Infinity", '{"map_s": NaN}', "[1e999]", "-1e999"])
def test_no_nan_is_read(text: str) -> None:
    """NaN and infinities are refused when reading, also the ones that hide in a number too large for a float."""
    with pytest.raises(ValueError, match=r"not allowed|infinit|finite|large"):
        loads(text)


@pytest.mark.parametrize("text", ["[" * 100_000, '{"a":' * 100_000, "[" * 100_000 + "]" * 100_000])
def test_deep_nesting_is_refused(text: str) -> None:
    """A text that is nested beyond Python's stack is an ordinary error, not a RecursionError."""
    with pytest.raises(ValueError, match="nested too deeply"):
        loads(text)


@pytest.mark.parametrize("text", ["", "{", "nonsense", b"\xff\xfe{", "{'a': 1}"])
def test_what_is_no_json_is_refused(text: str | bytes) -> None:
    """Text that is no JSON is a ValueError, broken encodings included."""
    with pytest.raises(ValueError, match=r".+"):
        loads(text)


def refusal(cls: type, data: object) -> str:
    with pytest.raises(ValueError, match=r".+") as caught:
        decode(cls, data)
    return str(caught.value)


@pytest.mark.parametrize("name", ["round", "role", "map_s", "started_at"])
def test_a_missing_field_is_named(name: str) -> None:
    """A record without one of its fields is refused, and the text names the field."""
    data = {key: value for key, value in plain(parallel()).items() if key != name}
    assert f"Trial lacks the field {name!r}" == refusal(Trial, data)


def test_a_field_with_a_default_may_be_missing() -> None:
    """What has a default may be left out, so that older files can be read."""
    data = plain(parallel())
    for name in ("failures", "crew", "spans"):
        del data[name]
    assert parallel() == decode(Trial, data)


def test_unknown_fields_are_ignored() -> None:
    """A field that this version does not know is left out, so that a newer minor version can be read."""
    assert decode(type(CHECK), {**plain(CHECK), "temperature": 40}) == CHECK


WRONG = [
    ("round", "1"),
    ("round", 1.0),
    ("round", None),
    ("round", True),
    ("round", [1]),
    ("map_s", "1.0"),
    ("map_s", False),
    ("map_s", {}),
    ("role", "boss"),
    ("role", 1),
    ("role", None),
    ("role", ["serial"]),
    ("backend", 1),
    ("backend", None),
    ("start_method", 1),
    ("failures", 3),
    ("failures", {}),
    ("failures", "text"),
    ("failures", None),
    ("crew", {"host": "here"}),
    ("spans", []),
    ("spans", "text"),
    ("spans", {"task": 1}),
]


@pytest.mark.parametrize(("name", "value"), WRONG)
def test_a_wrong_type_is_refused(name: str, value: object) -> None:
    """A field of another type than the record allows is refused, and the text names the field; True is no number."""
    assert f"Trial.{name}" in refusal(Trial, {**plain(parallel()), name: value})


def test_a_field_inside_a_field_is_named() -> None:
    """An error deep inside names the inner record and its field."""
    data = plain(HEADER)
    data["sweep"]["workers"] = [1, "2"]
    assert refusal(Header, data) == "Sweep.workers cannot be '2'"
    data = plain(parallel(failures=(FAILURE,)))
    del data["failures"][0]["error"]
    assert refusal(Trial, data) == "Failure lacks the field 'error'"
    assert refusal(Trial, {**plain(parallel()), "failures": [3]}) == "expected an object for Failure, found int"
    data = plain(HEADER)
    data["libraries"]["numpy"] = 2
    assert refusal(Header, data) == "Header.libraries['numpy'] cannot be 2"


@pytest.mark.parametrize("data", [None, 3, "text", [], [1, 2], True])
def test_what_is_no_object_is_refused(data: object) -> None:
    """Anything but a JSON object is refused, and the text says what was found."""
    assert f"expected an object for Trial, found {type(data).__name__}" == refusal(Trial, data)


def test_a_long_wrong_value_is_cut() -> None:
    """The text of an error stays short however long the wrong value is."""
    assert len(refusal(Trial, {**plain(parallel()), "round": "x" * 10_000})) < 100


def test_a_whole_number_is_a_fine_float() -> None:
    """JSON writes 1.0 as 1 in other languages, and that is a time too."""
    assert decode(Trial, {**plain(parallel()), "map_s": 1}).map_s == 1.0


@dataclass(frozen=True)
class Flags:
    on: bool
    kind: Literal["a", "b"] = "a"


def test_a_number_is_no_flag() -> None:
    """1 does not pass for True."""
    assert Flags(on=True) == decode(Flags, {"on": True})
    assert refusal(Flags, {"on": 1}) == "Flags.on cannot be 1"


def test_the_text_is_json_for_everybody() -> None:
    """Another JSON reader understands what is written."""
    assert encode(CHECK) == json.loads(dumps(encode(CHECK)))
