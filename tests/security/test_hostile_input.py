"""Files made to break a reader: refused in bounded time and memory, with a short text that a terminal survives."""

import json
import os
import threading
from pathlib import Path

import pytest
from builders import HEADER, make_rounds, write_results

from parlab.codec import dumps, encode, loads
from parlab.errors import InputError, ParlabError, ResultFileError, harmless
from parlab.learn.store import FILE, MANIFEST, Store
from parlab.results import read, reader
from parlab.workloads import items
from parlab.workloads.items import parse_items

HEAD = dumps({"kind": "header", **encode(HEADER)}).encode()
LONG = "9" * 1_000_000
EVIL = "\x1b]0;owned\x07\u202e\u2066\x9b31m\x00"


def said(place: Path, content: bytes) -> str:
    place.write_bytes(content)
    with pytest.raises(ResultFileError) as caught:
        read(place)
    return str(caught.value)


@pytest.mark.parametrize(
    "line",
    [
        f'{{"kind": "trial", "round": {LONG}}}',
        f'{{"kind": "trial", "round": {LONG}.0}}',
        f'{{"kind": "{LONG}"}}',
        f'{{"kind": "memory", "{LONG}": 1}}',
        f'{{"kind": "end", "reason": {LONG}}}',
        '{"kind": "trial", "map_s": 1e999}',
        '{"kind": "trial", "map_s": -Infinity}',
        '{"kind": "trial", "map_s": NaN}',
        "[" * 200_000,
        '{"a":' * 200_000,
        "\x00",
        "\ufeff[]",
        '{"kind": ["trial"]}',
    ],
)
@pytest.mark.parametrize("first", [False, True])
def test_a_line_that_shall_break_the_reader(tmp_path: Path, line: str, *, first: bool) -> None:
    """Huge numbers, huge names, depth, what JSON has no word for: a short refusal, in the first line and later."""
    content = line.encode() if first else HEAD + b"\n" + line.encode()
    assert len(said(tmp_path / "sweep.jsonl", content + b"\n")) < 600


@pytest.mark.parametrize("name", ["parlab", "schema"])
def test_a_newer_file_with_a_long_name(tmp_path: Path, name: str) -> None:
    """What a newer version calls itself is cut."""
    content = {"kind": "header", "schema": 99, "parlab": "x"} | {
        name: "x" * 1_000_000 if name == "parlab" else 10**4_000
    }
    assert len(said(tmp_path / "sweep.jsonl", json.dumps(content).encode() + b"\n")) < 1_000


def test_a_line_without_an_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file of holes, a gigabyte that takes no room: its line is given up at the cap, not read on."""
    monkeypatch.setattr(reader, "LARGEST_LINE_BYTES", 1 << 20)
    place = tmp_path / "sweep.jsonl"
    place.write_bytes(HEAD + b"\n")
    os.truncate(place, 1 << 30)
    with pytest.raises(ResultFileError, match="line 2: longer than 1 MiB"):
        read(place)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="named pipes are of Unix")
def test_a_pipe_that_never_ends(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Items from a pipe tell no size: reading ends at the cap."""
    monkeypatch.setattr(items, "LARGEST_FILE_BYTES", 1 << 20)
    pipe = tmp_path / "endless.jsonl"
    os.mkfifo(pipe)

    def flood() -> None:
        with pipe.open("wb") as file:
            try:
                while True:
                    file.write(b"1\n" * 8_192)
            except BrokenPipeError:
                return

    writer = threading.Thread(target=flood, daemon=True)
    writer.start()
    with pytest.raises(InputError, match="is larger than"):
        parse_items(str(pipe))
    writer.join(60)
    assert not writer.is_alive()


@pytest.mark.parametrize("content", [b"[" * 100_000, b"9" * 5_000, b'"\x00', b"\xff"])
def test_items_that_shall_break_the_reader(tmp_path: Path, content: bytes) -> None:
    """A line of items that is no JSON is named."""
    place = tmp_path / "items.jsonl"
    place.write_bytes(content)
    with pytest.raises(InputError):
        parse_items(str(place))


@pytest.mark.parametrize(
    "content",
    [
        b"[" * 100_000,
        f'{{"schema": 1, "exercises": {{"a": {{"tries": {LONG[:5_000]}}}}}}}'.encode(),
        b'{"schema": 1, "predictions": {"a": {"guess": 1e999}}}',
        b'{"schema": 1, "exercises": {"a": {"tries": -1}}}',
        b"\x1f\x8b\x08\x00",
    ],
)
def test_progress_that_shall_break_the_notebook(tmp_path: Path, content: bytes) -> None:
    """It is put aside, and counting begins anew."""
    (tmp_path / MANIFEST).write_text("{}")
    (tmp_path / FILE).write_bytes(content)
    store = Store.of(tmp_path)
    assert {} == store.progress.exercises == store.progress.predictions
    assert not (tmp_path / FILE).exists()


def test_of_two_equal_names_the_last_counts() -> None:
    """As everywhere in Python; whoever checks a value checks the one that is used."""
    assert {"a": 2} == loads('{"a": 1, "a": 2}')


@pytest.mark.parametrize("name", ["show", "explain", "fit", "plan", "report"])
def test_no_message_reaches_the_terminal_raw(command, tmp_path: Path, name: str) -> None:
    """A file's own name, and what a newer parlab calls itself, may hold what would retitle a terminal."""
    files = {"newer.jsonl": {"kind": "header", "schema": 99, "parlab": EVIL}, f"x{EVIL[:-1]}.jsonl": {"kind": "header"}}
    more = ("-o", "page.html") if name == "report" else ()
    for file, content in files.items():
        (tmp_path / file).write_text(json.dumps({"schema": 1, **content}) + "\n")
        done = command(name, file, *more)
        assert done.returncode == 2
        assert set() == {letter for letter in done.stdout + done.stderr if not letter.isprintable()} - {"\n"}


def test_an_error_in_a_notebook_is_harmless() -> None:
    """IPython in a terminal prints what an error renders."""
    assert [harmless(f"InputError: {EVIL}")] == InputError(EVIL)._render_traceback_()
    assert "\x1b" not in InputError(EVIL)._render_traceback_()[0]
    assert issubclass(InputError, ParlabError)


def test_lines_and_tabs_of_a_traceback_stay_readable() -> None:
    """A task's traceback keeps its lines; a tab becomes spaces."""
    assert ["InputError: a\n    b"] == InputError("a\n\tb")._render_traceback_()


def test_a_whole_file_is_still_read(tmp_path: Path) -> None:
    """What is refused above is refused for its content: a sweep's own file is read."""
    write_results(tmp_path / "sweep.jsonl", make_rounds(1))
    assert len(read(tmp_path / "sweep.jsonl").records) == 3
