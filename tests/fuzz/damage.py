"""Hypothesis strategies that damage valid inputs: by structure where they are JSON or tables, and byte by byte."""

import json
from collections.abc import Callable, Iterator
from contextlib import suppress
from copy import deepcopy
from typing import Any

from hypothesis import strategies as st
from valid import inputs

_RAW = "raw token "  # a text that is written without its quotes
TOKENS = ("NaN", "Infinity", "-Infinity", "1e999", "-0.0", "1E400", "9" * 5_000, "[" * 5_000, "{" * 3, "tru", "'x'")
NUMBERS = (
    *(0, -1, 1, 2, 3, 61, 1_000, 10**6, 2**31, 10**9, 2**53 + 1, 2**63, 10**12, 10**18, -(2**63), 10**308, 10**400),
    *(0.0, 0.5, -0.5, 1e-9, 1e-12, 1e-100, 5e-324, 2.2e-308, 1e9, 1e15, 1e100, 1e300, 1.79e308, 1 / 3),
)
TEXTS = (
    *("", "0", "1", "-1", "nan", "serial", "ceiling", "parallel", "threads", "ok", "error", "2026-13-45", "\x00"),
    *("\ud800", "[bold]x[/nope]", "\x1b[31m", "<script>", "=1+1", "$x_1$ $", "a\nb", "x" * 5_000, "\u202e", "é", "😀"),
    *("∞", "١٢", "²", "9" * 5_000, "../..", "C:\\x", "-rf", "%s{0}"),
)
VALUES: st.SearchStrategy[Any] = st.one_of(
    st.sampled_from(NUMBERS),
    st.sampled_from(TEXTS),
    st.sampled_from(TOKENS).map(lambda token: _RAW + token),
    st.sampled_from((None, True, False)),
    st.sampled_from(([], {}, [None], [[]], {"": None}, [1] * 1_000, {"a": {"b": [1, "x"]}})).map(deepcopy),
    st.integers(),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(max_size=5),
)


