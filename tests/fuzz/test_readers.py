"""Damaged inputs are read, or refused by an error of our own: a sample of what ``make fuzz`` tries for minutes."""

import json
import random
import signal
from collections.abc import Callable, Iterable
from typing import Any

import pytest
from bounds import Finds, TooSlowError, bounded
from damage import DAMAGED
from hypothesis import HealthCheck, given, settings
from readers import READERS
from valid import inputs

# A few of what takes long, because every input is drawn, or goes through several commands.
SHARES = {"pictures": 0.1, "photographs": 0.5, "results": 0.4, "purchases": 0.4, "progress": 0.5}


@pytest.fixture(autouse=True, scope="module")
def _no_window() -> Iterable[None]:
    import matplotlib as mpl

    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MPLBACKEND", "agg")
        mpl.use("agg")
        yield


@pytest.mark.filterwarnings("ignore")  # numpy warns of numbers that overflow; what is shown of them is looked at
@pytest.mark.parametrize("reader", READERS)
def test_valid_inputs_are_read(reader: str) -> None:
    """What fuzzing begins with is not refused at the first step: each input goes all the way."""
    for data in inputs(reader):
        READERS[reader](data)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("reader", READERS)
def test_damaged_inputs(reader: str) -> None:
    """Nothing but our own errors comes out, in bounded time."""

    @given(DAMAGED[reader])
    @settings(
        max_examples=max(4, round(settings.default.max_examples * SHARES.get(reader, 1))),
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    def check(data: bytes) -> None:
        with bounded(30):  # others are at work on the same cores
            READERS[reader](data)

    check()


def _everywhere(data: bytes, name: str, value: Any) -> bytes:
    """Give a field the same value on every line of a file."""

    def changed(old: Any) -> Any:
        if isinstance(old, list):
            return [changed(one) for one in old]
        if not isinstance(old, dict):
            return old
        return {
            key: (([value] * len(one) if isinstance(one, list) else value) if key == name else changed(one))
            for key, one in old.items()
        }

    return b"".join(json.dumps(changed(json.loads(line))).encode() + b"\n" for line in data.splitlines())


# What was found: (which valid file, field, value).
FOUND = [
    (0, "workers", 0),
    (0, "workers", 10**400),
    (2, "workers", 10**12),
    (0, "map_s", 1e-308),
    (3, "map_s", 5e-324),
    (0, "chunksize", 0),
    (0, "preempted", 10**400),
    (0, "parent_pss_bytes", 10**400),
    (0, "workload", "\ud800"),
    (1, "message", "caf\udce9"),
    (1, "backend", "\udce9"),
    (0, "outcome", "\udce9"),
]


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(("file", "name", "value"), FOUND)
def test_found_in_results(file: int, name: str, value: Any) -> None:
    """Numbers that nobody can have measured are refused; half a character can be shown and exported."""
    READERS["results"](_everywhere(inputs("results")[file], name, value), every=True)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(("column", "value"), [("started_s", "0.5"), ("finished_s", 10**400), ("outcome", None)])
def test_found_in_spans(column: str, value: Any) -> None:
    """One odd value among a column's others is refused as well."""
    header, *trials = map(json.loads, inputs("results")[0].splitlines())
    for one in trials:
        if one.get("spans"):
            one["spans"][column][0] = value
    data = b"".join(json.dumps(one).encode() + b"\n" for one in (header, *trials))
    READERS["results"](data, every=True)


def test_found_in_purchases() -> None:
    """A customer's name that is no UTF-8: Parquet takes it as it is."""
    whole, broken = b"\x01\0\0\0a\x01\0\0\0b", b"\x01\0\0\0\xaf\x01\0\0\0b"  # lengths, and the texts
    (data,) = (one for one in inputs("purchases") if whole in one)
    READERS["purchases"](data.replace(whole, broken))


@pytest.mark.parametrize(
    ("reader", "data"),
    [
        ("notebooks", b""),
        ("notebooks", b"{}"),
        ("notebooks", b'{"cells": []}'),
        ("notebooks", b'{"cells": [{"source": 5}]}'),
        ("notebooks", b"\xb8"),
        ("notebooks", b'{"cells": [], "metadata": []}'),
        ("notebooks", b'{"cells": [{"cell_type": "markdown", "source": "\\ud800"}]}'),
        ("notebooks", b"[" * 100_000),
        ("notebooks", b"### BEGIN SOLUTION\n" + b"-" * 20_000 + b"1\n### END SOLUTION"),
        ("notebooks", b"### BEGIN SOLUTION\nx = '\0'\n### END SOLUTION"),
        ("notebooks", b"### BEGIN SOLUTION\nx = 1\rdef work(item): return item\n### END SOLUTION"),
        ("machine", b"0::/a\0b\n==\n30 24 0:26 / /sys/fs/cgroup rw - cgroup2 c rw"),
        ("machine", b"0::/\n==\n30 24 0:26 / sys/fs/cgroup rw - cgroup2 c rw"),
        ("machine", b"0::/\n==\n1 2 0:3 / /sys/fs/cgroup rw - cgroup2 c rw\n==\n\n==\n\n==\n\n==\ninf 1"),
        ("machine", b"\n==\n\n==\n\n==\n\n==\nnonvoluntary_ctxt_switches:"),
        ("machine", b"\n==\n\n==\n\n==\n\n==\nnonvoluntary_ctxt_switches:\t" + b"9" * 5_000),
        ("machine", b"0::/\n==\n30 24 0:26 / //cgroup/cpu rw - cgroup2 c rw"),
        ("texts", b"if itA\r\r\r-1er"),
        ("items", b"t[\0]"),
        ("items", b"t" + b"[" * 20_000),
        ("notes", b"\x82"),
        ("notes", b"1\n"),
        ("notes", b'["began"]\n'),
        ("notes", b'["began", 1, [], 0]\n["began", 1, 0.5, 0]\n'),
        ("notes", b"[" * 100_000),
        ("notes", b'Thread 0x1 (most recent call first):\n  File "a.py", line ' + b"9" * 5_001 + b" in f\n"),
    ],
)
def test_found_elsewhere(reader: str, data: bytes) -> None:
    """What leaked once does not leak again."""
    READERS[reader](data, every=True)


def test_a_leak_is_found(tmp_path: Any, capsys: pytest.CaptureFixture[str]) -> None:
    """The harness itself: an exception that is not ours is noted once, with its input; the others go by."""
    finds = Finds(tmp_path)
    for data in (b"a", b"b"):
        finds.watch(_leaking, data)
    assert [2] == list(finds.seen.values())
    assert b"a" in [path.read_bytes() for path in tmp_path.iterdir()]
    assert "ZeroDivisionError" in capsys.readouterr().out


def _leaking(data: bytes) -> None:
    raise ZeroDivisionError(data)


@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="Windows has no such timer")
def test_what_does_not_end_is_ended() -> None:
    """A reader that hangs is ended when its CPU time is spent, also where it catches all exceptions."""
    with pytest.raises(TooSlowError), bounded(0.2):
        _stubborn(random.random)


def _stubborn(act: Callable[[], object]) -> None:
    while True:
        try:
            act()
        except Exception:  # noqa: BLE001, S112  # a reader that swallows everything
            continue


def test_bounded_leaves_nothing() -> None:
    """No timer is left behind, so nothing is interrupted later."""
    with bounded(30):
        pass
    if hasattr(signal, "getitimer"):
        assert (0.0, 0.0) == signal.getitimer(signal.ITIMER_PROF)
