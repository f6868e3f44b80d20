"""Hypothesis strategies that damage valid inputs: by structure where they are JSON or tables, and byte by byte."""

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from functools import reduce
from operator import getitem
from typing import Any

from hypothesis import strategies as st
from valid import inputs

LARGEST = 1 << 18  # letters of a line, about: damage grows by damage, and a line may be repeated a hundred times
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
    st.sampled_from(([], {}, [None], [[]], {"": None}, [1] * 1_000, {"a": {"b": [1, "x"]}})),
    st.integers(),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(max_size=5),
)


def _ways(value: Any, above: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """List the way to every value inside."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, one in inner:
        yield (*above, key)
        yield from _ways(one, (*above, key))


def _changed(document: Any, way: Sequence[Any], act: Callable[[Any, Any], None]) -> Any:
    """Return a document in which an act has changed the last value of a way; what is beside the way is not copied."""
    here, *further = way
    copy = type(document)(document)
    if further:
        copy[here] = _changed(document[here], further, act)
    else:
        act(copy, here)
    return copy


def _change(draw: st.DrawFn, document: Any) -> Any:
    """Retype, drop, double or rename one value of a JSON document, which itself stays as it is."""
    ways = list(_ways(document))
    if not ways or draw(st.integers(0, 30)) == 0:
        return draw(VALUES)
    way = draw(st.sampled_from(ways))
    act = draw(st.sampled_from(("set", "set", "set", "set", "drop", "rename", "wrap", "from elsewhere")))
    if act == "drop":
        return _changed(document, way, lambda around, last: around.pop(last))
    if act == "rename" and isinstance(way[-1], str):
        name = draw(st.sampled_from(TEXTS))
        return _changed(document, way, lambda around, last: around.update({name: around.pop(last)}))
    if act == "wrap":
        times = draw(st.sampled_from((1, 2, 200)))
        return _changed(document, way, lambda around, last: around.__setitem__(last, [around[last]] * times))
    value = reduce(getitem, draw(st.sampled_from(ways)), document) if act == "from elsewhere" else draw(VALUES)
    return _changed(document, way, lambda around, last: around.__setitem__(last, value))


def _everywhere(draw: st.DrawFn, documents: list[Any]) -> list[Any]:
    """Give one name the same value wherever it stands: what fits together is refused by nothing else."""
    names = sorted({str(key) for document in documents for one in _objects(document, set()) for key in one})
    if not names:
        return documents
    name, value = draw(st.sampled_from(names)), draw(VALUES)
    grow = draw(st.sampled_from(("same", "list", "each", "scale")))

    def put(old: Any) -> Any:
        if grow == "scale" and isinstance(old, int | float) and isinstance(value, int | float):
            with suppress(OverflowError):
                return old * value if abs(old * value) < float("inf") else value
        if isinstance(old, list) and grow != "same":
            return [value] if grow == "list" else [value] * len(old)
        return value

    known: dict[int, Any] = {}
    return [_renewed(document, name, put, known) for document in documents]


def _renewed(value: Any, name: str, put: Callable[[Any], Any], known: dict[int, Any]) -> Any:
    """Put another value wherever a name stands; what has no such name, or was met before, is not copied again."""
    if not isinstance(value, dict | list):
        return value
    if id(value) not in known:
        if isinstance(value, dict):
            new: Any = {k: put(one) if k == name else _renewed(one, name, put, known) for k, one in value.items()}
            same = name not in value and all(new[key] is one for key, one in value.items())
        else:
            new = [_renewed(one, name, put, known) for one in value]
            same = all(one is old for one, old in zip(new, value, strict=True))
        known[id(value)] = value if same else new
    return known[id(value)]


def _objects(value: Any, met: set[int]) -> Iterator[dict[str, Any]]:
    """List the objects inside, one that stands in many places once."""
    if not isinstance(value, dict | list) or id(value) in met:
        return
    met.add(id(value))
    if isinstance(value, dict):
        yield value
    for one in value.values() if isinstance(value, dict) else value:
        yield from _objects(one, met)


def _weight(value: Any, known: dict[int, int]) -> int:
    """Return about how many letters a document will have, without writing it."""
    if not isinstance(value, dict | list):
        return (
            value.bit_length() // 3 + 2 if isinstance(value, int) else len(value) + 4 if isinstance(value, str) else 20
        )
    if id(value) not in known:
        keys = sum(len(str(key)) + 6 for key in value) if isinstance(value, dict) else 2 * len(value)
        inner = value.values() if isinstance(value, dict) else value
        known[id(value)] = 2 + keys + sum(_weight(one, known) for one in inner)
    return known[id(value)]


def _light(new: Any, old: Any) -> Any:
    """Return the new document, or the old one where the new would be too long a line."""
    return new if _weight(new, {}) <= LARGEST else old


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
            documents[place] = _light(_change(draw, documents[place]), documents[place])
    if draw(st.booleans()):
        for _ in range(draw(st.sampled_from((1, 1, 2, 3)))):
            documents = [_light(*pair) for pair in zip(_everywhere(draw, documents), documents, strict=True)]
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


@st.composite
def _numbers(draw: st.DrawFn, reader: str) -> bytes:
    """Write odd numbers into a binary file, of one to eight bytes: its sizes, counts, offsets and kinds."""
    data = bytearray(draw(st.sampled_from(inputs(reader))))
    for _ in range(draw(st.integers(1, 4))):
        width = draw(st.sampled_from((1, 2, 4, 8)))
        number = draw(st.sampled_from((0, 1, 2, 255, 12_000, 65_535, 2**31 - 1, 2**31, 2**32 - 1, 2**63, 2**64 - 1)))
        written = (number % 256**width).to_bytes(width, draw(st.sampled_from(("big", "little"))))
        start = draw(st.integers(0, draw(st.sampled_from((64, len(data) - 1)))))
        data[start : start + width] = written
    return bytes(data)


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
    "photographs": st.one_of(_bytes("photographs"), _numbers("photographs")),
    "notebooks": _of("notebooks", _json_lines, _python, _manifest),
    "progress": _of("progress", _json_lines),
    "texts": _of("texts", _tables),
    "machine": _of("machine"),
    "notes": _of("notes", _json_lines),
    "messages": _of("messages", _json_lines),
}