def _places(value: Any, above: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """List the way to every value inside."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, one in inner:
        yield (*above, key)
        yield from _places(one, (*above, key))


def _change(draw: st.DrawFn, document: Any) -> Any:
    """Retype, drop, double or rename one value of a JSON document."""
    places = list(_places(document))
    if not places or draw(st.integers(0, 30)) == 0:
        return draw(VALUES)
    *way, last = draw(st.sampled_from(places))
    around = document
    for key in way:
        around = around[key]
    act = draw(st.sampled_from(("set", "set", "set", "set", "drop", "rename", "wrap", "from elsewhere")))
    if act == "drop":
        del around[last]
    elif act == "rename" and isinstance(around, dict):
        around[draw(st.sampled_from(TEXTS))] = around.pop(last)
    elif act == "wrap":
        around[last] = [around[last]] * draw(st.sampled_from((1, 2, 200)))
    elif act == "from elsewhere":
        found = document
        for key in draw(st.sampled_from(places)):
            found = found[key]
        around[last] = deepcopy(found)
    else:
        around[last] = draw(VALUES)
    return document


def _everywhere(draw: st.DrawFn, documents: list[Any]) -> None:
    """Give one name the same value wherever it stands: what fits together is refused by nothing else."""
    around = [one for document in documents for one in _objects(document)]
    names = sorted({str(key) for one in around for key in one})
    if not names:
        return
    name, value = draw(st.sampled_from(names)), draw(VALUES)
    grow = draw(st.sampled_from(("same", "same", "list", "scale")))
    for one in around:
        if name not in one:
            continue
        old = one[name]
        if grow == "scale" and isinstance(old, int | float) and isinstance(value, int | float):
            with suppress(OverflowError):
                one[name] = old * value if abs(old * value) < float("inf") else value
        elif isinstance(old, list) and grow != "same":
            one[name] = [deepcopy(value) for _ in old]
        else:
            one[name] = [deepcopy(value)] if isinstance(old, list) and draw(st.booleans()) else deepcopy(value)


def _objects(value: Any) -> Iterator[dict[str, Any]]:
    if isinstance(value, dict):
        yield value
    for one in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from _objects(one)


def _written(document: Any) -> str:
    text = json.dumps(document)
    for token in TOKENS:
        text = text.replace(f'"{_RAW}{token}"', token)
    return text


def _rearranged(draw: st.DrawFn, lines: list[str]) -> list[str]:
    """Drop, double, swap, cut or empty a line."""
    if not lines:
        return [draw(st.text(max_size=5))]
    here, there = (draw(st.integers(0, len(lines) - 1)) for _ in range(2))
    act = draw(st.sampled_from(("drop", "double", "swap", "cut", "empty", "many")))
    if act == "drop":
        del lines[here]
    elif act == "double":
        lines.insert(there, lines[here])
    elif act == "swap":
        lines[here], lines[there] = lines[there], lines[here]
    elif act == "cut":
        lines[here] = lines[here][: draw(st.integers(0, len(lines[here])))]
    elif act == "empty":
        lines[here] = ""
    else:
        lines[here:here] = [lines[here]] * 50
    return lines


def _encoded(draw: st.DrawFn, text: str) -> bytes:
    """Write a text as some program might: with a mark of its order, other line ends, another encoding."""
    ends = draw(st.sampled_from(("\n", "\n", "\n", "\n", "\r\n", "\r", "\u2028")))
    coding = draw(st.sampled_from(("utf-8", "utf-8", "utf-8", "utf-8", "utf-8-sig", "utf-16", "latin-1", "utf-7")))
    errors = "surrogatepass" if coding.startswith("utf") and coding != "utf-7" else "replace"
    return text.replace("\n", ends).encode(coding, errors)


@st.composite
def _json_lines(draw: st.DrawFn, reader: str) -> bytes:
    data = draw(st.sampled_from(inputs(reader)))
    try:
        documents = [json.loads(line) for line in data.decode().splitlines()]
    except ValueError:
        return draw(_bytes(reader))
    for _ in range(draw(st.sampled_from((0, 1, 1, 2)))):
        if documents:
            # The first line tells most, the others are many
            place = draw(st.sampled_from([0, draw(st.integers(0, len(documents) - 1))]))
            documents[place] = _change(draw, documents[place])
    if draw(st.booleans()):
        for _ in range(draw(st.sampled_from((1, 1, 2, 3)))):
            _everywhere(draw, documents)
    lines = [_written(one) for one in documents]
    for _ in range(draw(st.sampled_from((0, 0, 0, 1, 2)))):
        lines = _rearranged(draw, lines)
    return _encoded(draw, "".join(f"{line}\n" for line in lines))


@st.composite
def _tables(draw: st.DrawFn, reader: str, first: int = 0) -> bytes:
    """Damage comma-separated text cell by cell; what is no text is damaged by bytes."""
    data = draw(st.sampled_from(inputs(reader)))
    try:
        lines = data[first:].decode().splitlines()
    except UnicodeDecodeError:
        return draw(_bytes(reader))
    for _ in range(draw(st.integers(1, 3))):
        if not lines:
            break
        place = draw(st.integers(0, len(lines) - 1))
        cells = lines[place].split(",")
        value = draw(VALUES)
        cell = str(value).removeprefix(_RAW) if not isinstance(value, int) or abs(value) < 10**400 else "9" * 401
        cells[draw(st.integers(0, len(cells) - 1))] = draw(
            st.sampled_from((cell, f'"{cell}"', f" {cell} ", f'"{cell}'))
        )
        lines[place] = ",".join(cells)
    for _ in range(draw(st.sampled_from((0, 0, 1, 2)))):
        lines = _rearranged(draw, lines)
    return data[:first] + _encoded(draw, "\n".join(lines))


@st.composite
def _bytes(draw: st.DrawFn, reader: str) -> bytes:
    """Cut pieces out of a valid input and put others in."""
    data = draw(st.sampled_from(inputs(reader)))
    pieces = st.one_of(
        st.binary(max_size=8),
        st.sampled_from([token.encode() for token in TOKENS]),
        st.sampled_from([text.encode(errors="surrogatepass") for text in TEXTS]),
        st.sampled_from([str(number).encode() for number in NUMBERS]),
    )
    for _ in range(draw(st.integers(1, 4))):
        start = draw(st.integers(0, len(data)))
        data = data[:start] + draw(pieces) + data[start + draw(st.integers(0, 30)) :]
    return data


def _of(reader: str, *strategies: Callable[[str], st.SearchStrategy[bytes]]) -> st.SearchStrategy[bytes]:
    return st.one_of(*(one(reader) for one in strategies), _bytes(reader), st.binary(max_size=100))


def _tagged(reader: str) -> st.SearchStrategy[bytes]:
    return _tables(reader, 1)


def _python(reader: str) -> st.SearchStrategy[bytes]:
    """Put odd sources into the notebook's cells."""
    odd = st.sampled_from(
        (
            *("\x00", "-" * 20_000 + "1", "(" * 500, "x = " + "[" * 150, "def f(:", "class C", "\ud800", "\ufeffx = 1"),
            *("lambda: (yield)", "if 1:\n\tx\n        y", "f'{'", "'''", "\\", "é = 1", "x\x0cy", "async def f(): 0"),
            *("def f(): return 1", "def f(a,\n b): return 1", "@d\ndef f(): pass", "class C(B): x = 1", "x = y = 1"),
        )
    )

    @st.composite
    def made(draw: st.DrawFn) -> bytes:
        lines = draw(st.lists(odd, max_size=2))
        begin, end = "### BEGIN SOLUTION", "### END SOLUTION"
        marks = draw(st.sampled_from((([], []), ([begin], [end]), ([begin], []), ([end], [begin]))))
        source = "\n".join([*draw(st.lists(odd, max_size=1)), *marks[0], *lines, *marks[1]])
        if draw(st.booleans()):
            return source.encode(errors="surrogatepass")
        page = json.loads(inputs(reader)[0])
        page["cells"][1]["source"] = source
        return json.dumps(page).encode()

    return made()


def _manifest(reader: str) -> st.SearchStrategy[bytes]:
    @st.composite
    def made(draw: st.DrawFn) -> bytes:
        return b"m" + _written(_change(draw, json.loads(inputs(reader)[-1][1:]))).encode()

    return made()


DAMAGED: dict[str, st.SearchStrategy[bytes]] = {
    "results": st.one_of(_json_lines("results"), _json_lines("results"), _json_lines("results"), _bytes("results")),
    "pictures": st.one_of(_json_lines("pictures"), _json_lines("pictures"), _json_lines("pictures")),
    "points": _of("points", _tables),
    "items": _of("items", _tagged),
    "purchases": _of("purchases", _tagged),
    "notebooks": _of("notebooks", _json_lines, _python, _manifest),
    "progress": _of("progress", _json_lines),
    "texts": _of("texts", _tables),
    "machine": _of("machine"),
    "notes": _of("notes", _json_lines),
    "messages": _of("messages", _json_lines),
}
