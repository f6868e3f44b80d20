"""``parlab fit`` as a user runs it: the table, the object of ``--json``, and the messages."""

import json
from pathlib import Path

import pytest

PUBLIC = "workers,throughput\n1,1\n2,1.8868\n4,3.0769\n6,3.5294\n8,3.5398\n10,3.3557\n"


@pytest.fixture
def points(tmp_path: Path) -> Path:
    """Six points of a published USL."""
    path = tmp_path / "points.csv"
    path.write_text(PUBLIC)
    return path


def test_json_has_the_object_that_the_issue_describes(command, points: Path) -> None:
    """Each law has its parameters with intervals; the USL has its peak; what is refused has a reason."""
    done = command("fit", points.name, "--strong", "--json")
    assert 0 == done.returncode, done.stderr
    found = json.loads(done.stdout)
    assert ["usl", "amdahl", "karp_flatt", "refused", "notes"] == list(found)
    usl = found["usl"]
    assert ["contention", "coherency", "throughput_of_one"] == list(usl["parameters"])
    assert all(["value", "low", "high"] == list(one) for one in usl["parameters"].values())
    assert pytest.approx(0.02, abs=5e-5) == usl["parameters"]["contention"]["value"]
    assert pytest.approx(0.02, abs=5e-5) == usl["parameters"]["coherency"]["value"]
    assert pytest.approx(1.0, abs=5e-3) == usl["parameters"]["throughput_of_one"]["value"]
    assert pytest.approx(7, abs=0.01) == usl["peak_workers"]
    assert {"gustafson"} == set(found["refused"])
    assert "rising" == found["karp_flatt"]["trend"]


def test_the_table_fits_80_columns_and_says_what_it_means(command, points: Path) -> None:
    """A learner reads each parameter's meaning, the peak, and what Karp-Flatt's trend says."""
    done = command("fit", points.name)
    assert 0 == done.returncode, done.stderr
    assert max(len(line) for line in done.stdout.splitlines()) <= 80
    text = " ".join(done.stdout.split())
    for sentence in (
        "0.0200 0.0200 to 0.0200 share of the work that waits in",
        "Throughput is highest at about 7 workers",
        "However many workers there are: at most 3.74 times as fast as one",
        "overhead that grows with their number",
        "Say which it was with --strong or --weak",
    ):
        assert sentence in text


def test_one_law_alone(command, points: Path) -> None:
    """--law fits one law and speaks of no other."""
    found = json.loads(command("fit", points.name, "--law", "gustafson", "--json").stdout)
    assert ["gustafson", "karp_flatt", "refused", "notes"] == list(found)
    assert {} == found["refused"]


def test_a_refusal_is_an_answer(command, tmp_path: Path) -> None:
    """Points that cannot tell end with 0 and the reason, in text as in JSON."""
    (tmp_path / "two.csv").write_text("workers,speedup\n1,1\n2,1.9\n")
    done = command("fit", "two.csv")
    assert 0 == done.returncode, done.stderr
    assert "usl is not fitted" in done.stdout
    refused = json.loads(command("fit", "two.csv", "--json").stdout)["refused"]
    assert {"usl", "amdahl", "gustafson"} == set(refused)
    assert "needs at least 4 worker counts; these points have 2" in refused["usl"]


def test_a_result_file_is_fitted_backend_by_backend(command) -> None:
    """A recorded sweep gives the same object under each backend's name, with intervals from its rounds."""
    found = json.loads(command("fit", "recorded:download-2-cores", "--json").stdout)["backends"]
    assert ["threads", "processes"] == list(found)
    for fits in found.values():
        assert "bootstrap of rounds" == fits["amdahl"]["method"]
        assert "here the work stayed the same" in fits["refused"]["gustafson"]


def test_a_result_file_in_words(command) -> None:
    """Two worker counts above one cannot tell a USL, and more workers than cores are said, within 80 columns."""
    done = command("fit", "recorded:primes-2-cores")
    assert 0 == done.returncode, done.stderr
    assert "primes, processes" in done.stdout
    assert "usl is not fitted" in done.stdout
    assert "More workers than the 2 usable cores (4)" in done.stdout
    assert max(len(line) for line in done.stdout.splitlines()) <= 80


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        (("points.csv", "--law", "amdal"), "Unknown law 'amdal'. Did you mean 'amdahl'"),
        (("missing.csv",), "There is no file 'missing.csv'"),
        (("missing.jsonl",), "There is no result file 'missing.jsonl'"),
        (("recorded:primes-2-cores", "--weak"), "The sweep was measured as strong scaling"),
        (("twice.csv",), "2 workers stand there a second time"),
    ],
)
def test_refused(command, points: Path, arguments: tuple[str, ...], text: str) -> None:
    """The message says what was given; the code is 2; there is no traceback and no output."""
    points.with_name("twice.csv").write_text("workers,speedup\n1,1\n2,1.9\n2,2\n")
    done = command("fit", *arguments)
    assert 2 == done.returncode, done.stdout + done.stderr
    assert text in done.stderr
    assert "Traceback" not in done.stderr
    assert "" == done.stdout
