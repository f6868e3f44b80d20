"""``parlab plan`` as a user runs it: the table, the object of ``--json``, the chart, and the messages."""

import json
from pathlib import Path

import pytest
from PIL import Image

GOLDEN = Path(__file__).with_name("plan.txt")
DOWNLOAD = ("plan", "recorded:download-2-cores", "--engine", "threads", "--from", "1", "--workers", "16", "--far")


def test_the_table_is_the_known_one(command) -> None:
    """From the spans of one thread of a recorded sweep, at 80 columns; chance is seeded, so it is always the same."""
    done = command(*DOWNLOAD)
    assert 0 == done.returncode, done.stderr
    assert GOLDEN.read_text(encoding="utf-8") == "\n".join(line.rstrip() for line in done.stdout.splitlines()) + "\n"
    assert max(map(len, done.stdout.splitlines())) <= 80


def test_json_and_chart(command, tmp_path: Path) -> None:
    """One object, with a band for each number, what was measured, and whether it lies in the band."""
    done = command(*DOWNLOAD, "--json", "-o", "plan.png")
    assert 0 == done.returncode, done.stderr
    found = json.loads(done.stdout)
    assert [1, 2, 4, 8, 16] == [row["workers"] for row in found["predictions"]]
    for row in found["predictions"]:
        for name in ("map_s", "speedup", "startup_s", "elapsed_s", "slowdown"):
            assert row[name]["low"] <= row[name]["value"] <= row[name]["high"]
        assert (row["measured_s"] is None) == (row["hit"] is None) == (row["workers"] == 16)
    assert (0.9, "threads", 1, 2) == tuple(found[name] for name in ("confidence", "engine", "source_workers", "cores"))
    with Image.open(tmp_path / "plan.png") as picture:
        assert picture.size[0] >= 800


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        (("missing.jsonl",), "There is no result file 'missing.jsonl'"),
        (("recorded:nothing",), "Unknown recorded sweep 'nothing'"),
        (("recorded:primes-2-cores", "--workers", "0"), "'0' is no whole number from 1 up"),
        (("recorded:primes-2-cores", "--from", "x"), "--from 'x' is not allowed"),
        (("recorded:primes-2-cores", "--tasks", "-1"), "--tasks -1 is not allowed"),
        (("recorded:primes-2-cores", "--engine", "treads"), "Did you mean 'threads'"),
        (("recorded:primes-2-cores", "--workers", "800"), "add --far"),
        (("recorded:primes-2-cores", "--dispatch-cost", "soon"), "--dispatch-cost 'soon' is no duration"),
        (("recorded:primes-2-cores", "-o", "plan.gif"), "Allowed: png, svg"),
    ],
)
def test_refused(command, tmp_path: Path, arguments: tuple[str, ...], text: str) -> None:
    """The message says what was given; the code is 2; there is no traceback, no output and no chart."""
    done = command("plan", *arguments)
    assert 2 == done.returncode, done.stdout + done.stderr
    assert text in done.stderr
    assert "Traceback" not in done.stderr
    assert "" == done.stdout
    assert [] == list(tmp_path.iterdir())
