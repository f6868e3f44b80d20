"""``parlab compare`` as a user runs it: tables, words, exit codes."""

import json
from pathlib import Path

import pytest
from builders import ceiling, make_round, parallel, write_results

NOISE = (1.0, 1.02, 0.99, 1.01, 0.98, 1.03, 1.005, 0.995)
OLD, NEW = "recorded:primes-2-cores", "recorded:primes-2-cores-python-3.14"


@pytest.fixture
def files(tmp_path: Path) -> Path:
    """Four sweeps: one, the same again, one that is a third slower, and one of two rounds."""
    for name, slower, rounds in (("a", 1.0, 8), ("same", 1.0, 7), ("slow", 1.33, 8), ("short", 1.0, 2)):
        trials = []
        for number, noise in enumerate(NOISE[:rounds]):
            between = (parallel(noise * slower, cpu_s=1.9 * noise), ceiling(1.9, pace=1e6 / noise))
            trials += make_round(number, (2.0 * noise,) * 2, *between)
        write_results(tmp_path / f"{name}.jsonl", trials)
    return tmp_path


def test_recorded_sweeps_in_words(command) -> None:
    """Two Pythons: where each comes from, what differs, ratios, and words, within 80 columns."""
    done = command("compare", OLD, NEW)
    assert 0 == done.returncode, done.stderr
    assert max(len(line) for line in done.stdout.splitlines()) <= 80
    text = " ".join(done.stdout.split())
    for sentence in (
        "primes B against A",
        "Python 3.11.7 → 3.14.10",
        "Recorded, not measured here",
        "Only in B: interpreters, 1 worker; interpreters, 2 workers.",
        "B is faster: the plain loop; threads, 1 worker",
        "a smaller one may be there",
    ):
        assert sentence in text


def test_the_pace_has_columns_within_80(command, files: Path) -> None:
    """With the machine's own pace the table is at its widest."""
    done = command("compare", "a.jsonl", "slow.jsonl")
    assert max(len(line) for line in done.stdout.splitlines()) <= 80
    assert "at pace" in done.stdout
    assert "B is slower: threads, 2 workers." in done.stdout


@pytest.mark.parametrize(
    ("b", "limit", "code", "text"),
    [
        ("slow", "10%", 1, "Slower by more than 10 %: threads, 2 workers."),
        ("slow", "0.1", 1, "Slower by more than 10 %: threads, 2 workers."),
        ("slow", "40%", 0, "No configuration is slower by more than 40 %"),
        ("same", "0%", 0, "No configuration is slower by more than 0 %"),
    ],
)
def test_fail_if_slower(command, files: Path, b: str, limit: str, code: int, text: str) -> None:
    """The code is 1 only where the interval is beyond the limit; what is slower is named, and what could be seen."""
    done = command("compare", "a.jsonl", f"{b}.jsonl", "--fail-if-slower", limit)
    assert code == done.returncode, done.stderr
    assert text in " ".join(done.stdout.split())
    assert "would show from about" in " ".join(done.stdout.split())
    assert code == command("compare", "a.jsonl", f"{b}.jsonl", "--fail-if-slower", limit, "--json").returncode


def test_without_the_option_a_slowdown_is_no_failure(command, files: Path) -> None:
    """compare alone only tells."""
    assert 0 == command("compare", "a.jsonl", "slow.jsonl").returncode


def test_a_gate_that_cannot_see_does_not_pass(command, files: Path) -> None:
    """With two rounds the table says so; --fail-if-slower ends with 2, since no answer would be a pass for ever."""
    done = command("compare", "a.jsonl", "short.jsonl")
    assert 0 == done.returncode
    assert "Too few rounds: the plain loop; threads, 2 workers" in " ".join(done.stdout.split())
    done = command("compare", "a.jsonl", "short.jsonl", "--fail-if-slower", "10%")
    assert 2 == done.returncode
    assert "A has 8 and B 2. Measure with --rounds 6 or more" in done.stderr


def test_json_is_one_object(command, files: Path) -> None:
    """--json prints the object and nothing else."""
    found = json.loads(command("compare", "a.jsonl", "slow.jsonl", "--json", "--fail-if-slower", "10%").stdout)
    assert ("pace", 0.1) == (found["judged"], found["limit"])
    assert [("serial", False), ("threads", True)] == [(row["backend"], row["exceeds"]) for row in found["rows"]]


def test_a_file_against_itself(command) -> None:
    """It is said, and nothing is different."""
    done = command("compare", OLD, OLD)
    assert 0 == done.returncode
    text = " ".join(done.stdout.split())
    assert "A and B are the same measurement" in text
    assert "No difference that these rounds support." in text
